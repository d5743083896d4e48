//! The statuses of dossiers on the national portal.

use serde::{Deserialize, Serialize};

/// The status of a dossier on the national portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NationalStatus {
    Filed = 1,
    Received = 2,
    NotReceived = 3,
    Processing = 4,
    SupplementRequested = 5,
    PaymentRequested = 6,
    Withdrawn = 7,
    Stopped = 8,
    Processed = 9,
    Returned = 10,
}

impl NationalStatus {
    /// All statuses, by number.
    pub const ALL: [Self; 10] = [
        Self::Filed,
        Self::Received,
        Self::NotReceived,
        Self::Processing,
        Self::SupplementRequested,
        Self::PaymentRequested,
        Self::Withdrawn,
        Self::Stopped,
        Self::Processed,
        Self::Returned,
    ];

    /// Returns the word for tables and pages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Filed => "filed",
            Self::Received => "received",
            Self::NotReceived => "not-received",
            Self::Processing => "processing",
            Self::SupplementRequested => "supplement-requested",
            Self::PaymentRequested => "payment-requested",
            Self::Withdrawn => "withdrawn",
            Self::Stopped => "stopped",
            Self::Processed => "processed",
            Self::Returned => "returned",
        }
    }

    /// The statuses that a step may have: those of an open dossier that waits for an officer.
    pub const OF_STEPS: [Self; 4] = [Self::Filed, Self::Received, Self::Processing, Self::Processed];
}
