//! Payments and refunds at the counter, and ratings by applicants.

use crate::money::Dong;
use crate::names::AgencyId;
use crate::people::organisation::ActorRef;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A payment that the counter recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    pub amount: Dong,
    pub method: PaymentMethod,
    /// The number of the receipt or of the bank's transaction. It is empty until the agency's book has given it.
    pub receipt: String,
}

/// An amount that the agency paid back to the applicant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    pub amount: Dong,
    pub method: PaymentMethod,
    /// The number of the receipt or of the bank's transaction.
    pub receipt: String,
}

/// A payment or a refund with its place in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoneyMovement {
    /// The version of the dossier with which it was recorded.
    pub entry: u32,
    pub at: Timestamp,
    /// The agency that had the dossier then. The money and the number stay there, also if the dossier goes to another one.
    pub agency: AgencyId,
    /// The officer who took the money, or paid it back.
    pub by: ActorRef,
    pub amount: Dong,
    pub method: PaymentMethod,
    /// The number of the receipt, of the voucher or of the bank's transaction.
    pub receipt: String,
    /// The reversal of a payment that was recorded by mistake.
    pub reversed: Option<PaymentReversal>,
}

/// The reversal of a payment, after which the payment no longer counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentReversal {
    /// The version of the dossier with which it was recorded.
    pub entry: u32,
    pub at: Timestamp,
    pub by: ActorRef,
    pub reason: String,
}

impl MoneyMovement {
    /// Returns whether the money still counts.
    pub const fn counts(&self) -> bool {
        self.reversed.is_none()
    }
}

/// The means of a payment or a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PaymentMethod {
    Cash,
    BankTransfer,
}

/// The criteria of a rating, 0 to 2 points each (Decree 61/2018).
pub const CRITERIA: [&str; 5] = ["attitude", "guidance", "trips", "timeliness", "overall"];

/// The applicant's rating of the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rating {
    /// Points per criterion, in the order of [`CRITERIA`].
    pub points: [u8; 5],
    pub text: String,
    /// The rating was given at a counter, where the applicant is known by the code and the digits of the phone number
    /// and did not log in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub at_counter: bool,
}
