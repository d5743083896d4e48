//! The completeness of what the applicant hands in: the checks of the form, its papers and the plugins, and the amount
//! owed.

use crate::dossier::case::Rules;
use crate::dossier::refusal::Refusal;
use crate::dossier::verdict::Verdict;
use crate::expression::WorkBudget;
use crate::form::finding::{Finding, Severity};
use crate::form::judge::{JudgeFacts, Judged, judge};
use crate::media::AttachedPaper;
use crate::names::{AgencyId, Digest, PaperId};
use crate::procedure::alternatives::JudgedContent;
use crate::procedure::plugin::OnFailure;
use crate::procedure::{FeeLine, Procedure};
use crate::text::{Language, Text};
use jiff::Timestamp;
use serde_json::{Map, Value as Json};

/// The papers that an applicant gives.
#[derive(Debug, Clone, Copy, Default)]
pub struct GivenPapers<'a> {
    pub attached: &'a [AttachedPaper],
    /// The papers that an officer has seen on paper. They need no file.
    pub on_paper: &'a [PaperId],
}

impl<'a> From<&'a [AttachedPaper]> for GivenPapers<'a> {
    fn from(attached: &'a [AttachedPaper]) -> Self {
        Self { attached, on_paper: &[] }
    }
}

/// Returns the findings of the form's own rules, of the papers and of the plugins. The conditions of papers, of the
/// agency's fees and of limits share a budget of work. If one of them cannot be evaluated, nobody can file there: a
/// guess might let the applicant owe a fee, or let the agency take a wrong time.
pub fn findings(
    rules: Rules<'_>,
    agency: &AgencyId,
    typed: &Map<String, Json>,
    papers: GivenPapers<'_>,
    verdicts: &[Verdict],
    now: Timestamp,
) -> Judged {
    let procedure = rules.procedure;
    let computed = computed(verdicts);
    let given = JudgeFacts { now, registries: rules.registries, files: papers.attached, computed: Some(&computed) };
    let Judged { values, mut findings, fault } = judge(&procedure.form, typed, given);
    let work = WorkBudget::at(now);
    findings.extend(paper_findings(procedure, &values, papers, &work));
    for rule in &procedure.alternatives {
        let GivenPapers { attached, on_paper } = papers;
        let content = JudgedContent { values: &values, papers: attached, on_paper, findings: &findings };
        let broken = rule.findings(&procedure.form, content, &work);
        findings.extend(broken);
    }
    procedure.fee_lines_within(agency, &values, &work);
    for case in &procedure.limit_cases {
        case.when.surely_holds(&values, &work);
    }
    for signer in &procedure.signers {
        signer.when.holds_within(&values, &work);
    }
    for found in verdicts.iter().flat_map(|verdict| &verdict.findings) {
        // A plugin that names a wrong place is still heard.
        let path = if procedure.has_place(&found.path) { found.path.clone() } else { String::new() };
        findings.push(Finding { path, ..found.clone() });
    }
    Judged { values, findings, fault: fault.or_else(|| work.into_fault()) }
}

/// Returns the values of computed fields from plugins.
pub fn computed(verdicts: &[Verdict]) -> Map<String, Json> {
    verdicts.iter().flat_map(|verdict| verdict.computed.clone()).collect()
}

/// Returns the amounts owed to an agency for answers of this moment: the fees of the procedure there, and those that
/// plugins assessed.
pub fn owed(
    procedure: &Procedure,
    agency: &AgencyId,
    values: &Map<String, Json>,
    verdicts: &[Verdict],
    answers_at: Timestamp,
) -> Vec<FeeLine> {
    let assessed = verdicts.iter().flat_map(|verdict| verdict.fees.clone());
    procedure.fee_lines(agency, values, answers_at).into_iter().chain(assessed).collect()
}

fn paper_findings(
    procedure: &Procedure,
    values: &Map<String, Json>,
    given: GivenPapers<'_>,
    work: &WorkBudget,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for paper in &procedure.papers {
        let count = given.attached.iter().filter(|file| file.paper == paper.id).count();
        let is_given = count > 0 || given.on_paper.contains(&paper.id);
        if !is_given && paper.required.holds_within(values, work) && !work.is_over() {
            let text = Text::new(
                format!("Hãy đính kèm “{}”.", paper.name.vi),
                format!("Attach “{}”.", paper.name.get(Language::En)),
            );
            findings.push(Finding::error(format!("papers.{}", paper.id), "paper-missing", text));
        }
        if count > paper.max_files {
            let text = Text::new(
                format!("“{}”: tối đa {} tệp.", paper.name.vi, paper.max_files),
                format!("“{}”: at most {} files.", paper.name.get(Language::En), paper.max_files),
            );
            findings.push(Finding::error(format!("papers.{}", paper.id), "too-many-files", text));
        }
    }
    findings
}

/// Returns the values to store, if nothing stops the filing.
pub fn complete(
    rules: Rules<'_>,
    agency: &AgencyId,
    typed: &Map<String, Json>,
    papers: GivenPapers<'_>,
    verdicts: &[Verdict],
    now: Timestamp,
) -> Result<Map<String, Json>, Refusal> {
    let answered =
        |component: &Digest| verdicts.iter().any(|verdict| verdict.component == *component && verdict.fault.is_none());
    let mut needed = rules.procedure.plugins.iter().filter(|plugin| plugin.on_failure == OnFailure::Refuse);
    if !needed.all(|plugin| answered(&plugin.component)) {
        return Err(Refusal::PluginFailed);
    }
    let Judged { values, findings, fault } = findings(rules, agency, typed, papers, verdicts, now);
    if let Some(fault) = fault {
        return Err(fault.into());
    }
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Err(Refusal::Incomplete(findings));
    }
    Ok(values)
}
