//! `motcua doctor`: checks an installation and its machine, and changes nothing.

mod certificate;
mod machine;

use crate::output::counted;
use crate::runtime::ProvinceFolder;
use crate::{CommandOutcome, language, log_key, output};
use motcua_service::{FaultyVersion, MailServer, OfficerState, SmsGateway, TimeSource, faulty_versions};
use motcua_store::files::CheckDepth;
use motcua_store::log::{HEAD_FILE, LogTrust, read_kept};
use motcua_store::staffing::{self, StraySteps};
use motcua_store::{Database, account_row, accounts};
use std::path::Path;

/// The problems, one line each.
#[derive(Debug, Default)]
struct DoctorFindings {
    problems: Vec<String>,
}

impl DoctorFindings {
    fn problem(&mut self, what: &str, advice: &str) {
        say!("vấn đề  {what}\n        {advice}", "problem  {what}\n         {advice}");
        self.problems.push(what.to_owned());
    }
}

fn fine(what: &str) {
    say!("ổn      {what}", "ok       {what}");
}

pub async fn run(dir: &Path) -> anyhow::Result<CommandOutcome> {
    let mut findings = DoctorFindings::default();
    let province = ProvinceFolder::read(dir, &TimeSource::System)?;
    match province.mistakes.len() {
        0 => {
            let count = province.install.declared.len();
            let counted = counted(count, "procedure");
            fine(&told!("thư mục cài đặt: {count} thủ tục", "install folder: {counted}"));
        }
        count => {
            let counted = counted(count, "mistake");
            let what = told!("thư mục cài đặt: {count} lỗi", "install folder: {counted}");
            findings.problem(&what, &told!("hãy chạy: motcua check {}", "run: motcua check {}"; dir.display()));
        }
    }
    match province.theme() {
        Ok(theme) if theme.check().1.is_empty() => fine(&told!("giao diện", "theme")),
        Ok(_) => findings.problem(
            &told!("giao diện có trang không dựng được", "the theme has pages that cannot be rendered"),
            &told!("hãy chạy: motcua theme check THEME", "run: motcua theme check THEME"),
        ),
        Err(error) => findings.problem(
            &format!("{error:#}"),
            &told!("hãy xem `theme` trong motcua.toml", "look at `theme` in motcua.toml"),
        ),
    }
    machine::look_at_folder_of_province(&mut findings, &province);
    machine::look_at_address(&mut findings, &province);
    machine::look_at_certificates(&mut findings, &province, TimeSource::System.now());
    for (key, weak) in province.weaknesses() {
        let (what, advice) = weak.words();
        findings.problem(&format!("`{key}`: {}", language::told(&what)), language::told(&advice));
    }
    match province.database().await {
        Ok(database) => look_at(&mut findings, &province, &database).await?,
        Err(error) => findings.problem(
            &output::told(&error),
            &told!("cổng không chạy được nếu thiếu cơ sở dữ liệu", "the portal cannot run without its database"),
        ),
    }
    machine::look_at_folders(&mut findings, &province);
    look_at_mail(&mut findings, &province).await;
    look_at_gateway(&mut findings, &province);
    let count = findings.problems.len();
    let counted = counted(count, "problem");
    say!("{count} vấn đề", "{counted}");
    Ok(if findings.problems.is_empty() { CommandOutcome::Fine } else { CommandOutcome::Findings })
}

