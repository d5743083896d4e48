//! The people who are officers, and the posts that the organisation chooses.

use crate::faulty::{check, codes, good, text};
use std::collections::BTreeSet;

#[test]
fn the_person_who_is_an_officer_is_known_by_numbers_in_one_spelling() {
    let mut tree = good();
    let before = text(&tree, "organisation.toml");
    let with = |more: &str| before.replacen("login = \"binh\"", &format!("login = \"binh\"\n{more}"), 1);
    let known = "citizen_number = \"074190001234\"\nphone = \"+84 912 345 678\"\nemail = \"binh@example.vn\"";
    tree.insert("organisation.toml", with(known).into());
    let found = check(&tree);
    assert!(found.mistakes.is_empty(), "{:?}", found.mistakes);
    let officer = found.install.province.officers.iter().find(|officer| officer.login == "binh").expect("an officer");
    let person = [&officer.citizen_number, &officer.phone, &officer.email].map(Option::as_deref);
    assert_eq!(person, [Some("074190001234"), Some("0912345678"), Some("binh@example.vn")]);
    for wrong in ["citizen_number = \"07419000123\"", "phone = \"12\"", "email = \"binh\""] {
        tree.insert("organisation.toml", with(wrong).into());
        assert_eq!(codes(&check(&tree).mistakes), BTreeSet::from(["bad-person"]), "{wrong}");
    }
}

#[test]
fn the_posts_that_close_the_cash_of_others_are_posts_of_their_unit() {
    let mut tree = good();
    let before = text(&tree, "organisation.toml");
    let posts = "posts = [\"leader\", \"auditor\", \"admin\"]";
    let with = |word: &str| before.replacen(posts, &format!("{posts}\ncloses_cash = [\"{word}\"]"), 1);
    assert_ne!(with("leader"), before);
    tree.insert("organisation.toml", with("leader").into());
    assert!(check(&tree).mistakes.is_empty());
    for wrong in ["specialist", "counter", "auditor"] {
        tree.insert("organisation.toml", with(wrong).into());
        assert_eq!(codes(&check(&tree).mistakes), BTreeSet::from(["unknown-name"]), "{wrong}");
    }
}
