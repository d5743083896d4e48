//! The part of the page of a procedure for the visitor's own case: a few questions, and what the answers decide about
//! papers, fees and the time. The answers stand in the address, and nothing is stored.

use crate::state::Portal;
use crate::view::basis::FoundedRule;
use crate::view::by_place::ByPlace;
use crate::view::field::{self, FieldContext, FieldsContext, FindingContext, finding};
use crate::view::format;
use crate::web::again::CarriedField;
use crate::web::typing::with_language;
use motcua_domain::expression::WorkBudget;
use motcua_domain::form::Field;
use motcua_domain::form::judge::Finding;
use motcua_domain::money::Dong;
use motcua_domain::names::AgencyId;
use motcua_domain::procedure::own_case::{CaseTerm, LimitOfCase, OwnCase};
use motcua_domain::procedure::{Fee, FeeLine, Paper, Procedure};
use motcua_domain::text::Language;
use motcua_service::catalogue::OfferAt;
use motcua_service::{PAGE_LANGUAGE, belongs_to};
use serde::Serialize;
use std::collections::BTreeSet;

/// The beginning of the names of answers in the address.
const PREFIX: &str = "case.";

/// The most answers that are read from an address. A question with boxes or with several choices takes some.
const MOST_ANSWERS: usize = 100;

/// The most characters of an answer in an address.
const MOST_LETTERS: usize = 100;

/// The questions about the visitor's own case, and what the answers decide.
#[derive(Debug, Clone, Serialize)]
pub struct OwnCaseContext {
    /// The questions that are shown. Their names begin with `case.`.
    pub fields: Vec<FieldContext>,
    /// A question is answered, so the rest is filled in.
    pub answered: bool,
    /// The wrong answers.
    pub findings: Vec<FindingContext>,
    /// The conditions of eligibility that the answers do not meet.
    pub unmet: Vec<FoundedRule>,
    /// The papers, in their order.
    pub papers: Vec<CasePaper>,
    /// The fees and charges that are owed or may be, in their order.
    pub fees: Vec<CaseFee>,
    /// The sum of the fees, or an empty text as long as one of them is open.
    pub total: String,
    /// The limit, or an empty text as long as it is open.
    pub limit: String,
    /// The name of the special case that has the limit, or an empty text.
    pub limit_case: String,
    /// The questions on which the limit depends.
    pub limit_depends: Vec<String>,
    /// The limit depends on the agency.
    pub limit_by_agency: bool,
    /// The time at which a dossier that is filed now would be done, or an empty text.
    pub due: String,
    /// The right answers, which go on into the form.
    pub carried: Vec<CarriedField>,
}

/// A paper in the visitor's own case.
#[derive(Debug, Clone, Serialize)]
pub struct CasePaper {
    /// The name of the paper.
    pub name: String,
    /// The word for the need, under `case-paper-<word>`: `needed`, `optional`, `not-needed` or `open`.
    pub need: &'static str,
    /// The questions on which the need depends.
    pub depends: Vec<String>,
}

/// A fee in the visitor's own case.
#[derive(Debug, Clone, Serialize)]
pub struct CaseFee {
    /// The name of the fee.
    pub name: String,
    /// The amount with its unit, or an empty text as long as it is open.
    pub amount: String,
    /// The computation of the amount, or an empty text.
    pub computation: String,
    /// The questions on which the amount depends.
    pub depends: Vec<String>,
    /// The amount depends on the agency.
    pub by_agency: bool,
}

/// A fee of a case, or nothing if it is not owed.
type FeeTerm<'a> = CaseTerm<'a, Option<FeeLine>>;

/// The fees of a case and their sum, as far as they are decided.
#[derive(Default)]
struct CaseFees {
    fees: Vec<CaseFee>,
    total: String,
}

