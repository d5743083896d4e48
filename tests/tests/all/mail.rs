//! Notices to applicants by e-mail, over a real server on this machine.

use crate::store::{rows, tamper};
use jiff::SignedDuration;
use jiff::civil::date;
use motcua_domain::suggestion::SuggestionState;
use motcua_domain::suggestion::decide::SuggestionCommand;
use motcua_domain::text::Language;
use motcua_domain::time::calendar::instant;
use motcua_portal::Theme;
use motcua_service::SuggestionWish;
use motcua_store::mail::RefusedAddress;
use motcua_store::suggestions;
use motcua_tests::browser::Browser;
use motcua_tests::flow::{CITIZEN_PHONE, COUNTER, Office, SPECIALIST, workflow};
use motcua_tests::portal::{App, Kind, PASSWORD, serve_again};
use motcua_tests::postgres::VARIABLE;
use motcua_tests::proxy::{Cut, Proxy};
use motcua_tests::smtp::PostOffice;

on_both_kinds! {
    a_filing_and_a_decision_each_send_one_mail_and_rebuilding_sends_none
    a_mail_is_sent_once_more_if_its_node_dies_before_it_notes_that_it_was_taken
    two_nodes_send_a_mail_once
    a_temporary_refusal_is_tried_again_and_an_address_refused_for_good_gets_no_more_mails
    an_address_that_is_refused_is_marked_once_however_many_mails_wait_for_it
    a_mail_that_is_taken_later_is_tried_again_after_longer_and_longer_pauses
    a_server_that_does_not_answer_is_tried_again_and_a_mail_is_given_up_at_last
    a_refusal_by_a_rule_of_the_server_is_not_held_against_the_address
    mails_of_quiet_hours_wait_for_the_morning
    a_person_who_switched_mails_off_gets_none_and_nobody_gets_those_of_others
    the_password_is_in_no_error
    the_answer_to_a_complaint_and_its_mail_are_written_together_or_not_at_all
    a_draft_that_is_left_reminds_its_applicant_once
}

on_both! {
    an_applicant_with_an_address_switches_mails_off_and_on
}

/// The address of the citizen who files.
pub const ADDRESS: &str = "an@example.vn";

/// A login with the password, as SMTP writes it.
pub const LOGIN: &str = "AGNvbmcAdmVyeS1zZWNyZXQ=";
pub const SECRET: &str = "very-secret";

/// Opens an office that sends mails over a server, with further lines in `[mail]`. The citizen has an address.
pub async fn mailing(kind: Kind, post: &PostOffice, more: &str) -> Office {
    mailing_on(kind, None, post, more).await
}

/// Opens an office as [`mailing`] does, on a PostgreSQL cluster of the test.
async fn mailing_on(kind: Kind, cluster: Option<&str>, post: &PostOffice, more: &str) -> Office {
    let thu = workflow(&[
        "work specialist; status = 'processing' | sign advance; to = 'hand'",
        "hand counter; status = 'processed' | give hand-over",
    ]);
    let mut office = Office::open_on(kind, cluster, &thu, &[]).await;
    let settings = std::fs::read_to_string(office.dir.path().join("motcua.toml")).expect("settings");
    let mail = post.settings(&format!("security = \"none\"\n{more}"));
    office.write("motcua.toml", &format!("{settings}\n{mail}"));
    office.reopen().await;
    give_address(&office, CITIZEN_PHONE, ADDRESS).await;
    office
}

async fn give_address(office: &Office, phone: &str, address: &str) {
    let sql = format!("UPDATE account SET email = '{address}' WHERE login = '{phone}'");
    tamper(office.services.database(), &sql).await;
}

/// Sends the mails that are due, and returns their number or the reason why the server took none.
async fn try_to_send(office: &Office) -> Result<usize, String> {
    let theme = Theme::embedded().expect("the default theme");
    office.services.jobs.run_mails(&theme).await.map_err(|error| error.to_string())
}

pub async fn send(office: &Office) -> usize {
    try_to_send(office).await.expect("the server answers")
}

fn wait(office: &Office, time: SignedDuration) {
    office.clock.set(office.clock.now() + time);
}

/// Returns the errors of the mails that wait or were given up.
async fn errors(office: &Office) -> Vec<String> {
    let jobs = rows(office.services.database(), "SELECT error FROM job WHERE kind = 'mail' ORDER BY key").await;
    jobs.iter().map(|job| job["error"].as_str().unwrap_or_default().to_owned()).collect()
}

