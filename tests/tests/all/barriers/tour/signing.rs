//! The part of the tour on which another person signs a draft.

use super::Tour;
use crate::co_signing;
use motcua_tests::browser::Browser;
use motcua_tests::portal::PASSWORD;

impl Tour<'_> {
    /// Signs the draft of another person by a link.
    pub(super) async fn signing(&mut self, applicant: &Browser) {
        let draft = co_signing::signed_draft(self.app, applicant).await;
        self.open(applicant, &format!("{draft}/signers")).await;
        let secret = co_signing::invite(applicant, &draft).await;
        self.open(applicant, &format!("{draft}/signers")).await;
        self.open(applicant, &format!("{draft}/review")).await;

        let mother = self.sit_down().await;
        mother.register("Nguyễn Thị Ngân", "0911222444", PASSWORD).await;
        self.open(&mother, &format!("/sign?link={secret}")).await;
        let fields = [("link", secret.as_str()), ("number", "074195000322")];
        self.send(&mother, "a wrong number", "/sign", &fields).await;
        let signing = co_signing::accept(&mother, &secret).await;
        self.open(&mother, &signing).await;
        self.send(&mother, "a refusal without reason", &format!("{signing}/decline"), &[]).await;
        self.open(&mother, "/account").await;
    }
}
