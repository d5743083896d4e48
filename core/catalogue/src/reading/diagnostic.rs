//! Mistakes in files: the place, the problem and the remedy.

mod causes;

use crate::reading::patch::TextPatch;
use crate::reading::tree::Tree;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use causes::UnknownName;
use motcua_domain::text;
use motcua_domain::text::{Language, Text};
use serde::Serialize;
use std::cell::RefCell;
use std::collections::HashSet;
use std::ops::Range;

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// A stable word for the rule that was broken.
    pub code: &'static str,
    pub kind: DiagnosticKind,
    /// The file, relative to the install folder.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The place in the file, in bytes.
    span: Range<usize>,
    pub message: Text,
    /// The advice for a correction.
    pub help: Text,
    /// The mistake from which this one follows. Its correction may correct both.
    pub cause: Option<DiagnosticCause>,
    /// The only correction that the check knows, if it is safe.
    pub fix: Option<TextPatch>,
    /// The mistake does not keep the portal from starting.
    is_warning: bool,
    /// The files from whose mistakes this one may follow.
    rests_on: Vec<String>,
    /// The name that is unknown.
    unknown: Option<UnknownName>,
    source: String,
}

/// The kind of a mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DiagnosticKind {
    /// The author has not written something yet.
    Unfinished,
    /// Something is written, and it is not right.
    Wrong,
}

/// The codes of parts that are not written yet.
const UNFINISHED: [&str; 4] = ["empty", "missing-key", "missing-translation", "todo"];

impl DiagnosticKind {
    /// Returns the kind of mistakes with a code.
    pub fn of(code: &str) -> Self {
        if UNFINISHED.contains(&code) { Self::Unfinished } else { Self::Wrong }
    }
}

/// The place and the code of a mistake that causes another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DiagnosticCause {
    pub code: &'static str,
    pub file: String,
    pub line: usize,
    pub column: usize,
}

impl DiagnosticCause {
    fn of(mistake: &Diagnostic) -> Self {
        Self { code: mistake.code, file: mistake.file.clone(), line: mistake.line, column: mistake.column }
    }
}

impl Diagnostic {
    /// Returns the place in the file, in bytes.
    pub const fn span(&self) -> &Range<usize> {
        &self.span
    }

    /// Returns whether people are told the mistake. A mistake that follows from another one says nothing new.
    pub const fn is_told(&self) -> bool {
        self.cause.is_none()
    }

    /// Returns the mistake for readers: `file:line:column`, the line itself, the problem and the remedy.
    pub fn render(&self, colour: bool, language: Language) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let annotation = AnnotationKind::Primary.span(self.span.clone()).label(self.help.get(language));
        let snippet = Snippet::source(self.source.as_str()).path(self.file.as_str()).annotation(annotation);
        let group = self.level(language).primary_title(self.message.get(language)).id(self.code).element(snippet);
        // The renderer's own arrow line names the place too, but only a plain `file:line:column` at the beginning
        // of a line can be clicked in every editor.
        format!("{}:{}:{}\n{}\n", self.file, self.line, self.column, renderer.render(&[group]))
    }

    /// Returns the level of the mistake, under its name in a language.
    fn level(&self, language: Language) -> Level<'static> {
        let (level, vi) = if self.is_warning { (Level::WARNING, "cảnh báo") } else { (Level::ERROR, "lỗi") };
        match language {
            Language::Vi => level.with_name(vi),
            Language::En => level,
        }
    }
}

/// A place in a report, between two mistakes.
#[derive(Debug, Clone, Copy)]
pub struct ReportMark {
    found: usize,
    warnings: usize,
}

/// A collector of mistakes.
#[derive(Debug, Default)]
pub struct MistakeReport {
    found: RefCell<Vec<Diagnostic>>,
    /// The mistakes that do not keep the portal from starting.
    warnings: RefCell<Vec<Diagnostic>>,
}

/// A file that was read.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// The path relative to the install folder.
    pub file: String,
    pub text: String,
}

impl SourceFile {
    /// Returns the text of a file. Reports a file that cannot be read.
    pub fn read(tree: &Tree, file: &str, report: &MistakeReport) -> Option<Self> {
        match tree.get(file) {
            Some(Ok(bytes)) => match String::from_utf8(bytes.to_vec()) {
                Ok(text) => Some(Self { file: file.to_owned(), text }),
                Err(_) => {
                    let message = text!("tệp không phải là văn bản UTF-8", "the file is not UTF-8 text");
                    report.add_file("not-utf8", file, message, text!("hãy lưu tệp ở dạng UTF-8", "save it as UTF-8"));
                    None
                }
            },
            Some(Err(error)) => {
                let message = text!("không đọc được tệp: {error}", "the file cannot be read: {error}");
                let help = text!("hãy cấp quyền đọc tệp, hoặc xóa tệp", "make it readable, or remove it");
                report.add_file("unreadable-file", file, message, help);
                None
            }
            None => {
                let message = text!("không có tệp này", "the file is not there");
                report.add_file("missing-file", file, message, text!("hãy thêm tệp", "add the file"));
                None
            }
        }
    }
}

impl MistakeReport {
    /// Adds a mistake at `span` of a file.
    pub fn add(
        &self,
        code: &'static str,
        source: &SourceFile,
        span: Range<usize>,
        message: impl Into<Text>,
        help: impl Into<Text>,
    ) {
        let (message, help) = (message.into(), help.into());
        self.found.borrow_mut().push(diagnostic(code, source, span, message, help));
    }

