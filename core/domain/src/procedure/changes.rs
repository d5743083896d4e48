//! The differences of a new version of a procedure for the citizen, in words.

mod bases;
mod steps;

use crate::dates::moment_shown;
use crate::expression::Condition;
use crate::form::Field;
use crate::names::{AgencyId, Digest, ProcedureCode, StepId};
use crate::procedure::offering::OfferedBy;
use crate::procedure::{Fee, FilingWindow, LimitCase, Paper, PaperKind, Procedure};
use crate::text::{Language, Text};
use crate::time::calendar::local;
use bases::{asked_questions, bases, plain_terms, unfounded, without_bases};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One change, in words for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VersionChange(pub Text);

/// A version that was published, or a procedure that was retired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The number among all releases of the portal, from 1.
    pub number: i64,
    pub code: ProcedureCode,
    pub version: Digest,
    /// The procedure is no longer offered from then on.
    pub retired: bool,
    /// The install folder caused the release, and may replace it when the folder changes. Otherwise a person did.
    pub by_folder: bool,
    /// The time in seconds since 1970.
    pub at: i64,
    /// The name of the actor for readers.
    pub by: String,
    /// The changes for the citizen.
    pub changes: Vec<VersionChange>,
}

/// Returns all changes from `old` to `new` in questions and promises. Empty if a citizen sees no difference.
pub fn changes(old: &Procedure, new: &Procedure) -> Vec<VersionChange> {
    let mut found = VersionChanges(Vec::new());
    found.words("Tên thủ tục", "The name", &old.name, &new.name);
    found.texts("Cơ quan thực hiện", "The agencies that offer it", &offering(old), &offering(new));
    if old.led_by != new.led_by {
        found.say("Cách xác định cơ quan thực hiện đã thay đổi", "The answer that leads to the agency is changed");
    }
    if plain_terms(&old.terms) != plain_terms(&new.terms) {
        found.say(
            "Quy định riêng của một số cơ quan (đơn vị, thời hạn, mức thu) đã thay đổi",
            "The terms of single agencies (unit, limit, fees) are changed",
        );
    }
    found.differ("Mức độ dịch vụ", "The service level", old.level, new.level);
    found.texts("Thời hạn giải quyết", "The time limit", &old.limit.text(), &new.limit.text());
    found.texts("Thời gian nhận hồ sơ", "The time of filing", &window(old.window), &window(new.window));
    if old.silence.as_ref().map(|silence| silence.means) != new.silence.as_ref().map(|silence| silence.means) {
        found.say(
            "Hệ quả khi cơ quan không trả lời trong thời hạn đã thay đổi",
            "What follows if the agency does not answer in time is changed",
        );
    }
    if old.publish != new.publish {
        found.say("Việc công bố kết quả đã thay đổi", "The publication of results is changed");
    }
    if old.post != new.post {
        found.say("Việc gửi kết quả qua đường bưu điện đã thay đổi", "The delivery of results by post is changed");
    }
    if old.bounds != new.bounds {
        found.say("Số hồ sơ được nộp đã thay đổi", "The bounds on how many dossiers are filed are changed");
    }
    found.limit_cases(&old.limit_cases, &new.limit_cases);
    found.differ(
        "Số ngày chờ người nộp bổ sung",
        "The days for giving a supplement",
        old.waiting_days,
        new.waiting_days,
    );
    found.words("Kết quả", "The result", &old.result, &new.result);
    if old.register != new.register {
        found.say(
            "Số, hiệu lực hoặc nội dung của kết quả đã thay đổi",
            "The number, validity or content of the result is changed",
        );
    }
    found.papers(&old.papers, &new.papers);
    found.fees(&old.fees, &new.fees);
    found.fields(&fields(old), &fields(new));
    if without_bases(&old.form.checks) != without_bases(&new.form.checks) {
        found.say("Các quy tắc kiểm tra tờ khai đã thay đổi", "The rules that the form checks are changed");
    }
    if old.alternatives != new.alternatives {
        found.say("Các quy tắc chọn một trong nhiều mục đã thay đổi", "The rules about alternatives are changed");
    }
    if old.signers != new.signers {
        found.say("Những người phải cùng ký đã thay đổi", "The people who sign beside the applicant are changed");
    }
    if old.eligibility.as_ref().map(asked_questions) != new.eligibility.as_ref().map(asked_questions) {
        found.say("Các câu hỏi về điều kiện nộp đã thay đổi", "The questions about who may apply are changed");
    }
    found.list("Điều kiện", "Condition", &old.conditions, &new.conditions);
    let titles = |procedure: &Procedure| -> Vec<Text> {
        procedure.legal_basis.iter().map(|document| document.title.clone()).collect()
    };
    found.list("Căn cứ pháp lý", "Legal basis", &titles(old), &titles(new));
    if bases(old) != bases(new) {
        found.say(
            "Căn cứ pháp lý của từng nội dung đã thay đổi",
            "The legal bases of single questions, papers, fees, limits or steps are changed",
        );
    }
    found.workflow(&unfounded(&old.workflow), &unfounded(&new.workflow));
    if old.plugins != new.plugins {
        found.say("Quy tắc kiểm tra tự động của cơ quan đã thay đổi", "The agency's automatic check is changed");
    }
    found.0
}

