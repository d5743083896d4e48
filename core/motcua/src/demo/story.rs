//! The events in the sample province during the last weeks.

use super::PASSWORD;
use super::forms::{PAPER, SampleProcedure, fill_in, stream};
use super::people::APPLICANTS;
use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::event::{Payment, PaymentMethod, Rating};
use motcua_domain::names::DossierCode;
use motcua_domain::people::organisation::{Actor, Role};
use motcua_domain::time::calendar::{Calendar, WorkingLength};
use motcua_service::{ActRequest, DossierChange, Registration, Services, TimeSource};
use std::collections::HashMap;

/// One deed of a person.
#[derive(Debug, Clone, Copy)]
enum StoryDeed {
    File,
    /// An officer's action, with a note.
    Act(Role, &'static str, &'static str),
    Pay,
    Supplement,
    Asks(&'static str),
    Answers(Role, &'static str),
    Withdraw(&'static str),
    Rate([u8; 5], &'static str),
    /// The portal closes a dossier whose applicant let a limit pass.
    Lapse,
}

/// The working hours after filing, each with the deed at that time.
type StoryScript = Vec<(f64, StoryDeed)>;

use Role::{Appraiser, Counter, Leader, Specialist, UnitHead};
use SampleProcedure::{Birth, Company, Water};
use StoryDeed::{Act, Answers, Asks, File, Lapse, Pay, Rate, Supplement, Withdraw};

/// Returns the straight way through a procedure, from filing to handing over.
fn straight(procedure: SampleProcedure) -> StoryScript {
    let mut script = vec![(0.0, File)];
    script.extend(match procedure {
        Company => vec![
            (0.75, Act(Counter, "accept", "")),
            (1.5, Pay),
            (2.25, Act(UnitHead, "assign", "")),
            (8.0, Act(Specialist, "propose", "Hồ sơ hợp lệ, đề nghị cấp giấy chứng nhận.")),
            (10.0, Act(Leader, "approve", "")),
            (11.0, Act(Specialist, "issue", "")),
            (15.0, Act(Counter, "hand-over", "")),
        ],
        Water => vec![
            (2.0, Act(Counter, "accept", "")),
            (5.0, Pay),
            (6.0, Act(UnitHead, "assign", "")),
            (120.0, Act(Specialist, "propose", "Đề án đủ căn cứ; đã kiểm tra thực địa.")),
            (170.0, Act(Appraiser, "agree", "Nhất trí với kết quả thẩm tra.")),
            (190.0, Act(Leader, "approve", "")),
            (191.0, Act(Specialist, "issue", "")),
            (200.0, Act(Counter, "hand-over", "")),
        ],
        Birth => vec![
            (0.4, Act(Counter, "accept", "")),
            (2.5, Act(Specialist, "propose", "Giấy chứng sinh hợp lệ.")),
            (4.0, Act(Leader, "approve", "")),
            (5.0, Act(Specialist, "issue", "")),
            (7.0, Act(Counter, "hand-over", "")),
        ],
    });
    script
}

/// Returns the straight way with everything after filing `factor` times as slow.
fn slow(procedure: SampleProcedure, factor: f64) -> StoryScript {
    straight(procedure).into_iter().map(|(at, deed)| (at * factor, deed)).collect()
}

/// Returns the first `steps` deeds of the straight way, and then others.
fn then(procedure: SampleProcedure, steps: usize, deeds: &[(f64, StoryDeed)]) -> StoryScript {
    straight(procedure).into_iter().take(steps).chain(deeds.iter().copied()).collect()
}

/// Returns the straight way to its end, and then a rating.
fn rated(procedure: SampleProcedure, points: [u8; 5], text: &'static str) -> StoryScript {
    let mut script = straight(procedure);
    let end = script.last().map_or(0.0, |(at, _)| *at);
    script.push((end + 6.0, Rate(points, text)));
    script
}

const MISSING: &str =
    "Điều lệ chưa có chữ ký của thành viên thứ hai; đề nghị bổ sung bản có đủ chữ ký (Điều 24 Luật Doanh nghiệp).";

/// Returns the scripts, each with the working hours since its filing. Deeds in the future have not happened.
#[expect(clippy::too_many_lines, reason = "a list of dossiers, one a line")]
fn dossiers() -> Vec<(SampleProcedure, f64, StoryScript)> {
    vec![
        (Company, 230.0, rated(Company, [2, 2, 2, 2, 2], "Không phải đi lại lần nào. Rất tiện.")),
        (Company, 150.0, slow(Company, 3.0)),
        (Company, 120.0, rated(Company, [2, 1, 2, 2, 2], "")),
        (
            Company,
            96.0,
            then(
                Company,
                5,
                &[(
                    10.0,
                    Act(
                        Leader,
                        "refuse",
                        "Tên công ty gây nhầm lẫn với doanh nghiệp đã đăng ký (Điều 41 Luật Doanh nghiệp).",
                    ),
                )],
            ),
        ),
        (Company, 260.0, then(Company, 1, &[(0.6, Act(Counter, "request-supplement", MISSING)), (240.0, Lapse)])),
        (Company, 80.0, rated(Company, [1, 1, 2, 1, 1], "Trang thanh toán nên rõ hơn.")),
        (Company, 60.0, then(Company, 4, &[])),
        (Company, 52.0, then(Company, 4, &[(4.0, Withdraw("Các thành viên đổi ý về vốn góp, sẽ nộp lại sau."))])),
        (
            Company,
            40.0,
            then(
                Company,
                1,
                &[(0.7, Act(Counter, "decline", "Ngành nghề đề nghị thuộc thẩm quyền cấp phép của Bộ Công Thương."))],
            ),
        ),
        (
            Company,
            26.0,
            then(
                Company,
                1,
                &[
                    (0.6, Act(Counter, "request-supplement", MISSING)),
                    (9.0, Supplement),
                    (9.4, Act(Counter, "accept", "")),
                    (10.0, Pay),
                    (11.0, Act(UnitHead, "assign", "")),
                ],
            ),
        ),
        (Company, 20.0, then(Company, 7, &[])),
        (Company, 12.0, straight(Company)),
        (Company, 10.6, straight(Company)),
        (Company, 9.0, straight(Company)),
        (
            Company,
            6.0,
            then(
                Company,
                4,
                &[
                    (3.0, Asks("Cho tôi hỏi hồ sơ còn thiếu gì không ạ?")),
                    (3.5, Answers(Specialist, "Hồ sơ đã đủ, chúng tôi đang thẩm tra.")),
                ],
            ),
        ),
        (Company, 5.0, then(Company, 1, &[(0.6, Act(Counter, "request-supplement", MISSING))])),
        (Company, 2.0, straight(Company)),
        (Company, 1.2, straight(Company)),
        (Company, 0.6, straight(Company)),
        (Company, 0.2, straight(Company)),
        (Water, 420.0, rated(Water, [2, 2, 1, 2, 2], "")),
        (Water, 400.0, then(Water, 5, &[])),
        (Water, 330.0, rated(Water, [2, 2, 2, 2, 2], "Cán bộ hướng dẫn tận tình.")),
        (
            Water,
            230.0,
            then(
                Water,
                5,
                &[(150.0, Act(Appraiser, "send-back", "Cần bổ sung tính toán ảnh hưởng tới giếng lân cận."))],
            ),
        ),
        (Water, 195.0, straight(Water)),
        (Water, 180.0, straight(Water)),
        (Water, 150.0, straight(Water)),
        (Water, 60.0, straight(Water)),
        (
            Water,
            20.0,
            then(
                Water,
                4,
                &[(
                    9.0,
                    Act(
                        Specialist,
                        "request-supplement",
                        "Đề án thiếu bản đồ vị trí giếng tỷ lệ 1:5.000 (Điều 16 Nghị định 54/2024/NĐ-CP).",
                    ),
                )],
            ),
        ),
        (Water, 12.0, then(Water, 3, &[])),
        (Water, 4.0, straight(Water)),
        (Water, 1.0, straight(Water)),
        (Birth, 200.0, rated(Birth, [2, 2, 2, 2, 2], "Nhanh, con tôi có giấy khai sinh trong ngày.")),
        (Birth, 140.0, rated(Birth, [2, 2, 2, 2, 2], "")),
        (Birth, 90.0, slow(Birth, 2.5)),
        (
            Birth,
            70.0,
            then(Birth, 3, &[(3.2, Act(Leader, "refuse", "Trẻ đã được đăng ký khai sinh tại phường Hiệp Thành."))]),
        ),
        (Birth, 45.0, rated(Birth, [1, 2, 2, 2, 2], "")),
        (Birth, 14.0, then(Birth, 2, &[])),
        (
            Birth,
            10.0,
            then(
                Birth,
                1,
                &[(0.3, Act(Counter, "request-supplement", "Ảnh giấy chứng sinh bị mờ, không đọc được ngày sinh."))],
            ),
        ),
        (Birth, 6.0, straight(Birth)),
        (Birth, 4.5, straight(Birth)),
        (Birth, 3.0, straight(Birth)),
        (Birth, 1.5, straight(Birth)),
        (Birth, 0.1, straight(Birth)),
    ]
}

/// Returns the officer who plays a role for a procedure.
fn officer(procedure: SampleProcedure, role: Role, variety: usize) -> &'static str {
    match (procedure, role) {
        (Company, Counter) => "lan.khdt",
        (Company, UnitHead) => "hung.khdt",
        (Company, Leader) => "dung.khdt",
        (Company, _) if variety.is_multiple_of(2) => "mai.khdt",
        (Company, _) => "son.khdt",
        (Water, Counter) => "hoa.tnmt",
        (Water, UnitHead) => "phuc.tnmt",
        (Water, Appraiser) => "nga.tnmt",
        (Water, Leader) => "khanh.tnmt",
        (Water, _) => "tuan.tnmt",
        (Birth, Counter) => "thu.phucuong",
        (Birth, Leader) => "yen.phucuong",
        (Birth, _) => "binh.phucuong",
    }
}

/// Returns the instant that lies `hours` working hours before `now`.
fn before(calendar: &Calendar, now: Timestamp, hours: f64) -> anyhow::Result<Timestamp> {
    let wanted = seconds(hours);
    let (mut early, mut late) = (now - SignedDuration::from_hours(24 * 120), now);
    while (late.as_second() - early.as_second()) > 1 {
        let middle = Timestamp::from_second(i64::midpoint(early.as_second(), late.as_second()))?;
        if calendar.working_between(middle, now)? >= wanted { early = middle } else { late = middle }
    }
    Ok(early)
}

#[expect(clippy::cast_possible_truncation, reason = "a few hundred hours")]
fn seconds(hours: f64) -> i64 {
    (hours * 3600.0) as i64
}

/// Plays all scripts in the order of time.
pub async fn tell(services: &Services, clock: &TimeSource, now: Timestamp) -> anyhow::Result<()> {
    let calendar = &services.province().calendar;
    let dossiers = dossiers();
    let mut deeds = Vec::new();
    for (index, (procedure, ago, script)) in dossiers.iter().enumerate() {
        let filed = before(calendar, now, *ago)?;
        for (after, deed) in script {
            let at = calendar.end(filed, WorkingLength::Working(seconds(*after)))?;
            if at <= now {
                deeds.push((at, index, *procedure, *deed));
            }
        }
    }
    deeds.sort_by_key(|(at, index, ..)| (*at, *index));
    let first = deeds.first().map_or(now, |(at, ..)| *at);
    clock.set(first - SignedDuration::from_hours(24));
    let mut cast = StoryCast::gather(services).await?;
    for (at, index, procedure, deed) in deeds {
        clock.set(at);
        cast.play(services, index, procedure, deed).await.with_context(|| format!("dossier {index}: {deed:?}"))?;
    }
    clock.set(now);
    for (index, (procedure, pages)) in [(Company, 1), (Birth, 2)].into_iter().enumerate() {
        let person = APPLICANTS[index];
        fill_in(services, cast.actor(person.login)?, person.name, procedure, index, pages).await?;
    }
    Ok(())
}

/// All people, and the existing dossiers.
struct StoryCast {
    actors: HashMap<&'static str, Actor>,
    codes: HashMap<usize, DossierCode>,
    receipts: u32,
}

impl StoryCast {
    async fn gather(services: &Services) -> anyhow::Result<Self> {
        let mut actors = HashMap::new();
        for person in APPLICANTS {
            let registration = Registration {
                name: person.name.to_owned(),
                phone: person.login.to_owned(),
                email: String::new(),
                password: PASSWORD.to_owned(),
                by_email: false,
            };
            services.people.register(registration).await?;
        }
        for officer in services.people.officers().await? {
            services.people.set_password(&officer.login, PASSWORD).await?;
        }
        for person in super::people() {
            let logged_in = services.people.log_in(person.login, PASSWORD).await?;
            services.people.log_out(&logged_in.token).await?;
            actors.insert(person.login, logged_in.actor);
        }
        Ok(Self { actors, codes: HashMap::new(), receipts: 100 })
    }

    fn actor(&self, login: &str) -> anyhow::Result<&Actor> {
        self.actors.get(login).with_context(|| format!("nobody is called {login}"))
    }

    async fn play(
        &mut self,
        services: &Services,
        index: usize,
        procedure: SampleProcedure,
        deed: StoryDeed,
    ) -> anyhow::Result<()> {
        let applicant = APPLICANTS[index % APPLICANTS.len()];
        if let File = deed {
            let actor = self.actor(applicant.login)?;
            let draft = fill_in(services, actor, applicant.name, procedure, index, usize::MAX).await?;
            let code = services.drafts.file(actor, draft, true).await?;
            self.codes.insert(index, code);
            return Ok(());
        }
        let code = self.codes.get(&index).context("it was filed before")?.clone();
        let office = |role| officer(procedure, role, index);
        let (login, change): (&str, DossierChange) = match deed {
            File => return Ok(()),
            Act(role, action, note) => {
                let login = office(role);
                (login, self.act(services, login, &code, action, note, index).await?.into())
            }
            Pay => {
                let counter = office(Counter);
                let amount = services.dossiers.dossier(self.actor(counter)?, &code).await?.dossier.owed();
                let method = if index.is_multiple_of(2) { PaymentMethod::BankTransfer } else { PaymentMethod::Cash };
                self.receipts += 1;
                let receipt = format!("BL-{:05}", self.receipts);
                (counter, Command::RecordPayment(Payment { amount, method, receipt }).into())
            }
            Supplement => {
                let actor = self.actor(applicant.login)?;
                let draft = services.drafts.start_supplement(actor, &code).await?;
                services.drafts.supplement(actor, draft).await?;
                return Ok(());
            }
            Lapse => {
                services.jobs.run_jobs().await?;
                return Ok(());
            }
            Asks(text) => (applicant.login, Command::SendMessage { text: text.to_owned(), files: Vec::new() }.into()),
            Answers(role, text) => {
                (office(role), Command::SendMessage { text: text.to_owned(), files: Vec::new() }.into())
            }
            Withdraw(reason) => (applicant.login, Command::Withdraw { reason: reason.to_owned() }.into()),
            Rate(points, text) => {
                let rating = Rating { points, text: text.to_owned(), at_counter: false };
                (applicant.login, Command::Rate(rating).into())
            }
        };
        services.dossiers.change(self.actor(login)?, &code, services.new_command(), change).await?;
        Ok(())
    }

    async fn act(
        &self,
        services: &Services,
        login: &str,
        code: &DossierCode,
        action: &str,
        note: &str,
        index: usize,
    ) -> anyhow::Result<ActRequest> {
        let actor = self.actor(login)?;
        let view = services.dossiers.dossier(actor, code).await?;
        let result = match action {
            "issue" => Some(services.dossiers.take_result(actor, code, "Kết quả giải quyết.pdf", stream(PAPER)).await?),
            _ => None,
        };
        // The specialist who plays this dossier's part.
        let step = view.steps.iter().find(|step| step.actions.iter().any(|known| known.id.as_str() == action));
        let step = step.with_context(|| format!("{code}: {login} cannot take {action}"))?;
        let assignee = step.assignees.iter().find(|(_, name)| {
            let specialist = if index.is_multiple_of(2) { "Lê Thị Mai" } else { "Phan Thanh Sơn" };
            step.assignees.len() == 1 || name == specialist
        });
        let tells = step.actions.iter().any(|known| known.id.as_str() == action && known.effect.needs_note());
        let (note, reason) = if tells { ("", note) } else { (note, "") };
        Ok(ActRequest {
            reason: reason.to_owned(),
            assignee: assignee.filter(|_| action == "assign").map(|(id, _)| id.clone()),
            result,
            ..ActRequest::bare(Some(step.stay.id), action.into(), view.dossier.version, note)
        })
    }
}
