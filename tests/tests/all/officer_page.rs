//! The page of a dossier for an officer: papers beside the answers, marks from which the letter follows, and the way on
//! to the next dossier.

use motcua_tests::browser::{Browser, Page};
use motcua_tests::portal::App;
use motcua_tests::walk::{self, PDF, With, act};

on_both! {
    the_papers_stand_beside_the_answers_one_at_a_time
    a_paper_in_the_viewer_is_for_those_who_see_the_dossier_and_is_a_logged_reading
    the_letter_follows_from_the_marks_and_is_read_before_it_is_sent
    what_a_supplement_changed_is_marked_with_its_former_value
    an_action_leads_to_the_next_dossier_of_the_list_and_can_be_taken_back_there
    the_counter_writes_down_who_took_a_result_and_the_register_has_it
}

/// Returns the text in a box of several lines.
#[track_caller]
fn text<'a>(page: &'a Page, name: &str) -> &'a str {
    let field = page.between(&format!("name=\"{name}\""), "</textarea>").expect("a box");
    field.split_once('>').expect("a box").1
}

/// Returns the files that a page shows in frames, and those that it shows as pictures.
fn shown(page: &Page) -> (usize, usize) {
    (page.body.matches("<iframe src=\"").count(), page.body.matches("<img src=\"/dossiers/").count())
}

async fn the_papers_stand_beside_the_answers_one_at_a_time(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::company(&citizen).await;
    let lan = app.officer("lan.khdt").await;
    let mut all = (0, 0);
    for number in 1..=3 {
        let page = lan.get(&format!("{dossier}?paper={number}")).await.ok().has(&[&format!("Tệp {number}/3")]);
        let (frames, pictures) = shown(&page);
        assert_eq!(frames + pictures, 1, "one file at a time");
        all = (all.0 + frames, all.1 + pictures);
    }
    assert_eq!(all, (1, 2), "a PDF and two photographs");

    // The choice of a file posts what was typed, so the page that follows has it.
    let page = lan.get(&dossier).await.ok().has(&["name=\"paper\" value=\"3\""]);
    let seen = page.hidden("seen").expect("the version").to_owned();
    let typed = [("seen", seen.as_str()), ("paper", "1"), ("message.text", "Mời bạn chờ."), ("paper", "3")];
    let page = lan.post(&format!("{dossier}/language/vi"), &typed).await.ok().has(&["Tệp 3/3"]);
    assert_eq!(text(&page, "message.text"), "Mời bạn chờ.");
    // A number of no file is no reason to show nothing.
    lan.get(&format!("{dossier}?paper=99")).await.ok().has(&["/3"]);
    assert_eq!(shown(&citizen.get(&format!("{dossier}?paper=2")).await.ok()), (0, 0));
}

async fn a_paper_in_the_viewer_is_for_those_who_see_the_dossier_and_is_a_logged_reading(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let thu = app.officer("thu.phucuong").await;
    let page = thu.get(&dossier).await.ok();
    assert_eq!(page.headers["x-frame-options"], "DENY");
    let picture = format!("/dossiers/{}", page.between("<img src=\"/dossiers/", "\"").expect("the photograph"));
    let readings = || async {
        let page = citizen.get(&format!("{dossier}/readings")).await.ok();
        page.body.matches("<li>").count()
    };
    let before = readings().await;
    let file = thu.get(&picture).await.ok();
    assert!(readings().await > before, "the opening is logged");
    let header = |name: &str| file.headers[name].to_str().expect("plain").to_owned();
    assert_eq!(header("content-security-policy"), "default-src 'none'; sandbox; frame-ancestors 'self'");
    assert_eq!(header("x-frame-options"), "SAMEORIGIN");
    assert!(header("content-disposition").starts_with("inline"));
    let other = app.citizen("Trần Thị Bình", "0987654321").await;
    assert_eq!(other.get(&picture).await.status, 404);
    assert_eq!(app.officer("lan.khdt").await.get(&picture).await.status, 404);
}

/// Asks for a supplement by marks, and returns the page with the letter.
async fn marked(thu: &Browser, dossier: &str) -> Page {
    let page = thu.get(dossier).await.ok();
    let (seen, stay) = (page.hidden("seen").expect("a version"), page.hidden("stay").expect("a step"));
    let part = format!("act.{stay}.request-supplement");
    let (why, tick) = (format!("{part}.mark.papers.birth_proof.why"), format!("{part}.missing"));
    page.clone().has(&[&format!("name=\"{why}\""), &format!("name=\"{tick}\" value=\"mother_number\"")]);
    let typed = [("seen", seen), ("stay", stay), (why.as_str(), "Ảnh mờ"), (tick.as_str(), "mother_number")];
    // A button that only shows the page again keeps the marks, and the letter is there already.
    let again = thu.post(&format!("{dossier}/language/vi"), &typed).await.ok();
    again.has(&["value=\"Ảnh mờ\"", "value=\"mother_number\" checked", "Đề nghị bổ sung, chỉnh sửa"]);
    thu.upload(&format!("{dossier}/actions/request-supplement"), &typed, &[]).await.ok()
}

