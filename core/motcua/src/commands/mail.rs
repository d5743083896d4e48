//! `motcua mail`

use crate::CommandOutcome;
use crate::cli::MailCommand;
use crate::runtime::ProvinceFolder;
use anyhow::Context as _;
use motcua_domain::text::Language;
use motcua_service::{MailServer, TimeSource};
use std::path::Path;

pub async fn run(dir: &Path, command: &MailCommand) -> anyhow::Result<CommandOutcome> {
    let MailCommand::Test { address } = command;
    let province = ProvinceFolder::read(dir, &TimeSource::System)?;
    let server = MailServer::new(&province.settings.mail).with_context(|| {
        told!(
            "motcua.toml không nêu máy chủ thư; hãy viết `server` và `from` dưới [mail] (docs/operating.md)",
            "motcua.toml names no mail server; write `server` and `from` under [mail] (docs/operating.md)"
        )
    })?;
    let words = province
        .theme()?
        .test_mail(Language::Vi)
        .with_context(|| told!("giao diện không viết được thư", "the theme cannot write the mail"))?;
    let now = TimeSource::System.now();
    let mail = server.write(address, &format!("test.{}", now.as_second()), words, now)?;
    let answer = server.send_one(&mail).await?;
    say!(
        "{} đã nhận thư gửi đến {address}: {answer}", "{} took the mail to {address}: {answer}";
        server.place()
    );
    Ok(CommandOutcome::Fine)
}
