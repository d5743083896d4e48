//! Time in law: the calendar of working time, and the clocks that run on it.

pub mod calendar;
pub mod clock;
