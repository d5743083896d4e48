//! `motcua theme new`: a small theme to begin with.

use crate::CommandOutcome;
use crate::output::cannot_write;
use anyhow::{Context as _, bail};
use motcua_catalogue::is_slug;
use std::path::Path;

/// The manifest. The colours are those of the guide for themes.
const MANIFEST: &str = r##"# Giao diện của tỉnh. Mọi thứ không nêu ở đây theo giao diện `default`.
# The face of the province. The rest is that of the theme `default`.
parent = "default"

[tokens]
color-primary = "#14532d"
color-primary-dark = "#0c3a1f"
color-accent = "#b45309"
"##;

/// The texts of the theme by file: the title of the start page, in both languages.
const TEXTS: [(&str, &str); 2] = [
    ("locales/vi.ftl", "home-title = Hôm nay bạn cần làm thủ tục gì?\n"),
    ("locales/en.ftl", "home-title = What do you need to get done today?\n"),
];

/// Writes a theme into a folder that does not exist yet.
pub fn run(dir: &Path) -> anyhow::Result<CommandOutcome> {
    let name = dir.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    if !is_slug(&name) || name == "default" {
        bail!(told!(
            "`{name}`: hãy đặt tên thư mục bằng chữ thường không dấu, chữ số và -, và không phải là `default`",
            "`{name}`: name the folder with small letters, digits and -, and not `default`"
        ));
    }
    if dir.exists() {
        bail!(told!(
            "{} đã có; hãy nêu một thư mục chưa có",
            "{} exists; name a folder that does not exist yet";
            dir.display()
        ));
    }
    write(&dir.join("theme.toml"), MANIFEST)?;
    for (file, text) in TEXTS {
        write(&dir.join(file), text)?;
    }
    write(&dir.join("README.md"), &read_me(&name))?;
    let shown = dir.display();
    say!("Đã ghi {shown}. Tiếp theo:", "Wrote {shown}. Next:");
    say!(
        "  theme = \"{name}\"   trong motcua.toml, nếu thư mục nằm trong themes/ của tỉnh",
        "  theme = \"{name}\"   in motcua.toml, if the folder is in themes/ of the province"
    );
    say!(
        "  motcua theme check {shown}   tìm lỗi sau mỗi lần sửa",
        "  motcua theme check {shown}   find problems after every change"
    );
    Ok(CommandOutcome::Fine)
}

/// Returns the lines that say what the files are for, in the language of this process.
fn read_me(name: &str) -> String {
    told!(
        "# Giao diện `{name}`\n\n\
         - `theme.toml`: các màu, phông chữ và độ bo góc. Mỗi giá trị thay một giá trị của giao diện `default`.\n\
         - `locales/vi.ftl`, `locales/en.ftl`: các câu chữ thay câu chữ cùng tên, bằng cả hai ngôn ngữ.\n\
         - `static/emblem.svg`: quốc huy hoặc biểu trưng; hãy thêm tệp này nếu muốn thay.\n\n\
         `motcua theme check` dựng mọi trang và kiểm tra độ tương phản của các màu.\n",
        "# The theme `{name}`\n\n\
         - `theme.toml`: colours, fonts and corners. Each value replaces one of the theme `default`.\n\
         - `locales/vi.ftl`, `locales/en.ftl`: texts that replace the text with the same name, in both languages.\n\
         - `static/emblem.svg`: the emblem; add this file to replace it.\n\n\
         `motcua theme check` renders every page and checks the contrast of the colours.\n"
    )
}

fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    let said = || cannot_write(file.display());
    std::fs::create_dir_all(file.parent().unwrap_or(file)).with_context(said)?;
    std::fs::write(file, text).with_context(said)
}
