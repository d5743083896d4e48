//! `motcua demo`

use crate::CommandOutcome;
use crate::commands::serve;
use crate::demo;
use crate::language;
use crate::listen;
use crate::runtime::{self, RuntimeOptions};
use motcua_domain::text::Text;
use motcua_service::TimeSource;
use std::net::SocketAddr;
use std::path::Path;

pub async fn run(dir: &Path, listen: SocketAddr) -> anyhow::Result<CommandOutcome> {
    let listener = listen::bind(listen).await?;
    let address = format!("http://{}", listener.local_addr()?);
    if demo::make(dir, &TimeSource::System).await? {
        say!("Đã tạo tỉnh mẫu trong {}.", "Made the sample province in {}."; dir.display());
    }
    let options = RuntimeOptions { base_url: Some(address.clone()), ..RuntimeOptions::serving() };
    let running = runtime::open(dir, TimeSource::System, options).await?;
    say!("\n{:<16} {:<18} vai trò", "\n{:<16} {:<18} role"; told!("đăng nhập", "log-in"), told!("tên", "name"));
    for person in demo::people() {
        let part = Text::from(person.part);
        println!("{:<16} {:<18} {}", person.login, person.name, language::told(&part));
    }
    say!(
        "\nMật khẩu của mọi người là {}; các cán bộ khác có trong organisation.toml.",
        "\nThe password of everybody is {}; other officers are in organisation.toml.";
        demo::PASSWORD
    );
    say!("Hãy mở {address}   (dừng bằng Ctrl-C)", "Open {address}   (stop with Ctrl-C)");
    serve::serve(listener, running).await?;
    Ok(CommandOutcome::Fine)
}
