//! The delivery of a result by post: the applicant's choice, and the item that the counter hands to a carrier.

use crate::office::{Office, straight};
use crate::support::{act, applicant, calendar, command, filing, officer, procedure, start};
use motcua_domain::dossier::command::{Act, Command, Filing};
use motcua_domain::dossier::decide::{Rules, decide, decide_filing};
use motcua_domain::dossier::event::{Event, Recorded};
use motcua_domain::dossier::receiver::ReceiverInput;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::dossier::{Dossier, notice_of};
use motcua_domain::money::Dong;
use motcua_domain::people::organisation::{Actor, Role};
use motcua_domain::procedure::Procedure;
use motcua_domain::procedure::delivery::{DELIVERY, PostalAddress, PostalOffer};
use motcua_domain::registry::{Registries, Registry, RegistryEntry};
use motcua_domain::text::Text;
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

fn registries() -> Registries {
    let entry = |code: &str, name: &str, parent: Option<&str>| RegistryEntry {
        code: code.into(),
        name: Text::vi(name),
        parent: parent.map(str::to_owned),
        former: Vec::new(),
    };
    let provinces = Registry::new(vec![entry("74", "Bình Dương", None)]);
    let communes = Registry::new(vec![entry("25747", "Phú Cường", Some("74"))]);
    Registries([("provinces".to_owned(), provinces.into()), ("communes".to_owned(), communes.into())].into())
}

/// Returns a procedure that sends results by post.
fn by_post() -> Procedure {
    Procedure { post: Some(PostalOffer { fee: Some(Dong(30_000)) }), ..procedure(straight(), 0) }
}

fn typed(name: &str) -> Map<String, Json> {
    let address = json!({ "province": "74", "commune": "25747", "detail": "12 Yersin" });
    let typed = json!({ "way": "post", "name": name, "phone": "0912 345 678", "address": address });
    typed.as_object().expect("an object").clone()
}

fn rules<'a>(office: &'a Office, registries: &'a Registries) -> Rules<'a> {
    Rules { procedure: &office.procedure, calendar: &office.calendar, registries, choices: &[] }
}

/// Files a dossier with this choice of the delivery.
fn filed(procedure: &Procedure, choice: Map<String, Json>) -> Result<Event, Refusal> {
    let (calendar, registries) = (calendar(), registries());
    let rules = Rules { procedure, calendar: &calendar, registries: &registries, choices: &[] };
    let typed = Map::from_iter([(DELIVERY.to_owned(), Json::Object(choice))]);
    decide_filing(rules, &applicant(), Filing { typed, ..filing() }, start())
}

/// Returns an office with a dossier whose result goes to this recipient by post.
fn sends_to(name: &str) -> Office {
    let mut office = Office::under(by_post());
    let event = filed(&office.procedure, typed(name)).expect("filed");
    let recorded = Recorded { at: start(), actor: applicant().reference(), event, choices: Vec::new() };
    office.dossier = Dossier::replay([&recorded]).expect("a dossier");
    office
}

fn does(office: &mut Office, actor: &Actor, command: Command) -> Result<Recorded, Refusal> {
    let registries = registries();
    let event = decide(rules(office, &registries), &office.dossier, actor, command, office.now)?;
    let recorded = Recorded { at: office.now, actor: actor.reference(), event, choices: Vec::new() };
    office.dossier.apply(&recorded).expect("an event of it");
    Ok(recorded)
}

fn change(typed: Map<String, Json>) -> Command {
    Command::ChangeDelivery { typed }
}

fn at_counter() -> Map<String, Json> {
    Map::from_iter([("way".to_owned(), json!("counter"))])
}

/// Leads the dossier to its result.
fn process(office: &mut Office) {
    for (role, action) in [(Role::Counter, "accept"), (Role::Specialist, "done")] {
        let step = command(act(&office.dossier, None, action, Role::Specialist));
        does(office, &officer(role, false), step).expect("it goes on");
    }
}

