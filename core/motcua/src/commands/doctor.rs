//! `motcua doctor`: checks an installation and its machine, and changes nothing.

mod certificate;
mod machine;

use crate::output::counted;
use crate::runtime::ProvinceFolder;
use crate::{CommandOutcome, language, log_key, output};
use motcua_service::{FaultyVersion, MailServer, OfficerState, TimeSource, faulty_versions};
use motcua_store::files::CheckDepth;
use motcua_store::log::{HEAD_FILE, LogTrust, read_kept};
use motcua_store::staffing::{self, StraySteps};
use motcua_store::{Database, account_row, accounts};
use std::path::Path;

/// The problems, one line each.
#[derive(Debug, Default)]
struct DoctorFindings {
    problems: Vec<String>,
}

impl DoctorFindings {
    fn problem(&mut self, what: &str, advice: &str) {
        println!("problem  {what}\n         {advice}");
        self.problems.push(what.to_owned());
    }
}

fn fine(what: &str) {
    println!("ok       {what}");
}

pub async fn run(dir: &Path) -> anyhow::Result<CommandOutcome> {
    let mut findings = DoctorFindings::default();
    let province = ProvinceFolder::read(dir, &TimeSource::System)?;
    match province.mistakes.len() {
        0 => fine(&format!("install folder: {}", counted(province.install.declared.len(), "procedure"))),
        count => {
            let what = format!("install folder: {}", counted(count, "mistake"));
            findings.problem(&what, &format!("run: motcua check {}", dir.display()));
        }
    }
    match province.theme() {
        Ok(theme) if theme.check().1.is_empty() => fine("theme"),
        Ok(_) => findings.problem("the theme has pages that cannot be rendered", "run: motcua theme check THEME"),
        Err(error) => findings.problem(&format!("{error:#}"), "look at `theme` in motcua.toml"),
    }
    machine::look_at_folder_of_province(&mut findings, &province);
    machine::look_at_address(&mut findings, &province);
    machine::look_at_certificates(&mut findings, &province, TimeSource::System.now());
    for (key, weak) in province.weaknesses() {
        findings.problem(&format!("`{key}`: {}", weak.what), weak.advice);
    }
    match province.database().await {
        Ok(database) => look_at(&mut findings, &province, &database).await?,
        Err(error) => findings.problem(&output::told(&error), "the portal cannot run without its database"),
    }
    machine::look_at_folders(&mut findings, &province);
    look_at_mail(&mut findings, &province).await;
    println!("{}", counted(findings.problems.len(), "problem"));
    Ok(if findings.problems.is_empty() { CommandOutcome::Fine } else { CommandOutcome::Findings })
}

async fn look_at(findings: &mut DoctorFindings, province: &ProvinceFolder, database: &Database) -> anyhow::Result<()> {
    let pending = database.pending_migrations().await?;
    if !pending.is_empty() {
        let advice = format!("run: motcua migrate --dir {}", province.dir.display());
        findings.problem(&format!("the database schema lacks {}", pending.join(", ")), &advice);
        return Ok(());
    }
    let about = database.about().await?;
    fine(&format!("database: {} {}", database.kind(), about.version));
    let head = database.log_head().await?.map(|head| head.at);
    machine::look_at_clock(findings, &about, head, TimeSource::System.now());
    match database.check_replica(TimeSource::System.now().as_second()).await {
        Ok(true) => fine("replica of the database: it answers the figures"),
        Ok(false) => {}
        Err(fault) => {
            let advice = "look at database_read_url; its role needs SELECT on dossier and figure (docs/postgresql.md)";
            findings.problem(&format!("the replica does not answer the figures: {fault}"), advice);
        }
    }
    let report = database.verify(&LogTrust { keys: log_key::public(&province.dir)?, kept: None }).await?;
    match report.wrong {
        0 => fine(&format!("journal and lists: {} events of {} dossiers", report.entries, report.dossiers)),
        wrong => findings.problem(&format!("journal and lists: {wrong} things are wrong"), "run: motcua audit verify"),
    }
    look_at_log(findings, province, database).await?;
    if !database.projections_are_current().await? {
        let advice = "run: motcua migrate; if that does not help, run: motcua audit verify, then motcua audit rebuild";
        findings.problem("the lists of some dossiers were not made by this version", advice);
    }
    look_at_files(findings, province, database).await;
    // A file with mistakes, which were reported, does not say who is an officer.
    if province.names_officers() {
        look_at_officers(findings, &province.install.province, &accounts::officers(database.reader()).await?);
    }
    look_at_steps(findings, staffing::stray_steps(database.reader()).await?);
    look_at_rules(findings, &faulty_versions(database).await?);
    Ok(())
}

/// Checks that the mail server answers and lets the portal log in, if the settings name one.
async fn look_at_mail(findings: &mut DoctorFindings, province: &ProvinceFolder) {
    let Some(server) = MailServer::new(&province.settings.mail) else { return };
    match server.connect().await {
        Ok(connection) => {
            connection.close().await;
            fine(&format!("mail server {}: it answers", server.place()));
        }
        Err(trouble) => {
            let advice = "look at [mail] in motcua.toml; then run: motcua mail test ADDRESS";
            findings.problem(&trouble.to_string(), advice);
        }
    }
}

