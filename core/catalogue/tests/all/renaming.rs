//! Renaming with all uses: every use is found by its meaning, and nothing else is touched.

use crate::faulty::{BUILTIN, GOOD, PROCEDURE, SCENARIO, check, good, text};
use motcua_catalogue::editing::{
    FilePatches, NamedKind, NewName, RenameRefusal, applied, new_mistakes, plain_keys, rename,
};
use motcua_catalogue::{Tree, files};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::path::Path;

const WORKFLOW: &str = "workflows/one-stop.toml";

fn name(kind: NamedKind, old: &str, new: &str) -> NewName {
    NewName { kind, old: old.to_owned(), new: new.to_owned() }
}

fn patches(tree: &Tree, name: &NewName) -> Result<FilePatches, RenameRefusal> {
    rename(tree, "ubnd-xa", "khoan-gieng", name)
}

/// Returns the folder after a thing of its procedure has another id.
fn renamed(tree: &Tree, kind: NamedKind, old: &str, new: &str) -> Tree {
    let patches = patches(tree, &name(kind, old, new)).unwrap_or_else(|error| panic!("{old}: {error}"));
    applied(tree, &patches).expect("the patches lie within the texts")
}

/// Returns the good folder with one change in a file.
fn with(file: &str, from: &str, to: &str) -> Tree {
    let mut tree = good();
    let before = text(&tree, file);
    assert!(before.contains(from), "{from}");
    tree.insert(file, before.replacen(from, to, 1).into());
    tree
}

#[test]
fn a_field_is_renamed_in_its_form_its_conditions_and_its_scenarios() {
    let tree = with(PROCEDURE, "[[paper]]", "# depth in metres\n[[paper]]");
    let after = renamed(&tree, NamedKind::Field, "depth", "deep");
    // The comment names no field.
    assert_eq!(
        text(&after, PROCEDURE),
        text(&tree, PROCEDURE).replace("depth", "deep").replace("# deep in metres", "# depth in metres")
    );
    assert_eq!(text(&after, SCENARIO), text(&tree, SCENARIO).replace("depth", "deep"));
    assert!(check(&after).mistakes.is_empty(), "{:?}", check(&after).mistakes);
}

#[test]
fn an_answer_is_renamed_where_another_procedure_takes_it_from_the_result() {
    let result = |kind: &str, more: &str| {
        format!(
            "result = {{ name = {{ vi = \"Giấy phép\", en = \"Permit\" }}, kind = \"{kind}\", number = \"{{dossier}}\", \
             valid = \"5 years\", data = [\"depth\"]{more} }}"
        )
    };
    let plain = "result = { vi = \"Giấy phép\", en = \"Permit\" }";
    let follows = |results: &str| {
        let more = format!(", follows = {results}, from_result = {{ purpose = \"number\", depth = \"depth\" }}");
        let other = GOOD.replace(plain, &result("renewal", &more)).replace("1.004232", "1.004233");
        let mut tree = with(PROCEDURE, plain, &result("permit", ""));
        tree.insert("procedures/ubnd-xa/gia-han/procedure.toml", other.into());
        tree.insert("procedures/ubnd-xa/gia-han/forms/ban-do.docx", b"a form".to_vec());
        assert!(check(&tree).mistakes.is_empty(), "{:?}", check(&tree).mistakes);
        tree
    };
    let after = renamed(&follows("[\"permit\"]"), NamedKind::Field, "depth", "deep");
    let taken = text(&after, "procedures/ubnd-xa/gia-han/procedure.toml");
    assert!(taken.contains("data = [\"depth\"]") && taken.contains("depth = \"deep\""), "{taken}");
    assert!(check(&after).mistakes.is_empty(), "{:?}", check(&after).mistakes);
    // The renewal is renewed too, and its own results keep the old name.
    let refused = patches(&follows("[\"permit\", \"1.004233\"]"), &name(NamedKind::Field, "depth", "deep"));
    assert!(matches!(refused, Err(RenameRefusal::Kept { .. })), "{refused:?}");
}

#[test]
fn texts_parts_and_loop_variables_of_the_same_letters_keep_theirs() {
    let rule = "holds = \"wells * depth <= 1000\"";
    let more =
        "holds = \"wells * depth <= 1000 && (purpose == 'depth' || neighbours.all(depth, depth.name != 'depth'))\"";
    let after = renamed(&with(PROCEDURE, rule, more), NamedKind::Field, "depth", "deep");
    let wanted =
        "holds = \"wells * deep <= 1000 && (purpose == 'depth' || neighbours.all(depth, depth.name != 'depth'))\"";
    assert!(text(&after, PROCEDURE).contains(wanted), "{}", text(&after, PROCEDURE));
}

