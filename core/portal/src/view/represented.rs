//! The person for whom somebody else filed a dossier, as pages and forms show them.

use motcua_domain::procedure::on_behalf::RepresentedPerson;
use serde::Serialize;

/// The person for whom somebody else filed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RepresentedContext {
    /// The name.
    pub name: String,
    /// The citizen number.
    pub number: String,
    /// The telephone number, or an empty text.
    pub phone: String,
    /// The relation of the person who filed to this person, in words.
    pub relation: String,
}

impl RepresentedContext {
    /// Returns a person as pages show them.
    pub fn of(person: RepresentedPerson<'_>) -> Self {
        Self {
            name: person.name.to_owned(),
            number: person.number.to_owned(),
            phone: person.phone.to_owned(),
            relation: person.relation.to_owned(),
        }
    }

    /// Returns a person for checking a theme, with everything or with as little as possible.
    pub fn sample(full: bool) -> Self {
        Self {
            name: "Lê Thị Bình".into(),
            number: "074195000321".into(),
            phone: if full { "0908111222".into() } else { String::new() },
            relation: "con".into(),
        }
    }
}

/// Returns a person on a form on paper, in Vietnamese: the name with the citizen number.
pub fn on_form(person: RepresentedPerson<'_>) -> String {
    format!("{} (số định danh cá nhân {})", person.name, person.number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_names_the_person_with_their_number() {
        let person = RepresentedPerson { name: "Lê Thị Bình", number: "074195000321", phone: "", relation: "con" };
        assert_eq!(on_form(person), "Lê Thị Bình (số định danh cá nhân 074195000321)");
        assert_eq!(RepresentedContext::of(person), RepresentedContext::sample(false));
    }
}
