//! Notices on the phone: the applicant's wish on the page of the account, and the words of the messages.

use crate::state::Portal;
use crate::theme::Theme;
use crate::view::format;
use crate::web::address;
use crate::web::failure::Failure;
use crate::web::person::{Applicant, PostedBy};
use axum::extract::State;
use axum::response::Redirect;
use minijinja::{Error, Value, context};
use motcua_domain::people::phone::PhoneChannel;
use motcua_domain::text::Language;
use motcua_service::{CodeMail, NoticeMail, NoticeSubject, PhoneWish, WrittenText};
use serde::Serialize;

/// The applicant's wish about notices on the phone.
#[derive(Debug, Clone, Serialize)]
pub struct PhoneContext {
    /// The mobile number of the applicant.
    pub number: String,
    /// The number is known to be the applicant's. Other numbers get no notices.
    pub verified: bool,
    /// The ways among which the applicant chooses, under `phone-by-<word>`: `sms` and `zalo`.
    pub offered: Vec<&'static str>,
    /// The way of notices, under `phone-on-<word>`, or an empty text if the applicant wants none.
    pub channel: &'static str,
    /// The time at which the gateway refused the number for good, or an empty text. It gets no notices.
    pub refused: String,
    /// The messages are written in the other language than the page.
    pub other_language: bool,
}

impl PhoneContext {
    /// Returns a wish in a language.
    pub fn of(wish: PhoneWish, language: Language) -> Self {
        Self {
            number: wish.phone,
            verified: wish.is_verified,
            offered: wish.offered.into_iter().map(PhoneChannel::name).collect(),
            channel: wish.channel.map_or("", PhoneChannel::name),
            refused: wish.refused_at.map_or_else(String::new, |at| format::second(at, language)),
            other_language: wish.language != language,
        }
    }

    /// Returns a wish for checking a theme.
    pub fn sample(verified: bool, channel: &'static str, refused: &str) -> Self {
        Self {
            number: "0912345678".to_owned(),
            verified,
            offered: PhoneChannel::ALL.map(PhoneChannel::name).into(),
            channel,
            refused: refused.to_owned(),
            other_language: channel == "zalo",
        }
    }
}

/// `POST /account/phone-notices`: lets notices come to the phone by a way, in the language of the page, or ends them.
pub async fn choose(
    State(portal): State<Portal>,
    PostedBy(visitor, posted): PostedBy<Applicant>,
) -> Result<Redirect, Failure> {
    let word = posted.get("channel");
    let channel = PhoneChannel::parse(word);
    // A word that nobody offers ends no notices.
    if channel.is_some() || word == "none" {
        portal.services.sms.choose(visitor.actor(), channel, visitor.language()).await?;
    }
    Ok(Redirect::to(address::ACCOUNT))
}

impl Theme {
    /// Returns the message that shows an operator that messages arrive.
    pub fn test_text(&self, language: Language) -> Result<WrittenText, Error> {
        let text = self.plain(language, "sms-test", context! {})?;
        Ok(WrittenText { text, template: "test".to_owned(), parameters: Vec::new() })
    }

    /// Returns the message about a notice. It has no name, and a link without a log-in shows nothing.
    pub(super) fn notice_text(&self, language: Language, mail: &NoticeMail) -> Result<WrittenText, Error> {
        let template = format!("notice-{}", mail.event);
        let notice = self.plain(language, &template, context! {})?;
        let (path, code) = match &mail.subject {
            NoticeSubject::Dossier(code) => (address::dossier(code), Some(code.as_str())),
            NoticeSubject::Draft(id) => (address::first_page(id), None),
            NoticeSubject::Suggestion(id) => (address::suggestion(id), None),
        };
        let link = format!("{}{path}", mail.base_url);
        let arguments: Value = context! { notice, link => link.as_str(), code => code.unwrap_or_default() };
        let key = if code.is_some() { "sms-dossier" } else { "sms-notice" };
        let text = self.plain(language, key, arguments)?;
        let code = code.map(|code| ("code", code.to_owned()));
        Ok(WrittenText { text, template, parameters: code.into_iter().chain([("link", link)]).collect() })
    }

    /// Returns the message with a one-time code.
    pub(super) fn code_text(&self, language: Language, mail: &CodeMail) -> Result<WrittenText, Error> {
        let arguments: Value = context! { code => mail.code.as_str(), minutes => mail.minutes };
        let text = self.plain(language, &format!("sms-code-{}", mail.purpose), arguments)?;
        let parameters = vec![("code", mail.code.clone()), ("minutes", mail.minutes.to_string())];
        Ok(WrittenText { text, template: format!("code-{}", mail.purpose), parameters })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_the_code_and_the_address_of_the_dossier_and_no_name() {
        let theme = Theme::embedded().expect("the default theme");
        let code = "H09.01-261124-0001";
        let mail = NoticeMail {
            name: "Nguyễn Văn An".to_owned(),
            subject: NoticeSubject::Dossier(code.to_owned()),
            event: "result-ready".to_owned(),
            base_url: "https://x.vn".to_owned(),
        };
        let link = format!("https://x.vn/dossiers/{code}");
        for language in [Language::Vi, Language::En] {
            let written = theme.notice_text(language, &mail).expect("written");
            assert!(written.text.contains(code) && written.text.contains(&link), "{}", written.text);
            assert!(!written.text.contains("An") && !written.text.contains('\n'), "{}", written.text);
            assert_eq!(written.template, "notice-result-ready");
            assert_eq!(written.parameters, [("code", code.to_owned()), ("link", link.clone())]);
        }
    }
}
