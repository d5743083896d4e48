//! Style sheets as a screen of another width takes them, so that an author sees a page of a phone without a frame.

use std::fmt::Write as _;

/// The pixels of a `rem` or an `em` in a condition on the width.
const REM: f64 = 16.0;

/// Returns a style sheet whose conditions on the width of the screen are decided for a width in pixels.
pub fn at_width(sheet: &str, width: u32) -> String {
    let mut sized = String::with_capacity(sheet.len());
    let mut rest = sheet;
    while let Some((before, after)) = rest.split_once("@media") {
        let (conditions, body) = after.split_at(after.find('{').unwrap_or(after.len()));
        sized.push_str(before);
        sized.push_str("@media");
        sized.push_str(&decided(conditions, f64::from(width)));
        rest = body;
    }
    sized.push_str(rest);
    sized
}

/// Returns the rule that makes the page as narrow as the screen.
pub fn narrow(width: u32) -> String {
    format!("html {{ max-width: {width}px; margin: 0 auto; outline: 1px dashed #757575; }}\n")
}

/// Returns the conditions with `(min-width: 0)`, which always holds, or `(max-width: 0)`, which never holds, in the place
/// of each condition on the width.
fn decided(conditions: &str, width: f64) -> String {
    let mut text = String::new();
    let mut rest = conditions;
    while let Some((before, after)) = rest.split_once('(') {
        let (inside, behind) = after.split_once(')').unwrap_or((after, ""));
        text.push_str(before);
        match holds(inside, width) {
            Some(true) => text.push_str("(min-width: 0)"),
            Some(false) => text.push_str("(max-width: 0)"),
            // Writing into a text does not fail.
            None => _ = write!(text, "({inside})"),
        }
        rest = behind;
    }
    text.push_str(rest);
    text
}

/// Returns whether a condition on the width holds, or nothing for another condition.
fn holds(condition: &str, width: f64) -> Option<bool> {
    let (name, value) = condition.split_once(':')?;
    let value = value.trim();
    let in_rem = value.strip_suffix("rem").or_else(|| value.strip_suffix("em"));
    let pixels = match in_rem {
        Some(number) => number.trim().parse::<f64>().ok()? * REM,
        None => value.strip_suffix("px")?.trim().parse().ok()?,
    };
    match name.trim() {
        "min-width" => Some(width >= pixels),
        "max-width" => Some(width <= pixels),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_conditions_on_the_width_are_decided_and_others_stay() {
        let sheet = "a{b:c}\n@media (min-width: 48.01rem) { d{} }\n@media (max-width: 400px) and (hover: hover) {e{}}\n\
                     @media print { f{} }\n@media (prefers-color-scheme: dark){g{}}";
        let phone = at_width(sheet, 360);
        assert!(phone.contains("@media (max-width: 0) { d{} }"), "{phone}");
        assert!(phone.contains("@media (min-width: 0) and (hover: hover) {e{}}"), "{phone}");
        assert!(phone.contains("@media print { f{} }\n@media (prefers-color-scheme: dark){g{}}"), "{phone}");
        let desk = at_width(sheet, 1280);
        assert!(desk.contains("@media (min-width: 0) { d{} }") && desk.contains("(max-width: 0) and (hover"), "{desk}");
        assert_eq!(at_width("a{b:c}", 360), "a{b:c}");
        assert_eq!(at_width("@media (", 360), "@media ()", "a broken sheet is no panic");
    }

    #[test]
    fn a_page_is_as_narrow_as_its_screen() {
        assert!(narrow(360).starts_with("html { max-width: 360px;"));
    }
}
