//! The checks of the settings as a whole.

use super::ProvinceSettings;
use super::operating::{self, Listen};
use crate::reading::node::FileTable;
use motcua_domain::text;

/// Reports settings that the portal cannot use.
pub(super) fn check(root: &FileTable<'_>, settings: &ProvinceSettings) {
    check_addresses(root, settings);
    if !settings.trusted_proxies.is_empty() && !settings.behind_proxy {
        let message = text!(
            "`trusted_proxies` không có tác dụng khi thiếu `behind_proxy`",
            "`trusted_proxies` says nothing without `behind_proxy`"
        );
        let help = text!(
            "hãy viết thêm behind_proxy = true, hoặc bỏ trusted_proxies",
            "write behind_proxy = true too, or leave trusted_proxies out"
        );
        root.mistake("bad-address", 0..0, message, help);
    }
    if settings.sessions.idle > settings.sessions.end {
        let message =
            text!("`idle` dài hơn `end`, nên không có tác dụng", "`idle` is longer than `end`, so it says nothing");
        let help =
            text!("hãy viết thời gian ngắn hơn, ví dụ idle = \"2h\"", "write a shorter time, such as idle = \"2h\"");
        root.mistake("bad-duration", 0..0, message, help);
    }
    check_databases(root, settings);
}

fn check_addresses(root: &FileTable<'_>, settings: &ProvinceSettings) {
    let ProvinceSettings { listen, base_url, files, .. } = settings;
    if listen.parse::<Listen>().is_err() {
        let message = text!("`{listen}` không phải là địa chỉ có cổng", "`{listen}` is not an address with a port");
        let help = text!(
            "hãy viết listen = \"127.0.0.1:8080\" hoặc listen = \"unix:/run/motcua/motcua.sock\"",
            "write listen = \"127.0.0.1:8080\" or listen = \"unix:/run/motcua/motcua.sock\""
        );
        root.mistake("bad-address", root.place("listen"), message, help);
    }
    if !operating::is_origin(base_url) {
        let message = text!(
            "`{base_url}` không phải là địa chỉ dành cho người dùng",
            "`{base_url}` is not an address for people"
        );
        let help = text!(
            "hãy viết base_url = \"https://dichvucong.example.vn\", không có đường dẫn hay dấu gạch chéo ở cuối: cổng \
             nằm ở gốc của máy chủ",
            "write base_url = \"https://dichvucong.example.vn\", without a path or a slash at the end: the portal is \
             at the root of its host"
        );
        root.mistake("bad-address", root.place("base_url"), message, help);
    }
    let other_store = settings.bucket().is_none() && files.contains("://");
    if other_store || settings.bucket().is_some_and(|(bucket, _)| bucket.is_empty()) {
        let message = text!("`{files}` không phải là thư mục hay bucket", "`{files}` is neither a folder nor a bucket");
        let help = text!(
            "hãy viết files = \"data/files\" hoặc files = \"s3://bucket/prefix\"",
            "write files = \"data/files\" or files = \"s3://bucket/prefix\""
        );
        root.mistake("bad-address", root.place("files"), message, help);
    }
}

fn check_databases(root: &FileTable<'_>, settings: &ProvinceSettings) {
    for (key, url) in settings.databases() {
        let embedded = key == "database";
        let is_embedded = embedded && url.starts_with("sqlite://");
        if is_embedded || ["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
            continue;
        }
        // The message does not repeat the text, because it may contain a password.
        let span = root.place(key);
        let mut masked = root.source.clone();
        masked.text.replace_range(span.clone(), &"*".repeat(span.len()));
        let message =
            text!("`{key}` không phải là địa chỉ của cơ sở dữ liệu", "`{key}` is not the address of a database");
        let server = "\"postgres://user:password@host/name\"";
        let help = if embedded {
            text!("hãy viết \"sqlite://data/motcua.db\" hoặc {server}", "write \"sqlite://data/motcua.db\" or {server}")
        } else {
            text!("hãy viết {server}", "write {server}")
        };
        root.report.add("bad-database", &masked, span, message, help);
    }
}
