//! The numbers of dossiers.

use super::{assert_sound, file, filing, first_code, story, tamper};
use motcua_store::journal::Appended;
use motcua_tests::portal::{App, Kind};
use motcua_tests::walk;

on_both_kinds! {
    dossiers_are_numbered_in_a_row_by_agency_and_day
    a_number_that_any_table_knows_is_not_given_again
}

on_both! {
    filings_at_the_same_time_get_different_codes_in_a_row
}

async fn dossiers_are_numbered_in_a_row_by_agency_and_day(kind: Kind) {
    let (_dir, services) = story(kind).await;
    let database = services.database();
    let like = first_code(database).await;
    let mut work = Vec::new();
    for number in 0..24 {
        let append = filing(database, &like, ["T01", "T02"][number % 2]).await;
        let database = database.clone();
        work.push(tokio::spawn(async move { file(&database, &append).await }));
    }
    let mut codes: Vec<String> = Vec::new();
    for done in futures::future::join_all(work).await {
        codes.push(done.expect("nobody failed"));
    }
    codes.sort();
    let expected = ["T01", "T02"].iter().flat_map(|agency| (1..=12).map(move |n| format!("{agency}-261124-{n:04}")));
    assert_eq!(codes, expected.collect::<Vec<_>>());
    // A counter that lags behind the journal is raised. No number is used twice, and nobody is rejected.
    tamper(database, "UPDATE code_counter SET last = 3 WHERE agency_code = 'T01'").await;
    tamper(database, "DELETE FROM code_counter WHERE agency_code = 'T02'").await;
    for agency in ["T01", "T02"] {
        let append = filing(database, &like, agency).await;
        assert_eq!(file(database, &append).await, format!("{agency}-261124-0013"));
        // The draft can be filed once.
        assert!(matches!(database.append(&append).await, Ok(Appended::Overtaken)));
        assert!(database.find_appended(&append).await.expect("read").is_some());
    }
    assert_sound(database).await;
}

async fn a_number_that_any_table_knows_is_not_given_again(kind: Kind) {
    let (_dir, services) = story(kind).await;
    let database = services.database();
    let like = first_code(database).await;
    let append = filing(database, &like, "T01").await;
    assert_eq!(file(database, &append).await, "T01-261124-0001");
    // The lists alone know one dossier of the day, and the log another, whose number is longer than others.
    for table in ["journal", "unsealed"] {
        tamper(database, &format!("DELETE FROM {table} WHERE dossier = 'T01-261124-0001'")).await;
    }
    for (number, code) in [(-3, "T01-261124-9999"), (-2, "T01-261124-10000"), (-1, "T01-261124-9999999998")] {
        let leaf = format!("INSERT INTO log_leaf (number, dossier, version) VALUES ({number}, '{code}', 1)");
        tamper(database, &leaf).await;
    }
    tamper(database, "DELETE FROM code_counter WHERE agency_code = 'T01'").await;
    let append = filing(database, &like, "T01").await;
    assert_eq!(file(database, &append).await, "T01-261124-10001");
    // Days and agencies with codes that are alike have numbers of their own.
    let append = filing(database, &like, "T01.1").await;
    assert_eq!(file(database, &append).await, "T01.1-261124-0001");
}

async fn filings_at_the_same_time_get_different_codes_in_a_row(app: App) {
    let mut drafts = Vec::new();
    for number in 0..12 {
        let citizen = app.citizen("Nguyễn Văn An", &format!("09123456{number:02}")).await;
        let draft = walk::birth_draft(&citizen).await;
        drafts.push((citizen, draft));
    }
    let mut codes = futures::future::join_all(drafts.iter().map(|(citizen, draft)| walk::file(citizen, draft))).await;
    codes.sort();
    let expected: Vec<String> = (1..=12).map(|number| format!("/dossiers/H09.31-260303-{number:04}")).collect();
    assert_eq!(codes, expected);
    assert_sound(app.services.database()).await;
}
