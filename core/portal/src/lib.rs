//! The pages of the portal, which parse the input of browsers into plain values, call the desk, and render templates.
//!
//! The portal knows no SQL and decides nothing. The desk and the domain decide on rights and results.

mod address;
mod again;
mod by_place;
mod diagram;
mod failure;
mod field;
mod format;
mod markdown;
mod open_data;
mod pages;
mod payment;
mod person;
pub mod preview;
mod recognise;
mod refused;
mod security;
mod state;
pub mod theme;
mod timeline;
mod typing;
mod view;
mod visitor;
mod web;

pub use open_data::record;
pub use pages::PAGES;
pub use state::throttle::GuessLimits;
pub use theme::Theme;
pub use web::metrics::MetricsAccess;
pub use web::network::Proxies;
pub use web::server::{Serving, serve};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Extensions, HeaderMap, StatusCode, Version, header};
use axum::middleware;
use axum::routing::{get, post};
use bytes::Bytes;
use motcua_domain::money::BankAccount;
use motcua_domain::names::Digest;
use motcua_domain::text::{Language, Text};
use motcua_domain::workflow::UnitPlace;
use motcua_service::catalogue::server::ServerSettings;
use motcua_service::diagram::DiagramLayout;
use motcua_service::{PackageTrust, Services};
use state::throttle::Throttle;
use state::work::{self, CostlyWork};
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, Predicate as _};
use web::cached::{self, PerRelease};
use web::{body, busy};

/// The operator's settings of the pages.
#[derive(Debug, Clone)]
pub struct PageSettings {
    /// The address under which people reach the portal, without a slash at the end.
    pub base_url: String,
    /// A text on every page, for example that this is a demonstration.
    pub notice: Option<Text>,
    /// The account for bank transfers of fees.
    pub bank: Option<BankAccount>,
    pub limits: GuessLimits,
    /// The most requests under way at once, and the longest waits.
    pub server: ServerSettings,
    /// The proxies that report the addresses of their clients.
    pub proxies: Proxies,
    /// Access to the figures at `/metrics`.
    pub metrics: MetricsAccess,
    /// The packages that are accepted.
    pub trust: PackageTrust,
    /// The folder of a preview, or `None` on a portal that serves people.
    pub preview: Option<Arc<preview::Preview>>,
}

impl PageSettings {
    /// Returns the settings of the server for connections.
    pub fn serving(&self) -> Serving {
        Serving { settings: self.server.clone(), proxies: self.proxies.clone() }
    }
}

/// The portal. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Portal {
    pub services: Services,
    pub theme: Arc<Theme>,
    pub settings: Arc<PageSettings>,
    pub throttle: Arc<Throttle>,
    /// Places for costly work.
    pub work: Arc<CostlyWork>,
    /// The parts of pages that are the same for everybody, built once for each release.
    pub made: Arc<SharedParts>,
    pub metrics: Arc<web::metrics::Metrics>,
}

/// The parts of pages that are the same for everybody, built once for each release.
pub(crate) struct SharedParts {
    /// The catalogue by its format.
    pub catalogues: PerRelease<&'static str, cached::MadeContent>,
    /// The schema of a version's data, by the name of the file.
    pub schemas: PerRelease<String, cached::MadeContent>,
    /// The first page, without its shell.
    pub homes: PerRelease<Language, pages::public::HomePage>,
    /// The page of a procedure by its path, without its shell, or none if its agency no longer exists.
    pub procedures: PerRelease<(String, Language), Option<pages::procedure::ProcedurePage>>,
    /// The diagram of a version at a place, without the current steps of a dossier.
    pub layouts: PerRelease<(Digest, UnitPlace), DiagramLayout>,
    /// Forms to download. A form has at most 16 MiB, and nearly all have less than one.
    pub forms: PerRelease<Digest, Bytes>,
}

impl Default for SharedParts {
    fn default() -> Self {
        let places = Arc::new(work::making());
        Self {
            catalogues: PerRelease::new(2, &places),
            schemas: PerRelease::new(200, &places),
            homes: PerRelease::new(2, &places),
            // 2,000 procedures in two languages. A page has some 20 kB.
            procedures: PerRelease::new(4000, &places),
            layouts: PerRelease::new(2000, &places),
            forms: PerRelease::new(32, &places),
        }
    }
}

/// Returns whether a response is compressed for each client.
///
/// A download is not, because its length is announced. Fonts for the web are not, because their format is compressed.
fn is_compressed(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let is_font = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"font/"));
    !is_font && !headers.contains_key(header::CONTENT_DISPOSITION)
}

