//! Procedures that change while the portal runs, and every kind of question on real pages.

mod command_line;

use crate::sample;
use motcua::folder::write_binhduong;
use motcua::runtime::{BUILTIN, ProvinceFolder};
use motcua_domain::names::Digest;
use motcua_domain::people::organisation::Actor;
use motcua_domain::procedure::schema::schema;
use motcua_domain::time::calendar::instant;
use motcua_service::catalogue::{files, package};
use motcua_service::{Error, InputRule, TimeSource};
use motcua_tests::browser::{Again, Browser};
use motcua_tests::portal::{App, PASSWORD, morning};
use motcua_tests::process::motcua;
use motcua_tests::walk::{self, BIRTH, JPEG, PDF};
use std::path::Path;

on_both! {
    a_new_version_is_published_while_the_portal_runs_and_dossiers_keep_theirs
    a_bad_package_changes_nothing
    every_kind_of_question_is_asked_kept_and_shown
    who_may_not_apply_is_told_before_the_form
    what_was_answered_before_the_form_is_not_asked_again
    who_logs_in_or_registers_to_apply_is_in_the_draft_at_once
    papers_are_used_again_and_photographs_become_one_file
    the_catalogue_is_open_data
}

const BIRTH_FILE: &str = "procedures/cap-xa/dang-ky-khai-sinh/procedure.toml";

/// A package of the birth registration with `change` in its file.
pub(super) fn birth_package(change: impl Fn(&str) -> String) -> Vec<u8> {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path().join("province");
    write_binhduong(&folder).expect("the sample");
    let file = folder.join(BIRTH_FILE);
    let before = std::fs::read_to_string(&file).expect("the file");
    let after = change(&before);
    std::fs::write(&file, &after).expect("written");
    // The folder is read as an author's, without a check for mistakes, which a package may have too.
    let clock = TimeSource::set_to(instant(morning()));
    let province = ProvinceFolder::read(&folder, &clock).expect("the folder");
    match province.install.by_slug("cap-xa", "dang-ky-khai-sinh") {
        Some(declared) => package::pack(&files(&folder), declared).expect("packed"),
        None => faulty(&folder, &before, &after),
    }
}

/// Returns a package whose procedure has mistakes: the good one with its file replaced and a fitting manifest.
fn faulty(folder: &Path, before: &str, after: &str) -> Vec<u8> {
    use std::io::{Cursor, Read as _, Write as _};
    std::fs::write(folder.join(BIRTH_FILE), before).expect("written");
    let clock = TimeSource::set_to(instant(morning()));
    let province = ProvinceFolder::read(folder, &clock).expect("the folder");
    let declared = province.install.by_slug("cap-xa", "dang-ky-khai-sinh").expect("declared");
    let good = package::pack(&files(folder), declared).expect("packed");
    let mut from = zip::ZipArchive::new(Cursor::new(&good)).expect("a ZIP");
    let mut to = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let digest = |text: &str| hex::encode(<sha2::Sha256 as sha2::Digest>::digest(text));
    for at in 0..from.len() {
        let mut entry = from.by_index(at).expect("an entry");
        let name = entry.name().expect("a name").into_owned();
        let mut content = String::new();
        entry.read_to_string(&mut content).expect("text");
        let content = match name.as_str() {
            "manifest.toml" => content.replace(&digest(before), &digest(after)),
            BIRTH_FILE => after.to_owned(),
            _ => content,
        };
        to.start_file(name, zip::write::SimpleFileOptions::default()).expect("an entry");
        to.write_all(content.as_bytes()).expect("its content");
    }
    to.finish().expect("a ZIP").into_inner()
}

/// Returns the procedure with another fee and one paper more.
fn dearer(text: &str) -> String {
    let paper = "[[paper]]\nid = \"house\"\nname = { vi = \"Giấy xác nhận nơi cư trú\", en = \"Proof of residence\" }\nkind = \"copy\"\n\n[[section]]";
    text.replacen("[[section]]", paper, 1)
}

