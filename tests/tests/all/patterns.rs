//! The workflow patterns of van der Aalst, ter Hofstede, Kiepuszewski and Barros (Workflow Patterns, 2003) and their
//! revision (Russell and others, 2006), each as a procedure through the real services on both databases.

use jiff::civil::date;
use motcua_domain::dossier::Turn;
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::event::DossierOutcome;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::time::clock::{Clock, Punctuality};
use motcua_tests::flow::{APPRAISER, COUNTER, LEADER, Office, SPECIALIST, With, bare, workflow};
use motcua_tests::portal::Kind;

on_both_kinds! {
    sequence
    parallel_split_and_synchronisation
    exclusive_choice_and_simple_merge
    multi_choice_and_structured_synchronising_merge
    structured_discriminator
    structured_partial_join
    multiple_instances_with_design_time_knowledge
    multiple_instances_with_run_time_knowledge
    static_partial_join_for_multiple_instances
    complete_multiple_instance_activity
    arbitrary_cycles
    deferred_choice
    milestone
    cancel_activity
    cancel_case
    implicit_termination
    sub_process_of_a_joint_procedure
}

/// The units that are asked, and their specialists.
const UNITS: &str = "units = ['so-tnmt/moi-truong', 'so-tnmt/khoang-san', 'so-xaydung/quan-ly-xay-dung']";
const ASKED: [&str; 3] = ["bao.tnmt", "duong.tnmt", "nghia.xaydung"];

async fn sequence(kind: Kind) {
    let thu = workflow(&[
        "a counter | go advance; to = 'b'",
        "b specialist | go advance; to = 'c'",
        "c leader; status = 'processed' | done hand-over",
    ]);
    let office = Office::open(kind, &thu, &[]).await;
    let case = office.file(false, false).await;
    assert_eq!(case.open().await, "a");
    // No officer takes a step before its turn, nor the step of another.
    assert_eq!(case.act(SPECIALIST, "go").await, Err(Refusal::NotAllowed));
    case.act(COUNTER, "go").await.expect("a is done");
    assert_eq!((case.open().await.as_str(), case.todo_of(SPECIALIST).await), ("b", vec!["b".to_owned()]));
    case.act(SPECIALIST, "go").await.expect("b is done");
    case.act(LEADER, "done").await.expect("c is done");
    assert_eq!(case.open().await, "end");
}

/// Returns a workflow in which intake parts into work and appraisal, and the leader waits for both.
fn split(join: &str, to: &str) -> String {
    workflow(&[
        &format!("a counter | go advance; to = {to}"),
        "b specialist; limit = '2 working-days' | on advance; to = 'd'",
        "c appraiser; limit = '3 working-days' | on advance; to = 'd'",
        &format!("d leader; {join} | done hand-over | stop refuse"),
    ])
}

async fn parallel_split_and_synchronisation(kind: Kind) {
    let office = Office::open(kind, &split("join = 'all'", "['b', 'c']"), &[]).await;
    let case = office.file(false, false).await;
    case.act(COUNTER, "go").await.expect("it parts");
    assert_eq!(case.open().await, "b c");
    assert_eq!(case.todo_of(SPECIALIST).await, ["b"]);
    assert_eq!(case.todo_of(APPRAISER).await, ["c"]);
    case.act(APPRAISER, "on").await.expect("one is done");
    assert_eq!(case.open().await, "b", "the leader waits for the other");
    assert_eq!(case.act(LEADER, "done").await, Err(Refusal::NotAllowed));
    case.act(SPECIALIST, "on").await.expect("the other is done");
    assert_eq!(case.open().await, "d");
    case.act(LEADER, "done").await.expect("the end");
    assert_eq!(case.open().await, "end");
}

async fn exclusive_choice_and_simple_merge(kind: Kind) {
    let thu = workflow(&[
        "a counter | left advance; to = 'b'; when = 'deep' | right advance; to = 'c'; when = '!deep'",
        "b specialist | on advance; to = 'd'",
        "c appraiser | on advance; to = 'd'",
        "d leader | done hand-over",
    ]);
    let office = Office::open(kind, &thu, &[]).await;
    for (deep, chosen, other, who) in [(true, "left", "right", SPECIALIST), (false, "right", "left", APPRAISER)] {
        let case = office.file(deep, false).await;
        assert_eq!(case.act(COUNTER, other).await, Err(Refusal::ActionClosed));
        case.act(COUNTER, chosen).await.expect("the choice follows the form");
        case.act(who, "on").await.expect("one branch is enough");
        assert_eq!(case.open().await, "d");
    }
}

