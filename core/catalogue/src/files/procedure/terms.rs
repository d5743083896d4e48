//! The terms of a procedure beside its limit: when and how many dossiers are filed, the meaning of a silence, and the
//! publication of results.

use crate::files::form;
use crate::reading::keys::{BASIS, Shape, keys};
use crate::reading::node::FileTable;
use motcua_domain::procedure::{
    CapPeriod, FilingBounds, FilingCap, FilingHolder, FilingWindow, HolderTime, OnePer, ResultPublication, Silence,
    SilenceMeaning,
};
use motcua_domain::text;

/// The word for the applicant as the holder of at most one dossier.
const APPLICANT: &str = "applicant";

keys! {
    /// The consequence by law, if the limit passes without an answer of the agency.
    pub(super) SILENCE = "Silence" {
        required {
            means: Shape::Word(|| SilenceMeaning::ALL.map(SilenceMeaning::name).to_vec()),
            /// The legal basis, as `basis` of a paper.
            basis: BASIS,
        }
    }

    /// The publication of results on a public page, with the number of the dossier and the date.
    pub(super) PUBLISH = "Publication" {
        optional {
            /// The name of the holder is published too: the one that `[result]` names, or else the applicant.
            holder: Shape::Boolean,
        }
    }
}

/// Reads the time in which dossiers are filed.
pub(super) fn window(root: &FileTable<'_>) -> FilingWindow {
    let window = FilingWindow { opens: root.moment("opens"), closes: root.moment("closes") };
    if window.opens.zip(window.closes).is_some_and(|(opens, closes)| opens >= closes) {
        let message =
            text!("không có thời điểm nào nằm giữa `opens` và `closes`", "no moment lies between `opens` and `closes`");
        let help = text!("hãy viết `closes` sau `opens`", "write a `closes` that is after `opens`");
        root.mistake("out-of-range", root.place("closes"), message, help);
    }
    window
}

/// Reads the publication of results.
pub(super) fn publication(table: &FileTable<'_>) -> ResultPublication {
    let holder = table.boolean("holder").unwrap_or(false);
    table.finish();
    ResultPublication { holder }
}

/// Reads the consequence of a limit that passes without an answer. The law must say so.
pub(super) fn silence(table: &FileTable<'_>) -> Option<Silence> {
    let means = table.word("means", &SilenceMeaning::ALL, SilenceMeaning::name);
    if !table.has("means") {
        table.missing("means", "\"approval\"");
    }
    let basis = table.basis("basis");
    if !table.has("basis") {
        table.missing("basis", "\"dau-tu#37.2\"");
    }
    table.finish();
    Some(Silence { means: means?, basis })
}

/// Reads the bounds on the number of filings.
pub(super) fn bounds(root: &FileTable<'_>) -> FilingBounds {
    let most = root.integer("at_most").and_then(|most| u32::try_from(most).ok());
    let per = root.word("at_most_per", &CapPeriod::ALL, CapPeriod::name).unwrap_or_default();
    let named = root.string("one_per");
    let lasts = root.word("one_while", &HolderTime::ALL, HolderTime::name).unwrap_or_default();
    for (key, other) in [("at_most_per", "at_most"), ("one_while", "one_per")] {
        if root.names_key(key) && !root.names_key(other) {
            let message = text!("`{key}` không có nghĩa nếu thiếu `{other}`", "`{key}` says nothing without `{other}`");
            let help = text!("hãy thêm `{other}`, hoặc bỏ khóa này", "add `{other}`, or remove it");
            root.mistake("bad-bound", root.place(key), message, help);
        }
    }
    let ids = form::field_ids(root);
    let holder = named.and_then(|named| match named.value.as_str() {
        APPLICANT => Some(FilingHolder::Applicant),
        id if ids.iter().any(|known| known == id) => Some(FilingHolder::Answer(named.value)),
        _ => {
            root.unknown_word("one_per", &named, ids.iter().map(String::as_str).chain([APPLICANT]));
            None
        }
    });
    let one_per = holder.map(|holder| OnePer { holder, lasts });
    FilingBounds { at_most: most.map(|most| FilingCap { most, per }), one_per }
}
