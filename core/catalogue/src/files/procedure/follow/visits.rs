//! Visits on the spot: their places, which the applicant gives in the form, their bounds within the limit of the
//! procedure, and the visits that are called off.

use super::{FollowCheck, ProcedureLimits};
use motcua_domain::text;
use motcua_domain::time::calendar::Limit;
use motcua_domain::workflow::site_visit::PLACE_KINDS;
use motcua_domain::workflow::{Action, Step};

impl FollowCheck<'_> {
    /// Checks that the form asks for the place of each visit, that visits lie within the limit of the procedure, and that
    /// some action makes the visit that another one calls off.
    pub(super) fn visits(&self, limits: &ProcedureLimits<'_>) {
        let mut rules =
            self.workflow.steps.iter().flat_map(|step| &step.actions).filter_map(|action| action.visit.as_ref());
        let makes_visits = rules.any(|rule| !rule.calls_off);
        let by_length = |one: &Limit, other: &Limit| one.working_hours().total_cmp(&other.working_hours());
        let of_cases = limits.cases.iter().map(|case| case.limit);
        let longest = limits.whole.and_then(|whole| of_cases.chain([whole.value]).max_by(by_length));
        for step in &self.workflow.steps {
            for action in &step.actions {
                self.place_of_visit(step, action);
                self.end_of_visit(step, action, longest);
                if !makes_visits {
                    self.unmade_visit(step, action);
                }
            }
        }
    }

    /// Reports an action that calls visits off, where no action makes one.
    fn unmade_visit(&self, step: &Step, action: &Action) {
        if !action.visit.as_ref().is_some_and(|rule| rule.calls_off) {
            return;
        }
        let spot = self.spot(step, |places| places.actions.get(&action.id).map(|places| &places.visit));
        let (action, step) = (&action.id, &step.id);
        let message = text!(
            "thao tác `{action}` của bước `{step}` hủy lịch hẹn, mà không thao tác nào của quy trình đặt lịch hẹn",
            "action `{action}` of step `{step}` calls a visit off, and no action of the workflow makes one"
        );
        let help = text!(
            "hãy thêm `visit` vào thao tác đặt lịch hẹn, hoặc bỏ thao tác này",
            "add `visit` to the action that makes the appointment, or remove this action"
        );
        self.mistake(&spot, "bad-visit", message, help);
    }

    /// Warns of a visit that may lie after the longest limit of the procedure.
    fn end_of_visit(&self, step: &Step, action: &Action, longest: Option<Limit>) {
        let Some((most, longest)) = action.visit.as_ref().and_then(|rule| rule.at_most).zip(longest) else { return };
        if most.working_hours() <= longest.working_hours() {
            return;
        }
        let spot = self.spot(step, |places| places.actions.get(&action.id).map(|places| &places.visit));
        let (action, step) = (&action.id, &step.id);
        let message = text!(
            "lịch hẹn của thao tác `{action}` ở bước `{step}` có thể muộn tới `{most}`, trong khi thời hạn của thủ tục \
             là `{longest}`",
            "the visit of action `{action}` of step `{step}` may lie as late as `{most}`, and the limit of the \
             procedure is `{longest}`"
        );
        let help = text!("hãy viết `at_most` ngắn hơn thời hạn", "write an `at_most` that is shorter than the limit");
        self.warn(&spot, "bad-visit", message, help);
    }

    fn place_of_visit(&self, step: &Step, action: &Action) {
        let Some(id) = action.visit.as_ref().and_then(|rule| rule.place.as_ref()) else { return };
        let field = self.form.fields().map(|(_, field)| field).find(|field| field.id == *id);
        let spot = self.spot(step, |places| places.actions.get(&action.id).map(|places| &places.visit));
        let (action, step) = (&action.id, &step.id);
        match field {
            None => {
                let message = text!(
                    "lịch hẹn của thao tác `{action}` ở bước `{step}` có địa điểm là `{id}`, mà biểu mẫu không hỏi",
                    "the visit of action `{action}` of step `{step}` is at `{id}`, which the form does not ask"
                );
                let help = text!(
                    "hãy nêu một trường của biểu mẫu, hoặc bỏ `place`",
                    "name a field of the form, or leave `place` out"
                );
                self.mistake(&spot, "unknown-field", message, help);
            }
            Some(field) if !PLACE_KINDS.contains(&field.kind.name()) => {
                let kind = field.kind.name();
                let message = text!(
                    "lịch hẹn của thao tác `{action}` ở bước `{step}` có địa điểm là `{id}`, mà câu trả lời ({kind}) không nêu địa điểm",
                    "the visit of action `{action}` of step `{step}` is at `{id}`, whose answer ({kind}) is no place"
                );
                self.mistake(
                    &spot,
                    "bad-visit",
                    message,
                    text!("hãy nêu một địa chỉ hoặc chuỗi", "name an address or a text"),
                );
            }
            Some(_) => {}
        }
    }
}
