//! Moving many dossiers at once.
//!
//! All of them are checked first, and nothing is done if one of them cannot move. Then each is changed in a transaction
//! of its own, with the reason in its journal. If the command is stopped in between, the same command continues the
//! work. Dossiers that cannot be read stay as they are, and the result names them.

use super::DossierService;
use crate::Error;
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::decide::decide;
use motcua_domain::dossier::event::PlaceMove;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::names::{Digest, DossierCode, StepId};
use motcua_domain::people::organisation::Actor;
use motcua_store::{journal, lists};
use std::collections::BTreeMap;

/// The result of an operation, or of its trial.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReorganiseOutcome {
    /// The dossiers that move.
    pub moved: Vec<DossierCode>,
    /// The number of open dossiers that stay as they are.
    pub untouched: usize,
    /// The dossiers that cannot move, each with its current step. If there is one, nothing is done.
    pub stranded: Vec<(DossierCode, StepId)>,
    /// The number of officers' posts that move.
    pub posts: u64,
    /// The dossiers that cannot be read, each with the reason. They stay as they are, and do not stop the others.
    pub unreadable: Vec<(DossierCode, String)>,
}

/// The choice between a trial and the operation itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReorganiseMode {
    /// Everything is done, and then undone.
    Try,
    Apply,
}

/// The most dossiers that are looked up at once.
const AT_ONCE: u64 = 500;

impl DossierService {
    /// Moves the work of units to others: the posts of officers in one transaction, then the open dossiers.
    pub async fn transfer(
        &self,
        moves: &[PlaceMove],
        reason: &str,
        mode: ReorganiseMode,
    ) -> Result<ReorganiseOutcome, Error> {
        let command = Command::Transfer { reason: reason.to_owned(), moves: moves.to_vec() };
        let mut outcome = self.decide_all(None, &command).await?;
        let transaction = self.database.begin().await?;
        for PlaceMove { from, to } in moves {
            outcome.posts += transaction.move_posts(from, to).await?;
        }
        // From now on a step that begins at one of the units begins at its successor.
        transaction.add_successions(moves).await?;
        if mode == ReorganiseMode::Apply {
            transaction.commit().await?;
            self.change_all(&mut outcome, &command).await?;
        }
        Ok(outcome)
    }

    /// Moves the open dossiers of one version to another version. Moves none of them if one would be stranded.
    ///
    /// `steps` maps steps that have another name in the new version.
    pub async fn move_version(
        &self,
        from: &Digest,
        to: &Digest,
        steps: &BTreeMap<StepId, StepId>,
        reason: &str,
        mode: ReorganiseMode,
    ) -> Result<ReorganiseOutcome, Error> {
        let command = Command::Migrate { reason: reason.to_owned(), version: to.clone(), steps: steps.clone() };
        let mut outcome = self.decide_all(Some(from), &command).await?;
        if outcome.stranded.is_empty() && mode == ReorganiseMode::Apply {
            self.change_all(&mut outcome, &command).await?;
        }
        Ok(outcome)
    }

    /// Decides a command for all open dossiers, or those of one version, and writes nothing.
    async fn decide_all(&self, version: Option<&Digest>, command: &Command) -> Result<ReorganiseOutcome, Error> {
        let reader = self.database.reader();
        let (mut outcome, mut last) = (ReorganiseOutcome::default(), String::new());
        loop {
            let codes = lists::open_codes(reader, version, &last, AT_ONCE).await?;
            let Some(end) = codes.last() else { return Ok(outcome) };
            last = end.to_string();
            for code in codes {
                let found = journal::dossier(reader, &code).await.map_err(Error::from);
                let before = match found.and_then(|found| found.ok_or(Error::NotFound)) {
                    Ok(before) => before,
                    Err(error) => {
                        outcome.unreadable.push((code, error.of_one_dossier()?));
                        continue;
                    }
                };
                let wanted = if let Command::Migrate { version, .. } = command { version } else { &before.procedure };
                let procedure = self.procedures.version(wanted).await?;
                match decide(
                    self.procedures.rules(&procedure),
                    &before,
                    &Actor::System,
                    command.clone(),
                    self.clock.now(),
                ) {
                    Ok(_) => outcome.moved.push(code),
                    Err(Refusal::NothingChanges | Refusal::Ended) => outcome.untouched += 1,
                    Err(Refusal::Stranded { step }) => outcome.stranded.push((code, step)),
                    Err(refusal) => return Err(refusal.into()),
                }
            }
        }
    }

    /// Changes the dossiers that are to move. A dossier that has become unreadable does not move.
    async fn change_all(&self, outcome: &mut ReorganiseOutcome, command: &Command) -> Result<(), Error> {
        let id = self.ids.command();
        for code in std::mem::take(&mut outcome.moved) {
            match self.change_and(&Actor::System, &code, command, None, &id).await {
                // Somebody else moved or ended the dossier meanwhile.
                Ok(_) | Err(Error::Refused(Refusal::NothingChanges | Refusal::Ended)) => outcome.moved.push(code),
                Err(error) => outcome.unreadable.push((code, error.of_one_dossier()?)),
            }
        }
        Ok(())
    }
}
