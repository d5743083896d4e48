//! The pages of the portal, which parse the input of browsers into plain values, call the services, and render
//! templates.
//!
//! The portal knows no SQL and decides nothing. The services and the domain decide on rights and results.
//!
//! A room knows itself and the rooms below it: `routes`, `pages`, `web`, `state`, `view`, `theme`.

mod pages;
mod routes;
mod state;
pub mod theme;
mod view;
mod web;

pub use pages::PAGES;
pub use pages::dossier::documents::sample_letters;
pub use pages::gallery::gallery;
pub use pages::open_data::record;
pub use routes::router;
pub use state::PageSettings;
pub use state::letters::{LetterOrder, LetterPrinter, NotPrinted};
pub use state::metrics::MetricsAccess;
pub use state::network::Proxies;
pub use state::preview;
pub use state::throttle::GuessLimits;
pub use theme::Theme;
pub use web::server::{Serving, serve};
