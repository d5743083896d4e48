//! The book of the agency that gives a number to cash.

use super::DossierService;
use jiff::Timestamp;
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::event::Event;
use motcua_domain::dossier::receipts::{BookSeries, ReceiptBook};
use motcua_domain::time::calendar::local;

impl DossierService {
    /// Returns the book that has to give the event its number, or `None` if the event needs none. An agency that left the
    /// configuration has its books under its id.
    pub(super) fn book_of(&self, event: &Event, after: &Dossier, now: Timestamp) -> Option<BookSeries> {
        let (book, agency) = (ReceiptBook::to_draw(event)?, &after.place.agency);
        let known = self.province.agency(agency);
        let agency_code = known.map_or_else(|| agency.to_string(), |known| known.code.clone());
        Some(BookSeries { book, agency_code, year: local(now).year() })
    }
}
