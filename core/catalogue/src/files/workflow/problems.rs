//! The words of a workflow's problems.

use super::places::{ActionPlaces, StepPlaces};
use crate::reading::node::{did_you_mean, nearest};
use motcua_domain::expression::Expression;
use motcua_domain::form::together::compares_constants;
use motcua_domain::names::{ActionId, StepId};
use motcua_domain::text;
use motcua_domain::text::Text;
use motcua_domain::time::calendar::Limit;
use motcua_domain::workflow::soundness::{ActionPath, Unsound};
use motcua_domain::workflow::{Action, Effect, Workflow};
use std::ops::Range;

/// Returns the reason why a reminder does not fit the limit of its step, and the remedy.
pub fn reminder_problem(remind: Limit, limit: Option<Limit>) -> Option<(Text, Text)> {
    let of_calendar = |limit: Limit| matches!(limit, Limit::CalendarDays(_));
    match limit.filter(|limit| of_calendar(*limit) == of_calendar(remind)) {
        None => Some((
            text!(
                "lời nhắc được tính theo đồng hồ của thời hạn của bước",
                "a reminder is counted on the clock of the step's limit"
            ),
            text!(
                "hãy viết thời hạn, cả hai theo thời gian làm việc hoặc cả hai theo calendar-days",
                "write a limit, and both in working time or both in calendar-days"
            ),
        )),
        Some(limit) if remind.working_hours() >= limit.working_hours() => Some((
            text!(
                "lời nhắc khi còn `{remind}` không bao giờ đến: thời hạn của bước là `{limit}`",
                "a reminder when `{remind}` are left never comes: the step's limit is `{limit}`"
            ),
            text!("hãy để lời nhắc ngắn hơn thời hạn", "let the reminder be shorter than the limit"),
        )),
        Some(_) => None,
    }
}

/// Returns the place of a defect of a step.
pub(super) fn place_of(problem: &Unsound, places: &StepPlaces) -> Range<usize> {
    let of_action = |action: &ActionId, of: fn(&ActionPlaces) -> &Range<usize>| {
        places.actions.get(action).map_or_else(|| places.id.clone(), |action| of(action).clone())
    };
    match problem {
        Unsound::UnknownTarget(_, action, _)
        | Unsound::BadSplit(_, action)
        | Unsound::ManyChoices(_, action)
        | Unsound::PaymentIntoJoin(_, action) => of_action(action, |places| &places.to),
        Unsound::AnswerOfOne(_, action) | Unsound::MoveOfMany(_, action) | Unsound::NotForApplicants(_, action, _) => {
            of_action(action, |places| &places.effect)
        }
        Unsound::DuplicateAction(_, action) => of_action(action, |places| &places.id),
        Unsound::AssigneeWithoutStep(_, action) => of_action(action, |places| &places.requires),
        Unsound::TimerRequires(_, action) => of_action(action, |places| &places.after),
        Unsound::DeadAction(_, action, _) => of_action(action, |places| &places.during),
        Unsound::UnknownStep(_, named) => places.named.get(named.as_str()).unwrap_or(&places.id).clone(),
        Unsound::UnknownStage(..) => places.stage.clone(),
        Unsound::JoinOfFewer(..) => places.join.clone(),
        Unsound::AsksNobody(..) | Unsound::AsksTwice(..) => places.units.clone(),
        Unsound::AsksTooFew(..) => places.enough.clone(),
        _ => places.id.clone(),
    }
}

/// Returns the words of a defect. They name the parting on the way to it whose conditions the check cannot decide.
pub(super) fn words_of(problem: &Unsound, workflow: &Workflow) -> Text {
    let text = problem.text();
    let is_undecided = |(step, action): &&(StepId, ActionId)| {
        workflow.step(step).and_then(|step| step.action(action)).is_some_and(parts_undecided)
    };
    let Some((step, action)) = way_to(problem).and_then(|way| way.0.iter().find(is_undecided)) else { return text };
    let (vi, en) = text.both();
    text!(
        "{vi}; lệnh kiểm tra coi các nhánh của thao tác `{action}` ở `{step}` có thể cùng mở, vì không xác định được \
         điều kiện của chúng",
        "{en}; the check takes the branches of action `{action}` at `{step}` for possible together, because it cannot \
         decide on their conditions"
    )
}

/// Returns the actions that lead to a defect.
const fn way_to(problem: &Unsound) -> Option<&ActionPath> {
    match problem {
        Unsound::JoinNeverFires(_, way)
        | Unsound::Deadlock { way, .. }
        | Unsound::ImproperEnd { way, .. }
        | Unsound::NoEnd { way, .. }
        | Unsound::OnlyTimeEnds { way, .. }
        | Unsound::Crowded { way, .. } => Some(way),
        _ => None,
    }
}

/// Returns whether an action parts into branches of which trials cannot decide whether they are open together.
fn parts_undecided(action: &Action) -> bool {
    let Effect::Split { to } = &action.effect else { return false };
    let conditions: Vec<&Expression> = to.iter().filter_map(|branch| branch.when.as_ref()).collect();
    conditions.len() > 1 && !conditions.into_iter().all(compares_constants)
}

