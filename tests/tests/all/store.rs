//! The journal and its projections, the schema, and concurrent writers.

mod numbers;
mod schema;

use jiff::civil::date;
use motcua::runtime::{self, RunningPortal, RuntimeOptions};
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::event::{Event, Recorded};
use motcua_domain::names::{CommandId, DossierCode};
use motcua_domain::people::organisation::{Actor, ActorRef};
use motcua_service::{Services, TimeSource};
use motcua_store::drafts::Draft;
use motcua_store::jobs::SendTimes;
use motcua_store::journal::{Append, Appended, Day, JournalFinding};
use motcua_store::log::LogTrust;
use motcua_store::{Database, Fault, accounts, journal};
use motcua_tests::portal::Kind;
use motcua_tests::template::Template;
use sea_orm::{ConnectionTrait as _, FromQueryResult, JsonValue, Statement};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// Returns the sample province with its whole story, on a database of its own.
pub async fn story(kind: Kind) -> (TempDir, Services) {
    let dir = tempfile::tempdir().expect("a folder");
    Template::Story.install(dir.path(), kind).await.expect("an install folder");
    let clock = TimeSource::set_to(Template::Story.end());
    let RunningPortal { services, .. } =
        runtime::open(dir.path(), clock, RuntimeOptions::serving()).await.expect("the services open");
    (dir, services)
}

pub async fn rows(database: &Database, sql: &str) -> Vec<JsonValue> {
    let backend = database.reader().get_database_backend();
    let query = JsonValue::find_by_statement(Statement::from_string(backend, sql));
    query.all(database.reader()).await.expect("the query works")
}

/// Changes the database behind the portal's back, as somebody with a database client could.
pub async fn tamper(database: &Database, sql: &str) {
    let transaction = database.begin().await.expect("a transaction");
    transaction.connection().execute_unprepared(sql).await.expect("the change works");
    transaction.commit().await.expect("it is committed");
}

on_both_kinds! {
    rebuilding_the_projections_from_the_journal_gives_identical_tables
    the_dossiers_of_a_procedure_are_read_with_all_their_events
    nodes_that_write_beside_one_another_lose_nothing_and_fail_nobody
    a_change_decided_on_an_old_state_is_not_written
    a_change_decided_on_an_old_organisation_is_not_written
    no_entry_is_written_behind_one_that_the_database_has_lost
    a_row_in_the_way_of_a_change_is_replaced_by_what_the_journal_says
    changes_that_are_refused_leave_those_beside_them_as_they_are
    the_same_command_twice_is_one_event_and_has_one_answer
    a_command_is_carried_out_again_if_the_database_has_lost_its_entry
    lists_that_lag_behind_the_journal_are_named_and_made_again
    a_changed_byte_anywhere_in_the_journal_is_found_and_its_event_named
}

async fn rebuilding_the_projections_from_the_journal_gives_identical_tables(kind: Kind) {
    let (_dir, services) = story(kind).await;
    let database = services.database();
    let tables = [
        "SELECT * FROM dossier ORDER BY code",
        "SELECT * FROM stay ORDER BY dossier, number",
        "SELECT * FROM partner ORDER BY dossier, agency, unit",
        "SELECT * FROM participation ORDER BY dossier, who",
        "SELECT * FROM name_part ORDER BY dossier, agency, unit, part",
        "SELECT * FROM result ORDER BY dossier",
        "SELECT * FROM job ORDER BY key",
        "SELECT * FROM notice ORDER BY dossier, version",
        "SELECT * FROM dossier_file ORDER BY dossier, digest",
        "SELECT * FROM code_counter ORDER BY agency_code, day",
        "SELECT * FROM money_movement ORDER BY dossier, version",
        "SELECT * FROM money_entry ORDER BY dossier, version, line",
        "SELECT * FROM receipt_number ORDER BY number_key, agency, book",
    ];
    let mut before = Vec::new();
    for table in tables {
        before.push(rows(database, table).await);
    }
    assert!(before[0].len() >= 40, "{} dossiers", before[0].len());
    let states = rows(database, "SELECT DISTINCT status FROM dossier").await;
    assert_eq!(states.len(), 10, "every status: {states:?}");
    let outcomes = rows(database, "SELECT DISTINCT outcome FROM dossier WHERE outcome IS NOT NULL").await;
    assert_eq!(outcomes.len(), 5, "every outcome: {outcomes:?}");
    let rebuilt = database.rebuild_projections().await.expect("they are rebuilt");
    assert_eq!((rebuilt.dossiers, rebuilt.without_journal.count), (before[0].len(), 0));
    for (table, before) in tables.into_iter().zip(before) {
        assert_eq!(rows(database, table).await, before, "{table}");
    }
}

