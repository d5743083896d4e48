//! The profile of an applicant: the name, the number and the e-mail address.

use crate::pages::account::shown_again;
use crate::pages::own::proven::judged;
use crate::pages::render::{html, ok};
use crate::state::Portal;
use crate::theme::Page;
use crate::view::format;
use crate::web::address;
use crate::web::failure::Failure;
use crate::web::person::{Applicant, Kind as _, PostedBy};
use crate::web::typing::Query;
use crate::web::visitor::{PostedForm, Visitor};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use motcua_service::{EmailChange, Error, InputRule};
use serde::{Deserialize, Serialize};

/// The profile of an applicant.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ProfilePage {
    /// The name with which the applicant logs in.
    pub login: String,
    /// The full name, or the typed one.
    pub name: String,
    /// The mobile number, or the typed one.
    pub phone: String,
    /// The time since which the number is known to be the applicant's, or an empty text.
    pub phone_verified: String,
    /// The e-mail address of the account, or an empty text.
    pub email: String,
    /// The time since which the address is known to be the applicant's, or an empty text.
    pub email_verified: String,
    /// The typed e-mail address, or that of the account.
    pub typed_email: String,
    /// The address to which a code was sent that can still be typed, or an empty text.
    pub awaited: String,
    /// The portal sends mails, so an address is changed by a code.
    pub sends_codes: bool,
    /// The portal sends messages to phones, so a number is verified by a code.
    pub texts_codes: bool,
    /// A code was sent to the number that can still be typed.
    pub awaits_text: bool,
    /// The change that was just made: `profile`, `email`, `code`, `phone` or `text`, or an empty text.
    pub done: &'static str,
    /// The rule that was broken, under `refusal-<code>`, or an empty text.
    pub problem: &'static str,
    /// The id of the field with the problem, or an empty text.
    pub field: &'static str,
}

impl Page for ProfilePage {
    const TEMPLATE: &'static str = "profile.html";
    fn samples() -> Vec<Self> {
        let plain = Self {
            login: "0912345678".into(),
            name: "Nguyễn Văn An".into(),
            phone: "0912345678".into(),
            ..Self::default()
        };
        let known = Self {
            phone_verified: "24/11/2026 08:00".into(),
            email: "an@example.vn".into(),
            email_verified: "24/11/2026 08:00".into(),
            typed_email: "an@example.vn".into(),
            sends_codes: true,
            ..plain.clone()
        };
        let done = |done| Self { done, ..known.clone() };
        let broken =
            |form, rule: InputRule| Self { awaited: "binh@example.vn".into(), ..known.clone() }.broken(form, rule);
        let unknown = Self { email_verified: String::new(), ..known.clone() };
        let awaits = Self { awaited: "binh@example.vn".into(), done: "code", ..known.clone() };
        let mut samples = vec![plain, known.clone(), unknown, awaits, done("profile"), done("email")];
        samples.extend(
            [InputRule::Name, InputRule::Phone, InputRule::PhoneTaken, InputRule::PasswordWrong]
                .map(|rule| broken(ProfileForm::Profile, rule)),
        );
        samples.extend(
            [InputRule::Email, InputRule::EmailTaken, InputRule::PasswordWrong, InputRule::MailUnsent]
                .map(|rule| broken(ProfileForm::Email, rule)),
        );
        samples.push(broken(ProfileForm::Code, InputRule::CodeWrong));
        let texted = Self { phone_verified: String::new(), texts_codes: true, ..known.clone() };
        let awaits_text = Self { awaits_text: true, done: "text", ..texted.clone() };
        let rules = [InputRule::CodeWrong, InputRule::QuotaCodes, InputRule::TextNumber, InputRule::TextUnsent];
        samples.extend(rules.map(|rule| awaits_text.clone().broken(ProfileForm::Phone, rule)));
        samples.extend([texted, awaits_text, done("phone")]);
        samples
    }
}

/// A form of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ProfileForm {
    Profile,
    Email,
    Code,
    Phone,
}

impl ProfileForm {
    /// Returns the id of the field that broke a rule.
    fn field(self, rule: InputRule) -> &'static str {
        let is_password = rule == InputRule::PasswordWrong;
        match self {
            Self::Profile if is_password => "profile_password",
            Self::Profile if rule == InputRule::Name => "name",
            Self::Profile => "phone",
            Self::Email if is_password => "email_password",
            Self::Email => "email",
            Self::Code => "code",
            Self::Phone if rule == InputRule::CodeWrong => "phone_code",
            Self::Phone => "",
        }
    }
}

impl ProfilePage {
    /// Returns the page that says which rule a form broke.
    fn broken(self, form: ProfileForm, rule: InputRule) -> Self {
        Self { problem: rule.word(), field: form.field(rule), ..self }
    }
}

/// The query with the change that was just made.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ProfileQuery {
    #[serde(default)]
    done: String,
}

