//! The public figures, compared with what the journal says.

use crate::store::tamper;
use jiff::ToSpan as _;
use jiff::civil::date;
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::event::Rating;
use motcua_domain::names::DossierCode;
use motcua_domain::time::calendar::{instant, local};
use motcua_domain::time::clock::Punctuality;
use motcua_service::{FigurePeriod, MonthlySums, PublicFigures};
use motcua_store::{Database, dossier_row, journal};
use motcua_tests::flow::{COUNTER, Case, LEADER, Office, With, workflow};
use motcua_tests::portal::{App, Kind};
use motcua_tests::walk;
use sea_orm::EntityTrait as _;
use std::collections::BTreeMap;

on_both_kinds! {
    sums_by_month_are_those_of_the_journal
    a_mean_of_two_ratings_is_kept_back_and_that_of_three_is_public
    both_pages_count_as_in_time_and_late_what_the_journal_says
}

on_both! {
    everybody_sees_the_figures_with_their_meaning_and_takes_them_along
    figures_that_do_not_exist_are_those_of_all_agencies
}

/// Returns the month of an instant, in local time.
fn month(at: jiff::Timestamp) -> String {
    local(at).date().strftime("%Y-%m").to_string()
}

/// Returns the sums by agency, procedure and month, computed from the journal of each dossier.
async fn recounted(database: &Database) -> Vec<MonthlySums> {
    let mut found: BTreeMap<(String, String, String), MonthlySums> = BTreeMap::new();
    for row in dossier_row::Entity::find().all(database.reader()).await.expect("rows") {
        let code = DossierCode::parse(&row.code).expect("a code");
        let dossier: Dossier = journal::dossier(database.reader(), &code).await.expect("read").expect("a dossier");
        let (agency, procedure) = (dossier.place.agency.to_string(), dossier.filed.procedure.to_string());
        let mut at = |at: jiff::Timestamp, add: &dyn Fn(&mut MonthlySums)| {
            let key = (agency.clone(), procedure.clone(), month(at));
            let empty = MonthlySums {
                agency: agency.clone(),
                procedure: procedure.clone(),
                month: month(at),
                received: 0,
                ended: 0,
                in_time: 0,
                late: 0,
                rated: 0,
                points: 0,
            };
            add(found.entry(key).or_insert(empty));
        };
        at(dossier.filed_at, &|sums| sums.received += 1);
        if let Some(end) = &dossier.flow.ended {
            at(end.at, &|sums| {
                sums.ended += 1;
                if let Some(rating) = &dossier.rating {
                    sums.rated += 1;
                    sums.points += rating.points.iter().map(|points| i64::from(*points)).sum::<i64>();
                }
            });
        }
        let outcome = dossier.flow.ended.as_ref().map_or("", |end| end.outcome.name());
        let has_result = !["withdrawn", "lapsed", "not-received"].contains(&outcome);
        if let Some(processed) = dossier.flow.processed_at.filter(|_| has_result) {
            let is_late = dossier.punctuality(processed) == Punctuality::Late;
            at(processed, &|sums| *(if is_late { &mut sums.late } else { &mut sums.in_time }) += 1);
        }
    }
    found.into_values().collect()
}

/// Gives a dossier this rating.
async fn rate(case: &Case<'_>, points: [u8; 5]) {
    let citizen = case.office.actor("").await;
    let services = &case.office.services;
    let rating = Rating { points, text: String::new(), at_counter: false };
    let rated = services.dossiers.change(&citizen, &case.code, services.new_command(), Command::Rate(rating)).await;
    rated.expect("rated");
}

