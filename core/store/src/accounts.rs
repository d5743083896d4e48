//! Accounts, and the posts they hold.

use crate::rows::{account, delegation, failed_log_in, officer_contact, post_holding};
use crate::{Fault, Transaction, lists};
use jiff::civil::Date;
use motcua_domain::dossier::command::Candidate;
use motcua_domain::names::{AgencyId, UnitId, UserId};
use motcua_domain::people::organisation::{AbsentOfficer, Actor, Post, Role};
use motcua_domain::workflow::UnitPlace;
use sea_orm::sea_query::{LockType, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Statement,
};
use std::collections::HashMap;

/// The values of `account.kind`.
pub mod kind {
    pub const APPLICANT: &str = "applicant";
    pub const OFFICER: &str = "officer";
}

/// The values of `account.closed`: the reason why an account cannot log in.
pub mod closed {
    /// A command locked the account.
    pub const LOCKED: &str = "locked";
    /// organisation.toml no longer names the officer.
    pub const REMOVED: &str = "removed";
    /// The applicant deleted it.
    pub const DELETED: &str = "deleted";
}

/// The value of `account.password` for an account that a provider opened, until its owner sets a password. An empty one is
/// that of an account that a counter opened, or of a new officer, and waits for a code.
pub const BY_PROVIDER: &str = "provider";

/// Returns whether a value of `account.password` is the hash of a password.
pub fn is_hash(password: &str) -> bool {
    !password.is_empty() && password != BY_PROVIDER
}

/// The time for which failed log-ins are stored, in seconds: 90 days.
const FAILURES_KEPT: i64 = 90 * 24 * 60 * 60;

/// The most failed log-ins of an account that are shown.
const FAILURES_SHOWN: u64 = 10;

/// Returns the account with this log-in.
pub async fn by_login(connection: &impl ConnectionTrait, login: &str) -> Result<Option<account::Model>, Fault> {
    Ok(account::Entity::find().filter(account::Column::Login.eq(login)).one(connection).await?)
}

/// Returns the account with this id.
pub async fn by_id(connection: &impl ConnectionTrait, id: &UserId) -> Result<Option<account::Model>, Fault> {
    Ok(account::Entity::find_by_id(id.as_str()).one(connection).await?)
}

/// Returns the name of an account, unless its owner deleted it.
pub async fn name_of(connection: &impl ConnectionTrait, id: &UserId) -> Result<Option<String>, Fault> {
    let row = by_id(connection, id).await?.filter(|row| row.closed.as_deref() != Some(closed::DELETED));
    Ok(row.map(|row| row.name))
}

/// Returns all accounts of officers, by log-in.
pub async fn officers(connection: &impl ConnectionTrait) -> Result<Vec<account::Model>, Fault> {
    Ok(account::Entity::find()
        .filter(account::Column::Kind.eq(kind::OFFICER))
        .order_by_asc(account::Column::Login)
        .all(connection)
        .await?)
}

/// Returns the posts that an account holds.
pub async fn posts(connection: &impl ConnectionTrait, account: &str) -> Result<Vec<Post>, Fault> {
    Ok(holdings(connection, account).await?.into_iter().map(|(post, _)| post).collect())
}

/// Returns the posts of all officers, by their accounts.
pub async fn all_posts(connection: &impl ConnectionTrait) -> Result<HashMap<String, Vec<Post>>, Fault> {
    let mut all: HashMap<String, Vec<Post>> = HashMap::new();
    for row in post_holding::Entity::find().all(connection).await? {
        let account = row.account.clone();
        all.entry(account).or_default().push(post(row)?);
    }
    Ok(all)
}

/// Returns the posts that an account holds, each with whether its holder may approve their own proposals.
pub async fn holdings(connection: &impl ConnectionTrait, account: &str) -> Result<Vec<(Post, bool)>, Fault> {
    let rows = post_holding::Entity::find().filter(post_holding::Column::Account.eq(account)).all(connection).await?;
    let holding = |row: post_holding::Model| -> Result<(Post, bool), Fault> {
        let approves_own = row.approves_own;
        Ok((post(row)?, approves_own))
    };
    rows.into_iter().map(holding).collect()
}

fn post(row: post_holding::Model) -> Result<Post, Fault> {
    let role = Role::parse(&row.role).ok_or_else(|| Fault::Unreadable(format!("role {}", row.role)))?;
    Ok(Post { agency: AgencyId(row.agency), unit: UnitId(row.unit), role })
}

