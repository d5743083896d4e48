//! Judging what was typed into a form: normalised values and findings.
//!
//! A draft keeps what was typed, letter by letter, wrong or not. Judging it gives the values that are filed and
//! shown to plugins; hidden fields are neither checked nor kept.

use crate::calendar::local;
use crate::form::{Choice, Field, Form, Kind};
use crate::identity;
use crate::text::Text;
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use unicode_normalization::UnicodeNormalization;

/// Something to say about one place of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// `field`, or `group.0.field`; empty for the form as a whole.
    pub path: String,
    /// A stable word for the rule, such as `required`.
    pub code: String,
    pub severity: Severity,
    pub text: Text,
}

/// Whether a finding stops the filing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Error,
    Warning,
}

/// The outcome of judging a form.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Judged {
    pub values: Map<String, Json>,
    pub findings: Vec<Finding>,
}

impl Judged {
    /// Whether nothing stops the filing.
    pub fn complete(&self) -> bool {
        self.findings.iter().all(|finding| finding.severity != Severity::Error)
    }
}

impl Finding {
    /// A finding that stops the filing.
    pub fn error(path: impl Into<String>, code: &str, text: Text) -> Self {
        Self { path: path.into(), code: code.to_owned(), severity: Severity::Error, text }
    }
}

/// Judges all sections of `form` for what was typed, as of `now`.
pub fn judge(form: &Form, typed: &Map<String, Json>, now: Timestamp) -> Judged {
    let mut judged = Judged::default();
    let values = settled(form, typed, now);
    for (_, field) in form.fields() {
        if field.shown.holds(&values) {
            judge_field(field, typed.get(&field.id), &values, "", now, &mut judged);
        }
    }
    judged
}

/// The values of all fields that are shown. A condition or a computed value may look at any field, also at one that
/// comes later, so they are found again until nothing changes; conditions that contradict one another end after as many
/// rounds as there are fields. A condition on a hidden field's value sees null, whatever was typed while it was shown.
fn settled(form: &Form, typed: &Map<String, Json>, now: Timestamp) -> Map<String, Json> {
    let mut values = Map::new();
    for _ in 0..=form.fields().count() {
        let mut next = Map::new();
        for (_, field) in form.fields().filter(|(_, field)| field.shown.holds(&values)) {
            let value = match &field.kind {
                Kind::Computed { value, .. } => value.value(&values).ok(),
                _ => read(field, typed.get(&field.id), now).ok().flatten(),
            };
            next.extend(value.map(|value| (field.id.clone(), value)));
        }
        if next == values {
            break;
        }
        values = next;
    }
    values
}

fn judge_field(
    field: &Field,
    typed: Option<&Json>,
    context: &Map<String, Json>,
    prefix: &str,
    now: Timestamp,
    judged: &mut Judged,
) {
    let path = format!("{prefix}{}", field.id);
    if let Kind::Group { min, max, fields } = &field.kind {
        let value = judge_group(field, (*min, *max), fields, typed, &path, now, judged);
        judged.values.insert(field.id.clone(), value);
        return;
    }
    match read(field, typed, now) {
        Ok(Some(value)) => {
            judged.values.insert(field.id.clone(), value);
        }
        Ok(None) if matches!(field.kind, Kind::Computed { .. }) => {
            judged.values.extend(context.get(&field.id).map(|value| (field.id.clone(), value.clone())));
        }
        Ok(None) if matches!(field.kind, Kind::Explanation) => {}
        Ok(None) if field.kind == Kind::Consent && field.required.holds(context) => {
            let english = field.label.get(crate::text::Language::En);
            let text = Text::new(format!("Hãy đánh dấu “{}”.", field.label.vi), format!("Tick “{english}”."));
            judged.findings.push(Finding::error(path, "consent", text));
        }
        Ok(None) if field.required.holds(context) => judged.findings.push(Finding::error(
            path,
            "required",
            Text::new(
                format!("Hãy nhập “{}”.", field.label.vi),
                format!("Enter “{}”.", field.label.get(crate::text::Language::En)),
            ),
        )),
        Ok(None) => {}
        Err((code, text)) => judged.findings.push(Finding::error(path, code, text)),
    }
}

