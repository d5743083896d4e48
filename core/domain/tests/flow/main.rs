//! Workflows and the dossiers that go through them.

mod agencies;
mod faulty;
mod groups;
mod life;
mod listed;
mod notes;
mod notices;
mod offers;
mod office;
mod oracle;
mod own_form;
mod random;
mod refunds;
mod register;
mod results;
mod runtime;
mod schedule;
mod simulation;
mod staffing;
mod supplements;
mod support;
mod today;
mod told_once;
mod unsound;
mod urgency;
mod versions;
