//! Findings by their place, so that a page of many rows finds those of each field at once.

use motcua_domain::form::judge::Finding;
use std::collections::HashMap;

/// Findings by their place.
#[derive(Debug, Clone, Default)]
pub struct ByPlace<'a>(HashMap<&'a str, Vec<&'a Finding>>);

impl<'a> ByPlace<'a> {
    /// Sorts findings by their place.
    pub fn new(findings: &'a [Finding]) -> Self {
        let mut by_place: HashMap<&'a str, Vec<&'a Finding>> = HashMap::new();
        for finding in findings {
            by_place.entry(&finding.path).or_default().push(finding);
        }
        Self(by_place)
    }

    /// Returns the findings at a place, in their order.
    pub fn at(&self, place: &str) -> impl Iterator<Item = &'a Finding> {
        self.0.get(place).into_iter().flatten().copied()
    }
}
