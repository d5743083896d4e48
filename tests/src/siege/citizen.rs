//! Citizens who file births and write messages, and who check every answer.

use crate::browser::{Browser, Page};
use crate::portal::PASSWORD;
use crate::walk::{BIRTH, CHILD, JPEG, PARENTS};
use anyhow::{Context as _, ensure};
use std::time::Duration;

/// The answer that nothing can be saved now.
const UNAVAILABLE: u16 = 503;

/// The pause of a citizen after that answer.
const PAUSE: Duration = Duration::from_millis(20);

/// An answer of the server, which is a promise.
#[derive(Debug, Clone)]
pub enum Promise {
    /// The dossier exists with this child's name and the paper.
    Filed { dossier: String, child: String },
    /// The dossier holds this message.
    Sent { dossier: String, text: String },
}

/// A form that is being filled in.
#[derive(Debug, Clone)]
struct Work {
    draft: String,
    child: String,
    /// The number of answered steps before filing: first page, second page, paper.
    saved: usize,
}

/// A form that is posted.
#[derive(Debug, Clone, Copy, Default)]
struct Form<'a> {
    path: &'a str,
    fields: &'a [(&'a str, &'a str)],
    files: &'a [(&'a str, &'a str, &'a [u8])],
}

/// A citizen who files one birth after another.
#[derive(Debug)]
pub struct Citizen {
    browser: Browser,
    number: usize,
    births: usize,
    work: Option<Work>,
    fresh: Vec<Promise>,
    /// The promises that were kept at least once.
    pub checked: Vec<Promise>,
    /// The citizen accepts the answer that nothing can be saved now, and posts the same form again.
    patient: bool,
    /// The number of forms that were accepted after such an answer.
    pub retried: usize,
}

/// The reason why a citizen stopped.
#[derive(Debug)]
pub enum Stop {
    /// The server was killed during a request, as intended.
    Gone,
    /// The server gave a forbidden answer.
    Broken(anyhow::Error),
}

impl From<reqwest::Error> for Stop {
    fn from(_: reqwest::Error) -> Self {
        Self::Gone
    }
}

impl From<anyhow::Error> for Stop {
    fn from(error: anyhow::Error) -> Self {
        Self::Broken(error)
    }
}

/// Returns the page, unless it is an error.
fn answered(page: Page, what: &str) -> anyhow::Result<Page> {
    ensure!(page.status == 200, "{what}: {} {}", page.status, page.text());
    Ok(page)
}

impl Citizen {
    /// Registers a citizen, who may be patient when the portal cannot save.
    pub async fn new(base: &str, number: usize, patient: bool) -> Self {
        let browser = Browser::new(base);
        browser.register(&format!("Công dân {number}"), &format!("09120000{number:02}"), PASSWORD).await;
        let (fresh, checked) = (Vec::new(), Vec::new());
        Self { browser, number, births: 0, work: None, fresh, checked, patient, retried: 0 }
    }

    /// Files births until the server is gone.
    pub async fn toil(&mut self) -> Stop {
        loop {
            if let Err(stop) = self.one_birth().await {
                return stop;
            }
        }
    }

    /// Posts a form. While the portal cannot save, a patient citizen posts it again from the same page, so that it
    /// stays the same command.
    async fn post(&mut self, form: Form<'_>) -> Result<Page, Stop> {
        let proof = self.browser.proof();
        let mut page = self.post_once(form).await?;
        let refused = page.status == UNAVAILABLE;
        while page.status == UNAVAILABLE && self.patient {
            tokio::time::sleep(PAUSE).await;
            page = if page.path == form.path {
                self.browser.back_to(&proof);
                self.post_once(form).await?
            } else {
                // The form was accepted, and only the next page could not be shown.
                self.browser.try_get(&page.path).await?
            };
        }
        self.retried += usize::from(refused && page.status != UNAVAILABLE);
        Ok(page)
    }

    async fn post_once(&self, form: Form<'_>) -> Result<Page, reqwest::Error> {
        if form.files.is_empty() {
            return self.browser.try_post(form.path, form.fields).await;
        }
        self.browser.try_upload(form.path, form.fields, form.files).await
    }