/// Returns the agencies that offer a procedure, by their ids or by the rule that names them.
fn offering(procedure: &Procedure) -> Text {
    match &procedure.offered_by {
        None => Text::vi(&procedure.group),
        Some(OfferedBy::Agencies(ids)) => {
            let ids: Vec<&str> = ids.iter().map(AgencyId::as_str).collect();
            Text::vi(ids.join(", "))
        }
        Some(OfferedBy::Kind(kind)) => {
            Text::new(format!("mọi cơ quan loại “{kind}”"), format!("all agencies of the kind “{kind}”"))
        }
        Some(OfferedBy::Under(top)) => {
            Text::new(format!("mọi cơ quan trực thuộc “{top}”"), format!("all agencies under “{top}”"))
        }
    }
}

/// Describes the time in which dossiers are filed.
fn window(window: FilingWindow) -> Text {
    let shown = |at: Timestamp| moment_shown(local(at), Language::Vi);
    match (window.opens.map(shown), window.closes.map(shown)) {
        (None, None) => Text::new("không giới hạn", "always"),
        (Some(opens), None) => Text::new(format!("từ {opens}"), format!("from {opens}")),
        (None, Some(closes)) => Text::new(format!("đến {closes}"), format!("until {closes}")),
        (Some(opens), Some(closes)) => {
            Text::new(format!("từ {opens} đến {closes}"), format!("from {opens} until {closes}"))
        }
    }
}

/// Returns the fields of all sections that people see, with the group's name before the fields of a group.
fn fields(procedure: &Procedure) -> Vec<(String, &Field)> {
    let mut all = Vec::new();
    for (_, field) in procedure.form.fields().filter(|(_, field)| !field.kind.is_helper()) {
        all.push((field.id.clone(), field));
        if field.kind.rows().is_some() {
            let parts = field.kind.parts().iter().filter(|inner| !inner.kind.is_helper());
            all.extend(parts.map(|inner| (format!("{}.{}", field.id, inner.id), inner)));
        }
    }
    all
}

struct VersionChanges(Vec<VersionChange>);

impl VersionChanges {
    fn say(&mut self, vi: impl Into<String>, en: impl Into<String>) {
        self.0.push(VersionChange(Text::new(format!("{}.", vi.into()), format!("{}.", en.into()))));
    }

    fn differ<T: PartialEq + std::fmt::Display>(&mut self, vi: &str, en: &str, old: T, new: T) {
        if old != new {
            self.say(format!("{vi}: {old} → {new}"), format!("{en}: {old} → {new}"));
        }
    }

