//! The contract as the host sees it: the interfaces that a component exports, their version and their types.
//!
//! The host runs every published version of `motcua:procedure`. Each has one adapter here: [`V0_1`] knows `validate`
//! alone and passes less to it.

use crate::PluginFault;
use motcua_domain::procedure::FeeKind;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use wasmtime::component::types::{ComponentFunc, ComponentItem};
use wasmtime::component::{Component, ComponentExportIndex, ComponentType, Lift};

/// An interface that a component may export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ContractExport {
    Validate,
    AssessFees,
    Compute,
    Route,
    Prefill,
    Connect,
}

impl ContractExport {
    pub const ALL: [Self; 6] =
        [Self::Validate, Self::AssessFees, Self::Compute, Self::Route, Self::Prefill, Self::Connect];

    /// Returns the name of the interface and of its function.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Validate => "validate",
            Self::AssessFees => "assess-fees",
            Self::Compute => "compute",
            Self::Route => "route",
            Self::Prefill => "prefill",
            Self::Connect => "connect",
        }
    }

    /// Returns whether `func` has the type of the contract.
    fn fits(self, func: &ComponentFunc, component: &Component) -> wasmtime::Result<()> {
        let types = component.component_type();
        let types = types.instance_type();
        match self {
            Self::Validate => func.typecheck::<(&str,), (Vec<WireFinding>,)>(&types),
            Self::AssessFees => func.typecheck::<(&str,), (Vec<WireFee>,)>(&types),
            Self::Compute | Self::Prefill => func.typecheck::<(&str,), (Vec<FieldValue>,)>(&types),
            Self::Route => func.typecheck::<(&str, &str, &[String]), (Option<String>,)>(&types),
            Self::Connect => func.typecheck::<(&str,), (Result<(), NotifyTrouble>,)>(&types),
        }
    }
}

/// A published version of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ContractVersion {
    number: &'static str,
    /// The exports of the version. Later versions have more.
    exports: &'static [ContractExport],
    /// The known parts of the input. An empty list means all parts.
    input: &'static [&'static str],
}

pub(crate) const V0_1: ContractVersion =
    ContractVersion { number: "0.1.0", exports: &[ContractExport::Validate], input: &["procedure", "today", "values"] };
pub(crate) const V0_2: ContractVersion = ContractVersion { number: "0.2.0", exports: &ContractExport::ALL, input: &[] };

/// The published versions, the newest first.
const VERSIONS: [ContractVersion; 2] = [V0_2, V0_1];

/// The interfaces that a component may import.
const IMPORTS: [&str; 4] = ["types", "log", "lookup", "http"];

impl ContractVersion {
    /// Returns the full name of an interface.
    pub fn interface(self, name: &str) -> String {
        format!("motcua:procedure/{name}@{}", self.number)
    }

    /// Returns the input in the form of this version.
    pub fn input(self, input: &Json) -> String {
        match input.as_object() {
            Some(parts) if !self.input.is_empty() => {
                let known = parts.iter().filter(|(name, _)| self.input.contains(&name.as_str()));
                known.map(|(name, part)| (name.clone(), part.clone())).collect::<Json>().to_string()
            }
            _ => input.to_string(),
        }
    }
}

/// A function that a component exports.
#[derive(Clone, Copy)]
pub(crate) struct ContractFunction {
    pub version: ContractVersion,
    pub index: ComponentExportIndex,
}

/// Returns the exports of a component that belong to the contract. A component with none of them, or with one of
/// another type, is unfit.
pub(crate) fn exports(component: &Component) -> Result<BTreeMap<ContractExport, ContractFunction>, PluginFault> {
    let mut found = BTreeMap::new();
    for version in VERSIONS {
        for export in version.exports.iter().copied() {
            let interface = version.interface(export.name());
            let Some((_, instance)) = component.get_export(None, interface.as_str()) else { continue };
            let Some((ComponentItem::ComponentFunc(func), index)) =
                component.get_export(Some(&instance), export.name())
            else {
                return Err(PluginFault::Unfit(format!("{interface} has no function `{}`", export.name())));
            };
            let wrong =
                |error| PluginFault::Unfit(format!("`{}` of {interface} has another type: {error:#}", export.name()));
            export.fits(&func, component).map_err(wrong)?;
            found.entry(export).or_insert(ContractFunction { version, index });
        }
    }
    if found.is_empty() {
        let theirs: Vec<String> =
            component.component_type().exports(component.engine()).map(|(name, _)| name.to_owned()).collect();
        let theirs = if theirs.is_empty() { "nothing".to_owned() } else { theirs.join(", ") };
        return Err(PluginFault::Unfit(format!(
            "it exports nothing of motcua:procedure@{}; it exports {theirs}",
            V0_2.number
        )));
    }
    Ok(found)
}

/// Returns the imports of a component by name. An import that the host does not know makes the component unfit. The
/// imports of WASI are known, so that standard libraries can be linked, but they are not implemented.
pub(crate) fn imports(component: &Component) -> Result<Vec<String>, PluginFault> {
    let types = component.component_type();
    let names: Vec<String> = types.imports(component.engine()).map(|(name, _)| name.to_owned()).collect();
    let known = |name: &String| {
        name.starts_with("wasi:")
            || VERSIONS.iter().any(|version| IMPORTS.iter().any(|import| version.interface(import) == *name))
    };
    match names.iter().find(|name| !known(name)) {
        Some(unknown) => Err(PluginFault::Unfit(format!("it imports {unknown}, which the portal does not offer"))),
        None => Ok(names),
    }
}

#[derive(Debug, ComponentType, Lift)]
#[component(record)]
pub(crate) struct WireText {
    pub vi: String,
    pub en: String,
}

#[derive(Debug, Clone, Copy, ComponentType, Lift)]
#[component(enum)]
#[repr(u8)]
#[expect(dead_code, reason = "made by wasmtime")]
pub(crate) enum WireSeverity {
    #[component(name = "error")]
    Error,
    #[component(name = "warning")]
    Warning,
}

#[derive(Debug, ComponentType, Lift)]
#[component(record)]
pub(crate) struct WireFinding {
    pub path: String,
    pub code: String,
    pub severity: WireSeverity,
    pub text: WireText,
}

#[derive(Debug, Clone, Copy, ComponentType, Lift)]
#[component(enum)]
#[repr(u8)]
#[expect(dead_code, reason = "made by wasmtime")]
pub(crate) enum WireFeeKind {
    #[component(name = "fee")]
    Fee,
    #[component(name = "charge")]
    Charge,
}

impl From<WireFeeKind> for FeeKind {
    fn from(kind: WireFeeKind) -> Self {
        match kind {
            WireFeeKind::Fee => Self::Fee,
            WireFeeKind::Charge => Self::Charge,
        }
    }
}

#[derive(Debug, ComponentType, Lift)]
#[component(record)]
pub(crate) struct WireFee {
    pub name: WireText,
    pub kind: WireFeeKind,
    pub amount: i64,
}

/// The value of a field, as JSON.
#[derive(Debug, Clone, PartialEq, Eq, ComponentType, Lift)]
#[component(record)]
pub struct FieldValue {
    pub field: String,
    pub json: String,
}

/// The reason why another system was not notified.
#[derive(Debug, Clone, PartialEq, Eq, ComponentType, Lift)]
#[component(variant)]
pub enum NotifyTrouble {
    /// Try again later.
    #[component(name = "again")]
    Again(String),
    #[component(name = "never")]
    Never(String),
}
