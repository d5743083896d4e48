//! Units that are asked the same: the answer that decides, what it cancels, and other versions of the procedure.

use crate::office::Office;
use crate::support::{act, calendar, command, file, officer, procedure, start};
use crate::unsound::read;
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::decide::Rules;
use motcua_domain::dossier::event::Recorded;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::expression::{Condition, Expression};
use motcua_domain::form::{Field, FieldKind, kinds};
use motcua_domain::people::organisation::{Actor, Role};
use motcua_domain::registry::Registries;
use motcua_domain::text::Text;
use motcua_domain::workflow::{Cancels, Workflow};
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

/// Returns a workflow in which three units vote or abstain, and that goes on to its end if the condition holds.
fn poll(enough: usize, condition: &str) -> Workflow {
    let text = format!("a: go -> b-c\n b-c many=abc,{enough},d: say answer; object answer\n d: yes end; no refuse");
    let mut workflow = read(&text);
    let mut in_favour = Field::new("in_favour", Text::vi("Đồng ý?"), FieldKind::YesNo);
    in_favour.required = Condition::Fixed(false);
    workflow.steps[1].form = vec![in_favour];
    workflow.steps[2].actions[0].when = Some(Expression::parse(condition).expect("CEL"));
    workflow
}

#[test]
fn rows_of_answers_are_counted_as_the_votes_were_given() {
    const VOTES: [Option<bool>; 3] = [Some(true), Some(false), None];
    for (number, enough) in (0..27_usize).flat_map(|number| (1..=3).map(move |enough| (number, enough))) {
        let votes = [VOTES[number % 3], VOTES[number / 3 % 3], VOTES[number / 9]];
        let given = &votes[..enough];
        let count = |vote: Option<bool>| given.iter().filter(|one| **one == vote).count();
        let (yes, no, abstained) = (count(Some(true)), count(Some(false)), count(None));
        let c_voted = enough == 3;
        let condition = format!(
            "b_c.count(v, v.in_favour == true) == {yes} && b_c.count(v, v.in_favour == false) == {no} && \
             b_c.count(v, v.in_favour == null) == {abstained} && size(b_c) == {enough} && \
             b_c.count(v, v.action == 'object') == {no} && b_c[0].unit == 'so/a' && \
             b_c.any(v, v.unit == 'so/c') == {c_voted}"
        );
        let mut office = office(poll(enough, &condition));
        takes(&mut office, "", "go", None).expect("asked");
        for (unit, vote) in ["a", "b", "c"].into_iter().zip(given) {
            let action = if *vote == Some(false) { "object" } else { "say" };
            takes(&mut office, unit, action, *vote).expect("answered");
        }
        takes(&mut office, "", "yes", None).unwrap_or_else(|refusal| panic!("{votes:?} {condition}: {refusal}"));
    }
}

#[test]
fn a_unit_that_was_not_needed_any_more_is_no_row() {
    let mut office = office(poll(1, "size(b_c) == 1 && b_c.all(v, v.unit == 'so/b')"));
    takes(&mut office, "", "go", None).expect("asked");
    takes(&mut office, "b", "say", Some(true)).expect("it decides");
    takes(&mut office, "", "yes", None).expect("one unit has answered");
}

#[test]
fn a_field_with_the_name_of_the_step_is_read_as_the_field() {
    let mut workflow = poll(1, "b_c == 'x'");
    workflow.steps[0].form = vec![Field::new("b_c", Text::vi("?"), FieldKind::Text(kinds::Text { max: 9 }))];
    let procedure = procedure(workflow, 0);
    assert!(procedure.workflow.answers(&procedure.form).rows.is_empty());
    assert!(procedure.workflow.steps_with_rows(&procedure.form).is_empty());
}

#[test]
fn a_vote_may_open_its_own_action_beside_the_votes_before() {
    let mut workflow = poll(3, "true");
    workflow.steps[1].actions[1].cancels = Cancels::Others;
    let second = "in_favour == false && b_c.any(v, v.in_favour == false)";
    workflow.steps[1].actions[1].when = Some(Expression::parse(second).expect("CEL"));
    let mut office = office(workflow);
    takes(&mut office, "", "go", None).expect("asked");
    let first = takes(&mut office, "a", "object", Some(false));
    assert!(matches!(first, Err(Refusal::ClosedByAnswers(_))), "nobody has voted before: {first:?}");
    takes(&mut office, "a", "say", Some(false)).expect("the first vote");
    takes(&mut office, "b", "object", Some(false)).expect("the second vote against decides");
    assert_eq!(open(&office), ["d"]);
}
