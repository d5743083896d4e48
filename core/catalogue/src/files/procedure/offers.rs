//! `offered_by` and `[[offer]]`: the agencies that offer a procedure, and their own terms.

use crate::context::ProcedureContext;
use crate::files::procedure::{agency_of, fee, step_limits};
use crate::reading::keys::{LIMIT, Shape, keys};
use crate::reading::node::{FileTable, Placed};
use crate::reading::tree::ORGANISATION;
use motcua_domain::form::Form;
use motcua_domain::names::{AgencyId, UnitId};
use motcua_domain::people::organisation::Agency;
use motcua_domain::procedure::offering::OfferedBy;
use motcua_domain::procedure::{AgencyTerms, Fee};
use motcua_domain::text;
use motcua_domain::time::calendar::Limit;
use motcua_domain::workflow::UnitPlace;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

keys! {
    /// The agencies that offer a procedure, by one of these keys.
    pub(super) OFFERED_BY = "OfferedBy" {
        optional {
            /// The ids of the agencies.
            agencies: Shape::List(&Shape::Text),
            /// All agencies of this kind in `organisation.toml`.
            kind: Shape::Text,
            /// All agencies under this one in the tree of `organisation.toml`.
            under: Shape::Text,
            /// The answer that leads the applicant to the agency: an entry of a registry, such as `residence.commune`.
            /// The agencies have its codes as `areas`. Applicants may choose an agency all the same.
            led_by: Shape::Text,
        }
    }

    /// The terms of one agency that offers the procedure. The procedure's own hold where the table is silent.
    pub(super) OFFER = "Offer" {
        required {
            agency: Shape::Text,
        }
        optional {
            /// The unit that works on the dossiers there.
            unit: Shape::Text,
            /// A limit that is shorter than the procedure's. Limits of cases stay as they are.
            limit: LIMIT,
            /// Other limits for steps of the workflow there, by step.
            step_limits: Shape::Map(&Shape::Text),
            /// The hours of the counter.
            hours: Shape::Words,
            /// The fees there, in the place of all fees of the procedure.
            fee: Shape::Tables(&fee::FEE),
        }
    }
}

/// The most agencies that a message names.
const MOST_NAMED: usize = 5;

/// Ids in words, in one language each.
pub struct ListedIds {
    pub vi: String,
    pub en: String,
}

/// Returns the ids in words, the first of them by name.
pub fn listed(ids: &[impl Display]) -> ListedIds {
    let named = ids.iter().take(MOST_NAMED).map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ");
    match ids.len().saturating_sub(MOST_NAMED) {
        0 => ListedIds { vi: named.clone(), en: named },
        more => ListedIds { vi: format!("{named} và {more} cơ quan khác"), en: format!("{named} and {more} more") },
    }
}

/// Reads the rule that names the agencies, and the path of the answer that leads to one of them.
pub fn read_rule(root: &FileTable<'_>, context: &ProcedureContext<'_>) -> (Option<OfferedBy>, Option<Placed<String>>) {
    let Some(table) = root.table("offered_by") else { return (None, None) };
    let all = &context.province.agencies;
    let agencies = table.strings("agencies");
    let (kind, under, led_by) = (table.string("kind"), table.string("under"), table.string("led_by"));
    table.finish();
    let known = || all.iter().map(|agency| agency.id.as_str());
    for id in agencies.iter().chain(&under).filter(|id| !known().any(|known| known == id.value)) {
        table.resting_on(&[ORGANISATION], || table.unknown_word("agency", id, known()));
    }
    let kinds: BTreeSet<&str> = all.iter().filter_map(|agency| agency.kind.as_deref()).collect();
    if let Some(kind) = kind.as_ref().filter(|kind| !kinds.contains(kind.value.as_str())) {
        table.resting_on(&[ORGANISATION], || table.unknown_word("kind of agency", kind, kinds.iter().copied()));
    }
    if known().any(|known| known == context.group) {
        let group = context.group;
        let message = text!(
            "thư mục `{group}` mang tên một cơ quan, trong khi nhiều cơ quan thực hiện thủ tục này",
            "the folder `{group}` is named after an agency, and several agencies offer this"
        );
        let help = text!(
            "hãy chuyển thủ tục sang một thư mục tên khác, ví dụ procedures/cap-xa/",
            "move it to a folder of another name, such as procedures/cap-xa/"
        );
        table.mistake("bad-offer", table.span.clone(), message, help);
    }
    let named = !agencies.is_empty();
    let rules = [
        named.then(|| OfferedBy::Agencies(agencies.into_iter().map(|id| AgencyId(id.value)).collect())),
        kind.map(|kind| OfferedBy::Kind(kind.value)),
        under.map(|top| OfferedBy::Under(AgencyId(top.value))),
    ];
    let mut rules = rules.into_iter().flatten();
    let (rule, another) = (rules.next(), rules.next());
    if rule.is_none() || another.is_some() {
        let message = text!(
            "`offered_by` không nêu cơ quan nào, hoặc nêu theo nhiều cách",
            "`offered_by` names agencies in no way, or in several ways"
        );
        let help = text!(
            "hãy viết một trong các khóa `agencies`, `kind` và `under`",
            "write one of `agencies`, `kind` and `under`"
        );
        table.mistake("bad-offer", table.span.clone(), message, help);
    }
    (rule, led_by)
}

