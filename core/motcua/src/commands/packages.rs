//! `motcua procedure pack`, `install`, `publish`, `retire`, `diff` and `list --published`: procedures on a portal that
//! may be running meanwhile.

use crate::CommandOutcome;
use crate::access::CommandAccess;
use crate::folder::{is_empty, not_empty};
use crate::language;
use crate::output::{cannot_make, cannot_read, cannot_write, counted, refused};
use crate::runtime::{ProvinceFolder, outdated};
use anyhow::{Context as _, bail, ensure};
use minisign::SecretKeyBox;
use motcua_catalogue::{Declared, files, package};
use motcua_domain::names::{Digest, ProcedureCode};
use motcua_domain::people::organisation::Actor;
use motcua_domain::procedure::Procedure;
use motcua_domain::procedure::changes::{VersionChange, changes};
use motcua_domain::procedure::plugin::PluginUse;
use motcua_domain::text;
use motcua_service::{NotInstalled, PackageTrust, Services, TimeSource};
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Returns a line of a list.
pub fn line(procedure: &Procedure, version: &Digest) -> String {
    let version = version.short();
    format!("{}  {version}  {}/{}  {}", procedure.code, procedure.group, procedure.slug, procedure.name.vi)
}

/// Returns the procedure at `agency/name` in the install folder.
fn declared<'a>(province: &'a ProvinceFolder, at: &str) -> anyhow::Result<&'a Declared> {
    province.install.at(at).with_context(|| {
        told!(
            "thư mục không có thủ tục `{at}` nào không có lỗi; hãy chạy motcua check",
            "there is no procedure `{at}` without mistakes in the folder; run motcua check"
        )
    })
}

pub fn pack(dir: &Path, at: &str, out: Option<&Path>, key: Option<&Path>) -> anyhow::Result<CommandOutcome> {
    let province = ProvinceFolder::read(dir, &TimeSource::System)?;
    let declared = declared(&province, at)?;
    let bytes = package::pack(&files(dir), declared).map_err(|reason| refused(&reason.text()))?;
    let out = out.map_or_else(
        || PathBuf::from(format!("{}.{}", declared.procedure.slug, package::EXTENSION)),
        Path::to_path_buf,
    );
    std::fs::write(&out, &bytes).with_context(|| cannot_write(out.display()))?;
    say!(
        "Đã ghi {} ({} byte), phiên bản {}", "Wrote {} ({} bytes), version {}";
        out.display(), bytes.len(), declared.version
    );
    if let Some(key) = key {
        let signature = sign_file(key, &out)?;
        say!("Đã ghi {}", "Wrote {}"; signature.display());
    }
    Ok(CommandOutcome::Fine)
}

/// Signs a file, and returns the file of the signature beside it.
pub fn sign_file(key: &Path, file: &Path) -> anyhow::Result<PathBuf> {
    let bytes = std::fs::read(file).with_context(|| cannot_read(file.display()))?;
    let beside = signature_of(file);
    std::fs::write(&beside, sign(key, &bytes)?).with_context(|| cannot_write(beside.display()))?;
    Ok(beside)
}

fn sign(key: &Path, bytes: &[u8]) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(key).with_context(|| cannot_read(key.display()))?;
    let boxed = SecretKeyBox::from_string(&text)
        .with_context(|| told!("đây không phải là khóa bí mật của minisign", "this is not a secret key of minisign"))?;
    // Without a password in the environment the library asks for it.
    let password = std::env::var("MINISIGN_PASSWORD").ok();
    let secret = match password {
        Some(password) if password.is_empty() => boxed.into_unencrypted_secret_key(),
        password => boxed.into_secret_key(password),
    };
    let secret = secret.with_context(|| {
        told!("không mở được khóa; mật khẩu có đúng không?", "the key cannot be opened; is the password right?")
    })?;
    Ok(minisign::sign(None, &secret, Cursor::new(bytes), None, None)?.into_string())
}

