//! The check reports conditions and forms that would take too much work, and numbers and marks that look like others.

use crate::faulty::{GOOD, PROCEDURE, check, good};
use motcua_domain::text::Language;
use std::fmt::Write as _;

/// Returns the messages about a folder in which the fee is owed under this condition.
fn told_of(condition: &str) -> Vec<String> {
    let mut tree = good();
    let when = format!("when = \"{condition}\"");
    tree.insert(PROCEDURE, GOOD.replacen("when = \"purpose == 'farm'\"", &when, 1).into());
    check(&tree).mistakes.into_iter().map(|mistake| mistake.message.get(Language::En).to_owned()).collect()
}

#[test]
fn a_condition_that_multiplies_lists_is_refused_before_anybody_answers() {
    let list = "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]";
    for names in [["depth", "wells", "purpose", "a", "b", "c"], ["a", "b", "c", "d", "e", "f"]] {
        let whole = names.iter().rfold("true".to_owned(), |inner, name| format!("{list}.all({name}, {inner})"));
        let told = told_of(&whole);
        assert!(told.iter().any(|message| message.contains("steps")), "{told:?}");
    }
    let told = told_of("[1, 2, 3].exists(w, w == wells)");
    assert!(told.is_empty(), "a name that a macro binds is no field, and little work is fine: {told:?}");
}

#[test]
fn a_form_with_thousands_of_fields_is_refused() {
    let mut text = GOOD.to_owned();
    for number in 0..1_100 {
        _ = write!(
            text,
            "\n[[section.field]]\nid = \"y{number}\"\nlabel = {{ vi = \"Y\", en = \"Y\" }}\nkind = \"yes-no\"\n"
        );
    }
    let mut tree = good();
    tree.insert(PROCEDURE, text.into());
    let found = check(&tree);
    assert!(found.mistakes.iter().any(|mistake| mistake.code == "too-many"), "{:?}", found.mistakes);
}

#[test]
fn a_number_that_is_none_is_told_and_one_in_another_base_is_read_as_such() {
    let bound = |number: &str| {
        let mut tree = good();
        let field = format!(
            "\n[[section.field]]\nid = \"rate\"\nlabel = {{ vi = \"R\", en = \"R\" }}\nkind = \"decimal\"\nmax = {number}\n"
        );
        tree.insert(PROCEDURE, format!("{GOOD}{field}").into());
        let found = check(&tree);
        let max = found.install.declared.iter().flat_map(|declared| declared.procedure.form.fields()).find_map(
            |(_, field)| match field.kind {
                motcua_domain::form::FieldKind::Decimal(motcua_domain::form::kinds::Decimal { max, .. })
                    if field.id == "rate" =>
                {
                    max
                }
                _ => None,
            },
        );
        (max, found.mistakes.iter().any(|mistake| mistake.code == "wrong-type"))
    };
    assert_eq!(bound("16.5"), (Some(16.5), false));
    assert_eq!(bound("0x10"), (Some(16.0), false));
    assert!(bound("inf").1 && bound("nan").1);
}

#[test]
fn a_mistake_in_a_registry_with_a_byte_order_mark_is_told_at_its_line() {
    let mut tree = good();
    tree.insert("registries/lines.csv", "\u{feff}code,name\n1,Một\n2 2,Hai\n".into());
    let found = check(&tree);
    let mistake = found.mistakes.iter().find(|mistake| mistake.code == "bad-entry").expect("it is told");
    assert_eq!((mistake.line, mistake.column), (3, 1));
}

/// Returns the codes and messages about the folder with more fields.
fn told_with(more: &str, condition: &str) -> Vec<String> {
    let mut tree = good();
    let when = format!("when = \"{condition}\"");
    let text = GOOD.replacen("when = \"purpose == 'farm'\"", &when, 1);
    tree.insert(PROCEDURE, format!("{text}\n{more}").into());
    check(&tree)
        .mistakes
        .into_iter()
        .map(|mistake| format!("{}: {}", mistake.code, mistake.message.get(Language::En)))
        .collect()
}

#[test]
fn a_fee_whose_condition_divides_by_zero_for_some_answer_is_told() {
    let told = told_of("10 / (depth - 8) > 1000");
    assert_eq!(told, ["this cannot be evaluated for depth = 8: a number is divided by zero"]);
    assert!(told_of("depth != 8 && 10 / (depth - 8) > 1").is_empty());
}

#[test]
fn a_fee_may_ask_for_a_pattern_and_for_the_largest_of_some_numbers() {
    for condition in ["purpose.matches('^f')", "max(depth, 3) > 100", "max(depth, 3, 5) > 2"] {
        assert!(told_of(condition).is_empty(), "{condition}: {:?}", told_of(condition));
    }
    assert_eq!(told_of("purpose.matches(purpose)"), ["the pattern of `matches` is not written in quotes"]);
}

#[test]
fn the_smallest_of_mixed_numbers_is_refused_as_the_evaluation_refuses_it() {
    assert_eq!(told_of("min(depth, 2.5) > 1.0"), ["`min` and `max` choose among values of one kind"]);
}

#[test]
fn a_fee_that_names_a_row_that_the_table_lacks_is_told() {
    let table = r#"
[[section.field]]
id = "floors"
label = { vi = "Sàn", en = "Floors" }
kind = "table"
rows = [{ value = "f1", label = { vi = "Tầng 1", en = "1st" } }]

[[section.field.field]]
id = "area"
label = { vi = "Diện tích", en = "Area" }
kind = "decimal"
"#;
    assert_eq!(told_with(table, "floors.f9.area > 1.0e9"), ["type: there is no row `f9`"]);
    assert!(told_with(table, "floors.f1.area > 1.0e9").is_empty());
}

#[test]
fn a_field_that_is_shown_by_its_own_value_is_a_mistake() {
    let field = r#"
[[section.field]]
id = "selfy"
label = { vi = "x", en = "x" }
kind = "yes-no"
shown = "selfy == true"
"#;
    let told = told_with(field, "purpose == 'farm'");
    let wanted = "never-holds: `selfy` is shown by its own answer, which nobody gives while it is hidden";
    assert_eq!(told, [wanted]);
}
