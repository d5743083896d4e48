//! The daily digests of officers by e-mail, over a real server on this machine.

use crate::mail::{mailing, send};
use crate::store::rows;
use jiff::civil::{DateTime, date};
use motcua_domain::text::Language;
use motcua_domain::time::calendar::instant;
use motcua_portal::Theme;
use motcua_tests::flow::{CITIZEN_PHONE, Office, SPECIALIST};
use motcua_tests::portal::{App, Kind};
use motcua_tests::smtp::PostOffice;

on_both_kinds! {
    an_officer_who_wants_a_digest_gets_one_on_the_morning_of_each_working_day
    two_nodes_send_a_digest_once
}

on_both! {
    an_officer_is_told_that_a_portal_without_a_mail_server_has_no_digests
}

/// The address of the officer.
const ADDRESS: &str = "binh@example.vn";

/// Lets digests go to the specialist, who gets a dossier to work on.
async fn wanting(kind: Kind, post: &PostOffice) -> Office {
    let office = mailing(kind, post, "").await;
    let binh = office.actor(SPECIALIST).await;
    office.services.mail.send_digests(&binh, ADDRESS, Language::Vi).await.expect("stored");
    office.file(true, false).await;
    send(&office).await;
    office
}

/// Returns the number of mails to the officer.
fn digests(post: &PostOffice) -> usize {
    post.taken().iter().filter(|mail| mail.to == ADDRESS).count()
}

/// Sends the mails of a moment, and returns the number of mails to the officer up to now.
async fn digests_at(office: &Office, post: &PostOffice, at: DateTime) -> usize {
    office.clock.set(instant(at));
    send(office).await;
    digests(post)
}

async fn an_officer_who_wants_a_digest_gets_one_on_the_morning_of_each_working_day(kind: Kind) {
    let post = PostOffice::open().await;
    let office = wanting(kind, &post).await;
    assert_eq!(digests(&post), 0, "the first one comes on the next working day");
    // A Wednesday.
    let day = |day: i8, hour: i8, minute: i8| date(2026, 3, day).at(hour, minute, 0, 0);
    assert_eq!(digests_at(&office, &post, day(4, 6, 59)).await, 0);
    assert_eq!(digests_at(&office, &post, day(4, 7, 0)).await, 1);
    assert_eq!(digests_at(&office, &post, day(4, 11, 59)).await, 1, "a day has one");
    let mail = post.taken().into_iter().find(|mail| mail.to == ADDRESS).expect("a digest");
    assert!(!mail.content.contains(CITIZEN_PHONE), "{}", mail.content);
    assert_eq!(digests_at(&office, &post, day(5, 14, 0)).await, 1, "the morning is over");
    assert_eq!(digests_at(&office, &post, day(7, 8, 0)).await, 1, "a Saturday");
    assert_eq!(digests_at(&office, &post, day(9, 8, 0)).await, 2);
    let binh = office.actor(SPECIALIST).await;
    office.services.mail.end_digests(&binh).await.expect("stored");
    assert_eq!(digests_at(&office, &post, day(10, 8, 0)).await, 2);
    assert!(rows(office.services.database(), "SELECT * FROM digest").await.is_empty());
    assert!(rows(office.services.database(), "SELECT * FROM job WHERE kind = 'digest'").await.is_empty());
}

async fn two_nodes_send_a_digest_once(kind: Kind) {
    let post = PostOffice::open().await;
    let office = wanting(kind, &post).await;
    let other = office.another_node().await;
    office.clock.set(instant(date(2026, 3, 4).at(7, 30, 0, 0)));
    let theme = Theme::embedded().expect("the default theme");
    for _ in 0..3 {
        let (one, two) = tokio::join!(office.services.jobs.run_mails(&theme), other.jobs.run_mails(&theme));
        one.expect("sent");
        two.expect("sent");
    }
    assert_eq!(digests(&post), 1);
}

async fn an_officer_is_told_that_a_portal_without_a_mail_server_has_no_digests(app: App) {
    let thu = app.officer("thu.phucuong").await;
    thu.get("/desk").await.ok().has(&["href=\"/desk/notices\""]);
    thu.get("/desk/notices").await.ok().has(&["Cổng này không gửi thư"]).lacks(&["name=\"address\""]);
}
