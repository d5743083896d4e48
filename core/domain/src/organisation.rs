//! Agencies, their units, the posts in them and the people who hold the posts.

use crate::names::{AgencyId, UnitId, UserId};
use crate::text::Text;
use serde::{Deserialize, Serialize};

/// What a post is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Receives, takes fees and hands over at the one-stop counter.
    Counter,
    /// Heads a unit and assigns its dossiers.
    UnitHead,
    /// Works on dossiers.
    Specialist,
    /// Appraises what a specialist proposes.
    Appraiser,
    /// Decides for the agency.
    Leader,
    /// Reads everything, changes nothing.
    Auditor,
    /// Runs the portal; sees no dossier.
    Admin,
    /// Not a post: the applicant, where a step of a workflow is theirs.
    Applicant,
}

impl Role {
    /// The roles that posts have, in the order in which they are listed.
    pub const OF_POSTS: [Self; 7] =
        [Self::Counter, Self::UnitHead, Self::Specialist, Self::Appraiser, Self::Leader, Self::Auditor, Self::Admin];

    /// The roles that take steps of a workflow.
    pub const OF_STEPS: [Self; 6] =
        [Self::Counter, Self::UnitHead, Self::Specialist, Self::Appraiser, Self::Leader, Self::Applicant];

    /// The word for it in configuration, tables and pages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::UnitHead => "unit-head",
            Self::Specialist => "specialist",
            Self::Appraiser => "appraiser",
            Self::Leader => "leader",
            Self::Auditor => "auditor",
            Self::Admin => "admin",
            Self::Applicant => "applicant",
        }
    }

    /// The role of a post with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::OF_POSTS.into_iter().find(|role| role.name() == name)
    }

    /// Whether officers with this role take steps of a workflow. A deputy stands in at posts of such roles alone.
    pub const fn takes_steps(self) -> bool {
        !matches!(self, Self::Auditor | Self::Admin | Self::Applicant)
    }

    /// Whether a step of this role judges what was proposed at a step of the role `proposer`.
    pub const fn judges(self, proposer: Self) -> bool {
        match self {
            Self::Appraiser => matches!(proposer, Self::Specialist),
            Self::Leader => matches!(proposer, Self::Specialist | Self::Appraiser),
            _ => false,
        }
    }

    /// Whether the role reaches only the dossiers of its own unit, and not of the whole agency.
    pub const fn is_bound_to_unit(self) -> bool {
        matches!(self, Self::UnitHead | Self::Specialist | Self::Appraiser)
    }
}

/// A post: a role in a unit of an agency.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Post {
    pub agency: AgencyId,
    pub unit: UnitId,
    pub role: Role,
}

impl Post {
    /// Whether this post is the one that acts as `role` on dossiers of this agency and unit.
    pub fn serves(&self, role: Role, agency: &AgencyId, unit: &UnitId) -> bool {
        self.role == role && self.agency == *agency && (!role.is_bound_to_unit() || self.unit == *unit)
    }
}

/// An agency of the province.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agency {
    pub id: AgencyId,
    /// The code under which its dossiers are numbered, such as `H09.05`.
    pub code: String,
    pub name: Text,
    pub address: Text,
    pub phone: String,
    pub units: Vec<Unit>,
    pub posts: Vec<Post>,
}

/// A unit of an agency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    pub id: UnitId,
    pub name: Text,
    /// The roles whose holders here may approve what they proposed themselves, each with the reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approves_own: Vec<(Role, String)>,
}

impl Agency {
    /// Whether a holder of the post may approve what they proposed themselves.
    pub fn lets_approve_own(&self, post: &Post) -> bool {
        let unit = self.units.iter().find(|unit| self.id == post.agency && unit.id == post.unit);
        unit.is_some_and(|unit| unit.approves_own.iter().any(|(role, _)| *role == post.role))
    }
}

/// An officer on leave whose steps another takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absent {
    pub id: UserId,
    pub name: String,
    /// Their posts, of roles that take steps alone.
    pub posts: Vec<Post>,
}

/// The person or the portal that acts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Actor {
    Applicant {
        id: UserId,
        name: String,
    },
    Officer {
        id: UserId,
        name: String,
        /// The officer's own posts.
        posts: Vec<Post>,
        /// The officers on leave whose steps this one takes for them.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        stands_for: Vec<Absent>,
        /// The own posts at which the officer may approve what they proposed.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        approves_own: Vec<Post>,
    },
    /// The portal itself, when a time limit runs out.
    System,
}

impl Actor {
    /// The posts held; none for applicants.
    pub fn posts(&self) -> &[Post] {
        match self {
            Self::Officer { posts, .. } => posts,
            Self::Applicant { .. } | Self::System => &[],
        }
    }

    /// How the actor is written into the journal, acting for nobody else.
    pub fn reference(&self) -> ActorRef {
        self.reference_for(None)
    }

    /// How the actor is written into the journal, perhaps acting for an officer on leave.
    pub fn reference_for(&self, absent: Option<&Absent>) -> ActorRef {
        match self {
            Self::Applicant { id, name } => ActorRef::Applicant { id: id.clone(), name: name.clone() },
            Self::Officer { id, name, .. } => {
                let acting_for = absent.map(|absent| ActedFor { id: absent.id.clone(), name: absent.name.clone() });
                ActorRef::Officer { id: id.clone(), name: name.clone(), acting_for }
            }
            Self::System => ActorRef::System,
        }
    }
}

/// The actor of an event, as the journal keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ActorRef {
    Applicant {
        id: UserId,
        name: String,
    },
    Officer {
        id: UserId,
        name: String,
        /// The officer on leave whose step it was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        acting_for: Option<ActedFor>,
    },
    System,
}

/// The officer on leave for whom a deputy acted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActedFor {
    pub id: UserId,
    pub name: String,
}

impl ActorRef {
    /// Whether both are the same person, or both the portal, whomever they act for.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::System, Self::System) => true,
            (Self::Applicant { id, .. }, Self::Applicant { id: other, .. })
            | (Self::Officer { id, .. }, Self::Officer { id: other, .. }) => id == other,
            _ => false,
        }
    }

    /// The officer on leave for whom it was done, if for one.
    pub const fn acting_for(&self) -> Option<&ActedFor> {
        match self {
            Self::Officer { acting_for, .. } => acting_for.as_ref(),
            Self::Applicant { .. } | Self::System => None,
        }
    }

    /// The account, if a person acted.
    pub const fn user(&self) -> Option<&UserId> {
        match self {
            Self::Applicant { id, .. } | Self::Officer { id, .. } => Some(id),
            Self::System => None,
        }
    }
}
