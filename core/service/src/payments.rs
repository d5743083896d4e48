//! Payments of fees over a payment gateway.
//!
//! An applicant begins a payment, which is stored before the browser goes to the gateway. The gateway's word comes three
//! ways: by a call-back, with the browser that comes back, and as the answer to a question of the portal. All of them end
//! in [`PaymentService::settle`]. The money is an event of the dossier whose id follows from the reference, so it is
//! recorded once, whoever tells of it, and before anybody is told that it is.

mod gateway;

use crate::clock::moment;
use crate::common::CommonParts;
use crate::dossiers::DossierService;
use crate::ids::IdSource;
use crate::{Error, TimeSource};
use gateway::{PaymentEnding, PaymentGateway, PaymentOrder, PaymentWord, WordFault};
use jiff::{SignedDuration, Timestamp};
use motcua_catalogue::payment::PaymentSettings;
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::event::{Payment, PaymentMethod};
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::money::Dong;
use motcua_domain::names::{CommandId, DossierCode};
use motcua_domain::people::access::Deed;
use motcua_domain::people::organisation::Actor;
use motcua_domain::text::Language;
use motcua_store::jobs::{Job, JobKind};
use motcua_store::online_payments::{self, online_state};
use motcua_store::{Database, online_payment_row};
use std::net::IpAddr;
use std::sync::Arc;

/// The time in which the applicant pays at the gateway.
const TIME_TO_PAY: SignedDuration = SignedDuration::from_mins(15);

/// The seconds after which the portal no longer asks what became of a payment.
const GIVEN_UP: i64 = 86_400;

/// The seconds for which the payments of a dossier are counted, and the most that are begun in them.
const COUNTED: i64 = 3600;
const MOST_BEGUN: u64 = 20;

/// The characters of a reference.
const REFERENCE: usize = 24;

/// The beginning of the keys of the jobs that ask about payments. The reference follows.
const PAYMENT_JOB: &str = "payment/";

/// The reference of a payment that no portal begins, to try a gateway.
const NO_PAYMENT: &str = "motcuatest";

/// The settings of payments over a gateway.
#[derive(Debug, Clone)]
pub struct PaymentSetup {
    /// The gateway, or none if nobody pays online.
    pub settings: Option<PaymentSettings>,
    /// The address under which people reach the portal, without a slash at the end.
    pub base_url: String,
}

/// The state of a payment over the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnlineState {
    /// The gateway has said nothing for certain.
    Open,
    /// The money is recorded in the dossier.
    Paid,
    /// The gateway took no money.
    Failed,
}

/// A payment over the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnlinePayment {
    pub code: DossierCode,
    pub amount: Dong,
    pub state: OnlineState,
}

/// The amount that an applicant can pay online for a dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnlineOffer {
    /// The amount that can be paid now, or none.
    pub owed: Option<Dong>,
    /// The last payment that was begun.
    pub last: Option<OnlinePayment>,
}

/// The answer to a call-back of the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallBackAnswer {
    Confirmed,
    UnknownOrder,
    AlreadyConfirmed,
    WrongAmount,
    WrongSignature,
    /// The portal cannot write it down now. The gateway calls again.
    NotNow,
}

impl OnlineState {
    /// All states.
    pub const ALL: [Self; 3] = [Self::Open, Self::Paid, Self::Failed];

    /// Returns the word for the state.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => online_state::OPEN,
            Self::Paid => online_state::PAID,
            Self::Failed => online_state::FAILED,
        }
    }
}

impl CallBackAnswer {
    /// Returns the code that the gateway knows, and its words.
    pub const fn code(self) -> (&'static str, &'static str) {
        match self {
            Self::Confirmed => ("00", "Confirm Success"),
            Self::UnknownOrder => ("01", "Order not found"),
            Self::AlreadyConfirmed => ("02", "Order already confirmed"),
            Self::WrongAmount => ("04", "Invalid amount"),
            Self::WrongSignature => ("97", "Invalid signature"),
            Self::NotNow => ("99", "Unknown error"),
        }
    }
}

