//! The filters of an officer's list: the choices that an officer has, and the ones that an address names.

use super::ListService;
use crate::Error;
use crate::procedures::ProcedureService;
use jiff::Timestamp;
use jiff::ToSpan as _;
use jiff::civil::Date;
use motcua_catalogue::{Live, Province};
use motcua_domain::dossier::event::Channel;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::fold::fold;
use motcua_domain::names::{AgencyId, ProcedureCode, StepId, UnitId, UserId};
use motcua_domain::people::access::{Deed, may};
use motcua_domain::people::organisation::{Actor, Role};
use motcua_domain::text::Text;
use motcua_domain::time::calendar::{instant, local};
use motcua_store::accounts;
use motcua_store::desk::{DeskHolder, DeskWish, DueSpan};
use std::collections::BTreeSet;

/// The officer who asks, as the holder of a step.
const ME: &str = "me";

/// The holder of steps that nobody has.
const NOBODY: &str = "nobody";

/// The words for the times in which a line is due.
const DUE: [&str; 3] = ["late", "today", "week"];

/// The word for lines with news.
const UNREAD: &str = "yes";

/// The filters of a list in the words of an address. An empty one is not asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AskedFilters {
    /// The code of a dossier, or words.
    pub words: String,
    pub procedure: String,
    pub step: String,
    /// An agency, or a unit of it as `agency/unit`.
    pub unit: String,
    /// The log-in of an officer, `me` or `nobody`.
    pub officer: String,
    /// `late`, `today` or `week`.
    pub due: String,
    pub channel: String,
    /// `yes` for lines with news.
    pub unread: String,
}

/// A value that a filter can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterChoice {
    /// The value in the address.
    pub value: String,
    /// The words for the value, or `None` if the theme has them.
    pub label: Option<Text>,
    pub chosen: bool,
}

/// A filter with its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskCriterion {
    /// The name in the address.
    pub name: &'static str,
    pub choices: Vec<FilterChoice>,
}

/// The filters of a list, as far as they are known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeskFilters {
    pub wish: DeskWish,
    pub criteria: Vec<DeskCriterion>,
    /// The names of the asked filters whose values are unknown. The list is shown without them.
    pub unknown: Vec<&'static str>,
}

impl DeskFilters {
    /// Adds a filter, and returns the place of the asked value among its values.
    fn add(&mut self, name: &'static str, asked: &str, choices: Vec<(String, Option<Text>)>) -> Option<usize> {
        let at = choices.iter().position(|(value, _)| value == asked);
        if at.is_none() && !asked.is_empty() {
            self.unknown.push(name);
        }
        let choice = |(number, (value, label)): (usize, (String, Option<Text>))| FilterChoice {
            value,
            label,
            chosen: at == Some(number),
        };
        self.criteria.push(DeskCriterion { name, choices: choices.into_iter().enumerate().map(choice).collect() });
        at
    }
}

impl ListService {
    /// Returns the filters that an officer can choose, and those of the asked ones that are known.
    pub async fn desk_filters(&self, actor: &Actor, asked: &AskedFilters) -> Result<DeskFilters, Error> {
        let Actor::Officer { id, posts, .. } = actor else { return Err(Refusal::NotAllowed.into()) };
        if !may(actor, Deed::ReadDesk, None) {
            return Err(Refusal::NotAllowed.into());
        }
        let agencies: BTreeSet<&str> = posts.iter().map(|post| post.agency.as_str()).collect();
        let everywhere = posts.iter().any(|post| post.role == Role::Auditor);
        let mut filters = DeskFilters { wish: DeskWish::words(asked.words.trim()), ..DeskFilters::default() };
        let procedures = procedures_of(&self.procedures, &agencies, everywhere);
        let named = |live: &Live| (live.procedure.code.to_string(), Some(live.procedure.name.clone()));
        let at = filters.add("procedure", &asked.procedure, procedures.iter().map(named).collect());
        filters.wish.procedure = at.map(|_| ProcedureCode(asked.procedure.clone()));
        let chosen = at.and_then(|at| procedures.get(at));
        let at = filters.add("step", &asked.step, steps_of(&procedures, chosen, &asked.step));
        filters.wish.step = at.map(|_| StepId(asked.step.clone()));
        let units = units_of(&self.province, &agencies, everywhere);
        if filters.add("unit", &asked.unit, units).is_some() {
            let (agency, unit) = asked.unit.split_once('/').map_or((asked.unit.as_str(), None), |(a, u)| (a, Some(u)));
            filters.wish.agency = Some(AgencyId::from(agency));
            filters.wish.unit = unit.map(UnitId::from);
        }
        self.add_officers(&mut filters, id, &agencies, &asked.officer).await?;
        let words = |words: &[&str]| words.iter().map(|word| ((*word).to_owned(), None)).collect();
        if filters.add("due", &asked.due, words(&DUE)).is_some() {
            filters.wish.due = due_span(&asked.due, self.clock.now());
        }
        let at = filters.add("channel", &asked.channel, words(&Channel::ALL.map(Channel::name)));
        filters.wish.channel = at.and_then(|at| Channel::ALL.get(at).copied());
        filters.wish.unread_by = filters.add("unread", &asked.unread, words(&[UNREAD])).map(|_| id.clone());
        Ok(filters)
    }