    /// Adds a warning at `span` of a file. A warning does not keep the portal from starting.
    pub fn warn(
        &self,
        code: &'static str,
        source: &SourceFile,
        span: Range<usize>,
        message: impl Into<Text>,
        help: impl Into<Text>,
    ) {
        let (message, help) = (message.into(), help.into());
        let warning = Diagnostic { is_warning: true, ..diagnostic(code, source, span, message, help) };
        self.warnings.borrow_mut().push(warning);
    }

    /// Adds a mistake that concerns a file as a whole.
    pub fn add_file(&self, code: &'static str, file: &str, message: impl Into<Text>, help: impl Into<Text>) {
        let source = SourceFile { file: file.to_owned(), text: "\n".to_owned() };
        self.add(code, &source, 0..0, message, help);
    }

    /// Adds a warning about a file as a whole. A warning does not keep the portal from starting.
    pub fn warn_file(&self, code: &'static str, file: &str, message: impl Into<Text>, help: impl Into<Text>) {
        let source = SourceFile { file: file.to_owned(), text: "\n".to_owned() };
        self.warn(code, &source, 0..0, message, help);
    }

    /// Ties a mistake to another one that causes it. Both are named by their numbers in the report.
    pub fn tie(&self, effect: usize, cause: usize) {
        let mut found = self.found.borrow_mut();
        let cause = found.get(cause).map(DiagnosticCause::of);
        if let Some(effect) = found.get_mut(effect) {
            effect.cause = cause;
        }
    }

    /// Gives the latest mistake its only safe correction.
    pub fn fix_latest(&self, fix: TextPatch) {
        if let Some(latest) = self.found.borrow_mut().last_mut() {
            latest.fix = Some(fix);
        }
    }

    /// Returns the mistakes so far.
    pub fn mistakes(&self) -> Vec<Diagnostic> {
        self.found.borrow().clone()
    }

    /// Returns the place of the next mistake and of the next warning.
    pub fn mark(&self) -> ReportMark {
        ReportMark { found: self.len(), warnings: self.warnings.borrow().len() }
    }

    /// Notes that the mistakes and warnings after a mark may follow from a mistake in one of these files.
    pub fn rest_on(&self, mark: ReportMark, files: &[&str]) {
        let (mut found, mut warnings) = (self.found.borrow_mut(), self.warnings.borrow_mut());
        for mistake in found.iter_mut().skip(mark.found).chain(warnings.iter_mut().skip(mark.warnings)) {
            mistake.rests_on.extend(files.iter().map(|file| (*file).to_owned()));
        }
    }

    /// Returns all mistakes, in the order of their files. A mistake that follows from another one names its cause.
    pub fn finish(self) -> Vec<Diagnostic> {
        self.find_causes();
        in_order(self.found.into_inner())
    }

    /// Removes and returns the warnings, in the order of their files. A warning that follows from a mistake names its
    /// cause.
    pub fn take_warnings(&self) -> Vec<Diagnostic> {
        self.find_causes();
        in_order(self.warnings.take())
    }

    /// Ties the mistakes and warnings that follow from others to their causes.
    fn find_causes(&self) {
        causes::tie(&mut self.found.borrow_mut(), &mut self.warnings.borrow_mut());
    }

    /// Gives the latest mistake the name that is unknown, and the known name that is near.
    pub fn name_latest(&self, name: &str, near: Option<&str>) {
        if let Some(latest) = self.found.borrow_mut().last_mut() {
            latest.unknown = Some(UnknownName { name: name.to_owned(), near: near.map(str::to_owned) });
        }
    }

    /// Adds the mistakes and warnings of another report.
    pub fn absorb(&self, other: Self) {
        self.found.borrow_mut().append(&mut other.found.into_inner());
        self.warnings.borrow_mut().append(&mut other.warnings.into_inner());
    }

    /// Removes the mistakes after the first `count`.
    pub fn forget_after(&self, count: usize) {
        self.found.borrow_mut().truncate(count);
    }

    /// Returns the number of mistakes so far.
    pub fn len(&self) -> usize {
        self.found.borrow().len()
    }

    /// Returns whether there are no mistakes so far.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

fn diagnostic(code: &'static str, source: &SourceFile, span: Range<usize>, message: Text, help: Text) -> Diagnostic {
    let end = span.end.min(source.text.len());
    let start = span.start.min(end);
    let before = source.text.get(..start).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    Diagnostic {
        code,
        kind: DiagnosticKind::of(code),
        file: source.file.clone(),
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
        message,
        help,
        cause: None,
        fix: None,
        is_warning: false,
        rests_on: Vec::new(),
        unknown: None,
        span: start..end,
        source: source.text.clone(),
    }
}

/// Returns the rank of a file in the order of mistakes. Files on which others rest have the first ranks.
fn rank(file: &str) -> usize {
    const FOLDERS: [&str; 5] = ["motcua.toml", "organisation.toml", "calendar/", "registries/", "workflows/"];
    FOLDERS.iter().position(|folder| file.starts_with(folder)).unwrap_or(FOLDERS.len())
}

fn in_order(mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let place =
        |one: &Diagnostic| (rank(&one.file), one.file.clone(), one.line, one.column, one.code, one.cause.is_some());
    found.sort_by_cached_key(place);
    // A value that is read twice has one mistake, whatever that rests on.
    let mut seen = HashSet::new();
    found.retain(|one| {
        let place = (one.file.clone(), one.span.start, one.span.end);
        seen.insert((one.code, place, one.message.clone(), one.help.clone()))
    });
    found
}
