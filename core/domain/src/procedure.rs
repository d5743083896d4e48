//! A procedure as the law and its agency declare it: the contents of one published version.

pub mod alternatives;
mod basis;
mod bounds;
pub mod changes;
pub mod co_signer;
pub mod delivery;
pub mod eligibility;
pub mod fee;
pub mod offering;
pub mod on_behalf;
pub mod own_case;
pub mod plugin;
mod publication;
pub mod result;
pub mod schema;
mod silence;
mod window;

use crate::expression::{Condition, WorkBudget};
use crate::form::kinds::Structure;
use crate::form::{Field, Form, FormCheck};
use crate::legal::{LegalDocument, LegalReference};
use crate::names::{AgencyId, Digest, PaperId, ProcedureCode, ResultKind, StepId, UnitId};
use crate::one_or_many;
use crate::people::organisation::Agency;
use crate::procedure::alternatives::Alternatives;
use crate::procedure::co_signer::CoSigner;
use crate::procedure::delivery::PostalOffer;
use crate::procedure::offering::OfferedBy;
use crate::procedure::on_behalf::OnBehalf;
use crate::procedure::plugin::PluginUse;
use crate::procedure::result::ResultRule;
use crate::text::Text;
use crate::time::calendar::Limit;
use crate::workflow::{Step, UnitPlace, Workflow};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

pub use basis::BasisGap;
pub use bounds::{CapPeriod, FilingBounds, FilingCap, FilingHolder, HolderTime, OnePer};
pub use publication::ResultPublication;
pub use silence::{Silence, SilenceMeaning};
pub use window::{FilingWindow, WindowState};

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
    /// The first part of its address: the name of the folder above its own. Without `offered_by` it is the agency, and
    /// stored versions have it as `agency`.
    #[serde(rename = "agency")]
    pub group: String,
    /// The unit that works on its dossiers, in each agency that offers the procedure.
    pub unit: UnitId,
    /// The field of law.
    pub field: Text,
    pub audience: Vec<Audience>,
    pub life_events: Vec<Text>,
    pub keywords: Vec<String>,
    /// The declared service level, 1 to 4.
    pub level: u8,
    pub limit: Limit,
    /// The legal basis of the limit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limit_basis: Vec<LegalReference>,
    /// The time in which dossiers are filed.
    #[serde(default, skip_serializing_if = "FilingWindow::is_always")]
    pub window: FilingWindow,
    /// The people for whom somebody may file.
    #[serde(default, skip_serializing_if = "OnBehalf::is_nobody")]
    pub on_behalf: OnBehalf,
    /// The bounds on the number of filings.
    #[serde(default, skip_serializing_if = "FilingBounds::is_none")]
    pub bounds: FilingBounds,
    /// The consequence of a limit that passes without an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silence: Option<Silence>,
    /// The publication of results that are handed over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publish: Option<ResultPublication>,
    /// The offer to send results by post. Without it, they are at the counter alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post: Option<PostalOffer>,
    /// Other limits for some cases. The first case that fits counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limit_cases: Vec<LimitCase>,
    /// The applicant's calendar days for a supplement or a payment.
    pub waiting_days: u32,
    pub result: Text,
    /// The rules of the result in the register. Without them, a result is only a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub register: Option<ResultRule>,
    pub how_to: Vec<Text>,
    pub conditions: Vec<Text>,
    /// Questions before the form, so that nobody without the right to apply fills it in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eligibility: Option<Eligibility>,
    /// The documents that the procedure rests on.
    pub legal_basis: Vec<LegalDocument>,
    pub papers: Vec<Paper>,
    pub fees: Vec<Fee>,
    pub form: Form,
    /// Fields and papers of which at least one, or exactly one, has to be given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alternatives: Vec<Alternatives>,
    /// The people beside the applicant who have to consent to what is filed.
    #[serde(default, rename = "signer", skip_serializing_if = "Vec::is_empty")]
    pub signers: Vec<CoSigner>,
    pub workflow: Workflow,
    /// Rules that need code, asked one after the other.
    #[serde(default, rename = "plugin", with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub plugins: Vec<PluginUse>,
    /// The agencies that offer the procedure. `None` is the agency in whose folder it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offered_by: Option<OfferedBy>,
    /// The entry of a registry in the form whose area leads the applicant to the agency: `residence.commune`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub led_by: Option<String>,
    /// The terms of agencies that differ from those of the procedure.
    #[serde(default, rename = "offer", skip_serializing_if = "Vec::is_empty")]
    pub terms: Vec<AgencyTerms>,
}

