//! The areas among which an applicant chooses, if the answer leads to the agency.

use motcua_domain::people::organisation::Agency;
use motcua_domain::procedure::Procedure;
use motcua_domain::registry::RegistryEntry;
use std::collections::HashSet;

/// The areas that lead to an agency, and the question for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadingAreas<'a> {
    /// The place of the answer in the form, such as `residence.commune`.
    path: &'a str,
    codes: HashSet<&'a str>,
}

impl<'a> LeadingAreas<'a> {
    /// Returns the areas of the agencies that offer a procedure, if an answer leads to one of them.
    pub fn of(procedure: &'a Procedure, agencies: &'a [Agency]) -> Option<Self> {
        let path = procedure.led_by.as_deref()?;
        let areas = procedure.offering(agencies).into_iter().flat_map(|agency| &agency.areas);
        Some(Self { path, codes: areas.map(String::as_str).collect() })
    }

    /// Returns whether this is the question whose answer leads to an agency.
    pub fn is_asked_at(&self, name: &str) -> bool {
        self.path == name
    }

    /// Returns the entries that lead to an agency, and the chosen one. If none leads to an agency, as in a list of
    /// another province, returns all of them.
    pub fn among<'e>(&self, entries: Vec<&'e RegistryEntry>, chosen: &str) -> Vec<&'e RegistryEntry> {
        let leads = |entry: &RegistryEntry| self.codes.contains(entry.code.as_str());
        if !entries.iter().any(|entry| leads(entry)) {
            return entries;
        }
        entries.into_iter().filter(|entry| leads(entry) || entry.code == chosen).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::LeadingAreas;
    use motcua_domain::registry::RegistryEntry;
    use motcua_domain::text::Text;

    #[test]
    fn a_list_offers_what_leads_to_an_agency_and_what_was_chosen_before() {
        let entries = ["1", "2", "3"].map(|code| RegistryEntry {
            code: code.to_owned(),
            name: Text::vi(code),
            parent: None,
            former: Vec::new(),
        });
        let areas = LeadingAreas { path: "home.commune", codes: ["2"].into() };
        let offered = |list: &[RegistryEntry], chosen: &str| -> Vec<String> {
            areas.among(list.iter().collect(), chosen).iter().map(|entry| entry.code.clone()).collect()
        };
        assert_eq!(offered(&entries, ""), ["2"]);
        assert_eq!(offered(&entries, "3"), ["2", "3"]);
        assert_eq!(offered(&entries[2..], ""), ["3"], "no entry of another province leads to an agency");
        assert!(areas.is_asked_at("home.commune") && !areas.is_asked_at("home.province"));
    }
}
