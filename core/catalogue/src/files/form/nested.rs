//! The mistakes of fields at a place where their kind cannot stand.

use crate::reading::node::{FileTable, Placed, with_article};
use motcua_domain::text;

/// Reports a field for files in the form of officers.
pub(super) fn files_of_officers(table: &FileTable<'_>, word: &Placed<String>) {
    let message = text!("chỉ biểu mẫu của người nộp nhận tệp", "only the form of the applicant takes files");
    let help = text!(
        "hãy yêu cầu người nộp một giấy tờ, hoặc để thao tác đòi hỏi tệp của kết quả",
        "ask the applicant for a paper, or let the action require the file of the result"
    );
    table.mistake("nested", word.span.clone(), message, help);
}

/// Reports a group, a table or a field for files within rows.
pub(super) fn in_rows(table: &FileTable<'_>, word: &Placed<String>) {
    let (vi, en) = (&word.value, with_article(&word.value));
    let message = text!(
        "trường loại {vi} không được nằm trong một nhóm hoặc một bảng",
        "{en} cannot be inside a group or a table"
    );
    let help = text!("hãy đặt trường bên cạnh nhóm", "put it beside the group");
    table.mistake("nested", word.span.clone(), message, help);
}

/// Reports a value within a group that a plugin is to compute.
pub(super) fn plugin_value(table: &FileTable<'_>) {
    let message = text!(
        "thành phần bổ sung không tính giá trị nào bên trong một nhóm",
        "a plugin computes no value within a group"
    );
    let help = text!(
        "hãy đặt trường bên cạnh nhóm, hoặc viết biểu thức của giá trị",
        "put it beside the group, or write its value"
    );
    table.mistake("nested", table.place("from"), message, help);
}
