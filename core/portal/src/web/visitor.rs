//! The sender of a request: the cookie, the session behind it, the language.

use crate::state::Portal;
use crate::state::network::{self, Network};
use crate::state::throttle::Guesser;
use crate::theme::{PageLanguage, Theme};
use crate::web::again::{AgainForm, PROOF, WISH, is_upload};
use crate::web::failure::Failure;
use crate::web::origin::{is_from_own_page, require_own_page};
use crate::web::security::is_https;
use crate::web::typing::cleaned;
use crate::web::{body, limits};
use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, MatchedPath, Request};
use axum::http::request::Parts;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};
use motcua_domain::names::CommandId;
use motcua_domain::text::Language;
use motcua_service::{Error, LoggedIn, LoginSession, SessionToken};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};

const COOKIE: &str = "motcua";

/// The cookie of a browser on which the owner logged in before, so that wrong tries of others do not delay them.
const DEVICE_COOKIE: &str = "motcua_device";
const LANGUAGE_COOKIE: &str = "motcua_language";

/// The cookie with the number of the person in whose place a preview is seen.
const PREVIEW_COOKIE: &str = "motcua_preview";

/// The sender of a request.
#[derive(Debug, Clone)]
pub struct Visitor {
    inner: Arc<VisitorInner>,
}

#[derive(Debug, Clone)]
struct VisitorInner {
    token: SessionToken,
    session: Option<LoginSession>,
    unread: usize,
    language: PageLanguage,
    network: Network,
    device: Option<String>,
    path: String,
    /// The request posts a form.
    posts: bool,
    /// The form is sent in parts.
    uploads: bool,
    /// The form that was posted, for the page that lets it be sent again.
    posted: OnceLock<AgainForm>,
}

impl Visitor {
    /// Returns the sender of a request with this session, from its cookies and its address.
    pub fn of(
        portal: &Portal,
        request: &Request,
        token: SessionToken,
        session: Option<LoginSession>,
        unread: usize,
    ) -> Self {
        let (prefix, _) = cookie_affixes(portal);
        let device = cookie(request.headers(), &format!("{prefix}{DEVICE_COOKIE}")).map(str::to_owned);
        Self {
            inner: Arc::new(VisitorInner {
                language: named_language(&portal.theme, request.uri()).unwrap_or_else(|| {
                    portal.theme.language(cookie(request.headers(), LANGUAGE_COOKIE).unwrap_or_default())
                }),
                session,
                unread,
                network: Network::of(address(portal, request)),
                device,
                posts: request.method() == Method::POST,
                uploads: is_upload(request.headers()),
                path: without_language(&portal.theme, way_back(request.uri())),
                token,
                posted: OnceLock::new(),
            }),
        }
    }

    /// Returns the same visitor as a reader of another language.
    pub fn reading(&self, language: PageLanguage) -> Self {
        Self { inner: Arc::new(VisitorInner { language, ..(*self.inner).clone() }) }
    }

    /// Returns the same visitor with the session that was just opened.
    pub fn with_session(&self, opened: &LoggedIn) -> Self {
        let session = Some(LoginSession { actor: opened.actor.clone() });
        Self { inner: Arc::new(VisitorInner { token: opened.token.clone(), session, ..(*self.inner).clone() }) }
    }

    /// Returns the same visitor after logging out.
    pub fn without_session(&self) -> Self {
        Self { inner: Arc::new(VisitorInner { session: None, unread: 0, ..(*self.inner).clone() }) }
    }

    /// Returns the network of the sender in words.
    pub fn network_name(&self) -> String {
        self.inner.network.to_string()
    }

    pub fn token(&self) -> &SessionToken {
        &self.inner.token
    }

    pub fn session(&self) -> Option<&LoginSession> {
        self.inner.session.as_ref()
    }

    /// Returns the language of numbers, of dates and of what authors wrote.
    pub fn language(&self) -> Language {
        self.inner.language.content()
    }

    /// Returns the language of the page, which a theme may have brought.
    pub fn page_language(&self) -> PageLanguage {
        self.inner.language
    }

