//! Recording payments of a dossier's fees.

use crate::pages::dossier::attempt::{Attempt, AttemptPart};
use crate::pages::dossier::changes::change;
use crate::state::Portal;
use crate::web::address::code;
use crate::web::failure::Failure;
use crate::web::person::{Person, PostedBy};
use axum::extract::{Path, State};
use axum::response::Response;
use motcua_domain::dossier::event::{Payment, PaymentMethod};
use motcua_domain::money::Dong;
use motcua_service::DossierChange;

/// `POST /dossiers/{code}/payments`: the counter records a payment.
pub async fn payment(
    State(portal): State<Portal>,
    Path(path): Path<String>,
    PostedBy(visitor, posted): PostedBy<Person>,
) -> Result<Response, Failure> {
    let attempt = Attempt::of(Some(AttemptPart::Payment), posted);
    let typed = |name: &str| attempt.typed(&AttemptPart::Payment, name);
    let amount: String = typed("amount").chars().filter(char::is_ascii_digit).collect();
    let method = match typed("method") {
        "bank-transfer" => PaymentMethod::BankTransfer,
        _ => PaymentMethod::Cash,
    };
    let receipt = typed("receipt").trim().to_owned();
    let payment = Payment { amount: Dong(amount.parse().unwrap_or(0)), method, receipt };
    change(&portal, &visitor, &code(&path)?, Ok(DossierChange::Payment(payment)), attempt).await
}
