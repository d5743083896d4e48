//! The input of a plugin that is tried out.

use crate::output::cannot_read;
use crate::runtime::ProvinceFolder;
use anyhow::{Context as _, bail};
use jiff::Timestamp;
use motcua_domain::form::judge::{JudgeFacts, judge};
use motcua_domain::time::calendar::local;
use motcua_service::TimeSource;
use serde_json::{Map, Value as Json, json};
use std::path::Path;

/// Reads the input: the values of a form, a scenario, or the whole input of the contract.
pub fn input(file: &Path) -> anyhow::Result<Json> {
    let bytes = std::fs::read(file).with_context(|| cannot_read(file.display()))?;
    let text = String::from_utf8(bytes)
        .with_context(|| told!("{} không phải là văn bản", "{} is not text"; file.display()))?;
    let told = || told!("{} không phải là hồ sơ", "{} is not a dossier"; file.display());
    let mut whole = facts(TimeSource::System.now());
    let given = if file.extension().is_none_or(|kind| kind != "toml") {
        serde_json::from_str(&text).with_context(told)?
    } else if let Some(given) = scenario_input(file)? {
        given
    } else {
        say!(
            "ghi chú: không thư mục cài đặt nào không có lỗi có kịch bản này, nên các giá trị là những gì kịch bản điền",
            "note: no install folder without mistakes has this scenario, so the values are those that it types"
        );
        let table: toml::Table = toml::from_str(&text).with_context(told)?;
        json!({ "values": table.get("values").map_or_else(|| Ok(json!({})), serde_json::to_value)? })
    };
    match given {
        Json::Object(given) if ["values", "applicant", "dossier"].iter().any(|part| given.contains_key(*part)) => {
            whole.extend(given);
        }
        values @ Json::Object(_) => drop(whole.insert("values".to_owned(), values)),
        _ => bail!(told!(
            "{}: hãy viết một đối tượng JSON có các giá trị của biểu mẫu", "{}: write an object of the form's values";
            file.display()
        )),
    }
    Ok(Json::Object(whole))
}

/// Returns the input about no procedure in particular.
fn facts(now: Timestamp) -> Map<String, Json> {
    let local = local(now);
    let facts = [
        ("procedure", json!("0.000000")),
        ("version", json!("0")),
        ("now", json!(local.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string())),
        ("today", json!(local.date().to_string())),
        ("settings", json!({})),
    ];
    facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Returns the input about the filing of a scenario, with the values that the portal makes of what is typed. Returns
/// nothing if the file is not a scenario of an install folder.
fn scenario_input(file: &Path) -> anyhow::Result<Option<Json>> {
    let file = file.canonicalize().with_context(|| told!("không tìm thấy {}", "cannot find {}"; file.display()))?;
    // The file is DIR/procedures/GROUP/NAME/tests/FILE.
    let Some(dir) = file.ancestors().nth(5).filter(|dir| dir.join("organisation.toml").is_file()) else {
        return Ok(None);
    };
    let relative = file.strip_prefix(dir)?;
    let install = ProvinceFolder::read(dir, &TimeSource::System)?.install;
    let found = install.declared.iter().find_map(|declared| {
        let scenario = declared.scenarios.iter().find(|scenario| Path::new(&scenario.file) == relative)?;
        Some((declared, scenario))
    });
    let Some((declared, scenario)) = found else { return Ok(None) };
    let procedure = scenario.version.as_ref().map_or(&*declared.procedure, |version| &*version.procedure);
    let registries = &install.province.registries;
    let typed = scenario.typed_in_form(procedure);
    let given = JudgeFacts { now: scenario.at, registries, files: &[], computed: None };
    let mut whole = facts(scenario.at);
    whole.insert("procedure".to_owned(), json!(procedure.code));
    whole.insert("version".to_owned(), json!(procedure.digest()));
    whole.insert("values".to_owned(), Json::Object(judge(&procedure.form, &typed, given).values));
    Ok(Some(Json::Object(whole)))
}
