//! The reviewed content is the stored content: two tabs, reviews, links that lead elsewhere.

use crate::procedures::birth_package;
use motcua_tests::browser::Page;
use motcua_tests::portal::App;
use motcua_tests::walk::{self, BIRTH, CHILD, JPEG, PARENTS, PDF, With, act};

on_both! {
    what_is_filed_is_what_was_reviewed
    a_supplement_is_given_as_it_was_reviewed
    the_later_of_two_tabs_is_told_what_the_other_wrote_and_reverts_nothing
    a_filed_draft_leads_to_its_receipt_and_saving_it_says_that_it_was_filed
    buttons_that_lead_elsewhere_save_first
    every_button_of_the_papers_attaches_what_was_chosen
    files_attached_together_keep_their_order_and_each_keeps_its_name
    an_optional_question_can_be_left_without_an_answer_again
    a_page_that_is_too_large_to_be_saved_comes_back_as_it_was_typed
    a_refusal_brings_back_points_and_the_way_of_paying
    an_officer_whose_step_is_over_keeps_what_they_typed
    a_receipt_says_what_it_said_when_it_was_given
}

/// Returns the fields of a form, with others in their place or after them.
pub fn with<'a>(fields: &[(&'a str, &'a str)], others: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    fields.iter().chain(others).copied().collect()
}

/// Returns the content that a page of a form remembers.
fn seen(page: &Page) -> [(String, String); 2] {
    ["draft-stored", "draft-shown"].map(|name| {
        let value = page.hidden(name).unwrap_or_else(|| panic!("{name} is not on {}", page.path));
        (name.to_owned(), value.to_owned())
    })
}

