//! People who are logged in, as handlers take them. A handler that takes one of these types does not run for anybody
//! else.
//!
//! A type only says for which kind of people a page is. The table of rights in `motcua_domain::people::access` decides the rest.

use crate::state::Portal;
use crate::theme::PageLanguage;
use crate::web::failure::{Carry, Failure};
use crate::web::upload::ProvenUpload;
use crate::web::visitor::{PostedForm, Visitor};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::people::organisation::Actor;
use motcua_service::LoginSession;
use std::ops::Deref;

/// A kind of people who are logged in.
pub trait Kind: Sized + Send {
    /// Returns the visitor as such a person, or the failure that tells anybody else what to do.
    fn of(visitor: Visitor) -> Result<Self, Failure>;
}

/// A visitor who is logged in.
#[derive(Debug, Clone)]
pub struct Person {
    visitor: Visitor,
    session: LoginSession,
}

impl Person {
    pub fn session(&self) -> &LoginSession {
        &self.session
    }

    pub fn actor(&self) -> &Actor {
        &self.session.actor
    }

    /// Returns the same person as a reader of another language.
    pub fn reading(&self, language: PageLanguage) -> Self {
        Self { visitor: self.visitor.reading(language), session: self.session.clone() }
    }
}

impl Deref for Person {
    type Target = Visitor;

    fn deref(&self) -> &Visitor {
        &self.visitor
    }
}

impl Kind for Person {
    fn of(visitor: Visitor) -> Result<Self, Failure> {
        let session = visitor.session().cloned().ok_or_else(|| Failure::LogIn(Carry::default()))?;
        Ok(Self { visitor, session })
    }
}

/// Defines the people who act as one kind of actor.
macro_rules! people {
    ($(#[$attribute:meta])* $name:ident) => {
        $(#[$attribute])*
        #[derive(Debug, Clone)]
        pub struct $name(Person);

        impl Deref for $name {
            type Target = Person;

            fn deref(&self) -> &Person {
                &self.0
            }
        }

        impl Kind for $name {
            fn of(visitor: Visitor) -> Result<Self, Failure> {
                let person = Person::of(visitor)?;
                let is_one = matches!(person.actor(), Actor::$name { .. });
                if is_one { Ok(Self(person)) } else { Err(Refusal::NotAllowed.into()) }
            }
        }
    };
}

people! {
    /// An applicant who is logged in.
    Applicant
}

people! {
    /// An officer who is logged in. Administrators are officers, too.
    Officer
}

/// Lets handlers take kinds of people.
macro_rules! taken_by_handlers {
    ($($name:ident)*) => {$(
        impl FromRequestParts<Portal> for $name {
            type Rejection = Failure;

            async fn from_request_parts(parts: &mut Parts, portal: &Portal) -> Result<Self, Failure> {
                Self::of(Visitor::from_request_parts(parts, portal).await?)
            }
        }
    )*};
}

taken_by_handlers! { Person Applicant Officer }

/// A posted form and its sender. The log-in of anybody else carries the form, so a form with a password is not taken in
/// this way.
#[derive(Debug)]
pub struct PostedBy<K>(pub K, pub PostedForm);

impl<K: Kind> FromRequest<Portal> for PostedBy<K> {
    type Rejection = Failure;

    async fn from_request(request: Request, portal: &Portal) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, portal).await?;
        let posted = PostedForm::from_request(Request::from_parts(parts, body), portal).await?;
        match K::of(visitor) {
            Ok(sender) => Ok(Self(sender, posted)),
            Err(Failure::LogIn(carry)) => Err(Failure::LogIn(Carry { posted: posted.0, ..carry })),
            Err(failure) => Err(failure),
        }
    }
}

/// A form in parts and its sender. The log-in of anybody else carries the texts of the form.
pub struct UploadBy<K>(pub K, pub ProvenUpload);

impl<K: Kind> FromRequest<Portal> for UploadBy<K> {
    type Rejection = Failure;

    async fn from_request(request: Request, portal: &Portal) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, portal).await?;
        let mut upload = ProvenUpload::from_request(Request::from_parts(parts, body), portal).await?;
        match K::of(visitor) {
            Ok(sender) => Ok(Self(sender, upload)),
            Err(Failure::LogIn(_)) => Err(upload.log_in().await),
            Err(failure) => {
                upload.drain().await;
                Err(failure)
            }
        }
    }
}
