//! The forms on paper: the state of the dossier to which each of them applies.

use crate::office::Office;
use crate::support::{act, applicant, command, officer, supplement};
use jiff::SignedDuration;
use motcua_domain::dossier::PrintedForm;
use motcua_domain::people::organisation::{Actor, Role};

fn forms(office: &Office, actor: &Actor) -> Vec<&'static str> {
    let mut forms: Vec<_> = office.dossier.printed_forms(actor, office.now).map(PrintedForm::number).collect();
    assert_eq!(forms.pop(), Some("copy"), "the copy of what was filed is always there");
    forms
}

#[test]
fn an_apology_is_owed_while_the_agency_is_late_and_officers_fill_in_the_day() {
    let mut office = Office::open(0);
    let (counter, citizen) = (officer(Role::Counter, false), applicant());
    assert_eq!((forms(&office, &counter), forms(&office, &citizen)), (vec!["01", "05"], vec!["01"]));
    let due = office.dossier.flow.whole.due().expect("the clock runs");
    assert_eq!(office.dossier.late_since(due), None, "the last moment is in time");
    office.now = due + SignedDuration::from_secs(1);
    assert_eq!(office.dossier.late_since(office.now), Some(due));
    assert_eq!((forms(&office, &counter), forms(&office, &citizen)), (vec!["01", "04", "05"], vec!["01"]));
}

#[test]
fn an_apology_with_another_appointment_is_for_the_applicant_too() {
    let mut office = Office::open(0);
    let (counter, citizen) = (officer(Role::Counter, false), applicant());
    let promised = office.dossier.appointment.expect("the calendar is known");
    let ask = command(act(&office.dossier, None, "ask", Role::Counter));
    office.does(&counter, ask).expect("asked");
    assert_eq!((forms(&office, &counter), forms(&office, &citizen)), (vec!["01", "02", "05"], vec!["01", "02"]));
    office.now += SignedDuration::from_hours(72);
    let supplement = supplement(&office.dossier);
    office.does(&citizen, supplement).expect("supplemented");
    assert!(office.dossier.new_appointment(office.now) > Some(promised), "the clock stood for three days");
    assert_eq!(forms(&office, &citizen), ["01", "02"], "the agency was never late");
    office.dossier.late_told = Some(promised);
    assert_eq!(forms(&office, &citizen), ["01", "02", "04"]);
}
