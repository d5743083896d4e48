//! People who work on given dossiers through the portal, and who remember every answer.

use crate::browser::{Browser, Page};
use crate::flow::{CITIZEN_PASSWORD, CITIZEN_PHONE, COUNTER, LEADER};
use crate::portal::PASSWORD;
use anyhow::{Context as _, bail, ensure};
use motcua_domain::names::DossierCode;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::task::JoinSet;

/// The number of groups of people who work at once: a citizen, a newcomer, the counter and the leader.
const GROUPS: usize = 3;

/// The rounds after which the leader decides, and after which somebody files.
const DECIDES_AFTER: usize = 3;
const FILES_AFTER: usize = 5;

/// The address of the procedure.
const PROCEDURE: &str = "/procedures/so-tnmt/thu";

/// The answers of the only page of its form.
const ANSWERS: [(&str, &str); 4] = [("deep", "false"), ("area", "nam"), ("wide", "false"), ("do", "next")];

/// The events of a dossier of which somebody was told.
#[derive(Debug, Clone, Default)]
pub struct KnownEvents {
    /// The number of actions of officers.
    pub acts: usize,
    /// The messages.
    pub texts: Vec<String>,
    /// The number of changes of which the portal could not say whether they were written.
    pub unsure: usize,
}

/// Everything of which people were told.
#[derive(Debug, Default)]
pub struct WrittenEvents {
    dossiers: BTreeMap<DossierCode, KnownEvents>,
    /// The dossiers that were filed.
    pub filed: Vec<DossierCode>,
    /// The number of filings of which the portal could not say whether they were written.
    pub unsure_filings: usize,
}

impl WrittenEvents {
    /// Returns the known events of a dossier, without its filing.
    pub fn of(&self, code: &DossierCode) -> KnownEvents {
        self.dossiers.get(code).cloned().unwrap_or_default()
    }

    fn add(&mut self, other: Self) {
        for (code, more) in other.dossiers {
            let known = self.dossiers.entry(code).or_default();
            known.acts += more.acts;
            known.unsure += more.unsure;
            known.texts.extend(more.texts);
        }
        self.filed.extend(other.filed);
        self.unsure_filings += other.unsure_filings;
    }
}

/// The meaning of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PortalAnswer {
    Done,
    Refused,
    /// The portal could not write, or does not know whether it did.
    Unsure,
}

impl PortalAnswer {
    /// Returns the meaning of a page, or an error if the portal must not answer so.
    fn of(page: &Page) -> anyhow::Result<Self> {
        match page.status {
            200 => Ok(Self::Done),
            // Somebody else was faster, or the step has ended.
            403 | 404 | 409 | 422 => Ok(Self::Refused),
            503 => Ok(Self::Unsure),
            status => bail!("{} answers {status}: {}", page.path, page.text()),
        }
    }
}

/// People at work until they are told to stop.
#[derive(Debug)]
pub struct Load {
    is_over: Arc<AtomicBool>,
    groups: JoinSet<anyhow::Result<WrittenEvents>>,
}

impl Load {
    /// Lets people log in and begin to work on these dossiers.
    pub async fn begin(base: &str, codes: &[DossierCode]) -> Self {
        let (is_over, codes): (Arc<AtomicBool>, Arc<[DossierCode]>) = (Arc::default(), codes.into());
        let mut groups = JoinSet::new();
        for number in 0..GROUPS {
            let group = Group::log_in(base, number).await;
            groups.spawn(group.work(Arc::clone(&codes), Arc::clone(&is_over)));
        }
        Self { is_over, groups }
    }

    /// Lets everybody finish what they do, and returns what was written.
    pub async fn end(mut self) -> anyhow::Result<WrittenEvents> {
        self.is_over.store(true, Ordering::Relaxed);
        let mut written = WrittenEvents::default();
        while let Some(group) = self.groups.join_next().await {
            written.add(group.context("somebody panicked")??);
        }
        ensure!(!written.filed.is_empty() && !written.dossiers.is_empty(), "nobody has worked");
        Ok(written)
    }
}

/// People who work one after the other on one dossier.
#[derive(Debug)]
struct Group {
    number: usize,
    /// The applicant of the dossiers.
    owner: Browser,
    /// An applicant who files new ones.
    newcomer: Browser,
    counter: Browser,
    leader: Browser,
    written: WrittenEvents,
}

impl Group {
    async fn log_in(base: &str, number: usize) -> Self {
        let [owner, newcomer, counter, leader] = [(); 4].map(|()| Browser::new(base));
        owner.log_in(CITIZEN_PHONE, CITIZEN_PASSWORD).await;
        newcomer.register("Trần Thị Mới", &format!("09876543{number:02}"), PASSWORD).await;
        counter.log_in(COUNTER, PASSWORD).await;
        leader.log_in(LEADER, PASSWORD).await;
        Self { number, owner, newcomer, counter, leader, written: WrittenEvents::default() }
    }