    /// Returns the number of unread notices, up to 9.
    pub fn unread(&self) -> usize {
        self.inner.unread
    }

    /// Returns the source of a guess. A device on which the owner of the account `login` logged in before is known.
    pub fn guesser(&self, portal: &Portal, login: Option<&str>) -> Guesser<'_> {
        let known = |device: &&str| login.is_some_and(|login| portal.services.people.knows_device(login, device));
        Guesser { network: self.inner.network, device: self.inner.device.as_deref().filter(known) }
    }

    /// Returns the path and the query of the request.
    pub fn path(&self) -> &str {
        &self.inner.path
    }

    /// Returns whether the request posts a form.
    pub fn posts(&self) -> bool {
        self.inner.posts
    }

    /// Returns whether the request has a form in parts, which may have files.
    pub fn uploads(&self) -> bool {
        self.inner.uploads
    }

    /// Stores a form that came from a page of ours, if its page may carry it.
    pub fn keep(&self, fields: Vec<(String, String)>, upload: bool) {
        if let Some(form) = AgainForm::of(self.path(), fields, upload) {
            // A request posts one form.
            drop(self.inner.posted.set(form));
        }
    }

    /// Returns the posted form, if it can be sent again as it was.
    pub fn posted(&self) -> Option<&AgainForm> {
        self.inner.posted.get()
    }
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|line| line.split(';'))
        .find_map(|pair| pair.trim().split_once('=').filter(|(key, _)| *key == name).map(|(_, value)| value))
}

/// Returns the address of a request, for links that lead back to it.
///
/// The query is left out if such a link could be longer than an address may be, because each byte takes up to three
/// there.
fn way_back(uri: &Uri) -> &str {
    let fits = |address: &&str| limits::fits_in_another(address);
    let whole = uri.path_and_query().map(PathAndQuery::as_str).filter(fits);
    whole.or_else(|| Some(uri.path()).filter(fits)).unwrap_or("/")
}

/// Returns the language that a part of a query names, for links from search engines.
fn language_in(theme: &Theme, part: &str) -> Option<PageLanguage> {
    theme.named_language(part.strip_prefix("lang=")?)
}

/// Returns the language that an address names.
fn named_language(theme: &Theme, uri: &Uri) -> Option<PageLanguage> {
    uri.query()?.split('&').find_map(|part| language_in(theme, part))
}

/// Returns an address without the language that it names, so that the way back is in the language of the cookie.
fn without_language(theme: &Theme, address: &str) -> String {
    let Some((path, query)) = address.split_once('?') else { return address.to_owned() };
    let is_other = |part: &&str| language_in(theme, part).is_none();
    let others: Vec<&str> = query.split('&').filter(is_other).collect();
    if others.is_empty() { path.to_owned() } else { format!("{path}?{}", others.join("&")) }
}

/// Returns the beginning of the names of cookies, and the end of their values.
///
/// With https, a browser accepts a cookie with this prefix only from this host, so a neighbour under the same domain
/// cannot log a person in under another account.
fn cookie_affixes(portal: &Portal) -> (&'static str, &'static str) {
    if is_https(&portal.settings.base_url) { ("__Host-", "; Secure") } else { ("", "") }
}

/// Returns the token of the session that a browser names.
pub fn token_of(portal: &Portal, headers: &HeaderMap) -> Option<SessionToken> {
    let (prefix, _) = cookie_affixes(portal);
    cookie(headers, &format!("{prefix}{COOKIE}")).and_then(SessionToken::parse)
}

/// Returns the value of a `Set-Cookie` header for the session.
pub fn session_cookie(portal: &Portal, token: &SessionToken) -> HeaderValue {
    let (prefix, secure) = cookie_affixes(portal);
    let text = format!("{prefix}{COOKIE}={}; Path=/; HttpOnly; SameSite=Lax{secure}", token.secret());
    HeaderValue::from_str(&text).expect("a token is made of hexadecimal digits")
}

