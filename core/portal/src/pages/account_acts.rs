//! The record of acts with accounts that counters opened, for the leaders of an agency and for auditors.

use crate::pages::render::ok;
use crate::state::Portal;
use crate::theme::Page;
use crate::view::format;
use crate::view::units::agency_name;
use crate::web::failure::Failure;
use crate::web::person::Officer;
use crate::web::typing::Query;
use axum::extract::State;
use axum::response::Response;
use motcua_domain::names::AgencyId;
use motcua_domain::people::organisation::Agency;
use motcua_domain::text::Language;
use motcua_service::{AccountActKind, ListedAccountAct};
use serde::{Deserialize, Serialize};

/// The acts with accounts that counters opened.
#[derive(Debug, Clone, Serialize)]
pub struct AccountActsPage {
    /// The acts, the latest first.
    pub acts: Vec<AccountActLine>,
    /// The last act of the page, before which the next page begins, or an empty text if there are no earlier ones.
    pub before: String,
}

/// An act with an account.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AccountActLine {
    /// The kind as a word, under `account-act-<word>`.
    pub kind: String,
    /// The time of the act.
    pub at: String,
    /// The name of the agency, or an empty text.
    pub agency: String,
    /// The name of the officer, or an empty text for the owner of the account.
    pub officer: String,
    /// The name of the account, or an empty text if it was deleted or if the act is about none.
    pub account: String,
    /// The log-in of the account, or an empty text.
    pub login: String,
    /// The code of the dossier at whose page it was, or an empty text.
    pub dossier: String,
    /// The name of the officer who opened the account, or an empty text.
    pub opened_by: String,
    /// The name of the officer who handed out the code that was used up, or an empty text.
    pub handed_by: String,
    /// The name before a correction, or an empty text.
    pub old_name: String,
    /// The name after a correction, or an empty text.
    pub new_name: String,
    /// The reason of a correction, the device of a claim, or the ends of the numbers of a search. It may be empty.
    pub detail: String,
}

impl Page for AccountActsPage {
    const TEMPLATE: &'static str = "account_acts.html";
    fn samples() -> Vec<Self> {
        let line = |kind: AccountActKind| AccountActLine {
            kind: kind.name().to_owned(),
            at: "24/11/2026 08:00".into(),
            agency: "Sở Mẫu".into(),
            officer: "Lê Thị Mai".into(),
            account: "Nguyễn Thị Ngân".into(),
            login: "074195000321".into(),
            ..AccountActLine::default()
        };
        let mut acts: Vec<AccountActLine> = AccountActKind::ALL.into_iter().map(line).collect();
        acts.push(AccountActLine { account: String::new(), detail: "…321".into(), ..line(AccountActKind::Sought) });
        acts.push(AccountActLine {
            old_name: "Nguyễn Thị Ngan".into(),
            new_name: "Nguyễn Thị Ngân".into(),
            detail: "Gõ thiếu dấu".into(),
            opened_by: "Trần Văn Bình".into(),
            ..line(AccountActKind::Renamed)
        });
        acts.push(AccountActLine {
            officer: String::new(),
            dossier: "H09.01-261124-0001".into(),
            opened_by: "Trần Văn Bình".into(),
            handed_by: "Lê Thị Mai".into(),
            detail: "Chrome, Android".into(),
            ..line(AccountActKind::Claimed)
        });
        vec![Self { acts: vec![], before: String::new() }, Self { acts, before: "01a21a2d".into() }]
    }
}

/// The act before which the page begins.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct AccountActsQuery {
    #[serde(default)]
    before: String,
}

fn line(act: ListedAccountAct, agencies: &[Agency], language: Language) -> AccountActLine {
    let agency = AgencyId(act.agency);
    AccountActLine {
        kind: act.kind,
        at: format::second(act.at, language),
        agency: if agency.as_str().is_empty() { String::new() } else { agency_name(agencies, &agency, language) },
        officer: act.officer_name,
        account: act.account_name,
        login: act.login,
        dossier: act.dossier.unwrap_or_default(),
        opened_by: act.opened_by,
        handed_by: act.handed_by,
        old_name: act.old_name.unwrap_or_default(),
        new_name: act.new_name.unwrap_or_default(),
        detail: act.detail,
    }
}

/// `GET /desk/accounts?before=`: the acts with accounts that counters opened.
pub async fn show(
    State(portal): State<Portal>,
    Query(wanted): Query<AccountActsQuery>,
    visitor: Officer,
) -> Result<Response, Failure> {
    let (acts, more) = portal.services.account.acts(visitor.actor(), &wanted.before).await?;
    let before = acts.last().filter(|_| more).map_or_else(String::new, |act| act.id.clone());
    let agencies = &portal.services.province().agencies;
    let acts = acts.into_iter().map(|act| line(act, agencies, visitor.language())).collect();
    Ok(ok(&portal, &visitor, &AccountActsPage { acts, before }))
}
