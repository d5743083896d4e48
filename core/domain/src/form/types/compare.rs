//! The checks of comparisons: whether two sides can be equal at all.

use super::ExpressionCheck;
use crate::dates::PartialDate;
use crate::expression::TODAY;
use crate::form::FieldKind;
use crate::form::kinds::AnswerType as Type;
use crate::text;
use crate::text::Text;
use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators as op};

impl<'a> ExpressionCheck<'a> {
    /// Checks that the two sides can be equal at all. A choice must be one that the field offers.
    pub(super) fn alike(&mut self, left: &Type<'a>, right: &Type<'a>, sides: &[IdedExpr]) {
        let loose = |kind: &Type<'_>| matches!(kind, Type::Any | Type::Null);
        let same = std::mem::discriminant(left) == std::mem::discriminant(right) || (left.is_text() && right.is_text());
        if !(loose(left) || loose(right) || same || (left.is_number() && right.is_number())) {
            let ((vi, en), (other_vi, other_en)) = (left.name(), right.name());
            let is_entry = |side: &&IdedExpr| self.kind_of(side).is_some_and(|kind| kind.registry().is_some());
            let entry = sides.iter().find(is_entry).map(path_of);
            let help = match (entry, left, right) {
                (Some(path), _, _) => text!(
                    "hãy so sánh mã của mục: `{path}.code == '…'`",
                    "compare the code of the entry: `{path}.code == '…'`"
                ),
                (None, Type::Text | Type::Date, _) | (None, _, Type::Text | Type::Date) => text!(
                    "chuỗi, ngày và lựa chọn được viết trong dấu nháy, còn số và đúng hoặc sai thì không",
                    "texts, dates and choices are written in quotes, numbers and true or false without"
                ),
                _ => text!("hãy so sánh các giá trị cùng loại", "compare values of one kind"),
            };
            self.say(text!("{vi} được so sánh với {other_vi}", "{en} is compared with {other_en}"), help);
        }
        let [first, second] = sides else { return };
        self.no_null(left, right, [first, second]);
        self.no_date(left, right, [first, second]);
        self.no_fraction(left, right, [first, second]);
        for (answer, literal) in [(first, second), (second, first)] {
            let offered = self.kind_of(answer).and_then(FieldKind::exclusive_choices);
            let Some(offered) = offered else { continue };
            let literals = match &literal.expr {
                Expr::List(list) => list.elements.iter().filter_map(text_of).collect(),
                _ => Vec::from_iter(text_of(literal)),
            };
            for text in literals {
                if !offered.iter().any(|choice| choice.value == text) {
                    let known: Vec<&str> = offered.iter().map(|choice| choice.value.as_str()).collect();
                    let (known, path) = (known.join(", "), path_of(answer));
                    let message = text!("`{path}` không bao giờ là `{text}`", "`{path}` is never `{text}`");
                    self.say(message, text!("các lựa chọn của trường là {known}", "its choices are {known}"));
                }
            }
        }
    }

