//! `motcua connect`

use crate::CommandOutcome;
use crate::cli::ConnectCommand;
use crate::runtime::ProvinceFolder;
use anyhow::Context as _;
use motcua_service::{LoginSetup, PaymentSetup, TimeSource};
use std::fmt::Display;
use std::path::Path;

pub async fn run(dir: &Path, command: &ConnectCommand) -> anyhow::Result<CommandOutcome> {
    let ConnectCommand::Test { name } = command;
    let settings = ProvinceFolder::read(dir, &TimeSource::System)?.settings;
    let payment = PaymentSetup { settings: settings.payment.clone(), base_url: settings.base_url.clone() };
    if let Some(asked) = payment.try_gateway(name, TimeSource::System.now()).await {
        return told_of_gateway(name, &settings.base_url, asked);
    }
    let setup = LoginSetup { providers: settings.logins(), base_url: settings.base_url.clone() };
    let asked = setup.try_provider(name, TimeSource::System.now().as_second()).await.with_context(|| {
        told!(
            "motcua.toml không có nơi đăng nhập `{name}` dưới [[login]] hay cổng thanh toán `{name}` dưới [payment]",
            "motcua.toml has neither a provider `{name}` under [[login]] nor a gateway `{name}` under [payment]"
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
        Err(error) => Err(unusable(name, error)),
    }
}

fn unusable(name: &str, why: impl Display) -> anyhow::Error {
    anyhow::anyhow!(told!("không dùng được {name}: {why}", "{name} cannot be used: {why}"))
}

/// Says whether a payment gateway answered, and the addresses that it has to know.
fn told_of_gateway(name: &str, base_url: &str, asked: Result<String, String>) -> anyhow::Result<CommandOutcome> {
    let address = asked.map_err(|why| unusable(name, why))?;
    say!(
        "{name} đã trả lời đúng chữ ký. Trình duyệt sẽ được gửi đến:\n{address}",
        "{name} has answered with the right signature. A browser would be sent to:\n{address}"
    );
    say!(
        "Hãy khai báo ở cổng thanh toán địa chỉ báo kết quả (IPN): {base_url}/payment/notice",
        "Register this address for call-backs (IPN) at the gateway: {base_url}/payment/notice"
    );
    Ok(CommandOutcome::Fine)
}
