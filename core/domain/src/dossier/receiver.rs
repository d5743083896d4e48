//! The person who takes a result at the counter, or the carrier that takes it to the applicant, as the officer types it.

use crate::dossier::event::ResultReceiver;
use crate::dossier::refusal::Refusal;
use crate::procedure::delivery::PostalAddress;
use serde::Serialize;

/// The longest name, number, relation or carrier of a receiver, in characters.
const LONGEST: usize = 200;

/// The person or the carrier who took a result, as the officer at the counter wrote it down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum ReceiverInput {
    /// The applicant, with the number of the paper that they showed, or an empty text.
    Applicant { number: String },
    /// Somebody else, with the number of their paper and their relation to the applicant.
    Other { name: String, number: String, relation: String },
    /// A carrier, with the number of the item that follows it. The recipient is that of the applicant's choice.
    Post { carrier: String, number: String },
}

impl ReceiverInput {
    /// Returns whether the result goes by post.
    pub(super) const fn is_post(&self) -> bool {
        matches!(self, Self::Post { .. })
    }

    /// Returns the receiver of a result of this applicant. Somebody else than the applicant needs a name, a number and a
    /// relation. The post needs the address that the applicant chose, a carrier and a number.
    pub(super) fn receiver(self, applicant: &str, post: Option<&PostalAddress>) -> Result<ResultReceiver, Refusal> {
        let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let refusal = if self.is_post() { Refusal::ItemIncomplete } else { Refusal::ReceiverIncomplete };
        let (receiver, is_complete) = match self {
            Self::Applicant { number } => {
                let (name, number) = (applicant.to_owned(), line(&number));
                (ResultReceiver { name, number, relation: None, carrier: None }, true)
            }
            Self::Post { carrier, number } => {
                let name = post.ok_or(Refusal::NotByPost)?.name.clone();
                let (carrier, number) = (line(&carrier), line(&number));
                let is_complete = !carrier.is_empty() && !number.is_empty();
                (ResultReceiver { name, number, relation: None, carrier: Some(carrier) }, is_complete)
            }
            Self::Other { name, number, relation } => {
                let (name, number, relation) = (line(&name), line(&number), line(&relation));
                let is_complete = !name.is_empty() && !number.is_empty() && !relation.is_empty();
                (ResultReceiver { name, number, relation: Some(relation), carrier: None }, is_complete)
            }
        };
        let relation = receiver.relation.as_deref().unwrap_or_default();
        let carrier = receiver.carrier.as_deref().unwrap_or_default();
        let all = [receiver.name.as_str(), receiver.number.as_str(), relation, carrier];
        let fits = all.iter().all(|text| text.chars().count() <= LONGEST);
        if is_complete && fits { Ok(receiver) } else { Err(refusal) }
    }
}
