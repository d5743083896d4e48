//! One dossier: its state, its story, its messages, and the rights of its reader.

mod samples;

use crate::pages::dossier::attempt::{Attempt, AttemptPart, CriterionContext};
use crate::pages::dossier::diagram::diagram;
use crate::pages::dossier::sealed::sealed_at;
use crate::pages::dossier::steps::{StepContext, parts, steps, untouched};
use crate::state::Portal;
use crate::view::files::{FileContext, PaperFiles};
use crate::view::format::{self, AnswerSection};
use crate::view::late::{LateContext, late};
use crate::view::payment::{FeeChangeContext, PaymentContext, fee_change, payment};
use crate::view::timeline::{HappenedContext, StoryReader, TimelineStep, timeline, who_for};
use crate::view::units::place_name;
use crate::view::waiting::{WaitingContext, waiting};
use crate::web::address;
use crate::web::download::url;
use crate::web::failure::Failure;
use crate::web::person::Person;
use jiff::Timestamp;
use motcua_domain::dossier::visit::Visit;
use motcua_domain::dossier::{Dossier, Stay};
use motcua_domain::media::StoredFile;
use motcua_domain::names::{ActionId, DossierCode, StageId};
use motcua_domain::people::organisation::{Actor, ActorRef};
use motcua_domain::text::Language;
use motcua_domain::time::clock::Clock;
use motcua_service::{DossierView, StoryEvent, action_name};
use serde::Serialize;

/// A dossier, for the applicant or for an officer.
#[derive(Debug, Clone, Serialize)]
pub struct DossierPage {
    pub code: String,
    pub procedure: String,
    pub agency: String,
    pub owner: bool,
    pub applicant: String,
    pub phone: String,
    pub status: &'static str,
    pub outcome: &'static str,
    pub reason: String,
    pub punctuality: &'static str,
    pub filed: String,
    /// The date of the log's last head if the log has all entries of the dossier, or an empty text.
    pub sealed: String,
    /// The due time of the whole dossier, or an empty text while the clock is stopped or after the end.
    pub due: String,
    pub clock_stands: bool,
    /// The calendar of the year of the due time has not been announced.
    pub due_unknown: bool,
    /// The thing that the dossier waits for, or none after its end.
    pub waiting: Option<WaitingContext>,
    /// The current steps.
    pub now_at: Vec<CurrentStep>,
    pub steps: Vec<TimelineStep>,
    /// The drawn workflow, with the current steps.
    pub diagram: String,
    /// The agencies' parts of a joint procedure.
    pub stages: Vec<StageContext>,
    pub sections: Vec<AnswerSection>,
    pub papers: Vec<PaperFiles>,
    /// The files of the result that the reader may open.
    pub results: Vec<FileContext>,
    /// There are files of a result that the applicant may not open yet.
    pub result_withheld: bool,
    pub findings: Vec<String>,
    pub plugin_failed: bool,
    pub supplements: Vec<SupplementContext>,
    pub supplement_open: bool,
    /// The address of the supplement that was begun while something is typed on the page, or an empty text.
    pub supplement: String,
    pub payment: Option<PaymentContext>,
    /// The change of the fees by a supplement.
    pub fee_change: Option<FeeChangeContext>,
    /// The agency is late, and the reader is the applicant.
    pub late: Option<LateContext>,
    pub paid: Vec<PaidContext>,
    pub messages: Vec<MessageContext>,
    /// The open steps that the reader can take.
    pub open_steps: Vec<StepContext>,
    pub version: u32,
    /// The name of the reader's own last action if it can be taken back, or an empty text.
    pub undo: String,
    /// The events by others while the reader looked at the page.
    pub meanwhile: Vec<HappenedContext>,
    /// The last events of the dossier, for the staff.
    pub story: Vec<HappenedContext>,
    pub may_record_payment: bool,
    pub may_write: bool,
    pub may_read_journal: bool,
    pub may_withdraw: bool,
    pub may_rate: bool,
    pub criteria: Vec<CriterionContext>,
    pub rating: Option<RatingContext>,
    /// The rule that was broken, under `refusal-<code>`, or an empty text, and the part of the page that was sent.
    pub refusal: String,
    pub refused_part: String,
    pub typed: TypedContext,
    /// The typed texts of parts that are no longer on the page.
    pub unsent: Vec<String>,
}

