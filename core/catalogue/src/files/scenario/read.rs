//! Reads a scenario.

use super::{
    APPLICANT, After, By, Expectation, ExpectedFiling, PORTAL, PlayedStep, STOPPED, Scenario, ScenarioDeed,
    ScenarioEarlier, ScenarioVersion,
};
use crate::context::{ProcedureContext, file_of};
use crate::reading::node::{ExpressionNames, FileTable, ListItem, Placed};
use crate::reading::tree::ORGANISATION;
use jiff::Timestamp;
use motcua_domain::dossier::NOTICES;
use motcua_domain::dossier::event::DossierOutcome;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::expression::Expression;
use motcua_domain::form::Field;
use motcua_domain::form::types::{ExpressionScope, WantedType, type_problems};
use motcua_domain::names::{ActionId, AgencyId, PaperId, SignerId, StepId};
use motcua_domain::people::organisation::{Agency, Role};
use motcua_domain::procedure::Procedure;
use motcua_domain::text;
use motcua_domain::workflow::{NationalStatus, Step};
use serde_json::{Map, Value as Json};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

mod answers;
mod findings;
mod visit;

use answers::{check_names, expected_values, ids, read_values};
use findings::{read_findings, read_unmet};
use visit::read_visit;

/// Reads one scenario of `procedure`, which is read from `context`.
pub fn read(root: &FileTable<'_>, procedure: &Procedure, context: &ProcedureContext<'_>) -> Option<Scenario> {
    let version = read_version(root, procedure, context);
    let first = version.as_ref().map_or(procedure, |version| &*version.procedure);
    let mut files = context.workflows.files_of(&procedure.workflow.id);
    files.push(file_of(context.group, context.slug));
    let mut versions = KnownVersions { first, last: procedure, followed: first, agency: None, files: &files };
    let name = root.required_string("name", "\"Hai thành viên, góp đủ vốn\"");
    let at = required_moment(root, "\"2026-03-03 09:00\"");
    let agencies = first.offering(&context.province.agencies);
    let agency = root.string("agency").filter(|agency| is_offering(root, agency, &agencies, versions));
    let agency = agency.map(|agency| AgencyId(agency.value));
    versions.agency = agency.as_ref().or_else(|| agencies.first().map(|agency| &agency.id));
    let eligibility = root.table("eligibility").map(|table| read_eligibility(root, &table, versions));
    let values = root.table("values").map(|table| read_values(&table, versions, &versions.form_fields()));
    let (papers, signed) = (read_papers(root, versions), read_signed(root, versions));
    let expect = root.table("expect").map(|table| {
        let expect = read_filing(&table, versions);
        table.finish();
        expect
    });
    let earlier = root.table("earlier").and_then(|table| read_earlier(&table));
    let mut steps = Vec::new();
    for table in root.tables("step") {
        steps.extend(read_step(&table, &mut versions));
        table.finish();
    }
    Some(Scenario {
        file: root.source.file.clone(),
        name: name?.value,
        at: at?,
        agency,
        version,
        eligibility,
        values: values.unwrap_or_default(),
        papers,
        signed,
        expect: expect.unwrap_or_else(|| ExpectedFiling { line: 1, ..ExpectedFiling::default() }),
        steps,
        earlier,
    })
}

fn read_earlier(table: &FileTable<'_>) -> Option<ScenarioEarlier> {
    let number = table.required_string("number", "\"12/GP-STNMT\"");
    let until = table.date("until").map(|until| until.value);
    table.finish();
    Some(ScenarioEarlier { number: number?.value, until })
}

/// Returns whether an agency is one of those that offer the procedure, and otherwise reports it.
fn is_offering(
    root: &FileTable<'_>,
    agency: &Placed<String>,
    agencies: &[&Agency],
    versions: KnownVersions<'_>,
) -> bool {
    let known = || agencies.iter().map(|agency| agency.id.as_str());
    let is_known = known().any(|known| known == agency.value);
    if !is_known {
        root.resting_on(&[ORGANISATION], || versions.unknown(root, "agency that offers this", agency, known()));
    }
    is_known
}

