//! Payments in parts, the numbers of books, and payments that were recorded by mistake.

use crate::office::Office;
use crate::support::{act, applicant, command, officer};
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::event::{Payment, PaymentMethod, Recorded};
use motcua_domain::dossier::receipts::ReceiptBook;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::dossier::{Dossier, notice_of};
use motcua_domain::money::Dong;
use motcua_domain::people::organisation::{Actor, Role};
use motcua_domain::workflow::NationalStatus;

const FEE: i64 = 28_000;

fn counter() -> Actor {
    officer(Role::Counter, false)
}

fn pays(office: &mut Office, amount: i64, method: PaymentMethod, receipt: &str) -> Result<Recorded, Refusal> {
    let payment = Payment { amount: Dong(amount), method, receipt: receipt.to_owned() };
    office.does(&counter(), Command::RecordPayment(payment))
}

fn reverses(office: &mut Office, entry: u32, reason: &str) -> Result<Recorded, Refusal> {
    office.does(&counter(), Command::ReversePayment { entry, reason: reason.to_owned() })
}

/// Returns a dossier whose workflow waits for the fee.
fn waiting() -> Office {
    let mut office = Office::open(FEE);
    let accept = command(act(&office.dossier, None, "accept", Role::Specialist));
    office.does(&counter(), accept).expect("accepted");
    assert_eq!(office.dossier.status(), NationalStatus::PaymentRequested);
    office
}

#[test]
fn a_fee_is_paid_in_parts_and_the_dossier_waits_for_the_last_one() {
    let mut office = waiting();
    for amount in [-1, 0, FEE + 1, i64::MAX] {
        let refused = Err(Refusal::WrongAmount { owed: Dong(FEE) });
        assert_eq!(pays(&mut office, amount, PaymentMethod::Cash, "1"), refused, "{amount}");
    }
    let whole = office.dossier.flow.whole.clone();
    pays(&mut office, 20_000, PaymentMethod::Cash, "1").expect("a part");
    assert_eq!((office.dossier.owed(), office.dossier.status()), (Dong(8000), NationalStatus::PaymentRequested));
    assert_eq!(office.dossier.flow.whole, whole, "the clock stands");
    pays(&mut office, 8000, PaymentMethod::BankTransfer, "FT-1").expect("the rest");
    assert_eq!((office.dossier.owed(), office.dossier.status()), (Dong(0), NationalStatus::Processing));
    assert!(office.dossier.flow.whole.due().is_some(), "the clock runs");
}

#[test]
fn cash_without_a_number_gets_one_of_the_book_and_nobody_types_such_a_number() {
    let mut office = waiting();
    for number in ["BL-H09.05-26-0000001", "pc-h09-26-0000001"] {
        for method in [PaymentMethod::Cash, PaymentMethod::BankTransfer] {
            assert_eq!(pays(&mut office, FEE, method, number), Err(Refusal::ReceiptOfBook), "{number}");
        }
    }
    assert_eq!(pays(&mut office, FEE, PaymentMethod::BankTransfer, ""), Err(Refusal::ReceiptMissing));
    let mut recorded = pays(&mut office, FEE, PaymentMethod::Cash, "").expect("paid");
    assert_eq!(ReceiptBook::to_draw(&recorded.event), Some(ReceiptBook::Receipts));
    recorded.draw("BL-H09.05-26-0000001");
    office.dossier.draw("BL-H09.05-26-0000001");
    assert_eq!(ReceiptBook::to_draw(&recorded.event), None);
    let receipts: Vec<&str> = office.dossier.payments.iter().map(|payment| payment.receipt.as_str()).collect();
    assert_eq!(receipts, ["BL-H09.05-26-0000001"]);
}

#[test]
fn a_payment_that_was_recorded_by_mistake_is_reversed_once_with_a_reason_and_owed_again() {
    let mut office = waiting();
    pays(&mut office, FEE, PaymentMethod::Cash, "1").expect("paid");
    let entry = office.dossier.version;
    assert_eq!(reverses(&mut office, entry, " "), Err(Refusal::NoteMissing));
    assert_eq!(reverses(&mut office, entry - 1, "Nhầm hồ sơ"), Err(Refusal::NothingToReverse));
    for actor in [applicant(), officer(Role::Specialist, false), officer(Role::Leader, false), Actor::System] {
        let reversal = Command::ReversePayment { entry, reason: "Nhầm hồ sơ".to_owned() };
        assert!(!office.dossier.may_reverse_payment(&actor, entry), "{actor:?}");
        assert_eq!(office.does(&actor, reversal), Err(Refusal::NotAllowed), "{actor:?}");
    }
    assert!(office.dossier.may_reverse_payment(&counter(), entry));
    let before = office.dossier.clone();
    let recorded = reverses(&mut office, entry, " Nhầm hồ sơ ").expect("reversed");
    assert_eq!(notice_of(&recorded, Some(&before), &office.dossier), Some("payment-reversed"));
    assert_eq!(office.dossier.owed(), Dong(FEE));
    assert_eq!(office.dossier.flow, before.flow, "no step goes back");
    let payment = office.dossier.payments.first().expect("it stays");
    assert_eq!((payment.receipt.as_str(), payment.counts()), ("1", false));
    assert_eq!(payment.reversed.as_ref().map(|reversal| reversal.reason.as_str()), Some("Nhầm hồ sơ"));
    assert_eq!(reverses(&mut office, entry, "Nhầm hồ sơ"), Err(Refusal::NothingToReverse));
    pays(&mut office, FEE, PaymentMethod::Cash, "2").expect("paid");
    assert_eq!(office.dossier.owed(), Dong(0));
    let written = serde_json::to_value(&recorded).expect("JSON");
    let read: Recorded = serde_json::from_value(written).expect("an event");
    assert_eq!(read, recorded);
}