async fn a_new_version_is_published_while_the_portal_runs_and_dossiers_keep_theirs(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let filed = walk::birth(&citizen).await;
    let draft = walk::birth_draft(&citizen).await;
    let before = citizen.get(BIRTH).await.ok();
    let version = before.between("/schemas/", ".json").expect("a version").to_owned();

    // An installed version is not published.
    let admin = app.officer("quantri").await;
    admin.get("/admin/procedures").await.ok();
    let bytes = birth_package(|text| {
        // The scenarios of the sample do not know the new paper.
        dearer(text)
            .replace("kind = \"copy\"\n\n[[section]]", "kind = \"copy\"\nrequired = \"copies > 1\"\n\n[[section]]")
    });
    let shown = admin.upload("/admin/procedures/install", &[], &[("package", "khai-sinh.motcua", &bytes)]).await;
    let shown =
        shown.ok().has(&["Chờ công bố", "Thêm giấy tờ “Giấy xác nhận nơi cư trú” (bắt buộc trong một số trường hợp)."]);
    citizen.get(BIRTH).await.ok().lacks(&["Giấy xác nhận nơi cư trú"]);
    let new = shown.hidden("version").expect("the new version").to_owned();

    admin.post("/admin/procedures/publish", &[("version", &new)]).await.ok().lacks(&["Chờ công bố"]);
    citizen.get(BIRTH).await.ok().has(&[
        "Giấy xác nhận nơi cư trú",
        "Các phiên bản",
        "Thêm giấy tờ",
        &new[..12],
        &version[..12],
    ]);
    let other = app.services.procedures.publish(&Actor::System, &Digest(new.clone())).await;
    assert!(matches!(other, Err(Error::Invalid(InputRule::AlreadyPublished))), "{other:?}");

    // A draft under the old version is reviewed again. A filed dossier keeps the old version.
    let refused = citizen.post(&format!("{draft}/file"), &[("consent", "yes")]).await;
    assert_eq!(refused.status, 422);
    refused.has(&["Thủ tục đã thay đổi", "Giấy xác nhận nơi cư trú", "Nguyễn Minh Khôi"]);
    let again = citizen.post(&format!("{draft}/file"), &[("consent", "yes")]).await;
    assert_eq!(again.status, 422);
    again.has(&["Hãy đính kèm “Giấy xác nhận nơi cư trú”"]);
    citizen.upload(&format!("{draft}/papers/house"), &[], &[("file", "a.pdf", PDF)]).await.ok();
    let second = walk::file(&citizen, &draft).await;
    citizen.get(&filed).await.ok().lacks(&["Giấy xác nhận nơi cư trú"]);
    citizen.get(&second).await.ok().has(&["Giấy xác nhận nơi cư trú"]);
    for known in [&version, &new] {
        citizen
            .get(&format!("/schemas/{known}.json"))
            .await
            .ok()
            .has(&["https://json-schema.org/draft/2020-12/schema"]);
    }

    // An open dossier goes on after the procedure is retired, and a new one cannot be filed.
    let last = walk::birth_draft(&citizen).await;
    citizen.upload(&format!("{last}/papers/house"), &[], &[("file", "a.pdf", PDF)]).await.ok();
    admin.post("/admin/procedures/retire", &[("code", "1.001193")]).await.ok().has(&["Ngừng cung cấp"]);
    citizen.get(BIRTH).await.ok().has(&["không còn tiếp nhận"]).lacks(&["/apply\""]);
    citizen.get("/procedures?q=khai+sinh").await.ok().lacks(&[BIRTH]);
    let refused = citizen.post(&format!("{last}/file"), &[("consent", "yes")]).await;
    assert_eq!(refused.status, 422);
    let counter = app.officer("thu.phucuong").await;
    walk::act(&counter, &filed, "accept", walk::With::default()).await.ok();

    // Any installed version can be offered again, and the folder does not undo that when the portal starts again.
    admin.post("/admin/procedures/publish", &[("version", &version)]).await.ok();
    citizen.get(BIRTH).await.ok().has(&["Bỏ giấy tờ “Giấy xác nhận nơi cư trú”"]);
    let base = motcua_tests::portal::serve_again(app.dir.path(), app.clock.clone()).await;
    let elsewhere = Browser::new(&base);
    elsewhere.get(BIRTH).await.ok().has(&["Bỏ giấy tờ", "Ngừng cung cấp"]);
}