/// Returns the remedy for a defect of a workflow. A step of a part is corrected in the file of the part.
pub(super) fn remedy(problem: &Unsound, workflow: &Workflow) -> Text {
    if let Unsound::UnknownTarget(_, _, named) | Unsound::UnknownStep(_, named) = problem
        && !named.as_str().contains('.')
    {
        let mut steps: Vec<&str> =
            workflow.steps.iter().filter_map(|step| step.id.as_str().split('.').next()).collect();
        steps.dedup();
        let all = steps.join(", ");
        let listed = || text!("hãy viết một trong các bước {all}", "write one of the steps {all}");
        return nearest(named.as_str(), steps.iter().copied()).map_or_else(listed, did_you_mean);
    }
    let (vi, en) = plain_remedy(problem);
    Text::new(vi, en)
}

/// Returns the remedy for a defect, in Vietnamese and in English.
const fn plain_remedy(problem: &Unsound) -> (&'static str, &'static str) {
    match problem {
        Unsound::Deadlock { .. } | Unsound::JoinNeverFires(..) | Unsound::JoinOfFewer(..) => (
            "hãy để bước chỉ chờ những nhánh đã bắt đầu: join = \"begun\", hoặc sửa những gì dẫn đến bước",
            "let the step wait only for branches that are begun: join = \"begun\", or change what leads to it",
        ),
        Unsound::ImproperEnd { .. } => (
            "hãy hợp các nhánh trước khi kết thúc, hoặc viết cancels = \"others\" nếu không cần các nhánh đó",
            "join the branches before the end, or write cancels = \"others\" if they are not needed",
        ),
        Unsound::OnlyTimeEnds { .. } => (
            "hãy cho một người thao tác dẫn ra, hoặc bỏ điều kiện của thao tác do thời gian thực hiện",
            "give a person an action that leads out, or take the condition from the action by time",
        ),
        Unsound::Crowded { .. } => ("hãy hợp các nhánh trước khi quay lại", "join the branches before going back"),
        Unsound::NoAnswer(_) | Unsound::MoveOfMany(..) => (
            "hãy viết effect = \"answer\" cho thao tác mà mỗi đơn vị trả lời, và để `then` nêu bước tiếp theo",
            "write effect = \"answer\" for the action by which each unit answers, and let `then` name the next step",
        ),
        Unsound::AsksNobody(_) => ("hãy ghi các đơn vị dưới `units`", "name the units under `units`"),
        Unsound::AsksTwice(..) => ("hãy bỏ đơn vị bị lặp lại", "name the unit once"),
        Unsound::AsksTooFew(..) => {
            ("hãy viết số nhỏ hơn, hoặc hỏi thêm đơn vị", "write a smaller number, or ask more units")
        }
        Unsound::UnknownStage(..) => ("hãy khai báo giai đoạn dưới [[stage]]", "declare the stage under [[stage]]"),
        Unsound::DuplicateStep(_) | Unsound::DuplicateAction(..) => ("hãy đặt id khác", "give one of them another id"),
        Unsound::TooLarge(_) => {
            ("hãy chia quy trình thành các phần nối tiếp nhau", "split the workflow into parts that follow one another")
        }
        _ => (
            "hãy sửa các thao tác để mọi bước đều được đi đến và dẫn đến kết thúc",
            "change the actions so that every step is reached and leads to an end",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::words_of;
    use motcua_domain::expression::Expression;
    use motcua_domain::people::organisation::Role;
    use motcua_domain::text::{Language, Text};
    use motcua_domain::workflow::{Action, Branch, Effect, NationalStatus, Step, Workflow};

    /// Returns the words of the first defect of a workflow that parts under these conditions, and ends with each branch.
    fn told(conditions: [&str; 2]) -> String {
        let step = |id: &str, effect: Effect| {
            let mut step = Step::new(id, Text::vi(id), Role::Specialist, NationalStatus::Processing);
            step.actions.push(Action::new("go", Text::vi("Đi"), effect));
            step
        };
        let branch = |to: &str, when: &str| Branch { to: to.into(), when: Some(Expression::parse(when).expect("CEL")) };
        let [first, second] = conditions;
        let parting = Effect::Split { to: vec![branch("b", first), branch("c", second)] };
        let steps = vec![step("a", parting), step("b", Effect::HandOver), step("c", Effect::HandOver)];
        let workflow = Workflow::new("w", steps, Vec::new());
        let problems = workflow.problems();
        words_of(problems.first().expect("a defect"), &workflow).get(Language::En).to_owned()
    }

    #[test]
    fn a_defect_names_the_parting_on_whose_conditions_the_check_cannot_decide() {
        let undecided = told(["size(x) > 1", "size(x) <= 1"]);
        assert!(undecided.contains("the branches of action `go` at `a` for possible together"), "{undecided}");
        assert!(!told(["x > 1", "y > 1"]).contains("possible together"), "they may surely be open together");
    }
}
