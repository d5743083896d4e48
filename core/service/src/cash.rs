//! The cash of cashiers: what each of them received, reversed and paid back since the last closed day, and the closed
//! days.

use crate::common::CommonParts;
use crate::{Error, TimeSource};
use motcua_catalogue::Province;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::names::{AgencyId, UnitId, UserId};
use motcua_domain::people::access::{AccessSubject, Deed, may};
use motcua_domain::people::organisation::{Actor, Agency, Role};
use motcua_domain::text::Text;
use motcua_store::cash::{self, CashLine, CashStandIn, ClosedCashDay};
use motcua_store::{Database, is_duplicate};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The days for which a cashier is listed after the last movement.
const LISTED_DAYS: i64 = 400;

/// The longest reason for closing the day of another officer, in characters.
const LONGEST_REASON: usize = 300;

/// The seconds of a day.
const DAY: i64 = 86_400;

/// A cashier of an agency, as the list shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedCashier {
    pub agency: AgencyId,
    pub agency_name: Text,
    pub cashier: UserId,
    pub name: String,
    /// The number of movements since the last closed day.
    pub open: i64,
}

/// The movements of a cashier that are handed over together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CashSheet {
    pub agency: AgencyId,
    pub agency_name: Text,
    pub cashier: UserId,
    /// The name of the cashier, or an empty text if nothing was ever recorded.
    pub name: String,
    pub lines: Vec<CashLine>,
    /// The mark of the movements, which changes with each further one.
    pub seen: String,
    /// The reader can close the day.
    pub may_close: bool,
    /// The reader closes the day for the cashier, who is away, and has to say why.
    pub for_other: bool,
    /// The closed days before, the last one first.
    pub days: Vec<ClosedCashDay>,
}

/// The sums of movements, in đồng.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CashTotals {
    /// The payments in cash.
    pub received: i64,
    /// The reversals of payments in cash, as a positive amount.
    pub reversed: i64,
    /// The refunds in cash, as a positive amount.
    pub refunded: i64,
    /// The cash to hand over.
    pub cash: i64,
    /// The transfers received, without those that went back.
    pub transfers: i64,
}

impl CashTotals {
    /// Returns the sums of these movements.
    pub fn of(lines: &[CashLine]) -> Self {
        let mut totals = Self::default();
        for line in lines {
            if line.method != "cash" {
                totals.transfers = totals.transfers.saturating_add(line.amount);
                continue;
            }
            totals.cash = totals.cash.saturating_add(line.amount);
            let part = match line.kind.as_str() {
                "payment" => &mut totals.received,
                "reversal" => &mut totals.reversed,
                _ => &mut totals.refunded,
            };
            *part = part.saturating_add(line.amount.saturating_abs());
        }
        totals
    }
}

/// The cash of cashiers.
#[derive(Debug)]
pub struct CashService {
    database: Database,
    clock: TimeSource,
    province: Arc<Province>,
}

impl CashService {
    pub(crate) fn new(common: &CommonParts) -> Self {
        let CommonParts { database, clock, province, .. } = common.clone();
        Self { database, clock, province }
    }

    /// Returns whether the actor may see the cash of a cashier.
    pub fn is_for(&self, actor: &Actor) -> bool {
        let is_chosen = |agency: &AgencyId| self.permit(actor, Deed::ListCash, agency, &UserId(String::new())).is_ok();
        may(actor, Deed::ListCash, None) || actor.posts().iter().any(|post| is_chosen(&post.agency))
    }