async fn the_letter_follows_from_the_marks_and_is_read_before_it_is_sent(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let thu = app.officer("thu.phucuong").await;
    let page = marked(&thu, &dossier).await.has(&["Hãy xem lại, sửa nếu cần, rồi gửi."]);
    citizen.get(&dossier).await.ok().lacks(&["Ảnh mờ"]);
    let (seen, stay) = (page.hidden("seen").expect("a version"), page.hidden("stay").expect("a step"));
    let part = format!("act.{stay}.request-supplement");
    let (why, tick) = (format!("{part}.mark.papers.birth_proof.why"), format!("{part}.missing"));
    let (reason, before) = (format!("{part}.reason"), format!("{part}.letter"));
    let letter = text(&page, &reason).to_owned();
    assert!(letter.contains(": Ảnh mờ (") && letter.contains("khoản 1 Điều 16"), "{letter}");
    assert!(letter.contains("\n2. "), "the letter has both marks: {letter}");

    // A letter that nobody changed follows the marks. One that the officer changed stays.
    let mut typed = vec![("seen", seen), ("stay", stay), (why.as_str(), "Ảnh mờ"), (before.as_str(), letter.as_str())];
    let language = format!("{dossier}/language/vi");
    let unchanged = [typed.clone(), vec![(reason.as_str(), letter.as_str())]].concat();
    assert!(!text(&thu.post(&language, &unchanged).await.ok(), &reason).contains("\n2. "));
    typed.extend([(tick.as_str(), "mother_number"), (reason.as_str(), "Giấy chứng sinh mờ.")]);
    assert_eq!(text(&thu.post(&language, &typed).await.ok(), &reason), "Giấy chứng sinh mờ.");
    let wish = format!("letter:{part}");
    let written = [typed.clone(), vec![("do", wish.as_str())]].concat();
    assert!(text(&thu.post(&language, &written).await.ok(), &reason).contains("\n2. "));

    thu.upload(&format!("{dossier}/actions/request-supplement"), &typed, &[]).await.ok();
    let page = citizen.get(&dossier).await.ok().has(&["Giấy chứng sinh mờ.", "khoản 1 Điều 16 Luật Hộ tịch số 60"]);
    page.has(&["Số định danh cá nhân của mẹ"]);
}

async fn what_a_supplement_changed_is_marked_with_its_former_value(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let thu = app.officer("thu.phucuong").await;
    let changed = "đã thay đổi khi bổ sung";
    thu.get(&dossier).await.ok().lacks(&[changed]);
    act(&thu, &dossier, "request-supplement", With { note: "Ghi đủ tên đệm.", ..With::default() }).await.ok();
    let draft = citizen.post(&format!("{dossier}/supplement"), &[]).await.ok();
    let draft = draft.path.trim_end_matches("/1").to_owned();
    let child = walk::CHILD
        .iter()
        .map(|(name, value)| if *name == "child_name" { (*name, "Nguyễn Trần Minh Khôi") } else { (*name, *value) });
    citizen.post(&format!("{draft}/1"), &child.collect::<Vec<_>>()).await.ok();
    let reviewed = walk::review(&citizen, &draft).await;
    citizen.post(&format!("{draft}/supplement"), &[("draft-reviewed", &reviewed)]).await.ok();
    let page = thu.get(&dossier).await.ok().has(&["Nguyễn Trần Minh Khôi", changed]);
    let former = page.between(changed, "</details>").expect("the former value");
    assert!(former.contains("Nguyễn Minh Khôi"), "{former}");
    assert_eq!(page.body.matches(changed).count(), 1, "nothing else changed");
    citizen.get(&dossier).await.ok().lacks(&[changed]);
}

/// Takes the action of the specialist on a page that was opened in the list.
async fn propose(binh: &Browser, page: &Page) -> Page {
    let field = |name: &str| page.hidden(name).unwrap_or_else(|| panic!("{name}")).replace("&amp;", "&");
    let (seen, stay, list, place) = (field("seen"), field("stay"), field("list"), field("place"));
    let note = format!("act.{stay}.propose.note");
    let typed = [
        ("seen", seen.as_str()),
        ("stay", stay.as_str()),
        ("list", list.as_str()),
        ("place", place.as_str()),
        ("next", "yes"),
        (note.as_str(), "Hợp lệ."),
    ];
    binh.upload(&format!("{}/actions/propose", page.path), &typed, &[]).await.ok()
}

