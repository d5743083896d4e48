//! The command line as it is read, with help in the language of the reader. English is that of the doc comments in
//! [`crate::cli`], and Vietnamese that of `help.vi.toml`.

use crate::cli::Cli;
use crate::{language, output};
use clap::{Arg, Command, CommandFactory as _, Error, FromArgMatches as _, Parser as _};
use motcua_domain::text::Language;
use std::ffi::OsString;
use std::io::{IsTerminal as _, Write as _};
use std::sync::LazyLock;
use toml::{Table, Value};

/// The help in Vietnamese.
static VIETNAMESE: LazyLock<Table> = LazyLock::new(|| include_str!("help.vi.toml").parse().unwrap_or_default());

/// The table of the arguments that several commands have.
const COMMON: &str = "common";

/// The table of the words that the library says.
const WORDS: &str = "words";

/// The key of a command's own text.
const ABOUT: &str = "about";

/// Returns the command line that was typed. Ends the process after help or wrong usage.
pub fn parse() -> Cli {
    let words: Vec<OsString> = std::env::args_os().collect();
    match language::of_words(&words) {
        Language::En => Cli::parse_from(words),
        Language::Vi => parse_in_vietnamese(words).unwrap_or_else(|error| end(&error)),
    }
}

fn parse_in_vietnamese(words: Vec<OsString>) -> Result<Cli, Error> {
    let mut command = translated(Cli::command(), &VIETNAMESE);
    let mut matches = command.try_get_matches_from_mut(words)?;
    Cli::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command))
}

/// Prints help or the mistake in a command line in Vietnamese, and ends the process.
fn end(error: &Error) -> ! {
    let is_error = error.use_stderr();
    let is_terminal = if is_error { std::io::stderr().is_terminal() } else { std::io::stdout().is_terminal() };
    let rendered = error.render();
    let text = in_vietnamese(if is_terminal { rendered.ansi().to_string() } else { rendered.to_string() });
    if is_error {
        drop(write!(std::io::stderr().lock(), "{text}"));
    } else {
        output::print(format_args!("{text}"));
    }
    std::process::exit(error.exit_code())
}

/// Returns a text of the library with its own words in Vietnamese.
fn in_vietnamese(text: String) -> String {
    let words = VIETNAMESE.get(WORDS).and_then(Value::as_table);
    let mut words: Vec<(&String, &str)> =
        words.into_iter().flatten().filter_map(|(en, vi)| Some((en, vi.as_str()?))).collect();
    // A longer text may begin with a shorter one.
    words.sort_by_key(|(en, _)| std::cmp::Reverse(en.len()));
    words.into_iter().fold(text, |text, (en, vi)| text.replace(en, vi))
}

/// Returns a command and those below it with the help of a table.
fn translated(command: Command, help: &'static Table) -> Command {
    let command = match help.get(ABOUT).and_then(Value::as_str) {
        Some(about) => {
            let (short, long) = short_and_long(about);
            command.about(short).long_about(long)
        }
        None => command,
    };
    let command = command.mut_args(|argument| match help_of(help, &argument) {
        Some(text) => {
            let (short, long) = short_and_long(text);
            argument.help(short).long_help(long)
        }
        None => argument,
    });
    command.mut_subcommands(|below| match help.get(below.get_name()).and_then(Value::as_table) {
        Some(inner) => translated(below, inner),
        None => below,
    })
}

/// Returns the help of an argument of a command with this table.
fn help_of<'a>(help: &'a Table, argument: &Arg) -> Option<&'a str> {
    let id = argument.get_id().as_str();
    let common = || VIETNAMESE.get(COMMON).and_then(|common| common.get(id));
    help.get(id).or_else(common).and_then(Value::as_str)
}

/// Returns the first paragraph of a text, and the whole text if it has several.
fn short_and_long(text: &'static str) -> (&'static str, Option<&'static str>) {
    match text.split_once("\n\n") {
        Some((short, _)) => (short, Some(text)),
        None => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Collects the places of all commands and arguments, each with whether the table has a text for it.
    fn places(command: &Command, path: &str, help: Option<&Table>, found: &mut Vec<(String, bool)>) {
        found.push((format!("{path}.{ABOUT}"), help.is_some_and(|help| help.get(ABOUT).is_some_and(Value::is_str))));
        for argument in command.get_arguments() {
            let is_there = help.and_then(|help| help_of(help, argument)).is_some();
            found.push((format!("{path}.{}", argument.get_id()), is_there));
        }
        for below in command.get_subcommands() {
            let inner = help.and_then(|help| help.get(below.get_name())).and_then(Value::as_table);
            places(below, &format!("{path}.{}", below.get_name()), inner, found);
        }
    }

    /// Collects the places of all texts of a table.
    fn texts(help: &Table, path: &str, found: &mut BTreeSet<String>) {
        for (key, value) in help {
            let place = format!("{path}.{key}");
            match value {
                Value::Table(inner) => texts(inner, &place, found),
                _ => assert!(value.is_str() && found.insert(place), "{path}.{key}"),
            }
        }
    }

    #[test]
    fn every_command_and_every_argument_has_help_in_vietnamese_and_nothing_else_has() {
        let mut all = Vec::new();
        places(&Cli::command(), "", Some(&VIETNAMESE), &mut all);
        assert!(all.len() > 100, "{}", all.len());
        let without: Vec<&String> = all.iter().filter(|(_, is_there)| !is_there).map(|(place, _)| place).collect();
        assert!(without.is_empty(), "without help in Vietnamese: {without:?}");
        let places: BTreeSet<String> = all.into_iter().map(|(place, _)| place).collect();
        let mut written = BTreeSet::new();
        let own = VIETNAMESE.iter().filter(|(key, _)| ![COMMON, WORDS].contains(&key.as_str()));
        texts(&own.map(|(key, value)| (key.clone(), value.clone())).collect(), "", &mut written);
        let needless: Vec<&String> = written.difference(&places).collect();
        assert!(needless.is_empty(), "no such command or argument: {needless:?}");
    }

    #[test]
    fn help_and_wrong_usage_are_told_in_vietnamese() {
        let told = |words: &[&str]| {
            let words = std::iter::once("motcua").chain(words.iter().copied()).map(OsString::from).collect();
            let error = parse_in_vietnamese(words).expect_err("help, or wrong usage");
            in_vietnamese(error.render().to_string())
        };
        let help = told(&["check", "--help"]);
        assert!(help.starts_with("Tìm mọi lỗi trong thư mục cài đặt"), "{help}");
        assert!(["Cách dùng: motcua check", "Tham số:", "[mặc định: text]"].iter().all(|words| help.contains(words)));
        assert!(["Usage", "Options", "Print", "default"].iter().all(|words| !help.contains(words)), "{help}");
        assert!(told(&["--help"]).contains("Mã thoát: 0 là ổn"));
        assert!(told(&["check"]).starts_with("lỗi: thiếu các tham số bắt buộc sau:"));
        assert!(told(&["no-such-command"]).starts_with("lỗi: không có lệnh 'no-such-command'"));
    }
}
