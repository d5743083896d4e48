//! A tour through the portal as each of the people involved, which keeps every page and state that they meet.

mod delivery;
mod for_others;
mod signing;

use super::eye::View;
use crate::second_factor;
use crate::two_tabs::with;
use motcua::demo;
use motcua_domain::text::Language;
use motcua_tests::browser::{Browser, Page};
use motcua_tests::portal::{App, PASSWORD};
use motcua_tests::walk::{
    self, BIRTH, CHILD, COMPANY, COMPANY_1, COMPANY_2, JPEG, PARENTS, PDF, WATER, WATER_1, WATER_2,
};
use std::collections::BTreeSet;

/// The procedure that asks questions before its form.
const LICENCE: &str = "/procedures/so-gtvt/doi-giay-phep-lai-xe";

/// The telephone number of an applicant who is not in the story, and its last four digits.
const PHONE: &str = "0911222333";
const DIGITS: &str = "2333";

/// The language in which [`walk`] types numbers, whatever the language of the pages is.
const TYPED: (&str, &str) = ("_language", "vi");

/// Returns the addresses on a page that begin in a way.
fn links(page: &Page, prefix: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for rest in page.body.split("href=\"").skip(1) {
        let address = rest.split(['"', '#']).next().unwrap_or_default();
        if address.starts_with(prefix) && !found.iter().any(|known| known == address) {
            found.push(address.to_owned());
        }
    }
    found
}

/// The pages that were met so far, and who meets them.
#[derive(Debug)]
pub struct Tour<'a> {
    app: &'a App,
    language: Language,
    /// The most dossiers that one person of the story opens.
    dossiers: usize,
    /// The person who walks.
    who: &'static str,
    /// The pages in their states.
    pub views: Vec<View>,
    /// The paths of the pages.
    pub paths: BTreeSet<String>,
}

impl<'a> Tour<'a> {
    /// Walks through the portal as everybody. The portal has the whole story of the sample province, and each person of
    /// it opens so many dossiers.
    pub async fn of(app: &'a App, language: Language, dossiers: usize) -> Self {
        let mut tour = Self { app, language, dossiers, who: "visitor", views: Vec::new(), paths: BTreeSet::new() };
        let applicant = tour.sit_down().await;
        applicant.register("Nguyễn Văn Mẫu", PHONE, PASSWORD).await;
        tour.who = "applicant";
        tour.own_account(&applicant).await;
        let birth = tour.birth(&applicant).await;
        tour.company(&applicant).await;
        tour.who = "visitor";
        tour.visitor(&birth).await;
        tour.who = "counter";
        tour.counter(&birth).await;
        tour.who = "applicant";
        tour.supplement(&applicant, &birth).await;
        tour.water(&applicant).await;
        tour.delivery(&applicant).await;
        tour.for_another_person(&applicant).await;
        tour.suggestions(&applicant, &birth).await;
        tour.who = "people of the story";
        tour.people_of_the_story().await;
        tour.who = "administrator";
        tour.administrator().await;
        tour.who = "people who sign";
        tour.signing(&applicant).await;
        tour
    }

    /// Returns a browser in the language of the tour.
    async fn sit_down(&self) -> Browser {
        let browser = self.app.visitor();
        browser.get(&format!("/language/{}?back=/", self.language.tag())).await.ok();
        browser
    }

    /// Returns the browser of a person of the story.
    async fn log_in(&self, login: &str) -> Browser {
        let browser = self.sit_down().await;
        browser.log_in(login, demo::PASSWORD).await;
        browser
    }

    /// Keeps a page in a state.
    fn keep(&mut self, state: &str, page: Page) -> Page {
        let begins = format!("<html lang=\"{}\">", self.language.tag());
        assert!(page.status < 500 && page.body.contains(&begins), "{state}: {} {}", page.status, page.text());
        self.paths.insert(page.path.clone());
        self.views.push(View { state: format!("{}: {state}", self.who), html: page.body.clone() });
        page
    }

    /// Opens a page and keeps it.
    async fn open(&mut self, browser: &Browser, path: &str) -> Page {
        let page = browser.get(path).await;
        self.keep(path, page)
    }

