//! The table of payments over a payment gateway.

table!(online_payment, "online_payment", {
    #[sea_orm(primary_key, auto_increment = false)]
    reference: String,
    dossier: String,
    amount: i64,
    begun_at: i64,
    expires_at: i64,
    state: String,
    transaction_number: String,
    settled_at: Option<i64>,
});
