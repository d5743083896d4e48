//! Lists for people, each limited to the rows that they may see.

mod filters;
mod person;

pub use filters::{AskedFilters, DeskCriterion, DeskFilters, FilterChoice};
pub use person::{FoundBy, FoundGroup};

use crate::common::CommonParts;
use crate::dossiers::DossierService;
use crate::mail::NoticeSubject;
use crate::procedures::ProcedureService;
use crate::rights::{applicant, figures_of};
use crate::{Error, LoginSession, TimeSource};
use motcua_catalogue::Province;
use motcua_domain::dossier::event::{SiteVisit, SiteVisitChange};
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::names::{AgencyId, DossierCode};
use motcua_domain::people::access::{Deed, may};
use motcua_domain::people::organisation::{Actor, Role};
use motcua_domain::text::Text;
use motcua_domain::time::clock::{Punctuality, has_passed};
use motcua_store::desk::{self, DeskPlace, DeskWish, OfficerLine, OfficerView, RowNews};
use motcua_store::figures::AgencySums;
use motcua_store::lists;
use motcua_store::published::{self, PublishedRow};
use motcua_store::site_visits::{self, SiteVisitRow};
use motcua_store::{Database, Fault, dossier_row, journal};
use std::sync::Arc;

/// A line of a list of dossiers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskRow {
    pub code: String,
    /// The place of the line in an officer's list. The applicant's lists have none.
    pub place: Option<DeskPlace>,
    /// The number of the step in a list of steps.
    pub stay: Option<i64>,
    pub procedure: Text,
    pub agency: String,
    pub applicant: String,
    pub step: Text,
    pub status: String,
    pub outcome: Option<String>,
    pub assignee: Option<String>,
    pub filed_at: i64,
    /// The due time of the whole dossier, if its clock runs.
    pub due_at: Option<i64>,
    /// The due time of the current step, if it has a limit and its clock runs.
    pub step_due_at: Option<i64>,
    pub waiting_until: Option<i64>,
    pub punctuality: Punctuality,
    /// The current step has passed its own limit.
    pub step_late: bool,
    /// The step was escalated because it was late.
    pub escalated: bool,
    pub rated: bool,
    /// The applicant wrote, and no officer has answered or acted since.
    pub unanswered: bool,
    /// The agency owes the applicant money.
    pub pays_back: bool,
    /// All steps that officers can take are at other agencies than the dossier's own.
    pub elsewhere: bool,
    /// The things that happened since the officer last opened the dossier.
    pub news: Vec<RowNews>,
}

/// A notice to the applicant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicantNotice {
    pub subject: NoticeSubject,
    /// The name of the procedure, or an empty text if the notice concerns none.
    pub procedure: Text,
    pub at: i64,
    /// The word for the event.
    pub event: String,
    /// The appointment on the spot that was made or moved.
    pub visit: Option<SiteVisit>,
    pub unread: bool,
}

/// A published decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedDecision {
    pub code: String,
    pub procedure: Text,
    pub agency: Text,
    /// The name of the holder, if the procedure publishes it.
    pub holder: Option<String>,
    /// The time of the decision in seconds since 1970.
    pub at: i64,
}

/// A coming appointment on the spot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComingSiteVisit {
    pub code: String,
    pub procedure: Text,
    pub applicant: String,
    /// The beginning and the end in seconds since 1970.
    pub from: i64,
    pub to: i64,
    pub place: String,
}

/// A page of an officer's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskRows {
    pub rows: Vec<DeskRow>,
    /// The place of the last line, if others follow.
    pub last: Option<DeskPlace>,
}

/// The end of a step through an officer's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeskNext {
    /// The place of the dossier that follows.
    Dossier(DeskPlace),
    /// The list is at its end. `left` counts the other dossiers of its first page.
    End { left: usize },
}

/// A reading of a dossier by staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DossierReading {
    pub at: i64,
    pub name: String,
}

/// A reading of one of an applicant's dossiers by staff, or of their account by a counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnReading {
    /// The code of the dossier, or an empty text for the account.
    pub dossier: String,
    /// The procedure of the dossier, or an empty text for the account.
    pub procedure: Text,
    /// The name of the reader.
    pub name: String,
    /// The agencies and the roles of the reader at that time.
    pub posts: Vec<(String, String)>,
    /// In seconds since 1970.
    pub at: i64,
}

