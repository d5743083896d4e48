//! The commands, each in a file of its own with the same parts in the same order: the command as a manual explains it,
//! the right that it needs, `decide`, `apply`, and the condition under which a page offers it.

pub mod act;
pub mod announce_late;
pub mod elapse;
pub mod escalate;
pub mod file;
pub mod give;
pub mod lapse;
pub mod message;
pub mod migrate;
pub mod pay;
pub mod rate;
pub mod release;
pub mod remind;
pub mod reschedule;
pub mod return_to_post;
pub mod supplement;
pub mod take;
pub mod transfer;
pub mod undo;
pub mod withdraw;
