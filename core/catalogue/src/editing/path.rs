//! Paths to values: keys with dots, and elements of lists in brackets, by their id or by their number from 1.

use super::EditRefusal;

/// The longest path, in bytes.
const LONGEST: usize = 500;

/// A part of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathPart {
    Key(String),
    /// An element: its `id`, its `value` or its `agency`, or its number from 1.
    Item(String),
}

/// Reads a path such as `section[request].field[copies].max` or `step_limits."police.work"`.
pub fn parse(path: &str) -> Result<Vec<PathPart>, EditRefusal> {
    let refused = || EditRefusal::NotAPath(path.to_owned());
    if path.len() > LONGEST {
        return Err(refused());
    }
    let mut parts = Vec::new();
    let mut rest = path;
    loop {
        let (key, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').ok_or_else(refused)?,
            None => rest.split_at(rest.find(['.', '[']).unwrap_or(rest.len())),
        };
        if key.is_empty() || key.contains([']', '\n']) {
            return Err(refused());
        }
        parts.push(PathPart::Key(key.to_owned()));
        rest = after;
        while let Some(inner) = rest.strip_prefix('[') {
            let (item, after) = inner.split_once(']').ok_or_else(refused)?;
            if item.is_empty() {
                return Err(refused());
            }
            parts.push(PathPart::Item(item.to_owned()));
            rest = after;
        }
        match rest.strip_prefix('.') {
            Some(after) => rest = after,
            None if rest.is_empty() => return Ok(parts),
            None => return Err(refused()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_keys_and_elements() {
        let key = |key: &str| PathPart::Key(key.to_owned());
        let item = |item: &str| PathPart::Item(item.to_owned());
        assert_eq!(parse("name.vi"), Ok(vec![key("name"), key("vi")]));
        assert_eq!(
            parse("section[request].field[copies].max"),
            Ok(vec![key("section"), item("request"), key("field"), item("copies"), key("max")])
        );
        assert_eq!(parse("step_limits.\"police.work\""), Ok(vec![key("step_limits"), key("police.work")]));
        for wrong in ["", ".", "a..b", "a[", "a[]", "a]b", "a[b]c", "a.", "\"a"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
