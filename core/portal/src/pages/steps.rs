//! The open steps of a dossier, as one who can take them sees them, and what can be done at them.

use crate::Portal;
use crate::failure::{Carry, Failure};
use crate::field::{self, Around, FieldContext};
use crate::format;
use crate::pages::attempt::Attempt;
use crate::pages::dossier::{change, code};
use crate::typing::with_language;
use crate::visitor::{Posted, Visitor};
use crate::web::upload::Upload;
use axum::extract::{Path, State};
use axum::response::Response;
use motcua_desk::{Change, DossierView, Error, StepView, typed_in};
use motcua_domain::clock::Clock;
use motcua_domain::event::StayId;
use motcua_domain::judge::{Finding, Given, judge_fields};
use motcua_domain::names::{ActionId, UserId};
use motcua_domain::text::Language;
use motcua_domain::workflow::{Action, Effect, Place, Requirement};
use serde::Serialize;

/// An open step.
#[derive(Debug, Clone, Serialize)]
pub struct StepContext {
    pub stay: StayId,
    pub name: String,
    pub role: &'static str,
    /// The agency and unit, if they are not the dossier's own.
    pub place: String,
    pub assignee: String,
    pub due: String,
    pub late: bool,
    pub actions: Vec<ActionContext>,
    pub assignees: Vec<(String, String)>,
    /// The reader proposed what the step judges, so a colleague decides.
    pub own_proposal: bool,
    pub may_take: bool,
    pub may_release: bool,
    pub colleagues: Vec<(String, String)>,
    /// To whom it was to be given, and the note, if that was refused.
    pub give_to: String,
    pub give_note: String,
}

/// An action that can be taken.
#[derive(Debug, Clone, Serialize)]
pub struct ActionContext {
    pub id: String,
    pub name: String,
    /// The word for the effect, as in configuration.
    pub effect: &'static str,
    pub note_required: bool,
    pub assignee: bool,
    pub result: bool,
    pub asked_before: bool,
    /// What the officer fills in.
    pub fields: Vec<FieldContext>,
    /// The units among which the officer chooses whom to ask: value, name, chosen.
    pub places: Vec<(String, String, bool)>,
    /// It was tried and refused.
    pub tried: bool,
    /// The officer who was chosen for the next step when it was tried.
    pub chosen: String,
}

impl StepContext {
    /// Steps for checking a theme.
    pub fn samples() -> Vec<Self> {
        let action = |effect, full: bool| ActionContext {
            id: "act".into(),
            name: "Tiếp nhận".into(),
            effect,
            note_required: full,
            assignee: full,
            result: full,
            asked_before: full,
            fields: vec![],
            places: if full { vec![("so/phong".into(), "Sở Mẫu – Phòng".into(), true)] } else { vec![] },
            tried: full,
            chosen: if full { "0".into() } else { String::new() },
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
            actions: if full { effects.iter().map(|effect| action(effect, true)).collect() } else { vec![] },
            assignees: vec![("0".into(), "Mai".into())],
            own_proposal: !full,
            may_take: !full,
            may_release: full,
            colleagues: if full { vec![("1".into(), "Sơn".into())] } else { vec![] },
            give_to: if full { "1".into() } else { String::new() },
            give_note: if full { "Giúp".into() } else { String::new() },
        };
        vec![step(true), step(false)]
    }
}

/// The name of a unit with its agency.
pub fn place_name(portal: &Portal, place: &Place, language: Language) -> String {
    let agency = portal.desk.province().agency(&place.agency);
    let unit = agency.and_then(|agency| agency.units.iter().find(|unit| unit.id == place.unit));
    let name = agency.map_or_else(|| place.agency.to_string(), |agency| agency.name.get(language).to_owned());
    unit.map_or_else(|| name.clone(), |unit| format!("{name} – {}", unit.name.get(language)))
}

/// How the fields of an action's form are named in what is posted.
fn prefix(stay: StayId, action: &ActionId) -> String {
    format!("fill.{stay}.{action}.")
}

/// The open steps of a dossier that its reader can take.
pub fn steps(portal: &Portal, view: &DossierView, attempt: &Attempt, language: Language) -> Vec<StepContext> {
    view.steps.iter().map(|step| one(portal, view, step, attempt, language)).collect()
}

