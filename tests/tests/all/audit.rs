//! The audit for auditors, and the officers for administrators.

use crate::store::tamper;
use motcua_domain::people::organisation::Actor;
use motcua_service::{AuditList, AuditSearch, Error, OfficerState};
use motcua_store::accounts;
use motcua_tests::browser::{Browser, Page};
use motcua_tests::portal::{App, PASSWORD, morning};
use motcua_tests::walk::{self, With};

on_both! {
    an_auditor_finds_the_events_by_every_criterion_and_no_applicant_by_name
    a_list_goes_on_page_by_page_and_no_row_is_missing_or_twice
    a_table_of_the_audit_is_bounded_safe_and_logged_as_a_reading
    an_auditor_sees_log_ins_and_failed_log_ins_of_officers_alone
    the_journal_is_verified_once_in_the_background_and_the_page_tells_the_result
    whoever_may_not_read_the_audit_gets_nothing_from_the_services_either
    an_administrator_locks_and_unlocks_others_and_the_auditor_sees_who_did_it
    a_code_of_an_administrator_is_shown_once_and_sets_a_new_password_once
    nobody_locks_or_resets_their_own_account
}

/// The number of rows on a page of the audit.
fn count(page: &Page) -> usize {
    page.body.matches("scope=\"row\"").count()
}

async fn actor(app: &App, login: &str) -> Actor {
    let reader = app.services.database().reader();
    let account = accounts::by_login(reader, login).await.expect("read").expect("an account");
    accounts::actor(reader, &account, morning().date()).await.expect("read")
}

/// Files a dossier that a counter accepts, and lets the audit follow. Returns the code.
async fn accepted(app: &App) -> String {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let counter = app.officer("thu.phucuong").await;
    walk::act(&counter, &dossier, "accept", With::default()).await.ok();
    app.services.log.seal().await.expect("sealed");
    app.services.audit.follow_log().await.expect("followed");
    dossier.trim_start_matches("/dossiers/").to_owned()
}

async fn an_auditor_finds_the_events_by_every_criterion_and_no_applicant_by_name(app: App) {
    let code = accepted(&app).await;
    assert_eq!(app.services.audit.follow_log().await.expect("followed"), 0, "each entry is followed once");
    let auditor = app.officer("kiemsoat").await;
    let look = async |query: &str| auditor.get(&format!("/audit/events{query}")).await.ok();
    let all = look("").await.has(&[&code, "Ngô Minh Thư", "thu.phucuong", "người nộp"]).lacks(&["Nguyễn Văn An"]);
    let total = count(&all);
    assert!(total >= 2, "{total}");
    assert_eq!(count(&look("?kind=filed").await), 1);
    assert_eq!(count(&look("?kind=filed&officer=thu.phucuong").await), 0, "the applicant filed it");
    let of_counter = count(&look("?officer=Thu.PhuCuong").await);
    assert!((1..total).contains(&of_counter), "in any spelling");
    assert_eq!(count(&look(&format!("?dossier={}", code.to_lowercase())).await), total);
    assert_eq!(count(&look("?dossier=H09.31-990101-0001").await), 0);
    assert_eq!(count(&look("?agency=ubnd-phu-cuong").await), total);
    assert_eq!(count(&look("?agency=so-khdt").await), 0);
    assert_eq!(count(&look("?from=2026-03-03&until=2026-03-03").await), total);
    assert_eq!(count(&look("?from=2026-03-04").await), 0);
    assert_eq!(count(&look("?until=2026-03-02").await), 0);
    for nobody in ["0912345678", "khong.co"] {
        assert_eq!(count(&look(&format!("?officer={nobody}")).await), 0, "{nobody} is no officer");
    }
    let readings = auditor.get("/audit/readings?officer=thu.phucuong").await.ok().has(&[&code, "Ngô Minh Thư"]);
    assert!(count(&readings) > 0);
    assert_eq!(count(&auditor.get("/audit/readings?officer=lan.khdt").await.ok()), 0);
}

