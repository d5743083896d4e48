//! Appointments on the spot: the check of their rules, and what scenarios say of them.

use crate::faulty::{GOOD, PROCEDURE, SCENARIO, check, codes, good, text};
use motcua_catalogue::{Tree, scenario, workflow};
use motcua_domain::text::Language;
use motcua_domain::workflow::Workflow;
use motcua_domain::workflow::site_visit::SiteVisitRule;
use std::collections::BTreeSet;

const WORKFLOW: &str = "workflows/one-stop.toml";

/// Returns the folder in which the first action of `processing` has these keys too.
fn with(keys: &str) -> Tree {
    let mut tree = good();
    let before = text(&tree, WORKFLOW);
    let propose = "effect = \"advance\"\nto = \"approval\"\n";
    assert!(before.contains(propose), "{before}");
    tree.insert(WORKFLOW, before.replacen(propose, &format!("{propose}{keys}\n"), 1).into());
    tree
}

fn told(keys: &str) -> BTreeSet<&'static str> {
    codes(&check(&with(keys)).mistakes)
}

#[test]
fn a_visit_has_bounds_that_leave_time_and_a_place_that_the_form_asks() {
    for good in ["visit = {}", "visit = { at_least = \"1 working-day\", at_most = \"2 working-days\" }"] {
        assert_eq!(told(good), BTreeSet::new(), "{good}");
    }
    let made = "visit = {}\n\n[[step.action]]\nid = \"off\"\nname = { vi = \"Hủy\", en = \"Off\" }\n\
                effect = \"advance\"\nto = \"processing\"\nvisit = { calls_off = true }";
    assert_eq!(told(made), BTreeSet::new());
    assert_eq!(told("visit = { calls_off = true }"), BTreeSet::from(["bad-visit"]), "no action makes one");
    assert_eq!(told("visit = { at_most = \"soon\" }"), BTreeSet::from(["bad-limit"]));
    assert_eq!(told("visit = { place = \"shop\" }"), BTreeSet::from(["unknown-field"]));
    for wrong in [
        "visit = { at_least = \"2 working-days\", at_most = \"16 working-hours\" }",
        "visit = { calls_off = true, at_most = \"2 working-days\" }",
        "visit = { place = \"depth\" }",
        "visit = {}\nafter = \"2 working-days\"",
    ] {
        assert!(told(wrong).contains("bad-visit"), "{wrong}: {:?}", told(wrong));
    }
}

#[test]
fn a_visit_that_may_lie_after_the_limit_is_warned_of() {
    let warned = |most: &str| {
        let found = check(&with(&format!("visit = {{ at_most = \"{most}\" }}")));
        assert!(found.mistakes.is_empty(), "{:?}", found.mistakes);
        let warnings = found.install.warnings.iter().filter(|warning| warning.code == "bad-visit");
        warnings.map(|warning| warning.message.get(Language::En)).any(|told| told.contains("khoan-gieng:"))
    };
    // A case of the procedure has 8 working days.
    assert!(!warned("8 working-days") && warned("9 working-days"));
}

#[test]
fn a_visit_is_written_as_it_was_read() {
    // The limits of the procedure would be written as those of the workflow.
    let plain = GOOD.replace("[step_limits]\nprocessing = \"1 working-day\"\n", "");
    let workflow_of = |mut tree: Tree| -> Workflow {
        tree.insert(PROCEDURE, plain.as_str().into());
        let found = check(&tree);
        assert!(found.mistakes.is_empty(), "{:?}", found.mistakes);
        let followed = found.install.declared.iter().find(|one| one.procedure.workflow.id == "one-stop");
        followed.expect("a procedure").procedure.workflow.clone()
    };
    let rules = |workflow: &Workflow| -> Vec<SiteVisitRule> {
        workflow.steps.iter().flat_map(|step| &step.actions).filter_map(|action| action.visit.clone()).collect()
    };
    let read = workflow_of(with("visit = { at_least = \"1 working-day\", at_most = \"10 working-days\" }"));
    let written = workflow::export::write(&read);
    assert!(written.contains("at_least = \"1 working-day\""), "{written}");
    let mut tree = good();
    tree.insert(WORKFLOW, written.into());
    assert_eq!(rules(&workflow_of(tree)), rules(&read));
    assert_eq!(rules(&read).len(), 1);
}

#[test]
fn a_scenario_makes_a_visit_only_with_an_action_that_makes_one() {
    let step = "\n[[step]]\nat = \"2026-03-03 10:00\"\nby = \"specialist\"\naction = \"propose\"\n";
    let visit = "visit = { on = \"2026-03-05\", from = \"09:00\", to = \"10:00\", place = \"12 Lê Lợi\" }\n";
    let expected = "visits = [\"2026-03-05 09:00-10:00, 12 Lê Lợi\"]\n";
    let mut tree = with("visit = {}");
    let before = text(&tree, SCENARIO);
    tree.insert(SCENARIO, format!("{before}{step}{visit}{expected}").into());
    let found = check(&tree);
    assert!(found.mistakes.is_empty(), "{:?}", found.mistakes);
    let read = found.install.declared.iter().flat_map(|one| &one.scenarios).find(|one| one.file == SCENARIO);
    let written = scenario::write(read.expect("the scenario"));
    for line in ["on = \"2026-03-05\"", "from = \"09:00\"", expected.trim_end()] {
        assert!(written.contains(line), "{line}: {written}");
    }
    let mut without = good();
    without.insert(SCENARIO, format!("{before}{step}{visit}").into());
    assert_eq!(codes(&check(&without).mistakes), BTreeSet::from(["bad-visit"]));
    tree.insert(SCENARIO, format!("{before}{step}{}", visit.replace("09:00", "nine")).into());
    assert_eq!(codes(&check(&tree).mistakes), BTreeSet::from(["bad-time"]));
}
