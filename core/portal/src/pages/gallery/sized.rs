//! Style sheets as a screen of another width or in other colours takes them, so that an author sees a page of a phone without a frame.

use std::fmt::Write as _;

/// The pixels of a `rem` or an `em` in a condition on the width.
const REM: f64 = 16.0;

/// A screen on which a page is seen.
#[derive(Debug, Clone, Copy, Default)]
pub struct Screen {
    /// The width in pixels, or none for that of the window.
    pub width: Option<u32>,
    /// The machine prefers a dark scheme of colours, or none for what it prefers.
    pub is_dark: Option<bool>,
}

impl Screen {
    /// Returns a style sheet whose conditions on the width of the screen and on the scheme of colours are decided for
    /// this screen.
    pub fn sheet(self, sheet: &str) -> String {
        let mut sized = String::with_capacity(sheet.len());
        let mut rest = sheet;
        while let Some((before, after)) = rest.split_once("@media") {
            let (conditions, body) = after.split_at(after.find('{').unwrap_or(after.len()));
            sized.push_str(before);
            sized.push_str("@media");
            sized.push_str(&self.decided(conditions));
            rest = body;
        }
        sized.push_str(rest);
        sized
    }
}

/// Returns the rule that makes the page as narrow as the screen.
pub fn narrow(width: u32) -> String {
    format!("html {{ max-width: {width}px; margin: 0 auto; outline: 1px dashed #757575; }}\n")
}

impl Screen {
    /// Returns the conditions with `(min-width: 0)`, which always holds, or `(max-width: 0)`, which never holds, in the
    /// place of each condition that this screen decides.
    fn decided(self, conditions: &str) -> String {
        let mut text = String::new();
        let mut rest = conditions;
        while let Some((before, after)) = rest.split_once('(') {
            let (inside, behind) = after.split_once(')').unwrap_or((after, ""));
            text.push_str(before);
            match self.holds(inside) {
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

    /// Returns whether a condition on the width or on the scheme holds, or nothing for another condition.
    fn holds(self, condition: &str) -> Option<bool> {
        let (name, value) = condition.split_once(':')?;
        let value = value.trim();
        match name.trim() {
            "prefers-color-scheme" => Some(self.is_dark? == (value == "dark")),
            "min-width" => Some(f64::from(self.width?) >= pixels(value)?),
            "max-width" => Some(f64::from(self.width?) <= pixels(value)?),
            _ => None,
        }
    }
}

/// Returns a length in pixels.
fn pixels(value: &str) -> Option<f64> {
    let in_rem = value.strip_suffix("rem").or_else(|| value.strip_suffix("em"));
    match in_rem {
        Some(number) => Some(number.trim().parse::<f64>().ok()? * REM),
        None => value.strip_suffix("px")?.trim().parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at_width(sheet: &str, width: u32) -> String {
        Screen { width: Some(width), is_dark: None }.sheet(sheet)
    }

    #[test]
    fn the_condition_on_the_scheme_of_colours_is_decided() {
        let sheet = "@media screen and (prefers-color-scheme: dark) { a{} }\n@media (max-width: 30rem) { b{} }";
        let on = |is_dark| Screen { width: None, is_dark }.sheet(sheet);
        assert!(on(Some(true)).starts_with("@media screen and (min-width: 0) { a{} }"), "{}", on(Some(true)));
        assert!(on(Some(false)).starts_with("@media screen and (max-width: 0) { a{} }"), "{}", on(Some(false)));
        assert!(on(Some(true)).ends_with("@media (max-width: 30rem) { b{} }"));
        assert_eq!(on(None), sheet);
    }

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
