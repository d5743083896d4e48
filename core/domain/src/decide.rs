//! What follows from a command: events, or a refusal. The heart of the portal.

use crate::access::{Deed, may};
use crate::calendar::{Calendar, instant, local};
use crate::clock::Clock;
use crate::command::{Act, Command, Filing, Refusal};
use crate::dossier::{Dossier, Stage};
use crate::event::{At, AttachedPaper, Clocks, Event, Filed, Outcome, Payment, SupplementRequest, Verdict};
use crate::judge::{Finding, Given, Severity, judge};
use crate::money::Dong;
use crate::names::StepId;
use crate::organisation::Actor;
use crate::procedure::{OnFailure, Procedure};
use crate::registry::Registries;
use crate::text::{Language, Text};
use crate::workflow::{Action, Effect, Requirement, Step};
use jiff::{Timestamp, ToSpan};
use serde_json::{Map, Value as Json};

/// The longest message, note or reason, in characters.
pub const LONGEST_MESSAGE: usize = 5000;

/// What the decision rests on: the version of the procedure, the working calendar and the province's registries.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    pub procedure: &'a Procedure,
    pub calendar: &'a Calendar,
    pub registries: &'a Registries,
}

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
    let values = complete(rules, &filing.typed, &filing.papers, filing.verdict.as_ref(), now)?;
    let first = procedure.workflow.steps.first().ok_or(Refusal::Closed)?;
    let whole = Clock::start(calendar, procedure.limit_for(&values), now)?;
    let clocks = Clocks { whole, step: step_clock(calendar, first, now)? };
    Ok(Event::Filed(Box::new(Filed {
        code: filing.code,
        draft: filing.draft,
        procedure: procedure.code.clone(),
        procedure_name: procedure.name.clone(),
        version: procedure.digest(),
        agency: procedure.agency.clone(),
        unit: procedure.unit.clone(),
        applicant: filing.applicant,
        fees: procedure.fee_lines(&values),
        values,
        papers: filing.papers,
        verdict: filing.verdict,
        first: At { status: crate::workflow::NationalStatus::Filed, ..at(first) },
        clocks,
        appointment: whole.due().unwrap_or(now),
    })))
}

/// The events that follow from `command`; a refusal changes nothing.
pub fn decide(
    rules: Rules<'_>,
    dossier: &Dossier,
    actor: &Actor,
    command: Command,
    now: Timestamp,
) -> Result<Event, Refusal> {
    let deed = match &command {
        Command::Act(_) => Deed::ActOnStep,
        Command::Supplement { .. } => Deed::Supplement,
        Command::Withdraw { .. } => Deed::Withdraw,
        Command::Lapse => Deed::Lapse,
        Command::RecordPayment(_) => Deed::RecordPayment,
        Command::SendMessage { .. } => Deed::SendMessage,
        Command::Rate(_) => Deed::Rate,
    };
    if !may(actor, deed, Some(dossier.subject())) {
        return Err(Refusal::NotAllowed);
    }
    let case = Case { rules, dossier, now };
    match command {
        Command::Act(act) => case.act(*act),
        Command::Supplement { typed, papers, verdict } => case.supplement(&typed, papers, verdict),
        Command::Withdraw { reason } => case.withdraw(reason),
        Command::Lapse => case.lapse(),
        Command::RecordPayment(payment) => case.record_payment(payment),
        Command::SendMessage { text } => Ok(Event::MessageSent { text: message(text)? }),
        Command::Rate(rating) => {
            if !dossier.has_ended() {
                return Err(Refusal::NotEnded);
            }
            if dossier.rating.is_some() {
                return Err(Refusal::RatedAlready);
            }
            if rating.points.iter().any(|points| *points > 2) || rating.text.chars().count() > LONGEST_MESSAGE {
                return Err(Refusal::BadRating);
            }
            Ok(Event::Rated { rating })
        }
    }
}

/// The findings of the form's own rules, of the papers and of the plugin.
pub fn findings(
    rules: Rules<'_>,
    typed: &Map<String, Json>,
    papers: &[AttachedPaper],
    verdict: Option<&Verdict>,
    now: Timestamp,
) -> (Map<String, Json>, Vec<Finding>) {
    let procedure = rules.procedure;
    let judged = judge(&procedure.form, typed, Given { now, registries: rules.registries, files: papers });
    let mut findings = judged.findings;
    findings.extend(paper_findings(procedure, &judged.values, papers));
    findings.extend(verdict.into_iter().flat_map(|verdict| verdict.findings.clone()));
    (judged.values, findings)
}