fn judge_group(
    field: &Field,
    (min, max): (usize, usize),
    fields: &[Field],
    typed: Option<&Json>,
    path: &str,
    now: Timestamp,
    judged: &mut Judged,
) -> Json {
    let rows = typed.and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
    if rows.len() < min || rows.len() > max {
        judged.findings.push(Finding::error(
            path,
            "count",
            Text::new(
                format!("“{}”: cần từ {min} đến {max} dòng, hiện có {}.", field.label.vi, rows.len()),
                format!(
                    "“{}”: from {min} to {max} rows are needed, there are {}.",
                    field.label.get(crate::text::Language::En),
                    rows.len()
                ),
            ),
        ));
    }
    let mut kept = Vec::new();
    let empty = Map::new();
    for (index, row) in rows.iter().take(max).enumerate() {
        let typed_row = row.as_object().unwrap_or(&empty);
        let mut values = Map::new();
        for inner in fields {
            if let Ok(Some(value)) = read(inner, typed_row.get(&inner.id), now) {
                values.insert(inner.id.clone(), value);
            }
        }
        let mut row = Judged::default();
        for inner in fields.iter().filter(|inner| inner.shown.holds(&values)) {
            judge_field(inner, typed_row.get(&inner.id), &values, &format!("{path}.{index}."), now, &mut row);
        }
        judged.findings.append(&mut row.findings);
        kept.push(Json::Object(row.values));
    }
    Json::Array(kept)
}

