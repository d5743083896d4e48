//! Reads one answer: returns the normalised value, or the problem in both languages.

use crate::calendar::local;
use crate::dates::{self, PartialDate, Precision};
use crate::form::finding::{Wrong, wrong};
use crate::form::{Choice, Kind};
use crate::number::{self, Written};
use crate::registry::{Found, Registries, Registry};
use crate::text::{Language, clean, narrow, one_line};
use crate::{geometry, identity};
use jiff::Timestamp;
use jiff::civil::Time;
use serde_json::{Map, Value as Json, json};

/// Returns the input as plain text: cleaned and trimmed.
pub(crate) fn plain(typed: Option<&Json>) -> String {
    let text = match typed {
        Some(Json::String(text)) => text.clone(),
        Some(Json::Number(number)) => number.to_string(),
        Some(Json::Bool(yes)) => yes.to_string(),
        _ => String::new(),
    };
    clean(&text).trim().to_owned()
}

/// Returns the value of a question without parts, or `None` if the input is empty. `context` has the answers beside the
/// question.
pub(crate) fn read(
    kind: &Kind,
    typed: Option<&Json>,
    context: &Map<String, Json>,
    now: Timestamp,
    registries: &Registries,
) -> Result<Option<Json>, Wrong> {
    match kind {
        Kind::SeveralOf { choices } => return several(choices, typed),
        Kind::Registry { registry, under } => return entry(registries.get(registry), under.as_deref(), typed, context),
        Kind::Map { shape } => return geometry::read(*shape, &place(typed)),
        Kind::Integer { .. } | Kind::Dong { .. } | Kind::Decimal { .. } => return figure(kind, typed),
        Kind::Date { past, precision } => return date(typed, *past, *precision, now),
        Kind::Explanation
        | Kind::Computed { .. }
        | Kind::BankAccount
        | Kind::Address
        | Kind::Person { .. }
        | Kind::Organisation
        | Kind::Group { .. }
        | Kind::Table { .. }
        | Kind::File { .. } => return Ok(None),
        Kind::Text { .. }
        | Kind::LongText { .. }
        | Kind::DateTime { .. }
        | Kind::YesNo
        | Kind::Consent
        | Kind::OneOf { .. }
        | Kind::Phone { .. }
        | Kind::Email
        | Kind::CitizenNumber { .. }
        | Kind::TaxCode => {}
    }
    let text = plain(typed);
    if text.is_empty() {
        return Ok(None);
    }
    let value = match kind {
        Kind::Text { max } => bounded_text(one_line(&text), *max)?,
        Kind::LongText { max } => bounded_text(text, *max)?,
        Kind::DateTime { past } => date_time(&text, *past, now)?,
        Kind::Consent if text == "true" => Json::Bool(true),
        Kind::YesNo => match text.as_str() {
            "true" => Json::Bool(true),
            "false" => Json::Bool(false),
            _ => return wrong("choice", "Hãy chọn Có hoặc Không.", "Choose yes or no."),
        },
        Kind::OneOf { choices } => choice(choices, &text)?,
        Kind::Phone { landline, foreign } => telephone(&text, *landline, *foreign)?,
        Kind::Email => normalised(
            identity::email(&text),
            "email",
            "Địa chỉ thư điện tử có dạng ten@vidu.vn.",
            "An e-mail address looks like name@example.vn.",
        )?,
        Kind::CitizenNumber { .. } => normalised(
            identity::citizen_number(&text),
            "citizen-number",
            "Số định danh cá nhân (CCCD) gồm 12 chữ số, bắt đầu bằng mã tỉnh từ 001 đến 096.",
            "A citizen number has 12 digits and begins with a province code from 001 to 096.",
        )?,
        Kind::TaxCode => normalised(
            identity::tax_code(&text),
            "tax-code",
            "Mã số thuế gồm 10 hoặc 13 chữ số với chữ số kiểm tra, của cá nhân là số định danh 12 chữ số; hãy xem lại.",
            "A tax code has 10 or 13 digits with a check digit, that of a person is the citizen number of 12 digits; \
             look again.",
        )?,
        Kind::Consent
        | Kind::Integer { .. }
        | Kind::Decimal { .. }
        | Kind::Dong { .. }
        | Kind::Date { .. }
        | Kind::Explanation
        | Kind::Computed { .. }
        | Kind::SeveralOf { .. }
        | Kind::Registry { .. }
        | Kind::BankAccount
        | Kind::Address
        | Kind::Person { .. }
        | Kind::Organisation
        | Kind::Group { .. }
        | Kind::Table { .. }
        | Kind::File { .. }
        | Kind::Map { .. } => return Ok(None),
    };
    Ok(Some(value))
}

