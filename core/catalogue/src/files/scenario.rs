//! `procedures/<group>/<name>/tests/*.toml`: an author's expectations of a procedure. This module reads and writes them,
//! and `motcua-service` plays them.

mod keys;
mod read;
mod write;

pub(crate) use keys::KEYS;
pub use read::read;
pub use write::{clock, visit_words, write};

use jiff::Timestamp;
use jiff::civil::Date;
use motcua_domain::dossier::site_visit::SiteVisitInput;
use motcua_domain::expression::Expression;
use motcua_domain::names::{ActionId, AgencyId, PaperId, SignerId, StepId};
use motcua_domain::people::organisation::Role;
use motcua_domain::procedure::Procedure;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One scenario: an input, steps by named posts, and the expected result.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// The file, relative to the install folder.
    pub file: String,
    pub name: String,
    /// The time of filing.
    pub at: Timestamp,
    /// The agency to which the applicant applies. `None` is the first that offers the procedure.
    pub agency: Option<AgencyId>,
    /// The older version under which the dossier is filed. `None` means the present one.
    pub version: Option<ScenarioVersion>,
    /// The answers before the form, if the scenario gives some.
    pub eligibility: Option<Map<String, Json>>,
    pub values: Map<String, Json>,
    /// The attached papers, one file for each mention.
    pub papers: Vec<PaperId>,
    /// The people who consented before the filing. `None` means everybody who has to sign.
    pub signed: Option<Vec<SignerId>>,
    pub expect: ExpectedFiling,
    pub steps: Vec<PlayedStep>,
    /// A result of the applicant in the register.
    pub earlier: Option<ScenarioEarlier>,
}

/// A result of the applicant in the register, as a scenario states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScenarioEarlier {
    pub number: String,
    pub until: Option<Date>,
}

impl Scenario {
    /// Returns the answers in the form of the procedure. Answers before the form go on into it, if it asks the same.
    pub fn typed_in_form(&self, procedure: &Procedure) -> Map<String, Json> {
        let mut typed = self.eligibility.clone().unwrap_or_default();
        typed.retain(|id, _| procedure.asked_twice().any(|field| field.id == *id));
        typed.extend(self.values.clone());
        typed
    }
}

/// An older version of the procedure of a scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct ScenarioVersion {
    /// The file, relative to the folder of the procedure.
    pub file: String,
    pub procedure: Arc<Procedure>,
}

/// An expected value, with its line in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation<T> {
    pub value: T,
    pub line: usize,
}

/// The expected value of a field.
#[derive(Debug, Clone, PartialEq)]
pub struct ExpectedValue {
    pub line: usize,
    pub field: String,
    /// The value, or the parts of it that are compared.
    pub value: Json,
}

/// The expected result of the filing. Values that are not stated are not compared.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ExpectedFiling {
    /// The line of the table, or 1 if there is none.
    pub line: usize,
    /// The answers before the form let the applicant apply.
    pub eligible: Option<Expectation<bool>>,
    /// The Vietnamese texts of the conditions that these answers do not meet.
    pub unmet: Option<Expectation<Vec<String>>>,
    /// `path: code` of every finding, in any order.
    pub findings: Option<Expectation<Vec<String>>>,
    /// The sum of all fees and charges, in đồng.
    pub fees: Option<Expectation<i64>>,
    /// Each fee and charge with its computation, in Vietnamese.
    pub fee_lines: Option<Expectation<Vec<String>>>,
    pub appointment: Option<Expectation<Timestamp>>,
    /// The word of the refusal, if the rules must refuse the filing.
    pub refused: Option<Expectation<String>>,
    pub values: Vec<ExpectedValue>,
    /// The fields without a value.
    pub absent: Vec<Expectation<String>>,
    /// The notices to the applicant, in their order.
    pub notices: Option<Expectation<Vec<String>>>,
    /// The conditions that must hold.
    pub holds: Vec<Expectation<Expression>>,
}

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub struct PlayedStep {
    pub line: usize,
    pub at: Timestamp,
    pub by: By,
    pub deed: ScenarioDeed,
    /// The step at which the action is taken, if the scenario names it.
    pub step: Option<StepId>,
    pub note: String,
    /// The reason for a second request for a supplement at the same step.
    pub new_grounds: Option<String>,
    /// The unit whose officer acts, as `agency/unit`, if several have the same step.
    pub unit: Option<String>,
    /// The answers of the officer, or those that the applicant's supplement changes.
    pub values: Map<String, Json>,
    /// The attached papers after the applicant's supplement, if they change.
    pub papers: Option<Vec<PaperId>>,
    /// The units that the officer asks, as `agency/unit`.
    pub ask: Vec<String>,
    /// The appointment on the spot that the officer makes.
    pub visit: Option<SiteVisitInput>,
    /// The name of the file that the officer attaches. An empty name means none.
    pub result: Option<Expectation<String>>,
    /// The amount that is paid back, in đồng. `None` means everything that can be paid back.
    pub amount: Option<i64>,
    /// The steps that have another name in the version to which the dossier moves.
    pub renamed: BTreeMap<StepId, StepId>,
    pub expect: After,
}

