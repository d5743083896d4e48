//! `motcua procedure test`: what authors expect, and what their scenarios leave out.

use crate::command_line::{path, run, said};
use jiff::civil::date;
use motcua::runtime::ProvinceFolder;
use motcua_domain::time::calendar::instant;
use motcua_service::TimeSource;
use motcua_service::catalogue::scenario;
use motcua_service::scenario::{filed, record};
use motcua_store::journal;
use motcua_tests::plugin::validator;
use serde_json::Value as Json;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const FOLDER: &str = "procedures/ubnd-xa/xac-nhan-cu-tru";
const STRAIGHT: &str = "procedures/ubnd-xa/xac-nhan-cu-tru/tests/straight.toml";

/// Returns the sample of a small province.
pub fn province() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path().join("tinh");
    said(&run(&["init", path(&folder)]), 0);
    (dir, folder)
}

/// Replaces a part of a file once, and returns the whole.
pub fn change(folder: &Path, file: &str, from: &str, to: &str) -> String {
    let file = folder.join(file);
    let text = std::fs::read_to_string(&file).expect("a file");
    assert!(text.contains(from), "{from} is not in\n{text}");
    let text = text.replacen(from, to, 1);
    std::fs::write(&file, &text).expect("written");
    text
}

/// Returns the line of a file that has this text.
fn line(text: &str, part: &str) -> usize {
    text.lines().position(|line| line.contains(part)).expect("a line") + 1
}

