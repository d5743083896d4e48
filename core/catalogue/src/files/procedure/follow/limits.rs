//! The limits of steps and parts, which must fit into the limit of the whole in each case.

use super::{FollowCheck, ProcedureLimits, set_limits};
use crate::reading::node::{FileTable, Placed};
use motcua_domain::expression::Expression;
use motcua_domain::form::reach::can_hold_after;
use motcua_domain::form::types::ExpressionScope;
use motcua_domain::names::StepId;
use motcua_domain::text;
use motcua_domain::text::Text;
use motcua_domain::time::calendar::Limit;
use motcua_domain::workflow::{Effect, Stage, Step, Workflow};
use std::collections::BTreeSet;

impl FollowCheck<'_> {
    /// Checks the limits of the steps in each case of other limits, and outside of these cases.
    pub(super) fn limits(&self, of_procedure: &ProcedureLimits<'_>, template: &Workflow) {
        let ProcedureLimits { whole, shortest, cases } = of_procedure;
        let answers = self.workflow.answers(self.form);
        let single = answers.all();
        let scope = ExpressionScope { form: &single, group: &[], asked: &answers.asked };
        let conditions: Vec<&Expression> = cases.iter().filter_map(|case| case.when.expression()).collect();
        let outside = CaseAnswers { when: None, is_part: false, earlier: &conditions, scope };
        let exceeded = shortest.as_ref().filter(|shortest| !outside.check_whole(self.root, shortest, self.workflow));
        for offer in self.root.tables("offer") {
            let Some(limits) = offer.table("step_limits") else { continue };
            let mut workflow = self.workflow.clone();
            set_limits(&limits, &mut workflow, template);
            FollowCheck { workflow: &workflow, ..*self }.reminders();
            let read = |text: Placed<String>| Some(Placed { value: Limit::parse(&text.value)?, span: text.span });
            let own = offer.string("limit").and_then(read);
            if let Some(limit) = own.as_ref().or(*whole) {
                CaseAnswers { is_part: true, ..outside }.check_whole(&offer, limit, &workflow);
            }
        }
        // Longer limits for the same steps add nothing to a mistake that is reported.
        let is_told =
            |limit: Limit| exceeded.is_some_and(|exceeded| exceeded.value.working_hours() <= limit.working_hours());
        let tables = self.root.tables("limit_case");
        if tables.len() != cases.len() {
            // A case has a mistake, so nobody knows which table belongs to which case.
            return;
        }
        let mut earlier: Vec<&Expression> = Vec::new();
        for (table, case) in tables.iter().zip(*cases) {
            let when = case.when.expression();
            let limits = table.table("step_limits");
            let mut workflow = self.workflow.clone();
            if let Some(limits) = &limits {
                set_limits(limits, &mut workflow, template);
                FollowCheck { workflow: &workflow, ..*self }.reminders();
            }
            if limits.is_some() || !is_told(case.limit) {
                let limit = Placed { value: case.limit, span: table.place("limit") };
                CaseAnswers { when, is_part: true, earlier: &earlier, scope }.check_whole(table, &limit, &workflow);
            }
            earlier.extend(when);
        }
    }
}

/// The difference of sums that comes from sevenths of a week, in working hours.
const TOLERANCE: f64 = 1e-6;

/// Returns hours with at most one decimal place.
fn rounded(hours: f64) -> f64 {
    (hours * 10.0).round() / 10.0
}

/// The answers of one case of limits.
#[derive(Clone, Copy)]
struct CaseAnswers<'a> {
    /// The condition of the case.
    when: Option<&'a Expression>,
    /// The limits of the steps hold for this case or this agency alone.
    is_part: bool,
    /// The conditions of the cases before it, none of which holds.
    earlier: &'a [&'a Expression],
    scope: ExpressionScope<'a>,
}

