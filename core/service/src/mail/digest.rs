//! The daily digest of an officer by e-mail, on working days in the morning.
//!
//! A digest has numbers and the codes of dossiers, and no personal data: the address is the one that the officer typed, and
//! nobody has proved it. A day has one digest for an officer, because the day is written down with the job that sends it.

use super::{AddressedMail, EndedMail, MailOutcome, MailServer, MailService, MailTexts};
use crate::{Error, InputRule};
use jiff::Timestamp;
use jiff::civil::Date;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::identity;
use motcua_domain::names::UserId;
use motcua_domain::people::access::{Deed, may};
use motcua_domain::people::organisation::Actor;
use motcua_domain::text::Language;
use motcua_domain::time::calendar::{instant, local};
use motcua_store::desk::{self, DeskPlace, DeskWish, DueSpan, OfficerLine, OfficerView, RowNews};
use motcua_store::jobs::Job;
use motcua_store::lists::PAGE;
use motcua_store::mail::MailRecipient;
use motcua_store::{accounts, digests, mail};
use std::collections::BTreeSet;
use std::ops::Range;

/// The hours of the day in which digests are sent. After them, an officer has seen the lists.
const MORNING: Range<i8> = 7..12;

/// The most digests that are planned at once.
const AT_ONCE: u64 = 100;

/// The most pages of a list that are counted.
const MOST_PAGES: usize = 10;

/// The most codes that a part of a digest names.
const MOST_CODES: usize = 10;

/// The content of a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestMail {
    pub day: Date,
    pub parts: Vec<DigestPart>,
    /// The address under which people reach the portal, without a slash at the end.
    pub base_url: String,
}

/// The dossiers of one kind in a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestPart {
    /// The word for the kind: `new`, `message`, `supplement`, `handed`, `soon` or `late`.
    pub word: &'static str,
    pub count: usize,
    /// There are more than `count`.
    pub more: bool,
    /// The codes of some.
    pub codes: Vec<String>,
}

/// The wish of an officer about digests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestWish {
    /// The address to which digests go, or `None` if the officer wants none.
    pub address: Option<String>,
    pub language: Language,
    /// The moment at which the mail server refused the address for good, in seconds since 1970. It gets no mails.
    pub refused_at: Option<i64>,
}

impl DigestPart {
    /// The words for all kinds, in the order of a digest.
    pub const WORDS: [&'static str; 6] = ["late", "soon", "new", "handed", "message", "supplement"];

    /// Returns the part with these dossiers, or none without dossiers.
    fn of(word: &'static str, codes: &BTreeSet<String>, more: bool) -> Option<Self> {
        let named = codes.iter().take(MOST_CODES).cloned().collect();
        (!codes.is_empty()).then_some(Self { word, count: codes.len(), more, codes: named })
    }
}

/// Returns the first moment of a day.
fn begin(day: Date) -> Timestamp {
    instant(day.at(0, 0, 0, 0))
}

/// Returns the officer, if the officer has lists of dossiers.
fn officer(actor: &Actor) -> Result<&UserId, Error> {
    let Actor::Officer { id, .. } = actor else { return Err(Refusal::NotAllowed.into()) };
    if may(actor, Deed::ReadDesk, None) { Ok(id) } else { Err(Refusal::NotAllowed.into()) }
}

impl MailService {
    /// Returns the wish of an officer about digests, or none if the portal sends no mails.
    pub async fn digest_wish(&self, actor: &Actor) -> Result<Option<DigestWish>, Error> {
        let id = officer(actor)?;
        if self.server.is_none() {
            return Ok(None);
        }
        let reader = self.database.reader();
        let address = digests::address(reader, id).await?;
        let choice = mail::choice(reader, id).await?;
        let refused_at = address.as_ref().and_then(|address| choice.refusal(address)).map(|refused| refused.at);
        Ok(Some(DigestWish { address, language: choice.language, refused_at }))
    }

    /// Lets digests go to an officer at an address, in this language, from the next working day on. An address that was
    /// refused is tried again.
    pub async fn send_digests(&self, actor: &Actor, typed: &str, language: Language) -> Result<(), Error> {
        let id = officer(actor)?;
        let address = identity::email(typed).ok_or(Error::Invalid(InputRule::Email))?;
        let transaction = self.database.begin().await?;
        transaction.set_mail_choice(id, true, language).await?;
        transaction.set_digest(id, &address, self.clock.today()).await?;
        Ok(transaction.commit().await?)
    }

    /// Ends the digests to an officer.
    pub async fn end_digests(&self, actor: &Actor) -> Result<(), Error> {
        let id = officer(actor)?;
        let transaction = self.database.begin().await?;
        transaction.end_digest(id).await?;
        Ok(transaction.commit().await?)
    }

    /// Adds the jobs of today's digests on the morning of a working day, each once.
    pub(crate) async fn plan_digests(&self) -> Result<(), Error> {
        let (now, today) = (self.clock.now(), self.clock.today());
        if !MORNING.contains(&local(now).hour()) || !self.is_working_day(today) {
            return Ok(());
        }
        let mut last = String::new();
        loop {
            let officers = digests::due(self.database.reader(), today, &last, AT_ONCE).await?;
            let Some(end) = officers.last() else { return Ok(()) };
            last = end.to_string();
            for officer in officers {
                let transaction = self.database.begin().await?;
                transaction.plan_digest(&officer, today, now.as_second()).await?;
                transaction.commit().await?;
            }
        }
    }