/// The most ended dossiers that are counted in one transaction.
const COUNTED_AT_ONCE: u64 = 200;

/// The words of notices that tell of an appointment on the spot with its time.
const TOLD_VISITS: [&str; 2] = ["visit-made", "visit-moved"];

/// Figures of one agency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgencyFigures {
    pub id: AgencyId,
    pub agency: Text,
    pub figures: AgencySums,
}

/// Returns whether the due time of a row has passed at `now`, in seconds both. A row without one is not late.
fn is_late(due_at: Option<i64>, now: i64) -> bool {
    due_at.is_some_and(|due| has_passed(due, now))
}

fn row(row: dossier_row::Model, now: i64) -> Result<DeskRow, Fault> {
    let punctuality = match &row.ended_punctuality {
        Some(word) => serde_json::from_value(word.as_str().into())?,
        None if is_late(row.due_at, now) => Punctuality::Overdue,
        None => Punctuality::NotYetDue,
    };
    Ok(DeskRow {
        procedure: serde_json::from_str(&row.procedure_name)?,
        step: serde_json::from_str(&row.step_name)?,
        code: row.code,
        place: None,
        stay: None,
        agency: row.agency,
        applicant: row.applicant_name,
        status: row.status,
        outcome: row.outcome,
        assignee: row.assignee_name,
        filed_at: row.filed_at,
        due_at: row.due_at,
        step_due_at: row.step_due_at,
        step_late: is_late(row.step_due_at, now),
        escalated: false,
        waiting_until: row.waiting_until,
        punctuality,
        rated: row.rating.is_some(),
        unanswered: row.unanswered,
        pays_back: row.pay_back.is_some(),
        elsewhere: row.elsewhere,
        news: Vec::new(),
    })
}

/// Returns a line of an officer's list. In a list of steps, the line is about the step to take.
fn line(line: OfficerLine, now: i64) -> Result<DeskRow, Fault> {
    let (news, place) = (line.news(), Some(line.place));
    let mut shown = DeskRow { place, news, ..row(line.dossier, now)? };
    if let Some(stay) = line.stay {
        shown.stay = Some(stay.number);
        shown.step = serde_json::from_str(&stay.step_name)?;
        shown.assignee = stay.assignee_name;
        shown.step_due_at = stay.due_at;
        shown.step_late = is_late(stay.due_at, now);
        shown.escalated = stay.superior.is_some();
    }
    Ok(shown)
}

/// Cuts a list that has one more row than it shows, and returns whether it had that row.
pub(crate) fn cut<T>(rows: &mut Vec<T>, shown: u64) -> bool {
    let shown = usize::try_from(shown).unwrap_or(usize::MAX);
    let more = rows.len() > shown;
    rows.truncate(shown);
    more
}

/// The lists of dossiers, notices and figures.
#[derive(Debug)]
pub struct ListService {
    database: Database,
    clock: TimeSource,
    province: Arc<Province>,
    dossiers: Arc<DossierService>,
    procedures: Arc<ProcedureService>,
}

impl ListService {
    pub(crate) fn new(common: &CommonParts, dossiers: Arc<DossierService>, procedures: Arc<ProcedureService>) -> Self {
        let CommonParts { database, clock, province, .. } = common.clone();
        Self { database, clock, province, dossiers, procedures }
    }

    /// Returns a page of the dossiers that an officer sees in a view with filters: those after a place, or the first ones.
    pub async fn desk(
        &self,
        actor: &Actor,
        view: OfficerView,
        wish: &DeskWish,
        after: Option<&DeskPlace>,
    ) -> Result<DeskRows, Error> {
        if !may(actor, Deed::ReadDesk, None) {
            return Err(Refusal::NotAllowed.into());
        }
        let mut rows = desk::desk(self.database.reader(), actor, view, wish, after).await?;
        let more = cut(&mut rows, lists::PAGE);
        let last = rows.last().filter(|_| more).map(|line| line.place.clone());
        let now = self.clock.now().as_second();
        let rows = rows.into_iter().map(|found| line(found, now)).collect::<Result<_, _>>()?;
        Ok(DeskRows { rows, last })
    }

