//! The journey that a real province could live with, from searching to rating.

use jiff::civil::date;
use motcua_tests::browser::Browser;
use motcua_tests::portal::{App, PASSWORD};
use motcua_tests::walk::{self, COMPANY, COMPANY_1, COMPANY_2, COMPANY_3, JPEG, PDF, With, act};

on_both! {
    a_company_is_founded_from_searching_to_rating
    a_groundwater_licence_goes_through_appraisal_by_the_right_posts_only
    a_birth_is_registered_within_a_working_day
    one_dossier_is_refused_another_withdrawn_another_goes_overdue_and_shows_so_everywhere
    a_dossier_filed_at_night_is_received_in_the_next_session
}

/// Returns the fields of a page with some of them changed.
fn but<'a>(fields: &[(&'a str, &'a str)], changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let changed = |(name, value): &(&'a str, &'a str)| {
        let change = changes.iter().find(|(changed, _)| changed == name);
        (*name, change.map_or(*value, |(_, value)| *value))
    };
    fields.iter().map(changed).collect()
}

/// The counter's request for a supplement.
const MISSING: &str = "Điều lệ thiếu chữ ký của thành viên thứ hai.";

/// Finds the procedure, with and without diacritics.
async fn find_the_procedure(an: &Browser) {
    for query in ["/procedures?q=mở+công+ty", "/procedures?q=mo+cong+ty"] {
        an.get(query).await.ok().has(&[COMPANY]);
    }
    an.get(COMPANY).await.ok().has(&[
        "3 ngày làm việc",
        "50.000 đ",
        "Điều lệ công ty",
        "Luật Doanh nghiệp",
        "Toàn trình",
    ]);
}

/// Fills in the form: wrong values are saved and their findings stand beside the fields. The plugin judges the members.
async fn fill_in(an: &Browser, draft: &str) {
    let wrong = but(COMPANY_1, &[("company_phone", "12"), ("company_name", "")]);
    let page = an.post(&format!("{draft}/1"), &wrong).await;
    assert_eq!(page.status, 422);
    page.has(&["Hãy nhập “Tên công ty”.", "10 chữ số", "value=\"12\"", "Những gì bạn nhập đã được lưu."]);
    an.post(&format!("{draft}/1"), COMPANY_1).await.ok();
    let uneven = but(COMPANY_2, &[("members.1.share", "39,5"), ("members.1.citizen_number", "074085000123")]);
    let page = an.post(&format!("{draft}/2"), &uneven).await;
    assert_eq!(page.status, 422);
    page.has(&["Tổng tỷ lệ góp vốn phải bằng 100 %; hiện là 99,50 %.", "Lý Thu Sương đã được khai ở thành viên số 1."]);
    an.post(&format!("{draft}/2"), COMPANY_2).await.ok();
    an.post(&format!("{draft}/3"), COMPANY_3).await.ok();
}

/// Attaches the papers: a wrong type is refused whatever its name says.
async fn attach_the_papers(an: &Browser, draft: &str) {
    let page = an.upload(&format!("{draft}/papers/charter"), &[], &[("file", "điều lệ.pdf", b"MZ not a pdf")]).await;
    assert_eq!(page.status, 422);
    page.has(&["Loại tệp được xét theo nội dung"]);
    let review = an.get(&format!("{draft}/review")).await.ok();
    review.has(&["Hãy đính kèm “Điều lệ công ty”.", "disabled"]);
    let refused = an.post(&format!("{draft}/file"), &[("consent", "yes")]).await;
    assert_eq!(refused.status, 422);
    refused.has(&["Tờ khai hoặc giấy tờ chưa đầy đủ."]);
    an.upload(&format!("{draft}/papers/charter"), &[], &[("file", "điều lệ.pdf", PDF)]).await.ok();
    let photos: &[(&str, &str, &[u8])] = &[("file", "cccd 1.jpg", JPEG), ("file", "cccd 2.jpg", JPEG)];
    an.upload(&format!("{draft}/papers/identity_papers"), &[], photos).await.ok();
    an.get(&format!("{draft}/review")).await.ok().has(&["2.000.000.000 đ", "60 %", "50.000 đ"]).lacks(&["disabled"]);
    let refused = an.post(&format!("{draft}/file"), &[]).await;
    assert_eq!(refused.status, 422);
    refused.has(&["Hãy đánh dấu đồng ý"]);
}

