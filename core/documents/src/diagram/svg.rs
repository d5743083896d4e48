//! The diagram as SVG, within pages and as a file of its own.

use super::layout::{BOX, DiagramLayout, DiagramLine, DiagramNodeKind, DiagramPoint, HEAD};
use crate::xml::escaped;
use motcua_domain::names::{ActionId, StepId};
use motcua_domain::text::{Language, Text};
use motcua_domain::workflow::{Action, Effect, Join, Step, Workflow};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// The position of a dossier, and its time at each step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DiagramMarks {
    /// The steps that are open.
    pub now: BTreeSet<StepId>,
    /// The steps that were taken, each with its time in words.
    pub taken: BTreeMap<StepId, String>,
    /// The steps that took longer than their limit.
    pub late: BTreeSet<StepId>,
    /// The addresses to which the boxes of the steps lead.
    pub links: BTreeMap<StepId, String>,
    /// The diagram is not for the staff: it has the words that the applicant reads of an action, and no others.
    pub for_applicants: bool,
}

/// The colours of the diagram on its own. A page sets them in its style sheet.
const STYLE: &str = "\
svg.workflow{font-family:system-ui,'Segoe UI',Roboto,sans-serif;background:#fff}\
.workflow .lane{fill:#f4f6f9;stroke:#c9d2dc}.workflow .lane-name{fill:#3c4a59;font-size:12px;font-weight:600}\
.workflow .step{fill:#fff;stroke:#4a6785;stroke-width:1.4}.workflow .name{fill:#16212c;font-size:13px;font-weight:600}\
.workflow .small{fill:#52616f;font-size:11px}.workflow .line{fill:none;stroke:#6d8299;stroke-width:1.4}\
.workflow .line.side{stroke-width:2.8}.workflow .line.back{stroke:#a8672a;stroke-dasharray:5 3}\
.workflow .tip{fill:#6d8299}.workflow .tip.back{fill:#a8672a}\
.workflow .label{fill:#3c4a59;font-size:11px;paint-order:stroke;stroke:#f4f6f9;stroke-width:3px}\
.workflow .start{fill:#2b6e3f}.workflow .end{fill:#fff;stroke:#16212c;stroke-width:2.4}.workflow .end-dot{fill:#16212c}\
.workflow .now .step{fill:#0b5cab;stroke:#0b5cab}.workflow .now .name,.workflow .now .small{fill:#fff}\
.workflow .taken .step{fill:#e9f4ec;stroke:#2b6e3f}.workflow .late .step{stroke:#b3261e;stroke-width:2.4}\
.workflow .mark{fill:#52616f;font-size:10.5px}.workflow .refuse{fill:#b3261e}";

/// Returns the diagram as a file of its own.
pub fn standalone(
    workflow: &Workflow,
    layout: &DiagramLayout,
    title: &str,
    language: Language,
    marks: &DiagramMarks,
) -> String {
    let svg = svg(workflow, layout, title, language, marks);
    let at = svg.find('>').map_or(0, |at| at + 1);
    let (head, rest) = svg.split_at(at);
    format!("{head}<style>{STYLE}</style>{rest}")
}

/// Returns the diagram within a page, with the marks of a dossier.
pub fn svg(
    workflow: &Workflow,
    layout: &DiagramLayout,
    title: &str,
    language: Language,
    marks: &DiagramMarks,
) -> String {
    let mut out = String::new();
    let DiagramPoint { x, y } = layout.size;
    // The parts of an image are hidden from screen readers, so a diagram with links is none.
    let role = if marks.links.is_empty() { "img" } else { "group" };
    _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"workflow\" viewBox=\"0 0 {x:.0} {y:.0}\" width=\"{x:.0}\" \
         height=\"{y:.0}\" role=\"{role}\"><title>{}</title><desc>{}</desc>",
        escaped(title),
        escaped(told(workflow, language))
    );
    for (name, top, height) in &layout.lanes {
        _ = write!(
            out,
            "<rect class=\"lane\" x=\"1\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{height:.1}\"/>\
             <rect class=\"lane\" x=\"1\" y=\"{top:.1}\" width=\"{HEAD:.1}\" height=\"{height:.1}\"/>",
            x - 2.0
        );
        lane_name(&mut out, name.get(language), *top, *height);
    }
    for route in &layout.routes {
        line(&mut out, route, runs_beside(workflow, layout, route));
    }
    for node in &layout.nodes {
        let DiagramPoint { x, y } = node.at;
        match node.kind {
            DiagramNodeKind::Start => _ = write!(out, "<circle class=\"start\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"9\"/>"),
            DiagramNodeKind::End(_) => {
                _ = write!(
                    out,
                    "<circle class=\"end\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"10\"/>\
                     <circle class=\"end-dot\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5\"/>"
                );
            }
            DiagramNodeKind::Sign => {}
            DiagramNodeKind::Step(step) => {
                let step = &workflow.steps[step];
                step_box(&mut out, workflow, step, node.at, language, marks);
            }
        }
    }
    for route in &layout.routes {
        label(&mut out, workflow, layout, route, language, marks);
    }
    out.push_str("</svg>");
    out
}

