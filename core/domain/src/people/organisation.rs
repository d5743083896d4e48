//! Agencies, their units, the posts in them and the people who hold the posts.

use crate::names::{AgencyId, UnitId, UserId};
use crate::text::Text;
use serde::{Deserialize, Serialize};

/// The function of a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// An officer who receives, takes fees and hands over at the one-stop counter.
    Counter,
    /// A person who heads a unit and assigns its dossiers.
    UnitHead,
    /// An officer who works on dossiers.
    Specialist,
    /// An officer who appraises the specialist's proposal.
    Appraiser,
    /// A person who decides for the agency.
    Leader,
    /// A person who reads everything and changes nothing.
    Auditor,
    /// A person who runs the portal and sees no dossier.
    Admin,
    /// The applicant, for steps of a workflow. This role has no post.
    Applicant,
}

impl Role {
    /// The roles that posts have, in the order in which they are listed.
    pub const OF_POSTS: [Self; 7] =
        [Self::Counter, Self::UnitHead, Self::Specialist, Self::Appraiser, Self::Leader, Self::Auditor, Self::Admin];

    /// The roles that take steps of a workflow.
    pub const OF_STEPS: [Self; 6] =
        [Self::Counter, Self::UnitHead, Self::Specialist, Self::Appraiser, Self::Leader, Self::Applicant];

    /// The roles whose holders can be named to close the day of another officer's cash.
    pub const OF_CASH: [Self; 4] = [Self::UnitHead, Self::Specialist, Self::Appraiser, Self::Leader];

    /// The roles of officers who take steps.
    pub const OF_OFFICERS: [Self; 5] = [Self::Counter, Self::UnitHead, Self::Specialist, Self::Appraiser, Self::Leader];

    /// Returns the word for configuration, tables and pages.
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

    /// Returns the role of a post with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::OF_POSTS.into_iter().find(|role| role.name() == name)
    }

    /// Returns whether officers with this role take steps of a workflow. A deputy stands in only at posts of such
    /// roles.
    pub const fn takes_steps(self) -> bool {
        !matches!(self, Self::Auditor | Self::Admin | Self::Applicant)
    }

    /// Returns whether a step of this role judges a proposal from a step of the role `proposer`.
    pub const fn judges(self, proposer: Self) -> bool {
        match self {
            Self::Appraiser => matches!(proposer, Self::Specialist),
            Self::Leader => matches!(proposer, Self::Specialist | Self::Appraiser),
            _ => false,
        }
    }

    /// Returns whether the role reaches only the dossiers of its own unit, and not of the whole agency.
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
    /// Returns whether this post acts as `role` on dossiers of this agency and unit.
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
    /// The kind of agency, such as `commune`. Procedures can be offered by all agencies of a kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The agency above this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<AgencyId>,
    /// The areas of which it is in charge, by their codes in a registry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub areas: Vec<String>,
    pub address: Text,
    pub phone: String,
    /// The hours of its counter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Text>,
    /// The address of a web page that shows on a map where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub map: Option<String>,
    pub units: Vec<Unit>,
    pub posts: Vec<Post>,
}

/// A unit of an agency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    pub id: UnitId,
    pub name: Text,
    /// The roles whose holders here may approve their own proposals, each with the reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approves_own: Vec<(Role, String)>,
    /// The roles whose holders here close the day of a cashier of the agency who is away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub closes_cash: Vec<Role>,
}

impl Agency {
    /// Returns the posts whose holders close the day of a cashier who is away, each as a unit and a role: those that
    /// the organisation names, or the leader.
    pub fn closing_posts(&self) -> Vec<(UnitId, Role)> {
        let of_unit = |unit: &Unit| unit.closes_cash.iter().map(|role| (unit.id.clone(), *role)).collect::<Vec<_>>();
        let named: Vec<(UnitId, Role)> = self.units.iter().flat_map(of_unit).collect();
        if named.is_empty() { vec![(UnitId(String::new()), Role::Leader)] } else { named }
    }

    /// Returns whether a holder of the post may approve their own proposals.
    pub fn lets_approve_own(&self, post: &Post) -> bool {
        let unit = self.units.iter().find(|unit| self.id == post.agency && unit.id == post.unit);
        unit.is_some_and(|unit| unit.approves_own.iter().any(|(role, _)| *role == post.role))
    }
}

/// An officer on leave whose steps another officer takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AbsentOfficer {
    pub id: UserId,
    pub name: String,
    /// The posts of the officer with roles that take steps.
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
        /// The officers on leave whose deputy this officer is.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        stands_for: Vec<AbsentOfficer>,
        /// The own posts at which the officer may approve their own proposals.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        approves_own: Vec<Post>,
        /// The accounts as an applicant that belong to the same person.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        own_accounts: Vec<UserId>,
    },
    /// The portal itself, when a time limit expires.
    System,
}

impl Actor {
    /// Returns whether an account is the actor's, or belongs to the person who is the officer.
    pub fn owns(&self, account: &UserId) -> bool {
        match self {
            Self::Applicant { id, .. } => id == account,
            Self::Officer { id, own_accounts, .. } => id == account || own_accounts.contains(account),
            Self::System => false,
        }
    }

    /// Returns the posts of the actor. Applicants have none.
    pub fn posts(&self) -> &[Post] {
        match self {
            Self::Officer { posts, .. } => posts,
            Self::Applicant { .. } | Self::System => &[],
        }
    }

    /// Returns the journal's reference to the actor, acting for nobody else.
    pub fn reference(&self) -> ActorRef {
        self.reference_for(None)
    }

    /// Returns the journal's reference to the actor, who may act for an officer on leave.
    pub fn reference_for(&self, absent: Option<&AbsentOfficer>) -> ActorRef {
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

/// The actor of an event, as the journal stores it.
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
    /// Returns whether both are the same person, or both the portal, whomever they act for.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::System, Self::System) => true,
            (Self::Applicant { id, .. }, Self::Applicant { id: other, .. })
            | (Self::Officer { id, .. }, Self::Officer { id: other, .. }) => id == other,
            _ => false,
        }
    }

    /// Returns the officer on leave for whom the actor acted, if any.
    pub const fn acting_for(&self) -> Option<&ActedFor> {
        match self {
            Self::Officer { acting_for, .. } => acting_for.as_ref(),
            Self::Applicant { .. } | Self::System => None,
        }
    }

    /// Returns the account, if a person acted.
    pub const fn user(&self) -> Option<&UserId> {
        match self {
            Self::Applicant { id, .. } | Self::Officer { id, .. } => Some(id),
            Self::System => None,
        }
    }
}
