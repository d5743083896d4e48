//! The gallery of a theme, for its author: every page with its samples, and the components of pages.
//!
//! The theme is read again for each answer, so a change shows when a page is loaded again. The gallery opens no database
//! and changes nothing.

mod sized;
#[cfg(test)]
mod tests;

use crate::pages::PAGES;
use crate::pages::gallery::sized::{Screen, narrow};
use crate::pages::render::panicked;
use crate::theme::{ListedPage, PageLanguage, Shell, ShellLanguage, Theme, in_words};
use crate::web::address::own_path;
use crate::web::security;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::middleware;
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use axum::routing::get;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Error, Value, context};
use motcua_domain::text;
use motcua_domain::text::{Language, Text};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use tower_http::catch_panic::CatchPanicLayer;

/// The template of the components, which is drawn with the parts of the theme.
const COMPONENTS: &str = include_str!("gallery/components.html");

/// The template of the list, which does not need the theme, so that a broken theme does not hide it.
const INDEX: &str = include_str!("gallery/index.html");

/// The beginning of the addresses of a theme's files.
const FILES: &str = "/files/";

/// The style sheet of the list.
const STYLE: &str = include_str!("gallery/gallery.css");

/// The beginning of the addresses of pages.
const SHOWN: &str = "/show/";

/// The width of the browser's window, as it is.
const ANY_WIDTH: &str = "any";

/// The widths of screens in pixels.
const WIDTHS: [u32; 4] = [320, 360, 768, 1280];

/// The schemes of colours: the end of a screen in addresses, whether it is dark, and the words. The first is that of the
/// machine, as it is.
const SCHEMES: [(&str, Option<bool>, (&str, &str)); 3] = [
    ("", None, ("của máy", "of the machine")),
    ("-light", Some(false), ("sáng", "light")),
    ("-dark", Some(true), ("tối", "dark")),
];

/// The people who look at a page, in the order of [`Shell::samples`].
const PEOPLE: [(&str, (&str, &str)); 3] =
    [("visitor", ("khách", "visitor")), ("applicant", ("người nộp", "applicant")), ("officer", ("cán bộ", "officer"))];

/// The theme that is shown.
#[derive(Debug, Clone)]
struct ThemeGallery {
    /// The folder of all themes.
    themes: PathBuf,
    /// The name of the theme.
    name: String,
    /// The language in which the gallery begins.
    language: Language,
}

impl ThemeGallery {
    /// Reads the theme.
    fn load(&self) -> Result<Theme, Text> {
        Theme::load(&self.themes, &self.name).map_err(|unusable| unusable.text())
    }
}

/// Returns the router of the gallery of the theme `name` in the folder `themes`.
pub fn gallery(themes: PathBuf, name: String, language: Language) -> Router {
    Router::new()
        .route("/", get(begin))
        .route("/gallery.css", get(style))
        .route("/language/{tag}", get(in_language))
        .route("/files/{screen}/{*file}", get(file))
        .route("/show/{language}/{screen}/{person}", get(index))
        .route("/show/{language}/{screen}/{person}/components", get(components))
        .route("/show/{language}/{screen}/{person}/{page}/{sample}", get(page))
        .fallback(elsewhere)
        .layer(middleware::from_fn(security::common_headers))
        .layer(CatchPanicLayer::custom(panicked))
        .with_state(ThemeGallery { themes, name, language })
}

/// The choices of an author: the language, the screen and the person.
#[derive(Debug, Clone)]
struct GalleryView {
    /// The tag of the language.
    language: String,
    screen: Screen,
    person: usize,
}

impl GalleryView {
    /// Returns the choices that an address names, if there are such. Which languages there are, the theme says.
    fn read(language: String, screen: &str, person: &str) -> Option<Self> {
        let person = PEOPLE.iter().position(|(word, _)| *word == person)?;
        Some(Self { language, screen: known_screen(screen)?, person })
    }

