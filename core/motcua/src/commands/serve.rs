//! `motcua serve`

use crate::CommandOutcome;
use crate::background::Background;
use crate::listen::PortalListener;
use crate::runtime::{ProvinceFolder, RunningPortal, RuntimeOptions};
use anyhow::Context as _;
use motcua_catalogue::operating::Listen;
use motcua_portal::Theme;
use motcua_service::{Error, Services, TimeSource};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The longest time in which the database closes.
const CLOSING: Duration = Duration::from_secs(4);

pub async fn run(
    dir: &Path,
    listen: Option<Listen>,
    migrate: bool,
    publish_older: bool,
) -> anyhow::Result<CommandOutcome> {
    let province = ProvinceFolder::to_serve(dir, &TimeSource::System)?;
    let place: Listen = listen.map_or_else(|| province.settings.listen.parse(), Ok).context("listen")?;
    // A start that cannot listen changes nothing, so the place comes before the database. Until the portal serves, the
    // connections wait in the queue of the machine.
    let listener = PortalListener::bind(&place, dir).await?;
    let told = listener.place()?;
    let options = RuntimeOptions { migrate, publish_older, ..RuntimeOptions::serving() };
    let running = match province.open(TimeSource::System, options).await {
        Ok(running) => running,
        Err(error) => {
            listener.release();
            return Err(error);
        }
    };
    say!("Motcua nghe tại {told}", "Motcua listens on {told}");
    serve(listener, running).await?;
    Ok(CommandOutcome::Fine)
}

/// Serves until the process gets a signal to stop. Requests under way are finished, unless they take too long.
pub async fn serve(listener: impl Into<PortalListener>, running: RunningPortal) -> anyhow::Result<()> {
    let RunningPortal { services, router, server, theme } = running;
    let background = background(&services, &theme);
    tokio::task::spawn_blocking(move || theme.press());
    match listener.into() {
        PortalListener::Tcp(listener) => motcua_portal::serve(listener, router, &server, told_to_stop()).await,
        // The socket stays, because by now it may be that of a portal that was started after this one. The next start
        // removes it.
        PortalListener::Unix(listener, _) => motcua_portal::serve(listener, router, &server, told_to_stop()).await,
    }
    drop(background);
    match tokio::time::timeout(CLOSING, services.database().clone().close()).await {
        Ok(closed) => closed?,
        Err(_) => tracing::warn!("the database took too long to close"),
    }
    Ok(())
}

/// Begins the periodic work of the portal.
fn background(services: &Services, theme: &Arc<Theme>) -> Background {
    let (theme, words) = (theme.clone(), theme.clone());
    let mut background = Background::new(services.clone());
    background.every(Duration::from_secs(30), "looking for jobs", tend);
    // After an upgrade many dossiers may wait, so no other work waits for this one.
    background.every(Duration::from_secs(30), "adding ended dossiers to the figures", count);
    background.every(Duration::from_secs(2), "telling other systems", connect);
    background
        .every(Duration::from_secs(10), "sending notices by e-mail", move |services| send(services, theme.clone()));
    background
        .every(Duration::from_secs(10), "sending notices to phones", move |services| text(services, words.clone()));
    background.every(Duration::from_secs(2), "looking for suspended plugins", follow_suspensions);
    // Another process or node may have released something.
    background.every(Duration::from_secs(1), "looking for releases", follow_releases);
    background.every(Duration::from_secs(2), "sealing the log", seal);
    background.every(Duration::from_secs(2), "following the log for the audit", follow_log);
    // A verification reads the whole journal, so no other work waits for it.
    background.every(Duration::from_secs(10), "verifying the journal for an auditor", verify);
    background.every(Duration::from_secs(15), "publishing a head of the log", publish);
    background.every(Duration::from_hours(1), "telling of drafts that were left", tell_of_drafts);
    background.every(Duration::from_hours(1), "reminding of what was asked", remind);
    background.every(Duration::from_secs(2), "doing bulk work", work_in_bulk);
    background.every(Duration::from_secs(30), "asking about payments", ask_about_payments);
    background.every(Duration::from_mins(10), "deleting log-ins that were not ended", forget_logins);
    background.every(Duration::from_hours(24), "sweeping files", sweep);
    background.every(Duration::from_hours(24), "deleting old reports of bulk work", forget_bulk_work);
    background
}

