//! Cases, rules and conditions that no answers reach.

use crate::faulty::{GOOD, PROCEDURE, check, good, text};
use motcua_catalogue::Tree;
use motcua_domain::text::Language;

/// Returns the codes and places of the mistakes after a replacement in the procedure, each as `code: the line`.
fn told(from: &str, to: &str) -> Vec<String> {
    assert!(GOOD.contains(from), "{from}");
    told_in(good(), &GOOD.replacen(from, to, 1))
}

/// Returns what [`told`] returns, for a folder with this procedure.
fn told_in(mut tree: Tree, procedure: &str) -> Vec<String> {
    tree.insert(PROCEDURE, procedure.into());
    let line = |number: usize| procedure.lines().nth(number.saturating_sub(1)).unwrap_or_default().to_owned();
    let found = check(&tree).mistakes;
    // Another procedure of the folder follows the same workflow.
    found
        .iter()
        .filter(|mistake| mistake.file == PROCEDURE)
        .map(|mistake| format!("{}: {}", mistake.code, line(mistake.line)))
        .collect()
}

const DEEP: &str = "[[limit_case]]\nname = { vi = \"Giếng sâu\", en = \"Deep well\" }\nwhen = \"depth > 100\"\n\
                    limit = \"8 working-days\"\n";

#[test]
fn a_limit_case_behind_a_wider_one_is_told_that_it_never_gets_its_turn() {
    let both = |when: &str| {
        let next = DEEP.replace("depth > 100", when).replace("8 working-days", "9 working-days");
        told(DEEP, &format!("{DEEP}\n{next}"))
    };
    assert_eq!(both("depth > 150"), ["never-holds: when = \"depth > 150\""]);
    assert_eq!(both("depth > 100 && purpose == 'farm'"), ["never-holds: when = \"depth > 100 && purpose == 'farm'\""]);
    assert_eq!(both("depth > 50"), [""; 0], "the narrower case is first");
    assert_eq!(both("size(owner.name) > 3"), [""; 0], "trials do not decide on sizes");
}

#[test]
fn a_case_that_the_cases_before_it_cover_together_never_gets_its_turn() {
    let third = |when: &str| {
        let case = |when: &str| DEEP.replace("depth > 100", when);
        let cases = [case("depth > 100"), case("purpose == 'home'"), case(when)];
        told(DEEP, &cases.join("\n"))
    };
    let covered = "depth > 150 || purpose == 'home'";
    assert_eq!(third(covered), [format!("never-holds: when = \"{covered}\"")]);
    assert_eq!(third("purpose == 'farm'"), [""; 0]);
}

#[test]
fn a_case_of_a_fee_behind_a_wider_one_is_told_that_it_never_gets_its_turn() {
    let fee = "amount = 50_000\nwhen = \"purpose == 'farm'\"\n";
    let cases = |second: &str| {
        let case = |when: &str, amount: u32| {
            format!("\n[[fee.case]]\nname = {{ vi = \"Giếng\", en = \"Well\" }}\n{when}amount = {amount}\n")
        };
        let all = [
            "when = \"purpose == 'farm'\"\n".to_owned(),
            case("when = \"depth > 50\"\n", 1),
            case(&format!("when = \"{second}\"\n"), 2),
            case("", 3),
        ];
        told(fee, &all.concat())
    };
    assert_eq!(cases("depth > 50 && wells > 2"), ["never-holds: when = \"depth > 50 && wells > 2\""]);
    let within = "depth > 50 || purpose == 'home'";
    assert_eq!(cases(within), [format!("never-holds: when = \"{within}\"")], "the fee is owed by farms only");
    assert_eq!(cases("wells > 2"), [""; 0]);
}

/// The step `survey`, to which only farms lead, before the step `approval`.
const SURVEY: &str = r#"[[step.action]]
id = "survey"
name = { vi = "Khảo sát", en = "Survey" }
effect = "advance"
to = "survey"
when = "purpose == 'farm'"

