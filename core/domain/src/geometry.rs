//! Places on a map, as GeoJSON geometries (RFC 7946): longitude first, in degrees of WGS 84.
//!
//! People type a place as latitude and longitude, one point a line, as telephones and maps show it. A GeoJSON geometry
//! is accepted too.

use crate::form::Shape;
use crate::form::finding::{Wrong, wrong};
use serde_json::{Value as Json, json};

/// Latitude and longitude, in degrees.
type Point = (f64, f64);

/// The most corners of an area.
const MOST_CORNERS: usize = 500;

/// Reads a place. Returns `None` if the input is empty.
pub(crate) fn read(shape: Shape, typed: &str) -> Result<Option<Json>, Wrong> {
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
    // Vietnam with its islands.
    let inside = |(lat, lon): &Point| (6.0..=24.0).contains(lat) && (101.0..=118.0).contains(lon);
    if !points.iter().all(inside) {
        return wrong(
            "place-outside",
            "Điểm này không ở Việt Nam; hãy nhập vĩ độ trước, kinh độ sau.",
            "This point is not in Vietnam; enter the latitude first, then the longitude.",
        );
    }
    match shape {
        Shape::Point => match points.as_slice() {
            [(lat, lon)] => Ok(Some(json!({ "type": "Point", "coordinates": [lon, lat] }))),
            _ => wrong("place", "Chỉ nhập một điểm.", "Enter one point only."),
        },
        Shape::Area => area(points),
    }
}

fn area(mut corners: Vec<Point>) -> Result<Option<Json>, Wrong> {
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
    if crosses_itself(&corners) {
        return wrong(
            "crossing",
            "Ranh giới tự cắt nhau; hãy nhập các điểm theo thứ tự đi vòng quanh khu vực.",
            "The border crosses itself; enter the corners in the order of going round the area.",
        );
    }
    // RFC 7946: the outer ring goes round counter-clockwise and ends where it began.
    if signed_area(&corners) < 0.0 {
        corners.reverse();
    }
    let ring: Vec<Json> = corners.iter().chain(corners.first()).map(|(lat, lon)| json!([lon, lat])).collect();
    Ok(Some(json!({ "type": "Polygon", "coordinates": [ring] })))
}

fn point(pair: &Json) -> Option<Point> {
    let pair = pair.as_array()?;
    Some((pair.get(1)?.as_f64()?, pair.first()?.as_f64()?))
}

fn from_json(typed: &str) -> Option<Vec<Point>> {
    let json: Json = serde_json::from_str(typed).ok()?;
    points(&json)
}

/// Returns the points of a GeoJSON geometry, for an area those of its closed outer ring. Returns `None` if the geometry
/// is neither point nor area.
pub fn points(geometry: &Json) -> Option<Vec<(f64, f64)>> {
    let coordinates = geometry.get("coordinates")?;
    match geometry.get("type")?.as_str()? {
        "Point" => Some(vec![point(coordinates)?]),
        "Polygon" => match coordinates.as_array()?.as_slice() {
            [ring] => ring.as_array()?.iter().map(point).collect(),
            _ => None,
        },
        _ => None,
    }
}

fn from_lines(typed: &str) -> Option<Vec<Point>> {
    let number = |text: &str| text.replace(',', ".").parse::<f64>().ok().filter(|number| number.is_finite());
    let read = |line: &str| {
        let line = line.trim();
        // With blanks or semicolons between the numbers a comma is the decimal sign.
        let parts: Vec<&str> = line.split([' ', '\t', ';']).filter(|part| !part.is_empty()).collect();
        match parts.as_slice() {
            [lat, lon] => Some((number(lat.trim_end_matches(','))?, number(lon)?)),
            [both] => {
                let (lat, lon) = both.split_once(',')?;
                Some((number(lat)?, number(lon)?))
            }
            _ => None,
        }
    };
    typed.lines().filter(|line| !line.trim().is_empty()).map(read).collect()
}

