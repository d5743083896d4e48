//! `motcua mail`

use crate::CommandOutcome;
use crate::cli::MailCommand;
use crate::runtime::ProvinceFolder;
use anyhow::Context as _;
use motcua_domain::text::Language;
use motcua_service::{MailEffect, MailOutcome, MailServer, TimeSource};
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
    let outcome = match server.write(address, &format!("test.{}", now.as_second()), words, now) {
        Ok(mail) => server.send_one(&mail).await,
        Err(outcome) => outcome,
    };
    if let MailOutcome::Sent(answer) = &outcome {
        say!(
            "{} đã nhận thư gửi đến {address}: {answer}", "{} took the mail to {address}: {answer}";
            server.place()
        );
        return Ok(CommandOutcome::Fine);
    }
    let effect = effect(&outcome);
    Err(outcome).context(effect)
}

/// Says what the outcome of this test means for the notices of the portal.
fn effect(outcome: &MailOutcome) -> String {
    match outcome.effect(1) {
        MailEffect::Done => told!("thư không được gửi", "the mail was not sent"),
        MailEffect::TriedAgain => told!(
            "thư chưa được nhận; cổng sẽ gửi lại thông báo như vậy sau",
            "the mail was not taken; the portal would try such a notice again later"
        ),
        MailEffect::AddressEnds => told!(
            "địa chỉ này bị từ chối hẳn; cổng sẽ không gửi thông báo đến đó nữa",
            "this address is refused for good; the portal would send it no more notices"
        ),
        MailEffect::GivenUp => told!(
            "thư này bị từ chối hẳn; cổng sẽ không gửi lại thông báo như vậy",
            "this mail is refused for good; the portal would not send such a notice again"
        ),
    }
}