async fn a_list_goes_on_page_by_page_and_no_row_is_missing_or_twice(app: App) {
    // Many events have the same moment.
    for number in 0..130 {
        let at = 1_772_500_000 + number / 40;
        let row = format!("({number}, 'H09.31-260303-{number:04}', 1, {at}, 'rated', 'applicant', NULL, 'so-khdt')");
        tamper(app.services.database(), &format!("INSERT INTO audit_event VALUES {row}")).await;
    }
    let auditor = actor(&app, "kiemsoat").await;
    for search in [
        AuditSearch::default(),
        AuditSearch { agency: "so-khdt".to_owned(), kind: "rated".to_owned(), ..AuditSearch::default() },
    ] {
        let (mut seen, mut place, mut pages) = (Vec::new(), None, 0);
        loop {
            let (rows, last) =
                app.services.audit.list(&auditor, AuditList::Events, &search, place).await.expect("a page");
            seen.extend(rows.into_iter().map(|row| (row.at, row.key.parse::<i64>().expect("a number"))));
            pages += 1;
            let Some(last) = last else { break };
            place = Some(last);
        }
        assert_eq!((pages, seen.len()), (3, 130));
        assert!(seen.is_sorted_by(|before, after| before > after), "newest first, each once: {seen:?}");
    }
}

async fn a_table_of_the_audit_is_bounded_safe_and_logged_as_a_reading(app: App) {
    let code = accepted(&app).await;
    tamper(
        app.services.database(),
        "INSERT INTO audit_event VALUES (9000, '=1+1', 1, 1772500000, 'rated', 'applicant', NULL, '')",
    )
    .await;
    let auditor = app.officer("kiemsoat").await;
    let table = auditor.get("/audit/events/table?from=2026-01-01").await.ok();
    assert!(table.body.starts_with("\u{feff}\"at\",\"actor\""), "{}", table.body);
    assert!(table.headers["content-disposition"].to_str().expect("plain").starts_with("attachment"));
    table.has(&[&code, "\"thu.phucuong\"", "\"'=1+1\""]).lacks(&["Nguyễn Văn An"]);
    auditor.get("/audit/readings?officer=kiemsoat").await.ok().has(&["xuất bảng kiểm tra"]);
}

async fn an_auditor_sees_log_ins_and_failed_log_ins_of_officers_alone(app: App) {
    app.citizen("Nguyễn Văn An", "0912345678").await;
    let stranger = app.visitor();
    for login in ["lan.khdt", "0912345678"] {
        stranger.get("/login").await.ok();
        stranger.post("/login", &[("login", login), ("password", "sai mật khẩu")]).await;
    }
    let auditor = app.officer("kiemsoat").await;
    let page = auditor.get("/audit/staff?kind=log-in-failed").await.ok().has(&["Nguyễn Thị Lan"]);
    assert_eq!(count(&page), 1, "applicants are nobody's business here");
    auditor.get("/audit/staff?officer=kiemsoat&kind=logged-in").await.ok().has(&["kiemsoat"]);
}

async fn the_journal_is_verified_once_in_the_background_and_the_page_tells_the_result(app: App) {
    accepted(&app).await;
    let auditor = app.officer("kiemsoat").await;
    auditor.get("/audit/events").await.ok().has(&["Kiểm chứng ngay", "Chưa có ai"]);
    auditor.post("/audit/verify", &[]).await.ok().has(&["đang được kiểm chứng"]).lacks(&["Kiểm chứng ngay"]);
    assert!(app.services.log.verify_if_wanted().await.expect("verified"));
    assert!(!app.services.log.verify_if_wanted().await.expect("nothing to do"), "one wish, one verification");
    auditor.get("/audit/events").await.ok().has(&["nguyên vẹn", "Kiểm chứng ngay"]);
    tamper(app.services.database(), "UPDATE journal SET event = 'ended' WHERE version = 1").await;
    auditor.post("/audit/verify", &[]).await.ok();
    assert!(app.services.log.verify_if_wanted().await.expect("verified"));
    auditor.get("/audit/events").await.ok().has(&["chỗ sai"]);
}

async fn whoever_may_not_read_the_audit_gets_nothing_from_the_services_either(app: App) {
    for login in ["quantri", "thu.phucuong", "yen.phucuong"] {
        let other = actor(&app, login).await;
        for list in AuditList::ALL {
            let found = app.services.audit.list(&other, list, &AuditSearch::default(), None).await;
            assert!(matches!(found, Err(Error::Refused(_))), "{login} {list:?}");
            let found = app.services.audit.export(&other, list, &AuditSearch::default()).await;
            assert!(matches!(found, Err(Error::Refused(_))), "{login} {list:?}");
        }
        assert!(app.services.log.chain_state(&other).await.is_err(), "{login}");
        assert!(app.services.log.want_verification(&other).await.is_err(), "{login}");
    }
    for login in ["kiemsoat", "thu.phucuong", "yen.phucuong"] {
        let other = actor(&app, login).await;
        assert!(app.services.people.staff(&other).await.is_err(), "{login}");
        assert!(app.services.lock_officer(&other, "lan.khdt", true).await.is_err(), "{login}");
    }
}

