//! A procedure as the law and its agency declare it: the contents of one published version.

pub mod changes;
pub mod fee;
pub mod plugin;
pub mod schema;

use crate::expression::{Condition, WorkBudget};
use crate::form::kinds::Structure;
use crate::form::{Field, Form, FormCheck};
use crate::names::{AgencyId, Digest, PaperId, ProcedureCode, StepId, UnitId};
use crate::one_or_many;
use crate::procedure::plugin::PluginUse;
use crate::text::Text;
use crate::time::calendar::Limit;
use crate::workflow::{Step, Workflow};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

pub use crate::media::MediaKind;
pub use crate::procedure::fee::{Fee, FeeKind, FeeLine};

/// One version of a procedure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Procedure {
    pub code: ProcedureCode,
    /// The last part of its address: `dang-ky-khai-sinh`.
    pub slug: String,
    pub name: Text,
    pub summary: Text,
    pub agency: AgencyId,
    /// The unit that works on its dossiers.
    pub unit: UnitId,
    /// The field of law.
    pub field: Text,
    pub audience: Vec<Audience>,
    pub life_events: Vec<Text>,
    pub keywords: Vec<String>,
    /// The declared service level, 1 to 4.
    pub level: u8,
    pub limit: Limit,
    /// Other limits for some cases. The first case that fits counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limit_cases: Vec<LimitCase>,
    /// The applicant's calendar days for a supplement or a payment.
    pub waiting_days: u32,
    pub result: Text,
    pub how_to: Vec<Text>,
    pub conditions: Vec<Text>,
    /// Questions before the form, so that nobody without the right to apply fills it in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eligibility: Option<Eligibility>,
    pub legal_basis: Vec<Text>,
    pub papers: Vec<Paper>,
    pub fees: Vec<Fee>,
    pub form: Form,
    pub workflow: Workflow,
    /// Rules that need code, asked one after the other.
    #[serde(default, rename = "plugin", with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub plugins: Vec<PluginUse>,
}

/// A limit for some cases.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LimitCase {
    pub when: Condition,
    pub limit: Limit,
    /// The description of the cases.
    pub name: Text,
    /// Other limits for steps of the workflow.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub step_limits: BTreeMap<StepId, Limit>,
}

/// Questions about the right to apply, and the conditions that their answers must fulfil.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Eligibility {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<Text>,
    pub fields: Vec<Field>,
    pub conditions: Vec<FormCheck>,
}

/// The audience of a procedure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Audience {
    Citizen,
    Household,
    Business,
    Foreign,
}

impl Audience {
    pub const ALL: [Self; 4] = [Self::Citizen, Self::Household, Self::Business, Self::Foreign];

    /// Returns the configuration word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Citizen => "citizen",
            Self::Household => "household",
            Self::Business => "business",
            Self::Foreign => "foreign",
        }
    }
}

/// A paper that must or may be attached.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Paper {
    pub id: PaperId,
    pub name: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<Text>,
    pub required: Condition,
    /// The required form of the paper: original, certified copy, copy or electronic.
    pub kind: PaperKind,
    /// The accepted media types.
    pub accept: Vec<MediaKind>,
    /// The largest file, in bytes.
    pub max_bytes: u64,
    pub max_files: usize,
    /// The number of copies that the agency needs on paper, if more than one.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub count: u32,
    /// A form to download, fill in and attach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<FormTemplate>,
}

const fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_one(count: &u32) -> bool {
    *count == 1
}

/// A form to download.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormTemplate {
    /// The name of the file.
    pub file: String,
    /// The SHA-256 of its content.
    pub digest: Digest,
    pub media: MediaKind,
}

/// The form in which a paper is handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PaperKind {
    Original,
    CertifiedCopy,
    Copy,
    Electronic,
}

impl PaperKind {
    pub const ALL: [Self; 4] = [Self::Original, Self::CertifiedCopy, Self::Copy, Self::Electronic];

    /// Returns the configuration word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::CertifiedCopy => "certified-copy",
            Self::Copy => "copy",
            Self::Electronic => "electronic",
        }
    }
}

