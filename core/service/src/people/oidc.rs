//! Logging in at providers of OpenID Connect: the providers, and the log-ins that begin.
//!
//! A person is known by the issuer and the subject alone, never by a phone number or an address, which change their owners.

mod answer;
mod links;

pub use answer::ProviderOutcome;
pub use links::LinkedLogin;

use super::PeopleService;
use super::sessions::{SessionToken, person};
use crate::{Error, InputRule};
use motcua_catalogue::login::{LoginAudience, LoginSettings};
use motcua_domain::names::UserId;
use motcua_domain::people::organisation::Actor;
use motcua_domain::text::Text;
use motcua_oidc::{LoginProvider, ProviderError, ProviderSetup};
use motcua_store::login_attempt_row;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The time for a log-in at a provider, in seconds: ten minutes.
const TIME_TO_LOG_IN: i64 = 10 * 60;

/// The most log-ins of one network that have begun and not ended. An office has many people behind one address.
const MOST_OF_NETWORK: u64 = 200;

/// The most requests to one provider at once. Each holds a thread for some seconds at most.
const AT_ONCE: usize = 16;

/// The providers at which people log in.
#[derive(Debug, Clone, Default)]
pub struct LoginSetup {
    pub providers: Vec<LoginSettings>,
    /// The address under which people reach the portal, without a slash at the end.
    pub base_url: String,
}

/// A provider with its settings.
#[derive(Debug)]
pub(super) struct KnownProvider {
    settings: LoginSettings,
    provider: LoginProvider,
    places: Arc<Semaphore>,
}

impl KnownProvider {
    fn new(settings: LoginSettings, base_url: &str) -> Self {
        let claims = &settings.claims;
        let wanted = [Some(&claims.name), claims.number.as_ref(), claims.phone.as_ref()];
        // An officer has the name of organisation.toml.
        let wanted = wanted.into_iter().flatten().filter(|_| settings.audience == LoginAudience::Citizens);
        let setup = ProviderSetup {
            issuer: settings.issuer.clone(),
            client_id: settings.client_id.clone(),
            client_secret: settings.client_secret.clone(),
            scopes: settings.scopes.clone(),
            acr_values: settings.level.iter().map(|level| level.acr.clone()).collect(),
            redirect: format!("{base_url}/login/with/{}/answer", settings.id),
            claims: wanted.cloned().collect(),
        };
        let places = Arc::new(Semaphore::new(AT_ONCE));
        Self { settings, provider: LoginProvider::new(setup), places }
    }

    /// Asks the provider on a thread that may wait.
    async fn ask<T: Send + 'static>(
        self: &Arc<Self>,
        call: impl FnOnce(&LoginProvider) -> Result<T, ProviderError> + Send + 'static,
    ) -> Result<T, Error> {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            return Err(Error::Invalid(InputRule::ProviderDown));
        };
        let own = Arc::clone(self);
        let asked = tokio::task::spawn_blocking(move || {
            let asked = call(&own.provider);
            drop(place);
            asked
        });
        asked.await.map_err(Error::fault)?.map_err(|error| {
            tracing::warn!(provider = %self.settings.id, %error, "a log-in at a provider failed");
            Error::Invalid(match error {
                ProviderError::Down(_) => InputRule::ProviderDown,
                ProviderError::Denied(_) => InputRule::ProviderDenied,
                ProviderError::Rejected(_) => InputRule::ProviderAnswer,
            })
        })
    }
}

impl LoginSetup {
    /// Returns the providers, which nobody has asked yet.
    pub(super) fn known(self) -> Vec<Arc<KnownProvider>> {
        let Self { providers, base_url } = self;
        providers.into_iter().map(|settings| Arc::new(KnownProvider::new(settings, &base_url))).collect()
    }

