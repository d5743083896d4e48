//! The files that come with the form of a dossier's page: those of the message that is written, and the result of an
//! action. Each is received whichever button was pressed, so that the page that follows can remember it.

use crate::pages::dossier::attempt::{Attempt, AttemptPart};
use crate::state::Portal;
use crate::view::format;
use crate::view::refused::{names, offered};
use crate::web::failure::Failure;
use crate::web::person::Person;
use crate::web::upload::ProvenUpload;
use crate::web::visitor::PostedForm;
use motcua_domain::dossier::decide::MOST_MESSAGE_FILES;
use motcua_domain::file_name::shown_name;
use motcua_domain::media::StoredFile;
use motcua_domain::names::DossierCode;
use motcua_domain::people::organisation::Actor;
use motcua_domain::text::Language;
use motcua_service::{Error, InputRule, LARGEST_MESSAGE_FILE, MESSAGE_KINDS};
use serde::Serialize;

/// The most files that are read from one form.
const MOST_FILES: usize = 20;

/// The last words of the names of the fields with files: those of a message, and that of a result.
const FILES: &str = "files";
const RESULT: &str = "result";

/// The last words of the names of the fields with a file that the page remembers, and with the name of a file that it
/// could not keep.
const KEPT: &str = "kept";
const AGAIN: &str = "again";

/// A file that came with the form.
pub struct PageFile {
    /// The name of the field.
    field: String,
    /// The name of the file, as its sender named it.
    name: String,
    file: Result<StoredFile, Error>,
}

/// Returns whether a field has files of a message.
fn is_of_message(field: &str) -> bool {
    field == FILES || field == AttemptPart::Message.field(FILES)
}

/// Returns whether a field has the files of a part that is sent. A program may leave the part out of the name.
fn is_of(part: &AttemptPart, field: &str) -> bool {
    let name = if *part == AttemptPart::Message { FILES } else { RESULT };
    field == name || field == part.field(name)
}

/// Reads the form of a dossier's page, and receives its files while they stream in.
pub async fn received(
    portal: &Portal,
    actor: &Actor,
    code: &DossierCode,
    upload: &mut ProvenUpload,
) -> Result<(Vec<(String, String)>, Vec<PageFile>), Failure> {
    let dossiers = &portal.services.dossiers;
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut files: Vec<PageFile> = Vec::new();
    while let Some(part) = upload.next().await? {
        let field = part.name().to_owned();
        match (part.is_file(), part.file_name()) {
            (true, Some(name)) if files.len() < MOST_FILES => {
                let file = if is_of_message(&field) {
                    dossiers.take_message_file(actor, code, &name, part).await
                } else {
                    dossiers.take_result(actor, code, &name, part).await
                };
                files.push(PageFile { field, name, file });
            }
            // The page that follows names the file.
            (true, Some(name)) => fields.push((field, shown_name(&name))),
            (true, None) => {}
            (false, ..) => {
                let text = part.text().await?;
                fields.push((field, text));
            }
        }
    }
    Ok((fields, files))
}

/// Returns the attempt of a form that was received, and the files of the part that is sent, or the first reason why one of
/// them was rejected.
pub fn attempted(
    portal: &Portal,
    (visitor, code): (&Person, &DossierCode),
    part: &AttemptPart,
    (mut fields, files): (Vec<(String, String)>, Vec<PageFile>),
    upload: ProvenUpload,
) -> (Attempt, Result<Vec<StoredFile>, Error>) {
    let own = remember(portal, (visitor.actor(), code), part, files, &mut fields);
    visitor.keep(upload.texts(&fields), true);
    (Attempt { proof: upload.proof, ..Attempt::of(Some(part.clone()), PostedForm(fields)) }, own)
}

/// Adds the received files to the fields, so that the page can remember them, and the names of those that were rejected.
/// Returns the files of the part that is sent, or the first reason why one of them was rejected.
fn remember(
    portal: &Portal,
    (actor, code): (&Actor, &DossierCode),
    part: &AttemptPart,
    files: Vec<PageFile>,
    fields: &mut Vec<(String, String)>,
) -> Result<Vec<StoredFile>, Error> {
    let dossiers = &portal.services.dossiers;
    let mut own: Result<Vec<StoredFile>, Error> = Ok(Vec::new());
    for PageFile { field, name, file } in files {
        let is_own = is_of(part, &field);
        let file = match file {
            Ok(file) => file,
            Err(error) => {
                fields.push((field, shown_name(&name)));
                if is_own && own.is_ok() {
                    own = Err(error);
                }
                continue;
            }
        };
        if let Some(scope) = field.strip_suffix(FILES).filter(|_| is_of_message(&field)) {
            fields.push((format!("{scope}{KEPT}"), dossiers.keep_message_file(actor, code, &file)?));
        } else if let Some(scope) = field.strip_suffix(RESULT) {
            fields.push((format!("{scope}{KEPT}"), dossiers.keep_result(actor, code, &file)?));
        }
        if let Some(own) = own.as_mut().ok().filter(|_| is_own) {
            own.push(file);
        }
    }
    own
}

