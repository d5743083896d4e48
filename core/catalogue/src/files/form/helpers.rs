//! The places of helpers: computed values that people do not see.

use crate::reading::node::FileTable;
use motcua_domain::form::{Field, FormCheck, Section};
use motcua_domain::text;

/// Reports a section of which people would see nothing.
pub fn check_section(table: &FileTable<'_>, fields: &[Field]) {
    if !fields.is_empty() && fields.iter().all(|field| field.kind.is_helper()) {
        let message = text!(
            "mục này chỉ có trường trợ giúp, nên trang của mục sẽ trống",
            "this section has helpers only, so its page would be empty"
        );
        let help = text!(
            "hãy đặt các trường trợ giúp vào một mục có câu hỏi",
            "put the helpers into a section with questions"
        );
        table.mistake("bad-helper", table.place("field"), message, help);
    }
}

/// Reports rules whose message would stand at a value that nobody sees.
pub fn check_rules(root: &FileTable<'_>, sections: &[Section], checks: &[FormCheck]) {
    let fields = || sections.iter().flat_map(|section| &section.fields);
    let is_helper = |id: &str| fields().any(|field| field.id == id && field.kind.is_helper());
    if !checks.iter().filter_map(|check| check.field.as_deref()).any(is_helper) {
        return;
    }
    for table in root.tables("check") {
        if let Some(field) = table.string("field").filter(|field| is_helper(&field.value)) {
            let name = &field.value;
            let message = text!(
                "không ai nhìn thấy trường trợ giúp `{name}`, nên không ai thấy thông báo này",
                "nobody sees the helper `{name}`, so nobody would see this message"
            );
            let help = text!("hãy nêu tên một câu hỏi, hoặc bỏ `field`", "name a question, or leave `field` out");
            table.mistake("bad-helper", field.span, message, help);
        }
    }
}