fn posts(office: &mut Office, seen: u32, carrier: &str, number: &str) -> Result<Recorded, Refusal> {
    let (carrier, number) = (carrier.to_owned(), number.to_owned());
    let receiver = Some(ReceiverInput::Post { carrier, number });
    let given = Act { receiver, seen, ..act(&office.dossier, None, "hand-over", Role::Counter) };
    does(office, &officer(Role::Counter, false), command(given))
}

#[test]
fn the_address_is_a_fact_of_the_dossier_beside_its_answers() {
    let office = sends_to(" Lê  Văn Bình ");
    let post = office.dossier.post.as_ref().expect("an address");
    assert_eq!(post.phone, "0912345678", "it is read as a phone number");
    assert_eq!(post.place(), "12 Yersin, Phú Cường, Bình Dương");
    assert_eq!(office.dossier.filed.values, Map::new());
    let again = office.procedure.delivery(&post.retyped(), &registries(), start());
    assert_eq!(again.post.as_ref(), Some(post), "the form for a change begins with it");
}

#[test]
fn an_address_with_a_mistake_is_not_filed_and_the_finding_names_its_question() {
    let mut wrong = typed("Bình");
    wrong.insert("address".to_owned(), json!({ "province": "74", "commune": "99999", "detail": "" }));
    let Err(Refusal::Incomplete(findings)) = filed(&by_post(), wrong) else { panic!("it is not complete") };
    let paths: Vec<&str> = findings.iter().map(|found| found.path.as_str()).collect();
    assert_eq!(paths, ["_delivery.address.commune", "_delivery.address.detail"]);
}

#[test]
fn a_procedure_without_the_offer_files_for_the_counter_as_earlier_versions_did() {
    let plain = procedure(straight(), 0);
    let Event::Filed(filed) = filed(&plain, typed("Bình")).expect("filed") else { panic!("a filing") };
    assert_eq!(filed.post, None);
    let stored = serde_json::to_value(&*filed).expect("JSON");
    assert!(stored.get("post").is_none(), "the event is as it was");
    let stored = serde_json::to_value(&plain).expect("JSON");
    assert!(stored.get("post").is_none(), "its digest is as it was");
    let read: PostalOffer = serde_json::from_value(json!({})).expect("an offer without a fee");
    assert_eq!(read.fee, None);
}

#[test]
fn the_applicant_changes_the_delivery_until_the_result_is_handed_over_and_nobody_else_does() {
    let mut office = sends_to("Bình");
    for actor in [officer(Role::Counter, false), officer(Role::Leader, false), Actor::System] {
        assert!(!office.dossier.may_change_delivery(&actor, &office.procedure), "{actor:?}");
        assert_eq!(does(&mut office, &actor, change(at_counter())).err(), Some(Refusal::NotAllowed), "{actor:?}");
    }
    assert!(office.dossier.may_change_delivery(&applicant(), &office.procedure));
    assert_eq!(does(&mut office, &applicant(), change(typed("Bình"))).err(), Some(Refusal::NothingChanges));
    let mut empty = typed("");
    empty.remove("address");
    assert!(matches!(does(&mut office, &applicant(), change(empty)), Err(Refusal::Incomplete(_))));
    let before = office.dossier.clone();
    let changed = does(&mut office, &applicant(), change(typed("Chi"))).expect("changed");
    assert_eq!(notice_of(&changed, Some(&before), &office.dossier), None, "nobody is told of their own choice");
    assert_eq!(office.dossier.post.as_ref().map(|post| post.name.as_str()), Some("Chi"));
    assert_eq!(office.dossier.news().supplement, office.dossier.version, "it is news to the officers");
    process(&mut office);
    does(&mut office, &applicant(), change(at_counter())).expect("the result is still there");
    assert_eq!(office.dossier.post, None);
    let hand_over = command(act(&office.dossier, None, "hand-over", Role::Counter));
    does(&mut office, &officer(Role::Counter, false), hand_over).expect("handed over");
    assert!(!office.dossier.may_change_delivery(&applicant(), &office.procedure));
    assert_eq!(does(&mut office, &applicant(), change(typed("An"))).err(), Some(Refusal::Ended));
}

