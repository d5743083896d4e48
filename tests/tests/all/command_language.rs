//! The language of the command line: that of `--lang`, or that of the locale.

use crate::command_line::{path, run, said};
use motcua_tests::process::motcua;
use std::path::Path;

/// Writes an install folder with a wrong key and a wrong limit.
fn write_faulty(province: &Path) {
    said(&run(&["init", path(province)]), 0);
    let procedure = "procedures/ubnd-xa/xac-nhan-cu-tru/procedure.toml";
    for (file, from, to) in [
        ("motcua.toml", "listen = \"127.0.0.1:8080\"", "lissen = \"127.0.0.1:8080\""),
        (procedure, "limit = \"1 working-day\"", "limit = \"1 day\""),
    ] {
        let file = province.join(file);
        let text = std::fs::read_to_string(&file).expect("a file");
        assert!(text.contains(from), "{from}");
        std::fs::write(&file, text.replace(from, to)).expect("written");
    }
}

const VIETNAMESE: [&str; 5] = [
    "lỗi[unknown-key]: không có khóa `lissen`",
    "có phải ý bạn là `listen` không?",
    "lỗi[bad-limit]: `1 day` không phải là thời hạn",
    "hãy viết một số nguyên từ 1 đến",
    "2 lỗi; motcua explain CODE giải thích thêm từng lỗi",
];

const ENGLISH: [&str; 5] = [
    "error[unknown-key]: unknown key `lissen`",
    "did you mean `listen`?",
    "error[bad-limit]: `1 day` is not a limit",
    "write a whole number from 1 to",
    "2 mistakes; motcua explain CODE tells more of each",
];

#[test]
fn a_faulty_folder_is_told_in_the_language_of_the_option_or_else_of_the_locale() {
    let dir = tempfile::tempdir().expect("a folder");
    let province = dir.path().join("tinh");
    write_faulty(&province);
    for (option, locale, expected, others) in [
        (Some("vi"), "C", VIETNAMESE, ENGLISH),
        (Some("en"), "vi_VN.UTF-8", ENGLISH, VIETNAMESE),
        (None, "vi_VN.UTF-8", VIETNAMESE, ENGLISH),
        (None, "fr_FR.UTF-8", ENGLISH, VIETNAMESE),
    ] {
        let mut command = motcua();
        command.args(["check", path(&province)]).env("LC_ALL", locale);
        if let Some(option) = option {
            command.args(["--lang", option]);
        }
        let told = said(&command.output().expect("it runs"), 1);
        for words in expected {
            assert!(told.contains(words), "{option:?} {locale}: `{words}` is not in\n{told}");
        }
        for words in others {
            assert!(!told.contains(words), "{option:?} {locale}: `{words}` is in\n{told}");
        }
    }
    let refused = said(&run(&["--lang", "vi", "procedure", "list", path(&province)]), 1);
    assert!(refused.contains("thư mục cài đặt có 2 lỗi") && refused.contains(VIETNAMESE[0]), "{refused}");
}

#[test]
fn tools_get_the_same_keys_in_both_languages_and_other_words() {
    let dir = tempfile::tempdir().expect("a folder");
    let province = dir.path().join("tinh");
    write_faulty(&province);
    let told = |language: &str| -> serde_json::Value {
        let output = run(&["check", "--format", "json", "--lang", language, path(&province)]);
        serde_json::from_slice(&output.stdout).expect("JSON")
    };
    let (mut vi, mut en) = (told("vi"), told("en"));
    assert_eq!(vi["mistakes"][0]["message"], "không có khóa `lissen`");
    assert_eq!(en["mistakes"][0]["message"], "unknown key `lissen`");
    for report in [&mut vi, &mut en] {
        for mistake in report["mistakes"].as_array_mut().expect("a list") {
            for key in ["message", "help"] {
                assert!(mistake[key].take().is_string(), "{mistake}");
            }
        }
    }
    assert_eq!(vi, en);
}

#[test]
fn commands_print_in_the_language_of_the_option() {
    let dir = tempfile::tempdir().expect("a folder");
    let province = dir.path().join("tinh");
    let begun = said(&run(&["init", path(&province), "--lang", "vi"]), 0);
    assert!(begun.contains("Đã tạo") && begun.contains("tìm lỗi sau mỗi lần sửa"), "{begun}");
    let at = "ubnd-xa/xac-nhan-cu-tru";
    let folder = ["--dir", path(&province), "--lang", "vi"];
    let set = |key: &str, value: &str, code: i32| {
        let words: Vec<&str> = ["procedure", "set", at, key, value].into_iter().chain(folder).collect();
        said(&run(&words), code)
    };
    assert!(set("level", "3", 0).contains("đã đặt level"));
    assert!(set("levl", "3", 1).contains("ở đây không có khóa `levl`"));
    let renamed: Vec<&str> =
        ["procedure", "rename", at, "field", "full_nam", "name"].into_iter().chain(folder).collect();
    assert!(said(&run(&renamed), 1).contains("không có trường `full_nam`"));
    let asked: Vec<&str> = ["procedure", "diagram", "khong/co"].into_iter().chain(folder).collect();
    assert!(said(&run(&asked), 1).contains("thư mục không có thủ tục `khong/co`"));
    assert!(said(&run(&["mail", "--help", "--lang", "vi"]), 0).contains("Máy chủ thư"));
    assert!(said(&run(&["explain", "refused", "--lang", "vi"]), 0).contains("visit-too-soon"));
    let (elsewhere, archive) = (dir.path().join("khac"), dir.path().join("sao-luu.tar"));
    let backup = ["backup", "--dir", path(&elsewhere), "--to", path(&archive), "--lang", "vi"];
    assert!(said(&run(&backup), 1).contains("nên không phải là thư mục cài đặt"));
    let restore = ["restore", path(&archive), "--dir", path(&province), "--lang", "vi"];
    assert!(said(&run(&restore), 1).contains("không trống; hãy nêu một thư mục chưa có"));
}

#[test]
fn a_code_is_explained_in_the_language_that_is_asked_for() {
    let vi = said(&run(&["explain", "unknown-key", "--lang", "vi"]), 0);
    assert!(vi.contains("## Cách sửa") && vi.contains("Một khóa không được biết ở chỗ này"), "{vi}");
    let en = said(&run(&["explain", "unknown-key"]), 0);
    assert!(en.contains("## What to do") && en.contains("A key is not known at this place"), "{en}");
    assert!(said(&run(&["explain", "no-such-code", "--lang", "vi"]), 1).contains("motcua explain liệt kê mọi mã"));
}