/// What was typed for a step that the reader cannot take any more: it has no form on the page, and is shown to be copied.
pub fn unsent(open: &[StepContext], attempt: &Attempt) -> Vec<String> {
    let Some(stay) = attempt.stay.filter(|_| !attempt.refusal.is_empty()) else { return Vec::new() };
    let tried = |step: &StepContext| {
        let gives = attempt.form == "give" && !step.colleagues.is_empty();
        step.stay == stay && (gives || step.actions.iter().any(|action| action.tried))
    };
    if open.iter().any(tried) {
        return Vec::new();
    }
    let fields = attempt.filled.iter().filter(|(name, _)| name.starts_with("fill.")).map(|(_, value)| value);
    let texts = [&attempt.text, &attempt.grounds].into_iter().chain(fields);
    texts.filter(|text| !text.trim().is_empty()).cloned().collect()
}

fn one(portal: &Portal, view: &DossierView, step: &StepView, attempt: &Attempt, language: Language) -> StepContext {
    let pairs = |list: &[(UserId, String)]| list.iter().map(|(id, name)| (id.to_string(), name.clone())).collect();
    let stay = &step.stay;
    let due = stay.clock.as_ref().and_then(Clock::due);
    let given = |name: &str| match attempt.stay {
        Some(tried) if tried == stay.id => attempt.filled("give", name).to_owned(),
        _ => String::new(),
    };
    StepContext {
        stay: stay.id,
        name: stay.at.name.get(language).to_owned(),
        role: stay.at.role.name(),
        place: stay.at.place.as_ref().map_or_else(String::new, |place| place_name(portal, place, language)),
        assignee: stay.assignee.as_ref().map_or_else(String::new, |assignee| assignee.name.clone()),
        due: due.map_or_else(String::new, |due| format::moment(due, language)),
        late: due.is_some_and(|due| due < portal.desk.now()),
        actions: step.actions.iter().map(|found| action(portal, view, step, found, attempt, language)).collect(),
        assignees: pairs(&step.assignees),
        own_proposal: step.own_proposal,
        may_take: step.pool.may_take,
        may_release: step.pool.may_release,
        colleagues: pairs(&step.pool.colleagues),
        give_to: given("to"),
        give_note: given("note"),
    }
}

fn action(
    portal: &Portal,
    view: &DossierView,
    step: &StepView,
    action: &Action,
    attempt: &Attempt,
    language: Language,
) -> ActionContext {
    let needs = |requirement| action.requires.contains(&requirement);
    let tried = attempt.form == action.id.as_str() && attempt.stay.is_none_or(|stay| stay == step.stay.id);
    let filled: &[(String, String)] = if tried { &attempt.filled } else { &[] };
    let asked = step.places.iter().find(|(id, _)| *id == action.id).map_or(&[][..], |(_, places)| places);
    let place = |place: &Place| {
        let value = format!("{}/{}", place.agency, place.unit);
        let chosen = filled.iter().any(|(name, chosen)| name == "ask" && *chosen == value);
        (value, place_name(portal, place, language), chosen)
    };
    let asked_before = view.dossier.supplements.iter().any(|request| request.step == step.stay.at.step);
    ActionContext {
        id: action.id.to_string(),
        name: action.name.get(language).to_owned(),
        effect: action.effect.name(),
        note_required: action.effect.needs_note() || needs(Requirement::Note),
        assignee: needs(Requirement::Assignee),
        result: needs(Requirement::ResultFile),
        asked_before: action.effect == Effect::RequestSupplement && asked_before,
        fields: if action.effect.needs_note() {
            vec![]
        } else {
            fields(portal, step, &action.id, filled, tried && attempt.refusal == "incomplete", language)
        },
        places: asked.iter().map(place).collect(),
        chosen: if tried { attempt.filled(action.id.as_str(), "assignee").to_owned() } else { String::new() },
        tried,
    }
}