/// The versions of the procedure that a dossier may follow. They are the same if the scenario names no older one.
#[derive(Clone, Copy)]
struct KnownVersions<'p> {
    first: &'p Procedure,
    last: &'p Procedure,
    /// The version that the dossier follows.
    followed: &'p Procedure,
    /// The agency to which units of the own agency belong.
    agency: Option<&'p AgencyId>,
    /// The files that declare the last version, whose mistakes may make a name unknown.
    files: &'p [String],
}

impl<'p> KnownVersions<'p> {
    /// Returns the first version, and the last one if it is another.
    fn all(self) -> impl Iterator<Item = &'p Procedure> {
        let last = (!std::ptr::eq(self.first, self.last)).then_some(self.last);
        std::iter::once(self.first).chain(last)
    }

    /// Reports mistakes that may follow from those of the files that declare the last version.
    fn resting<T>(self, table: &FileTable<'_>, read: impl FnOnce() -> T) -> T {
        let files: Vec<&str> = self.files.iter().map(String::as_str).collect();
        table.resting_on(&files, read)
    }

    /// Reports a name that the versions do not have.
    fn unknown<'n>(
        self,
        table: &FileTable<'_>,
        what: &str,
        name: &Placed<String>,
        known: impl Iterator<Item = &'n str>,
    ) {
        self.resting(table, || table.unknown_word(what, name, known));
    }

    fn steps(self) -> impl Iterator<Item = &'p Step> {
        self.all().flat_map(|procedure| &procedure.workflow.steps)
    }

    /// Returns the fields of the form.
    fn form_fields(self) -> Vec<&'p Field> {
        self.all().flat_map(|procedure| procedure.form.fields()).map(|(_, field)| field).collect()
    }

    /// Returns the fields of the form, and those of officers.
    fn all_fields(self) -> Vec<&'p Field> {
        let of_officers = self.steps().flat_map(|step| &step.form);
        self.form_fields().into_iter().chain(of_officers).collect()
    }

    /// Returns the papers, and the file fields of the form.
    fn papers(self) -> Vec<&'p str> {
        let papers = self.all().flat_map(|procedure| &procedure.papers).map(|paper| paper.id.as_str());
        let fields = self.all().flat_map(|procedure| procedure.form.fields()).map(|(_, field)| field);
        papers.chain(fields.filter(|field| field.kind.takes_files()).map(|field| field.id.as_str())).collect()
    }
}

/// Reads the older version under which the dossier is filed.
fn read_version(
    root: &FileTable<'_>,
    procedure: &Procedure,
    context: &ProcedureContext<'_>,
) -> Option<ScenarioVersion> {
    let file = root.string("version")?;
    let help = || {
        text!(
            "hãy tạo tệp bằng: motcua procedure keep CƠ_QUAN/TÊN --out TỆP",
            "write the file with: motcua procedure keep AGENCY/NAME --out FILE"
        )
    };
    let name = &file.value;
    let Some(Ok(content)) = context.file(name) else {
        let message = text!(
            "`{name}` không phải là tệp trong thư mục của thủ tục",
            "`{name}` is not a file in the folder of the procedure"
        );
        root.mistake("missing-file", file.span.clone(), message, help());
        return None;
    };
    let read: Option<Procedure> = serde_json::from_slice(content).ok();
    let older = read.filter(|older| older.code == procedure.code);
    if older.is_none() {
        let message = text!(
            "`{name}` không phải là một phiên bản của thủ tục này",
            "`{name}` is not a version of this procedure"
        );
        root.mistake("unreadable-file", file.span.clone(), message, help());
    }
    Some(ScenarioVersion { file: file.value, procedure: Arc::new(older?) })
}

/// Returns an expectation with the line of its key.
fn expected<T>(table: &FileTable<'_>, key: &str, value: Option<T>) -> Option<Expectation<T>> {
    value.map(|value| Expectation { value, line: table.line_at(&table.place(key)) })
}

fn expected_text(table: &FileTable<'_>, key: &'static str) -> Option<Expectation<String>> {
    expected(table, key, table.string(key).map(|text| text.value))
}

fn expected_texts(table: &FileTable<'_>, key: &'static str) -> Option<Expectation<Vec<String>>> {
    let texts = table.has(key).then(|| values_of(table.strings(key)));
    expected(table, key, texts)
}

