//! The drawn boxes, lines and links.

use super::{DiagramLayout, DiagramMarks, standalone, svg};
use motcua_domain::expression::Expression;
use motcua_domain::names::StageId;
use motcua_domain::people::organisation::Role;
use motcua_domain::text::{Language, Text};
use motcua_domain::workflow::{Action, Branch, Effect, Join, NationalStatus, Stage, Step, Workflow};

fn step(id: &str, part: Option<&str>, effects: Vec<Effect>) -> Step {
    let action = |(number, effect)| Action::new(&format!("way{number}"), Text::vi("Chuyển"), effect);
    Step {
        stage: part.map(|part| StageId(part.to_owned())),
        actions: effects.into_iter().enumerate().map(action).collect(),
        ..Step::new(id, Text::vi("Thẩm tra"), Role::Specialist, NationalStatus::Processing)
    }
}

fn drawn(workflow: &Workflow) -> String {
    let layout = DiagramLayout::of(workflow, |_| Text::vi("Phòng"));
    svg(workflow, &layout, "Thủ tục", Language::Vi, &DiagramMarks::default())
}

/// Returns a workflow that begins with one step, and whose other steps lead to the last.
fn workflow(first: Vec<Effect>, others: [Option<&str>; 3]) -> Workflow {
    let [b, c, d] = others;
    let to_end = || vec![Effect::Advance { to: "end".into() }];
    let end = Step { join: Join::Begun, ..step("end", None, vec![Effect::HandOver]) };
    let steps =
        vec![step("a", None, first), step("b", b, to_end()), step("c", c, to_end()), step("d", d, to_end()), end];
    let stage = |id: &&str| Stage { id: StageId((*id).to_owned()), name: Text::vi(*id), limit: None };
    Workflow::new("w", steps, others.iter().flatten().map(stage).collect())
}

#[test]
fn branches_that_run_side_by_side_look_otherwise_than_a_choice() {
    let to = || ["b", "c", "d"].into_iter();
    let branches = to().map(|to| Branch { to: to.into(), when: None }).collect();
    let parted = drawn(&workflow(vec![Effect::Split { to: branches }], [None; 3]));
    assert_eq!((parted.matches("line side").count(), parted.matches("＋").count()), (3, 1), "{parted}");
    let chosen = drawn(&workflow(to().map(|to| Effect::Advance { to: to.into() }).collect(), [None; 3]));
    assert_eq!((chosen.matches("line side").count(), chosen.matches("＋").count()), (0, 0), "{chosen}");
}

#[test]
fn a_diagram_for_applicants_has_no_names_of_actions_within_the_house() {
    let mut workflow = workflow(
        vec![
            Effect::Advance { to: "b".into() },
            Effect::Advance { to: "c".into() },
            Effect::Advance { to: "d".into() },
        ],
        [None; 3],
    );
    workflow.steps[0].actions[0].name = Text::vi("Nháp");
    workflow.steps[0].actions[1].told = Some(Text::vi("Đã xem"));
    workflow.steps[0].actions.push(Action::new("refuse", Text::vi("Từ chối"), Effect::Refuse));
    let layout = DiagramLayout::of(&workflow, |_| Text::vi("Phòng"));
    let marks = DiagramMarks { for_applicants: true, ..DiagramMarks::default() };
    let shown = svg(&workflow, &layout, "Thủ tục", Language::Vi, &marks);
    assert!(shown.contains("Đã xem") && shown.contains("✕ Từ chối"), "{shown}");
    assert!(!shown.contains("Nháp") && !shown.contains("Chuyển"), "{shown}");
    let inside = drawn(&workflow);
    assert!(inside.contains("Nháp") && !inside.contains("Đã xem"), "{inside}");
}

#[test]
fn a_condition_is_shown_in_words_and_labels_stand_apart() {
    let when = Expression::parse("depth > 30").expect("it is CEL");
    let branch = |to: &str| Branch { to: to.into(), when: Some(when.clone()) };
    let drawn = drawn(&workflow(vec![Effect::Split { to: ["b", "c", "d"].map(branch).to_vec() }], [None; 3]));
    assert!(!drawn.contains("depth"), "{drawn}");
    let labels = drawn.split("<text class=\"label\"").skip(1);
    let heights: std::collections::BTreeSet<&str> =
        labels.filter_map(|label| label.split("y=\"").nth(1)?.split('"').next()).collect();
    assert!(heights.len() >= 3, "{heights:?}");
}

#[test]
fn steps_of_the_same_name_tell_their_parts() {
    let to = |to: &str| vec![Effect::Advance { to: to.into() }];
    let drawn = drawn(&workflow(to("b"), [Some("Công an"), Some("Bảo hiểm"), Some("Thuế")]));
    for part in ["Công an", "Bảo hiểm", "Thuế"] {
        assert!(drawn.contains(&format!(">{part}</text>")) && drawn.contains(&format!("Thẩm tra ({part})")), "{drawn}");
    }
}

fn linked(links: &[(&str, &str)]) -> String {
    let mut first = Step::new("receive", Text::vi("Tiếp nhận"), Role::Counter, NationalStatus::Filed);
    first.actions.push(Action::new("accept", Text::vi("Nhận"), Effect::Advance { to: "end".into() }));
    let mut last = Step::new("end", Text::vi("Trả"), Role::Counter, NationalStatus::Processed);
    last.actions.push(Action::new("hand-over", Text::vi("Trả"), Effect::HandOver));
    let workflow = Workflow::new("one-stop", vec![first, last], Vec::new());
    let layout = DiagramLayout::of(&workflow, |_| Text::vi("Một cửa"));
    let links = links.iter().map(|(step, to)| ((*step).into(), (*to).to_owned())).collect();
    let marks = DiagramMarks { links, ..DiagramMarks::default() };
    standalone(&workflow, &layout, "Thử", Language::Vi, &marks)
}

#[test]
fn every_box_has_the_id_of_its_step() {
    let svg = linked(&[]);
    assert!(svg.contains("id=\"node-receive\"") && svg.contains("id=\"node-end\""), "{svg}");
    assert!(svg.contains("role=\"img\"") && !svg.contains("<a "), "{svg}");
}

#[test]
fn a_box_leads_to_the_place_of_its_step() {
    let svg = linked(&[("end", "workflows/one-stop.toml#L9&\"")]);
    assert!(
        svg.contains("<a href=\"workflows/one-stop.toml#L9&amp;&quot;\"><g class=\"node\" id=\"node-end\">"),
        "{svg}"
    );
    assert_eq!(svg.matches("</a>").count(), 1, "{svg}");
    assert!(!svg.contains("role=\"img\""), "links of an image cannot be reached");
}
