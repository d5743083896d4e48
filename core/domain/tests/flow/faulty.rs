//! A rule that cannot be evaluated decides nothing: the dossier waits.

use crate::office::{Office, straight};
use crate::support::{act, applicant, calendar, command, filing, officer, procedure, start, supplement};
use jiff::{SignedDuration, Timestamp};
use motcua_domain::dossier::Turn;
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::decide::{FAULT_DAYS, Rules, decide_filing};
use motcua_domain::dossier::event::DossierOutcome;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::expression::{Condition, Expression, RuleFault};
use motcua_domain::names::Digest;
use motcua_domain::people::organisation::{Actor, Role};
use motcua_domain::procedure::{LimitCase, Procedure};
use motcua_domain::registry::Registries;
use motcua_domain::text::Text;
use motcua_domain::time::calendar::Limit;
use motcua_domain::workflow::{Branch, Effect};
use std::collections::BTreeMap;

const BROKEN: &str = "1 / 0 > 1";

fn broken() -> Expression {
    Expression::parse(BROKEN).expect("it is CEL")
}

fn is_told(refused: &Refusal) -> bool {
    refused.code() == "rule-broken"
        && matches!(refused, Refusal::FaultyRule(RuleFault::Broken { rule, .. }) if rule == BROKEN)
}

fn filed(procedure: &Procedure) -> Result<(), Refusal> {
    let rules = Rules { procedure, calendar: &calendar(), registries: Registries::NONE, choices: &[] };
    decide_filing(rules, &applicant(), filing(), start()).map(drop)
}

#[test]
fn nobody_files_while_a_fee_or_a_limit_cannot_be_evaluated() {
    let mut with_fee = procedure(straight(), 28_000);
    assert_eq!(filed(&with_fee), Ok(()));
    with_fee.fees[0].when = Condition::When(broken());
    assert!(filed(&with_fee).is_err_and(|refused| is_told(&refused)));
    let owed = with_fee.fee_lines(&"so".into(), &serde_json::Map::new(), Timestamp::UNIX_EPOCH);
    assert!(owed.is_empty(), "nobody owes a fee because of a mistake");
    let mut with_limit = procedure(straight(), 0);
    let when = Condition::When(broken());
    with_limit.limit_cases = vec![urgent(when)];
    assert!(filed(&with_limit).is_err_and(|refused| is_told(&refused)));
    let missing = Expression::parse("depth > 3").expect("it is CEL");
    with_fee.fees[0].when = Condition::When(missing);
    assert_eq!(filed(&with_fee), Ok(()), "a missing answer is no mistake");
}

#[test]
fn a_dossier_waits_while_the_condition_of_an_action_or_a_branch_cannot_be_evaluated() {
    let mut office = Office::open(0);
    let counter = officer(Role::Counter, false);
    let before = office.dossier.version;
    let action = |office: &Office| command(act(&office.dossier, None, "accept", Role::Specialist));
    office.procedure.workflow.steps[0].actions[0].when = Some(broken());
    let accept = action(&office);
    assert!(office.does(&counter, accept).is_err_and(|refused| is_told(&refused)));
    office.procedure.workflow.steps[0].actions[0].when = None;
    let branch = |to: &str, when| Branch { to: to.into(), when };
    office.procedure.workflow.steps[0].actions[0].effect =
        Effect::Split { to: vec![branch("work", None), branch("return", Some(broken()))] };
    let accept = action(&office);
    assert!(office.does(&counter, accept).is_err_and(|refused| is_told(&refused)));
    assert_eq!(office.dossier.version, before);
}

fn extend() -> Command {
    let reason = "division by zero".to_owned();
    Command::Extend { fault: RuleFault::Broken { rule: BROKEN.to_owned(), reason, reason_vi: None } }
}

/// Returns a dossier whose applicant was asked for something and cannot give it, because a rule is broken.
fn kept_from_supplementing() -> Office {
    let mut office = Office::open(0);
    let ask = command(act(&office.dossier, None, "ask", Role::Counter));
    office.does(&officer(Role::Counter, false), ask).expect("asked");
    let when = Condition::When(broken());
    office.procedure.limit_cases = vec![urgent(when)];
    let given = supplement(&office.dossier);
    assert!(office.does(&applicant(), given).is_err_and(|refused| is_told(&refused)));
    office
}

/// Returns a case with a limit of a day.
fn urgent(when: Condition) -> LimitCase {
    let (name, step_limits) = (Text::vi("Gấp"), BTreeMap::new());
    LimitCase { when, limit: Limit::WorkingDays(1), name, step_limits, basis: Vec::new() }
}

fn until(office: &Office) -> Timestamp {
    let Turn::Supplement { until } = office.dossier.turn() else { panic!("a supplement is awaited") };
    until
}

#[test]
fn a_broken_rule_that_prevents_a_supplement_never_makes_the_dossier_lapse_at_its_limit_and_prevents_that_once() {
    let mut office = kept_from_supplementing();
    let told = until(&office);
    office.later(29 * 24);
    for person in [applicant(), officer(Role::Counter, false)] {
        assert_eq!(office.does(&person, extend()), Err(Refusal::NotAllowed));
    }
    office.does(&Actor::System, extend()).expect("extended");
    let extended = until(&office);
    assert!(extended >= office.now + SignedDuration::from_hours(i64::from(FAULT_DAYS) * 24));
    office.now = told + SignedDuration::from_hours(1);
    assert_eq!(office.does(&Actor::System, Command::Lapse), Err(Refusal::TimeLeft), "the operator has time");
    assert_eq!(office.does(&Actor::System, extend()), Err(Refusal::NothingChanges), "once, whoever causes the fault");
    assert_eq!(until(&office), extended);
    office.now = extended + SignedDuration::from_secs(1);
    assert_eq!(office.does(&Actor::System, extend()), Err(Refusal::NothingChanges));
    office.does(&Actor::System, Command::Lapse).expect("nobody holds a dossier open for ever");
    assert_eq!(office.dossier.flow.ended.as_ref().map(|end| end.outcome), Some(DossierOutcome::Lapsed));
    assert_eq!(office.does(&Actor::System, extend()), Err(Refusal::Ended));
}

#[test]
fn the_applicant_has_all_days_of_a_request_again_once_the_dossier_follows_a_corrected_version() {
    let mut office = kept_from_supplementing();
    office.does(&Actor::System, extend()).expect("extended");
    office.now = until(&office) - SignedDuration::from_hours(1);
    office.procedure.limit_cases.clear();
    let (from, version) = (office.dossier.procedure.clone(), Digest("1".repeat(64)));
    let migrate = Command::Migrate { reason: "Sửa".to_owned(), from, version, steps: BTreeMap::new() };
    office.does(&Actor::System, migrate).expect("it has the same steps");
    let days = i64::from(office.procedure.waiting_days);
    assert!(until(&office) >= office.now + SignedDuration::from_hours(days * 24));
    let given = supplement(&office.dossier);
    office.does(&applicant(), given).expect("the rule is correct now");
    assert_eq!(office.does(&Actor::System, extend()), Err(Refusal::NothingAwaited));
}
