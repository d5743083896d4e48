//! Areas of land: checks that the parts of a plot make up the plot, and so do the kinds of land on it. Computes
//! `parts_total`.

use motcua_plugin_sdk::numbers::whole;
use motcua_plugin_sdk::{Compute, Dossier, Finding, Path, Validate, Value, export, findings, value};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The form's values that the rules read. All areas are in m².
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Values {
    plot_area: Option<f64>,
    parts: Vec<Part>,
    by_area: BTreeMap<String, Kind>,
}

/// A plot after the division.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Part {
    area: Option<f64>,
}

/// A kind of land.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Kind {
    square_metres: Option<f64>,
}

/// The plugin.
#[derive(Debug)]
pub struct Land;

/// Returns tenths of a square metre, so that sums are exact, because land is measured to a tenth.
fn tenths(area: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "it saturates, and no plot is so large")]
    let tenths = (area * 10.0).round() as i64;
    tenths
}

/// Returns the sum, once every area is known.
fn sum(areas: impl Iterator<Item = Option<f64>>) -> Option<i64> {
    let mut total = 0_i64;
    for area in areas {
        total = total.checked_add(tenths(area?))?;
    }
    Some(total)
}

fn vi(tenths: i64) -> String {
    format!("{},{} m²", whole(tenths / 10).vi, tenths % 10)
}

fn en(tenths: i64) -> String {
    format!("{}.{} m²", whole(tenths / 10).en, tenths % 10)
}

impl Validate for Land {
    type Values = Values;

    fn validate(dossier: &Dossier<Values>) -> Vec<Finding> {
        let Values { plot_area, parts, by_area } = &dossier.values;
        let Some(plot) = plot_area.map(tenths) else { return Vec::new() };
        let of_parts = sum(parts.iter().map(|part| part.area)).filter(|_| !parts.is_empty());
        // An applicant who leaves the table unchanged declares no kinds.
        let of_kinds = sum(by_area.values().map(|kind| kind.square_metres)).filter(|sum| *sum > 0);
        let (parts, kinds) = (of_parts.unwrap_or(plot), of_kinds.unwrap_or(plot));
        findings! {
            error at Path::field("parts"), "parts-sum" if parts != plot =>
                vi: format!("Tổng diện tích các thửa sau khi tách là {}, thửa đất là {}.", vi(parts), vi(plot)),
                en: format!("The plots after the division sum to {}, the plot is {}.", en(parts), en(plot));
            warning at Path::field("by_area"), "kinds-sum" if kinds != plot =>
                vi: format!("Tổng diện tích theo loại đất là {}, thửa đất là {}. Hãy xem lại.", vi(kinds), vi(plot)),
                en: format!("The kinds of land sum to {}, the plot is {}. Please look again.", en(kinds), en(plot));
        }
    }
}

impl Compute for Land {
    type Values = Values;

    fn compute(dossier: &Dossier<Values>) -> Vec<Value> {
        let total = sum(dossier.values.parts.iter().map(|part| part.area));
        #[expect(clippy::cast_precision_loss, reason = "no plot is so large")]
        let total = total.map(|tenths| tenths as f64 / 10.0);
        total.and_then(|total| value(&Path::field("parts_total"), &total)).into_iter().collect()
    }
}

export!(Land: Validate, Compute);

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn dossier(values: serde_json::Value) -> Dossier<Values> {
        Dossier { values: serde_json::from_value(values).expect("values"), ..Dossier::default() }
    }

    fn codes(values: serde_json::Value) -> Vec<&'static str> {
        Land::validate(&dossier(values)).into_iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn parts_and_kinds_make_up_the_plot() {
        let parts = json!([{"area": 60.1}, {"area": 39.9}]);
        assert!(codes(json!({"plot_area": 100.0, "parts": parts})).is_empty());
        assert_eq!(codes(json!({"plot_area": 100.1, "parts": parts})), ["parts-sum"]);
        let kinds = |farm: f64| json!({"residential": {"square_metres": 60.0}, "farm": {"square_metres": farm}});
        assert!(codes(json!({"plot_area": 100.0, "by_area": kinds(40.0)})).is_empty());
        assert_eq!(codes(json!({"plot_area": 100.0, "by_area": kinds(41.0)})), ["kinds-sum"]);
        assert!(codes(json!({"plot_area": 100.0, "parts": [{}]})).is_empty(), "the form asks for what is missing");
        assert!(codes(json!({"plot_area": 1e300, "parts": [{"area": 1e300}, {"area": 1e300}]})).is_empty(), "no panic");
    }

    #[test]
    fn areas_are_written_as_the_reader_of_each_language_writes_them() {
        assert_eq!((vi(12_505), en(12_505)), ("1.250,5 m²".to_owned(), "1,250.5 m²".to_owned()));
    }

    #[test]
    fn the_total_of_the_parts_is_computed() {
        let computed = Land::compute(&dossier(json!({"parts": [{"area": 60.1}, {"area": 39.9}]})));
        assert_eq!((computed[0].field.as_str(), computed[0].json.as_str()), ("parts_total", "100.0"));
    }
}
