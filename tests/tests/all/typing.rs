//! People's input: numbers, dates, identifiers and text, as they write and paste them.

use motcua_tests::browser::Page;
use motcua_tests::portal::App;
use motcua_tests::walk::{self, BIRTH, CHILD, COMPANY, COMPANY_1, COMPANY_2, WATER, WATER_1, WATER_2};
use std::collections::BTreeSet;

on_both! {
    a_number_means_what_the_page_says_on_which_it_was_typed
    a_number_that_is_refused_stands_as_it_was_typed
    an_amount_with_its_unit_comes_back_as_it_was_typed
    an_unreadable_number_is_refused_in_the_other_language_too
    a_date_is_typed_into_three_boxes_with_digits_only
    identifiers_are_understood_as_people_paste_them
    what_nobody_sees_reaches_neither_pages_nor_the_database
    each_control_with_a_finding_is_marked_and_names_the_finding
}

/// Returns the fields of a form with other values for some.
fn but<'a>(form: &[(&'a str, &'a str)], other: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = form.iter().filter(|(name, _)| other.iter().all(|(changed, _)| changed != name));
    kept.chain(other).copied().collect()
}

async fn a_number_means_what_the_page_says_on_which_it_was_typed(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::begin(&citizen, WATER).await;
    citizen.post(&format!("{draft}/1"), WATER_1).await.ok();
    let wells = format!("{draft}/2");
    citizen.get(&wells).await.ok().has(&["name=\"_language\" value=\"vi\""]);

    citizen.get("/language/en").await.ok();
    citizen.get(&wells).await.ok().has(&["name=\"_language\" value=\"en\""]);
    let english = but(WATER_2, &[("_language", "en"), ("flow", "1,500"), ("depth", "65.5")]);
    citizen.post(&wells, &english).await.ok();
    citizen.get(&wells).await.ok().has(&["value=\"1,500\"", "value=\"65.5\""]);
    citizen.get(&format!("{draft}/review")).await.ok().has(&["1,500 m³", "65.5 m"]);

    // The same draft on a Vietnamese page has the same values in other signs, which stay when the page is saved.
    citizen.get("/language/vi").await.ok();
    citizen.get(&wells).await.ok().has(&["value=\"1500\"", "value=\"65,5\""]);
    let review = format!("{draft}/review");
    citizen.get(&review).await.ok().has(&["1.500 m³", "65,5 m"]).lacks(&["65.5"]);
    let vietnamese = but(WATER_2, &[("_language", "vi"), ("flow", "1.500"), ("depth", "65,5")]);
    citizen.post(&wells, &vietnamese).await.ok();
    citizen.get(&review).await.ok().has(&["1.500 m³", "65,5 m"]);

    // A page that was made before the language changed elsewhere says its own.
    citizen.get("/language/en").await.ok();
    citizen.post(&wells, &vietnamese).await.ok();
    citizen.get(&review).await.ok().has(&["1,500 m³", "65.5 m"]);
}

async fn a_number_that_is_refused_stands_as_it_was_typed(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::begin(&citizen, WATER).await;
    citizen.post(&format!("{draft}/1"), WATER_1).await.ok();
    for (typed, told) in [
        ("12.5", "12,5 không phải là số nguyên"),
        ("1.50", "1,50 không phải là số nguyên"),
        ("500.000.00", "Hãy nhập một số nguyên, ví dụ 1.200.000."),
        ("1tr", "Hãy nhập một số nguyên, ví dụ 1.200.000."),
        ("3.000", "Hãy nhập từ 10 đến 2.999."),
    ] {
        let page = citizen.post(&format!("{draft}/2"), &but(WATER_2, &[("flow", typed)])).await;
        assert_eq!(page.status, 422, "{typed}");
        page.has(&[told, &format!("value=\"{typed}\"")]);
    }
    for typed in ["1.500", "1 500", "1\u{a0}500", "1\u{202f}500 m³/ngày đêm"] {
        citizen.post(&format!("{draft}/2"), &but(WATER_2, &[("flow", typed)])).await.ok();
        citizen.get(&format!("{draft}/review")).await.ok().has(&["1.500 m³"]);
    }
}

