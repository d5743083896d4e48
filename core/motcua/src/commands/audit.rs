//! `motcua audit`

use crate::access::CommandAccess;
use crate::cli::AuditCommand;
use crate::output::{cannot_read, cannot_write, not_a_code};
use crate::runtime::ProvinceFolder;
use crate::{CommandOutcome, log_key};
use anyhow::{Context as _, bail};
use motcua_domain::names::DossierCode;
use motcua_domain::time::calendar::instant;
use motcua_domain::transparency::consistency::{self, Consistency};
use motcua_domain::transparency::note::VerifierKey;
use motcua_domain::transparency::proof::Proof;
use motcua_service::TimeSource;
use motcua_store::Database;
use motcua_store::journal::JournalReport;
use motcua_store::log::{HEAD_FILE, LogTrust, Sealed, read_kept};
use motcua_store::projections::Rebuilt;
use serde::Deserialize;
use std::path::Path;

/// The largest proof file that is read, in bytes.
const LARGEST_PROOF: u64 = 16 << 20;

pub async fn run(dir: &Path, command: AuditCommand, access: CommandAccess) -> anyhow::Result<CommandOutcome> {
    if let AuditCommand::CheckProof { file, key } = &command {
        return check_proof(file, key);
    }
    if let AuditCommand::Prove { code, to } = &command {
        return prove(dir, code, to, access).await;
    }
    let province = ProvinceFolder::read(dir, &TimeSource::System)?.to(access);
    let database = match &command {
        // A role that serves may only add readings.
        AuditCommand::ForgetReadings { .. } => province.database_to_migrate().await?,
        _ => province.database().await?,
    };
    match command {
        AuditCommand::Verify { kept } => verify(dir, kept.as_deref(), &database).await,
        AuditCommand::Rebuild => rebuild(dir, &database).await,
        AuditCommand::Head => head(&database).await,
        AuditCommand::Consistency { old, new, to } => {
            prove_consistency(dir, &database, &old, new.as_deref(), &to).await
        }
        AuditCommand::RotateKey => rotate(&province, &database).await,
        AuditCommand::ForgetReadings { before } => {
            let forgotten = database.forget_readings(instant(before.at(0, 0, 0, 0)).as_second()).await?;
            say!(
                "đã xóa {forgotten} lượt đọc trước ngày {before}",
                "deleted {forgotten} readings from before {before}"
            );
            Ok(CommandOutcome::Fine)
        }
        AuditCommand::CheckProof { .. } | AuditCommand::Prove { .. } => Ok(CommandOutcome::Fine),
    }
}

/// Verifies the journal and the log, and prints the heads and keys with which they are compared.
async fn verify(dir: &Path, kept: Option<&Path>, database: &Database) -> anyhow::Result<CommandOutcome> {
    let keys = log_key::public(dir)?;
    if keys.is_empty() && database.log_head().await?.is_some() {
        say!(
            "thư mục cài đặt không có {}, nên phải tin các khóa trong cơ sở dữ liệu",
            "the install folder has no {}, so the keys in the database are believed";
            log_key::PUBLIC
        );
    }
    let (kept, place) = match kept {
        Some(file) => (Some(read(file)?), file.to_owned()),
        None => (read_kept(dir).await?, dir.join(HEAD_FILE)),
    };
    match kept {
        Some(_) => say!(
            "nhật ký được so với đầu trong {}", "the log is compared with the head in {}";
            place.display()
        ),
        None => say!(
            "{} không giữ đầu nào, nên nhật ký không được so với đầu nào",
            "no head is kept in {}, so the log is compared with none";
            place.display()
        ),
    }
    Ok(tell(&database.verify(&LogTrust { keys, kept }).await?))
}

fn read(file: &Path) -> anyhow::Result<String> {
    let unreadable = || cannot_read(file.display());
    let bytes = std::fs::metadata(file).with_context(unreadable)?.len();
    if bytes > LARGEST_PROOF {
        bail!(told!(
            "{} lớn hơn {LARGEST_PROOF} byte", "{} is larger than {LARGEST_PROOF} bytes";
            file.display()
        ));
    }
    std::fs::read_to_string(file).with_context(unreadable)
}

