//! The answers of units that were asked the same, as conditions read them. Those of the last time count.

use crate::dossier::flow::{DossierFlow, index};
use crate::dossier::visit::Visit;
use crate::names::ActionId;
use crate::procedure::Procedure;
use crate::workflow::Step;
use crate::workflow::unit_answers::{ACTION, UNIT};
use serde_json::{Map, Value as Json};

/// Returns the answers of the units that were asked last at each step, in the order of the units: by field a list
/// without the units that have not answered the question, and by step a row for each unit that has answered.
pub fn answers_of_units(procedure: &Procedure, flow: &DossierFlow) -> Map<String, Json> {
    let workflow = &procedure.workflow;
    let mut found = Map::new();
    for (step, name) in workflow.steps_with_rows(&procedure.form) {
        let answered = asked_last(step, flow).into_iter().filter(|visit| action_of(visit).is_some());
        found.insert(name, answered.map(|visit| row(step, visit)).collect());
    }
    let listed = workflow.steps.iter().filter(|step| step.many.as_ref().is_some_and(|many| many.listed));
    for step in listed {
        let together = asked_last(step, flow);
        for field in &step.form {
            let given = together.iter().filter_map(|visit| visit.answers.get(&field.id));
            let given = given.filter(|answer| !answer.is_null()).cloned().collect();
            found.insert(field.id.clone(), Json::Array(given));
        }
    }
    found
}

/// Returns the visits of the units that were asked last at a step.
fn asked_last<'a>(step: &Step, flow: &'a DossierFlow) -> Vec<&'a Visit> {
    // After a move to another version, the step of earlier answers may have another name.
    let is_there =
        |visit: &Visit| visit.at.step == step.id || step.form.iter().any(|field| visit.answers.contains_key(&field.id));
    let visits = flow.visits.iter().enumerate().filter(|(_, visit)| is_there(visit));
    let visits: Vec<(usize, &Visit)> = visits.map(|(id, visit)| (group_of(id, visit), visit)).collect();
    let last = visits.iter().map(|(group, _)| *group).max();
    visits.into_iter().filter(|(group, _)| Some(*group) == last).map(|(_, visit)| visit).collect()
}

/// Returns the number that the visits of one group share. A visit alone is a group of its own.
fn group_of(id: usize, visit: &Visit) -> usize {
    visit.asked.map_or(id, |asked| index(asked.first))
}

/// Returns the action by which a unit answered.
fn action_of(visit: &Visit) -> Option<&str> {
    visit.left.as_ref()?.action.as_ref().map(ActionId::as_str)
}

/// Returns the answers of one unit. A question without an answer is `null`, so that an abstention is neither for nor
/// against.
fn row(step: &Step, visit: &Visit) -> Json {
    let mut row = Map::new();
    row.insert(UNIT.to_owned(), visit.at.place.as_ref().map_or(Json::Null, |place| place.written().into()));
    row.insert(ACTION.to_owned(), action_of(visit).into());
    for field in &step.form {
        row.insert(field.id.clone(), visit.answers.get(&field.id).cloned().unwrap_or_default());
    }
    Json::Object(row)
}
