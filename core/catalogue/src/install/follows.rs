//! The results that procedures follow: the procedures that issue them, and the answers that are taken from them.

use crate::context::file_of;
use crate::declared::Declared;
use crate::reading::diagnostic::{MistakeReport, SourceFile};
use crate::reading::node::{nearest, place_within, with_article};
use crate::reading::tree::Tree;
use motcua_domain::form::kinds::AnswerType;
use motcua_domain::form::{Field, FieldKind};
use motcua_domain::procedure::Procedure;
use motcua_domain::procedure::result::{FollowRule, ResultFact, ResultRule};

/// Warns of procedures that follow results which no procedure here issues. Reports the answers that a procedure takes
/// from an earlier result which does not keep them, or whose kind another question has.
pub(super) fn check(tree: &Tree, declared: &[Declared], report: &MistakeReport) {
    let rules = || declared.iter().filter_map(|known| Some((&*known.procedure, known.procedure.register.as_ref()?)));
    for (procedure, follows) in rules().filter_map(|(procedure, rule)| Some((procedure, rule.follows.as_ref()?))) {
        let Some(source) = SourceFile::read(tree, &file_of(&procedure.group, &procedure.slug), report) else {
            continue;
        };
        let issues = |name: &str, known: &Procedure, rule: &ResultRule| {
            name == rule.kind.as_str() || name == known.code.as_str()
        };
        for name in follows.results.iter().filter(|name| !rules().any(|(known, rule)| issues(name, known, rule))) {
            let message = format!("the result follows `{name}`, and no procedure here issues such results");
            let help = "write the kind of a result, or the code of its procedure";
            report.warn("bad-result", &source, place_within(&source, &["result", "follows"]), &message, help);
        }
        let earlier = rules().filter(|(known, rule)| follows.takes(&rule.kind, &known.code)).collect();
        FollowCheck { source: &source, procedure, follows, earlier, report }.sources();
    }
}

/// A check of what one procedure takes from earlier results.
struct FollowCheck<'a> {
    source: &'a SourceFile,
    procedure: &'a Procedure,
    follows: &'a FollowRule,
    /// The procedures that issue the earlier results. Nothing is known of results that are issued elsewhere.
    earlier: Vec<(&'a Procedure, &'a ResultRule)>,
    report: &'a MistakeReport,
}

impl FollowCheck<'_> {
    fn sources(&self) {
        for (id, source) in &self.follows.from_result {
            let Some((_, field)) = self.procedure.form.fields().find(|(_, field)| field.id == *id) else { continue };
            match ResultFact::ALL.into_iter().find(|fact| fact.name() == source) {
                Some(fact) => self.fact(field, fact),
                None => self.kept(field, source),
            }
        }
    }

    fn fact(&self, field: &Field, fact: ResultFact) {
        let (answer, help) = match fact {
            ResultFact::Number => (AnswerType::Text, "name a field of the kind `text`"),
            ResultFact::From | ResultFact::Until => (AnswerType::Date, "name a field of the kind `date`"),
        };
        if !field.kind.keeps(&answer) {
            self.unfit(field, fact.name(), answer.name(), help);
        }
    }

    fn kept(&self, field: &Field, source: &str) {
        let known: Vec<(&str, &FieldKind)> =
            self.earlier.iter().flat_map(|(known, rule)| kept_by(known, rule)).collect();
        if self.earlier.is_empty() {
            return;
        }
        let of_source: Vec<&FieldKind> =
            known.iter().filter(|(name, _)| *name == source).map(|(_, kind)| *kind).collect();
        let Some(first) = of_source.first() else {
            let mut names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
            names.extend(ResultFact::ALL.map(ResultFact::name));
            names.dedup();
            let message = format!("`{source}` is taken from the earlier result, which does not keep it");
            let help = nearest(source, names.iter().copied()).map_or_else(
                || format!("write one of {}, or add it to `data` of the earlier result", names.join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            self.mistake(field, &message, &help);
            return;
        };
        if of_source.iter().all(|kind| !field.kind.keeps(&kind.answer_type())) {
            let fits = |(_, kind): &&(&str, &FieldKind)| field.kind.keeps(&kind.answer_type());
            let fitting: Vec<&str> = known.iter().filter(fits).map(|(name, _)| *name).collect();
            let help = match fitting.as_slice() {
                [] => "leave it out, because the earlier result keeps no answer of this kind".to_owned(),
                fitting => format!("of the earlier result's answers, those of this kind are {}", fitting.join(", ")),
            };
            self.unfit(field, source, &with_article(first.name()), &help);
        }
    }

    /// Reports that a field cannot be filled with a fact of the earlier result.
    fn unfit(&self, field: &Field, source: &str, kind: &str, help: &str) {
        let own = with_article(field.kind.name());
        let message = format!("`{source}` of the earlier result is {kind}, and `{}` is {own}", field.id);
        self.mistake(field, &message, help);
    }

    fn mistake(&self, field: &Field, message: &str, help: &str) {
        let place = place_within(self.source, &["result", "from_result", field.id.as_str()]);
        self.report.add("bad-result", self.source, place, message, help);
    }
}

/// Returns the answers that the results of a procedure keep, each with its kind.
fn kept_by<'a>(procedure: &'a Procedure, rule: &'a ResultRule) -> Vec<(&'a str, &'a FieldKind)> {
    let steps = || procedure.workflow.steps.iter().flat_map(|step| &step.form);
    let find = |id: &str| procedure.form.fields().map(|(_, field)| field).chain(steps()).find(|field| field.id == id);
    rule.data.iter().filter_map(|id| Some((id.as_str(), &find(id)?.kind))).collect()
}
