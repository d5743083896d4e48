//! Dossiers under way while versions, people and places change.

use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::names::{Digest, DossierCode};
use motcua_service::{DraftPart, DraftReview, Error, InputRule, ReorganiseMode};
use motcua_tests::flow::{COUNTER, Case, LEADER, Office, PROCEDURE, With, workflow};
use motcua_tests::portal::Kind;
use serde_json::json;
use std::collections::BTreeMap;
use uuid::Uuid;

on_both_kinds! {
    a_moved_dossier_is_supplemented_with_what_only_the_new_version_asks
    a_supplement_that_was_begun_before_the_move_keeps_what_was_typed_and_says_what_is_missing
}

/// The file of the procedure.
const FILE: &str = "procedures/so-tnmt/thu/procedure.toml";

/// A field that only the new version of the procedure has.
const OWNER: &str = "\n[[section.field]]\nid = \"owner\"\nlabel = \"Chủ giếng\"\nkind = \"text\"\n";

/// Returns the version that is offered.
fn offered(office: &Office) -> Digest {
    office.services.catalogue().procedure(&"9.900001".into()).expect("offered").version.clone()
}

/// Publishes a version that asks for the owner too, and moves the open dossiers to it.
async fn ask_for_the_owner(office: &mut Office) -> Digest {
    let old = offered(office);
    office.write(FILE, &format!("{PROCEDURE}{OWNER}"));
    office.reopen().await;
    let new = offered(office);
    assert_ne!(old, new);
    let moved = office.services.move_version(&old, &new, &BTreeMap::new(), "Mẫu mới", ReorganiseMode::Apply).await;
    assert_eq!(moved.expect("moved").moved.len(), 1);
    new
}

async fn review(office: &Office, draft: Uuid) -> DraftReview {
    let citizen = office.actor("nobody").await;
    let view = office.services.draft(&citizen, draft).await.expect("a draft");
    office.services.review(&view).await.expect("a review")
}

/// Returns the fields of which the review complains.
fn complaints(review: &DraftReview) -> Vec<&str> {
    review.findings.iter().map(|finding| finding.path.as_str()).collect()
}

async fn type_in(office: &Office, draft: Uuid, field: &str, answer: &str) {
    let citizen = office.actor("nobody").await;
    let typed = [("deep", "true"), ("wide", "false"), ("area", "bac"), (field, answer)];
    let typed = typed.map(|(name, value)| (name.to_owned(), value.to_owned()));
    office.services.save_page(&citizen, draft, 0, &typed).await.expect("saved");
}

/// Gives the supplement as it was reviewed now, and checks that the dossier goes on to its end.
async fn goes_on(office: &Office, code: &DossierCode, draft: Uuid) {
    let (citizen, seen) = (office.actor("nobody").await, review(office, draft).await.seen);
    office.services.supplement_reviewed(&citizen, draft, &seen).await.expect("supplemented");
    let case = Case { office, code: code.clone() };
    assert_eq!(case.dossier().await.values.get("owner"), Some(&json!("Bà Tư")));
    for (who, action) in [(COUNTER, "go"), (LEADER, "done")] {
        case.act(who, action).await.expect("it goes on");
    }
    assert_eq!(case.open().await, "end");
}

fn asking() -> String {
    workflow(&["a counter | go advance; to = 'd' | ask request-supplement", "d leader | done hand-over"])
}

async fn a_moved_dossier_is_supplemented_with_what_only_the_new_version_asks(kind: Kind) {
    let mut office = Office::open(kind, &asking(), &[]).await;
    let code = office.file(true, false).await.code;
    let new = ask_for_the_owner(&mut office).await;
    let note = With { note: "Thiếu.", ..With::default() };
    Case { office: &office, code: code.clone() }.act_with(COUNTER, "ask", note).await.expect("asked");
    let citizen = office.actor("nobody").await;
    let draft = office.services.start_supplement(&citizen, &code).await.expect("a draft");
    let first = review(&office, draft).await;
    assert_eq!(complaints(&first), ["owner"], "the page says what is missing");
    let refused = office.services.supplement_reviewed(&citizen, draft, &first.seen).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::Incomplete(_)))), "{refused:?}");
    type_in(&office, draft, "owner", "Bà Tư").await;
    assert_eq!(office.services.draft(&citizen, draft).await.expect("a draft").draft.version, new);
    goes_on(&office, &code, draft).await;
}

async fn a_supplement_that_was_begun_before_the_move_keeps_what_was_typed_and_says_what_is_missing(kind: Kind) {
    let mut office = Office::open(kind, &asking(), &[]).await;
    let case = office.file(false, true).await;
    let note = With { note: "Thiếu.", ..With::default() };
    case.act_with(COUNTER, "ask", note).await.expect("asked");
    let code = case.code;
    let citizen = office.actor("nobody").await;
    let draft = office.services.start_supplement(&citizen, &code).await.expect("a draft");
    type_in(&office, draft, "wide", "false").await;
    let before = review(&office, draft).await;
    assert!(before.complete(), "{:?}", before.findings);
    ask_for_the_owner(&mut office).await;

    let stale = office.services.supplement_reviewed(&citizen, draft, &before.seen).await;
    assert!(matches!(stale, Err(Error::Invalid(InputRule::DraftChanged))), "{stale:?}");
    let after = review(&office, draft).await;
    assert!(after.seen.changed_since(&before.seen).contains(&DraftPart::Procedure), "the page says why");
    assert_eq!(complaints(&after), ["owner"]);
    let kept = |review: &DraftReview| ["deep", "wide", "area"].map(|field| review.values.get(field).cloned());
    assert_eq!(kept(&after), kept(&before), "everything typed is still there");
    type_in(&office, draft, "owner", "Bà Tư").await;
    goes_on(&office, &code, draft).await;
}
