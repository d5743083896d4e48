//! Checks of the machine: room, rights, time, certificates.

use super::{DoctorFindings, certificate, fine};
use crate::language;
use crate::runtime::ProvinceFolder;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use motcua_domain::time::calendar::local;
use motcua_store::health::{ServerVersion, free};
use motcua_store::{Certificate, certificates};
use rustix::fs::Access;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// The free space below which an operator should act soon.
const LITTLE: u64 = 1 << 30;

/// The largest difference between the clocks of the portal and of the database.
const SKEW: SignedDuration = SignedDuration::from_secs(5);

/// The days before its end from which a certificate is a problem.
const DAYS: i64 = 30;

/// Looks at the folders of the database and of the files.
pub fn look_at_folders(findings: &mut DoctorFindings, province: &ProvinceFolder) {
    let settings = &province.settings;
    let files = settings.bucket().is_none().then(|| province.dir.join(&settings.files));
    let database = settings.database.strip_prefix("sqlite://").map(|path| province.dir.join(path));
    let folder = database.as_deref().and_then(Path::parent).map(Path::to_path_buf);
    for (what, path) in [(told!("các tệp", "files"), &files), (told!("cơ sở dữ liệu", "the database"), &folder)]
    {
        if let Some(path) = path.as_ref().filter(|path| path.exists()) {
            look_at_folder(findings, &what, path);
        }
    }
    let private = [&files, &folder, &database].into_iter().flatten().filter(|path| path.exists());
    let open: Vec<&PathBuf> = private.filter(|path| is_open(path)).collect();
    for path in &open {
        let advice = told!("hãy chạy: chmod go= {}", "run: chmod go= {}"; path.display());
        let what = told!(
            "mọi người dùng của máy đều đọc được {}", "every user of the machine can read {}";
            path.display()
        );
        findings.problem(&what, &advice);
    }
    if open.is_empty() {
        fine(&told!("quyền truy cập dữ liệu", "permissions of the data"));
    }
}

fn look_at_folder(findings: &mut DoctorFindings, what: &str, path: &Path) {
    if let Err(error) = rustix::fs::access(path, Access::WRITE_OK | Access::EXEC_OK) {
        let advice = told!(
            "hãy để người dùng của cổng sở hữu thư mục, và xem ổ đĩa có bị gắn chỉ đọc không",
            "let the user of the portal own the folder, and look whether the disk is mounted read-only"
        );
        let what = told!(
            "không ghi được vào thư mục của {what} {}: {error}",
            "the folder of {what} {} cannot be written to: {error}";
            path.display()
        );
        findings.problem(&what, &advice);
    }
    look_at_room(findings, what, free(path));
}

fn look_at_room(findings: &mut DoctorFindings, what: &str, free: Option<u64>) {
    match free {
        Some(free) if free < LITTLE => {
            let advice = told!(
                "hãy giải phóng chỗ, nếu không cổng sẽ từ chối thay đổi",
                "make room, or the portal will refuse changes"
            );
            let what = told!(
                "ổ đĩa của {what} chỉ còn {} MiB", "the disk of {what} has only {} MiB left";
                free >> 20
            );
            findings.problem(&what, &advice);
        }
        Some(free) => fine(&told!("chỗ cho {what}: {} GiB", "room for {what}: {} GiB"; free >> 30)),
        None => {}
    }
}

/// Returns whether others than the owner may do anything with the path.
fn is_open(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|about| about.permissions().mode() & 0o077 != 0)
}

/// Compares the clock of this machine with that of the database, and with the last head of the log.
pub fn look_at_clock(findings: &mut DoctorFindings, about: &ServerVersion, head: Option<i64>, now: Timestamp) {
    let apart = about.now.map(|there| SignedDuration::from_secs(there - now.as_second()).abs());
    let ahead = head.is_some_and(|head| SignedDuration::from_secs(head - now.as_second()) > SKEW);
    if ahead || apart.is_some_and(|apart| apart > SKEW) {
        let what = match apart {
            Some(apart) if apart > SKEW => {
                told!(
                    "đồng hồ của máy này và của cơ sở dữ liệu lệch nhau {apart:#}",
                    "the clocks of this machine and of the database are {apart:#} apart"
                )
            }
            _ => told!(
                "nhật ký được niêm phong sau giờ của đồng hồ máy này",
                "the log was sealed after the time of this machine's clock"
            ),
        };
        let advice = told!(
            "hãy cho cả hai máy theo một máy chủ thời gian (NTP)",
            "let both machines follow a time server (NTP)"
        );
        findings.problem(&what, &advice);
    } else {
        fine(&told!("đồng hồ", "clock"));
    }
}

