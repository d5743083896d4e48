//! The filters of an officer's list, as conditions on the rows of dossiers and of stays.

use crate::lists::has_words;
use crate::projections::queue;
use crate::rows::{dossier, reading_position, stay};
use motcua_domain::dossier::event::Channel;
use motcua_domain::names::{AgencyId, DossierCode, ProcedureCode, StepId, UnitId, UserId};
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

/// The filters of an officer's list. An empty filter fits every line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeskWish {
    /// The code of a dossier, or words of the code, the applicant's name and the procedure, or an empty text.
    pub words: String,
    pub procedure: Option<ProcedureCode>,
    /// A step that an officer can take now.
    pub step: Option<StepId>,
    /// The agency to which the dossier belongs.
    pub agency: Option<AgencyId>,
    /// The unit to which the dossier belongs.
    pub unit: Option<UnitId>,
    pub holder: Option<DeskHolder>,
    pub due: Option<DueSpan>,
    pub channel: Option<Channel>,
    /// The officer to whom a line has news.
    pub unread_by: Option<UserId>,
}

/// The holder of a step that an officer can take now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeskHolder {
    Nobody,
    Officer(UserId),
}

/// The times between which a line is due, in seconds since 1970. Without a beginning, the line is late, and an ended
/// dossier fits if it ended late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueSpan {
    pub from: Option<i64>,
    /// The first moment after the span.
    pub before: i64,
}

impl DueSpan {
    /// Returns the condition that the rank of an open line is in the span.
    fn ranks(self, rank: impl ColumnTrait) -> Condition {
        Condition::all().add(rank.lt(self.before)).add_option(self.from.map(|from| rank.gte(from)))
    }

    /// Returns the condition that a dossier is due in the span. With the queue of the dossiers, if they are all in one,
    /// the database reads only the ranks of the span.
    fn dossiers(self, of_queue: Option<&str>) -> Condition {
        let ranks = self.ranks(dossier::Column::Rank);
        if of_queue.is_some_and(|queue| queue != queue::ENDED) {
            return ranks;
        }
        let open = ranks.add(dossier::Column::Queue.ne(queue::ENDED));
        if self.from.is_some() {
            return open;
        }
        let ended = dossier::Column::Queue.eq(queue::ENDED);
        // The condition of the index.
        let ended_late = Condition::all().add(ended).add(Expr::cust("ended_punctuality = 'late'"));
        if of_queue.is_some() { ended_late } else { Condition::any().add(open).add(ended_late) }
    }
}

impl DeskWish {
    /// Returns filters by words alone.
    pub fn words(words: &str) -> Self {
        Self { words: words.to_owned(), ..Self::default() }
    }

    /// Returns whether the filters are about steps, so that lines without a step do not fit.
    pub(super) const fn is_of_steps(&self) -> bool {
        self.step.is_some() || self.holder.is_some()
    }

    /// Returns the condition of the dossiers that fit, or none if all do. The queue is that of all dossiers in question, if
    /// they are in one.
    pub(super) fn dossiers(&self, of_queue: Option<&str>) -> Option<Condition> {
        let mut all = self.facts().add_option(self.unread_by.as_ref().map(has_news));
        all = all.add_option(self.due.map(|due| due.dossiers(of_queue)));
        if self.is_of_steps() {
            let of_dossier = stay::Column::Dossier.into_expr().eq(dossier::Column::Code.into_expr());
            let open = stay::Entity::find().select_only().column(stay::Column::Number);
            let open = open.filter(self.steps().add(of_dossier));
            all = all.add(Expr::exists(open.into_query()));
        }
        Some(all).filter(|all| !all.is_empty())
    }

    /// Returns the condition of the stays that fit, or none if all do.
    pub(super) fn stays(&self) -> Option<Condition> {
        let mut all = self.steps().add_option(self.due.map(|due| due.ranks(stay::Column::Rank)));
        let facts = self.facts().add_option(self.unread_by.as_ref().map(has_news_at_a_step));
        if !facts.is_empty() {
            all = all.add(is_dossier_with(stay::Column::Dossier, facts));
        }
        Some(all).filter(|all| !all.is_empty())
    }

    /// Returns the conditions on the facts of a dossier that do not depend on its steps.
    fn facts(&self) -> Condition {
        Condition::all()
            .add_option(searched(&self.words))
            .add_option(self.procedure.as_ref().map(|code| dossier::Column::Procedure.eq(code.as_str())))
            .add_option(self.agency.as_ref().map(|agency| dossier::Column::Agency.eq(agency.as_str())))
            .add_option(self.unit.as_ref().map(|unit| dossier::Column::Unit.eq(unit.as_str())))
            .add_option(self.channel.map(|channel| dossier::Column::Channel.eq(channel.name())))
    }

    /// Returns the conditions on a stay.
    fn steps(&self) -> Condition {
        let holder = self.holder.as_ref().map(|holder| match holder {
            DeskHolder::Nobody => stay::Column::Assignee.is_null(),
            DeskHolder::Officer(id) => stay::Column::Assignee.eq(id.as_str()),
        });
        let step = self.step.as_ref().map(|step| stay::Column::Step.eq(step.as_str()));
        Condition::all().add_option(step).add_option(holder)
    }
}

/// Returns the condition that a column has the code of a dossier that fits.
///
/// The database looks each code up. With a list of all codes that fit, it might read the whole table first.
pub(super) fn is_dossier_with(code: impl ColumnTrait, fits: Condition) -> Expr {
    let same = dossier::Column::Code.into_expr().eq(code.into_expr());
    let found = dossier::Entity::find().select_only().column(dossier::Column::Code).filter(fits.add(same));
    Expr::exists(found.into_query())
}

/// Returns the condition that the applicant did something in a dossier since an officer last opened it.
fn has_news(officer: &UserId) -> Condition {
    use dossier::Column::NewsVersion;
    // The condition of the index.
    Condition::all().add(Expr::cust("news_version > 0")).add(Expr::not_exists(position(officer, &[NewsVersion])))
}

/// Returns the condition that an officer to whom a step of a dossier is due has not opened the dossier since the step was
/// handed over and since the applicant last did something.
fn has_news_at_a_step(officer: &UserId) -> Condition {
    use dossier::Column::{HandedVersion, NewsVersion};
    Condition::all().add(Expr::not_exists(position(officer, &[NewsVersion, HandedVersion])))
}

/// Returns the statement of the version up to which an officer has read a dossier, if these versions are not after it.
pub(super) fn position(officer: &UserId, versions: &[dossier::Column]) -> SelectStatement {
    let same = reading_position::Column::Dossier.into_expr().eq(dossier::Column::Code.into_expr());
    let mut read = Condition::all().add(reading_position::Column::Account.eq(officer.as_str())).add(same);
    for version in versions.iter().copied() {
        read = read.add(reading_position::Column::Version.into_expr().gte(version.into_expr()));
    }
    let found = reading_position::Entity::find().select_only().column(reading_position::Column::Version);
    found.filter(read).into_query()
}

/// Returns the condition of a search for a code or for words, or none if the text is empty.
fn searched(search: &str) -> Option<Condition> {
    if let Some(code) = DossierCode::parse(search) {
        return Some(Condition::all().add(dossier::Column::Code.eq(code.as_str())));
    }
    has_words(dossier::Column::Search, search)
}
