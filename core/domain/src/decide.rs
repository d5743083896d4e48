//! What follows from a command: events, or a refusal. The heart of the portal.

use crate::access::{Deed, acting_for, may};
use crate::case::{Case, at, message};
use crate::clock::Clock;
use crate::command::{Command, Filing, Refusal};
use crate::dossier::{Dossier, Stay, Turn, Wait};
use crate::event::{At, Clocks, Event, Filed, Outcome, Payment, Rating};
use crate::expression::Work;
use crate::finding::{Finding, Severity};
use crate::judge::{Given, Judged, judge};
use crate::media::AttachedPaper;
use crate::money::Dong;
use crate::names::Digest;
use crate::organisation::{Actor, ActorRef};
use crate::plugin::OnFailure;
use crate::procedure::{FeeLine, Procedure};
use crate::text::{Language, Text};
use crate::times::{Times, start_stages};
use crate::verdict::Verdict;
use crate::workflow::{Action, NationalStatus};
use jiff::Timestamp;
use serde_json::{Map, Value as Json};

pub use crate::case::{LONGEST_MESSAGE, Rules};

/// The most messages that an applicant writes in one dossier: everybody who opens it reads them all.
pub const MOST_MESSAGES: usize = 200;

/// The event of filing a dossier.
pub fn decide_filing(rules: Rules<'_>, actor: &Actor, filing: Filing, now: Timestamp) -> Result<Event, Refusal> {
    let owns = matches!(actor, Actor::Applicant { id, .. } if *id == filing.applicant.id);
    if !owns || !may(actor, Deed::File, None) {
        return Err(Refusal::NotAllowed);
    }
    if !filing.consent {
        return Err(Refusal::NoConsent);
    }
    let Rules { procedure, calendar, .. } = rules;
    let values = complete(rules, &filing.typed, &filing.papers, &filing.verdicts, now)?;
    let first = procedure.workflow.steps.first().ok_or(Refusal::Closed)?;
    let whole = Clock::start(calendar, procedure.limit_for(&values), now);
    let appointment = whole.due();
    let times = Times::begin(calendar, first, now);
    let stages = start_stages(rules, &[first], &[], now);
    let clocks = Clocks { whole, step: times.clock, stays: Vec::new(), stages };
    Ok(Event::Filed(Box::new(Filed {
        code: filing.code,
        draft: filing.draft,
        procedure: procedure.code.clone(),
        procedure_name: procedure.name.clone(),
        version: procedure.digest(),
        agency: procedure.agency.clone(),
        unit: procedure.unit.clone(),
        applicant: filing.applicant,
        fees: owed(procedure, &values, &filing.verdicts),
        values,
        papers: filing.papers,
        verdicts: filing.verdicts,
        first: At { status: NationalStatus::Filed, ..at(first) },
        remind: times.remind,
        escalate: first.escalate,
        timer: times.timer,
        timer_unknown: times.timer_unknown,
        clocks,
        appointment,
    })))
}

