//! Other systems that a plugin tells of an event.

use super::{FILE, procedure};
use axum::http::HeaderMap;
use motcua_domain::dossier::event::PlaceMove;
use motcua_domain::workflow::UnitPlace;
use motcua_service::ReorganiseMode;
use motcua_tests::flow::{Office, workflow};
use motcua_tests::portal::Kind;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

on_both_kinds! {
    another_system_is_told_once_it_can_be_reached
    another_system_that_refuses_is_not_tried_again
    another_system_is_told_of_transfers_and_of_moves_to_another_version
}

/// Starts a receiver of webhooks that stores its requests, and answers `status`.
async fn receiver(status: u16) -> (String, Arc<Mutex<Vec<(HeaderMap, String)>>>) {
    let got = Arc::new(Mutex::new(Vec::new()));
    let keep = got.clone();
    let answer = move |headers: HeaderMap, body: String| {
        keep.lock().expect("whole").push((headers, body));
        async move { axum::http::StatusCode::from_u16(status).expect("a status") }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let origin = format!("http://{}", listener.local_addr().expect("an address"));
    let router = axum::Router::new().fallback(answer);
    tokio::spawn(async move { axum::serve(listener, router).await });
    (origin, got)
}

/// Opens an office that notifies `origin` of dossiers that are filed or moved.
async fn telling(kind: Kind, origin: &str) -> Office {
    let plugins = format!(
        r#"[[plugin]]
builtin = "webhook"
tell = ["filed", "transferred", "migrated"]
secrets = ["webhook"]
values = true
settings = {{ url = "{origin}/hook" }}
limits = {{ milliseconds = 5000 }}

[[plugin.http]]
origin = "{origin}"
headers = ["content-type", "webhook-id", "webhook-timestamp", "webhook-signature"]
private = true
"#
    );
    let thu = workflow(&["a counter | done hand-over"]);
    let mut office = Office::open(kind, &thu, &[]).await;
    let settings = std::fs::read_to_string(office.dir.path().join("motcua.toml")).expect("settings");
    let allowed = format!(
        "{settings}\n[plugins]\nprivate_origins = [\"{origin}\"]\nlimits = {{ milliseconds = 5000 }}\nsecrets = {{ webhook = \"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\" }}\n"
    );
    office.write("motcua.toml", &allowed);
    office.write(FILE, &procedure(&plugins, 300));
    office.reopen().await;
    office
}

async fn another_system_is_told_once_it_can_be_reached(kind: Kind) {
    // Nobody listens there yet.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let office = telling(kind, &format!("http://{address}")).await;
    let case = office.file(true, false).await;
    assert_eq!(office.services.jobs.run_jobs().await.expect("jobs run"), 0, "the others are not held up");
    assert_eq!(office.services.jobs.run_connections().await.expect("they run"), 0);
    let got = Arc::new(Mutex::new(Vec::new()));
    let keep = got.clone();
    let answer = move |headers: HeaderMap, body: String| {
        keep.lock().expect("whole").push((headers, body));
        async { "ok" }
    };
    let listener = tokio::net::TcpListener::bind(address).await.expect("the port is free");
    tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback(answer)).await });
    assert_eq!(office.services.jobs.run_connections().await.expect("they run"), 0, "its time has not come");
    office.clock.set(office.clock.now() + jiff::SignedDuration::from_secs(120));
    assert_eq!(office.services.jobs.run_connections().await.expect("they run"), 1);
    assert_eq!(office.services.jobs.run_connections().await.expect("they run"), 0, "once");
    let got = got.lock().expect("whole");
    let (headers, body) = got.first().expect("it was told");
    assert_eq!((got.len(), headers["webhook-id"].to_str().expect("plain")), (1, format!("{}.1", case.code).as_str()));
    assert!(headers["webhook-signature"].to_str().expect("plain").starts_with("v1,"));
    let told: serde_json::Value = serde_json::from_str(body).expect("JSON");
    assert_eq!((&told["type"], &told["data"]["code"]), (&json!("filed"), &json!(case.code)));
    assert_eq!(told["data"]["values"]["area"], json!("bac"), "granted");
}

async fn another_system_that_refuses_is_not_tried_again(kind: Kind) {
    let (origin, got) = receiver(410).await;
    let office = telling(kind, &origin).await;
    office.file(true, false).await;
    assert_eq!(office.services.jobs.run_connections().await.expect("they run"), 0);
    office.clock.set(office.clock.now() + jiff::SignedDuration::from_secs(100_000));
    assert_eq!(office.services.jobs.run_connections().await.expect("they run"), 0);
    assert_eq!(got.lock().expect("whole").len(), 1, "once");
    let admin = office.actor("quantri").await;
    let (dead, _, _) = office.services.jobs.list(&admin).await.expect("an administrator looks");
    assert!(dead.iter().any(|job| job.kind == "connect" && job.error.contains("410")), "{dead:?}");
}

async fn another_system_is_told_of_transfers_and_of_moves_to_another_version(kind: Kind) {
    let (origin, got) = receiver(200).await;
    let mut office = telling(kind, &origin).await;
    let offered = |office: &Office| {
        let catalogue = office.services.procedures.catalogue();
        catalogue.procedure(&"9.900001".into()).expect("offered").version.clone()
    };
    office.file(true, false).await;
    let place = |agency: &str, unit: &str| UnitPlace { agency: agency.into(), unit: unit.into() };
    let moves = [PlaceMove { from: place("so-tnmt", "tai-nguyen-nuoc"), to: place("so-congthuong", "thuong-mai") }];
    let apply = ReorganiseMode::Apply;
    assert_eq!(office.services.dossiers.transfer(&moves, "Nghị quyết", apply).await.expect("applied").moved.len(), 1);
    let old = offered(&office);
    office.write("workflows/thu.toml", &workflow(&["a counter; limit = '1 working-days' | done hand-over"]));
    office.reopen().await;
    let new = offered(&office);
    let moved =
        office.services.dossiers.move_version(&old, &new, &BTreeMap::new(), "Mới", apply).await.expect("applied");
    assert_eq!(moved.moved.len(), 1);
    assert_eq!(office.services.jobs.run_connections().await.expect("they run"), 3);
    let types = |(_, body): &(HeaderMap, String)| {
        let told: serde_json::Value = serde_json::from_str(body).expect("JSON");
        told["type"].as_str().expect("a word").to_owned()
    };
    let mut told: Vec<String> = got.lock().expect("whole").iter().map(types).collect();
    told.sort();
    assert_eq!(told, ["filed", "migrated", "transferred"]);
}
