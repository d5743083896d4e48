//! PostgreSQL: the settings and the protection of its connections, and the poolers that may stand between.

use crate::Fault;
use motcua_domain::text::Text;
use percent_encoding::percent_decode_str;
use sea_orm::DbErr;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions, PgSslMode};
use sea_orm::sqlx::{self, Executor as _};
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

/// The settings of each connection. Every wait has an end, so that a paused node or a lost client blocks nobody.
const BOUNDED: &str = "SET lock_timeout = '10s'; SET statement_timeout = '60s';
    SET idle_in_transaction_session_timeout = '30s';";

/// The further settings of connections that write.
///
/// Writers find rows by their keys. PostgreSQL may cache a plan from the time when a table was small, and that plan
/// would read the whole table later. Without the last setting PostgreSQL would plan again for each set of rows.
const BY_KEY: &str = "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
    SET plan_cache_mode = force_generic_plan;";

/// The further setting of connections that read.
const READ_ONLY: &str = "SET default_transaction_read_only = on;";

/// The names by which an address refers to the authority that it trusts.
const AUTHORITY: [&str; 3] = ["sslrootcert=", "ssl-root-cert=", "ssl-ca="];

/// The names by which an address refers to the portal's own certificate.
const OWN: [&str; 2] = ["sslcert=", "ssl-cert="];

/// The number of times that the two clients of the probe check which session they have.
const LOOKS: usize = 4;

/// The longest time in which a reachable database answers.
const REACH: Duration = Duration::from_secs(5);

/// The longest time of the probe, once both of its clients are connected.
const PROBE: Duration = Duration::from_secs(10);

/// Sends its settings on each connection of a pool. They are statements and not options of the connection, because
/// poolers such as PgBouncer reject options.
pub(crate) fn settle(pool: PgPoolOptions, writes: bool) -> PgPoolOptions {
    let told = format!("{BOUNDED} {}", if writes { BY_KEY } else { READ_ONLY });
    pool.after_connect(move |connection: &mut PgConnection, _| {
        let told = sqlx::AssertSqlSafe(told.clone());
        Box::pin(async move { connection.execute(sqlx::raw_sql(told)).await.map(|_| ()) })
    })
}

/// Changes the start message of a connection, so that it contains nothing unknown to PgBouncer.
pub(crate) fn introduce(options: PgConnectOptions) -> PgConnectOptions {
    options.extra_float_digits(None::<i8>)
}

/// The reason why a pooler that shares sessions is rejected.
pub(crate) const SHARED: &str = "a pooler shares sessions of PostgreSQL between clients; \
     set pool_mode = session in PgBouncer, or name PostgreSQL itself in the address";

/// Returns whether a pooler lends one session of PostgreSQL to several clients, as PgBouncer does in the modes
/// `transaction` and `statement`.
///
/// The portal sets options of each session, and those would apply to other clients too. A writer might get a session
/// that only reads, or one whose waits have no end.
///
/// The clients of the probe set nothing, so they leave no trace in a shared session. If an address cannot be read, the
/// connection itself reports it.
pub(crate) async fn shares_sessions(url: &str, patience: Duration) -> Result<bool, Fault> {
    let Ok(options) = url.parse::<PgConnectOptions>() else { return Ok(false) };
    reach(&introduce(options.clone())).await?;
    let pool = PgPoolOptions::new().max_connections(2).acquire_timeout(patience);
    let pool = pool.connect_with(introduce(options)).await.map_err(of_driver)?;
    let mut one = pool.acquire().await.map_err(of_driver)?;
    let mut other = pool.acquire().await.map_err(of_driver)?;
    let shared = tokio::time::timeout(PROBE, are_shared(&mut one, &mut other)).await;
    drop((one, other));
    // A client that still waits for its session is dropped with the pool.
    _ = tokio::time::timeout(PROBE, pool.close()).await;
    shared.unwrap_or_else(|_| {
        let words = "the database or a pooler before it does not serve two clients at once; \
                     look at default_pool_size of PgBouncer";
        Err(Fault::Unavailable(words.to_owned()))
    })
}

/// Connects once. A pool would retry until its timeout, and would then not know the reason.
async fn reach(options: &PgConnectOptions) -> Result<(), Fault> {
    let connecting = <PgConnection as sqlx::Connection>::connect_with(options);
    match tokio::time::timeout(REACH, connecting).await {
        Ok(connection) => sqlx::Connection::close(connection.map_err(of_driver)?).await.map_err(of_driver),
        Err(_) => Err(Fault::Unavailable(format!("the database does not answer within {} seconds", REACH.as_secs()))),
    }
}

