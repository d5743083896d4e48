//! The words of the defects of workflows.

use super::{ActionPath, MOST_AT_ONCE, MOST_CHOICES, Unsound};
use crate::names::{ActionId, StepId};
use crate::text;
use crate::text::Text;

impl Unsound {
    /// Returns the defect in words.
    pub fn text(&self) -> Text {
        match self {
            Self::NoSteps => text!("quy trình cần ít nhất một bước", "a workflow needs at least one step"),
            Self::DuplicateStep(step) => text!("hai bước cùng tên `{step}`", "two steps are called `{step}`"),
            Self::DuplicateAction(step, action) => text!(
                "bước `{step}` có hai thao tác cùng tên `{action}`",
                "step `{step}` offers two actions called `{action}`"
            ),
            Self::UnknownTarget(step, action, to) => unknown_target(step, action, to),
            Self::UnknownStep(step, named) => text!(
                "bước `{step}` nêu tên `{named}`, không phải là một bước",
                "step `{step}` names `{named}`, which is not a step"
            ),
            Self::UnknownStage(step, stage) => text!(
                "bước `{step}` thuộc giai đoạn `{stage}`, chưa được khai báo",
                "step `{step}` belongs to the stage `{stage}`, which is not declared"
            ),
            Self::FirstNotPlain(step) => text!(
                "hồ sơ bắt đầu ở `{step}`, nên bước này không được hợp nhánh hay hỏi nhiều đơn vị",
                "a dossier begins at `{step}`, so it can neither join branches nor be taken several times"
            ),
            Self::AssigneeWithoutStep(step, action) => text!(
                "thao tác `{action}` của bước `{step}` cần người được giao nhưng không dẫn đến bước nào của cán bộ",
                "action `{action}` of step `{step}` needs an assignee but leads to no step of an officer"
            ),
            Self::PaymentIntoJoin(step, action) => payment_into_join(step, action),
            Self::BadSplit(step, action) => text!(
                "thao tác `{action}` của bước `{step}` không tách thành nhánh nào, hoặc tách vào một nhánh hai lần",
                "action `{action}` of step `{step}` parts into no branch, or into the same one twice"
            ),
            Self::ManyChoices(step, action) => many_choices(step, action),
            Self::AnswerOfOne(step, action) => text!(
                "thao tác `{action}` của bước `{step}` là câu trả lời, nhưng bước không hỏi nhiều đơn vị",
                "action `{action}` of step `{step}` is an answer, but the step is not taken several times"
            ),
            Self::MoveOfMany(step, action) => move_of_many(step, action),
            Self::AsksNobody(step) => asks_nobody(step),
            Self::AsksTwice(step, unit) => asks_twice(step, unit),
            Self::AsksTooFew(step, enough, units) => asks_too_few(step, *enough, *units),
            Self::NoAnswer(step) => text!(
                "bước `{step}` hỏi nhiều đơn vị, nhưng không có thao tác nào là câu trả lời",
                "step `{step}` is taken several times, but none of its actions answers"
            ),
            Self::TwoTimers(step) => text!(
                "hai thao tác của bước `{step}` do thời gian thực hiện",
                "two actions of step `{step}` are taken by time"
            ),
            Self::TimerRequires(step, action) => timer_requires(step, action),
            Self::NotForApplicants(step, action, why) => not_for_applicants(step, action, why),
            Self::JoinOfFewer(step, enough, sources) => text!(
                "`{step}` hợp {enough} nhánh đầu tiên, nhưng chỉ có {sources} nhánh dẫn đến bước này",
                "`{step}` joins the first {enough} branches, but only {sources} lead to it"
            ),
            Self::DeadStep(step) => text!(
                "không có chuỗi thao tác nào dẫn đến bước `{step}`",
                "no sequence of actions leads to step `{step}`"
            ),
            Self::JoinNeverFires(step, way) => join_never_fires(step, way),
            Self::DeadAction(step, action, during) => dead_action(step, action, during),
            Self::Deadlock { way, left, .. } => deadlock(way, left),
            Self::ImproperEnd { way, left, .. } => improper_end(way, left),
            Self::NoEnd { way, round, .. } => no_end(way, round),
            Self::OnlyTimeEnds { way, round, .. } => only_time_ends(way, round),
            Self::Crowded { step, way } => crowded(step, way),
            Self::TooLarge(states) => text!(
                "quy trình có hơn {states} trạng thái nên không kiểm tra được: hãy cho một lần tách ít nhánh hơn",
                "the workflow has more than {states} states, so it cannot be checked: give fewer branches to \
                 one parting"
            ),
        }
    }
}

impl ActionPath {
    /// Returns the path in words.
    pub fn text(&self) -> Text {
        if self.0.is_empty() {
            return text!("ngay từ đầu", "from the beginning");
        }
        let words =
            |(step, action): &(StepId, ActionId)| (format!("`{action}` ở `{step}`"), format!("`{action}` at `{step}`"));
        let (vi, en): (Vec<String>, Vec<String>) = self.0.iter().map(words).unzip();
        let (vi, en) = (vi.join(", "), en.join(", "));
        text!("sau {vi}", "after {en}")
    }
}

fn unknown_target(step: &StepId, action: &ActionId, to: &StepId) -> Text {
    text!(
        "thao tác `{action}` của bước `{step}` dẫn đến `{to}`, không phải là một bước",
        "action `{action}` of step `{step}` leads to `{to}`, which is not a step"
    )
}

