//! The words of a workflow's problems.

use motcua_domain::text;
use motcua_domain::text::Text;
use motcua_domain::time::calendar::Limit;
use motcua_domain::workflow::soundness::Unsound;

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

/// Returns the remedy for a defect, in Vietnamese and in English.
pub(super) const fn remedy(problem: &Unsound) -> (&'static str, &'static str) {
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
        Unsound::TooLarge(_) => {
            ("hãy chia quy trình thành các phần nối tiếp nhau", "split the workflow into parts that follow one another")
        }
        _ => (
            "hãy sửa các thao tác để mọi bước đều được đi đến và dẫn đến kết thúc",
            "change the actions so that every step is reached and leads to an end",
        ),
    }
}
