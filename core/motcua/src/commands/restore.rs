//! `motcua restore`

use crate::access::CommandAccess;
use crate::archive::install::with_end;
use crate::archive::{
    ArchiveManifest, CheckedEntries, DATABASE, EntryContent, FILES, INSTALL, MANIFEST, seal, unreadable,
};
use crate::output::{cannot_make, cannot_read, cannot_write, counted};
use crate::runtime::ProvinceFolder;
use crate::{CommandOutcome, folder, log_key};
use anyhow::{Context as _, bail, ensure};
use futures::TryStreamExt as _;
use motcua_catalogue::settings;
use motcua_domain::names::Digest;
use motcua_service::TimeSource;
use motcua_store::Database;
use motcua_store::backup::{self, OpenedFile, PART, ReadStep, SQLITE_FILE};
use motcua_store::files::FileStore;
use motcua_store::journal::JournalReport;
use motcua_store::log::{LogTrust, read_kept};
use sha2::{Digest as _, Sha256};
use std::collections::HashSet;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

/// The folder within the new one where the parts of the database wait until the archive is proven.
const PARTS: &str = ".restore";

/// The comment that a restore leaves in `motcua.toml` before the mail server of the old portal.
const COPIES_SEND_NOTHING: &str = "
# motcua restore took this out of [mail], because the old portal may have sent the mails that wait in the backup.
# Put it back when this portal takes the place of the old one.
";

/// The comment that a restore leaves in `motcua.toml` before the gateway for messages of the old portal.
const COPIES_TEXT_NOBODY: &str = "
# motcua restore took this out of [sms], because the old portal may have sent the messages that wait in the backup.
# Put it back when this portal takes the place of the old one.
";

/// The comment that a restore leaves in `motcua.toml` before the places where the old portal publishes heads.
const COPIES_PUBLISH_NOTHING: &str = "
# motcua restore took this out of [log], because the old portal may still publish there.
# Put it back when this portal takes the place of the old one.
";

pub async fn run(
    archive: &Path,
    dir: &Path,
    url: Option<&str>,
    identity: Option<&Path>,
) -> anyhow::Result<CommandOutcome> {
    ensure!(folder::is_empty(dir), folder::not_empty(dir));
    let source = seal::open(archive, identity)?;
    let unmade = || cannot_make(dir.display());
    DirBuilder::new().recursive(true).mode(0o700).create(dir).with_context(unmade)?;
    let restored = restore(source, dir, url).await;
    restored.with_context(|| {
        told!(
            "chưa khôi phục được; phần đã giải nén ở trong {}", "not restored; what was unpacked is in {}";
            dir.display()
        )
    })
}

async fn restore(source: Box<dyn Read>, dir: &Path, url: Option<&str>) -> anyhow::Result<CommandOutcome> {
    let manifest = unpack(source, dir).await?;
    let (province, database) = load(&manifest, dir, url).await?;
    let report = prove(dir, &database).await?;
    let events = report.entries;
    ensure!(
        i64::try_from(events) == Ok(manifest.database.events),
        told!(
            "bản sao lưu có {} sự kiện, nhưng chỉ khôi phục được {events}",
            "the backup had {} events, but {events} came back";
            manifest.database.events
        )
    );
    let (sound, lacking) = prove_files(&province.files()?, &database, &manifest).await?;
    database.close().await?;

    say!(
        "đã khôi phục: {events} sự kiện, {sound} tệp; sổ nhật ký nguyên vẹn; đầu nhật ký đã ký bao quát {} mục của sổ",
        "restored: {events} events, {sound} files; the journal is sound; the signed head of the log covers {} of its \
         entries";
        report.sealed
    );
    say!(
        "Bản sao lưu do motcua {1} tạo lúc {0}.", "The backup was made at {0} by motcua {1}.";
        manifest.at, manifest.motcua
    );
    for digest in &lacking {
        say!(
            "đã thiếu hoặc hỏng từ khi sao lưu: tệp {digest}",
            "missing or damaged already when the backup was made: file {digest}"
        );
    }
    tell_next(dir, province.mistakes.len());
    Ok(if lacking.is_empty() { CommandOutcome::Fine } else { CommandOutcome::Findings })
}

