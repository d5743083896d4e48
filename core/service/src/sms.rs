//! Notices and one-time codes on the phones of applicants, by SMS or Zalo.
//!
//! A number gets notices only if it is known to be the person's. A message has the code of the dossier, the word for what
//! happened and a link, and no name. A message costs the province money, so a notice goes one way to a phone.

mod gateway;

pub use gateway::{PhoneMessage, SmsGateway};

use crate::common::CommonParts;
use crate::mail::{
    AddressedNotice, CodeFor, EndedMail, MailOutcome, MailService, MailTexts, NoticeMail, NoticeSubject, after_quiet,
    is_quiet,
};
use crate::rights::applicant;
use crate::{Error, TimeSource};
use jiff::Timestamp;
use motcua_catalogue::mail::QuietHours;
use motcua_catalogue::sms::SmsSettings;
use motcua_domain::names::UserId;
use motcua_domain::people::organisation::Actor;
use motcua_domain::people::phone::PhoneChannel;
use motcua_domain::text::Language;
use motcua_store::contacts::{self, ContactChannel};
use motcua_store::jobs::{Job, SendTimes};
use motcua_store::mail::MailRecipient;
use motcua_store::{Database, accounts, phones};
use std::sync::Arc;

/// The settings of messages to phones.
#[derive(Debug, Clone, Default)]
pub struct SmsSetup {
    pub settings: SmsSettings,
    /// The address under which people reach the portal, without a slash at the end.
    pub base_url: String,
}

/// The wish of an applicant about notices on the phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneWish {
    pub phone: String,
    /// The number is known to be the applicant's. Other numbers get no notices.
    pub is_verified: bool,
    /// The ways among which the applicant chooses.
    pub offered: Vec<PhoneChannel>,
    /// The way of notices, or none if the applicant wants none.
    pub channel: Option<PhoneChannel>,
    pub language: Language,
    /// The moment at which the gateway refused the number for good, in seconds since 1970. It gets no notices.
    pub refused_at: Option<i64>,
}

/// A notice for a phone.
#[derive(Debug)]
pub(crate) struct AddressedMessage {
    pub recipient: MailRecipient,
    pub message: PhoneMessage,
}

/// The messages to phones.
#[derive(Debug)]
pub struct SmsService {
    database: Database,
    clock: TimeSource,
    gateway: Option<SmsGateway>,
    quiet: Option<QuietHours>,
    base_url: String,
}

/// The services that bring notices to people who are not on the portal. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Senders {
    pub mail: Arc<MailService>,
    pub sms: Arc<SmsService>,
}

impl Senders {
    /// Returns the moments from which the notice of an event is sent.
    pub(crate) fn due(&self, at: Timestamp) -> SendTimes {
        SendTimes { mail: self.mail.due(at), sms: self.sms.due(at) }
    }
}

impl SmsService {
    pub(crate) fn new(common: &CommonParts, setup: SmsSetup) -> Self {
        let CommonParts { database, clock, .. } = common.clone();
        let SmsSetup { settings, base_url } = setup;
        Self { database, clock, gateway: SmsGateway::new(&settings), quiet: settings.quiet, base_url }
    }

    /// Returns the gateway, if the portal sends messages to phones.
    pub(crate) const fn gateway(&self) -> Option<&SmsGateway> {
        self.gateway.as_ref()
    }

    /// Returns the moment from which the notice of an event is sent: at once, or at the end of the quiet hours. Returns
    /// none if the portal sends no messages to phones.
    fn due(&self, at: Timestamp) -> Option<Timestamp> {
        self.gateway.as_ref().map(|_| after_quiet(self.quiet, at))
    }

    /// Returns whether no notices are sent now.
    pub(crate) fn is_quiet(&self) -> bool {
        is_quiet(self.quiet, self.clock.now())
    }

