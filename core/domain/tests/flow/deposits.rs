//! Deposits: money that is asked for like a fee, and that goes back with the end of the dossier.

use crate::office::{Office, straight};
use crate::refunds::ended_by;
use crate::supplements::pay;
use crate::support::{act, applicant, command, officer, procedure};
use jiff::SignedDuration;
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::event::{DossierOutcome, PaymentMethod, Refund};
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::expression::Condition;
use motcua_domain::money::Dong;
use motcua_domain::people::organisation::{Actor, Role};
use motcua_domain::procedure::{Fee, FeeKind, Silence, SilenceMeaning};
use motcua_domain::text::Text;
use motcua_domain::workflow::Effect;

const FEE: i64 = 50_000;
const DEPOSIT: i64 = 100_000;

/// Files a dossier with a fee and a deposit that the agency keeps with these outcomes.
fn holding(kept_by: &[DossierOutcome]) -> Office {
    holding_unless_silent(kept_by, None)
}

/// Files a dossier as [`holding`] does, under a law that gives the silence of the agency a meaning.
fn holding_unless_silent(kept_by: &[DossierOutcome], means: Option<SilenceMeaning>) -> Office {
    let mut procedure = procedure(straight(), FEE);
    procedure.silence = means.map(|means| Silence { means, basis: Vec::new() });
    let deposit = Fee::fixed(Text::vi("Tiền ký quỹ"), FeeKind::Deposit, Dong(DEPOSIT), Condition::Fixed(true));
    procedure.fees.push(Fee { kept_by: kept_by.to_vec(), ..deposit });
    Office::under(procedure)
}

/// Lets the office work until the result is handed over.
fn hand_over(office: &mut Office) {
    for (action, role) in [("accept", Role::Counter), ("done", Role::Specialist), ("hand-over", Role::Counter)] {
        if action == "done" {
            pay(office);
        }
        let taken = command(act(&office.dossier, None, action, Role::Specialist));
        office.does(&officer(role, false), taken).expect(action);
    }
}

fn withdraw(office: &mut Office) {
    office.does(&applicant(), Command::Withdraw { reason: "Đổi ý.".to_owned() }).expect("withdrawn");
}

/// Returns what is owed, what has to be paid back, and the part of it that was a deposit.
fn balance(office: &Office) -> [Dong; 3] {
    let dossier = &office.dossier;
    [dossier.owed(), dossier.to_pay_back(), dossier.deposit_to_pay_back()]
}

#[test]
fn a_deposit_is_owed_like_a_fee_and_goes_back_with_each_outcome_that_does_not_keep_it() {
    let mut office = holding(&[DossierOutcome::Returned]);
    assert_eq!(balance(&office), [Dong(FEE + DEPOSIT), Dong(0), Dong(0)]);
    hand_over(&mut office);
    assert_eq!(balance(&office), [Dong(0); 3], "the agency keeps it with the result");

    let mut office = holding(&[DossierOutcome::Withdrawn]);
    hand_over(&mut office);
    assert_eq!(balance(&office), [Dong(0), Dong(DEPOSIT), Dong(DEPOSIT)]);

    let mut office = holding(&[DossierOutcome::Returned]);
    pay(&mut office);
    assert_eq!(balance(&office), [Dong(0); 3], "nothing goes back while the office works");
    withdraw(&mut office);
    assert_eq!(balance(&office), [Dong(0), Dong(DEPOSIT), Dong(DEPOSIT)]);
    assert_eq!(office.dossier.refundable(), Dong(FEE + DEPOSIT), "the fee may go back, too");

    let mut office = holding(&[DossierOutcome::Withdrawn]);
    pay(&mut office);
    withdraw(&mut office);
    assert_eq!(balance(&office), [Dong(0); 3], "the applicant forfeits it");
    assert_eq!(office.dossier.refundable(), Dong(FEE), "the fee alone may go back");
    let refund = Refund { amount: Dong(FEE), method: PaymentMethod::Cash, receipt: "PC-1".to_owned() };
    office.does(&officer(Role::Counter, false), Command::RecordRefund(refund)).expect("paid back");
    assert_eq!(office.dossier.refundable(), Dong(0), "the deposit stays with the agency");
}

#[test]
fn a_refund_after_a_silence_or_a_refusal_proposes_the_deposit_by_its_rule_and_never_the_fee() {
    for means in SilenceMeaning::ALL {
        let outcome = DossierOutcome::of_silence(means);
        for (kept_by, proposed, most) in [(vec![], Some(Dong(DEPOSIT)), FEE + DEPOSIT), (vec![outcome], None, FEE)] {
            let mut office = holding_unless_silent(&kept_by, Some(means));
            pay(&mut office);
            office.now = office.dossier.late_notice_at().expect("an appointment") + SignedDuration::from_secs(1);
            office.does(&Actor::System, Command::AnnounceLate).expect("the law says so");
            assert_eq!(office.dossier.flow.ended.as_ref().map(|end| end.outcome), Some(outcome));
            let found = (office.dossier.proposed_refund(), office.dossier.refundable());
            assert_eq!(found, (proposed, Dong(most)), "{means:?} {kept_by:?}");
        }
    }
    for (kept_by, proposed) in [(vec![], Some(Dong(DEPOSIT))), (vec![DossierOutcome::Refused], None)] {
        let mut office = holding(&kept_by);
        pay(&mut office);
        ended_by(&mut office, Effect::Refuse);
        let found = (office.dossier.proposed_refund(), office.dossier.refundable());
        assert_eq!(found, (proposed, proposed.unwrap_or_default()), "{kept_by:?}");
    }
}

#[test]
fn a_deposit_that_nobody_paid_is_neither_owed_nor_paid_back_after_the_end() {
    let mut office = holding(&[]);
    withdraw(&mut office);
    assert_eq!(balance(&office), [Dong(0); 3]);
}

#[test]
fn the_counter_pays_a_deposit_back_once() {
    let mut office = holding(&[]);
    hand_over(&mut office);
    let counter = officer(Role::Counter, false);
    let refund = |amount: i64| {
        let (method, receipt) = (PaymentMethod::BankTransfer, "CK-1".to_owned());
        Command::RecordRefund(Refund { amount: Dong(amount), method, receipt })
    };
    let most = Dong(DEPOSIT);
    assert_eq!(office.does(&counter, refund(DEPOSIT + 1)), Err(Refusal::WrongRefund { most }));
    office.does(&counter, refund(DEPOSIT)).expect("paid back");
    assert_eq!(balance(&office), [Dong(0); 3]);
    assert_eq!(office.does(&counter, refund(1)), Err(Refusal::NothingToPayBack));
}