async fn multi_choice_and_structured_synchronising_merge(kind: Kind) {
    let to = "['b', { step = 'c', when = 'wide' }]";
    let office = Office::open(kind, &split("join = 'begun'", to), &[]).await;
    let one = office.file(false, false).await;
    one.act(COUNTER, "go").await.expect("one branch");
    assert_eq!(one.open().await, "b");
    one.act(SPECIALIST, "on").await.expect("done");
    assert_eq!(one.open().await, "d", "nothing else was begun, so nothing else is waited for");
    let both = office.file(false, true).await;
    both.act(COUNTER, "go").await.expect("both branches");
    assert_eq!(both.open().await, "b c");
    both.act(SPECIALIST, "on").await.expect("done");
    assert_eq!(both.open().await, "c", "what was begun is waited for");
    both.act(APPRAISER, "on").await.expect("done");
    assert_eq!(both.open().await, "d");
}

async fn structured_discriminator(kind: Kind) {
    let thu = workflow(&[
        "a counter | go advance; to = ['b', 'c']",
        "b specialist | on advance; to = 'd'",
        "c appraiser | on advance; to = 'd'",
        "d leader; join = 'first' | again advance; to = 'a'; cancels = 'others' | done hand-over; cancels = 'others'",
    ]);
    let office = Office::open(kind, &thu, &[]).await;
    let case = office.file(false, false).await;
    case.act(COUNTER, "go").await.expect("it parts");
    case.act(APPRAISER, "on").await.expect("the first");
    assert_eq!(case.open().await, "b d", "the first of several begins the step");
    case.act(SPECIALIST, "on").await.expect("the second");
    assert_eq!(case.open().await, "d", "the second is let pass");
    // It is ready for another round.
    case.act(LEADER, "again").await.expect("once more");
    case.act(COUNTER, "go").await.expect("it parts");
    case.act(SPECIALIST, "on").await.expect("the first of this round");
    assert_eq!(case.open().await, "c d");
    case.act(LEADER, "done").await.expect("the end");
    assert_eq!(case.open().await, "end");
}

async fn structured_partial_join(kind: Kind) {
    let thu = workflow(&[
        "a counter | go advance; to = ['b', 'c', 'e']",
        "b specialist | on advance; to = 'd'",
        "c appraiser | on advance; to = 'd'",
        "e unit-head | on advance; to = 'd'",
        "d leader; join = 2 | done hand-over; cancels = 'others'",
    ]);
    let office = Office::open(kind, &thu, &[]).await;
    let case = office.file(false, false).await;
    case.act(COUNTER, "go").await.expect("it parts in three");
    case.act(APPRAISER, "on").await.expect("one of three");
    assert_eq!(case.open().await, "b e");
    case.act(SPECIALIST, "on").await.expect("two of three");
    assert_eq!(case.open().await, "d e", "two are enough");
    let ended = case.act(LEADER, "done").await.expect("the end");
    assert!(ended.flow.visits.iter().all(|visit| visit.left.is_some()), "the third is no longer needed");
}

fn asking(options: &str) -> String {
    workflow(&[
        "a counter | go advance; to = 'ask'",
        &format!(
            "ask specialist; limit = '3 working-days'; ask = {{ {UNITS}, then = 'd'{options} }} | agree answer | object answer; requires = ['note']"
        ),
        "d leader | done hand-over",
    ])
}

