//! The filing of a dossier, and the applicant.

use super::{Channel, Clocks, CoSignature, EarlierResult, RecordedStep, SilenceRule};
use crate::dossier::verdict::Verdict;
use crate::media::AttachedPaper;
use crate::names::{AgencyId, Digest, DossierCode, PaperId, ProcedureCode, UnitId, UserId};
use crate::one_or_many;
use crate::people::organisation::{ActorRef, Role};
use crate::procedure::FeeLine;
use crate::procedure::delivery::PostalAddress;
use crate::procedure::on_behalf::OnBehalf;
use crate::text::Text;
use crate::time::calendar::Limit;
use crate::time::recorded::RecordedTime;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

/// The filing of a dossier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Filed {
    pub code: DossierCode,
    /// The draft that became the dossier. Filing a draft twice creates one dossier.
    pub draft: Uuid,
    pub procedure: ProcedureCode,
    pub procedure_name: Text,
    /// The version of the procedure for the dossier until it ends.
    pub version: Digest,
    pub agency: AgencyId,
    pub unit: UnitId,
    /// The person who files, with an account. The answers may name another person for whom they do.
    pub applicant: Applicant,
    /// The people for whom the procedure let somebody file.
    #[serde(default, skip_serializing_if = "OnBehalf::is_nobody")]
    pub on_behalf: OnBehalf,
    /// The way on which the dossier came. Events of earlier versions lack it, and came online.
    #[serde(default, skip_serializing_if = "Channel::is_online")]
    pub channel: Channel,
    /// The officer who received it at the counter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_by: Option<ActorRef>,
    pub values: Map<String, Json>,
    pub papers: Vec<AttachedPaper>,
    /// The papers that the receiving officer has seen on paper.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub on_paper: Vec<PaperId>,
    #[serde(default, rename = "verdict", with = "one_or_many")]
    pub verdicts: Vec<Verdict>,
    pub fees: Vec<FeeLine>,
    pub first: RecordedStep,
    /// The time of the first stay's reminder, and the role to which the stay is escalated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remind: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalate: Option<Role>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timer: Option<RecordedTime>,
    pub clocks: Clocks,
    /// The agency's limit. Events of earlier versions lack it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
    /// The time from which the limit counts. Events of earlier versions lack it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_from: Option<Timestamp>,
    /// The appointment that the receipt names. `None` if it lies in a year whose calendar was not announced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appointment: Option<Timestamp>,
    /// The earlier result that the dossier renews, changes or ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<EarlierResult>,
    /// The consequence of a limit that passes without an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silence: Option<SilenceRule>,
    /// The consents of the people who had to sign beside the applicant.
    #[serde(default, rename = "signed", skip_serializing_if = "Vec::is_empty")]
    pub signatures: Vec<CoSignature>,
    /// The address to which the result goes by post. `None` for the counter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post: Option<Box<PostalAddress>>,
}

impl Filed {
    /// Returns the name of the officer who received the dossier at the counter, or an empty text.
    pub fn receiving_officer(&self) -> &str {
        match &self.received_by {
            Some(ActorRef::Officer { name, .. }) => name,
            Some(ActorRef::Applicant { .. } | ActorRef::System) | None => "",
        }
    }
}

/// The applicant as the journal stores them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applicant {
    pub id: UserId,
    pub name: String,
    pub phone: String,
    pub email: Option<String>,
}
