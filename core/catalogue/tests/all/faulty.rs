//! Faulty folders and packages: the check reports every mistake, and neither panics nor stays silent.

mod consequences;
mod faults;

use faults::faults;
use motcua_catalogue::codes::CODES;
use motcua_catalogue::{Builtin, Diagnostic, FoundInstall, Tree, files, read};
use motcua_domain::text::{Language, Text};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

const NAMES: &[&str] = &["birth", "enterprise", "groundwater", "identity", "land", "webhook"];

pub const BUILTIN: Builtin =
    Builtin { names: NAMES, component: |name| NAMES.contains(&name).then_some(&b"component"[..]) };

pub const PROCEDURE: &str = "procedures/ubnd-xa/khoan-gieng/procedure.toml";
pub const SCENARIO: &str = "procedures/ubnd-xa/khoan-gieng/tests/straight.toml";

/// A procedure that uses everything.
pub const GOOD: &str = r#"code = "1.004232"
name = { vi = "Cấp phép khoan giếng", en = "Permit to drill a well" }
unit = "van-phong"
field = { vi = "Tài nguyên nước", en = "Water" }
audience = ["citizen", "business"]
life_events = [{ vi = "Nhà ở", en = "Housing" }]
keywords = ["giếng"]
level = 4
limit = "3 working-days"
result = { vi = "Giấy phép", en = "Permit" }
legal_basis = ["Luật Tài nguyên nước"]
workflow = "one-stop"

[step_limits]
processing = "1 working-day"

[plugin]
builtin = "enterprise"

[[limit_case]]
name = { vi = "Giếng sâu", en = "Deep well" }
when = "depth > 100"
limit = "8 working-days"

[[paper]]
id = "map"
name = { vi = "Bản đồ", en = "Map" }
required = "depth > 50"
accept = ["pdf"]
template = "ban-do.docx"

[[fee]]
name = { vi = "Phí thẩm định", en = "Appraisal" }
amount = 50_000
when = "purpose == 'farm'"

[[check]]
holds = "wells * depth <= 1000"
text = { vi = "Tổng độ sâu tối đa 1000 m.", en = "At most 1000 m in all." }
field = "wells"

[eligibility]
help = { vi = "Trả lời", en = "Answer" }

[[eligibility.field]]
id = "age"
label = { vi = "Tuổi", en = "Age" }
kind = "integer"

[[eligibility.condition]]
holds = "age >= 18"
text = { vi = "Đủ 18 tuổi", en = "18 years old" }

[[section]]
id = "well"
title = { vi = "Giếng", en = "Well" }

[[section.field]]
id = "purpose"
label = { vi = "Mục đích", en = "Purpose" }
kind = "one-of"
choices = [{ value = "home", label = { vi = "Nhà", en = "Home" } }, { value = "farm", label = { vi = "Trại", en = "Farm" } }]

[[section.field]]
id = "depth"
label = { vi = "Độ sâu", en = "Depth" }
kind = "integer"
min = 1
max = 200

[[section.field]]
id = "wells"
label = { vi = "Số giếng", en = "Wells" }
kind = "integer"
default = 1

[[section.field]]
id = "flow"
label = { vi = "Lưu lượng", en = "Flow" }
kind = "decimal"
max = "double(depth) * 2.0"
shown = "purpose == 'farm'"

[[section.field]]
id = "owner"
label = { vi = "Chủ giếng", en = "Owner" }
kind = "person"

[[section.field]]
id = "place"
label = { vi = "Vị trí", en = "Place" }
kind = "map"

[[section.field]]
id = "line"
label = { vi = "Ngành nghề", en = "Line" }
kind = "registry"
registry = "lines"

[[section.field]]
id = "neighbours"
label = { vi = "Hộ liền kề", en = "Neighbours" }
kind = "group"
max = 5

[[section.field.field]]
id = "name"
label = { vi = "Tên", en = "Name" }
kind = "text"

[[section.field]]
id = "score"
label = { vi = "Điểm", en = "Score" }
kind = "computed"
from = "plugin"
"#;

const GOOD_SCENARIO: &str = r#"name = "Đi thẳng"
at = "2026-03-03 09:00"
papers = ["map"]

[values]
purpose = "home"
depth = 60

[[step]]
at = "2026-03-03 09:30"
by = "counter"
action = "accept"
step = "processing"
status = "received"
"#;

/// A workflow with a part, and one at the end into which the other tests write.
pub const JOINT: &str = r#"[[stage]]
id = "whole"
name = "Cả hồ sơ"

[[step]]
id = "part"
name = "Phần"
workflow = "one-stop"
then = "end"

