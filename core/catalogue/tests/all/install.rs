//! Install folders, good and bad.

use crate::faulty::{BUILTIN, GOOD, JOINT, check, codes, good};
use motcua_catalogue::{
    FoundInstall, Live, MOST_HITS, PlannedServices, QualityWeights, Search, SearchWish, Snapshot, load,
};
use motcua_domain::names::{AgencyId, ProcedureCode};
use motcua_domain::procedure::Procedure;
use motcua_domain::procedure::changes::Release;
use motcua_domain::text::{Language, Text};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/binhduong")
}

fn load_on(folder: &Path, year: i16) -> FoundInstall {
    load(folder, &BUILTIN, jiff::civil::date(year, 11, 24))
}

/// Returns a copy of the sample in which one file reads otherwise.
fn changed(file: &str, change: impl Fn(&str) -> String) -> FoundInstall {
    let copy = tempfile::tempdir().expect("a folder");
    copy_tree(&sample(), copy.path());
    let path = copy.path().join(file);
    let text = std::fs::read_to_string(&path).expect("the file is in the sample");
    let after = change(&text);
    assert_ne!(text, after, "the change changes nothing");
    std::fs::write(&path, after).expect("it can be written");
    load_on(copy.path(), 2026)
}

fn copy_tree(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").map(|entry| entry.expect("an entry")) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_tree(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("copied");
        }
    }
}

#[test]
fn the_sample_province_has_no_mistakes() {
    let found = load_on(&sample(), 2026);
    let shown: String = found.mistakes.iter().map(|mistake| mistake.render(false, Language::En)).collect();
    assert!(found.mistakes.is_empty(), "{shown}");
    let folders = std::fs::read_dir(sample().join("procedures")).expect("the groups");
    let count = |group: std::io::Result<std::fs::DirEntry>| {
        std::fs::read_dir(group.expect("a group").path()).expect("its procedures").count()
    };
    assert_eq!(found.install.declared.len(), folders.map(count).sum::<usize>());
}

#[test]
fn an_agency_says_how_many_services_it_plans_at_each_level() {
    let planned = "plan = { level_3 = 66, level_4 = 0 }";
    let with = |plan: &str| changed("organisation.toml", |text| text.replace(planned, plan));
    let plans = with("plan = { level_4 = 2 }").install.province.plans;
    assert_eq!(plans.get(&AgencyId::from("so-tnmt")), Some(&PlannedServices { level_3: 0, level_4: 2 }));
    assert_eq!(plans.get(&AgencyId::from("so-tttt")), None);
    for (wrong, code) in [("plan = { level_3 = -1 }", "out-of-range"), ("plan = { level_5 = 1 }", "unknown-key")] {
        let mistakes = with(wrong).mistakes;
        assert!(mistakes.iter().any(|mistake| mistake.code == code), "{wrong}: {mistakes:?}");
    }
}

#[test]
fn the_province_has_a_plan_of_its_own_or_the_sum_of_its_agencies() {
    let own = "plan = { level_3 = 301, level_4 = 17 }";
    let with = |plan: &str| changed("organisation.toml", |text| text.replace(own, plan)).install.province;
    let sample = load_on(&sample(), 2026).install.province;
    assert_eq!(sample.planned(None), Some(PlannedServices { level_3: 301, level_4: 17 }));
    assert_eq!(with("").planned(None), Some(PlannedServices { level_3: 66, level_4: 17 }));
}

#[test]
fn the_weights_of_the_quality_index_are_the_provinces_choice() {
    let own = "online = 22, ";
    let with = |weight: &str| changed("organisation.toml", |text| text.replace(own, weight));
    assert_eq!(with("").install.province.quality, QualityWeights::default());
    assert_eq!(with("online = 30, ").install.province.quality.online, 30);
    assert!(with("online = 101, ").mistakes.iter().any(|mistake| mistake.code == "out-of-range"));
}

#[test]
fn an_agency_says_when_its_counter_is_open_and_where_it_is_by_the_address_of_a_page() {
    let phone = "phone = \"0274 3822 926\"";
    let written = |text: &str| text.lines().filter(|line| !line.starts_with("map = ")).collect::<Vec<_>>().join("\n");
    let with = |map: &str| {
        changed("organisation.toml", |text| written(text).replace(phone, &format!("{phone}\nmap = \"{map}\"")))
    };
    let found = with("https://map.example.vn/so").install.province;
    let agency = found.agency(&AgencyId::from("so-khdt")).expect("the agency");
    assert_eq!(agency.map.as_deref(), Some("https://map.example.vn/so"));
    assert!(agency.hours.is_some());
    for wrong in ["javascript:alert(1)", "bản đồ", "https://"] {
        let mistakes = with(wrong).mistakes;
        assert!(mistakes.iter().any(|mistake| mistake.code == "bad-address"), "{wrong}: {mistakes:?}");
    }
}

#[test]
fn the_same_folder_gives_the_same_digests() {
    let digests = || load_on(&sample(), 2026).install.procedures().map(Procedure::digest).collect::<Vec<_>>();
    assert_eq!(digests(), digests());
}

