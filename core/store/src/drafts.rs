//! Drafts: the answers and files that an applicant has entered so far, right or wrong.

use crate::rows::{co_signing, dossier, draft, draft_paper, journal, notice};
use crate::{Fault, Transaction};
use motcua_domain::dossier::event::Applicant;
use motcua_domain::media::{AttachedPaper, StoredFile};
use motcua_domain::names::{AgencyId, CommandId, Digest, DossierCode, PaperId, ProcedureCode, UserId};
use sea_orm::sea_query::{Expr, ExprTrait, LockType};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, Iterable, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Statement,
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
    /// The agency to which the applicant applies. Drafts of earlier versions of the portal lack it, and are for the
    /// agency that alone offers the procedure.
    pub agency: Option<AgencyId>,
    /// The dossier that it supplements, if any.
    pub dossier: Option<DossierCode>,
    pub typed: Map<String, Json>,
    pub papers: Vec<DraftPaper>,
    pub created_at: i64,
    pub updated_at: i64,
    /// The work of an officer who fills it in at the counter. `None` for a draft of the applicant's own.
    pub intake: Option<Intake>,
}

/// The work of an officer on the draft of a person who came with paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intake {
    /// The officer who began the draft, the only one who fills it in.
    pub officer: UserId,
    /// The papers that the officer has seen on paper.
    pub on_paper: Vec<PaperId>,
}

/// The state of a draft as a caller read it.
///
/// Each change of a draft or of its papers increases `updated_at`, by more than the time that passed if necessary. A
/// draft with the same value has therefore not changed since the caller read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DraftState {
    pub id: Uuid,
    pub updated_at: i64,
}

impl Draft {
    /// Returns the state, which tells whether the draft was changed since it was read.
    pub const fn state(&self) -> DraftState {
        DraftState { id: self.id, updated_at: self.updated_at }
    }

    /// Returns the account that fills the draft in: the officer at a counter, or the owner.
    pub fn filled_by(&self) -> &UserId {
        self.intake.as_ref().map_or(&self.account, |intake| &intake.officer)
    }

    /// Returns the attached files, each with the paper that it is attached as.
    pub fn attached(&self) -> Vec<AttachedPaper> {
        self.papers.iter().map(|paper| paper.attached.clone()).collect()
    }

    /// Returns the moment of a change now.
    fn changed_at(&self, now: i64) -> i64 {
        Ord::max(now, self.updated_at.saturating_add(1))
    }
}

/// A paper attached to a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftPaper {
    pub id: Uuid,
    pub attached: AttachedPaper,
}

/// The outcome of attaching a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attached {
    /// The file is attached, by this request or by an earlier copy of it.
    Done,
    /// No more files may be attached as this paper.
    Full,
    /// The draft was filed or deleted.
    NoDraft,
}

fn unreadable(error: impl std::fmt::Display) -> Fault {
    Fault::Unreadable(error.to_string())
}

/// Returns the draft with this id.
pub async fn draft(connection: &impl ConnectionTrait, id: Uuid) -> Result<Option<Draft>, Fault> {
    Ok(draft_to_file(connection, id, i64::MAX).await?.map(|found| found.draft))
}

/// A draft with the other facts that its filing needs.
#[derive(Debug, Clone)]
pub struct DraftToFile {
    pub draft: Draft,
    /// The applicant, from the account as it is today.
    pub applicant: Applicant,
    /// The number of dossiers that the applicant filed lately.
    pub filed: u64,
}

