//! Notices by e-mail: the applicant's wish on the page of the account, and the words of the mails.

use crate::state::Portal;
use crate::theme::{Theme, in_words};
use crate::view::format;
use crate::web::address;
use crate::web::failure::Failure;
use crate::web::person::{Applicant, PostedBy};
use axum::extract::State;
use axum::response::Redirect;
use jiff::civil::date;
use minijinja::{Error, Value, context};
use motcua_domain::dossier::{ASKED_NOTICE, DRAFT_NOTICE, NOTICES};
use motcua_domain::names::SuggestionId;
use motcua_domain::suggestion::notice::SUGGESTION_NOTICES;
use motcua_domain::text;
use motcua_domain::text::{Language, Text};
use motcua_service::{
    CodeMail, DigestMail, DigestPart, MailTexts, MailWish, NoticeMail, NoticeSubject, WrittenMail, WrittenText,
};
use serde::Serialize;

/// The applicant's wish about notices by e-mail.
#[derive(Debug, Clone, Serialize)]
pub struct MailContext {
    /// The address of the applicant.
    pub address: String,
    /// Notices are sent, unless the address was refused.
    pub wanted: bool,
    /// The time at which the mail server refused the address for good, or an empty text. It gets no mails.
    pub refused: String,
    /// The mails are written in the other language than the page.
    pub other_language: bool,
}

impl MailContext {
    /// Returns a wish in a language.
    pub fn of(wish: MailWish, language: Language) -> Self {
        Self {
            address: wish.address,
            wanted: wish.wanted,
            refused: wish.refused_at.map_or_else(String::new, |at| format::second(at, language)),
            other_language: wish.language != language,
        }
    }

    /// Returns a wish for checking a theme.
    pub fn sample(wanted: bool, refused: &str) -> Self {
        let address = "an@example.vn".to_owned();
        Self { address, wanted, refused: refused.to_owned(), other_language: wanted && refused.is_empty() }
    }
}

/// `POST /account/mail`: switches mails on or off. They come in the language of the page.
pub async fn choose(
    State(portal): State<Portal>,
    PostedBy(visitor, posted): PostedBy<Applicant>,
) -> Result<Redirect, Failure> {
    let wanted = posted.get("wanted") == "yes";
    portal.services.mail.choose(visitor.actor(), wanted, visitor.language()).await?;
    Ok(Redirect::to(address::ACCOUNT))
}

impl Theme {
    /// Returns the mail that shows an operator that mails arrive.
    pub fn test_mail(&self, language: Language) -> Result<WrittenMail, Error> {
        let subject = self.plain(language, "mail-test-subject", context! {})?;
        Ok(WrittenMail { subject, body: self.plain(language, "mail-test-body", context! {})? })
    }

    fn notice_mail(&self, language: Language, mail: &NoticeMail) -> Result<WrittenMail, Error> {
        let notice = self.plain(language, &format!("notice-{}", mail.event), context! {})?;
        let name = mail.name.as_str();
        let settings = format!("{}{}", mail.base_url, address::ACCOUNT);
        match &mail.subject {
            NoticeSubject::Dossier(code) => {
                let link = format!("{}{}", mail.base_url, address::dossier(code));
                let arguments: Value = context! { name, code => code.as_str(), notice, link, settings };
                let subject = self.plain(language, "mail-subject", arguments.clone())?;
                Ok(WrittenMail { subject, body: self.plain(language, "mail-body", arguments)? })
            }
            NoticeSubject::Draft(id) => {
                let link = format!("{}{}", mail.base_url, address::first_page(id));
                let arguments: Value = context! { name, notice => notice.as_str(), link, settings };
                Ok(WrittenMail { body: self.plain(language, "mail-draft-body", arguments)?, subject: notice })
            }
            NoticeSubject::Suggestion(id) => {
                let link = format!("{}{}", mail.base_url, address::suggestion(id));
                let arguments: Value = context! { name, notice => notice.as_str(), link, settings };
                Ok(WrittenMail { body: self.plain(language, "mail-suggestion-body", arguments)?, subject: notice })
            }
        }
    }

