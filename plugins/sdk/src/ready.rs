//! Converts the contract's types to the traits of this crate and back.

use crate::bindings::{assessor, computer, connector, prefiller, validator};
use crate::{
    AssessFees, Compute, Connect, Dossier, FeeKind, Finding, Prefill, Route, Severity, Text, Trouble, Validate,
};
use serde::de::DeserializeOwned;

type WireFinding = validator::exports::motcua::procedure::validate::Finding;
type WireFee = assessor::exports::motcua::procedure::assess_fees::FeeLine;
type Computed = computer::exports::motcua::procedure::compute::Value;
type Proposed = prefiller::exports::motcua::procedure::prefill::Value;
type WireTrouble = connector::exports::motcua::procedure::connect::Trouble;

/// Returns the findings on a dossier as JSON.
pub fn findings<V: Validate>(dossier: &str) -> Vec<Finding> {
    V::validate(&read(dossier))
}

pub fn validate<V: Validate>(dossier: &str) -> Vec<WireFinding> {
    use validator::motcua::procedure::types;
    let wire = |finding: Finding| WireFinding {
        path: finding.path.into_string(),
        code: finding.code.to_owned(),
        severity: match finding.severity {
            Severity::Error => types::Severity::Error,
            Severity::Warning => types::Severity::Warning,
        },
        text: types::Text { vi: finding.text.vi, en: finding.text.en },
    };
    findings::<V>(dossier).into_iter().map(wire).collect()
}

/// Reads the input. Input that cannot be read ends the call: the form's type and the plugin's type do not agree. This
/// is a fault of the procedure, and no applicant could correct it. The portal follows the author's `on_failure`, and
/// the log shows administrators the reason.
fn parsed<Input: DeserializeOwned>(input: &str) -> Input {
    serde_json::from_str(input).unwrap_or_else(|problem| {
        crate::log(&format!(
            "the input does not fit the types of this plugin: {}",
            without_values(&problem.to_string())
        ));
        panic!("the input does not fit the types of this plugin")
    })
}

/// Removes the texts in quotes, because they can be a person's answers. The name of a missing field stays.
fn without_values(problem: &str) -> String {
    if problem.starts_with("missing field") {
        return problem.to_owned();
    }
    let mut kept = String::new();
    let mut quote = None;
    for c in problem.chars() {
        match quote {
            None if c == '"' || c == '`' => quote = Some(c),
            None => kept.push(c),
            Some(end) if c == end => quote = None,
            Some(_) => {}
        }
    }
    kept
}

fn read<Values: DeserializeOwned>(dossier: &str) -> Dossier<Values> {
    parsed(dossier)
}

pub fn assess_fees<V: AssessFees>(dossier: &str) -> Vec<WireFee> {
    use assessor::motcua::procedure::types;
    let wire = |line: crate::FeeLine| {
        let Text { vi, en } = line.name;
        let kind = match line.kind {
            FeeKind::Fee => types::FeeKind::Fee,
            FeeKind::Charge => types::FeeKind::Charge,
        };
        WireFee { name: types::Text { vi, en }, kind, amount: line.amount }
    };
    V::assess_fees(&read(dossier)).into_iter().map(wire).collect()
}

pub fn compute<V: Compute>(dossier: &str) -> Vec<Computed> {
    let values = V::compute(&read(dossier)).into_iter();
    values.map(|value| Computed { field: value.field, json: value.json }).collect()
}

pub fn route<V: Route>(dossier: &str, question: &str, choices: &[String]) -> Option<String> {
    V::route(&read(dossier), question, choices)
}

pub fn prefill<V: Prefill>(known: &str) -> Vec<Proposed> {
    V::prefill(&parsed(known)).into_iter().map(|value| Proposed { field: value.field, json: value.json }).collect()
}

pub fn connect<V: Connect>(event: &str) -> Result<(), WireTrouble> {
    let event = serde_json::from_str(event).map_err(|problem| WireTrouble::Never(problem.to_string()))?;
    V::connect(&event).map_err(|trouble| match trouble {
        Trouble::Again(why) => WireTrouble::Again(why),
        Trouble::Never(why) => WireTrouble::Never(why),
    })
}

/// Exports one of a type's traits from the component.
#[doc(hidden)]
#[macro_export]
macro_rules! export_one {
    (Validate $plugin:ty) => {
        const _: () = {
            use $crate::bindings::validator::exports::motcua::procedure::validate;
            struct Component;
            impl validate::Guest for Component {
                fn validate(dossier: String) -> Vec<validate::Finding> {
                    $crate::ready::validate::<$plugin>(&dossier)
                }
            }
    $crate::bindings::validator::export_validator!(Component with_types_in $crate::bindings::validator);
        };
    };
    (AssessFees $plugin:ty) => {
        const _: () = {
            use $crate::bindings::assessor::exports::motcua::procedure::assess_fees;
            struct Component;
            impl assess_fees::Guest for Component {
                fn assess_fees(dossier: String) -> Vec<assess_fees::FeeLine> {
                    $crate::ready::assess_fees::<$plugin>(&dossier)
                }
            }
    $crate::bindings::assessor::export_assessor!(Component with_types_in $crate::bindings::assessor);
        };
    };
    (Compute $plugin:ty) => {
        const _: () = {
            use $crate::bindings::computer::exports::motcua::procedure::compute;
            struct Component;
            impl compute::Guest for Component {
                fn compute(dossier: String) -> Vec<compute::Value> {
                    $crate::ready::compute::<$plugin>(&dossier)
                }
            }
    $crate::bindings::computer::export_computer!(Component with_types_in $crate::bindings::computer);
        };
    };
    (Route $plugin:ty) => {
        const _: () = {
            use $crate::bindings::router::exports::motcua::procedure::route;
            struct Component;
            impl route::Guest for Component {
                fn route(dossier: String, question: String, choices: Vec<String>) -> Option<String> {
                    $crate::ready::route::<$plugin>(&dossier, &question, &choices)
                }
            }
    $crate::bindings::router::export_router!(Component with_types_in $crate::bindings::router);
        };
    };
    (Prefill $plugin:ty) => {
        const _: () = {
            use $crate::bindings::prefiller::exports::motcua::procedure::prefill;
            struct Component;
            impl prefill::Guest for Component {
                fn prefill(known: String) -> Vec<prefill::Value> {
                    $crate::ready::prefill::<$plugin>(&known)
                }
            }
    $crate::bindings::prefiller::export_prefiller!(Component with_types_in $crate::bindings::prefiller);
        };
    };
    (Connect $plugin:ty) => {
        const _: () = {
            use $crate::bindings::connector::exports::motcua::procedure::connect;
            struct Component;
            impl connect::Guest for Component {
                fn connect(event: String) -> Result<(), connect::Trouble> {
                    $crate::ready::connect::<$plugin>(&event)
                }
            }
    $crate::bindings::connector::export_connector!(Component with_types_in $crate::bindings::connector);
        };
    };
    ($other:ident $plugin:ty) => {
        compile_error!("a plugin exports Validate, AssessFees, Compute, Route, Prefill or Connect");
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_says_what_does_not_fit_and_not_what_was_filled_in() {
        let problem = serde_json::from_str::<Vec<i64>>("[1, \"Lê Thị Mật\"]").expect_err("no number");
        let words = without_values(&problem.to_string());
        assert!(words.contains("invalid type: string") && words.contains("expected i64"), "{words}");
        assert!(!words.contains("Mật"), "{words}");
        assert_eq!(
            without_values("missing field `values` at line 1 column 2"),
            "missing field `values` at line 1 column 2"
        );
    }
}
