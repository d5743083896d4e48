//! Tables for lists, computed from the journal.
//!
//! Each row of a dossier names the last entry that it includes. The database names the version of the code that
//! computed the tables. Both can be recomputed from the journal.

mod money;
mod rebuild;
mod rows;
mod shown;

pub(crate) use money::MoneyRows;
pub(crate) use rebuild::RebuiltRows;
pub use rebuild::{FailedRebuild, NamedItems, Rebuilt};
pub(crate) use rows::ChangedRows;
pub(crate) use shown::ListedRows;

use crate::Fault;
use crate::jobs::JobKind;
use crate::rows::{dossier, job, name_part, notice, participation, partner, result, site_visit, stay, taken_step};
use jiff::Timestamp;
use motcua_domain::dossier::event::{Filed, Recorded};
use motcua_domain::dossier::site_visit::PlannedSiteVisit;
use motcua_domain::dossier::visit::Visit;
use motcua_domain::dossier::{Dossier, Stay, Turn, notice_of};
use motcua_domain::fold::{fold, parts_of_name};
use motcua_domain::money::Dong;
use motcua_domain::names::{AgencyId, DossierCode, UnitId};
use motcua_domain::people::organisation::{ActorRef, Role};
use motcua_domain::procedure::result::plain_number;
use motcua_domain::text::Text;
use motcua_domain::workflow::UnitPlace;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait as _, Condition};
use serde::Serialize;
use std::collections::BTreeSet;

/// The values of `dossier.queue`: the party that acts next.
pub mod queue {
    pub const OFFICE: &str = "office";
    pub const APPLICANT: &str = "applicant";
    pub const ENDED: &str = "ended";
    /// The condition of an index of open dossiers. A query must repeat it word for word, without parameters.
    pub const IS_OPEN: &str = "queue <> 'ended'";
}

/// The condition of rows with `due_at` that are late, whose first parameter is the moment in seconds. It says in SQL what
/// [`motcua_domain::time::clock::has_passed`] says; a row without a due time is not late.
pub const IS_LATE: &str = "due_at < $1";

/// The key under which a post finds the steps that are its to take; roles for the whole agency have no unit in it.
pub(crate) fn post_key(role: Role, agency: &AgencyId, unit: &UnitId) -> String {
    format!("{agency}/{}/{}", if role.is_bound_to_unit() { unit.as_str() } else { "" }, role.name())
}

/// Returns the expression of SQL that says of a row `h` of `post_holding` what [`post_key`] says of a post.
pub(crate) fn post_key_of_holding() -> String {
    let bound = Role::OF_POSTS.into_iter().filter(|role| role.is_bound_to_unit());
    let bound: Vec<String> = bound.map(|role| format!("'{}'", role.name())).collect();
    format!("h.agency || '/' || CASE WHEN h.role IN ({}) THEN h.unit ELSE '' END || '/' || h.role", bound.join(", "))
}

fn key_at(role: Role, place: &UnitPlace) -> String {
    post_key(role, &place.agency, &place.unit)
}

/// Returns the condition of the jobs that follow from a dossier. No index has their dossier, so they are found by their
/// keys, which begin with the kind and the code and go on with the number of a stay.
pub(crate) fn jobs_of(code: &DossierCode) -> Condition {
    let keys = |kind: JobKind| {
        let begin = format!("{}/{code}/", kind.name());
        let end = format!("{begin}9999999999");
        job::Column::Key.between(begin, end)
    };
    let any = JobKind::OF_DOSSIERS.into_iter().fold(Condition::any(), |any, kind| any.add(keys(kind)));
    Condition::all().add(job::Column::Dossier.eq(code.as_str())).add(any)
}

/// The columns that filing sets once and for all.
pub(crate) const FILED: &[dossier::Column] = {
    use dossier::Column::{Applicant, ApplicantName, Channel, Draft, FiledAt, Phone, Procedure, ProcedureName, Search};
    &[Draft, Procedure, ProcedureName, Applicant, ApplicantName, Phone, Search, FiledAt, Channel]
};

