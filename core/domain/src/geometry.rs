//! Places on a map, as GeoJSON geometries (RFC 7946): longitude first, in degrees of WGS 84.

use serde_json::Value as Json;

/// Latitude and longitude, in degrees.
pub type LatitudeLongitude = (f64, f64);

/// Returns whether a place is in Vietnam, with its islands.
pub fn is_in_vietnam((latitude, longitude): LatitudeLongitude) -> bool {
    (6.0..=24.0).contains(&latitude) && (101.0..=118.0).contains(&longitude)
}

/// Returns latitude and longitude from a line as people type it. Returns `None` if the line has anything else.
pub fn pair(line: &str) -> Option<LatitudeLongitude> {
    let number = |text: &str| text.replace(',', ".").parse::<f64>().ok().filter(|number| number.is_finite());
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
}

fn point(pair: &Json) -> Option<LatitudeLongitude> {
    let pair = pair.as_array()?;
    Some((pair.get(1)?.as_f64()?, pair.first()?.as_f64()?))
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

pub(crate) fn signed_area(corners: &[LatitudeLongitude]) -> f64 {
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
pub(crate) fn crosses_itself(corners: &[LatitudeLongitude]) -> bool {
    let side = |at: usize| (corners[at], corners[(at + 1) % corners.len()]);
    let turn = |a: LatitudeLongitude, b: LatitudeLongitude, c: LatitudeLongitude| {
        (b.0 - a.0) * (c.1 - a.1) - (b.1 - a.1) * (c.0 - a.0)
    };
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

/// Returns a ring of latitudes and longitudes as points of an SVG polygon, north up.
pub(crate) fn outline(ring: &[(f64, f64)]) -> String {
    let bounds = |of: fn(&(f64, f64)) -> f64| {
        ring.iter().map(of).fold((f64::MAX, f64::MIN), |(least, most), at| (least.min(at), most.max(at)))
    };
    let ((south, north), (west, east)) = (bounds(|point| point.0), bounds(|point| point.1));
    // A degree of longitude is shorter than one of latitude.
    let narrow = south.to_radians().cos();
    let size = (north - south).max((east - west) * narrow).max(f64::MIN_POSITIVE);
    let at = |(lat, lon): &(f64, f64)| {
        format!("{:.1},{:.1}", (lon - west) * narrow / size * 100.0, (north - lat) / size * 100.0)
    };
    ring.iter().map(at).collect::<Vec<_>>().join(" ")
}

/// Returns points as people type them.
pub fn lines(points: &[(f64, f64)]) -> String {
    let open = if points.len() > 1 && points.first() == points.last() { &points[..points.len() - 1] } else { points };
    open.iter().map(|(lat, lon)| format!("{lat}, {lon}")).collect::<Vec<_>>().join("\n")
}
