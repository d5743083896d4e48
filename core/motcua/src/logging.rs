//! The log of the process, on the standard error. It holds no personal data: neither names nor numbers of people, nor
//! their input.

use crate::access::CommandAccess;
use crate::cli::CliCommand;
use crate::runtime;
use motcua_catalogue::operating::LogFormat;
use motcua_catalogue::settings;
use std::io::IsTerminal as _;
use tracing_subscriber::EnvFilter;

/// Begins to log with the settings of the command and its install folder.
pub fn begin(command: &CliCommand) {
    let serves = command.access() == CommandAccess::Serve;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level(serves)));
    // Colours are escape codes, which have no place in a file.
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colour).with_writer(std::io::stderr);
    match format(command) {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().flatten_event(true).with_current_span(false).with_span_list(false).init(),
    }
}

/// Returns the lowest level that is logged. A command prints its results on the standard output, so its log has
/// warnings only.
const fn level(serves: bool) -> &'static str {
    if serves { "info" } else { "warn" }
}

/// Reads the format of the log from the install folder of a portal. Mistakes in the settings are reported when they are
/// read again.
fn format(command: &CliCommand) -> LogFormat {
    let (CliCommand::Serve { dir, .. } | CliCommand::Demo { dir, .. }) = command else { return LogFormat::Text };
    let (settings, _) = settings::load(dir);
    runtime::overridden(dir, &settings).unwrap_or(settings).log_output.format
}
