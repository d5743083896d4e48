//! `motcua procedure preview`

use crate::CommandOutcome;
use crate::access::CommandAccess;
use crate::commands::recording;
use crate::commands::serve::serve;
use crate::listen::bind;
use crate::runtime::{BUILTIN, ProvinceFolder, RunningPortal};
use anyhow::Context as _;
use motcua_catalogue::mail::MailSettings;
use motcua_catalogue::sms::SmsSettings;
use motcua_catalogue::{Diagnostic, Tree, files, read};
use motcua_domain::text::{Language, Text};
use motcua_domain::time::calendar::local;
use motcua_portal::preview::Preview;
use motcua_service::{OlderVersion, Registration, Services, TimeSource};
use motcua_store::DatabaseOptions;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The time between two checks of the folder.
const EVERY: Duration = Duration::from_millis(300);

pub async fn run(dir: &Path, listen: SocketAddr, record: bool) -> anyhow::Result<CommandOutcome> {
    let work = tempfile::tempdir()
        .with_context(|| told!("không tạo được thư mục cho bản xem trước", "cannot make a folder for the preview"))?;
    // The files are listed before the folder is read, so that no change between is missed.
    let known = files(dir);
    let mut province = ProvinceFolder::read(dir, &TimeSource::System)?.to(CommandAccess::Serve);
    let listener = bind(listen).await?;
    let address = listener.local_addr()?;
    let mistakes = rendered(&province.mistakes);
    let settings = &mut province.settings;
    settings.database = format!("sqlite://{}", work.path().join("preview.db").display());
    let stored = DatabaseOptions { url: settings.database.clone(), replica: None, readers: settings.readers };
    settings.files = work.path().join("files").display().to_string();
    settings.base_url = format!("http://{address}");
    // What somebody tries in a preview concerns nobody.
    settings.mail = MailSettings::default();
    settings.sms = SmsSettings::default();
    settings.payment = None;
    let database = province.database().await?;
    database.migrate().await?;
    let theme = Arc::new(province.theme()?);
    let mut pages = province.page_settings();
    let services = province.services(database, TimeSource::System, OlderVersion::Publish).await?;
    let registration = Registration {
        name: "Người xem trước".to_owned(),
        phone: "0912345678".to_owned(),
        email: String::new(),
        password: format!("{:032x}", rand::random::<u128>()),
        by_email: false,
    };
    let id = services.people.register(registration.clone()).await?;
    // Nobody logs in to a preview, so people at other machines are never officers.
    let is_private = address.ip().to_canonical().is_loopback();
    let officers = if is_private { services.people.officers_of_preview().await? } else { Vec::new() };
    let preview = Arc::new(Preview::of_people(id, registration.name, officers));
    preview.tell(mistakes);
    pages.preview = Some(preview.clone());
    let server = pages.serving();
    let router = motcua_portal::router(services.clone(), theme.clone(), pages);
    if !is_private {
        say!(
            "Máy khác mở được {address}, nên ở đó chỉ có các trang của người dân.",
            "Other machines can open {address}, so only a citizen's pages are shown there."
        );
        say!(
            "Để xem cả trang của cán bộ, hãy chỉ nghe trên máy này: --listen 127.0.0.1:8081",
            "To see the pages of officers too, listen on this machine alone: --listen 127.0.0.1:8081"
        );
    }
    say!(
        "Xem trước {}: http://{address}   (dừng bằng Ctrl-C)", "Preview of {}: http://{address}   (stop with Ctrl-C)";
        dir.display()
    );
    let watch = tokio::spawn(watch(dir.to_owned(), known, services.clone(), preview));
    serve(listener, RunningPortal { services, router, server, theme }).await?;
    watch.abort();
    if record {
        recording::record_all(dir, &stored).await?;
    }
    Ok(CommandOutcome::Fine)
}

/// Publishes the procedures of the folder whenever its files differ from those that were read.
async fn watch(dir: PathBuf, mut known: Tree, services: Services, preview: Arc<Preview>) {
    let mut ticks = tokio::time::interval(EVERY);
    loop {
        ticks.tick().await;
        let folder = dir.clone();
        let Ok(now) = tokio::task::spawn_blocking(move || files(&folder)).await else { return };
        if now != known {
            preview.tell(follow(&services, &now).await);
            known = now;
        }
    }
}

/// Returns the mistakes that people are told, for readers of both languages.
fn rendered(mistakes: &[Diagnostic]) -> Vec<Text> {
    let in_both = |mistake: &Diagnostic| {
        let [vi, en] = [Language::Vi, Language::En].map(|language| mistake.render(false, language));
        Text::new(vi, en)
    };
    mistakes.iter().filter(|mistake| mistake.is_told()).map(in_both).collect()
}

/// Returns the mistakes in the folder. If it has none, the preview shows the folder.
async fn follow(services: &Services, tree: &Tree) -> Vec<Text> {
    let found = read(tree, &BUILTIN, local(services.now()).date());
    let mistakes = rendered(&found.mistakes);
    if !mistakes.is_empty() {
        return mistakes;
    }
    match services.procedures.follow(&found.install.declared, OlderVersion::Publish).await {
        Ok(()) => Vec::new(),
        Err(error) => vec![Text::vi(error.to_string())],
    }
}
