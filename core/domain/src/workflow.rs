//! The workflow that a procedure follows: steps, who takes them, and what can be done at each.
//!
//! It says what the workflow patterns of van der Aalst and others say: a dossier may stand at several steps at once,
//! branches part and join, several agencies are asked the same, and time may choose. How a dossier moves on it is
//! [`crate::net`]; whether it can get stuck is [`crate::soundness`].

use crate::calendar::Limit;
use crate::expression::Expression;
use crate::form::Field;
use crate::names::{ActionId, AgencyId, StageId, StepId, UnitId};
use crate::organisation::Role;
use crate::text::Text;
use serde::{Deserialize, Serialize};

/// A workflow. The first step is where a filed dossier begins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Workflow {
    pub id: String,
    pub steps: Vec<Step>,
    /// The agencies' parts of a joint procedure (*liên thông*), each with its own clock.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<Stage>,
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
pub struct Place {
    pub agency: AgencyId,
    pub unit: UnitId,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    pub id: StepId,
    pub name: Text,
    /// Whose post takes the step.
    pub role: Role,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
    pub status: NationalStatus,
    pub actions: Vec<Action>,
    /// The unit that takes the step, if it is not the procedure's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<StageId>,
    #[serde(default, skip_serializing_if = "Join::is_plain")]
    pub join: Join,
    /// The step is taken several times at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub many: Option<Many>,
    /// What the officer fills in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub form: Vec<Field>,
    #[serde(default, skip_serializing_if = "Assign::is_plain")]
    pub assign: Assign,
    /// The officer is reminded when this much is left of the limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remind: Option<Limit>,
    /// Once the limit has passed, the step is in the list of this role too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalate: Option<Role>,
}

/// When a step begins that several steps lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Join {
    /// Whenever a branch arrives (simple merge).
    #[default]
    Each,
    /// When every step that leads here has done so (synchronisation).
    All,
    /// When no branch that was begun can still arrive (structured synchronising merge).
    Begun,
    /// When so many have arrived; the rest are let pass (discriminator, partial join).
    First(u32),
}

/// A step that is taken several times at once, by units that are asked the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Many {
    /// The units that are asked, or from among which an officer chooses.
    pub places: Vec<Place>,
    /// The officer who leads the dossier here chooses whom to ask.
    pub chosen: bool,
    /// How many answers are enough; all of them, if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enough: Option<u32>,
    /// Where the dossier goes then.
    pub then: StepId,
}

/// How the officer who is given the step is chosen among the holders of the post.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "kebab-case")]
pub enum Assign {
    /// Nobody: whoever holds the post takes it.
    #[default]
    Post,
    /// The officer with this log-in.
    Person { login: String },
    /// The one with the fewest open steps.
    Load,
    /// The one whose log-in is the name of the registry's entry for this answer of the form.
    Area { field: String, registry: String },
    /// The one whom the procedure's plugin chooses.
    Plugin,
}

/// What can be done at a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Action {
    pub id: ActionId,
    pub name: Text,
    pub effect: Effect,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<Requirement>,
    /// The action is open only if this holds of the dossier's answers and of what officers filled in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Expression>,
    /// The portal takes the action, when this has passed since the step began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Limit>,
    /// The action is open only while the dossier stands at this step too (milestone).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub during: Option<StepId>,
    #[serde(default, skip_serializing_if = "Cancels::is_nothing")]
    pub cancels: Cancels,
}

/// What else ends when an action is taken.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cancels {
    #[default]
    Nothing,
    /// Everything that is open at these steps.
    Steps(Vec<StepId>),
    /// Everything but the step itself, also branches that wait to be joined.
    Others,
}

/// What an action does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Effect {
    /// On to another step, or back to an earlier one.
    Advance { to: StepId },
    /// On to several steps at once.
    Split { to: Vec<Branch> },
    /// On to another step; the clock waits there until what is owed is paid.
    RequestPayment { to: StepId },
    /// The applicant is asked for what is missing; the clock waits at this step.
    RequestSupplement,
    /// One of several who were asked has answered.
    Answer,
    /// This branch is done; the dossier ends with the last.
    Finish,
    /// The end: not received at the counter.
    Decline,
    /// The end: refused in substance.
    Refuse,
    /// The end: the result is handed over.
    HandOver,
}

/// One way of a parting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Branch {
    pub to: StepId,
    /// Taken only if this holds; always, if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Expression>,
}

/// What an action needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Requirement {
    /// A note with a reason.
    Note,
    /// The officer who takes the next step.
    Assignee,
    /// The file of the result.
    ResultFile,
    /// Everything owed is paid.
    FeePaid,
    /// The procedure's plugin chooses it among the actions of the step that require this.
    Plugin,
}

