//! `result` of a procedure: its words, or the table with the rules of the register.

use super::is_slug;
use crate::context::ProcedureContext;
use crate::reading::keys::{Shape, keys};
use crate::reading::node::{FileTable, Placed, WrittenExpressions};
use motcua_domain::form::kinds::AnswerType;
use motcua_domain::form::{Field, FieldKind, Form};
use motcua_domain::names::ResultKind;
use motcua_domain::procedure::result::{
    BadScheme, EarlierEffect, FollowRule, MOST_KEPT, ResultFact, ResultNumber, ResultRule, ResultValidity,
};
use motcua_domain::text;
use motcua_domain::text::{Language, Text};
use motcua_domain::workflow::{Step, Workflow};
use std::collections::BTreeMap;

keys! {
    /// A result that enters the register when it is handed over: with a number, a holder, a validity and data.
    RESULT = "Result" {
        required {
            /// The words of the result.
            name: Shape::Words,
        }
        optional {
            /// The kind in the register, such as `groundwater-licence`. Without it, the result is only a file.
            kind: Shape::Text,
            /// The number, with `{dossier}`, `{day}`, `{serial}` or `{year}` in it.
            number: Shape::Text,
            /// The field in which an officer types the number, instead of `number`.
            number_field: Shape::Text,
            /// The field that names the holder, such as `owner.name`. The applicant by default.
            holder: Shape::Text,
            /// The field with the holder's citizen number or tax code.
            identity: Shape::Text,
            /// The validity from the day of issue: `5 years`, `6 months` or `unlimited`.
            valid: Shape::Text,
            /// The field with the years of validity.
            valid_years: Shape::Text,
            /// The field with the months of validity.
            valid_months: Shape::Text,
            /// The field with the last day of validity.
            valid_until: Shape::Text,
            /// The fields of the form and the steps whose answers the result keeps.
            data: Shape::List(&Shape::Text),
            /// The days before the end of the validity on which the applicant is told. By default, nobody is told.
            notice_days: Shape::Integer(1, 365),
            /// The earlier results that the procedure renews, changes or ends: kinds, or codes of procedures.
            follows: Shape::List(&Shape::Text),
            /// The fields that are filled from the earlier result, each with `number`, `from`, `until` or a field of
            /// its data. The field with `number` says which result is meant.
            from_result: Shape::Map(&Shape::Text),
            /// The effect on the earlier result. `replaced` by default.
            earlier: Shape::Word(|| EarlierEffect::ALL.map(EarlierEffect::name).to_vec()),
        }
    }
}

/// The words of a result, or its table.
pub(super) static WORDS_OR_TABLE: [Shape; 2] = [Shape::Words, Shape::Table(&RESULT)];

/// The keys of which exactly one says how long a result is valid.
const VALIDITIES: [&str; 4] = ["valid", "valid_years", "valid_months", "valid_until"];

/// Reads the words of the result, and its rules if it enters the register.
pub(super) fn read(
    root: &FileTable<'_>,
    context: &ProcedureContext<'_>,
    form: &Form,
    workflow: Option<&Workflow>,
    written: &WrittenExpressions,
) -> (Text, Option<ResultRule>) {
    if !root.is_table_without("result", &["vi", "en"]) {
        return (root.required_text("result").unwrap_or_default(), None);
    }
    let Some(table) = root.table("result") else { return (Text::default(), None) };
    let name = table.required_text("name").unwrap_or_default();
    let steps = workflow.map(|workflow| workflow.steps.iter().flat_map(|step| &step.form).collect());
    let form = form.fields().map(|(_, field)| field).collect();
    let files = workflow.map(|workflow| context.workflows.files_of(&workflow.id)).unwrap_or_default();
    let of_several = root.names_key("offered_by");
    let reader = ResultReader { table: &table, form, steps, workflow, files, written, of_several };
    let rule = reader.rule();
    table.finish();
    (name, rule)
}

