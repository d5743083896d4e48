//! A dossier that somebody files for another person, in the states that people meet.

use super::{TYPED, Tour};
use crate::two_tabs::with;
use motcua_tests::browser::Browser;
use motcua_tests::walk::{self, CERTIFICATE, PDF};

/// The answers to the pages of a form whose author lets people file for others.
const ANSWERS: [&[(&str, &str)]; 3] = [
    &[
        ("filing_for", "other"),
        ("represented_name", "Lê Thị Bình"),
        ("represented_number", "074195000321"),
        ("represented_phone", "0908111222"),
        ("represented_relation", "con gái"),
        ("do", "next"),
    ],
    &[
        ("full_name", "Lê Thị Bình"),
        ("birth_date", "02/09/1995"),
        ("citizen_number", "074195000321"),
        ("address", "12 Yersin, phường Phú Cường"),
        ("birth_place", "Bình Dương"),
        ("do", "next"),
    ],
    &[
        ("kind", "1"),
        ("residences.0.from_to", "Từ 9/2009 đến nay"),
        ("residences.0.place", "12 Yersin, phường Phú Cường"),
        ("copies", "1"),
        ("student", "false"),
        ("do", "next"),
    ],
];

impl Tour<'_> {
    /// Files for another person.
    pub(super) async fn for_another_person(&mut self, applicant: &Browser) {
        self.open(applicant, CERTIFICATE).await;
        let draft = walk::begin(applicant, CERTIFICATE).await;
        let first = format!("{draft}/1");
        self.open(applicant, &first).await;
        let other = [("filing_for", "other"), ("do", "next")];
        self.send(applicant, "the questions about another person", &first, &other).await;
        for (page, fields) in (1..).zip(ANSWERS) {
            applicant.post(&format!("{draft}/{page}"), &with(fields, &[TYPED])).await.ok();
        }
        self.open(applicant, &format!("{draft}/papers")).await;
        self.open(applicant, &format!("{draft}/review")).await;
        for paper in ["identity", "representation_proof"] {
            let address = format!("{draft}/papers/{paper}");
            applicant.upload(&address, &[], &[("file", "giấy tờ.pdf", PDF)]).await.ok();
        }
        let dossier = walk::file(applicant, &draft).await;
        self.open(applicant, &format!("{dossier}/receipt")).await;
        self.open(applicant, &dossier).await;
    }
}
