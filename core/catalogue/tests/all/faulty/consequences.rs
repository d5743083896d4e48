//! Mistakes that follow from others name their cause, hints can be copied into the file, and both languages are there.

use super::faults::faults;
use super::{GOOD, PROCEDURE, SCENARIO, check, good, line, text, told};
use motcua_catalogue::{Diagnostic, Tree};
use motcua_domain::text::Language;

/// Returns the folder with one change.
fn changed(file: &str, from: &str, to: &str) -> Tree {
    let mut tree = good();
    let before = text(&tree, file);
    assert!(before.contains(from), "`{from}` is not in {file}");
    tree.insert(file, before.replacen(from, to, 1).into());
    tree
}

/// Returns the mistakes about a folder that follow from no other, in the order of the check.
fn causes(tree: &Tree) -> Vec<String> {
    check(tree).mistakes.iter().filter(|mistake| mistake.is_told()).map(line).collect()
}

/// Returns the mistakes about a folder with one change that follow from no other.
fn told_of(file: &str, from: &str, to: &str) -> Vec<String> {
    causes(&changed(file, from, to))
}

#[test]
fn a_mistake_in_a_workflow_is_told_once_and_not_again_for_each_procedure_and_scenario() {
    for (from, to, cause) in [
        ("role = \"leader\"", "role = \"leadr\"", "`leadr` is not a known role"),
        ("effect = \"hand-over\"", "effect = \"handover\"", "`handover` is not a known effect"),
        ("to = \"approval\"", "to = \"aproval\"", "leads to `aproval`, which is not a step"),
    ] {
        let told = told_of("workflows/one-stop.toml", from, to);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains(cause), "{told:?}");
    }
}

#[test]
fn a_mistake_in_the_organisation_is_told_once_and_before_those_of_procedures() {
    let told = told_of("organisation.toml", "code = \"H00.01\"\n", "");
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("organisation.toml:") && told[0].contains("`code` is missing"), "{told:?}");
    let mut tree = changed("organisation.toml", "code = \"H00.01\"\n", "");
    tree.insert(PROCEDURE, GOOD.replacen("level = 4", "level = 5", 1).into());
    let told = causes(&tree);
    assert_eq!(told.len(), 2, "what does not follow is told: {told:?}");
    assert!(told[0].starts_with("organisation.toml:") && told[1].contains("`level` is 5"), "{told:?}");
}

#[test]
fn a_mistake_that_follows_from_another_file_names_the_first_mistake_of_that_file() {
    let found = check(&changed("organisation.toml", "code = \"H00.01\"\n", "")).mistakes;
    let first = found.first().expect("a mistake");
    let followers: Vec<_> = found.iter().filter_map(|mistake| mistake.cause.as_ref()).collect();
    assert!(!followers.is_empty(), "{found:?}");
    for cause in followers {
        assert_eq!((cause.code, &cause.file, cause.line), (first.code, &first.file, first.line));
    }
}

#[test]
fn a_mistake_in_a_field_is_told_without_those_of_the_conditions_that_name_it() {
    for (from, to, cause) in [
        ("choices = [{", "choises = [{", "unknown key `choises`"),
        ("min = 1\nmax = 200", "min = 300\nmax = 200", "no value lies between"),
        ("{ value = \"farm\"", "{ value = \"home\"", "two choices have the same value"),
    ] {
        let told = told_of(PROCEDURE, from, to);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains(cause), "{told:?}");
    }
}

#[test]
fn a_field_of_an_unknown_kind_is_told_without_its_keys_and_what_names_it() {
    let told = told_of(PROCEDURE, "kind = \"one-of\"\n", "kind = \"onof\"\n");
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("`onof` is not a known kind"), "{told:?}");
}

#[test]
fn a_wrong_header_is_told_without_the_names_of_what_stands_below() {
    let told = told_of(PROCEDURE, "[[section]]", "[section]");
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("`section` is a table, not a list"), "{told:?}");
    let mut tree = good();
    tree.insert(PROCEDURE, GOOD.replace("[[section", "[[sections").into());
    let told = causes(&tree);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("unknown key `sections`"), "{told:?}");
}

