//! Answers that steer: the check of what opens and closes actions.

use crate::faulty::{GOOD, PROCEDURE, SCENARIO, check, codes, good, text};
use motcua_catalogue::Tree;
use motcua_domain::text::Language;
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
fn an_action_by_time_is_a_way_on_if_its_condition_holds_for_the_answers_that_close_the_others() {
    let by_time = |when: &str| {
        REJECT
            .replace("\"reject\"", "\"late\"")
            .replace("\"refuse\"", &format!("\"refuse\"\nafter = \"2 working-days\"{when}"))
    };
    let farms = format!("{PROPOSE}when = \"purpose == 'farm'\"\n");
    let (homes, too) = ("\nwhen = \"purpose == 'home'\"", "\nwhen = \"purpose == 'farm'\"");
    // Another procedure of the folder follows the same workflow, and its form asks no purpose.
    let told = |content: &str| {
        let found = check(&processing(content)).mistakes;
        let own = found.into_iter().filter(|mistake| mistake.message.get(Language::En).contains("khoan-gieng"));
        codes(&own.collect::<Vec<_>>())
    };
    assert_eq!(told(&format!("{farms}{}", by_time(""))), BTreeSet::new(), "the portal ends it in any case");
    assert_eq!(told(&format!("{farms}{}", by_time(homes))), BTreeSet::new(), "both together cover all answers");
    assert_eq!(told(&format!("{farms}{}", by_time(too))), BTreeSet::from(["no-way-on"]));
    let alone = format!("{PROPOSE}after = \"2 working-days\"{homes}\n");
    assert_eq!(told(&alone), BTreeSet::from(["no-way-on"]), "nothing else leads on");
}

#[test]
fn an_optional_answer_that_opens_the_only_way_on_is_given_at_the_next_step() {
    let optional = FIT.replace("kind = \"yes-no\"", "kind = \"yes-no\"\nrequired = false");
    let move_visit = "\n[[step.action]]\nid = \"move\"\nname = { vi = \"Đổi lịch\", en = \"Move the visit\" }\n\
                      effect = \"advance\"\nto = \"processing\"\nvisit = {}\n";
    let told = |when: &str, more: &str| {
        let mut tree = processing(&format!("{optional}{PROPOSE}{when}{move_visit}{more}"));
        let mut workflow = text(&tree, WORKFLOW);
        for (at, answer) in [("effect = \"advance\"\nto = \"issue\"\n", true), ("effect = \"refuse\"\n", false)] {
            assert!(workflow.contains(at), "{workflow}");
            workflow = workflow.replacen(at, &format!("{at}when = \"fit == {answer}\"\n"), 1);
        }
        tree.insert(WORKFLOW, workflow.into());
        codes(&check(&tree).mistakes)
    };
    assert_eq!(told("when = \"fit != null\"\n", ""), BTreeSet::new());
    assert_eq!(told("when = \"fit == true || fit == false\"\n", ""), BTreeSet::new());
    assert_eq!(told("", ""), BTreeSet::from(["no-way-on"]), "the answer may be left out");
    let skip = PROPOSE.replace("propose", "skip");
    assert_eq!(told("when = \"fit != null\"\n", &format!("\n{skip}")), BTreeSet::from(["no-way-on"]), "another way");
}

#[test]
fn the_conditions_of_the_actions_that_lead_to_a_step_are_known_there() {
    let (yes, no) = ("when = \"fit == true\"\n", "when = \"fit == false\"\n");
    let told = |more: &str| {
        let mut tree = good();
        let ways = format!("{FIT}{PROPOSE}{yes}{REJECT}{no}{more}");
        let workflow = text(&tree, WORKFLOW)
            .replacen("effect = \"refuse\"\n", &format!("effect = \"refuse\"\n{yes}"), 1)
            .replacen("to = \"issue\"\n", &format!("to = \"issue\"\n{yes}"), 1)
            .replacen(PROPOSE, &ways, 1);
        tree.insert(WORKFLOW, workflow.into());
        codes(&check(&tree).mistakes)
    };
    assert_eq!(told(""), BTreeSet::new(), "only fit ones come to the approval");
    let skip = PROPOSE.replace("propose", "skip");
    assert_eq!(told(&format!("\n{skip}{no}")), BTreeSet::from(["no-way-on"]), "another way leads there");
}

