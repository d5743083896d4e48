//! The words of the problems of expressions.

use super::{ExpressionProblem, WantedType};
use crate::form::kinds::AnswerType as Type;
use crate::form::trial::FailingAnswers;
use crate::text;
use crate::text::Text;

/// Returns the problem of an expression that has another type than the wanted one.
pub(super) fn unwanted(wanted: WantedType, found: &Type<'_>) -> ExpressionProblem {
    let (vi, en) = found.name();
    let (message, help) = match wanted {
        WantedType::Condition => (
            text!("biểu thức cho ra {vi}, không phải đúng hoặc sai", "this gives {en}, not true or false"),
            text!("hãy so sánh với một giá trị, ví dụ `depth > 30`", "compare it with something, such as `depth > 30`"),
        ),
        WantedType::Value => (
            text!("biểu thức cho ra {vi}, không phải một giá trị", "this gives {en}, not one value"),
            text!("hãy nêu tên phần cần lấy", "name the part that is meant"),
        ),
        WantedType::Number => (
            text!("biểu thức cho ra {vi}, không phải số", "this gives {en}, not a number"),
            text!(
                "hãy nêu tên một trường kiểu số, hoặc tính ra số, ví dụ `pages * copies`",
                "name a field with a number, or compute one, such as `pages * copies`"
            ),
        ),
        WantedType::Date => (
            text!("biểu thức cho ra {vi}, không phải một ngày", "this gives {en}, not a date"),
            text!(
                "hãy viết một ngày dạng 2026-09-02, nêu tên một trường ngày, hoặc tính ra ngày, ví dụ \
                 `add_days(today, 3)`",
                "write a day such as 2026-09-02, name a field with a date, or compute one, such as \
                 `add_days(today, 3)`"
            ),
        ),
        WantedType::DateTime => (
            text!("biểu thức cho ra {vi}, không phải một thời điểm", "this gives {en}, not a moment"),
            text!(
                "hãy viết một thời điểm dạng `'2026-09-02T07:30'`, hoặc nêu tên một trường có ngày giờ",
                "write a moment as `'2026-09-02T07:30'`, or name a field with a day and a time"
            ),
        ),
    };
    ExpressionProblem { message, help }
}

/// Returns the problem of an expression that cannot be evaluated for some answers.
pub(super) fn impossible(found: &FailingAnswers) -> ExpressionProblem {
    let (vi, en) = found.reason.both();
    let message = match found.answers.as_str() {
        "" => text!("không tính được biểu thức: {vi}", "this cannot be evaluated: {en}"),
        answers => {
            text!("không tính được biểu thức khi {answers}: {vi}", "this cannot be evaluated for {answers}: {en}")
        }
    };
    let help = text!(
        "hãy xét trước xem có tính được không, ví dụ `wells > 0 && depth / wells > 3`",
        "ask first whether it can be, such as `wells > 0 && depth / wells > 3`"
    );
    ExpressionProblem { message, help }
}

pub(super) fn compare_first() -> Text {
    text!("hãy so sánh với một giá trị trước", "compare it with something first")
}

pub(super) fn not_called_so(name: &str) -> Text {
    text!("`{name}` không được gọi như thế này", "`{name}` is not called like this")
}

pub(super) fn written_as(usage: &str) -> Text {
    text!("hãy viết như trong `{usage}`", "write it as in `{usage}`")
}

pub(super) fn not_applied(name: &str, (vi, en): (&str, &str)) -> Text {
    text!("không áp dụng được `{name}` cho {vi}", "`{name}` cannot be applied to {en}")
}

pub(super) fn short_pattern() -> Text {
    text!(
        "hãy viết một mẫu ngắn trong dấu nháy, ví dụ `code.matches('^[A-Z]{{2}}[0-9]{{4}}$')`",
        "write a short pattern in quotes, such as `code.matches('^[A-Z]{{2}}[0-9]{{4}}$')`"
    )
}