    /// Returns the address of a page with these choices. The list has an empty page.
    fn address(&self, page: &str) -> String {
        let screen = word(self.screen);
        let person = PEOPLE.get(self.person).map_or("", |(word, _)| *word);
        let slash = if page.is_empty() { "" } else { "/" };
        format!("{SHOWN}{}/{screen}/{person}{slash}{page}", self.language)
    }

    /// Returns the language of the list, which is that of the portal.
    fn told_in(&self) -> Language {
        if self.language == Language::Vi.tag() { Language::Vi } else { Language::En }
    }

    /// Returns the language and the data around the content of a page, if the theme has the language.
    fn shell(&self, theme: &Theme, page: &str) -> Option<(PageLanguage, Shell)> {
        let language = theme.named_language(&self.language)?;
        let shell = Shell::samples_in(theme, language).into_iter().nth(self.person)?;
        let shell = Shell { assets: [FILES, &word(self.screen)].concat(), path: self.address(page), ..shell };
        Some((language, shell))
    }
}

/// Returns the screen that an address names, such as `360`, `any-dark` or `1280-light`, if it is one of the choices.
fn known_screen(named: &str) -> Option<Screen> {
    let widths = std::iter::once(None).chain(WIDTHS.map(Some));
    let mut all = widths.flat_map(|width| SCHEMES.map(|(_, is_dark, _)| Screen { width, is_dark }));
    all.find(|screen| word(*screen) == named)
}

/// Returns a screen in addresses.
fn word(screen: Screen) -> String {
    let width = screen.width.map_or_else(|| ANY_WIDTH.to_owned(), |width| width.to_string());
    let scheme = SCHEMES.iter().find(|(_, is_dark, _)| *is_dark == screen.is_dark);
    [width.as_str(), scheme.map_or("", |(end, ..)| *end)].concat()
}

/// Returns the name of a page in addresses, which is that of its template.
fn stem(page: &ListedPage) -> &'static str {
    page.template.strip_suffix(".html").unwrap_or(page.template)
}

/// Does work with the files of the theme, for which other requests do not wait.
async fn in_background<T: Send + 'static>(work: impl FnOnce() -> Result<T, Text> + Send + 'static) -> Result<T, Text> {
    let ended = tokio::task::spawn_blocking(work).await;
    ended.unwrap_or_else(|_| Err(text!("trang không dựng được", "the page cannot be rendered")))
}

/// Returns a mistake of the theme as a plain text. The words of libraries are in English.
fn in_plain_text(mistake: &Text) -> String {
    let (vi, en) = mistake.both();
    if vi == en { format!("{vi}\n") } else { format!("{vi}\n\n{en}\n") }
}

/// Renders something with the theme as its files are now. Answers with a mistake of the theme in plain text.
async fn rendered(
    gallery: ThemeGallery,
    render: impl FnOnce(&Theme) -> Option<Result<String, Error>> + Send + 'static,
) -> Response {
    let html = in_background(move || render(&gallery.load()?).transpose().map_err(|error| in_words(&error)));
    match html.await {
        Ok(Some(html)) => Html(html).into_response(),
        Ok(None) => elsewhere().await,
        Err(mistake) => (StatusCode::UNPROCESSABLE_ENTITY, in_plain_text(&mistake)).into_response(),
    }
}

/// `GET /`: leads to the list.
async fn begin(State(gallery): State<ThemeGallery>) -> Redirect {
    let language = gallery.language.tag().to_owned();
    Redirect::to(&GalleryView { language, screen: Screen::default(), person: 0 }.address(""))
}

/// `GET /gallery.css`: the style sheet of the list.
async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}

/// The page whose language is changed.
#[derive(Debug, Clone, Default, Deserialize)]
struct ShownPage {
    #[serde(default)]
    back: String,
}

