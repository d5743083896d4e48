//! Supplements that change the fees or the limit.

use crate::office::{Office, straight};
use crate::support::{act, applicant, command, officer, procedure};
use jiff::civil::date;
use motcua_domain::dossier::command::{Command, SuppliedPapers};
use motcua_domain::dossier::event::{Event, Payment, PaymentMethod, Recorded};
use motcua_domain::dossier::notice_of;
use motcua_domain::expression::{Condition, Expression};
use motcua_domain::form::{Field, FieldKind, Section};
use motcua_domain::money::Dong;
use motcua_domain::people::organisation::Role;
use motcua_domain::procedure::fee::FeeRate;
use motcua_domain::procedure::{Fee, FeeKind, LimitCase};
use motcua_domain::text::Text;
use motcua_domain::time::calendar::{Limit, instant};
use motcua_domain::workflow::Step;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

fn deep() -> Condition {
    Condition::When(Expression::parse("deep == true").expect("CEL"))
}

/// Files a dossier that owes 28.000 đ, and 50.000 đ more if the well is deep. Then another limit holds.
pub fn office(limit_if_deep: Limit) -> Office {
    let mut procedure = procedure(straight(), 28_000);
    let question =
        Field { required: Condition::Fixed(false), ..Field::new("deep", Text::vi("Sâu?"), FieldKind::YesNo) };
    procedure.form.sections =
        vec![Section { id: "main".to_owned(), title: Text::vi("Giếng"), help: None, fields: vec![question] }];
    let fee = Fee::fixed(Text::vi("Phí giếng sâu"), FeeKind::Fee, Dong(50_000), deep());
    procedure.fees.push(fee);
    procedure.limit_cases.push(LimitCase {
        when: deep(),
        limit: limit_if_deep,
        name: Text::vi("Giếng sâu"),
        step_limits: BTreeMap::new(),
        basis: Vec::new(),
    });
    Office::under(procedure)
}

/// Returns a supplement with these answers.
fn supplement_of(office: &Office, typed: Map<String, Json>) -> Command {
    let version = office.dossier.procedure.clone();
    Command::Supplement { version, typed, papers: SuppliedPapers::default(), verdicts: Vec::new(), reviewed_on: None }
}

/// Lets the counter ask and the applicant answer, two days later.
pub fn supplemented(office: &mut Office, deep: Option<&str>) -> Recorded {
    let ask = command(act(&office.dossier, None, "ask", Role::Counter));
    office.does(&officer(Role::Counter, false), ask).expect("asked");
    office.later(48);
    let typed: Map<_, _> = deep.map(|deep| ("deep".to_owned(), json!(deep))).into_iter().collect();
    let supplement = supplement_of(office, typed);
    office.does(&applicant(), supplement).expect("supplemented")
}

/// Lets the counter record the payment of what is owed.
pub fn pay(office: &mut Office) {
    let payment = Payment { amount: office.dossier.owed(), method: PaymentMethod::Cash, receipt: "7".into() };
    office.does(&officer(Role::Counter, false), Command::RecordPayment(payment)).expect("paid");
}

#[test]
fn a_supplement_that_raises_the_fees_is_owed_with_the_difference() {
    let mut office = office(Limit::WorkingDays(5));
    pay(&mut office);
    let before = office.dossier.clone();
    let recorded = supplemented(&mut office, Some("true"));
    assert_eq!((office.dossier.owed(), office.dossier.to_pay_back()), (Dong(50_000), Dong(0)));
    assert_eq!(notice_of(&recorded, Some(&before), &office.dossier), Some("fees-changed"));
    let filed: Dong = office.dossier.filed.fees.iter().map(|line| line.amount).sum();
    assert_eq!(filed, Dong(28_000), "the receipt says what it said");
}

#[test]
fn a_supplement_that_lowers_the_fees_is_paid_back() {
    let mut office = office(Limit::WorkingDays(5));
    supplemented(&mut office, Some("true"));
    pay(&mut office);
    supplemented(&mut office, Some("false"));
    assert_eq!((office.dossier.owed(), office.dossier.to_pay_back()), (Dong(0), Dong(50_000)));
}

#[test]
fn a_supplement_with_the_same_answers_changes_no_fee() {
    let mut office = office(Limit::WorkingDays(8));
    // Another version of the procedure asks more of new dossiers.
    office.procedure.fees[0].rate = FeeRate::Amount(Dong(99_000));
    let recorded = supplemented(&mut office, None);
    assert!(matches!(recorded.event, Event::Supplemented { fees: None, limit: None, .. }), "{:?}", recorded.event);
    assert_eq!(office.dossier.owed(), Dong(28_000));
}