[[step]]
id = "end"
name = "Trả kết quả"
role = "counter"
stage = "whole"

[[step.action]]
id = "hand-over"
name = "Trả"
effect = "hand-over"
"#;

pub fn good() -> Tree {
    let mut tree = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/minimal"));
    tree.insert(PROCEDURE, GOOD.into());
    tree.insert(SCENARIO, GOOD_SCENARIO.into());
    tree.insert("procedures/ubnd-xa/khoan-gieng/forms/ban-do.docx", b"a form".to_vec());
    tree.insert("procedures/ubnd-xa/khoan-gieng/forms/ban-do.txt", b"no form".to_vec());
    tree.insert("registries/provinces.csv", "code,name\n74,Bình Dương\n".into());
    tree.insert("registries/communes.csv", "code,name,parent\n25747,Phú Cường,74\n".into());
    tree.insert("registries/lines.csv", "code,name,name_en\n2393,Gốm sứ,Ceramics\n".into());
    let workflow = text(&tree, "workflows/one-stop.toml").replacen(
        "role = \"leader\"\nlimit = \"2 working-hours\"\n",
        "role = \"leader\"\nlimit = \"$review\"\n",
        1,
    );
    tree.insert("workflows/one-stop.toml", format!("[parameters]\nreview = \"2 working-hours\"\n\n{workflow}").into());
    tree.insert("workflows/joint.toml", JOINT.into());
    tree.insert("synonyms.toml", "[[synonym]]\nwords = [\"giếng khoan\"]\nmeans = \"khoan giếng\"\n".into());
    let calendar = text(&tree, "calendar/2027.toml");
    for year in ["2026", "2028"] {
        tree.insert(&format!("calendar/{year}.toml"), calendar.replace("2027", year).into());
    }
    tree
}

pub fn text(tree: &Tree, file: &str) -> String {
    String::from_utf8(tree.get(file).expect("the file is there").expect("it can be read").to_vec()).expect("UTF-8")
}

pub fn check(tree: &Tree) -> FoundInstall {
    read(tree, &BUILTIN, jiff::civil::date(2027, 3, 3))
}

pub fn codes(mistakes: &[Diagnostic]) -> BTreeSet<&'static str> {
    mistakes.iter().map(|mistake| mistake.code).collect()
}

/// Returns the mistakes and warnings about a folder.
fn told(found: &FoundInstall) -> Vec<Diagnostic> {
    let mut told: Vec<Diagnostic> = found.mistakes.iter().chain(&found.install.warnings).cloned().collect();
    told.sort_by(|a, b| (&a.file, a.line, a.column, a.code).cmp(&(&b.file, b.line, b.column, b.code)));
    told
}

#[test]
fn a_post_that_nobody_holds_is_a_warning_and_the_procedure_is_offered() {
    let mut tree = good();
    let before = text(&tree, "organisation.toml");
    assert!(before.contains("\"ubnd-xa/lanh-dao/leader\""), "{before}");
    let after = before.replacen("\"ubnd-xa/lanh-dao/leader\"", "\"ubnd-xa/lanh-dao/auditor\"", 1);
    tree.insert("organisation.toml", after.into());
    let found = check(&tree);
    assert!(found.mistakes.is_empty(), "{:?}", found.mistakes);
    assert_eq!(codes(&found.install.warnings), BTreeSet::from(["nobody-holds"]));
    assert_eq!(found.install.declared.len(), 2);
}

#[test]
fn a_limit_of_the_procedure_that_a_reminder_does_not_fit_is_told_at_the_reminder() {
    let mut tree = good();
    let before = text(&tree, "workflows/one-stop.toml");
    let limit = "role = \"specialist\"\nlimit = \"3 working-hours\"\n";
    assert!(before.contains(limit), "{before}");
    let after = before.replacen(limit, &format!("{limit}remind = \"2 working-hours\"\n"), 1);
    tree.insert("workflows/one-stop.toml", after.into());
    assert!(check(&tree).mistakes.is_empty(), "it fits the limit of the workflow and that of the procedure");
    for (limit, told) in [("1 working-hour", "never comes"), ("1 calendar-day", "is counted on the clock")] {
        tree.insert(PROCEDURE, GOOD.replace("\"1 working-day\"", &format!("\"{limit}\"")).into());
        let found = check(&tree).mistakes;
        assert_eq!(codes(&found), BTreeSet::from(["bad-reminder"]), "{found:?}");
        assert_eq!(found[0].file, "workflows/one-stop.toml");
        assert!(line(&found[0]).contains(told) && line(&found[0]).contains("khoan-gieng"), "{found:?}");
    }
}

