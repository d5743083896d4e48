//! From the contract's types to the traits of this crate and back.

use crate::bindings::{assessor, computer, connector, prefiller, validator};
use crate::{
    AssessFees, Compute, Connect, Dossier, FeeKind, Finding, Path, Prefill, Route, Severity, Text, Trouble, Validate,
    error,
};
use serde::de::DeserializeOwned;

type WireFinding = validator::exports::motcua::procedure::validate::Finding;
type WireFee = assessor::exports::motcua::procedure::assess_fees::FeeLine;
type Computed = computer::exports::motcua::procedure::compute::Value;
type Proposed = prefiller::exports::motcua::procedure::prefill::Value;
type WireTrouble = connector::exports::motcua::procedure::connect::Trouble;

/// The findings on a dossier as JSON. One that cannot be read is a finding too.
pub fn findings<V: Validate>(dossier: &str) -> Vec<Finding> {
    match serde_json::from_str(dossier) {
        Ok(dossier) => V::validate(&dossier),
        Err(problem) => vec![error(
            Path::form(),
            "unreadable",
            format!("Không đọc được tờ khai: {problem}."),
            format!("The form cannot be read: {problem}."),
        )],
    }
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

/// What cannot be read is a failure of the plugin: the portal says so, and nobody is charged by mistake.
fn read<Values: DeserializeOwned>(dossier: &str) -> Dossier<Values> {
    serde_json::from_str(dossier).unwrap_or_else(|problem| panic!("the dossier cannot be read: {problem}"))
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
    let known = serde_json::from_str(known).unwrap_or_else(|problem| panic!("what is known cannot be read: {problem}"));
    V::prefill(&known).into_iter().map(|value| Proposed { field: value.field, json: value.json }).collect()
}

pub fn connect<V: Connect>(event: &str) -> Result<(), WireTrouble> {
    let event = serde_json::from_str(event).map_err(|problem| WireTrouble::Never(problem.to_string()))?;
    V::connect(&event).map_err(|trouble| match trouble {
        Trouble::Again(why) => WireTrouble::Again(why),
        Trouble::Never(why) => WireTrouble::Never(why),
    })
}

/// Makes one of a type's traits an export of the component.
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
