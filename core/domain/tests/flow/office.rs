//! A dossier on a straight workflow, dealt with by hand.

use crate::support::{calendar, file, procedure, start};
use jiff::{SignedDuration, Timestamp};
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::decide::{Rules, decide};
use motcua_domain::dossier::event::Recorded;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::people::organisation::{Actor, Role};
use motcua_domain::procedure::Procedure;
use motcua_domain::registry::Registries;
use motcua_domain::text::Text;
use motcua_domain::time::calendar::{Calendar, Limit};
use motcua_domain::workflow::{Action, Effect, NationalStatus, Requirement, Step, Workflow};

/// Returns a workflow of three steps, one after the other.
pub fn straight() -> Workflow {
    let action = |id: &str, effect, requires| Action { requires, ..Action::new(id, Text::default(), effect) };
    let step = |id: &str, role, status, actions| Step {
        limit: Some(Limit::WorkingHours(4)),
        actions,
        ..Step::new(id, Text::vi(id), role, status)
    };
    Workflow::new(
        "straight",
        vec![
            step(
                "intake",
                Role::Counter,
                NationalStatus::Received,
                vec![
                    action("accept", Effect::RequestPayment { to: "work".into() }, vec![Requirement::Assignee]),
                    action("ask", Effect::RequestSupplement, vec![]),
                    action("decline", Effect::Decline, vec![]),
                ],
            ),
            step(
                "work",
                Role::Specialist,
                NationalStatus::Processing,
                vec![action("done", Effect::Advance { to: "return".into() }, vec![Requirement::ResultFile])],
            ),
            step(
                "return",
                Role::Counter,
                NationalStatus::Processed,
                vec![action("hand-over", Effect::HandOver, vec![Requirement::FeePaid])],
            ),
        ],
        vec![],
    )
}

/// A dossier on the straight workflow, and the moment at which somebody acts.
pub struct Office {
    pub procedure: Procedure,
    pub calendar: Calendar,
    pub dossier: Dossier,
    pub now: Timestamp,
}

impl Office {
    /// Files a dossier that owes `fee`.
    pub fn open(fee: i64) -> Self {
        Self::on(straight(), fee)
    }

    /// Files a dossier that owes `fee` and goes through a workflow.
    pub fn on(workflow: Workflow, fee: i64) -> Self {
        Self::under(procedure(workflow, fee))
    }

    /// Files a dossier of a procedure.
    pub fn under(procedure: Procedure) -> Self {
        let calendar = calendar();
        let event = file(
            Rules { procedure: &procedure, calendar: &calendar, registries: Registries::NONE, choices: &[] },
            start(),
        );
        Self { dossier: Dossier::replay([&event]).expect("a dossier"), procedure, calendar, now: start() }
    }

    /// Decides the command of `actor` and applies the event, which is returned.
    pub fn does(&mut self, actor: &Actor, command: Command) -> Result<Recorded, Refusal> {
        let rules =
            Rules { procedure: &self.procedure, calendar: &self.calendar, registries: Registries::NONE, choices: &[] };
        let event = decide(rules, &self.dossier, actor, command, self.now)?;
        let recorded = Recorded { at: self.now, actor: actor.reference(), event, choices: Vec::new() };
        self.dossier.apply(&recorded).expect("an event of it");
        Ok(recorded)
    }

    pub fn later(&mut self, hours: i64) {
        self.now += SignedDuration::from_hours(hours);
    }
}
