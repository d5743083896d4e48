//! `procedures/<agency>/<name>/procedure.toml`: what the law and the agency say of one procedure.

use crate::folder::Builtin;
use crate::node::{Placed, Table, parse_limit};
use motcua_domain::calendar::Limit;
use motcua_domain::form::{Choice, Field, Form, Kind, Section};
use motcua_domain::money::Dong;
use motcua_domain::names::{AgencyId, Digest, PaperId, ProcedureCode, UnitId};
use motcua_domain::organisation::Agency;
use motcua_domain::procedure::{Audience, Fee, FeeKind, MediaKind, OnFailure, Paper, PaperKind, PluginUse, Procedure};
use motcua_domain::workflow::Workflow;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What a procedure may refer to.
pub struct Surroundings<'a> {
    /// The procedure's own folder.
    pub folder: &'a Path,
    /// The name of that folder: the last part of the procedure's address.
    pub slug: &'a str,
    /// The folder above it: the agency.
    pub agency: &'a str,
    pub agencies: &'a [Agency],
    pub workflows: &'a BTreeMap<String, Workflow>,
    pub builtin: &'a Builtin,
}

/// Reads a procedure and the component of its plugin.
pub fn read(root: &Table<'_>, around: &Surroundings<'_>) -> Option<(Procedure, Option<Vec<u8>>)> {
    let code = root.required_string("code", "\"1.004227\"");
    let name = root.required_text("name");
    let summary = root.text("summary").unwrap_or_default();
    let agency = around.agencies.iter().find(|agency| agency.id.as_str() == around.agency);
    if agency.is_none() {
        let known: Vec<&str> = around.agencies.iter().map(|agency| agency.id.as_str()).collect();
        let message = format!("the folder `{}` is not named after an agency", around.agency);
        root.mistake("unknown-agency", 0..0, &message, &format!("agencies are {}", known.join(", ")));
    }
    let unit = unit(root, agency);
    let field = root.required_text("field").unwrap_or_default();
    let audience = root.words("audience", &Audience::ALL, Audience::name);
    let life_events = root.texts("life_events");
    let keywords = root.strings("keywords").into_iter().map(|word| word.value).collect();
    let level = root.integer("level", 1, 4).unwrap_or(3);
    let limit = root.limit("limit");
    if limit.is_none() && root.string("limit").is_none() {
        root.missing("limit", "\"3 working-days\"");
    }
    let waiting_days = root.integer("waiting_days", 1, 365).unwrap_or(30);
    let result = root.required_text("result").unwrap_or_default();
    let how_to = root.texts("how_to");
    let conditions = root.texts("conditions");
    let legal_basis = root.texts("legal_basis");
    let ids = field_ids(root);
    let names: Vec<&str> = ids.iter().map(String::as_str).collect();
    let form = read_form(root, &names);
    let papers = read_papers(root, &names);
    let fees = root.tables("fee").iter().filter_map(|table| read_fee(table, &names)).collect();
    let workflow = read_workflow(root, around, limit.as_ref(), agency, unit.as_ref());
    let (plugin, component) = read_plugin(root, around).unzip();
    Some((
        Procedure {
            code: ProcedureCode(code?.value),
            slug: around.slug.to_owned(),
            name: name?,
            summary,
            agency: AgencyId(around.agency.to_owned()),
            unit: unit?,
            field,
            audience,
            life_events,
            keywords,
            level: u8::try_from(level).unwrap_or(3),
            limit: limit?.value,
            waiting_days: u32::try_from(waiting_days).unwrap_or(30),
            result,
            how_to,
            conditions,
            legal_basis,
            papers,
            fees,
            form,
            workflow: workflow?,
            plugin,
        },
        component,
    ))
}

fn unit(root: &Table<'_>, agency: Option<&Agency>) -> Option<UnitId> {
    let unit = root.required_string("unit", "\"mot-cua\"")?;
    let agency = agency?;
    if agency.units.iter().any(|known| known.id.as_str() == unit.value) {
        return Some(UnitId(unit.value));
    }
    root.unknown_word("unit", &unit, agency.units.iter().map(|unit| unit.id.as_str()));
    None
}