async fn multiple_instances_with_design_time_knowledge(kind: Kind) {
    let office = Office::open(kind, &asking(""), &[]).await;
    let case = office.file(false, false).await;
    case.act(COUNTER, "go").await.expect("all are asked");
    assert_eq!(case.open().await, "ask ask ask");
    assert_eq!(case.act(SPECIALIST, "agree").await, Err(Refusal::NotAllowed), "who was not asked does not answer");
    case.act(ASKED[0], "agree").await.expect("the first");
    assert!(case.act(ASKED[0], "agree").await.is_err(), "each answers once");
    case.act_with(ASKED[1], "object", With { note: "Gần mỏ.", ..With::default() }).await.expect("the second");
    assert_eq!(case.open().await, "ask", "all are waited for");
    let answered = case.act(ASKED[2], "agree").await.expect("the third");
    assert_eq!(case.open().await, "d");
    let notes: Vec<_> = answered.flow.visits.iter().filter_map(|visit| visit.notes.internal.as_deref()).collect();
    assert_eq!(notes, ["Gần mỏ."], "what each answered is kept");
}

async fn multiple_instances_with_run_time_knowledge(kind: Kind) {
    let office = Office::open(kind, &asking(", choose = true"), &[]).await;
    let case = office.file(false, false).await;
    assert_eq!(case.act(COUNTER, "go").await, Err(Refusal::PlacesMissing { least: 1 }));
    let ask = ["so-tnmt/moi-truong", "so-xaydung/quan-ly-xay-dung"];
    case.act_with(COUNTER, "go", With { ask: &ask, ..With::default() }).await.expect("two are chosen");
    assert_eq!(case.open().await, "ask ask");
    assert_eq!(case.act(ASKED[1], "agree").await, Err(Refusal::NotAllowed), "who was not chosen is not asked");
    case.act(ASKED[0], "agree").await.expect("one");
    case.act(ASKED[2], "agree").await.expect("two");
    assert_eq!(case.open().await, "d");
}

async fn static_partial_join_for_multiple_instances(kind: Kind) {
    for (enough, answers) in [(1, 1), (2, 2)] {
        let office = Office::open(kind, &asking(&format!(", enough = {enough}")), &[]).await;
        let case = office.file(false, false).await;
        case.act(COUNTER, "go").await.expect("all are asked");
        for who in &ASKED[..answers] {
            assert!(case.open().await.starts_with("ask"));
            case.act(who, "agree").await.expect("an answer");
        }
        assert_eq!(case.open().await, "d", "{enough} are enough, the rest are no longer asked");
        assert!(case.todo_of(ASKED[2]).await.is_empty());
    }
}

async fn complete_multiple_instance_activity(kind: Kind) {
    let thu = workflow(&[
        "a counter | go advance; to = 'ask'",
        &format!("ask specialist; ask = {{ {UNITS}, then = 'd' }} | agree answer | object answer; cancels = 'others'"),
        "d leader; status = 'processed' | done hand-over",
    ]);
    let office = Office::open(kind, &thu, &[]).await;
    let case = office.file(false, false).await;
    case.act(COUNTER, "go").await.expect("all are asked");
    assert_eq!(case.open().await, "ask ask ask");
    case.act(ASKED[1], "object").await.expect("one objects");
    assert_eq!(case.open().await, "d", "the others need not answer");
    assert!(case.todo_of(ASKED[2]).await.is_empty());
    let ended = case.act(LEADER, "done").await.expect("the end");
    assert!(ended.has_ended());
}

async fn arbitrary_cycles(kind: Kind) {
    let thu = workflow(&[
        "a counter | go advance; to = 'b'",
        "b specialist | on advance; to = 'c' | back advance; to = 'a'",
        "c appraiser | on advance; to = 'd' | back advance; to = 'a' | redo advance; to = 'b'",
        "d leader | redo advance; to = 'b' | done hand-over",
    ]);
    let office = Office::open(kind, &thu, &[]).await;
    let case = office.file(false, false).await;
    for (who, action, open) in [
        (COUNTER, "go", "b"),
        (SPECIALIST, "back", "a"),
        (COUNTER, "go", "b"),
        (SPECIALIST, "on", "c"),
        (APPRAISER, "redo", "b"),
        (SPECIALIST, "on", "c"),
        (APPRAISER, "back", "a"),
        (COUNTER, "go", "b"),
        (SPECIALIST, "on", "c"),
        (APPRAISER, "on", "d"),
        (LEADER, "redo", "b"),
    ] {
        case.act(who, action).await.expect(action);
        assert_eq!(case.open().await, open);
    }
    assert_eq!(case.dossier().await.flow.visits.len(), 12, "every stay is remembered");
}

