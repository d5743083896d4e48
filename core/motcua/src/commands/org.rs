//! `motcua org` and `motcua dossier`: moving dossiers.

use crate::CommandOutcome;
use crate::access::CommandAccess;
use crate::commands::packages;
use crate::output::cannot_read;
use crate::runtime::ProvinceFolder;
use anyhow::{Context as _, bail, ensure};
use jiff::civil::Date;
use motcua_domain::dossier::event::PlaceMove;
use motcua_domain::names::StepId;
use motcua_domain::time::calendar::local;
use motcua_domain::workflow::UnitPlace;
use motcua_service::{ReorganiseMode, TimeSource};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// A reorganisation, as its file describes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReorganisationPlan {
    /// The first day of the change.
    date: Date,
    /// The decision that orders it.
    reason: String,
    #[serde(rename = "move")]
    moves: Vec<UnitMove>,
}

/// The move of a unit's work to another, each as `agency/unit`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct UnitMove {
    from: String,
    to: String,
}

fn place(text: &str) -> anyhow::Result<UnitPlace> {
    let (agency, unit) = text
        .split_once('/')
        .with_context(|| told!("`{text}` không có dạng cơ quan/đơn vị", "`{text}` is not agency/unit"))?;
    Ok(UnitPlace { agency: agency.into(), unit: unit.into() })
}

/// Rejects a plan after which nobody can tell whether a dossier at a unit has moved already: the command is given again
/// if it was stopped, and would move such a dossier a second time.
fn check_moves(moves: &[PlaceMove]) -> anyhow::Result<()> {
    for (at, PlaceMove { from, .. }) in moves.iter().enumerate() {
        let (agency, unit) = (&from.agency, &from.unit);
        ensure!(
            moves.iter().all(|other| other.to != *from),
            told!(
                "`{agency}/{unit}` vừa giao việc đi vừa nhận việc khác; hãy viết hai kế hoạch, và áp dụng trước kế \
                 hoạch giao việc của nó đi",
                "`{agency}/{unit}` gives its work away and gets other work; write two plans, and apply the plan that \
                 takes its work away first"
            )
        );
        ensure!(
            moves[..at].iter().all(|other| other.from != *from),
            told!(
                "`{agency}/{unit}` giao việc đi hai lần; hãy nêu một đơn vị kế thừa, đơn vị này chuyển tiếp được hồ sơ",
                "`{agency}/{unit}` gives its work away twice; name one successor, which can pass dossiers on"
            )
        );
    }
    Ok(())
}

/// `motcua org apply`
pub async fn apply(dir: &Path, file: &Path, mode: ReorganiseMode) -> anyhow::Result<CommandOutcome> {
    let text = std::fs::read_to_string(file).with_context(|| cannot_read(file.display()))?;
    let plan: ReorganisationPlan = toml::from_str(&text)
        .with_context(|| told!("{} không phải là kế hoạch", "{} is not a plan"; file.display()))?;
    let province = ProvinceFolder::read(dir, &TimeSource::System)?.to(CommandAccess::Change).sound()?;
    let mut moves = Vec::new();
    for UnitMove { from, to } in &plan.moves {
        let (from, to) = (place(from)?, place(to)?);
        let units = province.install.province.agency(&to.agency).map(|agency| &agency.units);
        let known = units.is_some_and(|units| units.iter().any(|unit| unit.id == to.unit));
        ensure!(
            known,
            told!(
                "organisation.toml không có đơn vị `{}/{}`; hãy thêm trước",
                "organisation.toml has no unit `{}/{}`; add it first";
                to.agency, to.unit
            )
        );
        moves.push(PlaceMove { from, to });
    }
    check_moves(&moves).with_context(|| told!("{} không phải là kế hoạch", "{} is not a plan"; file.display()))?;
    let today = local(TimeSource::System.now()).date();
    if mode != ReorganiseMode::Try && today < plan.date {
        bail!(told!(
            "kế hoạch dành cho ngày {}; hôm nay là {today}. Hãy thêm --try để xem trước kế hoạch làm gì",
            "the plan is for {}; today is {today}. Add --try to see what it would do";
            plan.date
        ));
    }
    let procedures: Vec<String> = province
        .install
        .procedures()
        .filter(|procedure| {
            let offering = procedure.offering(&province.install.province.agencies);
            let mut places = offering.into_iter().map(|agency| procedure.place_in(&agency.id));
            places.any(|place| moves.iter().any(|known| known.from == place))
        })
        .map(motcua_domain::procedure::Procedure::path)
        .collect();
    let services = packages::services(province).await?;
    let done = services.dossiers.transfer(&moves, &plan.reason, mode).await?;
    tell_moved(mode, &done);
    say!(
        "vị trí công tác của cán bộ: {}; hãy sửa cả trong organisation.toml",
        "posts of officers: {}; write them into organisation.toml too";
        done.posts
    );
    for path in procedures {
        say!(
            "{path} được khai báo cho một đơn vị giao việc đi: hãy chuyển thư mục của thủ tục sang đơn vị kế thừa",
            "{path} is declared for a unit that gives its work away: move its folder to the successor"
        );
    }
    Ok(tell_left(&done))
}