#[test]
fn what_led_to_a_step_is_known_until_a_supplement_may_change_it() {
    let farms = "when = \"purpose == 'farm'\"\n";
    let ask = "\n[[step.action]]\nid = \"ask\"\nname = { vi = \"Hỏi\", en = \"Ask\" }\n\
               effect = \"request-supplement\"\n";
    let told = |more: &str| {
        let mut tree = processing(&format!("{PROPOSE}{farms}{more}"));
        let accept = "effect = \"request-payment\"\nto = \"processing\"\n";
        let workflow = text(&tree, WORKFLOW).replacen(accept, &format!("{accept}{farms}"), 1);
        tree.insert(WORKFLOW, workflow.into());
        // Another procedure of the folder follows the same workflow, and its form asks no purpose.
        let found = check(&tree).mistakes;
        let own = found.into_iter().filter(|mistake| mistake.message.get(Language::En).contains("khoan-gieng"));
        codes(&own.collect::<Vec<_>>())
    };
    assert_eq!(told(""), BTreeSet::new());
    assert_eq!(told(ask), BTreeSet::from(["no-way-on"]));
}

#[test]
fn a_step_asks_for_no_files_because_nobody_could_attach_them() {
    let file = FIT.replace("yes-no", "file");
    assert_eq!(told(&format!("{file}{PROPOSE}")), BTreeSet::from(["nested"]));
    assert_eq!(told(&format!("{}{PROPOSE}", file.replace("file", "text"))), BTreeSet::new());
}

/// Returns the step `processing` with a vote of two units before `approval`, whose action needs this condition.
fn vote(condition: &str) -> Tree {
    let to_vote = PROPOSE.replace("to = \"approval\"", "to = \"vote\"");
    let step = r#"
[[step]]
id = "vote"
name = { vi = "Biểu quyết", en = "Vote" }
role = "specialist"
ask = { units = ["ubnd-xa/van-phong", "ubnd-xa/lanh-dao"], then = "approval" }

[[step.field]]
id = "in_favour"
label = { vi = "Đồng ý?", en = "In favour?" }
kind = "yes-no"

[[step.action]]
id = "vote"
name = { vi = "Bỏ phiếu", en = "Vote" }
effect = "answer"
"#;
    let mut tree = processing(&format!("{to_vote}{step}"));
    let before = text(&tree, WORKFLOW);
    let open = "effect = \"advance\"\nto = \"issue\"\n";
    assert!(before.contains(open), "{before}");
    tree.insert(WORKFLOW, before.replacen(open, &format!("{open}when = \"{condition}\"\n"), 1).into());
    tree
}

#[test]
fn units_that_are_asked_and_have_no_post_are_told_together() {
    let mut tree = vote("vote.count(v, v.in_favour == true) == 2");
    let asked = text(&tree, WORKFLOW).replacen("ubnd-xa/van-phong\", ", "ubnd-xa/mot-cua\", ", 1);
    tree.insert(WORKFLOW, asked.into());
    let found = check(&tree).mistakes;
    let told: Vec<&str> = found
        .iter()
        .filter(|mistake| mistake.file == PROCEDURE && mistake.code == "no-post")
        .map(|mistake| mistake.message.get(Language::En))
        .collect();
    let all = "step `vote` is for a specialist, but there is no such post in `ubnd-xa/mot-cua`, `ubnd-xa/lanh-dao`";
    assert_eq!(told, [all]);
}

