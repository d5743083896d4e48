//! Numbers and dates of Viet Nam, for rules across fields, and numbers as the reader of each language writes them.

use crate::Text;

/// The facts in a citizen number (số định danh cá nhân). Of its twelve digits three are the province of the birth's
/// registration, one is century and sex, and two are the year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Citizen {
    pub province: u16,
    pub male: bool,
    pub birth_year: i64,
}

impl Citizen {
    /// Reads a citizen number. Returns none if the text is not one.
    pub fn read(number: &str) -> Option<Self> {
        let digits = digits(number)?;
        let &[a, b, c, kind, tens, ones, ..] = digits.as_slice() else { return None };
        (digits.len() == 12).then(|| Self {
            province: u16::from(a) * 100 + u16::from(b) * 10 + u16::from(c),
            male: kind % 2 == 0,
            birth_year: 1900 + 100 * i64::from(kind / 2) + 10 * i64::from(tens) + i64::from(ones),
        })
    }
}

fn digits(text: &str) -> Option<Vec<u8>> {
    text.bytes().map(|byte| byte.is_ascii_digit().then(|| byte - b'0')).collect()
}

/// Returns whether a tax or enterprise code (mã số thuế) has the right check digit. The code has ten digits, or ten and
/// three with a dash. The tax code of a person is the citizen number.
pub fn is_tax_code(code: &str) -> bool {
    const WEIGHTS: [u32; 9] = [31, 29, 23, 19, 17, 13, 7, 5, 3];
    if Citizen::read(code).is_some_and(|holder| (1..=96).contains(&holder.province)) {
        return true;
    }
    let (code, branch) = code.split_once('-').map_or((code, None), |(code, branch)| (code, Some(branch)));
    let branch_fits = branch.is_none_or(|branch| branch.len() == 3 && digits(branch).is_some());
    let Some(digits) = digits(code).filter(|digits| digits.len() == 10 && branch_fits) else { return false };
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(*digit) * weight).sum();
    digits.last().is_some_and(|check| 10 - sum % 11 == u32::from(*check))
}

/// Returns the year of a date such as `2026-11-24`.
pub fn year(date: &str) -> Option<i64> {
    days(date)?;
    date.get(..4)?.parse().ok()
}

/// Returns the number of a day, counted from 1 March of the year 0, for differences between dates. Returns none if the
/// text is not a date.
pub fn days(date: &str) -> Option<i64> {
    let mut parts = date.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let longest = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 31,
    };
    if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=longest).contains(&day) {
        return None;
    }
    // Years begin in March, so that the leap day is the last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    Some(365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + (153 * month + 2) / 5 + day)
}

/// Returns the whole years from one date to a later one.
pub fn age(birth: &str, on: &str) -> Option<i64> {
    days(birth)?;
    days(on)?;
    let had_birthday = on.get(4..)? >= birth.get(4..)?;
    Some(year(on)? - year(birth)? - i64::from(!had_birthday))
}

/// Returns a whole number for readers: `1.200.000` in Vietnamese, `1,200,000` in English.
pub fn whole(number: i64) -> Text {
    written(&number.to_string())
}

/// Returns a number with at most so many digits after the decimal sign: `1.250,5` in Vietnamese, `1,250.5` in English.
pub fn decimal(number: f64, most: usize) -> Text {
    let number = format!("{number:.most$}");
    let short = if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { number.as_str() };
    written(if short == "-0" { "0" } else { short })
}

/// Returns an amount of money: `1.200.000 đồng` in Vietnamese, `1,200,000 đồng` in English.
pub fn dong(amount: i64) -> Text {
    let Text { vi, en } = whole(amount);
    Text { vi: format!("{vi} đồng"), en: format!("{en} đồng") }
}

/// Returns a number in Rust's form with the signs of both languages.
fn written(number: &str) -> Text {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("-", digits));
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let signs = |group: char, point: char| {
        let mut text = sign.to_owned();
        for (at, digit) in whole.chars().enumerate() {
            // A value such as NaN has no thousands.
            if at > 0 && (whole.len() - at).is_multiple_of(3) && digit.is_ascii_digit() {
                text.push(group);
            }
            text.push(digit);
        }
        if !decimals.is_empty() {
            text.push(point);
            text.push_str(decimals);
        }
        text
    };
    Text { vi: signs('.', ','), en: signs(',', '.') }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_the_signs_of_both_languages() {
        let pair = |text: Text| (text.vi, text.en);
        let same = |text: &str| (text.to_owned(), text.to_owned());
        assert_eq!(pair(whole(0)), same("0"));
        assert_eq!(pair(whole(999)), same("999"));
        assert_eq!(pair(whole(-1_200_000)), ("-1.200.000".to_owned(), "-1,200,000".to_owned()));
        assert_eq!(pair(whole(i64::MIN)).0, "-9.223.372.036.854.775.808");
        assert_eq!(pair(decimal(1250.5, 2)), ("1.250,5".to_owned(), "1,250.5".to_owned()));
        assert_eq!(pair(decimal(0.1 + 0.2, 2)), ("0,3".to_owned(), "0.3".to_owned()));
        assert_eq!(pair(decimal(3000.0, 2)), ("3.000".to_owned(), "3,000".to_owned()));
        assert_eq!(pair(decimal(3000.0, 0)), ("3.000".to_owned(), "3,000".to_owned()));
        assert_eq!(pair(decimal(-0.001, 2)), same("0"));
        assert_eq!(pair(decimal(f64::NEG_INFINITY, 2)), same("-inf"));
        assert_eq!(pair(dong(1_000_000_000)), ("1.000.000.000 đồng".to_owned(), "1,000,000,000 đồng".to_owned()));
    }

    #[test]
    fn a_citizen_number_says_province_sex_and_year() {
        let holder = Citizen::read("074300001234").expect("a number");
        assert_eq!(holder, Citizen { province: 74, male: false, birth_year: 2000 });
        assert_eq!(Citizen::read("074195001234").map(|holder| (holder.male, holder.birth_year)), Some((false, 1995)));
        for wrong in ["", "07430000123", "0743000012345", "07430000123x", "٠٧٤٣٠٠٠٠١٢٣٤"] {
            assert_eq!(Citizen::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_tax_code_has_its_check_digit() {
        assert!(is_tax_code("0100109106") && is_tax_code("0100109106-001") && is_tax_code("074195001234"));
        for wrong in ["0100109107", "000195001234", "0100109106-1", "010010910", "0100109106-", "x", ""] {
            assert!(!is_tax_code(wrong), "{wrong}");
        }
    }

    #[test]
    fn days_and_ages_follow_the_calendar() {
        assert_eq!(days("2024-03-01").zip(days("2024-02-28")).map(|(a, b)| a - b), Some(2));
        assert_eq!(days("2026-01-01").zip(days("2000-01-01")).map(|(a, b)| a - b), Some(9497));
        assert_eq!(age("2000-11-25", "2026-11-24"), Some(25));
        assert_eq!(age("2000-11-24", "2026-11-24"), Some(26));
        for wrong in ["2026-02-29", "2026-13-01", "2026-00-10", "x", "", "2026-1"] {
            assert_eq!(days(wrong), None, "{wrong}");
        }
    }
}
