//! Moving many dossiers at once.
//!
//! All of them are checked first, and nothing is done if one of them cannot move. Then each is changed in a transaction
//! of its own, with the reason in its journal. The same command again continues work that was stopped in between, because
//! a dossier that was moved is not moved twice. A dossier that changed meanwhile is tried again, and does not undo the
//! others. Dossiers that cannot be moved or read stay as they are, and the result names them.

use super::DossierService;
use crate::Error;
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::decide::decide;
use motcua_domain::dossier::event::PlaceMove;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::names::{CommandId, Digest, DossierCode, StepId};
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
    /// The dossiers that changed while the operation ran and cannot move now, each with the reason. The same command
    /// tries them again.
    pub skipped: Vec<(DossierCode, String)>,
    /// The number of dossiers that move when the command is given again, because it moves no more at once.
    pub left: usize,
    /// The number of officers' posts that move.
    pub posts: u64,
    /// The dossiers that cannot be read, each with the reason. They stay as they are, and do not stop the others.
    pub unreadable: Vec<(DossierCode, String)>,
}

/// The choice between a trial and the operation itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReorganiseMode {
    /// Decides everything and writes nothing.
    Try,
    Apply,
    /// Moves at most so many dossiers.
    ApplyAtMost(usize),
}

impl ReorganiseMode {
    /// Returns how many dossiers may be moved, or none for a trial.
    const fn most(self) -> Option<usize> {
        match self {
            Self::Try => None,
            Self::Apply => Some(usize::MAX),
            Self::ApplyAtMost(most) => Some(most),
        }
    }
}

/// The most dossiers that are looked up at once.
const AT_ONCE: u64 = 500;

/// The number of times that the open dossiers are looked through. Later times find dossiers that were filed, or came to a
/// unit, while the others were moved.
const PASSES: usize = 2;

impl DossierService {
    /// Moves the work of units to others: the posts of officers and the succession of the units in one transaction, then
    /// the open dossiers.
    pub async fn transfer(
        &self,
        moves: &[PlaceMove],
        reason: &str,
        mode: ReorganiseMode,
    ) -> Result<ReorganiseOutcome, Error> {
        let command = Command::Transfer { reason: reason.to_owned(), moves: moves.to_vec() };
        let mut outcome = self.decide_all(None, &command).await?;
        let transaction = self.database.begin().await?;
        // From now on a step that begins at one of the units begins at its successor.
        outcome.posts = transaction.move_units(moves).await?;
        if let Some(most) = mode.most() {
            transaction.commit().await?;
            self.change_all(None, &mut outcome, &command, most).await?;
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
        let (reason, steps) = (reason.to_owned(), steps.clone());
        let command = Command::Migrate { reason, from: from.clone(), version: to.clone(), steps };
        let mut outcome = self.decide_all(Some(from), &command).await?;
        if let Some(most) = mode.most().filter(|_| outcome.stranded.is_empty()) {
            self.change_all(Some(from), &mut outcome, &command, most).await?;
        }
        Ok(outcome)
    }

    /// Decides a command for all open dossiers, or those of one version, and writes nothing.
    async fn decide_all(&self, version: Option<&Digest>, command: &Command) -> Result<ReorganiseOutcome, Error> {
        let reader = self.database.reader();
        let (mut outcome, mut last) = (ReorganiseOutcome::default(), String::new());
        let organisation = self.organisation_now().await?;
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
                let wanted = command.profile().version.unwrap_or(&before.procedure);
                let procedure = self.version_in(&organisation, wanted, &before.filed.agency).await?;
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

    /// Changes the dossiers that are to move, at most `most`, and then those that were filed meanwhile. Afterwards returns
    /// the steps to their posts whose officers do not hold the posts of the new steps or units.
    async fn change_all(
        &self,
        version: Option<&Digest>,
        outcome: &mut ReorganiseOutcome,
        command: &Command,
        most: usize,
    ) -> Result<(), Error> {
        let id = self.ids.command();
        let mut codes = std::mem::take(&mut outcome.moved);
        for pass in 1..=PASSES {
            // Dossiers that changed meanwhile are tried once more.
            let again = self.change_each(codes, outcome, command, &id, most, true).await?;
            self.change_each(again, outcome, command, &id, most, false).await?;
            if pass == PASSES || outcome.left > 0 {
                break;
            }
            let found = self.decide_all(version, command).await?;
            let is_new = |code: &DossierCode| outcome.skipped.iter().all(|(skipped, _)| skipped != code);
            codes = found.moved.into_iter().filter(is_new).collect();
            let stranded = found.stranded.into_iter().filter(|(code, _)| is_new(code));
            let stranded = stranded.map(|(code, step)| (code, Refusal::Stranded { step }.to_string()));
            let stranded: Vec<(DossierCode, String)> = stranded.collect();
            outcome.skipped.extend(stranded);
        }
        Box::pin(self.return_left_steps()).await.map(|_| ())
    }

    /// Changes dossiers one by one. Returns those that changed meanwhile, if they are to be tried again. Otherwise the
    /// outcome names them.
    async fn change_each(
        &self,
        codes: Vec<DossierCode>,
        outcome: &mut ReorganiseOutcome,
        command: &Command,
        id: &CommandId,
        most: usize,
        are_tried_again: bool,
    ) -> Result<Vec<DossierCode>, Error> {
        let mut again = Vec::new();
        for code in codes {
            if outcome.moved.len() >= most {
                outcome.left += 1;
                continue;
            }
            match self.change_and(&Actor::System, &code, command, None, id).await {
                Ok(_) => outcome.moved.push(code),
                // Somebody else moved or ended the dossier meanwhile.
                Err(Error::Refused(Refusal::NothingChanges | Refusal::Ended)) => outcome.untouched += 1,
                Err(Error::Refused(_)) if are_tried_again => again.push(code),
                Err(Error::Refused(refusal)) => outcome.skipped.push((code, refusal.to_string())),
                Err(error) => outcome.unreadable.push((code, error.of_one_dossier()?)),
            }
        }
        Ok(again)
    }
}
