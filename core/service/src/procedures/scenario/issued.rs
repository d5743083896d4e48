//! The results of the register that scenarios state and compare.

use super::compare::plain;
use super::{ScenarioPlay, code_at};
use motcua_catalogue::scenario::{After, Expectation, PlayedStep};
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::event::{EarlierResult, IssuedResult};
use motcua_domain::procedure::Procedure;
use motcua_domain::procedure::result::ResultNumber;
use serde_json::Map;

/// Returns the result with which a dossier entered the register.
pub(super) fn issued_of(dossier: &Dossier) -> Option<&IssuedResult> {
    dossier.flow.ended.as_ref()?.issued.as_deref()
}

/// Returns the last day of a result in the words of scenarios.
pub(super) fn last_day(issued: &IssuedResult) -> String {
    issued.until.map_or_else(|| "unlimited".to_owned(), |day| day.to_string())
}

/// Returns the number of the earlier result that a result follows.
pub(super) fn followed(issued: &IssuedResult) -> Option<String> {
    Some(issued.follows.as_ref()?.number.clone())
}

/// Returns the number that the result of a dossier gets in a scenario, where the dossier has another code.
pub(super) fn played_number(procedure: &Procedure, dossier: &Dossier, issued: &IssuedResult) -> String {
    let code = code_at(dossier.filed_at, 1);
    match procedure.register.as_ref().map(|rule| &rule.number) {
        Some(scheme @ ResultNumber::Scheme(_)) => scheme.of(&code, issued.from, &Map::new()),
        // The code takes the place of a number that nobody typed.
        Some(ResultNumber::Typed(_)) | None if issued.number == dossier.filed.code.as_str() => code.to_string(),
        Some(ResultNumber::Typed(_)) | None => issued.number.clone(),
    }
}

impl<'a, 'p: 'a> ScenarioPlay<'a, 'p, '_> {
    /// Returns the result of the applicant in the register, of the first kind that the procedure follows.
    pub(super) fn earlier(&self) -> Option<EarlierResult> {
        let (procedure, earlier) = (self.rules.procedure, self.scenario.earlier.as_ref()?);
        let follows = procedure.register.as_ref()?.follows.as_ref()?;
        let kind = follows.results.first()?;
        Some(EarlierResult {
            dossier: code_at(self.scenario.at, 0),
            procedure: kind.as_str().into(),
            kind: kind.as_str().into(),
            name: procedure.result.clone(),
            number: earlier.number.clone(),
            until: earlier.until,
        })
    }

    /// Compares the result that entered the register.
    pub(super) fn compare_result(&mut self, step: &PlayedStep, dossier: &Dossier) {
        let issued = issued_of(dossier);
        let After { number, valid_until, follows, .. } = &step.expect;
        let facts = [
            ("number", number, issued.map(|issued| issued.number.clone())),
            ("valid_until", valid_until, issued.map(last_day)),
            ("follows", follows, issued.and_then(followed)),
        ];
        for (what, expected, found) in facts {
            if let Some(Expectation { value, line }) = expected {
                self.compare(*line, what, plain(value.as_str()), plain(found.unwrap_or_else(|| "none".to_owned())));
            }
        }
    }
}
