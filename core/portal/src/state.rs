//! The state behind all requests: the portal with its settings, its counts and what it keeps.

pub mod letters;
pub mod metrics;
pub mod network;
pub mod per_release;
pub mod preview;
pub mod shared;
pub mod throttle;
pub mod work;

use crate::state::letters::LetterPrinter;
use crate::state::metrics::{Metrics, MetricsAccess};
use crate::state::network::Proxies;
use crate::state::preview::Preview;
use crate::state::shared::SharedParts;
use crate::state::throttle::{GuessLimits, Throttle};
use crate::state::work::CostlyWork;
use crate::theme::Theme;
use motcua_domain::money::BankAccount;
use motcua_domain::text::Text;
use motcua_service::catalogue::map::MapSettings;
use motcua_service::catalogue::server::ServerSettings;
use motcua_service::{PackageTrust, Services};
use std::sync::Arc;

/// The operator's settings of the pages.
#[derive(Debug, Clone)]
pub struct PageSettings {
    /// The address under which people reach the portal, without a slash at the end.
    pub base_url: String,
    /// A text on every page, for example that this is a demonstration.
    pub notice: Option<Text>,
    /// The account for bank transfers of fees.
    pub bank: Option<BankAccount>,
    /// The tiles of the map on which people draw a place.
    pub map: Option<MapSettings>,
    pub limits: GuessLimits,
    /// The most requests under way at once, and the longest waits.
    pub server: ServerSettings,
    /// The proxies that report the addresses of their clients.
    pub proxies: Proxies,
    /// Access to the figures at `/metrics`.
    pub metrics: MetricsAccess,
    /// The packages that are accepted.
    pub trust: PackageTrust,
    /// The printer of letters.
    pub letters: Arc<dyn LetterPrinter>,
    /// The folder of a preview, or `None` on a portal that serves people.
    pub preview: Option<Arc<Preview>>,
}

/// The portal. Cheap to clone.
#[derive(Clone)]
pub struct Portal {
    pub services: Services,
    pub theme: Arc<Theme>,
    pub settings: Arc<PageSettings>,
    pub throttle: Arc<Throttle>,
    /// Places for costly work.
    pub work: Arc<CostlyWork>,
    /// The parts of pages that are the same for everybody, built once for each release.
    pub made: Arc<SharedParts>,
    pub metrics: Arc<Metrics>,
}

impl Portal {
    /// Returns a portal that nobody has asked yet.
    pub fn new(services: Services, theme: Arc<Theme>, settings: PageSettings) -> Self {
        let work = CostlyWork::default();
        Self {
            services,
            theme,
            throttle: Arc::new(Throttle::new(settings.limits)),
            settings: Arc::new(settings),
            made: Arc::new(SharedParts::new(&work.making)),
            work: Arc::new(work),
            metrics: Arc::default(),
        }
    }
}