fn paper_findings(procedure: &Procedure, values: &Map<String, Json>, attached: &[AttachedPaper]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for paper in &procedure.papers {
        let count = attached.iter().filter(|file| file.paper == paper.id).count();
        if count == 0 && paper.required.holds(values) {
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
    verdict: Option<&Verdict>,
    now: Timestamp,
) -> Result<Map<String, Json>, Refusal> {
    if let (Some(plugin), verdict) = (&rules.procedure.plugin, verdict) {
        let unanswered = verdict.is_none_or(|verdict| verdict.fault.is_some());
        if unanswered && plugin.on_failure == OnFailure::Refuse {
            return Err(Refusal::PluginFailed);
        }
    }
    let (values, findings) = findings(rules, typed, papers, verdict, now);
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Err(Refusal::Incomplete(findings));
    }
    Ok(values)
}

fn at(step: &Step) -> At {
    At { step: step.id.clone(), name: step.name.clone(), role: step.role, status: step.status }
}

fn step_clock(calendar: &Calendar, step: &Step, now: Timestamp) -> Result<Option<Clock>, Refusal> {
    Ok(step.limit.map(|limit| Clock::start(calendar, limit, now)).transpose()?)
}

fn message(text: String) -> Result<String, Refusal> {
    let text = text.trim().to_owned();
    if text.is_empty() || text.chars().count() > LONGEST_MESSAGE {
        return Err(Refusal::BadMessage { max: LONGEST_MESSAGE });
    }
    Ok(text)
}

/// One dossier under its rules at one moment.
struct Case<'a> {
    rules: Rules<'a>,
    dossier: &'a Dossier,
    now: Timestamp,
}

