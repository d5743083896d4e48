//! Events in the format of earlier versions of the portal.

use super::{
    ActionId, Assignee, BegunStay, Clocks, Json, Map, RecordedArrival, RecordedStep, SiteVisitChange, StayId,
    StoredFile,
};
use crate::time::recorded::RecordedTime;
use serde::Deserialize;

/// An action as versions stored it that knew one step at a time.
#[derive(Deserialize)]
pub struct StoredAdvanced {
    stay: Option<StayId>,
    action: ActionId,
    note: Option<String>,
    internal_note: Option<String>,
    result: Option<StoredFile>,
    #[serde(default)]
    answers: Map<String, Json>,
    #[serde(default)]
    cancelled: Vec<StayId>,
    #[serde(default)]
    begins: Vec<BegunStay>,
    #[serde(default)]
    arrived: Vec<RecordedArrival>,
    visit: Option<SiteVisitChange>,
    clocks: Clocks,
    /// The only step, in events from before a dossier could stand at several steps.
    to: Option<RecordedStep>,
    assignee: Option<Assignee>,
    payment_until: Option<RecordedTime>,
}

impl From<StoredAdvanced> for super::Advanced {
    fn from(stored: StoredAdvanced) -> Self {
        let StoredAdvanced {
            stay,
            action,
            note,
            internal_note,
            result,
            answers,
            cancelled,
            mut begins,
            arrived,
            visit,
            mut clocks,
            ..
        } = stored;
        if let Some(at) = stored.to {
            let (assignee, payment_until) = (stored.assignee, stored.payment_until);
            let clock = clocks.step.take();
            let begun = BegunStay {
                at,
                clock,
                assignee,
                assignee_is_decided: false,
                payment_until,
                timer: None,
                remind: None,
                escalate: None,
                asked: None,
            };
            begins.push(begun);
        }
        Self { stay, action, note, internal_note, result, answers, cancelled, begins, arrived, visit, clocks }
    }
}
