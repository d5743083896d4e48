//! The places of lines in an officer's list, after which the next page begins.

use crate::rows::stay;
use motcua_domain::names::DossierCode;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ColumnTrait, Condition};
use std::fmt;

/// The number of a line that shows no step.
pub(super) const NO_STEP: i64 = -1;

/// The place of a line in an officer's list. Lists are sorted by it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeskPlace {
    pub(crate) rank: i64,
    pub(crate) code: String,
    /// The number of the stay, or [`NO_STEP`].
    pub(crate) number: i64,
}

impl DeskPlace {
    /// Reads a place as it is displayed. Returns `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '~');
        let (rank, number, code) = (parts.next()?, parts.next()?, parts.next()?);
        let code = DossierCode::parse(code)?.to_string();
        Some(Self { rank: rank.parse().ok()?, code, number: number.parse().ok()? })
    }

    /// Returns the code of the dossier.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Returns the number of the stay, or `None` if the line shows no step.
    pub fn stay(&self) -> Option<i64> {
        (self.number != NO_STEP).then_some(self.number)
    }

    /// Returns the condition of the dossiers after the place, by these columns.
    pub(super) fn after(&self, rank: impl ColumnTrait, code: impl ColumnTrait) -> Condition {
        let later = rank.gt(self.rank).or(code.gt(self.code.as_str()));
        // The first condition lets the index find the place.
        Condition::all().add(rank.gte(self.rank)).add(later)
    }

    /// Returns the condition of the stays after the place.
    pub(super) fn stays_after(&self) -> Condition {
        let (rank, code, number) = (stay::Column::Rank, stay::Column::Dossier, stay::Column::Number);
        let same_dossier = code.eq(self.code.as_str()).and(number.gt(self.number));
        let later = rank.gt(self.rank).or(code.gt(self.code.as_str())).or(same_dossier);
        Condition::all().add(rank.gte(self.rank)).add(later)
    }
}

/// An address can have the text as it is.
impl fmt::Display for DeskPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}~{}~{}", self.rank, self.number, self.code)
    }
}

#[cfg(test)]
mod tests {
    use super::{DeskPlace, NO_STEP};

    #[test]
    fn a_place_is_read_as_it_is_displayed_and_any_other_text_is_none() {
        for number in [2, 0, NO_STEP] {
            let place = DeskPlace { rank: -5, code: "H09.14-261126-0003".to_owned(), number };
            assert_eq!(place.to_string(), format!("-5~{number}~H09.14-261126-0003"));
            assert_eq!(DeskPlace::parse(&place.to_string()), Some(place));
        }
        for other in
            ["", "5", "5~2", "5~2~", "x~2~H09.14-261126-0003", "5~2~<b>", "99999999999999999999~1~H09.14-261126-0003"]
        {
            assert_eq!(DeskPlace::parse(other), None, "{other}");
        }
    }
}