/// Returns the path of a file's signature.
pub fn signature_of(package: &Path) -> PathBuf {
    let mut name = package.as_os_str().to_owned();
    name.push(".minisig");
    PathBuf::from(name)
}

/// Opens the portal's services on the portal's database. Does not publish the folder's own procedures.
pub async fn services(province: ProvinceFolder) -> anyhow::Result<Services> {
    let database = province.database().await?;
    if !database.pending_migrations().await?.is_empty() {
        bail!(outdated(&province.dir));
    }
    province.services_beside(database, TimeSource::System).await
}

fn told(error: NotInstalled) -> anyhow::Error {
    match error {
        NotInstalled::Mistakes(mistakes) => {
            let shown: String = mistakes.iter().map(|mistake| mistake.render(false, language::chosen())).collect();
            let (count, mistakes) = (mistakes.len(), counted(mistakes.len(), "mistake"));
            let told = text!(
                "thủ tục trong gói có {count} lỗi; chưa có gì thay đổi:\n{shown}",
                "the procedure in the package has {mistakes}; nothing has changed:\n{shown}",
            );
            anyhow::anyhow!("{}", language::told(&told))
        }
        NotInstalled::Scenarios(otherwise) => {
            let shown = otherwise.iter().map(language::told).collect::<Vec<_>>().join("\n");
            let told = text!(
                "tình huống thử cho kết quả khác; chưa có gì thay đổi:\n{shown}",
                "scenarios came otherwise; nothing has changed:\n{shown}"
            );
            anyhow::anyhow!("{}", language::told(&told))
        }
        NotInstalled::Package(reason) => refused(&reason.text()).context(unchanged()),
        NotInstalled::Signature(reason) => refused(&reason.text()).context(unchanged()),
        NotInstalled::Services(error) => anyhow::Error::from(error).context(unchanged()),
    }
}

fn unchanged() -> String {
    told!("chưa có gì thay đổi", "nothing has changed")
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(file).with_context(|| cannot_read(file.display()))
}

async fn install_file(services: &Services, trust: &PackageTrust, file: &Path) -> anyhow::Result<Digest> {
    let bytes = read(file)?;
    let signature = std::fs::read_to_string(signature_of(file)).ok();
    services.procedures.install_package(&Actor::System, bytes, signature, trust).await.map_err(told)
}

pub async fn install(dir: &Path, file: &Path) -> anyhow::Result<CommandOutcome> {
    let province = ProvinceFolder::read(dir, &TimeSource::System)?.to(CommandAccess::Change);
    let trust = province.trust();
    let services = services(province).await?;
    let bytes = read(file)?;
    // The rights of the plugins are printed before the installation.
    let declared = package::open(&bytes).ok().and_then(|known| known.read(services.province(), &trust.builtin).ok());
    for words in declared.iter().flat_map(|declared| &declared.procedure.plugins).flat_map(PluginUse::words) {
        println!("{}", language::told(&words));
    }
    let version = install_file(&services, &trust, file).await?;
    say!("Đã cài đặt phiên bản {version}", "Installed version {version}");
    say!(
        "Tiếp theo: motcua procedure publish {} --dir {}", "Next: motcua procedure publish {} --dir {}";
        version.short(), dir.display()
    );
    Ok(CommandOutcome::Fine)
}

/// The meaning of a word on the command line: a package, a procedure of the folder, or an installed version.
enum PackageSource {
    Package(PathBuf),
    Folder(Box<Declared>),
    Version(String),
}

impl PackageSource {
    fn parse(province: &ProvinceFolder, word: &str) -> anyhow::Result<Self> {
        let is_digest = word.len() >= 6 && word.bytes().all(|b| b.is_ascii_hexdigit());
        if Path::new(word).is_file() {
            Ok(Self::Package(PathBuf::from(word)))
        } else if word.contains('/') {
            Ok(Self::Folder(Box::new(declared(province, word)?.clone())))
        } else if is_digest {
            Ok(Self::Version(word.to_lowercase()))
        } else {
            bail!(told!(
                "`{word}` không phải là tệp, cơ quan/tên, hay phần đầu của mã băm một phiên bản",
                "`{word}` is neither a file, nor agency/name, nor the beginning of a version's digest"
            ))
        }
    }