/// `GET /language/{tag}?back=`: leads to the same page in another language, as the link on the page does on the portal.
async fn in_language(Path(tag): Path<String>, Query(shown): Query<ShownPage>) -> Redirect {
    let rest = shown.back.strip_prefix(SHOWN).and_then(|rest| rest.split_once('/'));
    let to = rest.map_or_else(|| "/".to_owned(), |(_, rest)| format!("{SHOWN}{tag}/{rest}"));
    Redirect::to(&own_path(&to))
}

/// `GET /files/{screen}/{*file}`: a file of the theme. Style sheets are those of this screen.
async fn file(State(gallery): State<ThemeGallery>, Path((screen, file)): Path<(String, String)>) -> Response {
    let Some(screen) = known_screen(&screen) else { return elsewhere().await };
    let found = in_background(move || {
        let theme = gallery.load()?;
        Ok(theme.asset(&file).map(|(content, kind)| (content_on(content, kind, &file, screen), kind)))
    });
    match found.await {
        Ok(Some((content, kind))) => ([(header::CONTENT_TYPE, kind)], content).into_response(),
        Ok(None) => elsewhere().await,
        Err(mistake) => (StatusCode::UNPROCESSABLE_ENTITY, in_plain_text(&mistake)).into_response(),
    }
}

/// Returns the content of a file as a screen takes it.
fn content_on(content: &[u8], kind: &str, file: &str, screen: Screen) -> Vec<u8> {
    if !kind.starts_with("text/css") {
        return content.to_vec();
    }
    let mut sheet = screen.sheet(&String::from_utf8_lossy(content));
    // Every page has the style sheet of the tokens, and one rule is enough.
    if let (Some(width), "tokens.css") = (screen.width, file) {
        sheet.push_str(&narrow(width));
    }
    sheet.into_bytes()
}

/// A link of the list.
#[derive(Debug, Clone, Serialize)]
struct GalleryLink {
    url: String,
    text: String,
    /// The link leads to what is shown.
    is_now: bool,
}

/// Links with a name.
#[derive(Debug, Clone, Serialize)]
struct GalleryLinks {
    name: String,
    links: Vec<GalleryLink>,
}

/// The list of all pages.
#[derive(Debug, Clone, Serialize)]
struct GalleryIndex {
    tag: String,
    title: String,
    /// The mistake because of which the theme cannot be loaded, or an empty text.
    mistake: String,
    choices: Vec<GalleryLinks>,
    components: GalleryLink,
    pages: Vec<GalleryLinks>,
}

/// Returns the choices of languages, widths, colours and people as links to the list.
fn choices(view: &GalleryView, languages: &[ShellLanguage]) -> Vec<GalleryLinks> {
    let said = |vi: &str, en: &str| Text::new(vi, en).get(view.told_in()).to_owned();
    let link = |text: String, to: &GalleryView| {
        let url = to.address("");
        GalleryLink { is_now: url == view.address(""), url, text }
    };
    let languages = languages
        .iter()
        .map(|language| link(language.name.clone(), &GalleryView { language: language.tag.clone(), ..view.clone() }));
    let on = |screen: Screen| GalleryView { screen, ..view.clone() };
    let window = link(said("của cửa sổ", "of the window"), &on(Screen { width: None, ..view.screen }));
    let widths = WIDTHS.map(|width| link(width.to_string(), &on(Screen { width: Some(width), ..view.screen })));
    let schemes = SCHEMES.map(|(_, is_dark, (vi, en))| link(said(vi, en), &on(Screen { is_dark, ..view.screen })));
    let people = PEOPLE.iter().enumerate();
    let people = people.map(|(person, &(_, (vi, en)))| link(said(vi, en), &GalleryView { person, ..view.clone() }));
    vec![
        GalleryLinks { name: said("Ngôn ngữ", "Language"), links: languages.collect() },
        GalleryLinks { name: said("Chiều rộng", "Width"), links: std::iter::once(window).chain(widths).collect() },
        GalleryLinks { name: said("Màu", "Colours"), links: schemes.into() },
        GalleryLinks { name: said("Người xem", "Person"), links: people.collect() },
    ]
}