async fn sums_by_month_are_those_of_the_journal(kind: Kind) {
    let office = Office::open(kind, &workflow(&["a counter | done hand-over | no refuse"]), &[]).await;
    let first = [office.file(false, false).await, office.file(true, false).await, office.file(false, true).await];
    let withdrawn = first[2].change("", Command::Withdraw { reason: "Đổi ý.".to_owned() }).await;
    withdrawn.expect("withdrawn");
    // One minute before and after the end of a month, in local time.
    office.at(date(2026, 3, 31).at(23, 59, 0, 0)).await;
    first[0].act(COUNTER, "done").await.expect("handed over");
    let second = office.file(false, false).await;
    office.at(date(2026, 4, 1).at(0, 1, 0, 0)).await;
    let third = office.file(false, false).await;
    // The limit of 30 working days has passed.
    office.at(date(2026, 6, 30).at(9, 0, 0, 0)).await;
    first[1].act(COUNTER, "done").await.expect("handed over late");
    rate(&first[0], [2, 2, 2, 2, 1]).await;
    rate(&first[1], [0, 0, 1, 0, 0]).await;
    let database = office.services.database();
    let found = database.monthly_sums(date(2026, 1, 1)).await.expect("read");
    assert_eq!(found, recounted(database).await);
    let of = |month: &str| {
        let sums = found.iter().find(|sums| sums.month == month);
        sums.map(|sums| (sums.received, sums.ended, sums.in_time, sums.late, sums.rated, sums.points))
    };
    assert_eq!(of("2026-03"), Some((4, 2, 1, 0, 1, 9)), "the withdrawn one has no result");
    assert_eq!((of("2026-04"), of("2026-05")), (Some((1, 0, 0, 0, 0, 0)), None));
    assert_eq!(of("2026-06"), Some((0, 1, 0, 1, 1, 1)));

    let earlier = database.monthly_sums(date(2026, 4, 1)).await.expect("read");
    let months: Vec<&str> = earlier.iter().map(|sums| sums.month.as_str()).collect();
    assert_eq!(months, ["", "2026-04", "2026-06"]);
    assert_eq!((earlier[0].received, earlier[0].ended), (4, 2));

    // What is counted in the background and what is computed again changes nothing.
    office.services.lists.count_ended().await.expect("counted");
    database.rebuild_projections().await.expect("rebuilt");
    assert_eq!(database.monthly_sums(date(2026, 1, 1)).await.expect("read"), found);
    assert_eq!(second.open().await, "a");
    assert_eq!(third.open().await, "a");
}

async fn a_mean_of_two_ratings_is_kept_back_and_that_of_three_is_public(kind: Kind) {
    let office = Office::open(kind, &workflow(&["a counter | done hand-over"]), &[]).await;
    let figures = async || {
        let sums = office.services.statistics.sums().await.expect("read");
        let all = sums.grouped(&FigurePeriod::default(), |_| Some(()));
        all.get(&()).copied().unwrap_or_default()
    };
    assert_eq!(figures().await, PublicFigures::default());
    for (count, mean) in [(1, None), (2, None), (3, Some(80))] {
        let case = office.file(false, false).await;
        case.act(COUNTER, "done").await.expect("handed over");
        rate(&case, [2, 2, 2, 2, 0]).await;
        let before = figures().await;
        assert_eq!(before.received(), count - 1, "the sums are kept for a while");
        let later = local(office.clock.now()) + 15.minutes();
        office.clock.set(instant(later));
        let found = figures().await;
        assert_eq!((found.received(), found.in_progress(), found.in_time(), found.late()), (count, 0, count, 0));
        assert_eq!((found.in_time_share(), found.satisfaction()), (Some(100), mean));
    }
}

