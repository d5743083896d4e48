//! The lists of officers: the dossiers of a view, the most urgent first, a page at a time.
//!
//! Every list is read in the order of an index, so that its cost does not grow with the table. A page begins after the last
//! line of the page before it, so that a list has no end at which work is hidden. A search for words reads the rows of its
//! view one by one until it has found enough, because it looks for the words anywhere in a text.

use crate::Fault;
use crate::lists::{PAGE, has_words};
use crate::projections::{post_key, queue};
use crate::rows::{dossier, partner, stay};
use motcua_domain::names::DossierCode;
use motcua_domain::people::organisation::{Actor, Post, Role};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};
use std::collections::{BTreeSet, HashMap};
use std::fmt;

/// The dossiers that an officer looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfficerView {
    /// Dossiers whose current step the officer can take, and those for which the officer's counter owes the applicant
    /// money.
    Todo,
    /// Dossiers that wait for the applicant.
    Waiting,
    /// All open dossiers of the officer's agency or unit, and those in which it takes part for another one.
    Open,
    /// Dossiers that have ended.
    Ended,
}

/// A line of an officer's list: a dossier and, in a list of steps, the step that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficerLine {
    pub dossier: dossier::Model,
    pub stay: Option<stay::Model>,
}

impl OfficerLine {
    /// Returns the place of the line in its list.
    pub fn place(&self) -> DeskPlace {
        let (rank, number) = self.stay.as_ref().map_or((self.dossier.rank, 0), |stay| (stay.rank, stay.number));
        DeskPlace { rank, code: self.dossier.code.clone(), number }
    }
}

/// The place of a line in an officer's list. Lists are sorted by it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeskPlace {
    pub(crate) rank: i64,
    pub(crate) code: String,
    /// The number of the stay, or 0.
    pub(crate) number: i64,
}

impl DeskPlace {
    /// Reads a place as it is displayed. Returns `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '~');
        let (rank, number, code) = (parts.next()?, parts.next()?, parts.next()?);
        let code = DossierCode::parse(code)?.to_string();
        Some(Self { rank: rank.parse().ok()?, code, number: number.parse().ok()? })
    }

    /// Returns the condition of the dossiers after the place, by these columns. A dossier has the number 0.
    fn after(&self, rank: impl ColumnTrait, code: impl ColumnTrait) -> Condition {
        let later = rank.gt(self.rank).or(code.gt(self.code.as_str()));
        // The first condition lets the index find the place.
        Condition::all().add(rank.gte(self.rank)).add(later)
    }

    /// Returns the condition of the stays after the place.
    fn stays_after(&self) -> Condition {
        let (rank, code, number) = (stay::Column::Rank, stay::Column::Dossier, stay::Column::Number);
        let same_dossier = code.eq(self.code.as_str()).and(number.gt(self.number));
        let later = rank.gt(self.rank).or(code.gt(self.code.as_str())).or(same_dossier);
        Condition::all().add(rank.gte(self.rank)).add(later)
    }
}

/// An address can have the text as it is.
impl fmt::Display for DeskPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}~{}~{}", self.rank, self.number, self.code)
    }
}

