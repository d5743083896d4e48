//! The parts of an officer's lists. A list, its pages and its count are made of the same parts, so they agree.

use super::place::{DeskPlace, NO_STEP};
use super::wish::{DeskWish, is_dossier_with};
use crate::projections::{participant, post_key, queue};
use crate::rows::{dossier, participation, partner, stay};
use motcua_domain::people::organisation::{Actor, Post, Role};
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query, SelectStatement, UnionType};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use std::collections::BTreeSet;

/// The dossiers that an officer looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfficerView {
    /// Dossiers whose current step the officer can take, and those for which the officer's counter owes the applicant
    /// money.
    Todo,
    /// All open dossiers of the officer's agency or unit, and those in which it takes part for another one.
    Open,
    /// Dossiers that wait for the applicant or for another agency.
    Waiting,
    /// Dossiers in which the officer acted, or in which the officer's unit acted for another one. The latest filed one
    /// comes first.
    TakenPart,
    /// Dossiers that have ended.
    Ended,
}

impl OfficerView {
    /// The views in the order in which they are offered.
    pub const ALL: [Self; 5] = [Self::Todo, Self::Open, Self::Waiting, Self::TakenPart, Self::Ended];

    /// Returns the view with a name. Any other text names the work to do.
    pub fn named(name: &str) -> Self {
        Self::ALL.into_iter().find(|view| view.name() == name).unwrap_or(Self::Todo)
    }

    /// Returns the name of the view in addresses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Todo => "todo",
            Self::Open => "open",
            Self::Waiting => "waiting",
            Self::TakenPart => "taken-part",
            Self::Ended => "ended",
        }
    }
}

/// The table from which the lines of a part come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PartSource {
    Stays,
    Dossiers,
    Partners,
    Participations,
}

/// A part of a list: the rows of a table under a condition.
#[derive(Debug, Clone)]
pub(super) struct DeskPart {
    source: PartSource,
    scope: Condition,
}

impl DeskPart {
    /// Returns the statement of the part's lines after a place, the first ones first.
    fn lines(&self, after: Option<&DeskPlace>, most: u64) -> SelectStatement {
        let scope = self.scope.clone();
        match self.source {
            PartSource::Stays => {
                let (rank, code, number) = (stay::Column::Rank, stay::Column::Dossier, stay::Column::Number);
                let lines = stay::Entity::find().select_only().column_as(rank, "rank").column_as(code, "code");
                let lines = lines.column_as(number, "number");
                let lines = lines.filter(scope.add_option(after.map(DeskPlace::stays_after)));
                lines.order_by_asc(rank).order_by_asc(code).order_by_asc(number).limit(most).into_query()
            }
            PartSource::Dossiers => {
                without_step::<dossier::Entity>(dossier::Column::Rank, dossier::Column::Code, scope, after, most)
            }
            PartSource::Partners => {
                without_step::<partner::Entity>(partner::Column::Rank, partner::Column::Dossier, scope, after, most)
            }
            PartSource::Participations => {
                let (rank, code) = (participation::Column::Rank, participation::Column::Dossier);
                without_step::<participation::Entity>(rank, code, scope, after, most)
            }
        }
    }

    /// Returns the statement that has a row for each line of the part, which an index alone can answer.
    fn marks(&self, most: u64) -> SelectStatement {
        fn of<E: EntityTrait>(scope: Condition, most: u64) -> SelectStatement {
            E::find().select_only().column_as(Expr::cust("1"), "mark").filter(scope).limit(most).into_query()
        }
        let scope = self.scope.clone();
        match self.source {
            PartSource::Stays => of::<stay::Entity>(scope, most),
            PartSource::Dossiers => of::<dossier::Entity>(scope, most),
            PartSource::Partners => of::<partner::Entity>(scope, most),
            PartSource::Participations => of::<participation::Entity>(scope, most),
        }
    }
}

