//! The log-ins at providers that are linked to an applicant's own account.

use crate::pages::account::shown_again;
use crate::pages::own::proven::judged;
use crate::pages::render::{html, ok};
use crate::state::Portal;
use crate::theme::Page;
use crate::view::format;
use crate::web::address;
use crate::web::failure::Failure;
use crate::web::person::{Applicant, Kind as _};
use crate::web::typing::Query;
use crate::web::visitor::{PostedForm, Visitor};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use motcua_domain::text::Language;
use motcua_service::catalogue::login::LoginAudience;
use motcua_service::{InputRule, LinkedLogin};
use serde::{Deserialize, Serialize};

/// The log-ins at providers of an applicant.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LoginsPage {
    /// The name with which the applicant logs in.
    pub login: String,
    /// The account has a password.
    pub has_password: bool,
    /// The people at providers who are linked, the oldest link first.
    pub linked: Vec<LinkLine>,
    /// The providers at which the applicant can link a log-in.
    pub providers: Vec<LinkChoice>,
    /// The address of the provider to which the applicant goes on, or an empty text.
    pub go: String,
    /// The name of that provider.
    pub provider: String,
    /// The deed that was done: `linked`, `unlinked`, or an empty text.
    pub done: String,
    /// The rule that was broken, under `refusal-<code>`, or an empty text.
    pub problem: String,
    /// The id of the field with the problem, or an empty text.
    pub field: String,
}

/// A person at a provider who is linked to the account.
#[derive(Debug, Clone, Serialize)]
pub struct LinkLine {
    /// The name of the link, for the form that ends it.
    pub id: String,
    /// The name of the provider.
    pub provider: String,
    /// The name of the person at the provider.
    pub name: String,
    /// The assurance level of the last log-in, or 0.
    pub level: i64,
    /// The time at which the person was linked.
    pub linked: String,
    /// The time of the last log-in.
    pub used: String,
}

/// A provider at which a log-in can be linked.
#[derive(Debug, Clone, Serialize)]
pub struct LinkChoice {
    /// The id of the provider, for the form that links a log-in.
    pub id: String,
    /// The name of the provider.
    pub name: String,
}

impl LinkLine {
    fn of(linked: LinkedLogin, language: Language) -> Self {
        Self {
            id: linked.id,
            provider: linked.provider.get(language).to_owned(),
            name: linked.name,
            level: linked.level,
            linked: format::second(linked.linked_at, language),
            used: format::second(linked.used_at, language),
        }
    }
}

impl Page for LoginsPage {
    const TEMPLATE: &'static str = "logins.html";
    fn samples() -> Vec<Self> {
        let choice = LinkChoice { id: "vneid".into(), name: "VNeID".into() };
        let line = |level| LinkLine {
            id: "0".into(),
            provider: "VNeID".into(),
            name: "Nguyễn Văn An".into(),
            level,
            linked: "24/11/2026 08:00".into(),
            used: "24/11/2026 09:00".into(),
        };
        let plain = Self { login: "0912345678".into(), has_password: true, providers: vec![choice], ..Self::default() };
        let listed = Self { linked: vec![line(2), line(0)], ..plain.clone() };
        let mut samples = vec![
            Self { login: "0912345678".into(), has_password: true, ..Self::default() },
            Self { go: "https://id.example.vn/authorize".into(), provider: "VNeID".into(), ..plain.clone() },
            Self { has_password: false, done: "linked".into(), ..listed.clone() },
            Self { done: "unlinked".into(), ..plain.clone() },
        ];
        let broken = |rule: InputRule| plain.clone().broken(rule.word());
        samples.extend(
            [InputRule::PasswordWrong, InputRule::ProviderTaken, InputRule::ProviderLast, InputRule::ProviderDown]
                .map(broken),
        );
        samples.extend([plain, listed]);
        samples
    }
}

impl LoginsPage {
    /// Returns the page that says which rule was broken.
    fn broken(self, rule: &str) -> Self {
        let field = if rule == InputRule::PasswordWrong.word() && self.has_password { "password" } else { "" };
        Self { problem: rule.to_owned(), field: field.to_owned(), ..self }
    }
}

/// The query with what was just done, or with the reason why a link failed.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct LoginsQuery {
    #[serde(default)]
    done: String,
    #[serde(default)]
    problem: String,
}

async fn page_of(portal: &Portal, visitor: &Applicant) -> Result<LoginsPage, Failure> {
    let (people, language) = (&portal.services.people, visitor.language());
    let linked = people.linked_logins(visitor.actor()).await?;
    let offered = people.providers().into_iter().filter(|known| known.audience == LoginAudience::Citizens);
    Ok(LoginsPage {
        login: people.login_name(visitor.actor()).await?,
        has_password: people.has_own_password(visitor.actor()).await?,
        linked: linked.into_iter().map(|linked| LinkLine::of(linked, language)).collect(),
        providers: offered
            .map(|known| LinkChoice { id: known.id, name: known.name.get(language).to_owned() })
            .collect(),
        ..LoginsPage::default()
    })
}

/// `GET /account/logins`: the log-ins that are linked, and a form that links another one.
pub async fn show(
    State(portal): State<Portal>,
    Query(query): Query<LoginsQuery>,
    visitor: Applicant,
) -> Result<Response, Failure> {
    let page = page_of(&portal, &visitor).await?;
    let done = if ["linked", "unlinked"].contains(&query.done.as_str()) { query.done } else { String::new() };
    let page = LoginsPage { done, ..page };
    // An address says only what a provider can cause. A word that is no rule has no text.
    let of_provider = Some(query.problem).filter(|word| word.starts_with("provider-"));
    let rule = of_provider.and_then(|word| InputRule::ALL.iter().find(|rule| rule.word() == word));
    let page = match rule {
        Some(rule) => page.broken(rule.word()),
        None => page,
    };
    Ok(ok(&portal, &visitor, &page))
}

/// `POST /account/logins`: begins a link at a provider, or ends one. The password is typed again.
pub async fn change(State(portal): State<Portal>, visitor: Visitor, posted: PostedForm) -> Result<Response, Failure> {
    // A log-in does not carry passwords.
    let visitor = Applicant::of(visitor)?;
    let (people, password) = (&portal.services.people, posted.get("password"));
    let (provider, ended) = (posted.get("provider"), posted.get("link"));
    let page = page_of(&portal, &visitor).await?;
    if let Some(shown) = shown_again(&portal, &visitor, &posted, &page) {
        return Ok(shown);
    }
    if !ended.is_empty() {
        let unlinked = people.unlink(visitor.actor(), password, ended);
        return match judged(&portal, &visitor, unlinked).await? {
            Ok(()) => Ok(Redirect::to(address::LOGIN_UNLINKED).into_response()),
            Err(rule) => Ok(html(&portal, &visitor, StatusCode::UNPROCESSABLE_ENTITY, &page.broken(rule.word()))),
        };
    }
    let network = visitor.network_name();
    let begun = people.begin_to_link(visitor.actor(), password, provider, visitor.token(), &network);
    match judged(&portal, &visitor, begun).await? {
        Ok(go) => {
            let name = page.providers.iter().find(|known| known.id == provider).map(|known| known.name.clone());
            Ok(ok(&portal, &visitor, &LoginsPage { go, provider: name.unwrap_or_default(), ..page }))
        }
        Err(rule) => Ok(html(&portal, &visitor, StatusCode::UNPROCESSABLE_ENTITY, &page.broken(rule.word()))),
    }
}
