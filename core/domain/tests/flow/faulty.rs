//! A rule that cannot be evaluated decides nothing: the dossier waits.

use crate::office::{Office, straight};
use crate::support::{act, applicant, calendar, command, filing, officer, procedure, start};
use jiff::Timestamp;
use motcua_domain::dossier::decide::{Rules, decide_filing};
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::expression::{Condition, Expression, RuleFault};
use motcua_domain::people::organisation::Role;
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
    let owed = with_fee.fee_lines(&serde_json::Map::new(), Timestamp::UNIX_EPOCH);
    assert!(owed.is_empty(), "nobody owes a fee because of a mistake");
    let mut with_limit = procedure(straight(), 0);
    let when = Condition::When(broken());
    with_limit.limit_cases =
        vec![LimitCase { when, limit: Limit::WorkingDays(1), name: Text::vi("Gấp"), step_limits: BTreeMap::new() }];
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
