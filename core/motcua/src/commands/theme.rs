//! `motcua theme`

use crate::CommandOutcome;
use crate::cli::ThemeCommand as Command;
use motcua_portal::Theme;
use std::path::Path;

pub fn run(command: &Command) -> CommandOutcome {
    let Command::Check { dir } = command;
    let themes = dir.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = dir.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    match Theme::load(themes, &name) {
        Ok(theme) => {
            let (rendered, problems) = theme.check();
            for problem in &problems {
                println!("{problem}\n");
            }
            println!("{}: {rendered} pages rendered, {} problems", dir.display(), problems.len());
            if problems.is_empty() { CommandOutcome::Fine } else { CommandOutcome::Findings }
        }
        Err(unusable) => {
            println!("{unusable}");
            CommandOutcome::Findings
        }
    }
}
