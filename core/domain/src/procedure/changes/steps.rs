//! The changes of a workflow: its steps, their actions and the stages, each with its old and its new value.

use super::VersionChanges;
use crate::expression::Expression;
use crate::form::Field;
use crate::names::StepId;
use crate::people::organisation::Role;
use crate::text::{Language, Text};
use crate::time::calendar::Limit;
use crate::workflow::site_visit::SiteVisitRule;
use crate::workflow::{
    Action, Assign, Branch, Cancels, Effect, Join, Many, Requirement, Stage, Step, UnitPlace, Workflow,
};

/// A property of a step or an action: its name, and its value in words.
type StepProperty = (Text, Text);

impl VersionChanges {
    /// Compares two workflows.
    pub(super) fn workflow(&mut self, old: &Workflow, new: &Workflow) {
        if old == new {
            return;
        }
        let before = self.0.len();
        for step in &new.steps {
            let name = Text::new(format!("Bước “{}”", step.name.vi), format!("Step “{}”", step.name.get(Language::En)));
            let Some(was) = old.step(&step.id) else {
                let (vi, en) = (&name.vi, name.get(Language::En));
                let role = role_words(step.role);
                self.say(format!("{vi} mới ({})", role.vi), format!("{en} is new ({})", role.get(Language::En)));
                continue;
            };
            self.properties(&name, &of_step(was, old), &of_step(step, new));
            self.questions(&name, &was.form, &step.form);
            self.actions(&name, (was, old), (step, new));
        }
        for gone in old.steps.iter().filter(|gone| new.step(&gone.id).is_none()) {
            let (vi, en) = (&gone.name.vi, gone.name.get(Language::En));
            self.say(format!("Bỏ bước “{vi}”"), format!("Step “{en}” is dropped"));
        }
        self.stages(&old.stages, &new.stages);
        let order = |workflow: &Workflow, other: &Workflow| -> Vec<StepId> {
            workflow.steps.iter().map(|step| step.id.clone()).filter(|id| other.step(id).is_some()).collect()
        };
        if order(old, new) != order(new, old) {
            self.say("Thứ tự các bước đã thay đổi", "The steps are in another order");
        }
        if old.id != new.id && self.0.len() == before {
            let ids = format!("{} → {}", old.id, new.id);
            self.say(format!("Quy trình xử lý: {ids}"), format!("The workflow: {ids}"));
        } else if self.0.len() == before {
            self.say("Các bước xử lý tại cơ quan đã thay đổi", "The steps within the agency are changed");
        }
    }

    /// Names the questions to the officer that are the same ones and ask otherwise.
    fn questions(&mut self, of: &Text, old: &[Field], new: &[Field]) {
        let is_changed = |field: &&Field| old.iter().any(|was| was.id == field.id && was != *field);
        let changed: Vec<Text> = new.iter().filter(is_changed).map(|field| field.label.clone()).collect();
        if !changed.is_empty() {
            let changed = joined(changed, ", ");
            let (vi, en) = (&of.vi, of.get(Language::En));
            self.say(
                format!("{vi}: câu hỏi cho cán bộ đã thay đổi: {}", changed.vi),
                format!("{en}: questions to the officer are changed: {}", changed.get(Language::En)),
            );
        }
    }

    /// Compares the actions of a step.
    fn actions(&mut self, of: &Text, (was, old): (&Step, &Workflow), (step, new): (&Step, &Workflow)) {
        let (of_vi, of_en) = (&of.vi, of.get(Language::En));
        for action in &step.actions {
            let (vi, en) = (&action.name.vi, action.name.get(Language::En));
            match was.action(&action.id) {
                Some(before) => {
                    let name = Text::new(format!("{of_vi}, “{vi}”"), format!("{of_en}, “{en}”"));
                    self.properties(&name, &of_action(before, old), &of_action(action, new));
                }
                None => self.say(format!("{of_vi}: thêm “{vi}”"), format!("{of_en}: “{en}” is added")),
            }
        }
        for gone in was.actions.iter().filter(|gone| step.action(&gone.id).is_none()) {
            let (vi, en) = (&gone.name.vi, gone.name.get(Language::En));
            self.say(format!("{of_vi}: bỏ “{vi}”"), format!("{of_en}: “{en}” is dropped"));
        }
    }

