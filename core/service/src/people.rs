//! People: their accounts, passwords and sessions, and the deputies of officers.

mod accounts;
mod delegation;
mod factor;
mod oidc;
mod passwords;
mod proof;
mod sessions;
mod staff;

pub(crate) use accounts::full_name;
pub use accounts::{OfficerAccount, OfficerState, Registration};
pub use delegation::Delegation;
pub use factor::{FactorLogIn, FactorState, LogInStep, NewFactor, login_of_ticket};
pub use oidc::{LinkedLogin, LoginSetup, OfferedProvider, ProviderOutcome};
pub use sessions::{DeviceKey, EndedSessions, ListedSession, LoggedIn, LoginSession, SessionToken};
pub use staff::StaffMember;

use crate::TimeSource;
use crate::common::CommonParts;
use crate::ids::IdSource;
use motcua_catalogue::Province;
use motcua_catalogue::settings::{SecondFactorRule, SessionSettings, StaffSettings};
use motcua_store::Database;
use std::sync::Arc;

/// The people who use the portal: their accounts, their sessions, and the deputies of officers.
#[derive(Debug)]
pub struct PeopleService {
    database: Database,
    clock: TimeSource,
    ids: IdSource,
    province: Arc<Province>,
    hashing: passwords::PasswordHashing,
    sessions: SessionSettings,
    second_factor: SecondFactorRule,
    device_key: DeviceKey,
    /// The providers at which people log in.
    providers: Vec<Arc<oidc::KnownProvider>>,
}

impl PeopleService {
    pub(crate) fn new(
        common: &CommonParts,
        sessions: SessionSettings,
        staff: StaffSettings,
        device_key: DeviceKey,
        logins: LoginSetup,
    ) -> Self {
        let CommonParts { database, clock, ids, province } = common.clone();
        let hashing = passwords::PasswordHashing::default();
        let (second_factor, providers) = (staff.second_factor, logins.known());
        Self { database, clock, ids, province, hashing, sessions, second_factor, device_key, providers }
    }
}
