//! Taking groundwater: the total flow of the wells, their depth and their distance from sources of pollution, and the
//! appraisal fee by flow.
//!
//! The figures are settings of the procedure. A figure that is not set is an example without legal force. Settings that
//! cannot be read end the call, because nobody must be judged or charged by other figures than the author wrote.

use motcua_plugin_sdk::numbers::decimal;
use motcua_plugin_sdk::{
    AssessFees, Dossier, FeeLine, Finding, Path, Route, Text, Validate, error, export, fee, findings, log,
};
use serde::Deserialize;

/// The form's values that the rules read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Values {
    /// The flow of all wells together, in m³ a day.
    flow: Option<f64>,
    well_count: Option<usize>,
    wells: Vec<Well>,
}

/// One well.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Well {
    /// The depth in metres.
    depth: Option<f64>,
    /// The flow in m³ a day.
    flow: Option<f64>,
    /// The distance to the nearest source of pollution, in metres.
    distance: Option<f64>,
}

/// The decimals in the text of a flow or a length. The fields accept no more.
const PLACES: usize = 2;

/// The author's settings. `settings.schema.json` says the same, and `motcua check` proves it.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    /// The depth in metres.
    deepest: f64,
    least_distance: f64,
    /// The flow in m³ a day from which the ministry decides.
    ministry_from: f64,
    /// The fees in order: the flow below which a fee applies, and the fee in đồng.
    fees: Vec<(f64, i64)>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            deepest: 300.0,
            least_distance: 10.0,
            ministry_from: 3000.0,
            fees: vec![(200.0, 400_000), (500.0, 1_100_000), (1000.0, 2_600_000), (3000.0, 5_000_000)],
        }
    }
}

impl Settings {
    fn of(settings: &serde_json::Value) -> Self {
        if settings.is_null() {
            return Self::default();
        }
        Self::deserialize(settings).unwrap_or_else(|problem| {
            log(&format!("the settings cannot be read: {problem}"));
            panic!("the settings cannot be read: {problem}")
        })
    }
}

/// The plugin.
#[derive(Debug)]
pub struct Groundwater;

impl Validate for Groundwater {
    type Values = Values;

    fn validate(dossier: &Dossier<Values>) -> Vec<Finding> {
        let Settings { deepest, least_distance, .. } = Settings::of(&dossier.settings);
        let Values { flow, well_count, wells } = &dossier.values;
        let (count, listed) = (well_count.unwrap_or_default(), wells.len());
        let sum: Option<f64> = wells.iter().map(|well| well.flow).sum();
        let (asked, given) = (flow.unwrap_or_default(), sum.unwrap_or_default());
        let known = flow.is_some() && sum.is_some() && listed > 0;
        let (given_text, asked_text) = (decimal(given, PLACES), decimal(asked, PLACES));
        let mut found = findings! {
            error at Path::field("wells"), "well-count" if well_count.is_some() && listed > 0 && count != listed =>
                vi: format!("Đã khai {listed} giếng, nhưng số giếng là {count}."),
                en: format!("{listed} wells are listed, but the number of wells is {count}.");
            error at Path::field("flow"), "flow-sum" if known && (given - asked).abs() > 0.5 =>
                vi: format!("Tổng lưu lượng các giếng là {} m³/ngày đêm, đề nghị {}.", given_text.vi, asked_text.vi),
                en: format!("The wells give {} m³ a day together, {} is asked for.", given_text.en, asked_text.en);
        };
        for (row, Well { depth, distance, .. }) in wells.iter().enumerate() {
            let at = |part: &str| Path::field("wells").then(row).then(part);
            if depth.is_some_and(|depth| depth > deepest) {
                let Text { vi, en } = decimal(deepest, PLACES);
                found.push(error(
                    at("depth"),
                    "too-deep",
                    format!("Giếng sâu tối đa {vi} m."),
                    format!("A well is at most {en} m deep."),
                ));
            }
            if distance.is_some_and(|distance| distance < least_distance) {
                let Text { vi, en } = decimal(least_distance, PLACES);
                found.push(error(
                    at("distance"),
                    "too-near",
                    format!("Giếng phải cách nguồn ô nhiễm ít nhất {vi} m."),
                    format!("A well is at least {en} m from a source of pollution."),
                ));
            }
        }
        found
    }
}

impl AssessFees for Groundwater {
    type Values = Values;

