//! Looking at many dossiers before an officer does the same with all of them. Nothing is written: the rules decide on a
//! copy of each dossier, so a refusal is the one that the page of the dossier would show.

use super::DossierService;
use super::change::{ActRequest, DossierChange};
use super::organisation::OrganisationState;
use crate::{Error, InputRule};
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::decide::is_open;
use motcua_domain::dossier::event::StayId;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::dossier::{Dossier, Stay};
use motcua_domain::names::{ActionId, DossierCode, UserId};
use motcua_domain::people::access::{Deed, may};
use motcua_domain::people::organisation::{Actor, Role};
use motcua_domain::procedure::Procedure;
use motcua_domain::text::Text;
use motcua_domain::workflow::UnitPlace;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// A deed that an officer does with many dossiers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum BulkDeed {
    Take,
    Release,
    /// Give the steps to another officer.
    Give {
        to: UserId,
        note: String,
    },
    /// Take an action that needs no input but a note.
    Act {
        action: ActionId,
        note: String,
    },
}

impl BulkDeed {
    /// Returns the change that the page of a single dossier would ask for.
    pub fn change(&self, stay: StayId, seen: u32) -> DossierChange {
        match self {
            Self::Take => Command::Take { stay, seen }.into(),
            Self::Release => Command::Release { stay, seen }.into(),
            Self::Give { to, note } => DossierChange::Give { stay, seen, to: to.clone(), note: note.clone() },
            // An action that writes to the applicant needs words of its own for each dossier, so the rules refuse it.
            Self::Act { action, note } => ActRequest::bare(Some(stay), action.clone(), seen, note).into(),
        }
    }
}

/// A line that an officer chose from a list: a dossier and one of its steps.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct BulkLine {
    pub code: DossierCode,
    /// The step. `None` for a line that shows no step.
    pub stay: Option<StayId>,
    /// The version of the dossier that the officer saw. `None` before the officer saw one.
    pub seen: Option<u32>,
}

impl BulkLine {
    /// Reads a line as it is displayed. Returns `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '~');
        let code = DossierCode::parse(parts.next()?)?;
        let mut number = || match parts.next() {
            None | Some("") => Some(None),
            Some(digits) => digits.parse::<u32>().ok().map(Some),
        };
        let (stay, seen) = (number()?, number()?);
        Some(Self { code, stay, seen })
    }
}

/// A form can have the text as it is.
impl fmt::Display for BulkLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |number: Option<String>| number.unwrap_or_default();
        let (stay, seen) = (self.stay.map(|stay| stay.to_string()), self.seen.map(|seen| seen.to_string()));
        write!(f, "{}~{}~{}", self.code, shown(stay), shown(seen))
    }
}

/// An action that an officer could take at a chosen step with a note alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkAction {
    pub id: ActionId,
    pub name: Text,
}

/// A chosen line, as the officer sees it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkSight {
    /// The line with its step and the version that the officer saw.
    pub line: BulkLine,
    pub actions: Vec<BulkAction>,
    /// The role and the unit of the step, if the officer could give the step to somebody else.
    pub post: Option<(Role, UnitPlace)>,
    /// The word of the rule that would refuse the deed. `None` if the deed can be done, or if none was asked about.
    pub refusal: Option<&'static str>,
}

impl BulkSight {
    /// Returns a line with which the officer can do nothing.
    const fn closed(line: BulkLine, refusal: &'static str) -> Self {
        Self { line, actions: Vec::new(), post: None, refusal: Some(refusal) }
    }
}

/// Returns the word of the rule that refused a change of one dossier. Returns the error if it concerns more than this
/// dossier.
pub fn refusal_of(error: Error) -> Result<&'static str, Error> {
    match error {
        Error::Refused(refusal) => Ok(refusal.code()),
        Error::Invalid(rule) => Ok(rule.word()),
        Error::NotFound => Ok(Refusal::NotAllowed.code()),
        error => {
            let reason = error.of_one_dossier()?;
            tracing::error!(%reason, "a dossier of bulk work cannot be read");
            Ok(InputRule::DossierUnreadable.word())
        }
    }
}

impl DossierService {
    /// Looks at lines that an officer chose, and asks the rules about a deed at each of them, if one is given.
    pub(crate) async fn look_over(
        &self,
        actor: &Actor,
        lines: &[BulkLine],
        deed: Option<&BulkDeed>,
    ) -> Result<Vec<BulkSight>, Error> {
        let organisation = self.organisation_now().await?;
        let mut sights = Vec::with_capacity(lines.len());
        for line in lines {
            let sight = match Box::pin(self.sight(actor, &organisation, line, deed)).await {
                Ok(sight) => sight,
                Err(error) => BulkSight::closed(line.clone(), refusal_of(error)?),
            };
            sights.push(sight);
        }
        Ok(sights)
    }

