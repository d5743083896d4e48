//! The page of a complaint or a suggestion, for its sender and for the officers who answer it.

use crate::pages::public::AgencyContext;
use crate::pages::render::{html, ok};
use crate::state::Portal;
use crate::theme::Page;
use crate::view::format;
use crate::view::suggestion::{SuggestionLine, desk_name};
use crate::web::address;
use crate::web::again::PROOF;
use crate::web::failure::Failure;
use crate::web::person::{Applicant, Officer, Person, PostedBy};
use crate::web::visitor::{PostedForm, command};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use motcua_domain::names::{AgencyId, SuggestionId};
use motcua_domain::people::organisation::{ActorRef, Agency};
use motcua_domain::suggestion::decide::SuggestionCommand;
use motcua_domain::suggestion::{
    RecordedSuggestion, SuggestionDesk, SuggestionEvent, SuggestionState, SuggestionTopic,
};
use motcua_domain::text::Language;
use motcua_service::{Error, InputRule, SuggestionView};
use serde::Serialize;

/// The value that a form posts for the administrators of the portal. No agency has this id, because ids are names of
/// folders.
const ADMINISTRATOR: &str = ":administrator";

/// A complaint or a suggestion.
#[derive(Debug, Clone, Serialize)]
pub struct SuggestionPage {
    /// The suggestion, as in lists.
    pub line: SuggestionLine,
    /// The reader is the sender.
    pub owner: bool,
    /// The name of the sender, or an empty text. Only officers see it.
    pub sender: String,
    /// The sender deleted the account, so nobody knows the name. Only officers see it.
    pub sender_left: bool,
    /// The whole text.
    pub text: String,
    /// The time until which the agency acknowledges it, or an empty text if it has done so.
    pub acknowledge_by: String,
    /// The answer, or the reason why it is declined, or an empty text.
    pub outcome: String,
    /// The time of the answer, or an empty text.
    pub outcome_at: String,
    /// The officer who answered, or an empty text. Only officers see it, because the answer is the agency's word.
    pub outcome_by: String,
    /// The sender agrees to the publication.
    pub may_publish: bool,
    /// It is published.
    pub published: bool,
    /// The reader answers it.
    pub may_answer: bool,
    /// The agencies to which the reader can forward it. One without a name is the administrators of the portal.
    pub desks: Vec<AgencyContext>,
    /// The events, the first one first.
    pub happened: Vec<SuggestionEventLine>,
    /// The content of the forms.
    pub typed: TypedSuggestion,
    /// The rule that was broken, under `refusal-<word>`, or an empty text.
    pub refusal: String,
    /// The id of the control that broke the rule, or an empty text.
    pub refused: &'static str,
}

/// An event of a complaint or a suggestion.
#[derive(Debug, Clone, Serialize)]
pub struct SuggestionEventLine {
    /// The time of the event.
    pub at: String,
    /// The word for the event, under `suggestion-event-<word>`.
    pub event: &'static str,
    /// The officer who did it, or an empty text. Only officers see it.
    pub by: String,
    /// The agency to which it was forwarded, or an empty text.
    pub to: String,
    /// The reason for declining or forwarding, or an empty text.
    pub reason: String,
}

/// The content of the forms on the page of a suggestion, as it was typed or as the page fills it in.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TypedSuggestion {
    /// The answer.
    pub answer: String,
    /// The reason for declining.
    pub decline: String,
    /// The id of the agency to forward to.
    pub to: String,
    /// The reason for forwarding.
    pub forward: String,
    /// The public words of the sender.
    pub public_text: String,
    /// The public words of the answer.
    pub public_answer: String,
}