fn values_of(texts: Vec<Placed<String>>) -> Vec<String> {
    texts.into_iter().map(|text| text.value).collect()
}

fn read_filing(table: &FileTable<'_>, versions: KnownVersions<'_>) -> ExpectedFiling {
    let known = versions.form_fields();
    ExpectedFiling {
        line: table.line(),
        eligible: expected(table, "eligible", table.boolean("eligible")),
        unmet: read_unmet(table, versions),
        findings: read_findings(table, versions),
        fees: expected(table, "fees", table.integer("fees")),
        fee_lines: expected_texts(table, "fee_lines"),
        appointment: expected(table, "appointment", table.moment("appointment")),
        refused: expected(table, "refused", word_of(table, "refused", "refusal", Refusal::CODES)),
        values: expected_values(table, versions, "values", &known),
        absent: read_absent(table, versions, &known),
        notices: read_notices(table),
        holds: read_holds(table, versions),
    }
}

/// Reads the conditions that must hold, over everything that conditions of the workflow read.
fn read_holds(table: &FileTable<'_>, versions: KnownVersions<'_>) -> Vec<Expectation<Expression>> {
    if !table.has("holds") {
        return Vec::new();
    }
    let Procedure { workflow, form, .. } = versions.followed;
    let of_agency = versions.agency.and_then(|agency| workflow.in_agency(agency));
    let answers = of_agency.as_ref().unwrap_or(workflow).answers(form);
    let single = answers.all();
    let scope = ExpressionScope { form: &single, group: &[], asked: &answers.asked };
    let asked = answers.asked.iter().map(|(field, _)| *field);
    let known: Vec<&str> = single.iter().copied().chain(asked).map(|field| field.id.as_str()).collect();
    let written = RefCell::default();
    let names = ExpressionNames { known: &known, group: None, written: &written };
    let holds = versions.resting(table, || {
        let holds = table.conditions("holds", names);
        for one in &written.borrow().all {
            for problem in type_problems(&one.expression, scope, WantedType::Condition) {
                table.mistake("type", one.span.clone(), problem.message, problem.help);
            }
        }
        holds
    });
    holds.into_iter().map(|held| Expectation { line: table.line_at(&held.span), value: held.value }).collect()
}

fn read_eligibility(root: &FileTable<'_>, table: &FileTable<'_>, versions: KnownVersions<'_>) -> Map<String, Json> {
    let Some(asked) = &versions.first.eligibility else {
        let message = text!("thủ tục không hỏi gì trước biểu mẫu", "the procedure asks nothing before the form");
        let help = text!(
            "hãy bỏ `eligibility`, hoặc thêm [eligibility] vào procedure.toml",
            "leave `eligibility` out, or add [eligibility] to procedure.toml"
        );
        root.mistake("unknown-name", table.span.clone(), message, help);
        return Map::new();
    };
    read_values(table, versions, &asked.fields.iter().collect::<Vec<_>>())
}

fn read_absent(table: &FileTable<'_>, versions: KnownVersions<'_>, known: &[&Field]) -> Vec<Expectation<String>> {
    let absent = table.strings("absent");
    check_names(table, versions, "field", &absent, &ids(known));
    let placed = |field: Placed<String>| Expectation { line: table.line_at(&field.span), value: field.value };
    absent.into_iter().map(placed).collect()
}

fn read_notices(table: &FileTable<'_>) -> Option<Expectation<Vec<String>>> {
    let notices = table.has("notices").then(|| table.strings("notices"));
    for notice in notices.iter().flatten().filter(|notice| !NOTICES.contains(&notice.value.as_str())) {
        table.unknown_word("notice", notice, NOTICES.into_iter());
    }
    expected(table, "notices", notices.map(values_of))
}

/// Reads the people who consented before the filing.
fn read_signed(table: &FileTable<'_>, versions: KnownVersions<'_>) -> Option<Vec<SignerId>> {
    let signed = table.has("signed").then(|| table.strings("signed"))?;
    let known: Vec<&str> = versions.first.signers.iter().map(|signer| signer.id.as_str()).collect();
    check_names(table, versions, "signer", &signed, &known);
    Some(signed.into_iter().map(|signer| SignerId(signer.value)).collect())
}

