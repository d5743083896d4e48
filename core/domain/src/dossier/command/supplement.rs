//! # Supplement
//!
//! The applicant supplies the answers and papers that the office asked for. An officer of the counter does so for an
//! applicant who came there, by the same rules. The papers that the officer has seen need no file. The form, its papers
//! and the plugins are checked as they are when a dossier is filed. Every stay that waited for the supplement goes on, and its clock runs
//! again. If other answers make other fees or another limit, the dossier has them from now on. The limit then gives or
//! takes the difference of the two limits, and the time that the agency used stays used.
//!
//! - Given by: the applicant whose dossier it is, or a counter of its agency, for somebody else.
//! - Refused: if no open step waits for a supplement, if the dossier follows another version of its procedure than the
//!   one whose form the applicant filled in, if another day has begun since the applicant reviewed the fees and the limit,
//!   if the form or its papers are not complete, and if a plugin without which nothing is filed gave no answer.
//! - Event: `supplemented`, with the fees and the limit if they changed. The applicant is told of other fees and of the
//!   new appointment, and not of their own supplement. The applicant is told of a supplement that the counter received.

use crate::dossier::Dossier;
use crate::dossier::case::Case;
use crate::dossier::clocks::clocks_after;
use crate::dossier::completeness::{GivenPapers, complete, owed};
use crate::dossier::event::{Channel, Clocks, Event, ReceivedSupplement, Recorded};
use crate::dossier::flow::{Stay, StayWait, UnreadableDossier};
use crate::dossier::refusal::Refusal;
use crate::dossier::verdict::Verdict;
use crate::media::AttachedPaper;
use crate::money::Dong;
use crate::names::{Digest, PaperId};
use crate::people::access::Deed;
use crate::people::organisation::Actor;
use crate::procedure::FeeLine;
use crate::time::calendar::{Limit, WorkingLength, local};
use crate::time::clock::{Clock, ClockBudget, has_passed};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::{Map, Value as Json};

/// The papers of a supplement.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SuppliedPapers {
    pub attached: Vec<AttachedPaper>,
    /// The papers that the officer at the counter has seen, those of the filing among them.
    pub on_paper: Vec<PaperId>,
}

/// The content of a supplement.
#[derive(Debug, Clone, Copy)]
pub struct SupplementContent<'a> {
    pub values: &'a Map<String, Json>,
    pub papers: &'a [AttachedPaper],
    pub verdicts: &'a [Verdict],
    /// The amounts owed from now on, if the supplement changed them.
    pub fees: Option<&'a [FeeLine]>,
}

/// Returns the right that the command needs of an actor.
const fn right(actor: &Actor) -> Deed {
    match actor {
        Actor::Officer { .. } => Deed::SupplementAtCounter,
        Actor::Applicant { .. } | Actor::System => Deed::Supplement,
    }
}

/// Decides on a supplement.
pub fn decide(
    case: Case<'_>,
    actor: &Actor,
    (version, reviewed_on): (&Digest, Option<Date>),
    typed: &Map<String, Json>,
    papers: SuppliedPapers,
    verdicts: Vec<Verdict>,
) -> Result<Event, Refusal> {
    case.permit(actor, right(actor))?;
    case.dossier.can_be_supplemented()?;
    if *version != case.dossier.procedure {
        return Err(Refusal::VersionChanged);
    }
    if reviewed_on.is_some_and(|day| day != local(case.now).date()) {
        return Err(Refusal::Changed);
    }
    let agency = &case.dossier.filed.agency;
    let SuppliedPapers { attached: papers, on_paper } = papers;
    // Nobody but a counter sees papers. A paper that it saw before needs no file now.
    let (channel, on_paper) = match actor {
        Actor::Officer { .. } => (Channel::Counter, on_paper),
        Actor::Applicant { .. } | Actor::System => (Channel::Online, Vec::new()),
    };
    let seen = if channel == Channel::Counter { &on_paper } else { &case.dossier.on_paper };
    let given = GivenPapers { attached: &papers, on_paper: seen };
    let values = complete(case.rules, agency, typed, given, &verdicts, case.now)?;
    let fees = changed_fees(case, &values, &verdicts);
    let owes = case.dossier.owed_of(fees.as_deref().unwrap_or(&case.dossier.fees)) > Dong(0);
    let mut clocks = clocks_after(case, |stay| owes && matches!(stay.waits, Some(StayWait::Payment { .. })))?;
    let procedure = case.rules.procedure;
    let old = procedure.limit_for(agency, &case.dossier.values, case.dossier.answers_at);
    let new = procedure.limit_for(agency, &values, case.now);
    if old != new {
        let (whole, calendar) = (with_limit(case, old, new), case.rules.calendar);
        let stands = clocks.whole.stands();
        clocks.whole = if stands { whole.stop(calendar, case.now) } else { whole.resume(calendar, case.now) };
    }
    let limit = (old != new).then_some(new);
    Ok(Event::Supplemented { values, papers, verdicts, fees, limit, channel, on_paper, clocks })
}

