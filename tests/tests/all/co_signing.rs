//! People who sign a draft beside its applicant, by a link and a log-in of their own.

use crate::procedures::birth_package;
use crate::store::rows;
use crate::two_tabs::with;
use jiff::civil::date;
use motcua::runtime::BUILTIN;
use motcua_domain::people::organisation::Actor;
use motcua_service::PackageTrust;
use motcua_tests::browser::{Browser, Page};
use motcua_tests::portal::{App, PASSWORD};
use motcua_tests::walk::{self, BIRTH, CHILD, JPEG, PARENTS};

on_both! {
    a_draft_is_filed_when_the_person_who_signs_too_has_consented
    a_consent_to_an_earlier_content_is_void_and_the_pages_say_so
    a_person_who_declines_says_why_and_nothing_is_filed
    an_invitation_that_is_called_back_takes_its_consent_along
    every_link_that_does_not_hold_is_refused_in_the_same_way
    an_invited_person_sees_that_draft_and_nothing_else
    a_link_ends_after_five_wrong_numbers
    an_invitation_ends_with_its_draft
    an_invitation_ends_with_the_account_of_the_applicant
    an_invitation_of_a_person_who_need_not_sign_any_more_ends_with_the_filing
    a_filing_that_read_its_draft_before_an_invitation_begins_again
}

/// The number of the mother in [`PARENTS`].
pub const MOTHER: &str = "074195000321";

/// The name of the child in [`CHILD`].
const NAME: &str = "Nguyễn Minh Khôi";

/// The mother signs if three copies are wanted, so that other tests file as before.
const SIGNER: &str = "[[signer]]\nid = \"mother\"\nname = { vi = \"Người mẹ\", en = \"Mother\" }\n\
                      when = \"copies == 3\"\nidentity = \"mother_number\"\n\n[[section]]";

/// Offers a birth registration that the mother signs too, unless it is offered already.
async fn offer_signed(app: &App) {
    let offered = app.services.procedures.catalogue();
    if offered.procedure(&"1.001193".into()).is_some_and(|live| !live.procedure.signers.is_empty()) {
        return;
    }
    let (procedures, trust) = (&app.services.procedures, PackageTrust { keys: Vec::new(), builtin: BUILTIN });
    let bytes = birth_package(|text| text.replacen("[[section]]", SIGNER, 1));
    let version = procedures.install_package(&Actor::System, bytes, None, &trust).await.expect("installed");
    procedures.publish(&Actor::System, &version).await.expect("published");
}

/// Fills in a birth registration that the mother has to sign, and returns the draft's address.
pub async fn signed_draft(app: &App, citizen: &Browser) -> String {
    offer_signed(app).await;
    let draft = walk::begin(citizen, BIRTH).await;
    citizen.post(&format!("{draft}/1"), CHILD).await.ok();
    citizen.post(&format!("{draft}/2"), &with(PARENTS, &[("copies", "3")])).await.ok();
    citizen.upload(&format!("{draft}/papers/birth_proof"), &[], &[("file", "giấy chứng sinh.jpg", JPEG)]).await.ok();
    draft
}

/// Returns the fields of the form that invites the mother.
pub async fn invitation_form(citizen: &Browser, draft: &str) -> [(&'static str, String); 3] {
    let page = citizen.get(&format!("{draft}/signers")).await.ok();
    ["signer", "person", "secret"].map(|name| {
        let value = page.hidden(name).unwrap_or_else(|| panic!("{name} is not on {}", page.path));
        (name, value.to_owned())
    })
}

/// Invites the mother and returns the secret of the link.
pub async fn invite(citizen: &Browser, draft: &str) -> String {
    let form = invitation_form(citizen, draft).await;
    let fields: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let [.., (_, secret)] = &form;
    citizen.post(&format!("{draft}/signers"), &fields).await.ok().has(&[&format!("link={secret}")]);
    secret.clone()
}

/// Opens a link with the mother's number, and returns the address of the draft to sign.
pub async fn accept(mother: &Browser, secret: &str) -> String {
    mother.get(&format!("/sign?link={secret}")).await.ok();
    mother.post("/sign", &[("link", secret), ("number", MOTHER)]).await.ok().path
}

/// Returns the content that the page of a draft to sign shows.
pub async fn read(mother: &Browser, signing: &str) -> String {
    mother.get(signing).await.ok().hidden("read").expect("the content").to_owned()
}

async fn consent(mother: &Browser, signing: &str) -> Page {
    let read = read(mother, signing).await;
    mother.post(&format!("{signing}/consent"), &[("consent", "yes"), ("read", &read)]).await
}

/// Returns the applicant with a draft, and the mother.
async fn people(app: &App) -> (Browser, String, Browser) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = signed_draft(app, &citizen).await;
    (citizen, draft, app.citizen("Nguyễn Thị Ngân", "0908111222").await)
}