/// Returns the row of a dossier.
pub(crate) fn row(dossier: &Dossier) -> Result<dossier::ActiveModel, Fault> {
    let filed = &dossier.filed;
    Ok(dossier::ActiveModel {
        draft: Set(filed.draft.to_string()),
        procedure: Set(filed.procedure.to_string()),
        procedure_name: Set(serde_json::to_string(&filed.procedure_name)?),
        applicant: Set(filed.applicant.id.to_string()),
        applicant_name: Set(filed.person_name().to_owned()),
        phone: Set(filed.applicant.phone.clone()),
        search: Set(fold(&format!("{} {} {}", filed.code, names_of(filed).join(" "), filed.procedure_name.vi))),
        filed_at: Set(dossier.filed_at.as_second()),
        channel: Set(filed.channel.name().to_owned()),
        ..standing(dossier)?
    })
}

/// Returns the names by which a dossier is found: that of the person who filed it, and that of the person for whom.
fn names_of(filed: &Filed) -> Vec<&str> {
    let person = filed.represented().map(|person| person.name);
    [filed.applicant.name.as_str()].into_iter().chain(person).collect()
}

/// Returns the queue of a dossier, by the party that acts next.
fn queue_of(dossier: &Dossier) -> &'static str {
    match dossier.turn() {
        Turn::Office => queue::OFFICE,
        Turn::Supplement { .. } | Turn::Payment { .. } | Turn::Applicant { .. } => queue::APPLICANT,
        Turn::Ended => queue::ENDED,
    }
}

/// Returns the rows of the units that take part in a dossier of another unit.
pub(crate) fn partners(dossier: &Dossier) -> Vec<partner::Model> {
    let (queue, rank) = (queue_of(dossier), dossier.rank());
    let row = |place: &UnitPlace| partner::Model {
        dossier: dossier.filed.code.to_string(),
        agency: place.agency.to_string(),
        unit: place.unit.to_string(),
        queue: queue.to_owned(),
        rank,
    };
    dossier.partners().into_iter().map(row).collect()
}

/// Returns the word under which a unit took part in a dossier, or without a unit the agency.
pub(crate) fn participant(agency: &str, unit: &str) -> String {
    format!("{agency}/{unit}")
}

/// Returns the rows of those who took part: the officers who ended a step by an action, and the units of other places at
/// which they did so, each also with its agency. All have the same rank, so that a list has the dossier once.
pub(crate) fn participations(dossier: &Dossier) -> Vec<participation::Model> {
    let mut whos: BTreeSet<String> = BTreeSet::new();
    for visit in &dossier.flow.visits {
        let Some(left) = visit.left.as_ref().filter(|left| left.action.is_some()) else { continue };
        let ActorRef::Officer { id, .. } = &left.by else { continue };
        whos.insert(id.to_string());
        if let Some(place) = visit.at.place.as_ref().filter(|place| **place != dossier.place) {
            whos.insert(participant(place.agency.as_str(), place.unit.as_str()));
            whos.insert(participant(place.agency.as_str(), ""));
        }
    }
    let (code, rank) = (dossier.filed.code.as_str(), -dossier.filed_at.as_second());
    whos.into_iter().map(|who| participation::Model { dossier: code.to_owned(), who, rank }).collect()
}

/// Returns the rows by which each unit of a dossier finds the names of the applicant and of the person for whom the
/// applicant filed, from any of their words on.
pub(crate) fn name_parts(dossier: &Dossier) -> Vec<name_part::Model> {
    let mut parts = parts_of_name(&dossier.filed.applicant.name);
    if let Some(person) = dossier.represented() {
        parts.extend(parts_of_name(person.name));
    }
    let mut rows = Vec::new();
    for place in dossier.partners().into_iter().chain([&dossier.place]) {
        rows.extend(parts.iter().map(|part| name_part::Model {
            dossier: dossier.filed.code.to_string(),
            agency: place.agency.to_string(),
            unit: place.unit.to_string(),
            part: part.clone(),
        }));
    }
    rows
}

/// Returns whether the office has its turn, and all steps that officers can take are at other agencies than the dossier's
/// own.
fn is_elsewhere(dossier: &Dossier) -> bool {
    let mut office = dossier.flow.stays.iter().filter(|stay| stay.waits_for_office()).peekable();
    let is_away = |stay: &Stay| dossier.place_of(stay).agency != dossier.place.agency;
    matches!(dossier.turn(), Turn::Office) && office.peek().is_some() && office.all(is_away)
}

