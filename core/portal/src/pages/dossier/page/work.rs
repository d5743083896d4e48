//! The parts of a dossier's page that only officers have.

use super::viewer::{ViewerContext, ViewerPaper};
use crate::pages::dossier::steps::StepContext;
use crate::pages::dossier::way::WayContext;
use crate::view::format::AnswerSection;
use serde::Serialize;

/// The parts of the page that only officers have.
#[derive(Debug, Clone, Default, Serialize)]
pub struct WorkContext {
    /// The papers in their viewer.
    pub viewer: ViewerContext,
    /// The way through the list from which the dossier was opened.
    pub way: WayContext,
    /// The dossier is the officer's own as an applicant, so a colleague handles it.
    pub own: bool,
}

impl WorkContext {
    /// Returns the parts for checking a theme, with papers.
    pub fn sample(viewer: ViewerContext) -> Self {
        Self { viewer, way: WayContext::sample(None), own: true }
    }
}

/// Moves the marks of the first action that can name parts to the answers and the papers on the page. What the page
/// does not show stays with the action.
pub fn place_marks(steps: &mut [StepContext], sections: &mut [AnswerSection], papers: &mut [ViewerPaper]) {
    let mut actions = steps.iter_mut().flat_map(|step| &mut step.actions);
    let Some(action) = actions.find(|action| !action.missing.is_empty()) else { return };
    for mark in std::mem::take(&mut action.missing) {
        let mut answers = sections.iter_mut().flat_map(|section| &mut section.answers);
        let answer = answers.find(|answer| answer.id == mark.place).map(|answer| &mut answer.mark);
        let paper = papers.iter_mut().find(|paper| paper.place == mark.place).map(|paper| &mut paper.mark);
        match answer.or(paper) {
            Some(place) => *place = Some(mark),
            None => action.missing.push(mark),
        }
    }
}
