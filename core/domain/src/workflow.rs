//! The workflow of a procedure: its steps, the roles that take them, and the actions at each.
//!
//! It covers the workflow patterns of van der Aalst and others: a dossier may stand at several steps at once, branches
//! part and join, several agencies answer the same question, and time may choose. [`crate::workflow::net`] defines the moves of a
//! dossier on it, and [`crate::workflow::soundness`] checks that no dossier can get stuck.

mod known_ends;
pub mod net;
pub mod own_agency;
mod own_form;
mod precedence;
pub mod site_visit;
pub mod soundness;
mod status;
mod structure;
pub mod unit_answers;
mod unsound;

use crate::expression::Expression;
use crate::form::Field;
use crate::legal::{LegalDocument, LegalReference};
use crate::names::{ActionId, AgencyId, StageId, StepId, UnitId};
use crate::people::organisation::Role;
use crate::text::Text;
use crate::time::calendar::Limit;
use known_ends::KnownEnds;
use serde::{Deserialize, Serialize};
use site_visit::SiteVisitRule;

pub use status::NationalStatus;

/// A workflow. A filed dossier begins at the first step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Workflow {
    pub id: String,
    pub steps: Vec<Step>,
    /// The agencies' parts of a joint procedure (*liên thông*), each with its own clock.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<Stage>,
    /// The documents that its steps and actions name, beside those of the procedure.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub legal_basis: Vec<LegalDocument>,
    /// The states from which a dossier was asked to end ([`Workflow::ends_from_remembered`]).
    #[serde(skip)]
    pub known_ends: KnownEnds,
}

impl Workflow {
    /// Returns a workflow of these steps.
    pub fn new(id: impl Into<String>, steps: Vec<Step>, stages: Vec<Stage>) -> Self {
        Self { id: id.into(), steps, stages, legal_basis: Vec::new(), known_ends: KnownEnds::default() }
    }
}

/// The part of one agency in a joint procedure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    pub id: StageId,
    pub name: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
}

/// A unit of an agency.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct UnitPlace {
    pub agency: AgencyId,
    pub unit: UnitId,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    pub id: StepId,
    pub name: Text,
    /// The role of the post that takes the step.
    pub role: Role,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
    pub status: NationalStatus,
    pub actions: Vec<Action>,
    /// The unit that takes the step, if it differs from the procedure's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<UnitPlace>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<StageId>,
    #[serde(default, skip_serializing_if = "Join::is_plain")]
    pub join: Join,
    /// The rule for a step that is taken several times at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub many: Option<Many>,
    /// The questions to the officer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub form: Vec<Field>,
    #[serde(default, skip_serializing_if = "Assign::is_plain")]
    pub assign: Assign,
    /// The rest of the limit at which the officer is reminded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remind: Option<Limit>,
    /// The role to which the step is escalated once its limit has passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalate: Option<Role>,
    /// The legal basis of the step.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub basis: Vec<LegalReference>,
}

/// The moment at which a step begins to which several steps lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Join {
    /// Whenever a branch arrives (simple merge).
    #[default]
    Each,
    /// When every step that leads here has done so (synchronisation).
    All,
    /// When no begun branch can still arrive (structured synchronising merge).
    Begun,
    /// When so many have arrived. The rest pass (discriminator, partial join).
    First(u32),
}

/// A step that is taken several times at once, by units that are asked the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Many {
    /// The units that are asked, or from which an officer chooses.
    pub places: Vec<UnitPlace>,
    /// The officer who moves the dossier here chooses the units to ask.
    pub chosen: bool,
    /// The number of answers that suffice. `None` means all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enough: Option<u32>,
    /// The next step of the dossier.
    pub then: StepId,
    /// Conditions read the answers of the units as lists. Versions that were published before read the last answer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub listed: bool,
}

/// The rule that chooses the officer of the step among the holders of the post.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "kebab-case")]
pub enum Assign {
    /// Nobody: any holder of the post takes the step.
    #[default]
    Post,
    /// The officer with this log-in.
    Person { login: String },
    /// The officer with the fewest open steps.
    Load,
    /// The officer whose log-in is the name of the registry's entry for this answer of the form.
    Area { field: String, registry: String },
    /// The officer whom the procedure's plugin chooses.
    Plugin,
}

