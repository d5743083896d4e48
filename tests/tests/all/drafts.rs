//! Drafts, from which nothing typed is lost.

use jiff::civil::date;
use motcua_tests::browser::Page;
use motcua_tests::portal::{App, PASSWORD};
use motcua_tests::walk::{self, BIRTH, CHILD, COMPANY, COMPANY_2, JPEG, PARENTS, PDF};

on_both! {
    the_same_post_sent_many_times_files_one_dossier
    a_draft_is_saved_at_any_point_and_comes_back_by_itself
    an_expired_session_asks_to_log_in_again_and_carries_the_post_through
    an_officers_note_survives_an_expired_session
    rows_are_added_and_removed_without_losing_what_was_typed
    hidden_fields_are_asked_for_when_they_become_needed_and_dropped_when_not
    files_are_limited_while_they_stream_and_judged_by_content
    an_upload_that_is_sent_again_is_attached_once
    two_requests_at_once_begin_one_draft
    a_form_from_elsewhere_is_refused
    what_a_person_typed_is_never_markup
    nobody_reaches_the_draft_of_another
}

async fn the_same_post_sent_many_times_files_one_dossier(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::birth_draft(&citizen).await;
    let path = format!("{draft}/file");
    let reviewed = walk::review(&citizen, &draft).await;
    let consent = [("consent", "yes"), ("draft-reviewed", reviewed.as_str())];
    let posts = (0..6).map(|_| citizen.post(&path, &consent));
    let pages = futures::future::join_all(posts).await;
    for page in pages {
        assert_eq!(page.ok().path, "/dossiers/H09.31-260303-0001/receipt");
    }
    assert_eq!(walk::file(&citizen, &draft).await, "/dossiers/H09.31-260303-0001", "the back button");
    let next = walk::birth(&citizen).await;
    assert_eq!(next, "/dossiers/H09.31-260303-0002", "no number was used up");
}

async fn a_draft_is_saved_at_any_point_and_comes_back_by_itself(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::begin(&citizen, BIRTH).await;
    citizen.upload(&format!("{draft}/papers/birth_proof"), &[], &[("file", "chứng sinh.jpg", JPEG)]).await.ok();
    let later = [("child_name", "Nguyễn Minh"), ("birth_date", "hôm qua"), ("birth_place", ""), ("do", "later")];
    assert_eq!(citizen.post(&format!("{draft}/1"), &later).await.ok().path, "/account");

    app.at(date(2026, 3, 9).at(20, 0, 0, 0));
    let citizen = app.officer("0912345678").await;
    citizen.get("/account").await.ok().has(&["Đang làm dở", "Đăng ký khai sinh"]);
    assert_eq!(walk::begin(&citizen, BIRTH).await, draft, "the draft that is there is gone on with");
    citizen.get(&format!("{draft}/1")).await.ok().has(&["Nguyễn Minh", "hôm qua"]);
    citizen.get(&format!("{draft}/papers")).await.ok().has(&["chứng sinh.jpg"]);
    citizen.post(&format!("{draft}/discard"), &[]).await.ok().lacks(&["Đang làm dở"]);
}

async fn an_expired_session_asks_to_log_in_again_and_carries_the_post_through(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::begin(&citizen, BIRTH).await;
    citizen.get(&format!("{draft}/1")).await.ok();
    app.at(date(2026, 3, 4).at(9, 0, 0, 0));
    let page = citizen.post(&format!("{draft}/1"), CHILD).await;
    assert_eq!(page.status, 401);
    let page = page.has(&["phiên đăng nhập đã hết hạn", "carried.child_name", "Nguyễn Minh Khôi"]);
    let carried: Vec<(String, &str)> = CHILD.iter().map(|(name, value)| (format!("carried.{name}"), *value)).collect();
    let mut fields: Vec<(&str, &str)> = carried.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let next = page.hidden("next").expect("where to go on").to_owned();
    fields.extend([("login", "0912345678"), ("password", "sai mật khẩu"), ("next", &next)]);
    let wrong = citizen.post("/login", &fields).await;
    assert_eq!(wrong.status, 422);
    wrong.has(&["carried.child_name", "Nguyễn Minh Khôi"]);
    fields.push(("password", PASSWORD));
    let resume = citizen.post("/login", &fields).await.ok();
    resume.has(&["Những gì bạn nhập trước đó vẫn còn nguyên", "Nguyễn Minh Khôi", &format!("action=\"{draft}/1\"")]);
    citizen.post(&format!("{draft}/1"), CHILD).await.ok();
    citizen.get(&format!("{draft}/1")).await.ok().has(&["Nguyễn Minh Khôi"]);
}