/// Files the dossier: its receipt has a code and the appointment, three working days later. Returns its address.
async fn file(an: &Browser, draft: &str) -> String {
    let reviewed = walk::review(an, draft).await;
    let consent = [("consent", "yes"), ("draft-reviewed", reviewed.as_str())];
    let receipt = an.post(&format!("{draft}/file"), &consent).await.ok();
    receipt.clone().has(&["H09.03-260303-0001", "06/03/2026 09:00", "Nguyễn Văn An", "0912345678", "50.000 đ"]);
    receipt.clone().has(&["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"]);
    receipt.path.trim_end_matches("/receipt").to_owned()
}

/// Finds the dossier on top of the counter's list and asks for a supplement. The clock stops.
async fn ask_for_a_supplement(app: &App, an: &Browser, lan: &Browser, dossier: &str) {
    let services = lan.get("/desk").await.ok();
    assert!(services.between("<tbody role=\"rowgroup\">", "</tr>").expect("a list").contains("H09.03-260303-0001"));
    app.at(date(2026, 3, 3).at(10, 0, 0, 0));
    let page = act(lan, dossier, "request-supplement", With::default()).await;
    assert_eq!(page.status, 422);
    page.has(&["Hãy ghi rõ lý do"]);
    act(lan, dossier, "request-supplement", With { note: MISSING, ..With::default() })
        .await
        .ok()
        .has(&["Chờ bổ sung", "Đồng hồ đang dừng"]);
    an.get("/account/notices").await.ok().has(&["Cơ quan đề nghị bổ sung hồ sơ"]);
    let page = an.get(dossier).await.ok().has(&["thiếu chữ ký của thành viên thứ hai", "Chậm nhất 02/04/2026 23:59"]);
    page.lacks(&["06/03/2026 09:00"]);
}

/// Supplements two working days later, and the clock goes on with the 23 hours that were left.
async fn supplement_and_ask_again(app: &App, an: &Browser, lan: &Browser, dossier: &str) {
    app.at(date(2026, 3, 5).at(10, 0, 0, 0));
    an.log_in("0912345678", PASSWORD).await;
    lan.log_in("lan.khdt", PASSWORD).await;
    let supplement = an.post(&format!("{dossier}/supplement"), &[]).await.ok();
    supplement.clone().has(&["thiếu chữ ký của thành viên thứ hai", "Công ty TNHH Gốm sứ An Bình"]);
    let draft = supplement.path.trim_end_matches("/1").to_owned();
    let papers = an.get(&format!("{draft}/papers")).await.ok();
    let detach = papers.between(&format!("action=\"{draft}/detach/"), "\"").expect("a file to remove").to_owned();
    an.post(&format!("{draft}/detach/{detach}"), &[]).await.ok();
    an.upload(&format!("{draft}/papers/charter"), &[], &[("file", "điều lệ đủ chữ ký.pdf", PDF)]).await.ok();
    let reviewed = walk::review(an, &draft).await;
    let page = an.post(&format!("{draft}/supplement"), &[("draft-reviewed", &reviewed)]).await.ok();
    page.has(&["10/03/2026 09:00", "điều lệ đủ chữ ký.pdf"]);
    let again = an.post(&format!("{draft}/supplement"), &[("draft-reviewed", &reviewed)]).await.ok();
    assert_eq!(again.path, dossier, "a second click leads to the dossier");

    // Asking again at the same step needs new grounds.
    let page = act(lan, dossier, "request-supplement", With { note: MISSING, ..With::default() }).await;
    assert_eq!(page.status, 422);
    page.has(&["Nếu có căn cứ mới", "Điều lệ thiếu chữ ký của thành viên thứ hai."]);
}

