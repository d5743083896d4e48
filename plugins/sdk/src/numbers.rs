//! Numbers and dates of Viet Nam, for rules across fields.

/// What a citizen number (số định danh cá nhân) says of its holder: twelve digits, of which three are the province of
/// the birth's registration, one is century and sex, two are the year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Citizen {
    pub province: u16,
    pub male: bool,
    pub birth_year: i64,
}

impl Citizen {
    /// Reads a citizen number; none if it is not one.
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

/// Whether a tax or enterprise code (mã số thuế) has the right check digit: ten digits, or ten and three with a dash.
/// The tax code of a person is the citizen number.
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

/// The year of a date such as `2026-11-24`.
pub fn year(date: &str) -> Option<i64> {
    days(date)?;
    date.get(..4)?.parse().ok()
}

/// The number of a day, counted from 1 March of the year 0; for differences between dates. None if it is not a date.
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

/// Whole years from one date to a later one.
pub fn age(birth: &str, on: &str) -> Option<i64> {
    days(birth)?;
    days(on)?;
    let had_birthday = on.get(4..)? >= birth.get(4..)?;
    Some(year(on)? - year(birth)? - i64::from(!had_birthday))
}

#[cfg(test)]
mod tests {
    use super::*;

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