/// Returns the draft with this id, its applicant, and how many dossiers the applicant filed online after `since`.
pub async fn draft_to_file(
    connection: &impl ConnectionTrait,
    id: Uuid,
    since: i64,
) -> Result<Option<DraftToFile>, Fault> {
    // Every page of a draft asks this, so it is one query. The answers can be long, so they come once and not with each
    // paper.
    const SQL: &str = "SELECT d.id, d.account, d.procedure, d.version, d.agency, d.dossier, d.created_at, d.updated_at,
                d.officer, d.on_paper,
                CASE WHEN p.id IS NULL OR p.id = (SELECT MIN(id) FROM draft_paper WHERE draft = d.id)
                     THEN d.typed ELSE '' END AS typed,
                a.name AS owner_name, a.phone, a.email,
                (SELECT COUNT(*) FROM dossier o WHERE o.applicant = d.account AND o.filed_at > $2
                    AND o.channel <> 'counter') AS filed,
                p.id AS paper_id, p.paper, p.digest, p.name, f.media_type, f.bytes
         FROM draft d JOIN account a ON a.id = d.account
              LEFT JOIN draft_paper p ON p.draft = d.id LEFT JOIN file f ON f.digest = p.digest
         WHERE d.id = $1 ORDER BY p.id";
    let values = [id.to_string().into(), since.into()];
    let query = Statement::from_sql_and_values(connection.get_database_backend(), SQL, values);
    let mut rows = DraftRow::find_by_statement(query).all(connection).await?.into_iter().peekable();
    let Some(first) = rows.peek() else { return Ok(None) };
    let draft = first.draft.clone();
    let filed = u64::try_from(first.filed).unwrap_or_default();
    let applicant = Applicant {
        id: UserId(draft.account.clone()),
        name: first.owner_name.clone(),
        phone: first.phone.clone(),
        email: first.email.clone(),
    };
    let papers = rows.filter_map(|row| row.paper.map(PaperRow::read)).collect::<Result<_, _>>()?;
    Ok(Some(DraftToFile { draft: read(draft, papers)?, applicant, filed }))
}

/// Returns an account's own drafts, latest first, without their papers and answers. Those that an officer fills in for
/// the account are not among them.
pub async fn drafts_of(connection: &impl ConnectionTrait, account: &UserId) -> Result<Vec<Draft>, Fault> {
    let own = Condition::all().add(draft::Column::Account.eq(account.as_str())).add(draft::Column::Officer.is_null());
    listed(connection, own, None).await
}

/// The most drafts of an officer at the counter that are listed.
pub const INTAKES: u64 = 100;

/// Returns the drafts that an officer fills in at the counter, latest first, without their papers and answers, a hundred
/// at most.
pub async fn intakes_of(connection: &impl ConnectionTrait, officer: &UserId) -> Result<Vec<Draft>, Fault> {
    let of_officer = Condition::all().add(draft::Column::Officer.eq(officer.as_str()));
    listed(connection, of_officer, Some(INTAKES)).await
}

async fn listed(
    connection: &impl ConnectionTrait,
    condition: Condition,
    most: Option<u64>,
) -> Result<Vec<Draft>, Fault> {
    let rows = draft::Entity::find()
        .select_only()
        .columns(draft::Column::iter().filter(|column| !matches!(column, draft::Column::Typed)))
        .expr_as(Expr::cust("'{}'"), "typed")
        .filter(condition)
        .order_by_desc(draft::Column::UpdatedAt)
        .limit(most)
        .into_model::<draft::Model>()
        .all(connection)
        .await?;
    rows.into_iter().map(|row| read(row, Vec::new())).collect()
}

/// Returns the dossier of an account that a draft supplemented, by the command that its journal has.
pub async fn supplemented(
    connection: &impl ConnectionTrait,
    account: &UserId,
    draft: Uuid,
) -> Result<Option<DossierCode>, Fault> {
    let own = dossier::Entity::find()
        .select_only()
        .column(dossier::Column::Code)
        .filter(dossier::Column::Applicant.eq(account.as_str()))
        .into_query();
    let found = journal::Entity::find()
        .select_only()
        .column(journal::Column::Dossier)
        .filter(journal::Column::Dossier.in_subquery(own))
        .filter(journal::Column::Command.eq(CommandId::of_draft(draft).as_str()));
    let code = found.into_tuple::<String>().one(connection).await?;
    Ok(code.and_then(|code| DossierCode::parse(&code)))
}

fn read(row: draft::Model, papers: Vec<DraftPaper>) -> Result<Draft, Fault> {
    let on_paper: Vec<PaperId> = row.on_paper.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default();
    let intake = row.officer.map(|officer| Intake { officer: UserId(officer), on_paper });
    Ok(Draft {
        id: row.id.parse().map_err(unreadable)?,
        account: UserId(row.account),
        procedure: ProcedureCode(row.procedure),
        version: Digest(row.version),
        agency: row.agency.map(AgencyId),
        dossier: row.dossier.as_deref().and_then(DossierCode::parse),
        typed: serde_json::from_str(&row.typed)?,
        papers,
        created_at: row.created_at,
        updated_at: row.updated_at,
        intake,
    })
}