/// A step at which the dossier is.
#[derive(Debug, Clone, Serialize)]
pub struct CurrentStep {
    pub name: String,
    /// The word for the role, under `role-<word>`.
    pub role: &'static str,
    /// The unit and, for the staff, the officer, as far as they are known.
    pub holder: String,
}

/// An agency's part of a joint procedure.
#[derive(Debug, Clone, Serialize)]
pub struct StageContext {
    pub name: String,
    /// The due time, or an empty text after the end of the part.
    pub due: String,
    pub punctuality: &'static str,
}

/// A payment that was recorded.
#[derive(Debug, Clone, Serialize)]
pub struct PaidContext {
    /// The number of the receipt.
    pub receipt: String,
    pub amount: String,
}

/// The applicant's rating.
#[derive(Debug, Clone, Serialize)]
pub struct RatingContext {
    pub criteria: Vec<CriterionContext>,
    /// The applicant's words, or an empty text.
    pub text: String,
}

/// The typed fields of the parts of the page beside the steps.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TypedContext {
    pub message: String,
    pub rating: String,
    pub receipt: String,
    /// The payment was made by transfer.
    pub by_transfer: bool,
    /// The reason for taking the dossier back.
    pub reason: String,
}

impl TypedContext {
    fn of(attempt: &Attempt) -> Self {
        let typed = |part: &AttemptPart, name: &str| attempt.typed(part, name).to_owned();
        Self {
            message: typed(&AttemptPart::Message, "text"),
            rating: typed(&AttemptPart::Rating, "text"),
            receipt: typed(&AttemptPart::Payment, "receipt"),
            by_transfer: typed(&AttemptPart::Payment, "method") == "bank-transfer",
            reason: typed(&AttemptPart::Withdrawal, "reason"),
        }
    }
}

/// The office's request for a supplement.
#[derive(Debug, Clone, Serialize)]
pub struct SupplementContext {
    pub what: String,
    /// The officer's note for the staff, or an empty text.
    pub internal_note: String,
    pub until: String,
}

/// A message.
#[derive(Debug, Clone, Serialize)]
pub struct MessageContext {
    pub from: String,
    pub from_applicant: bool,
    pub at: String,
    pub text: String,
}

fn files<'a>(
    dossier: &'a Dossier,
    files: impl Iterator<Item = &'a StoredFile>,
    language: Language,
) -> Vec<FileContext> {
    let all: Vec<&StoredFile> = dossier.files().collect();
    let folder = address::dossier_files(&dossier.filed.code);
    files
        .map(|file| FileContext {
            id: String::new(),
            url: url(&folder, file, &all),
            name: file.name.clone(),
            size: format::size(file.bytes, language),
        })
        .collect()
}

/// Returns the current steps.
fn now_at(portal: &Portal, dossier: &Dossier, language: Language, reader: StoryReader) -> Vec<CurrentStep> {
    let agencies = &portal.services.province().agencies;
    let line = |stay: &Stay| {
        let place = stay.at.place.as_ref().map(|place| place_name(agencies, place, language));
        let assignee = stay.assignee.as_ref().filter(|_| reader == StoryReader::Staff);
        let name = assignee.map(|assignee| assignee.name.clone());
        let holder: Vec<String> = place.into_iter().chain(name).collect();
        CurrentStep {
            name: stay.at.name.get(language).to_owned(),
            role: stay.at.role.name(),
            holder: holder.join(", "),
        }
    };
    dossier.flow.stays.iter().map(line).collect()
}