    fn texts(&mut self, vi: &str, en: &str, old: &Text, new: &Text) {
        if old != new {
            let english = |text: &Text| text.get(Language::En).to_owned();
            self.say(format!("{vi}: {} → {}", old.vi, new.vi), format!("{en}: {} → {}", english(old), english(new)));
        }
    }

    /// Compares two names like [`Self::texts`], but only the Vietnamese binds.
    fn words(&mut self, vi: &str, en: &str, old: &Text, new: &Text) {
        if old.vi != new.vi {
            self.texts(vi, en, old, new);
        }
    }

    fn list(&mut self, vi: &str, en: &str, old: &[Text], new: &[Text]) {
        let has = |list: &[Text], text: &Text| list.iter().any(|known| known.vi == text.vi);
        for added in new.iter().filter(|text| !has(old, text)) {
            self.say(format!("{vi} mới: {}", added.vi), format!("{en} added: {}", added.get(Language::En)));
        }
        for gone in old.iter().filter(|text| !has(new, text)) {
            self.say(format!("{vi} bỏ: {}", gone.vi), format!("{en} dropped: {}", gone.get(Language::En)));
        }
    }

    fn papers(&mut self, old: &[Paper], new: &[Paper]) {
        for paper in new {
            let (vi, en) = (&paper.name.vi, paper.name.get(Language::En));
            let Some(before) = old.iter().find(|before| before.id == paper.id) else {
                let (vi_when, en_when) = asked(&paper.required);
                self.say(format!("Thêm giấy tờ “{vi}” ({vi_when})"), format!("A new paper “{en}” ({en_when})"));
                continue;
            };
            if before.required != paper.required {
                let ((vi_old, en_old), (vi_new, en_new)) = (asked(&before.required), asked(&paper.required));
                self.say(format!("Giấy tờ “{vi}”: {vi_old} → {vi_new}"), format!("Paper “{en}”: {en_old} → {en_new}"));
            }
            if before.kind != paper.kind {
                let ((vi_old, en_old), (vi_new, en_new)) = (kind(before.kind), kind(paper.kind));
                self.say(format!("Giấy tờ “{vi}”: {vi_old} → {vi_new}"), format!("Paper “{en}”: {en_old} → {en_new}"));
            }
            if before.count != paper.count {
                let (old, new) = (before.count, paper.count);
                self.say(
                    format!("Giấy tờ “{vi}”: {old} bản → {new} bản"),
                    format!("Paper “{en}”: {old} copies → {new} copies"),
                );
            }
            if before.template != paper.template {
                self.say(format!("Mẫu của giấy tờ “{vi}” đã thay đổi"), format!("The form of paper “{en}” is changed"));
            }
        }
        for gone in old.iter().filter(|before| !new.iter().any(|paper| paper.id == before.id)) {
            let (vi, en) = (&gone.name.vi, gone.name.get(Language::En));
            self.say(format!("Bỏ giấy tờ “{vi}”"), format!("Paper “{en}” is no longer needed"));
        }
    }

    fn fees(&mut self, old: &[Fee], new: &[Fee]) {
        let same = |a: &Fee, b: &Fee| a.name.vi == b.name.vi && a.kind == b.kind;
        for fee in new {
            let (vi, en) = (&fee.name.vi, fee.name.get(Language::En));
            match old.iter().find(|before| same(before, fee)) {
                None => {
                    let rate = fee.rate_words();
                    let (vi_rate, en_rate) = (&rate.vi, rate.get(Language::En));
                    self.say(format!("Thêm khoản thu “{vi}”: {vi_rate}"), format!("A new fee “{en}”: {en_rate}"));
                }
                Some(before) => self.fee(&format!("Khoản thu “{vi}”"), &format!("Fee “{en}”"), before, fee),
            }
        }
        for gone in old.iter().filter(|before| !new.iter().any(|fee| same(before, fee))) {
            let (vi, en) = (&gone.name.vi, gone.name.get(Language::En));
            self.say(format!("Bỏ khoản thu “{vi}”"), format!("Fee “{en}” is dropped"));
        }
    }

