//! Reads TOML with its places, so that every mistake is found and none hides another.

use crate::reading::diagnostic::{MistakeReport, SourceFile};
use crate::reading::keys::{FREE, Key, Keys, Shape};
use crate::reading::parameters::{self, Parameters};
use motcua_domain::legal::LegalReference;
use motcua_domain::text;
use motcua_domain::text::Text;
use motcua_domain::time::calendar::Limit;
use serde_json::{Map, Value as Json};
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

mod bases;
mod choices;
mod everyday;
mod expressions;
mod lookup;
mod misplaced;
mod mistakes;
mod moments;
mod spelling;
mod syntax;
mod texts;

pub use bases::{is_web_address, unknown_document};
pub use choices::{is_meant, put_in_quotes};
pub use expressions::{ExpressionNames, ExpressionPurpose, WrittenExpression, WrittenExpressions};
pub use expressions::{is_usable_id, name_with_underscores, usable_id, written_with_dashes};
pub use lookup::{place_among, place_of, place_within};
use misplaced::{EnclosingTable, MisplacedKey};
pub use mistakes::{parse_limit, with_article};
pub use spelling::{did_you_mean, nearest};

/// A table of a file. Keys that no reader asked for are mistakes, which [`FileTable::finish`] reports.
pub struct FileTable<'a> {
    pub source: &'a SourceFile,
    pub report: &'a MistakeReport,
    pub span: Range<usize>,
    entries: &'a DeTable<'a>,
    /// The keys that a reader may ask for.
    keys: &'static Keys,
    asked: RefCell<BTreeSet<&'static str>>,
    /// The keys that were reported as missing, each with the number of its report.
    missed: RefCell<Vec<(String, usize)>>,
    /// The tables that contain this one, the outermost first.
    above: Vec<EnclosingTable>,
    /// The keys of the file that stand in a table below their own.
    misplaced: &'a RefCell<Vec<MisplacedKey>>,
    translations: &'a Translations,
    /// The legal bases of the file, at their places.
    bases: &'a RefCell<Vec<Placed<LegalReference>>>,
}

/// The languages of a file's texts.
#[derive(Default)]
struct Translations {
    /// The places of texts in one language only.
    untranslated: RefCell<Vec<Range<usize>>>,
    /// A text has both languages.
    has_english: Cell<bool>,
}

/// An item of a list of texts and tables.
pub enum ListItem<'a> {
    Text(Placed<String>),
    Table(FileTable<'a>),
}

/// A value with its place.
#[derive(Debug, Clone)]
pub struct Placed<T> {
    pub value: T,
    pub span: Range<usize>,
}

