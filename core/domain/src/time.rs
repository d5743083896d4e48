//! Time in law: the calendar of working time, the rules by which periods begin and end, and the clocks that run on them.

pub mod calendar;
pub mod clock;
pub mod law;
pub mod length;
pub mod period;
pub mod recorded;
