//! The context of reading a procedure: its place, the things that it may refer to, and the files that its version
//! needs.

use crate::files::workflow::Templates;
use crate::province::{Builtin, Province};
use crate::reading::tree::Tree;
use motcua_domain::names::Digest;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// The folder of all procedures.
pub const PROCEDURES: &str = "procedures";

/// Returns the folder of one procedure.
pub fn folder_of(group: &str, slug: &str) -> String {
    format!("{PROCEDURES}/{group}/{slug}")
}

/// Returns the file that declares a procedure.
pub fn file_of(group: &str, slug: &str) -> String {
    format!("{}/procedure.toml", folder_of(group, slug))
}

/// The place of one procedure, and the things that it may refer to.
pub struct ProcedureContext<'a> {
    pub tree: &'a Tree,
    pub province: &'a Province,
    /// The workflows of the province, or those of a package.
    pub workflows: &'a Templates,
    pub builtin: &'a Builtin,
    /// The name of the folder above the procedure's own: the agency, or any name if `offered_by` says which agencies
    /// offer the procedure.
    pub group: &'a str,
    /// The name of the procedure's own folder: the last part of its address.
    pub slug: &'a str,
}

impl<'a> ProcedureContext<'a> {
    /// Returns the procedure's own folder.
    pub fn folder(&self) -> String {
        folder_of(self.group, self.slug)
    }

    /// Returns the content of a file in the procedure's folder, or the reason why it cannot be read. Returns `None` if
    /// it does not exist.
    pub fn file(&self, path: &str) -> Option<Result<&'a [u8], &'a str>> {
        self.tree.get(&format!("{}/{path}", self.folder()))
    }
}

/// The files that a version needs, by digest.
pub type VersionFiles = BTreeMap<Digest, Vec<u8>>;

/// Adds a file that the version needs, and returns its digest.
pub fn keep(bytes: Vec<u8>, content: &mut VersionFiles) -> Digest {
    let digest = Digest(hex::encode(Sha256::digest(&bytes)));
    content.insert(digest.clone(), bytes);
    digest
}
