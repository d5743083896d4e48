//! The numbers of receipts, and double entry in the store.

use crate::store::{rows, tamper};
use jiff::SignedDuration;
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::event::{Payment, PaymentMethod, PlaceMove, Refund};
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::money::Dong;
use motcua_domain::names::DossierCode;
use motcua_domain::workflow::UnitPlace;
use motcua_service::{Error, ReorganiseMode, Services};
use motcua_store::Database;
use motcua_store::log::LogTrust;
use motcua_tests::flow::{COUNTER, Office, PROCEDURE, workflow};
use motcua_tests::portal::Kind;
use serde_json::Value as Json;
use std::collections::BTreeSet;

on_both_kinds! {
    payments_at_once_on_two_nodes_get_every_number_of_the_book_once_and_leave_none_out
    a_refused_payment_takes_no_number_of_the_book
    a_book_whose_last_number_was_lost_gives_none_of_its_numbers_again
    the_same_number_twice_is_refused_in_an_agency_until_the_payment_is_reversed
    the_entries_of_every_transaction_add_up_to_nothing_and_are_rebuilt_as_they_were
    what_was_recorded_before_the_days_of_cashiers_belongs_to_none
    a_payment_before_a_transfer_is_reversed_where_it_was_recorded_and_frees_no_number_elsewhere
}

/// The fee of the office's procedure.
const FEE: i64 = 50_000;

/// Returns the sum of the amounts of rows.
fn total(rows: &[Json]) -> i64 {
    rows.iter().map(|row| row["amount"].as_i64().expect("an amount")).sum()
}

/// Opens an office whose procedure has a fee.
async fn with_a_fee(kind: Kind) -> Office {
    let thu = workflow(&["a counter | done hand-over"]);
    let fee = format!("{PROCEDURE}\n[[fee]]\nname = \"Phí thử\"\nkind = \"fee\"\namount = {FEE}\n");
    Office::open(kind, &thu, &[("procedures/so-tnmt/thu/procedure.toml", &fee)]).await
}

/// Files so many dossiers.
async fn filed(office: &Office, count: usize) -> Vec<DossierCode> {
    let mut codes = Vec::new();
    for _ in 0..count {
        codes.push(office.file(false, false).await.code);
    }
    codes
}

fn payment(amount: i64, method: PaymentMethod, receipt: &str) -> Command {
    Command::RecordPayment(Payment { amount: Dong(amount), method, receipt: receipt.to_owned() })
}

/// Lets the counter give a command at a node.
async fn does(office: &Office, node: &Services, code: &DossierCode, command: Command) -> Result<Dossier, Error> {
    node.dossiers.change(&office.actor(COUNTER).await, code, node.new_command(), command).await
}

/// Returns the number of the last payment.
fn receipt(dossier: &Dossier) -> String {
    dossier.payments.last().map_or_else(String::new, |payment| payment.receipt.clone())
}

/// Returns the numbers of the book up to this one.
fn numbers(code: &DossierCode, last: usize) -> BTreeSet<String> {
    let agency = code.as_str().rsplitn(3, '-').nth(2).expect("an agency");
    (1..=last).map(|number| format!("BL-{agency}-26-{number:07}")).collect()
}

async fn assert_sound(database: &Database) {
    let report = database.verify(&LogTrust::default()).await.expect("read");
    assert!(report.is_sound(), "{:?}", report.findings);
    let sums = "SELECT dossier, version FROM money_entry GROUP BY dossier, version HAVING SUM(amount) <> 0";
    assert!(rows(database, sums).await.is_empty());
}

async fn payments_at_once_on_two_nodes_get_every_number_of_the_book_once_and_leave_none_out(kind: Kind) {
    const ALL: usize = 24;
    let office = with_a_fee(kind).await;
    let (node, codes) = (office.another_node().await, filed(&office, ALL).await);
    let nodes = [&office.services, &node].into_iter().cycle();
    let payments = codes.iter().zip(nodes).map(|(code, node)| {
        let command = payment(FEE, PaymentMethod::Cash, "");
        does(&office, node, code, command)
    });
    let paid = futures::future::join_all(payments).await;
    let given: BTreeSet<String> = paid.iter().map(|paid| receipt(paid.as_ref().expect("it is recorded"))).collect();
    assert_eq!(given, numbers(&codes[0], ALL));
    for code in &codes {
        let stored = motcua_store::journal::dossier(office.services.database().reader(), code).await.expect("read");
        assert!(given.contains(&receipt(&stored.expect("a dossier"))), "the journal has the number");
    }
    assert_sound(office.services.database()).await;
}

