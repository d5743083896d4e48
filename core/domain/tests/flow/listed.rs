//! The facts by which lists show a dossier to officers.

use crate::office::{Office, straight};
use crate::support::{act, applicant, command, officer};
use motcua_domain::dossier::command::Command;
use motcua_domain::people::organisation::Role;
use motcua_domain::workflow::UnitPlace;

fn message() -> Command {
    Command::SendMessage { text: "Khi nào xong?".to_owned(), files: Vec::new() }
}

#[test]
fn a_message_of_the_applicant_waits_until_an_officer_answers_or_acts() {
    let mut office = Office::open(0);
    let counter = officer(Role::Counter, false);
    assert!(!office.dossier.is_unanswered());
    office.does(&applicant(), message()).expect("sent");
    assert!(office.dossier.is_unanswered());
    let take = Command::Take { stay: 0, seen: office.dossier.version };
    office.does(&counter, take).expect("taken");
    assert!(office.dossier.is_unanswered(), "whoever takes a step has answered nothing");
    office.does(&counter, message()).expect("answered");
    assert!(!office.dossier.is_unanswered());
    office.does(&applicant(), message()).expect("sent again");
    let accept = command(act(&office.dossier, None, "accept", Role::Specialist));
    office.does(&counter, accept).expect("accepted");
    assert!(!office.dossier.is_unanswered());
}

#[test]
fn a_unit_that_had_a_step_of_a_dossier_is_its_partner_ever_after() {
    let partner = UnitPlace { agency: "cong-an".into(), unit: "ho-khau".into() };
    let mut workflow = straight();
    workflow.steps[2].place = Some(partner.clone());
    let mut office = Office::on(workflow, 0);
    let specialist = officer(Role::Specialist, false);
    let accept = command(act(&office.dossier, None, "accept", Role::Specialist));
    office.does(&officer(Role::Counter, false), accept).expect("accepted");
    assert!(office.dossier.partners().is_empty());
    let done = command(act(&office.dossier, None, "done", Role::Counter));
    office.does(&specialist, done).expect("done");
    assert_eq!(office.dossier.partners().into_iter().collect::<Vec<_>>(), [&partner]);
    office.does(&applicant(), message()).expect("sent");
    assert_eq!(office.dossier.partners().len(), 1);
}
