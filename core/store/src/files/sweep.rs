//! Deleting files that nothing refers to.
//!
//! A draft refers to a file in `draft_paper`, a wallet in `wallet_paper`. The references of dossiers stand in the
//! payloads of the journal, so they are projected into a table, in the transaction that appends the event:
//!
//! ```sql
//! CREATE TABLE dossier_file (
//!     dossier TEXT NOT NULL,
//!     digest TEXT NOT NULL,
//!     PRIMARY KEY (dossier, digest)
//! );
//! CREATE INDEX dossier_file_digest ON dossier_file (digest);
//! CREATE INDEX draft_paper_digest ON draft_paper (digest);
//! CREATE INDEX wallet_paper_digest ON wallet_paper (digest);
//! ```
//!
//! A row of `dossier_file` stays when a supplement replaces the paper, because the journal still names the file.

use super::{FileStore, INCOMING, earlier_path, path, store_fault};
use crate::{Database, Fault, Transaction};
use futures::TryStreamExt as _;
use motcua_domain::names::Digest;
use object_store::path::Path;
use object_store::{ObjectStore as _, ObjectStoreExt as _};
use sea_orm::{ConnectionTrait, FromQueryResult, SqlErr, Statement};
use std::io::ErrorKind;
use std::time::Duration;
use uuid::Uuid;

/// The time for which a file without references is stored, in seconds: seven days.
pub const GRACE: i64 = 7 * 24 * 60 * 60;

/// The number of candidates that are read at once.
const PAGE: u32 = 500;

/// The longest time in which the store deletes one file. On SQLite nobody else writes meanwhile.
const PATIENCE: Duration = Duration::from_secs(10);

/// The condition that nothing refers to a row of `file`.
const UNUSED: &str = "NOT EXISTS (SELECT 1 FROM dossier_file d WHERE d.digest = file.digest)
     AND NOT EXISTS (SELECT 1 FROM draft_paper p WHERE p.digest = file.digest)
     AND NOT EXISTS (SELECT 1 FROM wallet_paper w WHERE w.digest = file.digest)";

/// The result of a sweep.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Files that nothing referred to.
    pub files: u64,
    /// The size of these files together.
    pub bytes: u64,
    /// Uploads that broke off.
    pub uploads: u64,
}

impl FileStore {
    /// Deletes files that nothing refers to and uploads that broke off, if they are older than [`GRACE`]. With
    /// `only_count`, deletes nothing. Safe beside uploads and other sweeps, see [`crate::files`].
    pub async fn sweep(&self, database: &Database, now: i64, only_count: bool) -> Result<Swept, Fault> {
        if !database.projections_are_current().await? {
            // The references of dossiers to their files are not complete.
            let reason = "the lists of some dossiers are not made; run: motcua migrate, then motcua audit verify";
            return Err(Fault::Unavailable(reason.to_owned()));
        }
        let before = now - GRACE;
        let uploads = self.sweep_uploads(before, only_count).await?;
        let mut swept = Swept { uploads, ..Swept::default() };
        let mut last = String::new();
        loop {
            let candidates = unused(database.reader(), before, &last).await?;
            let Some(end) = candidates.last() else { return Ok(swept) };
            last.clone_from(&end.digest);
            for candidate in candidates {
                if only_count || self.delete_unused(database, &Digest(candidate.digest), before).await? {
                    swept.files += 1;
                    swept.bytes += u64::try_from(candidate.bytes).unwrap_or_default();
                }
            }
        }
    }

    /// Deletes a file if nothing refers to it, and returns whether it did.
    async fn delete_unused(&self, database: &Database, digest: &Digest, before: i64) -> Result<bool, Fault> {
        let transaction = database.begin().await?;
        let deleted = transaction.delete_unused_file(digest, before).await?;
        if deleted {
            // Within the transaction, so that an upload of the same content waits until the object is gone.
            let limited = tokio::time::timeout(PATIENCE, self.delete(digest)).await;
            limited.map_err(|elapsed| store_fault("sweep", elapsed))??;
            transaction.commit().await?;
        }
        Ok(deleted)
    }

