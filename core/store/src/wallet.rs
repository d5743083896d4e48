//! An applicant's paper wallet: papers from earlier dossiers that they can use again.

use crate::rows::{file, wallet_paper};
use crate::{Fault, Transaction};
use motcua_domain::media::StoredFile;
use motcua_domain::names::{Digest, UserId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

/// A paper in a wallet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WalletPaper {
    pub file: StoredFile,
    /// The name of the paper as which it was attached.
    pub paper_name: String,
    /// In seconds since 1970.
    pub added_at: i64,
}

/// Returns the papers in the wallet of an account, latest first.
pub async fn papers(connection: &impl ConnectionTrait, account: &UserId) -> Result<Vec<WalletPaper>, Fault> {
    let rows = wallet_paper::Entity::find()
        .filter(wallet_paper::Column::Account.eq(account.as_str()))
        .order_by_desc(wallet_paper::Column::AddedAt)
        .order_by_asc(wallet_paper::Column::Digest)
        .all(connection)
        .await?;
    let digests: Vec<&str> = rows.iter().map(|row| row.digest.as_str()).collect();
    let files = file::Entity::find().filter(file::Column::Digest.is_in(digests)).all(connection).await?;
    let paper = |row: wallet_paper::Model| {
        let file = files.iter().find(|file| file.digest == row.digest)?;
        Some(WalletPaper {
            file: StoredFile {
                digest: Digest(row.digest),
                name: row.name,
                media_type: file.media_type.clone(),
                bytes: u64::try_from(file.bytes).unwrap_or_default(),
            },
            paper_name: row.paper_name,
            added_at: row.added_at,
        })
    };
    Ok(rows.into_iter().filter_map(paper).collect())
}

impl Transaction {
    /// Puts a paper into a wallet. A paper that is in the wallet moves to the front.
    pub async fn keep_in_wallet(&self, account: &UserId, paper: &WalletPaper) -> Result<(), Fault> {
        use wallet_paper::Column;
        let row = wallet_paper::Model {
            account: account.to_string(),
            digest: paper.file.digest.to_string(),
            name: paper.file.name.clone(),
            paper_name: paper.paper_name.clone(),
            added_at: paper.added_at,
        };
        let change = OnConflict::columns([Column::Account, Column::Digest])
            .update_columns([Column::Name, Column::PaperName, Column::AddedAt])
            .to_owned();
        let insert = wallet_paper::Entity::insert(row.into_active_model()).on_conflict(change);
        insert.exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Takes a paper out of a wallet. Filed papers stay with their dossiers.
    pub async fn remove_from_wallet(&self, account: &UserId, digest: &Digest) -> Result<(), Fault> {
        wallet_paper::Entity::delete_by_id((account.to_string(), digest.to_string())).exec(self.connection()).await?;
        Ok(())
    }
}
