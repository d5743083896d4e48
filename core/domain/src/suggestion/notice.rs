//! The notice that tells the sender of a suggestion of what its desk did.

use super::SuggestionEvent;

/// The words of notices about suggestions. Each has a text under `notice-<word>`, and no notice about a dossier has one of
/// them.
pub const SUGGESTION_NOTICES: [&str; 4] =
    ["suggestion-taken", "suggestion-answered", "suggestion-declined", "suggestion-forwarded"];

/// Returns the word of what the sender is told of an event. The sender is not told of what they did, nor of a publication, to
/// which they agreed before.
pub const fn notice_of(event: &SuggestionEvent) -> Option<&'static str> {
    match event {
        SuggestionEvent::Taken => Some("suggestion-taken"),
        SuggestionEvent::Answered { .. } => Some("suggestion-answered"),
        SuggestionEvent::Declined { .. } => Some("suggestion-declined"),
        SuggestionEvent::Forwarded { .. } => Some("suggestion-forwarded"),
        SuggestionEvent::Sent { .. }
        | SuggestionEvent::ConsentChanged { .. }
        | SuggestionEvent::Published { .. }
        | SuggestionEvent::Unpublished => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{SUGGESTION_NOTICES, notice_of};
    use crate::dossier::NOTICES;
    use crate::suggestion::SuggestionEvent;

    #[test]
    fn each_word_is_told_of_one_event_and_is_no_word_about_dossiers() {
        let text = || "Đã sửa.".to_owned();
        let told = [
            SuggestionEvent::Taken,
            SuggestionEvent::Answered { text: text() },
            SuggestionEvent::Declined { reason: text() },
        ];
        for (event, word) in told.iter().zip(SUGGESTION_NOTICES) {
            assert_eq!(notice_of(event), Some(word));
        }
        for may_publish in [false, true] {
            assert_eq!(notice_of(&SuggestionEvent::ConsentChanged { may_publish }), None);
        }
        assert_eq!(notice_of(&SuggestionEvent::Published { text: text(), answer: text() }), None);
        assert_eq!(notice_of(&SuggestionEvent::Unpublished), None);
        assert!(SUGGESTION_NOTICES.iter().all(|word| !NOTICES.contains(word)));
    }
}