#[test]
fn a_supplement_that_changes_the_limit_moves_the_appointment_by_the_difference() {
    let day = 8 * 3600;
    for (limit, days) in [(8, 3), (5, 0), (2, -3)] {
        let (mut same, mut other) = (office(Limit::WorkingDays(limit)), office(Limit::WorkingDays(limit)));
        supplemented(&mut same, None);
        supplemented(&mut other, Some("true"));
        let due = |office: &Office| office.dossier.flow.whole.due().expect("it runs");
        let (first, last) = (due(&same).min(due(&other)), due(&same).max(due(&other)));
        assert_eq!(same.calendar.working_between(first, last), Ok(i64::abs(days) * day), "{limit}");
        assert_eq!(due(&other) > due(&same), days > 0, "{limit}");
    }
}

#[test]
fn a_longer_limit_covers_the_time_that_a_late_agency_took_of_it() {
    for (limit, due) in [(8, date(2026, 1, 19)), (6, date(2026, 1, 13))] {
        let mut office = office(Limit::WorkingDays(limit));
        // The five days were used up on 12 January, two working days before the agency asks.
        office.later(24 * 9);
        supplemented(&mut office, Some("true"));
        assert_eq!(office.dossier.flow.whole.due(), Some(instant(due.at(9, 0, 0, 0))), "{limit}");
    }
}

#[test]
fn the_same_share_is_left_of_a_limit_in_calendar_days() {
    let mut office = office(Limit::CalendarDays(10));
    supplemented(&mut office, Some("true"));
    let due = office.dossier.flow.whole.due().expect("it runs");
    let left = due.duration_since(office.now).as_hours();
    assert!((24 * 10..24 * 13).contains(&left), "nothing was used of ten days: {left} hours");
}

#[test]
fn the_receipt_names_what_was_promised_at_the_filing_whatever_comes_later() {
    let mut office = office(Limit::WorkingDays(8));
    let filed = office.dossier.filed.clone();
    let promised = (filed.limit, filed.clock_from, office.dossier.appointment);
    assert_eq!(promised, (Some(Limit::WorkingDays(5)), Some(office.now), office.dossier.flow.whole.due()));
    supplemented(&mut office, Some("true"));
    assert_eq!(office.dossier.filed, filed);
    assert_eq!(office.dossier.appointment, promised.2);
    assert_ne!(office.dossier.flow.whole.due(), promised.2, "the appointment itself moved");
}

#[test]
fn a_supplement_of_a_version_before_changes_no_fee() {
    let mut office = office(Limit::WorkingDays(5));
    let ask = command(act(&office.dossier, None, "ask", Role::Counter));
    office.does(&officer(Role::Counter, false), ask).expect("asked");
    let mut dossier = office.dossier.clone();
    let typed = Map::from_iter([("deep".to_owned(), json!("true"))]);
    let supplement = supplement_of(&office, typed);
    let recorded = office.does(&applicant(), supplement).expect("supplemented");
    let mut written = serde_json::to_value(&recorded).expect("JSON");
    written["event"].as_object_mut().expect("an event").remove("fees").expect("written by this version");
    let old: Recorded = serde_json::from_value(written).expect("an event of the version before");
    dossier.apply(&old).expect("applied");
    assert_eq!((dossier.owed(), office.dossier.owed()), (Dong(28_000), Dong(78_000)));
}

#[test]
fn a_step_has_the_limit_of_the_case_that_fits() {
    let mut office = office(Limit::WorkingDays(9));
    let procedure = &mut office.procedure;
    procedure.workflow.steps[0].limit = Some(Limit::WorkingHours(4));
    let (first, second) = (procedure.workflow.steps[0].clone(), procedure.workflow.steps[1].clone());
    procedure.limit_cases[0].step_limits = BTreeMap::from([(first.id.clone(), Limit::WorkingDays(2))]);
    let answered = |deep: bool| Map::from_iter([("deep".to_owned(), Json::from(deep))]);
    let limit = |step: &Step, deep: bool| {
        procedure.step_limit(&"so".into(), step, &answered(deep), jiff::Timestamp::UNIX_EPOCH)
    };
    assert_eq!(limit(&first, true), Some(Limit::WorkingDays(2)));
    assert_eq!(limit(&first, false), Some(Limit::WorkingHours(4)));
    assert_eq!(limit(&second, true), second.limit, "the case does not name the step");
}
