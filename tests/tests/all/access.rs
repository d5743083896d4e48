//! Every route, with the visitors who may open it and those who may not.

use crate::bulk;
use motcua_store::jobs::{Job, JobKind, MOST_ATTEMPTS};
use motcua_tests::browser::{Browser, Page};
use motcua_tests::portal::App;
use motcua_tests::walk::{self, JPEG};

on_both! {
    every_route_lets_in_those_who_may_and_nobody_else
    every_answer_carries_the_headers_that_keep_pages_safe
    a_package_is_not_read_before_it_is_known_who_sends_it
    guessing_is_slowed_down
    an_address_of_no_procedure_is_not_found_whatever_is_in_it
}

/// The visitors, in the order of the columns below.
const VISITORS: [&str; 8] = [
    "nobody",
    "owner",
    "another citizen",
    "counter",
    "counter of another agency",
    "leader",
    "auditor",
    "administrator",
];

/// Method, route, and the answer for each visitor: `y` is let in (the rules may still refuse), `1` must log in, `3` may
/// not, `4` does not learn that it exists.
pub const ROUTES: &[(&str, &str, &str)] = &[
    ("GET", "/", "yyyyyyyy"),
    ("GET", "/procedures", "yyyyyyyy"),
    ("GET", "/procedures/{agency}/{slug}", "yyyyyyyy"),
    ("GET", "/procedures/{agency}/{slug}/apply", "yyyyyyyy"),
    ("POST", "/procedures/{agency}/{slug}/apply", "1yy33333"),
    ("GET", "/procedures/{agency}/{slug}/eligibility", "yyyyyyyy"),
    ("POST", "/procedures/{agency}/{slug}/eligibility", "yyyyyyyy"),
    ("GET", "/lookup", "yyyyyyyy"),
    ("POST", "/lookup", "yyyyyyyy"),
    ("GET", "/kiosk", "yyyyyyyy"),
    ("POST", "/kiosk", "yyyyyyyy"),
    ("GET", "/verify", "yyyyyyyy"),
    ("POST", "/verify", "yyyyyyyy"),
    ("GET", "/published", "yyyyyyyy"),
    ("GET", "/figures", "yyyyyyyy"),
    ("GET", "/figures.csv", "yyyyyyyy"),
    ("GET", "/help", "yyyyyyyy"),
    ("GET", "/help/{name}", "yyyyyyyy"),
    ("GET", "/log", "yyyyyyyy"),
    ("GET", "/log/checkpoint", "yyyyyyyy"),
    ("GET", "/log/tile/{*path}", "yyyyyyyy"),
    ("GET", "/log/check", "yyyyyyyy"),
    ("POST", "/log/check", "yyyyyyyy"),
    ("GET", "/language/{tag}", "yyyyyyyy"),
    ("POST", "/language/{tag}", "yyyyyyyy"),
    ("GET", "/register", "yyyyyyyy"),
    ("POST", "/register", "yyyyyyyy"),
    ("GET", "/login", "yyyyyyyy"),
    ("POST", "/login", "yyyyyyyy"),
    ("GET", "/login/code", "yyyyyyyy"),
    ("POST", "/login/code", "yyyyyyyy"),
    // This portal has no provider.
    ("GET", "/login/with/{provider}", "44444444"),
    ("GET", "/login/with/{provider}/answer", "44444444"),
    ("GET", "/password", "yyyyyyyy"),
    ("POST", "/password", "yyyyyyyy"),
    ("GET", "/account", "1yy33333"),
    ("GET", "/account/delete", "1yy33333"),
    // This test posts without the tick, so nothing is deleted.
    ("POST", "/account/delete", "1yy33333"),
    ("POST", "/account/email", "1yy33333"),
    ("POST", "/account/export", "1yy33333"),
    ("GET", "/account/factor", "133yyyyy"),
    ("POST", "/account/factor", "133yyyyy"),
    ("GET", "/account/profile", "1yy33333"),
    ("POST", "/account/profile", "1yy33333"),
    ("GET", "/account/readings", "1yy33333"),
    ("GET", "/account/security", "1yyyyyyy"),
    ("POST", "/account/security", "1yyyyyyy"),
    ("POST", "/account/sessions", "1yyyyyyy"),
    ("GET", "/account/logins", "1yy33333"),
    // This test types a wrong password.
    ("POST", "/account/logins", "1yy33333"),
    ("GET", "/account/notices", "1yy33333"),
    ("POST", "/account/mail", "1yy33333"),
    ("POST", "/account/phone", "1yy33333"),
    ("POST", "/account/phone-notices", "1yy33333"),
    ("GET", "/account/papers", "1yy33333"),
    ("GET", "/account/papers/{digest}", "1y433333"),
    ("POST", "/account/papers/{digest}/forget", "1yy33333"),
    ("GET", "/account/signing/{id}", "14433333"),
    ("POST", "/account/signing/{id}/consent", "14433333"),
    ("POST", "/account/signing/{id}/decline", "14433333"),
    ("GET", "/account/signing/{id}/files/{digest}", "14433333"),
    ("GET", "/sign", "1yy33333"),
    ("POST", "/sign", "1yy33333"),
    ("GET", "/drafts/{id}/{page}", "1y444333"),
    ("POST", "/drafts/{id}/{page}", "1y444333"),
    ("POST", "/drafts/{id}/papers/{paper}", "1y444333"),
    ("POST", "/drafts/{id}/papers/{paper}/reuse", "1y444333"),
    ("POST", "/drafts/{id}/papers/{paper}/combine", "1y444333"),
    ("POST", "/drafts/{id}/detach/{attached}", "1y444333"),
    ("GET", "/drafts/{id}/files/{digest}", "1y444333"),
    ("POST", "/drafts/{id}/discard", "1yyyy333"),
    ("POST", "/drafts/{id}/file", "1y444333"),
    ("POST", "/drafts/{id}/supplement", "1y444333"),
    // The procedure of the draft sends no results by post.
    ("GET", "/drafts/{id}/delivery", "14444333"),
    ("POST", "/drafts/{id}/delivery", "14444333"),
    ("GET", "/drafts/{id}/signers", "1y433333"),
    ("POST", "/drafts/{id}/signers", "1y433333"),
    ("POST", "/drafts/{id}/signers/{invitation}/revoke", "1y433333"),
    ("GET", "/dossiers/{code}", "1y4y4yy4"),
    ("GET", "/dossiers/{code}/receipt", "1y4y4yy4"),
    ("GET", "/dossiers/{code}/money", "1y4y4yy4"),
    // This portal has no payment gateway.
    ("GET", "/dossiers/{code}/pay", "14433333"),
    ("POST", "/dossiers/{code}/pay", "14433333"),
    ("GET", "/payment/return", "44444444"),
    ("GET", "/payment/notice", "44444444"),
    // Nothing was paid.
    ("GET", "/dossiers/{code}/money/{entry}", "14444444"),
    ("POST", "/dossiers/{code}/money/{entry}/reverse", "134y4334"),
    ("GET", "/dossiers/{code}/proof", "1y4y4yy4"),
    ("GET", "/dossiers/{code}/files/{digest}", "1y4y4yy4"),
    ("GET", "/dossiers/{code}/documents/{file}", "1y4y4yy4"),
    ("POST", "/dossiers/{code}/language/{tag}", "1y4y4yy4"),
    // The dossier of this test owes nothing.
    ("GET", "/dossiers/{code}/transfer.png", "14444444"),
    // It has no appointment on the spot either.
    ("GET", "/dossiers/{code}/visits.ics", "14444444"),
    ("POST", "/dossiers/{code}/supplement", "1y4y4333"),
    ("POST", "/dossiers/{code}/messages", "1y4y4y34"),
    // It sends nothing, so a reader may press it.
    ("POST", "/dossiers/{code}/answer", "133y4yy4"),
    ("POST", "/dossiers/{code}/withdraw", "1y434334"),
    ("POST", "/dossiers/{code}/rating", "1y434334"),
    ("POST", "/dossiers/{code}/actions/{action}", "134y4334"),
    ("POST", "/dossiers/{code}/steps/{stay}/{deed}", "134y4334"),
    ("POST", "/dossiers/{code}/undo", "134y4y34"),
    ("POST", "/dossiers/{code}/payments", "134y4334"),
    ("POST", "/dossiers/{code}/refunds", "134y4334"),
    ("GET", "/dossiers/{code}/phone", "134y4334"),
    ("POST", "/dossiers/{code}/phone", "134y4334"),
    // Its procedure sends no results by post.
    ("GET", "/dossiers/{code}/delivery", "14444444"),
    ("POST", "/dossiers/{code}/delivery", "14434334"),
    ("GET", "/dossiers/{code}/readings", "1y434yy4"),
    ("GET", "/counter", "133yy333"),
    ("POST", "/counter", "133yy333"),
    ("GET", "/desk", "133yyyy3"),
    ("GET", "/desk/figures", "13333yyy"),
    ("GET", "/desk/cash", "133yyyy3"),
    // The cashier of this test is nobody, whom only the leader of the agency and the auditor may see.
    ("GET", "/desk/cash/{agency}/{cashier}", "13333yy3"),
    ("POST", "/desk/cash/{agency}/{cashier}", "13333y33"),
    // Nobody has closed days.
    ("GET", "/desk/cash/{agency}/{cashier}/{number}", "13333443"),
    ("GET", "/desk/cash/{agency}/{cashier}/{number}/lines.csv", "13333443"),
    ("GET", "/desk/cash/{agency}/{cashier}/{number}/lines.xlsx", "13333443"),
    ("GET", "/desk/figures.csv", "13333yyy"),
    ("GET", "/desk/figures.xlsx", "13333yyy"),
    ("GET", "/desk/figures/dossiers", "13333yyy"),
    // The register has the names of applicants.
    ("GET", "/desk/figures/dossiers.csv", "13333yy3"),
    ("GET", "/desk/figures/dossiers.xlsx", "13333yy3"),
    ("GET", "/desk/search", "133yyyy3"),
    ("POST", "/desk/search", "133yyyy3"),
    ("GET", "/desk/accounts", "13333yy3"),
    ("GET", "/desk/bulk", "133yyyy3"),
    ("POST", "/desk/bulk", "133yyy33"),
    ("POST", "/desk/bulk/start", "133yyy33"),
    ("POST", "/desk/bulk/table", "133yyy33"),
    // The counter began the work of this test.
    ("GET", "/desk/bulk/{id}", "133y44y4"),
    ("POST", "/desk/bulk/{id}/stop", "133y4434"),
    ("GET", "/desk/bulk/{id}/lines.csv", "133y44y4"),
    ("GET", "/desk/answers", "13333yy3"),
    ("GET", "/desk/answers/{agency}", "13333yy3"),
    ("POST", "/desk/answers/{agency}", "13333y33"),
    ("GET", "/desk/notices", "133yyyy3"),
    ("POST", "/desk/notices", "133yyyy3"),
    ("GET", "/suggestions", "yyyyyyyy"),
    ("GET", "/suggestions/new", "1yy33333"),
    ("POST", "/suggestions/new", "1yy33333"),
    // The suggestion is about the dossier, so the leader of its agency answers it.
    ("GET", "/suggestions/{id}", "1y444yy4"),
    ("POST", "/suggestions/{id}/consent", "1y433333"),
    ("POST", "/suggestions/{id}/deeds/{deed}", "13344y34"),
    ("GET", "/account/suggestions", "1yy33333"),
    ("GET", "/desk/suggestions", "13333yyy"),
    ("GET", "/results", "133yyyy3"),
    ("POST", "/results", "133yyyy3"),
    ("GET", "/results.csv", "133yyyy3"),
    ("POST", "/results.csv", "133yyyy3"),
    ("GET", "/leave", "133yyy33"),
    ("POST", "/leave", "133yyy33"),
    ("POST", "/leave/{id}/end", "133yyy33"),
    ("GET", "/admin/jobs", "1333333y"),
    ("POST", "/admin/jobs/retry", "1333333y"),
    ("GET", "/admin/people", "1333333y"),
    ("POST", "/admin/people/lock", "1333333y"),
    ("POST", "/admin/people/reset", "1333333y"),
    ("POST", "/admin/people/factor", "1333333y"),
    ("GET", "/admin/plugins", "1333333y"),
    ("GET", "/admin/plugins/{component}", "1333333y"),
    ("POST", "/admin/plugins/{component}/suspend", "1333333y"),
    ("POST", "/admin/plugins/{component}/resume", "1333333y"),
    ("GET", "/admin/procedures", "1333333y"),
    ("POST", "/admin/procedures/install", "1333333y"),
    ("POST", "/admin/procedures/publish", "1333333y"),
    ("POST", "/admin/procedures/retire", "1333333y"),
    ("GET", "/audit/{list}", "133333y3"),
    ("GET", "/audit/{list}/table", "133333y3"),
    ("POST", "/audit/verify", "133333y3"),
    ("GET", "/catalogue.json", "yyyyyyyy"),
    ("GET", "/catalogue.jsonld", "yyyyyyyy"),
    ("GET", "/schemas/{file}", "yyyyyyyy"),
    ("GET", "/robots.txt", "yyyyyyyy"),
    ("GET", "/sitemap.xml", "yyyyyyyy"),
    ("GET", "/templates/{digest}/{file}", "yyyyyyyy"),
    // Only a preview has these three.
    ("GET", "/preview.js", "44444444"),
    ("GET", "/preview/changes", "44444444"),
    ("GET", "/preview/as/{person}", "44444444"),
    ("GET", "/healthz", "yyyyyyyy"),
    ("GET", "/livez", "yyyyyyyy"),
    ("GET", "/readyz", "yyyyyyyy"),
    // The operator of this portal allows nobody to read them.
    ("GET", "/metrics", "44444444"),
    ("GET", "/assets/{digest}/{*file}", "yyyyyyyy"),
    ("POST", "/logout", "yyyyyyyy"),
];

