//! The signs of the data that can be printed.
//!
//! PDF/A allows no sign without a glyph, and people write such signs in names and messages. So these signs are replaced
//! before they reach a template.

use crate::fonts::covers;
use serde_json::Value;

/// The sign in the place of one that no font has.
const UNKNOWN: char = '?';

/// Returns the data with printable texts.
pub fn printable(data: Value) -> Value {
    match data {
        Value::String(text) => Value::String(printable_text(&text)),
        Value::Array(items) => Value::Array(items.into_iter().map(printable).collect()),
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(name, field)| (name, printable(field))).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => data,
    }
}

/// Returns a text with printable signs, in which lines still end.
fn printable_text(text: &str) -> String {
    let signs = text.chars().filter(|sign| !is_unseen(*sign) && *sign != '\r');
    let shown = signs.map(|sign| match sign {
        '\n' => '\n',
        sign if sign.is_whitespace() || sign.is_control() => ' ',
        sign if is_private(sign) || !covers(sign) => UNKNOWN,
        sign => sign,
    });
    shown.collect()
}

/// Returns whether a sign only says how others are shown.
const fn is_unseen(sign: char) -> bool {
    matches!(sign, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

/// Returns whether a sign has no meaning of its own, which PDF/A forbids.
const fn is_private(sign: char) -> bool {
    matches!(sign, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}' | '\u{fffd}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn vietnamese_stays_and_a_sign_without_a_glyph_is_replaced() {
        let name = "Nguyễn Thị Ngân, Đặng Ỷ, thửa đất số 12–14, 50.000 đ";
        assert_eq!(printable_text(name), name);
        assert_eq!(printable_text("Ngân 😀\u{200d}漢"), "Ngân ??");
        assert_eq!(printable_text("a\r\nb\tc\u{7}\u{e000}"), "a\nb c ?");
    }

    #[test]
    fn texts_are_made_printable_wherever_they_stand() {
        let data = json!({"a": ["😀", {"b": "\u{feff}x"}], "c": 1, "d": null, "e": true});
        assert_eq!(printable(data), json!({"a": ["?", {"b": "x"}], "c": 1, "d": null, "e": true}));
    }
}