#[test]
fn a_name_that_no_table_with_a_mistake_has_is_told_beside_that_mistake() {
    let mut tree = changed(PROCEDURE, "kind = \"one-of\"\n", "kind = \"onof\"\n");
    let wrong = text(&tree, PROCEDURE).replacen("required = \"depth > 50\"", "required = \"dept > 50\"", 1);
    tree.insert(PROCEDURE, wrong.into());
    let told = causes(&tree);
    assert!(told.len() == 2 && told.iter().any(|told| told.contains("no field `dept`")), "{told:?}");
}

#[test]
fn a_mistake_in_the_value_of_a_parameter_is_told_at_the_value() {
    let workflow = |tree: &Tree| {
        text(tree, "workflows/one-stop.toml")
            .replacen("[parameters]\n", "[parameters]\nwhen = \"depth > 0\"\n", 1)
            .replacen("effect = \"refuse\"\n", "effect = \"refuse\"\nwhen = \"$when\"\n", 1)
    };
    let mut tree = good();
    tree.insert("workflows/one-stop.toml", workflow(&tree).into());
    let set = "[workflow_with]\nwhen = \"dept > 3\"\n\n[step_limits]\n";
    tree.insert(PROCEDURE, GOOD.replacen("[step_limits]\n", set, 1).into());
    let told = causes(&tree);
    let value = format!("{PROCEDURE}:15:8 unknown-field ");
    assert!(told.iter().any(|told| told.starts_with(&value) && told.contains("`dept`")), "{told:?}");
}

#[test]
fn two_procedures_with_one_code_name_each_other() {
    let mut tree = good();
    let other = "procedures/ubnd-xa/khoan-gieng-lon/procedure.toml";
    tree.insert(other, GOOD.into());
    tree.insert("procedures/ubnd-xa/khoan-gieng-lon/forms/ban-do.docx", b"a form".to_vec());
    let told = causes(&tree);
    let said = |at: &str, of: &str| format!("{at}:1:8 duplicate the code `1.004232` is also that of {of}");
    assert_eq!(told, [said(other, PROCEDURE), said(PROCEDURE, other)]);
}

#[test]
fn a_scenario_of_a_procedure_with_a_mistake_is_told_for_its_own_mistakes_only() {
    let mut tree = changed(PROCEDURE, "id = \"map\"", "id = \"Bản đồ\"");
    assert_eq!(causes(&tree).len(), 1, "that the scenario names the old paper follows");
    let late = text(&tree, SCENARIO).replacen("at = \"2026-03-03 09:00\"", "at = \"nine\"", 1);
    tree.insert(SCENARIO, late.into());
    assert_eq!(causes(&tree).len(), 2);
}

#[test]
fn a_scenario_that_names_no_faulty_part_is_told_beside_the_mistake_of_the_procedure() {
    let mut tree = changed(PROCEDURE, "when = \"purpose == 'farm'\"", "when = \"purpose == 'farn'\"");
    let played = "\n[[step]]\nat = \"2026-03-03 10:00\"\nby = \"specialist\"\naction = \"propoze\"\n";
    let scenario = format!("{}{played}", text(&tree, SCENARIO));
    tree.insert(SCENARIO, scenario.into());
    let told = causes(&tree);
    assert!(told.iter().any(|told| told.contains("`purpose` is never `farn`")), "{told:?}");
    assert!(told.iter().any(|told| told.starts_with(SCENARIO) && told.contains("`propoze`")), "{told:?}");
}

#[test]
fn a_name_that_two_equal_ids_or_a_misplaced_list_lose_is_not_told() {
    let told = told_of(PROCEDURE, "id = \"depth\"", "id = \"purpose\"");
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("the id `purpose` is used twice"), "{told:?}");
    let based = "limit_basis = \"tnn#1\"\n\n[silence]\nmeans = \"approval\"\nbasis = \"tnn#2\"\n\
                 legal_basis = [{ id = \"tnn\", title = \"Luật Tài nguyên nước\" }]\n";
    let told = told_of(PROCEDURE, "legal_basis = [\"Luật Tài nguyên nước\"]\n", based);
    assert!(told.iter().any(|told| told.contains("there is no key `legal_basis`")), "{told:?}");
    assert!(!told.iter().any(|told| told.contains("has the id `tnn`")), "{told:?}");
}