async fn an_amount_with_its_unit_comes_back_as_it_was_typed(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::begin(&citizen, COMPANY).await;
    citizen.post(&format!("{draft}/1"), COMPANY_1).await.ok();
    let members = format!("{draft}/2");
    for typed in ["2.000.000.000 đồng", "2 000 000 000đ", "2000000000 VND"] {
        let wrong = but(COMPANY_2, &[("charter_capital", typed), ("members.0.share", "sáu mươi")]);
        let page = citizen.post(&members, &wrong).await;
        assert_eq!(page.status, 422, "{typed}");
        page.has(&[&format!("name=\"charter_capital\" value=\"{typed}\""), "value=\"sáu mươi\""]);
        citizen.get(&members).await.ok().has(&[&format!("value=\"{typed}\"")]);
        citizen.post(&members, &but(COMPANY_2, &[("charter_capital", typed)])).await.ok();
        citizen.get(&format!("{draft}/review")).await.ok().has(&["2.000.000.000 đ"]);
    }
    // An English page writes it with its own signs, and without the unit.
    citizen.get("/language/en").await.ok();
    citizen.get(&members).await.ok().has(&["name=\"charter_capital\" value=\"2000000000\""]);
    citizen.get("/language/vi").await.ok();
}

async fn an_unreadable_number_is_refused_in_the_other_language_too(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::begin(&citizen, WATER).await;
    citizen.post(&format!("{draft}/1"), WATER_1).await.ok();
    let wells = format!("{draft}/2");
    let wrong = but(WATER_2, &[("_language", "vi"), ("flow", "1tr")]);
    let refused = citizen.post(&wells, &wrong).await;
    assert_eq!(refused.status, 422);
    let judged = refused.has(&["Hãy nhập một số nguyên"]).hidden("draft-judged").map(str::to_owned);
    assert_eq!(judged.as_deref(), Some("true"), "the page remembers that it said what is wrong");
    let english = but(&wrong, &[("draft-judged", "true"), ("do", "language:en")]);
    let page = citizen.post(&wells, &english).await.ok();
    assert_eq!(page.path, wells);
    page.has(&["lang=\"en\"", "Enter a whole number, such as 1,200,000.", "value=\"1tr\""]).lacks(&["Hãy nhập"]);
    // A page that has said nothing says nothing in the other language either.
    let page = citizen.post(&wells, &but(&wrong, &[("do", "language:vi")])).await.ok();
    page.has(&["lang=\"vi\"", "value=\"1tr\""]).lacks(&["Hãy nhập một số nguyên", "draft-judged"]);
}

async fn a_date_is_typed_into_three_boxes_with_digits_only(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::begin(&citizen, BIRTH).await;
    let child = format!("{draft}/1");
    let boxes = ["name=\"birth_date.day\"", "name=\"birth_date.month\"", "name=\"birth_date.year\""];
    citizen.get(&child).await.ok().has(&boxes).has(&["inputmode=\"numeric\"", "Ngày sinh"]);
    let born = |day, month, year| {
        let whole: Vec<(&str, &str)> = CHILD.iter().filter(|(name, _)| *name != "birth_date").copied().collect();
        but(&whole, &[("birth_date.day", day), ("birth_date.month", month), ("birth_date.year", year)])
    };
    for (day, month, year, told) in [
        ("28", "2", "26", "Hãy viết năm bằng bốn chữ số"),
        ("30", "2", "2026", "Không có ngày này trên lịch"),
        ("28", "", "2026", "Hãy nhập đủ ngày, tháng và năm."),
    ] {
        let page = citizen.post(&child, &born(day, month, year)).await;
        assert_eq!(page.status, 422);
        page.has(&[told, &format!("value=\"{day}\""), &format!("value=\"{year}\"")]);
    }
    for (day, month, year) in [("28", "2", "2026"), ("28/02/2026", "", ""), ("28022026", "", "")] {
        citizen.post(&child, &born(day, month, year)).await.ok();
        citizen.get(&format!("{draft}/review")).await.ok().has(&["28/02/2026"]);
        citizen.get(&child).await.ok().has(&["value=\"28\"", "value=\"2\"", "value=\"2026\""]);
    }
    citizen.get("/language/en").await.ok();
    citizen.get(&format!("{draft}/review")).await.ok().has(&["28 Feb 2026"]);
}

async fn identifiers_are_understood_as_people_paste_them(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "(+84) 912.345.678").await;
    citizen.get("/account").await.ok().has(&["Nguyễn Văn An"]);
    let draft = walk::begin(&citizen, COMPANY).await;
    let page = format!("{draft}/1");
    let phone = |typed| but(COMPANY_1, &[("company_phone", typed)]);
    for typed in ["(0274) 3822 926", "+84 274 3822 926", "\u{200e}0274\u{a0}3822\u{200b}926", "０２７４３８２２９２６"]
    {
        citizen.post(&page, &phone(typed)).await.ok();
        citizen.get(&format!("{draft}/review")).await.ok().has(&["02743822926"]);
    }
    let foreign = citizen.post(&page, &phone("+1 650 253 0000")).await;
    assert_eq!(foreign.status, 422);
    foreign.has(&["Số máy bàn bắt đầu bằng 02.", "value=\"+1 650 253 0000\""]);

    let draft = walk::begin(&citizen, WATER).await;
    let person = but(WATER_1, &[("tax_code", "074 185 000 123")]);
    citizen.post(&format!("{draft}/1"), &person).await.ok();
    citizen.get(&format!("{draft}/review")).await.ok().has(&["074185000123"]);
}

