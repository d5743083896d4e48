//! A plugin reaches only the addresses of its grant, and only at their real places.

use motcua_domain::procedure::plugin::{Grant, HttpGrant, PluginLimits};
use motcua_sandbox::{HttpClient, NotifyTrouble, PluginCall, PluginFault, Sandbox, SandboxSetup, SpentResources};
use serde_json::json;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

type Outcome = (Result<Result<(), NotifyTrouble>, PluginFault>, SpentResources);

/// A server on this machine that counts its clients, and answers `answer`.
struct Server {
    address: SocketAddr,
    visits: Arc<AtomicUsize>,
}

impl Server {
    async fn start(status: u16, location: Option<String>, body: usize) -> Self {
        let visits = Arc::new(AtomicUsize::new(0));
        let seen = visits.clone();
        let answer = move |_: axum::body::Bytes| {
            seen.fetch_add(1, Ordering::Relaxed);
            let mut response = axum::http::Response::builder().status(status);
            if let Some(location) = &location {
                response = response.header("location", location);
            }
            let response = response.body(axum::body::Body::from(vec![b'x'; body])).expect("a response");
            async move { response }
        };
        let router = axum::Router::new().fallback(answer);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, visits }
    }

    fn visits(&self) -> usize {
        self.visits.load(Ordering::Relaxed)
    }
}

fn grant(origin: &str, private: bool) -> Grant {
    let headers = ["content-type", "webhook-id", "webhook-timestamp", "webhook-signature"].map(str::to_owned).to_vec();
    let http = HttpGrant { origin: origin.to_owned(), methods: vec!["POST".to_owned()], headers, private };
    Grant { http: vec![http], secrets: vec!["webhook".to_owned()], ..Grant::default() }
}