/// A reader of the rules of one result.
struct ResultReader<'a> {
    table: &'a FileTable<'a>,
    form: Vec<&'a Field>,
    /// The fields of the workflow's steps. `None` means that the workflow has mistakes, so no field is known to lack.
    steps: Option<Vec<&'a Field>>,
    workflow: Option<&'a Workflow>,
    /// The files of the workflow, whose mistakes may make a field unknown.
    files: Vec<String>,
    written: &'a WrittenExpressions,
    /// Several agencies offer the procedure.
    of_several: bool,
}

impl<'a> ResultReader<'a> {
    fn rule(&self) -> Option<ResultRule> {
        let table = self.table;
        let kind = table.string("kind");
        let number = self.number();
        let (holder, identity) = (self.text_field("holder"), self.identity());
        let valid = self.validity();
        let data = self.data();
        let notice_days = table.integer("notice_days").and_then(|days| u32::try_from(days).ok());
        let follows = self.follows();
        let Some(kind) = kind else {
            let rules = table.names().into_iter().find(|key| key.value != "name");
            if let Some(rules) = rules {
                let key = &rules.value;
                let message = text!("`{key}` cần có loại kết quả", "`{key}` needs a kind of result");
                let help = text!("hãy thêm: kind = \"groundwater-licence\"", "add: kind = \"groundwater-licence\"");
                table.mistake("missing-key", rules.span, message, help);
            }
            return None;
        };
        if !is_slug(&kind.value) {
            let name = &kind.value;
            let message = text!("`{name}` không phải là loại kết quả", "`{name}` is not a kind of result");
            let help = text!("hãy viết chữ thường không dấu, chữ số và dấu -", "write small letters, digits and -");
            table.mistake("bad-result", kind.span.clone(), message, help);
        }
        self.check_alone(&["number", "number_field"], "number = \"{dossier}/GP\"");
        self.check_alone(&VALIDITIES, "valid = \"5 years\"");
        Some(ResultRule {
            kind: ResultKind(kind.value),
            number: number?,
            holder,
            identity,
            valid: valid?,
            data,
            notice_days,
            follows,
        })
    }

    /// Checks that exactly one of these keys is written.
    fn check_alone(&self, keys: &[&str], example: &str) {
        let written: Vec<&str> = keys.iter().copied().filter(|key| self.table.names_key(key)).collect();
        match written.as_slice() {
            [] => {
                let keys = keys.join(", ");
                let message = text!("thiếu một trong các khóa {keys}", "one of {keys} is missing");
                let help = text!("hãy thêm: {example}", "add: {example}");
                self.table.mistake("missing-key", self.table.span.clone(), message, help);
            }
            [_] => {}
            [_, second, ..] => {
                let keys = keys.join(", ");
                let message = text!("kết quả có nhiều khóa trong số {keys}", "the result has several of {keys}");
                let help = text!("hãy chỉ giữ lại một khóa", "leave one of them");
                self.table.mistake("bad-result", self.table.place(second), message, help);
            }
        }
    }

    fn number(&self) -> Option<ResultNumber> {
        let typed = self.text_field("number_field").inspect(|field| self.check_typed(field)).map(ResultNumber::Typed);
        let Some(scheme) = self.table.string("number") else { return typed };
        if let Some(fault) = ResultNumber::fault_of(&scheme.value, self.of_several) {
            let (message, help) = scheme_words(&fault, &scheme.value, self.of_several);
            self.table.mistake("bad-result", scheme.span.clone(), message, help);
        }
        Some(ResultNumber::Scheme(scheme.value))
    }