/// An action at a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Action {
    pub id: ActionId,
    pub name: Text,
    /// The words by which the applicant reads that the action was taken. `None` means the rule of [`Workflow::told`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Text>,
    pub effect: Effect,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<Requirement>,
    /// The condition for the action, over the dossier's answers and the answers of officers, also those at this step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Expression>,
    /// The time since the step began after which the portal takes the action.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Limit>,
    /// The action is open only while the dossier stands at this step too (milestone).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub during: Option<StepId>,
    #[serde(default, skip_serializing_if = "Cancels::is_nothing")]
    pub cancels: Cancels,
    /// The rule of the appointment on the spot that the action makes or calls off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit: Option<SiteVisitRule>,
    /// The legal basis of the action.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub basis: Vec<LegalReference>,
}

/// The other stays that end when an action is taken. With an answer of one of several units, they end if the answer
/// decides for its group. An answer that cancels its own step decides at once.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cancels {
    #[default]
    Nothing,
    /// Everything that is open at these steps.
    Steps(Vec<StepId>),
    /// Everything but the step itself, including branches that wait for a join.
    Others,
}

/// The effect of an action.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Effect {
    /// Moves to another step, or back to an earlier one.
    Advance { to: StepId },
    /// Moves to several steps at once.
    Split { to: Vec<Branch> },
    /// Moves to another step. The clock waits there until the amount owed is paid.
    RequestPayment { to: StepId },
    /// Asks the applicant for missing answers or papers. The clock waits at this step.
    RequestSupplement,
    /// Answers for one of several units.
    Answer,
    /// Ends this branch. The dossier ends with the last branch.
    Finish,
    /// Ends the dossier: not received at the counter.
    Decline,
    /// Ends the dossier: refused in substance.
    Refuse,
    /// Ends the dossier: the result is handed over.
    HandOver,
}

/// One branch of a parting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Branch {
    pub to: StepId,
    /// The condition for taking the branch. `None` means always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Expression>,
}

/// A requirement of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Requirement {
    /// A note with a reason.
    Note,
    /// The officer who takes the next step.
    Assignee,
    /// The file of the result.
    ResultFile,
    /// The payment of the whole amount owed.
    FeePaid,
    /// The choice of the procedure's plugin among the actions of the step with this requirement.
    Plugin,
}

impl Requirement {
    /// Returns the configuration word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Assignee => "assignee",
            Self::ResultFile => "result-file",
            Self::FeePaid => "fee-paid",
            Self::Plugin => "plugin",
        }
    }
    pub const ALL: [Self; 5] = [Self::Note, Self::Assignee, Self::ResultFile, Self::FeePaid, Self::Plugin];
}

impl Join {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
    fn is_plain(&self) -> bool {
        *self == Self::Each
    }
}

impl Step {
    /// Returns whether the step joins branches, and does not begin whenever one arrives.
    pub fn joins_branches(&self) -> bool {
        !self.join.is_plain()
    }

    /// Returns the actions of the step among which the procedure's plugin chooses.
    pub fn left_to_plugin(&self) -> impl Iterator<Item = &Action> {
        self.actions.iter().filter(|action| action.requires.contains(&Requirement::Plugin))
    }
}

impl Assign {
    fn is_plain(&self) -> bool {
        *self == Self::Post
    }
}

impl Cancels {
    fn is_nothing(&self) -> bool {
        *self == Self::Nothing
    }

    /// Returns whether what is open at a step ends, and the branches that wait there.
    pub fn names(&self, step: &StepId) -> bool {
        match self {
            Self::Nothing => false,
            Self::Others => true,
            Self::Steps(steps) => steps.contains(step),
        }
    }
}

impl Effect {
    /// Returns the word for configuration, the journal and pages.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Advance { .. } => "advance",
            Self::Split { .. } => "split",
            Self::RequestPayment { .. } => "request-payment",
            Self::RequestSupplement => "request-supplement",
            Self::Answer => "answer",
            Self::Finish => "finish",
            Self::Decline => "decline",
            Self::Refuse => "refuse",
            Self::HandOver => "hand-over",
        }
    }

    /// Returns the steps to which the effect leads, or may lead.
    pub fn targets(&self) -> impl Iterator<Item = &StepId> {
        let (one, several): (Option<&StepId>, &[Branch]) = match self {
            Self::Advance { to } | Self::RequestPayment { to } => (Some(to), &[]),
            Self::Split { to } => (None, to),
            _ => (None, &[]),
        };
        one.into_iter().chain(several.iter().map(|branch| &branch.to))
    }

    /// Returns whether the effect ends the dossier, wherever else the dossier stands.
    pub const fn ends(&self) -> bool {
        matches!(self, Self::Decline | Self::Refuse | Self::HandOver)
    }

    /// Returns whether the effect is an answer for the applicant to read, with the officer's words.
    pub const fn needs_note(&self) -> bool {
        matches!(self, Self::Decline | Self::Refuse | Self::RequestSupplement)
    }
}

