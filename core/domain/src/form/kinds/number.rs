//! Whole numbers, decimal numbers and amounts of money.

use crate::form::finding::{FindingWords, wrong};
use crate::form::kinds::single::text_of;
use crate::form::kinds::{AnswerType, Input, InputForm, SingleKind};
use crate::money;
use crate::number::{self, WrittenNumber};
use crate::text::{Language, Text, narrow};
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value as Json, json};
use std::collections::BTreeSet;

/// A whole number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Integer {
    pub min: Option<i64>,
    pub max: Option<i64>,
    pub unit: Option<Text>,
}

/// A number with at most `places` decimals.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decimal {
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub places: u32,
    pub unit: Option<Text>,
}

/// An amount of money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dong {
    pub min: Option<money::Dong>,
    pub max: Option<money::Dong>,
}

impl SingleKind for Integer {
    fn read(&self, input: &Input<'_>) -> Result<Option<Json>, FindingWords> {
        read(input.typed, &units(self.unit.as_ref()), |written| whole(written, self.min, self.max))
    }

    fn schema(&self) -> Json {
        schema("integer", self.min.map(Json::from), self.max.map(Json::from))
    }

    fn answer_type(&self) -> AnswerType<'_> {
        AnswerType::Int
    }

    fn input_form(&self) -> InputForm {
        InputForm::Number
    }

    fn candidates(&self, literals: &[Json]) -> Option<Vec<Json>> {
        Some(whole_candidates(literals, self.min, self.max))
    }

    fn shown(&self, value: &Json, language: Language) -> String {
        shown(value, self.unit.as_ref(), language)
    }

    fn unit(&self, language: Language) -> &str {
        unit_in(self.unit.as_ref(), language)
    }

    fn retyped(&self, kept: &Json, language: Language) -> String {
        retyped(kept, &units(self.unit.as_ref()), language)
    }

    fn is_measured(&self) -> bool {
        true
    }

    fn has_crossed_limits(&self) -> bool {
        self.min.zip(self.max).is_some_and(|(min, max)| min > max)
    }

    fn describes_case(&self) -> bool {
        true
    }
}

impl SingleKind for Decimal {
    fn read(&self, input: &Input<'_>) -> Result<Option<Json>, FindingWords> {
        read(input.typed, &units(self.unit.as_ref()), |written| decimal(written, self.min, self.max, self.places))
    }

    fn schema(&self) -> Json {
        schema("number", self.min.map(Json::from), self.max.map(Json::from))
    }

    fn answer_type(&self) -> AnswerType<'_> {
        AnswerType::Float
    }

    fn input_form(&self) -> InputForm {
        InputForm::Number
    }

    fn candidates(&self, literals: &[Json]) -> Option<Vec<Json>> {
        Some(decimal_candidates(literals, self.min, self.max))
    }

    fn shown(&self, value: &Json, language: Language) -> String {
        shown(value, self.unit.as_ref(), language)
    }

    fn unit(&self, language: Language) -> &str {
        unit_in(self.unit.as_ref(), language)
    }

    fn retyped(&self, kept: &Json, language: Language) -> String {
        retyped(kept, &units(self.unit.as_ref()), language)
    }

    fn is_measured(&self) -> bool {
        true
    }

    fn has_crossed_limits(&self) -> bool {
        self.min.zip(self.max).is_some_and(|(min, max)| min > max)
    }

    fn describes_case(&self) -> bool {
        true
    }
}

/// The words and signs after an amount of money.
const CURRENCY: [&str; 6] = ["đồng", "dong", "vnđ", "vnd", "đ", "₫"];

impl Dong {
    fn limits(&self) -> (Option<i64>, Option<i64>) {
        (self.min.map(|min| min.0), self.max.map(|max| max.0))
    }
}

impl SingleKind for Dong {
    fn read(&self, input: &Input<'_>) -> Result<Option<Json>, FindingWords> {
        let (min, max) = self.limits();
        read(input.typed, &CURRENCY.map(str::to_owned), |written| whole(written, min, max))
    }

    fn schema(&self) -> Json {
        let (min, max) = self.limits();
        schema("integer", min.map(Json::from), max.map(Json::from))
    }

