//! Marks of news in an officer's list: what happened to a dossier since the officer last opened its page.
//!
//! Nothing is stored for each officer when something happens. The row of a dossier names the versions of its last events,
//! and one row for an officer and a dossier names the version that the officer read. The filter of a list compares the
//! same numbers in SQL.

use super::OfficerLine;

/// Something that happened to a dossier since an officer last opened it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowNews {
    /// A step of the dossier is due to the officer, who has never opened the dossier.
    New,
    /// The applicant wrote a message.
    Message,
    /// The applicant supplemented the dossier.
    Supplement,
    /// A step that is due to the officer began, was assigned or was released.
    Handed,
}

impl RowNews {
    /// All kinds of news, in the order in which a line shows them.
    pub const ALL: [Self; 4] = [Self::New, Self::Message, Self::Supplement, Self::Handed];

    /// Returns the word for the news, for texts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Message => "message",
            Self::Supplement => "supplement",
            Self::Handed => "handed",
        }
    }

    /// Returns whether a line has this news.
    fn is_at(self, line: &OfficerLine) -> bool {
        let (row, seen, is_due) = (&line.dossier, line.seen.unwrap_or_default(), line.stay.is_some());
        let is_new = is_due && line.seen.is_none();
        match self {
            Self::New => is_new,
            Self::Message => row.message_version > seen,
            Self::Supplement => row.supplement_version > seen,
            Self::Handed => is_due && !is_new && row.handed_version > seen,
        }
    }
}

impl OfficerLine {
    /// Returns the news of the line to its officer.
    pub fn news(&self) -> Vec<RowNews> {
        RowNews::ALL.into_iter().filter(|news| news.is_at(self)).collect()
    }
}
