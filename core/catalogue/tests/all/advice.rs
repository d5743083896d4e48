//! The places and the advice of mistakes, and the corrections that the check does not make.

use crate::faulty::{GOOD, PROCEDURE, SCENARIO, check, good, text};
use motcua_catalogue::Diagnostic;
use motcua_domain::text::Language;

const ORGANISATION: &str = "organisation.toml";
const WORKFLOW: &str = "workflows/one-stop.toml";

/// A second agency, with a unit that the first one lacks.
const SECOND: &str = r#"
[[agency]]
id = "ubnd-xb"
code = "H00.02"
name = { vi = "Xã B", en = "Commune B" }

[[agency.unit]]
id = "mat-tran"
name = { vi = "Mặt trận", en = "Front" }
posts = ["specialist"]
"#;

/// Returns the mistakes that are told about a file after replacements in it.
fn told(file: &str, changes: &[(&str, &str)]) -> Vec<Diagnostic> {
    let mut tree = good();
    let mut written = text(&tree, file);
    for (from, to) in changes {
        assert!(written.contains(from), "{from}");
        written = written.replacen(from, to, 1);
    }
    tree.insert(file, written.into());
    check(&tree).mistakes.into_iter().filter(|mistake| mistake.is_told() && mistake.file == file).collect()
}

/// Returns the mistakes in words, each as `code: message | advice`.
fn words(mistakes: &[Diagnostic]) -> Vec<String> {
    let words = |mistake: &Diagnostic| {
        let (message, help) = (mistake.message.get(Language::En), mistake.help.get(Language::En));
        format!("{}: {message} | {help}", mistake.code)
    };
    mistakes.iter().map(words).collect()
}

/// Returns the texts at the places of mistakes in a file.
fn places(file: &str, changes: &[(&str, &str)]) -> Vec<String> {
    let mut written = text(&good(), file);
    for (from, to) in changes {
        written = written.replacen(from, to, 1);
    }
    told(file, changes).iter().map(|mistake| written[mistake.span().clone()].to_owned()).collect()
}

#[test]
fn an_officer_is_never_offered_a_post_of_another_agency() {
    let officer = "posts = [\"ubnd-xa/van-phong/specialist\"]";
    let with = |post: &str| {
        let posts = format!("posts = [\"{post}\"]");
        let written = text(&good(), ORGANISATION);
        let whole = format!("{written}{SECOND}");
        told(ORGANISATION, &[(written.as_str(), whole.as_str()), (officer, posts.as_str())])
    };
    let found = with("ubnd-xa/mat-tran/specialist");
    assert_eq!(
        words(&found),
        ["unknown-name: the agency `ubnd-xa` has no unit `mat-tran` | the units of the agency are mot-cua, \
             van-phong, lanh-dao"]
    );
    let near = with("ubnd-xa/van-fong/specialist");
    assert_eq!(words(&near), ["unknown-name: the agency `ubnd-xa` has no unit `van-fong` | did you mean `van-phong`?"]);
    let other = with("ubnd-xc/mat-tran/specialist");
    assert_eq!(words(&other), ["unknown-name: `ubnd-xc` is not a known agency | known agencies are ubnd-xa, ubnd-xb"]);
    assert!([found, near, other].iter().flatten().all(|mistake| mistake.fix.is_none()), "a post is a right");
}

#[test]
fn an_agency_above_is_never_changed() {
    let with = |first: &str, second: &str| {
        let code = "code = \"H00.01\"\n";
        let parent = |id: &str| if id.is_empty() { String::new() } else { format!("parent = \"{id}\"\n") };
        let second = SECOND.replace("code = \"H00.02\"\n", &format!("code = \"H00.02\"\n{}", parent(second)));
        let written = text(&good(), ORGANISATION);
        let whole = format!("{written}{second}");
        let with_parent = format!("{code}{}", parent(first));
        told(ORGANISATION, &[(written.as_str(), whole.as_str()), (code, with_parent.as_str())])
    };
    assert!(with("", "ubnd-xa").is_empty());
    let later = with("ubnd-xb", "");
    assert_eq!(
        words(&later),
        ["unknown-name: the agency `ubnd-xb` stands after this one, and is above it | move its table [[agency]] \
             before this one"]
    );
    let own = with("", "ubnd-xb");
    assert!(words(&own)[0].contains("is not above itself"), "{own:?}");
    let ring = with("ubnd-xb", "ubnd-xa");
    assert!(words(&ring)[0].contains("because it is below it"), "{ring:?}");
    let unknown = with("", "ubnd-xq");
    assert!(words(&unknown)[0].contains("is not a known agency before this one"), "{unknown:?}");
    assert!([later, own, ring, unknown].iter().flatten().all(|mistake| mistake.fix.is_none()));
}

