//! One procedure that all communes offer from one folder.

use crate::command_line::{path, run, said};
use crate::store::tamper;
use motcua::folder::write_binhduong;
use motcua::runtime::{BUILTIN, ProvinceFolder};
use motcua_domain::people::organisation::Actor;
use motcua_domain::time::calendar::instant;
use motcua_service::catalogue::{files, package};
use motcua_service::{Error, InputRule, PackageTrust, TimeSource};
use motcua_tests::browser::{Browser, Page};
use motcua_tests::portal::{App, PASSWORD, morning, serve_again};
use motcua_tests::walk::{self, BIRTH, CHILD, JPEG, PARENTS};
use std::path::Path;

on_both! {
    the_catalogue_shows_a_procedure_once_with_the_agencies_that_offer_it
    nobody_applies_before_an_agency_is_chosen
    a_dossier_is_that_of_the_agency_that_the_applicant_chose
    an_answer_leads_to_the_agency
    drafts_for_two_agencies_stand_beside_one_another
    an_agency_takes_its_own_fees
    each_agency_has_its_own_places
    a_draft_stays_at_its_agency_when_others_begin_to_offer_the_procedure
    a_draft_stays_at_the_agency_to_which_its_answers_led_when_they_lead_no_longer
    a_draft_without_an_agency_gets_the_one_that_the_applicant_chooses
    a_package_of_another_agency_takes_no_procedure_off
}

const WHOLE: &str = "/procedures/cap-xa/dang-ky-khai-sinh";
const PHU_LOI: &str = "/procedures/ubnd-phu-loi/dang-ky-khai-sinh";
const DEATH: &str = "/procedures/cap-xa/dang-ky-khai-tu";
const FOLDER: &str = "procedures/cap-xa/dang-ky-khai-sinh";

/// Fills in a birth registration at an address up to the review, and returns the draft's address.
async fn draft_at(citizen: &Browser, address: &str) -> String {
    let draft = walk::begin(citizen, address).await;
    citizen.post(&format!("{draft}/1"), CHILD).await.ok();
    citizen.post(&format!("{draft}/2"), PARENTS).await.ok();
    citizen.upload(&format!("{draft}/papers/birth_proof"), &[], &[("file", "giấy chứng sinh.jpg", JPEG)]).await.ok();
    draft
}

async fn the_catalogue_shows_a_procedure_once_with_the_agencies_that_offer_it(app: App) {
    let visitor = app.visitor();
    let found = visitor.get("/procedures?q=khai+sinh&level=4").await.ok();
    found.has(&[WHOLE, "5 cơ quan"]).lacks(&[PHU_LOI, BIRTH]);
    let found = visitor.get("/procedures?q=khai+sinh&agency=ubnd-phu-loi").await.ok();
    found.has(&[PHU_LOI, "phường Phú Lợi"]).lacks(&[WHOLE]);
    let whole = visitor.get(WHOLE).await.ok();
    whole.has(&[PHU_LOI, BIRTH, "phường Hiệp Thành", "Chọn cơ quan thực hiện"]).lacks(&["/apply\""]);
    let some = visitor.get(&format!("{WHOLE}?agency=phu+loi")).await.ok();
    some.has(&[PHU_LOI]).lacks(&[BIRTH, "phường Hiệp Thành"]);
    visitor.get(&format!("{WHOLE}?agency=zzz")).await.ok().has(&["Không có cơ quan nào"]).lacks(&[PHU_LOI]);
    let one = visitor.get(PHU_LOI).await.ok();
    one.has(&["phường Phú Lợi", "Đường Phú Lợi", &format!("{PHU_LOI}/apply"), &format!("{WHOLE}#agencies")]);
    let hours = visitor.get("/procedures/ubnd-phu-loi/dang-ky-ket-hon").await.ok();
    hours.has(&["Giờ tiếp nhận", "sáng thứ Bảy"]).lacks(&["Xem trên bản đồ"]);
    let one = visitor.get("/procedures/so-khdt/thanh-lap-cong-ty-co-phan").await.ok();
    one.has(&["Giờ tiếp nhận", "thứ Hai đến thứ Sáu", "Xem trên bản đồ"]);
    assert_eq!(visitor.get("/procedures/ubnd-thu-dau-mot/dang-ky-khai-sinh").await.status, 404);
}

