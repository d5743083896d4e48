//! Drafts, which applicants fill in over days with files, and which are saved at every step.

mod agency;
mod counter;
mod delivery;
mod earlier;
mod filing;
mod invited;
mod results;
mod seen;
mod signers;
mod start;
mod supplement;
mod wallet;

pub use counter::CounterOffer;
pub use earlier::EarlierDossier;
pub use filing::UsedDraft;
pub use invited::{DraftToSign, InvitationView, SignedDossier, SigningLine, SigningView};
pub use seen::{DraftPart, DraftSeen, PageSeen};
pub use signers::{DraftSigning, LinkSecret, SignerView, SigningState};

use crate::common::CommonParts;
use crate::dossiers::DossierService;
use crate::files::{FileService, WantedFiles};
use crate::ids::IdSource;
use crate::plugins::PluginService;
use crate::procedures::ProcedureService;
use crate::quotas::AccountQuotas;
use crate::rights::applicant;
use crate::typed::typed_in;
use crate::{Error, InputRule, TimeSource};
use agency::no_agency;
use futures::Stream;
use jiff::Timestamp;
use motcua_catalogue::Province;
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::decide::{GivenPapers, findings, owed};
use motcua_domain::dossier::event::Applicant;
use motcua_domain::expression::RuleFault;
use motcua_domain::form::judge::{Finding, Judged, Severity};
use motcua_domain::form::{Field, taken};
use motcua_domain::media::AttachedPaper;
use motcua_domain::names::{Digest, PaperId, UserId};
use motcua_domain::people::access::{Deed, may};
use motcua_domain::people::organisation::Actor;
use motcua_domain::procedure::co_signer::SignedContent;
use motcua_domain::procedure::delivery::PostalAddress;
use motcua_domain::procedure::{AttachmentPlace, FeeLine, Procedure};
use motcua_domain::text::Text;
use motcua_domain::time::calendar::Limit;
use motcua_store::drafts::{Attached, Draft, DraftPaper, DraftToFile};
use motcua_store::files::FileContent;
use motcua_store::wallet::WalletPaper;
use motcua_store::{Database, Transaction, drafts, journal};
use seen::FieldMeeting;
use serde_json::{Map, Value as Json};
use std::sync::Arc;
use uuid::Uuid;

/// A draft with the version of the procedure that it follows.
#[derive(Debug, Clone)]
pub struct DraftView {
    pub draft: Draft,
    pub procedure: Arc<Procedure>,
    /// The dossier that it supplements, if any.
    pub dossier: Option<Dossier>,
    /// The name of the agency to which the applicant applies, if the province still has this agency.
    pub agency_name: Option<Text>,
    /// The name of the applicant for whom an officer fills the draft in, or an empty text.
    pub for_person: String,
}

impl DraftView {
    /// Returns the files that are attached as a paper, or at a file field.
    pub(crate) fn attached_as(&self, paper: &PaperId) -> impl Iterator<Item = &DraftPaper> {
        self.draft.papers.iter().filter(move |file| file.attached.paper == *paper)
    }

    /// Returns the papers that a counter has seen on paper: the officer who fills the draft in, or an officer who gave
    /// papers of the dossier that is supplemented.
    pub fn on_paper(&self) -> &[PaperId] {
        match (&self.draft.intake, &self.dossier) {
            (Some(intake), _) => &intake.on_paper,
            (None, Some(dossier)) => &dossier.on_paper,
            (None, None) => &[],
        }
    }

    /// Returns whether an officer fills the draft in at the counter.
    pub const fn is_at_counter(&self) -> bool {
        self.draft.intake.is_some()
    }

