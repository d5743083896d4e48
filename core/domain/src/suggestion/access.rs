//! The people who may read, answer, forward and publish a suggestion, and the desk to which it goes.

use super::{Suggestion, SuggestionDesk, SuggestionTopic};
use crate::names::{AgencyId, UserId};
use crate::people::organisation::{Actor, Agency, Post, Role};

/// An officer whom the sender of a suggestion can mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeantOfficer {
    pub id: UserId,
    pub name: String,
    pub posts: Vec<Post>,
}

impl MeantOfficer {
    fn leads(&self, agency: &AgencyId) -> bool {
        self.posts.iter().any(|post| post.role == Role::Leader && post.agency == *agency)
    }
}

/// Returns whether a post answers the suggestions of a desk.
fn serves(desk: &SuggestionDesk, post: &Post) -> bool {
    match desk {
        SuggestionDesk::Administrator => post.role == Role::Admin,
        SuggestionDesk::Leader(agency) => post.role == Role::Leader && post.agency == *agency,
    }
}

/// Returns the desks whose suggestions an officer answers.
pub fn desks_of(actor: &Actor) -> Vec<SuggestionDesk> {
    let desk = |post: &Post| match post.role {
        Role::Admin => Some(SuggestionDesk::Administrator),
        Role::Leader => Some(SuggestionDesk::Leader(post.agency.clone())),
        Role::Counter | Role::UnitHead | Role::Specialist | Role::Appraiser | Role::Auditor | Role::Applicant => None,
    };
    let mut desks: Vec<SuggestionDesk> = Vec::new();
    for desk in actor.posts().iter().filter_map(desk) {
        if !desks.contains(&desk) {
            desks.push(desk);
        }
    }
    desks
}

/// Returns whether an officer reads the suggestions of all desks.
pub fn reads_all(actor: &Actor) -> bool {
    actor.posts().iter().any(|post| post.role == Role::Auditor)
}

impl Suggestion {
    /// Returns whether the sender can mean this person, who then has no right on the suggestion.
    pub fn excludes(&self, id: &UserId) -> bool {
        self.topic.meant().contains(id)
    }

    /// Returns whether `actor` is the sender.
    pub fn is_of(&self, actor: &Actor) -> bool {
        matches!(actor, Actor::Applicant { id, .. } if *id == self.sender)
    }

    /// Returns whether `actor` may read the suggestion: the sender, the desk that has it, and auditors, but never an
    /// officer whom the sender can mean.
    pub fn may_read(&self, actor: &Actor) -> bool {
        self.is_of(actor) || self.may_answer(actor) || (reads_all(actor) && !self.is_about(actor))
    }

    /// Returns whether `actor` may answer, decline, forward and publish the suggestion.
    pub fn may_answer(&self, actor: &Actor) -> bool {
        actor.posts().iter().any(|post| serves(&self.desk, post)) && !self.is_about(actor)
    }

    fn is_about(&self, actor: &Actor) -> bool {
        actor.reference().user().is_some_and(|id| self.excludes(id))
    }
}

/// Returns whether a desk can answer: its agency has leaders, and the sender can mean none of them.
pub fn can_answer(desk: &SuggestionDesk, meant: &[MeantOfficer], agencies: &[Agency]) -> bool {
    match desk {
        SuggestionDesk::Administrator => true,
        SuggestionDesk::Leader(id) => {
            let agency = agencies.iter().find(|agency| agency.id == *id);
            agency.is_some_and(|agency| agency.posts.iter().any(|post| post.role == Role::Leader))
                && !meant.iter().any(|officer| officer.leads(id))
        }
    }
}

