//! The data around the content of every page.

use crate::theme::language::own_name;
use crate::theme::{PageLanguage, Theme};
use motcua_domain::text::Language;
use serde::Serialize;

/// The data around the content of a page.
#[derive(Debug, Clone, Serialize)]
pub struct Shell {
    /// The language of the page: `vi`, `en`, or the tag of one that the theme brings.
    pub lang: String,
    /// The language of numbers, of dates and of what authors wrote: `vi` or `en`.
    pub content_lang: &'static str,
    /// The other languages in which the page can be read.
    pub other_languages: Vec<ShellLanguage>,
    /// The address of this page, to which a change of language returns.
    pub path: String,
    /// The name of the province, from `organisation.toml`.
    pub province: String,
    /// The notice of the portal, or none.
    pub notice: Option<String>,
    /// The person who is logged in, or none.
    pub user: Option<ShellUser>,
    /// The number of unread notices, up to 9.
    pub unread: usize,
    /// The proof that a form came from this page.
    pub proof: String,
    /// The path of the theme's files.
    pub assets: String,
    /// The whole address of the portal, without a slash at its end.
    pub base_url: String,
    /// The mistakes in the folder of a preview, or `None` unless this is a preview.
    pub preview: Option<Vec<String>>,
    /// The people in whose place a preview can be seen. Empty unless this is a preview with a choice.
    pub preview_people: Vec<PreviewPerson>,
}

/// A language in which a page can be read.
#[derive(Debug, Clone, Serialize)]
pub struct ShellLanguage {
    /// The tag of the language, such as `en`.
    pub tag: String,
    /// The name of the language in the language itself.
    pub name: String,
}

impl ShellLanguage {
    fn of(theme: &Theme, language: PageLanguage) -> Self {
        Self { tag: theme.tag(language).to_owned(), name: theme.language_name(language).to_owned() }
    }

    /// Returns the languages of a theme.
    pub fn all(theme: &Theme) -> Vec<Self> {
        theme.languages().map(|language| Self::of(theme, language)).collect()
    }

    /// Returns the languages of a theme without one of them.
    pub fn others(theme: &Theme, language: PageLanguage) -> Vec<Self> {
        theme.languages().filter(|other| *other != language).map(|other| Self::of(theme, other)).collect()
    }
}

/// A person in whose place a preview can be seen.
#[derive(Debug, Clone, Serialize)]
pub struct PreviewPerson {
    /// The name of the person.
    pub name: String,
    /// The role of the person, or none for the citizen.
    pub role: Option<String>,
    /// The agency of the person, or none for the citizen.
    pub agency: Option<String>,
    /// The address that chooses the person.
    pub to: String,
    /// The page is seen in the place of this person.
    pub is_now: bool,
}

/// The person who is logged in.
#[derive(Debug, Clone, Serialize)]
pub struct ShellUser {
    /// The name of the user.
    pub name: String,
    /// The user is an officer.
    pub officer: bool,
    /// The user can name a deputy.
    pub takes_leave: bool,
    /// The user sees the officers' list.
    pub sees_desk: bool,
    /// The user receives people with paper at a counter.
    pub receives: bool,
    /// The user sees the figures.
    pub sees_figures: bool,
    /// The user sees the cash of cashiers.
    pub sees_cash: bool,
    /// The user sees what was done with accounts that counters opened.
    pub sees_account_acts: bool,
    /// The user sees the standard answers of an agency with their changes.
    pub sees_answers: bool,
    /// The user sees complaints and suggestions that officers answer.
    pub sees_suggestions: bool,
    /// The user publishes procedures.
    pub manages_procedures: bool,
    /// The user manages the accounts of officers.
    pub manages_people: bool,
    /// The user reads the audit.
    pub reads_audit: bool,
}

impl Shell {
    /// Returns shells for checking a theme: of a visitor, of an applicant and of an officer.
    pub fn samples(language: Language) -> [Self; 3] {
        let user = |officer: bool| ShellUser {
            name: "Nguyễn Văn An".to_owned(),
            officer,
            takes_leave: officer,
            sees_desk: officer,
            receives: officer,
            sees_figures: officer,
            sees_account_acts: officer,
            sees_cash: officer,
            sees_answers: officer,
            sees_suggestions: officer,
            manages_procedures: officer,
            manages_people: officer,
            reads_audit: officer,
        };
        [None, Some(user(false)), Some(user(true))].map(|user| Self::sample(language, user))
    }

    /// Returns shells for checking a theme in a language that it has, of the same people as [`Self::samples`].
    pub fn samples_in(theme: &Theme, language: PageLanguage) -> [Self; 3] {
        Self::samples(language.content()).map(|shell| Self {
            lang: theme.tag(language).to_owned(),
            other_languages: ShellLanguage::others(theme, language),
            ..shell
        })
    }

    fn sample(language: Language, user: Option<ShellUser>) -> Self {
        let other = if language == Language::Vi { Language::En } else { Language::Vi };
        Self {
            lang: language.tag().to_owned(),
            content_lang: language.tag(),
            other_languages: vec![ShellLanguage { tag: other.tag().to_owned(), name: own_name(other).to_owned() }],
            path: "/".to_owned(),
            province: "Tỉnh Mẫu".to_owned(),
            notice: user.is_some().then(|| "Trang minh họa".to_owned()),
            unread: usize::from(user.is_some()),
            user,
            proof: "0".repeat(64),
            assets: "/assets/0".to_owned(),
            base_url: "https://motcua.example".to_owned(),
            preview: None,
            preview_people: Vec::new(),
        }
    }
}