    /// Returns the place where a file may be attached. A draft that has moved to another version of its procedure may
    /// lack a place that an older page still shows.
    pub(crate) fn place(&self, paper: &PaperId) -> Result<AttachmentPlace<'_>, Error> {
        self.procedure.place(paper).ok_or(Error::Invalid(InputRule::PaperGone))
    }

    /// Returns the attached file with this content. Among files with the same content, `name` selects one.
    fn attached_file(&self, digest: &Digest, name: &str) -> Option<&AttachedPaper> {
        let same = |paper: &&DraftPaper| paper.attached.file.digest == *digest;
        let named = self.draft.papers.iter().filter(same).find(|paper| paper.attached.file.name == name);
        named.or_else(|| self.draft.papers.iter().find(same)).map(|paper| &paper.attached)
    }
}

/// The obstacles to filing a draft.
#[derive(Debug, Clone)]
pub struct DraftReview {
    pub values: Map<String, Json>,
    pub findings: Vec<Finding>,
    pub fees: Vec<FeeLine>,
    /// The limit of the agency for these answers.
    pub limit: Limit,
    /// The name of the agency to which the draft would be filed.
    pub agency_name: Option<Text>,
    /// The plugin did not answer, so an officer checks instead.
    pub plugin_failed: bool,
    /// The content that is filed if nothing changes.
    pub seen: DraftSeen,
    /// The people who have to sign this content.
    pub signing: DraftSigning,
    /// The address to which the result goes by post. `None` for the counter.
    pub post: Option<PostalAddress>,
    /// The fault of the rules, because of which the draft cannot be filed.
    pub fault: Option<RuleFault>,
}

/// A page of a draft after it was saved.
#[derive(Debug, Clone)]
pub struct SavedDraft {
    pub view: DraftView,
    /// The fields that another page changed meanwhile. They are not saved, and `view` has the posted answers.
    pub overlaps: Vec<FieldOverlap>,
}

/// A field that two pages of the same draft changed in different ways.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldOverlap {
    pub field: String,
    /// The answer that the other page wrote and that the draft has.
    pub stored: Json,
}

impl DraftReview {
    /// Returns whether nothing prevents filing.
    pub fn complete(&self) -> bool {
        self.fault.is_none() && self.findings.iter().all(|finding| finding.severity != Severity::Error)
    }
}

/// The drafts of applicants, up to filing them.
#[derive(Debug)]
pub struct DraftService {
    database: Database,
    clock: TimeSource,
    ids: IdSource,
    province: Arc<Province>,
    quotas: AccountQuotas,
    files: Arc<FileService>,
    procedures: Arc<ProcedureService>,
    plugins: Arc<PluginService>,
    dossiers: Arc<DossierService>,
}

impl DraftService {
    pub(crate) fn new(
        common: &CommonParts,
        quotas: AccountQuotas,
        files: Arc<FileService>,
        procedures: Arc<ProcedureService>,
        plugins: Arc<PluginService>,
        dossiers: Arc<DossierService>,
    ) -> Self {
        let CommonParts { database, clock, ids, province } = common.clone();
        Self { database, clock, ids, province, quotas, files, procedures, plugins, dossiers }
    }

    fn renumbered(&self, papers: impl Iterator<Item = AttachedPaper>) -> Vec<DraftPaper> {
        papers.map(|attached| DraftPaper { id: self.ids.next(), attached }).collect()
    }

    /// Returns a draft, for its owner or for the officer who fills it in at the counter.
    pub async fn draft(&self, actor: &Actor, id: Uuid) -> Result<DraftView, Error> {
        Ok(self.draft_to_file(actor, id).await?.0)
    }

    /// Returns a draft that `actor` fills in, its applicant, and how many dossiers they filed within the last hour.
    pub(crate) async fn draft_to_file(&self, actor: &Actor, id: Uuid) -> Result<(DraftView, Applicant, u64), Error> {
        let owner = if may(actor, Deed::MeetApplicant, None) { None } else { Some(applicant(actor)?) };
        let found = self.found_draft(id, owner).await?;
        if Self::fills_in(actor, &found.0) { Ok(found) } else { Err(Error::NotFound) }
    }