/// The targets of the requests.
struct Place {
    draft: String,
    supplement: String,
    paper: String,
    file: String,
    dossier: String,
    asset: String,
    version: String,
    template: String,
    /// A job that failed too often.
    job: String,
    /// A suggestion of the owner about the dossier.
    suggestion: String,
    /// The page of a deed of the counter on many dossiers.
    bulk: String,
}

/// Adds a job that failed too often, and returns its key.
pub(super) async fn failed_job(app: &App) -> String {
    let (key, now) = ("calendar".to_owned(), app.services.now().as_second());
    let transaction = app.services.database().begin().await.expect("a transaction");
    transaction.add_job(&key, JobKind::Calendar, now).await.expect("added");
    let (kind, attempts) = (JobKind::Calendar, MOST_ATTEMPTS);
    let job = Job { key: key.clone(), kind, dossier: None, stay: 0, attempts, leased_until: 0 };
    transaction.fail_job(&job, now, "no calendar").await.expect("failed");
    transaction.commit().await.expect("committed");
    key
}

impl Place {
    async fn new(app: &App, owner: &Browser, counter: &Browser) -> Self {
        let waiting = walk::birth(owner).await;
        let ask = walk::With { note: "Thiếu.", ..walk::With::default() };
        walk::act(counter, &waiting, "request-supplement", ask).await.ok();
        let supplement = owner.post(&format!("{waiting}/supplement"), &[]).await.ok().path;
        let dossier = walk::birth(owner).await;
        app.services.log.seal().await.expect("sealed");
        let draft = walk::birth_draft(owner).await;
        let papers = owner.get(&format!("{draft}/papers")).await.ok();
        let job = failed_job(app).await;
        let code = dossier.trim_start_matches("/dossiers/");
        let written = [("about", "dossier"), ("dossier", code), ("text", "Chậm quá.")];
        let suggestion = owner.post("/suggestions/new", &written).await.ok().path;
        let bulk = bulk::begun(counter, &dossier).await;
        let home = app.visitor().get("/").await.ok();
        let procedure = app.visitor().get("/procedures/so-gtvt/doi-giay-phep-lai-xe").await.ok();
        Self {
            paper: papers.between(&format!("{draft}/detach/"), "\"").expect("a paper").to_owned(),
            file: papers.between(&format!("{draft}/files/"), "\"").expect("a file").to_owned(),
            asset: home.between("href=\"/assets/", "\"").expect("a style sheet").to_owned(),
            version: procedure.between("/schemas/", ".json").expect("a schema").to_owned(),
            template: procedure.between("/templates/", "\"").expect("a form to download").to_owned(),
            supplement: supplement.trim_end_matches("/1").to_owned(),
            draft,
            dossier,
            job,
            suggestion,
            bulk,
        }
    }

