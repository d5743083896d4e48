//! The files that a template can read: itself, the parts that all templates share, and the data.

use crate::PrintFault;
use crate::fonts::{BOOK, FONTS};
use crate::signs::printable;
use serde_json::Value;
use std::sync::LazyLock;
use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt as _, World};

/// The folder of the files, for a template and for the places of its mistakes.
const FOLDER: &str = "documents";

/// The name of the parts that all templates share.
const SHARED: &str = "letter.typ";

/// The name of the data.
const DATA: &str = "data.json";

/// The standard library of typst, built once.
static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| LazyHash::new(Library::default()));

/// A letter before it is printed.
#[derive(Debug, Clone)]
pub struct LetterSource<'a> {
    /// The name of the template, such as `form-02.typ`. The library keeps every name that it was ever given, so there are
    /// only a few.
    pub name: &'a str,
    pub template: &'a str,
    /// The parts that all templates share, which a template imports as `letter.typ`.
    pub shared: &'a str,
    /// The data, which a template reads as `data.json`.
    pub data: Value,
}

/// The files of one letter.
pub struct LetterWorld {
    form: Source,
    shared: Source,
    data: (FileId, Bytes),
}

/// Returns the id of a file.
fn id(name: &str) -> Result<FileId, PrintFault> {
    let path = VirtualPath::new(format!("{FOLDER}/{name}"))
        .map_err(|_| PrintFault::Unfit(format!("`{name}` is no name of a file")))?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

/// Returns the answer to a template that reads a file which does not exist.
fn missing(id: FileId) -> FileError {
    FileError::NotFound(id.vpath().get_without_slash().into())
}

impl LetterWorld {
    /// Returns the files of a letter.
    pub fn new(letter: LetterSource<'_>) -> Result<Self, PrintFault> {
        let data = printable(letter.data).to_string();
        Ok(Self {
            form: Source::new(id(letter.name)?, letter.template.to_owned()),
            shared: Source::new(id(SHARED)?, letter.shared.to_owned()),
            data: (id(DATA)?, Bytes::from_string(data)),
        })
    }

    /// Returns the name of the template with its folder.
    pub fn name(&self) -> String {
        self.form.id().vpath().get_without_slash().to_owned()
    }
}

impl World for LetterWorld {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &BOOK
    }

    fn main(&self) -> FileId {
        self.form.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        let known = [&self.form, &self.shared].into_iter().find(|source| source.id() == id);
        known.cloned().ok_or_else(|| missing(id))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let (data, content) = &self.data;
        if *data == id {
            return Ok(content.clone());
        }
        Ok(Bytes::from_string(self.source(id)?.text().to_owned()))
    }

    fn font(&self, index: usize) -> Option<Font> {
        FONTS.get(index).cloned()
    }

    /// Returns no day, because a letter has the day that its data name.
    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