async fn an_officers_note_survives_an_expired_session(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let thu = app.officer("thu.phucuong").await;
    let seen = thu.get(&dossier).await.ok().hidden("seen").expect("the version").to_owned();
    app.at(date(2026, 3, 4).at(9, 0, 0, 0));
    let path = format!("{dossier}/actions/decline");
    let page = thu.upload(&path, &[("seen", &seen), ("reason", "Sai thẩm quyền.")], &[]).await;
    assert_eq!(page.status, 401);
    page.has(&["carried.reason", "Sai thẩm quyền.", "name=\"upload\""]);
    let fields = [
        ("login", "thu.phucuong"),
        ("password", PASSWORD),
        ("next", path.as_str()),
        ("upload", "yes"),
        ("carried.seen", &seen),
        ("carried.reason", "Sai thẩm quyền."),
    ];
    thu.post("/login", &fields).await.ok().has(&["multipart/form-data", "Sai thẩm quyền."]);
    thu.upload(&path, &[("seen", &seen), ("reason", "Sai thẩm quyền.")], &[]).await.ok().has(&["Không tiếp nhận"]);
}

async fn rows_are_added_and_removed_without_losing_what_was_typed(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::begin(&citizen, COMPANY).await;
    let page = format!("{draft}/2");
    let mut fields: Vec<(&str, &str)> = COMPANY_2.iter().copied().filter(|(name, _)| *name != "do").collect();
    fields.push(("do", "add:members"));
    let added = citizen.post(&page, &fields).await.ok();
    let added = added.has(&["members.2.name", "Lý Thu Sương", "Nguyễn Văn An"]);
    let row =
        added.between("<fieldset class=\"row\" tabindex=\"-1\" autofocus>", "</legend>").expect("it gets the focus");
    assert!(row.ends_with(" 3"), "{row}");
    fields.pop();
    fields.push(("members.2._", ""));
    fields.push(("do", "remove:members.0"));
    let left = citizen.post(&page, &fields).await.ok().has(&["Lý Thu Sương"]);
    let row = left.between("<fieldset class=\"row\" tabindex=\"-1\" autofocus>", "</legend>").expect("the next one");
    assert!(row.ends_with(" 1"), "{row}");
    left.lacks(&["Nguyễn Văn An\"", "members.2.name"]);
}

async fn hidden_fields_are_asked_for_when_they_become_needed_and_dropped_when_not(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::begin(&citizen, COMPANY).await;
    let page = format!("{draft}/3");
    let agent = [("representative_name", "An"), ("representative_title", "director"), ("filed_by_agent", "true")];
    let asked = citizen.post(&page, &agent).await;
    assert_eq!(asked.status, 422, "the new question is shown before going on");
    asked.has(&["Họ tên người được ủy quyền", "<div data-question=\"agent_name\">", "href=\"#agent_name\""]);
    let mut named = agent.to_vec();
    named.push(("agent_name", "Phạm Ngọc Diệp"));
    citizen.post(&page, &named).await.ok();
    citizen.get(&format!("{draft}/review")).await.ok().has(&["Phạm Ngọc Diệp", "Hãy đính kèm “Văn bản ủy quyền"]);
    named[2] = ("filed_by_agent", "false");
    citizen.post(&page, &named).await.ok();
    citizen.get(&format!("{draft}/review")).await.ok().lacks(&["Phạm Ngọc Diệp", "Hãy đính kèm “Văn bản ủy quyền"]);
}

async fn files_are_limited_while_they_stream_and_judged_by_content(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::begin(&citizen, BIRTH).await;
    let path = format!("{draft}/papers/birth_proof");
    let mut large = PDF.to_vec();
    large.resize(11 << 20, b' ');
    for (bytes, says) in [
        (large.as_slice(), "Tệp quá lớn."),
        (b"".as_slice(), "Tệp trống."),
        (b"<script>alert(1)</script>".as_slice(), "Loại tệp này không được nhận."),
        (b"PK\x03\x04 not an office file".as_slice(), "Loại tệp này không được nhận."),
    ] {
        let page = citizen.upload(&path, &[], &[("file", "giấy.pdf", bytes)]).await;
        assert_eq!(page.status, 422);
        page.has(&[says]);
    }
    assert_eq!(citizen.upload(&path, &[], &[]).await.status, 422);
    let mut most = PDF.to_vec();
    most.resize(9 << 20, b' ');
    citizen.upload(&path, &[], &[("file", "../../nặng.pdf", &most)]).await.ok().has(&["nặng.pdf", "9,0 MB"]);
    let page = citizen.get(&format!("{draft}/papers")).await.ok();
    let file = page.between(&format!("{draft}/files/"), "\"").expect("a file").to_owned();
    let download = citizen.get(&format!("{draft}/files/{file}")).await.ok();
    assert_eq!(download.headers["content-length"], "9437184");
    assert_eq!(download.headers["content-type"], "application/pdf");
    assert!(download.headers["content-disposition"].to_str().expect("plain").starts_with("inline"));
    for number in 0..4 {
        let name = format!("tệp {number}.jpg");
        citizen.upload(&path, &[], &[("file", &name, JPEG)]).await.ok();
    }
    let page = citizen.upload(&path, &[], &[("file", "thừa.jpg", JPEG)]).await;
    assert_eq!(page.status, 422);
    page.has(&["Đã đủ số tệp"]);
    // The same content is stored once, and never written again.
    let stored = walk_files(&app.dir.path().join("data/files"));
    assert_eq!(stored.len(), 2, "{stored:?}");
}

