//! Folding Vietnamese text for searching and sorting without diacritics.

use unicode_normalization::UnicodeNormalization;

/// Lower case, without diacritics, `đ` as `d`: `Đăng ký` becomes `dang ky`.
pub fn fold(text: &str) -> String {
    text.nfd()
        .filter(|c| !('\u{300}'..='\u{36f}').contains(c))
        .flat_map(char::to_lowercase)
        .map(|c| if c == 'đ' { 'd' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn both_ways_of_writing_fold_to_the_same() {
        assert_eq!(super::fold("Đăng ký Khai sinh"), "dang ky khai sinh");
        assert_eq!(super::fold("Đa\u{306}ng ky\u{301}"), super::fold("Đăng ký"));
        assert_eq!(super::fold("NƯỚC DƯỚI ĐẤT"), "nuoc duoi dat");
    }
}
