//! The sample province with people of every role and dossiers in every state.
//!
//! A story creates them. All of its events go through the services, with the clock set to their times.

mod forms;
mod people;
mod story;

pub use people::{SamplePerson, people};
pub use story::tell;

use crate::folder;
use crate::runtime::{self, RuntimeOptions};
use anyhow::Context as _;
use motcua_service::TimeSource;
use motcua_store::log::HEAD_FILE;
use std::path::Path;

/// The password of everybody in the demonstration.
pub const PASSWORD: &str = "motcua-demo";

/// The file that is written last, so that a story that broke off is played again.
const DONE: &str = "data/demo-is-complete";

/// Creates the sample province in `dir`, unless it exists, with a story that ends at `clock`'s now. Returns whether it
/// was created.
pub async fn make(dir: &Path, clock: &TimeSource) -> anyhow::Result<bool> {
    if dir.join(DONE).exists() {
        return Ok(false);
    }
    if folder::is_empty(dir) {
        folder::write_binhduong(dir)?;
    } else if dir.join("motcua.toml").exists() && dir.join("data").exists() {
        std::fs::remove_dir_all(dir.join("data"))
            .with_context(|| told!("không bắt đầu lại được dữ liệu mẫu", "cannot begin the story anew"))?;
    }
    // The story begins a new log.
    let kept = dir.join(HEAD_FILE);
    if kept.exists() {
        std::fs::remove_file(&kept).with_context(|| told!("không xóa được {}", "cannot remove {}"; kept.display()))?;
    }
    let told = TimeSource::set_to(clock.now());
    let services = runtime::open(dir, told.clone(), RuntimeOptions::migrating()).await?.services;
    tell(&services, &told, clock.now()).await?;
    services.database().clone().close().await?;
    std::fs::write(dir.join(DONE), "")
        .with_context(|| told!("không hoàn tất được dữ liệu mẫu", "cannot finish the story"))?;
    Ok(true)
}