    fn path(&self, method: &str, route: &str) -> String {
        let draft = if route.ends_with("/supplement") { &self.supplement } else { &self.draft };
        let route = &match route {
            "/schemas/{file}" => format!("/schemas/{}.json", self.version),
            "/templates/{digest}/{file}" => format!("/templates/{}", self.template),
            _ if route.ends_with("/eligibility") => route.replace("{agency}/{slug}", "so-gtvt/doi-giay-phep-lai-xe"),
            _ => route.to_owned(),
        };
        let path = match (method, route.as_str()) {
            ("POST", "/drafts/{id}/{page}") => route.replace("{page}", "2"),
            _ => route.replace("{page}", "review"),
        };
        path.replace("/assets/{digest}/{*file}", &format!("/assets/{}", self.asset))
            .replace("/drafts/{id}", draft)
            // No such invitation exists.
            .replace("/account/signing/{id}", &format!("/account/signing/{}", self.paper))
            .replace("{invitation}", &self.paper)
            .replace("/dossiers/{code}", &self.dossier)
            .replace("/suggestions/{id}", &self.suggestion)
            .replace("/desk/bulk/{id}", &self.bulk)
            .replace("deeds/{deed}", "deeds/take")
            .replace("{agency}/{slug}", "ubnd-phu-cuong/dang-ky-khai-sinh")
            .replace("/desk/answers/{agency}", "/desk/answers/ubnd-phu-cuong")
            .replace("{agency}/{cashier}", "ubnd-phu-cuong/nobody")
            .replace("{number}", "1")
            .replace("{provider}", "vneid")
            .replace("{tag}", "vi")
            .replace("{entry}", "1")
            .replace("/audit/{list}", "/audit/events")
            .replace("/help/{name}", "/help/privacy")
            .replace("/log/tile/{*path}", "/log/tile/0/000.p/1")
            .replace("{paper}", "birth_proof")
            .replace("{attached}", &self.paper)
            .replace(
                "{component}",
                motcua_sandbox::digest(motcua_first_party::component("birth").expect("a plugin")).as_str(),
            )
            .replace("documents/{file}", "documents/form-01.pdf")
            .replace("{digest}", &self.file)
            .replace("{action}", "accept")
            .replace("{stay}/{deed}", "0/take")
    }