    /// Compares the rules of a fee.
    fn fee(&mut self, vi: &str, en: &str, old: &Fee, new: &Fee) {
        let before = self.0.len();
        self.texts(vi, en, &old.rate_words(), &new.rate_words());
        self.rows(vi, en, &old.rows(), &new.rows());
        self.list(&format!("{vi}: quy định"), &format!("{en}: rule"), &old.notes(), &new.notes());
        let (vi_when, en_when) =
            (format!("{vi}: các trường hợp phải nộp"), format!("{en}: the cases in which it is owed"));
        self.texts(&vi_when, &en_when, &when(&old.when), &when(&new.when));
        if old.reliefs != new.reliefs && old.notes() == new.notes() {
            self.say(
                format!("{vi}: các trường hợp miễn, giảm đã thay đổi"),
                format!("{en}: the cases of its exemptions and reductions are changed"),
            );
        }
        let is_other = *old != Fee { basis: old.basis.clone(), ..new.clone() };
        if is_other && self.0.len() == before {
            self.say(
                format!("{vi}: cách tính đã thay đổi"),
                format!("{en}: the way in which it is computed is changed"),
            );
        }
    }

    fn limit_cases(&mut self, old: &[LimitCase], new: &[LimitCase]) {
        let rows = |cases: &[LimitCase]| -> Vec<(Text, Text)> {
            cases.iter().map(|case| (case.name.clone(), case.limit.text())).collect()
        };
        let plain = |cases: &[LimitCase]| -> Vec<LimitCase> {
            cases.iter().map(|case| LimitCase { basis: Vec::new(), ..case.clone() }).collect()
        };
        let before = self.0.len();
        self.rows("Thời hạn", "The time limit", &rows(old), &rows(new));
        for case in new {
            let Some(was) = old.iter().find(|was| was.name.vi == case.name.vi) else { continue };
            let vi = format!("Thời hạn, {}", case.name.vi);
            let en = format!("The time limit, {}", case.name.get(Language::En));
            let (vi_when, en_when) = (format!("{vi}: điều kiện"), format!("{en}: condition"));
            self.texts(&vi_when, &en_when, &when(&was.when), &when(&case.when));
            let steps: BTreeSet<&StepId> = was.step_limits.keys().chain(case.step_limits.keys()).collect();
            for step in steps {
                let limit = |case: &LimitCase| {
                    case.step_limits
                        .get(step)
                        .map_or_else(|| Text::new("như quy trình", "as usual"), |limit| limit.text())
                };
                self.texts(&format!("{vi}: bước {step}"), &format!("{en}: step {step}"), &limit(was), &limit(case));
            }
        }
        if plain(old) != plain(new) && self.0.len() == before {
            self.say("Thời hạn cho các trường hợp riêng đã thay đổi", "The time limits for some cases are changed");
        }
    }

    /// Compares named rows, such as the brackets of a fee or the cases of a limit.
    fn rows(&mut self, vi: &str, en: &str, old: &[(Text, Text)], new: &[(Text, Text)]) {
        let find = |rows: &[(Text, Text)], name: &Text| {
            rows.iter().find(|(known, _)| known.vi == name.vi).map(|(_, price)| price.clone())
        };
        for (name, price) in new {
            let (vi, en) = (format!("{vi}, {}", name.vi), format!("{en}, {}", name.get(Language::En)));
            match find(old, name) {
                Some(before) => self.texts(&vi, &en, &before, price),
                None => self
                    .say(format!("{vi}: thêm mức {}", price.vi), format!("{en}: {} is added", price.get(Language::En))),
            }
        }
        for (name, price) in old.iter().filter(|(name, _)| find(new, name).is_none()) {
            self.say(
                format!("{vi}, {}: bỏ mức {}", name.vi, price.vi),
                format!("{en}, {}: {} is dropped", name.get(Language::En), price.get(Language::En)),
            );
        }
    }

