//! Many dossiers at once: copies of one filing, each appended to the journal as a filing is.

use anyhow::{Context as _, bail};
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::event::{Event, Recorded};
use motcua_domain::names::{CommandId, DossierCode};
use motcua_domain::time::calendar::local;
use motcua_store::Database;
use motcua_store::jobs::SendTimes;
use motcua_store::journal::{self, Append, Appended, Day};
use std::sync::Arc;
use uuid::Uuid;

/// The number of filings that are appended at once, so that SQLite writes them together.
const TOGETHER: usize = 64;

/// Files copies of a dossier as it was filed, with drafts and numbers of their own, and returns their codes.
pub async fn file_copies(database: &Database, of: &DossierCode, count: usize) -> anyhow::Result<Vec<DossierCode>> {
    let events = journal::events(database.reader(), of).await?;
    let filing = events.first().context("the dossier has no journal")?;
    let agency_code = of.as_str().rsplitn(3, '-').nth(2).context("the code names no agency")?.to_owned();
    let day = Day { agency_code, date: local(filing.at).date() };
    let mut codes = Vec::with_capacity(count);
    while codes.len() < count {
        let portion = (count - codes.len()).min(TOGETHER);
        let copies = (0..portion).map(|_| file_copy(database, filing, &day));
        codes.extend(futures::future::try_join_all(copies).await?);
    }
    Ok(codes)
}

async fn file_copy(database: &Database, filing: &Recorded, day: &Day) -> anyhow::Result<DossierCode> {
    let (mut recorded, draft) = (filing.clone(), Uuid::now_v7());
    let Event::Filed(filed) = &mut recorded.event else { bail!("the first event is no filing") };
    filed.draft = draft;
    let after = Dossier::replay([&recorded])?;
    let append = Append {
        command: CommandId::of_draft(draft),
        recorded,
        before: None,
        after,
        draft: None,
        ended_invitations: Vec::new(),
        tell: Vec::new(),
        numbered: Some(day.clone()),
        drawn: None,
        organisation: None,
        admission: None,
        publication: None,
        send: SendTimes::default(),
    };
    match database.append(&Arc::new(append)).await? {
        Appended::Done(head) => Ok(head.code),
        Appended::Overtaken | Appended::NotAdmitted(_) => bail!("a copy was filed before"),
    }
}
