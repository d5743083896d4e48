//! Accounts: registering and logging in.

pub mod log_out;
pub mod second;

use crate::pages::draft::start::begin;
use crate::pages::render::{html, in_language, ok, to_wait};
use crate::pages::resume::ResumePage;
use crate::state::Portal;
use crate::state::throttle::GuessTarget;
use crate::theme::Page;
use crate::web::address::{self, own_path};
use crate::web::again::{CarriedField, OPEN, PROOF, WISH};
use crate::web::device;
use crate::web::failure::{Carry, Failure};
use crate::web::person::{Applicant, Kind as _};
use crate::web::typing::Query;
use crate::web::visitor::{PostedForm, Visitor, command, device_cookie, session_cookie};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use motcua_domain::identity;
use motcua_domain::people::access::{Deed, may};
use motcua_domain::people::organisation::Actor;
use motcua_service::catalogue::login::LoginAudience;
use motcua_service::{Error, InputRule, LogInStep, LoggedIn, OfferedProvider, Registration};
use second::SecondStepPage;
use serde::{Deserialize, Serialize};

/// The page for logging in.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LoginPage {
    /// The typed phone number, e-mail address or user name, or an empty text.
    pub login: String,
    /// The log-in failed, because the name or the password is wrong.
    pub wrong: bool,
    /// The minutes until the next try is allowed, or 0.
    pub wait: i64,
    /// Too many others log in at this moment.
    pub busy: bool,
    /// The address after the log-in.
    pub next: String,
    /// The fields that were posted when the session had ended. The log-in carries them.
    pub carried: Vec<CarriedField>,
    /// The session had ended when a form was posted.
    pub ended: bool,
    /// The carried form was an upload.
    pub upload: bool,
    /// The upload was so large that none of its fields are carried.
    pub too_large: bool,
    /// The providers at which people log in instead.
    pub providers: Vec<ProviderLink>,
    /// The reason why a provider brought nobody in, under `refusal-<code>`, or an empty text.
    pub problem: &'static str,
    /// The address of the provider to which the visitor goes on with the carried fields, or an empty text.
    pub go: String,
}

/// A provider at which people log in.
#[derive(Debug, Clone, Serialize)]
pub struct ProviderLink {
    /// The id of the provider, for the form that takes fields along.
    pub id: String,
    /// The address that sends the visitor there.
    pub to: String,
    /// The name of the provider.
    pub name: String,
    /// Officers log in there, and not citizens.
    pub staff: bool,
    /// The provider gave no answer a moment ago.
    pub down: bool,
}

impl LoginPage {
    /// Returns the page with the providers, in the language of the visitor.
    pub fn offering(self, portal: &Portal, visitor: &Visitor) -> Self {
        let link = |provider: OfferedProvider| ProviderLink {
            to: address::log_in_at(&provider.id, &self.next),
            id: provider.id,
            name: provider.name.get(visitor.language()).to_owned(),
            staff: provider.audience == LoginAudience::Staff,
            down: provider.is_down,
        };
        let providers = portal.services.people.providers().into_iter().map(link).collect();
        Self { providers, ..self }
    }

    /// Returns the page that says why a provider brought nobody in.
    pub fn refused(portal: &Portal, visitor: &Visitor, next: &str, carry: Carry, rule: InputRule) -> Self {
        let page = Self::carrying(next, carry).offering(portal, visitor);
        Self { problem: rule.word(), ..page }
    }

    /// Returns the log-in that leads to `next` and carries the fields that were posted there.
    pub fn carrying(next: &str, carry: Carry) -> Self {
        let carried = CarriedField::all(carry.posted.into_iter().filter(|(name, _)| name != PROOF));
        let ended = carry.ended || !carried.is_empty();
        let Carry { upload, too_large, .. } = carry;
        Self { ended, next: own_path(next), carried, upload, too_large, ..Self::default() }
    }
}