    /// Returns a draft as [`Self::draft_to_file`] does, of this owner or of anybody.
    async fn found_draft(&self, id: Uuid, owner: Option<&UserId>) -> Result<(DraftView, Applicant, u64), Error> {
        let reader = self.database.reader();
        let found = drafts::draft_to_file(reader, id, self.quotas.an_hour_ago()).await?;
        let found =
            found.filter(|found| owner.is_none_or(|owner| found.draft.account == *owner)).ok_or(Error::NotFound)?;
        let DraftToFile { mut draft, applicant, filed } = found;
        let dossier = match &draft.dossier {
            Some(code) => journal::dossier(reader, code).await?,
            None => None,
        };
        // A supplement follows the version that its dossier has now. A migration therefore moves every open supplement
        // with its dossier, and the row's version only says where the supplement was begun.
        if let Some(dossier) = &dossier {
            draft.version.clone_from(&dossier.procedure);
        }
        let procedure = self.procedures.version(&draft.version).await?;
        let mut view = DraftView::new(draft, procedure, dossier, &self.province);
        if view.is_at_counter() {
            view.for_person.clone_from(&applicant.name);
        }
        Ok((view, applicant, filed))
    }

    /// Returns the applicant's drafts, latest first, with the names of their procedures.
    pub async fn list(&self, actor: &Actor) -> Result<Vec<DraftView>, Error> {
        let account = applicant(actor)?;
        let mut views = Vec::new();
        for draft in drafts::drafts_of(self.database.reader(), account).await? {
            let procedure = self.procedures.version(&draft.version).await?;
            views.push(DraftView::new(draft, procedure, None, &self.province));
        }
        Ok(views)
    }

    /// Saves the answers of one page as they were typed. Fields of other pages stay as they are.
    pub async fn save_page(
        &self,
        actor: &Actor,
        id: Uuid,
        section: usize,
        posted: &[(String, String)],
    ) -> Result<DraftView, Error> {
        let view = self.draft(actor, id).await?;
        let section = view.procedure.form.sections.get(section).ok_or(Error::NotFound)?;
        let questions: Vec<String> = section.fields.iter().map(|field| field.id.clone()).collect();
        Ok(self.save_seen(actor, id, &questions, posted, &PageSeen::default()).await?.view)
    }

    /// Saves the fields of a page that the person changed, by the content that the page remembers to have shown. `questions`
    /// has the ids of the page's fields, which may stand in several sections of the form. Others are left out.
    ///
    /// A field that another page changed meanwhile stays as it is.
    pub async fn save_seen(
        &self,
        actor: &Actor,
        id: Uuid,
        questions: &[String],
        posted: &[(String, String)],
        seen: &PageSeen,
    ) -> Result<SavedDraft, Error> {
        let mut view = self.draft(actor, id).await?;
        let procedure = view.procedure.clone();
        let fields = procedure.form.fields().map(|(_, field)| field);
        let fields: Vec<&Field> = fields.filter(|field| questions.contains(&field.id)).collect();
        let transaction = self.database.begin().await?;
        // The lock keeps others from changing the draft.
        let stored = transaction.lock_draft(id).await?.ok_or(Error::NotFound)?.typed;
        let (mut answers, mut overlaps) = (Map::new(), Vec::new());
        for (field, value) in typed_in(fields.iter().copied(), "", posted) {
            let stored = stored.get(&field).unwrap_or(&Json::Null);
            match seen.meet(&field, &value, stored) {
                FieldMeeting::Keep => {}
                FieldMeeting::Write => {
                    answers.insert(field, value);
                }
                FieldMeeting::Overlap => {
                    let stored = stored.clone();
                    overlaps.push((value, FieldOverlap { field, stored }));
                }
            }
        }
        // The applicant has looked over the answers of the page.
        let mut marks = taken::marks_alone(&stored);
        if taken::unmark(&mut marks, |id| fields.iter().any(|field| field.id == id)) {
            answers.extend(marks);
        }
        // The account is that of the person who files, and says nothing about a person for whom they file.
        if !procedure.on_behalf.is_nobody() {
            let mut typed = stored;
            typed.extend(answers.clone());
            if procedure.on_behalf.person(&typed).is_some() {
                answers.extend(taken::emptied(&typed, taken::ACCOUNT));
            }
        }
        let saved = transaction.save_draft(id, answers, self.clock.now().as_second()).await?.ok_or(Error::NotFound)?;
        view.draft = Draft { version: view.draft.version, ..saved };
        if is_too_large(&view.draft.typed) {
            return Err(Error::Invalid(InputRule::DraftTooLarge));
        }
        transaction.commit().await?;
        let posted = |(value, overlap): (Json, FieldOverlap)| {
            view.draft.typed.insert(overlap.field.clone(), value);
            overlap
        };
        let overlaps = overlaps.into_iter().map(posted).collect();
        Ok(SavedDraft { view, overlaps })
    }

