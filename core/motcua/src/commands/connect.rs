//! `motcua connect`

use crate::CommandOutcome;
use crate::cli::ConnectCommand;
use crate::runtime::ProvinceFolder;
use anyhow::{Context as _, bail};
use motcua_service::{LoginSetup, TimeSource};
use std::path::Path;

pub async fn run(dir: &Path, command: &ConnectCommand) -> anyhow::Result<CommandOutcome> {
    let ConnectCommand::Test { name } = command;
    let settings = ProvinceFolder::read(dir, &TimeSource::System)?.settings;
    let setup = LoginSetup { providers: settings.logins(), base_url: settings.base_url.clone() };
    let asked = setup.try_provider(name, TimeSource::System.now().as_second()).await.with_context(|| {
        told!(
            "motcua.toml không có nơi đăng nhập `{name}` dưới [[login]]",
            "motcua.toml has no provider `{name}` under [[login]]"
        )
    })?;
    match asked {
        Ok(address) => {
            say!(
                "{name} đã trả lời. Trình duyệt sẽ được gửi đến:\n{address}",
                "{name} has answered. A browser would be sent to:\n{address}"
            );
            say!(
                "Hãy khai báo ở nơi đó địa chỉ trở lại: {}/login/with/{name}/answer",
                "Register this address to come back to there: {}/login/with/{name}/answer";
                settings.base_url
            );
            Ok(CommandOutcome::Fine)
        }
        Err(error) => bail!(told!("không dùng được {name}: {error}", "{name} cannot be used: {error}")),
    }
}