async fn the_dossiers_of_a_procedure_are_read_with_all_their_events(kind: Kind) {
    let (_dir, services) = story(kind).await;
    let reader = services.database().reader();
    let mut events = 0;
    for row in rows(services.database(), "SELECT DISTINCT procedure FROM dossier").await {
        let past =
            journal::of_procedure(reader, &row["procedure"].as_str().expect("a code").into()).await.expect("read");
        assert!(past.unreadable.is_empty(), "{:?}", past.unreadable);
        assert!(past.dossiers.iter().all(|events| Dossier::replay(events).is_ok()));
        events += past.dossiers.iter().map(Vec::len).sum::<usize>();
    }
    assert_eq!(events, rows(services.database(), "SELECT version FROM journal").await.len());
}

async fn nodes_that_write_beside_one_another_lose_nothing_and_fail_nobody(kind: Kind) {
    let (dir, services) = story(kind).await;
    let clock = TimeSource::set_to(services.now());
    let RunningPortal { services: other, .. } =
        runtime::open(dir.path(), clock, RuntimeOptions::migrating()).await.expect("the other node opens");
    let reader = services.database().reader();
    let before = rows(services.database(), "SELECT version FROM journal").await.len();
    let mut work = Vec::new();
    for row in rows(services.database(), "SELECT code, applicant FROM dossier ORDER BY code LIMIT 12").await {
        let code = DossierCode::parse(row["code"].as_str().expect("text")).expect("a code");
        let applicant = row["applicant"].as_str().expect("text").into();
        let account = accounts::by_id(reader, &applicant).await.expect("read").expect("an account");
        let actor = accounts::actor(reader, &account, date(2026, 11, 24)).await.expect("read");
        for node in [&services, &other] {
            let (node, actor, code) = (node.clone(), actor.clone(), code.clone());
            work.push(tokio::spawn(async move {
                for number in 0..5 {
                    let change = Command::SendMessage { text: format!("Lời nhắn {number}"), files: Vec::new() };
                    node.dossiers
                        .change(&actor, &code, node.new_command(), change)
                        .await
                        .unwrap_or_else(|error| panic!("{code}: {error}"));
                }
            }));
        }
    }
    let written = 5 * work.len();
    for done in futures::future::join_all(work).await {
        done.expect("nobody failed");
    }
    assert_sound(services.database()).await;
    assert_eq!(rows(services.database(), "SELECT version FROM journal").await.len(), before + written);
}

/// Another process that locks the file must not make the waiting callers add up their times.
#[tokio::test(flavor = "multi_thread")]
async fn all_changes_that_wait_for_a_file_that_another_process_writes_are_refused_together() {
    let (dir, services) = story(Kind::Sqlite).await;
    let database = services.database();
    let code = first_code(database).await;
    let other = rusqlite::Connection::open(dir.path().join("data/motcua.db")).expect("it opens");
    other.execute_batch("BEGIN IMMEDIATE").expect("it is locked");
    let mut waiting = Vec::new();
    for number in 0..100 {
        waiting.push(message(database, &code, "chào", &number.to_string()).await);
    }
    // One by one, each after the time that a connection waits, they would take several minutes.
    let all = futures::future::join_all(waiting.iter().map(|append| database.append(append)));
    let answers = tokio::time::timeout(Duration::from_mins(1), all).await.expect("nobody waits for the others");
    assert!(answers.iter().all(|answer| matches!(answer, Err(Fault::Unavailable(_)))));
    drop(other);
    assert!(matches!(database.append(&waiting[0]).await, Ok(Appended::Done(_))));
    assert_sound(database).await;
}

