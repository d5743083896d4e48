//! The dossiers that an officer chose, as a table to take along.

use crate::pages::sheet::taken_by;
use crate::state::Portal;
use crate::view::format;
use crate::view::units::place_name;
use crate::web::address;
use crate::web::person::Officer;
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::event::{Channel, DossierOutcome};
use motcua_service::spreadsheet::{SheetCell, Spreadsheet};
use std::collections::BTreeMap;

/// The texts above the columns.
const COLUMNS: [&str; 12] = [
    "register-number",
    "code",
    "procedure",
    "register-applicant",
    "phone",
    "counted-by-unit",
    "register-step",
    "bulk-table-officer",
    "counted-by-channel",
    "register-filed",
    "register-due",
    "register-outcome",
];

/// Returns these dossiers as a table.
pub fn table_of(portal: &Portal, visitor: &Officer, dossiers: &[Dossier]) -> Spreadsheet {
    let (words, language) = (visitor.page_language(), visitor.language());
    let text = |key: &str| portal.theme.text(words, key);
    // A text costs more than a line.
    let outcomes = DossierOutcome::ALL.map(|outcome| format!("outcome-{}", outcome.name()));
    let channels = Channel::ALL.map(|channel| format!("counted-channel-{}", channel.name()));
    let keys = outcomes.into_iter().chain(channels);
    let texts: BTreeMap<String, String> = keys.map(|key| (key.clone(), text(&key))).collect();
    let word = |key: String| texts.get(&key).cloned().unwrap_or_default();
    let row = |(number, dossier): (i64, &Dossier)| -> Vec<SheetCell> {
        let (filed, flow) = (&dossier.filed, &dossier.flow);
        let steps: Vec<&str> = flow.stays.iter().map(|stay| stay.at.name.get(language)).collect();
        let holders = flow.stays.iter().filter_map(|stay| stay.assignee.as_ref());
        let holders: Vec<&str> = holders.map(|assignee| assignee.name.as_str()).collect();
        let cells = [
            filed.code.to_string(),
            filed.procedure_name.get(language).to_owned(),
            filed.applicant.name.clone(),
            filed.applicant.phone.clone(),
            place_name(&portal.services.province().agencies, &dossier.place, language),
            steps.join("; "),
            holders.join("; "),
            word(format!("counted-channel-{}", filed.channel.name())),
            format::moment(dossier.filed_at, language),
            flow.whole.due_or_passed().map_or_else(String::new, |due| format::moment(due, language)),
            flow.ended.as_ref().map_or_else(String::new, |end| word(format!("outcome-{}", end.outcome.name()))),
        ];
        [SheetCell::Number(number)].into_iter().chain(cells.map(SheetCell::Text)).collect()
    };
    let mut head = vec![text("bulk-table-title")];
    head.extend(taken_by(portal, visitor, address::DESK));
    Spreadsheet {
        head,
        columns: COLUMNS.map(text).to_vec(),
        rows: (1..).zip(dossiers).map(row).collect(),
        foot: String::new(),
    }
}
