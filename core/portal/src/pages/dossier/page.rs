//! One dossier: its state, its story, its messages, and the rights of its reader.

mod former;
mod register;
mod samples;
mod shown;
mod viewer;
mod work;

use crate::pages::dossier::attempt::{Attempt, AttemptPart, CriterionContext, PAPER, TypedContext};
use crate::pages::dossier::diagram::diagram;
use crate::pages::dossier::page_files::MessageFilesContext;
use crate::pages::dossier::receiver::ReceiverContext;
use crate::pages::dossier::refused::{least_places, refused_bound, refused_control};
use crate::pages::dossier::sealed::sealed_at;
use crate::pages::dossier::steps::{StepContext, parts, steps, untouched};
use crate::pages::dossier::unsent::{UnsentContext, unsent};
use crate::pages::dossier::way::WayContext;
use crate::state::Portal;
use crate::view::answer::AnswerChoice;
use crate::view::delivery::DeliveryContext;
use crate::view::files::{FileContext, PaperFiles};
use crate::view::format::{self, AnswerSection};
use crate::view::late::{LateContext, late};
use crate::view::payment::{
    FeeChangeContext, MoneyLine, PaymentContext, RefundContext, deposit_back, fee_change, money_lines, payment, refund,
};
use crate::view::represented::RepresentedContext;
use crate::view::signer::SignatureContext;
use crate::view::site_visit::{SiteVisitContext, site_visits};
use crate::view::timeline::{HappenedContext, StoryReader, TimelineStep, timeline};
use crate::view::units::agency_name;
use crate::view::waiting::{WaitingContext, waiting};
use crate::web::address;
use crate::web::failure::Failure;
use crate::web::person::Person;
use former::{ChangedParts, changed};
use motcua_domain::dossier::event::Rating;
use motcua_domain::dossier::{Dossier, PrintedForm};
use motcua_domain::names::DossierCode;
use motcua_domain::people::access::Deed;
use motcua_domain::people::organisation::Actor;
use motcua_domain::text::Language;
use motcua_service::{DossierStory, DossierView, StoryEvent};
use register::{EarlierContext, IssuedContext, earlier, issued};
use serde::Serialize;
use shown::{
    CurrentStep, MessageContext, StageContext, SupplementContext, files, messages, now_at, papers, plugin_findings,
    results, stages, supplements, undone,
};
use viewer::{ViewerContext, viewer};
use work::{WorkContext, place_marks};

