//! The list of procedures, with the search and its criteria.

use crate::pages::public::{ProcedureLine, line, sample_line};
use crate::pages::render::ok;
use crate::state::Portal;
use crate::theme::Page;
use crate::web::address;
use crate::web::failure::Failure;
use crate::web::typing::Query;
use crate::web::visitor::Visitor;
use axum::extract::State;
use axum::response::Response;
use motcua_domain::procedure::{Audience, Procedure};
use motcua_domain::text::{Language, Text};
use motcua_service::Error;
use motcua_service::catalogue::{SearchAnswer, SearchWish, Snapshot, TextCount};
use serde::{Deserialize, Serialize};

/// The search of a visitor.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct SearchQuery {
    #[serde(default)]
    q: String,
    #[serde(default)]
    agency: String,
    #[serde(default)]
    field: String,
    #[serde(default)]
    level: String,
    #[serde(default)]
    audience: String,
    #[serde(default)]
    event: String,
    /// From 1.
    #[serde(default)]
    page: usize,
}

/// The number of procedures on a page of the list.
const PER_PAGE: usize = 30;

/// The list of procedures.
#[derive(Debug, Clone, Serialize)]
pub struct ProceduresPage {
    /// The typed words of the search, or an empty text.
    pub query: String,
    /// The criteria of the search: `event`, `field`, `agency`, `audience` and `level`. A criterion without values to
    /// choose from is left out.
    pub filters: Vec<SearchFilter>,
    /// The chosen values.
    pub chosen: Vec<ChosenValue>,
    /// The address of the same search without chosen values.
    pub without: String,
    /// The number of procedures that the search finds without chosen values.
    pub without_count: usize,
    /// The number of results on all pages together.
    pub found: usize,
    /// The number of this page of the results, from 1.
    pub page: usize,
    /// The number of pages of results, at least 1.
    pub pages: usize,
    /// The address of the page before this one, or an empty text.
    pub before: String,
    /// The address of the page after this one, or an empty text.
    pub after: String,
    /// The results on this page, the best first.
    pub procedures: Vec<ProcedureLine>,
}

/// A criterion of the search.
#[derive(Debug, Clone, Serialize)]
pub struct SearchFilter {
    /// The name in the address: `agency`, `field`, `level`, `audience` or `event`.
    pub name: &'static str,
    /// The values to choose from.
    pub values: Vec<FilterValue>,
}

/// A value of a criterion.
#[derive(Debug, Clone, Serialize)]
pub struct FilterValue {
    /// The value in the address.
    pub value: String,
    /// The words for the value. The text of a `level` is `level`, and that of an `audience` is `audience-<value>`, so
    /// their words are empty.
    pub label: String,
    /// The number of procedures that the search finds with this value.
    pub count: usize,
    /// The value is chosen.
    pub chosen: bool,
}

/// A chosen value of a criterion.
#[derive(Debug, Clone, Serialize)]
pub struct ChosenValue {
    /// The name of the criterion, as in `filters`.
    pub name: &'static str,
    /// The value in the address.
    pub value: String,
    /// The words for the value, as in `filters`.
    pub label: String,
    /// The address of the same search without this value.
    pub without: String,
}

