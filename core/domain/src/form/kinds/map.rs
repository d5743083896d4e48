//! Places on a map.
//!
//! People type a place as latitude and longitude, one point a line, as telephones and maps show it. A GeoJSON geometry
//! is accepted too.

use crate::form::finding::{FindingWords, wrong};
use crate::form::kinds::single::as_typed;
use crate::form::kinds::{AnswerType, Input, SingleKind, plain};
use crate::geometry::{self, LatitudeLongitude};
use crate::number;
use crate::text::Language;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

/// A place, as a GeoJSON geometry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Map {
    pub shape: MapShape,
}

/// The shape of a place on a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MapShape {
    Point,
    Area,
}

impl MapShape {
    pub const ALL: [Self; 2] = [Self::Point, Self::Area];

    /// Returns the configuration word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Point => "point",
            Self::Area => "area",
        }
    }
}

impl SingleKind for Map {
    fn shape(&self) -> Option<MapShape> {
        Some(self.shape)
    }

    fn read(&self, input: &Input<'_>) -> Result<Option<Json>, FindingWords> {
        // A stored value is a geometry.
        let text = match input.typed {
            Some(kept @ Json::Object(_)) => kept.to_string(),
            other => plain(other),
        };
        read(self.shape, &text)
    }

    fn schema(&self) -> Json {
        let position = json!({ "type": "array", "minItems": 2, "maxItems": 2, "items": { "type": "number" } });
        let (name, coordinates) = match self.shape {
            MapShape::Point => ("Point", position),
            MapShape::Area => {
                let ring = json!({ "type": "array", "minItems": 4, "items": position });
                ("Polygon", json!({ "type": "array", "minItems": 1, "maxItems": 1, "items": ring }))
            }
        };
        json!({
            "type": "object",
            "properties": { "type": { "const": name }, "coordinates": coordinates },
            "required": ["type", "coordinates"], "additionalProperties": false
        })
    }

    fn answer_type(&self) -> AnswerType<'_> {
        AnswerType::Place
    }

    /// Formats the coordinates of a point, or the corners and the size of an area.
    fn shown(&self, value: &Json, language: Language) -> String {
        match geometry::points(value).as_deref() {
            Some([point]) => geometry::lines(&[*point]),
            Some(ring) => {
                #[expect(clippy::cast_possible_truncation, reason = "a province has fewer square metres")]
                let metres = geometry::square_metres(ring).round() as i64;
                let size = format!("{} m²", number::whole(metres, language));
                let corners = ring.len().saturating_sub(1);
                match language {
                    Language::Vi => format!("{corners} điểm, khoảng {size}"),
                    Language::En => format!("{corners} corners, about {size}"),
                }
            }
            None => String::new(),
        }
    }

    fn retyped(&self, kept: &Json, _language: Language) -> String {
        geometry::points(kept).map_or_else(|| as_typed(kept), |points| geometry::lines(&points))
    }

    fn outline(&self, value: &Json) -> String {
        match self.shape {
            MapShape::Point => String::new(),
            MapShape::Area => geometry::points(value).map_or_else(String::new, |ring| geometry::outline(&ring)),
        }
    }
}

/// The most corners of an area.
const MOST_CORNERS: usize = 500;

/// Reads a place. Returns `None` if the input is empty.
fn read(shape: MapShape, typed: &str) -> Result<Option<Json>, FindingWords> {
    if typed.is_empty() {
        return Ok(None);
    }
    let Some(points) = from_json(typed).or_else(|| from_lines(typed)) else {
        return wrong(
            "place",
            "Hãy nhập vĩ độ và kinh độ, mỗi điểm một dòng, ví dụ 10.98069, 106.65138.",
            "Enter latitude and longitude, one point a line, such as 10.98069, 106.65138.",
        );
    };
    if !points.iter().copied().all(geometry::is_in_vietnam) {
        return wrong(
            "place-outside",
            "Điểm này không ở Việt Nam; hãy nhập vĩ độ trước, kinh độ sau.",
            "This point is not in Vietnam; enter the latitude first, then the longitude.",
        );
    }
    match shape {
        MapShape::Point => match points.as_slice() {
            [(lat, lon)] => Ok(Some(json!({ "type": "Point", "coordinates": [lon, lat] }))),
            _ => wrong("place", "Chỉ nhập một điểm.", "Enter one point only."),
        },
        MapShape::Area => area(points),
    }
}

