//! Procedures that several agencies offer from one folder.

use crate::faulty::{GOOD, check, codes, good, text};
use jiff::Timestamp;
use motcua_catalogue::editing::{NamedKind, NewName, applied, rename, set_in_procedure};
use motcua_catalogue::{Declared, Diagnostic, FoundInstall, Live, OfferReader, SearchWish, Snapshot, TextPatch, Tree};
use motcua_domain::names::AgencyId;
use motcua_domain::procedure::changes::Release;
use motcua_domain::text::Language;
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;

const SHARED: &str = "procedures/cap-xa/khoan-gieng-nho/procedure.toml";

/// A second commune. Its unit for wells has another name than that of the first commune.
const COMMUNE: &str = r#"
[[agency]]
id = "ubnd-b"
code = "H00.02"
name = "Ủy ban nhân dân xã B"
kind = "commune"
parent = "ubnd-xa"

[[agency.unit]]
id = "mot-cua"
name = "Bộ phận một cửa"
posts = ["counter"]

[[agency.unit]]
id = "dia-chinh"
name = "Địa chính"
posts = ["specialist"]

[[agency.unit]]
id = "lanh-dao"
name = "Lãnh đạo"
posts = ["leader"]
"#;

const TERMS: &str = "[[offer]]\nagency = \"ubnd-b\"\nunit = \"dia-chinh\"\nlimit = \"2 working-days\"\n";

/// A fee of the second commune by a table.
const FEE: &str = r#"
[[offer.fee]]
name = { vi = "Phí", en = "Fee" }
by = "depth"

[[offer.fee.bracket]]
up_to = 50
amount = 10_000

[[offer.fee.bracket]]
amount = 20_000
"#;

/// Returns a folder with two communes that offer a procedure by this rule, under these terms.
fn communes(rule: &str, terms: &str) -> Tree {
    let mut tree = good();
    let kind = "code = \"H00.01\"\nkind = \"commune\"\n";
    let organisation = text(&tree, "organisation.toml").replacen("code = \"H00.01\"\n", kind, 1);
    tree.insert("organisation.toml", format!("{organisation}{COMMUNE}").into());
    let procedure = GOOD.replace("1.004232", "1.004240").replacen(
        "unit = \"van-phong\"\n",
        &format!("unit = \"van-phong\"\noffered_by = {rule}\n"),
        1,
    );
    tree.insert(SHARED, format!("{procedure}\n{terms}").into());
    tree.insert("procedures/cap-xa/khoan-gieng-nho/forms/ban-do.docx", b"a form".to_vec());
    tree
}

fn shared(found: &FoundInstall) -> &Declared {
    let shown: String = found.mistakes.iter().map(|mistake| mistake.render(false, Language::En)).collect();
    assert!(found.mistakes.is_empty(), "{shown}");
    found.install.by_slug("cap-xa", "khoan-gieng-nho").expect("it is declared once")
}

fn offers(found: &FoundInstall) -> Vec<String> {
    let mut reader = OfferReader::new(&found.install.province);
    reader.offers_of(&shared(found).procedure).iter().map(AgencyId::to_string).collect()
}

#[test]
fn a_procedure_is_offered_by_kind_by_name_and_by_a_part_of_the_tree() {
    assert_eq!(offers(&check(&communes("{ kind = \"commune\" }", TERMS))), ["ubnd-xa", "ubnd-b"]);
    assert_eq!(offers(&check(&communes("{ agencies = [\"ubnd-b\"] }", TERMS))), ["ubnd-b"]);
    assert_eq!(offers(&check(&communes("{ under = \"ubnd-xa\" }", TERMS))), ["ubnd-b"]);
}

#[test]
fn procedures_with_the_same_rule_share_the_list_of_their_agencies() {
    let found = check(&communes("{ kind = \"commune\" }", TERMS));
    let mut reader = OfferReader::new(&found.install.province);
    let procedure = &shared(&found).procedure;
    let (one, two) = (reader.offers_of(procedure), reader.offers_of(procedure));
    assert!(std::sync::Arc::ptr_eq(&one, &two));
}

