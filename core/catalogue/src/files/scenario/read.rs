//! Reads a scenario.

use super::{
    APPLICANT, After, By, Expectation, ExpectedFiling, ExpectedValue, PORTAL, PlayedStep, STOPPED, Scenario,
    ScenarioDeed,
};
use crate::reading::node::{FileTable, ListItem, Placed};
use jiff::Timestamp;
use jiff::civil::DateTime;
use motcua_domain::dossier::NOTICES;
use motcua_domain::dossier::event::DossierOutcome;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::names::{AgencyId, PaperId};
use motcua_domain::people::organisation::{Agency, Role};
use motcua_domain::procedure::Procedure;
use motcua_domain::time::calendar::instant;
use motcua_domain::workflow::NationalStatus;
use serde_json::{Map, Value as Json};

/// Reads one scenario of `procedure`, which these agencies offer.
pub fn read(root: &FileTable<'_>, procedure: &Procedure, agencies: &[&Agency]) -> Option<Scenario> {
    let name = root.required_string("name", "\"Hai thành viên, góp đủ vốn\"");
    let at = required_moment(root, "\"2026-03-03 09:00\"");
    let agency = root.string("agency").filter(|agency| is_offering(root, agency, agencies));
    let eligibility = root.table("eligibility").map(|table| read_eligibility(root, &table, procedure));
    let values = root.table("values").map(|table| read_values(&table, &form_fields(procedure))).unwrap_or_default();
    let papers = read_papers(root, procedure);
    let expect = root.table("expect").map(|table| {
        let expect = read_filing(&table, procedure);
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
        eligibility,
        values,
        papers,
        expect: expect.unwrap_or_else(|| ExpectedFiling { line: 1, ..ExpectedFiling::default() }),
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

/// Returns an expectation with the line of its key.
fn expected<T>(table: &FileTable<'_>, key: &str, value: Option<T>) -> Option<Expectation<T>> {
    value.map(|value| Expectation { value, line: table.line_at(&table.place(key)) })
}

fn expected_texts(table: &FileTable<'_>, key: &'static str) -> Option<Expectation<Vec<String>>> {
    let texts = table.has(key).then(|| values_of(table.strings(key)));
    expected(table, key, texts)
}

fn values_of(texts: Vec<Placed<String>>) -> Vec<String> {
    texts.into_iter().map(|text| text.value).collect()
}

fn read_filing(table: &FileTable<'_>, procedure: &Procedure) -> ExpectedFiling {
    let known = form_fields(procedure);
    ExpectedFiling {
        line: table.line(),
        eligible: expected(table, "eligible", table.boolean("eligible")),
        unmet: expected_texts(table, "unmet"),
        findings: expected_texts(table, "findings"),
        fees: expected(table, "fees", table.integer("fees")),
        fee_lines: expected_texts(table, "fee_lines"),
        appointment: expected(table, "appointment", moment(table, "appointment")),
        values: expected_values(table, "values", &known),
        absent: read_absent(table, &known),
        notices: read_notices(table),
    }
}

/// Returns the fields of the form.
fn form_fields(procedure: &Procedure) -> Vec<&str> {
    procedure.form.fields().map(|(_, field)| field.id.as_str()).collect()
}

/// Returns the fields of the form, and those of officers.
fn all_fields(procedure: &Procedure) -> Vec<&str> {
    let of_officers = procedure.workflow.steps.iter().flat_map(|step| &step.form);
    form_fields(procedure).into_iter().chain(of_officers.map(|field| field.id.as_str())).collect()
}

fn read_eligibility(root: &FileTable<'_>, table: &FileTable<'_>, procedure: &Procedure) -> Map<String, Json> {
    let Some(asked) = &procedure.eligibility else {
        let help = "leave `eligibility` out, or add [eligibility] to procedure.toml";
        root.mistake("unknown-name", table.span.clone(), "the procedure asks nothing before the form", help);
        return Map::new();
    };
    let known: Vec<&str> = asked.fields.iter().map(|field| field.id.as_str()).collect();
    read_values(table, &known)
}

/// Reads answers. Only known questions can be answered.
fn read_values(table: &FileTable<'_>, known: &[&str]) -> Map<String, Json> {
    for name in table.names().iter().filter(|name| !known.contains(&name.value.as_str())) {
        table.unknown_word("field", name, known.iter().copied());
    }
    table.json()
}

/// Reads the expected values of fields, each with its line.
fn expected_values(table: &FileTable<'_>, key: &'static str, known: &[&str]) -> Vec<ExpectedValue> {
    let Some(values) = table.table(key) else { return Vec::new() };
    let mut read = read_values(&values, known);
    let mut expected = Vec::new();
    for name in values.names() {
        let line = values.line_at(&name.span);
        let value = read.remove(&name.value);
        expected.extend(value.map(|value| ExpectedValue { line, field: name.value, value }));
    }
    expected
}

fn read_absent(table: &FileTable<'_>, known: &[&str]) -> Vec<Expectation<String>> {
    let absent = table.strings("absent");
    for field in absent.iter().filter(|field| !known.contains(&field.value.as_str())) {
        table.unknown_word("field", field, known.iter().copied());
    }
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

/// Reads the papers and the files of file fields.
fn read_papers(table: &FileTable<'_>, procedure: &Procedure) -> Vec<PaperId> {
    let files = procedure.form.fields().filter(|(_, field)| field.kind.takes_files());
    let known: Vec<&str> = procedure
        .papers
        .iter()
        .map(|paper| paper.id.as_str())
        .chain(files.map(|(_, field)| field.id.as_str()))
        .collect();
    let papers = table.strings("papers");
    for paper in papers.iter().filter(|paper| !known.contains(&paper.value.as_str())) {
        table.unknown_word("paper", paper, known.iter().copied());
    }
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
                table.unknown_word("by", &by, Role::OF_POSTS.into_iter().map(Role::name).chain([APPLICANT, PORTAL]));
            }
            role.map(By::Office)
        }
    }
}

fn read_deed(table: &FileTable<'_>, by: Option<By>, procedure: &Procedure) -> Option<ScenarioDeed> {
    let action = table.required_string("action", "\"accept\"")?;
    let deed = ScenarioDeed::parse(&action.value, by?);
    if let ScenarioDeed::Act(id) = &deed {
        let known = || procedure.workflow.steps.iter().flat_map(|step| &step.actions).map(|known| known.id.as_str());
        if !known().any(|known| known == id.as_str()) {
            table.unknown_word("action", &action, known());
        }
    }
    Some(deed)
}

fn read_step(table: &FileTable<'_>, procedure: &Procedure) -> Option<PlayedStep> {
    let at = required_moment(table, "\"2026-03-03 10:00\"");
    let by = read_by(table);
    let deed = read_deed(table, by, procedure);
    let note = table.string("note").map_or_else(String::new, |note| note.value);
    let new_grounds = table.string("new_grounds").map(|grounds| grounds.value);
    let unit = table.string("unit").map(|unit| unit.value);
    let values = table.table("values").map(|values| values.json()).unwrap_or_default();
    let papers = table.has("papers").then(|| read_papers(table, procedure));
    let ask = values_of(table.strings("ask"));
    let result = expected(table, "result", table.string("result").map(|result| result.value));
    let amount = table.integer("amount");
    let expect = read_after(table, procedure);
    let (at, by, deed) = (at?, by?, deed?);
    let line = table.line();
    Some(PlayedStep { line, at, by, deed, note, new_grounds, unit, values, papers, ask, result, amount, expect })
}

fn read_after(table: &FileTable<'_>, procedure: &Procedure) -> After {
    let known = all_fields(procedure);
    let due = table.string("due").and_then(|due| match due.value.as_str() {
        STOPPED => Some(None),
        _ => moment(table, "due").map(Some),
    });
    let officers = table.has("officer").then(|| values_of(texts_of(table, "officer")));
    After {
        refused: expected(table, "refused", word_of(table, "refused", "refusal", Refusal::CODES)),
        step: expected(table, "step", table.has("step").then(|| steps_of(table, procedure))),
        status: expected(table, "status", word_of(table, "status", "status", &statuses())),
        holder: expected(table, "holder", table.has("holder").then(|| holders_of(table))),
        officer: expected(table, "officer", officers),
        due: expected(table, "due", due),
        owed: expected(table, "owed", table.integer("owed")),
        pay_back: expected(table, "pay_back", table.integer("pay_back")),
        has: expected_values(table, "has", &known),
        absent: read_absent(table, &known),
        notices: read_notices(table),
        issued: expected_texts(table, "issued"),
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
fn steps_of(table: &FileTable<'_>, procedure: &Procedure) -> Vec<String> {
    let steps = || procedure.workflow.steps.iter().map(|step| step.id.as_str());
    let mut named = Vec::new();
    for step in texts_of(table, "step") {
        if !steps().any(|known| known == step.value) {
            table.unknown_word("step", &step, steps());
        }
        named.push(step.value);
    }
    named.sort_by_key(|named| steps().position(|known| known == named));
    named
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
        let message = format!("`{}` is not a post that takes steps", holder.value);
        let help = "write agency/unit/role, agency/counter, agency/leader or applicant";
        table.mistake("unknown-name", holder.span.clone(), &message, help);
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
    let at = moment(table, "at");
    if !table.names_key("at") {
        table.missing("at", example);
    }
    at
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