    /// Warns of a number that is typed at a step which dossiers may pass by.
    fn check_typed(&self, field: &str) {
        let Some(workflow) = self.workflow else { return };
        let asks = |step: &&Step| step.form.iter().any(|known| known.id == field);
        let Some(step) = workflow.steps.iter().find(asks).filter(|step| workflow.returns_without(&step.id)) else {
            return;
        };
        let step = &step.id;
        let message = text!(
            "hồ sơ có thể có kết quả mà không qua bước `{step}`, nơi nhập `{field}`: khi đó mã hồ sơ là số kết quả",
            "a dossier may end with a result without step `{step}`, where `{field}` is typed: its code is the number then"
        );
        let help = text!(
            "hãy hỏi số ở một bước mà mọi hồ sơ có kết quả đều qua, hoặc viết `number`",
            "ask for the number at a step that every dossier with a result passes, or write `number`"
        );
        let files: Vec<&str> = self.files.iter().map(String::as_str).collect();
        self.table.resting_on(&files, || {
            self.table.warn("bad-result", self.table.place("number_field"), message, help);
        });
    }

    fn validity(&self) -> Option<ResultValidity> {
        let is_whole = |answer: &AnswerType<'_>| matches!(answer, AnswerType::Int);
        let is_day = |answer: &AnswerType<'_>| matches!(answer, AnswerType::Date);
        let number = || text!("một số nguyên", "a whole number");
        let day = || text!("một ngày", "a date");
        let years = self.field("valid_years", number, is_whole).map(ResultValidity::YearsOf);
        let months = self.field("valid_months", number, is_whole).map(ResultValidity::MonthsOf);
        let until = self.field("valid_until", day, is_day).map(ResultValidity::UntilDay);
        let fixed = self.table.string("valid").and_then(|text| {
            let fixed = fixed_validity(&text.value);
            if fixed.is_none() {
                let written = &text.value;
                let message = text!("`{written}` không phải là thời hạn hiệu lực", "`{written}` is not a validity");
                let help = text!(
                    "hãy viết một số kèm years hoặc months, ví dụ \"5 years\", hoặc \"unlimited\"",
                    "write a number and years or months, such as \"5 years\", or \"unlimited\""
                );
                self.table.mistake("bad-result", text.span.clone(), message, help);
            }
            fixed
        });
        fixed.or(years).or(months).or(until)
    }

    fn data(&self) -> Vec<String> {
        let ids = self.table.strings("data");
        if ids.len() > MOST_KEPT {
            let message = text!(
                "kết quả lưu nhiều hơn {MOST_KEPT} câu trả lời",
                "the result keeps more than {MOST_KEPT} answers"
            );
            let help =
                text!("hãy chỉ lưu những câu trả lời được in trên kết quả", "keep the answers that are printed on it");
            self.table.mistake("bad-result", self.table.place("data"), message, help);
        }
        for id in &ids {
            if ResultFact::ALL.iter().any(|fact| fact.name() == id.value) {
                let name = &id.value;
                let message = text!(
                    "mọi kết quả đều có `{name}`, nên không lưu được câu trả lời cùng tên",
                    "every result has `{name}`, so no answer of this name is kept"
                );
                let help = text!("hãy đặt id khác cho trường", "give the field another id");
                self.table.mistake("bad-result", id.span.clone(), message, help);
            } else if self.kind_at(id).is_some()
                && let Some((whole, _)) = id.value.split_once('.')
            {
                let name = &id.value;
                let message = text!(
                    "`{name}` là một phần của câu trả lời, còn kết quả lưu cả câu trả lời",
                    "`{name}` is a part of an answer, and a result keeps whole answers"
                );
                self.table.mistake(
                    "bad-result",
                    id.span.clone(),
                    message,
                    text!("hãy nêu `{whole}`", "name `{whole}`"),
                );
            }
        }
        ids.into_iter().map(|id| id.value).collect()
    }

