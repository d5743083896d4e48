//! Files that belong to a dossier: the accepted kinds, and their names in the store and in papers.

use crate::names::{Digest, PaperId};
use serde::{Deserialize, Serialize};

/// The megabytes of the largest file of a paper about which nothing else is said. A message takes as much, too.
pub const PAPER_MEGABYTES: i64 = 10;

/// The most files of a paper about which nothing else is said.
pub const PAPER_FILES: i64 = 5;

/// An accepted type of file, recognised by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MediaKind {
    Pdf,
    Jpeg,
    Png,
    Docx,
    Xlsx,
    Doc,
    Xls,
    Odt,
    Ods,
    /// XML with a digital signature in it.
    Xml,
    Dwg,
}

impl MediaKind {
    pub const ALL: [Self; 11] = [
        Self::Pdf,
        Self::Jpeg,
        Self::Png,
        Self::Docx,
        Self::Xlsx,
        Self::Doc,
        Self::Xls,
        Self::Odt,
        Self::Ods,
        Self::Xml,
        Self::Dwg,
    ];

    /// The kinds of a paper about which nothing else is said: PDF and photographs. A message takes them, too.
    pub const OF_PAPERS: [Self; 3] = [Self::Pdf, Self::Jpeg, Self::Png];

    /// Returns the configuration word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Jpeg => "jpeg",
            Self::Png => "png",
            Self::Docx => "docx",
            Self::Xlsx => "xlsx",
            Self::Doc => "doc",
            Self::Xls => "xls",
            Self::Odt => "odt",
            Self::Ods => "ods",
            Self::Xml => "xml",
            Self::Dwg => "dwg",
        }
    }

    /// Returns the ending by which programs know the file.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            other => other.name(),
        }
    }

    /// Returns the media type under which the portal serves the file.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Doc => "application/msword",
            Self::Xls => "application/vnd.ms-excel",
            Self::Odt => "application/vnd.oasis.opendocument.text",
            Self::Ods => "application/vnd.oasis.opendocument.spreadsheet",
            Self::Xml => "application/xml",
            Self::Dwg => "image/vnd.dwg",
        }
    }

    /// Returns whether the file is a photograph.
    pub const fn is_photo(self) -> bool {
        matches!(self, Self::Jpeg | Self::Png)
    }

    /// Returns the kind with this media type.
    pub fn from_media_type(media_type: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.media_type() == media_type)
    }
}

/// A file in the store, named by the SHA-256 of its content.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct StoredFile {
    pub digest: Digest,
    /// The name from the sender.
    pub name: String,
    pub media_type: String,
    pub bytes: u64,
}

/// A file attached as a paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachedPaper {
    pub paper: PaperId,
    pub file: StoredFile,
}
