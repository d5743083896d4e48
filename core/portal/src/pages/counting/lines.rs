//! Lines of figures: those of a group of dossiers, and those of the steps.

use crate::pages::counting::asked::AskedFigures;
use crate::state::Portal;
use crate::view::format;
use crate::view::units::{agency_name, place_name};
use motcua_domain::dossier::event::Channel;
use motcua_domain::money::Dong;
use motcua_domain::names::{AgencyId, UnitId};
use motcua_domain::number;
use motcua_domain::text::{Language, Text};
use motcua_domain::workflow::UnitPlace;
use motcua_service::{
    CountedFigure, CountedFigures, CountedGroup, CountedStep, CountingGroup, StepFigure, in_time_share, mean_tenths,
};
use serde::Serialize;

/// A figure that leads to its dossiers.
#[derive(Debug, Clone, Serialize)]
pub struct CountedCell {
    /// The word for the figure, under `counted-<word>`.
    pub word: &'static str,
    /// The number of dossiers or steps.
    pub count: String,
}

/// The figures of a group of dossiers.
#[derive(Debug, Clone, Serialize)]
pub struct CountedLine {
    /// The name of the group, or an empty text for all dossiers.
    pub name: String,
    /// The beginning of the addresses of the dossiers. The word for a figure completes it.
    pub rows: String,
    /// The figures.
    pub figures: Vec<CountedCell>,
    /// The percentage of early and punctual results, or an empty text without results.
    pub in_time_share: String,
    /// The mean of the ratings, of 10 points, or an empty text.
    pub satisfaction: String,
    /// The fees of the received dossiers that the agency has.
    pub collected: String,
}

/// The figures of a step at a unit.
#[derive(Debug, Clone, Serialize)]
pub struct CountedStepLine {
    /// The unit that takes the step.
    pub place: String,
    /// The name of the step.
    pub step: String,
    /// The beginning of the addresses of the steps' dossiers. The word for a figure completes it.
    pub rows: String,
    /// The figures.
    pub figures: Vec<CountedCell>,
    /// The percentage of steps that were taken in time, or an empty text without limits.
    pub in_time_share: String,
}

/// The maker of lines for one request.
#[derive(Clone, Copy)]
pub struct LineMaker<'a> {
    pub portal: &'a Portal,
    pub asked: &'a AskedFigures,
    pub language: Language,
}

fn percent(share: Option<i64>) -> String {
    share.map_or_else(String::new, |percent| format!("{percent} %"))
}

/// Returns a unit with its agency, which are written as `agency/unit`.
fn place(text: &str) -> UnitPlace {
    let (agency, unit) = text.split_once('/').unwrap_or((text, ""));
    UnitPlace { agency: AgencyId::from(agency), unit: UnitId::from(unit) }
}

