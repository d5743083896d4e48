//! The same form posted twice from one page, as people do when the answer was lost. It does its work once, and the
//! second answer repeats the first.

mod staff;
mod stored;

use crate::access;
use crate::bulk;
use crate::co_signing;
use motcua_tests::browser::{Browser, Page};
use motcua_tests::portal::{App, PASSWORD};
use motcua_tests::walk::{self, BIRTH, CHILD, JPEG, PDF, With, act};
use stored::state;

on_both! {
    every_form_that_is_posted_twice_does_its_work_once
    an_action_with_a_file_that_is_sent_again_is_taken_once
    a_registration_that_is_sent_again_is_the_first_and_tells_nobody_more
}

/// The routes whose forms change no stored data beside sessions.
const CHANGING_NOTHING: [&str; 19] = [
    "/procedures/{agency}/{slug}/eligibility",
    "/lookup",
    "/verify",
    "/log/check",
    "/language/{tag}",
    "/login",
    "/logout",
    "/dossiers/{code}/language/{tag}",
    "/desk/bulk",
    "/desk/bulk/table",
    "/desk/search",
    "/results",
    "/results.csv",
    "/dossiers/{code}/answer",
    // The portal of this test sends no mails.
    "/password",
    // The number of this test is verified already.
    "/account/phone",
    "/account/export",
    // No log-in is linked, so the form ends none.
    "/account/logins",
    "/account/sessions",
];

/// The routes whose forms have a code that is taken once, so the second answer is a refusal.
const TAKEN_ONCE: [&str; 1] = ["/login/code"];

/// The routes that a portal without a payment gateway does not have. [`crate::payments`] repeats their forms.
const OF_GATEWAY: [&str; 1] = ["/dossiers/{code}/pay"];

/// Returns every other route that accepts forms.
pub fn routes() -> impl Iterator<Item = &'static str> {
    let is_repeated = |(method, route, _): &&(&str, &str, &str)| {
        *method == "POST" && !TAKEN_ONCE.contains(route) && !OF_GATEWAY.contains(route)
    };
    access::ROUTES.iter().filter(is_repeated).map(|(_, route, _)| *route)
}

