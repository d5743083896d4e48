//! The time of single rules: a decision, the judgement of a form and the check of a workflow. Nothing is asserted about
//! it.

#![expect(dead_code, reason = "the benchmarks use a part of what the tests share")]

#[path = "../tests/flow/office.rs"]
mod office;
#[path = "../tests/flow/random.rs"]
mod random;
#[path = "../tests/flow/support.rs"]
mod support;

use divan::Bencher;
use jiff::Timestamp;
use motcua_domain::dates::Precision;
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::decide::{Rules, decide};
use motcua_domain::expression::{Condition, Expression};
use motcua_domain::form::judge::{JudgeFacts, judge};
use motcua_domain::form::{Field, FieldChoice, FieldKind, Form, FormCheck, Section, kinds};
use motcua_domain::people::organisation::Role;
use motcua_domain::registry::{Registries, Registry, RegistryEntry};
use motcua_domain::text::Text;
use motcua_domain::workflow::{Action, Branch, Effect, Join, NationalStatus, Step, Workflow};
use office::{Office, straight};
use serde_json::{Map, Value as Json, json};
use support::{act, command, officer, sound_workflow};

fn main() {
    divan::main();
}

fn rules(office: &Office) -> Rules<'_> {
    Rules { procedure: &office.procedure, calendar: &office.calendar, registries: Registries::NONE, choices: &[] }
}

/// The counter accepts a dossier and passes it to a specialist.
#[divan::bench]
fn decide_an_action(bencher: Bencher<'_, '_>) {
    let office = Office::open(0);
    let stay = office.dossier.flow.stays.first().map(|stay| stay.id);
    let counter = officer(Role::Counter, false);
    bencher
        .with_inputs(|| command(act(&office.dossier, stay, "accept", Role::Specialist)))
        .bench_local_values(|command| decide(rules(&office), &office.dossier, &counter, command, office.now));
}

/// A specialist may not do what the counter does.
#[divan::bench]
fn decide_a_refusal(bencher: Bencher<'_, '_>) {
    let office = Office::open(0);
    let stay = office.dossier.flow.stays.first().map(|stay| stay.id);
    let specialist = officer(Role::Specialist, false);
    bencher
        .with_inputs(|| command(act(&office.dossier, stay, "accept", Role::Specialist)))
        .bench_local_values(|command| decide(rules(&office), &office.dossier, &specialist, command, office.now));
}

/// Applies the events of a dossier that was accepted, worked on and handed over.
#[divan::bench]
fn replay_a_dossier(bencher: Bencher<'_, '_>) {
    let mut office = Office::open(0);
    let mut events = vec![support::file(rules(&office), office.now)];
    let actions = [
        (Role::Counter, "accept", Role::Specialist),
        (Role::Specialist, "done", Role::Counter),
        (Role::Counter, "hand-over", Role::Counter),
    ];
    for (role, action, next) in actions {
        let stay = office.dossier.flow.stays.first().map(|stay| stay.id);
        let given = command(act(&office.dossier, stay, action, next));
        events.push(office.does(&officer(role, false), given).expect("an action of the workflow"));
    }
    bencher.bench_local(|| Dossier::replay(&events).expect("a dossier"));
}

fn cel(text: &str) -> Expression {
    Expression::parse(text).expect("CEL")
}

fn field(id: &str, kind: FieldKind) -> Field {
    Field::new(id, Text::vi(id), kind)
}

