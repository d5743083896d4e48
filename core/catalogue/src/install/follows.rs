//! The results that procedures follow: the procedures that issue them, and the answers that are taken from them.

use crate::context::file_of;
use crate::declared::Declared;
use crate::reading::diagnostic::{MistakeReport, SourceFile};
use crate::reading::node::{did_you_mean, nearest, place_within, with_article};
use crate::reading::tree::Tree;
use motcua_domain::form::kinds::AnswerType;
use motcua_domain::form::{Field, FieldKind};
use motcua_domain::procedure::Procedure;
use motcua_domain::procedure::result::{FollowRule, ResultFact, ResultRule};
use motcua_domain::text;
use motcua_domain::text::Text;
use std::collections::BTreeSet;

/// Warns of procedures that follow results which no procedure here issues. Reports the answers that a procedure takes
/// from an earlier result which does not keep them, or whose kind another question has.
pub(super) fn check(tree: &Tree, declared: &[Declared], report: &MistakeReport) {
    let issued: Vec<ResultIssue<'_>> = declared.iter().filter_map(|known| ResultIssue::of(&known.procedure)).collect();
    let names: BTreeSet<&str> =
        issued.iter().flat_map(|one| [one.rule.kind.as_str(), one.procedure.code.as_str()]).collect();
    for ResultIssue { procedure, rule, .. } in &issued {
        let Some(follows) = &rule.follows else { continue };
        let Some(source) = SourceFile::read(tree, &file_of(&procedure.group, &procedure.slug), report) else {
            continue;
        };
        for name in follows.results.iter().filter(|name| !names.contains(name.as_str())) {
            let named =
                declared.iter().map(|known| &known.procedure).find(|known| known.code.as_str() == name.as_str());
            let (message, help) = named.map_or_else(|| nowhere_issued(name), |known| not_registered(name, known));
            report.warn("bad-result", &source, place_within(&source, &["result", "follows"]), message, help);
        }
        let earlier = issued.iter().filter(|one| follows.takes(&one.rule.kind, &one.procedure.code)).collect();
        EarlierResultCheck { source: &source, procedure, follows, earlier, report }.sources();
    }
}

/// Returns the message about a name of earlier results that no procedure here issues, and the advice.
fn nowhere_issued(name: &str) -> (Text, Text) {
    let message = text!(
        "kết quả nối tiếp `{name}`, nhưng không thủ tục nào ở đây cấp kết quả như vậy",
        "the result follows `{name}`, and no procedure here issues such results",
    );
    let help = text!(
        "hãy viết loại của một kết quả, hoặc mã của thủ tục cấp kết quả đó",
        "write the kind of a result, or the code of its procedure",
    );
    (message, help)
}

/// Returns the message about a procedure whose results are followed and enter no register, and the advice.
fn not_registered(name: &str, procedure: &Procedure) -> (Text, Text) {
    let file = file_of(&procedure.group, &procedure.slug);
    let message = text!(
        "kết quả nối tiếp kết quả của thủ tục `{name}`, nhưng thủ tục đó không ghi kết quả vào sổ, nên không tìm thấy \
         kết quả nào và không lấy được câu trả lời nào từ đó",
        "the result follows those of the procedure `{name}`, which enters none into the register, so that none is found \
         and no answer is taken from it",
    );
    let help = text!(
        "hãy thêm `kind`, số và thời hạn hiệu lực vào `result` trong {file}, hoặc bỏ mã này",
        "add `kind`, a number and a validity to `result` in {file}, or leave this out",
    );
    (message, help)
}

/// The results that a procedure issues.
struct ResultIssue<'a> {
    procedure: &'a Procedure,
    rule: &'a ResultRule,
    /// The answers that they keep, each with its kind.
    kept: Vec<(&'a str, &'a FieldKind)>,
}

