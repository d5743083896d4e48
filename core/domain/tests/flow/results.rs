//! The files of a result, and who may open them.

use crate::office::{Office, straight};
use crate::support::{act, applicant, command, officer};
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::event::{Payment, PaymentMethod};
use motcua_domain::money::Dong;
use motcua_domain::people::organisation::{Actor, Role};
use motcua_domain::text::Text;
use motcua_domain::workflow::{Action, Effect, NationalStatus, Requirement};

/// Returns how many files of a result a person may open.
fn open_to(dossier: &Dossier, actor: &Actor) -> usize {
    dossier.files_for(actor).count()
}

/// Returns an office at whose second step a result is attached, before anybody asked for a payment.
fn office(fee: i64) -> Office {
    let mut workflow = straight();
    workflow.steps[0].actions[0].effect = Effect::Advance { to: "work".into() };
    let mut office = Office::on(workflow, fee);
    let accept = command(act(&office.dossier, None, "accept", Role::Specialist));
    office.does(&officer(Role::Counter, false), accept).expect("accepted");
    office
}

#[test]
fn a_result_is_the_applicants_once_it_exists_and_everything_is_paid() {
    let (counter, specialist) = (officer(Role::Counter, false), officer(Role::Specialist, false));
    let mut office = office(28_000);
    let done = command(act(&office.dossier, None, "done", Role::Counter));
    office.does(&specialist, done).expect("done");
    assert_eq!((open_to(&office.dossier, &applicant()), open_to(&office.dossier, &counter)), (0, 1));
    let payment = Payment { amount: Dong(28_000), method: PaymentMethod::Cash, receipt: "7".into() };
    office.does(&counter, Command::RecordPayment(payment)).expect("paid");
    assert_eq!(open_to(&office.dossier, &applicant()), 1);
    let hand_over = command(act(&office.dossier, None, "hand-over", Role::Counter));
    office.does(&counter, hand_over).expect("handed over");
    assert_eq!(open_to(&office.dossier, &applicant()), 1);
}

#[test]
fn a_draft_of_a_result_is_the_staffs_until_it_is_issued() {
    let mut office = office(0);
    office.procedure.workflow.steps[2].status = NationalStatus::Processing;
    let done = command(act(&office.dossier, None, "done", Role::Counter));
    office.does(&officer(Role::Specialist, false), done).expect("proposed");
    let counter = officer(Role::Counter, false);
    assert_eq!((open_to(&office.dossier, &applicant()), open_to(&office.dossier, &counter)), (0, 1));
    let hand_over = command(act(&office.dossier, None, "hand-over", Role::Counter));
    office.does(&counter, hand_over).expect("handed over");
    assert_eq!(open_to(&office.dossier, &applicant()), 1);
}

#[test]
fn a_refusal_issues_its_own_file_and_no_draft_of_a_result() {
    let mut office = office(28_000);
    let hand_over = &mut office.procedure.workflow.steps[2].actions[0];
    (hand_over.effect, hand_over.requires) = (Effect::Refuse, vec![Requirement::ResultFile]);
    office.procedure.workflow.steps[2].status = NationalStatus::Processing;
    let done = command(act(&office.dossier, None, "done", Role::Counter));
    office.does(&officer(Role::Specialist, false), done).expect("proposed");
    let mut refuse = act(&office.dossier, None, "hand-over", Role::Counter);
    let file = refuse.result.as_mut().expect("a file");
    file.name = "từ chối.pdf".to_owned();
    office.does(&officer(Role::Counter, false), command(refuse)).expect("refused");
    let names: Vec<&str> = office.dossier.files_for(&applicant()).map(|file| file.name.as_str()).collect();
    assert_eq!((names, office.dossier.flow.results.len()), (vec!["từ chối.pdf"], 2));
}

#[test]
fn a_draft_that_was_sent_back_is_not_issued_beside_the_result() {
    let mut office = office(0);
    let back = Action::new("back", Text::default(), Effect::Advance { to: "work".into() });
    office.procedure.workflow.steps[2].actions.push(back);
    let specialist = officer(Role::Specialist, false);
    for name in ["dự thảo.pdf", "quyết định.pdf"] {
        if office.dossier.flow.processed_at.is_some() {
            let back = command(act(&office.dossier, None, "back", Role::Specialist));
            office.does(&officer(Role::Counter, false), back).expect("sent back");
            assert_eq!(open_to(&office.dossier, &applicant()), 0, "no result exists any more");
        }
        let mut done = act(&office.dossier, None, "done", Role::Counter);
        done.result.as_mut().expect("a file").name = name.to_owned();
        office.does(&specialist, command(done)).expect("done");
    }
    let names = |actor: &Actor| office.dossier.files_for(actor).map(|file| file.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&applicant()), ["quyết định.pdf"]);
    assert_eq!(names(&specialist), ["dự thảo.pdf", "quyết định.pdf"]);
}
