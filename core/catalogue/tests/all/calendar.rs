//! Days of the calendar that contradict one another.

use crate::faulty::{check, codes, good, text};
use std::collections::BTreeSet;

const CALENDAR: &str = "calendar/2027.toml";

/// Returns the codes of the mistakes and of the warnings about a calendar with these tables too.
fn told(more: &str) -> (BTreeSet<&'static str>, BTreeSet<&'static str>) {
    let mut tree = good();
    let before = text(&tree, CALENDAR);
    tree.insert(CALENDAR, format!("{before}\n{more}").into());
    let found = check(&tree);
    (codes(&found.mistakes), codes(&found.install.warnings))
}

#[test]
fn a_compensatory_working_day_that_is_a_holiday_is_a_mistake() {
    let day = |date: &str| told(&format!("[[compensatory]]\ndate = {date}\nsessions = [\"07:30-11:30\"]\n"));
    assert_eq!(day("2027-09-02").0, BTreeSet::from(["bad-calendar"]));
    assert_eq!(day("2027-10-10").0, BTreeSet::new());
}

#[test]
fn a_compensatory_working_day_that_is_worked_in_any_case_is_warned_of() {
    let week = text(&good(), CALENDAR);
    let monday = week.lines().find_map(|line| line.strip_prefix("monday = ")).expect("a monday").to_owned();
    let day = |date: &str| told(&format!("[[compensatory]]\ndate = {date}\nsessions = {monday}\n"));
    let (mistakes, warnings) = day("2027-10-04");
    assert_eq!((mistakes, warnings.contains("bad-calendar")), (BTreeSet::new(), true), "a Monday");
    assert!(!day("2027-10-10").1.contains("bad-calendar"), "a Sunday");
}

#[test]
fn a_holiday_that_shares_a_day_with_another_one_is_warned_of() {
    let holiday = |from: &str, to: &str| told(&format!("[[holiday]]\nname = \"Nghỉ\"\nfrom = {from}\nto = {to}\n"));
    let (mistakes, warnings) = holiday("2027-08-31", "2027-09-02");
    assert_eq!((mistakes, warnings.contains("bad-calendar")), (BTreeSet::new(), true));
    assert!(!holiday("2027-10-01", "2027-10-02").1.contains("bad-calendar"));
}