#[test]
fn votes_are_counted_in_rows_and_not_read_like_one_answer() {
    let found = |condition: &str| {
        let mistakes = check(&vote(condition)).mistakes;
        let told = mistakes.iter().filter(|mistake| mistake.code != "no-post");
        told.map(|mistake| {
            (mistake.code, mistake.message.get(Language::En).to_owned(), mistake.help.get(Language::En).to_owned())
        })
        .collect::<Vec<_>>()
    };
    for counted in ["vote.count(v, v.in_favour) >= 2", "vote.any(v, v.unit == 'ubnd-xa/lanh-dao' && v.in_favour)"] {
        assert!(found(counted).is_empty(), "{:?}", found(counted));
    }
    for (single, words) in [
        ("in_favour == true", "a list is compared with true or false"),
        ("in_favour", "this gives a list, not true or false"),
        ("in_favour != null", "are a list, which is never null"),
        ("vote.count(v, v.favour) >= 2", "there is no part `favour`"),
    ] {
        let told = found(single);
        let (code, message, help) = told.first().unwrap_or_else(|| panic!("nothing is told of {single}"));
        assert!(*code == "type" && message.contains(words), "{told:?}");
        assert_eq!(help.contains("`vote.count(v, v.in_favour == …) >= 2`"), !single.contains("count"), "{told:?}");
    }
}

#[test]
fn the_parts_of_a_block_open_one_of_two_actions() {
    let person = FIT.replace("yes-no", "person");
    let (man, woman) = ("when = \"fit.sex == 'male'\"\n", "when = \"fit.sex == 'female'\"\n");
    assert_eq!(told(&format!("{person}{PROPOSE}{man}{REJECT}{woman}")), BTreeSet::new());
    let found = check(&processing(&format!("{person}{PROPOSE}{man}{REJECT}{man}"))).mistakes;
    let message = found.first().map(|mistake| mistake.message.get(Language::En)).unwrap_or_default();
    assert!(message.ends_with("is open: fit.sex = \"female\""), "{found:?}");
}

#[test]
fn votes_that_open_one_of_two_actions_are_decided() {
    let told = |refuse: &str| {
        let mut tree = vote("vote.count(v, v.in_favour == true) * 2 > size(vote)");
        let before = text(&tree, WORKFLOW);
        let effect = "effect = \"refuse\"\n";
        tree.insert(WORKFLOW, before.replacen(effect, &format!("{effect}when = \"{refuse}\"\n"), 1).into());
        let found = check(&tree);
        let all = found.mistakes.into_iter().chain(found.install.warnings);
        all.map(|told| told.code).filter(|code| *code != "no-post").collect::<BTreeSet<_>>()
    };
    assert_eq!(told("vote.count(v, v.in_favour == true) * 2 <= size(vote)"), BTreeSet::new());
    assert_eq!(told("vote.count(v, v.in_favour == true) * 2 < size(vote)"), BTreeSet::from(["no-way-on"]), "a tie");
}

#[test]
fn as_many_votes_are_counted_as_the_dossier_waits_for() {
    let told = |approve: &str, refuse: &str, enough: &str| {
        let mut tree = vote(approve);
        let before = text(&tree, WORKFLOW);
        let (effect, then) = ("effect = \"refuse\"\n", "then = \"approval\" }");
        let after = before.replacen(effect, &format!("{effect}when = \"{refuse}\"\n"), 1);
        tree.insert(WORKFLOW, after.replacen(then, &format!("then = \"approval\"{enough} }}"), 1).into());
        let mistakes = check(&tree).mistakes;
        mistakes.iter().map(|told| told.code).filter(|code| *code != "no-post").collect::<BTreeSet<_>>()
    };
    let (all, some) = ("size(vote) == 2 && vote.all(v, v.in_favour == true)", "vote.any(v, v.in_favour == false)");
    assert_eq!(told(all, some, ""), BTreeSet::new(), "without votes nobody is at the step");
    assert_eq!(told(all, some, ", enough = 1"), BTreeSet::from(["never-holds", "no-way-on"]), "one vote suffices");
    let none = "vote.count(v, v.in_favour == true) == 0";
    assert_eq!(told("vote.any(v, v.in_favour == true)", none, ", enough = 1"), BTreeSet::new());
}

