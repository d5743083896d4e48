//! Turning contexts into answers: a page with its shell, and plain text when no page can be rendered.

use crate::state::Portal;
use crate::state::preview::Preview;
use crate::state::throttle::ThrottleWait;
use crate::theme::{Page, PageLanguage, PreviewPerson, Shell, ShellLanguage, ShellUser, SplicedPage};
use crate::view::units::agency_name;
use crate::web::visitor::{Visitor, language_cookie};
use crate::web::{address, request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use motcua_domain::people::access::{Deed, may};
use motcua_domain::people::organisation::Actor;
use motcua_service::SessionToken;
use std::sync::Arc;

impl Shell {
    /// Returns the shell of a visitor's page.
    fn of(portal: &Portal, visitor: &Visitor) -> Self {
        let language = visitor.language();
        let user = visitor.session().map(|session| {
            let actor = &session.actor;
            let name = match actor {
                Actor::Applicant { name, .. } | Actor::Officer { name, .. } => name.clone(),
                Actor::System => String::new(),
            };
            ShellUser {
                name,
                officer: matches!(actor, Actor::Officer { .. }),
                takes_leave: may(actor, Deed::Delegate, None),
                sees_desk: may(actor, Deed::ReadDesk, None),
                receives: may(actor, Deed::MeetApplicant, None),
                sees_figures: may(actor, Deed::ReadStatistics, None),
                sees_cash: portal.services.cash.is_for(actor),
                sees_account_acts: may(actor, Deed::ReadAccountActs, None),
                sees_answers: portal.services.answers.has_readable(actor),
                sees_suggestions: may(actor, Deed::ReadSuggestions, None),
                manages_procedures: may(actor, Deed::ManageProcedures, None),
                manages_people: may(actor, Deed::ManagePeople, None),
                reads_audit: may(actor, Deed::ReadAudit, None),
            }
        });
        Self {
            lang: portal.theme.tag(visitor.page_language()).to_owned(),
            content_lang: language.tag(),
            other_languages: ShellLanguage::others(&portal.theme, visitor.page_language()),
            path: visitor.path().to_owned(),
            province: portal.services.province().name.get(language).to_owned(),
            notice: portal.settings.notice.as_ref().map(|notice| notice.get(language).to_owned()),
            user,
            unread: visitor.unread(),
            proof: visitor.token().form_proof(),
            assets: portal.theme.assets_path(),
            base_url: portal.settings.base_url.clone(),
            preview: portal.settings.preview.as_ref().map(|preview| preview.mistakes(language)),
            preview_people: portal
                .settings
                .preview
                .iter()
                .flat_map(|preview| preview_people(portal, preview, visitor))
                .collect(),
        }
    }
}

/// Returns the people in whose place a preview can be seen, if there is a choice.
fn preview_people(portal: &Portal, preview: &Preview, visitor: &Visitor) -> Vec<PreviewPerson> {
    if preview.people().count() < 2 {
        return Vec::new();
    }
    let now = visitor.session().map(|session| &session.actor);
    let agencies = &portal.services.province().agencies;
    let person = |(number, actor): (usize, &Actor)| {
        let (name, post) = match actor {
            Actor::Applicant { name, .. } => (name.clone(), None),
            Actor::Officer { name, posts, .. } => (name.clone(), posts.first()),
            Actor::System => (String::new(), None),
        };
        let role = post.map(|post| post.role.name().to_owned());
        let agency = post.map(|post| agency_name(agencies, &post.agency, visitor.language()));
        PreviewPerson { name, role, agency, to: address::preview_as(number), is_now: now == Some(actor) }
    };
    preview.people().enumerate().map(person).collect()
}

/// Renders a page.
pub fn html<P: Page>(portal: &Portal, visitor: &Visitor, status: StatusCode, page: &P) -> Response {
    let shell = Shell::of(portal, visitor);
    match portal.theme.render(visitor.page_language(), &shell, page) {
        Ok(text) => (status, Html(text)).into_response(),
        Err(problem) => bare(&shell.lang, &problem),
    }
}

/// Renders a page with the status 200.
pub fn ok<P: Page>(portal: &Portal, visitor: &Visitor, page: &P) -> Response {
    html(portal, visitor, StatusCode::OK, page)
}

/// Answers with a page that is the same in this release for all who are not logged in, but for the proofs of its forms.
/// Such a page is rendered once for its path.
pub async fn for_everybody<P: Page + Send + Sync + 'static>(
    portal: &Portal,
    visitor: &Visitor,
    headers: &HeaderMap,
    (release, path): (i64, &str),
    page: &Arc<P>,
) -> Response {
    let is_shared = visitor.session().is_none() && portal.settings.preview.is_none();
    // Anybody can make up queries and other spellings of the path, and the path of a visitor with a very long address
    // is that of another page.
    if !is_shared || visitor.path() != path {
        return ok(portal, visitor, &**page);
    }
    let key = (path.to_owned(), visitor.page_language());
    let (own, reader, made) = (portal.clone(), visitor.clone(), Arc::clone(page));
    let shared = portal.made.pages.get(release, key, move || spliced(&own, &reader, &*made)).await;
    match shared.as_deref() {
        Ok(Some(shared)) => shared.answer(headers, &visitor.token().form_proof()),
        // The page cannot be rendered, or no place is free.
        Ok(None) | Err(_) => ok(portal, visitor, &**page),
    }
}

/// Renders a page with a proof that nobody has.
fn spliced<P: Page>(portal: &Portal, visitor: &Visitor, page: &P) -> Option<SplicedPage> {
    let proof = SessionToken::random().form_proof();
    let shell = Shell { proof: proof.clone(), ..Shell::of(portal, visitor) };
    let text = portal.theme.render(visitor.page_language(), &shell, page).ok()?;
    SplicedPage::of(&text, &proof)
}

/// Renders a page with a form again in the language that a button of the form chose, and remembers the language.
pub fn in_language<P: Page>(portal: &Portal, visitor: &Visitor, language: PageLanguage, page: &P) -> Response {
    let cookie = [(header::SET_COOKIE, language_cookie(&portal.theme, language))];
    (cookie, ok(portal, &visitor.reading(language), page)).into_response()
}

/// Renders a page whose form has to wait, because the visitor guesses.
pub fn to_wait<P: Page>(portal: &Portal, visitor: &Visitor, wait: ThrottleWait, page: &P) -> Response {
    (wait.header(), html(portal, visitor, StatusCode::TOO_MANY_REQUESTS, page)).into_response()
}

/// Returns the answer when a handler panicked. The panic itself is in the log.
pub fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    fault_in_plain_text("a handler panicked", "")
}

/// Returns a plain answer, when even the page of an error cannot be rendered.
fn bare(lang: &str, problem: &minijinja::Error) -> Response {
    fault_in_plain_text(&format!("{problem:#}"), lang)
}

fn fault_in_plain_text(problem: &str, lang: &str) -> Response {
    let incident = request::number();
    tracing::error!(%incident, problem, lang, "a page cannot be shown");
    let text = format!(
        "Lỗi hệ thống, mã {incident}. Vui lòng thử lại sau.\nSystem fault {incident}. Please try again later.\n"
    );
    (StatusCode::INTERNAL_SERVER_ERROR, text).into_response()
}