/// Checks the address of the portal and the proxy before it.
pub fn look_at_address(findings: &mut DoctorFindings, province: &ProvinceFolder) {
    let settings = &province.settings;
    if settings.base_url.starts_with("http://127.") || settings.base_url.starts_with("http://localhost") {
        fine(&told!("base_url: chỉ để thử trên máy này", "base_url: for trying on this machine only"));
    } else if settings.base_url.starts_with("http://") {
        findings.problem(
            &told!("người dùng vào cổng không được mã hóa", "people reach the portal without encryption"),
            &told!(
                "hãy đặt base_url thành https:// phía sau một proxy TLS",
                "set base_url to https:// behind a TLS proxy"
            ),
        );
    } else if !settings.behind_proxy {
        let advice = told!(
            "hãy đặt behind_proxy = true, nếu không giới hạn dò đoán sẽ coi mọi người truy cập là proxy",
            "set behind_proxy = true, or limits on guessing take all visitors for the proxy"
        );
        let what = told!(
            "base_url là https://, nên có proxy đứng trước cổng, nhưng behind_proxy là false",
            "base_url is https://, so a proxy stands before the portal, but behind_proxy is false"
        );
        findings.problem(&what, &advice);
    } else {
        fine("base_url");
    }
}

/// Looks at the certificates that the addresses of databases name: of authorities, and the portal's own.
pub fn look_at_certificates(findings: &mut DoctorFindings, province: &ProvinceFolder, now: Timestamp) {
    for (key, url) in province.settings.databases() {
        for Certificate { file, is_own } in certificates(url) {
            let whose = if is_own {
                told!("chứng thư của cổng", "the portal's own certificate")
            } else {
                told!("chứng thư của tổ chức chứng thực", "the authority's certificate")
            };
            match certificate::end(&file) {
                Ok(end) if ends_soon(end, local(now).date()) => findings.problem(
                    &told!(
                        "`{key}`: {whose} {} hết hạn ngày {end}", "`{key}`: {whose} {} ends on {end}";
                        file.display()
                    ),
                    &told!(
                        "hãy thay trước ngày đó, nếu không cổng không vào được cơ sở dữ liệu",
                        "replace it before that day, or the portal does not reach its database"
                    ),
                ),
                Ok(end) => fine(&told!("`{key}`: {whose} hết hạn ngày {end}", "`{key}`: {whose} ends on {end}")),
                Err(error) => findings.problem(
                    &format!("`{key}`: {error:#}"),
                    &told!("hãy nêu một tệp có chứng thư dạng PEM", "name a file with a certificate in PEM"),
                ),
            }
        }
    }
}

fn ends_soon(end: Date, today: Date) -> bool {
    end < today.saturating_add(DAYS.days())
}

/// Looks at the warnings about the install folder and at its officers.
pub fn look_at_folder_of_province(findings: &mut DoctorFindings, province: &ProvinceFolder) {
    for warning in province.install.warnings.iter().filter(|warning| warning.is_told()) {
        let what = format!("{}: {}", warning.file, language::told(&warning.message));
        findings.problem(&what, language::told(&warning.help));
    }
    let idle = province.install.province.officers.iter().filter(|officer| officer.posts.is_empty());
    let idle: Vec<&str> = idle.map(|officer| officer.login.as_str()).collect();
    if !idle.is_empty() {
        let what = told!("cán bộ không giữ vị trí công tác nào: {}", "officers without a post: {}"; idle.join(", "));
        let advice = told!(
            "hãy trao vị trí công tác cho họ trong organisation.toml, hoặc bỏ họ ra",
            "give them posts in organisation.toml, or take them out"
        );
        findings.problem(&what, &advice);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the reported problems.
    fn wrong(look: impl FnOnce(&mut DoctorFindings)) -> String {
        let mut findings = DoctorFindings::default();
        look(&mut findings);
        findings.problems.join("\n")
    }

    #[test]
    fn a_folder_that_cannot_be_written_to_is_a_problem() {
        let look = |path: &Path| wrong(|findings| look_at_folder(findings, "files", path));
        let folder = tempfile::tempdir().expect("a folder");
        assert!(!look(folder.path()).contains("cannot be written to"));
        // A file is no folder even for root, who may write everywhere.
        let file = tempfile::NamedTempFile::new().expect("a file");
        let told = look(file.path());
        assert!(told.contains("the folder of files") && told.contains("cannot be written to"), "{told}");
    }

    #[test]
    fn little_room_is_a_problem() {
        let look = |free| wrong(|findings| look_at_room(findings, "files", free));
        assert_eq!(look(Some(5 << 20)), "the disk of files has only 5 MiB left");
        assert_eq!((look(Some(LITTLE)), look(None)), (String::new(), String::new()));
    }

    #[test]
    fn clocks_that_are_apart_are_a_problem() {
        let now = Timestamp::from_second(1_800_000_000).expect("a time");
        let look = |there: Option<i64>, head: Option<i64>| {
            let at = |difference| now.as_second() + difference;
            let about = ServerVersion { version: String::new(), now: there.map(at) };
            wrong(|findings| look_at_clock(findings, &about, head.map(at), now))
        };
        for (there, head) in [(None, None), (Some(5), Some(5)), (Some(-5), Some(-100_000))] {
            assert_eq!(look(there, head), "", "{there:?} {head:?}");
        }
        for there in [-90, 90] {
            assert!(
                look(Some(there), None).contains("of the database are 1m 30s apart"),
                "{}",
                look(Some(there), None)
            );
        }
        assert_eq!(look(None, Some(6)), "the log was sealed after the time of this machine's clock");
    }
}