async fn deferred_choice(kind: Kind) {
    let thu = workflow(&[
        "a counter | go advance; to = 'offer'",
        "offer applicant | accept advance; to = 'd' | silence advance; to = 'closing'; after = '10 calendar-days'",
        "closing specialist | close refuse",
        "d leader | done hand-over",
    ]);
    let office = Office::open(kind, &thu, &[]).await;
    let case = office.file(false, false).await;
    let asked = case.act(COUNTER, "go").await.expect("the applicant is asked");
    assert!(matches!(asked.turn(), Turn::Applicant { until: Some(_) }));
    assert_eq!(case.act(COUNTER, "accept").await, Err(Refusal::NotAllowed), "an officer does not answer for them");
    case.act("an", "accept").await.expect("the applicant answers in time");
    assert_eq!(case.open().await, "d");
    assert_eq!(office.at(date(2026, 4, 1).at(9, 0, 0, 0)).await, 0, "then time does not choose");
    assert_eq!(case.open().await, "d");

    office.clock.set(motcua_domain::time::calendar::instant(date(2026, 4, 1).at(9, 0, 0, 0)));
    let silent = office.file(false, false).await;
    silent.act(COUNTER, "go").await.expect("the applicant is asked");
    assert_eq!(office.at(date(2026, 4, 10).at(9, 0, 0, 0)).await, 0, "there is time left");
    assert_eq!(office.at(date(2026, 4, 14).at(9, 0, 0, 0)).await, 2, "time chooses, and the first one is late");
    assert_eq!(silent.open().await, "closing");
    assert_eq!(silent.act("an", "accept").await, Err(Refusal::NotAllowed), "then the applicant does not");
}

async fn milestone(kind: Kind) {
    let thu = workflow(&[
        "a counter | go advance; to = ['posted', 'work']",
        "posted unit-head | over advance; to = 'd'",
        "work specialist | object advance; to = 'd'; during = 'posted' | on advance; to = 'd'",
        "d leader; join = 'all' | done hand-over",
    ]);
    let office = Office::open(kind, &thu, &[]).await;
    let open = office.file(false, false).await;
    open.act(COUNTER, "go").await.expect("it is posted");
    open.act(SPECIALIST, "object").await.expect("while it is posted objections are taken");
    let over = office.file(false, false).await;
    over.act(COUNTER, "go").await.expect("it is posted");
    over.act("phuc.tnmt", "over").await.expect("no longer");
    assert_eq!(over.act(SPECIALIST, "object").await, Err(Refusal::ActionClosed));
    over.act(SPECIALIST, "on").await.expect("without objections");
    assert_eq!(over.open().await, "d");
}

async fn cancel_activity(kind: Kind) {
    let thu = workflow(&[
        "a counter | go advance; to = ['survey', 'work']",
        "survey appraiser | on advance; to = 'd'; cancels = ['work']",
        "work specialist | enough advance; to = 'd'; cancels = ['survey']",
        "d leader | done hand-over",
    ]);
    let office = Office::open(kind, &thu, &[]).await;
    let case = office.file(false, false).await;
    case.act(COUNTER, "go").await.expect("it parts");
    let after = case.act(SPECIALIST, "enough").await.expect("the survey is not needed");
    assert_eq!(case.open().await, "d");
    let late = bare(Some(1), "on", 2, "", None);
    assert_eq!(case.change(APPRAISER, late).await, Err(Refusal::Changed), "who had it is told");
    let survey = after.flow.visits.iter().find(|visit| visit.at.step.as_str() == "survey").expect("it was begun");
    assert!(survey.left.as_ref().is_some_and(|left| left.action.is_none()), "cancelled, not done");
}

async fn cancel_case(kind: Kind) {
    let office = Office::open(kind, &split("join = 'all'", "['b', 'c']"), &[]).await;
    let case = office.file(false, false).await;
    case.act(COUNTER, "go").await.expect("it parts");
    let withdrawn = case.change("an", Command::Withdraw { reason: "Thôi".to_owned() }).await.expect("withdrawn");
    assert_eq!(withdrawn.flow.ended.map(|end| end.outcome), Some(DossierOutcome::Withdrawn));
    assert!(case.todo_of(SPECIALIST).await.is_empty() && case.todo_of(APPRAISER).await.is_empty());
    assert_eq!(case.act(SPECIALIST, "on").await, Err(Refusal::Ended));
}