    fn follows(&self) -> Option<FollowRule> {
        let table = self.table;
        let results: Vec<String> = table.strings("follows").into_iter().map(|name| name.value).collect();
        let effect = table.word("earlier", &EarlierEffect::ALL, EarlierEffect::name).unwrap_or(EarlierEffect::Replaced);
        let sources = table.table("from_result").map(|sources| sources.free_strings()).unwrap_or_default();
        let mut from_result = BTreeMap::new();
        for (field, source) in sources {
            let is_known = self.form.iter().any(|known| known.id == field.value);
            if !is_known && !self.written.faulty.contains(&field.value) {
                table.unknown_word("field", &field, self.form.iter().map(|known| known.id.as_str()));
            }
            from_result.insert(field.value, source.value);
        }
        let needed_by = ["from_result", "earlier"].into_iter().find(|key| table.names_key(key));
        if results.is_empty() {
            if needed_by.is_some() {
                table.missing("follows", "[\"groundwater-licence\"]");
            }
            return None;
        }
        let rule = FollowRule { results, effect, from_result };
        if rule.number_field().is_none() {
            let message = text!(
                "không có trường nào chứa số của kết quả trước",
                "no field contains the number of the earlier result"
            );
            let help = text!(
                "hãy thêm: from_result = {{ licence_number = \"number\" }}",
                "add: from_result = {{ licence_number = \"number\" }}"
            );
            table.mistake("bad-result", table.place("follows"), message, help);
        }
        Some(rule)
    }

    /// Returns the path of a field whose answer is a text.
    fn text_field(&self, key: &'static str) -> Option<String> {
        let words = || text!("một chuỗi", "a text");
        self.field(key, words, |answer| matches!(answer, AnswerType::Text))
    }

    /// Returns the path of the field that identifies the holder. A text of the form may be the number of a passport,
    /// but of a block only a citizen number or a tax code identifies anybody.
    fn identity(&self) -> Option<String> {
        let path = self.text_field("identity")?;
        let is_text = |kind: &FieldKind| matches!(kind.answer_type(), AnswerType::Text);
        let names_nobody = self.find(&path).is_some_and(|kind| is_text(kind) && !kind.is_identity());
        if path.contains('.') && names_nobody {
            let message = text!(
                "`{path}` không định danh được ai, vì nhiều người có thể giống nhau",
                "`{path}` identifies nobody, because several people may have the same"
            );
            let known = self.identities().join(", ");
            let help = if known.is_empty() {
                text!(
                    "hãy hỏi số định danh cá nhân hoặc mã số thuế, rồi nêu trường đó",
                    "ask for a citizen number or a tax code, and name it"
                )
            } else {
                text!(
                    "hãy nêu một số định danh cá nhân hoặc mã số thuế: {known}",
                    "name a citizen number or a tax code: {known}"
                )
            };
            self.table.mistake("bad-result", self.table.place("identity"), message, help);
        }
        Some(path)
    }

    /// Returns the paths of the answers that identify somebody.
    fn identities(&self) -> Vec<String> {
        let of_field = |field: &Field| {
            let own = field.kind.is_identity().then(|| field.id.clone());
            let parts = parts_of(field).iter().filter(|part| part.kind.is_identity());
            own.into_iter().chain(parts.map(|part| format!("{}.{}", field.id, part.id))).collect::<Vec<_>>()
        };
        self.fields().flat_map(of_field).collect()
    }

    /// Returns the path of a field whose answer fits, and reports a field that does not exist or whose answer is of
    /// another kind.
    fn field(
        &self,
        key: &'static str,
        wanted: impl Fn() -> Text,
        fits: impl Fn(&AnswerType<'_>) -> bool,
    ) -> Option<String> {
        let path = self.table.string(key)?;
        let Some(kind) = self.kind_at(&path) else { return Some(path.value) };
        let (name, wanted) = (&path.value, wanted());
        let (vi, en) = (wanted.get(Language::Vi), wanted.get(Language::En));
        if kind.is_computed() {
            let message =
                text!("`{name}` được tính ra, không ai trả lời", "`{name}` is computed, and nobody answers it");
            let help = text!(
                "hãy nêu một trường có câu trả lời là {vi} do người điền",
                "name a field with {en} that somebody fills in"
            );
            self.table.mistake("bad-result", path.span.clone(), message, help);
        } else if !fits(&kind.answer_type()) {
            let message = text!("câu trả lời của `{name}` không phải là {vi}", "the answer to `{name}` is not {en}");
            let help = text!("hãy nêu một trường có câu trả lời là {vi}", "name a field with {en}");
            self.table.mistake("bad-result", path.span.clone(), message, help);
        }
        Some(path.value)
    }

    /// Returns the fields of the form and of the steps.
    fn fields(&self) -> impl Iterator<Item = &'a Field> {
        self.form.iter().chain(self.steps.iter().flatten()).copied()
    }

