//! A commit is final. Every answered change exists after any fault of the disk, the database, the network or the node.
//!
//! An unanswered command can be given again and is carried out once. A node goes on by itself, and reports its state.

mod crew;

use motcua_domain::dossier::command::Command as DossierCommand;
use motcua_store::log::LogTrust;
use motcua_store::{Fault, journal};
use motcua_tests::browser::{Again, Browser, Page};
use motcua_tests::flow::{Office, workflow};
use motcua_tests::portal::{App, Kind, PASSWORD, install};
use motcua_tests::postgres::{VARIABLE, free_port};
use motcua_tests::process::{Server, motcua};
use motcua_tests::proxy::{Cut, Proxy};
use motcua_tests::tmpfs::Tmpfs;
use motcua_tests::walk::{self, BIRTH, CHILD, JPEG, PDF};
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tokio::sync::watch;

/// The number of looks at something outside of the test before the test fails, and the pause between two looks.
const LOOKS: usize = 1000;
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// A message that a citizen writes from one page. Sent twice, it is one command.
#[derive(Debug)]
struct Letter {
    dossier: String,
    /// The beginning of the text, which no other message has.
    mark: String,
    text: String,
    proof: String,
}

/// A citizen who writes messages to two dossiers.
struct Writer {
    browser: Browser,
    dossiers: [String; 2],
    written: usize,
    answered: Vec<Letter>,
    refused: Vec<Letter>,
}

impl Writer {
    async fn new(base: &str, phone: &str) -> Self {
        let browser = Browser::new(base);
        browser.register("Nguyễn Văn An", phone, PASSWORD).await;
        let dossiers = [walk::birth(&browser).await, walk::birth(&browser).await];
        Self { browser, dossiers, written: 0, answered: Vec::new(), refused: Vec::new() }
    }

    /// Writes a message. Returns whether it was accepted. If not, the page must say so.
    async fn write(&mut self) -> bool {
        self.written += 1;
        let dossier = self.dossiers[self.written % 2].clone();
        self.browser.get(&dossier).await.ok();
        let mark = format!("Thư số {}.", self.written);
        let text = format!("{mark} {}", "y".repeat(4800));
        let proof = self.browser.proof();
        self.send(Letter { dossier, mark, text, proof }).await
    }

    async fn send(&mut self, letter: Letter) -> bool {
        self.browser.back_to(&letter.proof);
        let page = self.browser.post(&format!("{}/messages", letter.dossier), &[("text", &letter.text)]).await;
        // A message that was accepted leads back to the dossier.
        let taken = page.path == letter.dossier;
        if taken {
            self.answered.push(letter);
        } else {
            assert_cannot_write(page);
            self.refused.push(letter);
        }
        taken
    }

    /// Writes until a message is rejected.
    async fn write_until_refused(&mut self) {
        for _ in 0..LOOKS {
            if !self.write().await {
                return;
            }
        }
        panic!("every message was taken");
    }

    /// Sends every rejected message again, each from the page that it was written on.
    async fn send_again(&mut self) {
        for letter in std::mem::take(&mut self.refused) {
            assert!(self.send(letter).await, "a message is refused again");
        }
    }

    /// Checks that every answered message exists once.
    async fn check(&self) {
        for letter in &self.answered {
            let page = self.browser.get(&letter.dossier).await.ok();
            assert_eq!(page.body.matches(&letter.mark).count(), 1, "{} in {}", letter.mark, letter.dossier);
        }
    }
}

/// Asserts that the page says that nothing can be saved now, and that sending again does not do it twice.
#[track_caller]
fn assert_cannot_write(page: Page) {
    assert_eq!(page.status, 503, "{}", page.text());
    page.has(&["Chưa ghi được", "Gửi lại không làm việc đó hai lần"]);
}

async fn health(base: &str) -> u16 {
    Browser::new(base).get("/healthz").await.status
}