/// Returns the agencies' parts of a joint procedure, each on its own clock.
fn stages(view: &DossierView, now: Timestamp, language: Language) -> Vec<StageContext> {
    let flow = &view.dossier.flow;
    let line = |(id, clock): &(StageId, Clock)| {
        let stage = view.procedure.workflow.stage(id)?;
        let visits = || flow.visits.iter().filter(|visit| visit.at.stage.as_ref() == Some(id));
        let open = visits().any(|visit| visit.left.is_none());
        let last = visits().filter_map(|visit| visit.left.as_ref().map(|left| left.at)).max();
        let stands = match last.filter(|_| !open) {
            Some(end) => clock.ended(end),
            None => clock.open(now),
        };
        let due = clock.due().filter(|_| open).map_or_else(String::new, |due| format::moment(due, language));
        Some(StageContext { name: stage.name.get(language).to_owned(), due, punctuality: format::punctuality(stands) })
    };
    flow.stages.iter().filter_map(line).collect()
}

/// Returns the name of the reader's own last action, at the step at which it was taken.
fn undone(view: &DossierView, id: &ActionId, language: Language) -> String {
    let taken = |visit: &&Visit| visit.left.as_ref().is_some_and(|left| left.action.as_ref() == Some(id));
    let visit = view.dossier.flow.visits.iter().rev().find(taken);
    let name = action_name(&view.procedure, visit.map(|visit| &visit.at.step), id);
    name.map_or_else(|| id.to_string(), |name| name.get(language).to_owned())
}

/// Returns who reads the dossier.
const fn reader_of(actor: &Actor) -> StoryReader {
    if matches!(actor, Actor::Applicant { .. }) { StoryReader::Applicant } else { StoryReader::Staff }
}

/// Returns the requests for a supplement. Their notes are for the staff.
fn supplements(dossier: &Dossier, owner: bool, language: Language) -> Vec<SupplementContext> {
    let requests = dossier.supplements.iter().map(|request| SupplementContext {
        what: request.what.clone(),
        internal_note: request.internal_note.clone().filter(|_| !owner).unwrap_or_default(),
        until: format::moment(request.until, language),
    });
    requests.collect()
}

/// Returns the payments with their receipts.
fn paid(dossier: &Dossier, language: Language) -> Vec<PaidContext> {
    let payments = dossier.payments.iter();
    payments.map(|paid| PaidContext { receipt: paid.receipt.clone(), amount: paid.amount.shown(language) }).collect()
}

/// Returns the messages of the applicant and of the staff.
fn messages(dossier: &Dossier, agency: &str, language: Language, reader: StoryReader) -> Vec<MessageContext> {
    let messages = dossier.messages.iter().map(|message| MessageContext {
        from: who_for(&message.from, agency, language, reader),
        from_applicant: matches!(message.from, ActorRef::Applicant { .. }),
        at: format::moment(message.at, language),
        text: message.text.clone(),
    });
    messages.collect()
}

/// Returns what plugins said about the answers.
fn plugin_findings(dossier: &Dossier, language: Language) -> Vec<String> {
    let findings = dossier.verdicts.iter().flat_map(|verdict| &verdict.findings);
    findings.map(|finding| finding.text.get(language).to_owned()).collect()
}

/// Returns the files of the result that the reader sees, and whether the page says that the applicant has not got all.
fn results(dossier: &Dossier, owner: bool) -> (Vec<&StoredFile>, bool) {
    let (issued, attached) = (dossier.issued_results(), &dossier.flow.results);
    if !owner {
        let is_withheld = issued.len() < attached.len();
        return (attached.iter().collect(), is_withheld);
    }
    // The applicant learns of a result that is to be paid for, and of no draft of a result.
    let has_result = !dossier.has_ended() && dossier.flow.processed_at.is_some() && !attached.is_empty();
    let is_withheld = issued.is_empty() && has_result;
    (issued, is_withheld)
}

