//! `motcua procedure new`

use crate::CommandOutcome;
use crate::cli::NewProcedure;
use crate::runtime::ProvinceFolder;
use anyhow::{Context as _, bail};
use motcua_catalogue::is_slug;
use motcua_service::TimeSource;
use std::io::{BufRead as _, Write as _};
use std::path::{Path, PathBuf};

/// Returns the file of a new procedure `agency/name`, and the units of its agency.
pub fn place_for(dir: &Path, at: &str) -> anyhow::Result<(PathBuf, AgencyUnits)> {
    let Some((agency, slug)) = at.split_once('/') else { bail!("write agency/name, such as so-tu-phap/doi-ten") };
    if !is_slug(agency) || !is_slug(slug) {
        bail!("`{at}`: write small letters, digits and -, because it becomes the procedure's address");
    }
    let province = ProvinceFolder::read(dir, &TimeSource::System)?.install.province;
    let office = province.agencies.iter().find(|known| known.id.as_str() == agency);
    let Some(office) = office else {
        let known: Vec<&str> = province.agencies.iter().map(|agency| agency.id.as_str()).collect();
        bail!("there is no agency `{agency}`; known are {}", known.join(", "));
    };
    let file = dir.join("procedures").join(agency).join(slug).join("procedure.toml");
    if file.exists() {
        bail!("{} is there already", file.display());
    }
    Ok((file, AgencyUnits(office.units.iter().map(|unit| unit.id.to_string()).collect())))
}

/// The units of an agency.
pub struct AgencyUnits(Vec<String>);

impl AgencyUnits {
    /// Returns the unit that likely works on a procedure, which is not the counter.
    pub fn likely(&self) -> &str {
        let at_desks = self.0.iter().find(|unit| *unit != "mot-cua");
        at_desks.or(self.0.last()).map_or("", String::as_str)
    }
}

/// Writes the file of a new procedure, with its folder.
pub fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    let said = || format!("cannot write {}", file.display());
    std::fs::create_dir_all(file.parent().unwrap_or(file)).with_context(said)?;
    std::fs::write(file, text).with_context(said)
}

pub fn run(new: &NewProcedure) -> anyhow::Result<CommandOutcome> {
    let (file, units) = place_for(&new.dir, &new.at)?;
    let text = template(&NewProcedureAnswers {
        code: answer(new.code.as_deref(), "Code in the national database", "9.999999")?,
        name: answer(new.name.as_deref(), "Name", "Thủ tục mới")?,
        unit: answer(new.unit.as_deref(), &format!("Unit that works on it ({})", units.0.join(", ")), units.likely())?,
        field: answer(new.field.as_deref(), "Field of law", "Lĩnh vực")?,
        limit: answer(new.limit.as_deref(), "Time limit", "3 working-days")?,
        result: answer(new.result.as_deref(), "Result", "Văn bản trả lời")?,
        workflow: answer(new.workflow.as_deref(), "Workflow, a file in workflows/", "one-stop")?,
    });
    write(&file, &text)?;
    println!("Wrote {}. Next: motcua check {}", file.display(), new.dir.display());
    Ok(CommandOutcome::Fine)
}

/// Returns the value from the command line, or asks for it. An empty line accepts the proposal.
fn answer(given: Option<&str>, question: &str, proposal: &str) -> anyhow::Result<String> {
    if let Some(given) = given {
        return Ok(given.to_owned());
    }
    print!("{question} [{proposal}]: ");
    std::io::stdout().flush()?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("cannot read the answer")?;
    Ok(Some(line.trim()).filter(|line| !line.is_empty()).unwrap_or(proposal).to_owned())
}

struct NewProcedureAnswers {
    code: String,
    name: String,
    unit: String,
    field: String,
    limit: String,
    result: String,
    workflow: String,
}

/// Returns a text in TOML's notation.
pub fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn template(answers: &NewProcedureAnswers) -> String {
    let head: String = [
        ("code", &answers.code),
        ("name", &answers.name),
        ("unit", &answers.unit),
        ("field", &answers.field),
        ("limit", &answers.limit),
        ("result", &answers.result),
        ("workflow", &answers.workflow),
    ]
    .map(|(key, value)| format!("{key} = {}\n", quoted(value)))
    .concat();
    format!(
        r#"{head}level = 3
audience = ["citizen"]

[[paper]]
id = "identity"
name = {{ vi = "Ảnh thẻ căn cước", en = "Photograph of the identity card" }}
kind = "copy"

[[section]]
id = "applicant"
title = {{ vi = "Người đề nghị", en = "Applicant" }}

[[section.field]]
id = "full_name"
label = {{ vi = "Họ, chữ đệm, tên", en = "Full name" }}
kind = "text"

[[section.field]]
id = "citizen_number"
label = {{ vi = "Số định danh cá nhân", en = "Citizen number" }}
kind = "citizen-number"
"#
    )
}