    /// Returns the place of the dossier that follows a place in an officer's list, whatever became of the dossier that
    /// stood there.
    pub async fn next_on_desk(
        &self,
        actor: &Actor,
        view: OfficerView,
        wish: &DeskWish,
        after: &DeskPlace,
    ) -> Result<DeskNext, Error> {
        if !may(actor, Deed::ReadDesk, None) {
            return Err(Refusal::NotAllowed.into());
        }
        let is_other = |place: &DeskPlace| place.code() != after.code();
        let later = desk::desk(self.database.reader(), actor, view, wish, Some(after)).await?;
        if let Some(place) = later.into_iter().map(|line| line.place).find(is_other) {
            return Ok(DeskNext::Dossier(place));
        }
        let all = desk::desk(self.database.reader(), actor, view, wish, None).await?;
        Ok(DeskNext::End { left: all.iter().filter(|line| is_other(&line.place)).count() })
    }

    /// Returns the number of lines of each view with filters, in the order of [`OfficerView::ALL`]. A number above
    /// [`desk::COUNTED`] says that there are more.
    pub async fn desk_counts(&self, actor: &Actor, wish: &DeskWish) -> Result<[u64; OfficerView::ALL.len()], Error> {
        if !may(actor, Deed::ReadDesk, None) {
            return Err(Refusal::NotAllowed.into());
        }
        Ok(desk::counts(self.database.reader(), actor, wish).await?)
    }

    /// Returns the coming appointments on the spot of an officer's units, the next one first, and whether there are more.
    pub async fn site_visits(&self, actor: &Actor) -> Result<(Vec<ComingSiteVisit>, bool), Error> {
        if !may(actor, Deed::ReadDesk, None) {
            return Err(Refusal::NotAllowed.into());
        }
        let mut rows = site_visits::coming(self.database.reader(), actor, self.clock.now().as_second()).await?;
        let more = cut(&mut rows, lists::PAGE);
        let visit = |row: SiteVisitRow| -> Result<ComingSiteVisit, Fault> {
            Ok(ComingSiteVisit {
                procedure: serde_json::from_str(&row.procedure_name)?,
                code: row.dossier,
                applicant: row.applicant_name,
                from: row.from_at,
                to: row.to_at,
                place: row.place,
            })
        };
        Ok((rows.into_iter().map(visit).collect::<Result<_, _>>()?, more))
    }

    /// Returns the applicant's dossiers, latest first, and whether there are more.
    pub async fn my_dossiers(&self, actor: &Actor) -> Result<(Vec<DeskRow>, bool), Error> {
        let mut rows = lists::of_applicant(self.database.reader(), applicant(actor)?).await?;
        let more = cut(&mut rows, lists::DOSSIERS);
        let now = self.clock.now().as_second();
        // The names and the limits of officers are the staff's.
        let own = |found: dossier_row::Model| -> Result<DeskRow, Fault> {
            Ok(DeskRow { assignee: None, step_due_at: None, step_late: false, elsewhere: false, ..row(found, now)? })
        };
        Ok((rows.into_iter().map(own).collect::<Result<_, _>>()?, more))
    }

    /// Returns the applicant's notices, latest first, and whether there are more. All of them count as read afterwards.
    pub async fn read_notices(&self, session: &LoginSession) -> Result<(Vec<ApplicantNotice>, bool), Error> {
        let account = applicant(&session.actor)?;
        let mut rows = lists::notices(self.database.reader(), account).await?;
        let more = cut(&mut rows, lists::PAGE);
        let mut notices = Vec::with_capacity(rows.len());
        for row in &rows {
            notices.push(ApplicantNotice {
                visit: self.told_visit(row).await?,
                procedure: serde_json::from_str(&row.procedure_name).map_err(Fault::from)?,
                subject: NoticeSubject::of(row.dossier.clone(), &row.event),
                at: row.at,
                event: row.event.clone(),
                unread: row.unread,
            });
        }
        // A page that could not be shown has told nothing, so this comes last.
        if rows.iter().any(|row| row.unread) {
            let transaction = self.database.begin().await?;
            transaction.set_notices_seen(account, &rows).await?;
            transaction.commit().await?;
        }
        Ok((notices, more))
    }

    /// Returns the appointment on the spot of which a notice tells. Only the entry of the journal has its time.
    async fn told_visit(&self, notice: &lists::StoredNotice) -> Result<Option<SiteVisit>, Error> {
        if !TOLD_VISITS.contains(&notice.event.as_str()) {
            return Ok(None);
        }
        let told = journal::event(self.database.reader(), &notice.dossier, notice.version).await?;
        Ok(match told.as_ref().and_then(|told| told.event.visit()) {
            Some(SiteVisitChange::Planned(visit)) => Some(visit.clone()),
            Some(SiteVisitChange::CalledOff) | None => None,
        })
    }

