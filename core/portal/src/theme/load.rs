//! Loading a theme with its parents.

use crate::theme::files::{DEFAULT, ThemeFiles, Unusable, embedded, media_type, on_disk, text};
use crate::theme::help;
use crate::theme::texts::{environment, locale, repeated};
use crate::theme::{MadeContent, Theme};
use motcua_domain::text::Language;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

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
        let mut repeated_texts = repeated(chain, Language::Vi)?;
        repeated_texts.extend(repeated(chain, Language::En)?);
        Ok(Self { environments, assets, digest, help: help::read(chain)?, repeated_texts })
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

#[cfg(test)]
mod tests {
    use crate::theme::Theme;

    /// The most bytes of the portal's module, as browsers fetch it.
    const LARGEST_MODULE: usize = 20_000;

    #[test]
    fn the_portals_module_has_at_most_20_kb_and_no_words_of_its_own() {
        let theme = Theme::embedded().expect("it is there");
        let (module, kind) = theme.served("portal.js").expect("the module");
        assert_eq!(kind, "text/javascript; charset=utf-8");
        let compressed = module.compressed.as_ref().expect("text is smaller when compressed");
        assert!(compressed.len() <= LARGEST_MODULE, "{} bytes", compressed.len());
        assert!(module.content().is_ascii(), "its words are in the locales, where themes change them");
    }
}
