//! The tables of bulk work.

table!(bulk_work, "bulk_work", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: String,
    account: String,
    account_name: String,
    deed: String,
    label: String,
    created_at: i64,
    stopped: bool,
});

table!(bulk_line, "bulk_line", {
    #[sea_orm(primary_key, auto_increment = false)]
    work: String,
    #[sea_orm(primary_key, auto_increment = false)]
    dossier: String,
    #[sea_orm(primary_key, auto_increment = false)]
    stay: i64,
    number: i64,
    seen: i64,
    state: String,
    refusal: Option<String>,
    at: Option<i64>,
});
