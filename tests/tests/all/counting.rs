//! The figures of periods, compared with their rows and with what the journal says.

use crate::store::rows;
use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::event::Rating;
use motcua_domain::dossier::{Dossier, Turn};
use motcua_domain::names::DossierCode;
use motcua_domain::time::calendar::instant;
use motcua_domain::time::clock::Punctuality;
use motcua_service::{CountedFigure, CountedGroup, CountingGroup, ListedFigure, StepFigure};
use motcua_store::counting::CountingScope;
use motcua_store::{Database, dossier_row, journal};
use motcua_tests::flow::{COUNTER, Case, LEADER, Office, With, workflow};
use motcua_tests::portal::{App, Kind};
use motcua_tests::walk;
use sea_orm::EntityTrait as _;

on_both_kinds! {
    every_figure_is_the_number_of_its_rows_and_of_a_recount_from_the_journal
}

on_both! {
    a_figure_leads_to_its_dossiers_and_the_register_counts_as_a_reading
    figures_of_a_period_are_for_those_who_may_see_them
}

/// Returns the dossiers as their journals say.
async fn from_the_journal(database: &Database) -> Vec<Dossier> {
    let mut found = Vec::new();
    for row in dossier_row::Entity::find().all(database.reader()).await.expect("rows") {
        let code = DossierCode::parse(&row.code).expect("a code");
        found.push(journal::dossier(database.reader(), &code).await.expect("read").expect("a dossier"));
    }
    found
}

/// Returns whether a dossier counts for a figure, by its journal alone.
fn counts(dossier: &Dossier, figure: CountedFigure, from: i64, to: i64, now: i64) -> bool {
    let within = |at: i64| at >= from && at < to;
    let filed = dossier.filed_at.as_second();
    let end = dossier.flow.ended.as_ref().map(|end| end.at.as_second());
    let outcome = dossier.flow.ended.as_ref().map_or("", |end| end.outcome.name());
    let ended_as = |words: &[&str]| end.is_some_and(within) && words.contains(&outcome);
    let in_progress = filed < to && end.is_none_or(|end| end >= to);
    let has_result = !["withdrawn", "lapsed", "not-received"].contains(&outcome);
    let result = dossier.flow.processed_at.filter(|at| has_result && within(at.as_second()));
    let judged = |words: &[Punctuality]| result.is_some_and(|at| words.contains(&dossier.punctuality(at)));
    match figure {
        CountedFigure::Received => within(filed),
        CountedFigure::Online => within(filed) && dossier.filed.channel.name() == "online",
        CountedFigure::AtCounter => within(filed) && dossier.filed.channel.name() == "counter",
        CountedFigure::CarriedOver => filed < from && end.is_none_or(|end| end >= from),
        CountedFigure::Ended => end.is_some_and(within),
        CountedFigure::WithResult => ended_as(&["returned", "refused", "approved-by-silence", "refused-by-silence"]),
        CountedFigure::Registered => {
            let is_registered = dossier.flow.ended.as_ref().is_some_and(|end| end.issued.is_some());
            is_registered && end.is_some_and(within) && has_result
        }
        CountedFigure::Refused => ended_as(&["refused", "refused-by-silence"]),
        CountedFigure::NotReceived => ended_as(&["not-received"]),
        CountedFigure::Withdrawn => ended_as(&["withdrawn"]),
        CountedFigure::Lapsed => ended_as(&["lapsed"]),
        CountedFigure::InProgress => in_progress,
        CountedFigure::Overdue => {
            let due = dossier.due_or_passed().map(jiff::Timestamp::as_second);
            in_progress && end.is_none() && due.is_some_and(|due| due < now)
        }
        CountedFigure::Waiting => in_progress && end.is_none() && !matches!(dossier.turn(), Turn::Office),
        CountedFigure::InTime => judged(&[Punctuality::Early, Punctuality::OnTime]),
        CountedFigure::Early => judged(&[Punctuality::Early]),
        CountedFigure::OnTime => judged(&[Punctuality::OnTime]),
        CountedFigure::Late => judged(&[Punctuality::Late]),
        CountedFigure::Rated => end.is_some_and(within) && dossier.rating.is_some(),
    }
}

/// Returns the codes of the steps that count for a figure, by the journal alone.
fn steps(dossier: &Dossier, figure: StepFigure, from: i64, to: i64) -> Vec<String> {
    let taken = dossier.flow.visits.iter().filter_map(|visit| visit.left.as_ref());
    let taken = taken.filter(|left| left.action.is_some() && (from..to).contains(&left.at.as_second()));
    let wanted = taken.filter(|left| match figure {
        StepFigure::Taken => true,
        StepFigure::Early => left.punctuality == Some(Punctuality::Early),
        StepFigure::OnTime => left.punctuality == Some(Punctuality::OnTime),
        StepFigure::Late => left.punctuality == Some(Punctuality::Late),
        StepFigure::Unlimited => left.punctuality.is_none(),
    });
    wanted.map(|_| dossier.filed.code.to_string()).collect()
}

