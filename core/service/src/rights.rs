//! The rights that several services ask for before they do anything.

use crate::Error;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::names::{AgencyId, UserId};
use motcua_domain::people::access::{Deed, may};
use motcua_domain::people::organisation::{Actor, Role};

/// Returns the account of an actor who may file, or refuses the actor.
pub(crate) fn applicant(actor: &Actor) -> Result<&UserId, Error> {
    match actor {
        Actor::Applicant { id, .. } if may(actor, Deed::File, None) => Ok(id),
        _ => Err(Refusal::NotAllowed.into()),
    }
}

/// Returns the account of an officer at a counter, or refuses the actor.
pub(crate) fn clerk(actor: &Actor) -> Result<&UserId, Error> {
    match actor {
        Actor::Officer { id, .. } if may(actor, Deed::MeetApplicant, None) => Ok(id),
        _ => Err(Refusal::NotAllowed.into()),
    }
}

/// Returns the only agency whose figures an actor may see, or none for all agencies, or refuses the actor. A leader sees
/// their own agency, and auditors and administrators see all.
pub(crate) fn figures_of(actor: &Actor) -> Result<Option<&AgencyId>, Error> {
    if !may(actor, Deed::ReadStatistics, None) {
        return Err(Refusal::NotAllowed.into());
    }
    Ok(only_agency(actor, &[Role::Auditor, Role::Admin]))
}

/// Returns the only agency whose register of dossiers an actor may take along, or none for all agencies, or refuses the
/// actor. The post of an administrator gives no right to read dossiers, whatever other posts they have.
pub(crate) fn register_of(actor: &Actor) -> Result<Option<&AgencyId>, Error> {
    if !may(actor, Deed::TakeRegister, None) {
        return Err(Refusal::NotAllowed.into());
    }
    Ok(only_agency(actor, &[Role::Auditor]))
}

/// Returns the agency that a leader leads, or none for those whose post is for all agencies.
fn only_agency<'a>(actor: &'a Actor, everywhere: &[Role]) -> Option<&'a AgencyId> {
    if actor.posts().iter().any(|post| everywhere.contains(&post.role)) {
        return None;
    }
    actor.posts().iter().find(|post| post.role == Role::Leader).map(|post| &post.agency)
}

/// Refuses an actor who may not read the audit.
pub(crate) fn auditor(actor: &Actor) -> Result<(), Error> {
    if may(actor, Deed::ReadAudit, None) { Ok(()) } else { Err(Refusal::NotAllowed.into()) }
}

/// Returns the account of an actor who may manage the accounts of officers, or refuses the actor.
pub(crate) fn administrator(actor: &Actor) -> Result<&UserId, Error> {
    match actor {
        Actor::Officer { id, .. } if may(actor, Deed::ManagePeople, None) => Ok(id),
        _ => Err(Refusal::NotAllowed.into()),
    }
}

/// Returns the name of an actor who may manage procedures, or refuses the actor.
pub(crate) fn manager(actor: &Actor) -> Result<String, Error> {
    if !may(actor, Deed::ManageProcedures, None) {
        return Err(Refusal::NotAllowed.into());
    }
    Ok(match actor {
        Actor::Officer { name, .. } | Actor::Applicant { name, .. } => name.clone(),
        Actor::System => String::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use motcua_domain::people::organisation::Post;

    fn officer(posts: &[(Role, &str)]) -> Actor {
        let post = |(role, agency): &(Role, &str)| Post { agency: (*agency).into(), unit: "phong".into(), role: *role };
        Actor::Officer {
            id: "an".into(),
            name: "An".to_owned(),
            posts: posts.iter().map(post).collect(),
            stands_for: Vec::new(),
            approves_own: Vec::new(),
            own_accounts: Vec::new(),
        }
    }

    #[test]
    fn an_administrator_with_another_post_takes_along_no_more_than_that_post_reads() {
        let clerk = officer(&[(Role::Admin, "so"), (Role::Counter, "so")]);
        assert!(figures_of(&clerk).is_ok() && register_of(&clerk).is_err());
        let leader = officer(&[(Role::Admin, "so"), (Role::Leader, "xa")]);
        assert_eq!(figures_of(&leader).expect("allowed"), None);
        assert_eq!(register_of(&leader).expect("allowed"), Some(&"xa".into()));
        let auditor = officer(&[(Role::Auditor, "so"), (Role::Leader, "xa")]);
        assert_eq!(register_of(&auditor).expect("allowed"), None);
        assert!(register_of(&officer(&[(Role::Counter, "so")])).is_err());
    }
}