/// Tries to file a draft, which is refused.
async fn not_filed(citizen: &Browser, draft: &str, told: &str) {
    let reviewed = walk::review(citizen, draft).await;
    let refused = citizen.post(&format!("{draft}/file"), &[("consent", "yes"), ("draft-reviewed", &reviewed)]).await;
    assert_eq!(refused.status, 422);
    refused.has(&["còn người phải cùng ký chưa đồng ý", "Người mẹ", told]);
}

async fn a_draft_is_filed_when_the_person_who_signs_too_has_consented(app: App) {
    let (citizen, draft, mother) = people(&app).await;
    not_filed(&citizen, &draft, "Chưa được mời.").await;
    let secret = invite(&citizen, &draft).await;
    citizen.get(&format!("{draft}/signers")).await.ok().lacks(&[&secret]);
    not_filed(&citizen, &draft, "Chưa ai mở.").await;

    let link = format!("/sign?link={secret}");
    app.visitor().get(&link).await.has(&["Đăng nhập"]).lacks(&[NAME]);
    let invited = mother.get(&link).await.ok().has(&["Nguyễn Văn An", "Người mẹ"]);
    invited.lacks(&[NAME, MOTHER]);
    let wrong = mother.post("/sign", &[("link", &secret), ("number", "074195000999")]).await;
    assert_eq!(wrong.status, 422);
    wrong.has(&["Số này không phải số của người được mời ký", "aria-invalid=\"true\""]).lacks(&[NAME]);
    let spaced = format!("{} {}", &MOTHER[..6], &MOTHER[6..]);
    let open = mother.post("/sign", &[("link", &secret), ("number", &spaced)]).await.ok();
    let signing = open.path.clone();
    let open = open.has(&[NAME, MOTHER, "Bạn chưa trả lời."]);
    assert_eq!(mother.get(&link).await.ok().path, signing, "the link leads to the draft from now on");
    let file = open.between(&format!("{signing}/files/"), "\"").expect("a file").to_owned();
    assert_eq!(mother.get(&format!("{signing}/files/{file}")).await.status, 200);
    not_filed(&citizen, &draft, "Nguyễn Thị Ngân đã mở và chưa trả lời.").await;

    let read = read(&mother, &signing).await;
    let unticked = mother.post(&format!("{signing}/consent"), &[("read", &read)]).await;
    assert_eq!(unticked.status, 422);
    unticked.has(&["Lỗi:", "href=\"#consent\""]);
    consent(&mother, &signing).await.ok().has(&["Bạn đã đồng ý lúc"]);
    citizen.get(&format!("{draft}/review")).await.ok().has(&["Nguyễn Thị Ngân đã đồng ý lúc"]);
    let dossier = walk::file(&citizen, &draft).await;

    let signed = "Nguyễn Thị Ngân đã đồng ý lúc";
    citizen.get(&dossier).await.ok().has(&[signed]);
    app.officer("thu.phucuong").await.get(&dossier).await.ok().has(&[signed]);
    let code = dossier.trim_start_matches("/dossiers/");
    mother.get("/account").await.ok().has(&[&signing, "Bạn đã ký", code]);
    mother.get(&signing).await.ok().has(&[code, "Người mẹ"]).lacks(&[NAME, MOTHER]);
    assert_eq!(mother.get(&dossier).await.status, 404);
    assert_eq!(mother.get(&format!("{signing}/files/{file}")).await.status, 404);
    assert_eq!(mother.post(&format!("{signing}/decline"), &[("reason", "Đổi ý")]).await.status, 404);
}

async fn a_consent_to_an_earlier_content_is_void_and_the_pages_say_so(app: App) {
    let (citizen, draft, mother) = people(&app).await;
    let signing = accept(&mother, &invite(&citizen, &draft).await).await;
    let first = read(&mother, &signing).await;
    consent(&mother, &signing).await.ok();
    citizen.post(&format!("{draft}/1"), &with(CHILD, &[("child_name", "Tên Khác")])).await.ok();
    not_filed(&citizen, &draft, "cần đồng ý lại").await;
    mother.get(&signing).await.ok().has(&["Hồ sơ đã thay đổi từ khi bạn đồng ý", "Tên Khác"]);
    let stale = mother.post(&format!("{signing}/consent"), &[("consent", "yes"), ("read", &first)]).await;
    assert_eq!(stale.status, 422, "the page was older than the draft");
    not_filed(&citizen, &draft, "cần đồng ý lại").await;

    // A consent holds again if the content is as it was.
    citizen.post(&format!("{draft}/1"), CHILD).await.ok();
    citizen.get(&format!("{draft}/review")).await.ok().has(&["Nguyễn Thị Ngân đã đồng ý lúc"]);
    citizen.upload(&format!("{draft}/papers/birth_proof"), &[], &[("file", "khác.jpg", JPEG)]).await.ok();
    not_filed(&citizen, &draft, "cần đồng ý lại").await;
    consent(&mother, &signing).await.ok();
    assert!(walk::file(&citizen, &draft).await.starts_with("/dossiers/"));
}

