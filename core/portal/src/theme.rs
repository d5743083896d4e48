//! Themes: templates, texts, colours and the emblem.
//!
//! A theme has a parent and overrides one template, one block, one text or one colour at a time. The last parent is the
//! default theme, which is in the binary.

mod named;
mod page;
mod shell;

pub(crate) use named::unnamed;
pub(crate) use page::Listed;
pub use page::{ListedPage, Page};
pub use shell::{Shell, ShellUser};

use crate::address;
use crate::markdown;
use crate::web::cached::MadeContent;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use include_dir::{Dir, include_dir};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Serde};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value, context};
use motcua_domain::number;
use motcua_domain::text::Language;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

static DEFAULT: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../themes/default");

/// The content of `theme.toml`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ThemeManifest {
    /// The theme that this one changes.
    #[serde(default)]
    parent: Option<String>,
    /// Design tokens by name, such as `color-primary = "#a3182b"`.
    #[serde(default)]
    tokens: BTreeMap<String, String>,
}

/// The reason why a theme cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    #[error("{0}: there is no such theme folder")]
    Missing(PathBuf),
    #[error("{file}: {reason}")]
    File { file: String, reason: String },
}

/// The files of one theme, by path within it.
type ThemeFiles = BTreeMap<String, Vec<u8>>;

/// A theme that is ready to render.
pub struct Theme {
    environments: [Environment<'static>; 2],
    /// The files by their path below `static`, with their media types.
    assets: BTreeMap<String, (MadeContent, &'static str)>,
    digest: String,
}

impl std::fmt::Debug for Theme {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Theme").field("digest", &self.digest).finish_non_exhaustive()
    }
}

fn embedded(dir: &Dir<'_>, files: &mut ThemeFiles) {
    for file in dir.files() {
        files.insert(file.path().to_string_lossy().replace('\\', "/"), file.contents().to_vec());
    }
    for inner in dir.dirs() {
        embedded(inner, files);
    }
}

fn on_disk(root: &Path, folder: &Path, files: &mut ThemeFiles) -> Result<(), Unusable> {
    let unusable =
        |error: std::io::Error| Unusable::File { file: folder.display().to_string(), reason: error.to_string() };
    for entry in std::fs::read_dir(folder).map_err(unusable)? {
        let path = entry.map_err(unusable)?.path();
        if path.is_dir() {
            on_disk(root, &path, files)?;
        } else {
            let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            files.insert(name, std::fs::read(&path).map_err(unusable)?);
        }
    }
    Ok(())
}

/// Returns the media type of a file by the end of its name.
fn media_type(file: &str) -> &'static str {
    let (_, end) = file.rsplit_once('.').unwrap_or_default();
    match end.to_ascii_lowercase().as_str() {
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/vnd.microsoft.icon",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "ttf" => "font/ttf",
        "otf" => "font/otf",
        _ => "application/octet-stream",
    }
}

fn text(name: &str, files: &ThemeFiles, file: &str) -> Result<String, Unusable> {
    let bytes = files.get(file).cloned().unwrap_or_default();
    String::from_utf8(bytes)
        .map_err(|_| Unusable::File { file: format!("{name}/{file}"), reason: "it is not UTF-8 text".to_owned() })
}

impl Theme {
    /// Returns the theme that is in the binary.
    pub fn embedded() -> Result<Self, Unusable> {
        Self::load(Path::new("."), "default")
    }

    /// Returns the theme `name` in the folder `themes`, with its parents.
    pub fn load(themes: &Path, name: &str) -> Result<Self, Unusable> {
        let mut chain: Vec<(String, ThemeFiles)> = Vec::new();
        let mut next = Some(name.to_owned());
        let mut tokens = BTreeMap::new();
        while let Some(name) = next {
            let mut files = ThemeFiles::new();
            if name == "default" {
                embedded(&DEFAULT, &mut files);
            } else {
                let folder = themes.join(&name);
                let looped = chain.iter().any(|(known, _)| *known == name);
                if looped || !folder.is_dir() || name.contains(['/', '\\', '.']) {
                    return Err(Unusable::Missing(folder));
                }
                on_disk(&folder, &folder, &mut files)?;
            }
            let manifest: ThemeManifest = toml::from_str(&text(&name, &files, "theme.toml")?)
                .map_err(|error| Unusable::File { file: format!("{name}/theme.toml"), reason: error.to_string() })?;
            for (token, value) in manifest.tokens {
                check_token(&name, &token, &value)?;
                tokens.entry(token).or_insert(value);
            }
            next = (name != "default").then(|| manifest.parent.unwrap_or_else(|| "default".to_owned()));
            chain.push((name, files));
        }
        Self::build(&chain, &tokens)
    }

