//! The table of addresses, and the layers around all handlers.

use crate::pages::account::{log_out, second};
use crate::pages::admin::{jobs, people, plugins, procedures};
use crate::pages::counting::{export as counted_export, rows as counted};
use crate::pages::crawlers::{CrawledRoutes, PublicAddresses};
use crate::pages::dossier::{
    changes, delivery as dossier_delivery, documents, money, pay, phone, readings, receipt, show, transfer, visits,
};
use crate::pages::draft::{delivery, form, papers, review, signers, start};
use crate::pages::own::{export, forgotten, leaving, logins, profile, readers};
use crate::pages::suggestion::{lists as suggestion_lists, send as suggestion_send, show as suggestion_show};
use crate::pages::{
    account, account_acts, answers, applicant, assets, audit, bulk, bulk_report, cash, catalogue, counter, crawlers,
    desk, desk_search, digest, eligibility, error, factor, figures, help, home, kiosk, leave, log, lookup, mail,
    open_data, preview, procedure, provider, public, public_figures, published, render, results, resume, secure,
    signing, sms, verify,
};
use crate::state::{PageSettings, Portal};
use crate::theme::Theme;
use crate::web::{address, body, busy, health, metrics, recognise, request, security};
use axum::extract::DefaultBodyLimit;
use axum::http::{Extensions, HeaderMap, StatusCode, Version, header};
use axum::middleware;
use axum::routing::{MethodRouter, get, post};
use axum::{Extension, Router};
use motcua_service::Services;
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, Predicate as _};

/// Returns whether a response is compressed for each client.
///
/// A download is not, because its length is announced. Fonts for the web are not, because their format is compressed.
fn is_compressed(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let is_font = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"font/"));
    !is_font && !headers.contains_key(header::CONTENT_DISPOSITION)
}

/// The routes with their handlers, and with their use to search engines.
#[derive(Default)]
struct RouteTable {
    router: Router<Portal>,
    crawled: CrawledRoutes,
}

impl RouteTable {
    /// Adds a route that is closed to search engines: a page of one person, a form, or a wish of a visitor.
    fn route(mut self, pattern: &'static str, handlers: MethodRouter<Portal>) -> Self {
        self.crawled.close(pattern);
        self.handled(pattern, handlers)
    }

    /// Adds a route that search engines may read, and that is no page to list.
    fn open(mut self, pattern: &'static str, handlers: MethodRouter<Portal>) -> Self {
        self.crawled.open(pattern);
        self.handled(pattern, handlers)
    }

    /// Adds a public page, which the sitemap lists.
    fn page(mut self, path: &'static str, handlers: MethodRouter<Portal>) -> Self {
        self.crawled.list(path);
        self.handled(path, handlers)
    }

    /// Adds a route of many public pages, of which the sitemap lists these.
    fn pages(mut self, pattern: &'static str, handlers: MethodRouter<Portal>, listed: PublicAddresses) -> Self {
        self.crawled.list_all(pattern, listed);
        self.handled(pattern, handlers)
    }

    /// Closes the addresses of a public page that begin so, because a wish of a visitor is in them.
    fn closed(mut self, beginning: &'static str) -> Self {
        self.crawled.close(beginning);
        self
    }

    fn handled(mut self, pattern: &'static str, handlers: MethodRouter<Portal>) -> Self {
        self.router = self.router.route(pattern, handlers);
        self
    }
}

/// Returns the router of all pages of the portal.
pub fn router(services: Services, theme: Arc<Theme>, settings: PageSettings) -> Router {
    let places = busy::Busy::new(settings.server.requests, &theme, settings.proxies.clone());
    let idle = settings.server.idle();
    let portal = Portal::new(services, theme, settings);
    let (pages, others) = (pages(), others());
    let mut crawled = pages.crawled;
    crawled.extend(others.crawled);
    let pages = pages
        .router
        .merge(of_crawlers(crawled))
        .merge(changes::routes())
        .fallback(public::nothing_here)
        .method_not_allowed_fallback(address::to_form)
        .layer(home::shared(&portal.work.making))
        .layer(procedure::shared(&portal.work.making))
        .layer(middleware::from_fn_with_state(portal.clone(), error::render))
        .layer(middleware::from_fn_with_state(portal.clone(), recognise::recognise))
        .layer(middleware::from_fn_with_state(places, busy::shed))
        .layer(middleware::from_fn_with_state(idle, body::bound));
    others
        .router
        .merge(pages)
        .merge(of_preview(&portal))
        .layer(middleware::from_fn_with_state(portal.clone(), security::headers))
        .layer(CompressionLayer::new().compress_when(DefaultPredicate::new().and(is_compressed)))
        .layer(CatchPanicLayer::custom(render::panicked))
        // The limits are those of `web::limits`.
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn_with_state(portal.clone(), request::watch))
        .with_state(portal)
}