/// Returns the value of a `Set-Cookie` header for a device on which a person logged in.
pub fn device_cookie(portal: &Portal, device: &str) -> HeaderValue {
    let (prefix, secure) = cookie_affixes(portal);
    let text = format!("{prefix}{DEVICE_COOKIE}={device}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&text).expect("the name of a device is made of hexadecimal digits")
}

/// Returns the value of a `Set-Cookie` header for a language of the theme.
pub fn language_cookie(theme: &Theme, language: PageLanguage) -> HeaderValue {
    let text = format!("{LANGUAGE_COOKIE}={}; Path=/; Max-Age=31536000; SameSite=Lax", theme.tag(language));
    HeaderValue::from_str(&text).expect("a language tag is plain")
}

/// Returns the number of the person in whose place a preview is seen, if one was chosen.
pub fn preview_person(headers: &HeaderMap) -> Option<usize> {
    cookie(headers, PREVIEW_COOKIE)?.parse().ok()
}

/// Returns the cookie that chooses the person in whose place a preview is seen.
pub fn preview_cookie(person: usize) -> HeaderValue {
    let text = format!("{PREVIEW_COOKIE}={person}; Path=/; HttpOnly; SameSite=Lax");
    HeaderValue::from_str(&text).expect("a number is plain")
}

/// Returns the network address of the sender of a request, if it has one.
pub fn address(portal: &Portal, request: &Request) -> Option<IpAddr> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    network::client(request.headers(), peer, &portal.settings.proxies)
}

impl FromRequestParts<Portal> for Visitor {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &Portal) -> Result<Self, Failure> {
        let visitor = parts.extensions.get::<Self>().cloned();
        visitor.ok_or_else(|| Failure::Services(Error::Fault("the visitor was not recognised".into())))
    }
}

/// A posted form that came from a page of ours.
#[derive(Debug)]
pub struct PostedForm(pub Vec<(String, String)>);

impl PostedForm {
    /// Returns the last value under this name, or an empty text.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().rev().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// Returns the language that a button chose. Such a button only shows the page again, with the typed fields.
    pub fn language(&self, portal: &Portal) -> Option<PageLanguage> {
        self.get(WISH).strip_prefix("language:").map(|tag| portal.theme.language(tag))
    }
}

/// Returns the id of a command.
///
/// The same content from the same page is the same command, for a second click as for a lost answer. The proof differs
/// each time a page is shown.
pub fn command(proof: &str, content: &impl Serialize) -> Result<CommandId, Error> {
    let bytes = serde_json::to_vec(&(proof, content)).map_err(Error::fault)?;
    Ok(CommandId(hex::encode(Sha256::digest(bytes))))
}

/// Reads the fields of a form without files. Rejects a form with too many fields, or with more than `most` bytes of
/// names and texts.
pub fn fields_of(bytes: &[u8], most: usize) -> Result<Vec<(String, String)>, Failure> {
    if memchr::memchr_iter(b'&', bytes).count() >= limits::FIELDS {
        return Err(Failure::TooLarge);
    }
    let fields: Vec<(String, String)> = serde_urlencoded::from_bytes(bytes).map_err(|_| Failure::Unreadable)?;
    let texts: usize = fields.iter().map(|(name, value)| name.len() + value.len()).sum();
    let is_taken = texts <= most && fields.iter().all(|(name, _)| name.len() <= limits::NAME);
    if is_taken { Ok(fields) } else { Err(Failure::TooLarge) }
}

impl FromRequest<Portal> for PostedForm {
    type Rejection = Failure;

    async fn from_request(request: Request, portal: &Portal) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, portal).await?;
        require_own_page(&parts.headers)?;
        let own_page = is_from_own_page(&parts.headers, &portal.settings.base_url);
        // A form of texts is small, even if the route accepts files.
        let most = limits::texts(parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str));
        let posted = Self(cleaned(fields_of(&body::whole(body, limits::FORM.bytes).await?, most)?));
        if !visitor.token().proves(posted.get(PROOF)) {
            if own_page {
                visitor.keep(posted.0, false);
            }
            return Err(Failure::NotOurForm);
        }
        visitor.keep(posted.0.clone(), false);
        Ok(posted)
    }
}