async fn a_filing_and_a_decision_each_send_one_mail_and_rebuilding_sends_none(kind: Kind) {
    let post = PostOffice::open().await;
    let office = mailing(kind, &post, "").await;
    let case = office.file(true, false).await;
    assert_eq!(send(&office).await, 1);
    case.act(SPECIALIST, "sign").await.expect("decided");
    assert_eq!(send(&office).await, 1);
    assert_eq!(send(&office).await, 0, "each once");
    let taken = post.taken();
    let ids: Vec<_> = taken.iter().map(|mail| mail.head("Message-ID").expect("an id").to_owned()).collect();
    assert_eq!(ids, [1, 2].map(|version| format!("<{}.{version}@example.vn>", case.code)));
    for mail in &taken {
        assert_eq!(
            (mail.to.as_str(), mail.head("To"), mail.head("Auto-Submitted")),
            (ADDRESS, Some(ADDRESS), Some("auto-generated"))
        );
        // Neither the number of the person nor what was asked for leaves the portal.
        assert!(!mail.content.contains(CITIZEN_PHONE) && mail.content.is_ascii(), "{}", mail.content);
    }
    let rebuilt = office.services.database().rebuild_projections().await.expect("rebuilt");
    assert!(rebuilt.is_whole(), "{rebuilt:?}");
    office.services.database().rebuild_dossier(&case.code).await.expect("rebuilt");
    assert_eq!(send(&office).await, 0);
    wait(&office, SignedDuration::from_hours(48));
    assert_eq!((send(&office).await, post.taken().len()), (0, 2));
}

async fn a_mail_is_sent_once_more_if_its_node_dies_before_it_notes_that_it_was_taken(kind: Kind) {
    let post = PostOffice::open().await;
    let office = mailing(kind, &post, "").await;
    office.file(true, false).await;
    post.be_mute();
    let services = office.services.clone();
    let node = tokio::spawn(async move {
        let theme = Theme::embedded().expect("the default theme");
        services.jobs.run_mails(&theme).await.map_err(|error| error.to_string())
    });
    post.wait_for(1).await;
    node.abort();
    assert!(node.await.is_err_and(|error| error.is_cancelled()), "the node died while it waited for the answer");
    post.answer_as_usual();
    assert_eq!(send(&office).await, 0, "the lease of the dead node lasts");
    wait(&office, SignedDuration::from_secs(61));
    assert_eq!(send(&office).await, 1);
    wait(&office, SignedDuration::from_hours(48));
    assert_eq!(send(&office).await, 0);
    let [first, second] = post.taken().try_into().expect("two mails");
    assert_eq!(first.head("Message-ID"), second.head("Message-ID"), "programs recognise the second");
}

async fn two_nodes_send_a_mail_once(kind: Kind) {
    let post = PostOffice::open().await;
    let office = mailing(kind, &post, "").await;
    let other = office.another_node().await;
    let theme = Theme::embedded().expect("the default theme");
    for _ in 0..8 {
        office.file(true, false).await;
    }
    let (one, two) = tokio::join!(office.services.jobs.run_mails(&theme), other.jobs.run_mails(&theme));
    assert_eq!(one.expect("sent") + two.expect("sent"), 8);
    assert_eq!((send(&office).await, post.taken().len()), (0, 8));
}