/// Prints the next command after a restore.
fn tell_next(dir: &Path, mistakes: usize) {
    let dir = dir.display();
    if mistakes == 0 {
        say!("Tiếp theo: motcua serve --dir {dir}", "Next: motcua serve --dir {dir}");
        return;
    }
    let counted = counted(mistakes, "mistake");
    say!(
        "Thư mục cài đặt có {mistakes} lỗi; tiếp theo: motcua check {dir}",
        "The install folder has {counted}; next: motcua check {dir}"
    );
}

/// Unpacks the archive and compares it with its manifest.
async fn unpack(source: Box<dyn Read>, dir: &Path) -> anyhow::Result<ArchiveManifest> {
    let mut archive = tar::Archive::new(source);
    let mut checked = CheckedEntries::default();
    let mut store = None;
    for entry in archive.entries().with_context(unreadable)? {
        let mut content = checked.open(entry)?;
        if content.path == MANIFEST {
            checked.read_manifest(content)?;
            continue;
        }
        let path = content.path.clone();
        match path.split_once('/') {
            Some((FILES, name)) => {
                let files = match store.take() {
                    Some(files) => files,
                    None => empty_store(dir)?,
                };
                keep(&files, name, &mut content).await?;
                store = Some(files);
            }
            Some((INSTALL, name)) => place(&dir.join(name), &mut content)?,
            _ => place(&dir.join(PARTS).join(&path), &mut content)?,
        }
        checked.close(content)?;
    }
    checked.finish(archive.into_inner())
}

/// Opens the folder of files that the restored settings name.
fn empty_store(dir: &Path) -> anyhow::Result<FileStore> {
    let province = ProvinceFolder::read(dir, &TimeSource::System)?.to(CommandAccess::Change);
    let folder = dir.join(&province.settings.files);
    // Otherwise a copy beside the portal would share the files of the portal itself.
    ensure!(
        folder::is_empty(&folder),
        told!(
            "thư mục tệp {} không trống; hãy đặt MOTCUA_FILES là thư mục khác cho lệnh này và cho cổng",
            "the folder of files {} is not empty; set MOTCUA_FILES to another for this command and for the portal";
            folder.display()
        )
    );
    province.files()
}

/// Writes an entry to a new file.
fn place(path: &Path, content: &mut EntryContent<impl Read>) -> anyhow::Result<()> {
    let unwritable = || cannot_write(path.display());
    if let Some(parent) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(parent).with_context(unwritable)?;
    }
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let mut file = file.with_context(unwritable)?;
    io::copy(content, &mut file).with_context(|| {
        told!(
            "{}, hoặc không ghi được {}", "{}, or {} cannot be written";
            unreadable(), path.display()
        )
    })?;
    file.set_permissions(Permissions::from_mode(content.mode)).with_context(unwritable)?;
    file.sync_all().with_context(unwritable)
}

/// Reads a file into the store, if its content fits its name. The manifest tells later whether the archive or the
/// portal had damaged another content.
async fn keep(files: &FileStore, name: &str, content: &mut EntryContent<impl Read>) -> anyhow::Result<()> {
    let digest = Digest(name.rsplit('/').next().unwrap_or_default().to_owned());
    let hex = digest.as_str().len() == 64 && digest.as_str().bytes().all(|byte| byte.is_ascii_hexdigit());
    ensure!(
        hex,
        told!(
            "tệp sao lưu có tệp {name:?}, không lệnh sao lưu nào ghi tệp như vậy",
            "the archive has a file {name:?}, which no backup writes"
        )
    );
    let mut left = content.bytes;
    let next = |part: &mut Vec<u8>| {
        let count = content.by_ref().take(PART).read_to_end(part).with_context(unreadable)? as u64;
        ensure!(
            count == left.min(PART),
            told!("{}: tệp {name} không trọn vẹn", "{}: file {name} is not whole"; unreadable())
        );
        left -= count;
        anyhow::Ok(if left > 0 {
            ReadStep::More
        } else if content.sha256() == digest.as_str() {
            ReadStep::Keep
        } else {
            ReadStep::Discard
        })
    };
    files.keep_parts(&digest, next).await?;
    Ok(())
}

