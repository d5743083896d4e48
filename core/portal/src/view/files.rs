//! Files in the lists of pages.

use serde::Serialize;

/// A file in a list.
#[derive(Debug, Clone, Serialize)]
pub struct FileContext {
    pub id: String,
    pub url: String,
    pub name: String,
    pub size: String,
}

/// A paper of a dossier or a draft with its files, for reading.
#[derive(Debug, Clone, Serialize)]
pub struct PaperFiles {
    /// The paper's name.
    pub name: String,
    pub files: Vec<FileContext>,
}

impl FileContext {
    pub fn sample() -> Self {
        Self { id: "0".into(), url: "/".into(), name: "a.pdf".into(), size: "1 kB".into() }
    }
}
