//! Answers to the form of a step, which open and close the actions of this step.

use crate::office::Office;
use crate::support::{act, command, officer};
use crate::unsound::read;
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::decide::{Rules, is_open};
use motcua_domain::dossier::event::{Event, Recorded};
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::expression::{Condition, Expression};
use motcua_domain::form::{Field, FieldKind, kinds};
use motcua_domain::people::organisation::{Actor, Role};
use motcua_domain::registry::Registries;
use motcua_domain::text::Text;
use motcua_domain::workflow::Workflow;
use serde_json::json;

/// Returns a workflow whose first step asks whether the house is fit. The answer opens one of its actions.
fn inspection() -> Workflow {
    let mut workflow = read("a: pass -> b; back -> a; reject refuse\n b: out end; again -> a");
    let mut fit = Field::new("fit", Text::vi("Đạt?"), FieldKind::YesNo);
    fit.required = Condition::Fixed(false);
    workflow.steps[0].form = vec![fit];
    for (action, condition) in workflow.steps[0].actions.iter_mut().zip(["fit == true", "fit == null", "fit == false"])
    {
        action.when = Some(Expression::parse(condition).expect("CEL"));
    }
    workflow
}

/// Takes an action of the only open step with an answer to its form.
fn takes(office: &mut Office, action: &str, fit: Option<bool>) -> Result<Recorded, Refusal> {
    let mut act = act(&office.dossier, None, action, Role::Specialist);
    act.typed.extend(fit.map(|fit| ("fit".to_owned(), json!(fit.to_string()))));
    office.does(&officer(Role::Specialist, false), command(act))
}

fn open(office: &Office) -> &str {
    office.dossier.flow.stays.first().map_or("", |stay| stay.at.step.as_str())
}

#[test]
fn an_answer_at_a_step_opens_the_actions_of_this_step() {
    let mut office = Office::on(inspection(), 0);
    takes(&mut office, "pass", Some(true)).expect("it is fit");
    assert_eq!(open(&office), "b");
}

#[test]
fn an_action_that_the_answers_close_is_refused_at_these_answers() {
    let mut office = Office::on(inspection(), 0);
    let before = office.dossier.clone();
    for (action, fit) in [("pass", Some(false)), ("pass", None), ("back", Some(true)), ("reject", Some(true))] {
        let refused = takes(&mut office, action, fit);
        let Err(Refusal::ClosedByAnswers(findings)) = &refused else { panic!("{action} {fit:?}: {refused:?}") };
        let told: Vec<_> = findings.iter().map(|found| (found.path.as_str(), found.code.as_str())).collect();
        assert_eq!(told, [("fit", "closes-action")]);
        assert!(findings[0].text.vi.contains(action), "it names the action: {findings:?}");
    }
    assert_eq!(office.dossier, before, "nothing has changed");
}

#[test]
fn a_refusal_that_the_answers_open_keeps_them() {
    let mut office = Office::on(inspection(), 0);
    let refused = takes(&mut office, "reject", Some(false)).expect("it is not fit");
    let Event::Ended { answers, .. } = &refused.event else { panic!("{refused:?}") };
    assert_eq!(answers["fit"], json!(false));
    assert_eq!(office.dossier.flow.office["fit"], json!(false));
}

#[test]
fn a_step_that_is_taken_again_asks_anew() {
    let mut office = Office::on(inspection(), 0);
    takes(&mut office, "pass", Some(true)).expect("it is fit");
    takes(&mut office, "again", None).expect("it comes back");
    assert!(matches!(takes(&mut office, "pass", None), Err(Refusal::ClosedByAnswers(_))), "nobody has answered now");
    takes(&mut office, "back", None).expect("the question is open again");
    takes(&mut office, "pass", Some(true)).expect("it is fit");
}

#[test]
fn an_action_that_the_form_opens_is_offered_before_anybody_answers() {
    let office = Office::on(inspection(), 0);
    let Office { procedure, calendar, dossier, .. } = &office;
    let rules = Rules { procedure, calendar, registries: Registries::NONE, choices: &[] };
    let (step, stay) = (&procedure.workflow.steps[0], &dossier.flow.stays[0]);
    assert!(step.actions.iter().all(|action| is_open(rules, dossier, stay, step, action)));
    let read: Vec<&str> = step.read_by(&step.actions[0]).iter().map(|field| field.id.as_str()).collect();
    assert_eq!(read, ["fit"]);
}

#[test]
fn nobody_fills_in_a_form_for_an_action_by_time() {
    let mut workflow = inspection();
    workflow.steps[0].actions[1] = read("a: back -> a after").steps[0].actions[0].clone();
    workflow.steps[0].actions[1].when = Some(Expression::parse("fit == true").expect("CEL"));
    let mut office = Office::on(workflow, 0);
    takes(&mut office, "pass", Some(true)).expect("it is fit");
    takes(&mut office, "again", None).expect("it comes back");
    let stay = office.dossier.flow.stays[0].id;
    office.later(24 * 30);
    let elapsed = office.does(&Actor::System, Command::Elapse { stay, staff: Vec::new() });
    assert_eq!(elapsed, Err(Refusal::ActionClosed), "an answer of an earlier time does not count");
}

#[test]
fn an_answer_opens_an_action_through_helpers_too() {
    let helper = |id: &str, value: &str| {
        let value = Some(Expression::parse(value).expect("CEL"));
        Field::new(id, Text::vi(id), FieldKind::Computed(kinds::Computed { value, unit: None, helper: true }))
    };
    let mut workflow = inspection();
    workflow.steps[0].form.extend([helper("good", "fit == true"), helper("best", "good && true")]);
    workflow.steps[0].actions[0].when = Some(Expression::parse("best").expect("CEL"));
    let mut office = Office::on(workflow, 0);
    let closed = takes(&mut office, "pass", Some(false));
    let Err(Refusal::ClosedByAnswers(findings)) = &closed else { panic!("{closed:?}") };
    assert_eq!(findings.iter().map(|found| found.path.as_str()).collect::<Vec<_>>(), ["fit"], "people see no helper");
    takes(&mut office, "pass", Some(true)).expect("it is fit");
}