/// Puts the database where the settings say and brings its schema up to date.
async fn load(manifest: &ArchiveManifest, dir: &Path, url: Option<&str>) -> anyhow::Result<(ProvinceFolder, Database)> {
    let (contents, parts) = (&manifest.database, dir.join(PARTS).join(DATABASE));
    if let Some(name) = backup::unknown(contents) {
        bail!(told!(
            "bản sao lưu là của motcua mới hơn ({}): cơ sở dữ liệu của nó có {name}, bản motcua này không biết",
            "the backup is from a newer motcua ({}): its database has {name}, which this one does not know";
            manifest.motcua
        ));
    }
    detach(dir, url)?;
    let mut province = ProvinceFolder::read(dir, &TimeSource::System)?.to(CommandAccess::Change);
    if let Some(url) = url {
        url.clone_into(&mut province.settings.database);
        province.settings.database_migrate_url = None;
        province.settings.database_read_url = None;
    }
    let named = if province.settings.database.starts_with("sqlite:") { "sqlite" } else { "postgresql" };
    ensure!(
        named == contents.kind,
        told!(
            "bản sao lưu là của cơ sở dữ liệu loại {}, nhưng cấu hình nêu loại {named}; xem --database",
            "the backup is of a database of the kind {}, but the settings name one of the kind {named}; see --database";
            contents.kind
        )
    );
    if let Some(path) = province.settings.database.strip_prefix("sqlite://") {
        let path = dir.join(path);
        for end in ["", "-wal", "-journal"] {
            let path = with_end(&path, end);
            ensure!(
                !path.exists(),
                told!(
                    "ở {} đã có cơ sở dữ liệu; hãy nêu cơ sở dữ liệu khác bằng --database",
                    "there is a database at {} already; name another by --database";
                    path.display()
                )
            );
        }
        move_file(&parts.join(SQLITE_FILE), &path)?;
    }
    let database = province.database_to_migrate().await?;
    if contents.kind == "postgresql" {
        ensure!(
            backup::is_empty(&database).await?,
            told!(
                "cơ sở dữ liệu đã có bảng; hãy nêu một cơ sở dữ liệu trống bằng --database",
                "the database has tables already; name an empty one by --database"
            )
        );
        let cannot_fill = || told!("không đưa được dữ liệu vào cơ sở dữ liệu", "cannot fill the database");
        backup::fill(&database, contents, &parts).await.with_context(cannot_fill)?;
    }
    let cannot_migrate = || told!("không cập nhật được lược đồ", "cannot bring the schema up to date");
    database.migrate().await.with_context(cannot_migrate)?;
    fs::remove_dir_all(dir.join(PARTS)).with_context(|| {
        told!("không xóa được các phần của cơ sở dữ liệu", "cannot remove the parts of the database")
    })?;
    Ok((province, database))
}

