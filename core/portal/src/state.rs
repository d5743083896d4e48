//! What the pages share.

pub mod throttle;
