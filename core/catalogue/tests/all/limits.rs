//! Limits and defaults of fields, and numbers that may be unanswered.

use crate::faulty::{GOOD, PROCEDURE, check, good};

/// Returns the codes and lines of the mistakes in the procedure with one more field of this kind and these keys.
fn told(kind: &str, keys: &str) -> Vec<String> {
    let field = format!(
        "[[section.field]]\nid = \"begins\"\nlabel = {{ vi = \"B\", en = \"B\" }}\nkind = \"{kind}\"\n{keys}\n\n"
    );
    let purpose = "[[section.field]]\nid = \"purpose\"\n";
    let procedure = GOOD.replacen(purpose, &format!("{field}{purpose}"), 1);
    let mut tree = good();
    tree.insert(PROCEDURE, procedure.clone().into());
    let line = |number: usize| procedure.lines().nth(number.saturating_sub(1)).unwrap_or_default().to_owned();
    check(&tree).mistakes.iter().map(|mistake| format!("{}: {}", mistake.code, line(mistake.line))).collect()
}

#[test]
fn a_limit_and_a_default_of_a_date_may_be_a_fixed_day_with_quotes_or_without() {
    for key in ["min", "max", "default"] {
        for day in ["2026-01-31", "\"2026-01-31\"", "\"'2026-01-31'\"", "\"add_days(today, 3)\""] {
            assert_eq!(told("date", &format!("{key} = {day}")), [""; 0], "{key} = {day}");
        }
    }
}

#[test]
fn a_limit_or_a_default_of_a_date_that_is_no_day_is_told() {
    for key in ["min", "max", "default"] {
        for (day, code) in [
            ("\"2026-02-30\"", "wrong-type"),
            ("\"'2026-13-01'\"", "wrong-type"),
            ("\"2026-1-5\"", "wrong-type"),
            ("2026", "wrong-type"),
            ("2026-01-31T07:30:00", "wrong-type"),
            ("\"depth + 1\"", "type"),
        ] {
            assert_eq!(told("date", &format!("{key} = {day}")), [format!("{code}: {key} = {day}")]);
        }
    }
}

#[test]
fn a_limit_of_a_moment_or_of_a_number_has_the_type_of_its_field() {
    assert_eq!(told("date-time", "min = \"'2026-01-31T07:30'\""), [""; 0]);
    assert_eq!(told("date-time", "min = \"2026-01-31\""), ["type: min = \"2026-01-31\""], "it is a subtraction");
    assert_eq!(told("date-time", "max = 2026-01-31"), ["wrong-type: max = 2026-01-31"]);
    assert_eq!(told("integer", "max = \"'many'\""), ["type: max = \"'many'\""]);
}

#[test]
fn a_number_that_may_be_unanswered_while_a_fee_is_owed_by_it_is_warned_of() {
    let gaps = |fee: &str, wells: &str| {
        let procedure = GOOD.replacen("amount = 50_000\nwhen = \"purpose == 'farm'\"\n", fee, 1);
        let procedure = procedure.replacen("kind = \"integer\"\ndefault = 1\n", wells, 1);
        let mut tree = good();
        tree.insert(PROCEDURE, procedure.into());
        let found = check(&tree);
        assert!(found.mistakes.is_empty(), "{:?}", found.mistakes);
        found.install.warnings.iter().filter(|warning| warning.code == "fee-gap").count()
    };
    let each = "amount = 50_000\nper = \"wells\"\nwhen = \"purpose == 'farm'\"\n";
    let all = "amount = 50_000\nper = \"wells\"\n";
    let else_one = "amount = 50_000\nper = \"wells == null ? 1 : wells\"\n";
    let given = "amount = 50_000\nper = \"wells\"\nwhen = \"wells > 2\"\n";
    let by = "by = \"wells\"\n\n[[fee.bracket]]\namount = 50_000\n";
    let (asked, optional) = ("kind = \"integer\"\n", "kind = \"integer\"\nrequired = false\n");
    let of_farms = "kind = \"integer\"\nshown = \"purpose == 'farm'\"\n";
    let of_homes = "kind = \"integer\"\nshown = \"purpose == 'home'\"\n";
    for (fee, wells, expected) in [
        (each, asked, 0),
        (each, optional, 1),
        (each, of_farms, 0),
        (each, of_homes, 1),
        (all, of_farms, 1),
        (else_one, of_farms, 0),
        (given, optional, 0),
        (by, asked, 0),
        (by, optional, 1),
    ] {
        assert_eq!(gaps(fee, wells), expected, "{fee}{wells}");
    }
}

#[test]
fn cases_that_cover_every_answer_of_a_required_question_leave_no_gap() {
    let choice = "kind = \"one-of\"\n";
    let question = "[[section.field]]\nid = \"deep\"\nlabel = { vi = \"Sâu?\", en = \"Deep?\" }\nkind = \"yes-no\"\n";
    let case = |when: &str| {
        format!("\n[[fee.case]]\nname = {{ vi = \"T\", en = \"C\" }}\nwhen = \"{when}\"\namount = 50_000\n")
    };
    let gaps = |owed: &str, cases: [&str; 2], more: &str| {
        let fee = format!("{owed}{}{}", case(cases[0]), case(cases[1]));
        let procedure = GOOD.replacen("amount = 50_000\nwhen = \"purpose == 'farm'\"\n", &fee, 1);
        let procedure = procedure.replacen(choice, &format!("{choice}{more}"), 1);
        let depth = "[[section.field]]\nid = \"depth\"\n";
        let procedure = procedure.replacen(depth, &format!("{question}shown = \"purpose == 'farm'\"\n\n{depth}"), 1);
        let mut tree = good();
        tree.insert(PROCEDURE, procedure.into());
        let found = check(&tree);
        assert!(found.mistakes.is_empty(), "{:?}", found.mistakes);
        found.install.warnings.iter().filter(|warning| warning.code == "fee-gap").count()
    };
    let (purposes, answers) = (["purpose == 'farm'", "purpose == 'home'"], ["deep == true", "deep == false"]);
    assert_eq!(gaps("", purposes, ""), 0);
    assert_eq!(gaps("", purposes, "required = false\n"), 1, "nothing may be chosen");
    assert_eq!(gaps("when = \"purpose == 'farm'\"\n", answers, ""), 0, "it is shown and required then");
    assert_eq!(gaps("", answers, ""), 1, "it is hidden from the others");
}