/// Checks that the path leads to an entry of a registry, and that each agency is in charge of areas of its own.
pub fn check_led_by(
    root: &FileTable<'_>,
    led_by: Option<Placed<String>>,
    form: &Form,
    agencies: &[&Agency],
) -> Option<String> {
    let path = led_by?;
    if !form.asks_entry(&path.value) {
        let name = &path.value;
        let message = text!(
            "`{name}` không phải là câu trả lời chọn một mục trong danh mục",
            "`{name}` is not the answer to a question for an entry of a registry"
        );
        let help = text!(
            "hãy viết id của một trường loại registry hoặc address, ví dụ residence.commune",
            "write the id of a field of the kind registry or address, such as residence.commune"
        );
        root.mistake("unknown-field", path.span.clone(), message, help);
    }
    let idle: Vec<&str> =
        agencies.iter().filter(|agency| agency.areas.is_empty()).map(|agency| agency.id.as_str()).collect();
    let before = root.report.mark();
    if !idle.is_empty() {
        let ListedIds { vi, en } = listed(&idle);
        let message = text!(
            "không câu trả lời nào dẫn đến {vi}, vì các cơ quan này không có địa bàn",
            "no answer leads to {en}, because they have no areas"
        );
        let help =
            text!("hãy viết `areas` của chúng trong organisation.toml", "write their `areas` in organisation.toml");
        root.mistake("bad-offer", path.span.clone(), message, help);
    }
    let mut seen = BTreeMap::new();
    for (area, agency) in agencies.iter().flat_map(|agency| agency.areas.iter().map(move |area| (area, &agency.id))) {
        if let Some(other) = seen.insert(area, agency).filter(|other| *other != agency) {
            let message = text!(
                "địa bàn `{area}` dẫn đến cả `{other}` và `{agency}`",
                "the area `{area}` leads to `{other}` and to `{agency}`"
            );
            let help = text!(
                "hãy giao địa bàn cho một trong hai cơ quan trong organisation.toml",
                "give it to one of them in organisation.toml"
            );
            root.mistake("bad-offer", path.span.clone(), message, help);
        }
    }
    root.report.rest_on(before, &[ORGANISATION]);
    Some(path.value)
}

/// Returns the agencies that offer the procedure: those of the rule, or the agency after which the folder is named.
pub fn agencies<'a>(root: &FileTable<'_>, context: &ProcedureContext<'a>, rule: Option<&OfferedBy>) -> Vec<&'a Agency> {
    let Some(rule) = rule else {
        // A rule that cannot be read is reported already.
        let own = if root.names_key("offered_by") { None } else { agency_of(root, context) };
        return own.into_iter().collect();
    };
    let all: &'a [Agency] = &context.province.agencies;
    if let OfferedBy::Under(top) = rule
        && all.iter().any(|agency| agency.id == *top)
        && rule.among(all).is_empty()
    {
        let message = text!(
            "không có cơ quan nào trực thuộc `{top}`, nên không cơ quan nào thực hiện thủ tục",
            "no agency stands under `{top}`, so nobody offers the procedure"
        );
        let help = text!(
            "hãy viết `parent` ở các cơ quan trong organisation.toml",
            "write `parent` at the agencies in organisation.toml"
        );
        root.resting_on(&[ORGANISATION], || root.mistake("bad-offer", root.place("offered_by"), message, help));
    }
    rule.among(all)
}