/// Prints the findings.
pub fn tell(report: &JournalReport) -> CommandOutcome {
    if !report.is_sound() {
        say!("{} chỗ sai:", "{} things are wrong:"; report.wrong);
        for finding in &report.findings {
            println!("- {finding}");
        }
        return CommandOutcome::Findings;
    }
    say!(
        "sổ nhật ký nguyên vẹn: {} sự kiện của {} hồ sơ", "the journal is sound: {} events of {} dossiers";
        report.entries, report.dossiers
    );
    if report.migrated > 0 {
        say!(
            "{} trong số đó có giá trị băm của phiên bản 0.1, cũng khớp",
            "{} of them have the hashes of version 0.1, which fit too";
            report.migrated
        );
    }
    say!(
        "{} đã niêm phong trong nhật ký; {} còn chờ và chỉ được chuỗi băm bảo vệ",
        "{} are sealed in the log; {} wait and are protected by their chain alone";
        report.sealed, report.unsealed
    );
    if let Some(head) = &report.head {
        say!("đầu đã ký:\n{head}", "the signed head:\n{head}");
        say!(
            "Hãy giữ nó ở nơi khác: lần chạy sau với --kept FILE chứng minh không có gì trước đó bị thay đổi.",
            "Keep it elsewhere: with --kept FILE a later run proves that nothing before it changed."
        );
    }
    CommandOutcome::Fine
}

/// Recomputes the lists from a sound journal. Rows of dossiers that the journal lacks stay.
async fn rebuild(dir: &Path, database: &Database) -> anyhow::Result<CommandOutcome> {
    let report = database.verify(&LogTrust { keys: log_key::public(dir)?, kept: None }).await?;
    if report.journal_is_wrong {
        tell(&report);
        say!(
            "Các danh sách được giữ nguyên, vì có thể là chứng cứ cuối cùng. Hãy khôi phục sổ nhật ký trước.",
            "The lists were left as they are, because they may be the last evidence. Restore the journal first."
        );
        return Ok(CommandOutcome::Findings);
    }
    Ok(tell_rebuilt(&database.rebuild_projections().await?))
}

/// Prints the result of recomputing the lists.
pub fn tell_rebuilt(rebuilt: &Rebuilt) -> CommandOutcome {
    say!(
        "đã lập lại danh sách của {} hồ sơ từ sổ nhật ký",
        "the lists of {} dossiers were made again from the journal";
        rebuilt.dossiers
    );
    if rebuilt.erased > 0 {
        say!(
            "{} hồ sơ giữ nguyên các dòng, vì nội dung đã bị xóa bỏ",
            "{} dossiers keep their rows, because their content was removed";
            rebuilt.erased
        );
    }
    if rebuilt.failed.count > 0 {
        say!(
            "{} hồ sơ không đọc được và giữ nguyên các dòng như trước:",
            "{} dossiers cannot be read and keep their rows as they were:";
            rebuilt.failed.count
        );
        for failed in &rebuilt.failed.first {
            println!("- {}: {}", failed.code, failed.reason);
        }
    }
    if rebuilt.without_journal.count > 0 {
        say!(
            "sổ nhật ký thiếu {} hồ sơ, vẫn còn trong các danh sách:",
            "the journal lacks {} dossiers, which stay in the lists:";
            rebuilt.without_journal.count
        );
        for code in &rebuilt.without_journal.first {
            println!("- {code}");
        }
    }
    if rebuilt.is_whole() { CommandOutcome::Fine } else { CommandOutcome::Findings }
}

/// Prints the last signed head and nothing else, so that it can be stored in a file.
async fn head(database: &Database) -> anyhow::Result<CommandOutcome> {
    let Some(head) = database.log_head().await? else {
        bail!(told!(
            "chưa niêm phong gì; cổng niêm phong khi đang chạy",
            "nothing is sealed yet; the portal seals while it runs"
        ))
    };
    print!("{}", head.note);
    Ok(CommandOutcome::Fine)
}

