//! The open steps of a dossier for people who can take them, and their actions.

use crate::pages::dossier::attempt::{Attempt, AttemptPart, prefix, why_of};
use crate::pages::dossier::receiver::ReceiverForm;
use crate::state::Portal;
use crate::view::basis::BasisContext;
use crate::view::by_place::ByPlace;
use crate::view::field::{self, ChoiceContext, FieldContext, FieldsContext};
use crate::view::format;
use crate::view::mark::{MarkContext, letter};
use crate::view::officer::OfficerContext;
use crate::view::site_visit::{SiteVisitForm, visit_time};
use crate::view::units::place_name;
use jiff::Timestamp;
use motcua_domain::dossier::Stay;
use motcua_domain::dossier::event::StayId;
use motcua_domain::expression::{Condition, WorkBudget};
use motcua_domain::form::Field;
use motcua_domain::form::judge::{Finding, JudgeFacts, judge_fields};
use motcua_domain::legal::LegalDocuments;
use motcua_domain::names::ActionId;
use motcua_domain::people::organisation::Actor;
use motcua_domain::text::Language;
use motcua_domain::workflow::{Action, Effect, Requirement, Step, UnitPlace};
use motcua_service::{DossierView, StepView, typed_in};
use serde::Serialize;
use serde_json::Map;

/// An open step.
#[derive(Debug, Clone, Serialize)]
pub struct StepContext {
    /// The number of the step's stay in this dossier, which is part of the names of its fields.
    pub stay: StayId,
    /// The name of the step.
    pub name: String,
    /// The word for the role, under `role-<word>`.
    pub role: &'static str,
    /// The agency and unit, if they are not the dossier's own.
    pub place: String,
    /// The officer who has the step, or an empty text.
    pub assignee: String,
    /// The due time of the step, or an empty text.
    pub due: String,
    /// The step is late.
    pub late: bool,
    /// The fields of the step's form, which the actions share, if an action asks it.
    pub fields: Vec<FieldContext>,
    /// Fields or computed values depend on other answers of the form, and a button brings them up to date.
    pub updates: bool,
    /// The actions that the reader can take.
    pub actions: Vec<ActionContext>,
    /// The officers who can get the next step.
    pub assignees: Vec<OfficerContext>,
    /// The reader made the proposal that the step judges, so a colleague decides.
    pub own_proposal: bool,
    /// The reader can take the step.
    pub may_take: bool,
    /// The reader can release the step for others.
    pub may_release: bool,
    /// The officers to whom the reader can give the step.
    pub colleagues: Vec<OfficerContext>,
    /// The id of the officer who was chosen as receiver, or an empty text.
    pub give_to: String,
    /// The typed note to the receiver, or an empty text.
    pub give_note: String,
}

/// An action that can be taken.
#[derive(Debug, Clone, Serialize)]
pub struct ActionContext {
    /// The id of the action, for its address and the names of its fields.
    pub id: String,
    /// The name of the action, for its button.
    pub name: String,
    /// The word for the effect, as in configuration.
    pub effect: &'static str,
    /// The action tells the applicant something, so the officer writes to the applicant.
    pub tells: bool,
    /// The action is not taken without a note for the staff.
    pub note_required: bool,
    /// The officer chooses who gets the next step.
    pub assignee: bool,
    /// The officer attaches the file with the result.
    pub result: bool,
    /// The office has asked for a supplement before, so the officer names new grounds.
    pub asked_before: bool,
    /// The questions whose answers open the action or close it, or an empty text.
    pub opened_by: String,
    /// The units among which the officer chooses.
    pub places: Vec<ChoiceContext>,
    /// The least number of units to choose.
    pub least_places: u32,
    /// The form for an appointment on the spot, if the action makes one or calls it off.
    pub visit: Option<SiteVisitForm>,
    /// The part of the form about who takes the result, if an officer hands it over.
    pub receiver: Option<ReceiverForm>,
    /// The papers and questions that a request for a supplement can name. A page that shows such a part has its mark there
    /// and not here.
    pub missing: Vec<MarkContext>,
    /// The words to the applicant that follow from the marks, or an empty text. They stand in `reason` until the officer
    /// changes them.
    pub letter: String,
    /// The action was sent without words, and those in `letter` are to be read before it is sent again.
    pub review: bool,
    /// Something was typed into the action's form, or the action was refused.
    pub open: bool,
    /// The officer who was chosen for the next step.
    pub chosen: String,
    /// The typed words to the applicant.
    pub reason: String,
    /// The typed note for the staff, or what the applicant typed at their own step.
    pub note: String,
    /// The typed new grounds, or an empty text.
    pub grounds: String,
    /// The file that was taken before the action was refused, as the page keeps it, or an empty text.
    pub kept: String,
    /// The name of that file, or an empty text.
    pub kept_name: String,
    /// The name of a file that was chosen and could not be kept, or an empty text.
    pub choose_again: String,
}

