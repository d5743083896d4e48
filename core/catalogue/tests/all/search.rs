//! The search over the sample province, by the words of people.

use crate::faulty::BUILTIN;
use motcua_catalogue::{Install, Search, load};
use std::path::Path;

/// A query with the first hit, and the most hits that it may have.
type ExpectedHit = (&'static str, &'static str, usize);

/// Queries without diacritics, with words of everyday speech, and with more words than the subject. A newcomer tried
/// the first ones.
const SAID: [ExpectedHit; 20] = [
    ("so do", "cap-doi-giay-chung-nhan-quyen-su-dung-dat", 4),
    ("lam giay khai sinh cho con", "dang-ky-khai-sinh", 4),
    ("mo cty", "thanh-lap-cong-ty-co-phan", 4),
    ("BHYT", "lien-thong-khai-sinh-thuong-tru-bao-hiem-y-te", 1),
    ("sang ten so do", "dang-ky-bien-dong-quyen-su-dung-dat", 2),
    ("doi bia do", "cap-doi-giay-chung-nhan-quyen-su-dung-dat", 3),
    ("bằng lái", "doi-giay-phep-lai-xe", 1),
    ("giay doc than", "xac-nhan-tinh-trang-hon-nhan", 2),
    ("xin giấy xác nhận độc thân để mua nhà", "xac-nhan-tinh-trang-hon-nhan", 2),
    ("thủ tục cưới vợ", "dang-ky-ket-hon", 3),
    ("xay nha", "cap-giay-phep-xay-dung-nha-o-rieng-le", 4),
    ("tien an", "cap-phieu-ly-lich-tu-phap", 1),
    ("sao y", "chung-thuc-ban-sao-tu-ban-chinh", 1),
    ("xoa ho khau", "lien-thong-khai-tu-xoa-thuong-tru-mai-tang-phi", 1),
    ("tàn tật", "xac-dinh-muc-do-khuyet-tat", 1),
    ("người già", "tro-cap-xa-hoi-hang-thang-cho-nguoi-cao-tuoi", 2),
    ("đổi tên", "thay-doi-cai-chinh-ho-tich", 4),
    ("quán nhậu", "cap-giay-chung-nhan-du-dieu-kien-an-toan-thuc-pham", 4),
    ("nha thuoc", "cap-giay-chung-nhan-du-dieu-kien-kinh-doanh-duoc", 1),
    ("GPXD", "cap-giay-phep-xay-dung-moi-cong-trinh", 4),
];

/// Queries with the names of the law.
const NAMED: [ExpectedHit; 10] = [
    ("khai sinh", "dang-ky-khai-sinh", 5),
    ("kết hôn", "dang-ky-ket-hon", 3),
    ("khai tử", "dang-ky-khai-tu", 3),
    ("ly lich tu phap", "cap-phieu-ly-lich-tu-phap", 1),
    ("tham do nuoc duoi dat", "giay-phep-tham-do-nuoc-duoi-dat", 2),
    ("cong ty co phan", "thanh-lap-cong-ty-co-phan", 1),
    ("tạm ngừng", "thong-bao-tam-ngung-kinh-doanh", 1),
    ("đăng ký biến động", "dang-ky-bien-dong-quyen-su-dung-dat", 1),
    ("hộ kinh doanh", "thanh-lap-ho-kinh-doanh", 2),
    ("moi truong", "cap-giay-phep-moi-truong", 5),
];

/// Queries with one wrong letter, or with the other way to write a sound.
const MISTYPED: [ExpectedHit; 7] = [
    ("khia sinh", "dang-ky-khai-sinh", 6),
    ("ket hom", "dang-ky-ket-hon", 3),
    ("bang lia xe", "doi-giay-phep-lai-xe", 2),
    ("dang kí kết hôn", "dang-ky-ket-hon", 3),
    ("bac sy", "cap-chung-chi-hanh-nghe-kham-benh-chua-benh", 1),
    ("tham do nc duoi", "giay-phep-tham-do-nuoc-duoi-dat", 2),
    ("driver license", "doi-giay-phep-lai-xe", 1),
];