/// Returns the dossiers that an officer sees in a view, the most urgent first, at most [`PAGE`] and one more: those after a
/// place, or the first ones.
pub async fn desk(
    connection: &impl ConnectionTrait,
    actor: &Actor,
    view: OfficerView,
    search: &str,
    after: Option<&DeskPlace>,
) -> Result<Vec<OfficerLine>, Fault> {
    let words = searched(search);
    let queue = match view {
        OfficerView::Todo => return todo(connection, actor, words, after).await,
        OfficerView::Waiting => queue::APPLICANT,
        OfficerView::Open => queue::OFFICE,
        OfficerView::Ended => queue::ENDED,
    };
    let mut found: Vec<dossier::Model> = Vec::new();
    for scope in actor.posts().iter().filter_map(|post| reach(post, queue)) {
        found.extend(first_of(scope, words.as_ref(), after).all(connection).await?);
    }
    for scope in actor.posts().iter().filter_map(|post| reach_as_partner(post, queue)) {
        let scope = scope
            .add_option(words.as_ref().map(|words| is_fitting(partner::Column::Dossier, words)))
            .add_option(after.map(|place| place.after(partner::Column::Rank, partner::Column::Dossier)));
        let query = partner::Entity::find().filter(scope).select_only().column(partner::Column::Dossier);
        let ranked = query.order_by_asc(partner::Column::Rank).order_by_asc(partner::Column::Dossier).limit(PAGE + 1);
        let codes: Vec<String> = ranked.into_tuple().all(connection).await?;
        found.extend(dossier::Entity::find().filter(dossier::Column::Code.is_in(codes)).all(connection).await?);
    }
    found.sort_by(|a, b| (a.rank, &a.code).cmp(&(b.rank, &b.code)));
    found.dedup_by(|a, b| a.code == b.code);
    found.truncate(usize::try_from(PAGE + 1).unwrap_or(usize::MAX));
    Ok(found.into_iter().map(|dossier| OfficerLine { dossier, stay: None }).collect())
}

/// Returns the first dossiers of a scope that fit the words, after a place, at most [`PAGE`] and one more.
fn first_of(scope: Condition, words: Option<&Condition>, after: Option<&DeskPlace>) -> Select<dossier::Entity> {
    let scope = scope
        .add_option(words.cloned())
        .add_option(after.map(|place| place.after(dossier::Column::Rank, dossier::Column::Code)));
    let query = dossier::Entity::find().filter(scope);
    query.order_by_asc(dossier::Column::Rank).order_by_asc(dossier::Column::Code).limit(PAGE + 1)
}

/// Returns the condition that a column has the code of a dossier that fits the words.
fn is_fitting(code: impl ColumnTrait, words: &Condition) -> Expr {
    let fitting = dossier::Entity::find().select_only().column(dossier::Column::Code).filter(words.clone());
    code.in_subquery(fitting.into_query())
}

/// Returns the condition of a search for a code or for words, or none if the text is empty.
fn searched(search: &str) -> Option<Condition> {
    if let Some(code) = DossierCode::parse(search) {
        return Some(Condition::all().add(dossier::Column::Code.eq(code.as_str())));
    }
    has_words(dossier::Column::Search, search)
}

/// Returns the steps that an officer can take: those of the post, of officers on leave, and escalated ones. The dossiers
/// with money to pay back stand among them.
async fn todo(
    connection: &impl ConnectionTrait,
    actor: &Actor,
    words: Option<Condition>,
    after: Option<&DeskPlace>,
) -> Result<Vec<OfficerLine>, Fault> {
    let Actor::Officer { id, posts, stands_for, .. } = actor else { return Ok(Vec::new()) };
    let mut scopes: Vec<Condition> = Vec::new();
    let own = posts.iter().map(|post| (id, post));
    let for_others = stands_for.iter().flat_map(|absent| absent.posts.iter().map(move |post| (&absent.id, post)));
    for (officer, post) in own.clone().chain(for_others) {
        let key = post_key(post.role, &post.agency, &post.unit);
        let of_post = || Condition::all().add(stay::Column::Post.eq(key.as_str()));
        scopes.push(of_post().add(stay::Column::Assignee.is_null()));
        scopes.push(of_post().add(stay::Column::Assignee.eq(officer.as_str())));
    }
    for (_, post) in own {
        let key = post_key(post.role, &post.agency, &post.unit);
        scopes.push(Condition::all().add(stay::Column::Superior.eq(key.as_str())));
    }
    let mut found: Vec<stay::Model> = Vec::new();
    for scope in scopes {
        let scope = scope
            .add_option(words.as_ref().map(|words| is_fitting(stay::Column::Dossier, words)))
            .add_option(after.map(DeskPlace::stays_after));
        let order = [stay::Column::Rank, stay::Column::Dossier, stay::Column::Number];
        let ranked = order.into_iter().fold(stay::Entity::find().filter(scope), QueryOrder::order_by_asc);
        found.extend(ranked.limit(PAGE + 1).all(connection).await?);
    }
    found.sort_by(|a, b| (a.rank, &a.dossier, a.number).cmp(&(b.rank, &b.dossier, b.number)));
    found.dedup();
    found.truncate(usize::try_from(PAGE + 1).unwrap_or(usize::MAX));
    let codes = dossier::Column::Code.is_in(found.iter().map(|stay| stay.dossier.as_str()));
    let rows = dossier::Entity::find().filter(codes).all(connection).await?;
    let rows: HashMap<String, dossier::Model> = rows.into_iter().map(|row| (row.code.clone(), row)).collect();
    let line = |stay: stay::Model| Some(OfficerLine { dossier: rows.get(&stay.dossier)?.clone(), stay: Some(stay) });
    let mut lines: Vec<OfficerLine> = found.into_iter().filter_map(line).collect();
    let mut owing = owing(connection, posts, words.as_ref(), after).await?;
    owing.retain(|dossier| !rows.contains_key(&dossier.code));
    lines.extend(owing.into_iter().map(|dossier| OfficerLine { dossier, stay: None }));
    lines.sort_by_cached_key(OfficerLine::place);
    lines.truncate(usize::try_from(PAGE + 1).unwrap_or(usize::MAX));
    Ok(lines)
}