#[test]
fn only_a_word_that_is_near_to_one_known_word_and_stands_nowhere_else_is_corrected() {
    let unit = |to: &str| {
        let found = told(PROCEDURE, &[("unit = \"van-phong\"", to)]);
        found.iter().any(|mistake| mistake.fix.is_some())
    };
    assert!(unit("unit = \"van-phog\""));
    assert!(!unit("unit = \"van-phong2\""), "another number is another name");
    assert!(!unit("unit = \"van-phog\" # van-phog is new"));
    let role = told(WORKFLOW, &[("role = \"leader\"", "role = \"leadr\"")]);
    assert!(role.iter().all(|mistake| mistake.fix.is_none()), "a role is a right");
}

#[test]
fn words_for_people_that_are_blank_are_told() {
    let name = "name = { vi = \"Bản đồ\", en = \"Map\" }";
    let label = "label = { vi = \"Độ sâu\", en = \"Depth\" }";
    for (from, to) in [
        (name, "name = \"\""),
        (name, "name = \"  \""),
        (name, "name = { vi = \"Bản đồ\", en = \" \" }"),
        (label, "label = \"\""),
    ] {
        let found = told(PROCEDURE, &[(from, to)]);
        assert!(found.iter().any(|mistake| mistake.code == "empty"), "{to}: {found:?}");
    }
}

#[test]
fn keys_behind_the_header_of_a_table_below_are_told_once_with_the_header() {
    let keys = "level = 4\nlimit = \"3 working-days\"\n";
    let plugin = "[plugin]\nbuiltin = \"enterprise\"\n";
    let found = told(PROCEDURE, &[(keys, ""), (plugin, format!("{plugin}{keys}").as_str())]);
    let [one]: [String; 1] = words(&found).try_into().unwrap_or_else(|found| panic!("{found:?}"));
    assert!(one.starts_with("unknown-key: there is no key `level`, `limit` here: the table above has it | "), "{one}");
    assert!(one.contains("stands before the line [plugin]; known keys here are "), "{one}");
    // A table whose keys the author chooses.
    let limits = "processing = \"1 working-day\"\n";
    let found = told(PROCEDURE, &[(keys, ""), (limits, format!("{limits}{keys}").as_str())]);
    let told: Vec<String> = words(&found);
    assert!(told.iter().all(|told| told.contains("stands before the line [step_limits]")), "{told:?}");
    assert!(!told.is_empty());
}

#[test]
fn a_minus_within_a_name_is_told_with_the_name() {
    let changes =
        [("id = \"flow\"", "id = \"flow_rate\""), ("when = \"purpose == 'farm'\"", "when = \"flow-rate > 1.0\"")];
    assert_eq!(
        words(&told(PROCEDURE, &changes)),
        ["unknown-field: `-` is a minus here | write `flow_rate`, if that is \
                                                     the name"]
    );
}

#[test]
fn an_id_with_diacritics_is_told_with_a_usable_one_and_is_proposed_nowhere() {
    let found = words(&told(PROCEDURE, &[("id = \"depth\"", "id = \"dépth\"")]));
    assert!(found.iter().any(|told| told.starts_with("bad-id: ") && told.ends_with("such as `depth`")), "{found:?}");
    assert!(
        found.iter().all(|told| !told.starts_with("unknown-field: ") && !told.contains("mean `dépth`")),
        "{found:?}"
    );
}

#[test]
fn an_unknown_unit_of_a_step_is_told_alone_and_near_units_are_of_the_same_agency() {
    let at = |unit: &str| {
        let mut tree = good();
        let role = "role = \"leader\"\n";
        let workflow =
            text(&tree, WORKFLOW).replacen(role, &format!("{role}escalate = \"leader\"\nat = \"{unit}\"\n"), 1);
        tree.insert(WORKFLOW, workflow.into());
        let found: Vec<Diagnostic> = check(&tree).mistakes.into_iter().filter(Diagnostic::is_told).collect();
        words(&found)
    };
    assert_eq!(at("./lanhdao"), ["unknown-name: `./lanhdao` is not a known unit | did you mean `./lanh-dao`?"]);
    assert_eq!(
        at("ubnd-xb/lanh-dao"),
        ["unknown-name: `ubnd-xb` is not a known agency | write `./` or one of the agencies ubnd-xa"]
    );
}

