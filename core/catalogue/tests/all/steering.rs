//! Answers that steer: the check of what opens and closes actions.

use crate::faulty::{check, codes, good, text};
use motcua_catalogue::Tree;
use std::collections::BTreeSet;

const WORKFLOW: &str = "workflows/one-stop.toml";

const PROPOSE: &str = r#"[[step.action]]
id = "propose"
name = { vi = "Trình ký", en = "Submit for signature" }
effect = "advance"
to = "approval"
"#;

const FIT: &str = r#"[[step.field]]
id = "fit"
label = { vi = "Đạt?", en = "Fit?" }
kind = "yes-no"

"#;

const REJECT: &str = r#"
[[step.action]]
id = "reject"
name = { vi = "Từ chối", en = "Reject" }
effect = "refuse"
"#;

/// Returns the folder in which the step `processing` has these fields and actions.
fn processing(content: &str) -> Tree {
    let mut tree = good();
    let before = text(&tree, WORKFLOW);
    assert!(before.contains(PROPOSE), "{before}");
    tree.insert(WORKFLOW, before.replacen(PROPOSE, content, 1).into());
    tree
}

fn told(content: &str) -> BTreeSet<&'static str> {
    codes(&check(&processing(content)).mistakes)
}

#[test]
fn the_answers_of_a_step_may_open_its_actions_if_each_answer_opens_one() {
    let (yes, no) = ("when = \"fit == true\"\n", "when = \"fit == false\"\n");
    assert_eq!(told(&format!("{FIT}{PROPOSE}{yes}{REJECT}{no}")), BTreeSet::new());
    assert_eq!(told(&format!("{FIT}{PROPOSE}{yes}{REJECT}{yes}")), BTreeSet::from(["no-way-on"]));
    assert_eq!(told(&format!("{FIT}{PROPOSE}{yes}")), BTreeSet::from(["no-way-on"]));
    let optional = FIT.replace("kind = \"yes-no\"", "kind = \"yes-no\"\nrequired = false");
    assert_eq!(told(&format!("{optional}{PROPOSE}{yes}{REJECT}{no}")), BTreeSet::from(["no-way-on"]), "no answer");
}

#[test]
fn an_action_that_nobody_fills_in_a_form_with_cannot_wait_for_its_answers() {
    let when = "when = \"fit == true\"\n";
    let by_time = REJECT.replace("effect = \"refuse\"", "effect = \"refuse\"\nafter = \"2 working-days\"");
    let asks = REJECT.replace("\"refuse\"", "\"request-supplement\"");
    for other in [by_time, asks] {
        let found = check(&processing(&format!("{FIT}{PROPOSE}{other}{when}"))).mistakes;
        assert_eq!(codes(&found), BTreeSet::from(["never-holds"]), "{found:?}");
        assert!(found[0].message.contains("reads `fit`, which nobody fills in with this action"), "{found:?}");
    }
}
