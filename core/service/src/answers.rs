//! The standard answers of agencies: texts with fields that officers put into messages, notes and requests.
//!
//! The leader of an agency writes them. Each change stays in a record, which auditors see too.

use crate::common::CommonParts;
use crate::ids::IdSource;
use crate::{Error, InputRule, TimeSource};
use motcua_catalogue::Province;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::fold::fold;
use motcua_domain::names::{AgencyId, UnitId, UserId};
use motcua_domain::people::access::{AccessSubject, Deed, may};
use motcua_domain::people::organisation::Actor;
use motcua_domain::standard_answer::{LONGEST_TEXT, LONGEST_TITLE, unknown_field};
use motcua_domain::text::Text;
use motcua_store::answers::{self, MOST_ANSWERS};
use motcua_store::{Database, answer_change_row, answer_row};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The most changes that a page shows.
const SHOWN_CHANGES: u64 = 50;

/// A standard answer of an agency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandardAnswer {
    pub id: String,
    pub title: String,
    /// The text with its fields in braces.
    pub text: String,
}

/// A change of a standard answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerChange {
    /// `added`, `changed` or `removed`.
    pub deed: String,
    /// The title after the change, or before the removal.
    pub title: String,
    pub text: String,
    /// In seconds since 1970.
    pub at: i64,
    /// The name of the officer.
    pub by: String,
}

/// The standard answers of an agency, for those who may see all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgencyAnswers {
    pub name: Text,
    pub answers: Vec<StandardAnswer>,
    /// The last changes, the latest first.
    pub changes: Vec<AnswerChange>,
    pub may_edit: bool,
}

/// The standard answers of agencies.
#[derive(Debug)]
pub struct AnswerService {
    database: Database,
    clock: TimeSource,
    ids: IdSource,
    province: Arc<Province>,
}

impl AnswerService {
    pub(crate) fn new(common: &CommonParts) -> Self {
        let CommonParts { database, clock, ids, province } = common.clone();
        Self { database, clock, ids, province }
    }

    /// Returns the standard answers that an officer can put into a text: those of the agencies of the officer's posts, and
    /// of the officers on leave whose deputy the officer is.
    pub async fn usable(&self, actor: &Actor) -> Result<Vec<StandardAnswer>, Error> {
        let Actor::Officer { posts, stands_for, .. } = actor else { return Ok(Vec::new()) };
        let absent = stands_for.iter().flat_map(|absent| &absent.posts);
        let posts = posts.iter().chain(absent).filter(|post| post.role.takes_steps());
        let agencies: BTreeSet<&str> = posts.map(|post| post.agency.as_str()).collect();
        let agencies: Vec<&str> = agencies.into_iter().collect();
        Ok(by_title(answers::of_agencies(self.database.reader(), &agencies).await?))
    }

    /// Returns whether the actor may see the standard answers of an agency. Each page asks this for its menu.
    pub fn has_readable(&self, actor: &Actor) -> bool {
        self.province.agencies.iter().any(|agency| permit(actor, Deed::ReadAnswers, &agency.id).is_ok())
    }

    /// Returns the agencies whose standard answers the actor may see, with their names.
    pub fn agencies(&self, actor: &Actor) -> Result<Vec<(AgencyId, Text)>, Error> {
        let agencies = self.province.agencies.iter();
        let seen = agencies.filter(|agency| permit(actor, Deed::ReadAnswers, &agency.id).is_ok());
        let seen: Vec<(AgencyId, Text)> = seen.map(|agency| (agency.id.clone(), agency.name.clone())).collect();
        if seen.is_empty() { Err(Refusal::NotAllowed.into()) } else { Ok(seen) }
    }

    /// Returns the standard answers of an agency with their last changes.
    pub async fn of_agency(&self, actor: &Actor, agency: &AgencyId) -> Result<AgencyAnswers, Error> {
        permit(actor, Deed::ReadAnswers, agency)?;
        let name = self.province.agency(agency).ok_or(Error::NotFound)?.name.clone();
        let reader = self.database.reader();
        let rows = answers::of_agencies(reader, &[agency.as_str()]).await?;
        let changes = answers::changes(reader, agency.as_str(), SHOWN_CHANGES).await?;
        let change = |row: answer_change_row::Model| AnswerChange {
            deed: row.deed,
            title: row.title,
            text: row.text,
            at: row.at,
            by: row.account_name,
        };
        Ok(AgencyAnswers {
            name,
            answers: by_title(rows),
            changes: changes.into_iter().map(change).collect(),
            may_edit: permit(actor, Deed::EditAnswers, agency).is_ok(),
        })
    }

