//! A birth registration that is filed with the keyboard alone, with scripts and without. At each stop the focus is in
//! sight, has a frame and is behind nothing.

use crate::chromium::{Driver, Person};
use anyhow::{Context as _, ensure};
use fantoccini::Locator;
use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use fantoccini::key::Key;
use motcua_tests::portal::{App, Kind, PASSWORD};
use motcua_tests::walk::{BIRTH, CHILD, PARENTS};
use serde_json::{Value as Json, json};
use std::path::Path;

/// The most times that somebody presses the tab key before a thing on the page has the focus.
const STOPS: usize = 120;

/// The most times that a test looks for a change of the page.
const LOOKS: usize = 20_000;

/// Returns an empty text if the focus can be seen where it is, or a description of the fault.
const SEE: &str = "const now = document.activeElement;
    if (!now || now === document.body) return '';
    const box = now.getBoundingClientRect();
    const style = getComputedStyle(now);
    const top = Math.max(box.top, 0), bottom = Math.min(box.bottom, innerHeight);
    const words = now.outerHTML.replace(/\\s+/g, ' ').slice(0, 160);
    if (box.width < 1 || bottom - top < 1 || box.right < 1 || box.left >= innerWidth) return `out of sight: ${words}`;
    if (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2) return `without a frame: ${words}`;
    const middle = Math.min(Math.max((box.left + box.right) / 2, 0), innerWidth - 1);
    const hit = document.elementFromPoint(middle, (top + bottom) / 2);
    if (hit && !now.contains(hit) && !hit.contains(now)) return `behind another thing: ${words}`;
    return '';";

/// Returns whether the element that has the focus fits a selector.
const FITS: &str = "return document.activeElement !== null && document.activeElement.matches(arguments[0]);";