async fn look_at(findings: &mut DoctorFindings, province: &ProvinceFolder, database: &Database) -> anyhow::Result<()> {
    let pending = database.pending_migrations().await?;
    if !pending.is_empty() {
        let advice = told!(
            "hãy chạy: motcua migrate --dir {}", "run: motcua migrate --dir {}";
            province.dir.display()
        );
        let what = told!("lược đồ cơ sở dữ liệu thiếu {}", "the database schema lacks {}"; pending.join(", "));
        findings.problem(&what, &advice);
        return Ok(());
    }
    let about = database.about().await?;
    fine(&told!("cơ sở dữ liệu: {} {}", "database: {} {}"; database.kind(), about.version));
    let head = database.log_head().await?.map(|head| head.at);
    machine::look_at_clock(findings, &about, head, TimeSource::System.now());
    match database.check_replica(TimeSource::System.now().as_second()).await {
        Ok(true) => fine(&told!(
            "bản sao của cơ sở dữ liệu: trả lời được các số liệu",
            "replica of the database: it answers the figures"
        )),
        Ok(false) => {}
        Err(fault) => {
            let advice = told!(
                "hãy xem database_read_url; vai trò cần SELECT trên dossier và figure (docs/postgresql.md)",
                "look at database_read_url; its role needs SELECT on dossier and figure (docs/postgresql.md)"
            );
            let what = told!(
                "bản sao không trả lời được các số liệu: {fault}",
                "the replica does not answer the figures: {fault}"
            );
            findings.problem(&what, &advice);
        }
    }
    let report = database.verify(&LogTrust { keys: log_key::public(&province.dir)?, kept: None }).await?;
    match report.wrong {
        0 => fine(&told!(
            "sổ nhật ký và các danh sách: {} sự kiện của {} hồ sơ",
            "journal and lists: {} events of {} dossiers";
            report.entries, report.dossiers
        )),
        wrong => findings.problem(
            &told!("sổ nhật ký và các danh sách: {wrong} chỗ sai", "journal and lists: {wrong} things are wrong"),
            &told!("hãy chạy: motcua audit verify", "run: motcua audit verify"),
        ),
    }
    look_at_log(findings, province, database).await?;
    if !database.projections_are_current().await? {
        let advice = told!(
            "hãy chạy: motcua migrate; nếu không được, hãy chạy: motcua audit verify, rồi motcua audit rebuild",
            "run: motcua migrate; if that does not help, run: motcua audit verify, then motcua audit rebuild"
        );
        let what = told!(
            "danh sách của một số hồ sơ không do phiên bản này lập",
            "the lists of some dossiers were not made by this version"
        );
        findings.problem(&what, &advice);
    }
    look_at_files(findings, province, database).await;
    // A file with mistakes, which were reported, does not say who is an officer.
    if province.names_officers() {
        look_at_officers(findings, &province.install.province, &accounts::officers(database.reader()).await?);
    }
    look_at_steps(findings, staffing::stray_steps(database.reader()).await?);
    look_at_rules(findings, &faulty_versions(database).await?);
    Ok(())
}

/// Checks that the mail server answers and lets the portal log in, if the settings name one.
async fn look_at_mail(findings: &mut DoctorFindings, province: &ProvinceFolder) {
    let Some(server) = MailServer::new(&province.settings.mail) else { return };
    match server.connect().await {
        Ok(connection) => {
            connection.close().await;
            fine(&told!("máy chủ thư {}: có trả lời", "mail server {}: it answers"; server.place()));
        }
        Err(trouble) => {
            let advice = told!(
                "hãy xem [mail] trong motcua.toml; rồi chạy: motcua mail test ADDRESS",
                "look at [mail] in motcua.toml; then run: motcua mail test ADDRESS"
            );
            findings.problem(&trouble.to_string(), &advice);
        }
    }
}

/// Checks that messages to phones can be signed, if the settings name a gateway. Only a message shows whether it answers.
fn look_at_gateway(findings: &mut DoctorFindings, province: &ProvinceFolder) {
    let Some(gateway) = SmsGateway::new(&province.settings.sms) else { return };
    if gateway.has_key() {
        let place = gateway.place();
        fine(&told!("cổng nhắn tin {place}: có khóa ký", "gateway for messages {place}: messages can be signed"));
        return;
    }
    findings.problem(
        &told!(
            "`secret` dưới [sms] không phải là whsec_ và base64, nên không tin nhắn nào được gửi",
            "`secret` under [sms] is not whsec_ and base64, so no messages are sent"
        ),
        &told!(
            "hãy đặt biến MOTCUA_SMS__SECRET; rồi chạy: motcua sms test NUMBER",
            "set the variable MOTCUA_SMS__SECRET; then run: motcua sms test NUMBER"
        ),
    );
}

