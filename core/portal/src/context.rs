//! What every page knows.

use crate::Portal;
use crate::failure::bare;
use crate::state::throttle::Wait;
use crate::theme::Page;
use crate::visitor::{Visitor, language_cookie};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use motcua_domain::access::{Deed, may};
use motcua_domain::organisation::Actor;
use motcua_domain::text::Language;
use serde::Serialize;

/// What is around the content of a page.
#[derive(Debug, Clone, Serialize)]
pub struct Shell {
    pub lang: &'static str,
    /// The address of this page, for coming back after a change of language.
    pub path: String,
    pub province: String,
    pub notice: Option<String>,
    pub user: Option<User>,
    /// How many notices wait, up to 9.
    pub unread: usize,
    /// Proves that a form came from this page.
    pub proof: String,
    /// Where the theme's files are.
    pub assets: String,
    pub base_url: String,
    /// What is wrong with the folder that is previewed; `None` unless this is a preview.
    pub preview: Option<Vec<String>>,
}

/// Who is logged in.
#[derive(Debug, Clone, Serialize)]
pub struct User {
    pub name: String,
    pub officer: bool,
    /// Can name a deputy.
    pub takes_leave: bool,
    pub sees_desk: bool,
    pub sees_figures: bool,
    pub manages_procedures: bool,
}

impl Shell {
    fn new(portal: &Portal, visitor: &Visitor) -> Self {
        let language = visitor.language();
        let user = visitor.session().map(|session| {
            let actor = &session.actor;
            let name = match actor {
                Actor::Applicant { name, .. } | Actor::Officer { name, .. } => name.clone(),
                Actor::System => String::new(),
            };
            User {
                name,
                officer: matches!(actor, Actor::Officer { .. }),
                takes_leave: may(actor, Deed::Delegate, None),
                sees_desk: may(actor, Deed::ReadDesk, None),
                sees_figures: may(actor, Deed::ReadStatistics, None),
                manages_procedures: may(actor, Deed::ManageProcedures, None),
            }
        });
        Self {
            lang: language.tag(),
            path: visitor.path().to_owned(),
            province: portal.desk.province().name.get(language).to_owned(),
            notice: portal.settings.notice.as_ref().map(|notice| notice.get(language).to_owned()),
            user,
            unread: visitor.unread(),
            proof: visitor.token().form_proof(),
            assets: portal.theme.assets_path(),
            base_url: portal.settings.base_url.clone(),
            preview: portal.settings.preview.as_ref().map(|preview| preview.mistakes()),
        }
    }

    /// A shell for checking a theme: with a person or without.
    pub fn sample(language: Language, user: Option<User>) -> Self {
        Self {
            lang: language.tag(),
            path: "/".to_owned(),
            province: "Tỉnh Mẫu".to_owned(),
            notice: user.is_some().then(|| "Trang minh họa".to_owned()),
            unread: usize::from(user.is_some()),
            user,
            proof: "0".repeat(64),
            assets: "/assets/0".to_owned(),
            base_url: "https://motcua.example".to_owned(),
            preview: None,
        }
    }
}

/// Renders a page.
pub fn html<P: Page>(portal: &Portal, visitor: &Visitor, status: StatusCode, page: &P) -> Response {
    let shell = Shell::new(portal, visitor);
    match portal.theme.render(visitor.language(), &shell, page) {
        Ok(text) => (status, Html(text)).into_response(),
        Err(problem) => bare(shell.lang, &problem),
    }
}

/// Renders a page that is as asked for.
pub fn ok<P: Page>(portal: &Portal, visitor: &Visitor, page: &P) -> Response {
    html(portal, visitor, StatusCode::OK, page)
}

/// Renders a page with a form again in the language that a button of the form chose, and remembers the language.
pub fn in_language<P: Page>(portal: &Portal, visitor: &Visitor, language: Language, page: &P) -> Response {
    let cookie = [(header::SET_COOKIE, language_cookie(language))];
    (cookie, ok(portal, &visitor.reading(language), page)).into_response()
}

/// Renders a page with a form that has to wait, because somebody guesses.
pub fn to_wait<P: Page>(portal: &Portal, visitor: &Visitor, wait: Wait, page: &P) -> Response {
    (wait.header(), html(portal, visitor, StatusCode::TOO_MANY_REQUESTS, page)).into_response()
}
