//! Everything of an applicant for a download, as JSON and files: the profile, drafts, papers, dossiers, complaints and
//! suggestions, and readings.

use super::AccountService;
use crate::Error;
use crate::rights::applicant;
use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::once;
use jiff::Timestamp;
use motcua_domain::file_name::saved_name;
use motcua_domain::form::taken::answers_alone;
use motcua_domain::media::StoredFile;
use motcua_domain::names::{DossierCode, SuggestionId};
use motcua_domain::people::organisation::{Actor, ActorRef};
use motcua_domain::people::phone::PhoneChannel;
use motcua_domain::suggestion::{RecordedSuggestion, SuggestionDesk, SuggestionTopic};
use motcua_store::drafts::Draft;
use motcua_store::files::FileContent;
use motcua_store::{contacts, lists, mail, phones, suggestions};
use serde_json::{Value as Json, json};
use std::collections::HashSet;
use std::future::ready;
use tokio::sync::OwnedSemaphorePermit;
use uuid::Uuid;

/// A part of an export. Each part is read when its turn comes, so that an export takes little memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExportPart {
    /// The profile, the wishes, the paper wallet and the readings.
    Account,
    Draft(Uuid),
    Dossier(DossierCode),
    /// A complaint or a suggestion, with its answer.
    Suggestion(SuggestionId),
}

/// An export under way. It holds its place until it is dropped.
#[derive(Debug)]
pub struct AccountExport {
    pub parts: Vec<ExportPart>,
    _place: OwnedSemaphorePermit,
}

/// A file of an export.
#[derive(Debug, Clone)]
pub struct ExportEntry {
    /// The path in the archive.
    pub path: String,
    content: ExportContent,
}

#[derive(Debug, Clone)]
enum ExportContent {
    Data(Bytes),
    File(StoredFile),
}

impl AccountService {
    /// Begins an export, and counts it. A few exports run at once.
    pub async fn begin_export(&self, actor: &Actor) -> Result<AccountExport, Error> {
        let id = applicant(actor)?;
        let place = self.exporting.clone().try_acquire_owned().map_err(|_| Error::Busy)?;
        self.quotas.count_export(id).await?;
        let drafts = self.drafts.list(actor).await?.into_iter().map(|view| ExportPart::Draft(view.draft.id));
        let dossiers = contacts::dossier_codes(self.database.reader(), id).await?;
        let dossiers = dossiers.into_iter().map(ExportPart::Dossier);
        let suggestions = suggestions::ids_of(self.database.reader(), id).await?;
        let suggestions = suggestions.into_iter().map(ExportPart::Suggestion);
        let parts = std::iter::once(ExportPart::Account).chain(drafts).chain(dossiers).chain(suggestions).collect();
        Ok(AccountExport { parts, _place: place })
    }

    /// Returns the files of a part. A draft that was filed meanwhile has none.
    pub async fn exported(&self, actor: &Actor, part: &ExportPart) -> Result<Vec<ExportEntry>, Error> {
        match part {
            ExportPart::Account => self.exported_account(actor).await,
            ExportPart::Draft(id) => match self.drafts.draft(actor, *id).await {
                Ok(view) => exported_draft(&view.draft),
                Err(Error::NotFound) => Ok(Vec::new()),
                Err(error) => Err(error),
            },
            ExportPart::Dossier(code) => self.exported_dossier(actor, code).await,
            ExportPart::Suggestion(id) => self.exported_suggestion(actor, id).await,
        }
    }

    /// Opens a file of an export.
    pub async fn open_exported(&self, entry: &ExportEntry) -> Result<FileContent, Error> {
        match &entry.content {
            ExportContent::Data(bytes) => Ok(once(ready(Ok(bytes.clone()))).boxed()),
            ExportContent::File(file) => self.files.open_file(file).await,
        }
    }

    async fn exported_account(&self, actor: &Actor) -> Result<Vec<ExportEntry>, Error> {
        let (id, reader) = (applicant(actor)?, self.database.reader());
        let (profile, choice) = (self.profile(actor).await?, mail::choice(reader, id).await?);
        let phone = phones::choice(reader, id).await?;
        let papers = self.drafts.wallet(actor).await?;
        let readings = lists::own_readings(reader, id).await?.into_iter().map(|row| {
            json!({ "at": moment(row.at), "dossier": row.dossier, "reader": row.account_name, "posts": row.posts })
        });
        let logins = self.people.linked_logins(actor).await?.into_iter().map(|linked| {
            let (since, used) = (moment(linked.linked_at), moment(linked.used_at));
            let (provider, name, level) = (linked.provider.vi, linked.name, linked.level);
            json!({ "provider": provider, "name": name, "level": level, "since": since, "used_at": used })
        });
        let kept = papers.iter().map(|paper| json!({ "paper": paper.paper_name, "file": paper.file.name }));
        let data = json!({
            "login": profile.login,
            "name": profile.name,
            "phone": profile.phone,
            "phone_verified_at": profile.phone_verified_at.map(moment),
            "email": profile.email,
            "email_verified_at": profile.email_verified_at.map(moment),
            "notices_by_mail": !choice.unwanted,
            "language_of_mails": choice.language.tag(),
            "logins": logins.collect::<Vec<Json>>(),
            "notices_on_phone": !phone.unwanted,
            "way_to_phone": phone.channel.map(PhoneChannel::name),
            "language_on_phone": phone.language.tag(),
            "papers": kept.collect::<Vec<Json>>(),
            "readings": readings.collect::<Vec<Json>>(),
        });
        let mut entries = vec![as_json("account.json".to_owned(), &data)?];
        entries.extend(files("papers", papers.into_iter().map(|paper| paper.file)));
        Ok(entries)
    }

