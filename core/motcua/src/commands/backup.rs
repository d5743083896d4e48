//! `motcua backup`

use crate::access::CommandAccess;
use crate::archive::install::{HEAD, InstallFiles, SCRATCH, with_end};
use crate::archive::seal::ArchiveSink;
use crate::archive::{ArchiveManifest, ArchiveWriter, DATABASE, FILES, INSTALL, cannot_end};
use crate::output::{cannot_read, cannot_write};
use crate::runtime::ProvinceFolder;
use crate::{CommandOutcome, log_key};
use anyhow::{Context as _, ensure};
use motcua_catalogue::settings;
use motcua_domain::names::Digest;
use motcua_domain::transparency::note::VerifierKey;
use motcua_service::TimeSource;
use motcua_store::Database;
use motcua_store::backup::{self, CopyPart, FinishedCopy};
use motcua_store::log::read_kept;
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use tempfile::TempDir;

/// The written parts, and the flaws of the backup.
struct WrittenBackup {
    manifest: ArchiveManifest,
    missing: Vec<Digest>,
    damaged: Vec<Digest>,
}

pub async fn run(dir: &Path, to: &Path, recipients: &[String]) -> anyhow::Result<CommandOutcome> {
    let is_province = dir.join(settings::FILE).is_file();
    ensure!(
        is_province,
        told!(
            "{} không có {}, nên không phải là thư mục cài đặt", "{} has no {}, so it is not an install folder";
            dir.display(), settings::FILE
        )
    );
    let province = ProvinceFolder::read(dir, &TimeSource::System)?.to(CommandAccess::Change);
    let database = province.database().await?;
    ensure!(
        !backup::applied(&database).await?.is_empty(),
        told!("cơ sở dữ liệu chưa có bảng nào", "the database has no tables yet")
    );
    let folder = InstallFiles::new(dir, &province.settings.files, backup::file_of(&database).as_deref())?;
    let beside = match to.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let beside = beside
        .canonicalize()
        .with_context(|| told!("không có thư mục {}", "there is no folder {}"; beside.display()))?;
    ensure!(!to.exists(), told!("đã có {}; hãy nêu một tệp mới", "{} is there already; name a new file"; to.display()));
    ensure!(
        !folder.holds(&beside),
        told!(
            "{} nằm trong thư mục cài đặt, nên lần sao lưu sau sẽ chứa cả nó; hãy ghi ra chỗ khác",
            "{} is in the install folder, so the next backup would hold it; write it elsewhere";
            to.display()
        )
    );

    let part = with_end(to, ".part");
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part).with_context(|| {
        told!(
            "không tạo được {}; nếu đã có tệp này thì một lần sao lưu khác đang chạy hoặc đã bị ngắt",
            "cannot make {}; if it is there, another backup is running or broke off";
            part.display()
        )
    })?;
    let written = async {
        let (file, written) = write(&province, &database, &folder, ArchiveSink::new(file, recipients)?).await?;
        file.sync_all().with_context(|| cannot_write(part.display()))?;
        fs::rename(&part, to).with_context(|| told!("không đổi tên được {}", "cannot rename {}"; part.display()))?;
        File::open(&beside)?.sync_all()?;
        anyhow::Ok(written)
    };
    let written = written.await.inspect_err(|_| drop(fs::remove_file(&part)))?;
    database.close().await?;
    Ok(tell(to, &written))
}

/// Writes the database, the install folder and the files, in this order.
///
/// Files never change and are named by their digest, so every file of the copied rows is still in the store when its
/// turn comes. Only a file that nothing had used for days can be swept meanwhile. The install folder comes before the
/// files because a restore reads there where the files belong.
async fn write(
    province: &ProvinceFolder,
    database: &Database,
    folder: &InstallFiles,
    sink: ArchiveSink,
) -> anyhow::Result<(File, WrittenBackup)> {
    let mut archive = ArchiveWriter::new(sink, TimeSource::System.now());
    let keys = log_key::public(&province.dir)?;
    // A running portal stores a head after its commit. So the copy of the database has the stored head.
    let head = read_kept(&province.dir).await?;
    let copied = copy(database, &mut archive).await?;
    if let Some(head) = head {
        archive.add(&format!("{INSTALL}/{HEAD}"), head.len() as u64, 0o644, head.as_bytes())?;
    }
    for (name, path) in folder.files()? {
        let unreadable = || cannot_read(path.display());
        let file = File::open(&path).with_context(unreadable)?;
        let about = file.metadata().with_context(unreadable)?;
        archive.add(&format!("{INSTALL}/{name}"), about.len(), about.permissions().mode() & 0o777, file)?;
    }
    // An older database has no table of keys, and its folder no keys.
    let named = if keys.is_empty() { Vec::new() } else { database.log_keys().await? };
    require_same_keys(&keys, &log_key::public(&province.dir)?, &named)?;
    let store = province.files()?;
    let (mut absent, mut damaged) = (Vec::new(), Vec::new());
    for digest in copied.files {
        let Some(opened) = store.find(&digest).await? else {
            absent.push(digest);
            continue;
        };
        let name = digest.as_str();
        let path = format!("{FILES}/{}/{name}", name.get(..2).unwrap_or("00"));
        if archive.add_chunks(&path, opened.bytes(), opened.chunks()).await? != name {
            damaged.push(digest);
        }
    }
    let (mut missing, mut swept) = (Vec::new(), Vec::new());
    for digest in absent {
        if backup::knows_file(database, &digest).await? {
            missing.push(digest);
        } else {
            swept.push(digest.0);
        }
    }
    let (sink, manifest) = archive.finish(copied.contents, swept)?;
    let file = sink.finish().with_context(cannot_end)?;
    Ok((file, WrittenBackup { manifest, missing, damaged }))
}

