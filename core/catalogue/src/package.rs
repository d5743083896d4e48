//! A procedure as one file that its author sends to the portals that offer it: a ZIP archive with a manifest that names
//! every file and its digest, and the workflow template of the procedure. A signature in minisign's format stands in a
//! file beside it.

use crate::context::{ProcedureContext, folder_of};
use crate::declared::{self, Declared};
use crate::files::procedure::is_slug;
use crate::files::workflow::Templates;
use crate::province::{Builtin, Province};
use crate::reading::diagnostic::{Diagnostic, MistakeReport};
use crate::reading::tree::{LARGEST_FILE, Tree};
pub use crate::signature::{UnsignedPackage, is_public_key, signer};
use motcua_domain::text::Text;
use motcua_domain::{displayed_in_english, text};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::io::{Cursor, Read as _, Write as _};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

/// The extension of a package's file name.
pub const EXTENSION: &str = "motcua";

/// The largest package, in bytes.
pub const LARGEST: usize = 32 << 20;

/// The most files in a package.
const MOST_FILES: usize = 500;

/// The most bytes of all files together, unpacked.
const MOST_BYTES: u64 = 64 << 20;

const MANIFEST: &str = "manifest.toml";
const FORMAT: u32 = 1;

/// The contents of the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PackageManifest {
    /// The number of this format: 1.
    format: u32,
    /// The name of the folder above the procedure's own.
    agency: String,
    /// The name of the procedure's folder.
    slug: String,
    /// The lower-case hexadecimal SHA-256 of each file, by path.
    files: BTreeMap<String, String>,
}

/// A package that was opened. Its files are those of the manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// The name of the folder above the procedure's own.
    pub agency: String,
    pub slug: String,
    files: Tree,
}

/// The reason why a file is not a usable package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotAPackage {
    TooLarge,
    Broken(String),
    /// A newer version of Motcua made the package, in this format.
    Newer(u32),
    /// The manifest does not name the file.
    Stowaway(String),
    /// The manifest names a file that is not there.
    Missing(String),
    /// The file has another digest than the manifest says.
    Changed(String),
    /// The folder has no such procedure.
    NoProcedure(String),
}

impl NotAPackage {
    /// Returns the reason in words.
    pub fn text(&self) -> Text {
        match self {
            Self::TooLarge => {
                let most = LARGEST >> 20;
                text!("một gói có nhiều nhất {most} MB", "a package has at most {most} MB")
            }
            Self::Broken(why) => text!(
                "đây không phải là gói: {why}; hãy tạo gói bằng `motcua procedure pack`",
                "this is not a package: {why}; make one with `motcua procedure pack`"
            ),
            Self::Newer(format) => text!(
                "gói do một bản Motcua mới hơn tạo ra (định dạng {format}); bản này biết định dạng {FORMAT}",
                "the package was made by a newer Motcua (format {format}); this one knows format {FORMAT}"
            ),
            Self::Stowaway(file) => text!(
                "gói có `{file}`, mà danh sách tệp của gói không nêu",
                "the package holds `{file}`, which its manifest does not name"
            ),
            Self::Missing(file) => text!(
                "gói thiếu `{file}`, mà danh sách tệp của gói có nêu",
                "the package lacks `{file}`, which its manifest names"
            ),
            Self::Changed(file) => text!(
                "`{file}` không phải là tệp mà danh sách tệp nêu: giá trị băm khác",
                "`{file}` is not the file that the manifest names: its digest differs"
            ),
            Self::NoProcedure(at) => {
                text!("thư mục không có thủ tục `{at}`", "there is no procedure `{at}` in the folder")
            }
        }
    }
}

displayed_in_english!(NotAPackage);

fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn broken(error: impl Display) -> NotAPackage {
    NotAPackage::Broken(error.to_string())
}

