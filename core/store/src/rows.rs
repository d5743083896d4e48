//! The tables as sea-orm sees them. The migrations document the columns.

macro_rules! table {
    ($module:ident, $table:literal, { $($(#[$attribute:meta])* $field:ident: $type:ty,)* }) => {
        pub mod $module {
            use sea_orm::entity::prelude::*;

            #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize)]
            #[sea_orm(table_name = $table)]
            pub struct Model {
                $($(#[$attribute])* pub $field: $type,)*
            }

            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}
        }
    };
}

mod audit;
mod bulk;
mod desk;
mod logins;
mod money;
mod online;
mod phone;
mod suggested;

pub use audit::{audit_event, recovery_code, second_factor, staff_event};
pub use bulk::{bulk_line, bulk_work};
pub use desk::{answer_change, digest, name_part, participation, partner, reading_position, standard_answer};
pub use logins::{external_login, login_attempt, provider_session};
pub use money::{cash_day, cash_day_line, money_entry, money_movement, receipt_book, receipt_number};
pub use online::online_payment;
pub use phone::phone_choice;
pub use suggested::{suggestion, suggestion_event};

table!(account, "account", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: String,
    login: String,
    kind: String,
    name: String,
    phone: String,
    email: Option<String>,
    password: String,
    created_at: i64,
    closed: Option<String>,
    by_command: bool,
});

table!(post_holding, "post_holding", {
    #[sea_orm(primary_key, auto_increment = false)]
    account: String,
    #[sea_orm(primary_key, auto_increment = false)]
    agency: String,
    #[sea_orm(primary_key, auto_increment = false)]
    unit: String,
    #[sea_orm(primary_key, auto_increment = false)]
    role: String,
    approves_own: bool,
});

table!(session, "session", {
    #[sea_orm(primary_key, auto_increment = false)]
    token_hash: String,
    account: String,
    expires_at: i64,
    ends_at: i64,
    opened_at: i64,
    used_at: i64,
    device: String,
});

table!(failed_log_in, "failed_log_in", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: String,
    account: String,
    at: i64,
});

table!(account_usage, "account_usage", {
    #[sea_orm(primary_key, auto_increment = false)]
    account: String,
    #[sea_orm(primary_key, auto_increment = false)]
    what: String,
    period: i64,
    amount: i64,
});

table!(one_time_code, "one_time_code", {
    #[sea_orm(primary_key, auto_increment = false)]
    account: String,
    #[sea_orm(primary_key, auto_increment = false)]
    purpose: String,
    target: String,
    hash: String,
    created_at: i64,
    expires_at: i64,
    tries: i64,
    used_at: Option<i64>,
});

table!(verified_contact, "verified_contact", {
    #[sea_orm(primary_key, auto_increment = false)]
    account: String,
    #[sea_orm(primary_key, auto_increment = false)]
    channel: String,
    value: String,
    at: i64,
});

table!(officer_contact, "officer_contact", {
    #[sea_orm(primary_key, auto_increment = false)]
    account: String,
    #[sea_orm(primary_key, auto_increment = false)]
    kind: String,
    value: String,
});

table!(file, "file", {
    #[sea_orm(primary_key, auto_increment = false)]
    digest: String,
    media_type: String,
    bytes: i64,
    stored_at: i64,
});

table!(draft, "draft", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: String,
    account: String,
    procedure: String,
    version: String,
    agency: Option<String>,
    dossier: Option<String>,
    typed: String,
    created_at: i64,
    updated_at: i64,
    officer: Option<String>,
    on_paper: Option<String>,
});

table!(draft_paper, "draft_paper", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: String,
    draft: String,
    paper: String,
    digest: String,
    name: String,
});

table!(procedure_version, "procedure_version", {
    #[sea_orm(primary_key, auto_increment = false)]
    digest: String,
    code: String,
    content: String,
    installed_at: i64,
    signer: Option<String>,
});

table!(version_source, "version_source", {
    #[sea_orm(primary_key, auto_increment = false)]
    version: String,
    files: String,
});

table!(content, "content", {
    #[sea_orm(primary_key, auto_increment = false)]
    digest: String,
    bytes: Vec<u8>,
});

table!(release, "release", {
    #[sea_orm(primary_key, auto_increment = false)]
    number: i64,
    code: String,
    version: String,
    retired: bool,
    by_folder: bool,
    at: i64,
    actor: String,
    changes: String,
});

table!(wallet_paper, "wallet_paper", {
    #[sea_orm(primary_key, auto_increment = false)]
    account: String,
    #[sea_orm(primary_key, auto_increment = false)]
    digest: String,
    name: String,
    paper_name: String,
    added_at: i64,
});

table!(journal, "journal", {
    #[sea_orm(primary_key, auto_increment = false)]
    dossier: String,
    #[sea_orm(primary_key, auto_increment = false)]
    version: i64,
    at: String,
    event: String,
    command: String,
    payload_digest: String,
    payload: Option<String>,
    old_number: Option<i64>,
    old_hash: Option<String>,
    hash: String,
});

table!(unsealed, "unsealed", {
    #[sea_orm(primary_key, auto_increment = false)]
    dossier: String,
    #[sea_orm(primary_key, auto_increment = false)]
    version: i64,
});

table!(log_leaf, "log_leaf", {
    #[sea_orm(primary_key, auto_increment = false)]
    number: i64,
    dossier: String,
    version: i64,
});

table!(log_tile, "log_tile", {
    #[sea_orm(primary_key, auto_increment = false)]
    level: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    number: i64,
    hashes: Vec<u8>,
});

table!(log_head, "log_head", {
    #[sea_orm(primary_key, auto_increment = false)]
    size: i64,
    at: i64,
    note: String,
});