const EXPECTED: &str = "appointment = \"2026-03-04 09:00\"
notices = [\"filed\"]
values = { address = \"12 Yersin\", citizen_number = \"074085000123\" }
";

const ISSUED: &str = "action = \"issue\"
result = \"giay-xac-nhan.pdf\"
issued = [\"giay-xac-nhan.pdf\"]
notices = [\"result-ready\"]
holder = \"ubnd-xa/counter\"
officer = []
has = { full_name = \"Nguyễn Văn An\" }
";

/// Returns the province with a scenario that expects everything that it can, and its text.
fn expecting() -> (TempDir, PathBuf, String) {
    let (dir, folder) = province();
    change(&folder, STRAIGHT, "appointment = \"2026-03-04 09:00\"\n", EXPECTED);
    let text = change(&folder, STRAIGHT, "action = \"issue\"\n", ISSUED);
    (dir, folder, text)
}

#[test]
fn values_notices_holders_and_results_are_expected_and_differences_stand_at_their_lines() {
    let (_dir, folder, _) = expecting();
    assert!(said(&run(&["procedure", "test", path(&folder)]), 0).contains("1 scenarios passed, 0 failed"));
    for (from, to, what, found) in [
        ("notices = [\"filed\"]", "notices = []", "notices", "filed"),
        ("values = { address = \"12 Yersin\"", "values = { address = \"13 Yersin\"", "value", "\"12 Yersin\""),
        ("issued = [\"giay-xac-nhan.pdf\"]", "issued = [\"khac.pdf\"]", "issued", "giay-xac-nhan.pdf"),
        ("notices = [\"result-ready\"]", "notices = [\"advanced\"]", "notices", "result-ready"),
        ("holder = \"ubnd-xa/counter\"", "holder = \"ubnd-xa/leader\"", "holder", "ubnd-xa/counter"),
        ("officer = []", "officer = \"lan\"", "officer", "none"),
        ("has = { full_name = \"Nguyễn Văn An\" }", "absent = [\"full_name\"]", "value", "\"Nguyễn Văn An\""),
    ] {
        let (_dir, folder, _) = expecting();
        let text = change(&folder, STRAIGHT, from, to);
        let told = said(&run(&["procedure", "test", path(&folder)]), 1);
        let place = format!("{STRAIGHT}:{}: {what}\n", line(&text, to));
        assert!(told.contains(&place), "{place} is not in\n{told}");
        let found_lines: Vec<&str> = told.lines().filter(|line| line.contains("    found")).collect();
        assert_eq!(found_lines.len(), 1, "{told}");
        assert!(found_lines[0].contains(found), "{told}");
    }
}

#[test]
fn an_action_that_takes_no_file_is_told_to_an_author_who_attaches_one() {
    let (_dir, folder) = province();
    let text = change(&folder, STRAIGHT, "action = \"approve\"\n", "action = \"approve\"\nresult = \"giay.pdf\"\n");
    let told = said(&run(&["procedure", "test", path(&folder)]), 1);
    assert!(told.contains(&format!("{STRAIGHT}:{}: result", line(&text, "giay.pdf"))), "{told}");
    let (_dir, folder) = province();
    change(
        &folder,
        STRAIGHT,
        "action = \"issue\"\n",
        "action = \"issue\"\nresult = \"\"\nrefused = \"result-missing\"\n",
    );
    let told = said(&run(&["procedure", "test", path(&folder)]), 1);
    assert_eq!(told.matches("    found").count(), 1, "only the next step cannot be taken\n{told}");
    assert!(!told.contains("result-missing"), "the refusal was expected\n{told}");
}

#[test]
fn a_scenario_fails_if_a_plugin_traps_runs_out_or_may_not_be_asked() {
    for (validate, limits, says) in [
        ("unreachable", "", "did not answer: the plugin was ended"),
        ("(loop (br 0)) (i32.const 0)", "", "did not answer: the plugin used up its"),
        (&*motcua_tests::plugin::findings(0), "limits = { milliseconds = 60_000 }\n", "milliseconds"),
    ] {
        let (_dir, folder) = province();
        std::fs::write(folder.join(FOLDER).join("validate.wasm"), validator(validate)).expect("written");
        let plugin = format!("[plugin]\ncomponent = \"validate.wasm\"\n{limits}\n[[paper]]");
        change(&folder, &format!("{FOLDER}/procedure.toml"), "[[paper]]", &plugin);
        let text = std::fs::read_to_string(folder.join(STRAIGHT)).expect("the scenario");
        let told = said(&run(&["procedure", "test", path(&folder)]), 1);
        let place = format!("{STRAIGHT}:{}: plugin\n    expected  validate", line(&text, "[expect]"));
        assert!(told.contains(&place) && told.contains(says), "{place}, {says} are not in\n{told}");
    }
}

#[test]
fn a_word_that_fits_no_scenario_is_an_error() {
    let (_dir, folder) = province();
    let told = said(&run(&["procedure", "test", path(&folder), "--only", "kết-hôn"]), 1);
    assert!(told.contains("no scenario has `kết-hôn` in its path"), "{told}");
}

#[test]
fn what_no_scenario_touches_is_listed_and_a_share_can_be_demanded() {
    let (_dir, folder) = province();
    let condition = "[[paper]]\nid = \"lease\"\nname = { vi = \"Hợp đồng thuê\", en = \"Lease\" }\nrequired = \"address == 'thuê'\"\n\n[[section]]";
    change(&folder, &format!("{FOLDER}/procedure.toml"), "[[section]]", condition);
    let told = said(&run(&["procedure", "test", path(&folder), "--coverage"]), 0);
    for part in [
        "action  refuse at approval",
        "condition  required of paper lease `address == 'thuê'` is true",
        "paper  lease",
        "finding  papers.lease",
        "finding  full_name",
    ] {
        assert!(told.contains(part), "{part} is not in\n{told}");
    }
    for part in ["approve at approval", "`address == 'thuê'` is false", "paper  identity"] {
        assert!(!told.contains(part), "{part} is in\n{told}");
    }
    let json = run(&["procedure", "test", path(&folder), "--coverage", "--format", "json"]);
    let json: Json = serde_json::from_str(&said(&json, 0)).expect("JSON");
    let coverage = &json["coverage"][0];
    let untouched = coverage["untouched"].as_array().expect("a list").len() as u64;
    assert_eq!(coverage["touched"].as_u64().expect("a number") + untouched, coverage["parts"], "{json}");
    assert_eq!(json["scenarios"][0]["mismatches"], serde_json::json!([]));

    // A scenario that leaves everything out touches every finding, and the condition is then false too.
    let empty = "name = \"Trống\"\nat = \"2026-03-03 09:00\"\n\n[values]\naddress = \"thuê\"\n\n[expect]\nfindings = [\"citizen_number: required\", \"full_name: required\", \"papers.identity: paper-missing\", \"papers.lease: paper-missing\"]\n";
    std::fs::write(folder.join(FOLDER).join("tests/empty.toml"), empty).expect("written");
    let more = said(&run(&["procedure", "test", path(&folder), "--coverage"]), 0);
    assert!(!more.contains("condition  ") && !more.contains("finding  papers"), "{more}");
    said(&run(&["procedure", "test", path(&folder), "--at-least", "10"]), 0);
    let short = said(&run(&["procedure", "test", path(&folder), "--at-least", "100"]), 1);
    assert!(short.contains("less than 100%") && short.contains("2 scenarios passed, 0 failed"), "{short}");
}

#[test]
fn the_fee_of_a_single_agency_is_touched_only_by_scenarios_of_this_agency() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path().join("tinh");
    said(&run(&["init", "--sample", "binhduong", path(&folder)]), 0);
    let at = "procedures/cap-xa/dang-ky-ket-hon";
    let fee = "[[offer.fee]]\nname = { vi = \"Lệ phí tại phường\", en = \"Charge of the ward\" }\nkind = \"charge\"\namount = 5_000\n\n[[paper]]\nid = \"identity\"";
    change(&folder, &format!("{at}/procedure.toml"), "[[paper]]\nid = \"identity\"", fee);
    let other = format!("{at}/tests/other-commune.toml");
    let text = change(&folder, &other, "fees = 0\n", "fees = 5_000\n");
    let filing = text.split("appointment").next().expect("the part before the steps");
    std::fs::write(folder.join(&other), filing).expect("written");
    let test = || said(&run(&["procedure", "test", path(&folder), "--only", at, "--coverage"]), 0);
    let told = "fee  Lệ phí tại phường in ubnd-phu-loi";
    let touched = test();
    assert!(!touched.contains(told), "{touched}");
    std::fs::remove_file(folder.join(&other)).expect("removed");
    let untouched = test();
    assert!(untouched.contains(told), "{untouched}");
}

/// Returns the sample province with the people and dossiers of its story.
async fn demonstration() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = dir.path().join("demo");
    // The story goes back some ten weeks, and the sample has calendars from 2026.
    let clock = TimeSource::set_to(instant(date(2026, 11, 24).at(10, 0, 0, 0)));
    assert!(motcua::demo::make(&folder, &clock).await.expect("the story is told"));
    (dir, folder)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_dossier_of_the_demonstration_becomes_a_scenario_that_comes_as_it_expects() {
    let (_dir, folder) = demonstration().await;
    let province = ProvinceFolder::read(&folder, &TimeSource::System).expect("the folder");
    let database = province.database().await.expect("the database");
    let mut count = 0;
    for declared in &province.install.declared {
        let past = journal::of_procedure(database.reader(), &declared.procedure.code).await.expect("read");
        for events in &past.dossiers {
            let text = scenario::write(&record(&declared.procedure, events).expect("it can be repeated"));
            for officer in &province.install.province.officers {
                assert!(!text.contains(&officer.login) && !text.contains(&officer.name), "{text}");
            }
            assert!(!text.contains("đề nghị"), "a note\n{text}");
            let at = format!("procedures/{}/{}/tests", declared.procedure.group, declared.procedure.slug);
            std::fs::write(folder.join(at).join(format!("played-again-{count}.toml")), text).expect("written");
            count += 1;
        }
    }
    assert!(count > 40, "{count}");
    said(&run(&["check", path(&folder)]), 0);
    let told = said(&run(&["procedure", "test", path(&folder), "--only", "played-again-"]), 0);
    assert!(told.contains(&format!("{count} scenarios passed, 0 failed")), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dossier_is_recorded_by_its_code_and_nothing_is_overwritten() {
    let (_dir, folder) = demonstration().await;
    let province = ProvinceFolder::read(&folder, &TimeSource::System).expect("the folder");
    let database = province.database().await.expect("the database");
    let past = journal::of_procedure(database.reader(), &"1.001193".into()).await.expect("read");
    let filed = past.dossiers.first().and_then(|events| filed(events)).expect("a dossier");
    let code = filed.code.as_str();
    let record = |more: &[&str]| run(&[&["procedure", "test", path(&folder), "--record", code][..], more].concat());
    for name in ["recorded-1", "recorded-2"] {
        let told = said(&record(&[]), 0);
        assert!(
            told.contains(&format!("tests/{name}.toml")) && told.contains("1 scenarios passed, 0 failed"),
            "{told}"
        );
    }
    let text = std::fs::read_to_string(folder.join("procedures/cap-xa/dang-ky-khai-sinh/tests/recorded-1.toml"));
    let agency = format!("agency = \"{}\"", filed.agency);
    assert!(text.expect("a scenario").contains(&agency), "{agency}");
    assert!(said(&record(&["--name", "recorded-1"]), 1).contains("choose another name"));
    assert!(said(&record(&["--name", "../x"]), 1).contains("small letters"));
    let nowhere = run(&["procedure", "test", path(&folder), "--record", "H09.03-261124-9999"]);
    assert!(said(&nowhere, 1).contains("there is no dossier"));
}

#[test]
fn a_scenario_files_under_an_older_version_and_moves_to_the_present_one() {
    let (_dir, folder) = province();
    let kept = folder.join(FOLDER).join("versions/before.json");
    let words = ["procedure", "keep", "ubnd-xa/xac-nhan-cu-tru", "--dir", path(&folder), "--out", path(&kept)];
    assert!(said(&run(&words), 0).contains("versions/before.json"));
    // The step has another name now, and a question is new.
    let workflow = std::fs::read_to_string(folder.join("workflows/one-stop.toml")).expect("the workflow");
    std::fs::write(folder.join("workflows/one-stop.toml"), workflow.replace("\"processing\"", "\"work\""))
        .expect("written");
    let question = "[[section.field]]\nid = \"phone\"\nlabel = { vi = \"Điện thoại\", en = \"Phone\" }\nkind = \"phone\"\n\n[[section.field]]";
    change(&folder, &format!("{FOLDER}/procedure.toml"), "[[section.field]]", question);
    std::fs::remove_file(folder.join(STRAIGHT)).expect("removed");
    let scenario = "name = \"Sang phiên bản mới\"
at = \"2026-03-03 09:00\"
papers = [\"identity\"]
version = \"versions/before.json\"

[values]
full_name = \"Nguyễn Văn An\"
citizen_number = \"074085000123\"
address = \"12 Yersin\"

[[step]]
at = \"2026-03-03 09:30\"
by = \"counter\"
action = \"accept\"
step = \"processing\"

[[step]]
at = \"2026-03-03 09:40\"
by = \"portal\"
action = \"migrate\"
note = \"Quy trình mới.\"
renamed = { processing = \"work\" }
step = \"work\"
notices = [\"migrated\"]

[[step]]
at = \"2026-03-03 10:30\"
by = \"specialist\"
action = \"propose\"
step = \"approval\"
";
    let file = folder.join(FOLDER).join("tests/moves.toml");
    std::fs::write(&file, scenario).expect("written");
    said(&run(&["check", path(&folder)]), 0);
    assert!(said(&run(&["procedure", "test", path(&folder)]), 0).contains("1 scenarios passed, 0 failed"));
    std::fs::write(&file, scenario.replace("renamed = { processing = \"work\" }\n", "")).expect("written");
    let told = said(&run(&["procedure", "test", path(&folder)]), 1);
    assert!(told.contains("refused\n    expected  carried out\n    found     stranded"), "{told}");
    std::fs::write(&kept, "{}").expect("written");
    assert!(
        said(&run(&["check", path(&folder)]), 1).contains("`versions/before.json` is not a version of this procedure")
    );
    std::fs::remove_file(&kept).expect("removed");
    let told = said(&run(&["check", path(&folder)]), 1);
    assert!(told.contains("`versions/before.json` is not a file in the folder of the procedure"), "{told}");
}

#[test]
fn an_action_with_the_name_of_a_word_of_scenarios_is_named_with_its_step() {
    let (_dir, folder) = province();
    change(&folder, "workflows/one-stop.toml", "id = \"accept\"", "id = \"pay\"");
    change(&folder, STRAIGHT, "action = \"accept\"", "action = \"pay\"");
    let told = said(&run(&["procedure", "test", path(&folder)]), 1);
    assert!(told.contains("found     nothing-owed"), "{told}");
    change(&folder, STRAIGHT, "action = \"pay\"", "action = \"intake.pay\"");
    assert!(said(&run(&["procedure", "test", path(&folder)]), 0).contains("1 scenarios passed, 0 failed"));
}

#[test]
fn the_officer_to_whom_a_workflow_gives_a_step_acts_in_scenarios_too() {
    let (_dir, folder) = province();
    let person = "id = \"processing\"\nassign = { by = \"person\", login = \"binh\" }";
    change(&folder, "workflows/one-stop.toml", "id = \"processing\"", person);
    change(&folder, STRAIGHT, "step = \"processing\"", "step = \"processing\"\nofficer = \"binh\"");
    // The officer who had a step gets the next step of the same post.
    change(&folder, STRAIGHT, "step = \"issue\"", "step = \"issue\"\nofficer = [\"binh\"]");
    assert!(said(&run(&["procedure", "test", path(&folder)]), 0).contains("1 scenarios passed, 0 failed"));
}

#[test]
fn words_that_a_scenario_cannot_mean_are_told() {
    for (from, to, says) in [
        ("findings = []", "notices = [\"fild\"]", "did you mean `filed`?"),
        ("findings = []", "absent = [\"full_nam\"]", "did you mean `full_name`?"),
        ("findings = []", "values = { full_nam = \"An\" }", "did you mean `full_name`?"),
        ("step = \"issue\"", "holder = \"ubnd-xa/lanh-dao/leader\"", "is not a post that takes steps"),
        ("papers = [", "agency = \"ubnd-khac\"\npapers = [", "`ubnd-khac` is not a known agency that offers this"),
        ("[values]", "[eligibility]\nover = true\n\n[values]", "the procedure asks nothing before the form"),
    ] {
        let (_dir, folder) = province();
        let text = change(&folder, STRAIGHT, from, to);
        let told = said(&run(&["check", path(&folder)]), 1);
        assert!(told.contains(says), "{says} is not in\n{told}");
        let first = to.lines().next().expect("a line");
        assert!(told.contains(&format!("{STRAIGHT}:{}:", line(&text, first))), "{told}");
        assert!(told.contains("1 mistake\n"), "{told}");
    }
}

#[test]
fn a_plugin_that_is_tried_out_gets_the_values_that_the_portal_makes_of_a_scenario() {
    let dir = tempfile::tempdir().expect("a folder");
    let (folder, component) = (dir.path().join("tinh"), dir.path().join("enterprise.wasm"));
    said(&run(&["init", "--sample", "binhduong", path(&folder)]), 0);
    std::fs::write(&component, motcua_first_party::component("enterprise").expect("of the kit")).expect("written");
    let scenario = folder.join("procedures/so-khdt/thanh-lap-cong-ty-tnhh-hai-thanh-vien/tests/straight.toml");
    let told = said(&run(&["plugin", "run", path(&component), "--dossier", path(&scenario)]), 0);
    assert!(told.contains("validate:") && !told.contains("failed") && !told.contains("note:"), "{told}");
    // Outside of an install folder nobody knows the form.
    let alone = dir.path().join("alone.toml");
    std::fs::write(&alone, "[values]\nmembers = []\n").expect("written");
    let told = run(&["plugin", "run", path(&component), "--dossier", path(&alone)]);
    assert!(String::from_utf8_lossy(&told.stdout).contains("note: no install folder"), "{told:?}");
}
