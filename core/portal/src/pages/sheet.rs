//! Tables that officers take along, as CSV or as a workbook, with the words of the reader's language.

use crate::state::Portal;
use crate::view::{csv, format};
use crate::web::download;
use crate::web::failure::Failure;
use crate::web::person::Officer;
use axum::response::Response;
use motcua_domain::dossier::event::{Channel, DossierOutcome};
use motcua_domain::people::organisation::Actor;
use motcua_service::Error;
use motcua_service::spreadsheet::{SheetCell, Spreadsheet};
use std::collections::BTreeMap;

/// The form of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SheetForm {
    Csv,
    Xlsx,
}

/// The texts of the words that dossiers have in rows of a table. A text costs more than a row.
pub struct RowTexts(BTreeMap<String, String>);

impl RowTexts {
    /// Looks the texts up by their keys.
    pub fn of(text: impl Fn(&str) -> String) -> Self {
        let outcomes = DossierOutcome::ALL.map(|outcome| format!("outcome-{}", outcome.name()));
        let punctuality = ["early", "on-time", "late"].map(|word| format!("punctuality-{word}"));
        let channels = Channel::ALL.map(|channel| format!("counted-channel-{}", channel.name()));
        let keys = outcomes.into_iter().chain(punctuality).chain(channels);
        Self(keys.map(|key| (key.clone(), text(&key))).collect())
    }

    /// Returns the text of a word of this kind, or an empty text.
    pub fn word(&self, kind: &str, word: Option<&str>) -> String {
        word.and_then(|word| self.0.get(&format!("{kind}-{word}"))).cloned().unwrap_or_default()
    }
}

/// Returns a table as a download. `name` is that of the file without its ending.
pub fn sheet(table: &Spreadsheet, name: &str, form: SheetForm) -> Result<Response, Failure> {
    match form {
        SheetForm::Csv => {
            let lines = table.lines();
            let lines = lines.iter().map(|cells| cells.iter().map(SheetCell::text).collect::<Vec<_>>());
            Ok(download::csv(&format!("{name}.csv"), csv::table(lines)))
        }
        SheetForm::Xlsx => {
            let bytes = table.to_xlsx().map_err(|fault| Failure::Services(Error::Fault(Box::new(fault))))?;
            let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
            Ok(download::made(&format!("{name}.xlsx"), kind, bytes))
        }
    }
}

/// Returns the lines above a table that say who took it along and when, and the address of its page.
pub fn taken_by(portal: &Portal, visitor: &Officer, view: &str) -> [String; 2] {
    let text = |key: &str| portal.theme.text(visitor.page_language(), key);
    let name = match visitor.actor() {
        Actor::Officer { name, .. } | Actor::Applicant { name, .. } => name.as_str(),
        Actor::System => "",
    };
    let at = format::moment(portal.services.now(), visitor.language());
    [
        format!("{}: {name}, {at}", text("export-by")),
        format!("{}: {}{view}", text("export-of"), portal.settings.base_url),
    ]
}