/// The event that follows from `command`; a refusal changes nothing.
pub fn decide(
    rules: Rules<'_>,
    dossier: &Dossier,
    actor: &Actor,
    command: Command,
    now: Timestamp,
) -> Result<Event, Refusal> {
    let case = Case { rules, dossier, now };
    let whole = |deed| if dossier.lets(actor, deed) { Ok(()) } else { Err(Refusal::NotAllowed) };
    match command {
        Command::Act(act) => {
            match case.stay(act.stay).and_then(|stay| case.seen(act.seen, stay)) {
                Ok(stay) => {
                    case.at_step(actor, Deed::ActOnStep, stay)?;
                    case.act(stay, *act)
                }
                // Only a person who could have acted is told what has changed.
                Err(_) if !case.could_act(actor, &act) => Err(Refusal::NotAllowed),
                Err(_) if act.seen != dossier.version => Err(Refusal::Changed),
                Err(refusal) => Err(refusal),
            }
        }
        Command::Supplement { typed, papers, verdicts } => {
            whole(Deed::Supplement)?;
            case.supplement(&typed, papers, verdicts)
        }
        Command::Withdraw { reason } => {
            whole(Deed::Withdraw)?;
            case.withdraw(reason)
        }
        Command::Lapse => {
            whole(Deed::Lapse)?;
            case.lapse()
        }
        Command::RecordPayment(payment) => {
            whole(Deed::RecordPayment)?;
            case.record_payment(payment)
        }
        Command::SendMessage { text } => {
            whole(Deed::SendMessage)?;
            let of_applicant = |from: &ActorRef| matches!(from, ActorRef::Applicant { .. });
            let sent = dossier.messages.iter().filter(|message| of_applicant(&message.from)).count();
            if of_applicant(&actor.reference()) && sent >= MOST_MESSAGES {
                return Err(Refusal::TooManyMessages { max: MOST_MESSAGES });
            }
            Ok(Event::MessageSent { text: message(text)? })
        }
        Command::Rate(rating) => {
            whole(Deed::Rate)?;
            case.rate(rating)
        }
        Command::Take { stay, seen } => case.take(actor, stay, seen),
        Command::Give { stay, seen, to, note } => case.give(actor, stay, seen, to, note),
        Command::Release { stay, seen } => case.release(actor, stay, seen),
        Command::Undo { seen } => {
            whole(Deed::Undo)?;
            case.undo(actor, seen)
        }
        Command::Elapse { stay, staff } => {
            whole(Deed::Tend)?;
            case.elapse(stay, staff)
        }
        Command::Remind { stay } => {
            whole(Deed::Tend)?;
            case.remind(stay)
        }
        Command::Escalate { stay } => {
            whole(Deed::Tend)?;
            case.escalate(stay)
        }
        Command::Reschedule { reason } => {
            whole(Deed::Tend)?;
            case.reschedule(reason)
        }
        Command::Transfer { reason, moves } => {
            whole(Deed::MoveDossiers)?;
            case.transfer(reason, moves)
        }
        Command::Migrate { reason, version, steps } => {
            whole(Deed::MoveDossiers)?;
            case.migrate(reason, version, &steps)
        }
    }
}

/// Returns how the journal names the person who gives the command: a deputy acts for the officer whose step it is.
pub fn reference(dossier: &Dossier, actor: &Actor, command: &Command) -> ActorRef {
    let stay = match command {
        Command::Act(act) => dossier.flow.stay(act.stay),
        Command::Take { stay, .. } | Command::Give { stay, .. } | Command::Release { stay, .. } => {
            dossier.flow.stay(Some(*stay))
        }
        _ => None,
    };
    actor.reference_for(stay.and_then(|stay| acting_for(actor, dossier.subject_at(stay))))
}

/// Whether a person can take an action at a stay of the dossier, as far as its conditions go.
pub fn is_open(rules: Rules<'_>, dossier: &Dossier, stay: &Stay, action: &Action) -> bool {
    // No condition looks at the time.
    let case = Case { rules, dossier, now: Timestamp::UNIX_EPOCH };
    action.is_for_people() && case.is_open(stay, action)
}

/// The findings of the form's own rules, of the papers and of the plugins. The conditions of papers, fees and limits have
/// a budget of work together.
pub fn findings(
    rules: Rules<'_>,
    typed: &Map<String, Json>,
    papers: &[AttachedPaper],
    verdicts: &[Verdict],
    now: Timestamp,
) -> Judged {
    let procedure = rules.procedure;
    let computed = computed(verdicts);
    let given = Given { now, registries: rules.registries, files: papers, computed: Some(&computed) };
    let Judged { values, mut findings, overrun } = judge(&procedure.form, typed, given);
    let work = Work::default();
    findings.extend(paper_findings(procedure, &values, papers, &work));
    for condition in
        procedure.fees.iter().map(|fee| &fee.when).chain(procedure.limit_cases.iter().map(|case| &case.when))
    {
        condition.holds_within(&values, &work);
    }
    for found in verdicts.iter().flat_map(|verdict| &verdict.findings) {
        // A plugin that is wrong about the form is still heard.
        let path = if procedure.has_place(&found.path) { found.path.clone() } else { String::new() };
        findings.push(Finding { path, ..found.clone() });
    }
    Judged { values, findings, overrun: overrun.or_else(|| work.into_overrun()) }
}

/// The values of computed fields that plugins gave.
pub fn computed(verdicts: &[Verdict]) -> Map<String, Json> {
    verdicts.iter().flat_map(|verdict| verdict.computed.clone()).collect()
}

/// What a dossier owes: the procedure's own fees, and those that plugins assessed.
pub fn owed(procedure: &Procedure, values: &Map<String, Json>, verdicts: &[Verdict]) -> Vec<FeeLine> {
    let assessed = verdicts.iter().flat_map(|verdict| verdict.fees.clone());
    procedure.fee_lines(values).into_iter().chain(assessed).collect()
}