/// Returns the answers in the query of an address to the questions of a case, without the prefix of their names. Other
/// names, answers that are too long and answers beyond [`MOST_ANSWERS`] do not count.
pub fn answers(procedure: &Procedure, query: &[(String, String)], language: Language) -> Vec<(String, String)> {
    // Most visitors have no case, and their page is kept.
    if !query.iter().any(|(name, _)| name.starts_with(PREFIX)) {
        return Vec::new();
    }
    let questions = procedure.case_questions();
    let asks = |name: &str| questions.iter().any(|field| belongs_to(name, &field.id));
    let answer = |(name, value): &(String, String)| {
        let name = name.strip_prefix(PREFIX).filter(|name| asks(name))?;
        (value.chars().count() <= MOST_LETTERS).then(|| (name.to_owned(), value.clone()))
    };
    let mut given: Vec<(String, String)> = query.iter().filter_map(answer).take(MOST_ANSWERS).collect();
    if given.is_empty() {
        return given;
    }
    given.extend(query.iter().find(|(name, _)| name == PAGE_LANGUAGE).cloned());
    with_language(&mut given, language);
    given
}

/// Returns the case of a visitor with these answers, or `None` if the procedure asks nothing about it.
pub fn context(
    portal: &Portal,
    offer: OfferAt<'_>,
    posted: &[(String, String)],
    language: Language,
) -> Option<OwnCaseContext> {
    let procedure = &*offer.live.procedure;
    let case = portal.services.procedures.own_case(procedure, posted);
    if case.questions.is_empty() {
        return None;
    }
    let (fields, findings) = questions(portal, procedure, &case, language);
    let bare = OwnCaseContext { fields, findings, ..OwnCaseContext::empty() };
    if !case.is_begun() {
        return Some(bare);
    }
    let agencies = distinct(procedure, offer);
    let CaseFees { fees, total } = fees(portal, procedure, &case, &agencies, language);
    let unmet = case.unmet().into_iter();
    let documents = procedure.legal_documents();
    let with_terms = OwnCaseContext {
        answered: true,
        unmet: unmet.map(|condition| FoundedRule::of(condition, documents, language)).collect(),
        papers: procedure.papers.iter().map(|paper| paper_of_case(&case, paper, language)).collect(),
        fees,
        total,
        carried: carried(&case, posted),
        ..bare
    };
    Some(with_limit(portal, &case, &agencies, with_terms, language))
}

/// Returns the shown questions with their typed answers, and the wrong answers.
fn questions(
    portal: &Portal,
    procedure: &Procedure,
    case: &OwnCase<'_>,
    language: Language,
) -> (Vec<FieldContext>, Vec<FindingContext>) {
    let named = |found: &Finding| Finding { path: format!("{PREFIX}{}", found.path), ..found.clone() };
    let found: Vec<Finding> = case.findings.iter().map(named).collect();
    let (findings, work) = (ByPlace::new(&found), WorkBudget::at(portal.services.now()));
    let (registries, files) = (&portal.services.province().registries, &|_: &str| Vec::new());
    let documents = procedure.legal_documents();
    let around =
        FieldsContext { findings: &findings, work: &work, registries, language, areas: None, files, documents };
    let asked: Vec<Field> = case.questions.iter().map(|field| (*field).clone()).collect();
    let mut fields = field::fields(&asked, PREFIX, &case.typed, &case.values, &case.values, around);
    for field in &mut fields {
        // Nobody has to answer, and a proposal of the author is no answer.
        field.required = true;
    }
    (fields, found.iter().map(|found| finding(found, language)).collect())
}

/// Returns the agencies of an offer that may differ in their terms, and one of those that have the procedure's own.
fn distinct<'a>(procedure: &Procedure, offer: OfferAt<'a>) -> Vec<&'a AgencyId> {
    if let Some(agency) = offer.agency {
        return vec![agency];
    }
    let has_own = |agency: &&AgencyId| procedure.terms_of(agency).is_some();
    let (mut own, plain): (Vec<&AgencyId>, Vec<&AgencyId>) = offer.live.offers.iter().partition(has_own);
    own.extend(plain.first());
    own
}

