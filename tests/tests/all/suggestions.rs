//! Complaints and suggestions: who reads, answers, forwards and publishes them, and until when.

use crate::accounts::with_settings;
use crate::store::rows;
use jiff::SignedDuration;
use motcua_domain::names::SuggestionId;
use motcua_domain::suggestion::Suggestion;
use motcua_store::suggestions;
use motcua_tests::browser::{Browser, Page};
use motcua_tests::portal::{App, PASSWORD};
use motcua_tests::walk::{self, BIRTH};

on_both! {
    a_suggestion_goes_to_the_leader_of_the_agency_and_nobody_else_reads_it
    what_is_written_about_the_portal_goes_to_the_administrator
    an_officer_never_reads_what_is_written_about_them
    a_suggestion_that_is_sent_twice_is_one_and_its_state_is_what_its_events_add_up_to
    an_answer_that_is_late_is_marked_counted_and_told_to_the_sender
    a_suggestion_is_forwarded_with_a_reason_and_then_belongs_to_the_other_agency
    publishing_needs_the_sender_and_the_agency_and_names_nobody
    a_form_that_is_not_complete_says_at_each_field_what_is_missing
    an_account_sends_so_many_suggestions_a_day_and_no_more
    the_sender_gets_a_notice_of_what_the_desk_does_and_nobody_else_does
}

const LEADER: &str = "yen.phucuong";
const LEADER_ELSEWHERE: &str = "dung.khdt";
const ADMINISTRATOR: &str = "quantri";
const TEXT: &str = "Đã hẹn lại ba lần.";
const ANSWER: &str = "Cơ quan xin lỗi và đã có kết quả.";

async fn citizen(app: &App) -> Browser {
    app.citizen("Nguyễn Văn An", "0912345678").await
}

/// Sends a suggestion and returns the answer.
async fn post(sender: &Browser, fields: &[(&str, &str)]) -> Page {
    sender.get("/suggestions/new").await.ok();
    sender.post("/suggestions/new", fields).await
}

/// Sends a suggestion about a dossier and returns its address.
async fn about_dossier(sender: &Browser, dossier: &str) -> String {
    let code = dossier.trim_start_matches("/dossiers/");
    post(sender, &[("about", "dossier"), ("dossier", code), ("text", TEXT)]).await.ok().path
}

/// Sends a suggestion about an officer and returns its address.
async fn about_officer(sender: &Browser, agency: &str, name: &str) -> String {
    let fields = [("about", "officer"), ("agency", agency), ("name", name), ("text", TEXT)];
    post(sender, &fields).await.ok().path
}

/// Presses a button of an officer on the page of a suggestion.
async fn deed(officer: &Browser, suggestion: &str, deed: &str, fields: &[(&str, &str)]) -> Page {
    officer.get("/desk/suggestions").await.ok();
    officer.post(&format!("{suggestion}/deeds/{deed}"), fields).await
}

