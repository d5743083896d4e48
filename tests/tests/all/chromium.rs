//! People in front of headless Chromium, with screenshots at phone and at desk width under `target/screenshots`.

use anyhow::{Context as _, ensure};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use motcua_tests::portal::{App, PASSWORD};
use motcua_tests::postgres::free_port;
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// A running driver. Dropping it kills it.
pub struct Driver {
    base: String,
    _process: Child,
}

impl Driver {
    pub async fn start() -> anyhow::Result<Self> {
        let port = free_port()?;
        let mut process = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("chromedriver is not installed; run: apt-get install chromium chromium-driver")?;
        let mut lines = BufReader::new(process.stdout.take().context("a pipe")?).lines();
        while let Some(line) = lines.next_line().await? {
            if line.contains("started successfully") {
                return Ok(Self { base: format!("http://127.0.0.1:{port}"), _process: process });
            }
        }
        anyhow::bail!("chromedriver ended")
    }
}

/// The number of the next screenshot, so that they are in the order of the story.
static NUMBER: AtomicU32 = AtomicU32::new(1);

/// A person in front of a browser.
pub struct Person<'a> {
    name: &'static str,
    pub client: Client,
    driver: &'a Driver,
    base: String,
    shots: PathBuf,
    _profile: TempDir,
}

impl<'a> Person<'a> {
    /// Opens a browser without scripts, as the portal has to work in it.
    pub async fn sit_down(name: &'static str, driver: &'a Driver, app: &App) -> anyhow::Result<Self> {
        Self::open_browser(name, driver, &app.base, false).await
    }

    /// Opens a browser that runs the scripts of pages.
    pub async fn sit_down_with_script(name: &'static str, driver: &'a Driver, app: &App) -> anyhow::Result<Self> {
        Self::open_browser(name, driver, &app.base, true).await
    }

    /// Opens a browser on the pages of any server.
    pub async fn open_browser(
        name: &'static str,
        driver: &'a Driver,
        base: &str,
        scripts: bool,
    ) -> anyhow::Result<Self> {
        let profile = tempfile::tempdir()?;
        let arguments = json!([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            format!("--user-data-dir={}", profile.path().display()),
        ]);
        // 1 lets pages run scripts, and 2 does not. The driver's own scripts always run.
        let scripts = json!({ "profile.managed_default_content_settings.javascript": if scripts { 1 } else { 2 } });
        let options = json!({ "goog:chromeOptions": { "args": arguments, "prefs": scripts } });
        let capabilities = options.as_object().context("an object")?.clone();
        let client = ClientBuilder::new(HttpConnector::new()).capabilities(capabilities).connect(&driver.base).await?;
        let own = std::env::current_exe()?;
        let target = own.ancestors().nth(3).context("the target folder")?;
        let shots = target.join("screenshots");
        std::fs::create_dir_all(&shots)?;
        Ok(Self { name, client, driver, base: base.to_owned(), shots, _profile: profile })
    }

    pub async fn open(&self, path: &str) -> anyhow::Result<()> {
        Ok(self.client.goto(&format!("{}{path}", self.base)).await?)
    }

    pub async fn type_into(&self, name: &str, text: &str) -> anyhow::Result<()> {
        let css = format!("main [name='{name}']:not([type=hidden])");
        let field = self.client.find(Locator::Css(&css)).await.with_context(|| css.clone())?;
        field.clear().await?;
        Ok(field.send_keys(text).await?)
    }

    /// Types a date such as `01/06/2026` into its three boxes.
    pub async fn type_date(&self, name: &str, date: &str) -> anyhow::Result<()> {
        for (part, text) in ["day", "month", "year"].into_iter().zip(date.split('/')) {
            self.type_into(&format!("{name}.{part}"), text).await?;
        }
        Ok(())
    }

    pub async fn choose(&self, name: &str, value: &str) -> anyhow::Result<()> {
        self.tap(&format!("input[name='{name}'][value='{value}']")).await
    }