    /// Asks the provider with this id for its description and its keys, as the first log-in would. Returns the address
    /// to which a browser would be sent, or `None` if there is no such provider. The time is in seconds since 1970.
    pub async fn try_provider(self, id: &str, now: i64) -> Option<Result<String, ProviderError>> {
        let known = self.known().into_iter().find(|known| known.settings.id == id)?;
        let asked = tokio::task::spawn_blocking(move || known.provider.begin(now).map(|begun| begun.address));
        Some(asked.await.unwrap_or_else(|error| Err(ProviderError::Down(error.to_string()))))
    }
}

/// A provider that the page for logging in offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferedProvider {
    pub id: String,
    pub name: Text,
    pub audience: LoginAudience,
    /// The provider gave no answer a moment ago.
    pub is_down: bool,
}

impl PeopleService {
    /// Returns the providers at which people log in, in the order of the settings.
    pub fn providers(&self) -> Vec<OfferedProvider> {
        let now = self.clock.now().as_second();
        let offered = |known: &Arc<KnownProvider>| OfferedProvider {
            id: known.settings.id.clone(),
            name: known.settings.name.clone(),
            audience: known.settings.audience,
            is_down: known.provider.is_down(now),
        };
        self.providers.iter().map(offered).collect()
    }

    /// Begins a log-in at a provider for a browser, and returns the address to which it is sent. It comes back to log in,
    /// and then goes on to `next` with what it `carried`.
    pub async fn begin_at_provider(
        &self,
        id: &str,
        browser: &SessionToken,
        network: &str,
        next: &str,
        carried: String,
    ) -> Result<String, Error> {
        self.begin(&self.provider(id)?, browser, network, (next, carried), None).await
    }

    /// Begins a log-in at a provider that is linked to the account of an applicant, who types the password again.
    pub async fn begin_to_link(
        &self,
        actor: &Actor,
        password: &str,
        id: &str,
        browser: &SessionToken,
        network: &str,
    ) -> Result<String, Error> {
        self.proven(actor, password).await?;
        let known = self.provider(id)?;
        if known.settings.audience != LoginAudience::Citizens || !matches!(actor, Actor::Applicant { .. }) {
            return Err(Error::NotFound);
        }
        self.begin(&known, browser, network, ("", String::new()), Some(person(actor)?)).await
    }

    async fn begin(
        &self,
        known: &Arc<KnownProvider>,
        browser: &SessionToken,
        network: &str,
        (next, carried): (&str, String),
        account: Option<&UserId>,
    ) -> Result<String, Error> {
        let now = self.clock.now().as_second();
        let begun = known.ask(move |provider| provider.begin(now)).await?;
        let row = login_attempt_row::Model {
            state_hash: hashed("state", &begun.state),
            provider: known.settings.id.clone(),
            browser: hashed("browser", browser.secret()),
            network: network.to_owned(),
            nonce: begun.nonce,
            verifier: begun.verifier,
            next: next.to_owned(),
            carried,
            account: account.map(ToString::to_string),
            expires_at: now + TIME_TO_LOG_IN,
        };
        let transaction = self.database.begin().await?;
        if !transaction.begin_login(row, now, MOST_OF_NETWORK).await? {
            return Err(Error::Invalid(InputRule::ProviderCrowd));
        }
        transaction.commit().await?;
        Ok(begun.address)
    }

    /// Deletes the log-ins at providers that were not ended in time, with what people had typed. Returns the number of
    /// log-ins.
    pub async fn forget_begun_logins(&self) -> Result<u64, Error> {
        let transaction = self.database.begin().await?;
        let count = transaction.forget_logins(self.clock.now().as_second()).await?;
        transaction.commit().await?;
        Ok(count)
    }

    fn provider(&self, id: &str) -> Result<Arc<KnownProvider>, Error> {
        self.providers.iter().find(|known| known.settings.id == id).cloned().ok_or(Error::NotFound)
    }
}

/// Returns the hash of a secret for one purpose.
fn hashed(purpose: &str, secret: &str) -> String {
    hex::encode(Sha256::digest(format!("{purpose}:{secret}")))
}
