//! Legal bases: the documents that a procedure rests on, and references to their articles.

use crate::text::{Language, Text};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The most parts of a place in a document: article, clause and point.
const MOST_PARTS: usize = 3;

/// The longest part of a place in a document, in bytes.
const LONGEST_PART: usize = 10;

/// A law, a decree or another document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegalDocument {
    /// The id under which references name the document. A document without an id is only listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    #[serde(flatten)]
    pub title: Text,
    /// The address of its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

impl LegalDocument {
    /// Returns a document that is only listed.
    pub const fn listed(title: Text) -> Self {
        Self { id: None, title, link: None }
    }
}

/// A reference to a document, or to an article of it: `ho-tich`, or `ho-tich#16.1.a` for point a of clause 1 of article
/// 16.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct LegalReference {
    /// The id of the document.
    pub document: String,
    /// The article, the clause and the point, as far as they are named.
    pub place: Vec<String>,
}

impl From<String> for LegalReference {
    fn from(text: String) -> Self {
        match text.split_once('#') {
            Some((document, place)) => {
                Self { document: document.to_owned(), place: place.split('.').map(str::to_owned).collect() }
            }
            None => Self { document: text, place: Vec::new() },
        }
    }
}

impl From<LegalReference> for String {
    fn from(reference: LegalReference) -> Self {
        reference.to_string()
    }
}

impl fmt::Display for LegalReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.document)?;
        if self.place.is_empty() { Ok(()) } else { write!(f, "#{}", self.place.join(".")) }
    }
}

impl LegalReference {
    /// Returns whether the place is an article, a clause and a point: an article and a clause begin with a digit.
    pub fn is_well_formed(&self) -> bool {
        let is_part =
            |part: &String| !part.is_empty() && part.len() <= LONGEST_PART && part.chars().all(char::is_alphanumeric);
        let is_numbered = |part: &String| part.starts_with(|letter: char| letter.is_ascii_digit());
        self.place.len() <= MOST_PARTS
            && self.place.iter().all(is_part)
            && self.place.iter().take(MOST_PARTS - 1).all(is_numbered)
    }

    /// Returns the reference in words, with the title of its document.
    fn words(&self, title: &Text) -> Text {
        let mut vi = title.vi.clone();
        let mut en = title.get(Language::En).to_owned();
        let names = [("Điều", "article"), ("khoản", "clause"), ("điểm", "point")];
        for (part, (vietnamese, english)) in self.place.iter().zip(names) {
            vi = format!("{vietnamese} {part} {vi}");
            en = format!("{en}, {english} {part}");
        }
        Text::new(vi, en)
    }
}

/// A legal basis in words, with the address of its document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegalCitation {
    #[serde(flatten)]
    pub words: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// The documents that a reference can name.
#[derive(Debug, Clone, Copy, Default)]
pub struct LegalDocuments<'a> {
    /// The documents of the procedure.
    pub own: &'a [LegalDocument],
    /// The documents of its workflow, which count if the procedure has none with the id.
    pub of_workflow: &'a [LegalDocument],
}

impl<'a> LegalDocuments<'a> {
    /// Returns the document with this id.
    pub fn find(self, id: &str) -> Option<&'a LegalDocument> {
        self.own.iter().chain(self.of_workflow).find(|document| document.id.as_deref() == Some(id))
    }

    /// Returns the ids of all documents.
    pub fn ids(self) -> impl Iterator<Item = &'a str> {
        self.own.iter().chain(self.of_workflow).filter_map(|document| document.id.as_deref())
    }

    /// Returns a reference in words. Returns `None` if no document has its id.
    pub fn citation(self, reference: &LegalReference) -> Option<LegalCitation> {
        let document = self.find(&reference.document)?;
        Some(LegalCitation { words: reference.words(&document.title), link: document.link.clone() })
    }

    /// Returns references in words. Leaves out references that no document has.
    pub fn citations(self, basis: &[LegalReference]) -> Vec<LegalCitation> {
        basis.iter().filter_map(|reference| self.citation(reference)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference(text: &str) -> LegalReference {
        LegalReference::from(text.to_owned())
    }

    fn law() -> LegalDocument {
        let title = Text::new("Luật Hộ tịch", "Law on Civil Status");
        LegalDocument { id: Some("ho-tich".to_owned()), title, link: Some("https://vbpl.vn/1".to_owned()) }
    }

    #[test]
    fn a_reference_is_written_as_it_was_read() {
        for text in ["ho-tich", "ho-tich#16", "ho-tich#16.1.a", "ho-tich#16a.2.đ"] {
            assert!(reference(text).is_well_formed(), "{text}");
            assert_eq!(String::from(reference(text)), text);
        }
        for text in ["ho-tich#", "ho-tich#a", "ho-tich#16.", "ho-tich#16.1.a.b", "ho-tich#16.b", "ho-tich#16 1"] {
            assert!(!reference(text).is_well_formed(), "{text}");
        }
    }

    #[test]
    fn an_article_is_cited_as_each_language_orders_it() {
        let own = [law()];
        let documents = LegalDocuments { own: &own, of_workflow: &[] };
        let cited = documents.citation(&reference("ho-tich#16.1.a")).expect("it is there");
        assert_eq!(cited.words.get(Language::Vi), "điểm a khoản 1 Điều 16 Luật Hộ tịch");
        assert_eq!(cited.words.get(Language::En), "Law on Civil Status, article 16, clause 1, point a");
        assert_eq!(cited.link.as_deref(), Some("https://vbpl.vn/1"));
        assert_eq!(documents.citation(&reference("khac#1")), None);
    }

    #[test]
    fn the_document_of_the_procedure_counts_before_that_of_the_workflow() {
        let own = [LegalDocument { title: Text::vi("Luật mới"), ..law() }];
        let documents = LegalDocuments { own: &own, of_workflow: &[law()] };
        assert_eq!(documents.find("ho-tich").map(|found| found.title.vi.as_str()), Some("Luật mới"));
    }

    #[test]
    fn a_document_that_is_only_listed_is_stored_as_the_text_that_it_was() {
        let title = Text::new("Luật", "Law");
        let listed = LegalDocument::listed(title.clone());
        let stored = serde_json::to_string(&listed).expect("JSON");
        assert_eq!(stored, serde_json::to_string(&title).expect("JSON"));
        assert_eq!(serde_json::from_str::<LegalDocument>(&stored).expect("a document"), listed);
    }
}