/// Returns the officers who hold the post for `role` on dossiers of this agency and unit.
pub async fn holders(
    connection: &impl ConnectionTrait,
    role: Role,
    agency: &AgencyId,
    unit: &UnitId,
) -> Result<Vec<account::Model>, Fault> {
    let mut query = post_holding::Entity::find()
        .filter(post_holding::Column::Agency.eq(agency.as_str()))
        .filter(post_holding::Column::Role.eq(role.name()));
    if role.is_bound_to_unit() {
        query = query.filter(post_holding::Column::Unit.eq(unit.as_str()));
    }
    let ids: Vec<String> = query.all(connection).await?.into_iter().map(|row| row.account).collect();
    let query =
        account::Entity::find().filter(account::Column::Id.is_in(ids)).filter(account::Column::Closed.is_null());
    Ok(query.order_by_asc(account::Column::Name).all(connection).await?)
}

/// Returns the officers who hold a post at one of these agencies, in the order of their names.
pub async fn colleagues(connection: &impl ConnectionTrait, agencies: &[&str]) -> Result<Vec<account::Model>, Fault> {
    let held = post_holding::Entity::find().select_only().column(post_holding::Column::Account);
    let held = held.filter(post_holding::Column::Agency.is_in(agencies.iter().copied())).into_query();
    let query = account::Entity::find().filter(account::Column::Id.in_subquery(held));
    Ok(query.filter(account::Column::Closed.is_null()).order_by_asc(account::Column::Name).all(connection).await?)
}

/// Returns the officers to whom a step of `role` at a unit may be given.
pub async fn candidates(
    connection: &impl ConnectionTrait,
    role: Role,
    place: &UnitPlace,
) -> Result<Vec<Candidate>, Fault> {
    let accounts = holders(connection, role, &place.agency, &place.unit).await?;
    let ids: Vec<String> = accounts.iter().map(|account| account.id.clone()).collect();
    let loads = lists::loads(connection, &ids).await?;
    let mut candidates = Vec::new();
    for account in accounts {
        let posts = posts(connection, &account.id).await?;
        let open = loads.get(&account.id).and_then(|open| u32::try_from(*open).ok()).unwrap_or(0);
        candidates.push(Candidate { open, posts, login: account.login, name: account.name, id: UserId(account.id) });
    }
    Ok(candidates)
}

/// Returns an officer as a candidate for a step.
pub async fn as_candidate(connection: &impl ConnectionTrait, id: &UserId) -> Result<Option<Candidate>, Fault> {
    const SQL: &str = "SELECT a.login, a.name, h.account, h.agency, h.unit, h.role, h.approves_own
                       FROM account a LEFT JOIN post_holding h ON h.account = a.id
                       WHERE a.id = $1 AND a.kind = $2 AND a.closed IS NULL";
    let values = [id.as_str().into(), kind::OFFICER.into()];
    let query = Statement::from_sql_and_values(connection.get_database_backend(), SQL, values);
    let mut rows = HolderRow::find_by_statement(query).all(connection).await?.into_iter().peekable();
    let Some((login, name)) = rows.peek().map(|row| (row.login.clone(), row.name.clone())) else { return Ok(None) };
    let posts = rows.filter_map(|row| row.held.map(post)).collect::<Result<_, _>>()?;
    Ok(Some(Candidate { open: 0, posts, login, name, id: id.clone() }))
}

/// An officer with one of the posts that they hold, if they hold any.
#[derive(FromQueryResult)]
struct HolderRow {
    login: String,
    name: String,
    #[sea_orm(nested)]
    held: Option<post_holding::Model>,
}

/// Returns the person behind an account on a day. An officer also takes the steps of officers on leave who named them.
pub async fn actor(connection: &impl ConnectionTrait, account: &account::Model, today: Date) -> Result<Actor, Fault> {
    let (id, name) = (UserId(account.id.clone()), account.name.clone());
    if account.kind != kind::OFFICER {
        return Ok(Actor::Applicant { id, name });
    }
    let held = holdings(connection, &account.id).await?;
    let approves_own = held.iter().filter(|(_, approves_own)| *approves_own).map(|(post, _)| post.clone()).collect();
    let own = held.into_iter().map(|(post, _)| post).collect();
    let today = today.to_string();
    let rows = delegation::Entity::find()
        .filter(delegation::Column::Deputy.eq(&account.id))
        .filter(delegation::Column::Since.lte(&today))
        .filter(delegation::Column::Until.gte(&today))
        .order_by_asc(delegation::Column::Id)
        .all(connection)
        .await?;
    let mut stands_for: Vec<AbsentOfficer> = Vec::new();
    for row in rows {
        let id = UserId(row.officer);
        if stands_for.iter().any(|absent| absent.id == id) {
            continue;
        }
        let Some(officer) = by_id(connection, &id).await? else { continue };
        let mut posts = posts(connection, &officer.id).await?;
        posts.retain(|post| post.role.takes_steps());
        stands_for.push(AbsentOfficer { id, name: officer.name, posts });
    }
    let own_accounts = own_accounts(connection, &account.id).await?;
    Ok(Actor::Officer { id, name, posts: own, stands_for, approves_own, own_accounts })
}

