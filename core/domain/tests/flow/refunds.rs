//! Money that goes back to the applicant.

use crate::office::Office;
use crate::supplements::{office, pay, supplemented};
use crate::support::{act, applicant, command, officer};
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::event::{DossierOutcome, PaymentMethod, Recorded, Refund};
use motcua_domain::dossier::notice_of;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::money::Dong;
use motcua_domain::people::organisation::{Actor, Role};
use motcua_domain::time::calendar::Limit;
use motcua_domain::workflow::Effect;
use proptest::prelude::*;

fn refund(amount: i64) -> Command {
    Command::RecordRefund(Refund { amount: Dong(amount), method: PaymentMethod::BankTransfer, receipt: "C-1".into() })
}

/// Lets the counter record a refund.
fn pays_back(office: &mut Office, amount: i64) -> Result<Recorded, Refusal> {
    office.does(&officer(Role::Counter, false), refund(amount))
}

/// Returns a dossier that has paid 78.000 đ and owes 28.000 đ, because a supplement lowered the fees.
fn overpaid() -> Office {
    let mut office = office(Limit::WorkingDays(5));
    supplemented(&mut office, Some("true"));
    pay(&mut office);
    supplemented(&mut office, Some("false"));
    office
}

#[test]
fn what_is_to_be_paid_back_is_paid_back_in_parts_and_never_more_than_that() {
    let mut office = overpaid();
    for amount in [-1, 0, 50_001, i64::MAX] {
        assert_eq!(pays_back(&mut office, amount), Err(Refusal::WrongRefund { most: Dong(50_000) }), "{amount}");
    }
    for receipt in [String::new(), " ".to_owned(), "7".repeat(65)] {
        let unproved = Refund { amount: Dong(50_000), method: PaymentMethod::BankTransfer, receipt };
        let done = office.does(&officer(Role::Counter, false), Command::RecordRefund(unproved));
        assert_eq!(done, Err(Refusal::ReceiptMissing));
    }
    pays_back(&mut office, 20_000).expect("a part");
    assert_eq!((office.dossier.owed(), office.dossier.to_pay_back()), (Dong(0), Dong(30_000)));
    office.later(1);
    pays_back(&mut office, 30_000).expect("the rest");
    assert_eq!((office.dossier.owed(), office.dossier.to_pay_back()), (Dong(0), Dong(0)));
    assert_eq!(pays_back(&mut office, 1), Err(Refusal::NothingToPayBack));
    let known: Vec<_> = office.dossier.refunds.iter().map(|refund| (refund.at, refund.amount)).collect();
    let hour_before = office.now - jiff::SignedDuration::from_hours(1);
    assert_eq!(known, [(hour_before, Dong(20_000)), (office.now, Dong(30_000))]);
}

#[test]
fn a_refund_is_recorded_by_those_who_take_payments_and_told_to_the_applicant() {
    let mut office = overpaid();
    for actor in [applicant(), officer(Role::Specialist, false), officer(Role::Leader, false), Actor::System] {
        assert!(!office.dossier.may_record_refund(&actor), "{actor:?}");
        assert_eq!(office.does(&actor, refund(1)), Err(Refusal::NotAllowed), "{actor:?}");
    }
    assert!(office.dossier.may_record_refund(&officer(Role::Counter, false)));
    let before = office.dossier.clone();
    let recorded = pays_back(&mut office, 50_000).expect("paid back");
    assert_eq!(notice_of(&recorded, Some(&before), &office.dossier), Some("refund-recorded"));
    assert_eq!((&office.dossier.flow, office.dossier.judged), (&before.flow, before.judged), "nothing else changes");
    let written = serde_json::to_value(&recorded).expect("JSON");
    let read: Recorded = serde_json::from_value(written).expect("an event");
    assert_eq!(read, recorded);
}

#[test]
fn fees_that_rise_again_after_a_refund_are_owed_again() {
    let mut office = overpaid();
    pays_back(&mut office, 50_000).expect("paid back");
    supplemented(&mut office, Some("true"));
    assert_eq!((office.dossier.owed(), office.dossier.to_pay_back()), (Dong(50_000), Dong(0)));
    pay(&mut office);
    assert_eq!(office.dossier.owed(), Dong(0));
}

