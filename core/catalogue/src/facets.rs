//! The answer to a search, with the number of procedures behind each value of each criterion.

use crate::snapshot::{Live, SearchWish, Snapshot};
use motcua_domain::names::AgencyId;
use motcua_domain::text::Text;
use std::collections::{BTreeMap, HashMap};
use tantivy::TantivyError;

/// The number of procedures with a text, such as a life event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextCount<'a> {
    pub text: &'a Text,
    pub count: usize,
}

/// The procedures that fit a search.
///
/// The number of a value is the number of procedures that the search would find with this value and with the chosen
/// values of the other criteria. A value without procedures is left out.
#[derive(Debug, Clone, Default)]
pub struct SearchAnswer<'a> {
    /// The procedures, the best first.
    pub found: Vec<&'a Live>,
    /// The number of procedures that the words alone would find.
    pub without_criteria: usize,
    pub agencies: BTreeMap<&'a AgencyId, usize>,
    /// The fields of law, by their Vietnamese names.
    pub fields: BTreeMap<&'a str, TextCount<'a>>,
    pub levels: BTreeMap<u8, usize>,
    /// The audiences, by their configuration words.
    pub audiences: BTreeMap<&'static str, usize>,
    /// The life events, by their Vietnamese names.
    pub life_events: BTreeMap<&'a str, TextCount<'a>>,
}

/// The criteria of a search that a procedure fits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FittingCriteria {
    pub agency: bool,
    pub field: bool,
    pub level: bool,
    pub audience: bool,
    pub event: bool,
}

impl FittingCriteria {
    pub(crate) const fn all(self) -> bool {
        self.agency && self.field && self.level && self.audience && self.event
    }
}

impl Snapshot {
    /// Returns the procedures that fit, the best first, and the numbers of the values to choose from. A search by words
    /// finds at most [`MOST_HITS`](crate::MOST_HITS).
    pub fn answer(&self, wanted: &SearchWish) -> Result<SearchAnswer<'_>, TantivyError> {
        Ok(SearchAnswer::new(wanted, self.hits(&wanted.words)?))
    }

    /// Returns all procedures, and the numbers of the values to choose from.
    pub fn offered(&self) -> SearchAnswer<'_> {
        SearchAnswer::new(&SearchWish::default(), self.open().collect())
    }
}

impl<'a> SearchAnswer<'a> {
    /// Returns the answer to a search whose words have these hits.
    fn new(wanted: &SearchWish, hits: Vec<&'a Live>) -> Self {
        let most = wanted.most_hits();
        let mut answer = Self { without_criteria: hits.len().min(most), ..Self::default() };
        // Procedures of many agencies share the list of these agencies.
        let mut offers: HashMap<*const AgencyId, (&[AgencyId], usize)> = HashMap::new();
        for live in hits {
            let fits = wanted.fitting(live);
            if fits.all() && answer.found.len() < most {
                answer.found.push(live);
            }
            if (FittingCriteria { agency: true, ..fits }).all() {
                offers.entry(live.offers.as_ptr()).or_insert((&*live.offers, 0)).1 += 1;
            }
            answer.count(live, fits);
        }
        for agency in offers.values().flat_map(|(agencies, count)| agencies.iter().map(move |agency| (agency, *count)))
        {
            *answer.agencies.entry(agency.0).or_default() += agency.1;
        }
        answer.limit(most);
        answer
    }

    /// Counts a procedure for its values, without its agencies.
    fn count(&mut self, live: &'a Live, fits: FittingCriteria) {
        let procedure = &live.procedure;
        if (FittingCriteria { field: true, ..fits }).all() {
            count_text(&mut self.fields, &procedure.field);
        }
        if (FittingCriteria { level: true, ..fits }).all() {
            *self.levels.entry(procedure.level).or_default() += 1;
        }
        if (FittingCriteria { audience: true, ..fits }).all() {
            for audience in &procedure.audience {
                *self.audiences.entry(audience.name()).or_default() += 1;
            }
        }
        if (FittingCriteria { event: true, ..fits }).all() {
            for event in &procedure.life_events {
                count_text(&mut self.life_events, event);
            }
        }
    }

    /// Counts no more procedures than a search finds.
    fn limit(&mut self, most: usize) {
        let counts = self.agencies.values_mut().chain(self.levels.values_mut()).chain(self.audiences.values_mut());
        let texts = self.fields.values_mut().chain(self.life_events.values_mut());
        for count in counts.chain(texts.map(|text| &mut text.count)) {
            *count = most.min(*count);
        }
    }
}

fn count_text<'a>(counts: &mut BTreeMap<&'a str, TextCount<'a>>, text: &'a Text) {
    if !text.vi.is_empty() {
        counts.entry(&text.vi).or_insert(TextCount { text, count: 0 }).count += 1;
    }
}

impl SearchWish {
    /// Returns the criteria that a procedure fits. An empty criterion fits everything.
    pub(crate) fn fitting(&self, live: &Live) -> FittingCriteria {
        let procedure = &live.procedure;
        FittingCriteria {
            agency: self.agency.is_empty() || live.offers.iter().any(|agency| agency.as_str() == self.agency),
            field: self.field.is_empty() || procedure.field.is_named(&self.field),
            level: self.level.is_none_or(|level| procedure.level == level),
            audience: self.audience.is_none_or(|audience| procedure.audience.contains(&audience)),
            event: self.event.is_empty() || procedure.life_events.iter().any(|event| event.is_named(&self.event)),
        }
    }
}
