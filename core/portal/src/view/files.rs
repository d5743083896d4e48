//! Files in the lists of pages.

use serde::Serialize;

/// A file in a list.
#[derive(Debug, Clone, Serialize)]
pub struct FileContext {
    /// The id for buttons about the file, or an empty text where it cannot be changed.
    pub id: String,
    /// The address from which the file is downloaded.
    pub url: String,
    /// The name of the file.
    pub name: String,
    /// The size, such as `1.5 MB`.
    pub size: String,
}

/// A paper of a dossier or a draft with its files, for reading.
#[derive(Debug, Clone, Serialize)]
pub struct PaperFiles {
    /// The paper's name.
    pub name: String,
    /// A counter has seen the paper.
    pub on_paper: bool,
    /// The attached files. The list may be empty.
    pub files: Vec<FileContext>,
}

impl FileContext {
    pub fn sample() -> Self {
        Self { id: "0".into(), url: "/".into(), name: "a.pdf".into(), size: "1 kB".into() }
    }
}