/// Returns the code or name of an entry from the input, which is a text or the entry itself.
fn code_of(typed: Option<&Json>) -> String {
    match typed {
        Some(Json::Object(entry)) => plain(entry.get("code")),
        other => plain(other),
    }
}

/// Returns an entry of a registry by its code, its name, or both as a list of proposals shows them:
/// `2393 Sản xuất gốm sứ`.
fn entry(
    registry: Option<&Registry>,
    under: Option<&str>,
    typed: Option<&Json>,
    context: &Map<String, Json>,
) -> Result<Option<Json>, Wrong> {
    let text = code_of(typed);
    if text.is_empty() {
        return Ok(None);
    }
    let parent = under.map(|field| context.get(field).and_then(|value| value.get("code")).and_then(Json::as_str));
    let found = match (registry, parent) {
        // The entry above this one was not chosen.
        (None, _) | (_, Some(None)) => Found::None,
        (Some(known), parent) => known.find(&text, parent.flatten()),
    };
    match found {
        Found::One(entry) => Ok(Some(json!({ "code": entry.code, "name": entry.name.vi }))),
        Found::Several(entries) => {
            let names = |language| {
                let names = entries.iter().map(|entry| format!("{} {}", entry.code, entry.name.get(language)));
                names.collect::<Vec<_>>().join("; ")
            };
            wrong(
                "choice",
                format!("Có nhiều mục như vậy: {}. Hãy viết rõ hơn hoặc nhập mã.", names(Language::Vi)),
                format!("Several entries fit: {}. Write more of the name, or the code.", names(Language::En)),
            )
        }
        Found::None => wrong("choice", "Hãy chọn một mục trong danh sách.", "Choose one of the list."),
    }
}

/// Returns a place as text, from the input or from a stored value.
fn place(typed: Option<&Json>) -> String {
    match typed {
        Some(Json::Object(_)) => typed.map(ToString::to_string).unwrap_or_default(),
        other => plain(other),
    }
}

