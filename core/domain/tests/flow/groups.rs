//! Units that are asked the same: the answer that decides, what it cancels, and other versions of the procedure.

use crate::office::Office;
use crate::support::{act, calendar, command, file, officer, procedure, start};
use crate::unsound::read;
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::decide::Rules;
use motcua_domain::dossier::event::Recorded;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::expression::Expression;
use motcua_domain::form::{Field, FieldKind};
use motcua_domain::people::organisation::{Actor, Role};
use motcua_domain::registry::Registries;
use motcua_domain::text::Text;
use motcua_domain::workflow::Workflow;
use serde_json::json;
use std::collections::BTreeMap;

/// Files a dossier that follows the workflow.
fn office(workflow: Workflow) -> Office {
    let (procedure, calendar) = (procedure(workflow, 0), calendar());
    let rules = Rules { procedure: &procedure, calendar: &calendar, registries: Registries::NONE, choices: &[] };
    let dossier = Dossier::replay([&file(rules, start())]).expect("a dossier");
    Office { procedure, calendar, dossier, now: start() }
}

/// Takes an action at the stay of a unit. The dossier's own unit has no name here.
fn takes(office: &mut Office, unit: &str, action: &str, in_favour: Option<bool>) -> Result<Recorded, Refusal> {
    let of_unit = |place: Option<&str>| place.unwrap_or_default() == unit;
    let mut stays = office.dossier.flow.stays.iter();
    let stay = stays.find(|stay| of_unit(stay.at.place.as_ref().map(|place| place.unit.as_str()))).expect("a stay").id;
    let mut act = act(&office.dossier, Some(stay), action, Role::Specialist);
    if let Some(answer) = in_favour {
        act.typed.insert("in_favour".to_owned(), json!(answer.to_string()));
    }
    office.does(&officer(Role::Specialist, false), command(act))
}

fn open(office: &Office) -> Vec<&str> {
    office.dossier.flow.stays.iter().map(|stay| stay.at.step.as_str()).collect()
}

#[test]
fn an_answer_that_cancels_the_other_questions_decides_at_once() {
    for cancels in ["others", "b"] {
        let text = format!("a: go -> b\n b many=abc,,c: say answer; object answer cancels={cancels}\n c: out end");
        let workflow = read(&text);
        assert_eq!(workflow.problems(), []);
        let mut office = office(workflow);
        takes(&mut office, "", "go", None).expect("asked");
        assert_eq!(open(&office), ["b", "b", "b"]);
        takes(&mut office, "c", "object", None).expect("objected");
        assert_eq!(open(&office), ["c"]);
        assert!(!office.dossier.has_ended());
        let left = office.dossier.flow.visits.iter().filter_map(|visit| visit.left.as_ref());
        assert_eq!(left.filter(|left| left.action.is_none()).count(), 2, "nobody answered for the other units");
    }
}

#[test]
fn what_an_answer_cancels_ends_with_the_answer_that_decides() {
    let mut office = office(read("a: go -> b + d\n b many=ab,,c: say answer cancels=d\n c: out end\n d: back -> d"));
    takes(&mut office, "", "go", None).expect("asked");
    takes(&mut office, "a", "say", None).expect("answered");
    assert_eq!(open(&office), ["b", "d"]);
    takes(&mut office, "b", "say", None).expect("answered");
    assert_eq!(open(&office), ["c"]);
}

/// Moves the dossier to a version with another workflow.
fn moves(office: &mut Office, workflow: Workflow, steps: &[(&str, &str)]) -> Result<Recorded, Refusal> {
    office.procedure = procedure(workflow, 0);
    let from = office.dossier.procedure.clone();
    let steps: BTreeMap<_, _> = steps.iter().map(|(from, to)| ((*from).into(), (*to).into())).collect();
    let version = office.procedure.digest();
    office.does(&Actor::System, Command::Migrate { reason: "Sửa quy trình".to_owned(), from, version, steps })
}

#[test]
fn a_question_goes_on_in_another_version_with_the_answers_that_it_has() {
    let mut office = office(read("a: go -> b\n b many=abcdef,3,c: say answer\n c: out end"));
    takes(&mut office, "", "go", None).expect("asked");
    takes(&mut office, "a", "say", None).expect("answered");
    let next = read("a: go -> ask\n ask many=abcdef,3,end: say answer\n end: out end");
    moves(&mut office, next, &[("b", "ask")]).expect("five open questions are one place on the net");
    takes(&mut office, "b", "say", None).expect("answered");
    assert_eq!(open(&office), ["ask"; 4]);
    takes(&mut office, "f", "say", None).expect("answered");
    assert_eq!(open(&office), ["end"]);
}

#[test]
fn a_step_that_asks_several_in_another_version_is_decided_by_the_unit_that_has_it() {
    let mut office = office(read("a: go -> b\n b: on -> c\n c: out end"));
    takes(&mut office, "", "go", None).expect("gone");
    moves(&mut office, read("a: go -> b\n b many=ab,,c: say answer\n c: out end"), &[]).expect("moved");
    takes(&mut office, "", "say", None).expect("answered");
    assert_eq!(open(&office), ["c"]);
}

#[test]
fn a_dossier_does_not_move_to_a_version_where_each_unit_that_was_asked_would_go_on_alone() {
    let mut office = office(read("a: go -> b\n b many=ab,,c: say answer\n c: out end"));
    takes(&mut office, "", "go", None).expect("asked");
    let moved = moves(&mut office, read("a: go -> b\n b: on -> c\n c: out end"), &[]);
    assert_eq!(moved, Err(Refusal::Stranded { step: "b".into() }));
}

/// Returns a workflow that goes on to its end if the condition on the answers holds.
fn vote(condition: &str, listed: bool) -> Workflow {
    let mut workflow = read("a: go -> b\n b many=abc,2,c: say answer\n c: yes end; no refuse");
    workflow.steps[1].form = vec![Field::new("in_favour", Text::vi("Đồng ý?"), FieldKind::YesNo)];
    workflow.steps[1].many.as_mut().expect("it asks several").listed = listed;
    workflow.steps[2].actions[0].when = Some(Expression::parse(condition).expect("CEL"));
    workflow
}

/// Returns whether the dossier is granted after two answers.
fn granted(condition: &str, listed: bool, answers: [bool; 2]) -> bool {
    let mut office = office(vote(condition, listed));
    takes(&mut office, "", "go", None).expect("asked");
    for (unit, answer) in ["a", "b"].into_iter().zip(answers) {
        takes(&mut office, unit, "say", Some(answer)).expect("answered");
    }
    match takes(&mut office, "", "yes", None) {
        Ok(_) => true,
        Err(refusal) => {
            assert_eq!(refusal, Refusal::ActionClosed);
            false
        }
    }
}

#[test]
fn a_later_condition_counts_the_answers_of_the_units() {
    let both = "size(in_favour.filter(vote, vote)) >= 2";
    assert!(granted(both, true, [true, true]));
    assert!(!granted(both, true, [true, false]) && !granted(both, true, [false, true]));
    assert!(granted("in_favour.exists(vote, vote)", true, [true, false]));
    assert!(granted("size(in_favour) == 2", true, [false, false]), "the third has not answered");
}

#[test]
fn a_version_from_before_reads_the_last_answer_as_it_did() {
    assert!(granted("in_favour == true", false, [false, true]));
    assert!(!granted("in_favour == true", false, [true, false]));
    let written = serde_json::to_value(vote("in_favour == true", false)).expect("JSON");
    assert_eq!(written["steps"][1]["many"].get("listed"), None, "as it was stored before");
}