async fn a_suggestion_goes_to_the_leader_of_the_agency_and_nobody_else_reads_it(app: App) {
    let sender = citizen(&app).await;
    let dossier = walk::birth(&sender).await;
    let code = dossier.trim_start_matches("/dossiers/");
    let link = format!("/suggestions/new?about=dossier&amp;dossier={code}");
    sender.get(&dossier).await.ok().has(&[&link]);
    let filled = sender.get(&link.replace("&amp;", "&")).await.ok();
    filled.has(&[&format!("<option value=\"{code}\" selected>"), "Luật Khiếu nại 2011", "15 ngày làm việc"]);
    let sent = about_dossier(&sender, &dossier).await;
    sender.get(&sent).await.ok().has(&[TEXT, "Đã nhận", "Ủy ban nhân dân phường Phú Cường"]);
    sender.get("/account/suggestions").await.ok().has(&[&sent, "Đã nhận"]);

    let leader = app.officer(LEADER).await;
    leader.get("/desk/suggestions").await.ok().has(&[&sent, TEXT]);
    leader.get(&sent).await.ok().has(&[TEXT, "Nguyễn Văn An", "Gửi câu trả lời"]);
    let id = sent.trim_start_matches("/suggestions/");
    let read = format!("SELECT account_name FROM reading WHERE dossier = '{id}'");
    let readers = rows(app.services.database(), &read).await;
    assert!(matches!(readers.as_slice(), [one] if one["account_name"] == "Lý Hải Yến"), "{readers:?}");
    let auditor = app.officer("kiemsoat").await;
    auditor.get(&sent).await.ok().has(&[TEXT]).lacks(&["Gửi câu trả lời"]);
    assert_eq!(deed(&auditor, &sent, "answer", &[("text", ANSWER)]).await.status, 403);

    let other = app.citizen("Trần Văn Em", "0908111222").await;
    assert_eq!(other.get(&sent).await.status, 404);
    other.get("/account/suggestions").await.ok().lacks(&[&sent]);
    assert_eq!(other.post(&format!("{sent}/consent"), &[("may_publish", "yes")]).await.status, 404);
    for login in ["thu.phucuong", "binh.phucuong", LEADER_ELSEWHERE, "mai.khdt", ADMINISTRATOR] {
        let officer = app.officer(login).await;
        assert_eq!(officer.get(&sent).await.status, 404, "{login}");
        for (button, fields) in [
            ("take", &[][..]),
            ("answer", &[("text", ANSWER)][..]),
            ("decline", &[("reason", ANSWER)][..]),
            ("forward", &[("to", "so-khdt"), ("reason", ANSWER)][..]),
            ("publish", &[("text", TEXT), ("answer", ANSWER)][..]),
        ] {
            let page = officer.post(&format!("{sent}/deeds/{button}"), fields).await;
            assert_eq!(page.status, 404, "{login} {button}");
        }
    }
    let elsewhere = app.officer(LEADER_ELSEWHERE).await.get("/desk/suggestions").await.ok();
    elsewhere.lacks(&[&sent, TEXT]);
    leader.get(&sent).await.ok().has(&["Đã nhận"]);

    let page = sender.get(BIRTH).await.ok();
    // Templates write the slashes of an address in their own way.
    let body = page.body.replace("&#x2f;", "/").replace("%2F", "/");
    assert!(body.contains(&format!("/suggestions/new?about=procedure&amp;path={BIRTH}\"")), "{}", page.text());
    let fields = [("about", "procedure"), ("path", BIRTH), ("text", TEXT)];
    let sent = post(&sender, &fields).await.ok().has(&["Đăng ký khai sinh"]).path;
    leader.get("/desk/suggestions").await.ok().has(&[&sent]);
    // A dossier of somebody else does not exist.
    let fields = [("about", "dossier"), ("dossier", code), ("text", TEXT)];
    let refused = post(&other, &fields).await;
    assert_eq!(refused.status, 422);
    refused.has(&["Không tìm thấy hồ sơ"]);
}

async fn what_is_written_about_the_portal_goes_to_the_administrator(app: App) {
    let sender = citizen(&app).await;
    let sent = post(&sender, &[("about", "portal"), ("text", TEXT)]).await.ok().path;
    let (admin, leader) = (app.officer(ADMINISTRATOR).await, app.officer(LEADER).await);
    assert_eq!(leader.get(&sent).await.status, 404);
    admin.get("/desk/suggestions").await.ok().has(&[&sent]);
    deed(&admin, &sent, "take", &[]).await.ok().has(&["Đang xử lý"]);
    deed(&admin, &sent, "decline", &[("reason", "Không rõ trang nào.")]).await.ok();
    let page = sender.get(&sent).await.ok().has(&["Không xử lý", "Không rõ trang nào."]);
    page.lacks(&["Mai Xuân Trường"]);
}

async fn an_officer_never_reads_what_is_written_about_them(app: App) {
    let sender = citizen(&app).await;
    let sent = about_officer(&sender, "so-khdt", "chị Mai").await;
    let (leader, meant) = (app.officer(LEADER_ELSEWHERE).await, app.officer("mai.khdt").await);
    leader.get(&sent).await.ok().has(&[TEXT, "chị Mai"]);
    assert_eq!(meant.get(&sent).await.status, 404);
    assert_eq!(meant.get("/desk/suggestions").await.status, 403);

    // What is written about the leader goes past the leader, and does not come back.
    let about_leader = about_officer(&sender, "so-khdt", "Võ Anh Dũng").await;
    let admin = app.officer(ADMINISTRATOR).await;
    admin.get(&about_leader).await.ok().has(&["Võ Anh Dũng"]);
    assert_eq!(leader.get(&about_leader).await.status, 404);
    leader.get("/desk/suggestions").await.ok().has(&[&sent]).lacks(&[&about_leader]);
    let back = deed(&admin, &about_leader, "forward", &[("to", "so-khdt"), ("reason", "Của sở.")]).await;
    assert_eq!(back.status, 422);
    back.has(&["Lỗi: ", "Không chuyển đến nơi này được", "Của sở."]);
    deed(&admin, &about_leader, "forward", &[("to", "ubnd-phu-cuong"), ("reason", "Nhờ xem xét.")]).await.ok();
    app.officer(LEADER).await.get(&about_leader).await.ok().has(&[TEXT]);
    assert_eq!(leader.get(&about_leader).await.status, 404);
}

