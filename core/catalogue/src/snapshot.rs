//! The portal's procedures at one moment, in memory. Requests read the snapshot, and a change replaces it as a whole.

use crate::files::synonyms::Synonym;
use crate::search::Search;
use motcua_domain::names::{AgencyId, Digest, ProcedureCode};
use motcua_domain::procedure::changes::Release;
use motcua_domain::procedure::{Audience, FormTemplate, Procedure};
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;
use tantivy::TantivyError;

/// A procedure at one moment.
#[derive(Debug, Clone)]
pub struct Live {
    pub procedure: Arc<Procedure>,
    pub version: Digest,
    /// Its releases, the latest first.
    pub history: Vec<Release>,
    /// The agencies that offer it, in the order of the organisation.
    pub offers: Arc<[AgencyId]>,
}

impl Live {
    /// Returns whether people can apply for the procedure.
    pub fn is_open(&self) -> bool {
        self.history.first().is_some_and(|release| !release.retired)
    }

    /// Returns the agency that alone offers the procedure.
    pub fn only_agency(&self) -> Option<&AgencyId> {
        match &*self.offers {
            [only] => Some(only),
            _ => None,
        }
    }

    /// Returns the offer of an agency, or the procedure as a whole if this agency does not offer it.
    pub fn offer_of(&self, agency: &str) -> OfferAt<'_> {
        let named = self.offers.iter().find(|known| known.as_str() == agency);
        OfferAt { live: self, agency: named.or_else(|| self.only_agency()) }
    }

    /// Returns the procedure as a whole, with the agency that alone offers it.
    pub fn whole(&self) -> OfferAt<'_> {
        OfferAt { live: self, agency: self.only_agency() }
    }
}

/// A procedure at an address.
#[derive(Debug, Clone, Copy)]
pub struct OfferAt<'a> {
    pub live: &'a Live,
    /// The agency whose offer it is. `None` if several agencies offer the procedure and the address names none of them.
    pub agency: Option<&'a AgencyId>,
}

impl OfferAt<'_> {
    /// Returns the path of the page.
    pub fn path(&self) -> String {
        let procedure = &self.live.procedure;
        self.agency.map_or_else(|| procedure.path(), |agency| procedure.path_in(agency))
    }
}

/// All procedures at one moment.
#[derive(Debug)]
pub struct Snapshot {
    /// The number of the latest release.
    pub number: i64,
    all: Vec<Live>,
    open: Vec<usize>,
    by_code: HashMap<ProcedureCode, usize>,
    by_address: HashMap<String, usize>,
    /// The procedures of several agencies, by the last part of their addresses. Those that are offered come first.
    shared: HashMap<String, Vec<usize>>,
    search: Search,
}

/// The criteria of a search. Empty criteria fit everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchWish {
    pub words: String,
    pub agency: String,
    /// The field of law, in either language.
    pub field: String,
    pub level: Option<u8>,
    pub audience: Option<Audience>,
    /// The life event, in either language.
    pub event: String,
}

/// The most hits of a search by words.
pub const MOST_HITS: usize = 300;

/// The most procedures beside one.
const MOST_RELATED: usize = 5;

/// The nearness of procedures that share a life event. The same field alone is less.
const NEAR: usize = 2;

/// The nearness of procedures of which one goes on from the result of the other.
const NEXT: usize = 4;

/// Returns how near a procedure is to another one for those who need the first. The procedure itself is not near, and
/// neither is one for other people.
fn nearness(one: &Procedure, other: &Procedure) -> usize {
    let (mine, theirs) = (&one.audience, &other.audience);
    let is_for_others =
        !mine.is_empty() && !theirs.is_empty() && !mine.iter().any(|audience| theirs.contains(audience));
    if one.code == other.code || is_for_others {
        return 0;
    }
    let goes_on = |later: &Procedure, earlier: &Procedure| {
        earlier.register.as_ref().is_some_and(|register| later.follows(&register.kind, &earlier.code))
    };
    let events = one.life_events.iter().filter(|event| other.life_events.contains(event)).count();
    let next = if goes_on(other, one) || goes_on(one, other) { NEXT } else { 0 };
    next + NEAR * events + usize::from(one.field == other.field)
}