async fn nobody_applies_before_an_agency_is_chosen(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    citizen.get(WHOLE).await.ok();
    assert_eq!(citizen.post(&format!("{WHOLE}/apply"), &[]).await.ok().path, WHOLE);
    let (drafts, actor) = (&app.services.drafts, Actor::Applicant { id: "an".into(), name: "An".to_owned() });
    let unchosen = drafts.start_draft(&actor, &"1.001193".into()).await;
    assert!(matches!(unchosen, Err(Error::Invalid(InputRule::AgencyNotChosen))), "{unchosen:?}");
    let stranger = drafts.start_draft_at(&actor, &"1.001193".into(), Some(&"so-khdt".into())).await;
    assert!(matches!(stranger, Err(Error::Refused(_))), "{stranger:?}");
}

async fn a_dossier_is_that_of_the_agency_that_the_applicant_chose(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = draft_at(&citizen, PHU_LOI).await;
    citizen.get(&format!("{draft}/review")).await.ok().has(&["phường Phú Lợi"]);
    let filed = walk::file(&citizen, &draft).await;
    assert!(filed.starts_with("/dossiers/H09.33-"), "{filed}");
    citizen.get(&format!("{filed}/receipt")).await.ok().has(&["phường Phú Lợi", "0274 3822 133"]);
    let here = app.officer("nga.phuloi").await;
    let code = filed.trim_start_matches("/dossiers/");
    here.get("/desk").await.ok().has(&[code]);
    walk::act(&here, &filed, "accept", walk::With::default()).await.ok();
    let elsewhere = app.officer("thu.phucuong").await;
    elsewhere.get("/desk").await.ok().lacks(&[code]);
    assert_eq!(elsewhere.get(&filed).await.status, 404);
    let specialist = app.officer("tri.phuloi").await;
    specialist.get("/desk").await.ok().has(&[code]);
    let leader = app.officer("vinh.phuloi").await;
    leader.get("/desk/figures").await.ok().has(&["phường Phú Lợi"]);
}

/// Begins a death registration with the first page and the papers, and returns the draft's address.
async fn death_draft(citizen: &Browser) -> String {
    let draft = walk::begin(citizen, DEATH).await;
    let person = [
        ("full_name", "Nguyễn Văn An"),
        ("birth_date", "01/02/1985"),
        ("citizen_number", "074085000123"),
        ("address", "12 Yersin"),
        ("relation", "Con"),
        ("do", "next"),
    ];
    citizen.post(&format!("{draft}/1"), &person).await.ok();
    citizen.upload(&format!("{draft}/papers/death_proof"), &[], &[("file", "giấy báo tử.jpg", JPEG)]).await.ok();
    draft
}

/// Fills in the second page of a death registration, with the commune that leads to the agency, and returns the answer.
async fn deceased_in(citizen: &Browser, draft: &str, commune: &str) -> Page {
    let deceased = [
        ("deceased_name", "Nguyễn Văn Bình"),
        ("last_commune", commune),
        ("death_date", "01/02/2026"),
        ("death_place", "Tại nhà"),
        ("cause", "Tuổi già"),
        ("do", "next"),
    ];
    citizen.post(&format!("{draft}/2"), &deceased).await
}

async fn an_answer_leads_to_the_agency(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    citizen.get(DEATH).await.ok().has(&["Nơi cư trú cuối cùng", &format!("{DEATH}/apply")]);
    let draft = death_draft(&citizen).await;
    let page = citizen.get(&format!("{draft}/2")).await.ok();
    page.has(&["<option value=\"25744\"", "<option value=\"25747\""]).lacks(&["<option value=\"26740\""]);
    // No agency of the sample is in charge of this commune.
    let nowhere = deceased_in(&citizen, &draft, "26740").await;
    assert_eq!(nowhere.status, 422);
    nowhere.has(&["Không có cơ quan nào thực hiện thủ tục này", "<option value=\"26740\" selected"]);
    citizen.get(&format!("{draft}/review")).await.ok().has(&["Không có cơ quan nào thực hiện thủ tục này"]);
    deceased_in(&citizen, &draft, "25744").await.ok();
    citizen.get(&format!("{draft}/review")).await.ok().has(&["phường Phú Lợi"]).lacks(&["Không có cơ quan nào"]);
    let filed = walk::file(&citizen, &draft).await;
    assert!(filed.starts_with("/dossiers/H09.33-"), "{filed}");
}

async fn drafts_for_two_agencies_stand_beside_one_another(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let one = walk::begin(&citizen, BIRTH).await;
    let two = walk::begin(&citizen, PHU_LOI).await;
    assert_ne!(one, two);
    assert_eq!(walk::begin(&citizen, PHU_LOI).await, two, "an agency has one draft of a procedure");
    citizen.get("/account").await.ok().has(&["phường Phú Cường", "phường Phú Lợi"]);
}

/// Changes the file of the birth registration in an install folder.
fn change(dir: &Path, change: impl Fn(&str) -> String) {
    let file = dir.join(FOLDER).join("procedure.toml");
    let before = std::fs::read_to_string(&file).expect("the file");
    let after = change(&before);
    assert_ne!(before, after, "the change changes nothing");
    std::fs::write(&file, after).expect("written");
}

