//! The quality index of a period, group by group.

use crate::pages::counting::lines::LineMaker;
use crate::view::format;
use motcua_service::{CountedFigures, CountedGroup, QualityGroup, QualityIndex, service_levels};
use serde::Serialize;

/// The quality index of a period.
#[derive(Debug, Clone, Serialize)]
pub struct QualityContext {
    /// The groups of the index.
    pub groups: Vec<QualityLine>,
    /// The index in points of 100, or an empty text if nothing can be measured.
    pub index: String,
}

/// A group of the quality index.
#[derive(Debug, Clone, Serialize)]
pub struct QualityLine {
    /// The word for the group, under `quality-<word>`.
    pub word: &'static str,
    /// The weight of the group.
    pub weight: i64,
    /// The share that was reached, or an empty text if there is nothing to measure.
    pub share: String,
    /// The points of the group, or an empty text.
    pub points: String,
}

impl LineMaker<'_> {
    /// Returns the quality index of the figures that were found.
    pub fn quality(&self, found: &CountedFigures) -> QualityContext {
        let province = self.portal.services.province();
        let agency = self.asked.wish.agency.as_ref().or(found.only.as_ref());
        let (whole, agencies) = service_levels(&self.portal.services.procedures.catalogue());
        let offered = agency.map_or(whole, |agency| agencies.get(agency).copied().unwrap_or_default());
        let total = CountedGroup::total(&found.groups);
        let index = QualityIndex::of(&total, offered, province.planned(agency), province.quality);
        let tenths = |tenths: i64| format::tenths(tenths, self.language);
        let line = |group: &QualityGroup| QualityLine {
            word: group.word,
            weight: group.weight,
            share: group.share.map_or_else(String::new, |share| format!("{} %", tenths(share))),
            points: index.points(group).map_or_else(String::new, tenths),
        };
        QualityContext {
            groups: index.groups.iter().map(line).collect(),
            index: index.total().map_or_else(String::new, tenths),
        }
    }
}

impl QualityContext {
    /// Returns an index for checking a theme.
    pub fn sample(is_measured: bool) -> Self {
        let text = |text: &str| if is_measured { text.to_owned() } else { String::new() };
        let words = ["openness", "progress", "online", "digitisation", "satisfaction"];
        let line = |word| QualityLine { word, weight: 20, share: text("80,0 %"), points: text("16,0") };
        Self { groups: words.map(line).to_vec(), index: text("80,0") }
    }
}
