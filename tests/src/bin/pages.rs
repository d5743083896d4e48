//! The speed of pages beside nginx with the same bytes as static files. Prints ratios measured in this run.
//!
//! Needs `nginx`. Each figure is the middle of several turns, which alternate, because another program may work beside
//! them.

use anyhow::{Context as _, ensure};
use clap::Parser;
use motcua::folder::write_binhduong;
use motcua_tests::browser::Browser;
use motcua_tests::generate;
use motcua_tests::portal::PASSWORD;
use motcua_tests::postgres::free_port;
use motcua_tests::process::Server;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The number of procedures of the portal.
const PROCEDURES: usize = 2_000;

/// The least share of nginx's requests a second that a page of a procedure should have.
const PROCEDURE: f64 = 0.5;

/// The least share of nginx's requests a second that a page of one person should have.
const PERSONAL: f64 = 0.15;

/// The longest time of 99 in 100 requests.
const SLOWEST: Duration = Duration::from_millis(10);

/// Measures the speed of pages and prints ratios.
#[derive(Parser)]
struct Arguments {
    /// The number of clients that ask at once, each on a connection that stays open.
    #[arg(long, default_value_t = 64)]
    clients: usize,
    /// The length of a turn, in seconds.
    #[arg(long, default_value_t = 4)]
    seconds: u64,
    /// The number of turns of each figure.
    #[arg(long, default_value_t = 3)]
    turns: usize,
}

/// A page that is measured.
struct MeasuredPage {
    name: &'static str,
    path: String,
    cookies: String,
    coding: &'static str,
    least: f64,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let dir = tempfile::tempdir()?;
    let folder = dir.path().join("province");
    write_binhduong(&folder)?;
    generate::procedures(&folder, PROCEDURES)?;
    let server = Server::start(&folder, &[]).await?;
    let person = Browser::new(&server.base);
    person.register("Nguyễn Văn An", "0912000001", PASSWORD).await;
    let offer = listed_procedure(&server.base).await?;
    let page = |name, path: &str, cookies: String, coding, least| MeasuredPage {
        name,
        path: path.to_owned(),
        cookies,
        coding,
        least,
    };
    let pages = [
        page("procedure", &offer, String::new(), "identity", PROCEDURE),
        page("procedure, gzip", &offer, String::new(), "gzip", PROCEDURE),
        page("first page", "/", String::new(), "identity", PROCEDURE),
        page("account", "/account", person.cookies(), "identity", PERSONAL),
    ];
    println!(
        "{:<16} {:>8} {:>9} {:>9} {:>16} {:>22}",
        "page", "bytes", "nginx/s", "portal/s", "share", "99th percentile"
    );
    for page in &pages {
        measure(page, &server.base, dir.path(), &arguments).await?;
    }
    server.kill().await
}

/// Returns the address of a procedure that the catalogue lists.
async fn listed_procedure(base: &str) -> anyhow::Result<String> {
    let list = Browser::new(base).get("/procedures?q=khai+sinh").await;
    let begin = list.body.find("\"/procedures/").context("a link to a procedure")? + 1;
    let rest = list.body.get(begin..).unwrap_or_default();
    Ok(rest.split(['"', '?']).next().unwrap_or_default().to_owned())
}

/// Measures a page in turns with nginx, which has the same bytes as a file.
async fn measure(page: &MeasuredPage, base: &str, dir: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    let portal = base.strip_prefix("http://").context("an address")?;
    let request = |host: &str, path: &str| {
        let cookies = if page.cookies.is_empty() { String::new() } else { format!("Cookie: {}\r\n", page.cookies) };
        format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: {}\r\n{cookies}\r\n", page.coding)
    };
    let body = one_body(portal, &request(portal, &page.path)).await?;
    let nginx = Nginx::start(dir, &body)?;
    let (mut of_portal, mut of_nginx, mut waits) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..arguments.turns {
        let length = Duration::from_secs(arguments.seconds);
        of_nginx.push(load(&nginx.address, &request("x", "/page"), arguments.clients, length).await?.rate);
        let turn = load(portal, &request(portal, &page.path), arguments.clients, length).await?;
        of_portal.push(turn.rate);
        waits.push(turn.slowest);
    }
    let (of_nginx, of_portal) = (middle(of_nginx), middle(of_portal));
    let (share, slowest) = (of_portal / of_nginx, waits.into_iter().max().unwrap_or_default());
    println!(
        "{:<16} {:>8} {of_nginx:>9.0} {of_portal:>9.0} {share:>6.2} of {:.2} {:>9.1?} of {SLOWEST:?}",
        page.name,
        body.len(),
        page.least,
        slowest,
    );
    Ok(())
}

/// Returns the middle one of these rates.
fn middle(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().unwrap_or_default()
}

