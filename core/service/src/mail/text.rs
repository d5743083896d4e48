//! The words of messages to phones.

/// The words of a message to a phone, in the text itself and in the parts from which gateways with templates of their own
/// make it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct WrittenText {
    pub text: String,
    /// The word for the kind of message, such as `notice-result-ready` or `code-phone`.
    pub template: String,
    /// The values of the message by their names, such as the code of the dossier.
    pub parameters: Vec<(&'static str, String)>,
}

impl std::fmt::Debug for WrittenText {
    /// Leaves out the words, because they may have a one-time code.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WrittenText").field("template", &self.template).finish_non_exhaustive()
    }
}
