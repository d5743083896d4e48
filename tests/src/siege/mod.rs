//! A portal under siege: citizens who insist on its promises, a calendar that changes, and trouble.

pub mod calendar;
pub mod citizen;
pub mod trouble;
