//! Workflows that are unfit to run, each with the report of the check.
//!
//! They are written a line a step: `name options: action effect options; …`. An effect is `-> a + b?` (on to `a`, and
//! to `b` under a condition), `pay -> a`, `ask` (for a supplement), `answer`, `finish`, `refuse` or `end`. An action may be
//! taken by time (`after`), and under a condition (`if`).

use motcua_domain::expression::Expression;
use motcua_domain::names::StepId;
use motcua_domain::people::organisation::Role;
use motcua_domain::text::{Language, Text};
use motcua_domain::time::calendar::Limit;
use motcua_domain::workflow::soundness::Unsound;
use motcua_domain::workflow::{
    Action, Branch, Cancels, Effect, Join, Many, NationalStatus, Requirement, Step, UnitPlace, Workflow,
};
use std::fmt::Write as _;

/// Reads a workflow in the short notation.
pub fn read(text: &str) -> Workflow {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    Workflow::new("w", lines.map(step).collect(), Vec::new())
}

fn step(line: &str) -> Step {
    let (head, actions) = line.split_once(':').expect("a step and its actions");
    let mut words = head.split_whitespace();
    let id = words.next().expect("a name");
    let mut step = Step::new(id, Text::vi(id), Role::Specialist, NationalStatus::Processing);
    for word in words {
        match word.split_once('=').unwrap_or((word, "")) {
            ("join", "all") => step.join = Join::All,
            ("join", "begun") => step.join = Join::Begun,
            ("join", number) => step.join = Join::First(number.parse().expect("a number")),
            ("applicant", _) => step.role = Role::Applicant,
            ("stage", stage) => step.stage = Some(motcua_domain::names::StageId(stage.to_owned())),
            ("many", many) => step.many = Some(read_many(many)),
            (other, _) => panic!("{other}"),
        }
    }
    step.actions = actions.split(';').map(str::trim).filter(|text| !text.is_empty()).map(action).collect();
    step
}

/// Reads `units,enough,then`.
fn read_many(text: &str) -> Many {
    let parts: Vec<&str> = text.split(',').collect();
    let [units, enough, then] = parts.as_slice() else { panic!("{text}") };
    let places = units.chars().map(|unit| UnitPlace { agency: "so".into(), unit: unit.to_string().as_str().into() });
    Many { places: places.collect(), chosen: false, enough: enough.parse().ok(), then: (*then).into(), listed: true }
}

fn action(text: &str) -> Action {
    let mut words = text.split_whitespace().peekable();
    let id = words.next().expect("a name");
    let mut pays = false;
    let mut action = Action::new(id, Text::vi(id), Effect::Finish);
    while let Some(word) = words.next() {
        match word {
            "pay" => pays = true,
            "->" => {
                let mut to = Vec::new();
                while let Some(target) = words.next_if(|next| next.starts_with('+') || to.is_empty()) {
                    let target = if target == "+" { words.next().expect("a step") } else { target };
                    let name = target.trim_end_matches('?');
                    // Each branch asks for an answer of its own.
                    let asked = || Expression::parse(&format!("{name} == 1")).expect("CEL");
                    to.push(Branch { to: StepId(name.to_owned()), when: target.ends_with('?').then(asked) });
                }
                action.effect = match to.as_slice() {
                    [one] if pays => Effect::RequestPayment { to: one.to.clone() },
                    [one] if one.when.is_none() => Effect::Advance { to: one.to.clone() },
                    _ => Effect::Split { to },
                };
            }
            "nowhere" => action.effect = Effect::Split { to: Vec::new() },
            "ask" => action.effect = Effect::RequestSupplement,
            "answer" => action.effect = Effect::Answer,
            "finish" => action.effect = Effect::Finish,
            "refuse" => action.effect = Effect::Refuse,
            "end" => action.effect = Effect::HandOver,
            "after" => action.after = Some(Limit::WorkingDays(5)),
            "if" => action.when = Some(Expression::parse("x == 1").expect("CEL")),
            "assignee" => action.requires.push(Requirement::Assignee),
            "note" => action.requires.push(Requirement::Note),
            other => match other.split_once('=') {
                Some(("during", step)) => action.during = Some(step.into()),
                Some(("cancels", "others")) => action.cancels = Cancels::Others,
                Some(("cancels", step)) => action.cancels = Cancels::Steps(vec![step.into()]),
                _ => panic!("{other}"),
            },
        }
    }
    action
}

