//! Open steps that are in nobody's list, because the officers of the province changed.

use crate::Fault;
use crate::projections::post_key_of_holding;
use motcua_domain::dossier::event::StayId;
use motcua_domain::names::DossierCode;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};

/// The numbers of open steps that are in nobody's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromQueryResult)]
pub struct StraySteps {
    /// The steps of officers who left, or who do not hold the post of the step.
    pub left_behind: i64,
    /// The steps without an officer at posts that nobody holds.
    pub at_empty_posts: i64,
}

#[derive(FromQueryResult)]
struct LeftRow {
    dossier: String,
    number: i64,
}

impl LeftRow {
    fn read(self) -> Result<(DossierCode, StayId), Fault> {
        let unreadable = || Fault::Unreadable(format!("step {} of dossier {}", self.number, self.dossier));
        let code = DossierCode::parse(&self.dossier).ok_or_else(unreadable)?;
        Ok((code, StayId::try_from(self.number).map_err(|_| unreadable())?))
    }
}

/// The holders of posts who can log in. A row `h` is a post of an account.
const HOLDERS: &str = "FROM post_holding h JOIN account a ON a.id = h.account WHERE a.closed IS NULL";

/// Returns the condition of rows `s` of `stay` whose officer does not hold the post of the step.
fn is_left_behind() -> String {
    let key = post_key_of_holding();
    format!("s.assignee IS NOT NULL AND NOT EXISTS (SELECT 1 {HOLDERS} AND h.account = s.assignee AND {key} = s.post)")
}

/// Returns the open steps whose officer left or does not hold their post, in order after `after`, at most `most`.
pub async fn steps_left_behind(
    connection: &impl ConnectionTrait,
    after: Option<&(DossierCode, StayId)>,
    most: u64,
) -> Result<Vec<(DossierCode, StayId)>, Fault> {
    let sql = format!(
        "SELECT s.dossier, s.number FROM stay s
         WHERE {} AND (s.dossier > $1 OR (s.dossier = $1 AND s.number > $2))
         ORDER BY s.dossier, s.number LIMIT $3",
        is_left_behind()
    );
    let (dossier, number) = after.map_or(("", 0), |(code, stay)| (code.as_str(), i64::from(*stay)));
    let values = [dossier.into(), number.into(), i64::try_from(most).unwrap_or(i64::MAX).into()];
    let query = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    let rows = LeftRow::find_by_statement(query).all(connection).await?;
    rows.into_iter().map(LeftRow::read).collect()
}

/// Counts the open steps that are in nobody's list.
pub async fn stray_steps(connection: &impl ConnectionTrait) -> Result<StraySteps, Fault> {
    let sql = format!(
        "SELECT (SELECT count(*) FROM stay s WHERE {}) AS left_behind,
                (SELECT count(*) FROM stay s
                 WHERE s.assignee IS NULL AND s.post NOT IN (SELECT {} {HOLDERS})) AS at_empty_posts",
        is_left_behind(),
        post_key_of_holding()
    );
    let query = Statement::from_string(connection.get_database_backend(), sql);
    let counted = StraySteps::find_by_statement(query).one(connection).await?;
    counted.ok_or_else(|| Fault::Unreadable("the database returned no counts".to_owned()))
}
