//! Tables for lists, made from the journal; they can be thrown away and rebuilt to the same bytes.

use crate::entities::{code_counter, dossier, journal, notice};
use crate::{Fault, Transaction};
use jiff::Timestamp;
use motcua_domain::clock::Clock;
use motcua_domain::dossier::{Dossier, Stage};
use motcua_domain::event::{Event, Recorded};
use motcua_domain::fold::fold;
use motcua_domain::names::{AgencyId, DossierCode, UnitId};
use motcua_domain::organisation::{ActorRef, Role};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, Iterable, QueryFilter, QueryOrder, QuerySelect,
};

/// Whose turn it is; the values of `dossier.queue`.
pub mod queue {
    pub const OFFICE: &str = "office";
    pub const APPLICANT: &str = "applicant";
    pub const ENDED: &str = "ended";
}

/// Brings the projections up to date with entry `number`, which made `after`.
pub(crate) async fn project(
    connection: &impl ConnectionTrait,
    number: i64,
    recorded: &Recorded,
    after: &Dossier,
) -> Result<(), Fault> {
    let row = row(after)?.into_active_model();
    if matches!(recorded.event, Event::Filed(_)) {
        // No upsert: a draft that was filed already must be refused by its unique key.
        dossier::Entity::insert(row).exec_without_returning(connection).await?;
    } else {
        let columns = dossier::Column::iter().filter(|column| !matches!(column, dossier::Column::Code));
        let update = OnConflict::column(dossier::Column::Code).update_columns(columns).to_owned();
        dossier::Entity::insert(row).on_conflict(update).exec_without_returning(connection).await?;
    }
    if let Some(notice) = notice(number, recorded, after)? {
        notice::Entity::insert(notice.into_active_model()).exec_without_returning(connection).await?;
    }
    Ok(())
}

/// The key under which a post finds the dossiers that are its to act on; roles for the whole agency have no unit in it.
pub(crate) fn post_key(role: Role, agency: &AgencyId, unit: &UnitId) -> String {
    format!("{agency}/{}/{}", if role.is_bound_to_unit() { unit.as_str() } else { "" }, role.name())
}

/// When the time is used up; for a clock that stands with no time left, when it stopped.
fn passed_or_due(clock: Clock) -> Option<Timestamp> {
    match clock {
        Clock::Running { due, .. } => Some(due),
        Clock::Stopped { at, left } => (left.seconds() < 0).then_some(at),
    }
}

fn row(dossier: &Dossier) -> Result<dossier::Model, Fault> {
    let filed = &dossier.filed;
    let (queue, waiting_until, outcome, ended_at) = match &dossier.stage {
        Stage::AtStep => (queue::OFFICE, None, None, None),
        Stage::AwaitingSupplement { until } | Stage::AwaitingPayment { until } => {
            (queue::APPLICANT, Some(*until), None, None)
        }
        Stage::Ended { outcome, at, .. } => (queue::ENDED, None, Some(outcome.name().to_owned()), Some(*at)),
    };
    let open = dossier.processed_at.is_none();
    let due = passed_or_due(dossier.clocks.whole).filter(|_| open);
    let step_due = dossier.clocks.step.and_then(Clock::due).filter(|_| queue == queue::OFFICE);
    let punctuality = dossier.processed_at.map(|at| dossier.punctuality(at));
    let assignee = dossier.step_assignee();
    Ok(dossier::Model {
        code: filed.code.to_string(),
        draft: filed.draft.to_string(),
        procedure: filed.procedure.to_string(),
        procedure_name: serde_json::to_string(&filed.procedure_name)?,
        agency: filed.agency.to_string(),
        unit: filed.unit.to_string(),
        applicant: filed.applicant.id.to_string(),
        applicant_name: filed.applicant.name.clone(),
        phone: filed.applicant.phone.clone(),
        search: fold(&format!("{} {} {}", filed.code, filed.applicant.name, filed.procedure_name.vi)),
        step: dossier.at.step.to_string(),
        step_name: serde_json::to_string(&dossier.at.name)?,
        role: dossier.at.role.name().to_owned(),
        assignee: assignee.map(|assignee| assignee.id.to_string()),
        assignee_name: assignee.map(|assignee| assignee.name.clone()),
        post: (queue == queue::OFFICE).then(|| post_key(dossier.at.role, &filed.agency, &filed.unit)),
        status: dossier.status().name().to_owned(),
        queue: queue.to_owned(),
        rank: match queue {
            // A dossier that only waits to be handed over comes after everything that has a limit.
            queue::OFFICE => due.into_iter().chain(step_due).min().map_or(i64::MAX, Timestamp::as_second),
            queue::APPLICANT => waiting_until.map_or(i64::MAX, Timestamp::as_second),
            _ => ended_at.map_or(0, |at| -at.as_second()),
        },
        outcome,
        filed_at: dossier.filed_at.as_second(),
        due_at: due.map(Timestamp::as_second),
        step_due_at: step_due.map(Timestamp::as_second),
        waiting_until: waiting_until.map(Timestamp::as_second),
        processed_at: dossier.processed_at.map(Timestamp::as_second),
        ended_at: ended_at.map(Timestamp::as_second),
        ended_punctuality: punctuality.map(|punctuality| word(&punctuality)).transpose()?,
        rating: dossier.rating.as_ref().map(|rating| rating.points.iter().map(|points| i64::from(*points)).sum()),
        version: i64::from(dossier.version),
    })
}