/// Returns the rows of the appointments on the spot of an open dossier that were not called off.
pub(crate) fn site_visits(dossier: &Dossier) -> Vec<site_visit::Model> {
    let row = |(number, planned): (i64, &PlannedSiteVisit)| site_visit::Model {
        dossier: dossier.filed.code.to_string(),
        number,
        agency: planned.unit.agency.to_string(),
        unit: planned.unit.unit.to_string(),
        from_at: planned.visit.from.as_second(),
        to_at: planned.visit.to.as_second(),
        place: planned.visit.place.clone(),
    };
    let numbered = (0..).zip(&dossier.site_visits);
    numbered.filter(|(_, planned)| !planned.called_off && !dossier.has_ended()).map(row).collect()
}

/// Returns the rows of the steps of a dossier that somebody took. A step that was cancelled was not taken.
pub(crate) fn taken_steps(dossier: &Dossier) -> Result<Vec<taken_step::Model>, Fault> {
    let mut rows = Vec::new();
    for (number, visit) in (0..).zip(&dossier.flow.visits) {
        let Some(left) = visit.left.as_ref().filter(|left| left.action.is_some()) else { continue };
        let place = visit.at.place.as_ref().unwrap_or(&dossier.place);
        rows.push(taken_step::Model {
            dossier: dossier.filed.code.to_string(),
            number,
            agency: place.agency.to_string(),
            unit: place.unit.to_string(),
            step_name: serde_json::to_string(visit.name())?,
            left_at: left.at.as_second(),
            punctuality: left.punctuality.map(|punctuality| word(&punctuality)).transpose()?,
        });
    }
    Ok(rows)
}

/// Returns the columns of a dossier's row that change after it was filed.
pub(crate) fn standing(dossier: &Dossier) -> Result<dossier::ActiveModel, Fault> {
    let flow = &dossier.flow;
    let turn = dossier.turn();
    let ended = flow.ended.as_ref();
    let office = || flow.stays.iter().filter(|stay| stay.waits_for_office());
    let step_due = office().filter_map(Stay::due).min();
    let shown: Vec<&Text> = if flow.stays.is_empty() {
        flow.visits.last().map(Visit::name).into_iter().collect()
    } else {
        flow.stays.iter().map(|stay| &stay.at.name).collect()
    };
    let news = dossier.news();
    let names: Vec<&str> = office().filter_map(|stay| Some(stay.assignee.as_ref()?.name.as_str())).collect();
    let punctuality = flow.processed_at.map(|at| dossier.punctuality(at));
    Ok(dossier::ActiveModel {
        code: Set(dossier.filed.code.to_string()),
        procedure_version: Set(dossier.procedure.to_string()),
        agency: Set(dossier.place.agency.to_string()),
        unit: Set(dossier.place.unit.to_string()),
        step_name: Set(serde_json::to_string(&together(&shown))?),
        assignee_name: Set(Some(names.join(", ")).filter(|names| !names.is_empty())),
        status: Set(dossier.status().name().to_owned()),
        queue: Set(queue_of(dossier).to_owned()),
        // It does not follow from the limits of steps, so most changes leave all indexes of this row as they are.
        rank: Set(dossier.rank()),
        outcome: Set(ended.map(|end| end.outcome.name().to_owned())),
        due_at: Set(dossier.due_or_passed().map(Timestamp::as_second)),
        step_due_at: Set(step_due.map(Timestamp::as_second)),
        waiting_until: Set(turn.applicant_until().map(Timestamp::as_second)),
        processed_at: Set(flow.processed_at.map(Timestamp::as_second)),
        ended_at: Set(ended.map(|end| end.at.as_second())),
        ended_punctuality: Set(punctuality.map(|punctuality| word(&punctuality)).transpose()?),
        rating: Set(dossier.rating.as_ref().map(|rating| rating.points.iter().map(|points| i64::from(*points)).sum())),
        unanswered: Set(dossier.is_unanswered()),
        collected: Set(dossier.kept().0),
        pay_back: Set((dossier.to_pay_back() > Dong(0)).then(|| key_at(Role::Counter, &dossier.place))),
        version: Set(i64::from(dossier.version)),
        elsewhere: Set(is_elsewhere(dossier)),
        message_version: Set(i64::from(news.message)),
        supplement_version: Set(i64::from(news.supplement)),
        news_version: Set(i64::from(news.last())),
        handed_version: Set(i64::from(news.handed)),
        receiver: Set(ended.and_then(|end| end.receiver.as_ref()).map(|receiver| receiver.line())),
        represented: Set(dossier.represented().map(|person| person.number.to_owned())),
        ..dossier::ActiveModel::default()
    })
}