#[test]
fn an_expression_with_the_plain_letters_of_a_bad_id_is_not_told() {
    let told = told_of(PROCEDURE, "id = \"wells\"", "id = \"wélls\"");
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("cannot be used as an id"), "{told:?}");
}

#[test]
fn a_unit_that_is_unknown_in_a_workflow_is_told_without_the_posts_that_its_step_would_need() {
    let at = "role = \"specialist\"\nlimit = \"3 working-hours\"\n";
    let told = told_of("workflows/one-stop.toml", at, &format!("at = \"./nowhere\"\nescalate = \"unit-head\"\n{at}"));
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("`./nowhere`"), "{told:?}");
}

#[test]
fn a_mistake_in_a_value_that_is_read_twice_is_told_once() {
    let case = "limit = \"soon\"\nstep_limits = { processing = \"1 working-day\" }\n";
    let told = told_of(PROCEDURE, "limit = \"8 working-days\"\n", case);
    assert_eq!(told.iter().filter(|told| told.contains("bad-limit")).count(), 1, "{told:?}");
}

#[test]
fn every_line_that_a_hint_tells_to_write_is_toml() {
    let mut hints = 0;
    for (what, file, from, to) in faults() {
        if file.rsplit('.').next() != Some("toml") {
            continue;
        }
        for mistake in told(&check(&changed(file, from, to))) {
            let help = mistake.help.get(Language::En);
            let line = help.strip_prefix("add: ").or_else(|| help.strip_prefix("write: "));
            let Some(line) = line else { continue };
            hints += 1;
            assert!(toml::from_str::<toml::Table>(line).is_ok(), "{what}: {line}");
        }
    }
    assert!(hints >= 12, "{hints}");
}

#[test]
fn every_mistake_of_every_faulty_folder_is_told_in_vietnamese_and_in_english() {
    for (what, file, from, to) in faults() {
        for mistake in told(&check(&changed(file, from, to))) {
            for words in [&mistake.message, &mistake.help] {
                assert_ne!(words.get(Language::Vi), words.get(Language::En), "{what}: {mistake:?}");
            }
            let (vi, en) = (mistake.render(false, Language::Vi), mistake.render(false, Language::En));
            assert!(vi.contains("lỗi[") || vi.contains("cảnh báo["), "{what}: {vi}");
            assert!(en.contains("error[") || en.contains("warning["), "{what}: {en}");
        }
    }
}

#[test]
fn a_day_that_is_written_as_people_write_days_is_told_once_with_the_form_of_the_file() {
    for written in ["31-01-2026", "31/01/2026", "31/1/2026", "31.01.2026"] {
        for key in ["default", "min", "max"] {
            let field = format!(
                "[[section.field]]\nid = \"since\"\nlabel = {{ vi = \"Từ\", en = \"Since\" }}\nkind = \"date\"\n\
                 {key} = \"{written}\"\n\n[[section.field]]\nid = \"depth\""
            );
            let mut found = check(&changed(PROCEDURE, "[[section.field]]\nid = \"depth\"", &field)).mistakes;
            found.retain(Diagnostic::is_told);
            assert_eq!(found.len(), 1, "{key} {written}: {found:?}");
            assert_eq!(found[0].code, "wrong-type");
            assert!(found[0].help.get(Language::En).contains("`2026-01-31`"), "{found:?}");
        }
    }
    let field = "[[section.field]]\nid = \"since\"\nlabel = { vi = \"Từ\", en = \"Since\" }\nkind = \"date\"\n\
                 default = \"1 - 2\"\n\n[[section.field]]\nid = \"depth\"";
    let told = told_of(PROCEDURE, "[[section.field]]\nid = \"depth\"", field);
    assert_eq!(told.len(), 1, "a calculation has one mistake, that of its type: {told:?}");
}
