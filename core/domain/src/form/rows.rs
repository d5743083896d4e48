//! The rows of answers that have some.

use super::FieldChoice;

/// The rows of an answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum AnswerRows<'a> {
    /// The applicant adds rows. Each row is named by its number, which begins with 0.
    Added { least: usize, most: usize },
    /// The author names the rows.
    Named(&'a [FieldChoice]),
}

impl AnswerRows<'_> {
    /// Returns the largest number of rows.
    pub const fn most(self) -> usize {
        match self {
            Self::Added { most, .. } => most,
            Self::Named(rows) => rows.len(),
        }
    }

    /// Returns whether a row can have this name.
    pub fn can_have(self, name: &str) -> bool {
        match self {
            Self::Added { most, .. } => name.parse::<usize>().is_ok_and(|row| row < most),
            Self::Named(rows) => rows.iter().any(|row| row.value == name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Text;

    #[test]
    fn a_row_is_named_by_its_number_or_as_the_author_named_it() {
        let named = [FieldChoice { value: "well".into(), label: Text::vi("Giếng") }];
        let (added, named) = (AnswerRows::Added { least: 0, most: 2 }, AnswerRows::Named(&named));
        assert_eq!((added.most(), named.most()), (2, 1));
        assert!(added.can_have("0") && added.can_have("1") && named.can_have("well"));
        for odd in ["2", "-1", "", "x", "well"] {
            assert!(!added.can_have(odd), "{odd}");
        }
        assert!(!named.can_have("0"));
    }
}
