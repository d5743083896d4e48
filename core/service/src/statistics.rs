//! Public figures. Each figure has one function, and all of them follow from the sums of the store.

use crate::common::CommonParts;
use crate::{Error, TimeSource};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use motcua_catalogue::Snapshot;
use motcua_domain::names::AgencyId;
use motcua_domain::time::calendar::local;
use motcua_store::Database;
use motcua_store::public_figures::{MonthlySums, RecentFilings};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::Mutex;

/// The time for which a node keeps the sums. One query of them reads all dossiers.
const KEPT_FOR: SignedDuration = SignedDuration::from_mins(15);

/// The months that have sums of their own, with the current one.
const MONTHS: i64 = 36;

/// The fewest ratings whose mean is public, because a mean of fewer could tell the ratings of a person.
const LEAST_RATINGS: i64 = 3;

/// The days over which the most filed procedures are counted.
const RECENT_DAYS: i64 = 90;

/// The fewest filings with which a procedure counts among the most filed, because fewer could tell of single people.
const LEAST_FILED: i64 = 5;

/// Returns the month of a day, such as `2026-11`.
fn month_of(day: Date) -> String {
    format!("{:04}-{:02}", day.year(), day.month())
}

/// A period of figures: all time, a year such as `2026`, or a month such as `2026-11`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FigurePeriod(String);

impl FigurePeriod {
    /// Reads a period. An empty text is all time.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = |part: &str, count: usize| part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit());
        let is_period = match text.split_once('-') {
            Some((year, month)) => digits(year, 4) && digits(month, 2),
            None => text.is_empty() || digits(text, 4),
        };
        is_period.then(|| Self(text.to_owned()))
    }

    /// Returns the text that [`Self::parse`] reads.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether a month is in the period.
    fn has(&self, month: &str) -> bool {
        month.starts_with(&self.0)
    }

    /// Returns whether a month has begun by the end of the period.
    fn reaches(&self, month: &str) -> bool {
        self.has(month) || month < self.0.as_str()
    }
}

/// The public figures of a group of dossiers over a period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PublicFigures {
    received: i64,
    in_progress: i64,
    in_time: i64,
    late: i64,
    rated: i64,
    points: i64,
}

impl PublicFigures {
    /// Adds sums that are in the period.
    const fn add(&mut self, sums: &MonthlySums) {
        self.add_earlier(sums);
        self.received += sums.received;
        self.in_time += sums.in_time;
        self.late += sums.late;
        self.rated += sums.rated;
        self.points += sums.points;
    }

    /// Adds sums of a month before the period. Their dossiers may be in progress at its end.
    const fn add_earlier(&mut self, sums: &MonthlySums) {
        self.in_progress += sums.received - sums.ended;
    }

    /// Returns the number of dossiers that were filed in the period.
    pub const fn received(&self) -> i64 {
        self.received
    }

    /// Returns the number of dossiers that had not ended by the end of the period, or by now if it lasts.
    pub const fn in_progress(&self) -> i64 {
        self.in_progress
    }

    /// Returns the number of dossiers with an early or punctual result of the period.
    pub const fn in_time(&self) -> i64 {
        self.in_time
    }

    /// Returns the number of dossiers with a late result of the period.
    pub const fn late(&self) -> i64 {
        self.late
    }

    /// Returns the number of dossiers with a result of the period.
    pub const fn results(&self) -> i64 {
        self.in_time + self.late
    }

    /// Returns the percentage of early and punctual results.
    pub fn in_time_share(&self) -> Option<i64> {
        in_time_share(self.in_time, self.late)
    }

    /// Returns the mean of the ratings in tenths of a point, unless there are too few ratings.
    pub fn satisfaction(&self) -> Option<i64> {
        (self.rated >= LEAST_RATINGS).then(|| mean_tenths(self.points, self.rated)).flatten()
    }
}

/// Returns the percentage of early and punctual results among all results.
pub fn in_time_share(in_time: i64, late: i64) -> Option<i64> {
    (in_time * 100).checked_div(in_time + late)
}