async fn implicit_termination(kind: Kind) {
    let thu = workflow(&[
        "a counter | go advance; to = ['give', 'archive']",
        "give counter; status = 'processed' | given finish",
        "archive specialist; status = 'processed' | kept finish",
    ]);
    let office = Office::open(kind, &thu, &[]).await;
    let case = office.file(false, false).await;
    case.act(COUNTER, "go").await.expect("it parts");
    case.act(COUNTER, "given").await.expect("one branch is done");
    assert_eq!(case.open().await, "archive", "nobody says that it is over while something is left");
    case.act(SPECIALIST, "kept").await.expect("the last branch is done");
    assert_eq!(case.dossier().await.flow.ended.map(|end| end.outcome), Some(DossierOutcome::Returned));
}

async fn sub_process_of_a_joint_procedure(kind: Kind) {
    let thu = workflow(&[
        "a counter | go advance; to = ['water', 'build']",
        "water; workflow = 'phan'; at = 'so-tnmt/moi-truong'; limit = '5 working-days'; then = 'd'",
        "build; workflow = 'phan'; at = 'so-xaydung/quan-ly-xay-dung'; limit = '8 working-days'; then = 'd'",
        "d counter; join = 'all'; status = 'processed' | done hand-over",
    ]);
    let part = workflow(&[
        "work specialist | more request-supplement | propose advance; to = 'sign'",
        "sign leader | approve hand-over | refuse refuse",
    ]);
    let office = Office::open(kind, &thu, &[("workflows/phan.toml", &part)]).await;
    let case = office.file(false, false).await;
    let begun = case.act(COUNTER, "go").await.expect("both agencies begin");
    assert_eq!(case.open().await, "build.work water.work");
    let due = |clock: &Clock| clock.due().map(motcua_domain::time::calendar::local);
    let stages: Vec<_> = begun.flow.stages.iter().map(|(id, clock)| (id.as_str(), due(clock))).collect();
    assert_eq!(stages[0], ("water", Some(date(2026, 3, 10).at(9, 0, 0, 0))), "each agency has its own clock");
    assert_eq!(stages[1], ("build", Some(date(2026, 3, 13).at(9, 0, 0, 0))));
    case.act(ASKED[0], "propose").await.expect("one agency");
    case.act(LEADER, "approve").await.expect("its leader");
    assert_eq!(case.open().await, "build.work", "one result for the citizen, so both are waited for");

    // While the other waits for the applicant, its clock and the clock of the whole are stopped. That of the first is
    // over.
    let asks = With { note: "Thiếu bản vẽ.", ..With::default() };
    let waits = case.act_with(ASKED[2], "more", asks).await.expect("asked");
    assert!(
        matches!(waits.flow.whole, Clock::Stopped { .. }) && matches!(waits.flow.stages[1].1, Clock::Stopped { .. })
    );
    office.at(date(2026, 3, 5).at(9, 0, 0, 0)).await;
    let citizen = office.actor("an").await;
    let draft = office.services.drafts.start_supplement(&citizen, &case.code).await.expect("a draft");
    office.services.drafts.supplement(&citizen, draft).await.expect("supplemented");
    let resumed = case.dossier().await;
    assert_eq!(due(&resumed.flow.stages[1].1), Some(date(2026, 3, 17).at(9, 0, 0, 0)), "two days were waited");
    assert_eq!(due(&resumed.flow.whole), Some(date(2026, 4, 16).at(9, 0, 0, 0)), "one appointment, moved by as much");

    case.act(ASKED[2], "propose").await.expect("the other agency");
    assert_eq!(case.act(LEADER, "approve").await, Err(Refusal::NotAllowed), "another agency's leader may not");
    let last = case.act("nhung.xaydung", "approve").await.expect("its own leader");
    assert_eq!(case.open().await, "d");
    assert_eq!(last.flow.stages[0].1.ended(last.filed_at), Punctuality::OnTime);
    case.act(COUNTER, "done").await.expect("one result");
}
