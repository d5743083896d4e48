//! `motcua procedure import`

use crate::CommandOutcome;
use crate::commands::new_procedure::{KnownNames, place_for, quoted, write};
use crate::output::cannot_read;
use anyhow::{Context as _, bail};
use serde_json::Value as Json;
use std::fmt::Write as _;
use std::path::Path;

/// Writes the skeleton of a procedure from a record of the national database. Missing parts are marked with `# TODO`.
pub fn run(dir: &Path, record: &Path, at: &str) -> anyhow::Result<CommandOutcome> {
    let text = std::fs::read_to_string(record).with_context(|| cannot_read(record.display()))?;
    let json: Json = serde_json::from_str(&text)
        .with_context(|| told!("{} không phải là JSON", "{} is not JSON"; record.display()))?;
    // An answer of the service has the record within `result`.
    let json = json.get("result").unwrap_or(&json);
    let json = json.as_array().and_then(|list| list.first()).unwrap_or(json);
    let (file, known) = place_for(dir, at)?;
    write(&file, &skeleton(json, &known)?)?;
    say!(
        "Đã ghi {}. Tiếp theo: điền những chỗ được đánh dấu, rồi motcua check {}",
        "Wrote {}. Next: fill in what is marked, then motcua check {}";
        file.display(), dir.display()
    );
    Ok(CommandOutcome::Fine)
}

fn text<'a>(record: &'a Json, key: &str) -> Option<&'a str> {
    record.get(key).and_then(Json::as_str).map(str::trim).filter(|text| !text.is_empty())
}

fn list<'a>(record: &'a Json, key: &str) -> &'a [Json] {
    record.get(key).and_then(Json::as_array).map_or(&[], Vec::as_slice)
}

/// Returns a number, in any notation of the record.
fn number(record: &Json, key: &str) -> Option<i64> {
    let value = record.get(key)?;
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>().parse().ok();
    value.as_i64().or_else(|| value.as_str().and_then(digits))
}