#[test]
fn a_case_that_is_too_short_is_told_to_set_its_own_limits_of_steps() {
    let found = words(&told(PROCEDURE, &[("limit = \"8 working-days\"", "limit = \"2 working-hours\"")]));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("in this table: step_limits = { … = \"…\" }"), "{found:?}");
}

#[test]
fn a_mistake_of_a_workflow_stands_at_the_key_that_causes_it() {
    assert_eq!(places(WORKFLOW, &[("to = \"approval\"", "to = \"aproval\"")]), ["\"aproval\""]);
    let role = "role = \"leader\"\n";
    let ask = |enough: &str| format!("{role}ask = {{ units = [\"./van-phong\"], then = \"issue\"{enough} }}\n");
    assert_eq!(places(WORKFLOW, &[(role, ask("").as_str())]), ["\"advance\""], "the action gives no answer");
    let mut both = places(WORKFLOW, &[(role, ask(", enough = 2").as_str())]);
    both.sort();
    assert_eq!(both, ["\"advance\"", "2"]);
    let itself = "[[step]]\nid = \"issue\"\n";
    let part = format!("[[step]]\nid = \"x\"\nname = \"X\"\nworkflow = \"one-stop\"\nthen = \"issue\"\n\n{itself}");
    let found = words(&told(WORKFLOW, &[(itself, part.as_str())]));
    assert!(found[0].contains("a workflow cannot be a part of itself"), "{found:?}");
}

#[test]
fn a_question_to_officers_with_a_known_id_is_told_at_the_question() {
    let action = "[[step.action]]\nid = \"approve\"\n";
    let field = "[[step.field]]\nid = \"depth\"\nlabel = { vi = \"Độ sâu\", en = \"Depth\" }\nkind = \"integer\"\n\n";
    assert_eq!(places(WORKFLOW, &[(action, format!("{field}{action}").as_str())]), ["\"depth\""]);
    assert!(GOOD.contains("id = \"depth\""));
}

#[test]
fn a_choice_without_quotes_is_advised_with_quotes() {
    let help = |file: &str, change: (&str, &str)| {
        let found = told(file, &[change]);
        found.iter().map(|mistake| mistake.help.get(Language::En).to_owned()).collect::<Vec<_>>()
    };
    let advice = "`farm` is a choice of `purpose`: write it in quotes, `purpose == 'farm'`";
    assert_eq!(help(PROCEDURE, ("when = \"purpose == 'farm'\"", "when = \"purpose == farm\"")), [advice]);
    let refuse = "effect = \"refuse\"\n";
    let with = format!("{refuse}when = \"purpose == farm\"\n");
    assert!(help(WORKFLOW, (refuse, &with)).iter().any(|help| help == advice));
}

#[test]
fn an_entry_of_a_registry_is_compared_by_its_code() {
    let found = told(PROCEDURE, &[("when = \"purpose == 'farm'\"", "when = \"line == '2393'\"")]);
    let [one]: [String; 1] = words(&found).try_into().unwrap_or_else(|found| panic!("{found:?}"));
    assert!(one.starts_with("type: ") && one.ends_with("| compare the code of the entry: `line.code == '…'`"), "{one}");
}

#[test]
fn a_number_in_quotes_is_advised_as_it_is_written() {
    for (from, to, number) in
        [("amount = 50_000", "amount = \"300.000 đ\"", "300_000"), ("level = 4", "level = \"3\"", "3")]
    {
        let found = words(&told(PROCEDURE, &[(from, to)]));
        let advice = format!("is a text, not a whole number | write a whole number without quotes: {number}");
        assert!(found.iter().any(|told| told.ends_with(&advice)), "{found:?}");
    }
}

