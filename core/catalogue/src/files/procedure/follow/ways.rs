//! Whether some answers close all ways on from a step.

use super::came::WaysHere;
use motcua_domain::expression::Expression;
use motcua_domain::form::reach::{TriedAnswers, answers_that_fail, failing_answers, is_plain, reach, required_paths};
use motcua_domain::form::types::ExpressionScope;
use motcua_domain::form::{Field, Form};
use motcua_domain::text::Text;

/// The answers that close all ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Closing {
    /// Answers such as these.
    Answers(Text),
    Nothing,
}

/// The facts about answers when somebody goes on from a step.
pub struct WaysOn<'a> {
    pub form: &'a Form,
    pub scope: ExpressionScope<'a>,
    /// The answers that officers surely gave up to then.
    pub filled: Vec<&'a Field>,
    /// The optional questions that officers surely answered up to then, because no action goes on without an answer.
    pub answered: Vec<&'a str>,
    pub here: WaysHere<'a>,
}

impl WaysOn<'_> {
    /// Returns the answers with which none of the conditions holds. Returns `None` if trials cannot decide.
    pub fn closed_by<'e>(&self, conditions: impl Iterator<Item = &'e Expression>) -> Option<Closing> {
        let all: Vec<&Expression> = conditions.collect();
        let of_some = || {
            let is_decided = |when: &&Expression| reach(when, None, self.scope).is_some();
            let decided: Vec<&Expression> = all.iter().copied().filter(is_decided).collect();
            // If some of them cannot all fail, the others do not matter.
            self.tried(&decided).filter(|closing| *closing == Closing::Nothing && !decided.is_empty())
        };
        self.tried(&all).or_else(of_some)
    }

    /// Returns what [`Self::closed_by`] returns, if trials can decide on each condition.
    fn tried(&self, conditions: &[&Expression]) -> Option<Closing> {
        let any: Vec<String> = conditions.iter().map(|condition| format!("({})", condition.source())).collect();
        if any.is_empty() {
            return Some(Closing::Nothing);
        }
        let any = Expression::parse(&any.join(" || ")).ok()?;
        if !any.names().iter().all(|name| self.scope.knows(name)) {
            // The unknown name is a mistake already.
            return Some(Closing::Nothing);
        }
        // A filed dossier has all required answers, and keeps the rules of the form.
        let asked: Vec<&Field> =
            self.form.fields().map(|(_, field)| field).chain(self.filled.iter().copied()).collect();
        let given = required_paths(&any, &asked);
        let is_read = |id: &&&str| any.names().iter().any(|name| name == **id);
        let opening = self.answered.iter().filter(is_read).map(|id| (*id).to_owned());
        let mut facts: Vec<String> = given.into_iter().chain(opening).map(|path| format!("{path} != null")).collect();
        let answered = facts.len();
        let is_about = |rule: &Expression| rule.names().iter().all(|name| any.names().contains(name));
        let rules = self.form.checks.iter().map(|check| &check.holds).filter(|rule| is_plain(rule) && is_about(rule));
        // A rule is skipped while one of its answers is missing.
        facts.extend(rules.map(|rule| {
            let missing: Vec<String> = rule.names().iter().map(|name| format!("{name} == null")).collect();
            format!("({} || ({}))", missing.join(" || "), rule.source())
        }));
        let closing = |facts: &[String]| {
            let with = Expression::parse(&facts.join(" && ")).ok();
            let found = reach(&any, with.as_ref(), self.scope)?;
            Some(if found.can_fail { self.possible(&any, with.as_ref()) } else { Closing::Nothing })
        };
        closing(facts.as_slice()).or_else(|| closing(facts.get(..answered).unwrap_or_default()))
    }

    /// Returns whether a dossier comes to the step with answers for which no way is open. Some answers close all ways.
    fn possible(&self, any: &Expression, with: Option<&Expression>) -> Closing {
        let tried =
            |telling: &[&Expression]| failing_answers((any, with), telling, self.scope, self.here.possible(telling));
        let is_refuted = |tried: Option<TriedAnswers>| tried.is_some_and(|tried| tried.example.is_none());
        let telling = self.here.telling(any);
        let by_all = if telling.is_empty() { None } else { tried(&telling) };
        match by_all {
            Some(TriedAnswers { example: None }) => Closing::Nothing,
            Some(TriedAnswers { example: Some(answers) }) => Closing::Answers(answers),
            // All conditions together may take too many trials.
            None if telling.iter().any(|one| is_refuted(tried(&[*one]))) => Closing::Nothing,
            None => Closing::Answers(answers_that_fail(any, with, self.scope).unwrap_or_default()),
        }
    }
}