async fn a_bad_package_changes_nothing(app: App) {
    let admin = app.officer("quantri").await;
    admin.get("/admin/procedures").await.ok();
    let install = async |bytes: &[u8]| {
        let page = admin.upload("/admin/procedures/install", &[], &[("package", "a.motcua", bytes)]).await;
        assert_eq!(page.status, 422, "{}", page.text());
        page.lacks(&["Chờ công bố"])
    };
    let said = ["Tệp này không phải gói thủ tục dùng được.", "đây không phải là gói", "motcua procedure pack"];
    install(b"not a package").await.has(&said);
    let good = birth_package(dearer);
    let mut cut = good.clone();
    cut.truncate(good.len() / 2);
    install(&cut).await.has(&["đây không phải là gói"]);
    // Its scenarios do not know the new paper.
    install(&good).await.has(&["papers.house: paper-missing"]);
    let wrong = birth_package(|text| text.replace("kind = \"yes-no\"", "kind = \"yes-not\""));
    install(&wrong).await.has(&["procedure.toml:", "yes-not", "có phải ý bạn là `yes-no` không?"]);
    let nobody = birth_package(|text| text.replace("code = \"1.001193\"", "code = \"1.999999\""));
    install(&nobody).await.has(&["Địa chỉ này đang thuộc về một thủ tục khác"]);
    app.visitor().get(BIRTH).await.ok().lacks(&["Giấy xác nhận nơi cư trú"]);
}

const DIVIDE: &str = "/procedures/so-tnmt/tach-thua-hop-thua-dat";

/// Returns the stored values of a dossier, which are valid under the schema that their version publishes.
async fn values_under_the_published_schema(app: &App, citizen: &Browser, filed: &str) -> serde_json::Value {
    let version = citizen.get(DIVIDE).await.ok().between("/schemas/", ".json").expect("a version").to_owned();
    let published = citizen.get(&format!("/schemas/{version}.json")).await.ok();
    let json: serde_json::Value = serde_json::from_str(&published.body).expect("JSON");
    let code = motcua_domain::names::DossierCode::parse(filed.trim_start_matches("/dossiers/")).expect("a code");
    let reader = app.services.database().reader();
    let dossier = motcua_store::journal::dossier(reader, &code).await.expect("read").expect("a dossier");
    let validator = jsonschema::validator_for(&json).expect("a schema");
    let values = serde_json::Value::Object(dossier.values.clone());
    let wrong: Vec<String> =
        validator.iter_errors(&values).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(wrong.is_empty(), "{wrong:?}\n{values}");
    values
}

