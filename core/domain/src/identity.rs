//! Identity numbers: their normal form and their errors.

use crate::text::narrow;
use unicode_normalization::UnicodeNormalization as _;

/// Returns the digits. Returns `None` if the input contains anything but digits and the usual separators.
fn digits(typed: &str) -> Option<String> {
    let mut found = String::new();
    for c in narrow(typed).chars() {
        match c {
            '0'..='9' => found.push(c),
            '.' | '-' | '(' | ')' | '[' | ']' | '/' => {}
            c if c.is_whitespace() => {}
            _ => return None,
        }
    }
    Some(found)
}

/// A telephone number without its separators.
enum Dialled {
    /// The number for dialling within Vietnam.
    National(String),
    /// A number of another country, with its code and without `+`.
    Foreign(String),
}

/// Understands `+84`, `0084`, `84` and `(84)` before a Vietnamese number, and `+` or `00` before any other.
fn dialled(typed: &str) -> Option<Dialled> {
    let typed = narrow(typed);
    let (before, after) = typed.split_once('+').unwrap_or(("", typed.as_str()));
    let plus = typed.contains('+');
    if plus && !digits(before)?.is_empty() {
        return None;
    }
    let number = digits(after)?;
    let (international, number) = match number.strip_prefix("00") {
        Some(rest) if !plus => (true, rest),
        _ => (plus, number.as_str()),
    };
    let national = |rest: &str| Dialled::National(format!("0{}", rest.trim_start_matches('0')));
    Some(match number.strip_prefix("84") {
        Some(rest) if international => national(rest),
        // A number for dialling within Vietnam does not begin with 84.
        Some(rest) if matches!(rest.len(), 9..=11) => national(rest),
        _ if international => Dialled::Foreign(number.to_owned()),
        _ => Dialled::National(number.to_owned()),
    })
}

fn is_mobile(number: &str) -> bool {
    number.len() == 10 && ["03", "05", "07", "08", "09"].iter().any(|prefix| number.starts_with(prefix))
}

/// Returns whether the number is of the fixed network (02, 11 digits), or one for customers (1800, 1900).
fn is_landline(number: &str) -> bool {
    let fixed = number.len() == 11 && number.starts_with("02");
    let customers = matches!(number.len(), 8 | 10) && (number.starts_with("1800") || number.starts_with("1900"));
    fixed || customers
}

/// Returns a Vietnamese mobile number as 10 digits from 03, 05, 07, 08 or 09. The input may have the country's code.
pub fn mobile(typed: &str) -> Option<String> {
    phone(typed, false, false)
}

/// Returns a telephone number: a mobile number, with `landline` also one of the fixed network. With `foreign` also
/// returns one of another country, with `+` and its code.
pub fn phone(typed: &str, landline: bool, foreign: bool) -> Option<String> {
    match dialled(typed)? {
        Dialled::National(number) => (is_mobile(&number) || landline && is_landline(&number)).then_some(number),
        Dialled::Foreign(number) => {
            // E.164: a code that does not begin with 0, at most 15 digits.
            let fits = foreign && (7..=15).contains(&number.len()) && !number.starts_with('0');
            fits.then(|| format!("+{number}"))
        }
    }
}

/// Returns the number of a bank account: 6 to 19 digits.
pub fn account_number(typed: &str) -> Option<String> {
    digits(typed).filter(|number| (6..=19).contains(&number.len()))
}

/// Returns a citizen number (CCCD): 12 digits, whose second part encodes century, sex and year of birth.
pub fn citizen_number(typed: &str) -> Option<String> {
    let number = digits(typed)?;
    let province: u16 = number.get(..3)?.parse().ok()?;
    (number.len() == 12 && (1..=96).contains(&province)).then_some(number)
}

/// Returns the year of birth in a valid citizen number.
pub fn birth_year(citizen_number: &str) -> Option<i16> {
    let century: i16 = citizen_number.get(3..4)?.parse().ok()?;
    let year: i16 = citizen_number.get(4..6)?.parse().ok()?;
    Some(1900 + century / 2 * 100 + year)
}

/// Returns whether a valid citizen number is a man's.
pub fn is_male(citizen_number: &str) -> Option<bool> {
    let century: u32 = citizen_number.get(3..4)?.parse().ok()?;
    Some(century.is_multiple_of(2))
}

