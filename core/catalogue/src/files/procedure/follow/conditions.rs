//! The conditions of actions and branches, which ask for answers of the form and of officers.

use super::came::WaysHere;
use super::ways::{Closing, WaysOn};
use super::{FollowCheck, Spot, in_step};
use crate::files::form::{LIGHTER, too_heavy};
use crate::reading::node::{is_meant, name_with_underscores, put_in_quotes, written_with_dashes};
use motcua_domain::expression::{Condition, Expression};
use motcua_domain::form::Field;
use motcua_domain::form::load::JudgingLoad;
use motcua_domain::form::reach::reach;
use motcua_domain::form::types::{ExpressionScope, WantedType, type_problems};
use motcua_domain::text;
use motcua_domain::text::{Language, Text};
use motcua_domain::workflow::net::Token;
use motcua_domain::workflow::{Action, Assign, Effect, Step, UnitPlace};
use std::collections::BTreeSet;

impl FollowCheck<'_> {
    /// Checks that each question to officers has an id of its own.
    fn ids_of_fields(&self) {
        let mut known: BTreeSet<&str> = self.form.fields().map(|(_, field)| field.id.as_str()).collect();
        for step in &self.workflow.steps {
            for field in step.form.iter().filter(|field| !known.insert(&field.id)) {
                let id = &field.id;
                let message = text!(
                    "cán bộ điền `{id}`, nhưng đó là mã của một câu trả lời khác",
                    "officers fill in `{id}`, which is the id of another answer"
                );
                let help =
                    text!("hãy đặt cho trường của cán bộ một mã riêng", "give the officers' field an id of its own");
                let spot = self.spot(step, |places| places.fields.get(id).or(Some(&places.id)));
                self.mistake(&spot, "duplicate", message, help);
            }
        }
    }

    /// Returns how to count the answers of several units, if an expression reads them.
    fn counted(&self, expression: &Expression, scope: ExpressionScope<'_>) -> Option<Text> {
        let is_read = |field: &Field| expression.names().contains(&field.id);
        let (field, _) = scope.asked.iter().find(|(field, _)| is_read(field))?;
        let rows = self.workflow.steps_with_rows(self.form);
        let rows = rows.iter().find(|(step, _)| step.form.contains(field)).map(|(_, name)| name);
        let id = &field.id;
        let count =
            rows.map_or_else(|| format!("size({id}) == 2"), |rows| format!("{rows}.count(v, v.{id} == …) >= 2"));
        Some(text!(
            "`{id}` là một danh sách, vì nhiều đơn vị trả lời: hãy đếm các câu trả lời, ví dụ `{count}`",
            "`{id}` is a list, because several units answer it: count the answers, such as `{count}`"
        ))
    }

    /// Checks that conditions of actions and branches name answers of the form and of officers.
    pub(super) fn conditions(&self, own: &[UnitPlace]) {
        self.ids_of_fields();
        // Rows name each unit with its agency, so the first agency that offers the procedure stands for all.
        let of_agency = own.first().and_then(|place| self.workflow.in_agency(&place.agency));
        let workflow = of_agency.as_ref().unwrap_or(self.workflow);
        for step in &self.workflow.steps {
            let answers = workflow.answers_at(self.form, step);
            let single = answers.all();
            // At the step itself, its questions have the answers that are given now, and never those of other units.
            let elsewhere: Vec<(&Field, usize)> =
                answers.asked.iter().copied().filter(|(field, _)| !step.form.contains(field)).collect();
            let scope = ExpressionScope { form: &single, group: &step.form, asked: &elsewhere };
            for action in &step.actions {
                self.action(step, action, scope);
                self.own_answers(step, action);
            }
            self.way_on(step, scope);
            self.undecided(step, scope);
            let filled: Vec<&Field> = step.form.iter().collect();
            if let Some(message) = too_heavy(&JudgingLoad::of(&filled, [])) {
                let spot = self.spot(step, |places| Some(&places.id));
                self.mistake(&spot, "overrun", in_step(step, message), LIGHTER);
            }
            self.area(step);
        }
    }

    /// Checks that a step that is given by an area names a field of the form.
    fn area(&self, step: &Step) {
        if let Assign::Area { field, .. } = &step.assign
            && !self.form.fields().any(|(_, known)| known.id == *field)
        {
            let id = &step.id;
            let message = text!(
                "bước `{id}` được giao theo địa bàn `{field}`, nhưng biểu mẫu không hỏi trường này",
                "step `{id}` is given by the area `{field}`, which the form does not ask"
            );
            let spot = self.spot(step, |places| Some(&places.assign));
            self.mistake(
                &spot,
                "unknown-field",
                message,
                text!("hãy nêu một trường của biểu mẫu", "name a field of the form"),
            );
        }
    }

    /// Reports an action that answers to the step's own form would open, although nobody fills in the form with it.
    fn own_answers(&self, step: &Step, action: &Action) {
        let read = step.read_by(action);
        let (Some(field), false) = (read.first(), step.asks_form(action)) else { return };
        let (id, at, field) = (&action.id, &step.id, &field.id);
        let message = text!(
            "thao tác `{id}` của bước `{at}` đọc `{field}`, nhưng không ai điền trường này khi thực hiện thao tác",
            "action `{id}` of step `{at}` reads `{field}`, which nobody fills in with this action"
        );
        let help = text!(
            "hãy nêu câu trả lời của một bước trước: thao tác theo thời gian và yêu cầu gửi người nộp không điền gì",
            "name an answer of an earlier step: a timed action and a request to the applicant fill in nothing"
        );
        let spot = self.spot(step, |places| places.actions.get(&action.id).map(|places| &places.when));
        self.mistake(&spot, "never-holds", message, help);
    }

    fn action(&self, step: &Step, action: &Action, scope: ExpressionScope<'_>) {
        for expression in action.expressions() {
            let is_when = action.when.as_ref().is_some_and(|when| std::ptr::eq(when, expression));
            let spot = self.spot(step, |places| {
                places.actions.get(&action.id).map(|places| if is_when { &places.when } else { &places.to })
            });
            self.condition(step, action, (expression, &spot), scope);
        }
        if let Effect::Split { to } = &action.effect
            && to.iter().all(|branch| branch.when.is_some())
        {
            self.branches(step, action, to.iter().filter_map(|branch| branch.when.as_ref()), scope);
        }
    }

    /// Checks that a condition of an action, at its place, names known answers, fits their types and may hold.
    fn condition(
        &self,
        step: &Step,
        action: &Action,
        (expression, spot): (&Expression, &Spot<'_>),
        scope: ExpressionScope<'_>,
    ) {
        let (id, at, source) = (&action.id, &step.id, expression.source());
        let unknown: Vec<&str> =
            expression.names().iter().map(String::as_str).filter(|name| !scope.knows(name)).collect();
        if let Some((message, help)) = dashed(step, action, (source, unknown.as_slice()), scope) {
            self.mistake(spot, "unknown-field", message, help);
            return;
        }
        for name in &unknown {
            let message = text!(
                "thao tác `{id}` của bước `{at}` có điều kiện `{source}`, nhưng không có trường `{name}`",
                "action `{id}` of step `{at}` asks for `{source}`, but there is no field `{name}`"
            );
            let help = quotes(name, expression, scope).unwrap_or_else(|| {
                text!(
                    "hãy thêm trường vào biểu mẫu, hoặc chọn quy trình khác",
                    "add the field to the form, or choose another workflow"
                )
            });
            self.mistake(spot, "unknown-field", message, help);
        }
        if !unknown.is_empty() {
            return;
        }
        let problems = type_problems(expression, scope, WantedType::Condition);
        for problem in &problems {
            let message = asks_wrongly(step, action, expression, problem.message.clone());
            match self.counted(expression, scope) {
                Some(help) => self.mistake(spot, "type", message, help),
                None => self.mistake(spot, "type", message, problem.help.clone()),
            }
        }
        if !problems.is_empty() || self.is_too_early(step, action, (expression, spot), scope) {
            return;
        }
        if reach(expression, None, scope).is_some_and(|reach| !reach.can_hold) {
            let message = text!(
                "thao tác `{id}` của bước `{at}` có điều kiện `{source}`, nhưng không câu trả lời nào làm cho nó đúng",
                "action `{id}` of step `{at}` asks for `{source}`, which no answers make true"
            );
            let help = text!("hãy sửa điều kiện, hoặc bỏ thao tác", "correct the condition, or remove the action");
            self.mistake(spot, "never-holds", message, help);
        }
    }

    /// Reports a condition that cannot hold because officers fill in the answers that it reads only at later steps. Returns
    /// whether it is one.
    fn is_too_early(
        &self,
        step: &Step,
        action: &Action,
        (expression, spot): (&Expression, &Spot<'_>),
        scope: ExpressionScope<'_>,
    ) -> bool {
        let is_later = |other: &&Step| {
            let is_other = other.id != step.id && other.many.is_none();
            let is_read = other.form.iter().any(|field| expression.names().contains(&field.id));
            is_other && is_read && !self.workflow.may_follow(&step.id, &other.id)
        };
        let later: Vec<(&Step, &Field)> = self
            .workflow
            .steps
            .iter()
            .filter(is_later)
            .flat_map(|other| other.form.iter().map(move |field| (other, field)))
            .filter(|(_, field)| expression.names().contains(&field.id))
            .collect();
        let missing: Vec<String> = later.iter().map(|(_, field)| format!("{} == null", field.id)).collect();
        let missing = Expression::parse(&missing.join(" && ")).ok();
        let Some(((other, field), missing)) = later.first().zip(missing) else { return false };
        if reach(expression, Some(&missing), scope).is_none_or(|reach| reach.can_hold) {
            return false;
        }
        let (id, at, source, field, other) = (&action.id, &step.id, expression.source(), &field.id, &other.id);
        let message = text!(
            "thao tác `{id}` của bước `{at}` có điều kiện `{source}`, nhưng cán bộ chỉ điền `{field}` ở bước `{other}` \
             sau đó, nên điều kiện không bao giờ đúng",
            "action `{id}` of step `{at}` asks for `{source}`, but officers fill in `{field}` only at the later step \
             `{other}`, so that it is never true"
        );
        let help = text!(
            "hãy nêu một câu trả lời của biểu mẫu, hoặc của một bước trước",
            "name an answer of the form, or of an earlier step"
        );
        self.mistake(spot, "never-holds", message, help);
        true
    }

    /// Checks that some branch of an action is open whatever the answers are, where each branch has a condition.
    fn branches<'e>(
        &self,
        step: &Step,
        action: &Action,
        conditions: impl Iterator<Item = &'e Expression>,
        scope: ExpressionScope<'_>,
    ) {
        let spot = self.spot(step, |places| places.actions.get(&action.id).map(|places| &places.to));
        match self.ways(step, scope).closed_by(conditions) {
            Some(Closing::Answers(answers)) => {
                self.mistake(&spot, "no-way-on", closed_branches(step, action, answers), another_way());
            }
            Some(Closing::Nothing) => {}
            None => {
                let (id, at) = (&action.id, &step.id);
                let message = text!(
                    "lệnh kiểm tra không xác định được mọi nhánh của thao tác `{id}` của bước `{at}` có thể cùng đóng \
                     hay không; nó coi như luôn có một nhánh mở",
                    "the check cannot decide whether all branches of action `{id}` of step `{at}` may be closed; it \
                     takes one for always open"
                );
                self.warn(&spot, "undecided", message, decided_way());
            }
        }
    }

    /// Returns the actions with which a dossier goes on from a step, whatever happens elsewhere. The portal takes an action
    /// by time as a person takes another, if its condition holds.
    fn ways_on(step: &Step) -> Vec<&Action> {
        let open = |action: &&Action| action.effect != Effect::RequestSupplement && action.during.is_none();
        step.actions.iter().filter(open).collect()
    }

    /// Returns what closes ways at a step. The answers of officers up to then are those of the step's form, and of the
    /// steps that every dossier passes before it.
    fn ways<'a>(&'a self, step: &'a Step, scope: ExpressionScope<'a>) -> WaysOn<'a> {
        let reads = |field: &Field| {
            let mut read = step.actions.iter().flat_map(Action::expressions).flat_map(Expression::names);
            read.any(|name| *name == field.id)
        };
        let asks_one = |other: &&Step| other.id != step.id && other.many.is_none() && other.form.iter().any(reads);
        let asking: Vec<&Step> = self.workflow.steps.iter().filter(asks_one).collect();
        let is_passed = |other: &&Step| !self.workflow.begins_without(&step.id, &other.id);
        let before = asking.iter().copied().filter(is_passed).flat_map(|other| &other.form);
        let before = before.filter(|field| field.shown == Condition::Fixed(true));
        let optional = asking.iter().flat_map(|other| other.form.iter().map(move |field| (*other, field)));
        let optional = optional.filter(|&(_, field)| reads(field) && field.required != Condition::Fixed(true));
        let opening = optional.filter(|&(other, field)| self.is_answered_before(step, other, field, scope));
        let answered = opening.map(|(_, field)| field.id.as_str()).collect();
        let here = WaysHere { workflow: self.workflow, step, form: self.form, scope };
        WaysOn { form: self.form, scope, filled: step.form.iter().chain(before).collect(), answered, here }
    }

    /// Returns whether every dossier that comes to a step has taken an action of another step that no dossier takes
    /// without an answer to this question. An answer is replaced later, but never deleted.
    fn is_answered_before(&self, step: &Step, other: &Step, field: &Field, scope: ExpressionScope<'_>) -> bool {
        let Ok(unanswered) = Expression::parse(&format!("{} == null", field.id)) else { return false };
        let needs_answer = |action: &Action| {
            let without = action.when.as_ref().and_then(|when| reach(when, Some(&unanswered), scope));
            other.asks_form(action) && without.is_some_and(|reach| !reach.can_hold)
        };
        other.actions.iter().any(&needs_answer)
            && !self.workflow.begins_without_actions(&step.id, &other.id, needs_answer)
    }

    /// Checks that a dossier goes on whatever the answers are, by a person or by time.
    fn way_on(&self, step: &Step, scope: ExpressionScope<'_>) {
        let actions = Self::ways_on(step);
        if actions.is_empty() || actions.iter().any(|action| action.when.is_none()) {
            return;
        }
        let closed = self.ways(step, scope).closed_by(actions.iter().filter_map(|action| action.when.as_ref()));
        if let Some(Closing::Answers(answers)) = closed {
            let spot = self.spot(step, |places| Some(&places.id));
            self.mistake(&spot, "no-way-on", closed_step(step, answers), another_way());
        }
    }

    /// Names the actions whose conditions the check cannot decide, if a dossier could get stuck without them.
    fn undecided(&self, step: &Step, scope: ExpressionScope<'_>) {
        let is_known = |when: &Expression| when.names().iter().all(|name| scope.knows(name));
        let unclear = |action: &&Action| {
            action.when.as_ref().is_some_and(|when| is_known(when) && reach(when, None, scope).is_none())
        };
        let unclear: Vec<&Action> = step.actions.iter().filter(unclear).collect();
        if unclear.is_empty() {
            return;
        }
        let ways = Self::ways_on(step);
        let all_closed = ways.iter().all(|action| action.when.is_some())
            && self.ways(step, scope).closed_by(ways.iter().filter_map(|action| action.when.as_ref())).is_none();
        let mut without = self.workflow.clone();
        for other in without.steps.iter_mut().filter(|other| other.id == step.id) {
            other.actions.retain(|action| !unclear.iter().any(|unclear| unclear.id == action.id));
        }
        if !all_closed && without.ends_from(&[Token::single(0)], &[]) {
            return;
        }
        for action in unclear {
            let asked = action.when.as_ref().map_or("", Expression::source);
            let (id, at) = (&action.id, &step.id);
            let message = text!(
                "lệnh kiểm tra coi thao tác `{id}` của bước `{at}` là luôn thực hiện được, vì không xác định được \
                 `{asked}`",
                "the check takes action `{id}` of step `{at}` for always possible, because it cannot decide `{asked}`"
            );
            let spot = self.spot(step, |places| places.actions.get(&action.id).map(|places| &places.when));
            self.warn(&spot, "undecided", message, decided_way());
        }
    }
}