impl Requirement {
    /// The word for it in configuration.
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

/// The status that the national portal knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NationalStatus {
    Filed = 1,
    Received = 2,
    NotReceived = 3,
    Processing = 4,
    SupplementRequested = 5,
    PaymentRequested = 6,
    Withdrawn = 7,
    Stopped = 8,
    Processed = 9,
    Returned = 10,
}

impl NationalStatus {
    /// All of them, by number.
    pub const ALL: [Self; 10] = [
        Self::Filed,
        Self::Received,
        Self::NotReceived,
        Self::Processing,
        Self::SupplementRequested,
        Self::PaymentRequested,
        Self::Withdrawn,
        Self::Stopped,
        Self::Processed,
        Self::Returned,
    ];

    /// The word for it in tables and pages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Filed => "filed",
            Self::Received => "received",
            Self::NotReceived => "not-received",
            Self::Processing => "processing",
            Self::SupplementRequested => "supplement-requested",
            Self::PaymentRequested => "payment-requested",
            Self::Withdrawn => "withdrawn",
            Self::Stopped => "stopped",
            Self::Processed => "processed",
            Self::Returned => "returned",
        }
    }

    /// Statuses that a step may have: those of an open dossier that waits for an officer.
    pub const OF_STEPS: [Self; 4] = [Self::Filed, Self::Received, Self::Processing, Self::Processed];
}

impl Join {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
    fn is_plain(&self) -> bool {
        *self == Self::Each
    }
}

impl Step {
    /// The actions of the step among which the procedure's plugin chooses.
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
}

impl Effect {
    /// The word for it in configuration, the journal and pages.
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

    /// The steps that the effect leads to, or may lead to.
    pub fn targets(&self) -> impl Iterator<Item = &StepId> {
        let (one, several): (Option<&StepId>, &[Branch]) = match self {
            Self::Advance { to } | Self::RequestPayment { to } => (Some(to), &[]),
            Self::Split { to } => (None, to),
            _ => (None, &[]),
        };
        one.into_iter().chain(several.iter().map(|branch| &branch.to))
    }

    /// Whether the effect ends the dossier, wherever else it stands.
    pub const fn ends(&self) -> bool {
        matches!(self, Self::Decline | Self::Refuse | Self::HandOver)
    }

    /// Whether the effect is an answer for the applicant to read.
    pub const fn needs_note(&self) -> bool {
        matches!(self, Self::Decline | Self::Refuse | Self::RequestSupplement)
    }
}

impl Action {
    /// Returns whether the officer fills in the step's form with the action. An officer who asks the applicant, or refuses,
    /// fills in nothing.
    pub const fn asks_form(&self) -> bool {
        !self.effect.needs_note()
    }

    /// Returns whether the action is not taken without a note.
    pub fn needs_note(&self) -> bool {
        self.effect.needs_note() || self.requires.contains(&Requirement::Note)
    }

    /// An action without conditions.
    pub fn new(id: &str, name: Text, effect: Effect) -> Self {
        Self {
            id: id.into(),
            name,
            effect,
            requires: Vec::new(),
            when: None,
            after: None,
            during: None,
            cancels: Cancels::Nothing,
        }
    }

    /// Whether a person takes it, and not the portal when time has passed.
    pub const fn is_for_people(&self) -> bool {
        self.after.is_none()
    }

    /// Everything that the action asks to be true.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        let branches: &[Branch] = if let Effect::Split { to } = &self.effect { to } else { &[] };
        self.when.iter().chain(branches.iter().filter_map(|branch| branch.when.as_ref()))
    }
}

impl Step {
    /// A plain step without actions.
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
        }
    }

    /// The action with this id.
    pub fn action(&self, id: &ActionId) -> Option<&Action> {
        self.actions.iter().find(|action| action.id == *id)
    }

    /// The steps that may follow this one.
    pub fn targets(&self) -> impl Iterator<Item = &StepId> {
        let answered = self.many.iter().map(|many| &many.then);
        self.actions.iter().flat_map(|action| action.effect.targets()).chain(answered)
    }

    /// The action that the portal takes when time has passed.
    pub fn timed(&self) -> Option<(&Action, Limit)> {
        self.actions.iter().find_map(|action| Some((action, action.after?)))
    }
}

impl Many {
    /// How many answers are enough if so many units are asked.
    pub fn enough_of(&self, asked: u32) -> u32 {
        self.enough.map_or(asked, |enough| enough.min(asked))
    }
}

impl Workflow {
    /// The step with this id.
    pub fn step(&self, id: &StepId) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == *id)
    }

    /// Where the step with this id stands in [`Self::steps`].
    pub fn index(&self, id: &StepId) -> Option<usize> {
        self.steps.iter().position(|step| step.id == *id)
    }

    /// The stage with this id.
    pub fn stage(&self, id: &StageId) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.id == *id)
    }
}
