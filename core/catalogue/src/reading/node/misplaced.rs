//! Keys that stand behind the header of a table below their own, so that they belong to that table.

use super::FileTable;
use crate::reading::keys::Keys;
use motcua_domain::text;
use motcua_domain::text::Text;
use std::ops::Range;

/// A table that contains another one.
#[derive(Clone)]
pub(super) struct EnclosingTable {
    keys: &'static Keys,
    /// The place of the contained table, before which the keys of this one stand.
    inner: Range<usize>,
}

/// A key that stands in a table below its own.
pub(super) struct MisplacedKey {
    /// The kind of table to which it belongs.
    of: &'static str,
    name: String,
    /// The number of its report.
    report: usize,
}

impl FileTable<'_> {
    /// Returns the tables that contain a table of this one at a place.
    pub(super) fn above_child(&self, place: Range<usize>) -> Vec<EnclosingTable> {
        let mut above = self.above.clone();
        above.push(EnclosingTable { keys: self.keys, inner: place });
        above
    }

    /// Returns the nearest table above that has a key.
    fn above_with(&self, key: &str) -> Option<&EnclosingTable> {
        self.above.iter().rev().find(|table| table.keys.find(key).is_some())
    }

    /// Returns whether a table above has a key.
    pub fn is_of_above(&self, key: &str) -> bool {
        self.above_with(key).is_some()
    }

    /// Reports the keys of this table that belong to a table above, all in one, and names those that are known here.
    pub fn finish_misplaced(&self, mut keys: Vec<(&str, Range<usize>)>, known: &str) {
        keys.sort_by_key(|(_, span)| span.start);
        let Some((first, span)) = keys.first() else { return };
        let all = keys.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let header = self.above_with(first).and_then(|table| self.header(&table.inner));
        let message = text!(
            "ở đây không có khóa {all}: đây là khóa của bảng phía trên",
            "there is no key {all} here: the table above has it"
        );
        let known = if known.is_empty() {
            Text::default()
        } else {
            text!("; các khóa ở đây là {known}", "; known keys here are {known}")
        };
        let (vi, en) = known.both();
        let help = match header {
            Some(header) => text!(
                "khóa của bảng phía trên phải đứng trước dòng {header}{vi}",
                "a key of the table above stands before the line {header}{en}"
            ),
            None => text!(
                "khóa của bảng phía trên phải đứng ngoài bảng này{vi}",
                "a key of the table above stands outside of this table{en}"
            ),
        };
        let report = self.report.len();
        self.mistake("unknown-key", span.clone(), message, help);
        let of = |name: &str| self.above_with(name).map_or("", |table| table.keys.name);
        let misplaced = keys.iter().map(|&(name, _)| MisplacedKey { of: of(name), name: name.to_owned(), report });
        self.misplaced.borrow_mut().extend(misplaced);
    }

    /// Returns the header of a table at a place, such as `[silence]`. A table in braces has none.
    fn header(&self, place: &Range<usize>) -> Option<&str> {
        let line = self.source.text.get(place.clone())?.lines().next()?.trim();
        line.starts_with('[').then_some(line)
    }

    /// Returns the number of the report about a key of this table that stands in a table below.
    pub(super) fn misplaced_below(&self, key: &str) -> Option<usize> {
        let is_key = |found: &&MisplacedKey| found.of == self.keys.name && found.name == key;
        self.misplaced.borrow().iter().find(is_key).map(|found| found.report)
    }

    /// Ties the missing keys to the reports about keys that stand in a table below.
    pub(super) fn tie_misplaced(&self) {
        for (key, missing) in self.missed.borrow().iter() {
            if let Some(cause) = self.misplaced_below(key) {
                self.report.tie(*missing, cause);
            }
        }
    }
}
