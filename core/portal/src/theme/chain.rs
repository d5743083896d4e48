//! A theme with its parents, as their files are.

use crate::theme::files::{DEFAULT, ThemeFiles, Unusable, embedded, on_disk, text};
use crate::theme::language::may_be_further;
use motcua_domain::text::Language;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use toml::Spanned;

/// The name of the theme that is in the binary.
pub const LAST_PARENT: &str = "default";

/// The file that says what a theme changes.
pub const MANIFEST: &str = "theme.toml";

/// The content of `theme.toml`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThemeManifest {
    /// The theme that this one changes.
    #[serde(default)]
    pub parent: Option<String>,
    /// Design tokens by name, such as `color-primary = "#a3182b"`.
    #[serde(default)]
    pub tokens: BTreeMap<String, Spanned<String>>,
    /// The tokens that are other in the dark scheme.
    #[serde(default)]
    pub dark: BTreeMap<String, Spanned<String>>,
    /// The theme has no dark scheme, whatever its parents have.
    #[serde(default)]
    pub light_only: bool,
    /// The colours that style sheets of the theme draw on each other.
    #[serde(default)]
    pub contrast: ContrastPairs,
    /// The languages that the theme brings, by their tags. Their texts are in `locales/TAG.ftl`.
    #[serde(default)]
    pub languages: BTreeMap<String, BroughtLanguage>,
}

/// A language that a theme brings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BroughtLanguage {
    /// The name of the language in the language itself, such as `Français`.
    pub name: String,
    /// The language of what the theme does not translate, of what authors wrote, and of numbers and dates.
    #[serde(default = "english")]
    pub content: Language,
}

/// Returns the language of the content of most further languages.
const fn english() -> Language {
    Language::En
}

/// The colours that a style sheet draws on each other: lines such as `color-text on color-page color-surface`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContrastPairs {
    /// Text on its grounds.
    #[serde(default)]
    pub text: Vec<Spanned<String>>,
    /// Frames and other marks without words, on their grounds.
    #[serde(default)]
    pub marks: Vec<Spanned<String>>,
}

/// A scheme of colours that a reader's machine prefers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColourScheme {
    Light,
    Dark,
}

/// The value of a token with its place.
#[derive(Debug, Clone, Copy)]
pub struct PlacedToken<'a> {
    pub value: &'a str,
    /// The number of the theme in the chain.
    pub theme: usize,
    /// The byte in the manifest of the theme at which the value begins.
    pub at: usize,
}

/// A theme and its parents, the theme first.
#[derive(Debug, Default)]
pub struct ThemeChain {
    /// The name of each theme with its files.
    pub folders: Vec<(String, ThemeFiles)>,
    /// The manifests of the themes, in the same order.
    pub manifests: Vec<ThemeManifest>,
}

impl ThemeChain {
    /// Reads the theme `name` in the folder `themes`, with its parents.
    pub fn read(themes: &Path, name: &str) -> Result<Self, Unusable> {
        let mut chain = Self::default();
        let mut next = Some(name.to_owned());
        while let Some(name) = next {
            let mut files = ThemeFiles::new();
            if name == LAST_PARENT {
                embedded(&DEFAULT, &mut files);
            } else {
                let folder = themes.join(&name);
                let looped = chain.folders.iter().any(|(known, _)| *known == name);
                if looped || !folder.is_dir() || name.contains(['/', '\\', '.']) {
                    return Err(Unusable::Missing(folder));
                }
                on_disk(&folder, &folder, &mut files)?;
            }
            let manifest: ThemeManifest = toml::from_str(&text(&name, &files, MANIFEST)?)
                .map_err(|error| Unusable::File { file: format!("{name}/{MANIFEST}"), reason: error.to_string() })?;
            for (token, value) in manifest.tokens.iter().chain(&manifest.dark) {
                check_token(&name, token, value.get_ref())?;
            }
            for (tag, language) in &manifest.languages {
                check_language(&name, tag, language)?;
            }
            next = (name != LAST_PARENT).then(|| manifest.parent.clone().unwrap_or_else(|| LAST_PARENT.to_owned()));
            chain.folders.push((name, files));
            chain.manifests.push(manifest);
        }
        Ok(chain)
    }