async fn a_refused_payment_takes_no_number_of_the_book(kind: Kind) {
    let office = with_a_fee(kind).await;
    let codes = filed(&office, 3).await;
    let cash = |amount| payment(amount, PaymentMethod::Cash, "");
    does(&office, &office.services, &codes[0], cash(FEE)).await.expect("paid");
    let again = does(&office, &office.services, &codes[0], cash(FEE)).await;
    assert!(matches!(again, Err(Error::Refused(Refusal::NothingOwed))), "{again:?}");
    let much = does(&office, &office.services, &codes[1], cash(FEE + 1)).await;
    assert!(matches!(much, Err(Error::Refused(Refusal::WrongAmount { .. }))), "{much:?}");
    // The same command twice is one payment with one number.
    let (counter, command) = (office.actor(COUNTER).await, office.services.new_command());
    let twice = [(); 2].map(|()| office.services.dossiers.change(&counter, &codes[1], command.clone(), cash(20_000)));
    for done in futures::future::join_all(twice).await {
        assert_eq!(done.expect("one answer").payments.len(), 1);
    }
    let last = does(&office, &office.services, &codes[2], cash(FEE)).await.expect("paid");
    assert_eq!(Some(receipt(&last)), numbers(&codes[0], 3).pop_last());
}

async fn a_book_whose_last_number_was_lost_gives_none_of_its_numbers_again(kind: Kind) {
    let office = with_a_fee(kind).await;
    let codes = filed(&office, 4).await;
    let database = office.services.database();
    for code in &codes[..3] {
        does(&office, &office.services, code, payment(FEE, PaymentMethod::Cash, "")).await.expect("paid");
    }
    tamper(database, "DELETE FROM receipt_book").await;
    let last = does(&office, &office.services, &codes[3], payment(FEE, PaymentMethod::Cash, "")).await.expect("paid");
    assert_eq!(Some(receipt(&last)), numbers(&codes[0], 4).pop_last());
}

async fn the_same_number_twice_is_refused_in_an_agency_until_the_payment_is_reversed(kind: Kind) {
    let office = with_a_fee(kind).await;
    let codes = filed(&office, 3).await;
    let node = office.another_node().await;
    let typed = |number: &str| payment(20_000, PaymentMethod::BankTransfer, number);
    let taken = |done: &Result<Dossier, Error>| matches!(done, Err(Error::Refused(Refusal::ReceiptTaken)));
    let at_once = [(&office.services, &codes[0]), (&node, &codes[1])];
    let at_once = at_once.map(|(node, code)| does(&office, node, code, typed("FT 0042")));
    let done = futures::future::join_all(at_once).await;
    assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 1, "{done:?}");
    assert_eq!(done.iter().filter(|done| taken(done)).count(), 1, "{done:?}");
    let again = does(&office, &node, &codes[2], typed("ft0042")).await;
    assert!(taken(&again), "however it is typed: {again:?}");
    let first = done.into_iter().find_map(Result::ok).expect("one was recorded");
    let entry = first.payments[0].entry;
    let reversal = Command::ReversePayment { entry, reason: "Nhầm hồ sơ".to_owned() };
    does(&office, &node, &first.filed.code, reversal).await.expect("reversed");
    does(&office, &node, &codes[2], typed("FT0042")).await.expect("the transfer belongs here");
    let vouchers = rows(office.services.database(), "SELECT * FROM receipt_number").await;
    assert_eq!(vouchers.len(), 1, "{vouchers:?}");
    assert_sound(office.services.database()).await;
}

async fn the_entries_of_every_transaction_add_up_to_nothing_and_are_rebuilt_as_they_were(kind: Kind) {
    let office = with_a_fee(kind).await;
    let (codes, node) = (filed(&office, 2).await, &office.services);
    let database = node.database();
    does(&office, node, &codes[0], payment(20_000, PaymentMethod::Cash, "")).await.expect("a part");
    does(&office, node, &codes[0], payment(30_000, PaymentMethod::BankTransfer, "FT-1")).await.expect("the rest");
    let paid = does(&office, node, &codes[1], payment(FEE, PaymentMethod::Cash, "")).await.expect("paid");
    let entry = paid.payments[0].entry;
    let reversal = Command::ReversePayment { entry, reason: "Nhầm hồ sơ".to_owned() };
    does(&office, node, &codes[1], reversal).await.expect("reversed");
    let (citizen, reason) = (office.actor("").await, "Đổi ý".to_owned());
    let withdrawn = Command::Withdraw { reason };
    node.dossiers.change(&citizen, &codes[0], node.new_command(), withdrawn).await.expect("withdrawn");
    let refund = Refund { amount: Dong(5000), method: PaymentMethod::Cash, receipt: String::new() };
    let back = does(&office, node, &codes[0], Command::RecordRefund(refund)).await.expect("paid back");
    assert!(back.refunds[0].receipt.starts_with("PC-"), "{:?}", back.refunds);
    assert_sound(database).await;

    let account = |name: &str| format!("SELECT amount FROM money_entry WHERE account = '{name}'");
    for (name, sum) in [("cash", 15_000), ("transfers", 30_000), ("owed", FEE), ("fees", -2 * FEE), ("waived", 5000)] {
        assert_eq!(total(&rows(database, &account(name)).await), sum, "{name}");
    }
    let tables = [
        "SELECT * FROM money_movement ORDER BY dossier, version",
        "SELECT * FROM money_entry ORDER BY dossier, version, line",
        "SELECT * FROM receipt_number ORDER BY number_key, agency, book",
        "SELECT * FROM receipt_book ORDER BY series",
    ];
    let mut before = Vec::new();
    for table in tables {
        before.push(rows(database, table).await);
    }
    assert_eq!(before[0].len(), 5, "{:?}", before[0]);
    tamper(database, "UPDATE money_entry SET amount = amount + 1 WHERE line = 1").await;
    let report = database.verify(&LogTrust::default()).await.expect("read");
    assert!(!report.is_sound(), "a changed amount is found");
    tamper(database, "DELETE FROM money_movement; DELETE FROM receipt_number").await;
    database.rebuild_projections().await.expect("rebuilt");
    for (table, before) in tables.into_iter().zip(before) {
        assert_eq!(rows(database, table).await, before, "{table}");
    }
    assert_sound(database).await;
}

