//! The people who sign beside an applicant, as pages show them.

use crate::view::format;
use motcua_domain::dossier::event::CoSignature;
use motcua_domain::text::Language;
use motcua_service::{SignerView, SigningState};
use serde::Serialize;

/// A person who has to sign a draft.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SignerContext {
    /// The id of the signer, for the form that invites the person.
    pub signer: String,
    /// The mark of the person for the same form, or an empty text while the person's number is missing.
    pub person: String,
    /// A new secret for the same form, or an empty text on pages without the form.
    pub secret: String,
    /// The role of the person.
    pub role: String,
    /// The number of the row of the group that names the person, or 0.
    pub row: usize,
    /// The citizen number or the tax code of the person.
    pub number: String,
    /// The word for the state, under `signer-<word>`, such as `signed`.
    pub state: &'static str,
    /// The name of the account that opened the link, or an empty text.
    pub name: String,
    /// The time of the consent, or the time until which the link holds, or an empty text.
    pub at: String,
    /// The reason for declining, or an empty text.
    pub reason: String,
    /// The id of the invitation, or an empty text.
    pub invitation: String,
}

impl SignerContext {
    /// Returns a person as a reader of a language sees them.
    pub fn of(signer: SignerView, language: Language) -> Self {
        let SignerView { needed, person, invitation, state } = signer;
        let context = Self {
            signer: needed.id.to_string(),
            person,
            role: needed.name.get(language).to_owned(),
            row: needed.row.unwrap_or_default(),
            number: needed.number,
            invitation: invitation.map_or_else(String::new, |id| id.to_string()),
            ..Self::default()
        };
        match state {
            SigningState::Missing if context.person.is_empty() => Self { state: "unnamed", ..context },
            SigningState::Missing => Self { state: "missing", ..context },
            SigningState::Invited { until } => {
                Self { state: "invited", at: format::second(until, language), ..context }
            }
            SigningState::Expired => Self { state: "expired", ..context },
            SigningState::Opened { name } => Self { state: "opened", name, ..context },
            SigningState::Signed { name, at } => {
                Self { state: "signed", name, at: format::second(at, language), ..context }
            }
            SigningState::Changed { name } => Self { state: "changed", name, ..context },
            SigningState::Declined { name, reason } => Self { state: "declined", name, reason, ..context },
        }
    }

    /// Returns people in every state, for checking a theme.
    pub fn samples() -> Vec<Self> {
        let words = ["unnamed", "missing", "invited", "expired", "opened", "signed", "changed", "declined"];
        let sample = |(at, state): (usize, &'static str)| Self {
            signer: "member".into(),
            person: if state == "unnamed" { String::new() } else { "0".into() },
            secret: "0".into(),
            role: "Thành viên".into(),
            row: at,
            number: "074085000123".into(),
            state,
            name: "Trần Thị Bình".into(),
            at: "24/11/2026 08:00".into(),
            reason: "Sai tên".into(),
            invitation: if at < 2 { String::new() } else { "0".into() },
        };
        words.into_iter().enumerate().map(sample).collect()
    }
}

/// The consent of a person to a dossier.
#[derive(Debug, Clone, Serialize)]
pub struct SignatureContext {
    /// The role of the person.
    pub role: String,
    /// The number of the row of the group that names the person, or 0.
    pub row: usize,
    /// The name of the account with which the person consented.
    pub name: String,
    /// The time of the consent.
    pub at: String,
}

impl SignatureContext {
    /// Returns the consents to a filing.
    pub fn all(signatures: &[CoSignature], language: Language) -> Vec<Self> {
        let shown = |one: &CoSignature| Self {
            role: one.role.get(language).to_owned(),
            row: one.row.unwrap_or_default(),
            name: one.name.clone(),
            at: format::moment(one.at, language),
        };
        signatures.iter().map(shown).collect()
    }

    /// Returns consents for checking a theme.
    pub fn samples() -> Vec<Self> {
        let sample =
            |row| Self {
                role: "Thành viên".into(), row, name: "Trần Thị Bình".into(), at: "24/11/2026 08:00".into()
            };
        [0, 2].map(sample).to_vec()
    }
}
