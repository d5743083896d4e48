//! The command line as an IT team uses it.

use crate::sample;
use motcua_tests::browser::Browser;
use motcua_tests::plugin::{findings, validator};
use motcua_tests::portal::{Kind, install};
use motcua_tests::process::{Server, motcua};
use std::path::Path;
use std::process::{Command, Output, Stdio};

pub fn run(words: &[&str]) -> Output {
    motcua().args(words).output().expect("the binary runs")
}

/// Runs a command with text on its standard input.
pub fn run_with(words: &[&str], input: &str) -> Output {
    use std::io::Write as _;
    let mut child = motcua()
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("it reads");
    child.wait_with_output().expect("it ends")
}

#[track_caller]
pub fn said(output: &Output, code: i32) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{text}{errors}");
    format!("{text}{errors}")
}

pub fn path(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

#[test]
fn a_plugin_is_compiled_though_the_program_was_replaced_meanwhile() {
    let dir = tempfile::tempdir().expect("a folder");
    let (program, pipe) = (dir.path().join("motcua"), dir.path().join("component.wasm"));
    std::fs::copy(motcua().get_program(), &program).expect("copied");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs").success());
    let words = ["plugin", "check", path(&pipe)];
    let child = Command::new(&program).args(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let child = child.expect("it runs, and waits for the component");
    std::fs::write(dir.path().join("newer"), "no program").expect("written");
    std::fs::rename(dir.path().join("newer"), &program).expect("replaced");
    std::fs::write(&pipe, validator(&findings(0))).expect("it reads");
    said(&child.wait_with_output().expect("it ends"), 0);
}

#[test]
fn every_command_has_help_and_wrong_usage_ends_with_2() {
    let commands = [
        "init",
        "check",
        "serve",
        "migrate",
        "demo",
        "procedure",
        "workflow",
        "user",
        "audit",
        "files",
        "connect",
        "mail",
        "sms",
        "backup",
        "restore",
        "org",
        "dossier",
        "theme",
        "doctor",
    ];
    let help = said(&run(&["--help"]), 0);
    for command in commands {
        assert!(help.contains(command), "{command}");
        let help = said(&run(&[command, "--help"]), 0);
        assert!(help.len() > 100, "{command}: {help}");
    }
    said(&run(&["no-such-command"]), 2);
    said(&run(&["check"]), 2);
    said(&run(&["check", "--format", "xml", "."]), 2);
}

#[test]
fn a_new_folder_is_made_checked_and_not_overwritten() {
    let dir = tempfile::tempdir().expect("a folder");
    let province = dir.path().join("tinh");
    assert!(said(&run(&["init", path(&province)]), 0).contains("motcua serve"));
    assert!(said(&run(&["check", path(&province)]), 0).contains(": 1 procedure, no mistakes"));
    assert!(said(&run(&["init", path(&province)]), 1).contains("is not empty"));
    said(&run(&["init", "--sample", "binhduong", path(&dir.path().join("bd"))]), 0);
    let checked = said(&run(&["check", path(&dir.path().join("bd"))]), 0);
    assert!(checked.contains(&format!(": {} procedures, no mistakes", sample::procedures())), "{checked}");
    assert!(said(&run(&["check", path(&dir.path().join("nowhere"))]), 1).contains("is not a folder"));
    let within = province.join("procedures");
    let told = said(&run(&["check", path(&within)]), 1);
    assert!(told.contains("is not the folder of a province") && !told.contains("mistake"), "{told}");
}

#[test]
fn check_finds_all_mistakes_of_all_files_at_once_and_speaks_json() {
    let dir = tempfile::tempdir().expect("a folder");
    let province = dir.path().join("tinh");
    said(&run(&["init", path(&province)]), 0);
    let change = |file: &str, from: &str, to: &str| {
        let file = province.join(file);
        let text = std::fs::read_to_string(&file).expect("a file");
        assert!(text.contains(from), "{from}");
        std::fs::write(&file, text.replace(from, to)).expect("written");
    };
    change("motcua.toml", "listen = \"127.0.0.1:8080\"", "lissen = \"127.0.0.1:8080\"");
    change("motcua.toml", "sqlite://data/motcua.db", "mysql://secret@host/db");
    change("organisation.toml", "ubnd-xa/lanh-dao/leader", "ubnd-xa/lanh-dao/lead");
    change("workflows/one-stop.toml", "to = \"issue\"", "to = \"isue\"");
    change("procedures/ubnd-xa/xac-nhan-cu-tru/procedure.toml", "limit = \"1 working-day\"", "limit = \"1 day\"");
    let shown = said(&run(&["check", path(&province)]), 1);
    for place in [
        "motcua.toml:2:1",
        "did you mean `listen`?",
        "organisation.toml:",
        "workflows/one-stop.toml:",
        "is not a limit",
    ] {
        assert!(shown.contains(place), "{place} is not in\n{shown}");
    }
    assert!(!shown.contains("secret"), "{shown}");
    let output = run(&["check", "--format", "json", path(&province)]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let (_, schema) = motcua_catalogue::schemas::check_report();
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let told: Vec<String> = validator.iter_errors(&json).map(|error| error.to_string()).collect();
    assert!(told.is_empty(), "{told:?}\n{json:#}");
    let mistakes = json["mistakes"].as_array().expect("a list");
    assert!(mistakes.len() >= 5, "{json}");
    for mistake in mistakes {
        assert!(mistake["line"].as_u64().is_some_and(|line| line > 0), "{mistake}");
        assert!(["code", "file", "message", "help"].iter().all(|key| mistake[key].is_string()), "{mistake}");
    }
    assert!(said(&run(&["serve", "--dir", path(&province)]), 1).contains("mistakes"));
}

#[tokio::test(flavor = "multi_thread")]
async fn migrations_run_at_start_unless_told_not_to() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let dir = tempfile::tempdir().expect("a folder");
        install(dir.path(), kind, None).await.expect("an install folder");
        let dir = path(dir.path());
        let words = ["serve", "--no-migrate", "--listen", "127.0.0.1:0", "--dir", dir];
        assert!(said(&run(&words), 1).contains("motcua migrate"));
        assert!(said(&run(&["migrate", "--status", "--dir", dir]), 1).contains("pending: m0001_first"));
        assert!(said(&run(&["migrate", "--dir", dir]), 0).contains("applying: m0001_first"));
        assert!(said(&run(&["migrate", "--status", "--dir", dir]), 0).contains("up to date"));
        let server = Server::start(Path::new(dir), &["--no-migrate"]).await.expect("it serves");
        Browser::new(&server.base).get("/healthz").await.ok().has(&["ok"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_logs_in_with_a_password_from_the_command_line_and_not_before() {
    let dir = tempfile::tempdir().expect("a folder");
    install(dir.path(), Kind::Sqlite, None).await.expect("an install folder");
    let folder = path(dir.path());
    assert!(said(&run(&["user", "list", "--dir", folder]), 1).contains("there is no database"));
    assert!(!dir.path().join("data").exists(), "nothing was made by looking");
    assert!(said(&run(&["user", "password", "nobody", "--dir", folder]), 1).contains("there is no account"));
    assert!(said(&run(&["user", "list", "--dir", folder]), 0).contains("has no password yet"));
    assert!(said(&run(&["procedure", "list", "--published", folder]), 0).is_empty(), "nothing was published");
    assert!(
        said(&run_with(&["user", "password", "--stdin", "lan.khdt", "--dir", folder], "ngắn\n"), 1)
            .contains("10 to 200")
    );
    said(&run_with(&["user", "password", "--stdin", "lan.khdt", "--dir", folder], "mật khẩu dài\n"), 0);
    let made_up = said(&run(&["user", "password", "mai.khdt", "--dir", folder]), 0);
    let made_up =
        made_up.lines().find_map(|line| line.strip_prefix("The password of mai.khdt is now: ")).expect("told");
    let server = Server::start(dir.path(), &[]).await.expect("it serves");
    for (login, password, status) in
        [("lan.khdt", "mật khẩu dài", 200), ("mai.khdt", made_up, 200), ("lan.khdt", "sai", 422), ("son.khdt", "", 422)]
    {
        let browser = Browser::new(&server.base);
        browser.get("/login").await.ok();
        let page = browser.post("/login", &[("login", login), ("password", password)]).await;
        assert_eq!(page.status, status, "{login}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_is_added_locked_and_unlocked_by_commands_while_the_portal_runs() {
    const LOG_IN: [(&str, &str); 2] = [("login", "them.nguoi"), ("password", "mật khẩu dài")];
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let dir = tempfile::tempdir().expect("a folder");
        install(dir.path(), kind, None).await.expect("an install folder");
        let server = Server::start(dir.path(), &[]).await.expect("it serves");
        let user = |command: &str, more: &[&str], input: &str| {
            let words = [&["user", command, "them.nguoi", "--dir", path(dir.path())][..], more].concat();
            run_with(&words, input)
        };
        let post = |post: &str| user("add", &["--name", "Người Thêm", "--post", post], "");
        assert!(said(&post("so-khdt/mot-cua/wizard"), 1).contains("is not a post of organisation.toml"));
        said(&post("so-khdt/mot-cua/counter"), 0);
        assert!(said(&post("so-khdt/mot-cua/counter"), 1).contains("there is an account them.nguoi already"));
        said(&user("password", &["--stdin"], "mật khẩu dài\n"), 0);
        let browser = Browser::new(&server.base);
        browser.get("/login").await.ok();
        browser.post("/login", &LOG_IN).await.ok();
        browser.get("/desk").await.ok().has(&["Người Thêm"]);

        assert!(said(&user("lock", &[], ""), 0).contains("was logged out everywhere"));
        assert_eq!(browser.get("/desk").await.status, 401);
        browser.get("/login").await.ok();
        assert_eq!(browser.post("/login", &LOG_IN).await.status, 422);
        said(&user("unlock", &[], ""), 0);
        browser.post("/login", &LOG_IN).await.ok();
        browser.get("/desk").await.ok();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demonstration_is_made_once_served_proved_and_found_out_when_a_byte_is_changed() {
    let dir = tempfile::tempdir().expect("a folder");
    let demo = dir.path().join("demo");
    for _ in 0..2 {
        let server = Server::demo(&demo).await.expect("it serves");
        assert!(server.said.contains("motcua-demo") && server.said.contains("lan.khdt"), "{}", server.said);
        let browser = Browser::new(&server.base);
        browser.log_in("lan.khdt", "motcua-demo").await.has(&["Bàn làm việc", "/dossiers/H09.03-"]);
        browser.log_in("kiemsoat", "motcua-demo").await;
        browser.get("/desk/figures").await.ok().has(&["Sở Tài nguyên và Môi trường", "class=\"late\""]);
        drop(server);
    }
    let folder = path(&demo);
    assert!(said(&run(&["doctor", "--dir", folder]), 0).contains("0 problems"));
    said(&run(&["audit", "verify", "--dir", folder]), 0);
    said(&run(&["audit", "rebuild", "--dir", folder]), 0);
    said(&run(&["audit", "verify", "--dir", folder]), 0);

    // One byte of a payload, in the file itself.
    let changed = change_one_byte(&demo.join("data/motcua.db"));
    assert!(changed, "the byte was found");
    let broken = said(&run(&["audit", "verify", "--dir", folder]), 1);
    assert!(broken.contains("entry 1 (filed) of dossier H09.03-"), "{broken}");
    assert!(said(&run(&["doctor", "--dir", folder]), 1).contains("things are wrong"));
    assert!(said(&run(&["audit", "rebuild", "--dir", folder]), 1).contains("left as they are"));
}

/// Changes one byte of the code in the event of a filed company, in the file of the database. Returns whether the code
/// was found.
fn change_one_byte(file: &Path) -> bool {
    let mut bytes = std::fs::read(file).expect("the database");
    let payload = b"\"event\":\"filed\",\"code\":\"H09.03-";
    let Some(at) = bytes.windows(payload.len()).position(|window| window == payload) else { return false };
    bytes[at + payload.len() - 1] = b'+';
    std::fs::write(file, bytes).expect("written");
    true
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_names_what_is_wrong_with_an_install() {
    let dir = tempfile::tempdir().expect("a folder");
    let demo = dir.path().join("demo");
    drop(Server::demo(&demo).await.expect("it serves"));
    let mut file = demo.join("data/files");
    while file.is_dir() {
        file = std::fs::read_dir(&file).expect("a folder").next().expect("one").expect("an entry").path();
    }
    let folder = path(&demo);
    assert!(said(&run(&["files", "verify", "--dir", folder]), 0).contains(" files are as they were stored"));
    assert!(said(&run(&["files", "sweep", "--dry-run", "--dir", folder]), 0).contains("would delete 0 files"));
    std::fs::write(&file, "khác").expect("written");
    let lost = said(&run(&["files", "verify", "--dir", folder]), 1);
    assert!(lost.contains("was changed; it belongs to ") && lost.contains("dossier H09."), "{lost}");
    let settings = demo.join("motcua.toml");
    let text = std::fs::read_to_string(&settings).expect("the settings");
    std::fs::write(&settings, text.replace("http://127.0.0.1:8080", "http://dichvucong.example")).expect("written");
    let shown = said(&run(&["doctor", "--dir", path(&demo)]), 1);
    let name = file.file_name().expect("a name").to_string_lossy().into_owned();
    for problem in [name.as_str(), "without encryption", "2 problems"] {
        assert!(shown.contains(problem), "{problem} is not in\n{shown}");
    }
}

#[test]
fn doctor_finds_a_portal_without_officers() {
    let dir = tempfile::tempdir().expect("a folder");
    let province = dir.path().join("tinh");
    said(&run(&["init", path(&province)]), 0);
    let organisation = province.join("organisation.toml");
    let text = std::fs::read_to_string(&organisation).expect("the organisation");
    let (without, _) = text.split_once("[[officer]]").expect("officers");
    std::fs::write(&organisation, without).expect("written");
    said(&run(&["migrate", "--dir", path(&province)]), 0);
    let told = said(&run(&["doctor", "--dir", path(&province)]), 1);
    assert!(told.contains("problem  no officer has an account that is open"), "{told}");
    assert!(!told.contains("officers: 0"), "{told}");
}

#[test]
fn an_environment_variable_goes_before_the_file_and_a_wrong_one_is_an_error() {
    let dir = tempfile::tempdir().expect("a folder");
    let province = dir.path().join("tinh");
    said(&run(&["init", path(&province)]), 0);
    let check = |name: &str, value: &str| {
        motcua().args(["migrate", "--dir", path(&province)]).env(name, value).output().expect("it runs")
    };
    said(&check("MOTCUA_DATABASE", "sqlite://elsewhere/other.db"), 0);
    assert!(province.join("elsewhere/other.db").exists());
    assert!(said(&check("MOTCUA_DATABASSE", "x"), 1).contains("MOTCUA_"));
    assert!(said(&check("MOTCUA_READERS", "many"), 1).contains("MOTCUA_"));
}

#[test]
fn scenarios_are_played_and_what_comes_otherwise_is_shown_side_by_side() {
    let dir = tempfile::tempdir().expect("a folder");
    let province = dir.path().join("tinh");
    said(&run(&["init", "--sample", "binhduong", path(&province)]), 0);
    let played = said(&run(&["procedure", "test", path(&province)]), 0);
    assert!(played.contains(&format!("{} scenarios passed, 0 failed", sample::scenarios())), "{played}");
    assert!(said(&run(&["procedure", "list", path(&province)]), 0).contains("dang-ky-khai-sinh  Đăng ký khai sinh"));
    let folder = "procedures/so-khdt/thanh-lap-cong-ty-tnhh-hai-thanh-vien/tests";
    let file = province.join(folder).join("supplement.toml");
    let text = std::fs::read_to_string(&file).expect("a scenario");
    let wrong = text
        .replace("fees = 50_000", "fees = 60_000")
        .replace("due = \"2026-03-10 09:00\"", "due = \"2026-03-06 09:00\"")
        .replace("refused = \"asked-already\"", "status = \"supplement-requested\"");
    std::fs::write(&file, wrong).expect("written");
    let shown = said(&run(&["procedure", "test", path(&province), "--only", "so-khdt/thanh-lap-cong-ty-tnhh-hai"]), 1);
    for part in [
        "fees\n    expected  60.000 đ\n    found     50.000 đ",
        "due\n    expected  2026-03-06 09:00\n    found     2026-03-10 09:00",
        "refused\n    expected  carried out\n    found     asked-already",
        "5 scenarios passed, 1 failed",
    ] {
        assert!(shown.contains(part), "{part} is not in\n{shown}");
    }
    let line = text.lines().position(|line| line.contains("due = \"2026-03-10 09:00\"")).expect("a line");
    assert!(shown.contains(&format!("{folder}/supplement.toml:{}: due", line + 1)), "{shown}");
}

/// Returns the fenced blocks of a page: the word behind the three marks, and the text.
fn blocks(page: &str) -> Vec<(&str, String)> {
    let mut blocks = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(kind) = line.strip_prefix("```") {
            let text =
                lines.by_ref().take_while(|line| *line != "```").fold(String::new(), |text, line| text + line + "\n");
            blocks.push((kind, text));
        }
    }
    blocks
}

/// Returns the words of a command line. Words that contain blanks stand in double quotes.
fn words(line: &str) -> Vec<String> {
    let quoted = line.split('"').enumerate();
    quoted
        .flat_map(|(at, part)| {
            if at % 2 == 1 { vec![part.to_owned()] } else { part.split_whitespace().map(str::to_owned).collect() }
        })
        .collect()
}

/// The page with all keys of files.
const KEYS: &str = include_str!("../../../docs/keys.md");

#[test]
fn everything_in_the_authors_guide_works_as_written() {
    let dir = tempfile::tempdir().expect("a folder");
    let (mut commands, mut files) = (0, 0);
    for (kind, text) in blocks(include_str!("../../../docs/authoring.md")) {
        if let Some(file) = kind.strip_prefix("toml file=") {
            let file = dir.path().join(file);
            std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
            std::fs::write(&file, text).expect("written");
            files += 1;
            continue;
        }
        if kind == "toml" {
            let keys = text.lines().filter_map(|line| line.split_once(" = ")).map(|(key, _)| key);
            let unknown: Vec<&str> = keys.filter(|key| !KEYS.contains(&format!("\n| `{key}`"))).collect();
            assert_eq!(unknown, Vec::<&str>::new(), "docs/keys.md lists no such key");
            continue;
        }
        assert_eq!(kind, "sh", "the guide has commands, files and parts of files only");
        for line in text.lines() {
            let line = line.strip_prefix("motcua ").expect("a command of ours");
            let output = motcua().args(words(line)).current_dir(dir.path()).output().expect("the binary runs");
            let told = said(&output, 0);
            if line.starts_with("procedure test") && !line.contains("--only") {
                assert!(told.contains("13 scenarios passed, 0 failed"), "{told}");
            }
            commands += 1;
        }
    }
    assert!(commands >= 6 && files >= 3, "{commands} commands and {files} files");
}

#[test]
fn a_new_procedure_is_written_from_answers_and_nothing_is_overwritten() {
    let dir = tempfile::tempdir().expect("a folder");
    let province = dir.path().join("tinh");
    said(&run(&["init", path(&province)]), 0);
    let new = ["procedure", "new", "ubnd-xa/moi", "--dir", path(&province)];
    // An answer that is a mistake is asked for again.
    let answers = "1.234567\nThủ tục \"mới\"\n\n\n5 ngày\n2 working-days\n\ntwo-stop\none-stop\n";
    let told = said(&run_with(&new, answers), 0);
    assert!(told.contains("`5 ngày` is not a limit") && told.contains("there is no `two-stop`"), "{told}");
    let file = province.join("procedures/ubnd-xa/moi/procedure.toml");
    let text = std::fs::read_to_string(&file).expect("written");
    assert!(text.contains("name = 'Thủ tục \"mới\"'") && text.lines().count() < 60, "{text}");
    assert!(said(&run(&["check", path(&province)]), 0).contains("2 procedures, no mistakes"));
    assert!(said(&run_with(&new, ""), 1).contains("is there already"));
    let other = ["procedure", "new", "ubnd-xa/khac", "--dir", path(&province), "--limit", "5 ngày"];
    assert!(said(&run_with(&other, ""), 1).contains("is not a limit"));
    for (at, says) in [("so-la/moi", "there is no agency"), ("../moi", "small letters"), ("moi", "agency/name")] {
        let new = ["procedure", "new", at, "--dir", path(&province)];
        assert!(said(&run_with(&new, ""), 1).contains(says), "{at}");
    }
}

#[test]
fn a_procedure_is_tried_out_with_more_officers_and_another_limit_before_anybody_waits() {
    let dir = tempfile::tempdir().expect("a folder");
    let province = dir.path().join("tinh");
    said(&run(&["init", path(&province), "--sample", "binhduong"]), 0);
    let at = "so-khdt/thanh-lap-cong-ty-tnhh-hai-thanh-vien";
    let (plan, plot) = (dir.path().join("plan.toml"), dir.path().join("plot.svg"));
    std::fs::write(&plan, "arrivals = 12.0\n[step.processing]\nminutes = 40.0\n").expect("it is written");
    let simulate = |more: &[&str]| {
        let days = ["--from", "2026-03-02", "--days", "20", "--runs", "3"];
        run(&[&["workflow", "simulate", at, "--dir", path(&province)], &days[..], more].concat())
    };
    let words = ["--plan", path(&plan), "--with", "specialist+2", "--limit", "1 working-day", "--plot", path(&plot)];
    let told = simulate(&[&words[..], &["--format", "json"]].concat());
    let report: serde_json::Value = serde_json::from_str(&said(&told, 0)).expect("it is JSON");
    assert_eq!(report["plan"]["step"]["processing"]["minutes"], 40.0);
    assert_eq!(report["plan"]["applicant_days"], 5.0, "what the plan does not say is as usual");
    let officers = |trial: &str| {
        let posts = report["reports"][trial]["posts"].as_array().expect("posts").clone();
        let found = posts.iter().find(|post| post["post"]["role"] == "specialist").expect("a specialist").clone();
        found["officers"].as_i64().expect("a number")
    };
    assert_eq!(officers("tried"), officers("as-it-is") + 2);
    let late = |trial: &str| report["reports"][trial]["late"].as_f64().expect("a number");
    assert!(late("tried") > late("as-it-is"), "{report:#}");
    let drawn = std::fs::read_to_string(&plot).expect("it is drawn");
    assert!(drawn.starts_with("<svg") && drawn.contains("limit: 1 working-day"), "{drawn}");
    let text = said(&simulate(&words), 0);
    assert!(text.contains("tried") && text.contains("dossiers wait longest for"), "{text}");

    std::fs::write(&plan, "arivals = 12.0\n").expect("it is written");
    assert!(said(&simulate(&["--plan", path(&plan)]), 1).contains("unknown field `arivals`"));
    assert!(said(&simulate(&["--with", "wizard+1"]), 1).contains("write `specialist+2`"));
    assert!(said(&simulate(&["--with", "specialist-900"]), 1).contains("nobody is left"));
    said(&run(&["migrate", "--dir", path(&province)]), 0);
    assert!(said(&simulate(&["--from-journal"]), 1).contains("the journal has no dossier"));
}