async fn a_payment_before_a_transfer_is_reversed_where_it_was_recorded_and_frees_no_number_elsewhere(kind: Kind) {
    let office = with_a_fee(kind).await;
    let (codes, node) = (filed(&office, 2).await, &office.services);
    let database = node.database();
    let typed = || payment(20_000, PaymentMethod::Cash, "7");
    let paid = does(&office, node, &codes[0], typed()).await.expect("paid");
    let place = |agency: &str, unit: &str| UnitPlace { agency: agency.into(), unit: unit.into() };
    let (from, to) = (place("so-tnmt", "tai-nguyen-nuoc"), place("so-khdt", "dang-ky-kinh-doanh"));
    let moves = [PlaceMove { from, to }];
    node.dossiers.transfer(&moves, "Nghị quyết 01", ReorganiseMode::Apply).await.expect("applied");
    // The successor has a receipt with the same number in a book of its own.
    let counter = office.actor("lan.khdt").await;
    node.dossiers.change(&counter, &codes[1], node.new_command(), typed()).await.expect("another book");
    let reversal = Command::ReversePayment { entry: paid.payments[0].entry, reason: "Nhầm hồ sơ".to_owned() };
    node.dossiers.change(&counter, &codes[0], node.new_command(), reversal).await.expect("reversed");

    let numbers = "SELECT * FROM receipt_number ORDER BY number_key, agency, book";
    let left = rows(database, numbers).await;
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(left[0]["agency"], "so-khdt");
    assert_eq!(left[0]["dossier"], codes[1].as_str());
    // The cashier who had taken the cash hands the difference over.
    for (agency, sum) in [("so-khdt", 20_000), ("so-tnmt", 0)] {
        let of_agency = format!("SELECT amount FROM money_movement WHERE agency = '{agency}'");
        let moved = rows(database, &of_agency).await;
        assert!(!moved.is_empty(), "{agency}");
        assert_eq!(total(&moved), sum, "{agency}");
    }
    assert_sound(database).await;
    database.rebuild_projections().await.expect("rebuilt");
    assert_eq!(rows(database, numbers).await, left);
    assert_sound(database).await;
}

async fn what_was_recorded_before_the_days_of_cashiers_belongs_to_none(kind: Kind) {
    let office = with_a_fee(kind).await;
    let (codes, node) = (filed(&office, 2).await, &office.services);
    does(&office, node, &codes[0], payment(FEE, PaymentMethod::Cash, "")).await.expect("paid");
    let upgraded = office.clock.now().as_second() + 1;
    let since = format!("INSERT INTO setting (name, value) VALUES ('cash-since', '{upgraded}')");
    tamper(node.database(), &since).await;
    office.clock.set(office.clock.now() + SignedDuration::from_mins(5));
    does(&office, node, &codes[1], payment(FEE, PaymentMethod::Cash, "")).await.expect("paid");
    let counter = office.actor(COUNTER).await;
    let cashier = counter.reference().user().cloned().expect("an officer");
    let sheet = node.cash.open(&counter, &"so-tnmt".into(), &cashier).await.expect("a sheet");
    let open: Vec<&str> = sheet.lines.iter().map(|line| line.dossier.as_str()).collect();
    assert_eq!(open, [codes[1].as_str()]);
    let listed = node.cash.cashiers(&counter).await.expect("a list");
    assert_eq!(listed.iter().map(|listed| listed.open).collect::<Vec<_>>(), [1]);
}
