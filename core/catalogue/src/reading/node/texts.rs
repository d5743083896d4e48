//! Reading words for people, in one language or both.

use super::FileTable;
use crate::reading::keys::{BOTH_LANGUAGES, Shape};
use motcua_domain::text;
use motcua_domain::text::Text;
use toml::Spanned;
use toml::de::DeValue;

impl<'a> FileTable<'a> {
    /// Returns words for people: a text (Vietnamese only) or `{ vi = "…", en = "…" }`.
    pub fn text(&self, key: &'static str) -> Option<Text> {
        self.get_as(key, |shape| matches!(shape, Shape::Words)).and_then(|value| self.text_of(key, value))
    }

    pub(super) fn text_of(&self, key: &str, value: &'a Spanned<DeValue<'a>>) -> Option<Text> {
        if let Some(text) = value.get_ref().as_str() {
            self.translations.untranslated.borrow_mut().push(value.span());
            return Some(Text::vi(text));
        }
        let Some(table) = self.child(value, &BOTH_LANGUAGES) else {
            let wanted = text!("chuỗi hoặc {{ vi = \"…\", en = \"…\" }}", "a text or {{ vi = \"…\", en = \"…\" }}");
            self.wrong_type(key, value, &wanted);
            return None;
        };
        let vi = table.required_string("vi", "\"…\"");
        let has_en = table.has("en");
        let en = has_en.then(|| table.required_string("en", "\"…\"")).flatten().map(|en| en.value);
        self.translations.has_english.set(self.translations.has_english.get() || en.is_some());
        if !has_en {
            self.translations.untranslated.borrow_mut().push(value.span());
        }
        table.finish();
        vi.map(|vi| Text { vi: vi.value, en })
    }

    /// Returns required words for people, which must not be empty.
    pub fn required_text(&self, key: &'static str) -> Option<Text> {
        if !self.entries.contains_key(key) {
            self.asked.borrow_mut().insert(key);
            self.missing(key, "{ vi = \"…\", en = \"…\" }");
        }
        let text = self.text(key)?;
        if text.vi.trim().is_empty() {
            let help = text!("hãy viết: {key} = \"…\"", "write: {key} = \"…\"");
            self.translations.untranslated.borrow_mut().pop();
            self.mistake("empty", self.place(key), text!("`{key}` để trống", "`{key}` is empty"), help);
            return None;
        }
        Some(text)
    }

    /// Reports the texts in one language only.
    pub fn finish_translations(&self) {
        for span in self.translations.untranslated.borrow().iter() {
            let message = text!("chuỗi này không có tiếng Anh", "this text has no English");
            self.mistake("missing-translation", span.clone(), message, in_both_languages());
        }
    }

    /// Warns of the texts in one language only, if a text of the file has both.
    pub fn warn_of_half_translations(&self) {
        if self.translations.has_english.get() {
            for span in self.translations.untranslated.borrow().iter() {
                let message = text!(
                    "chuỗi này không có tiếng Anh, còn các chuỗi khác thì có",
                    "this text has no English, and others have",
                );
                self.warn("missing-translation", span.clone(), message, in_both_languages());
            }
        }
    }

    /// Returns a list of texts for people. The list is empty if the key does not exist.
    pub fn texts(&self, key: &'static str) -> Vec<Text> {
        self.items(key).into_iter().filter_map(|item| self.text_of(key, item)).collect()
    }
}

/// Returns the advice for a text in one language only.
fn in_both_languages() -> Text {
    text!(
        "hãy viết {{ vi = \"…\", en = \"…\" }}, hoặc bỏ tiếng Anh trong cả tệp",
        "write {{ vi = \"…\", en = \"…\" }}, or leave the English out of the whole file",
    )
}