/// The outcome of a turn.
struct Turn {
    /// Answers a second.
    rate: f64,
    /// The time that 99 in 100 answers took at most.
    slowest: Duration,
}

/// Asks for a page again and again on so many connections, and measures the answers.
async fn load(address: &str, request: &str, clients: usize, length: Duration) -> anyhow::Result<Turn> {
    let (request, address): (Arc<str>, Arc<str>) = (request.into(), address.into());
    let begun = Instant::now();
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..clients {
        let (request, address) = (request.clone(), address.clone());
        asking.spawn(async move {
            let mut stream = TcpStream::connect(&*address).await?;
            stream.set_nodelay(true)?;
            let (mut times, mut buffer) = (Vec::new(), Vec::new());
            while begun.elapsed() < length {
                let asked = Instant::now();
                answer(&mut stream, &request, &mut buffer).await?;
                times.push(asked.elapsed());
            }
            anyhow::Ok(times)
        });
    }
    let mut times = Vec::new();
    while let Some(own) = asking.join_next().await {
        times.extend(own??);
    }
    let took = begun.elapsed();
    times.sort_unstable();
    let slowest = times.get(times.len() * 99 / 100).copied().unwrap_or_default();
    Ok(Turn { rate: rate(times.len(), took), slowest })
}

#[expect(clippy::cast_precision_loss, reason = "a count for people")]
fn rate(count: usize, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}

/// Sends a request, reads its answer into the buffer, and returns the place where its body begins.
async fn answer(stream: &mut TcpStream, request: &str, buffer: &mut Vec<u8>) -> anyhow::Result<usize> {
    stream.write_all(request.as_bytes()).await?;
    buffer.clear();
    loop {
        ensure!(stream.read_buf(buffer).await? > 0, "the server closed the connection");
        let Some(head) = buffer.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let text = std::str::from_utf8(buffer.get(..head).unwrap_or_default())?.to_lowercase();
        ensure!(text.starts_with("http/1.1 200"), "{}", text.lines().next().unwrap_or_default());
        let line =
            text.lines().find_map(|line| line.strip_prefix("content-length:")).context("the length of the body")?;
        let whole = head + 4 + line.trim().parse::<usize>()?;
        while buffer.len() < whole {
            ensure!(stream.read_buf(buffer).await? > 0, "the server closed the connection");
        }
        return Ok(head + 4);
    }
}

/// Returns the body of one answer.
async fn one_body(address: &str, request: &str) -> anyhow::Result<Vec<u8>> {
    let (mut stream, mut buffer) = (TcpStream::connect(address).await?, Vec::new());
    let begin = answer(&mut stream, request, &mut buffer).await?;
    Ok(buffer.split_off(begin))
}

/// nginx with one file.
struct Nginx {
    process: Child,
    address: String,
}

impl Nginx {
    /// Starts nginx with two workers, which answer with this body.
    fn start(dir: &Path, body: &[u8]) -> anyhow::Result<Self> {
        let (folder, port) = (dir.join("nginx"), free_port()?);
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("page"), body)?;
        let shown = folder.display();
        let settings = format!(
            "worker_processes 2;\ndaemon off;\nerror_log {shown}/errors;\npid {shown}/pid;\nevents {{}}\n\
             http {{\n  access_log off;\n  sendfile on;\n  tcp_nopush on;\n  keepalive_requests 100000000;\n  \
             open_file_cache max=10;\n  client_body_temp_path {shown}/body;\n  proxy_temp_path {shown}/proxy;\n  \
             fastcgi_temp_path {shown}/fastcgi;\n  uwsgi_temp_path {shown}/uwsgi;\n  scgi_temp_path {shown}/scgi;\n  \
             server {{ listen 127.0.0.1:{port}; root {shown}; }}\n}}\n"
        );
        let file = folder.join("nginx.conf");
        std::fs::write(&file, settings)?;
        // The workers run as the user of this program, who may read the folder.
        let mut command = Command::new("nginx");
        command.arg("-c").arg(&file).args(["-g", "user root;"]).stderr(Stdio::null());
        let process = command.spawn().context("start nginx; install the package nginx")?;
        let address = format!("127.0.0.1:{port}");
        let begun = Instant::now();
        while std::net::TcpStream::connect(&address).is_err() {
            ensure!(begun.elapsed() < Duration::from_secs(10), "nginx does not listen; see {shown}/errors");
        }
        Ok(Self { process, address })
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // nginx ends its workers when it is told to end.
        let told = Command::new("sh").arg("-c").arg(format!("kill -QUIT {}", self.process.id())).status();
        if told.is_err() {
            drop(self.process.kill());
        }
        drop(self.process.wait());
    }
}
