//! `motcua theme`

use crate::CommandOutcome;
use crate::cli::ThemeCommand as Command;
use crate::commands::{new_theme, theme_preview};
use crate::language;
use crate::letters::print_here;
use anyhow::Context as _;
use motcua_domain::text;
use motcua_domain::text::Text;
use motcua_portal::{NotPrinted, Theme, sample_letters};
use std::path::{Path, PathBuf};

pub async fn run(command: &Command) -> anyhow::Result<CommandOutcome> {
    match command {
        Command::New { dir } => new_theme::run(dir),
        Command::Check { dir } => check_all(dir),
        Command::Preview { dir, theme, listen } => theme_preview::run(dir, theme.as_deref(), *listen).await,
    }
}

/// Checks a theme, or all themes of a province.
fn check_all(dir: &Path) -> anyhow::Result<CommandOutcome> {
    if is_theme(dir) || !dir.is_dir() {
        return Ok(check(dir));
    }
    let themes = dir.join("themes");
    let folders = if themes.is_dir() { folders_in(&themes)? } else { Vec::new() };
    if folders.is_empty() {
        say!(
            "{}: ở đây không có giao diện; hãy nêu thư mục của một giao diện, chẳng hạn TINH/themes/TEN",
            "{}: there is no theme here; name the folder of a theme, such as PROVINCE/themes/NAME";
            dir.display()
        );
        return Ok(CommandOutcome::Findings);
    }
    let mut outcome = CommandOutcome::Fine;
    for folder in &folders {
        if check(folder) == CommandOutcome::Findings {
            outcome = CommandOutcome::Findings;
        }
    }
    Ok(outcome)
}

/// Returns whether a folder has a part of a theme.
fn is_theme(dir: &Path) -> bool {
    ["theme.toml", "templates", "locales", "static", "pages", "announcements", "documents"]
        .iter()
        .any(|part| dir.join(part).exists())
}

/// Returns the folders in the folder of a province's themes, in order.
fn folders_in(themes: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let unreadable = || told!("{}: không đọc được thư mục", "{}: the folder cannot be read"; themes.display());
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(themes).with_context(unreadable)? {
        folders.push(entry.with_context(unreadable)?.path());
    }
    folders.retain(|folder| folder.is_dir());
    folders.sort();
    Ok(folders)
}

/// Renders every page of a theme and prints every form on paper, and says what is wrong.
fn check(dir: &Path) -> CommandOutcome {
    let themes = dir.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = dir.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    match Theme::load(themes, &name) {
        Ok(theme) => {
            let (rendered, mut problems) = theme.check();
            problems.extend(check_documents(&theme));
            for problem in &problems {
                println!("{}\n", language::told(problem));
            }
            for lacks in theme.untranslated().unwrap_or_default() {
                println!("{}\n", language::told(&lacks));
            }
            say!(
                "{}: đã dựng {rendered} trang, {} vấn đề", "{}: {rendered} pages rendered, {} problems";
                dir.display(), problems.len()
            );
            if problems.is_empty() { CommandOutcome::Fine } else { CommandOutcome::Findings }
        }
        Err(unusable) => {
            println!("{}", language::told(&unusable.text()));
            CommandOutcome::Findings
        }
    }
}

/// Prints every form on paper with sample data, and returns what is wrong.
fn check_documents(theme: &Theme) -> Vec<Text> {
    let mut problems: Vec<Text> = Vec::new();
    for order in sample_letters(theme) {
        let fault = match print_here(order) {
            Ok(_) => continue,
            Err(NotPrinted::Template(fault) | NotPrinted::TooCostly(fault) | NotPrinted::Fault(fault)) => fault,
        };
        let problem = text!("không in được biểu mẫu: {fault}", "a form cannot be printed: {fault}");
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }
    problems
}
