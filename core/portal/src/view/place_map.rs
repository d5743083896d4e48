//! The map on which people draw a place.

use motcua_domain::form::Field;
use motcua_domain::text::Language;
use motcua_service::catalogue::map::MapSettings;
use serde::Serialize;

/// The tiles of a map.
#[derive(Debug, Clone, Serialize)]
pub struct TilesContext {
    /// The address of a tile, with `{z}`, `{x}` and `{y}`.
    pub url: String,
    /// The words which the source of the tiles asks for.
    pub credit: String,
    /// The zoom of the nearest tiles.
    pub zoom: u8,
    /// The latitude and longitude at which an empty map opens, or an empty text.
    pub centre: String,
}

impl TilesContext {
    /// Returns the tiles that the province names.
    pub fn of(map: &MapSettings, language: Language) -> Self {
        Self {
            url: map.tiles.clone(),
            credit: map.credit.get(language).to_owned(),
            zoom: map.nearest(),
            centre: map.centre.clone().unwrap_or_default(),
        }
    }

    pub fn sample() -> Self {
        Self {
            url: "https://tiles.example.vn/{z}/{x}/{y}.png".into(),
            credit: "© Sở Mẫu".into(),
            zoom: 19,
            centre: "11.05, 106.67".into(),
        }
    }
}

/// Returns whether a field asks for a place, also in a row or in a block, and also if the field is not shown yet.
pub fn draws_places(fields: &[Field]) -> bool {
    fields.iter().any(|field| field.kind.shape().is_some() || draws_places(field.kind.parts()))
}