    fn build(chain: &[(String, ThemeFiles)], tokens: &BTreeMap<String, String>) -> Result<Self, Unusable> {
        let mut templates: BTreeMap<String, String> = BTreeMap::new();
        let mut assets = BTreeMap::new();
        for (name, files) in chain.iter().rev() {
            for file in files.keys() {
                if let Some(template) = file.strip_prefix("templates/") {
                    let source = text(name, files, file)?;
                    templates.insert(format!("{name}/{template}"), source.clone());
                    templates.insert(template.to_owned(), source);
                } else if let Some(asset) = file.strip_prefix("static/") {
                    assets.insert(asset.to_owned(), (files[file].clone(), media_type(asset)));
                }
            }
        }
        let css: Vec<String> = tokens.iter().map(|(name, value)| format!("  --{name}: {value};")).collect();
        let css = css.join("\n");
        assets
            .insert("tokens.css".to_owned(), (format!(":root {{\n{css}\n}}\n").into_bytes(), media_type("tokens.css")));
        let mut hasher = Sha256::new();
        for (name, (bytes, _)) in &assets {
            hasher.update(name.as_bytes());
            hasher.update(bytes);
        }
        let digest = hex::encode(&hasher.finalize()[..8]);
        let assets = assets.into_iter().map(|(name, (bytes, kind))| (name, (MadeContent::of(bytes), kind))).collect();
        let templates = Arc::new(templates);
        let environments = [
            environment(templates.clone(), locale(chain, Language::Vi)?),
            environment(templates, locale(chain, Language::En)?),
        ];
        Ok(Self { environments, assets, digest })
    }

    /// Returns the path of the theme's files, which changes with their content.
    pub fn assets_path(&self) -> String {
        address::theme_files(&self.digest)
    }

    /// Returns the digest of the theme's files.
    pub(crate) fn digest(&self) -> &str {
        &self.digest
    }

    /// Returns a file of the theme and its media type.
    pub fn asset(&self, file: &str) -> Option<(&[u8], &'static str)> {
        self.served(file).map(|(made, kind)| (made.content(), kind))
    }

    /// Returns a file of the theme as it is sent, and its media type.
    pub(crate) fn served(&self, file: &str) -> Option<(&MadeContent, &'static str)> {
        self.assets.get(file).map(|(made, kind)| (made, *kind))
    }

    /// Renders a page in a language.
    pub fn render<P: Page>(&self, language: Language, shell: &Shell, page: &P) -> Result<String, Error> {
        let environment = match language {
            Language::Vi => &self.environments[0],
            Language::En => &self.environments[1],
        };
        environment.get_template(P::TEMPLATE)?.render(context! {
            shell => Value::from(Serde(shell)),
            page => Value::from(Serde(page)),
        })
    }

    /// Returns a text of the theme without arguments, or its key if the text does not exist.
    pub fn text(&self, language: Language, key: &str) -> String {
        let [vi, en] = &self.environments;
        let environment = if language == Language::Vi { vi } else { en };
        environment.render_str("{{ t(key) }}", context! { key }).unwrap_or_else(|_| key.to_owned())
    }
}

/// Checks a token's value. It goes into a style sheet as it is, so it may not leave its place there.
fn check_token(theme: &str, name: &str, value: &str) -> Result<(), Unusable> {
    let good_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if good_name && !value.contains(['{', '}', ';', '<', '\\']) && !value.contains("url(") {
        return Ok(());
    }
    let reason = format!("token `{name}`: write a plain CSS value such as \"#a3182b\" or \"0.5rem\"");
    Err(Unusable::File { file: format!("{theme}/theme.toml"), reason })
}

fn locale(chain: &[(String, ThemeFiles)], language: Language) -> Result<FluentBundle<FluentResource>, Unusable> {
    let tag: unic_langid::LanguageIdentifier = language.tag().parse().expect("a tag of ours is well-formed");
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    bundle.set_use_isolating(false);
    match language {
        Language::Vi => bundle.set_formatter(Some(decimal_vi)),
        Language::En => bundle.set_formatter(Some(decimal_en)),
    }
    let file = format!("locales/{}.ftl", language.tag());
    for (name, files) in chain.iter().rev() {
        let source = text(name, files, &file)?;
        let resource = FluentResource::try_new(source).map_err(|(_, errors)| Unusable::File {
            file: format!("{name}/{file}"),
            reason: errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
        })?;
        bundle.add_resource_overriding(resource);
    }
    Ok(bundle)
}

