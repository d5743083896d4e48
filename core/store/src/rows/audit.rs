//! The tables of the audit, and of the second factors of officers.

table!(audit_event, "audit_event", {
    #[sea_orm(primary_key, auto_increment = false)]
    number: i64,
    dossier: String,
    version: i64,
    at: i64,
    event: String,
    actor: String,
    officer: Option<String>,
    agency: String,
});

table!(staff_event, "staff_event", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: String,
    at: i64,
    kind: String,
    account: String,
    by_account: Option<String>,
    device: String,
});

table!(second_factor, "second_factor", {
    #[sea_orm(primary_key, auto_increment = false)]
    account: String,
    nonce: String,
    since: i64,
    last_step: i64,
});

table!(recovery_code, "recovery_code", {
    #[sea_orm(primary_key, auto_increment = false)]
    account: String,
    #[sea_orm(primary_key, auto_increment = false)]
    hash: String,
    used_at: Option<i64>,
});