/// A dossier, for the applicant or for an officer.
#[derive(Debug, Clone, Default, Serialize)]
pub struct DossierPage {
    /// The code of the dossier, for the addresses of its forms.
    pub code: String,
    /// The name of the procedure.
    pub procedure: String,
    /// The name of the agency that has the dossier now.
    pub agency: String,
    /// The reader is the applicant, and not an officer or an auditor.
    pub owner: bool,
    /// The name of the applicant.
    pub applicant: String,
    /// The person or the organisation for whom the applicant filed, or none if they filed for themself.
    pub represented: Option<RepresentedContext>,
    /// The phone number of the applicant.
    pub phone: String,
    /// The name of the officer who received the dossier at the counter, or an empty text if it came online.
    pub received_by: String,
    /// The consents of the people who signed beside the applicant.
    pub signatures: Vec<SignatureContext>,
    /// The word for the status, under `status-<word>`, such as `processing`.
    pub status: &'static str,
    /// The word for the outcome, under `outcome-<word>`, such as `returned`, or an empty text before the end.
    pub outcome: &'static str,
    /// The reason for the outcome, or an empty text.
    pub reason: String,
    /// The punctuality as a word, under `punctuality-<word>`: `early`, `on-time`, `late`, `not-yet-due` or `overdue`.
    pub punctuality: &'static str,
    /// The time of the filing.
    pub filed: String,
    /// The date of the log's last head if the log has all entries of the dossier, or an empty text.
    pub sealed: String,
    /// The due time of the whole dossier, or an empty text while the clock is stopped or after the end.
    pub due: String,
    /// The clock is stopped, because the dossier waits for the applicant.
    pub clock_stands: bool,
    /// The calendar of the year of the due time has not been announced.
    pub due_unknown: bool,
    /// The thing that the dossier waits for, or none after its end.
    pub waiting: Option<WaitingContext>,
    /// The current steps.
    pub now_at: Vec<CurrentStep>,
    /// The steps up to now, the first one first.
    pub steps: Vec<TimelineStep>,
    /// The drawn workflow, with the current steps.
    pub diagram: String,
    /// The agencies' parts of a joint procedure.
    pub stages: Vec<StageContext>,
    /// The answers to the form, section by section.
    pub sections: Vec<AnswerSection>,
    /// The appointments on the spot, in the order in which they were made.
    pub visits: Vec<SiteVisitContext>,
    /// The papers with files.
    pub papers: Vec<PaperFiles>,
    /// The parts of the page that only officers have.
    pub work: WorkContext,
    /// The files of the result that the reader may open.
    pub results: Vec<FileContext>,
    /// There are files of a result that the applicant may not open yet.
    pub result_withheld: bool,
    /// The result with which the dossier ended, if it is in the register.
    pub issued: Option<IssuedContext>,
    /// The person who took the result at the counter, or the carrier that takes it to the applicant, if it was written down.
    pub receiver: Option<ReceiverContext>,
    /// The way to get the result, or none if the procedure sends no results by post.
    pub delivery: Option<DeliveryContext>,
    /// The earlier result that the dossier renews, changes or ends.
    pub earlier: Option<EarlierContext>,
    /// The remarks of plugins about the answers.
    pub findings: Vec<String>,
    /// A plugin could not check the answers.
    pub plugin_failed: bool,
    /// The office's requests for supplements, the last one last.
    pub supplements: Vec<SupplementContext>,
    /// The reader can answer the last of the requests.
    pub supplement_open: bool,
    /// The address of the supplement that was begun while something is typed on the page, or an empty text.
    pub supplement: String,
    /// The fees to pay, or none.
    pub payment: Option<PaymentContext>,
    /// The change of the fees by a supplement.
    pub fee_change: Option<FeeChangeContext>,
    /// The deposit that the agency has to pay back, or an empty text.
    pub deposit_back: String,
    /// The agency is late, and the reader is the applicant.
    pub late: Option<LateContext>,
    /// The payments and the refunds, in the order in which they were recorded.
    pub money: Vec<MoneyLine>,
    /// The amount that can be paid back, if the reader may record a refund.
    pub refund: Option<RefundContext>,
    /// The messages, the oldest first.
    pub messages: Vec<MessageContext>,
    /// The open steps that the reader can take.
    pub open_steps: Vec<StepContext>,
    /// The version of the dossier on the page, which the form posts as `seen`.
    pub version: u32,
    /// The name of the reader's own last action if it can be taken back, or an empty text.
    pub undo: String,
    /// The events by others while the reader looked at the page.
    pub meanwhile: Vec<HappenedContext>,
    /// The last events of the dossier, for the staff.
    pub story: Vec<HappenedContext>,
    /// The reader can record a payment.
    pub may_record_payment: bool,
    /// The reader can say that the number of the applicant is the applicant's.
    pub may_verify_phone: bool,
    /// The reader can send a message.
    pub may_write: bool,
    /// The reader can apologise with the message, and name a new day for the result.
    pub may_apologise: bool,
    /// The reader can open the journal and the readings.
    pub may_read_journal: bool,
    /// The reader can withdraw the dossier.
    pub may_withdraw: bool,
    /// The reader is asked to rate the service.
    pub may_rate: bool,
    /// The numbers of the forms that the reader can print, under `document-<number>`, such as `01`.
    pub documents: Vec<&'static str>,
    /// The criteria of the rating form, with the points that were chosen.
    pub criteria: Vec<CriterionContext>,
    /// The applicant's rating, or none.
    pub rating: Option<RatingContext>,
    /// The word for what the reader did just now, under `done-<word>`, or an empty text.
    pub done: &'static str,
    /// The rule that was broken, under `refusal-<code>`, or an empty text.
    pub refusal: String,
    /// The id of the control that the refusal is about, or an empty text.
    pub refused_control: String,
    /// The least number of units to choose, if the refusal is that there are too few, or 0.
    pub least_places: u32,
    /// The earliest or the latest time of an appointment on the spot, if the refusal is that it breaks this bound, or an
    /// empty text.
    pub refused_bound: String,
    /// The part of the form that was refused, such as `message` or `withdraw`, or an empty text.
    pub refused_part: String,
    /// The typed texts that were not sent yet.
    pub typed: TypedContext,
    /// The files of the message that the reader writes.
    pub message_files: MessageFilesContext,
    /// The typed texts of parts that are no longer on the page.
    pub unsent: Vec<UnsentContext>,
    /// The standard answers that the reader can put into a text.
    pub answers: Vec<AnswerChoice>,
}

