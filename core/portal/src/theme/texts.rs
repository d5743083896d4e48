//! The texts of a theme in a language, and the environment in which its templates are rendered.

use crate::theme::fault::TextFault;
use crate::theme::files::{ThemeFiles, Unusable, text};
use crate::theme::markdown;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Kwargs;
use minijinja::{AutoEscape, Environment, Error, UndefinedBehavior, Value};
use motcua_domain::number;
use motcua_domain::text::{Language, Text};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Returns the texts in the language with this tag. The texts of a theme replace those of its parents. Numbers are
/// written as in the language of the content.
pub fn locale(
    chain: &[(String, ThemeFiles)],
    tag: &str,
    content: Language,
) -> Result<FluentBundle<FluentResource>, Unusable> {
    let file = file_of(tag);
    // The tags of the portal are well-formed, and those of a theme were checked.
    let tag: unic_langid::LanguageIdentifier = tag.parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    bundle.set_use_isolating(false);
    match content {
        Language::Vi => bundle.set_formatter(Some(decimal_vi)),
        Language::En => bundle.set_formatter(Some(decimal_en)),
    }
    for (name, files) in chain.iter().rev() {
        let source = text(name, files, &file)?;
        let resource = FluentResource::try_new(source).map_err(|(_, errors)| Unusable::File {
            file: format!("{name}/{file}"),
            reason: errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
        })?;
        bundle.add_resource_overriding(resource);
    }
    Ok(bundle)
}

/// Returns the problems of the texts of a theme and its parents: a text that is written twice in a file, of which only the
/// last one is shown.
pub fn repeated(chain: &[(String, ThemeFiles)], tag: &str) -> Result<Vec<Text>, Unusable> {
    let file = file_of(tag);
    let mut problems = Vec::new();
    for (name, files) in chain.iter().rev() {
        let source = text(name, files, &file)?;
        let mut first: BTreeMap<&str, usize> = BTreeMap::new();
        for (number, line) in (1..).zip(source.lines()) {
            let Some(key) = key_of(line) else { continue };
            let before = *first.entry(key).or_insert(number);
            if before != number {
                problems.push(motcua_domain::text!(
                    "{name}/{file}:{number}: câu chữ `{key}` cũng có ở dòng {before}, và chỉ câu cuối được hiện; hãy đặt \
                     tên khác cho một câu, hoặc xóa nó",
                    "{name}/{file}:{number}: the text `{key}` is in line {before} too, and only the last one is shown; \
                     give one of them another key, or remove it",
                ));
            }
        }
    }
    Ok(problems)
}

/// Returns the keys of the texts of a language that the texts of another one lack, in the order of their names.
pub fn lacking(chain: &[(String, ThemeFiles)], tag: &str, other: Language) -> Result<Vec<String>, Unusable> {
    let own = keys(chain, tag)?;
    Ok(keys(chain, other.tag())?.into_iter().filter(|key| !own.contains(key)).collect())
}

/// Returns the keys of the texts of a language.
fn keys(chain: &[(String, ThemeFiles)], tag: &str) -> Result<BTreeSet<String>, Unusable> {
    let file = file_of(tag);
    let mut keys = BTreeSet::new();
    for (name, files) in chain {
        keys.extend(text(name, files, &file)?.lines().filter_map(key_of).map(str::to_owned));
    }
    Ok(keys)
}

/// Returns the file of a theme with the texts of a language.
fn file_of(tag: &str) -> String {
    format!("locales/{tag}.ftl")
}

/// Returns the key of the text that begins in a line. The other lines of a text are indented.
fn key_of(line: &str) -> Option<&str> {
    let (key, _) = line.split_once('=')?;
    let key = key.trim_end_matches(' ');
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (!key.is_empty() && key.bytes().all(is_letter)).then_some(key)
}