/// The step's form, with what was typed into it and, once it was tried, what there is to say.
fn fields(
    portal: &Portal,
    step: &StepView,
    action: &ActionId,
    filled: &[(String, String)],
    judged: bool,
    language: Language,
) -> Vec<FieldContext> {
    let prefix = prefix(step.stay.id, action);
    let registries = &portal.desk.province().registries;
    let typed = typed_in(&step.step.form, &prefix, filled);
    let asked: Vec<_> = step.step.form.iter().collect();
    let found = judge_fields(&asked, &typed, Given { now: portal.desk.now(), registries, files: &[], computed: None });
    let named = |finding: Finding| Finding { path: format!("{prefix}{}", finding.path), ..finding };
    let findings: Vec<Finding> = found.findings.into_iter().filter(|_| judged).map(named).collect();
    let around = Around { findings: &findings, registries, language, files: &|_| Vec::new() };
    field::fields(&step.step.form, &prefix, &typed, &found.values, &found.values, around)
}

/// `POST /dossiers/{code}/actions/{action}`: takes an action of a step. Multipart, because an action may issue the file
/// of a result.
pub async fn act(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path((path, action)): Path<(String, String)>,
    mut upload: Upload,
) -> Result<Response, Failure> {
    let code = code(&path)?;
    let actor = visitor.actor().ok();
    let mut fields: Vec<(String, String)> = Vec::new();
    let (mut result, mut chosen) = (Ok(None), false);
    while let Some(field) = upload.next().await? {
        match (field.is_file(), field.file_name(), actor) {
            (true, Some(name), Some(actor)) => {
                chosen = true;
                result = portal.desk.take_result(actor, &code, &name, field).await.map(Some);
            }
            (true, ..) => {}
            (false, ..) => {
                let name = field.name().to_owned();
                fields.push((name, field.text().await?));
            }
        }
    }
    if actor.is_none() {
        return Err(Failure::LogIn(Carry { posted: fields, upload: true, ..Carry::default() }));
    }
    if !chosen {
        visitor.keep(upload.texts(&fields), true);
    }
    with_language(&mut fields, visitor.language());
    let posted = Posted(fields);
    let filled = |name: &str| Some(posted.get(name).to_owned()).filter(|value| !value.is_empty());
    let stay = filled("stay").and_then(|stay| stay.parse().ok());
    let action = ActionId(action);
    let asked = posted.0.iter().filter(|(name, _)| name == "ask").filter_map(|(_, place)| {
        let (agency, unit) = place.split_once('/')?;
        Some(Place { agency: agency.into(), unit: unit.into() })
    });
    let attempt = Attempt {
        stay,
        seen: posted.get("seen").parse().unwrap_or(0),
        text: posted.get("note").to_owned(),
        grounds: posted.get("new_grounds").to_owned(),
        proof: upload.proof,
        ..Attempt::of(action.as_str(), &posted)
    };
    let wish = result.map(|result| Change::Act {
        stay,
        seen: attempt.seen,
        note: attempt.text.clone(),
        assignee: filled("assignee").map(UserId),
        result,
        new_grounds: filled("new_grounds"),
        prefix: stay.map_or_else(String::new, |stay| prefix(stay, &action)),
        filled: attempt.filled.clone(),
        places: asked.collect(),
        action,
    });
    change(&portal, &visitor, &code, wish, attempt).await
}

/// `POST /dossiers/{code}/steps/{stay}/{deed}`: `take`, `give` or `release` a step.
pub async fn pool(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path((path, stay, deed)): Path<(String, StayId, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    visitor.actor_for(&posted.0)?;
    let seen = posted.get("seen").parse().unwrap_or(0);
    let note = posted.get("note").to_owned();
    let attempt = Attempt { stay: Some(stay), seen, text: note.clone(), ..Attempt::of(&deed, &posted) };
    let wish = match deed.as_str() {
        "take" => Change::Take { stay, seen },
        "release" => Change::Release { stay, seen },
        "give" => Change::Give { stay, seen, to: posted.get("to").into(), note },
        _ => return Err(Error::NotFound.into()),
    };
    change(&portal, &visitor, &code(&path)?, Ok(wish), attempt).await
}

/// `POST /dossiers/{code}/undo`: takes the visitor's own last action back.
pub async fn undo(
    State(portal): State<Portal>,
    visitor: Visitor,
    Path(path): Path<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    visitor.actor_for(&posted.0)?;
    let seen = posted.get("seen").parse().unwrap_or(0);
    let attempt = Attempt { seen, ..Attempt::of("undo", &posted) };
    change(&portal, &visitor, &code(&path)?, Ok(Change::Undo { seen }), attempt).await
}