/// Returns the files of a message that is sent: those that the page remembers, each once.
///
/// A file that was announced and did not come, or that the page has remembered for too long, is a broken upload. The
/// message is not sent without it.
pub fn files_to_send(
    portal: &Portal,
    actor: &Actor,
    code: &DossierCode,
    attempt: &Attempt,
) -> Result<Vec<StoredFile>, Error> {
    let part = AttemptPart::Message;
    if attempt.chosen(&part, FILES).iter().any(|name| !name.is_empty()) {
        return Err(Error::Invalid(InputRule::UploadBroken));
    }
    let mut files: Vec<StoredFile> = Vec::new();
    for text in attempt.chosen(&part, KEPT) {
        let file = portal.services.dossiers.kept_message_file(actor, code, text);
        let file = file.ok_or(Error::Invalid(InputRule::UploadBroken))?;
        if !files.contains(&file) {
            files.push(file);
        }
    }
    Ok(files)
}

/// Returns whether a field has a file of the page that was received. Its text differs with each upload.
pub fn is_kept(field: &str) -> bool {
    field == KEPT || field == AttemptPart::Message.field(KEPT)
}

/// The files of the message that the reader writes.
#[derive(Debug, Clone, Default, Serialize)]
pub struct MessageFilesContext {
    /// The files that were received and not sent yet.
    pub kept: Vec<KeptFileContext>,
    /// The names of files that were chosen and could not be kept.
    pub choose_again: Vec<String>,
    /// Words such as `PDF, JPEG`.
    pub accept: String,
    /// The types that the browser's file dialogue offers.
    pub accept_types: String,
    /// The size of the largest file, such as `10 MB`.
    pub max_size: String,
    /// The most files of a message.
    pub most: usize,
}

/// A file that was received and not sent yet.
#[derive(Debug, Clone, Serialize)]
pub struct KeptFileContext {
    /// The text by which the page remembers the file, as `message.kept` posts it.
    pub value: String,
    /// The name of the file.
    pub name: String,
    /// The size, such as `1.5 MB`.
    pub size: String,
}

impl MessageFilesContext {
    /// Returns what the page says about the files of the message that its reader writes.
    pub fn of(portal: &Portal, actor: &Actor, code: &DossierCode, attempt: &Attempt, language: Language) -> Self {
        let part = AttemptPart::Message;
        let (mut kept, mut known) = (Vec::new(), Vec::new());
        for text in attempt.chosen(&part, KEPT) {
            let file = portal.services.dossiers.kept_message_file(actor, code, text);
            // A file that was chosen twice is sent once.
            let Some(file) = file.filter(|file| !known.contains(file)) else { continue };
            let (name, size) = (file.name.clone(), format::size(file.bytes, language));
            kept.push(KeptFileContext { value: text.to_owned(), name, size });
            known.push(file);
        }
        // A browser forgets the chosen files with each button, so the page repeats the names that it showed.
        let mut choose_again: Vec<String> = Vec::new();
        for name in attempt.chosen(&part, FILES).into_iter().chain(attempt.chosen(&part, AGAIN)) {
            let is_known = choose_again.iter().any(|known| known == name) || kept.iter().any(|kept| kept.name == name);
            if !name.is_empty() && !is_known {
                choose_again.push(name.to_owned());
            }
        }
        Self { kept, choose_again, ..Self::limits(language) }
    }

    /// Returns what a message takes, without files.
    fn limits(language: Language) -> Self {
        Self {
            kept: Vec::new(),
            choose_again: Vec::new(),
            accept: names(MESSAGE_KINDS),
            accept_types: offered(MESSAGE_KINDS),
            max_size: format::size(LARGEST_MESSAGE_FILE, language),
            most: MOST_MESSAGE_FILES,
        }
    }

    /// Returns files for checking a theme.
    pub fn sample(full: bool) -> Self {
        let kept = KeptFileContext { value: "0{}".into(), name: "a.pdf".into(), size: "1 kB".into() };
        let (kept, choose_again) = if full { (vec![kept], vec!["b.pdf".into()]) } else { (vec![], vec![]) };
        Self { kept, choose_again, ..Self::limits(Language::Vi) }
    }
}

#[cfg(test)]
mod tests {
    use super::{is_kept, is_of, is_of_message};
    use crate::pages::dossier::attempt::AttemptPart;
    use motcua_domain::names::ActionId;

    #[test]
    fn a_file_belongs_to_the_part_in_the_name_of_its_field() {
        let issue = AttemptPart::Act(Some(2), ActionId("issue".to_owned()));
        for (field, of_message, of_issue) in [
            ("files", true, false),
            ("message.files", true, false),
            ("result", false, true),
            ("act.2.issue.result", false, true),
            ("act.2.files.result", false, false),
            ("act.3.issue.result", false, false),
        ] {
            let found = (is_of_message(field), is_of(&AttemptPart::Message, field), is_of(&issue, field));
            assert_eq!(found, (of_message, of_message, of_issue), "{field}");
        }
        assert!(is_kept("kept") && is_kept("message.kept") && !is_kept("act.2.issue.kept"));
    }
}
