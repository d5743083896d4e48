//! The helpers of the tests and the load programs: a portal on a database of its own, a PostgreSQL cluster, a browser
//! without a screen, a mail server, a gateway for messages to phones, a payment gateway.

pub mod bare;
pub mod browser;
pub mod fill;
pub mod flow;
pub mod gateway;
pub mod generate;
pub mod payments;
pub mod plugin;
pub mod portal;
pub mod postgres;
pub mod process;
pub mod provider;
pub mod proxy;
pub mod siege;
pub mod smtp;
pub mod stand_in;
pub mod template;
pub mod tmpfs;
pub mod walk;