async fn an_administrator_locks_and_unlocks_others_and_the_auditor_sees_who_did_it(app: App) {
    let (admin, lan) = (app.officer("quantri").await, app.officer("lan.khdt").await);
    admin.get("/admin/people").await.ok().has(&["Nguyễn Thị Lan", "Đăng nhập lần cuối"]);
    let lock = async |locked: &str| {
        admin.get("/admin/people").await.ok();
        admin.post("/admin/people/lock", &[("login", "lan.khdt"), ("locked", locked)]).await.ok()
    };
    lock("yes").await.has(&["Tài khoản đã bị khóa", "đang bị khóa"]);
    assert_eq!(lan.get("/desk").await.status, 401);
    // Locking once more changes nothing, and is recorded once.
    lock("yes").await;
    let auditor = app.officer("kiemsoat").await;
    let page = auditor.get("/audit/staff?kind=locked").await.ok().has(&["Nguyễn Thị Lan", "Mai Xuân Trường"]);
    assert_eq!(count(&page), 1);
    lock("no").await.has(&["Tài khoản đã được mở khóa"]);
    lan.log_in("lan.khdt", PASSWORD).await;
    app.services.lock_account("lan.khdt", true).await.expect("locked");
    auditor.get("/audit/staff?kind=locked").await.ok().has(&["lệnh của người vận hành"]);
    // An applicant is no officer.
    app.citizen("Nguyễn Văn An", "0912345678").await;
    admin.get("/admin/people").await.ok();
    let page = admin.post("/admin/people/lock", &[("login", "0912345678"), ("locked", "yes")]).await;
    assert_eq!(page.status, 404);
}

/// Sets a new password by a code.
async fn replace(browser: &Browser, login: &str, code: &str, password: &str) -> Page {
    browser.get("/password").await.ok();
    browser.post("/password", &[("login", login), ("code", code), ("password", password)]).await
}

async fn a_code_of_an_administrator_is_shown_once_and_sets_a_new_password_once(app: App) {
    const NEW: &str = "con-meo-luoi-nam";
    let (admin, lan) = (app.officer("quantri").await, app.officer("lan.khdt").await);
    admin.get("/admin/people").await.ok();
    let again = admin.twin();
    let page = admin.post("/admin/people/reset", &[("login", "lan.khdt")]).await.ok();
    let code = page.between("<strong><code>", "<").expect("a code").to_owned();
    assert_eq!(code.len(), 8);
    again.post("/admin/people/reset", &[("login", "lan.khdt")]).await.ok().lacks(&[&code]);
    admin.get("/admin/people").await.ok().lacks(&[&code]);
    assert_eq!(lan.get("/desk").await.status, 401, "logged out at once");
    lan.get("/login").await.ok();
    for password in [PASSWORD, code.as_str()] {
        let page = lan.post("/login", &[("login", "lan.khdt"), ("password", password)]).await;
        assert_eq!(page.status, 422, "the code is no password, and the old one holds no more");
    }
    let state = app.services.people.officer_state("lan.khdt").await.expect("read");
    assert_eq!(state, Some(OfficerState::NoPassword));
    let visitor = app.visitor();
    assert_eq!(replace(&visitor, "lan.khdt", "00000000", NEW).await.status, 422);
    assert_eq!(replace(&visitor, "hung.khdt", &code, NEW).await.status, 422, "it is for one officer");
    replace(&visitor, "lan.khdt", &code, NEW).await.ok();
    lan.log_in("lan.khdt", NEW).await;
    assert_eq!(replace(&visitor, "lan.khdt", &code, "mot-mat-khau-khac").await.status, 422, "once");
    let auditor = app.officer("kiemsoat").await;
    let page = auditor.get("/audit/staff?officer=lan.khdt&kind=password-reset").await.ok().has(&["Mai Xuân Trường"]);
    assert_eq!(count(&page), 1);
    assert_eq!(count(&auditor.get("/audit/staff?officer=lan.khdt&kind=password-changed").await.ok()), 1);
}

async fn nobody_locks_or_resets_their_own_account(app: App) {
    let admin = app.officer("quantri").await;
    admin.get("/admin/people").await.ok();
    for path in ["/admin/people/lock", "/admin/people/reset"] {
        let page = admin.post(path, &[("login", "quantri"), ("locked", "yes")]).await;
        assert_eq!(page.status, 422, "{path}");
        page.has(&["Hãy nhờ một quản trị khác"]);
    }
    admin.get("/admin/people").await.ok();
}