impl Page for ProceduresPage {
    const TEMPLATE: &'static str = "procedures.html";
    fn samples() -> Vec<Self> {
        let value = |value: &str, label: &str, chosen: bool| FilterValue {
            value: value.into(),
            label: label.into(),
            count: 7,
            chosen,
        };
        let chosen = |name: &'static str, value: &str, label: &str| ChosenValue {
            name,
            value: value.into(),
            label: label.into(),
            without: "/procedures?q=khai+sinh".into(),
        };
        let audiences = Audience::ALL.map(|audience| value(audience.name(), "", audience == Audience::Citizen));
        let found = Self {
            query: "khai sinh".into(),
            filters: vec![
                SearchFilter { name: "event", values: vec![value("Có con nhỏ", "Có con nhỏ", false)] },
                SearchFilter { name: "field", values: vec![value("Lĩnh vực", "Lĩnh vực", true)] },
                SearchFilter { name: "agency", values: vec![value("so", "Sở Mẫu", true)] },
                SearchFilter { name: "audience", values: audiences.to_vec() },
                SearchFilter { name: "level", values: vec![value("3", "", false), value("4", "", true)] },
            ],
            chosen: vec![
                chosen("field", "Lĩnh vực", "Lĩnh vực"),
                chosen("agency", "so", "Sở Mẫu"),
                chosen("audience", "citizen", ""),
                chosen("level", "4", ""),
            ],
            without: "/procedures?q=khai+sinh".into(),
            without_count: 80,
            found: 75,
            page: 2,
            pages: 3,
            before: "/procedures?q=khai+sinh".into(),
            after: "/procedures?q=khai+sinh&page=3".into(),
            procedures: vec![sample_line()],
        };
        let nothing = Self {
            procedures: vec![],
            found: 0,
            page: 1,
            pages: 1,
            before: String::new(),
            after: String::new(),
            ..found.clone()
        };
        let no_filters = Self { filters: vec![], chosen: vec![], without_count: 0, ..nothing.clone() };
        vec![nothing, found, no_filters]
    }
}

/// `GET /procedures?q=&agency=&field=&level=&audience=&event=&page=`: the procedures that fit, the best first.
pub async fn procedures(
    State(portal): State<Portal>,
    visitor: Visitor,
    Query(asked): Query<SearchQuery>,
) -> Result<Response, Failure> {
    let (language, own) = (visitor.language(), portal.clone());
    let page = portal.work.searches.run(move || search(&own, asked, language)).await??;
    Ok(ok(&portal, &visitor, &page))
}

/// Searches, and returns the wanted page of the list.
fn search(portal: &Portal, asked: SearchQuery, language: Language) -> Result<ProceduresPage, Error> {
    let catalogue = portal.services.procedures.catalogue();
    let asked = asked.known();
    let answer = catalogue.answer(&asked.wish()).map_err(Error::fault)?;
    let filters = filters(portal, &catalogue, &asked, &answer, language);
    let pages = answer.found.len().div_ceil(PER_PAGE).max(1);
    let at = asked.page.clamp(1, pages);
    let shown = answer.found.iter().skip((at - 1) * PER_PAGE).take(PER_PAGE);
    Ok(ProceduresPage {
        chosen: chosen(&asked, &filters),
        without: address::catalogue(&[("q", asked.q.as_str())]),
        without_count: answer.without_criteria,
        found: answer.found.len(),
        page: at,
        pages,
        before: if at > 1 { asked.address("", at - 1) } else { String::new() },
        after: if at < pages { asked.address("", at + 1) } else { String::new() },
        procedures: shown.map(|live| line(portal, live.offer_of(&asked.agency), language)).collect(),
        filters,
        query: asked.q,
    })
}

impl SearchQuery {
    /// Returns the query without values that no portal has.
    fn known(mut self) -> Self {
        if !self.level.parse().is_ok_and(|level: u8| (1..=4).contains(&level)) {
            self.level.clear();
        }
        if !Audience::ALL.iter().any(|audience| audience.name() == self.audience) {
            self.audience.clear();
        }
        self
    }

    fn wish(&self) -> SearchWish {
        SearchWish {
            words: self.q.clone(),
            agency: self.agency.clone(),
            field: self.field.clone(),
            level: self.level.parse().ok(),
            audience: Audience::ALL.into_iter().find(|audience| audience.name() == self.audience),
            event: self.event.clone(),
        }
    }

