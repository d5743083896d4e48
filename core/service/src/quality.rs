//! The quality index of Decision 766/QĐ-TTg, computed from figures of a period.
//!
//! A group is a share from 0 to 100 %. The index is the mean of the shares by the weights of the groups that can be
//! measured, in points of 100.

use crate::statistics::ServiceLevels;
use motcua_catalogue::{PlannedServices, QualityWeights};
use motcua_store::counted::CountedFigure;
use motcua_store::counting::CountedGroup;

/// The most tenths of a percent.
const WHOLE: i64 = 1000;

/// The most points of a rating.
const MOST_POINTS: i64 = 10;

/// A group of the quality index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QualityGroup {
    /// The word for the group, such as `progress`.
    pub word: &'static str,
    pub weight: i64,
    /// The share that was reached in tenths of a percent, or none if there is nothing to measure.
    pub share: Option<i64>,
}

/// The quality index of a group of dossiers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QualityIndex {
    pub groups: [QualityGroup; 5],
}

/// Returns a part of a whole in tenths of a percent, at most all of it, or none if the whole is nothing.
fn share(part: i64, whole: i64) -> Option<i64> {
    part.saturating_mul(WHOLE).checked_div(whole).map(|share| share.clamp(0, WHOLE))
}

/// Returns the share of planned services of levels 3 and 4 that are offered.
fn openness(offered: ServiceLevels, planned: Option<PlannedServices>) -> Option<i64> {
    let planned = planned?;
    let planned = i64::from(planned.level_3) + i64::from(planned.level_4);
    share(i64::from(offered.level_3) + i64::from(offered.level_4), planned)
}

/// Returns the share of early and punctual results.
fn progress(figures: &CountedGroup) -> Option<i64> {
    let in_time = figures.count(CountedFigure::InTime);
    share(in_time, in_time + figures.count(CountedFigure::Late))
}

/// Returns the share of received dossiers that came online.
fn online(figures: &CountedGroup) -> Option<i64> {
    share(figures.count(CountedFigure::Online), figures.count(CountedFigure::Received))
}

/// Returns the share of results that entered the register.
fn digitisation(figures: &CountedGroup) -> Option<i64> {
    share(figures.count(CountedFigure::Registered), figures.count(CountedFigure::WithResult))
}

/// Returns the mean of the ratings as a share of the most points.
fn satisfaction(figures: &CountedGroup) -> Option<i64> {
    share(figures.points, figures.count(CountedFigure::Rated) * MOST_POINTS)
}

impl QualityIndex {
    /// Returns the index of figures, with the services that are offered and planned.
    pub fn of(
        figures: &CountedGroup,
        offered: ServiceLevels,
        planned: Option<PlannedServices>,
        weights: QualityWeights,
    ) -> Self {
        let group = |word, weight: u32, share| QualityGroup { word, weight: i64::from(weight), share };
        let groups = [
            group("openness", weights.openness, openness(offered, planned)),
            group("progress", weights.progress, progress(figures)),
            group("online", weights.online, online(figures)),
            group("digitisation", weights.digitisation, digitisation(figures)),
            group("satisfaction", weights.satisfaction, satisfaction(figures)),
        ];
        Self { groups }
    }

    /// Returns the weights of the groups that can be measured.
    fn measured(&self) -> i64 {
        self.groups.iter().filter(|group| group.share.is_some()).map(|group| group.weight).sum()
    }

    /// Returns the points of a group in tenths, of 100 for all groups together.
    pub fn points(&self, group: &QualityGroup) -> Option<i64> {
        group.share.and_then(|share| (share * group.weight).checked_div(self.measured()))
    }

    /// Returns the index in tenths of a point, of 100, or none if no group can be measured.
    pub fn total(&self) -> Option<i64> {
        let reached: i64 = self.groups.iter().filter_map(|group| Some(group.share? * group.weight)).sum();
        reached.checked_div(self.measured())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(word: &'static str, weight: i64, share: Option<i64>) -> QualityGroup {
        QualityGroup { word, weight, share }
    }

    #[test]
    fn the_index_is_the_mean_of_the_shares_by_the_weights_of_what_can_be_measured() {
        let all = QualityIndex {
            groups: [
                group("openness", 18, Some(1000)),
                group("progress", 20, Some(500)),
                group("online", 22, Some(1000)),
                group("digitisation", 22, Some(0)),
                group("satisfaction", 18, Some(1000)),
            ],
        };
        assert_eq!((all.total(), all.points(&all.groups[1])), (Some(680), Some(100)));
        let mut some = all;
        some.groups[3].share = None;
        assert_eq!(some.total(), Some(871), "a group that is not measured does not lower the index");
        some.groups = some.groups.map(|group| QualityGroup { share: None, ..group });
        assert_eq!((some.total(), some.points(&some.groups[0])), (None, None));
    }

    #[test]
    fn nothing_received_and_no_plan_measure_nothing() {
        let index = QualityIndex::of(
            &CountedGroup::default(),
            ServiceLevels { all: 3, level_3: 2, level_4: 1 },
            None,
            QualityWeights::default(),
        );
        assert!(index.groups.iter().all(|group| group.share.is_none()), "{index:?}");
        let planned = |level_3| Some(PlannedServices { level_3, level_4: 1 });
        let offered = ServiceLevels { all: 3, level_3: 2, level_4: 1 };
        assert_eq!((openness(offered, planned(5)), openness(offered, planned(0))), (Some(500), Some(1000)));
    }
}
