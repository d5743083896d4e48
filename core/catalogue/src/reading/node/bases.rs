//! Reading the documents that a file lists, and the legal bases that name them.

use super::{FileTable, ListItem, Placed, did_you_mean, nearest};
use crate::reading::keys::LEGAL_DOCUMENT;
use motcua_domain::legal::{LegalDocument, LegalDocuments, LegalReference};
use motcua_domain::text;
use motcua_domain::text::Text;
use std::collections::BTreeSet;
use toml::Spanned;
use toml::de::DeValue;

impl<'a> FileTable<'a> {
    /// Returns the documents under `legal_basis`: titles, or tables with an id. Titles may stay in Vietnamese.
    pub fn documents(&self) -> Vec<LegalDocument> {
        let before = self.translations.untranslated.borrow().len();
        let mut seen = BTreeSet::new();
        let mut documents = Vec::new();
        for item in self.items("legal_basis") {
            documents.extend(self.document(item, &mut seen));
        }
        self.translations.untranslated.borrow_mut().truncate(before);
        documents
    }

    fn document(&self, item: &'a Spanned<DeValue<'a>>, seen: &mut BTreeSet<String>) -> Option<LegalDocument> {
        let names = |key: &str| item.get_ref().as_table().is_some_and(|table| table.contains_key(key));
        if !names("id") && !names("title") {
            return self.text_of("legal_basis", item).map(LegalDocument::listed);
        }
        let table = self.child(item, &LEGAL_DOCUMENT)?;
        let id = table.required_string("id", "\"ho-tich\"");
        let title = table.required_text("title");
        let link = table.string("link");
        table.finish();
        if let Some(link) = link.as_ref().filter(|link| !is_web_address(&link.value)) {
            let address = &link.value;
            let message =
                text!("`{address}` không phải là địa chỉ của một trang", "`{address}` is not the address of a page");
            let help = text!("hãy viết một địa chỉ có https://", "write an address with https://");
            table.mistake("bad-basis", link.span.clone(), message, help);
        }
        let Placed { value: id, span } = id?;
        let is_plain = |letter: char| letter.is_alphanumeric() || "-_/".contains(letter);
        if !id.chars().all(is_plain) {
            let message = text!(
                "không dùng được `{id}` làm mã của văn bản pháp luật",
                "`{id}` cannot be used as the id of a document",
            );
            let help = text!(
                "hãy viết chữ cái, chữ số, - và /, không có khoảng trắng",
                "write letters, digits, - and /, without blanks",
            );
            table.mistake("bad-basis", span, message, help);
        } else if !seen.insert(id.clone()) {
            let message = text!("hai văn bản có cùng mã `{id}`", "two documents have the id `{id}`");
            let help = text!("hãy đặt cho mỗi văn bản một mã riêng", "give each document its own id");
            table.mistake("duplicate", span, message, help);
        }
        Some(LegalDocument { id: Some(id), title: title?, link: link.map(|link| link.value) })
    }

    /// Returns the legal basis under a key: one reference, or a list of references.
    pub fn basis(&self, key: &'static str) -> Vec<LegalReference> {
        let read = |item| match item {
            ListItem::Text(text) => self.reference(text),
            ListItem::Table(table) => {
                let message = text!("căn cứ pháp lý phải là một chuỗi", "a legal basis is a text");
                let help = text!("hãy viết một chuỗi như \"ho-tich#16.1\"", "write a text such as \"ho-tich#16.1\"");
                self.mistake("bad-basis", table.span, message, help);
                None
            }
        };
        self.mixed(key).into_iter().filter_map(read).collect()
    }

    /// Reads a reference to a document. [`Self::check_bases`] looks its document up.
    pub fn reference(&self, text: Placed<String>) -> Option<LegalReference> {
        let reference = LegalReference::from(text.value);
        if !reference.is_well_formed() {
            let message = text!(
                "`{reference}` không nêu điều nào của một văn bản",
                "`{reference}` names no article of a document",
            );
            let help = text!(
                "hãy viết mã văn bản, dấu #, rồi điều, khoản và điểm, chẳng hạn \"ho-tich#16.1.a\"",
                "write the id of the document, #, article, clause and point, such as \"ho-tich#16.1.a\"",
            );
            self.mistake("bad-basis", text.span, message, help);
            return None;
        }
        self.bases.borrow_mut().push(Placed { value: reference.clone(), span: text.span });
        Some(reference)
    }

    /// Reports the legal bases of the file that name none of these documents.
    pub fn check_bases(&self, own: &[LegalDocument]) {
        let documents = LegalDocuments { own, of_workflow: &[] };
        let listed = self.entries.get("legal_basis").and_then(|value| value.get_ref().as_array());
        let (before, first) = (self.report.mark(), self.report.len());
        for basis in self.bases.borrow().iter().filter(|basis| documents.find(&basis.value.document).is_none()) {
            let (message, help) = unknown_document(&basis.value, documents);
            self.mistake("unknown-name", basis.span.clone(), message, help);
            if listed.is_none() {
                // The list may stand in a table before which it belongs.
                self.report.name_latest("legal_basis", Some("legal_basis"));
            }
        }
        // A document with a mistake may be the one that is meant.
        if listed.is_some_and(|items| own.len() < items.len()) {
            self.report.rest_on(before, &[&self.source.file]);
        }
        if let Some(cause) = self.misplaced_below("legal_basis") {
            (first..self.report.len()).for_each(|basis| self.report.tie(basis, cause));
        }
    }
}

/// Returns whether a text is the address of a web page, and no script.
pub fn is_web_address(link: &str) -> bool {
    let rest = link.strip_prefix("https://").or_else(|| link.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace))
}

/// Returns the message about a reference whose document is in no list, and the advice.
pub fn unknown_document(reference: &LegalReference, documents: LegalDocuments<'_>) -> (Text, Text) {
    let id = &reference.document;
    let message = text!(
        "không có văn bản nào trong `legal_basis` có mã `{id}`",
        "no document of `legal_basis` has the id `{id}`",
    );
    let known: Vec<&str> = documents.ids().collect();
    let all = known.join(", ");
    let help = match nearest(id, known.iter().copied()) {
        Some(near) => did_you_mean(near),
        None if known.is_empty() => text!(
            "hãy đặt mã cho văn bản: legal_basis = [{{ id = \"…\", title = \"…\" }}]",
            "give a document an id: legal_basis = [{{ id = \"…\", title = \"…\" }}]",
        ),
        None => text!(
            "hãy viết một trong các mã {all}, hoặc thêm văn bản vào `legal_basis`",
            "write one of {all}, or add the document to `legal_basis`",
        ),
    };
    (message, help)
}