/// Returns the workflow in words, for people who do not see the picture.
fn told(workflow: &Workflow, language: Language) -> String {
    let name = |id: &StepId| workflow.step(id).map_or("", |step| step.name.get(language));
    let steps = workflow.steps.iter().map(|step| {
        let mut after: Vec<&str> = step.targets().map(name).collect();
        after.dedup();
        let arrow = if after.is_empty() { "" } else { " → " };
        let part = part_of(workflow, step, language).map(|part| format!(" ({part})")).unwrap_or_default();
        format!("{}{part}{arrow}{}", step.name.get(language), after.join(", "))
    });
    steps.collect::<Vec<_>>().join("; ")
}

/// Returns the words of an action for the readers of the diagram, if it has any for them.
fn words<'w>(workflow: &Workflow, step: &Step, action: &'w Action, marks: &DiagramMarks) -> Option<&'w Text> {
    if marks.for_applicants { workflow.told(step, action) } else { Some(&action.name) }
}

/// Returns the name of the part to which a step belongs.
fn part_of<'w>(workflow: &'w Workflow, step: &Step, language: Language) -> Option<&'w str> {
    let id = step.stage.as_ref()?;
    workflow.stages.iter().find(|stage| stage.id == *id).map(|stage| stage.name.get(language))
}

/// Returns whether an action parts into several branches that may run side by side.
fn parts(action: &Action) -> bool {
    matches!(&action.effect, Effect::Split { to } if to.len() > 1)
}

/// Returns whether a line belongs to branches that may run side by side, and not to a choice between actions.
fn runs_beside(workflow: &Workflow, layout: &DiagramLayout, route: &DiagramLine) -> bool {
    let DiagramNodeKind::Step(step) = layout.nodes[route.from].kind else { return false };
    route.actions.iter().filter_map(|id| workflow.steps[step].action(id)).any(parts)
}