    /// Returns the criteria with their values, in the order in which a page shows them.
    fn criteria(&self) -> [(&'static str, &str); 5] {
        [
            ("event", self.event.as_str()),
            ("field", self.field.as_str()),
            ("agency", self.agency.as_str()),
            ("audience", self.audience.as_str()),
            ("level", self.level.as_str()),
        ]
    }

    /// Returns the address of a page of the results, without one of the criteria.
    fn address(&self, left_out: &str, page: usize) -> String {
        let number = if page > 1 { page.to_string() } else { String::new() };
        let mut query = vec![("q", self.q.as_str())];
        query.extend(self.criteria().into_iter().filter(|(name, _)| *name != left_out));
        query.push(("page", number.as_str()));
        address::catalogue(&query)
    }
}

/// Returns the criteria with the values to choose from. A chosen value is among them even if it finds nothing.
fn filters(
    portal: &Portal,
    catalogue: &Snapshot,
    asked: &SearchQuery,
    answer: &SearchAnswer<'_>,
    language: Language,
) -> Vec<SearchFilter> {
    let texts = |counts: Vec<&TextCount<'_>>, asked: &str, of: fn(&Procedure) -> Vec<&Text>| {
        let mut values: Vec<FilterValue> = counts
            .into_iter()
            .map(|found| {
                let label = found.text.get(language).to_owned();
                let chosen = found.text.is_named(asked);
                FilterValue { value: label.clone(), label, count: found.count, chosen }
            })
            .collect();
        values.sort_by(|one, other| one.label.cmp(&other.label));
        let mut known = catalogue.open().flat_map(|live| of(&live.procedure));
        with_chosen(values, asked, || known.find(|text| text.is_named(asked)).map(|text| text.get(language).to_owned()))
    };
    let agencies = portal.services.province().agencies.iter().filter_map(|agency| {
        let count = answer.agencies.get(&agency.id).copied().unwrap_or_default();
        let chosen = agency.id.as_str() == asked.agency;
        let label = agency.name.get(language).to_owned();
        (count > 0 || chosen).then(|| FilterValue { value: agency.id.to_string(), label, count, chosen })
    });
    let audiences = Audience::ALL.map(Audience::name).into_iter().filter_map(|audience| {
        let count = answer.audiences.get(audience).copied().unwrap_or_default();
        let chosen = audience == asked.audience;
        (count > 0 || chosen).then(|| FilterValue { value: audience.to_owned(), label: String::new(), count, chosen })
    });
    let levels = (1..=4_u8).filter_map(|level| {
        let count = answer.levels.get(&level).copied().unwrap_or_default();
        let value = level.to_string();
        let chosen = value == asked.level;
        (count > 0 || chosen).then_some(FilterValue { value, label: String::new(), count, chosen })
    });
    let filters = [
        ("event", texts(answer.life_events.values().collect(), &asked.event, |of| of.life_events.iter().collect())),
        ("field", texts(answer.fields.values().collect(), &asked.field, |of| vec![&of.field])),
        ("agency", with_chosen(agencies.collect(), &asked.agency, || None)),
        ("audience", audiences.collect()),
        ("level", levels.collect()),
    ];
    let filters = filters.into_iter().filter(|(_, values)| !values.is_empty());
    filters.map(|(name, values)| SearchFilter { name, values }).collect()
}

/// Adds the chosen value if it is missing. Its words are as they were typed, unless the province knows other ones.
fn with_chosen(mut values: Vec<FilterValue>, asked: &str, label: impl FnOnce() -> Option<String>) -> Vec<FilterValue> {
    if !asked.is_empty() && !values.iter().any(|value| value.chosen) {
        let label = label().unwrap_or_else(|| asked.to_owned());
        values.push(FilterValue { value: asked.to_owned(), label, count: 0, chosen: true });
    }
    values
}

/// Returns the chosen values with the addresses that remove them.
fn chosen(asked: &SearchQuery, filters: &[SearchFilter]) -> Vec<ChosenValue> {
    let values = filters.iter().flat_map(|filter| filter.values.iter().map(|value| (filter.name, value)));
    let chosen = values.filter(|(_, value)| value.chosen).map(|(name, value)| ChosenValue {
        name,
        value: value.value.clone(),
        label: value.label.clone(),
        without: asked.address(name, 1),
    });
    chosen.collect()
}