impl PaymentSetup {
    /// Asks the gateway of this name about a payment that nobody has begun. Returns the address to which browsers are
    /// sent or the reason why the gateway cannot be used, or none if no gateway has the name.
    pub async fn try_gateway(&self, name: &str, now: Timestamp) -> Option<Result<String, String>> {
        let settings = self.settings.clone().filter(|settings| settings.name == name)?;
        let gateway = PaymentGateway::new(settings, self.base_url.clone());
        let asked = gateway.ask(NO_PAYMENT, now, NO_PAYMENT, now).await;
        Some(asked.map(|_| gateway.settings().pay.clone()))
    }
}

/// The payments over a gateway.
#[derive(Debug)]
pub struct PaymentService {
    database: Database,
    clock: TimeSource,
    ids: IdSource,
    dossiers: Arc<DossierService>,
    gateway: Option<PaymentGateway>,
}

impl PaymentService {
    pub(crate) fn new(common: &CommonParts, setup: PaymentSetup, dossiers: Arc<DossierService>) -> Self {
        let CommonParts { database, clock, ids, .. } = common.clone();
        let PaymentSetup { settings, base_url } = setup;
        let gateway = settings.map(|settings| PaymentGateway::new(settings, base_url));
        Self { database, clock, ids, dossiers, gateway }
    }

    /// Returns scheme, host and port to which a browser is sent to pay, or none if nobody pays online.
    pub fn origin(&self) -> Option<&str> {
        self.gateway.as_ref().map(|gateway| gateway.settings().origin())
    }

    /// Returns the amount that the applicant can pay online for a dossier.
    pub async fn offer(&self, actor: &Actor, code: &DossierCode) -> Result<OnlineOffer, Error> {
        self.gateway()?;
        let view = self.dossiers.dossier(actor, code).await?;
        if !view.dossier.lets(actor, Deed::PayOnline) {
            return Err(Refusal::NotAllowed.into());
        }
        let is_asked = view.dossier.may_pay_online(actor, &view.procedure.workflow);
        let last = online_payments::last_of(self.database.reader(), code).await?;
        let owed = view.dossier.payable().filter(|_| is_asked);
        Ok(OnlineOffer { owed, last: last.as_ref().map(told).transpose()? })
    }

    /// Begins a payment of what is owed, and returns the address of the gateway. The same click begins one payment.
    pub async fn begin(
        &self,
        actor: &Actor,
        code: &DossierCode,
        click: &CommandId,
        (language, network): (Language, &str),
    ) -> Result<String, Error> {
        let gateway = self.gateway()?;
        let owed = self.offer(actor, code).await?.owed.ok_or(Refusal::NothingOwed)?;
        let reference: String = click.0.chars().filter(char::is_ascii_alphanumeric).take(REFERENCE).collect();
        let now = self.clock.now();
        let row = match online_payments::by_reference(self.database.reader(), &reference).await? {
            Some(known) => known,
            None => self.add(code, &reference, owed, now).await?,
        };
        let is_same = row.dossier == code.as_str() && row.amount == owed.0 && row.state == online_state::OPEN;
        if !is_same || row.expires_at <= now.as_second() {
            return Err(Refusal::Changed.into());
        }
        let about: String = code.as_str().chars().filter(char::is_ascii_alphanumeric).collect();
        gateway.pay_address(&PaymentOrder {
            reference: &row.reference,
            amount: Dong(row.amount),
            about: &about,
            begun_at: moment(row.begun_at),
            expires_at: moment(row.expires_at),
            language,
            network: if network.parse::<IpAddr>().is_ok() { network } else { "127.0.0.1" },
        })
    }