/// The unsound workflows, each with a word for its fault.
const UNSOUND: &[(&str, &str)] = &[
    ("no steps", ""),
    ("two steps of the same name", "a: go -> b\n b: out end\n b: out end"),
    ("two actions of the same name", "a: go -> b; go end\n b: out end"),
    ("leads to nothing", "a: go -> c; out end"),
    ("a branch leads to nothing", "a: go -> b + c\n b: out end cancels=others"),
    ("a milestone that is no step", "a: go -> b during=c; out end\n b: out end"),
    ("cancels what is no step", "a: go -> b cancels=c\n b: out end"),
    ("many lead to nothing", "a: go -> b\n b many=xy,,c: say answer"),
    ("a stage that is not declared", "a stage=police: out end"),
    ("begins at a join", "a join=all: go -> b\n b: back -> a; out end"),
    ("begins with many", "a many=xy,,b: say answer\n b: out end"),
    ("an assignee for nobody", "a: out end assignee"),
    ("an assignee at a step of the applicant", "a: go -> b assignee; out end\n b applicant: yes finish"),
    ("payment into a join", "a: go -> b + c\n b: on pay -> d\n c: on -> d\n d join=all: out end"),
    ("parts into nothing", "a: go nowhere; out end"),
    ("parts into the same twice", "a: go -> b + b\n b join=all: out end"),
    (
        "parts into too many conditions",
        "a: go -> b? + c? + d? + e? + f? + g? + h? + i? + j?\n b: o finish\n c: o finish\n d: o finish\n e: o finish
         f: o finish\n g: o finish\n h: o finish\n i: o finish\n j: o finish",
    ),
    ("an answer of one", "a: say answer; out end"),
    ("many that lead on", "a: go -> b\n b many=xy,,c: say answer; on -> c\n c: out end"),
    ("many that finish", "a: go -> b\n b many=xy,,c: say answer; done finish\n c: out end"),
    ("many without an answer", "a: go -> b\n b many=xy,,c: no refuse\n c: out end"),
    ("asks nobody", "a: go -> b\n b many=,,c: say answer\n c: out end"),
    ("asks one unit twice", "a: go -> b\n b many=xx,,c: say answer\n c: out end"),
    ("more answers than are asked", "a: go -> b\n b many=xy,3,c: say answer\n c: out end"),
    ("two timers", "a: late -> b after; later -> b after; out end\n b: out end"),
    ("a timer that needs a note", "a: late -> b after note; out end\n b: out end"),
    ("a timer that asks the applicant", "a: late ask after; out end"),
    ("the applicant refuses", "a: go -> b\n b applicant: no refuse; yes -> c\n c: out end"),
    ("the applicant needs a note", "a: go -> b\n b applicant: yes -> c note\n c: out end"),
    ("waits for more than can come", "a: go -> b + c\n b: on -> d\n c: on -> d\n d join=3: out end"),
    ("a step that nothing leads to", "a: out end\n b: out end"),
    ("a step behind a dead one", "a: out end\n b: on -> c\n c: out end"),
    ("no action at all", "a: go -> b; out end\n b:"),
    ("no way to an end", "a: go -> b\n b: back -> a"),
    ("a trap beside the way", "a: go -> b; out end\n b: on -> c\n c: back -> b"),
    ("only asks the applicant", "a: go -> b; out end\n b: more ask"),
    (
        "exclusive choice into a synchronisation",
        "a: left -> b; right -> c\n b: on -> d\n c: on -> d\n d join=all: out end",
    ),
    (
        "a branch that leaves a synchronisation waiting",
        "a: go -> b + c\n b: on -> d; stop finish\n c: on -> d\n d join=all: out end",
    ),
    ("multi-choice into a synchronisation", "a: go -> b? + c?\n b: on -> d\n c: on -> d\n d join=all: out end"),
    ("the end while a branch is open", "a: go -> b + c\n b: out end\n c: on -> b"),
    (
        "the end while a branch waits",
        "a: go -> b + c + e\n b: on -> d\n c: on -> d\n d join=all: o finish\n e: out end",
    ),
    ("a join of two threads of one", "a: go -> b + c\n b: on -> d\n c: on -> d\n d: out end"),
    ("parts again and again", "a: go -> a + b; out end cancels=others\n b: on finish"),
    ("parts in a round and never joins", "a: go -> b + c\n b: back -> a; out end cancels=others\n c: on finish"),
    ("waits for a step that is cancelled", "a: go -> b + c\n b: on -> d cancels=c\n c: on -> d\n d join=all: out end"),
    ("a milestone that is never met", "a: go -> b\n b: out end; early end during=a"),
    ("a milestone that may be missed", "a: go -> b + c\n b: on -> d during=c\n c: on -> d\n d join=all: out end"),
    ("two joins that wait for one another", "a: go -> b + c\n b join=all: on -> c\n c join=all: out end; on -> b"),
    (
        "time goes round with no person's way out",
        "a: go -> b\n b: on -> c\n c: back -> b; late -> d after if\n d: out end",
    ),
    ("only time leads out of a round", "a: go -> b\n b: on -> c; late end after if\n c: back -> b"),
    (
        "a discriminator that waits for what is cancelled",
        "a: go -> b + c + d\n b: on -> e cancels=c\n c: on -> e cancels=b\n d: o finish\n e join=2: out end",
    ),
    (
        "a deciding answer that cancels what a join waits for",
        "a: go -> b + c\n b many=xy,,d: say answer; no answer cancels=c\n c: on -> d\n d join=all: out end",
    ),
    (
        "more states than can be looked at",
        "a: go -> b + c + d + e + f + g + h + i + j + k + l + m + n + o + p + q + r
         b: x -> z; y -> z2\n c: x -> z; y -> z2\n d: x -> z; y -> z2\n e: x -> z; y -> z2\n f: x -> z; y -> z2
         g: x -> z; y -> z2\n h: x -> z; y -> z2\n i: x -> z; y -> z2\n j: x -> z; y -> z2\n k: x -> z; y -> z2
         l: x -> z; y -> z2\n m: x -> z; y -> z2\n n: x -> z; y -> z2\n o: x -> z; y -> z2\n p: x -> z; y -> z2
         q: x -> z; y -> z2\n r: x -> z; y -> z2\n z join=begun: out finish\n z2 join=begun: out finish",
    ),
];

