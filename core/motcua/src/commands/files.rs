//! `motcua files`

use crate::CommandOutcome;
use crate::access::CommandAccess;
use crate::cli::FilesCommand;
use crate::runtime::ProvinceFolder;
use motcua_service::TimeSource;
use motcua_store::files::CheckDepth;
use std::path::Path;

pub async fn run(dir: &Path, command: FilesCommand, access: CommandAccess) -> anyhow::Result<CommandOutcome> {
    let province = ProvinceFolder::read(dir, &TimeSource::System)?.to(access);
    let (database, files) = (province.database().await?, province.files()?);
    match command {
        FilesCommand::Verify => {
            let checked = files.verify(&database, CheckDepth::Content).await?;
            for finding in &checked.findings {
                println!("{finding}");
            }
            say!("{} tệp vẫn như khi được lưu", "{} files are as they were stored"; checked.sound);
            if checked.unfinished > 0 {
                say!(
                    "{} lần tải lên bị ngắt; motcua files sweep xóa chúng sau một tuần",
                    "{} uploads broke off; motcua files sweep deletes them after a week";
                    checked.unfinished
                );
            }
            if checked.findings.is_empty() {
                return Ok(CommandOutcome::Fine);
            }
            say!(
                "{} tệp bị mất; hãy khôi phục từ bản sao lưu", "{} files are lost; restore them from a backup";
                checked.findings.len()
            );
            Ok(CommandOutcome::Findings)
        }
        FilesCommand::Sweep { dry_run } => {
            let swept = files.sweep(&database, TimeSource::System.now().as_second(), dry_run).await?;
            let verb = if dry_run { told!("sẽ xóa", "would delete") } else { told!("đã xóa", "deleted") };
            say!(
                "{verb} {} tệp ({} byte) và {} lần tải lên dở dang",
                "{verb} {} files ({} bytes) and {} unfinished uploads";
                swept.files, swept.bytes, swept.uploads
            );
            Ok(CommandOutcome::Fine)
        }
    }
}
