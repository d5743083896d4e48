//! The output of commands.
//!
//! The reader of a pipe may be gone, as after `motcua explain | head -1`. The command then ends silently, where
//! `println!` of the standard library would panic.

use crate::language;
use motcua_domain::text;
use motcua_domain::text::Text;
use std::fmt::{Arguments, Display};
use std::io::{ErrorKind, Write as _};

/// The exit code of a program whose reader is gone, as a shell shows it.
const READER_IS_GONE: i32 = 141;

/// Prints a line to the standard output. It takes the place of the macro of the standard library in this crate.
macro_rules! println {
    () => { $crate::output::print(format_args!("\n")) };
    ($($words:tt)*) => { $crate::output::print(format_args!("{}\n", format_args!($($words)*))) };
}

/// Prints a text to the standard output.
macro_rules! print {
    ($($words:tt)*) => { $crate::output::print(format_args!($($words)*)) };
}

/// Returns words in the language of this process, from two format strings: Vietnamese first, then English. The
/// arguments of both stand behind a semicolon.
macro_rules! told {
    ($vi:literal, $en:literal $(; $($argument:tt)+)?) => {
        match $crate::language::chosen() {
            ::motcua_domain::text::Language::Vi => ::std::format!($vi $(, $($argument)+)?),
            ::motcua_domain::text::Language::En => ::std::format!($en $(, $($argument)+)?),
        }
    };
}

/// Prints a line in the language of this process, from the same parts as `told!`.
macro_rules! say {
    ($($words:tt)+) => { println!("{}", told!($($words)+)) };
}

/// Writes a text to the standard output, or ends the process.
pub fn print(text: Arguments<'_>) {
    let mut out = std::io::stdout().lock();
    let Err(error) = out.write_fmt(text).and_then(|()| out.flush()) else { return };
    if error.kind() != ErrorKind::BrokenPipe {
        let words = told!("không ghi được ra đầu ra chuẩn: {error}", "cannot write to the standard output: {error}");
        complain(format_args!("{words}"));
        std::process::exit(1);
    }
    std::process::exit(READER_IS_GONE);
}

/// Writes an error to the standard error, if anybody reads it.
pub fn complain(text: Arguments<'_>) {
    let error = text!("lỗi", "error");
    drop(writeln!(std::io::stderr().lock(), "{}: {text}", language::told(&error)));
}

/// Returns an error with its causes, each once, because many errors repeat their cause in their own words.
pub fn told(error: &anyhow::Error) -> String {
    let mut told = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if told.contains(&cause) {
            continue;
        }
        if !told.is_empty() {
            told.push_str(": ");
        }
        told.push_str(&cause);
    }
    told
}

/// Returns a number of things in words, such as "1 procedure" or "2 procedures".
pub fn counted(count: usize, one: &str) -> String {
    format!("{count} {one}{}", if count == 1 { "" } else { "s" })
}

/// Returns a refusal in the language of this process.
pub fn refused(refusal: &Text) -> anyhow::Error {
    anyhow::Error::msg(language::told(refusal).to_owned())
}

/// Returns the refusal of a procedure that the folder does not have.
pub fn no_procedure(at: &str) -> String {
    told!(
        "thư mục không có thủ tục `{at}`; hãy viết cơ quan/tên",
        "there is no procedure `{at}` in the folder; write agency/name"
    )
}

/// Returns the refusal of a text that is no code of a dossier.
pub fn not_a_code(code: &str) -> String {
    told!("`{code}` không phải là mã hồ sơ", "`{code}` is not the code of a dossier")
}

/// Returns the refusal of a code that no dossier has.
pub fn no_dossier(code: &str) -> String {
    told!("không có hồ sơ {code}", "there is no dossier {code}")
}

/// Returns the context of an error of reading from a place.
pub fn cannot_read(place: impl Display) -> String {
    told!("không đọc được {place}", "cannot read {place}")
}

/// Returns the context of an error of writing to a place.
pub fn cannot_write(place: impl Display) -> String {
    told!("không ghi được {place}", "cannot write {place}")
}

/// Returns the context of an error of making a file or a folder.
pub fn cannot_make(place: impl Display) -> String {
    told!("không tạo được {place}", "cannot make {place}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_is_not_many_things() {
        let said = [0, 1, 2].map(|count| counted(count, "procedure"));
        assert_eq!(said, ["0 procedures", "1 procedure", "2 procedures"]);
    }

    #[test]
    fn a_cause_that_an_error_repeats_is_said_once() {
        let error = anyhow::anyhow!("refused").context("Connection Error: refused").context("cannot open the database");
        assert_eq!(told(&error), "cannot open the database: Connection Error: refused");
    }
}
