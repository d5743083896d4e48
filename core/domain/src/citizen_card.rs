//! The line that a scanner reads from the QR code of a citizen card (CCCD).
//!
//! ```text
//! number|old number|name|birth date|sex|residence|date of issue      dates as ddmmyyyy
//! ```
//!
//! A line of another shape gives nothing. A card may name relatives, and a relative is never taken for the holder.

use crate::fold::fold;
use crate::identity::{birth_year, citizen_number, is_male};
use jiff::civil::Date;

/// The longest accepted line, in characters.
const LONGEST: usize = 1000;

/// The facts on a citizen card. A scan proves nobody's identity, so the clerk compares the card with the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CitizenCard {
    /// The citizen number, 12 digits.
    pub number: String,
    /// The number of an earlier identity card, or an empty text.
    pub old_number: String,
    pub name: String,
    pub born: Date,
    pub is_male: bool,
    /// The place of residence as the card has it, or an empty text.
    pub residence: String,
    pub issued: Option<Date>,
}

/// The reason why a line is not taken for a citizen card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardFault {
    /// The line has other parts than a citizen card.
    Shape,
    /// The number is no citizen number.
    Number,
    /// The name is empty.
    Name,
    /// The birth date is no date.
    Birth,
    /// The number belongs to a person of another birth year or another sex.
    OtherPerson,
}

/// Reads the line of a scanner.
pub fn read(line: &str) -> Result<CitizenCard, CardFault> {
    if line.chars().count() > LONGEST {
        return Err(CardFault::Shape);
    }
    let mut parts = line.trim().split('|').map(str::trim);
    let mut next = || parts.next().ok_or(CardFault::Shape);
    let (number, old_number, name, born) = (next()?, next()?, next()?, next()?);
    let (sex, residence, issued) = (next()?, next()?, next()?);
    if !parts.all(str::is_empty) {
        return Err(CardFault::Shape);
    }
    let number = citizen_number(number).ok_or(CardFault::Number)?;
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() {
        return Err(CardFault::Name);
    }
    let born = date(born).ok_or(CardFault::Birth)?;
    let is_male = is_male(&number).ok_or(CardFault::Number)?;
    let other_sex = match fold(sex).as_str() {
        "nam" => !is_male,
        "nu" => is_male,
        // A Vietnamese keyboard changes what a scanner types. The number says the same.
        _ => false,
    };
    if other_sex || birth_year(&number) != Some(born.year()) {
        return Err(CardFault::OtherPerson);
    }
    let (old_number, residence) = (old_number.to_owned(), residence.to_owned());
    Ok(CitizenCard { number, old_number, name, born, is_male, residence, issued: date(issued) })
}

/// Reads a date as `ddmmyyyy`.
fn date(typed: &str) -> Option<Date> {
    if typed.len() != 8 || !typed.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (day, month, year) = (typed.get(..2)?, typed.get(2..4)?, typed.get(4..)?);
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

impl CardFault {
    /// Returns a stable word. The portal has its text in each language under `card-<word>`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Shape => "shape",
            Self::Number => "number",
            Self::Name => "name",
            Self::Birth => "birth",
            Self::OtherPerson => "other-person",
        }
    }

    /// All reasons.
    pub const ALL: [Self; 5] = [Self::Shape, Self::Number, Self::Name, Self::Birth, Self::OtherPerson];
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    const LINE: &str = "074195000321|280912345|Nguyễn Thị  Ngân|02091995|Nữ|Phường Phú Cường, Bình Dương|10052021";

    #[test]
    fn the_line_of_a_card_gives_its_facts() {
        let card = read(LINE).expect("a card");
        assert_eq!((card.number.as_str(), card.name.as_str()), ("074195000321", "Nguyễn Thị Ngân"));
        assert_eq!((card.born, card.is_male), (date(1995, 9, 2), false));
        assert_eq!((card.old_number.as_str(), card.issued), ("280912345", Some(date(2021, 5, 10))));
        assert_eq!(card.residence, "Phường Phú Cường, Bình Dương");
    }

    #[test]
    fn empty_parts_at_the_end_and_an_unknown_date_of_issue_are_accepted() {
        assert!(read(&format!("  {LINE}||||\r\n")).is_ok());
        let unknown = read("074195000321||Nguyễn Thị Ngân|02091995|Nữ||").expect("a card");
        assert_eq!((unknown.issued, unknown.residence.as_str()), (None, ""));
        assert!(read("074195000321||Nguyeenx Thij Ngaan|02091995|Nuwx|||").is_ok(), "a keyboard changed the letters");
    }

    #[test]
    fn a_line_that_is_not_understood_fills_nothing_and_says_why() {
        let with = |from: &str, to: &str| read(&LINE.replace(from, to));
        assert_eq!(read(""), Err(CardFault::Shape));
        assert_eq!(read("https://example.vn/lookup?code=H09"), Err(CardFault::Shape));
        assert_eq!(read(&format!("{LINE}|Nguyễn Văn Cha|Trần Thị Mẹ")), Err(CardFault::Shape), "relatives");
        assert_eq!(with("074195000321", "000195000321"), Err(CardFault::Number));
        assert_eq!(with("Nguyễn Thị  Ngân", " "), Err(CardFault::Name));
        assert_eq!(with("02091995", "31021995"), Err(CardFault::Birth));
        assert_eq!(with("02091995", "02091996"), Err(CardFault::OtherPerson));
        assert_eq!(with("Nữ", "Nam"), Err(CardFault::OtherPerson));
        assert_eq!(read(&"|".repeat(2000)), Err(CardFault::Shape));
    }

    proptest! {
        #[test]
        fn no_line_makes_the_reader_fail_and_a_card_has_a_number_and_a_name(line in any::<String>()) {
            if let Ok(card) = read(&line) {
                prop_assert!(citizen_number(&card.number).as_ref() == Some(&card.number) && !card.name.is_empty());
            }
        }

        #[test]
        fn a_card_is_read_as_it_was_written(serial in 0..1_000_000_u32, year in 1900..2100_i16, month in 1..13_i8) {
            let mark = (year / 100 - 19) * 2;
            let number = format!("074{mark}{:02}{serial:06}", year % 100);
            let card = read(&format!("{number}||An|01{month:02}{year}|Nam|Huế|01012021")).expect("a card");
            prop_assert_eq!((card.number, card.born), (number, date(year, month, 1)));
        }
    }
}