    fn answer_type(&self) -> AnswerType<'_> {
        AnswerType::Int
    }

    fn input_form(&self) -> InputForm {
        InputForm::Number
    }

    fn candidates(&self, literals: &[Json]) -> Option<Vec<Json>> {
        let (min, max) = self.limits();
        Some(whole_candidates(literals, min, max))
    }

    fn shown(&self, value: &Json, language: Language) -> String {
        match value {
            Json::Number(amount) => money::Dong(amount.as_i64().unwrap_or_default()).shown(language),
            other => text_of(other),
        }
    }

    fn unit(&self, _language: Language) -> &'static str {
        "đồng"
    }

    fn retyped(&self, kept: &Json, language: Language) -> String {
        retyped(kept, &CURRENCY.map(str::to_owned), language)
    }

    fn is_measured(&self) -> bool {
        true
    }

    fn has_crossed_limits(&self) -> bool {
        self.min.zip(self.max).is_some_and(|(min, max)| min > max)
    }

    fn describes_case(&self) -> bool {
        true
    }
}

/// Returns the unit in the language, or an empty text.
pub(super) fn unit_in(unit: Option<&Text>, language: Language) -> &str {
    unit.map_or("", |unit| unit.get(language))
}

/// Returns the words of a unit that people type after a number.
fn units(unit: Option<&Text>) -> Vec<String> {
    let written = |unit: &Text| [Language::Vi, Language::En].map(|language| narrow(unit.get(language)).to_lowercase());
    unit.into_iter().flat_map(written).collect()
}

/// Returns the input without the unit of the field. The unit stands beside the box, and many people type it too.
fn without_unit(text: &str, units: &[String]) -> String {
    let text = narrow(text).to_lowercase();
    let text = text.trim();
    let without = |unit: &String| text.strip_suffix(unit.as_str()).map(|rest| rest.trim_end().to_owned());
    units.iter().find_map(without).unwrap_or_else(|| text.to_owned())
}

/// Returns the earlier input of a number box for a page in `language`. A converted number has no unit, because signs
/// before a unit mean something else in the other language too.
fn retyped(kept: &Json, units: &[String], language: Language) -> String {
    if let Some((text, typed_in)) = number::as_typed(kept).filter(|(_, typed_in)| *typed_in != language) {
        let bare = without_unit(text, units);
        if number::read(&bare, typed_in).is_some() {
            return number::retyped(&number::typed(&bare, typed_in), language);
        }
    }
    number::retyped(kept, language)
}

/// Reads a number from a program, or one that was typed on a page in one of the languages.
fn read(
    typed: Option<&Json>,
    units: &[String],
    value: impl FnOnce(Option<&WrittenNumber>) -> Result<Json, FindingWords>,
) -> Result<Option<Json>, FindingWords> {
    let written = match typed {
        Some(Json::Number(number)) => WrittenNumber::of(number),
        typed => {
            let Some((text, language)) = typed.and_then(number::as_typed) else { return Ok(None) };
            let text = without_unit(text, units);
            if text.is_empty() {
                return Ok(None);
            }
            number::read(&text, language)
        }
    };
    value(written.as_ref()).map(Some)
}

fn whole(written: Option<&WrittenNumber>, min: Option<i64>, max: Option<i64>) -> Result<Json, FindingWords> {
    let Some(number) = written.and_then(WrittenNumber::integer) else {
        // The message shows the value as the portal read it, so the reason is clear.
        let seen = |language| match written {
            Some(written) if written.places() > 0 => written.grouped(language),
            _ => String::new(),
        };
        let (vi, en) = (seen(Language::Vi), seen(Language::En));
        if vi.is_empty() {
            let (vi, en) = ("Hãy nhập một số nguyên, ví dụ 1.200.000.", "Enter a whole number, such as 1,200,000.");
            return wrong("integer", vi, en);
        }
        return wrong(
            "integer",
            format!("{vi} không phải là số nguyên. Hãy nhập số không có phần thập phân, ví dụ 1.200.000."),
            format!("{en} is not a whole number. Enter a number without decimals, such as 1,200,000."),
        );
    };
    if min.is_some_and(|min| number < min) || max.is_some_and(|max| number > max) {
        return out_of_range(min, max, number::whole);
    }
    Ok(Json::from(number))
}

