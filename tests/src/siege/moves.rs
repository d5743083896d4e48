//! A move of many open dossiers to another version, by a command that is killed in the middle while people work.

use super::audit;
use super::load::{Load, WrittenEvents};
use crate::fill::file_copies;
use crate::flow::{COUNTER, LEADER, Office, workflow};
use crate::portal::{Kind, PASSWORD};
use crate::process::{Server, motcua};
use anyhow::{Context as _, bail, ensure};
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::event::Event;
use motcua_domain::names::{Digest, DossierCode};
use motcua_service::TimeSource;
use motcua_store::journal;
use sea_orm::{ConnectionTrait as _, Statement};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;
use tokio::process::Command;

/// The pause before it is looked again how many dossiers are left to move.
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// The milliseconds after which the command is killed, once it has moved enough dossiers.
const KILLED_WITHIN: u64 = 50;

/// The most times that the command is given until it has finished. Dossiers that people change at the moment of their
/// move are left to the next time.
const MOST_RUNS: usize = 20;

/// The extent of the siege.
#[derive(Debug, Clone, Copy)]
pub struct MoveSiege {
    /// The number of open dossiers.
    pub dossiers: usize,
    /// The number of times that the command is killed.
    pub kills: usize,
}

/// The move, as the command is given.
struct VersionMove<'a> {
    office: &'a Office,
    from: Digest,
    to: Digest,
}

impl MoveSiege {
    /// Moves the dossiers under load, kills the command on the way, and checks every event of every dossier.
    pub async fn run(self, kind: Kind, cluster: Option<&str>) -> anyhow::Result<String> {
        let before = workflow(&["a counter | go advance; to = 'd'", "d leader | done hand-over"]);
        let mut office = Office::open_on(kind, cluster, &before, &[]).await;
        // The server and the command follow the clock of the machine.
        office.clock.set(TimeSource::System.now());
        for login in [COUNTER, LEADER] {
            office.services.people.set_password(login, PASSWORD).await?;
        }
        let first = office.file(false, false).await.code;
        let mut codes = file_copies(office.services.database(), &first, self.dossiers.saturating_sub(1)).await?;
        codes.push(first);
        let from = offered(&office)?;
        let newer = "intake counter; limit = '2 working-days' | go advance; to = 'd'";
        office.write("workflows/thu.toml", &workflow(&[newer, "d leader | done hand-over"]));
        office.reopen().await;
        let moved = VersionMove { office: &office, from, to: offered(&office)? };

        let server = Server::start(office.dir.path(), &[]).await?;
        let load = Load::begin(&server.base, &codes).await;
        let killed = moved.kill_on_the_way(self).await?;
        moved.finish().await?;
        let written = load.end().await?;
        let said = moved.finish().await?;
        ensure!(said.contains("moved 0 open dossiers"), "the command had not finished when it said so: {said}");
        server.stop().await?;
        let told = moved.check(&codes, &written).await?;
        Ok(format!("{killed} kills, {told}, {}", audit(office.dir.path())?))
    }
}

fn offered(office: &Office) -> anyhow::Result<Digest> {
    let catalogue = office.services.procedures.catalogue();
    Ok(catalogue.procedure(&"9.900001".into()).context("the procedure is not offered")?.version.clone())
}

