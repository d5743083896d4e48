//! Folding Vietnamese text for searching and sorting without diacritics.

use unicode_normalization::UnicodeNormalization;

/// Returns the text in lower case, without diacritics and with `d` for `đ`: `Đăng ký` becomes `dang ky`.
pub fn fold(text: &str) -> String {
    text.nfd()
        .filter(|c| !('\u{300}'..='\u{36f}').contains(c))
        .flat_map(char::to_lowercase)
        .map(|c| if c == 'đ' { 'd' } else { c })
        .collect()
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
    fn both_ways_of_writing_fold_to_the_same() {
        assert_eq!(super::fold("Đăng ký Khai sinh"), "dang ky khai sinh");
        assert_eq!(super::fold("Đa\u{306}ng ky\u{301}"), super::fold("Đăng ký"));
        assert_eq!(super::fold("NƯỚC DƯỚI ĐẤT"), "nuoc duoi dat");
    }
}