#[test]
fn without_the_offer_nobody_asks_for_the_post_and_a_dossier_can_go_back_to_the_counter() {
    let mut office = Office::open(0);
    assert!(!office.dossier.may_change_delivery(&applicant(), &office.procedure));
    assert_eq!(does(&mut office, &applicant(), change(typed("An"))).err(), Some(Refusal::NotByPost));
    // A newer version does not offer the post any more.
    let mut office = sends_to("Bình");
    office.procedure.post = None;
    assert!(office.dossier.may_change_delivery(&applicant(), &office.procedure));
    does(&mut office, &applicant(), change(at_counter())).expect("changed");
    assert_eq!(office.dossier.post, None);
}

#[test]
fn the_item_has_a_carrier_and_a_number_and_the_applicant_is_told() {
    let mut office = sends_to("Bình");
    process(&mut office);
    let seen = office.dossier.version;
    for (carrier, number) in [("", "EB1"), ("VNPost", " "), ("V".repeat(201).as_str(), "EB1")] {
        assert_eq!(
            posts(&mut office, seen, carrier, number).err(),
            Some(Refusal::ItemIncomplete),
            "{carrier} {number}"
        );
    }
    let before = office.dossier.clone();
    let posted = posts(&mut office, seen, " VNPost ", "EB123456789VN").expect("handed to the post");
    let end = office.dossier.flow.ended.as_ref().expect("it ended");
    let receiver = end.receiver.as_deref().expect("it is written down");
    assert_eq!(receiver.line(), "Bình (VNPost), EB123456789VN");
    assert_eq!(notice_of(&posted, Some(&before), &office.dossier), Some("posted"));
}

#[test]
fn nothing_goes_to_the_post_without_an_address_or_to_an_address_that_the_officer_has_not_seen() {
    let mut office = Office::under(by_post());
    process(&mut office);
    let seen = office.dossier.version;
    assert_eq!(posts(&mut office, seen, "VNPost", "EB1").err(), Some(Refusal::NotByPost));
    let mut office = sends_to("Bình");
    process(&mut office);
    let seen = office.dossier.version;
    does(&mut office, &applicant(), change(typed("Chi"))).expect("changed");
    assert_eq!(posts(&mut office, seen, "VNPost", "EB1").err(), Some(Refusal::Changed));
    let seen = office.dossier.version;
    posts(&mut office, seen, "VNPost", "EB1").expect("the officer saw the address");
}

proptest! {
    /// A choice is either the counter, or an address that is read again as it is.
    #[test]
    fn whatever_is_typed_is_the_counter_or_a_complete_address(
        way in "post|counter||fax",
        name in "[ A-Za-zÀ-ỹ]{0,20}",
        phone in "0?[0-9 ]{0,11}",
        commune in "25747|Phú Cường|x?",
        detail in "[ -~]{0,20}",
    ) {
        let address = json!({ "province": "74", "commune": commune, "detail": detail });
        let typed = json!({ "way": way, "name": name, "phone": phone, "address": address });
        let typed = typed.as_object().expect("an object");
        let (procedure, registries) = (by_post(), registries());
        let judged = procedure.delivery(typed, &registries, start());
        match judged.post {
            None => prop_assert!(way != "post" || !judged.findings.is_empty()),
            Some(post) => {
                let PostalAddress { name, phone, .. } = &post;
                prop_assert!(way == "post" && judged.findings.is_empty() && !name.is_empty() && !phone.is_empty());
                let again = procedure.delivery(&post.retyped(), &registries, start());
                prop_assert_eq!(again.post, Some(post));
            }
        }
    }
}