    /// Stores a standard answer, in the place of the one with this id, or as a new one if the id is empty. An answer that
    /// is as it was is no change.
    pub async fn save(&self, actor: &Actor, agency: &AgencyId, id: &str, title: &str, text: &str) -> Result<(), Error> {
        permit(actor, Deed::EditAnswers, agency)?;
        let (title, text) = (title.trim(), text.trim());
        if title.is_empty() || title.chars().count() > LONGEST_TITLE {
            return Err(Error::Invalid(InputRule::AnswerTitle));
        }
        if text.is_empty() || text.chars().count() > LONGEST_TEXT {
            return Err(Error::Invalid(InputRule::AnswerText));
        }
        if unknown_field(text).is_some() {
            return Err(Error::Invalid(InputRule::AnswerField));
        }
        let known = answers::of_agencies(self.database.reader(), &[agency.as_str()]).await?;
        if known.iter().any(|row| row.title == title && row.text == text && (id.is_empty() || row.id == id)) {
            return Ok(());
        }
        if known.iter().any(|row| row.title == title && row.id != id) {
            return Err(Error::Invalid(InputRule::AnswerTitle));
        }
        let is_new = id.is_empty();
        if is_new && u64::try_from(known.len()).unwrap_or(u64::MAX) >= MOST_ANSWERS {
            return Err(Error::Invalid(InputRule::TooManyAnswers));
        }
        if !is_new && !known.iter().any(|row| row.id == id) {
            return Err(Error::NotFound);
        }
        let row = answer_row::Model {
            id: if is_new { self.ids.next().to_string() } else { id.to_owned() },
            agency: agency.to_string(),
            title: title.to_owned(),
            text: text.to_owned(),
        };
        let change = self.change(actor, if is_new { "added" } else { "changed" }, &row)?;
        let transaction = self.database.begin().await?;
        transaction.set_answer(row).await?;
        transaction.add_answer_change(change).await?;
        Ok(transaction.commit().await?)
    }

    /// Removes a standard answer. Texts that were written with it stay.
    pub async fn remove(&self, actor: &Actor, agency: &AgencyId, id: &str) -> Result<(), Error> {
        permit(actor, Deed::EditAnswers, agency)?;
        let known = answers::of_agencies(self.database.reader(), &[agency.as_str()]).await?;
        let Some(row) = known.into_iter().find(|row| row.id == id) else { return Ok(()) };
        let change = self.change(actor, "removed", &row)?;
        let transaction = self.database.begin().await?;
        transaction.remove_answer(id).await?;
        transaction.add_answer_change(change).await?;
        Ok(transaction.commit().await?)
    }

    fn change(&self, actor: &Actor, deed: &str, row: &answer_row::Model) -> Result<answer_change_row::Model, Error> {
        let Actor::Officer { id, name, .. } = actor else { return Err(Refusal::NotAllowed.into()) };
        Ok(answer_change_row::Model {
            id: self.ids.next().to_string(),
            answer: row.id.clone(),
            agency: row.agency.clone(),
            deed: deed.to_owned(),
            title: row.title.clone(),
            text: row.text.clone(),
            at: self.clock.now().as_second(),
            account: id.to_string(),
            account_name: name.clone(),
        })
    }
}

/// Returns standard answers in the order of their titles, the same on each database.
fn by_title(rows: Vec<answer_row::Model>) -> Vec<StandardAnswer> {
    let answer = |row: answer_row::Model| StandardAnswer { id: row.id, title: row.title, text: row.text };
    let mut answers: Vec<StandardAnswer> = rows.into_iter().map(answer).collect();
    answers.sort_by_cached_key(|answer| (fold(&answer.title), answer.title.clone()));
    answers
}

/// Returns an error unless the actor may do this with the standard answers of an agency.
fn permit(actor: &Actor, deed: Deed, agency: &AgencyId) -> Result<(), Error> {
    // Leaders serve their whole agency, and the answers are nobody's own.
    let (owner, unit) = (UserId(String::new()), UnitId(String::new()));
    let subject = AccessSubject { owner: &owner, agency, unit: &unit, role: None, assignee: None, past: &[] };
    if may(actor, deed, Some(subject)) { Ok(()) } else { Err(Refusal::NotAllowed.into()) }
}