/// Returns the mean of ratings in tenths of a point. A rating has at most 10 points.
pub fn mean_tenths(points: i64, rated: i64) -> Option<i64> {
    (points * 10).checked_div(rated)
}

/// The sums of all dossiers at one moment.
#[derive(Debug)]
pub struct PublicSums {
    /// The moment.
    pub at: Timestamp,
    /// The first day of the first month that has sums of its own.
    first: Date,
    rows: Vec<MonthlySums>,
    recent: Vec<RecentFilings>,
}

impl PublicSums {
    /// Returns the first of the months of which sums are kept at a moment.
    fn first_month(now: Timestamp) -> Date {
        local(now).date().first_of_month().saturating_sub((MONTHS - 1).months())
    }

    fn is_fresh(&self, now: Timestamp) -> bool {
        let age = now.duration_since(self.at);
        !age.is_negative() && age < KEPT_FOR && local(now).date() == local(self.at).date()
    }

    /// Returns the number of dossiers that were filed on the day of the sums.
    pub fn filed_today(&self) -> i64 {
        self.recent.iter().map(|filings| filings.today).sum()
    }

    /// Returns the codes of the procedures that were filed most in the last 90 days, the most filed first. Procedures
    /// with few filings are left out.
    pub fn most_filed(&self) -> Vec<&str> {
        let mut found: Vec<&RecentFilings> = self.recent.iter().filter(|of| of.filed >= LEAST_FILED).collect();
        // Procedures with the same number stay in the order of their codes.
        found.sort_by_key(|filings| std::cmp::Reverse(filings.filed));
        found.into_iter().map(|filings| filings.procedure.as_str()).collect()
    }

    /// Returns the figures of the month of the sums, for the whole province.
    pub fn this_month(&self) -> PublicFigures {
        let month = FigurePeriod(month_of(local(self.at).date()));
        self.grouped(&month, |_| Some(())).get(&()).copied().unwrap_or_default()
    }

    /// Returns the sums by agency, procedure and month.
    pub fn rows(&self) -> &[MonthlySums] {
        &self.rows
    }

    /// Returns the months from the first one with sums to the current one. An empty text stands for all earlier months,
    /// if they have sums.
    pub fn months(&self) -> Vec<String> {
        let oldest = self.rows.iter().map(|row| row.month.as_str()).min();
        let Some(oldest) = oldest else { return Vec::new() };
        let today = local(self.at).date();
        let later = (0..MONTHS).map(|number| self.first.saturating_add(number.months())).filter(|day| *day <= today);
        let later = later.map(month_of);
        let earlier = oldest.is_empty().then(String::new);
        earlier.into_iter().chain(later.filter(|month| month.as_str() >= oldest)).collect()
    }

    /// Returns the figures of a period by group. `group` returns the group of sums, or none for sums that do not count.
    pub fn grouped<K: Ord>(
        &self,
        period: &FigurePeriod,
        group: impl Fn(&MonthlySums) -> Option<K>,
    ) -> BTreeMap<K, PublicFigures> {
        let mut groups: BTreeMap<K, PublicFigures> = BTreeMap::new();
        for row in self.rows.iter().filter(|row| period.reaches(&row.month)) {
            let Some(group) = group(row) else { continue };
            let figures = groups.entry(group).or_default();
            if period.has(&row.month) {
                figures.add(row);
            } else {
                figures.add_earlier(row);
            }
        }
        groups
    }

    /// Returns the figures of each month of a period, the first month first.
    pub fn by_month(
        &self,
        period: &FigurePeriod,
        counts: impl Fn(&MonthlySums) -> bool,
    ) -> Vec<(String, PublicFigures)> {
        let mut months: BTreeMap<String, PublicFigures> =
            self.months().into_iter().map(|month| (month, PublicFigures::default())).collect();
        for row in self.rows.iter().filter(|row| counts(row)) {
            months.entry(row.month.clone()).or_default().add(row);
        }
        let mut open = 0;
        let until = months.into_iter().map(|(month, figures)| {
            open += figures.in_progress;
            (month, PublicFigures { in_progress: open, ..figures })
        });
        until.filter(|(month, _)| period.has(month)).collect()
    }
}

