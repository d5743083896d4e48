//! The time of building the statement of a change for PostgreSQL. Nothing is asserted about it.

// The module is private to the crate, so the benchmark compiles a copy of its own.
#[path = "../src/batch.rs"]
#[expect(dead_code, reason = "the benchmark uses a part of it")]
mod batch;

use batch::{Batch, ColumnValue, OnExistingRow};
use divan::Bencher;
use motcua_store::{Fault, dossier_row, notice_row, stay_row};
use sea_orm::DbBackend;

fn main() {
    divan::main();
}

fn dossier() -> dossier_row::Model {
    dossier_row::Model {
        code: "H09.01-260105-0001".to_owned(),
        draft: "0197f0f0-0000-7000-8000-000000000001".to_owned(),
        procedure: "1.001193".to_owned(),
        procedure_name: "Đăng ký khai sinh".to_owned(),
        procedure_version: "0".repeat(64),
        agency: "ubnd-phu-cuong".to_owned(),
        unit: "tu-phap".to_owned(),
        applicant: "0197f0f0-0000-7000-8000-000000000002".to_owned(),
        applicant_name: "Nguyễn Văn An".to_owned(),
        phone: "0912345678".to_owned(),
        search: "nguyen van an 0912345678 dang ky khai sinh".to_owned(),
        step_name: "Xử lý".to_owned(),
        assignee_name: Some("Trần Thị Bình".to_owned()),
        status: "processing".to_owned(),
        queue: "specialist".to_owned(),
        rank: 1_767_600_000,
        outcome: None,
        filed_at: 1_767_570_000,
        due_at: Some(1_768_000_000),
        step_due_at: Some(1_767_600_000),
        waiting_until: None,
        processed_at: None,
        ended_at: None,
        ended_punctuality: None,
        rating: None,
        unanswered: false,
        pay_back: None,
        version: 3,
        channel: "online".to_owned(),
        collected: 0,
        elsewhere: false,
        message_version: 0,
        supplement_version: 0,
        news_version: 0,
        handed_version: 2,
        receiver: None,
        represented: None,
    }
}

fn stay(number: i64) -> stay_row::Model {
    stay_row::Model {
        dossier: "H09.01-260105-0001".to_owned(),
        number,
        step_name: "Xử lý".to_owned(),
        post: "ubnd-phu-cuong/tu-phap/specialist".to_owned(),
        superior: None,
        assignee: Some("0197f0f0-0000-7000-8000-000000000003".to_owned()),
        assignee_name: Some("Trần Thị Bình".to_owned()),
        rank: 1_767_600_000,
        due_at: Some(1_767_600_000),
        step: "check".to_owned(),
    }
}

fn notice() -> notice_row::Model {
    notice_row::Model {
        dossier: "H09.01-260105-0001".to_owned(),
        version: 3,
        account: "0197f0f0-0000-7000-8000-000000000002".to_owned(),
        procedure_name: "Đăng ký khai sinh".to_owned(),
        at: 1_767_590_000,
        event: "advanced".to_owned(),
    }
}

/// Returns the rows of an action that moves a dossier to so many steps at once.
fn action(stays: i64) -> Result<Batch, Fault> {
    use dossier_row::Column::{Applicant, ApplicantName, Draft, FiledAt, Phone, Procedure, ProcedureName, Search};
    let filed = [Draft, Procedure, ProcedureName, Applicant, ApplicantName, Phone, Search, FiledAt];
    let mut batch = Batch::new(DbBackend::Postgres);
    batch.update::<dossier_row::Entity>([dossier()], &filed)?;
    batch.delete::<stay_row::Entity>([stay(1)])?;
    batch.insert::<stay_row::Entity>((2..2 + stays).map(stay), OnExistingRow::Replace)?;
    batch.insert::<notice_row::Entity>([notice()], OnExistingRow::Refuse)?;
    batch.build_on::<dossier_row::Entity>([(dossier_row::Column::Version, ColumnValue::Number(2))]);
    Ok(batch)
}

/// Collects the rows of an action. With five stays and more, PostgreSQL gets an array for each column.
#[divan::bench(args = [1, 4, 16])]
fn collect_the_rows_of_an_action(bencher: Bencher<'_, '_>, stays: i64) {
    bencher.bench_local(|| action(stays).expect("rows of known types"));
}

/// Writes the one statement of an action.
#[divan::bench(args = [1, 4, 16])]
fn write_the_statement_of_an_action(bencher: Bencher<'_, '_>, stays: i64) {
    let batch = action(stays).expect("rows of known types");
    bencher.bench_local(|| batch.script());
}