impl LineMaker<'_> {
    /// Returns the name of a group.
    fn name(&self, key: &str) -> String {
        let agencies = &self.portal.services.province().agencies;
        match self.asked.by {
            CountingGroup::Agency => agency_name(agencies, &key.into(), self.language),
            CountingGroup::Unit => place_name(agencies, &place(key), self.language),
            CountingGroup::Procedure => self.procedure(key),
            CountingGroup::Channel => self.channel(key),
        }
    }

    /// Returns the name of a channel, or its word if no such channel is known.
    pub fn channel(&self, word: &str) -> String {
        if Channel::ALL.iter().any(|channel| channel.name() == word) {
            self.portal.theme.text(self.language, &format!("counted-channel-{word}"))
        } else {
            word.to_owned()
        }
    }

    /// Returns the name of a procedure with its code.
    pub fn procedure(&self, code: &str) -> String {
        let catalogue = self.portal.services.procedures.catalogue();
        let live = catalogue.procedure(&code.into());
        live.map_or_else(|| code.to_owned(), |live| format!("{} ({code})", live.procedure.name.get(self.language)))
    }

    /// Returns the beginning of the addresses of a group's dossiers.
    fn rows(&self, key: &str) -> String {
        if key.is_empty() {
            return self.asked.rows(&[]);
        }
        match self.asked.by {
            CountingGroup::Agency | CountingGroup::Procedure | CountingGroup::Channel => {
                self.asked.rows(&[(self.asked.by.name(), key)])
            }
            CountingGroup::Unit => {
                let place = place(key);
                self.asked.rows(&[("agency", place.agency.as_str()), ("unit", place.unit.as_str())])
            }
        }
    }

    /// Returns the line of a group. The group of all dossiers has no key and no name.
    pub fn line(&self, group: &CountedGroup) -> CountedLine {
        let count = |figure: CountedFigure| group.count(figure);
        let cell = |figure: CountedFigure| CountedCell {
            word: figure.name(),
            count: number::whole(count(figure), self.language),
        };
        let share = in_time_share(count(CountedFigure::InTime), count(CountedFigure::Late));
        let mean = mean_tenths(group.points, count(CountedFigure::Rated));
        CountedLine {
            name: if group.key.is_empty() { String::new() } else { self.name(&group.key) },
            rows: self.rows(&group.key),
            figures: CountedFigure::ALL.into_iter().map(cell).collect(),
            in_time_share: percent(share),
            satisfaction: mean.map_or_else(String::new, |mean| format::tenths(mean, self.language)),
            collected: Dong(group.collected).shown(self.language),
        }
    }

    /// Returns the lines of all groups, those with the most received dossiers first, and the line of all together.
    pub fn lines(&self, found: &CountedFigures) -> (Vec<CountedLine>, CountedLine) {
        let mut groups: Vec<&CountedGroup> = found.groups.iter().collect();
        groups.sort_by_key(|group| std::cmp::Reverse(group.count(CountedFigure::Received)));
        let lines = groups.into_iter().map(|group| self.line(group)).collect();
        (lines, self.line(&CountedGroup::total(&found.groups)))
    }

    /// Returns the line of a step.
    pub fn step(&self, found: &CountedStep) -> CountedStepLine {
        let at = UnitPlace { agency: found.agency.as_str().into(), unit: found.unit.as_str().into() };
        let cell = |figure: StepFigure| CountedCell {
            word: figure.name(),
            count: number::whole(found.count(figure), self.language),
        };
        let changed =
            [("agency", found.agency.as_str()), ("unit", found.unit.as_str()), ("step", found.step_name.as_str())];
        CountedStepLine {
            place: place_name(&self.portal.services.province().agencies, &at, self.language),
            step: stored_text(&found.step_name, self.language),
            rows: self.asked.rows(&changed),
            figures: StepFigure::ALL.into_iter().map(cell).collect(),
            in_time_share: percent(in_time_share(found.early + found.on_time, found.late)),
        }
    }
}

/// Returns a text that is stored as JSON in a language.
pub fn stored_text(stored: &str, language: Language) -> String {
    let text = serde_json::from_str(stored).unwrap_or_else(|_| Text::vi(stored));
    text.get(language).to_owned()
}

impl CountedLine {
    /// Returns the figures of a group for checking a theme.
    pub fn sample(name: &str, mean: &str) -> Self {
        let cell = |figure: CountedFigure| CountedCell { word: figure.name(), count: "12".into() };
        Self {
            name: name.into(),
            rows: "/desk/figures/dossiers?by=agency&figure=".into(),
            figures: CountedFigure::ALL.into_iter().map(cell).collect(),
            in_time_share: if mean.is_empty() { String::new() } else { "80 %".into() },
            satisfaction: mean.into(),
            collected: "120.000 đ".into(),
        }
    }
}

impl CountedStepLine {
    /// Returns the figures of a step for checking a theme.
    pub fn sample(share: &str) -> Self {
        let cell = |figure: StepFigure| CountedCell { word: figure.name(), count: "3".into() };
        Self {
            place: "Sở Mẫu – Phòng Một".into(),
            step: "Thẩm định".into(),
            rows: "/desk/figures/dossiers?by=agency&figure=".into(),
            figures: StepFigure::ALL.into_iter().map(cell).collect(),
            in_time_share: share.into(),
        }
    }
}