async fn what_nobody_sees_reaches_neither_pages_nor_the_database(app: App) {
    let hidden = ["\0", "\u{7}", "\u{200b}", "\u{202e}", "\u{feff}"];
    let citizen = app.citizen("Lê\0 Thị\u{200b} Bưởi\u{202e}", "0912345678").await;
    citizen.get("/account").await.ok().has(&["Lê Thị Bưởi"]).lacks(&hidden);
    let dossier = walk::birth(&citizen).await;
    let said = [("text", "Xin\0 cha\u{300}o\u{202e}\u{feff} nhé")];
    citizen.post(&format!("{dossier}/messages"), &said).await.ok().has(&["Xin chào nhé"]).lacks(&hidden);
    let odd = "%00%07a%E2%80%AE";
    for path in ["/procedures?q=", "/lookup?code=", "/login?next=", "/register?next="] {
        let page = citizen.get(&format!("{path}{odd}")).await;
        assert_eq!(page.status, 200, "{path}");
        page.lacks(&hidden);
    }
    let visitor = app.visitor();
    visitor.get("/login").await.ok();
    let wrong = visitor.post("/login", &[("login", "an\0\u{202e}"), ("password", "mật khẩu\0"), ("next", "/")]).await;
    assert_eq!(wrong.status, 422);
    wrong.lacks(&hidden);
    let unknown = visitor.post("/lookup", &[("code", "H09\0.31-260303-0001"), ("digits", "0\u{0}000")]).await;
    assert_eq!(unknown.status, 404);
    unknown.lacks(&hidden);
}

/// Returns the tags of a page with one of these names.
fn tags<'a>(page: &'a Page, names: &[&str]) -> Vec<&'a str> {
    let tags = page.body.split('<').skip(1).filter_map(|rest| rest.split('>').next());
    tags.filter(|tag| names.contains(&tag.split_whitespace().next().unwrap_or_default())).collect()
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let start = format!("{name}=\"");
    let (at, _) = tag.match_indices(&start).find(|(at, _)| tag[..*at].ends_with(char::is_whitespace))?;
    tag[at + start.len()..].split('"').next()
}

async fn each_control_with_a_finding_is_marked_and_names_the_finding(app: App) {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let birth = walk::begin(&citizen, BIRTH).await;
    let water = walk::begin(&citizen, WATER).await;
    let plots = walk::begin(&citizen, "/procedures/so-tnmt/tach-thua-hop-thua-dat").await;
    let empty: &[(&str, &str)] = &[("do", "next")];
    let wrong: &[(&str, &str, &[u8])] = &[("sketch", "a.exe", b"MZ")];
    let born: &[&str] = &["child_name", "birth_date.day", "birth_date.month", "birth_date.year", "sex", "birth_place"];
    let pages: [(Page, &[&str]); 4] = [
        (citizen.post(&format!("{birth}/1"), empty).await, born),
        (citizen.post(&format!("{water}/2"), empty).await, &["purpose", "flow", "location", "start_date.day"]),
        (citizen.upload(&format!("{plots}/2"), empty, &[]).await, &["sheet", "plot_area", "wish"]),
        (citizen.upload(&format!("{plots}/2"), empty, wrong).await, &["sketch"]),
    ];
    for (page, names) in pages {
        assert_eq!(page.status, 422, "{names:?}");
        let controls = tags(&page, &["input", "textarea", "select"]);
        for &name in names {
            let field = name.split('.').next().unwrap_or_default();
            let own: Vec<_> = controls.iter().filter(|tag| attribute(tag, "name") == Some(name)).collect();
            assert!(!own.is_empty(), "{name} is not on {}", page.path);
            for control in own {
                assert_eq!(attribute(control, "aria-invalid"), Some("true"), "{control}");
                let described = attribute(control, "aria-describedby").unwrap_or_default();
                assert!(described.split(' ').any(|id| id == format!("{field}-finding-1")), "{control}");
            }
        }
        let ids: BTreeSet<&str> = page.body.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let described = tags(&page, &["input", "textarea", "select", "fieldset"]);
        let described = described.into_iter().filter_map(|tag| attribute(tag, "aria-describedby"));
        let described: BTreeSet<&str> = described.flat_map(|ids| ids.split(' ')).collect();
        let missing: Vec<_> = described.difference(&ids).collect();
        assert!(missing.is_empty(), "{missing:?} is not on {}", page.path);
        let alone: Vec<_> = ids.iter().filter(|id| id.contains("-finding-") && !described.contains(*id)).collect();
        assert!(alone.is_empty(), "nothing leads to {alone:?} on {}", page.path);
    }
}