/// Returns the message about a condition that writes a name with `-` for `_`, and the advice. The condition has unknown
/// names.
fn dashed(
    step: &Step,
    action: &Action,
    (source, unknown): (&str, &[&str]),
    scope: ExpressionScope<'_>,
) -> Option<(Text, Text)> {
    let known = || {
        let of_form = scope.form.iter().map(|field| field.id.as_str());
        let asked = scope.asked.iter().map(|(field, _)| field.id.as_str());
        of_form.chain(scope.group.iter().map(|field| field.id.as_str())).chain(asked)
    };
    let meant = unknown.iter().find_map(|name| written_with_dashes(name, source, known()))?;
    let (id, at) = (&action.id, &step.id);
    let message = text!(
        "thao tác `{id}` của bước `{at}` có điều kiện `{source}`, trong đó dấu `-` là phép trừ",
        "action `{id}` of step `{at}` asks for `{source}`, in which `-` is a minus"
    );
    Some((message, name_with_underscores(meant)))
}

/// Returns the advice to put an unknown name in quotes, if it is a choice of a question.
fn quotes(name: &str, expression: &Expression, scope: ExpressionScope<'_>) -> Option<Text> {
    let asked = scope.asked.iter().map(|(field, _)| *field);
    let mut questions = scope.form.iter().copied().chain(scope.group).chain(asked);
    questions.find_map(|field| {
        let mut choices = field.kind.choices().iter();
        let choice = choices.find(|choice| is_meant(&choice.value, name, expression.source()))?;
        Some(put_in_quotes(&field.id, &choice.value, expression))
    })
}

