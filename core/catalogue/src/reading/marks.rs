//! The comments with `TODO` that a command, such as `motcua procedure import`, leaves at unfinished parts of a file.

use crate::reading::diagnostic::{MistakeReport, SourceFile};
use motcua_domain::text;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

const MARK: &str = "# TODO";

/// Warns of each part of a file that is marked as unfinished.
pub fn warn_of_marks(source: &SourceFile, report: &MistakeReport) {
    if !source.text.contains(MARK) {
        return;
    }
    let (root, _) = DeTable::parse_recoverable(&source.text);
    let mut written = Vec::new();
    of_table(root.get_ref(), &mut written);
    for (start, _) in source.text.match_indices(MARK) {
        // A text of the file may contain the mark too.
        if written.iter().any(|span| span.contains(&start)) {
            continue;
        }
        let rest = source.text.get(start..).unwrap_or_default();
        let comment = rest.lines().next().unwrap_or_default().trim_end();
        let words = comment.trim_start_matches(['#', ' ']);
        let message = text!("phần này chưa viết xong: {words}", "this part is not finished: {words}");
        let help = text!("hãy viết cho xong, rồi xóa chú thích", "finish it, and remove the comment");
        report.warn("todo", source, start..start + comment.len(), message, help);
    }
}

/// Adds the places of the keys and the plain values of a table.
fn of_table(table: &DeTable<'_>, written: &mut Vec<Range<usize>>) {
    for (key, value) in table {
        written.push(key.span());
        of_value(value, written);
    }
}

fn of_value(value: &Spanned<DeValue<'_>>, written: &mut Vec<Range<usize>>) {
    match value.get_ref() {
        DeValue::Array(items) => items.iter().for_each(|item| of_value(item, written)),
        DeValue::Table(table) => of_table(table, written),
        _ => written.push(value.span()),
    }
}