/// A draft with its owner and one of its papers, if it has any.
#[derive(FromQueryResult)]
struct DraftRow {
    #[sea_orm(nested)]
    draft: draft::Model,
    owner_name: String,
    filed: i64,
    phone: String,
    email: Option<String>,
    #[sea_orm(nested)]
    paper: Option<PaperRow>,
}

/// A paper of a draft with the data of its file.
#[derive(FromQueryResult)]
struct PaperRow {
    paper_id: String,
    paper: String,
    digest: String,
    name: String,
    media_type: String,
    bytes: i64,
}

impl PaperRow {
    fn read(self) -> Result<DraftPaper, Fault> {
        let file = StoredFile {
            digest: Digest(self.digest),
            name: self.name,
            media_type: self.media_type,
            bytes: u64::try_from(self.bytes).map_err(unreadable)?,
        };
        let attached = AttachedPaper { paper: PaperId(self.paper), file };
        Ok(DraftPaper { id: self.paper_id.parse().map_err(unreadable)?, attached })
    }
}

impl Transaction {
    /// Adds a draft with its papers.
    pub async fn add_draft(&self, draft: &Draft) -> Result<(), Fault> {
        let row = draft::Model {
            id: draft.id.to_string(),
            account: draft.account.to_string(),
            procedure: draft.procedure.to_string(),
            version: draft.version.to_string(),
            agency: draft.agency.as_ref().map(ToString::to_string),
            dossier: draft.dossier.as_ref().map(ToString::to_string),
            typed: serde_json::to_string(&draft.typed)?,
            created_at: draft.created_at,
            updated_at: draft.updated_at,
            officer: draft.intake.as_ref().map(|intake| intake.officer.to_string()),
            on_paper: draft.intake.as_ref().map(|intake| serde_json::to_string(&intake.on_paper)).transpose()?,
        };
        draft::Entity::insert(row.into_active_model()).exec_without_returning(self.connection()).await?;
        for paper in &draft.papers {
            self.add_draft_paper(draft.id, paper).await?;
        }
        Ok(())
    }

    /// Locks a draft until the commit and returns it. Returns none if the draft was filed or deleted.
    pub async fn lock_draft(&self, id: Uuid) -> Result<Option<Draft>, Fault> {
        let row = draft::Entity::find_by_id(id.to_string()).select_only().column(draft::Column::Id);
        match row.lock(LockType::NoKeyUpdate).into_tuple::<String>().one(self.connection()).await? {
            Some(_) => draft(self.connection(), id).await,
            None => Ok(None),
        }
    }

    /// Adds answers to a draft and returns the new draft. Returns none if the draft was filed or deleted.
    pub async fn save_draft(&self, id: Uuid, answers: Map<String, Json>, now: i64) -> Result<Option<Draft>, Fault> {
        let Some(mut draft) = self.lock_draft(id).await? else { return Ok(None) };
        let before = draft.typed.clone();
        draft.typed.extend(answers);
        if draft.typed != before {
            draft.updated_at = draft.changed_at(now);
            draft::Entity::update_many()
                .col_expr(draft::Column::Typed, serde_json::to_string(&draft.typed)?.into())
                .col_expr(draft::Column::UpdatedAt, draft.updated_at.into())
                .filter(draft::Column::Id.eq(id.to_string()))
                .exec(self.connection())
                .await?;
        }
        Ok(Some(draft))
    }

