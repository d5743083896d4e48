//! The answers of an earlier dossier in a new draft: offered, marked, and only those of the applicant.

use motcua_tests::portal::App;
use motcua_tests::walk::{self, BIRTH, CHILD, COMPANY, PARENTS};

on_both! {
    a_new_draft_takes_the_answers_of_an_earlier_dossier_after_a_click
    only_empty_fields_are_filled
    answers_are_taken_from_own_dossiers_alone
    a_question_for_the_applicants_name_begins_with_that_of_the_account_and_is_marked_until_it_is_saved
}

const OFFER: &str = "Dùng câu trả lời của hồ sơ";
const TAKEN: &str = "lấy từ hồ sơ";

async fn a_new_draft_takes_the_answers_of_an_earlier_dossier_after_a_click(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::begin(&citizen, BIRTH).await;
    citizen.get(&format!("{draft}/1")).await.ok().lacks(&[OFFER]);
    citizen.post(&format!("{draft}/discard"), &[]).await.ok();
    let filed = walk::birth(&citizen).await;
    let code = filed.trim_start_matches("/dossiers/");

    let draft = walk::begin(&citizen, BIRTH).await;
    let (first, second) = (format!("{draft}/1"), format!("{draft}/2"));
    let wish = format!("use:{code}");
    let page = citizen.get(&first).await.ok();
    page.has(&[&format!("{OFFER} {code} ngày 03/03/2026"), &format!("value=\"{wish}\"")])
        .lacks(&["Nguyễn Minh Khôi", TAKEN]);
    let filled = citizen.post(&first, &[("do", wish.as_str())]).await.ok();
    assert_eq!(filled.path, first);
    let filled = filled.has(&["Nguyễn Minh Khôi", &format!("{TAKEN} {code}"), "value=\"male\" checked"]);
    filled.has(&["aria-describedby=\"child_name-taken"]).lacks(&[OFFER]);
    citizen.get(&second).await.ok().has(&["Nguyễn Thị Ngân", TAKEN, "name=\"copies\" value=\"2\""]);
    citizen.get(&format!("{draft}/papers")).await.ok().lacks(&["detach"]);

    let unseen = "Câu trả lời được lấy sẵn mà bạn chưa xem lại";
    citizen.get(&format!("{draft}/review")).await.ok().has(&[unseen, "/1#child_name\"", "/2#mother_name\""]);

    // A mark stands until its page is saved.
    assert_eq!(citizen.post(&first, CHILD).await.ok().path, second);
    citizen.get(&first).await.ok().has(&["Nguyễn Minh Khôi"]).lacks(&[TAKEN]);
    citizen.get(&second).await.ok().has(&[TAKEN]);
    citizen.post(&second, PARENTS).await.ok();
    citizen.get(&second).await.ok().lacks(&[TAKEN]);
    citizen.get(&format!("{draft}/review")).await.ok().has(&["Nguyễn Minh Khôi"]).lacks(&[unseen, "_taken"]);
}

async fn only_empty_fields_are_filled(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let filed = walk::birth(&citizen).await;
    let code = filed.trim_start_matches("/dossiers/");
    let draft = walk::begin(&citizen, BIRTH).await;
    let (first, wish) = (format!("{draft}/1"), format!("use:{code}"));
    let typed = [("child_name", "Trần Văn Bé"), ("birth_date", "hôm qua"), ("do", wish.as_str())];
    let page = citizen.post(&first, &typed).await.ok().has(&["Trần Văn Bé", "hôm qua", "Bệnh viện Phụ sản"]);
    page.has(&["birth_place-taken", "sex-taken"]).lacks(&["child_name-taken", "birth_date-taken", "Nguyễn Minh Khôi"]);

    // Another procedure is offered only with several answers that fit.
    let company = walk::begin(&citizen, COMPANY).await;
    citizen.get(&format!("{company}/1")).await.ok().lacks(&[OFFER]);
    let taken = citizen.post(&format!("{company}/1"), &[("do", wish.as_str())]).await.ok();
    taken.lacks(&[TAKEN]);
}

async fn answers_are_taken_from_own_dossiers_alone(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let filed = walk::birth(&citizen).await;
    let code = filed.trim_start_matches("/dossiers/").to_owned();
    let other = app.citizen("Trần Thị Bình", "0912345679").await;
    let draft = walk::begin(&other, BIRTH).await;
    let (first, wish) = (format!("{draft}/1"), format!("use:{code}"));
    other.get(&first).await.ok().lacks(&[OFFER, &code]);
    for wish in [wish.as_str(), "use:", "use:H09.31-260303-9999", "use:../../1"] {
        assert_eq!(other.post(&first, &[("do", wish)]).await.status, 404, "{wish}");
    }
    other.get(&first).await.ok().lacks(&["Nguyễn Minh Khôi", TAKEN]);
    // Nobody fills the draft of another person, not even with the own dossier.
    assert_eq!(citizen.post(&first, &[("do", wish.as_str())]).await.status, 404);
    let officer = app.officer("thu.phucuong").await;
    assert_ne!(officer.post(&first, &[("do", wish.as_str())]).await.status, 200);
    other.get(&first).await.ok().lacks(&["Nguyễn Minh Khôi", TAKEN]);
}

async fn a_question_for_the_applicants_name_begins_with_that_of_the_account_and_is_marked_until_it_is_saved(app: App) {
    const COPY: &str = "/procedures/ubnd-thu-dau-mot/chung-thuc-ban-sao-tu-ban-chinh";
    const FROM_ACCOUNT: &str = "lấy từ tài khoản của bạn";
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let first = format!("{}/1", walk::begin(&citizen, COPY).await);
    let page = citizen.get(&first).await.ok();
    page.has(&["name=\"full_name\" value=\"Nguyễn Văn An\"", FROM_ACCOUNT, "full_name-taken"]);
    let typed = [("full_name", "Nguyễn Văn Ân"), ("do", "later")];
    citizen.post(&first, &typed).await.ok();
    citizen.get(&first).await.ok().has(&["value=\"Nguyễn Văn Ân\""]).lacks(&[FROM_ACCOUNT]);
    // A draft that was begun keeps what its applicant wrote.
    walk::begin(&citizen, COPY).await;
    citizen.get(&first).await.ok().has(&["value=\"Nguyễn Văn Ân\""]).lacks(&[FROM_ACCOUNT]);
}
