//! The agency to which a draft goes: the one that alone offers the procedure, the one that the applicant chose, or the
//! one to which the answers lead.

use super::{DraftService, DraftView};
use crate::{Error, InputRule};
use motcua_catalogue::Province;
use motcua_domain::dossier::Dossier;
use motcua_domain::form::Field;
use motcua_domain::form::judge::Finding;
use motcua_domain::names::AgencyId;
use motcua_domain::procedure::Procedure;
use motcua_domain::text::{Language, Text};
use motcua_store::drafts::Draft;
use std::sync::Arc;

impl DraftView {
    pub(super) fn new(draft: Draft, procedure: Arc<Procedure>, dossier: Option<Dossier>, province: &Province) -> Self {
        let mut view = Self { draft, procedure, dossier, agency_name: None, for_person: String::new() };
        let agency = view.agency().ok();
        view.agency_name = agency.and_then(|id| province.agency(&id)).map(|agency| agency.name.clone());
        view
    }

    /// Returns the agency to which the applicant applies. A supplement goes to the agency that has the dossier's
    /// filing.
    pub fn agency(&self) -> Result<AgencyId, Error> {
        let filed = self.dossier.as_ref().map(|dossier| dossier.filed.agency.clone());
        let own = filed.or_else(|| self.draft.agency.clone()).or_else(|| self.procedure.only_agency());
        own.ok_or(Error::Invalid(InputRule::AgencyNotChosen))
    }
}

impl DraftService {
    /// Returns the agency to which a draft would be filed: the one that the applicant chose, or to which the answers
    /// lead.
    pub(super) fn agency_of(&self, view: &DraftView) -> Result<AgencyId, Error> {
        view.agency().or_else(|unchosen| {
            let led = view.procedure.led_to(&self.values(view), &self.province.agencies);
            led.map(|agency| agency.id.clone()).ok_or(unchosen)
        })
    }

    /// Returns the agency whose terms the review shows. Until the answers lead to an agency, these are the terms that
    /// the procedure has for all agencies, and the question is returned that should lead to one.
    pub(super) fn shown_agency<'a>(&self, view: &'a DraftView) -> Result<(AgencyId, Option<&'a Field>), Error> {
        match (self.agency_of(view), view.procedure.leading_field()) {
            (Ok(agency), _) => Ok((agency, None)),
            (Err(_), Some(field)) => Ok((AgencyId(view.procedure.group.clone()), Some(field))),
            (Err(unchosen), None) => Err(unchosen),
        }
    }
}

/// Returns the finding that the answer to this question leads to no agency, unless the answer has another finding
/// already.
pub(super) fn no_agency(field: &Field, found: &[Finding]) -> Option<Finding> {
    let is_told = found.iter().any(|finding| finding.path.split('.').next() == Some(field.id.as_str()));
    let text = Text::new(
        format!("Không có cơ quan nào thực hiện thủ tục này cho nơi đã nêu ở “{}”.", field.label.vi),
        format!("No agency offers this procedure for the place in “{}”.", field.label.get(Language::En)),
    );
    (!is_told).then(|| Finding::error(field.id.as_str(), "no-agency", text))
}