    /// Lets a draft follow another version of its procedure, at this agency.
    pub async fn move_draft(&self, id: Uuid, version: &Digest, agency: Option<&AgencyId>) -> Result<(), Fault> {
        draft::Entity::update_many()
            .col_expr(draft::Column::Version, version.as_str().into())
            .col_expr(draft::Column::Agency, agency.map(ToString::to_string).into())
            .col_expr(draft::Column::UpdatedAt, Expr::col(draft::Column::UpdatedAt).add(1_i64))
            .filter(draft::Column::Id.eq(id.to_string()))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Attaches a stored file in the place of the files in `instead_of`, if the paper then has at most `most` files.
    ///
    /// A repeated request attaches nothing twice, because a paper of a draft has the same content under the same name
    /// once. Files that were removed before do not count. The draft is locked first, so requests for one draft take
    /// turns.
    pub async fn attach(
        &self,
        draft: Uuid,
        paper: &DraftPaper,
        instead_of: &[Uuid],
        most: usize,
        now: i64,
    ) -> Result<Attached, Fault> {
        let Some(before) = self.lock_draft(draft).await? else { return Ok(Attached::NoDraft) };
        let AttachedPaper { paper: place, file } = &paper.attached;
        let is_kept = |known: &&DraftPaper| known.attached.paper == *place && !instead_of.contains(&known.id);
        let kept: Vec<&StoredFile> = before.papers.iter().filter(is_kept).map(|known| &known.attached.file).collect();
        let is_attached = kept.iter().any(|known| known.digest == file.digest && known.name == file.name);
        if !is_attached && kept.len() >= most {
            return Ok(Attached::Full);
        }
        let removed = self.remove_draft_papers(draft, instead_of).await?;
        if !is_attached {
            self.add_draft_paper(draft, paper).await?;
        }
        if removed > 0 || !is_attached {
            self.touch_draft(&before, now).await?;
        }
        Ok(Attached::Done)
    }

    /// Takes a paper off a draft, if it is attached. Returns whether the draft exists.
    pub async fn detach(&self, draft: Uuid, paper: Uuid, now: i64) -> Result<bool, Fault> {
        let Some(before) = self.lock_draft(draft).await? else { return Ok(false) };
        if self.remove_draft_papers(draft, &[paper]).await? > 0 {
            self.touch_draft(&before, now).await?;
        }
        Ok(true)
    }

    /// Records the papers of a draft that its officer has seen on paper. Returns whether the draft exists.
    pub async fn set_on_paper(&self, id: Uuid, on_paper: &[PaperId], now: i64) -> Result<bool, Fault> {
        let Some(before) = self.lock_draft(id).await? else { return Ok(false) };
        if before.intake.as_ref().is_some_and(|intake| intake.on_paper != on_paper) {
            draft::Entity::update_many()
                .col_expr(draft::Column::OnPaper, serde_json::to_string(on_paper)?.into())
                .filter(draft::Column::Id.eq(id.to_string()))
                .exec(self.connection())
                .await?;
            self.touch_draft(&before, now).await?;
        }
        Ok(true)
    }

    /// Locks a draft and records that it changes now, so that nobody files it as it was. Returns whether it exists.
    pub async fn change_draft(&self, draft: Uuid, now: i64) -> Result<bool, Fault> {
        let Some(before) = self.lock_draft(draft).await? else { return Ok(false) };
        self.touch_draft(&before, now).await?;
        Ok(true)
    }

    /// Records that a locked draft changes now.
    async fn touch_draft(&self, before: &Draft, now: i64) -> Result<(), Fault> {
        draft::Entity::update_many()
            .col_expr(draft::Column::UpdatedAt, before.changed_at(now).into())
            .filter(draft::Column::Id.eq(before.id.to_string()))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    async fn add_draft_paper(&self, draft: Uuid, paper: &DraftPaper) -> Result<(), Fault> {
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

    /// Takes papers off a draft, and returns how many of them were attached.
    async fn remove_draft_papers(&self, draft: Uuid, papers: &[Uuid]) -> Result<u64, Fault> {
        let removed = draft_paper::Entity::delete_many()
            .filter(draft_paper::Column::Draft.eq(draft.to_string()))
            .filter(draft_paper::Column::Id.is_in(papers.iter().map(Uuid::to_string)))
            .exec(self.connection())
            .await?;
        Ok(removed.rows_affected)
    }

    /// Deletes a draft of an account, with the references to its papers and the invitations to sign it. A draft that
    /// does not exist, or that belongs to another account, is skipped.
    pub async fn remove_draft(&self, account: &UserId, id: Uuid) -> Result<(), Fault> {
        let removed = draft::Entity::delete_many()
            .filter(draft::Column::Id.eq(id.to_string()))
            .filter(draft::Column::Account.eq(account.as_str()))
            .exec(self.connection())
            .await?;
        // Those of a draft that was filed lead their signers to the dossier, and so does the notice that it waited.
        if removed.rows_affected > 0 {
            notice::Entity::delete_many()
                .filter(notice::Column::Dossier.eq(id.to_string()))
                .exec(self.connection())
                .await?;
            co_signing::Entity::delete_many()
                .filter(co_signing::Column::Draft.eq(id.to_string()))
                .exec(self.connection())
                .await?;
        }
        Ok(())
    }
}
