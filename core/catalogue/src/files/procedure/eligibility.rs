//! The questions before the form.

use crate::context::ProcedureContext;
use crate::files::form;
use crate::files::form::keys::{CHECK, FIELD};
use crate::reading::keys::{Shape, keys};
use crate::reading::node::{ExpressionNames, FileTable, with_article};
use motcua_domain::form::{Field, FieldChoice, FieldKind, Form};
use motcua_domain::procedure::Eligibility;
use motcua_domain::text;
use std::cell::RefCell;

keys! {
    /// Questions before the form, so that nobody fills it in without success. If the form has a question with the same
    /// id, the answer goes on into the form.
    pub(crate) ELIGIBILITY = "Eligibility" {
        required {
            field: Shape::Tables(&FIELD),
            condition: Shape::Tables(&CHECK),
        }
        optional {
            help: Shape::Words,
        }
    }
}

/// Reads the questions before a form, and their conditions.
pub fn read(table: &FileTable<'_>, context: &ProcedureContext<'_>, of_form: &Form) -> Eligibility {
    let ids = form::ids(table);
    let known: Vec<&str> = ids.iter().map(String::as_str).collect();
    let written = RefCell::default();
    let names = ExpressionNames { known: &known, group: None, written: &written };
    let help = table.text("help");
    let mut reader = form::FormReader::new(names, &context.province.registries);
    reader.takes_files = false;
    let fields = reader.fields(table);
    reader.check_parents(table, &fields.iter().collect::<Vec<_>>());
    let conditions = form::read_checks(table, "condition", names);
    if fields.is_empty() {
        table.missing("[[eligibility.field]]", "\nid = \"age\"");
    }
    if conditions.is_empty() {
        table.missing("[[eligibility.condition]]", "\nholds = \"age >= 18\"");
    }
    check_asked_twice(table, &fields, of_form);
    table.finish();
    let asked: Vec<&Field> = fields.iter().collect();
    form::check_expressions(table, &asked, &written.borrow());
    form::check_load(table, &asked, conditions.iter().map(|condition| &condition.holds), &written.borrow());
    Eligibility { help, fields, conditions }
}

/// Reports questions that are asked before the form and in it, but not in the same way.
fn check_asked_twice(table: &FileTable<'_>, fields: &[Field], of_form: &Form) {
    let values = |choices: &[FieldChoice]| choices.iter().map(|choice| choice.value.clone()).collect::<Vec<_>>();
    let asked = |kind: &FieldKind| (kind.name(), values(kind.choices()));
    for question in table.tables("field") {
        let Some(id) = question.string("id") else { continue };
        let before = fields.iter().find(|field| field.id == id.value);
        let in_form = of_form.fields().map(|(_, field)| field).find(|field| field.id == id.value);
        if let Some((before, in_form)) = before.zip(in_form)
            && asked(&before.kind) != asked(&in_form.kind)
        {
            let (name, kind, kind_in_form) = (&id.value, before.kind.name(), in_form.kind.name());
            let (a_kind, a_kind_in_form) = (with_article(kind), with_article(kind_in_form));
            let message = text!(
                "`{name}` có loại `{kind}`, khác loại hoặc khác các lựa chọn so với trong biểu mẫu, nơi loại của nó là \
                 `{kind_in_form}`",
                "`{name}` is {a_kind} with other choices or of another kind than in the form, where it is \
                 {a_kind_in_form}"
            );
            let help = text!(
                "hãy hỏi với cùng loại và cùng các lựa chọn, để câu trả lời được chuyển tiếp vào biểu mẫu",
                "ask it with the same kind and the same choices, so that the answer can go on into the form"
            );
            question.mistake("asked-otherwise", id.span, message, help);
        }
    }
}