/// Queries in English.
const ENGLISH: [ExpectedHit; 8] = [
    ("work permit", "cap-giay-phep-lao-dong-cho-nguoi-nuoc-ngoai", 1),
    ("birth certificate", "dang-ky-khai-sinh", 3),
    ("marriage certificate", "dang-ky-ket-hon", 2),
    ("register a company", "thanh-lap-cong-ty-co-phan", 5),
    ("how to open a shop", "thanh-lap-ho-kinh-doanh", 2),
    ("licence to sell alcohol", "cap-giay-phep-ban-le-ruou", 1),
    ("certificate of marital status", "xac-nhan-tinh-trang-hon-nhan", 1),
    ("disability", "xac-dinh-muc-do-khuyet-tat", 1),
];

/// Codes and numbers of laws.
const NUMBERS: [ExpectedHit; 4] = [
    ("2.001199", "thanh-lap-cong-ty-tnhh-hai-thanh-vien", 1),
    ("9.000180", "dang-ky-khai-tu", 1),
    ("Luật 35/2024/QH15", "cap-giay-phep-kinh-doanh-van-tai-bang-xe-o-to", 2),
    ("luật sư", "dang-ky-hoat-dong-to-chuc-hanh-nghe-luat-su", 4),
];

fn install() -> Install {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/binhduong");
    load(&sample, &BUILTIN, jiff::civil::date(2026, 11, 24)).install
}

/// Returns the last parts of the addresses of all hits. The procedures are in the order in which a portal shows them.
fn hits(install: &Install, queries: &[&str]) -> Vec<Vec<String>> {
    let mut procedures: Vec<_> = install.procedures().collect();
    procedures.sort_by(|one, other| (&one.group, &one.slug).cmp(&(&other.group, &other.slug)));
    let search = Search::new(procedures.iter().copied(), &install.province.synonyms).expect("an index");
    let slugs = |query: &&str| {
        let found = search.find(query).expect("a search");
        found.into_iter().map(|at| procedures[at].slug.clone()).collect()
    };
    queries.iter().map(slugs).collect()
}

fn check(expected: &[ExpectedHit]) {
    let queries: Vec<&str> = expected.iter().map(|(query, ..)| *query).collect();
    for ((query, first, most), found) in expected.iter().zip(hits(&install(), &queries)) {
        assert_eq!(found.first().map(String::as_str), Some(*first), "{query}: {found:?}");
        assert!(found.len() <= *most, "{query}: {found:?}");
    }
}

#[test]
fn people_find_the_procedure_first_by_their_own_words() {
    check(&SAID);
}

#[test]
fn people_find_the_procedure_first_by_its_name() {
    check(&NAMED);
}

#[test]
fn a_wrong_letter_leads_to_the_same_procedure() {
    check(&MISTYPED);
}

#[test]
fn people_find_the_procedure_first_in_english() {
    check(&ENGLISH);
}

#[test]
fn a_code_and_the_number_of_a_law_lead_to_the_procedures_that_have_them() {
    check(&NUMBERS);
}

#[test]
fn a_common_word_alone_does_not_lead_to_what_has_the_other_words_not() {
    // Passports and divorces are not of the province. `hộ` and `ly` alone are in many names.
    let queries = ["ho chieu", "hộ chiếu", "passport", "ly hon", "zzzzqqqq"];
    for (query, found) in queries.iter().zip(hits(&install(), &queries)) {
        assert_eq!(found, Vec::<String>::new(), "{query}");
    }
}

#[test]
fn the_three_kinds_of_company_come_first_for_everybody_who_wants_to_found_one() {
    for found in hits(&install(), &["mo cty", "mở công ty", "thành lập công ty", "register a company"]) {
        let three: Vec<bool> = found.iter().take(3).map(|slug| slug.starts_with("thanh-lap-cong-ty-")).collect();
        assert_eq!(three, [true; 3], "{found:?}");
    }
}

#[test]
fn a_renewal_comes_first_only_if_the_query_asks_for_one() {
    let found = hits(&install(), &["tham do nuoc duoi dat", "gia han tham do nuoc duoi dat"]);
    let first: Vec<Option<&str>> = found.iter().map(|slugs| slugs.first().map(String::as_str)).collect();
    let expected = ["giay-phep-tham-do-nuoc-duoi-dat", "gia-han-giay-phep-tham-do-nuoc-duoi-dat"];
    assert_eq!(first, expected.map(Some));
}