/// Checks that no rule of a version in use failed on what people gave.
fn look_at_rules(findings: &mut DoctorFindings, faulty: &[FaultyVersion]) {
    for FaultyVersion { version, procedure, faults } in faulty {
        for reported in faults {
            let times = counted(usize::try_from(reported.times).unwrap_or(usize::MAX), "time");
            let last = reported.dossier.as_ref().map_or_else(String::new, |code| format!(", last in dossier {code}"));
            let what =
                format!("a rule of procedure {} failed at least {times}{last}: {}", procedure.code, reported.fault);
            let advice = format!(
                "then run: motcua dossier migrate {version} NEW --reason \"…\"; an applicant who could not supplement has \
                 more time, once (docs/workflows.md)"
            );
            findings.problem(&what, &advice);
        }
    }
    if faulty.is_empty() {
        fine("rules of procedures: each could be evaluated");
    }
}

/// Checks that every open step is in the list of somebody.
fn look_at_steps(findings: &mut DoctorFindings, stray: StraySteps) {
    let count = |count: i64| counted(usize::try_from(count).unwrap_or_default(), "open step");
    if stray.left_behind > 0 {
        let what = format!("{} assigned to officers who do not hold the post", count(stray.left_behind));
        findings.problem(&what, "start the portal again, which returns them to the holders of the post");
    }
    if stray.at_empty_posts > 0 {
        let what = format!("{} at posts that nobody holds", count(stray.at_empty_posts));
        findings.problem(&what, "name officers for these posts in organisation.toml and start the portal again");
    }
    if stray.left_behind == 0 && stray.at_empty_posts == 0 {
        fine("open steps: each is in the list of an officer");
    }
}

/// Checks that officers can log in, and that the accounts are those of organisation.toml.
fn look_at_officers(
    findings: &mut DoctorFindings,
    organisation: &motcua_catalogue::Province,
    officers: &[account_row::Model],
) {
    let states: Vec<_> = officers.iter().map(|row| (&row.login, OfficerState::of(row, organisation))).collect();
    for (login, state) in &states {
        let advice = match state {
            OfficerState::Leaving => "start the portal again, or run: motcua user lock LOGIN",
            OfficerState::Returning => "start the portal again, or run: motcua user unlock LOGIN",
            _ => continue,
        };
        findings.problem(&format!("{login} {}", language::told(&state.text())), advice);
    }
    let count = |wanted: OfficerState| states.iter().filter(|(_, state)| *state == wanted).count();
    let without = count(OfficerState::NoPassword);
    match without + count(OfficerState::CanLogIn) {
        0 => findings.problem(
            "no officer has an account that is open, so nobody can work on dossiers",
            "name officers in organisation.toml, start the portal once, and run: motcua user password LOGIN",
        ),
        _ if without > 0 => {
            let what = format!("{} without a password", counted(without, "officer"));
            findings.problem(&what, "run: motcua user password LOGIN");
        }
        open => fine(&format!("officers: {open}")),
    }
}

/// Checks that the log is that of the install folder, by its keys and by the head that a node stored there.
async fn look_at_log(
    findings: &mut DoctorFindings,
    province: &ProvinceFolder,
    database: &Database,
) -> anyhow::Result<()> {
    let keys = log_key::public(&province.dir)?;
    if keys.is_empty() && database.log_head().await?.is_some() {
        let advice = format!("copy {} and {} of the node that seals the log", log_key::SECRET, log_key::PUBLIC);
        findings
            .problem("log: the install folder has no public key, so the keys in the database are believed", &advice);
    }
    let log = &province.settings.log;
    match log.publish.len() {
        0 => fine("log: no heads are published; see [log] in docs/journal.md"),
        count => fine(&format!("log: heads are published at {count} places, at most once in {:#}", log.every)),
    }
    let Some(kept) = read_kept(&province.dir).await? else {
        fine(&format!("log: no head is kept in {HEAD_FILE} yet"));
        return Ok(());
    };
    match database.continues(&kept, &keys).await {
        Ok(size) => fine(&format!("log: it begins with the head of {size} entries in {HEAD_FILE}")),
        Err(fault) if fault.is_temporary() => return Err(fault.into()),
        Err(fault) => findings.problem(&format!("log: {fault}"), "see docs/journal.md, “A node keeps its last head”"),
    }
    Ok(())
}

/// Checks that every file exists with its size. Only `motcua files verify` reads all contents.
async fn look_at_files(findings: &mut DoctorFindings, province: &ProvinceFolder, database: &Database) {
    let checked = match province.files() {
        Ok(files) => files.verify(database, CheckDepth::Size).await.map_err(anyhow::Error::from),
        Err(error) => Err(error),
    };
    match checked {
        Ok(checked) if checked.findings.is_empty() => fine(&format!(
            "files: {} stored, each of its size; to read them all, run: motcua files verify --dir {}",
            checked.sound,
            province.dir.display()
        )),
        Ok(checked) => {
            for finding in &checked.findings {
                findings.problem(&finding.to_string(), "restore it from a backup");
            }
        }
        Err(error) => findings.problem(&format!("files: {error:#}"), "look at `files` in motcua.toml"),
    }
}