/// Returns the codes of all rows of a figure, read page by page, in order.
async fn listed(database: &Database, scope: &CountingScope, figure: ListedFigure) -> Vec<String> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = database.counted_rows(scope, figure, after.as_ref(), 3).await.expect("read");
        let Some(last) = page.last() else { break };
        after = Some(last.place());
        found.extend(page.into_iter().map(|row| row.code));
    }
    found.sort();
    found
}

/// Files dossiers over four weeks and lets each go its own way: handed over early, left open, withdrawn, not received,
/// handed over late, or refused.
async fn story(office: &Office) {
    let told = || With { note: "Không đủ điều kiện.", ..With::default() };
    let mut late: Vec<Case<'_>> = Vec::new();
    for number in 0..12_i64 {
        office.at(date(2026, 3, 10).saturating_add((2 * number).days()).at(9, 0, 0, 0)).await;
        let case = office.file(number % 2 == 0, number % 3 == 0).await;
        match number % 6 {
            0 => {
                case.act(COUNTER, "go").await.expect("forwarded");
                case.act(LEADER, "done").await.expect("handed over");
                let rating = Rating { points: [2, 2, 1, 2, 2], text: String::new(), at_counter: false };
                case.change("", Command::Rate(rating)).await.expect("rated");
            }
            1 => _ = case.act(COUNTER, "go").await.expect("forwarded"),
            2 => _ = case.change("", Command::Withdraw { reason: "Đổi ý.".to_owned() }).await.expect("withdrawn"),
            3 => _ = case.act_with(COUNTER, "not", told()).await.expect("not received"),
            4 => late.push(case),
            _ => {
                case.act(COUNTER, "go").await.expect("forwarded");
                case.act_with(LEADER, "no", told()).await.expect("refused");
            }
        }
    }
    // The limits of the step and of the whole have passed.
    office.at(date(2026, 6, 30).at(9, 0, 0, 0)).await;
    for case in late {
        case.act(COUNTER, "go").await.expect("forwarded");
        case.act(LEADER, "done").await.expect("handed over late");
    }
}

fn begin(day: Date) -> i64 {
    instant(day.at(0, 0, 0, 0)).as_second()
}

async fn every_figure_is_the_number_of_its_rows_and_of_a_recount_from_the_journal(kind: Kind) {
    let thu = workflow(&[
        "a counter; limit = '2 working-days' | go advance; to = 'd' | not decline",
        "d leader | done hand-over | no refuse",
    ]);
    let office = Office::open(kind, &thu, &[]).await;
    story(&office).await;
    let (database, now) = (office.services.database(), office.clock.now().as_second());
    let dossiers = from_the_journal(database).await;
    assert_eq!(dossiers.len(), 12);
    let periods = [
        (None, None),
        (Some(date(2026, 3, 1)), Some(date(2026, 4, 1))),
        (Some(date(2026, 3, 14)), Some(date(2026, 3, 20))),
        (Some(date(2026, 4, 1)), Some(date(2026, 7, 1))),
        (Some(date(2026, 3, 20)), None),
        (None, Some(date(2026, 3, 20))),
        (Some(date(2027, 1, 1)), Some(date(2027, 2, 1))),
    ];
    for (from, to) in periods {
        let scope = CountingScope { now, from: from.map(begin), to: to.map(begin), ..CountingScope::default() };
        let (first, last) = (scope.from.unwrap_or(0), scope.to.unwrap_or(i64::MAX));
        for by in CountingGroup::ALL {
            let groups = database.count_groups(&scope, by).await.expect("read");
            let total = CountedGroup::total(&groups);
            for figure in CountedFigure::ALL {
                let (word, listed_figure) = (figure.name(), ListedFigure::Dossiers(figure));
                let mut expected: Vec<String> = dossiers
                    .iter()
                    .filter(|dossier| counts(dossier, figure, first, last, now))
                    .map(|dossier| dossier.filed.code.to_string())
                    .collect();
                expected.sort();
                assert_eq!(listed(database, &scope, listed_figure).await, expected, "{word} from {from:?} to {to:?}");
                let number = i64::try_from(expected.len()).expect("few");
                assert_eq!(total.count(figure), number, "{word} by {} from {from:?} to {to:?}", by.name());
            }
            assert_adds_up(&total);
            groups.iter().for_each(assert_adds_up);
        }
        let counted = database.count_steps(&scope).await.expect("read");
        for figure in StepFigure::ALL {
            let mut expected: Vec<String> =
                dossiers.iter().flat_map(|dossier| steps(dossier, figure, first, last)).collect();
            expected.sort();
            let listed = listed(database, &scope, ListedFigure::Steps(figure)).await;
            assert_eq!(listed, expected, "{} from {from:?} to {to:?}", figure.name());
            let sum: i64 = counted.iter().map(|step| step.count(figure)).sum();
            assert_eq!(sum, i64::try_from(expected.len()).expect("few"), "{}", figure.name());
        }
    }
    let whole = CountingScope { now, ..CountingScope::default() };
    let groups = database.count_groups(&whole, CountingGroup::Agency).await.expect("read");
    let total = CountedGroup::total(&groups);
    let of = |figure| total.count(figure);
    assert_eq!((of(CountedFigure::InTime), of(CountedFigure::Late)), (4, 2), "what was declined is not in time");
    assert_eq!((of(CountedFigure::NotReceived), of(CountedFigure::Withdrawn), of(CountedFigure::Rated)), (2, 2, 2));

    // What is computed again changes nothing.
    database.rebuild_projections().await.expect("rebuilt");
    assert_eq!(database.count_groups(&whole, CountingGroup::Agency).await.expect("read"), groups);
    let late = StepFigure::Late;
    assert_eq!(database.count_steps(&whole).await.expect("read").iter().map(|step| step.count(late)).sum::<i64>(), 2);
}