/// Checks that no rule of a version in use failed on what people gave.
fn look_at_rules(findings: &mut DoctorFindings, faulty: &[FaultyVersion]) {
    for FaultyVersion { version, procedure, faults } in faulty {
        for reported in faults {
            let count = reported.times;
            let times = counted(usize::try_from(count).unwrap_or(usize::MAX), "time");
            let last = reported.dossier.as_ref();
            let last =
                last.map_or_else(String::new, |code| told!(", gần nhất ở hồ sơ {code}", ", last in dossier {code}"));
            let (code, fault) = (&procedure.code, reported.fault.text());
            let fault = language::told(&fault);
            let what = told!(
                "một quy tắc của thủ tục {code} không tính được ít nhất {count} lần{last}: {fault}",
                "a rule of procedure {code} failed at least {times}{last}: {fault}"
            );
            let advice = told!(
                "rồi chạy: motcua dossier migrate {version} NEW --reason \"…\"; người nộp đã không bổ sung được có \
                 thêm thời gian, một lần (docs/workflows.md)",
                "then run: motcua dossier migrate {version} NEW --reason \"…\"; an applicant who could not supplement \
                 has more time, once (docs/workflows.md)"
            );
            findings.problem(&what, &advice);
        }
    }
    if faulty.is_empty() {
        fine(&told!("quy tắc của các thủ tục: đều tính được", "rules of procedures: each could be evaluated"));
    }
}

/// Checks that every open step is in the list of somebody.
fn look_at_steps(findings: &mut DoctorFindings, stray: StraySteps) {
    let in_words = |count: i64| counted(usize::try_from(count).unwrap_or_default(), "open step");
    let StraySteps { left_behind, at_empty_posts } = stray;
    if left_behind > 0 {
        let steps = in_words(left_behind);
        let what = told!(
            "{left_behind} bước đang mở được giao cho cán bộ không giữ vị trí công tác đó",
            "{steps} assigned to officers who do not hold the post"
        );
        let advice = told!(
            "hãy khởi động lại cổng, để trả các bước về cho người giữ vị trí công tác",
            "start the portal again, which returns them to the holders of the post"
        );
        findings.problem(&what, &advice);
    }
    if at_empty_posts > 0 {
        let steps = in_words(at_empty_posts);
        let what =
            told!("{at_empty_posts} bước đang mở ở vị trí công tác không ai giữ", "{steps} at posts that nobody holds");
        let advice = told!(
            "hãy nêu cán bộ cho các vị trí này trong organisation.toml rồi khởi động lại cổng",
            "name officers for these posts in organisation.toml and start the portal again"
        );
        findings.problem(&what, &advice);
    }
    if left_behind == 0 && at_empty_posts == 0 {
        fine(&told!(
            "các bước đang mở: bước nào cũng ở trong danh sách của một cán bộ",
            "open steps: each is in the list of an officer"
        ));
    }
}

/// Checks that officers can log in, and that the accounts are those of organisation.toml.
fn look_at_officers(
    findings: &mut DoctorFindings,
    organisation: &motcua_catalogue::Province,
    officers: &[account_row::Model],
) {
    let states: Vec<_> = officers.iter().map(|row| (&row.login, OfficerState::of(row, organisation))).collect();
    for (login, state) in &states {
        let advice = match state {
            OfficerState::Leaving => told!(
                "hãy khởi động lại cổng, hoặc chạy: motcua user lock LOGIN",
                "start the portal again, or run: motcua user lock LOGIN"
            ),
            OfficerState::Returning => told!(
                "hãy khởi động lại cổng, hoặc chạy: motcua user unlock LOGIN",
                "start the portal again, or run: motcua user unlock LOGIN"
            ),
            _ => continue,
        };
        findings.problem(&format!("{login} {}", language::told(&state.text())), &advice);
    }
    let count = |wanted: OfficerState| states.iter().filter(|(_, state)| *state == wanted).count();
    let without = count(OfficerState::NoPassword);
    match without + count(OfficerState::CanLogIn) {
        0 => findings.problem(
            &told!(
                "không cán bộ nào có tài khoản đang mở, nên không ai giải quyết được hồ sơ",
                "no officer has an account that is open, so nobody can work on dossiers"
            ),
            &told!(
                "hãy nêu cán bộ trong organisation.toml, khởi động cổng một lần, rồi chạy: motcua user password LOGIN",
                "name officers in organisation.toml, start the portal once, and run: motcua user password LOGIN"
            ),
        ),
        _ if without > 0 => {
            let counted = counted(without, "officer");
            let what = told!("{without} cán bộ chưa có mật khẩu", "{counted} without a password");
            let advice = told!("hãy chạy: motcua user password LOGIN", "run: motcua user password LOGIN");
            findings.problem(&what, &advice);
        }
        open => fine(&told!("cán bộ: {open}", "officers: {open}")),
    }
}