    /// Returns the wish of an applicant about notices on the phone, if the portal sends messages to phones.
    pub async fn wish(&self, actor: &Actor) -> Result<Option<PhoneWish>, Error> {
        let id = applicant(actor)?;
        let Some(gateway) = &self.gateway else { return Ok(None) };
        let reader = self.database.reader();
        let account = accounts::by_id(reader, id).await?.ok_or(Error::NotFound)?;
        let verified = contacts::verified_at(reader, id, ContactChannel::Phone, &account.phone).await?;
        let choice = phones::choice(reader, id).await?;
        Ok(Some(PhoneWish {
            is_verified: verified.is_some(),
            offered: gateway.channels().to_vec(),
            channel: (!choice.unwanted).then(|| gateway.channel(choice.channel)),
            language: choice.language,
            refused_at: choice.refusal(&account.phone).map(|refused| refused.at),
            phone: account.phone,
        }))
    }

    /// Lets notices come to the phone of an applicant by a way, or ends them. They are written in this language from now
    /// on. A number that was refused is tried again.
    pub async fn choose(&self, actor: &Actor, channel: Option<PhoneChannel>, language: Language) -> Result<(), Error> {
        let id = applicant(actor)?;
        let is_offered = |channel| self.gateway.as_ref().is_some_and(|gateway| gateway.channels().contains(&channel));
        if channel.is_some_and(|channel| !is_offered(channel)) {
            return Err(Error::NotFound);
        }
        let transaction = self.database.begin().await?;
        transaction.set_phone_choice(id, channel, language).await?;
        Ok(transaction.commit().await?)
    }

    /// Returns the message that a job is to send, as its person wants it now, or the outcome if there is none to send.
    pub(crate) async fn due_message(
        &self,
        gateway: &SmsGateway,
        job: &Job,
        texts: &impl MailTexts,
    ) -> Result<Result<AddressedMessage, EndedMail>, Error> {
        let unneeded = || Ok(Err(EndedMail { recipient: None, outcome: MailOutcome::Unneeded }));
        let reader = self.database.reader();
        let Some(AddressedNotice { notice, account, id }) = AddressedNotice::of(reader, job).await? else {
            return unneeded();
        };
        let (account_id, to) = (UserId(account.id), account.phone);
        if contacts::verified_at(reader, &account_id, ContactChannel::Phone, &to).await?.is_none() {
            return unneeded();
        }
        let choice = phones::choice(reader, &account_id).await?;
        if choice.unwanted || choice.refusal(&to).is_some() {
            return unneeded();
        }
        let recipient = MailRecipient { account: account_id, address: to.clone() };
        let ended = |outcome| EndedMail { recipient: Some(recipient.clone()), outcome };
        if let Some(old) = AddressedNotice::too_old(&notice, self.clock.now()) {
            return Ok(Err(ended(old)));
        }
        let about = NoticeMail {
            name: account.name,
            subject: NoticeSubject::of(notice.dossier, &notice.event),
            event: notice.event,
            base_url: self.base_url.clone(),
        };
        let (channel, language) = (gateway.channel(choice.channel), choice.language);
        let written = texts.write_text(language, &about).map_err(|why| ended(MailOutcome::MailRefused(why)));
        Ok(written.map(|written| {
            let message = PhoneMessage { id, channel, to, language, written };
            AddressedMessage { recipient: recipient.clone(), message }
        }))
    }

    /// Sends a code to a number at once.
    pub(crate) async fn send_code(
        &self,
        code: &CodeFor<'_>,
        language: Language,
        texts: &impl MailTexts,
    ) -> MailOutcome {
        let Some(gateway) = &self.gateway else {
            return MailOutcome::NoServer("the portal has no gateway for messages to phones".to_owned());
        };
        let id = CodeFor::message_id();
        let written = match texts.write_code_text(language, &code.mail(&self.base_url)) {
            Ok(written) => written,
            Err(why) => return MailOutcome::MailRefused(why),
        };
        let message =
            PhoneMessage { id, channel: gateway.channel(None), to: code.address.to_owned(), language, written };
        gateway.send(&message, self.clock.now()).await
    }
}