#[test]
fn a_dossier_that_has_ended_is_paid_again_only_after_a_reversal() {
    let mut office = waiting();
    pays(&mut office, FEE, PaymentMethod::Cash, "1").expect("paid");
    let entry = office.dossier.version;
    let done = command(act(&office.dossier, None, "done", Role::Counter));
    office.does(&officer(Role::Specialist, false), done).expect("done");
    let hand_over = command(act(&office.dossier, None, "hand-over", Role::Counter));
    office.does(&counter(), hand_over).expect("handed over");
    assert_eq!(pays(&mut office, FEE, PaymentMethod::Cash, "2"), Err(Refusal::Ended));
    reverses(&mut office, entry, "Sai số biên lai").expect("reversed");
    assert_eq!(office.dossier.payable(), Some(Dong(FEE)));
    pays(&mut office, FEE, PaymentMethod::Cash, "2").expect("paid with the right number");
    assert_eq!(office.dossier.payable(), None);
}

#[test]
fn money_that_was_paid_back_is_not_reversed_too() {
    let mut office = Office::open(FEE);
    pays(&mut office, FEE, PaymentMethod::Cash, "1").expect("paid");
    let entry = office.dossier.version;
    office.does(&applicant(), Command::Withdraw { reason: "thôi".to_owned() }).expect("withdrawn");
    let refund = motcua_domain::dossier::event::Refund {
        amount: Dong(1000),
        method: PaymentMethod::Cash,
        receipt: String::new(),
    };
    let mut refunded: Dossier = office.dossier.clone();
    let recorded = office.does(&counter(), Command::RecordRefund(refund)).expect("paid back");
    assert_eq!(ReceiptBook::to_draw(&recorded.event), Some(ReceiptBook::Vouchers));
    refunded.apply(&recorded).expect("it applies");
    assert_eq!(refunded, office.dossier);
    assert!(!office.dossier.may_reverse_payment(&counter(), entry));
    assert_eq!(reverses(&mut office, entry, "Nhầm hồ sơ"), Err(Refusal::PaidBackAlready));
}

#[test]
fn money_that_a_gateway_has_is_recorded_whatever_is_owed_and_what_is_too_much_can_be_paid_back() {
    let confirmed = |amount: i64, receipt: &str| {
        let method = PaymentMethod::BankTransfer;
        Command::RecordPayment(Payment { amount: Dong(amount), method, receipt: receipt.to_owned() })
    };
    let mut office = waiting();
    let cash = Payment { amount: Dong(FEE), method: PaymentMethod::Cash, receipt: "1".to_owned() };
    assert_eq!(
        office.does(&Actor::System, Command::RecordPayment(cash)),
        Err(Refusal::NotAllowed),
        "no gateway has cash"
    );
    assert_eq!(office.does(&applicant(), confirmed(FEE, "a")), Err(Refusal::NotAllowed));
    let nothing = Err(Refusal::WrongAmount { owed: Dong(FEE) });
    assert_eq!(office.does(&Actor::System, confirmed(0, "a")), nothing);
    office.does(&Actor::System, confirmed(FEE, "a")).expect("paid");
    assert_eq!((office.dossier.owed(), office.dossier.status()), (Dong(0), NationalStatus::Processing));
    office.does(&Actor::System, confirmed(FEE, "b")).expect("paid twice");
    assert_eq!((office.dossier.to_pay_back(), office.dossier.refundable()), (Dong(FEE), Dong(FEE)));

    let mut office = waiting();
    office.does(&applicant(), Command::Withdraw { reason: "thôi".to_owned() }).expect("withdrawn");
    assert_eq!(pays(&mut office, FEE, PaymentMethod::BankTransfer, "FT-1"), Err(Refusal::Ended));
    office.does(&Actor::System, confirmed(FEE, "c")).expect("paid too late");
    assert_eq!((office.dossier.owed(), office.dossier.refundable()), (Dong(0), Dong(FEE)));
    assert!(office.dossier.may_record_refund(&counter()));
}