    /// Adds the filter by the holder of a step.
    async fn add_officers(
        &self,
        filters: &mut DeskFilters,
        own: &UserId,
        agencies: &BTreeSet<&str>,
        asked: &str,
    ) -> Result<(), Error> {
        let agencies: Vec<&str> = agencies.iter().copied().collect();
        let colleagues = accounts::colleagues(self.database.reader(), &agencies).await?;
        let mut others: Vec<_> = colleagues.iter().filter(|row| row.id != own.as_str()).collect();
        others.sort_by_cached_key(|row| fold(&row.name));
        let mut choices = vec![(ME.to_owned(), None), (NOBODY.to_owned(), None)];
        choices.extend(others.into_iter().map(|row| (row.login.clone(), Some(Text::vi(&row.name)))));
        if filters.add("officer", asked, choices).is_some() {
            filters.wish.holder = match asked {
                ME => Some(DeskHolder::Officer(own.clone())),
                NOBODY => Some(DeskHolder::Nobody),
                login => {
                    let found = colleagues.iter().find(|row| row.login == login);
                    found.map(|row| DeskHolder::Officer(UserId(row.id.clone())))
                }
            };
        }
        Ok(())
    }
}

/// Returns the procedures that some of these agencies offer or take part in, in the order of their names.
fn procedures_of(service: &ProcedureService, agencies: &BTreeSet<&str>, everywhere: bool) -> Vec<Live> {
    let is_own = |agency: &AgencyId| everywhere || agencies.contains(agency.as_str());
    let takes_part = |live: &&Live| {
        let steps = &live.procedure.workflow.steps;
        let asked = steps.iter().filter_map(|step| step.many.as_ref()).flat_map(|many| &many.places);
        let mut places = steps.iter().filter_map(|step| step.place.as_ref()).chain(asked);
        live.offers.iter().any(is_own) || places.any(|place| is_own(&place.agency))
    };
    let mut procedures: Vec<Live> = service.catalogue().all().iter().filter(takes_part).cloned().collect();
    procedures.sort_by_cached_key(|live| (fold(&live.procedure.name.vi), live.procedure.code.clone()));
    procedures
}

/// Returns the steps that officers take in the chosen procedure. Without one, returns the asked step as the first
/// procedure names it.
fn steps_of(procedures: &[Live], chosen: Option<&Live>, asked: &str) -> Vec<(String, Option<Text>)> {
    let steps = |live: &Live| {
        let of_officers = live.procedure.workflow.steps.iter().filter(|step| step.role != Role::Applicant);
        of_officers.map(|step| (step.id.to_string(), Some(step.name.clone()))).collect::<Vec<_>>()
    };
    match chosen {
        Some(live) => steps(live),
        None if asked.is_empty() => Vec::new(),
        None => procedures.iter().flat_map(steps).find(|(id, _)| id == asked).into_iter().collect(),
    }
}

/// Returns these agencies, each followed by its units. A reader of everything chooses among all agencies.
fn units_of(province: &Province, agencies: &BTreeSet<&str>, everywhere: bool) -> Vec<(String, Option<Text>)> {
    let mut units = Vec::new();
    for agency in &province.agencies {
        let is_own = agencies.contains(agency.id.as_str());
        if !is_own && !everywhere {
            continue;
        }
        units.push((agency.id.to_string(), Some(agency.name.clone())));
        for unit in agency.units.iter().filter(|_| is_own) {
            units.push((format!("{}/{}", agency.id, unit.id), Some(unit.name.clone())));
        }
    }
    units
}

/// Returns the span of time for a word: before now, until the end of this day, or until the end of this week.
fn due_span(word: &str, now: Timestamp) -> Option<DueSpan> {
    let (today, now) = (local(now).date(), now.as_second());
    let begin = |day: Date| instant(day.at(0, 0, 0, 0)).as_second();
    let after = |days: i8| today.checked_add(i64::from(days).days()).map_or(i64::MAX, begin);
    let until = match word {
        "late" => return Some(DueSpan { from: None, before: now }),
        "today" => after(1),
        "week" => after(7 - today.weekday().to_monday_zero_offset()),
        _ => return None,
    };
    Some(DueSpan { from: Some(now), before: until })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_day_ends_at_midnight_in_vietnam_and_a_week_with_its_sunday() {
        // A Friday.
        let now = instant(date(2026, 11, 27).at(14, 0, 0, 0));
        let at = |day: Date| instant(day.at(0, 0, 0, 0)).as_second();
        let span = |word: &str| due_span(word, now);
        assert_eq!(span("late"), Some(DueSpan { from: None, before: now.as_second() }));
        let from = Some(now.as_second());
        assert_eq!(span("today"), Some(DueSpan { from, before: at(date(2026, 11, 28)) }));
        assert_eq!(span("week"), Some(DueSpan { from, before: at(date(2026, 11, 30)) }));
        assert_eq!(span("month"), None);
        assert!(DUE.iter().all(|word| span(word).is_some()));
    }
}