impl StepContext {
    /// Returns steps for checking a theme.
    pub fn samples() -> Vec<Self> {
        let unit = || ChoiceContext { value: "so/phong".into(), label: "Sở Mẫu – Phòng".into(), chosen: true };
        let action = |effect, full: bool| ActionContext {
            id: "act".into(),
            name: "Tiếp nhận".into(),
            effect,
            tells: effect == "request-supplement" || effect == "refuse",
            note_required: full,
            assignee: full,
            result: full,
            asked_before: full,
            opened_by: if full { "Đủ điều kiện?".into() } else { String::new() },
            places: if full { vec![unit()] } else { vec![] },
            least_places: 1,
            visit: ["advance", "split"].contains(&effect).then(|| SiteVisitForm::sample(effect == "split")),
            receiver: (effect == "finish").then(ReceiverForm::sample),
            missing: if effect == "request-supplement" {
                [true, false].map(MarkContext::sample).into()
            } else {
                vec![]
            },
            letter: if effect == "request-supplement" { "Thiếu ảnh".into() } else { String::new() },
            review: effect == "request-supplement",
            open: full,
            chosen: if full { "0".into() } else { String::new() },
            reason: if full { "Thiếu ảnh".into() } else { String::new() },
            note: if full { "Hợp lệ".into() } else { String::new() },
            grounds: if full { "Mới".into() } else { String::new() },
            kept: if effect == "finish" { "0{}".into() } else { String::new() },
            kept_name: if effect == "finish" { "a.pdf".into() } else { String::new() },
            choose_again: if effect == "answer" { "a.pdf".into() } else { String::new() },
        };
        let effects = ["advance", "split", "request-payment", "request-supplement", "answer", "finish", "refuse"];
        let step = |full: bool| Self {
            stay: 1,
            name: "Thẩm định".into(),
            role: "appraiser",
            place: if full { "Sở Mẫu – Phòng".into() } else { String::new() },
            assignee: if full { "Mai".into() } else { String::new() },
            due: if full { "27/11/2026 08:00".into() } else { String::new() },
            late: full,
            fields: vec![],
            updates: full,
            actions: if full { effects.iter().map(|effect| action(effect, true)).collect() } else { vec![] },
            assignees: vec![OfficerContext::sample("0", "Mai")],
            own_proposal: !full,
            may_take: !full,
            may_release: full,
            colleagues: if full { vec![OfficerContext::sample("1", "Sơn")] } else { vec![] },
            give_to: if full { "1".into() } else { String::new() },
            give_note: if full { "Giúp".into() } else { String::new() },
        };
        vec![step(true), step(false)]
    }
}

/// Returns the open steps of a dossier that its reader can take. `untouched` has the fields that a browser posts for
/// their forms if nobody types into them.
pub fn steps(
    portal: &Portal,
    actor: &Actor,
    view: &DossierView,
    attempt: &Attempt,
    untouched: &[(String, String)],
    language: Language,
) -> Vec<StepContext> {
    let page = StepsOnPage { portal, actor, view, attempt, untouched, language };
    view.steps.iter().map(|step| page.step(step)).collect()
}

/// Returns the fields that a browser posts if nobody types into them, for the posted forms of steps.
pub fn untouched(portal: &Portal, view: &DossierView, attempt: &Attempt, language: Language) -> Vec<(String, String)> {
    let posted: Vec<&str> = attempt.filled.iter().map(|(name, _)| name.as_str()).collect();
    let posted: Vec<&str> = posted.into_iter().filter(|name| name.starts_with("fill.")).collect();
    let mut untouched = Vec::new();
    if posted.is_empty() {
        return untouched;
    }
    for (stay, visit) in (0..).zip(&view.dossier.flow.visits) {
        let Some(step) = view.procedure.workflow.step(&visit.at.step) else { continue };
        let prefix = prefix(stay);
        if posted.iter().any(|name| name.starts_with(&prefix)) {
            let around = (view.procedure.legal_documents(), language);
            untouched.extend(field::as_posted(&fields(portal, step, &prefix, &[], None, around)));
        }
    }
    untouched
}

/// Returns the parts of the page's form that belong to the steps.
pub fn parts(steps: &[StepContext]) -> Vec<AttemptPart> {
    let of_step = |step: &StepContext| {
        let stay = step.stay;
        let acts = step.actions.iter().map(move |action| AttemptPart::Act(Some(stay), ActionId(action.id.clone())));
        let give = (!step.colleagues.is_empty()).then_some(AttemptPart::Give(stay));
        acts.chain(give).collect::<Vec<_>>()
    };
    steps.iter().flat_map(of_step).collect()
}