#[test]
fn every_mistake_is_found_at_once_with_its_place_and_what_to_write() {
    let found = changed("procedures/cap-xa/dang-ky-khai-sinh/procedure.toml", |text| {
        text.replace("limit = \"1 working-day\"", "limit = \"1 day\"")
            .replace("level = 4", "level = 7")
            .replace("audience", "audiense")
            .replace("kind = \"yes-no\"", "kind = \"yes-not\"")
            .replace("required = \"parents_married == true\"", "required = \"parent_married == true\"")
            .replace("unit = \"tu-phap-ho-tich\"", "unit = \"tu-phap\"")
            .replace("workflow = \"same-day\"", "workflow = \"same-days\"")
            .replace("[[paper]]\nid = \"birth_proof\"", "[[paper]]\nid = \"Birth Proof\"")
    });
    let shown: Vec<String> = found
        .mistakes
        .iter()
        .map(|m| {
            let (message, help) = (m.message.get(Language::En), m.help.get(Language::En));
            format!("{}:{} {} | {message} | {help}", m.line, m.column, m.code)
        })
        .collect();
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn a_mistake_is_shown_with_its_line() {
    let found = changed("workflows/same-day.toml", |text| text.replace("to = \"issue\"", "to = \"isue\""));
    let shown: String = found.mistakes.iter().map(|mistake| mistake.render(false, Language::En)).collect();
    insta::assert_snapshot!(shown);
}

#[test]
fn steps_may_not_take_longer_than_the_procedure() {
    let found = changed("workflows/same-day.toml", |text| text.replace("3 working-hours", "30 working-hours"));
    let same_day = found.mistakes.iter().filter(|mistake| mistake.code == "limits-exceed").count();
    assert_eq!((same_day, found.mistakes.len()), (5, 5), "one for each procedure of a day");
}

#[test]
fn a_step_that_nobody_holds_the_post_for_is_a_mistake() {
    let found = changed("organisation.toml", |text| {
        text.replace("\"unit-head\", \"specialist\", \"appraiser\"", "\"unit-head\", \"specialist\"")
    });
    assert!(found.mistakes.iter().any(|m| m.code == "no-post"));
}

#[test]
fn a_workflow_that_no_procedure_uses_is_named_and_its_superiors_are_checked_once_a_procedure_uses_it() {
    let mut tree = good();
    let to_nobody = "role = \"counter\"\nlimit = \"1 working-hour\"\nescalate = \"unit-head\"\n";
    tree.insert("workflows/joint.toml", JOINT.replace("role = \"counter\"\n", to_nobody).into());
    let found = check(&tree);
    assert!(found.mistakes.is_empty(), "no dossier comes to the step: {:?}", found.mistakes);
    assert_eq!(found.install.unused_workflows(), ["joint"]);
    let joint = GOOD.replace("1.004232", "1.004233").replace("one-stop", "joint");
    let joint = joint.replace("[step_limits]\nprocessing = \"1 working-day\"\n", "");
    tree.insert("procedures/ubnd-xa/lien-thong/procedure.toml", joint.into());
    tree.insert("procedures/ubnd-xa/lien-thong/forms/ban-do.docx", b"a form".to_vec());
    let found = check(&tree);
    assert_eq!(codes(&found.mistakes), BTreeSet::from(["no-post"]), "{:?}", found.mistakes);
    assert!(
        found.mistakes[0].message.get(Language::En).contains("is escalated to a unit-head"),
        "{:?}",
        found.mistakes
    );
}

#[test]
fn a_calendar_that_ends_is_a_warning_from_september_on_and_stops_no_start() {
    let codes = |found: &[motcua_catalogue::Diagnostic]| found.iter().map(|m| m.code).collect::<Vec<_>>();
    let november = load_on(&sample(), 2027);
    assert_eq!((codes(&november.mistakes), codes(&november.install.warnings)), (vec![], vec!["calendar-ends"]));
    let august = load(&sample(), &BUILTIN, jiff::civil::date(2027, 8, 31));
    assert_eq!((codes(&august.mistakes), codes(&august.install.warnings)), (vec![], vec![]));
    let empty = tempfile::tempdir().expect("a folder");
    copy_tree(&sample(), empty.path());
    std::fs::remove_dir_all(empty.path().join("calendar")).expect("removed");
    assert_eq!(codes(&load_on(empty.path(), 2027).mistakes), ["calendar-ends"], "no calendar at all");
}

#[test]
fn what_is_not_toml_is_a_mistake_and_the_rest_is_still_read() {
    let found = changed("workflows/one-stop.toml", |text| text.replacen("[[step]]", "[[step", 1));
    assert!(found.mistakes.iter().any(|m| m.code == "toml-syntax"));
    assert!(found.install.by_slug("cap-xa", "dang-ky-khai-sinh").is_some());
}

#[test]
fn procedures_are_found_with_and_without_diacritics_by_part_and_with_a_typo() {
    let mut install = load_on(&sample(), 2026).install;
    let three = ["dang-ky-khai-sinh", "giay-phep-tham-do-nuoc-duoi-dat", "thanh-lap-cong-ty-tnhh-hai-thanh-vien"];
    install.declared.retain(|declared| three.contains(&declared.procedure.slug.as_str()));
    let search = Search::new(install.procedures(), &install.province.synonyms).expect("an index");
    let first = |query: &str| {
        let found = search.find(query).expect("a search");
        found.first().map(|at| install.declared[*at].procedure.slug.as_str())
    };
    assert_eq!(search.find("khai sinh").expect("a search").len(), 1, "a typo is forgiven only if nothing fits");
    for query in ["khai sinh", "Khai Sinh", "giay khai sinh", "đăng ký khai sinh", "khia sinh", "birth"] {
        assert_eq!(first(query), Some("dang-ky-khai-sinh"), "{query}");
    }
    for query in ["nuoc duoi dat", "thăm dò nước", "khoan giếng", "tham do nc duoi"] {
        assert_eq!(first(query), Some("giay-phep-tham-do-nuoc-duoi-dat"), "{query}");
    }
    for query in ["mở công ty", "cong ty tnhh", "2.001199", "thanh lap cong"] {
        assert_eq!(first(query), Some("thanh-lap-cong-ty-tnhh-hai-thanh-vien"), "{query}");
    }
    assert_eq!(first("zzzzqqqq"), None);
    assert_eq!(first("\"(:*"), None);
}

/// Returns offered procedures whose names all have the words of the first. The one with number `other` is of another
/// agency.
fn offered(count: usize, other: usize) -> Snapshot {
    let install = load_on(&sample(), 2026).install;
    let declared = install.by_slug("cap-xa", "dang-ky-khai-sinh").expect("it is there");
    let live = |number: usize| {
        let mut procedure = (*declared.procedure).clone();
        procedure.code = ProcedureCode(format!("9.{number:06}"));
        procedure.slug = format!("thu-tuc-{number}");
        procedure.offered_by = None;
        if number == other {
            "so-khdt".clone_into(&mut procedure.group);
        }
        let version = procedure.digest();
        let release = Release {
            number: 1,
            code: procedure.code.clone(),
            version: version.clone(),
            retired: false,
            at: 0,
            by: String::new(),
            by_folder: true,
            changes: Vec::new(),
        };
        let offers = procedure.only_agency().into_iter().collect();
        Live { procedure: Arc::new(procedure), version, history: vec![release], offers }
    };
    Snapshot::new(1, (0..count).map(live).collect(), &[]).expect("a snapshot")
}

#[test]
fn hits_are_filtered_before_they_are_cut() {
    let count = 2 * MOST_HITS;
    for other in [0, count / 2, count - 1] {
        let snapshot = offered(count, other);
        let find = |agency: &str| {
            let wanted =
                SearchWish { words: "khai sinh".to_owned(), agency: agency.to_owned(), ..SearchWish::default() };
            snapshot.find(&wanted).expect("a search").len()
        };
        assert_eq!((find(""), find("so-khdt")), (MOST_HITS, 1), "{other}");
    }
}

#[test]
fn what_is_too_long_in_a_query_is_left_out() {
    let snapshot = offered(3, 0);
    let find = |words: String| {
        let wanted = SearchWish { words, ..SearchWish::default() };
        snapshot.find(&wanted).expect("a search").len()
    };
    assert_eq!(find(format!("khai sinh {}", "z".repeat(60_000))), 3, "some of the words fit");
    assert_eq!(find(format!("{} khai sinh", "z".repeat(60_000))), 0);
    assert_eq!(find("\u{4e00}".repeat(20_000)), 0);
    assert_eq!(find("khai ".repeat(12_000)), 3);
}

#[test]
fn procedures_are_found_by_their_english_texts() {
    let mut install = load_on(&sample(), 2026).install;
    install.declared.truncate(2);
    let mut procedure = (*install.declared[1].procedure).clone();
    procedure.summary.en = Some("Zebra crossing".to_owned());
    procedure.field.en = Some("Yodelling".to_owned());
    procedure.life_events = vec![Text::new("Có xe", "Xylophone bought")];
    let procedures = [&*install.declared[0].procedure, &procedure];
    let search = Search::new(procedures, &[]).expect("an index");
    for word in ["zebra", "yodelling", "xylophone"] {
        assert_eq!(search.find(word).expect("a search"), [1], "{word}");
    }
}

#[test]
fn a_scenario_with_mistakes_is_told_its_places() {
    let file = "procedures/cap-xa/dang-ky-khai-sinh/tests/withdrawn.toml";
    let found = changed(file, |text| {
        text.replace("at = \"2026-03-03 09:00\"", "at = \"sáng thứ ba\"")
            .replace("by = \"counter\"", "by = \"countre\"")
            .replace("refused = \"ended\"", "refuse = \"ended\"")
    });
    let shown: Vec<String> =
        found.mistakes.iter().map(|m| format!("{} {}", m.code, m.help.get(Language::En))).collect();
    assert_eq!(
        shown,
        [
            "bad-time write it as \"2026-03-03 09:00\", in Vietnam",
            "unknown-name did you mean `counter`?",
            "unknown-key did you mean `refused`?",
        ]
    );
}
