//! `motcua serve`

use crate::Outcome;
use crate::runtime::{self, Options, Running};
use anyhow::Context as _;
use motcua_desk::{Clock, Desk};
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

/// How often the portal looks for what time has brought.
const EVERY: Duration = Duration::from_secs(30);

pub async fn run(dir: &Path, listen: Option<SocketAddr>, migrate: bool) -> anyhow::Result<Outcome> {
    let running = runtime::open(dir, Clock::System, Options { migrate, ..Options::serving() }).await?;
    let address = listen.map_or_else(|| running.listen.parse(), Ok).context("listen")?;
    let listener = bind(address).await?;
    println!("Motcua listens on http://{}", listener.local_addr()?);
    serve(listener, running).await?;
    Ok(Outcome::Fine)
}

/// Takes the address, or says what to do.
pub async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let busy = || format!("cannot listen on {address}; choose another with --listen ADDRESS:PORT");
    TcpListener::bind(address).await.with_context(busy)
}

/// Serves until the process is told to stop; requests under way are finished.
pub async fn serve(listener: TcpListener, running: Running) -> anyhow::Result<()> {
    let background = tokio::spawn(tend(running.desk.clone()));
    let counting = tokio::spawn(count(running.desk.clone()));
    let connections = tokio::spawn(connect(running.desk.clone()));
    let catalogue = tokio::spawn(follow_releases(running.desk.clone()));
    let sealing = tokio::spawn(seal(running.desk.clone()));
    let publishing = tokio::spawn(publish(running.desk.clone()));
    let sweeping = tokio::spawn(sweep(running.desk.clone()));
    let service = running.router.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(told_to_stop()).await?;
    background.abort();
    counting.abort();
    connections.abort();
    catalogue.abort();
    sealing.abort();
    publishing.abort();
    sweeping.abort();
    running.desk.database().clone().close().await?;
    Ok(())
}

async fn tend(desk: Desk) {
    let mut ticks = tokio::time::interval(EVERY);
    loop {
        ticks.tick().await;
        match desk.run_jobs().await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "jobs done"),
            Err(error) => tracing::error!(%error, "looking for jobs failed"),
        }
    }
}

/// Adds dossiers that have ended to the figures. After an upgrade that may be many, so nothing else waits for it.
async fn count(desk: Desk) {
    let mut ticks = tokio::time::interval(EVERY);
    loop {
        ticks.tick().await;
        match desk.count_ended().await {
            Ok(0) => {}
            Ok(count) => tracing::debug!(count, "ended dossiers were added to the figures"),
            Err(error) => tracing::error!(%error, "adding ended dossiers to the figures failed"),
        }
    }
}

/// How often the portal looks for what other systems have to be told.
const CONNECTIONS: Duration = Duration::from_secs(2);

async fn connect(desk: Desk) {
    let mut ticks = tokio::time::interval(CONNECTIONS);
    loop {
        ticks.tick().await;
        match desk.run_connections().await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "other systems were told"),
            Err(error) => tracing::error!(%error, "telling other systems failed"),
        }
        if let Err(error) = desk.follow_suspensions().await {
            tracing::error!(%error, "looking for suspended plugins failed");
        }
    }
}

/// How often the portal looks whether another process or node released something.
const RELEASES: Duration = Duration::from_secs(1);

async fn follow_releases(desk: Desk) {
    let mut ticks = tokio::time::interval(RELEASES);
    loop {
        ticks.tick().await;
        match desk.refresh().await {
            Ok(false) => {}
            Ok(true) => tracing::info!(release = desk.catalogue().number, "the catalogue is up to date"),
            Err(error) => tracing::error!(%error, "looking for releases failed"),
        }
    }
}

/// How often the portal seals the log.
const SEALING: Duration = Duration::from_secs(2);

/// How long the same error of sealing is not told again.
const SAID: Duration = Duration::from_mins(1);

async fn seal(desk: Desk) {
    let mut ticks = tokio::time::interval(SEALING);
    let mut said: Option<(Instant, String)> = None;
    loop {
        ticks.tick().await;
        loop {
            match desk.seal().await {
                Ok(0) => break,
                Ok(count) => tracing::debug!(count, "entries were sealed"),
                Err(error) => {
                    let error = error.to_string();
                    if said.as_ref().is_none_or(|(at, last)| at.elapsed() >= SAID || *last != error) {
                        tracing::error!(%error, "sealing the log failed");
                        said = Some((Instant::now(), error));
                    }
                    break;
                }
            }
        }
    }
}

/// How often the portal looks whether a head of the log is to be published.
const PUBLISHING: Duration = Duration::from_secs(15);

async fn publish(desk: Desk) {
    let mut ticks = tokio::time::interval(PUBLISHING);
    loop {
        ticks.tick().await;
        match desk.publish_heads().await {
            Ok(0) => {}
            Ok(places) => tracing::info!(places, "a head of the log was published"),
            Err(error) => tracing::error!(%error, "publishing a head of the log failed"),
        }
    }
}

/// How often files are swept that nothing refers to.
const SWEEPING: Duration = Duration::from_hours(24);

async fn sweep(desk: Desk) {
    let mut ticks = tokio::time::interval(SWEEPING);
    loop {
        ticks.tick().await;
        match desk.sweep_files().await {
            Ok(swept) => tracing::info!(swept.files, swept.bytes, swept.uploads, "files were swept"),
            Err(error) => tracing::error!(%error, "sweeping files failed"),
        }
    }
}

async fn told_to_stop() {
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
