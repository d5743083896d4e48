//! The lists of officers: the dossiers of a view, the most urgent first, a page at a time, with filters and counts.
//!
//! Every list is read in the order of an index, so that its cost does not grow with the table. A page begins after the last
//! line of the page before it, so that a list has no end at which work is hidden. A search for words reads the rows of its
//! view one by one until it has found enough, because it looks for the words anywhere in a text.

mod news;
mod person;
mod place;
mod scope;
mod wish;

pub use news::RowNews;
pub use person::{PersonDossiers, PersonKey, PersonPlace, of_person};
pub use place::DeskPlace;
pub use scope::OfficerView;
pub use wish::{DeskHolder, DeskWish, DueSpan};

use crate::Fault;
use crate::lists::PAGE;
use crate::rows::{dossier, stay};
use motcua_domain::people::organisation::Actor;
use sea_orm::sea_query::{Expr, UnionType};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryResult, QuerySelect,
};
use std::collections::{BTreeSet, HashMap};

/// The number up to which the lines of a list are counted. Each page of a list counts all views, and each line that is
/// counted is read.
pub const COUNTED: u64 = 1_000;

/// A line of an officer's list: a dossier and, in a list of steps, the step that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficerLine {
    pub place: DeskPlace,
    pub dossier: dossier::Model,
    pub stay: Option<stay::Model>,
    /// The version up to which the officer has read the dossier, or `None` if the officer has never opened it.
    pub seen: Option<i64>,
}

/// A dossier, and the version up to which an officer has read it.
struct ReadDossier {
    dossier: dossier::Model,
    seen: Option<i64>,
}

impl FromQueryResult for ReadDossier {
    fn from_query_result(row: &QueryResult, prefix: &str) -> Result<Self, DbErr> {
        Ok(Self { dossier: dossier::Model::from_query_result(row, prefix)?, seen: row.try_get(prefix, "seen")? })
    }
}

#[derive(FromQueryResult)]
struct PlaceRow {
    rank: i64,
    code: String,
    number: i64,
}

#[derive(FromQueryResult)]
struct TabCount {
    tab: i64,
    found: i64,
}

/// Returns the lines that an officer sees in a view with these filters, the most urgent first, at most [`PAGE`] and one
/// more: those after a place, or the first ones.
pub async fn desk(
    connection: &impl ConnectionTrait,
    actor: &Actor,
    view: OfficerView,
    wish: &DeskWish,
    after: Option<&DeskPlace>,
) -> Result<Vec<OfficerLine>, Fault> {
    let Some(page) = scope::page(&scope::parts(actor, view, wish), after, PAGE + 1) else { return Ok(Vec::new()) };
    let places = PlaceRow::find_by_statement(connection.get_database_backend().build(&page)).all(connection).await?;
    let codes: BTreeSet<&str> = places.iter().map(|place| place.code.as_str()).collect();
    if codes.is_empty() {
        return Ok(Vec::new());
    }
    let Actor::Officer { id, .. } = actor else { return Ok(Vec::new()) };
    let rows = dossier::Entity::find().filter(dossier::Column::Code.is_in(codes.iter().copied()));
    let rows = rows.expr_as(Expr::from(wish::position(id, &[])), "seen").into_model::<ReadDossier>();
    let rows = rows.all(connection).await?.into_iter().map(|row| (row.dossier.code.clone(), row));
    let rows: HashMap<String, ReadDossier> = rows.collect();
    let mut stays: HashMap<(String, i64), stay::Model> = HashMap::new();
    if places.iter().any(|place| place.number != place::NO_STEP) {
        let open = stay::Entity::find().filter(stay::Column::Dossier.is_in(codes.iter().copied()));
        let open = open.all(connection).await?;
        stays.extend(open.into_iter().map(|stay| ((stay.dossier.clone(), stay.number), stay)));
    }
    let line = |PlaceRow { rank, code, number }: PlaceRow| {
        let ReadDossier { dossier, seen } = rows.get(&code)?;
        let (dossier, seen) = (dossier.clone(), *seen);
        let place = DeskPlace { rank, code, number };
        if number == place::NO_STEP {
            return Some(OfficerLine { place, dossier, stay: None, seen });
        }
        // Somebody may have acted at the step since the first statement.
        let stay = stays.remove(&(place.code.clone(), number))?;
        Some(OfficerLine { place, dossier, stay: Some(stay), seen })
    };
    Ok(places.into_iter().filter_map(line).collect())
}

/// Returns the places of the first lines that an officer sees in a view with these filters, as [`desk`] lists them.
pub async fn places(
    connection: &impl ConnectionTrait,
    actor: &Actor,
    view: OfficerView,
    wish: &DeskWish,
    most: u64,
) -> Result<Vec<DeskPlace>, Fault> {
    let Some(page) = scope::page(&scope::parts(actor, view, wish), None, most) else { return Ok(Vec::new()) };
    let rows = PlaceRow::find_by_statement(connection.get_database_backend().build(&page)).all(connection).await?;
    Ok(rows.into_iter().map(|PlaceRow { rank, code, number }| DeskPlace { rank, code, number }).collect())
}

/// Returns the number of lines of each view with these filters, in the order of [`OfficerView::ALL`], each up to
/// [`COUNTED`] and one more.
pub async fn counts(
    connection: &impl ConnectionTrait,
    actor: &Actor,
    wish: &DeskWish,
) -> Result<[u64; OfficerView::ALL.len()], Fault> {
    let counted = OfficerView::ALL.into_iter().enumerate();
    let mut counted =
        counted.filter_map(|(tab, view)| scope::count(tab, &scope::parts(actor, view, wish), COUNTED + 1));
    let mut counts = [0; OfficerView::ALL.len()];
    let Some(mut all) = counted.next() else { return Ok(counts) };
    all.unions(counted.map(|counted| (UnionType::All, counted)));
    let rows = TabCount::find_by_statement(connection.get_database_backend().build(&all)).all(connection).await?;
    for TabCount { tab, found } in rows {
        let count = usize::try_from(tab).ok().and_then(|tab| counts.get_mut(tab));
        if let Some(count) = count {
            *count = u64::try_from(found).unwrap_or_default();
        }
    }
    Ok(counts)
}
