//! The answers of components: their limits, and their conversion into the types of the domain.

use crate::PluginFault;
use crate::contract::{FieldValue, WireFee, WireFinding, WireSeverity};
use motcua_domain::form::judge::{Finding, Severity};
use motcua_domain::money::Dong;
use motcua_domain::procedure::FeeLine;
use motcua_domain::procedure::plugin::PluginLimits;
use motcua_domain::text::{Text, clean, one_line};
use serde_json::Value as Json;

/// The highest accepted fee, in đồng.
const MOST_FEE: i64 = 1_000_000_000_000;

/// Rejects an answer that exceeds the limits.
pub fn within<T>(items: &[T], limits: &PluginLimits, size: impl Fn(&T) -> usize) -> Result<(), PluginFault> {
    let bytes: usize = items.iter().map(size).sum();
    if items.len() > limits.findings || bytes > limits.output { Err(PluginFault::Flood) } else { Ok(()) }
}

/// Returns a finding with texts of one line each.
pub fn finding(finding: WireFinding) -> Finding {
    Finding {
        path: one_line(&finding.path),
        code: one_line(&finding.code),
        severity: match finding.severity {
            WireSeverity::Error => Severity::Error,
            WireSeverity::Warning => Severity::Warning,
        },
        text: Text::new(one_line(&finding.text.vi), one_line(&finding.text.en)),
    }
}

/// Returns a fee. Rejects a negative amount, and one above [`MOST_FEE`].
pub fn fee_line(line: WireFee) -> Result<FeeLine, PluginFault> {
    if !(0..=MOST_FEE).contains(&line.amount) {
        return Err(PluginFault::Answer(format!("{} đồng is not a fee", line.amount)));
    }
    let name = Text::new(one_line(&line.name.vi), one_line(&line.name.en));
    Ok(FeeLine { name, kind: line.kind.into(), kept_by: Vec::new(), amount: Dong(line.amount), computation: None })
}

/// Returns the name and the value of a field. Rejects a value that is not JSON.
pub fn value(value: FieldValue) -> Result<(String, Json), PluginFault> {
    let json = serde_json::from_str(&value.json).map_err(|error| {
        PluginFault::Answer(format!("the value of `{}` is not JSON: {error}", one_line(&value.field)))
    })?;
    Ok((value.field, clean_json(json)))
}

/// Cleans the texts of a value. Lines stay lines, because a person's answer can have some too.
fn clean_json(json: Json) -> Json {
    match json {
        Json::String(text) => clean(&text).into(),
        Json::Array(items) => items.into_iter().map(clean_json).collect(),
        Json::Object(parts) => parts.into_iter().map(|(name, value)| (one_line(&name), clean_json(value))).collect(),
        other => other,
    }
}
