//! Uploads: text fields and files, read as they stream in.

use crate::Portal;
use crate::failure::Failure;
use crate::visitor::Visitor;
use axum::extract::multipart::Field;
use axum::extract::{FromRequest, FromRequestParts, Multipart, Request};

/// The largest text field, in bytes.
const LARGEST_TEXT: usize = 64 << 10;

/// A multipart form whose proof came first and is right.
pub struct Upload {
    parts: Multipart,
    /// The proof, which came first.
    pub proof: String,
}

impl FromRequest<Portal> for Upload {
    type Rejection = Failure;

    async fn from_request(request: Request, portal: &Portal) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, portal).await?;
        let request = Request::from_parts(parts, body);
        let multipart = Multipart::from_request(request, portal).await.map_err(|_| Failure::Unreadable)?;
        let mut upload = Self { parts: multipart, proof: String::new() };
        upload.proof = match upload.next().await? {
            Some(field) if field.name() == Some("proof") => text(field).await?,
            _ => String::new(),
        };
        if visitor.token().proves(&upload.proof) {
            return Ok(upload);
        }
        upload.drain().await;
        Err(Failure::NotOurForm)
    }
}

impl Upload {
    /// Reads what is left and forgets it: a browser shows the answer only after it has sent everything.
    pub async fn drain(&mut self) {
        while let Ok(Some(_)) = self.next().await {}
    }

    /// The form as it was sent, without files: the proof comes first.
    pub fn texts(&self, fields: &[(String, String)]) -> Vec<(String, String)> {
        let proof = ("proof".to_owned(), self.proof.clone());
        std::iter::once(proof).chain(fields.iter().cloned()).collect()
    }

    /// The next field or file.
    pub async fn next(&mut self) -> Result<Option<Field<'_>>, Failure> {
        self.parts.next_field().await.map_err(|_| Failure::Unreadable)
    }
}

/// The name of the file, if the field is one that was chosen.
pub fn file_name(field: &Field<'_>) -> Option<String> {
    field.file_name().filter(|name| !name.is_empty()).map(str::to_owned)
}

/// The value of a text field.
pub async fn text(mut field: Field<'_>) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|_| Failure::Unreadable)? {
        if bytes.len() + chunk.len() > LARGEST_TEXT {
            return Err(Failure::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    String::from_utf8(bytes).map_err(|_| Failure::Unreadable)
}