async fn a_suggestion_that_is_sent_twice_is_one_and_its_state_is_what_its_events_add_up_to(app: App) {
    let sender = citizen(&app).await;
    sender.get("/suggestions/new?about=portal").await.ok();
    let twin = sender.twin();
    let fields = [("about", "portal"), ("text", TEXT), ("may_publish", "yes")];
    let sent = sender.post("/suggestions/new", &fields).await.ok().path;
    assert_eq!(twin.post("/suggestions/new", &fields).await.ok().path, sent);
    let database = app.services.database();
    assert_eq!(rows(database, "SELECT id FROM suggestion").await.len(), 1);

    let admin = app.officer(ADMINISTRATOR).await;
    deed(&admin, &sent, "take", &[]).await.ok();
    let twin = admin.twin();
    admin.post(&format!("{sent}/deeds/answer"), &[("text", ANSWER)]).await.ok();
    twin.post(&format!("{sent}/deeds/answer"), &[("text", ANSWER)]).await.ok();
    let other = admin.post(&format!("{sent}/deeds/answer"), &[("text", "Câu khác.")]).await;
    assert_eq!(other.status, 422, "it is answered");

    let id = SuggestionId::from(sent.trim_start_matches("/suggestions/"));
    let events = suggestions::events(database.reader(), &id).await.expect("read");
    let words: Vec<&str> = events.iter().map(|event| event.event.word()).collect();
    assert_eq!(words, ["sent", "taken", "answered"]);
    let kept = suggestions::suggestion(database.reader(), &id).await.expect("read");
    assert_eq!(Suggestion::replay(id, &events), kept);
}

async fn an_answer_that_is_late_is_marked_counted_and_told_to_the_sender(app: App) {
    let sender = citizen(&app).await;
    let dossier = walk::birth(&sender).await;
    let (late, sooner) =
        (about_dossier(&sender, &dossier).await, about_officer(&sender, "ubnd-phu-cuong", "Thư").await);
    let leader = app.officer(LEADER).await;
    leader.get("/desk/suggestions").await.ok().has(&[&late, &sooner]).lacks(&["<span class=\"tag late\">"]);
    deed(&leader, &sooner, "answer", &[("text", ANSWER)]).await.ok();

    app.clock.set(app.services.now() + SignedDuration::from_hours(24 * 30));
    leader.log_in(LEADER, PASSWORD).await;
    leader.get("/desk/suggestions").await.ok().has(&[&late, "<span class=\"tag late\">Trễ hạn"]).lacks(&[&sooner]);
    sender.log_in("0912345678", PASSWORD).await;
    sender.get(&late).await.ok().has(&["Cơ quan đã quá hạn trả lời"]);
    sender.get(&sooner).await.ok().has(&[ANSWER]).lacks(&["Trễ hạn", "Lý Hải Yến"]);
    deed(&leader, &late, "answer", &[("text", ANSWER)]).await.ok();
    sender.get(&late).await.ok().has(&[ANSWER, "Trễ hạn"]);
    let ended = leader.get("/desk/suggestions?view=ended").await.ok();
    ended.has(&[&late, &sooner]);

    let figures = app.services.suggestions.figures().await.expect("read");
    let [ward] = figures.as_slice() else { panic!("one desk has suggestions: {figures:?}") };
    assert_eq!((ward.received, ward.answered, ward.declined, ward.late), (2, 2, 0, 1));
    app.visitor().get("/suggestions").await.ok().has(&["Số liệu", "Ủy ban nhân dân phường Phú Cường"]).lacks(&[TEXT]);
}