type Wrong = (&'static str, Text);

fn wrong<T>(code: &'static str, vi: impl Into<String>, en: impl Into<String>) -> Result<T, Wrong> {
    Err((code, Text::new(vi, en)))
}

/// What was typed as plain text: normalised to NFC, trimmed, without control characters other than line ends.
fn plain(typed: Option<&Json>) -> String {
    let text = match typed {
        Some(Json::String(text)) => text.clone(),
        Some(Json::Number(number)) => number.to_string(),
        Some(Json::Bool(yes)) => yes.to_string(),
        _ => String::new(),
    };
    let text: String = text.nfc().filter(|c| !c.is_control() || *c == '\n').collect();
    text.trim().to_owned()
}

/// The value of a field that is not a group, `None` if nothing was typed.
fn read(field: &Field, typed: Option<&Json>, now: Timestamp) -> Result<Option<Json>, Wrong> {
    if let Kind::SeveralOf { choices } = &field.kind {
        return several(choices, typed);
    }
    if let Kind::Computed { .. } | Kind::Explanation = &field.kind {
        return Ok(None);
    }
    if let Kind::Group { .. } = &field.kind {
        return Ok(typed.filter(|typed| typed.is_array()).cloned());
    }
    let text = plain(typed);
    if text.is_empty() {
        return Ok(None);
    }
    let value = match &field.kind {
        Kind::Text { max } | Kind::LongText { max } => bounded_text(text, *max)?,
        Kind::Integer { min, max, .. } => integer(&text, *min, *max)?,
        Kind::Dong { min, max } => integer(text.trim_end_matches(['đ', ' ']), min.map(|d| d.0), max.map(|d| d.0))?,
        Kind::Decimal { min, max, places, .. } => decimal(&text, *min, *max, *places)?,
        Kind::Date { past } => date(&text, *past, now)?,
        Kind::DateTime { past } => date_time(&text, *past, now)?,
        Kind::Consent if text == "true" => Json::Bool(true),
        Kind::Consent => return Ok(None),
        Kind::YesNo => match text.as_str() {
            "true" => Json::Bool(true),
            "false" => Json::Bool(false),
            _ => return wrong("choice", "Hãy chọn Có hoặc Không.", "Choose yes or no."),
        },
        Kind::OneOf { choices } => choice(choices, &text)?,
        Kind::Phone => normalised(
            identity::mobile(&text),
            "phone",
            "Số điện thoại di động gồm 10 chữ số, bắt đầu bằng 03, 05, 07, 08 hoặc 09.",
            "A mobile number has 10 digits and begins with 03, 05, 07, 08 or 09.",
        )?,
        Kind::Email => normalised(
            identity::email(&text),
            "email",
            "Địa chỉ thư điện tử có dạng ten@vidu.vn.",
            "An e-mail address looks like name@example.vn.",
        )?,
        Kind::CitizenNumber => normalised(
            identity::citizen_number(&text),
            "citizen-number",
            "Số định danh cá nhân (CCCD) gồm 12 chữ số, bắt đầu bằng mã tỉnh từ 001 đến 096.",
            "A citizen number has 12 digits and begins with a province code from 001 to 096.",
        )?,
        Kind::TaxCode => normalised(
            identity::tax_code(&text),
            "tax-code",
            "Mã số thuế gồm 10 hoặc 13 chữ số; hãy xem lại, chữ số kiểm tra không khớp.",
            "A tax code has 10 or 13 digits; look again, the check digit does not fit.",
        )?,
        Kind::SeveralOf { .. } | Kind::Group { .. } | Kind::Computed { .. } | Kind::Explanation => Json::Null,
    };
    Ok(Some(value))
}

fn bounded_text(text: String, max: usize) -> Result<Json, Wrong> {
    let length = text.chars().count();
    if length > max {
        return wrong(
            "too-long",
            format!("Tối đa {max} ký tự, hiện có {length}."),
            format!("At most {max} characters, there are {length}."),
        );
    }
    Ok(Json::String(text))
}

fn normalised(value: Option<String>, code: &'static str, vi: &str, en: &str) -> Result<Json, Wrong> {
    value.map_or_else(|| wrong(code, vi, en), |value| Ok(Json::String(value)))
}

fn integer(text: &str, min: Option<i64>, max: Option<i64>) -> Result<Json, Wrong> {
    let digits: String = text.chars().filter(|c| !matches!(c, '.' | ' ' | '\u{a0}')).collect();
    let Ok(number) = digits.parse::<i64>() else {
        return wrong("integer", "Hãy nhập một số nguyên, ví dụ 1.200.000.", "Enter a whole number, such as 1200000.");
    };
    if min.is_some_and(|min| number < min) || max.is_some_and(|max| number > max) {
        return out_of_range(min, max);
    }
    Ok(Json::from(number))
}

fn out_of_range<T: std::fmt::Display>(min: Option<T>, max: Option<T>) -> Result<Json, Wrong> {
    let (vi, en) = match (min, max) {
        (Some(min), Some(max)) => (format!("Hãy nhập từ {min} đến {max}."), format!("Enter {min} to {max}.")),
        (Some(min), None) => (format!("Hãy nhập ít nhất {min}."), format!("Enter at least {min}.")),
        (None, Some(max)) => (format!("Hãy nhập nhiều nhất {max}."), format!("Enter at most {max}.")),
        (None, None) => (String::new(), String::new()),
    };
    wrong("range", vi, en)
}

fn decimal(text: &str, min: Option<f64>, max: Option<f64>, places: u32) -> Result<Json, Wrong> {
    // A comma is the Vietnamese decimal sign; with a comma, dots group thousands.
    let text = if text.contains(',') { text.replace('.', "").replacen(',', ".", 1) } else { text.to_owned() };
    let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-');
    let number = text.parse::<f64>().ok().filter(|number| plain && number.is_finite());
    let Some(number) = number else {
        return wrong("decimal", "Hãy nhập một số, ví dụ 12,5.", "Enter a number, such as 12.5.");
    };
    if decimals > places as usize {
        return wrong(
            "decimals",
            format!("Tối đa {places} chữ số sau dấu phẩy."),
            format!("At most {places} digits after the decimal sign."),
        );
    }
    if min.is_some_and(|min| number < min) || max.is_some_and(|max| number > max) {
        return out_of_range(min, max);
    }
    Ok(Json::from(number))
}

/// A day, as `2026-09-02` or as people write it, `2/9/2026`.
fn day(text: &str) -> Option<Date> {
    let iso = text.parse::<Date>().ok();
    let vietnamese = || {
        let mut parts = text.split(['/', '-', '.']);
        let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
        let date = Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?;
        parts.next().is_none().then_some(date)
    };
    iso.or_else(vietnamese).filter(|date| (1900..=2200).contains(&date.year()))
}

fn future<T>() -> Result<T, Wrong> {
    wrong("future", "Ngày này chưa đến.", "This day has not come yet.")
}

fn date(text: &str, past: bool, now: Timestamp) -> Result<Json, Wrong> {
    let Some(date) = day(text) else {
        return wrong("date", "Hãy nhập ngày dạng ngày/tháng/năm.", "Enter a date as day/month/year.");
    };
    if past && date > local(now).date() { future() } else { Ok(Json::String(date.to_string())) }
}

fn date_time(text: &str, past: bool, now: Timestamp) -> Result<Json, Wrong> {
    let read = || {
        let (date, time) = text.split_once(['T', ' '])?;
        let (hour, minute) = time.trim().split_once(':')?;
        let minute = minute.strip_suffix(":00").unwrap_or(minute);
        let time = Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()?;
        Some(day(date)?.to_datetime(time))
    };
    let Some(moment) = read() else {
        return wrong(
            "date-time",
            "Hãy nhập ngày và giờ dạng ngày/tháng/năm giờ:phút.",
            "Enter day and time as day/month/year hour:minute.",
        );
    };
    if past && moment > local(now) { future() } else { Ok(Json::String(moment.strftime("%Y-%m-%dT%H:%M").to_string())) }
}

fn choice(choices: &[Choice], text: &str) -> Result<Json, Wrong> {
    if choices.iter().any(|choice| choice.value == text) {
        return Ok(Json::String(text.to_owned()));
    }
    wrong("choice", "Hãy chọn một mục trong danh sách.", "Choose one of the list.")
}

fn several(choices: &[Choice], typed: Option<&Json>) -> Result<Option<Json>, Wrong> {
    let chosen: Vec<String> = match typed {
        Some(Json::Array(items)) => items.iter().map(|item| plain(Some(item))).filter(|t| !t.is_empty()).collect(),
        other => Some(plain(other)).filter(|text| !text.is_empty()).into_iter().collect(),
    };
    for text in &chosen {
        choice(choices, text)?;
    }
    Ok((!chosen.is_empty()).then(|| chosen.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::{Condition, Expression};
    use proptest::prelude::*;
    use serde_json::json;

    fn field(id: &str, kind: Kind) -> Field {
        Field {
            id: id.to_owned(),
            label: Text::new(id, id),
            help: None,
            required: Condition::Fixed(true),
            shown: Condition::Fixed(true),
            kind,
        }
    }

    fn form(fields: Vec<Field>) -> Form {
        let section = crate::form::Section { id: "one".into(), title: Text::vi("Một"), help: None, fields };
        Form { sections: vec![section] }
    }

    fn judge_json(form: &Form, typed: Json) -> Judged {
        judge(form, typed.as_object().expect("an object"), Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn values_are_normalised_and_findings_name_their_place() {
        let member = vec![field("name", Kind::Text { max: 10 }), field("id", Kind::CitizenNumber)];
        let form = form(vec![
            field("capital", Kind::Dong { min: Some(crate::money::Dong(1)), max: None }),
            field("share", Kind::Decimal { min: None, max: Some(100.0), places: 2, unit: None }),
            field("members", Kind::Group { min: 1, max: 3, fields: member }),
        ]);
        let typed = json!({"capital": "1.000.000 đ", "share": "33,34", "members": [
            {"name": " An ", "id": "074 185 000 123"}, {"name": "Tên quá dài này", "id": "1"}]});
        let judged = judge_json(&form, typed);
        assert_eq!(judged.values["capital"], json!(1_000_000));
        assert_eq!(judged.values["share"], json!(33.34));
        assert_eq!(judged.values["members"][0], json!({"name": "An", "id": "074185000123"}));
        let found: Vec<_> = judged.findings.iter().map(|f| (f.path.as_str(), f.code.as_str())).collect();
        assert_eq!(found, [("members.1.name", "too-long"), ("members.1.id", "citizen-number")]);
    }

    #[test]
    fn a_hidden_field_is_neither_checked_nor_kept() {
        let mut reason = field("reason", Kind::Text { max: 10 });
        reason.shown = Condition::When(Expression::parse("urgent == true").expect("it is CEL"));
        let form = form(vec![field("urgent", Kind::YesNo), reason]);
        let hidden = judge_json(&form, json!({"urgent": "false", "reason": "x"}));
        assert!(hidden.complete() && !hidden.values.contains_key("reason"));
        let shown = judge_json(&form, json!({"urgent": "true"}));
        assert_eq!(shown.findings[0].path, "reason");
    }

    #[test]
    fn computed_values_follow_from_others_wherever_they_stand() {
        let cel = |text: &str| Expression::parse(text).expect("it is CEL");
        let computed = |id: &str, text: &str| field(id, Kind::Computed { value: cel(text), unit: None });
        let mut large = field("reason", Kind::Text { max: 10 });
        large.shown = Condition::When(cel("total > 100"));
        let form = form(vec![
            large,
            computed("twice", "total * 2"),
            computed("total", "count * price"),
            field("count", Kind::Integer { min: None, max: None, unit: None }),
            field("price", Kind::Dong { min: None, max: None }),
        ]);
        let judged = judge_json(&form, json!({"count": "3", "price": "50", "total": "7", "reason": "vì"}));
        assert_eq!(judged.values["total"], json!(150), "what was typed for it does not count");
        assert_eq!(judged.values["twice"], json!(300));
        assert_eq!(judged.values["reason"], json!("vì"));
        let small = judge_json(&form, json!({"count": "1", "price": "50", "reason": "vì"}));
        assert!(small.complete() && !small.values.contains_key("reason"));
        let unanswered = judge_json(&form, json!({"count": "1"}));
        let codes: Vec<_> = unanswered.findings.iter().map(|f| (f.path.as_str(), f.code.as_str())).collect();
        assert_eq!(codes, [("price", "required")], "a computed value is nobody's to give");
    }

    #[test]
    fn consent_is_ticked_a_time_is_read_as_people_write_it_and_an_explanation_asks_nothing() {
        let form = form(vec![
            field("agreed", Kind::Consent),
            field("words", Kind::Explanation),
            field("at", Kind::DateTime { past: false }),
        ]);
        let judged = judge_json(&form, json!({"agreed": "true", "words": "x", "at": "2/9/2026 7:05"}));
        assert!(judged.complete());
        assert_eq!(Json::Object(judged.values), json!({"agreed": true, "at": "2026-09-02T07:05"}));
        let judged = judge_json(&form, json!({"agreed": "false", "at": "2/9/2026"}));
        let codes: Vec<_> = judged.findings.iter().map(|f| f.code.as_str()).collect();
        assert_eq!(codes, ["consent", "date-time"]);
    }

    #[test]
    fn decomposed_letters_are_composed() {
        let form = form(vec![field("name", Kind::Text { max: 10 })]);
        let judged = judge_json(&form, json!({"name": "Hoa\u{0300}"}));
        assert_eq!(judged.values["name"], json!("Hoà"));
    }

    fn any_json() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            any::<f64>().prop_map(Json::from),
            ".*".prop_map(Json::from),
            "[0-9./,-]{0,12}".prop_map(Json::from)
        ];
        leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
                proptest::collection::btree_map("[a-c]", inner, 0..4)
                    .prop_map(|map| Json::Object(map.into_iter().collect()))
            ]
        })
    }

    fn every_kind() -> Form {
        let choices = vec![Choice { value: "a".into(), label: Text::vi("A") }];
        let simple = vec![
            Kind::Text { max: 5 },
            Kind::LongText { max: 5 },
            Kind::Integer { min: Some(0), max: None, unit: None },
            Kind::Decimal { min: None, max: None, places: 2, unit: None },
            Kind::Dong { min: None, max: None },
            Kind::Date { past: true },
            Kind::DateTime { past: true },
            Kind::Consent,
            Kind::Explanation,
            Kind::YesNo,
            Kind::OneOf { choices: choices.clone() },
            Kind::SeveralOf { choices },
            Kind::Phone,
            Kind::Email,
            Kind::CitizenNumber,
            Kind::TaxCode,
        ];
        let named = |kinds: Vec<Kind>| {
            kinds.into_iter().enumerate().map(|(i, kind)| field(&format!("f{i}"), kind)).collect::<Vec<_>>()
        };
        let mut fields = named(simple.clone());
        let sum = Expression::parse("f2 + f4").expect("it is CEL");
        fields.push(field("sum", Kind::Computed { value: sum, unit: None }));
        fields.push(field("group", Kind::Group { min: 0, max: 2, fields: named(simple) }));
        form(fields)
    }

    proptest! {
        #[test]
        fn judging_never_panics_and_its_values_are_judged_the_same_again(
            typed in proptest::collection::btree_map("f[0-9]|f1[0-5]|group|sum", any_json(), 0..17)
        ) {
            let form = every_kind();
            let once = judge(&form, &typed.into_iter().collect(), Timestamp::UNIX_EPOCH);
            let again = judge(&form, &once.values, Timestamp::UNIX_EPOCH);
            prop_assert_eq!(once.values, again.values);
        }
    }
}