async fn a_person_who_declines_says_why_and_nothing_is_filed(app: App) {
    let (citizen, draft, mother) = people(&app).await;
    let signing = accept(&mother, &invite(&citizen, &draft).await).await;
    consent(&mother, &signing).await.ok();
    let silent = mother.post(&format!("{signing}/decline"), &[("reason", "  ")]).await;
    assert_eq!(silent.status, 422);
    silent.has(&["Lỗi:", "href=\"#reason\""]);
    let english = mother.post(&format!("{signing}/decline"), &[("reason", "Sai tên con"), ("do", "language:en")]).await;
    english.ok().has(&["lang=\"en\"", "Sai tên con"]);
    mother.get("/language/vi").await.ok();
    citizen.get(&format!("{draft}/review")).await.ok().has(&["Nguyễn Thị Ngân đã đồng ý lúc"]);
    mother.post(&format!("{signing}/decline"), &[("reason", "Sai tên con")]).await.ok();
    not_filed(&citizen, &draft, "Sai tên con").await;
    consent(&mother, &signing).await.ok();
    assert!(walk::file(&citizen, &draft).await.starts_with("/dossiers/"));
}

async fn an_invitation_that_is_called_back_takes_its_consent_along(app: App) {
    let (citizen, draft, mother) = people(&app).await;
    let signing = accept(&mother, &invite(&citizen, &draft).await).await;
    consent(&mother, &signing).await.ok();
    let page = citizen.get(&format!("{draft}/signers")).await.ok();
    let invitation = page.between(&format!("{draft}/signers/"), "/revoke").expect("an invitation");
    let back = format!("{draft}/signers/{invitation}/revoke");
    let stranger = app.citizen("Trần Văn Em", "0908333444").await;
    stranger.get("/account").await.ok();
    assert_eq!(stranger.post(&back, &[]).await.status, 404);
    citizen.post(&back, &[]).await.ok().has(&["Chưa được mời."]);
    assert_eq!(mother.get(&signing).await.status, 404);
    mother.get("/account").await.ok().lacks(&[&signing]);
    not_filed(&citizen, &draft, "Chưa được mời.").await;
}

/// Opens a link, and posts the right number to it.
async fn open_link(stranger: &Browser, secret: &str) -> [Page; 2] {
    let page = stranger.get(&format!("/sign?link={secret}")).await;
    [page, stranger.post("/sign", &[("link", secret), ("number", MOTHER)]).await]
}

async fn every_link_that_does_not_hold_is_refused_in_the_same_way(app: App) {
    let (citizen, draft, mother) = people(&app).await;
    let stranger = app.citizen("Trần Văn Em", "0908333444").await;
    let replaced = invite(&citizen, &draft).await;
    let used = invite(&citizen, &draft).await;
    accept(&mother, &used).await;
    let mut answers = Vec::new();
    for secret in ["0".repeat(64), "x".to_owned(), replaced, used.clone()] {
        answers.extend(open_link(&stranger, &secret).await);
    }
    let page = citizen.get(&format!("{draft}/signers")).await.ok();
    let invitation = page.between(&format!("{draft}/signers/"), "/revoke").expect("an invitation");
    citizen.post(&format!("{draft}/signers/{invitation}/revoke"), &[]).await.ok();
    answers.extend(open_link(&stranger, &used).await);
    let expired = invite(&citizen, &draft).await;
    stranger.get(&format!("/sign?link={expired}")).await.ok();
    app.at(date(2026, 3, 20).at(9, 0, 0, 0));
    let later = app.visitor();
    later.log_in("0908333444", PASSWORD).await.ok();
    answers.extend(open_link(&later, &expired).await);
    for page in &answers {
        assert_eq!(page.status, 422, "{}", page.text());
        page.clone().has(&["Đường dẫn mời ký này không dùng được"]).lacks(&[NAME, "Người mẹ"]);
    }
    let gets: Vec<String> = answers.iter().step_by(2).map(Page::text).collect();
    assert!(gets.iter().all(|text| *text == gets[0]), "{gets:?}");
    let posts: Vec<String> = answers.iter().skip(1).step_by(2).map(Page::text).collect();
    assert!(posts.iter().all(|text| *text == posts[0]), "{posts:?}");
}