#[test]
fn an_unsound_workflow_is_refused_with_the_shortest_way_to_the_trouble() {
    let mut said = String::new();
    for (name, text) in UNSOUND {
        let problems = read(text).problems();
        assert!(!problems.is_empty(), "{name} is not found");
        _ = writeln!(said, "{name}");
        for problem in problems {
            _ = writeln!(said, "    {}", problem.text().get(Language::En));
        }
    }
    assert!(UNSOUND.len() >= 40);
    insta::assert_snapshot!(said);
}

/// Every pattern in its intended form, so that the check does not reject sound workflows.
const SOUND: &[&str] = &[
    "a: go -> b\n b: out end",
    "a: go -> b + c\n b: on -> d\n c: on -> d\n d join=all: out end",
    "a: left -> b; right -> c\n b: on -> d\n c: on -> d\n d: out end",
    "a: go -> b? + c?\n b: on -> d\n c: on -> d\n d join=begun: out end",
    "a: go -> b + c\n b: on -> d\n c: on -> d\n d join=1: out end cancels=others",
    "a: go -> b + c + e\n b: on -> d\n c: on -> d\n e: on -> d\n d join=2: out end cancels=others",
    "a: go -> b\n b many=xyz,2,c: say answer\n c: out end",
    "a: go -> b\n b many=xyz,,c: say answer; no answer cancels=others\n c: out end",
    "a: go -> b + d\n b many=xy,,c: say answer cancels=d\n c: out end\n d: back -> d",
    "a: go -> b\n b: back -> a; on -> c\n c: back -> b; out end",
    "a: go -> b\n b applicant: yes -> c; silence -> c after\n c: out end",
    "a: go -> b + c\n b: on -> d; early -> d during=c\n c: on -> d\n d join=all: out end",
    "a: go -> b + c\n b: on -> d cancels=c\n c: on -> d cancels=b\n d: out end",
    "a: go -> b + c\n b: no refuse; on finish\n c: on finish",
    "a: go -> b; out end\n b: wait -> b after; on -> a",
    "a: go -> b\n b: over -> c after; objection -> a\n c: out end",
    "a: go -> b\n b: on -> c; late end after\n c: back -> b",
];

#[test]
fn what_is_sound_is_not_refused() {
    for text in SOUND {
        assert_eq!(read(text).problems(), [], "{text}");
    }
}

#[test]
fn branches_whose_conditions_exclude_each_other_are_not_taken_together() {
    let problems = |conditions: [&str; 2]| {
        let mut workflow = read("a: go -> b? + c?\n b: out end\n c: out end");
        let branch = |to: &str, when: &str| Branch { to: to.into(), when: Some(Expression::parse(when).expect("CEL")) };
        let [first, second] = conditions;
        workflow.steps[0].actions[0].effect = Effect::Split { to: vec![branch("b", first), branch("c", second)] };
        workflow.problems()
    };
    for apart in [["x == 'a'", "x != 'a'"], ["x", "!x"], ["x > 3", "x <= 3"], ["o.kind == 'a'", "o.kind == 'b'"]] {
        assert_eq!(problems(apart), [], "{apart:?}");
    }
    for open in [["x == 'a'", "y != 'a'"], ["x > 3", "x > 5"], ["size(x) > 1", "size(x) <= 1"]] {
        let found = problems(open);
        assert!(matches!(found.as_slice(), [Unsound::ImproperEnd { .. }]), "{open:?}: {found:?}");
    }
}