    fn stages(&mut self, old: &[Stage], new: &[Stage]) {
        let limit = |stage: &Stage| limit_words(stage.limit);
        for stage in new {
            let (vi, en) = (&stage.name.vi, stage.name.get(Language::En));
            match old.iter().find(|was| was.id == stage.id) {
                Some(was) => {
                    let name = Text::new(format!("Giai đoạn “{vi}”"), format!("Stage “{en}”"));
                    let of = |stage: &Stage| vec![named(stage.name.clone()), (limit_name(), limit(stage))];
                    self.properties(&name, &of(was), &of(stage));
                }
                None => self.say(format!("Giai đoạn “{vi}” mới"), format!("Stage “{en}” is new")),
            }
        }
        for gone in old.iter().filter(|gone| !new.iter().any(|stage| stage.id == gone.id)) {
            let (vi, en) = (&gone.name.vi, gone.name.get(Language::En));
            self.say(format!("Bỏ giai đoạn “{vi}”"), format!("Stage “{en}” is dropped"));
        }
    }

    /// Compares the same properties of two things.
    fn properties(&mut self, of: &Text, old: &[StepProperty], new: &[StepProperty]) {
        for ((name, old), (_, new)) in old.iter().zip(new) {
            let vi = format!("{}: {}", of.vi, name.vi);
            let en = format!("{}: {}", of.get(Language::En), name.get(Language::En));
            self.words(&vi, &en, old, new);
        }
    }
}

fn none() -> Text {
    Text::new("không", "none")
}

fn named(name: Text) -> StepProperty {
    (Text::new("tên", "name"), name)
}

fn limit_name() -> Text {
    Text::new("thời hạn", "limit")
}

fn limit_words(limit: Option<Limit>) -> Text {
    limit.map_or_else(none, Limit::text)
}

/// Returns the same words in both languages.
fn same(words: String) -> Text {
    Text::new(words.clone(), words)
}

fn role_words(role: Role) -> Text {
    match role {
        Role::Counter => Text::new("bộ phận một cửa", "one-stop counter"),
        Role::UnitHead => Text::new("lãnh đạo phòng", "head of unit"),
        Role::Specialist => Text::new("chuyên viên", "specialist"),
        Role::Appraiser => Text::new("người thẩm định", "appraiser"),
        Role::Leader => Text::new("lãnh đạo cơ quan", "agency's leader"),
        Role::Auditor => Text::new("kiểm soát", "auditor"),
        Role::Admin => Text::new("quản trị", "administrator"),
        Role::Applicant => Text::new("người nộp", "applicant"),
    }
}

fn place_words(place: Option<&UnitPlace>) -> Text {
    let own = || Text::new("đơn vị của thủ tục", "the procedure's unit");
    place.map_or_else(own, unit_words)
}

/// Returns a unit with its agency, which may be the one to which the applicant applies.
fn unit_words(place: &UnitPlace) -> Text {
    let UnitPlace { agency, unit } = place;
    if place.is_of_own_agency() {
        return Text::new(format!("{unit} của cơ quan tiếp nhận"), format!("{unit} of the agency of the dossier"));
    }
    same(format!("{agency}/{unit}"))
}

/// Returns the name of a step, in quotes.
fn step_words(id: &StepId, workflow: &Workflow) -> Text {
    workflow.step(id).map_or_else(
        || same(format!("“{id}”")),
        |step| Text::new(format!("“{}”", step.name.vi), format!("“{}”", step.name.get(Language::En))),
    )
}

/// Joins words in both languages.
fn joined(words: Vec<Text>, between: &str) -> Text {
    if words.is_empty() {
        return none();
    }
    let vi: Vec<&str> = words.iter().map(|text| text.vi.as_str()).collect();
    let en: Vec<&str> = words.iter().map(|text| text.get(Language::En)).collect();
    Text::new(vi.join(between), en.join(between))
}

fn when_words(when: Option<&Expression>) -> Text {
    when.map_or_else(|| Text::new("luôn luôn", "always"), |when| same(format!("`{}`", when.source())))
}

