//! A year whose calendar is not announced yet.

use jiff::civil::date;
use motcua_domain::time::calendar::Limit;
use motcua_domain::time::clock::Clock;
use motcua_tests::flow::{Case, Office, workflow};
use motcua_tests::portal::Kind;

on_both_kinds! {
    a_dossier_filed_in_december_gets_its_times_when_the_calendar_of_the_next_year_comes
}

async fn a_dossier_filed_in_december_gets_its_times_when_the_calendar_of_the_next_year_comes(kind: Kind) {
    let thu = workflow(&[
        "a counter; limit = '4 working-days'; remind = '1 working-day'; escalate = 'leader' | done hand-over | late \
         refuse; after = '5 working-days'",
    ]);
    let mut office = Office::open(kind, &thu, &[]).await;
    let file = office.dir.path().join("calendar/2027.toml");
    let calendar = std::fs::read_to_string(&file).expect("the calendar");
    let whole = office.services.province().calendar.clone();
    std::fs::remove_file(&file).expect("removed");
    office.at(date(2026, 12, 29).at(9, 0, 0, 0)).await;
    office.reopen().await;
    office.services.jobs.run_jobs().await.expect("jobs run");
    let code = office.file(false, false).await.code;
    let filed = Case { office: &office, code: code.clone() }.dossier().await;
    let stay = &filed.flow.stays[0];
    let is_unknown = |clock: &Option<Clock>| clock.as_ref().is_some_and(Clock::is_unknown);
    assert!(filed.flow.whole.is_unknown() && is_unknown(&stay.clock) && is_unknown(&stay.timer));
    assert_eq!((filed.filed.appointment, stay.remind), (None, None), "nothing is made up");
    assert_eq!(office.at(date(2026, 12, 31).at(9, 0, 0, 0)).await, 0, "nothing is due");

    office.write("calendar/2027.toml", &calendar);
    office.reopen().await;
    office.services.jobs.run_jobs().await.expect("jobs run");
    let case = Case { office: &office, code };
    let known = case.dossier().await;
    let due = |days| Clock::start(&whole, Limit::WorkingDays(days), filed.filed_at).due();
    let stay = &known.flow.stays[0];
    assert_eq!(known.flow.whole.due(), due(30), "as if the year had always been known");
    assert_eq!((filed.appointment, known.appointment), (None, due(30)), "the receipt names it from now on");
    assert_eq!(stay.clock.as_ref().and_then(Clock::due), due(4));
    assert_eq!((stay.timer.as_ref().and_then(Clock::due), stay.remind), (due(5), due(3)));
    assert_eq!(known.filed, filed.filed, "what was filed stays as it was");

    office.at(date(2027, 1, 20).at(9, 0, 0, 0)).await;
    assert_eq!(case.open().await, "end", "the reminder, the superior and the action that time takes came");
}