impl Page for SuggestionPage {
    const TEMPLATE: &'static str = "suggestion.html";
    fn samples() -> Vec<Self> {
        let agency = |id: &str, name: &str| AgencyContext { id: id.into(), name: name.into() };
        let page = |about: &'static str, state: SuggestionState| Self {
            line: SuggestionLine::sample(about, state),
            owner: false,
            sender: "Nguyễn Văn An".into(),
            sender_left: false,
            text: "Quá hạn ba ngày.".into(),
            acknowledge_by: String::new(),
            outcome: String::new(),
            outcome_at: String::new(),
            outcome_by: String::new(),
            may_publish: false,
            published: false,
            may_answer: true,
            desks: vec![agency("so", "Sở Mẫu"), agency(ADMINISTRATOR, "")],
            happened: SuggestionEventLine::samples(),
            typed: TypedSuggestion { to: "so".into(), ..TypedSuggestion::default() },
            refusal: String::new(),
            refused: "",
        };
        let of_sender = |page: Self| Self {
            owner: true,
            sender: String::new(),
            outcome_by: String::new(),
            may_answer: false,
            ..page
        };
        let new = Self { acknowledge_by: "30/11/2026 08:00".into(), ..page("dossier", SuggestionState::Received) };
        let work = page("officer", SuggestionState::InWork);
        let answered = Self {
            outcome: "Chúng tôi xin lỗi.".into(),
            outcome_at: "26/11/2026 08:00".into(),
            outcome_by: "Trần Văn Sơn".into(),
            desks: vec![],
            ..page("procedure", SuggestionState::Answered)
        };
        let declined = Self { line: SuggestionLine::sample("portal", SuggestionState::Declined), ..answered.clone() };
        let agreed = Self { may_publish: true, ..answered.clone() };
        let public = Self { published: true, ..agreed.clone() };
        let refused = ["answer", "decline", "forward-to", "forward-reason"].map(|refused| Self {
            refusal: "suggestion-text".into(),
            refused,
            ..work.clone()
        });
        let named = ["publish-text", "publish-answer"].map(|refused| Self {
            refusal: "suggestion-names".into(),
            refused,
            ..agreed.clone()
        });
        let left = Self { sender: String::new(), sender_left: true, ..answered.clone() };
        let late = Self { refusal: "suggestion-ended".into(), ..answered.clone() };
        let auditor = Self { may_answer: false, ..new.clone() };
        let mut samples = vec![of_sender(new.clone()), of_sender(work.clone()), of_sender(answered.clone())];
        samples.extend([of_sender(declined.clone()), of_sender(agreed.clone()), of_sender(public.clone())]);
        samples.extend([new, work, answered, declined, agreed, public, left, late, auditor]);
        samples.extend(refused);
        samples.extend(named);
        samples
    }
}

impl SuggestionEventLine {
    /// Returns an event in a language.
    fn of(recorded: &RecordedSuggestion, agencies: &[Agency], language: Language) -> Self {
        let to = match &recorded.event {
            SuggestionEvent::Forwarded { to, .. } => desk_name(agencies, to, language),
            SuggestionEvent::Sent { .. }
            | SuggestionEvent::Taken
            | SuggestionEvent::Answered { .. }
            | SuggestionEvent::Declined { .. }
            | SuggestionEvent::ConsentChanged { .. }
            | SuggestionEvent::Published { .. }
            | SuggestionEvent::Unpublished => String::new(),
        };
        Self {
            at: format::moment(recorded.at, language),
            event: recorded.event.word(),
            by: officer_name(&recorded.actor),
            to,
            reason: recorded.event.reason().unwrap_or_default().to_owned(),
        }
    }

    /// Returns events for checking a theme.
    fn samples() -> Vec<Self> {
        let line = |event: &'static str, by: &str| Self {
            at: "24/11/2026 08:00".into(),
            event,
            by: by.into(),
            to: String::new(),
            reason: String::new(),
        };
        let forwarded = |to: &str| Self {
            to: to.into(),
            reason: "Không thuộc thẩm quyền.".into(),
            ..line("forwarded", "Trần Văn Sơn")
        };
        let of_sender = ["sent", "consent-given", "consent-withdrawn"].map(|event| line(event, ""));
        let of_desk =
            ["taken", "answered", "declined", "published", "unpublished"].map(|event| line(event, "Trần Văn Sơn"));
        let all = of_sender.into_iter().chain(of_desk).chain([forwarded("Sở Mẫu"), forwarded("")]);
        all.collect()
    }
}

/// Returns the name of an officer, or an empty text for the sender.
fn officer_name(actor: &ActorRef) -> String {
    match actor {
        ActorRef::Officer { name, .. } => name.clone(),
        ActorRef::Applicant { .. } | ActorRef::System => String::new(),
    }
}

