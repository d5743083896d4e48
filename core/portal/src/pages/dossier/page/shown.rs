//! The parts of a dossier's page that show how the dossier stands, as its reader sees them.

use crate::state::Portal;
use crate::view::basis::BasisContext;
use crate::view::files::{FileContext, PaperFiles};
use crate::view::format;
use crate::view::timeline::{StoryReader, who_for};
use crate::view::units::place_name;
use crate::web::address;
use crate::web::download::url;
use jiff::Timestamp;
use motcua_domain::dossier::event::MissingPart;
use motcua_domain::dossier::visit::Visit;
use motcua_domain::dossier::{Dossier, Message, Stay};
use motcua_domain::media::StoredFile;
use motcua_domain::names::{ActionId, StageId};
use motcua_domain::people::organisation::ActorRef;
use motcua_domain::text::Language;
use motcua_domain::time::clock::Clock;
use motcua_service::{DossierView, action_name};
use serde::Serialize;

/// A step at which the dossier is.
#[derive(Debug, Clone, Serialize)]
pub struct CurrentStep {
    /// The name of the step.
    pub name: String,
    /// The word for the role, under `role-<word>`.
    pub role: &'static str,
    /// The unit and, for the staff, the officer, as far as they are known.
    pub holder: String,
}

/// An agency's part of a joint procedure.
#[derive(Debug, Clone, Serialize)]
pub struct StageContext {
    /// The name of the part.
    pub name: String,
    /// The due time, or an empty text after the end of the part.
    pub due: String,
    /// The punctuality as a word, under `punctuality-<word>`: `early`, `on-time`, `late`, `not-yet-due` or `overdue`.
    pub punctuality: &'static str,
}

/// The office's request for a supplement.
#[derive(Debug, Clone, Serialize)]
pub struct SupplementContext {
    /// The officer's words about the missing papers and answers.
    pub what: String,
    /// The papers and questions that the request names.
    pub missing: Vec<MissingContext>,
    /// The officer's note for the staff, or an empty text.
    pub internal_note: String,
    /// The time until which the applicant can answer.
    pub until: String,
}

/// A paper or a question that a request names.
#[derive(Debug, Clone, Serialize)]
pub struct MissingContext {
    /// The name of the paper, or the question.
    pub name: String,
    /// The legal basis of asking for it.
    pub basis: Vec<BasisContext>,
}

/// A message.
#[derive(Debug, Clone, Serialize)]
pub struct MessageContext {
    /// The sender. The applicant reads the word for the agency in the place of an officer's name.
    pub from: String,
    /// The applicant sent the message.
    pub from_applicant: bool,
    /// The time of the message.
    pub at: String,
    /// The message in plain text, with ends of lines.
    pub text: String,
    /// The new day for the result, if the message is an apology of the office, or an empty text.
    pub promised: String,
    /// The files of the message.
    pub files: Vec<FileContext>,
    /// The applicant sent the message since the officer last opened the page.
    pub unread: bool,
    /// The message is the first one that is unread.
    pub first_unread: bool,
}

impl MessageContext {
    /// Returns messages for checking a theme. That of the office is an apology.
    pub fn samples() -> Vec<Self> {
        let message = |from_applicant, unread, first_unread| Self {
            from: "An".into(),
            from_applicant,
            at: "24/11/2026 08:00".into(),
            text: "Xin chào".into(),
            promised: if from_applicant { String::new() } else { "30/11/2026".into() },
            files: if first_unread { vec![FileContext::sample()] } else { vec![] },
            unread,
            first_unread,
        };
        vec![message(true, true, true), message(false, false, false), message(true, true, false)]
    }
}

/// Returns files of the dossier, with their addresses.
pub fn files<'a>(
    dossier: &'a Dossier,
    files: impl Iterator<Item = &'a StoredFile>,
    language: Language,
) -> Vec<FileContext> {
    let all: Vec<&StoredFile> = dossier.files().collect();
    let folder = address::dossier_files(&dossier.filed.code);
    files
        .map(|file| FileContext {
            id: String::new(),
            url: url(&folder, file, &all),
            name: file.name.clone(),
            size: format::size(file.bytes, language),
        })
        .collect()
}

/// Returns the papers that have files, and those that a counter has seen.
pub fn papers(view: &DossierView, language: Language) -> Vec<PaperFiles> {
    let dossier = &view.dossier;
    let papers = view.procedure.papers.iter().map(|paper| {
        let attached = dossier.papers.iter().filter(|file| file.paper == paper.id).map(|paper| &paper.file);
        PaperFiles {
            name: paper.name.get(language).to_owned(),
            on_paper: dossier.on_paper.contains(&paper.id),
            files: files(dossier, attached, language),
        }
    });
    papers.filter(|paper| paper.on_paper || !paper.files.is_empty()).collect()
}