/// Returns the statement of lines that show no step.
fn without_step<E: EntityTrait>(
    rank: E::Column,
    code: E::Column,
    scope: Condition,
    after: Option<&DeskPlace>,
    most: u64,
) -> SelectStatement {
    let scope = scope.add_option(after.map(|place| place.after(rank, code)));
    let lines = E::find().select_only().column_as(rank, "rank").column_as(code, "code");
    let lines = lines.column_as(Expr::cust(format!("CAST({NO_STEP} AS BIGINT)")), "number").filter(scope);
    lines.order_by_asc(rank).order_by_asc(code).limit(most).into_query()
}

/// Returns the statement of the lines of all parts, each line once, or none without parts.
fn together(parts: &[DeskPart], after: Option<&DeskPlace>, most: u64) -> Option<SelectStatement> {
    // Databases allow an order and a limit only in a statement of its own.
    let apart = |part: &DeskPart| {
        Query::select().columns(["rank", "code", "number"]).from_subquery(part.lines(after, most), "part").to_owned()
    };
    let mut statements = parts.iter().map(apart);
    let mut first = statements.next()?;
    first.unions(statements.map(|statement| (UnionType::Distinct, statement)));
    let mut all = Query::select();
    all.columns(["rank", "code", "number"]).from_subquery(first, "line").limit(most);
    Some(all)
}

/// Returns the statement of the first lines of a list after a place, or none if the list has no parts.
pub(super) fn page(parts: &[DeskPart], after: Option<&DeskPlace>, most: u64) -> Option<SelectStatement> {
    let mut lines = together(parts, after, most)?;
    lines.order_by("rank", Order::Asc).order_by("code", Order::Asc).order_by("number", Order::Asc);
    Some(lines)
}

/// Returns the statement that counts the lines of a list up to a number, beside the number of its tab. Returns none if
/// the list has no parts.
pub(super) fn count(tab: usize, parts: &[DeskPart], most: u64) -> Option<SelectStatement> {
    let lines = match parts {
        [only] => only.marks(most),
        several => together(several, None, most)?,
    };
    let mut counted = Query::select();
    counted.expr_as(Expr::cust(format!("CAST({tab} AS BIGINT)")), "tab");
    counted.expr_as(Expr::cust("COUNT(*)"), "found").from_subquery(lines, "counted");
    Some(counted)
}

/// Returns the parts of a list with its filters.
pub(super) fn parts(actor: &Actor, view: OfficerView, wish: &DeskWish) -> Vec<DeskPart> {
    match view {
        OfficerView::Todo => todo(actor, wish),
        OfficerView::Open => in_queue(actor, queue::OFFICE, wish),
        OfficerView::Waiting => {
            let mut parts = in_queue(actor, queue::APPLICANT, wish);
            let elsewhere = scopes(actor.posts().iter().filter(|post| post.role.takes_steps()));
            // The condition of the index.
            parts.extend(elsewhere.map(|own| of_dossiers(own.add(Expr::cust("elsewhere")), wish, Some(queue::OFFICE))));
            parts
        }
        OfficerView::TakenPart => taken_part(actor, wish),
        OfficerView::Ended => in_queue(actor, queue::ENDED, wish),
    }
}

fn of_dossiers(scope: Condition, wish: &DeskWish, of_queue: Option<&str>) -> DeskPart {
    DeskPart { source: PartSource::Dossiers, scope: scope.add_option(wish.dossiers(of_queue)) }
}

/// Returns the dossiers in a queue that an officer's posts may read.
fn in_queue(actor: &Actor, queue: &str, wish: &DeskWish) -> Vec<DeskPart> {
    if actor.posts().iter().any(|post| post.role == Role::Auditor) {
        // The expression of the index for all agencies.
        let everywhere = Condition::all().add(Expr::cust("queue || ''").eq(queue));
        return vec![of_dossiers(everywhere, wish, Some(queue))];
    }
    let mut parts = Vec::new();
    let reached: BTreeSet<(&str, Option<&str>)> = actor.posts().iter().filter_map(place_of).collect();
    for (agency, unit) in reached {
        let in_queue = dossier::Column::Queue.eq(queue);
        parts.push(of_dossiers(of_place(agency, unit).add(in_queue), wish, Some(queue)));
        let (of_agency, in_queue) = (partner::Column::Agency.eq(agency), partner::Column::Queue.eq(queue));
        let scope = Condition::all().add(of_agency).add(in_queue);
        let scope = scope.add_option(unit.map(|unit| partner::Column::Unit.eq(unit)));
        let fits = wish.dossiers(Some(queue)).map(|fits| is_dossier_with(partner::Column::Dossier, fits));
        parts.push(DeskPart { source: PartSource::Partners, scope: scope.add_option(fits) });
    }
    parts
}