/// Reads the papers and the files of file fields.
fn read_papers(table: &FileTable<'_>, versions: KnownVersions<'_>) -> Vec<PaperId> {
    let papers = table.strings("papers");
    check_names(table, versions, "paper", &papers, &versions.papers());
    papers.into_iter().map(|paper| PaperId(paper.value)).collect()
}

fn read_by(table: &FileTable<'_>) -> Option<By> {
    let by = table.required_string("by", "\"counter\"")?;
    match by.value.as_str() {
        APPLICANT => Some(By::Applicant),
        PORTAL => Some(By::Portal),
        word => {
            let role = Role::parse(word);
            if role.is_none() {
                table.unknown_word("actor", &by, Role::OF_POSTS.into_iter().map(Role::name).chain([APPLICANT, PORTAL]));
            }
            role.map(By::Office)
        }
    }
}

/// Reads what is done, and the step at which it is done if the file names it.
fn read_deed(
    table: &FileTable<'_>,
    by: Option<By>,
    versions: KnownVersions<'_>,
) -> Option<(ScenarioDeed, Option<StepId>)> {
    let action = table.required_string("action", "\"accept\"")?;
    let by = by?;
    // The step tells an action of the workflow from the words of scenarios, such as `intake.pay` from `pay`.
    let offers = |step: &str, id: &ActionId| {
        versions.steps().any(|known| known.id.as_str() == step && known.action(id).is_some())
    };
    if let Some((step, id)) = action.value.rsplit_once('.')
        && offers(step, &id.into())
    {
        return Some((ScenarioDeed::Act(id.into()), Some(step.into())));
    }
    let deed = ScenarioDeed::parse(&action.value, by);
    if let ScenarioDeed::Act(id) = &deed {
        let known = || versions.steps().flat_map(|step| &step.actions).map(|known| known.id.as_str());
        if !known().any(|known| known == id.as_str()) {
            versions.unknown(table, "action", &action, known());
        }
    }
    Some((deed, None))
}

/// Reads a step. A move changes the version that the dossier follows.
fn read_step(table: &FileTable<'_>, known: &mut KnownVersions<'_>) -> Option<PlayedStep> {
    let at = required_moment(table, "\"2026-03-03 10:00\"");
    let by = read_by(table);
    let (deed, step) = read_deed(table, by, *known).unzip();
    if deed == Some(ScenarioDeed::Migrate) && !table.has("refused") {
        known.followed = known.last;
    }
    let versions = *known;
    let note = table.string("note").map_or_else(String::new, |note| note.value);
    let new_grounds = table.string("new_grounds").map(|grounds| grounds.value);
    let unit = table.string("unit").map(|unit| unit.value);
    let values = table.table("values").map(|values| read_values(&values, versions, &versions.all_fields()));
    let papers = table.has("papers").then(|| read_papers(table, versions));
    let ask = values_of(table.strings("ask"));
    let visit = read_visit(table, deed.as_ref(), versions);
    let result = expected_text(table, "result");
    let amount = table.integer("amount");
    let renamed = read_renamed(table, versions);
    let expect = read_after(table, versions);
    let (at, by, deed) = (at?, by?, deed?);
    let line = table.line();
    Some(PlayedStep {
        line,
        at,
        by,
        deed,
        step: step.flatten(),
        note,
        new_grounds,
        unit,
        values: values.unwrap_or_default(),
        papers,
        ask,
        visit,
        result,
        amount,
        renamed,
        expect,
    })
}

/// Reads the steps of the first version that have another name in the last one.
fn read_renamed(table: &FileTable<'_>, versions: KnownVersions<'_>) -> BTreeMap<StepId, StepId> {
    let Some(names) = table.table("renamed") else { return BTreeMap::new() };
    let mut renamed = BTreeMap::new();
    for (from, to) in names.free_strings() {
        for (name, procedure) in [(&from, versions.first), (&to, versions.last)] {
            let known = || procedure.workflow.steps.iter().map(|step| step.id.as_str());
            if !known().any(|known| known == name.value) {
                versions.unknown(&names, "step", name, known());
            }
        }
        renamed.insert(StepId(from.value), StepId(to.value));
    }
    renamed
}

