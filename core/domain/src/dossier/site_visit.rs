//! Appointments on the spot: the decision on a visit, and the visits of a dossier.
//!
//! A unit has one coming visit at most. An action with a new time moves the coming visit of its unit, or the visit that
//! another unit made and that came to the step with the dossier. It never moves the visit of another unit that works at
//! the same time. A visit whose branches were all cancelled is called off.

use crate::dossier::Dossier;
use crate::dossier::event::{Advanced, SiteVisit, SiteVisitChange, StayId};
use crate::dossier::flow::{DossierFlow, Stay, index};
use crate::names::StepId;
use crate::time::calendar::{Calendar, Limit, YearMissing, instant};
use crate::workflow::UnitPlace;
use crate::workflow::site_visit::SiteVisitRule;
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use serde::Serialize;

/// The longest place, in characters.
pub const LONGEST_PLACE: usize = 500;

/// The visit as an officer types it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SiteVisitInput {
    pub day: Option<Date>,
    pub from: Option<Time>,
    pub to: Option<Time>,
    /// The place. An empty text means the place that the applicant gave.
    pub place: String,
    /// The words to the applicant about the visit.
    pub note: String,
}

/// The times within which a visit lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SiteVisitBounds {
    pub earliest: Timestamp,
    pub latest: Option<Timestamp>,
}

/// The reason why a visit cannot take place as it was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SiteVisitFault {
    #[error("the day of the visit and its time from and to are needed")]
    Missing,
    #[error("the visit ends before it begins")]
    BadTimes,
    #[error("the visit begins at {earliest} at the earliest")]
    TooSoon { earliest: Timestamp },
    #[error("the visit ends at {latest} at the latest")]
    TooLate { latest: Timestamp },
    #[error("the visit lies outside of the working time of the calendar")]
    OutsideHours,
    #[error("the place of the visit is needed, in at most {max} characters")]
    NoPlace { max: usize },
    #[error("the calendar of {year} has not been announced")]
    UnknownYear { year: i16 },
    #[error("no visit of this unit or of a step before is coming")]
    NothingToCallOff,
}

/// A visit of a dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedSiteVisit {
    /// The unit that made the appointment, or that moved it last.
    pub unit: UnitPlace,
    pub visit: SiteVisit,
    /// The appointment before, if the visit was moved.
    pub moved_from: Option<SiteVisit>,
    /// The visit was called off.
    pub called_off: bool,
    /// The time of the last change.
    pub changed_at: Timestamp,
    /// The number of changes since the visit was made.
    pub changes: u32,
}

impl From<YearMissing> for SiteVisitFault {
    fn from(YearMissing { year }: YearMissing) -> Self {
        Self::UnknownYear { year }
    }
}

impl SiteVisitRule {
    /// Returns the times within which a visit lies that is made at `now`. A limit ends as every period of the calendar.
    pub fn bounds(&self, calendar: &Calendar, now: Timestamp) -> Result<SiteVisitBounds, YearMissing> {
        let end = |limit: Limit| {
            let length = calendar.length(limit, now)?;
            calendar.end(calendar.runs_from(length, now)?, length)
        };
        let earliest = self.at_least.map(end).transpose()?.unwrap_or(now);
        Ok(SiteVisitBounds { earliest, latest: self.at_most.map(end).transpose()? })
    }

    /// Returns the visit that an officer makes at `now`. It lies within the bounds of the rule, and wholly in the working
    /// time of the calendar. `usual_place` is the place that the applicant gave.
    pub fn planned(
        &self,
        calendar: &Calendar,
        usual_place: Option<String>,
        input: &SiteVisitInput,
        now: Timestamp,
    ) -> Result<SiteVisit, SiteVisitFault> {
        let (Some(day), Some(from), Some(to)) = (input.day, input.from, input.to) else {
            return Err(SiteVisitFault::Missing);
        };
        let (from, to) = (instant(day.to_datetime(from)), instant(day.to_datetime(to)));
        // Times of a day that no instant has become one and the same.
        if from >= to {
            return Err(SiteVisitFault::BadTimes);
        }
        let SiteVisitBounds { earliest, latest } = self.bounds(calendar, now)?;
        if from < earliest {
            return Err(SiteVisitFault::TooSoon { earliest });
        }
        if let Some(latest) = latest.filter(|latest| to > *latest) {
            return Err(SiteVisitFault::TooLate { latest });
        }
        if calendar.working_between(from, to)? < to.as_second() - from.as_second() {
            return Err(SiteVisitFault::OutsideHours);
        }
        let typed = Some(input.place.trim().to_owned()).filter(|place| !place.is_empty());
        let place = typed.or(usual_place).filter(|place| place.chars().count() <= LONGEST_PLACE);
        let place = place.ok_or(SiteVisitFault::NoPlace { max: LONGEST_PLACE })?;
        let note = Some(input.note.trim().to_owned()).filter(|note| !note.is_empty());
        Ok(SiteVisit { from, to, place, note })
    }
}