/// Returns the links to the samples of a page.
fn samples(page: &ListedPage, view: &GalleryView) -> GalleryLinks {
    let count = page.contexts().map_or(0, |contexts| contexts.len());
    let link = |number: usize| GalleryLink {
        url: view.address(&format!("{}/{number}", stem(page))),
        text: number.to_string(),
        is_now: false,
    };
    GalleryLinks { name: page.template.to_owned(), links: (1..=count).map(link).collect() }
}

/// Renders the list, with a mistake in the place of the languages if the theme cannot be loaded.
fn listed(view: &GalleryView, theme: Result<Vec<ShellLanguage>, Text>) -> Result<String, Error> {
    let (languages, mistake) = match theme {
        Ok(languages) => (languages, String::new()),
        Err(mistake) => (Vec::new(), in_plain_text(&mistake)),
    };
    let said = |vi: &str, en: &str| Text::new(vi, en).get(view.told_in()).to_owned();
    let (url, text) = (view.address("components"), said("Các thành phần", "Components"));
    let index = GalleryIndex {
        tag: view.told_in().tag().to_owned(),
        title: said("Bộ sưu tập của giao diện", "The gallery of the theme"),
        mistake,
        choices: choices(view, &languages),
        components: GalleryLink { url, text, is_now: false },
        pages: PAGES.iter().map(|page| samples(page, view)).collect(),
    };
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.render_str(INDEX, context! { index => Value::from(Serde(&index)) })
}

/// `GET /show/{language}/{screen}/{person}`: the list of all pages with their samples.
async fn index(
    State(gallery): State<ThemeGallery>,
    Path((language, screen, person)): Path<(String, String, String)>,
) -> Response {
    let Some(view) = GalleryView::read(language, &screen, &person) else { return elsewhere().await };
    let theme = in_background(move || Ok(ShellLanguage::all(&gallery.load()?))).await;
    if theme.as_ref().is_ok_and(|languages| languages.iter().all(|language| language.tag != view.language)) {
        return elsewhere().await;
    }
    match listed(&view, theme) {
        Ok(html) => Html(html).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, in_plain_text(&in_words(&error))).into_response(),
    }
}

/// `GET /show/{language}/{screen}/{person}/components`: the components of pages.
async fn components(
    State(gallery): State<ThemeGallery>,
    Path((language, screen, person)): Path<(String, String, String)>,
) -> Response {
    let Some(view) = GalleryView::read(language, &screen, &person) else { return elsewhere().await };
    let render = move |theme: &Theme| {
        let (language, shell) = view.shell(theme, "components")?;
        Some(theme.render_own(language, &shell, "components.html", COMPONENTS))
    };
    rendered(gallery, render).await
}

/// `GET /show/{language}/{screen}/{person}/{page}/{sample}`: a page with one of its samples.
async fn page(
    State(gallery): State<ThemeGallery>,
    Path((language, screen, person, name, sample)): Path<(String, String, String, String, usize)>,
) -> Response {
    let view = GalleryView::read(language, &screen, &person);
    let page = PAGES.iter().find(|page| stem(page) == name);
    let (Some(view), Some(page)) = (view, page) else { return elsewhere().await };
    let render = move |theme: &Theme| {
        let (language, shell) = view.shell(theme, &format!("{name}/{sample}"))?;
        page.rendered(theme, language, &shell).into_iter().nth(sample.checked_sub(1)?)
    };
    rendered(gallery, render).await
}

/// Answers every other address, such as those to which the links of the pages lead.
async fn elsewhere() -> Response {
    let told = "Bộ sưu tập chỉ hiện các trang mẫu; hãy quay lại, hoặc mở địa chỉ /\n\n\
                The gallery shows samples only; go back, or open the address /\n";
    (StatusCode::NOT_FOUND, told).into_response()
}
