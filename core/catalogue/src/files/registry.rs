//! `registries/<name>.csv`: tables for forms and plugins. Columns: `code`, `name`, and optionally `name_en`, `parent`
//! and `former`: former codes and names of the entry, separated by `;`.

use crate::reading::diagnostic::{MistakeReport, SourceFile};
use motcua_domain::registry::{Registry, RegistryEntry};
use motcua_domain::text;
use motcua_domain::text::Text;
use std::collections::BTreeSet;

/// The known columns.
const COLUMNS: [&str; 5] = ["code", "name", "name_en", "parent", "former"];

/// Reads a registry.
pub fn read(source: &SourceFile, report: &MistakeReport) -> Registry {
    // Spreadsheets write a byte order mark before the text. Places are counted after the mark.
    let text = source.text.trim_start_matches('\u{feff}');
    let mark = source.text.len() - text.len();
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let headers = reader.headers().cloned().unwrap_or_default();
    for column in headers.iter().filter(|column| !COLUMNS.contains(column)) {
        let known = COLUMNS.join(", ");
        let message = text!("không có cột `{column}`", "unknown column `{column}`");
        let help = text!("các cột được dùng là {known}", "known columns are {known}");
        report.add("unknown-column", source, 0..0, message, help);
    }
    let at = |column: &str| headers.iter().position(|known| known == column);
    let (Some(code), Some(name)) = (at("code"), at("name")) else {
        let message = text!("một danh mục cần có cột code và cột name", "a registry needs the columns code and name");
        let help = text!("hãy bắt đầu bằng: code,name", "begin with: code,name");
        report.add("missing-column", source, 0..0, message, help);
        return Registry::default();
    };
    let (name_en, parent, former) = (at("name_en"), at("parent"), at("former"));
    let mut seen = BTreeSet::new();
    let mut entries = Vec::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let place = error.position().map_or(0, csv::Position::byte);
                let place = mark + usize::try_from(place).unwrap_or_default();
                report.add("bad-csv", source, place..place, not_csv(&error), one_entry_a_line());
                continue;
            }
        };
        let place = record.position().map_or(0, csv::Position::byte);
        let place = mark + usize::try_from(place).unwrap_or_default();
        let cell = |column: usize| record.get(column).unwrap_or_default().to_owned();
        let filled = |column: Option<usize>| column.map(cell).filter(|text| !text.is_empty());
        let (code, name) = (cell(code), cell(name));
        if code.is_empty() || name.is_empty() || code.contains(char::is_whitespace) {
            let message = text!(
                "một mục có mã không chứa khoảng trắng, và có tên",
                "an entry has a code without blanks, and a name"
            );
            let help = text!("hãy viết: 25747,Phường Phú Cường", "write: 25747,Phường Phú Cường");
            report.add("bad-entry", source, place..place, message, help);
            continue;
        }
        if !seen.insert(code.clone()) {
            let message = text!("hai mục có cùng mã `{code}`", "two entries have the code `{code}`");
            let help = text!("hãy đặt cho mỗi mục một mã riêng", "give each its own code");
            report.add("duplicate", source, place..place, message, help);
        }
        let former = filled(former).unwrap_or_default();
        let former = former.split(';').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
        entries.push(RegistryEntry {
            code,
            name: Text { vi: name, en: filled(name_en) },
            parent: filled(parent),
            former,
        });
    }
    Registry::new(entries)
}

fn not_csv(error: &csv::Error) -> Text {
    text!("đây không phải là CSV: {error}", "this is not CSV: {error}")
}

fn one_entry_a_line() -> Text {
    text!(
        "hãy viết mỗi dòng một mục, với số cột như dòng đầu tiên",
        "write one entry a line, with as many columns as the first line"
    )
}