impl Snapshot {
    /// Returns a snapshot of these procedures, including those that are no longer offered.
    pub fn new(number: i64, mut all: Vec<Live>, synonyms: &[Synonym]) -> Result<Self, TantivyError> {
        all.sort_by(|a, b| (&a.procedure.group, &a.procedure.slug).cmp(&(&b.procedure.group, &b.procedure.slug)));
        let open: Vec<usize> = (0..all.len()).filter(|at| all[*at].is_open()).collect();
        let search = Search::new(open.iter().map(|at| &*all[*at].procedure), synonyms)?;
        let by_code = all.iter().enumerate().map(|(at, live)| (live.procedure.code.clone(), at)).collect();
        // An address belongs to the procedure that is offered there, before former procedures.
        let mut by_address = HashMap::new();
        for at in (0..all.len()).filter(|at| !all[*at].is_open()).chain(open.iter().copied()) {
            by_address.insert(all[at].procedure.path(), at);
        }
        let mut shared: HashMap<String, Vec<usize>> = HashMap::new();
        let retired = (0..all.len()).filter(|at| !all[*at].is_open());
        for at in open.iter().copied().chain(retired).filter(|at| all[*at].procedure.offered_by.is_some()) {
            shared.entry(all[at].procedure.slug.clone()).or_default().push(at);
        }
        Ok(Self { number, all, open, by_code, by_address, shared, search })
    }

    /// Returns the procedures for which people can apply, by agency and address.
    pub fn open(&self) -> impl ExactSizeIterator<Item = &Live> {
        self.open.iter().map(|at| &self.all[*at])
    }

    /// Returns all procedures, including those that are no longer offered.
    pub fn all(&self) -> &[Live] {
        &self.all
    }

    /// Returns the procedure with this code.
    pub fn procedure(&self, code: &ProcedureCode) -> Option<&Live> {
        self.by_code.get(code).map(|at| &self.all[*at])
    }

    /// Returns the procedure whose page is at this path, or that an agency offers there.
    pub fn at(&self, path: &str) -> Option<&Live> {
        self.offer_at(path).map(|offer| offer.live)
    }

    /// Returns the procedure at a path, with the agency that the path names. Every agency offers a procedure at an
    /// address of its own. A procedure that is offered there comes before a former one.
    pub fn offer_at(&self, path: &str) -> Option<OfferAt<'_>> {
        let own = self.by_address.get(path).map(|at| self.all[*at].whole());
        let found = [own, self.shared_at(path)];
        let offered = found.into_iter().flatten().find(|offer| offer.live.is_open());
        offered.or_else(|| found.into_iter().flatten().next())
    }

    /// Returns the procedure of several agencies that one of them offers at this path.
    fn shared_at(&self, path: &str) -> Option<OfferAt<'_>> {
        let (first, slug) = path.strip_prefix("/procedures/")?.split_once('/')?;
        self.shared.get(slug)?.iter().map(|at| &self.all[*at]).find_map(|live| {
            let agency = live.offers.iter().find(|agency| agency.as_str() == first)?;
            Some(OfferAt { live, agency: Some(agency) })
        })
    }

    /// Returns the procedures that people may need beside one, the nearest first: those that go on from its result or from
    /// whose result it goes on, and those of the same life events. They are for the same people and accept applications.
    pub fn related(&self, procedure: &Procedure) -> Vec<&Live> {
        let near = |other: &Live| nearness(procedure, &other.procedure);
        let mut found: Vec<&Live> = self.open().filter(|other| near(other) >= NEAR).collect();
        found.sort_by_key(|other| Reverse(near(other)));
        found.truncate(MOST_RELATED);
        found
    }

    /// Returns the form to download with this digest.
    pub fn template(&self, digest: &str) -> Option<&FormTemplate> {
        let papers = self.open().flat_map(|live| &live.procedure.papers);
        papers.filter_map(|paper| paper.template.as_ref()).find(|template| template.digest.as_str() == digest)
    }

    /// Returns the procedures that fit, the best first. A search by words returns at most [`MOST_HITS`].
    pub fn find(&self, wanted: &SearchWish) -> Result<Vec<&Live>, TantivyError> {
        let hits = self.hits(&wanted.words)?;
        let found = hits.into_iter().filter(|live| wanted.fitting(live).all());
        Ok(found.take(wanted.most_hits()).collect())
    }

    /// Returns the procedures that fit the words of a search, the best first, or all of them if there are no words.
    pub(crate) fn hits(&self, words: &str) -> Result<Vec<&Live>, TantivyError> {
        if words.trim().is_empty() {
            return Ok(self.open().collect());
        }
        let hits = self.search.find(words)?.into_iter();
        Ok(hits.filter_map(|hit| self.open.get(hit)).map(|at| &self.all[*at]).collect())
    }
}

impl SearchWish {
    /// Returns the most procedures that a search finds.
    pub(crate) fn most_hits(&self) -> usize {
        if self.words.trim().is_empty() { usize::MAX } else { MOST_HITS }
    }
}