/// Returns the amounts owed after a supplement, if the new answers change them. Another version of the procedure alone
/// changes none, because both answers are judged by the present one.
fn changed_fees(case: Case<'_>, values: &Map<String, Json>, verdicts: &[Verdict]) -> Option<Vec<FeeLine>> {
    let (procedure, dossier) = (case.rules.procedure, case.dossier);
    let known = |verdict: &Verdict| {
        let before = dossier.verdicts.iter().find(|before| before.component == verdict.component);
        // A plugin that failed changes no amount.
        before.filter(|_| verdict.fault.is_some()).unwrap_or(verdict).clone()
    };
    let verdicts: Vec<Verdict> = verdicts.iter().map(known).collect();
    let agency = &dossier.filed.agency;
    let after = owed(procedure, agency, values, &verdicts, case.now);
    let before = owed(procedure, agency, &dossier.values, &dossier.verdicts, dossier.answers_at);
    let is_same = after == dossier.fees || after == before;
    (!is_same).then_some(after)
}

/// Returns the clock of the whole dossier under another limit. The rest grows or shrinks by the difference of the
/// limits. Between working time and calendar time, the same share of the limit is left. If the clock is late, the time
/// that the new limit adds runs from the moment at which the old limit was used up.
fn with_limit(case: Case<'_>, old: Limit, new: Limit) -> Clock {
    let (calendar, whole) = (case.rules.calendar, &case.dossier.flow.whole);
    let rest = |left: WorkingLength| {
        let length = |limit| calendar.length(limit, case.dossier.filed_at).ok();
        rest_under(left, length(old)?, length(new)?)
    };
    let stopped = |at: Timestamp, left: WorkingLength, passed: Option<Timestamp>| {
        let left = rest(left)?;
        match passed {
            None => Some(Clock::Stopped { at, left, passed: None }),
            Some(_) if left.amount() == 0 => None,
            Some(since) => {
                let due = calendar.end(since, left).ok()?;
                Some(Clock::Running { since, left, due }.stop(calendar, at))
            }
        }
    };
    let changed = match whole {
        Clock::Running { since, left, due } => {
            let passed = has_passed(*due, *since).then_some(*due);
            stopped(*since, *left, passed).map(|clock| clock.resume(calendar, *since))
        }
        Clock::Stopped { at, left, .. } => stopped(*at, *left, whole.due_or_passed()),
        Clock::Unknown { budget, ran, since } => {
            let budget = match budget {
                ClockBudget::Limit(_) => Some(ClockBudget::Limit(new)),
                ClockBudget::Left(left) => rest(*left).map(ClockBudget::Left),
            };
            budget.map(|budget| Clock::Unknown { budget, ran: ran.clone(), since: *since }.recomputed(calendar))
        }
    };
    changed.unwrap_or_else(|| whole.clone())
}

/// Returns the rest of the limit `new`, if `left` is left of the limit `old`. Returns `None` if the rest has another
/// kind than the old limit, because the calendar counted otherwise when the clock started.
fn rest_under(left: WorkingLength, old: WorkingLength, new: WorkingLength) -> Option<WorkingLength> {
    let is_alike = |one: WorkingLength, other: WorkingLength| one.used_up() == other.used_up();
    if !is_alike(left, old) {
        return None;
    }
    if is_alike(old, new) {
        return Some(left.minus(old.amount().saturating_sub(new.amount())));
    }
    let share = new.amount().saturating_mul(left.amount().max(0)) / old.amount().max(1);
    Some(new.with(share))
}

/// Keeps what the counter received with [`Event::Supplemented`], before the event is applied.
pub fn receive(dossier: &mut Dossier, recorded: &Recorded, papers: &[AttachedPaper], on_paper: &[PaperId]) {
    let is_new = |paper: &&AttachedPaper| !dossier.papers.contains(paper);
    let is_unseen = |paper: &&PaperId| !dossier.on_paper.contains(paper);
    let received = ReceivedSupplement {
        at: recorded.at,
        by: recorded.actor.clone(),
        papers: papers.iter().filter(is_new).cloned().collect(),
        on_paper: on_paper.iter().filter(is_unseen).cloned().collect(),
    };
    dossier.received.push(received);
    dossier.on_paper = on_paper.to_vec();
}

/// Applies [`Event::Supplemented`].
pub fn apply(
    dossier: &mut Dossier,
    at: Timestamp,
    content: SupplementContent<'_>,
    clocks: &Clocks,
) -> Result<(), UnreadableDossier> {
    let SupplementContent { values, papers, verdicts, fees } = content;
    dossier.undo = None;
    dossier.judged = dossier.version + 1;
    dossier.supplemented = dossier.version + 1;
    dossier.values.clone_from(values);
    dossier.answers_at = at;
    dossier.papers = papers.to_vec();
    dossier.verdicts = verdicts.to_vec();
    if let Some(fees) = fees {
        dossier.fees = fees.to_vec();
    }
    dossier.flow.set_clocks(None, clocks)?;
    let owes = dossier.owed() > Dong(0);
    // A payment that is not owed any more is not awaited either.
    dossier.flow.answered(|wait| match wait {
        StayWait::Supplement { .. } => true,
        StayWait::Payment { .. } => !owes,
    });
    Ok(())
}

impl Dossier {
    /// Returns whether `actor` may give what the office asked for now, whatever else is awaited.
    pub fn may_supplement(&self, actor: &Actor) -> bool {
        self.lets(actor, right(actor)) && self.can_be_supplemented().is_ok()
    }

    /// Refuses a supplement that no open stay waits for.
    fn can_be_supplemented(&self) -> Result<(), Refusal> {
        if self.flow.stays.iter().any(Stay::waits_for_supplement) {
            return Ok(());
        }
        Err(if self.has_ended() { Refusal::Ended } else { Refusal::NothingAwaited })
    }
}