#[test]
fn the_log_in_of_an_officer_is_read_as_the_officer_may_type_it() {
    let mut tree = good();
    let before = text(&tree, "organisation.toml");
    let after = before.replacen("login = \"binh\"", "login = \" Bình.VP\"", 1);
    assert_ne!(before, after);
    tree.insert("organisation.toml", after.into());
    let found = check(&tree);
    assert!(found.mistakes.is_empty(), "{:?}", found.mistakes);
    assert!(found.install.province.officers.iter().any(|officer| officer.login == "bình.vp"));
    tree.insert("organisation.toml", before.replacen("login = \"binh\"", "login = \"\u{200b}\"", 1).into());
    assert!(codes(&check(&tree).mistakes).contains("empty"));
}

/// Returns the place of a mistake, its code and its words.
fn line(mistake: &Diagnostic) -> String {
    let words = mistake.message.get(Language::En);
    format!("{}:{}:{} {} {words}", mistake.file, mistake.line, mistake.column, mistake.code)
}

#[test]
fn a_condition_that_does_not_fit_a_form_is_told_at_its_place_in_the_workflow() {
    let mut tree = good();
    // The same workflow is a part of another, which a third procedure follows.
    let joint = GOOD.replace("1.004232", "1.004233").replace("one-stop", "joint");
    let joint = joint.replace("[step_limits]\nprocessing = \"1 working-day\"\n", "");
    tree.insert("procedures/ubnd-xa/lien-thong/procedure.toml", joint.into());
    tree.insert("procedures/ubnd-xa/lien-thong/forms/ban-do.docx", b"a form".to_vec());
    assert!(check(&tree).mistakes.is_empty());
    let before = text(&tree, "workflows/one-stop.toml");
    let after = before.replacen("effect = \"refuse\"\n", "effect = \"refuse\"\nwhen = \"dept > 3\"\n", 1);
    let row = after.lines().position(|line| line.starts_with("when = ")).expect("the condition") + 1;
    tree.insert("workflows/one-stop.toml", after.into());
    let found = check(&tree);
    let told: Vec<String> = found.mistakes.iter().map(line).collect();
    let said = |folder: &str, step: &str| {
        format!(
            "workflows/one-stop.toml:{row}:8 unknown-field for procedures/ubnd-xa/{folder}: action `refuse` of step \
             `{step}` asks for `dept > 3`, but there is no field `dept`"
        )
    };
    let [plain, joint, old] =
        [said("khoan-gieng", "approval"), said("lien-thong", "part.approval"), said("xac-nhan-cu-tru", "approval")];
    assert_eq!(told, [plain, joint, old]);
    assert!(found.mistakes[0].render(false, Language::En).contains("when = \"dept > 3\""), "the line of the condition");
}

#[test]
fn every_mistake_of_a_parametrised_workflow_is_told_at_its_value() {
    let mut tree = good();
    let workflow = text(&tree, "workflows/one-stop.toml")
        .replacen("review = \"2 working-hours\"\n", "review = \"2 working-hours\"\nafter = \"issue\"\n", 1)
        .replacen("to = \"issue\"", "to = \"$after\"", 1)
        .replacen("role = \"specialist\"\nlimit = \"2 working-hours\"", "role = \"specialist\"\nlimit = '$review'", 1);
    tree.insert("workflows/one-stop.toml", workflow.into());
    assert!(check(&tree).mistakes.is_empty(), "as the file sets them");
    let set =
        |values: &str| GOOD.replacen("[step_limits]\n", &format!("[workflow_with]\n{values}\n[step_limits]\n"), 1);
    tree.insert(PROCEDURE, set("review = \"soon\"\nafter = \"issue\"\n").into());
    let told: Vec<String> = check(&tree).mistakes.iter().map(line).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    for (told, place) in told.iter().zip(["workflows/one-stop.toml:45:9", "workflows/one-stop.toml:62:9"]) {
        assert!(told.starts_with(&format!("{PROCEDURE}:15:10 bad-parameter ")), "{told}");
        assert!(told.contains(&format!("at {place}: `soon` is not a limit")), "{told}");
    }
    // A mistake that no single value causes is reported at the table.
    tree.insert(PROCEDURE, set("after = \"return\"\n").into());
    let told: Vec<String> = check(&tree).mistakes.iter().map(line).collect();
    assert!(
        !told.is_empty() && told.iter().all(|told| told.starts_with(&format!("{PROCEDURE}:14:1 bad-"))),
        "{told:?}"
    );
}

