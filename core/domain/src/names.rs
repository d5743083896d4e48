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

    /// Reads a code that a person typed without its dashes and dots, by the codes of the agencies. The number of the day may
    /// lack its zeros. A text may fit several agencies.
    pub fn parse_plain<'a>(typed: &str, agencies: impl IntoIterator<Item = &'a str>) -> Vec<Self> {
        let is_between = |c: char| c.is_whitespace() || matches!(c, '.' | '-' | '/' | '_');
        if typed.chars().any(|c| !c.is_ascii_alphanumeric() && !is_between(c)) {
            return Vec::new();
        }
        let plain = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_uppercase();
        let typed = plain(typed);
        let read = |agency: &str| {
            let (day, number) = typed.strip_prefix(&plain(agency))?.split_at_checked(6)?;
            Self::parse(&format!("{agency}-{day}-{number:0>4}")).filter(|_| !number.is_empty())
        };
        agencies.into_iter().filter_map(read).collect()
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

    #[test]
    fn a_code_without_its_dashes_is_read_by_the_codes_of_the_agencies() {
        let read = |typed: &str| DossierCode::parse_plain(typed, ["H09.1", "H09.12", "H10"]);
        let day = jiff::civil::date(2026, 11, 26);
        let code = DossierCode::new("H09.12", day, 1);
        for typed in ["h0912 261126 1", "H09122611260001", "h09.12/261126/0001", " H0912-261126-01 "] {
            assert!(read(typed).contains(&code), "{typed}");
        }
        for wrong in
            ["", "H0912", "H0912261126", "H0912 261126 x", "H11 261126 1", "H0912 261126 1 🙂", &"1".repeat(40)]
        {
            assert!(!read(wrong).contains(&code), "{wrong}");
        }
        assert!(read(&"1".repeat(40)).is_empty());
    }

    proptest! {
        #[test]
        fn reading_a_code_never_panics(text in ".*") {
            let _ = DossierCode::parse(&text);
            let _ = DossierCode::parse_plain(&text, ["H09.12", ""]);
        }
    }
}
