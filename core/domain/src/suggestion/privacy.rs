//! The words that must not be public: names, numbers and addresses of people.

use crate::fold::fold;

/// The least number of digits that can be a telephone number, an identity number or the code of a dossier.
const DIGITS_OF_A_PERSON: usize = 9;

/// Returns the words of a text, without the signs around them.
fn words(text: &str) -> Vec<&str> {
    text.split(|sign: char| !sign.is_alphanumeric()).filter(|word| !word.is_empty()).collect()
}

/// Returns whether the words of a name stand in a text one after the other.
///
/// A name of several words is found without regard to capitals and diacritics. A single word is found only as it is
/// written, because many names are also words of everyday speech.
fn has_name(text: &str, name: &str) -> bool {
    let (text, name) = (words(text), words(name));
    match name.as_slice() {
        [] => false,
        [only] => text.contains(only),
        several => {
            let name: Vec<String> = several.iter().map(|word| fold(word)).collect();
            let text: Vec<String> = text.iter().map(|word| fold(word)).collect();
            text.windows(name.len()).any(|part| part == name)
        }
    }
}

/// Returns whether a text has a long number. Digits belong together across blanks, dots, dashes and brackets.
fn has_number(text: &str) -> bool {
    let mut digits = 0;
    for sign in text.chars() {
        match sign {
            sign if sign.is_numeric() => digits += 1,
            ' ' | '.' | '-' | '(' | ')' | '+' => {}
            _ => digits = 0,
        }
        if digits >= DIGITS_OF_A_PERSON {
            return true;
        }
    }
    false
}

/// Returns whether a text has an address of e-mail.
fn has_mail_address(text: &str) -> bool {
    text.split_whitespace().any(|word| word.split_once('@').is_some_and(|(_, domain)| domain.contains('.')))
}

/// Returns whether a text tells who somebody is: by one of these names, by a long number, or by an address of e-mail.
pub fn names_somebody<'a>(text: &str, names: impl IntoIterator<Item = &'a str>) -> bool {
    has_number(text) || has_mail_address(text) || names.into_iter().any(|name| has_name(text, name))
}

#[cfg(test)]
mod tests {
    use super::names_somebody;

    #[test]
    fn names_numbers_and_addresses_are_found_however_they_are_written() {
        let names = ["Nguyễn Văn An", "Mai"];
        for text in [
            "Tôi là nguyen van  an.",
            "Ông NGUYỄN VĂN AN nộp hồ sơ",
            "Chị Mai hẹn lại ba lần.",
            "Gọi 0912 345 678 không ai nghe",
            "Gọi (0912) 345-678",
            "CCCD 074.085.000.123",
            "Hồ sơ H09.31-260303-0001",
            "Viết cho an@example.vn",
        ] {
            assert!(names_somebody(text, names), "{text}");
        }
        for text in [
            "Hồ sơ chậm 12 ngày, ngày 24/11/2026 vẫn chưa có kết quả.",
            "Sáng mai quay lại.",
            "Phí 8.000 đồng, nộp 2 lần.",
            "Nguyễn Văn Anh",
            "",
        ] {
            assert!(!names_somebody(text, names), "{text}");
        }
        assert!(!names_somebody("Chậm.", [""]));
    }
}