impl Page for LoginPage {
    const TEMPLATE: &'static str = "login.html";
    fn samples() -> Vec<Self> {
        let carried = CarriedField::samples();
        let link = |name: &str, staff, down| ProviderLink {
            id: "vneid".into(),
            to: "/login/with/vneid?next=%2F".into(),
            name: name.into(),
            staff,
            down,
        };
        let links = vec![link("VNeID", false, false), link("Thư mục cán bộ", true, true)];
        let mut samples = vec![
            Self { next: "/".into(), ..Self::default() },
            Self {
                login: "0912345678".into(),
                wrong: true,
                next: "/account".into(),
                carried: carried.clone(),
                ended: true,
                upload: true,
                ..Self::default()
            },
            Self { next: "/account".into(), ended: true, upload: true, ..Self::default() },
            Self { next: "/account".into(), ended: true, upload: true, too_large: true, ..Self::default() },
            Self { next: "/account".into(), carried: carried.clone(), ended: true, ..Self::default() },
            Self { next: "/procedures/so/thu-tuc/apply".into(), ended: true, ..Self::default() },
            Self { wait: 1, ..Self::default() },
            Self { wait: 15, ..Self::default() },
            Self { busy: true, ..Self::default() },
            Self { providers: links.clone(), next: "/".into(), ..Self::default() },
            Self { providers: links.clone(), next: "/account".into(), carried, ended: true, ..Self::default() },
            Self { go: "https://id.example.vn/authorize".into(), next: "/account".into(), ..Self::default() },
        ];
        let refused = |rule: &InputRule| Self { problem: rule.word(), providers: links.clone(), ..Self::default() };
        samples.extend(OF_PROVIDERS.iter().map(refused));
        samples
    }
}

/// The reasons why a provider brings nobody in.
const OF_PROVIDERS: [InputRule; 10] = [
    InputRule::ProviderDown,
    InputRule::ProviderDenied,
    InputRule::ProviderState,
    InputRule::ProviderAnswer,
    InputRule::ProviderLevel,
    InputRule::ProviderIdentity,
    InputRule::ProviderUnknown,
    InputRule::ProviderClosed,
    InputRule::ProviderCrowd,
    InputRule::ProviderLong,
];

/// The address after logging in.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct NextQuery {
    #[serde(default)]
    next: String,
}

impl NextQuery {
    /// Returns the address on this portal.
    pub fn path(&self) -> String {
        own_path(&self.next)
    }
}

/// `GET /login?next=`
pub async fn login_form(State(portal): State<Portal>, visitor: Visitor, Query(query): Query<NextQuery>) -> Response {
    let next = query.path();
    let page = || {
        let page = LoginPage { next: next.clone(), ..LoginPage::default() };
        ok(&portal, &visitor, &page.offering(&portal, &visitor))
    };
    past_log_in(&portal, &visitor, &next).unwrap_or_else(page)
}

/// Redirects a person who is logged in past the log-in. In a preview everybody is logged in, and the page is shown.
fn past_log_in(portal: &Portal, visitor: &Visitor, next: &str) -> Option<Response> {
    let session = visitor.session().filter(|_| portal.settings.preview.is_none())?;
    Some(Redirect::to(after_log_in(&session.actor, next)).into_response())
}

/// Returns the address after the log-in.
fn after_log_in<'a>(actor: &Actor, next: &'a str) -> &'a str {
    match actor {
        _ if next != address::HOME => next,
        Actor::Officer { .. } if may(actor, Deed::ReadDesk, None) => address::DESK,
        Actor::Officer { .. } if may(actor, Deed::ReadStatistics, None) => address::FIGURES,
        Actor::Officer { .. } | Actor::System => address::PROCEDURES,
        Actor::Applicant { .. } => address::ACCOUNT,
    }
}

const CARRIED: &str = "carried.";

