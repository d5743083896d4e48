//! The officers' list: the step that is due, those who took part in a dossier, and the search for a person.
//!
//! The migration only expands. A node of the previous version leaves the new columns and tables as they are for what it
//! changes, until the projections are computed again.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Plain SQL that both databases understand.
const STATEMENTS: &[&str] = &[
    // The step of the workflow, for the filter by steps.
    "ALTER TABLE stay ADD COLUMN step TEXT NOT NULL DEFAULT ''",
    // All steps that officers can take are at other agencies than the dossier's own.
    "ALTER TABLE dossier ADD COLUMN elsewhere BOOLEAN NOT NULL DEFAULT FALSE",
    // Few dossiers have the mark, so most changes leave the index as it is.
    "CREATE INDEX dossier_elsewhere ON dossier (agency, rank, code) WHERE elsewhere",
    // The code stands in each index of a list. So dossiers without a limit, which all have the same rank, are not sorted
    // for each page, and counting a list reads its index alone.
    "DROP INDEX dossier_unit",
    "DROP INDEX dossier_agency",
    "DROP INDEX dossier_all",
    "CREATE INDEX dossier_unit ON dossier (agency, unit, queue, rank, code)",
    "CREATE INDEX dossier_agency ON dossier (agency, queue, rank, code)",
    "CREATE INDEX dossier_all ON dossier ((queue || ''), rank, code)",
    "DROP INDEX partner_unit",
    "DROP INDEX partner_agency",
    "CREATE INDEX partner_unit ON partner (agency, unit, queue, rank, dossier)",
    "CREATE INDEX partner_agency ON partner (agency, queue, rank, dossier)",
    // The filter by a procedure.
    "CREATE INDEX dossier_procedure ON dossier (agency, procedure, queue, rank, code)",
    // The search for the number of a person.
    "CREATE INDEX dossier_phone ON dossier (phone, filed_at, code)",
    "CREATE INDEX result_identity ON result (holder_identity) WHERE holder_identity IS NOT NULL",
    // Those who took part in a dossier: the account of an officer, `agency/unit` of another unit than the dossier's own,
    // and `agency/` of the agency of that unit. The rank is the time of the filing with a minus, so the latest is first.
    "CREATE TABLE participation (
        dossier TEXT NOT NULL,
        who TEXT NOT NULL,
        rank BIGINT NOT NULL,
        PRIMARY KEY (dossier, who)
    )",
    "CREATE INDEX participation_who ON participation (who, rank, dossier)",
    // The name of the applicant from each of its words on, folded, for each unit that has the dossier or takes part in it.
    "CREATE TABLE name_part (
        dossier TEXT NOT NULL,
        agency TEXT NOT NULL,
        unit TEXT NOT NULL,
        part TEXT NOT NULL,
        PRIMARY KEY (dossier, agency, unit, part)
    )",
    "CREATE INDEX name_part_agency ON name_part (agency, part, dossier, unit)",
    "CREATE INDEX name_part_all ON name_part (part, dossier)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in STATEMENTS {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }
}
