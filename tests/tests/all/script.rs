//! The portal's module in headless Chromium: it saves, sends and searches by the routes of the page's own buttons, and
//! a browser without it loses nothing.

use crate::chromium::{Driver, Person};
use crate::two_tabs::with;
use anyhow::{Context as _, ensure};
use fantoccini::Locator;
use fantoccini::key::Key;
use motcua_domain::text::Language;
use motcua_portal::theme::Shell;
use motcua_portal::{PAGES, Theme};
use motcua_tests::browser::Browser;
use motcua_tests::portal::{App, Kind};
use motcua_tests::walk::{self, BIRTH, CHILD, COMPANY};
use serde_json::Value as Json;
use std::path::Path;

/// The procedure whose form has a list that depends on another answer.
const DIVIDE: &str = "/procedures/so-tnmt/tach-thua-hop-thua-dat";

/// The modules of the default theme.
const MODULES: [&str; 3] = ["portal.js", "map.js", "photo.js"];

/// The most times that a test looks for something that a script does by itself.
pub const LOOKS: usize = 20_000;

#[test]
fn every_script_of_a_page_is_a_file_of_the_portal_or_data() {
    let theme = Theme::embedded().expect("it is there");
    let mut modules = 0;
    for language in [Language::Vi, Language::En] {
        for shell in Shell::samples(language) {
            for page in PAGES {
                for html in page.rendered(&theme, language, &shell) {
                    let html = html.expect("it renders");
                    for tag in html.split("<script").skip(1).filter_map(|rest| rest.split('>').next()) {
                        let is_ours = MODULES.iter().any(|module| tag.ends_with(&format!("/{module}\"")));
                        let is_module = tag.starts_with(" type=\"module\" src=\"") && is_ours;
                        assert!(is_module || tag == " type=\"application/ld+json\"", "{}: {tag}", page.template);
                        modules += usize::from(is_module);
                    }
                    assert!(!html.contains(" onclick=") && !html.contains(" style="), "{}", page.template);
                }
            }
        }
    }
    assert!(modules > 0, "no page has the module");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_saved_while_somebody_types_and_nothing_typed_is_lost() {
    let app = App::start(Kind::Sqlite).await;
    let driver = Driver::start().await.expect("a driver");
    save_while_typing(&app, &driver).await.expect("it is saved");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_depends_on_an_answer_follows_it_and_typed_text_stays() {
    let app = App::start(Kind::Sqlite).await;
    let driver = Driver::start().await.expect("a driver");
    follow_answers(&app, &driver).await.expect("it follows");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_sent_as_soon_as_they_are_chosen_and_a_refused_one_stops_no_other() {
    let app = App::start(Kind::Sqlite).await;
    let driver = Driver::start().await.expect("a driver");
    send_files(&app, &driver).await.expect("they are sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_with_text_that_was_not_sent_is_left_only_after_a_question() {
    let app = App::start(Kind::Sqlite).await;
    let driver = Driver::start().await.expect("a driver");
    leave_with_text(&app, &driver).await.expect("it asks");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_goes_through_a_list_with_single_keys_and_switches_them_off() {
    let app = App::start(Kind::Sqlite).await;
    let driver = Driver::start().await.expect("a driver");
    work_with_keys(&app, &driver).await.expect("the keys work");
}

/// Waits until a page of the portal has a text, as another browser of the same person sees it.
pub async fn stored(citizen: &Browser, path: &str, text: &str) -> anyhow::Result<()> {
    for _ in 0..LOOKS {
        if citizen.get(path).await.ok().body.contains(text) {
            return Ok(());
        }
    }
    anyhow::bail!("`{text}` is never stored at {path}")
}

/// Waits until an element shows a text.
pub async fn shows(person: &Person<'_>, css: &str, text: &str) -> anyhow::Result<()> {
    let mut seen = String::new();
    for _ in 0..LOOKS {
        // The script may replace the element at this moment, so the test looks again.
        let Ok(found) = person.client.find(Locator::Css(css)).await else { continue };
        let Ok(now) = found.text().await else { continue };
        if now.contains(text) {
            return Ok(());
        }
        seen = now;
    }
    anyhow::bail!("`{css}` never shows `{text}`: {seen}")
}

/// Waits until there is an element.
pub async fn appears(person: &Person<'_>, css: &str) -> anyhow::Result<()> {
    for _ in 0..LOOKS {
        if person.client.find(Locator::Css(css)).await.is_ok() {
            return Ok(());
        }
    }
    anyhow::bail!("there is never `{css}`")
}

/// Returns the content of a control of the page.
pub async fn content(person: &Person<'_>, css: &str) -> anyhow::Result<String> {
    let found = person.client.find(Locator::Css(css)).await.with_context(|| css.to_owned())?;
    Ok(found.prop("value").await?.unwrap_or_default())
}

async fn save_while_typing(app: &App, driver: &Driver) -> anyhow::Result<()> {
    const NAME: &str = "input[name='child_name']";
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let page = format!("{}/1", walk::begin(&citizen, BIRTH).await);
    let person = Person::sit_down_with_script("typist", driver, app).await?;
    person.log_in("0912345678").await?;

    person.open(&page).await?;
    person.type_into("child_name", "Nguyễn Minh Khôi").await?;
    stored(&citizen, &page, "value=\"Nguyễn Minh Khôi\"").await?;
    // The page goes on from what it saved, so it does not meet itself as another page.
    person.type_into("birth_place", "Bệnh viện").await?;
    person.press("button.primary[value=next]").await?;
    person.sees("Hãy nhập").await?;
    ensure!(!person.client.source().await?.contains("id=\"overlaps\""), "the page overlaps with itself");
    ensure!(content(&person, NAME).await? == "Nguyễn Minh Khôi", "it was typed");

    // Another page of the same draft wrote meanwhile: both contents stay, and the person decides.
    person.open(&page).await?;
    citizen.post(&page, &with(CHILD, &[("child_name", "Tên Khác")])).await.ok();
    person.type_into("child_name", "Tên Đang Gõ").await?;
    shows(&person, "#overlaps", "Tên Khác").await?;
    ensure!(content(&person, NAME).await? == "Tên Đang Gõ", "what was typed stays");
    citizen.get(&page).await.ok().has(&["value=\"Tên Khác\""]);
    person.shot("overlap-with-script").await?;
    person.press("button.primary[value=next]").await?;
    citizen.get(&page).await.ok().has(&["value=\"Tên Đang Gõ\""]);

    // The session has ended: the text stays, and the next button carries it through the log-in.
    person.open(&page).await?;
    person.client.delete_cookie("motcua").await?;
    person.type_into("child_name", "Tên Chưa Lưu").await?;
    shows(&person, "draft-saver", "Phiên đăng nhập đã hết").await?;
    ensure!(content(&person, NAME).await? == "Tên Chưa Lưu", "what was typed stays");
    person.press("button.primary[value=next]").await?;
    ensure!(person.client.source().await?.contains("value=\"Tên Chưa Lưu\""), "it is carried on");
    person.leave().await
}

async fn follow_answers(app: &App, driver: &Driver) -> anyhow::Result<()> {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let draft = walk::begin(&citizen, DIVIDE).await;
    let person = Person::sit_down_with_script("owner", driver, app).await?;
    person.log_in("0912345678").await?;
    person.open(&format!("{draft}/2")).await?;
    let refresh = person.client.find(Locator::Css("button[value=refresh]")).await?;
    ensure!(!refresh.is_displayed().await?, "the button is for browsers without the module");
    person.type_into("sheet", "2").await?;
    person.tap("select[name='plot_place.province'] option[value='74']").await?;
    appears(&person, "select[name='plot_place.commune'] option[value='25747']").await?;
    ensure!(content(&person, "input[name='sheet']").await? == "2", "what was typed stays");
    ensure!(content(&person, "select[name='plot_place.province']").await? == "74", "what was chosen stays");
    shows(&person, "draft-saver", "Đã lưu lúc").await?;
    person.shot("list-with-script").await?;
    search_without_accents(&person).await?;
    person.leave().await
}

/// Searches a long list. The sample province has none, so the page gets one.
async fn search_without_accents(person: &Person<'_>) -> anyhow::Result<()> {
    const BOX: &str = "const box = document.createElement('search-box');
        box.innerHTML = '<label for=trade>Ngành</label><input id=trade list=trades><datalist id=trades>'
          + '<option value=\"0111 Trồng lúa\"><option value=\"2393 Sản xuất sản phẩm gốm sứ khác\">'
          + '<option value=\"4711 Bán lẻ\"></datalist>';
        document.getElementById('content').append(box);";
    person.client.execute(BOX, vec![]).await?;
    let field = person.client.find(Locator::Css("#trade")).await?;
    field.send_keys("su gom").await?;
    let options = person.client.find_all(Locator::Css("search-box [role=option]")).await?;
    ensure!(options.len() == 1, "one entry has both words");
    ensure!(field.attr("aria-expanded").await?.as_deref() == Some("true"), "the list is open");
    field.send_keys(&Key::Down).await?;
    let named = field.attr("aria-activedescendant").await?;
    ensure!(named == options[0].attr("id").await?, "the marked entry is the one that is read out");
    field.send_keys(&Key::Enter).await?;
    ensure!(content(person, "#trade").await? == "2393 Sản xuất sản phẩm gốm sứ khác", "it is chosen");
    Ok(())
}

async fn send_files(app: &App, driver: &Driver) -> anyhow::Result<()> {
    const INPUT: &str = "#file-identity_papers";
    const PAPER: &str = "section[id='papers.identity_papers']";
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/motcua/src/demo");
    let (pdf, photo) = (demo.join("paper.pdf").canonicalize()?, demo.join("photo.jpg").canonicalize()?);
    let other = tempfile::tempdir()?;
    let (program, copy) = (other.path().join("hai.exe"), other.path().join("ba.pdf"));
    std::fs::write(&program, b"MZ\x90\0")?;
    std::fs::copy(&pdf, &copy)?;
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let papers = format!("{}/papers", walk::begin(&citizen, COMPANY).await);
    let person = Person::sit_down_with_script("founder", driver, app).await?;
    person.log_in("0912345678").await?;
    person.open(&papers).await?;
    let files = [&pdf, &program, &photo].map(|file| file.to_string_lossy().into_owned()).join("\n");
    person.client.find(Locator::Css(INPUT)).await?.send_keys(&files).await?;
    shows(&person, "main > .box.bad", "hai.exe").await?;
    // The page names files as soon as it sends them, so the test asks what is stored.
    for file in ["paper.pdf", "photo.jpg"] {
        stored(&citizen, &papers, file).await?;
        shows(&person, PAPER, file).await?;
    }
    let page = citizen.get(&papers).await.ok();
    ensure!(page.body.matches("/detach/").count() == 2, "two files are attached: {}", page.text());
    ensure!(person.client.current_url().await?.path() == papers, "the page stayed");
    person.shot("papers-with-script").await?;

    // The same page in a browser without scripts has the button that the module does without.
    let plain = Person::sit_down("plain", driver, app).await?;
    plain.log_in("0912345678").await?;
    plain.open(&papers).await?;
    let undefined = plain.client.execute("return customElements.get('file-drop') === undefined", vec![]).await?;
    ensure!(undefined == Json::Bool(true), "no script of the page runs");
    let button = format!("{PAPER} button[formaction$='/papers/identity_papers']");
    ensure!(plain.client.find(Locator::Css(&button)).await?.is_displayed().await?, "the button is there");
    let shown = person.client.find(Locator::Css(&button)).await?.is_displayed().await?;
    ensure!(!shown, "files are sent without the button");
    plain.attach(INPUT, &copy).await?;
    plain.press(&button).await?;
    ensure!(citizen.get(&papers).await.ok().body.matches("/detach/").count() == 3, "the button attaches");
    plain.leave().await?;
    person.leave().await
}

async fn leave_with_text(app: &App, driver: &Driver) -> anyhow::Result<()> {
    // A driver answers the browser's question by itself, so the test asks the page.
    const ASKS: &str = "const event = new Event('beforeunload', { cancelable: true });
        window.dispatchEvent(event);
        return event.defaultPrevented;";
    let dossier = walk::birth(&app.citizen("Nguyễn Văn An", "0912345678").await).await;
    let person = Person::sit_down_with_script("writer", driver, app).await?;
    person.log_in("0912345678").await?;
    person.open(&dossier).await?;
    ensure!(person.client.execute(ASKS, vec![]).await? == Json::Bool(false), "nothing was typed");
    person.type_into("message.text", "Bao giờ có kết quả?").await?;
    ensure!(person.client.execute(ASKS, vec![]).await? == Json::Bool(true), "text was typed");
    person.press("button[formaction$='/messages']").await?;
    person.sees("Bao giờ có kết quả?").await?;
    ensure!(person.client.execute(ASKS, vec![]).await? == Json::Bool(false), "it was sent");
    person.leave().await
}

/// Returns the text or the name of the element that has the focus.
async fn focused(person: &Person<'_>) -> anyhow::Result<String> {
    let script = "const now = document.activeElement; return now.name || now.textContent.trim();";
    Ok(person.client.execute(script, vec![]).await?.as_str().unwrap_or_default().to_owned())
}

/// Presses a key where the focus is.
async fn key(person: &Person<'_>, key: &str) -> anyhow::Result<()> {
    Ok(person.client.active_element().await?.send_keys(key).await?)
}

async fn work_with_keys(app: &App, driver: &Driver) -> anyhow::Result<()> {
    let citizen = app.citizen("Nguyễn Văn An", "0912345678").await;
    let mut codes = Vec::new();
    for _ in 0..2 {
        codes.push(walk::birth(&citizen).await.trim_start_matches("/dossiers/").to_owned());
    }
    let person = Person::sit_down_with_script("keyboard", driver, app).await?;
    person.log_in("thu.phucuong").await?;
    person.open("/desk?view=open").await?;
    appears(&person, "desk-keys:not([hidden])").await?;
    key(&person, "j").await?;
    let first = focused(&person).await?;
    key(&person, "j").await?;
    let second = focused(&person).await?;
    ensure!(first != second && codes.contains(&first) && codes.contains(&second), "{first} {second} {codes:?}");
    key(&person, "j").await?;
    ensure!(focused(&person).await? == second, "the list ends there");
    key(&person, "k").await?;
    ensure!(focused(&person).await? == first, "the row before");
    key(&person, "?").await?;
    appears(&person, "desk-keys details[open]").await?;
    key(&person, "/").await?;
    ensure!(focused(&person).await? == "q", "the search has the focus");
    // In a box, each key is a letter.
    key(&person, "jk?/").await?;
    ensure!(content(&person, "#staff-search").await? == "jk?/", "it was typed");
    person.tap("desk-keys input").await?;
    person.open("/desk?view=open").await?;
    appears(&person, "desk-keys:not([hidden])").await?;
    let before = focused(&person).await?;
    key(&person, "j").await?;
    ensure!(focused(&person).await? == before, "the keys are switched off");
    person.leave().await
}
