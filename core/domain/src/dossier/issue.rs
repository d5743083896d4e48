//! The result with which a dossier enters the register when it ends.

use crate::dossier::Dossier;
use crate::dossier::case::Case;
use crate::dossier::event::{DossierOutcome, EarlierResult, FollowedResult, IssuedResult, RecordedStep, ResultHolder};
use crate::media::StoredFile;
use crate::names::Digest;
use crate::procedure::result::{FollowRule, is_same_number, text_at};
use crate::time::calendar::local;
use serde_json::{Map, Value as Json};

/// Returns the result that the end of a dossier issues. Returns `None` if the office hands nothing over, or if the
/// procedure has no register.
///
/// A missing answer refuses no end: the code of the dossier takes the place of the number, the person whom the dossier is
/// about that of the holder, and the last day of the earlier result that of the validity.
pub fn issued(
    case: Case<'_>,
    outcome: DossierOutcome,
    at: &RecordedStep,
    file: Option<&StoredFile>,
    answers: &Map<String, Json>,
) -> Option<Box<IssuedResult>> {
    let (procedure, dossier) = (case.rules.procedure, case.dossier);
    let rule = procedure.register.as_ref().filter(|_| outcome == DossierOutcome::Returned)?;
    let mut facts = case.facts().into_owned();
    facts.extend(answers.clone());
    let from = local(dossier.flow.processed_at.unwrap_or(case.now)).date();
    let earlier = rule.follows.as_ref().and_then(|follows| Some((follows, earlier(case, follows, &facts)?)));
    let kept_end = || earlier.and_then(|(_, earlier)| earlier.until).filter(|_| rule.valid.field().is_some());
    let text = |path: Option<&String>| path.and_then(|path| text_at(&facts, path));
    let files: Vec<Digest> = dossier.flow.results_with(at, file).into_iter().map(|file| file.digest.clone()).collect();
    let until = rule.valid.until(from, &facts).or_else(kept_end);
    Some(Box::new(IssuedResult {
        kind: rule.kind.clone(),
        name: procedure.result.clone(),
        number: rule.number.of(&dossier.filed.code, from, &facts),
        holder: ResultHolder {
            name: text(rule.holder.as_ref()).unwrap_or_else(|| dossier.person_name().to_owned()),
            identity: text(rule.identity.as_ref()),
        },
        from,
        until,
        // A result that ends sooner needs no notice, because its holder has just got it.
        notice_at: until.and_then(|until| rule.notice_at(until)).filter(|at| *at > case.now),
        data: rule.kept(&facts),
        files,
        follows: earlier.map(|(follows, earlier)| FollowedResult {
            dossier: earlier.dossier.clone(),
            number: earlier.number.clone(),
            effect: follows.effect,
        }),
    }))
}

impl Dossier {
    /// Returns the name of the holder of the result with which the dossier ended: the one in the register, or the person
    /// whom the dossier is about if the result did not enter the register.
    pub fn result_holder(&self) -> &str {
        let issued = self.flow.ended.as_ref().and_then(|end| end.issued.as_deref());
        issued.map_or_else(|| self.person_name(), |issued| issued.holder.name.as_str())
    }
}

/// Returns the result that the dossier named when it was filed, if its answers still name it.
fn earlier<'a>(case: Case<'a>, follows: &FollowRule, facts: &Map<String, Json>) -> Option<&'a EarlierResult> {
    let named = text_at(facts, follows.number_field()?)?;
    case.dossier.filed.follows.as_ref().filter(|earlier| is_same_number(&earlier.number, &named))
}
