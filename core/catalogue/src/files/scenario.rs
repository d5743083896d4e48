//! `procedures/<group>/<name>/tests/*.toml`: an author's expectations of a procedure. This module reads them, and
//! `motcua-service` plays them.

use crate::reading::keys::{ONE_OR_MANY, Shape, keys};
use crate::reading::node::{FileTable, ListItem, Placed};
use jiff::Timestamp;
use jiff::civil::DateTime;
use motcua_domain::dossier::event::DossierOutcome;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::names::{ActionId, AgencyId, PaperId};
use motcua_domain::people::organisation::{Agency, Role};
use motcua_domain::procedure::Procedure;
use motcua_domain::time::calendar::instant;
use motcua_domain::workflow::NationalStatus;
use serde_json::{Map, Value as Json};

keys! {
    /// `procedures/<group>/<name>/tests/*.toml`: an author's expectations of a procedure.
    pub(crate) KEYS = "Scenario" {
        required {
            name: Shape::Text,
            /// The time of filing, in Vietnam: `2026-03-03 09:00`.
            at: Shape::Text,
        }
        optional {
            /// The agency to which the applicant applies. By default the first that offers the procedure.
            agency: Shape::Text,
            /// The answers by field.
            values: Shape::Map(&Shape::Any),
            /// The attached papers, one file for each mention.
            papers: Shape::List(&Shape::Text),
            expect: Shape::Table(&EXPECTED),
            step: Shape::Tables(&STEP),
        }
    }

    EXPECTED = "Expected" {
        optional {
            /// `path: code` of every finding.
            findings: Shape::List(&Shape::Text),
            /// All fees and charges together, in đồng.
            fees: Shape::Integer(0, i64::MAX),
            /// Every fee and charge in its order, as `name: amount (computation)` in Vietnamese.
            fee_lines: Shape::List(&Shape::Text),
            appointment: Shape::Text,
        }
    }

    STEP = "ScenarioStep" {
        required {
            at: Shape::Text,
            /// The role, `applicant` or `portal`.
            by: Shape::Text,
            /// An action of the workflow. For the applicant `supplement` or `withdraw`, for the counter `pay` or
            /// `refund`, for the portal `lapse`.
            action: Shape::Text,
        }
        optional {
            note: Shape::Text,
            /// The unit whose officer acts, as `agency/unit`, if several have the same step.
            unit: Shape::Text,
            /// The answers of the officer, or those that the applicant's supplement changes.
            values: Shape::Map(&Shape::Any),
            /// The units that the officer asks, as `agency/unit`.
            ask: Shape::List(&Shape::Text),
            /// The word of the refusal, if the rules must refuse.
            refused: Shape::Text,
            /// The step at which the dossier stands then, or a list of them.
            step: ONE_OR_MANY,
            status: Shape::Text,
            /// The due time of the whole, or `stopped`.
            due: Shape::Text,
            /// The amount that the applicant still owes, in đồng.
            owed: Shape::Integer(0, i64::MAX),
            /// The amount that the agency has to pay back, in đồng.
            pay_back: Shape::Integer(0, i64::MAX),
        }
    }
}

/// One scenario: an input, steps by named posts, and the expected result.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// The file, relative to the install folder.
    pub file: String,
    pub name: String,
    /// The time of filing.
    pub at: Timestamp,
    /// The agency to which the applicant applies. `None` is the first that offers the procedure.
    pub agency: Option<AgencyId>,
    pub values: Map<String, Json>,
    /// The attached papers, one file for each mention.
    pub papers: Vec<PaperId>,
    pub expect: ExpectedFiling,
    pub steps: Vec<PlayedStep>,
}

/// The expected result of the filing. Values that are not stated are not compared.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ExpectedFiling {
    /// `path: code` of every finding, in any order.
    pub findings: Option<Vec<String>>,
    /// The sum of all fees and charges, in đồng.
    pub fees: Option<i64>,
    /// Each fee and charge with its computation, in Vietnamese.
    pub fee_lines: Option<Vec<String>>,
    pub appointment: Option<Timestamp>,
}

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub struct PlayedStep {
    pub line: usize,
    pub at: Timestamp,
    pub by: By,
    pub deed: ScenarioDeed,
    pub note: String,
    /// The unit whose officer acts, as `agency/unit`, if several have the same step.
    pub unit: Option<String>,
    /// The answers of the officer, or those that the applicant's supplement changes.
    pub values: Map<String, Json>,
    /// The units that the officer asks, as `agency/unit`.
    pub ask: Vec<String>,
    pub expect: After,
}

