//! The rows of money: movements, entries of double entry, and the numbers of receipts and vouchers.

use crate::Fault;
use crate::batch::{Batch, OnExistingRow};
use crate::rows::{money_entry, money_movement, receipt_number};
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::event::{PaymentMethod, Recorded};
use motcua_domain::dossier::ledger::{LedgerEntry, MovementKind, ledger_entries};
use motcua_domain::dossier::receipts::{ReceiptBook, is_of_book, number_key};
use motcua_domain::names::DossierCode;
use motcua_domain::people::organisation::ActorRef;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

/// The rows of money of some events of a dossier.
#[derive(Debug, Default)]
pub(crate) struct MoneyRows {
    pub movements: Vec<money_movement::Model>,
    pub entries: Vec<money_entry::Model>,
    numbers: Vec<receipt_number::Model>,
    /// The numbers of other books whose payments were reversed. Their receipts may belong to another dossier. A number
    /// that another entry has, too, stays with that entry.
    freed: Vec<receipt_number::Model>,
}

/// Returns the word for the means of a payment.
const fn word(method: PaymentMethod) -> &'static str {
    match method {
        PaymentMethod::Cash => "cash",
        PaymentMethod::BankTransfer => "bank-transfer",
    }
}

/// Returns the word for a book.
const fn book_word(book: ReceiptBook) -> &'static str {
    match book {
        ReceiptBook::Receipts => "receipts",
        ReceiptBook::Vouchers => "vouchers",
    }
}

/// Returns the id and the name of the person who recorded something.
fn person(actor: &ActorRef) -> (String, String) {
    match actor {
        ActorRef::Applicant { id, name } | ActorRef::Officer { id, name, .. } => (id.to_string(), name.clone()),
        ActorRef::System => (String::new(), String::new()),
    }
}

impl MoneyRows {
    /// Adds the rows of an event between two states of a dossier. A reversal is a movement of the agency that had the
    /// payment recorded, whichever agency has the dossier now.
    pub fn add(&mut self, recorded: &Recorded, before: Option<&Dossier>, after: &Dossier) {
        let (dossier, version) = (after.filed.code.to_string(), i64::from(after.version));
        let moved = after.moved_by(&recorded.event);
        let entry = |(line, entry): (i64, LedgerEntry)| money_entry::Model {
            dossier: dossier.clone(),
            version,
            line,
            agency: entry.agency.to_string(),
            account: entry.account.name().to_owned(),
            cashier: entry.cashier.map(|cashier| cashier.to_string()),
            amount: entry.amount.0,
        };
        self.entries.extend((1..).zip(ledger_entries(recorded, before, after)).map(entry));
        let Some(moved) = moved else { return };
        let agency = moved.movement.agency.to_string();
        let (cashier, cashier_name) = person(&moved.movement.by);
        self.movements.push(money_movement::Model {
            dossier: dossier.clone(),
            version,
            kind: moved.kind.name().to_owned(),
            agency: agency.clone(),
            cashier,
            cashier_name,
            recorded_by: person(&recorded.actor).1,
            at: recorded.at.as_second(),
            method: word(moved.movement.method).to_owned(),
            amount: moved.amount.0,
            number: moved.movement.receipt.clone(),
            reverses: (moved.kind == MovementKind::Reversal).then(|| i64::from(moved.movement.entry)),
        });
        // The row of the number that the movement got when it was recorded.
        let row = |book: ReceiptBook| receipt_number::Model {
            number_key: number_key(&moved.movement.receipt),
            agency,
            book: book_word(book).to_owned(),
            dossier,
            version: i64::from(moved.movement.entry),
        };
        if let Some((book, ..)) = ReceiptBook::of_event(&recorded.event) {
            self.numbers.push(row(book));
        } else if moved.kind == MovementKind::Reversal && !is_of_book(&moved.movement.receipt) {
            let freed = row(ReceiptBook::Receipts);
            self.numbers.retain(|known| *known != freed);
            self.freed.push(freed);
        }
    }

    /// Adds the rows of a new event, which must not take a number that exists.
    pub fn add_to(self, batch: &mut Batch) -> Result<(), Fault> {
        batch.delete::<receipt_number::Entity>(self.freed)?;
        batch.insert::<receipt_number::Entity>(self.numbers, OnExistingRow::Refuse)?;
        batch.insert::<money_movement::Entity>(self.movements, OnExistingRow::Replace)?;
        batch.insert::<money_entry::Entity>(self.entries, OnExistingRow::Replace)
    }

    /// Adds the rows of all events of a dossier. A number that another dossier had before stays there.
    pub fn add_all_to(self, batch: &mut Batch) -> Result<(), Fault> {
        batch.insert::<receipt_number::Entity>(self.numbers, OnExistingRow::Keep)?;
        batch.insert::<money_movement::Entity>(self.movements, OnExistingRow::Replace)?;
        batch.insert::<money_entry::Entity>(self.entries, OnExistingRow::Replace)
    }

    /// Deletes the rows of a dossier, to be computed again.
    pub async fn delete(connection: &impl ConnectionTrait, code: &DossierCode) -> Result<(), Fault> {
        let code = code.as_str();
        let numbers = receipt_number::Entity::delete_many().filter(receipt_number::Column::Dossier.eq(code));
        numbers.exec(connection).await?;
        let movements = money_movement::Entity::delete_many().filter(money_movement::Column::Dossier.eq(code));
        movements.exec(connection).await?;
        let entries = money_entry::Entity::delete_many().filter(money_entry::Column::Dossier.eq(code));
        entries.exec(connection).await?;
        Ok(())
    }

    /// Reads the movements and the entries of a dossier. Its numbers do not follow from its journal alone.
    pub async fn read(connection: &impl ConnectionTrait, code: &DossierCode) -> Result<Self, Fault> {
        let code = code.as_str();
        let movements = money_movement::Entity::find().filter(money_movement::Column::Dossier.eq(code));
        let entries = money_entry::Entity::find().filter(money_entry::Column::Dossier.eq(code));
        let (movements, entries) = (movements.all(connection).await?, entries.all(connection).await?);
        Ok(Self { movements, entries, ..Self::default() })
    }
}
