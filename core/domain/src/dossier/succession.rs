//! The succession of units: the units that have the work of dissolved or reorganised units now.
//!
//! A version of a procedure never changes, so its workflow may name a unit that has since been dissolved. The places of
//! a workflow are therefore looked up here when they are needed, and a dossier that comes to such a step later begins it
//! at the successor.

use crate::dossier::event::PlaceMove;
use crate::workflow::{UnitPlace, Workflow};
use serde::{Deserialize, Serialize};

/// The units whose work other units have now. Each names the unit that has the work today, and not one on the way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Successions(Vec<PlaceMove>);

impl Successions {
    /// Returns the unit that has the work of `place` now.
    pub fn resolve<'a>(&'a self, place: &'a UnitPlace) -> &'a UnitPlace {
        successor(&self.0, place).unwrap_or(place)
    }

    /// Returns the unit to which a move leads now. A unit that gives its own work away with the same decision keeps the work
    /// that the move brings.
    pub fn destination<'a>(&'a self, moved: &'a PlaceMove) -> &'a UnitPlace {
        successor(&self.0, &moved.from).unwrap_or_else(|| self.resolve(&moved.to))
    }

    /// Returns the successions after units gave their work to others at once.
    #[must_use]
    pub fn then(&self, moves: &[PlaceMove]) -> Self {
        // A unit that gets work exists again, so its name no longer means another unit.
        let is_over = |known: &PlaceMove| moves.iter().any(|moved| moved.from == known.from || moved.to == known.from);
        let older = self.0.iter().filter(|known| !is_over(known)).map(|known| PlaceMove {
            from: known.from.clone(),
            to: successor(moves, &known.to).unwrap_or(&known.to).clone(),
        });
        Self(older.chain(moves.iter().cloned()).filter(|moved| moved.from != moved.to).collect())
    }

    /// Returns the moves that concern one of these places.
    pub fn of<'a>(&self, places: impl IntoIterator<Item = &'a UnitPlace>) -> Vec<PlaceMove> {
        let places: Vec<&UnitPlace> = places.into_iter().collect();
        self.0.iter().filter(|known| places.contains(&&known.from)).cloned().collect()
    }

    /// Returns the workflow with the units that have the work of its places now. Returns none if that changes nothing.
    /// Several units that are asked the same and have the same successor are asked once.
    pub fn applied_to(&self, workflow: &Workflow) -> Option<Workflow> {
        let mut today = workflow.clone();
        for step in &mut today.steps {
            if let Some(place) = &mut step.place {
                *place = self.resolve(place).clone();
            }
            let Some(many) = &mut step.many else { continue };
            let mut places: Vec<UnitPlace> = Vec::new();
            for place in &many.places {
                let now = self.resolve(place);
                if !places.contains(now) {
                    places.push(now.clone());
                }
            }
            let most = u32::try_from(places.len()).unwrap_or(u32::MAX);
            (many.places, many.enough) = (places, many.enough.map(|enough| enough.min(most)));
        }
        (today != *workflow).then_some(today)
    }
}

fn successor<'a>(moves: &'a [PlaceMove], place: &UnitPlace) -> Option<&'a UnitPlace> {
    moves.iter().find(|moved| moved.from == *place).map(|moved| &moved.to)
}

impl Workflow {
    /// Returns whether a step is at another unit than the dossier's own.
    pub fn names_places(&self) -> bool {
        self.steps.iter().any(|step| step.place.is_some() || step.many.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::organisation::Role;
    use crate::text::Text;
    use crate::workflow::{Many, NationalStatus, Step};

    fn place(unit: &str) -> UnitPlace {
        UnitPlace { agency: "so".into(), unit: unit.into() }
    }

    fn moves(moves: &[(&str, &str)]) -> Vec<PlaceMove> {
        moves.iter().map(|(from, to)| PlaceMove { from: place(from), to: place(to) }).collect()
    }

    #[test]
    fn the_work_of_a_unit_is_found_however_often_it_moved() {
        let once = Successions::default().then(&moves(&[("a", "b")]));
        let twice = once.then(&moves(&[("b", "c")]));
        for (unit, now) in [("a", "c"), ("b", "c"), ("c", "c"), ("d", "d")] {
            assert_eq!(twice.resolve(&place(unit)), &place(now), "{unit}");
        }
        assert_eq!(twice.then(&moves(&[("b", "c")])), twice.then(&moves(&[("b", "c")])).then(&moves(&[("b", "c")])));
    }

    #[test]
    fn a_unit_that_gets_work_again_keeps_its_name() {
        let back = Successions::default().then(&moves(&[("a", "b")])).then(&moves(&[("b", "a")]));
        assert_eq!(back.resolve(&place("a")), &place("a"));
        assert_eq!(back.resolve(&place("b")), &place("a"));
        let founded = Successions::default().then(&moves(&[("a", "b")])).then(&moves(&[("x", "a")]));
        assert_eq!(founded.resolve(&place("a")), &place("a"));
    }

    #[test]
    fn moves_of_one_decision_happen_at_once() {
        let both = Successions::default().then(&moves(&[("a", "b"), ("b", "c")]));
        assert_eq!(both.resolve(&place("a")), &place("b"), "the new work of b is not its old one");
        assert_eq!(both.resolve(&place("b")), &place("c"));
        for moved in moves(&[("a", "b"), ("b", "c")]) {
            assert_eq!(both.destination(&moved), &moved.to, "no dossier of a follows the old work of b");
        }
    }

    #[test]
    fn a_move_leads_to_the_unit_to_which_a_later_decision_gave_the_work() {
        let later = Successions::default().then(&moves(&[("a", "b")])).then(&moves(&[("b", "c")]));
        let before = Successions::default().then(&moves(&[("b", "c")]));
        for moved in moves(&[("a", "b")]) {
            assert_eq!(later.destination(&moved), &place("c"));
            assert_eq!(before.destination(&moved), &place("c"), "the move itself is not decided yet");
        }
    }

    #[test]
    fn a_workflow_goes_to_the_successors_and_asks_each_once() {
        let mut alone = Step::new("a", Text::vi("a"), Role::Specialist, NationalStatus::Processing);
        alone.place = Some(place("x"));
        let mut asked = Step::new("b", Text::vi("b"), Role::Specialist, NationalStatus::Processing);
        let places = vec![place("x"), place("y"), place("z")];
        asked.many = Some(Many { places, chosen: false, enough: Some(3), then: "a".into(), listed: true });
        let workflow = Workflow::new("w", vec![alone, asked], Vec::new());
        let successions = Successions::default().then(&moves(&[("x", "y")]));
        let today = successions.applied_to(&workflow).expect("it changes");
        assert_eq!(today.steps[0].place, Some(place("y")));
        let many = today.steps[1].many.as_ref().expect("several are asked");
        assert_eq!((many.places.as_slice(), many.enough), ([place("y"), place("z")].as_slice(), Some(2)));
        assert_eq!(Successions::default().then(&moves(&[("q", "y")])).applied_to(&workflow), None);
    }
}
