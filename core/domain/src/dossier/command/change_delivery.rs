//! # Change the delivery
//!
//! The applicant chooses another way to get the result, the counter or the post, or another address for the post.
//!
//! - Given by: the applicant whose dossier it is.
//! - Refused: after the dossier has ended, because the result was then handed over or given to the post, if the procedure
//!   sends no results by post, if the address is not complete, and if nothing would change.
//! - Event: `delivery-changed`. The applicant is not told of their own choice. It is news to the officers of the dossier.

use crate::dossier::Dossier;
use crate::dossier::case::Case;
use crate::dossier::event::Event;
use crate::dossier::refusal::Refusal;
use crate::people::access::Deed;
use crate::people::organisation::Actor;
use crate::procedure::Procedure;
use crate::procedure::delivery::{PostalAddress, is_by_post};
use serde_json::{Map, Value as Json};

/// The right that the command needs.
const RIGHT: Deed = Deed::ChangeDelivery;

/// Decides on another delivery.
pub fn decide(case: Case<'_>, actor: &Actor, typed: &Map<String, Json>) -> Result<Event, Refusal> {
    case.permit(actor, RIGHT)?;
    let (procedure, now) = (case.rules.procedure, case.now);
    if case.dossier.has_ended() {
        return Err(Refusal::Ended);
    }
    if procedure.post.is_none() && is_by_post(typed) {
        return Err(Refusal::NotByPost);
    }
    let chosen = procedure.delivery(typed, case.rules.registries, now);
    if !chosen.findings.is_empty() {
        return Err(Refusal::Incomplete(chosen.findings));
    }
    if chosen.post.as_ref() == case.dossier.post.as_ref() {
        return Err(Refusal::NothingChanges);
    }
    Ok(Event::DeliveryChanged { post: chosen.post.map(Box::new) })
}

/// Applies [`Event::DeliveryChanged`].
pub fn apply(dossier: &mut Dossier, post: Option<&PostalAddress>) {
    dossier.post = post.cloned();
    dossier.readdressed = dossier.version + 1;
}

impl Dossier {
    /// Returns whether `actor` may choose another delivery now. A dossier that moved to a version without the post can
    /// still go back to the counter.
    pub fn may_change_delivery(&self, actor: &Actor, procedure: &Procedure) -> bool {
        let has_choice = procedure.post.is_some() || self.post.is_some();
        has_choice && !self.has_ended() && self.lets(actor, RIGHT)
    }
}