async fn every_kind_of_question_is_asked_kept_and_shown(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::begin(&citizen, DIVIDE).await;
    let person = [
        ("full_name", "Nguyễn Văn An"),
        ("birth_date", "1/2/1985"),
        ("citizen_number", "074085000123"),
        ("address", "12 Yersin"),
        ("do", "next"),
    ];
    citizen.post(&format!("{draft}/1"), &person).await.ok();
    let page = citizen.get(&format!("{draft}/2")).await.ok();
    let page = page.has(&[
        "multipart/form-data",
        "Tỉnh Bình Dương",
        "Cập nhật danh sách",
        "Vĩ độ, kinh độ",
        "Đất nông nghiệp",
    ]);
    page.lacks(&["Phường Phú Cường"]);

    // The page asks the server for the communes of the province, and proposes nothing that was not typed.
    let place = format!("{draft}/2");
    let begun = [("sheet", "2"), ("plot_place.province", "74"), ("do", "refresh")];
    let page = citizen.upload(&place, &begun, &[]).await.ok().has(&["Phường Phú Cường", "value=\"2\""]);
    page.lacks(&["Phường Bến Nghé", "Hãy nhập"]);

    // A wrong file is reported at its question, and the text that was typed beside it stays.
    let wrong = citizen.upload(&place, &[("sheet", "3"), ("do", "next")], &[("sketch", "a.txt", b"text")]).await;
    assert_eq!(wrong.status, 422);
    wrong.has(&["Loại tệp này không được nhận", "value=\"3\""]);

    let answers = [
        ("sheet", "2"),
        ("plot", "7"),
        ("plot_place.province", "74"),
        ("plot_place.commune", "25747"),
        ("plot_place.detail", "Khu phố 3"),
        ("border", "10.98069, 106.65138\n10.98069, 106.65148\n10.98079, 106.65148\n10.98079, 106.65138"),
        ("plot_area", "121,5"),
        ("certificate_number", "AB 123"),
        ("wish", "divide"),
        ("parts.0.area", "60"),
        ("parts.1.area", "121,6"),
        ("by_area.residential.square_metres", "121,5"),
        ("by_area.farm.square_metres", "0"),
        ("do", "next"),
    ];
    let page = citizen.upload(&place, &answers, &[("sketch", "hiện trạng.jpg", JPEG)]).await;
    assert_eq!(page.status, 422);
    page.has(&["Không được quá 121,5", "hiện trạng.jpg", "detach:"]);
    let mut mended = answers.to_vec();
    mended[10] = ("parts.1.area", "61,5");
    // The page showed other questions than before, and shows them again before it goes on.
    citizen.upload(&place, &mended, &[]).await;
    assert_eq!(citizen.upload(&place, &mended, &[]).await.ok().path, format!("{draft}/papers"));
    for paper in ["application", "certificate", "drawing"] {
        citizen.upload(&format!("{draft}/papers/{paper}"), &[], &[("file", "a.pdf", PDF)]).await.ok();
    }
    let review = citizen.get(&format!("{draft}/review")).await.ok();
    review.has(&["Phường Phú Cường", "4 điểm, khoảng", "hiện trạng.jpg", "Đất ở", "121,5 m²"]);
    let filed = walk::file(&citizen, &draft).await;
    let shown = citizen.get(&filed).await.ok().has(&["Phường Phú Cường", "4 điểm, khoảng", "Khu phố 3"]);
    assert!(
        shown.body.contains("<polygon points=\"0.0,100.0 98.2,100.0 98.2,0.0 0.0,0.0 0.0,100.0\"/>"),
        "its outline"
    );

    let values = values_under_the_published_schema(&app, &citizen, &filed).await;
    assert_eq!(values["border"]["coordinates"][0].as_array().map(Vec::len), Some(5));
    assert_eq!(values["plot_place"]["commune"], serde_json::json!({"code": "25747", "name": "Phường Phú Cường"}));
}

const LICENCE: &str = "/procedures/so-gtvt/doi-giay-phep-lai-xe";

async fn who_may_not_apply_is_told_before_the_form(app: App) {
    let visitor = app.visitor();
    let page = visitor.get(LICENCE).await.ok().has(&["Tôi có nộp được không?", "8 ngày làm việc", "Tải mẫu để điền"]);
    let template = format!("/templates/{}", page.between("/templates/", "\"").expect("a form"));
    let form = visitor.get(&template).await.ok();
    assert!(form.headers["content-disposition"].to_str().expect("plain").contains("attachment"));
    let at = format!("{LICENCE}/eligibility");
    visitor.get(&at).await.ok().has(&["Ba câu hỏi"]).lacks(&["Chưa đủ điều kiện", "/apply\""]);
    visitor.post(&at, &[("by_transport", "true")]).await.ok().has(&["Hãy nhập"]).lacks(&["/apply\""]);
    let no = [("by_transport", "true"), ("revoked", "true"), ("overdue_months", "4")];
    let page = visitor.post(&at, &no).await.ok().has(&["Chưa đủ điều kiện", "đang bị tước", "sát hạch lại"]);
    page.lacks(&["quân đội", "/apply\""]);
    let yes = [("by_transport", "true"), ("revoked", "false"), ("overdue_months", "2")];
    visitor.post(&at, &yes).await.ok().has(&["Bạn đủ điều kiện", "/apply\""]);
    assert_eq!(visitor.get(&format!("{BIRTH}/eligibility")).await.status, 404, "it asks nothing beforehand");
}

