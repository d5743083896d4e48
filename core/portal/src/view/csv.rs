//! Tables for spreadsheets.

/// The mark at the beginning of a table, which tells spreadsheets that the text is UTF-8.
pub const MARK: &str = "\u{feff}";

/// Returns a line of a table. A cell that a spreadsheet would take for a formula gets an apostrophe before it.
pub fn row(cells: &[String]) -> String {
    let cell = |text: &String| {
        let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
        format!("\"{}{}\"", if is_formula { "'" } else { "" }, text.replace('"', "\"\""))
    };
    cells.iter().map(cell).collect::<Vec<_>>().join(",") + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::row;

    #[test]
    fn a_cell_is_neither_a_formula_nor_two_cells() {
        let cells = ["=1+1", "a,b", "say \"x\"", "12/GP"].map(str::to_owned);
        assert_eq!(row(&cells), "\"'=1+1\",\"a,b\",\"say \"\"x\"\"\",\"12/GP\"\r\n");
    }
}
