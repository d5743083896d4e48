//! Fees and limits that depend on the time. A person can file what they reviewed, and owes the reviewed fee.

use jiff::ToSpan as _;
use jiff::civil::date;
use motcua_domain::names::DossierCode;
use motcua_tests::browser::{Browser, Page};
use motcua_tests::plugin::{encoded, exported};
use motcua_tests::portal::{App, PASSWORD, morning, serve_again};
use motcua_tests::walk;
use wit_component::StringEncoding;

on_both! {
    a_fee_that_depends_on_the_second_is_owed_as_it_was_reviewed
    a_review_that_is_too_old_is_shown_again_and_can_be_filed_then
    a_review_from_before_midnight_is_shown_again_with_what_the_new_day_changes
}

const FOLDER: &str = "procedures/so-khdt/thanh-lap-cong-ty-tnhh-hai-thanh-vien";

/// Returns a component that assesses a fee of a thousand đồng for each unit of the last digit of the time, as ASCII has
/// it: 48,000 at second 0, 55,000 at second 7.
fn assessor() -> Vec<u8> {
    let name = exported("assess-fees");
    // It looks for `now"` in the input. The digit is 24 bytes behind.
    let module = format!(
        r#"(module (memory (export "memory") 4)
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 65536))
            (func (export "{name}") (param i32 i32) (result i32) (local $at i32)
                (local.set $at (local.get 0))
                (loop $seek
                    (if (i32.ne (i32.load (local.get $at)) (i32.const 0x22776f6e))
                        (then (local.set $at (i32.add (local.get $at) (i32.const 1))) (br $seek))))
                (i64.store (i32.const 8216)
                    (i64.mul (i64.const 1000) (i64.load8_u (i32.add (local.get $at) (i32.const 24)))))
                (i32.store (i32.const 2048) (i32.const 8192)) (i32.store (i32.const 2052) (i32.const 1)) (i32.const 2048)))"#
    );
    encoded(&module, "assessor", StringEncoding::UTF8)
}

/// Returns the browser of a citizen at a portal with such a fee.
async fn citizen(app: &App) -> Browser {
    let folder = app.dir.path().join(FOLDER);
    std::fs::write(folder.join("assess.wasm"), assessor()).expect("written");
    let file = folder.join("procedure.toml");
    let text = std::fs::read_to_string(&file).expect("the procedure");
    std::fs::write(&file, text.replace("builtin = \"enterprise\"", "component = \"assess.wasm\"")).expect("written");
    let citizen = Browser::new(&serve_again(app.dir.path(), app.clock.clone()).await);
    citizen.register("Nguyễn Văn An", "0912345678", PASSWORD).await;
    citizen
}

async fn file(citizen: &Browser, draft: &str, review: &Page) -> Page {
    let reviewed = review.hidden("draft-reviewed").expect("what the review showed");
    citizen.post(&format!("{draft}/file"), &[("consent", "yes"), ("draft-reviewed", reviewed)]).await
}

async fn a_fee_that_depends_on_the_second_is_owed_as_it_was_reviewed(app: App) {
    let citizen = citizen(&app).await;
    let draft = walk::company_draft(&citizen).await;
    app.at(morning() + 7.seconds());
    let review = citizen.get(&format!("{draft}/review")).await.ok().has(&["55.000"]);
    app.at(morning() + 63.seconds());
    let filed = file(&citizen, &draft, &review).await.ok();
    let address = filed.path.trim_end_matches("/receipt").to_owned();
    citizen.get(&address).await.ok().has(&["55.000"]).lacks(&["51.000"]);
    // The replay asks the plugin with the recorded time.
    let code = DossierCode::parse(address.trim_start_matches("/dossiers/")).expect("a code");
    let replayed = app.services.plugins.replay(&code).await.expect("replayed");
    assert_eq!(replayed.len(), 1, "{replayed:?}");
    assert!(replayed.iter().all(|one| one.differences.is_empty()), "{replayed:?}");
}

async fn a_review_that_is_too_old_is_shown_again_and_can_be_filed_then(app: App) {
    let citizen = citizen(&app).await;
    let draft = walk::company_draft(&citizen).await;
    let review = citizen.get(&format!("{draft}/review")).await.ok().has(&["48.000"]);
    app.at(morning() + 31.minutes() + 5.seconds());
    let refused = file(&citizen, &draft, &review).await;
    assert_eq!(refused.status, 422);
    let refused = refused.has(&["53.000"]).lacks(&["48.000"]);
    app.at(morning() + 31.minutes() + 9.seconds());
    let filed = file(&citizen, &draft, &refused).await.ok();
    citizen.get(filed.path.trim_end_matches("/receipt")).await.ok().has(&["53.000"]);
}

/// A fee of the day of the tests, and a limit from the next day on.
const BY_DAY: &str = r#"
[[fee]]
name = { vi = "Phí trong ngày", en = "Fee of the day" }
kind = "fee"
amount = 7_000
when = "today == '2026-03-03'"

[[limit_case]]
name = { vi = "Từ hôm sau", en = "From the next day on" }
when = "today > '2026-03-03'"
limit = "9 working-days"
"#;

async fn a_review_from_before_midnight_is_shown_again_with_what_the_new_day_changes(app: App) {
    app.at(date(2026, 3, 3).at(23, 50, 0, 0));
    let procedure = app.dir.path().join(FOLDER).join("procedure.toml");
    let text = std::fs::read_to_string(&procedure).expect("the procedure");
    std::fs::write(&procedure, format!("{text}{BY_DAY}")).expect("written");
    let citizen = Browser::new(&serve_again(app.dir.path(), app.clock.clone()).await);
    citizen.register("Nguyễn Văn An", "0912345678", PASSWORD).await;
    let draft = walk::company_draft(&citizen).await;
    app.at(date(2026, 3, 3).at(23, 59, 50, 0));
    let review = citizen.get(&format!("{draft}/review")).await.ok().has(&["57.000", "3 ngày làm việc"]);
    app.at(date(2026, 3, 4).at(0, 0, 10, 0));
    let refused = file(&citizen, &draft, &review).await;
    assert_eq!(refused.status, 422);
    let refused = refused.has(&["50.000", "9 ngày làm việc"]).lacks(&["57.000"]);
    let filed = file(&citizen, &draft, &refused).await.ok();
    citizen.get(filed.path.trim_end_matches("/receipt")).await.ok().has(&["50.000"]).lacks(&["57.000"]);
}
