//! Trials of days: comparisons of dates with today, and with days that come so many days, months or years later.

use crate::expression::TODAY;
use crate::form::trial::{TRIED_ON, literals, path};
use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators as op};
use jiff::Span;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// The most days that are tried as one answer.
const MOST_DAYS: usize = 200;

/// The parts of comparisons of days.
#[derive(Debug, Clone, Default)]
pub(super) struct DayTerms {
    /// The names of the dates.
    pub names: BTreeSet<String>,
    /// The days that are written.
    pub written: BTreeSet<Date>,
    pub with_today: bool,
    /// The days from one date to another.
    days: BTreeSet<i64>,
    /// The months from one date to another.
    months: BTreeSet<i64>,
}

impl DayTerms {
    /// Returns the parts of a comparison of days. Returns `None` if the comparison is another one, such as that of a date
    /// with a day that is written.
    pub fn of(call: &CallExpr) -> Option<Self> {
        let [left, right] = call.args.as_slice() else { return None };
        if call.func_name == op::IN {
            return None;
        }
        let mut terms = Self::default();
        if let Some((counted, number)) = counted(left).zip(whole(right)).or_else(|| counted(right).zip(whole(left))) {
            let are_days = counted.iter().all(|date| terms.add(date));
            terms.days.insert(number);
            return are_days.then_some(terms);
        }
        let are_days = terms.add(left) && terms.add(right);
        let is_reckoned = terms.with_today || !terms.days.is_empty() || !terms.months.is_empty();
        (are_days && is_reckoned).then_some(terms)
    }

    /// Adds a date, today, a day that is written, or a day so long after one of these. Returns whether it is one.
    fn add(&mut self, at: &IdedExpr) -> bool {
        match &at.expr {
            Expr::Literal(LiteralValue::String(text)) => {
                let day = text.inner().parse::<Date>();
                day.map(|day| self.written.insert(day)).is_ok()
            }
            Expr::Call(call) => {
                let [from, number] = call.args.as_slice() else { return false };
                let Some(number) = whole(number) else { return false };
                match call.func_name.as_str() {
                    "add_days" => self.days.insert(number),
                    "add_months" => self.months.insert(number),
                    "add_years" => self.months.insert(number.saturating_mul(12)),
                    _ => return false,
                };
                self.add(from)
            }
            _ => match path(at) {
                Some(name) if name == TODAY => {
                    self.with_today = true;
                    true
                }
                Some(name) => {
                    self.names.insert(name);
                    true
                }
                None => false,
            },
        }
    }

    /// Adds the parts of another comparison.
    pub fn extend(&mut self, other: Self) {
        self.names.extend(other.names);
        self.written.extend(other.written);
        self.with_today |= other.with_today;
        self.days.extend(other.days);
        self.months.extend(other.months);
    }

    /// Returns the days that make a difference. Returns `None` if trials cannot decide: what holds of today and of a
    /// written day together depends on the day of the trial, and months have different lengths.
    pub fn candidates(&self) -> Option<BTreeSet<Date>> {
        let depends = self.with_today && !self.written.is_empty();
        if depends || (!self.days.is_empty() && !self.months.is_empty()) {
            return None;
        }
        let both = |number: &i64| [*number, number.saturating_neg()];
        let days = self.days.iter().flat_map(both).map(|number| Span::new().try_days(number));
        let months = self.months.iter().flat_map(both).map(|number| Span::new().try_months(number));
        let mut spans = days.chain(months).collect::<Result<Vec<Span>, _>>().ok()?;
        spans.push(Span::new());
        let mut all = self.written.clone();
        all.insert(TRIED_ON);
        let is_anchored = self.with_today || !self.written.is_empty();
        let rounds = (self.names.len() + usize::from(is_anchored)).saturating_sub(1).max(1);
        for _ in 0..rounds {
            let there = all.iter().flat_map(|day| spans.iter().filter_map(move |span| day.checked_add(*span).ok()));
            let beside = |day: Date| [day.yesterday().ok(), Some(day), day.tomorrow().ok()];
            let next: Vec<Date> = there.flat_map(beside).flatten().collect();
            all.extend(next);
            if all.len() > MOST_DAYS {
                return None;
            }
        }
        Some(all)
    }
}

/// Returns the two dates between which a call counts the days: `days(begins, ends)`.
fn counted(at: &IdedExpr) -> Option<&[IdedExpr]> {
    match &at.expr {
        Expr::Call(call) if call.func_name == "days" && call.args.len() == 2 => Some(call.args.as_slice()),
        _ => None,
    }
}

/// Returns a whole number that is written.
fn whole(at: &IdedExpr) -> Option<i64> {
    match literals(at)?.as_slice() {
        [number] => number.parse().ok(),
        _ => None,
    }
}
