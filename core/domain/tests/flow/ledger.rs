//! Double entry over random sequences of commands.

use crate::office::Office;
use crate::supplements::{office, supplemented};
use crate::support::{act, applicant, command, officer};
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::event::{Event, Payment, PaymentMethod, PlaceMove, Recorded, Refund};
use motcua_domain::dossier::ledger::{LedgerAccount, LedgerEntry, MovementKind, ledger_entries};
use motcua_domain::money::Dong;
use motcua_domain::people::organisation::{Actor, Post, Role};
use motcua_domain::procedure::{FeeKind, FeeLine};
use motcua_domain::text::Text;
use motcua_domain::time::calendar::Limit;
use motcua_domain::workflow::UnitPlace;
use proptest::prelude::*;

fn counter() -> Actor {
    officer(Role::Counter, false)
}

const fn method(cash: bool) -> PaymentMethod {
    if cash { PaymentMethod::Cash } else { PaymentMethod::BankTransfer }
}

fn sum(entries: &[LedgerEntry], accounts: &[LedgerAccount]) -> i64 {
    entries.iter().filter(|entry| accounts.contains(&entry.account)).map(|entry| entry.amount.0).sum()
}

fn of_agency(entries: &[LedgerEntry], agency: &str, accounts: &[LedgerAccount]) -> i64 {
    let own: Vec<LedgerEntry> = entries.iter().filter(|entry| entry.agency.as_str() == agency).cloned().collect();
    sum(&own, accounts)
}

/// Returns the filing of the dossier of an office.
fn filed(office: &Office) -> Recorded {
    let event = Event::Filed(Box::new(office.dossier.filed.clone()));
    Recorded { at: office.now, actor: applicant().reference(), event, choices: Vec::new() }
}

/// Returns a random command about money, or one that changes what is owed.
fn wished(dossier: &Dossier, what: u8, amount: i64, cash: bool) -> (Actor, Command) {
    let receipt = "7".to_owned();
    match what {
        0 => (applicant(), Command::Withdraw { reason: "thôi".to_owned() }),
        1 => {
            let mut done = act(dossier, None, "accept", Role::Specialist);
            "được".clone_into(&mut done.note);
            (counter(), command(done))
        }
        2 => (counter(), command(act(dossier, None, "decline", Role::Counter))),
        3 => {
            let entry = dossier.payments.first().map_or(1, |payment| payment.entry);
            (counter(), Command::ReversePayment { entry, reason: "Nhầm".to_owned() })
        }
        4 => {
            let entry = dossier.payments.last().map_or(1, |payment| payment.entry);
            (counter(), Command::ReversePayment { entry, reason: "Nhầm".to_owned() })
        }
        5 => {
            let amount = Dong(amount).min(dossier.refundable());
            (counter(), Command::RecordRefund(Refund { amount, method: method(cash), receipt }))
        }
        6 => (counter(), Command::RecordPayment(Payment { amount: dossier.owed(), method: method(cash), receipt })),
        _ => (counter(), Command::RecordPayment(Payment { amount: Dong(amount), method: method(cash), receipt })),
    }
}

proptest! {
    #[test]
    fn the_entries_of_every_event_add_up_to_nothing_and_their_balance_is_what_the_domain_says(
        wishes in proptest::collection::vec((0_u8..12, 1_i64..60_000, any::<bool>()), 0..24),
        deposit in 0_i64..3,
    ) {
        let mut office = office(Limit::WorkingDays(5));
        if deposit > 0 {
            // A deposit goes back with the end of the dossier.
            let line = FeeLine { kind: FeeKind::Deposit, amount: Dong(deposit * 10_000), ..office.dossier.fees[0].clone() };
            office.dossier.filed.fees.push(FeeLine { name: Text::vi("Ký quỹ"), ..line.clone() });
            office.dossier.fees.push(line);
        }
        let mut all = ledger_entries(&filed(&office), None, &office.dossier);
        prop_assert_eq!(sum(&all, &LedgerAccount::ALL), 0);
        for (what, amount, cash) in wishes {
            let before = office.dossier.clone();
            let recorded = if what > 9 {
                let waits = before.has_ended() || before.turn() != motcua_domain::dossier::Turn::Office;
                let at_intake = before.flow.stays.first().is_some_and(|stay| stay.at.step.as_str() == "intake");
                if waits || !at_intake || deposit > 0 {
                    continue;
                }
                // The request before the supplement changes no account.
                supplemented(&mut office, Some(if what == 10 { "true" } else { "false" }))
            } else {
                let (actor, command) = wished(&before, what, amount, cash);
                let Ok(recorded) = office.does(&actor, command) else { continue };
                recorded
            };
            let after = &office.dossier;
            let entries = ledger_entries(&recorded, Some(&before), after);
            prop_assert_eq!(sum(&entries, &LedgerAccount::ALL), 0, "{:?} {:?}", recorded.event, entries);
            prop_assert!(entries.iter().all(|entry| entry.amount != Dong(0)), "no entry is empty");
            all.extend(entries);
            prop_assert_eq!(sum(&all, &[LedgerAccount::Owed]), after.owed().0);
            prop_assert_eq!(-sum(&all, &[LedgerAccount::PayBack]), after.to_pay_back().0);
            let paid: i64 = after.payments.iter().filter(|paid| paid.counts()).map(|paid| paid.amount.0).sum();
            let refunded: i64 = after.refunds.iter().map(|refund| refund.amount.0).sum();
            prop_assert_eq!(sum(&all, &[LedgerAccount::Cash, LedgerAccount::Transfers]), paid - refunded);
            let moved = after.moved_by(&recorded.event);
            let is_money = matches!(
                recorded.event,
                Event::PaymentRecorded { .. } | Event::PaymentReversed { .. } | Event::RefundRecorded { .. }
            );
            prop_assert_eq!(moved.is_some(), is_money);
        }
    }
}