    /// Returns the cashiers whose cash the actor may see. A cashier sees themself, also without movements.
    pub async fn cashiers(&self, actor: &Actor) -> Result<Vec<ListedCashier>, Error> {
        let Actor::Officer { id, name, posts, .. } = actor else { return Err(Refusal::NotAllowed.into()) };
        let own: BTreeSet<&AgencyId> =
            posts.iter().filter(|post| post.role == Role::Counter).map(|post| &post.agency).collect();
        let all = posts.iter().any(|post| post.role == Role::Auditor);
        if !self.is_for(actor) {
            return Err(Refusal::NotAllowed.into());
        }
        let nobody = UserId(String::new());
        let is_read = |agency: &&AgencyId| self.permit(actor, Deed::ReadCash, agency, &nobody).is_ok();
        let of_others: BTreeSet<&AgencyId> = posts.iter().map(|post| &post.agency).filter(is_read).collect();
        let since = self.clock.now().as_second().saturating_sub(LISTED_DAYS * DAY);
        let mut found = Vec::new();
        let asked: Vec<Option<&AgencyId>> =
            if all { vec![None] } else { own.union(&of_others).map(|agency| Some(*agency)).collect() };
        for agency in asked {
            found.extend(cash::cashiers(self.database.reader(), agency, since).await?);
        }
        let mut listed: Vec<ListedCashier> = found
            .into_iter()
            .map(|row| ListedCashier {
                agency_name: self.agency_name(&AgencyId(row.agency.clone())),
                agency: AgencyId(row.agency),
                cashier: UserId(row.cashier),
                name: row.cashier_name,
                open: row.open,
            })
            .filter(|row| self.permit(actor, Deed::ReadCash, &row.agency, &row.cashier).is_ok())
            .collect();
        for agency in own {
            if !listed.iter().any(|row| row.agency == *agency && row.cashier == *id) {
                let (agency, agency_name) = (agency.clone(), self.agency_name(agency));
                listed.push(ListedCashier { agency, agency_name, cashier: id.clone(), name: name.clone(), open: 0 });
            }
        }
        Ok(listed)
    }

    /// Returns the movements of a cashier since the last closed day, and the closed days.
    pub async fn open(&self, actor: &Actor, agency: &AgencyId, cashier: &UserId) -> Result<CashSheet, Error> {
        self.permit(actor, Deed::ReadCash, agency, cashier)?;
        let reader = self.database.reader();
        let lines = cash::open_lines(reader, agency, cashier).await?;
        let days = cash::closed_days(reader, agency, cashier).await?;
        let last = lines.last().map(|line| line.cashier_name.clone());
        let name = last.or_else(|| days.first().map(|day| day.cashier_name.clone()));
        let closes_own = self.permit(actor, Deed::CloseCash, agency, cashier).is_ok();
        let closes_other = self.permit(actor, Deed::CloseCashOfOther, agency, cashier).is_ok();
        Ok(CashSheet {
            agency: agency.clone(),
            agency_name: self.agency_name(agency),
            cashier: cashier.clone(),
            name: name.unwrap_or_default(),
            seen: mark(&lines),
            may_close: !lines.is_empty() && (closes_own || closes_other),
            for_other: !closes_own && closes_other,
            lines,
            days,
        })
    }

    /// Returns a closed day of a cashier with the name of the agency.
    pub async fn day(
        &self,
        actor: &Actor,
        agency: &AgencyId,
        cashier: &UserId,
        number: i64,
    ) -> Result<(Text, ClosedCashDay), Error> {
        self.permit(actor, Deed::ReadCash, agency, cashier)?;
        let found = cash::closed_day(self.database.reader(), agency, cashier, number).await?;
        Ok((self.agency_name(agency), found.ok_or(Error::NotFound)?))
    }

    /// Closes the day of the cashier with the movements that the actor saw, and returns its number. If there are
    /// others, or if there are none, nothing is closed. Somebody else than the cashier gives a reason.
    pub async fn close(
        &self,
        actor: &Actor,
        agency: &AgencyId,
        cashier: &UserId,
        (seen, reason): (&str, &str),
    ) -> Result<i64, Error> {
        let Actor::Officer { name, .. } = actor else { return Err(Refusal::NotAllowed.into()) };
        let stand_in = self.stand_in(actor, agency, cashier, reason)?;
        let transaction = self.database.begin().await?;
        let lines = cash::open_lines(transaction.connection(), agency, cashier).await?;
        let last = cash::last_closed_day(transaction.connection(), agency, cashier).await?;
        // A second click is answered with the day that the first one closed.
        if let Some(day) = last.as_ref().filter(|day| mark(&day.lines) == seen) {
            return Ok(day.number);
        }
        if lines.is_empty() || mark(&lines) != seen {
            return Err(Refusal::Changed.into());
        }
        let day = ClosedCashDay {
            number: last.as_ref().map_or(1, |last| last.number.saturating_add(1)),
            // The last movement has the name of the cashier, who may be somebody else than the actor.
            cashier_name: lines.last().map_or_else(|| name.clone(), |line| line.cashier_name.clone()),
            closed_at: self.clock.now().as_second(),
            closed_by: name.clone(),
            stand_in,
            lines,
        };
        let closed = transaction.close_cash_day(agency, cashier, &day).await;
        if closed.as_ref().is_err_and(is_duplicate) {
            drop(transaction);
            // Another click was faster.
            let last = cash::last_closed_day(self.database.reader(), agency, cashier).await?;
            let same = last.filter(|day| mark(&day.lines) == seen);
            return same.map(|day| day.number).ok_or_else(|| Refusal::Changed.into());
        }
        closed?;
        transaction.commit().await?;
        Ok(day.number)
    }

