//! The rule that a context has named fields only, because a theme's author cannot see the meaning of a position.

use serde_json::Value as Json;
use std::mem::discriminant;

/// Returns the place of a list in which a position has a meaning, or none if the context has named fields only.
///
/// A tuple is such a list. It shows itself by items of several kinds, or as a list within a list that has more than
/// objects.
pub fn unnamed(context: &Json, place: &str) -> Option<String> {
    match context {
        Json::Object(fields) => fields.iter().find_map(|(name, field)| unnamed(field, &format!("{place}.{name}"))),
        Json::Array(items) => {
            let is_list = |item: &Json| item.as_array().is_some_and(|inner| !inner.iter().all(Json::is_object));
            let mut kinds = items.iter().filter(|item| !item.is_null()).map(discriminant);
            let first = kinds.next();
            if kinds.any(|kind| Some(kind) != first) || items.iter().any(is_list) {
                return Some(place.to_owned());
            }
            items.iter().find_map(|item| unnamed(item, place))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::unnamed;
    use serde::Serialize;
    use serde_json::json;

    #[derive(Serialize)]
    struct Context<T> {
        part: T,
    }

    fn of<T: Serialize>(part: T) -> Option<String> {
        unnamed(&serde_json::to_value(Context { part }).expect("JSON"), "page")
    }

    #[test]
    fn a_tuple_in_a_context_is_found_at_its_place() {
        let place = Some("page.part".to_owned());
        assert_eq!(of(("a", 1)), place);
        assert_eq!(of(Some((vec!["a"], "b"))), place);
        assert_eq!(of(vec![("a", "b")]), place);
        assert_eq!(of(vec![("a", vec!["b"])]), place);
        assert_eq!(of(vec![(json!({"path": "name"}), "1")]), place);
        assert_eq!(of(Context { part: vec![("a", true)] }), Some("page.part.part".to_owned()));
    }

    #[test]
    fn a_list_of_items_of_one_kind_is_no_tuple() {
        assert_eq!(of(vec!["a", "b"]), None);
        assert_eq!(of(vec![Some(1), None]), None);
        assert_eq!(of(vec![vec![json!({"label": "a"})], vec![]]), None);
        assert_eq!(of(json!({"name": "a", "of": [true, false]})), None);
    }
}
