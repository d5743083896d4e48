//! Dossiers that somebody files for another person.

use crate::counter;
use crate::two_tabs::with;
use motcua::folder::write_binhduong;
use motcua::runtime::{BUILTIN, ProvinceFolder};
use motcua_domain::people::organisation::Actor;
use motcua_domain::time::calendar::instant;
use motcua_service::catalogue::{files, package};
use motcua_service::{PackageTrust, TimeSource};
use motcua_tests::browser::{Browser, Page};
use motcua_tests::portal::{App, morning};
use motcua_tests::walk::{self, BIRTH, CERTIFICATE, CHILD, JPEG, PARENTS, PDF};

on_both! {
    a_dossier_for_another_person_names_both_and_is_found_by_either
    a_dossier_for_an_organisation_has_its_tax_code_and_is_found_by_it
    a_counter_receives_from_one_person_for_another_and_sees_the_proof_on_paper
    nothing_is_filed_for_another_person_without_the_proof
    a_change_of_the_person_after_the_review_is_shown_before_anything_is_filed
    where_nobody_files_for_others_the_form_neither_asks_nor_listens
    facts_of_the_account_are_not_those_of_another_person
    somebody_files_once_for_each_person_where_each_has_one_dossier
}

/// The person for whom somebody files.
const PERSON: &str = "Lê Thị Bình";
const NUMBER: &str = "074190004567";

/// Another number of a person.
const OTHER_NUMBER: &str = "074085000123";

/// The first page of a form for that person.
const FOR_OTHER: &[(&str, &str)] = &[
    ("filing_for", "other"),
    ("represented_name", PERSON),
    ("represented_number", "074 190 004 567"),
    ("represented_phone", ""),
    ("represented_relation", "con gái"),
    ("do", "next"),
];

/// The first page of a form of somebody who files for themself.
const FOR_SELF: &[(&str, &str)] = &[("filing_for", "self"), ("do", "next")];

const PROOF: &str = "Giấy ủy quyền hoặc giấy tờ chứng minh quyền nộp thay";

/// Returns a package of the birth registration with other terms, for businesses, too. Its scenarios are left out, because
/// they do not say for whom they are filed.
fn package_with(terms: &str) -> Vec<u8> {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path().join("province");
    write_binhduong(&folder).expect("the sample");
    let birth = folder.join("procedures/cap-xa/dang-ky-khai-sinh");
    let file = birth.join("procedure.toml");
    let before = std::fs::read_to_string(&file).expect("the file");
    let after = before.replacen("audience = [", "audience = [\"business\", ", 1);
    let after = after.replacen("workflow = ", &format!("{terms}\nworkflow = "), 1);
    std::fs::write(&file, after).expect("written");
    std::fs::remove_dir_all(birth.join("tests")).expect("removed");
    let clock = TimeSource::set_to(instant(morning()));
    let province = ProvinceFolder::read(&folder, &clock).expect("the folder");
    let declared = province.install.by_slug("cap-xa", "dang-ky-khai-sinh").expect("declared");
    package::pack(&files(&folder), declared).expect("packed")
}

/// Offers a birth registration with other terms.
async fn offer(app: &App, terms: &str) {
    let (procedures, trust) = (&app.services.procedures, PackageTrust { keys: Vec::new(), builtin: BUILTIN });
    let version = procedures.install_package(&Actor::System, package_with(terms), None, &trust).await;
    procedures.publish(&Actor::System, &version.expect("installed")).await.expect("published");
}

/// Fills in a birth registration of which the first page asks for whom it is filed, and returns the draft's address.
async fn fill_in(citizen: &Browser, first: &[(&str, &str)]) -> String {
    let draft = walk::begin(citizen, BIRTH).await;
    citizen.post(&format!("{draft}/1"), first).await.ok();
    citizen.post(&format!("{draft}/2"), CHILD).await.ok();
    citizen.post(&format!("{draft}/3"), PARENTS).await.ok();
    citizen.upload(&format!("{draft}/papers/birth_proof"), &[], &[("file", "giấy chứng sinh.jpg", JPEG)]).await.ok();
    draft
}

/// Tries to file a draft as it was reviewed, which is refused.
async fn not_filed(citizen: &Browser, draft: &str, reviewed: &str) -> Page {
    let refused = citizen.post(&format!("{draft}/file"), &[("consent", "yes"), ("draft-reviewed", reviewed)]).await;
    assert_eq!(refused.status, 422);
    refused
}

