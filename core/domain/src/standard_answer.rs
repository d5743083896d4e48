//! The fields of standard answers, which are texts of an agency with names in braces: `Hồ sơ {code}`.

/// The names of the fields: the code of the dossier, the name of its applicant, the name of its procedure, and its
/// appointment.
pub const FIELDS: [&str; 4] = ["code", "name", "procedure", "due"];

/// The longest title, in characters.
pub const LONGEST_TITLE: usize = 100;

/// The longest text, in characters. With its fields filled in, it still fits a message.
pub const LONGEST_TEXT: usize = 3000;

/// Returns whether the text between two braces looks like the name of a field.
fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.contains(|sign: char| sign.is_whitespace() || sign == '{')
}

/// Returns the first name in braces that is not the name of a field.
pub fn unknown_field(text: &str) -> Option<&str> {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('{') {
        let name = after.split_once('}').map(|(name, _)| name);
        if let Some(name) = name.filter(|name| is_name(name) && !FIELDS.contains(name)) {
            return Some(name);
        }
        rest = after;
    }
    None
}

/// Returns a text with the values of its fields. Other braces stay as they are, and a value is not searched for fields.
pub fn filled(text: &str, value: impl Fn(&str) -> String) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        match after.split_once('}').filter(|(name, _)| FIELDS.contains(name)) {
            Some((name, behind)) => {
                filled.push_str(&value(name));
                rest = behind;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_of_a_text_are_filled_and_other_braces_stay() {
        let value = |name: &str| format!("<{name} {{due}}>");
        assert_eq!(filled("Kính gửi {name}, {code}.", value), "Kính gửi <name {due}>, <code {due}>.");
        for plain in ["", "không có gì", "{", "}", "{}", "a } b {", "{ code }", "{{x"] {
            assert_eq!(filled(plain, value), plain);
            assert_eq!(unknown_field(plain), None, "{plain}");
        }
    }

    #[test]
    fn a_name_in_braces_that_is_no_field_is_found() {
        assert_eq!(unknown_field("{code} {fee} {amount}"), Some("fee"));
        assert_eq!(unknown_field("{{fee}}"), Some("fee"));
        assert_eq!(unknown_field("{code} {name} {procedure} {due}"), None);
    }
}