    /// Deletes the content of a file, wherever a version of the portal stored it.
    async fn delete(&self, digest: &Digest) -> Result<(), Fault> {
        for place in [path(digest), earlier_path(digest)] {
            match self.objects.delete(&place).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Deletes uploads that began before `before`, and returns how many there were.
    async fn sweep_uploads(&self, before: i64, only_count: bool) -> Result<u64, Fault> {
        let mut count = 0;
        for name in self.uploads().await? {
            if begun_at(&name).is_some_and(|at| at < before) {
                count += 1;
                if !only_count {
                    self.delete_upload(&name).await?;
                }
            }
        }
        Ok(count)
    }

    /// Lists the names under `incoming`. In a folder, these include files that the object store does not list because
    /// it was writing them when the process ended.
    async fn uploads(&self) -> Result<Vec<String>, Fault> {
        let Some(folder) = &self.folder else {
            let listed = self.objects.list(Some(&Path::from(INCOMING)));
            let names = listed.map_ok(|object| object.location.filename().unwrap_or_default().to_owned());
            return Ok(names.try_collect().await?);
        };
        let mut names = Vec::new();
        let mut entries = match tokio::fs::read_dir(folder.join(INCOMING)).await {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(names),
            entries => entries.map_err(|error| store_fault("folder", error))?,
        };
        while let Some(entry) = entries.next_entry().await.map_err(|error| store_fault("folder", error))? {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
        Ok(names)
    }

    async fn delete_upload(&self, name: &str) -> Result<(), Fault> {
        match &self.folder {
            Some(folder) => {
                let removed = tokio::fs::remove_file(folder.join(INCOMING).join(name)).await;
                removed.map_err(|error| store_fault("folder", error))
            }
            None => Ok(self.objects.delete(&Path::from(format!("{INCOMING}/{name}"))).await?),
        }
    }
}

/// Returns when an upload began: its name is a UUID of version 7, and a folder adds `#` and a number while it writes.
fn begun_at(name: &str) -> Option<i64> {
    let id: Uuid = name.split('#').next()?.parse().ok()?;
    i64::try_from(id.get_timestamp()?.to_unix().0).ok()
}

/// A row of `file` that nothing refers to.
#[derive(FromQueryResult)]
struct UnusedFile {
    digest: String,
    bytes: i64,
}

/// Reads the next rows that nothing refers to and that are older than `before`, in the order of their digests.
async fn unused(connection: &impl ConnectionTrait, before: i64, after: &str) -> Result<Vec<UnusedFile>, Fault> {
    let sql = format!(
        "SELECT digest, bytes FROM file WHERE stored_at < $1 AND digest > $2 AND {UNUSED} ORDER BY digest LIMIT {PAGE}"
    );
    let values = [before.into(), after.into()];
    let query = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    Ok(UnusedFile::find_by_statement(query).all(connection).await?)
}

impl Transaction {
    /// Deletes the row of a file that nothing refers to and that is older than `before`, and returns whether it did.
    async fn delete_unused_file(&self, digest: &Digest, before: i64) -> Result<bool, Fault> {
        let connection = self.connection();
        let sql = format!("DELETE FROM file WHERE digest = $1 AND stored_at < $2 AND {UNUSED}");
        let values = [digest.as_str().into(), before.into()];
        let delete = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
        match connection.execute_raw(delete).await {
            Ok(done) => Ok(done.rows_affected() > 0),
            // Something has begun to refer to the file meanwhile.
            Err(error) if matches!(error.sql_err(), Some(SqlErr::ForeignKeyConstraintViolation(_))) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{GRACE, Swept, begun_at};
    use crate::files::path;
    use crate::files::testing::{NOON, PDF, TestStore, id};
    use object_store::ObjectStoreExt as _;
    use object_store::path::Path;

    const LATER: i64 = NOON + GRACE + 1;

    /// Counts the files that a sweep deletes.
    async fn sweep(store: &TestStore, now: i64) -> u64 {
        store.files.sweep(&store.database, now, false).await.expect("swept").files
    }

    #[tokio::test]
    async fn what_nothing_refers_to_goes_after_the_grace_time() {
        for store in TestStore::all().await {
            let taken = store.take(PDF, NOON).await.expect("taken");
            assert_eq!(sweep(&store, NOON + GRACE).await, 0);
            let counted = store.files.sweep(&store.database, LATER, true).await.expect("counted");
            assert_eq!(counted, Swept { files: 1, bytes: taken.bytes, uploads: 0 });
            store.files.content(&taken.digest).await.expect("nothing was deleted");
            assert_eq!(sweep(&store, LATER).await, 1);
            store.files.content(&taken.digest).await.expect_err("it is gone");
            assert_eq!(sweep(&store, LATER).await, 0);
        }
    }

    #[tokio::test]
    async fn what_a_dossier_a_draft_or_a_wallet_refers_to_stays() {
        let store = TestStore::in_memory().await;
        for sql in [
            "INSERT INTO dossier_file (dossier, digest) VALUES ('H09.31-260303-0001', '{}')",
            "INSERT INTO draft_paper (id, draft, paper, digest, name) VALUES ('p', 'd', 'birth_proof', '{}', 'a.pdf')",
            "INSERT INTO wallet_paper (account, digest, name, paper_name, added_at) VALUES ('a', '{}', 'a', 'Giấy', 0)",
        ] {
            let taken = store.take(PDF, NOON).await.expect("taken");
            store.execute(&sql.replace("{}", taken.digest.as_str())).await;
            assert_eq!(sweep(&store, LATER).await, 0, "{sql}");
            let table = sql.split(' ').nth(2).expect("a table");
            store.execute(&format!("DELETE FROM {table}")).await;
            assert_eq!(sweep(&store, LATER).await, 1, "{sql}");
        }
    }

    #[tokio::test]
    async fn content_that_comes_again_is_young_again() {
        let store = TestStore::in_memory().await;
        let taken = store.take(PDF, NOON).await.expect("taken");
        store.take(PDF, LATER).await.expect("taken again");
        assert_eq!(sweep(&store, LATER).await, 0);
        store.files.content(&taken.digest).await.expect("it is there");
        assert_eq!(sweep(&store, LATER + GRACE + 1).await, 1);
        store.take(PDF, LATER + GRACE + 1).await.expect("taken a third time");
        store.files.content(&taken.digest).await.expect("it was put again");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_upload_beside_a_sweep_never_loses_its_content() {
        for store in TestStore::all().await {
            let mut now = NOON;
            for round in 0..20 {
                let taken = store.take(PDF, now).await.expect("taken");
                if round % 2 == 1 {
                    store.files.objects.put(&path(&taken.digest), "damaged".into()).await.expect("damaged");
                }
                now += GRACE + 1;
                let (taken, swept) = tokio::join!(store.take(PDF, now), sweep(&store, now));
                let taken = taken.expect("taken beside a sweep");
                store.files.content(&taken.digest).await.unwrap_or_else(|fault| panic!("{swept} swept: {fault}"));
            }
        }
    }

    #[tokio::test]
    async fn uploads_that_broke_off_go_too() {
        let store = TestStore::in_folder().await;
        let incoming = store.folder().join("incoming");
        std::fs::create_dir_all(&incoming).expect("a folder");
        for name in [format!("{}", id(1)), format!("{}#1", id(2)), "something else".to_owned()] {
            std::fs::write(incoming.join(name), PDF).expect("written");
        }
        let sweep = |now| store.files.sweep(&store.database, now, false);
        assert_eq!(sweep(NOON).await.expect("swept").uploads, 0);
        assert_eq!(sweep(LATER + 10).await.expect("swept").uploads, 2);
        assert_eq!(std::fs::read_dir(&incoming).expect("a folder").count(), 1);

        let store = TestStore::in_memory().await;
        let path = Path::from(format!("incoming/{}", id(1)));
        store.files.objects.put(&path, PDF.into()).await.expect("put");
        assert_eq!(store.files.sweep(&store.database, LATER + 10, false).await.expect("swept").uploads, 1);
        store.files.objects.head(&path).await.expect_err("it is gone");
    }

    #[test]
    fn the_name_of_an_upload_tells_when_it_began() {
        assert_eq!(begun_at(&id(3).to_string()), Some(NOON + 3));
        assert_eq!(begun_at(&format!("{}#12", id(3))), Some(NOON + 3));
        assert_eq!(begun_at("abc"), None);
    }
}
