//! The dossiers that an officer chose, as a table to take along.

use crate::pages::sheet::{RowTexts, taken_by};
use crate::state::Portal;
use crate::view::format;
use crate::view::units::place_name;
use crate::web::address;
use crate::web::person::Officer;
use motcua_domain::dossier::Dossier;
use motcua_service::spreadsheet::{SheetCell, Spreadsheet};

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
    let texts = RowTexts::of(text);
    let row = |(number, dossier): (i64, &Dossier)| -> Vec<SheetCell> {
        let (filed, flow) = (&dossier.filed, &dossier.flow);
        let steps: Vec<&str> = flow.stays.iter().map(|stay| stay.at.name.get(language)).collect();
        let holders = flow.stays.iter().filter_map(|stay| stay.assignee.as_ref());
        let holders: Vec<&str> = holders.map(|assignee| assignee.name.as_str()).collect();
        let cells = [
            filed.code.to_string(),
            filed.procedure_name.get(language).to_owned(),
            filed.person_name().to_owned(),
            filed.applicant.phone.clone(),
            place_name(&portal.services.province().agencies, &dossier.place, language),
            steps.join("; "),
            holders.join("; "),
            texts.word("counted-channel", Some(filed.channel.name())),
            format::moment(dossier.filed_at, language),
            flow.whole.due_or_passed().map_or_else(String::new, |due| format::moment(due, language)),
            texts.word("outcome", flow.ended.as_ref().map(|end| end.outcome.name())),
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
