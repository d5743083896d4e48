//! Addresses of this portal: the addresses of pages and files, the ones to which a redirect may lead, and those that only
//! accept forms.

use crate::theme::{HELP_ADDRESS, Theme};
use crate::web::download::encoded;
use crate::web::failure::Failure;
use axum::http::{Method, Uri};
use axum::response::Redirect;
use motcua_domain::names::DossierCode;
use motcua_service::Error;
use std::fmt::{Display, Write as _};

pub const HOME: &str = "/";
pub const PROCEDURES: &str = "/procedures";
pub const LOG: &str = "/log";
pub const LOG_IN: &str = "/login";
pub const ACCOUNT: &str = "/account";
/// The papers of an applicant.
pub const WALLET: &str = "/account/papers";
/// The security of an account.
const SECURITY: &str = "/account/security";
/// The page that says that the password was changed.
pub const PASSWORD_CHANGED: &str = "/account/security?changed=yes";
/// The profile of an applicant.
pub const PROFILE: &str = "/account/profile";
/// The page that says that the profile was changed.
pub const PROFILE_CHANGED: &str = "/account/profile?done=profile";
/// The page that says that the e-mail address was changed.
pub const EMAIL_CHANGED: &str = "/account/profile?done=email";
/// The page that says that a code was sent, at the place where it is typed.
pub const CODE_SENT: &str = "/account/profile?done=code#code";
/// The page that says that the number was verified.
pub const PHONE_VERIFIED: &str = "/account/profile?done=phone";
/// The page that says that a code was sent to the phone, at the place where it is typed.
pub const TEXT_SENT: &str = "/account/profile?done=text#phone_code";
/// The page for a forgotten password.
pub const FORGOTTEN: &str = "/password";
/// The page that says that a forgotten password was replaced.
pub const PASSWORD_REPLACED: &str = "/password?done=yes";
/// The page that says that sessions were ended.
pub const SESSIONS_ENDED: &str = "/account/security?changed=sessions";
/// The page on which an applicant deletes the account. Afterwards it says that the account was deleted.
pub const LEAVING: &str = "/account/delete";
/// The log-ins of an applicant at providers.
const LOGINS: &str = "/account/logins";
/// The page that says that a person at a provider was linked to the account.
pub const LOGIN_LINKED: &str = "/account/logins?done=linked";
/// The page that says that such a link was ended.
pub const LOGIN_UNLINKED: &str = "/account/logins?done=unlinked";
pub const DESK: &str = "/desk";
pub const DESK_SEARCH: &str = "/desk/search";
/// The deeds of an officer on many dossiers.
pub const BULK: &str = "/desk/bulk";
/// The page on which a counter receives people with paper.
pub const COUNTER: &str = "/counter";
/// The complaints and suggestions that an officer answers.
pub const SUGGESTION_DESK: &str = "/desk/suggestions";
/// The figures of the agencies, for officers.
pub const FIGURES: &str = "/desk/figures";
/// The cash of cashiers.
pub const CASH: &str = "/desk/cash";
/// The figures of a period as tables for spreadsheets.
pub const FIGURES_CSV: &str = "/desk/figures.csv";
pub const FIGURES_XLSX: &str = "/desk/figures.xlsx";
/// The dossiers that a figure counts.
pub const COUNTED: &str = "/desk/figures/dossiers";
/// The dossiers that a figure counts as tables for spreadsheets.
pub const COUNTED_CSV: &str = "/desk/figures/dossiers.csv";
pub const COUNTED_XLSX: &str = "/desk/figures/dossiers.xlsx";
/// The standard answers of agencies.
pub const ANSWERS: &str = "/desk/answers";
/// The wish of an officer about digests by e-mail.
pub const DIGEST: &str = "/desk/notices";
/// The page that says that the wish about digests was stored.
pub const DIGEST_CHANGED: &str = "/desk/notices?done=yes";
pub const LEAVE: &str = "/leave";
pub const ADMIN_PROCEDURES: &str = "/admin/procedures";
pub const ADMIN_JOBS: &str = "/admin/jobs";
/// The list of the audit with the state of the journal, at the place where it says so.
pub const AUDIT_CHAIN: &str = "/audit/events#chain";
/// The officers, for administrators.
pub const ADMIN_PEOPLE: &str = "/admin/people";