async fn prove(dir: &Path, code: &str, to: &Path, access: CommandAccess) -> anyhow::Result<CommandOutcome> {
    let code = DossierCode::parse(code).with_context(|| not_a_code(code))?;
    // A missing database is not created.
    let province = ProvinceFolder::read(dir, &TimeSource::System)?;
    let Some(proof) = province.database().await?.prove(&code).await? else {
        bail!(told!(
            "nhật ký không có mục nào của {code}; cổng niêm phong các mục khi đang chạy",
            "the log has no entry of {code}; the portal seals entries while it runs"
        ));
    };
    // The file contains the content of the dossier.
    let database = province.to(access).database().await?;
    database.log_command_reading(&code, "motcua audit prove", TimeSource::System.now().as_second()).await?;
    let text = serde_json::to_string_pretty(&proof)?;
    std::fs::write(to, text).with_context(|| cannot_write(to.display()))?;
    say!(
        "đã ghi chứng minh cho {} mục của {code} vào {}", "wrote the proof of {} entries of {code} to {}";
        proof.entries.len(), to.display()
    );
    anybody_can_check(to);
    Ok(CommandOutcome::Fine)
}

fn anybody_can_check(proof: &Path) {
    say!(
        "Ai cũng kiểm tra được mà không cần cổng: motcua audit check-proof {}",
        "Anybody can check it without the portal: motcua audit check-proof {}";
        proof.display()
    );
}

/// Writes the proof that the log begins with an older head.
async fn prove_consistency(
    dir: &Path,
    database: &Database,
    old: &Path,
    new: Option<&Path>,
    to: &Path,
) -> anyhow::Result<CommandOutcome> {
    let (older, newer) = (read(old)?, new.map(read).transpose()?);
    let proof = match database.prove_consistency(&older, newer.as_deref(), &log_key::public(dir)?).await? {
        Ok(proof) => proof,
        Err(reason) => {
            say!("không chứng minh được: {reason}", "not proved: {reason}");
            return Ok(CommandOutcome::Findings);
        }
    };
    let text = serde_json::to_string_pretty(&proof)?;
    std::fs::write(to, text).with_context(|| cannot_write(to.display()))?;
    say!(
        "đã ghi chứng minh nhật ký bắt đầu bằng {} vào {}", "wrote the proof that the log begins with {} to {}";
        old.display(), to.display()
    );
    anybody_can_check(to);
    Ok(CommandOutcome::Fine)
}

/// The part of a proof that every format has.
#[derive(Deserialize)]
struct ProofPreface {
    format: String,
}

fn check_proof(file: &Path, keys: &[String]) -> anyhow::Result<CommandOutcome> {
    let trusted =
        keys.iter().map(|key| key.parse().with_context(|| told!("`{key}` không phải là khóa", "`{key}` is not a key")));
    let trusted: Vec<VerifierKey> = trusted.collect::<anyhow::Result<_>>()?;
    let text = read(file)?;
    let not_a_proof = || told!("{} không phải là chứng minh", "{} is not a proof"; file.display());
    let preface: ProofPreface = serde_json::from_str(&text).with_context(not_a_proof)?;
    if preface.format == consistency::FORMAT {
        return Ok(check_consistency(&serde_json::from_str(&text).with_context(not_a_proof)?, &trusted));
    }
    let proof: Proof = serde_json::from_str(&text).with_context(not_a_proof)?;
    let proven = match proof.check(&trusted) {
        Ok(proven) => proven,
        Err(error) => {
            say!("không chứng minh được: {error}", "not proven: {error}");
            return Ok(CommandOutcome::Findings);
        }
    };
    say!(
        "đã chứng minh: {} mục của hồ sơ {}, theo thứ tự này", "proven: {} entries of dossier {}, in this order";
        proven.entries, proof.dossier
    );
    for entry in &proof.entries {
        let erased = if entry.payload.is_none() {
            told!(" (nội dung không có trong tệp)", " (its content is not in the file)")
        } else {
            String::new()
        };
        println!("  {} {} {}{erased}", entry.version, entry.at, entry.event);
    }
    say!(
        "dưới đầu ngày {} có {} mục, do {} ký", "under the head of {} with {} entries, signed by {}";
        proven.head.at, proven.head.size, proven.signed_by
    );
    tell_of_keys(&proven.signed_by, proven.key_is_from_the_file, &trusted);
    Ok(CommandOutcome::Fine)
}