    /// Posts a form and keeps the page of the answer.
    async fn send(&mut self, browser: &Browser, state: &str, path: &str, fields: &[(&str, &str)]) -> Page {
        let page = browser.post(path, fields).await;
        self.keep(state, page)
    }

    async fn visitor(&mut self, filed: &str) {
        let visitor = self.sit_down().await;
        for path in [
            "/",
            "/procedures",
            "/procedures?q=khai+sinh",
            "/procedures?q=zzzz",
            BIRTH,
            COMPANY,
            WATER,
            LICENCE,
            "/published",
            "/figures",
            "/help",
            "/help/accessibility",
            "/help/faq",
            "/help/filing",
            "/help/privacy",
            "/suggestions",
            "/nowhere",
            "/account",
        ] {
            self.open(&visitor, path).await;
        }
        let questions = format!("{LICENCE}/eligibility");
        self.open(&visitor, &questions).await;
        self.send(&visitor, "questions without answers", &questions, &[("do", "ask")]).await;

        self.open(&visitor, "/lookup").await;
        let code = filed.trim_start_matches("/dossiers/");
        let fields = [("code", code), ("digits", "0000")];
        self.send(&visitor, "a dossier that is not found", "/lookup", &fields).await;
        self.send(&visitor, "a dossier that is found", "/lookup", &[("code", code), ("digits", DIGITS)]).await;
        let fields = [("code", code), ("digits", DIGITS), ("code.2", "H09.01-261124-9999"), ("digits.2", "0000")];
        self.send(&visitor, "one more dossier", "/lookup", &with(&fields[..2], &[("do", "add")])).await;
        self.send(&visitor, "one of two dossiers is found", "/lookup", &fields).await;
        self.open(&visitor, "/kiosk").await;
        self.open(&visitor, "/kiosk?done=yes").await;
        self.send(&visitor, "a rating before the end", "/kiosk", &fields[..2]).await;
        self.send(&visitor, "a rating of no dossier", "/kiosk", &[("code", code), ("digits", "0000")]).await;
        self.open(&visitor, "/verify").await;
        let fields = [("number", "12/GP-STNMT"), ("holder", "Nguyễn Văn An"), ("day", "24/11/2026")];
        self.send(&visitor, "a result that is not found", "/verify", &fields).await;
        self.send(&visitor, "a result without a day", "/verify", &fields[..2]).await;

        self.open(&visitor, "/log").await;
        let page = visitor.upload("/log/check", &[], &[("file", "proof.json", b"{}")]).await;
        self.keep("a proof that fails", page);

        self.open(&visitor, "/register").await;
        let fields = [("name", ""), ("phone", "1"), ("email", ""), ("password", "ngắn")];
        self.send(&visitor, "a registration with mistakes", "/register", &fields).await;
        self.open(&visitor, "/login").await;
        let fields = [("login", PHONE), ("password", "sai mật khẩu")];
        self.send(&visitor, "a wrong password", "/login", &fields).await;
        self.open(&visitor, "/password").await;
    }

    async fn own_account(&mut self, applicant: &Browser) {
        for path in [
            "/account",
            "/account/logins",
            "/account/notices",
            "/account/papers",
            "/account/profile",
            "/account/readings",
            "/account/security",
            "/account/suggestions",
            "/account/delete",
        ] {
            self.open(applicant, path).await;
        }
        let fields = [("email", "an@"), ("password", "sai mật khẩu")];
        self.send(applicant, "an address with mistakes", "/account/email", &fields).await;
        self.send(applicant, "a code that is not sent", "/account/phone", &[]).await;
        let fields = [("name", ""), ("phone", PHONE), ("password", "sai mật khẩu")];
        self.send(applicant, "a profile with mistakes", "/account/profile", &fields).await;
        let fields = [("old_password", "sai mật khẩu"), ("new_password", "ngắn")];
        self.send(applicant, "a new password with mistakes", "/account/security", &fields).await;
        self.send(applicant, "an account that is not deleted", "/account/delete", &[("password", "sai")]).await;
    }

