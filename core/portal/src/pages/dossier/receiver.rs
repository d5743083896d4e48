//! The person who takes a result at the counter, or the carrier that takes it to the applicant: the part of an action's
//! form, and the receiver on the dossier's page.

use crate::pages::dossier::attempt::{Attempt, AttemptPart};
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::receiver::ReceiverInput;
use motcua_domain::procedure::delivery::PostalAddress;
use serde::Serialize;

/// The words for who takes a result, under `receiver-<word>`.
const APPLICANT: &str = "applicant";
const OTHER: &str = "other";
const POST: &str = "post";

/// The part of the form of an action that hands a result over.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ReceiverForm {
    /// The word for who takes the result: `applicant`, `other`, `post`, or an empty text if it is not written down.
    pub who: String,
    /// The typed name of somebody else than the applicant.
    pub name: String,
    /// The typed number of the paper that the person showed.
    pub number: String,
    /// The typed relation to the applicant.
    pub relation: String,
    /// The typed carrier.
    pub carrier: String,
    /// The typed number of the item.
    pub item: String,
    /// The recipient with the address, if the applicant chose the post, or an empty text.
    pub post: String,
}

/// The person or the carrier who took the result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReceiverContext {
    /// The name, for the post that of the recipient.
    pub name: String,
    /// The number of the paper that the person showed, or an empty text. The applicant does not get that of somebody else.
    /// For the post it is the number of the item.
    pub number: String,
    /// The relation to the applicant, or an empty text for the applicant.
    pub relation: String,
    /// The carrier, or an empty text if the result was taken at the counter.
    pub carrier: String,
}

impl ReceiverForm {
    /// Returns the part of the form with what was typed. `post` is the choice of the applicant.
    pub fn of(attempt: &Attempt, part: &AttemptPart, post: Option<&PostalAddress>) -> Self {
        let typed = |name: &str| attempt.typed(part, name).to_owned();
        Self {
            who: typed("receiver"),
            name: typed("receiver_name"),
            number: typed("receiver_number"),
            relation: typed("receiver_relation"),
            carrier: typed("receiver_carrier"),
            item: typed("receiver_item"),
            post: post.map_or_else(String::new, |post| format!("{}, {}, {}", post.name, post.phone, post.place())),
        }
    }

    /// Returns the receiver as the officer typed it, if one was chosen.
    pub fn input(self) -> Option<ReceiverInput> {
        let Self { who, name, number, relation, carrier, item, post: _ } = self;
        match who.as_str() {
            APPLICANT => Some(ReceiverInput::Applicant { number }),
            OTHER => Some(ReceiverInput::Other { name, number, relation }),
            POST => Some(ReceiverInput::Post { carrier, number: item }),
            _ => None,
        }
    }

    /// Returns a part of the form for checking a theme.
    pub fn sample() -> Self {
        Self {
            who: OTHER.into(),
            name: "Lê Văn Bình".into(),
            number: "074190001234".into(),
            relation: "Con".into(),
            carrier: "VNPost".into(),
            item: "EB123456789VN".into(),
            post: "Nguyễn Văn An, 0912345678, 12 Yersin, Phú Cường, Bình Dương".into(),
        }
    }
}

impl ReceiverContext {
    /// Returns the person who took the result of a dossier, if it was written down. `owner` says that the reader is the
    /// applicant.
    pub fn of(dossier: &Dossier, owner: bool) -> Option<Self> {
        let receiver = dossier.flow.ended.as_ref()?.receiver.as_deref()?;
        let is_shown = !owner || receiver.relation.is_none();
        Some(Self {
            name: receiver.name.clone(),
            number: if is_shown { receiver.number.clone() } else { String::new() },
            relation: receiver.relation.clone().unwrap_or_default(),
            carrier: receiver.carrier.clone().unwrap_or_default(),
        })
    }

    /// Returns a receiver for checking a theme.
    pub fn sample(other: bool) -> Self {
        let relation = if other { "Con".into() } else { String::new() };
        let number = if other { "074190001234".into() } else { String::new() };
        Self { name: "Lê Văn Bình".into(), number, relation, carrier: String::new() }
    }

    /// Returns a receiver by post for checking a theme.
    pub fn posted() -> Self {
        Self { number: "EB123456789VN".into(), carrier: "VNPost".into(), ..Self::sample(false) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_written_down_unless_somebody_was_chosen() {
        let form = |who: &str| ReceiverForm { who: who.to_owned(), ..ReceiverForm::sample() };
        assert_eq!(form("").input(), None);
        assert_eq!(form("x").input(), None);
        let number = "074190001234".to_owned();
        assert_eq!(form("applicant").input(), Some(ReceiverInput::Applicant { number }));
        assert!(matches!(form("other").input(), Some(ReceiverInput::Other { .. })));
        let (carrier, number) = ("VNPost".to_owned(), "EB123456789VN".to_owned());
        assert_eq!(form("post").input(), Some(ReceiverInput::Post { carrier, number }));
    }
}