impl Action {
    /// Returns whether the action is not taken without a note.
    pub fn needs_note(&self) -> bool {
        self.effect.needs_note() || self.requires.contains(&Requirement::Note)
    }

    /// An action without conditions.
    pub fn new(id: &str, name: Text, effect: Effect) -> Self {
        Self {
            id: id.into(),
            name,
            told: None,
            effect,
            requires: Vec::new(),
            when: None,
            after: None,
            during: None,
            cancels: Cancels::Nothing,
            visit: None,
            basis: Vec::new(),
        }
    }

    /// Returns whether a person takes the action, and not the timer.
    pub const fn is_for_people(&self) -> bool {
        self.after.is_none()
    }

    /// Returns whether the portal takes the action in any case, once its time has come.
    pub const fn comes_by_itself(&self) -> bool {
        self.after.is_some() && self.when.is_none() && self.during.is_none()
    }

    /// Returns all conditions of the action.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        let branches: &[Branch] = if let Effect::Split { to } = &self.effect { to } else { &[] };
        self.when.iter().chain(branches.iter().filter_map(|branch| branch.when.as_ref()))
    }
}

impl Step {
    /// Returns a plain step without actions.
    pub fn new(id: &str, name: Text, role: Role, status: NationalStatus) -> Self {
        Self {
            id: id.into(),
            name,
            role,
            limit: None,
            status,
            actions: Vec::new(),
            place: None,
            stage: None,
            join: Join::Each,
            many: None,
            form: Vec::new(),
            assign: Assign::Post,
            remind: None,
            escalate: None,
            basis: Vec::new(),
        }
    }

    /// Returns the action with this id.
    pub fn action(&self, id: &ActionId) -> Option<&Action> {
        self.actions.iter().find(|action| action.id == *id)
    }

    /// Returns the steps that may follow this one.
    pub fn targets(&self) -> impl Iterator<Item = &StepId> {
        let answered = self.many.iter().map(|many| &many.then);
        self.actions.iter().flat_map(|action| action.effect.targets()).chain(answered)
    }

    /// Returns the timed action and its time.
    pub fn timed(&self) -> Option<(&Action, Limit)> {
        self.actions.iter().find_map(|action| Some((action, action.after?)))
    }
}

impl Many {
    /// Returns the least number of units that are asked.
    pub fn least_asked(&self) -> u32 {
        let all = u32::try_from(self.places.len()).unwrap_or(u32::MAX);
        let least = if self.chosen { self.enough.unwrap_or(1) } else { all };
        least.max(1)
    }

    /// Returns the number of answers that suffice if so many units are asked.
    pub fn enough_of(&self, asked: u32) -> u32 {
        self.enough.map_or(asked, |enough| enough.min(asked))
    }
}

impl Workflow {
    /// Returns the step with this id.
    pub fn step(&self, id: &StepId) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == *id)
    }

    /// Returns the index of the step with this id in [`Self::steps`].
    pub fn index(&self, id: &StepId) -> Option<usize> {
        self.steps.iter().position(|step| step.id == *id)
    }

    /// Returns the words by which the applicant reads that an action of a step was taken: those of the author, or the
    /// action's name if the action concerns the applicant. An action that only moves the dossier within the house has
    /// none, because its name is for the staff.
    pub fn told<'a>(&self, step: &Step, action: &'a Action) -> Option<&'a Text> {
        action.told.as_ref().or_else(|| self.concerns_applicant(step, action).then_some(&action.name))
    }

    /// Returns whether the applicant takes an action, is asked or answered by it, or gets another status, a step or an
    /// appointment on the spot.
    fn concerns_applicant(&self, step: &Step, action: &Action) -> bool {
        let is_told_of = |to: &Step| to.role == Role::Applicant || to.status != step.status;
        match &action.effect {
            Effect::RequestPayment { .. }
            | Effect::RequestSupplement
            | Effect::Decline
            | Effect::Refuse
            | Effect::HandOver => true,
            Effect::Advance { .. } | Effect::Split { .. } | Effect::Answer | Effect::Finish => {
                let mut targets = action.effect.targets().filter_map(|to| self.step(to));
                step.role == Role::Applicant || action.visit.is_some() || targets.any(is_told_of)
            }
        }
    }

    /// Returns the stage with this id.
    pub fn stage(&self, id: &StageId) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.id == *id)
    }
}