/// The word under which a value without content is written.
fn word(value: &impl serde::Serialize) -> Result<String, Fault> {
    match serde_json::to_value(value)? {
        serde_json::Value::String(word) => Ok(word),
        other => Err(Fault::Unreadable(format!("{other} is not a word"))),
    }
}

/// What the applicant is told: everything that somebody else did, and that the dossier was filed.
fn notice(number: i64, recorded: &Recorded, after: &Dossier) -> Result<Option<notice::Model>, Fault> {
    let own = matches!(&recorded.actor, ActorRef::Applicant { .. });
    if own && !matches!(recorded.event, Event::Filed(_)) {
        return Ok(None);
    }
    let event = match &recorded.event {
        Event::Advanced { payment_until: Some(_), .. } => "payment-requested".to_owned(),
        Event::Advanced { to, .. } if to.status == motcua_domain::workflow::NationalStatus::Processed => {
            "result-ready".to_owned()
        }
        Event::Ended { outcome, .. } => outcome.name().to_owned(),
        other => other.name().to_owned(),
    };
    Ok(Some(notice::Model {
        number,
        account: after.filed.applicant.id.to_string(),
        dossier: after.filed.code.to_string(),
        procedure_name: serde_json::to_string(&after.filed.procedure_name)?,
        at: recorded.at.as_second(),
        event,
    }))
}

impl Transaction {
    /// Throws the projections away and makes them anew from the journal.
    pub async fn rebuild_projections(&self) -> Result<(), Fault> {
        let connection = self.connection();
        dossier::Entity::delete_many().exec(connection).await?;
        notice::Entity::delete_many().exec(connection).await?;
        code_counter::Entity::delete_many().exec(connection).await?;
        let mut counters = std::collections::BTreeMap::new();
        let codes: Vec<String> = journal::Entity::find()
            .filter(journal::Column::Version.eq(1))
            .order_by_asc(journal::Column::Number)
            .select_only()
            .column(journal::Column::Dossier)
            .into_tuple()
            .all(connection)
            .await?;
        for code in codes {
            self.rebuild_dossier(&code).await?;
            if let Some((agency, day, number)) = counter(&code) {
                let last = counters.entry((agency, day)).or_insert(number);
                *last = number.max(*last);
            }
        }
        for ((agency_code, day), last) in counters {
            let row = code_counter::Model { agency_code, day, last };
            code_counter::Entity::insert(row.into_active_model()).exec_without_returning(connection).await?;
        }
        Ok(())
    }

    async fn rebuild_dossier(&self, code: &str) -> Result<(), Fault> {
        let unreadable = |reason: String| Fault::Journal { dossier: code.to_owned(), reason };
        let rows = journal::Entity::find()
            .filter(journal::Column::Dossier.eq(code))
            .order_by_asc(journal::Column::Version)
            .all(self.connection())
            .await?;
        let mut state: Option<Dossier> = None;
        for row in rows {
            let recorded: Recorded = serde_json::from_str(&row.payload)?;
            match &mut state {
                None => state = Some(Dossier::replay([&recorded]).map_err(|error| unreadable(error.to_string()))?),
                Some(dossier) => dossier.apply(&recorded).map_err(|error| unreadable(error.to_string()))?,
            }
            if let Some(after) = &state {
                project(self.connection(), row.number, &recorded, after).await?;
            }
        }
        Ok(())
    }
}

/// Agency code, day and number of a dossier code.
fn counter(code: &str) -> Option<(String, String, i64)> {
    let code = DossierCode::parse(code)?;
    let mut parts = code.as_str().rsplitn(3, '-');
    let (number, day, agency) = (parts.next()?, parts.next()?, parts.next()?);
    Some((agency.to_owned(), day.to_owned(), number.parse().ok()?))
}