fn payment_into_join(step: &StepId, action: &ActionId) -> Text {
    text!(
        "thao tác `{action}` của bước `{step}` yêu cầu thanh toán và dẫn đến một bước hợp nhánh hoặc hỏi nhiều đơn vị",
        "action `{action}` of step `{step}` asks for payment and leads to a step that joins branches or is taken \
         several times"
    )
}

fn many_choices(step: &StepId, action: &ActionId) -> Text {
    text!(
        "thao tác `{action}` của bước `{step}` tách thành hơn {MOST_CHOICES} nhánh có điều kiện",
        "action `{action}` of step `{step}` parts into more than {MOST_CHOICES} branches with conditions"
    )
}

fn move_of_many(step: &StepId, action: &ActionId) -> Text {
    text!(
        "thao tác `{action}` của bước `{step}` dẫn đi tiếp, nhưng bước hỏi nhiều đơn vị: mỗi nơi được hỏi đều \
         trả lời",
        "action `{action}` of step `{step}` leads on, but the step is taken several times: each who is asked answers"
    )
}

fn asks_nobody(step: &StepId) -> Text {
    text!(
        "bước `{step}` phải hỏi nhiều đơn vị, nhưng không hỏi đơn vị nào",
        "step `{step}` is taken several times, but asks nobody"
    )
}

fn asks_twice(step: &StepId, unit: &str) -> Text {
    text!("bước `{step}` hỏi đơn vị `{unit}` hai lần", "step `{step}` asks the unit `{unit}` twice")
}

fn asks_too_few(step: &StepId, enough: u32, units: usize) -> Text {
    text!(
        "bước `{step}` chờ {enough} câu trả lời, nhưng chỉ hỏi {units} đơn vị",
        "step `{step}` waits for {enough} answers, but asks only {units} units"
    )
}

fn timer_requires(step: &StepId, action: &ActionId) -> Text {
    text!(
        "thao tác `{action}` của bước `{step}` do thời gian thực hiện, nên không thể yêu cầu gì ở con người",
        "action `{action}` of step `{step}` is taken by time, so it cannot require anything of a person"
    )
}

fn not_for_applicants(step: &StepId, action: &ActionId, why: &Text) -> Text {
    let (vi, en) = why.both();
    text!(
        "bước `{step}` là của người nộp, họ không thực hiện được thao tác `{action}`: {vi}",
        "step `{step}` belongs to the applicant, who cannot take action `{action}`: {en}"
    )
}

fn join_never_fires(step: &StepId, way: &ActionPath) -> Text {
    let way = way.text();
    let (vi, en) = way.both();
    text!(
        "bước `{step}` không bao giờ bắt đầu: có nhánh đi đến ({vi}), nhưng không bao giờ đủ các nhánh mà bước chờ",
        "step `{step}` never begins: branches come to it ({en}), but never those that it waits for"
    )
}

fn dead_action(step: &StepId, action: &ActionId, during: &StepId) -> Text {
    text!(
        "không bao giờ thực hiện được thao tác `{action}` của bước `{step}`: khi đó hồ sơ không bao giờ ở `{during}`",
        "action `{action}` of step `{step}` can never be taken: the dossier is never at `{during}` meanwhile"
    )
}

fn deadlock(way: &ActionPath, left: &Text) -> Text {
    let way = way.text();
    let ((vi, en), (left_vi, left_en)) = (way.both(), left.both());
    text!(
        "hồ sơ bị kẹt {vi}: không làm được gì nữa, và {left_vi}",
        "the dossier gets stuck {en}: nothing can be done any more, and {left_en}"
    )
}

fn improper_end(way: &ActionPath, left: &Text) -> Text {
    let way = way.text();
    let ((vi, en), (left_vi, left_en)) = (way.both(), left.both());
    text!("hồ sơ có thể kết thúc {vi} trong khi {left_vi}", "the dossier can end {en} while {left_en}")
}

fn no_end(way: &ActionPath, round: &Text) -> Text {
    let way = way.text();
    let ((vi, en), (round_vi, round_en)) = (way.both(), round.both());
    text!(
        "không có chuỗi thao tác nào dẫn đến kết thúc {vi}: hồ sơ đi vòng ở {round_vi}",
        "no sequence of actions leads to an end {en}: the dossier goes round at {round_en}"
    )
}

fn only_time_ends(way: &ActionPath, round: &Text) -> Text {
    let way = way.text();
    let ((vi, en), (round_vi, round_en)) = (way.both(), round.both());
    text!(
        "{vi}, hồ sơ đi vòng ở {round_vi}, và chỉ thời gian mới dẫn ra, kèm một điều kiện: không ai kết thúc được",
        "{en} the dossier goes round at {round_en}, and only time leads out, under a condition: no person can end it"
    )
}

fn crowded(step: &StepId, way: &ActionPath) -> Text {
    let way = way.text();
    let (vi, en) = way.both();
    text!(
        "bước `{step}` có thể mở hoặc được chờ hơn {MOST_AT_ONCE} lần cùng lúc {vi}: các nhánh cứ tách ra mà \
         không hợp lại",
        "step `{step}` can be open or waited for more than {MOST_AT_ONCE} times at once {en}: branches part again and \
         again and are not joined"
    )
}
