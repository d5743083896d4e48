//! Marks at answers of a draft that nobody typed into its form: those that were given on the page of the procedure, those
//! of an earlier dossier, and facts of the account. A mark stands until the page with the answer is saved.

use serde_json::{Map, Value as Json};

/// The name under which the answers of a draft have the marks. No field can have it, because ids begin with a letter.
const TAKEN: &str = "_taken";

/// The source of answers that were given on the page of the procedure.
pub const OWN_CASE: &str = "";

/// The source of answers that are facts of the applicant's account. Every other source is the code of a dossier.
pub const ACCOUNT: &str = "account";

/// Marks answers with their source.
pub fn mark(typed: &mut Map<String, Json>, ids: impl IntoIterator<Item = String>, source: &str) {
    let mut marks = marks(typed).cloned().unwrap_or_default();
    marks.extend(ids.into_iter().map(|id| (id, Json::from(source))));
    if !marks.is_empty() {
        typed.insert(TAKEN.to_owned(), Json::Object(marks));
    }
}

/// Returns the source of an answer, or `None` if somebody typed it or saved its page since.
pub fn source<'a>(typed: &'a Map<String, Json>, id: &str) -> Option<&'a str> {
    marks(typed)?.get(id)?.as_str()
}

/// Removes the marks of these answers, and returns whether there were any.
pub fn unmark(typed: &mut Map<String, Json>, ids: impl Fn(&str) -> bool) -> bool {
    let Some(Json::Object(marks)) = typed.get_mut(TAKEN) else { return false };
    let before = marks.len();
    marks.retain(|id, _| !ids(id));
    marks.len() != before
}

/// Returns the answers alone, without marks.
pub fn answers_alone(typed: &Map<String, Json>) -> Map<String, Json> {
    let answers = typed.iter().filter(|(id, _)| *id != TAKEN);
    answers.map(|(id, answer)| (id.clone(), answer.clone())).collect()
}

/// Returns the marks alone, as a draft stores them beside its answers.
pub fn marks_alone(typed: &Map<String, Json>) -> Map<String, Json> {
    let marks = typed.get_key_value(TAKEN);
    marks.into_iter().map(|(id, marks)| (id.clone(), marks.clone())).collect()
}

/// Returns the changes of a draft that empty its answers from a source: nothing for each of them, and the marks that are
/// left. Returns no changes if the draft has no such answers.
pub fn emptied(typed: &Map<String, Json>, source: &str) -> Map<String, Json> {
    let marks = marks(typed).cloned().unwrap_or_default();
    let (gone, left): (Map<String, Json>, Map<String, Json>) =
        marks.into_iter().partition(|(_, of)| of.as_str() == Some(source));
    if gone.is_empty() {
        return Map::new();
    }
    let mut changes: Map<String, Json> = gone.into_iter().map(|(id, _)| (id, Json::Null)).collect();
    changes.insert(TAKEN.to_owned(), Json::Object(left));
    changes
}

fn marks(typed: &Map<String, Json>) -> Option<&Map<String, Json>> {
    typed.get(TAKEN)?.as_object()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_mark_names_the_source_of_an_answer_until_it_is_removed() {
        let mut typed = json!({ "name": "An", "copies": "2" }).as_object().expect("an object").clone();
        let answers = typed.clone();
        mark(&mut typed, [], OWN_CASE);
        assert_eq!(typed, answers, "no mark without an answer");
        mark(&mut typed, ["copies".to_owned()], OWN_CASE);
        mark(&mut typed, ["name".to_owned()], "H09.01-261124-0001");
        assert_eq!(source(&typed, "copies"), Some(OWN_CASE));
        assert_eq!(source(&typed, "name"), Some("H09.01-261124-0001"));
        assert_eq!(answers_alone(&typed), answers);
        assert!(unmark(&mut typed, |id| id == "name"));
        assert!(!unmark(&mut typed, |id| id == "name"), "it is gone");
        assert_eq!((source(&typed, "name"), source(&typed, "copies")), (None, Some(OWN_CASE)));
        assert_eq!(marks_alone(&typed).len(), 1);
        assert_eq!(marks_alone(&answers), Map::new());
    }

    #[test]
    fn answers_of_a_source_are_emptied_and_others_stay() {
        let mut typed = json!({ "name": "An", "copies": "2" }).as_object().expect("an object").clone();
        mark(&mut typed, ["copies".to_owned()], OWN_CASE);
        assert_eq!(emptied(&typed, ACCOUNT), Map::new());
        mark(&mut typed, ["name".to_owned()], ACCOUNT);
        let changes = emptied(&typed, ACCOUNT);
        typed.extend(changes);
        assert_eq!((typed.get("name"), typed.get("copies")), (Some(&Json::Null), Some(&json!("2"))));
        assert_eq!((source(&typed, "name"), source(&typed, "copies")), (None, Some(OWN_CASE)));
    }
}