async fn both_pages_count_as_in_time_and_late_what_the_journal_says(kind: Kind) {
    let thu = workflow(&["a counter | done hand-over | no refuse | not decline"]);
    let office = Office::open(kind, &thu, &[]).await;
    let cases = [(false, false), (true, false), (false, true), (true, true), (false, false), (true, false)];
    let mut filed = Vec::new();
    for (deep, wide) in cases {
        filed.push(office.file(deep, wide).await);
    }
    let told = || With { note: "Không đủ điều kiện.", ..With::default() };
    filed[0].act(COUNTER, "done").await.expect("handed over");
    filed[1].act_with(COUNTER, "no", told()).await.expect("refused");
    filed[2].act_with(COUNTER, "not", told()).await.expect("not received");
    filed[3].change("", Command::Withdraw { reason: "Đổi ý.".to_owned() }).await.expect("withdrawn");
    // The limit of 30 working days has passed.
    office.at(date(2026, 6, 30).at(9, 0, 0, 0)).await;
    filed[4].act(COUNTER, "done").await.expect("handed over late");
    let (database, services) = (office.services.database(), &office.services);
    let recount = recounted(database).await;
    let sum = |of: fn(&MonthlySums) -> i64| recount.iter().map(of).sum::<i64>();
    let expected = (sum(|sums| sums.in_time), sum(|sums| sums.late), sum(|sums| sums.ended));
    assert_eq!(expected, (2, 1, 5), "what was withdrawn or not received has no result");

    let leader = office.actor(LEADER).await;
    let both_agree = async || {
        let desk = services.lists.figures(&leader).await.expect("read");
        let [desk] = desk.as_slice() else { panic!("one agency has dossiers: {desk:?}") };
        assert_eq!((desk.figures.in_time, desk.figures.late, desk.figures.ended), expected);
        let sums = services.statistics.sums().await.expect("read");
        let public = sums.grouped(&FigurePeriod::default(), |_| Some(()))[&()];
        assert_eq!((public.in_time(), public.late()), (desk.figures.in_time, desk.figures.late));
    };
    both_agree().await;
    services.lists.count_ended().await.expect("counted");
    both_agree().await;

    // Sums that an older version kept are made again.
    tamper(database, "UPDATE figure SET in_time = in_time + 2").await;
    tamper(database, "UPDATE setting SET value = '6' WHERE name = 'projection'").await;
    database.catch_up_projections().await.expect("read").expect("computed again");
    both_agree().await;
}

async fn everybody_sees_the_figures_with_their_meaning_and_takes_them_along(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    walk::birth(&citizen).await;
    let visitor = app.visitor();
    let page = visitor.get("/figures").await.ok();
    page.has(&["Số liệu công khai", "Đã nộp\">1</td>", "role=\"img\"", "Dưới 3 lượt đánh giá", "Kế hoạch mức độ 3"]);
    let months = visitor.get("/figures?by=month&period=2026-03").await.ok().has(&["03/2026"]);
    months.lacks(&["Nguyễn Văn An", "0912345678"]);
    visitor.get("/figures?by=procedure").await.ok().has(&["Đăng ký khai sinh ("]);
    visitor.get("/figures?by=field&agency=ubnd-phu-cuong").await.ok().has(&["Hộ tịch"]);

    let table = visitor.get("/figures.csv?by=agency&agency=ubnd-phu-cuong&period=2026").await.ok();
    let kind = table.headers["content-type"].to_str().expect("plain");
    assert_eq!(kind, "text/csv; charset=utf-8");
    assert!(table.body.starts_with("\u{feff}\"Nhóm\",\"Đã nộp\""), "{}", table.body);
    assert!(table.body.contains("\",\"1\",\"0\",\"0\",\"\",\"1\",\"\"\r\n"), "{}", table.body);
    let services = visitor.get("/figures.csv?by=level").await.ok();
    let planned = services.body.lines().find(|line| line.contains("Sở Tài nguyên và Môi trường"));
    assert!(planned.is_some_and(|line| line.contains("\"66\"") && line.ends_with("\"0\"")), "{}", services.body);
}

async fn figures_that_do_not_exist_are_those_of_all_agencies(app: App) {
    let visitor = app.visitor();
    let all = visitor.get("/figures.csv").await.ok().body;
    for odd in ["by=x", "agency=x", "period=x", "period=2026-3", "agency='%20OR%201=1", "by=%00"] {
        assert_eq!(visitor.get(&format!("/figures.csv?{odd}")).await.ok().body, all, "{odd}");
        visitor.get(&format!("/figures?{odd}")).await.ok().has(&["Số liệu công khai"]);
    }
}