/// Lets the webhook of the kit notify `url` of an event.
async fn tell(client: HttpClient, grant: Grant, url: &str) -> Outcome {
    let event = json!({
        "id": "1", "type": "filed", "at": "2026-11-24T01:30:00Z", "timestamp": 1_795_000_000, "dossier": {},
        "settings": { "url": url }, "secrets": { "webhook": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" },
    });
    let call = move || {
        let sandbox = Sandbox::new(SandboxSetup { client, ..SandboxSetup::default() }).expect("a sandbox");
        let component = motcua_first_party::component("webhook").expect("it comes with the kit");
        let digest = sandbox.load(component, &PluginLimits::default()).expect("it can be loaded");
        let limits = PluginLimits { milliseconds: 5_000, ..PluginLimits::default() };
        sandbox.connect(&PluginCall { component: &digest, limits, grant: &grant, applicant: "" }, &event)
    };
    tokio::task::spawn_blocking(call).await.expect("no panic")
}

fn refused(outcome: &Outcome) -> &str {
    match &outcome.0 {
        Ok(Err(NotifyTrouble::Never(why))) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_of_the_grant_is_reached() {
    let server = Server::start(200, None, 2).await;
    let origin = format!("http://{}", server.address);
    let outcome = tell(HttpClient::default(), grant(&origin, true), &format!("{origin}/hook")).await;
    assert_eq!(outcome.0, Ok(Ok(())), "{outcome:?}");
    assert_eq!(server.visits(), 1);
    assert_eq!(outcome.1.log, ["filed 1: 200"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_not_granted_is_not_reached() {
    let (server, other) = (Server::start(200, None, 2).await, Server::start(200, None, 2).await);
    let origin = format!("http://{}", other.address);
    let outcome = tell(HttpClient::default(), grant(&origin, true), &format!("http://{}/hook", server.address)).await;
    assert!(refused(&outcome).contains("the grant does not name"), "{outcome:?}");
    assert_eq!((server.visits(), other.visits()), (0, 0));
    let nothing = Grant { secrets: vec!["webhook".to_owned()], ..Grant::default() };
    let outcome = tell(HttpClient::default(), nothing, &format!("http://{}/hook", server.address)).await;
    assert!(refused(&outcome).contains("the grant does not name"));
    assert_eq!(server.visits(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn this_machine_is_not_reached_unless_it_is_granted() {
    let server = Server::start(200, None, 2).await;
    let port = server.address.port();
    for host in ["127.0.0.1", "localhost", "127.1.2.3", "[::1]", "0.0.0.0", "[::ffff:127.0.0.1]"] {
        let origin = format!("http://{host}:{port}");
        let outcome = tell(HttpClient::default(), grant(&origin, false), &format!("{origin}/hook")).await;
        assert!(refused(&outcome).contains("private network"), "{host}: {outcome:?}");
    }
    assert_eq!(server.visits(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_not_followed() {
    let inside = Server::start(200, None, 2).await;
    let location = format!("http://{}/secret", inside.address);
    let server = Server::start(307, Some(location), 2).await;
    let origin = format!("http://{}", server.address);
    let outcome = tell(HttpClient::default(), grant(&origin, true), &format!("{origin}/hook")).await;
    assert_eq!(outcome.0, Ok(Err(NotifyTrouble::Again("the receiver answered 307".to_owned()))));
    assert_eq!((server.visits(), inside.visits()), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_points_into_a_private_network_is_not_reached() {
    let server = Server::start(200, None, 2).await;
    let (inside, public) = (server.address, SocketAddr::from(([113, 160, 0, 1], 80)));
    for addresses in [vec![inside], vec![public, inside], vec![inside, public], vec![([10, 0, 0, 1], 80).into()]] {
        let names = move |_: &str| Ok(addresses.clone());
        let origin = "http://esb.example.vn";
        let outcome = tell(HttpClient::resolving(names), grant(origin, false), &format!("{origin}/hook")).await;
        assert!(refused(&outcome).contains("esb.example.vn is in a private network"), "{outcome:?}");
    }
    assert_eq!(server.visits(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_for_private_networks_sends_nothing_unencrypted_into_the_internet_nor_to_links() {
    let server = Server::start(200, None, 2).await;
    let origin = "http://esb.example.vn";
    for (addresses, words) in [
        (vec![SocketAddr::from(([113, 160, 0, 1], 80))], "only https://"),
        (vec![server.address, ([169, 254, 169, 254], 80).into()], "no grant opens"),
        (vec![server.address, ([113, 160, 0, 1], 80).into()], "no grant opens"),
    ] {
        let names = move |_: &str| Ok(addresses.clone());
        let outcome = tell(HttpClient::resolving(names), grant(origin, true), &format!("{origin}/hook")).await;
        assert!(refused(&outcome).contains(words), "{outcome:?}");
    }
    assert_eq!(server.visits(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_that_is_too_large_is_not_taken_for_an_answer() {
    let server = Server::start(502, None, 300 << 10).await;
    let origin = format!("http://{}", server.address);
    let outcome = tell(HttpClient::default(), grant(&origin, true), &format!("{origin}/hook")).await;
    assert!(matches!(&outcome.0, Ok(Err(NotifyTrouble::Again(why))) if why.contains("502")), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_resolved_once_and_that_address_is_reached() {
    // A name that points outside when it is checked and inside when it is used.
    let (good, inside) = (Server::start(200, None, 2).await, Server::start(200, None, 2).await);
    let asked = Arc::new(AtomicUsize::new(0));
    let (first, then, count) = (good.address, inside.address, asked.clone());
    let names = move |_: &str| Ok(vec![if count.fetch_add(1, Ordering::Relaxed) == 0 { first } else { then }]);
    let origin = "http://esb.example.vn";
    let outcome = tell(HttpClient::resolving(names), grant(origin, true), &format!("{origin}/hook")).await;
    assert_eq!(outcome.0, Ok(Ok(())));
    assert_eq!((good.visits(), inside.visits(), asked.load(Ordering::Relaxed)), (1, 0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_end_is_cut_off() {
    let server = Server::start(200, None, 300 << 10).await;
    let origin = format!("http://{}", server.address);
    // The webhook was received. The size of the answer does not concern it, and the answer was not stored.
    let outcome = tell(HttpClient::default(), grant(&origin, true), &format!("{origin}/hook")).await;
    assert_eq!(outcome.0, Ok(Ok(())));
    assert!(outcome.1.log.is_empty(), "there was no answer to log");
    assert!(outcome.1.memory < 8 << 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_there_is_no_answer_and_tried_again() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port");
    let origin = format!("http://{free}");
    let outcome = tell(HttpClient::default(), grant(&origin, true), &format!("{origin}/hook")).await;
    assert!(matches!(outcome.0, Ok(Err(NotifyTrouble::Again(_)))), "{outcome:?}");
}

#[test]
fn only_connect_may_send() {
    // A plugin that judges forms and sends a request while it does so.
    let module = motcua_tests::plugin::Module {
        imports: r#"(import "motcua:procedure/http@0.2.0" "send"
            (func $send (param i32 i32 i32 i32 i32 i32 i32 i32 i32)))"#
            .to_owned(),
        other: r#"(data (i32.const 100) "POST") (data (i32.const 200) "http://127.0.0.1:1/")"#.to_owned(),
        realloc: "(i32.const 30000)".to_owned(),
        // Answers as many findings as the discriminants of the outcome say: an error (1), of the first kind (0).
        validate: "(call $send (i32.const 100) (i32.const 4) (i32.const 200) (i32.const 19) (i32.const 0) (i32.const 0)
                        (i32.const 0) (i32.const 0) (i32.const 20000))
                   (i32.store (i32.const 2048) (i32.const 40000))
                   (i32.store (i32.const 2052) (i32.add (i32.load8_u (i32.const 20000)) (i32.load8_u (i32.const 20004))))
                   (i32.const 2048)"
            .to_owned(),
        ..Default::default()
    };
    let world = "package test:sends; world sending { include motcua:procedure/validator@0.2.0; import motcua:procedure/http@0.2.0; }";
    let sandbox = motcua_tests::plugin::sandbox();
    let component = module.with_packages(&[world], "sending");
    let granted = grant("http://127.0.0.1:1", true);
    let (answer, _) = motcua_tests::plugin::ask_within(&sandbox, &component, PluginLimits::default(), &granted);
    assert_eq!(answer.map(|found| found.len()), Ok(1), "refused");
}
