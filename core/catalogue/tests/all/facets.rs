//! The numbers beside the values of a search's criteria.

use crate::faulty::BUILTIN;
use motcua_catalogue::{Live, OfferReader, SearchAnswer, SearchWish, Snapshot, load};
use motcua_domain::names::AgencyId;
use motcua_domain::procedure::changes::Release;
use motcua_domain::procedure::{Audience, Procedure};
use std::path::Path;
use std::sync::Arc;

/// Returns the procedures of the sample province as a portal offers them.
fn sample() -> Snapshot {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/binhduong");
    let install = load(&folder, &BUILTIN, jiff::civil::date(2026, 11, 24)).install;
    let mut offers = OfferReader::new(&install.province);
    let live = |procedure: Arc<Procedure>| {
        let offers = offers.offers_of(&procedure);
        let version = procedure.digest();
        let release = Release {
            number: 1,
            code: procedure.code.clone(),
            version: version.clone(),
            retired: false,
            by_folder: true,
            at: 0,
            by: String::new(),
            changes: Vec::new(),
        };
        Live { procedure, version, history: vec![release], offers }
    };
    let all = install.declared.into_iter().map(|declared| declared.procedure).map(live).collect();
    Snapshot::new(1, all, &install.province.synonyms).expect("a snapshot")
}

/// Returns the wishes that choose one value in the place of that of one criterion, each with the number that the answer
/// shows beside the value.
fn choices(wanted: &SearchWish, answer: &SearchAnswer<'_>) -> Vec<(SearchWish, usize)> {
    let agency = |(id, count): (&&AgencyId, &usize)| (SearchWish { agency: id.to_string(), ..wanted.clone() }, *count);
    let level = |(level, count): (&u8, &usize)| (SearchWish { level: Some(*level), ..wanted.clone() }, *count);
    let audience = |audience: Audience| {
        let count = answer.audiences.get(audience.name()).copied().unwrap_or_default();
        (SearchWish { audience: Some(audience), ..wanted.clone() }, count)
    };
    let mut choices: Vec<(SearchWish, usize)> = answer.agencies.iter().map(agency).collect();
    choices.extend(answer.levels.iter().map(level));
    choices.extend(Audience::ALL.map(audience));
    for (field, found) in &answer.fields {
        choices.push((SearchWish { field: (*field).to_owned(), ..wanted.clone() }, found.count));
    }
    for (event, found) in &answer.life_events {
        choices.push((SearchWish { event: (*event).to_owned(), ..wanted.clone() }, found.count));
    }
    choices
}

#[test]
fn the_number_beside_a_value_is_that_of_the_procedures_that_choosing_it_finds() {
    let snapshot = sample();
    let words = |words: &str| SearchWish { words: words.to_owned(), ..SearchWish::default() };
    let wishes = [
        SearchWish::default(),
        words("giấy phép"),
        words("dang ky"),
        SearchWish { level: Some(4), ..words("dang ky") },
        SearchWish { field: "Hộ tịch".to_owned(), level: Some(3), ..SearchWish::default() },
        SearchWish { event: "Starting a business".to_owned(), audience: Some(Audience::Household), ..words("") },
        SearchWish { agency: "so-tnmt".to_owned(), level: Some(1), ..SearchWish::default() },
    ];
    let mut checked = 0;
    for wanted in wishes {
        let answer = snapshot.answer(&wanted).expect("a search");
        assert_eq!(codes(&answer.found), codes(&found(&snapshot, &wanted)), "{wanted:?}");
        for (choice, count) in choices(&wanted, &answer) {
            assert_eq!(found(&snapshot, &choice).len(), count, "{choice:?}");
            checked += 1;
        }
    }
    assert!(checked > 100, "{checked} values");
}

#[test]
fn a_value_without_procedures_is_left_out_and_the_words_alone_are_counted() {
    let snapshot = sample();
    let wanted =
        SearchWish { words: "kết hôn".to_owned(), field: "Đất đai".to_owned(), ..SearchWish::default() };
    let answer = snapshot.answer(&wanted).expect("a search");
    assert!(answer.found.is_empty() && answer.levels.is_empty() && answer.agencies.is_empty());
    assert!(answer.fields.contains_key("Hộ tịch") && !answer.fields.contains_key("Đất đai"));
    assert_eq!(answer.without_criteria, found(&snapshot, &SearchWish { field: String::new(), ..wanted }).len());
}

#[test]
fn procedures_of_the_same_life_event_and_those_that_go_on_from_a_result_are_near() {
    let snapshot = sample();
    let slugs = |path: &str| -> Vec<&str> {
        let live = snapshot.at(path).expect("the procedure");
        snapshot.related(&live.procedure).into_iter().map(|other| other.procedure.slug.as_str()).collect()
    };
    let beside_birth = ["lien-thong-khai-sinh-thuong-tru-bao-hiem-y-te", "dang-ky-khai-sinh-co-yeu-to-nuoc-ngoai"];
    assert_eq!(slugs("/procedures/cap-xa/dang-ky-khai-sinh"), beside_birth);
    let beside_permit = slugs("/procedures/ubnd-thu-dau-mot/cap-giay-phep-xay-dung-nha-o-rieng-le");
    assert_eq!(beside_permit.first(), Some(&"gia-han-giay-phep-xay-dung"), "{beside_permit:?}");
    for live in snapshot.open() {
        let related = snapshot.related(&live.procedure);
        assert!(related.len() <= 5, "{}", live.procedure.slug);
        assert!(related.iter().all(|other| other.procedure.code != live.procedure.code), "{}", live.procedure.slug);
    }
}

fn found<'a>(snapshot: &'a Snapshot, wanted: &SearchWish) -> Vec<&'a Live> {
    snapshot.find(wanted).expect("a search")
}

fn codes(found: &[&Live]) -> Vec<String> {
    found.iter().map(|live| live.procedure.code.to_string()).collect()
}
