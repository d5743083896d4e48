//! The progress of an applicant with a draft: its pages, and its changes.

use crate::pages::draft::asked::{ASKED, AskedContext, DELIVERY_PAGE, asked, has_one_page};
use crate::theme::Theme;
use crate::view::format;
use crate::view::window::WindowContext;
use crate::web::address;
use crate::web::visitor::language_cookie;
use axum::http::header;
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::Timestamp;
use motcua_domain::text::Language;
use motcua_service::DraftView;
use serde::Serialize;

/// The current page of the applicant.
#[derive(Debug, Clone, Serialize)]
pub struct Progress {
    /// The id of the draft, for its addresses `/drafts/<id>/<page>`.
    pub id: String,
    /// The name of the procedure.
    pub procedure: String,
    /// The agency to which the applicant applies.
    pub agency: String,
    /// The name of the person for whom an officer fills the draft in at the counter, or an empty text.
    pub applicant: String,
    /// The dossier that is supplemented, or an empty text.
    pub dossier: String,
    /// The office's request, or an empty text.
    pub request: String,
    /// The answers and papers that the request names.
    pub asked: Vec<AskedContext>,
    /// The time in which the draft can be filed. A supplement has none.
    pub window: WindowContext,
    /// The pages of the draft, in their order. A supplement for which the request names parts has the page `asked` and the
    /// review.
    pub steps: Vec<ProgressStep>,
    /// The other pages of such a supplement, in their order.
    pub others: Vec<ProgressStep>,
    /// The time at which the draft was saved.
    pub saved: String,
}

/// A page of the draft.
#[derive(Debug, Clone, Serialize)]
pub struct ProgressStep {
    /// The number of the page from `1`, or `asked`, `papers`, `delivery` or `review`.
    pub page: String,
    /// The title of a page of the form. It is empty for the pages `asked`, `papers`, `delivery` and `review`.
    pub title: String,
    /// The applicant is on this page.
    pub current: bool,
}

impl Progress {
    pub fn new(view: &DraftView, page: &str, now: Timestamp, language: Language) -> Self {
        let form = view.procedure.form.sections.iter().enumerate();
        let mut steps: Vec<(String, String)> =
            form.map(|(at, section)| ((at + 1).to_string(), section.title.get(language).to_owned())).collect();
        // The pages beside those of the form have their titles in the theme's texts.
        if !view.procedure.papers.is_empty() {
            steps.push(("papers".to_owned(), String::new()));
        }
        let others = if has_one_page(view) {
            std::mem::replace(&mut steps, vec![(ASKED.to_owned(), String::new())])
        } else {
            Vec::new()
        };
        if view.asks_delivery() {
            steps.push((DELIVERY_PAGE.to_owned(), String::new()));
        }
        steps.push(("review".to_owned(), String::new()));
        let request = view.dossier.as_ref().and_then(|dossier| dossier.supplements.last());
        let window = match view.dossier {
            Some(_) => WindowContext::always(),
            None => WindowContext::at(view.procedure.window, now, language),
        };
        let step = |(at, title): (String, String)| ProgressStep { current: at == page, page: at, title };
        Self {
            id: view.draft.id.to_string(),
            window,
            asked: asked(view, page, language),
            procedure: view.procedure.name.get(language).to_owned(),
            agency: agency_name(view, language),
            applicant: view.for_person.clone(),
            dossier: view.draft.dossier.as_ref().map_or_else(String::new, ToString::to_string),
            request: request.map_or_else(String::new, |request| request.what.clone()),
            steps: steps.into_iter().map(step).collect(),
            others: others.into_iter().map(step).collect(),
            saved: format::second(view.draft.updated_at, language),
        }
    }

    pub fn after(&self, page: &str) -> String {
        let at = self.steps.iter().position(|step| step.page == page).unwrap_or(0);
        self.steps.get(at + 1).map_or_else(|| "review".to_owned(), |step| step.page.clone())
    }

    /// Returns the target of a page's button after everything was saved: `back`, `later`, `goto:PAGE`, `language:TAG`,
    /// or `next`. Other buttons stay on the page.
    pub fn leads(&self, theme: &Theme, page: &str, wish: &str) -> Option<Response> {
        let at = |page: &str| Redirect::to(&address::draft(&self.id, page)).into_response();
        if let Some(tag) = wish.strip_prefix("language:") {
            return Some(self.in_language(theme, page, tag));
        }
        if let Some(to) = wish.strip_prefix("goto:") {
            return self.steps.iter().chain(&self.others).find(|step| step.page == to).map(|step| at(&step.page));
        }
        match wish {
            "next" => Some(at(&self.after(page))),
            "back" => Some(at(&self.before(page))),
            "later" => Some(Redirect::to(self.list()).into_response()),
            _ => None,
        }
    }

    /// Returns the address of the list that has the draft.
    const fn list(&self) -> &'static str {
        if self.applicant.is_empty() { address::ACCOUNT } else { address::COUNTER }
    }

    /// Returns a redirect to a page of the draft in another language.
    pub fn in_language(&self, theme: &Theme, page: &str, tag: &str) -> Response {
        let cookie = [(header::SET_COOKIE, language_cookie(theme, theme.language(tag)))];
        (cookie, Redirect::to(&address::draft(&self.id, page))).into_response()
    }

    pub fn before(&self, page: &str) -> String {
        if self.others.iter().any(|step| step.page == page) {
            return ASKED.to_owned();
        }
        let at = self.steps.iter().position(|step| step.page == page).unwrap_or(0);
        at.checked_sub(1).and_then(|at| self.steps.get(at)).map_or_else(String::new, |step| step.page.clone())
    }

    pub fn sample(dossier: &str) -> Self {
        let step = |page: &str, title: &str, current| ProgressStep { page: page.into(), title: title.into(), current };
        Self {
            id: "0".into(),
            procedure: "Thủ tục".into(),
            agency: "Sở Mẫu".into(),
            applicant: if dossier.is_empty() { "Nguyễn Thị Ngân".into() } else { String::new() },
            dossier: dossier.into(),
            window: WindowContext::samples().remove(if dossier.is_empty() { 1 } else { 3 }),
            request: if dossier.is_empty() { String::new() } else { "Thiếu chữ ký".into() },
            asked: if dossier.is_empty() { vec![] } else { [true, false].map(AskedContext::sample).into() },
            steps: match dossier {
                "" => vec![step("1", "Trang", true), step("papers", "", false), step("review", "", false)],
                _ => vec![step(ASKED, "", true), step("review", "", false)],
            },
            others: match dossier {
                "" => vec![],
                _ => vec![step("1", "Trang", false), step("papers", "", false)],
            },
            saved: "24/11/2026 08:00".into(),
        }
    }
}

/// Returns the name of the agency to which the applicant of a draft applies, or an empty text if the agency is gone.
pub fn agency_name(view: &DraftView, language: Language) -> String {
    view.agency_name.as_ref().map_or_else(String::new, |name| name.get(language).to_owned())
}

/// A part of a draft that changed, with its current content.
#[derive(Debug, Clone, Serialize)]
pub struct ChangeContext {
    /// The label of the field, or the name of the paper or of the part.
    pub label: String,
    /// The current content, or an empty text.
    pub text: String,
}

impl ChangeContext {
    pub fn sample(text: &str) -> Self {
        Self { label: "Họ tên".into(), text: text.into() }
    }
}