/// The page on which steps are shown.
#[derive(Clone, Copy)]
struct StepsOnPage<'a> {
    portal: &'a Portal,
    actor: &'a Actor,
    view: &'a DossierView,
    attempt: &'a Attempt,
    untouched: &'a [(String, String)],
    language: Language,
}

impl StepsOnPage<'_> {
    fn step(self, step: &StepView) -> StepContext {
        let Self { portal, attempt, language, .. } = self;
        let agencies = &portal.services.province().agencies;
        let stay = &step.stay;
        let give = AttemptPart::Give(stay.id);
        StepContext {
            stay: stay.id,
            name: stay.at.name.get(language).to_owned(),
            role: stay.at.role.name(),
            place: stay.at.place.as_ref().map_or_else(String::new, |place| place_name(agencies, place, language)),
            assignee: stay.assignee.as_ref().map_or_else(String::new, |assignee| assignee.name.clone()),
            due: stay.due().map_or_else(String::new, |due| format::moment(due, language)),
            late: stay.runs_late(portal.services.now()),
            fields: self.fields(step),
            updates: step
                .step
                .form
                .iter()
                .any(|field| field.shown != Condition::Fixed(true) || field.kind.is_computed()),
            actions: step.actions.iter().map(|found| self.action(step, found)).collect(),
            assignees: OfficerContext::all(&step.assignees),
            own_proposal: step.own_proposal,
            may_take: step.pool.may_take,
            may_release: step.pool.may_release,
            colleagues: OfficerContext::all(&step.pool.colleagues),
            give_to: attempt.typed(&give, "to").to_owned(),
            give_note: attempt.typed(&give, "note").to_owned(),
        }
    }

    /// Returns the fields of the step's form, with the findings about it if an action was refused for them.
    fn fields(self, step: &StepView) -> Vec<FieldContext> {
        let Self { portal, view, attempt, language, .. } = self;
        if !step.actions.iter().any(|action| step.step.asks_form(action)) {
            return vec![];
        }
        let part = |action: &&Action| AttemptPart::Act(Some(step.stay.id), action.id.clone());
        let refused = step.actions.iter().find(|action| attempt.is_sent(&part(action)));
        let refused = refused.map(|action| (action, attempt.refusal.as_str()));
        let around = (view.procedure.legal_documents(), language);
        fields(portal, &step.step, &prefix(step.stay.id), &attempt.filled, refused, around)
    }

    /// Returns the papers and questions that a request for a supplement can name. The applicant reads them with their
    /// legal bases.
    fn missing(self, action: &Action, part: &AttemptPart) -> Vec<MarkContext> {
        if action.effect != Effect::RequestSupplement {
            return Vec::new();
        }
        let (procedure, language) = (&self.view.procedure, self.language);
        let (marked, documents) = (self.attempt.marked(part), procedure.legal_documents());
        let mark = |place: String| {
            let (label, basis) = procedure.asked_at(&place)?;
            Some(MarkContext {
                part: part.scope(),
                label: label.get(language).to_owned(),
                chosen: marked.contains(&place),
                why: self.attempt.typed(part, &why_of(&place)).trim().to_owned(),
                basis: BasisContext::cited(&documents.citations(basis), language),
                place,
            })
        };
        let papers = procedure.papers.iter().map(|paper| format!("papers.{}", paper.id));
        let fields = procedure.form.fields().filter(|(_, field)| !field.kind.is_helper());
        papers.chain(fields.map(|(_, field)| field.id.clone())).filter_map(mark).collect()
    }

    /// Returns the form for an appointment on the spot.
    fn visit(self, stay: &Stay, action: &Action, part: &AttemptPart) -> Option<SiteVisitForm> {
        let rule = action.visit.as_ref()?;
        let Self { portal, view, attempt, language, .. } = self;
        let (dossier, now) = (&view.dossier, portal.services.now());
        let bounds = rule.bounds(&portal.services.province().calendar, now).ok();
        let moment = |at: Option<Timestamp>| at.map_or_else(String::new, |at| format::moment(at, language));
        let typed = |name: &str| attempt.typed(part, name).to_owned();
        let coming = dossier.coming_site_visit(stay, now);
        Some(SiteVisitForm {
            calls_off: rule.calls_off,
            coming: coming.map_or_else(String::new, |planned| visit_time(&planned.visit, language)),
            day: typed("visit_day"),
            from: typed("visit_from"),
            to: typed("visit_to"),
            place: typed("visit_place"),
            usual_place: rule.usual_place(&view.procedure.form, &dossier.values).unwrap_or_default(),
            note: typed("visit_note"),
            earliest: moment(bounds.filter(|_| rule.at_least.is_some()).map(|bounds| bounds.earliest)),
            latest: moment(bounds.and_then(|bounds| bounds.latest)),
        })
    }

    fn action(self, step: &StepView, action: &Action) -> ActionContext {
        let Self { portal, actor, view, attempt, untouched, language } = self;
        let needs = |requirement| action.requires.contains(&requirement);
        let part = AttemptPart::Act(Some(step.stay.id), action.id.clone());
        let is_sent = attempt.is_sent(&part);
        let typed = |name: &str| attempt.typed(&part, name).to_owned();
        let asked = step.places.iter().find(|choice| choice.action == action.id);
        let chosen = attempt.chosen(&part, "ask");
        let agencies = &portal.services.province().agencies;
        let place = |place: &UnitPlace| {
            let value = format!("{}/{}", place.agency, place.unit);
            let is_chosen = chosen.contains(&value.as_str());
            ChoiceContext { value, label: place_name(agencies, place, language), chosen: is_chosen }
        };
        let asked_before = view.dossier.asked_before(&step.stay.at.step);
        let kept = typed("kept");
        let file = portal.services.dossiers.kept_result(actor, &view.dossier.filed.code, &kept);
        // A browser forgets a chosen file with each button, so the page repeats the name that it showed.
        let not_kept = [typed("result"), typed("again")].into_iter().find(|name| !name.is_empty()).unwrap_or_default();
        let missing = self.missing(action, &part);
        let letter = letter(&missing, &portal.theme.text(language, "letter-intro"));
        let (written, before) = (typed("reason"), typed("letter"));
        let is_own = !written.trim().is_empty() && written.trim() != before.trim();
        let is_opened_by_form = step.step.is_opened_by_form(action);
        ActionContext {
            id: action.id.to_string(),
            name: action.name.get(language).to_owned(),
            effect: action.effect.name(),
            tells: action.effect.needs_note(),
            note_required: action.needs_note() && !action.effect.needs_note(),
            assignee: needs(Requirement::Assignee),
            result: needs(Requirement::ResultFile),
            asked_before: action.effect == Effect::RequestSupplement && asked_before,
            opened_by: if is_opened_by_form { labels(&step.step.read_by(action), language) } else { String::new() },
            places: asked.map_or_else(Vec::new, |asked| asked.places.iter().map(place).collect()),
            least_places: asked.map_or(0, |asked| asked.least),
            visit: self.visit(&step.stay, action, &part),
            receiver: (action.effect == Effect::HandOver)
                .then(|| ReceiverForm::of(attempt, &part, view.dossier.post.as_ref())),
            chosen: typed("assignee"),
            reason: if is_own { written } else { letter.clone() },
            review: is_sent && attempt.refusal.is_empty() && !letter.is_empty(),
            missing,
            letter,
            note: typed("note"),
            grounds: typed("new_grounds"),
            choose_again: if file.is_none() { not_kept } else { String::new() },
            kept: if file.is_some() { kept } else { String::new() },
            kept_name: file.map_or_else(String::new, |file| file.name),
            open: is_sent || attempt.touches(&part, untouched),
        }
    }
}