fn paper_findings(
    procedure: &Procedure,
    values: &Map<String, Json>,
    attached: &[AttachedPaper],
    work: &Work,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for paper in &procedure.papers {
        let count = attached.iter().filter(|file| file.paper == paper.id).count();
        if count == 0 && paper.required.holds_within(values, work) && !work.is_over() {
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

/// The values to be kept, if nothing stops the filing.
fn complete(
    rules: Rules<'_>,
    typed: &Map<String, Json>,
    papers: &[AttachedPaper],
    verdicts: &[Verdict],
    now: Timestamp,
) -> Result<Map<String, Json>, Refusal> {
    let answered =
        |component: &Digest| verdicts.iter().any(|verdict| verdict.component == *component && verdict.fault.is_none());
    let mut needed = rules.procedure.plugins.iter().filter(|plugin| plugin.on_failure == OnFailure::Refuse);
    if !needed.all(|plugin| answered(&plugin.component)) {
        return Err(Refusal::PluginFailed);
    }
    let Judged { values, findings, overrun } = findings(rules, typed, papers, verdicts, now);
    if let Some(overrun) = overrun {
        return Err(overrun.into());
    }
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Err(Refusal::Incomplete(findings));
    }
    Ok(values)
}

impl Case<'_> {
    fn supplement(
        &self,
        typed: &Map<String, Json>,
        papers: Vec<AttachedPaper>,
        verdicts: Vec<Verdict>,
    ) -> Result<Event, Refusal> {
        let answers = |stay: &Stay| matches!(stay.waits, Some(Wait::Supplement { .. }));
        if !self.dossier.flow.stays.iter().any(answers) {
            return Err(if self.dossier.has_ended() { Refusal::Ended } else { Refusal::NothingAwaited });
        }
        let values = complete(self.rules, typed, &papers, &verdicts, self.now)?;
        let clocks = self.clocks_after(|stay| stay.waits.is_some() && !answers(stay))?;
        Ok(Event::Supplemented { values, papers, verdicts, clocks })
    }

    fn withdraw(&self, reason: String) -> Result<Event, Refusal> {
        if self.dossier.has_ended() {
            return Err(Refusal::Ended);
        }
        if self.dossier.flow.processed_at.is_some() {
            return Err(Refusal::AlreadyProcessed);
        }
        let reason = message(reason).map_err(|_| Refusal::NoteMissing)?;
        Ok(self.ended(Outcome::Withdrawn, reason))
    }

    fn ended(&self, outcome: Outcome, reason: String) -> Event {
        Event::Ended {
            stay: None,
            action: None,
            outcome,
            reason,
            result: None,
            answers: Map::new(),
            clocks: self.same_clocks(),
        }
    }

    fn lapse(&self) -> Result<Event, Refusal> {
        let until = match self.dossier.turn() {
            Turn::Supplement { until } | Turn::Payment { until } => until,
            Turn::Ended => return Err(Refusal::Ended),
            Turn::Office | Turn::Applicant { .. } => return Err(Refusal::NothingAwaited),
        };
        if self.now <= until {
            return Err(Refusal::TimeLeft);
        }
        Ok(self.ended(Outcome::Lapsed, String::new()))
    }

    fn record_payment(&self, payment: Payment) -> Result<Event, Refusal> {
        if self.dossier.has_ended() {
            return Err(Refusal::Ended);
        }
        let owed = self.dossier.owed();
        if owed == Dong(0) {
            return Err(Refusal::NothingOwed);
        }
        if payment.amount != owed {
            return Err(Refusal::WrongAmount { owed });
        }
        if payment.receipt.trim().is_empty() || payment.receipt.chars().count() > 64 {
            return Err(Refusal::ReceiptMissing);
        }
        let clocks = self.clocks_after(|stay| matches!(stay.waits, Some(Wait::Supplement { .. })))?;
        Ok(Event::PaymentRecorded { payment, clocks })
    }

    fn rate(&self, rating: Rating) -> Result<Event, Refusal> {
        if !self.dossier.has_ended() {
            return Err(Refusal::NotEnded);
        }
        if self.dossier.rating.is_some() {
            return Err(Refusal::RatedAlready);
        }
        if rating.points.iter().any(|points| *points > 2) || rating.text.chars().count() > LONGEST_MESSAGE {
            return Err(Refusal::BadRating);
        }
        Ok(Event::Rated { rating })
    }
}