    pub async fn attach(&self, css: &str, file: &Path) -> anyhow::Result<()> {
        Ok(self.client.find(Locator::Css(css)).await?.send_keys(&file.to_string_lossy()).await?)
    }

    /// Taps an element that stays on the page: a choice, a fold.
    pub async fn tap(&self, css: &str) -> anyhow::Result<()> {
        let found = self.client.find(Locator::Css(css)).await.with_context(|| css.to_owned())?;
        found.click().await.with_context(|| css.to_owned())
    }

    /// Presses an element that leads to another page, and waits until the old one is gone.
    pub async fn press(&self, css: &str) -> anyhow::Result<()> {
        self.go(Locator::Css(css)).await.with_context(|| css.to_owned())
    }

    /// Presses the link or button with these words as [`Person::press`] does.
    pub async fn press_words(&self, words: &str) -> anyhow::Result<()> {
        let path = format!("//main//*[self::a or self::button][contains(normalize-space(.), '{words}')]");
        self.go(Locator::XPath(&path)).await.with_context(|| words.to_owned())
    }

    async fn go(&self, to: Locator<'_>) -> anyhow::Result<()> {
        let before = self.client.find(Locator::Css("html")).await?;
        self.client.find(to).await?.click().await?;
        for _ in 0..5000 {
            // An element of the old page is stale once the new one is there.
            if before.tag_name().await.is_err() {
                return Ok(());
            }
        }
        anyhow::bail!("the page did not change")
    }

    pub async fn sees(&self, words: &str) -> anyhow::Result<()> {
        // The page may be changing at this moment, so the test asks again.
        let mut seen = String::new();
        for _ in 0..100 {
            let Ok(body) = self.client.find(Locator::Css("body")).await else { continue };
            seen = body.text().await.unwrap_or_default();
            if seen.to_lowercase().contains(&words.to_lowercase()) {
                return Ok(());
            }
        }
        anyhow::bail!("{} does not see `{words}`:\n{seen}", self.name)
    }

    pub async fn log_in(&self, login: &str) -> anyhow::Result<()> {
        self.open("/login").await?;
        self.type_into("login", login).await?;
        self.type_into("password", PASSWORD).await?;
        self.press("main button.primary").await
    }

    /// Gives the browser a command of its protocol for tools, and returns the answer.
    pub async fn cdp(&self, command: &str, parameters: Json) -> anyhow::Result<Json> {
        let session = self.client.session_id().await?.context("a session")?;
        let url = format!("{}/session/{session}/goog/cdp/execute", self.driver.base);
        let body = json!({ "cmd": command, "params": parameters }).to_string();
        motcua_store::install_crypto_provider();
        let response =
            reqwest::Client::new().post(url).header("content-type", "application/json").body(body).send().await?;
        let is_done = response.status().is_success();
        let text = response.text().await?;
        ensure!(is_done, "{text}");
        let mut answer: Json = serde_json::from_str(&text)?;
        Ok(answer["value"].take())
    }

    /// Gives the page a size in pixels.
    pub async fn width(&self, width: u32, height: i64) -> anyhow::Result<()> {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.cdp("Emulation.setDeviceMetricsOverride", metrics).await?;
        Ok(())
    }

    /// Takes screenshots of the page on a phone and on a services. Nothing may stick out to the side.
    pub async fn shot(&self, page: &str) -> anyhow::Result<()> {
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        for width in [360, 1280] {
            self.width(width, 800).await?;
            let measure = async |what: &str| -> anyhow::Result<i64> {
                let script = format!("return document.documentElement.{what}");
                self.client.execute(&script, vec![]).await?.as_i64().context("a number")
            };
            ensure!(measure("scrollWidth").await? <= i64::from(width), "{page} sticks out at {width}");
            self.width(width, measure("scrollHeight").await?.clamp(800, 8000)).await?;
            let file = format!("{number:02}-{}-{page}-{width}.png", self.name);
            std::fs::write(self.shots.join(file), self.client.screenshot().await?)?;
        }
        self.width(1280, 900).await
    }

    pub async fn leave(self) -> anyhow::Result<()> {
        Ok(self.client.close().await?)
    }
}
