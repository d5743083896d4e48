//! `motcua procedure share`: what one agency offers becomes a procedure that all agencies of its kind offer.

use crate::CommandOutcome;
use crate::output::{cannot_make, cannot_read, cannot_write, no_procedure};
use crate::runtime::ProvinceFolder;
use anyhow::{Context as _, bail, ensure};
use motcua_catalogue::is_slug;
use motcua_service::TimeSource;
use std::path::Path;

/// Moves the folder of a procedure to a group, and writes `offered_by` into its file.
pub fn run(dir: &Path, at: &str, group: &str) -> anyhow::Result<CommandOutcome> {
    let install = ProvinceFolder::read(dir, &TimeSource::System)?.sound()?.install;
    let Some(found) = install.at(at) else { bail!(no_procedure(at)) };
    let Some(agency) = found.procedure.only_agency() else {
        bail!(told!("nhiều cơ quan đã cung cấp `{at}`", "several agencies offer `{at}` already"))
    };
    ensure!(
        is_slug(group),
        told!(
            "`{group}`: hãy viết chữ thường không dấu, chữ số và -, vì đây sẽ là một phần của địa chỉ",
            "`{group}`: write small letters, digits and -, because it becomes a part of the address"
        )
    );
    let is_agency = install.province.agencies.iter().any(|known| known.id.as_str() == group);
    ensure!(
        !is_agency,
        told!(
            "`{group}` là một cơ quan; hãy đặt tên khác cho nhóm, chẳng hạn cap-xa",
            "`{group}` is an agency; name the group otherwise, such as cap-xa"
        )
    );
    let kind = install.province.agency(&agency).and_then(|agency| agency.kind.as_ref());
    let kind = kind.with_context(|| {
        told!(
            "`{agency}` chưa có loại; hãy viết kind = \"commune\" trong organisation.toml",
            "`{agency}` has no kind; write kind = \"commune\" in organisation.toml"
        )
    })?;
    let from = dir.join("procedures").join(agency.as_str()).join(&found.procedure.slug);
    let to = dir.join("procedures").join(group).join(&found.procedure.slug);
    ensure!(!to.exists(), told!("{} đã có rồi", "{} is there already"; to.display()));
    let file = from.join("procedure.toml");
    let text = std::fs::read_to_string(&file).with_context(|| cannot_read(file.display()))?;
    let text = with_rule(&text, kind)
        .with_context(|| told!("{} không có dòng `unit = …`", "{} has no line `unit = …`"; file.display()))?;
    let parent = to.parent().unwrap_or(&to);
    std::fs::create_dir_all(parent).with_context(|| cannot_make(parent.display()))?;
    std::fs::rename(&from, &to)
        .with_context(|| told!("không chuyển được {} đến {}", "cannot move {} to {}"; from.display(), to.display()))?;
    let file = to.join("procedure.toml");
    std::fs::write(&file, text).with_context(|| cannot_write(file.display()))?;
    say!(
        "Đã chuyển đến {}. Tiếp theo: motcua check {}", "Moved to {}. Next: motcua check {}";
        to.display(), dir.display()
    );
    Ok(CommandOutcome::Fine)
}

/// Returns the text of a procedure with the rule before its unit. All other bytes stay as they are.
fn with_rule(text: &str, kind: &str) -> Option<String> {
    let is_unit =
        |line: &&str| line.trim_start().strip_prefix("unit").is_some_and(|rest| rest.trim_start().starts_with('='));
    let before = text.split_inclusive('\n').take_while(|line| !is_unit(line) && !line.starts_with('['));
    let at: usize = before.map(str::len).sum();
    let (head, tail) = text.split_at_checked(at)?;
    let has_unit = tail.split_inclusive('\n').next().is_some_and(|line| is_unit(&line));
    has_unit.then(|| format!("{head}offered_by = {{ kind = \"{kind}\" }}\n{tail}"))
}

#[cfg(test)]
mod tests {
    use super::with_rule;

    #[test]
    fn the_rule_stands_before_the_unit_and_nothing_else_changes() {
        let text = "code = \"1\"\r\nunit =\"a\" # units\nlevel = 3\n[[fee]]\nunit = \"b\"\n";
        let rule = "offered_by = { kind = \"commune\" }\n";
        let shared = with_rule(text, "commune").expect("it has a unit");
        assert_eq!(shared, format!("code = \"1\"\r\n{rule}unit =\"a\" # units\nlevel = 3\n[[fee]]\nunit = \"b\"\n"));
        assert_eq!(shared.replacen(rule, "", 1), text);
        assert_eq!(with_rule("units = 1\n[[fee]]\nunit = \"b\"\n", "commune"), None);
    }
}
