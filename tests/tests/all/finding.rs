//! The catalogue's criteria, and the first page.

use crate::sample;
use jiff::ToSpan as _;
use motcua_tests::browser::Page;
use motcua_tests::portal::{App, morning};
use motcua_tests::walk::{self, BIRTH};

on_both! {
    the_number_beside_a_value_is_that_of_the_list_to_which_it_leads
    a_chosen_value_stays_in_the_other_language_and_a_link_removes_it
    a_value_that_no_portal_has_is_no_criterion
    a_search_without_results_offers_those_without_the_criteria
    the_links_between_pages_keep_the_search
    the_first_page_leads_to_agencies_and_life_events_and_shows_what_changed
    the_first_page_shows_the_figures_of_today_and_what_many_people_filed
    the_first_page_and_its_files_are_light_and_say_life_events_by_pictures
    the_page_of_a_procedure_leads_to_those_beside_it_and_names_the_counter
}

/// Returns the number behind the words of a value.
fn number_beside(page: &Page, words: &str) -> usize {
    let number = page.between(&format!("{words} ("), ")").expect("the value is offered");
    number.parse().expect("a number")
}

async fn the_number_beside_a_value_is_that_of_the_list_to_which_it_leads(app: App) {
    let visitor = app.visitor();
    let all = visitor.get("/procedures?q=dang+ky").await.ok();
    for (words, choice) in [("Toàn trình", "level=4"), ("Một phần", "level=3"), ("Hộ tịch", "field=Hộ+tịch")]
    {
        let count = number_beside(&all, words);
        let found = visitor.get(&format!("/procedures?q=dang+ky&{choice}")).await.ok();
        found.has(&[&format!("Tìm thấy {count} thủ tục"), "Lọc kết quả (đang chọn 1)"]);
    }
    let narrowed = visitor.get("/procedures?q=dang+ky&field=Hộ+tịch").await.ok();
    let both = visitor.get("/procedures?q=dang+ky&field=Hộ+tịch&level=4").await.ok();
    both.has(&[&format!("Tìm thấy {} thủ tục", number_beside(&narrowed, "Toàn trình")), "Bỏ mọi bộ lọc"]);
}

async fn a_chosen_value_stays_in_the_other_language_and_a_link_removes_it(app: App) {
    let visitor = app.visitor();
    let page = visitor.get("/procedures?event=Kết+hôn&level=4").await.ok();
    let page = page.has(&["<option value=\"Kết hôn\" selected>", "Sự kiện: Kết hôn", "Bỏ lọc"]);
    let without = page.between("<a class=\"chip\" href=\"", "\"").expect("a link").replace("&#x2f;", "/");
    assert_eq!(without, "/procedures?level=4");
    visitor.get("/language/en?back=/procedures").await.ok();
    let page = visitor.get("/procedures?event=Kết+hôn&level=4").await.ok();
    page.has(&["<option value=\"Getting married\" selected>", "Life event: Getting married"]);
    visitor.get(&without).await.ok().lacks(&["Getting married\" selected"]).has(&["Wholly online"]);
}

async fn a_value_that_no_portal_has_is_no_criterion(app: App) {
    let visitor = app.visitor();
    for unknown in ["level=abc", "level=9", "audience=zz"] {
        let page = visitor.get(&format!("/procedures?{unknown}")).await.ok();
        page.has(&[&format!("Tìm thấy {} thủ tục", sample::procedures())]).lacks(&["đang chọn", "class=\"chip\""]);
    }
}

async fn a_search_without_results_offers_those_without_the_criteria(app: App) {
    let visitor = app.visitor();
    let all = format!("Bỏ mọi bộ lọc để xem {} thủ tục", sample::procedures());
    let page = visitor.get("/procedures?event=<b>Lên+mặt+trăng</b>").await.ok();
    page.has(&["Không tìm thấy thủ tục nào", &all, "Lên mặt trăng"]).lacks(&["<b>Lên"]);
    visitor.get("/procedures?q=zzzzqqqq").await.ok().has(&["Hãy thử ít từ hơn"]).lacks(&["Bỏ mọi bộ lọc"]);
}

