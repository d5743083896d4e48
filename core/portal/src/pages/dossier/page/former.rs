//! The answers and papers that the last supplement changed, with what stood there before, for the staff.

use super::viewer::ViewerPaper;
use crate::view::format::{self, AnswerLine, AnswerSection};
use motcua_domain::media::AttachedPaper;
use motcua_domain::names::PaperId;
use motcua_domain::text::Language;
use motcua_service::{DossierView, FormerContent};
use serde_json::Value as Json;

/// The parts of a dossier that its last supplement changed.
#[derive(Debug, Default)]
pub struct ChangedParts {
    /// The changed answers without their present values, each with the title of its section.
    answers: Vec<(String, AnswerLine)>,
    /// The changed papers, by their places, with the names of the files that they had.
    papers: Vec<(String, String)>,
}

/// Returns the parts that differ from what the dossier had before its last supplement.
pub fn changed(view: &DossierView, former: &FormerContent, language: Language) -> ChangedParts {
    let (procedure, dossier) = (&view.procedure, &view.dossier);
    let mut answers = Vec::new();
    for (section, field) in procedure.form.fields().filter(|(_, field)| !field.kind.is_helper()) {
        let (before, now) = (former.values.get(&field.id), dossier.values.get(&field.id));
        if given(before) != given(now) {
            let text = before.map_or_else(String::new, |before| format::typed(field, before, language));
            let plain = AnswerLine::plain(field.label.get(language).to_owned(), String::new());
            let line = AnswerLine { id: field.id.clone(), former: Some(text), ..plain };
            answers.push((section.title.get(language).to_owned(), line));
        }
    }
    let mut papers = Vec::new();
    for paper in &procedure.papers {
        let (before, now) = (of_paper(&former.papers, &paper.id), of_paper(&dossier.papers, &paper.id));
        if before != now {
            let names: Vec<&str> = before.iter().map(|attached| attached.file.name.as_str()).collect();
            papers.push((format!("papers.{}", paper.id), names.join(", ")));
        }
    }
    ChangedParts { answers, papers }
}

/// Returns an answer, if there is one.
fn given(value: Option<&Json>) -> Option<&Json> {
    value.filter(|value| !value.is_null())
}

/// Returns the files of a paper.
fn of_paper<'a>(papers: &'a [AttachedPaper], id: &PaperId) -> Vec<&'a AttachedPaper> {
    papers.iter().filter(|attached| attached.paper == *id).collect()
}

impl ChangedParts {
    /// Marks the changed parts on the page. An answer that is gone gets a line of its own.
    pub fn place(self, sections: &mut Vec<AnswerSection>, papers: &mut [ViewerPaper]) {
        for (title, line) in self.answers {
            let mut answers = sections.iter_mut().flat_map(|section| &mut section.answers);
            if let Some(answer) = answers.find(|answer| answer.id == line.id) {
                answer.former = line.former;
                continue;
            }
            match sections.iter_mut().find(|section| section.title == title) {
                Some(section) => section.answers.push(line),
                None => sections.push(AnswerSection { title, answers: vec![line] }),
            }
        }
        for (place, names) in self.papers {
            if let Some(paper) = papers.iter_mut().find(|paper| paper.place == place) {
                paper.former = Some(names);
            }
        }
    }
}