/// Accepts the dossier. The charge is due and stops the clock, and the counter records it.
async fn accept_and_pay(app: &App, an: &Browser, lan: &Browser, dossier: &str) {
    act(lan, dossier, "accept", With::default()).await.ok().has(&["Chờ thanh toán"]);
    let pays = an.get(dossier).await.ok();
    pays.has(&["50.000 đ", "H09032603030001", "Vietcombank", "Hãy nộp chậm nhất ", "/transfer.png\" download="]);
    an.get("/account").await.ok().has(&["Chờ bạn đến "]);
    // The QR code is an image, so that the phone that shows it can save it and hand it to a banking app.
    let image = format!("{dossier}/transfer.png");
    let qr = an.get(&image).await.ok();
    assert_eq!(qr.headers["content-type"], "image/png");
    assert!(qr.body.contains("PNG\r\n") && qr.body.contains("IEND"), "{}", qr.body);
    let stranger = app.citizen("Người Khác", "0900111999").await;
    assert_eq!((stranger.get(&image).await.status, app.visitor().get(&image).await.status), (404, 401));
    let page = lan
        .post(&format!("{dossier}/payments"), &[("amount", "50000"), ("method", "bank-transfer"), ("receipt", "")])
        .await;
    assert_eq!(page.status, 422);
    page.has(&["số biên lai", "href=\"#receipt\""]);
    let paid = [("amount", "50000"), ("method", "bank-transfer"), ("receipt", "BL-0001")];
    lan.post(&format!("{dossier}/payments"), &paid).await.ok().has(&["BL-0001", "Đã tiếp nhận"]);
    assert_eq!(an.get(&image).await.status, 404, "nothing is owed any more");
}

/// Assigns the dossier, after which only the assignee may process it, and decides it. Returns the leader.
async fn assign_and_decide(app: &App, an: &Browser, lan: &Browser, dossier: &str) -> Browser {
    let hung = app.officer("hung.khdt").await;
    let mai = app.officer("mai.khdt").await;
    let son = app.officer("son.khdt").await;
    assert_eq!(act(&hung, dossier, "assign", With::default()).await.status, 422);
    let to_mai = With { assignee: Some("Lê Thị Mai"), ..With::default() };
    act(&hung, dossier, "assign", to_mai).await.ok().has(&["Lê Thị Mai"]);
    son.get("/desk").await.ok().lacks(&["H09.03-260303-0001"]);
    let propose = With { note: "Hồ sơ hợp lệ.", ..With::default() };
    assert_eq!(act(&son, dossier, "propose", propose).await.status, 403);

    // They exchange messages.
    let page = an.post(&format!("{dossier}/messages"), &[("text", "Khi nào có kết quả ạ?")]).await.ok();
    page.has(&["id=\"done\"", "Đã gửi tin nhắn."]);
    mai.get(dossier).await.ok().has(&["Khi nào có kết quả ạ?"]);
    mai.post(&format!("{dossier}/messages"), &[("text", "Trong hôm nay.")]).await.ok();
    an.get(dossier).await.ok().has(&["Trong hôm nay."]);

    act(&mai, dossier, "propose", propose).await.ok();
    let dung = app.officer("dung.khdt").await;
    assert_eq!(act(lan, dossier, "approve", With::default()).await.status, 403);
    act(&dung, dossier, "approve", With::default()).await.ok();
    let page = act(&mai, dossier, "issue", With::default()).await;
    assert_eq!(page.status, 422);
    page.has(&["Hãy chọn tệp kết quả."]);
    let certificate = With { result: Some(("giấy chứng nhận.pdf", PDF)), ..With::default() };
    act(&mai, dossier, "issue", certificate).await.ok().has(&["Đã có kết quả"]);
    dung
}

/// Takes the result, which is sent with safe headers.
async fn take_the_result(an: &Browser, dossier: &str) {
    let page = an.get(dossier).await.ok().has(&["giấy chứng nhận.pdf", "Đã có kết quả"]);
    let url = page
        .between("<h2>Kết quả</h2>", "</ul>")
        .and_then(|list| list.split('"').find(|part| part.contains("/files/")));
    let file = an.get(url.expect("a link to the result")).await.ok();
    assert_eq!(file.headers["content-type"], "application/pdf");
    assert!(file.headers["content-disposition"].to_str().expect("plain").starts_with("inline"));
    assert_eq!(file.headers["x-content-type-options"], "nosniff");
    assert!(file.headers["content-security-policy"].to_str().expect("plain").contains("sandbox"));
}