/// The terms under which one agency offers the procedure. The procedure's own hold where they are silent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AgencyTerms {
    pub agency: AgencyId,
    /// The unit that works on the dossiers there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<UnitId>,
    /// The limit of the agency, which is shorter than the procedure's. Limits of cases stay as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
    /// Other limits for steps of the workflow there.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub step_limits: BTreeMap<StepId, Limit>,
    /// The hours of the counter, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Text>,
    /// The fees of the agency in the place of the procedure's, unless empty.
    #[serde(default, rename = "fee", skip_serializing_if = "Vec::is_empty")]
    pub fees: Vec<Fee>,
}

impl AgencyTerms {
    /// Returns the unit that works on the dossiers of an agency: that of its terms, or the procedure's own.
    pub fn place_in(agency: &AgencyId, terms: &[Self], unit: &UnitId) -> UnitPlace {
        let own = terms.iter().find(|terms| terms.agency == *agency).and_then(|terms| terms.unit.as_ref());
        UnitPlace { agency: agency.clone(), unit: own.unwrap_or(unit).clone() }
    }
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
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub basis: Vec<LegalReference>,
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
    /// The legal basis of asking for the paper.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub basis: Vec<LegalReference>,
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

    /// Returns whether the procedure renews, changes or ends results of this kind, issued by this procedure.
    pub fn follows(&self, kind: &ResultKind, issuer: &ProcedureCode) -> bool {
        let follows = self.register.as_ref().and_then(|register| register.follows.as_ref());
        follows.is_some_and(|follows| follows.takes(kind, issuer))
    }