async fn the_links_between_pages_keep_the_search(app: App) {
    let visitor = app.visitor();
    let page = visitor.get("/procedures?audience=business&page=1").await.ok();
    let next = page.between("rel=\"next\" href=\"", "\"").expect("a second page").replace("&#x2f;", "/");
    assert_eq!(next.replace("&amp;", "&"), "/procedures?audience=business&page=2");
    let second = visitor.get(&next.replace("&amp;", "&")).await.ok().has(&["Trang 2 trên 2"]);
    let before = second.between("rel=\"prev\" href=\"", "\"").expect("a first page").replace("&#x2f;", "/");
    assert_eq!(before, "/procedures?audience=business");
}

async fn the_first_page_leads_to_agencies_and_life_events_and_shows_what_changed(app: App) {
    let visitor = app.visitor();
    let home = visitor.get("/").await.ok().lacks(&["Mới cập nhật"]);
    home.has(&["procedures?agency=so-tnmt", "procedures?event=K%E1%BA%BFt+h%C3%B4n", "Theo cơ quan"]);
    let birth = visitor.get(BIRTH).await.ok();
    let version = birth.between("/schemas/", ".json").expect("a version").to_owned();

    app.at(morning() + 3.days());
    let admin = app.officer("quantri").await;
    admin.get("/admin/procedures").await.ok();
    admin.post("/admin/procedures/retire", &[("code", "1.001193")]).await.ok();
    visitor.get("/").await.ok().lacks(&["Mới cập nhật"]);
    admin.get("/admin/procedures").await.ok();
    admin.post("/admin/procedures/publish", &[("version", &version)]).await.ok();
    visitor.get("/").await.ok().has(&["Mới cập nhật", "Có thay đổi", "Đăng ký khai sinh"]);
}

async fn the_first_page_shows_the_figures_of_today_and_what_many_people_filed(app: App) {
    let visitor = app.visitor();
    visitor.get("/").await.ok().lacks(&["Hồ sơ nhận hôm nay", "Được nộp nhiều nhất"]);
    let mut people = 0;
    for (filed, most_filed) in [(4, false), (5, true)] {
        while people < filed {
            let citizen = app.citizen("Nguyễn Văn An", &format!("091000000{people}")).await;
            walk::birth(&citizen).await;
            people += 1;
        }
        app.at(morning() + (20 * filed).minutes());
        let home = visitor.get("/").await.ok().has(&["Hồ sơ nhận hôm nay", &format!("<dd>{filed}</dd>")]);
        assert_eq!(home.body.contains("Được nộp nhiều nhất"), most_filed, "{filed} filings");
    }
    let home = visitor.get("/").await.ok();
    let cards = home.between("Được nộp nhiều nhất", "Theo cơ quan").expect("the cards");
    assert_eq!(cards.matches("card procedure").count(), 1, "the one procedure that many filed");
    app.at(morning() + 1.days());
    visitor.get("/").await.ok().has(&["Được nộp nhiều nhất", "<dd>0</dd>"]);
}

async fn the_first_page_and_its_files_are_light_and_say_life_events_by_pictures(app: App) {
    let visitor = app.visitor();
    let home = visitor.get("/").await.ok();
    assert_eq!(home.body.matches("<svg class=\"icon\"").count(), home.body.matches("procedures?event=").count());
    let addresses = home.body.split('"').filter(|part| part.starts_with("/assets/"));
    let mut files: Vec<&str> = addresses.collect();
    files.sort_unstable();
    files.dedup();
    let mut bytes = home.body.len();
    for file in files {
        bytes += visitor.get(file).await.ok().body.len();
    }
    // A phone gets less than a third of this, because the answers are compressed.
    assert!(bytes <= 80_000, "{bytes} bytes");
}

async fn the_page_of_a_procedure_leads_to_those_beside_it_and_names_the_counter(app: App) {
    let page = app.visitor().get(BIRTH).await.ok().has(&["nộp trực tiếp tại quầy"]);
    let related = page.body.split_once("id=\"related\"").expect("the list of related procedures").1;
    let (list, _) = related.split_once("</ul>").expect("its end");
    let joined = "href=\"/procedures/ubnd-phu-cuong/lien-thong-khai-sinh-thuong-tru-bao-hiem-y-te\"";
    assert!(list.contains(joined) && !list.contains(&format!("href=\"{BIRTH}\"")), "{list}");
}
