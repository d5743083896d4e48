//! Figures of a period by agency, unit, procedure or channel, and the dossiers behind each figure.

use crate::common::CommonParts;
use crate::dossiers::DossierService;
use crate::lists::cut;
use crate::rights::{figures_of, register_of};
use crate::{Error, TimeSource};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::names::AgencyId;
use motcua_domain::people::organisation::Actor;
use motcua_domain::time::calendar::instant;
use motcua_store::counted::ListedFigure;
use motcua_store::counting::{CountedGroup, CountedRow, CountedStep, CountingGroup, CountingScope};
use motcua_store::desk::DeskPlace;
use motcua_store::{Database, lists};
use std::sync::Arc;

/// The most rows that a table for spreadsheets has.
pub const MOST_ROWS: u64 = 5000;

/// The figures that an officer asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CountingWish {
    /// The first day of the period. `None` means from the beginning.
    pub from: Option<Date>,
    /// The last day of the period. `None` means without an end.
    pub to: Option<Date>,
    pub agency: Option<AgencyId>,
    pub unit: Option<String>,
    pub procedure: Option<String>,
    pub channel: Option<String>,
    /// The name of a step as it is stored.
    pub step: Option<String>,
}

/// The figures of a period.
#[derive(Debug, Clone)]
pub struct CountedFigures {
    /// The moment at which they were computed.
    pub at: Timestamp,
    /// The only agency whose figures the reader may see, or none if all.
    pub only: Option<AgencyId>,
    pub groups: Vec<CountedGroup>,
    pub steps: Vec<CountedStep>,
}

/// A page of the dossiers that a figure counts.
#[derive(Debug, Clone)]
pub struct CountedRows {
    pub rows: Vec<CountedRow>,
    /// The place of the last row, if others follow.
    pub last: Option<DeskPlace>,
}

/// Figures of a period, for leaders, auditors and administrators.
#[derive(Debug)]
pub struct CountingService {
    database: Database,
    clock: TimeSource,
    dossiers: Arc<DossierService>,
}

impl CountingService {
    pub(crate) fn new(common: &CommonParts, dossiers: Arc<DossierService>) -> Self {
        let CommonParts { database, clock, .. } = common.clone();
        Self { database, clock, dossiers }
    }

    /// Returns what of a wish an actor may see who has a right to `only` one agency, or to all. A wish for another
    /// agency is refused.
    fn scope(&self, only: Option<&AgencyId>, wish: &CountingWish) -> Result<CountingScope, Error> {
        let agency = match (only, &wish.agency) {
            (Some(own), Some(wanted)) if own != wanted => return Err(Refusal::NotAllowed.into()),
            (Some(own), _) => Some(own.clone()),
            (None, wanted) => wanted.clone(),
        };
        let begin = |day: Date| instant(day.at(0, 0, 0, 0)).as_second();
        Ok(CountingScope {
            now: self.clock.now().as_second(),
            from: wish.from.map(begin),
            to: wish.to.and_then(|day| day.checked_add(1.day()).ok()).map(begin),
            agency,
            unit: wish.unit.clone(),
            procedure: wish.procedure.clone(),
            channel: wish.channel.clone(),
            step: wish.step.clone(),
        })
    }

    /// Returns the figures by group, and those of the steps.
    pub async fn figures(
        &self,
        actor: &Actor,
        wish: &CountingWish,
        by: CountingGroup,
    ) -> Result<CountedFigures, Error> {
        let scope = self.scope(figures_of(actor)?, wish)?;
        Ok(CountedFigures {
            at: self.clock.now(),
            only: figures_of(actor)?.cloned(),
            groups: self.database.count_groups(&scope, by).await?,
            steps: self.database.count_steps(&scope).await?,
        })
    }

    /// Returns a page of the dossiers or steps that a figure counts: those after a place, or the first ones.
    pub async fn rows(
        &self,
        actor: &Actor,
        wish: &CountingWish,
        figure: ListedFigure,
        after: Option<&DeskPlace>,
    ) -> Result<CountedRows, Error> {
        let scope = self.scope(figures_of(actor)?, wish)?;
        let mut rows = self.database.counted_rows(&scope, figure, after, lists::PAGE + 1).await?;
        let more = cut(&mut rows, lists::PAGE);
        let last = rows.last().filter(|_| more).map(CountedRow::place);
        Ok(CountedRows { rows, last })
    }

    /// Returns the rows of a figure for a table with the names of applicants, at most [`MOST_ROWS`], and whether there
    /// are more. Each counts as a reading of its dossier. A leader gets those of the own agency, and an auditor all.
    pub async fn export_rows(
        &self,
        actor: &Actor,
        wish: &CountingWish,
        figure: ListedFigure,
    ) -> Result<(Vec<CountedRow>, bool), Error> {
        let scope = self.scope(register_of(actor)?, wish)?;
        let mut rows = self.database.counted_rows(&scope, figure, None, MOST_ROWS + 1).await?;
        let more = cut(&mut rows, MOST_ROWS);
        let mut codes: Vec<&str> = rows.iter().map(|row| row.code.as_str()).collect();
        codes.sort_unstable();
        codes.dedup();
        self.log(actor, &codes).await?;
        Ok((rows, more))
    }

    /// Logs that an actor took figures along, under their address.
    pub async fn log_export(&self, actor: &Actor, address: &str) -> Result<(), Error> {
        self.log(actor, &[address]).await
    }

    async fn log(&self, actor: &Actor, read: &[&str]) -> Result<(), Error> {
        let Actor::Officer { id, name, .. } = actor else { return Ok(()) };
        self.dossiers.log_readings(id, name, read).await
    }
}
