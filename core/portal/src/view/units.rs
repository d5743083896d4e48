//! The names of agencies and units.

use motcua_domain::names::AgencyId;
use motcua_domain::people::organisation::Agency;
use motcua_domain::text::Language;
use motcua_domain::workflow::UnitPlace;

/// Returns the name of an agency, or the id of one that no longer exists.
pub fn agency_name(agencies: &[Agency], id: &AgencyId, language: Language) -> String {
    let agency = agencies.iter().find(|agency| agency.id == *id);
    agency.map_or_else(|| id.to_string(), |agency| agency.name.get(language).to_owned())
}

/// Returns the name of a unit with its agency, or the id of an agency that no longer exists.
pub fn place_name(agencies: &[Agency], place: &UnitPlace, language: Language) -> String {
    let agency = agencies.iter().find(|agency| agency.id == place.agency);
    let unit = agency.and_then(|agency| agency.units.iter().find(|unit| unit.id == place.unit));
    let name = agency_name(agencies, &place.agency, language);
    unit.map_or_else(|| name.clone(), |unit| format!("{name} – {}", unit.name.get(language)))
}