fn out_of_range<T: Copy>(
    min: Option<T>,
    max: Option<T>,
    shown: fn(T, Language) -> String,
) -> Result<Json, FindingWords> {
    let text = |both: [&str; 2], from: &str, to: &str, language| {
        let shown = |limit| shown(limit, language);
        match (min.map(shown), max.map(shown)) {
            (Some(min), Some(max)) => format!("{} {min} {} {max}.", both[0], both[1]),
            (Some(min), None) => format!("{from} {min}."),
            (None, Some(max)) => format!("{to} {max}."),
            (None, None) => String::new(),
        }
    };
    wrong(
        "range",
        text(["Hãy nhập từ", "đến"], "Hãy nhập ít nhất", "Hãy nhập nhiều nhất", Language::Vi),
        text(["Enter", "to"], "Enter at least", "Enter at most", Language::En),
    )
}

/// The most digits of a decimal. With more digits it would become another number.
const MOST_DIGITS: usize = 15;

fn decimal(
    written: Option<&WrittenNumber>,
    min: Option<f64>,
    max: Option<f64>,
    places: u32,
) -> Result<Json, FindingWords> {
    let Some((written, number)) = written.and_then(|written| Some((written, written.decimal()?))) else {
        return wrong("decimal", "Hãy nhập một số, ví dụ 1.250,5.", "Enter a number, such as 1,250.5.");
    };
    if written.length() + written.places() > MOST_DIGITS {
        return wrong("decimal", "Số này có quá nhiều chữ số.", "This number has too many digits.");
    }
    if written.places() > places as usize {
        return wrong(
            "decimals",
            format!("Tối đa {places} chữ số sau dấu phẩy; {} có nhiều hơn.", written.grouped(Language::Vi)),
            format!("At most {places} digits after the decimal sign; {} has more.", written.grouped(Language::En)),
        );
    }
    if min.is_some_and(|min| number < min) || max.is_some_and(|max| number > max) {
        return out_of_range(min, max, number::decimal);
    }
    Ok(Json::from(number))
}

fn schema(name: &str, min: Option<Json>, max: Option<Json>) -> Json {
    let mut schema = json!({ "type": name });
    if let Some(map) = schema.as_object_mut() {
        let limits = [("minimum", min), ("maximum", max)];
        map.extend(limits.into_iter().filter_map(|(key, limit)| Some((key.to_owned(), limit?))));
    }
    schema
}

fn whole_candidates(written: &[Json], min: Option<i64>, max: Option<i64>) -> Vec<Json> {
    let mut numbers: BTreeSet<i64> = [min, max, Some(0)].into_iter().flatten().collect();
    for number in written.iter().filter_map(Json::as_f64) {
        #[expect(clippy::cast_possible_truncation, reason = "what is out of range is cut to the range")]
        let number = number.floor() as i64;
        numbers.extend([number.saturating_sub(1), number, number.saturating_add(1)]);
    }
    let inside = |number: &i64| min.is_none_or(|min| *number >= min) && max.is_none_or(|max| *number <= max);
    numbers.into_iter().filter(inside).map(Json::from).collect()
}

fn decimal_candidates(written: &[Json], min: Option<f64>, max: Option<f64>) -> Vec<Json> {
    let mut numbers: Vec<f64> = [min, max, Some(0.0)].into_iter().flatten().collect();
    for number in written.iter().filter_map(Json::as_f64) {
        numbers.extend([number - 1e-9 * (1.0 + number.abs()), number, number + 1e-9 * (1.0 + number.abs())]);
    }
    let inside = |number: &f64| min.is_none_or(|min| *number >= min) && max.is_none_or(|max| *number <= max);
    numbers.into_iter().filter(inside).map(Json::from).collect()
}

/// Formats a value with its unit.
pub(super) fn shown(value: &Json, unit: Option<&Text>, language: Language) -> String {
    let Json::Number(number) = value else { return text_of(value) };
    let unit = unit_in(unit, language);
    format!("{} {unit}", figure(number, unit.is_empty(), language)).trim_end().to_owned()
}

