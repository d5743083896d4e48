//! Results that are published on a public page.

use crate::store::tamper;
use crate::told::OwnPortal;
use motcua_tests::flow::{COUNTER, Case, Office, PROCEDURE, With, workflow};
use motcua_tests::portal::{App, Kind};
use motcua_tests::walk::{self, act};

on_both_kinds! {
    a_result_is_published_once_it_is_handed_over_and_its_holder_only_if_the_author_says_so
    the_holder_that_the_register_names_is_published_and_the_applicant_is_not
}

on_both! {
    the_page_of_published_decisions_shows_no_name_that_the_author_does_not_publish
}

const HOLDER: &str = "Công ty An Bình";

/// The procedure with a register whose holder is an answer.
fn with_register() -> String {
    let company = "[[section.field]]\nid = \"company\"\nlabel = \"Công ty\"\nkind = \"text\"\nrequired = false";
    let result = "result = { name = \"Kết quả\", kind = \"thu\", number = \"{dossier}/GP\", valid = \"unlimited\", \
                  holder = \"company\" }";
    format!("{}\n{company}\n", PROCEDURE.replace("result = \"Kết quả\"", result))
}

/// Files a dossier for a company and hands its result over.
async fn give(office: &Office, company: &str) {
    let (citizen, drafts) = (office.actor("").await, &office.services.drafts);
    let draft = drafts.start_draft(&citizen, &"9.900001".into()).await.expect("a draft");
    let typed = [("deep", "false"), ("wide", "false"), ("area", "bac"), ("company", company)];
    let typed = typed.map(|(name, value)| (name.to_owned(), value.to_owned()));
    drafts.save_page(&citizen, draft, 0, &typed).await.expect("saved");
    let code = drafts.file(&citizen, draft, true).await.expect("filed");
    Case { office, code }.act(COUNTER, "done").await.expect("handed over");
}

/// Returns the published names, the name of the first decision first.
async fn holders(office: &Office) -> Vec<Option<String>> {
    let (mut found, _) = office.services.lists.published(None).await.expect("read");
    found.sort_by(|one, other| one.code.cmp(&other.code));
    found.into_iter().map(|decision| decision.holder).collect()
}

async fn the_holder_that_the_register_names_is_published_and_the_applicant_is_not(kind: Kind) {
    let thu = workflow(&["a counter | done hand-over"]);
    let procedure = format!("{}\n[publish]\nholder = true\n", with_register());
    let office = Office::open(kind, &thu, &[("procedures/so-tnmt/thu/procedure.toml", &procedure)]).await;
    give(&office, HOLDER).await;
    give(&office, "").await;
    let expected = [Some(HOLDER.to_owned()), Some("Nguyễn Văn An".to_owned())];
    assert_eq!(holders(&office).await, expected, "without an answer the applicant is the holder");

    // An older version published the applicant.
    let database = office.services.database();
    tamper(database, "UPDATE published_result SET holder = 'Nguyễn Văn An'").await;
    database.rebuild_projections().await.expect("rebuilt");
    assert_eq!(holders(&office).await, expected);
    tamper(database, "UPDATE published_result SET holder = NULL").await;
    database.rebuild_projections().await.expect("rebuilt");
    assert_eq!(holders(&office).await, [None, None], "a name that is not published stays so");
}

async fn the_page_of_published_decisions_shows_no_name_that_the_author_does_not_publish(app: App) {
    let portal = OwnPortal::serve(&app, &workflow(&["a counter | done hand-over"]), "[publish]").await;
    let (citizen, dossier) = portal.file("true").await;
    let code = dossier.trim_start_matches("/dossiers/");
    citizen.get("/published").await.ok().lacks(&[code]);
    act(&portal.officer(COUNTER).await, &dossier, "done", walk::With::default()).await.ok();
    let page = app.visitor().get("/published").await.ok().has(&[code, "Thử quy trình", "Người được cấp"]);
    page.lacks(&["Nguyễn Văn An", "0912345678"]);
}

async fn a_result_is_published_once_it_is_handed_over_and_its_holder_only_if_the_author_says_so(kind: Kind) {
    let cases = [("[publish]\nholder = true", Some("Nguyễn Văn An")), ("[publish]", None)];
    for (publish, holder) in cases {
        let thu = workflow(&["a counter | done hand-over | no refuse"]);
        let procedure = format!("{PROCEDURE}\n{publish}\n");
        let office = Office::open(kind, &thu, &[("procedures/so-tnmt/thu/procedure.toml", &procedure)]).await;
        let (given, refused) = (office.file(false, false).await, office.file(true, false).await);
        let lists = &office.services.lists;
        assert!(lists.published(None).await.expect("read").0.is_empty(), "nothing is decided");
        given.act(COUNTER, "done").await.expect("handed over");
        let no = With { note: "Không đủ điều kiện.", ..With::default() };
        refused.act_with(COUNTER, "no", no).await.expect("refused");
        let (found, has_more) = lists.published(None).await.expect("read");
        let [decision] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((decision.code.as_str(), decision.holder.as_deref()), (given.code.as_str(), holder));
        assert!(!has_more && decision.procedure.vi == "Thử quy trình", "{decision:?}");
        let after = lists.published(Some((decision.at, &decision.code))).await.expect("read").0;
        assert!(after.is_empty(), "{after:?}");
    }
}
