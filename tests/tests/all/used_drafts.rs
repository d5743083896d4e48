//! A draft that a filing uses up. Every saved answer is filed or stays, and the answers are read once.

use crate::store::{file, filing, first_code, rows, story};
use motcua_domain::media::{AttachedPaper, StoredFile};
use motcua_domain::names::{Digest, PaperId};
use motcua_store::drafts::{Attached, Draft, DraftPaper};
use motcua_store::journal::{Append, Appended};
use motcua_store::{Database, co_signing, co_signing_row, drafts};
use motcua_tests::portal::Kind;
use sea_orm::entity::prelude::async_trait;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};
use serde_json::{Map, Value as Json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use uuid::Uuid;

on_both_kinds! {
    a_draft_that_was_changed_since_it_was_read_is_not_used_up
    a_file_that_takes_the_place_of_others_is_attached_even_if_they_are_gone
    a_page_that_is_saved_while_its_draft_is_filed_is_not_lost
    invitations_end_with_the_filing_and_stay_if_it_is_not_written
    what_was_typed_is_read_once_however_many_papers_there_are_and_not_for_a_list
}

/// Returns the current draft that a filing uses up.
async fn draft(database: &Database, append: &Append) -> Option<Draft> {
    let id = append.draft.expect("it uses a draft up").id;
    drafts::draft(database.reader(), id).await.expect("read")
}

/// Returns a paper with a stored file.
async fn paper(database: &Database, of: &str) -> DraftPaper {
    let row = rows(database, "SELECT digest, media_type, bytes FROM file ORDER BY digest LIMIT 1").await.remove(0);
    let file = StoredFile {
        digest: Digest(row["digest"].as_str().expect("text").to_owned()),
        name: "giấy.pdf".to_owned(),
        media_type: row["media_type"].as_str().expect("text").to_owned(),
        bytes: row["bytes"].as_u64().expect("a size"),
    };
    DraftPaper { id: Uuid::now_v7(), attached: AttachedPaper { paper: PaperId(of.to_owned()), file } }
}

fn answers() -> Map<String, Json> {
    Map::from_iter([("child_name".to_owned(), Json::from("Khôi"))])
}

async fn a_draft_that_was_changed_since_it_was_read_is_not_used_up(kind: Kind) {
    let (_dir, services) = story(kind).await;
    let database = services.database();
    let append = filing(database, &first_code(database).await, "T01").await;
    let paper = paper(database, "birth_proof").await;
    for change in ["save", "attach", "detach", "move"] {
        let read = draft(database, &append).await.expect("a draft");
        let transaction = database.begin().await.expect("a transaction");
        match change {
            "save" => _ = transaction.save_draft(read.id, answers(), 0).await.expect("saved").expect("a draft"),
            "attach" => {
                let attached = transaction.attach(read.id, &paper, &[], 1, 0).await.expect("attached");
                assert_eq!(attached, Attached::Done);
            }
            "detach" => assert!(transaction.detach(read.id, paper.id, 0).await.expect("detached")),
            _ => transaction.move_draft(read.id, &read.version, None).await.expect("moved"),
        }
        transaction.commit().await.expect("committed");
        let old = Arc::new(Append { draft: Some(read.state()), ..Append::clone(&append) });
        assert_eq!(database.append(&old).await.expect("an answer"), Appended::Overtaken, "{change}");
        assert!(draft(database, &append).await.is_some(), "{change}");
    }
    let read = draft(database, &append).await.expect("a draft");
    assert_eq!(read.typed, answers());
    let append = Arc::new(Append { draft: Some(read.state()), ..Append::clone(&append) });
    assert_eq!(file(database, &append).await, "T01-261124-0001", "no number was used up");
    assert_eq!(draft(database, &append).await, None);
    // Nothing is answered as saved in a draft that is gone.
    let transaction = database.begin().await.expect("a transaction");
    assert_eq!(transaction.save_draft(read.id, answers(), 0).await.expect("an answer"), None);
    assert_eq!(transaction.attach(read.id, &paper, &[], 1, 0).await.expect("an answer"), Attached::NoDraft);
    assert!(!transaction.detach(read.id, paper.id, 0).await.expect("an answer"));
}

async fn a_file_that_takes_the_place_of_others_is_attached_even_if_they_are_gone(kind: Kind) {
    let (_dir, services) = story(kind).await;
    let database = services.database();
    let append = filing(database, &first_code(database).await, "T01").await;
    let merged = paper(database, "birth_proof").await;
    let gone = [Uuid::now_v7(), Uuid::now_v7()];
    for _ in 0..2 {
        let read = draft(database, &append).await.expect("a draft");
        let transaction = database.begin().await.expect("a transaction");
        let again = DraftPaper { id: Uuid::now_v7(), ..merged.clone() };
        assert_eq!(transaction.attach(read.id, &again, &gone, 1, 0).await.expect("attached"), Attached::Done);
        transaction.commit().await.expect("committed");
        let papers = draft(database, &append).await.expect("a draft").papers;
        assert_eq!(
            papers.into_iter().map(|paper| paper.attached).collect::<Vec<_>>(),
            std::slice::from_ref(&merged.attached)
        );
    }
}

async fn a_page_that_is_saved_while_its_draft_is_filed_is_not_lost(kind: Kind) {
    let (_dir, services) = story(kind).await;
    let database = services.database();
    let append = filing(database, &first_code(database).await, "T01").await;
    let read = draft(database, &append).await.expect("a draft");
    let transaction = database.begin().await.expect("a transaction");
    transaction.save_draft(read.id, answers(), 0).await.expect("saved").expect("a draft");
    let (node, change) = (database.clone(), Arc::clone(&append));
    let filed = tokio::spawn(async move { node.append(&change).await });
    if kind == Kind::Postgres {
        // The statement of the filing has begun, and waits for the row of the draft.
        let waits = "SELECT pid FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while !filed.is_finished() && rows(database, waits).await.is_empty() {
            tokio::task::yield_now().await;
        }
    }
    transaction.commit().await.expect("committed");
    assert_eq!(filed.await.expect("it ran").expect("an answer"), Appended::Overtaken);
    assert_eq!(draft(database, &append).await.map(|draft| draft.typed), Some(answers()));
}

