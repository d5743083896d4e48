//! The run of a simulation: moments in their order, from the first dossier to the last.

use super::dossier::{SimulatedDossier, SimulatedStay, SimulationEvent};
use super::hall::{SimulatedOffice, places};
use super::report::{PostTally, RunTally, StepTally, number, report, whole};
use super::{Impossible, SimulationPlan, SimulationReport, SimulationScene, Staff};
use crate::dossier::clocks::StayTimes;
use crate::people::organisation::Role;
use crate::time::calendar::{Calendar, WorkingLength, YearMissing};
use crate::time::clock::Clock;
use crate::workflow::net::{Net, StepIndex, meets_milestone};
use crate::workflow::{Action, Effect, NationalStatus, Step};
use jiff::{SignedDuration, Timestamp};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

/// Simulates the scene and returns the report. `staff` are the officers with their posts.
pub fn simulate(
    scene: SimulationScene<'_>,
    plan: &SimulationPlan,
    staff: &Staff,
) -> Result<SimulationReport, Impossible> {
    plan.check(scene.procedure)?;
    let hall = SimulatedOffice::new(scene, staff)?;
    let mut runs = Vec::new();
    for number in 0..scene.runs.max(1) {
        let seed = scene.seed.wrapping_mul(0x9e37_79b9).wrapping_add(u64::from(number));
        let mut run = SimulationRun::new(scene, plan, &hall, StdRng::seed_from_u64(seed));
        run.play()?;
        runs.push(run.tally);
    }
    Ok(report(scene, &hall, &runs))
}

/// The most days that an applicant takes for a step of their own.
const MOST_DAYS: u32 = 3660;

struct SimulationRun<'a> {
    scene: SimulationScene<'a>,
    plan: &'a SimulationPlan,
    hall: &'a SimulatedOffice,
    net: Net<'a>,
    rng: StdRng,
    now: Timestamp,
    end: Timestamp,
    counts_from: Timestamp,
    moments: BinaryHeap<Reverse<(Timestamp, u64, SimulationEvent)>>,
    sequence: u64,
    cases: Vec<Option<SimulatedDossier>>,
    free: BTreeSet<usize>,
    /// The stays that wait for an officer, by post. The earliest due time comes first.
    queues: Vec<BTreeSet<(Timestamp, usize, u32)>>,
    tally: RunTally,
}

impl<'a> SimulationRun<'a> {
    fn new(scene: SimulationScene<'a>, plan: &'a SimulationPlan, hall: &'a SimulatedOffice, rng: StdRng) -> Self {
        let workflow = &scene.procedure.workflow;
        Self {
            net: Net::new(workflow),
            rng,
            now: scene.from,
            end: scene.from,
            counts_from: scene.from,
            moments: BinaryHeap::new(),
            sequence: 0,
            cases: Vec::new(),
            free: (0..hall.officers.len()).collect(),
            queues: vec![BTreeSet::new(); hall.posts.len()],
            tally: RunTally {
                steps: vec![StepTally::default(); workflow.steps.len()],
                posts: vec![PostTally::default(); hall.posts.len()],
                work: vec![0.0; hall.officers.len()],
                ..RunTally::default()
            },
            scene,
            plan,
            hall,
        }
    }