fn pairs(seen: &[(String, String)]) -> Vec<(&str, &str)> {
    seen.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

async fn what_is_filed_is_what_was_reviewed(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::birth_draft(&citizen).await;
    let file = format!("{draft}/file");
    let first = walk::review(&citizen, &draft).await;
    citizen.post(&format!("{draft}/1"), &with(CHILD, &[("child_name", "Tên Khác")])).await.ok();
    let refused = citizen.post(&file, &[("consent", "yes"), ("draft-reviewed", &first)]).await;
    assert_eq!(refused.status, 422);
    let refused = refused.has(&["Bản nháp đã thay đổi từ khi bạn xem lại", "<dt>Họ, chữ đệm, tên</dt>", "Tên Khác"]);

    let second = refused.hidden("draft-reviewed").expect("what the new review shows").to_owned();
    citizen.upload(&format!("{draft}/papers/birth_proof"), &[], &[("file", "bản khác.pdf", PDF)]).await.ok();
    let refused = citizen.post(&file, &[("consent", "yes"), ("draft-reviewed", &second)]).await;
    assert_eq!(refused.status, 422);
    let refused = refused.has(&["<dt>Giấy chứng sinh</dt>", "<dd class=\"pre\">giấy chứng sinh.jpg, bản khác.pdf"]);
    let refused = refused.lacks(&["<dd class=\"pre\">Tên Khác"]);

    let third = refused.hidden("draft-reviewed").expect("what the new review shows").to_owned();
    let filed = citizen.post(&file, &[("consent", "yes"), ("draft-reviewed", &third)]).await.ok();
    let dossier = filed.path.trim_end_matches("/receipt");
    citizen.get(dossier).await.ok().has(&["Tên Khác", "bản khác.pdf"]);

    let unseen = walk::birth_draft(&citizen).await;
    let refused = citizen.post(&format!("{unseen}/file"), &[("consent", "yes")]).await;
    assert_eq!(refused.status, 422, "nothing is filed that no review showed");
}

async fn a_supplement_is_given_as_it_was_reviewed(app: App) {
    let (citizen, counter) = (app.citizen("Nguyễn Văn An", "0912345678").await, app.officer("thu.phucuong").await);
    let dossier = walk::birth(&citizen).await;
    act(&counter, &dossier, "request-supplement", With { note: "Thiếu.", ..With::default() }).await.ok();
    let page = citizen.post(&format!("{dossier}/supplement"), &[]).await.ok();
    let draft = page.path.trim_end_matches("/1").to_owned();
    let reviewed = walk::review(&citizen, &draft).await;
    citizen.post(&format!("{draft}/1"), &with(CHILD, &[("child_name", "Tên Khác")])).await.ok();
    let give = format!("{draft}/supplement");
    let refused = citizen.post(&give, &[("draft-reviewed", &reviewed)]).await;
    assert_eq!(refused.status, 422);
    let refused = refused.has(&["Bản nháp đã thay đổi từ khi bạn xem lại", "Tên Khác"]);
    let reviewed = refused.hidden("draft-reviewed").expect("what the new review shows").to_owned();
    assert_eq!(citizen.post(&give, &[("draft-reviewed", &reviewed)]).await.ok().path, dossier);
    assert_eq!(citizen.get(&format!("{draft}/1")).await.ok().path, dossier, "the draft leads to its dossier");
}

async fn the_later_of_two_tabs_is_told_what_the_other_wrote_and_reverts_nothing(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::birth_draft(&citizen).await;
    let page = format!("{draft}/1");
    // Three tabs show the same.
    let tab = seen(&citizen.get(&page).await.ok());
    citizen.post(&page, &with(&with(CHILD, &[("child_name", "Tên Mới")]), &pairs(&tab))).await.ok();
    citizen.post(&page, &with(&with(CHILD, &[("birth_place", "Nhà riêng")]), &pairs(&tab))).await.ok();
    citizen.get(&page).await.ok().has(&["value=\"Tên Mới\"", "value=\"Nhà riêng\""]);

    let other = with(CHILD, &[("child_name", "Tên Thứ Ba"), ("do", "goto:2")]);
    let told = citizen.post(&page, &with(&other, &pairs(&tab))).await;
    assert_eq!(told.status, 422);
    let told = told.has(&["<dt>Họ, chữ đệm, tên</dt>", "<dd class=\"pre\">Tên Mới", "value=\"Tên Thứ Ba\""]);
    let told = told.has(&["value=\"Nhà riêng\""]);
    citizen.get(&page).await.ok().has(&["value=\"Tên Mới\""]);
    // From the page that says so, the person decides.
    let again = with(CHILD, &[("child_name", "Tên Thứ Ba"), ("birth_place", "Nhà riêng")]);
    citizen.post(&page, &with(&again, &pairs(&seen(&told)))).await.ok();
    citizen.get(&page).await.ok().has(&["value=\"Tên Thứ Ba\"", "value=\"Nhà riêng\""]);
}

async fn a_filed_draft_leads_to_its_receipt_and_saving_it_says_that_it_was_filed(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::birth_draft(&citizen).await;
    let dossier = walk::file(&citizen, &draft).await;
    let receipt = format!("{dossier}/receipt");
    for page in ["/1", "/papers", "/review", "/file", "/papers/birth_proof"] {
        assert_eq!(citizen.get(&format!("{draft}{page}")).await.ok().path, receipt, "{page}");
    }
    for (page, fields) in [("/1", CHILD), ("/2", PARENTS)] {
        let told = citizen.post(&format!("{draft}{page}"), fields).await;
        assert_eq!(told.status, 409, "{page}");
        told.has(&["Hồ sơ này đã được nộp", &format!("href=\"{receipt}\"")]);
    }
    let photo: &[(&str, &str, &[u8])] = &[("file", "ảnh.jpg", JPEG)];
    assert_eq!(citizen.upload(&format!("{draft}/papers/birth_proof"), &[], photo).await.status, 409);
    let stranger = app.citizen("Trần Văn Em", "0908111222").await;
    assert_eq!(stranger.get(&format!("{draft}/1")).await.status, 404);
}

async fn buttons_that_lead_elsewhere_save_first(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::begin(&citizen, BIRTH).await;
    let first = format!("{draft}/1");
    let page = citizen.get(&first).await.ok();
    page.clone().has(&["name=\"do\" value=\"goto:2\"", "name=\"do\" value=\"goto:papers\"", "value=\"language:en\""]);
    page.lacks(&["href=\"/language/", &format!("href=\"{draft}/")]);
    for (wish, leads, name) in
        [("goto:2", "/2", "Trẻ Một"), ("goto:review", "/review", "Trẻ Hai"), ("language:en", "/1", "Trẻ Ba")]
    {
        let typed = [("child_name", name), ("birth_date", "hôm qua"), ("do", wish)];
        assert_eq!(citizen.post(&first, &typed).await.ok().path, format!("{draft}{leads}"), "{wish}");
        citizen.get(&first).await.ok().has(&[name, "hôm qua"]);
    }
    citizen.get(&first).await.ok().has(&["lang=\"en\"", "Full name"]);
}

async fn every_button_of_the_papers_attaches_what_was_chosen(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::birth_draft(&citizen).await;
    let papers = format!("{draft}/papers");
    let chosen = |name| [("file.birth_proof", name, JPEG), ("file.marriage_certificate", "kết hôn.jpg", JPEG)];
    let page = citizen.upload(&papers, &[("do", "next")], &chosen("một.jpg")).await.ok();
    assert_eq!(page.path, format!("{draft}/review"));
    page.has(&["một.jpg", "kết hôn.jpg"]);
    let page = citizen.upload(&papers, &[("do", "goto:1")], &[("file.birth_proof", "hai.jpg", JPEG)]).await.ok();
    assert_eq!(page.path, format!("{draft}/1"));
    let page = citizen.get(&papers).await.ok().has(&["hai.jpg"]);
    let detach = page.between(&format!("{draft}/detach/"), "\"").expect("a file").to_owned();
    let detach = format!("{draft}/detach/{detach}");
    let page = citizen.upload(&detach, &[], &[("file.birth_proof", "ba.jpg", JPEG)]).await.ok();
    page.has(&["ba.jpg", "hai.jpg"]).lacks(&["giấy chứng sinh.jpg</a>"]);
    // One rejected file does not stop the others.
    let mixed: &[(&str, &str, &[u8])] =
        &[("file.birth_proof", "hỏng.pdf", b"MZ"), ("file.birth_proof", "tốt.pdf", PDF)];
    let page = citizen.upload(&papers, &[("do", "next")], mixed).await;
    assert_eq!(page.status, 422);
    page.has(&["Loại tệp này không được nhận", "tốt.pdf"]).lacks(&["hỏng.pdf</a>"]);
}

async fn files_attached_together_keep_their_order_and_each_keeps_its_name(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::begin(&citizen, BIRTH).await;
    let path = format!("{draft}/papers/birth_proof");
    let names = ["trang 1.jpg", "trang 2.jpg", "trang 3.jpg", "trang 4.jpg", "trang 5.jpg"];
    let files = names.map(|name| ("file", name, JPEG));
    let page = citizen.upload(&path, &[], &files).await.ok();
    let places = names.map(|name| page.body.find(&format!("{name}</a>")).unwrap_or_else(|| panic!("{name}")));
    assert!(places.is_sorted(), "{places:?}");
    // They have the same content.
    for name in names {
        let before = page.body.split(&format!("\">{name}</a>")).next().expect("a part");
        let link = before.rsplit("href=\"").next().expect("a link");
        let download = citizen.get(link).await.ok();
        let disposition = download.headers["content-disposition"].to_str().expect("plain");
        let number = name.trim_matches(|c: char| !c.is_ascii_digit());
        assert!(disposition.contains(&format!("trang%20{number}%2Ejpg")), "{name}: {disposition}");
    }
}

async fn an_optional_question_can_be_left_without_an_answer_again(app: App) {
    let twin = "id = \"twin\"\nlabel = { vi = \"Sinh đôi?\", en = \"A twin?\" }\nkind = \"yes-no\"\nrequired = false";
    let copies = "[[section.field]]\nid = \"copies\"";
    let bytes = birth_package(|text| text.replace(copies, &format!("[[section.field]]\n{twin}\n\n{copies}")));
    let admin = app.officer("quantri").await;
    admin.get("/admin/procedures").await.ok();
    let package: &[(&str, &str, &[u8])] = &[("package", "khai-sinh.motcua", &bytes)];
    let page = admin.upload("/admin/procedures/install", &[], package).await.ok();
    let version = page.hidden("version").expect("a version");
    admin.post("/admin/procedures/publish", &[("version", version)]).await.ok();

    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::birth_draft(&citizen).await;
    let page = format!("{draft}/2");
    let shown = citizen.get(&page).await.ok();
    let shown = shown.has(&["Không trả lời", "name=\"twin\" value=\"\" checked"]);
    shown.lacks(&["name=\"parents_married\" value=\"\""]);
    citizen.post(&page, &with(PARENTS, &[("twin", "true")])).await.ok();
    let shown = citizen.get(&page).await.ok().has(&["name=\"twin\" value=\"true\" checked"]);
    shown.lacks(&["name=\"twin\" value=\"\" checked"]);
    citizen.get(&format!("{draft}/review")).await.ok().has(&["Sinh đôi?"]);
    citizen.post(&page, &with(PARENTS, &[("twin", "")])).await.ok();
    citizen.get(&page).await.ok().has(&["name=\"twin\" value=\"\" checked"]);
    citizen.get(&format!("{draft}/review")).await.ok().lacks(&["Sinh đôi?"]);
}

async fn a_page_that_is_too_large_to_be_saved_comes_back_as_it_was_typed(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::begin(&citizen, BIRTH).await;
    let page = format!("{draft}/1");
    // It fits into a form, and takes twice the room in the draft.
    let long = "\\".repeat(300 << 10);
    let refused = citizen.post(&page, &with(CHILD, &[("child_name", &long)])).await;
    assert_eq!(refused.status, 422);
    let refused = refused.has(&["Bản nháp quá lớn", "Bệnh viện Phụ sản"]);
    assert!(refused.body.contains(&format!("value=\"{long}\"")), "what was typed is not on the page");
    citizen.get(&page).await.ok().lacks(&["Bệnh viện Phụ sản"]);
    // It fits into a form in no other place.
    let longer = "x".repeat(600_000);
    let larger = citizen.post(&page, &with(CHILD, &[("child_name", &longer)])).await;
    assert_eq!(larger.status, 422);
    let larger = larger.has(&["Bản nháp quá lớn", "Bệnh viện Phụ sản"]);
    assert!(larger.body.contains(&format!("value=\"{longer}\"")), "what was typed is not on the page");
    let told = citizen.post("/lookup", &[("code", &longer)]).await;
    assert_eq!(told.status, 413);
    told.has(&["Nội dung quá dài", "viết ngắn lại"]);
    let told = citizen.upload(&format!("{draft}/papers"), &[("do", &longer)], &[]).await;
    assert_eq!(told.status, 413);
    told.has(&["Nội dung quá lớn", "Hãy gửi tệp nhỏ hơn"]);
    citizen.post(&page, &with(CHILD, &pairs(&seen(&refused)))).await.ok();
    citizen.get(&page).await.ok().has(&["Nguyễn Minh Khôi", "Bệnh viện Phụ sản"]);
}

async fn a_refusal_brings_back_points_and_the_way_of_paying(app: App) {
    let (citizen, counter) = (app.citizen("Nguyễn Văn An", "0912345678").await, app.officer("thu.phucuong").await);
    let dossier = walk::birth(&citizen).await;
    act(&counter, &dossier, "decline", With { note: "Sai thẩm quyền.", ..With::default() }).await.ok();
    let rating = [("attitude", "1"), ("guidance", "0"), ("text", "Chu đáo")];
    let page = citizen.post(&format!("{dossier}/rating"), &rating).await;
    assert_eq!(page.status, 422);
    let given =
        ["name=\"rating.attitude\" value=\"1\" checked", "name=\"rating.guidance\" value=\"0\" checked", "Chu đáo"];
    page.has(&given).lacks(&["name=\"rating.trips\" value=\"0\" checked"]);

    let company = walk::company(&citizen).await;
    let lan = app.officer("lan.khdt").await;
    act(&lan, &company, "accept", With::default()).await.ok();
    let paid = [("amount", "50000"), ("method", "bank-transfer"), ("receipt", "")];
    let page = lan.post(&format!("{company}/payments"), &paid).await;
    assert_eq!(page.status, 422);
    page.has(&["value=\"bank-transfer\" checked"]).lacks(&["value=\"cash\" checked"]);
}

async fn an_officer_whose_step_is_over_keeps_what_they_typed(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let thu = app.officer("thu.phucuong").await;
    let page = thu.get(&dossier).await.ok();
    let (seen, stay) = (page.hidden("seen").expect("the version"), page.hidden("stay").expect("the step"));
    act(&thu, &dossier, "accept", With::default()).await.ok();
    let typed = [("seen", seen), ("stay", stay), ("reason", "Nơi sinh không thuộc phường.")];
    let refused = thu.upload(&format!("{dossier}/actions/decline"), &typed, &[]).await;
    assert!([403, 422].contains(&refused.status), "{}", refused.status);
    let label = "Lý do, gửi người nộp hồ sơ</strong>";
    refused.has(&["Nội dung bạn vừa nhập, chưa được gửi", label, "Nơi sinh không thuộc phường."]);
}

pub const LICENCE: &str = "/procedures/so-gtvt/doi-giay-phep-lai-xe";

const HOLDER: &[(&str, &str)] = &[
    ("applicant.name", "Nguyễn Văn An"),
    ("applicant.birth_date", "01/02/1985"),
    ("applicant.sex", "male"),
    ("applicant.citizen_number", "074085000123"),
    ("applicant.address.province", "74"),
    ("applicant.address.commune", "25747"),
    ("applicant.address.detail", "12 Yersin"),
    ("do", "next"),
];

async fn a_receipt_says_what_it_said_when_it_was_given(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::begin(&citizen, LICENCE).await;
    let licence = |elsewhere| {
        let fields = [("licence_number", "740123456789"), ("licence_class", "A1"), ("reason", "expiring")];
        with(&fields, &[("from_elsewhere", elsewhere), ("expires", "01/06/2026"), ("do", "later")])
    };
    citizen.post(&format!("{draft}/1"), &with(HOLDER, &[("do", "later")])).await.ok();
    citizen.post(&format!("{draft}/2"), &licence("false")).await.ok();
    for paper in ["application", "photo", "licence", "health"] {
        citizen.upload(&format!("{draft}/papers/{paper}"), &[], &[("file", "ảnh.jpg", JPEG)]).await.ok();
    }
    let dossier = walk::file(&citizen, &draft).await;
    let receipt = format!("{dossier}/receipt");
    citizen.get(&receipt).await.ok().has(&["<dd>5 ngày làm việc</dd>"]);

    let counter = app.officer("phat.gtvt").await;
    act(&counter, &dossier, "request-supplement", With { note: "Ghi lại nơi cấp.", ..With::default() }).await.ok();
    let page = citizen.post(&format!("{dossier}/supplement"), &[]).await.ok();
    let draft = page.path.trim_end_matches("/1").to_owned();
    citizen.post(&format!("{draft}/2"), &licence("true")).await.ok();
    let reviewed = walk::review(&citizen, &draft).await;
    citizen.post(&format!("{draft}/supplement"), &[("draft-reviewed", &reviewed)]).await.ok();
    citizen.get(&receipt).await.ok().has(&["<dd>5 ngày làm việc</dd>"]);
}