/// A text with characters that a database could misread.
const ODD: &str = r#"đang "chờ" ở \"{nhà}\", NULL, ''); -- {$1,?1} \"#;

/// Returns the first dossier of a queue.
pub async fn code_in(database: &Database, queue: &str) -> DossierCode {
    let sql = format!("SELECT code FROM dossier WHERE queue = '{queue}' ORDER BY code LIMIT 1");
    let row = rows(database, &sql).await.remove(0);
    DossierCode::parse(row["code"].as_str().expect("text")).expect("a code")
}

pub async fn first_code(database: &Database) -> DossierCode {
    code_in(database, "office").await
}

/// Returns a message to a dossier in its current state, as a command of this name.
pub async fn message(database: &Database, code: &DossierCode, text: &str, command: &str) -> Arc<Append> {
    let before = journal::journaled(database.reader(), code).await.expect("read").expect("a dossier");
    let filed = journal::events(database.reader(), code).await.expect("read").remove(0);
    let recorded =
        Recorded { event: Event::MessageSent { text: text.to_owned(), promised: None, files: Vec::new() }, ..filed };
    let mut after = before.dossier.clone();
    after.apply(&recorded).expect("it applies");
    let command = command.into();
    let (before, tell) = (Some(before), Vec::new());
    Arc::new(Append {
        command,
        recorded,
        before,
        after,
        draft: None,
        ended_invitations: Vec::new(),
        tell,
        numbered: None,
        drawn: None,
        organisation: None,
        admission: None,
        publication: None,
        send: SendTimes::default(),
    })
}

async fn a_change_decided_on_an_old_state_is_not_written(kind: Kind) {
    let (_dir, services) = story(kind).await;
    let database = services.database();
    let code = first_code(database).await;
    let (first, second) = (message(database, &code, ODD, "1").await, message(database, &code, "hai", "2").await);
    let done = database.append(&first).await.expect("it is written");
    assert!(matches!(done, Appended::Done(head) if head.code == code && !head.rows_are_behind));
    assert_eq!(database.append(&second).await.expect("an answer"), Appended::Overtaken);
    let events = journal::events(database.reader(), &code).await.expect("read");
    assert_eq!(events.last().map(|last| &last.event), Some(&first.recorded.event));
    // A caller who was overtaken or had no answer finds out by the command.
    let found = database.find_appended(&first).await.expect("read").expect("it was written");
    assert_eq!(usize::try_from(found.dossier.version).expect("few"), events.len());
    assert!(database.find_appended(&second).await.expect("read").is_none());
    assert_sound(database).await;
}

async fn a_change_decided_on_an_old_organisation_is_not_written(kind: Kind) {
    let (_dir, services) = story(kind).await;
    let database = services.database();
    let code = first_code(database).await;
    let append = message(database, &code, ODD, "1").await;
    let decided_in = async || {
        let organisation = Some(database.organisation().await.expect("read").revision);
        Arc::new(Append { organisation, ..Append::clone(&append) })
    };
    let old = decided_in().await;
    let transaction = database.begin().await.expect("a transaction");
    transaction.change_organisation().await.expect("begun");
    transaction.commit().await.expect("committed");
    assert_eq!(database.append(&old).await.expect("an answer"), Appended::Overtaken);
    assert!(matches!(database.append(&decided_in().await).await, Ok(Appended::Done(_))));
    assert_sound(database).await;
}