/// Removes from `motcua.toml` the parts that belong to the old portal: its other addresses of the database, the places
/// where it publishes the heads of its log, its mail server, and its gateway for messages to phones.
///
/// A copy that publishes would mix its heads with those of the old portal, and one that sends notices would notify people
/// twice. With `url`, also names another database.
fn detach(dir: &Path, url: Option<&str>) -> anyhow::Result<()> {
    let file = dir.join(settings::FILE);
    let text = fs::read_to_string(&file).with_context(|| cannot_read(file.display()))?;
    let mut document: toml_edit::DocumentMut = match text.parse() {
        Ok(document) => document,
        // A file that is not TOML sets nothing, and the command ends with its mistakes.
        Err(_) if url.is_none() => return Ok(()),
        // The error would show the line, which may hold a password.
        Err(_) => bail!(told!("{} không phải là TOML", "{} is not TOML"; file.display())),
    };
    if let Some(url) = url {
        document["database"] = toml_edit::value(url);
    }
    document.remove("database_migrate_url");
    document.remove("database_read_url");
    let mut take = |table: &str, key: &str| {
        let table = document.get_mut(table).and_then(toml_edit::Item::as_table_like_mut);
        table.and_then(|table| table.remove(key)).map(|value| format!("{key} = {}", value.to_string().trim()))
    };
    let publishes_nothing = told!("không công bố đầu nhật ký", "publishes no heads of the log");
    let sends_nothing = told!("không gửi thư", "sends no mails");
    let texts_nobody = told!("không nhắn tin", "sends no messages to phones");
    let taken = [
        (take("log", "publish"), COPIES_PUBLISH_NOTHING, publishes_nothing),
        (take("mail", "server"), COPIES_SEND_NOTHING, sends_nothing),
        (take("sms", "gateway"), COPIES_TEXT_NOBODY, texts_nobody),
    ];
    let mut left = document.to_string();
    for (lines, comment, what) in taken {
        let Some(lines) = lines else { continue };
        left += comment;
        for line in lines.lines() {
            left = left + "# " + line + "\n";
        }
        say!("Bản sao {what}; xem cuối tệp {}.", "The copy {what}; see the end of {}."; file.display());
    }
    if left == text {
        return Ok(());
    }
    fs::write(&file, left).with_context(|| cannot_write(file.display()))
}

/// Moves a file, to another disk if necessary.
fn move_file(from: &Path, to: &Path) -> anyhow::Result<()> {
    let unwritable = || cannot_write(to.display());
    if let Some(parent) = to.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(parent).with_context(unwritable)?;
    }
    if fs::rename(from, to).is_err() {
        fs::copy(from, to).with_context(unwritable)?;
        File::open(to).and_then(|file| file.sync_all()).with_context(unwritable)?;
        fs::remove_file(from).with_context(unwritable)?;
    }
    let beside = to.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(beside).and_then(|folder| folder.sync_all()).with_context(unwritable)
}

/// Verifies the journal and the lists.
async fn prove(dir: &Path, database: &Database) -> anyhow::Result<JournalReport> {
    let trust = LogTrust { keys: log_key::public(dir)?, kept: read_kept(dir).await? };
    let report = database.verify(&trust).await?;
    match report.findings.first() {
        None => Ok(report),
        Some(finding) => bail!(told!(
            "có {} điểm sai trong sổ nhật ký và các danh sách: {finding}",
            "{} things are wrong with the journal and its lists: {finding}";
            report.wrong
        )),
    }
}

/// Compares every stored file with its name. Returns the number of sound files, and the files that the archive did not
/// have.
async fn prove_files(
    store: &FileStore,
    database: &Database,
    manifest: &ArchiveManifest,
) -> anyhow::Result<(usize, Vec<Digest>)> {
    let swept: HashSet<&str> = manifest.swept.iter().map(String::as_str).collect();
    let (mut sound, mut lacking, mut last) = (0, Vec::new(), String::new());
    loop {
        let page = backup::files_after(database, &last).await?;
        let Some(end) = page.last() else { return Ok((sound, lacking)) };
        last.clone_from(&end.0);
        for digest in page {
            match store.find(&digest).await? {
                Some(opened) => {
                    prove_file(&digest, opened).await?;
                    sound += 1;
                }
                None if swept.contains(digest.as_str()) => {}
                None => lacking.push(digest),
            }
        }
    }
}

/// Compares the content of a stored file with its name.
async fn prove_file(digest: &Digest, opened: OpenedFile) -> anyhow::Result<()> {
    let hasher = opened.chunks().try_fold(Sha256::new(), |mut hasher, chunk| {
        hasher.update(chunk);
        std::future::ready(Ok(hasher))
    });
    let found = hex::encode(hasher.await?.finalize());
    ensure!(
        found == digest.as_str(),
        told!(
            "tệp {digest} không còn như khi giải nén; hãy kiểm tra ổ đĩa",
            "file {digest} is not as it was unpacked; look at the disk"
        )
    );
    Ok(())
}