    async fn work(mut self, codes: Arc<[DossierCode]>, is_over: Arc<AtomicBool>) -> anyhow::Result<WrittenEvents> {
        // The command takes the dossiers in order. The groups meet it at different places.
        let start = rand::random_range(0..codes.len());
        let mut round = 0;
        while !is_over.load(Ordering::Relaxed) {
            let code = &codes[(start + round) % codes.len()];
            let number = self.number;
            self.write(code, &format!("Lời nhắn {round} của nhóm {number}")).await.context("a message")?;
            let counter = act(&self.counter, code, "go").await.context("the counter")?;
            self.note(code, counter);
            if round % DECIDES_AFTER == 0 {
                let leader = act(&self.leader, code, "done").await.context("the leader")?;
                self.note(code, leader);
            }
            if round % FILES_AFTER == 0 {
                self.file().await.context("a filing")?;
            }
            round += 1;
        }
        Ok(self.written)
    }

    /// Remembers the answer to an action.
    fn note(&mut self, code: &DossierCode, answer: PortalAnswer) {
        let known = self.written.dossiers.entry(code.clone()).or_default();
        known.acts += usize::from(answer == PortalAnswer::Done);
        known.unsure += usize::from(answer == PortalAnswer::Unsure);
    }

    /// Writes a message to the office.
    async fn write(&mut self, code: &DossierCode, text: &str) -> anyhow::Result<()> {
        self.owner.try_get(&format!("/dossiers/{code}")).await?;
        let page = self.owner.try_post(&format!("/dossiers/{code}/messages"), &[("text", text)]).await?;
        let known = self.written.dossiers.entry(code.clone()).or_default();
        match PortalAnswer::of(&page)? {
            PortalAnswer::Done => known.texts.push(text.to_owned()),
            PortalAnswer::Refused => {}
            PortalAnswer::Unsure => known.unsure += 1,
        }
        Ok(())
    }

    /// Files a new dossier. Gives up where the portal cannot write.
    async fn file(&mut self) -> anyhow::Result<()> {
        self.newcomer.try_get(PROCEDURE).await?;
        let begun = self.newcomer.try_post(&format!("{PROCEDURE}/apply"), &[]).await?;
        let draft = begun.path.trim_end_matches("/1").to_owned();
        if PortalAnswer::of(&begun)? != PortalAnswer::Done {
            return Ok(());
        }
        let saved = self.newcomer.try_post(&format!("{draft}/1"), &ANSWERS).await?;
        let review = self.newcomer.try_get(&format!("{draft}/review")).await?;
        if [&saved, &review].iter().any(|page| page.status != 200) {
            return [saved, review].iter().try_for_each(|page| PortalAnswer::of(page).map(|_| ()));
        }
        let reviewed = review.hidden("draft-reviewed").unwrap_or_default();
        let fields = [("consent", "yes"), ("draft-reviewed", reviewed)];
        let receipt = self.newcomer.try_post(&format!("{draft}/file"), &fields).await?;
        match PortalAnswer::of(&receipt)? {
            PortalAnswer::Done => {
                let code = receipt.path.strip_prefix("/dossiers/").and_then(|rest| rest.strip_suffix("/receipt"));
                let code = code.and_then(DossierCode::parse).with_context(|| receipt.path.clone())?;
                // A filing of which the portal was not sure may be answered again.
                if !self.written.filed.contains(&code) {
                    self.written.filed.push(code);
                }
            }
            PortalAnswer::Refused => {}
            PortalAnswer::Unsure => self.written.unsure_filings += 1,
        }
        Ok(())
    }
}

/// Opens a dossier and takes an action.
async fn act(officer: &Browser, code: &DossierCode, action: &str) -> anyhow::Result<PortalAnswer> {
    let page = officer.try_get(&format!("/dossiers/{code}")).await?;
    if PortalAnswer::of(&page)? != PortalAnswer::Done {
        return Ok(PortalAnswer::Refused);
    }
    let seen = page.hidden("seen").unwrap_or("0").to_owned();
    let fields = [("seen", seen.as_str()), ("note", ""), ("reason", "")];
    let answer = officer.try_upload(&format!("/dossiers/{code}/actions/{action}"), &fields, &[]).await?;
    ensure!(answer.path.contains(code.as_str()), "{} is not the page of {code}", answer.path);
    PortalAnswer::of(&answer)
}