async fn an_action_leads_to_the_next_dossier_of_the_list_and_can_be_taken_back_there(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossiers = [walk::birth(&citizen).await, walk::birth(&citizen).await];
    let (thu, binh) = (app.officer("thu.phucuong").await, app.officer("binh.phucuong").await);
    for dossier in &dossiers {
        act(&thu, dossier, "accept", With::default()).await.ok();
    }
    let list = binh.get("/desk").await.ok();
    let first = list.between("<a href=\"/dossiers/", "\"").expect("a dossier").replace("&amp;", "&");
    let page = binh.get(&format!("/dossiers/{first}")).await.ok().has(&["name=\"next\" value=\"yes\" checked"]);
    let begun = page.path.clone();
    assert!(dossiers.contains(&begun));

    let next = propose(&binh, &page).await.has(&["Đã xử lý hồ sơ", "form=\"undo-before\""]);
    assert!(dossiers.contains(&next.path) && next.path != begun, "{}", next.path);
    let undo = next.form_to(&format!("{begun}/undo")).expect("the form that takes the action back");
    let ended = propose(&binh, &next).await.has(&["Hết danh sách, 0 hồ sơ còn lại.", "/desk?view=todo"]);
    assert_eq!(ended.path, next.path);

    let fields: Vec<(&str, &str)> = undo
        .fields
        .iter()
        .filter(|(name, _)| name != "proof")
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let back = binh.post(&undo.action, &fields).await.ok();
    assert_eq!(back.path, begun);
    // The officer is in the list again, at the place that the dossier had there, and goes on to the next one from
    // there.
    let place = |page: &Page| ["list", "place"].map(|name| page.hidden(name).map(|value| value.replace("&amp;", "&")));
    assert_eq!(place(&back), place(&page));
    back.has(&["name=\"next\" value=\"yes\" checked"]);
    binh.get("/desk").await.ok().has(&[&begun]).lacks(&[&next.path]);
    // Opened by its address, a dossier belongs to no list.
    binh.get(&begun).await.ok().lacks(&["name=\"next\""]);
}

async fn the_counter_writes_down_who_took_a_result_and_the_register_has_it(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let dossier = walk::birth(&citizen).await;
    let (thu, binh) = (app.officer("thu.phucuong").await, app.officer("binh.phucuong").await);
    let yen = app.officer("yen.phucuong").await;
    act(&thu, &dossier, "accept", With::default()).await.ok();
    act(&binh, &dossier, "propose", With { note: "Hợp lệ.", ..With::default() }).await.ok();
    act(&yen, &dossier, "approve", With::default()).await.ok();
    act(&binh, &dossier, "issue", With { result: Some(("giấy khai sinh.pdf", PDF)), ..With::default() }).await.ok();
    let page = thu.get(&dossier).await.ok().has(&["Người nhận kết quả", "Quan hệ với người nộp"]);
    let seen = page.hidden("seen").expect("the version").to_owned();
    let hand_over = format!("{dossier}/actions/hand-over");
    let taken = |number| {
        [
            ("seen", seen.as_str()),
            ("receiver", "other"),
            ("receiver_name", "Lê Văn Bình"),
            ("receiver_number", number),
            ("receiver_relation", "Con"),
        ]
    };
    let refused = thu.upload(&hand_over, &taken(""), &[]).await;
    assert_eq!(refused.status, 422);
    refused.has(&["Người nhận thay cần có họ tên", "value=\"Lê Văn Bình\""]);
    let done = thu.upload(&hand_over, &taken("074190001234"), &[]).await.ok();
    done.has(&["Người nhận kết quả tại quầy", "Lê Văn Bình", "(Con)", "074190001234"]);
    citizen.get(&dossier).await.ok().has(&["Lê Văn Bình", "(Con)"]).lacks(&["074190001234"]);
    let register = yen.get("/desk/figures/dossiers.csv?from=&to=&figure=received").await.ok();
    let register = register.has(&["\"Người nhận kết quả\"", "\"Lê Văn Bình (Con), 074190001234\""]);
    assert_eq!(register.status, 200);
    app.services.database().rebuild_projections().await.expect("rebuilt");
    yen.get("/desk/figures/dossiers.csv?from=&to=&figure=received").await.ok().has(&["Lê Văn Bình (Con)"]);
}