/// `motcua dossier migrate`
pub async fn migrate(
    dir: &Path,
    from: &str,
    to: &str,
    steps: &[String],
    reason: &str,
    mode: ReorganiseMode,
) -> anyhow::Result<CommandOutcome> {
    let pair = |text: &String| {
        let (old, new) =
            text.split_once('=').with_context(|| told!("`{text}` không có dạng OLD=NEW", "`{text}` is not OLD=NEW"))?;
        Ok((StepId(old.to_owned()), StepId(new.to_owned())))
    };
    let steps: BTreeMap<StepId, StepId> = steps.iter().map(pair).collect::<anyhow::Result<_>>()?;
    let services =
        packages::services(ProvinceFolder::read(dir, &TimeSource::System)?.to(CommandAccess::Change).sound()?).await?;
    let (from, to) = (packages::version(&services, from).await?, packages::version(&services, to).await?);
    let done = services.dossiers.move_version(&from, &to, &steps, reason, mode).await?;
    for (code, step) in &done.stranded {
        say!(
            "{code} đang ở bước `{step}`, mà phiên bản mới không có đường đi tiếp từ đó",
            "{code} stands at `{step}`, for which the new version has no way on"
        );
    }
    if !done.stranded.is_empty() {
        say!(
            "{} hồ sơ sẽ bị kẹt, nên chưa có gì thay đổi; hãy thêm --step OLD=NEW",
            "{} dossiers would be stranded, so nothing was changed; add --step OLD=NEW";
            done.stranded.len()
        );
        tell_left(&done);
        return Ok(CommandOutcome::Findings);
    }
    tell_moved(mode, &done);
    Ok(tell_left(&done))
}

/// Prints the dossiers that stay as they are for now: because the command moves no more at once, because they changed
/// meanwhile, or because they cannot be read.
fn tell_left(done: &motcua_service::ReorganiseOutcome) -> CommandOutcome {
    if done.left > 0 {
        say!(
            "còn {} hồ sơ đang giải quyết; hãy chạy lại đúng lệnh này",
            "{} open dossiers are left; run the same command again";
            done.left
        );
    }
    if !done.skipped.is_empty() {
        say!(
            "{} hồ sơ đang giải quyết đã thay đổi trong lúc đó và được giữ nguyên; hãy chạy lại lệnh",
            "{} open dossiers changed meanwhile and stay as they are; run the command again";
            done.skipped.len()
        );
    }
    for (code, reason) in &done.skipped {
        println!("- {code}: {reason}");
    }
    if done.unreadable.is_empty() {
        return if done.skipped.is_empty() { CommandOutcome::Fine } else { CommandOutcome::Findings };
    }
    say!(
        "{} hồ sơ đang giải quyết không đọc được và được giữ nguyên; hãy chạy: motcua audit verify",
        "{} open dossiers cannot be read and stay as they are; run: motcua audit verify";
        done.unreadable.len()
    );
    for (code, reason) in &done.unreadable {
        println!("- {code}: {reason}");
    }
    CommandOutcome::Findings
}

/// Prints which dossiers were moved, or would be.
fn tell_moved(mode: ReorganiseMode, done: &motcua_service::ReorganiseOutcome) {
    let shown: Vec<&str> = done.moved.iter().take(5).map(motcua_domain::names::DossierCode::as_str).collect();
    let more = if done.moved.len() > shown.len() { ", …" } else { "" };
    let list = if shown.is_empty() { String::new() } else { format!(" ({}{more})", shown.join(", ")) };
    let moved = if mode == ReorganiseMode::Try {
        told!("sẽ chuyển", "would move")
    } else {
        told!("đã chuyển", "moved")
    };
    say!(
        "{moved} {} hồ sơ đang giải quyết{list}; {} hồ sơ không liên quan",
        "{moved} {} open dossiers{list}; {} are not concerned";
        done.moved.len(), done.untouched
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_that_could_move_a_dossier_twice_is_rejected() {
        let told = |moves: &[(&str, &str)]| {
            let moved = |(from, to): &(&str, &str)| Ok(PlaceMove { from: place(from)?, to: place(to)? });
            let moves: anyhow::Result<Vec<PlaceMove>> = moves.iter().map(moved).collect();
            check_moves(&moves.expect("units")).map_err(|error| error.to_string())
        };
        assert_eq!(told(&[("so/a", "so/c"), ("so/b", "so/c")]), Ok(()), "two units merge");
        for twice in [[("so/a", "so/b"), ("so/b", "so/c")], [("so/a", "so/b"), ("so/b", "so/a")]] {
            assert!(
                told(&twice).is_err_and(|error| error.contains("gives its work away and gets other work")),
                "{twice:?}"
            );
        }
        assert!(told(&[("so/a", "so/a")]).is_err_and(|error| error.contains("`so/a`")));
        assert!(told(&[("so/a", "so/b"), ("so/a", "so/c")]).is_err_and(|error| error.contains("twice")));
    }
}
