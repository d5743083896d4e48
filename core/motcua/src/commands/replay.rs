//! `motcua dossier replay`

use crate::CommandOutcome;
use crate::access::CommandAccess;
use crate::commands::packages;
use crate::output::{no_dossier, not_a_code};
use crate::runtime::ProvinceFolder;
use anyhow::bail;
use motcua_domain::names::DossierCode;
use motcua_domain::time::calendar::local;
use motcua_service::{Error, TimeSource};
use std::path::Path;

pub async fn run(dir: &Path, code: &str, access: CommandAccess) -> anyhow::Result<CommandOutcome> {
    let Some(parsed) = DossierCode::parse(code) else { bail!(not_a_code(code)) };
    let services = packages::services(ProvinceFolder::read(dir, &TimeSource::System)?.to(access).sound()?).await?;
    let replayed = match services.plugins.replay(&parsed).await {
        Err(Error::NotFound) => bail!(no_dossier(code)),
        other => other?,
    };
    // The differences may show content of the dossier.
    services.database().log_command_reading(&parsed, "motcua dossier replay", services.now().as_second()).await?;
    let mut otherwise = 0;
    for one in &replayed {
        let at = local(one.at).strftime("%Y-%m-%d %H:%M");
        let outcome =
            if one.differences.is_empty() { told!("như trước", "the same") } else { one.differences.join("; ") };
        otherwise += usize::from(!one.differences.is_empty());
        let component = one.component.short();
        say!(
            "{}  {at}  {}  {}  {} {component}: {outcome}, nhiên liệu {}",
            "{}  {at}  {}  {}  {} {component}: {outcome}, fuel {}";
            one.event, one.name, one.asked, one.plugin, one.fuel
        );
    }
    match (replayed.len(), otherwise) {
        (0, _) => say!("không thành phần bổ sung nào được hỏi về {code}", "no plugin was asked about {code}"),
        (all, 0) => say!("{all} câu trả lời, đều như trước", "{all} answers, each the same"),
        (all, otherwise) => say!("{all} câu trả lời, {otherwise} khác trước", "{all} answers, {otherwise} otherwise"),
    }
    Ok(if otherwise == 0 { CommandOutcome::Fine } else { CommandOutcome::Findings })
}