    /// Adds a payment and the job that asks about it later. Returns the row that is stored, which another click may have
    /// added first.
    async fn add(
        &self,
        code: &DossierCode,
        reference: &str,
        owed: Dong,
        now: Timestamp,
    ) -> Result<online_payment_row::Model, Error> {
        let second = now.as_second();
        if online_payments::begun_since(self.database.reader(), code, second - COUNTED).await? >= MOST_BEGUN {
            return Err(Error::Busy);
        }
        let expires_at = second + TIME_TO_PAY.as_secs();
        let row = online_payment_row::Model {
            reference: reference.to_owned(),
            dossier: code.to_string(),
            amount: owed.0,
            begun_at: second,
            expires_at,
            state: online_state::OPEN.to_owned(),
            transaction_number: String::new(),
            settled_at: None,
        };
        let transaction = self.database.begin().await?;
        transaction.begin_online_payment(row).await?;
        // Nobody pays after this, so an answer is final.
        transaction.add_job(&format!("{PAYMENT_JOB}{reference}"), JobKind::Payment, expires_at + 60).await?;
        let stored = online_payments::by_reference(transaction.connection(), reference).await?;
        transaction.commit().await?;
        stored.ok_or(Error::NotFound)
    }

    /// Takes a call-back of the gateway. Its word is committed before this returns.
    pub async fn called_back(&self, parameters: &[(String, String)]) -> CallBackAnswer {
        let Some(gateway) = &self.gateway else { return CallBackAnswer::NotNow };
        match self.take(gateway, parameters).await {
            Ok((answer, _)) => {
                tracing::info!(code = answer.code().0, "the payment gateway called back");
                answer
            }
            Err(error) => {
                tracing::error!(%error, "a call-back of the payment gateway could not be written down");
                CallBackAnswer::NotNow
            }
        }
    }

    /// Takes the parameters with which a browser comes back from the gateway. They count as a call-back does if the
    /// signature of the gateway holds, and say nothing otherwise.
    pub async fn came_back(&self, parameters: &[(String, String)]) -> Result<Option<OnlinePayment>, Error> {
        let gateway = self.gateway()?;
        let reference = match self.take(gateway, parameters).await {
            Ok((_, reference)) => reference,
            Err(error) => {
                tracing::error!(%error, "the word of the payment gateway with a browser could not be written down");
                None
            }
        };
        let Some(reference) = reference else { return Ok(None) };
        let row = online_payments::by_reference(self.database.reader(), &reference).await?;
        row.as_ref().map(told).transpose()
    }

    /// Judges signed parameters, and writes down what they say. Returns the reference, if the gateway signed it and it is
    /// known here.
    async fn take(
        &self,
        gateway: &PaymentGateway,
        parameters: &[(String, String)],
    ) -> Result<(CallBackAnswer, Option<String>), Error> {
        let word = match gateway.read(parameters) {
            Ok(word) => word,
            Err(WordFault::Forged) => return Ok((CallBackAnswer::WrongSignature, None)),
            Err(WordFault::OtherTerminal) => return Ok((CallBackAnswer::UnknownOrder, None)),
            Err(WordFault::OtherCurrency) => return Ok((CallBackAnswer::WrongAmount, None)),
        };
        let Some(row) = online_payments::by_reference(self.database.reader(), &word.reference).await? else {
            return Ok((CallBackAnswer::UnknownOrder, None));
        };
        let answer = self.settle(&row, &word).await?;
        Ok((answer, Some(row.reference)))
    }

    /// Writes down what the gateway says of a payment: its money in the dossier first, then its state.
    async fn settle(&self, row: &online_payment_row::Model, word: &PaymentWord) -> Result<CallBackAnswer, Error> {
        if word.ending == PaymentEnding::Paid && !word.is_about(Dong(row.amount)) {
            tracing::warn!(reference = row.reference, "the payment gateway tells of another amount");
            return Ok(CallBackAnswer::WrongAmount);
        }
        let state = match word.ending {
            PaymentEnding::Paid => online_state::PAID,
            PaymentEnding::Failed => online_state::FAILED,
            PaymentEnding::Pending => return Ok(CallBackAnswer::NotNow),
        };
        if row.state == online_state::PAID || row.state == state {
            return Ok(CallBackAnswer::AlreadyConfirmed);
        }
        if word.ending == PaymentEnding::Paid {
            let code = DossierCode::parse(&row.dossier).ok_or(Error::NotFound)?;
            let (method, receipt) = (PaymentMethod::BankTransfer, row.reference.clone());
            let payment = Payment { amount: Dong(row.amount), method, receipt };
            let id = CommandId(format!("online-{}", row.reference));
            Box::pin(self.dossiers.change(&Actor::System, &code, id, Command::RecordPayment(payment))).await?;
        }
        let (transaction, now) = (self.database.begin().await?, self.clock.now().as_second());
        transaction.settle_online_payment(&row.reference, state, &word.transaction_number, now).await?;
        transaction.commit().await?;
        Ok(CallBackAnswer::Confirmed)
    }