/// The actor of a step of the scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Applicant,
    Office(Role),
    /// The portal, after a limit has passed.
    Portal,
}

/// The deed of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScenarioDeed {
    /// An action of the workflow, with everything that it requires except a note.
    Act(ActionId),
    /// The applicant supplies the missing answers or papers.
    Supplement,
    Withdraw,
    /// The counter records a payment of the whole amount owed.
    Pay,
    /// The counter records that everything was paid back that can be paid back.
    Refund,
    /// The portal closes a dossier whose applicant let a limit pass.
    Lapse,
}

/// The expected state of the dossier afterwards. Values that are not stated are not compared.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct After {
    /// The word of the refusal, if the rules must refuse.
    pub refused: Option<String>,
    /// The steps at which the dossier stands, in the order of the workflow.
    pub step: Option<Vec<String>>,
    /// The word of the status or, at the end, of the outcome.
    pub status: Option<String>,
    /// The due time of the whole. `None` inside if the clock must be stopped.
    pub due: Option<Option<Timestamp>>,
    /// The amount that the applicant still owes, in đồng.
    pub owed: Option<i64>,
    /// The amount that the agency has to pay back, in đồng.
    pub pay_back: Option<i64>,
}

const APPLICANT: &str = "applicant";
const PORTAL: &str = "portal";
const STOPPED: &str = "stopped";

/// Reads one scenario of `procedure`, which these agencies offer.
pub fn read(root: &FileTable<'_>, procedure: &Procedure, agencies: &[&Agency]) -> Option<Scenario> {
    let name = root.required_string("name", "\"Hai thành viên, góp đủ vốn\"");
    let at = moment(root, "at");
    if at.is_none() && root.string("at").is_none() {
        root.missing("at", "\"2026-03-03 09:00\"");
    }
    let agency = root.string("agency").filter(|agency| is_offering(root, agency, agencies));
    let values = root.table("values").map(|table| read_values(&table, procedure)).unwrap_or_default();
    let papers = read_papers(root, procedure);
    let expect = root.table("expect").map(|table| {
        let findings = table.has("findings").then(|| values_of(table.strings("findings")));
        let fee_lines = table.has("fee_lines").then(|| values_of(table.strings("fee_lines")));
        let (fees, appointment) = (table.integer("fees"), moment(&table, "appointment"));
        let expect = ExpectedFiling { findings, fees, fee_lines, appointment };
        table.finish();
        expect
    });
    let mut steps = Vec::new();
    for table in root.tables("step") {
        steps.extend(read_step(&table, procedure));
        table.finish();
    }
    Some(Scenario {
        file: root.source.file.clone(),
        name: name?.value,
        at: at?,
        agency: agency.map(|agency| AgencyId(agency.value)),
        values,
        papers,
        expect: expect.unwrap_or_default(),
        steps,
    })
}

/// Returns whether an agency is one of those that offer the procedure, and otherwise reports it.
fn is_offering(root: &FileTable<'_>, agency: &Placed<String>, agencies: &[&Agency]) -> bool {
    let known = || agencies.iter().map(|agency| agency.id.as_str());
    let is_known = known().any(|known| known == agency.value);
    if !is_known {
        root.unknown_word("agency that offers this", agency, known());
    }
    is_known
}

fn values_of(texts: Vec<Placed<String>>) -> Vec<String> {
    texts.into_iter().map(|text| text.value).collect()
}

/// Reads the answers. Only questions of the form can be answered.
fn read_values(table: &FileTable<'_>, procedure: &Procedure) -> Map<String, Json> {
    let known = || procedure.form.fields().map(|(_, field)| field.id.as_str());
    for name in table.names().iter().filter(|name| !known().any(|id| id == name.value)) {
        table.unknown_word("field", name, known());
    }
    table.json()
}

/// Reads the papers and the files of file fields.
fn read_papers(root: &FileTable<'_>, procedure: &Procedure) -> Vec<PaperId> {
    let files = procedure.form.fields().filter(|(_, field)| field.kind.takes_files());
    let known: Vec<&str> = procedure
        .papers
        .iter()
        .map(|paper| paper.id.as_str())
        .chain(files.map(|(_, field)| field.id.as_str()))
        .collect();
    let papers = root.strings("papers");
    for paper in papers.iter().filter(|paper| !known.contains(&paper.value.as_str())) {
        root.unknown_word("paper", paper, known.iter().copied());
    }
    papers.into_iter().map(|paper| PaperId(paper.value)).collect()
}

