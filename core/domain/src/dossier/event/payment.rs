//! Payments and refunds at the counter, and ratings by applicants.

use crate::money::Dong;
use serde::{Deserialize, Serialize};

/// A payment that the counter recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    pub amount: Dong,
    pub method: PaymentMethod,
    /// The number of the receipt or of the bank's transaction.
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
}