    /// Asks the gateway about payments of which it has not told. Returns the number of payments that are settled.
    pub async fn ask_about_open(&self) -> Result<usize, Error> {
        let Some(gateway) = &self.gateway else { return Ok(0) };
        let mut settled = 0;
        loop {
            let now = self.clock.now().as_second();
            let leased = self.database.lease_jobs_of(&[JobKind::Payment], now, 1).await?;
            let Some(job) = leased.into_iter().next() else { return Ok(settled) };
            let asked = Box::pin(self.ask_about(gateway, &job)).await;
            let (transaction, now) = (self.database.begin().await?, self.clock.now().as_second());
            match asked {
                Ok(()) => {
                    settled += 1;
                    transaction.finish_job(&job).await?;
                }
                Err(unsettled) if unsettled.since.is_some_and(|since| now - since >= GIVEN_UP) => {
                    tracing::warn!(job = job.key, why = unsettled.why, "the question about a payment is given up");
                    transaction.give_up_job(&job, &unsettled.why).await?;
                }
                Err(unsettled) => {
                    tracing::warn!(job = job.key, why = unsettled.why, attempts = job.attempts, "a payment stays open");
                    transaction.fail_job(&job, now, &unsettled.why).await?;
                }
            }
            transaction.commit().await?;
        }
    }

    /// Asks the gateway about the payment of a job, unless it is settled.
    async fn ask_about(&self, gateway: &PaymentGateway, job: &Job) -> Result<(), UnsettledPayment> {
        let reference = job.key.strip_prefix(PAYMENT_JOB).unwrap_or_default();
        let unread = |error: String| UnsettledPayment { since: None, why: error };
        let found = online_payments::by_reference(self.database.reader(), reference).await;
        let found = found.map_err(|error| unread(error.to_string()))?;
        let Some(row) = found.filter(|row| row.state == online_state::OPEN) else { return Ok(()) };
        let unsettled = |why: String| UnsettledPayment { since: Some(row.begun_at), why };
        let id = self.ids.next().simple().to_string();
        let word = gateway.ask(reference, moment(row.begun_at), &id, self.clock.now()).await.map_err(unsettled)?;
        match self.settle(&row, &word).await.map_err(|error| unsettled(error.to_string()))? {
            CallBackAnswer::Confirmed | CallBackAnswer::AlreadyConfirmed => Ok(()),
            CallBackAnswer::WrongAmount => Err(unsettled("the gateway took another amount".to_owned())),
            CallBackAnswer::NotNow | CallBackAnswer::UnknownOrder | CallBackAnswer::WrongSignature => {
                Err(unsettled("the gateway does not know yet".to_owned()))
            }
        }
    }

    /// Returns the gateway. Without one, nothing about online payments exists.
    fn gateway(&self) -> Result<&PaymentGateway, Error> {
        self.gateway.as_ref().ok_or(Error::NotFound)
    }
}

/// A payment of which the gateway has not told for certain.
#[derive(Debug)]
struct UnsettledPayment {
    /// The second at which it was begun, or none if it could not be read.
    since: Option<i64>,
    why: String,
}

/// Returns a payment as pages show it.
fn told(row: &online_payment_row::Model) -> Result<OnlinePayment, Error> {
    let code = DossierCode::parse(&row.dossier).ok_or(Error::NotFound)?;
    let state = OnlineState::ALL.into_iter().find(|state| state.name() == row.state).unwrap_or(OnlineState::Open);
    Ok(OnlinePayment { code, amount: Dong(row.amount), state })
}
