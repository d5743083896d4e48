//! Provinces of any size, for measuring: the sample's procedures under other codes, names and addresses.

use anyhow::Context as _;
use serde::Deserialize;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Words that distinguish the copies, as the names of real procedures differ.
const KINDS: [&str; 8] = ["cấp mới", "cấp lại", "gia hạn", "điều chỉnh", "thu hồi", "xác nhận", "thẩm định", "công bố"];

/// Adds communes to the province in `folder`, which offer the procedures of communes, until there are `count`. Each has
/// the units of the sample's last commune, and an officer for each post.
pub fn communes(folder: &Path, count: usize) -> anyhow::Result<()> {
    let file = folder.join("organisation.toml");
    let mut text = std::fs::read_to_string(&file)?;
    let sample: SampleAgencies = toml::from_str(&text)?;
    let communes: Vec<SampleAgency> = sample.agency.into_iter().filter(|agency| agency.kind == "commune").collect();
    let pattern = communes.last().context("a commune in the sample")?;
    for number in communes.len()..count {
        let id = format!("ubnd-xa-{number}");
        _ = write!(
            text,
            "\n[[agency]]\nid = \"{id}\"\ncode = \"H09.9{number:03}\"\nkind = \"commune\"\nareas = [\"x{number}\"]\n\
             name = {{ vi = \"Ủy ban nhân dân xã số {number}\", en = \"People's Committee of commune {number}\" }}\n"
        );
        for SampleUnit { id: unit, posts } in &pattern.unit {
            let name = format!("name = {{ vi = \"{unit}\", en = \"{unit}\" }}");
            _ = write!(text, "\n[[agency.unit]]\nid = \"{unit}\"\n{name}\nposts = {posts:?}\n");
            for post in posts {
                let login = format!("{post}.{unit}.{number}");
                _ = write!(
                    text,
                    "\n[[officer]]\nlogin = \"{login}\"\nname = \"{login}\"\nposts = [\"{id}/{unit}/{post}\"]\n"
                );
            }
        }
    }
    std::fs::write(file, text)?;
    Ok(())
}

#[derive(Debug, Deserialize)]
struct SampleAgencies {
    agency: Vec<SampleAgency>,
}

#[derive(Debug, Deserialize)]
struct SampleAgency {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    unit: Vec<SampleUnit>,
}

#[derive(Debug, Deserialize)]
struct SampleUnit {
    id: String,
    posts: Vec<String>,
}

/// Leaves only the procedures of communes in `folder`.
pub fn only_of_communes(folder: &Path) -> anyhow::Result<()> {
    for group in std::fs::read_dir(folder.join("procedures"))? {
        let group = group?;
        if group.file_name() != "cap-xa" {
            std::fs::remove_dir_all(group.path())?;
        }
    }
    Ok(())
}

/// Lets each procedure in `folder` ask one of these components, besides its own.
pub fn plugins(folder: &Path, components: &[Vec<u8>]) -> anyhow::Result<()> {
    for (procedure, component) in listed(folder)?.iter().zip(components.iter().cycle()) {
        std::fs::write(procedure.join("rules.wasm"), component)?;
        let file = procedure.join("procedure.toml");
        let text = std::fs::read_to_string(&file)?;
        std::fs::write(file, format!("{text}\n[[plugin]]\ncomponent = \"rules.wasm\"\n"))?;
    }
    Ok(())
}

/// Returns the folders of the procedures in `folder`, in order.
fn listed(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for agency in std::fs::read_dir(folder.join("procedures"))? {
        for procedure in std::fs::read_dir(agency?.path())? {
            found.push(procedure?.path());
        }
    }
    found.sort();
    Ok(found)
}

/// Copies procedures of the sample in `folder` until `count` exist, without their scenarios.
pub fn procedures(folder: &Path, count: usize) -> anyhow::Result<()> {
    let sample = listed(folder)?;
    for number in sample.len()..count {
        let from = &sample[number % sample.len()];
        let slug = from.file_name().context("a name")?.to_string_lossy();
        let to = from.with_file_name(format!("{slug}-{number}"));
        std::fs::create_dir_all(&to)?;
        let text = std::fs::read_to_string(from.join("procedure.toml"))?;
        let code = text.lines().find(|line| line.starts_with("code = ")).context("a code")?;
        let kind = KINDS[number % KINDS.len()];
        let text = text.replacen(code, &format!("code = \"8.{number:06}\""), 1).replacen(
            "name = { vi = \"",
            &format!("name = {{ vi = \"{kind} {number}: "),
            1,
        );
        std::fs::write(to.join("procedure.toml"), text)?;
        if from.join("forms").is_dir() {
            std::fs::create_dir_all(to.join("forms"))?;
            for form in std::fs::read_dir(from.join("forms"))? {
                let form = form?;
                std::fs::copy(form.path(), to.join("forms").join(form.file_name()))?;
            }
        }
    }
    Ok(())
}
