//! A browser without a screen, which stores cookies, follows redirects, and posts the forms of its current page.

use reqwest::cookie::{CookieStore as _, Jar};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::multipart::{Form, Part};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, RequestBuilder, Response};
use std::path::Path;
use std::sync::{Arc, Mutex};

/// The header in which proxies write the addresses of their clients.
const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");

/// A browser.
#[derive(Debug)]
pub struct Browser {
    http: Client,
    /// The same client as `http`, without redirects.
    still: Client,
    base: String,
    jar: Arc<Jar>,
    proof: Mutex<String>,
}

/// A form that a page "not saved yet" carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Again {
    pub action: String,
    pub fields: Vec<(String, String)>,
    pub upload: bool,
}

/// A page that the server returned.
#[derive(Debug, Clone)]
pub struct Page {
    pub status: u16,
    /// The path after all redirects.
    pub path: String,
    pub headers: HeaderMap,
    pub body: String,
}

impl Page {
    /// Returns the page, and fails unless its status is a success.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.status, 200, "{}\n{}", self.path, self.text());
        self
    }

    /// Fails unless the page holds all of these texts.
    #[track_caller]
    pub fn has(self, texts: &[&str]) -> Self {
        for text in texts {
            assert!(self.body.contains(text), "`{text}` is not on {} ({})\n{}", self.path, self.status, self.text());
        }
        self
    }

    /// Fails if the page holds one of these texts.
    #[track_caller]
    pub fn lacks(self, texts: &[&str]) -> Self {
        for text in texts {
            assert!(!self.body.contains(text), "`{text}` is on {}\n{}", self.path, self.text());
        }
        self
    }

    /// Returns the words of the page, for messages.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut inside = false;
        for c in self.body.chars() {
            match c {
                '<' => inside = true,
                '>' => {
                    inside = false;
                    text.push(' ');
                }
                _ if !inside => text.push(c),
                _ => {}
            }
        }
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Returns the first text between two marks.
    pub fn between(&self, from: &str, to: &str) -> Option<&str> {
        let start = self.body.find(from)? + from.len();
        let end = self.body[start..].find(to)?;
        Some(&self.body[start..start + end])
    }

    /// Returns the form that the page offers to send again.
    pub fn again(&self) -> Option<Again> {
        let (opening, inputs) =
            self.between("<form class=\"again\" method=\"post\" action=\"", "</form>")?.split_once('>')?;
        let (action, more) = opening.split_once('"')?;
        let input = |input: &str| {
            let (name, rest) = input.split_once('"')?;
            let value = rest.strip_prefix(" value=\"")?.split_once('"')?.0;
            Some((plain(name), plain(value)))
        };
        let fields = inputs.split("<input type=\"hidden\" name=\"").skip(1).map(input);
        let fields = fields.collect::<Option<_>>()?;
        Some(Again { action: plain(action), fields, upload: more.contains("multipart/form-data") })
    }

    /// Returns the hidden fields of the form for an address, and whether it is sent in parts.
    pub fn form_to(&self, action: &str) -> Option<Again> {
        let (opening, inputs) = self.between(&format!("action=\"{action}\""), "</form>")?.split_once('>')?;
        let input = |input: &str| {
            let (name, rest) = input.split_once('"')?;
            let value = rest.strip_prefix(" value=\"")?.split_once('"')?.0;
            Some((plain(name), plain(value)))
        };
        let fields = inputs.split("<input type=\"hidden\" name=\"").skip(1).map(input);
        let fields = fields.collect::<Option<_>>()?;
        Some(Again { action: action.to_owned(), fields, upload: opening.contains("multipart/form-data") })
    }

    /// Returns the value of a hidden field.
    pub fn hidden(&self, name: &str) -> Option<&str> {
        self.between(&format!("name=\"{name}\" value=\""), "\"")
    }
}