async fn a_suggestion_is_forwarded_with_a_reason_and_then_belongs_to_the_other_agency(app: App) {
    let sender = citizen(&app).await;
    let dossier = walk::birth(&sender).await;
    let sent = about_dossier(&sender, &dossier).await;
    let (leader, elsewhere) = (app.officer(LEADER).await, app.officer(LEADER_ELSEWHERE).await);
    let without = deed(&leader, &sent, "forward", &[("to", "so-khdt"), ("reason", " ")]).await;
    assert_eq!(without.status, 422, "the reason is missing");
    without.has(&["href=\"#forward-reason\""]);
    let to_nowhere = deed(&leader, &sent, "forward", &[("to", ""), ("reason", "Của sở.")]).await;
    assert_eq!(to_nowhere.status, 422);

    leader.get(&sent).await.ok();
    let twin = leader.twin();
    let fields = [("to", "so-khdt"), ("reason", "Thuộc thẩm quyền của sở.")];
    let first = leader.post(&format!("{sent}/deeds/forward"), &fields).await.ok();
    assert_eq!(twin.post(&format!("{sent}/deeds/forward"), &fields).await.ok().path, first.path);
    assert_eq!(leader.get(&sent).await.status, 404);
    elsewhere.get(&sent).await.ok().has(&[TEXT, "Thuộc thẩm quyền của sở."]);
    let page = sender.get(&sent).await.ok();
    page.has(&["Đã chuyển đến", "Sở Kế hoạch và Đầu tư", "Thuộc thẩm quyền của sở."]);
    deed(&elsewhere, &sent, "answer", &[("text", ANSWER)]).await.ok();
    sender.get(&sent).await.ok().has(&[ANSWER]);
}

async fn publishing_needs_the_sender_and_the_agency_and_names_nobody(app: App) {
    let (sender, leader) = (citizen(&app).await, app.officer(LEADER).await);
    let dossier = walk::birth(&sender).await;
    let code = dossier.trim_start_matches("/dossiers/");
    let sent = about_dossier(&sender, &dossier).await;
    let words = [("text", TEXT), ("answer", ANSWER)];
    let public = async || app.visitor().get("/suggestions").await.ok();

    assert_eq!(deed(&leader, &sent, "publish", &words).await.status, 422, "it is not answered");
    deed(&leader, &sent, "answer", &[("text", ANSWER)]).await.ok();
    let refused = deed(&leader, &sent, "publish", &words).await;
    assert_eq!(refused.status, 422);
    refused.has(&["Người gửi không đồng ý công khai."]);
    public().await.lacks(&[TEXT, ANSWER]);

    sender.get(&sent).await.ok();
    sender.post(&format!("{sent}/consent"), &[("may_publish", "yes")]).await.ok();
    public().await.lacks(&[TEXT, ANSWER]);
    for named in ["Tôi là Nguyễn Văn An.", "Gọi 0912 345 678.", &format!("Hồ sơ {code} chậm.")] {
        let refused = deed(&leader, &sent, "publish", &[("text", named), ("answer", ANSWER)]).await;
        assert_eq!(refused.status, 422, "{named}");
        refused.has(&["Hãy bỏ đi.", named]);
    }
    deed(&leader, &sent, "publish", &words).await.ok();
    let page = public().await.has(&[TEXT, ANSWER, "Ủy ban nhân dân phường Phú Cường"]);
    page.lacks(&["Nguyễn Văn An", code, sent.as_str(), "Lý Hải Yến"]);

    sender.get(&sent).await.ok();
    sender.post(&format!("{sent}/consent"), &[("may_publish", "no")]).await.ok();
    public().await.lacks(&[TEXT, ANSWER]);
    assert_eq!(deed(&leader, &sent, "publish", &words).await.status, 422, "the sender agrees no longer");
    public().await.lacks(&[TEXT, ANSWER]);
}