/// The applicant's rating.
#[derive(Debug, Clone, Serialize)]
pub struct RatingContext {
    /// The criteria with their points.
    pub criteria: Vec<CriterionContext>,
    /// The applicant's words, or an empty text.
    pub text: String,
    /// The rating was given at a counter, without a log-in.
    pub at_counter: bool,
}

impl RatingContext {
    /// Returns a rating as its readers see it.
    fn of(rating: &Rating) -> Self {
        let (criteria, text) = (CriterionContext::rated(rating.points), rating.text.clone());
        Self { criteria, text, at_counter: rating.at_counter }
    }
}

/// Returns whether the dossier has neither ended nor a result.
fn is_running(dossier: &Dossier) -> bool {
    !dossier.has_ended() && dossier.flow.processed_at.is_none()
}

/// Returns who reads the dossier.
pub const fn reader_of(actor: &Actor) -> StoryReader {
    if matches!(actor, Actor::Applicant { .. }) { StoryReader::Applicant } else { StoryReader::Staff }
}

/// Returns the way to get the result, if the applicant has a choice.
fn delivery(view: &DossierView, actor: &Actor, language: Language) -> Option<DeliveryContext> {
    let DossierView { dossier, procedure, .. } = view;
    let has_choice = dossier.post.is_some() || procedure.post.is_some();
    let may_change = dossier.may_change_delivery(actor, procedure);
    let change = if may_change { address::delivery(&dossier.filed.code) } else { String::new() };
    has_choice.then(|| DeliveryContext { change, ..DeliveryContext::of(dossier.post.as_ref(), procedure, language) })
}

/// Returns the parts of the page that have a button of their own.
fn parts_on_page(view: &DossierView, actor: &Actor, open_steps: &[StepContext], owes: bool) -> Vec<AttemptPart> {
    let others = [
        (AttemptPart::Message, view.may_write),
        (AttemptPart::Rating, view.dossier.asks_for_rating(actor)),
        (AttemptPart::Payment, owes && view.may_record_payment),
        (AttemptPart::Refund, view.dossier.may_record_refund(actor)),
        (AttemptPart::Withdrawal, view.dossier.may_withdraw(actor)),
    ];
    let shown = others.into_iter().filter_map(|(part, is_shown)| is_shown.then_some(part));
    parts(open_steps).into_iter().chain(shown).collect()
}