const ALLOWANCE: &str = "/procedures/ubnd-phu-cuong/tro-cap-xa-hoi-hang-thang-cho-nguoi-cao-tuoi";

async fn what_was_answered_before_the_form_is_not_asked_again(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let given = [("ground", "80"), ("pension", "false")];
    let page = citizen.post(&format!("{ALLOWANCE}/eligibility"), &given).await.ok().has(&["Bạn đủ điều kiện"]);
    for hidden in ["type=\"hidden\" name=\"ground\" value=\"80\"", "type=\"hidden\" name=\"pension\" value=\"false\""] {
        assert!(page.body.contains(hidden), "{hidden}");
    }
    let first = citizen.post(&format!("{ALLOWANCE}/apply"), &given).await.ok();
    let draft = first.path.trim_end_matches("/1").to_owned();
    let answered = "<strong>Từ đủ 80 tuổi, không có lương hưu</strong>";
    citizen.get(&format!("{draft}/2")).await.ok().has(&[answered, "<strong>Không</strong>", "đã hỏi trước tờ khai"]);
    let review = format!("{draft}/review");
    citizen.get(&review).await.ok().has(&["đã hỏi trước tờ khai"]).lacks(&["không thuộc diện này"]);

    // The answer can be changed, and the form keeps the condition.
    let changed = [("ground", "80"), ("pension", "true"), ("pension_kind", "Lương hưu"), ("do", "next")];
    let broken = citizen.post(&format!("{draft}/2"), &changed).await;
    assert_eq!(broken.status, 422, "the page says which condition is not met");
    citizen.get(&review).await.ok().has(&["không thuộc diện này"]);

    // A draft that was begun has other answers now, and the applicant chooses between them.
    let choice = ["Bạn có bản nháp đang làm dở với câu trả lời khác", "value=\"keep-begun\"", "value=\"take-given\""];
    for address in ["eligibility", "apply"] {
        citizen.post(&format!("{ALLOWANCE}/{address}"), &given).await.ok().has(&choice);
    }
    let same = [("ground", "80"), ("pension", "true")];
    let again = citizen.post(&format!("{ALLOWANCE}/apply"), &same).await.ok();
    assert_eq!(again.path, first.path, "there is nothing to choose");
    for (wish, broken) in [("keep-begun", true), ("take-given", false)] {
        let chosen = [("ground", "80"), ("pension", "false"), ("do", wish)];
        assert_eq!(citizen.post(&format!("{ALLOWANCE}/apply"), &chosen).await.ok().path, first.path);
        let page = citizen.get(&review).await.ok();
        assert_eq!(page.body.contains("không thuộc diện này"), broken, "{wish}");
    }

    // Without answers before it, the form asks.
    let other = app.citizen("Trần Thị Bình", "0912345679").await;
    let draft = walk::begin(&other, ALLOWANCE).await;
    other.get(&format!("{draft}/2")).await.ok().lacks(&["đã hỏi trước tờ khai"]);
}

/// Presses "apply" without a log-in on the page of a procedure, or on that of the questions before its form, and returns
/// the log-in.
async fn asked_to_log_in(visitor: &Browser, procedure: &str, answers: &[(&str, &str)]) -> Again {
    let questions = if answers.is_empty() { "" } else { "/eligibility" };
    visitor.get(&format!("{procedure}{questions}")).await.ok();
    let asked = visitor.post(&format!("{procedure}/apply"), answers).await;
    assert_eq!(asked.status, 401);
    asked.has(&["Hãy đăng nhập để nộp hồ sơ"]).lacks(&["hết hạn"]).form_to("/login").expect("a log-in")
}

