//! One answer: what was typed, normalised; or what is wrong with it, in both languages.

use crate::calendar::local;
use crate::form::{Choice, Kind};
use crate::judge::Given;
use crate::text::Text;
use crate::{geometry, identity};
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use serde_json::{Map, Value as Json, json};
use unicode_normalization::UnicodeNormalization;

/// The code of a finding and its words.
pub(crate) type Wrong = (&'static str, Text);

pub(crate) fn wrong<T>(code: &'static str, vi: impl Into<String>, en: impl Into<String>) -> Result<T, Wrong> {
    Err((code, Text::new(vi, en)))
}

/// What was typed as plain text: normalised to NFC, trimmed, without control characters other than line ends.
pub(crate) fn plain(typed: Option<&Json>) -> String {
    let text = match typed {
        Some(Json::String(text)) => text.clone(),
        Some(Json::Number(number)) => number.to_string(),
        Some(Json::Bool(yes)) => yes.to_string(),
        _ => String::new(),
    };
    let text: String = text.nfc().filter(|c| !c.is_control() || *c == '\n').collect();
    text.trim().to_owned()
}

/// The value of a question that is not made of several, `None` if nothing was typed. `context` has the answers beside
/// it.
pub(crate) fn read(
    kind: &Kind,
    typed: Option<&Json>,
    context: &Map<String, Json>,
    given: Given<'_>,
) -> Result<Option<Json>, Wrong> {
    match kind {
        Kind::SeveralOf { choices } => return several(choices, typed),
        Kind::Registry { registry, under } => return entry(registry, under.as_deref(), typed, context, given),
        Kind::Map { shape } => return geometry::read(*shape, &place(typed)),
        _ => {}
    }
    let text = plain(typed);
    if text.is_empty() {
        return Ok(None);
    }
    let now = given.now;
    let value = match kind {
        Kind::Text { max } | Kind::LongText { max } => bounded_text(text, *max)?,
        Kind::Integer { min, max, .. } => integer(&text, *min, *max)?,
        Kind::Dong { min, max } => integer(text.trim_end_matches(['đ', ' ']), min.map(|d| d.0), max.map(|d| d.0))?,
        Kind::Decimal { min, max, places, .. } => decimal(&text, *min, *max, *places)?,
        Kind::Date { past } => date(&text, *past, now)?,
        Kind::DateTime { past } => date_time(&text, *past, now)?,
        Kind::Consent if text == "true" => Json::Bool(true),
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
        _ => return Ok(None),
    };
    Ok(Some(value))
}

/// What was typed as an entry: a text that says which, or the entry itself.
fn code_of(typed: Option<&Json>) -> String {
    match typed {
        Some(Json::Object(entry)) => plain(entry.get("code")),
        other => plain(other),
    }
}

/// An entry of a registry, by its code, its name, or both as a list of proposals shows them: `2393 Sản xuất gốm sứ`.
fn entry(
    registry: &str,
    under: Option<&str>,
    typed: Option<&Json>,
    context: &Map<String, Json>,
    given: Given<'_>,
) -> Result<Option<Json>, Wrong> {
    let text = code_of(typed);
    if text.is_empty() {
        return Ok(None);
    }
    let parent = under.map(|field| context.get(field).and_then(|value| value.get("code")).and_then(Json::as_str));
    let found = given.registries.get(registry).and_then(|known| {
        let first = text.split_whitespace().next().unwrap_or_default();
        let by_name = || known.under(None).find(|entry| entry.name.vi == text);
        known.entry(&text).or_else(|| known.entry(first)).or_else(by_name)
    });
    let fits = |entry: &&crate::registry::Entry| parent.is_none_or(|parent| entry.parent.as_deref() == parent);
    match found.filter(fits) {
        Some(entry) => Ok(Some(json!({ "code": entry.code, "name": entry.name.vi }))),
        None => wrong("choice", "Hãy chọn một mục trong danh sách.", "Choose one of the list."),
    }
}

/// A place as text: as typed, or as it was kept.
fn place(typed: Option<&Json>) -> String {
    match typed {
        Some(Json::Object(_)) => typed.map(ToString::to_string).unwrap_or_default(),
        other => plain(other),
    }
}

/// Whether a value lies within limits that depend on other answers, and what to say if not.
pub(crate) fn within(value: &Json, least: Option<&Json>, most: Option<&Json>) -> Result<(), Wrong> {
    let below = |a: &Json, b: &Json| match (a, b) {
        (Json::Number(a), Json::Number(b)) => a.as_f64() < b.as_f64(),
        (Json::String(a), Json::String(b)) => a < b,
        _ => false,
    };
    let shown = |limit: &Json| match limit {
        Json::String(text) => {
            text.parse().map_or_else(|_| text.clone(), |day: Date| day.strftime("%d/%m/%Y").to_string())
        }
        Json::Number(number) => number.as_i64().map_or_else(
            || number.to_string().trim_end_matches(".0").to_owned(),
            |whole| crate::money::Dong(whole).to_string().trim_end_matches(" đ").to_owned(),
        ),
        other => other.to_string(),
    };
    if let Some(least) = least.filter(|least| below(value, least)) {
        let least = shown(least);
        return wrong("range", format!("Không được dưới {least}."), format!("Not below {least}."));
    }
    if let Some(most) = most.filter(|most| below(most, value)) {
        let most = shown(most);
        return wrong("range", format!("Không được quá {most}."), format!("Not above {most}."));
    }
    Ok(())
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
