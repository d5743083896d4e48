//! Judging what was typed into a form: normalised values and findings.
//!
//! A draft keeps what was typed, letter by letter, wrong or not. Judging it gives the values that are filed and
//! shown to plugins; hidden fields are neither checked nor kept.

use crate::answer::{plain, read, within};
use crate::event::AttachedPaper;
use crate::expression::Expression;
use crate::form::{Field, Form, Kind, row_context};
use crate::identity;
use crate::registry::Registries;
use crate::text::{Language, Text};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use std::borrow::Borrow;

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

/// The longest text that a plugin may compute, in characters.
const LONGEST_COMPUTED: usize = 2000;

/// The outcome of judging a form.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Judged {
    pub values: Map<String, Json>,
    pub findings: Vec<Finding>,
}

/// What a form is judged against, besides its own rules.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    pub now: Timestamp,
    pub registries: &'a Registries,
    /// The files that were attached, those of file fields among them.
    pub files: &'a [AttachedPaper],
    /// The values of computed fields that are left to plugins.
    pub computed: Option<&'a Map<String, Json>>,
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

/// Judges all sections of `form` for what was typed.
///
/// A condition or a computed value may look at any field, also at one that comes later, so the values are found again
/// until nothing changes; conditions that contradict one another end after as many rounds as there are fields. A
/// condition on a hidden field's value sees null, whatever was typed while it was shown.
pub fn judge(form: &Form, typed: &Map<String, Json>, given: Given<'_>) -> Judged {
    let fields: Vec<&Field> = form.fields().map(|(_, field)| field).collect();
    let mut judged = judge_fields(&fields, typed, given);
    for check in &form.checks {
        if !kept(&check.holds, &judged.values) {
            let path = check.field.clone().unwrap_or_default();
            judged.findings.push(Finding::error(path, "check", check.text.clone()));
        }
    }
    judged
}

/// Judges questions that are asked together.
pub fn judge_fields(fields: &[&Field], typed: &Map<String, Json>, given: Given<'_>) -> Judged {
    settle(fields.len(), |values| round(fields, typed, values, "", given))
}

/// Judges again with the values that came of it, until nothing changes, at most `most` times.
fn settle(most: usize, round: impl Fn(&Map<String, Json>) -> Judged) -> Judged {
    let mut judged = round(&Map::new());
    for _ in 0..most {
        let next = round(&judged.values);
        let settled = next.values == judged.values;
        judged = next;
        if settled {
            break;
        }
    }
    judged
}

/// Whether a rule is kept. One that lacks an answer is not looked at; one that cannot be reckoned is not kept, so that
/// somebody looks.
pub fn kept(rule: &Expression, values: &Map<String, Json>) -> bool {
    let answered = |name: &String| values.get(name).is_some_and(|value| !value.is_null());
    !rule.names().iter().all(answered) || rule.holds(values).unwrap_or(false)
}

/// Judges the fields that are shown if the values are `values`.
fn round<'a>(
    fields: impl IntoIterator<Item = &'a (impl Borrow<Field> + 'a)>,
    typed: &Map<String, Json>,
    values: &Map<String, Json>,
    prefix: &str,
    given: Given<'_>,
) -> Judged {
    let mut judged = Judged::default();
    for field in fields.into_iter().map(Borrow::borrow).filter(|field: &&Field| field.shown.holds(values)) {
        Place { field, typed: typed.get(&field.id), context: values, prefix, given }.judge(&mut judged);
    }
    judged
}

/// One field at its place.
struct Place<'a> {
    field: &'a Field,
    typed: Option<&'a Json>,
    /// The answers that conditions see.
    context: &'a Map<String, Json>,
    prefix: &'a str,
    given: Given<'a>,
}

