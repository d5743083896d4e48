//! The bounds of a procedure on its filings hold however many people file at once.

use crate::store::rows;
use jiff::SignedDuration;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::names::DossierCode;
use motcua_domain::people::organisation::Actor;
use motcua_service::{Error, Services};
use motcua_tests::flow::{COUNTER, Case, Office, PROCEDURE, With, workflow};
use motcua_tests::portal::Kind;
use uuid::Uuid;

on_both_kinds! {
    a_period_gets_as_many_dossiers_as_it_may_have_on_two_nodes_and_the_next_one_begins_anew
    a_person_with_an_open_dossier_is_led_to_it_and_files_again_after_its_end
    one_of_those_who_file_the_same_answer_at_once_is_admitted
    a_supplement_that_names_another_holder_keeps_the_bound_and_leaves_the_first_holder_to_others
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

/// Asks the owner of a dossier for a supplement, and answers with this holder.
async fn supplement(case: &Case<'_>, owner: &Actor, deep: bool) -> Result<DossierCode, Error> {
    if !case.dossier().await.may_supplement(owner) {
        case.act_with(COUNTER, "more", With { note: "Sai.", ..With::default() }).await.expect("asked");
    }
    let drafts = &case.office.services.drafts;
    let draft = drafts.start_supplement(owner, &case.code).await.expect("a draft");
    let area = if deep { "bac" } else { "nam" };
    let typed = [("deep", deep.to_string()), ("wide", "false".to_owned()), ("area", area.to_owned())];
    let typed = typed.map(|(name, value)| (name.to_owned(), value));
    drafts.save_page(owner, draft, 0, &typed).await.expect("saved");
    drafts.supplement(owner, draft).await
}

async fn a_supplement_that_names_another_holder_keeps_the_bound_and_leaves_the_first_holder_to_others(kind: Kind) {
    const COUNTED: &str = "SELECT dossier, filed_at, holder FROM counted_filing ORDER BY dossier";
    let thu = workflow(&["a counter | more request-supplement | done hand-over"]);
    let procedure = format!("one_per = \"deep\"\n{PROCEDURE}");
    let mut office = Office::open(kind, &thu, &[(FILE, &procedure)]).await;
    let (one, deep) = (office.actor("").await, office.file(true, false).await.code);
    office.next_citizen("0912345099").await;
    let (other, shallow) = (office.actor("").await, office.file(false, false).await.code);
    let before = rows(office.services.database(), COUNTED).await;

    let case = Case { office: &office, code: shallow };
    let refused = supplement(&case, &other, true).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::FiledBefore { own: None }))), "{refused:?}");
    assert_eq!(rows(office.services.database(), COUNTED).await, before);
    supplement(&case, &other, false).await.expect("a dossier does not stand in its own way");
    case.act(COUNTER, "done").await.expect("handed over");
    let case = Case { office: &office, code: deep };
    supplement(&case, &one, false).await.expect("nobody has an open dossier with this answer");

    let after = rows(office.services.database(), COUNTED).await;
    let [first, second] = before.as_slice() else { panic!("{before:?}") };
    assert_eq!((&after[0]["holder"], &after[0]["filed_at"]), (&second["holder"], &first["filed_at"]));
    office.next_citizen("0912345100").await;
    office.file(true, false).await;
}
