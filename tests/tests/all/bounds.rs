//! The bounds of a procedure on its filings hold however many people file at once.

use jiff::SignedDuration;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::names::DossierCode;
use motcua_domain::people::organisation::Actor;
use motcua_service::{Error, Services};
use motcua_tests::flow::{COUNTER, Office, PROCEDURE, workflow};
use motcua_tests::portal::Kind;
use uuid::Uuid;

on_both_kinds! {
    a_period_gets_as_many_dossiers_as_it_may_have_on_two_nodes_and_the_next_one_begins_anew
    a_person_with_an_open_dossier_is_led_to_it_and_files_again_after_its_end
    one_of_those_who_file_the_same_answer_at_once_is_admitted
}

/// The file of the office's procedure.
const FILE: &str = "procedures/so-tnmt/thu/procedure.toml";

/// Opens an office whose procedure has these bounds.
async fn bounded(kind: Kind, bounds: &str) -> Office {
    let thu = workflow(&["a counter | done hand-over"]);
    Office::open(kind, &thu, &[(FILE, &format!("{bounds}\n{PROCEDURE}"))]).await
}

/// Returns drafts of so many people.
async fn drafts(office: &mut Office, people: usize) -> Vec<(Actor, Uuid)> {
    let mut drafts = Vec::new();
    for number in 0..people {
        office.next_citizen(&format!("09123450{number:02}")).await;
        drafts.push((office.actor("").await, office.draft(false, false).await));
    }
    drafts
}

/// Files drafts at once on two nodes, and returns what came of each.
async fn file_at_once(nodes: [&Services; 2], drafts: &[(Actor, Uuid)]) -> Vec<Result<DossierCode, Error>> {
    let filings = drafts.iter().zip(nodes.into_iter().cycle());
    let filings = filings.map(|((citizen, draft), node)| node.drafts.file(citizen, *draft, true));
    futures::future::join_all(filings).await
}

async fn a_period_gets_as_many_dossiers_as_it_may_have_on_two_nodes_and_the_next_one_begins_anew(kind: Kind) {
    let mut office = bounded(kind, "at_most = 3\nat_most_per = \"day\"").await;
    let drafts = drafts(&mut office, 8).await;
    let node = office.another_node().await;
    let filed = file_at_once([&office.services, &node], &drafts).await;
    let (done, refused): (Vec<_>, Vec<_>) = drafts.iter().zip(filed).partition(|(_, filed)| filed.is_ok());
    assert_eq!(done.len(), 3);
    for (_, filed) in &refused {
        assert!(matches!(filed, Err(Error::Refused(Refusal::NoPlaceLeft))), "{filed:?}");
    }
    let ((citizen, draft), _) = refused.first().expect("a person who was too late");
    let again = office.services.drafts.start_draft(citizen, &"9.900001".into()).await;
    assert!(again.is_ok_and(|again| again == *draft), "the draft is kept");
    office.clock.set(office.clock.now() + SignedDuration::from_hours(24));
    node.drafts.file(citizen, *draft, true).await.expect("another day has places");
}

async fn a_person_with_an_open_dossier_is_led_to_it_and_files_again_after_its_end(kind: Kind) {
    let office = bounded(kind, "one_per = \"applicant\"").await;
    let (citizen, first) = (office.actor("").await, office.file(false, false).await);
    let refused = office.services.drafts.start_draft(&citizen, &"9.900001".into()).await;
    let Err(Error::Refused(Refusal::FiledBefore { own })) = refused else { panic!("{refused:?}") };
    assert_eq!(own, Some(first.code.clone()));
    first.act(COUNTER, "done").await.expect("handed over");
    office.file(false, false).await;
}

async fn one_of_those_who_file_the_same_answer_at_once_is_admitted(kind: Kind) {
    let mut office = bounded(kind, "one_per = \"deep\"\none_while = \"ever\"").await;
    let drafts = drafts(&mut office, 5).await;
    let node = office.another_node().await;
    let filed = file_at_once([&office.services, &node], &drafts).await;
    assert_eq!(filed.iter().filter(|filed| filed.is_ok()).count(), 1);
    for filed in filed.iter().filter(|filed| filed.is_err()) {
        let is_told = matches!(filed, Err(Error::Refused(Refusal::FiledBefore { own: None })));
        assert!(is_told, "the code of another person's dossier is told to nobody: {filed:?}");
    }
    office.next_citizen("0912345099").await;
    office.file(true, false).await;
}
