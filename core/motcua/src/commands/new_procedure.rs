//! `motcua procedure new`

use crate::CommandOutcome;
use crate::cli::NewProcedure;
use crate::language;
use crate::output::cannot_write;
use crate::runtime::ProvinceFolder;
use anyhow::{Context as _, bail};
use motcua_catalogue::is_slug;
use motcua_domain::text;
use motcua_domain::text::Text;
use motcua_domain::time::calendar::Limit;
use motcua_service::TimeSource;
use std::io::{BufRead as _, Write as _};
use std::path::{Path, PathBuf};

/// Returns the file of a new procedure `agency/name`, and the names that it can use.
pub fn place_for(dir: &Path, at: &str) -> anyhow::Result<(PathBuf, KnownNames)> {
    let Some((agency, slug)) = at.split_once('/') else {
        bail!(told!(
            "hãy viết cơ quan/tên, chẳng hạn so-tu-phap/doi-ten",
            "write agency/name, such as so-tu-phap/doi-ten"
        ))
    };
    if !is_slug(agency) || !is_slug(slug) {
        bail!(told!(
            "`{at}`: hãy viết chữ thường không dấu, chữ số và -, vì đây sẽ là địa chỉ của thủ tục",
            "`{at}`: write small letters, digits and -, because it becomes the procedure's address"
        ));
    }
    let province = ProvinceFolder::read(dir, &TimeSource::System)?.install.province;
    let office = province.agencies.iter().find(|known| known.id.as_str() == agency);
    let Some(office) = office else {
        let known: Vec<&str> = province.agencies.iter().map(|agency| agency.id.as_str()).collect();
        bail!(told!(
            "không có cơ quan `{agency}`; các cơ quan đã có là {}",
            "there is no agency `{agency}`; known are {}";
            known.join(", ")
        ));
    };
    let file = dir.join("procedures").join(agency).join(slug).join("procedure.toml");
    if file.exists() {
        bail!(told!("{} đã có rồi", "{} is there already"; file.display()));
    }
    let units = office.units.iter().map(|unit| unit.id.to_string()).collect();
    let workflows = province.workflows.0.keys().cloned().collect();
    Ok((file, KnownNames { units, workflows }))
}

/// The names that a new procedure of an agency can use.
pub struct KnownNames {
    /// The units of the agency.
    units: Vec<String>,
    workflows: Vec<String>,
}

impl KnownNames {
    /// Returns the unit that likely works on a procedure, which is not the counter.
    pub fn likely_unit(&self) -> &str {
        let at_desks = self.units.iter().find(|unit| *unit != "mot-cua");
        at_desks.or(self.units.last()).map_or("", String::as_str)
    }

    /// Returns the workflow that a procedure likely follows.
    fn likely_workflow(&self) -> &str {
        let usual = self.workflows.iter().find(|workflow| *workflow == "one-stop");
        usual.or(self.workflows.first()).map_or("one-stop", String::as_str)
    }
}

/// Writes the file of a new procedure, with its folder.
pub fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    let said = || cannot_write(file.display());
    std::fs::create_dir_all(file.parent().unwrap_or(file)).with_context(said)?;
    std::fs::write(file, text).with_context(said)
}

pub fn run(new: &NewProcedure) -> anyhow::Result<CommandOutcome> {
    let (file, known) = place_for(&new.dir, &new.at)?;
    let (units, workflows) = (known.units.join(", "), known.workflows.join(", "));
    let unit = told!("Đơn vị giải quyết ({units})", "Unit that works on it ({units})");
    let workflow =
        told!("Quy trình, một tệp trong workflows/ ({workflows})", "Workflow, a file in workflows/ ({workflows})");
    let text = template(&NewProcedureAnswers {
        code: answer(
            new.code.as_deref(),
            &told!("Mã thủ tục trong cơ sở dữ liệu quốc gia", "Code in the national database"),
            "9.999999",
            is_written,
        )?,
        name: answer(new.name.as_deref(), &told!("Tên", "Name"), "Thủ tục mới", is_written)?,
        unit: answer(new.unit.as_deref(), &unit, known.likely_unit(), |unit| is_among(unit, &known.units))?,
        field: answer(new.field.as_deref(), &told!("Lĩnh vực", "Field of law"), "Lĩnh vực", is_written)?,
        limit: answer(new.limit.as_deref(), &told!("Thời hạn giải quyết", "Time limit"), "3 working-days", is_limit)?,
        result: answer(new.result.as_deref(), &told!("Kết quả", "Result"), "Văn bản trả lời", is_written)?,
        workflow: answer(new.workflow.as_deref(), &workflow, known.likely_workflow(), |workflow| {
            is_among(workflow, &known.workflows)
        })?,
    });
    write(&file, &text)?;
    say!(
        "Đã ghi {}. Tiếp theo: motcua check {}", "Wrote {}. Next: motcua check {}";
        file.display(), new.dir.display()
    );
    Ok(CommandOutcome::Fine)
}

/// The most answers to one question, after which the command gives up.
const MOST_ANSWERS: usize = 10;

/// Returns the value from the command line, or asks for it until an answer fits. An empty line accepts the proposal.
fn answer(
    given: Option<&str>,
    question: &str,
    proposal: &str,
    fits: impl Fn(&str) -> Result<(), Text>,
) -> anyhow::Result<String> {
    if let Some(given) = given {
        return match fits(given) {
            Ok(()) => Ok(given.to_owned()),
            Err(problem) => bail!("{question}: {}", language::told(&problem)),
        };
    }
    for _ in 0..MOST_ANSWERS {
        print!("{question} [{proposal}]: ");
        std::io::stdout().flush()?;
        let mut line = String::new();
        let read = std::io::stdin()
            .lock()
            .read_line(&mut line)
            .with_context(|| told!("không đọc được câu trả lời", "cannot read the answer"))?;
        let answer = Some(line.trim()).filter(|line| !line.is_empty()).unwrap_or(proposal);
        match fits(answer) {
            Ok(()) => return Ok(answer.to_owned()),
            Err(problem) if read == 0 => bail!("{question}: {}", language::told(&problem)),
            Err(problem) => println!("{}", language::told(&problem)),
        }
    }
    bail!(told!(
        "{question}: không câu nào trong {MOST_ANSWERS} câu trả lời hợp lệ",
        "{question}: none of {MOST_ANSWERS} answers fits"
    ))
}

/// Checks that an answer is written.
fn is_written(answer: &str) -> Result<(), Text> {
    if answer.trim().is_empty() { Err(text!("câu trả lời để trống", "the answer is empty")) } else { Ok(()) }
}

/// Checks that an answer is a limit.
fn is_limit(answer: &str) -> Result<(), Text> {
    if Limit::parse(answer).is_some() {
        return Ok(());
    }
    Err(text!(
        "`{answer}` không phải là thời hạn: hãy viết số nguyên và working-hours, working-days hoặc calendar-days, \
         chẳng hạn 3 working-days",
        "`{answer}` is not a limit: write a whole number and working-hours, working-days or calendar-days, such as 3 \
         working-days"
    ))
}

/// Checks that an answer is one of the known names. Without any, every answer fits.
fn is_among(answer: &str, known: &[String]) -> Result<(), Text> {
    if known.is_empty() || known.iter().any(|known| known == answer) {
        return Ok(());
    }
    let all = known.join(", ");
    Err(text!("không có `{answer}`; hiện có {all}", "there is no `{answer}`; known are {all}"))
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