/// Returns the text of an attribute.
fn plain(value: &str) -> String {
    value.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

impl Browser {
    /// Returns a browser without any history.
    pub fn new(base: &str) -> Self {
        Self::with(base, Jar::default())
    }

    /// Returns a copy of the browser in its current state. The copy does not get the answers that this one gets, as if
    /// they were lost.
    pub fn twin(&self) -> Self {
        let jar = Jar::default();
        let url: reqwest::Url = self.base.parse().expect("an address");
        for cookie in self.cookies().split("; ") {
            jar.add_cookie_str(cookie, &url);
        }
        let twin = Self::with(&self.base, jar);
        twin.back_to(&self.proof());
        twin
    }

    /// Returns a browser behind a proxy at a socket in the file system. The proxy reports this address of its client,
    /// if there is one.
    pub fn at_socket(socket: &Path, base: &str, address: Option<&'static str>) -> Self {
        let headers: HeaderMap =
            address.into_iter().map(|address| (FORWARDED, HeaderValue::from_static(address))).collect();
        Self::through(base, Jar::default(), |client| client.unix_socket(socket).default_headers(headers.clone()))
    }

    fn with(base: &str, jar: Jar) -> Self {
        Self::through(base, jar, |client| client)
    }

    fn through(base: &str, jar: Jar, way: impl Fn(ClientBuilder) -> ClientBuilder) -> Self {
        motcua_store::install_crypto_provider();
        let jar = Arc::new(jar);
        // The portal under test has no TLS, and reading the machine's certificates takes long.
        let client = || way(Client::builder().cookie_provider(jar.clone()).tls_certs_only([]));
        let http = client().build().expect("a client");
        let still = client().redirect(Policy::none()).build().expect("a client");
        Self { http, still, base: base.to_owned(), jar, proof: Mutex::default() }
    }

    async fn page(&self, response: Result<Response, reqwest::Error>) -> Result<Page, reqwest::Error> {
        let response = response?;
        let page = Page {
            status: response.status().as_u16(),
            path: response.url().path().to_owned(),
            headers: response.headers().clone(),
            // The text is decoded as in a browser. Characters that carry the structure stay as they are written.
            body: String::from_utf8_lossy(&response.bytes().await?).replace("&#x2f;", "/").replace("&#x27;", "'"),
        };
        if let Some(proof) = page.hidden("proof") {
            proof.clone_into(&mut self.proof.lock().expect("no panic while it was held"));
        }
        Ok(page)
    }

    /// Returns the cookies, as a browser sends them.
    pub fn cookies(&self) -> String {
        let url: reqwest::Url = self.base.parse().expect("an address");
        self.jar.cookies(&url).map_or_else(String::new, |cookies| cookies.to_str().expect("plain").to_owned())
    }

    /// Goes back to the page with this proof. The next form is posted from there, as by a second click.
    pub fn back_to(&self, proof: &str) {
        proof.clone_into(&mut self.proof.lock().expect("no panic while it was held"));
    }

    /// Returns the proof of the page that is open.
    pub fn proof(&self) -> String {
        self.proof.lock().expect("no panic while it was held").clone()
    }

    /// Opens a page of a server that may have stopped.
    pub async fn try_get(&self, path: &str) -> Result<Page, reqwest::Error> {
        self.page(self.http.get(format!("{}{path}", self.base)).send().await).await
    }

    /// Opens a file, and returns the status and the bytes.
    pub async fn file(&self, path: &str) -> (u16, Vec<u8>) {
        let response = self.http.get(format!("{}{path}", self.base)).send().await.expect("the server answers");
        (response.status().as_u16(), response.bytes().await.expect("the whole file").to_vec())
    }

    /// Posts a form to a server that may have stopped.
    pub async fn try_post(&self, path: &str, fields: &[(&str, &str)]) -> Result<Page, reqwest::Error> {
        let mut fields: Vec<(&str, String)> = fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        fields.push(("proof", self.proof()));
        self.page(self.post_from_here(path).form(&fields).send().await).await
    }

    /// Creates a post as a browser does from a page of the portal.
    fn post_from_here(&self, path: &str) -> RequestBuilder {
        self.http.post(format!("{}{path}", self.base)).header("sec-fetch-site", "same-origin")
    }

    /// Posts a form as a page from elsewhere would: with the visitor's cookie, but without the right proof.
    pub async fn post_from_elsewhere(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let response = self.http.post(format!("{}{path}", self.base)).form(fields).send().await;
        self.page(response).await.expect("the server answers")
    }

    /// Presses the button of a page that sends its form again.
    pub async fn send_again(&self, form: &Again) -> Page {
        let request = self.http.post(format!("{}{}", self.base, form.action));
        let request = if form.upload {
            let parts = form.fields.iter().cloned();
            request.multipart(parts.fold(Form::new(), |form, (name, value)| form.text(name, value)))
        } else {
            request.form(&form.fields)
        };
        self.page(request.send().await).await.expect("the server answers")
    }

    /// Presses the button of a form for the other language.
    pub async fn change_language(&self, page: &Page, form: &Again) -> Page {
        // A page that carries a form has a button with an address of its own.
        let carried = page.between("formaction=\"/language/", "\"");
        if let Some(rest) = carried {
            let action = format!("/language/{}", plain(rest));
            return self.send_again(&Again { action, upload: false, ..form.clone() }).await;
        }
        let wish = page.between("name=\"do\" value=\"language:", "\"").expect("a button for the other language");
        let mut form = form.clone();
        form.fields.push(("do".to_owned(), format!("language:{wish}")));
        self.send_again(&form).await
    }

    /// Uploads files to a server that may have stopped.
    pub async fn try_upload(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
    ) -> Result<Page, reqwest::Error> {
        let mut form = Form::new().text("proof", self.proof());
        for (name, value) in fields {
            form = form.text((*name).to_owned(), (*value).to_owned());
        }
        for (name, file, bytes) in files {
            form = form.part((*name).to_owned(), Part::bytes(bytes.to_vec()).file_name((*file).to_owned()));
        }
        self.page(self.post_from_here(path).multipart(form).send().await).await
    }

    /// Posts a form without following a redirect, and returns the status.
    pub async fn try_submit(&self, path: &str, fields: &[(&str, &str)]) -> Result<u16, reqwest::Error> {
        let mut fields: Vec<(&str, String)> = fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        fields.push(("proof", self.proof()));
        let response = self.still.post(format!("{}{path}", self.base)).form(&fields).send().await?;
        let status = response.status().as_u16();
        response.bytes().await?;
        Ok(status)
    }

    /// Opens a page.
    pub async fn get(&self, path: &str) -> Page {
        self.try_get(path).await.expect("the server answers")
    }

    /// Posts a form.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        self.try_post(path, fields).await.expect("the server answers")
    }

    /// Uploads files.
    pub async fn upload(&self, path: &str, fields: &[(&str, &str)], files: &[(&str, &str, &[u8])]) -> Page {
        self.try_upload(path, fields, files).await.expect("the server answers")
    }

    /// Logs in.
    pub async fn log_in(&self, login: &str, password: &str) -> Page {
        self.get("/login").await.ok();
        self.post("/login", &[("login", login), ("password", password)]).await.ok()
    }

    /// Opens an account and is logged in.
    pub async fn register(&self, name: &str, phone: &str, password: &str) -> Page {
        self.get("/register").await.ok();
        self.post("/register", &[("name", name), ("phone", phone), ("email", ""), ("password", password)]).await.ok()
    }
}
