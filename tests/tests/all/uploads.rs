//! Files that people attach: the accepted ones, their names, and the messages about the others.

use crate::procedures::birth_package;
use motcua_domain::names::Digest;
use motcua_domain::people::organisation::Actor;
use motcua_domain::procedure::MediaKind;
use motcua_domain::time::calendar::instant;
use motcua_service::TimeSource;
use motcua_service::inspect::{Flaw, in_child};
use motcua_tests::browser::{Browser, Page};
use motcua_tests::portal::{App, Kind, PASSWORD, install, morning, serve_again};
use motcua_tests::process;
use motcua_tests::walk::{self, BIRTH, COMPANY, JPEG, PDF};
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

on_both! {
    a_refusal_names_the_file_the_paper_and_what_is_taken_and_the_good_files_beside_it_stay
    files_are_kept_under_safe_names_that_end_as_their_content_demands
    papers_that_no_officer_could_use_are_told_at_once
    a_paper_that_is_used_again_takes_the_place_of_a_file_that_was_chosen_beside_it
    a_file_field_names_what_it_refuses_too
    a_file_for_a_paper_that_is_no_longer_asked_for_is_refused_by_name_and_the_others_stay
}

/// Returns the sample paper with one part written otherwise, so that all other parts stay where they are.
fn paper_with(part: &str, other: &str) -> Vec<u8> {
    assert!(other.len() <= part.len(), "{other}");
    let text = String::from_utf8(PDF.to_vec()).expect("the sample is plain");
    assert!(text.contains(part), "{part}");
    text.replace(part, &format!("{other:0$}", part.len())).into_bytes()
}

/// Returns a PNG that claims to be of this size, and has no picture.
fn png(width: u32, height: u32) -> Vec<u8> {
    let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
    [&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], &size, b"\x08\x02\0\0\0....\0\0\0\0IEND...."].concat()
}

fn attached(page: &Page) -> usize {
    page.body.matches("/detach/").count()
}

async fn a_refusal_names_the_file_the_paper_and_what_is_taken_and_the_good_files_beside_it_stay(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::begin(&citizen, COMPANY).await;
    let files: &[(&str, &str, &[u8])] = &[
        ("file", "một.pdf", PDF),
        ("file", "hai.exe", b"MZ\x90\0"),
        ("file", "ba.jpg", JPEG),
        ("file", "bốn.pdf", &PDF[..PDF.len() / 2]),
        ("file", "năm.pdf", PDF),
    ];
    let page = citizen.upload(&format!("{draft}/papers/identity_papers"), &[], files).await;
    assert_eq!(page.status, 422);
    assert_eq!(attached(&page), 3);
    let page = page.has(&["hai.exe", "Loại tệp này không được nhận.", "bốn.pdf", "Tệp bị thiếu phần cuối"]);
    let page = page.has(&["Bản sao giấy tờ pháp lý của các thành viên", "PDF, JPEG, PNG", "năm.pdf"]);
    assert_eq!(page.body.matches("Giấy tờ này nhận").count(), 1, "where it helps");
    let page = citizen.upload(&format!("{draft}/papers/charter"), &[], &[("file", "ảnh.jpg", JPEG)]).await;
    assert_eq!(page.status, 422);
    page.has(&["ảnh.jpg", "Điều lệ công ty", "Giấy tờ này nhận"]);
}

async fn files_are_kept_under_safe_names_that_end_as_their_content_demands(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::begin(&citizen, COMPANY).await;
    let at = format!("{draft}/papers/identity_papers");
    let long = format!("{}.jpg", "ữ".repeat(300));
    let names: &[(&str, &[u8], &str)] = &[
        ("x.html", PDF, ">x.pdf<"),
        ("giấy tờ.hta", PDF, ">giấy tờ.pdf<"),
        ("ảnh.pdf", JPEG, ">ảnh.jpg<"),
        ("gia\u{302}\u{301}y.PDF", PDF, ">giấy.PDF<"),
        ("a\u{202e}gpj.exe", JPEG, ">agpj.jpg<"),
        (&long, JPEG, "ữ.jpg<"),
    ];
    for (name, content, kept) in names {
        citizen.upload(&at, &[], &[("file", name, content)]).await.ok().has(&[kept]);
    }
}