async fn an_upload_that_is_sent_again_is_attached_once(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::begin(&citizen, BIRTH).await;
    let path = format!("{draft}/papers/birth_proof");
    let photos: &[(&str, &str, &[u8])] = &[("file", "mặt trước.jpg", JPEG), ("file", "mặt sau.jpg", JPEG)];
    let uploads = (0..4).map(|_| citizen.upload(&path, &[], photos));
    let mut pages = futures::future::join_all(uploads).await;
    pages.push(citizen.upload(&path, &[], photos).await);
    let attached = |page: &Page| page.body.matches(&format!("action=\"{draft}/detach/")).count();
    for page in pages {
        assert_eq!(page.ok().path, format!("{draft}/papers"));
    }
    assert_eq!(attached(&citizen.get(&format!("{draft}/papers")).await.ok()), 2);
    for number in 3..=5 {
        citizen.upload(&path, &[], &[("file", &format!("trang {number}.jpg"), JPEG)]).await.ok();
    }
    let full = citizen.upload(&path, &[], photos).await.ok();
    assert_eq!(attached(&full), 5, "nor does it matter that there is no room");
    assert_eq!(citizen.upload(&path, &[], &[("file", "trang 6.jpg", JPEG)]).await.status, 422);
}

async fn two_requests_at_once_begin_one_draft(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    citizen.get(BIRTH).await.ok();
    let path = format!("{BIRTH}/apply");
    let pages = futures::future::join_all((0..4).map(|_| citizen.post(&path, &[]))).await;
    let mut begun: Vec<String> = pages.into_iter().map(|page| page.ok().path).collect();
    begun.dedup();
    assert_eq!(begun.len(), 1, "{begun:?}");
}

fn walk_files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder of files").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { walk_files(&path) } else { vec![path] }).collect()
}

async fn a_form_from_elsewhere_is_refused(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let withdraw = format!("{dossier}/withdraw");
    let stranger = app.visitor();
    let foreign = stranger.get("/login").await.ok().hidden("proof").expect("a proof").to_owned();
    for proof in ["", "0", foreign.as_str()] {
        let page = citizen.post_from_elsewhere(&withdraw, &[("reason", "x"), ("proof", proof)]).await;
        assert_eq!(page.status, 403, "{proof}");
    }
    assert_eq!(citizen.post_from_elsewhere(&withdraw, &[("reason", "x")]).await.status, 403);
    citizen.get(&dossier).await.ok().has(&["Mới nộp"]);
    let fresh = app.visitor();
    let page = fresh.post("/login", &[("login", "0912345678"), ("password", PASSWORD)]).await;
    assert_eq!(page.status, 403);
    page.has(&["Trang đã cũ"]);
    let page = app.visitor().upload(&format!("{dossier}/actions/accept"), &[("seen", "1")], &[]).await;
    assert_eq!(page.status, 403);
}

async fn what_a_person_typed_is_never_markup(app: App) {
    let citizen = app.citizen("<b>An</b> & \"Co\"", "0912345678").await;
    citizen.get("/account").await.ok().has(&["&lt;b&gt;An&lt;/b&gt; &amp; &quot;Co&quot;"]).lacks(&["<b>An"]);
    let dossier = walk::birth(&citizen).await;
    citizen.post(&format!("{dossier}/messages"), &[("text", "<script>alert(1)</script>")]).await.ok();
    let thu = app.officer("thu.phucuong").await;
    thu.get(&dossier).await.ok().has(&["&lt;script&gt;"]).lacks(&["<script>alert", "<b>An"]);
    thu.get("/desk").await.ok().lacks(&["<b>An"]);
}

async fn nobody_reaches_the_draft_of_another(app: App) {
    let an = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::birth_draft(&an).await;
    let papers = an.get(&format!("{draft}/papers")).await.ok();
    let file = papers.between(&format!("{draft}/files/"), "\"").expect("a file").to_owned();
    an.get(&format!("{draft}/files/{file}")).await.ok();
    let em = app.citizen("Trần Văn Em", "0908111222").await;
    let (thu, yen) = (app.officer("thu.phucuong").await, app.officer("yen.phucuong").await);
    for path in ["/1", "/papers", "/review", &format!("/files/{file}")] {
        assert_eq!(em.get(&format!("{draft}{path}")).await.status, 404, "{path}");
        assert_eq!(thu.get(&format!("{draft}{path}")).await.status, 404, "{path}");
        assert_eq!(yen.get(&format!("{draft}{path}")).await.status, 403, "{path}");
    }
    assert_eq!(em.post(&format!("{draft}/2"), PARENTS).await.status, 404);
    assert_eq!(em.post(&format!("{draft}/file"), &[("consent", "yes")]).await.status, 404);
    em.post(&format!("{draft}/discard"), &[]).await.ok();
    an.get(&format!("{draft}/review")).await.ok();
    let dossier = walk::file(&an, &draft).await;
    assert_eq!(
        em.post(&format!("{draft}/file"), &[("consent", "yes")]).await.status,
        404,
        "nor its dossier by filing it again"
    );
    assert_eq!(em.get(&dossier).await.status, 404);
}