/// Returns the address after a log-in or a registration, and the fields that it carries.
fn taken_along(posted: &PostedForm) -> (String, Carry) {
    let of = |(name, value): &(String, String)| Some((name.strip_prefix(CARRIED)?.to_owned(), value.clone()));
    let yes = |name| posted.get(name) == "yes";
    let carry = Carry {
        posted: posted.0.iter().filter_map(of).collect(),
        upload: yes("upload"),
        too_large: yes("too_large"),
        ended: yes("ended"),
    };
    (own_path(posted.get("next")), carry)
}

/// Returns the page with its typed fields, if a button only shows it: in the other language, or from another page.
pub fn shown_again<P: Page>(portal: &Portal, visitor: &Visitor, posted: &PostedForm, page: &P) -> Option<Response> {
    match posted.language(portal) {
        Some(language) => Some(in_language(portal, visitor, language, page)),
        None => (posted.get(WISH) == OPEN).then(|| ok(portal, visitor, page)),
    }
}

/// `POST /login`: opens a session under a new token.
pub async fn login(
    State(portal): State<Portal>,
    visitor: Visitor,
    headers: HeaderMap,
    posted: PostedForm,
) -> Result<Response, Failure> {
    let login = posted.get("login").trim().to_owned();
    let (next, carry) = taken_along(&posted);
    let reader = posted.language(&portal).map_or_else(|| visitor.clone(), |language| visitor.reading(language));
    let again = LoginPage::carrying(&next, carry.clone()).offering(&portal, &reader);
    let again = LoginPage { login: login.clone(), ..again };
    if let Some(shown) = shown_again(&portal, &visitor, &posted, &again) {
        return Ok(shown);
    }
    let provider = posted.get("at");
    if !provider.is_empty() {
        return to_provider(&portal, &visitor, provider, &carry, again).await;
    }
    let account = identity::login(&login);
    let guesser = visitor.guesser(&portal, Some(&account));
    let attempt = match portal.throttle.begin(GuessTarget::Account(&account), guesser, portal.services.now()) {
        Ok(attempt) => attempt,
        Err(wait) => {
            let page = LoginPage { wait: wait.minutes(), ..again };
            return Ok(to_wait(&portal, &visitor, wait, &page));
        }
    };
    match portal.services.people.begin_log_in(&login, posted.get("password"), &device::words(&headers)).await {
        Ok(LogInStep::Done(logged_in)) => {
            attempt.was_right();
            Ok(welcome(&portal, &visitor, &account, &logged_in, next, carry).await)
        }
        // A right password ends no wait of wrong codes, which count with wrong passwords.
        Ok(LogInStep::Code(ticket)) => {
            attempt.was_not_judged();
            Ok(ok(&portal, &visitor, &SecondStepPage::asking(ticket, again)))
        }
        Ok(LogInStep::SetUp(factor)) => {
            attempt.was_not_judged();
            let page = SecondStepPage::asking(factor.ticket.clone(), again).setting_up(&portal, &visitor, &factor);
            Ok(ok(&portal, &visitor, &page))
        }
        Err(Error::Invalid(_)) => {
            attempt.counts();
            let page = LoginPage { wrong: true, ..again };
            Ok(html(&portal, &visitor, StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(Error::Busy) => {
            attempt.was_not_judged();
            let page = LoginPage { busy: true, ..again };
            Ok(html(&portal, &visitor, StatusCode::SERVICE_UNAVAILABLE, &page))
        }
        Err(error) => {
            attempt.was_not_judged();
            Err(error.into())
        }
    }
}

/// Begins a log-in at a provider that carries a form. The page leads there by a link, because a form of ours is sent
/// nowhere else.
async fn to_provider(
    portal: &Portal,
    visitor: &Visitor,
    provider: &str,
    carry: &Carry,
    page: LoginPage,
) -> Result<Response, Failure> {
    let (people, network) = (&portal.services.people, visitor.network_name());
    let Some(kept) = carry.kept() else {
        let page = LoginPage { problem: InputRule::ProviderLong.word(), ..page };
        return Ok(html(portal, visitor, StatusCode::UNPROCESSABLE_ENTITY, &page));
    };
    match people.begin_at_provider(provider, visitor.token(), &network, &page.next, kept).await {
        Ok(go) => Ok(ok(portal, visitor, &LoginPage { go, ..page })),
        Err(Error::Invalid(rule)) => {
            let page = LoginPage { problem: rule.word(), ..page };
            Ok(html(portal, visitor, StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(error) => Err(error.into()),
    }
}

/// Answers a visitor who has logged in: with the draft that they wanted to begin, with the form that was posted before,
/// or with the page that they wanted.
pub async fn welcome(
    portal: &Portal,
    visitor: &Visitor,
    login: &str,
    logged_in: &LoggedIn,
    next: String,
    carry: Carry,
) -> Response {
    let device = device_cookie(portal, &portal.services.people.name_device(login));
    let cookie =
        AppendHeaders([(header::SET_COOKIE, session_cookie(portal, &logged_in.token)), (header::SET_COOKIE, device)]);
    let visitor = visitor.with_session(logged_in);
    if let Some(begun) = Box::pin(begun(portal, &visitor, &next, &carry)).await {
        return (cookie, begun).into_response();
    }
    // A button without fields is pressed again. An upload without fields has nothing to carry.
    if !carry.posted.is_empty() || (carry.ended && !carry.upload) {
        let proof = logged_in.token.form_proof();
        let page = ResumePage { action: next, carried: CarriedField::all(carry.posted), upload: carry.upload, proof };
        return (cookie, ok(portal, &visitor, &page)).into_response();
    }
    (cookie, Redirect::to(after_log_in(&logged_in.actor, &next))).into_response()
}

/// Begins the draft for which an applicant logged in or registered, so that nobody presses the button twice. A form that
/// is refused is carried on, and says why when it is sent.
async fn begun(portal: &Portal, visitor: &Visitor, next: &str, carry: &Carry) -> Option<Response> {
    let procedure = address::apply_of(next).filter(|_| carry.ended)?;
    let applicant = Applicant::of(visitor.clone()).ok()?;
    begin(portal, &applicant, procedure, PostedForm(carry.posted.clone())).await.ok()
}

/// The page for opening an account.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RegisterPage {
    /// The typed full name, or an empty text.
    pub name: String,
    /// The typed phone number, or an empty text.
    pub phone: String,
    /// The typed e-mail address, or an empty text.
    pub email: String,
    /// The e-mail address becomes the log-in, because the phone number is taken.
    pub by_email: bool,
    /// The rule that was broken, under `refusal-<code>`.
    pub problem: Option<String>,
    /// The minutes until the next try is allowed, or 0.
    pub wait: i64,
    /// Too many others log in at this moment.
    pub busy: bool,
    /// The address after the registration.
    pub next: String,
    /// The carried fields, as in [`LoginPage`].
    pub carried: Vec<CarriedField>,
    /// The session had ended when a form was posted.
    pub ended: bool,
    /// The carried form was an upload.
    pub upload: bool,
    /// The upload was so large that none of its fields are carried.
    pub too_large: bool,
    /// The proof as it was posted, so that a repeated registration is the same command. It is empty on a new page.
    pub proof: String,
}

impl RegisterPage {
    /// Returns the registration that leads to `next` and carries the fields that were posted there.
    fn carrying(next: &str, carry: Carry) -> Self {
        let LoginPage { next, carried, ended, upload, too_large, .. } = LoginPage::carrying(next, carry);
        Self { next, carried, ended, upload, too_large, ..Self::default() }
    }
}

impl Page for RegisterPage {
    const TEMPLATE: &'static str = "register.html";
    fn samples() -> Vec<Self> {
        let broken =
            |rule: &str| Self { name: "An".into(), problem: Some(rule.into()), next: "/".into(), ..Self::default() };
        let rules = [
            "name",
            "phone",
            "email",
            "email-taken",
            "phone-taken",
            "password-short",
            "password-long",
            "password-common",
        ];
        let carry =
            |upload| Carry { posted: vec![("full_name".into(), "An".into())], upload, ended: true, ..Carry::default() };
        let others = [
            Self::default(),
            Self { wait: 1, ..Self::default() },
            Self { wait: 15, ..Self::default() },
            Self { busy: true, proof: "0".into(), ..Self::default() },
            Self::carrying("/drafts/x/1", carry(false)),
            Self::carrying("/drafts/x/1", carry(true)),
        ];
        others.into_iter().chain(rules.into_iter().map(broken)).collect()
    }
}

/// `GET /register?next=`
pub async fn register_form(State(portal): State<Portal>, visitor: Visitor, Query(query): Query<NextQuery>) -> Response {
    let next = query.path();
    let page = || ok(&portal, &visitor, &RegisterPage { next: next.clone(), ..RegisterPage::default() });
    past_log_in(&portal, &visitor, &next).unwrap_or_else(page)
}

/// `POST /register`: opens an account and logs in. Posting twice from one page opens one account.
pub async fn register(
    State(portal): State<Portal>,
    visitor: Visitor,
    headers: HeaderMap,
    posted: PostedForm,
) -> Result<Response, Failure> {
    let (next, carry) = taken_along(&posted);
    let page = RegisterPage {
        name: posted.get("name").to_owned(),
        phone: posted.get("phone").to_owned(),
        email: posted.get("email").to_owned(),
        by_email: posted.get("by_email") == "yes",
        proof: posted.get(PROOF).to_owned(),
        ..RegisterPage::carrying(&next, carry.clone())
    };
    if let Some(shown) = shown_again(&portal, &visitor, &posted, &page) {
        return Ok(shown);
    }
    let guesser = visitor.guesser(&portal, None);
    match portal.throttle.begin(GuessTarget::Any, guesser, portal.services.now()) {
        Ok(attempt) => attempt.counts(),
        Err(wait) => {
            let page = RegisterPage { wait: wait.minutes(), ..page };
            return Ok(to_wait(&portal, &visitor, wait, &page));
        }
    }
    let password = posted.get("password").to_owned();
    let registration = Registration {
        name: page.name.clone(),
        phone: page.phone.clone(),
        email: page.email.clone(),
        password: password.clone(),
        by_email: page.by_email,
    };
    let command = command(&page.proof, &("register", &page.name, &page.phone, &page.email, page.by_email))?;
    match portal.services.people.register_by(&command, registration).await {
        Ok(_) => {}
        Err(Error::Invalid(rule)) => {
            let page = RegisterPage { problem: Some(rule.word().to_owned()), ..page };
            return Ok(html(&portal, &visitor, StatusCode::UNPROCESSABLE_ENTITY, &page));
        }
        Err(Error::Busy) => {
            let page = RegisterPage { busy: true, ..page };
            return Ok(html(&portal, &visitor, StatusCode::SERVICE_UNAVAILABLE, &page));
        }
        Err(error) => return Err(error.into()),
    }
    let login = if page.by_email { page.email } else { page.phone };
    match portal.services.people.log_in_from(&login, &password, &device::words(&headers)).await {
        Ok(logged_in) => Ok(welcome(&portal, &visitor, &login, &logged_in, next, carry).await),
        // The account exists, so only the log-in is missing.
        Err(Error::Busy) => {
            let page = LoginPage::carrying(&next, carry).offering(&portal, &visitor);
            let page = LoginPage { login, busy: true, ..page };
            Ok(html(&portal, &visitor, StatusCode::SERVICE_UNAVAILABLE, &page))
        }
        Err(error) => Err(error.into()),
    }
}
