//! The search for the dossiers of a person, in whatever state they are, among those that an officer may read.

use super::scope::{readable, searchable};
use crate::Fault;
use crate::rows::{dossier, name_part, result};
use motcua_domain::names::{DossierCode, UserId};
use motcua_domain::people::organisation::Post;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use std::collections::{BTreeSet, HashMap};
use std::fmt;

/// The letters that no name goes on with. With them after it, the key of a name comes after all names that begin with it.
const AFTER_NAMES: &str = "zzzz";

/// The key by which an officer searches for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PersonKey {
    /// The telephone number of the applicant, in its normal form.
    Phone(String),
    /// The number of the applicant, of the person or the organisation for whom the applicant filed, or of the holder of a
    /// result, and the account whose log-in it is.
    Identity { number: String, account: Option<UserId> },
    /// The key of a name ([`motcua_domain::fold::name_key`]), with which the name goes on from one of its words.
    Name(String),
}

/// The place of a line in the result of a search, after which the next page begins.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PersonPlace {
    /// The time of the filing in seconds since 1970, or the part of the name.
    key: String,
    code: String,
}

impl PersonPlace {
    /// Reads a place as it is displayed. Returns `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let (code, key) = text.split_once('~')?;
        let is_plain = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let code = DossierCode::parse(code)?.to_string();
        is_plain.then(|| Self { key: key.to_owned(), code })
    }
}

/// An address can have the text as it is.
impl fmt::Display for PersonPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}~{}", self.code, self.key)
    }
}

/// The dossiers of a person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonDossiers {
    pub rows: Vec<dossier::Model>,
    /// The place of the last line, if others follow.
    pub last: Option<PersonPlace>,
}

/// Returns the dossiers of a person that the holder of these posts may read, at most `most`. Dossiers found by a number
/// come latest first, and those found by a name in the order of the names.
pub async fn of_person(
    connection: &impl ConnectionTrait,
    posts: &[Post],
    key: &PersonKey,
    after: Option<&PersonPlace>,
    most: u64,
) -> Result<PersonDossiers, Fault> {
    let scopes: Vec<Condition> = match key {
        PersonKey::Name(name) => return of_name(connection, posts, name, after, most).await,
        PersonKey::Phone(phone) => vec![Condition::all().add(dossier::Column::Phone.eq(phone.as_str()))],
        PersonKey::Identity { number, account } => {
            let held = result::Entity::find().select_only().column(result::Column::Dossier);
            let held = held.filter(result::Column::HolderIdentity.eq(number.as_str()));
            let holds = Condition::all().add(dossier::Column::Code.in_subquery(held.into_query()));
            let own = account.as_ref().map(|id| Condition::all().add(dossier::Column::Applicant.eq(id.as_str())));
            let represented = Condition::all().add(dossier::Column::Represented.eq(number.as_str()));
            own.into_iter().chain([represented, holds]).collect()
        }
    };
    let Some(readable) = readable(posts) else { return Ok(PersonDossiers::default()) };
    let mut found: Vec<dossier::Model> = Vec::new();
    for scope in scopes {
        let scope = if readable.is_empty() { scope } else { scope.add(readable.clone()) };
        let query = dossier::Entity::find().filter(scope.add_option(after.and_then(filed_before)));
        let query = query.order_by_desc(dossier::Column::FiledAt).order_by_desc(dossier::Column::Code);
        found.extend(query.limit(most.saturating_add(1)).all(connection).await?);
    }
    found.sort_by(|a, b| (b.filed_at, &b.code).cmp(&(a.filed_at, &a.code)));
    found.dedup_by(|a, b| a.code == b.code);
    let has_more = cut(&mut found, most);
    let last = found.last().filter(|_| has_more);
    let last = last.map(|row| PersonPlace { key: row.filed_at.to_string(), code: row.code.clone() });
    Ok(PersonDossiers { rows: found, last })
}

/// Cuts a list to the lines that are shown, and returns whether it had others.
fn cut<T>(lines: &mut Vec<T>, most: u64) -> bool {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let has_more = lines.len() > most;
    lines.truncate(most);
    has_more
}

/// Returns the condition of the dossiers that were filed before the one at a place, or none if the place has no time.
fn filed_before(place: &PersonPlace) -> Option<Condition> {
    let at: i64 = place.key.parse().ok()?;
    let earlier = dossier::Column::FiledAt.lt(at).or(dossier::Column::Code.lt(place.code.as_str()));
    Some(Condition::all().add(dossier::Column::FiledAt.lte(at)).add(earlier))
}

async fn of_name(
    connection: &impl ConnectionTrait,
    posts: &[Post],
    name: &str,
    after: Option<&PersonPlace>,
    most: u64,
) -> Result<PersonDossiers, Fault> {
    if name.is_empty() {
        return Ok(PersonDossiers::default());
    }
    let (part, code) = (name_part::Column::Part, name_part::Column::Dossier);
    let begins = Condition::all().add(part.between(name.to_owned(), format!("{name}{AFTER_NAMES}")));
    let begins = begins.add_option(after.map(|place| {
        let later = part.gt(place.key.as_str()).or(code.gt(place.code.as_str()));
        Condition::all().add(part.gte(place.key.as_str())).add(later)
    }));
    let of_place = |(agency, unit): (&str, Option<&str>)| {
        let of_agency = begins.clone().add(name_part::Column::Agency.eq(agency));
        of_agency.add_option(unit.map(|unit| name_part::Column::Unit.eq(unit)))
    };
    let scopes: Vec<Condition> = match searchable(posts) {
        None => vec![begins.clone()],
        Some(places) => places.into_iter().map(of_place).collect(),
    };
    let mut places: BTreeSet<(String, String)> = BTreeSet::new();
    for scope in scopes {
        let query = name_part::Entity::find().select_only().column(part).column(code).distinct().filter(scope);
        let query = query.order_by_asc(part).order_by_asc(code).limit(most.saturating_add(1));
        places.extend(query.into_tuple::<(String, String)>().all(connection).await?);
    }
    let mut places: Vec<(String, String)> = places.into_iter().collect();
    let has_more = cut(&mut places, most);
    let last = places.last().filter(|_| has_more);
    let last = last.map(|(key, code)| PersonPlace { key: key.clone(), code: code.clone() });
    let codes = dossier::Column::Code.is_in(places.iter().map(|(_, code)| code.as_str()));
    let rows = dossier::Entity::find().filter(codes).all(connection).await?;
    // A name with the same word twice is found twice.
    let mut rows: HashMap<String, dossier::Model> = rows.into_iter().map(|row| (row.code.clone(), row)).collect();
    let rows = places.iter().filter_map(|(_, code)| rows.remove(code)).collect();
    Ok(PersonDossiers { rows, last })
}

#[cfg(test)]
mod tests {
    use super::PersonPlace;

    #[test]
    fn a_place_is_read_as_it_is_displayed_and_any_other_text_is_none() {
        for key in ["1790000000", "-5", "nguyen0thi0hoa"] {
            let place = PersonPlace { key: key.to_owned(), code: "H09.14-261126-0003".to_owned() };
            assert_eq!(PersonPlace::parse(&place.to_string()), Some(place), "{key}");
        }
        for other in ["", "H09.14-261126-0003", "H09.14-261126-0003~", "x~5", "H09.14-261126-0003~<b>"] {
            assert_eq!(PersonPlace::parse(other), None, "{other}");
        }
    }
}