/// Returns the environment of the templates, in which `t` gives texts: of the first bundle that has the text. `lang_of`
/// gives the attribute of a text that somebody wrote in Vietnamese, on a page in another language.
pub fn environment(
    templates: Arc<BTreeMap<String, String>>,
    bundles: Vec<FluentBundle<FluentResource>>,
) -> Environment<'static> {
    let mut environment = Environment::new();
    // A line with only a statement of a template leaves no line in the page.
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.expect("the delimiters are those of minijinja"));
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_loader(move |name| Ok(templates.get(name).cloned()));
    environment.add_filter("markdown", |text: &str| Value::from_safe_string(markdown::html(text)));
    environment.add_filter("page_markdown", |text: &str| Value::from_safe_string(markdown::page_html(text)));
    let of_page = bundles.first().and_then(|bundle| bundle.locales.first());
    let is_vietnamese = of_page.is_some_and(|tag| tag.language.as_str() == "vi");
    environment.add_function("lang_of", move |text: Value| {
        let is_other = !is_vietnamese && text.as_str().is_some_and(reads_as_vietnamese);
        Value::from_safe_string(String::from(if is_other { " lang=\"vi\"" } else { "" }))
    });
    environment.add_function("t", move |key: &str, arguments: Kwargs| translate(&bundles, key, &arguments));
    environment
}

/// Returns whether every third word of a text, or more, has letters that Vietnamese alone has. A text in another language
/// may name a place or a person.
fn reads_as_vietnamese(text: &str) -> bool {
    let is_own = |letter: char| matches!(letter, 'đ' | 'Đ' | 'ơ' | 'Ơ' | 'ư' | 'Ư' | '\u{1ea0}'..='\u{1ef9}');
    let own = text.split_whitespace().filter(|word| word.contains(is_own)).count();
    own > 0 && own * 3 >= text.split_whitespace().count()
}

/// Writes a number as Vietnamese readers do: with its decimals, and with grouped thousands from five digits on. A whole
/// number of four digits may be a year, so it stays as it is.
fn decimal_vi<M>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    decimal(value, Language::Vi)
}

/// Writes a number as English readers do.
fn decimal_en<M>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    decimal(value, Language::En)
}

fn decimal(value: &FluentValue<'_>, language: Language) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    let is_long = number.value.abs() >= 10_000.0;
    (is_long || number.value.fract().abs() > 0.0).then(|| number::decimal(number.value, language))
}

/// Returns an argument of a text. A number stays a number, because plurals follow from it.
fn argument(value: &Value) -> FluentValue<'static> {
    match f64::try_from(value.clone()) {
        Ok(number) if value.is_number() && number.is_finite() => {
            value.as_i64().map_or_else(|| FluentValue::from(number), FluentValue::from)
        }
        _ => FluentValue::from(value.to_string()),
    }
}

