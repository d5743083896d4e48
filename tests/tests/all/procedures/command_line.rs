//! Procedures on the command line.

use motcua_tests::process::{Server, motcua};
use motcua_tests::walk;
use std::path::Path;

/// Runs a command on the install folder, and returns its output.
fn run(dir: &Path, words: &[&str]) -> String {
    let output = motcua().args(words).arg("--dir").arg(dir).output().expect("the binary runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words:?}: {said}");
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_publishes_on_a_portal_that_runs() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path().join("tinh");
    let made = motcua().args(["init"]).arg(&folder).output().expect("the binary runs");
    assert!(made.status.success());
    let server = Server::start(&folder, &[]).await.expect("it serves");
    let visitor = motcua_tests::browser::Browser::new(&server.base);
    assert_eq!(visitor.get("/procedures/ubnd-xa/moi").await.status, 404);

    let new = ["procedure", "new", "ubnd-xa/moi", "--code", "1.234567", "--name", "Thủ tục mới", "--unit", "van-phong"];
    let more = ["--field", "Cư trú", "--limit", "2 working-days", "--result", "Văn bản", "--workflow", "one-stop"];
    run(&folder, &[&new[..], &more].concat());
    let pack = dir.path().join("moi.motcua");
    let pack = pack.to_str().expect("plain");
    assert!(run(&folder, &["procedure", "diff", "ubnd-xa/moi"]).contains("is not offered yet"));
    assert!(run(&folder, &["procedure", "pack", "ubnd-xa/moi", "--out", pack]).contains("version"));
    let installed = run(&folder, &["procedure", "install", pack]);
    let version = installed.split("Installed version ").nth(1).and_then(|rest| rest.get(..12)).expect("a version");
    assert_eq!(visitor.get("/procedures/ubnd-xa/moi").await.status, 404, "installed is not published");
    run(&folder, &["procedure", "publish", version]);
    // The portal looks every second, and nobody notifies it.
    let mut status = 404;
    for _ in 0..50_000 {
        status = visitor.get("/procedures/ubnd-xa/moi").await.status;
        if status == 200 {
            break;
        }
    }
    assert_eq!(status, 200, "published without a restart");

    // The command prints the changes for the citizen first, and the folder is published as it is.
    let file = folder.join("procedures/ubnd-xa/moi/procedure.toml");
    let text = std::fs::read_to_string(&file).expect("the file");
    std::fs::write(&file, text.replace("2 working-days", "4 working-days")).expect("written");
    let told = run(&folder, &["procedure", "diff", "ubnd-xa/moi"]);
    assert!(told.contains("2 working days → 4 working days"), "{told}");
    let told = run(&folder, &["procedure", "diff", pack, "ubnd-xa/moi"]);
    assert!(told.contains("4 working days → 2 working days"), "{told}");
    run(&folder, &["procedure", "publish", "ubnd-xa/moi"]);
    run(&folder, &["procedure", "retire", "1.234567"]);
    let listed = motcua().args(["procedure", "list", "--published"]).arg(&folder).output().expect("the binary runs");
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(listed.contains("retired") && listed.contains("1.234567"), "{listed}");
}

#[test]
fn an_installed_version_keeps_the_text_of_its_author_byte_for_byte() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path().join("tinh");
    assert!(motcua().arg("init").arg(&folder).output().expect("the binary runs").status.success());
    run(&folder, &["migrate"]);
    let at = "ubnd-xa/xac-nhan-cu-tru";
    let file = folder.join("procedures").join(at).join("procedure.toml");
    let text = std::fs::read_to_string(&file).expect("the file").replace('\n', "\r\n");
    let text = format!("# Ghi chú của người soạn\r\n{text}\r\n# hết");
    std::fs::write(&file, &text).expect("written");
    let pack = dir.path().join("a.motcua");
    let pack = pack.to_str().expect("plain");
    run(&folder, &["procedure", "pack", at, "--out", pack]);
    // The folder changes afterwards, and the package is what counts.
    std::fs::write(&file, text.replace("hết", "khác")).expect("written");
    let installed = run(&folder, &["procedure", "install", pack]);
    let version = installed.split("Installed version ").nth(1).and_then(|rest| rest.get(..12)).expect("a version");
    let read = ["procedure", "source", version, "--dir"];
    let output = motcua().args(read).arg(&folder).output().expect("the binary runs");
    assert_eq!(String::from_utf8_lossy(&output.stdout), text);
    let out = dir.path().join("source");
    run(&folder, &["procedure", "source", version, "--out", out.to_str().expect("plain")]);
    let same = |name: &str| {
        let read = |folder: &Path| std::fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(read(&out), read(&folder), "{name}");
    };
    same("workflows/one-stop.toml");
    same("procedures/ubnd-xa/xac-nhan-cu-tru/tests/straight.toml");
    assert_eq!(std::fs::read(out.join("procedures").join(at).join("procedure.toml")).expect("read"), text.as_bytes());
}

