//! The register: the results that dossiers ended with, computed from the journal.
//!
//! A result is not changed by a later one. The later result names the earlier one, and both are read together.

use crate::Fault;
use crate::lists::has_words;
use crate::rows::result;
use jiff::civil::Date;
use motcua_domain::dossier::event::{EarlierResult, ResultHolder};
use motcua_domain::names::{AgencyId, DossierCode, ProcedureCode, ResultKind, UnitId, UserId};
use motcua_domain::people::organisation::{Post, Role};
use motcua_domain::procedure::result::{EarlierEffect, ResultStatus, plain_number};
use motcua_domain::text::Text;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use serde_json::{Map, Value as Json};

/// The most results of one applicant that are listed.
pub const MOST_OF_APPLICANT: u64 = 200;

/// The most results with one number that are looked at.
const MOST_OF_NUMBER: u64 = 50;

/// A result of the register.
#[derive(Debug, Clone, PartialEq)]
pub struct RegisteredResult {
    /// The dossier that ended with the result.
    pub dossier: DossierCode,
    pub procedure: ProcedureCode,
    pub agency: AgencyId,
    pub unit: UnitId,
    /// The applicant of the dossier.
    pub account: UserId,
    pub kind: ResultKind,
    pub name: Text,
    pub number: String,
    pub holder: ResultHolder,
    pub from: Date,
    pub until: Option<Date>,
    pub data: Map<String, Json>,
    /// The result that follows this one.
    pub later: Option<LaterResult>,
}

/// A result that follows another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaterResult {
    pub dossier: DossierCode,
    pub number: String,
    pub effect: EarlierEffect,
}

/// The results that a reader wants to see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RegisterQuery {
    /// The words of a search among numbers, holders and codes, or an empty text.
    pub search: String,
    /// The days of which one is the last day of the result. Results that another one follows are left out then.
    pub ends_within: Option<(Date, Date)>,
}

impl RegisteredResult {
    /// Returns the standing of the result on a day.
    pub fn status(&self, today: Date) -> ResultStatus {
        ResultStatus::of(self.until, today, self.later.as_ref().map(|later| later.effect))
    }

    /// Returns the facts with which another dossier names the result.
    pub fn as_earlier(&self) -> EarlierResult {
        EarlierResult {
            dossier: self.dossier.clone(),
            procedure: self.procedure.clone(),
            kind: self.kind.clone(),
            name: self.name.clone(),
            number: self.number.clone(),
            until: self.until,
        }
    }

    fn of(row: result::Model) -> Result<Self, Fault> {
        Ok(Self {
            dossier: code(&row.dossier)?,
            procedure: ProcedureCode(row.procedure),
            agency: AgencyId(row.agency),
            unit: UnitId(row.unit),
            account: UserId(row.account),
            kind: ResultKind(row.kind),
            name: serde_json::from_str(&row.name)?,
            number: row.number,
            holder: ResultHolder { name: row.holder_name, identity: row.holder_identity },
            from: day(&row.issued_on)?,
            until: row.until.as_deref().map(day).transpose()?,
            data: serde_json::from_str(&row.data)?,
            later: None,
        })
    }
}

fn day(text: &str) -> Result<Date, Fault> {
    text.parse().map_err(|_| Fault::Unreadable(format!("a row of result has `{text}` in the place of a day")))
}

fn code(text: &str) -> Result<DossierCode, Fault> {
    let unreadable = || Fault::Unreadable(format!("a row of result has `{text}` in the place of a code"));
    DossierCode::parse(text).ok_or_else(unreadable)
}

/// Returns the results of an applicant, latest first, at most [`MOST_OF_APPLICANT`].
pub async fn of_applicant(connection: &impl ConnectionTrait, account: &UserId) -> Result<Vec<RegisteredResult>, Fault> {
    let rows = result::Entity::find()
        .filter(result::Column::Account.eq(account.as_str()))
        .order_by_desc(result::Column::IssuedOn)
        .order_by_desc(result::Column::Dossier)
        .limit(MOST_OF_APPLICANT)
        .all(connection)
        .await?;
    with_later(connection, rows).await
}