/// Returns the labels of questions, each once.
fn labels(open: &[&Field], language: Language) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let labels = open.iter().map(|field| field.label.get(language));
    labels.filter(|label| seen.insert(*label)).map(str::to_owned).collect()
}

fn paper_of_case<'a>(case: &OwnCase<'a>, paper: &'a Paper, language: Language) -> CasePaper {
    let (need, depends) = match case.paper(paper) {
        CaseTerm::Decided(true) => ("needed", Vec::new()),
        CaseTerm::Decided(false) if paper.required.expression().is_none() => ("optional", Vec::new()),
        CaseTerm::Decided(false) => ("not-needed", Vec::new()),
        CaseTerm::Open(open) => ("open", labels(&open, language)),
    };
    CasePaper { name: paper.name.get(language).to_owned(), need, depends }
}

/// Returns the fees at these agencies. If the agencies have different fees, each of the first list depends on the agency.
fn fees<'a>(
    portal: &Portal,
    procedure: &'a Procedure,
    case: &OwnCase<'a>,
    agencies: &[&AgencyId],
    language: Language,
) -> CaseFees {
    let Some((first, others)) = agencies.split_first() else { return CaseFees::default() };
    let own = procedure.fees_of(first);
    let by_agency = others.iter().any(|agency| procedure.fees_of(agency) != own);
    let term = |fee: &'a Fee| if by_agency { None } else { Some(case.fee(fee)) };
    let terms: Vec<(&Fee, Option<FeeTerm<'_>>)> = own.iter().map(|fee| (fee, term(fee))).collect();
    let amount = |(_, term): &(&Fee, Option<FeeTerm<'_>>)| match term {
        Some(CaseTerm::Decided(line)) => Some(line.as_ref().map_or(Dong(0), |line| line.amount)),
        Some(CaseTerm::Open(_)) | None => None,
    };
    let is_certain = !by_agency && !portal.services.plugins.reckons_fees(procedure);
    let total = terms.iter().map(amount).sum::<Option<Dong>>().filter(|_| is_certain);
    CaseFees {
        fees: terms.into_iter().filter_map(|(fee, term)| fee_of_case(fee, term, language)).collect(),
        total: total.map_or_else(String::new, |total| total.shown(language)),
    }
}

/// Returns a fee, unless it is not owed. Without a term, the fee depends on the agency.
fn fee_of_case(fee: &Fee, term: Option<FeeTerm<'_>>, language: Language) -> Option<CaseFee> {
    let open = CaseFee {
        name: fee.name.get(language).to_owned(),
        amount: String::new(),
        computation: String::new(),
        depends: Vec::new(),
        by_agency: term.is_none(),
    };
    match term {
        Some(CaseTerm::Decided(line)) => {
            let line = line?;
            let computation = line.computation.map_or_else(String::new, |text| text.get(language).to_owned());
            Some(CaseFee { amount: line.amount.shown(language), computation, ..open })
        }
        Some(CaseTerm::Open(questions)) => Some(CaseFee { depends: labels(&questions, language), ..open }),
        None => Some(open),
    }
}

/// Adds the limit at these agencies, or the questions on which it depends.
fn with_limit(
    portal: &Portal,
    case: &OwnCase<'_>,
    agencies: &[&AgencyId],
    shown: OwnCaseContext,
    language: Language,
) -> OwnCaseContext {
    let Some((first, others)) = agencies.split_first() else { return shown };
    let term = case.limit(first);
    if others.iter().any(|agency| case.limit(agency) != term) {
        return OwnCaseContext { limit_by_agency: true, ..shown };
    }
    match term {
        CaseTerm::Decided(LimitOfCase { case: special, limit }) => {
            let due = portal.services.procedures.due_if_filed_now(limit);
            OwnCaseContext {
                limit: format::limit(limit, language),
                limit_case: special.map_or_else(String::new, |special| special.name.get(language).to_owned()),
                due: due.map_or_else(String::new, |due| format::moment(due, language)),
                ..shown
            }
        }
        CaseTerm::Open(questions) => OwnCaseContext { limit_depends: labels(&questions, language), ..shown },
    }
}

/// Returns the posted answers without wrong and empty ones, with the language in which they were typed.
fn carried(case: &OwnCase<'_>, posted: &[(String, String)]) -> Vec<CarriedField> {
    let is_right = |field: &&Field| {
        case.values.contains_key(&field.id) && !case.findings.iter().any(|found| found.path == field.id)
    };
    let right: Vec<&str> = case.questions.iter().copied().filter(is_right).map(|field| field.id.as_str()).collect();
    let goes_on = |name: &str| name == PAGE_LANGUAGE || right.iter().any(|id| belongs_to(name, id));
    CarriedField::all(posted.iter().filter(|(name, _)| goes_on(name)).cloned())
}

impl OwnCaseContext {
    /// Returns a case without questions and answers.
    const fn empty() -> Self {
        Self {
            fields: Vec::new(),
            answered: false,
            findings: Vec::new(),
            unmet: Vec::new(),
            papers: Vec::new(),
            fees: Vec::new(),
            total: String::new(),
            limit: String::new(),
            limit_case: String::new(),
            limit_depends: Vec::new(),
            limit_by_agency: false,
            due: String::new(),
            carried: Vec::new(),
        }
    }

    /// Returns cases for checking a theme: before an answer, with everything decided, with everything open, and with
    /// terms that depend on the agency.
    pub fn samples() -> Vec<Self> {
        let depends = || vec!["Cha mẹ có đăng ký kết hôn?".to_owned(), "Số bản sao".to_owned()];
        let paper = |need, depends| CasePaper { name: "Giấy chứng nhận kết hôn".into(), need, depends };
        let fee = |amount: &str, depends| CaseFee {
            name: "Phí cấp bản sao".into(),
            amount: amount.into(),
            computation: if amount.is_empty() { String::new() } else { "2 bản × 8.000 đ".into() },
            depends,
            by_agency: false,
        };
        let decided = Self {
            answered: true,
            papers: ["needed", "optional", "not-needed"].map(|need| paper(need, vec![])).to_vec(),
            fees: vec![fee("16.000 đ", vec![])],
            total: "16.000 đ".into(),
            limit: "8 ngày làm việc".into(),
            limit_case: "Phải xác minh".into(),
            due: "04/12/2026 17:00".into(),
            carried: CarriedField::samples(),
            ..Self::empty()
        };
        let open = Self {
            answered: true,
            findings: vec![FindingContext {
                path: "case.copies".into(), error: true, text: "Hãy nhập số.".into()
            }],
            unmet: vec![FoundedRule::sample()],
            papers: vec![paper("open", depends()), paper("open", vec![])],
            fees: vec![fee("", depends()), fee("", vec![])],
            limit_depends: depends(),
            ..Self::empty()
        };
        let by_agency = Self {
            answered: true,
            fees: vec![CaseFee { by_agency: true, ..fee("", vec![]) }],
            limit_by_agency: true,
            ..Self::empty()
        };
        vec![Self::empty(), decided, open, by_agency]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use motcua_domain::text::Text;

    #[test]
    fn a_question_is_named_once() {
        let field = |id: &str, label: &str| Field::new(id, Text::vi(label), motcua_domain::form::FieldKind::YesNo);
        let fields = [field("a", "Có?"), field("b", "Mấy?"), field("c", "Có?")];
        let named = labels(&fields.iter().collect::<Vec<_>>(), Language::Vi);
        assert_eq!(named, ["Có?", "Mấy?"]);
    }
}