[[step]]
id = "survey"
name = { vi = "Khảo sát", en = "Survey" }
role = "specialist"
limit = "5 working-days"

[[step.action]]
id = "surveyed"
name = { vi = "Đã khảo sát", en = "Surveyed" }
effect = "advance"
to = "approval"

[[step]]
id = "approval"
"#;

#[test]
fn the_limit_of_a_case_is_compared_with_the_steps_that_the_case_may_begin() {
    let with = |when: &str| {
        let mut tree = good();
        let workflow = text(&tree, "workflows/one-stop.toml");
        let approval = "[[step]]\nid = \"approval\"\n";
        assert!(workflow.contains(approval), "{workflow}");
        tree.insert("workflows/one-stop.toml", workflow.replacen(approval, SURVEY, 1).into());
        let case = DEEP.replace("depth > 100", when).replace("8 working-days", "2 working-days");
        told_in(tree, &GOOD.replace("limit = \"3 working-days\"", "limit = \"10 working-days\"").replace(DEEP, &case))
    };
    assert_eq!(with("purpose == 'home'"), [""; 0], "homes are not surveyed");
    assert_eq!(with("depth > 100"), ["limits-exceed: limit = \"2 working-days\""]);
    assert_eq!(with("purpose == 'farm' && depth > 100"), ["limits-exceed: limit = \"2 working-days\""]);
}