    /// Returns the fields that the applicant and the officers answer.
    pub fn answered_fields(&self) -> impl Iterator<Item = &Field> {
        let of_form = self.form.fields().map(|(_, field)| field);
        of_form.chain(self.workflow.steps.iter().flat_map(|step| &step.form))
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
    /// Nobody would see it at a helper.
    pub fn has_place(&self, path: &str) -> bool {
        let mut parts = path.split('.');
        let first = parts.next().unwrap_or_default();
        if first == "papers" {
            return parts.next().is_some_and(|id| self.papers.iter().any(|paper| paper.id.as_str() == id))
                && parts.next().is_none();
        }
        let asked = self.form.fields().find(|(_, field)| field.id == first && !field.kind.is_helper());
        let Some((_, field)) = asked else { return path.is_empty() };
        let inner = match field.kind.rows() {
            Some(rows) => match parts.next() {
                None => return true,
                Some(row) => rows.can_have(row).then(|| parts.next()),
            },
            None => Some(parts.next()),
        };
        let known = |id: &str| field.kind.parts().iter().any(|part| part.id == id && !part.kind.is_helper());
        match inner {
            None => false,
            Some(None) => true,
            Some(Some(id)) => known(id) && parts.next().is_none(),
        }
    }

    /// Returns the agency that alone offers the procedure, or `None` if `offered_by` says who does.
    pub fn only_agency(&self) -> Option<AgencyId> {
        self.offered_by.is_none().then(|| AgencyId(self.group.clone()))
    }

    /// Returns the agencies of an organisation that offer the procedure.
    pub fn offering<'a>(&self, all: &'a [Agency]) -> Vec<&'a Agency> {
        match &self.offered_by {
            Some(rule) => rule.among(all),
            None => all.iter().filter(|agency| agency.id.as_str() == self.group).collect(),
        }
    }

    /// Returns the agency that is in charge of the area in the answers. Returns `None` if no answer leads to an agency.
    pub fn led_to<'a>(&self, values: &Map<String, Json>, all: &'a [Agency]) -> Option<&'a Agency> {
        let mut path = self.led_by.as_deref()?.split('.');
        let first = values.get(path.next()?)?;
        let code = path.try_fold(first, |answer, part| answer.get(part))?.get("code")?.as_str()?;
        self.offering(all).into_iter().find(|agency| agency.areas.iter().any(|area| area == code))
    }

    /// Returns the question whose answer leads to the agency.
    pub fn leading_field(&self) -> Option<&Field> {
        let first = self.led_by.as_deref()?.split('.').next()?;
        self.form.fields().map(|(_, field)| field).find(|field| field.id == first)
    }

    /// Returns the terms of an agency, if they differ from the procedure's.
    pub fn terms_of(&self, agency: &AgencyId) -> Option<&AgencyTerms> {
        self.terms.iter().find(|terms| terms.agency == *agency)
    }

    /// Returns the unit that works on the dossiers of an agency.
    pub fn place_in(&self, agency: &AgencyId) -> UnitPlace {
        AgencyTerms::place_in(agency, &self.terms, &self.unit)
    }

    /// Returns the procedure as one agency offers it, as if it stood in the folder of this agency.
    #[must_use]
    pub fn in_agency(&self, agency: &AgencyId) -> Self {
        let UnitPlace { agency, unit } = self.place_in(agency);
        let (limit, fees) = (self.limit_in(&agency), self.fees_of(&agency).to_vec());
        let terms = self.terms_of(&agency).cloned().into_iter().collect();
        let workflow = self.workflow.in_agency(&agency).unwrap_or_else(|| self.workflow.clone());
        Self { group: agency.0, unit, limit, fees, terms, workflow, offered_by: None, led_by: None, ..self.clone() }
    }

    /// Returns the fees of an agency.
    pub fn fees_of(&self, agency: &AgencyId) -> &[Fee] {
        let own = self.terms_of(agency).map(|terms| terms.fees.as_slice());
        own.filter(|fees| !fees.is_empty()).unwrap_or(&self.fees)
    }

    /// Returns the case of other limits that fits these values of this moment.
    fn limit_case(&self, values: &Map<String, Json>, answers_at: Timestamp) -> Option<&LimitCase> {
        let work = WorkBudget::at(answers_at);
        self.limit_cases.iter().find(|case| case.when.surely_holds(values, &work))
    }

    /// Returns an agency's limit for a dossier with these values of this moment.
    pub fn limit_for(&self, agency: &AgencyId, values: &Map<String, Json>, answers_at: Timestamp) -> Limit {
        self.limit_case(values, answers_at).map_or_else(|| self.limit_in(agency), |case| case.limit)
    }

    /// Returns an agency's limit outside of the special cases, which may be shorter than the procedure's.
    pub fn limit_in(&self, agency: &AgencyId) -> Limit {
        let own = self.terms_of(agency).and_then(|terms| terms.limit);
        own.filter(|own| own.working_hours() < self.limit.working_hours()).unwrap_or(self.limit)
    }

    /// Returns the limit of a step that begins now, for a dossier of an agency with these values of this moment. The
    /// limit of a case goes before that of the agency.
    pub fn step_limit(
        &self,
        agency: &AgencyId,
        step: &Step,
        values: &Map<String, Json>,
        answers_at: Timestamp,
    ) -> Option<Limit> {
        let by_case = self.limit_cases.iter().any(|case| case.step_limits.contains_key(&step.id));
        let case = if by_case { self.limit_case(values, answers_at) } else { None };
        let of_case = case.and_then(|case| case.step_limits.get(&step.id));
        let of_agency = || self.terms_of(agency).and_then(|terms| terms.step_limits.get(&step.id));
        of_case.or_else(of_agency).copied().or(step.limit)
    }

    /// Returns the path of the procedure's page.
    pub fn path(&self) -> String {
        format!("/procedures/{}/{}", self.group, self.slug)
    }

    /// Returns the path of the page on which an agency offers the procedure.
    pub fn path_in(&self, agency: &AgencyId) -> String {
        format!("/procedures/{agency}/{}", self.slug)
    }

    /// Returns the amounts that a dossier of an agency with these values of this moment owes.
    pub fn fee_lines(&self, agency: &AgencyId, values: &Map<String, Json>, answers_at: Timestamp) -> Vec<FeeLine> {
        self.fee_lines_within(agency, values, &WorkBudget::at(answers_at))
    }

    /// Returns the same as [`Self::fee_lines`], within the budget of a judgement, which stores the fault of a rule.
    pub fn fee_lines_within(&self, agency: &AgencyId, values: &Map<String, Json>, work: &WorkBudget) -> Vec<FeeLine> {
        fee::lines(self.fees_of(agency), values, work)
    }
}