/// Returns the value that a form posts for a desk.
fn desk_value(desk: &SuggestionDesk) -> &str {
    match desk {
        SuggestionDesk::Administrator => ADMINISTRATOR,
        SuggestionDesk::Leader(agency) => agency.as_str(),
    }
}

/// Returns the desk that a form names.
fn desk_of(value: &str) -> SuggestionDesk {
    if value == ADMINISTRATOR { SuggestionDesk::Administrator } else { SuggestionDesk::Leader(AgencyId::from(value)) }
}

/// Returns the page for its reader. The words to publish are those of the sender and of the answer, until the officer
/// has changed them.
fn page(portal: &Portal, reader: &Person, view: SuggestionView) -> SuggestionPage {
    let (agencies, language) = (&portal.services.province().agencies, reader.language());
    let SuggestionView { suggestion, sender, events, is_late, may_answer, desks } = view;
    let owner = suggestion.is_of(reader.actor());
    let outcome = suggestion.outcome.as_ref();
    let outcome_text = outcome.map_or_else(String::new, |outcome| outcome.text.clone());
    let desk = |desk: &SuggestionDesk| AgencyContext {
        id: desk_value(desk).to_owned(),
        name: desk_name(agencies, desk, language),
    };
    let happened = |event: &RecordedSuggestion| {
        let line = SuggestionEventLine::of(event, agencies, language);
        // The answer is the agency's word, so the sender reads no name of an officer.
        if owner { SuggestionEventLine { by: String::new(), ..line } } else { line }
    };
    // A page of an officer whom the topic names does not fill in the name of that officer.
    let public_text = match &suggestion.topic {
        SuggestionTopic::Officer { .. } => String::new(),
        SuggestionTopic::Portal | SuggestionTopic::Procedure { .. } | SuggestionTopic::Dossier { .. } => {
            suggestion.text.clone()
        }
    };
    let typed = TypedSuggestion { public_text, public_answer: outcome_text.clone(), ..TypedSuggestion::default() };
    let is_new = suggestion.state == SuggestionState::Received;
    SuggestionPage {
        line: SuggestionLine::of(&suggestion, is_late, agencies, language),
        owner,
        sender_left: sender.is_none(),
        may_publish: suggestion.may_publish && sender.is_some(),
        sender: sender.filter(|_| !owner).unwrap_or_default(),
        text: suggestion.text.clone(),
        acknowledge_by: if is_new { format::moment(suggestion.due.acknowledge_by, language) } else { String::new() },
        outcome: outcome_text,
        outcome_at: outcome.map_or_else(String::new, |outcome| format::moment(outcome.at, language)),
        outcome_by: outcome.filter(|_| !owner).map_or_else(String::new, |outcome| officer_name(&outcome.by)),
        published: suggestion.published.is_some(),
        may_answer,
        desks: desks.iter().map(desk).collect(),
        happened: events.iter().map(happened).collect(),
        typed,
        refusal: String::new(),
        refused: "",
    }
}

/// `GET /suggestions/{id}`: a suggestion, for its sender and for the officers who may read it.
pub async fn show(State(portal): State<Portal>, Path(id): Path<String>, visitor: Person) -> Result<Response, Failure> {
    let view = portal.services.suggestions.one(visitor.actor(), &SuggestionId(id)).await?;
    let page = page(&portal, &visitor, view);
    Ok(ok(&portal, &visitor, &page))
}

/// `POST /suggestions/{id}/consent`: the sender agrees to the publication, or no longer agrees.
pub async fn consent(
    State(portal): State<Portal>,
    Path(id): Path<String>,
    PostedBy(visitor, posted): PostedBy<Applicant>,
) -> Result<Redirect, Failure> {
    let may_publish = posted.get("may_publish") == "yes";
    let command_id = command(posted.get(PROOF), &("consent", &id, may_publish))?;
    let (id, change) = (SuggestionId(id), SuggestionCommand::Consent { may_publish });
    portal.services.suggestions.change(visitor.actor(), &id, &command_id, &change).await?;
    Ok(Redirect::to(&address::suggestion(&id)))
}