#[test]
fn a_line_with_a_parameter_is_shown_as_it_was_written() {
    let mut tree = good();
    let workflow = text(&tree, "workflows/one-stop.toml")
        .replacen("review = \"2 working-hours\"", "review = \"\"", 1)
        .replacen("limit = \"$review\"", "limit = \"$review\" # Hòa\u{301}", 1);
    tree.insert("workflows/one-stop.toml", workflow.into());
    let shown: String = check(&tree).mistakes.iter().map(|mistake| mistake.render(false, Language::En)).collect();
    assert!(shown.contains("`` is not a limit"), "{shown}");
    assert!(shown.contains("limit = \"$review\" # Hòa\u{301}") && shown.contains("^^^^^^^^^ write"), "{shown}");
}

#[test]
fn the_good_folder_is_good() {
    let found = check(&good());
    let shown: String = found.mistakes.iter().map(|mistake| mistake.render(false, Language::En)).collect();
    assert!(found.mistakes.is_empty(), "{shown}");
    assert_eq!(found.install.declared.len(), 2);
}

#[test]
fn every_faulty_folder_is_told_what_is_wrong_where_and_what_to_write() {
    let mut printed = String::new();
    for (what, file, from, to) in faults() {
        let mut tree = good();
        let before = text(&tree, file);
        assert!(before.contains(from), "{what}: `{from}` is not in {file}");
        tree.insert(file, before.replacen(from, to, 1).into());
        let told = told(&check(&tree));
        assert!(!told.is_empty(), "{what}: nothing was told");
        _ = writeln!(printed, "=== {what}");
        for mistake in &told {
            assert!(!mistake.help.vi.is_empty() && mistake.line > 0 && mistake.column > 0, "{what}: {mistake:?}");
            printed += &mistake.render(false, Language::En);
        }
        printed += "\n";
    }
    assert!(faults().count() >= 60);
    insta::assert_snapshot!(printed);
}

#[test]
fn every_code_has_its_page_and_every_mistake_has_a_code_that_has_one() {
    let mut seen = BTreeSet::new();
    for (_, file, from, to) in faults() {
        let mut tree = good();
        let changed = text(&tree, file).replacen(from, to, 1);
        tree.insert(file, changed.into());
        seen.extend(codes(&told(&check(&tree))));
    }
    // These mistakes need more than one changed text.
    let mut tree = good();
    tree.insert("procedures/ubnd-xa/khoan_gieng/procedure.toml", GOOD.into());
    tree.insert("procedures/ubnd-xa/trong/tests/a.toml", Vec::new());
    tree.insert("procedures/ubnd-phuong/khoan-gieng/procedure.toml", GOOD.into());
    tree.insert("workflows/cu.toml", vec![0xff, 0xfe]);
    seen.extend(codes(&check(&tree).mistakes));
    seen.extend(codes(&check(&good()).install.declared[0].unfit_plugin(&good(), None, Text::vi("it is unfit"))));
    seen.extend(codes(&read(&good(), &BUILTIN, jiff::civil::date(2030, 1, 1)).install.warnings));
    let folder = tempfile::tempdir().expect("a folder");
    let bad = "listen = \"here\"\ndatabase = \"mysql://root:secret@x\"\ntrusted_keys = [\"key\"]\n[bank]\nbin = \"97\"\naccount = \"1\"\nholder = \"X\"\n[log]\nevery = \"soon\"\n[metrics]\ntoken = \"short\"\n[[login]]\nid = \"vneid\"\nname = \"VNeID\"\nissuer = \"https://id.example.vn\"\nclient_id = \"motcua\"\nfor = \"citizens\"\nleast_level = 2\n";
    std::fs::write(folder.path().join("motcua.toml"), bad).expect("written");
    seen.extend(codes(&motcua_catalogue::settings::load(folder.path()).1));
    let large = std::fs::File::create(folder.path().join("organisation.toml")).expect("a file");
    large.set_len(17 << 20).expect("it is long");
    seen.extend(codes(&check(&files(folder.path())).mistakes));

    let known: BTreeSet<&str> = CODES.iter().map(|code| code.code).collect();
    let without: Vec<_> = seen.difference(&known).collect();
    assert!(without.is_empty(), "codes without a page: {without:?}");
    let never: Vec<_> = known.difference(&seen).collect();
    assert!(never.is_empty(), "codes that no faulty folder of this test brings about: {never:?}");
    assert!(CODES.is_sorted_by_key(|code| code.code));
}