/// Services that accept applications, by their level.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ServiceLevels {
    /// The services of all levels.
    pub all: u32,
    /// The services of level 3.
    pub level_3: u32,
    /// The services of level 4.
    pub level_4: u32,
}

impl ServiceLevels {
    fn count(&mut self, level: u8) {
        self.all += 1;
        self.level_3 += u32::from(level == 3);
        self.level_4 += u32::from(level == 4);
    }
}

/// Returns the services of the province, each once, and those of each agency that offers services.
pub fn service_levels(catalogue: &Snapshot) -> (ServiceLevels, BTreeMap<AgencyId, ServiceLevels>) {
    let (mut whole, mut agencies) = (ServiceLevels::default(), BTreeMap::<AgencyId, ServiceLevels>::new());
    for live in catalogue.open() {
        let level = live.procedure.level;
        whole.count(level);
        for agency in &*live.offers {
            if let Some(known) = agencies.get_mut(agency) {
                known.count(level);
            } else {
                agencies.entry(agency.clone()).or_default().count(level);
            }
        }
    }
    (whole, agencies)
}

/// The public figures of the province.
#[derive(Debug)]
pub struct StatisticsService {
    database: Database,
    clock: TimeSource,
    /// The sums that were read last.
    kept: RwLock<Option<Arc<PublicSums>>>,
    /// The turn of the one caller that reads sums.
    reading: Mutex<()>,
}

impl StatisticsService {
    pub(crate) fn new(common: &CommonParts) -> Self {
        let (database, clock) = (common.database.clone(), common.clock.clone());
        Self { database, clock, kept: RwLock::default(), reading: Mutex::default() }
    }

    /// Returns the sums of all dossiers, which are of today and at most 15 minutes old. A caller that reads them lets
    /// all others wait.
    pub async fn sums(&self) -> Result<Arc<PublicSums>, Error> {
        if let Some(sums) = self.fresh() {
            return Ok(sums);
        }
        let _turn = self.reading.lock().await;
        if let Some(sums) = self.fresh() {
            return Ok(sums);
        }
        self.read().await
    }

    /// Returns the sums for a page that is shown without them as well. While a caller reads new ones, and if they cannot
    /// be read, all others get the old ones.
    pub async fn known(&self) -> Option<Arc<PublicSums>> {
        let Some(old) = self.kept() else { return self.sums().await.ok() };
        if old.is_fresh(self.clock.now()) {
            return Some(old);
        }
        let Ok(_turn) = self.reading.try_lock() else { return Some(old) };
        match self.read().await {
            Ok(new) => Some(new),
            Err(error) => {
                tracing::warn!(%error, "the public figures could not be read, so the old ones are shown");
                Some(old)
            }
        }
    }

    fn kept(&self) -> Option<Arc<PublicSums>> {
        self.kept.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn fresh(&self) -> Option<Arc<PublicSums>> {
        self.kept().filter(|sums| sums.is_fresh(self.clock.now()))
    }

    /// Reads the sums and keeps them.
    async fn read(&self) -> Result<Arc<PublicSums>, Error> {
        let now = self.clock.now();
        let (first, today) = (PublicSums::first_month(now), local(now).date());
        let rows = self.database.monthly_sums(first).await?;
        let since = today.saturating_sub((RECENT_DAYS - 1).days());
        let recent = self.database.recent_filings(since, today).await?;
        let sums = Arc::new(PublicSums { at: now, first, rows, recent });
        *self.kept.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&sums));
        Ok(sums)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(month: &str, received: i64, ended: i64, rated: i64) -> MonthlySums {
        MonthlySums {
            agency: "so".to_owned(),
            procedure: "1.000001".to_owned(),
            month: month.to_owned(),
            received,
            ended,
            in_time: ended,
            late: 0,
            rated,
            points: rated * 9,
        }
    }

    fn sums(rows: Vec<MonthlySums>) -> PublicSums {
        let at: Timestamp = "2026-11-24T01:00:00Z".parse().expect("a moment");
        PublicSums { at, first: PublicSums::first_month(at), rows, recent: vec![] }
    }

