//! Many writers at once, while connections end and the database crashes.

use super::still;
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::event::Event;
use motcua_domain::names::DossierCode;
use motcua_domain::people::organisation::Actor;
use motcua_service::{Error, Services};
use motcua_store::log::LogTrust;
use motcua_store::{journal, lists};
use motcua_tests::flow::Office;
use motcua_tests::portal::{Kind, database_of};
use motcua_tests::postgres::{Cluster, Terminator};
use std::sync::Arc;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use uuid::Uuid;

/// The number of tries of a command.
const TRIES: usize = 500;

/// The numbers of concurrent writers, of messages of each, and of drafts that each files.
const WRITERS: usize = 8;

const MESSAGES: usize = 15;

const DRAFTS: usize = 2;

/// Writes a message and gives the same command again while the database is not available.
async fn insist_on_message(services: &Services, actor: &Actor, code: &DossierCode, text: &str) {
    let command = services.new_command();
    for _ in 0..TRIES {
        match services
            .dossiers
            .change(actor, code, command.clone(), Command::SendMessage { text: text.to_owned(), files: Vec::new() })
            .await
        {
            Ok(_) => return,
            Err(Error::Unavailable) => {}
            Err(error) => panic!("{code}: {error}"),
        }
    }
    panic!("{code}: the message is never taken");
}

/// Files a draft, again and again while the database is not available.
async fn insist_on_filing(services: &Services, actor: &Actor, draft: Uuid) -> DossierCode {
    for _ in 0..TRIES {
        match services.drafts.file(actor, draft, true).await {
            Ok(code) => return code,
            Err(Error::Unavailable) => {}
            Err(error) => panic!("{draft}: {error}"),
        }
    }
    panic!("{draft}: it is never filed");
}

/// Writers who write concurrently through one node on PostgreSQL.
struct Crew {
    office: Office,
    /// The applicant of the dossiers that get messages.
    citizen: Actor,
    codes: Vec<DossierCode>,
    /// Drafts, each of a citizen of its own.
    drafts: Vec<(Actor, Uuid)>,
}

impl Crew {
    async fn new(cluster: Option<&str>) -> Self {
        let mut office = Office::open_on(Kind::Postgres, cluster, &still(), &[]).await;
        let citizen = office.actor("").await;
        let mut codes = Vec::new();
        for _ in 0..WRITERS / 2 {
            codes.push(office.file(false, false).await.code);
        }
        let mut drafts = Vec::new();
        for number in 0..WRITERS * DRAFTS {
            // A citizen has one draft of a procedure at a time.
            office.next_citizen(&format!("09123400{number:02}")).await;
            drafts.push((office.actor("").await, office.draft(false, false).await));
        }
        Self { office, citizen, codes, drafts }
    }

    /// Starts all writers. The receiver counts the answers, and ends when the writers have ended.
    fn begin(&self) -> (Vec<JoinHandle<()>>, watch::Receiver<usize>) {
        let (answers, answered) = watch::channel(0);
        let work = (0..WRITERS).map(|writer| {
            let (services, actor, answers) = (self.office.services.clone(), self.citizen.clone(), answers.clone());
            let code = self.codes[writer % self.codes.len()].clone();
            let drafts = self.drafts[writer * DRAFTS..][..DRAFTS].to_vec();
            tokio::spawn(async move {
                for number in 0..MESSAGES {
                    insist_on_message(&services, &actor, &code, &format!("{writer}/{number}")).await;
                    answers.send_modify(|answered| *answered += 1);
                }
                for (owner, draft) in drafts {
                    insist_on_filing(&services, &owner, draft).await;
                    answers.send_modify(|answered| *answered += 1);
                }
            })
        });
        (work.collect(), answered)
    }

    /// Checks that every answered change exists once, and nothing else.
    async fn check(mut self, work: Vec<JoinHandle<()>>) {
        for done in futures::future::join_all(work).await {
            done.expect("nobody failed");
        }
        // The connections of the node may have been ended last.
        self.office.reopen().await;
        let database = self.office.services.database();
        for (place, code) in self.codes.iter().enumerate() {
            let events = journal::events(database.reader(), code).await.expect("read");
            let texts = events.into_iter().filter_map(|recorded| match recorded.event {
                Event::MessageSent { text, .. } => Some(text),
                _ => None,
            });
            let mut texts: Vec<String> = texts.collect();
            texts.sort();
            let writers = (0..WRITERS).filter(|writer| writer % self.codes.len() == place);
            let expected = writers.flat_map(|writer| (0..MESSAGES).map(move |number| format!("{writer}/{number}")));
            let mut expected: Vec<String> = expected.collect();
            expected.sort();
            assert_eq!(texts, expected, "{code}");
        }
        let mut filed = Vec::new();
        for (_, draft) in &self.drafts {
            let code = lists::of_draft(database.reader(), *draft).await.expect("read").expect("it was filed");
            filed.push(code.to_string());
        }
        filed.sort();
        filed.dedup();
        assert_eq!(filed.len(), self.drafts.len(), "each under a number of its own");
        let last = format!("-{:04}", self.codes.len() + self.drafts.len());
        assert!(filed.last().is_some_and(|code| code.ends_with(&last)), "no number is left out: {filed:?}");
        let report = database.verify(&LogTrust::default()).await.expect("read");
        assert!(report.is_sound(), "{:?}", report.findings);
        let written = self.codes.len() + self.drafts.len() + WRITERS * MESSAGES;
        assert_eq!(usize::try_from(report.entries).expect("few"), written);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_end_again_and_again_lose_nothing_and_double_nothing() {
    let crew = Crew::new(None).await;
    let database = database_of(crew.office.dir.path()).expect("an address");
    let terminator = Terminator::of(&database).await.expect("an administrator");
    let (work, mut answered) = crew.begin();
    for goal in (0..WRITERS * (MESSAGES + DRAFTS)).step_by(6) {
        // The writers have ended early if one failed.
        if answered.wait_for(|answered| *answered >= goal).await.is_err() {
            break;
        }
        terminator.strike().await.expect("all are ended");
    }
    crew.check(work).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_of_the_database_loses_nothing_and_the_node_goes_on() {
    let cluster = Arc::new(Cluster::start().expect("a cluster"));
    let crew = Crew::new(Some(&cluster.url())).await;
    let (work, mut answered) = crew.begin();
    for goal in [20, 60, 100] {
        if answered.wait_for(|answered| *answered >= goal).await.is_err() {
            break;
        }
        let cluster = Arc::clone(&cluster);
        let crashed = tokio::task::spawn_blocking(move || cluster.crash()).await.expect("no panic");
        crashed.expect("it is back");
    }
    crew.check(work).await;
}