/// The page for a tablet at a counter, where nobody logs in.
pub const KIOSK: &str = "/kiosk";
/// The same page after a rating.
pub const KIOSK_DONE: &str = "/kiosk?done=yes";

/// Returns the page on which a person types a one-time code for a purpose.
pub fn of_code(purpose: &str) -> &'static str {
    if purpose == "password" { FORGOTTEN } else { PROFILE }
}

/// Returns the list of procedures with these words and criteria. Empty ones are left out.
pub fn catalogue(query: &[(&str, &str)]) -> String {
    let asked: Vec<_> = query.iter().copied().filter(|(_, value)| !value.is_empty()).collect();
    with_query(PROCEDURES, &asked)
}

/// Returns a path with a query, or the path alone if the query has nothing.
pub fn with_query(path: &str, query: &[(&str, &str)]) -> String {
    match serde_urlencoded::to_string(query) {
        Ok(query) if !query.is_empty() => format!("{path}?{query}"),
        _ => path.to_owned(),
    }
}

/// Returns a list of the audit, or its table for spreadsheets, with these criteria. Empty ones are left out.
pub fn audit(of: &str, query: &[(&str, &str)]) -> String {
    let asked: Vec<_> = query.iter().filter(|(_, value)| !value.is_empty()).collect();
    match serde_urlencoded::to_string(asked) {
        Ok(query) if !query.is_empty() => format!("/audit/{of}?{query}"),
        _ => format!("/audit/{of}"),
    }
}

/// Returns the officers with the change that was just made.
pub fn people_done(done: &str) -> String {
    format!("{ADMIN_PEOPLE}?done={done}#done")
}

/// Returns the page of a procedure, whether it exists or not.
pub fn procedure(agency: &str, slug: &str) -> String {
    format!("/procedures/{agency}/{slug}")
}

/// Returns the agency and the name of the procedure in the address that begins a draft.
pub fn apply_of(path: &str) -> Option<(&str, &str)> {
    let mut parts = path.strip_prefix("/procedures/")?.strip_suffix("/apply")?.split('/');
    let found = (parts.next()?, parts.next()?);
    parts.next().is_none().then_some(found)
}

/// Returns a page of a draft: the number of a page of the form, `papers` or `review`.
pub fn draft(id: impl Display, page: &str) -> String {
    format!("/drafts/{id}/{page}")
}

/// Returns the address that shows a preview in the place of a person.
pub fn preview_as(person: usize) -> String {
    format!("/preview/as/{person}")
}

/// Returns the address that sends a visitor to a provider to log in. Afterwards they go on to `next`.
pub fn log_in_at(provider: &str, next: &str) -> String {
    with_query(&format!("/login/with/{provider}"), &[("next", next)])
}

/// Returns the page of the log-ins at providers that says why one was not linked, by the word of the rule.
pub fn login_problem(rule: &str) -> String {
    format!("{LOGINS}?problem={rule}")
}

/// Returns the first page of a draft.
pub fn first_page(id: impl Display) -> String {
    draft(id, "1")
}

/// Returns the id of the draft to which an address belongs.
pub fn draft_of(path: &str) -> Option<&str> {
    path.strip_prefix("/drafts/")?.split(['/', '?']).next()
}

/// Returns the link that invites a person to sign a draft. Its secret stands in the query, which no log keeps.
pub fn sign(secret: &str) -> String {
    format!("/sign?link={secret}")
}

/// Returns the page of a draft that a person is invited to sign.
pub fn signing(id: impl Display) -> String {
    format!("/account/signing/{id}")
}

/// Returns the address before the digests of the files of a draft to sign.
pub fn signing_files(id: impl Display) -> String {
    format!("/account/signing/{id}/files")
}