/// Returns the router of all pages of the portal.
pub fn router(services: Services, theme: Arc<Theme>, settings: PageSettings) -> Router {
    use pages::{
        account, admin, applicant, apply, assets, changes, dossier, jobs, leave, log, lookup, office, papers, plugins,
        procedure, public, receipt, resume, review, secure, transfer,
    };
    let throttle = Arc::new(Throttle::new(settings.limits));
    let places = busy::Busy::new(settings.server.requests, &theme, settings.proxies.clone());
    let idle = settings.server.idle();
    let portal = Portal {
        services,
        theme,
        settings: Arc::new(settings),
        throttle,
        work: Arc::default(),
        made: Arc::default(),
        metrics: Arc::default(),
    };
    let pages = Router::new()
        .route("/", get(public::home))
        .route("/procedures", get(public::procedures))
        .route("/procedures/{agency}/{slug}", get(procedure::show))
        .route("/procedures/{agency}/{slug}/eligibility", get(procedure::eligibility_form).post(procedure::eligibility))
        .route("/procedures/{agency}/{slug}/apply", get(apply::back_to_procedure).post(apply::start))
        .route("/lookup", get(lookup::look_up_form).post(lookup::look_up))
        .route("/log", get(log::show))
        .route("/log/checkpoint", get(log::checkpoint))
        .route("/log/tile/{*path}", get(log::tile))
        .route("/log/check", get(log::back).post(log::check))
        .route("/language/{tag}", get(public::language).post(resume::language))
        .route("/register", get(account::register_form).post(account::register))
        .route("/login", get(account::login_form).post(account::login))
        .route("/logout", post(account::logout))
        .route("/account", get(applicant::overview))
        .route("/account/security", get(secure::show).post(secure::change))
        .route("/account/notices", get(applicant::notices))
        .route("/account/papers", get(applicant::wallet))
        .route("/account/papers/{digest}", get(applicant::wallet_file))
        .route("/account/papers/{digest}/forget", post(applicant::forget))
        .route("/drafts/{id}/{page}", get(apply::page).post(apply::save))
        .route("/drafts/{id}/papers/{paper}", post(papers::attach))
        .route("/drafts/{id}/papers/{paper}/reuse", post(papers::reuse))
        .route("/drafts/{id}/papers/{paper}/combine", post(papers::combine))
        .route("/drafts/{id}/detach/{attached}", post(papers::detach))
        .route("/drafts/{id}/files/{digest}", get(papers::file))
        .route("/drafts/{id}/discard", post(apply::discard))
        .route("/drafts/{id}/file", post(review::submit))
        .route("/drafts/{id}/supplement", post(review::supplement))
        .route("/dossiers/{code}", get(dossier::show))
        .route("/dossiers/{code}/receipt", get(receipt::show))
        .route("/dossiers/{code}/proof", get(log::proof))
        .route("/dossiers/{code}/files/{digest}", get(dossier::file))
        .route("/dossiers/{code}/transfer.png", get(transfer::qr))
        .route("/dossiers/{code}/language/{tag}", post(changes::language))
        .route("/dossiers/{code}/supplement", post(changes::supplement))
        .route("/dossiers/{code}/messages", post(changes::message))
        .route("/dossiers/{code}/withdraw", post(changes::withdraw))
        .route("/dossiers/{code}/rating", post(changes::rate))
        .route("/dossiers/{code}/actions/{action}", post(changes::act))
        .route("/dossiers/{code}/steps/{stay}/{deed}", post(changes::pool))
        .route("/dossiers/{code}/undo", post(changes::undo))
        .route("/dossiers/{code}/payments", post(office::payment))
        .route("/dossiers/{code}/readings", get(office::readings))
        .route("/desk", get(office::desk))
        .route("/figures", get(office::figures))
        .route("/leave", get(leave::show).post(leave::add))
        .route("/leave/{id}/end", post(leave::end))
        .route("/admin/jobs", get(jobs::show))
        .route("/admin/plugins", get(plugins::list))
        .route("/admin/plugins/{component}", get(plugins::show))
        .route("/admin/plugins/{component}/suspend", post(plugins::suspend))
        .route("/admin/plugins/{component}/resume", post(plugins::resume))
        .route("/admin/jobs/retry", post(jobs::retry))
        .route("/admin/procedures", get(admin::procedures))
        .route("/admin/procedures/install", post(admin::install))
        .route("/admin/procedures/publish", post(admin::publish))
        .route("/admin/procedures/retire", post(admin::retire))
        .route("/catalogue.json", get(open_data::catalogue))
        .route("/catalogue.jsonld", get(open_data::linked))
        .route("/schemas/{file}", get(open_data::version_schema))
        .route("/templates/{digest}/{file}", get(assets::template))
        .fallback(public::nothing_here)
        .method_not_allowed_fallback(address::to_form)
        .layer(middleware::from_fn_with_state(portal.clone(), pages::error::render))
        .layer(middleware::from_fn_with_state(portal.clone(), recognise::recognise))
        .layer(middleware::from_fn_with_state(places, busy::shed))
        .layer(middleware::from_fn_with_state(idle, body::bound));
    let watched = match &portal.settings.preview {
        Some(_) => {
            Router::new().route("/preview.js", get(preview::script)).route("/preview/changes", get(preview::changes))
        }
        None => Router::new(),
    };
    Router::new()
        .merge(pages)
        .merge(watched)
        .route("/healthz", get(web::health::ready))
        .route("/livez", get(web::health::live))
        .route("/readyz", get(web::health::ready))
        .route("/metrics", get(web::metrics::show))
        .route("/assets/{digest}/{*file}", get(assets::asset))
        .layer(middleware::from_fn_with_state(portal.clone(), security::headers))
        .layer(CompressionLayer::new().compress_when(DefaultPredicate::new().and(is_compressed)))
        .layer(CatchPanicLayer::custom(pages::render::panicked))
        // The limits are those of `web::limits`.
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn_with_state(portal.clone(), web::request::watch))
        .with_state(portal)
}
