//! Putting a standard answer of the agency into a text on the page of a dossier. Nothing is sent: the page comes again with
//! the text, which the officer can change.

use crate::pages::dossier::attempt::{Attempt, AttemptPart};
use crate::pages::dossier::page::{meanwhile, page_of};
use crate::pages::render::ok;
use crate::state::Portal;
use crate::view::format;
use crate::web::address::code;
use crate::web::failure::Failure;
use crate::web::person::{Officer, PostedBy};
use axum::extract::{Path, State};
use axum::response::Response;
use motcua_domain::dossier::Dossier;
use motcua_domain::standard_answer::filled;
use motcua_domain::text::Language;
use motcua_service::StandardAnswer;

/// The last words of the names of the texts that take a standard answer.
const TEXTS: [&str; 3] = ["text", "reason", "note"];

/// The sign for the appointment of a dossier without one.
const UNKNOWN: &str = "…";

/// Returns whether a field of the page takes a standard answer.
fn takes_answer(field: &str) -> bool {
    let Some((scope, end)) = field.rsplit_once('.') else { return false };
    let part = AttemptPart::parse(scope);
    let is_part = part.is_some_and(|part| matches!(part, AttemptPart::Message | AttemptPart::Act(..)));
    is_part && TEXTS.contains(&end)
}

/// Returns the text of a standard answer for a dossier. It is for the applicant, so it is in Vietnamese.
fn text_for(dossier: &Dossier, answer: &StandardAnswer) -> String {
    let due = dossier.appointment.or_else(|| dossier.flow.whole.due());
    let value = |field: &str| match field {
        "code" => dossier.filed.code.to_string(),
        "name" => dossier.filed.applicant.name.clone(),
        "procedure" => dossier.filed.procedure_name.get(Language::Vi).to_owned(),
        _ => due.map_or_else(|| UNKNOWN.to_owned(), |due| format::moment(due, Language::Vi)),
    };
    filled(&answer.text, value)
}

/// `POST /dossiers/{code}/answer`: shows the dossier with everything that was typed, and with a standard answer behind the
/// text that the button names.
pub async fn insert(
    State(portal): State<Portal>,
    Path(path): Path<String>,
    PostedBy(visitor, mut posted): PostedBy<Officer>,
) -> Result<Response, Failure> {
    let code = code(&path)?;
    let field = posted.get("answer").to_owned();
    let chosen = posted.get(&format!("answer-{}", field.replace('.', "-"))).to_owned();
    let view = portal.services.dossiers.opened_dossier(visitor.actor(), &code).await?;
    let answers = portal.services.answers.usable(visitor.actor()).await?;
    let answer = answers.iter().find(|answer| answer.id == chosen).filter(|_| takes_answer(&field));
    if let Some(answer) = answer {
        let (typed, text) = (posted.get(&field).trim_end().to_owned(), text_for(&view.dossier, answer));
        let text = if typed.is_empty() { text } else { format!("{typed}\n\n{text}") };
        posted.0.retain(|(name, _)| *name != field);
        posted.0.push((field, text));
    }
    let attempt = Attempt::shown_again(posted);
    let happened = meanwhile(&portal, &visitor, &code, attempt.seen).await?;
    let page = page_of(&portal, &visitor, view, attempt, happened).await?;
    Ok(ok(&portal, &visitor, &page))
}

#[cfg(test)]
mod tests {
    use super::takes_answer;

    #[test]
    fn a_message_and_the_texts_of_actions_take_an_answer_and_nothing_else() {
        for field in ["message.text", "act.2.refuse.reason", "act.2.check.send-back.note"] {
            assert!(takes_answer(field), "{field}");
        }
        for field in ["", "text", "rating.text", "give.2.note", "withdraw.reason", "act.2.refuse.missing", "seen"] {
            assert!(!takes_answer(field), "{field}");
        }
    }
}
