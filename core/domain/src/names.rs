//! Identifiers, each with its own type, so that no identifier is mistaken for another. A type makes no promise about
//! the text, because the readers of files and of addresses check it. [`DossierCode::parse`] reads codes as people type
//! them.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// Returns the name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }
    };
}

name! {
    /// The folder name of an agency, such as `so-khdt`.
    AgencyId
}
name! {
    /// A unit within an agency, such as `tai-nguyen-nuoc`.
    UnitId
}
name! {
    /// A procedure's code in the national database, `1.004227` style.
    ProcedureCode
}
name! {
    /// The lower-case hexadecimal SHA-256 of some content.
    Digest
}
name! {
    /// A step of a workflow.
    StepId
}
name! {
    /// The part of one agency in a joint procedure.
    StageId
}
name! {
    /// An action that a workflow step offers.
    ActionId
}
name! {
    /// A paper that a procedure asks for.
    PaperId
}
name! {
    /// A person who has to sign what another person files.
    SignerId
}
name! {
    /// A kind of result in the register, such as `groundwater-licence`. Procedures of several agencies may share it.
    ResultKind
}
name! {
    /// A user account: applicant or officer.
    UserId
}
name! {
    /// A complaint or a suggestion.
    SuggestionId
}
name! {
    /// The id of a command. A caller who repeats a command, because the answer was lost, sends the same id.
    CommandId
}

impl CommandId {
    /// Returns the id of the command that files a draft, or that supplements a dossier with it.
    pub fn of_draft(draft: uuid::Uuid) -> Self {
        Self(format!("draft-{draft}"))
    }
}

impl Digest {
    /// Returns the beginning of the digest, enough for a person to tell versions apart.
    pub fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }
}

/// `<agency code>-<YYMMDD>-<number of the day>`, such as `H09.12-180915-0001`: unique and never reused.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DossierCode(String);

impl DossierCode {
    /// Returns the code of the `number`th dossier of the agency with `agency_code` on `day`.
    pub fn new(agency_code: &str, day: jiff::civil::Date, number: u32) -> Self {
        Self(format!("{agency_code}-{}-{number:04}", day.strftime("%y%m%d")))
    }

    /// Reads a code that a person typed: removes spaces and converts letters to capitals. Returns `None` if the text
    /// does not have the shape of a code.
    pub fn parse(typed: &str) -> Option<Self> {
        let code: String = typed.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_uppercase();
        let mut parts = code.rsplitn(3, '-');
        let (number, day, agency) = (parts.next()?, parts.next()?, parts.next()?);
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        let fits = digits(number)
            && (4..=9).contains(&number.len())
            && digits(day)
            && day.len() == 6
            && (1..=20).contains(&agency.len())
            && agency.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.');
        fits.then_some(Self(code))
    }

    /// Returns the code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the day of the code, as `YYMMDD`, and its number of that day.
    pub fn day_and_number(&self) -> (&str, &str) {
        let mut parts = self.0.rsplitn(3, '-');
        let number = parts.next().unwrap_or_default();
        (parts.next().unwrap_or_default(), number)
    }
}

impl fmt::Display for DossierCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::DossierCode;
    use proptest::prelude::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let day = jiff::civil::date(2018, 9, 15);
        let code = DossierCode::new("H09.12", day, 1);
        assert_eq!(code.as_str(), "H09.12-180915-0001");
        assert_eq!(code.day_and_number(), ("180915", "0001"));
        assert_eq!(DossierCode::parse(" h09.12-180915 -0001"), Some(code));
        for wrong in ["", "-", "H09.12", "H09.12-180915-1", "H09/12-180915-0001", "H09-18091x-0001"] {
            assert_eq!(DossierCode::parse(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn reading_a_code_never_panics(text in ".*") {
            let _ = DossierCode::parse(&text);
        }
    }
}