    /// Returns the named procedure, without changing anything.
    async fn procedure(&self, services: &Services, trust: &PackageTrust) -> anyhow::Result<Arc<Procedure>> {
        match self {
            Self::Package(file) => {
                let package = package::open(&read(file)?).map_err(|reason| refused(&reason.text()))?;
                let declared = package.read(services.province(), &trust.builtin);
                Ok(declared.map_err(|mistakes| told(NotInstalled::Mistakes(mistakes)))?.procedure)
            }
            Self::Folder(declared) => Ok(declared.procedure.clone()),
            Self::Version(beginning) => {
                Ok(services.procedures.installed_version(&Actor::System, &version(services, beginning).await?).await?)
            }
        }
    }
}

pub async fn version(services: &Services, beginning: &str) -> anyhow::Result<Digest> {
    let all = services.procedures.installed(&Actor::System).await?;
    let mut found = all.into_iter().map(|installed| installed.version).filter(|v| v.as_str().starts_with(beginning));
    match (found.next(), found.next()) {
        (Some(version), None) => Ok(version),
        (None, _) => bail!(told!(
            "không phiên bản đã cài đặt nào bắt đầu bằng {beginning}; xem motcua procedure list --published",
            "no installed version begins with {beginning}; see motcua procedure list --published"
        )),
        _ => bail!(told!(
            "nhiều phiên bản đã cài đặt bắt đầu bằng {beginning}; hãy viết dài hơn",
            "several installed versions begin with {beginning}; write more of the digest"
        )),
    }
}

pub async fn publish(dir: &Path, what: &str) -> anyhow::Result<CommandOutcome> {
    let province = ProvinceFolder::read(dir, &TimeSource::System)?.to(CommandAccess::Change);
    let what = PackageSource::parse(&province, what)?;
    let trust = province.trust();
    let services = services(province).await?;
    let version = match what {
        PackageSource::Package(file) => install_file(&services, &trust, &file).await?,
        PackageSource::Folder(declared) => {
            services.procedures.install_declared(&Actor::System, *declared, None).await.map_err(told)?
        }
        PackageSource::Version(beginning) => version(&services, &beginning).await?,
    };
    let changes = services.procedures.publish(&Actor::System, &version).await?;
    say!("Đã công bố phiên bản {version}", "Published version {version}");
    print_changes(&changes);
    Ok(CommandOutcome::Fine)
}

/// Prints the file of an installed version, or writes all its TOML files into a new folder.
pub async fn source(dir: &Path, beginning: &str, out: Option<&Path>) -> anyhow::Result<CommandOutcome> {
    let services = services(ProvinceFolder::read(dir, &TimeSource::System)?).await?;
    let version = version(&services, &beginning.to_lowercase()).await?;
    let files = match services.procedures.source(&Actor::System, &version).await {
        Err(motcua_service::Error::NotFound) => {
            bail!(told!(
                "phiên bản {} được cài đặt khi cổng chưa giữ văn bản; hãy công bố lại",
                "version {} was installed before the portal kept texts; publish it again";
                version.short()
            ))
        }
        files => files?,
    };
    let Some(out) = out else {
        let main = files.iter().find(|(file, _)| file.ends_with("/procedure.toml"));
        let (_, text) =
            main.with_context(|| told!("phiên bản không có procedure.toml", "the version has no procedure.toml"))?;
        print!("{text}");
        return Ok(CommandOutcome::Fine);
    };
    if !is_empty(out) {
        bail!(not_empty(out));
    }
    for (file, text) in &files {
        let is_plain = file.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
        ensure!(
            is_plain,
            told!(
                "phiên bản có tệp `{file}` nằm ngoài thư mục của nó",
                "the version has a file `{file}` outside of its folder"
            )
        );
        let path = out.join(file);
        let said = || cannot_write(path.display());
        std::fs::create_dir_all(path.parent().unwrap_or(out)).with_context(said)?;
        std::fs::write(&path, text).with_context(said)?;
        println!("{}", path.display());
    }
    Ok(CommandOutcome::Fine)
}