    /// Returns the values of a draft: normalised, without hidden fields.
    pub fn values(&self, view: &DraftView) -> Map<String, Json> {
        self.procedures.judge(&view.procedure, &view.draft.typed, &view.draft.attached()).values
    }

    /// Returns the obstacles to filing.
    pub async fn review(&self, view: &DraftView) -> Result<DraftReview, Error> {
        self.review_at(view, self.clock.now()).await
    }

    /// Returns the obstacles to filing at this time.
    pub(crate) async fn review_at(&self, view: &DraftView, now: Timestamp) -> Result<DraftReview, Error> {
        let papers = view.draft.attached();
        let DraftView { draft, procedure, .. } = view;
        let verdicts = self.plugins.verdicts(procedure, draft, now).await?;
        let (agency, unled) = self.shown_agency(view)?;
        let given = GivenPapers { attached: &papers, on_paper: view.on_paper() };
        let judged = findings(self.procedures.rules(procedure), &agency, &draft.typed, given, &verdicts, now);
        let Judged { values, mut findings, fault } = judged;
        if let Some(fault) = &fault {
            // Findings about half of a form may blame the applicant for the other half.
            findings.clear();
            self.procedures.tell_fault(&draft.version, procedure, draft.dossier.as_ref(), fault).await;
            if let Some(code) = &draft.dossier {
                Box::pin(self.dossiers.extend(code, fault.clone())).await?;
            }
        }
        let told = unled.filter(|_| fault.is_none()).and_then(|field| no_agency(field, &findings));
        let delivery = self.delivery(view, now);
        findings.extend(told.into_iter().chain(delivery.findings));
        let plugin_failed = verdicts.iter().any(|verdict| verdict.fault.is_some());
        let agency_name = self.province.agency(&agency).map(|agency| agency.name.clone());
        let limit = procedure.limit_for(&agency, &values, now);
        let fees = owed(procedure, &agency, &values, &verdicts, now);
        let seen = DraftSeen::of_filing(&draft.version, &agency, &values, &papers, &fees, Some(limit));
        let (seen, post) = (seen.delivered_to(delivery.post.as_ref()).asked_at(now), delivery.post);
        let content = SignedContent { agency: &agency, values: &values, papers: &papers, fees: &fees };
        let signing = DraftSigning::of(view, content, now);
        Ok(DraftReview { values, findings, fees, limit, agency_name, plugin_failed, seen, signing, post, fault })
    }

    /// Attaches a file as a paper while it streams in. A repeated upload attaches nothing twice.
    pub async fn attach<E>(
        &self,
        actor: &Actor,
        id: Uuid,
        paper: &PaperId,
        name: &str,
        content: impl Stream<Item = Result<impl AsRef<[u8]>, E>> + Unpin,
    ) -> Result<(), Error> {
        let view = self.draft(actor, id).await?;
        self.attach_instead(&view, paper, name, content, &[]).await
    }

