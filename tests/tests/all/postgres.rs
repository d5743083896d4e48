//! PostgreSQL in an operator's setup: encrypted, behind a pooler, under a role with few rights, with a replica beside
//! it.

use jiff::civil::date;
use motcua::runtime::{self, RunningPortal};
use motcua_domain::people::organisation::Actor;
use motcua_domain::time::calendar::instant;
use motcua_service::{Services, TimeSource};
use motcua_store::log::LogTrust;
use motcua_store::{Database, DatabaseOptions, Fault, Granted, accounts, journal};
use motcua_tests::flow::{COUNTER, LEADER, Office, workflow};
use motcua_tests::portal::{Kind, database_of, install, new_database};
use motcua_tests::postgres::{Authority, Bouncer, Cluster, Terminator, VARIABLE};
use motcua_tests::process::motcua;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use std::path::Path;
use uuid::Uuid;

async fn open(url: String) -> Result<Database, Fault> {
    Database::open(&DatabaseOptions { url, replica: None, readers: 2 }).await
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

/// Returns a workflow of one step.
fn short() -> String {
    workflow(&["a counter | done hand-over"])
}

/// Returns the address of a database under another role.
fn under(url: &str, role: &str) -> String {
    let (scheme, rest) = url.split_once("://").expect("a scheme");
    format!("{scheme}://{role}@{}", rest.split_once('@').expect("a role").1)
}

/// Returns the officer with this log-in.
async fn officer(services: &Services, login: &str) -> Actor {
    let reader = services.database().reader();
    let account = accounts::by_login(reader, login).await.expect("read").expect("an account");
    accounts::actor(reader, &account, date(2026, 3, 3)).await.expect("an actor")
}

/// Returns the first column of the one row of a query, as a text.
async fn ask(database: &Database, sql: &str) -> String {
    let query = Statement::from_string(DbBackend::Postgres, sql);
    let row = database.reader().query_one_raw(query).await.expect("the query works").expect("a row");
    row.try_get_by_index(0).expect("a text")
}

/// The query for the encryption of the connections to the database.
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

#[test]
fn doctor_says_when_a_certificate_ends_the_portals_own_included() {
    let (dir, authority) = (tempfile::tempdir().expect("a folder"), Authority::new().expect("an authority"));
    authority.certify("own", "extendedKeyUsage=clientAuth", dir.path()).expect("a certificate of two days");
    motcua().arg("init").arg(dir.path().join("tinh")).output().expect("it runs");
    let (root, own) = (authority.certificate(), dir.path().join("own.crt"));
    let key = own.with_extension("key");
    // Nothing listens there, and the certificates are checked first.
    let url = format!(
        "postgres://motcua@127.0.0.1:9/motcua?sslmode=verify-full&sslrootcert={}&sslcert={}&sslkey={}",
        root.display(),
        own.display(),
        key.display()
    );
    let output = motcua().env("MOTCUA_DATABASE", url).args(["doctor", "--dir"]).arg(dir.path().join("tinh")).output();
    let said = String::from_utf8_lossy(&output.expect("it runs").stdout).into_owned();
    for (whose, file) in [("the authority's certificate", &root), ("the portal's own certificate", &own)] {
        assert!(said.contains(&format!("problem  `database`: {whose} {} ends on ", file.display())), "{said}");
    }
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
        assert_eq!(office.services.log.seal().await.expect("sealed"), u64::from(case.dossier().await.version));
        office.services.database().clone().close().await.expect("closed");
    }
    office.reopen().await;
    let report = office.services.database().verify(&LogTrust::default()).await.expect("read");
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

/// Statements that a role that serves a portal may not run.
const FORBIDDEN: [&str; 12] = [
    "UPDATE journal SET payload = NULL",
    "UPDATE journal SET hash = ''",
    "DELETE FROM journal",
    "TRUNCATE journal",
    "DROP TABLE journal",
    "UPDATE log_leaf SET version = 0",
    "DELETE FROM log_leaf",
    "DELETE FROM log_tile",
    "UPDATE log_head SET note = ''",
    "DELETE FROM log_key",
    "DELETE FROM reading",
    "DELETE FROM seaql_migrations",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_serves_under_a_role_that_cannot_change_the_journal() {
    let folder = tempfile::tempdir().expect("a folder");
    let dir = folder.path().join("tinh");
    install(&dir, Kind::Postgres, None).await.expect("an install folder");
    let owner = database_of(&dir).expect("an address");
    let role = format!("serves_{}", Uuid::now_v7().simple());
    let administrator = sea_orm::Database::connect(&owner).await.expect("an administrator");
    administrator.execute_unprepared(&format!("CREATE ROLE {role} LOGIN")).await.expect("a role");
    set(&dir, &owner, &under(&owner, &role));
    set(&dir, "database = ", &format!("database_migrate_url = \"{owner}\"\ndatabase = "));
    let run = |words: &[&str]| {
        let output = motcua().args(words).output().expect("it runs");
        let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
        (output.status.success(), said)
    };
    let at = dir.to_str().expect("a path");
    let clock = TimeSource::set_to(instant(date(2026, 11, 24).at(14, 0, 0, 0)));
    let open = || runtime::open(&dir, clock.clone(), runtime::RuntimeOptions::serving());

    let refused = open().await.expect_err("the role may not make tables").to_string();
    assert!(refused.contains("run: motcua migrate"), "{refused}");
    let (done, said) = run(&["migrate", "--dir", at, "--grant", "postgres"]);
    assert!(!done && said.contains("could change the journal all the same"), "{said}");
    let (done, said) = run(&["migrate", "--dir", at, "--grant", &role]);
    assert!(done && said.contains("cannot change the journal"), "{said}");

    let RunningPortal { services, .. } = open().await.expect("it opens");
    motcua::demo::tell(&services, &clock, clock.now()).await.expect("the story is told");
    assert!(services.log.seal().await.expect("sealed") > 200);
    assert!(!services.lists.figures(&officer(&services, LEADER).await).await.expect("figures").is_empty());
    services.jobs.run_jobs().await.expect("jobs run");
    services.files.sweep_files().await.expect("files are swept");
    let database = services.database();
    database.rebuild_projections().await.expect("lists are rebuilt");
    let report = database.verify(&LogTrust::default()).await.expect("read");
    assert!(report.is_sound() && report.sealed > 200, "{report:?}");

    let serving = sea_orm::Database::connect(under(&owner, &role)).await.expect("the role logs in");
    for sql in FORBIDDEN {
        let refused = serving.execute_unprepared(sql).await.expect_err(sql).to_string();
        assert!(refused.contains("permission denied") || refused.contains("must be owner"), "{sql}: {refused}");
    }

    // Only the owner forgets readings, and the command takes that role.
    let (done, said) = run(&["audit", "forget-readings", "--before", "2026-01-01", "--dir", at]);
    assert!(done && said.contains("deleted 0 readings"), "{said}");

    // The role can make a backup. A portal that is restored elsewhere does not know the owner of the old tables.
    let (archive, elsewhere) = (folder.path().join("tinh.tar"), folder.path().join("elsewhere"));
    let (archive, there) = (archive.to_str().expect("a path"), elsewhere.to_str().expect("a path"));
    let (done, said) = run(&["backup", "--dir", at, "--to", archive]);
    assert!(done, "{said}");
    let other = new_database(None).await.expect("a database");
    let (done, said) = run(&["restore", archive, "--dir", there, "--database", &other]);
    assert!(done, "{said}");
    let settings = std::fs::read_to_string(elsewhere.join("motcua.toml")).expect("the settings");
    assert!(settings.contains(&other) && !settings.contains("database_migrate_url"), "{settings}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_could_take_the_right_to_change_the_journal_is_granted_nothing() {
    let url = new_database(None).await.expect("a database");
    let owner = open(url.clone()).await.expect("it opens");
    owner.migrate().await.expect("the tables");
    let administrator = sea_orm::Database::connect(&url).await.expect("an administrator");
    let database = ask(&owner, "SELECT quote_ident(current_database()::text)").await;
    let unique = Uuid::now_v7().simple();
    let (role, group) = (format!("one_{unique}"), format!("group_{unique}"));
    let run = async |sql: &str| {
        let sql = sql.replace("@role", &role).replace("@group", &group).replace("@base", &database);
        if let Err(error) = administrator.execute_unprepared(&sql).await {
            panic!("{sql}: {error}");
        }
    };
    let grant = async || owner.grant(&role).await.expect("PostgreSQL answers");
    run("CREATE ROLE @role LOGIN NOINHERIT; CREATE ROLE @group; GRANT @group TO @role").await;
    for (given, taken, way) in [
        ("ALTER ROLE @role SUPERUSER", "ALTER ROLE @role NOSUPERUSER", "is a superuser"),
        ("ALTER ROLE @role CREATEROLE", "ALTER ROLE @role NOCREATEROLE", "CREATEROLE"),
        ("GRANT pg_write_server_files TO @role", "REVOKE pg_write_server_files FROM @role", "can become a superuser"),
        ("ALTER TABLE journal OWNER TO @role", "ALTER TABLE journal OWNER TO CURRENT_USER", "owns the table"),
        ("ALTER SCHEMA public OWNER TO @role", "ALTER SCHEMA public OWNER TO pg_database_owner", "owns the schema"),
        // The schema public belongs to the owner of the database.
        ("ALTER DATABASE @base OWNER TO @role", "ALTER DATABASE @base OWNER TO CURRENT_USER", "owns the "),
        (
            "GRANT CREATE ON DATABASE @base TO @role",
            "REVOKE CREATE ON DATABASE @base FROM @role",
            "CREATE on the database",
        ),
        ("GRANT UPDATE (payload) ON journal TO PUBLIC", "REVOKE UPDATE (payload) ON journal FROM PUBLIC", "may change"),
        // The rights of a group need SET ROLE.
        ("GRANT UPDATE ON journal TO @group", "REVOKE UPDATE ON journal FROM @group", "may change"),
        ("GRANT TRIGGER ON dossier TO @group", "REVOKE TRIGGER ON dossier FROM @group", "TRIGGER on a table"),
        (
            "GRANT CREATE ON SCHEMA public TO @group",
            "REVOKE CREATE ON SCHEMA public FROM @group",
            "CREATE on the schema",
        ),
    ] {
        run(given).await;
        let granted = grant().await;
        assert!(
            matches!(&granted, Granted::TooMighty { way: found, .. } if found.contains(way)),
            "{given}: {granted:?}"
        );
        run(taken).await;
    }
    assert_eq!(grant().await, Granted::Done);

    // Nobody but the owner creates objects where the owner works.
    run("GRANT CREATE ON SCHEMA public TO @role, PUBLIC").await;
    assert_eq!(grant().await, Granted::Done);
    let may = format!("SELECT has_schema_privilege('{role}', 'public', 'CREATE')::text");
    assert_eq!(ask(&owner, &may).await, "false");
    run("DROP OWNED BY @role; DROP OWNED BY @group; DROP ROLE @role; DROP ROLE @group").await;
}

/// The number of looks at the database before a test fails.
const LOOKS: usize = 10_000;

/// Waits until so many sessions of a database are in this state.
async fn wait_for(administrator: &impl ConnectionTrait, name: &str, state: &str, count: i64) {
    let sql = format!("SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}' AND {state}");
    for _ in 0..LOOKS {
        let query = Statement::from_string(DbBackend::Postgres, &sql);
        let row = administrator.query_one_raw(query).await.expect("read").expect("a row");
        if row.try_get_by_index::<i64>(0).expect("a number") == count {
            return;
        }
    }
    panic!("there are never {count} sessions where {state}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_is_answered_although_every_connection_broke_just_before() {
    const READERS: usize = 8;
    let office = Office::open(Kind::Postgres, &short(), &[]).await;
    let code = office.file(false, false).await.code;
    let database = office.services.database();
    let url = database_of(office.dir.path()).expect("an address");
    let name = url.rsplit_once('/').expect("a name").1;
    let administrator = sea_orm::Database::connect(format!("{}/postgres", shared())).await.expect("an administrator");
    let terminator = Terminator::of(&url).await.expect("an administrator");

    // All connections are used at once, so that all of them exist.
    let holder = database.begin().await.expect("a transaction");
    holder.connection().execute_unprepared("SELECT pg_advisory_xact_lock(7)").await.expect("locked");
    let waits: Vec<_> = (0..READERS)
        .map(|_| {
            let reader = database.reader().clone();
            let query = Statement::from_string(DbBackend::Postgres, "SELECT pg_advisory_xact_lock_shared(7)");
            tokio::spawn(async move { reader.query_one_raw(query).await })
        })
        .collect();
    wait_for(&administrator, name, "wait_event = 'advisory'", i64::try_from(READERS).expect("few")).await;
    holder.commit().await.expect("committed");
    for waited in futures::future::join_all(waits).await {
        waited.expect("no panic").expect("it has the lock");
    }

    terminator.strike().await.expect("all are ended");
    wait_for(&administrator, name, "TRUE", 0).await;
    let dossier = journal::dossier(database.reader(), &code).await.expect("it is answered");
    assert_eq!(dossier.expect("a dossier").version, 1);
}

/// Returns the number of dossiers in the figures of the leader's agency.
async fn counted(office: &Office) -> i64 {
    let leader = office.actor(LEADER).await;
    let figures = office.services.lists.figures(&leader).await.expect("figures");
    figures.iter().map(|agency| agency.figures.filed).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_come_from_the_replica_and_from_the_database_when_the_replica_is_gone() {
    let cluster = Cluster::start().expect("a cluster");
    let mut office = Office::open_on(Kind::Postgres, Some(&cluster.url()), &short(), &[]).await;
    office.file(false, false).await;
    let primary = database_of(office.dir.path()).expect("an address");
    let administrator = sea_orm::Database::connect(&primary).await.expect("an administrator");
    let roles = "CREATE ROLE motcua_reads LOGIN; GRANT SELECT ON dossier, figure TO motcua_reads;
        CREATE ROLE poor LOGIN; GRANT SELECT ON dossier TO poor";
    administrator.execute_unprepared(roles).await.expect("roles");
    assert!(include_str!("../../../docs/postgresql.md").contains("GRANT SELECT ON dossier, figure TO motcua_reads;"));
    let standby = cluster.standby().expect("a standby");
    let url = under(&primary.replace(&cluster.url(), &standby.url()), "motcua_reads");
    set(office.dir.path(), "database = ", &format!("database_read_url = \"{url}\"\ndatabase = "));
    office.reopen().await;
    let now = office.services.now().as_second();
    assert!(office.services.database().check_replica(now).await.expect("it answers"));
    let poor = DatabaseOptions { url: primary, replica: Some(url.replace("motcua_reads", "poor")), readers: 2 };
    let poor = Database::open(&poor).await.expect("it opens");
    let refused = poor.check_replica(now).await.expect_err("the role may not read the sums").to_string();
    assert!(refused.contains("permission denied for table figure"), "{refused}");

    let case = office.file(false, false).await;
    assert_eq!(case.todo_of(COUNTER).await.len(), 2, "lists show what was written just now");
    assert_eq!(counted(&office).await, 1, "the replica lags behind");
    drop(standby);
    assert_eq!(counted(&office).await, 2, "the database itself answers");
    // A node starts without its replica, too.
    office.reopen().await;
    assert_eq!(counted(&office).await, 2);
    assert!(office.services.database().check_replica(now).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_itself_answers_while_a_query_of_the_replica_still_waits() {
    let mut office = Office::open(Kind::Postgres, &short(), &[]).await;
    office.file(false, false).await;
    // A database without dossiers stands for the replica.
    let url = new_database(None).await.expect("a database");
    let replica = open(url.clone()).await.expect("it opens");
    replica.migrate().await.expect("the tables");
    set(office.dir.path(), "database = ", &format!("database_read_url = \"{url}\"\ndatabase = "));
    office.reopen().await;
    assert_eq!(counted(&office).await, 0, "the replica answers");

    let holder = replica.begin().await.expect("a transaction");
    let lock = "LOCK TABLE dossier IN ACCESS EXCLUSIVE MODE";
    holder.connection().execute_unprepared(lock).await.expect("locked");
    assert_eq!(counted(&office).await, 1, "the database itself answers");
    // PostgreSQL would end the wait for the lock later.
    let administrator = sea_orm::Database::connect(format!("{}/postgres", shared())).await.expect("an administrator");
    let name = url.rsplit_once('/').expect("a name").1;
    wait_for(&administrator, name, "wait_event_type = 'Lock'", 1).await;
    holder.commit().await.expect("committed");
}