impl Place<'_> {
    fn judge(&self, judged: &mut Judged) {
        let path = format!("{}{}", self.prefix, self.field.id);
        match &self.field.kind {
            Kind::Group { min, max, .. } => self.group((*min, *max), &path, judged),
            Kind::Table { rows, .. } => {
                let mut values = Map::new();
                for row in rows {
                    let typed = self.typed.and_then(|typed| typed.get(&row.value));
                    let part = self.parts(typed, &format!("{path}.{}.", row.value), judged);
                    values.insert(row.value.clone(), Json::Object(part));
                }
                self.keep(Json::Object(values), judged);
            }
            Kind::File { max_files, .. } => self.files(*max_files, &path, judged),
            Kind::Explanation => {}
            Kind::Computed { value, .. } => {
                let value = match value {
                    Some(value) => value.value(self.context).ok(),
                    None => self
                        .given
                        .computed
                        .and_then(|known| known.get(&self.field.id))
                        .filter(|value| is_plain(value))
                        .cloned(),
                };
                judged.values.extend(value.map(|value| (self.field.id.clone(), value)));
            }
            kind if kind.is_block() => self.block(&path, judged),
            _ => self.single(path, judged),
        }
    }

    fn keep(&self, value: Json, judged: &mut Judged) {
        judged.values.insert(self.field.id.clone(), value);
    }

    fn required(&self) -> bool {
        self.field.required.holds(self.context)
    }

    fn single(&self, path: String, judged: &mut Judged) {
        // Nothing was typed yet: what the author proposes stands there.
        let proposed = match (self.typed, &self.field.default) {
            (None, Some(default)) => default.value(self.context).ok(),
            _ => None,
        };
        let typed = self.typed.or(proposed.as_ref());
        let limit = |limit: &Option<Expression>| limit.as_ref().and_then(|limit| limit.value(self.context).ok());
        match read(&self.field.kind, typed, self.context, self.given) {
            Ok(Some(value)) => {
                let (least, most) = (limit(&self.field.at_least), limit(&self.field.at_most));
                if let Err((code, text)) = within(&value, least.as_ref(), most.as_ref()) {
                    judged.findings.push(Finding::error(path, code, text));
                }
                self.keep(value, judged);
            }
            Ok(None) if self.required() => judged.findings.push(self.missing(path)),
            Ok(None) => {}
            Err((code, text)) => judged.findings.push(Finding::error(path, code, text)),
        }
    }

    fn missing(&self, path: String) -> Finding {
        let (vi, en) = (&self.field.label.vi, self.field.label.get(Language::En));
        match self.field.kind {
            Kind::Consent => {
                Finding::error(path, "consent", Text::new(format!("Hãy đánh dấu “{vi}”."), format!("Tick “{en}”.")))
            }
            _ => Finding::error(path, "required", Text::new(format!("Hãy nhập “{vi}”."), format!("Enter “{en}”."))),
        }
    }

    /// The answers of one row: conditions in it see the row's own answers before those of the form.
    fn parts(&self, typed: Option<&Json>, prefix: &str, judged: &mut Judged) -> Map<String, Json> {
        let empty = Map::new();
        let typed = typed.and_then(Json::as_object).unwrap_or(&empty);
        let fields = self.field.kind.parts();
        let around = row_context(fields, self.context, &Map::new());
        let mut row = settle(fields.len(), |values| {
            round(fields, typed, &row_context(fields, &around, values), prefix, self.given)
        });
        judged.findings.append(&mut row.findings);
        row.values
    }

    fn group(&self, (min, max): (usize, usize), path: &str, judged: &mut Judged) {
        let rows = self.typed.and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
        let count = rows.len();
        if count < min || count > max {
            let (vi, en) = (&self.field.label.vi, self.field.label.get(Language::En));
            let text = Text::new(
                format!("“{vi}”: cần từ {min} đến {max} dòng, hiện có {count}."),
                format!("“{en}”: from {min} to {max} rows are needed, there are {count}."),
            );
            judged.findings.push(Finding::error(path, "count", text));
        }
        let row = |(at, row)| Json::Object(self.parts(Some(row), &format!("{path}.{at}."), judged));
        let kept = rows.iter().take(max).enumerate().map(row).collect();
        self.keep(kept, judged);
    }

    /// An address, a person, an organisation, a bank account. One that is not required may stay empty as a whole.
    fn block(&self, path: &str, judged: &mut Judged) {
        let mut inner = Judged::default();
        let values = self.parts(self.typed, &format!("{path}."), &mut inner);
        if !self.required() && !self.typed.is_some_and(anything) {
            return;
        }
        if let Some(finding) = mismatch(&self.field.kind, path, &values) {
            inner.findings.push(finding);
        }
        judged.findings.append(&mut inner.findings);
        if !values.is_empty() {
            self.keep(Json::Object(values), judged);
        }
    }

    fn files(&self, most: usize, path: &str, judged: &mut Judged) {
        let attached = self.given.files.iter().filter(|file| file.paper.as_str() == self.field.id);
        let files: Vec<Json> = attached
            .map(|attached| {
                let file = &attached.file;
                json!({ "name": file.name, "digest": file.digest, "media_type": file.media_type, "bytes": file.bytes })
            })
            .collect();
        if files.is_empty() && self.required() {
            let (vi, en) = (&self.field.label.vi, self.field.label.get(Language::En));
            let text = Text::new(format!("Hãy đính kèm “{vi}”."), format!("Attach “{en}”."));
            judged.findings.push(Finding::error(path, "file-missing", text));
        }
        if files.len() > most {
            let text = Text::new(format!("Tối đa {most} tệp."), format!("At most {most} files."));
            judged.findings.push(Finding::error(path, "too-many-files", text));
        }
        if !files.is_empty() {
            self.keep(Json::Array(files), judged);
        }
    }
}

