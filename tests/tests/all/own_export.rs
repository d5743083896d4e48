//! The export of everything that the portal has of a person.

use crate::own_account::PHONE;
use jiff::civil::date;
use motcua_tests::browser::Browser;
use motcua_tests::portal::App;
use motcua_tests::walk::{self, JPEG, PDF};
use sea_orm::JsonValue;
use std::io::{Cursor, Read as _};

on_both! {
    an_applicant_downloads_everything_of_their_own_and_nothing_of_others
    an_account_is_exported_so_often_in_a_day_of_the_province
}

/// Downloads the export of the person who is logged in, as bytes.
async fn exported(app: &App, citizen: &Browser) -> Vec<u8> {
    citizen.get("/account/profile").await.ok();
    let client = reqwest::Client::builder().tls_certs_only([]).build().expect("a client");
    let request = client.post(format!("{}/account/export", app.base)).form(&[("proof", citizen.proof())]);
    let request = request.header("cookie", citizen.cookies()).header("sec-fetch-site", "same-origin");
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 200);
    assert_eq!(answer.headers()["content-type"], "application/zip");
    answer.bytes().await.expect("the whole archive").to_vec()
}

/// Sends a complaint about a dossier and returns its id.
pub async fn complain(citizen: &Browser, dossier: &str, text: &str) -> String {
    citizen.get("/suggestions/new").await.ok();
    let code = dossier.trim_start_matches("/dossiers/");
    let fields = [("about", "dossier"), ("dossier", code), ("text", text)];
    let sent = citizen.post("/suggestions/new", &fields).await.ok().path;
    sent.trim_start_matches("/suggestions/").to_owned()
}

async fn an_applicant_downloads_everything_of_their_own_and_nothing_of_others(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", PHONE).await;
    let other = app.citizen("Trần Văn Em", "0908111222").await;
    let (dossier, draft) = (walk::birth(&citizen).await, walk::birth_draft(&citizen).await);
    let others = walk::birth(&other).await;
    let code = dossier.trim_start_matches("/dossiers/");
    app.officer("thu.phucuong").await.get(&dossier).await.ok();
    citizen.get(&dossier).await.ok();
    let file: (&str, &str, &[u8]) = ("message.files", "đơn.pdf", PDF);
    citizen.upload(&format!("{dossier}/messages"), &[("message.text", "Gửi đơn.")], &[file]).await.ok();
    let answered = complain(&citizen, &dossier, "Đã hẹn lại ba lần.").await;
    let open = complain(&citizen, &dossier, "Chưa ai trả lời.").await;
    complain(&other, &others, "Chậm.").await;
    let leader = app.officer("yen.phucuong").await;
    leader.get("/desk/suggestions").await.ok();
    leader.post(&format!("/suggestions/{answered}/deeds/answer"), &[("text", "Cơ quan xin lỗi.")]).await.ok();

    let bytes = exported(&app, &citizen).await;
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("a ZIP archive");
    let names: Vec<String> = archive.file_names().map(|name| name.expect("a name").into_owned()).collect();
    let mut read = |name: &str| {
        let mut content = Vec::new();
        archive.by_name(name).expect("a file").read_to_end(&mut content).expect("read");
        content
    };
    let account: JsonValue = serde_json::from_slice(&read("account.json")).expect("JSON");
    assert_eq!((&account["name"], &account["phone"]), (&"Nguyễn Văn An".into(), &PHONE.into()));
    assert_eq!(account["readings"][0]["reader"], "Ngô Minh Thư");
    let filed: JsonValue = serde_json::from_slice(&read(&format!("dossiers/{code}/dossier.json"))).expect("JSON");
    assert_eq!((&filed["code"], &filed["applicant"]["phone"]), (&code.into(), &PHONE.into()));
    let draft = format!("drafts/{}/draft.json", draft.trim_start_matches("/drafts/"));
    let draft: JsonValue = serde_json::from_slice(&read(&draft)).expect("JSON");
    assert!(draft["answers"]["child_name"].is_string(), "{draft}");
    assert_eq!(filed["messages"][0]["files"][0], "đơn.pdf");
    for (end, content) in [(".jpg", JPEG), (".pdf", PDF)] {
        let is_file = |name: &&String| name.starts_with(&format!("dossiers/{code}/files/")) && name.ends_with(end);
        assert_eq!(read(names.iter().find(is_file).expect("a file")), content);
    }
    for (id, text, answer) in
        [(&answered, "Đã hẹn lại ba lần.", Some("Cơ quan xin lỗi.")), (&open, "Chưa ai trả lời.", None)]
    {
        let sent: JsonValue = serde_json::from_slice(&read(&format!("suggestions/{id}.json"))).expect("JSON");
        assert_eq!((&sent["text"], sent["answer"]["text"].as_str()), (&text.into(), answer));
        assert_eq!((&sent["topic"]["dossier"], &sent["agency"]), (&code.into(), &"ubnd-phu-cuong".into()));
        let last = if answer.is_some() { "answered" } else { "sent" };
        assert_eq!(sent["events"].as_array().and_then(|events| events.last()).expect("an event")["event"], last);
        assert!(!sent.to_string().contains("Lý Hải Yến"), "the answer is the agency's word: {sent}");
    }
    let sent = names.iter().filter(|name| name.starts_with("suggestions/")).count();
    assert_eq!(sent, 2, "{names:?}");
    let others = others.trim_start_matches("/dossiers/");
    assert!(names.iter().all(|name| !name.contains(others) && !name.contains("..")), "{names:?}");

    for _ in 1..5 {
        exported(&app, &citizen).await;
    }
    citizen.get("/account/profile").await.ok();
    let page = citizen.post("/account/export", &[]).await;
    assert_eq!(page.status, 422);
    page.has(&["Hôm nay bạn đã tải dữ liệu nhiều lần"]);
}

async fn an_account_is_exported_so_often_in_a_day_of_the_province(app: App) {
    app.at(date(2026, 3, 4).at(23, 50, 0, 0));
    let citizen = app.citizen("Nguyễn Văn An", PHONE).await;
    citizen.get("/account/profile").await.ok();
    let is_refused = async || {
        citizen.get("/account/profile").await.ok();
        let page = citizen.post("/account/export", &[]).await;
        page.status == 422 && page.text().contains("Hôm nay bạn đã tải dữ liệu nhiều lần")
    };
    for _ in 0..5 {
        exported(&app, &citizen).await;
    }
    assert!(is_refused().await);
    app.at(date(2026, 3, 5).at(0, 1, 0, 0));
    for _ in 0..5 {
        exported(&app, &citizen).await;
    }
    // The midnight of Greenwich begins no day.
    app.at(date(2026, 3, 5).at(7, 1, 0, 0));
    assert!(is_refused().await);
}
