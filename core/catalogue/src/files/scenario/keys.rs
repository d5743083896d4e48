//! The keys of scenarios.

use crate::reading::keys::{ONE_OR_MANY, Shape, keys};

keys! {
    /// `procedures/<group>/<name>/tests/*.toml`: an author's expectations of a procedure.
    pub(crate) KEYS = "Scenario" {
        required {
            name: Shape::Text,
            /// The time of filing, in Vietnam: `2026-03-03 09:00`.
            at: Shape::Text,
        }
        optional {
            /// The agency to which the applicant applies. By default the first that offers the procedure.
            agency: Shape::Text,
            /// The file of an older version under which the dossier is filed, relative to the folder of the procedure.
            version: Shape::Text,
            /// The answers before the form. They go on into the form, where it asks the same. If they do not let the
            /// applicant apply, nothing is filed.
            eligibility: Shape::Map(&Shape::Any),
            /// The answers by field.
            values: Shape::Map(&Shape::Any),
            /// The attached papers, one file for each mention.
            papers: Shape::List(&Shape::Text),
            /// The people who consented before the filing, by their ids in `[[signer]]`. By default all who have to
            /// sign.
            signed: Shape::List(&Shape::Text),
            expect: Shape::Table(&EXPECTED),
            step: Shape::Tables(&STEP),
            earlier: Shape::Table(&EARLIER),
        }
    }

    /// A result of the applicant in the register, which the dossier follows if the form has its number.
    EARLIER = "EarlierResult" {
        required {
            number: Shape::Text,
        }
        optional {
            /// The last day of its validity. Unlimited by default.
            until: Shape::Date,
        }
    }

    EXPECTED = "Expected" {
        optional {
            /// The answers before the form let the applicant apply.
            eligible: Shape::Boolean,
            /// The texts of the conditions that these answers do not meet, in Vietnamese.
            unmet: Shape::List(&Shape::Text),
            /// `path: code` of every finding.
            findings: Shape::List(&Shape::Text),
            /// All fees and charges together, in đồng.
            fees: Shape::Integer(0, i64::MAX),
            /// Every fee and charge in its order, as `name: amount (computation)` in Vietnamese.
            fee_lines: Shape::List(&Shape::Text),
            appointment: Shape::Text,
            /// The word of the refusal, if the rules must refuse the filing.
            refused: Shape::Text,
            /// The values of fields, computed ones too. Only the parts that are named are compared.
            values: Shape::Map(&Shape::Any),
            /// The fields that have no value.
            absent: Shape::List(&Shape::Text),
            /// The notices that the applicant gets of the filing, in their order.
            notices: Shape::List(&Shape::Text),
            /// Conditions that hold then, in CEL over the answers and computed values.
            holds: Shape::List(&Shape::Text),
        }
    }

    /// The appointment on the spot that the officer makes.
    VISIT = "ScenarioVisit" {
        required {
            on: Shape::Date,
            from: Shape::Text,
            to: Shape::Text,
        }
        optional {
            /// By default the place that the applicant gave.
            place: Shape::Text,
            note: Shape::Text,
        }
    }

    STEP = "ScenarioStep" {
        required {
            at: Shape::Text,
            /// The role, `applicant` or `portal`.
            by: Shape::Text,
            /// An action of the workflow, also as `step.action`. For the applicant `supplement` or `withdraw`, for the
            /// counter `pay` or `refund`, for the portal `lapse`, `silence` or `migrate`.
            action: Shape::Text,
        }
        optional {
            note: Shape::Text,
            /// The reason for a second request for a supplement at the same step.
            new_grounds: Shape::Text,
            /// The unit whose officer acts, as `agency/unit`, if several have the same step.
            unit: Shape::Text,
            /// The answers of the officer, or those that the applicant's supplement changes.
            values: Shape::Map(&Shape::Any),
            /// The attached papers after the applicant's supplement. By default they stay as they are.
            papers: Shape::List(&Shape::Text),
            /// The units that the officer asks, as `agency/unit`.
            ask: Shape::List(&Shape::Text),
            visit: Shape::Table(&VISIT),
            /// The name of the file of the result that the officer attaches, or an empty text for none. By default a file
            /// is attached if the action requires one.
            result: Shape::Text,
            /// The amount that is paid back, in đồng. By default it is everything that can be paid back.
            amount: Shape::Integer(1, i64::MAX),
            /// The steps that have another name in the present version, to which `migrate` moves the dossier.
            renamed: Shape::Map(&Shape::Text),
            /// The word of the refusal, if the rules must refuse.
            refused: Shape::Text,
            /// The step at which the dossier stands then, or a list of them.
            step: ONE_OR_MANY,
            status: Shape::Text,
            /// The post that has the step then, or a list of them in the order of the workflow: `agency/unit/role`,
            /// `agency/counter`, `agency/leader` or `applicant`.
            holder: ONE_OR_MANY,
            /// The log-ins of the officers to whom the steps are assigned then, in the order of the workflow.
            officer: ONE_OR_MANY,
            /// The due time of the whole, or `stopped`.
            due: Shape::Text,
            /// The amount that the applicant still owes, in đồng.
            owed: Shape::Integer(0, i64::MAX),
            /// The amount that the agency has to pay back, in đồng.
            pay_back: Shape::Integer(0, i64::MAX),
            /// The values of the form and of officers then. Only the parts that are named are compared.
            has: Shape::Map(&Shape::Any),
            /// The fields of the form and of officers that have no value then.
            absent: Shape::List(&Shape::Text),
            /// The notices that the applicant gets of this step, in their order.
            notices: Shape::List(&Shape::Text),
            /// The names of the files of the result that the applicant has then.
            issued: Shape::List(&Shape::Text),
            /// The appointments on the spot that were not called off, in the order in which they were made:
            /// `2026-11-30 09:00-10:00, 12 Lê Lợi`.
            visits: Shape::List(&Shape::Text),
            /// The number of the result that entered the register, or `none`.
            number: Shape::Text,
            /// The last day of the result, or `unlimited`.
            valid_until: Shape::Text,
            /// The number of the earlier result that the result replaces or ends, or `none`.
            follows: Shape::Text,
            /// Conditions that hold then, in CEL over the answers of the form and of officers.
            holds: Shape::List(&Shape::Text),
        }
    }
}