impl Dossier {
    /// Returns the visit that an action at a stay moves or calls off at `now`.
    pub fn coming_site_visit(&self, stay: &Stay, now: Timestamp) -> Option<&PlannedSiteVisit> {
        self.coming_number(stay.id, self.place_of(stay), now).and_then(|number| self.site_visits.get(number))
    }

    /// Returns the number of the coming visit of the unit, or else of the visit that came to the stay with the dossier.
    fn coming_number(&self, stay: StayId, unit: &UnitPlace, now: Timestamp) -> Option<usize> {
        let coming = || self.site_visits.iter().enumerate().rev().filter(move |(_, known)| known.is_coming(now));
        let came_along = |number: usize| self.flow.visit_stays.get(number).is_some_and(|stays| stays.contains(&stay));
        let own = coming().find(|(_, known)| known.unit == *unit);
        own.or_else(|| coming().find(|(number, _)| came_along(*number))).map(|(number, _)| number)
    }

    /// Returns the number of visits that were called off.
    pub(super) fn site_visits_off(&self) -> usize {
        self.site_visits.iter().filter(|known| known.called_off).count()
    }

    /// Returns whether a visit does not take place, because it was called off, or because the dossier ended before it.
    pub fn is_off(&self, planned: &PlannedSiteVisit) -> bool {
        planned.called_off || self.flow.ended.as_ref().is_some_and(|end| end.at < planned.visit.from)
    }

    /// Returns the visit that was last made or moved to this time and place.
    pub(super) fn site_visit(&self, visit: &SiteVisit) -> Option<&PlannedSiteVisit> {
        self.site_visits.iter().rev().find(|known| known.visit == *visit)
    }
}

impl PlannedSiteVisit {
    fn is_coming(&self, now: Timestamp) -> bool {
        !self.called_off && self.visit.to > now
    }

    const fn call_off(&mut self, at: Timestamp) {
        self.called_off = true;
        self.changed(at);
    }

    const fn changed(&mut self, at: Timestamp) {
        (self.changed_at, self.changes) = (at, self.changes.saturating_add(1));
    }
}

/// Applies the change of an appointment by an action at a stay of a unit.
pub(super) fn apply(dossier: &mut Dossier, stay: StayId, unit: UnitPlace, at: Timestamp, change: &SiteVisitChange) {
    let number = dossier.coming_number(stay, &unit, at);
    let coming = number.and_then(|number| dossier.site_visits.get_mut(number));
    match (coming, change) {
        (Some(known), SiteVisitChange::Planned(visit)) => {
            known.moved_from = Some(std::mem::replace(&mut known.visit, visit.clone()));
            known.unit = unit;
            known.changed(at);
            let stays = number.and_then(|number| dossier.flow.visit_stays.get_mut(number));
            if let Some(stays) = stays.filter(|stays| !stays.contains(&stay)) {
                stays.push(stay);
            }
        }
        (Some(known), SiteVisitChange::CalledOff) => known.call_off(at),
        (None, SiteVisitChange::Planned(visit)) => {
            dossier.site_visits.push(PlannedSiteVisit {
                unit,
                visit: visit.clone(),
                moved_from: None,
                called_off: false,
                changed_at: at,
                changes: 0,
            });
            dossier.flow.visit_stays.push(vec![stay]);
        }
        (None, SiteVisitChange::CalledOff) => {}
    }
}

