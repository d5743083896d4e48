//! The map on which people draw a place: with the tiles of one host, on a grid, and beside the text that is typed.

use crate::chromium::{Driver, Person};
use crate::script::{appears, content, stored};
use anyhow::{Context as _, ensure};
use axum::Router;
use axum::http::{StatusCode, Uri};
use motcua_service::TimeSource;
use motcua_tests::browser::Page;
use motcua_tests::portal::{App, Kind, serve};
use motcua_tests::template::Template;
use motcua_tests::walk;
use serde_json::{Value as Json, json};
use std::sync::{Arc, Mutex};

/// The procedure whose second page asks for a border.
const DIVIDE: &str = "/procedures/so-tnmt/tach-thua-hop-thua-dat";

/// The id of the text with the border.
const BORDER: &str = "border";

/// A server that has no tiles.
struct TileServer {
    base: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl TileServer {
    async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let own = Arc::clone(&asked);
        let answer = move |uri: Uri| {
            own.lock().expect("a list").push(uri.path().to_owned());
            async { StatusCode::NOT_FOUND }
        };
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
        Self { base, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("a list").clone()
    }
}

/// Starts the sample province with a map of these tiles.
async fn with_tiles(base: &str) -> App {
    let dir = tempfile::tempdir().expect("a folder");
    Template::Province.install(dir.path(), Kind::Sqlite).await.expect("an install folder");
    let file = dir.path().join("motcua.toml");
    let settings = std::fs::read_to_string(&file).expect("settings");
    let map = format!(
        "\n[map]\ntiles = \"{base}/{{z}}/{{x}}/{{y}}.png\"\ncentre = \"11.05, 106.67\"\n\
         credit = {{ vi = \"© Sở Bản đồ\", en = \"© Office of Maps\" }}\n"
    );
    std::fs::write(&file, settings + &map).expect("written");
    let clock = TimeSource::set_to(Template::Province.end());
    let (services, base) = serve(dir.path(), clock.clone()).await.expect("the portal starts");
    App { services, clock, base, dir }
}

fn header<'a>(page: &'a Page, name: &str) -> &'a str {
    page.headers[name].to_str().expect("plain")
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_page_on_which_a_place_is_drawn_takes_tiles_and_only_from_the_host_of_the_province() {
    const TILES: &str = "https://tiles.example.vn";
    let app = with_tiles(TILES).await;
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::begin(&citizen, DIVIDE).await;
    let drawn = citizen.get(&format!("{draft}/2")).await.ok();
    let refused = citizen.upload(&format!("{draft}/2"), &[("do", "next")], &[]).await;
    assert_eq!(refused.status, 422);
    for page in [drawn, refused] {
        let policy = header(&page, "content-security-policy").to_owned();
        assert!(policy.contains("; img-src 'self' https://tiles.example.vn; "), "{policy}");
        assert_eq!(policy.matches("https:").count(), 1, "{policy}");
        assert!(header(&page, "permissions-policy").contains("geolocation=(self)"));
        assert_eq!(page.headers.get_all("content-security-policy").iter().count(), 1);
        page.has(&["/map.js\"", "id=\"map-tiles\"", "© Sở Bản đồ", "data-shape=\"area\"", "<textarea"]);
    }
    let others = ["1", "papers", "review"].map(|page| format!("{draft}/{page}"));
    for path in others.iter().map(String::as_str).chain(["/", DIVIDE]) {
        let page = citizen.get(path).await.ok();
        assert!(header(&page, "content-security-policy").contains("img-src 'self';"), "{path}");
        assert!(header(&page, "permissions-policy").contains("geolocation=()"), "{path}");
        page.lacks(&["/map.js", TILES]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_tiles_a_place_is_drawn_on_a_grid_and_nothing_comes_from_another_host() {
    let app = App::start(Kind::Sqlite).await;
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::begin(&citizen, DIVIDE).await;
    let page = citizen.get(&format!("{draft}/2")).await.ok();
    assert!(header(&page, "content-security-policy").contains("; img-src 'self'; "));
    page.has(&["/map.js\""]).lacks(&["map-tiles"]);
    let driver = Driver::start().await.expect("a driver");
    let person = Person::sit_down_with_script("owner", &driver, &app).await.expect("a browser");
    draw_on_a_grid(&person, &format!("{draft}/2")).await.expect("it is drawn");
    person.leave().await.expect("it is closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_drawn_is_typed_into_the_text_and_saved_and_what_is_typed_is_drawn() {
    let tiles = TileServer::open().await;
    let app = with_tiles(&tiles.base).await;
    let driver = Driver::start().await.expect("a driver");
    draw_a_border(&app, &driver, &tiles).await.expect("it is drawn");
}

/// Taps a spot of a map, in parts of its width and its height.
async fn tap(person: &Person<'_>, across: f64, down: f64) -> anyhow::Result<()> {
    const SPOT: &str = "const map = document.getElementById(arguments[0]).closest('place-map').querySelector('svg');
        map.scrollIntoView({ block: 'center', behavior: 'instant' });
        const box = map.getBoundingClientRect();
        return { x: box.left + box.width * arguments[1], y: box.top + box.height * arguments[2] };";
    let spot = person.client.execute(SPOT, vec![json!(BORDER), json!(across), json!(down)]).await?;
    for kind in ["mousePressed", "mouseReleased"] {
        let event = json!({ "type": kind, "x": spot["x"], "y": spot["y"], "button": "left", "clickCount": 1 });
        person.cdp("Input.dispatchMouseEvent", event).await?;
    }
    Ok(())
}

/// Returns the points in the text, each with its latitude and longitude.
async fn points(person: &Person<'_>) -> anyhow::Result<Vec<(f64, f64)>> {
    let text = content(person, &format!("#{BORDER}")).await?;
    let point = |line: &str| {
        let (latitude, longitude) = line.split_once(", ")?;
        Some((latitude.parse().ok()?, longitude.parse().ok()?))
    };
    text.lines().map(|line| point(line).with_context(|| line.to_owned())).collect()
}

async fn count(person: &Person<'_>, css: &str) -> anyhow::Result<Option<u64>> {
    let script = "return document.querySelectorAll(arguments[0]).length";
    Ok(person.client.execute(script, vec![json!(css)]).await?.as_u64())
}

async fn draw_on_a_grid(person: &Person<'_>, page: &str) -> anyhow::Result<()> {
    person.log_in("0912345678").await?;
    person.open(page).await?;
    appears(person, "place-map .lines line").await?;
    tap(person, 0.5, 0.5).await?;
    ensure!(points(person).await?.len() == 1, "a corner");
    ensure!(count(person, "place-map image").await? == Some(0), "no tiles");
    person.shot("grid").await?;
    Ok(())
}

async fn draw_a_border(app: &App, driver: &Driver, tiles: &TileServer) -> anyhow::Result<()> {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let page = format!("{}/2", walk::begin(&citizen, DIVIDE).await);
    let person = Person::sit_down_with_script("owner", driver, app).await?;
    person.log_in("0912345678").await?;
    person.open(&page).await?;
    appears(&person, "place-map image").await?;
    for (across, down) in [(0.3, 0.7), (0.7, 0.7), (0.7, 0.3)] {
        tap(&person, across, down).await?;
    }
    let corners = points(&person).await?;
    let [(south, west), (bottom, east), (north, right)] = corners[..] else { anyhow::bail!("{corners:?}") };
    ensure!((south - bottom).abs() < 1e-5 && (east - right).abs() < 1e-5, "the spots are level: {corners:?}");
    ensure!(south < 11.05 && 11.05 < north && west < 106.67 && 106.67 < east, "round the centre: {corners:?}");
    ensure!(tiles.asked().iter().any(|path| path.starts_with("/11/")), "tiles are asked for: {:?}", tiles.asked());
    stored(&citizen, &page, &format!("{south}, {west}")).await?;
    person.shot("border-drawn").await?;

    // A corner that is removed is gone from the text, and one that is typed is drawn.
    person.tap("place-map .tools button:nth-last-child(2)").await?;
    ensure!(points(&person).await?.len() == 2, "a corner is removed");
    person.type_into(BORDER, "11, 106\n11, 106.01\n11.01, 106.01\n11.01, 106").await?;
    ensure!(count(&person, "place-map circle").await? == Some(4), "the typed corners are drawn");
    // What nobody can read is left alone.
    person.type_into(BORDER, "ở góc đường").await?;
    tap(&person, 0.5, 0.5).await?;
    ensure!(content(&person, &format!("#{BORDER}")).await? == "ở góc đường", "the text stays");
    let blocked = "return performance.getEntriesByType('resource').map((one) => new URL(one.name).origin)";
    let origins = person.client.execute(blocked, vec![]).await?;
    let known = [Json::from(app.base.as_str()), Json::from(tiles.base.as_str())];
    let strange = origins.as_array().context("a list")?.iter().find(|origin| !known.contains(origin));
    ensure!(strange.is_none(), "{strange:?}");
    person.leave().await
}