/// Expressions and files that would take a reader without limits too deep or too long.
#[test]
fn nothing_written_to_exhaust_the_check_does() {
    let nested = [
        format!("{}1{} > 0", "(".repeat(900), ")".repeat(900)),
        format!("{}true", "!".repeat(1_900)),
        format!("{}1{} == null", "[".repeat(900), "]".repeat(900)),
        format!("depth{} > 0", " + depth".repeat(240)),
        format!("depth{}", " > 0 && depth".repeat(140) + " > 0"),
        format!("{}depth > 0{}", "true ? (".repeat(180), ") : false".repeat(180)),
        "neighbours.all(a, ".repeat(90) + "true" + &")".repeat(90),
        "x".repeat(3_000),
    ];
    for expression in nested {
        let mut tree = good();
        let when = format!("when = \"{expression}\"");
        tree.insert(PROCEDURE, GOOD.replacen("when = \"purpose == 'farm'\"", &when, 1).into());
        let _ = check(&tree);
    }
    // Computed values that depend on one another many times, and very many conditions on very many answers.
    let mut text = GOOD.to_owned();
    for number in 0..60 {
        let sum = vec![format!("c{}", (number + 1) % 60); 300].join(" + ");
        _ = write!(
            text,
            "\n[[section.field]]\nid = \"c{number}\"\nlabel = {{ vi = \"C\", en = \"C\" }}\nkind = \"computed\"\nvalue = \"{sum}\"\n"
        );
    }
    for number in 0..300 {
        let all: Vec<String> = (0..number).rev().take(12).map(|other| format!("y{other} == true")).collect();
        let shown = if all.is_empty() { "urgent".to_owned() } else { all.join(" || ") };
        _ = write!(
            text,
            "\n[[section.field]]\nid = \"y{number}\"\nlabel = {{ vi = \"Y\", en = \"Y\" }}\nkind = \"yes-no\"\nshown = \"{shown}\"\n"
        );
    }
    let mut tree = good();
    tree.insert(PROCEDURE, text.into());
    assert!(!check(&tree).mistakes.is_empty(), "`urgent` is no field");
    let mut tree = good();
    tree.insert(PROCEDURE, format!("a = {}{}", "[".repeat(100_000), "]".repeat(100_000)).into());
    assert!(!check(&tree).mistakes.is_empty());
    tree.insert(PROCEDURE, format!("{}\n", "a.".repeat(100_000)).into());
    assert!(!check(&tree).mistakes.is_empty());
}

/// Ways to spoil a text.
fn spoiled(text: &str, cuts: &[(usize, usize, u8)], words: &[String]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for (at, (from, length, kind)) in cuts.iter().enumerate() {
        let from = from % bytes.len().max(1);
        let to = (from + length % 40).min(bytes.len());
        match kind % 4 {
            0 => drop(bytes.drain(from..to)),
            1 => bytes = [&bytes[..to], &bytes[from..]].concat(),
            2 => {
                let word = words.get(at).map_or("[[", String::as_str);
                bytes = [&bytes[..from], word.as_bytes(), &bytes[from..]].concat();
            }
            _ => bytes.iter_mut().skip(from).take(length % 3).for_each(|byte| *byte = byte.wrapping_add(*kind)),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_spoiled_file_makes_the_check_panic_or_stay_silent(
        which in 0_usize..6,
        cuts in proptest::collection::vec((any::<usize>(), any::<usize>(), any::<u8>()), 1..5),
        words in proptest::collection::vec("[\\[\\]{}\"'=.,#a-z0-9 \n]{1,12}", 5),
    ) {
        let file = [PROCEDURE, SCENARIO, "workflows/one-stop.toml", "organisation.toml", "calendar/2027.toml", "registries/lines.csv"][which];
        let mut tree = good();
        let spoiled = spoiled(&text(&tree, file), &cuts, &words);
        tree.insert(file, spoiled.clone().into());
        let found = check(&tree);
        for mistake in &found.mistakes {
            prop_assert!(!mistake.render(false, Language::En).is_empty());
        }
        if file != "registries/lines.csv" && toml::from_str::<toml::Table>(&spoiled).is_err() {
            prop_assert!(!found.mistakes.is_empty(), "not TOML, and nothing was told:\n{spoiled}");
        }
        // Procedures with mistakes are not offered.
        let offered = found.install.by_slug("ubnd-xa", "khoan-gieng").is_some();
        let blamed = found.mistakes.iter().any(|mistake| mistake.file == PROCEDURE);
        prop_assert!(!(offered && blamed));
    }

    #[test]
    fn bytes_that_are_no_file_of_ours_are_told(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let mut tree = good();
        tree.insert(PROCEDURE, bytes);
        prop_assert!(!check(&tree).mistakes.is_empty());
    }
}