async fn a_temporary_refusal_is_tried_again_and_an_address_refused_for_good_gets_no_more_mails(kind: Kind) {
    let post = PostOffice::open().await;
    let office = mailing(kind, &post, "").await;
    let case = office.file(true, false).await;
    post.answer(&format!("RCPT {ADDRESS}"), "451 4.7.1 come back later");
    assert_eq!(send(&office).await, 0);
    assert_eq!(send(&office).await, 0);
    assert_eq!(post.heard("RCPT"), 1, "its time has not come");
    assert!(errors(&office).await[0].contains("come back later"));
    post.answer_as_usual();
    wait(&office, SignedDuration::from_secs(61));
    assert_eq!(send(&office).await, 1);

    post.answer(&format!("RCPT {ADDRESS}"), &format!("550 5.1.1 <{ADDRESS}>: no such user"));
    case.act(SPECIALIST, "sign").await.expect("decided");
    assert_eq!(send(&office).await, 0);
    let citizen = office.actor(CITIZEN_PHONE).await;
    let wish = office.services.mail.wish(&citizen).await.expect("read").expect("an address");
    assert_eq!((wish.wanted, wish.refused_at), (true, Some(office.clock.now().as_second())));
    let kept = rows(office.services.database(), "SELECT reason FROM mail_choice").await;
    assert!(kept[0]["reason"].as_str().is_some_and(|why| why.contains("no such user") && !why.contains(ADDRESS)));
    post.answer_as_usual();
    let heard = post.heard("RCPT");
    wait(&office, SignedDuration::from_hours(1));
    case.act(COUNTER, "give").await.expect("given");
    assert_eq!((send(&office).await, post.heard("RCPT")), (0, heard), "the address is not tried again");

    office.services.mail.choose(&citizen, false, Language::Vi).await.expect("switched off");
    let wish = office.services.mail.wish(&citizen).await.expect("read").expect("an address");
    assert!(wish.refused_at.is_some(), "who wants no mails has nothing tried");
    office.services.mail.choose(&citizen, true, Language::Vi).await.expect("asked again");
    let wish = office.services.mail.wish(&citizen).await.expect("read").expect("an address");
    assert_eq!((wish.wanted, wish.refused_at), (true, None));
    office.file(false, true).await;
    assert_eq!(send(&office).await, 1, "the address is tried again");

    give_address(&office, CITIZEN_PHONE, "an.moi@example.vn").await;
    office.file(false, false).await;
    assert_eq!(send(&office).await, 1);
    let last = post.taken().pop().expect("a mail");
    assert_eq!(last.to, "an.moi@example.vn");
}

async fn an_address_that_is_refused_is_marked_once_however_many_mails_wait_for_it(kind: Kind) {
    let post = PostOffice::open().await;
    let office = mailing(kind, &post, "").await;
    for _ in 0..3 {
        office.file(true, false).await;
    }
    post.answer(&format!("RCPT {ADDRESS}"), "550 5.1.1 no such user");
    assert_eq!((send(&office).await, post.heard("RCPT"), errors(&office).await.len()), (0, 1, 0));
    let marked = async || {
        let choices = rows(office.services.database(), "SELECT refused, reason, refused_at FROM mail_choice").await;
        assert_eq!(choices.len(), 1);
        choices[0].clone()
    };
    let first = marked().await;
    assert_eq!(first["refused"], ADDRESS);
    // Another node that sent at the same moment gets the same answer a little later.
    let account = office.actor(CITIZEN_PHONE).await.reference().user().cloned().expect("an account");
    let refused = |address: &str| RefusedAddress { address: address.to_owned(), reason: "again".to_owned(), at: 9 };
    let refuse = async |address: &str| {
        let transaction = office.services.database().begin().await.expect("a transaction");
        transaction.refuse_address(&account, &refused(address)).await.expect("stored");
        transaction.commit().await.expect("committed");
    };
    refuse(ADDRESS).await;
    assert_eq!(marked().await, first);
    refuse("an.moi@example.vn").await;
    assert_eq!(marked().await["refused"], "an.moi@example.vn");
}

