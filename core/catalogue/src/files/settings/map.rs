//! The section `[map]` of `motcua.toml`: the tiles of the map on which people draw a place.

use crate::reading::keys::{Shape, keys};
use crate::reading::node::{FileTable, Placed};
use motcua_domain::geometry::{is_in_vietnam, pair};
use motcua_domain::text;
use motcua_domain::text::Text;
use serde::{Deserialize, Serialize};

keys! {
    /// The map on which people draw a place. By default, they draw on a grid of coordinates.
    pub(super) MAP = "TiledMap" {
        required {
            /// The address of a tile, with `{z}`, `{x}` and `{y}`: `https://tiles.example.vn/{z}/{x}/{y}.png`. Browsers
            /// of people who draw a place load the tiles from there, so this host learns their network addresses.
            tiles: Shape::Text,
            /// The words below the map which the source of the tiles asks for.
            credit: Shape::Words,
        }
        optional {
            /// The zoom of the nearest tiles. 19 by default.
            zoom: Shape::Integer(1, 22),
            /// The latitude and longitude at which an empty map opens, such as `11.05, 106.67`. By default, it shows
            /// the whole country.
            centre: Shape::Text,
        }
    }
}

/// The zoom of the nearest tiles of most sources.
const NEAREST: u8 = 19;

/// The tiles of the map on which people draw a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MapSettings {
    /// The address of a tile, with `{z}`, `{x}` and `{y}`.
    pub tiles: String,
    /// The words which the source of the tiles asks for.
    pub credit: Text,
    /// The zoom of the nearest tiles, if it is another than usual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zoom: Option<u8>,
    /// The latitude and longitude at which an empty map opens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub centre: Option<String>,
}

impl MapSettings {
    /// Returns the scheme and the host of the tiles. The text is empty if no tiles can come from their address.
    pub fn origin(&self) -> &str {
        origin(&self.tiles).unwrap_or_default()
    }

    /// Returns the zoom of the nearest tiles.
    pub fn nearest(&self) -> u8 {
        self.zoom.unwrap_or(NEAREST)
    }
}

/// Returns the scheme and the host of an address of tiles, or `None` if no tiles can come from there.
fn origin(tiles: &str) -> Option<&str> {
    let (scheme, rest) = tiles.split_once("://")?;
    let (host, path) = rest.split_once('/')?;
    let (name, port) = host.split_once(':').unwrap_or((host, "443"));
    let is_here = ["127.0.0.1", "localhost"].contains(&name);
    let is_host = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
    let is_usable = (scheme == "https" || (scheme == "http" && is_here))
        && is_host
        && port.parse::<u16>().is_ok()
        && path.bytes().all(|byte| byte.is_ascii_graphic())
        && ["{z}", "{x}", "{y}"].iter().all(|number| path.contains(number));
    tiles.get(..scheme.len() + "://".len() + host.len()).filter(|_| is_usable)
}

/// Reads the section.
pub(super) fn read(table: &FileTable<'_>) -> Option<MapSettings> {
    let tiles = table.required_string("tiles", "\"https://tiles.example.vn/{z}/{x}/{y}.png\"");
    let credit = table.required_text("credit");
    let zoom = table.integer("zoom").and_then(|zoom| u8::try_from(zoom).ok());
    let centre = table.string("centre");
    table.finish();
    if let Some(written) = tiles.as_ref().filter(|text| origin(&text.value).is_none()) {
        let address = &written.value;
        let message = text!("không lấy được ô bản đồ từ `{address}`", "no tiles of a map come from `{address}`");
        let help = text!(
            "hãy viết tiles = \"https://tiles.example.vn/{{z}}/{{x}}/{{y}}.png\"; http:// chỉ được nhận cho chính máy \
             này",
            "write tiles = \"https://tiles.example.vn/{{z}}/{{x}}/{{y}}.png\"; http:// is taken only for this machine"
        );
        table.mistake("bad-address", written.span.clone(), message, help);
        return None;
    }
    let is_nowhere = |text: &&Placed<String>| pair(&text.value).is_none_or(|place| !is_in_vietnam(place));
    if let Some(written) = centre.as_ref().filter(is_nowhere) {
        let place = &written.value;
        let message = text!("`{place}` không phải là một nơi ở Việt Nam", "`{place}` is no place in Vietnam");
        let help = text!(
            "hãy viết vĩ độ rồi kinh độ: centre = \"11.05, 106.67\"",
            "write the latitude, then the longitude: centre = \"11.05, 106.67\""
        );
        table.mistake("bad-address", written.span.clone(), message, help);
        return None;
    }
    Some(MapSettings { tiles: tiles?.value, credit: credit?, zoom, centre: centre.map(|text| text.value) })
}