    /// Stores a file and attaches it in the place of those in `instead_of`. The wallet gets the file, too.
    pub(crate) async fn attach_instead<E>(
        &self,
        view: &DraftView,
        paper: &PaperId,
        name: &str,
        content: impl Stream<Item = Result<impl AsRef<[u8]>, E>> + Unpin,
        instead_of: &[Uuid],
    ) -> Result<(), Error> {
        let wanted = view.place(paper)?;
        self.quotas.may_upload(&view.draft).await?;
        // Judging a rejected file costs as much as judging an accepted one.
        self.quotas.count_file(&view.draft).await?;
        let taken = WantedFiles { kinds: wanted.accept, max_bytes: wanted.max_bytes };
        let file = self.files.take_file(name, content, taken).await?;
        self.quotas.count_bytes(&view.draft, file.bytes).await?;
        let added_at = self.clock.now().as_second();
        let kept = WalletPaper { file: file.clone(), paper_name: wanted.name.vi.clone(), added_at };
        let transaction = self.database.begin().await?;
        transaction.lock_account(view.draft.filled_by()).await?;
        self.attach_stored(&transaction, view, AttachedPaper { paper: paper.clone(), file }, instead_of).await?;
        // The applicant does not see what a counter scans before it is filed.
        if !view.is_at_counter() {
            transaction.keep_in_wallet(&view.draft.account, &kept).await?;
        }
        self.quotas.within(&transaction, &view.draft).await?;
        Ok(transaction.commit().await?)
    }

    /// Attaches a stored file. If the same request attached it before, the answer is the same.
    pub(crate) async fn attach_stored(
        &self,
        transaction: &Transaction,
        view: &DraftView,
        attached: AttachedPaper,
        instead_of: &[Uuid],
    ) -> Result<(), Error> {
        let most = view.place(&attached.paper)?.max_files;
        let paper = DraftPaper { id: self.ids.next(), attached };
        match transaction.attach(view.draft.id, &paper, instead_of, most, self.clock.now().as_second()).await? {
            Attached::Done => Ok(()),
            Attached::Full => Err(Error::Invalid(InputRule::TooManyFiles)),
            Attached::NoDraft => Err(Error::NotFound),
        }
    }

    /// Removes a paper from a draft.
    pub async fn detach(&self, actor: &Actor, id: Uuid, paper: Uuid) -> Result<(), Error> {
        self.draft(actor, id).await?;
        let transaction = self.database.begin().await?;
        if !transaction.detach(id, paper, self.clock.now().as_second()).await? {
            return Err(Error::NotFound);
        }
        Ok(transaction.commit().await?)
    }

    /// Deletes a draft that `actor` fills in. Deleting it again changes nothing.
    pub async fn discard_draft(&self, actor: &Actor, id: Uuid) -> Result<(), Error> {
        let account = match self.draft(actor, id).await {
            Ok(view) => view.draft.account,
            Err(Error::NotFound) => return Ok(()),
            Err(error) => return Err(error),
        };
        let transaction = self.database.begin().await?;
        transaction.remove_draft(&account, id).await?;
        Ok(transaction.commit().await?)
    }

    /// Opens a file that is attached to a draft. Among files with the same content, `name` selects one.
    pub async fn draft_file(
        &self,
        actor: &Actor,
        id: Uuid,
        digest: &Digest,
        name: &str,
    ) -> Result<(AttachedPaper, FileContent), Error> {
        self.open_attached(&self.draft(actor, id).await?, digest, name).await
    }

    /// Opens a file that is attached to this draft.
    async fn open_attached(
        &self,
        view: &DraftView,
        digest: &Digest,
        name: &str,
    ) -> Result<(AttachedPaper, FileContent), Error> {
        let attached = view.attached_file(digest, name).ok_or(Error::NotFound)?.clone();
        let content = self.files.open_file(&attached.file).await?;
        Ok((attached, content))
    }
}

/// The largest draft, in bytes of JSON.
const LARGEST_DRAFT: usize = 512 << 10;

/// Returns whether the answers of a draft are more than a draft may have.
fn is_too_large(typed: &Map<String, Json>) -> bool {
    serde_json::to_string(typed).map_or(usize::MAX, |text| text.len()) > LARGEST_DRAFT
}
