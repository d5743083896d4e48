//! # Rate
//!
//! The applicant rates the service with 0 to 2 points for each criterion of Decree 61/2018, and may add a text.
//!
//! - Given by: the applicant whose dossier it is. At a counter, whoever knows the code and the digits of the phone number
//!   counts as the applicant, and the rating says so.
//! - Refused: before the dossier has ended, a second time, with more points, and with a text that is too long.
//! - Event: `rated`. The applicant is not told of their own rating.

use crate::dossier::Dossier;
use crate::dossier::case::{Case, LONGEST_MESSAGE};
use crate::dossier::event::{DossierOutcome, Event, Rating};
use crate::dossier::refusal::Refusal;
use crate::people::access::Deed;
use crate::people::organisation::Actor;

/// The right that the command needs.
const RIGHT: Deed = Deed::Rate;

/// The most points for a criterion.
const MOST_POINTS: u8 = 2;

/// Decides on a rating of the service.
pub fn decide(case: Case<'_>, actor: &Actor, rating: Rating) -> Result<Event, Refusal> {
    case.permit(actor, RIGHT)?;
    case.dossier.can_be_rated()?;
    if rating.points.iter().any(|points| *points > MOST_POINTS) || rating.text.chars().count() > LONGEST_MESSAGE {
        return Err(Refusal::BadRating);
    }
    Ok(Event::Rated { rating })
}

/// Applies [`Event::Rated`].
pub fn apply(dossier: &mut Dossier, rating: &Rating) {
    dossier.rating = Some(rating.clone());
}

impl Dossier {
    /// Returns whether `actor` may rate the service now.
    pub fn may_rate(&self, actor: &Actor) -> bool {
        self.lets(actor, RIGHT) && self.can_be_rated().is_ok()
    }

    /// Returns whether `actor` is asked for a rating. A person who withdrew is not, because no service was rendered.
    pub fn asks_for_rating(&self, actor: &Actor) -> bool {
        let outcome = self.flow.ended.as_ref().map(|end| end.outcome);
        self.may_rate(actor) && outcome.is_some_and(DossierOutcome::asks_for_rating)
    }

    /// Returns the rule against a rating by the applicant now, if there is one.
    pub fn refuses_rating(&self) -> Option<Refusal> {
        self.can_be_rated().err()
    }

    /// Refuses a rating before the end, and a second one.
    const fn can_be_rated(&self) -> Result<(), Refusal> {
        if !self.has_ended() {
            return Err(Refusal::NotEnded);
        }
        if self.rating.is_some() {
            return Err(Refusal::RatedAlready);
        }
        Ok(())
    }
}
