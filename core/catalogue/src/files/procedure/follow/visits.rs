//! The places of visits on the spot, which the applicant gives in the form.

use super::FollowCheck;
use motcua_domain::text;
use motcua_domain::workflow::site_visit::PLACE_KINDS;
use motcua_domain::workflow::{Action, Step};

impl FollowCheck<'_> {
    /// Checks that the form asks for the place of each visit.
    pub(super) fn visits(&self) {
        for step in &self.workflow.steps {
            for action in &step.actions {
                self.place_of_visit(step, action);
            }
        }
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
