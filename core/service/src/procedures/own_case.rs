//! The case of a visitor who has not applied.

use super::ProcedureService;
use crate::typed::typed_in;
use jiff::Timestamp;
use motcua_domain::procedure::Procedure;
use motcua_domain::procedure::own_case::OwnCase;
use motcua_domain::time::calendar::Limit;
use motcua_domain::time::clock::Clock;

impl ProcedureService {
    /// Returns the case of a visitor with these posted answers. The answers are not stored.
    pub fn own_case<'a>(&self, procedure: &'a Procedure, posted: &[(String, String)]) -> OwnCase<'a> {
        let typed = typed_in(procedure.case_questions(), "", posted);
        procedure.own_case(typed, self.clock.now(), &self.province.registries)
    }

    /// Returns the time at which a limit ends for a dossier that is filed now. Returns `None` if the calendar of that
    /// year was not announced.
    pub fn due_if_filed_now(&self, limit: Limit) -> Option<Timestamp> {
        Clock::start(&self.province.calendar, limit, self.clock.now()).due()
    }
}
