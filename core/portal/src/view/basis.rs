//! Legal bases as pages show them.

use motcua_domain::form::{Form, FormCheck};
use motcua_domain::legal::{LegalCitation, LegalDocument, LegalDocuments};
use motcua_domain::text::Language;
use serde::Serialize;

/// A legal basis: a document, or an article of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BasisContext {
    /// The article and its document in words.
    pub text: String,
    /// The address of the document, or an empty text.
    pub link: String,
}

impl BasisContext {
    /// Returns citations in a language.
    pub fn cited(citations: &[LegalCitation], language: Language) -> Vec<Self> {
        let context = |citation: &LegalCitation| Self {
            text: citation.words.get(language).to_owned(),
            link: citation.link.clone().unwrap_or_default(),
        };
        citations.iter().map(context).collect()
    }

    /// Returns the documents of a procedure in a language.
    pub fn listed(documents: &[LegalDocument], language: Language) -> Vec<Self> {
        let context = |document: &LegalDocument| Self {
            text: document.title.get(language).to_owned(),
            link: document.link.clone().unwrap_or_default(),
        };
        documents.iter().map(context).collect()
    }

    /// Returns legal bases for checking a theme.
    pub fn samples() -> Vec<Self> {
        vec![
            Self { text: "khoản 1 Điều 16 Luật Hộ tịch".into(), link: "https://vbpl.vn/1".into() },
            Self { text: "Nghị định".into(), link: String::new() },
        ]
    }
}

/// A rule or a condition with its legal basis.
#[derive(Debug, Clone, Serialize)]
pub struct FoundedRule {
    /// The rule in words.
    pub text: String,
    /// Its legal basis.
    pub basis: Vec<BasisContext>,
}

impl FoundedRule {
    /// Returns a rule with its legal basis, in a language.
    pub fn of(check: &FormCheck, documents: LegalDocuments<'_>, language: Language) -> Self {
        Self {
            text: check.text.get(language).to_owned(),
            basis: BasisContext::cited(&documents.citations(&check.basis), language),
        }
    }

    /// Returns the rules of a form that name their legal basis.
    pub fn named(form: &Form, documents: LegalDocuments<'_>, language: Language) -> Vec<Self> {
        let named = form.checks.iter().filter(|check| !check.basis.is_empty());
        named.map(|check| Self::of(check, documents, language)).collect()
    }

    /// Returns a rule for checking a theme.
    pub fn sample() -> Self {
        Self { text: "Đủ 18 tuổi".into(), basis: BasisContext::samples() }
    }
}