/// Returns the command of a button, or none if there is no such button.
fn change(deed: &str, posted: &PostedForm) -> Option<SuggestionCommand> {
    let typed = |name: &str| posted.get(name).to_owned();
    Some(match deed {
        "take" => SuggestionCommand::Take,
        "answer" => SuggestionCommand::Answer { text: typed("text") },
        "decline" => SuggestionCommand::Decline { reason: typed("reason") },
        "forward" => SuggestionCommand::Forward { to: desk_of(posted.get("to")), reason: typed("reason") },
        "publish" => SuggestionCommand::Publish { text: typed("text"), answer: typed("answer") },
        "unpublish" => SuggestionCommand::Unpublish,
        _ => return None,
    })
}

/// Returns the content of the form of a refused command, over what the page fills in.
fn typed(change: &SuggestionCommand, filled: TypedSuggestion) -> TypedSuggestion {
    match change {
        SuggestionCommand::Answer { text } => TypedSuggestion { answer: text.clone(), ..filled },
        SuggestionCommand::Decline { reason } => TypedSuggestion { decline: reason.clone(), ..filled },
        SuggestionCommand::Forward { to, reason } => {
            TypedSuggestion { to: desk_value(to).to_owned(), forward: reason.clone(), ..filled }
        }
        SuggestionCommand::Publish { text, answer } => {
            TypedSuggestion { public_text: text.clone(), public_answer: answer.clone(), ..filled }
        }
        SuggestionCommand::Take | SuggestionCommand::Consent { .. } | SuggestionCommand::Unpublish => filled,
    }
}

/// Returns the id of the control that broke a rule, or an empty text if none did.
fn refused_control(change: &SuggestionCommand, rule: InputRule) -> &'static str {
    let is_text = matches!(rule, InputRule::SuggestionText | InputRule::SuggestionNames);
    match change {
        SuggestionCommand::Answer { .. } if is_text => "answer",
        SuggestionCommand::Decline { .. } if is_text => "decline",
        SuggestionCommand::Forward { .. } if is_text => "forward-reason",
        SuggestionCommand::Forward { .. } if rule == InputRule::SuggestionDesk => "forward-to",
        SuggestionCommand::Publish { text, .. } if is_text && text.trim().is_empty() => "publish-text",
        SuggestionCommand::Publish { answer, .. } if is_text && answer.trim().is_empty() => "publish-answer",
        SuggestionCommand::Publish { .. } if is_text => "publish-text",
        SuggestionCommand::Answer { .. }
        | SuggestionCommand::Decline { .. }
        | SuggestionCommand::Forward { .. }
        | SuggestionCommand::Publish { .. }
        | SuggestionCommand::Take
        | SuggestionCommand::Consent { .. }
        | SuggestionCommand::Unpublish => "",
    }
}

/// `POST /suggestions/{id}/deeds/{deed}`: an officer takes, answers, declines, forwards or publishes a suggestion.
pub async fn act(
    State(portal): State<Portal>,
    Path((id, deed)): Path<(String, String)>,
    PostedBy(visitor, posted): PostedBy<Officer>,
) -> Result<Response, Failure> {
    let change = change(&deed, &posted).ok_or(Error::NotFound)?;
    let fields = ["text", "reason", "to", "answer"].map(|name| posted.get(name));
    let command_id = command(posted.get(PROOF), &(&deed, &id, fields))?;
    let (suggestions, id) = (&portal.services.suggestions, SuggestionId(id));
    let rule = match suggestions.change(visitor.actor(), &id, &command_id, &change).await {
        Ok(()) => {
            let is_forwarded = matches!(change, SuggestionCommand::Forward { .. });
            let to = if is_forwarded { address::SUGGESTION_DESK.to_owned() } else { address::suggestion(&id) };
            return Ok(Redirect::to(&to).into_response());
        }
        Err(Error::Invalid(rule)) => rule,
        Err(error) => return Err(error.into()),
    };
    let shown = page(&portal, &visitor, suggestions.one(visitor.actor(), &id).await?);
    let (refusal, refused) = (rule.word().to_owned(), refused_control(&change, rule));
    let shown = SuggestionPage { typed: typed(&change, shown.typed.clone()), refusal, refused, ..shown };
    Ok(html(&portal, &visitor, StatusCode::UNPROCESSABLE_ENTITY, &shown))
}