async fn papers_that_no_officer_could_use_are_told_at_once(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::begin(&citizen, BIRTH).await;
    let at = format!("{draft}/papers/birth_proof");
    let launch = paper_with("/Resources << /Font << /F1 5 0 R >> >>", "/AA << /O << /S /Launch >> >>");
    let no_pages = paper_with("/Kids [3 0 R] /Count 1", "/Kids [] /Count 0");
    let cases: [(&str, &[u8], &str); 6] = [
        ("tự chạy.pdf", &launch, "thao tác tự chạy"),
        ("trống.pdf", &no_pages, "không có trang nào"),
        ("cụt.jpg", &JPEG[..JPEG.len() / 2], "thiếu phần cuối"),
        ("to.png", &png(13_000, 13_000), "quá nhiều điểm ảnh"),
        ("hỏng.png", &png(0, 0), "bị hỏng"),
        ("IMG_0001.HEIC", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "Tương thích nhất"),
    ];
    for (name, content, told) in cases {
        let page = citizen.upload(&at, &[], &[("file", name, content)]).await;
        assert_eq!((page.status, attached(&page)), (422, 0), "{name}");
        page.has(&[name, told]);
    }
    citizen.get("/language/en?back=/").await.ok();
    let page = citizen.upload(&at, &[], &[("file", "IMG_0001.HEIC", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")]).await;
    page.has(&["Settings &gt; Camera &gt; Formats"]);
    citizen.get("/account").await.ok().lacks(&["IMG_0001"]);
}

async fn a_paper_that_is_used_again_takes_the_place_of_a_file_that_was_chosen_beside_it(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::begin(&citizen, COMPANY).await;
    let papers = format!("{draft}/papers");
    let known: &[(&str, &str, &[u8])] = &[("file", "cũ.jpg", JPEG)];
    let page = citizen.upload(&format!("{papers}/identity_papers"), &[], known).await.ok();
    let digest = page.between(&format!("{draft}/files/"), "\"").expect("a file").to_owned();
    let file = page.between(&format!("formaction=\"{draft}/detach/"), "\"").expect("a button that removes the file");
    let page = citizen.post(&format!("{draft}/detach/{file}"), &[]).await.ok();
    page.has(&["<option value=\"\">– Chọn –</option>", "Dùng lại giấy tờ này"]);

    let reuse = format!("{papers}/identity_papers/reuse");
    let none = citizen.post(&reuse, &[("wallet.identity_papers", "")]).await;
    assert_eq!((none.status, attached(&none)), (422, 0));
    none.has(&["Hãy chọn giấy tờ muốn dùng lại"]);
    let digest = digest.split('?').next().expect("a digest");
    let chosen: &[(&str, &str, &[u8])] =
        &[("file.identity_papers", "mới.pdf", PDF), ("file.charter", "điều lệ.pdf", PDF)];
    let page = citizen.upload(&reuse, &[("wallet.identity_papers", digest)], chosen).await;
    assert_eq!((page.status, attached(&page)), (422, 2), "the old paper, and the file for another paper");
    page.has(&["cũ.jpg</a>", "điều lệ.pdf</a>", "“mới.pdf”", "Tệp này chưa được đính kèm"]).lacks(&["mới.pdf</a>"]);
}

async fn a_file_field_names_what_it_refuses_too(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::begin(&citizen, "/procedures/so-tnmt/tach-thua-hop-thua-dat").await;
    let files: &[(&str, &str, &[u8])] = &[("sketch", "hiện trạng.exe", b"MZ\x90\0"), ("sketch", "ảnh.jpg", JPEG)];
    let page = citizen.upload(&format!("{draft}/2"), &[("do", "next")], files).await;
    assert_eq!(page.status, 422);
    page.has(&["hiện trạng.exe", "Loại tệp này không được nhận.", "ảnh.jpg", "detach:"]);
}

/// The paper that only a later version of the birth registration asks for.
const HOUSE: &str = "[[paper]]\nid = \"house\"\nname = { vi = \"Giấy xác nhận nơi cư trú\", en = \"Proof of residence\" }\n\
                     kind = \"copy\"\nrequired = \"copies > 1\"\n\n[[section]]";

async fn a_file_for_a_paper_that_is_no_longer_asked_for_is_refused_by_name_and_the_others_stay(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let procedure = citizen.get(BIRTH).await.ok();
    let first = Digest(procedure.between("/schemas/", ".json").expect("a version").to_owned());
    let admin = app.officer("quantri").await;
    admin.get("/admin/procedures").await.ok();
    let bytes = birth_package(|text| text.replacen("[[section]]", HOUSE, 1));
    let package: &[(&str, &str, &[u8])] = &[("package", "khai-sinh.motcua", &bytes)];
    let page = admin.upload("/admin/procedures/install", &[], package).await.ok();
    let second = page.hidden("version").expect("a version");
    admin.post("/admin/procedures/publish", &[("version", second)]).await.ok();

    let draft = walk::birth_draft(&citizen).await;
    let papers = format!("{draft}/papers");
    let open = citizen.get(&papers).await.ok().has(&["name=\"file.house\""]);
    let digest = open.between(&format!("{draft}/files/"), "\"").expect("a file");
    // The first version is offered again, and the draft follows it.
    app.services.procedures.publish(&Actor::System, &first).await.expect("published");
    let moved = citizen.post(&format!("{draft}/file"), &[("consent", "yes")]).await;
    assert_eq!(moved.status, 422);
    moved.has(&["Thủ tục đã thay đổi"]);

    let chosen: &[(&str, &str, &[u8])] = &[
        ("file.birth_proof", "một.jpg", JPEG),
        ("file.house", "cư trú.pdf", PDF),
        ("file.birth_proof", "hai.pdf", PDF),
    ];
    let gone = "Giấy tờ này không còn được yêu cầu";
    let page = citizen.upload(&papers, &[("do", "next")], chosen).await;
    assert_eq!((page.status, attached(&page)), (422, 3));
    let page = page.has(&["“cư trú.pdf”:", gone, "một.jpg</a>", "hai.pdf</a>"]);
    assert_eq!(page.body.matches(gone).count(), 1);
    page.lacks(&["cư trú.pdf</a>"]);
    let alone = citizen.upload(&format!("{papers}/house"), &[], &[("file", "cư trú.pdf", PDF)]).await;
    assert_eq!((alone.status, attached(&alone)), (422, 3));
    alone.has(&["“cư trú.pdf”:", gone]);
    for (button, fields) in [("reuse", &[("wallet.house", digest)][..]), ("combine", &[][..])] {
        let refused = citizen.post(&format!("{papers}/house/{button}"), fields).await;
        assert_eq!((refused.status, attached(&refused)), (422, 3), "{button}");
        refused.has(&[gone]);
    }

    let draft = walk::begin(&citizen, "/procedures/so-tnmt/tach-thua-hop-thua-dat").await;
    let files: &[(&str, &str, &[u8])] = &[("former", "bản vẽ.pdf", PDF), ("sketch", "ảnh.jpg", JPEG)];
    let page = citizen.upload(&format!("{draft}/2"), &[("do", "next")], files).await;
    assert_eq!(page.status, 422);
    page.has(&["“bản vẽ.pdf”: ", gone, "href=\"#page\"", "ảnh.jpg", "detach:"]);
}

/// Returns a PDF of these objects, the first of which is its catalogue.
fn pdf(objects: &[String]) -> Vec<u8> {
    let (mut text, mut places) = (String::from("%PDF-1.7\n"), String::new());
    for (at, object) in objects.iter().enumerate() {
        writeln!(places, "{:010} 00000 n ", text.len()).expect("written");
        writeln!(text, "{} 0 obj\n{object}\nendobj", at + 1).expect("written");
    }
    let (start, size) = (text.len(), objects.len() + 1);
    let end = format!("xref\n0 {size}\n0000000000 65535 f \n{places}trailer\n<< /Size {size} /Root 1 0 R >>");
    format!("{text}{end}\nstartxref\n{start}\n%%EOF\n").into_bytes()
}

fn with_pages(more: &[String]) -> Vec<u8> {
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>".to_owned(),
    ];
    pdf(&[&objects[..], more].concat())
}

#[tokio::test]
async fn a_small_file_that_costs_its_reader_gigabytes_is_refused_in_a_process_of_its_own() {
    let sound = in_child(process::motcua(), &with_pages(&[])).await.expect("an answer");
    assert_eq!(sound, Ok(MediaKind::Pdf));
    let photo = in_child(process::motcua(), JPEG).await.expect("an answer");
    assert_eq!(photo, Ok(MediaKind::Jpeg));

    // One list of 500,000 numbers, which 50,000 objects share.
    let mut index = String::new();
    for id in 100..50_100 {
        write!(index, "{id} 0 ").expect("written");
    }
    let list = format!("[{}]", "0 ".repeat(500_000));
    let (first, length) = (index.len(), index.len() + list.len());
    let shared =
        format!("<< /Type /ObjStm /N 50000 /First {first} /Length {length} >>\nstream\n{index}{list}\nendstream");
    let costly = with_pages(&[shared]);
    assert!(costly.len() < 2 << 20);
    assert_eq!(in_child(process::motcua(), &costly).await.expect("an answer"), Err(Flaw::Broken));

    let deep = with_pages(&["[".repeat(1 << 20)]);
    let answer = in_child(process::motcua(), &deep).await.expect("an answer");
    assert!(matches!(answer, Ok(MediaKind::Pdf) | Err(Flaw::Broken)), "{answer:?}");
}

/// A clamd that knows one virus, the harmless EICAR.
struct Clamd {
    folder: TempDir,
    process: Child,
    port: u16,
}

/// Returns a text that every scanner reports as a virus. It is put together here, so that no scanner reports this file.
fn eicar() -> String {
    ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR", "STANDARD", "ANTIVIRUS", "TEST", "FILE!$H+H*"].join("-")
}

impl Clamd {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let here = folder.path();
        std::fs::create_dir(here.join("signatures")).expect("a folder");
        let signature = format!("Eicar-Test-Signature:0:*:{}\n", hex::encode(eicar()));
        std::fs::write(here.join("signatures/eicar.ndb"), signature).expect("written");
        let port =
            std::net::TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port").port();
        let settings = format!(
            "Foreground yes\nLocalSocket {0}/clamd.ctl\nTCPSocket {port}\nTCPAddr 127.0.0.1\nDatabaseDirectory \
             {0}/signatures\nStreamMaxLength 110M\n",
            here.display()
        );
        std::fs::write(here.join("clamd.conf"), settings).expect("written");
        let program = if Path::new("/usr/sbin/clamd").exists() { "/usr/sbin/clamd" } else { "clamd" };
        let mut command = Command::new(program);
        command.arg("--config-file").arg(here.join("clamd.conf")).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("clamd is not installed; run: apt-get install clamav-daemon");
        let mut lines = BufReader::new(process.stdout.take().expect("a pipe")).lines();
        let clamd = Self { folder, process, port };
        let listens = lines.by_ref().map_while(Result::ok).any(|line| line.contains("Self checking"));
        assert!(listens, "clamd does not start");
        // The rest is read, so that the pipe never fills.
        std::thread::spawn(move || lines.for_each(drop));
        clamd
    }

    /// Returns its sockets, as motcua.toml names them.
    fn addresses(&self) -> [String; 2] {
        [format!("unix:{}/clamd.ctl", self.folder.path().display()), format!("tcp:127.0.0.1:{}", self.port)]
    }
}

impl Drop for Clamd {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Serves a portal whose uploads this clamd scans.
async fn guarded_portal(dir: &TempDir, address: &str) -> String {
    install(dir.path(), Kind::Sqlite, None).await.expect("an install folder");
    let file = dir.path().join("motcua.toml");
    let settings = std::fs::read_to_string(&file).expect("the settings");
    std::fs::write(&file, format!("{settings}\n[scan]\nclamd = \"{address}\"\n")).expect("written");
    serve_again(dir.path(), TimeSource::set_to(instant(morning()))).await
}

/// Returns a citizen at such a portal, and the address where they attach papers.
async fn guarded(dir: &TempDir, address: &str) -> (Browser, String) {
    let citizen = Browser::new(&guarded_portal(dir, address).await);
    at_papers(citizen).await
}

/// Returns a new citizen, and the address where they attach papers.
async fn at_papers(citizen: Browser) -> (Browser, String) {
    citizen.register("Nguyễn Văn An", "0912345678", PASSWORD).await;
    let draft = walk::begin(&citizen, BIRTH).await;
    (citizen, format!("{draft}/papers/birth_proof"))
}

#[tokio::test(flavor = "multi_thread")]
async fn clamd_finds_a_virus_and_without_clamd_no_files_are_taken() {
    let clamd = Clamd::start();
    let infected = [PDF, b"% ", eicar().as_bytes(), b"\n"].concat();
    let mut large = PDF.to_vec();
    large.resize(3 << 20, b' ');
    let files: &[(&str, &str, &[u8])] =
        &[("file", "sạch.pdf", PDF), ("file", "bệnh.pdf", &infected), ("file", "lớn.pdf", &large)];
    let mut portals = Vec::new();
    for address in clamd.addresses() {
        let dir = tempfile::tempdir().expect("a folder");
        let (citizen, at) = guarded(&dir, &address).await;
        let page = citizen.upload(&at, &[], files).await;
        assert_eq!((page.status, attached(&page)), (422, 2), "{address}");
        page.has(&["bệnh.pdf", "phát hiện mã độc", "sạch.pdf</a>", "lớn.pdf</a>"]).lacks(&["bệnh.pdf</a>"]);
        portals.push((dir, citizen, at));
    }
    drop(clamd);
    for (_dir, citizen, at) in &portals {
        let page = citizen.upload(at, &[], &[("file", "mới.pdf", PDF)]).await;
        assert_eq!((page.status, attached(&page)), (422, 2));
        page.has(&["mới.pdf", "không kiểm tra được vi-rút"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_slow_scans_stop_neither_passwords_nor_the_judging_of_files_nor_pages() {
    // It accepts connections and never answers, as a clamd that is stuck.
    let stuck = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("tcp:{}", stuck.local_addr().expect("an address"));
    let dir = tempfile::tempdir().expect("a folder");
    let base = guarded_portal(&dir, &address).await;
    let (citizen, at) = at_papers(Browser::new(&base)).await;
    let paper: &[(&str, &str, &[u8])] = &[("file", "a.pdf", PDF)];
    let scans = futures::future::join_all((0..50).map(|_| citizen.upload(&at, &[], paper)));
    let meanwhile = async {
        let mut held = Vec::new();
        // As many as are scanned at once. All others wait.
        for _ in 0..4 {
            held.push(stuck.accept().await.expect("a scan"));
        }
        let other = Browser::new(&base);
        other.log_in("0912345678", PASSWORD).await;
        let cut = other.upload(&at, &[], &[("file", "cụt.pdf", &PDF[..PDF.len() / 2])]).await;
        assert_eq!(cut.status, 422);
        cut.has(&["cụt.pdf", "Tệp bị thiếu phần cuối"]);
        other.get(BIRTH).await.ok();
        // The stuck clamd is stopped.
        drop((held, stuck));
    };
    let (scanned, ()) = tokio::join!(scans, meanwhile);
    for page in scanned {
        assert_eq!(page.status, 422);
        page.has(&["không kiểm tra được vi-rút"]);
    }
}