/// A form that is about to be posted.
pub struct Post {
    pub from: Browser,
    pub path: String,
    pub fields: Vec<(&'static str, String)>,
    /// The files that go with it, if it is sent in parts.
    pub files: Option<Vec<(&'static str, &'static str, Vec<u8>)>>,
}

impl Post {
    fn form(from: Browser, path: String, fields: &[(&'static str, &str)]) -> Self {
        let fields = fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Self { from, path, fields, files: None }
    }

    fn upload(from: Browser, path: String, files: Vec<(&'static str, &'static str, Vec<u8>)>) -> Self {
        Self { from, path, fields: Vec::new(), files: Some(files) }
    }

    pub async fn send(&self, browser: &Browser) -> Page {
        let fields: Vec<(&str, &str)> = self.fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let Some(files) = &self.files else { return browser.post(&self.path, &fields).await };
        let files: Vec<_> = files.iter().map(|(field, name, bytes)| (*field, *name, bytes.as_slice())).collect();
        browser.upload(&self.path, &fields, &files).await
    }
}

/// Returns the text of a page between two marks.
#[track_caller]
fn part(page: &Page, from: &str, to: &str) -> String {
    page.between(from, to).unwrap_or_else(|| panic!("`{from}` is not on {}", page.path)).to_owned()
}

/// Returns a draft in which a citizen may supplement a dossier.
async fn supplement(citizen: &Browser, counter: &Browser) -> String {
    let dossier = walk::birth(citizen).await;
    let ask = With { note: "Thiếu.", ..With::default() };
    act(counter, &dossier, "request-supplement", ask).await.ok();
    dossier
}

/// Prepares everything so that the form can be posted. The number makes each citizen another one.
pub async fn prepare(app: &App, route: &str, number: usize) -> Post {
    let phone = format!("09123400{number:02}");
    let citizen = app.citizen("Nguyễn Văn An", &phone).await;
    if let Some(post) = of_visitor(app, route, &citizen, &phone).await {
        return post;
    }
    if route == "/sign" || route.contains("/signing/") || route.contains("/signers") {
        return of_signer(app, route, citizen, number).await;
    }
    if let Some(deed) = route.strip_prefix("/drafts/{id}") {
        return of_draft(app, deed, citizen).await;
    }
    if let Some(deed) = route.strip_prefix("/dossiers/{code}") {
        return of_dossier(app, deed, citizen).await;
    }
    if route.starts_with("/desk/bulk") {
        return bulk::prepared(app, route, &citizen).await;
    }
    if route == "/desk/search" || route.starts_with("/results") {
        walk::birth(&citizen).await;
        return Post::form(app.officer("thu.phucuong").await, route.to_owned(), &[("q", phone.as_str())]);
    }
    if route.starts_with("/desk/cash") {
        let (dossier, counter) = (walk::company(&citizen).await, app.officer("lan.khdt").await);
        act(&counter, &dossier, "accept", With::default()).await.ok();
        let paid = [("amount", "50000"), ("method", "cash"), ("receipt", "")];
        counter.post(&format!("{dossier}/payments"), &paid).await.ok();
        let path = format!("/desk/cash/{}", part(&counter.get("/desk/cash").await.ok(), "\"/desk/cash/", "\""));
        let page = counter.get(&path).await.ok();
        return Post::form(counter, path, &[("seen", page.hidden("seen").expect("the mark"))]);
    }
    if route.starts_with("/suggestions") {
        return of_suggestion(app, route, citizen).await;
    }
    match route {
        "/procedures/{agency}/{slug}/apply" => Post::form(citizen, format!("{BIRTH}/apply"), &[]),
        "/account/papers/{digest}/forget" => {
            let draft = walk::birth_draft(&citizen).await;
            let digest = part(&citizen.get(&format!("{draft}/papers")).await.ok(), &format!("{draft}/files/"), "\"");
            Post::form(citizen, format!("/account/papers/{digest}/forget"), &[])
        }
        "/account/security" => {
            Post::form(citizen, route.to_owned(), &[("old_password", PASSWORD), ("new_password", "bốn con mèo lười")])
        }
        "/account/delete" => Post::form(citizen, route.to_owned(), &[("sure", "yes"), ("password", PASSWORD)]),
        "/account/email" => {
            Post::form(citizen, route.to_owned(), &[("email", "an@example.vn"), ("password", PASSWORD)])
        }
        "/account/export" => Post::form(citizen, route.to_owned(), &[]),
        "/account/profile" => {
            let fields = [("name", "Nguyễn Văn Ân"), ("phone", phone.as_str()), ("password", PASSWORD)];
            Post::form(citizen, route.to_owned(), &fields)
        }
        "/account/logins" => Post::form(citizen, route.to_owned(), &[("link", "0"), ("password", PASSWORD)]),
        "/account/sessions" => Post::form(citizen, route.to_owned(), &[("session", "others")]),
        "/account/phone" => {
            // No code is sent to a number that a counter has verified.
            let dossier = walk::birth(&citizen).await;
            let counter = app.officer("thu.phucuong").await;
            counter.get(&dossier).await.ok();
            counter.post(&format!("{dossier}/phone"), &[]).await.ok();
            Post::form(citizen, route.to_owned(), &[])
        }
        "/account/phone-notices" => Post::form(citizen, route.to_owned(), &[("channel", "none")]),
        "/account/mail" => Post::form(citizen, route.to_owned(), &[("wanted", "no")]),
        "/logout" => Post::form(citizen, "/logout".to_owned(), &[]),
        _ => staff::of_staff(app, route).await,
    }
}

/// Returns the form of a route without a log-in.
async fn of_visitor(app: &App, route: &str, citizen: &Browser, phone: &str) -> Option<Post> {
    let visitor = app.visitor();
    Some(match route {
        "/procedures/{agency}/{slug}/eligibility" => {
            let path = "/procedures/so-gtvt/doi-giay-phep-lai-xe/eligibility".to_owned();
            Post::form(visitor, path, &[("by_transport", "true"), ("revoked", "false"), ("overdue_months", "2")])
        }
        "/lookup" => {
            let dossier = walk::birth(citizen).await;
            let code = dossier.trim_start_matches("/dossiers/");
            Post::form(visitor, route.to_owned(), &[("code", code), ("digits", &phone[phone.len() - 4..])])
        }
        "/kiosk" => {
            let dossier = walk::birth(citizen).await;
            citizen.post(&format!("{dossier}/withdraw"), &[("reason", "Khai nhầm.")]).await.ok();
            let code = dossier.trim_start_matches("/dossiers/");
            let known = [("step", "rate"), ("code", code), ("digits", &phone[phone.len() - 4..])];
            let points = ["attitude", "guidance", "trips", "timeliness", "overall"].map(|name| (name, "2"));
            Post::form(visitor, route.to_owned(), &[&known[..], &points[..]].concat())
        }
        "/verify" => {
            let fields = [("number", "12/GP-STNMT"), ("holder", "Nguyễn Văn An"), ("day", "24/11/2026")];
            Post::form(visitor, route.to_owned(), &fields)
        }
        "/log/check" => {
            let dossier = walk::birth(citizen).await;
            app.services.log.seal().await.expect("sealed");
            let proof = citizen.get(&format!("{dossier}/proof")).await.ok().body;
            Post::upload(visitor, route.to_owned(), vec![("file", "proof.json", proof.into_bytes())])
        }
        "/language/{tag}" => Post::form(visitor, "/language/vi?back=/lookup".to_owned(), &[("code", "H09")]),
        "/register" => {
            let fields = [("name", "Lê Thị Bưởi"), ("phone", "0987654321"), ("email", ""), ("password", PASSWORD)];
            Post::form(visitor, route.to_owned(), &fields)
        }
        "/login" => Post::form(visitor, route.to_owned(), &[("login", phone), ("password", PASSWORD)]),
        "/password" => Post::form(visitor, route.to_owned(), &[("login", phone)]),
        _ => return None,
    })
}

async fn of_draft(app: &App, deed: &str, citizen: Browser) -> Post {
    if deed == "/supplement" {
        let counter = app.officer("thu.phucuong").await;
        let dossier = supplement(&citizen, &counter).await;
        let page = citizen.post(&format!("{dossier}/supplement"), &[]).await.ok();
        let draft = page.path.trim_end_matches("/1").to_owned();
        let reviewed = walk::review(&citizen, &draft).await;
        return Post::form(citizen, format!("{draft}/supplement"), &[("draft-reviewed", &reviewed)]);
    }
    if deed == "/delivery" {
        let draft = walk::certificate_draft(&citizen).await;
        return Post::form(citizen, format!("{draft}/delivery"), walk::BY_POST);
    }
    let draft = walk::birth_draft(&citizen).await;
    let papers = citizen.get(&format!("{draft}/papers")).await.ok();
    let at = format!("{draft}/papers/birth_proof");
    match deed {
        "/{page}" => {
            let mut other = CHILD.to_vec();
            other.push(("child_name", "Nguyễn Minh Anh"));
            Post::form(citizen, format!("{draft}/1"), &other)
        }
        "/papers/{paper}" => {
            let photos = [("file", "trước.jpg"), ("file", "sau.jpg")];
            Post::upload(citizen, at, photos.map(|(field, name)| (field, name, JPEG.to_vec())).to_vec())
        }
        "/papers/{paper}/reuse" => {
            let digest = part(&papers, &format!("{draft}/files/"), "\"");
            Post::form(citizen, format!("{draft}/papers/marriage_certificate/reuse"), &[("paper", &digest)])
        }
        "/papers/{paper}/combine" => {
            citizen.upload(&at, &[], &[("file", "sau.jpg", JPEG)]).await.ok();
            Post::form(citizen, format!("{at}/combine"), &[])
        }
        "/detach/{attached}" => {
            let attached = part(&papers, &format!("{draft}/detach/"), "\"");
            Post::form(citizen, format!("{draft}/detach/{attached}"), &[])
        }
        "/discard" => Post::form(citizen, format!("{draft}/discard"), &[]),
        "/file" => {
            let reviewed = walk::review(&citizen, &draft).await;
            Post::form(citizen, format!("{draft}/file"), &[("consent", "yes"), ("draft-reviewed", &reviewed)])
        }
        _ => panic!("{deed} is not in this test"),
    }
}

/// Returns the form of an applicant whose draft somebody signs too, or of that person.
async fn of_signer(app: &App, route: &str, citizen: Browser, number: usize) -> Post {
    if let Some(deed) = route.strip_prefix("/drafts/{id}/signers") {
        let draft = co_signing::signed_draft(app, &citizen).await;
        if deed.is_empty() {
            let fields = co_signing::invitation_form(&citizen, &draft).await.to_vec();
            return Post { from: citizen, path: format!("{draft}/signers"), fields, files: None };
        }
        co_signing::invite(&citizen, &draft).await;
        let page = citizen.get(&format!("{draft}/signers")).await.ok();
        let invitation = part(&page, &format!("{draft}/signers/"), "/revoke");
        return Post::form(citizen, format!("{draft}/signers/{invitation}/revoke"), &[]);
    }
    let applicant = app.citizen("Trần Văn Em", &format!("09123402{number:02}")).await;
    let draft = co_signing::signed_draft(app, &applicant).await;
    let secret = co_signing::invite(&applicant, &draft).await;
    if route == "/sign" {
        return Post::form(citizen, route.to_owned(), &[("link", &secret), ("number", co_signing::MOTHER)]);
    }
    let signing = co_signing::accept(&citizen, &secret).await;
    match route.rsplit('/').next() {
        Some("consent") => {
            let read = co_signing::read(&citizen, &signing).await;
            Post::form(citizen, format!("{signing}/consent"), &[("consent", "yes"), ("read", &read)])
        }
        Some("decline") => Post::form(citizen, format!("{signing}/decline"), &[("reason", "Sai tên con")]),
        _ => panic!("{route} is not in this test"),
    }
}

async fn of_dossier(app: &App, deed: &str, citizen: Browser) -> Post {
    let counter = app.officer("thu.phucuong").await;
    if deed == "/payments" {
        let dossier = walk::company(&citizen).await;
        let counter = app.officer("lan.khdt").await;
        act(&counter, &dossier, "accept", With::default()).await.ok();
        let paid = [("amount", "50000"), ("method", "cash"), ("receipt", "")];
        return Post::form(counter, format!("{dossier}/payments"), &paid);
    }
    if deed == "/refunds" {
        let (dossier, counter) = (walk::company(&citizen).await, app.officer("lan.khdt").await);
        act(&counter, &dossier, "accept", With::default()).await.ok();
        let paid = [("amount", "50000"), ("method", "cash"), ("receipt", "")];
        counter.post(&format!("{dossier}/payments"), &paid).await.ok();
        citizen.post(&format!("{dossier}/withdraw"), &[("reason", "Đổi ý.")]).await.ok();
        // A part, so that the same form could be carried out twice.
        let refund = [("amount", "20000"), ("method", "cash"), ("receipt", "")];
        return Post::form(counter, format!("{dossier}/refunds"), &refund);
    }
    if deed == "/money/{entry}/reverse" {
        let (dossier, counter) = (walk::company(&citizen).await, app.officer("lan.khdt").await);
        act(&counter, &dossier, "accept", With::default()).await.ok();
        let paid = [("amount", "50000"), ("method", "cash"), ("receipt", "")];
        counter.post(&format!("{dossier}/payments"), &paid).await.ok();
        let page = counter.get(&format!("{dossier}/money")).await.ok();
        let entry = part(&page, &format!("{dossier}/money/"), "/reverse");
        let entry = entry.rsplit('/').next().unwrap_or_default();
        return Post::form(counter, format!("{dossier}/money/{entry}/reverse"), &[("reason", "Nhầm hồ sơ")]);
    }
    if deed == "/supplement" {
        let dossier = supplement(&citizen, &counter).await;
        return Post::form(citizen, format!("{dossier}/supplement"), &[]);
    }
    if deed == "/delivery" {
        let dossier = walk::certificate(&citizen).await;
        return Post::form(citizen, format!("{dossier}/delivery"), &[("_delivery.way", "counter")]);
    }
    let dossier = walk::birth(&citizen).await;
    let note = With { note: "Hợp lệ.", ..With::default() };
    match deed {
        "/language/{tag}" => Post::form(citizen, format!("{dossier}/language/vi"), &[("message.text", "Xin chào")]),
        "/answer" => Post::form(counter, format!("{dossier}/answer"), &[("answer", "message.text")]),
        "/phone" => Post::form(counter, format!("{dossier}/phone"), &[]),
        "/messages" => Post::form(citizen, format!("{dossier}/messages"), &[("text", "Khi nào có kết quả ạ?")]),
        "/withdraw" => Post::form(citizen, format!("{dossier}/withdraw"), &[("reason", "Khai nhầm.")]),
        "/rating" => {
            act(&counter, &dossier, "decline", note).await.ok();
            let points = ["attitude", "guidance", "trips", "timeliness", "overall"].map(|name| (name, "2"));
            Post::form(citizen, format!("{dossier}/rating"), &points)
        }
        "/actions/{action}" => {
            let accept = Post::upload(counter, format!("{dossier}/actions/accept"), Vec::new());
            Post { fields: vec![("seen", "1".to_owned())], ..accept }
        }
        "/steps/{stay}/{deed}" => {
            let page = counter.get(&dossier).await.ok();
            let stay = part(&page, &format!("{dossier}/steps/"), "/take");
            Post::form(counter, format!("{dossier}/steps/{stay}/take"), &[("seen", "1")])
        }
        "/undo" => {
            act(&counter, &dossier, "accept", With::default()).await.ok();
            let specialist = app.officer("binh.phucuong").await;
            act(&specialist, &dossier, "propose", note).await.ok();
            let page = specialist.get(&dossier).await.ok();
            let seen = page.hidden("seen").expect("the version");
            Post::form(specialist, format!("{dossier}/undo"), &[("seen", seen)])
        }
        _ => panic!("{deed} is not in this test"),
    }
}

async fn of_suggestion(app: &App, route: &str, citizen: Browser) -> Post {
    if route == "/suggestions/new" {
        return Post::form(citizen, route.to_owned(), &[("about", "portal"), ("text", "Chữ nhỏ quá.")]);
    }
    let dossier = walk::birth(&citizen).await;
    let code = dossier.trim_start_matches("/dossiers/");
    let written = [("about", "dossier"), ("dossier", code), ("text", "Chậm quá.")];
    let sent = citizen.post("/suggestions/new", &written).await.ok().path;
    match route {
        "/suggestions/{id}/consent" => Post::form(citizen, format!("{sent}/consent"), &[("may_publish", "yes")]),
        "/suggestions/{id}/deeds/{deed}" => {
            let leader = app.officer("yen.phucuong").await;
            Post::form(leader, format!("{sent}/deeds/answer"), &[("text", "Chúng tôi xin lỗi.")])
        }
        _ => panic!("{route} is not in this test"),
    }
}

async fn every_form_that_is_posted_twice_does_its_work_once(app: App) {
    let unknown: Vec<_> = CHANGING_NOTHING.iter().filter(|known| !routes().any(|route| route == **known)).collect();
    assert!(unknown.is_empty(), "no routes that accept forms: {unknown:?}");
    for (number, route) in routes().enumerate() {
        let post = prepare(&app, route, number).await;
        // A page with the proof that the form came from ours.
        post.from.get("/login").await;
        let twin = post.from.twin();
        let before = state(&app).await;
        let first = post.send(&post.from).await.ok();
        let after = state(&app).await;
        assert_eq!(before != after, !CHANGING_NOTHING.contains(&route), "{route}");
        let second = post.send(&twin).await.ok();
        assert_eq!(second.path, first.path, "{route}");
        assert_eq!(state(&app).await, after, "{route}");
    }
}

async fn an_action_with_a_file_that_is_sent_again_is_taken_once(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let (thu, binh, yen) =
        (app.officer("thu.phucuong").await, app.officer("binh.phucuong").await, app.officer("yen.phucuong").await);
    act(&thu, &dossier, "accept", With::default()).await.ok();
    act(&binh, &dossier, "propose", With { note: "Hợp lệ.", ..With::default() }).await.ok();
    act(&yen, &dossier, "approve", With::default()).await.ok();

    let seen = binh.get(&dossier).await.ok().hidden("seen").expect("the version").to_owned();
    let twin = binh.twin();
    let (path, fields) = (format!("{dossier}/actions/issue"), [("seen", seen.as_str())]);
    let result: &[(&str, &str, &[u8])] = &[("result", "giấy khai sinh.pdf", PDF)];
    let first = binh.upload(&path, &fields, result).await.ok();
    let after = state(&app).await;
    let second = twin.upload(&path, &fields, result).await.ok();
    assert_eq!(second.path, first.path);
    assert_eq!(state(&app).await, after);
    // Another file is another command, and the officer's turn is over.
    let other = [PDF, b"\n%"].concat();
    assert_eq!(twin.upload(&path, &fields, &[("result", "giấy khai sinh.pdf", &other)]).await.status, 403);
    assert_eq!(state(&app).await, after);
}

async fn a_registration_that_is_sent_again_is_the_first_and_tells_nobody_more(app: App) {
    let fields = |password| [("name", "An"), ("phone", "0912345678"), ("email", ""), ("password", password)];
    let visitor = app.visitor();
    visitor.get("/register").await.ok();
    let (again, wrong) = (visitor.twin(), visitor.twin());
    visitor.post("/register", &fields(PASSWORD)).await.ok();
    let page = again.post("/register", &fields(PASSWORD)).await.ok();
    assert_eq!(page.path, "/account");
    again.get("/account").await.ok();

    let stranger = app.visitor();
    stranger.get("/register").await.ok();
    let of_stranger = stranger.post("/register", &fields(PASSWORD)).await;
    let of_wrong = wrong.post("/register", &fields("mat-khau-khac")).await;
    assert_eq!((of_stranger.status, of_wrong.status), (422, 422));
    of_stranger.clone().has(&["Số điện thoại này đã có tài khoản."]);
    assert_eq!(of_stranger.text(), of_wrong.text(), "whether the password is right is not told");
}
