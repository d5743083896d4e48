//! The tables of money.

table!(receipt_book, "receipt_book", {
    #[sea_orm(primary_key, auto_increment = false)]
    series: String,
    last: i64,
});

table!(receipt_number, "receipt_number", {
    #[sea_orm(primary_key, auto_increment = false)]
    number_key: String,
    #[sea_orm(primary_key, auto_increment = false)]
    agency: String,
    #[sea_orm(primary_key, auto_increment = false)]
    book: String,
    // The table has one row for the three above. With these two, a batch deletes the row of this entry alone.
    #[sea_orm(primary_key, auto_increment = false)]
    dossier: String,
    #[sea_orm(primary_key, auto_increment = false)]
    version: i64,
});

table!(money_movement, "money_movement", {
    #[sea_orm(primary_key, auto_increment = false)]
    dossier: String,
    #[sea_orm(primary_key, auto_increment = false)]
    version: i64,
    kind: String,
    agency: String,
    cashier: String,
    cashier_name: String,
    recorded_by: String,
    at: i64,
    method: String,
    amount: i64,
    number: String,
    reverses: Option<i64>,
});

table!(money_entry, "money_entry", {
    #[sea_orm(primary_key, auto_increment = false)]
    dossier: String,
    #[sea_orm(primary_key, auto_increment = false)]
    version: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    line: i64,
    agency: String,
    account: String,
    cashier: Option<String>,
    amount: i64,
});

table!(cash_day, "cash_day", {
    #[sea_orm(primary_key, auto_increment = false)]
    agency: String,
    #[sea_orm(primary_key, auto_increment = false)]
    cashier: String,
    #[sea_orm(primary_key, auto_increment = false)]
    number: i64,
    cashier_name: String,
    closed_at: i64,
    closed_by: String,
    lines: String,
    closer: Option<String>,
    reason: Option<String>,
});

table!(cash_day_line, "cash_day_line", {
    #[sea_orm(primary_key, auto_increment = false)]
    dossier: String,
    #[sea_orm(primary_key, auto_increment = false)]
    version: i64,
    agency: String,
    cashier: String,
    number: i64,
});