impl Case<'_> {
    fn act(&self, act: Act) -> Result<Event, Refusal> {
        if act.seen != self.dossier.version {
            return Err(Refusal::Changed);
        }
        match self.dossier.stage {
            Stage::Ended { .. } => return Err(Refusal::Ended),
            Stage::AwaitingSupplement { .. } | Stage::AwaitingPayment { .. } => return Err(Refusal::WaitsForApplicant),
            Stage::AtStep => {}
        }
        let step = self.rules.procedure.workflow.step(&self.dossier.at.step).ok_or(Refusal::NoSuchAction)?;
        let action = step.actions.iter().find(|action| action.id == act.action).ok_or(Refusal::NoSuchAction)?;
        let note = self.requirements(action, &act)?;
        match &action.effect {
            Effect::Advance { to } => self.advance(action, to, act, note, false),
            Effect::RequestPayment { to } => self.advance(action, to, act, note, true),
            Effect::RequestSupplement => self.request_supplement(action, step, act, note),
            Effect::Decline => Ok(self.end(action, Outcome::NotReceived, note)),
            Effect::Refuse => Ok(self.end(action, Outcome::Refused, note)),
            Effect::HandOver => Ok(self.end(action, Outcome::Returned, note)),
        }
    }

    /// The note, once everything that the action requires is there.
    fn requirements(&self, action: &Action, act: &Act) -> Result<Option<String>, Refusal> {
        let note = Some(act.note.trim().to_owned()).filter(|note| !note.is_empty());
        if note.as_ref().is_some_and(|note| note.chars().count() > LONGEST_MESSAGE) {
            return Err(Refusal::BadMessage { max: LONGEST_MESSAGE });
        }
        if action.effect.needs_note() && note.is_none() {
            return Err(Refusal::NoteMissing);
        }
        for requirement in &action.requires {
            match requirement {
                Requirement::Note if note.is_none() => return Err(Refusal::NoteMissing),
                Requirement::Assignee if act.assignee.is_none() => return Err(Refusal::AssigneeMissing),
                Requirement::ResultFile if act.result.is_none() => return Err(Refusal::ResultMissing),
                Requirement::FeePaid if self.dossier.owed() > Dong(0) => {
                    return Err(Refusal::NotPaid { owed: self.dossier.owed() });
                }
                _ => {}
            }
        }
        Ok(note)
    }

    fn advance(
        &self,
        action: &Action,
        to: &StepId,
        act: Act,
        note: Option<String>,
        ask_payment: bool,
    ) -> Result<Event, Refusal> {
        let Rules { procedure, calendar, .. } = self.rules;
        let next = procedure.workflow.step(to).ok_or(Refusal::NoSuchAction)?;
        let assignee = match act.assignee {
            Some((mut assignee, posts)) if action.requires.contains(&Requirement::Assignee) => {
                let filed = &self.dossier.filed;
                if !posts.iter().any(|post| post.serves(next.role, &filed.agency, &filed.unit)) {
                    return Err(Refusal::AssigneeUnfit);
                }
                assignee.role = next.role;
                Some(assignee)
            }
            _ => None,
        };
        let mut clocks = Clocks { whole: self.dossier.clocks.whole, step: step_clock(calendar, next, self.now)? };
        let waits = ask_payment && self.dossier.owed() > Dong(0);
        if waits {
            clocks = self.stop(clocks)?;
        }
        Ok(Event::Advanced {
            action: action.id.clone(),
            to: at(next),
            note,
            assignee,
            result: act.result.filter(|_| action.requires.contains(&Requirement::ResultFile)),
            payment_until: waits.then(|| self.applicant_has_until()),
            clocks,
        })
    }

    fn request_supplement(
        &self,
        action: &Action,
        step: &Step,
        act: Act,
        note: Option<String>,
    ) -> Result<Event, Refusal> {
        let new_grounds = act.new_grounds.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let asked = self.dossier.supplements.iter().any(|request| request.step == step.id);
        if asked && new_grounds.is_none() {
            return Err(Refusal::AskedAlready);
        }
        let request = SupplementRequest {
            step: step.id.clone(),
            what: note.ok_or(Refusal::NoteMissing)?,
            new_grounds: new_grounds.filter(|_| asked),
            until: self.applicant_has_until(),
        };
        Ok(Event::SupplementRequested { action: action.id.clone(), request, clocks: self.stop(self.dossier.clocks)? })
    }

    /// The end of the day on which the applicant's time runs out.
    fn applicant_has_until(&self) -> Timestamp {
        let days = i64::from(self.rules.procedure.waiting_days);
        let last = local(self.now).date().saturating_add(days.days());
        instant(last.at(23, 59, 59, 0))
    }

    fn end(&self, action: &Action, outcome: Outcome, note: Option<String>) -> Event {
        Event::Ended {
            action: Some(action.id.clone()),
            outcome,
            reason: note.unwrap_or_default(),
            clocks: self.dossier.clocks,
        }
    }

    fn supplement(
        &self,
        typed: &Map<String, Json>,
        papers: Vec<AttachedPaper>,
        verdict: Option<Verdict>,
    ) -> Result<Event, Refusal> {
        match self.dossier.stage {
            Stage::AwaitingSupplement { .. } => {}
            Stage::Ended { .. } => return Err(Refusal::Ended),
            Stage::AtStep | Stage::AwaitingPayment { .. } => return Err(Refusal::NothingAwaited),
        }
        let values = complete(self.rules, typed, &papers, verdict.as_ref(), self.now)?;
        let clocks = self.resume(self.dossier.clocks)?;
        Ok(Event::Supplemented { values, papers, verdict, clocks })
    }

    fn withdraw(&self, reason: String) -> Result<Event, Refusal> {
        if self.dossier.has_ended() {
            return Err(Refusal::Ended);
        }
        if self.dossier.processed_at.is_some() {
            return Err(Refusal::AlreadyProcessed);
        }
        let reason = message(reason).map_err(|_| Refusal::NoteMissing)?;
        Ok(Event::Ended { action: None, outcome: Outcome::Withdrawn, reason, clocks: self.dossier.clocks })
    }

    fn lapse(&self) -> Result<Event, Refusal> {
        let until = match self.dossier.stage {
            Stage::AwaitingSupplement { until } | Stage::AwaitingPayment { until } => until,
            Stage::Ended { .. } => return Err(Refusal::Ended),
            Stage::AtStep => return Err(Refusal::NothingAwaited),
        };
        if self.now <= until {
            return Err(Refusal::TimeLeft);
        }
        let clocks = self.dossier.clocks;
        Ok(Event::Ended { action: None, outcome: Outcome::Lapsed, reason: String::new(), clocks })
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
        let waiting = matches!(self.dossier.stage, Stage::AwaitingPayment { .. });
        let clocks = if waiting { self.resume(self.dossier.clocks)? } else { self.dossier.clocks };
        Ok(Event::PaymentRecorded { payment, clocks })
    }

    fn stop(&self, clocks: Clocks) -> Result<Clocks, Refusal> {
        self.both(clocks, Clock::stop)
    }

    fn resume(&self, clocks: Clocks) -> Result<Clocks, Refusal> {
        self.both(clocks, Clock::resume)
    }

    fn both(
        &self,
        clocks: Clocks,
        change: impl Fn(Clock, &Calendar, Timestamp) -> Result<Clock, crate::calendar::YearMissing>,
    ) -> Result<Clocks, Refusal> {
        let calendar = self.rules.calendar;
        let step = clocks.step.map(|clock| change(clock, calendar, self.now)).transpose()?;
        Ok(Clocks { whole: change(clocks.whole, calendar, self.now)?, step })
    }
}