fn join_words(join: Join) -> Text {
    match join {
        Join::Each => Text::new("mỗi nhánh", "each branch"),
        Join::All => Text::new("tất cả các nhánh", "all branches"),
        Join::Begun => Text::new("các nhánh đã bắt đầu", "the branches that have begun"),
        Join::First(count) => Text::new(format!("{count} nhánh đầu tiên"), format!("the first {count} branches")),
    }
}

fn assign_words(assign: &Assign) -> Text {
    match assign {
        Assign::Post => Text::new("bất kỳ ai giữ vị trí", "any holder of the post"),
        Assign::Person { login } => same(login.clone()),
        Assign::Load => Text::new("người ít việc nhất", "the holder with the fewest open steps"),
        Assign::Area { field, registry } => {
            Text::new(format!("theo địa bàn (`{field}`, {registry})"), format!("by area (`{field}`, {registry})"))
        }
        Assign::Plugin => Text::new("phần mềm chọn", "a plugin chooses"),
    }
}

fn many_words(many: &Many, workflow: &Workflow) -> Text {
    let units = joined(many.places.iter().map(unit_words).collect(), ", ");
    let (units_vi, units_en) = (&units.vi, units.get(Language::En));
    let (chosen_vi, chosen_en) = if many.chosen { ("chọn trong số ", "chosen among ") } else { ("", "") };
    let then = step_words(&many.then, workflow);
    let enough = many.enough.map_or_else(|| Text::new("tất cả", "all"), |enough| same(enough.to_string()));
    Text::new(
        format!("{chosen_vi}{units_vi} (cần {} trả lời, rồi {})", enough.vi, then.vi),
        format!("{chosen_en}{units_en} ({} answers, then {})", enough.get(Language::En), then.get(Language::En)),
    )
}

fn form_words(form: &[Field]) -> Text {
    joined(form.iter().map(|field| field.label.clone()).collect(), ", ")
}

/// Returns the properties of a step, always in the same order.
fn of_step(step: &Step, workflow: &Workflow) -> Vec<StepProperty> {
    let stage = step.stage.as_ref().and_then(|id| workflow.stages.iter().find(|stage| stage.id == *id));
    vec![
        named(step.name.clone()),
        (Text::new("người xử lý", "role"), role_words(step.role)),
        (Text::new("nơi xử lý", "unit"), place_words(step.place.as_ref())),
        (limit_name(), limit_words(step.limit)),
        (Text::new("nhắc trước", "reminder"), limit_words(step.remind)),
        (Text::new("quá hạn báo", "escalated to"), step.escalate.map_or_else(none, role_words)),
        (Text::new("trạng thái", "status"), same(step.status.name().to_owned())),
        (Text::new("giai đoạn", "stage"), stage.map_or_else(none, |stage| stage.name.clone())),
        (Text::new("chờ", "waits for"), join_words(step.join)),
        (
            Text::new("hỏi các đơn vị", "units that are asked"),
            step.many.as_ref().map_or_else(none, |many| many_words(many, workflow)),
        ),
        (Text::new("phân công", "assignment"), assign_words(&step.assign)),
        (Text::new("câu hỏi cho cán bộ", "questions to the officer"), form_words(&step.form)),
    ]
}

fn branch_words(branch: &Branch, workflow: &Workflow) -> Text {
    let to = step_words(&branch.to, workflow);
    match &branch.when {
        None => to,
        Some(when) => {
            let source = when.source();
            Text::new(format!("{} (khi `{source}`)", to.vi), format!("{} (when `{source}`)", to.get(Language::En)))
        }
    }
}