/// Whether a value is one that a computed field can have.
fn is_plain(value: &Json) -> bool {
    match value {
        Json::String(text) => text.chars().count() <= LONGEST_COMPUTED,
        other => other.is_number() || other.is_boolean(),
    }
}

/// Whether anything was typed somewhere in it.
fn anything(typed: &Json) -> bool {
    match typed {
        Json::Object(parts) => parts.values().any(anything),
        Json::Array(items) => items.iter().any(anything),
        other => !plain(Some(other)).is_empty(),
    }
}

/// Answers of a block that cannot belong together.
fn mismatch(kind: &Kind, path: &str, values: &Map<String, Json>) -> Option<Finding> {
    let text = |id: &str| values.get(id).and_then(Json::as_str);
    match kind {
        Kind::Person => {
            let number = text("citizen_number")?;
            let birth = text("birth_date").and_then(|date| date.parse().ok());
            let born = birth.is_none_or(|birth| identity::born_on(number, birth));
            let sex = text("sex").is_none_or(|sex| identity::is_male(number) == Some(sex == "male"));
            (!born || !sex).then(|| {
                let text = Text::new(
                    "Số định danh không khớp với ngày sinh hoặc giới tính; hãy xem lại trên thẻ căn cước.",
                    "The citizen number does not fit the date of birth or the sex; look at the identity card again.",
                );
                Finding::error(format!("{path}.citizen_number"), "citizen-number-mismatch", text)
            })
        }
        Kind::BankAccount => {
            let number = text("number")?;
            let digits = number.len() >= 6 && number.bytes().all(|b| b.is_ascii_digit());
            (!digits).then(|| {
                let text = Text::new("Số tài khoản gồm 6 đến 19 chữ số.", "An account number has 6 to 19 digits.");
                Finding::error(format!("{path}.number"), "account-number", text)
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::Condition;
    use crate::form::{Choice, Shape};
    use crate::registry::{Entry, Registry};
    use proptest::prelude::*;
    use serde_json::json;

    fn field(id: &str, kind: Kind) -> Field {
        Field::new(id, Text::new(id, id), kind)
    }

    fn form(fields: Vec<Field>) -> Form {
        let section = crate::form::Section { id: "one".into(), title: Text::vi("Một"), help: None, fields };
        Form { sections: vec![section], checks: vec![] }
    }

    fn registries() -> Registries {
        let entry = |code: &str, name: &str, parent: Option<&str>| Entry {
            code: code.into(),
            name: Text::vi(name),
            parent: parent.map(str::to_owned),
            former: Vec::new(),
        };
        let provinces = Registry::new(vec![entry("74", "Bình Dương", None), entry("79", "Hồ Chí Minh", None)]);
        let communes =
            Registry::new(vec![entry("25747", "Phú Cường", Some("74")), entry("26734", "Bến Nghé", Some("79"))]);
        Registries([("provinces".to_owned(), provinces.into()), ("communes".to_owned(), communes.into())].into())
    }

    fn judge_map(form: &Form, typed: &Map<String, Json>) -> Judged {
        let registries = registries();
        judge(form, typed, Given { now: Timestamp::UNIX_EPOCH, registries: &registries, files: &[], computed: None })
    }

    fn judge_json(form: &Form, typed: Json) -> Judged {
        judge_map(form, typed.as_object().expect("an object"))
    }

    fn codes(judged: &Judged) -> Vec<(&str, &str)> {
        judged.findings.iter().map(|found| (found.path.as_str(), found.code.as_str())).collect()
    }

    #[test]
    fn a_commune_belongs_to_its_province_and_a_name_is_as_good_as_a_code() {
        let form = form(vec![field("home", Kind::Address)]);
        let typed = |province: &str, commune: &str| json!({"home": {"province": province, "commune": commune, "detail": "12 Yersin"}});
        let judged = judge_json(&form, typed("74", "25747 Phú Cường"));
        assert!(judged.complete(), "{:?}", judged.findings);
        assert_eq!(judged.values["home"]["commune"], json!({"code": "25747", "name": "Phú Cường"}));
        assert!(judge_json(&form, typed("Bình Dương", "Phú Cường")).complete());
        assert_eq!(codes(&judge_json(&form, typed("74", "26734"))), [("home.commune", "choice")]);
        assert_eq!(
            codes(&judge_json(&form, typed("", "26734"))),
            [("home.province", "required"), ("home.commune", "choice")]
        );
    }

    #[test]
    fn a_person_is_one_block_whose_number_fits_birth_and_sex() {
        let mut person = field("father", Kind::Person);
        person.required = Condition::Fixed(false);
        let form = form(vec![person]);
        let typed = |number: &str| {
            json!({"father": {"name": "An", "birth_date": "1/2/1965", "sex": "male", "citizen_number": number,
                "address": {"province": "74", "commune": "25747", "detail": "12"}}})
        };
        assert!(judge_json(&form, typed("074065000123")).complete());
        let wrong = judge_json(&form, typed("074165000123"));
        assert_eq!(codes(&wrong), [("father.citizen_number", "citizen-number-mismatch")], "a woman's number");
        let empty = judge_json(&form, json!({"father": {"name": " ", "address": {"detail": ""}}}));
        assert!(empty.complete() && empty.values.is_empty(), "a block that is not required may stay empty");
        let begun = judge_json(&form, json!({"father": {"name": "An"}}));
        assert_eq!(begun.findings.len(), 6, "one that was begun is completed: {:?}", codes(&begun));
    }

    #[test]
    fn defaults_limits_and_rules_depend_on_other_answers() {
        let cel = |text: &str| Some(Expression::parse(text).expect("it is CEL"));
        let mut to = field("to", Kind::Date { past: false });
        to.at_least = cel("start");
        let mut copies = field("copies", Kind::Integer { min: None, max: None, unit: None });
        copies.default = cel("wells + 1");
        copies.at_most = cel("wells * 2");
        let mut form = form(vec![
            field("wells", Kind::Integer { min: None, max: None, unit: None }),
            copies,
            field("start", Kind::Date { past: false }),
            to,
        ]);
        form.checks.push(crate::form::Check {
            holds: Expression::parse("wells != 13").expect("it is CEL"),
            text: Text::vi("Không được 13 giếng."),
            field: Some("wells".into()),
        });
        let fine = judge_json(&form, json!({"wells": 3, "start": "1/3/2026", "to": "1/3/2026"}));
        assert!(fine.complete(), "{:?}", fine.findings);
        assert_eq!(fine.values["copies"], json!(4), "proposed");
        let emptied = judge_json(&form, json!({"wells": 3, "copies": "", "start": "1/3/2026", "to": "1/3/2026"}));
        assert_eq!(codes(&emptied), [("copies", "required")], "what was emptied stays empty");
        let wrong = judge_json(&form, json!({"wells": 13, "copies": 27, "start": "2/3/2026", "to": "1/3/2026"}));
        assert_eq!(codes(&wrong), [("copies", "range"), ("to", "range"), ("wells", "check")]);
    }

    #[test]
    fn a_table_asks_the_same_of_each_of_its_rows() {
        let row = |value: &str| Choice { value: value.into(), label: Text::vi(value) };
        let amount = field("amount", Kind::Integer { min: Some(0), max: None, unit: None });
        let form = form(vec![field("years", Kind::Table { rows: vec![row("y1"), row("y2")], fields: vec![amount] })]);
        let judged = judge_json(&form, json!({"years": {"y1": {"amount": "5"}, "y2": {"amount": "-1"}, "y3": {}}}));
        assert_eq!(judged.values["years"], json!({"y1": {"amount": 5}, "y2": {}}));
        assert_eq!(codes(&judged), [("years.y2.amount", "range")]);
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
        let computed = |id: &str, text: &str| field(id, Kind::Computed { value: Some(cel(text)), unit: None });
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
            Kind::Address,
            Kind::Person,
            Kind::Organisation,
            Kind::BankAccount,
            Kind::Map { shape: Shape::Point },
            Kind::Map { shape: Shape::Area },
            Kind::Registry { registry: "provinces".into(), under: None },
        ];
        let named = |kinds: Vec<Kind>| {
            kinds.into_iter().enumerate().map(|(i, kind)| field(&format!("f{i}"), kind)).collect::<Vec<_>>()
        };
        let mut fields = named(simple.clone());
        let sum = Expression::parse("f2 + f4").expect("it is CEL");
        fields.push(field("sum", Kind::Computed { value: Some(sum), unit: None }));
        fields.push(field("group", Kind::Group { min: 0, max: 2, fields: named(simple.clone()) }));
        let row = |value: &str| Choice { value: value.into(), label: Text::vi(value) };
        fields.push(field("table", Kind::Table { rows: vec![row("a"), row("b")], fields: named(simple) }));
        form(fields)
    }

    proptest! {
        #[test]
        fn judging_never_panics_and_its_values_are_judged_the_same_again(
            typed in proptest::collection::btree_map("f[0-9]|f1[0-9]|f2[0-2]|group|table|sum", any_json(), 0..26)
        ) {
            let form = every_kind();
            let once = judge_map(&form, &typed.into_iter().collect());
            let again = judge_map(&form, &once.values);
            prop_assert_eq!(once.values, again.values);
        }
    }
}
