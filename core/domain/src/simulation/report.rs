//! The counts of all runs, put together.

use super::hall::SimulatedOffice;
use super::{PostReport, SimulationReport, SimulationScene, Spread, StepReport};

/// The counts of one run.
#[derive(Default)]
pub struct RunTally {
    pub filed: f64,
    pub late: f64,
    pub judged: f64,
    pub days: Vec<f64>,
    pub steps: Vec<StepTally>,
    pub posts: Vec<PostTally>,
    /// The work of each officer, in seconds.
    pub work: Vec<f64>,
    pub working: f64,
}

#[derive(Default, Clone)]
pub struct StepTally {
    pub taken: f64,
    pub waiting: f64,
    pub late: f64,
    pub limited: f64,
}

#[derive(Default, Clone)]
pub struct PostTally {
    pub taken: f64,
    pub waiting: f64,
    pub longest: usize,
}

#[expect(clippy::cast_precision_loss, reason = "spans of years at most")]
pub const fn number(count: i64) -> f64 {
    count as f64
}

#[expect(clippy::cast_possible_truncation, reason = "spans of years at most")]
pub fn whole(count: f64) -> i64 {
    count.round() as i64
}

pub fn report(scene: SimulationScene<'_>, hall: &SimulatedOffice, runs: &[RunTally]) -> SimulationReport {
    let count = f64::from(u32::try_from(runs.len()).unwrap_or(1));
    let mean = |of: &dyn Fn(&RunTally) -> f64| runs.iter().map(of).sum::<f64>() / count;
    let ratio = |part: f64, all: f64| if all > 0.0 { part / all } else { 0.0 };
    let late: Vec<f64> = runs.iter().map(|run| ratio(run.late, run.judged)).collect();
    let late_mean = late.iter().sum::<f64>() / count;
    let spread = late.iter().map(|late| (late - late_mean).powi(2)).sum::<f64>() / (count - 1.0).max(1.0);
    let mut days: Vec<f64> = runs.iter().flat_map(|run| run.days.iter().copied()).collect();
    days.sort_by(f64::total_cmp);
    let at = |part: f64| {
        let last = f64::from(u32::try_from(days.len()).unwrap_or(u32::MAX)) - 1.0;
        usize::try_from(whole(last * part)).ok().and_then(|at| days.get(at)).copied().unwrap_or(0.0)
    };
    let mut histogram = Vec::new();
    for taken in &days {
        let place = usize::try_from(whole(taken.floor())).unwrap_or(0).min(365);
        if histogram.len() <= place {
            histogram.resize(place + 1, 0.0);
        }
        histogram[place] += 1.0 / count;
    }
    let processed = ratio(number(i64::try_from(days.len()).unwrap_or(i64::MAX)), count);
    let steps = scene.procedure.workflow.steps.iter().enumerate().map(|(at, step)| {
        let sum = |of: &dyn Fn(&StepTally) -> f64| runs.iter().map(|run| of(&run.steps[at])).sum::<f64>();
        StepReport {
            step: step.id.clone(),
            name: step.name.clone(),
            taken: sum(&|step| step.taken) / count,
            waiting_hours: ratio(sum(&|step| step.waiting), sum(&|step| step.taken)),
            late: step.limit.map(|_| ratio(sum(&|step| step.late), sum(&|step| step.limited))),
        }
    });
    let posts: Vec<PostReport> = hall
        .posts
        .iter()
        .enumerate()
        .map(|(at, post)| {
            let sum = |of: &dyn Fn(&PostTally) -> f64| runs.iter().map(|run| of(&run.posts[at])).sum::<f64>();
            let holders: Vec<usize> =
                (0..hall.officers.len()).filter(|who| hall.officers[*who].contains(&at)).collect();
            let officers = holders.len();
            let work = mean(&|run| holders.iter().map(|who| run.work[*who]).sum());
            let time = mean(&|run| run.working) * f64::from(u32::try_from(officers).unwrap_or(1));
            PostReport {
                post: post.clone(),
                officers,
                busy: ratio(work, time),
                waiting_hours: ratio(sum(&|post| post.waiting), sum(&|post| post.taken)),
                longest_queue: sum(&|post| f64::from(u32::try_from(post.longest).unwrap_or(u32::MAX))) / count,
            }
        })
        .collect();
    let waits = |at: &usize| runs.iter().map(|run| run.posts[*at].waiting).sum::<f64>();
    let bottleneck = (0..posts.len()).filter(|at| waits(at) > 0.0).max_by(|a, b| waits(a).total_cmp(&waits(b)));
    SimulationReport {
        filed: mean(&|run| run.filed),
        processed,
        late: late_mean,
        late_within: 1.96 * (spread / count).sqrt(),
        days: Spread {
            mean: ratio(days.iter().sum(), number(i64::try_from(days.len()).unwrap_or(i64::MAX))),
            middle: at(0.5),
            nine_of_ten: at(0.9),
        },
        steps: steps.collect(),
        posts,
        bottleneck,
        histogram,
    }
}