impl VersionMove<'_> {
    fn dir(&self) -> &Path {
        self.office.dir.path()
    }

    fn command(&self) -> Command {
        let mut command = Command::from(motcua());
        command.args(["dossier", "migrate", self.from.as_str(), self.to.as_str()]);
        command.args(["--step", "a=intake", "--reason", "Mẫu mới", "--dir"]).arg(self.dir());
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }

    /// Starts the command again and again, and kills it each time after it has moved a random number of dossiers.
    /// Returns how often it was killed before it ended.
    async fn kill_on_the_way(&self, siege: MoveSiege) -> anyhow::Result<usize> {
        // Each kill has its own part of the way, and the last part is for the end.
        let part = siege.dossiers / (siege.kills + 1);
        let mut killed = 0;
        for kill in 1..=siege.kills {
            let end = siege.dossiers.saturating_sub(part * kill);
            let left = rand::random_range(end..=end + part / 2);
            killed += usize::from(self.kill_at(left).await?);
        }
        ensure!(killed > 0, "the command always ended before it was killed; take more dossiers");
        Ok(killed)
    }

    /// Starts the command and kills it when at most so many dossiers are left to move. Returns whether it was running
    /// then.
    async fn kill_at(&self, left: usize) -> anyhow::Result<bool> {
        let mut child = self.command().spawn()?;
        while self.left().await? > left {
            // It may give up where the database is busy. Then it is given again.
            if child.try_wait()?.is_some() {
                return Ok(false);
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        tokio::time::sleep(Duration::from_millis(rand::random_range(0..KILLED_WITHIN))).await;
        if child.try_wait()?.is_some() {
            return Ok(false);
        }
        child.kill().await?;
        Ok(true)
    }

    /// Counts the open dossiers of the old version.
    async fn left(&self) -> anyhow::Result<usize> {
        let sql = format!(
            "SELECT COUNT(*) FROM dossier WHERE procedure_version = '{}' AND ended_at IS NULL",
            self.from.as_str()
        );
        self.count(sql).await
    }

    async fn count(&self, sql: String) -> anyhow::Result<usize> {
        let reader = self.office.services.database().reader();
        let row = reader.query_one_raw(Statement::from_string(reader.get_database_backend(), sql)).await?;
        let count: i64 = row.context("a row")?.try_get_by_index(0)?;
        Ok(usize::try_from(count)?)
    }

    /// Gives the command until it says that it has finished, and returns its words.
    async fn finish(&self) -> anyhow::Result<String> {
        let mut last = String::new();
        for _ in 0..MOST_RUNS {
            let output = self.command().output().await?;
            last = said(&output);
            if output.status.success() {
                return Ok(last);
            }
        }
        bail!("the command did not finish in {MOST_RUNS} runs: {last}")
    }

    /// Checks that every dossier moved once, and that it has exactly the events that were answered.
    async fn check(&self, codes: &[DossierCode], written: &WrittenEvents) -> anyhow::Result<String> {
        let (mut moved, mut events) = (0, 0);
        for code in codes.iter().chain(&written.filed) {
            let (count, is_moved) = self.check_dossier(code, written).await.with_context(|| code.to_string())?;
            moved += usize::from(is_moved);
            events += count;
        }
        let (all, sure) =
            (self.count("SELECT COUNT(*) FROM dossier".to_owned()).await?, codes.len() + written.filed.len());
        let most = sure + written.unsure_filings;
        ensure!((sure..=most).contains(&all), "{all} dossiers exist, and {sure} were filed");
        Ok(format!("{moved} of {} dossiers moved once, {events} events as they were answered", codes.len()))
    }

    /// Checks one dossier, and returns how many events it has and whether it moved.
    async fn check_dossier(&self, code: &DossierCode, written: &WrittenEvents) -> anyhow::Result<(usize, bool)> {
        let events = journal::events(self.office.services.database().reader(), code).await?;
        let dossier = Dossier::replay(&events)?;
        let moves = events.iter().filter(|recorded| recorded.event.name() == "migrated").count();
        ensure!(dossier.procedure == self.to || dossier.has_ended(), "it is open, and still has the old version");
        let is_moved = dossier.filed.version == self.from && dossier.procedure == self.to;
        ensure!(moves == usize::from(is_moved), "it was moved {moves} times");
        let mut texts = BTreeSet::new();
        for recorded in &events {
            if let Event::MessageSent { text, .. } = &recorded.event {
                ensure!(texts.insert(text.as_str()), "it has the message `{text}` twice");
            }
        }
        let known = written.of(code);
        for text in &known.texts {
            ensure!(texts.contains(text.as_str()), "it has lost the message `{text}`");
        }
        let (least, found) = (known.acts + known.texts.len(), events.len().saturating_sub(1 + moves));
        let most = least + known.unsure;
        ensure!((least..=most).contains(&found), "people were told of {least} events, and it has {found}");
        Ok((events.len(), is_moved))
    }
}

fn said(output: &Output) -> String {
    let texts = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned());
    format!("{}: {}", output.status, texts.concat())
}