/// Waits until the portal reports that it is healthy.
async fn wait_until_well(base: &str) {
    for _ in 0..LOOKS {
        if health(base).await == 200 {
            return;
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    panic!("the portal does not go on by itself");
}

fn assert_journal_is_sound(dir: &Path) {
    let output = motcua().args(["audit", "verify", "--dir"]).arg(dir).output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

fn some_address() -> String {
    format!("127.0.0.1:{}", free_port().expect("a port"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_loses_nothing_that_was_answered_and_with_room_the_portal_goes_on() {
    let disk = Tmpfs::mount(64).expect("a disk of its own");
    let (dir, listen) = (disk.path().join("portal"), some_address());
    install(&dir, Kind::Sqlite, None).await.expect("an install folder");
    let server = Server::start_at(&dir, &listen, &[]).await.expect("it starts");
    let base = server.base.clone();
    let mut writer = Writer::new(&base, "0912345678").await;
    let draft = walk::begin(&writer.browser, BIRTH).await;
    assert!(writer.write().await, "there is room");
    assert_eq!(health(&base).await, 200);

    disk.fill().expect("full");
    writer.write_until_refused().await;
    assert!(!writer.write().await, "the disk is still full");
    assert_eq!(health(&base).await, 503);
    let (first, paper) = (format!("{draft}/1"), format!("{draft}/papers/birth_proof"));
    let page = writer.browser.post(&first, CHILD).await;
    let again = page.again().expect("a form that sends it again");
    assert_cannot_write(page);
    assert_cannot_write(writer.browser.send_again(&again).await);
    let page = writer.browser.upload(&paper, &[], &[("file", "ảnh.jpg", JPEG)]).await;
    let chosen_again = page.again().expect("a form that leads to the place where files are chosen again");
    assert!(chosen_again.fields.iter().all(|(name, _)| name == "proof"), "{chosen_again:?}");
    assert_cannot_write(page);
    // A large file goes to the disk in parts, before anything goes to the database.
    let mut large = PDF.to_vec();
    large.resize(9 << 20, b' ');
    assert_cannot_write(writer.browser.upload(&paper, &[], &[("file", "lớn.pdf", &large)]).await);
    let visitor = Browser::new(&base);
    visitor.get("/login").await.ok();
    let log_in: &[(&str, &str)] = &[("login", "0912345678"), ("password", PASSWORD)];
    assert_cannot_write(visitor.post("/login", log_in).await);
    // Meanwhile the portal has looked for jobs and found none, which needs no room.
    assert_eq!(health(&base).await, 503);

    disk.free().expect("room");
    wait_until_well(&base).await;
    writer.send_again().await;
    assert!(writer.write().await);
    visitor.post("/login", log_in).await.ok();
    assert_eq!(writer.browser.send_again(&again).await.ok().path, format!("{draft}/2"));
    writer.browser.post(&format!("{draft}/2"), walk::PARENTS).await.ok();
    writer.browser.upload(&paper, &[], &[("file", "lớn.pdf", &large)]).await.ok();
    let dossier = walk::file(&writer.browser, &draft).await;
    writer.check().await;

    server.stop().await.expect("it ends when it is told to");
    let _server = Server::start_at(&dir, &listen, &[]).await.expect("it starts again");
    writer.check().await;
    writer.browser.get(&dossier).await.ok().has(&["lớn.pdf"]);
    assert_journal_is_sound(&dir);
}

/// Builds a library that lets a disk fail, and returns its path.
fn failing_disk(dir: &Path) -> PathBuf {
    let source = format!("{}/fixtures/failing_disk.c", env!("CARGO_MANIFEST_DIR"));
    let library = dir.join("failing_disk.so");
    let mut command = Command::new("cc");
    command.args(["-shared", "-fPIC", "-Wall", "-o"]).arg(&library).arg(source).arg("-ldl");
    assert!(command.status().expect("a C compiler").success(), "the library is built");
    library
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fails_loses_nothing_that_was_answered() {
    let tools = tempfile::tempdir().expect("a folder");
    let library = failing_disk(tools.path());
    for variable in ["FAIL_WRITES_WHILE", "FAIL_FLUSHES_WHILE"] {
        let (dir, listen) = (tempfile::tempdir().expect("a folder"), some_address());
        install(dir.path(), Kind::Sqlite, None).await.expect("an install folder");
        let failing = tools.path().join(variable);
        let variables = [("LD_PRELOAD", library.as_path()), (variable, failing.as_path())];
        let server = Server::start_with(dir.path(), &listen, &variables).await.expect("it starts");
        let base = server.base.clone();
        let mut writer = Writer::new(&base, "0912345678").await;
        assert!(writer.write().await, "the disk is well");

        std::fs::write(&failing, "").expect("the disk fails");
        assert!(!writer.write().await, "{variable}");
        assert_eq!(health(&base).await, 503, "{variable}");
        let visitor = Browser::new(&base);
        visitor.get("/login").await.ok();
        assert_cannot_write(visitor.post("/login", &[("login", "0912345678"), ("password", PASSWORD)]).await);
        assert_eq!(health(&base).await, 503, "{variable}");
        std::fs::remove_file(&failing).expect("the disk is well");
        wait_until_well(&base).await;
        writer.send_again().await;
        assert!(writer.write().await, "{variable}");
        writer.check().await;

        // The process is killed before the outcome of the last message is known.
        std::fs::write(&failing, "").expect("the disk fails");
        assert!(!writer.write().await, "{variable}");
        server.kill().await.expect("killed");
        std::fs::remove_file(&failing).expect("the disk is well");
        let _server = Server::start_with(dir.path(), &listen, &variables).await.expect("it starts again");
        writer.send_again().await;
        assert!(writer.write().await, "{variable}");
        writer.check().await;
        assert_journal_is_sound(dir.path());
    }
}

/// Returns a workflow with a step at which nothing happens.
fn still() -> String {
    workflow(&["a counter | done hand-over"])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_whose_commit_or_answer_is_lost_is_found_out_and_done_once() {
    let cluster = std::env::var(VARIABLE).expect("run the tests by scripts/test");
    let proxy = Proxy::start(&cluster).await.expect("a proxy");
    let office = Office::open_on(Kind::Postgres, Some(proxy.cluster()), &still(), &[]).await;
    let (services, citizen) = (&office.services, office.actor("").await);
    let reader = services.database().reader();
    let code = office.file(false, false).await.code;
    for (number, cut) in [(2, Cut::BeforeCommit), (3, Cut::AfterCommit)] {
        // A message is one statement, which is a transaction of its own.
        let before = journal::events(reader, &code).await.expect("read").len();
        let command = services.new_command();
        let send = || {
            services.dossiers.change(
                &citizen,
                &code,
                command.clone(),
                DossierCommand::SendMessage { text: format!("{cut:?}"), files: Vec::new() },
            )
        };
        proxy.cut_next(cut);
        let sent = send().await.expect("it is done").version;
        assert!(proxy.has_cut(), "{cut:?}");
        assert_eq!(usize::try_from(sent).expect("few"), before + 1, "{cut:?}");
        assert_eq!(send().await.expect("it was done").version, sent, "{cut:?}");
        assert_eq!(journal::events(reader, &code).await.expect("read").len(), before + 1, "{cut:?}");

        // A filing is a transaction of several statements.
        let draft = office.draft(false, false).await;
        proxy.cut_next(cut);
        let filed = services.drafts.file(&citizen, draft, true).await.expect("it is filed");
        assert!(proxy.has_cut(), "{cut:?}");
        assert!(filed.as_str().ends_with(&format!("-{number:04}")), "no number is left out: {filed}");
        assert_eq!(services.drafts.file(&citizen, draft, true).await.expect("it was filed"), filed, "{cut:?}");
        assert_eq!(journal::events(reader, &filed).await.expect("read").len(), 1, "{cut:?}");
    }
    let report = services.database().verify(&LogTrust::default()).await.expect("read");
    assert!(report.is_sound(), "{:?}", report.findings);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_again_after_the_answer_of_its_commit_was_lost_is_done_once() {
    let cluster = std::env::var(VARIABLE).expect("run the tests by scripts/test");
    let proxy = Proxy::start(&cluster).await.expect("a proxy");
    let app = App::start_on(Kind::Postgres, Some(proxy.cluster())).await.expect("the portal starts");
    let citizen = app.visitor();
    citizen.get("/register").await.ok();
    let proof = citizen.proof();
    let account = [("name", "An"), ("phone", "0912345678"), ("email", ""), ("password", PASSWORD)];
    proxy.cut_next_of(Cut::AfterCommit, "INSERT INTO \"account\"");
    let page = citizen.post("/register", &account).await;
    assert!(proxy.has_cut());
    let again = page.again().expect("a form that opens the page again");
    assert!(again.fields.iter().all(|(name, _)| name != "password"), "a password is not carried");
    assert_cannot_write(page);
    let page = citizen.send_again(&again).await.ok();
    assert_eq!(page.hidden("proof"), Some(proof.as_str()), "it is the same command");
    page.has(&["value=\"An\"", "value=\"0912345678\""]);
    assert_eq!(citizen.post("/register", &account).await.ok().path, "/account");

    let draft = walk::begin(&citizen, BIRTH).await;
    let (papers, proof) = (format!("{draft}/papers"), citizen.proof());
    let photo: &[(&str, &str, &[u8])] = &[("file", "ảnh.jpg", JPEG)];
    proxy.cut_next_of(Cut::AfterCommit, "INSERT INTO \"draft_paper\"");
    assert_cannot_write(citizen.upload(&format!("{papers}/birth_proof"), &[], photo).await);
    assert!(proxy.has_cut());
    citizen.back_to(&proof);
    let page = citizen.upload(&format!("{papers}/birth_proof"), &[], photo).await.ok();
    assert_eq!(page.body.matches(&format!("{draft}/detach/")).count(), 1);
}

/// Repeats a request until the portal has connections to its database.
async fn insist<F: Future<Output = Page>>(ask: impl Fn() -> F) -> Page {
    for _ in 0..LOOKS {
        let page = ask().await;
        if page.status != 503 {
            return page.ok();
        }
    }
    panic!("the portal does not go on by itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_found_no_database_is_sent_again_by_the_page_that_says_so() {
    let cluster = std::env::var(VARIABLE).expect("run the tests by scripts/test");
    let proxy = Proxy::start(&cluster).await.expect("a proxy");
    let app = App::start_on(Kind::Postgres, Some(proxy.cluster())).await.expect("the portal starts");
    let (citizen, thu) = (app.citizen("Nguyễn Văn An", "0912345678").await, app.officer("thu.phucuong").await);
    let dossier = walk::birth(&citizen).await;
    for browser in [&citizen, &thu] {
        browser.get(&dossier).await.ok();
    }
    let (messages, decline) = (format!("{dossier}/messages"), format!("{dossier}/actions/decline"));
    let (proof, text) = (citizen.proof(), "Dòng \"đầu\" <1> & 2\r\nDòng sau");

    proxy.set_down(true);
    let page = citizen.post(&messages, &[("text", text)]).await;
    let message = page.again().expect("a form that sends it again");
    assert_cannot_write(page);
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let fields = vec![field("text", text), field("proof", &proof)];
    assert_eq!(message, Again { action: messages.clone(), fields, upload: false });
    assert_eq!(citizen.send_again(&message).await.again(), Some(message.clone()), "as often as it takes");
    // The message will be the second entry.
    let page = thu.upload(&decline, &[("seen", "2"), ("reason", "Sai thẩm quyền.")], &[]).await;
    let action = page.again().expect("a form that sends it again");
    assert!(action.upload);
    assert_cannot_write(page);
    let page = thu.upload(&decline, &[("seen", "1"), ("note", "Kèm tệp.")], &[("result", "a.pdf", PDF)]).await;
    let with_file =
        page.clone().has(&["Riêng tệp đính kèm thì cần chọn lại"]).again().expect("a form without the file");
    assert_eq!(with_file.fields[1..], [field("seen", "1"), field("note", "Kèm tệp.")]);
    assert_cannot_write(page);
    let page = citizen.post_from_elsewhere(&messages, &[("text", "x"), ("proof", "0")]).await;
    assert_eq!((page.status, page.again()), (503, None), "what another site posts is not carried");
    let page = citizen.post("/login", &[("login", "0912345678"), ("password", PASSWORD)]).await;
    let fields = vec![field("login", "0912345678"), field("proof", &proof), field("do", "open")];
    let opened = Some(Again { action: "/login".to_owned(), fields, upload: false });
    assert_eq!((page.status, page.again()), (503, opened), "a password is not carried");

    proxy.set_down(false);
    for _ in 0..2 {
        assert_eq!(insist(|| citizen.send_again(&message)).await.path, dossier);
        assert_eq!(insist(|| thu.send_again(&action)).await.path, dossier);
    }
    insist(|| thu.get(&dossier)).await.has(&["Không tiếp nhận"]);
    let page = insist(|| citizen.get(&dossier)).await;
    assert_eq!(page.body.matches("Dòng sau").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_stood_for_too_long_can_be_tried_again() {
    let office = Office::open(Kind::Postgres, &still(), &[]).await;
    let database = office.services.database();
    let transaction = database.begin().await.expect("a transaction");
    let ask = |sql: String| Statement::from_string(DbBackend::Postgres, sql);
    let number = ask("SELECT pg_backend_pid()".to_owned());
    let number = transaction.connection().query_one_raw(number).await.expect("read").expect("a row");
    let number: i32 = number.try_get_by_index(0).expect("a number");
    let short = "SET idle_in_transaction_session_timeout = '1ms'";
    transaction.connection().execute_unprepared(short).await.expect("set");
    let mut looks = 0;
    let lives = || ask(format!("SELECT 1 FROM pg_stat_activity WHERE pid = {number}"));
    while database.reader().query_one_raw(lives()).await.expect("read").is_some() {
        looks += 1;
        assert!(looks < LOOKS, "the server does not end the transaction");
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    let committed = transaction.commit().await;
    assert!(matches!(committed, Err(Fault::Unavailable(_))), "{committed:?}");
    database.ping().await.expect("the next transaction is written");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_node_is_paused_the_other_goes_on_and_nothing_is_lost() {
    let dir = tempfile::tempdir().expect("a folder");
    install(dir.path(), Kind::Postgres, None).await.expect("an install folder");
    let paused = Server::start(dir.path(), &[]).await.expect("one node");
    let other = Server::start(dir.path(), &[]).await.expect("another node");
    let mut there = Writer::new(&other.base, "0912345600").await;
    let (answers, mut answered) = watch::channel(0);
    let (go_on, goes_on) = watch::channel(false);
    let mut work = Vec::new();
    for number in 1..=3 {
        let mut here = Writer::new(&paused.base, &format!("09123456{number:02}")).await;
        let (answers, goes_on) = (answers.clone(), goes_on.clone());
        work.push(tokio::spawn(async move {
            // All writers are active when the node is paused, and write some more when it goes on.
            let mut left = 5;
            while left > 0 {
                left -= usize::from(*goes_on.borrow());
                assert!(here.write().await, "the database is well");
                answers.send_modify(|answered| *answered += 1);
            }
            here
        }));
    }
    answered.wait_for(|answered| *answered >= 20).await.expect("they write");
    paused.signal("STOP").await.expect("paused");
    assert!(there.write().await, "the other node goes on");
    let before = *answered.borrow();
    for _ in 0..10 {
        assert!(there.write().await, "the other node goes on");
    }
    assert_eq!(health(&other.base).await, 200);
    assert!(*answered.borrow() <= before + work.len(), "the node is paused: only answers under way arrive");
    paused.signal("CONT").await.expect("it goes on");
    go_on.send_replace(true);
    for here in work {
        here.await.expect("all is answered").check().await;
    }
    there.check().await;
    wait_until_well(&paused.base).await;
    assert_journal_is_sound(dir.path());
}