async fn an_agency_takes_its_own_fees(app: App) {
    let terms = "\n[[offer]]\nagency = \"ubnd-phu-loi\"\n\n[[offer.fee]]\nname = { vi = \"Lệ phí của phường\", \
                 en = \"Charge of the ward\" }\nkind = \"charge\"\namount = 7_000\n";
    change(app.dir.path(), |text| format!("{text}{terms}"));
    let citizen = Browser::new(&serve_again(app.dir.path(), app.clock.clone()).await);
    citizen.register("Nguyễn Văn An", "0912345678", PASSWORD).await;
    citizen.get(PHU_LOI).await.ok().has(&["Lệ phí của phường", "7.000"]);
    citizen.get(BIRTH).await.ok().lacks(&["Lệ phí của phường"]);
    let draft = draft_at(&citizen, PHU_LOI).await;
    citizen.get(&format!("{draft}/review")).await.ok().has(&["Lệ phí của phường", "7.000"]);
    let other = draft_at(&citizen, BIRTH).await;
    citizen.get(&format!("{other}/review")).await.ok().lacks(&["Lệ phí của phường"]);
    let filed = walk::file(&citizen, &draft).await;
    citizen.get(&format!("{filed}/receipt")).await.ok().has(&["7.000"]);
}

async fn a_draft_stays_at_its_agency_when_others_begin_to_offer_the_procedure(app: App) {
    let dir = app.dir.path();
    let alone = dir.join("procedures/ubnd-phu-cuong/dang-ky-khai-sinh");
    let rule = "offered_by = { kind = \"commune\" }\n";
    change(dir, |text| text.replacen(rule, "", 1));
    std::fs::rename(dir.join(FOLDER), &alone).expect("moved");
    let citizen = Browser::new(&serve_again(dir, app.clock.clone()).await);
    citizen.register("Nguyễn Văn An", "0912345678", PASSWORD).await;
    let draft = draft_at(&citizen, BIRTH).await;
    // A node of the version before wrote no agency.
    tamper(app.services.database(), "UPDATE draft SET agency = NULL").await;

    std::fs::rename(&alone, dir.join(FOLDER)).expect("moved back");
    change(dir, |text| text.replacen("unit = ", &format!("{rule}unit = "), 1).replacen("\"trẻ em\"", "\"em bé\"", 1));
    let citizen = Browser::new(&serve_again(dir, app.clock.clone()).await);
    citizen.log_in("0912345678", PASSWORD).await;
    citizen.get(&format!("{draft}/review")).await.ok().has(&["phường Phú Cường"]);
    let refused = citizen.post(&format!("{draft}/file"), &[("consent", "yes")]).await;
    assert_eq!(refused.status, 422);
    refused.has(&["Thủ tục đã thay đổi", "phường Phú Cường"]);
    let filed = walk::file(&citizen, &draft).await;
    assert!(filed.starts_with("/dossiers/H09.31-"), "{filed}");
}

async fn a_draft_stays_at_the_agency_to_which_its_answers_led_when_they_lead_no_longer(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = death_draft(&citizen).await;
    deceased_in(&citizen, &draft, "25744").await.ok();
    let file = app.dir.path().join("procedures/cap-xa/dang-ky-khai-tu/procedure.toml");
    let before = std::fs::read_to_string(&file).expect("the file");
    let after = before.replacen(", led_by = \"last_commune\"", "", 1);
    assert_ne!(before, after, "the change changes nothing");
    std::fs::write(&file, after).expect("written");

    let citizen = Browser::new(&serve_again(app.dir.path(), app.clock.clone()).await);
    citizen.log_in("0912345678", PASSWORD).await;
    citizen.get(&format!("{draft}/review")).await.ok().has(&["phường Phú Lợi"]);
    let refused = citizen.post(&format!("{draft}/file"), &[("consent", "yes")]).await;
    assert_eq!(refused.status, 422);
    refused.has(&["Thủ tục đã thay đổi", "phường Phú Lợi"]);
    let filed = walk::file(&citizen, &draft).await;
    assert!(filed.starts_with("/dossiers/H09.33-"), "{filed}");
}

async fn a_draft_without_an_agency_gets_the_one_that_the_applicant_chooses(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = draft_at(&citizen, BIRTH).await;
    tamper(app.services.database(), "UPDATE draft SET agency = NULL").await;
    let chosen = walk::begin(&citizen, PHU_LOI).await;
    assert_ne!(chosen, draft);
    citizen.get(&format!("{chosen}/review")).await.ok().has(&["phường Phú Lợi", "Nguyễn Minh Khôi"]);
    let filed = walk::file(&citizen, &chosen).await;
    assert!(filed.starts_with("/dossiers/H09.33-"), "{filed}");
}

