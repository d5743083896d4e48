//! Prints letters of an agency as PDF/A-2a and PDF/UA-1 at once, from a template of typst and data.
//!
//! Only the binary knows this crate, because its dependencies take minutes to build, and they build beside all others so.
//! The crate reads no file and no clock: a letter says nothing but what its template and its data say.

mod fonts;
mod signs;
mod world;

pub use world::LetterSource;

use typst::diag::{SourceDiagnostic, Warned};
use typst::foundations::Smart;
use typst::{World as _, WorldExt as _};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};
use world::LetterWorld;

/// The most pages of a letter.
pub const MOST_PAGES: usize = 50;

/// The most bytes of a printed letter.
pub const MOST_BYTES: usize = 8 << 20;

/// The most mistakes of a template that are told.
const MOST_TOLD: usize = 5;

/// The stack of a thread that lays out letters, in bytes. Nested content of a template needs more than a thread has.
pub const STACK: usize = 16 << 20;

/// The reason why a letter was not printed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrintFault {
    /// The template is wrong, or cannot show the data. The reasons are the library's, each with its place.
    #[error("{0}")]
    Template(String),
    #[error("{name}: the letter has {pages} pages, and {most} are the most", most = MOST_PAGES)]
    TooLong { name: String, pages: usize },
    #[error("{name}: the letter has {bytes} bytes, and {most} are the most", most = MOST_BYTES)]
    TooLarge { name: String, bytes: usize },
    /// The program itself is wrong.
    #[error("{0}")]
    Unfit(String),
}

/// Prints a letter and returns the PDF.
///
/// The library keeps what it computed, and so names and phone numbers. Everything is forgotten afterwards.
pub fn print(source: LetterSource<'_>) -> Result<Vec<u8>, PrintFault> {
    let printed = LetterWorld::new(source).and_then(|world| printed(&world));
    typst::comemo::evict(0);
    printed
}

fn printed(world: &LetterWorld) -> Result<Vec<u8>, PrintFault> {
    let standards = PdfStandards::new(&[PdfStandard::A_2a, PdfStandard::Ua_1])
        .map_err(|fault| PrintFault::Unfit(fault.message().to_string()))?;
    let options = PdfOptions { creator: Smart::Custom(Some("Motcua".to_owned())), standards, ..PdfOptions::default() };
    let Warned { output, .. } = typst::compile::<PagedDocument>(world);
    let document = output.map_err(|mistakes| template(world, &mistakes))?;
    let pages = document.pages().len();
    if pages > MOST_PAGES {
        return Err(PrintFault::TooLong { name: world.name(), pages });
    }
    let pdf = typst_pdf::pdf(&document, &options).map_err(|mistakes| template(world, &mistakes))?;
    if pdf.len() > MOST_BYTES {
        return Err(PrintFault::TooLarge { name: world.name(), bytes: pdf.len() });
    }
    Ok(pdf)
}

/// Returns the mistakes of a template, each with its place and its hints.
fn template(world: &LetterWorld, mistakes: &[SourceDiagnostic]) -> PrintFault {
    let told = mistakes.iter().take(MOST_TOLD).map(|mistake| {
        let place = place(world, mistake).unwrap_or_else(|| world.name());
        let hints = mistake.hints.iter().map(|hint| hint.v.as_str());
        let told: Vec<&str> = std::iter::once(mistake.message.as_str()).chain(hints).collect();
        format!("{place}: {}", told.join("; "))
    });
    PrintFault::Template(told.collect::<Vec<_>>().join("; "))
}

/// Returns the file and the line of a mistake, if it has a place in a template.
fn place(world: &LetterWorld, mistake: &SourceDiagnostic) -> Option<String> {
    let source = world.source(mistake.span.id()?).ok()?;
    let line = source.lines().byte_to_line(world.range(mistake.span)?.start)?;
    Some(format!("{}:{}", source.id().vpath().get_without_slash(), line + 1))
}

/// Starts the one thread on which the library works beside its caller, so that no other starts later. A process that may
/// start no thread calls this function before it limits itself.
pub fn start_thread() -> Result<(), String> {
    let started = rayon::ThreadPoolBuilder::new().num_threads(1).stack_size(STACK).build_global();
    started.map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests;