/// Checks that a value lies within limits that depend on other answers, and returns the message if it does not. A date
/// of which only a part is known is outside if no possible day lies within the limits.
pub(crate) fn within(value: &Json, least: Option<&Json>, most: Option<&Json>) -> Result<(), Wrong> {
    let below = |a: &Json, b: &Json| match (a, b) {
        (Json::Number(a), Json::Number(b)) => a.as_f64() < b.as_f64(),
        (Json::String(a), Json::String(b)) => a < b,
        _ => PartialDate::of(a).zip(PartialDate::of(b)).is_some_and(|(a, b)| a.latest() < b.earliest()),
    };
    let shown = |limit: &Json, language| match limit {
        Json::String(text) => PartialDate::of(limit).map_or_else(|| text.clone(), |day| day.shown(language)),
        Json::Number(limit) => number::shown(limit, language),
        other => other.to_string(),
    };
    let say = |vi: &str, en: &str, limit: &Json| {
        wrong("range", format!("{vi} {}.", shown(limit, Language::Vi)), format!("{en} {}.", shown(limit, Language::En)))
    };
    if let Some(least) = least.filter(|least| below(value, least)) {
        return say("Không được dưới", "Not below", least);
    }
    if let Some(most) = most.filter(|most| below(most, value)) {
        return say("Không được quá", "Not above", most);
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

fn telephone(text: &str, landline: bool, foreign: bool) -> Result<Json, Wrong> {
    let (vi, en) = match (landline, foreign) {
        (false, false) => ("", ""),
        (true, false) => (" Số máy bàn bắt đầu bằng 02.", " A landline begins with 02."),
        (false, true) => (" Số nước ngoài bắt đầu bằng + và mã nước.", " A foreign number begins with + and its code."),
        (true, true) => (
            " Số máy bàn bắt đầu bằng 02, số nước ngoài bắt đầu bằng + và mã nước.",
            " A landline begins with 02, a foreign number with + and its code.",
        ),
    };
    normalised(
        identity::phone(text, landline, foreign),
        "phone",
        &format!("Số điện thoại di động gồm 10 chữ số, bắt đầu bằng 03, 05, 07, 08 hoặc 09.{vi}"),
        &format!("A mobile number has 10 digits and begins with 03, 05, 07, 08 or 09.{en}"),
    )
}

/// The words and signs after an amount of money.
const CURRENCY: [&str; 6] = ["đồng", "dong", "vnđ", "vnd", "đ", "₫"];

/// Returns the input without the unit of the field. The unit stands beside the box, and many people type it too.
fn without_unit(text: &str, kind: &Kind) -> String {
    let text = narrow(text).to_lowercase();
    let text = text.trim();
    let without = |unit: &str| text.strip_suffix(unit).map(|rest| rest.trim_end().to_owned());
    let found = match kind {
        Kind::Dong { .. } => CURRENCY.iter().find_map(|unit| without(unit)),
        Kind::Integer { unit: Some(unit), .. } | Kind::Decimal { unit: Some(unit), .. } => [Language::Vi, Language::En]
            .iter()
            .find_map(|language| without(&narrow(unit.get(*language)).to_lowercase())),
        _ => None,
    };
    found.unwrap_or_else(|| text.to_owned())
}

/// Returns the earlier input of a number box for a page in `language`. A converted number has no unit, because signs
/// before a unit mean something else in the other language too.
pub fn retyped(kind: &Kind, kept: &Json, language: Language) -> String {
    if let Some((text, typed_in)) = number::as_typed(kept).filter(|(_, typed_in)| *typed_in != language) {
        let bare = without_unit(text, kind);
        if number::read(&bare, typed_in).is_some() {
            return number::retyped(&number::typed(&bare, typed_in), language);
        }
    }
    number::retyped(kept, language)
}

/// Reads a number from a program, or one that was typed on a page in one of the languages.
fn figure(kind: &Kind, typed: Option<&Json>) -> Result<Option<Json>, Wrong> {
    let written = match typed {
        Some(Json::Number(number)) => Written::of(number),
        typed => {
            let Some((text, language)) = typed.and_then(number::as_typed) else { return Ok(None) };
            let text = without_unit(text, kind);
            if text.is_empty() {
                return Ok(None);
            }
            number::read(&text, language)
        }
    };
    let value = match kind {
        Kind::Integer { min, max, .. } => whole(written.as_ref(), *min, *max)?,
        Kind::Dong { min, max } => whole(written.as_ref(), min.map(|d| d.0), max.map(|d| d.0))?,
        Kind::Decimal { min, max, places, .. } => decimal(written.as_ref(), *min, *max, *places)?,
        _ => return Ok(None),
    };
    Ok(Some(value))
}

fn whole(written: Option<&Written>, min: Option<i64>, max: Option<i64>) -> Result<Json, Wrong> {
    let Some(number) = written.and_then(Written::integer) else {
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

fn out_of_range<T: Copy>(min: Option<T>, max: Option<T>, shown: fn(T, Language) -> String) -> Result<Json, Wrong> {
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

fn decimal(written: Option<&Written>, min: Option<f64>, max: Option<f64>, places: u32) -> Result<Json, Wrong> {
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

fn future<T>() -> Result<T, Wrong> {
    wrong("future", "Ngày này chưa đến.", "This day has not come yet.")
}

fn date(typed: Option<&Json>, past: bool, precision: Precision, now: Timestamp) -> Result<Option<Json>, Wrong> {
    let kept = typed.filter(|typed| typed.is_object()).and_then(PartialDate::of);
    let text = kept.map_or_else(|| plain(typed), |kept| kept.shown(Language::Vi));
    if text.is_empty() {
        return Ok(None);
    }
    let date = dates::read(&text, precision).map_err(|not| ("date", not.text()))?;
    if past && date.earliest() > local(now).date() {
        return future();
    }
    Ok(Some(
        date.day().filter(|_| precision.is_day()).map_or_else(|| date.parts(), |day| Json::String(day.to_string())),
    ))
}

fn date_time(text: &str, past: bool, now: Timestamp) -> Result<Json, Wrong> {
    let read = || {
        let text = narrow(text);
        let (date, time) = text.split_once(['T', ' '])?;
        let (hour, minute) = time.trim().split_once([':', 'h'])?;
        let minute = minute.strip_suffix(":00").unwrap_or(minute);
        let time = Time::new(hour.trim().parse().ok()?, minute.trim().parse().ok()?, 0, 0).ok()?;
        Some(dates::read(date, Precision::Day).ok()?.day()?.to_datetime(time))
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
    let mut once: Vec<String> = Vec::new();
    for text in chosen {
        choice(choices, &text)?;
        if !once.contains(&text) {
            once.push(text);
        }
    }
    Ok((!once.is_empty()).then(|| once.into()))
}
