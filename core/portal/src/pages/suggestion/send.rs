//! Sending a complaint or a suggestion.

use crate::pages::public::AgencyContext;
use crate::pages::render::{html, in_language, ok};
use crate::state::Portal;
use crate::theme::Page;
use crate::web::address;
use crate::web::again::PROOF;
use crate::web::failure::Failure;
use crate::web::person::{Applicant, Person, PostedBy};
use crate::web::typing::Query;
use crate::web::visitor::{PostedForm, command};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use motcua_domain::names::{AgencyId, DossierCode};
use motcua_domain::suggestion::SuggestionTopic;
use motcua_domain::suggestion::decide::MOST_LETTERS;
use motcua_service::{DeskRow, Error, InputRule, SuggestionWish};
use serde::{Deserialize, Serialize};

/// The form of a complaint or a suggestion. Without a topic, the page asks for it first.
#[derive(Debug, Clone, Serialize)]
pub struct SuggestionFormPage {
    /// The words of the topics to choose from, under `suggestion-about-<word>`.
    pub topics: Vec<&'static str>,
    /// The chosen topic, or an empty text if it is not chosen yet.
    pub about: String,
    /// The name of the procedure at `path`, or an empty text.
    pub subject: String,
    /// The path of the procedure's page, or an empty text if the sender writes the name.
    pub path: String,
    /// The agencies to choose from. The list is empty if the topic needs no choice.
    pub agencies: Vec<AgencyContext>,
    /// The id of the chosen agency, or an empty text.
    pub agency: String,
    /// The sender writes the name of an officer or of a procedure.
    pub asks_name: bool,
    /// The typed name of the officer or the procedure.
    pub name: String,
    /// The sender's own dossiers to choose from.
    pub dossiers: Vec<DossierOption>,
    /// The code of the chosen dossier, or an empty text.
    pub dossier: String,
    /// The typed text.
    pub text: String,
    /// The sender agrees that the suggestion is published without names.
    pub may_publish: bool,
    /// The working days within which the agency answers.
    pub days: u32,
    /// The most characters of the text.
    pub most: usize,
    /// The fields that are empty, under `suggestion-missing-<word>`: `agency`, `name`, `dossier` and `text`.
    pub missing: Vec<&'static str>,
    /// The rule that was broken, under `refusal-<word>`, or an empty text.
    pub refusal: String,
    /// The field that broke the rule, or an empty text.
    pub refused: &'static str,
}

/// A dossier of the sender.
#[derive(Debug, Clone, Serialize)]
pub struct DossierOption {
    /// The code of the dossier.
    pub code: String,
    /// The name of the procedure, or an empty text.
    pub procedure: String,
}

/// The content of the form, as it was typed or as a link fills it in.
#[derive(Debug, Clone, Default, Serialize)]
struct SuggestionAttempt {
    about: String,
    path: String,
    agency: String,
    name: String,
    dossier: String,
    text: String,
    may_publish: bool,
}

/// The topic that a link fills in.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct SuggestionQuery {
    about: String,
    path: String,
    dossier: String,
}

