//! `motcua theme preview`

use crate::CommandOutcome;
use crate::commands::serve::told_to_stop;
use crate::language;
use crate::listen::bind;
use anyhow::bail;
use motcua_catalogue::server::ServerSettings;
use motcua_catalogue::settings;
use motcua_portal::{Proxies, Serving, Theme};
use std::net::SocketAddr;
use std::path::Path;

/// Serves the gallery of a theme until a signal to stop. Only this machine can open it.
pub async fn run(dir: &Path, theme: Option<&str>, listen: SocketAddr) -> anyhow::Result<CommandOutcome> {
    if !listen.ip().to_canonical().is_loopback() {
        bail!(told!(
            "chỉ máy này xem được bộ sưu tập; hãy nêu địa chỉ của máy này, chẳng hạn --listen 127.0.0.1:8082",
            "only this machine can see the gallery; name an address of it, such as --listen 127.0.0.1:8082"
        ));
    }
    let theme = theme.map_or_else(|| settings::load(dir).0.theme, str::to_owned);
    let themes = dir.join("themes");
    // A mistake is told here too, and the gallery shows it until it is corrected.
    if let Err(unusable) = Theme::load(&themes, &theme) {
        println!("{}", language::told(&unusable.text()));
    }
    let listener = bind(listen).await?;
    let address = listener.local_addr()?;
    say!(
        "Bộ sưu tập của giao diện {theme}: http://{address}   (dừng bằng Ctrl-C)",
        "The gallery of the theme {theme}: http://{address}   (stop with Ctrl-C)"
    );
    let router = motcua_portal::gallery(themes, theme, language::chosen());
    let serving = Serving { settings: ServerSettings::default(), proxies: Proxies::default() };
    motcua_portal::serve(listener, router, &serving, told_to_stop()).await;
    Ok(CommandOutcome::Fine)
}
