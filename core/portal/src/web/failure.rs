//! The reasons why a request is not answered as requested. `pages::error` shows them to people.

use crate::state::throttle::ThrottleWait;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use motcua_domain::dossier::refusal::Refusal;
use motcua_service::{Error, UsedDraft};
use std::sync::{Arc, Mutex, PoisonError};

/// The reason why a request was not answered as requested.
#[derive(Debug)]
pub enum Failure {
    Services(Error),
    /// The person has to log in first. The log-in carries the posted fields.
    LogIn(Carry),
    /// The form did not come from a page of ours, or the page is from before the log-in.
    NotOurForm,
    TooLarge,
    AddressTooLong,
    /// The body of the request did not arrive in time.
    TooSlow,
    Unreadable,
    /// The visitor guesses, and has to wait.
    TooManyTries(ThrottleWait),
    /// A form was posted for a draft that was filed or became a supplement before.
    DraftUsed(UsedDraft),
}

/// The longest form that is kept during a log-in at a provider, in bytes.
const LONGEST_KEPT: usize = 64 << 10;

/// The fields that were posted when a session had ended.
#[derive(Debug, Clone, Default)]
pub struct Carry {
    /// The fields of the form, each with its value.
    pub posted: Vec<(String, String)>,
    /// The form was an upload. Its files are not carried.
    pub upload: bool,
    /// The files were so large that the form was not read to its end, and none of its fields are carried.
    pub too_large: bool,
    /// A form was posted, and the session had ended.
    pub ended: bool,
}

impl Carry {
    /// Returns the fields as a text that is kept while the person is elsewhere, or none if they are too long for it.
    pub fn kept(&self) -> Option<String> {
        let fields = (&self.posted, self.upload, self.too_large, self.ended);
        serde_json::to_string(&fields).ok().filter(|text| text.len() <= LONGEST_KEPT)
    }

    /// Reads the fields that were kept.
    pub fn of_kept(text: &str) -> Self {
        let (posted, upload, too_large, ended) = serde_json::from_str(text).unwrap_or_default();
        Self { posted, upload, too_large, ended }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Services(error)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Services(Error::Refused(refusal))
    }
}

/// The slot in which the page of an error finds the failure of a request or behind an answer.
#[derive(Clone)]
struct Carried(Arc<Mutex<Option<Failure>>>);

impl Carried {
    fn take(&self) -> Option<Failure> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(Carried(Arc::new(Mutex::new(Some(self)))));
        response
    }
}

/// Marks a request as failed before it reaches its handler. The page of an error takes the handler's place.
pub fn fail(request: &mut Request, failure: Failure) {
    request.extensions_mut().insert(Carried(Arc::new(Mutex::new(Some(failure)))));
}

/// Takes the failure before a request reached its handler, if there is one.
pub fn ahead(request: &mut Request) -> Option<Failure> {
    request.extensions_mut().remove::<Carried>()?.take()
}

/// Takes the failure behind an answer, if it is one.
pub fn behind(response: &mut Response) -> Option<Failure> {
    response.extensions_mut().remove::<Carried>()?.take()
}

#[cfg(test)]
mod tests {
    use super::{Carry, LONGEST_KEPT};

    #[test]
    fn a_form_is_kept_whole_or_not_at_all() {
        let of = |value: String| Carry { posted: vec![("a".to_owned(), value)], ended: true, ..Carry::default() };
        let short = of("Nguyễn Văn An \0".to_owned());
        let kept = short.kept().expect("kept");
        assert_eq!(Carry::of_kept(&kept).posted, short.posted);
        assert!(!kept.contains('\0'), "a null is no text of PostgreSQL");
        assert!(of("a".repeat(LONGEST_KEPT)).kept().is_none());
    }
}