    /// Returns the kind of the field, or of the part of a block or a row, that an expression names.
    fn kind_of(&self, at: &IdedExpr) -> Option<&'a FieldKind> {
        match &at.expr {
            Expr::Ident(name) => self.scope.find(name).map(|field| &field.kind),
            Expr::Select(select) => part_of(self.whole(&select.operand)?, &select.field),
            _ => None,
        }
    }

    /// Returns the type of a block, a row or several rows that an expression names.
    fn whole(&self, at: &IdedExpr) -> Option<Type<'a>> {
        match &at.expr {
            Expr::Ident(name) => {
                let bound = self.bound.iter().rev().find(|(bound, _)| bound == name);
                bound.map(|(_, row)| row.clone()).or_else(|| Some(self.scope.find(name)?.kind.answer_type()))
            }
            Expr::Select(select) => match self.whole(&select.operand)? {
                Type::Rows(_, fields) => Some(Type::of_parts(fields)),
                whole => part_of(whole, &select.field).map(FieldKind::answer_type),
            },
            Expr::Call(call) if call.func_name == op::INDEX => match self.whole(call.args.first()?)? {
                Type::List(element) => Some(*element),
                Type::Rows(_, fields) => Some(Type::of_parts(fields)),
                _ => None,
            },
            _ => None,
        }
    }

    /// Checks that the answers of several units, which are a list, are not looked at like a single answer that may lack.
    fn no_null(&mut self, left: &Type<'a>, right: &Type<'a>, [first, second]: [&IdedExpr; 2]) {
        let asked = |at: &IdedExpr| matches!(&at.expr, Expr::Ident(name) if self.scope.asked(name).is_some());
        if (*right == Type::Null && asked(first)) || (*left == Type::Null && asked(second)) {
            let help = text!(
                "hãy xét xem danh sách có rỗng không, ví dụ `size(in_favour) == 0`",
                "look whether the list is empty, such as `size(in_favour) == 0`"
            );
            let message = text!(
                "câu trả lời của nhiều đơn vị là một danh sách, không bao giờ là null",
                "the answers of several units are a list, which is never null"
            );
            self.say(message, help);
        }
    }

    /// Checks that an age is not counted from today to a day that surely lies in the past.
    pub(super) fn no_age(&mut self, call: &CallExpr) {
        let ([from, to], "age") = (call.args.as_slice(), call.func_name.as_str()) else { return };
        let is_today = matches!(&from.expr, Expr::Ident(name) if name == TODAY);
        if is_today && self.kind_of(to).is_some_and(FieldKind::is_past) {
            let date = path_of(to);
            let message = text!(
                "`{date}` không bao giờ sau hôm nay, nên đây không bao giờ là một tuổi",
                "`{date}` is never after today, so this is never an age"
            );
            let help = text!(
                "hãy viết ngày sớm hơn trước: `age({date}, {TODAY})`",
                "write the earlier day first: `age({date}, {TODAY})`"
            );
            self.say(message, help);
        }
    }

    /// Checks that the quotient of two whole numbers, which has no fraction, is not compared with a number that has one.
    fn no_fraction(&mut self, left: &Type<'a>, right: &Type<'a>, [first, second]: [&IdedExpr; 2]) {
        let is_quotient = |kind: &Type<'_>, at: &IdedExpr| {
            *kind == Type::Int && matches!(&at.expr, Expr::Call(call) if call.func_name == op::DIVIDE)
        };
        let compared = match (is_quotient(left, first), is_quotient(right, second)) {
            (true, _) => fraction(second),
            (false, true) => fraction(first),
            (false, false) => None,
        };
        if let Some(number) = compared {
            let message = text!(
                "`/` giữa hai số nguyên bỏ phần thập phân, mà kết quả được so sánh với {number}",
                "`/` of two whole numbers drops the fraction, and is compared with {number}"
            );
            let help = text!(
                "hãy chia số thập phân, ví dụ `double(count) / 6.0 > 0.5`",
                "divide decimal numbers, such as `double(count) / 6.0 > 0.5`"
            );
            self.say(message, help);
        }
    }

    /// Checks that a text which is compared with a date is one.
    fn no_date(&mut self, left: &Type<'a>, right: &Type<'a>, [first, second]: [&IdedExpr; 2]) {
        let written = match (left, right) {
            (Type::Date, Type::Text) => text_of(second),
            (Type::Text, Type::Date) => text_of(first),
            _ => None,
        };
        // A day with a time is compared with a date too.
        let is_day = |text: &str| text.get(..10).is_some_and(|day| PartialDate::of_text(day).is_some());
        if let Some(text) = written.filter(|text| !is_day(text)) {
            let message = text!("một ngày được so sánh với `{text}`", "a date is compared with `{text}`");
            self.say(message, text!("hãy viết ngày dạng '2026-03-02'", "write a date as '2026-03-02'"));
        }
    }
}

/// Returns the kind of a part of an answer.
fn part_of<'a>(whole: Type<'a>, part: &str) -> Option<&'a FieldKind> {
    match whole {
        Type::Parts(parts) => parts.into_iter().find(|(id, _)| *id == part).map(|(_, kind)| kind),
        _ => None,
    }
}

/// Returns how to compare two dates by the days between them, if one of them has parts that may be unknown.
pub(super) fn days_between(sign: &str, (left, right): (&Type<'_>, &Type<'_>), sides: &[IdedExpr]) -> Option<String> {
    let [first, second] = sides else { return None };
    if !left.is_date() || !right.is_date() {
        return None;
    }
    let (first, second) = (path_of(first), path_of(second));
    let sides_are_named = !first.is_empty() && !second.is_empty();
    sides_are_named.then(|| match sign {
        op::LESS => format!("days({first}, {second}) > 0"),
        op::LESS_EQUALS => format!("days({first}, {second}) >= 0"),
        op::GREATER => format!("days({second}, {first}) > 0"),
        _ => format!("days({second}, {first}) >= 0"),
    })
}

/// Returns the advice for a date of which only the year may be known, and which is compared with no other date.
pub(super) fn year_of(sides: &[IdedExpr]) -> Text {
    let date = sides.iter().map(path_of).find(|path| !path.is_empty()).unwrap_or_default();
    text!(
        "hãy so sánh năm, ví dụ `{date}.year >= 2000`, hoặc đếm số ngày, ví dụ `days({date}, today) >= 0`",
        "compare the year, such as `{date}.year >= 2000`, or count the days, such as `days({date}, today) >= 0`"
    )
}

/// Returns the name of an answer or of a part, as it is written.
fn path_of(at: &IdedExpr) -> String {
    match &at.expr {
        Expr::Ident(name) => name.clone(),
        Expr::Select(select) => format!("{}.{}", path_of(&select.operand), select.field),
        Expr::Call(call) => call.args.first().map_or_else(String::new, |rows| format!("{}[…]", path_of(rows))),
        _ => String::new(),
    }
}

/// Returns a number that is written with a fraction.
fn fraction(at: &IdedExpr) -> Option<String> {
    match &at.expr {
        Expr::Literal(LiteralValue::Double(number)) => {
            let written = format!("{:?}", number.inner());
            (!written.ends_with(".0")).then_some(written)
        }
        _ => None,
    }
}

fn text_of(at: &IdedExpr) -> Option<String> {
    match &at.expr {
        Expr::Literal(LiteralValue::String(text)) => Some(text.inner().to_owned()),
        _ => None,
    }
}
