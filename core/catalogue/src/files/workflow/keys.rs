//! The keys of workflows.

use super::actions::EFFECTS;
use super::{ASSIGN, JOINS};
use crate::files::form::keys::FIELD;
use crate::reading::keys::{BASIS, DOCUMENT_FORMS, LIMIT, ONE_OR_MANY, Shape, keys};
use motcua_domain::people::organisation::Role;
use motcua_domain::workflow::{NationalStatus, Requirement};

keys! {
    /// `workflows/<id>.toml`: a template that procedures share.
    pub(crate) KEYS = "Workflow" {
        required {
            step: Shape::List(&Shape::Either("", &STEP_OR_PART)),
        }
        optional {
            /// Texts that other texts name as `$name`, and that a procedure may set under `[workflow_with]`.
            parameters: Shape::Map(&Shape::Text),
            /// The agencies' parts of a joint procedure, each with its own clock.
            stage: Shape::Tables(&STAGE),
            /// The documents that `basis` of its steps and actions can name, beside those of the procedure.
            legal_basis: Shape::List(&Shape::Either("A title, or a document with an id.", &DOCUMENT_FORMS)),
        }
    }

    /// The steps of another workflow, as one part of this one.
    pub(super) PART = "Part" {
        required {
            id: Shape::Text,
            name: Shape::Words,
            /// A file in `workflows`, without `.toml`.
            workflow: Shape::Text,
            /// The next step after the part.
            then: Shape::Text,
        }
        optional {
            /// The unit that takes its steps, as `agency/unit`, or `./unit` in the agency of the dossier.
            at: Shape::Text,
            limit: LIMIT,
            /// The next step if the part refuses. By default, the whole dossier is refused.
            refused: Shape::Text,
        }
    }

    STAGE = "Stage" {
        required {
            id: Shape::Text,
            name: Shape::Words,
        }
        optional {
            limit: LIMIT,
        }
    }

    STEP = "Step" {
        required {
            id: Shape::Text,
            name: Shape::Words,
            /// The role of the post that takes the step, or `applicant`.
            role: ROLE,
        }
        optional {
            limit: LIMIT,
            status: Shape::Word(|| NationalStatus::OF_STEPS.map(NationalStatus::name).to_vec()),
            action: Shape::Tables(&ACTION),
            /// The unit that takes the step, as `agency/unit`, or `./unit` in the agency of the dossier, if it differs
            /// from the procedure's own.
            at: Shape::Text,
            /// The stage of the step.
            stage: Shape::Text,
            /// The rule for several branches that lead here: `all`, `begun`, `first`, or the number of branches to wait
            /// for. By default, each branch begins the step.
            join: Shape::Either("", &[JOIN, Shape::Integer(1, 100)]),
            /// The step is taken by several units at once.
            ask: Shape::Table(&ASK),
            /// The questions to the officer.
            field: Shape::Tables(&FIELD),
            /// The rule that assigns the step to one of the holders of the post.
            assign: Shape::Table(&ASSIGN_TO),
            /// The rest of the limit at which the officer is reminded.
            remind: LIMIT,
            /// The role to which the step is escalated once its limit has passed.
            escalate: Shape::Word(|| Role::OF_OFFICERS.map(Role::name).to_vec()),
            /// The legal basis of the step, as `basis` of a paper.
            basis: BASIS,
        }
    }

    ASK = "Ask" {
        required {
            /// The units as `agency/unit`, or `./unit` in the agency of the dossier.
            units: Shape::List(&Shape::Text),
            then: Shape::Text,
        }
        optional {
            /// The officer who moves the dossier here chooses among the units.
            choose: Shape::Boolean,
            /// The number of answers that suffice. By default, all answers are needed.
            enough: Shape::Integer(1, 100),
        }
    }

    ASSIGN_TO = "AssignTo" {
        required {
            by: Shape::Word(|| ASSIGN.to_vec()),
        }
        optional {
            /// The log-in for `person`.
            login: Shape::Text,
            /// The field of the form for `area`.
            field: Shape::Text,
            /// The registry for `area`, whose entries are named after officers' log-ins.
            registry: Shape::Text,
        }
    }

    ACTION = "Action" {
        required {
            id: Shape::Text,
            name: Shape::Words,
            effect: Shape::Word(|| EFFECTS.to_vec()),
        }
        optional {
            /// The words by which the applicant reads that the action was taken. By default, its name if it concerns
            /// the applicant, and otherwise nothing.
            told: Shape::Words,
            /// The next step after `advance` and `request-payment`. A list parts into branches that run side by side.
            to: Shape::Either("", &TARGETS),
            requires: Shape::List(&Shape::Word(|| Requirement::ALL.map(Requirement::name).to_vec())),
            /// The condition for the action. It may read what is filled in at this step.
            when: Shape::Text,
            /// The time since the step began after which the portal takes the action.
            after: LIMIT,
            /// The action is open only while the dossier stands at this step too.
            during: Shape::Text,
            /// The other stays that end: steps, or `others` for everything.
            cancels: ONE_OR_MANY,
            /// The officer makes an appointment on the spot with the action, or calls it off.
            visit: Shape::Table(&SITE_VISIT),
            /// The legal basis of the action, as `basis` of a paper.
            basis: BASIS,
        }
    }

    /// An appointment on the spot. It lies in the working time of the calendar.
    SITE_VISIT = "SiteVisit" {
        optional {
            /// The least time from the action to the beginning of the visit.
            at_least: LIMIT,
            /// The most time from the action to the end of the visit.
            at_most: LIMIT,
            /// The question of the form whose answer is the place, unless the officer names another. It asks for an
            /// address or a text.
            place: Shape::Text,
            /// The action calls the coming visit off.
            calls_off: Shape::Boolean,
        }
    }

    BRANCH = "BranchTo" {
        required {
            step: Shape::Text,
        }
        optional {
            /// The condition for taking the branch.
            when: Shape::Text,
        }
    }
}

const ROLE: Shape = Shape::Word(|| Role::OF_STEPS.map(Role::name).to_vec());

const JOIN: Shape = Shape::Word(|| JOINS.map(|(word, _)| word).to_vec());

static STEP_OR_PART: [Shape; 2] = [Shape::Table(&STEP), Shape::Table(&PART)];

/// A step, or a list of steps and branches.
static TARGETS: [Shape; 2] = [Shape::Text, Shape::List(&Shape::Either("", &TARGET))];

static TARGET: [Shape; 2] = [Shape::Text, Shape::Table(&BRANCH)];