#[test]
fn a_portal_that_trusts_keys_takes_only_packages_that_they_signed() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path().join("tinh");
    assert!(motcua().arg("init").arg(&folder).output().expect("the binary runs").status.success());
    let pair = minisign::KeyPair::generate_unencrypted_keypair().expect("a key");
    let key = dir.path().join("key");
    std::fs::write(&key, pair.sk.to_box(None).expect("a box").into_string()).expect("written");
    let settings = folder.join("motcua.toml");
    let trusting = format!("trusted_keys = [\"{}\"]\n", pair.pk.to_base64());
    let text = std::fs::read_to_string(&settings).expect("the settings");
    std::fs::write(&settings, trusting + &text).expect("written");
    run(&folder, &["migrate"]);

    let agency = folder.join("procedures/ubnd-xa");
    let slug = std::fs::read_dir(&agency).expect("a folder").next().expect("one").expect("read").file_name();
    let at = format!("ubnd-xa/{}", slug.to_string_lossy());
    let file = dir.path().join("a.motcua");
    let pack = ["procedure", "pack", &at, "--out", file.to_str().expect("plain")];
    let install = |signed: bool| {
        let mut packing = motcua();
        packing.args(pack).arg("--dir").arg(&folder).env("MINISIGN_PASSWORD", "");
        if signed {
            packing.arg("--sign").arg(&key);
        }
        let packed = packing.output().expect("the binary runs");
        assert!(packed.status.success(), "{}", String::from_utf8_lossy(&packed.stderr));
        let mut installing = motcua();
        installing.args(["procedure", "install"]).arg(&file).arg("--dir").arg(&folder);
        let output = installing.output().expect("the binary runs");
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (taken, said) = install(false);
    assert!(!taken && said.contains("packages must be signed here"), "{said}");
    assert!(install(true).0);
    // The signature is for other bytes.
    let mut bytes = std::fs::read(&file).expect("the package");
    bytes.push(0);
    std::fs::write(&file, bytes).expect("written");
    let output = motcua().args(["procedure", "install"]).arg(&file).arg("--dir").arg(&folder).output();
    let output = output.expect("the binary runs");
    assert!(String::from_utf8_lossy(&output.stderr).contains("none of the trusted keys"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_shows_the_pages_as_the_author_saves() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path().join("tinh");
    assert!(motcua().args(["init"]).arg(&folder).output().expect("the binary runs").status.success());
    let server = Server::preview(&folder).await.expect("it serves");
    let author = motcua_tests::browser::Browser::new(&server.base);
    let agency = folder.join("procedures/ubnd-xa");
    let slug = std::fs::read_dir(&agency).expect("a folder").next().expect("one").expect("read").file_name();
    let page = format!("/procedures/ubnd-xa/{}", slug.to_string_lossy());
    author.get(&page).await.ok().has(&["Xem trước", "/preview.js", "Người xem trước"]);
    let seen = author.get("/preview/changes").await.ok().body;
    let file = agency.join(&slug).join("procedure.toml");
    let text = std::fs::read_to_string(&file).expect("the file");

    std::fs::write(&file, text.replace("1 working-day", "1 workin-day")).expect("written");
    // The page waits for the change, and is answered when it has come.
    let broken = author.get(&format!("/preview/changes?seen={seen}")).await.ok().body;
    author.get(&page).await.ok().has(&["bad-limit", "1 workin-day", "1 ngày làm việc"]);
    std::fs::write(&file, text.replace("1 working-day", "7 working-days")).expect("written");
    author.get(&format!("/preview/changes?seen={broken}")).await.ok();
    author.get(&page).await.ok().has(&["7 ngày làm việc"]).lacks(&["bad-limit"]);
    let draft = walk::begin(&author, &page).await;
    author.get(&format!("{draft}/1")).await.ok().has(&["Họ và tên"]);
}

#[test]
fn commands_change_the_named_bytes_of_a_procedure_or_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path().join("tinh");
    assert!(motcua().args(["init"]).arg(&folder).output().expect("the binary runs").status.success());
    let at = "ubnd-xa/xac-nhan-cu-tru";
    let file = folder.join("procedures").join(at).join("procedure.toml");
    let read = || std::fs::read_to_string(&file).expect("the file");
    let before = format!("# Ghi chú\n{}", read());
    std::fs::write(&file, &before).expect("written");
    assert!(run(&folder, &["procedure", "set", at, "limit", "2 working-days"]).contains("set limit"));
    assert_eq!(read(), before.replacen("limit = \"1 working-day\"", "limit = \"2 working-days\"", 1));
    run(&folder, &["procedure", "set", at, "limit", "1 working-day"]);
    assert_eq!(read(), before);
    let scenario = folder.join("procedures").join(at).join("tests/straight.toml");
    let text = std::fs::read_to_string(&scenario).expect("the file");
    run(&folder, &["procedure", "set", at, "name", "Khác", "--file", "tests/straight.toml"]);
    let after = std::fs::read_to_string(&scenario).expect("the file");
    let others = |text: &str| text.lines().filter(|line| !line.starts_with("name = ")).collect::<Vec<_>>().join("\n");
    assert!(after.contains("name = \"Khác\"") && others(&after) == others(&text), "{after}");
    run(
        &folder,
        &["procedure", "set", at, "step[processing].limit", "2 working-hours", "--file", "workflows/one-stop.toml"],
    );
    run(
        &folder,
        &["procedure", "set", at, "step[processing].limit", "3 working-hours", "--file", "workflows/one-stop.toml"],
    );
    // A value that is a mistake is not written.
    let wrong = ["procedure", "set", at, "unit", "nowhere", "--dir"];
    let output = motcua().args(wrong).arg(&folder).output().expect("the binary runs");
    assert!(!output.status.success() && String::from_utf8_lossy(&output.stderr).contains("nothing has changed"));
    assert_eq!(read(), before);
    // A renaming is listed first.
    let rename = ["procedure", "rename", at, "step", "approval", "signature"];
    let listed = run(&folder, &rename);
    assert!(listed.contains("workflows/one-stop.toml:") && listed.contains("Rename with --write"), "{listed}");
    let workflow = folder.join("workflows/one-stop.toml");
    let text = std::fs::read_to_string(&workflow).expect("the file");
    assert!(text.contains("to = \"approval\""), "{text}");
    run(&folder, &[&rename[..], &["--write"]].concat());
    let after = std::fs::read_to_string(&workflow).expect("the file");
    assert_eq!(after, text.replace("\"approval\"", "\"signature\""));
    run(&folder, &["procedure", "rename", at, "step", "signature", "approval", "--write"]);
    assert_eq!(std::fs::read_to_string(&workflow).expect("the file"), text);
    // A certain correction.
    std::fs::write(&file, before.replacen("workflow = ", "workflw = ", 1)).expect("written");
    let output = motcua().arg("check").arg(&folder).output().expect("the binary runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    // The missing key follows from the key with a wrong letter.
    assert!(said.contains("unknown key `workflw`") && !said.contains("`workflow` is missing"), "{said}");
    assert!(said.ends_with("1 mistake\n"), "{said}");
    let output = motcua().args(["check", "--fix"]).arg(&folder).output().expect("the binary runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && said.contains("corrected to `workflow`"), "{said}");
    assert_eq!(read(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_can_be_walked_as_every_officer() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path().join("tinh");
    assert!(motcua().args(["init"]).arg(&folder).output().expect("the binary runs").status.success());
    let server = Server::preview(&folder).await.expect("it serves");
    let author = motcua_tests::browser::Browser::new(&server.base);
    let other = motcua_tests::browser::Browser::new(&server.base);
    assert_ne!(author.get("/desk").await.status, 200, "a citizen has no list of dossiers");
    author.get("/").await.ok().has(&["/preview/as/0", "/preview/as/1"]);
    // Every officer of the folder is among them, and each choice is one of this browser.
    let organisation = std::fs::read_to_string(folder.join("organisation.toml")).expect("the file");
    let officers = organisation.matches("[[officer]]").count();
    let mut desks = 0;
    for person in 1..=officers {
        author.get(&format!("/preview/as/{person}")).await.ok();
        desks += usize::from(author.get("/desk").await.status == 200);
    }
    assert!(desks > 0, "{officers}");
    assert_eq!(author.get(&format!("/preview/as/{}", officers + 1)).await.status, 404);
    author.get("/preview/as/0").await;
    assert_ne!(author.get("/desk").await.status, 200);
    assert_ne!(other.get("/desk").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_that_other_machines_can_open_lets_nobody_act_as_an_officer() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path().join("tinh");
    assert!(motcua().args(["init"]).arg(&folder).output().expect("the binary runs").status.success());
    let server = Server::preview_at(&folder, "0.0.0.0:0").await.expect("it serves");
    assert!(server.said.contains("only a citizen's pages"), "{}", server.said);
    let visitor = motcua_tests::browser::Browser::new(&server.base);
    visitor.get("/").await.ok().has(&["Xem trước", "Người xem trước"]).lacks(&["/preview/as/"]);
    assert_eq!(visitor.get("/preview/as/1").await.status, 404);
    assert_ne!(visitor.get("/desk").await.status, 200);
}

#[test]
fn a_record_of_the_national_database_becomes_a_procedure() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path().join("tinh");
    assert!(motcua().args(["init"]).arg(&folder).output().expect("the binary runs").status.success());
    let record = dir.path().join("record.json");
    let json = serde_json::json!({ "error_code": "0", "result": [{
        "MaTTHC": "1.004227", "TenTTHC": "Cấp phép \"khoan\" giếng", "TenLinhVuc": "Tài nguyên nước", "MucDo": "4",
        "ThoiHanGiaiQuyet": "15 ngày làm việc", "DoiTuongThucHien": ["Công dân Việt Nam", "Doanh nghiệp"],
        "KetQua": "Giấy phép", "TrinhTuThucHien": "- Nộp hồ sơ\n- Nhận kết quả", "CanCuPhapLy": ["Luật 28/2023/QH15"],
        "ThanhPhanHoSo": [{ "TenGiayTo": "Đơn đề nghị", "SoBanChinh": 2, "SoBanSao": 0 }, { "TenGiayTo": "Bản đồ", "SoBanSao": "1" }],
        "DanhSachLePhi": [{ "TenPhi": "Lệ phí cấp phép", "LoaiPhi": "Lệ phí", "SoTien": "150.000" }],
    }] });
    std::fs::write(&record, json.to_string()).expect("written");
    let record = record.to_str().expect("plain");
    run(&folder, &["procedure", "import", record, "ubnd-xa/khoan-gieng"]);
    let checked = motcua().arg("check").arg(&folder).output().expect("the binary runs");
    let said = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert!(checked.status.success(), "{said}");
    let export = motcua().args(["procedure", "export"]).arg(&folder).output().expect("the binary runs");
    let export: serde_json::Value = serde_json::from_slice(&export.stdout).expect("JSON");
    let all = export["procedures"].as_array().expect("a list");
    let one = all.iter().find(|known| known["code"] == "1.004227").expect("imported");
    assert_eq!(one["name"]["vi"], "Cấp phép \"khoan\" giếng");
    assert_eq!((one["level"].as_u64(), one["limit"].as_str()), (Some(4), Some("15 working-days")));
    assert_eq!(one["audience"], serde_json::json!(["citizen", "business"]));
    assert_eq!(one["papers"][0]["count"], 2);
    assert_eq!((one["fees"][0]["amount"].as_i64(), one["fees"][0]["kind"].as_str()), (Some(150_000), Some("charge")));
}