/// Returns the address before the digests of a draft's files.
pub fn draft_files(id: impl Display) -> String {
    format!("/drafts/{id}/files")
}

pub fn dossier(code: impl Display) -> String {
    format!("/dossiers/{code}")
}

/// Returns the part of the address of a dossier that says in which list it was opened, and at which place there.
pub fn in_list(list: &str, place: &str) -> String {
    format!("list={}&place={}", encoded(list), encoded(place))
}

/// Returns the page of a dossier that was opened in a list, by that part.
pub fn dossier_in(code: impl Display, list: &str) -> String {
    format!("/dossiers/{code}?{list}")
}

/// Returns the page of the dossier that follows in a list, which says that the officer acted in the one before, which
/// had a place in the list. `undo` is the version of that one if the action can be taken back, or 0.
pub fn dossier_next(code: impl Display, list: &str, before: (impl Display, &str), undo: u32) -> String {
    let (before, place) = before;
    format!("/dossiers/{code}?{list}&before={before}&from={}&undo={undo}#done", encoded(place))
}

/// Returns the page of a dossier that says what the reader did, at the place where it says so. `more` is an empty text
/// or further parts of the address, each after `&`.
pub fn dossier_done(code: impl Display, done: &str, more: &str) -> String {
    format!("/dossiers/{code}?done={done}{more}#done")
}

/// Returns the page as [`dossier_done`] does, which also tells what happened since a version.
pub fn dossier_done_since(code: impl Display, done: &str, version: impl Display, more: &str) -> String {
    format!("/dossiers/{code}?done={done}&since={version}{more}#done")
}

/// Returns the page that says that a counter verified the number of an applicant.
pub fn phone_verified(code: impl Display) -> String {
    format!("/dossiers/{code}/phone?done=yes")
}

/// Returns the page on which the applicant chooses another way to get the result.
pub fn delivery(code: impl Display) -> String {
    format!("/dossiers/{code}/delivery")
}

pub fn receipt(code: impl Display) -> String {
    format!("/dossiers/{code}/receipt")
}

/// Returns the page of the money of a dossier.
pub fn money(code: impl Display) -> String {
    format!("/dossiers/{code}/money")
}

/// Returns the address before the digests of a dossier's files.
pub fn dossier_files(code: impl Display) -> String {
    format!("/dossiers/{code}/files")
}

/// Returns the look-up of a dossier whose code is filled in.
pub fn look_up(code: impl Display) -> String {
    format!("/lookup?code={code}")
}

/// Returns a paper of an applicant.
pub fn wallet_file(digest: impl Display) -> String {
    format!("{WALLET}/{digest}")
}

/// Returns an address with more parts of its query, without the empty ones.
fn with_more(mut address: String, query: &[(&str, &str)]) -> String {
    for (name, value) in query.iter().filter(|(_, value)| !value.is_empty()) {
        let sign = if address.contains('?') { '&' } else { '?' };
        _ = write!(address, "{sign}{name}={}", encoded(value));
    }
    address
}

/// Returns a view of an officer's list with the words of a search, filters and a place in the list. Empty ones are left out.
pub fn desk(view: &str, query: &[(&str, &str)]) -> String {
    with_more(format!("{DESK}?view={view}"), query)
}

/// Returns the page of a deed on many dossiers.
pub fn bulk(id: impl Display) -> String {
    format!("{BULK}/{id}")
}

/// Returns the list of published decisions before one of them, by its time and the code of its dossier.
pub fn published_before(at: i64, code: &str) -> String {
    format!("/published?at={at}&code={code}")
}

/// Returns public figures as a table for spreadsheets.
pub fn public_figures_table(by: &str, agency: &str, period: &str) -> String {
    format!("/figures.csv?by={by}&agency={agency}&period={period}")
}

/// Returns an address of a page in a language, whatever language the visitor chose.
pub fn in_language(address: &str, tag: &str) -> String {
    let sign = if address.contains('?') { '&' } else { '?' };
    format!("{address}{sign}lang={tag}")
}

