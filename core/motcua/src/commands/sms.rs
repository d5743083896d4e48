//! `motcua sms`

use crate::CommandOutcome;
use crate::cli::SmsCommand;
use crate::runtime::ProvinceFolder;
use anyhow::Context as _;
use motcua_domain::identity;
use motcua_domain::people::phone::PhoneChannel;
use motcua_domain::text::Language;
use motcua_service::{MailEffect, MailOutcome, PhoneMessage, SmsGateway, TimeSource};
use std::path::Path;

pub async fn run(dir: &Path, command: &SmsCommand) -> anyhow::Result<CommandOutcome> {
    let SmsCommand::Test { number, channel } = command;
    let province = ProvinceFolder::read(dir, &TimeSource::System)?;
    let gateway = SmsGateway::new(&province.settings.sms).with_context(|| {
        told!(
            "motcua.toml không nêu cổng nhắn tin; hãy viết `gateway` dưới [sms] (docs/operating.md)",
            "motcua.toml names no gateway for messages; write `gateway` under [sms] (docs/operating.md)"
        )
    })?;
    let to = identity::mobile(number)
        .with_context(|| told!("`{number}` không phải là số điện thoại di động", "`{number}` is no mobile number"))?;
    let wish = channel.as_deref().map(|word| known(&gateway, word)).transpose()?;
    let written = province
        .theme()?
        .test_text(Language::Vi)
        .with_context(|| told!("giao diện không viết được tin nhắn", "the theme cannot write the message"))?;
    let now = TimeSource::System.now();
    let message = PhoneMessage {
        id: format!("test.{}", now.as_millisecond()),
        channel: gateway.channel(wish),
        to,
        language: Language::Vi,
        written,
    };
    let outcome = gateway.send(&message, now).await;
    if let MailOutcome::Sent(answer) = &outcome {
        say!(
            "{} đã nhận tin nhắn ({}) gửi đến {number}: {answer}",
            "{} took the message ({}) to {number}: {answer}";
            gateway.place(),
            message.channel.name()
        );
        return Ok(CommandOutcome::Fine);
    }
    let effect = effect(&outcome);
    Err(outcome).context(effect)
}

/// Reads a way that the gateway knows.
fn known(gateway: &SmsGateway, word: &str) -> anyhow::Result<PhoneChannel> {
    let channel = PhoneChannel::parse(word).filter(|channel| gateway.channels().contains(channel));
    channel.with_context(|| {
        told!(
            "`channels` dưới [sms] trong motcua.toml không có `{word}`",
            "`channels` under [sms] in motcua.toml does not name `{word}`"
        )
    })
}

/// Says what the outcome of this test means for the notices of the portal.
fn effect(outcome: &MailOutcome) -> String {
    match outcome.effect(1) {
        MailEffect::Done => told!("tin nhắn không được gửi", "the message was not sent"),
        MailEffect::TriedAgain => told!(
            "tin nhắn chưa được nhận; cổng sẽ gửi lại thông báo như vậy sau",
            "the message was not taken; the portal would try such a notice again later"
        ),
        MailEffect::AddressEnds => told!(
            "số này bị từ chối hẳn; cổng sẽ không gửi thông báo đến đó nữa",
            "this number is refused for good; the portal would send it no more notices"
        ),
        MailEffect::GivenUp => told!(
            "tin nhắn này bị từ chối hẳn; cổng sẽ không gửi lại thông báo như vậy",
            "this message is refused for good; the portal would not send such a notice again"
        ),
    }
}
