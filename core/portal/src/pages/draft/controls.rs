//! Fields of a page of the form for checking a theme.

use crate::view::basis::BasisContext;
use crate::view::field::{BoxContext, ChoiceContext, FieldContext, FindingContext};
use crate::view::files::FileContext;
use motcua_domain::form::taken;

/// The source of answers that were given on the page of the procedure.
pub const FROM_CASE: &str = "case";

/// The controls of the samples that have no rows.
pub const WIDGETS: [&str; 13] = [
    "line",
    "date",
    "text",
    "choice",
    "choices",
    "select",
    "search",
    "yes-no",
    "consent",
    "explanation",
    "computed",
    "map",
    "file",
];

/// Returns a finding for checking a theme.
pub fn say(error: bool) -> FindingContext {
    FindingContext { path: "name".into(), error, text: "Hãy nhập tên.".into() }
}

/// Returns a field for checking a theme, with everything that it can have or with little.
pub fn widget(widget: &'static str, found: bool) -> FieldContext {
    FieldContext {
        name: "name".into(),
        label: "Họ tên".into(),
        help: if found { "Như trong giấy tờ".into() } else { String::new() },
        basis: if found { BasisContext::samples() } else { vec![] },
        widget,
        required: found,
        value: "An".into(),
        given: if found { "An".into() } else { String::new() },
        taken: match widget {
            "line" => FROM_CASE.into(),
            "text" => "H09.01-261124-0001".into(),
            "search" => taken::ACCOUNT.into(),
            _ => String::new(),
        },
        choices: vec![ChoiceContext { value: "a".into(), label: "A".into(), chosen: found }],
        unit: if found { "m".into() } else { String::new() },
        inputmode: "text",
        autocomplete: "off",
        placeholder: "",
        findings: if found { vec![say(true), say(false)] } else { vec![] },
        rows: vec![],
        more: found,
        depends: found,
        files: if found { vec![FileContext::sample()] } else { vec![] },
        accept: "application/pdf".into(),
        precision: "day",
        shape: if found { "area" } else { "point" },
        boxes: vec![BoxContext { part: "day", value: "2".into(), autocomplete: "off" }],
    }
}
