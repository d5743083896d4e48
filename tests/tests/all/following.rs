//! Following dossiers, rating and checking results without a log-in.

use jiff::civil::date;
use motcua_domain::names::DossierCode;
use motcua_tests::portal::App;
use motcua_tests::walk;

on_both! {
    several_dossiers_are_followed_at_once_each_by_its_own_phone_number
    a_dossier_is_rated_at_a_counter_once_and_says_so
    a_tablet_at_a_counter_forgets_what_was_typed_without_script
    guessing_at_the_counter_is_slowed_down_as_elsewhere
}

/// The points for all criteria.
const POINTS: [(&str, &str); 5] =
    [("attitude", "2"), ("guidance", "1"), ("trips", "2"), ("timeliness", "0"), ("overall", "2")];

/// Returns the code in the address of a dossier.
fn code(dossier: &str) -> &str {
    dossier.trim_start_matches("/dossiers/")
}

async fn several_dossiers_are_followed_at_once_each_by_its_own_phone_number(app: App) {
    let an = app.citizen("Nguyễn Văn An", "0912345678").await;
    let em = app.citizen("Trần Văn Em", "0908111222").await;
    let (first, second) = (walk::birth(&an).await, walk::birth(&em).await);
    let visitor = app.visitor();
    visitor.get(&format!("/lookup?code={}", code(&first))).await.ok().has(&[code(&first), "Thêm một mã hồ sơ"]);
    let typed = [("code", code(&first)), ("digits", "5678")];
    let more = visitor.post("/lookup", &[typed[0], typed[1], ("do", "add")]).await.ok();
    more.has(&["name=\"code.2\"", "value=\"5678\"", "Hồ sơ thứ 2"]);

    let of_other = [("code.2", code(&second)), ("digits.2", "1222")];
    let both = visitor.post("/lookup", &[typed, of_other].concat()).await.ok();
    let both = both.has(&[code(&first), code(&second), "Cơ quan hẹn trả kết quả"]);
    assert_eq!(both.body.matches("Đăng ký khai sinh</h2>").count(), 2);
    both.lacks(&["Nguyễn Văn An", "Trần Văn Em", "role=\"alert\""]);

    // The phone number of one dossier opens no other one.
    let of_other = [("code.2", code(&second)), ("digits.2", "5678")];
    let one = visitor.post("/lookup", &[typed, of_other].concat()).await.ok();
    one.has(&["role=\"alert\"", &format!("mã {}", code(&second)), "Đăng ký khai sinh</h2>"]);
}

async fn a_dossier_is_rated_at_a_counter_once_and_says_so(app: App) {
    let an = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&an).await;
    let tablet = app.visitor();
    tablet.get("/kiosk").await.ok().has(&["Đánh giá tại quầy"]);
    let known = [("code", code(&dossier)), ("digits", "5678")];
    let early = tablet.post("/kiosk", &known).await;
    assert_eq!(early.status, 422);
    early.has(&["Chỉ đánh giá được khi hồ sơ đã kết thúc."]);

    an.post(&format!("{dossier}/withdraw"), &[("reason", "Khai nhầm.")]).await.ok();
    let asked = tablet.post("/kiosk", &known).await.ok();
    asked.has(&["Bạn hài lòng đến đâu?", "Đăng ký khai sinh", "name=\"attitude\""]).lacks(&["Nguyễn Văn An"]);
    let rates = [("step", "rate"), known[0], known[1]];
    let missing = tablet.post("/kiosk", &[&rates[..], &POINTS[..4]].concat()).await;
    assert_eq!(missing.status, 422);
    missing.has(&["Hãy chọn một mức cho mỗi tiêu chí.", "name=\"overall\"", " checked"]);
    let done = tablet.post("/kiosk", &[&rates[..], &POINTS[..]].concat()).await.ok();
    assert_eq!(done.path, "/kiosk");
    done.has(&["Cảm ơn bạn đã đánh giá"]).lacks(&[code(&dossier)]);

    an.get(&dossier).await.ok().has(&["Đánh giá tại quầy bằng mã hồ sơ"]);
    let code_of = DossierCode::parse(code(&dossier)).expect("a code");
    let view = app.services.dossiers.look_up(&code_of, "5678").await.expect("found");
    let rating = view.dossier.rating.expect("rated");
    assert_eq!((rating.points, rating.at_counter), ([2, 1, 2, 0, 2], true));
    let again = tablet.post("/kiosk", &known).await;
    assert_eq!(again.status, 422);
    again.has(&["Hồ sơ này đã được đánh giá."]);
}

async fn a_tablet_at_a_counter_forgets_what_was_typed_without_script(app: App) {
    let an = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&an).await;
    an.post(&format!("{dossier}/withdraw"), &[("reason", "Khai nhầm.")]).await.ok();
    let tablet = app.visitor();
    let first = tablet.get("/kiosk").await.ok();
    assert!(!first.headers.contains_key("refresh"), "there is nothing to forget");
    let known = [("step", "rate"), ("code", code(&dossier)), ("digits", "5678")];
    for (state, fields) in [
        ("asked", known[1..].to_vec()),
        ("not found", vec![("code", "H09.31-260303-9999"), ("digits", "0000")]),
        ("another language", [&known[..], &[("do", "language:en")]].concat()),
        ("more time", [&known[..], &[("do", "more")]].concat()),
    ] {
        let page = tablet.post("/kiosk", &fields).await;
        assert_eq!(page.headers["refresh"], "180; url=/kiosk", "{state}");
    }
    let done = tablet.get("/kiosk?done=yes").await.ok();
    assert_eq!(done.headers["refresh"], "15; url=/kiosk");
}

async fn guessing_at_the_counter_is_slowed_down_as_elsewhere(app: App) {
    let an = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&an).await;
    let tablet = app.visitor();
    tablet.get("/kiosk").await.ok();
    let mut answers = Vec::new();
    for (number, path) in ["/kiosk", "/lookup", "/kiosk", "/lookup", "/kiosk", "/kiosk"].into_iter().enumerate() {
        let digits = format!("{number:04}");
        answers.push(tablet.post(path, &[("code", code(&dossier)), ("digits", &digits)]).await.status);
    }
    assert_eq!(answers, [404, 404, 404, 404, 404, 429], "the tries at both pages count together");
    app.at(date(2026, 3, 3).at(9, 0, 1, 0));
    assert_eq!(tablet.post("/kiosk", &[("code", code(&dossier)), ("digits", "5678")]).await.status, 422);
}