    fn assess_fees(dossier: &Dossier<Values>) -> Vec<FeeLine> {
        let Settings { fees, .. } = Settings::of(&dossier.settings);
        let Some(flow) = dossier.values.flow else { return Vec::new() };
        if let Some((below, amount)) = fees.iter().find(|(below, _)| flow < *below) {
            let Text { vi, en } = decimal(*below, PLACES);
            return vec![fee(
                format!("Phí thẩm định, lưu lượng dưới {vi} m³/ngày đêm"),
                format!("Appraisal fee, below {en} m³ a day"),
                *amount,
            )];
        }
        // The last fee applies to flows above the table.
        let last = fees.last().map(|(from, amount)| {
            let Text { vi, en } = decimal(*from, PLACES);
            fee(
                format!("Phí thẩm định, lưu lượng từ {vi} m³/ngày đêm"),
                format!("Appraisal fee, from {en} m³ a day"),
                *amount,
            )
        });
        last.into_iter().collect()
    }
}

impl Route for Groundwater {
    type Values = Values;

    /// Chooses the action whose name ends in `-ministry` for large flows.
    fn route(dossier: &Dossier<Values>, _: &str, choices: &[String]) -> Option<String> {
        let large = dossier.values.flow? >= Settings::of(&dossier.settings).ministry_from;
        choices.iter().find(|choice| choice.ends_with("-ministry") == large).cloned()
    }
}

export!(Groundwater: Validate, AssessFees, Route);

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn dossier(values: serde_json::Value) -> Dossier<Values> {
        Dossier { values: serde_json::from_value(values).expect("values"), ..Dossier::default() }
    }

    fn codes(values: serde_json::Value) -> Vec<String> {
        let found = Groundwater::validate(&dossier(values));
        found.into_iter().map(|finding| format!("{} {}", finding.path, finding.code)).collect()
    }

    #[test]
    fn wells_agree_with_what_is_asked_and_keep_depth_and_distance() {
        let well = |depth, flow, distance| json!({"depth": depth, "flow": flow, "distance": distance});
        assert!(codes(json!({"flow": 30, "well_count": 2, "wells": [well(40, 10, 50), well(60, 20, 10)]})).is_empty());
        assert!(codes(json!({"flow": 30, "well_count": 2})).is_empty(), "nothing is listed");
        let found = codes(json!({"flow": 30, "well_count": 1, "wells": [well(301, 10, 50), well(60, 10, 9)]}));
        assert_eq!(found, ["wells well-count", "flow flow-sum", "wells.0.depth too-deep", "wells.1.distance too-near"]);
    }

    #[test]
    fn the_fee_follows_the_flow() {
        let amount =
            |flow| Groundwater::assess_fees(&dossier(json!({"flow": flow}))).iter().map(|line| line.amount).sum();
        let amounts: [i64; 5] = [199, 200, 999, 2999, 9000].map(amount);
        assert_eq!(amounts, [400_000, 1_100_000, 2_600_000, 5_000_000, 5_000_000]);
        assert!(Groundwater::assess_fees(&dossier(json!({}))).is_empty());
    }

    #[test]
    fn a_flow_above_the_table_is_named_as_such() {
        let name = |flow| Groundwater::assess_fees(&dossier(json!({"flow": flow})))[0].name.clone();
        assert_eq!(name(2999).en, "Appraisal fee, below 3,000 m³ a day");
        assert_eq!(name(9000).en, "Appraisal fee, from 3,000 m³ a day");
        assert_eq!(name(9000).vi, "Phí thẩm định, lưu lượng từ 3.000 m³/ngày đêm");
    }

    #[test]
    fn numbers_are_written_as_the_reader_of_each_language_writes_them() {
        let wells = json!([{"depth": 2000, "flow": 125.5}, {"depth": 10, "flow": 1000.2}]);
        let found = Groundwater::validate(&dossier(json!({"flow": 30.5, "well_count": 2, "wells": wells})));
        let texts: Vec<&str> = found.iter().flat_map(|finding| [&*finding.text.vi, &*finding.text.en]).collect();
        assert_eq!(
            texts,
            [
                "Tổng lưu lượng các giếng là 1.125,7 m³/ngày đêm, đề nghị 30,5.",
                "The wells give 1,125.7 m³ a day together, 30.5 is asked for.",
                "Giếng sâu tối đa 300 m.",
                "A well is at most 300 m deep.",
            ]
        );
    }

    #[test]
    #[should_panic(expected = "the settings cannot be read")]
    fn settings_that_cannot_be_read_are_not_replaced_by_the_example() {
        let settings = json!({"deepest": "120", "least_distance": 20});
        Groundwater::validate(&Dossier { settings, ..dossier(json!({"flow": 1})) });
    }

    #[test]
    fn large_flows_go_to_the_ministry() {
        let choices = ["propose".to_owned(), "send-to-ministry".to_owned()];
        let way = |flow| Groundwater::route(&dossier(json!({"flow": flow})), "action:appraisal", &choices);
        assert_eq!(way(2999).as_deref(), Some("propose"));
        assert_eq!(way(3000).as_deref(), Some("send-to-ministry"));
    }
}