/// Returns the parts of the page that have a button of their own.
fn parts_on_page(view: &DossierView, actor: &Actor, open_steps: &[StepContext], owes: bool) -> Vec<AttemptPart> {
    let others = [
        (AttemptPart::Message, view.may_write),
        (AttemptPart::Rating, view.dossier.may_rate(actor)),
        (AttemptPart::Payment, owes && view.may_record_payment),
        (AttemptPart::Withdrawal, view.dossier.may_withdraw(actor)),
    ];
    let shown = others.into_iter().filter_map(|(part, is_shown)| is_shown.then_some(part));
    parts(open_steps).into_iter().chain(shown).collect()
}

/// Returns the page of a dossier as its reader sees it.
fn context(portal: &Portal, actor: &Actor, view: DossierView, attempt: Attempt, language: Language) -> DossierPage {
    let now = portal.services.now();
    let dossier = &view.dossier;
    let filed = &dossier.filed;
    let owner = matches!(actor, Actor::Applicant { .. });
    let reader = reader_of(actor);
    let ended = dossier.flow.ended.as_ref();
    let (outcome, reason) = ended.map_or(("", String::new()), |end| (end.outcome.name(), end.reason.clone()));
    let agencies = &portal.services.province().agencies;
    let agency = portal.services.province().agency(&dossier.place.agency);
    let running = !dossier.has_ended() && dossier.flow.processed_at.is_none();
    let papers = view.procedure.papers.iter().map(|paper| {
        let attached = dossier.papers.iter().filter(|file| file.paper == paper.id).map(|paper| &paper.file);
        PaperFiles { name: paper.name.get(language).to_owned(), files: files(dossier, attached, language) }
    });
    let (results, result_withheld) = results(dossier, owner);
    let untouched = untouched(portal, &view, &attempt, language);
    let open_steps = steps(portal, actor, &view, &attempt, &untouched, language);
    let payment = payment(portal.settings.bank.as_ref(), dossier, language);
    let (may_withdraw, may_rate) = (dossier.may_withdraw(actor), dossier.may_rate(actor));
    let on_page = parts_on_page(&view, actor, &open_steps, payment.is_some());
    DossierPage {
        code: filed.code.to_string(),
        procedure: filed.procedure_name.get(language).to_owned(),
        agency: agency.map_or_else(|| dossier.place.agency.to_string(), |agency| agency.name.get(language).to_owned()),
        owner,
        applicant: filed.applicant.name.clone(),
        phone: filed.applicant.phone.clone(),
        status: dossier.status().name(),
        outcome,
        reason,
        punctuality: format::punctuality(dossier.punctuality(now)),
        filed: format::moment(dossier.filed_at, language),
        sealed: String::new(),
        due: dossier.flow.whole.due().filter(|_| running).map_or_else(String::new, |due| format::moment(due, language)),
        clock_stands: running && dossier.flow.whole.stands(),
        due_unknown: running && dossier.flow.whole.is_unknown() && !dossier.flow.whole.stands(),
        waiting: waiting(agencies, dossier, &view.procedure, language),
        now_at: now_at(portal, dossier, language, reader),
        stages: stages(&view, now, language),
        steps: timeline(agencies, now, dossier, Some(&view.procedure), language, reader),
        diagram: String::new(),
        sections: format::answers(&view.procedure.form, &dossier.values, language),
        papers: papers.filter(|paper| !paper.files.is_empty()).collect(),
        results: files(dossier, results.into_iter(), language),
        result_withheld,
        findings: plugin_findings(dossier, language),
        plugin_failed: dossier.verdicts.iter().any(|verdict| verdict.fault.is_some()),
        supplements: supplements(dossier, owner, language),
        supplement_open: dossier.may_supplement(actor),
        supplement: String::new(),
        payment,
        fee_change: fee_change(dossier, language),
        late: late(dossier, now, language).filter(|_| owner),
        paid: paid(dossier, language),
        messages: messages(dossier, &portal.theme.text(language, "agency"), language, reader),
        unsent: attempt.unsent(&on_page, &untouched),
        open_steps,
        version: dossier.version,
        undo: view.may_undo.as_ref().map_or_else(String::new, |id| undone(&view, id, language)),
        meanwhile: Vec::new(),
        story: Vec::new(),
        may_record_payment: view.may_record_payment,
        may_write: view.may_write,
        may_read_journal: view.may_read_journal,
        may_withdraw,
        may_rate,
        criteria: CriterionContext::all(&attempt),
        rating: dossier.rating.as_ref().map(|rating| RatingContext {
            criteria: CriterionContext::rated(rating.points),
            text: rating.text.clone(),
        }),
        typed: TypedContext::of(&attempt),
        refused_part: attempt.part.as_ref().map_or_else(String::new, AttemptPart::scope),
        refusal: attempt.refusal,
    }
}

