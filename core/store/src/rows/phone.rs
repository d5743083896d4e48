//! The table of wishes about notices on the phone.

table!(phone_choice, "phone_choice", {
    #[sea_orm(primary_key, auto_increment = false)]
    account: String,
    wanted: bool,
    channel: Option<String>,
    language: String,
    refused: Option<String>,
    reason: Option<String>,
    refused_at: Option<i64>,
});
