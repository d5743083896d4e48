//! The part of the tour on which an applicant chooses how to get a result, before and after filing.

use super::Tour;
use crate::two_tabs::with;
use motcua_tests::browser::Browser;
use motcua_tests::walk::{self, BY_POST};

impl Tour<'_> {
    pub(super) async fn delivery(&mut self, applicant: &Browser) {
        let page = format!("{}/delivery", walk::certificate_draft(applicant).await);
        self.open(applicant, &page).await;
        self.send(applicant, "an address that is asked", &page, &[("_delivery.way", "post")]).await;
        let empty = with(BY_POST, &[("_delivery.address.detail", "")]);
        self.send(applicant, "an address that is not complete", &page, &empty).await;
        self.send(applicant, "a review with an address", &page, BY_POST).await;
        let dossier = walk::certificate(applicant).await;
        self.open(applicant, &format!("{dossier}/receipt")).await;
        self.open(applicant, &dossier).await;
        let page = format!("{dossier}/delivery");
        self.open(applicant, &page).await;
        self.send(applicant, "another address that is not complete", &page, &empty).await;
        self.send(applicant, "the same address", &page, BY_POST).await;
    }
}
