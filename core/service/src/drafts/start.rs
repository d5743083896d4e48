//! The beginning of a draft.

use super::{DraftService, is_too_large};
use crate::admission::{admission, refusal};
use crate::procedures::given_before;
use crate::rights::applicant;
use crate::{Error, InputRule};
use motcua_catalogue::Live;
use motcua_domain::dossier::refusal::{Refusal, within};
use motcua_domain::form::account::AccountFacts;
use motcua_domain::form::{Field, taken};
use motcua_domain::names::{AgencyId, ProcedureCode, UserId};
use motcua_domain::people::organisation::Actor;
use motcua_domain::procedure::Procedure;
use motcua_store::drafts::Draft;
use motcua_store::{accounts, drafts};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

impl DraftService {
    /// Returns the applicant's draft for a procedure that one agency offers, as [`Self::start_draft_at`] does.
    pub async fn start_draft(&self, actor: &Actor, code: &ProcedureCode) -> Result<Uuid, Error> {
        self.start_draft_at(actor, code, None).await
    }

    /// Returns the applicant's draft for a procedure at an agency, and creates it if none exists. A second request at
    /// the same moment gets the draft of the first. Without an agency, only one may offer the procedure, or the answers
    /// lead to the agency.
    pub async fn start_draft_at(
        &self,
        actor: &Actor,
        code: &ProcedureCode,
        agency: Option<&AgencyId>,
    ) -> Result<Uuid, Error> {
        self.start_draft_with(actor, code, agency, &[]).await
    }

    /// Returns the questions before the form whose posted answers differ from those of the applicant's draft, with the
    /// answers of the draft. A question that was not answered before the form changes nothing.
    pub async fn begun_otherwise(
        &self,
        actor: &Actor,
        code: &ProcedureCode,
        agency: Option<&AgencyId>,
        posted: &[(String, String)],
    ) -> Result<Vec<(Field, Json)>, Error> {
        let account = applicant(actor)?;
        let catalogue = self.procedures.catalogue();
        let live = catalogue.procedure(code).ok_or(Error::NotFound)?;
        let given = given_answers(&live.procedure, posted);
        let agency = agency.or_else(|| live.only_agency());
        let drafts = drafts::drafts_of(self.database.reader(), account).await?;
        let begun = drafts.iter().find(|draft| is_begun(live, agency, draft));
        let (Some(begun), false) = (begun, given.is_empty()) else { return Ok(Vec::new()) };
        let begun = self.draft(actor, begun.id).await?.draft.typed;
        let differing = |field: &Field| {
            let answer = begun.get(&field.id).unwrap_or(&Json::Null);
            (given.get(&field.id)? != answer).then(|| (field.clone(), answer.clone()))
        };
        Ok(live.procedure.asked_twice().filter_map(differing).collect())
    }

    /// Writes the answers that were posted from the questions before the form into a draft.
    pub async fn take_given(&self, actor: &Actor, id: Uuid, posted: &[(String, String)]) -> Result<(), Error> {
        let view = self.draft(actor, id).await?;
        let mut given = given_answers(&view.procedure, posted);
        let mut typed = view.draft.typed;
        let mut marks = taken::marks_alone(&typed);
        taken::mark(&mut marks, of_case(&view.procedure, &given), taken::OWN_CASE);
        given.extend(marks);
        typed.extend(given.clone());
        if is_too_large(&typed) {
            return Err(Error::Invalid(InputRule::DraftTooLarge));
        }
        let transaction = self.database.begin().await?;
        transaction.save_draft(id, given, self.clock.now().as_second()).await?.ok_or(Error::NotFound)?;
        Ok(transaction.commit().await?)
    }

    /// Returns the same as [`Self::start_draft_at`]. A new draft begins with the answers that were posted from the
    /// questions before the form. A draft that was begun keeps its own.
    pub async fn start_draft_with(
        &self,
        actor: &Actor,
        code: &ProcedureCode,
        agency: Option<&AgencyId>,
        posted: &[(String, String)],
    ) -> Result<Uuid, Error> {
        let account = applicant(actor)?;
        let catalogue = self.procedures.catalogue();
        let live = catalogue.procedure(code).ok_or(Error::NotFound)?;
        if !live.is_open() {
            return Err(Refusal::Closed.into());
        }
        within(live.procedure.window, self.clock.now())?;
        let (agency, is_led) = (agency.or_else(|| live.only_agency()), live.procedure.led_by.is_some());
        if agency.is_none() && !is_led {
            return Err(Error::Invalid(InputRule::AgencyNotChosen));
        }
        if agency.is_some_and(|agency| !live.offers.contains(agency)) {
            return Err(Refusal::Closed.into());
        }
        let version = live.version.clone();
        let drafts = drafts::drafts_of(self.database.reader(), account).await?;
        let open = |draft: &&Draft| is_begun(live, agency, draft);
        // A draft without an agency is filed only where the procedure or the answers name one.
        let is_named = |draft: &Draft| draft.agency.as_ref() == agency || live.procedure.offered_by.is_none();
        let current = |draft: &&Draft| open(draft) && draft.version == version && is_named(draft);
        if let Some(draft) = drafts.iter().find(current) {
            return Ok(draft.id);
        }
        self.check_bounds(&live.procedure, agency, account).await?;
        let is_begun = drafts.iter().any(|draft| open(&draft));
        let typed = self.first_answers(live, account, is_begun, posted).await?;
        if is_too_large(&typed) {
            return Err(Error::Invalid(InputRule::DraftTooLarge));
        }
        let now = self.clock.now().as_second();
        let mut draft = Draft {
            id: self.ids.next(),
            account: account.clone(),
            procedure: code.clone(),
            version: version.clone(),
            agency: agency.cloned(),
            dossier: None,
            typed,
            papers: Vec::new(),
            created_at: now,
            updated_at: now,
            intake: None,
        };
        let transaction = self.database.begin().await?;
        transaction.lock_account(account).await?;
        let drafts = drafts::drafts_of(transaction.connection(), account).await?;
        if let Some(begun) = drafts.iter().find(current) {
            return Ok(begun.id);
        }
        // A draft of an older version moves to the new one. It keeps the answers that still fit, and nothing typed is
        // lost. The draft is locked before it is read. A page that is saved at the same moment is therefore moved too,
        // or its sender gets an error.
        if let Some(old) = drafts.iter().find(open)
            && let Some(old) = transaction.lock_draft(old.id).await?
        {
            draft.typed = old.typed;
            draft.papers = self.renumbered(old.papers.into_iter().map(|paper| paper.attached));
            transaction.remove_draft(account, old.id).await?;
        } else {
            self.quotas.may_begin_draft(&drafts)?;
        }
        transaction.add_draft(&draft).await?;
        transaction.commit().await?;
        Ok(draft.id)
    }

