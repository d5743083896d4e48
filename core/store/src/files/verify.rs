//! Comparing the stored files with their rows.

use super::FileStore;
use crate::rows::file;
use crate::{Database, Fault};
use motcua_domain::names::Digest;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Statement,
};
use std::fmt;

/// The number of rows that are read at once.
const PAGE: u64 = 500;

/// The most references of a lost file that a message names.
const NAMED: usize = 5;

/// The depth of the check of each file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckDepth {
    /// The file exists and has its size.
    Size,
    /// The whole content has its digest.
    Content,
}

/// The result of a check of all files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckedFiles {
    /// Files that are as they were stored.
    pub sound: u64,
    /// Rows without sound content that nothing refers to: their uploads broke off, and the sweep deletes them.
    pub unfinished: u64,
    pub findings: Vec<LostFile>,
}

/// A file that is lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostFile {
    pub digest: Digest,
    pub wrong: FileLoss,
    pub references: Vec<FileReference>,
}

/// The reason why a file is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileLoss {
    Missing,
    Changed,
}

/// A dossier, a draft or a wallet that refers to a file.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct FileReference {
    /// `dossier`, `draft` or `wallet`.
    pub kind: String,
    /// The code of the dossier, the id of the draft, or the id of the account.
    pub id: String,
}

impl fmt::Display for FileReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.id)
    }
}

impl fmt::Display for LostFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wrong = match self.wrong {
            FileLoss::Missing => "is missing",
            FileLoss::Changed => "was changed",
        };
        let named: Vec<String> = self.references.iter().take(NAMED).map(ToString::to_string).collect();
        write!(f, "file {} {wrong}; it belongs to {}", self.digest, named.join(", "))?;
        match self.references.len() - named.len() {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

impl FileStore {
    /// Checks every row of table `file`.
    pub async fn verify(&self, database: &Database, depth: CheckDepth) -> Result<CheckedFiles, Fault> {
        let reader = database.reader();
        let mut checked = CheckedFiles::default();
        let mut last = String::new();
        loop {
            let page = file::Entity::find()
                .filter(file::Column::Digest.gt(last.as_str()))
                .order_by_asc(file::Column::Digest)
                .limit(PAGE);
            let rows = page.all(reader).await?;
            let Some(end) = rows.last() else { return Ok(checked) };
            last.clone_from(&end.digest);
            for row in rows {
                let digest = Digest(row.digest);
                let Some(wrong) = self.check(&digest, row.bytes, depth).await? else {
                    checked.sound += 1;
                    continue;
                };
                let references = references(reader, &digest).await?;
                if references.is_empty() {
                    checked.unfinished += 1;
                } else {
                    checked.findings.push(LostFile { digest, wrong, references });
                }
            }
        }
    }

    /// Checks one file and returns its flaw, if it has one.
    async fn check(&self, digest: &Digest, bytes: i64, depth: CheckDepth) -> Result<Option<FileLoss>, Fault> {
        let bytes = u64::try_from(bytes).unwrap_or_default();
        let read = match depth {
            CheckDepth::Size => self.check_size(digest, bytes).await,
            CheckDepth::Content => self.read_through(digest, bytes).await,
        };
        match read {
            Ok(()) => Ok(None),
            Err(Fault::Files(object_store::Error::NotFound { .. })) => Ok(Some(FileLoss::Missing)),
            Err(Fault::FileChanged(_)) => Ok(Some(FileLoss::Changed)),
            Err(fault) => Err(fault),
        }
    }
}

/// Returns everything that refers to a file.
async fn references(connection: &impl ConnectionTrait, digest: &Digest) -> Result<Vec<FileReference>, Fault> {
    const SQL: &str = "SELECT 'dossier' AS kind, dossier AS id FROM dossier_file WHERE digest = $1
         UNION SELECT 'draft', draft FROM draft_paper WHERE digest = $1
         UNION SELECT 'wallet', account FROM wallet_paper WHERE digest = $1 ORDER BY 1, 2";
    let query = Statement::from_sql_and_values(connection.get_database_backend(), SQL, [digest.as_str().into()]);
    Ok(FileReference::find_by_statement(query).all(connection).await?)
}

#[cfg(test)]
mod tests {
    use super::{CheckDepth, FileLoss};
    use crate::files::path;
    use crate::files::testing::{NOON, PDF, TestStore};
    use object_store::ObjectStoreExt as _;

    #[tokio::test]
    async fn missing_and_changed_files_are_named_with_what_refers_to_them() {
        for store in TestStore::all().await {
            let taken = store.take(PDF, NOON).await.expect("taken");
            let checked = store.files.verify(&store.database, CheckDepth::Content).await.expect("checked");
            assert_eq!((checked.sound, checked.unfinished, checked.findings.len()), (1, 0, 0));

            let digest = taken.digest.as_str();
            let dossier = "INSERT INTO dossier_file (dossier, digest) VALUES ('H09.31-260303-0001',";
            store.execute(&format!("{dossier} '{digest}')")).await;
            let mut changed = PDF.to_vec();
            changed[100] ^= 1;
            store.files.objects.put(&path(&taken.digest), changed.into()).await.expect("changed");
            let checked = store.files.verify(&store.database, CheckDepth::Size).await.expect("checked");
            assert_eq!(checked.sound, 1, "the size is the same");
            let checked = store.files.verify(&store.database, CheckDepth::Content).await.expect("checked");
            assert_eq!(checked.findings[0].wrong, FileLoss::Changed);
            let said = checked.findings[0].to_string();
            assert!(said.ends_with("was changed; it belongs to dossier H09.31-260303-0001"), "{said}");

            store.files.objects.delete(&path(&taken.digest)).await.expect("deleted");
            for depth in [CheckDepth::Size, CheckDepth::Content] {
                let checked = store.files.verify(&store.database, depth).await.expect("checked");
                assert_eq!(checked.findings[0].wrong, FileLoss::Missing);
            }
            store.execute("DELETE FROM dossier_file").await;
            let checked = store.files.verify(&store.database, CheckDepth::Size).await.expect("checked");
            assert_eq!((checked.unfinished, checked.findings.len()), (1, 0));
        }
    }
}
