//! The parts of pages that are the same for everybody.

use crate::state::per_release::PerRelease;
use crate::theme::{MadeContent, PageLanguage, SplicedPage};
use bytes::Bytes;
use motcua_domain::names::Digest;
use motcua_domain::workflow::UnitPlace;
use motcua_service::WorkPlaces;
use motcua_service::diagram::DiagramLayout;
use std::sync::Arc;

/// The parts of pages that are the same for everybody, built once for each release. Pages
/// that are the same for everybody are kept beside their handlers, because the state knows no page.
pub struct SharedParts {
    /// The catalogue by its format. The list of addresses for search engines is one of the formats.
    pub catalogues: PerRelease<&'static str, MadeContent>,
    /// The schema of a version's data, by the name of the file.
    pub schemas: PerRelease<String, MadeContent>,
    /// The diagram of a version at a place, without the current steps of a dossier.
    pub layouts: PerRelease<(Digest, UnitPlace), DiagramLayout>,
    /// Whole pages for visitors who are not logged in, by path. `None` if a page cannot be rendered.
    pub pages: PerRelease<(String, PageLanguage), Option<SplicedPage>>,
    /// Forms to download. A form has at most 16 MiB, and nearly all have less than one.
    pub forms: PerRelease<Digest, Bytes>,
}

impl SharedParts {
    /// Returns no parts, which are computed in these places.
    pub fn new(places: &Arc<WorkPlaces>) -> Self {
        Self {
            catalogues: PerRelease::new(3, places),
            schemas: PerRelease::new(200, places),
            layouts: PerRelease::new(2000, places),
            // A page has some 50 kB with its compressed form.
            pages: PerRelease::new(1000, places),
            forms: PerRelease::new(32, places),
        }
    }
}