fn assert_adds_up(group: &CountedGroup) {
    let of = |figure| group.count(figure);
    let (received, ended) = (of(CountedFigure::Received), of(CountedFigure::Ended));
    assert_eq!(received + of(CountedFigure::CarriedOver), ended + of(CountedFigure::InProgress), "{group:?}");
    assert_eq!(received, of(CountedFigure::Online) + of(CountedFigure::AtCounter), "{group:?}");
    let without = of(CountedFigure::NotReceived) + of(CountedFigure::Withdrawn) + of(CountedFigure::Lapsed);
    assert_eq!(ended, of(CountedFigure::WithResult) + without, "{group:?}");
    assert_eq!(of(CountedFigure::InTime), of(CountedFigure::Early) + of(CountedFigure::OnTime), "{group:?}");
}

async fn a_figure_leads_to_its_dossiers_and_the_register_counts_as_a_reading(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let code = dossier.trim_start_matches("/dossiers/");
    let leader = app.officer("yen.phucuong").await;
    let page = leader.get("/desk/figures?from=&to=").await.ok();
    page.has(&[
        "Chỉ số chất lượng",
        "Mức độ hài lòng",
        "figure=received\">1</a>",
        "figure=carried-over\">0</a>",
        "Kỳ trước chuyển sang",
    ]);
    let listed = leader.get("/desk/figures/dossiers?from=&to=&figure=received").await.ok();
    listed.has(&[code, "mẫu 06"]).lacks(&["Nguyễn Văn An", "0912345678"]);
    leader.get("/desk/figures/dossiers?from=&to=&figure=withdrawn").await.ok().lacks(&[code]);
    assert_eq!(leader.get("/desk/figures/dossiers?figure=x").await.status, 404);

    let read = async || rows(app.services.database(), "SELECT dossier FROM reading").await.len();
    let before = read().await;
    let table = leader.get("/desk/figures/dossiers.csv?from=&to=&figure=received").await.ok();
    table.has(&[code, "Nguyễn Văn An", "\"0912345678\"", "Sổ theo dõi hồ sơ", "figure=received"]);
    assert_eq!(read().await, before + 1, "a reading of the dossier");
    let book = leader.get("/desk/figures/dossiers.xlsx?from=&to=&figure=received").await.ok();
    assert!(book.headers["content-disposition"].to_str().expect("text").contains("register%2D06%2Exlsx"));
    leader.get("/desk/figures.csv?from=&to=").await.ok().has(&["Kỳ trước chuyển sang", "/desk/figures?by=agency"]);
    leader.get("/desk/figures.xlsx?from=&to=").await.ok();
    assert_eq!(read().await, before + 4, "each export is logged");
}

async fn figures_of_a_period_are_for_those_who_may_see_them(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    walk::birth(&citizen).await;
    let other = app.officer("khanh.tnmt").await;
    other.get("/desk/figures/dossiers?from=&to=&figure=received").await.ok().lacks(&["/dossiers/H"]);
    for path in ["/desk/figures?agency=ubnd-phu-cuong", "/desk/figures/dossiers?agency=ubnd-phu-cuong"] {
        assert_eq!(other.get(path).await.status, 403, "{path}");
    }
    let administrator = app.officer("quantri").await;
    let listed = administrator.get("/desk/figures/dossiers?from=&to=&figure=received").await.ok();
    listed.has(&["/dossiers/H"]).lacks(&["dossiers.csv"]);
    assert_eq!(administrator.get("/desk/figures/dossiers.csv?figure=received").await.status, 403);
    assert_eq!(app.officer("thu.phucuong").await.get("/desk/figures.csv").await.status, 403);
    assert_eq!(citizen.get("/desk/figures/dossiers").await.status, 403);
}