fn read_workflow(
    root: &Table<'_>,
    around: &Surroundings<'_>,
    limit: Option<&Placed<Limit>>,
    agency: Option<&Agency>,
    unit: Option<&UnitId>,
) -> Option<Workflow> {
    let name = root.required_string("workflow", "\"one-stop\"");
    let overrides = root.table("step_limits");
    let name = name?;
    let Some(template) = around.workflows.get(&name.value) else {
        root.unknown_word("workflow", &name, around.workflows.keys().map(String::as_str));
        return None;
    };
    let mut workflow = template.clone();
    for (step, text) in overrides.iter().flat_map(Table::free_strings) {
        match workflow.steps.iter_mut().find(|known| known.id.as_str() == step.value) {
            Some(known) => known.limit = parse_limit(root, &text).or(known.limit),
            None => root.unknown_word("step", &step, template.steps.iter().map(|step| step.id.as_str())),
        }
    }
    if let Some(limit) = limit {
        let sum: f64 = workflow.steps.iter().filter_map(|step| step.limit).map(working_hours).sum();
        if sum > working_hours(limit.value) {
            let message = format!("the steps' limits sum to {sum} working hours, more than `{}`", limit.value);
            root.mistake("limits-exceed", limit.span.clone(), &message, "shorten some of them under [step_limits]");
        }
    }
    if let (Some(agency), Some(unit)) = (agency, unit) {
        for step in &workflow.steps {
            if !agency.posts.iter().any(|post| post.serves(step.role, &agency.id, unit)) {
                let message = format!(
                    "step `{}` is for a {}, but the agency has no such post for unit `{unit}`",
                    step.id,
                    step.role.name()
                );
                let help = format!("add \"{}\" to the unit's posts in organisation.toml", step.role.name());
                root.mistake("no-post", name.span.clone(), &message, &help);
            }
        }
    }
    Some(workflow)
}

/// A limit in working hours, for comparing: a working day has 8, and 7 calendar days have 5 working days.
fn working_hours(limit: Limit) -> f64 {
    match limit {
        Limit::WorkingHours(hours) => f64::from(hours),
        Limit::WorkingDays(days) => f64::from(days) * 8.0,
        Limit::CalendarDays(days) => f64::from(days) * 8.0 * 5.0 / 7.0,
    }
}

fn read_plugin(root: &Table<'_>, around: &Surroundings<'_>) -> Option<(PluginUse, Vec<u8>)> {
    let table = root.table("plugin")?;
    let builtin = table.string("builtin");
    let component = table.string("component");
    let on_failure = table.word("on_failure", &[OnFailure::Wait, OnFailure::Refuse], |choice| match choice {
        OnFailure::Wait => "wait",
        OnFailure::Refuse => "refuse",
    });
    table.finish();
    let bytes = match (&builtin, &component) {
        (Some(name), None) => {
            let found = (around.builtin.component)(&name.value);
            if found.is_none() {
                table.unknown_word("builtin", name, around.builtin.names.iter().copied());
            }
            found?.to_vec()
        }
        (None, Some(file)) => {
            let plain = !file.value.contains(['/', '\\']);
            let read = std::fs::read(around.folder.join(&file.value));
            match read {
                Ok(bytes) if plain => bytes,
                _ => {
                    let message = format!("there is no component `{}` in the procedure's folder", file.value);
                    table.mistake(
                        "no-component",
                        file.span.clone(),
                        &message,
                        "build it and put it beside procedure.toml",
                    );
                    return None;
                }
            }
        }
        _ => {
            let help = "write either builtin = \"enterprise\" or component = \"validate.wasm\"";
            table.mistake("plugin-source", table.span.clone(), "the plugin needs one source", help);
            return None;
        }
    };
    let digest = Digest(hex::encode(Sha256::digest(&bytes)));
    Some((PluginUse { component: digest, on_failure: on_failure.unwrap_or_default() }, bytes))
}

