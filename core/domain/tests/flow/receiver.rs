//! The person who took a result at the counter.

use crate::office::Office;
use crate::support::{act, command, officer};
use motcua_domain::dossier::command::Act;
use motcua_domain::dossier::event::{Recorded, ResultReceiver};
use motcua_domain::dossier::receiver::ReceiverInput;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::people::organisation::Role;

/// Returns an office whose dossier has a result.
fn processed() -> Office {
    let mut office = Office::open(0);
    for (role, action) in [(Role::Counter, "accept"), (Role::Specialist, "done")] {
        let step = command(act(&office.dossier, None, action, Role::Specialist));
        office.does(&officer(role, false), step).expect("it goes on");
    }
    office
}

fn hands_over(office: &mut Office, receiver: Option<ReceiverInput>) -> Result<Recorded, Refusal> {
    let given = Act { receiver, ..act(&office.dossier, None, "hand-over", Role::Counter) };
    office.does(&officer(Role::Counter, false), command(given))
}

fn other(name: &str, number: &str, relation: &str) -> ReceiverInput {
    let [name, number, relation] = [name, number, relation].map(str::to_owned);
    ReceiverInput::Other { name, number, relation }
}

/// Returns the person who took the result.
fn taken_by(office: &Office) -> Option<&ResultReceiver> {
    office.dossier.flow.ended.as_ref()?.receiver.as_deref()
}

#[test]
fn the_dossier_keeps_who_took_the_result_with_their_paper_and_relation() {
    let mut office = processed();
    hands_over(&mut office, Some(other(" Lê  Văn Bình", "074190001234 ", "Con"))).expect("handed over");
    let receiver = taken_by(&office).expect("it is written down");
    assert_eq!((receiver.name.as_str(), receiver.relation.as_deref()), ("Lê Văn Bình", Some("Con")));
    assert_eq!(receiver.line(), "Lê Văn Bình (Con), 074190001234");

    let mut office = processed();
    hands_over(&mut office, Some(ReceiverInput::Applicant { number: String::new() })).expect("handed over");
    let receiver = taken_by(&office).expect("it is written down");
    assert_eq!((receiver.line().as_str(), receiver.relation.as_deref()), ("An", None));
}

#[test]
fn somebody_else_needs_a_name_a_number_and_a_relation_and_nobody_needs_to_be_written_down() {
    let mut office = processed();
    let long = "a".repeat(201);
    for (name, number, relation) in
        [("", "1", "Con"), ("Bình", " ", "Con"), ("Bình", "1", ""), (long.as_str(), "1", "Con")]
    {
        let refused = hands_over(&mut office, Some(other(name, number, relation)));
        assert_eq!(refused.err(), Some(Refusal::ReceiverIncomplete), "{name} {number} {relation}");
    }
    let recorded = hands_over(&mut office, None).expect("handed over");
    assert_eq!(taken_by(&office), None);
    let written = serde_json::to_string(&recorded.event).expect("written");
    assert!(!written.contains("receiver"), "the event is as in earlier versions: {written}");
}

#[test]
fn an_action_that_hands_nothing_over_has_no_receiver() {
    let mut office = Office::open(0);
    let declined = Act { receiver: Some(other("", "", "")), ..act(&office.dossier, None, "decline", Role::Counter) };
    office.does(&officer(Role::Counter, false), command(declined)).expect("declined");
    assert_eq!(taken_by(&office), None);
}
