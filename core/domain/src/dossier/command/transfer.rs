//! # Transfer
//!
//! The dossier follows the work of a dissolved or reorganised unit to the unit that has this work now. Open steps that
//! belong to another unit of the plan move too. A step that begins later is assigned by its rule, because the officers
//! of the old unit have no claim to it.
//!
//! - Given by: the portal, for an operator who runs `motcua org apply`.
//! - Refused: after the dossier has ended, and if no move concerns the dossier.
//! - Event: `transferred`, with the moves that concern the dossier. The applicant is told.

use crate::dossier::Dossier;
use crate::dossier::case::Case;
use crate::dossier::event::{Event, PlaceMove};
use crate::dossier::refusal::Refusal;
use crate::people::access::Deed;
use crate::people::organisation::Actor;
use crate::workflow::UnitPlace;

/// The right that the command needs.
const RIGHT: Deed = Deed::MoveDossiers;

/// Decides which moves of units concern a dossier.
pub fn decide(case: Case<'_>, actor: &Actor, reason: String, moves: Vec<PlaceMove>) -> Result<Event, Refusal> {
    case.permit(actor, RIGHT)?;
    if case.dossier.has_ended() {
        return Err(Refusal::Ended);
    }
    let own = [&case.dossier.place];
    let places: Vec<_> = case.dossier.flow.stays.iter().map(|stay| case.dossier.place_of(stay)).chain(own).collect();
    let moves: Vec<PlaceMove> =
        moves.into_iter().filter(|known| known.from != known.to && places.contains(&&known.from)).collect();
    if moves.is_empty() {
        return Err(Refusal::NothingChanges);
    }
    Ok(Event::Transferred { reason, moves })
}

/// Applies [`Event::Transferred`].
pub fn apply(dossier: &mut Dossier, moves: &[PlaceMove]) {
    dossier.undo = None;
    dossier.judged = dossier.version + 1;
    let moved = |place: &UnitPlace| moves.iter().find(|known| known.from == *place).map(|known| known.to.clone());
    let own = dossier.place.clone();
    if let Some(place) = moved(&own) {
        dossier.place = place;
    }
    for stay in &mut dossier.flow.stays {
        let was = stay.at.place.clone().unwrap_or_else(|| own.clone());
        if let Some(to) = moved(&was) {
            stay.at.place = Some(to).filter(|to| *to != dossier.place);
        } else if stay.at.place.is_none() && dossier.place != own {
            stay.at.place = Some(own.clone());
        }
    }
    for planned in &mut dossier.site_visits {
        if let Some(to) = moved(&planned.unit) {
            planned.unit = to;
        }
    }
    dossier.flow.forget_keepers();
}
