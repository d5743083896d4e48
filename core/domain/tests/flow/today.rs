//! `today` in the rules of a dossier: the day of the applicant's last answers.

use crate::office::{Office, straight};
use crate::support::{act, applicant, command, file, officer, procedure, start, supplement};
use jiff::SignedDuration;
use jiff::civil::{Date, date};
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::command::{Command, SuppliedPapers};
use motcua_domain::dossier::decide::Rules;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::expression::{Condition, Expression};
use motcua_domain::money::Dong;
use motcua_domain::people::organisation::Role;
use motcua_domain::procedure::LimitCase;
use motcua_domain::registry::Registries;
use motcua_domain::text::Text;
use motcua_domain::time::calendar::{Limit, instant};
use serde_json::Map;
use std::collections::BTreeMap;

/// The dossier is filed on 5 January 2026.
const ON_THE_FIRST_DAY: &str = "today == '2026-01-05'";

fn first_day() -> Expression {
    Expression::parse(ON_THE_FIRST_DAY).expect("it is CEL")
}

/// Lets the counter ask, and the applicant answer two days later.
fn supplemented(office: &mut Office) {
    let ask = command(act(&office.dossier, None, "ask", Role::Counter));
    office.does(&officer(Role::Counter, false), ask).expect("asked");
    office.later(48);
    let given = supplement(&office.dossier);
    office.does(&applicant(), given).expect("supplemented");
}

/// Lets the counter decline the dossier.
fn declined(office: &mut Office) -> Result<(), Refusal> {
    let decline = command(act(&office.dossier, None, "decline", Role::Counter));
    office.does(&officer(Role::Counter, false), decline).map(drop)
}

#[test]
fn a_condition_of_a_workflow_has_the_day_of_the_last_answers_however_long_the_dossier_waits() {
    let mut workflow = straight();
    workflow.steps[0].actions[2].when = Some(first_day());
    let mut waits = Office::on(workflow.clone(), 0);
    waits.later(9 * 24);
    assert_eq!(declined(&mut waits), Ok(()));
    let mut other = Office::on(workflow, 0);
    supplemented(&mut other);
    assert_eq!(declined(&mut other), Err(Refusal::ActionClosed));
}

#[test]
fn the_fees_and_the_limit_of_the_day_of_filing_stay_until_a_supplement() {
    let mut procedure = procedure(straight(), 28_000);
    procedure.fees[0].when = Condition::When(first_day());
    let case = LimitCase {
        when: Condition::When(first_day()),
        limit: Limit::WorkingDays(2),
        name: Text::vi("Hôm đó"),
        step_limits: BTreeMap::new(),
        basis: Vec::new(),
    };
    procedure.limit_cases = vec![case];
    let mut office = Office::under(procedure);
    assert_eq!(office.dossier.owed(), Dong(28_000));
    assert_eq!(office.dossier.filed.limit, Some(Limit::WorkingDays(2)));
    office.later(9 * 24);
    assert_eq!(office.dossier.owed(), Dong(28_000), "another day changes nothing");
    supplemented(&mut office);
    assert_eq!(office.dossier.owed(), Dong(0));
    assert_eq!(office.dossier.answers_at, start() + SignedDuration::from_hours(11 * 24));
}

#[test]
fn a_supplement_that_was_reviewed_before_midnight_is_reviewed_again() {
    let mut office = Office::open(0);
    let ask = command(act(&office.dossier, None, "ask", Role::Counter));
    office.does(&officer(Role::Counter, false), ask).expect("asked");
    let version = office.dossier.procedure.clone();
    let reviewed = |on: Date| {
        let (version, reviewed_on) = (version.clone(), Some(on));
        Command::Supplement {
            version,
            typed: Map::new(),
            papers: SuppliedPapers::default(),
            verdicts: Vec::new(),
            reviewed_on,
        }
    };
    let (first, next) = (date(2026, 1, 5), date(2026, 1, 6));
    office.now = instant(next.at(0, 0, 0, 0));
    assert_eq!(office.does(&applicant(), reviewed(first)), Err(Refusal::Changed));
    office.does(&applicant(), reviewed(next)).expect("supplemented");
}

#[test]
fn a_replay_gives_the_day_of_the_last_answers_again() {
    let mut office = Office::open(0);
    let (procedure, calendar) = (&office.procedure, &office.calendar);
    let filed = file(Rules { procedure, calendar, registries: Registries::NONE, choices: &[] }, start());
    let ask = command(act(&office.dossier, None, "ask", Role::Counter));
    let asked = office.does(&officer(Role::Counter, false), ask).expect("asked");
    office.later(48);
    let given = supplement(&office.dossier);
    let supplemented = office.does(&applicant(), given).expect("supplemented");
    let replayed = Dossier::replay([&filed, &asked, &supplemented]).expect("a dossier");
    assert_eq!(replayed.answers_at, office.dossier.answers_at);
    assert_eq!(replayed, office.dossier);
}