fn read_step(table: &FileTable<'_>, procedure: &Procedure) -> Option<PlayedStep> {
    let at = moment(table, "at");
    if at.is_none() && table.string("at").is_none() {
        table.missing("at", "\"2026-03-03 10:00\"");
    }
    let by = table.required_string("by", "\"counter\"").and_then(|by| match by.value.as_str() {
        APPLICANT => Some(By::Applicant),
        PORTAL => Some(By::Portal),
        word => {
            let role = Role::parse(word);
            if role.is_none() {
                table.unknown_word("by", &by, Role::OF_POSTS.into_iter().map(Role::name).chain([APPLICANT, PORTAL]));
            }
            role.map(By::Office)
        }
    });
    let action = table.required_string("action", "\"accept\"");
    let note = table.string("note").map_or_else(String::new, |note| note.value);
    let due = table.string("due").and_then(|due| match due.value.as_str() {
        STOPPED => Some(None),
        _ => moment(table, "due").map(Some),
    });
    let expect = After {
        refused: table.string("refused").map(|refused| refused.value),
        step: table.has("step").then(|| steps_of(table, procedure)),
        status: table.string("status").map(|status| status.value),
        due,
        owed: table.integer("owed"),
        pay_back: table.integer("pay_back"),
    };
    let (action, by) = (action?, by?);
    check_names(table, &expect);
    let deed = match (action.value.as_str(), by) {
        ("supplement", By::Applicant) => ScenarioDeed::Supplement,
        ("withdraw", By::Applicant) => ScenarioDeed::Withdraw,
        ("pay", By::Office(_)) => ScenarioDeed::Pay,
        ("refund", By::Office(_)) => ScenarioDeed::Refund,
        ("lapse", By::Portal) => ScenarioDeed::Lapse,
        (word, _) => {
            let known =
                || procedure.workflow.steps.iter().flat_map(|step| &step.actions).map(|known| known.id.as_str());
            if !known().any(|id| id == word) {
                table.unknown_word("action", &action, known());
            }
            ScenarioDeed::Act(ActionId(word.to_owned()))
        }
    };
    let unit = table.string("unit").map(|unit| unit.value);
    let values = table.table("values").map(|values| values.json()).unwrap_or_default();
    let ask = values_of(table.strings("ask"));
    Some(PlayedStep { line: table.line(), at: at?, by, deed, note, unit, values, ask, expect })
}

/// Reads one step, or a list of steps that are open at once.
fn steps_of(table: &FileTable<'_>, procedure: &Procedure) -> Vec<String> {
    let steps = || procedure.workflow.steps.iter().map(|step| step.id.as_str());
    let mut named = Vec::new();
    for item in table.mixed("step") {
        let ListItem::Text(step) = item else { continue };
        if !steps().any(|known| known == step.value) {
            table.unknown_word("step", &step, steps());
        }
        named.push(step.value);
    }
    named.sort_by_key(|named| steps().position(|known| known == named));
    named
}

fn check_names(table: &FileTable<'_>, expect: &After) {
    let refusals = || Refusal::CODES.iter().copied();
    if let Some(word) = expect.refused.as_ref().filter(|word| !refusals().any(|known| known == *word)) {
        let place = Placed { value: word.clone(), span: table.place("refused") };
        table.unknown_word("refusal", &place, refusals());
    }
    let statuses = || {
        let outcomes = DossierOutcome::ALL.into_iter().map(DossierOutcome::name);
        NationalStatus::ALL.into_iter().map(NationalStatus::name).chain(outcomes)
    };
    if let Some(word) = expect.status.as_ref().filter(|word| !statuses().any(|known| known == *word)) {
        let place = Placed { value: word.clone(), span: table.place("status") };
        table.unknown_word("status", &place, statuses());
    }
}

/// Reads a wall-clock time in Vietnam, such as `2026-03-03 09:00`.
fn moment(table: &FileTable<'_>, key: &'static str) -> Option<Timestamp> {
    let text = table.string(key)?;
    let read: Option<DateTime> = text.value.replacen(' ', "T", 1).parse().ok();
    if read.is_none() {
        let message = format!("`{}` is not a time", text.value);
        table.mistake("bad-time", text.span, &message, "write it as \"2026-03-03 09:00\", in Vietnam");
    }
    read.map(instant)
}
