//! A portal under siege: citizens who hold it to what it answered, a calendar that changes, and trouble.

pub mod calendar;
pub mod citizen;
pub mod trouble;