/// Returns the page of a dossier as its reader sees it.
fn context(portal: &Portal, actor: &Actor, view: DossierView, attempt: Attempt, language: Language) -> DossierPage {
    let (dossier, now, agencies) = (&view.dossier, portal.services.now(), &portal.services.province().agencies);
    let (filed, owner, running) = (&dossier.filed, reader_of(actor) == StoryReader::Applicant, is_running(dossier));
    let ((results, withheld), ended, reader) = (results(dossier, owner), dossier.flow.ended.as_ref(), reader_of(actor));
    let (outcome, reason) = ended.map_or(("", String::new()), |end| (end.outcome.name(), end.reason.clone()));
    let untouched = untouched(portal, &view, &attempt, language);
    let open_steps = steps(portal, actor, &view, &attempt, &untouched, language);
    let ways = (portal.settings.bank.as_ref(), portal.services.payments.origin().is_some());
    let payment = payment(ways, dossier, &view.procedure.workflow, language);
    let on_page = parts_on_page(&view, actor, &open_steps, payment.is_some());
    DossierPage {
        code: filed.code.to_string(),
        procedure: filed.procedure_name.get(language).to_owned(),
        agency: agency_name(agencies, &dossier.place.agency, language),
        owner,
        applicant: filed.applicant.name.clone(),
        represented: dossier.represented().map(RepresentedContext::of),
        phone: filed.applicant.phone.clone(),
        received_by: filed.receiving_officer().to_owned(),
        signatures: SignatureContext::all(&filed.signatures, language),
        status: dossier.status().name(),
        outcome,
        reason,
        punctuality: format::punctuality(dossier.punctuality(now)),
        filed: format::moment(dossier.filed_at, language),
        due: dossier.flow.whole.due().filter(|_| running).map_or_else(String::new, |due| format::moment(due, language)),
        clock_stands: running && dossier.flow.whole.stands(),
        due_unknown: running && dossier.flow.whole.is_unknown() && !dossier.flow.whole.stands(),
        waiting: waiting(agencies, dossier, &view.procedure, language),
        now_at: now_at(portal, dossier, language, reader),
        stages: stages(&view, now, language),
        steps: timeline(agencies, now, dossier, Some(&view.procedure), language, reader),
        sections: format::answers(&view.procedure, &dossier.values, language),
        visits: site_visits(agencies, dossier, now, language),
        papers: papers(&view, language),
        results: files(dossier, results.into_iter(), language),
        result_withheld: withheld,
        issued: issued(dossier, language),
        receiver: ReceiverContext::of(dossier, owner),
        delivery: delivery(&view, actor, language),
        earlier: earlier(dossier, language),
        findings: plugin_findings(dossier, language),
        plugin_failed: dossier.verdicts.iter().any(|verdict| verdict.fault.is_some()),
        supplements: supplements(dossier, owner, language),
        supplement_open: dossier.may_supplement(actor),
        payment,
        fee_change: fee_change(dossier, language),
        deposit_back: deposit_back(dossier, language),
        late: late(dossier, now, language).filter(|_| owner),
        money: money_lines(dossier, actor, &portal.theme.text(language, "agency"), language, reader),
        refund: refund(dossier, language).filter(|_| dossier.may_record_refund(actor)),
        messages: messages(&view, &portal.theme.text(language, "agency"), language, reader),
        unsent: unsent(portal, &view, attempt.unsent(&on_page, &untouched), owner, language),
        refused_bound: refused_bound(&attempt, &open_steps),
        refused_control: refused_control(&attempt, &open_steps),
        least_places: least_places(&attempt, &open_steps),
        open_steps,
        version: dossier.version,
        undo: view.may_undo.as_ref().map_or_else(String::new, |id| undone(&view, id, language)),
        may_record_payment: view.may_record_payment,
        may_verify_phone: dossier.lets(actor, Deed::VerifyPhone),
        may_write: view.may_write,
        may_apologise: dossier.may_apologise(actor, now),
        may_read_journal: view.may_read_journal,
        may_withdraw: dossier.may_withdraw(actor),
        may_rate: dossier.asks_for_rating(actor),
        documents: dossier.printed_forms(actor, now).map(PrintedForm::number).collect(),
        criteria: CriterionContext::all(&attempt),
        rating: dossier.rating.as_ref().map(RatingContext::of),
        typed: TypedContext::of(&attempt),
        message_files: MessageFilesContext::of(portal, actor, &filed.code, &attempt, language),
        refused_part: attempt.part.as_ref().map_or_else(String::new, AttemptPart::scope),
        refusal: attempt.refusal,
        ..DossierPage::default()
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
    let view = portal.services.dossiers.opened_dossier(visitor.actor(), code).await?;
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
    let (reader, agency) = (reader_of(actor), portal.theme.text(visitor.page_language(), "agency"));
    let sealed = sealed_at(portal, &view.dossier.filed.code, language).await?;
    let diagram = diagram(portal, &view.procedure, &view.dossier, language, reader).await?;
    let shown = |event: StoryEvent| HappenedContext::of(event, &agency, language, reader);
    let meanwhile = meanwhile.into_iter().map(shown).collect();
    let DossierStory { events: mut story, former } = match reader {
        StoryReader::Staff => portal.services.dossiers.story_of(actor, &view).await?,
        StoryReader::Applicant | StoryReader::Stranger => DossierStory { events: Vec::new(), former: None },
    };
    let changed = former.map_or_else(ChangedParts::default, |former| changed(&view, &former, language));
    let earlier = story.len().saturating_sub(MOST_OF_STORY);
    // Messages have a place of their own on the page.
    let untold = |event: StoryEvent| HappenedContext { message: String::new(), ..shown(event) };
    let story = story.split_off(earlier).into_iter().map(untold).collect();
    let mut viewer = match reader {
        StoryReader::Staff => viewer(&view, attempt.said(PAPER), language),
        StoryReader::Applicant | StoryReader::Stranger => ViewerContext::default(),
    };
    let own = reader == StoryReader::Staff && actor.owns(&view.dossier.filed.applicant.id);
    let way = WayContext::of(&attempt);
    let answers = if view.may_write { portal.services.answers.usable(actor).await? } else { Vec::new() };
    let answers = AnswerChoice::all(answers);
    let mut page = context(portal, actor, view, attempt, language);
    changed.place(&mut page.sections, &mut viewer.papers);
    if reader == StoryReader::Staff {
        place_marks(&mut page.open_steps, &mut page.sections, &mut viewer.papers);
    }
    let work = WorkContext { viewer: viewer.without_empty(), way, own };
    Ok(DossierPage { sealed, diagram, work, meanwhile, story, answers, ..page })
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
