//! The files of a theme.

use include_dir::{Dir, include_dir};
use motcua_domain::displayed_in_english;
use motcua_domain::text::Text;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The default theme, which is in the binary.
pub static DEFAULT: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../themes/default");

/// The reason why a theme cannot be used.
#[derive(Debug)]
pub enum Unusable {
    Missing(PathBuf),
    File { file: String, reason: String },
}

impl Unusable {
    /// Returns the reason in words. The reasons of libraries are in English.
    pub fn text(&self) -> Text {
        match self {
            Self::Missing(folder) => {
                let folder = folder.display();
                motcua_domain::text!(
                    "{folder}: không có thư mục giao diện này",
                    "{folder}: there is no such theme folder"
                )
            }
            Self::File { file, reason } => {
                motcua_domain::text!("{file}: không dùng được: {reason}", "{file}: {reason}")
            }
        }
    }
}

displayed_in_english!(Unusable);

/// The files of one theme, by path within it.
pub type ThemeFiles = BTreeMap<String, Vec<u8>>;

/// Adds the files in the binary below a folder.
pub fn embedded(dir: &Dir<'_>, files: &mut ThemeFiles) {
    for file in dir.files() {
        files.insert(file.path().to_string_lossy().replace('\\', "/"), file.contents().to_vec());
    }
    for inner in dir.dirs() {
        embedded(inner, files);
    }
}

/// Adds the files below a folder by their paths from `root`.
pub fn on_disk(root: &Path, folder: &Path, files: &mut ThemeFiles) -> Result<(), Unusable> {
    let unusable =
        |error: std::io::Error| Unusable::File { file: folder.display().to_string(), reason: error.to_string() };
    for entry in std::fs::read_dir(folder).map_err(unusable)? {
        let path = entry.map_err(unusable)?.path();
        if path.is_dir() {
            on_disk(root, &path, files)?;
        } else {
            let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            files.insert(name, std::fs::read(&path).map_err(unusable)?);
        }
    }
    Ok(())
}

/// Returns the media type of a file by the end of its name.
pub fn media_type(file: &str) -> &'static str {
    let (_, end) = file.rsplit_once('.').unwrap_or_default();
    match end.to_ascii_lowercase().as_str() {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/vnd.microsoft.icon",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "ttf" => "font/ttf",
        "otf" => "font/otf",
        _ => "application/octet-stream",
    }
}

/// Returns a file of the theme `name` as text. A file that does not exist is empty.
pub fn text(name: &str, files: &ThemeFiles, file: &str) -> Result<String, Unusable> {
    let bytes = files.get(file).cloned().unwrap_or_default();
    String::from_utf8(bytes)
        .map_err(|_| Unusable::File { file: format!("{name}/{file}"), reason: "it is not UTF-8 text".to_owned() })
}

#[cfg(test)]
mod tests {
    use super::media_type;

    #[test]
    fn a_file_has_the_media_type_of_its_name() {
        for (file, kind) in [
            ("style.css", "text/css; charset=utf-8"),
            ("portal.js", "text/javascript; charset=utf-8"),
            ("fonts/noto-sans.woff2", "font/woff2"),
            ("fonts/NOTO.TTF", "font/ttf"),
            ("pictures/cover.jpg", "image/jpeg"),
            ("woff2", "application/octet-stream"),
            ("a.html", "application/octet-stream"),
        ] {
            assert_eq!(media_type(file), kind, "{file}");
        }
    }
}
