//! Notes for the staff, and words to the applicant.

use crate::office::Office;
use crate::support::{act, command, officer};
use motcua_domain::dossier::command::Act;
use motcua_domain::dossier::event::{Event, Recorded};
use motcua_domain::dossier::is_for_applicant;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::people::organisation::Role;
use serde_json::json;

#[test]
fn an_officer_writes_to_the_applicant_where_the_action_tells_them_and_to_the_staff_everywhere_else() {
    let counter = officer(Role::Counter, false);
    for (action, told) in [("accept", false), ("ask", true), ("decline", true)] {
        let mut office = Office::open(0);
        let taken = office.does(&counter, command(act(&office.dossier, None, action, Role::Specialist)));
        let event = taken.expect("taken").event;
        assert_eq!(event.internal_note(), Some("nội bộ"), "{action}");
        let words = match &event {
            Event::Advanced(advanced) => advanced.note.as_deref(),
            Event::SupplementRequested { request, .. } => Some(request.what.as_str()),
            Event::Ended { reason, .. } => Some(reason.as_str()),
            other => panic!("{other:?}"),
        };
        assert_eq!(words, told.then_some("vì"), "{action}");
    }
}

#[test]
fn a_note_for_the_staff_is_no_reason_for_the_applicant() {
    let mut office = Office::open(0);
    for action in ["ask", "decline"] {
        let silent = Act { reason: " ".to_owned(), ..act(&office.dossier, None, action, Role::Specialist) };
        let taken = office.does(&officer(Role::Counter, false), command(silent));
        assert_eq!(taken, Err(Refusal::NoteMissing), "{action}");
    }
}

#[test]
fn a_note_of_a_version_before_stays_as_the_applicant_read_it() {
    let mut office = Office::open(0);
    let accept = command(act(&office.dossier, None, "accept", Role::Specialist));
    let before = office.dossier.clone();
    let recorded = office.does(&officer(Role::Counter, false), accept).expect("accepted");
    let mut written = serde_json::to_value(&recorded).expect("JSON");
    let event = written["event"].as_object_mut().expect("an event");
    event.remove("internal_note").expect("written by this version");
    event.insert("note".to_owned(), json!("Đủ giấy tờ"));
    let old: Recorded = serde_json::from_value(written).expect("an event of the version before");
    let mut dossier = before;
    dossier.apply(&old).expect("applied");
    let notes = &dossier.flow.visits[0].notes;
    assert_eq!((notes.told.as_deref(), notes.internal.as_deref()), (Some("Đủ giấy tờ"), None));
}

#[test]
fn the_content_of_an_entry_is_the_applicants_if_it_is_addressed_to_them_and_has_no_note_for_the_staff() {
    let counter = officer(Role::Counter, false);
    for (action, is_addressed) in [("accept", false), ("ask", true), ("decline", true)] {
        for note in ["", "nội bộ"] {
            let mut office = Office::open(0);
            let act = Act { note: note.to_owned(), ..act(&office.dossier, None, action, Role::Specialist) };
            let recorded = office.does(&counter, command(act)).expect("taken");
            assert_eq!(is_for_applicant(&recorded), is_addressed && note.is_empty(), "{action} {note}");
        }
    }
}