    async fn one_birth(&mut self) -> Result<(), Stop> {
        if self.work.is_none() {
            let begin = Form { path: &format!("{BIRTH}/apply"), ..Form::default() };
            let page = answered(self.post(begin).await?, "begin")?;
            self.births += 1;
            let child = format!("Trẻ {} của {}", self.births, self.number);
            self.work = Some(Work { draft: page.path.trim_end_matches("/1").to_owned(), child, saved: 0 });
        }
        let Some(Work { draft, child, saved }) = self.work.clone() else { return Ok(()) };
        let mut first = CHILD.to_vec();
        first.push(("child_name", &child));
        let paper: &[(&str, &str, &[u8])] = &[("file", "chứng sinh.jpg", JPEG)];
        let steps = [
            Form { path: &format!("{draft}/1"), fields: &first, files: &[] },
            Form { path: &format!("{draft}/2"), fields: PARENTS, files: &[] },
            Form { path: &format!("{draft}/papers/birth_proof"), fields: &[], files: paper },
        ];
        for (step, form) in steps.into_iter().enumerate().skip(saved) {
            answered(self.post(form).await?, "save")?;
            if let Some(work) = &mut self.work {
                work.saved = step + 1;
            }
        }
        // After a kill it is unknown whether this was filed before. The same post must lead to the one dossier.
        let mut review = self.browser.try_get(&format!("{draft}/review")).await?;
        while review.status == UNAVAILABLE && self.patient {
            tokio::time::sleep(PAUSE).await;
            review = self.browser.try_get(&format!("{draft}/review")).await?;
        }
        let review = answered(review, "review")?;
        let reviewed = review.hidden("draft-reviewed").unwrap_or_default().to_owned();
        let fields = [("consent", "yes"), ("draft-reviewed", reviewed.as_str())];
        let file = Form { path: &format!("{draft}/file"), fields: &fields, files: &[] };
        let receipt = answered(self.post(file).await?, "file")?;
        let dossier = receipt.path.trim_end_matches("/receipt").to_owned();
        self.work = None;
        self.fresh.push(Promise::Filed { dossier: dossier.clone(), child: child.clone() });
        let text = format!("Lời nhắn về {child}");
        let message = Form { path: &format!("{dossier}/messages"), fields: &[("text", &text)], files: &[] };
        answered(self.post(message).await?, "message")?;
        self.fresh.push(Promise::Sent { dossier, text });
        Ok(())
    }

    /// Checks one promise.
    pub async fn check(&self, promise: &Promise) -> anyhow::Result<()> {
        let (dossier, wanted) = match promise {
            Promise::Filed { dossier, child } => (dossier, child),
            Promise::Sent { dossier, text } => (dossier, text),
        };
        let page = answered(self.browser.try_get(dossier).await?, "a dossier that was promised")?;
        ensure!(page.body.contains(wanted.as_str()), "{dossier} has lost `{wanted}`");
        let sent = matches!(promise, Promise::Sent { .. });
        ensure!(!sent || page.body.matches(wanted.as_str()).count() == 1, "{dossier} has `{wanted}` twice");
        if let Promise::Filed { .. } = promise {
            let file = page.between(&format!("href=\"{dossier}/files/"), "\"").context("the paper is lost")?;
            answered(self.browser.try_get(&format!("{dossier}/files/{file}")).await?, "a paper that was promised")?;
        }
        Ok(())
    }

    /// Checks the promises since the last time, and the draft in progress.
    pub async fn check_fresh(&mut self) -> anyhow::Result<()> {
        for promise in std::mem::take(&mut self.fresh) {
            self.check(&promise).await?;
            self.checked.push(promise);
        }
        let Some(work) = &self.work else { return Ok(()) };
        let first = self.browser.try_get(&format!("{}/1", work.draft)).await?;
        if work.saved == 3 && first.path.ends_with("/receipt") {
            return Ok(()); // It was filed, and the answer was lost. The next post shows it.
        }
        let first = answered(first, "a draft that was promised")?;
        ensure!(work.saved < 1 || first.body.contains(&work.child), "the draft has lost its first page");
        let second = answered(self.browser.try_get(&format!("{}/2", work.draft)).await?, "its second page")?;
        ensure!(work.saved < 2 || second.body.contains("Nguyễn Thị Ngân"), "the draft has lost its second page");
        let papers = answered(self.browser.try_get(&format!("{}/papers", work.draft)).await?, "its papers")?;
        ensure!(work.saved < 3 || papers.body.contains("chứng sinh.jpg"), "the draft has lost its paper");
        Ok(())
    }
}
