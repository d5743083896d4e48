//! Conditions and forms that would take too much work are told by the check.

use crate::faulty::{GOOD, PROCEDURE, check, good};
use std::fmt::Write as _;

/// The messages about a folder in which the fee is owed under this condition.
fn told_of(condition: &str) -> Vec<String> {
    let mut tree = good();
    let when = format!("when = \"{condition}\"");
    tree.insert(PROCEDURE, GOOD.replacen("when = \"purpose == 'farm'\"", &when, 1).into());
    check(&tree).mistakes.into_iter().map(|mistake| mistake.message).collect()
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