/// Stores an invitation to sign a draft.
async fn invite(database: &Database, draft: Uuid, signer: &str) -> String {
    let id = Uuid::now_v7().to_string();
    let row = co_signing_row::Model {
        id: id.clone(),
        draft: draft.to_string(),
        signer: signer.to_owned(),
        person: signer.to_owned(),
        procedure_name: "{}".to_owned(),
        role: "{}".to_owned(),
        secret_hash: id.clone(),
        created_at: 0,
        expires_at: 0,
        tries: 0,
        account: None,
        account_name: None,
        signed_at: None,
        content: None,
        declined_at: None,
        reason: None,
    };
    let transaction = database.begin().await.expect("a transaction");
    transaction.invite(row).await.expect("stored");
    transaction.commit().await.expect("committed");
    id
}

async fn invitations_end_with_the_filing_and_stay_if_it_is_not_written(kind: Kind) {
    let (_dir, services) = story(kind).await;
    let database = services.database();
    let append = filing(database, &first_code(database).await, "T01").await;
    let id = append.draft.expect("it uses a draft up").id;
    let signed = invite(database, id, "mother").await;
    let ended = [invite(database, id, "father").await, invite(database, id, "guardian").await];
    let kept = async || {
        let found = co_signing::of_draft(database.reader(), id).await.expect("read");
        found.into_iter().map(|row| row.id).collect::<Vec<_>>()
    };
    let old = Append { ended_invitations: ended.to_vec(), ..Append::clone(&append) };
    let transaction = database.begin().await.expect("a transaction");
    assert!(transaction.change_draft(id, 0).await.expect("changed"));
    transaction.commit().await.expect("committed");
    assert_eq!(database.append(&Arc::new(old.clone())).await.expect("an answer"), Appended::Overtaken);
    assert_eq!(kept().await.len(), 3, "nothing was filed");
    let read = draft(database, &append).await.expect("a draft");
    file(database, &Arc::new(Append { draft: Some(read.state()), ..old })).await;
    assert_eq!(kept().await, [signed], "the person who signed finds the dossier");
}

/// A connection that counts the bytes of the answers in drafts, as they come from the database.
struct Counting<'a, C> {
    connection: &'a C,
    typed: AtomicUsize,
}

impl<C> Counting<'_, C> {
    fn count(&self, rows: &[QueryResult]) {
        let typed = rows.iter().filter_map(|row| row.try_get::<String>("", "typed").ok());
        self.typed.fetch_add(typed.map(|typed| typed.len()).sum(), Ordering::Relaxed);
    }
}

#[async_trait::async_trait]
impl<C: ConnectionTrait> ConnectionTrait for Counting<'_, C> {
    fn get_database_backend(&self) -> DbBackend {
        self.connection.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.connection.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.connection.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let row = self.connection.query_one_raw(statement).await?;
        self.count(row.as_slice());
        Ok(row)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let rows = self.connection.query_all_raw(statement).await?;
        self.count(&rows);
        Ok(rows)
    }
}

async fn what_was_typed_is_read_once_however_many_papers_there_are_and_not_for_a_list(kind: Kind) {
    let (_dir, services) = story(kind).await;
    let database = services.database();
    let append = filing(database, &first_code(database).await, "T01").await;
    let id = append.draft.expect("it uses a draft up").id;
    let first = paper(database, "birth_proof").await;
    let transaction = database.begin().await.expect("a transaction");
    transaction.save_draft(id, answers(), 0).await.expect("saved").expect("a draft");
    for name in ["một.pdf", "hai.pdf", "ba.pdf"] {
        let mut paper = DraftPaper { id: Uuid::now_v7(), ..first.clone() };
        name.clone_into(&mut paper.attached.file.name);
        assert_eq!(transaction.attach(id, &paper, &[], 9, 0).await.expect("attached"), Attached::Done);
    }
    transaction.commit().await.expect("committed");

    let counting = Counting { connection: database.reader(), typed: AtomicUsize::new(0) };
    let read = drafts::draft(&counting, id).await.expect("read").expect("a draft");
    assert_eq!((read.papers.len(), &read.typed), (3, &answers()));
    let typed = serde_json::to_string(&answers()).expect("JSON").len();
    assert_eq!(counting.typed.swap(0, Ordering::Relaxed), typed);
    let list = drafts::drafts_of(&counting, &read.account).await.expect("read");
    assert!(list.iter().any(|draft| draft.id == id && draft.typed.is_empty()));
    assert_eq!(counting.typed.into_inner(), "{}".len() * list.len());
}