fn read_papers(root: &Table<'_>, names: &[&str]) -> Vec<Paper> {
    let mut seen = BTreeSet::new();
    let mut papers = Vec::new();
    for table in root.tables("paper") {
        let id = table.required_string("id", "\"id_card\"");
        let name = table.required_text("name");
        let accept = table.words("accept", &MediaKind::ALL, MediaKind::name);
        let megabytes = table.integer("max_mb", 1, 100).unwrap_or(10);
        let paper = Paper {
            id: PaperId(id.as_ref().map_or_else(String::new, |id| id.value.clone())),
            name: name.unwrap_or_default(),
            help: table.text("help"),
            required: table.condition("required", true, names),
            kind: table.word("kind", &PaperKind::ALL, PaperKind::name).unwrap_or(PaperKind::Electronic),
            accept: if accept.is_empty() { vec![MediaKind::Pdf, MediaKind::Jpeg, MediaKind::Png] } else { accept },
            max_bytes: u64::try_from(megabytes).unwrap_or(10) << 20,
            max_files: usize::try_from(table.integer("max_files", 1, 50).unwrap_or(5)).unwrap_or(5),
        };
        table.finish();
        if let Some(id) = id {
            identifier(&table, &id, &mut seen);
            papers.push(paper);
        }
    }
    papers
}

fn read_fee(table: &Table<'_>, names: &[&str]) -> Option<Fee> {
    let name = table.required_text("name");
    let kind = table.word("kind", &[FeeKind::Fee, FeeKind::Charge], |kind| match kind {
        FeeKind::Fee => "fee",
        FeeKind::Charge => "charge",
    });
    let amount = table.integer("amount", 0, 1_000_000_000_000);
    if amount.is_none() && table.integer("amount", i64::MIN, i64::MAX).is_none() {
        table.missing("amount", "50_000");
    }
    let when = table.condition("when", true, names);
    table.finish();
    Some(Fee { name: name?, kind: kind.unwrap_or(FeeKind::Fee), amount: Dong(amount?), when })
}

/// Every identifier is one in CEL and occurs once.
fn identifier(table: &Table<'_>, id: &Placed<String>, seen: &mut BTreeSet<String>) {
    let mut letters = id.value.bytes();
    let fits = letters.next().is_some_and(|b| b.is_ascii_lowercase())
        && letters.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && id.value.len() <= 60;
    if !fits {
        let message = format!("`{}` cannot be used as an id", id.value);
        table.mistake("bad-id", id.span.clone(), &message, "write lower-case letters, digits and _, a letter first");
    }
    if !seen.insert(id.value.clone()) {
        let message = format!("the id `{}` is used twice", id.value);
        table.mistake("duplicate", id.span.clone(), &message, "give each its own id");
    }
}

/// The ids of all fields as written: a condition may refer to a field that comes later, or that has a mistake.
fn field_ids(root: &Table<'_>) -> Vec<String> {
    let ids = |table: &Table<'_>| table.tables("field").into_iter().filter_map(|field| field.string("id")).collect();
    let ids: Vec<Placed<String>> =
        root.tables("section").iter().flat_map(|section| -> Vec<_> { ids(section) }).collect();
    ids.into_iter().map(|id| id.value).collect()
}

fn read_form(root: &Table<'_>, names: &[&str]) -> Form {
    let sections = root.tables("section");
    let mut seen = BTreeSet::new();
    let mut section_ids = BTreeSet::new();
    let mut read = Vec::new();
    for table in &sections {
        let id = table.required_string("id", "\"applicant\"");
        let title = table.required_text("title").unwrap_or_default();
        let help = table.text("help");
        let fields =
            table.tables("field").iter().filter_map(|field| read_field(field, names, &mut seen, true)).collect();
        table.finish();
        if let Some(id) = id {
            identifier(table, &id, &mut section_ids);
            read.push(Section { id: id.value, title, help, fields });
        }
    }
    Form { sections: read }
}