/// A standby that takes over, or a file that was copied back, can be a little older than a node believes.
async fn no_entry_is_written_behind_one_that_the_database_has_lost(kind: Kind) {
    let (_dir, services) = story(kind).await;
    let database = services.database();
    let code = first_code(database).await;
    let first = message(database, &code, "một", "1").await;
    let before = first.before.as_ref().expect("a dossier").dossier.version;
    database.append(&first).await.expect("it is written");
    let second = message(database, &code, "hai", "2").await;
    for lost in ["journal", "unsealed", "notice"] {
        tamper(database, &format!("DELETE FROM {lost} WHERE dossier = '{code}' AND version > {before}")).await;
    }
    assert_eq!(database.append(&second).await.expect("an answer"), Appended::Overtaken);
    // Another one in the place of the one that was lost.
    let other = message(database, &code, "ba", "3").await;
    assert!(matches!(database.append(&other).await, Ok(Appended::Done(_))));
    assert_eq!(database.append(&second).await.expect("an answer"), Appended::Overtaken);
    let events = journal::events(database.reader(), &code).await.expect("read");
    assert_eq!(events.last().map(|last| &last.event), Some(&other.recorded.event));
    assert_sound(database).await;
}

async fn a_row_in_the_way_of_a_change_is_replaced_by_what_the_journal_says(kind: Kind) {
    let (_dir, services) = story(kind).await;
    let database = services.database();
    let code = first_code(database).await;
    // A message of the office is a notice to the applicant.
    let mut append = Arc::unwrap_or_clone(message(database, &code, "chào", "1").await);
    append.recorded.actor = ActorRef::System;
    append.after = append.before.as_ref().expect("a dossier").dossier.clone();
    append.after.apply(&append.recorded).expect("it applies");
    let version = append.after.version;
    let stray = format!(
        "INSERT INTO notice (dossier, version, account, procedure_name, at, event)
         SELECT dossier, {version}, account, procedure_name, at, 'stray' FROM notice WHERE dossier = '{code}' LIMIT 1"
    );
    tamper(database, &stray).await;
    assert!(matches!(database.append(&Arc::new(append)).await, Ok(Appended::Done(head)) if head.version == version));
    let of_version = format!("SELECT event FROM notice WHERE dossier = '{code}' AND version = {version}");
    assert_eq!(rows(database, &of_version).await[0]["event"], "message-sent");
    assert_sound(database).await;
}

async fn changes_that_are_refused_leave_those_beside_them_as_they_are(kind: Kind) {
    let (_dir, services) = story(kind).await;
    let database = services.database();
    let codes = rows(database, "SELECT code FROM dossier WHERE queue = 'office' ORDER BY code").await;
    let mut appends = Vec::new();
    for (number, row) in codes.iter().enumerate() {
        let code = DossierCode::parse(row["code"].as_str().expect("text")).expect("a code");
        let append = message(database, &code, "một", &format!("{number}-1")).await;
        // Two on the same state of each third dossier: one of them is refused.
        if number % 3 == 0 {
            appends.push(message(database, &code, "hai", &format!("{number}-2")).await);
        }
        appends.push(append);
    }
    let pairs = codes.len().div_ceil(3);
    assert!(pairs >= 2 && codes.len() >= 6, "{} dossiers", codes.len());
    // All wait at the same time, so on SQLite they share transactions.
    let answers = futures::future::join_all(appends.iter().map(|append| database.append(append))).await;
    let answers: Vec<Appended> = answers.into_iter().map(|answer| answer.expect("an answer")).collect();
    let done = answers.iter().filter(|answer| matches!(answer, Appended::Done(_))).count();
    assert_eq!((done, answers.len() - done), (codes.len(), pairs));
    for (append, answer) in appends.iter().zip(&answers) {
        let found = database.find_appended(append).await.expect("read").is_some();
        assert_eq!(found, matches!(answer, Appended::Done(_)));
    }
    assert_sound(database).await;
}

async fn the_same_command_twice_is_one_event_and_has_one_answer(kind: Kind) {
    let (_dir, services) = story(kind).await;
    let reader = services.database().reader();
    let code = first_code(services.database()).await;
    let actor = applicant_of(services.database(), &code).await;
    let before = journal::events(reader, &code).await.expect("read").len();
    let command = services.new_command();
    let send = || {
        services.dossiers.change(
            &actor,
            &code,
            command.clone(),
            Command::SendMessage { text: ODD.to_owned(), files: Vec::new() },
        )
    };
    // At the same time, and later.
    let (one, two) = tokio::join!(send(), send());
    let three = send().await;
    let versions = [one, two, three].map(|answer| answer.expect("it is done").version);
    assert_eq!(versions.map(|version| usize::try_from(version).expect("few")), [before + 1; 3]);
    assert_eq!(journal::events(reader, &code).await.expect("read").len(), before + 1);
}