fn signed_area(corners: &[Point]) -> f64 {
    let next = corners.iter().cycle().skip(1);
    corners.iter().zip(next).map(|((lat, lon), (lat2, lon2))| lon * lat2 - lon2 * lat).sum::<f64>() / 2.0
}

/// Returns the area within a closed ring of latitudes and longitudes, in square metres. The error is below one percent
/// at the size of a province.
pub fn square_metres(ring: &[(f64, f64)]) -> f64 {
    const METRES_A_DEGREE: f64 = 111_320.0;
    let Some((middle, _)) = ring.first() else { return 0.0 };
    let open = if ring.first() == ring.last() { &ring[..ring.len() - 1] } else { ring };
    signed_area(open).abs() * METRES_A_DEGREE * METRES_A_DEGREE * middle.to_radians().cos()
}

/// Returns whether two sides that do not follow one another meet.
fn crosses_itself(corners: &[Point]) -> bool {
    let side = |at: usize| (corners[at], corners[(at + 1) % corners.len()]);
    let turn = |a: Point, b: Point, c: Point| (b.0 - a.0) * (c.1 - a.1) - (b.1 - a.1) * (c.0 - a.0);
    let apart = |first: usize, second: usize| {
        let distance = second - first;
        distance > 1 && distance < corners.len() - 1
    };
    (0..corners.len()).any(|first| {
        (first + 1..corners.len()).filter(|second| apart(first, *second)).any(|second| {
            let ((a, b), (c, d)) = (side(first), side(second));
            turn(a, b, c) * turn(a, b, d) <= 0.0 && turn(c, d, a) * turn(c, d, b) <= 0.0
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn code(shape: Shape, typed: &str) -> &'static str {
        read(shape, typed).map_or_else(|(code, _)| code, |value| if value.is_some() { "fine" } else { "none" })
    }

    #[test]
    fn places_are_read_as_people_copy_them() {
        let thu_dau_mot = json!({"type": "Point", "coordinates": [106.65138, 10.98069]});
        for typed in ["10.98069, 106.65138", "10.98069,106.65138", "10,98069 106,65138", "10.98069; 106.65138"] {
            assert_eq!(read(Shape::Point, typed), Ok(Some(thu_dau_mot.clone())), "{typed}");
        }
        assert_eq!(read(Shape::Point, &thu_dau_mot.to_string()), Ok(Some(thu_dau_mot)));
        assert_eq!(code(Shape::Point, "106.65138, 10.98069"), "place-outside", "the other way round");
        assert_eq!(code(Shape::Point, "đây"), "place");
        assert_eq!(code(Shape::Point, "11, 106\n11, 107"), "place");
    }

    #[test]
    fn an_area_has_a_border_that_does_not_cross_itself() {
        let square = "11, 106\n11, 107\n12, 107\n12, 106";
        let value = read(Shape::Area, square).expect("it is an area").expect("it was typed");
        let ring = points(&value).expect("a ring");
        assert_eq!((ring.len(), ring.first()), (5, ring.last()));
        assert!(signed_area(&ring[..4]) > 0.0, "counter-clockwise");
        let size = square_metres(&ring) / 1e6;
        assert!((12_000.0..12_400.0).contains(&size), "{size} square kilometres");
        assert_eq!(code(Shape::Area, "11, 106\n12, 107\n11, 107\n12, 106"), "crossing");
        assert_eq!(code(Shape::Area, "11, 106\n12, 107"), "corners");
    }

    proptest! {
        #[test]
        fn reading_a_place_never_panics_and_what_was_kept_reads_the_same(typed in "[-0-9., ;\n{}\\[\\]]{0,60}") {
            for shape in Shape::ALL {
                if let Ok(Some(value)) = read(shape, &typed) {
                    prop_assert_eq!(read(shape, &value.to_string()), Ok(Some(value)));
                }
            }
        }
    }
}