table!(log_key, "log_key", {
    #[sea_orm(primary_key, auto_increment = false)]
    number: i64,
    verifier: String,
    since: i64,
});

table!(dossier_file, "dossier_file", {
    #[sea_orm(primary_key, auto_increment = false)]
    dossier: String,
    #[sea_orm(primary_key, auto_increment = false)]
    digest: String,
});

table!(notice_seen, "notice_seen", {
    #[sea_orm(primary_key, auto_increment = false)]
    account: String,
    #[sea_orm(primary_key, auto_increment = false)]
    dossier: String,
    version: i64,
});

table!(mail_choice, "mail_choice", {
    #[sea_orm(primary_key, auto_increment = false)]
    account: String,
    wanted: bool,
    language: String,
    refused: Option<String>,
    reason: Option<String>,
    refused_at: Option<i64>,
});

table!(co_signing, "co_signing", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: String,
    draft: String,
    signer: String,
    person: String,
    procedure_name: String,
    role: String,
    secret_hash: String,
    created_at: i64,
    expires_at: i64,
    tries: i64,
    account: Option<String>,
    account_name: Option<String>,
    signed_at: Option<i64>,
    content: Option<String>,
    declined_at: Option<i64>,
    reason: Option<String>,
});

table!(dossier, "dossier", {
    #[sea_orm(primary_key, auto_increment = false)]
    code: String,
    draft: String,
    procedure: String,
    procedure_name: String,
    procedure_version: String,
    agency: String,
    unit: String,
    applicant: String,
    applicant_name: String,
    phone: String,
    search: String,
    step_name: String,
    assignee_name: Option<String>,
    status: String,
    queue: String,
    rank: i64,
    outcome: Option<String>,
    filed_at: i64,
    due_at: Option<i64>,
    step_due_at: Option<i64>,
    waiting_until: Option<i64>,
    processed_at: Option<i64>,
    ended_at: Option<i64>,
    ended_punctuality: Option<String>,
    rating: Option<i64>,
    unanswered: bool,
    pay_back: Option<String>,
    version: i64,
    channel: String,
    collected: i64,
    elsewhere: bool,
    message_version: i64,
    supplement_version: i64,
    news_version: i64,
    handed_version: i64,
    receiver: Option<String>,
    represented: Option<String>,
});

table!(site_visit, "site_visit", {
    #[sea_orm(primary_key, auto_increment = false)]
    dossier: String,
    #[sea_orm(primary_key, auto_increment = false)]
    number: i64,
    agency: String,
    unit: String,
    from_at: i64,
    to_at: i64,
    place: String,
});

table!(taken_step, "taken_step", {
    #[sea_orm(primary_key, auto_increment = false)]
    dossier: String,
    #[sea_orm(primary_key, auto_increment = false)]
    number: i64,
    agency: String,
    unit: String,
    step_name: String,
    left_at: i64,
    punctuality: Option<String>,
});

table!(stay, "stay", {
    #[sea_orm(primary_key, auto_increment = false)]
    dossier: String,
    #[sea_orm(primary_key, auto_increment = false)]
    number: i64,
    step_name: String,
    post: String,
    superior: Option<String>,
    assignee: Option<String>,
    assignee_name: Option<String>,
    rank: i64,
    due_at: Option<i64>,
    step: String,
});

table!(job, "job", {
    #[sea_orm(primary_key, auto_increment = false)]
    key: String,
    kind: String,
    dossier: String,
    stay: Option<i64>,
    run_at: i64,
    attempts: i64,
    leased_until: i64,
    dead: bool,
    error: Option<String>,
});

table!(delegation, "delegation", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: String,
    officer: String,
    deputy: String,
    since: String,
    until: String,
});

table!(setting, "setting", {
    #[sea_orm(primary_key, auto_increment = false)]
    name: String,
    value: String,
});

table!(result, "result", {
    #[sea_orm(primary_key, auto_increment = false)]
    dossier: String,
    kind: String,
    name: String,
    procedure: String,
    agency: String,
    unit: String,
    account: String,
    number: String,
    number_key: String,
    holder_name: String,
    holder_identity: Option<String>,
    issued_on: String,
    until: Option<String>,
    follows: Option<String>,
    effect: Option<String>,
    data: String,
    search: String,
});

table!(notice, "notice", {
    #[sea_orm(primary_key, auto_increment = false)]
    dossier: String,
    #[sea_orm(primary_key, auto_increment = false)]
    version: i64,
    account: String,
    procedure_name: String,
    at: i64,
    event: String,
});

table!(code_counter, "code_counter", {
    #[sea_orm(primary_key, auto_increment = false)]
    agency_code: String,
    #[sea_orm(primary_key, auto_increment = false)]
    day: String,
    last: i64,
});

table!(counted_filing, "counted_filing", {
    #[sea_orm(primary_key, auto_increment = false)]
    dossier: String,
    procedure: String,
    agency: String,
    filed_at: i64,
    holder: Option<String>,
});

table!(published_result, "published_result", {
    #[sea_orm(primary_key, auto_increment = false)]
    dossier: String,
    procedure: String,
    procedure_name: String,
    agency: String,
    holder: Option<String>,
    at: i64,
});

table!(reading, "reading", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: String,
    dossier: String,
    account: String,
    account_name: String,
    at: i64,
    posts: String,
});

table!(account_act, "account_act", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: String,
    kind: String,
    at: i64,
    account: Option<String>,
    agency: String,
    officer: Option<String>,
    officer_name: String,
    dossier: Option<String>,
    basis: Option<String>,
    old_name: Option<String>,
    new_name: Option<String>,
    detail: String,
});
