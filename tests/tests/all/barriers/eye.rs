//! A browser that looks for barriers on pages that were met elsewhere.

use crate::chromium::{Driver, Person};
use anyhow::Context as _;
use axum::Router;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use motcua_portal::Theme;
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// The script that the browser runs on each page and at each width.
const LOOK: &str = include_str!("look.js");

/// Opens what is folded, so that it is looked at too.
const UNFOLD: &str = "document.querySelectorAll('details').forEach((fold) => { fold.open = true; });";

/// A page in a state.
#[derive(Debug)]
pub struct View {
    /// The person, and the address or the state in words.
    pub state: String,
    pub html: String,
}

/// Pages that stay as they were, beside the files of their theme.
#[derive(Debug)]
struct Gallery {
    theme: Theme,
    views: Vec<View>,
}

impl Gallery {
    fn answer(&self, path: &str) -> Response {
        let number = path.strip_prefix("/views/").and_then(|number| number.parse::<usize>().ok());
        if let Some(view) = number.and_then(|number| self.views.get(number)) {
            return ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], view.html.clone()).into_response();
        }
        let file = path.strip_prefix("/assets/").and_then(|rest| rest.split_once('/'));
        match file.and_then(|(_, file)| self.theme.asset(file)) {
            Some((bytes, kind)) => ([(header::CONTENT_TYPE, kind)], bytes.to_vec()).into_response(),
            None => StatusCode::NOT_FOUND.into_response(),
        }
    }
}

/// The ways in which a page is looked at. Each is joined with each.
#[derive(Debug, Clone, Copy)]
pub struct Ways {
    /// With scripts, without, or both.
    pub scripts: &'static [bool],
    /// The widths of the screen in pixels.
    pub widths: &'static [u32],
    /// The schemes of colours that the machine prefers: `light` and `dark`.
    pub schemes: &'static [&'static str],
}

/// Serves pages with a theme until the test ends. Returns them with the address at which their numbers begin.
async fn serve(theme: Theme, views: Vec<View>) -> anyhow::Result<(Arc<Gallery>, String)> {
    let gallery = Arc::new(Gallery { theme, views });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let base = format!("http://{}", listener.local_addr()?);
    let shown = gallery.clone();
    let answer = move |address: Uri| {
        let shown = shown.clone();
        async move { shown.answer(address.path()) }
    };
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    Ok((gallery, base))
}

/// Lets the machine of a reader prefer a scheme of colours: `light` or `dark`.
async fn prefer(reader: &Person<'_>, scheme: &str) -> anyhow::Result<()> {
    let preferred = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
    reader.cdp("Emulation.setEmulatedMedia", json!({ "features": preferred })).await?;
    Ok(())
}

/// Takes screenshots of pages with a theme on a phone and at a desk, in both schemes of colours. Nothing may stick out.
pub async fn draw(name: &'static str, theme: Theme, views: Vec<View>) -> anyhow::Result<()> {
    let (gallery, base) = serve(theme, views).await?;
    let driver = Driver::start().await?;
    let reader = Person::open_browser(name, &driver, &base, true).await?;
    for (number, view) in gallery.views.iter().enumerate() {
        let plain = |letter: char| if letter.is_alphanumeric() { letter } else { '-' };
        let state: String = view.state.chars().map(plain).take(80).collect();
        for scheme in ["light", "dark"] {
            prefer(&reader, scheme).await?;
            reader.open(&format!("/views/{number}")).await?;
            reader.shot(&format!("{state}-{scheme}")).await?;
        }
    }
    reader.leave().await
}

/// Looks at pages with a theme in these ways, and returns their barriers.
pub async fn barriers(theme: Theme, views: Vec<View>, ways: Ways) -> anyhow::Result<Vec<String>> {
    let (gallery, base) = serve(theme, views).await?;
    let axe = std::env::var("AXE").context("AXE is not set; run the tests by scripts/test")?;
    let axe = std::fs::read_to_string(&axe).with_context(|| axe.clone())?;
    let driver = Driver::start().await?;
    let reader = Person::open_browser("reader", &driver, &base, true).await?;
    let mut found = Vec::new();
    for (number, view) in gallery.views.iter().enumerate() {
        for with_scripts in ways.scripts {
            // Nothing of the page runs while it is loaded without scripts. Then axe may.
            reader.cdp("Emulation.setScriptExecutionDisabled", json!({ "value": !with_scripts })).await?;
            reader.open(&format!("/views/{number}")).await?;
            reader.cdp("Emulation.setScriptExecutionDisabled", json!({ "value": false })).await?;
            reader.client.execute(&format!("{axe}\n{UNFOLD}"), vec![]).await?;
            let word = if *with_scripts { "with script" } else { "without script" };
            for width in ways.widths {
                reader.width(*width, 800).await?;
                for scheme in ways.schemes {
                    prefer(&reader, scheme).await?;
                    let lines = reader.client.execute_async(LOOK, vec![json!(width)]).await?;
                    let lines = lines.as_array().with_context(|| format!("{}: {lines}", view.state))?;
                    let place = format!("{}, {width} pixels, {word}, {scheme}", view.state);
                    found.extend(lines.iter().filter_map(Json::as_str).map(|line| format!("{place}: {line}")));
                }
            }
        }
    }
    reader.leave().await?;
    Ok(found)
}