#[tokio::test(flavor = "multi_thread")]
async fn a_birth_registration_is_filed_with_the_keyboard_alone() {
    let app = App::start(Kind::Sqlite).await;
    let driver = Driver::start().await.expect("a driver");
    let person = Person::sit_down("keyboard", &driver, &app).await.expect("a browser");
    file(&person, "0908 111 222", false).await.expect("it is filed");
    person.leave().await.expect("it ends");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_birth_registration_is_filed_with_the_keyboard_alone_with_scripts() {
    let app = App::start(Kind::Sqlite).await;
    let driver = Driver::start().await.expect("a driver");
    let person = Person::sit_down_with_script("keyboard", &driver, &app).await.expect("a browser");
    file(&person, "0908 111 333", true).await.expect("it is filed");
    person.leave().await.expect("it ends");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_menus_of_a_phone_open_and_close_by_keyboard_without_scripts() {
    let app = App::start(Kind::Sqlite).await;
    let driver = Driver::start().await.expect("a driver");
    let person = Person::sit_down("phone", &driver, &app).await.expect("a browser");
    use_menus(&person).await.expect("the menus work");
    person.leave().await.expect("it ends");
}

/// Presses a key where the focus is.
async fn press(person: &Person<'_>, key: Key) -> anyhow::Result<()> {
    let value = char::from(key);
    let keys = KeyActions::new("keys".to_owned()).then(KeyAction::Down { value }).then(KeyAction::Up { value });
    Ok(person.client.perform_actions(keys).await?)
}

/// Returns whether the focus is on an element that fits a selector.
async fn is_at(person: &Person<'_>, css: &str) -> anyhow::Result<bool> {
    Ok(person.client.execute(FITS, vec![json!(css)]).await? == Json::Bool(true))
}

/// Goes on with the tab key until an element that fits a selector has the focus.
async fn reach(person: &Person<'_>, css: &str) -> anyhow::Result<()> {
    for _ in 0..STOPS {
        if is_at(person, css).await? {
            return Ok(());
        }
        press(person, Key::Tab).await?;
        let fault = person.client.execute(SEE, vec![]).await?;
        ensure!(fault == json!(""), "on the way to `{css}`, the focus is {fault}");
    }
    anyhow::bail!("the focus never comes to `{css}` at {}", person.client.current_url().await?)
}

/// Reaches a link or a button, presses the enter key, and waits until the page is another one.
async fn go(person: &Person<'_>, css: &str) -> anyhow::Result<()> {
    reach(person, css).await?;
    let before = person.client.find(Locator::Css("html")).await?;
    press(person, Key::Enter).await?;
    for _ in 0..LOOKS {
        if before.tag_name().await.is_err() {
            return Ok(());
        }
    }
    anyhow::bail!("`{css}` leads to no other page")
}

/// Reaches a box and types into it.
async fn write(person: &Person<'_>, name: &str, text: &str) -> anyhow::Result<()> {
    reach(person, &format!("main [name='{name}']")).await?;
    Ok(person.client.active_element().await?.send_keys(text).await?)
}

/// Types the answer to a question of a form.
async fn answer(person: &Person<'_>, answers: &[(&str, &str)], name: &str) -> anyhow::Result<()> {
    let known = answers.iter().find(|(known, _)| *known == name);
    let (_, text) = known.with_context(|| name.to_owned())?;
    write(person, name, text).await
}

/// Reaches the choices of a question, and goes from one to the next until the wanted one is chosen.
async fn choose(person: &Person<'_>, name: &str, value: &str) -> anyhow::Result<()> {
    reach(person, &format!("input[name='{name}']")).await?;
    press(person, Key::Space).await?;
    let wanted = format!("input[name='{name}'][value='{value}']:checked");
    for _ in 0..10 {
        if is_at(person, &wanted).await? {
            return Ok(());
        }
        press(person, Key::Down).await?;
    }
    anyhow::bail!("`{wanted}` is never chosen")
}

/// Goes to the content by the link before it, and opens an account on the way to the form.
async fn begin(person: &Person<'_>, phone: &str) -> anyhow::Result<()> {
    person.open(BIRTH).await?;
    press(person, Key::Tab).await?;
    if is_at(person, "body").await? {
        // A new browser may take the first key before its page has the focus.
        press(person, Key::Tab).await?;
    }
    ensure!(is_at(person, ".skip").await?, "the first stop leads to the content");
    press(person, Key::Enter).await?;
    press(person, Key::Tab).await?;
    ensure!(is_at(person, "main *").await?, "the next stop is in the content");
    go(person, "main form.apply button.primary.big").await?;
    go(person, "main :is(a[href^='/register'], button[formaction='/register'])").await?;
    for (name, text) in [("name", "Trần Thị Bích"), ("phone", phone), ("password", PASSWORD)] {
        write(person, name, text).await?;
    }
    go(person, "main button.primary").await
}

/// Sends a page without answers, and goes from the summary of the mistakes to the first field.
async fn correct(person: &Person<'_>) -> anyhow::Result<()> {
    go(person, "button.primary[value=next]").await?;
    let title = person.client.title().await?;
    ensure!(title.starts_with("Lỗi: "), "{title}");
    ensure!(is_at(person, "main .box.bad").await?, "the summary has the focus");
    press(person, Key::Tab).await?;
    ensure!(is_at(person, "main .box.bad a[href='#child_name']").await?, "its first link is the next stop");
    press(person, Key::Enter).await?;
    ensure!(is_at(person, "#child_name").await?, "the link leads to the field");
    Ok(())
}

async fn file(person: &Person<'_>, phone: &str, scripts: bool) -> anyhow::Result<()> {
    begin(person, phone).await?;
    correct(person).await?;
    answer(person, CHILD, "child_name").await?;
    for (part, text) in [("day", "28"), ("month", "02"), ("year", "2026")] {
        write(person, &format!("birth_date.{part}"), text).await?;
    }
    choose(person, "sex", "male").await?;
    answer(person, CHILD, "birth_place").await?;
    go(person, "button.primary[value=next]").await?;
    answer(person, PARENTS, "mother_name").await?;
    answer(person, PARENTS, "mother_number").await?;
    choose(person, "parents_married", "false").await?;
    answer(person, PARENTS, "copies").await?;
    go(person, "button.primary[value=next]").await?;

    // The choice of a file is a window of the system, so the driver names the file where the focus is.
    let photo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/motcua/src/demo/photo.jpg").canonicalize()?;
    reach(person, "#file-birth_proof").await?;
    person.client.active_element().await?.send_keys(&photo.to_string_lossy()).await?;
    if !scripts {
        go(person, "button[formaction$='/papers/birth_proof']").await?;
        ensure!(is_at(person, "section[id='papers.birth_proof']").await?, "the page begins at the paper");
    }
    person.sees("photo.jpg").await?;
    go(person, "main .buttons button.primary").await?;
    reach(person, "input[name=consent]").await?;
    press(person, Key::Space).await?;
    go(person, "main form button.primary.big").await?;
    person.sees("GIẤY TIẾP NHẬN HỒ SƠ").await
}

async fn use_menus(person: &Person<'_>) -> anyhow::Result<()> {
    person.width(360, 740).await?;
    person.open("/").await?;
    reach(person, ".menu-button").await?;
    let bar = person.client.find(Locator::Css("header.top")).await?;
    let (_, _, _, height) = bar.rectangle().await?;
    ensure!(height <= 64.0, "the bar has {height} pixels");
    let menu = person.client.find(Locator::Css("nav.menu")).await?;
    ensure!(!menu.is_displayed().await?, "the menus are closed");
    press(person, Key::Enter).await?;
    ensure!(menu.is_displayed().await?, "the menus are open");
    press(person, Key::Tab).await?;
    ensure!(is_at(person, "#menus a").await?, "the next stop is in the menus");
    press(person, Key::Escape).await?;
    ensure!(!menu.is_displayed().await?, "the menus are closed again");
    ensure!(is_at(person, ".menu-button").await?, "the focus is where it was");
    press(person, Key::Space).await?;
    go(person, "#menus a[href='/procedures']").await?;
    ensure!(person.client.current_url().await?.path() == "/procedures", "the menu leads there");
    Ok(())
}