    async fn exported_dossier(&self, actor: &Actor, code: &DossierCode) -> Result<Vec<ExportEntry>, Error> {
        let folder = format!("dossiers/{code}");
        let dossier = match self.dossiers.readable(actor, code).await {
            Ok(dossier) => dossier,
            Err(Error::Erased) => {
                let data = json!({ "code": code.as_str(), "erased": true });
                return Ok(vec![as_json(format!("{folder}/dossier.json"), &data)?]);
            }
            Err(error) => return Err(error),
        };
        let messages = dossier.messages.iter().map(|message| {
            let from = match message.from {
                ActorRef::Applicant { .. } => "applicant",
                ActorRef::Officer { .. } => "office",
                ActorRef::System => "portal",
            };
            let files: Vec<&str> = message.files.iter().map(|file| file.name.as_str()).collect();
            json!({ "at": message.at.to_string(), "from": from, "text": message.text, "files": files })
        });
        let data = json!({
            "code": code.as_str(),
            "procedure": dossier.filed.procedure_name,
            "agency": dossier.filed.agency.as_str(),
            "filed_at": dossier.filed_at.to_string(),
            "status": dossier.status().name(),
            "applicant": dossier.filed.applicant,
            "answers_as_filed": dossier.filed.values,
            "answers": dossier.values,
            "post_as_filed": dossier.filed.post,
            "post": dossier.post,
            "messages": messages.collect::<Vec<Json>>(),
        });
        let mut entries = vec![as_json(format!("{folder}/dossier.json"), &data)?];
        entries.extend(files(&folder, dossier.files_for(actor).cloned()));
        Ok(entries)
    }

    /// Returns a complaint or a suggestion as its sender reads it, so the answer names no officer.
    async fn exported_suggestion(&self, actor: &Actor, id: &SuggestionId) -> Result<Vec<ExportEntry>, Error> {
        let reader = self.database.reader();
        let found = suggestions::suggestion(reader, id).await?;
        let Some(suggestion) = found.filter(|found| found.is_of(actor)) else { return Ok(Vec::new()) };
        let events = suggestions::events(reader, id).await?;
        let outcome = suggestion.outcome.as_ref();
        let published = suggestion.published.as_ref();
        let data = json!({
            "id": id.to_string(),
            "topic": topic(&suggestion.topic),
            "text": suggestion.text,
            "sent_at": suggestion.sent_at.to_string(),
            "may_publish": suggestion.may_publish,
            "agency": agency(&suggestion.desk),
            "answer_by": suggestion.due.answer_by.to_string(),
            "state": suggestion.state.word(),
            "answer": outcome.map(|outcome| json!({ "at": outcome.at.to_string(), "text": outcome.text })),
            "published": published.map(|words| {
                json!({ "at": words.at.to_string(), "text": words.text, "answer": words.answer })
            }),
            "events": events.iter().map(happened).collect::<Vec<Json>>(),
        });
        Ok(vec![as_json(format!("suggestions/{id}.json"), &data)?])
    }
}

/// Returns the thing that a suggestion is about, without the officers whom its words can mean.
fn topic(topic: &SuggestionTopic) -> Json {
    let about = topic.word();
    match topic {
        SuggestionTopic::Portal => json!({ "about": about }),
        SuggestionTopic::Officer { agency, name, meant: _ } => {
            json!({ "about": about, "agency": agency.as_str(), "name": name })
        }
        SuggestionTopic::Procedure { agency, name, code } => {
            json!({ "about": about, "agency": agency.as_str(), "procedure": name, "code": code })
        }
        SuggestionTopic::Dossier { agency, code, procedure } => {
            json!({ "about": about, "agency": agency.as_str(), "procedure": procedure, "dossier": code.as_str() })
        }
    }
}

/// Returns the agency that answers, or none for the administrators of the portal.
fn agency(desk: &SuggestionDesk) -> Option<&str> {
    match desk {
        SuggestionDesk::Administrator => None,
        SuggestionDesk::Leader(agency) => Some(agency.as_str()),
    }
}

/// Returns an event of a suggestion without its author.
fn happened(recorded: &RecordedSuggestion) -> Json {
    json!({ "at": recorded.at.to_string(), "event": recorded.event.word(), "reason": recorded.event.reason() })
}

fn exported_draft(draft: &Draft) -> Result<Vec<ExportEntry>, Error> {
    let folder = format!("drafts/{}", draft.id);
    let data = json!({
        "procedure": draft.procedure.as_str(),
        "answers": answers_alone(&draft.typed),
        "changed_at": moment(draft.updated_at),
    });
    let mut entries = vec![as_json(format!("{folder}/draft.json"), &data)?];
    entries.extend(files(&folder, draft.papers.iter().map(|paper| paper.attached.file.clone())));
    Ok(entries)
}

/// Returns files of a folder, each content once. The digest before each name keeps names apart.
fn files(folder: &str, stored: impl Iterator<Item = StoredFile>) -> Vec<ExportEntry> {
    let mut known = HashSet::new();
    let mut entries = Vec::new();
    for file in stored {
        if known.insert(file.digest.clone()) {
            let begin: String = file.digest.as_str().chars().take(12).collect();
            entries.push(ExportEntry {
                path: format!("{folder}/files/{begin}-{}", saved_name(&file)),
                content: ExportContent::File(file),
            });
        }
    }
    entries
}

fn as_json(path: String, data: &Json) -> Result<ExportEntry, Error> {
    let bytes = serde_json::to_vec_pretty(data).map_err(Error::fault)?;
    Ok(ExportEntry { path, content: ExportContent::Data(bytes.into()) })
}

/// Returns a moment as text (RFC 3339).
fn moment(second: i64) -> String {
    Timestamp::from_second(second).map_or_else(|_| String::new(), |at| at.to_string())
}