/// Returns a form like that of a registration of birth: people, places, dates, rows, conditions and a computed value.
fn birth() -> Form {
    let choice = |value: &str| FieldChoice { value: value.to_owned(), label: Text::vi(value) };
    let date = || FieldKind::Date(kinds::Date { past: true, precision: Precision::Day });
    let mut father = field("father", FieldKind::Person(kinds::Person { precision: Precision::Year }));
    father.shown = Condition::When(cel("married"));
    let mut married_on = field("married_on", date());
    married_on.shown = Condition::When(cel("married"));
    let copies = FieldKind::Integer(kinds::Integer { min: Some(0), max: Some(20), unit: None });
    let paid = FieldKind::Computed(kinds::Computed { value: Some(cel("copies * 8000")), unit: None, helper: false });
    let witness = vec![
        field("name", FieldKind::Text(kinds::Text { max: 100 })),
        field("born", date()),
        field("number", FieldKind::CitizenNumber(kinds::CitizenNumber { birth: Some("born".to_owned()), sex: None })),
    ];
    let fields = vec![
        field("name", FieldKind::Text(kinds::Text { max: 100 })),
        field("sex", FieldKind::OneOf(kinds::OneOf { choices: vec![choice("male"), choice("female")] })),
        field("born", date()),
        field("home", FieldKind::Address),
        field("mother", FieldKind::Person(kinds::Person { precision: Precision::Year })),
        field("married", FieldKind::YesNo),
        married_on,
        father,
        field("witnesses", FieldKind::Group(kinds::Group { min: 0, max: 5, fields: witness })),
        field("phone", FieldKind::Phone(kinds::Phone { landline: false, foreign: false })),
        field("copies", copies),
        field("paid", paid),
    ];
    let section = Section { id: "birth".into(), title: Text::vi("Khai sinh"), help: None, fields };
    let check = FormCheck {
        holds: cel("copies <= 10"),
        text: Text::vi("Nhiều bản sao"),
        field: Some("copies".to_owned()),
        basis: Vec::new(),
    };
    Form { sections: vec![section], checks: vec![check] }
}

/// Returns 34 provinces with 100 communes each, as many as the country has.
fn places() -> Registries {
    let entry = |code: String, name: String, parent: Option<String>| RegistryEntry {
        code,
        name: Text::vi(&name),
        parent,
        former: Vec::new(),
    };
    let provinces = (1..=34).map(|number| entry(format!("{number:02}"), format!("Tỉnh {number}"), None)).collect();
    let communes = (1..=3400).map(|number| {
        let province = (number - 1) / 100 + 1;
        entry(format!("{number:05}"), format!("Xã {number}"), Some(format!("{province:02}")))
    });
    let (provinces, communes) = (Registry::new(provinces), Registry::new(communes.collect()));
    Registries([("provinces".to_owned(), provinces.into()), ("communes".to_owned(), communes.into())].into())
}

fn place(commune: &str) -> Json {
    json!({"province": "34", "commune": commune, "detail": "12 Yersin"})
}

fn person(name: &str, sex: &str, number: &str) -> Json {
    json!({
        "name": name, "birth_date": "1965", "sex": sex, "citizen_number": number, "address": place("Xã 3400"),
    })
}

/// Returns the input of a complete form.
fn typed() -> Map<String, Json> {
    let witness = |name: &str| json!({"name": name, "born": "1/2/1965", "number": "074165000123"});
    let typed = json!({
        "name": "Nguyễn Văn An", "sex": "male", "born": "24/11/2025", "home": place("03399"),
        "mother": person("Trần Thị Bình", "female", "074165000123"), "married": "true", "married_on": "1/6/2020",
        "father": person("Nguyễn Văn Cường", "male", "074065000123"),
        "witnesses": [witness("Lê Văn Dũng"), witness("Phạm Thị Em")], "phone": "0912345678", "copies": "3",
    });
    typed.as_object().expect("an object").clone()
}

/// Judges the form of a registration of birth.
#[divan::bench]
fn judge_a_form(bencher: Bencher<'_, '_>) {
    let (form, typed, registries) = (birth(), typed(), places());
    let now: Timestamp = "2026-11-24T02:00:00Z".parse().expect("a time");
    bencher
        .bench_local(|| judge(&form, &typed, JudgeFacts { now, registries: &registries, files: &[], computed: None }));
}