    async fn sight(
        &self,
        actor: &Actor,
        organisation: &Arc<OrganisationState>,
        line: &BulkLine,
        deed: Option<&BulkDeed>,
    ) -> Result<BulkSight, Error> {
        let dossier = self.readable(actor, &line.code).await?;
        let procedure = self.version_in(organisation, &dossier.procedure, &dossier.filed.agency).await?;
        let seen = dossier.version;
        let is_own = |stay: &&Stay| {
            let may = |deed| may(actor, deed, Some(dossier.subject_at(stay)));
            may(Deed::TakeStep) || may(Deed::GiveStep)
        };
        let stays: Vec<&Stay> = match line.stay {
            Some(id) => dossier.flow.stays.iter().filter(|stay| stay.id == id).collect(),
            None => dossier.flow.stays.iter().filter(is_own).collect(),
        };
        let mut refused = None;
        for stay in &stays {
            let refusal = match deed {
                Some(deed) => self.trial(actor, organisation, &dossier, deed.change(stay.id, seen)).await?,
                None => None,
            };
            let line = BulkLine { code: line.code.clone(), stay: Some(stay.id), seen: Some(seen) };
            let sight = self.step_sight(actor, &dossier, &procedure, stay, BulkSight::closed(line, ""));
            let sight = BulkSight { refusal, ..sight };
            if refusal.is_none() {
                return Ok(sight);
            }
            refused = refused.or(Some(sight));
        }
        let refusal = match line.stay {
            _ if dossier.has_ended() => Refusal::Ended,
            Some(_) => Refusal::Changed,
            None => Refusal::NotAllowed,
        };
        Ok(refused.unwrap_or_else(|| BulkSight::closed(line.clone(), refusal.code())))
    }

    /// Asks the rules about a change of a dossier, and returns the word of the rule that refuses it.
    async fn trial(
        &self,
        actor: &Actor,
        organisation: &Arc<OrganisationState>,
        dossier: &Dossier,
        change: DossierChange,
    ) -> Result<Option<&'static str>, Error> {
        let code = &dossier.filed.code;
        let decided = match self.completed(actor, code, &self.ids.command(), change).await {
            Ok(command) => Box::pin(self.decided(actor, dossier, organisation, &command)).await.map(|_| ()),
            Err(error) => Err(error),
        };
        match decided {
            Ok(()) => Ok(None),
            Err(error) => refusal_of(error).map(Some),
        }
    }

    /// Returns a sight with what the officer could do at a step.
    fn step_sight(
        &self,
        actor: &Actor,
        dossier: &Dossier,
        procedure: &Procedure,
        stay: &Stay,
        sight: BulkSight,
    ) -> BulkSight {
        let may = |deed| may(actor, deed, Some(dossier.subject_at(stay)));
        let Some(step) = procedure.workflow.step(&stay.at.step).filter(|_| stay.waits.is_none()) else { return sight };
        let rules = self.procedures.rules(procedure);
        let acts = may(Deed::ActOnStep);
        let fit = step.actions.iter().filter(|action| {
            acts && procedure.workflow.needs_only_a_note(step, action) && is_open(rules, dossier, stay, step, action)
        });
        let actions = fit.map(|action| BulkAction { id: action.id.clone(), name: action.name.clone() }).collect();
        let gives = may(Deed::TakeStep) || may(Deed::GiveStep);
        let post = gives.then(|| (stay.at.role, dossier.place_of(stay).clone()));
        BulkSight { actions, post, ..sight }
    }
}

#[cfg(test)]
mod tests {
    use super::BulkLine;

    #[test]
    fn a_line_is_read_as_it_is_displayed_and_any_other_text_is_none() {
        let line = |text: &str| BulkLine::parse(text).map(|line| (line.stay, line.seen));
        for text in ["H09.14-261126-0003~2~5", "H09.14-261126-0003~0~", "H09.14-261126-0003~~7", "H09.14-261126-0003~~"]
        {
            assert_eq!(BulkLine::parse(text).map(|line| line.to_string()).as_deref(), Some(text));
        }
        assert_eq!(line("H09.14-261126-0003"), Some((None, None)));
        for other in ["", "x~1~1", "H09.14-261126-0003~a~1", "H09.14-261126-0003~-1~1", "H09.14-261126-0003~1~<b>"] {
            assert_eq!(line(other), None, "{other}");
        }
    }
}