fn effect_words(effect: &Effect, workflow: &Workflow) -> Text {
    match effect {
        Effect::Advance { to } => {
            let to = step_words(to, workflow);
            Text::new(format!("chuyển đến {}", to.vi), format!("moves to {}", to.get(Language::En)))
        }
        Effect::Split { to } => {
            let to = joined(to.iter().map(|branch| branch_words(branch, workflow)).collect(), " + ");
            Text::new(format!("chuyển đến {}", to.vi), format!("moves to {}", to.get(Language::En)))
        }
        Effect::RequestPayment { to } => {
            let to = step_words(to, workflow);
            Text::new(
                format!("yêu cầu nộp tiền, rồi {}", to.vi),
                format!("asks for the payment, then {}", to.get(Language::En)),
            )
        }
        Effect::RequestSupplement => Text::new("yêu cầu bổ sung", "asks for a supplement"),
        Effect::Answer => Text::new("trả lời", "answers"),
        Effect::Finish => Text::new("kết thúc nhánh", "ends the branch"),
        Effect::Decline => Text::new("từ chối tiếp nhận", "is not received"),
        Effect::Refuse => Text::new("từ chối giải quyết", "refuses"),
        Effect::HandOver => Text::new("trả kết quả", "hands the result over"),
    }
}

fn requirement_words(requirement: Requirement) -> Text {
    match requirement {
        Requirement::Note => Text::new("ghi chú", "a note"),
        Requirement::Assignee => Text::new("người nhận", "an assignee"),
        Requirement::ResultFile => Text::new("tệp kết quả", "the file of the result"),
        Requirement::FeePaid => Text::new("đã nộp đủ tiền", "the fee is paid"),
        Requirement::Plugin => Text::new("phần mềm chọn", "the choice of a plugin"),
    }
}

fn cancels_words(cancels: &Cancels, workflow: &Workflow) -> Text {
    match cancels {
        Cancels::Nothing => none(),
        Cancels::Others => Text::new("mọi bước khác", "everything else"),
        Cancels::Steps(steps) => joined(steps.iter().map(|step| step_words(step, workflow)).collect(), ", "),
    }
}

fn visit_words(rule: Option<&SiteVisitRule>) -> Text {
    let Some(rule) = rule else { return none() };
    if rule.calls_off {
        return Text::new("hủy lịch", "calls the visit off");
    }
    let limit = |limit: Limit, vi: &str, en: &str| {
        let words = limit.text();
        Text::new(format!("{vi} {}", words.vi), format!("{en} {}", words.get(Language::En)))
    };
    let parts = [
        rule.at_least.map(|least| limit(least, "sau ít nhất", "after at least")),
        rule.at_most.map(|most| limit(most, "trong vòng", "within")),
        rule.place.as_ref().map(|place| Text::new(format!("tại `{place}`"), format!("at `{place}`"))),
    ];
    let parts: Vec<Text> = parts.into_iter().flatten().collect();
    if parts.is_empty() { Text::new("có", "yes") } else { joined(parts, ", ") }
}