/// Packs a procedure of an install folder. The same files result in the same bytes.
pub fn pack(install: &Tree, declared: &Declared) -> Result<Vec<u8>, NotAPackage> {
    let (agency, slug) = (declared.procedure.group.as_str(), declared.procedure.slug.as_str());
    let folder = folder_of(agency, slug);
    let mut files = BTreeMap::new();
    for file in install.under(&folder).chain(declared.workflows.iter().map(String::as_str)) {
        let content = install.get(file).and_then(Result::ok).ok_or_else(|| NotAPackage::Missing(file.to_owned()))?;
        files.insert(file.to_owned(), content);
    }
    let digests = files.iter().map(|(file, content)| (file.clone(), digest(content))).collect();
    let manifest = PackageManifest { format: FORMAT, agency: agency.to_owned(), slug: slug.to_owned(), files: digests };
    let manifest = toml::to_string(&manifest).map_err(broken)?;
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let all = std::iter::once((MANIFEST, manifest.as_bytes())).chain(files.iter().map(|(file, c)| (file.as_str(), *c)));
    for (file, content) in all {
        archive.start_file(file, options).map_err(broken)?;
        archive.write_all(content).map_err(broken)?;
    }
    let bytes = archive.finish().map_err(broken)?.into_inner();
    if bytes.len() > LARGEST { Err(NotAPackage::TooLarge) } else { Ok(bytes) }
}

/// Opens a package and checks that it contains exactly the files of its manifest.
pub fn open(bytes: &[u8]) -> Result<Package, NotAPackage> {
    if bytes.len() > LARGEST {
        return Err(NotAPackage::TooLarge);
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    if archive.len() > MOST_FILES {
        return Err(broken(format!("it has more than {MOST_FILES} files")));
    }
    let mut left = MOST_BYTES;
    let mut found: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for at in 0..archive.len() {
        let entry = archive.by_index(at).map_err(broken)?;
        let name = entry.name().map_err(broken)?.into_owned();
        let most = left.min(LARGEST_FILE);
        let mut content = Vec::new();
        // The size that the archive claims is not trusted.
        entry.take(most + 1).read_to_end(&mut content).map_err(broken)?;
        let size = content.len() as u64;
        if size > most {
            return Err(NotAPackage::TooLarge);
        }
        left -= size;
        if found.insert(name.clone(), content).is_some() {
            return Err(broken(format!("`{name}` is in it twice")));
        }
    }
    let manifest = found.remove(MANIFEST).ok_or_else(|| NotAPackage::Missing(MANIFEST.to_owned()))?;
    let manifest = String::from_utf8(manifest).map_err(broken)?;
    let manifest: PackageManifest = toml::from_str(&manifest).map_err(broken)?;
    check(&manifest, &found)?;
    let mut files = Tree::default();
    for (file, content) in found {
        files.insert(&file, content);
    }
    Ok(Package { agency: manifest.agency, slug: manifest.slug, files })
}

fn check(manifest: &PackageManifest, found: &BTreeMap<String, Vec<u8>>) -> Result<(), NotAPackage> {
    if manifest.format > FORMAT {
        return Err(NotAPackage::Newer(manifest.format));
    }
    if !is_slug(&manifest.agency) || !is_slug(&manifest.slug) {
        return Err(broken("agency and slug are written with small letters, digits and -"));
    }
    let folder = format!("{}/", folder_of(&manifest.agency, &manifest.slug));
    let placed = |file: &str| {
        let plain = file.split('/').all(|part| !part.is_empty() && part != "." && part != ".." && !part.contains('\\'));
        plain && (file.starts_with(&folder) || file.starts_with("workflows/"))
    };
    for (file, content) in found {
        match manifest.files.get(file) {
            Some(known) if !placed(file) => return Err(NotAPackage::Stowaway(format!("{file} ({known})"))),
            Some(known) if *known == digest(content) => {}
            Some(_) => return Err(NotAPackage::Changed(file.clone())),
            None => return Err(NotAPackage::Stowaway(file.clone())),
        }
    }
    let missing: BTreeSet<&String> = manifest.files.keys().filter(|file| !found.contains_key(*file)).collect();
    missing.first().map_or(Ok(()), |file| Err(NotAPackage::Missing((*file).clone())))
}

impl Package {
    /// Returns the procedure as this province would offer it, with the package's own workflow, or every mistake.
    pub fn read(&self, province: &Province, builtin: &Builtin) -> Result<Declared, Vec<Diagnostic>> {
        let report = MistakeReport::default();
        let workflows = Templates::read(&self.files, province.workflow_context(), &report);
        let Self { agency: group, slug, files: tree } = self;
        let context = ProcedureContext { tree, province, workflows: &workflows, builtin, group, slug };
        let declared = declared::read(&context, &report);
        let mistakes = report.finish();
        declared.filter(|_| mistakes.is_empty()).ok_or(mistakes)
    }
}