#[test]
fn a_reversal_takes_the_cash_from_the_officer_who_had_recorded_it() {
    let mut office = office(Limit::WorkingDays(5));
    let payment = Payment { amount: Dong(8000), method: PaymentMethod::Cash, receipt: "7".to_owned() };
    office.does(&counter(), Command::RecordPayment(payment)).expect("paid");
    let (entry, before) = (office.dossier.version, office.dossier.clone());
    let colleague = officer(Role::Counter, true);
    let reversal = Command::ReversePayment { entry, reason: "Nhầm".to_owned() };
    let recorded = office.does(&colleague, reversal).expect("reversed");
    let entries = ledger_entries(&recorded, Some(&before), &office.dossier);
    let cash = LedgerEntry {
        account: LedgerAccount::Cash,
        agency: "so".into(),
        cashier: counter().reference().user().cloned(),
        amount: Dong(-8000),
    };
    let owed = LedgerEntry { account: LedgerAccount::Owed, agency: "so".into(), cashier: None, amount: Dong(8000) };
    assert_eq!(entries, [cash, owed]);
    let moved = office.dossier.moved_by(&recorded.event).map(|moved| (moved.kind, moved.amount));
    assert_eq!(moved, Some((MovementKind::Reversal, Dong(-8000))));
}

#[test]
fn a_transfer_moves_what_is_owed_and_earned_to_the_other_agency_and_leaves_the_money() {
    let mut office = office(Limit::WorkingDays(5));
    let fees = office.dossier.owed().0;
    let payment = Payment { amount: Dong(8000), method: PaymentMethod::Cash, receipt: "7".to_owned() };
    let mut entries = ledger_entries(&filed(&office), None, &office.dossier);
    let mut take = |office: &mut Office, actor: &Actor, command: Command| {
        let before = office.dossier.clone();
        let recorded = office.does(actor, command).expect("allowed");
        let new = ledger_entries(&recorded, Some(&before), &office.dossier);
        for agency in ["so", "xa"] {
            assert_eq!(of_agency(&new, agency, &LedgerAccount::ALL), 0, "{agency}: {new:?}");
        }
        entries.extend(new);
        entries.clone()
    };
    take(&mut office, &counter(), Command::RecordPayment(payment));
    let entry = office.dossier.version;
    let from = office.dossier.place.clone();
    let to = UnitPlace { agency: "xa".into(), unit: "phong".into() };
    let moves = vec![PlaceMove { from, to }];
    let all = take(&mut office, &Actor::System, Command::Transfer { reason: "Sáp nhập".to_owned(), moves });
    let money = [LedgerAccount::Cash];
    assert_eq!((of_agency(&all, "so", &money), of_agency(&all, "xa", &money)), (8000, 0), "the money stays");
    for account in [LedgerAccount::Owed, LedgerAccount::Fees] {
        assert_eq!(of_agency(&all, "so", &[account]), 0, "{account:?}");
    }
    assert_eq!(of_agency(&all, "xa", &[LedgerAccount::Owed]), fees - 8000);
    assert_eq!(of_agency(&all, "xa", &[LedgerAccount::Fees]), -fees);
    let debt = [LedgerAccount::BetweenAgencies];
    assert_eq!((of_agency(&all, "so", &debt), of_agency(&all, "xa", &debt)), (-8000, 8000));
    // The reversal is a movement of the agency that had the payment, and ends its debt.
    let clerk = Actor::Officer {
        id: "x".into(),
        name: "x".to_owned(),
        posts: vec![Post { agency: "xa".into(), unit: "phong".into(), role: Role::Counter }],
        stands_for: Vec::new(),
        approves_own: Vec::new(),
        own_accounts: Vec::new(),
    };
    let all = take(&mut office, &clerk, Command::ReversePayment { entry, reason: "Nhầm".to_owned() });
    for agency in ["so", "xa"] {
        assert_eq!(of_agency(&all, agency, &debt), 0, "{agency}");
        assert_eq!(of_agency(&all, agency, &money), 0, "{agency}");
    }
    assert_eq!(of_agency(&all, "xa", &[LedgerAccount::Owed]), fees);
}