    /// Returns the answers of a new draft that nobody typed into its form: the proposals of plugins, the answers that were
    /// posted from before the form, and facts of the account. A draft that is continued gets only what was posted.
    async fn first_answers(
        &self,
        live: &Live,
        account: &UserId,
        is_begun: bool,
        posted: &[(String, String)],
    ) -> Result<Map<String, Json>, Error> {
        let procedure = &live.procedure;
        let known = accounts::by_id(self.database.reader(), account).await?.filter(|_| !is_begun);
        let mut typed = match &known {
            Some(known) => {
                let applicant = json!({ "name": known.name, "phone": known.phone, "email": known.email });
                self.plugins.proposals(procedure, &live.version, account, applicant).await?
            }
            None => Map::new(),
        };
        take_given_before(&mut typed, procedure, posted);
        // The account says nothing about another person for whom somebody files.
        if let Some(known) = &known
            && procedure.on_behalf.person(&typed).is_none()
        {
            let facts = AccountFacts { name: &known.name, phone: &known.phone, email: known.email.as_deref() };
            take_facts(&mut typed, procedure, facts);
        }
        Ok(typed)
    }

    /// Refuses a draft that a bound of its procedure would keep from being filed now. The transaction of the filing
    /// decides, and this saves people from filling in the form without success.
    pub(super) async fn check_bounds(
        &self,
        procedure: &Procedure,
        agency: Option<&AgencyId>,
        account: &UserId,
    ) -> Result<(), Error> {
        let admission = admission(procedure, agency, account, &Map::new(), self.clock.now());
        let Some(admission) = admission else { return Ok(()) };
        match admission.refused(self.database.reader()).await? {
            Some(refused) => Err(refusal(refused, account).into()),
            None => Ok(()),
        }
    }
}

/// Writes the answers from before the form into those of a new draft. Those of a case are marked, because the form asks
/// them as if nobody had.
fn take_given_before(typed: &mut Map<String, Json>, procedure: &Procedure, posted: &[(String, String)]) {
    typed.extend(given_before(procedure, posted));
    taken::mark(typed, of_case(procedure, &given_answers(procedure, posted)), taken::OWN_CASE);
}

/// Writes facts of the account into those answers of a new draft that are still empty, and marks them.
fn take_facts(typed: &mut Map<String, Json>, procedure: &Procedure, facts: AccountFacts<'_>) {
    let mut answers = facts.answers(&procedure.form);
    answers.retain(|id, _| typed.get(id).is_none_or(|answer| answer.is_null() || answer.as_str() == Some("")));
    let ids: Vec<String> = answers.keys().cloned().collect();
    typed.extend(answers);
    taken::mark(typed, ids, taken::ACCOUNT);
}

/// Returns the questions among these answers that only a case asks before the form.
fn of_case(procedure: &Procedure, given: &Map<String, Json>) -> Vec<String> {
    given.keys().filter(|id| !procedure.is_asked_before(id)).cloned().collect()
}

/// Returns whether an applicant's draft is the one that is continued at an agency, under any version of the procedure.
fn is_begun(live: &Live, agency: Option<&AgencyId>, draft: &Draft) -> bool {
    let is_led = live.procedure.led_by.is_some();
    let is_there = draft.agency.as_ref() == agency || (draft.agency.is_none() && !is_led);
    draft.procedure == live.procedure.code && draft.dossier.is_none() && is_there
}

/// Returns the posted answers that go on into the form, without those that are empty.
fn given_answers(procedure: &Procedure, posted: &[(String, String)]) -> Map<String, Json> {
    let mut given = given_before(procedure, posted);
    given.retain(|_, answer| !answer.is_null() && answer.as_str() != Some(""));
    given
}
