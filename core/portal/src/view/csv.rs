//! Tables for spreadsheets.

/// The mark at the beginning of a table, which tells spreadsheets that the text is UTF-8.
const MARK: &str = "\u{feff}";

/// Returns a table of these lines. The first line is that of the heads.
pub fn table<R: AsRef<[String]>>(lines: impl IntoIterator<Item = R>) -> String {
    lines.into_iter().fold(MARK.to_owned(), |table, cells| table + &row(cells.as_ref()))
}

/// Returns a line of a table. A cell that a spreadsheet would take for a formula gets an apostrophe before it.
fn row(cells: &[String]) -> String {
    let cell = |text: &String| {
        let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
        format!("\"{}{}\"", if is_formula { "'" } else { "" }, text.replace('"', "\"\""))
    };
    cells.iter().map(cell).collect::<Vec<_>>().join(",") + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::{row, table};

    #[test]
    fn a_cell_is_neither_a_formula_nor_two_cells() {
        let cells = ["=1+1", "a,b", "say \"x\"", "12/GP"].map(str::to_owned);
        assert_eq!(row(&cells), "\"'=1+1\",\"a,b\",\"say \"\"x\"\"\",\"12/GP\"\r\n");
    }

    #[test]
    fn a_table_is_marked_as_utf_8_once() {
        assert_eq!(table([["số"], ["1"]].map(|cells| cells.map(str::to_owned))), "\u{feff}\"số\"\r\n\"1\"\r\n");
        assert_eq!(table::<[String; 0]>([]), "\u{feff}");
    }
}