    /// Returns the languages that the theme and its parents bring, by their tags. That of the theme goes before those of
    /// its parents.
    pub fn languages(&self) -> BTreeMap<&str, &BroughtLanguage> {
        let all = self.manifests.iter().rev().flat_map(|manifest| &manifest.languages);
        all.map(|(tag, language)| (tag.as_str(), language)).collect()
    }

    /// Returns the schemes that the theme has.
    pub fn schemes(&self) -> impl Iterator<Item = ColourScheme> {
        std::iter::once(ColourScheme::Light).chain(self.has_dark().then_some(ColourScheme::Dark))
    }

    /// Returns whether readers whose machine prefers a dark scheme get one.
    fn has_dark(&self) -> bool {
        let is_light_only = self.manifests.iter().any(|manifest| manifest.light_only);
        !is_light_only && self.manifests.iter().any(|manifest| !manifest.dark.is_empty())
    }

    /// Returns a token in a scheme. A token of a theme replaces that of its parents, and one of the dark scheme replaces
    /// all others there.
    pub fn token(&self, scheme: ColourScheme, name: &str) -> Option<PlacedToken<'_>> {
        let dark = if scheme == ColourScheme::Dark { self.find(name, |manifest| &manifest.dark) } else { None };
        dark.or_else(|| self.find(name, |manifest| &manifest.tokens))
    }

    /// Returns the first token of this name in one of the tables of the manifests.
    fn find<'a>(
        &'a self,
        name: &str,
        table: impl Fn(&'a ThemeManifest) -> &'a BTreeMap<String, Spanned<String>>,
    ) -> Option<PlacedToken<'a>> {
        self.manifests.iter().enumerate().find_map(|(theme, manifest)| {
            let value = table(manifest).get(name)?;
            Some(PlacedToken { value: value.get_ref(), theme, at: value.span().start })
        })
    }

    /// Returns the file and the line of a byte in the manifest of the theme with this number.
    pub fn place(&self, theme: usize, at: usize) -> Result<String, Unusable> {
        let Some((name, files)) = self.folders.get(theme) else { return Ok(MANIFEST.to_owned()) };
        let source = text(name, files, MANIFEST)?;
        let line = 1 + source.get(..at).unwrap_or_default().matches('\n').count();
        Ok(format!("{name}/{MANIFEST}:{line}"))
    }

    /// Returns the style sheet with the tokens.
    pub fn style_sheet(&self) -> String {
        let light = declared(self.manifests.iter().map(|manifest| &manifest.tokens));
        if !self.has_dark() {
            return format!(":root {{\n{light}}}\n");
        }
        let dark = declared(self.manifests.iter().map(|manifest| &manifest.dark));
        // What is printed is dark on white.
        format!(
            ":root {{\n{light}}}\n\
             @media screen and (prefers-color-scheme: dark) {{\n:root {{\n  color-scheme: dark;\n{dark}}}\n}}\n"
        )
    }
}

/// Returns the declarations of tokens, by name. The first table that has a token counts.
fn declared<'a>(tables: impl DoubleEndedIterator<Item = &'a BTreeMap<String, Spanned<String>>>) -> String {
    let mut tokens: BTreeMap<&str, &str> = BTreeMap::new();
    for table in tables.rev() {
        tokens.extend(table.iter().map(|(name, value)| (name.as_str(), value.get_ref().as_str())));
    }
    let lines: Vec<String> = tokens.iter().map(|(name, value)| format!("  --{name}: {value};\n")).collect();
    lines.concat()
}

/// Checks a language that a theme brings.
fn check_language(theme: &str, tag: &str, language: &BroughtLanguage) -> Result<(), Unusable> {
    if may_be_further(tag) && !language.name.trim().is_empty() {
        return Ok(());
    }
    let reason =
        format!("language `{tag}`: name a language tag such as `fr` or `km`, other than `vi` and `en`, and a name");
    Err(Unusable::File { file: format!("{theme}/{MANIFEST}"), reason })
}

/// Checks a token's value. It goes into a style sheet as it is, so it may not leave its place there.
fn check_token(theme: &str, name: &str, value: &str) -> Result<(), Unusable> {
    let good_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if good_name && !value.contains(['{', '}', ';', '<', '\\']) && !value.contains("url(") {
        return Ok(());
    }
    let reason = format!("token `{name}`: write a plain CSS value such as \"#a3182b\" or \"0.5rem\"");
    Err(Unusable::File { file: format!("{theme}/{MANIFEST}"), reason })
}