impl Page for SuggestionFormPage {
    const TEMPLATE: &'static str = "suggestion_new.html";
    fn samples() -> Vec<Self> {
        let agency = AgencyContext { id: "so".into(), name: "Sở Mẫu".into() };
        let choice = Self {
            topics: SuggestionTopic::WORDS.to_vec(),
            about: String::new(),
            subject: String::new(),
            path: String::new(),
            agencies: vec![],
            agency: String::new(),
            asks_name: false,
            name: String::new(),
            dossiers: vec![],
            dossier: String::new(),
            text: String::new(),
            may_publish: false,
            days: 15,
            most: MOST_LETTERS,
            missing: vec![],
            refusal: String::new(),
            refused: "",
        };
        let portal = Self { about: "portal".into(), ..choice.clone() };
        let officer =
            Self { about: "officer".into(), agencies: vec![agency.clone()], asks_name: true, ..choice.clone() };
        let empty = Self { missing: vec!["agency", "name", "text"], ..officer.clone() };
        let named = Self { about: "procedure".into(), ..officer.clone() };
        let procedure = Self {
            about: "procedure".into(),
            subject: "Thủ tục".into(),
            path: "/procedures/so/thu-tuc".into(),
            may_publish: true,
            ..choice.clone()
        };
        let shared = Self { agencies: vec![agency], agency: "so".into(), ..procedure.clone() };
        let option = DossierOption { code: "H09.01-261124-0001".into(), procedure: "Thủ tục".into() };
        let older = DossierOption { code: "H09.01-241124-0001".into(), procedure: String::new() };
        let dossier = Self {
            about: "dossier".into(),
            dossier: option.code.clone(),
            dossiers: vec![option, older],
            text: "Quá hạn ba ngày.".into(),
            ..choice.clone()
        };
        let unchosen = Self { dossier: String::new(), missing: vec!["dossier"], ..dossier.clone() };
        let without = Self { dossiers: vec![], ..dossier.clone() };
        let long = Self { refusal: "suggestion-text".into(), refused: "text", ..dossier.clone() };
        let often = Self { refusal: "quota-suggestions".into(), ..dossier.clone() };
        vec![choice, portal, officer, empty, named, procedure, shared, dossier, unchosen, without, long, often]
    }
}

impl SuggestionAttempt {
    fn of(posted: &PostedForm) -> Self {
        let typed = |name: &str| posted.get(name).to_owned();
        Self {
            about: typed("about"),
            path: typed("path"),
            agency: typed("agency"),
            name: typed("name"),
            dossier: typed("dossier"),
            text: typed("text"),
            may_publish: posted.get("may_publish") == "yes",
        }
    }
}

/// Returns the sender's dossiers. A chosen one that is too old for the list comes last.
async fn own_dossiers(portal: &Portal, sender: &Person, chosen: &str) -> Result<Vec<DossierOption>, Failure> {
    let (found, _) = portal.services.lists.my_dossiers(sender.actor()).await?;
    let option =
        |row: DeskRow| DossierOption { procedure: row.procedure.get(sender.language()).to_owned(), code: row.code };
    let mut options: Vec<DossierOption> = found.into_iter().map(option).collect();
    let is_listed = options.iter().any(|option| option.code == chosen);
    if let Some(code) = DossierCode::parse(chosen).filter(|_| !is_listed) {
        options.push(DossierOption { code: code.to_string(), procedure: String::new() });
    }
    Ok(options)
}

/// Returns the page with what was typed.
async fn page(portal: &Portal, sender: &Person, attempt: SuggestionAttempt) -> Result<SuggestionFormPage, Failure> {
    let (services, language) = (&portal.services, sender.language());
    let about = SuggestionTopic::WORDS.into_iter().find(|word| *word == attempt.about).unwrap_or_default();
    let (mut subject, mut path, mut asks_name) = (String::new(), String::new(), about == "officer");
    let mut offering: Option<Vec<AgencyId>> = (about == "officer").then(Vec::new);
    if about == "procedure" {
        let catalogue = services.procedures.catalogue();
        match catalogue.offer_at(&attempt.path) {
            Some(offer) => {
                subject = offer.live.procedure.name.get(language).to_owned();
                path = attempt.path;
                offering = offer.agency.is_none().then(|| offer.live.offers.to_vec());
            }
            None => (asks_name, offering) = (true, Some(Vec::new())),
        }
    }
    // Without a list of agencies that offer the procedure, each agency can be chosen.
    let agencies = offering.map_or_else(Vec::new, |offering| {
        let all = services.province().agencies.iter();
        let fits = all.filter(|agency| offering.is_empty() || offering.contains(&agency.id));
        fits.map(|agency| AgencyContext::of(agency, language)).collect()
    });
    let dossiers = if about == "dossier" { own_dossiers(portal, sender, &attempt.dossier).await? } else { Vec::new() };
    Ok(SuggestionFormPage {
        topics: SuggestionTopic::WORDS.to_vec(),
        about: about.to_owned(),
        subject,
        path,
        agencies,
        agency: attempt.agency,
        asks_name,
        name: attempt.name,
        dossiers,
        dossier: attempt.dossier,
        text: attempt.text,
        may_publish: attempt.may_publish,
        days: services.suggestions.limits().answer_days,
        most: MOST_LETTERS,
        missing: Vec::new(),
        refusal: String::new(),
        refused: "",
    })
}