/// Rejects a folder if the copy of the database may name other keys of the log, because the archive could not be
/// restored.
///
/// `motcua audit rotate-key` writes the next key into the database first and into `log-key.pub` afterwards. So the
/// copied database has no key that the folder lacks, if the folder had the same keys before and after, and if they are
/// still those of the database.
fn require_same_keys(before: &[VerifierKey], after: &[VerifierKey], database: &[VerifierKey]) -> anyhow::Result<()> {
    ensure!(
        before == after,
        told!(
            "{} đã thay đổi trong lúc sao lưu, nên tệp sao lưu sẽ không khôi phục được; hãy sao lưu lại",
            "{} was changed while the backup was made, so the archive could not be restored; make the backup again";
            log_key::PUBLIC
        )
    );
    ensure!(
        after.is_empty() || after.starts_with(database),
        told!(
            "cơ sở dữ liệu nêu các khóa nhật ký khác với {0}, nên tệp sao lưu sẽ không khôi phục được. Nếu motcua \
             audit rotate-key đang chạy, hãy sao lưu lại khi lệnh đó đã xong; nếu lệnh đó đã bị dừng, hãy chạy lại \
             lệnh đó trước. Nếu lệnh đó chạy trên nút khác, hãy sao chép {1} và {0} của nút đó trước",
            "the database names other keys of the log than {0}, so the archive could not be restored. If motcua audit \
             rotate-key runs, make the backup again when it has ended; if it was stopped, run it again first. If it \
             ran on another node, copy {1} and {0} of that node first";
            log_key::PUBLIC, log_key::SECRET
        )
    );
    Ok(())
}

/// Copies the database into the archive.
///
/// The temporary copy of a SQLite file lies beside the file itself, because the place of the archive may be open to
/// people who must not read it.
async fn copy(database: &Database, archive: &mut ArchiveWriter<ArchiveSink>) -> anyhow::Result<FinishedCopy> {
    let file = backup::file_of(database);
    let scratch = match file.as_deref().and_then(Path::parent) {
        Some(beside) => tempfile::Builder::new().prefix(SCRATCH).tempdir_in(beside),
        None => TempDir::with_prefix(SCRATCH),
    };
    let scratch = scratch.with_context(|| {
        told!(
            "không tạo được thư mục tạm cho bản sao của cơ sở dữ liệu",
            "cannot make a temporary folder for the copy of the database"
        )
    })?;
    let take = |name: &str, part: CopyPart<'_>| {
        let path = format!("{DATABASE}/{name}");
        match part {
            CopyPart::Rows(rows) => archive.add(&path, rows.len() as u64, 0o600, rows),
            CopyPart::File(file) => {
                let file = File::open(file)?;
                let bytes = file.metadata()?.len();
                archive.add(&path, bytes, 0o600, file)
            }
        }
    };
    backup::copy(database, scratch.path(), take).await
}

fn tell(to: &Path, written: &WrittenBackup) -> CommandOutcome {
    let WrittenBackup { manifest, missing, damaged } = written;
    say!(
        "đã ghi {}: {} sự kiện, {} tệp, và {} tệp của thư mục cài đặt",
        "wrote {}: {} events, {} files, and {} files of the install folder";
        to.display(),
        manifest.database.events,
        manifest.count(FILES) - damaged.len(),
        manifest.count(INSTALL)
    );
    for (what, digests) in [(told!("thiếu", "missing"), missing), (told!("hỏng", "damaged"), damaged)] {
        for digest in digests {
            say!(
                "{what} trong thư mục tệp, nên không có trong bản sao lưu: {digest}",
                "{what} in the folder of files, so not in the backup: {digest}"
            );
        }
    }
    if missing.is_empty() && damaged.is_empty() { CommandOutcome::Fine } else { CommandOutcome::Findings }
}

#[cfg(test)]
mod tests {
    use super::*;
    use motcua_domain::transparency::note::SigningKey;

    #[test]
    fn keys_of_the_log_that_change_during_a_backup_are_refused_at_each_moment() {
        let keys = [1, 2].map(|seed| SigningKey::from_seed("log", [seed; 32]).expect("a key").verifier().clone());
        let (none, old, new): (&[VerifierKey], _, _) = (&[], &keys[..1], &keys[..]);
        for (before, after, database, words) in [
            (old, new, new, "make the backup again"),
            (none, old, old, "make the backup again"),
            (old, old, new, "names other keys of the log"),
            (old, old, &keys[1..], "names other keys of the log"),
        ] {
            let refused = require_same_keys(before, after, database).expect_err("refused").to_string();
            assert!(refused.contains(words), "{refused}");
        }
        // A node without keys trusts those in the database. A new log names no key yet.
        for (folder, database) in [(none, new), (old, none), (new, new)] {
            require_same_keys(folder, folder, database).expect("they fit");
        }
    }
}
