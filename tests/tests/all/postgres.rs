//! PostgreSQL as an operator sets it up: protected on its way, behind a pooler, under a role that may do little, with a
//! replica beside it.

use motcua_store::log::Trust;
use motcua_store::{Database, Fault, Options};
use motcua_tests::flow::{COUNTER, Office, workflow};
use motcua_tests::portal::{Kind, database_of, new_database};
use motcua_tests::postgres::{Authority, Bouncer, Cluster, VARIABLE};
use motcua_tests::process::motcua;
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};
use std::path::Path;

async fn open(url: String) -> Result<Database, Fault> {
    Database::open(&Options { url, readers: 2 }).await
}

/// The cluster that all tests share.
fn shared() -> String {
    std::env::var(VARIABLE).expect("run the tests by scripts/test")
}

/// Replaces a text in the `motcua.toml` of an install folder.
fn set(dir: &Path, from: &str, to: &str) {
    let file = dir.join("motcua.toml");
    let settings = std::fs::read_to_string(&file).expect("the settings");
    assert!(settings.contains(from), "{from} is not in\n{settings}");
    std::fs::write(&file, settings.replace(from, to)).expect("written");
}

/// A workflow of one step.
fn short() -> String {
    workflow(&["a counter | done hand-over"])
}

/// Returns the first column of the one row that a query gives, as a text.
async fn ask(database: &Database, sql: &str) -> String {
    let query = Statement::from_string(DbBackend::Postgres, sql);
    let row = database.reader().query_one_raw(query).await.expect("the query works").expect("a row");
    row.try_get_by_index(0).expect("a text")
}

/// How the connections to the database are encrypted.
const PROTECTION: &str =
    "SELECT CASE WHEN ssl THEN version ELSE 'none' END FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

#[tokio::test(flavor = "multi_thread")]
async fn a_database_is_believed_only_with_a_certificate_of_the_named_authority_for_its_own_name() {
    let (authority, stranger) = (Authority::new().expect("an authority"), Authority::new().expect("another"));
    let cluster = Cluster::start().expect("a cluster");
    cluster.offer_tls(&authority).expect("it offers TLS");
    let url = new_database(Some(&cluster.url())).await.expect("a database");
    let checked =
        |url: &str, root: &Authority| format!("{url}?sslmode=verify-full&sslrootcert={}", root.certificate().display());

    let database = open(checked(&url, &authority)).await.expect("it is believed");
    assert!(ask(&database, PROTECTION).await.starts_with("TLSv1."), "the connection is encrypted");
    database.migrate().await.expect("it writes");
    let plain = open(format!("{url}?sslmode=disable")).await.expect("this cluster takes both");
    assert_eq!(ask(&plain, PROTECTION).await, "none");

    let elsewhere = url.replace("127.0.0.1", "localhost");
    for (url, words) in [
        (checked(&url, &stranger), "not of an authority that is trusted"),
        (format!("{url}?sslmode=verify-full"), "not of an authority that is trusted"),
        (checked(&elsewhere, &authority), "for another host"),
        (format!("{url}?sslmode=verify-full&sslrootcert=/nowhere.crt"), "names a file that does not exist"),
    ] {
        let refused = open(url.clone()).await.expect_err("it is not believed").to_string();
        assert!(refused.contains(words), "{url}: {refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_portal_shows_its_own_certificate_to_a_database_that_wants_one() {
    let authority = Authority::new().expect("an authority");
    let cluster = Cluster::start().expect("a cluster");
    cluster.offer_tls(&authority).expect("it offers TLS");
    let administrator = open(new_database(Some(&cluster.url())).await.expect("a database")).await.expect("it opens");
    let name = ask(&administrator, "SELECT current_database()::text").await;
    let transaction = administrator.begin().await.expect("a transaction");
    transaction.connection().execute_unprepared("CREATE ROLE certified LOGIN").await.expect("a role");
    transaction.commit().await.expect("it is committed");

    let folder = tempfile::tempdir().expect("a folder");
    authority.certify("certified", "extendedKeyUsage=clientAuth", folder.path()).expect("a certificate");
    let url = cluster.url().replace("postgres@", "certified@");
    let root = authority.certificate();
    let url = format!("{url}/{name}?sslmode=verify-full&sslrootcert={}", root.display());
    let own = |end: &str| folder.path().join(format!("certified.{end}")).display().to_string();
    let database = open(format!("{url}&sslcert={}&sslkey={}", own("crt"), own("key"))).await.expect("it is let in");
    assert_eq!(ask(&database, "SELECT current_user::text").await, "certified");
    let refused = open(url).await.expect_err("it has no certificate").to_string();
    assert!(refused.contains("certificate"), "{refused}");
}

#[test]
fn doctor_says_that_connections_to_another_machine_are_not_encrypted_and_keeps_the_password() {
    let dir = tempfile::tempdir().expect("a folder");
    motcua().arg("init").arg(dir.path().join("tinh")).output().expect("it runs");
    let mut doctor = motcua();
    doctor.env("MOTCUA_DATABASE", "postgres://motcua:very-secret@database.invalid/motcua");
    let output = doctor.args(["doctor", "--dir"]).arg(dir.path().join("tinh")).output().expect("it runs");
    let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    assert!(said.contains("need not be encrypted") && said.contains("sslmode=verify-full"), "{said}");
    assert!(!said.contains("very-secret"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_works_through_pgbouncer_in_the_mode_session() {
    let bouncer = Bouncer::start(&shared(), "session").expect("a pooler");
    let mut office = Office::open(Kind::Postgres, &short(), &[]).await;
    set(office.dir.path(), &shared(), &bouncer.url());
    // Several nodes in turn get the sessions that those before them had.
    for number in 1..=3 {
        office.reopen().await;
        let case = office.file(false, false).await;
        assert!(case.code.as_str().ends_with(&format!("-{number:04}")), "{}", case.code);
        assert_eq!(case.todo_of(COUNTER).await.len(), 1, "the counter has it in its list");
        case.act(COUNTER, "done").await.expect("it is handed over");
        assert_eq!(case.open().await, "end");
        assert_eq!(office.desk.seal().await.expect("sealed"), u64::from(case.dossier().await.version));
        office.desk.database().clone().close().await.expect("closed");
    }
    office.reopen().await;
    let report = office.desk.database().verify(&Trust::default()).await.expect("read");
    assert!(report.is_sound(), "{:?}", report.findings);
    assert!(database_of(office.dir.path()).expect("an address").starts_with(&bouncer.url()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pooler_that_shares_sessions_is_refused_and_keeps_no_trace_of_it() {
    let url = new_database(None).await.expect("a database");
    for mode in ["transaction", "statement"] {
        let bouncer = Bouncer::start(&shared(), mode).expect("a pooler");
        let url = url.replace(&shared(), &bouncer.url());
        let refused = open(url.clone()).await.expect_err("it is refused").to_string();
        assert!(refused.contains("pool_mode = session"), "{mode}: {refused}");
        let client = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.expect("another client");
        tokio::spawn(client.1);
        let rows =
            client.0.simple_query("SHOW default_transaction_read_only; SHOW enable_seqscan").await.expect("read");
        let values = rows.iter().filter_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0),
            _ => None,
        });
        assert_eq!(values.collect::<Vec<_>>(), ["off", "on"], "{mode}");
    }
}