/// Returns the message about a condition with a problem.
fn asks_wrongly(step: &Step, action: &Action, expression: &Expression, problem: impl Into<Text>) -> Text {
    let (id, at, source, problem) = (&action.id, &step.id, expression.source(), problem.into());
    let (vi, en) = (problem.get(Language::Vi), problem.get(Language::En));
    text!(
        "thao tác `{id}` của bước `{at}` có điều kiện `{source}`: {vi}",
        "action `{id}` of step `{at}` asks for `{source}`: {en}"
    )
}

/// Returns the message about branches that some answers close all together.
fn closed_branches(step: &Step, action: &Action, answers: impl Into<Text>) -> Text {
    let (id, at, answers) = (&action.id, &step.id, answers.into());
    let (vi, en) = (answers.get(Language::Vi), answers.get(Language::En));
    text!(
        "thao tác `{id}` của bước `{at}` chia thành các nhánh có thể cùng đóng: {vi}",
        "action `{id}` of step `{at}` parts into branches that may all be closed: {en}"
    )
}

/// Returns the message about a step all of whose actions some answers close.
fn closed_step(step: &Step, answers: impl Into<Text>) -> Text {
    let (id, answers) = (&step.id, answers.into());
    let (vi, en) = (answers.get(Language::Vi), answers.get(Language::En));
    text!(
        "với một số câu trả lời, không thao tác nào của bước `{id}` thực hiện được: {vi}",
        "with some answers no action of step `{id}` is open: {en}"
    )
}

/// Returns the advice about ways that may all be closed.
fn another_way() -> Text {
    text!(
        "hãy thêm một lối không có điều kiện, hoặc để các điều kiện bao gồm mọi câu trả lời",
        "add one without a condition, or let the conditions cover all answers"
    )
}

/// Returns the advice about ways on which the check cannot decide.
fn decided_way() -> Text {
    text!(
        "hãy so sánh từng câu trả lời với số, với chuỗi hoặc với nhau, hoặc thêm một lối không có điều kiện",
        "compare single answers with numbers, texts or one another, or add a way without a condition"
    )
}
