//! Folding Vietnamese text for searching and sorting without diacritics.

use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization;

/// Returns the letters of a text without diacritics, and with `d` for `đ`.
fn plain_letters(text: &str) -> impl Iterator<Item = char> {
    text.nfd().filter(|c| !('\u{300}'..='\u{36f}').contains(c)).map(|c| match c {
        'đ' => 'd',
        'Đ' => 'D',
        other => other,
    })
}

/// Returns the text without diacritics and with `d` for `đ`: `Đăng ký` becomes `Dang ky`.
pub fn without_diacritics(text: &str) -> String {
    plain_letters(text).collect()
}

/// Returns the same in lower case: `Đăng ký` becomes `dang ky`.
pub fn fold(text: &str) -> String {
    plain_letters(text).flat_map(char::to_lowercase).collect()
}

/// Returns the text in lower case with the tone of each word after the word: `Hòa` and `Hoà` become the same. The other
/// diacritics stay.
pub fn spelling(text: &str) -> String {
    let lower: String = text.nfc().flat_map(char::to_lowercase).collect();
    let mut spelt = String::new();
    for word in lower.split_whitespace() {
        let is_tone = |c: &char| matches!(c, '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}');
        if !spelt.is_empty() {
            spelt.push(' ');
        }
        spelt.extend(word.nfd().filter(|c| !is_tone(c)));
        spelt.extend(word.nfd().filter(is_tone));
    }
    spelt
}

/// The separator of the words in a key of a name. It comes before all letters in every order of texts.
const SEPARATOR: &str = "0";

/// The most words of a name at which a search can begin.
const MOST_WORDS: usize = 8;

/// Returns the words of a folded text, of plain letters and digits alone.
fn words_of(folded: &str) -> Vec<&str> {
    folded.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect()
}

/// Returns the words of a name as the key for a search: folded, of plain letters and digits alone. Returns an empty text
/// if the name has none of them.
pub fn name_key(name: &str) -> String {
    words_of(&fold(name)).join(SEPARATOR)
}

/// Returns the keys of a name from each of its words on, each once: a search finds the name if one of them begins with the
/// key of what was typed.
pub fn parts_of_name(name: &str) -> BTreeSet<String> {
    let folded = fold(name);
    let words = words_of(&folded);
    (0..words.len().min(MOST_WORDS)).filter_map(|at| words.get(at..)).map(|rest| rest.join(SEPARATOR)).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_old_and_the_new_place_of_a_tone_are_one_spelling() {
        assert_eq!(super::spelling("Phú  Hòa"), super::spelling("phú hoà"));
        assert_eq!(super::spelling("Thủy"), super::spelling("THUỶ"));
        assert_ne!(super::spelling("Phú Hòa"), super::spelling("Phú Hoa"));
        assert_ne!(super::spelling("Tân An"), super::spelling("Tan An"));
    }

    #[test]
    fn a_name_is_found_from_the_beginning_of_each_word() {
        let parts = super::parts_of_name("Nguyễn  Thị Hoa");
        let finds = |typed: &str| parts.iter().any(|part| part.starts_with(&super::name_key(typed)));
        for typed in ["nguyen", "Nguyễn Thị", "thi h", "HOA", " nguyễn thị hoa "] {
            assert!(finds(typed), "{typed}");
        }
        for typed in ["guyen", "nguyen hoa", "thi a", "hoang"] {
            assert!(!finds(typed), "{typed}");
        }
        assert_eq!(super::name_key("🙂 – ?"), "");
        assert_eq!(super::parts_of_name("An An An").len(), 3);
        assert!(super::parts_of_name(&"a ".repeat(100)).len() <= super::MOST_WORDS);
    }

    #[test]
    fn both_ways_of_writing_fold_to_the_same() {
        assert_eq!(super::fold("Đăng ký Khai sinh"), "dang ky khai sinh");
        assert_eq!(super::fold("Đa\u{306}ng ky\u{301}"), super::fold("Đăng ký"));
        assert_eq!(super::fold("NƯỚC DƯỚI ĐẤT"), "nuoc duoi dat");
    }
}
