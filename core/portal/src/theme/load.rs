//! Loading a theme with its parents.

use crate::theme::chain::ThemeChain;
use crate::theme::files::{Unusable, media_type, text};
use crate::theme::language::FurtherLanguage;
use crate::theme::texts::{environment, locale};
use crate::theme::{MadeContent, Theme, ThemeOrigin};
use crate::theme::{announcements, help};
use fluent_bundle::FluentResource;
use fluent_bundle::concurrent::FluentBundle;
use motcua_domain::text::Language;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

impl Theme {
    /// Returns the theme that is in the binary.
    pub fn embedded() -> Result<Self, Unusable> {
        Self::load(Path::new("."), "default")
    }

    /// Returns the theme `name` in the folder `themes`, with its parents.
    pub fn load(themes: &Path, name: &str) -> Result<Self, Unusable> {
        let chain = ThemeChain::read(themes, name)?;
        let origin = ThemeOrigin { themes: themes.to_owned(), name: name.to_owned() };
        Self::build(&chain, origin)
    }

    /// Reads the files of the theme and its parents once more, for what only a check needs.
    pub(crate) fn chain(&self) -> Result<ThemeChain, Unusable> {
        ThemeChain::read(&self.origin.themes, &self.origin.name)
    }

    fn build(chain: &ThemeChain, origin: ThemeOrigin) -> Result<Self, Unusable> {
        let mut templates: BTreeMap<String, String> = BTreeMap::new();
        let (mut assets, mut documents) = (BTreeMap::new(), BTreeMap::new());
        for (name, files) in chain.folders.iter().rev() {
            for file in files.keys() {
                if let Some(template) = file.strip_prefix("templates/") {
                    let source = text(name, files, file)?;
                    templates.insert(format!("{name}/{template}"), source.clone());
                    templates.insert(template.to_owned(), source);
                } else if let Some(asset) = file.strip_prefix("static/") {
                    assets.insert(asset.to_owned(), (files[file].clone(), media_type(asset)));
                } else if let Some(document) = file.strip_prefix("documents/") {
                    documents.insert(document.to_owned(), text(name, files, file)?);
                }
            }
        }
        assets.insert("tokens.css".to_owned(), (chain.style_sheet().into_bytes(), media_type("tokens.css")));
        let mut hasher = Sha256::new();
        for (name, (bytes, _)) in &assets {
            hasher.update(name.as_bytes());
            hasher.update(bytes);
        }
        let digest = hex::encode(&hasher.finalize()[..8]);
        let assets = assets.into_iter().map(|(name, (bytes, kind))| (name, (MadeContent::of(bytes), kind))).collect();
        let templates = Arc::new(templates);
        let environments = [
            environment(templates.clone(), vec![of_portal(chain, Language::Vi)?]),
            environment(templates.clone(), vec![of_portal(chain, Language::En)?]),
        ];
        let mut further = Vec::new();
        for (tag, brought) in chain.languages() {
            let own = locale(&chain.folders, tag, brought.content)?;
            further.push(FurtherLanguage {
                tag: tag.to_owned(),
                name: brought.name.clone(),
                content: brought.content,
                environment: environment(templates.clone(), vec![own, of_portal(chain, brought.content)?]),
            });
        }
        let tags: Vec<&str> = chain.languages().into_keys().collect();
        let help = help::read(&chain.folders, help::FOLDER, &tags)?;
        let announcements = announcements::read(&chain.folders)?;
        Ok(Self { environments, further, assets, digest, documents, help, announcements, origin })
    }
}

/// Returns the texts of a language of the portal.
fn of_portal(chain: &ThemeChain, language: Language) -> Result<FluentBundle<FluentResource>, Unusable> {
    locale(&chain.folders, language.tag(), language)
}

#[cfg(test)]
mod tests {
    use crate::theme::Theme;

    /// The most bytes of the portal's modules together, as browsers fetch them.
    const LARGEST_MODULES: usize = 20_000;

    #[test]
    fn the_portals_modules_have_at_most_20_kb_together_and_no_words_of_their_own() {
        let theme = Theme::embedded().expect("it is there");
        let mut bytes = 0;
        for (file, (module, _)) in theme.assets.iter().filter(|(_, (_, kind))| kind.starts_with("text/javascript")) {
            bytes += module.compressed.as_ref().expect("text is smaller when compressed").len();
            assert!(module.content().is_ascii(), "the words of {file} are in the locales, where themes change them");
        }
        assert!((1..=LARGEST_MODULES).contains(&bytes), "{bytes} bytes");
    }
}
