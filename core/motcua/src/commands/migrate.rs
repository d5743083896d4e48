//! `motcua migrate`

use crate::CommandOutcome;
use crate::access::CommandAccess;
use crate::commands::audit;
use crate::runtime::ProvinceFolder;
use anyhow::{Context as _, bail, ensure};
use motcua_service::TimeSource;
use motcua_store::projections::Rebuilt;
use motcua_store::{Database, Granted};
use std::path::Path;

pub async fn run(
    dir: &Path,
    status: bool,
    role: Option<&str>,
    access: CommandAccess,
) -> anyhow::Result<CommandOutcome> {
    let database = ProvinceFolder::read(dir, &TimeSource::System)?.to(access).database_to_migrate().await?;
    ensure!(
        role.is_none() || database.kind() == "postgresql",
        told!("SQLite không có vai trò; hãy bỏ --grant", "SQLite has no roles; leave --grant out")
    );
    let pending = database.pending_migrations().await?;
    for name in &pending {
        if status {
            say!("còn chờ: {name}", "pending: {name}");
        } else {
            say!("đang cập nhật: {name}", "applying: {name}");
        }
    }
    if pending.is_empty() {
        say!("lược đồ cơ sở dữ liệu đã mới nhất", "the database schema is up to date");
    }
    if status {
        return Ok(if pending.is_empty() { CommandOutcome::Fine } else { CommandOutcome::Findings });
    }
    let rebuilt = database.migrate().await?.unwrap_or_default();
    if let Some(role) = role {
        grant(&database, role).await?;
    }
    database.close().await?;
    Ok(if rebuilt == Rebuilt::default() { CommandOutcome::Fine } else { audit::tell_rebuilt(&rebuilt) })
}

async fn grant(database: &Database, role: &str) -> anyhow::Result<()> {
    let granted = database.grant(role).await;
    let granted = granted.with_context(|| {
        told!(
            "không cấp quyền được cho {role}; lược đồ vẫn đã mới nhất",
            "cannot grant to {role}; the schema is up to date all the same"
        )
    })?;
    match granted {
        Granted::Done => say!(
            "{role} chạy được cổng, và không sửa được sổ nhật ký",
            "{role} may serve the portal, and cannot change the journal"
        ),
        Granted::TooMighty { role: other, way } => {
            let of = if other == role {
                String::new()
            } else {
                told!(", thành viên của vai trò {other}, vai trò này", ", a member of the role {other}, which")
            };
            bail!(told!(
                "{role} vẫn sửa được sổ nhật ký: {role}{of} {way}. Chưa cấp quyền nào. Hãy thu hồi quyền đó, hoặc tạo \
                 một vai trò riêng: CREATE ROLE motcua LOGIN PASSWORD '…'. Quyền của mọi người được thu hồi bằng REVOKE \
                 … FROM PUBLIC",
                "{role} could change the journal all the same: {role}{of} {way}. Nothing was granted. Take this away \
                 from it, or make a role of its own: CREATE ROLE motcua LOGIN PASSWORD '…'. A right of everybody is \
                 taken away by REVOKE … FROM PUBLIC"
            ))
        }
    }
    Ok(())
}
