//! The words with which the page of a dossier and the lists say what its reader has to do.

use crate::told::{FEE, OwnPortal};
use motcua_tests::flow::{COUNTER, workflow};
use motcua_tests::portal::App;

on_both! {
    a_choice_of_units_says_how_many_are_needed_before_and_after_a_refusal
}

async fn a_choice_of_units_says_how_many_are_needed_before_and_after_a_refusal(app: App) {
    let units = "units = ['so-tnmt/moi-truong', 'so-tnmt/khoang-san', 'so-xaydung/quan-ly-xay-dung']";
    let thu = workflow(&[
        "a counter | go advance; to = 'ask'",
        &format!("ask specialist; ask = {{ {units}, then = 'd', choose = true, enough = 2 }} | agree answer"),
        "d leader | done hand-over",
    ]);
    let portal = OwnPortal::serve(&app, &thu, FEE).await;
    let (_, dossier) = portal.file("true").await;
    let counter = portal.officer(COUNTER).await;
    let (needed, refused) = ("Chọn ít nhất 2 đơn vị.", "Hãy chọn đủ số đơn vị cần lấy ý kiến.");
    let page = counter.get(&dossier).await.ok().has(&[needed]).lacks(&[refused]);
    let seen = page.hidden("seen").expect("the version").to_owned();
    let fields = [("seen", seen.as_str()), ("stay", "0"), ("act.0.go.ask", "so-tnmt/moi-truong")];
    let page = counter.upload(&format!("{dossier}/actions/go"), &fields, &[]).await;
    assert_eq!(page.status, 422);
    let said = page.between("<div class=\"box bad\"", "</div>").expect("the refusal");
    assert!(said.contains(refused) && said.contains(needed), "{said}");
}
