//! The jobs that failed, for administrators.

use crate::pages::render::ok;
use crate::state::Portal;
use crate::theme::Page;
use crate::web::address;
use crate::web::failure::Failure;
use crate::web::person::{Officer, PostedBy};
use axum::extract::State;
use axum::response::{Redirect, Response};
use serde::Serialize;

/// The jobs that failed too often.
#[derive(Debug, Clone, Default, Serialize)]
pub struct JobsPage {
    /// The failed jobs.
    pub dead: Vec<DeadLine>,
    /// The number of waiting jobs.
    pub waiting: u64,
    /// The number of waiting jobs that should have run already.
    pub late: u64,
}

/// A job that failed too often.
#[derive(Debug, Clone, Serialize)]
pub struct DeadLine {
    /// The key of the job, for the button that runs it again.
    pub key: String,
    /// The word for the kind of job, under `job-<word>`.
    pub kind: String,
    /// The code of the dossier, or an empty text.
    pub dossier: String,
    /// The number of failed attempts.
    pub attempts: i64,
    /// The last error.
    pub error: String,
}

impl Page for JobsPage {
    const TEMPLATE: &'static str = "admin_jobs.html";
    fn samples() -> Vec<Self> {
        let line = |kind: &str, dossier: &str| DeadLine {
            key: "k".into(),
            kind: kind.into(),
            dossier: dossier.into(),
            attempts: 8,
            error: "lịch năm 2027 chưa có".into(),
        };
        let kinds = ["lapse", "timer", "remind", "escalate", "late"].map(|kind| line(kind, "H09.01-261124-0001"));
        let of_dossiers = ["connect", "mail", "sms"].map(|kind| line(kind, "H09.01-261124-0001"));
        let others =
            ["calendar", "bulk", "digest", "payment"].map(|kind| line(kind, "")).into_iter().chain(of_dossiers);
        let dead = kinds.into_iter().chain(others).collect();
        vec![Self::default(), Self { dead, waiting: 5, late: 1 }]
    }
}

/// `GET /admin/jobs`: the jobs that failed too often, and the number of waiting ones.
pub async fn show(State(portal): State<Portal>, visitor: Officer) -> Result<Response, Failure> {
    let (dead, waiting, late) = portal.services.jobs.list(visitor.actor()).await?;
    let line = |job: motcua_service::DeadJob| DeadLine {
        key: job.key,
        kind: job.kind,
        dossier: job.dossier,
        attempts: job.attempts,
        error: job.error,
    };
    let page = JobsPage { dead: dead.into_iter().map(line).collect(), waiting, late };
    Ok(ok(&portal, &visitor, &page))
}

/// `POST /admin/jobs/retry`: lets a job that failed too often run again, or all of them.
pub async fn retry(
    State(portal): State<Portal>,
    PostedBy(visitor, posted): PostedBy<Officer>,
) -> Result<Redirect, Failure> {
    if posted.get("all").is_empty() {
        portal.services.jobs.retry_job(visitor.actor(), posted.get("key")).await?;
    } else {
        portal.services.jobs.retry_all_jobs(visitor.actor()).await?;
    }
    Ok(Redirect::to(address::ADMIN_JOBS))
}