    /// Files a birth registration and returns the dossier's address.
    async fn birth(&mut self, applicant: &Browser) -> String {
        let draft = walk::begin(applicant, BIRTH).await;
        let [first, second] = [1, 2].map(|page| format!("{draft}/{page}"));
        let blank = self.open(applicant, &first).await;
        self.send(applicant, "a page of a form without answers", &first, &[("do", "next")]).await;
        applicant.post(&first, CHILD).await.ok();
        let shown = ["draft-stored", "draft-shown"].map(|name| (name, blank.hidden(name).unwrap_or_default()));
        let other = with(CHILD, &[("child_name", "Tên Khác")]);
        self.send(applicant, "a page that another one overtook", &first, &with(&other, &shown)).await;
        self.open(applicant, &second).await;
        self.open(applicant, &format!("{draft}/papers")).await;
        self.open(applicant, &format!("{draft}/review")).await;
        applicant.post(&second, PARENTS).await.ok();

        let paper = format!("{draft}/papers/birth_proof");
        let page = applicant.upload(&paper, &[], &[("file", "giấy chứng sinh.exe", b"MZ")]).await;
        self.keep("a paper that is not taken", page);
        let page = applicant.upload(&paper, &[], &[("file", "giấy chứng sinh.jpg", JPEG)]).await.ok();
        self.keep("a paper that is attached", page);
        self.open(applicant, &format!("{draft}/review")).await;
        let reviewed = walk::review(applicant, &draft).await;
        let fields = [("draft-reviewed", reviewed.as_str())];
        self.send(applicant, "a filing without consent", &format!("{draft}/file"), &fields).await;
        self.open(applicant, "/account").await;

        let dossier = walk::file(applicant, &draft).await;
        for path in ["", "/receipt", "/money", "/readings"] {
            self.open(applicant, &format!("{dossier}{path}")).await;
        }
        let messages = format!("{dossier}/messages");
        self.send(applicant, "a message without words", &messages, &[("seen", "1"), ("message.text", "")]).await;
        let files: &[(&str, &str, &[u8])] = &[("message.files", "đơn.jpg", JPEG), ("message.files", "đơn.exe", b"MZ")];
        let page = applicant.upload(&messages, &[("seen", "1"), ("message.text", "Tôi gửi đơn.")], files).await;
        self.keep("a message with a file that is not taken", page);
        let page = applicant.upload(&messages, &[("seen", "1"), ("message.text", "Tôi gửi đơn.")], &files[..1]).await;
        self.keep("a message with a file", page.ok());
        for path in ["/account", "/account/notices", "/account/papers"] {
            self.open(applicant, path).await;
        }
        dossier
    }

    /// Fills in a form with rows.
    async fn company(&mut self, applicant: &Browser) {
        let draft = walk::begin(applicant, COMPANY).await;
        applicant.post(&format!("{draft}/1"), &with(COMPANY_1, &[TYPED])).await.ok();
        let second = format!("{draft}/2");
        self.open(applicant, &second).await;
        let rows: Vec<(&str, &str)> = COMPANY_2.iter().copied().filter(|(name, _)| *name != "do").collect();
        self.send(applicant, "a row more", &second, &with(&rows, &[TYPED, ("do", "add:members")])).await;
        let lacking: Vec<(&str, &str)> =
            rows.iter().copied().filter(|(name, _)| name.rsplit('.').next() != Some("name")).collect();
        self.send(applicant, "rows without names", &second, &with(&lacking, &[TYPED, ("do", "next")])).await;
        self.open(applicant, &format!("{draft}/3")).await;
        self.open(applicant, &format!("{draft}/review")).await;
    }

