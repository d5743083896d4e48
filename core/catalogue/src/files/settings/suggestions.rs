//! The section `[suggestions]` of `motcua.toml`: the limits of complaints and suggestions.

/// The most working days of a limit.
const MOST_DAYS: i64 = 60;

numbers! {
    /// The limits of complaints and suggestions, in working days from the receipt.
    SuggestionSettings, SUGGESTIONS = "Suggestions" {
        /// The working days within which the agency acknowledges a suggestion or forwards it.
        acknowledge_days: 5 (at most MOST_DAYS),
        /// The working days within which the agency answers.
        answer_days: 15 (at most MOST_DAYS),
    }
}
