//! `motcua procedure set`, `motcua procedure rename` and `motcua check --fix`: changes of authors' files that patch
//! bytes and nothing else.

use crate::CommandOutcome;
use crate::cli::RenamedKind;
use crate::language;
use crate::output::{cannot_write, counted, refused};
use crate::runtime::BUILTIN;
use anyhow::{Context as _, bail, ensure};
use jiff::civil::Date;
use motcua_catalogue::editing::{self, EditRefusal, FilePatches, NamedKind, NewName};
use motcua_catalogue::{Diagnostic, Tree, files, read};
use motcua_domain::text;
use motcua_domain::time::calendar::local;
use motcua_service::TimeSource;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// Returns the two folders of a procedure: its agency or the group of its agencies, and its name.
fn folders_of<'a>(tree: &Tree, at: &'a str) -> anyhow::Result<(&'a str, &'a str)> {
    let Some((group, slug)) = at.split_once('/') else {
        bail!(told!(
            "`{at}`: hãy viết cơ quan/tên, chẳng hạn so-tuphap/doi-ten, hoặc nhóm/tên, chẳng hạn cap-xa/dang-ky-khai-sinh",
            "`{at}`: write agency/name, such as so-tuphap/doi-ten, or group/name, such as cap-xa/dang-ky-khai-sinh"
        ))
    };
    let is_there = |group: &str| tree.get(&format!("procedures/{group}/{slug}/procedure.toml")).is_some();
    if !is_there(group) {
        // An agency offers what stands in the folder of its group.
        let others: Vec<String> = tree.folders("procedures").into_iter().filter(|other| is_there(other)).collect();
        ensure!(
            !others.is_empty(),
            told!(
                "thư mục không có thủ tục `{at}`; xem motcua procedure list",
                "there is no procedure `{at}` in the folder; see motcua procedure list"
            )
        );
        let others: Vec<String> = others.into_iter().map(|other| format!("{other}/{slug}")).collect();
        bail!(told!(
            "không có thư mục `{at}`; các thủ tục cùng tên là {}",
            "there is no folder `{at}`; procedures of this name are {}";
            others.join(", ")
        ));
    }
    Ok((group, slug))
}

/// Returns the install folder after the patches. Refuses patches that cause a mistake.
fn changed(before: &Tree, patches: &FilePatches) -> anyhow::Result<Tree> {
    let after = edited(editing::applied(before, patches))?;
    let found = editing::new_mistakes(before, &after, &BUILTIN, today());
    if !found.is_empty() {
        let shown: String = found.iter().map(|mistake| mistake.render(false, language::chosen())).collect();
        let (count, mistakes) = (found.len(), counted(found.len(), "mistake"));
        let told = text!(
            "thay đổi này sẽ gây ra {count} lỗi; chưa có gì thay đổi:\n{shown}",
            "the change would cause {mistakes}; nothing has changed:\n{shown}",
        );
        bail!("{}", language::told(&told));
    }
    Ok(after)
}

fn edited<T>(done: Result<T, EditRefusal>) -> anyhow::Result<T> {
    done.map_err(|refusal| refused(&refusal.text()))
}

fn today() -> Date {
    local(TimeSource::System.now()).date()
}

/// Writes the files that the patches name. A file is replaced as a whole, so that nobody reads half of it.
fn write(dir: &Path, after: &Tree, patches: &FilePatches) -> anyhow::Result<()> {
    for file in patches.keys() {
        let text = edited(editing::text_of(after, file))?;
        let path = dir.join(file);
        let said = || cannot_write(path.display());
        let mode = std::fs::metadata(&path).with_context(said)?.permissions().mode();
        motcua_store::durable::replace(&path, text.as_bytes(), mode & 0o777).with_context(said)?;
    }
    Ok(())
}