fn read_field(table: &Table<'_>, names: &[&str], seen: &mut BTreeSet<String>, groups: bool) -> Option<Field> {
    let id = table.required_string("id", "\"full_name\"");
    let label = table.required_text("label");
    let help = table.text("help");
    let required = table.condition("required", true, names);
    let shown = table.condition("shown", true, names);
    let kind = read_kind(table, names, groups);
    table.finish();
    if let Some(id) = &id {
        identifier(table, id, seen);
    }
    Some(Field { id: id?.value, label: label?, help, required, shown, kind: kind? })
}

fn read_kind(table: &Table<'_>, names: &[&str], groups: bool) -> Option<Kind> {
    let word = table.required_string("kind", "\"text\"")?;
    let size = |key, default: i64, max: i64| {
        usize::try_from(table.integer(key, 0, max).unwrap_or(default)).unwrap_or_default()
    };
    let whole = |key| table.integer(key, i64::MIN, i64::MAX);
    Some(match word.value.as_str() {
        "text" => Kind::Text { max: size("max", 200, 1000) },
        "long-text" => Kind::LongText { max: size("max", 2000, 20_000) },
        "integer" => Kind::Integer { min: whole("min"), max: whole("max"), unit: table.text("unit") },
        "decimal" => Kind::Decimal {
            min: table.number("min"),
            max: table.number("max"),
            places: u32::try_from(table.integer("places", 0, 9).unwrap_or(2)).unwrap_or(2),
            unit: table.text("unit"),
        },
        "dong" => Kind::Dong { min: whole("min").map(Dong), max: whole("max").map(Dong) },
        "date" => Kind::Date { past: table.boolean("past").unwrap_or(false) },
        "date-time" => Kind::DateTime { past: table.boolean("past").unwrap_or(false) },
        "consent" => Kind::Consent,
        "explanation" => Kind::Explanation,
        "computed" if groups => {
            let value = table.required_expression("value", names, "\"count * price\"");
            Kind::Computed { value: value?, unit: table.text("unit") }
        }
        "yes-no" => Kind::YesNo,
        "one-of" => Kind::OneOf { choices: read_choices(table) },
        "several-of" => Kind::SeveralOf { choices: read_choices(table) },
        "phone" => Kind::Phone,
        "email" => Kind::Email,
        "citizen-number" => Kind::CitizenNumber,
        "tax-code" => Kind::TaxCode,
        "group" if groups => {
            let fields = table.tables("field");
            let ids: Vec<String> = fields.iter().filter_map(|field| field.string("id").map(|id| id.value)).collect();
            let names: Vec<&str> = ids.iter().map(String::as_str).collect();
            let mut seen = BTreeSet::new();
            let fields = fields.iter().filter_map(|field| read_field(field, &names, &mut seen, false)).collect();
            Kind::Group { min: size("min", 0, 100), max: size("max", 50, 200), fields }
        }
        "computed" => {
            let help = "put it beside the group";
            table.mistake("nested-computed", word.span, "a computed value cannot be inside a group", help);
            return None;
        }
        "group" => {
            table.mistake("nested-group", word.span, "a group cannot be inside a group", "make it a group of its own");
            return None;
        }
        _ => {
            table.unknown_word("kind", &word, Kind::NAMES.into_iter());
            return None;
        }
    })
}

fn read_choices(table: &Table<'_>) -> Vec<Choice> {
    let mut choices = Vec::new();
    let mut seen = BTreeSet::new();
    for choice in table.tables("choices") {
        let value = choice.required_string("value", "\"new\"");
        let label = choice.required_text("label");
        choice.finish();
        if let (Some(value), Some(label)) = (value, label) {
            if !seen.insert(value.value.clone()) {
                choice.mistake("duplicate", value.span, "two choices have the same value", "give each its own value");
            }
            choices.push(Choice { value: value.value, label });
        }
    }
    if choices.is_empty() {
        table.missing("choices", "[{ value = \"new\", label = { vi = \"Mới\", en = \"New\" } }]");
    }
    choices
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_compared_in_working_hours() {
        assert!((working_hours(Limit::WorkingDays(2)) - 16.0).abs() < f64::EPSILON);
        assert!((working_hours(Limit::CalendarDays(7)) - 40.0).abs() < f64::EPSILON);
    }
}
