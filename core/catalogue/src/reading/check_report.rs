//! Everything that the check of an install folder tells, and its form for tools.

use crate::reading::diagnostic::{Diagnostic, DiagnosticCause, DiagnosticKind};
use crate::reading::patch::TextPatch;
use motcua_domain::procedure::BasisGap;
use motcua_domain::text::Language;
use serde::Serialize;
use std::ops::Range;

/// Everything that the check of an install folder tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckReport {
    pub mistakes: Vec<Diagnostic>,
    /// The mistakes that do not keep the portal from starting.
    pub warnings: Vec<Diagnostic>,
    /// The flaws without a place in a file: of the theme and of components.
    pub others: Vec<String>,
    /// The workflows that no procedure uses, so that their posts are not checked.
    pub unused_workflows: Vec<String>,
    /// The parts that name no legal basis, if somebody asks for them.
    pub without_basis: Vec<UnfoundedProcedure>,
}

/// A procedure with parts that name no legal basis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnfoundedProcedure {
    /// The group and the name of the procedure.
    pub procedure: String,
    pub parts: Vec<BasisGap>,
}

impl CheckReport {
    /// Returns the report in a language, as `motcua check --format json` writes it.
    pub fn record(&self, language: Language) -> CheckRecord<'_> {
        CheckRecord {
            mistakes: DiagnosticRecord::all(&self.mistakes, language),
            warnings: DiagnosticRecord::all(&self.warnings, language),
            others: &self.others,
            unused_workflows: &self.unused_workflows,
            without_basis: &self.without_basis,
        }
    }
}

/// A report in one language.
#[derive(Debug, Serialize)]
pub struct CheckRecord<'a> {
    mistakes: Vec<DiagnosticRecord<'a>>,
    warnings: Vec<DiagnosticRecord<'a>>,
    others: &'a [String],
    unused_workflows: &'a [String],
    without_basis: &'a [UnfoundedProcedure],
}

/// A mistake in one language.
#[derive(Debug, Serialize)]
struct DiagnosticRecord<'a> {
    code: &'static str,
    kind: DiagnosticKind,
    file: &'a str,
    line: usize,
    column: usize,
    bytes: &'a Range<usize>,
    message: &'a str,
    help: &'a str,
    cause: Option<&'a DiagnosticCause>,
    fix: Option<&'a TextPatch>,
}

impl<'a> DiagnosticRecord<'a> {
    fn all(found: &'a [Diagnostic], language: Language) -> Vec<Self> {
        found.iter().map(|mistake| Self::of(mistake, language)).collect()
    }

    fn of(mistake: &'a Diagnostic, language: Language) -> Self {
        Self {
            code: mistake.code,
            kind: mistake.kind,
            file: &mistake.file,
            line: mistake.line,
            column: mistake.column,
            bytes: mistake.span(),
            message: mistake.message.get(language),
            help: mistake.help.get(language),
            cause: mistake.cause.as_ref(),
            fix: mistake.fix.as_ref(),
        }
    }
}
