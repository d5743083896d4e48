//! The lists of complaints and suggestions: the published ones, the sender's own, and those that an officer answers.

use crate::pages::render::ok;
use crate::state::Portal;
use crate::theme::Page;
use crate::view::format;
use crate::view::suggestion::{SuggestionFiguresLine, SuggestionLine, desk_name};
use crate::web::address;
use crate::web::failure::Failure;
use crate::web::person::{Applicant, Officer};
use crate::web::typing::Query;
use crate::web::visitor::Visitor;
use axum::extract::State;
use axum::response::Response;
use motcua_domain::suggestion::{Suggestion, SuggestionTopic};
use serde::{Deserialize, Serialize};

/// Published complaints and suggestions with their answers, and the figures of all agencies.
#[derive(Debug, Clone, Serialize)]
pub struct SuggestionsPage {
    /// The published ones, the latest first.
    pub suggestions: Vec<PublishedSuggestionLine>,
    /// The address of earlier ones, or an empty text.
    pub earlier: String,
    /// The figures of each desk that has suggestions.
    pub figures: Vec<SuggestionFiguresLine>,
}

/// A published complaint or suggestion. Nobody is named.
#[derive(Debug, Clone, Serialize)]
pub struct PublishedSuggestionLine {
    /// The word for the topic, under `suggestion-about-<word>`.
    pub about: &'static str,
    /// The agency that answered, or an empty text for the administrators of the portal.
    pub desk: String,
    /// The words of the sender, as the agency publishes them.
    pub text: String,
    /// The answer, as the agency publishes it.
    pub answer: String,
    /// The time of the publication.
    pub at: String,
}

/// The place in the list after which the page begins.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct PublishedSuggestionsQuery {
    at: Option<i64>,
    #[serde(default)]
    id: String,
}

impl Page for SuggestionsPage {
    const TEMPLATE: &'static str = "suggestions.html";
    fn samples() -> Vec<Self> {
        let line = |about: &'static str| PublishedSuggestionLine {
            about,
            desk: if about == "portal" { String::new() } else { "Sở Mẫu".into() },
            text: "Quá hạn ba ngày.".into(),
            answer: "Chúng tôi xin lỗi.".into(),
            at: "24/11/2026 08:00".into(),
        };
        let suggestions = SuggestionTopic::WORDS.map(line).to_vec();
        vec![
            Self { suggestions: vec![], earlier: String::new(), figures: vec![] },
            Self { suggestions, earlier: "/suggestions?at=1&id=0".into(), figures: SuggestionFiguresLine::samples() },
        ]
    }
}

/// `GET /suggestions?at=&id=`: the published suggestions and the figures.
pub async fn published(
    State(portal): State<Portal>,
    visitor: Visitor,
    Query(query): Query<PublishedSuggestionsQuery>,
) -> Result<Response, Failure> {
    let (services, language) = (&portal.services, visitor.language());
    let agencies = &services.province().agencies;
    let after = query.at.map(|at| (at, query.id.as_str()));
    let (found, more) = services.suggestions.published(after).await?;
    let figures = services.suggestions.figures().await?;
    let place = |last: &Suggestion| {
        let words = last.published.as_ref()?;
        Some(address::suggestions_before(words.at.as_second(), &last.id))
    };
    let line = |suggestion: &Suggestion| {
        let words = suggestion.published.as_ref()?;
        Some(PublishedSuggestionLine {
            about: suggestion.topic.word(),
            desk: desk_name(agencies, &suggestion.desk, language),
            text: words.text.clone(),
            answer: words.answer.clone(),
            at: format::moment(words.at, language),
        })
    };
    let page = SuggestionsPage {
        earlier: found.last().filter(|_| more).and_then(place).unwrap_or_default(),
        suggestions: found.iter().filter_map(line).collect(),
        figures: SuggestionFiguresLine::all(&figures, agencies, language),
    };
    Ok(ok(&portal, &visitor, &page))
}

/// The complaints and suggestions of their sender.
#[derive(Debug, Clone, Serialize)]
pub struct OwnSuggestionsPage {
    /// The suggestions, the latest first.
    pub suggestions: Vec<SuggestionLine>,
    /// There are older ones.
    pub more: bool,
}

impl Page for OwnSuggestionsPage {
    const TEMPLATE: &'static str = "suggestions_own.html";
    fn samples() -> Vec<Self> {
        vec![Self { suggestions: vec![], more: false }, Self { suggestions: SuggestionLine::samples(), more: true }]
    }
}

/// `GET /account/suggestions`: the applicant's own suggestions.
pub async fn own(State(portal): State<Portal>, visitor: Applicant) -> Result<Response, Failure> {
    let (found, more) = portal.services.suggestions.own(visitor.actor()).await?;
    let agencies = &portal.services.province().agencies;
    let suggestions = SuggestionLine::all(&found, agencies, visitor.language());
    Ok(ok(&portal, &visitor, &OwnSuggestionsPage { suggestions, more }))
}

/// The complaints and suggestions that an officer answers or may read.
#[derive(Debug, Clone, Serialize)]
pub struct SuggestionDeskPage {
    /// The chosen view, under `suggestion-view-<word>`: `open` or `ended`.
    pub view: &'static str,
    /// The suggestions: open ones that are due soonest first, or ended ones, the latest first.
    pub suggestions: Vec<SuggestionLine>,
    /// There are more than the page shows.
    pub more: bool,
    /// The figures of the officer's desks.
    pub figures: Vec<SuggestionFiguresLine>,
}

/// The view that an officer wants.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct SuggestionDeskQuery {
    #[serde(default)]
    view: String,
}

impl Page for SuggestionDeskPage {
    const TEMPLATE: &'static str = "suggestions_desk.html";
    fn samples() -> Vec<Self> {
        vec![
            Self { view: "open", suggestions: vec![], more: false, figures: vec![] },
            Self {
                view: "ended",
                suggestions: SuggestionLine::samples(),
                more: true,
                figures: SuggestionFiguresLine::samples(),
            },
        ]
    }
}

/// `GET /desk/suggestions?view=`: the suggestions that the officer answers. Late ones come first among the open ones.
pub async fn desk(
    State(portal): State<Portal>,
    Query(wanted): Query<SuggestionDeskQuery>,
    visitor: Officer,
) -> Result<Response, Failure> {
    let (services, language) = (&portal.services, visitor.language());
    let agencies = &services.province().agencies;
    let ended = wanted.view == "ended";
    let (found, more) = services.suggestions.at_desk(visitor.actor(), ended).await?;
    let figures = services.suggestions.figures_of(visitor.actor()).await?;
    let page = SuggestionDeskPage {
        view: if ended { "ended" } else { "open" },
        suggestions: SuggestionLine::all(&found, agencies, language),
        more,
        figures: SuggestionFiguresLine::all(&figures, agencies, language),
    };
    Ok(ok(&portal, &visitor, &page))
}
