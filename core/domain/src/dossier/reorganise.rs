//! Dossiers that move elsewhere: to another unit, or to another version of their procedure.

use crate::dossier::act::marking;
use crate::dossier::case::{Case, at};
use crate::dossier::clocks::same_clocks;
use crate::dossier::event::{Event, PlaceMove, StepMove};
use crate::dossier::refusal::Refusal;
use crate::names::{Digest, StepId};
use std::collections::{BTreeMap, BTreeSet};

impl Case<'_> {
    /// Transfers the work of units to others, as far as the dossier is theirs.
    pub fn transfer(&self, reason: String, moves: Vec<PlaceMove>) -> Result<Event, Refusal> {
        if self.dossier.has_ended() {
            return Err(Refusal::Ended);
        }
        let own = [&self.dossier.place];
        let places: Vec<_> =
            self.dossier.flow.stays.iter().map(|stay| self.dossier.place_of(stay)).chain(own).collect();
        let moves: Vec<PlaceMove> = moves.into_iter().filter(|known| places.contains(&&known.from)).collect();
        if moves.is_empty() {
            return Err(Refusal::NothingChanges);
        }
        Ok(Event::Transferred { reason, moves })
    }

    /// Moves the dossier to the version of the rules. Every step at which the dossier stands, or from which a branch
    /// waits, must exist there.
    pub fn migrate(&self, reason: String, version: Digest, names: &BTreeMap<StepId, StepId>) -> Result<Event, Refusal> {
        if self.dossier.has_ended() {
            return Err(Refusal::Ended);
        }
        if self.dossier.procedure == version {
            return Err(Refusal::NothingChanges);
        }
        let flow = &self.dossier.flow;
        let arrived = flow.arrived.iter().flat_map(|branch| [&branch.to, &branch.from]);
        let used: BTreeSet<&StepId> = flow.stays.iter().map(|stay| &stay.at.step).chain(arrived).collect();
        let mut steps = Vec::new();
        for from in used {
            let to = names.get(from).unwrap_or(from);
            let step =
                self.rules.procedure.workflow.step(to).ok_or_else(|| Refusal::Stranded { step: from.clone() })?;
            steps.push(StepMove { from: from.clone(), to: at(step) });
        }
        if let Some(stay) = flow.stays.first()
            && !self.ends_there(&steps)?
        {
            return Err(Refusal::Stranded { step: stay.at.step.clone() });
        }
        Ok(Event::Migrated { version, reason, steps, clocks: same_clocks(*self) })
    }

    /// Returns whether the dossier, under the new names of its steps, cannot get stuck.
    fn ends_there(&self, steps: &[StepMove]) -> Result<bool, Refusal> {
        let workflow = &self.rules.procedure.workflow;
        let mut flow = self.dossier.flow.clone();
        flow.rename(steps);
        let (open, arrived) = marking(workflow, &flow)?;
        Ok(workflow.ends_from(&open, &arrived))
    }
}
