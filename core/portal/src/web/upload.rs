//! Forms in parts that came from a page of ours.

use crate::Portal;
use crate::failure::Failure;
use crate::visitor::Visitor;
use crate::web::limits;
use crate::web::origin::{is_from_own_page, require_own_page};
use crate::web::parts::{Part, Parts};
use axum::extract::{FromRequest, FromRequestParts as _, Request};
use futures::StreamExt as _;

/// A form in parts whose proof came first and is right.
pub struct Upload {
    parts: Parts,
    /// The proof, which came first.
    pub proof: String,
}

impl FromRequest<Portal> for Upload {
    type Rejection = Failure;

    async fn from_request(request: Request, portal: &Portal) -> Result<Self, Failure> {
        let (mut head, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut head, portal).await?;
        require_own_page(&head.headers)?;
        let own_page = is_from_own_page(&head.headers, &portal.settings.base_url);
        let parts = Parts::of(&head.headers, body).ok_or(Failure::Unreadable)?;
        let mut upload = Self { parts, proof: String::new() };
        upload.proof = match upload.next().await? {
            Some(part) if part.name() == "proof" => part.text().await?,
            _ => String::new(),
        };
        if visitor.token().proves(&upload.proof) {
            return Ok(upload);
        }
        let texts = if own_page { upload.texts_left().await } else { None };
        upload.drain().await;
        if let Some(texts) = texts {
            visitor.keep(texts, true);
        }
        Err(Failure::NotOurForm)
    }
}

impl Upload {
    /// Reads what is left and returns its texts, unless they are larger than a form takes. Of files, no more is read than
    /// of any other refused body.
    async fn texts_left(&mut self) -> Option<Vec<(String, String)>> {
        let (mut fields, mut left) = (Vec::new(), limits::DRAINED);
        while let Some(mut part) = self.next().await.ok()? {
            if !part.is_file() {
                let name = part.name().to_owned();
                fields.push((name, part.text().await.ok()?));
                continue;
            }
            while let Some(chunk) = part.next().await {
                left = left.checked_sub(chunk.ok()?.len() as u64)?;
            }
        }
        Some(fields)
    }

    /// Reads what is left and forgets it, up to a limit: a browser shows the answer only after it has sent everything.
    pub async fn drain(&mut self) {
        self.parts.drain().await;
    }

    /// The form as it was sent, without files: the proof comes first.
    pub fn texts(&self, fields: &[(String, String)]) -> Vec<(String, String)> {
        let proof = ("proof".to_owned(), self.proof.clone());
        std::iter::once(proof).chain(fields.iter().cloned()).collect()
    }

    /// The next text or file.
    pub async fn next(&mut self) -> Result<Option<Part<'_>>, Failure> {
        self.parts.next().await
    }
}