    /// Returns the kind of the field at a path.
    fn find(&self, path: &str) -> Option<&'a FieldKind> {
        let (id, part) = path.split_once('.').map_or((path, None), |(id, part)| (id, Some(part)));
        let field = self.fields().find(|field| field.id == id)?;
        let Some(part) = part else { return Some(&field.kind) };
        parts_of(field).iter().find(|known| known.id == part).map(|known| &known.kind)
    }

    /// Returns the kind of the field at a path, and reports a field or a part that does not exist.
    fn kind_at(&self, path: &Placed<String>) -> Option<&'a FieldKind> {
        let found = self.find(&path.value);
        let (id, part) = path.value.split_once('.').unwrap_or((path.value.as_str(), ""));
        // A field with a mistake is told at the field. Other fields are not known while the workflow has mistakes.
        if found.is_some() || self.written.faulty.contains(id) || self.steps.is_none() {
            return found;
        }
        let files: Vec<&str> = self.files.iter().map(String::as_str).collect();
        self.table.resting_on(&files, || match self.fields().find(|field| field.id == id) {
            Some(field) => {
                let part = Placed { value: part.to_owned(), span: path.span.clone() };
                self.table.unknown_word("part", &part, parts_of(field).iter().map(|part| part.id.as_str()));
            }
            None => self.table.unknown_word("field", path, self.fields().map(|field| field.id.as_str())),
        });
        None
    }
}

/// Returns the parts of an answer that is given once.
fn parts_of(field: &Field) -> &[Field] {
    if field.kind.rows().is_some() { &[] } else { field.kind.parts() }
}

/// Returns the message about a number scheme that cannot be used, and the advice.
fn scheme_words(fault: &BadScheme, scheme: &str, of_several: bool) -> (Text, Text) {
    match fault {
        BadScheme::Unknown(part) => (
            text!("`{part}` không phải là một phần của số kết quả", "`{part}` is not a part of a number"),
            text!(
                "hãy viết {{dossier}}, {{day}}, {{serial}} hoặc {{year}}",
                "write {{dossier}}, {{day}}, {{serial}} or {{year}}"
            ),
        ),
        BadScheme::Repeats => {
            let message =
                text!("`{scheme}` cho nhiều kết quả cùng một số", "`{scheme}` gives several results the same number");
            let help = if of_several {
                text!(
                    "hãy thêm {{dossier}}, vì mỗi cơ quan tự đánh số hồ sơ của mình",
                    "add {{dossier}}, because each of the agencies counts its own dossiers"
                )
            } else {
                text!("hãy thêm {{dossier}}, hoặc {{day}} và {{serial}}", "add {{dossier}}, or {{day}} and {{serial}}")
            };
            (message, help)
        }
        BadScheme::TooLong => (
            text!("số theo mẫu `{scheme}` quá dài", "numbers by `{scheme}` are too long"),
            text!(
                "hãy viết ngắn hơn, để số có tối đa 100 ký tự",
                "write fewer words, so that a number has at most 100 characters"
            ),
        ),
    }
}

/// Returns the validity that a text such as `5 years` says.
fn fixed_validity(text: &str) -> Option<ResultValidity> {
    if text == "unlimited" {
        return Some(ResultValidity::Unlimited);
    }
    let (number, unit) = text.split_once(' ')?;
    let number = number.parse::<u16>().ok().filter(|number| (1..=1200).contains(number))?;
    match unit {
        "year" | "years" => Some(ResultValidity::Years(number)),
        "month" | "months" => Some(ResultValidity::Months(number)),
        _ => None,
    }
}
