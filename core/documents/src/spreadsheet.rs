//! Tables as workbooks (XLSX). Every text is written as text, so that no cell is a formula and no zero is lost.

use rust_xlsxwriter::{Workbook, XlsxError};

/// The most characters that a cell of a workbook has.
const MOST_CHARS: usize = 32_000;

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SheetCell {
    Text(String),
    Number(i64),
}

impl SheetCell {
    /// Returns the cell as text, a number without any grouping.
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
        }
    }
}

/// A table that somebody takes along.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spreadsheet {
    /// The lines above the table, which say what it is, who took it along, and when.
    pub head: Vec<String>,
    /// The texts above the columns.
    pub columns: Vec<String>,
    pub rows: Vec<Vec<SheetCell>>,
    /// A line below the table, or an empty text.
    pub foot: String,
}

/// The reason why a workbook was not written.
#[derive(Debug, thiserror::Error)]
#[error("the workbook cannot be written: {0}")]
pub struct SpreadsheetFault(String);

/// The width of a column in characters of the usual font.
const COLUMN_WIDTH: f64 = 20.0;

impl From<XlsxError> for SpreadsheetFault {
    fn from(error: XlsxError) -> Self {
        Self(error.to_string())
    }
}

impl Spreadsheet {
    /// Returns all lines of the table from the top: the head, the columns, the rows and the foot.
    pub fn lines(&self) -> Vec<Vec<SheetCell>> {
        let line = |text: &String| vec![SheetCell::Text(text.clone())];
        let mut lines: Vec<Vec<SheetCell>> = self.head.iter().map(line).collect();
        lines.push(Vec::new());
        lines.push(self.columns.iter().cloned().map(SheetCell::Text).collect());
        lines.extend(self.rows.iter().cloned());
        if !self.foot.is_empty() {
            lines.push(line(&self.foot));
        }
        lines
    }

    /// Returns the table as a workbook with one sheet.
    pub fn to_xlsx(&self) -> Result<Vec<u8>, SpreadsheetFault> {
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet();
        for (row, cells) in (0_u32..).zip(self.lines()) {
            for (column, cell) in (0_u16..).zip(cells) {
                match cell {
                    SheetCell::Text(text) => {
                        let text: String = text.chars().take(MOST_CHARS).collect();
                        sheet.write_string(row, column, text)?;
                    }
                    SheetCell::Number(number) => {
                        // A workbook keeps numbers as floating point, and such a one is exact.
                        match i32::try_from(number) {
                            Ok(number) => sheet.write_number(row, column, f64::from(number))?,
                            Err(_) => sheet.write_string(row, column, number.to_string())?,
                        };
                    }
                }
            }
        }
        for column in (0_u16..).take(self.columns.len()) {
            sheet.set_column_width(column, COLUMN_WIDTH)?;
        }
        // The head and the names of the columns stay in sight.
        let top = u32::try_from(self.head.len() + 2).unwrap_or_default();
        sheet.set_freeze_panes(top, 0)?;
        Ok(workbook.save_to_buffer()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Read as _};

    #[test]
    fn a_workbook_keeps_zeros_as_text_and_has_no_formula() {
        let texts = ["0912345678", "=1+1", "Nguyễn Văn An"].map(|text| SheetCell::Text(text.to_owned()));
        let table = Spreadsheet {
            head: vec!["Sổ theo dõi hồ sơ".to_owned()],
            columns: vec!["a".to_owned(), "b".to_owned(), "c".to_owned(), "d".to_owned()],
            rows: vec![[texts.to_vec(), vec![SheetCell::Number(7)]].concat()],
            foot: "hết".to_owned(),
        };
        let bytes = table.to_xlsx().expect("written");
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("a workbook is an archive");
        let mut read = |name: &str| {
            let mut text = String::new();
            archive.by_name(name).expect("a part").read_to_string(&mut text).expect("text");
            text
        };
        let (sheet, strings) = (read("xl/worksheets/sheet1.xml"), read("xl/sharedStrings.xml"));
        assert!(!sheet.contains("<f>") && sheet.contains("<v>7</v>"), "{sheet}");
        for text in ["0912345678", "=1+1", "Nguyễn Văn An", "Sổ theo dõi hồ sơ", "hết"] {
            assert!(strings.contains(text), "{text}: {strings}");
        }
    }
}