/// Returns the labels of questions, with commas between them.
fn labels(fields: &[&Field], language: Language) -> String {
    fields.iter().map(|field| field.label.get(language)).collect::<Vec<_>>().join(", ")
}

/// Returns the step's form with its typed answers. `refused` has the action that was sent and refused, with the word for
/// the refusal: the findings that it is about stand at their fields.
fn fields(
    portal: &Portal,
    step: &Step,
    prefix: &str,
    filled: &[(String, String)],
    refused: Option<(&Action, &str)>,
    (documents, language): (LegalDocuments<'_>, Language),
) -> Vec<FieldContext> {
    let registries = &portal.services.province().registries;
    let is_posted = filled.iter().any(|(name, _)| name.starts_with(prefix));
    // The author's proposal stands there until somebody types.
    let typed = if is_posted { typed_in(&step.form, prefix, filled) } else { Map::new() };
    let asked: Vec<_> = step.form.iter().collect();
    let found =
        judge_fields(&asked, &typed, JudgeFacts { now: portal.services.now(), registries, files: &[], computed: None });
    let named = |finding: Finding| Finding { path: format!("{prefix}{}", finding.path), ..finding };
    let about = match refused {
        Some((_, "incomplete")) => found.findings,
        Some((action, "closed-by-answers")) => step.closed_by_form(action),
        _ => Vec::new(),
    };
    let findings: Vec<Finding> = about.into_iter().map(named).collect();
    let (by_place, work) = (ByPlace::new(&findings), WorkBudget::at(portal.services.now()));
    let files = |_: &str| Vec::new();
    let (areas, files) = (None, &files);
    let around = FieldsContext { findings: &by_place, work: &work, registries, language, areas, files, documents };
    field::fields(&step.form, prefix, &typed, &found.values, &found.values, around)
}