/// Returns the result with which a dossier ended.
pub async fn of_dossier(
    connection: &impl ConnectionTrait,
    code: &DossierCode,
) -> Result<Option<RegisteredResult>, Fault> {
    let row = result::Entity::find_by_id(code.as_str()).one(connection).await?;
    Ok(with_later(connection, row.into_iter().collect()).await?.pop())
}

/// Returns the results with a number, as a person typed it, latest first.
pub async fn of_number(connection: &impl ConnectionTrait, number: &str) -> Result<Vec<RegisteredResult>, Fault> {
    let rows = result::Entity::find()
        .filter(result::Column::NumberKey.eq(plain_number(number)))
        .order_by_desc(result::Column::IssuedOn)
        .order_by_desc(result::Column::Dossier)
        .limit(MOST_OF_NUMBER)
        .all(connection)
        .await?;
    with_later(connection, rows).await
}

/// Returns the results that the holder of these posts may see, at most `most`: those that end soonest if the query
/// names days, and otherwise the latest.
pub async fn of_posts(
    connection: &impl ConnectionTrait,
    posts: &[Post],
    wanted: &RegisterQuery,
    most: u64,
) -> Result<Vec<RegisteredResult>, Fault> {
    let mut found: Vec<result::Model> = Vec::new();
    for scope in posts.iter().filter_map(reach) {
        let mut query = result::Entity::find().filter(scope);
        if let Some(words) = has_words(result::Column::Search, &wanted.search) {
            query = query.filter(words);
        }
        query = match wanted.ends_within {
            Some((first, last)) => {
                let followed = result::Entity::find().select_only().column(result::Column::Follows);
                let followed = followed.filter(result::Column::Follows.is_not_null());
                query
                    .filter(result::Column::Until.between(first.to_string(), last.to_string()))
                    .filter(result::Column::Dossier.not_in_subquery(followed.into_query()))
                    .order_by_asc(result::Column::Until)
                    .order_by_asc(result::Column::Dossier)
            }
            None => query.order_by_desc(result::Column::IssuedOn).order_by_desc(result::Column::Dossier),
        };
        found.extend(query.limit(most).all(connection).await?);
    }
    if wanted.ends_within.is_some() {
        found.sort_by(|a, b| (&a.until, &a.dossier).cmp(&(&b.until, &b.dossier)));
    } else {
        found.sort_by(|a, b| (&b.issued_on, &b.dossier).cmp(&(&a.issued_on, &a.dossier)));
    }
    found.dedup_by(|a, b| a.dossier == b.dossier);
    found.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    with_later(connection, found).await
}

/// Returns the results that a post may see: those of the dossiers that it may read. Returns `None` for a post that
/// reads no dossier.
fn reach(post: &Post) -> Option<Condition> {
    Some(match post.role {
        Role::Admin | Role::Applicant => return None,
        Role::Auditor => Condition::all(),
        role => {
            let of_agency = Condition::all().add(result::Column::Agency.eq(post.agency.as_str()));
            let unit = result::Column::Unit.eq(post.unit.as_str());
            if role.is_bound_to_unit() { of_agency.add(unit) } else { of_agency }
        }
    })
}

/// Adds to each result the one that follows it. Among several, an end counts more than a replacement.
async fn with_later(
    connection: &impl ConnectionTrait,
    rows: Vec<result::Model>,
) -> Result<Vec<RegisteredResult>, Fault> {
    let dossiers: Vec<&str> = rows.iter().map(|row| row.dossier.as_str()).collect();
    let later = if dossiers.is_empty() {
        Vec::new()
    } else {
        result::Entity::find().filter(result::Column::Follows.is_in(dossiers)).all(connection).await?
    };
    let mut found = rows.into_iter().map(RegisteredResult::of).collect::<Result<Vec<_>, _>>()?;
    for row in later {
        let effect = EarlierEffect::ALL.into_iter().find(|effect| row.effect.as_deref() == Some(effect.name()));
        let Some(effect) = effect else { continue };
        let followed = row.follows.as_deref();
        for earlier in found.iter_mut().filter(|earlier| Some(earlier.dossier.as_str()) == followed) {
            if earlier.later.as_ref().is_none_or(|known| known.effect < effect) {
                earlier.later = Some(LaterResult { dossier: code(&row.dossier)?, number: row.number.clone(), effect });
            }
        }
    }
    Ok(found)
}
