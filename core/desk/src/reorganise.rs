//! Many dossiers at once that go on elsewhere: all of them or none, each with the reason in its journal.

use crate::{Desk, Error};
use motcua_domain::command::{Command, Refusal};
use motcua_domain::decide::decide;
use motcua_domain::event::{PlaceMove, Recorded};
use motcua_domain::names::{Digest, DossierCode, StepId};
use motcua_domain::organisation::Actor;
use motcua_store::{Work, journal, lists};
use std::collections::BTreeMap;

/// What an operation does, or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The dossiers that go on elsewhere.
    pub moved: Vec<DossierCode>,
    /// How many open dossiers it does not concern.
    pub untouched: usize,
    /// Those that could not go on, with the step where they stand; then nothing is done.
    pub stranded: Vec<(DossierCode, StepId)>,
    /// How many posts of officers are moved.
    pub posts: u64,
}

/// Whether it is done, or only tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Everything is done as it would be, and then undone.
    Try,
    Apply,
}

/// How many dossiers are looked up at once.
const AT_ONCE: u64 = 500;

impl Desk {
    /// Gives the work of units to others: open dossiers and the posts of officers, in one transaction.
    pub async fn transfer(&self, moves: &[PlaceMove], reason: &str, mode: Mode) -> Result<Outcome, Error> {
        let command = Command::Transfer { reason: reason.to_owned(), moves: moves.to_vec() };
        let (mut outcome, works) = self.decide_all(None, &command).await?;
        let transaction = self.inner.database.begin().await?;
        for PlaceMove { from, to } in moves {
            outcome.posts += transaction.move_posts(from, to).await?;
        }
        self.write_all(transaction, works, mode).await?;
        Ok(outcome)
    }

    /// Lets the open dossiers of one version go on under another; none of them, if one would be stranded. `steps`
    /// names those that are called otherwise there.
    pub async fn move_version(
        &self,
        from: &Digest,
        to: &Digest,
        steps: &BTreeMap<StepId, StepId>,
        reason: &str,
        mode: Mode,
    ) -> Result<Outcome, Error> {
        let command = Command::Migrate { reason: reason.to_owned(), version: to.clone(), steps: steps.clone() };
        let (outcome, works) = self.decide_all(Some(from), &command).await?;
        if outcome.stranded.is_empty() {
            let transaction = self.inner.database.begin().await?;
            self.write_all(transaction, works, mode).await?;
        }
        Ok(outcome)
    }

    /// Decides a command for all open dossiers, or those of one version.
    async fn decide_all(&self, version: Option<&Digest>, command: &Command) -> Result<(Outcome, Vec<Work>), Error> {
        let reader = self.inner.database.reader();
        let (mut outcome, mut works) = (Outcome::default(), Vec::new());
        let mut last = String::new();
        loop {
            let codes = lists::open_codes(reader, version, &last, AT_ONCE).await?;
            let Some(end) = codes.last() else { return Ok((outcome, works)) };
            last = end.to_string();
            for code in codes {
                let before = journal::dossier(reader, &code).await?.ok_or(Error::NotFound)?;
                let wanted = if let Command::Migrate { version, .. } = command { version } else { &before.procedure };
                let procedure = self.version(wanted).await?;
                let now = self.now();
                match decide(self.rules(&procedure), &before, &Actor::System, command.clone(), now) {
                    Ok(event) => {
                        let recorded =
                            Recorded { at: now, actor: Actor::System.reference(), event, choices: Vec::new() };
                        let mut after = before.clone();
                        after.apply(&recorded).map_err(Error::fault)?;
                        outcome.moved.push(code);
                        works.push(Work {
                            recorded,
                            before: Some(before),
                            after,
                            draft: None,
                            tell: Vec::new(),
                            numbered: None,
                        });
                    }
                    Err(Refusal::NothingChanges) => outcome.untouched += 1,
                    Err(Refusal::Stranded { step }) => outcome.stranded.push((code, step)),
                    Err(refusal) => return Err(refusal.into()),
                }
            }
        }
    }

    async fn write_all(
        &self,
        transaction: motcua_store::Transaction,
        mut works: Vec<Work>,
        mode: Mode,
    ) -> Result<(), Error> {
        if !transaction.write_whole(&mut works).await? {
            return Err(Refusal::Changed.into());
        }
        match mode {
            Mode::Apply => Ok(transaction.commit().await?),
            // Dropping it undoes everything.
            Mode::Try => Ok(()),
        }
    }
}
