//! The books of an agency, which give the numbers of cash: a receipt (biên lai) for what was paid, and a voucher (phiếu
//! chi) for what was paid back. Each year has a new series of each book.
//!
//! ```text
//! BL-H09.05-26-0000042
//! │  │      │  └ the running number, which begins with 1
//! │  │      └ the year
//! │  └ the code of the agency
//! └ the book
//! ```

use crate::dossier::Dossier;
use crate::dossier::event::{Event, MoneyMovement, PaymentMethod, Recorded};
use crate::fold::fold;
use crate::money::Dong;
use serde::Serialize;

/// A book of an agency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReceiptBook {
    /// The receipts for what was paid.
    Receipts,
    /// The vouchers for what was paid back.
    Vouchers,
}

/// The book of an agency in a year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookSeries {
    pub book: ReceiptBook,
    pub agency_code: String,
    pub year: i16,
}

/// The digits of a running number. Larger numbers have more.
const DIGITS: usize = 7;

impl ReceiptBook {
    /// All books.
    pub const ALL: [Self; 2] = [Self::Receipts, Self::Vouchers];

    /// Returns the letters with which the numbers of the book begin.
    pub const fn letters(self) -> &'static str {
        match self {
            Self::Receipts => "BL",
            Self::Vouchers => "PC",
        }
    }

    /// Returns the book and the typed number to which an event gives a number, or `None` for an event without one.
    pub fn of_event(event: &Event) -> Option<(Self, PaymentMethod, &str)> {
        match event {
            Event::PaymentRecorded { payment, .. } => Some((Self::Receipts, payment.method, payment.receipt.as_str())),
            Event::RefundRecorded { refund } => Some((Self::Vouchers, refund.method, refund.receipt.as_str())),
            Event::Filed(_)
            | Event::Advanced(_)
            | Event::SupplementRequested { .. }
            | Event::Supplemented { .. }
            | Event::PaymentReversed { .. }
            | Event::Ended { .. }
            | Event::Assigned { .. }
            | Event::Undone { .. }
            | Event::Reminded { .. }
            | Event::Escalated { .. }
            | Event::LateAnnounced { .. }
            | Event::ExpiryAnnounced { .. }
            | Event::Extended { .. }
            | Event::Rescheduled { .. }
            | Event::Transferred { .. }
            | Event::Migrated { .. }
            | Event::DeliveryChanged { .. }
            | Event::MessageSent { .. }
            | Event::Rated { .. } => None,
        }
    }

    /// Returns the book that has to give the event its number, or `None` if the event needs none.
    pub fn to_draw(event: &Event) -> Option<Self> {
        let (book, method, number) = Self::of_event(event)?;
        is_drawn(method, number).then_some(book)
    }
}

impl BookSeries {
    /// Returns the name of the series, with which its numbers begin.
    pub fn name(&self) -> String {
        let (letters, year) = (self.book.letters(), self.year.rem_euclid(100));
        format!("{letters}-{}-{year:02}", self.agency_code)
    }

    /// Returns a number of the series.
    pub fn number(&self, running: u32) -> String {
        format!("{}-{running:0DIGITS$}", self.name())
    }

    /// Returns the running number of a number of this series.
    pub fn running(&self, number: &str) -> Option<i64> {
        let key = number_key(number);
        key.strip_prefix(&number_key(&self.name()))?.strip_prefix('-')?.parse().ok()
    }
}

/// Returns whether the agency's book gives the number.
pub fn is_drawn(method: PaymentMethod, number: &str) -> bool {
    method == PaymentMethod::Cash && number.is_empty()
}

/// Returns the form in which two numbers are compared: without marks, blanks and capitals, as people type them.
pub fn number_key(number: &str) -> String {
    fold(number).split_whitespace().collect()
}

/// Returns whether a number has the form of those that books give.
pub fn is_of_book(number: &str) -> bool {
    let key = number_key(number);
    let is_digits = |text: &str, least: usize| text.len() >= least && text.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = key.rsplitn(3, '-');
    let (running, year, rest) = (parts.next(), parts.next(), parts.next());
    let begins = |rest: &str| {
        ReceiptBook::ALL.iter().any(|book| {
            let letters = rest.strip_prefix(&book.letters().to_lowercase());
            letters.is_some_and(|rest| rest.starts_with('-') && rest.len() > 1)
        })
    };
    running.is_some_and(|running| is_digits(running, DIGITS))
        && year.is_some_and(|year| year.len() == 2 && is_digits(year, 2))
        && rest.is_some_and(begins)
}

impl Recorded {
    /// Gives the number of a book to an event that needs one.
    pub fn draw(&mut self, number: &str) {
        match &mut self.event {
            Event::PaymentRecorded { payment, .. } => number.clone_into(&mut payment.receipt),
            Event::RefundRecorded { refund } => number.clone_into(&mut refund.receipt),
            Event::Filed(_)
            | Event::Advanced(_)
            | Event::SupplementRequested { .. }
            | Event::Supplemented { .. }
            | Event::PaymentReversed { .. }
            | Event::Ended { .. }
            | Event::Assigned { .. }
            | Event::Undone { .. }
            | Event::Reminded { .. }
            | Event::Escalated { .. }
            | Event::LateAnnounced { .. }
            | Event::ExpiryAnnounced { .. }
            | Event::Extended { .. }
            | Event::Rescheduled { .. }
            | Event::Transferred { .. }
            | Event::Migrated { .. }
            | Event::DeliveryChanged { .. }
            | Event::MessageSent { .. }
            | Event::Rated { .. } => {}
        }
    }
}

impl Dossier {
    /// Returns the movement of money that the next event of the dossier records.
    pub(super) fn movement(
        &self,
        recorded: &Recorded,
        amount: Dong,
        method: PaymentMethod,
        receipt: &str,
    ) -> MoneyMovement {
        let (at, by, receipt) = (recorded.at, recorded.actor.clone(), receipt.to_owned());
        let agency = self.place.agency.clone();
        MoneyMovement { entry: self.version + 1, at, agency, by, amount, method, receipt, reversed: None }
    }

    /// Gives the number of a book to the movement that the last event recorded.
    pub fn draw(&mut self, number: &str) {
        let version = self.version;
        let movements = self.payments.iter_mut().chain(&mut self.refunds);
        for movement in movements.filter(|movement| movement.entry == version) {
            number.clone_into(&mut movement.receipt);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BookSeries, ReceiptBook, is_of_book};

    #[test]
    fn a_number_of_a_book_is_recognised_however_it_is_typed() {
        for book in ReceiptBook::ALL {
            let series = BookSeries { book, agency_code: "H09.05-X".to_owned(), year: 2026 };
            for running in [1, 42, 9_999_999, 10_000_000, u32::MAX] {
                let number = series.number(running);
                assert!(is_of_book(&number) && is_of_book(&format!(" {} ", number.to_lowercase())), "{number}");
                assert_eq!(series.running(&number), Some(i64::from(running)));
                let next_year = BookSeries { year: 2027, ..series.clone() };
                assert_eq!(next_year.running(&number), None);
            }
        }
        assert_eq!(
            BookSeries { book: ReceiptBook::Receipts, agency_code: "H09.05".to_owned(), year: 2026 }.number(42),
            "BL-H09.05-26-0000042"
        );
    }

    #[test]
    fn a_number_of_another_book_may_be_typed() {
        for number in ["", "7", "BL-1", "PC-1", "BL-0001", "BL-26-0000042", "FT26331123456789", "BL--26-0000042"] {
            assert!(!is_of_book(number), "{number}");
        }
    }
}