    async fn ask(&self, browser: &Browser, method: &str, route: &str) -> Page {
        let path = self.path(method, route);
        let code = self.dossier.trim_start_matches("/dossiers/");
        if method == "GET" {
            return browser.get(&path).await;
        }
        // A page with the proof that the form came from ours.
        browser.get("/login").await;
        match route {
            "/dossiers/{code}/actions/{action}" => browser.upload(&path, &[("seen", "1")], &[]).await,
            "/drafts/{id}/papers/{paper}" => browser.upload(&path, &[], &[("file", "a.jpg", JPEG)]).await,
            "/log/check" => browser.upload(&path, &[], &[("file", "proof.json", b"{}")]).await,
            "/admin/procedures/install" => browser.upload(&path, &[], &[("package", "a.motcua", b"?")]).await,
            "/admin/procedures/publish" => browser.post(&path, &[("version", &self.version)]).await,
            "/dossiers/{code}/steps/{stay}/{deed}" => browser.post(&path, &[("seen", "1")]).await,
            "/admin/jobs/retry" => browser.post(&path, &[("key", &self.job)]).await,
            // An officer who is nobody else in this test.
            "/admin/people/lock" => browser.post(&path, &[("login", "hung.khdt"), ("locked", "no")]).await,
            "/admin/people/factor" | "/admin/people/reset" => browser.post(&path, &[("login", "hung.khdt")]).await,
            "/admin/procedures/retire" => browser.post(&path, &[("code", "9.000101")]).await,
            "/drafts/{id}/papers/{paper}/reuse" => browser.post(&path, &[("paper", &self.file)]).await,
            "/lookup" | "/kiosk" => browser.post(&path, &[("code", code), ("digits", "5678")]).await,
            "/drafts/{id}/{page}" => browser.post(&path, walk::PARENTS).await,
            "/account/signing/{id}/consent" | "/drafts/{id}/file" => browser.post(&path, &[("consent", "yes")]).await,
            _ => browser.post(&path, &[("text", "Xin chào"), ("reason", "Thôi"), ("next", "/")]).await,
        }
    }
}

