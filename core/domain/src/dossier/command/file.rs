//! # File
//!
//! The applicant files a draft, which becomes a dossier with a code and the version of the procedure that is offered.
//! The clocks of the whole, of the first step and of its stage begin. The fees and the appointment are computed once
//! and stay as the receipt names them. An officer of the counter files for an applicant who came with paper, by the same
//! rules. The papers that the officer has seen on paper need no file.
//!
//! Where the procedure lets somebody file for another person, the answers say whether they do. The dossier then has both:
//! the person who filed, who keeps the rights and gets the notices, and the person for whom it was filed.
//!
//! - Given by: an applicant with an account, for themself or for somebody whom they
//!   represent, or a counter of the agency at the first step, for the person who came.
//! - Refused: outside of the time in which the procedure accepts applications, without consent to the use of the data,
//!   if the form, its papers or the address for the post are not complete, if a plugin without
//!   which nothing is filed gave no answer, if a person who has to sign has not consented to this content, and if the
//!   workflow has no step.
//! - Event: `filed`. The applicant is told.

use crate::dossier::Dossier;
use crate::dossier::case::{Rules, at};
use crate::dossier::clocks::{StayTimes, stands, start_stages};
use crate::dossier::completeness::{GivenPapers, complete, owed};
use crate::dossier::event::{
    Applicant, BegunStay, Channel, Clocks, EarlierResult, Event, Filed, RecordedStep, SilenceRule,
};
use crate::dossier::flow::DossierFlow;
use crate::dossier::refusal::{Refusal, within};
use crate::dossier::signatures::signatures;
use crate::dossier::verdict::Verdict;
use crate::media::AttachedPaper;
use crate::names::{AgencyId, DossierCode, PaperId, UserId};
use crate::people::access::{AccessSubject, Deed, may};
use crate::people::organisation::Actor;
use crate::procedure::Procedure;
use crate::procedure::co_signer::{GivenConsent, SignedContent};
use crate::time::clock::Clock;
use crate::time::recorded::RecordedTime;
use crate::workflow::{NationalStatus, UnitPlace};
use jiff::Timestamp;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

/// A dossier to be filed.
#[derive(Debug, Clone, PartialEq)]
pub struct Filing {
    pub code: DossierCode,
    pub draft: Uuid,
    /// The agency to which the applicant applies.
    pub agency: AgencyId,
    pub applicant: Applicant,
    pub typed: Map<String, Json>,
    pub papers: Vec<AttachedPaper>,
    /// The papers that the officer at the counter has seen on paper.
    pub on_paper: Vec<PaperId>,
    pub verdicts: Vec<Verdict>,
    /// The result that the number in the form names, if the register has it and the applicant may follow it.
    pub follows: Option<EarlierResult>,
    /// The applicant agreed to the use of the data for this procedure.
    pub consent: bool,
    /// The consents of people who sign beside the applicant, to this content or to earlier ones.
    pub consents: Vec<GivenConsent>,
}

/// The right that the command needs of an applicant.
const RIGHT: Deed = Deed::File;

/// Returns whether an officer may file the dossier of an applicant at the counter: the agency of the first step is that
/// of the officer's counter, and the dossier is not the officer's own.
pub fn may_receive(procedure: &Procedure, agency: &AgencyId, actor: &Actor, owner: &UserId) -> bool {
    let first = procedure.workflow.steps.first().and_then(|first| first.place.as_ref());
    let place = first.map_or_else(|| procedure.place_in(agency), |place| place.in_agency(agency));
    let (agency, unit) = (&place.agency, &place.unit);
    let subject = AccessSubject { owner, agency, unit, role: None, assignee: None, past: &[] };
    may(actor, Deed::ReceiveAtCounter, Some(subject))
}

/// Returns the channel of a filing by its actor, or nothing if the actor may not file it.
fn channel(procedure: &Procedure, actor: &Actor, filing: &Filing) -> Option<Channel> {
    let owner = &filing.applicant.id;
    match actor {
        Actor::Applicant { id, .. } => (id == owner && may(actor, RIGHT, None)).then_some(Channel::Online),
        Actor::Officer { .. } => may_receive(procedure, &filing.agency, actor, owner).then_some(Channel::Counter),
        Actor::System => None,
    }
}