async fn page_of(portal: &Portal, visitor: &Applicant) -> Result<ProfilePage, Failure> {
    let language = visitor.language();
    let profile = portal.services.account.profile(visitor.actor()).await?;
    let moment = |at: Option<i64>| at.map_or_else(String::new, |at| format::second(at, language));
    let email = profile.email.unwrap_or_default();
    Ok(ProfilePage {
        login: profile.login,
        name: profile.name,
        phone: profile.phone,
        phone_verified: moment(profile.phone_verified_at),
        email_verified: moment(profile.email_verified_at),
        typed_email: email.clone(),
        email,
        awaited: profile.awaited.unwrap_or_default(),
        sends_codes: profile.sends_codes,
        texts_codes: profile.texts_codes,
        awaits_text: profile.awaits_text,
        ..ProfilePage::default()
    })
}

/// `GET /account/profile`: the applicant's own data.
pub async fn show(
    State(portal): State<Portal>,
    Query(query): Query<ProfileQuery>,
    visitor: Applicant,
) -> Result<Response, Failure> {
    let done =
        ["profile", "email", "code", "phone", "text"].into_iter().find(|word| *word == query.done).unwrap_or_default();
    Ok(ok(&portal, &visitor, &ProfilePage { done, ..page_of(&portal, &visitor).await? }))
}

/// Shows the page again with the rule that a form broke.
fn refused(portal: &Portal, visitor: &Applicant, page: ProfilePage, form: ProfileForm, rule: InputRule) -> Response {
    html(portal, visitor, StatusCode::UNPROCESSABLE_ENTITY, &page.broken(form, rule))
}

/// `POST /account/profile`: changes the name and the number. The password is typed again.
pub async fn change(State(portal): State<Portal>, visitor: Visitor, posted: PostedForm) -> Result<Response, Failure> {
    // A log-in does not carry passwords.
    let visitor = Applicant::of(visitor)?;
    let (name, phone) = (posted.get("name").to_owned(), posted.get("phone").to_owned());
    let page = ProfilePage { name: name.clone(), phone: phone.clone(), ..page_of(&portal, &visitor).await? };
    if let Some(shown) = shown_again(&portal, &visitor, &posted, &page) {
        return Ok(shown);
    }
    let account = &portal.services.account;
    let changed = account.change_profile(visitor.actor(), posted.get("password"), &name, &phone);
    match judged(&portal, &visitor, changed).await? {
        Ok(()) => Ok(Redirect::to(address::PROFILE_CHANGED).into_response()),
        Err(rule) => Ok(refused(&portal, &visitor, page, ProfileForm::Profile, rule)),
    }
}

/// `POST /account/email`: sends a code to a new e-mail address, for which the password is typed again, or changes the
/// address by the code that was sent.
pub async fn email(State(portal): State<Portal>, visitor: Visitor, posted: PostedForm) -> Result<Response, Failure> {
    let visitor = Applicant::of(visitor)?;
    let page = page_of(&portal, &visitor).await?;
    if posted.0.iter().any(|(name, _)| name == "code") {
        let confirmed = portal.services.account.confirm_email(visitor.actor(), posted.get("code"));
        return match judged(&portal, &visitor, confirmed).await? {
            Ok(()) => Ok(Redirect::to(address::EMAIL_CHANGED).into_response()),
            Err(rule) => Ok(refused(&portal, &visitor, page, ProfileForm::Code, rule)),
        };
    }
    let typed = posted.get("email").to_owned();
    let page = ProfilePage { typed_email: typed.clone(), ..page };
    if let Some(shown) = shown_again(&portal, &visitor, &posted, &page) {
        return Ok(shown);
    }
    let (account, language) = (&portal.services.account, visitor.language());
    let changed = account.change_email(visitor.actor(), posted.get("password"), &typed, language, &*portal.theme);
    match judged(&portal, &visitor, changed).await? {
        Ok(EmailChange::CodeSent) => Ok(Redirect::to(address::CODE_SENT).into_response()),
        Ok(EmailChange::Changed) => Ok(Redirect::to(address::EMAIL_CHANGED).into_response()),
        Err(rule) => Ok(refused(&portal, &visitor, page, ProfileForm::Email, rule)),
    }
}

/// `POST /account/phone`: sends a code to the number of the account, or verifies the number by the code that was sent.
pub async fn phone(
    State(portal): State<Portal>,
    PostedBy(visitor, posted): PostedBy<Applicant>,
) -> Result<Response, Failure> {
    let page = page_of(&portal, &visitor).await?;
    let (account, language) = (&portal.services.account, visitor.language());
    let done = if posted.0.iter().any(|(name, _)| name == "code") {
        let confirmed = account.confirm_phone(visitor.actor(), posted.get("code"));
        judged(&portal, &visitor, confirmed).await?.map(|()| address::PHONE_VERIFIED)
    } else {
        // No password is typed, so sending a code says nothing about wrong tries before.
        match account.text_code(visitor.actor(), language, &*portal.theme).await {
            Ok(true) => Ok(address::TEXT_SENT),
            Ok(false) => Ok(address::PHONE_VERIFIED),
            Err(Error::Invalid(rule)) => Err(rule),
            Err(error) => return Err(error.into()),
        }
    };
    match done {
        Ok(to) => Ok(Redirect::to(to).into_response()),
        Err(rule) => Ok(refused(&portal, &visitor, page, ProfileForm::Phone, rule)),
    }
}