/// Returns the desk to which a new suggestion goes.
///
/// It is the leader of the agency. If the sender can mean a leader of the agency, or the agency has no leader, it is the
/// leader of the agency above. Without one above, it is the administrator, who forwards the suggestion.
pub fn route(topic: &SuggestionTopic, meant: &[MeantOfficer], agencies: &[Agency]) -> SuggestionDesk {
    let agency = match topic {
        SuggestionTopic::Portal => return SuggestionDesk::Administrator,
        SuggestionTopic::Officer { agency, .. }
        | SuggestionTopic::Procedure { agency, .. }
        | SuggestionTopic::Dossier { agency, .. } => agency,
    };
    let above = |id: &AgencyId| agencies.iter().find(|agency| agency.id == *id)?.parent.as_ref();
    // The agencies above one another may form a ring by mistake, so no more are asked than there are.
    let asked = std::iter::successors(Some(agency), |id| above(id)).take(agencies.len());
    let mut desks = asked.map(|id| SuggestionDesk::Leader(id.clone()));
    desks.find(|desk| can_answer(desk, meant, agencies)).unwrap_or(SuggestionDesk::Administrator)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::SuggestionId;
    use crate::suggestion::limit::SuggestionLimits;
    use crate::suggestion::{RecordedSuggestion, SuggestionEvent};
    use crate::text::Text;
    use crate::time::calendar::Calendar;
    use jiff::Timestamp;

    fn post(agency: &str, role: Role) -> Post {
        Post { agency: agency.into(), unit: "lanh-dao".into(), role }
    }

    fn agency(id: &str, parent: Option<&str>, roles: &[Role]) -> Agency {
        Agency {
            id: id.into(),
            code: id.to_uppercase(),
            name: Text::vi(id),
            kind: None,
            parent: parent.map(AgencyId::from),
            areas: Vec::new(),
            address: Text::vi(""),
            phone: String::new(),
            hours: None,
            map: None,
            units: Vec::new(),
            posts: roles.iter().map(|role| post(id, *role)).collect(),
        }
    }

    /// A ward below the province, a department without a parent, and a board without a leader.
    fn agencies() -> [Agency; 4] {
        [
            agency("tinh", None, &[Role::Leader]),
            agency("phuong", Some("tinh"), &[Role::Leader, Role::Counter]),
            agency("so", None, &[Role::Leader]),
            agency("ban", Some("phuong"), &[Role::Specialist]),
        ]
    }

    fn officer(id: &str, posts: &[Post]) -> Actor {
        let (id, name) = (id.into(), id.to_owned());
        Actor::Officer {
            id,
            name,
            posts: posts.to_vec(),
            stands_for: Vec::new(),
            approves_own: Vec::new(),
            own_accounts: Vec::new(),
        }
    }

    fn meant(id: &str, posts: &[Post]) -> MeantOfficer {
        MeantOfficer { id: id.into(), name: id.to_owned(), posts: posts.to_vec() }
    }

    fn about_officer(agency: &str, meant: &[&str]) -> SuggestionTopic {
        let meant = meant.iter().map(|id| UserId::from(*id)).collect();
        SuggestionTopic::Officer { agency: agency.into(), name: "Mai".to_owned(), meant }
    }

    fn suggestion(topic: SuggestionTopic, desk: SuggestionDesk) -> Suggestion {
        let limits = SuggestionLimits { acknowledge_days: 5, answer_days: 15 };
        let sender = Actor::Applicant { id: "an".into(), name: "An".to_owned() };
        let event = SuggestionEvent::Sent {
            sender: "an".into(),
            topic,
            text: "Chậm.".to_owned(),
            may_publish: false,
            desk,
            due: limits.due(&Calendar::default(), Timestamp::UNIX_EPOCH),
        };
        let first = RecordedSuggestion::by(&sender, Timestamp::UNIX_EPOCH, event);
        Suggestion::begin(SuggestionId::from("1"), &first).expect("it is sent")
    }

    #[test]
    fn a_suggestion_goes_to_the_leader_and_one_about_the_portal_to_the_administrator() {
        let agencies = agencies();
        assert_eq!(route(&SuggestionTopic::Portal, &[], &agencies), SuggestionDesk::Administrator);
        let procedure = SuggestionTopic::Procedure { agency: "so".into(), name: Text::vi("Thủ tục"), code: None };
        assert_eq!(route(&procedure, &[], &agencies), SuggestionDesk::Leader("so".into()));
        let board = SuggestionTopic::Procedure { agency: "ban".into(), name: Text::vi("Thủ tục"), code: None };
        assert_eq!(route(&board, &[], &agencies), SuggestionDesk::Leader("phuong".into()), "the board has no leader");
    }

    #[test]
    fn a_suggestion_about_a_leader_goes_to_the_agency_above() {
        let agencies = agencies();
        let counter = [meant("mai", &[post("phuong", Role::Counter)])];
        let topic = about_officer("phuong", &["mai"]);
        assert_eq!(route(&topic, &counter, &agencies), SuggestionDesk::Leader("phuong".into()));
        let leader = [meant("mai", &[post("phuong", Role::Leader)])];
        assert_eq!(route(&topic, &leader, &agencies), SuggestionDesk::Leader("tinh".into()));
        let highest = [meant("mai", &[post("so", Role::Leader)])];
        assert_eq!(route(&about_officer("so", &["mai"]), &highest, &agencies), SuggestionDesk::Administrator);
        assert!(!can_answer(&SuggestionDesk::Leader("so".into()), &highest, &agencies));
    }

    #[test]
    fn nobody_reads_but_the_sender_the_desk_and_auditors() {
        let case = suggestion(about_officer("so", &["mai"]), SuggestionDesk::Leader("so".into()));
        let sender = Actor::Applicant { id: "an".into(), name: "An".to_owned() };
        assert!(case.may_read(&sender) && !case.may_answer(&sender));
        let stranger = Actor::Applicant { id: "em".into(), name: "Em".to_owned() };
        assert!(!case.may_read(&stranger));
        let leader = officer("son", &[post("so", Role::Leader)]);
        assert!(case.may_read(&leader) && case.may_answer(&leader));
        let auditor = officer("kiem", &[post("thanh-tra", Role::Auditor)]);
        assert!(case.may_read(&auditor) && !case.may_answer(&auditor));
        for role in Role::OF_POSTS {
            let elsewhere = officer("x", &[post("phuong", role)]);
            assert_eq!(case.may_read(&elsewhere), role == Role::Auditor, "{role:?}");
            assert!(!case.may_answer(&elsewhere), "{role:?}");
            let meant = officer("mai", &[post("so", role), post("so", Role::Leader), post("so", Role::Auditor)]);
            assert!(!case.may_read(&meant) && !case.may_answer(&meant), "{role:?}");
        }
        assert!(!case.may_read(&Actor::System));
    }
}