    fn calendar(&self) -> &'a Calendar {
        self.scene.calendar
    }

    fn play(&mut self) -> Result<(), Impossible> {
        let day = self.calendar().working_day(self.scene.from)?;
        let days = i64::from(self.scene.days.max(5));
        self.end = self.calendar().end(self.scene.from, WorkingLength::Working(day * days))?;
        self.counts_from = self.calendar().end(self.scene.from, WorkingLength::Working(day * (days / 5)))?;
        self.tally.working = number(self.calendar().working_between(self.counts_from, self.end)?);
        let between = number(day) / self.plan.arrivals;
        let mut moment = self.scene.from;
        loop {
            let pause = WorkingLength::Working(whole(self.chance(between)));
            moment = self.calendar().end(moment, pause)?;
            if moment >= self.end {
                break;
            }
            self.later(moment, SimulationEvent::Filed);
        }
        while let Some(Reverse((at, _, what))) = self.moments.pop() {
            if at >= self.end {
                break;
            }
            self.now = at;
            self.happen(what)?;
        }
        self.now = self.end;
        for case in std::mem::take(&mut self.cases).into_iter().flatten() {
            if case.counted && !case.processed && case.whole.is_late(self.end) {
                self.tally.late += 1.0;
                self.tally.judged += 1.0;
            }
        }
        Ok(())
    }

    /// Returns a random span with this mean, distributed like the spans between independent events.
    fn chance(&mut self, mean: f64) -> f64 {
        let part: f64 = self.rng.random();
        -mean * (1.0 - part).ln()
    }

    fn later(&mut self, at: Timestamp, what: SimulationEvent) {
        self.sequence += 1;
        self.moments.push(Reverse((at, self.sequence, what)));
    }

    fn happen(&mut self, what: SimulationEvent) -> Result<(), YearMissing> {
        match what {
            SimulationEvent::Filed => self.filed(),
            SimulationEvent::Given { case, stay } => self.given(case, stay),
            SimulationEvent::Lapsed { case } => {
                self.drop_case(case);
                Ok(())
            }
            SimulationEvent::Elapsed { case, stay } => self.elapsed(case, stay),
            SimulationEvent::Done { officer, case, stay } => {
                self.free.insert(officer);
                if let Some(step) = self.stay(case, stay).map(|stay| stay.step) {
                    match self.choose(case, stay, step) {
                        Some(action) => self.act(case, stay, action)?,
                        // Nothing is open yet, so the stay is taken up again later.
                        None => self.queue(case, stay, self.now + SignedDuration::from_hours(24))?,
                    }
                }
                self.take_up(officer)
            }
        }
    }

    /// Takes the timed action of a stay, or looks again later while the action is not open.
    fn elapsed(&mut self, case: usize, id: u32) -> Result<(), YearMissing> {
        let Some(stay) = self.stay(case, id) else { return Ok(()) };
        // The time of a stay that waited since the event was planned has moved.
        if stay.timer.as_ref().and_then(Clock::due).is_none_or(|due| due > self.now) {
            return Ok(());
        }
        let Some((action, _)) = self.step(stay.step).timed() else { return Ok(()) };
        if !self.is_open(case, id, action) {
            self.later(self.now + SignedDuration::from_hours(24), SimulationEvent::Elapsed { case, stay: id });
            return Ok(());
        }
        self.act(case, id, action)
    }

    fn step(&self, at: StepIndex) -> &'a Step {
        &self.net.workflow.steps[at]
    }

    fn stay(&self, case: usize, stay: u32) -> Option<&SimulatedStay> {
        self.cases[case].as_ref()?.stays.iter().find(|open| open.id == stay)
    }

    fn filed(&mut self) -> Result<(), YearMissing> {
        let received = self.calendar().next_working(self.now)?;
        let case = SimulatedDossier {
            counted: self.now >= self.counts_from,
            whole: Clock::start(self.calendar(), self.scene.procedure.limit, self.now),
            received,
            waited: 0,
            waits_since: None,
            processed: false,
            stays: Vec::new(),
            arrived: Vec::new(),
            next: 0,
            answers: BTreeMap::new(),
        };
        self.tally.filed += f64::from(u8::from(case.counted));
        self.cases.push(Some(case));
        let at = self.cases.len() - 1;
        self.begin(at, 0, false)?;
        self.clocks(at)
    }

    /// Begins the stays at a step: one, or one for each unit that is asked.
    fn begin(&mut self, at: usize, step: StepIndex, waits: bool) -> Result<(), YearMissing> {
        let shown = self.step(step);
        let times = StayTimes::begin(self.calendar(), shown, shown.limit, self.now);
        let times = if waits { times.stopped(self.calendar(), self.now) } else { times };
        let fires = times.timer.as_ref().and_then(Clock::due);
        let own = self.hall.own.clone();
        let places = places(shown, &own);
        let asked = u32::try_from(places.len()).unwrap_or(1);
        let Some(first) = self.cases[at].as_ref().map(|case| case.next) else { return Ok(()) };
        for place in places {
            let post = (shown.role != Role::Applicant).then(|| self.hall.post(shown, place));
            let Some(case) = &mut self.cases[at] else { return Ok(()) };
            let id = case.next;
            case.next += 1;
            case.stays.push(SimulatedStay {
                id,
                step,
                clock: times.clock.clone(),
                timer: times.timer.clone(),
                since: self.now,
                post,
                asked: shown.many.as_ref().map(|many| (first, many.enough_of(asked))),
                waits,
                queued: None,
            });
            if let Some(fires) = fires {
                self.later(fires, SimulationEvent::Elapsed { case: at, stay: id });
            }
            if waits || post.is_none() {
                self.ask_applicant(at, id);
            } else {
                self.queue(at, id, self.now)?;
            }
        }
        Ok(())
    }

    /// Lets the applicant answer, pay or act later. Only a supplement and a payment have a limit that may pass.
    fn ask_applicant(&mut self, case: usize, stay: u32) {
        let days = self.chance(self.plan.applicant_days);
        let is_awaited = self.stay(case, stay).is_some_and(|stay| stay.waits);
        let most = if is_awaited { f64::from(self.scene.procedure.waiting_days) } else { f64::from(MOST_DAYS) };
        let span = SignedDuration::from_secs(whole(days.min(most) * 86_400.0));
        let lapses = is_awaited && days > most;
        let what = if lapses { SimulationEvent::Lapsed { case } } else { SimulationEvent::Given { case, stay } };
        self.later(self.now + span, what);
    }

    /// Queues a stay for an officer of its post, or lets a free officer take it at once.
    fn queue(&mut self, at: usize, id: u32, since: Timestamp) -> Result<(), YearMissing> {
        let due = |case: &SimulatedDossier| case.whole.due().unwrap_or(Timestamp::MAX);
        let Some(case) = &mut self.cases[at] else { return Ok(()) };
        let rank = (due(case).max(since), at, id);
        let Some(stay) = case.stays.iter_mut().find(|stay| stay.id == id) else { return Ok(()) };
        let Some(post) = stay.post else { return Ok(()) };
        stay.queued = Some(rank);
        self.queues[post].insert(rank);
        let tally = &mut self.tally.posts[post];
        tally.longest = tally.longest.max(self.queues[post].len());
        match self.free.iter().copied().find(|officer| self.hall.officers[*officer].contains(&post)) {
            Some(officer) => self.take_up(officer),
            None => Ok(()),
        }
    }

    /// Lets a free officer take the stay that is due first.
    fn take_up(&mut self, officer: usize) -> Result<(), YearMissing> {
        if !self.free.contains(&officer) {
            return Ok(());
        }
        let first = |post: &usize| self.queues[*post].first().map(|rank| (*rank, *post));
        let Some((rank, post)) = self.hall.officers[officer].iter().filter_map(first).min() else { return Ok(()) };
        self.queues[post].remove(&rank);
        let (_, at, id) = rank;
        let Some(case) = &mut self.cases[at] else { return Ok(()) };
        let counted = case.counted;
        let Some(stay) = case.stays.iter_mut().find(|stay| stay.id == id) else { return Ok(()) };
        stay.queued = None;
        let (step, since) = (stay.step, stay.since);
        self.free.remove(&officer);
        // The sum of two parts makes very short and very long work rare.
        let mean = self.plan.minutes(&self.step(step).id) * 30.0;
        let work = (self.chance(mean) + self.chance(mean)).max(1.0);
        let done = self.calendar().end(self.now, WorkingLength::Working(whole(work)))?;
        if counted {
            let waited = number(self.calendar().working_between(since, self.now)?) / 3600.0;
            self.tally.steps[step].waiting += waited;
            self.tally.posts[post].waiting += waited;
            self.tally.posts[post].taken += 1.0;
        }
        if self.now >= self.counts_from {
            self.tally.work[officer] += work;
        }
        self.later(done, SimulationEvent::Done { officer, case: at, stay: id });
        Ok(())
    }

    /// Chooses one of the open actions.
    fn choose(&mut self, at: usize, id: u32, step: StepIndex) -> Option<&'a Action> {
        let shown = self.step(step);
        let people = shown.actions.iter().filter(|action| action.is_for_people());
        let open: Vec<&Action> = people.filter(|action| self.is_open(at, id, action)).collect();
        let weights: Vec<f64> = open.iter().map(|action| self.plan.often(shown, &action.id)).collect();
        let sum: f64 = weights.iter().sum();
        if sum <= 0.0 {
            return open.first().copied();
        }
        let mut left = self.rng.random::<f64>() * sum;
        for (action, weight) in open.iter().zip(weights) {
            left -= weight;
            if left < 0.0 {
                return Some(action);
            }
        }
        open.last().copied()
    }

    /// Returns whether the milestone of an action is met. A simulation does not know the answers of conditions.
    fn is_open(&self, at: usize, id: u32, action: &Action) -> bool {
        let Some(case) = self.cases[at].as_ref().filter(|_| action.during.is_some()) else { return true };
        let marking = case.marking();
        let token = case.stays.iter().position(|stay| stay.id == id).and_then(|stay| marking.token_of(stay));
        token.is_some_and(|token| meets_milestone(self.net.workflow, &marking.tokens, token, action))
    }

    fn act(&mut self, at: usize, id: u32, action: &'a Action) -> Result<(), YearMissing> {
        let workflow = self.net.workflow;
        let find = |to| workflow.index(to);
        match &action.effect {
            Effect::Decline | Effect::Refuse | Effect::HandOver => {
                self.left(at, id);
                self.processed(at)?;
                self.drop_case(at);
                Ok(())
            }
            Effect::RequestSupplement => {
                if let Some(stay) = self.cases[at].as_mut().and_then(|case| case.stays.iter_mut().find(|s| s.id == id))
                {
                    stay.waits = true;
                }
                self.ask_applicant(at, id);
                self.clocks(at)
            }
            Effect::Advance { to } => self.go(at, id, action, find(to).into_iter().collect(), false),
            Effect::RequestPayment { to } => {
                // Without fees the dossier waits for no payment.
                let owes = !self.scene.procedure.fees.is_empty();
                self.go(at, id, action, find(to).into_iter().collect(), owes)
            }
            Effect::Finish => self.go(at, id, action, Vec::new(), false),
            Effect::Split { to } => {
                let mut taken: Vec<StepIndex> = Vec::new();
                for branch in to {
                    if branch.when.is_none() || self.rng.random::<f64>() < self.plan.branches {
                        taken.extend(find(&branch.to));
                    }
                }
                if taken.is_empty() {
                    taken.extend(to.first().and_then(|branch| find(&branch.to)));
                }
                self.go(at, id, action, taken, false)
            }
            Effect::Answer => {
                let asked = self.stay(at, id).and_then(|stay| stay.asked);
                self.go(at, id, action, Vec::new(), false)?;
                if let (Some((first, _)), Some(case)) = (asked, &mut self.cases[at]) {
                    *case.answers.entry(first).or_default() += 1;
                }
                Ok(())
            }
        }
    }

    /// Moves on the net.
    fn go(
        &mut self,
        at: usize,
        id: u32,
        action: &'a Action,
        to: Vec<StepIndex>,
        pays: bool,
    ) -> Result<(), YearMissing> {
        self.left(at, id);
        let Some(case) = &self.cases[at] else { return Ok(()) };
        let Some(leaves) = case.stays.iter().position(|stay| stay.id == id) else { return Ok(()) };
        let Some(moved) = self.net.leave(&case.marking(), leaves, action, &to) else { return Ok(()) };
        let ended: Vec<u32> = moved.ended.iter().map(|at| case.stays[*at].id).filter(|other| *other != id).collect();
        for other in ended {
            self.unqueue(at, other);
        }
        let Some(case) = &mut self.cases[at] else { return Ok(()) };
        let mut place = 0;
        case.stays.retain(|_| {
            place += 1;
            !moved.ended.contains(&(place - 1))
        });
        case.arrived = moved.arrived;
        for step in moved.begins {
            self.begin(at, step, pays)?;
        }
        self.clocks(at)?;
        let Some(case) = &self.cases[at] else { return Ok(()) };
        if case.stays.is_empty() {
            self.processed(at)?;
            self.drop_case(at);
        } else if case.stays.iter().all(|stay| self.step(stay.step).status == NationalStatus::Processed) {
            self.processed(at)?;
        }
        Ok(())
    }

    fn unqueue(&mut self, at: usize, id: u32) {
        let queued = self.stay(at, id).and_then(|stay| Some((stay.post?, stay.queued?)));
        if let Some((post, rank)) = queued {
            self.queues[post].remove(&rank);
        }
    }

    /// Counts a stay that is left.
    fn left(&mut self, at: usize, id: u32) {
        self.unqueue(at, id);
        let Some(case) = self.cases[at].as_ref().filter(|case| case.counted) else { return };
        let Some(stay) = case.stays.iter().find(|stay| stay.id == id) else { return };
        let tally = &mut self.tally.steps[stay.step];
        tally.taken += 1.0;
        if let Some(clock) = &stay.clock {
            tally.limited += 1.0;
            tally.late += f64::from(u8::from(clock.is_late(self.now)));
        }
    }

    fn given(&mut self, at: usize, id: u32) -> Result<(), YearMissing> {
        let Some(case) = &mut self.cases[at] else { return Ok(()) };
        let Some(stay) = case.stays.iter_mut().find(|stay| stay.id == id) else { return Ok(()) };
        let (waited, step, post) = (std::mem::take(&mut stay.waits), stay.step, stay.post);
        stay.since = self.now;
        if waited {
            self.clocks(at)?;
            if post.is_some() {
                return self.queue(at, id, self.now);
            }
            self.ask_applicant(at, id);
            return Ok(());
        }
        // The step is the applicant's own.
        match self.choose(at, id, step) {
            Some(action) => self.act(at, id, action),
            // Nothing is open yet, so the applicant looks again later.
            None => {
                let again = SimulationEvent::Given { case: at, stay: id };
                self.later(self.now + SignedDuration::from_hours(24), again);
                Ok(())
            }
        }
    }

    /// Stops and resumes the clocks, by the same rule as dossiers.
    fn clocks(&mut self, at: usize) -> Result<(), YearMissing> {
        let (calendar, workflow, now) = (self.scene.calendar, self.net.workflow, self.now);
        let Some(case) = &mut self.cases[at] else { return Ok(()) };
        for (due, stay) in case.turn_clocks(calendar, workflow, now)? {
            self.later(due.max(now), SimulationEvent::Elapsed { case: at, stay });
        }
        Ok(())
    }

    /// Records that the result exists.
    fn processed(&mut self, at: usize) -> Result<(), YearMissing> {
        let (calendar, now) = (self.scene.calendar, self.now);
        let Some(case) = self.cases[at].as_mut().filter(|case| !case.processed) else { return Ok(()) };
        case.processed = true;
        if !case.counted {
            return Ok(());
        }
        let day = calendar.working_day(now)?;
        let waited = case.waited + case.waits_since.map_or(Ok(0), |since| calendar.working_between(since, now))?;
        let took = calendar.working_between(case.received, now)? - waited;
        self.tally.days.push(number(took) / number(day));
        self.tally.judged += 1.0;
        self.tally.late += f64::from(u8::from(case.whole.is_late(now)));
        Ok(())
    }

    fn drop_case(&mut self, at: usize) {
        let ids: Vec<u32> = self.cases[at].iter().flat_map(|case| case.stays.iter().map(|stay| stay.id)).collect();
        for id in ids {
            self.unqueue(at, id);
        }
        self.cases[at] = None;
    }
}