/// Returns a help page.
pub fn help(name: &str) -> String {
    format!("{HELP_ADDRESS}{name}")
}

/// Returns the page of a complaint or a suggestion.
pub fn suggestion(id: impl Display) -> String {
    format!("/suggestions/{id}")
}

/// Returns the list of published suggestions before one of them, by its time and its id.
pub fn suggestions_before(at: i64, id: impl Display) -> String {
    format!("/suggestions?at={at}&id={id}")
}

/// Returns the page of a plugin.
/// Returns the page with the standard answers of an agency.
pub fn answers(agency: &str) -> String {
    format!("{ANSWERS}/{agency}")
}

/// Returns the page that says that the standard answers of an agency were changed.
pub fn answers_changed(agency: &str) -> String {
    with_query(&answers(agency), &[("done", "yes")])
}

pub fn plugin(component: &str) -> String {
    format!("/admin/plugins/{component}")
}

/// Returns a form to download.
pub fn template(digest: impl Display, file: &str) -> String {
    format!("/templates/{digest}/{}", encoded(file))
}

/// Returns the schema of a version's data.
pub fn schema(file: &str) -> String {
    format!("/schemas/{file}")
}

impl Theme {
    /// Returns the path of the theme's files, which changes with their content.
    pub fn assets_path(&self) -> String {
        format!("/assets/{}", self.digest())
    }
}

/// Returns a path on this portal. Any other text becomes the first page, so that no redirect leads elsewhere.
pub fn own_path(path: &str) -> String {
    let own = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && path.bytes().all(|b| (0x21..0x7f).contains(&b));
    let path = if own { path } else { HOME };
    path.to_owned()
}

/// Reads the code of a dossier in an address.
pub fn code(text: &str) -> Result<DossierCode, Failure> {
    DossierCode::parse(text).ok_or(Failure::Services(Error::NotFound))
}

/// Returns the page with the form that is posted to an address, if the address has no page of its own.
pub fn page_of_form(path: &str) -> Option<String> {
    let path = path.split('?').next().unwrap_or_default();
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    Some(match parts.as_slice() {
        ["drafts", id, "papers" | "detach", ..] => draft(id, "papers"),
        ["drafts", id, "file" | "supplement"] => draft(id, "review"),
        ["drafts", id, "signers", ..] => draft(id, "signers"),
        ["drafts", _, "discard"] | ["account", "mail" | "phone-notices"] => ACCOUNT.to_owned(),
        ["dossiers", code, _, ..] => dossier(code),
        ["account", "papers", _, ..] => WALLET.to_owned(),
        ["account", "signing", id, ..] => signing(id),
        ["account", "email" | "export" | "phone"] => PROFILE.to_owned(),
        ["account", "sessions"] => SECURITY.to_owned(),
        ["leave", _, ..] => LEAVE.to_owned(),
        ["desk", "bulk", "start"] => BULK.to_owned(),
        ["desk", "bulk", "table"] => DESK.to_owned(),
        ["desk", "bulk", id, "stop"] => bulk(id),
        ["suggestions", id, _, ..] => suggestion(id),
        ["admin", "jobs", ..] => ADMIN_JOBS.to_owned(),
        ["admin", "people", ..] => ADMIN_PEOPLE.to_owned(),
        ["audit", "verify"] => AUDIT_CHAIN.to_owned(),
        ["admin", "plugins", component, ..] => plugin(component),
        ["admin", "procedures", ..] => ADMIN_PROCEDURES.to_owned(),
        ["logout"] => HOME.to_owned(),
        _ => return None,
    })
}

/// Redirects a person who opens an address that only accepts forms to the page with the form.
///
/// A person gets to such an address by reloading, by a bookmark, by the link to the other language, or after logging
/// in.
pub async fn to_form(method: Method, uri: Uri) -> Result<Redirect, Failure> {
    let page = page_of_form(uri.path()).filter(|_| method == Method::GET || method == Method::HEAD);
    page.map(|page| Redirect::to(&own_path(&page))).ok_or(Failure::Services(Error::NotFound))
}
