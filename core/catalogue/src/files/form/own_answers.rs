//! The expressions of a field that read the field's own answer, and the first answer that the account gives.

use crate::reading::node::FileTable;
use motcua_domain::expression::{Condition, Expression};
use motcua_domain::form::FieldKind;
use motcua_domain::text;

/// Reports the expressions of the field `id` that read its own answer.
pub(super) fn check(
    table: &FileTable<'_>,
    id: &str,
    shown: &Condition,
    kind: Option<&FieldKind>,
    default: Option<&Expression>,
) {
    let reads = |expression: &Expression| expression.names().iter().any(|name| name == id);
    let others = || text!("hãy nêu tên các câu trả lời khác", "name other answers");
    if shown.expression().is_some_and(reads) {
        let message = text!(
            "`{id}` được hiện theo chính câu trả lời của trường, mà không ai trả lời khi trường bị ẩn",
            "`{id}` is shown by its own answer, which nobody gives while it is hidden"
        );
        let help = text!("hãy nêu tên một câu trả lời khác", "name another answer");
        table.mistake("never-holds", table.place("shown"), message, help);
    }
    if kind.and_then(FieldKind::formula).is_some_and(reads) {
        let message = text!(
            "`{id}` được tính từ chính nó, nên không bao giờ có giá trị",
            "`{id}` is computed from itself, so it never has a value"
        );
        table.mistake("never-holds", table.place("value"), message, others());
    }
    if default.is_some_and(reads) {
        let message = text!(
            "giá trị mặc định của `{id}` được tính từ chính nó, nên không có giá trị",
            "the default of `{id}` is computed from itself, so there is none"
        );
        table.mistake("never-holds", table.place("default"), message, others());
    }
}

/// Reads whether a field begins with a fact of the account, which a row of a group and most kinds do not.
pub(super) fn from_account(table: &FileTable<'_>, kind: Option<&FieldKind>, within_group: bool) -> bool {
    let begins = table.boolean("from_account").unwrap_or(false);
    if begins && kind.is_some_and(|kind| within_group || kind.account_fact().is_none()) {
        let message = text!(
            "chỉ trường loại text, phone hoặc email, không nằm trong nhóm, mới bắt đầu bằng dữ liệu của tài khoản",
            "only a field of the kind text, phone or email outside of groups begins with a fact of the account"
        );
        let help = text!("hãy bỏ `from_account`", "remove `from_account`");
        table.mistake("no-default", table.place("from_account"), message, help);
    }
    begins
}
