//! The people beside the applicant who have to consent to what is filed, and the content to which they consent.

use crate::expression::{Condition, WorkBudget};
use crate::form::Form;
use crate::media::AttachedPaper;
use crate::names::{AgencyId, Digest, PaperId, SignerId, UserId};
use crate::procedure::{FeeLine, Procedure};
use crate::text::Text;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A person, or each person of a group, who has to consent to what the applicant files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CoSigner {
    pub id: SignerId,
    /// The role of the person, such as “wife”.
    pub name: Text,
    /// The condition under which the person has to sign.
    pub when: Condition,
    /// The group of which each row names a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub many: Option<String>,
    /// The answer with the number of the person: `wife.citizen_number`, or with a group `members.citizen_number`.
    pub identity: String,
    /// The words of the consent, in the place of the theme's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<Text>,
}

/// A person who has to consent to a dossier with certain answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeededSigner {
    pub id: SignerId,
    pub name: Text,
    /// The number of the row of the group, from 1.
    pub row: Option<usize>,
    /// The citizen number or the tax code of the person, or an empty text without an answer.
    pub number: String,
    /// The words of the consent, in the place of the theme's.
    pub consent: Option<Text>,
}

/// A consent that a person gave to the content of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenConsent {
    pub signer: SignerId,
    /// The mark of the person, as [`person_mark`] returns it.
    pub person: String,
    pub by: UserId,
    pub name: String,
    pub at: Timestamp,
    /// The content, as [`Procedure::signed_content`] returns it.
    pub content: Digest,
}

/// The content to which people consent.
#[derive(Debug, Clone, Copy)]
pub struct SignedContent<'a> {
    pub agency: &'a AgencyId,
    pub values: &'a Map<String, Json>,
    pub papers: &'a [AttachedPaper],
    pub fees: &'a [FeeLine],
}

/// The same content in a form that is hashed.
#[derive(Serialize)]
struct HashedContent<'a> {
    version: Digest,
    agency: &'a AgencyId,
    values: BTreeMap<&'a str, &'a Json>,
    papers: Vec<(&'a PaperId, &'a Digest, &'a String)>,
    fees: &'a [FeeLine],
}

/// Returns the mark by which a person is recognised among the signers of a draft. Nobody reads the person's number in
/// it at a glance.
pub fn person_mark(draft: Uuid, number: &str) -> String {
    hex::encode(Sha256::digest(format!("{draft}:{number}")))
}

impl CoSigner {
    /// Adds the people who have to sign these values, each of a row once.
    fn add_needed(&self, values: &Map<String, Json>, work: &WorkBudget, needed: &mut Vec<NeededSigner>) {
        if !self.when.holds_within(values, work) {
            return;
        }
        let mut path = self.identity.split('.');
        let answer = path.next().and_then(|first| values.get(first));
        let parts: Vec<&str> = path.collect();
        let signer = |row: Option<usize>, answer: Option<&Json>| NeededSigner {
            id: self.id.clone(),
            name: self.name.clone(),
            row,
            number: number_at(answer, &parts),
            consent: self.consent.clone(),
        };
        if self.many.is_none() {
            needed.push(signer(None, answer));
            return;
        }
        let rows = answer.and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
        needed.extend(rows.iter().enumerate().map(|(at, row)| signer(Some(at + 1), Some(row))));
    }
}

/// Returns the text at a path within an answer, or an empty text.
fn number_at(answer: Option<&Json>, parts: &[&str]) -> String {
    let found = parts.iter().try_fold(answer, |at, part| at.map(|at| at.get(part)));
    found.flatten().and_then(Json::as_str).unwrap_or_default().to_owned()
}

impl NeededSigner {
    /// Returns whether a consent is that of this person, to any content.
    pub fn is_of(&self, consent: &GivenConsent, draft: Uuid) -> bool {
        consent.signer == self.id && !self.number.is_empty() && consent.person == person_mark(draft, &self.number)
    }
}

impl Procedure {
    /// Returns the people who have to sign these values of this moment. A person in two rows signs once.
    pub fn needed_signers(&self, values: &Map<String, Json>, answers_at: Timestamp) -> Vec<NeededSigner> {
        let work = WorkBudget::at(answers_at);
        let mut all = Vec::new();
        for signer in &self.signers {
            signer.add_needed(values, &work, &mut all);
        }
        let mut needed: Vec<NeededSigner> = Vec::with_capacity(all.len());
        for signer in all {
            let is_same = |known: &NeededSigner| known.id == signer.id && known.number == signer.number;
            if signer.number.is_empty() || !needed.iter().any(is_same) {
                needed.push(signer);
            }
        }
        needed
    }

    /// Returns the digest of the content to which people consent: the version of the procedure, the agency, the
    /// answers, the papers and the fees.
    ///
    /// Computed values are left out, because they follow from the answers, and some change from one day to the next.
    pub fn signed_content(&self, content: SignedContent<'_>) -> Digest {
        let hashed = HashedContent {
            version: self.digest(),
            agency: content.agency,
            values: given(&self.form, content.values),
            papers: content.papers.iter().map(named_file).collect(),
            fees: content.fees,
        };
        let bytes = serde_json::to_vec(&hashed).expect("a content has only string keys and finite numbers");
        Digest(hex::encode(Sha256::digest(bytes)))
    }
}

/// Returns a file with the paper that it is attached as, as it is hashed.
const fn named_file(attached: &AttachedPaper) -> (&PaperId, &Digest, &String) {
    (&attached.paper, &attached.file.digest, &attached.file.name)
}

/// Returns the values that are not computed, by their fields.
fn given<'a>(form: &Form, values: &'a Map<String, Json>) -> BTreeMap<&'a str, &'a Json> {
    let is_computed = |id: &str| form.fields().any(|(_, field)| field.id == id && field.kind.is_computed());
    values.iter().map(|(id, value)| (id.as_str(), value)).filter(|(id, _)| !is_computed(id)).collect()
}