    /// Returns the number of notices that the applicant has not read, up to 9.
    pub async fn unread_notices(&self, session: &LoginSession) -> Result<usize, Error> {
        let Actor::Applicant { id, .. } = &session.actor else { return Ok(0) };
        let notices = lists::notices(self.database.reader(), id).await?;
        Ok(notices.iter().filter(|notice| notice.unread).take(9).count())
    }

    /// Returns the readings of a dossier by staff, latest first, and whether there are more.
    pub async fn readings(&self, actor: &Actor, code: &DossierCode) -> Result<(Vec<DossierReading>, bool), Error> {
        let dossier = self.dossiers.readable(actor, code).await?;
        if !dossier.lets(actor, Deed::ReadJournal) {
            return Err(Refusal::NotAllowed.into());
        }
        let mut rows = lists::readings(self.database.reader(), code).await?;
        let more = cut(&mut rows, lists::READINGS);
        Ok((rows.into_iter().map(|row| DossierReading { at: row.at, name: row.account_name }).collect(), more))
    }

    /// Returns the readings of an applicant's account and dossiers by staff, latest first, and whether there are more.
    pub async fn own_readings(&self, actor: &Actor) -> Result<(Vec<OwnReading>, bool), Error> {
        let mut rows = lists::own_readings(self.database.reader(), applicant(actor)?).await?;
        let more = cut(&mut rows, lists::READINGS);
        let reading = |row: lists::OwnReadingRow| -> Result<OwnReading, Fault> {
            Ok(OwnReading {
                procedure: serde_json::from_str(&row.procedure_name)?,
                dossier: row.dossier,
                name: row.account_name,
                posts: row.posts.split(' ').filter_map(agency_and_role).collect(),
                at: row.at,
            })
        };
        Ok((rows.into_iter().map(reading).collect::<Result<_, _>>()?, more))
    }

    /// Returns published decisions, the latest first, and whether there are earlier ones. `before` is the last line of a
    /// page: its moment and its code.
    pub async fn published(&self, before: Option<(i64, &str)>) -> Result<(Vec<PublishedDecision>, bool), Error> {
        let before = before.unwrap_or((i64::MAX, ""));
        let mut rows = published::published(self.database.reader(), before).await?;
        let has_more = cut(&mut rows, lists::PAGE);
        let decision = |row: PublishedRow| {
            let name = self.province.agency(&row.agency.as_str().into()).map(|agency| agency.name.clone());
            PublishedDecision {
                procedure: serde_json::from_str(&row.procedure_name).unwrap_or_else(|_| Text::vi(&row.procedure_name)),
                agency: name.unwrap_or_else(|| Text::vi(&row.agency)),
                code: row.dossier,
                holder: row.holder,
                at: row.at,
            }
        };
        Ok((rows.into_iter().map(decision).collect(), has_more))
    }

    /// Returns figures per agency, of the agencies whose figures the actor may see.
    pub async fn figures(&self, actor: &Actor) -> Result<Vec<AgencyFigures>, Error> {
        let figures = self.database.figures(figures_of(actor)?, self.clock.now().as_second()).await?;
        Ok(figures
            .into_iter()
            .map(|figures| {
                let id: AgencyId = figures.agency.as_str().into();
                let name = self.province.agency(&id).map(|agency| agency.name.clone());
                AgencyFigures { id, agency: name.unwrap_or_else(|| Text::vi(&figures.agency)), figures }
            })
            .collect())
    }

    /// Adds the dossiers that have ended to the sums of the figures. Returns the number of added dossiers.
    pub async fn count_ended(&self) -> Result<usize, Error> {
        let mut all = 0;
        loop {
            match self.database.count_ended(COUNTED_AT_ONCE).await? {
                0 => return Ok(all),
                counted => all += counted,
            }
        }
    }
}

/// Reads a post of a reader, which is stored as `agency/role`.
fn agency_and_role(post: &str) -> Option<(String, String)> {
    let (agency, role) = post.split_once('/')?;
    Role::parse(role).map(|role| (agency.to_owned(), role.name().to_owned()))
}