/// Returns the accounts as an applicant of the person who is an officer: the one of their citizen number, and those for
/// which a phone number or an address of the officer is known to be the owner's.
async fn own_accounts(connection: &impl ConnectionTrait, officer: &str) -> Result<Vec<UserId>, Fault> {
    const SQL: &str = "SELECT a.id FROM officer_contact o JOIN account a ON a.login = o.value AND a.kind = 'applicant'
            WHERE o.account = $1 AND o.kind = 'identity'
        UNION SELECT v.account FROM officer_contact o
            JOIN verified_contact v ON v.channel = o.kind AND v.value = o.value WHERE o.account = $1
        UNION SELECT v.account FROM digest d JOIN verified_contact v ON v.channel = 'email' AND v.value = d.address
            WHERE d.account = $1
        ORDER BY 1";
    let query = Statement::from_sql_and_values(connection.get_database_backend(), SQL, [officer.into()]);
    let rows = connection.query_all_raw(query).await?;
    rows.iter().map(|row| Ok(UserId(row.try_get_by_index(0)?))).collect()
}

/// Returns the deputies of an officer, today and later.
pub async fn delegations(
    connection: &impl ConnectionTrait,
    officer: &UserId,
    today: Date,
) -> Result<Vec<delegation::Model>, Fault> {
    Ok(delegation::Entity::find()
        .filter(delegation::Column::Officer.eq(officer.as_str()))
        .filter(delegation::Column::Until.gte(today.to_string()))
        .order_by_asc(delegation::Column::Since)
        .all(connection)
        .await?)
}

/// Returns the moments of the last failed log-ins of an account, the latest first.
pub async fn failed_log_ins(connection: &impl ConnectionTrait, account: &UserId) -> Result<Vec<i64>, Fault> {
    Ok(failed_log_in::Entity::find()
        .select_only()
        .column(failed_log_in::Column::At)
        .filter(failed_log_in::Column::Account.eq(account.as_str()))
        .order_by_desc(failed_log_in::Column::At)
        .limit(FAILURES_SHOWN)
        .into_tuple()
        .all(connection)
        .await?)
}

impl Transaction {
    /// Locks an account until the commit.
    ///
    /// Requests of one person that read first and then insert therefore take turns. SQLite has one writer anyway.
    pub async fn lock_account(&self, account: &UserId) -> Result<(), Fault> {
        let row = account::Entity::find_by_id(account.as_str()).select_only().column(account::Column::Id);
        row.lock(LockType::NoKeyUpdate).into_tuple::<String>().one(self.connection()).await?;
        Ok(())
    }