    async fn counter(&mut self, birth: &str) {
        let counter = self.log_in("thu.phucuong").await;
        for path in ["/desk", "/desk?view=ended", "/results", "/leave", "/desk/notices", "/account/security", birth] {
            self.open(&counter, path).await;
        }
        for path in ["/desk?view=open&officer=nobody&channel=online&due=none", "/desk?view=taken-part", "/desk/search"]
        {
            self.open(&counter, path).await;
        }
        let searches: [(&str, &[(&str, &str)]); 4] = [
            ("the dossiers of a name", &[("q", "nguyen")]),
            ("the dossiers of a number", &[("q", "0912345678")]),
            ("one group of dossiers", &[("q", "nguyen"), ("by", "name")]),
            ("words that mean nobody", &[("q", "1")]),
        ];
        for (state, words) in searches {
            self.send(&counter, state, "/desk/search", words).await;
        }
        let list = "list=view%3Dtodo&place=1%7E1%7EH09%2E31%2D260303%2D0001";
        for more in
            ["before=H09.31-260303-0002&from=1%7E1%7EH09%2E31%2D260303%2D0002&undo=1", "left=0", "paper=1&next=no"]
        {
            self.open(&counter, &format!("{birth}?{list}&{more}")).await;
        }
        let marks = [("stay", "0"), ("act.0.request-supplement.missing", "papers.birth_proof")];
        let page = counter.upload(&format!("{birth}/actions/request-supplement"), &marks, &[]).await.ok();
        self.keep("a letter that follows from marks", page);
        let leader = self.log_in("yen.phucuong").await;
        self.open(&leader, "/desk/answers").await;
        let answer = [("title", "Lời chào"), ("text", "Kính gửi {name}")];
        self.send(&leader, "a standard answer", "/desk/answers/ubnd-phu-cuong", &answer).await;
        self.open(&counter, &format!("{birth}/phone")).await;
        self.receiving(&counter).await;
        self.bulk(&counter, birth).await;
        self.send(&counter, "a leave without days", "/leave", &[("do", "next")]).await;
        let page = walk::act(&counter, birth, "request-supplement", walk::With::default()).await;
        self.keep("an action that is refused", page);
        let seen = counter.get(birth).await.ok().hidden("seen").expect("the version").to_owned();
        let asked = [("missing", "papers.birth_proof"), ("missing", "mother_number")];
        let asks = with(&[("seen", seen.as_str()), ("reason", "Thiếu giấy chứng sinh.")], &asked);
        let page = counter.upload(&format!("{birth}/actions/request-supplement"), &asks, &[]).await.ok();
        self.keep("a supplement that was asked for", page);
        let page = self.send(&counter, "a supplement at the counter", &format!("{birth}/supplement"), &[]).await;
        let draft = page.path.trim_end_matches("/papers").to_owned();
        for path in ["1", "2", "review"] {
            self.open(&counter, &format!("{draft}/{path}")).await;
        }
        self.open(&counter, "/counter").await;
    }

    /// Chooses dossiers of a list, reads what could be done with all of them, begins, and stops.
    async fn bulk(&mut self, counter: &Browser, birth: &str) {
        let (path, code) = ("/desk/bulk", birth.trim_start_matches("/dossiers/"));
        counter.get("/desk").await.ok();
        self.send(counter, "no dossier for a deed on many", path, &[]).await;
        counter.get("/desk").await.ok();
        let lines = format!("{code}~~ H09.99-260303-0001~~");
        self.send(counter, "dossiers without a deed", path, &[("lines", lines.as_str())]).await;
        let asked = [("lines", lines.as_str()), ("deed", "take"), ("do", "preview")];
        self.send(counter, "a deed on many dossiers that the rules answer", path, &asked).await;
        let lines = format!("{code}~0~1");
        let begun = [("lines", lines.as_str()), ("deed", "take")];
        let work = self.send(counter, "a deed on many dossiers that begins", "/desk/bulk/start", &begun).await.path;
        self.open(counter, path).await;
        self.send(counter, "a deed on many dossiers that is stopped", &format!("{work}/stop"), &[]).await;
    }