#[test]
fn a_default_that_is_no_choice_is_told_with_the_choices() {
    let kind = "kind = \"one-of\"\n";
    let with = |default: &str| words(&told(PROCEDURE, &[(kind, &format!("{kind}default = \"{default}\"\n"))]));
    let told = "out-of-range: the default `fram` is none of the field's choices | its choices are home, farm";
    assert_eq!(with("'fram'"), [told]);
    assert!(with("'farm'").is_empty());
    assert_eq!(
        with("farm"),
        ["unknown-field: there is no field `farm` | `farm` is a choice of `purpose`: write it in quotes, `'farm'`"]
    );
}

#[test]
fn a_finding_that_no_rule_gives_and_a_text_that_no_condition_has_are_told_in_a_scenario() {
    let plugin = "[plugin]\nbuiltin = \"enterprise\"\n";
    let score = GOOD.split("[[section.field]]").last().expect("a field");
    assert!(score.contains("from = \"plugin\""), "{score}");
    let without = GOOD.replacen(plugin, "", 1).replacen(&format!("[[section.field]]{score}"), "", 1);
    let told = |procedure: &str, expected: &str| {
        let mut tree = good();
        tree.insert(PROCEDURE, procedure.into());
        let before = text(&tree, SCENARIO);
        tree.insert(SCENARIO, before.replacen("[[step]]", &format!("[expect]\n{expected}\n\n[[step]]"), 1).into());
        let found = check(&tree).mistakes;
        let words = |mistake: &Diagnostic| mistake.message.get(Language::En).to_owned();
        found.iter().filter(|mistake| mistake.file == SCENARIO).map(words).collect::<Vec<_>>()
    };
    let right = "findings = [\"wells: check\", \"owner.name: required\", \"neighbours.0.name: required\", \
                 \"papers.map: paper-missing\"]\nunmet = [\"Đủ 18 tuổi\"]";
    assert_eq!(told(&without, right), [""; 0]);
    for (finding, message) in [
        ("dept: required", "`dept` is not a known field"),
        ("depth: requird", "`requird` is not a known code of a finding"),
        ("depth: check", "`depth` is not a known field with a rule"),
        ("papers.mapp: paper-missing", "`mapp` is not a known paper"),
        ("depth", "`depth` is not written as `path: code`"),
    ] {
        assert_eq!(told(&without, &format!("findings = [\"{finding}\"]")), [message]);
    }
    assert_eq!(told(GOOD, "findings = [\"depth: too-deep\"]"), [""; 0], "a plugin has codes of its own");
    assert_eq!(told(&without, "unmet = [\"Đủ 20 tuổi\"]"), ["`Đủ 20 tuổi` is not a known condition"]);
}

#[test]
fn where_somebody_may_file_for_others_the_names_of_the_portals_own_questions_are_taken() {
    let level = "workflow = \"one-stop\"";
    let allowed = format!("on_behalf = \"with-proof\"\n{level}");
    let depth = "id = \"depth\"";
    let told = |changes: &[(&str, &str)]| -> Vec<&'static str> {
        told(PROCEDURE, changes).iter().map(|mistake| mistake.code).collect()
    };
    let taken = "id = \"represented_name\"";
    let own = told(&[(level, allowed.as_str()), (depth, taken)]);
    assert!(own.contains(&"duplicate"), "{own:?}");
    assert!(!told(&[(depth, taken)]).contains(&"duplicate"), "the portal asks nothing of its own");
    assert_eq!(told(&[(level, "on_behalf = \"everybody\"\nworkflow = \"one-stop\"")]), ["unknown-name"]);
}

#[test]
fn only_a_question_of_the_form_for_a_name_a_telephone_or_an_address_begins_with_a_fact_of_the_account() {
    let depth = "id = \"depth\"";
    for before in [depth, "id = \"name\""] {
        let after = format!("{before}\nfrom_account = true");
        let told = told(PROCEDURE, &[(before, after.as_str())]);
        assert!(matches!(told.as_slice(), [mistake] if mistake.code == "no-default"), "{before}: {told:?}");
    }
    let label = "{ vi = \"Điện thoại\", en = \"Telephone\" }";
    let phone = format!("id = \"phone\"\nlabel = {label}\nkind = \"phone\"\nfrom_account = true");
    let asking = format!("{phone}\n\n[[section.field]]\n{depth}");
    assert!(told(PROCEDURE, &[(depth, asking.as_str())]).iter().all(|mistake| mistake.code != "no-default"));
}