/// A place for a file, with the files that it accepts.
#[derive(Debug, Clone, Copy)]
pub struct AttachmentPlace<'a> {
    pub name: &'a Text,
    pub accept: &'a [MediaKind],
    pub max_bytes: u64,
    pub max_files: usize,
}

impl Procedure {
    /// Returns the name of this version: the SHA-256 of its content as JSON.
    pub fn digest(&self) -> Digest {
        let content = serde_json::to_vec(self).expect("a procedure has only string keys and finite numbers");
        Digest(hex::encode(Sha256::digest(content)))
    }

    /// Returns the place for a file: a paper, or a file field of the form.
    pub fn place(&self, id: &PaperId) -> Option<AttachmentPlace<'_>> {
        let paper = self.papers.iter().find(|paper| paper.id == *id).map(|paper| AttachmentPlace {
            name: &paper.name,
            accept: &paper.accept,
            max_bytes: paper.max_bytes,
            max_files: paper.max_files,
        });
        let of_field = || {
            let (_, field) = self.form.fields().find(|(_, field)| field.id == id.as_str())?;
            let Structure::Files(kind) = field.kind.structure() else { return None };
            let (accept, max_bytes, max_files) = (&kind.accept, kind.max_bytes, kind.max_files);
            Some(AttachmentPlace { name: &field.label, accept, max_bytes, max_files })
        };
        paper.or_else(of_field)
    }

    /// Returns whether a finding can stand at this place: the form as a whole, a field, an answer within one, a paper.
    pub fn has_place(&self, path: &str) -> bool {
        let mut parts = path.split('.');
        let first = parts.next().unwrap_or_default();
        if first == "papers" {
            return parts.next().is_some_and(|id| self.papers.iter().any(|paper| paper.id.as_str() == id))
                && parts.next().is_none();
        }
        let Some((_, field)) = self.form.fields().find(|(_, field)| field.id == first) else { return path.is_empty() };
        let inner = match field.kind.rows() {
            Some(rows) => match parts.next() {
                None => return true,
                Some(row) => rows.can_have(row).then(|| parts.next()),
            },
            None => Some(parts.next()),
        };
        let known = |id: &str| field.kind.parts().iter().any(|part| part.id == id);
        match inner {
            None => false,
            Some(None) => true,
            Some(Some(id)) => known(id) && parts.next().is_none(),
        }
    }

    /// Returns the case of other limits that fits these values of this moment.
    fn limit_case(&self, values: &Map<String, Json>, answers_at: Timestamp) -> Option<&LimitCase> {
        let work = WorkBudget::at(answers_at);
        self.limit_cases.iter().find(|case| case.when.surely_holds(values, &work))
    }

    /// Returns the agency's limit for a dossier with these values of this moment.
    pub fn limit_for(&self, values: &Map<String, Json>, answers_at: Timestamp) -> Limit {
        self.limit_case(values, answers_at).map_or(self.limit, |case| case.limit)
    }

    /// Returns the limit of a step that begins now, for a dossier with these values of this moment.
    pub fn step_limit(&self, step: &Step, values: &Map<String, Json>, answers_at: Timestamp) -> Option<Limit> {
        let by_case = self.limit_cases.iter().any(|case| case.step_limits.contains_key(&step.id));
        let case = if by_case { self.limit_case(values, answers_at) } else { None };
        case.and_then(|case| case.step_limits.get(&step.id).copied()).or(step.limit)
    }

    /// Returns the path of the procedure's page.
    pub fn path(&self) -> String {
        format!("/procedures/{}/{}", self.agency, self.slug)
    }

    /// Returns the amounts that a dossier with these values of this moment owes.
    pub fn fee_lines(&self, values: &Map<String, Json>, answers_at: Timestamp) -> Vec<FeeLine> {
        self.fee_lines_within(values, &WorkBudget::at(answers_at))
    }

    /// Returns the same as [`Self::fee_lines`], within the budget of a judgement, which stores the fault of a rule.
    pub fn fee_lines_within(&self, values: &Map<String, Json>, work: &WorkBudget) -> Vec<FeeLine> {
        fee::lines(&self.fees, values, work)
    }
}