/// Returns the dossiers for which these posts pay money back to the applicant.
async fn owing(
    connection: &impl ConnectionTrait,
    posts: &[Post],
    words: Option<&Condition>,
    after: Option<&DeskPlace>,
) -> Result<Vec<dossier::Model>, Fault> {
    let counters = posts.iter().filter(|post| post.role == Role::Counter);
    let keys: BTreeSet<String> = counters.map(|post| post_key(post.role, &post.agency, &post.unit)).collect();
    let mut found = Vec::new();
    for key in keys {
        let scope = Condition::all().add(dossier::Column::PayBack.eq(key));
        found.extend(first_of(scope, words, after).all(connection).await?);
    }
    Ok(found)
}

/// Returns the dossiers in a queue that a post may read, or none for posts that reach no dossier.
fn reach(post: &Post, queue: &str) -> Option<Condition> {
    let in_queue = dossier::Column::Queue.eq(queue);
    Some(match post.role {
        Role::Admin | Role::Applicant => return None,
        // The expression of the index for all agencies.
        Role::Auditor => Condition::all().add(Expr::cust("queue || ''").eq(queue)),
        role => {
            let of_agency = Condition::all().add(dossier::Column::Agency.eq(post.agency.as_str())).add(in_queue);
            let unit = dossier::Column::Unit.eq(post.unit.as_str());
            if role.is_bound_to_unit() { of_agency.add(unit) } else { of_agency }
        }
    })
}

/// Returns the dossiers in a queue in which a post takes part for another unit, or none for posts that take no steps.
fn reach_as_partner(post: &Post, queue: &str) -> Option<Condition> {
    let of_agency = partner::Column::Agency.eq(post.agency.as_str()).and(partner::Column::Queue.eq(queue));
    let all = Condition::all().add(of_agency);
    let all = if post.role.is_bound_to_unit() { all.add(partner::Column::Unit.eq(post.unit.as_str())) } else { all };
    post.role.takes_steps().then_some(all)
}

#[cfg(test)]
mod tests {
    use super::DeskPlace;

    #[test]
    fn a_place_is_read_as_it_is_displayed_and_any_other_text_is_none() {
        let place = DeskPlace { rank: -5, code: "H09.14-261126-0003".to_owned(), number: 2 };
        assert_eq!(place.to_string(), "-5~2~H09.14-261126-0003");
        assert_eq!(DeskPlace::parse(&place.to_string()), Some(place));
        for other in
            ["", "5", "5~2", "5~2~", "x~2~H09.14-261126-0003", "5~2~<b>", "99999999999999999999~1~H09.14-261126-0003"]
        {
            assert_eq!(DeskPlace::parse(other), None, "{other}");
        }
    }
}