/// Returns the steps that an officer can take: those of the post, of officers on leave, and escalated ones. The dossiers
/// with money to pay back stand among them, unless one of their steps does.
fn todo(actor: &Actor, wish: &DeskWish) -> Vec<DeskPart> {
    let Actor::Officer { id, posts, stands_for, .. } = actor else { return Vec::new() };
    let key = |post: &Post| post_key(post.role, &post.agency, &post.unit);
    let own = posts.iter().map(|post| (id, post));
    let for_others = stands_for.iter().flat_map(|absent| absent.posts.iter().map(move |post| (&absent.id, post)));
    let mut scopes: Vec<Condition> = Vec::new();
    for (officer, post) in own.chain(for_others) {
        let of_post = || Condition::all().add(stay::Column::Post.eq(key(post)));
        scopes.push(of_post().add(stay::Column::Assignee.is_null()));
        scopes.push(of_post().add(stay::Column::Assignee.eq(officer.as_str())));
    }
    scopes.extend(posts.iter().map(|post| Condition::all().add(stay::Column::Superior.eq(key(post)))));
    let fits = wish.stays();
    let part =
        |scope: &Condition| DeskPart { source: PartSource::Stays, scope: scope.clone().add_option(fits.clone()) };
    let mut parts: Vec<DeskPart> = scopes.iter().map(part).collect();
    let counters: BTreeSet<String> = posts.iter().filter(|post| post.role == Role::Counter).map(key).collect();
    if !wish.is_of_steps() {
        let listed = scopes.into_iter().fold(Condition::any(), Condition::add);
        let of_dossier = stay::Column::Dossier.into_expr().eq(dossier::Column::Code.into_expr());
        let listed = Condition::all().add(of_dossier).add(listed);
        let listed = stay::Entity::find().select_only().column(stay::Column::Number).filter(listed).into_query();
        let owing = |counter: String| {
            let owed = Condition::all().add(dossier::Column::PayBack.eq(counter));
            of_dossiers(owed.add(Expr::not_exists(listed.clone())), wish, None)
        };
        parts.extend(counters.into_iter().map(owing));
    }
    parts
}

/// Returns the dossiers in which an officer acted and that the officer may still read, and those in which the officer's
/// unit acted for another one.
fn taken_part(actor: &Actor, wish: &DeskWish) -> Vec<DeskPart> {
    let Actor::Officer { id, posts, .. } = actor else { return Vec::new() };
    let fits = wish.dossiers(None);
    let who = |who: &str| Condition::all().add(participation::Column::Who.eq(who));
    let mut parts = Vec::new();
    if let Some(readable) = readable(posts) {
        let readable = readable.add_option(fits.clone());
        let scope = if readable.is_empty() {
            who(id.as_str())
        } else {
            who(id.as_str()).add(is_dossier_with(participation::Column::Dossier, readable))
        };
        parts.push(DeskPart { source: PartSource::Participations, scope });
    }
    let steps = posts.iter().filter(|post| post.role.takes_steps());
    let units: BTreeSet<String> =
        steps.filter_map(place_of).map(|(agency, unit)| participant(agency, unit.unwrap_or_default())).collect();
    for unit in units {
        let fits = fits.clone().map(|fits| is_dossier_with(participation::Column::Dossier, fits));
        parts.push(DeskPart { source: PartSource::Participations, scope: who(&unit).add_option(fits) });
    }
    parts
}