/// Returns the fields that are empty.
fn missing(page: &SuggestionFormPage) -> Vec<&'static str> {
    let is_dossier = page.about == "dossier";
    let fields = [
        ("dossier", is_dossier && DossierCode::parse(&page.dossier).is_none()),
        ("agency", !page.agencies.is_empty() && page.agency.is_empty()),
        ("name", page.asks_name && page.name.trim().is_empty()),
        ("text", page.text.trim().is_empty()),
    ];
    fields.into_iter().filter_map(|(name, lacks)| lacks.then_some(name)).collect()
}

/// Returns the topic that a complete form names, or none if it names no topic.
fn wish(page: &SuggestionFormPage) -> Option<SuggestionWish> {
    let (agency, name) = (AgencyId(page.agency.clone()), page.name.clone());
    Some(match page.about.as_str() {
        "portal" => SuggestionWish::Portal,
        "officer" => SuggestionWish::Officer { agency, name },
        "procedure" if page.path.is_empty() => SuggestionWish::NamedProcedure { agency, name },
        "procedure" => SuggestionWish::Procedure { path: page.path.clone(), agency },
        "dossier" => SuggestionWish::Dossier(DossierCode::parse(&page.dossier)?),
        _ => return None,
    })
}

/// `GET /suggestions/new?about=&path=&dossier=`: the form, or the choice of the topic.
pub async fn form(
    State(portal): State<Portal>,
    Query(query): Query<SuggestionQuery>,
    visitor: Applicant,
) -> Result<Response, Failure> {
    let SuggestionQuery { about, path, dossier } = query;
    let attempt = SuggestionAttempt { about, path, dossier, ..SuggestionAttempt::default() };
    let page = page(&portal, &visitor, attempt).await?;
    Ok(ok(&portal, &visitor, &page))
}

/// `POST /suggestions/new`: sends the suggestion.
pub async fn send(
    State(portal): State<Portal>,
    PostedBy(visitor, posted): PostedBy<Applicant>,
) -> Result<Response, Failure> {
    let attempt = SuggestionAttempt::of(&posted);
    if let Some(language) = posted.language(&portal) {
        let page = page(&portal, &visitor.reading(language), attempt).await?;
        return Ok(in_language(&portal, &visitor, language, &page));
    }
    let id = command(posted.get(PROOF), &("suggestion", &attempt))?;
    let page = page(&portal, &visitor, attempt).await?;
    let missing = missing(&page);
    let unsent = |page: SuggestionFormPage| Ok(html(&portal, &visitor, StatusCode::UNPROCESSABLE_ENTITY, &page));
    let Some(wish) = wish(&page).filter(|_| missing.is_empty()) else {
        let missing = if page.about.is_empty() { Vec::new() } else { missing };
        return unsent(SuggestionFormPage { missing, ..page });
    };
    let actor = visitor.actor();
    match portal.services.suggestions.send(actor, &id, &wish, &page.text, page.may_publish).await {
        Ok(id) => Ok(Redirect::to(&address::suggestion(id)).into_response()),
        Err(Error::Invalid(rule)) => {
            let refused = match rule {
                InputRule::SuggestionText => "text",
                InputRule::SuggestionAgency => "agency",
                InputRule::SuggestionTopic if page.about == "dossier" => "dossier",
                InputRule::SuggestionTopic if page.asks_name => "name",
                _ => "",
            };
            unsent(SuggestionFormPage { refusal: rule.word().to_owned(), refused, ..page })
        }
        Err(error) => Err(error.into()),
    }
}