async fn an_invited_person_sees_that_draft_and_nothing_else(app: App) {
    let (citizen, draft, mother) = people(&app).await;
    let signing = accept(&mother, &invite(&citizen, &draft).await).await;
    let file = mother.get(&signing).await.ok();
    let file = file.between(&format!("{signing}/files/"), "\"").expect("a file").to_owned();
    let other = walk::company_draft(&citizen).await;
    let pages = ["review", "1", "papers", "signers"].map(|page| format!("{draft}/{page}"));
    let files = [format!("{draft}/files/{file}"), format!("/account/papers/{file}"), format!("{other}/review")];
    for path in pages.iter().chain(&files) {
        assert_eq!(mother.get(path).await.status, 404, "{path}");
    }
    for path in ["file", "1", "signers", "papers/birth_proof/combine"].map(|page| format!("{draft}/{page}")) {
        assert_eq!(mother.post(&path, &[("consent", "yes")]).await.status, 404, "{path}");
    }
    let stranger = app.citizen("Trần Văn Em", "0908333444").await;
    stranger.get("/account").await.ok();
    for browser in [&stranger, &citizen] {
        for path in [signing.clone(), format!("{signing}/files/{file}")] {
            assert_eq!(browser.get(&path).await.status, 404, "{path}");
        }
        for (path, fields) in [("consent", ("consent", "yes")), ("decline", ("reason", "Thôi"))] {
            assert_eq!(browser.post(&format!("{signing}/{path}"), &[fields]).await.status, 404, "{path}");
        }
    }
    let officer = app.officer("thu.phucuong").await;
    assert_eq!(officer.get(&signing).await.status, 403);
}

async fn a_link_ends_after_five_wrong_numbers(app: App) {
    let (citizen, draft, mother) = people(&app).await;
    let secret = invite(&citizen, &draft).await;
    mother.get(&format!("/sign?link={secret}")).await.ok();
    for _ in 0..5 {
        let wrong = mother.post("/sign", &[("link", &secret), ("number", "074195000999")]).await;
        assert_eq!(wrong.status, 422);
    }
    let ended = mother.post("/sign", &[("link", &secret), ("number", MOTHER)]).await;
    assert_eq!(ended.status, 422);
    ended.has(&["Đường dẫn mời ký này không dùng được"]);
    citizen.get(&format!("{draft}/signers")).await.ok().has(&["nhập sai số quá nhiều lần"]);
    accept(&mother, &invite(&citizen, &draft).await).await;
}

async fn an_invitation_ends_with_its_draft(app: App) {
    let (citizen, draft, mother) = people(&app).await;
    let signing = accept(&mother, &invite(&citizen, &draft).await).await;
    citizen.post(&format!("{draft}/discard"), &[]).await.ok();
    assert_eq!(mother.get(&signing).await.status, 404);
    mother.get("/account").await.ok().lacks(&[&signing]);
}

async fn an_invitation_of_a_person_who_need_not_sign_any_more_ends_with_the_filing(app: App) {
    let (citizen, draft, mother) = people(&app).await;
    let signing = accept(&mother, &invite(&citizen, &draft).await).await;
    consent(&mother, &signing).await.ok();
    citizen.post(&format!("{draft}/2"), PARENTS).await.ok();
    let dossier = walk::file(&citizen, &draft).await;
    assert!(rows(app.services.database(), "SELECT id FROM co_signing").await.is_empty());
    assert_eq!(mother.get(&signing).await.status, 404);
    mother.get("/account").await.ok().lacks(&[&signing]);
    citizen.get(&dossier).await.ok().lacks(&["Nguyễn Thị Ngân đã đồng ý lúc"]);
}

async fn a_filing_that_read_its_draft_before_an_invitation_begins_again(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = signed_draft(&app, &citizen).await;
    let changed = async || {
        let drafts = rows(app.services.database(), "SELECT updated_at FROM draft").await;
        drafts[0]["updated_at"].as_i64().expect("a moment")
    };
    let before = changed().await;
    let form = invitation_form(&citizen, &draft).await;
    let fields: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    citizen.post(&format!("{draft}/signers"), &fields).await.ok();
    let invited = changed().await;
    assert!(invited > before, "the filing knows the draft by this moment");
    citizen.post(&format!("{draft}/signers"), &fields).await.ok();
    assert_eq!(changed().await, invited, "the same form again changes nothing");
}

async fn an_invitation_ends_with_the_account_of_the_applicant(app: App) {
    let (citizen, draft, mother) = people(&app).await;
    let signing = accept(&mother, &invite(&citizen, &draft).await).await;
    citizen.get("/account/delete").await.ok();
    citizen.post("/account/delete", &[("sure", "yes"), ("password", PASSWORD)]).await.ok().has(&["Đã xóa tài khoản"]);
    assert!(rows(app.services.database(), "SELECT id FROM co_signing").await.is_empty());
    assert_eq!(mother.get(&signing).await.status, 404);
}
