//! The help pages of the theme.

use crate::pages::render::ok;
use crate::state::Portal;
use crate::theme::{Page, PageLanguage};
use crate::web::address;
use crate::web::failure::Failure;
use crate::web::visitor::Visitor;
use axum::extract::{Path, State};
use axum::response::Response;
use motcua_domain::text::Language;
use motcua_service::Error;
use serde::Serialize;

/// The mark in a help page that stands for the name of the province.
const PROVINCE: &str = "{province}";

/// A help page, or the list of all help pages.
#[derive(Debug, Clone, Serialize)]
pub struct HelpPage {
    /// The title of the page, or an empty text for the list.
    pub title: String,
    /// The text of the page in limited Markdown, for the filter `page_markdown`, or an empty text for the list.
    pub text: String,
    /// The language of the page: `vi`, `en`, or the tag of one that the theme brings.
    pub language: String,
    /// The page does not exist in the language of the reader.
    pub is_foreign: bool,
    /// All help pages.
    pub pages: Vec<HelpLink>,
}

/// A link to a help page.
#[derive(Debug, Clone, Serialize)]
pub struct HelpLink {
    /// The address of the page.
    pub url: String,
    /// The title of the page.
    pub title: String,
    /// The language of the page: `vi`, `en`, or the tag of one that the theme brings.
    pub language: String,
    /// The link leads to the page that is shown.
    pub is_current: bool,
}

impl Page for HelpPage {
    const TEMPLATE: &'static str = "help.html";
    fn samples() -> Vec<Self> {
        let link = |name: &str, is_current: bool| HelpLink {
            url: address::help(name),
            title: name.into(),
            language: "vi".into(),
            is_current,
        };
        let page = Self {
            title: "Hỏi đáp".into(),
            text: "Nộp hồ sơ\n\n## Có mất phí không?\n\n- Có thể.".into(),
            language: "vi".into(),
            is_foreign: false,
            pages: vec![link("faq", true), link("filing", false)],
        };
        let foreign = Self { is_foreign: true, ..page.clone() };
        let list = Self { title: String::new(), text: String::new(), pages: vec![link("faq", false)], ..page.clone() };
        vec![list, foreign, page]
    }
}

/// Returns links to all help pages. `current` is the name of the shown page, or an empty text.
fn links(portal: &Portal, language: PageLanguage, current: &str) -> Vec<HelpLink> {
    let link = |name: &str| {
        let (page, language) = portal.theme.help(name, language)?;
        let (title, is_current) = (page.title.clone(), name == current);
        Some(HelpLink { url: address::help(name), title, language: language.to_owned(), is_current })
    };
    portal.theme.help_names().filter_map(link).collect()
}

/// `GET /help`: the list of help pages.
pub async fn list(State(portal): State<Portal>, visitor: Visitor) -> Response {
    let language = visitor.page_language();
    let page = HelpPage {
        title: String::new(),
        text: String::new(),
        language: portal.theme.tag(language).to_owned(),
        is_foreign: false,
        pages: links(&portal, language, ""),
    };
    ok(&portal, &visitor, &page)
}

/// `GET /help/{name}`: a help page.
pub async fn show(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path(name): Path<String>,
) -> Result<Response, Failure> {
    let wanted = visitor.page_language();
    let (text, language) = portal.theme.help(&name, wanted).ok_or(Error::NotFound)?;
    let is_foreign = language != portal.theme.tag(wanted);
    // A page that was not translated is in a language of the portal.
    let content = if is_foreign { Language::from_tag(language) } else { visitor.language() };
    let page = HelpPage {
        title: text.title.clone(),
        text: text.text.replace(PROVINCE, portal.services.province().name.get(content)),
        language: language.to_owned(),
        is_foreign,
        pages: links(&portal, wanted, &name),
    };
    Ok(ok(&portal, &visitor, &page))
}