fn read_after(table: &FileTable<'_>, versions: KnownVersions<'_>) -> After {
    let known = versions.all_fields();
    let due = table.string("due").and_then(|due| match due.value.as_str() {
        STOPPED => Some(None),
        _ => table.moment("due").map(Some),
    });
    let officers = table.has("officer").then(|| values_of(texts_of(table, "officer")));
    After {
        refused: expected(table, "refused", word_of(table, "refused", "refusal", Refusal::CODES)),
        step: expected(table, "step", table.has("step").then(|| steps_of(table, versions))),
        status: expected(table, "status", word_of(table, "status", "status", &statuses())),
        holder: expected(table, "holder", table.has("holder").then(|| holders_of(table))),
        officer: expected(table, "officer", officers),
        due: expected(table, "due", due),
        owed: expected(table, "owed", table.integer("owed")),
        pay_back: expected(table, "pay_back", table.integer("pay_back")),
        has: expected_values(table, versions, "has", &known),
        absent: read_absent(table, versions, &known),
        notices: read_notices(table),
        issued: expected_texts(table, "issued"),
        visits: expected_texts(table, "visits"),
        number: expected_text(table, "number"),
        valid_until: expected_text(table, "valid_until"),
        follows: expected_text(table, "follows"),
        holds: read_holds(table, versions),
    }
}

/// Reads one text, or a list of texts.
fn texts_of(table: &FileTable<'_>, key: &'static str) -> Vec<Placed<String>> {
    let text = |item: ListItem<'_>| match item {
        ListItem::Text(text) => Some(text),
        ListItem::Table(_) => None,
    };
    table.mixed(key).into_iter().filter_map(text).collect()
}

/// Reads one step, or a list of steps that are open at once.
fn steps_of(table: &FileTable<'_>, versions: KnownVersions<'_>) -> Vec<String> {
    let known = || versions.steps().map(|step| step.id.as_str());
    let named = texts_of(table, "step");
    for step in named.iter().filter(|step| !known().any(|known| known == step.value)) {
        versions.unknown(table, "step", step, known());
    }
    values_of(named)
}

/// Reads the posts that have the steps.
fn holders_of(table: &FileTable<'_>) -> Vec<String> {
    let is_post = |text: &str| {
        let role = |word: &str| Role::parse(word).filter(|role| role.takes_steps());
        match text.split('/').collect::<Vec<_>>().as_slice() {
            [agency, word] => !agency.is_empty() && role(word).is_some_and(|role| !role.is_bound_to_unit()),
            [agency, unit, word] => {
                let is_named = !agency.is_empty() && !unit.is_empty();
                is_named && role(word).is_some_and(Role::is_bound_to_unit)
            }
            _ => false,
        }
    };
    let holders = texts_of(table, "holder");
    for holder in holders.iter().filter(|holder| holder.value != APPLICANT && !is_post(&holder.value)) {
        let written = &holder.value;
        let message =
            text!("`{written}` không phải là vị trí thực hiện bước", "`{written}` is not a post that takes steps");
        let help = text!(
            "hãy viết agency/unit/role, agency/counter, agency/leader hoặc applicant",
            "write agency/unit/role, agency/counter, agency/leader or applicant"
        );
        table.mistake("unknown-name", holder.span.clone(), message, help);
    }
    values_of(holders)
}

fn statuses() -> Vec<&'static str> {
    let outcomes = DossierOutcome::ALL.into_iter().map(DossierOutcome::name);
    NationalStatus::ALL.into_iter().map(NationalStatus::name).chain(outcomes).collect()
}

/// Reads a word, and reports one that is not among the known ones.
fn word_of(table: &FileTable<'_>, key: &'static str, what: &str, known: &[&'static str]) -> Option<String> {
    let word = table.string(key)?;
    if !known.contains(&word.value.as_str()) {
        table.unknown_word(what, &word, known.iter().copied());
    }
    Some(word.value)
}

/// Reads the wall-clock time under `at`, which a scenario and its steps must have.
fn required_moment(table: &FileTable<'_>, example: &str) -> Option<Timestamp> {
    let at = table.moment("at");
    if !table.names_key("at") {
        table.missing("at", example);
    }
    at
}
