//! The journal: append-only, one hash chain for each dossier. It is the truth about dossiers.
//!
//! ```text
//! append   a change decided by the rules ──► one transaction: entry, rows of lists, jobs, `unsealed`
//! read     the entries of a dossier      ──► the dossier as it stands
//! numbers  the number of the day         ──► the code of a new dossier
//! receipts the number of the book        ──► the receipt of cash
//! erase    a dossier after its time      ──► entries without content
//! ```

mod admission;
mod append;
mod erase;
mod numbers;
mod read;
mod receipts;
mod verify;

pub(crate) use admission::EarlierRow;
pub use admission::{Admission, AgencyCap, DossierHolder, NotAdmitted, OneDossier};
pub(crate) use append::PreparedChange;
pub use append::{Append, Appended, ChainHead};
pub use numbers::Day;
pub(crate) use numbers::NumberDraw;
pub use read::{Journaled, PastDossiers, dossier, event, events, hashed_events, journaled, of_procedure};
pub use verify::{JournalFinding, JournalReport};