/// Returns a form of 500 fields: a chain of questions, each shown by the next, and the fields of a group.
fn large() -> Form {
    let cel = |text: &str| Expression::parse(text).expect("it is CEL");
    let field = |id: &str, kind: FieldKind| Field::new(id, Text::vi(id), kind);
    let link = |at: usize| {
        let mut link = field(&format!("f{at}"), FieldKind::YesNo);
        if at < 494 {
            link.shown = Condition::When(cel(&format!("f{} == true", at + 1)));
        }
        link
    };
    let whole = || FieldKind::Integer(kinds::Integer { min: Some(0), max: None, unit: None });
    let value = |text: &str| FieldKind::Computed(kinds::Computed { value: Some(cel(text)), unit: None, helper: false });
    let mut note = field("note", FieldKind::Text(kinds::Text { max: 100 }));
    note.shown = Condition::When(cel("f0 == true && count > 100"));
    let row = vec![field("count", whole()), field("price", whole()), field("amount", value("count * price")), note];
    let mut fields: Vec<Field> = (0..495).map(link).collect();
    fields.push(field("rows", FieldKind::Group(kinds::Group { min: 0, max: 200, fields: row })));
    let section = Section { id: "large".into(), title: Text::vi("Lớn"), help: None, fields };
    let check = FormCheck {
        holds: cel("rows.sum(r, r.amount) < 1000000"),
        text: Text::vi("Quá nhiều"),
        field: None,
        basis: Vec::new(),
    };
    Form { sections: vec![section], checks: vec![check] }
}

/// Judges a form of 500 fields with 200 rows, whose questions stand before those that show them.
#[divan::bench]
fn judge_500_fields_and_200_rows(bencher: Bencher<'_, '_>) {
    let (form, registries) = (large(), Registries::default());
    let mut typed: Map<String, Json> = (0..495).map(|at| (format!("f{at}"), json!("true"))).collect();
    typed.insert("rows".to_owned(), json!(vec![json!({"count": "7", "price": "30"}); 200]));
    let now: Timestamp = "2026-11-24T02:00:00Z".parse().expect("a time");
    let given = JudgeFacts { now, registries: &registries, files: &[], computed: None };
    assert!(judge(&form, &typed, given).complete(), "it is judged whole");
    bencher.bench_local(|| judge(&form, &typed, given));
}

/// Checks a workflow of three steps.
#[divan::bench]
fn check_a_straight_workflow(bencher: Bencher<'_, '_>) {
    let workflow = straight();
    bencher.bench_local(|| workflow.problems());
}

/// Checks random sound workflows that part and join.
#[divan::bench]
fn check_twenty_random_workflows(bencher: Bencher<'_, '_>) {
    let workflows: Vec<Workflow> = (0..20).map(|seed| sound_workflow(seed, true)).collect();
    bencher.bench_local(|| workflows.iter().map(|workflow| workflow.problems().len()).sum::<usize>());
}

/// Checks a workflow that parts into so many branches, whose states double with each.
#[divan::bench(args = [2, 4, 6, 8])]
fn check_a_workflow_that_parts(bencher: Bencher<'_, '_>, branches: usize) {
    let action = |effect| vec![Action::new("go", Text::default(), effect)];
    let step = |id: &str, actions| Step {
        actions,
        ..Step::new(id, Text::vi(id), Role::Specialist, NationalStatus::Processing)
    };
    let names: Vec<String> = (0..branches).map(|number| format!("branch{number}")).collect();
    let to = names.iter().map(|name| Branch { to: name.as_str().into(), when: None }).collect();
    let mut steps = vec![step("begin", action(Effect::Split { to }))];
    steps.extend(names.iter().map(|name| step(name, action(Effect::Advance { to: "end".into() }))));
    steps.push(Step { join: Join::All, ..step("end", action(Effect::HandOver)) });
    let workflow = Workflow::new("parts", steps, Vec::new());
    bencher.bench_local(|| workflow.problems());
}
