//! `motcua workflow`

use crate::CommandOutcome;
use crate::cli::WorkflowCommand;
use crate::commands::simulate;
use crate::language;
use crate::output::{cannot_make, cannot_read, cannot_write, no_procedure};
use crate::runtime::ProvinceFolder;
use anyhow::{Context as _, bail, ensure};
use motcua_catalogue::{is_slug, workflow_file};
use motcua_service::TimeSource;
use motcua_service::bpmn;
use motcua_service::diagram::lane;
use std::io::Write as _;
use std::path::Path;

pub async fn run(command: &WorkflowCommand) -> anyhow::Result<CommandOutcome> {
    match command {
        WorkflowCommand::Simulate(what) => simulate::run(what).await,
        WorkflowCommand::Export { at, dir, out } => export(&dir.dir, at, out.as_deref()),
        WorkflowCommand::Import { document, name, dir } => import(&dir.dir, document, name),
    }
}

fn export(dir: &Path, at: &str, out: Option<&Path>) -> anyhow::Result<CommandOutcome> {
    let install = ProvinceFolder::read(dir, &TimeSource::System)?.sound()?.install;
    let Some(found) = install.at(at) else { bail!(no_procedure(at)) };
    let procedure = &found.procedure;
    let own = install.province.place_of(procedure);
    let lane = |step: &_| lane(step, &own, &install.province.agencies);
    let document = bpmn::export(&procedure.workflow, &procedure.name.vi, lane);
    match out {
        Some(file) => std::fs::write(file, document).with_context(|| cannot_write(file.display()))?,
        None => println!("{document}"),
    }
    Ok(CommandOutcome::Fine)
}

fn import(dir: &Path, document: &Path, name: &str) -> anyhow::Result<CommandOutcome> {
    ensure!(
        is_slug(name),
        told!(
            "không dùng được `{name}` làm tên quy trình: hãy viết chữ thường không dấu, chữ số và dấu gạch nối",
            "`{name}` is not a name of a workflow: write small letters, digits and hyphens"
        )
    );
    let text = std::fs::read_to_string(document).with_context(|| cannot_read(document.display()))?;
    let (workflow, remarks) =
        bpmn::import(&text).with_context(|| told!("không nhập được {}", "{} cannot be taken"; document.display()))?;
    let path = dir.join("workflows").join(format!("{name}.toml"));
    let Some(workflow) = workflow else {
        bail!(told!(
            "{} không có công việc nào làm được một bước", "{} has no task that could be a step";
            document.display()
        ))
    };
    let folder = dir.join("workflows");
    std::fs::create_dir_all(&folder).with_context(|| cannot_make(folder.display()))?;
    let mut file = std::fs::File::create_new(&path).with_context(
        || told!("không ghi được {}; hãy chọn tên khác", "cannot write {}; choose another name"; path.display()),
    )?;
    file.write_all(workflow_file::write(&workflow).as_bytes())?;
    say!("{}: {} bước", "{}: {} steps"; path.display(), workflow.steps.len());
    if remarks.is_empty() {
        say!(
            "mọi phần đều được hiểu; hãy xem lại bằng `motcua check`",
            "everything was understood; look at it with `motcua check`"
        );
        return Ok(CommandOutcome::Fine);
    }
    say!("không hiểu được, hoặc phải đoán:", "not understood, or guessed:");
    for remark in &remarks {
        println!("  {}", language::told(&remark.text()));
    }
    say!("hãy sửa tệp, rồi xem lại bằng `motcua check`", "correct the file, and look at it with `motcua check`");
    Ok(CommandOutcome::Findings)
}