#[test]
fn a_fee_of_an_agency_may_have_every_rate_and_is_checked_like_one_of_the_procedure() {
    let check_fee = |fee: &str| check(&communes("{ kind = \"commune\" }", &format!("{TERMS}{fee}")));
    let found = check_fee(FEE);
    let owed = |agency: &str, depth: i64| -> Vec<i64> {
        let values = Map::from_iter([("depth".to_owned(), Json::from(depth))]);
        let lines = shared(&found).procedure.fee_lines(&agency.into(), &values, Timestamp::UNIX_EPOCH);
        lines.into_iter().map(|line| line.amount.0).collect()
    };
    assert_eq!((owed("ubnd-b", 40), owed("ubnd-b", 60)), (vec![10_000], vec![20_000]));
    assert_eq!(owed("ubnd-xa", 60), Vec::<i64>::new(), "the fee of the procedure is only for farms");
    assert!(!codes(&found.install.warnings).contains("fee-gap"));
    let gap = check_fee(&FEE.replacen("\n[[offer.fee.bracket]]\namount = 20_000\n", "", 1));
    assert!(codes(&gap.install.warnings).contains("fee-gap"));
    let unknown = check_fee(&FEE.replacen("\"depth\"", "\"dept\"", 1));
    assert!(codes(&unknown.mistakes).contains("unknown-field"));
    let costly = check_fee(&FEE.replacen("amount = 20_000", "amount = 20_000\npercent = 101", 1));
    assert!(codes(&costly.mistakes).contains("out-of-range"));
}

#[test]
fn an_empty_list_of_fees_waives_nothing_and_a_fee_of_nothing_does() {
    let check_fee = |fee: &str| check(&communes("{ kind = \"commune\" }", &format!("{TERMS}{fee}")));
    let empty = check_fee("fee = []\n");
    assert_eq!(codes(&empty.mistakes), BTreeSet::from(["bad-offer"]));
    let help = empty.mistakes.first().map(|mistake| mistake.help.get(Language::En)).unwrap_or_default();
    assert!(help.contains("amount = 0"), "{help}");
    let free = "[[offer.fee]]\nname = { vi = \"Phí\", en = \"Fee\" }\namount = 0\n";
    assert!(check_fee(free).mistakes.is_empty());
    assert_eq!(codes(&check_fee("fee = [1]\n").mistakes), BTreeSet::from(["wrong-type"]));
}

#[test]
fn the_check_names_the_agencies_that_lack_a_unit_or_a_post() {
    let told = |tree: &Tree| -> Vec<String> {
        check(tree).mistakes.into_iter().map(|told| told.message.get(Language::En).to_owned()).collect()
    };
    let without_terms = communes("{ kind = \"commune\" }", "");
    assert_eq!(told(&without_terms), ["there is no unit `van-phong` in `ubnd-b`"]);
    let mut tree = communes("{ kind = \"commune\" }", TERMS);
    let organisation = text(&tree, "organisation.toml").replace("posts = [\"leader\"]", "posts = [\"auditor\"]");
    tree.insert("organisation.toml", organisation.into());
    assert_eq!(told(&tree), ["step `approval` is for a leader, but there is no such post in `ubnd-b`"]);
}

#[test]
fn communes_that_are_alike_are_all_named_if_they_lack_a_post() {
    let ids = ["ubnd-b", "ubnd-c", "ubnd-d"];
    let terms: String = ids.iter().map(|id| TERMS.replace("ubnd-b", id)).collect();
    let mut tree = communes("{ kind = \"commune\" }", &terms);
    let without = |id: &str| {
        COMMUNE.replace("ubnd-b", id).replace("H00.02", &format!("H00.{id}").to_uppercase().replace('-', "."))
    };
    let organisation = text(&tree, "organisation.toml").replace("posts = [\"leader\"]", "posts = [\"auditor\"]");
    let alike = without("ubnd-c").replace("posts = [\"leader\"]", "posts = [\"auditor\"]");
    tree.insert("organisation.toml", format!("{organisation}{alike}{}", without("ubnd-d")).into());
    let told: Vec<String> =
        check(&tree).mistakes.iter().map(|told| told.message.get(Language::En).to_owned()).collect();
    assert_eq!(told, ["step `approval` is for a leader, but there is no such post in `ubnd-b`, `ubnd-c`"]);
}

#[test]
fn the_limit_of_an_agency_that_is_too_short_for_the_steps_is_told_at_its_place() {
    let tree = communes("{ kind = \"commune\" }", &TERMS.replace("2 working-days", "2 working-hours"));
    let found = check(&tree).mistakes;
    assert_eq!(codes(&found), BTreeSet::from(["limits-exceed"]), "{found:?}");
    let line = text(&tree, SHARED).lines().position(|line| line == "limit = \"2 working-hours\"").expect("a line") + 1;
    assert_eq!((found[0].file.as_str(), found[0].line), (SHARED, line));
}

#[test]
fn a_mistake_in_an_agency_is_told_without_those_of_the_offers_that_name_it() {
    let mut tree = communes("{ agencies = [\"ubnd-b\", \"ubnd-xa\"] }", TERMS);
    let organisation = text(&tree, "organisation.toml").replacen("code = \"H00.02\"\n", "", 1);
    tree.insert("organisation.toml", organisation.into());
    let told = check(&tree)
        .mistakes
        .into_iter()
        .filter(Diagnostic::is_told)
        .map(|told| told.message.get(Language::En).to_owned());
    assert_eq!(told.collect::<Vec<_>>(), ["`code` is missing"]);
}

