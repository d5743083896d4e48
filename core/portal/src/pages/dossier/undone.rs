//! The words of an action that was taken back. Its officer gets them back as if they were typed.

use crate::pages::dossier::attempt::{Attempt, AttemptPart};
use crate::state::Portal;
use crate::web::failure::Failure;
use crate::web::person::Person;
use motcua_domain::names::DossierCode;
use motcua_domain::people::organisation::ActorRef;
use motcua_service::StoryEvent;

/// Returns the page's form with the words of the action that the visitor took back, if the visitor did nothing since.
pub async fn attempt_undone(portal: &Portal, visitor: &Person, code: &DossierCode) -> Result<Attempt, Failure> {
    let actor = visitor.actor();
    let story = portal.services.dossiers.since(actor, code, 0).await?;
    Ok(Attempt { filled: words_back(&story, &actor.reference()), ..Attempt::default() })
}

/// Returns the fields with the words of the action that `own` took back last, or nothing if `own` has acted since then.
fn words_back(story: &[StoryEvent], own: &ActorRef) -> Vec<(String, String)> {
    let mut acts = story.iter().rev().filter(|event| event.taken.is_some() && event.by.is_same(own));
    let Some(undone) = acts.next().filter(|event| event.event == UNDONE) else { return Vec::new() };
    let Some(taken) = acts.find(|event| event.event != UNDONE && event.taken == undone.taken) else {
        return Vec::new();
    };
    let Some((stay, action)) = &taken.taken else { return Vec::new() };
    let part = AttemptPart::Act(Some(*stay), action.clone());
    let words = [("reason", &taken.words), ("note", &taken.note)];
    words.into_iter().filter_map(|(name, words)| Some((part.field(name), words.clone()?))).collect()
}

/// The word for the event.
const UNDONE: &str = "undone";

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use motcua_domain::names::{ActionId, Digest};

    fn event(number: u32, event: &'static str, note: Option<&str>) -> StoryEvent {
        StoryEvent {
            number,
            at: Timestamp::UNIX_EPOCH,
            by: ActorRef::System,
            event,
            action: None,
            taken: (event != "message-sent").then(|| (2, ActionId("propose".to_owned()))),
            step: None,
            to: None,
            let_pass: Vec::new(),
            message: None,
            words: None,
            note: note.map(str::to_owned),
            hash: Digest(String::new()),
        }
    }

    #[test]
    fn an_officer_gets_back_the_words_of_the_action_that_they_took_back_last() {
        let first = event(2, "advanced", Some("Hợp lệ."));
        let undone = event(4, "undone", None);
        let story = [first.clone(), event(3, "message-sent", None), undone.clone()];
        let expected = vec![("act.2.propose.note".to_owned(), "Hợp lệ.".to_owned())];
        assert_eq!(words_back(&story, &ActorRef::System), expected);
        let again = [first.clone(), undone, event(5, "advanced", Some("Sửa."))];
        assert!(words_back(&again, &ActorRef::System).is_empty(), "the action was taken again");
        assert!(words_back(&[first], &ActorRef::System).is_empty(), "nothing was taken back");
    }
}
