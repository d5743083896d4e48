//! Amounts in Vietnamese words, as receipts write them.

use crate::money::Dong;

const DIGITS: [&str; 10] = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"];

/// The number from which another `tỷ` (billion) is counted.
const BILLION: u64 = 1_000_000_000;

impl Dong {
    /// Returns the amount in Vietnamese words with a capital letter: `Hai mươi tám nghìn đồng`. The sign is left out.
    pub fn in_words(self) -> String {
        let mut words = Vec::new();
        if self.0 == 0 {
            words.push(digit(0));
        }
        add_number(self.0.unsigned_abs(), false, &mut words);
        words.push("đồng");
        let text = words.join(" ");
        let mut letters = text.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    }
}

/// Returns the word of the last digit of a number.
fn digit(number: u64) -> &'static str {
    usize::try_from(number % 10).ok().and_then(|digit| DIGITS.get(digit)).copied().unwrap_or_default()
}

/// Adds the words of a number. `follows` says that larger digits were written before it, so zeros within it are read.
fn add_number(number: u64, follows: bool, words: &mut Vec<&'static str>) {
    let (billions, rest) = (number / BILLION, number % BILLION);
    if billions > 0 {
        add_number(billions, follows, words);
        words.push("tỷ");
    }
    let mut follows = follows || billions > 0;
    for (size, name) in [(1_000_000, Some("triệu")), (1000, Some("nghìn")), (1, None)] {
        let group = rest / size % 1000;
        if group > 0 {
            add_group(group, follows, words);
            words.extend(name);
            follows = true;
        }
    }
}

/// Adds the words of a number below 1000.
fn add_group(group: u64, follows: bool, words: &mut Vec<&'static str>) {
    let (hundreds, tens, ones) = (group / 100, group / 10 % 10, group % 10);
    let reads_hundreds = follows || hundreds > 0;
    if reads_hundreds {
        words.extend([digit(hundreds), "trăm"]);
    }
    match tens {
        0 if reads_hundreds && ones > 0 => words.push("linh"),
        0 => {}
        1 => words.push("mười"),
        _ => words.extend([digit(tens), "mươi"]),
    }
    match (tens, ones) {
        (_, 0) => {}
        (2.., 1) => words.push("mốt"),
        (1.., 5) => words.push("lăm"),
        _ => words.push(digit(ones)),
    }
}

#[cfg(test)]
mod tests {
    use super::Dong;

    #[test]
    fn an_amount_is_written_as_receipts_write_it() {
        for (amount, words) in [
            (0, "Không đồng"),
            (5, "Năm đồng"),
            (10, "Mười đồng"),
            (15, "Mười lăm đồng"),
            (21, "Hai mươi mốt đồng"),
            (101, "Một trăm linh một đồng"),
            (115, "Một trăm mười lăm đồng"),
            (28_000, "Hai mươi tám nghìn đồng"),
            (50_000, "Năm mươi nghìn đồng"),
            (1_005_000, "Một triệu không trăm linh năm nghìn đồng"),
            (1_000_050, "Một triệu không trăm năm mươi đồng"),
            (255_505, "Hai trăm năm mươi lăm nghìn năm trăm linh năm đồng"),
            (2_000_000_000, "Hai tỷ đồng"),
            (1_000_000_001, "Một tỷ không trăm linh một đồng"),
            (3_000_000_000_000_000_000, "Ba tỷ tỷ đồng"),
        ] {
            assert_eq!(Dong(amount).in_words(), words, "{amount}");
            assert_eq!(Dong(-amount).in_words(), words, "{amount}");
        }
        assert!(Dong(i64::MIN).in_words().starts_with("Chín tỷ hai trăm hai mươi ba triệu"));
    }
}
