//! A committee that votes on a dossier, and a survey whose outcome opens the next action, on both databases.

use motcua_domain::dossier::refusal::Refusal;
use motcua_tests::flow::{COUNTER, LEADER, Office, With, workflow};
use motcua_tests::portal::Kind;

on_both_kinds! {
    votes_decide_the_same_in_every_order
    the_outcome_of_a_survey_opens_the_way_to_the_leader
}

/// The members of the committee, and the officers who vote for them.
const MEMBERS: &str = "units = ['so-tnmt/moi-truong', 'so-tnmt/khoang-san', 'so-xaydung/quan-ly-xay-dung']";
const VOTERS: [&str; 3] = ["bao.tnmt", "duong.tnmt", "nghia.xaydung"];

const YES: &[(&str, &str)] = &[("in_favour", "true")];
const NO: &[(&str, &str)] = &[("in_favour", "false")];

fn filled<'a>(filled: &'a [(&'a str, &'a str)]) -> With<'a> {
    With { filled, ..With::default() }
}

async fn votes_decide_the_same_in_every_order(kind: Kind) {
    let field = "field = [{ id = 'in_favour', label = 'Đồng ý?', kind = 'yes-no' }]";
    let thu = workflow(&[
        "a counter | go advance; to = 'vote'",
        &format!("vote specialist; {field}; ask = {{ {MEMBERS}, then = 'd' }} | cast answer"),
        "d leader | recognise hand-over; when = 'vote.count(v, v.in_favour) >= 2' | stop refuse",
    ]);
    let office = Office::open(kind, &thu, &[]).await;
    let (mut recognised, mut closed) = (0, 0);
    for votes in [[YES, YES, NO], [NO, YES, YES], [YES, NO, NO], [NO, NO, YES]] {
        let case = office.file(false, false).await;
        case.act(COUNTER, "go").await.expect("all are asked");
        for (voter, vote) in VOTERS.into_iter().zip(votes) {
            case.act_with(voter, "cast", filled(vote)).await.expect("a vote");
        }
        match case.act(LEADER, "recognise").await {
            Ok(_) => recognised += 1,
            Err(refusal) => {
                assert_eq!(refusal, Refusal::ActionClosed);
                closed += 1;
            }
        }
        let in_favour = votes.iter().filter(|vote| **vote == YES).count();
        assert_eq!(case.open().await == "end", in_favour >= 2, "{votes:?}");
    }
    assert_eq!((recognised, closed), (2, 2));
}

async fn the_outcome_of_a_survey_opens_the_way_to_the_leader(kind: Kind) {
    let field = "field = [{ id = 'points', label = 'Điểm', kind = 'integer', min = 0, max = 200 }]";
    let thu = workflow(&[
        &format!(
            "a counter; {field} | on advance; to = 'd'; when = 'points <= 140' | drop refuse; when = 'points > 140'"
        ),
        "d leader | done hand-over",
    ]);
    let office = Office::open(kind, &thu, &[]).await;
    let case = office.file(false, false).await;
    let missing = case.act(COUNTER, "on").await;
    assert!(matches!(&missing, Err(Refusal::Incomplete(found)) if found[0].path == "points"), "{missing:?}");
    let closed = case.act_with(COUNTER, "on", filled(&[("points", "141")])).await;
    assert!(matches!(&closed, Err(Refusal::ClosedByAnswers(found)) if found[0].path == "points"), "{closed:?}");
    let kept = With { note: "Vượt chuẩn.", ..filled(&[("points", "140")]) };
    let closed = case.act_with(COUNTER, "drop", kept).await;
    assert!(matches!(closed, Err(Refusal::ClosedByAnswers(_))), "{closed:?}");
    case.act_with(COUNTER, "on", filled(&[("points", "140")])).await.expect("the points are few enough");
    assert_eq!(case.open().await, "d");
}