    /// Adds a deputy of an officer.
    pub async fn add_delegation(&self, row: delegation::Model) -> Result<(), Fault> {
        delegation::Entity::insert(row.into_active_model()).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Deletes a deputy of an officer.
    pub async fn remove_delegation(&self, id: &str, officer: &UserId) -> Result<(), Fault> {
        delegation::Entity::delete_many()
            .filter(delegation::Column::Id.eq(id))
            .filter(delegation::Column::Officer.eq(officer.as_str()))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Adds an account. A log-in that another account has is a duplicate fault.
    pub async fn add_account(&self, row: account::Model) -> Result<(), Fault> {
        account::Entity::insert(row.into_active_model()).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Replaces the posts of an account. Each post says whether its holder may approve their own proposals.
    pub async fn set_posts(&self, account: &str, held: &[(Post, bool)]) -> Result<(), Fault> {
        let connection = self.connection();
        if holdings(connection, account).await? == held {
            return Ok(());
        }
        let all = post_holding::Entity::delete_many().filter(post_holding::Column::Account.eq(account));
        all.exec(connection).await?;
        for (post, approves_own) in held {
            let row = post_holding::Model {
                account: account.to_owned(),
                agency: post.agency.to_string(),
                unit: post.unit.to_string(),
                role: post.role.name().to_owned(),
                approves_own: *approves_own,
            };
            post_holding::Entity::insert(row.into_active_model()).exec_without_returning(connection).await?;
        }
        Ok(())
    }

    /// Moves the posts of a unit to another one, and returns how many posts moved.
    ///
    /// A person who already holds the post at the other unit holds it once afterwards.
    pub(crate) async fn move_posts(&self, from: &UnitPlace, to: &UnitPlace) -> Result<u64, Fault> {
        let connection = self.connection();
        let held = post_holding::Entity::find()
            .filter(post_holding::Column::Agency.eq(from.agency.as_str()))
            .filter(post_holding::Column::Unit.eq(from.unit.as_str()))
            .all(connection)
            .await?;
        let moved = held.len();
        for row in held {
            let known = OnConflict::new().do_nothing().to_owned();
            let key = (row.account.clone(), row.agency.clone(), row.unit.clone(), row.role.clone());
            let new = post_holding::Model { agency: to.agency.to_string(), unit: to.unit.to_string(), ..row };
            let insert = post_holding::Entity::insert(new.into_active_model()).on_conflict(known);
            insert.exec_without_returning(connection).await?;
            post_holding::Entity::delete_by_id(key).exec(connection).await?;
        }
        Ok(u64::try_from(moved).unwrap_or(u64::MAX))
    }

    /// Replaces what the organisation knows about the person who is an officer: pairs of a kind (`identity`, or the
    /// name of a [`ContactChannel`](crate::contacts::ContactChannel)) and a value.
    pub async fn set_officer_contacts(&self, account: &str, known: &[(&'static str, String)]) -> Result<(), Fault> {
        use officer_contact::{Column, Entity};
        let connection = self.connection();
        let of_account = Column::Account.eq(account);
        let row = |(kind, value): &(&'static str, String)| officer_contact::Model {
            account: account.to_owned(),
            kind: (*kind).to_owned(),
            value: value.clone(),
        };
        let mut rows: Vec<officer_contact::Model> = known.iter().map(row).collect();
        rows.sort_by(|a, b| a.kind.cmp(&b.kind));
        if Entity::find().filter(of_account.clone()).order_by_asc(Column::Kind).all(connection).await? == rows {
            return Ok(());
        }
        Entity::delete_many().filter(of_account).exec(connection).await?;
        for row in rows {
            Entity::insert(row.into_active_model()).exec_without_returning(connection).await?;
        }
        Ok(())
    }

    /// Changes a password hash.
    pub async fn set_password(&self, account: &str, password: &str) -> Result<(), Fault> {
        account::Entity::update_many()
            .col_expr(account::Column::Password, password.into())
            .filter(account::Column::Id.eq(account))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Changes the name of an account.
    pub async fn rename_account(&self, account: &str, name: &str) -> Result<(), Fault> {
        account::Entity::update_many()
            .col_expr(account::Column::Name, name.into())
            .filter(account::Column::Id.eq(account))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Changes the name by which an account logs in. A log-in that another account has is a duplicate fault.
    pub async fn change_login(&self, account: &str, login: &str) -> Result<(), Fault> {
        account::Entity::update_many()
            .col_expr(account::Column::Login, login.into())
            .filter(account::Column::Id.eq(account))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Notes that organisation.toml names an officer whom a command added. From then on the file decides.
    pub async fn leave_to_organisation(&self, account: &str) -> Result<(), Fault> {
        account::Entity::update_many()
            .col_expr(account::Column::ByCommand, false.into())
            .filter(account::Column::Id.eq(account))
            .exec(self.connection())
            .await?;
        Ok(())
    }

    /// Closes an account for a reason of [`closed`], which ends its sessions, or opens it again.
    pub async fn close_account(&self, account: &str, reason: Option<&str>) -> Result<(), Fault> {
        account::Entity::update_many()
            .col_expr(account::Column::Closed, reason.map(str::to_owned).into())
            .filter(account::Column::Id.eq(account))
            .exec(self.connection())
            .await?;
        if reason.is_some() { self.end_sessions(account, None).await } else { Ok(()) }
    }

    /// Records a log-in with a wrong password, and deletes old records.
    pub async fn add_failed_log_in(&self, id: &str, account: &str, now: i64) -> Result<(), Fault> {
        failed_log_in::Entity::delete_many()
            .filter(failed_log_in::Column::Account.eq(account))
            .filter(failed_log_in::Column::At.lt(now - FAILURES_KEPT))
            .exec(self.connection())
            .await?;
        let row = failed_log_in::Model { id: id.to_owned(), account: account.to_owned(), at: now };
        failed_log_in::Entity::insert(row.into_active_model()).exec_without_returning(self.connection()).await?;
        Ok(())
    }
}