async fn a_mail_that_is_taken_later_is_tried_again_after_longer_and_longer_pauses(kind: Kind) {
    let post = PostOffice::open().await;
    let office = mailing(kind, &post, "").await;
    office.file(true, false).await;
    post.answer("content", "452 4.3.1 no room");
    for (number, pause) in [60, 120, 240, 480].into_iter().enumerate() {
        assert_eq!((send(&office).await, post.heard("RCPT")), (0, number + 1));
        wait(&office, SignedDuration::from_secs(pause - 1));
        assert_eq!((send(&office).await, post.heard("RCPT")), (0, number + 1), "its time has not come");
        wait(&office, SignedDuration::from_secs(1));
    }
    post.answer_as_usual();
    assert_eq!((send(&office).await, post.taken().len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_is_not_sent_again_if_the_database_fails_while_its_sending_is_written_down() {
    let cluster = std::env::var(VARIABLE).expect("run the tests by scripts/test");
    for cut in [Cut::BeforeCommit, Cut::AfterCommit] {
        let proxy = Proxy::start(&cluster).await.expect("a proxy");
        let post = PostOffice::open().await;
        let office = mailing_on(Kind::Postgres, Some(proxy.cluster()), &post, "").await;
        office.file(true, false).await;
        proxy.cut_next_of(cut, "DELETE FROM \"job\"");
        assert_eq!(send(&office).await, 1);
        assert!(proxy.has_cut());
        wait(&office, SignedDuration::from_secs(61));
        assert_eq!((send(&office).await, post.taken().len()), (0, 1));
    }
}

async fn a_server_that_does_not_answer_is_tried_again_and_a_mail_is_given_up_at_last(kind: Kind) {
    let post = PostOffice::open().await;
    let office = mailing(kind, &post, "").await;
    office.file(true, false).await;
    office.file(false, false).await;
    post.answer("MAIL", "421 4.3.2 closing");
    let why = try_to_send(&office).await.expect_err("nothing is taken");
    assert!(why.contains("closing"), "{why}");
    assert_eq!(post.heard("MAIL"), 1, "the other mail is not tried over the same server");
    post.answer_as_usual();
    wait(&office, SignedDuration::from_secs(61));
    assert_eq!(send(&office).await, 2);

    office.file(true, true).await;
    post.answer("content", "452 4.3.1 no room");
    let heard = post.heard("RCPT");
    for _ in 0..30 {
        assert_eq!(send(&office).await, 0);
        wait(&office, SignedDuration::from_hours(2));
    }
    assert_eq!(post.heard("RCPT") - heard, 12, "the tries have a bound");
    let admin = office.actor("quantri").await;
    let (dead, ..) = office.services.jobs.list(&admin).await.expect("an administrator looks");
    assert!(dead.iter().any(|job| job.kind == "mail" && job.error.contains("no room")), "{dead:?}");
}

async fn a_refusal_by_a_rule_of_the_server_is_not_held_against_the_address(kind: Kind) {
    let post = PostOffice::open().await;
    let office = mailing(kind, &post, "").await;
    office.file(true, false).await;
    post.answer(&format!("RCPT {ADDRESS}"), "554 5.7.1 relay access denied");
    assert_eq!(send(&office).await, 0);
    post.answer_as_usual();
    wait(&office, SignedDuration::from_secs(61));
    assert_eq!(send(&office).await, 1);

    office.file(false, false).await;
    post.answer("content", "554 5.7.1 this looks like spam");
    assert_eq!(send(&office).await, 0);
    post.answer_as_usual();
    wait(&office, SignedDuration::from_hours(24));
    assert_eq!(send(&office).await, 0, "the mail itself is refused for good");
    office.file(true, true).await;
    assert_eq!(send(&office).await, 1, "others are sent to the same address");
}

async fn mails_of_quiet_hours_wait_for_the_morning(kind: Kind) {
    let post = PostOffice::open().await;
    let office = mailing(kind, &post, "quiet = { from = \"21:00\", to = \"07:00\" }").await;
    let at = |day: i8, hour: i8, minute: i8| office.clock.set(instant(date(2026, 3, day).at(hour, minute, 0, 0)));
    at(3, 20, 59);
    office.file(true, false).await;
    at(3, 21, 0);
    office.file(false, false).await;
    assert_eq!(send(&office).await, 0);
    at(4, 6, 59);
    assert_eq!((send(&office).await, post.taken().len()), (0, 0));
    at(4, 7, 0);
    assert_eq!(send(&office).await, 2);
    office.file(true, true).await;
    assert_eq!(send(&office).await, 1);
}

async fn a_person_who_switched_mails_off_gets_none_and_nobody_gets_those_of_others(kind: Kind) {
    let post = PostOffice::open().await;
    let mut office = mailing(kind, &post, "").await;
    let first = office.actor(CITIZEN_PHONE).await;
    let mine = office.file(true, false).await.code;
    office.services.mail.choose(&first, false, Language::Vi).await.expect("switched off");
    assert_eq!(send(&office).await, 0, "the wish counts at the moment of sending");
    office.next_citizen("0908111222").await;
    give_address(&office, "0908111222", "em@example.vn").await;
    let theirs = office.file(true, false).await.code;
    assert_eq!(send(&office).await, 1);
    office.services.mail.choose(&first, true, Language::En).await.expect("switched on");
    let case = motcua_tests::flow::Case { office: &office, code: mine.clone() };
    case.act(SPECIALIST, "sign").await.expect("decided");
    assert_eq!(send(&office).await, 1);
    let taken = post.taken();
    let about = |address: &str| -> Vec<String> {
        let mails = taken.iter().filter(|mail| mail.to == address);
        mails.map(|mail| mail.head("Message-ID").expect("an id").to_owned()).collect()
    };
    assert_eq!(about("em@example.vn"), [format!("<{theirs}.1@example.vn>")]);
    assert_eq!(about(ADDRESS), [format!("<{mine}.2@example.vn>")]);
    let english = taken.iter().find(|mail| mail.to == ADDRESS).and_then(|mail| mail.head("Subject"));
    assert!(english.is_some_and(|subject| subject.contains("The result is ready")), "{english:?}");
    assert!(office.services.mail.wish(&office.actor(COUNTER).await).await.is_err(), "officers get no notices");

    // Without an address, and with a locked account, there is nobody to write to.
    tamper(office.services.database(), "UPDATE account SET email = NULL WHERE login = '0908111222'").await;
    office.file(false, false).await;
    assert_eq!(send(&office).await, 0);
    give_address(&office, "0908111222", "em@example.vn").await;
    office.file(false, true).await;
    office.services.lock_account("0908111222", true).await.expect("locked");
    assert_eq!((send(&office).await, errors(&office).await.len()), (0, 0));
}

async fn the_password_is_in_no_error(kind: Kind) {
    let post = PostOffice::open().await;
    let office = mailing(kind, &post, &format!("user = \"cong\"\npassword = \"{SECRET}\"")).await;
    office.file(true, false).await;
    // The server repeats what it was sent.
    post.answer("AUTH", &format!("535 5.7.8 {LOGIN} is {SECRET}, which is wrong"));
    let why = try_to_send(&office).await.expect_err("it refuses the log-in");
    let errors = errors(&office).await.join(" ");
    assert!(why.contains("refused the log-in (535)") && errors.contains("refused the log-in (535)"), "{why} {errors}");
    for text in [why, errors, format!("{:?}", office.services.mail)] {
        assert!(!text.contains(SECRET) && !text.contains(LOGIN), "{text}");
    }
    assert_eq!(post.heard(&format!("AUTH PLAIN {LOGIN}")), 1, "it was sent to the server");
    post.answer_as_usual();
    wait(&office, SignedDuration::from_secs(61));
    assert_eq!(send(&office).await, 1);
}

async fn the_answer_to_a_complaint_and_its_mail_are_written_together_or_not_at_all(kind: Kind) {
    let post = PostOffice::open().await;
    let office = mailing(kind, &post, "").await;
    let (citizen, admin) = (office.actor(CITIZEN_PHONE).await, office.actor("quantri").await);
    let (database, services) = (office.services.database(), &office.services);
    services.mail.choose(&citizen, true, Language::En).await.expect("switched on");
    let (wish, text) = (SuggestionWish::Portal, "Trang tìm kiếm không chạy.");
    let sent = services.suggestions.send(&citizen, &services.new_command(), &wish, text, false).await;
    let id = sent.expect("sent");
    assert_eq!(send(&office).await, 0, "nobody is told of what they did");

    // A job of the same key lets the mail fail, and with it the answer.
    let key = format!("mail/{id}/2");
    let job = format!(
        "INSERT INTO job (key, kind, dossier, run_at, attempts, leased_until, dead)
         VALUES ('{key}', 'mail', '{id}', 99999999999, 0, 0, FALSE)"
    );
    tamper(database, &job).await;
    let answer = SuggestionCommand::Answer { text: "Đã sửa.".to_owned() };
    let command = services.new_command();
    services.suggestions.change(&admin, &id, &command, &answer).await.expect_err("the job cannot be written");
    let state = async || {
        let kept = suggestions::suggestion(database.reader(), &id).await.expect("read");
        kept.expect("it is there").state
    };
    assert_eq!(state().await, SuggestionState::Received);
    let notices = format!("SELECT event FROM notice WHERE dossier = '{id}'");
    assert!(rows(database, &notices).await.is_empty());

    tamper(database, &format!("DELETE FROM job WHERE key = '{key}'")).await;
    for _ in 0..2 {
        services.suggestions.change(&admin, &id, &command, &answer).await.expect("answered");
    }
    assert_eq!(state().await, SuggestionState::Answered);
    assert_eq!(rows(database, &notices).await[0]["event"], "suggestion-answered");
    assert_eq!((send(&office).await, send(&office).await), (1, 0), "once");
    let [mail] = post.taken().try_into().expect("one mail");
    let id_of_mail = format!("<{id}.2@example.vn>");
    assert_eq!((mail.to.as_str(), mail.head("Message-ID")), (ADDRESS, Some(id_of_mail.as_str())));
    let subject = mail.head("Subject").expect("a subject");
    assert_eq!(subject, "The office answered your complaint or suggestion");
    assert!(!mail.content.contains("Trang tìm kiếm") && !mail.content.contains("Đã sửa"), "{}", mail.content);

    // Rebuilding the lists of dossiers neither drops the notice nor sends it again.
    services.database().rebuild_projections().await.expect("rebuilt");
    assert_eq!((rows(database, &notices).await.len(), send(&office).await), (1, 0));
}

async fn a_draft_that_is_left_reminds_its_applicant_once(kind: Kind) {
    let post = PostOffice::open().await;
    let office = mailing(kind, &post, "").await;
    let (jobs, drafts, citizen) = (&office.services.jobs, &office.services.drafts, office.actor("").await);
    let tell = async || jobs.tell_of_left_drafts().await.expect("the database answers");
    let left = office.draft(true, false).await;
    wait(&office, SignedDuration::from_hours(71));
    assert_eq!(tell().await, 0, "it is not left yet");
    wait(&office, SignedDuration::from_hours(2));
    assert_eq!((tell().await, tell().await), (1, 0));
    assert_eq!((send(&office).await, send(&office).await), (1, 0));
    let [mail] = post.taken().try_into().expect("one mail");
    let id = format!("<{left}.1@example.vn>");
    assert_eq!((mail.to.as_str(), mail.head("Message-ID")), (ADDRESS, Some(id.as_str())));
    // Leaving it again tells nobody again.
    drafts.save_page(&citizen, left, 0, &[("deep".to_owned(), "false".to_owned())]).await.expect("saved");
    wait(&office, SignedDuration::from_hours(100));
    assert_eq!(tell().await, 0);

    // Nobody is told of a draft that is gone, neither by mail nor on the portal.
    drafts.discard_draft(&citizen, left).await.expect("deleted");
    let gone = office.draft(false, false).await;
    wait(&office, SignedDuration::from_hours(73));
    assert_eq!(tell().await, 1);
    drafts.discard_draft(&citizen, gone).await.expect("deleted");
    assert_eq!(send(&office).await, 0);
    assert!(rows(office.services.database(), "SELECT dossier FROM notice").await.is_empty());
    // An applicant who gave a draft up long ago is left alone.
    office.draft(false, true).await;
    wait(&office, SignedDuration::from_hours(31 * 24));
    assert_eq!(tell().await, 0);
}

async fn an_applicant_with_an_address_switches_mails_off_and_on(app: App) {
    let post = PostOffice::open().await;
    let file = app.dir.path().join("motcua.toml");
    let settings = std::fs::read_to_string(&file).expect("settings");
    std::fs::write(&file, format!("{settings}\n{}", post.settings("security = \"none\""))).expect("written");
    let citizen = Browser::new(&serve_again(app.dir.path(), app.clock.clone()).await);
    citizen.register("Nguyễn Văn An", CITIZEN_PHONE, PASSWORD).await;
    let (title, off, on) = ("Thông báo qua thư điện tử", "Không nhận thông báo qua thư", "Nhận thông báo qua thư");
    citizen.get("/account").await.ok().lacks(&[title]);
    let address = format!("UPDATE account SET email = '{ADDRESS}' WHERE login = '{CITIZEN_PHONE}'");
    tamper(app.services.database(), &address).await;
    citizen.get("/account").await.ok().has(&[title, ADDRESS, off]);
    let page = citizen.post("/account/mail", &[("wanted", "no")]).await.ok();
    assert_eq!(page.path, "/account");
    page.has(&[ADDRESS, on]).lacks(&[off]);
    citizen.post("/account/mail", &[("wanted", "yes")]).await.ok().has(&[off]);
    // The portal that has no mail server shows nothing.
    let elsewhere = app.visitor();
    elsewhere.log_in(CITIZEN_PHONE, PASSWORD).await;
    elsewhere.get("/account").await.ok().lacks(&[title]);
}
