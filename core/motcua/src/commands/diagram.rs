//! `motcua procedure diagram`

use crate::CommandOutcome;
use crate::output::{cannot_write, no_procedure};
use crate::runtime::ProvinceFolder;
use anyhow::{Context as _, bail};
use motcua_domain::procedure::Procedure;
use motcua_domain::text::Language;
use motcua_domain::workflow::Step;
use motcua_service::TimeSource;
use motcua_service::catalogue::Install;
use motcua_service::diagram::{DiagramLayout, DiagramMarks, lane, standalone};
use std::path::Path;

pub fn run(dir: &Path, at: Option<&str>, out: Option<&Path>, english: bool) -> anyhow::Result<CommandOutcome> {
    let install = ProvinceFolder::read(dir, &TimeSource::System)?.sound()?.install;
    let language = if english { Language::En } else { Language::Vi };
    let Some(at) = at else {
        let folder = out.with_context(|| {
            told!("hãy nêu thư mục bằng --out để vẽ mọi thủ tục", "name a folder with --out to draw all procedures")
        })?;
        std::fs::create_dir_all(folder)?;
        for procedure in install.procedures() {
            let file = folder.join(format!("{}-{}.svg", procedure.group, procedure.slug));
            std::fs::write(file, draw(&install, procedure, language))?;
        }
        say!("{}: {} sơ đồ", "{}: {} diagrams"; folder.display(), install.procedures().len());
        return Ok(CommandOutcome::Fine);
    };
    let Some(found) = install.at(at) else { bail!(no_procedure(at)) };
    let svg = draw(&install, &found.procedure, language);
    match out {
        Some(file) => {
            std::fs::write(file, svg).with_context(|| cannot_write(file.display()))?;
        }
        None => println!("{svg}"),
    }
    Ok(CommandOutcome::Fine)
}

fn draw(install: &Install, procedure: &Procedure, language: Language) -> String {
    let own = install.province.place_of(procedure);
    let layout = DiagramLayout::of(&procedure.workflow, |step| lane(step, &own, &install.province.agencies));
    // Each box leads to the line of the file in which its step stands.
    let place = |step: &Step| {
        let (file, line) = install.province.workflows.line_of(&procedure.workflow.id, &step.id)?;
        Some((step.id.clone(), format!("{file}#L{line}")))
    };
    let links = procedure.workflow.steps.iter().filter_map(place).collect();
    let marks = DiagramMarks { links, ..DiagramMarks::default() };
    standalone(&procedure.workflow, &layout, procedure.name.get(language), language, &marks)
}