/// Decides on filing a dossier.
pub fn decide(rules: Rules<'_>, actor: &Actor, filing: Filing, now: Timestamp) -> Result<Event, Refusal> {
    let Rules { procedure, calendar, .. } = rules;
    let channel = channel(procedure, actor, &filing).ok_or(Refusal::NotAllowed)?;
    if !filing.consent {
        return Err(Refusal::NoConsent);
    }
    // Nobody but a counter sees papers.
    let on_paper = if channel == Channel::Counter { filing.on_paper } else { Vec::new() };
    within(procedure.window, now)?;
    let given = GivenPapers { attached: &filing.papers, on_paper: &on_paper };
    let values = complete(rules, &filing.agency, &filing.typed, given, &filing.verdicts, now)?;
    let delivery = procedure.delivery_of_draft(&filing.typed, rules.registries, now);
    if !delivery.findings.is_empty() {
        return Err(Refusal::Incomplete(delivery.findings));
    }
    let fees = owed(procedure, &filing.agency, &values, &filing.verdicts, now);
    let content = SignedContent { agency: &filing.agency, values: &values, papers: &filing.papers, fees: &fees };
    let signatures = signatures(procedure, filing.draft, content, &filing.consents, now)?;
    let first = procedure.workflow.steps.first().ok_or(Refusal::Closed)?;
    let limit = procedure.limit_for(&filing.agency, &values, now);
    let whole = Clock::start(calendar, limit, now);
    let appointment = whole.due();
    let times = StayTimes::begin(calendar, first, procedure.step_limit(&filing.agency, first, &values, now), now);
    let of_office = |clock: Clock| if stands([(first.role, false)]) { clock.stop(calendar, now) } else { clock };
    let stages = start_stages(rules, &[first], &[], now).into_iter().map(|(id, clock)| (id, of_office(clock)));
    let clocks = Clocks { step: times.clock, stages: stages.collect(), ..Clocks::of(of_office(whole)) };
    let place = procedure.place_in(&filing.agency);
    let first_place = first.place.as_ref().map(|place| place.in_agency(&filing.agency));
    Ok(Event::Filed(Box::new(Filed {
        code: filing.code,
        draft: filing.draft,
        procedure: procedure.code.clone(),
        procedure_name: procedure.name.clone(),
        version: procedure.digest(),
        agency: place.agency,
        unit: place.unit,
        applicant: filing.applicant,
        on_behalf: procedure.on_behalf,
        channel,
        received_by: (channel == Channel::Counter).then(|| actor.reference()),
        fees,
        values,
        papers: filing.papers,
        on_paper,
        verdicts: filing.verdicts,
        first: RecordedStep { status: NationalStatus::Filed, place: first_place, ..at(first) },
        remind: times.remind,
        escalate: first.escalate,
        timer: times.timer.map(RecordedTime::Clock),
        clocks,
        limit: Some(limit),
        clock_from: calendar.next_working(now).ok(),
        appointment,
        follows: filing.follows.filter(|earlier| procedure.follows(&earlier.kind, &earlier.procedure)),
        silence: procedure.silence.as_ref().map(|silence| SilenceRule {
            means: silence.means,
            basis: procedure.legal_documents().citations(&silence.basis),
        }),
        signatures,
        post: delivery.post.map(Box::new),
    })))
}

/// Returns the dossier that [`Event::Filed`] begins.
pub fn apply(filed: Filed, filed_at: Timestamp) -> Dossier {
    let mut flow = DossierFlow::new(&filed.clocks);
    let first = BegunStay {
        at: filed.first.clone(),
        clock: filed.clocks.step.clone(),
        assignee: None,
        assignee_is_decided: true,
        payment_until: None,
        timer: filed.timer.clone(),
        remind: filed.remind,
        escalate: filed.escalate,
        asked: None,
    };
    flow.begin(first, filed_at, 1);
    let appointment = filed.appointment.or_else(|| flow.whole.due());
    Dossier {
        filed_at,
        procedure: filed.version.clone(),
        place: UnitPlace { agency: filed.agency.clone(), unit: filed.unit.clone() },
        values: filed.values.clone(),
        answers_at: filed_at,
        papers: filed.papers.clone(),
        on_paper: filed.on_paper.clone(),
        received: Vec::new(),
        verdicts: filed.verdicts.clone(),
        fees: filed.fees.clone(),
        flow,
        supplements: Vec::new(),
        payments: Vec::new(),
        refunds: Vec::new(),
        messages: Vec::new(),
        site_visits: Vec::new(),
        rating: None,
        version: 1,
        judged: 1,
        heard: 0,
        supplemented: 0,
        answered: 0,
        appointment,
        late_told: None,
        expiry_told: false,
        undo: None,
        post: filed.post.as_deref().cloned(),
        readdressed: 0,
        filed,
    }
}