/// Checks that the log is that of the install folder, by its keys and by the head that a node stored there.
async fn look_at_log(
    findings: &mut DoctorFindings,
    province: &ProvinceFolder,
    database: &Database,
) -> anyhow::Result<()> {
    let keys = log_key::public(&province.dir)?;
    if keys.is_empty() && database.log_head().await?.is_some() {
        let advice = told!(
            "hãy chép {} và {} của nút niêm phong nhật ký", "copy {} and {} of the node that seals the log";
            log_key::SECRET, log_key::PUBLIC
        );
        let what = told!(
            "nhật ký: thư mục cài đặt không có khóa công khai, nên phải tin các khóa trong cơ sở dữ liệu",
            "log: the install folder has no public key, so the keys in the database are believed"
        );
        findings.problem(&what, &advice);
    }
    let log = &province.settings.log;
    match log.publish.len() {
        0 => fine(&told!(
            "nhật ký: không công bố đầu nào; xem [log] trong docs/journal.md",
            "log: no heads are published; see [log] in docs/journal.md"
        )),
        count => fine(&told!(
            "nhật ký: các đầu được công bố ở {count} nơi, nhiều nhất mỗi {:#} một lần",
            "log: heads are published at {count} places, at most once in {:#}";
            log.every
        )),
    }
    let Some(kept) = read_kept(&province.dir).await? else {
        fine(&told!("nhật ký: {HEAD_FILE} chưa giữ đầu nào", "log: no head is kept in {HEAD_FILE} yet"));
        return Ok(());
    };
    match database.continues(&kept, &keys).await {
        Ok(size) => fine(&told!(
            "nhật ký: bắt đầu bằng đầu có {size} mục trong {HEAD_FILE}",
            "log: it begins with the head of {size} entries in {HEAD_FILE}"
        )),
        Err(fault) if fault.is_temporary() => return Err(fault.into()),
        Err(fault) => findings.problem(
            &told!("nhật ký: {fault}", "log: {fault}"),
            &told!(
                "xem docs/journal.md, “A node keeps its last head”",
                "see docs/journal.md, “A node keeps its last head”"
            ),
        ),
    }
    Ok(())
}

/// Checks that every file exists with its size. Only `motcua files verify` reads all contents.
async fn look_at_files(findings: &mut DoctorFindings, province: &ProvinceFolder, database: &Database) {
    let checked = match province.files() {
        Ok(files) => files.verify(database, CheckDepth::Size).await.map_err(anyhow::Error::from),
        Err(error) => Err(error),
    };
    match checked {
        Ok(checked) if checked.findings.is_empty() => fine(&told!(
            "tệp: {} tệp được lưu, tệp nào cũng đúng kích thước; để đọc hết, hãy chạy: motcua files verify --dir {}",
            "files: {} stored, each of its size; to read them all, run: motcua files verify --dir {}";
            checked.sound, province.dir.display()
        )),
        Ok(checked) => {
            for finding in &checked.findings {
                let advice = told!("hãy khôi phục từ bản sao lưu", "restore it from a backup");
                findings.problem(&finding.to_string(), &advice);
            }
        }
        Err(error) => findings.problem(
            &told!("tệp: {error:#}", "files: {error:#}"),
            &told!("hãy xem `files` trong motcua.toml", "look at `files` in motcua.toml"),
        ),
    }
}
