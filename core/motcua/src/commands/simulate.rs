//! `motcua workflow simulate`

use crate::CommandOutcome;
use crate::cli::{OutputFormat, SimulateArguments};
use crate::output::{cannot_read, cannot_write, no_procedure};
use crate::runtime::ProvinceFolder;
use anyhow::{Context as _, bail, ensure};
use jiff::ToSpan as _;
use motcua_catalogue::Install;
use motcua_domain::names::AgencyId;
use motcua_domain::people::organisation::{Post, Role};
use motcua_domain::procedure::Procedure;
use motcua_domain::simulation::{self, SimulationPlan, SimulationReport, SimulationScene, Staff};
use motcua_domain::time::calendar::{Limit, instant, local};
use motcua_service::TimeSource;
use motcua_service::plot::Durations;
use motcua_store::journal;
use std::path::Path;

/// A named variant to simulate.
struct SimulationVariant {
    /// The key in JSON.
    name: &'static str,
    /// The name for readers.
    label: String,
    procedure: Procedure,
    staff: Staff,
}

pub async fn run(what: &SimulateArguments) -> anyhow::Result<CommandOutcome> {
    ensure!((5..=2500).contains(&what.days), told!("--days phải từ 5 đến 2500", "--days must be between 5 and 2500"));
    ensure!((1..=1000).contains(&what.runs), told!("--runs phải từ 1 đến 1000", "--runs must be between 1 and 1000"));
    let province = ProvinceFolder::read(&what.dir.dir, &TimeSource::System)?.sound()?;
    let Some(found) = province.install.at(&what.at) else { bail!(no_procedure(&what.at)) };
    let place = province.install.province.place_of(&found.procedure);
    let procedure = found.procedure.in_agency(&place.agency);
    let day = what.from.unwrap_or_else(|| local(TimeSource::System.now()).date());
    let last = day.saturating_add(i64::from(what.days).days() * 3).year();
    let calendar = province.install.province.calendar.continued(last + 1);
    let (mut plan, mut outcome) = (SimulationPlan::default(), CommandOutcome::Fine);
    if what.from_journal {
        let database = province.database().await?;
        let past = journal::of_procedure(database.reader(), &procedure.code).await?;
        ensure!(
            !past.dossiers.is_empty(),
            told!(
                "sổ nhật ký không có hồ sơ nào của {} đọc được", "the journal has no dossier of {} that can be read";
                procedure.code
            )
        );
        plan = simulation::observed(&past.dossiers, &calendar)?;
        for fault in &past.unreadable {
            eprintln!("{}", told!("bỏ qua: {fault}", "left out: {fault}"));
            outcome = CommandOutcome::Findings;
        }
    }
    if let Some(file) = &what.plan {
        plan = written(file, plan)?;
    }
    let staff: Staff = province.install.province.officers.iter().map(|officer| officer.posts.clone()).collect();
    let mut trials = vec![SimulationVariant {
        name: "as it is",
        label: told!("hiện tại", "as it is"),
        procedure: procedure.clone(),
        staff: staff.clone(),
    }];
    if !what.with.is_empty() || what.limit.is_some() {
        let mut tried = SimulationVariant { name: "tried", label: told!("thử", "tried"), procedure, staff };
        if let Some(limit) = &what.limit {
            tried.procedure.limit = Limit::parse(limit).with_context(|| {
                told!(
                    "`{limit}` không phải là thời hạn; hãy viết `3 working-days`",
                    "`{limit}` is no limit; write `3 working-days`"
                )
            })?;
        }
        for change in &what.with {
            hire(&mut tried.staff, &tried.procedure, change)?;
        }
        trials.push(tried);
    }
    let mut reports = Vec::new();
    let from = instant(day.to_datetime(jiff::civil::Time::midnight()));
    for trial in &trials {
        let SimulateArguments { days, runs, seed, .. } = *what;
        let scene = SimulationScene { procedure: &trial.procedure, calendar: &calendar, from, days, runs, seed };
        reports.push(simulation::simulate(scene, &plan, &trial.staff)?);
    }
    let working_day = calendar.working_day(from)?;
    let trials: Vec<(&SimulationVariant, &SimulationReport)> = trials.iter().zip(&reports).collect();
    if let Some(file) = &what.plot {
        std::fs::write(file, plot(&trials, working_day)?).with_context(|| cannot_write(file.display()))?;
    }
    match what.format {
        OutputFormat::Json => {
            let reports: serde_json::Map<String, serde_json::Value> = trials
                .iter()
                .map(|(trial, report)| Ok((trial.name.replace(' ', "-"), serde_json::to_value(report)?)))
                .collect::<anyhow::Result<_>>()?;
            println!("{}", serde_json::to_string_pretty(&serde_json::json!({ "plan": plan, "reports": reports }))?);
        }
        OutputFormat::Text => print(&province.install, what, &plan, &trials),
    }
    Ok(outcome)
}