async fn who_logs_in_or_registers_to_apply_is_in_the_draft_at_once(app: App) {
    app.citizen("Nguyễn Văn An", "0912345678").await;
    let visitor = app.visitor();
    let given = [("ground", "80"), ("pension", "false")];
    let mut login = asked_to_log_in(&visitor, ALLOWANCE, &given).await;
    let typed = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    login.fields.extend([typed("login", "0912345678"), typed("password", "sai")]);
    let wrong = visitor.send_again(&login).await;
    assert_eq!(wrong.status, 422);
    let mut login = wrong.form_to("/login").expect("a log-in");
    login.fields.extend([typed("login", "0912345678"), typed("password", PASSWORD)]);
    let page = visitor.send_again(&login).await.ok();
    let draft = page.path.strip_suffix("/1").expect("the first page of the form").to_owned();
    assert!(draft.starts_with("/drafts/"), "{draft}");
    visitor.get(&format!("{draft}/2")).await.ok().has(&["đã hỏi trước tờ khai"]);

    let visitor = app.visitor();
    let login = asked_to_log_in(&visitor, BIRTH, &[]).await;
    let mut open = Again { action: "/register".to_owned(), ..login };
    open.fields.push(typed("do", "open"));
    let mut register = visitor.send_again(&open).await.ok().form_to("/register").expect("a registration");
    let person = [("name", "Trần Thị Bình"), ("phone", "0912345679"), ("email", ""), ("password", PASSWORD)];
    register.fields.extend(person.map(|(name, value)| typed(name, value)));
    let page = visitor.send_again(&register).await.ok().has(&["Đăng xuất"]);
    assert!(page.path.starts_with("/drafts/") && page.path.ends_with("/1"), "{}", page.path);

    // An officer does not apply, and a link alone begins nothing.
    let visitor = app.visitor();
    let mut login = asked_to_log_in(&visitor, BIRTH, &[]).await;
    login.fields.extend([typed("login", "thu.phucuong"), typed("password", PASSWORD)]);
    visitor.send_again(&login).await.ok().has(&["Gửi tiếp"]);
    let visitor = app.visitor();
    let apply = format!("{BIRTH}/apply");
    visitor.get(&format!("/login?next={apply}")).await.ok();
    let account = [("login", "0912345679"), ("password", PASSWORD), ("next", apply.as_str())];
    assert_eq!(visitor.post("/login", &account).await.ok().path, BIRTH);
}

async fn papers_are_used_again_and_photographs_become_one_file(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::begin(&citizen, BIRTH).await;
    let papers = format!("{draft}/papers");
    let at = format!("{papers}/birth_proof");
    let photos: &[(&str, &str, &[u8])] = &[("file", "mặt trước.jpg", JPEG), ("file", "mặt sau.jpg", JPEG)];
    citizen.upload(&at, &[], photos).await.ok().has(&["Ghép các ảnh"]);
    citizen.post(&format!("{at}/combine"), &[]).await.ok().has(&[".pdf"]).lacks(&["mặt trước.jpg</a>", "Ghép các ảnh"]);
    let file = citizen.get(&papers).await.ok().between(&format!("{draft}/files/"), "\"").expect("a file").to_owned();
    let pdf = citizen.get(&format!("{draft}/files/{file}")).await.ok();
    assert!(pdf.body.starts_with("%PDF-"));
    citizen.post(&format!("{at}/combine"), &[]).await.ok().has(&[".pdf"]);
    citizen.upload(&at, &[], &[("file", "mặt sau.jpg", JPEG)]).await.ok();
    assert_eq!(citizen.post(&format!("{at}/combine"), &[]).await.status, 422, "there are no two photographs");

    // In another draft the same paper is proposed, and nobody else can have it.
    let other = walk::begin(&citizen, walk::COMPANY).await;
    let proposed = citizen.get(&format!("{other}/papers")).await.ok().has(&["Dùng lại giấy tờ đã có"]);
    assert!(proposed.text().contains("birth_proof") || proposed.body.contains(&file));
    let (same, others) = ("<optgroup label=\"Bạn đã nộp cho giấy tờ này\">", "<optgroup label=\"Giấy tờ khác\">");
    proposed.has(&[others]).lacks(&[same]);
    citizen.post(&format!("{draft}/discard"), &[]).await.ok();
    let again = walk::begin(&citizen, BIRTH).await;
    citizen.get(&format!("{again}/papers")).await.ok().has(&[same]);
    let reuse = format!("{other}/papers/charter/reuse");
    citizen.post(&reuse, &[("paper", &file)]).await.ok().has(&[&format!("{other}/files/{file}")]);
    let stranger = app.citizen("Trần Văn Em", "0908111222").await;
    let theirs = walk::begin(&stranger, walk::COMPANY).await;
    stranger.get(&format!("{theirs}/papers")).await.ok();
    assert_eq!(stranger.post(&format!("{theirs}/papers/charter/reuse"), &[("paper", &file)]).await.status, 404);
    assert_eq!(stranger.get(&format!("/account/papers/{file}")).await.status, 404);

    // A paper that is removed from the wallet stays where it was attached.
    citizen.get("/account/papers").await.ok().has(&[&file]);
    citizen.post(&format!("/account/papers/{file}/forget"), &[]).await.ok().lacks(&[&file]);
    citizen.get(&format!("{other}/files/{file}")).await.ok();
}