/// Returns the current steps.
pub fn now_at(portal: &Portal, dossier: &Dossier, language: Language, reader: StoryReader) -> Vec<CurrentStep> {
    let agencies = &portal.services.province().agencies;
    let line = |stay: &Stay| {
        let place = stay.at.place.as_ref().map(|place| place_name(agencies, place, language));
        let assignee = stay.assignee.as_ref().filter(|_| reader == StoryReader::Staff);
        let name = assignee.map(|assignee| assignee.name.clone());
        let holder: Vec<String> = place.into_iter().chain(name).collect();
        CurrentStep {
            name: stay.at.name.get(language).to_owned(),
            role: stay.at.role.name(),
            holder: holder.join(", "),
        }
    };
    dossier.flow.stays.iter().map(line).collect()
}

/// Returns the agencies' parts of a joint procedure, each on its own clock.
pub fn stages(view: &DossierView, now: Timestamp, language: Language) -> Vec<StageContext> {
    let flow = &view.dossier.flow;
    let line = |(id, clock): &(StageId, Clock)| {
        let stage = view.procedure.workflow.stage(id)?;
        let visits = || flow.visits.iter().filter(|visit| visit.at.stage.as_ref() == Some(id));
        let open = visits().any(|visit| visit.left.is_none());
        let last = visits().filter_map(|visit| visit.left.as_ref().map(|left| left.at)).max();
        let stands = match last.filter(|_| !open) {
            Some(end) => clock.ended(end),
            None => clock.open(now),
        };
        let due = clock.due().filter(|_| open).map_or_else(String::new, |due| format::moment(due, language));
        Some(StageContext { name: stage.name.get(language).to_owned(), due, punctuality: format::punctuality(stands) })
    };
    flow.stages.iter().filter_map(line).collect()
}

/// Returns the name of the reader's own last action, at the step at which it was taken.
pub fn undone(view: &DossierView, id: &ActionId, language: Language) -> String {
    let taken = |visit: &&Visit| visit.left.as_ref().is_some_and(|left| left.action.as_ref() == Some(id));
    let visit = view.dossier.flow.visits.iter().rev().find(taken);
    let name = action_name(&view.procedure, visit.map(|visit| &visit.at.step), id);
    name.map_or_else(|| id.to_string(), |name| name.get(language).to_owned())
}

/// Returns the requests for a supplement. Their notes are for the staff.
pub fn supplements(dossier: &Dossier, owner: bool, language: Language) -> Vec<SupplementContext> {
    let missing = |part: &MissingPart| MissingContext {
        name: part.name.get(language).to_owned(),
        basis: BasisContext::cited(&part.basis, language),
    };
    let requests = dossier.supplements.iter().map(|request| SupplementContext {
        what: request.what.clone(),
        missing: request.missing.iter().map(missing).collect(),
        internal_note: request.internal_note.clone().filter(|_| !owner).unwrap_or_default(),
        until: format::moment(request.until, language),
    });
    requests.collect()
}

/// Returns the messages of the applicant and of the staff.
pub fn messages(view: &DossierView, agency: &str, language: Language, reader: StoryReader) -> Vec<MessageContext> {
    let messages = &view.dossier.messages;
    let is_of_applicant = |message: &Message| matches!(message.from, ActorRef::Applicant { .. });
    let is_late = |message: &Message| view.unread_after.is_some_and(|seen| message.version > seen);
    let is_unread = |message: &Message| is_of_applicant(message) && is_late(message);
    let first = messages.iter().find_map(|message| is_unread(message).then_some(message.version));
    let shown = messages.iter().map(|message| MessageContext {
        from: who_for(&message.from, agency, language, reader),
        from_applicant: is_of_applicant(message),
        at: format::moment(message.at, language),
        text: message.text.clone(),
        promised: message.promised.map_or_else(String::new, |day| format::day(day, language)),
        files: files(&view.dossier, message.files.iter(), language),
        unread: is_unread(message),
        first_unread: first == Some(message.version),
    });
    shown.collect()
}

/// Returns what plugins said about the answers.
pub fn plugin_findings(dossier: &Dossier, language: Language) -> Vec<String> {
    let findings = dossier.verdicts.iter().flat_map(|verdict| &verdict.findings);
    findings.map(|finding| finding.text.get(language).to_owned()).collect()
}

/// Returns the files of the result that the reader sees, and whether the page says that the applicant has not got all.
pub fn results(dossier: &Dossier, owner: bool) -> (Vec<&StoredFile>, bool) {
    let (issued, attached) = (dossier.issued_results(), &dossier.flow.results);
    if !owner {
        let is_withheld = issued.len() < attached.len();
        return (attached.iter().collect(), is_withheld);
    }
    // The applicant learns of a result that is to be paid for, and of no draft of a result.
    let has_result = !dossier.has_ended() && dossier.flow.processed_at.is_some() && !attached.is_empty();
    let is_withheld = issued.is_empty() && has_result;
    (issued, is_withheld)
}