    /// Returns whether a day has working hours. A day of a year without a calendar has none.
    fn is_working_day(&self, day: Date) -> bool {
        let begins = self.province.calendar.next_working(begin(day));
        begins.is_ok_and(|begins| local(begins).date() == day)
    }

    /// Returns the digest that a job is to send, as it is now, or the outcome if there is none to send.
    pub(crate) async fn due_digest(
        &self,
        server: &MailServer,
        job: &Job,
        texts: &impl MailTexts,
    ) -> Result<Result<AddressedMail, EndedMail>, Error> {
        let unneeded = || Ok(Err(EndedMail { recipient: None, outcome: MailOutcome::Unneeded }));
        let (reader, now, today) = (self.database.reader(), self.clock.now(), self.clock.today());
        // The digest of a day that is over would only confuse.
        let Some((id, _)) = job.digested().filter(|(_, day)| *day == today.to_string()) else { return unneeded() };
        let id = UserId(id.to_owned());
        let account = accounts::by_id(reader, &id).await?.filter(|account| account.closed.is_none());
        let (Some(account), Some(address)) = (account, digests::address(reader, &id).await?) else {
            return unneeded();
        };
        let choice = mail::choice(reader, &id).await?;
        let actor = accounts::actor(reader, &account, today).await?;
        if choice.refusal(&address).is_some() || officer(&actor).is_err() {
            return unneeded();
        }
        let parts = self.digest_parts(&actor, &id).await?;
        if parts.is_empty() {
            return unneeded();
        }
        let id_of_mail = format!("digest.{id}.{today}");
        let recipient = MailRecipient { account: id, address };
        let ended = |outcome| EndedMail { recipient: Some(recipient.clone()), outcome };
        let digest = DigestMail { day: today, parts, base_url: self.base_url.clone() };
        let written = texts.write_digest(choice.language, &digest).map_err(MailOutcome::MailRefused);
        let mail = written.and_then(|mail| server.write(&recipient.address, &id_of_mail, mail, now)).map_err(ended);
        Ok(mail.map(|mail| AddressedMail { recipient: recipient.clone(), mail }))
    }

    /// Returns the parts of an officer's digest: what is late and soon due, and what the officer has not opened.
    async fn digest_parts(&self, actor: &Actor, id: &UserId) -> Result<Vec<DigestPart>, Error> {
        let now = self.clock.now().as_second();
        let mut parts = Vec::new();
        let late = DueSpan { from: None, before: now };
        let soon = DueSpan { from: Some(now), before: self.end_of_next_working_day() };
        for (word, due) in [("late", late), ("soon", soon)] {
            let wish = DeskWish { due: Some(due), ..DeskWish::default() };
            let (lines, more) = self.lines(actor, OfficerView::Todo, &wish).await?;
            let codes = lines.into_iter().map(|line| line.dossier.code).collect();
            parts.extend(DigestPart::of(word, &codes, more));
        }
        let wish = DeskWish { unread_by: Some(id.clone()), ..DeskWish::default() };
        let (mut lines, more) = self.lines(actor, OfficerView::Todo, &wish).await?;
        // A message to a dossier that the officer handed on or ended is in no list of work.
        let (past, more_past) = self.lines(actor, OfficerView::TakenPart, &wish).await?;
        lines.extend(past);
        for news in [RowNews::New, RowNews::Handed, RowNews::Message, RowNews::Supplement] {
            let told = lines.iter().filter(|line| line.news().contains(&news));
            let codes = told.map(|line| line.dossier.code.clone()).collect();
            parts.extend(DigestPart::of(news.name(), &codes, more || more_past));
        }
        Ok(parts)
    }

    /// Returns the end of the next working day, in seconds since 1970.
    fn end_of_next_working_day(&self) -> i64 {
        let after = |day: Date| day.tomorrow().unwrap_or(day);
        let tomorrow = begin(after(self.clock.today()));
        let begins = self.province.calendar.next_working(tomorrow).unwrap_or(tomorrow);
        begin(after(local(begins).date())).as_second()
    }

    /// Returns the first lines of an officer's view, and whether there are more.
    async fn lines(
        &self,
        actor: &Actor,
        view: OfficerView,
        wish: &DeskWish,
    ) -> Result<(Vec<OfficerLine>, bool), Error> {
        let shown = usize::try_from(PAGE).unwrap_or(usize::MAX);
        let (mut all, mut after) = (Vec::new(), None::<DeskPlace>);
        for _ in 0..MOST_PAGES {
            let mut page = desk::desk(self.database.reader(), actor, view, wish, after.as_ref()).await?;
            let more = page.len() > shown;
            page.truncate(shown);
            after = page.last().map(|line| line.place.clone());
            all.extend(page);
            if !more {
                return Ok((all, false));
            }
        }
        Ok((all, true))
    }
}