/// Reads the plan of a file. Missing values stay as they were.
fn written(file: &Path, before: SimulationPlan) -> anyhow::Result<SimulationPlan> {
    let text = std::fs::read_to_string(file).with_context(|| cannot_read(file.display()))?;
    let not = || told!("{} không phải là tệp giả định", "{} is not a plan"; file.display());
    toml::from_str::<SimulationPlan>(&text).with_context(not)?;
    let said: toml::Table = toml::from_str(&text).with_context(not)?;
    let mut whole = toml::Table::try_from(before)?;
    lay_over(&mut whole, said, 2);
    whole.try_into().with_context(not)
}

/// Merges tables, so many levels deep: the plan, its steps, the values of a step.
fn lay_over(below: &mut toml::Table, above: toml::Table, levels: usize) {
    for (key, value) in above {
        match (below.get_mut(&key), value) {
            (Some(toml::Value::Table(known)), toml::Value::Table(more)) if levels > 0 => {
                lay_over(known, more, levels - 1);
            }
            (_, value) => _ = below.insert(key, value),
        }
    }
}

/// Adds officers of a post, or removes some: `specialist+2`, `agency/unit/specialist-1`.
fn hire(staff: &mut Staff, procedure: &Procedure, change: &str) -> anyhow::Result<()> {
    let wrong = || {
        anyhow::Error::msg(told!(
            "`{change}` không phải là thay đổi; hãy viết `specialist+2` hoặc `agency/unit/specialist-1`",
            "`{change}` is no change; write `specialist+2` or `agency/unit/specialist-1`"
        ))
    };
    let at = change.rfind(['+', '-']).ok_or_else(wrong)?;
    let (post, count) = change.split_at(at);
    let count: i32 = count.parse().map_err(|_| wrong())?;
    ensure!((-1000..=1000).contains(&count) && count != 0, wrong());
    let words: Vec<&str> = post.split('/').collect();
    let (agency, unit, role) = match words.as_slice() {
        [role] => (AgencyId(procedure.group.clone()), procedure.unit.clone(), *role),
        [agency, unit, role] => ((*agency).into(), (*unit).into(), *role),
        _ => return Err(wrong()),
    };
    let role = Role::OF_POSTS.into_iter().find(|known| known.name() == role).ok_or_else(wrong)?;
    let held = staff.iter().flatten().find(|post| post.serves(role, &agency, &unit)).cloned();
    let post = held.unwrap_or(Post { agency, unit, role });
    for _ in 0..count.unsigned_abs() {
        if count > 0 {
            staff.push(vec![post.clone()]);
            continue;
        }
        let one = staff.iter().position(|held| held.contains(&post));
        let Some(one) = one else {
            bail!(told!("không còn ai để bớt theo `{change}`", "nobody is left to be taken away by `{change}`"))
        };
        staff[one].retain(|held| *held != post);
    }
    Ok(())
}

/// Returns a limit in working days of the calendar.
#[expect(clippy::cast_precision_loss, reason = "a day has few seconds")]
fn limit_days(limit: Limit, working_day: i64) -> f64 {
    match limit {
        Limit::WorkingHours(hours) => f64::from(hours) * 3600.0 / working_day as f64,
        Limit::WorkingDays(days) => f64::from(days),
        // Five of seven days are working days.
        Limit::CalendarDays(days) => f64::from(days) * 5.0 / 7.0,
    }
}

fn plot(trials: &[(&SimulationVariant, &SimulationReport)], working_day: i64) -> anyhow::Result<String> {
    let Some((first, _)) = trials.first() else {
        bail!(told!("không có gì để vẽ", "there is nothing to draw"))
    };
    let series: Vec<(&str, &[f64])> =
        trials.iter().map(|(trial, report)| (trial.label.as_str(), report.histogram.as_slice())).collect();
    let mut named: Vec<(String, f64)> = Vec::new();
    for (trial, _) in trials {
        let limit = trial.procedure.limit;
        let limit = (told!("thời hạn: {limit}", "limit: {limit}"), limit_days(limit, working_day));
        if !named.contains(&limit) {
            named.push(limit);
        }
    }
    let limits: Vec<(&str, f64)> = named.iter().map(|(name, limit)| (name.as_str(), *limit)).collect();
    let title = first.procedure.name.vi.as_str();
    let axes = [
        told!("ngày làm việc từ khi tiếp nhận đến khi có kết quả", "working days from receiving to the result"),
        told!("hồ sơ", "dossiers"),
    ];
    let axes = axes.each_ref().map(String::as_str);
    let plot = Durations { title, axes, series: &series, limits: &limits };
    plot.svg().map_err(|error| {
        anyhow::Error::msg(told!("không vẽ được biểu đồ: {error}", "the plot cannot be drawn: {error}"))
    })
}

