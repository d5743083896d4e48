//! Recognising the sender of each request, and storing the posted form when the sender cannot be found.

use crate::state::Portal;
use crate::web::again::{PROOF, is_upload};
use crate::web::failure::{Failure, fail};
use crate::web::parts::FormParts;
use crate::web::visitor::{Visitor, fields_of, preview_person, session_cookie, token_of};
use crate::web::{body, cached, limits};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use motcua_service::SessionToken;

/// Recognises the sender of the request, and sets the cookie of a new browser.
pub async fn recognise(State(portal): State<Portal>, mut request: Request, next: Next) -> Response {
    let known = token_of(&portal, request.headers());
    let fresh = known.is_none();
    let token = known.unwrap_or_else(SessionToken::random);
    let session = if fresh { Ok(None) } else { portal.services.people.session(&token).await };
    let mut fault = None;
    let session = session.unwrap_or_else(|error| {
        fault = Some(error);
        None
    });
    // In a preview nobody logs in: everybody is the citizen, or the officer whom they chose.
    let session = session.or_else(|| {
        let person = preview_person(request.headers());
        portal.settings.preview.as_ref().map(|preview| preview.session(person))
    });
    let unread = match &session {
        Some(session) if request.method() == Method::GET => {
            portal.services.lists.unread_notices(session).await.unwrap_or(0)
        }
        _ => 0,
    };
    let visitor = Visitor::of(&portal, &request, token.clone(), session, unread);
    request.extensions_mut().insert(visitor.clone());
    if let Some(error) = fault {
        request = keep_unread(&visitor, request).await;
        fail(&mut request, Failure::Services(error));
    }
    let mut response = next.run(request).await;
    // A cache may store an answer that is the same for everybody, so such an answer has no cookie.
    if fresh && !cached::is_public(response.headers()) {
        response.headers_mut().append(header::SET_COOKIE, session_cookie(&portal, &token));
    }
    response
}

/// Reads and stores the form of a request that reaches no handler, if the form came from a page of ours, as a handler
/// would require. Returns the request without the form.
async fn keep_unread(visitor: &Visitor, request: Request) -> Request {
    if request.method() != Method::POST {
        return request;
    }
    let (parts, body) = request.into_parts();
    let upload = is_upload(&parts.headers);
    let fields = texts(&parts.headers, body, upload).await.unwrap_or_default();
    let proof = fields.iter().rev().find(|(name, _)| name == PROOF).map_or("", |(_, value)| value);
    if visitor.token().proves(proof) {
        visitor.keep(fields, upload);
    }
    Request::from_parts(parts, Body::empty())
}

/// Returns the fields of a form, without its files.
async fn texts(headers: &HeaderMap, body: Body, upload: bool) -> Option<Vec<(String, String)>> {
    if upload {
        return FormParts::of(headers, body)?.texts().await.ok()?;
    }
    fields_of(&body::whole(body, limits::FORM.bytes).await.ok()?, limits::TEXTS).ok()
}
