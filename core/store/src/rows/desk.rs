//! The tables of the officers' lists beside the dossiers and their steps, of the digests of these lists, and of standard
//! answers.

table!(partner, "partner", {
    #[sea_orm(primary_key, auto_increment = false)]
    dossier: String,
    #[sea_orm(primary_key, auto_increment = false)]
    agency: String,
    #[sea_orm(primary_key, auto_increment = false)]
    unit: String,
    queue: String,
    rank: i64,
});

table!(participation, "participation", {
    #[sea_orm(primary_key, auto_increment = false)]
    dossier: String,
    #[sea_orm(primary_key, auto_increment = false)]
    who: String,
    rank: i64,
});

table!(name_part, "name_part", {
    #[sea_orm(primary_key, auto_increment = false)]
    dossier: String,
    #[sea_orm(primary_key, auto_increment = false)]
    agency: String,
    #[sea_orm(primary_key, auto_increment = false)]
    unit: String,
    #[sea_orm(primary_key, auto_increment = false)]
    part: String,
});

table!(reading_position, "reading_position", {
    #[sea_orm(primary_key, auto_increment = false)]
    account: String,
    #[sea_orm(primary_key, auto_increment = false)]
    dossier: String,
    version: i64,
});

table!(digest, "digest", {
    #[sea_orm(primary_key, auto_increment = false)]
    account: String,
    address: String,
    day: String,
});

table!(standard_answer, "standard_answer", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: String,
    agency: String,
    title: String,
    text: String,
});

table!(answer_change, "answer_change", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: String,
    answer: String,
    agency: String,
    deed: String,
    title: String,
    text: String,
    at: i64,
    account: String,
    account_name: String,
});
