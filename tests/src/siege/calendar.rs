//! A calendar that changes while the server is killed, and the due times that follow from it.

use anyhow::{Context as _, ensure};
use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan as _};
use motcua::runtime::{self, RuntimeOptions};
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::event::Event;
use motcua_domain::time::calendar::local;
use motcua_service::TimeSource;
use motcua_store::jobs::LEASE;
use motcua_store::{journal, lists};
use std::path::{Path, PathBuf};

/// A holiday that is announced and cancelled before each start, so that a job moves the due times of all open dossiers
/// while the server is killed.
#[derive(Debug)]
pub struct Calendar {
    file: PathBuf,
    text: String,
    today: Date,
}

impl Calendar {
    /// Reads this year's calendar of an install folder.
    pub fn of(dir: &Path) -> anyhow::Result<Self> {
        let today = local(TimeSource::System.now()).date();
        let file = dir.join(format!("calendar/{}.toml", today.year()));
        Ok(Self { text: std::fs::read_to_string(&file)?, file, today })
    }

    /// Announces the holiday, or cancels it.
    pub fn announce(&self, holiday: bool) -> anyhow::Result<()> {
        let day = self.today;
        let more =
            format!("\n[[holiday]]\nname = \"Nghỉ đột xuất\"\nfrom = {day}\nto = {}\n", day.saturating_add(2.days()));
        std::fs::write(&self.file, if holiday { format!("{}{more}", self.text) } else { self.text.clone() })?;
        Ok(())
    }
}

/// Runs the remaining jobs, and checks that no due time was forgotten and none moved twice for one announcement.
pub async fn due_times(dir: &Path, rounds: u32) -> anyhow::Result<String> {
    // The leases of nodes that were killed have run out.
    let clock = TimeSource::set_to(TimeSource::System.now() + SignedDuration::from_secs(2 * LEASE));
    let services = runtime::open(dir, clock, RuntimeOptions::migrating()).await?.services;
    while services.jobs.run_jobs().await? > 0 {}
    let database = services.database();
    let (mut last, mut moved) = (String::new(), 0);
    loop {
        let codes = lists::open_codes(database.reader(), None, &last, 200).await?;
        let Some(end) = codes.last() else { break };
        last = end.to_string();
        for code in codes {
            let events = journal::events(database.reader(), &code).await?;
            let dossier = Dossier::replay(&events).context("the journal")?;
            let calendar = &services.province().calendar;
            ensure!(dossier.flow.whole.recomputed(calendar) == dossier.flow.whole, "{code} has an old due time");
            let clocks: Vec<_> = events
                .iter()
                .filter_map(|recorded| match &recorded.event {
                    Event::Rescheduled { clocks, .. } => Some(clocks),
                    _ => None,
                })
                .collect();
            ensure!(clocks.windows(2).all(|pair| pair[0] != pair[1]), "{code} was moved twice for one announcement");
            ensure!(clocks.len() <= usize::try_from(rounds)? + 1, "{code} was moved too often");
            moved += clocks.len();
        }
    }
    Ok(format!("{moved} due times moved, each once"))
}