    /// Receives a person with paper, up to the form that the counter fills in.
    async fn receiving(&mut self, counter: &Browser) {
        const CARD: &str = "074195000321||Nguyễn Thị Ngân|02091995|Nữ|Phường Phú Cường|10052021";
        let path = "/counter";
        self.open(counter, path).await;
        self.send(counter, "a scan that is no card", path, &[("do", "find"), ("scan", "074|x")]).await;
        let scanned = [("do", "find"), ("scan", CARD), ("q", "khai sinh")];
        self.send(counter, "a person without an account", path, &scanned).await;
        let person = [("number", "074195000321"), ("name", "Nguyễn Thị Ngân"), ("phone", "0911222333")];
        let begun = with(&person, &[("checked", "yes"), ("do", "start:1.001193@ubnd-phu-cuong")]);
        let draft = self.send(counter, "a form at the counter", path, &begun).await.path;
        for page in ["papers", "review"] {
            self.open(counter, &format!("{}/{page}", draft.trim_end_matches("/1"))).await;
        }
        self.open(counter, path).await;
        let other = [("do", "find"), ("number", "074195000321"), ("name", "Lê Thị Na"), ("phone", "0911222333")];
        self.send(counter, "a name that another officer corrects", path, &other).await;
    }

    async fn supplement(&mut self, applicant: &Browser, birth: &str) {
        self.open(applicant, birth).await;
        let page = self.send(applicant, "a supplement", &format!("{birth}/supplement"), &[]).await;
        let (draft, _) = page.path.rsplit_once('/').expect("a page of a draft");
        for path in ["1", "papers", "review"] {
            self.open(applicant, &format!("{draft}/{path}")).await;
        }
        self.open(applicant, "/account").await;
    }

    /// Files an application with a fee, which is then asked for.
    async fn water(&mut self, applicant: &Browser) {
        let draft = walk::begin(applicant, WATER).await;
        // The story ends later than the wells of the other tests begin.
        let is_other = |(name, _): &(&str, &str)| *name != "start_date";
        let wells: Vec<(&str, &str)> = WATER_2.iter().copied().filter(is_other).collect();
        let wells = with(&wells, &[("start_date", "01/06/2027")]);
        for (page, fields) in [(1, WATER_1), (2, wells.as_slice())] {
            applicant.post(&format!("{draft}/{page}"), &with(fields, &[TYPED])).await.ok();
        }
        for paper in ["application", "project", "land_certificate"] {
            let address = format!("{draft}/papers/{paper}");
            applicant.upload(&address, &[], &[("file", "giấy tờ.pdf", PDF)]).await.ok();
        }
        let dossier = walk::file(applicant, &draft).await;
        let counter = self.log_in("hoa.tnmt").await;
        let page = walk::act(&counter, &dossier, "accept", walk::With::default()).await.ok();
        let seen = page.hidden("seen").unwrap_or("0").to_owned();
        self.keep("a fee to record", page);
        let payments = format!("{dossier}/payments");
        self.send(&counter, "a payment without receipt", &payments, &[("seen", seen.as_str())]).await;
        self.open(applicant, &dossier).await;
        for path in [format!("{dossier}/pay").as_str(), "/payment/return"] {
            self.open(applicant, path).await;
        }
        let paid = [("seen", seen.as_str()), ("payment.amount", "1000"), ("payment.method", "cash")];
        counter.post(&payments, &paid).await.ok();
        let page = self.open(&counter, &format!("{dossier}/money")).await;
        for path in links(&page, &format!("{dossier}/money/")).iter().take(1) {
            self.open(&counter, path).await;
        }
        let page = self.open(&counter, "/desk/cash").await;
        for path in links(&page, "/desk/cash/").iter().take(1) {
            let page = self.open(&counter, path).await;
            let marked = page.hidden("seen").unwrap_or_default().to_owned();
            self.send(&counter, "a day that is closed", path, &[("seen", marked.as_str())]).await;
        }
    }

    async fn suggestions(&mut self, applicant: &Browser, birth: &str) {
        let new = "/suggestions/new";
        self.open(applicant, new).await;
        for about in ["dossier", "officer", "portal"] {
            self.open(applicant, &format!("{new}?about={about}")).await;
            self.send(applicant, &format!("an empty suggestion about {about}"), new, &[("about", about)]).await;
        }
        let code = birth.trim_start_matches("/dossiers/");
        let fields = [("about", "dossier"), ("dossier", code), ("text", "Chậm quá.")];
        let sent = self.send(applicant, "a suggestion", new, &fields).await.path;
        self.open(applicant, "/account/suggestions").await;
        let leader = self.log_in("yen.phucuong").await;
        self.open(&leader, "/desk/suggestions").await;
        self.open(&leader, &sent).await;
        self.send(&leader, "an empty answer", &format!("{sent}/deeds/answer"), &[("text", "")]).await;
    }