fn area(mut corners: Vec<LatitudeLongitude>) -> Result<Option<Json>, FindingWords> {
    if corners.len() > 1 && corners.first() == corners.last() {
        corners.pop();
    }
    if corners.len() < 3 || corners.len() > MOST_CORNERS {
        return wrong(
            "corners",
            format!("Một khu vực cần từ 3 đến {MOST_CORNERS} điểm."),
            format!("An area needs 3 to {MOST_CORNERS} corners."),
        );
    }
    if geometry::crosses_itself(&corners) {
        return wrong(
            "crossing",
            "Ranh giới tự cắt nhau; hãy nhập các điểm theo thứ tự đi vòng quanh khu vực.",
            "The border crosses itself; enter the corners in the order of going round the area.",
        );
    }
    // RFC 7946: the outer ring goes round counter-clockwise and ends where it began.
    if geometry::signed_area(&corners) < 0.0 {
        corners.reverse();
    }
    let ring: Vec<Json> = corners.iter().chain(corners.first()).map(|(lat, lon)| json!([lon, lat])).collect();
    Ok(Some(json!({ "type": "Polygon", "coordinates": [ring] })))
}

fn from_json(typed: &str) -> Option<Vec<LatitudeLongitude>> {
    let json: Json = serde_json::from_str(typed).ok()?;
    geometry::points(&json)
}

fn from_lines(typed: &str) -> Option<Vec<LatitudeLongitude>> {
    typed.lines().filter(|line| !line.trim().is_empty()).map(geometry::pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn code(shape: MapShape, typed: &str) -> &'static str {
        read(shape, typed).map_or_else(|(code, _)| code, |value| if value.is_some() { "fine" } else { "none" })
    }

    #[test]
    fn places_are_read_as_people_copy_them() {
        let thu_dau_mot = json!({"type": "Point", "coordinates": [106.65138, 10.98069]});
        for typed in ["10.98069, 106.65138", "10.98069,106.65138", "10,98069 106,65138", "10.98069; 106.65138"] {
            assert_eq!(read(MapShape::Point, typed), Ok(Some(thu_dau_mot.clone())), "{typed}");
        }
        assert_eq!(read(MapShape::Point, &thu_dau_mot.to_string()), Ok(Some(thu_dau_mot)));
        assert_eq!(code(MapShape::Point, "106.65138, 10.98069"), "place-outside", "the other way round");
        assert_eq!(code(MapShape::Point, "đây"), "place");
        assert_eq!(code(MapShape::Point, "11, 106\n11, 107"), "place");
    }

    #[test]
    fn a_place_comes_back_as_people_type_it() {
        let retyped = |kept: &Json| Map { shape: MapShape::Area }.retyped(kept, Language::Vi);
        let area = read(MapShape::Area, "11, 106\n11, 107\n12, 107").expect("it is an area").expect("it was typed");
        assert_eq!(retyped(&area), "11, 106\n11, 107\n12, 107");
        assert_eq!(retyped(&json!("đây")), "đây", "a wrong answer stays as it is");
    }

    #[test]
    fn an_area_has_a_border_that_does_not_cross_itself() {
        let square = "11, 106\n11, 107\n12, 107\n12, 106";
        let value = read(MapShape::Area, square).expect("it is an area").expect("it was typed");
        let ring = geometry::points(&value).expect("a ring");
        assert_eq!((ring.len(), ring.first()), (5, ring.last()));
        assert!(geometry::signed_area(&ring[..4]) > 0.0, "counter-clockwise");
        let size = geometry::square_metres(&ring) / 1e6;
        assert!((12_000.0..12_400.0).contains(&size), "{size} square kilometres");
        assert_eq!(code(MapShape::Area, "11, 106\n12, 107\n11, 107\n12, 106"), "crossing");
        assert_eq!(code(MapShape::Area, "11, 106\n12, 107"), "corners");
    }

    proptest! {
        #[test]
        fn reading_a_place_never_panics_and_what_was_kept_reads_the_same(typed in "[-0-9., ;\n{}\\[\\]]{0,60}") {
            for shape in MapShape::ALL {
                if let Ok(Some(value)) = read(shape, &typed) {
                    prop_assert_eq!(read(shape, &value.to_string()), Ok(Some(value)));
                }
            }
        }
    }
}
