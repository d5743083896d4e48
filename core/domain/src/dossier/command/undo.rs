//! # Undo
//!
//! An officer takes back their own last action. The dossier stands again where it stood before the action. What the
//! portal did at other steps since then stays: an officer was reminded, or a step was escalated.
//!
//! - Given by: the officer who took the action, while nothing came after it that cannot be taken back.
//! - Refused: if the last action is another person's, and once the action has told or asked the applicant anything.
//! - Event: `undone`. The applicant is told nothing, because the action was not told either.

use crate::dossier::case::Case;
use crate::dossier::event::Event;
use crate::dossier::flow::UnreadableDossier;
use crate::dossier::refusal::Refusal;
use crate::dossier::{Dossier, UndoState};
use crate::names::ActionId;
use crate::people::access::Deed;
use crate::people::organisation::Actor;

/// The right that the command needs.
const RIGHT: Deed = Deed::Undo;

/// Decides whether the actor's last action is taken back.
pub fn decide(case: Case<'_>, actor: &Actor, seen: u32) -> Result<Event, Refusal> {
    case.permit(actor, RIGHT)?;
    let Some(undo) = case.dossier.own_last(actor) else {
        return Err(if seen == case.dossier.version { Refusal::NothingToUndo } else { Refusal::Changed });
    };
    case.is_from(seen, undo.version)?;
    Ok(Event::Undone { action: undo.still_inside()?.clone() })
}

/// Applies [`Event::Undone`].
pub fn apply(dossier: &mut Dossier) -> Result<(), UnreadableDossier> {
    let before = dossier.undo.take().ok_or(UnreadableDossier::NothingToUndo)?.flow;
    let undone = std::mem::replace(&mut dossier.flow, before);
    for stay in &mut dossier.flow.stays {
        let Some(since) = undone.stays.iter().find(|since| since.id == stay.id) else { continue };
        stay.escalated |= since.escalated;
        stay.reminded |= since.reminded;
        stay.remind = stay.remind.filter(|_| !stay.reminded);
    }
    Ok(())
}

impl Dossier {
    /// Returns the action that `actor` may take back now: the actor's own last one, if nobody outside has been told of
    /// it and the actor still has the right.
    pub fn may_undo(&self, actor: &Actor) -> Option<&ActionId> {
        let own = self.own_last(actor).filter(|_| self.lets(actor, RIGHT));
        own.and_then(|undo| undo.still_inside().ok())
    }

    /// Returns the last action, if `actor` took it.
    fn own_last(&self, actor: &Actor) -> Option<&UndoState> {
        self.undo.as_deref().filter(|undo| undo.actor.is_same(&actor.reference()))
    }
}

impl UndoState {
    /// Returns the action, and refuses to take it back once somebody outside has been told of it.
    const fn still_inside(&self) -> Result<&ActionId, Refusal> {
        if self.left_the_house { Err(Refusal::LeftTheHouse) } else { Ok(&self.action) }
    }
}
