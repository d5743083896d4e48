//! Forms in parts that came from a page of ours.

use crate::state::Portal;
use crate::web::failure::{Carry, Failure};
use crate::web::origin::{is_from_own_page, require_own_page};
use crate::web::parts::{FormPart, FormParts};
use crate::web::visitor::Visitor;
use axum::extract::{FromRequest, FromRequestParts as _, Request};

/// A form in parts whose proof came first and is right.
pub struct ProvenUpload {
    parts: FormParts,
    /// The proof, which came first.
    pub proof: String,
}

impl FromRequest<Portal> for ProvenUpload {
    type Rejection = Failure;

    async fn from_request(request: Request, portal: &Portal) -> Result<Self, Failure> {
        let (mut head, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut head, portal).await?;
        require_own_page(&head.headers)?;
        let own_page = is_from_own_page(&head.headers, &portal.settings.base_url);
        let parts = FormParts::of(&head.headers, body).ok_or(Failure::Unreadable)?;
        let mut upload = Self { parts, proof: String::new() };
        upload.proof = match upload.next().await? {
            Some(part) if part.name() == "proof" => part.text().await?,
            _ => String::new(),
        };
        if visitor.token().proves(&upload.proof) {
            return Ok(upload);
        }
        if own_page {
            upload.keep(&visitor, Vec::new()).await;
        }
        upload.drain().await;
        Err(Failure::NotOurForm)
    }
}

impl ProvenUpload {
    /// Returns the log-in for a sender whose session has ended.
    ///
    /// It carries the texts of the form, and no file. An incomplete form is not carried, because it would be sent as
    /// the whole.
    pub async fn log_in(mut self) -> Failure {
        match self.parts.texts().await {
            Ok(texts) => {
                let too_large = texts.is_none();
                Failure::LogIn(Carry { posted: texts.unwrap_or_default(), upload: true, too_large, ..Carry::default() })
            }
            Err(failure) => failure,
        }
    }

    /// Reads the rest, and stores the form without its files for the page that sends it again. `fields` has the fields
    /// that were read before.
    pub async fn keep(&mut self, visitor: &Visitor, mut fields: Vec<(String, String)>) {
        if let Ok(Some(rest)) = self.parts.texts().await {
            fields.extend(rest);
            visitor.keep(self.texts(&fields), true);
        }
    }

    /// Reads and discards the rest, up to a limit, because a browser shows the answer only after it has sent
    /// everything.
    pub async fn drain(&mut self) {
        self.parts.drain().await;
    }

    /// Returns the form as it was sent, without files and with the proof first.
    pub fn texts(&self, fields: &[(String, String)]) -> Vec<(String, String)> {
        let proof = ("proof".to_owned(), self.proof.clone());
        std::iter::once(proof).chain(fields.iter().cloned()).collect()
    }

    /// Returns the next text or file.
    pub async fn next(&mut self) -> Result<Option<FormPart<'_>>, Failure> {
        self.parts.next().await
    }
}