#[test]
fn a_step_is_renamed_for_every_procedure_that_follows_the_workflow() {
    let tree = good();
    let after = renamed(&tree, NamedKind::Step, "processing", "study");
    assert!(text(&after, WORKFLOW).contains("id = \"study\"") && text(&after, WORKFLOW).contains("to = \"study\""));
    assert!(text(&after, PROCEDURE).contains("[step_limits]\nstudy = "));
    assert!(text(&after, SCENARIO).contains("step = \"study\""));
    let other = "procedures/ubnd-xa/xac-nhan-cu-tru/tests/straight.toml";
    assert!(!text(&after, other).contains("step = \"processing\""));
    // The status of a step has the same word.
    assert_eq!(
        text(&after, WORKFLOW).matches("status = \"").count(),
        text(&tree, WORKFLOW).matches("status = \"").count()
    );
    assert!(check(&after).mistakes.is_empty(), "{:?}", check(&after).mistakes);
}

#[test]
fn a_step_that_is_part_of_another_workflow_is_renamed_there_with_the_name_of_the_part() {
    let mut tree = good();
    let joint = GOOD.replace("1.004232", "1.004233").replace("one-stop", "joint");
    let joint = joint.replace("processing = \"1 working-day\"", "\"part.processing\" = \"1 working-day\"");
    let file = "procedures/ubnd-xa/lien-thong/procedure.toml";
    tree.insert(file, joint.into());
    tree.insert("procedures/ubnd-xa/lien-thong/forms/ban-do.docx", b"a form".to_vec());
    let before = check(&tree).mistakes;
    let after = renamed(&tree, NamedKind::Step, "processing", "study");
    assert!(text(&after, file).contains("\"part.study\" = \"1 working-day\""), "{}", text(&after, file));
    assert_eq!(check(&after).mistakes.len(), before.len(), "{:?}", check(&after).mistakes);
}

#[test]
fn a_paper_and_an_action_are_renamed_with_their_scenarios() {
    let after = renamed(&good(), NamedKind::Paper, "map", "plan");
    assert!(
        text(&after, PROCEDURE).contains("id = \"plan\"") && text(&after, SCENARIO).contains("papers = [\"plan\"]")
    );
    // A kind of field has the same word.
    assert!(text(&after, PROCEDURE).contains("kind = \"map\""));
    assert!(check(&after).mistakes.is_empty());
    let after = renamed(&good(), NamedKind::Action, "accept", "take");
    assert!(text(&after, WORKFLOW).contains("id = \"take\"") && text(&after, SCENARIO).contains("action = \"take\""));
    assert!(check(&after).mistakes.is_empty(), "{:?}", check(&after).mistakes);
}

#[test]
fn a_field_and_a_paper_of_one_id_are_renamed_apart() {
    let tree = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/binhduong"));
    let (group, slug) = ("ubnd-thu-dau-mot", "dang-ky-khai-sinh-co-yeu-to-nuoc-ngoai");
    let scenario = format!("procedures/{group}/{slug}/tests/empty.toml");
    for (kind, field, paper) in [
        (NamedKind::Field, "\"zz_other: required\"", "\"papers.nationality: paper-missing\""),
        (NamedKind::Paper, "\"nationality: required\"", "\"papers.zz_other: paper-missing\""),
    ] {
        let patches = rename(&tree, group, slug, &name(kind, "nationality", "zz_other")).expect("it is certain");
        let after = applied(&tree, &patches).expect("the patches lie within the texts");
        let text = text(&after, &scenario);
        assert!(text.contains(field) && text.contains(paper), "{text}");
        assert_eq!(new_mistakes(&tree, &after, &BUILTIN, jiff::civil::date(2026, 11, 24)), []);
    }
}

#[test]
fn a_renaming_that_is_not_certain_changes_nothing_and_says_why() {
    let refused =
        |tree: &Tree, kind, old: &str, new: &str| patches(tree, &name(kind, old, new)).expect_err("it is refused");
    let tree = good();
    let is = |refusal: RenameRefusal, word: &str| assert!(refusal.to_string().contains(word), "{refusal}");
    is(refused(&tree, NamedKind::Field, "dept", "deep"), "no field `dept`");
    is(refused(&tree, NamedKind::Field, "depth", "wells"), "field `wells` already");
    is(refused(&tree, NamedKind::Step, "processing", "approval"), "step `approval` already");
    is(refused(&tree, NamedKind::Field, "depth", "the depth"), "not an id");
    is(refused(&tree, NamedKind::Field, "depth", "name"), "a group has a part");
    is(refused(&tree, NamedKind::Action, "accept", "pay"), "several things");
    let shared = with(WORKFLOW, "effect = \"decline\"\n", "effect = \"decline\"\nwhen = \"depth > 3\"\n");
    is(refused(&shared, NamedKind::Field, "depth", "deep"), "xac-nhan-cu-tru");
    let escaped = with(PROCEDURE, "\"depth > 50\"", "\"depth \\u003e 50\"");
    is(refused(&escaped, NamedKind::Field, "depth", "deep"), "by hand");
}

