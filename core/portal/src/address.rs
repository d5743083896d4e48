//! Addresses of this portal: the ones to which a redirect may lead, and those that only accept forms.

use crate::failure::Failure;
use axum::http::{Method, Uri};
use axum::response::Redirect;
use motcua_desk::Error;
use motcua_domain::names::DossierCode;

/// Returns a path on this portal. Any other text becomes the first page, so that no redirect leads elsewhere.
pub fn own_path(path: &str) -> String {
    let own = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && path.bytes().all(|b| (0x21..0x7f).contains(&b));
    if own { path.to_owned() } else { "/".to_owned() }
}

/// Reads the code of a dossier in an address.
pub fn code(text: &str) -> Result<DossierCode, Failure> {
    DossierCode::parse(text).ok_or(Failure::Desk(Error::NotFound))
}

/// Returns the page with the form that is posted to an address, if the address has no page of its own.
pub fn page_of_form(path: &str) -> Option<String> {
    let path = path.split('?').next().unwrap_or_default();
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    Some(match parts.as_slice() {
        ["drafts", id, "papers" | "detach", ..] => format!("/drafts/{id}/papers"),
        ["drafts", id, "file" | "supplement"] => format!("/drafts/{id}/review"),
        ["drafts", _, "discard"] => "/account".to_owned(),
        ["dossiers", code, _, ..] => format!("/dossiers/{code}"),
        ["account", "papers", _, ..] => "/account/papers".to_owned(),
        ["leave", _, ..] => "/leave".to_owned(),
        ["admin", "jobs", ..] => "/admin/jobs".to_owned(),
        ["admin", "plugins", component, ..] => format!("/admin/plugins/{component}"),
        ["admin", "procedures", ..] => "/admin/procedures".to_owned(),
        ["logout"] => "/".to_owned(),
        _ => return None,
    })
}

/// Redirects a person who opens an address that only accepts forms to the page with the form.
///
/// A person gets to such an address by reloading, by a bookmark, by the link to the other language, or after logging
/// in.
pub async fn to_form(method: Method, uri: Uri) -> Result<Redirect, Failure> {
    let page = page_of_form(uri.path()).filter(|_| method == Method::GET || method == Method::HEAD);
    page.map(|page| Redirect::to(&own_path(&page))).ok_or(Failure::Desk(Error::NotFound))
}