/// Returns the table of the pages. The addresses to which the page of a dossier posts are beside their handlers.
fn pages() -> RouteTable {
    RouteTable::default()
        .page("/", get(home::home))
        .pages("/procedures", get(catalogue::procedures), crawlers::catalogues)
        .closed("/procedures?q=")
        .pages("/procedures/{agency}/{slug}", get(procedure::show), crawlers::procedures)
        .open("/procedures/{agency}/{slug}/eligibility", get(eligibility::questions).post(eligibility::answer))
        .route("/procedures/{agency}/{slug}/apply", get(start::back_to_procedure).post(start::start))
        .page("/lookup", get(lookup::look_up_form).post(lookup::look_up))
        .route("/kiosk", get(kiosk::show).post(kiosk::post))
        .page("/verify", get(verify::form).post(verify::verify))
        .page("/published", get(published::published))
        .page("/figures", get(public_figures::figures))
        .closed("/figures?by=")
        .route("/figures.csv", get(public_figures::export))
        .page("/help", get(help::list))
        .pages("/help/{name}", get(help::show), crawlers::help_pages)
        .page("/log", get(log::show))
        .open("/log/checkpoint", get(log::checkpoint))
        .route("/log/tile/{*path}", get(log::tile))
        .open("/log/check", get(log::back).post(log::check))
        .route("/language/{tag}", get(public::language).post(resume::language))
        .route("/register", get(account::register_form).post(account::register))
        .route("/login", get(account::login_form).post(account::login))
        .route("/login/code", get(second::back).post(second::code))
        .route("/login/with/{provider}", get(provider::begin))
        .route("/login/with/{provider}/answer", get(provider::answer))
        .route("/logout", post(log_out::post))
        .route("/password", get(forgotten::show).post(forgotten::post))
        .route("/account", get(applicant::overview))
        .route("/account/delete", get(leaving::show).post(leaving::delete))
        .route("/account/email", post(profile::email))
        .route("/account/export", post(export::download))
        .route("/account/factor", get(factor::show).post(factor::set))
        .route("/account/profile", get(profile::show).post(profile::change))
        .route("/account/readings", get(readers::show))
        .route("/account/security", get(secure::show).post(secure::change))
        .route("/account/sessions", post(secure::end_sessions))
        .route("/account/logins", get(logins::show).post(logins::change))
        .route("/account/notices", get(applicant::notices))
        .route("/account/mail", post(mail::choose))
        .route("/account/phone", post(profile::phone))
        .route("/account/phone-notices", post(sms::choose))
        .route("/account/papers", get(applicant::wallet))
        .route("/account/papers/{digest}", get(applicant::wallet_file))
        .route("/account/papers/{digest}/forget", post(applicant::forget))
        .route("/account/signing/{id}", get(signing::show))
        .route("/account/signing/{id}/consent", post(signing::consent))
        .route("/account/signing/{id}/decline", post(signing::decline))
        .route("/account/signing/{id}/files/{digest}", get(signing::file))
        .route("/sign", get(signing::invitation).post(signing::accept))
        .route("/drafts/{id}/{page}", get(form::page).post(form::save))
        .route("/drafts/{id}/papers/{paper}", post(papers::attach))
        .route("/drafts/{id}/papers/{paper}/reuse", post(papers::reuse))
        .route("/drafts/{id}/papers/{paper}/combine", post(papers::combine))
        .route("/drafts/{id}/detach/{attached}", post(papers::detach))
        .route("/drafts/{id}/files/{digest}", get(papers::file))
        .route("/drafts/{id}/discard", post(start::discard))
        .route("/drafts/{id}/file", post(review::submit))
        .route("/drafts/{id}/supplement", post(review::supplement))
        .route("/drafts/{id}/delivery", get(delivery::show).post(delivery::save))
        .route("/drafts/{id}/signers", get(signers::show).post(signers::invite))
        .route("/drafts/{id}/signers/{invitation}/revoke", post(signers::revoke))
        .route("/dossiers/{code}", get(show::show))
        .route("/dossiers/{code}/receipt", get(receipt::show))
        .route("/dossiers/{code}/money", get(money::show))
        .route("/dossiers/{code}/money/{entry}", get(money::receipt))
        .route("/dossiers/{code}/money/{entry}/reverse", post(money::reverse))
        .route("/dossiers/{code}/pay", get(pay::show).post(pay::begin))
        .route("/payment/return", get(pay::back))
        .route("/dossiers/{code}/proof", get(log::proof))
        .route("/dossiers/{code}/files/{digest}", get(show::file))
        .route("/dossiers/{code}/documents/{file}", get(documents::show))
        .route("/dossiers/{code}/transfer.png", get(transfer::qr))
        .route("/dossiers/{code}/visits.ics", get(visits::calendar))
        .route("/dossiers/{code}/phone", get(phone::show).post(phone::verify))
        .route("/dossiers/{code}/delivery", get(dossier_delivery::show).post(dossier_delivery::change))
        .route("/dossiers/{code}/readings", get(readings::readings))
        .route("/counter", get(counter::show).post(counter::post))
        .route("/desk", get(desk::desk))
        .route("/desk/search", get(desk_search::show).post(desk_search::search))
        .route("/desk/bulk", get(bulk_report::list).post(bulk::choose))
        .route("/desk/bulk/start", post(bulk::start))
        .route("/desk/bulk/table", post(bulk::table))
        .route("/desk/bulk/{id}", get(bulk_report::show))
        .route("/desk/bulk/{id}/stop", post(bulk_report::stop))
        .route("/desk/bulk/{id}/lines.csv", get(bulk_report::export))
        .route("/desk/answers", get(answers::list))
        .route("/desk/answers/{agency}", get(answers::show).post(answers::change))
        .route("/desk/notices", get(digest::show).post(digest::choose))
        .route("/desk/figures", get(figures::figures))
        .route("/desk/cash", get(cash::list))
        .route("/desk/cash/{agency}/{cashier}", get(cash::open).post(cash::close))
        .route("/desk/cash/{agency}/{cashier}/{number}", get(cash::day))
        .route("/desk/cash/{agency}/{cashier}/{number}/lines.csv", get(cash::export_csv))
        .route("/desk/cash/{agency}/{cashier}/{number}/lines.xlsx", get(cash::export_xlsx))
        .route("/desk/figures.csv", get(counted_export::figures_csv))
        .route("/desk/figures.xlsx", get(counted_export::figures_xlsx))
        .route("/desk/figures/dossiers", get(counted::rows))
        .route("/desk/figures/dossiers.csv", get(counted_export::rows_csv))
        .route("/desk/figures/dossiers.xlsx", get(counted_export::rows_xlsx))
        .route("/desk/accounts", get(account_acts::show))
        .page("/suggestions", get(suggestion_lists::published))
        .route("/suggestions/new", get(suggestion_send::form).post(suggestion_send::send))
        .route("/suggestions/{id}", get(suggestion_show::show))
        .route("/suggestions/{id}/consent", post(suggestion_show::consent))
        .route("/suggestions/{id}/deeds/{deed}", post(suggestion_show::act))
        .route("/account/suggestions", get(suggestion_lists::own))
        .route("/desk/suggestions", get(suggestion_lists::desk))
        .route("/results", get(results::results).post(results::search))
        .route("/results.csv", get(results::export).post(results::export_found))
        .route("/leave", get(leave::show).post(leave::add))
        .route("/leave/{id}/end", post(leave::end))
        .route("/admin/jobs", get(jobs::show))
        .route("/admin/plugins", get(plugins::list))
        .route("/admin/plugins/{component}", get(plugins::show))
        .route("/admin/plugins/{component}/suspend", post(plugins::suspend))
        .route("/admin/plugins/{component}/resume", post(plugins::resume))
        .route("/admin/jobs/retry", post(jobs::retry))
        .route("/admin/people", get(people::show))
        .route("/admin/people/lock", post(people::lock))
        .route("/admin/people/reset", post(people::reset))
        .route("/admin/people/factor", post(people::factor))
        .route("/admin/procedures", get(procedures::procedures))
        .route("/admin/procedures/install", post(procedures::install))
        .route("/admin/procedures/publish", post(procedures::publish))
        .route("/admin/procedures/retire", post(procedures::retire))
        .route("/audit/{list}", get(audit::show))
        .route("/audit/{list}/table", get(audit::export))
        .route("/audit/verify", post(audit::verify))
        .open("/catalogue.json", get(open_data::catalogue))
        .open("/catalogue.jsonld", get(open_data::linked))
        .open("/schemas/{file}", get(open_data::version_schema))
        .open("/templates/{digest}/{file}", get(assets::template))
}

/// Returns the table of what is no page: the state of the node, its figures, and the files of themes.
fn others() -> RouteTable {
    RouteTable::default()
        .route("/healthz", get(health::ready))
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::show))
        .route("/payment/notice", get(pay::notice))
        .open("/assets/{digest}/{*file}", get(assets::asset))
}

/// Returns the routes for search engines.
fn of_crawlers(crawled: CrawledRoutes) -> Router<Portal> {
    Router::new()
        .route("/robots.txt", get(crawlers::robots))
        .route("/sitemap.xml", get(crawlers::sitemap))
        .layer(Extension(Arc::new(crawled)))
}

/// Returns the routes that only a preview has.
fn of_preview(portal: &Portal) -> Router<Portal> {
    if portal.settings.preview.is_none() {
        return Router::new();
    }
    Router::new()
        .route("/preview.js", get(preview::script))
        .route("/preview/changes", get(preview::changes))
        .route("/preview/as/{person}", get(preview::walk_as))
}