async fn a_dossier_for_another_person_names_both_and_is_found_by_either(app: App) {
    offer(&app, "on_behalf = \"with-proof\"").await;
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    citizen.get(BIRTH).await.ok().has(&["Bạn có thể nộp thay cho người khác, kèm giấy ủy quyền"]);
    let draft = fill_in(&citizen, FOR_OTHER).await;
    let proof = format!("{draft}/papers/representation_proof");
    citizen.upload(&proof, &[], &[("file", "ủy quyền.pdf", PDF)]).await.ok();
    citizen.get(&format!("{draft}/review")).await.ok().has(&[PERSON, NUMBER, "con gái", "ủy quyền.pdf"]);
    let dossier = walk::file(&citizen, &draft).await;
    let code = dossier.trim_start_matches("/dossiers/");

    let both = ["Nộp thay cho", PERSON, NUMBER, "con gái", "Nguyễn Văn An", "0912345678", PROOF];
    citizen.get(&format!("{dossier}/receipt")).await.ok().has(&both);
    citizen.get(&dossier).await.ok().has(&both);
    let thu = app.officer("thu.phucuong").await;
    thu.get(&dossier).await.ok().has(&both);
    thu.get("/desk").await.ok().has(&[PERSON, code]);
    for typed in [NUMBER, PERSON, "nguyen van an", "0912345678"] {
        thu.post("/desk/search", &[("q", typed)]).await.ok().has(&[code, PERSON]);
    }
    let (status, form) = thu.file(&format!("{dossier}/documents/form-01.pdf")).await;
    assert!(status == 200 && form.starts_with(b"%PDF"), "{status}");

    // The dossier stays with the person who filed it, and nobody else reads it because of their name.
    citizen.get("/account").await.ok().has(&[code]);
    let namesake = app.citizen(PERSON, "0908111222").await;
    assert_eq!(namesake.get(&dossier).await.status, 404);
    namesake.get("/account").await.ok().lacks(&[code]);
}

async fn a_dossier_for_an_organisation_has_its_tax_code_and_is_found_by_it(app: App) {
    const COMPANY: &[(&str, &str)] = &[
        ("filing_for", "organisation"),
        ("represented_organisation", "Công ty An Bình"),
        ("represented_tax_code", "0100 109 106"),
        ("represented_relation", "giám đốc"),
        ("do", "next"),
    ];
    offer(&app, "on_behalf = \"anybody\"").await;
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::begin(&citizen, BIRTH).await;
    let wrong = citizen.post(&format!("{draft}/1"), &with(COMPANY, &[("represented_tax_code", "0100109107")])).await;
    assert_eq!(wrong.status, 422);
    wrong.has(&["Mã số thuế gồm 10 hoặc 13 chữ số"]);
    let draft = fill_in(&citizen, COMPANY).await;
    let dossier = walk::file(&citizen, &draft).await;
    let named = ["Nộp thay cho", "Công ty An Bình", "Mã số thuế: 0100109106", "giám đốc", "Nguyễn Văn An"];
    citizen.get(&format!("{dossier}/receipt")).await.ok().has(&named);
    let thu = app.officer("thu.phucuong").await;
    thu.get(&dossier).await.ok().has(&named);
    let found = thu.post("/desk/search", &[("q", "0100109106")]).await.ok();
    found.has(&[dossier.trim_start_matches("/dossiers/"), "Công ty An Bình"]);
}

async fn a_counter_receives_from_one_person_for_another_and_sees_the_proof_on_paper(app: App) {
    offer(&app, "on_behalf = \"with-proof\"").await;
    let thu = app.officer("thu.phucuong").await;
    let draft = counter::begin(&thu).await;
    thu.post(&format!("{draft}/1"), FOR_OTHER).await.ok();
    thu.post(&format!("{draft}/2"), CHILD).await.ok();
    thu.post(&format!("{draft}/3"), PARENTS).await.ok();
    let tick = |papers: &[&'static str]| -> Vec<(&'static str, &'static str)> {
        let seen = papers.iter().map(|paper| ("draft-seen", *paper));
        [("draft-checks", "yes")].into_iter().chain(seen).chain([("do", "next")]).collect()
    };
    let papers = format!("{draft}/papers");
    thu.upload(&papers, &tick(&["birth_proof"]), &[]).await.ok();
    let reviewed = walk::review(&thu, &draft).await;
    not_filed(&thu, &draft, &reviewed).await.has(&[&format!("Hãy đính kèm “{PROOF}”.")]);
    thu.upload(&papers, &tick(&["birth_proof", "representation_proof"]), &[]).await.ok();
    let dossier = walk::file(&thu, &draft).await;
    let receipt = thu.get(&format!("{dossier}/receipt")).await.ok();
    receipt.has(&["Nguyễn Thị Ngân", "Nộp thay cho", PERSON, NUMBER, PROOF, "Ngô Minh Thư"]);
}