/// Returns the applicant of a dossier.
async fn applicant_of(database: &Database, code: &DossierCode) -> Actor {
    let reader = database.reader();
    let applicant = journal::dossier(reader, code).await.expect("read").expect("a dossier").filed.applicant.id;
    let account = accounts::by_id(reader, &applicant).await.expect("read").expect("an account");
    accounts::actor(reader, &account, date(2026, 11, 24)).await.expect("read")
}

async fn a_command_is_carried_out_again_if_the_database_has_lost_its_entry(kind: Kind) {
    let (_dir, services) = story(kind).await;
    let database = services.database();
    let code = first_code(database).await;
    let actor = applicant_of(database, &code).await;
    let command = services.new_command();
    let send = || {
        services.dossiers.change(
            &actor,
            &code,
            command.clone(),
            Command::SendMessage { text: ODD.to_owned(), files: Vec::new() },
        )
    };
    let written = send().await.expect("it is done").version;
    for lost in ["journal", "unsealed"] {
        tamper(database, &format!("DELETE FROM {lost} WHERE dossier = '{code}' AND version >= {written}")).await;
    }
    assert_eq!(send().await.expect("it is done again").version, written);
    let events = journal::events(database.reader(), &code).await.expect("read");
    assert_eq!(u32::try_from(events.len()), Ok(written));
    assert_sound(database).await;
}

/// Returns a filing like an existing one, under a number that is still to be drawn.
pub async fn filing(database: &Database, like: &DossierCode, agency: &str) -> Arc<Append> {
    let mut recorded = journal::events(database.reader(), like).await.expect("read").remove(0);
    let Event::Filed(filed) = &mut recorded.event else { panic!("it was filed first") };
    filed.draft = uuid::Uuid::now_v7();
    let draft = Draft {
        id: filed.draft,
        account: filed.applicant.id.clone(),
        procedure: filed.procedure.clone(),
        version: filed.version.clone(),
        agency: Some(filed.agency.clone()),
        dossier: None,
        typed: serde_json::Map::new(),
        papers: Vec::new(),
        created_at: 0,
        updated_at: 0,
        intake: None,
    };
    let transaction = database.begin().await.expect("a transaction");
    transaction.add_draft(&draft).await.expect("added");
    transaction.commit().await.expect("committed");
    let draft = Some(draft.state());
    let after = Dossier::replay([&recorded]).expect("it applies");
    let numbered = Some(Day { agency_code: agency.to_owned(), date: date(2026, 11, 24) });
    let command = CommandId::of_draft(filed_draft(&recorded));
    Arc::new(Append {
        command,
        recorded,
        before: None,
        after,
        draft,
        ended_invitations: Vec::new(),
        tell: Vec::new(),
        numbered,
        drawn: None,
        organisation: None,
        admission: None,
        publication: None,
        send: SendTimes::default(),
    })
}

fn filed_draft(recorded: &Recorded) -> uuid::Uuid {
    if let Event::Filed(filed) = &recorded.event { filed.draft } else { panic!("it was filed first") }
}

pub async fn file(database: &Database, append: &Arc<Append>) -> String {
    match database.append(append).await.expect("it is written") {
        Appended::Done(head) => head.code.to_string(),
        Appended::Overtaken | Appended::NotAdmitted(_) => panic!("nobody else files this draft"),
    }
}

