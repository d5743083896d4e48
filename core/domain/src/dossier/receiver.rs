//! The person who takes a result at the counter, as the officer types it.

use crate::dossier::event::ResultReceiver;
use crate::dossier::refusal::Refusal;
use serde::Serialize;

/// The longest name, number or relation of a receiver, in characters.
const LONGEST: usize = 200;

/// The person who took a result, as the officer at the counter wrote it down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum ReceiverInput {
    /// The applicant, with the number of the paper that they showed, or an empty text.
    Applicant { number: String },
    /// Somebody else, with the number of their paper and their relation to the applicant.
    Other { name: String, number: String, relation: String },
}

impl ReceiverInput {
    /// Returns the receiver of a result of this applicant. Somebody else than the applicant needs a name, a number and a
    /// relation.
    pub(super) fn receiver(self, applicant: &str) -> Result<ResultReceiver, Refusal> {
        let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let (receiver, is_complete) = match self {
            Self::Applicant { number } => {
                (ResultReceiver { name: applicant.to_owned(), number: line(&number), relation: None }, true)
            }
            Self::Other { name, number, relation } => {
                let (name, number, relation) = (line(&name), line(&number), line(&relation));
                let is_complete = !name.is_empty() && !number.is_empty() && !relation.is_empty();
                (ResultReceiver { name, number, relation: Some(relation) }, is_complete)
            }
        };
        let relation = receiver.relation.as_deref().unwrap_or_default();
        let all = [receiver.name.as_str(), receiver.number.as_str(), relation];
        let fits = all.iter().all(|text| text.chars().count() <= LONGEST);
        if is_complete && fits { Ok(receiver) } else { Err(Refusal::ReceiverIncomplete) }
    }
}
