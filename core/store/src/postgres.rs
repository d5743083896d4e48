//! PostgreSQL: what its connections are told, and how they are protected on their way.

use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions, PgSslMode};
use sea_orm::sqlx::{self, Executor as _};
use std::net::IpAddr;

/// What each connection is told: every wait has an end, so that a node that was paused, or a client that is gone, stops
/// nobody.
const BOUNDED: &str = "SET lock_timeout = '10s'; SET statement_timeout = '60s';
    SET idle_in_transaction_session_timeout = '30s';";

/// What connections that write are told besides. Writers find rows by their keys. PostgreSQL may keep a plan that it made
/// while a table was small, and that plan would read the whole table later. Without the last setting it would plan again
/// for each set of rows.
const BY_KEY: &str = "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
    SET plan_cache_mode = force_generic_plan;";

/// What connections that read are told besides.
const READ_ONLY: &str = "SET default_transaction_read_only = on;";

/// How an address names the authority that it trusts.
const AUTHORITY: [&str; 3] = ["sslrootcert=", "ssl-root-cert=", "ssl-ca="];

/// Tells each connection of a pool its settings. They are statements and not options of the connection, because poolers
/// such as PgBouncer refuse options.
pub(crate) fn settle(pool: PgPoolOptions, writes: bool) -> PgPoolOptions {
    let told = format!("{BOUNDED} {}", if writes { BY_KEY } else { READ_ONLY });
    pool.after_connect(move |connection: &mut PgConnection, _| {
        let told = sqlx::AssertSqlSafe(told.clone());
        Box::pin(async move { connection.execute(sqlx::raw_sql(told)).await.map(|_| ()) })
    })
}

/// Changes what a connection says of itself at its start: nothing that PgBouncer does not know.
pub(crate) fn introduce(options: PgConnectOptions) -> PgConnectOptions {
    options.extra_float_digits(None::<i8>)
}

/// A way for somebody on the network to read or change what the portal and its database send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weakness {
    pub what: &'static str,
    /// What to write into the address instead.
    pub advice: &'static str,
}

/// Returns how the address of a PostgreSQL database leaves its connections unprotected. Returns nothing for SQLite, and
/// for an address that cannot be read.
pub fn weakness(url: &str) -> Option<Weakness> {
    if !url.starts_with("postgres") {
        return None;
    }
    let options: PgConnectOptions = url.parse().ok()?;
    let names_authority = AUTHORITY.iter().any(|key| url.contains(key));
    let what = match options.get_ssl_mode() {
        PgSslMode::VerifyCa => {
            "sslmode=verify-ca takes the certificate of any host that an authority of this machine vouches for"
        }
        PgSslMode::Require if names_authority => {
            "sslmode=require does not look at the certificate of the database, so sslrootcert has no effect"
        }
        PgSslMode::Require | PgSslMode::VerifyFull => return None,
        PgSslMode::Disable | PgSslMode::Allow | PgSslMode::Prefer => {
            if stays_here(&options) {
                return None;
            }
            "the database is on another machine, and the connections to it need not be encrypted"
        }
    };
    Some(Weakness { what, advice: "write sslmode=verify-full and sslrootcert=FILE into the address of the database" })
}

/// Returns whether the connections never leave this machine.
fn stays_here(options: &PgConnectOptions) -> bool {
    let host = options.get_host().trim_start_matches('[').trim_end_matches(']');
    options.get_socket().is_some()
        || host.starts_with('/')
        || host.eq_ignore_ascii_case("localhost")
        || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

/// Says in words why a connection could not be protected, or why a file for its protection could not be read.
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
    use super::weakness;

    #[test]
    fn connections_to_another_machine_must_be_encrypted() {
        for weak in [
            "postgres://motcua:secret@db.example.vn/motcua",
            "postgres://motcua@10.0.0.7/motcua?sslmode=prefer",
            "postgresql://motcua@db.example.vn/motcua?sslmode=disable",
            "postgres://motcua@localhost/motcua?host=db.example.vn",
        ] {
            let told = weakness(weak).map_or("nothing", |weakness| weakness.what);
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
    fn a_mode_that_checks_less_than_it_seems_to_is_told() {
        let address = |query: &str| format!("postgres://motcua@db.example.vn/motcua?{query}");
        for (query, told) in [
            ("sslmode=verify-ca&sslrootcert=/etc/ca.pem", "any host"),
            ("sslmode=require&sslrootcert=/etc/ca.pem", "has no effect"),
        ] {
            assert!(weakness(&address(query)).is_some_and(|weak| weak.what.contains(told)), "{query}");
        }
    }
}
