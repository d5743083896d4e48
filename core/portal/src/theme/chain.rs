//! A theme with its parents, as their files are.

use crate::theme::files::{DEFAULT, ThemeFiles, Unusable, embedded, on_disk, text};
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
            for (token, value) in &manifest.tokens {
                check_token(&name, token, value.get_ref())?;
            }
            next = (name != LAST_PARENT).then(|| manifest.parent.clone().unwrap_or_else(|| LAST_PARENT.to_owned()));
            chain.folders.push((name, files));
            chain.manifests.push(manifest);
        }
        Ok(chain)
    }

    /// Returns the tokens. A token of a theme replaces that of its parents.
    pub fn tokens(&self) -> BTreeMap<&str, &str> {
        let mut tokens = BTreeMap::new();
        for manifest in self.manifests.iter().rev() {
            tokens.extend(manifest.tokens.iter().map(|(name, value)| (name.as_str(), value.get_ref().as_str())));
        }
        tokens
    }
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
