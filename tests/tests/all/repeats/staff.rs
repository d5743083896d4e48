//! The forms of officers and administrators that are posted twice.

use super::{Post, part};
use crate::access::failed_job;
use crate::procedures::birth_package;
use crate::second_factor;
use motcua_tests::portal::{App, PASSWORD};

/// Returns the form of a route for the staff alone.
pub(super) async fn of_staff(app: &App, route: &str) -> Post {
    if route == "/account/factor" {
        let officer = app.officer("khanh.tnmt").await;
        let page = officer.get(route).await.ok();
        let nonce = page.hidden("nonce").expect("a nonce");
        let code = second_factor::code(app, page.between("<code class=\"long\">", "<").expect("a secret"));
        let fields = [("nonce", nonce), ("code", code.as_str()), ("password", PASSWORD)];
        return Post::form(officer, route.to_owned(), &fields);
    }
    if route.starts_with("/leave") {
        let officer = app.officer("mai.khdt").await;
        let page = officer.get("/leave").await.ok();
        let deputy = page.body.split("<option value=\"").nth(2).and_then(|rest| rest.split('"').next());
        let days = [("deputy", deputy.expect("a colleague")), ("since", "2026-03-05"), ("until", "2026-03-06")];
        if route == "/leave" {
            return Post::form(officer, route.to_owned(), &days);
        }
        let page = officer.post("/leave", &days).await.ok();
        let leave = part(&page, "action=\"/leave/", "/end");
        return Post::form(officer, format!("/leave/{leave}/end"), &[]);
    }
    if route == "/desk/answers/{agency}" {
        let leader = app.officer("yen.phucuong").await;
        let answer = [("title", "Lời chào"), ("text", "Kính gửi {name}, hồ sơ {code} đã đủ.")];
        return Post::form(leader, "/desk/answers/ubnd-phu-cuong".to_owned(), &answer);
    }
    if route == "/desk/notices" {
        return Post::form(app.officer("mai.khdt").await, route.to_owned(), &[("address", "mai@example.vn")]);
    }
    if route == "/counter" {
        let counter = app.officer("thu.phucuong").await;
        counter.get("/counter").await.ok();
        let card = [("number", "074195000321"), ("name", "Nguyễn Thị Ngân"), ("phone", "0912999888")];
        let found = counter.post("/counter", &[card.as_slice(), &[("q", "khai sinh")]].concat()).await.ok();
        let start = format!("start:{}", part(&found, "value=\"start:", "\""));
        let chosen = [("checked", "yes"), ("do", start.as_str())];
        return Post::form(counter, route.to_owned(), &[card.as_slice(), &chosen].concat());
    }
    let admin = app.officer("quantri").await;
    let birth = motcua_sandbox::digest(motcua_first_party::component("birth").expect("a plugin"));
    let package = || birth_package(|text| text.replace("trong vòng 60 ngày", "trong sáu mươi ngày"));
    match route {
        "/admin/jobs/retry" => {
            let key = failed_job(app).await;
            Post::form(admin, route.to_owned(), &[("key", &key)])
        }
        "/admin/people/lock" => Post::form(admin, route.to_owned(), &[("login", "hung.khdt"), ("locked", "yes")]),
        "/admin/people/factor" => {
            second_factor::set_up(app, "tuan.tnmt").await;
            Post::form(admin, route.to_owned(), &[("login", "tuan.tnmt")])
        }
        "/admin/people/reset" => Post::form(admin, route.to_owned(), &[("login", "nga.tnmt")]),
        "/audit/verify" => Post::form(app.officer("kiemsoat").await, route.to_owned(), &[]),
        "/admin/plugins/{component}/suspend" => Post::form(admin, format!("/admin/plugins/{birth}/suspend"), &[]),
        "/admin/plugins/{component}/resume" => {
            admin.get("/admin/procedures").await.ok();
            admin.post(&format!("/admin/plugins/{birth}/suspend"), &[]).await.ok();
            Post::form(admin, format!("/admin/plugins/{birth}/resume"), &[])
        }
        "/admin/procedures/install" => {
            Post::upload(admin, route.to_owned(), vec![("package", "khai-sinh.motcua", package())])
        }
        "/admin/procedures/publish" => {
            let bytes = package();
            let files: &[(&str, &str, &[u8])] = &[("package", "khai-sinh.motcua", &bytes)];
            admin.get("/admin/procedures").await.ok();
            let page = admin.upload("/admin/procedures/install", &[], files).await.ok();
            let version = page.hidden("version").expect("a version");
            Post::form(admin, route.to_owned(), &[("version", version)])
        }
        "/admin/procedures/retire" => Post::form(admin, route.to_owned(), &[("code", "9.000101")]),
        _ => panic!("{route} is not in this test"),
    }
}
