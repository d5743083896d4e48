//! The form of a step on the page of a dossier, and its answers.

use crate::told::{FEE, OwnPortal};
use motcua_tests::flow::{COUNTER, LEADER, workflow};
use motcua_tests::portal::App;

on_both! {
    what_is_filled_in_at_a_step_is_read_by_the_next_officer_and_not_by_the_applicant
    a_page_names_the_questions_that_open_an_action_and_marks_those_that_closed_it
}

async fn what_is_filled_in_at_a_step_is_read_by_the_next_officer_and_not_by_the_applicant(app: App) {
    let fields = "field = [{ id = 'sound', label = 'Đúng hiện trạng?', kind = 'yes-no' }, { id = 'why', \
                  label = 'Sai khác gì?', kind = 'text', shown = '!sound', required = false }]";
    let thu = workflow(&[
        &format!("a counter; {fields} | on advance; to = 'd' | ask request-supplement"),
        "d leader | done hand-over",
    ]);
    let portal = OwnPortal::serve(&app, &thu, FEE).await;
    let (citizen, dossier) = portal.file("false").await;
    let counter = portal.officer(COUNTER).await;
    let page = counter.get(&dossier).await.ok().has(&["Cập nhật các câu hỏi"]).lacks(&["Sai khác gì?"]);
    assert_eq!(page.body.matches("Đúng hiện trạng?").count(), 1, "the actions share the form");
    let seen = page.hidden("seen").expect("the version").to_owned();
    let typed = [("seen", seen.as_str()), ("stay", "0"), ("fill.0.sound", "false"), ("do", "refresh")];
    counter.post(&format!("{dossier}/language/vi"), &typed).await.ok().has(&["Sai khác gì?"]);
    let typed = [("seen", seen.as_str()), ("stay", "0"), ("fill.0.sound", "false"), ("fill.0.why", "Lệch ranh 2 m")];
    counter.upload(&format!("{dossier}/actions/on"), &typed, &[]).await.ok();
    let leader = portal.officer(LEADER).await;
    leader.get(&dossier).await.ok().has(&["Đúng hiện trạng?", "Sai khác gì?", "Lệch ranh 2 m"]);
    citizen.get(&dossier).await.ok().lacks(&["Đúng hiện trạng?", "Lệch ranh"]);
}

async fn a_page_names_the_questions_that_open_an_action_and_marks_those_that_closed_it(app: App) {
    let field = "field = [{ id = 'points', label = 'Điểm', kind = 'integer', min = 0, max = 200 }]";
    let thu = workflow(&[
        &format!(
            "a counter; {field} | on advance; to = 'd'; when = 'points < 141' | stop refuse; when = 'points > 140'"
        ),
        "d leader | done hand-over",
    ]);
    let portal = OwnPortal::serve(&app, &thu, FEE).await;
    let (_, dossier) = portal.file("false").await;
    let counter = portal.officer(COUNTER).await;
    let page = counter.get(&dossier).await.ok().has(&["Chỉ thực hiện được với một số câu trả lời ở: Điểm"]);
    let seen = page.hidden("seen").expect("the version").to_owned();
    let on = async |points: &str| {
        let fields = [("seen", seen.as_str()), ("stay", "0"), ("fill.0.points", points)];
        counter.upload(&format!("{dossier}/actions/on"), &fields, &[]).await
    };
    let closed = on("150").await;
    assert_eq!(closed.status, 422);
    closed.has(&[
        "<a href=\"#fill.0.points\">Theo nội dung đã điền",
        "Theo nội dung ở đây thì không thực hiện được",
        "value=\"150\"",
    ]);
    on("140").await.ok().lacks(&["Theo nội dung đã điền"]);
}