#[test]
fn an_action_that_reads_what_a_later_step_asks_is_never_possible() {
    let told = |first: &str, second: &str| {
        let mut tree = processing(&format!("{FIT}{PROPOSE}{second}"));
        let before = text(&tree, WORKFLOW);
        let accept = "effect = \"request-payment\"\nto = \"processing\"\n";
        assert!(before.contains(accept), "{before}");
        tree.insert(WORKFLOW, before.replacen(accept, &format!("{accept}{first}"), 1).into());
        let mistakes = check(&tree).mistakes;
        mistakes.iter().map(|told| told.message.get(Language::En).to_owned()).collect::<Vec<_>>()
    };
    let early = told("when = \"fit == true\"\n", "");
    assert!(early.iter().any(|told| told.contains("only at the later step `processing`")), "{early:?}");
    assert_eq!(told("when = \"fit != true\"\n", ""), [""; 0], "it is true without an answer");
    let back = "\n[[step.action]]\nid = \"back\"\nname = { vi = \"Trả lại\", en = \"Back\" }\n\
                effect = \"advance\"\nto = \"intake\"\n";
    let later = told("when = \"fit == true || depth > 3\"\n", back);
    assert!(!later.iter().any(|told| told.contains("later step")), "a dossier comes back: {later:?}");
}