async fn lists_that_lag_behind_the_journal_are_named_and_made_again(kind: Kind) {
    let (_dir, services) = story(kind).await;
    let database = services.database();
    let code = first_code(database).await;
    let lists = async || {
        let sql = |table: &str, column: &str| format!("SELECT * FROM {table} WHERE {column} = '{code}'");
        (rows(database, &sql("dossier", "code")).await, rows(database, &sql("stay", "dossier")).await)
    };
    for spoilt in ["DELETE FROM dossier WHERE code = ", "UPDATE dossier SET version = version - 1 WHERE code = "] {
        tamper(database, &format!("{spoilt}'{code}'")).await;
        tamper(database, &format!("DELETE FROM stay WHERE dossier = '{code}'")).await;
        let report = database.verify(&LogTrust::default()).await.expect("read");
        assert_eq!((report.wrong, report.findings[0].dossier.as_str()), (1, code.as_str()), "{:?}", report.findings);
        let append = message(database, &code, "chào", spoilt).await;
        let Ok(Appended::Done(head)) = database.append(&append).await else { panic!("it is written") };
        assert!(head.rows_are_behind);
        let (dossier, stays) = lists().await;
        assert_eq!(dossier[0]["version"], i64::from(head.version));
        assert!(!stays.is_empty());
        assert_sound(database).await;
    }
    // A row that was changed by hand, and a dossier that the journal lacks.
    tamper(database, &format!("UPDATE dossier SET applicant_name = 'Ai đó' WHERE code = '{code}'")).await;
    assert_eq!(database.verify(&LogTrust::default()).await.expect("read").wrong, 1);
    tamper(database, &format!("DELETE FROM journal WHERE dossier = '{code}'")).await;
    let rebuilt = database.rebuild_projections().await.expect("rebuilt");
    assert_eq!((rebuilt.without_journal.count, rebuilt.without_journal.first), (1, vec![code.to_string()]));
    assert_eq!(lists().await.0.len(), 1, "the last evidence is kept");
}

async fn assert_sound(database: &Database) {
    let report = database.verify(&LogTrust::default()).await.expect("read");
    assert!(report.is_sound(), "{:?}", report.findings);
}

async fn a_changed_byte_anywhere_in_the_journal_is_found_and_its_event_named(kind: Kind) {
    let (_dir, services) = story(kind).await;
    let database = services.database();
    let report = database.verify(&LogTrust::default()).await.expect("read");
    assert!(report.is_sound() && report.entries > 200, "{report:?}");
    let code = first_code(database).await;
    let which = format!("dossier = '{code}' AND version = 1");
    let row = rows(database, &format!("SELECT * FROM journal WHERE {which}")).await.remove(0);
    let text = |column: &str| row[column].as_str().expect("text").to_owned();
    let named = async |what: &str, version: i64| {
        let report = database.verify(&LogTrust::default()).await.expect("read");
        let is_it = |finding: &JournalFinding| finding.version == Some(version) && finding.dossier == code.as_str();
        assert!(report.findings.iter().any(is_it), "{what}: {:?}", report.findings);
    };
    // One byte of each column of one event, changed by hand and put back.
    for column in ["at", "event", "command", "payload_digest", "payload", "hash"] {
        let right = text(column);
        let wrong = format!("{}{}", if right.starts_with('0') { '1' } else { '0' }, &right[1..]);
        let set = |value: &str| format!("UPDATE journal SET {column} = '{}' WHERE {which}", value.replace('\'', "''"));
        tamper(database, &set(&wrong)).await;
        named(column, 1).await;
        tamper(database, &set(&right)).await;
    }
    assert_sound(database).await;
    // The payload and its digest, both changed.
    let payload = text("payload").replace("filed", "Filed");
    let digest = motcua_domain::dossier::journal::payload_digest(&payload);
    let both = format!("payload = '{}', payload_digest = '{digest}'", payload.replace('\'', "''"));
    tamper(database, &format!("UPDATE journal SET {both} WHERE {which}")).await;
    named("both", 1).await;
    let right =
        format!("payload = '{}', payload_digest = '{}'", text("payload").replace('\'', "''"), text("payload_digest"));
    tamper(database, &format!("UPDATE journal SET {right} WHERE {which}")).await;
    // An event under another dossier, and an event taken out.
    tamper(database, &format!("UPDATE journal SET version = version + 90 WHERE {which}")).await;
    named("moved", 2).await;
    tamper(database, &format!("UPDATE journal SET version = version - 90 WHERE dossier = '{code}' AND version = 91"))
        .await;
    assert_sound(database).await;
    tamper(database, &format!("DELETE FROM journal WHERE {which}")).await;
    named("taken out", 2).await;
}