/// Returns whether two clients get the same session, or one client gets another session than before.
///
/// A client outside of a transaction has a session of its own only if no pooler takes it away between two statements.
/// The other client meanwhile takes a session for a transaction: the one that the first client had, or one that the
/// pool then lacks.
async fn are_shared(one: &mut PgConnection, other: &mut PgConnection) -> Result<bool, Fault> {
    const PROCESS: &str = "SELECT pg_backend_pid()";
    for _ in 0..LOOKS {
        let first = process(one, PROCESS).await.map_err(of_driver)?;
        let taken = match process(other, "BEGIN; SELECT pg_backend_pid()").await {
            // PgBouncer refuses transactions in the mode `statement`.
            Err(sqlx::Error::Database(error)) if error.message().contains("pooling mode") => return Ok(true),
            taken => taken.map_err(of_driver)?,
        };
        let second = process(one, PROCESS).await.map_err(of_driver)?;
        sqlx::raw_sql("ROLLBACK").execute(&mut *other).await.map_err(of_driver)?;
        if taken == first || second != first {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Returns the process of the server that carries out a statement. The statement is not prepared, because a shared
/// session may not know it later.
async fn process(connection: &mut PgConnection, sql: &'static str) -> sqlx::Result<i32> {
    let row = sqlx::raw_sql(sql).fetch_one(connection).await?;
    sqlx::Row::try_get(&row, 0)
}

fn of_driver(error: sqlx::Error) -> Fault {
    DbErr::Conn(sea_orm::RuntimeErr::SqlxError(error.into())).into()
}

/// A way for somebody on the network to read or change what the portal and its database send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weakness {
    /// The weakness, in Vietnamese and in English.
    what: (&'static str, &'static str),
    /// The advice about the text to write into the address instead.
    advice: (&'static str, &'static str),
}

impl Weakness {
    /// Returns the weakness and the advice in words.
    pub fn words(self) -> (Text, Text) {
        (Text::from(self.what), Text::from(self.advice))
    }
}

/// Returns why the address of a PostgreSQL database leaves its connections unprotected. Returns nothing for SQLite, and
/// for an address that cannot be read.
pub fn weakness(url: &str) -> Option<Weakness> {
    if !url.starts_with("postgres") {
        return None;
    }
    let options: PgConnectOptions = url.parse().ok()?;
    let names_authority = AUTHORITY.iter().any(|key| url.contains(key));
    let what = match options.get_ssl_mode() {
        PgSslMode::VerifyCa => (
            "sslmode=verify-ca nhận chứng thư của bất kỳ máy nào mà một tổ chức chứng thực của máy này bảo đảm",
            "sslmode=verify-ca takes the certificate of any host that an authority of this machine vouches for",
        ),
        PgSslMode::Require if names_authority => (
            "sslmode=require không xem chứng thư của cơ sở dữ liệu, nên sslrootcert không có tác dụng",
            "sslmode=require does not look at the certificate of the database, so sslrootcert has no effect",
        ),
        PgSslMode::Require | PgSslMode::VerifyFull => return None,
        PgSslMode::Disable | PgSslMode::Allow | PgSslMode::Prefer => {
            if stays_here(&options) {
                return None;
            }
            (
                "cơ sở dữ liệu ở máy khác, và kết nối đến đó không bắt buộc mã hóa",
                "the database is on another machine, and the connections to it need not be encrypted",
            )
        }
    };
    let advice = (
        "hãy viết sslmode=verify-full và sslrootcert=FILE vào địa chỉ của cơ sở dữ liệu",
        "write sslmode=verify-full and sslrootcert=FILE into the address of the database",
    );
    Some(Weakness { what, advice })
}

/// A certificate that the address of a database names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    pub file: PathBuf,
    /// The portal shows this certificate to the database. Otherwise it is the authority that must have signed the
    /// database's certificate.
    pub is_own: bool,
}

/// Returns the files of certificates that the address of a PostgreSQL database names.
pub fn certificates(url: &str) -> Vec<Certificate> {
    let query = url.split_once('?').filter(|_| url.starts_with("postgres")).map_or("", |(_, query)| query);
    let named = |part: &str| {
        let value = |keys: &[&str]| keys.iter().find_map(|key| part.strip_prefix(key)).map(str::to_owned);
        let (value, is_own) = match value(&OWN) {
            Some(value) => (value, true),
            None => (value(&AUTHORITY)?, false),
        };
        // An address may hold the certificate itself instead of a file.
        let file = percent_decode_str(&value).decode_utf8().ok().filter(|text| !text.starts_with("-----BEGIN"))?;
        Some(Certificate { file: PathBuf::from(&*file), is_own })
    };
    query.split('&').filter_map(named).collect()
}

/// Returns whether the connections never leave this machine.
fn stays_here(options: &PgConnectOptions) -> bool {
    let host = options.get_host().trim_start_matches('[').trim_end_matches(']');
    options.get_socket().is_some()
        || host.starts_with('/')
        || host.eq_ignore_ascii_case("localhost")
        || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

/// Returns in words why a connection could not be protected, or why a file for its protection could not be read.
pub(crate) fn why_unprotected(error: &sqlx::Error) -> Option<String> {
    let sqlx::Error::Io(error) = error else { return None };
    if error.kind() == std::io::ErrorKind::NotFound {
        let files = "the address of the database names a file that does not exist: \
                     look at its socket, sslrootcert, sslcert and sslkey";
        return Some(files.to_owned());
    }
    let reason = match error.get_ref()?.downcast_ref::<rustls::Error>()? {
        rustls::Error::InvalidCertificate(reason) => reason,
        other => return Some(format!("TLS to the database failed: {other}")),
    };
    Some(match reason {
        rustls::CertificateError::UnknownIssuer | rustls::CertificateError::BadSignature => {
            "the certificate of the database is not of an authority that is trusted; \
             name the authority's certificate in sslrootcert"
                .to_owned()
        }
        rustls::CertificateError::NotValidForName | rustls::CertificateError::NotValidForNameContext { .. } => {
            "the certificate of the database is for another host; \
             write the name that stands in the certificate (subjectAltName) into the address"
                .to_owned()
        }
        reason => format!("the certificate of the database is not valid: {reason}"),
    })
}

#[cfg(test)]
mod tests {
    use super::{certificates, weakness};

    #[test]
    fn connections_to_another_machine_must_be_encrypted() {
        for weak in [
            "postgres://motcua:secret@db.example.vn/motcua",
            "postgres://motcua@10.0.0.7/motcua?sslmode=prefer",
            "postgresql://motcua@db.example.vn/motcua?sslmode=disable",
            "postgres://motcua@localhost/motcua?host=db.example.vn",
        ] {
            let told = weakness(weak).map_or("nothing", |weakness| weakness.what.1);
            assert!(told.contains("another machine"), "{weak}: {told}");
        }
        for fine in [
            "postgres://motcua:secret@db.example.vn/motcua?sslmode=require",
            "postgres://motcua@db.example.vn/motcua?sslmode=verify-full&sslrootcert=/etc/ca.pem",
            "postgres://motcua@127.0.0.1/motcua",
            "postgres://motcua@localhost:5433/motcua",
            "postgres://motcua@%2Fvar%2Frun%2Fpostgresql/motcua",
            "postgres:///motcua?host=/var/run/postgresql",
            "sqlite://data/motcua.db",
        ] {
            assert_eq!(weakness(fine), None, "{fine}");
        }
    }

    #[test]
    fn every_certificate_of_an_address_is_known_with_its_purpose() {
        let named = |url: &str| -> Vec<(String, bool)> {
            let found = certificates(url).into_iter();
            found.map(|certificate| (certificate.file.display().to_string(), certificate.is_own)).collect()
        };
        assert_eq!(
            named(
                "postgres://m@db/m?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem&sslcert=/etc/m.crt&sslkey=/etc/m.key"
            ),
            [("/etc/ca.pem".to_owned(), false), ("/etc/m.crt".to_owned(), true)]
        );
        let other = "postgresql://m@db/m?ssl-ca=/a&ssl-cert=/b&ssl-root-cert=-----BEGIN%20CERTIFICATE-----";
        assert_eq!(named(other), [("/a".to_owned(), false), ("/b".to_owned(), true)]);
        assert!(named("postgres://m@db/sslcert=x").is_empty());
        assert!(named("sqlite://data/motcua.db?sslcert=x").is_empty());
    }

    #[test]
    fn a_mode_that_checks_less_than_it_seems_to_is_told() {
        let address = |query: &str| format!("postgres://motcua@db.example.vn/motcua?{query}");
        for (query, told) in [
            ("sslmode=verify-ca&sslrootcert=/etc/ca.pem", "any host"),
            ("sslmode=require&sslrootcert=/etc/ca.pem", "has no effect"),
        ] {
            assert!(weakness(&address(query)).is_some_and(|weak| weak.what.1.contains(told)), "{query}");
        }
    }
}
