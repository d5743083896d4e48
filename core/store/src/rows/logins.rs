//! The tables of log-ins at providers.

table!(login_attempt, "login_attempt", {
    #[sea_orm(primary_key, auto_increment = false)]
    state_hash: String,
    provider: String,
    browser: String,
    network: String,
    nonce: String,
    verifier: String,
    next: String,
    carried: String,
    account: Option<String>,
    expires_at: i64,
});

table!(external_login, "external_login", {
    #[sea_orm(primary_key, auto_increment = false)]
    issuer: String,
    #[sea_orm(primary_key, auto_increment = false)]
    subject: String,
    account: String,
    provider: String,
    name: String,
    level: i64,
    linked_at: i64,
    used_at: i64,
});

table!(provider_session, "provider_session", {
    #[sea_orm(primary_key, auto_increment = false)]
    token_hash: String,
    provider: String,
    ends_at: i64,
});