impl CaseAnswers<'_> {
    /// Returns the advice to shorten the limits of steps, where they hold for these answers only.
    fn shorter(&self) -> Text {
        if self.is_part {
            text!(
                "hãy ghi thời hạn ngắn hơn cho các bước ngay trong bảng này: step_limits = {{ … = \"…\" }}, hoặc kéo \
                 dài `limit`",
                "write shorter limits of steps in this table: step_limits = {{ … = \"…\" }}, or a longer `limit`"
            )
        } else {
            text!("hãy rút ngắn một số thời hạn dưới [step_limits]", "shorten some of them under [step_limits]")
        }
    }

    /// Checks that the limits of steps and parts fit into the limit of the whole. Returns whether they do.
    fn check_whole(&self, table: &FileTable<'_>, limit: &Placed<Limit>, workflow: &Workflow) -> bool {
        let whole = limit.value;
        let is_longer = |hours: f64| hours > whole.working_hours() + TOLERANCE;
        let stage_is_longer = |stage: &&Stage| stage.limit.is_some_and(|part| is_longer(part.working_hours()));
        let everywhere: BTreeSet<usize> = (0..workflow.steps.len()).collect();
        let of_all = longest_way(workflow, &everywhere, |step| step.targets().collect());
        if !is_longer(of_all) && !workflow.stages.iter().any(|stage| stage_is_longer(&stage)) {
            // Whichever ways are open, the limits fit, so no condition has to be tried.
            return true;
        }
        let begun = self.begun(workflow);
        let longest = longest_way(workflow, &begun, |step| self.targets(step));
        let mut fits = !is_longer(longest);
        if !fits {
            let (sum, most) = (rounded(longest), rounded(whole.working_hours()));
            let message = text!(
                "tổng thời hạn của các bước là {sum} giờ làm việc, còn `{whole}` có {most}",
                "the steps' limits sum to {sum} working hours, and `{whole}` has {most}"
            );
            table.mistake("limits-exceed", limit.span.clone(), message, self.shorter());
        }
        let steps = || workflow.steps.iter().enumerate().filter(|(at, _)| begun.contains(at)).map(|(_, step)| step);
        for stage in workflow.stages.iter().filter(stage_is_longer) {
            let Some(part) = stage.limit else { continue };
            if !steps().any(|step| step.stage.as_ref() == Some(&stage.id)) {
                continue;
            }
            let id = &stage.id;
            let message = text!(
                "phần `{id}` có thời hạn `{part}`, dài hơn `{whole}`",
                "the part `{id}` has a limit of `{part}`, more than `{whole}`"
            );
            let help = text!(
                "hãy rút ngắn phần đó trong quy trình, hoặc tham số của nó dưới [workflow_with]",
                "shorten the part in the workflow, or its parameter under [workflow_with]"
            );
            table.mistake("limits-exceed", limit.span.clone(), message, help);
            fits = false;
        }
        fits
    }

    /// Returns whether a condition of the workflow may hold in the case.
    fn may_hold(&self, condition: Option<&Expression>) -> bool {
        let can_hold =
            |condition: &Expression, earlier: &[&Expression]| can_hold_after(condition, earlier, self.when, self.scope);
        condition.is_none_or(|condition| {
            can_hold(condition, self.earlier).or_else(|| can_hold(condition, &[])).unwrap_or(true)
        })
    }

    /// Returns the steps to which a step may lead.
    fn targets<'w>(&self, step: &'w Step) -> Vec<&'w StepId> {
        let mut targets: Vec<&StepId> = step.many.iter().map(|many| &many.then).collect();
        for action in step.actions.iter().filter(|action| self.may_hold(action.when.as_ref())) {
            match &action.effect {
                Effect::Split { to } => {
                    let open = to.iter().filter(|branch| self.may_hold(branch.when.as_ref()));
                    targets.extend(open.map(|branch| &branch.to));
                }
                effect => targets.extend(effect.targets()),
            }
        }
        targets
    }

    /// Returns the steps that may begin.
    fn begun(&self, workflow: &Workflow) -> BTreeSet<usize> {
        let mut begun = BTreeSet::from([0]);
        let mut open = vec![0];
        while let Some(at) = open.pop() {
            let targets = workflow.steps.get(at).map(|step| self.targets(step)).unwrap_or_default();
            let known = targets.into_iter().filter_map(|to| workflow.index(to));
            open.extend(known.filter(|to| begun.insert(*to)));
        }
        begun
    }
}

/// Returns the sum of the limits on the longest way through steps that may begin, in working hours. The way does not go
/// back. Of parallel branches the longest counts.
fn longest_way<'w>(
    workflow: &'w Workflow,
    begun: &BTreeSet<usize>,
    targets: impl Fn(&'w Step) -> Vec<&'w StepId>,
) -> f64 {
    let mut reached = vec![0.0_f64; workflow.steps.len()];
    let mut longest = 0.0_f64;
    for (at, step) in workflow.steps.iter().enumerate().filter(|(at, _)| begun.contains(at)) {
        let done = reached[at] + step.limit.map_or(0.0, Limit::working_hours);
        longest = longest.max(done);
        for to in targets(step).into_iter().filter_map(|to| workflow.index(to)).filter(|to| *to > at) {
            reached[to] = reached[to].max(done);
        }
    }
    longest
}
