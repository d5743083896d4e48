//! The names of units.

use motcua_domain::people::organisation::Agency;
use motcua_domain::text::Language;
use motcua_domain::workflow::UnitPlace;

/// Returns the name of a unit with its agency, or the id of an agency that no longer exists.
pub fn place_name(agencies: &[Agency], place: &UnitPlace, language: Language) -> String {
    let agency = agencies.iter().find(|agency| agency.id == place.agency);
    let unit = agency.and_then(|agency| agency.units.iter().find(|unit| unit.id == place.unit));
    let name = agency.map_or_else(|| place.agency.to_string(), |agency| agency.name.get(language).to_owned());
    unit.map_or_else(|| name.clone(), |unit| format!("{name} – {}", unit.name.get(language)))
}
