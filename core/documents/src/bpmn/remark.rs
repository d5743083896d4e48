//! The remarks of the reader on parts of a document that it left out or guessed.

use motcua_domain::text;
use motcua_domain::text::{Language, Text};
use std::fmt;

/// A part of a document that the workflow does not contain, or contains by a guess.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRemark {
    /// The id of the element.
    pub element: String,
    text: Text,
}

impl ImportRemark {
    pub(super) fn new(element: &str, text: impl Into<Text>) -> Self {
        Self { element: element.to_owned(), text: text.into() }
    }

    /// Returns the remark in words, with the id of the element.
    pub fn text(&self) -> Text {
        let (element, (vi, en)) = (&self.element, self.text.both());
        text!("`{element}`: {vi}", "`{element}`: {en}")
    }
}

impl fmt::Display for ImportRemark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text().get(Language::En))
    }
}

/// A remark in Vietnamese and in English.
type RemarkWords = (&'static str, &'static str);

pub(super) const SECOND_START: RemarkWords = (
    "hồ sơ chỉ bắt đầu ở một nơi; điểm bắt đầu này bị bỏ qua",
    "a dossier begins at one place only; this start is left out",
);
pub(super) const NO_START: RemarkWords = (
    "không có sự kiện bắt đầu thông thường; công việc đầu tiên được coi là điểm bắt đầu",
    "there is no plain start event; the first task is taken as the beginning",
);
pub(super) const START_WITHOUT_TASK: RemarkWords =
    ("điểm bắt đầu phải dẫn đến một công việc", "the beginning must lead to a task");
pub(super) const NOBODY_ASKED: RemarkWords =
    ("hãy viết các đơn vị được hỏi: [step.ask] units", "write which units are asked: [step.ask] units");
pub(super) const NO_WAY_ON: RemarkWords = ("từ đây không có lối đi tiếp", "no way leads on from here");
pub(super) const LINES_AT_ONCE: RemarkWords = (
    "nhiều đường cùng rời công việc; hãy đặt một cổng song song phía sau",
    "several lines leave the task at once; put a parallel gateway behind it",
);
pub(super) const WHOLE_END: RemarkWords = (
    "điểm kết thúc toàn bộ được coi là `refuse`; hãy viết `decline` hoặc `hand-over` nếu đúng là vậy",
    "an end of the whole is taken as `refuse`; write `decline` or `hand-over` if it is one",
);
pub(super) const PLAIN_END: RemarkWords = (
    "điểm kết thúc được coi là `hand-over`: người nộp nhận kết quả ở đây",
    "the end is taken as `hand-over`: the applicant gets the result here",
);
pub(super) const PAST_THE_JOIN: RemarkWords = (
    "một số đường đi qua cổng hợp nhánh, số khác đi vòng qua cổng",
    "some lines come through a gateway that joins branches, others past it",
);
pub(super) const JOIN_WITHOUT_TASK: RemarkWords =
    ("chỗ hợp nhánh phải dẫn đến một công việc", "what joins branches must lead to a task");
pub(super) const UNFIT_GATEWAY: RemarkWords = (
    "cổng hoặc sự kiện này không đứng ở đây được; hãy đặt một công việc phía trước, hoặc tách và hợp ở hai cổng",
    "this gateway or event cannot stand here; put a task before it, or part and join at two gateways",
);
pub(super) const ROUND: RemarkWords = ("đường đi vòng mà không có công việc", "the line goes round without a task");
pub(super) const WAIT_WITHOUT_TASK: RemarkWords =
    ("chỗ chờ người nộp phải dẫn đến một công việc", "what the applicant is waited for with must lead to a task");
pub(super) const WAIT_FOR_PAYMENT: RemarkWords =
    ("chỗ chờ có lối đi tiếp được coi là chờ thanh toán", "a wait that leads on is taken as waiting for the payment");
pub(super) const BRANCH_WITHOUT_TASK: RemarkWords =
    ("một nhánh phải dẫn đến một công việc; nhánh này bị bỏ qua", "a branch must lead to a task; it is left out");