fn print(
    install: &Install,
    what: &SimulateArguments,
    plan: &SimulationPlan,
    trials: &[(&SimulationVariant, &SimulationReport)],
) {
    say!(
        "{}: {} lượt, mỗi lượt {} ngày làm việc", "{}: {} runs of {} working days";
        what.at, what.runs, what.days
    );
    say!(
        "giả định: {:.1} hồ sơ mỗi ngày làm việc, {:.0} % thời gian của cán bộ, người nộp trả lời trong {:.1} ngày",
        "assumed: {:.1} dossiers a working day, {:.0} % of officers' time, applicants answer in {:.1} days";
        plan.arrivals, plan.share * 100.0, plan.applicant_days
    );
    let row = |name: &str, cell: &dyn Fn(&SimulationVariant, &SimulationReport) -> String| {
        let cells: Vec<String> = trials.iter().map(|(trial, report)| format!("{:>16}", cell(trial, report))).collect();
        println!("{name:<44}{}", cells.join(""));
    };
    println!();
    row("", &|trial, _| trial.label.clone());
    row(&told!("thời hạn", "limit"), &|trial, _| trial.procedure.limit.to_string());
    row(&told!("được nộp", "filed"), &|_, report| format!("{:.0}", report.filed));
    row(&told!("đã xong", "done"), &|_, report| format!("{:.0}", report.processed));
    row(&told!("trễ hạn", "late"), &|_, report| {
        format!("{:.1} ± {:.1} %", report.late * 100.0, report.late_within * 100.0)
    });
    row(
        &told!("ngày làm việc đến kết quả, trung bình", "working days to the result, mean"),
        &|_, report| format!("{:.2}", report.days.mean),
    );
    row(&told!("  một nửa trong", "  half of them within"), &|_, report| format!("{:.2}", report.days.middle));
    row(&told!("  chín phần mười trong", "  nine of ten within"), &|_, report| {
        format!("{:.2}", report.days.nine_of_ten)
    });
    println!();
    say!(
        "các bước: giờ làm việc cho đến khi cán bộ bắt đầu (tỷ lệ trễ ở bước)",
        "steps: working hours until an officer begins (late at the step)"
    );
    let Some((_, first)) = trials.first() else { return };
    for (at, step) in first.steps.iter().enumerate() {
        let known = plan.step.get(&step.step);
        let minutes = known.and_then(|plan| plan.minutes);
        let minutes = minutes.map_or_else(
            || told!("giả định {:.0} phút", "{:.0} min assumed"; simulation::MINUTES),
            |minutes| told!("{minutes:.0} phút", "{minutes:.0} min"),
        );
        row(&format!("  {} ({minutes})", step.step), &|_, report| {
            let step = &report.steps[at];
            let late = step.late.map_or_else(String::new, |late| format!(" ({:.0} %)", late * 100.0));
            format!("{:.1}{late}", step.waiting_hours)
        });
    }
    println!();
    say!(
        "các vị trí công tác: số cán bộ, mức bận, giờ làm việc cho đến khi bắt đầu",
        "posts: officers, how busy, working hours until they begin"
    );
    for (at, post) in first.posts.iter().enumerate() {
        let Post { agency, unit, role } = &post.post;
        let known =
            install.province.agency(agency).and_then(|agency| agency.units.iter().find(|known| known.id == *unit));
        let unit = known.map_or(unit.as_str(), |unit| unit.name.vi.as_str());
        row(&format!("  {} – {unit}", role.name()), &|_, report| {
            let post = &report.posts[at];
            format!("{}, {:.0} %, {:.1}", post.officers, post.busy * 100.0, post.waiting_hours)
        });
    }
    println!();
    row(&told!("hồ sơ chờ lâu nhất ở", "dossiers wait longest for"), &|_, report| {
        report.bottleneck.map_or_else(|| told!("không ai", "nobody"), |at| report.posts[at].post.role.name().to_owned())
    });
}

#[cfg(test)]
mod tests {
    use super::lay_over;

    #[test]
    fn what_a_plan_does_not_say_of_a_step_stays_as_the_journal_told() {
        let table = |text: &str| text.parse::<toml::Table>().expect("TOML");
        let mut told =
            table("arrivals = 3.0\n[step.a]\nminutes = 9.0\nways = { on = 4.0, back = 1.0 }\n[step.b]\nminutes = 2.0");
        lay_over(&mut told, table("[step.a]\nminutes = 5.0\n[step.c]\nways = { on = 1.0 }"), 2);
        lay_over(&mut told, table("[step.b]\nways = { on = 2.0 }"), 2);
        lay_over(&mut told, table("[step.b]\nways = { back = 1.0 }"), 2);
        let wanted = "arrivals = 3.0\n[step.a]\nminutes = 5.0\nways = { on = 4.0, back = 1.0 }\n[step.b]\nminutes = 2.0\n\
                      ways = { back = 1.0 }\n[step.c]\nways = { on = 1.0 }";
        assert_eq!(told, table(wanted));
    }
}
