//! The parts of a procedure that are left to a plugin.

use crate::reading::node::FileTable;
use motcua_domain::form::Form;
use motcua_domain::text;
use motcua_domain::text::Text;
use motcua_domain::workflow::{Assign, Step, Workflow};
use std::ops::Range;

/// Reports a part of the form or the workflow that needs a plugin, in a procedure without plugins.
pub(super) fn check_left_to_plugins(root: &FileTable<'_>, form: &Form, workflow: Option<&Workflow>) {
    if !root.names_key("plugin")
        && let Some((message, place)) = left_to_plugins(root, form, workflow)
    {
        root.mistake("plugin-missing", place, message, text!("hãy thêm [[plugin]]", "add [[plugin]]"));
    }
}

/// Returns the message about a part of the form or the workflow that needs a plugin, with the part's place.
fn left_to_plugins(root: &FileTable<'_>, form: &Form, workflow: Option<&Workflow>) -> Option<(Text, Range<usize>)> {
    let field = form.fields().map(|(_, field)| field).find(|field| field.kind.is_left_to_plugins());
    if let Some(field) = field {
        let tables = root.tables("section").into_iter().flat_map(|section| section.tables("field"));
        let mut own = tables.filter(|table| table.string("id").is_some_and(|id| id.value == field.id));
        let place = own.next().map_or(0..0, |table| table.place("from"));
        let id = &field.id;
        let message = text!(
            "trường `{id}` được giao cho thành phần bổ sung, nhưng thủ tục chưa có thành phần nào",
            "the field `{id}` is left to a plugin, and there is none"
        );
        return Some((message, place));
    }
    let left = |step: &&Step| step.assign == Assign::Plugin || step.left_to_plugin().next().is_some();
    let id = &workflow?.steps.iter().find(left)?.id;
    let message = text!(
        "một lựa chọn ở bước `{id}` được giao cho thành phần bổ sung, nhưng thủ tục chưa có thành phần nào",
        "a choice at the step `{id}` is left to a plugin, and there is none"
    );
    Some((message, root.place("workflow")))
}