#[test]
fn a_step_at_a_unit_of_the_own_agency_is_at_that_unit_of_each_agency() {
    let mut tree = communes("{ kind = \"commune\" }", TERMS);
    let workflow = |tree: &mut Tree, unit: &str| {
        let own = text(tree, "workflows/one-stop.toml").replacen(
            "role = \"leader\"\n",
            &format!("role = \"leader\"\nat = \"./{unit}\"\n"),
            1,
        );
        tree.insert("workflows/xa.toml", own.into());
    };
    let procedure = text(&tree, SHARED).replacen("workflow = \"one-stop\"", "workflow = \"xa\"", 1);
    tree.insert(SHARED, procedure.into());
    workflow(&mut tree, "lanh-dao");
    let found = check(&tree);
    let workflow_of = &shared(&found).procedure.workflow;
    let there = workflow_of.in_agency(&"ubnd-b".into()).expect("it names a unit of the own agency");
    let place = there.steps.iter().find_map(|step| step.place.as_ref()).expect("a place");
    assert_eq!((place.agency.as_str(), place.unit.as_str()), ("ubnd-b", "lanh-dao"));
    workflow(&mut tree, "dia-chinh");
    let told: Vec<String> =
        check(&tree).mistakes.into_iter().map(|told| told.message.get(Language::En).to_owned()).collect();
    assert_eq!(told, ["step `approval` is at the unit `dia-chinh`, which is not in `ubnd-xa`"]);
}

#[test]
fn a_rule_that_names_no_agency_or_names_agencies_in_two_ways_is_a_mistake() {
    for rule in ["{}", "{ kind = \"commune\", under = \"ubnd-xa\" }", "{ under = \"ubnd-b\" }"] {
        let found = check(&communes(rule, ""));
        assert!(codes(&found.mistakes).contains("bad-offer"), "{rule}: {:?}", found.mistakes);
    }
    for rule in ["{ kind = \"comune\" }", "{ agencies = [\"ubnd-c\"] }", "{ under = \"ubnd-c\" }"] {
        let found = check(&communes(rule, ""));
        assert!(codes(&found.mistakes).contains("unknown-name"), "{rule}: {:?}", found.mistakes);
    }
}

#[test]
fn an_agency_with_a_shorter_limit_has_shorter_steps() {
    let told = |terms: &str| -> Vec<String> {
        let tree = communes("{ kind = \"commune\" }", &format!("{TERMS}{terms}"));
        check(&tree).mistakes.into_iter().map(|told| told.message.get(Language::En).to_owned()).collect()
    };
    assert_eq!(told(""), Vec::<String>::new());
    assert_eq!(told("step_limits = { processing = \"4 working-hours\" }\n"), Vec::<String>::new());
    assert_eq!(
        told("step_limits = { processing = \"3 working-days\" }\n"),
        ["the steps' limits sum to 29 working hours, and `2 working-days` has 16"]
    );
    assert_eq!(told("step_limits = { proces = \"1 working-hour\" }\n"), ["`proces` is not a known step"]);
}

#[test]
fn an_answer_that_leads_to_an_agency_is_an_entry_and_each_agency_has_areas_of_its_own() {
    let told = |field: &str, areas: [&str; 2]| -> Vec<String> {
        let rule = format!("{{ kind = \"commune\", led_by = \"{field}\" }}");
        let mut tree = communes(&rule, TERMS);
        let [one, two] = areas.map(|area| format!("areas = [{area}]\nkind ="));
        let organisation = text(&tree, "organisation.toml");
        let (before, after) = organisation.split_once("id = \"ubnd-b\"").expect("two communes");
        let (before, after) = (before.replacen("kind =", &one, 1), after.replacen("kind =", &two, 1));
        tree.insert("organisation.toml", format!("{before}id = \"ubnd-b\"{after}").into());
        check(&tree).mistakes.into_iter().map(|told| told.message.get(Language::En).to_owned()).collect()
    };
    assert_eq!(told("owner.address.commune", ["'1'", "'2'"]), Vec::<String>::new());
    assert_eq!(told("depth", ["'1'", "'2'"]), ["`depth` is not the answer to a question for an entry of a registry"]);
    assert_eq!(told("owner.address.commune", ["'1'", ""]), ["no answer leads to `ubnd-b`, because they have no areas"]);
    assert_eq!(told("owner.address.commune", ["'1'", "'1'"]), ["the area `1` leads to `ubnd-xa` and to `ubnd-b`"]);
}