/// Reads the terms of single agencies. `limit` is the procedure's own, and `read_fee` reads one fee.
pub fn read_terms(
    root: &FileTable<'_>,
    agencies: &[&Agency],
    limit: Option<Limit>,
    read_fee: impl Fn(&FileTable<'_>) -> Option<Fee>,
) -> Vec<AgencyTerms> {
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    for table in root.tables("offer") {
        let agency = table.required_string("agency", "\"ubnd-phu-cuong\"");
        let unit = table.string("unit");
        let own_limit = table.limit("limit");
        let step_limits = step_limits(&table);
        let hours = table.text("hours");
        let fees = own_fees(&table).iter().filter_map(&read_fee).collect();
        table.finish();
        let Some(agency) = agency else { continue };
        let Some(office) = agencies.iter().find(|known| known.id.as_str() == agency.value) else {
            if !agencies.is_empty() {
                let known = agencies.iter().map(|known| known.id.as_str());
                table.resting_on(&[ORGANISATION], || table.unknown_word("agency that offers this", &agency, known));
            }
            continue;
        };
        if !seen.insert(agency.value.clone()) {
            let id = &agency.value;
            let message = text!("`{id}` có hai bảng [[offer]]", "`{id}` has two tables [[offer]]");
            let help = text!("hãy viết mọi quy định riêng vào một bảng", "write all its terms into one");
            table.mistake("duplicate", agency.span.clone(), message, help);
        }
        if let Some(unit) = unit.as_ref().filter(|unit| !has_unit(office, &unit.value)) {
            let known = office.units.iter().map(|unit| unit.id.as_str());
            table.resting_on(&[ORGANISATION], || table.unknown_word("unit", unit, known));
        }
        if let Some((own, limit)) = own_limit.as_ref().zip(limit)
            && own.value.working_hours() > limit.working_hours()
        {
            let (own_limit, id) = (own.value, &agency.value);
            let message = text!(
                "thời hạn `{own_limit}` của `{id}` dài hơn thời hạn của thủ tục, `{limit}`",
                "the limit `{own_limit}` of `{id}` is longer than the procedure's, `{limit}`"
            );
            let help = text!("hãy viết thời hạn ngắn hơn, hoặc bỏ khóa này", "write a shorter one, or leave it out");
            table.mistake("bad-offer", own.span.clone(), message, help);
        }
        let (unit, limit) = (unit.map(|unit| UnitId(unit.value)), own_limit.map(|limit| limit.value));
        all.push(AgencyTerms { agency: AgencyId(agency.value), unit, limit, step_limits, hours, fees });
    }
    all
}

/// Returns the tables of the fees of an agency. An empty list would leave the fees of the procedure in force.
fn own_fees<'a>(table: &FileTable<'a>) -> Vec<FileTable<'a>> {
    if table.is_empty_list("fee") {
        let message = text!(
            "danh sách `fee` trống không miễn phí: phí, lệ phí của thủ tục vẫn áp dụng ở đây",
            "an empty list `fee` waives nothing: the fees of the procedure hold here too"
        );
        let help = text!(
            "hãy bỏ khóa này; nếu cơ quan không thu, hãy viết [[offer.fee]] với amount = 0",
            "leave it out, or write an [[offer.fee]] with amount = 0 if the agency charges nothing"
        );
        table.mistake("bad-offer", table.place("fee"), message, help);
    }
    table.tables("fee")
}

fn has_unit(agency: &Agency, unit: &str) -> bool {
    agency.units.iter().any(|known| known.id.as_str() == unit)
}

/// Reads the unit that works on the dossiers, and returns it with the unit of each agency. Every agency must have it,
/// or name another one in its terms.
pub fn read_unit(
    root: &FileTable<'_>,
    agencies: &[&Agency],
    terms: &[AgencyTerms],
) -> Option<(UnitId, Vec<UnitPlace>)> {
    let unit = root.required_string("unit", "\"mot-cua\"")?;
    let first = agencies.first()?;
    let of_procedure = UnitId(unit.value.clone());
    let place = |agency: &&Agency| AgencyTerms::place_in(&agency.id, terms, &of_procedure);
    let places: Vec<UnitPlace> = agencies.iter().map(place).collect();
    let lacks =
        |(agency, place): &(&&Agency, &UnitPlace)| place.unit.as_str() == unit.value && !has_unit(agency, &unit.value);
    let without: Vec<&str> = agencies.iter().zip(&places).filter(lacks).map(|(agency, _)| agency.id.as_str()).collect();
    if without.is_empty() {
        return Some((of_procedure, places));
    }
    root.resting_on(&[ORGANISATION], || {
        if agencies.len() == 1 {
            root.unknown_word("unit", &unit, first.units.iter().map(|unit| unit.id.as_str()));
        } else {
            let (id, ListedIds { vi, en }) = (&unit.value, listed(&without));
            let message = text!("không có đơn vị `{id}` trong {vi}", "there is no unit `{id}` in {en}");
            let help = text!(
                "hãy thêm đơn vị vào organisation.toml, hoặc nêu đơn vị khác của cơ quan dưới [[offer]]",
                "add the unit in organisation.toml, or name another one of the agency under [[offer]]"
            );
            root.mistake("unknown-name", unit.span.clone(), message, help);
        }
    });
    None
}