async fn tend(services: Services) -> Result<(), Error> {
    let count = services.jobs.run_jobs().await?;
    if count > 0 {
        tracing::info!(count, "jobs done");
    }
    Ok(())
}

async fn count(services: Services) -> Result<(), Error> {
    let count = services.lists.count_ended().await?;
    if count > 0 {
        tracing::debug!(count, "ended dossiers were added to the figures");
    }
    Ok(())
}

async fn connect(services: Services) -> Result<(), Error> {
    let count = services.jobs.run_connections().await?;
    if count > 0 {
        tracing::info!(count, "other systems were told");
    }
    Ok(())
}

async fn send(services: Services, theme: Arc<Theme>) -> Result<(), Error> {
    let count = services.jobs.run_mails(&*theme).await?;
    if count > 0 {
        tracing::info!(count, "notices were sent by e-mail");
    }
    Ok(())
}

async fn text(services: Services, theme: Arc<Theme>) -> Result<(), Error> {
    let count = services.jobs.run_sms(&*theme).await?;
    if count > 0 {
        tracing::info!(count, "notices were sent to phones");
    }
    Ok(())
}

async fn ask_about_payments(services: Services) -> Result<(), Error> {
    let count = services.payments.ask_about_open().await?;
    if count > 0 {
        tracing::info!(count, "payments were settled");
    }
    Ok(())
}

async fn tell_of_drafts(services: Services) -> Result<(), Error> {
    let count = services.jobs.tell_of_left_drafts().await?;
    if count > 0 {
        tracing::info!(count, "applicants were told of drafts that they left");
    }
    Ok(())
}

async fn remind(services: Services) -> Result<(), Error> {
    let count = services.jobs.remind_of_asked().await?;
    if count > 0 {
        tracing::info!(count, "applicants were reminded of what was asked of them");
    }
    Ok(())
}

async fn follow_suspensions(services: Services) -> Result<(), Error> {
    services.plugins.follow_suspensions().await
}

async fn follow_releases(services: Services) -> Result<(), Error> {
    if services.procedures.refresh().await? {
        tracing::info!(release = services.procedures.catalogue().number, "the catalogue is up to date");
    }
    Ok(())
}

async fn seal(services: Services) -> Result<(), Error> {
    loop {
        match services.log.seal().await? {
            0 => return Ok(()),
            count => tracing::debug!(count, "entries were sealed"),
        }
    }
}

async fn follow_log(services: Services) -> Result<(), Error> {
    let count = services.audit.follow_log().await?;
    if count > 0 {
        tracing::debug!(count, "sealed entries were added to the audit");
    }
    Ok(())
}

async fn verify(services: Services) -> Result<(), Error> {
    if services.log.verify_if_wanted().await? {
        tracing::info!("the journal was verified for an auditor");
    }
    Ok(())
}

async fn publish(services: Services) -> Result<(), Error> {
    let places = services.log.publish_heads().await?;
    if places > 0 {
        tracing::info!(places, "a head of the log was published");
    }
    Ok(())
}

async fn work_in_bulk(services: Services) -> Result<(), Error> {
    let count = services.bulk.run().await?;
    if count > 0 {
        tracing::info!(count, "dossiers of bulk work were done or refused");
    }
    Ok(())
}

async fn forget_logins(services: Services) -> Result<(), Error> {
    let count = services.people.forget_begun_logins().await?;
    if count > 0 {
        tracing::debug!(count, "log-ins at providers were not ended");
    }
    Ok(())
}

async fn forget_bulk_work(services: Services) -> Result<(), Error> {
    let count = services.bulk.forget_old().await?;
    if count > 0 {
        tracing::info!(count, "old reports of bulk work were deleted");
    }
    Ok(())
}

async fn sweep(services: Services) -> Result<(), Error> {
    let swept = services.files.sweep_files().await?;
    tracing::info!(swept.files, swept.bytes, swept.uploads, "files were swept");
    Ok(())
}

/// Waits for a signal to stop.
pub async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let interrupt = tokio::signal::ctrl_c();
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => drop(interrupt.await),
    }
}
