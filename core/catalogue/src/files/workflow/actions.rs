//! Reading an action of a step.

use crate::reading::node::{FileTable, ListItem, Placed};
use motcua_domain::names::StepId;
use motcua_domain::people::organisation::Role;
use motcua_domain::text;
use motcua_domain::text::Text;
use motcua_domain::workflow::site_visit::SiteVisitRule;
use motcua_domain::workflow::{Action, Branch, Cancels, Effect, Requirement};

/// The words for effects. An effect that leads to several steps at once is an `advance` with a list.
pub(super) const EFFECTS: [&str; 8] =
    ["advance", "request-payment", "request-supplement", "answer", "finish", "decline", "refuse", "hand-over"];

/// The effect of an action that can make a visit.
const VISITING: &str = "advance";

/// Reads an action of a step that this role takes.
pub(super) fn read(table: &FileTable<'_>, role: Option<Role>) -> Option<Action> {
    let id = table.required_string("id", "\"accept\"");
    let (name, told) = (table.required_text("name"), table.text("told"));
    let effect = table.required_string("effect", "\"advance\"");
    let to = targets(table);
    let several = table.is_list("to");
    let requires = table.words("requires", &Requirement::ALL, Requirement::name);
    let when = table.free_expression("when");
    let after = table.limit("after").map(|limit| limit.value);
    let during = table.string("during").map(|step| StepId(step.value));
    let cancels = cancels(table);
    let visit = site_visit(table, role, effect.as_ref());
    let basis = table.basis("basis");
    let (id, name, effect) = (id?, name?, effect?);
    let one = || {
        if to.is_empty() {
            table.missing("to", "\"processing\"");
        }
        to.first().map(|branch| branch.to.clone())
    };
    let effect = match effect.value.as_str() {
        "advance" if several => Effect::Split { to },
        "advance" => Effect::Advance { to: one()? },
        "request-payment" => Effect::RequestPayment { to: one()? },
        "request-supplement" => Effect::RequestSupplement,
        "answer" => Effect::Answer,
        "finish" => Effect::Finish,
        "decline" => Effect::Decline,
        "refuse" => Effect::Refuse,
        "hand-over" => Effect::HandOver,
        _ => {
            table.unknown_word("effect", &effect, EFFECTS.into_iter());
            return None;
        }
    };
    Some(Action {
        id: id.value.as_str().into(),
        name,
        told,
        effect,
        requires,
        when,
        after,
        during,
        cancels,
        visit,
        basis,
    })
}

/// Reads the rule of an appointment on the spot. An officer makes it with an action that leads to a step, perhaps to the
/// same step again.
fn site_visit(action: &FileTable<'_>, role: Option<Role>, effect: Option<&Placed<String>>) -> Option<SiteVisitRule> {
    let table = action.table("visit")?;
    let (least, most) = (table.limit("at_least"), table.limit("at_most"));
    let place = table.string("place").map(|place| place.value);
    let calls_off = table.boolean("calls_off").unwrap_or(false);
    table.finish();
    let wrong = |message: Text, help: Text| action.mistake("bad-visit", action.place("visit"), message, help);
    let is_another = |effect: &&Placed<String>| effect.value != VISITING && EFFECTS.contains(&effect.value.as_str());
    if let Some(effect) = effect.filter(is_another) {
        let effect = &effect.value;
        let message = text!(
            "thao tác có `effect = \"{effect}\"` không đặt lịch hẹn nào",
            "an action with `effect = \"{effect}\"` makes no visit"
        );
        let help = text!(
            "hãy đặt lịch hẹn ở một thao tác có effect = \"advance\"",
            "let the visit stand at an action with effect = \"advance\""
        );
        wrong(message, help);
    }
    if action.names_key("after") {
        let message = text!(
            "không ai nêu thời gian hẹn khi cổng tự thực hiện thao tác theo thời gian",
            "nobody names the time of a visit when the portal takes the action by time"
        );
        let help = text!(
            "hãy bỏ `after`, hoặc đặt lịch hẹn ở một thao tác khác",
            "remove `after`, or let the visit stand at another action"
        );
        wrong(message, help);
    }
    if role == Some(Role::Applicant) {
        let message =
            text!("người nộp không đặt lịch hẹn thay cho cơ quan", "an applicant makes no appointment for the agency");
        let help = text!("hãy đặt lịch hẹn ở một bước của cán bộ", "let the visit stand at a step of an officer");
        wrong(message, help);
    }
    let (least, most) = (least.map(|limit| limit.value), most.map(|limit| limit.value));
    if calls_off && (least.is_some() || most.is_some() || place.is_some()) {
        let message = text!(
            "thao tác hủy lịch hẹn không có giới hạn hay địa điểm",
            "an action that calls a visit off has neither bounds nor a place"
        );
        wrong(message, text!("hãy viết visit = {{ calls_off = true }}", "write visit = {{ calls_off = true }}"));
    }
    if let Some((least, most)) = least.zip(most)
        && least.working_hours() >= most.working_hours()
    {
        let message = text!(
            "không lịch hẹn nào bắt đầu sau `{least}` mà kết thúc trong `{most}`",
            "no visit begins after `{least}` and ends within `{most}`"
        );
        let help = text!("hãy để `at_least` ngắn hơn `at_most`", "let `at_least` be shorter than `at_most`");
        wrong(message, help);
    }
    Some(SiteVisitRule { at_least: least, at_most: most, place, calls_off })
}

/// Reads branches as `"step"`, `["step", { step = "other", when = "…" }]`.
fn targets(table: &FileTable<'_>) -> Vec<Branch> {
    let read = |item| match item {
        ListItem::Text(text) => Some(Branch { to: StepId(text.value), when: None }),
        ListItem::Table(branch) => {
            let step = branch.required_string("step", "\"appraisal\"");
            let when = branch.free_expression("when");
            branch.finish();
            Some(Branch { to: StepId(step?.value), when })
        }
    };
    table.mixed("to").into_iter().filter_map(read).collect()
}

fn cancels(table: &FileTable<'_>) -> Cancels {
    let named: Vec<StepId> = table
        .mixed("cancels")
        .into_iter()
        .filter_map(|item| if let ListItem::Text(text) = item { Some(StepId(text.value)) } else { None })
        .collect();
    match named.as_slice() {
        [] => Cancels::Nothing,
        [others] if others.as_str() == "others" && !table.is_list("cancels") => Cancels::Others,
        _ => Cancels::Steps(named),
    }
}