fn verdict(page: &Page) -> char {
    match page.status {
        401 => '1',
        403 => '3',
        404 => '4',
        _ => 'y',
    }
}

async fn every_route_lets_in_those_who_may_and_nobody_else(app: App) {
    let source = concat!(
        include_str!("../../../core/portal/src/routes.rs"),
        include_str!("../../../core/portal/src/pages/dossier/changes.rs"),
    );
    // Lines may be broken anywhere.
    let mut source = source.split_whitespace().collect::<Vec<_>>().join(" ").replace("( \"", "(\"");
    // Routes that search engines may read are added by words of their own.
    for word in [".open(\"", ".page(\"", ".pages(\""] {
        source = source.replace(word, ".route(\"");
    }
    let written: usize = source.matches(".route(\"").count() + source.matches(".post(").count();
    assert_eq!(written, ROUTES.len(), "a route is missing in the table of this test, or too many are in it");
    for (method, route, _) in ROUTES {
        let known = source.split(".route(").any(|line| {
            line.starts_with(&format!("\"{route}\"")) && line.contains(if *method == "GET" { "get(" } else { "post(" })
        });
        assert!(known, "{method} {route} is not a route");
    }

    let browsers = [
        app.visitor(),
        app.citizen("Nguyễn Văn An", "0912345678").await,
        app.citizen("Trần Văn Em", "0908111222").await,
        app.officer("thu.phucuong").await,
        app.officer("lan.khdt").await,
        app.officer("yen.phucuong").await,
        app.officer("kiemsoat").await,
        app.officer("quantri").await,
    ];
    let mut wrong = Vec::new();
    // A route that reads changes no rights, so all of them share a place, and come before those that change it.
    let read = Place::new(&app, &browsers[1], &browsers[3]).await;
    let mut routes = ROUTES.to_vec();
    routes.sort_by_key(|(method, ..)| *method != "GET");
    for (method, route, expected) in routes {
        let own = if method == "GET" { None } else { Some(Place::new(&app, &browsers[1], &browsers[3]).await) };
        let place = own.as_ref().unwrap_or(&read);
        // Visitors without access come first, so that a change that one of them could make would be noticed.
        let mut order: Vec<usize> = (0..VISITORS.len()).collect();
        order.sort_by_key(|at| expected.as_bytes()[*at] == b'y');
        for at in order {
            let page = place.ask(&browsers[at], method, route).await;
            let (found, wanted) = (verdict(&page), char::from(expected.as_bytes()[at]));
            if found != wanted || page.status >= 500 {
                wrong.push(format!("{method} {route}: {} gets {found} ({}), not {wanted}", VISITORS[at], page.status));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn every_answer_carries_the_headers_that_keep_pages_safe(app: App) {
    let visitor = app.visitor();
    for path in ["/", "/login", "/nowhere", "/account", "/healthz"] {
        let page = visitor.get(path).await;
        let header = |name: &str| page.headers[name].to_str().expect("plain").to_owned();
        let policy = header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert!(policy.contains("script-src 'self';") && policy.contains("connect-src 'self';"), "{path}: {policy}");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("x-frame-options"), "DENY");
        assert!(header("permissions-policy").contains("geolocation=()"));
        assert_eq!(header("cache-control"), "no-store");
        page.lacks(&["<script>", "<script src", " style=\"", "onclick", "onload", "http://fonts"]);
    }
    let cookie = app.visitor().get("/").await.headers["set-cookie"].to_str().expect("plain").to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
}

async fn a_package_is_not_read_before_it_is_known_who_sends_it(app: App) {
    // A reader finds that it is longer than a signature may be.
    let signature = vec![b'x'; 100_000];
    let (admin, citizen) = (app.officer("quantri").await, app.citizen("Nguyễn Văn An", "0912345678").await);
    for (browser, status) in [(app.visitor(), 401), (citizen, 403), (app.officer("lan.khdt").await, 403), (admin, 413)]
    {
        browser.get("/login").await;
        let page = browser.upload("/admin/procedures/install", &[], &[("signature", "a.minisig", &signature)]).await;
        assert_eq!(page.status, status, "{}", page.text());
    }
}

async fn an_address_of_no_procedure_is_not_found_whatever_is_in_it(app: App) {
    let visitor = app.visitor();
    for name in ["b", "b%0A", "%0D%0Ax:%20y", "%00", "%C3%A2", "..%2F.."] {
        for page in ["", "/apply", "/eligibility"] {
            let answer = visitor.get(&format!("/procedures/a/{name}{page}")).await;
            assert_eq!(answer.status, 404, "{name}{page}");
            answer.has(&["Không tìm thấy"]);
        }
    }
    assert_eq!(visitor.get(&format!("{}/apply", walk::BIRTH)).await.ok().path, walk::BIRTH);
}

async fn guessing_is_slowed_down(app: App) {
    // The limit of this portal is a million tries a minute. The node of this test has ten.
    let clock = app.clock.clone();
    let file = app.dir.path().join("motcua.toml");
    let settings = std::fs::read_to_string(&file).expect("the settings");
    let settings = settings.replace("tries_per_minute = 1000000\n", "tries_per_minute = 10\n");
    std::fs::write(&file, settings).expect("they can be written");
    let base = motcua_tests::portal::serve_again(app.dir.path(), clock).await;
    let visitor = Browser::new(&base);
    visitor.get("/lookup").await.ok();
    let mut answers = Vec::new();
    // One try at each of many dossiers counts too.
    for number in 0..25 {
        let code = format!("H09.31-260303-{number:04}");
        answers.push(visitor.post("/lookup", &[("code", &code), ("digits", "0000")]).await.status);
    }
    assert_eq!(answers.iter().filter(|status| **status == 404).count(), 10, "{answers:?}");
    assert_eq!(answers.last(), Some(&429));
    let page = visitor.post("/lookup", &[("code", "H09.31-260303-0001"), ("digits", "9999")]).await;
    assert_eq!(page.headers["retry-after"], "6");
    page.has(&["hãy đợi một phút"]);
}
