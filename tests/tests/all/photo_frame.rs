//! Photographs that are straightened in the browser before they are sent.

use crate::chromium::{Driver, Person};
use crate::script::{LOOKS, appears, shows, stored};
use anyhow::{Context as _, ensure};
use fantoccini::Locator;
use fantoccini::key::Key;
use motcua_tests::portal::{App, Kind};
use motcua_tests::walk::{self, COMPANY};
use serde_json::Value as Json;
use std::path::Path;

/// The part of the page about the paper that is photographed.
const PAPER: &str = "section[id='papers.identity_papers']";

/// The first corner of the frame.
const CORNER: &str = "dialog.photo .handle";

#[tokio::test(flavor = "multi_thread")]
async fn a_photograph_is_straightened_on_the_device_and_only_the_result_is_sent() {
    let app = App::start(Kind::Sqlite).await;
    let driver = Driver::start().await.expect("a driver");
    straighten(&app, &driver).await.expect("it is sent");
}

/// Returns how far the first corner is from the left, in percent.
async fn corner(person: &Person<'_>) -> anyhow::Result<f64> {
    let script = "return parseFloat(document.querySelector(arguments[0]).style.left)";
    person.client.execute(script, vec![Json::from(CORNER)]).await?.as_f64().context("a number")
}

/// Waits until there is no such element.
async fn disappears(person: &Person<'_>, css: &str) -> anyhow::Result<()> {
    for _ in 0..LOOKS {
        if person.client.find(Locator::Css(css)).await.is_err() {
            return Ok(());
        }
    }
    anyhow::bail!("there is still `{css}`")
}

async fn straighten(app: &App, driver: &Driver) -> anyhow::Result<()> {
    let photo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/motcua/src/demo/photo.jpg").canonicalize()?;
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let papers = format!("{}/papers", walk::begin(&citizen, COMPANY).await);
    let picker = format!("{PAPER} photo-frame input");
    let person = Person::sit_down_with_script("founder", driver, app).await?;
    person.log_in("0912345678").await?;
    person.open(&papers).await?;
    appears(&person, &picker).await?;
    let button = person.client.find(Locator::Css(&format!("{PAPER} photo-frame button"))).await?;
    ensure!(button.is_displayed().await?, "the button is there");

    // Nothing is sent of a photograph that is dropped.
    person.attach(&picker, &photo).await?;
    appears(&person, CORNER).await?;
    person.tap("dialog.photo .buttons button:last-child").await?;
    disappears(&person, "dialog.photo").await?;
    ensure!(!citizen.get(&papers).await.ok().body.contains("photo.jpg"), "nothing was sent");

    person.attach(&picker, &photo).await?;
    appears(&person, CORNER).await?;
    let before = corner(&person).await?;
    person.client.active_element().await?.send_keys(&Key::Right).await?;
    ensure!((corner(&person).await? - before - 1.0).abs() < 1e-6, "an arrow key moves the corner");
    person.shot("photograph").await?;
    person.tap("dialog.photo button.primary").await?;
    shows(&person, "dialog.photo .help", "Hãy xem chữ trên ảnh").await?;
    person.shot("photograph-straightened").await?;
    person.tap("dialog.photo button.primary").await?;
    // The page names a file as soon as it sends it, so the test asks what is stored.
    stored(&citizen, &papers, "photo.jpg").await?;
    shows(&person, PAPER, "photo.jpg").await?;
    let page = citizen.get(&papers).await.ok();
    ensure!(page.body.matches("/detach/").count() == 1, "one file is attached: {}", page.text());

    // Without scripts there is no button that could do nothing.
    let plain = Person::sit_down("plain", driver, app).await?;
    plain.log_in("0912345678").await?;
    plain.open(&papers).await?;
    ensure!(plain.client.find(Locator::Css("photo-frame button")).await.is_err(), "no button");
    plain.leave().await?;
    person.leave().await
}