#[test]
fn a_parameter_that_stands_for_a_name_is_renamed_with_it() {
    let mut tree = with(WORKFLOW, "to = \"approval\"", "to = \"$next\"");
    let workflow = text(&tree, WORKFLOW).replacen("[parameters]\n", "[parameters]\nnext = \"approval\"\n", 1);
    tree.insert(WORKFLOW, workflow.into());
    assert!(check(&tree).mistakes.is_empty(), "{:?}", check(&tree).mistakes);
    let after = renamed(&tree, NamedKind::Step, "approval", "signature");
    assert!(
        text(&after, WORKFLOW).contains("next = \"signature\"") && text(&after, WORKFLOW).contains("to = \"$next\"")
    );
    assert!(check(&after).mistakes.is_empty(), "{:?}", check(&after).mistakes);
}

#[test]
fn every_key_of_a_text_names_something_or_is_known_to_name_nothing() {
    let wanted = "Action.after Action.basis Ask.units AssignTo.login AssignTo.registry Check.basis Choice.value
        EarlierResult.number Expected.appointment Expected.fee_lines Expected.notices Expected.refused
        Expected.unmet Fee.basis FeeExemption.basis FeeReduction.basis Field.basis Field.registry
        HttpGrant.headers HttpGrant.origin LegalDocument.id LegalDocument.link LimitCase.basis LimitCase.limit
        Offer.agency Offer.limit Offer.unit OfferedBy.agencies OfferedBy.kind OfferedBy.under Paper.basis
        Paper.template Part.at Part.limit Part.workflow Plugin.builtin Plugin.component Plugin.lookup
        Plugin.secrets Plugin.settings Procedure.closes Procedure.code Procedure.keywords Procedure.limit
        Procedure.limit_basis Procedure.opens Procedure.unit Procedure.workflow Procedure.workflow_with
        Result.follows Result.kind Result.number Result.valid Scenario.agency Scenario.at Scenario.eligibility
        Scenario.name Scenario.signed Scenario.version ScenarioStep.ask ScenarioStep.at ScenarioStep.by ScenarioStep.due
        ScenarioStep.follows ScenarioStep.holder ScenarioStep.issued ScenarioStep.new_grounds ScenarioStep.note
        ScenarioStep.notices ScenarioStep.number ScenarioStep.officer ScenarioStep.refused ScenarioStep.result
        ScenarioStep.status ScenarioStep.unit ScenarioStep.valid_until ScenarioStep.visits ScenarioVisit.from
        ScenarioVisit.note ScenarioVisit.place ScenarioVisit.to Section.id Signer.id Silence.basis SiteVisit.at_least
        SiteVisit.at_most Stage.id Stage.limit Step.at Step.basis Step.limit Step.remind Step.stage
        Workflow.parameters";
    let wanted: BTreeSet<String> = wanted.split_whitespace().map(str::to_owned).collect();
    assert_eq!(plain_keys(), wanted, "add a new key here, or its role in editing::uses");
}

/// Returns the ids of a kind in the text of a file.
fn ids(text: &str, header: &str) -> Vec<String> {
    let after = text.split(header).skip(1);
    let id = |rest: &str| rest.trim_start().strip_prefix("id = \"")?.split('"').next().map(str::to_owned);
    after.filter_map(id).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_renamed_sample_has_no_new_mistake_and_the_old_name_gives_the_same_bytes(
        which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), kind in 0_usize..4,
    ) {
        let tree = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/binhduong"));
        let all: Vec<&str> = tree.under("procedures").filter(|file| file.ends_with("/procedure.toml")).collect();
        let file = *which.get(&all);
        let procedure = text(&tree, file);
        let meaning: toml::Table = toml::from_str(&procedure).expect("TOML");
        let workflow = text(&tree, &format!("workflows/{}.toml", meaning["workflow"].as_str().expect("a workflow")));
        let (kind, known) = match kind {
            0 => (NamedKind::Field, ids(&procedure, "[[section.field]]")),
            1 => (NamedKind::Paper, ids(&procedure, "[[paper]]")),
            2 => (NamedKind::Step, ids(&workflow, "[[step]]")),
            _ => (NamedKind::Action, ids(&workflow, "[[step.action]]")),
        };
        prop_assume!(!known.is_empty());
        let old = at.get(&known);
        let parts: Vec<&str> = file.split('/').collect();
        let change = |tree: &Tree, old: &str, new: &str| rename(tree, parts[1], parts[2], &name(kind, old, new));
        let Ok(there) = change(&tree, old, "zz_other") else { return Ok(()) };
        prop_assert!(!there.is_empty());
        let after = applied(&tree, &there).expect("the patches lie within the texts");
        prop_assert_eq!(new_mistakes(&tree, &after, &BUILTIN, jiff::civil::date(2026, 11, 24)), []);
        let back = change(&after, "zz_other", old).expect("the old name is free");
        prop_assert!(applied(&after, &back).expect("the patches lie within the texts") == tree);
    }
}