async fn the_catalogue_is_open_data(app: App) {
    let visitor = app.visitor();
    let json =
        |page: &motcua_tests::browser::Page| serde_json::from_str::<serde_json::Value>(&page.body).expect("JSON");
    let catalogue = json(&visitor.get("/catalogue.json").await.ok());
    assert_eq!(catalogue["procedures"].as_array().map(Vec::len), Some(sample::procedures()));
    let linked = json(&visitor.get("/catalogue.jsonld").await.ok());
    assert_eq!(linked["dcat:service"].as_array().map(Vec::len), Some(sample::procedures()));
    let page = visitor.get(BIRTH).await.ok();
    let inside = page.between("<script type=\"application/ld+json\">", "</script>").expect("linked data");
    let inside: serde_json::Value = serde_json::from_str(inside).expect("JSON");
    assert_eq!(inside["@type"], "GovernmentService");
    assert_eq!(inside["identifier"], "1.001193");
    let filtered = visitor.get("/procedures?level=4&audience=business&agency=so-khdt").await.ok();
    filtered.has(&["/procedures/so-khdt/"]).lacks(&["/procedures/so-tnmt/"]);
}

#[test]
fn editors_check_the_files_with_the_schemas_that_are_shipped() {
    // Editors run taplo for TOML, and scripts/test installs it.
    let taplo = std::env::var("TAPLO").unwrap_or_else(|_| "taplo".to_owned());
    let dir = tempfile::tempdir().expect("a folder");
    let made = motcua().arg("schema").arg(dir.path()).output().expect("the binary runs");
    assert!(made.status.success());
    let schema = format!("file://{}", dir.path().join("procedure.schema.json").display());
    let lint = |file: &Path| {
        let run = std::process::Command::new(&taplo)
            .args(["lint", "--no-auto-config", "--schema", &schema])
            .arg(file)
            .output();
        let run = run.expect("taplo runs; scripts/test installs it");
        (run.status.success(), String::from_utf8_lossy(&run.stderr).into_owned())
    };
    let folder = dir.path().join("province");
    write_binhduong(&folder).expect("the sample");
    let file = folder.join(BIRTH_FILE);
    let (good, said) = lint(&file);
    assert!(good, "{said}");
    let text = std::fs::read_to_string(&file).expect("the file");
    for (from, to) in
        [("audience =", "audiense ="), ("kind = \"yes-no\"", "kind = \"yes-not\""), ("level = 4", "level = 9")]
    {
        assert!(text.contains(from));
        std::fs::write(&file, text.replace(from, to)).expect("written");
        assert!(!lint(&file).0, "{to}");
    }
}

#[test]
fn every_sample_procedure_has_a_schema_that_is_one() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path().join("province");
    write_binhduong(&folder).expect("the sample");
    let today = jiff::civil::date(2026, 11, 24);
    let found = motcua_service::catalogue::load(&folder, &BUILTIN, today);
    assert_eq!(found.install.declared.len(), sample::procedures());
    for procedure in found.install.procedures() {
        let schema = schema(procedure, "https://motcua.example/schemas/0.json");
        jsonschema::meta::validate(&schema).unwrap_or_else(|error| panic!("{}: {error}", procedure.slug));
        jsonschema::validator_for(&schema).unwrap_or_else(|error| panic!("{}: {error}", procedure.slug));
    }
}
