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
    let everywhere = actor.posts().iter().any(|post| matches!(post.role, Role::Auditor | Role::Admin));
    let own = actor.posts().iter().find(|post| post.role == Role::Leader).map(|post| &post.agency);
    Ok(if everywhere { None } else { own })
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