/// Lets the visits go along with the dossier, once it has left a stay: the stays that begin have the visits of that stay,
/// of the units that were asked with it, and of the branches that joined it. A visit whose branches were all cancelled
/// is called off.
pub(super) fn follow(dossier: &mut Dossier, before: &DossierFlow, advanced: &Advanced, left: StayId, at: Timestamp) {
    let begun = before.visits.len()..dossier.flow.visits.len();
    let begun: Vec<StayId> = begun.filter_map(|id| StayId::try_from(id).ok()).collect();
    let moved = MovedVisits { before, advanced, left };
    for (planned, stays) in dossier.site_visits.iter_mut().zip(&mut dossier.flow.visit_stays) {
        if !begun.is_empty() && stays.iter().any(|stay| moved.goes_on(*stay)) {
            stays.retain(|stay| !moved.goes_on(*stay));
            stays.extend(&begun);
        }
        if stays.iter().any(|stay| moved.is_cancelled(*stay)) {
            stays.retain(|stay| !moved.is_cancelled(*stay));
            if stays.is_empty() && planned.is_coming(at) {
                planned.call_off(at);
            }
        }
    }
}

/// The move of a dossier that has left a stay.
struct MovedVisits<'a> {
    before: &'a DossierFlow,
    advanced: &'a Advanced,
    left: StayId,
}