/// Rates the dossier, which is possible once.
async fn rate(an: &Browser, dossier: &str) {
    let points = ["attitude", "guidance", "trips", "timeliness", "overall"].map(|name| (name, "2"));
    an.get(dossier).await.ok().has(&["Bạn hài lòng đến đâu?", "sớm hạn"]);
    an.post(&format!("{dossier}/rating"), &points).await.ok().has(&["Thái độ của cán bộ: Tốt"]);
    let again = an.post(&format!("{dossier}/rating"), &points).await;
    assert_eq!(again.status, 422);
    again.has(&["đã được đánh giá"]);
}

async fn a_company_is_founded_from_searching_to_rating(app: App) {
    let an = app.citizen("Nguyễn Văn An", "0912 345 678").await;
    find_the_procedure(&an).await;
    let draft = walk::begin(&an, COMPANY).await;
    fill_in(&an, &draft).await;
    attach_the_papers(&an, &draft).await;
    let dossier = file(&an, &draft).await;
    let lan = app.officer("lan.khdt").await;
    ask_for_a_supplement(&app, &an, &lan, &dossier).await;
    supplement_and_ask_again(&app, &an, &lan, &dossier).await;
    accept_and_pay(&app, &an, &lan, &dossier).await;
    let dung = assign_and_decide(&app, &an, &lan, &dossier).await;
    take_the_result(&an, &dossier).await;
    act(&lan, &dossier, "hand-over", With::default()).await.ok().has(&["Đã trả kết quả"]);
    rate(&an, &dossier).await;

    // The applicant sees the readings, and the leader's figures add up.
    an.get(&format!("{dossier}/readings")).await.ok().has(&["Nguyễn Thị Lan", "Lê Thị Mai", "Võ Anh Dũng"]);
    dung.get("/desk/figures").await.ok().has(&["figure=received\">1</a></td>", "100 %", "10,0"]);
}