fn lane_name(out: &mut String, name: &str, top: f64, height: f64) {
    // A letter takes about seven pixels, and the text runs upwards.
    let lines = wrap(name, letters(height - 12.0, 6.8), 3);
    let middle = top + height / 2.0;
    for (number, text) in lines.iter().enumerate() {
        let small = |number: usize| f64::from(u8::try_from(number).unwrap_or(0));
        let x = HEAD / 2.0 + 5.0 + 15.0 * (small(number) - small(lines.len() - 1) / 2.0);
        _ = write!(
            out,
            "<text class=\"lane-name\" text-anchor=\"middle\" transform=\"translate({x:.1} {middle:.1}) rotate(-90)\">{}</text>",
            escaped(text)
        );
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small count")]
fn letters(width: f64, each: f64) -> usize {
    (width / each).max(4.0) as usize
}

fn step_box(
    out: &mut String,
    workflow: &Workflow,
    step: &Step,
    at: DiagramPoint,
    language: Language,
    marks: &DiagramMarks,
) {
    let mut classes = vec!["node"];
    for (class, set) in [
        ("now", marks.now.contains(&step.id)),
        ("taken", marks.taken.contains_key(&step.id) && !marks.now.contains(&step.id)),
        ("late", marks.late.contains(&step.id)),
    ] {
        if set {
            classes.push(class);
        }
    }
    let (left, top) = (at.x - BOX.x / 2.0, at.y - BOX.y / 2.0);
    let link = marks.links.get(&step.id);
    if let Some(to) = link {
        _ = write!(out, "<a href=\"{}\">", escaped(to));
    }
    _ = write!(out, "<g class=\"{}\" id=\"{}\">", classes.join(" "), box_id(&step.id));
    if step.many.is_some() {
        // A pile shows that there are several at once.
        for shift in [8.0, 4.0] {
            _ = write!(
                out,
                "<rect class=\"step\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"8\"/>",
                left + shift,
                top - shift,
                BOX.x,
                BOX.y
            );
        }
    }
    _ = write!(
        out,
        "<rect class=\"step\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"8\"/>",
        BOX.x, BOX.y
    );
    let below =
        marks.taken.get(&step.id).cloned().or_else(|| step.limit.map(|limit| limit.text().get(language).to_owned()));
    let part = part_of(workflow, step, language).map(|part| wrap(part, 24, 1).concat());
    // A box has room for three lines.
    let most = if part.is_some() && below.is_some() { 1 } else { 2 };
    let lines = wrap(step.name.get(language), 21, most).into_iter().map(|line| ("name", line));
    let small = |text| ("small", text);
    let lines: Vec<(&str, String)> = part.map(small).into_iter().chain(lines).chain(below.map(small)).collect();
    let first = at.y + 4.5 - 7.5 * f64::from(u8::try_from(lines.len().saturating_sub(1)).unwrap_or(0));
    for (number, (class, text)) in lines.iter().enumerate() {
        let y = first + 15.0 * f64::from(u8::try_from(number).unwrap_or(0));
        _ = write!(
            out,
            "<text class=\"{class}\" x=\"{:.1}\" y=\"{y:.1}\" text-anchor=\"middle\">{}</text>",
            at.x,
            escaped(text)
        );
    }
    badges(out, workflow, step, DiagramPoint { x: left, y: top }, language, marks);
    out.push_str(if link.is_some() { "</g></a>" } else { "</g>" });
}

/// Returns the id of the box of a step. It differs from the ids of pages, because a step may be named like a part of a
/// page.
pub fn box_id(step: &StepId) -> String {
    format!("node-{}", escaped(step.as_str()))
}

/// Draws small signs at the corners for further actions at the step.
fn badges(
    out: &mut String,
    workflow: &Workflow,
    step: &Step,
    corner: DiagramPoint,
    language: Language,
    marks: &DiagramMarks,
) {
    let DiagramPoint { x: left, y: top } = corner;
    let x = left + 3.0;
    let mut y = top + BOX.y + 12.0;
    for action in &step.actions {
        let (sign, class) = match &action.effect {
            Effect::RequestSupplement => ("↺", "mark"),
            Effect::Decline | Effect::Refuse => ("✕", "mark refuse"),
            _ if action.after.is_some() => ("◷", "mark"),
            _ => continue,
        };
        let name = words(workflow, step, action, marks).map_or("", |words| words.get(language));
        let shown = format!("{sign} {}", wrap(name, 20, 1).concat());
        _ = write!(
            out,
            "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\"><title>{}</title>{}</text>",
            escaped(name),
            escaped(shown.trim_end())
        );
        y += 11.0;
    }
    let joins = match step.join {
        Join::Each => None,
        Join::All => Some("∧".to_owned()),
        Join::Begun => Some("◇".to_owned()),
        Join::First(enough) => Some(format!("≥{enough}")),
    };
    let middle = top + BOX.y / 2.0;
    if let Some(sign) = joins {
        gate(out, &sign, left - 1.0, middle);
    }
    if step.actions.iter().any(parts) {
        gate(out, "＋", left + BOX.x + 1.0, middle);
    }
}

/// Draws the sign of branches that are joined or begun, at an edge of a step.
fn gate(out: &mut String, sign: &str, x: f64, y: f64) {
    _ = write!(
        out,
        "<circle class=\"step\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"10\"/>\
         <text class=\"small\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{sign}</text>",
        y + 4.0
    );
}

fn line(out: &mut String, route: &DiagramLine, beside: bool) {
    let (Some(first), [.., before, last]) = (route.points.first(), route.points.as_slice()) else { return };
    let class = if route.back { " back" } else { "" };
    let mut path = format!("M{:.1} {:.1}", first.x, first.y);
    let corners = route.points.windows(3);
    for corner in corners {
        let [a, b, c] = corner else { continue };
        let (into, from) = (towards(*b, *a), towards(*b, *c));
        _ = write!(path, "L{:.1} {:.1}Q{:.1} {:.1} {:.1} {:.1}", into.x, into.y, b.x, b.y, from.x, from.y);
    }
    _ = write!(path, "L{:.1} {:.1}", last.x, last.y);
    let side = if beside { " side" } else { "" };
    _ = write!(out, "<path class=\"line{class}{side}\" d=\"{path}\"/>");
    let (dx, dy) = ((last.x - before.x).signum(), (last.y - before.y).signum());
    let across = (last.x - before.x).abs() > (last.y - before.y).abs();
    let tip = if across {
        [(last.x - dx * 8.0, last.y - 4.0), (last.x - dx * 8.0, last.y + 4.0)]
    } else {
        [(last.x - 4.0, last.y - dy * 8.0), (last.x + 4.0, last.y - dy * 8.0)]
    };
    _ = write!(
        out,
        "<path class=\"tip{class}\" d=\"M{:.1} {:.1}L{:.1} {:.1}L{:.1} {:.1}Z\"/>",
        last.x, last.y, tip[0].0, tip[0].1, tip[1].0, tip[1].1
    );
}

/// Returns a point on the way from `from` to `to`, a corner's radius away, or half the way if that is shorter.
fn towards(from: DiagramPoint, to: DiagramPoint) -> DiagramPoint {
    let length = (to.x - from.x).hypot(to.y - from.y).max(1e-9);
    let share = (7.0 / length).min(0.5);
    DiagramPoint { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share }
}

/// Writes the action that leads this way, if there is a choice.
fn label(
    out: &mut String,
    workflow: &Workflow,
    layout: &DiagramLayout,
    route: &DiagramLine,
    language: Language,
    marks: &DiagramMarks,
) {
    let DiagramNodeKind::Step(step) = layout.nodes[route.from].kind else { return };
    let step = &workflow.steps[step];
    let ways = layout.routes.iter().filter(|other| other.from == route.from).count();
    if ways < 2 || matches!(layout.nodes[route.to].kind, DiagramNodeKind::End(_)) {
        return;
    }
    let name = |id: &ActionId| {
        let action = step.action(id)?;
        let condition = match &action.effect {
            Effect::Split { to } => {
                let DiagramNodeKind::Step(target) = layout.nodes[route.to].kind else { return None };
                let branch = to.iter().find(|branch| branch.to == workflow.steps[target].id)?;
                // A condition is written for the portal. Its words are those of nobody.
                branch.when.as_ref().map(|_| in_some_cases(language).to_owned())
            }
            _ => None,
        };
        // The picture itself shows a parting into branches that are all taken.
        match (&action.effect, condition) {
            (Effect::Split { .. }, condition) => condition,
            (_, _) => words(workflow, step, action, marks).map(|words| words.get(language).to_owned()),
        }
    };
    let names: Vec<String> = route.actions.iter().filter_map(name).collect();
    let [first, second, ..] = route.points.as_slice() else { return };
    if names.is_empty() {
        return;
    }
    let text = names.join(" / ");
    if route.points.len() == 4 && (first.x - second.x).abs() < 1.0 {
        // The label stands along the channel, near the beginning of the line.
        let (a, b) = (route.points[1], route.points[2]);
        let lines = wrap(&text, letters((a.x - b.x).abs() - 8.0, 6.0), 1);
        let y = if route.back { a.y + 11.0 } else { a.y - 4.0 };
        let middle = f64::midpoint(a.x, b.x);
        _ = write!(
            out,
            "<text class=\"label\" x=\"{middle:.1}\" y=\"{y:.1}\" text-anchor=\"middle\">{}</text>",
            escaped(lines[0].as_str())
        );
        return;
    }
    let lines = wrap(&text, 13, 2);
    // Many lines leave a step close to one another, and reach their steps apart.
    let (x, beside, anchor) = match route.points.last() {
        Some(last) if ways > 2 => (last.x - 10.0, last.y, "end"),
        _ => (first.x + 4.0, first.y, "start"),
    };
    let base = beside - 5.0 - 12.0 * f64::from(u8::try_from(lines.len() - 1).unwrap_or(0));
    for (number, line) in lines.iter().enumerate() {
        let y = base + 12.0 * f64::from(u8::try_from(number).unwrap_or(0));
        let text = escaped(line);
        _ = write!(out, "<text class=\"label\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>");
    }
}

/// Returns the words for a branch that is taken under a condition.
const fn in_some_cases(language: Language) -> &'static str {
    match language {
        Language::Vi => "tùy trường hợp",
        Language::En => "in some cases",
    }
}

/// Breaks a text into at most `most` lines of about `width` letters. The rest is cut off.
fn wrap(text: &str, width: usize, most: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let length = |line: &str| line.chars().count();
        let last = lines.len() - 1;
        if lines[last].is_empty() || length(&lines[last]) + 1 + length(word) <= width {
            if !lines[last].is_empty() {
                lines[last].push(' ');
            }
            lines[last].push_str(word);
        } else if lines.len() < most {
            lines.push(word.to_owned());
        } else {
            lines[last].push('…');
            break;
        }
    }
    for line in &mut lines {
        if line.chars().count() > width + 4 {
            *line = line.chars().take(width + 3).chain(['…']).collect();
        }
    }
    lines
}

#[cfg(test)]
mod tests;