/// Returns the row of the result with which a dossier ended, if the result entered the register.
pub(crate) fn issued(dossier: &Dossier) -> Result<Option<result::Model>, Fault> {
    let Some(issued) = dossier.flow.ended.as_ref().and_then(|end| end.issued.as_deref()) else { return Ok(None) };
    let (holder, follows) = (&issued.holder, issued.follows.as_ref());
    let identity = holder.identity.as_deref().unwrap_or_default();
    let code = dossier.filed.code.as_str();
    let searched = [issued.number.as_str(), &holder.name, identity, code, &issued.name.vi];
    Ok(Some(result::Model {
        dossier: dossier.filed.code.to_string(),
        kind: issued.kind.to_string(),
        name: serde_json::to_string(&issued.name)?,
        procedure: dossier.filed.procedure.to_string(),
        agency: dossier.place.agency.to_string(),
        unit: dossier.place.unit.to_string(),
        account: dossier.filed.applicant.id.to_string(),
        number: issued.number.clone(),
        number_key: plain_number(&issued.number),
        holder_name: holder.name.clone(),
        holder_identity: holder.identity.clone(),
        issued_on: issued.from.to_string(),
        until: issued.until.map(|day| day.to_string()),
        follows: follows.map(|earlier| earlier.dossier.to_string()),
        effect: follows.map(|earlier| earlier.effect.name().to_owned()),
        data: serde_json::to_string(&issued.data)?,
        search: fold(&searched.join(" ")),
    }))
}

/// Joins names, each once.
fn together(names: &[&Text]) -> Text {
    let mut once: Vec<&Text> = Vec::new();
    for name in names {
        if !once.contains(name) {
            once.push(name);
        }
    }
    let vi: Vec<&str> = once.iter().map(|name| name.vi.as_str()).collect();
    let en: Option<Vec<&str>> = once.iter().map(|name| name.en.as_deref()).collect();
    Text { vi: vi.join(" · "), en: en.map(|en| en.join(" · ")) }
}

/// Returns the rows of the steps that wait for an officer.
pub(crate) fn stays(dossier: &Dossier) -> Result<Vec<stay::Model>, Fault> {
    let row = |stay: &Stay| {
        let place = dossier.place_of(stay);
        Ok(stay::Model {
            dossier: dossier.filed.code.to_string(),
            number: i64::from(stay.id),
            step_name: serde_json::to_string(&stay.at.name)?,
            post: key_at(stay.at.role, place),
            superior: stay.escalate.filter(|_| stay.escalated).map(|role| key_at(role, place)),
            assignee: stay.assignee.as_ref().map(|assignee| assignee.id.to_string()),
            assignee_name: stay.assignee.as_ref().map(|assignee| assignee.name.clone()),
            rank: dossier.rank_of(stay),
            due_at: stay.due().map(Timestamp::as_second),
            step: stay.at.step.to_string(),
        })
    };
    dossier.flow.stays.iter().filter(|stay| stay.waits_for_office()).map(row).collect()
}

/// Returns the word under which a value without content is written.
fn word(value: &impl Serialize) -> Result<String, Fault> {
    match serde_json::to_value(value)? {
        serde_json::Value::String(word) => Ok(word),
        other => Err(Fault::Unreadable(format!("{other} is not a word"))),
    }
}

/// The row of what the applicant is told of an event, if anything.
pub(crate) fn notice(
    recorded: &Recorded,
    before: Option<&Dossier>,
    after: &Dossier,
) -> Result<Option<notice::Model>, Fault> {
    let Some(event) = notice_of(recorded, before, after) else { return Ok(None) };
    Ok(Some(notice::Model {
        dossier: after.filed.code.to_string(),
        version: i64::from(after.version),
        account: after.filed.applicant.id.to_string(),
        procedure_name: serde_json::to_string(&after.filed.procedure_name)?,
        at: recorded.at.as_second(),
        event: event.to_owned(),
    }))
}