/// Ends a dossier at its first step by an action with this effect.
pub fn ended_by(office: &mut Office, effect: Effect) {
    for action in office.procedure.workflow.steps[0].actions.iter_mut().filter(|action| action.id.as_str() == "decline")
    {
        action.effect = effect.clone();
    }
    let end = command(act(&office.dossier, None, "decline", Role::Counter));
    office.does(&officer(Role::Counter, false), end).expect("ended");
}

#[test]
fn a_dossier_that_ended_without_a_decision_may_get_back_what_was_paid() {
    let paid = || {
        let mut office = Office::open(28_000);
        pay(&mut office);
        office
    };
    let mut withdrawn = paid();
    withdrawn.does(&applicant(), Command::Withdraw { reason: "thôi".into() }).expect("withdrawn");
    let mut not_received = paid();
    ended_by(&mut not_received, Effect::Decline);
    for mut office in [withdrawn, not_received] {
        assert_eq!((office.dossier.refundable(), office.dossier.to_pay_back()), (Dong(28_000), Dong(0)));
        assert_eq!(pays_back(&mut office, 28_001), Err(Refusal::WrongRefund { most: Dong(28_000) }));
        pays_back(&mut office, 28_000).expect("paid back");
        assert_eq!((office.dossier.refundable(), office.dossier.owed()), (Dong(0), Dong(0)));
    }
    for effect in [Effect::Refuse, Effect::HandOver] {
        let mut decided = paid();
        ended_by(&mut decided, effect);
        assert_eq!(pays_back(&mut decided, 1), Err(Refusal::NothingToPayBack), "the service was rendered");
    }
    let mut decided = overpaid();
    ended_by(&mut decided, Effect::Refuse);
    pays_back(&mut decided, 50_000).expect("a difference is paid back after the end too");
    assert_eq!(DossierOutcome::ALL.into_iter().filter(|outcome| outcome.is_decision()).count(), 2);
}

proptest! {
    #[test]
    fn refunds_never_exceed_what_is_owed_back_and_never_make_anybody_owe(
        wishes in proptest::collection::vec((0_u8..8, 0_i64..90_000), 0..14),
    ) {
        let mut office = office(Limit::WorkingDays(5));
        for (what, amount) in wishes {
            let before = office.dossier.clone();
            let is_open = !before.has_ended();
            match what {
                0 | 1 if is_open => drop(supplemented(&mut office, Some(if what == 0 { "true" } else { "false" }))),
                2 | 3 if is_open && before.owed() > Dong(0) => pay(&mut office),
                4 if is_open && amount < 10_000 => {
                    office.does(&applicant(), Command::Withdraw { reason: "thôi".into() }).expect("withdrawn");
                }
                _ => {
                    let most = before.refundable();
                    let amount = if what == 7 { most.0 } else { amount };
                    let done = pays_back(&mut office, amount).is_ok();
                    prop_assert_eq!(done, amount > 0 && Dong(amount) <= most);
                    let left = if done { most.0 - amount } else { most.0 };
                    prop_assert_eq!((office.dossier.refundable(), office.dossier.owed()), (Dong(left), before.owed()));
                }
            }
            let after = &office.dossier;
            prop_assert!(after.owed() == Dong(0) || after.refundable() == Dong(0), "nobody owes and is owed at once");
            prop_assert!(after.to_pay_back() <= after.refundable());
            let paid: Dong = after.payments.iter().map(|payment| payment.amount).sum();
            let refunded: Dong = after.refunds.iter().map(|refund| refund.amount).sum();
            prop_assert!(refunded <= paid);
        }
    }

    #[test]
    fn the_order_of_refunds_changes_no_balance(parts in proptest::collection::vec(1_i64..20_000, 1..6)) {
        let balance = |parts: &mut dyn Iterator<Item = i64>| {
            let mut office = overpaid();
            for part in parts {
                pays_back(&mut office, part).ok();
            }
            (office.dossier.owed(), office.dossier.to_pay_back())
        };
        prop_assume!(parts.iter().sum::<i64>() <= 50_000);
        prop_assert_eq!(balance(&mut parts.iter().copied()), balance(&mut parts.iter().rev().copied()));
    }
}