/// Formats a number. Without a unit it may be a year or a number of a plot, so that four digits stay together.
fn figure(number: &Number, bare: bool, language: Language) -> String {
    match WrittenNumber::of(number) {
        Some(written) if bare && written.length() <= 4 => written.plain(language),
        _ => number::shown(number, language),
    }
}

#[cfg(test)]
mod tests {
    use crate::form::testing::{codes, field, form, judge_json};
    use crate::form::{FieldKind, kinds};
    use crate::text::{Language, Text};
    use serde_json::{Value as Json, json};

    #[test]
    fn a_number_is_read_as_its_page_writes_numbers_and_never_changed_in_silence() {
        let whole =
            FieldKind::Integer(kinds::Integer { min: None, max: None, unit: Some(Text::new("người", "people")) });
        let area = FieldKind::Decimal(kinds::Decimal {
            min: Some(0.5),
            max: Some(10_000.0),
            places: 3,
            unit: Some(Text::vi("m²")),
        });
        let form = form(vec![
            field("people", whole),
            field("capital", FieldKind::Dong(kinds::Dong { min: None, max: None })),
            field("area", area),
        ]);
        let typed = |text: &str, language| {
            let kept = crate::number::typed(text, language);
            judge_json(&form, json!({"people": kept, "capital": kept, "area": kept}))
        };
        let vi = typed("1.500", Language::Vi);
        assert_eq!(Json::Object(vi.values), json!({"people": 1500, "capital": 1500, "area": 1500.0}));
        let en = typed("1,500", Language::En);
        assert_eq!(Json::Object(en.values), json!({"people": 1500, "capital": 1500, "area": 1500.0}));
        for (text, language) in
            [("1.5", Language::Vi), ("1.5", Language::En), ("1,5", Language::Vi), ("1.500", Language::En)]
        {
            let judged = typed(text, language);
            assert_eq!(Json::Object(judged.values.clone()), json!({"area": 1.5}), "{text}");
            assert_eq!(codes(&judged), [("people", "integer"), ("capital", "integer")], "{text}");
            assert!(judged.findings[0].text.vi.contains("1,5"), "it is told what was understood");
        }
        let units = json!({"people": "1.200 người", "capital": "1.000.000 đồng", "area": "12,5 m²"});
        let units = judge_json(&form, units);
        assert_eq!(Json::Object(units.values), json!({"people": 1200, "capital": 1_000_000, "area": 12.5}));
        for capital in ["1.000.000 VND", "1\u{a0}000\u{202f}000đ", "1.000.000 VNĐ", "１.000.000 ₫"] {
            assert_eq!(
                judge_json(&form, json!({ "capital": capital })).values["capital"],
                json!(1_000_000),
                "{capital}"
            );
        }
        let million = judge_json(&form, json!({"people": "1", "capital": "1tr", "area": "0,1"}));
        assert_eq!(codes(&million), [("capital", "integer"), ("area", "range")]);
        assert_eq!(million.findings[1].text, Text::new("Hãy nhập từ 0,5 đến 10.000.", "Enter 0.5 to 10,000."));
        assert_eq!(judge_json(&form, json!({"people": 3.0})).values["people"], json!(3), "a float of an expression");
    }

    #[test]
    fn numbers_and_money_are_shown_as_the_reader_writes_them() {
        let area = kinds::Decimal { min: None, max: None, places: 2, unit: Some(Text::vi("m²")) };
        let (area, year) =
            (FieldKind::Decimal(area), FieldKind::Integer(kinds::Integer { min: None, max: None, unit: None }));
        let dong = FieldKind::Dong(kinds::Dong { min: None, max: None });
        for (kind, value, vi, en) in [
            (&area, json!(1250.5), "1.250,5 m²", "1,250.5 m²"),
            (&area, json!(2500.0), "2.500 m²", "2,500 m²"),
            (&area, json!(1e16), "10.000.000.000.000.000 m²", "10,000,000,000,000,000 m²"),
            (&year, json!(1995), "1995", "1995"),
            (&year, json!(19_950), "19.950", "19,950"),
            (&dong, json!(1_200_000), "1.200.000 đ", "1,200,000 đ"),
        ] {
            assert_eq!(kind.shown(&value, Language::Vi), vi);
            assert_eq!(kind.shown(&value, Language::En), en);
        }
    }
}
