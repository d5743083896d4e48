//! Checks PDFs: they open without a password, are whole, have pages and do nothing by themselves.

use super::Flaw;
use lopdf::{Document, Error, LoadOptions, Object};

/// The most bytes to which one stream of objects is unpacked. Contents of pages are not unpacked.
const MOST_UNPACKED: usize = 64 << 20;

/// Actions that run scripts, start programs, or send or fetch data.
const ACTIONS: [&[u8]; 4] = [b"JavaScript", b"Launch", b"SubmitForm", b"ImportData"];

/// Judges a PDF. A document that only an owner's password protects opens for everybody, and is accepted.
pub fn inspect(content: &[u8]) -> Result<(), Flaw> {
    // Some programs append bytes after the end of a file.
    let content = content.trim_ascii_end();
    let ended = has_end(content);
    let document =
        match Document::load_mem_with_options(content, LoadOptions::with_max_decompressed_size(MOST_UNPACKED)) {
            Ok(document) => document,
            Err(Error::InvalidPassword | Error::Decryption(_) | Error::UnsupportedSecurityHandler(_)) => {
                return Err(Flaw::Password);
            }
            Err(_) => return Err(if ended { Flaw::Broken } else { Flaw::CutOff }),
        };
    if !ended && document.xref_recovery.is_some() {
        return Err(Flaw::CutOff);
    }
    // A document that could be decrypted no longer has this key.
    if document.trailer.has(b"Encrypt") {
        return Err(Flaw::Password);
    }
    if document.page_iter().next().is_none() {
        return Err(Flaw::NoPages);
    }
    if document.objects.values().any(|object| is_active(&document, object)) {
        return Err(Flaw::Active);
    }
    Ok(())
}

/// Returns whether the mark of the end follows the last object.
fn has_end(content: &[u8]) -> bool {
    let last = |mark: &[u8]| content.windows(mark.len()).rposition(|found| found == mark);
    let end = last(b"%%EOF");
    end.is_some() && end > last(b"endobj")
}

/// Returns whether an object, or an object within it, is active. An action is active if it does more than to show
/// another place. A form of XFA is active, because it is a program.
fn is_active<'a>(document: &'a Document, object: &'a Object) -> bool {
    let mut left = vec![object];
    while let Some(object) = left.pop() {
        let dictionary = match object {
            Object::Array(items) => {
                left.extend(items);
                continue;
            }
            Object::Dictionary(dictionary) => dictionary,
            Object::Stream(stream) => &stream.dict,
            _ => continue,
        };
        let action = dictionary.get_deref(b"S", document).and_then(Object::as_name).unwrap_or_default();
        let plays_script = action == b"Rendition" && dictionary.has(b"JS");
        if ACTIONS.contains(&action) || plays_script || dictionary.has(b"XFA") {
            return true;
        }
        left.extend(dictionary.iter().map(|(_, value)| value));
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use lopdf::{Dictionary, EncryptionState, EncryptionVersion, Permissions, dictionary};

    const PAPER: &[u8] = include_bytes!("../../../motcua/src/demo/paper.pdf");

    fn paper() -> Document {
        Document::load_mem(PAPER).expect("a document")
    }

    fn saved(mut document: Document) -> Vec<u8> {
        let mut bytes = Vec::new();
        document.save_to(&mut bytes).expect("saved");
        bytes
    }

    /// Returns a paper whose catalogue has one more entry.
    fn with(key: &str, entry: Object) -> Vec<u8> {
        let mut document = paper();
        document.catalog_mut().expect("a catalogue").set(key, entry);
        saved(document)
    }

    fn encrypted(user: &str, owner: &str) -> Vec<u8> {
        let mut document = paper();
        let id = Object::string_literal("0123456789abcdef");
        document.trailer.set("ID", Object::Array(vec![id.clone(), id]));
        let version = EncryptionVersion::V2 {
            document: &document,
            owner_password: owner,
            user_password: user,
            key_length: 128,
            permissions: Permissions::all(),
        };
        let state = EncryptionState::try_from(version).expect("a key");
        document.encrypt(&state).expect("encrypted");
        saved(document)
    }

    fn action(kind: &str) -> Dictionary {
        dictionary! { "Type" => "Action", "S" => kind }
    }

    #[test]
    fn a_sound_paper_is_taken() {
        assert_eq!(inspect(PAPER), Ok(()));
        let mut filled = PAPER.to_vec();
        filled.resize(100_000, b' ');
        assert_eq!(inspect(&filled), Ok(()));
        assert_eq!(inspect(&saved(paper())), Ok(()));
    }

    #[test]
    fn a_paper_that_opens_with_a_password_only_is_told_and_one_that_anybody_can_read_is_taken() {
        assert_eq!(inspect(&encrypted("mat khau", "owner")), Err(Flaw::Password));
        assert_eq!(inspect(&encrypted("", "owner")), Ok(()));
    }

    #[test]
    fn a_paper_that_was_cut_off_is_told_wherever_it_ends() {
        for end in 8..PAPER.len() - 20 {
            assert_eq!(inspect(&PAPER[..end]), Err(Flaw::CutOff), "after {end} bytes");
        }
    }

    #[test]
    fn a_paper_without_pages_is_told() {
        let mut document = paper();
        let pages = document.catalog().and_then(|catalog| catalog.get(b"Pages")).and_then(Object::as_reference);
        let pages = document.get_dictionary_mut(pages.expect("pages")).expect("pages");
        pages.set("Kids", Object::Array(Vec::new()));
        pages.set("Count", 0);
        assert_eq!(inspect(&saved(document)), Err(Flaw::NoPages));
    }

    #[test]
    fn scripts_and_actions_that_do_more_than_to_show_a_place_are_told() {
        for kind in ["JavaScript", "Launch", "SubmitForm", "ImportData"] {
            assert_eq!(inspect(&with("OpenAction", action(kind).into())), Err(Flaw::Active), "{kind}");
            let deep = dictionary! { "Names" => Object::Array(vec![Object::string_literal("x"), action(kind).into()]) };
            assert_eq!(
                inspect(&with("Names", dictionary! { "JavaScript" => deep }.into())),
                Err(Flaw::Active),
                "{kind}"
            );
        }
        for harmless in ["GoTo", "URI", "Named"] {
            assert_eq!(inspect(&with("OpenAction", action(harmless).into())), Ok(()), "{harmless}");
        }
        assert_eq!(
            inspect(&with("AcroForm", dictionary! { "XFA" => Object::Array(vec![]) }.into())),
            Err(Flaw::Active)
        );
    }

    #[test]
    fn a_script_is_found_however_its_name_is_written() {
        let script = "/Type /Catalog /OpenAction << /S /Java#53cript /JS (app.alert\\(1\\)) >>";
        let text = String::from_utf8_lossy(PAPER).replace("/Type /Catalog", script);
        assert_eq!(inspect(text.as_bytes()), Err(Flaw::Active));
    }
}
