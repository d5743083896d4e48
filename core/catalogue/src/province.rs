//! The data that all procedures of a province share, and the components that come with the kit.

use crate::files::synonyms::Synonym;
use crate::files::workflow::{Templates, WorkflowContext};
use motcua_domain::names::{AgencyId, UnitId};
use motcua_domain::people::organisation::{Agency, Post, Role};
use motcua_domain::procedure::Procedure;
use motcua_domain::procedure::offering::OfferedBy;
use motcua_domain::registry::Registries;
use motcua_domain::text::Text;
use motcua_domain::time::calendar::Calendar;
use motcua_domain::workflow::UnitPlace;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// The components that come with the kit.
#[derive(Debug, Clone, Copy)]
pub struct Builtin {
    pub names: &'static [&'static str],
    pub component: fn(&str) -> Option<&'static [u8]>,
}

/// An officer, as `organisation.toml` names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Officer {
    /// The name to log in with, as [`login`](motcua_domain::identity::login) spells it.
    pub login: String,
    pub name: String,
    pub posts: Vec<Post>,
    /// The subjects at providers for staff by which the officer logs in, each as `provider:subject`.
    pub subjects: Vec<String>,
    /// The citizen number, the phone number and the e-mail address of the person. By them the portal knows which
    /// account as an applicant is the officer's own.
    pub citizen_number: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
}

/// The number of services that an agency plans to offer at each level.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PlannedServices {
    pub level_3: u32,
    pub level_4: u32,
}

/// The weights of the groups of the quality index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QualityWeights {
    pub openness: u32,
    pub progress: u32,
    pub online: u32,
    pub digitisation: u32,
    pub satisfaction: u32,
}

/// The weights of Decision 766/QĐ-TTg.
impl Default for QualityWeights {
    fn default() -> Self {
        Self { openness: 18, progress: 20, online: 22, digitisation: 22, satisfaction: 18 }
    }
}

/// The data that all procedures of a province share.
#[derive(Debug, Clone, Default)]
pub struct Province {
    pub name: Text,
    pub agencies: Vec<Agency>,
    pub officers: Vec<Officer>,
    /// The services that agencies plan to offer online.
    pub plans: BTreeMap<AgencyId, PlannedServices>,
    /// The services that the whole province plans to offer online, if it says so.
    pub plan: Option<PlannedServices>,
    pub quality: QualityWeights,
    pub calendar: Calendar,
    pub registries: Registries,
    pub workflows: Templates,
    /// Words of everyday speech with the terms of the law that they mean.
    pub synonyms: Vec<Synonym>,
    /// The posts of each agency, for checks that ask for many of them.
    pub(crate) posts: BTreeMap<AgencyId, AgencyPosts>,
}

/// The units of an agency, its posts, and those of them that officers hold.
#[derive(Debug, Clone, Default)]
pub struct AgencyPosts {
    units: Vec<UnitId>,
    there: Vec<Post>,
    held: Vec<Post>,
    /// The same number as that of every other agency with the same units, posts and held posts.
    like: usize,
}

impl AgencyPosts {
    /// Returns the units, the posts and the held posts without the agency's own id, in order.
    fn kind(&self) -> AgencyKind {
        let places = |posts: &[Post]| posts.iter().map(|post| (post.unit.clone(), post.role)).collect();
        (self.units.iter().cloned().collect(), places(&self.there), places(&self.held))
    }
}

type AgencyKind = (BTreeSet<UnitId>, BTreeSet<(UnitId, Role)>, BTreeSet<(UnitId, Role)>);

impl Province {
    /// Returns the services that an agency plans to offer online, or those of the whole province: its own plan, or else
    /// the sum of the agencies' plans.
    pub fn planned(&self, agency: Option<&AgencyId>) -> Option<PlannedServices> {
        if let Some(agency) = agency {
            return self.plans.get(agency).copied();
        }
        let sum = || {
            self.plans.values().copied().reduce(|sum, plan| PlannedServices {
                level_3: sum.level_3.saturating_add(plan.level_3),
                level_4: sum.level_4.saturating_add(plan.level_4),
            })
        };
        self.plan.or_else(sum)
    }