/// Returns one line for each text, because the record writes lists as lines or as lists.
fn lines(record: &Json, key: &str) -> Vec<String> {
    match record.get(key) {
        Some(Json::String(text)) => text
            .lines()
            .map(|line| line.trim_start_matches(['-', '+', ' ']).trim().to_owned())
            .filter(|l| !l.is_empty())
            .collect(),
        Some(Json::Array(items)) => items.iter().filter_map(Json::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// Returns the mark of a value that the record does not have.
fn guessed() -> String {
    told!("  # TODO: phỏng đoán, bản ghi không nêu", "  # TODO: a guess, the record does not say")
}

fn skeleton(record: &Json, known: &KnownNames) -> anyhow::Result<String> {
    let (Some(code), Some(name)) = (text(record, "MaTTHC"), text(record, "TenTTHC")) else {
        bail!(told!("bản ghi không có MaTTHC và TenTTHC", "the record has no MaTTHC and TenTTHC"));
    };
    let mut toml = String::new();
    // A value that the record lacks is guessed, and marked.
    let mut key = |key: &str, value: Option<&str>, guess: &str| {
        let mark = if value.is_none() { guessed() } else { String::new() };
        _ = writeln!(toml, "{key} = {}{mark}", quoted(value.unwrap_or(guess)));
    };
    key("code", Some(code), "");
    key("name", Some(name), "");
    key("unit", None, known.likely_unit());
    key("field", text(record, "TenLinhVuc"), "Lĩnh vực");
    key("result", text(record, "KetQua"), "Văn bản trả lời");
    key("workflow", None, "one-stop");
    let days = number(record, "ThoiHanGiaiQuyet").filter(|days| (1..=3660).contains(days));
    key("limit", days.map(|days| format!("{days} working-days")).as_deref(), "5 working-days");
    let (level, mark) = level(record).map_or_else(|| (3, guessed()), |level| (level, String::new()));
    _ = writeln!(toml, "level = {level}{mark}");
    let audience: Vec<String> =
        lines(record, "DoiTuongThucHien").iter().filter_map(|words| audience(words)).map(quoted).collect();
    let (audience, mark) = match audience.as_slice() {
        [] => (quoted("citizen"), guessed()),
        known => (known.join(", "), String::new()),
    };
    _ = writeln!(toml, "audience = [{audience}]{mark}");
    for (key, from) in [
        ("how_to", "TrinhTuThucHien"),
        ("conditions", "YeuCauDieuKien"),
        ("legal_basis", "CanCuPhapLy"),
        ("keywords", "TuKhoa"),
    ] {
        let lines = lines(record, from);
        if !lines.is_empty() {
            let lines: Vec<String> = lines.iter().map(|line| format!("  {},\n", quoted(line))).collect();
            _ = write!(toml, "{key} = [\n{}]\n", lines.concat());
        }
    }
    for (at, paper) in list(record, "ThanhPhanHoSo").iter().enumerate() {
        let Some(name) = text(paper, "TenGiayTo") else { continue };
        let (originals, copies) = (number(paper, "SoBanChinh").unwrap_or(0), number(paper, "SoBanSao").unwrap_or(0));
        let kind = if originals > 0 { "original" } else { "copy" };
        _ = write!(toml, "\n[[paper]]\nid = \"paper_{}\"\nname = {}\nkind = \"{kind}\"\n", at + 1, quoted(name));
        let count = originals.max(copies);
        if (2..=50).contains(&count) {
            _ = writeln!(toml, "count = {count}");
        }
    }
    for fee in list(record, "DanhSachLePhi") {
        let Some(name) = text(fee, "TenPhi") else { continue };
        let kind = if text(fee, "LoaiPhi").is_some_and(|kind| kind.to_lowercase().contains("lệ phí")) {
            "charge"
        } else {
            "fee"
        };
        let amount = number(fee, "SoTien").filter(|amount| (0..=1_000_000_000_000).contains(amount));
        let amount = amount.map_or_else(
            || told!("0  # TODO: bản ghi không nêu số tiền", "0  # TODO: the record gives no amount"),
            |amount| amount.to_string(),
        );
        _ = write!(toml, "\n[[fee]]\nname = {}\nkind = \"{kind}\"\namount = {amount}\n", quoted(name));
    }
    // The record has no questions of the form.
    let questions = told!("# TODO: các câu hỏi của biểu mẫu", "# TODO: the questions of the form");
    _ = writeln!(toml, "\n{questions}");
    toml.push_str("[[section]]\nid = \"applicant\"\ntitle = \"Người đề nghị\"\n\n[[section.field]]\nid = \"full_name\"\nlabel = \"Họ, chữ đệm, tên\"\nkind = \"text\"\n");
    Ok(toml)
}

/// Returns the service level, which newer records give in words.
fn level(record: &Json) -> Option<i64> {
    let words = text(record, "MucDo").unwrap_or_default().to_lowercase();
    let known = [("toàn trình", 4), ("một phần", 3)];
    let in_words = || known.into_iter().find(|(part, _)| words.contains(part)).map(|(_, level)| level);
    number(record, "MucDo").filter(|level| (1..=4).contains(level)).or_else(in_words)
}

fn audience(words: &str) -> Option<&'static str> {
    let words = words.to_lowercase();
    let known = [
        ("nước ngoài", "foreign"),
        ("hộ gia đình", "household"),
        ("doanh nghiệp", "business"),
        ("tổ chức", "business"),
        ("công dân", "citizen"),
        ("cá nhân", "citizen"),
    ];
    known.into_iter().find(|(part, _)| words.contains(part)).map(|(_, audience)| audience)
}

#[cfg(test)]
mod tests {
    use super::level;
    use serde_json::json;

    #[test]
    fn a_service_level_is_read_in_numbers_and_words_and_never_guessed_without_a_mark() {
        let of = |level_of: serde_json::Value| level(&json!({ "MucDo": level_of }));
        assert_eq!(
            [of(json!("Toàn trình")), of(json!("Một phần")), of(json!(2)), of(json!("Mức độ 4"))],
            [Some(4), Some(3), Some(2), Some(4)]
        );
        assert_eq!([of(json!("Cung cấp thông tin")), of(json!(9)), level(&json!({}))], [None, None, None]);
    }
}