    fn code_mail(&self, language: Language, mail: &CodeMail) -> Result<WrittenMail, Error> {
        let arguments: Value = context! {
            name => mail.name.as_str(),
            code => mail.code.as_str(),
            minutes => mail.minutes,
            link => format!("{}{}", mail.base_url, address::of_code(mail.purpose)),
        };
        let subject = self.plain(language, &format!("mail-code-{}-subject", mail.purpose), arguments.clone())?;
        Ok(WrittenMail { subject, body: self.plain(language, &format!("mail-code-{}-body", mail.purpose), arguments)? })
    }

    fn digest_mail(&self, language: Language, mail: &DigestMail) -> Result<WrittenMail, Error> {
        let mut parts = Vec::new();
        for part in &mail.parts {
            let count = format::count(u64::try_from(part.count).unwrap_or(u64::MAX), language);
            let count = if part.more { self.plain(language, "desk-more-than", context! { count })? } else { count };
            let codes = part.codes.join(", ");
            let dots = if part.more || part.count > part.codes.len() { ", …" } else { "" };
            let line = self.plain(language, &format!("mail-digest-{}", part.word), context! { count })?;
            parts.push(format!("{line}: {codes}{dots}"));
        }
        let arguments: Value = context! {
            day => format::day(mail.day, language),
            parts => parts.join("\n"),
            link => format!("{}{}", mail.base_url, address::DESK),
            settings => format!("{}{}", mail.base_url, address::DIGEST),
        };
        let subject = self.plain(language, "mail-digest-subject", arguments.clone())?;
        Ok(WrittenMail { subject, body: self.plain(language, "mail-digest-body", arguments)? })
    }

    /// Writes a mail and a message to a phone about each notice in both languages, and returns the problems.
    pub(super) fn check_mails(&self) -> Vec<Text> {
        let sample = |event: &str, subject: NoticeSubject| NoticeMail {
            name: "Nguyễn Văn An".to_owned(),
            subject,
            event: event.to_owned(),
            base_url: "https://dichvucong.example.vn".to_owned(),
        };
        let of_dossier = |event: &str| sample(event, NoticeSubject::Dossier("H09.01-261124-0001".to_owned()));
        let of_suggestion = |event: &str| sample(event, NoticeSubject::Suggestion(SuggestionId::from("0")));
        let code = |purpose: &'static str| CodeMail {
            name: "Nguyễn Văn An".to_owned(),
            code: "12345678".to_owned(),
            purpose,
            minutes: 15,
            base_url: "https://dichvucong.example.vn".to_owned(),
        };
        let mut problems = Vec::new();
        for language in [Language::Vi, Language::En] {
            let dossiers = NOTICES.into_iter().chain([ASKED_NOTICE]).map(of_dossier);
            let samples = dossiers.chain(SUGGESTION_NOTICES.into_iter().map(of_suggestion));
            let samples = samples.chain([sample(DRAFT_NOTICE, NoticeSubject::Draft("0".to_owned()))]);
            let notices: Vec<NoticeMail> = samples.collect();
            let mails = notices.iter().map(|mail| self.notice_mail(language, mail));
            let codes = ["email", "password"].map(|purpose| self.code_mail(language, &code(purpose)));
            let others = [self.test_mail(language), self.digest_mail(language, &digest_sample())];
            let texts = notices.iter().map(|mail| self.notice_text(language, mail));
            let code_texts = ["phone", "password"].map(|purpose| self.code_text(language, &code(purpose)));
            let texts = texts.chain(code_texts).chain([self.test_text(language)]).filter_map(Result::err);
            let wrong = mails.chain(codes).chain(others).filter_map(Result::err).chain(texts);
            problems.extend(wrong.map(|error| {
                let (tag, fault) = (language.tag(), in_words(&error));
                let (vi, en) = fault.both();
                text!("một thư ({tag}): {vi}", "a mail ({tag}): {en}")
            }));
        }
        problems.dedup();
        problems
    }
}