#[test]
fn limits_in_calendar_days_are_summed_without_an_error_of_rounding_and_told_in_tenths() {
    let with = |whole: &str| {
        let mut tree = good();
        let three = ["intake", "processing", "approval"].map(|step| format!("{step} = \"3 calendar-days\"\n"));
        let limits = format!("[step_limits]\n{}issue = \"1 calendar-day\"\n", three.concat());
        let procedure = GOOD.replacen("[step_limits]\nprocessing = \"1 working-day\"\n", &limits, 1);
        let procedure = procedure.replacen("limit = \"3 working-days\"", &format!("limit = \"{whole}\""), 1);
        tree.insert(PROCEDURE, procedure.into());
        check(&tree)
            .mistakes
            .into_iter()
            .map(|mistake| mistake.message.get(Language::En).to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(with("10 calendar-days"), [""; 0]);
    assert_eq!(
        with("9 calendar-days"),
        ["the steps' limits sum to 57.1 working hours, and `9 calendar-days` has 51.4"]
    );
}

/// The beginning of the rule of [`GOOD`].
const CHECK: &str = "[[check]]\nholds = \"wells * depth <= 1000\"\n";

/// Returns rules as they are written.
fn written(rules: &[&str]) -> String {
    let rule = |holds: &&str| format!("[[check]]\nholds = \"{holds}\"\ntext = {{ vi = \"x\", en = \"x\" }}\n\n");
    rules.iter().map(rule).collect()
}

#[test]
fn rules_that_no_answers_keep_together_are_told() {
    let with = |rules: &[&str]| told(CHECK, &format!("{}{CHECK}", written(rules)));
    assert_eq!(with(&["depth > 5", "depth < 5"]), ["never-holds: holds = \"depth < 5\""]);
    assert_eq!(with(&["depth > wells", "depth > 5", "wells > depth"]), ["never-holds: holds = \"wells > depth\""]);
    assert_eq!(with(&["depth > 5", "wells < 5"]), [""; 0]);
    let sexes = ["owner.sex == 'male'", "owner.name == 'An' && owner.sex == 'female'"];
    assert_eq!(with(&sexes), [format!("never-holds: holds = \"{}\"", sexes[1])], "parts are tried too");
    // The flow is asked of farms only, and a rule with a missing answer is kept.
    assert_eq!(with(&["flow > 5.0", "flow < 5.0"]), [""; 0]);
    assert_eq!(
        with(&["flow > 5.0", "flow < 5.0", "purpose == 'farm'"]),
        ["never-holds: holds = \"purpose == 'farm'\""]
    );
}

#[test]
fn an_age_that_nobody_has_is_told() {
    let with = |rules: &[&str]| {
        let born =
            "[[section.field]]\nid = \"born\"\nlabel = { vi = \"N\", en = \"B\" }\nkind = \"date\"\npast = true\n";
        let purpose = "[[section.field]]\nid = \"purpose\"\n";
        let procedure = GOOD.replacen(purpose, &format!("{born}\n{purpose}"), 1);
        let rules = written(rules);
        told_in(good(), &procedure.replacen(CHECK, &format!("{rules}{CHECK}"), 1))
    };
    assert_eq!(with(&["age(born, today) >= 18"]), [""; 0]);
    assert_eq!(with(&["age(today, born) >= 18"]), ["type: holds = \"age(today, born) >= 18\""], "swapped");
    assert_eq!(with(&["age(born, today) >= 1800"]), ["never-holds: holds = \"age(born, today) >= 1800\""]);
    let both = ["age(born, today) >= 18", "age(born, today) < 16"];
    assert_eq!(with(&both), ["never-holds: holds = \"age(born, today) < 16\""]);
}

#[test]
fn rules_that_contradict_the_limits_of_fields_are_told() {
    let with = |kind: &str, keys: &str, rule: &str| {
        let field = format!(
            "[[section.field]]\nid = \"begins\"\nlabel = {{ vi = \"B\", en = \"B\" }}\nkind = \"{kind}\"\n{keys}\n"
        );
        let purpose = "[[section.field]]\nid = \"purpose\"\n";
        let procedure = GOOD.replacen(purpose, &format!("{field}\n{purpose}"), 1);
        told_in(good(), &procedure.replacen(CHECK, &format!("{}{CHECK}", written(&[rule])), 1))
    };
    let (today, any) = ("min = \"today\"", "begins >= add_days(today, 2)");
    assert_eq!(with("date", today, any), [""; 0]);
    assert_eq!(with("date", today, "begins < today"), ["never-holds: holds = \"begins < today\""]);
    assert_eq!(with("date", "past = true", "begins > today"), ["never-holds: holds = \"begins > today\""]);
    let past = "past = true\nmin = \"add_days(today, 3)\"";
    assert_eq!(with("date", past, "depth > 3"), ["out-of-range: min = \"add_days(today, 3)\""]);
    let crossed = "min = \"add_days(today, 5)\"\nmax = \"add_days(today, 4)\"";
    assert_eq!(with("date", crossed, "depth > 3"), ["out-of-range: max = \"add_days(today, 4)\""]);
    let fixed = "min = 2026-05-02\nmax = 2026-05-01";
    assert_eq!(with("date", fixed, "depth > 3"), ["out-of-range: max = 2026-05-01"]);
    assert_eq!(with("date", "min = 2026-05-01\nmax = 2026-05-01", "depth > 3"), [""; 0]);
    assert_eq!(with("integer", "min = \"15\"\nmax = 12", "depth > 3"), ["out-of-range: min = \"15\""]);
    assert_eq!(with("integer", "min = \"depth\"\nmax = 12", "depth > 3"), [""; 0]);
    let rule = "days(begins, today) > 10 && days(begins, today) < 5";
    assert_eq!(with("date", "", rule), [format!("never-holds: holds = \"{rule}\"")]);
}

#[test]
fn a_rule_that_the_limits_of_its_fields_keep_already_is_warned_of() {
    let warned = |rule: &str| {
        let mut tree = good();
        tree.insert(PROCEDURE, GOOD.replacen(CHECK, &format!("{}{CHECK}", written(&[rule])), 1).into());
        let found = check(&tree);
        assert!(found.mistakes.is_empty(), "{:?}", found.mistakes);
        found.install.warnings.iter().any(|warning| warning.code == "always-holds")
    };
    assert!(warned("depth >= 1"));
    assert!(warned("max(depth, 3, 5) > 2"));
    assert!(!warned("depth >= 2"));
    assert!(!warned("max(depth, 3, 5) > 5"));
}