/// Parses a file and passes its root table, which has these keys, to `read`.
pub fn parse<T>(
    source: &SourceFile,
    keys: &'static Keys,
    report: &MistakeReport,
    read: impl FnOnce(&FileTable<'_>) -> T,
) -> T {
    parse_with(source, keys, &Parameters::new(), report, read)
}

/// Parses a file, replaces its parameters by their values, and passes its root table to `read`.
pub fn parse_with<T>(
    source: &SourceFile,
    keys: &'static Keys,
    values: &Parameters,
    report: &MistakeReport,
    read: impl FnOnce(&FileTable<'_>) -> T,
) -> T {
    let (mut root, errors) = DeTable::parse_recoverable(&source.text);
    parameters::put(root.get_mut(), values);
    let (translations, bases, misplaced) = (Translations::default(), RefCell::default(), RefCell::default());
    let table = FileTable {
        source,
        report,
        span: 0..0,
        entries: root.get_ref(),
        keys,
        asked: RefCell::default(),
        missed: RefCell::default(),
        above: Vec::new(),
        misplaced: &misplaced,
        translations: &translations,
        bases: &bases,
    };
    let before = report.len();
    let value = read(&table);
    table.finish();
    if !errors.is_empty() {
        // An unclosed bracket or quotation mark causes further mistakes, which say nothing new.
        report.forget_after(before);
    }
    let first = report.len();
    for error in errors.iter().take(MOST_SYNTAX) {
        let span = error.span().unwrap_or(0..0);
        let told = error.message();
        let message = text!("cú pháp TOML sai: {told}", "{told}");
        let help = syntax::advice(&source.text, &span);
        report.add("toml-syntax", source, span, message, help);
    }
    for later in first + 1..report.len() {
        report.tie(later, first);
    }
    value
}

/// The most errors of syntax that are reported for one file. Later errors mostly follow from the first.
const MOST_SYNTAX: usize = 2;

impl<'a> FileTable<'a> {
    /// Returns the value of a key.
    fn get(&self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        debug_assert!(self.declared(key).is_some(), "{} declares no key `{key}`", self.keys.name);
        self.asked.borrow_mut().insert(key);
        self.entries.get(key)
    }

    /// Returns the value of a key that is declared with a shape that fits.
    fn get_as(&self, key: &'static str, fits: fn(Shape) -> bool) -> Option<&'a Spanned<DeValue<'a>>> {
        let is_declared = || self.declared(key).is_some_and(|declared| declared.shape.any(fits));
        debug_assert!(is_declared(), "{} declares `{key}` in another way than it is read", self.keys.name);
        self.get(key)
    }

    fn declared(&self, key: &str) -> Option<&'static Key> {
        self.keys.find(key)
    }

    /// Returns the keys of the table, or of each table in the list, under a key.
    fn keys_of(&self, key: &str) -> &'static Keys {
        self.declared(key).and_then(|declared| declared.shape.keys()).unwrap_or(&FREE)
    }

    /// Returns the table as another kind of table, if several kinds can stand at its place.
    pub fn with_keys(self, keys: &'static Keys) -> Self {
        Self { keys, ..self }
    }

    fn child(&self, value: &'a Spanned<DeValue<'a>>, keys: &'static Keys) -> Option<FileTable<'a>> {
        let table = value.get_ref().as_table()?;
        Some(FileTable {
            source: self.source,
            report: self.report,
            span: value.span(),
            entries: table,
            keys,
            asked: RefCell::default(),
            missed: RefCell::default(),
            above: self.above_child(value.span()),
            misplaced: self.misplaced,
            translations: self.translations,
            bases: self.bases,
        })
    }

    /// Returns a string, if the key exists.
    pub fn string(&self, key: &'static str) -> Option<Placed<String>> {
        let value = self.get_as(key, |shape| matches!(shape, Shape::Text | Shape::Word(_)))?;
        let Some(text) = value.get_ref().as_str() else {
            self.wrong_type(key, value, &in_quotes());
            return None;
        };
        Some(Placed { value: text.to_owned(), span: value.span() })
    }

    /// Returns a required string, which must not be empty.
    pub fn required_string(&self, key: &'static str, example: &str) -> Option<Placed<String>> {
        if !self.entries.contains_key(key) {
            self.asked.borrow_mut().insert(key);
            self.missing(key, example);
            return None;
        }
        let text = self.string(key)?;
        if text.value.trim().is_empty() {
            let help = text!("hãy viết: {key} = {example}", "write: {key} = {example}");
            self.mistake("empty", text.span, text!("`{key}` để trống", "`{key}` is empty"), help);
            return None;
        }
        Some(text)
    }

    fn items(&self, key: &'static str) -> Vec<&'a Spanned<DeValue<'a>>> {
        let value = self.get_as(key, |shape| matches!(shape, Shape::List(_) | Shape::Tables(_)));
        let Some(value) = value else { return Vec::new() };
        let Some(items) = value.get_ref().as_array() else {
            self.wrong_type(key, value, &text!("danh sách trong [ ]", "a list in [ ]"));
            return Vec::new();
        };
        items.iter().collect()
    }

    /// Returns a list of strings. The list is empty if the key does not exist.
    pub fn strings(&self, key: &'static str) -> Vec<Placed<String>> {
        let read = |item: &'a Spanned<DeValue<'a>>| match item.get_ref().as_str() {
            Some(text) => Some(Placed { value: text.to_owned(), span: item.span() }),
            None => {
                self.wrong_type(key, item, &in_quotes());
                None
            }
        };
        self.items(key).into_iter().filter_map(read).collect()
    }

    /// Returns whether a key is declared with these words.
    fn declares<'n>(&self, key: &str, words: impl Iterator<Item = &'n str>) -> bool {
        let declared = self.declared(key).and_then(|declared| declared.shape.words());
        declared.is_some_and(|declared| declared.into_iter().eq(words))
    }

    /// Returns a list of words, each one of `known`.
    pub fn words<T: Copy>(&self, key: &'static str, known: &[T], name: impl Fn(T) -> &'static str) -> Vec<T> {
        debug_assert!(self.declares(key, known.iter().copied().map(&name)), "`{key}` is declared with other words");
        let find = |word: &Placed<String>| {
            let found = known.iter().copied().find(|candidate| name(*candidate) == word.value);
            if found.is_none() {
                self.unknown_word(key, word, known.iter().copied().map(&name));
            }
            found
        };
        self.strings(key).iter().filter_map(find).collect()
    }

    /// Returns a word, one of `known`.
    pub fn word<T: Copy>(&self, key: &'static str, known: &[T], name: impl Fn(T) -> &'static str) -> Option<T> {
        debug_assert!(self.declares(key, known.iter().copied().map(&name)), "`{key}` is declared with other words");
        let word = self.string(key)?;
        let found = known.iter().copied().find(|candidate| name(*candidate) == word.value);
        if found.is_none() {
            self.unknown_word(key, &word, known.iter().copied().map(&name));
        }
        found
    }

    /// Returns a whole number within the bounds that are declared.
    pub fn integer(&self, key: &'static str) -> Option<i64> {
        let declared = self.declared(key).and_then(|declared| declared.shape.bounds());
        debug_assert!(declared.is_some(), "{} declares `{key}` without bounds", self.keys.name);
        let (min, max) = declared.unwrap_or((i64::MIN, i64::MAX));
        self.integer_within(key, min, max)
    }

    /// Returns a whole number within the bounds that are declared, or the default that is declared.
    pub fn integer_or_default(&self, key: &'static str) -> i64 {
        let default = self.declared(key).and_then(|declared| declared.default);
        debug_assert!(default.is_some(), "{} declares `{key}` without a default", self.keys.name);
        self.integer(key).or(default).unwrap_or_default()
    }

    /// Returns a whole number within bounds that depend on other keys.
    pub fn integer_within(&self, key: &'static str, min: i64, max: i64) -> Option<i64> {
        let value = self.get_as(key, |shape| matches!(shape, Shape::Integer(..) | Shape::Number))?;
        let Some(written) = value.get_ref().as_integer() else {
            self.wrong_type(key, value, &mistakes::whole_number());
            return None;
        };
        let number = i64::from_str_radix(&written.as_str().replace('_', ""), written.radix()).ok();
        let within = number.filter(|number| (min..=max).contains(number));
        if within.is_none() {
            let written = written.as_str();
            let message = text!(
                "`{key}` là {written}, không nằm trong khoảng từ {min} đến {max}",
                "`{key}` is {written}, which is not between {min} and {max}",
            );
            let help = text!("hãy viết một số từ {min} đến {max}", "write a number from {min} to {max}");
            self.mistake("out-of-range", value.span(), message, help);
        }
        within
    }

    /// Returns a number, whole or decimal.
    pub fn number(&self, key: &'static str) -> Option<f64> {
        let value = self.get_as(key, |shape| matches!(shape, Shape::Number))?;
        let number = match value.get_ref() {
            DeValue::Integer(number) => {
                let whole = i64::from_str_radix(&number.as_str().replace('_', ""), number.radix()).ok();
                whole.and_then(|whole| whole.to_string().parse().ok())
            }
            DeValue::Float(number) => number.as_str().replace('_', "").parse().ok(),
            _ => None,
        };
        let number = number.filter(|number: &f64| number.is_finite());
        if number.is_none() {
            self.wrong_type(key, value, &text!("số hữu hạn", "a finite number"));
        }
        number
    }

    /// Returns a value that is true or false.
    pub fn boolean(&self, key: &'static str) -> Option<bool> {
        let value = self.get_as(key, |shape| matches!(shape, Shape::Boolean))?;
        if value.get_ref().as_bool().is_none() {
            self.wrong_type(key, value, &text!("true hoặc false", "true or false"));
        }
        value.get_ref().as_bool()
    }

    /// Returns a date, as a TOML date or as text.
    pub fn date(&self, key: &'static str) -> Option<Placed<jiff::civil::Date>> {
        let value = self.get_as(key, |shape| matches!(shape, Shape::Date))?;
        let text = match value.get_ref() {
            DeValue::Datetime(date) => date.to_string(),
            DeValue::String(text) => text.to_string(),
            _ => String::new(),
        };
        let Ok(date) = text.parse() else {
            self.wrong_type(key, value, &text!("ngày, chẳng hạn 2026-09-02", "a date such as 2026-09-02"));
            return None;
        };
        Some(Placed { value: date, span: value.span() })
    }

    /// Returns a limit such as `3 working-days`.
    pub fn limit(&self, key: &'static str) -> Option<Placed<Limit>> {
        let text = self.string(key)?;
        let limit = parse_limit(self, &text)?;
        Some(Placed { value: limit, span: text.span })
    }

    /// Returns a table, if the key exists.
    pub fn table(&self, key: &'static str) -> Option<FileTable<'a>> {
        let value = self.get_as(key, |shape| matches!(shape, Shape::Table(_) | Shape::Map(_)))?;
        let table = self.child(value, self.keys_of(key));
        if table.is_none() {
            self.wrong_type(key, value, &text!("bảng", "a table"));
        }
        table
    }

    /// Returns the tables under `[[key]]`.
    pub fn tables(&self, key: &'static str) -> Vec<FileTable<'a>> {
        let keys = self.keys_of(key);
        let read = |item: &'a Spanned<DeValue<'a>>| {
            let table = self.child(item, keys);
            if table.is_none() {
                self.wrong_type(key, item, &text!("bảng, viết dưới dạng [[…]]", "a table, written [[…]]"));
            }
            table
        };
        self.items(key).into_iter().filter_map(read).collect()
    }

    /// Returns the texts and tables of a list, or the one text that stands in its place.
    pub fn mixed(&self, key: &'static str) -> Vec<ListItem<'a>> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let items = value.get_ref().as_array().map_or_else(|| vec![value], |items| items.iter().collect());
        let read = |item: &'a Spanned<DeValue<'a>>| match item.get_ref() {
            DeValue::String(text) => Some(ListItem::Text(Placed { value: text.to_string(), span: item.span() })),
            _ => {
                let table = self.child(item, self.keys_of(key));
                if table.is_none() {
                    let wanted =
                        text!("chuỗi trong dấu nháy, hoặc danh sách trong [ ]", "a text in quotes, or a list in [ ]");
                    self.wrong_type(key, item, &wanted);
                }
                table.map(ListItem::Table)
            }
        };
        items.into_iter().filter_map(read).collect()
    }

    /// Returns whether the key exists, without reading it.
    pub fn names_key(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// Returns whether the value of a key is a list.
    pub fn is_list(&self, key: &str) -> bool {
        self.entries.get(key).is_some_and(|value| value.get_ref().is_array())
    }

    /// Returns whether the value of a key is a list without items.
    pub fn is_empty_list(&self, key: &str) -> bool {
        self.entries.get(key).and_then(|value| value.get_ref().as_array()).is_some_and(|items| items.is_empty())
    }

    /// Returns whether the value of a key is a table without these keys.
    pub fn is_table_without(&self, key: &str, inner: &[&str]) -> bool {
        let table = self.entries.get(key).and_then(|value| value.get_ref().as_table());
        table.is_some_and(|table| !inner.iter().any(|key| table.contains_key(*key)))
    }

    /// Returns whether the value of a key is a number.
    pub fn is_number(&self, key: &str) -> bool {
        self.entries.get(key).is_some_and(|value| value.get_ref().is_integer())
    }

    /// Takes all keys that the table may have for known, because it is not known which of them it has.
    pub fn know_all_keys(&self) {
        self.asked.borrow_mut().extend(self.keys.all.iter().map(|key| key.name));
    }

    /// Returns whether the key exists.
    pub fn has(&self, key: &'static str) -> bool {
        self.get(key).is_some()
    }

    /// Returns the place of a key's value.
    pub fn place(&self, key: &str) -> Range<usize> {
        self.entries.get(key).map_or_else(|| self.span.clone(), Spanned::span)
    }

    /// Returns the line of the file on which the table begins, from 1.
    pub fn line(&self) -> usize {
        self.line_at(&self.span)
    }

    /// Returns the line of the file on which a place begins, from 1.
    pub fn line_at(&self, place: &Range<usize>) -> usize {
        self.source.text.get(..place.start).unwrap_or_default().matches('\n').count() + 1
    }

    /// Returns the keys of the table, whatever they are.
    pub fn names(&self) -> Vec<Placed<String>> {
        self.entries.keys().map(|key| Placed { value: key.get_ref().to_string(), span: key.span() }).collect()
    }

    /// Returns the table under a key, or the tables in a list, whatever the key is.
    pub fn tables_at(&self, key: &str) -> Vec<FileTable<'a>> {
        let Some(value) = self.entries.get(key) else { return Vec::new() };
        let items = value.get_ref().as_array().map_or_else(|| vec![value], |items| items.iter().collect());
        items.into_iter().filter_map(|item| self.child(item, &FREE)).collect()
    }

    /// Returns everything in the table as JSON, whatever its keys.
    pub fn json(&self) -> Map<String, Json> {
        self.entries.iter().map(|(key, value)| (key.get_ref().to_string(), json(value.get_ref()))).collect()
    }

    /// Returns all strings of a table whose keys are names chosen by the author.
    pub fn free_strings(&self) -> Vec<(Placed<String>, Placed<String>)> {
        let (mut found, mut of_above) = (Vec::new(), Vec::new());
        for (key, value) in self.entries {
            let name = Placed { value: key.get_ref().to_string(), span: key.span() };
            match value.get_ref().as_str() {
                Some(text) => found.push((name, Placed { value: text.to_owned(), span: value.span() })),
                None if self.is_of_above(&name.value) => of_above.push(name),
                None => self.wrong_type(&name.value, value, &in_quotes()),
            }
        }
        self.finish_misplaced(of_above.iter().map(|name| (name.value.as_str(), name.span.clone())).collect(), "");
        found
    }
}

/// Returns the words for a text as it is written in TOML.
fn in_quotes() -> Text {
    text!("chuỗi trong dấu nháy", "a text in quotes")
}

fn json(value: &DeValue<'_>) -> Json {
    match value {
        DeValue::String(text) => Json::from(text.as_ref()),
        DeValue::Integer(number) => {
            let read = i64::from_str_radix(&number.as_str().replace('_', ""), number.radix());
            read.map_or_else(|_| Json::from(number.as_str()), Json::from)
        }
        DeValue::Float(number) => {
            let read = number.as_str().replace('_', "").parse::<f64>();
            read.map_or_else(|_| Json::from(number.as_str()), Json::from)
        }
        DeValue::Boolean(yes) => Json::from(*yes),
        DeValue::Datetime(date) => Json::from(date.to_string()),
        DeValue::Array(items) => items.iter().map(|item| json(item.get_ref())).collect(),
        DeValue::Table(table) => {
            Json::Object(table.iter().map(|(key, value)| (key.get_ref().to_string(), json(value.get_ref()))).collect())
        }
    }
}