/// Returns a digest with every part, for checking a theme.
fn digest_sample() -> DigestMail {
    let part = |word: &'static str| DigestPart {
        word,
        count: 12,
        more: word == "new",
        codes: vec!["H09.01-261124-0001".to_owned()],
    };
    DigestMail {
        day: date(2026, 11, 24),
        parts: DigestPart::WORDS.map(part).into(),
        base_url: "https://dichvucong.example.vn".to_owned(),
    }
}

impl MailTexts for Theme {
    fn write(&self, language: Language, mail: &NoticeMail) -> Result<WrittenMail, String> {
        self.notice_mail(language, mail).map_err(|error| format!("the theme cannot write the mail: {error}"))
    }

    fn write_code(&self, language: Language, mail: &CodeMail) -> Result<WrittenMail, String> {
        self.code_mail(language, mail).map_err(|error| format!("the theme cannot write the mail: {error}"))
    }

    fn write_text(&self, language: Language, mail: &NoticeMail) -> Result<WrittenText, String> {
        self.notice_text(language, mail).map_err(|error| format!("the theme cannot write the message: {error}"))
    }

    fn write_code_text(&self, language: Language, mail: &CodeMail) -> Result<WrittenText, String> {
        self.code_text(language, mail).map_err(|error| format!("the theme cannot write the message: {error}"))
    }

    fn write_digest(&self, language: Language, mail: &DigestMail) -> Result<WrittenMail, String> {
        self.digest_mail(language, mail).map_err(|error| format!("the theme cannot write the mail: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_has_the_name_the_code_and_the_addresses_as_they_are() {
        let theme = Theme::embedded().expect("the default theme");
        let code = "H09.01-261124-0001";
        let mail = NoticeMail {
            name: "Nguyễn <An> & O'Neil".to_owned(),
            subject: NoticeSubject::Dossier(code.to_owned()),
            event: "result-ready".to_owned(),
            base_url: "https://x.vn".to_owned(),
        };
        for language in [Language::Vi, Language::En] {
            let written = theme.write(language, &mail).expect("written");
            assert!(written.subject.contains(code) && !written.subject.contains('\n'), "{}", written.subject);
            for text in [mail.name.as_str(), code, "https://x.vn/dossiers/H09.01-261124-0001", "https://x.vn/account"] {
                assert!(written.body.contains(text), "{text}: {}", written.body);
            }
        }
        assert_eq!(theme.check_mails(), Vec::<Text>::new());
    }

    #[test]
    fn a_mail_about_a_suggestion_leads_to_its_page() {
        let theme = Theme::embedded().expect("the default theme");
        let mail = NoticeMail {
            name: "Nguyễn Văn An".to_owned(),
            subject: NoticeSubject::Suggestion(SuggestionId::from("0a1b")),
            event: "suggestion-answered".to_owned(),
            base_url: "https://x.vn".to_owned(),
        };
        for language in [Language::Vi, Language::En] {
            let written = theme.write(language, &mail).expect("written");
            assert!(written.body.contains(&written.subject) && !written.subject.contains('\n'), "{}", written.subject);
            for text in [mail.name.as_str(), "https://x.vn/suggestions/0a1b", "https://x.vn/account"] {
                assert!(written.body.contains(text), "{text}: {}", written.body);
            }
        }
    }

    #[test]
    fn a_digest_has_the_numbers_and_the_codes_of_each_part() {
        let theme = Theme::embedded().expect("the default theme");
        for language in [Language::Vi, Language::En] {
            let written = theme.write_digest(language, &digest_sample()).expect("written");
            assert_eq!(written.body.matches("H09.01-261124-0001, …").count(), 6, "{}", written.body);
            assert!(written.body.contains("https://dichvucong.example.vn/desk/notices"), "{}", written.body);
            assert!(written.subject.contains("24/11/2026") || language == Language::En, "{}", written.subject);
        }
    }

    #[test]
    fn a_notice_without_a_text_is_told() {
        let theme = Theme::embedded().expect("the default theme");
        let subject = NoticeSubject::Dossier(String::new());
        let mail = NoticeMail { name: String::new(), subject, event: "odd".into(), base_url: String::new() };
        assert!(theme.write(Language::Vi, &mail).is_err_and(|error| error.contains("notice-odd")));
    }
}
