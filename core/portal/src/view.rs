//! Values of the domain in the words of pages. The modules know neither the portal nor requests.

pub mod answer;
pub mod basis;
pub mod by_agency;
pub mod by_place;
pub mod csv;
pub mod diagram;
pub mod event_icon;
pub mod field;
pub mod files;
pub mod format;
pub mod icalendar;
pub mod late;
pub mod letter;
pub mod mark;
pub mod officer;
pub mod otp;
pub mod payment;
pub mod refused;
pub mod signer;
pub mod site_visit;
pub mod suggestion;
pub mod timeline;
pub mod units;
pub mod vietqr;
pub mod waiting;
pub mod window;