#[test]
fn a_command_makes_the_folder_of_one_agency_that_of_all_agencies_of_its_kind() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path().join("province");
    write_binhduong(&folder).expect("the sample");
    let file = folder.join(FOLDER).join("procedure.toml");
    let before = std::fs::read_to_string(&file).expect("the file");
    change(&folder, |text| text.replacen("offered_by = { kind = \"commune\" }\n", "", 1));
    std::fs::rename(folder.join(FOLDER), folder.join("procedures/ubnd-phu-cuong/dang-ky-khai-sinh")).expect("moved");
    let words = ["procedure", "share", "ubnd-phu-cuong/dang-ky-khai-sinh", "cap-xa", "--dir", path(&folder)];
    said(&run(&words), 0);
    assert_eq!(std::fs::read_to_string(&file).expect("the file"), before);
    said(&run(&["check", path(&folder)]), 0);
    assert!(said(&run(&words), 1).contains("there is no procedure"));
}

/// Returns a package in which a city offers the procedure of the communes alone.
fn package_of_the_city() -> Vec<u8> {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path().join("province");
    write_binhduong(&folder).expect("the sample");
    change(&folder, |text| {
        let text = text.replacen("offered_by = { kind = \"commune\" }\n", "", 1);
        text.replacen("unit = \"tu-phap-ho-tich\"", "unit = \"tu-phap\"", 1)
    });
    std::fs::remove_dir_all(folder.join(FOLDER).join("tests")).expect("removed");
    let moved = folder.join("procedures/ubnd-thu-dau-mot/dang-ky-khai-sinh");
    std::fs::rename(folder.join(FOLDER), moved).expect("moved");
    let clock = TimeSource::set_to(instant(morning()));
    let province = ProvinceFolder::read(&folder, &clock).expect("the folder");
    let declared = province.install.by_slug("ubnd-thu-dau-mot", "dang-ky-khai-sinh").expect("declared");
    package::pack(&files(&folder), declared).expect("packed")
}

async fn a_package_of_another_agency_takes_no_procedure_off(app: App) {
    let (procedures, trust) = (&app.services.procedures, PackageTrust { keys: Vec::new(), builtin: BUILTIN });
    let bytes = package_of_the_city();
    let version = procedures.install_package(&Actor::System, bytes, None, &trust).await.expect("installed");
    let published = procedures.publish(&Actor::System, &version).await;
    assert!(matches!(published, Err(Error::Invalid(InputRule::TakesOff))), "{published:?}");
    app.visitor().get(PHU_LOI).await.ok();
    let admin = app.officer("quantri").await;
    let pending = admin.get("/admin/procedures").await.ok();
    pending.has(&["Cơ quan thực hiện: mọi cơ quan loại “commune” → ubnd-thu-dau-mot."]);

    // Nobody loses anything once the communes offer it no longer.
    procedures.retire(&Actor::System, &"1.001193".into()).await.expect("retired");
    procedures.publish(&Actor::System, &version).await.expect("published");
    app.visitor().get("/procedures/ubnd-thu-dau-mot/dang-ky-khai-sinh").await.ok();
    assert_eq!(app.visitor().get(PHU_LOI).await.status, 404);
}

async fn each_agency_has_its_own_places(app: App) {
    let file = app.dir.path().join(FOLDER).join("procedure.toml");
    let text = std::fs::read_to_string(&file).expect("the procedure");
    std::fs::write(&file, text.replacen("level = 4\n", "level = 4\nat_most = 1\n", 1)).expect("written");
    let node = serve_again(app.dir.path(), app.clock.clone()).await;
    for (phone, address, code) in [("0912345678", PHU_LOI, "H09.33-"), ("0912345679", BIRTH, "H09.31-")] {
        let citizen = Browser::new(&node);
        citizen.register("Nguyễn Văn An", phone, PASSWORD).await.ok();
        citizen.get(address).await.ok().has(&["Nhận tối đa 1 hồ sơ"]);
        let draft = draft_at(&citizen, address).await;
        let filed = walk::file(&citizen, &draft).await;
        assert!(filed.starts_with(&format!("/dossiers/{code}")), "{filed}");
    }
    let late = Browser::new(&node);
    late.register("Lê Thị Bình", "0912345670", PASSWORD).await.ok();
    let refused = late.post(&format!("{PHU_LOI}/apply"), &[]).await;
    assert_eq!(refused.status, 422);
    refused.has(&["Đã nhận đủ số hồ sơ"]);
}