impl MovedVisits<'_> {
    /// Returns whether the work of a stay goes on at the stays that begin.
    fn goes_on(&self, stay: StayId) -> bool {
        let group = |id: StayId| self.before.visits.get(index(id)).and_then(|visit| visit.asked);
        let with_others = group(stay).zip(group(self.left)).is_some_and(|(one, other)| one.first == other.first);
        let has_answered = with_others && self.has_ended(stay);
        stay == self.left || has_answered || self.waited_at(stay).is_some_and(|join| self.begins(join))
    }

    /// Returns whether a stay was cancelled, or the branch that waited for a join after it.
    fn is_cancelled(&self, stay: StayId) -> bool {
        self.advanced.cancelled.contains(&stay) || self.waited_at(stay).is_some_and(|join| !self.begins(join))
    }

    /// Returns the join for which a branch waited after a stay, and no longer waits.
    fn waited_at(&self, stay: StayId) -> Option<&StepId> {
        let step = &self.before.visits.get(index(stay)).filter(|_| self.has_ended(stay))?.at.step;
        let mut waited = self.before.arrived.iter().filter(|branch| !branch.spent && branch.from == *step);
        let ended = waited.find(|branch| {
            !self.advanced.arrived.iter().any(|waits| waits.to == branch.to && waits.from == branch.from)
        });
        ended.map(|branch| &branch.to)
    }

    fn has_ended(&self, stay: StayId) -> bool {
        self.before.visits.get(index(stay)).is_some_and(|visit| visit.left.is_some())
    }

    fn begins(&self, step: &StepId) -> bool {
        self.advanced.begins.iter().any(|begun| begun.at.step == *step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::calendar::local;
    use crate::time::calendar::tests::office;
    use jiff::civil::{date, time};
    use proptest::prelude::*;

    fn at(day: Date, hour: i8, minute: i8) -> Timestamp {
        instant(day.at(hour, minute, 0, 0))
    }

    fn input(day: Date, from: Time, to: Time) -> SiteVisitInput {
        let place = "12 Lê Lợi".to_owned();
        SiteVisitInput { day: Some(day), from: Some(from), to: Some(to), place, note: String::new() }
    }

    fn rule(at_least: &str, at_most: &str) -> SiteVisitRule {
        SiteVisitRule { at_least: Limit::parse(at_least), at_most: Limit::parse(at_most), ..SiteVisitRule::default() }
    }

    #[test]
    fn a_visit_lies_in_the_working_time_and_within_its_bounds_and_a_refusal_names_the_bound() {
        // It is Thursday. Saturday has a morning, and Sunday is off.
        let now = at(date(2026, 11, 26), 9, 0);
        let rule = rule("4 working-hours", "2 working-days");
        let bounds = rule.bounds(&office(), now).expect("the year is known");
        let planned = |day, from, to| rule.planned(&office(), None, &input(day, from, to), now);
        let (thursday, friday) = (date(2026, 11, 26), date(2026, 11, 27));
        assert_eq!(bounds.earliest, at(thursday, 14, 30), "an hour and a half is the break at noon");
        let soon = planned(thursday, time(14, 0, 0, 0), time(15, 0, 0, 0));
        assert_eq!(soon, Err(SiteVisitFault::TooSoon { earliest: bounds.earliest }));
        let latest = bounds.latest.expect("a bound");
        let late = planned(date(2026, 11, 30), time(9, 0, 0, 0), time(10, 0, 0, 0));
        assert_eq!(late, Err(SiteVisitFault::TooLate { latest }));
        let noon = planned(friday, time(11, 0, 0, 0), time(13, 30, 0, 0));
        assert_eq!(noon, Err(SiteVisitFault::OutsideHours));
        let turned = planned(friday, time(10, 0, 0, 0), time(10, 0, 0, 0));
        assert_eq!(turned, Err(SiteVisitFault::BadTimes));
        let visit = planned(friday, time(9, 0, 0, 0), time(10, 0, 0, 0)).expect("it fits");
        assert_eq!((visit.from, visit.to), (at(friday, 9, 0), at(friday, 10, 0)));
    }

    #[test]
    fn a_visit_without_a_day_or_a_place_or_in_an_unknown_year_is_refused() {
        let (now, day) = (at(date(2026, 11, 26), 9, 0), date(2026, 11, 27));
        let typed = input(day, time(9, 0, 0, 0), time(10, 0, 0, 0));
        let planned = |usual: Option<&str>, input: &SiteVisitInput| {
            SiteVisitRule::default().planned(&office(), usual.map(str::to_owned), input, now)
        };
        assert_eq!(planned(None, &SiteVisitInput { to: None, ..typed.clone() }), Err(SiteVisitFault::Missing));
        let nowhere = SiteVisitInput { place: " ".to_owned(), ..typed.clone() };
        assert_eq!(planned(None, &nowhere), Err(SiteVisitFault::NoPlace { max: LONGEST_PLACE }));
        assert_eq!(planned(Some("Chợ Thủ"), &nowhere).map(|visit| visit.place), Ok("Chợ Thủ".to_owned()));
        assert_eq!(planned(Some("Chợ Thủ"), &typed).map(|visit| visit.place), Ok("12 Lê Lợi".to_owned()));
        let far = SiteVisitInput { day: Some(date(2040, 1, 2)), ..typed.clone() };
        assert_eq!(planned(None, &far), Err(SiteVisitFault::UnknownYear { year: 2040 }));
        let past = SiteVisitInput { day: Some(date(2026, 11, 25)), ..typed.clone() };
        assert_eq!(planned(None, &past), Err(SiteVisitFault::TooSoon { earliest: now }));
        let first = SiteVisitInput { day: Some(Date::MIN), ..typed };
        assert_eq!(planned(None, &first), Err(SiteVisitFault::BadTimes), "before all instants");
    }

    fn minutes() -> impl Strategy<Value = Time> {
        (0_i8..24, 0_i8..60).prop_map(|(hour, minute)| time(hour, minute, 0, 0))
    }

    proptest! {
        #[test]
        fn a_visit_that_is_made_is_in_working_time_from_its_beginning_to_its_end(
            days in 0_i64..40, from in minutes(), to in minutes(), least in 1_u32..20, more in 0_u32..20,
        ) {
            let (calendar, now) = (office(), at(date(2026, 8, 20), 10, 0));
            let day = local(now).date().checked_add(jiff::Span::new().days(days)).expect("a day");
            let rule = SiteVisitRule {
                at_least: Some(Limit::WorkingHours(least)),
                at_most: Some(Limit::WorkingDays(least + more)),
                ..SiteVisitRule::default()
            };
            if let Ok(visit) = rule.planned(&calendar, None, &input(day, from, to), now) {
                let bounds = rule.bounds(&calendar, now).expect("the year is known");
                prop_assert!(bounds.earliest <= visit.from && visit.from < visit.to);
                prop_assert!(bounds.latest.is_some_and(|latest| visit.to <= latest));
                let worked = calendar.working_between(visit.from, visit.to).expect("known");
                prop_assert_eq!(worked, visit.to.as_second() - visit.from.as_second());
            }
        }
    }
}