/// Returns the properties of an action, always in the same order.
fn of_action(action: &Action, workflow: &Workflow) -> Vec<StepProperty> {
    let requires = action.requires.iter().copied().map(requirement_words).collect();
    vec![
        named(action.name.clone()),
        (Text::new("kết quả", "effect"), effect_words(&action.effect, workflow)),
        (Text::new("điều kiện", "condition"), when_words(action.when.as_ref())),
        (Text::new("cần có", "requires"), joined(requires, ", ")),
        (Text::new("tự động sau", "taken by itself after"), limit_words(action.after)),
        (
            Text::new("chỉ khi đang ở", "only during"),
            action.during.as_ref().map_or_else(none, |during| step_words(during, workflow)),
        ),
        (Text::new("kết thúc", "ends"), cancels_words(&action.cancels, workflow)),
        (Text::new("lời báo người nộp", "words to the applicant"), action.told.clone().unwrap_or_else(none)),
        (Text::new("hẹn kiểm tra thực địa", "visit on the spot"), visit_words(action.visit.as_ref())),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::procedure::changes::VersionChange;
    use crate::workflow::NationalStatus;

    fn workflow() -> Workflow {
        let mut receive = Step::new("receive", Text::vi("Tiếp nhận"), Role::Counter, NationalStatus::Filed);
        let to = "work".into();
        receive.actions.push(Action::new("accept", Text::vi("Nhận"), Effect::Advance { to }));
        let mut work = Step::new("work", Text::vi("Thẩm định"), Role::Specialist, NationalStatus::Processing);
        work.limit = Limit::parse("3 working-days");
        work.actions.push(Action::new("done", Text::vi("Xong"), Effect::HandOver));
        work.actions.push(Action::new("refuse", Text::vi("Từ chối"), Effect::Refuse));
        Workflow::new("one-stop", vec![receive, work], Vec::new())
    }

    fn told(change: impl FnOnce(&mut Workflow)) -> Vec<String> {
        let (old, mut new) = (workflow(), workflow());
        change(&mut new);
        let mut found = VersionChanges(Vec::new());
        found.workflow(&old, &new);
        found.0.into_iter().map(|VersionChange(text)| text.vi).collect()
    }

    #[test]
    fn a_workflow_that_stays_is_not_told() {
        assert!(told(|_| {}).is_empty());
    }

    #[test]
    fn a_step_that_is_added_or_dropped_is_named() {
        let sign = || Step::new("sign", Text::vi("Ký"), Role::Leader, NationalStatus::Processing);
        assert_eq!(told(|new| new.steps.push(sign())), ["Bước “Ký” mới (lãnh đạo cơ quan)."]);
        assert_eq!(
            told(|new| drop(new.steps.pop()))[0],
            "Bước “Tiếp nhận”, “Nhận”: kết quả: chuyển đến “Thẩm định” → chuyển đến “work”."
        );
        assert_eq!(told(|new| drop(new.steps.pop()))[1], "Bỏ bước “Thẩm định”.");
    }

    #[test]
    fn a_changed_step_is_told_with_its_old_and_its_new_value() {
        let limit = Limit::parse("5 working-days");
        let days = |text: &str| Limit::parse(text).map(|limit| limit.text().vi).unwrap_or_default();
        assert_eq!(
            told(|new| new.steps[1].limit = limit),
            [format!("Bước “Thẩm định”: thời hạn: {} → {}.", days("3 working-days"), days("5 working-days"))]
        );
        assert_eq!(
            told(|new| new.steps[1].role = Role::Appraiser),
            ["Bước “Thẩm định”: người xử lý: chuyên viên → người thẩm định."]
        );
    }

    #[test]
    fn a_unit_of_the_own_agency_is_told_in_words() {
        let place = |agency: &str| UnitPlace { agency: agency.into(), unit: "ke-toan".into() };
        assert_eq!(
            told(|new| new.steps[1].place = Some(place("."))),
            ["Bước “Thẩm định”: nơi xử lý: đơn vị của thủ tục → ke-toan của cơ quan tiếp nhận."]
        );
        assert_eq!(
            told(|new| new.steps[1].place = Some(place("so"))),
            ["Bước “Thẩm định”: nơi xử lý: đơn vị của thủ tục → so/ke-toan."]
        );
    }

    #[test]
    fn an_action_that_is_added_dropped_or_changed_is_told_at_its_step() {
        let again = || Action::new("back", Text::vi("Trả lại"), Effect::Advance { to: "receive".into() });
        assert_eq!(told(|new| new.steps[1].actions.push(again())), ["Bước “Thẩm định”: thêm “Trả lại”."]);
        assert_eq!(told(|new| drop(new.steps[1].actions.pop())), ["Bước “Thẩm định”: bỏ “Từ chối”."]);
        let when = Expression::parse("depth > 30").expect("it is CEL");
        assert_eq!(
            told(|new| new.steps[1].actions[0].when = Some(when)),
            ["Bước “Thẩm định”, “Xong”: điều kiện: luôn luôn → `depth > 30`."]
        );
    }

    #[test]
    fn the_bounds_of_a_visit_are_told() {
        let visit = |most: &str| SiteVisitRule { at_most: Limit::parse(most), ..SiteVisitRule::default() };
        let days = |text: &str| Limit::parse(text).map(|limit| limit.text().vi).unwrap_or_default();
        let most = "10 working-days";
        assert_eq!(
            told(|new| new.steps[0].actions[0].visit = Some(visit(most))),
            [format!("Bước “Tiếp nhận”, “Nhận”: hẹn kiểm tra thực địa: không → trong vòng {}.", days(most))]
        );
    }

    #[test]
    fn steps_in_another_order_are_told() {
        assert_eq!(told(|new| new.steps.reverse()), ["Thứ tự các bước đã thay đổi."]);
    }
}