#[test]
fn a_number_that_is_typed_at_a_step_which_dossiers_pass_by_is_warned_of() {
    let number = "[[step.field]]\nid = \"book_number\"\nlabel = { vi = \"Số\", en = \"No.\" }\nkind = \"text\"\n\n";
    let direct = "[[step.action]]\nid = \"direct\"\nname = { vi = \"Thẳng\", en = \"Direct\" }\neffect = \"advance\"\n\
                  to = \"approval\"\n\n";
    let result = "result = { name = { vi = \"Giấy phép\", en = \"Permit\" }, kind = \"permit\", \
                  number_field = \"book_number\", valid = \"unlimited\" }";
    let told = |more: &str| {
        let mut tree = processing(&format!("{number}{PROPOSE}"));
        let processing = "[[step]]\nid = \"processing\"\n";
        let workflow = text(&tree, WORKFLOW);
        assert!(workflow.contains(processing), "{workflow}");
        tree.insert(WORKFLOW, workflow.replacen(processing, &format!("{more}{processing}"), 1).into());
        let plain = "result = { vi = \"Giấy phép\", en = \"Permit\" }";
        tree.insert(PROCEDURE, GOOD.replacen(plain, result, 1).into());
        let found = check(&tree);
        assert!(found.mistakes.is_empty(), "{:?}", found.mistakes);
        found
            .install
            .warnings
            .into_iter()
            .map(|warning| warning.message.get(Language::En).to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(told(""), [""; 0]);
    assert_eq!(
        told(direct),
        ["a dossier may end with a result without step `processing`, where `book_number` is typed: its code is the \
          number then"]
    );
}

#[test]
fn a_scenario_reads_what_conditions_read() {
    let told = |holds: &str| {
        let mut tree = vote("vote.count(v, v.in_favour) >= 2");
        let before = text(&tree, SCENARIO);
        tree.insert(SCENARIO, format!("{before}holds = [\"{holds}\"]\n").into());
        codes(&check(&tree).mistakes)
    };
    assert!(!told("size(vote) == 0 && depth == 60").contains("unknown-field"));
    assert!(told("size(votes) == 0").contains("unknown-field"));
    assert!(told("in_favour == true").contains("type"));
}

#[test]
fn a_part_that_an_answer_of_a_scenario_does_not_have_is_told() {
    let told = |change: &dyn Fn(String) -> String| {
        let mut tree = good();
        let scenario = change(text(&tree, SCENARIO));
        tree.insert(SCENARIO, scenario.into());
        check(&tree)
            .mistakes
            .into_iter()
            .map(|mistake| mistake.message.get(Language::En).to_owned())
            .collect::<Vec<_>>()
    };
    let typed = |answer: &str| told(&|scenario| scenario.replacen("depth = 60", &format!("depth = 60\n{answer}"), 1));
    for (answer, name, what) in [
        ("owner = { name = \"An\", adress = { detail = \"1\" } }", "adress", "part"),
        ("owner = { address = { province = \"74\", detial = \"1\" } }", "detial", "part"),
        ("neighbours = [{ name = \"An\" }, { nme = \"Ba\" }]", "nme", "part"),
        ("line = { code = \"2393\", nam = \"Gốm\" }", "nam", "part"),
    ] {
        assert_eq!(typed(answer), [format!("`{name}` is not a known {what}")], "{answer}");
    }
    let right = "owner = { name = \"An\", address = { commune = { code = \"25747\" } } }\n\
                 place = { type = \"Point\", coordinates = [106.6, 11.0] }";
    assert_eq!(typed(right), [""; 0]);
    let of_step = |key: &str| told(&|scenario| format!("{scenario}{key}\n"));
    assert_eq!(of_step("has = { owner = { nme = \"An\" } }"), ["`nme` is not a known part"]);
    assert_eq!(of_step("values = { owner = { nme = \"An\" } }"), ["`nme` is not a known part"]);
    assert_eq!(of_step("values = { ownr = { name = \"An\" } }"), ["`ownr` is not a known field"]);
}

#[test]
fn the_answers_that_close_all_ways_are_named() {
    let reason = |content: &str| {
        check(&processing(content)).mistakes.first().map(|mistake| mistake.message.get(Language::En).to_owned())
    };
    let closed = reason(&format!("{FIT}{PROPOSE}when = \"fit == true\"\n")).expect("a mistake");
    assert!(closed.ends_with("with some answers no action of step `processing` is open: fit = false"), "{closed}");
    let optional = FIT.replace("kind = \"yes-no\"", "kind = \"yes-no\"\nrequired = false");
    let both = format!("{optional}{PROPOSE}when = \"fit == true\"\n{REJECT}when = \"fit == false\"\n");
    assert!(
        reason(&both).is_some_and(|reason| reason.ends_with("is open: `fit` is not answered")),
        "{:?}",
        reason(&both)
    );
}

#[test]
fn an_action_that_nobody_fills_in_a_form_with_cannot_wait_for_its_answers() {
    let when = "when = \"fit == true\"\n";
    let by_time = REJECT.replace("effect = \"refuse\"", "effect = \"refuse\"\nafter = \"2 working-days\"");
    let asks = REJECT.replace("\"refuse\"", "\"request-supplement\"");
    for other in [by_time, asks] {
        let found = check(&processing(&format!("{FIT}{PROPOSE}{other}{when}"))).mistakes;
        assert_eq!(codes(&found), BTreeSet::from(["never-holds"]), "{found:?}");
        assert!(
            found[0].message.get(Language::En).contains("reads `fit`, which nobody fills in with this action"),
            "{found:?}"
        );
    }
}

#[test]
fn a_helper_is_read_by_conditions_and_is_no_place_for_a_message() {
    let helper = "[[section.field]]\nid = \"metres\"\nlabel = { vi = \"Tổng\", en = \"All\" }\nkind = \"computed\"\n\
                  value = \"wells * depth\"\nhelper = true\n\n[[section.field]]\nid = \"purpose\"";
    let with = GOOD.replacen("[[section.field]]\nid = \"purpose\"", helper, 1);
    let with = with.replacen("holds = \"wells * depth <= 1000\"", "holds = \"metres <= 1000\"", 1);
    let told = |procedure: &str| {
        let mut tree = good();
        tree.insert(PROCEDURE, procedure.into());
        check(&tree).mistakes
    };
    assert!(told(&with).is_empty(), "{:?}", told(&with));
    let at_helper = told(&with.replacen("field = \"wells\"", "field = \"metres\"", 1));
    assert_eq!(codes(&at_helper), BTreeSet::from(["bad-helper"]), "{at_helper:?}");
    let row = at_helper[0].line;
    assert!(with.lines().nth(row - 1).is_some_and(|line| line.starts_with("field = ")), "{at_helper:?}");
}

#[test]
fn a_condition_before_the_form_is_kept_by_a_form_that_asks_the_same() {
    let age = "[[section.field]]\nid = \"age\"\nlabel = { vi = \"Tuổi\", en = \"Age\" }\nkind = \"integer\"\n\n\
               [[section.field]]\nid = \"purpose\"";
    let asked_twice = GOOD.replacen("[[section.field]]\nid = \"purpose\"", age, 1);
    let rules = |procedure: &str| {
        let mut tree = good();
        tree.insert(PROCEDURE, procedure.into());
        let found = check(&tree);
        assert!(found.mistakes.is_empty(), "{:?}", found.mistakes);
        let declared =
            found.install.declared.iter().find(|one| one.procedure.code.0 == "1.004232").expect("it is read");
        let rules = declared.procedure.form.checks.iter();
        rules.map(|rule| (rule.holds.source().to_owned(), rule.field.clone())).collect::<Vec<_>>()
    };
    assert_eq!(rules(GOOD).len(), 1);
    assert_eq!(rules(&asked_twice)[1], ("age >= 18".to_owned(), Some("age".to_owned())));
}

#[test]
fn a_scenario_answers_only_what_is_asked_before_the_form() {
    let told = |given: &str| {
        let mut tree = good();
        let before = text(&tree, SCENARIO);
        tree.insert(SCENARIO, before.replacen("[values]", &format!("eligibility = {given}\n\n[values]"), 1).into());
        codes(&check(&tree).mistakes)
    };
    assert_eq!(told("{ age = 17 }"), BTreeSet::new());
    assert_eq!(told("{ depth = 17 }"), BTreeSet::from(["unknown-name"]));
}

#[test]
fn alternatives_are_optional_and_one_of_them_can_be_shown() {
    let told = |rule: &str, number: &str| {
        let fields = format!(
            "[[alternatives]]\n{rule}\n\n[[section]]\nid = \"choice\"\ntitle = {{ vi = \"C\", en = \"C\" }}\n\n\
             [[section.field]]\nid = \"number\"\nlabel = {{ vi = \"S\", en = \"N\" }}\nkind = \"text\"\n{number}\n\n\
             [[section.field]]\nid = \"letter\"\nlabel = {{ vi = \"T\", en = \"L\" }}\nkind = \"file\"\n\
             required = false\nshown = \"purpose == 'farm'\"\n\n[[section]]\nid = \"well\""
        );
        let mut tree = good();
        tree.insert(PROCEDURE, GOOD.replacen("[[section]]\nid = \"well\"", &fields, 1).into());
        let found = check(&tree).mistakes;
        found
            .into_iter()
            .map(|mistake| (mistake.code, mistake.message.get(Language::En).to_owned()))
            .collect::<Vec<_>>()
    };
    let of = "of = [\"number\", \"letter\"]";
    assert_eq!(told(of, "required = false"), Vec::new());
    assert_eq!(told(&format!("{of}\nexactly_one = true\nwhen = \"depth > 50\""), "required = false"), Vec::new());
    for (rule, number, words) in [
        (of.to_owned(), "", "it is always required"),
        (
            format!("{of}\nwhen = \"purpose == 'home'\""),
            "required = false\nshown = \"purpose == 'farm'\"",
            "none of these fields is shown",
        ),
        ("of = [\"score\", \"letter\"]".to_owned(), "required = false", "nobody answers it"),
    ] {
        let found = told(&rule, number);
        let [(code, message)] = found.as_slice() else { panic!("{rule}: {found:?}") };
        assert!(*code == "bad-alternatives" && message.contains(words), "{found:?}");
    }
}
