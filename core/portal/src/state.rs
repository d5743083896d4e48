//! The state that the pages share.

pub mod throttle;
pub mod work;