/// Returns the text `key` of the first locale that has it, with its arguments. A missing text is an error, as a missing
/// name is. A text keeps the plurals of its own locale.
fn translate(bundles: &[FluentBundle<FluentResource>], key: &str, arguments: &Kwargs) -> Result<String, Error> {
    let missing = || TextFault::Missing { key: key.to_owned() };
    let found = bundles.iter().find_map(|bundle| Some((bundle, bundle.get_message(key)?.value()?)));
    let (bundle, pattern) = found.ok_or_else(missing)?;
    let mut values = FluentArgs::new();
    for name in arguments.args() {
        let value: Value = arguments.get(name)?;
        values.set(name.to_owned(), argument(&value));
    }
    let mut errors = Vec::new();
    let text = bundle.format_pattern(pattern, Some(&values), &mut errors).into_owned();
    match errors.first() {
        Some(error) => Err(TextFault::Unfit { key: key.to_owned(), reason: error.to_string() }.into()),
        None => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use minijinja::context;

    fn said(language: Language, text: &str, number: impl Into<Value>) -> String {
        let file = format!("locales/{}.ftl", language.tag());
        let files = ThemeFiles::from([(file, format!("text = {text}\n").into_bytes())]);
        let bundle = locale(&[("a theme".to_owned(), files)], language.tag(), language).expect("it can be read");
        let number: Value = number.into();
        let template = "{{ t('text', n=number) }}";
        environment(Arc::default(), vec![bundle]).render_str(template, context! { number }).expect("it is rendered")
    }

    #[test]
    fn a_text_that_a_file_has_twice_is_told_with_its_line() {
        let files = |source: &str| ThemeFiles::from([("locales/vi.ftl".to_owned(), source.as_bytes().to_vec())]);
        let twice = files("# by = x\nby = { $n ->\n    [one] by = a\n   *[other] b\n }\nno-by = c\n\nby   = d\n");
        let chain = [("mau".to_owned(), twice), ("default".to_owned(), files("by = e\n"))];
        let told = repeated(&chain, "vi").expect("it can be read");
        assert_eq!(told.len(), 1, "a theme may replace the text of its parent: {told:?}");
        let english = told[0].get(Language::En);
        assert!(english.starts_with("mau/locales/vi.ftl:8: the text `by` is in line 2 too"), "{told:?}");
        assert!(told[0].vi.starts_with("mau/locales/vi.ftl:8: câu chữ `by` cũng có ở dòng 2"), "{told:?}");
        assert_eq!(repeated(&chain, "en").expect("it can be read"), Vec::<Text>::new());
    }

    #[test]
    fn a_text_that_a_language_lacks_is_that_of_its_content_with_the_plurals_of_that_language() {
        let files = ThemeFiles::from([
            ("locales/en.ftl".to_owned(), b"a = { $n ->\n    [one] one\n   *[other] many\n }\nb = B\nc = C\n".to_vec()),
            ("locales/fr.ftl".to_owned(), b"b = { $n ->\n    [one] un\n   *[other] des\n }\n".to_vec()),
        ]);
        let chain = [("mau".to_owned(), files)];
        let bundles = ["fr", "en"].map(|tag| locale(&chain, tag, Language::En).expect("it can be read"));
        let environment = environment(Arc::default(), Vec::from(bundles));
        let said = environment.render_str("{{ t('a', n=0) }} {{ t('b', n=0) }} {{ t('c') }}", context! {});
        assert_eq!(said.expect("it is rendered"), "many un C");
        assert_eq!(lacking(&chain, "fr", Language::En).expect("it can be read"), ["a", "c"]);
    }

    #[test]
    fn a_text_that_somebody_wrote_says_its_language_on_a_page_in_another_one() {
        let written = |tag: &str, text: &str| {
            let bundle = locale(&[], tag, Language::En).expect("it can be read");
            let template = "<p{{ lang_of(text) }}>{{ text }}</p>";
            environment(Arc::default(), vec![bundle]).render_str(template, context! { text }).expect("it is rendered")
        };
        assert_eq!(written("en", "Thiếu chữ ký"), "<p lang=\"vi\">Thiếu chữ ký</p>");
        assert_eq!(written("fr", "Đơn <b>"), "<p lang=\"vi\">Đơn &lt;b&gt;</p>");
        assert!(!written("vi", "Thiếu chữ ký").contains("lang="));
        for text in ["", "A signature is missing", "Übergröße", "Bring it to the ward of Phú Cường"] {
            assert!(!written("en", text).contains("lang="), "{text}");
        }
    }

    #[test]
    fn a_number_in_a_text_is_written_as_the_reader_does() {
        let area = "{ $n } ha";
        assert_eq!(said(Language::Vi, area, 1234.5), "1.234,5 ha");
        assert_eq!(said(Language::En, area, 1234.5), "1,234.5 ha");
        assert_eq!(said(Language::Vi, area, 2026), "2026 ha");
        assert_eq!(said(Language::Vi, area, 20_000_000), "20.000.000 ha");
        assert_eq!(said(Language::En, area, 10_000), "10,000 ha");
        assert_eq!(said(Language::Vi, area, 2.0), "2 ha");
        assert_eq!(said(Language::Vi, area, f64::INFINITY), "inf ha");
        let days = "{ $n ->\n    [one] a day\n   *[other] { $n } days\n }";
        assert_eq!(said(Language::En, days, 1), "a day");
        assert_eq!(said(Language::En, days, 1.5), "1.5 days");
    }
}
