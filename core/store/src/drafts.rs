//! Drafts: what an applicant has typed and attached so far, right or wrong.

use crate::entities::{draft, draft_paper};
use crate::{Fault, Transaction};
use motcua_domain::event::{AttachedPaper, StoredFile};
use motcua_domain::names::{Digest, DossierCode, PaperId, ProcedureCode, UserId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter, QueryOrder, Statement,
};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

/// A draft with its papers.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    pub id: Uuid,
    pub account: UserId,
    pub procedure: ProcedureCode,
    /// The version of the procedure that its form follows.
    pub version: Digest,
    /// The dossier that it supplements, if any.
    pub dossier: Option<DossierCode>,
    pub typed: Map<String, Json>,
    pub papers: Vec<DraftPaper>,
    pub created_at: i64,
    pub updated_at: i64,
}

/// A paper attached to a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftPaper {
    pub id: Uuid,
    pub attached: AttachedPaper,
}

fn unreadable(error: impl std::fmt::Display) -> Fault {
    Fault::Unreadable(error.to_string())
}

/// The draft with this id.
pub async fn draft(connection: &impl ConnectionTrait, id: Uuid) -> Result<Option<Draft>, Fault> {
    let Some(row) = draft::Entity::find_by_id(id.to_string()).one(connection).await? else { return Ok(None) };
    Ok(Some(read(row, papers(connection, id).await?)?))
}

/// The drafts of an account, latest first, without their papers.
pub async fn drafts_of(connection: &impl ConnectionTrait, account: &UserId) -> Result<Vec<Draft>, Fault> {
    let rows = draft::Entity::find()
        .filter(draft::Column::Account.eq(account.as_str()))
        .order_by_desc(draft::Column::UpdatedAt)
        .all(connection)
        .await?;
    rows.into_iter().map(|row| read(row, Vec::new())).collect()
}

fn read(row: draft::Model, papers: Vec<DraftPaper>) -> Result<Draft, Fault> {
    Ok(Draft {
        id: row.id.parse().map_err(unreadable)?,
        account: UserId(row.account),
        procedure: ProcedureCode(row.procedure),
        version: Digest(row.version),
        dossier: row.dossier.as_deref().and_then(DossierCode::parse),
        typed: serde_json::from_str(&row.typed)?,
        papers,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

/// A paper of a draft with what is known of its file.
#[derive(FromQueryResult)]
struct PaperRow {
    id: String,
    paper: String,
    digest: String,
    name: String,
    media_type: String,
    bytes: i64,
}

async fn papers(connection: &impl ConnectionTrait, id: Uuid) -> Result<Vec<DraftPaper>, Fault> {
    const SQL: &str = "SELECT p.id, p.paper, p.digest, p.name, f.media_type, f.bytes
                       FROM draft_paper p JOIN file f ON f.digest = p.digest WHERE p.draft = $1 ORDER BY p.id";
    let values = [id.to_string().into()];
    let query = Statement::from_sql_and_values(connection.get_database_backend(), SQL, values);
    let rows = PaperRow::find_by_statement(query).all(connection).await?;
    rows.into_iter()
        .map(|row| {
            let file = StoredFile {
                digest: Digest(row.digest),
                name: row.name,
                media_type: row.media_type,
                bytes: u64::try_from(row.bytes).map_err(unreadable)?,
            };
            let attached = AttachedPaper { paper: PaperId(row.paper), file };
            Ok(DraftPaper { id: row.id.parse().map_err(unreadable)?, attached })
        })
        .collect()
}

impl Transaction {
    /// Adds a draft with its papers.
    pub async fn add_draft(&self, draft: &Draft) -> Result<(), Fault> {
        let row = draft::Model {
            id: draft.id.to_string(),
            account: draft.account.to_string(),
            procedure: draft.procedure.to_string(),
            version: draft.version.to_string(),
            dossier: draft.dossier.as_ref().map(ToString::to_string),
            typed: serde_json::to_string(&draft.typed)?,
            created_at: draft.created_at,
            updated_at: draft.updated_at,
        };
        draft::Entity::insert(row.into_active_model()).exec_without_returning(self.connection()).await?;
        for paper in &draft.papers {
            self.add_draft_paper(draft.id, paper).await?;
        }
        Ok(())
    }

    /// Saves what was typed.
    pub async fn save_draft(&self, id: Uuid, typed: &Map<String, Json>, now: i64) -> Result<(), Fault> {
        draft::Entity::update_many()
            .col_expr(draft::Column::Typed, serde_json::to_string(typed)?.into())
            .col_expr(draft::Column::UpdatedAt, now.into())
            .filter(draft::Column::Id.eq(id.to_string()))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Lets a draft follow another version of its procedure.
    pub async fn move_draft(&self, id: Uuid, version: &Digest) -> Result<(), Fault> {
        draft::Entity::update_many()
            .col_expr(draft::Column::Version, version.as_str().into())
            .filter(draft::Column::Id.eq(id.to_string()))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Attaches a file that is in the store.
    pub async fn add_draft_paper(&self, draft: Uuid, paper: &DraftPaper) -> Result<(), Fault> {
        let row = draft_paper::Model {
            id: paper.id.to_string(),
            draft: draft.to_string(),
            paper: paper.attached.paper.to_string(),
            digest: paper.attached.file.digest.to_string(),
            name: paper.attached.file.name.clone(),
        };
        draft_paper::Entity::insert(row.into_active_model()).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Takes a paper off a draft.
    pub async fn remove_draft_paper(&self, draft: Uuid, paper: Uuid) -> Result<(), Fault> {
        draft_paper::Entity::delete_many()
            .filter(draft_paper::Column::Draft.eq(draft.to_string()))
            .filter(draft_paper::Column::Id.eq(paper.to_string()))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Removes a draft that was filed or thrown away, with what names its papers.
    pub async fn remove_draft(&self, id: Uuid) -> Result<(), Fault> {
        draft::Entity::delete_by_id(id.to_string()).exec(self.connection()).await?;
        Ok(())
    }
}
