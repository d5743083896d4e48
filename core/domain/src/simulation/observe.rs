//! The facts of a procedure's past, from the journal.

use super::report::number;
use super::{SimulationPlan, StepPlan};
use crate::dossier::Dossier;
use crate::dossier::event::{Event, Recorded};
use crate::names::{StepId, UserId};
use crate::time::calendar::{Calendar, YearMissing};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// A deed of an officer.
struct ObservedDeed {
    step: StepId,
    entered: Timestamp,
    done: Timestamp,
}

/// Returns a plan from past dossiers, each with its events in order. An officer is assumed to begin a step when the
/// step has begun and the officer's previous step is done, so the work is an upper bound. Facts without data have the
/// defaults.
pub fn observed(past: &[Vec<Recorded>], calendar: &Calendar) -> Result<SimulationPlan, YearMissing> {
    let mut plan = SimulationPlan::default();
    let mut deeds: BTreeMap<UserId, Vec<ObservedDeed>> = BTreeMap::new();
    let mut filed: Vec<Timestamp> = Vec::new();
    let (mut waits, mut answers) = (0.0, 0_u32);
    for events in past {
        let Ok(dossier) = Dossier::replay(events) else { continue };
        filed.push(dossier.filed_at);
        for visit in &dossier.flow.visits {
            let Some(left) = &visit.left else { continue };
            let Some(action) = &left.action else { continue };
            let step: &mut StepPlan = plan.step.entry(visit.at.step.clone()).or_default();
            *step.ways.entry(action.clone()).or_default() += 1.0;
            if let Some(officer) = left.by.user() {
                let deed = ObservedDeed { step: visit.at.step.clone(), entered: visit.entered, done: left.at };
                deeds.entry(officer.clone()).or_default().push(deed);
            }
        }
        let mut asked: Option<Timestamp> = None;
        for Recorded { at, event, .. } in events {
            match event {
                Event::SupplementRequested { .. } => asked = Some(*at),
                Event::Advanced(advanced) if advanced.begins.iter().any(|begun| begun.payment_until.is_some()) => {
                    asked = Some(*at);
                }
                Event::Supplemented { .. } | Event::PaymentRecorded { .. } => {
                    if let Some(since) = asked.take() {
                        waits += days(since, *at);
                        answers += 1;
                    }
                }
                Event::Filed(_)
                | Event::Advanced(_)
                | Event::Ended { .. }
                | Event::Assigned { .. }
                | Event::Undone { .. }
                | Event::Reminded { .. }
                | Event::Escalated { .. }
                | Event::LateAnnounced { .. }
                | Event::ExpiryAnnounced { .. }
                | Event::Extended { .. }
                | Event::Rescheduled { .. }
                | Event::Transferred { .. }
                | Event::Migrated { .. }
                | Event::DeliveryChanged { .. }
                | Event::PaymentReversed { .. }
                | Event::RefundRecorded { .. }
                | Event::MessageSent { .. }
                | Event::Rated { .. } => {}
            }
        }
    }
    if let (Some(first), Some(last)) = (filed.iter().min(), filed.iter().max())
        && filed.len() > 1
    {
        let working = number(calendar.working_between(*first, *last)?) / number(calendar.working_day(*first)?);
        plan.arrivals = f64::from(u32::try_from(filed.len()).unwrap_or(u32::MAX)) / working.max(1.0);
    }
    if answers > 0 {
        plan.applicant_days = waits / f64::from(answers);
    }
    let mut work: BTreeMap<StepId, (f64, u32)> = BTreeMap::new();
    for mut deeds in deeds.into_values() {
        deeds.sort_by_key(|deed| deed.done);
        let mut free: Option<Timestamp> = None;
        for deed in deeds {
            let begun = free.map_or(deed.entered, |free| free.max(deed.entered));
            let (sum, count) = work.entry(deed.step).or_default();
            *sum += number(calendar.working_between(begun, deed.done)?) / 60.0;
            *count += 1;
            free = Some(deed.done);
        }
    }
    for (step, (sum, count)) in work {
        // Less than a minute is a click, and a plan needs more than zero.
        plan.step.entry(step).or_default().minutes = Some((sum / f64::from(count)).max(1.0));
    }
    Ok(plan)
}

fn days(from: Timestamp, to: Timestamp) -> f64 {
    number(to.as_second() - from.as_second()).max(0.0) / 86_400.0
}