async fn nothing_is_filed_for_another_person_without_the_proof(app: App) {
    offer(&app, "on_behalf = \"with-proof\"").await;
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::begin(&citizen, BIRTH).await;
    let wrong = with(FOR_OTHER, &[("represented_number", "123"), ("represented_relation", "")]);
    let page = citizen.post(&format!("{draft}/1"), &wrong).await;
    assert_eq!(page.status, 422);
    page.has(&["Lỗi:", "Số định danh cá nhân (CCCD) gồm 12 chữ số"]);

    let draft = fill_in(&citizen, FOR_OTHER).await;
    let reviewed = walk::review(&citizen, &draft).await;
    not_filed(&citizen, &draft, &reviewed).await.has(&[&format!("Hãy đính kèm “{PROOF}”.")]);

    // A person who files for themself needs none.
    citizen.post(&format!("{draft}/1"), FOR_SELF).await.ok();
    let dossier = walk::file(&citizen, &draft).await;
    citizen.get(&dossier).await.ok().lacks(&["Nộp thay cho", PERSON, NUMBER]);
    let thu = app.officer("thu.phucuong").await;
    thu.get("/desk").await.ok();
    let found = thu.post("/desk/search", &[("q", NUMBER)]).await.ok();
    found.lacks(&[dossier.trim_start_matches("/dossiers/")]);
}

async fn a_change_of_the_person_after_the_review_is_shown_before_anything_is_filed(app: App) {
    offer(&app, "on_behalf = \"anybody\"").await;
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = fill_in(&citizen, FOR_OTHER).await;
    let reviewed = walk::review(&citizen, &draft).await;
    citizen.post(&format!("{draft}/1"), &with(FOR_OTHER, &[("represented_number", OTHER_NUMBER)])).await.ok();
    let refused = not_filed(&citizen, &draft, &reviewed).await;
    refused.has(&["Số định danh cá nhân của người đó", OTHER_NUMBER]);
    let dossier = walk::file(&citizen, &draft).await;
    citizen.get(&dossier).await.ok().has(&[PERSON, OTHER_NUMBER]).lacks(&[NUMBER, PROOF]);
}

async fn where_nobody_files_for_others_the_form_neither_asks_nor_listens(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    citizen.get(BIRTH).await.ok().lacks(&["Nộp thay"]);
    let draft = walk::birth_draft(&citizen).await;
    citizen.get(&format!("{draft}/1")).await.ok().lacks(&["filing_for"]);
    citizen.post(&format!("{draft}/1"), &with(CHILD, FOR_OTHER)).await.ok();
    let dossier = walk::file(&citizen, &draft).await;
    citizen.get(&dossier).await.ok().lacks(&["Nộp thay cho", PERSON, NUMBER]);
}

async fn facts_of_the_account_are_not_those_of_another_person(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::begin(&citizen, CERTIFICATE).await;
    let second = format!("{draft}/2");
    let own = "name=\"full_name\" value=\"Nguyễn Văn An\"";
    citizen.get(&second).await.ok().has(&[own]);
    citizen.post(&format!("{draft}/1"), FOR_SELF).await.ok();
    citizen.get(&second).await.ok().has(&[own]);
    citizen.post(&format!("{draft}/1"), FOR_OTHER).await.ok();
    citizen.get(&second).await.ok().lacks(&[own]);
}

async fn somebody_files_once_for_each_person_where_each_has_one_dossier(app: App) {
    offer(&app, "on_behalf = \"anybody\"\none_per = \"applicant\"").await;
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = fill_in(&citizen, FOR_OTHER).await;
    walk::file(&citizen, &draft).await;

    let again = fill_in(&citizen, FOR_OTHER).await;
    let reviewed = walk::review(&citizen, &again).await;
    not_filed(&citizen, &again, &reviewed).await;
    let other = with(FOR_OTHER, &[("represented_name", "Lê Văn Chi"), ("represented_number", OTHER_NUMBER)]);
    citizen.post(&format!("{again}/1"), &other).await.ok();
    assert!(walk::file(&citizen, &again).await.starts_with("/dossiers/"), "for somebody else");

    let own = fill_in(&citizen, FOR_SELF).await;
    assert!(walk::file(&citizen, &own).await.starts_with("/dossiers/"), "for themself");
    let twice = fill_in(&citizen, FOR_SELF).await;
    let reviewed = walk::review(&citizen, &twice).await;
    not_filed(&citizen, &twice, &reviewed).await;
}
