//! The parts that most services need.

use crate::TimeSource;
use crate::ids::IdSource;
use motcua_catalogue::Province;
use motcua_store::Database;
use std::sync::Arc;

/// The parts that most services need. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct CommonParts {
    pub database: Database,
    pub clock: TimeSource,
    pub ids: IdSource,
    pub province: Arc<Province>,
}