async fn a_form_that_is_not_complete_says_at_each_field_what_is_missing(app: App) {
    let sender = citizen(&app).await;
    let nobody = app.visitor().get("/suggestions/new").await;
    assert_eq!(nobody.status, 401);
    sender.get("/suggestions/new").await.ok().has(&["Cán bộ, công chức", "Luật Khiếu nại 2011", "Luật Tố cáo 2018"]);
    let empty = post(&sender, &[("about", "officer"), ("text", " ")]).await;
    assert_eq!(empty.status, 422);
    let page = empty.has(&["<title>Lỗi: ", "href=\"#agency\"", "href=\"#name\"", "href=\"#text\""]);
    page.has(&[
        "aria-describedby=\"agency-wrong\"",
        "id=\"agency-wrong\"",
        "aria-describedby=\"text-help text-wrong\"",
    ]);
    let unknown = [("about", "officer"), ("agency", "nowhere"), ("name", "Mai"), ("text", TEXT)];
    let unknown = post(&sender, &unknown).await;
    assert_eq!(unknown.status, 422);
    unknown.has(&["Cổng này không có cơ quan đó", TEXT, "aria-describedby=\"agency-wrong\""]);
    let long = post(&sender, &[("about", "portal"), ("text", &"x".repeat(5001))]).await;
    assert_eq!(long.status, 422);
    long.has(&["Hãy viết từ 1 đến 5000 ký tự."]);
    let other = [("about", "portal"), ("text", TEXT), ("do", "language:en")];
    post(&sender, &other).await.ok().has(&["<html lang=\"en\"", TEXT, "Send a complaint or suggestion"]);
    assert!(rows(app.services.database(), "SELECT id FROM suggestion").await.is_empty());
}

async fn an_account_sends_so_many_suggestions_a_day_and_no_more(app: App) {
    let base = with_settings(&app, &[("suggestions_per_day = 1000000", "suggestions_per_day = 2")]).await;
    let sender = Browser::new(&base);
    sender.register("Nguyễn Văn An", "0912345678", PASSWORD).await;
    for text in ["Một.", "Hai."] {
        post(&sender, &[("about", "portal"), ("text", text)]).await.ok();
    }
    let refused = post(&sender, &[("about", "portal"), ("text", "Ba.")]).await;
    assert_eq!(refused.status, 422);
    refused.has(&["Hôm nay bạn đã gửi nhiều phản ánh", "Ba."]);
    let other = Browser::new(&base);
    other.register("Trần Văn Em", "0908111222", PASSWORD).await;
    post(&other, &[("about", "portal"), ("text", "Bốn.")]).await.ok();
}

async fn the_sender_gets_a_notice_of_what_the_desk_does_and_nobody_else_does(app: App) {
    let (sender, other) = (citizen(&app).await, app.citizen("Trần Văn Em", "0908111222").await);
    let sent = post(&sender, &[("about", "portal"), ("text", TEXT)]).await.ok().path;
    let notices = async || sender.get("/account/notices").await.ok();
    notices().await.lacks(&[&sent]);
    let admin = app.officer(ADMINISTRATOR).await;
    deed(&admin, &sent, "take", &[]).await.ok();
    let link = format!("<a href=\"{sent}\">");
    notices().await.has(&[&link, "Cơ quan đã tiếp nhận phản ánh, kiến nghị của bạn", "card unread"]);
    notices().await.has(&[&link]).lacks(&["card unread"]);
    deed(&admin, &sent, "forward", &[("to", "ubnd-phu-cuong"), ("reason", "Của phường.")]).await.ok();
    let leader = app.officer(LEADER).await;
    deed(&leader, &sent, "answer", &[("text", ANSWER)]).await.ok();
    let page = notices().await.has(&["đã được chuyển đến nơi khác", "Cơ quan đã trả lời phản ánh", "card unread"]);
    assert_eq!(page.body.matches(&link).count(), 3);
    page.lacks(&["Lý Hải Yến", "Mai Xuân Trường", ANSWER]);
    other.get("/account/notices").await.ok().lacks(&[&sent, "phản ánh, kiến nghị của bạn"]);

    let declined = post(&sender, &[("about", "portal"), ("text", "Trang nào cũng chậm.")]).await.ok().path;
    deed(&admin, &declined, "decline", &[("reason", "Không rõ trang nào.")]).await.ok();
    notices().await.has(&["không xử lý phản ánh, kiến nghị của bạn"]);
    // What the sender does is told to nobody.
    sender.get(&sent).await.ok();
    sender.post(&format!("{sent}/consent"), &[("may_publish", "yes")]).await.ok();
    notices().await.lacks(&["card unread"]);
}