async fn a_groundwater_licence_goes_through_appraisal_by_the_right_posts_only(app: App) {
    let citizen = app.citizen("Trần Thị Bích", "0908111222").await;
    let dossier = walk::water(&citizen).await;
    // 45 working days from 3 March 2026: the Hùng Kings' day on 27 April, 30 April and 1 May are days off.
    citizen.get(&format!("{dossier}/receipt")).await.ok().has(&["H09.14-260303-0001", "08/05/2026 09:00", "400.000 đ"]);

    app.at(date(2026, 3, 4).at(8, 0, 0, 0));
    citizen.log_in("0908111222", PASSWORD).await;
    let posts = ["hoa.tnmt", "phuc.tnmt", "tuan.tnmt", "nga.tnmt", "khanh.tnmt"];
    let mut officers = Vec::new();
    for login in posts {
        officers.push((login, app.officer(login).await));
    }
    let note = With { note: "Đề án đủ căn cứ.", ..With::default() };
    let path: [(&str, &str, With<'_>); 8] = [
        ("hoa.tnmt", "accept", With::default()),
        ("phuc.tnmt", "assign", With { assignee: Some("Bùi Anh Tuấn"), ..With::default() }),
        ("tuan.tnmt", "propose", note),
        ("nga.tnmt", "send-back", note),
        ("tuan.tnmt", "propose", note),
        ("nga.tnmt", "agree", note),
        ("khanh.tnmt", "approve", With::default()),
        ("tuan.tnmt", "issue", With { result: Some(("giấy phép.pdf", PDF)), ..With::default() }),
    ];
    for (number, (login, action, with)) in path.into_iter().enumerate() {
        app.at(date(2026, 3, 4).at(8, i8::try_from(number).expect("few"), 0, 0));
        for (other, officer) in officers.iter().filter(|(other, _)| *other != login) {
            let page = act(officer, &dossier, action, with).await;
            assert!(page.status == 403, "{other} may not {action}, but gets {}", page.status);
        }
        let (_, officer) = officers.iter().find(|(other, _)| *other == login).expect("an officer");
        act(officer, &dossier, action, with).await.ok();
        if action == "accept" {
            let paid = [("amount", "400000"), ("method", "cash"), ("receipt", "BL-7")];
            officer.post(&format!("{dossier}/payments"), &paid).await.ok();
        }
    }
    let steps = citizen.get(&dossier).await.ok().has(&["Tiếp nhận", "Phân công", "Thẩm định", "Phê duyệt"]);
    assert_eq!(steps.body.matches("<strong>Thẩm tra, giải quyết</strong>").count(), 2, "sent back once");
    let (_, hoa) = &officers[0];
    act(hoa, &dossier, "hand-over", With::default()).await.ok().has(&["Đã trả kết quả"]);
}

async fn a_birth_is_registered_within_a_working_day(app: App) {
    let citizen = app.citizen("Huỳnh Thị Én", "0355123123").await;
    let dossier = walk::birth(&citizen).await;
    citizen.get(&format!("{dossier}/receipt")).await.ok().has(&["04/03/2026 09:00"]);
    let (thu, binh, yen) =
        (app.officer("thu.phucuong").await, app.officer("binh.phucuong").await, app.officer("yen.phucuong").await);
    act(&thu, &dossier, "accept", With::default()).await.ok();
    act(&binh, &dossier, "propose", With { note: "Hợp lệ.", ..With::default() }).await.ok();
    act(&yen, &dossier, "approve", With::default()).await.ok();
    act(&binh, &dossier, "issue", With { result: Some(("giấy khai sinh.pdf", PDF)), ..With::default() }).await.ok();
    act(&thu, &dossier, "hand-over", With::default()).await.ok().has(&["sớm hạn"]);
}

async fn one_dossier_is_refused_another_withdrawn_another_goes_overdue_and_shows_so_everywhere(app: App) {
    let citizen = app.citizen("Vũ Minh Giang", "0903222111").await;
    let thu = app.officer("thu.phucuong").await;
    let (binh, yen) = (app.officer("binh.phucuong").await, app.officer("yen.phucuong").await);

    let refused = walk::birth(&citizen).await;
    act(&thu, &refused, "accept", With::default()).await.ok();
    act(&binh, &refused, "propose", With { note: "Trùng.", ..With::default() }).await.ok();
    let reason = With { note: "Trẻ đã được đăng ký khai sinh nơi khác.", ..With::default() };
    act(&yen, &refused, "refuse", reason).await.ok();
    citizen.get(&refused).await.ok().has(&["Hồ sơ bị từ chối giải quyết.", "Trẻ đã được đăng ký khai sinh nơi khác."]);

    let withdrawn = walk::birth(&citizen).await;
    citizen.get(&withdrawn).await.ok().has(&["Rút rồi thì không lấy lại được.", "nộp hồ sơ mới"]);
    let page = citizen.post(&format!("{withdrawn}/withdraw"), &[("reason", "")]).await;
    assert_eq!(page.status, 422);
    citizen.post(&format!("{withdrawn}/withdraw"), &[("reason", "Khai nhầm ngày sinh.")]).await.ok();
    thu.get(&withdrawn).await.ok().has(&["Người nộp đã rút hồ sơ.", "Khai nhầm ngày sinh."]);
    // Nobody is asked how a service was that was not rendered.
    citizen.get(&withdrawn).await.ok().lacks(&["Bạn hài lòng đến đâu?"]);
    let own = citizen.get("/account").await.ok();
    assert_eq!(own.body.matches("Mời đánh giá").count(), 1, "the refused one");
    assert_eq!(act(&thu, &withdrawn, "accept", With::default()).await.status, 422);

    // The officer knows the readers of a note before writing it.
    let told = "Người nộp hồ sơ đọc được nội dung này.";
    let overdue = walk::birth(&citizen).await;
    thu.get(&overdue).await.ok().has(&[told]);
    citizen.get(&overdue).await.ok().lacks(&[told, "Hồ sơ đã quá hạn"]);
    let code = overdue.trim_start_matches("/dossiers/").to_owned();
    thu.get("/desk").await.ok().lacks(&["quá hạn"]);
    app.at(date(2026, 3, 3).at(10, 30, 0, 0));
    thu.get("/desk").await.ok().has(&["bước này quá hạn"]);
    citizen.get("/account").await.ok().lacks(&["quá hạn"]);
    app.at(date(2026, 3, 5).at(9, 0, 0, 0));
    let yen = app.officer("yen.phucuong").await;
    let kiemsoat = app.officer("kiemsoat").await;
    let thu = app.officer("thu.phucuong").await;
    citizen.log_in("0903222111", PASSWORD).await;
    for (who, path) in [
        (&thu, "/desk"),
        (&thu, overdue.as_str()),
        (&citizen, "/account"),
        (&citizen, &overdue),
        (&kiemsoat, "/desk?view=open"),
    ] {
        who.get(path).await.ok().has(&[&code, "quá hạn"]);
    }
    // The applicant learns that the agency is late, since when, and what to do.
    let late = "Hồ sơ đã quá hạn";
    let ask = format!("Hồ sơ {code} đã quá hạn từ 04/03/2026 09:00.");
    let complain = "pakn.dichvucong.gov.vn";
    citizen.get(&overdue).await.ok().has(&[late, "hẹn trả kết quả lúc 04/03/2026 09:00", &ask, complain]);
    thu.get(&overdue).await.ok().lacks(&["hẹn trả kết quả lúc", complain]);
    let asked = citizen.post(&format!("{overdue}/messages"), &[("text", &ask)]).await.ok();
    asked.has(&[late, "Bạn đã nhắn cho cơ quan lúc 05/03/2026 09:00", complain]).lacks(&["Nếu chưa nhận được"]);
    // The office apologises and names a new day, which stands at the top of the applicant's page.
    let apology = |day| [("message.text", "Xin lỗi vì chậm: đang chờ xác minh."), ("message.promised", day)];
    let unread = thu.post(&format!("{overdue}/messages"), &apology("hôm nào đó")).await;
    assert_eq!(unread.status, 422);
    unread.has(&["Chỉ hẹn ngày mới khi hồ sơ đã quá hạn.", "hôm nào đó"]);
    thu.post(&format!("{overdue}/messages"), &apology("9/3/2026")).await.ok();
    let promised = ["xin lỗi vì trễ hẹn và hẹn trả kết quả ngày 09/03/2026", "Xin lỗi vì chậm: đang chờ xác minh."];
    citizen.get(&overdue).await.ok().has(&promised);
    let known = [("code", code.as_str()), ("digits", "2111")];
    let visitor = app.visitor();
    visitor.get("/lookup").await.ok();
    visitor.post("/lookup", &known).await.ok().has(&["Hẹn trả kết quả ngày 09/03/2026"]).lacks(&["đang chờ xác minh"]);
    citizen.get("/account/notices").await.ok().has(&["Cơ quan xin lỗi vì trễ hẹn và hẹn ngày trả kết quả mới"]);
    for leader in [&yen, &kiemsoat] {
        leader.get("/desk/figures").await.ok().has(&["figure=overdue\">1</a></td>"]);
    }
    let visitor = app.visitor();
    visitor.get(&format!("/lookup?code={code}")).await.ok();
    visitor.post("/lookup", &[("code", &code), ("digits", "2111")]).await.ok().has(&["quá hạn", "Đăng ký khai sinh"]);
}

async fn a_dossier_filed_at_night_is_received_in_the_next_session(app: App) {
    app.at(date(2026, 9, 5).at(22, 0, 0, 0));
    let citizen = app.citizen("Hồ Văn Khải", "0933555777").await;
    let dossier = walk::company(&citizen).await;
    // A Saturday night: the clock runs from Monday 7:30 and three working days end on Wednesday 17:00.
    let receipt = citizen.get(&format!("{dossier}/receipt")).await.ok();
    receipt.has(&["05/09/2026 22:00", "Thời hạn tính từ 07/09/2026 07:30", "09/09/2026 17:00"]);
}
