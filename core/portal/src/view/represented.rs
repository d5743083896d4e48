//! The person for whom somebody else filed a dossier, as pages and forms show them.

use motcua_domain::procedure::on_behalf::RepresentedPerson;
use serde::Serialize;

/// The person or the organisation for whom somebody else filed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RepresentedContext {
    /// It is an organisation.
    pub organisation: bool,
    /// The name.
    pub name: String,
    /// The citizen number of the person, or the tax code of the organisation.
    pub number: String,
    /// The telephone number, or an empty text.
    pub phone: String,
    /// The relation of the person who filed to this person or organisation, in words.
    pub relation: String,
}

impl RepresentedContext {
    /// Returns a person as pages show them.
    pub fn of(person: RepresentedPerson<'_>) -> Self {
        Self {
            organisation: person.is_organisation,
            name: person.name.to_owned(),
            number: person.number.to_owned(),
            phone: person.phone.to_owned(),
            relation: person.relation.to_owned(),
        }
    }

    /// Returns a person for checking a theme.
    pub fn person() -> Self {
        Self {
            organisation: false,
            name: "Lê Thị Bình".into(),
            number: "074195000321".into(),
            phone: "0908111222".into(),
            relation: "con".into(),
        }
    }

    /// Returns an organisation for checking a theme.
    pub fn organisation() -> Self {
        Self {
            organisation: true,
            name: "Công ty An Bình".into(),
            number: "0100109106".into(),
            phone: String::new(),
            relation: "giám đốc".into(),
        }
    }
}

/// Returns a person or an organisation on a form on paper, in Vietnamese: the name with the number.
pub fn on_form(person: RepresentedPerson<'_>) -> String {
    let number = if person.is_organisation { "mã số thuế" } else { "số định danh cá nhân" };
    format!("{} ({number} {})", person.name, person.number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_names_the_person_with_their_number() {
        let person = RepresentedPerson {
            is_organisation: false,
            name: "Lê Thị Bình",
            number: "074195000321",
            phone: "0908111222",
            relation: "con",
        };
        assert_eq!(on_form(person), "Lê Thị Bình (số định danh cá nhân 074195000321)");
        assert_eq!(RepresentedContext::of(person), RepresentedContext::person());
        let organisation = RepresentedPerson {
            is_organisation: true,
            name: "Công ty An Bình",
            number: "0100109106",
            phone: "",
            relation: "giám đốc",
        };
        assert_eq!(on_form(organisation), "Công ty An Bình (mã số thuế 0100109106)");
        assert_eq!(RepresentedContext::of(organisation), RepresentedContext::organisation());
    }
}