    /// Opens dossiers in every state as those who see them.
    async fn people_of_the_story(&mut self) {
        for login in ["0912345678", "0908111222", "0987654321", "0903222111"] {
            let citizen = self.log_in(login).await;
            let page = self.open(&citizen, "/account").await;
            for path in links(&page, "/dossiers/").iter().take(self.dossiers) {
                self.open(&citizen, path).await;
            }
            self.open(&citizen, "/account/notices").await;
        }
        for login in ["mai.khdt", "hung.khdt", "tuan.tnmt", "nga.tnmt", "khanh.tnmt", "binh.phucuong", "kiemsoat"] {
            let officer = self.log_in(login).await;
            let page = self.open(&officer, "/desk").await;
            for path in links(&page, "/dossiers/").iter().take(self.dossiers) {
                self.open(&officer, path).await;
            }
        }
        let auditor = self.log_in("kiemsoat").await;
        let all = "/desk/figures/dossiers?from=&to=";
        for path in [
            "/desk/figures?from=&to=&by=unit",
            all,
            "/desk/cash",
            "/desk/accounts",
            "/desk/answers",
            "/desk/suggestions",
            "/results",
        ] {
            self.open(&auditor, path).await;
        }
        self.app.services.log.seal().await.expect("sealed");
        self.app.services.audit.follow_log().await.expect("followed");
        for path in ["/audit/events", "/audit/events?kind=rated&from=2020-01-01&until=2020-01-02", "/audit/readings"] {
            self.open(&auditor, path).await;
        }
        self.open(&auditor, "/audit/staff").await;
        self.send(&auditor, "a verification that is awaited", "/audit/verify", &[]).await;
        self.app.services.log.verify_if_wanted().await.expect("verified");
        self.open(&auditor, "/audit/events").await;
    }

    async fn administrator(&mut self) {
        let administrator = self.log_in("quantri").await;
        for path in ["/admin/procedures", "/admin/jobs", "/admin/people"] {
            self.open(&administrator, path).await;
        }
        let fields = [("login", "nga.tnmt")];
        self.send(&administrator, "a code for an officer", "/admin/people/reset", &fields).await;
        let hung = self.log_in("hung.khdt").await;
        let page = self.open(&hung, "/account/factor").await;
        let nonce = page.hidden("nonce").expect("a nonce").to_owned();
        let secret = page.between("<code class=\"long\">", "<").expect("a secret").to_owned();
        let wrong = [("nonce", nonce.as_str()), ("code", "000"), ("password", demo::PASSWORD)];
        self.send(&hung, "a wrong code of an app", "/account/factor", &wrong).await;
        let code = second_factor::code(self.app, &secret);
        let right = [("nonce", nonce.as_str()), ("code", code.as_str()), ("password", demo::PASSWORD)];
        self.send(&hung, "recovery codes", "/account/factor", &right).await;
        let hung = self.sit_down().await;
        hung.get("/login").await.ok();
        let fields = [("login", "hung.khdt"), ("password", demo::PASSWORD)];
        let page = self.send(&hung, "a code of an app is asked", "/login", &fields).await;
        let ticket = page.hidden("ticket").expect("a ticket").to_owned();
        let fields = [("ticket", ticket.as_str()), ("code", "000000"), ("next", "/")];
        self.send(&hung, "a wrong code at the log-in", "/login/code", &fields).await;
        self.open(&administrator, "/admin/people").await;
        let fields = [("login", "quantri"), ("locked", "yes")];
        self.send(&administrator, "a lock of the own account", "/admin/people/lock", &fields).await;
        let page = self.open(&administrator, "/admin/plugins").await;
        for path in links(&page, "/admin/plugins/").iter().take(1) {
            self.open(&administrator, path).await;
        }
        let package: &[(&str, &str, &[u8])] = &[("package", "a.motcua", b"?")];
        let page = administrator.upload("/admin/procedures/install", &[], package).await;
        self.keep("a package that is not one", page);
    }
}
