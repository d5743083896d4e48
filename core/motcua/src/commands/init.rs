//! `motcua init`

use crate::cli::SampleFolder;
use crate::{CommandOutcome, folder};
use motcua_domain::time::calendar::local;
use motcua_service::TimeSource;
use std::path::Path;

pub fn run(dir: &Path, sample: SampleFolder) -> anyhow::Result<CommandOutcome> {
    match sample {
        SampleFolder::Minimal => folder::write_minimal(dir, local(TimeSource::System.now()).year())?,
        SampleFolder::Binhduong => folder::write_binhduong(dir)?,
    }
    let dir = dir.display();
    say!("Đã tạo {dir}. Tiếp theo:", "Made {dir}. Next:");
    say!(
        "  motcua check {dir}                                   tìm lỗi sau mỗi lần sửa",
        "  motcua check {dir}                                   find mistakes after every change"
    );
    say!(
        "  motcua user password LOGIN --dir {dir}               đặt mật khẩu cho cán bộ trong organisation.toml",
        "  motcua user password LOGIN --dir {dir}               give an officer of organisation.toml a password"
    );
    say!(
        "  motcua user list --dir {dir}                         các cán bộ, và ai đăng nhập được",
        "  motcua user list --dir {dir}                         the officers, and who can log in"
    );
    say!(
        "  motcua serve --dir {dir}                             chạy cổng",
        "  motcua serve --dir {dir}                             run the portal"
    );
    Ok(CommandOutcome::Fine)
}
