//! Scenarios that repeat dossiers: `motcua procedure test --record` and `motcua procedure preview --record`.

use crate::access::CommandAccess;
use crate::cli::TestArguments;
use crate::output::{cannot_make, no_dossier, not_a_code};
use crate::runtime::ProvinceFolder;
use anyhow::{Context as _, bail};
use motcua_catalogue::{Declared, is_slug, scenario};
use motcua_domain::dossier::event::Recorded;
use motcua_domain::names::DossierCode;
use motcua_service::TimeSource;
use motcua_service::scenario::{filed, record};
use motcua_store::{Database, DatabaseOptions, journal};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

/// The most recorded scenarios of a procedure that get a name by themselves.
const MOST_NAMES: usize = 1000;

/// Writes the scenario of a dossier, and returns its file.
pub async fn record_one(arguments: &TestArguments, code: &str) -> anyhow::Result<String> {
    let parsed = DossierCode::parse(code).with_context(|| not_a_code(code))?;
    // A missing database is not created.
    let province = ProvinceFolder::read(&arguments.dir, &TimeSource::System)?.sound()?;
    let events = journal::events(province.database().await?.reader(), &parsed).await?;
    let Some(filed) = filed(&events) else { bail!(no_dossier(code)) };
    let known = province.install.declared.iter().find(|declared| declared.procedure.code == filed.procedure);
    let declared = known.with_context(|| {
        told!(
            "thư mục không có thủ tục nào mang mã {}", "the folder has no procedure with the code {}";
            filed.procedure
        )
    })?;
    if declared.version != filed.version {
        say!(
            "ghi chú: hồ sơ được nộp theo phiên bản khác, nên tình huống thử có thể cho kết quả khác",
            "note: the dossier was filed under another version, so the scenario may come otherwise"
        );
    }
    let name = match &arguments.name {
        Some(name) if !is_slug(name) => bail!(told!(
            "tên `{name}` có ký tự khác chữ thường không dấu, chữ số và `-`",
            "the name `{name}` has other signs than small letters, digits and `-`"
        )),
        Some(name) => name.clone(),
        None => free_name(&arguments.dir, declared)?,
    };
    let text = scenario::write(&record(&declared.procedure, &events)?);
    let file = file_of(declared, &name);
    // The scenario has content of the dossier.
    let database = province.to(CommandAccess::Change).database().await?;
    database
        .log_command_reading(&parsed, "motcua procedure test --record", TimeSource::System.now().as_second())
        .await?;
    write_new(&arguments.dir, &file, &text)?;
    Ok(file)
}

/// Writes a scenario for each dossier in a database, and tells which dossiers have none.
pub async fn record_all(dir: &Path, stored: &DatabaseOptions) -> anyhow::Result<()> {
    let province = ProvinceFolder::read(dir, &TimeSource::System)?.sound()?;
    let database = Database::look(stored).await.with_context(|| {
        told!("không mở được cơ sở dữ liệu của bản xem trước", "cannot open the database of the preview")
    })?;
    for declared in &province.install.declared {
        let past = journal::of_procedure(database.reader(), &declared.procedure.code).await?;
        for events in &past.dossiers {
            match recorded(dir, declared, events) {
                Ok((file, text)) => write_new(dir, &file, &text)?,
                Err(error) => say!(
                    "không có kịch bản nào cho một hồ sơ của {}: {error:#}",
                    "no scenario of a dossier of {}: {error:#}";
                    declared.procedure.slug
                ),
            }
        }
    }
    Ok(())
}

/// Returns the file of a dossier's scenario, and its content.
fn recorded(dir: &Path, declared: &Declared, events: &[Recorded]) -> anyhow::Result<(String, String)> {
    let scenario = record(&declared.procedure, events)?;
    Ok((file_of(declared, &free_name(dir, declared)?), scenario::write(&scenario)))
}

/// Returns the file of a scenario, relative to the install folder.
fn file_of(declared: &Declared, name: &str) -> String {
    format!("procedures/{}/{}/tests/{name}.toml", declared.procedure.group, declared.procedure.slug)
}

/// Returns a name that no scenario of the procedure has.
fn free_name(dir: &Path, declared: &Declared) -> anyhow::Result<String> {
    let mut names = (1..=MOST_NAMES).map(|number| format!("recorded-{number}"));
    let is_free = |name: &String| !dir.join(file_of(declared, name)).exists();
    names.find(is_free).with_context(|| {
        told!(
            "thủ tục có quá nhiều kịch bản ghi lại; hãy xóa bớt, hoặc dùng --name",
            "the procedure has too many recorded scenarios; delete some, or use --name"
        )
    })
}

/// Writes a file that does not exist yet.
fn write_new(dir: &Path, file: &str, text: &str) -> anyhow::Result<()> {
    let path = dir.join(file);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| cannot_make(folder.display()))?;
    }
    let opened = OpenOptions::new().write(true).create_new(true).open(&path);
    let written = opened.and_then(|mut opened| opened.write_all(text.as_bytes()));
    written.with_context(|| {
        told!(
            "không ghi được {}; hãy chọn tên khác bằng --name",
            "cannot write {}; choose another name with --name";
            path.display()
        )
    })?;
    say!("Đã ghi {}", "Wrote {}"; path.display());
    Ok(())
}