pub fn set(dir: &Path, at: &str, file: &str, (path, value): (&str, &str)) -> anyhow::Result<CommandOutcome> {
    let tree = files(dir);
    let (group, slug) = folders_of(&tree, at)?;
    let is_workflow = file.starts_with("workflows/");
    let file = if is_workflow { file.to_owned() } else { format!("procedures/{group}/{slug}/{file}") };
    let text = edited(editing::text_of(&tree, &file))?;
    let patch = edited(if is_workflow {
        editing::set_in_workflow(text, path, value)
    } else if file.ends_with("/procedure.toml") {
        editing::set_in_procedure(text, path, value)
    } else {
        editing::set_in_scenario(text, path, value)
    })?;
    let line = text.get(..patch.bytes.start).unwrap_or_default().matches('\n').count() + 1;
    let patches = FilePatches::from([(file.clone(), vec![patch])]);
    write(dir, &changed(&tree, &patches)?, &patches)?;
    say!("{file}:{line}: đã đặt {path}", "{file}:{line}: set {path}");
    Ok(CommandOutcome::Fine)
}

/// Lists the uses of a thing, and renames them if `write` is set.
pub fn rename(
    dir: &Path,
    at: &str,
    (kind, old, new): (RenamedKind, &str, &str),
    write_files: bool,
) -> anyhow::Result<CommandOutcome> {
    let tree = files(dir);
    let (group, slug) = folders_of(&tree, at)?;
    let kind = match kind {
        RenamedKind::Field => NamedKind::Field,
        RenamedKind::Paper => NamedKind::Paper,
        RenamedKind::Step => NamedKind::Step,
        RenamedKind::Action => NamedKind::Action,
    };
    let name = NewName { kind, old: old.to_owned(), new: new.to_owned() };
    let patches = editing::rename(&tree, group, slug, &name).map_err(|refusal| refused(&refusal.text()))?;
    for (file, patches) in &patches {
        let text = edited(editing::text_of(&tree, file))?;
        for patch in patches {
            let before = text.get(..patch.bytes.start).unwrap_or_default();
            let number = before.matches('\n').count() + 1;
            println!("{file}:{number}: {}", text.lines().nth(number - 1).unwrap_or_default().trim());
        }
    }
    let after = changed(&tree, &patches)?;
    let count = patches.values().map(Vec::len).sum();
    let counted = counted(count, "use");
    let uses = told!("{count} chỗ dùng", "{counted}");
    if write_files {
        write(dir, &after, &patches)?;
        say!("Đã đổi {old} thành {new}: {uses}", "Renamed {old} to {new}: {uses}");
    } else {
        say!("{uses}; chưa có gì thay đổi. Hãy đổi bằng --write", "{uses}; nothing has changed. Rename with --write");
    }
    Ok(CommandOutcome::Fine)
}

/// Makes the corrections of mistakes that have exactly one, and returns them as lines for people.
///
/// A corrected key is read for the first time, which may show mistakes behind it. So the folder must have fewer
/// mistakes afterwards, or nothing is written.
pub fn fix(dir: &Path, mistakes: &[Diagnostic]) -> anyhow::Result<Vec<String>> {
    let tree = files(dir);
    // A mistake of motcua.toml is corrected by the operator.
    let ours: Vec<Diagnostic> = mistakes.iter().filter(|mistake| tree.get(&mistake.file).is_some()).cloned().collect();
    let patches = editing::fix(&ours);
    let after = edited(editing::applied(&tree, &patches))?;
    let count = |tree: &Tree| read(tree, &BUILTIN, today()).mistakes.len();
    if !patches.is_empty() && count(&after) >= count(&tree) {
        let told = text!(
            "sau khi sửa vẫn còn từng ấy lỗi; chưa có gì thay đổi",
            "the corrections would leave as many mistakes; nothing has changed",
        );
        bail!("{}", language::told(&told));
    }
    write(dir, &after, &patches)?;
    let line = |mistake: &Diagnostic| {
        let fix =
            mistake.fix.as_ref().filter(|fix| patches.get(&mistake.file).is_some_and(|made| made.contains(fix)))?;
        let (Diagnostic { file, line, column, .. }, right) = (mistake, &fix.text);
        let told =
            text!("{file}:{line}:{column}: đã sửa thành `{right}`", "{file}:{line}:{column}: corrected to `{right}`");
        Some(language::told(&told).to_owned())
    };
    Ok(ours.iter().filter_map(line).collect())
}
