//! The tables of complaints and suggestions.

table!(suggestion, "suggestion", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: String,
    account: String,
    desk: String,
    state: String,
    sent_at: i64,
    due_at: i64,
    ended_at: Option<i64>,
    published_at: Option<i64>,
    content: String,
});

table!(suggestion_event, "suggestion_event", {
    #[sea_orm(primary_key, auto_increment = false)]
    suggestion: String,
    #[sea_orm(primary_key, auto_increment = false)]
    number: i64,
    at: i64,
    command: String,
    actor: String,
    event: String,
});