#[test]
fn a_question_that_leads_to_the_agency_is_renamed_in_the_rule_too() {
    let tree = communes("{ kind = \"commune\", led_by = \"owner.address.commune\" }", TERMS);
    let name = NewName { kind: NamedKind::Field, old: "owner".to_owned(), new: "holder".to_owned() };
    let patches = rename(&tree, "cap-xa", "khoan-gieng-nho", &name).expect("it is certain");
    let after = text(&applied(&tree, &patches).expect("the patches lie within the texts"), SHARED);
    assert!(after.contains("led_by = \"holder.address.commune\"") && after.contains("id = \"holder\""), "{after}");
    // The other procedure has a question of the same name.
    assert!(patches.keys().all(|file| file.starts_with("procedures/cap-xa/")), "{patches:?}");
}

#[test]
fn the_terms_of_an_agency_are_set_by_its_id() {
    let before = text(&communes("{ kind = \"commune\" }", TERMS), SHARED);
    let patch = set_in_procedure(&before, "offer[ubnd-b].limit", "1 working-day").expect("a patch");
    let wanted = before.replacen("limit = \"2 working-days\"", "limit = \"1 working-day\"", 1);
    assert_ne!(wanted, before);
    assert_eq!(TextPatch::apply(&before, &[patch]), Some(wanted));
}

#[test]
fn an_agency_above_stands_before_in_the_file_so_that_no_ring_is_possible() {
    let mut tree = communes("{ kind = \"commune\" }", TERMS);
    let organisation = text(&tree, "organisation.toml").replacen("kind =", "parent = \"ubnd-b\"\nkind =", 1);
    tree.insert("organisation.toml", organisation.into());
    let found = check(&tree);
    let told: Vec<&str> = found.mistakes.iter().map(|mistake| mistake.message.get(Language::En)).collect();
    assert!(
        told.iter().any(|told| told.contains("`ubnd-b` cannot be above this one, because it is below it")),
        "{told:?}"
    );
    assert_eq!(codes(&found.mistakes), BTreeSet::from(["unknown-name"]), "{told:?}");
}

#[test]
fn two_procedures_at_one_address_of_an_agency_are_a_mistake() {
    let mut tree = communes("{ kind = \"commune\" }", TERMS);
    let other = text(&tree, SHARED).replace("1.004240", "1.004241");
    tree.insert("procedures/xa/khoan-gieng-nho/procedure.toml", other.into());
    tree.insert("procedures/xa/khoan-gieng-nho/forms/ban-do.docx", b"a form".to_vec());
    let found = check(&tree).mistakes;
    assert_eq!(codes(&found), BTreeSet::from(["duplicate"]), "{found:?}");
    assert!(found[0].message.get(Language::En).contains("procedures/cap-xa/khoan-gieng-nho"), "{found:?}");
}

fn live(found: &FoundInstall, retired: bool) -> Live {
    let procedure = shared(found).procedure.clone();
    let (code, version) = (procedure.code.clone(), procedure.digest());
    let (by, changes) = (String::new(), Vec::new());
    let release = Release { number: 1, code, version: version.clone(), retired, by_folder: true, at: 0, by, changes };
    let offers = OfferReader::new(&found.install.province).offers_of(&procedure);
    Live { procedure, version, history: vec![release], offers }
}

#[test]
fn each_agency_offers_a_procedure_at_an_address_of_its_own() {
    let found = check(&communes("{ kind = \"commune\" }", TERMS));
    for retired in [false, true] {
        let snapshot = Snapshot::new(1, vec![live(&found, retired)], &[]).expect("a snapshot");
        let at = |group: &str| {
            let offer = snapshot.offer_at(&format!("/procedures/{group}/khoan-gieng-nho"))?;
            Some(offer.agency.map(AgencyId::to_string))
        };
        assert_eq!(at("cap-xa"), Some(None), "the procedure as a whole");
        assert_eq!(at("ubnd-xa"), Some(Some("ubnd-xa".to_owned())));
        assert_eq!(at("ubnd-b"), Some(Some("ubnd-b".to_owned())));
        assert_eq!(at("ubnd-c"), None);
    }
}

#[test]
fn the_search_finds_a_procedure_of_several_agencies_once_and_at_each_of_them() {
    let found = check(&communes("{ kind = \"commune\" }", TERMS));
    let snapshot = Snapshot::new(1, vec![live(&found, false)], &[]).expect("a snapshot");
    let find = |agency: &str| {
        let wanted = SearchWish { words: "giếng".to_owned(), agency: agency.to_owned(), ..SearchWish::default() };
        snapshot.find(&wanted).expect("a search").len()
    };
    assert_eq!((find(""), find("ubnd-xa"), find("ubnd-b"), find("ubnd-c")), (1, 1, 1, 0));
}