    fn fields(&mut self, old: &[(String, &Field)], new: &[(String, &Field)]) {
        let find = |list: &[(String, &Field)], path: &str| list.iter().any(|(known, _)| known == path);
        for (path, field) in new {
            let (vi, en) = (&field.label.vi, field.label.get(Language::En));
            let Some((_, before)) = old.iter().find(|(known, _)| known == path) else {
                self.say(format!("Thêm câu hỏi “{vi}”"), format!("A new question “{en}”"));
                continue;
            };
            if before.required != field.required {
                let ((vi_old, en_old), (vi_new, en_new)) = (asked(&before.required), asked(&field.required));
                self.say(
                    format!("Câu hỏi “{vi}”: {vi_old} → {vi_new}"),
                    format!("Question “{en}”: {en_old} → {en_new}"),
                );
            }
            let nested = field.kind.rows().is_some();
            let other = before.kind.name() != field.kind.name() || (!nested && before.kind != field.kind);
            if other || before.shown != field.shown || before.label.vi != field.label.vi {
                self.say(format!("Câu hỏi “{vi}” đã thay đổi"), format!("Question “{en}” is changed"));
            }
        }
        for (_, gone) in old.iter().filter(|(path, _)| !find(new, path)) {
            let (vi, en) = (&gone.label.vi, gone.label.get(Language::En));
            self.say(format!("Bỏ câu hỏi “{vi}”"), format!("Question “{en}” is no longer asked"));
        }
    }
}

/// Returns a condition as its author wrote it.
fn when(condition: &Condition) -> Text {
    match condition {
        Condition::Fixed(true) => Text::new("luôn luôn", "always"),
        Condition::Fixed(false) => Text::new("không bao giờ", "never"),
        Condition::When(when) => Text::new(format!("`{}`", when.source()), format!("`{}`", when.source())),
    }
}

const fn asked(condition: &Condition) -> (&'static str, &'static str) {
    match condition {
        Condition::Fixed(true) => ("bắt buộc", "required"),
        Condition::Fixed(false) => ("không bắt buộc", "optional"),
        Condition::When(_) => ("bắt buộc trong một số trường hợp", "required in some cases"),
    }
}

