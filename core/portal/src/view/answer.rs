//! The standard answers that a reader can put into a text.

use motcua_service::StandardAnswer;
use serde::Serialize;

/// A standard answer that the reader can choose.
#[derive(Debug, Clone, Serialize)]
pub struct AnswerChoice {
    /// The value of the choice.
    pub id: String,
    /// The title.
    pub title: String,
}

impl AnswerChoice {
    /// Returns standard answers as choices.
    pub fn all(answers: Vec<StandardAnswer>) -> Vec<Self> {
        answers.into_iter().map(|answer| Self { id: answer.id, title: answer.title }).collect()
    }

    /// Returns a choice for checking a theme.
    pub fn sample() -> Self {
        Self { id: "1".into(), title: "Lời chào".into() }
    }
}