    fn period(text: &str) -> FigurePeriod {
        FigurePeriod::parse(text).expect("a period")
    }

    #[test]
    fn a_period_is_all_time_a_year_or_a_month() {
        for text in ["", "2026", "2026-11"] {
            assert_eq!(FigurePeriod::parse(text).map(|period| period.as_str().to_owned()).as_deref(), Some(text));
        }
        for text in ["26", "2026-", "2026-1", "x", "2026-111", "năm", "-"] {
            assert_eq!(FigurePeriod::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_dossier_is_in_progress_from_its_month_until_the_month_of_its_end() {
        let sums = sums(vec![row("2026-08", 5, 1, 0), row("2026-10", 1, 3, 0)]);
        let in_progress =
            |text: &str| sums.grouped(&period(text), |_| Some(())).get(&()).map(PublicFigures::in_progress);
        assert_eq!(in_progress("2026-07"), None);
        assert_eq!(in_progress("2026-08"), Some(4));
        assert_eq!(in_progress("2026-09"), Some(4));
        assert_eq!((in_progress("2026-10"), in_progress("2026"), in_progress("")), (Some(2), Some(2), Some(2)));
        let months = sums.by_month(&period(""), |_| true);
        let open: Vec<(&str, i64, i64)> =
            months.iter().map(|(month, of)| (month.as_str(), of.received(), of.in_progress())).collect();
        assert_eq!(open, [("2026-08", 5, 4), ("2026-09", 0, 4), ("2026-10", 1, 2), ("2026-11", 0, 2)]);
    }

    #[test]
    fn months_before_the_first_one_stand_together() {
        let sums = sums(vec![row("", 7, 6, 0), row("2026-11", 1, 0, 0)]);
        let months = sums.months();
        assert_eq!((months.len(), months[0].as_str(), months[1].as_str()), (37, "", "2023-12"));
        let this_year = sums.grouped(&period("2026"), |_| Some(()))[&()];
        assert_eq!((this_year.received(), this_year.in_progress()), (1, 2));
    }

    #[test]
    fn a_mean_of_fewer_than_three_ratings_is_not_public() {
        let satisfaction = |rated| sums(vec![row("2026-11", 9, 9, rated)]).grouped(&period(""), |_| Some(()))[&()];
        assert_eq!(satisfaction(2).satisfaction(), None);
        assert_eq!(satisfaction(3).satisfaction(), Some(90));
        assert_eq!((satisfaction(0).in_time_share(), PublicFigures::default().in_time_share()), (Some(100), None));
    }

    #[test]
    fn the_most_filed_procedures_are_those_of_many_people() {
        let filings = |procedure: &str, filed, today| RecentFilings { procedure: procedure.to_owned(), filed, today };
        let recent = vec![filings("1.1", 5, 1), filings("1.2", 4, 4), filings("1.3", 9, 0), filings("1.4", 5, 0)];
        let sums = PublicSums { recent, ..sums(vec![]) };
        assert_eq!((sums.most_filed(), sums.filed_today()), (vec!["1.3", "1.1", "1.4"], 5));
    }

    #[test]
    fn sums_of_yesterday_are_not_those_of_today() {
        let sums = PublicSums { at: "2026-11-24T16:55:00Z".parse().expect("a moment"), ..sums(vec![]) };
        let at = |text: &str| text.parse::<Timestamp>().expect("a moment");
        assert!(sums.is_fresh(at("2026-11-24T16:59:00Z")));
        assert!(!sums.is_fresh(at("2026-11-24T17:01:00Z")), "the next day has begun in Vietnam");
    }

    #[test]
    fn the_figures_of_this_month_are_those_of_the_page_of_figures() {
        let sums = sums(vec![row("2026-10", 7, 2, 0), row("2026-11", 3, 4, 0)]);
        let of_page = sums.grouped(&period("2026-11"), |_| Some(()))[&()];
        assert_eq!(sums.this_month(), of_page);
        assert_eq!((of_page.received(), of_page.results(), of_page.in_time_share()), (3, 4, Some(100)));
    }
}