/// Returns the agency, and for posts bound to it the unit, whose dossiers a post may read. Returns `None` for posts that
/// reach no dossier, and for auditors, who reach all.
fn place_of(post: &Post) -> Option<(&str, Option<&str>)> {
    let unit = post.role.is_bound_to_unit().then_some(post.unit.as_str());
    post.role.takes_steps().then_some((post.agency.as_str(), unit))
}

fn of_place(agency: &str, unit: Option<&str>) -> Condition {
    let all = Condition::all().add(dossier::Column::Agency.eq(agency));
    all.add_option(unit.map(|unit| dossier::Column::Unit.eq(unit)))
}

/// Returns the conditions of the dossiers that belong to the places of these posts, each place once.
fn scopes<'a>(posts: impl Iterator<Item = &'a Post>) -> impl Iterator<Item = Condition> {
    let places: BTreeSet<(&str, Option<&str>)> = posts.filter_map(place_of).collect();
    places.into_iter().map(|(agency, unit)| of_place(agency, unit))
}

/// Returns the condition of the dossiers that the holder of these posts may read, which is empty if they are all. Returns
/// `None` if they are none.
pub(super) fn readable(posts: &[Post]) -> Option<Condition> {
    if posts.iter().any(|post| post.role == Role::Auditor) {
        return Some(Condition::all());
    }
    let places: BTreeSet<(&str, Option<&str>)> = posts.iter().filter_map(place_of).collect();
    let mut any = Condition::any();
    for (agency, unit) in &places {
        let same = partner::Column::Dossier.into_expr().eq(dossier::Column::Code.into_expr());
        let there = Condition::all().add(same).add(partner::Column::Agency.eq(*agency));
        let there = there.add_option(unit.map(|unit| partner::Column::Unit.eq(unit)));
        let takes_part = partner::Entity::find().select_only().column(partner::Column::Dossier).filter(there);
        any = any.add(of_place(agency, *unit)).add(Expr::exists(takes_part.into_query()));
    }
    (!places.is_empty()).then(|| Condition::all().add(any))
}

/// Returns the agencies and units of posts whose names can be searched, or `None` for all.
pub(super) fn searchable(posts: &[Post]) -> Option<BTreeSet<(&str, Option<&str>)>> {
    let everywhere = posts.iter().any(|post| post.role == Role::Auditor);
    (!everywhere).then(|| posts.iter().filter_map(place_of).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::DbBackend;

    fn officer(roles: &[Role]) -> Actor {
        let post = |role: &Role| Post { agency: "so".into(), unit: "phong".into(), role: *role };
        Actor::Officer {
            id: "an".into(),
            name: "An".to_owned(),
            posts: roles.iter().map(post).collect(),
            stands_for: Vec::new(),
            approves_own: Vec::new(),
            own_accounts: Vec::new(),
        }
    }

    #[test]
    fn no_statement_skips_rows_and_each_part_of_one_is_bounded() {
        let place = DeskPlace::parse("5~1~H09.14-261126-0003");
        for role in [Role::Counter, Role::Specialist, Role::Leader, Role::Auditor] {
            for view in OfficerView::ALL {
                let parts = parts(&officer(&[role]), view, &DeskWish::words("an"));
                let statements = [page(&parts, place.as_ref(), 51), count(1, &parts, 51)];
                for statement in statements.iter().flatten() {
                    for backend in [DbBackend::Sqlite, DbBackend::Postgres] {
                        let sql = backend.build(statement).sql;
                        assert!(!sql.contains("OFFSET"), "{sql}");
                        assert!(sql.matches("LIMIT").count() >= parts.len(), "{sql}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_person_who_reads_no_dossier_has_no_lists() {
        for actor in [officer(&[Role::Admin]), Actor::System, Actor::Applicant { id: "an".into(), name: String::new() }]
        {
            for view in [OfficerView::Open, OfficerView::Waiting, OfficerView::TakenPart, OfficerView::Ended] {
                assert!(parts(&actor, view, &DeskWish::default()).is_empty(), "{actor:?} {view:?}");
            }
        }
    }
}