    /// Returns the agency with this id.
    pub fn agency(&self, id: &AgencyId) -> Option<&Agency> {
        self.agencies.iter().find(|agency| agency.id == *id)
    }

    /// Returns the unit of the first agency that offers a procedure, for work that needs one agency, such as a diagram
    /// or a scenario.
    pub fn place_of(&self, procedure: &Procedure) -> UnitPlace {
        let first = procedure.offering(&self.agencies).first().map(|agency| agency.id.clone());
        procedure.place_in(&first.unwrap_or_else(|| AgencyId(procedure.group.clone())))
    }

    /// Sorts the posts by agency, after the agencies and the officers were read.
    pub(crate) fn sort_posts(&mut self) {
        let mut posts: BTreeMap<AgencyId, AgencyPosts> = BTreeMap::new();
        for agency in &self.agencies {
            let own = posts.entry(agency.id.clone()).or_default();
            own.there.extend(agency.posts.iter().cloned());
            own.units.extend(agency.units.iter().map(|unit| unit.id.clone()));
        }
        for post in self.officers.iter().flat_map(|officer| &officer.posts) {
            posts.entry(post.agency.clone()).or_default().held.push(post.clone());
        }
        let mut kinds = BTreeMap::new();
        for agency in posts.values_mut() {
            let next = kinds.len();
            agency.like = *kinds.entry(agency.kind()).or_insert(next);
        }
        self.posts = posts;
    }

    /// Returns one place of each kind: places of the same unit in agencies with the same units, posts and held posts lack
    /// the same.
    pub(crate) fn one_of_each_kind(&self, places: &[UnitPlace]) -> Vec<UnitPlace> {
        let mut seen = HashSet::new();
        let kind = |place: &UnitPlace| self.posts.get(&place.agency).map(|posts| posts.like);
        places.iter().filter(|place| seen.insert((kind(place), &place.unit))).cloned().collect()
    }

    /// Returns whether the agency of a place has its unit.
    pub(crate) fn has_unit(&self, place: &UnitPlace) -> bool {
        self.posts.get(&place.agency).is_some_and(|posts| posts.units.contains(&place.unit))
    }

    /// Returns whether an agency has a post for steps of a role in a unit.
    pub(crate) fn has_post(&self, role: Role, place: &UnitPlace) -> bool {
        let serves = |post: &Post| post.serves(role, &place.agency, &place.unit);
        self.posts.get(&place.agency).is_some_and(|posts| posts.there.iter().any(serves))
    }

    /// Returns whether an officer holds a post for steps of a role in a unit. Without any officers, nobody needs to.
    pub(crate) fn is_held(&self, role: Role, place: &UnitPlace) -> bool {
        let serves = |post: &Post| post.serves(role, &place.agency, &place.unit);
        self.officers.is_empty() || self.posts.get(&place.agency).is_some_and(|posts| posts.held.iter().any(serves))
    }

    /// Returns the agencies and registries to which workflows may refer.
    pub(crate) fn workflow_context(&self) -> WorkflowContext<'_> {
        WorkflowContext { agencies: &self.agencies, registries: &self.registries }
    }
}

/// Finds the agencies that offer procedures. Procedures with the same rule share one list.
#[derive(Debug)]
pub struct OfferReader<'a> {
    agencies: &'a [Agency],
    known: HashMap<OfferedBy, Arc<[AgencyId]>>,
}

impl<'a> OfferReader<'a> {
    /// Returns a reader of the offers in a province.
    pub fn new(province: &'a Province) -> Self {
        Self { agencies: &province.agencies, known: HashMap::new() }
    }

    /// Returns the agencies that offer a procedure, in the order of the organisation.
    pub fn offers_of(&mut self, procedure: &Procedure) -> Arc<[AgencyId]> {
        let agencies = self.agencies;
        let read = || procedure.offering(agencies).into_iter().map(|agency| agency.id.clone()).collect();
        match &procedure.offered_by {
            Some(rule) => self.known.entry(rule.clone()).or_insert_with(read).clone(),
            None => read(),
        }
    }
}