const fn kind(kind: PaperKind) -> (&'static str, &'static str) {
    match kind {
        PaperKind::Original => ("bản chính", "original"),
        PaperKind::CertifiedCopy => ("bản sao chứng thực", "certified copy"),
        PaperKind::Copy => ("bản sao", "copy"),
        PaperKind::Electronic => ("bản điện tử", "electronic"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::Expression;
    use crate::money::Dong;
    use crate::procedure::fee::{BracketEdge, FeeBracket, FeeKind, FeeRate, FeeRelief, FeeTable};
    use crate::time::calendar::Limit;
    use std::collections::BTreeMap;

    fn told(old: Fee, new: Fee) -> Vec<String> {
        let mut found = VersionChanges(Vec::new());
        found.fees(&[old], &[new]);
        found.0.into_iter().map(|VersionChange(text)| text.vi).collect()
    }

    fn fixed(amount: i64) -> Fee {
        Fee::fixed(Text::vi("Phí"), FeeKind::Fee, Dong(amount), Condition::Fixed(true))
    }

    fn table(edge: f64, amounts: [i64; 2]) -> Fee {
        let bracket = |to, amount| FeeBracket { to, amount: Some(Dong(amount)), percent: None };
        let edge = Some(BracketEdge { at: edge, included: true });
        let brackets = vec![bracket(edge, amounts[0]), bracket(None, amounts[1])];
        let by = Expression::parse("flow").expect("it is CEL");
        Fee { rate: FeeRate::Table(FeeTable { by, marginal: false, from: None, brackets }), ..fixed(0) }
    }

    #[test]
    fn a_case_of_the_limit_is_told_with_its_old_and_its_new_condition_and_limits() {
        let when = |source: &str| Condition::When(Expression::parse(source).expect("it is CEL"));
        let case = LimitCase {
            when: when("depth > 30"),
            limit: Limit::WorkingDays(5),
            name: Text::vi("Giếng sâu"),
            step_limits: BTreeMap::new(),
            basis: Vec::new(),
        };
        let told = |new: LimitCase| -> Vec<String> {
            let mut found = VersionChanges(Vec::new());
            found.limit_cases(std::slice::from_ref(&case), &[new]);
            found.0.into_iter().map(|VersionChange(text)| text.vi).collect()
        };
        assert!(told(case.clone()).is_empty());
        assert_eq!(
            told(LimitCase { when: when("depth > 50"), ..case.clone() }),
            ["Thời hạn, Giếng sâu: điều kiện: `depth > 30` → `depth > 50`."]
        );
        assert_eq!(
            told(LimitCase { limit: Limit::WorkingDays(8), ..case.clone() }),
            ["Thời hạn, Giếng sâu: 5 ngày làm việc → 8 ngày làm việc."]
        );
        let step_limits = BTreeMap::from([("work".into(), Limit::WorkingDays(2))]);
        assert_eq!(
            told(LimitCase { step_limits, ..case.clone() }),
            ["Thời hạn, Giếng sâu: bước work: như quy trình → 2 ngày làm việc."]
        );
    }

    #[test]
    fn a_changed_fee_is_told_with_its_amount_its_bracket_or_its_exemption() {
        assert_eq!(told(fixed(28_000), fixed(50_000)), ["Khoản thu “Phí”: 28.000 đ → 50.000 đ."]);
        assert_eq!(
            told(fixed(1), table(200.0, [1, 2])).first().map(String::as_str),
            Some("Khoản thu “Phí”: 1 đ → theo bảng.")
        );
        assert_eq!(
            told(table(200.0, [100, 300]), table(200.0, [100, 400])),
            ["Khoản thu “Phí”, trên 200: 300 đ → 400 đ."]
        );
        assert_eq!(
            told(table(200.0, [100, 300]), table(500.0, [100, 300])),
            [
                "Khoản thu “Phí”, đến 500: thêm mức 100 đ.",
                "Khoản thu “Phí”, trên 500: thêm mức 300 đ.",
                "Khoản thu “Phí”, đến 200: bỏ mức 100 đ.",
                "Khoản thu “Phí”, trên 200: bỏ mức 300 đ.",
            ]
        );
        let when = Condition::When(Expression::parse("poor == true").expect("it is CEL"));
        let relief = FeeRelief { name: Text::vi("Hộ nghèo"), when, percent: FeeRelief::EXEMPT, basis: None };
        let exempt = Fee { reliefs: vec![relief.clone()], ..fixed(1) };
        assert_eq!(told(fixed(1), exempt.clone()), ["Khoản thu “Phí”: quy định mới: miễn: Hộ nghèo."]);
        let always = FeeRelief { when: Condition::Fixed(true), ..relief };
        assert_eq!(
            told(exempt, Fee { reliefs: vec![always], ..fixed(1) }),
            ["Khoản thu “Phí”: các trường hợp miễn, giảm đã thay đổi."]
        );
        let by_copy = Fee { per: Some(Expression::parse("copies").expect("it is CEL")), ..table(200.0, [1, 2]) };
        let by_page = Fee { per: Some(Expression::parse("pages").expect("it is CEL")), ..table(200.0, [1, 2]) };
        assert_eq!(told(by_copy, by_page), ["Khoản thu “Phí”: cách tính đã thay đổi."]);
    }
}