/// Returns the page of a dossier with the fields that were posted or only typed, and with the events meanwhile.
pub async fn page(
    portal: &Portal,
    visitor: &Person,
    code: &DossierCode,
    attempt: Attempt,
    meanwhile: Vec<StoryEvent>,
) -> Result<DossierPage, Failure> {
    let view = portal.services.dossiers.dossier(visitor.actor(), code).await?;
    page_of(portal, visitor, view, attempt, meanwhile).await
}

/// Returns the page as [`page`] does, of a dossier that was read already. Each reading by staff is logged, so a request
/// reads a dossier once.
pub async fn page_of(
    portal: &Portal,
    visitor: &Person,
    view: DossierView,
    attempt: Attempt,
    meanwhile: Vec<StoryEvent>,
) -> Result<DossierPage, Failure> {
    let (actor, language) = (visitor.actor(), visitor.language());
    let (reader, agency) = (reader_of(actor), portal.theme.text(language, "agency"));
    let sealed = sealed_at(portal, &view.dossier.filed.code, language).await?;
    let diagram = diagram(portal, &view.procedure, &view.dossier, language, reader).await?;
    let shown = |event: StoryEvent| HappenedContext::of(event, &agency, language, reader);
    let meanwhile = meanwhile.into_iter().map(shown).collect();
    let mut story = match reader {
        StoryReader::Staff => portal.services.dossiers.story_of(actor, &view).await?,
        StoryReader::Applicant | StoryReader::Stranger => Vec::new(),
    };
    let earlier = story.len().saturating_sub(MOST_OF_STORY);
    // Messages have a place of their own on the page.
    let untold = |event: StoryEvent| HappenedContext { message: String::new(), ..shown(event) };
    let story = story.split_off(earlier).into_iter().map(untold).collect();
    Ok(DossierPage { sealed, diagram, meanwhile, story, ..context(portal, actor, view, attempt, language) })
}

/// The most events of the story that a page shows. Only the last ones are shown.
const MOST_OF_STORY: usize = 200;

/// The most events meanwhile that a page shows. Only the last ones are shown.
const MOST_TOLD: usize = 50;

/// Returns the events by others since an officer saw a version of the dossier. An applicant sees them in the story.
pub async fn meanwhile(
    portal: &Portal,
    visitor: &Person,
    code: &DossierCode,
    seen: u32,
) -> Result<Vec<StoryEvent>, Failure> {
    let actor = visitor.actor();
    if seen == 0 || !matches!(actor, Actor::Officer { .. }) {
        return Ok(Vec::new());
    }
    let mut happened = portal.services.dossiers.since(actor, code, seen).await?;
    happened.retain(|happened| !happened.by.is_same(&actor.reference()));
    let more = happened.len().saturating_sub(MOST_TOLD);
    Ok(happened.split_off(more))
}