/// The actor of a step of the scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Applicant,
    Office(Role),
    /// The portal, after a limit has passed.
    Portal,
}

/// The deed of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScenarioDeed {
    /// An action of the workflow, with everything that it requires except a note.
    Act(ActionId),
    /// The applicant supplies the missing answers or papers.
    Supplement,
    Withdraw,
    /// The counter records a payment of the whole amount owed.
    Pay,
    /// The counter records an amount that was paid back.
    Refund,
    /// The portal closes a dossier whose applicant let a limit pass.
    Lapse,
    /// The portal ends a dossier by silence of the agency, or announces that it is late.
    Silence,
    /// The portal moves the dossier to the present version of the procedure.
    Migrate,
}

/// The expected state of the dossier afterwards. Values that are not stated are not compared.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct After {
    /// The word of the refusal, if the rules must refuse.
    pub refused: Option<Expectation<String>>,
    /// The steps at which the dossier stands, in any order.
    pub step: Option<Expectation<Vec<String>>>,
    /// The word of the status or, at the end, of the outcome.
    pub status: Option<Expectation<String>>,
    /// The posts that have the steps, in the order of the workflow: `agency/unit/role`, for the counter and the leader
    /// `agency/role`, or `applicant`.
    pub holder: Option<Expectation<Vec<String>>>,
    /// The log-ins of the officers to whom the steps are assigned, in the order of the workflow.
    pub officer: Option<Expectation<Vec<String>>>,
    /// The due time of the whole. `None` inside if the clock must be stopped.
    pub due: Option<Expectation<Option<Timestamp>>>,
    /// The amount that the applicant still owes, in đồng.
    pub owed: Option<Expectation<i64>>,
    /// The amount that the agency has to pay back, in đồng.
    pub pay_back: Option<Expectation<i64>>,
    /// The values of the form and of officers.
    pub has: Vec<ExpectedValue>,
    /// The fields of the form and of officers without a value.
    pub absent: Vec<Expectation<String>>,
    /// The notices to the applicant, in their order.
    pub notices: Option<Expectation<Vec<String>>>,
    /// The names of the files of the result that the applicant has.
    pub issued: Option<Expectation<Vec<String>>>,
    /// The appointments on the spot that were not called off, in the words of [`visit_words`].
    pub visits: Option<Expectation<Vec<String>>>,
    /// The number of the issued result, or `none`.
    pub number: Option<Expectation<String>>,
    /// The last day of the issued result, `unlimited` or `none`.
    pub valid_until: Option<Expectation<String>>,
    /// The number of the earlier result that the issued one follows, or `none`.
    pub follows: Option<Expectation<String>>,
    /// The conditions that must hold.
    pub holds: Vec<Expectation<Expression>>,
}

/// The words of files for the actors that hold no post, and for a clock that stands.
const APPLICANT: &str = "applicant";
const PORTAL: &str = "portal";
const STOPPED: &str = "stopped";

impl By {
    /// Returns the word for files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Applicant => APPLICANT,
            Self::Office(role) => role.name(),
            Self::Portal => PORTAL,
        }
    }
}

impl ScenarioDeed {
    /// Returns the word for files.
    pub fn name(&self) -> &str {
        match self {
            Self::Act(action) => action.as_str(),
            Self::Supplement => "supplement",
            Self::Withdraw => "withdraw",
            Self::Pay => "pay",
            Self::Refund => "refund",
            Self::Lapse => "lapse",
            Self::Silence => "silence",
            Self::Migrate => "migrate",
        }
    }

    /// Returns the deed that a word means for this actor.
    fn parse(word: &str, by: By) -> Self {
        match (word, by) {
            ("supplement", By::Applicant) => Self::Supplement,
            ("withdraw", By::Applicant) => Self::Withdraw,
            ("pay", By::Office(_)) => Self::Pay,
            ("refund", By::Office(_)) => Self::Refund,
            ("lapse", By::Portal) => Self::Lapse,
            ("silence", By::Portal) => Self::Silence,
            ("migrate", By::Portal) => Self::Migrate,
            (action, _) => Self::Act(ActionId(action.to_owned())),
        }
    }
}