/// Returns a tax or enterprise code: 10 digits with a check digit, optionally with `-` and 3 digits of a branch. The
/// tax code of a person, a household or a household business is the citizen number (Circular 86/2024/TT-BTC, from 1
/// July 2025).
pub fn tax_code(typed: &str) -> Option<String> {
    const WEIGHTS: [u32; 9] = [31, 29, 23, 19, 17, 13, 7, 5, 3];
    let number = digits(typed)?;
    if number.len() == 12 {
        return citizen_number(&number);
    }
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

/// Returns an e-mail address that a mail server could know: one `@`, a dot in the domain, no blanks.
pub fn email(typed: &str) -> Option<String> {
    let address = narrow(typed);
    let address = address.trim();
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

/// Returns the log-in that a person means, in the one spelling that accounts have: a mobile number, a citizen number, an
/// e-mail address, or the name of an officer.
pub fn login(typed: &str) -> String {
    let number = mobile(typed).or_else(|| citizen_number(typed));
    // A small letter may combine with a mark that its capital did not accept.
    number.unwrap_or_else(|| narrow(typed).trim().chars().flat_map(char::to_lowercase).nfc().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn all_spellings_of_a_log_in_are_one() {
        for typed in ["lan.khdt", "Lan.KHDT", " LAN.KHDT ", "ｌａｎ．ｋｈｄｔ", "lan\u{200b}.khdt"] {
            assert_eq!(login(typed), "lan.khdt", "{typed:?}");
        }
        assert_eq!(login("+84 912.345.678"), "0912345678");
        assert_eq!(login("074 195 000 321"), "074195000321");
        assert_eq!(login("Đặng.Hòa"), login("đặng.hòa"));
        assert_eq!(login("\u{200b} "), "");
    }

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
        assert_eq!(birth_year("074185000123"), Some(1985));
        assert_eq!(birth_year("074201000123"), Some(2001));
        assert_eq!(email(" An@Example.VN ").as_deref(), Some("An@example.vn"));
        for wrong in ["an", "an@vn", "an@@a.vn", "a n@a.vn", "<an@a.vn>", ".an@a.vn"] {
            assert_eq!(email(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_number_is_understood_however_it_is_pasted() {
        for typed in [
            "84912345678",
            "+84912345678",
            "0084 912 345 678",
            "(84) 912345678",
            "(+84) 0912-345-678",
            "(0912) 345 678",
            "\u{200e}0912\u{a0}345\u{202f}678\u{200b}",
            "０９１２３４５６７８",
        ] {
            assert_eq!(mobile(typed).as_deref(), Some("0912345678"), "{typed}");
        }
        assert_eq!(citizen_number("\u{feff}０７４185000123").as_deref(), Some("074185000123"));
        assert_eq!(account_number("0071 0001 2345").as_deref(), Some("007100012345"));
        for wrong in ["+1 650 253 0000", "0274 3822 926", "9+12345678", "0912345678x", "+", ""] {
            assert_eq!(mobile(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn landlines_and_foreign_numbers_are_taken_where_the_author_says_so() {
        assert_eq!(phone("(0274) 3822 926", true, false).as_deref(), Some("02743822926"));
        assert_eq!(phone("+84 274 3822 926", true, false).as_deref(), Some("02743822926"));
        assert_eq!(phone("1900 6868", true, false).as_deref(), Some("19006868"));
        assert_eq!(phone("+1 (650) 253-0000", false, true).as_deref(), Some("+16502530000"));
        assert_eq!(phone("001 650 253 0000", false, true).as_deref(), Some("+16502530000"));
        assert_eq!(phone("+1 650 253 0000", true, false), None);
        assert_eq!(phone("0274 3822 926", false, true), None);
        assert_eq!(phone("650 253 0000", true, true), None, "without its code it is nobody's number");
    }

    #[test]
    fn the_tax_code_of_a_person_is_the_citizen_number() {
        assert_eq!(tax_code("074 185 000 123").as_deref(), Some("074185000123"));
        assert_eq!(tax_code("000185000123"), None, "no province has this code");
    }

    fn any_phone(typed: &str) -> Option<String> {
        phone(typed, true, true)
    }

    proptest! {
        #[test]
        fn the_one_spelling_of_a_log_in_is_that_of_itself(text in any::<String>()) {
            let once = login(&text);
            prop_assert_eq!(login(&once), once);
        }

        #[test]
        fn what_is_accepted_is_accepted_again_unchanged(text in "[0-9+@a-z. ()-]{0,20}") {
            for normalise in [mobile, any_phone, citizen_number, tax_code, account_number, email] {
                if let Some(once) = normalise(&text) {
                    prop_assert_eq!(normalise(&once), Some(once));
                }
            }
        }
    }
}