fn print_changes(changes: &[VersionChange]) {
    for VersionChange(text) in changes {
        println!("  {}", language::told(text));
    }
}

pub async fn retire(dir: &Path, code: &str) -> anyhow::Result<CommandOutcome> {
    let services = services(ProvinceFolder::read(dir, &TimeSource::System)?.to(CommandAccess::Change)).await?;
    services
        .procedures
        .retire(&Actor::System, &ProcedureCode(code.to_owned()))
        .await
        .with_context(|| told!("thủ tục {code}", "procedure {code}"))?;
    say!(
        "Thủ tục {code} không còn được cung cấp; các hồ sơ đang giải quyết vẫn tiếp tục",
        "Procedure {code} is no longer offered; dossiers under way go on"
    );
    Ok(CommandOutcome::Fine)
}

pub async fn diff(dir: &Path, new: &str, old: Option<&str>) -> anyhow::Result<CommandOutcome> {
    let province = ProvinceFolder::read(dir, &TimeSource::System)?;
    let new = PackageSource::parse(&province, new)?;
    let old = old.map(|old| PackageSource::parse(&province, old)).transpose()?;
    let trust = province.trust();
    let services = services(province).await?;
    let new = new.procedure(&services, &trust).await?;
    let old = match old {
        Some(old) => Some(old.procedure(&services, &trust).await?),
        None => services.procedures.catalogue().procedure(&new.code).map(|live| live.procedure.clone()),
    };
    match old.map(|old| changes(&old, &new)) {
        None => say!("{} chưa được cung cấp", "{} is not offered yet"; new.code),
        Some(changes) if changes.is_empty() => {
            say!("Không có gì thay đổi đối với người dân", "Nothing changes for the citizen");
        }
        Some(changes) => print_changes(&changes),
    }
    Ok(CommandOutcome::Fine)
}

/// Writes a version as JSON. A version of the folder needs no database.
pub async fn keep(dir: &Path, what: &str, out: &Path) -> anyhow::Result<CommandOutcome> {
    let province = ProvinceFolder::read(dir, &TimeSource::System)?;
    let procedure = match PackageSource::parse(&province, what)? {
        PackageSource::Folder(declared) => declared.procedure.clone(),
        other => {
            let trust = province.trust();
            other.procedure(&services(province).await?, &trust).await?
        }
    };
    if let Some(folder) = out.parent() {
        std::fs::create_dir_all(folder).with_context(|| cannot_make(folder.display()))?;
    }
    std::fs::write(out, serde_json::to_vec_pretty(&*procedure)?).with_context(|| cannot_write(out.display()))?;
    say!("Đã ghi {}, phiên bản {}", "Wrote {}, version {}"; out.display(), procedure.digest());
    Ok(CommandOutcome::Fine)
}

pub async fn list(dir: &Path) -> anyhow::Result<CommandOutcome> {
    let services = services(ProvinceFolder::read(dir, &TimeSource::System)?).await?;
    let offered = services.procedures.offered(&Actor::System).await?;
    for live in &offered.procedures {
        let state =
            if live.is_open() { told!("đã công bố  ", "published") } else { told!("ngừng       ", "retired  ") };
        println!("{state}  {}", line(&live.procedure, &live.version));
    }
    for pending in &offered.pending {
        let installed = line(&pending.procedure, &pending.installed.version);
        say!("đã cài đặt    {installed}", "installed  {installed}");
    }
    Ok(CommandOutcome::Fine)
}