fn environment(templates: Arc<BTreeMap<String, String>>, bundle: FluentBundle<FluentResource>) -> Environment<'static> {
    let mut environment = Environment::new();
    // A line with only a statement of a template leaves no line in the page.
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.expect("the delimiters are those of minijinja"));
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_loader(move |name| Ok(templates.get(name).cloned()));
    environment.add_filter("markdown", |text: &str| Value::from_safe_string(markdown::html(text)));
    environment.add_function("t", move |key: &str, arguments: Kwargs| translate(&bundle, key, &arguments));
    environment
}

/// Writes a number with decimals as Vietnamese readers do. Whole numbers stay as they are.
fn decimal_vi<M>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    decimal(value, Language::Vi)
}

/// Writes a number with decimals as English readers do.
fn decimal_en<M>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    decimal(value, Language::En)
}

fn decimal(value: &FluentValue<'_>, language: Language) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    (number.value.fract().abs() > 0.0).then(|| number::decimal(number.value, language))
}

/// Returns an argument of a text. A number stays a number, because plurals follow from it.
fn argument(value: &Value) -> FluentValue<'static> {
    match f64::try_from(value.clone()) {
        Ok(number) if value.is_number() && number.is_finite() => {
            value.as_i64().map_or_else(|| FluentValue::from(number), FluentValue::from)
        }
        _ => FluentValue::from(value.to_string()),
    }
}

/// Returns the text `key` of the locale with its arguments. A missing text is an error, as a missing name is.
fn translate(bundle: &FluentBundle<FluentResource>, key: &str, arguments: &Kwargs) -> Result<String, Error> {
    let missing = || Error::new(ErrorKind::InvalidOperation, format!("there is no text `{key}` in the locale"));
    let pattern = bundle.get_message(key).and_then(|message| message.value()).ok_or_else(missing)?;
    let mut values = FluentArgs::new();
    for name in arguments.args() {
        let value: Value = arguments.get(name)?;
        values.set(name.to_owned(), argument(&value));
    }
    let mut errors = Vec::new();
    let text = bundle.format_pattern(pattern, Some(&values), &mut errors).into_owned();
    match errors.first() {
        Some(error) => Err(Error::new(ErrorKind::InvalidOperation, format!("text `{key}`: {error}"))),
        None => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(language: Language, text: &str, number: impl Into<Value>) -> String {
        let file = format!("locales/{}.ftl", language.tag());
        let files = ThemeFiles::from([(file, format!("text = {text}\n").into_bytes())]);
        let bundle = locale(&[("a theme".to_owned(), files)], language).expect("it can be read");
        let number: Value = number.into();
        let template = "{{ t('text', n=number) }}";
        environment(Arc::default(), bundle).render_str(template, context! { number }).expect("it is rendered")
    }

    #[test]
    fn a_number_in_a_text_keeps_its_decimals_and_is_written_as_the_reader_does() {
        let area = "{ $n } ha";
        assert_eq!(said(Language::Vi, area, 1234.5), "1.234,5 ha");
        assert_eq!(said(Language::En, area, 1234.5), "1,234.5 ha");
        assert_eq!(said(Language::Vi, area, 2026), "2026 ha");
        assert_eq!(said(Language::Vi, area, 2.0), "2 ha");
        assert_eq!(said(Language::Vi, area, f64::INFINITY), "inf ha");
        let days = "{ $n ->\n    [one] a day\n   *[other] { $n } days\n }";
        assert_eq!(said(Language::En, days, 1), "a day");
        assert_eq!(said(Language::En, days, 1.5), "1.5 days");
    }

    #[test]
    fn a_file_has_the_media_type_of_its_name() {
        for (file, kind) in [
            ("style.css", "text/css; charset=utf-8"),
            ("fonts/noto-sans.woff2", "font/woff2"),
            ("fonts/NOTO.TTF", "font/ttf"),
            ("pictures/cover.jpg", "image/jpeg"),
            ("woff2", "application/octet-stream"),
            ("a.html", "application/octet-stream"),
        ] {
            assert_eq!(media_type(file), kind, "{file}");
        }
    }
}