    /// Returns the actor as the officer who closes the day of a cashier who is away, or none if the cash is the actor's
    /// own.
    fn stand_in(
        &self,
        actor: &Actor,
        agency: &AgencyId,
        cashier: &UserId,
        reason: &str,
    ) -> Result<Option<CashStandIn>, Error> {
        if self.permit(actor, Deed::CloseCash, agency, cashier).is_ok() {
            return Ok(None);
        }
        self.permit(actor, Deed::CloseCashOfOther, agency, cashier)?;
        let Actor::Officer { id, .. } = actor else { return Err(Refusal::NotAllowed.into()) };
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(Refusal::NoteMissing.into());
        }
        if reason.chars().count() > LONGEST_REASON {
            return Err(Refusal::BadMessage { max: LONGEST_REASON }.into());
        }
        Ok(Some(CashStandIn { account: id.clone(), reason: reason.to_owned() }))
    }

    /// Rejects an actor without the right to do this with the cash of a cashier.
    fn permit(&self, actor: &Actor, deed: Deed, agency: &AgencyId, cashier: &UserId) -> Result<(), Error> {
        let closing = self.province.agency(agency).map(Agency::closing_posts).unwrap_or_default();
        let chosen = closing.into_iter().map(|(unit, role)| (unit, Some(role)));
        // Counters and leaders serve their whole agency.
        let whole = (UnitId(String::new()), None);
        let is_allowed = |(unit, role): (UnitId, Option<Role>)| {
            let subject = AccessSubject { owner: cashier, agency, unit: &unit, role, assignee: None, past: &[] };
            may(actor, deed, Some(subject))
        };
        if [whole].into_iter().chain(chosen).any(is_allowed) { Ok(()) } else { Err(Refusal::NotAllowed.into()) }
    }

    fn agency_name(&self, agency: &AgencyId) -> Text {
        self.province.agency(agency).map_or_else(|| Text::vi(agency.as_str()), |known| known.name.clone())
    }
}

/// Returns the mark of some movements: their number, their sum and the last one.
fn mark(lines: &[CashLine]) -> String {
    let sum = lines.iter().fold(0_i64, |sum, line| sum.saturating_add(line.amount));
    let last = lines.last().map_or_else(String::new, |line| format!("{}.{}", line.dossier, line.version));
    format!("{}.{sum}.{last}", lines.len())
}

#[cfg(test)]
mod tests {
    use super::{CashLine, CashTotals, mark};

    #[test]
    fn the_cash_to_hand_over_is_what_was_received_without_what_was_reversed_and_paid_back() {
        let line = |kind: &str, method: &str, amount| CashLine {
            dossier: "H09.01-260105-0001".to_owned(),
            version: 2,
            kind: kind.to_owned(),
            at: 0,
            method: method.to_owned(),
            amount,
            number: "1".to_owned(),
            recorded_by: "Lan".to_owned(),
            cashier_name: "Lan".to_owned(),
        };
        let lines = [
            line("payment", "cash", 50_000),
            line("payment", "cash", 30_000),
            line("reversal", "cash", -30_000),
            line("refund", "cash", -5000),
            line("payment", "bank-transfer", 7000),
            line("refund", "bank-transfer", -1000),
        ];
        let totals = CashTotals::of(&lines);
        let CashTotals { received, reversed, refunded, cash, transfers } = totals;
        assert_eq!([received, reversed, refunded, cash, transfers], [80_000, 30_000, 5000, 45_000, 6000]);
        assert_eq!(cash, received - reversed - refunded);
        assert_ne!(mark(&lines), mark(&lines[1..]));
    }
}