/// Checks the proof that a head begins with an older head.
fn check_consistency(proof: &Consistency, trusted: &[VerifierKey]) -> CommandOutcome {
    let proven = match proof.check(trusted) {
        Ok(proven) => proven,
        Err(error) => {
            say!("không chứng minh được: {error}", "not proven: {error}");
            return CommandOutcome::Findings;
        }
    };
    let (old, new) = (&proven.old, &proven.new);
    say!(
        "đã chứng minh: đầu ngày {} có {} mục bắt đầu bằng", "proven: the head of {} with {} entries begins with";
        new.at, new.size
    );
    say!(
        "đầu ngày {} có {} mục, nên không có gì trước đó bị thay đổi",
        "the head of {} with {} entries, so nothing before it was changed";
        old.at, old.size
    );
    say!("do {} ký", "signed by {}"; proven.signed_by);
    tell_of_keys(&proven.signed_by, proven.key_is_from_the_file, trusted);
    CommandOutcome::Fine
}

/// Prints the doubts about the key that the check leaves open.
fn tell_of_keys(signed_by: &VerifierKey, from_the_file: bool, trusted: &[VerifierKey]) {
    if from_the_file {
        say!(
            "Khóa lấy từ chính tệp đó. Hãy so với khóa mà tỉnh công bố, hoặc nêu khóa ấy bằng\n--key.",
            "The key comes from the same file. Compare it with the key that the province publishes, or name that\none \
             with --key."
        );
    } else if trusted.last() != Some(signed_by) {
        say!(
            "Đó không phải là khóa cuối trong các khóa được nêu. Nếu nhật ký cho biết một khóa mới hơn trước đầu này,\n\
             thì đừng tin đầu này. Cổng kiểm tra việc này tại địa chỉ /log.",
            "It is not the last of the keys that you named. If the log tells of a newer key before this head,\n\
             do not trust the head. The portal checks this at the address /log."
        );
    }
}

async fn rotate(province: &ProvinceFolder, database: &Database) -> anyhow::Result<CommandOutcome> {
    let dir = &province.dir;
    let old = log_key::read(dir, &province.settings.base_url)?;
    let old = old.with_context(|| told!("{} không có {}", "{} has no {}"; dir.display(), log_key::SECRET))?;
    let new = log_key::next(dir, &old.key)?;
    if database.log_keys().await?.last() == Some(new.verifier()) {
        // The command was stopped after the log had recorded the key.
        log_key::take_over(dir, &new)?;
        say!("khóa mới {} đã vào chỗ", "the new key {} is in place"; new.verifier());
        return Ok(CommandOutcome::Fine);
    }
    match database.rotate_log_key(&old, new.verifier(), TimeSource::System.now()).await? {
        Sealed::Entries(_) => {
            log_key::take_over(dir, &new)?;
            say!("nhật ký đã ghi khóa mới {}", "the log tells of the new key {}"; new.verifier());
            say!(
                "Hãy chép {} và {} đến mọi nút rồi khởi động lại các nút.",
                "Copy {} and {} to every node and start the nodes again.";
                log_key::SECRET, log_key::PUBLIC
            );
            Ok(CommandOutcome::Fine)
        }
        Sealed::Busy => {
            bail!(told!("một nút đang niêm phong; hãy chạy lại lệnh", "a node seals now; run the command again"))
        }
    }
}
