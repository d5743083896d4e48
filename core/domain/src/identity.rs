//! Identity numbers: how they are normalised and when they are wrong.

use jiff::civil::Date;

/// Digits only, or `None` if anything but digits and the usual separators was typed.
fn digits(typed: &str) -> Option<String> {
    let mut found = String::new();
    for c in typed.chars() {
        match c {
            '0'..='9' => found.push(c),
            ' ' | '.' | '-' | '\u{a0}' => {}
            _ => return None,
        }
    }
    Some(found)
}

/// A Vietnamese mobile number as 10 digits from 03, 05, 07, 08 or 09; `+84` is understood.
pub fn mobile(typed: &str) -> Option<String> {
    let typed = typed.trim();
    let local = match typed.strip_prefix("+84") {
        Some(rest) => format!("0{}", digits(rest)?.trim_start_matches('0')),
        None => digits(typed)?,
    };
    let known = ["03", "05", "07", "08", "09"].iter().any(|prefix| local.starts_with(prefix));
    (local.len() == 10 && known).then_some(local)
}

/// A citizen number (CCCD): 12 digits, whose second part says century, sex and year of birth.
pub fn citizen_number(typed: &str) -> Option<String> {
    let number = digits(typed)?;
    let province: u16 = number.get(..3)?.parse().ok()?;
    (number.len() == 12 && (1..=96).contains(&province)).then_some(number)
}

/// The year of birth that a valid citizen number carries.
pub fn birth_year(citizen_number: &str) -> Option<i16> {
    let century: i16 = citizen_number.get(3..4)?.parse().ok()?;
    let year: i16 = citizen_number.get(4..6)?.parse().ok()?;
    Some(1900 + century / 2 * 100 + year)
}

/// Whether a citizen number and a birth date can belong to one person.
pub fn born_on(citizen_number: &str, birth: Date) -> bool {
    birth_year(citizen_number) == Some(birth.year())
}

/// Whether a valid citizen number is a man's.
pub fn is_male(citizen_number: &str) -> Option<bool> {
    let century: u32 = citizen_number.get(3..4)?.parse().ok()?;
    Some(century.is_multiple_of(2))
}

/// A tax or enterprise code: 10 digits with a check digit, or those and `-` and 3 digits of a branch.
pub fn tax_code(typed: &str) -> Option<String> {
    const WEIGHTS: [u32; 9] = [31, 29, 23, 19, 17, 13, 7, 5, 3];
    let number = digits(typed)?;
    if number.len() != 10 && number.len() != 13 {
        return None;
    }
    let figures: Vec<u32> = number.chars().filter_map(|c| c.to_digit(10)).collect();
    let sum: u32 = WEIGHTS.iter().zip(&figures).map(|(weight, figure)| weight * figure).sum();
    let check = 10 - sum % 11;
    if check != figures[9] {
        return None;
    }
    let (head, branch) = number.split_at(10);
    Some(if branch.is_empty() { head.to_owned() } else { format!("{head}-{branch}") })
}

/// An e-mail address that a mail server could be asked about: one `@`, a dot in the domain, no blanks.
pub fn email(typed: &str) -> Option<String> {
    let address = typed.trim();
    let (local, domain) = address.split_once('@')?;
    let plain = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with('.') && !part.contains("..");
    let fits = plain(local)
        && plain(domain)
        && domain.contains('.')
        && address.len() <= 254
        && !domain.contains('@')
        && address.chars().all(|c| !c.is_whitespace() && !c.is_control() && !"<>(),;:\"[]\\".contains(c));
    fits.then(|| format!("{local}@{}", domain.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_normalised_or_refused() {
        assert_eq!(mobile("+84 912 345 678").as_deref(), Some("0912345678"));
        assert_eq!(mobile("0912.345.678").as_deref(), Some("0912345678"));
        assert_eq!(mobile("0212345678"), None);
        assert_eq!(tax_code("0100109106").as_deref(), Some("0100109106"));
        assert_eq!(tax_code("0100109106-001").as_deref(), Some("0100109106-001"));
        assert_eq!(tax_code("0100109107"), None);
        assert_eq!(citizen_number("074 185 000 123").as_deref(), Some("074185000123"));
        assert_eq!(citizen_number("000185000123"), None);
        assert!(born_on("074185000123", jiff::civil::date(1985, 3, 1)));
        assert!(born_on("074201000123", jiff::civil::date(2001, 3, 1)));
        assert!(!born_on("074185000123", jiff::civil::date(1986, 3, 1)));
        assert_eq!(email(" An@Example.VN ").as_deref(), Some("An@example.vn"));
        for wrong in ["an", "an@vn", "an@@a.vn", "a n@a.vn", "<an@a.vn>", ".an@a.vn"] {
            assert_eq!(email(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_accepted_again_unchanged(text in "[0-9+@a-z. -]{0,20}") {
            for normalise in [mobile, citizen_number, tax_code, email] {
                if let Some(once) = normalise(&text) {
                    prop_assert_eq!(normalise(&once), Some(once));
                }
            }
        }
    }
}