impl<'a> ResultIssue<'a> {
    fn of(procedure: &'a Procedure) -> Option<Self> {
        let rule = procedure.register.as_ref()?;
        let steps = || procedure.workflow.steps.iter().flat_map(|step| &step.form);
        let fields = || procedure.form.fields().map(|(_, field)| field).chain(steps());
        let find = |id: &'a String| Some((id.as_str(), &fields().find(|field| field.id == *id)?.kind));
        Some(Self { procedure, rule, kept: rule.data.iter().filter_map(find).collect() })
    }
}

/// A check of what one procedure takes from earlier results.
struct EarlierResultCheck<'a> {
    source: &'a SourceFile,
    procedure: &'a Procedure,
    follows: &'a FollowRule,
    /// The earlier results. Nothing is known of results that are issued elsewhere.
    earlier: Vec<&'a ResultIssue<'a>>,
    report: &'a MistakeReport,
}

impl EarlierResultCheck<'_> {
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
            ResultFact::Number => {
                (AnswerType::Text, text!("hãy nêu một trường thuộc loại `text`", "name a field of the kind `text`"))
            }
            ResultFact::From | ResultFact::Until => {
                (AnswerType::Date, text!("hãy nêu một trường thuộc loại `date`", "name a field of the kind `date`"))
            }
        };
        if !field.kind.keeps(&answer) {
            self.unfit(field, fact.name(), &Text::from(answer.name()), help);
        }
    }

    fn kept(&self, field: &Field, source: &str) {
        let known = || self.earlier.iter().flat_map(|issued| &issued.kept);
        if self.earlier.is_empty() {
            return;
        }
        let of_source: Vec<&FieldKind> = known().filter(|(name, _)| *name == source).map(|(_, kind)| *kind).collect();
        let Some(first) = of_source.first() else {
            let mut names: Vec<&str> = known().map(|(name, _)| *name).collect();
            names.extend(ResultFact::ALL.map(ResultFact::name));
            names.dedup();
            let message = text!(
                "`{source}` được lấy từ kết quả trước, nhưng kết quả đó không lưu nó",
                "`{source}` is taken from the earlier result, which does not keep it",
            );
            let all = names.join(", ");
            let others = || {
                text!(
                    "hãy viết một trong các từ {all}, hoặc thêm nó vào `data` của kết quả trước",
                    "write one of {all}, or add it to `data` of the earlier result",
                )
            };
            self.mistake(field, message, nearest(source, names.iter().copied()).map_or_else(others, did_you_mean));
            return;
        };
        if of_source.iter().all(|kind| !field.kind.keeps(&kind.answer_type())) {
            let fits = |(_, kind): &&(&str, &FieldKind)| field.kind.keeps(&kind.answer_type());
            let fitting: Vec<&str> = known().filter(fits).map(|(name, _)| *name).collect();
            let fitting = fitting.join(", ");
            let help = if fitting.is_empty() {
                text!(
                    "hãy bỏ nó, vì kết quả trước không lưu câu trả lời nào thuộc loại này",
                    "leave it out, because the earlier result keeps no answer of this kind",
                )
            } else {
                text!(
                    "trong các câu trả lời của kết quả trước, thuộc loại này có {fitting}",
                    "of the earlier result's answers, those of this kind are {fitting}",
                )
            };
            self.unfit(field, source, &Text::new(first.name(), with_article(first.name())), help);
        }
    }

    /// Reports that a field cannot be filled with a fact of the earlier result.
    fn unfit(&self, field: &Field, source: &str, kind: &Text, help: Text) {
        let (id, own) = (&field.id, field.kind.name());
        let (own_en, (vi, en)) = (with_article(own), kind.both());
        let message = text!(
            "`{source}` của kết quả trước là {vi}, còn `{id}` là {own}",
            "`{source}` of the earlier result is {en}, and `{id}` is {own_en}",
        );
        self.mistake(field, message, help);
    }

    fn mistake(&self, field: &Field, message: Text, help: Text) {
        let place = place_within(self.source, &["result", "from_result", field.id.as_str()]);
        self.report.add("bad-result", self.source, place, message, help);
    }
}
