//! Values of the domain in the words of a page. Nothing here knows a request, the database or a page.

pub mod officer;
pub mod payment;
pub mod units;
