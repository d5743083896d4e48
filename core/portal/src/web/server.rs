//! The HTTP server: a limit on connections, an end for every wait, and a shutdown that no client can prevent.

use crate::state::PageSettings;
use crate::state::network::Proxies;
use crate::web::limits;
use crate::web::shares::Shares;
use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use motcua_service::catalogue::server::ServerSettings;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Sleep, sleep, timeout};
use tower_service::Service as _;

/// The pause of the server when the machine provides no further connection, for example because too many files are
/// open.
const RECOVERY: Duration = Duration::from_secs(1);

/// The shortest time between two log lines about a network that holds its part of the connections.
const TOLD_EVERY: Duration = Duration::from_mins(1);

/// The settings for accepting connections.
#[derive(Debug, Clone)]
pub struct Serving {
    pub settings: ServerSettings,
    /// The proxies that connect for everybody.
    pub proxies: Proxies,
}

impl PageSettings {
    /// Returns the settings of the server for connections.
    pub fn serving(&self) -> Serving {
        Serving { settings: self.server.clone(), proxies: self.proxies.clone() }
    }
}

/// A place at which connections arrive.
pub trait Listener {
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// Returns the next connection, and the address of its client. A client at a socket in the file system has none.
    fn accept(&self) -> impl Future<Output = io::Result<(Self::Stream, Option<SocketAddr>)>> + Send;
}

impl Listener for TcpListener {
    type Stream = TcpStream;

    async fn accept(&self) -> io::Result<(TcpStream, Option<SocketAddr>)> {
        let (stream, peer) = Self::accept(self).await?;
        Ok((stream, Some(peer)))
    }
}

impl Listener for UnixListener {
    type Stream = UnixStream;

    async fn accept(&self) -> io::Result<(UnixStream, Option<SocketAddr>)> {
        let (stream, _) = Self::accept(self).await?;
        Ok((stream, None))
    }
}

/// Serves until `stop`.
///
/// Requests under way then finish, unless they take longer than the settings allow. A connection of a network that
/// holds its part of all is closed at once.
pub async fn serve(listener: impl Listener, router: Router, serving: &Serving, stop: impl Future<Output = ()>) {
    let Serving { settings, proxies } = serving;
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(settings.head()).max_buf_size(limits::HEAD);
    let places = usize::try_from(settings.connections).unwrap_or(Semaphore::MAX_PERMITS);
    let places = places.min(Semaphore::MAX_PERMITS);
    let (shares, places) = (Shares::of(places), Arc::new(Semaphore::new(places)));
    let mut told = None;
    let (graceful, mut connections) = (GracefulShutdown::new(), JoinSet::new());
    let mut stop = pin!(stop);
    loop {
        let next = async {
            // The place comes first, so that a connection without one waits in the queue of the machine.
            let place = places.clone().acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            next = next => next,
            // Finished connections are removed.
            Some(_) = connections.join_next() => continue,
            () = &mut stop => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                refused(&error).await;
                continue;
            }
        };
        let client = peer.map(|peer| peer.ip()).filter(|peer| !proxies.believes(*peer));
        let Some(share) = shares.take(client) else {
            tell_of_closed(&mut told);
            continue;
        };
        let router = router.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            if let Some(peer) = peer {
                request.extensions_mut().insert(ConnectInfo(peer));
            }
            router.clone().call(request)
        });
        let io = TokioIo::new(Patient { stream, longest: settings.idle(), stalled: None });
        let connection = graceful.watch(http.serve_connection(io, service));
        connections.spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
            drop((place, share));
        });
    }
    drop(listener);
    if timeout(settings.end(), graceful.shutdown()).await.is_err() {
        tracing::warn!(open = still_open(&mut connections), "the portal ends before all requests have");
    }
    connections.shutdown().await;
}

/// Removes the connections that have ended, and returns how many have not.
fn still_open(connections: &mut JoinSet<()>) -> usize {
    while connections.try_join_next().is_some() {}
    connections.len()
}

/// Logs why a connection was not accepted, and waits if the cause is the machine and not the client.
async fn refused(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::error!(%error, "no connection can be accepted; if too many files are open, raise the limit (LimitNOFILE)");
        sleep(RECOVERY).await;
    }
}

/// Logs now and then that connections are closed. The log has no addresses of people.
fn tell_of_closed(told: &mut Option<Instant>) {
    if told.is_none_or(|at| at.elapsed() >= TOLD_EVERY) {
        tracing::warn!(
            "connections of one network are closed, because it holds its part of all; if this is a proxy, name it in \
             trusted_proxies, or else raise `connections` in [server]"
        );
        *told = Some(Instant::now());
    }
}

/// A connection whose client may read nothing of an answer only for a limited time.
struct Patient<S> {
    stream: S,
    longest: Duration,
    /// The timer that runs while the client reads nothing.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl<S> Patient<S> {
    fn watch<T>(&mut self, context: &mut Context<'_>, outcome: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.stalled = None;
            return outcome;
        }
        let longest = self.longest;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(longest)));
        stalled.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.watch(context, outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.watch(context, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.stream).poll_flush(context);
        self.watch(context, outcome)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.stream).poll_shutdown(context);
        self.watch(context, outcome)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use std::net::IpAddr;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpSocket;
    use tokio::task::yield_now;

    /// The most connections at once, and the most of one network.
    const CONNECTIONS: u32 = 12;
    const PART: usize = 3;

    /// The last number of the address on this machine whose clients have no address, as at a socket in the file system.
    const NOWHERE: u8 = 99;

    /// Connections from 127.0.0.N, which seem to come from 203.0.113.N, because this machine's own are not counted.
    struct Elsewhere(TcpListener);

    impl Listener for Elsewhere {
        type Stream = TcpStream;

        async fn accept(&self) -> io::Result<(TcpStream, Option<SocketAddr>)> {
            let (stream, peer) = self.0.accept().await?;
            let host = match peer.ip() {
                IpAddr::V4(address) => address.octets()[3],
                IpAddr::V6(_) => NOWHERE,
            };
            Ok((stream, (host != NOWHERE).then(|| SocketAddr::from(([203, 0, 113, host], peer.port())))))
        }
    }

    async fn served(proxies: Proxies) -> SocketAddr {
        let listener = Elsewhere(TcpListener::bind("127.0.0.1:0").await.expect("a port"));
        let address = listener.0.local_addr().expect("an address");
        let settings = ServerSettings { connections: CONNECTIONS, ..ServerSettings::default() };
        let router = Router::new().route("/", get(|| async { "ok" }));
        let serving = Serving { settings, proxies };
        tokio::spawn(async move { serve(listener, router, &serving, std::future::pending()).await });
        address
    }

    /// Requests a page from 127.0.0.`host` on a connection that stays open. Returns `None` without an answer.
    async fn ask(server: SocketAddr, host: u8) -> Option<TcpStream> {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind(SocketAddr::from(([127, 0, 0, host], 0))).expect("an address of this machine");
        let mut stream = socket.connect(server).await.expect("a connection");
        // The server may have closed it already.
        drop(stream.write_all(b"GET / HTTP/1.1\r\nhost: motcua\r\n\r\n").await);
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.ok()?;
        assert_eq!(&answer, b"HTTP/1.1 200");
        Some(stream)
    }

    /// Makes so many requests, and returns the connections that were answered.
    async fn hold(server: SocketAddr, host: u8, times: usize) -> Vec<TcpStream> {
        let mut held = Vec::new();
        for _ in 0..times {
            held.extend(ask(server, host).await);
        }
        held
    }

    #[tokio::test]
    async fn a_connection_that_has_ended_is_not_counted_among_those_that_the_end_cuts_off() {
        let mut connections = JoinSet::new();
        connections.spawn(std::future::pending::<()>());
        let ended = connections.spawn(async {});
        while !ended.is_finished() {
            yield_now().await;
        }
        assert_eq!(connections.len(), 2, "nobody has removed it");
        assert_eq!(still_open(&mut connections), 1);
    }

    #[tokio::test]
    async fn one_network_holds_a_quarter_of_the_connections_and_another_one_is_answered() {
        let server = served(Proxies::default()).await;
        let held = hold(server, 2, PART + 2).await;
        assert_eq!(held.len(), PART);
        assert!(ask(server, 3).await.is_some(), "another network");
        drop(held);
        // The server notices the end of a connection in its own time.
        while ask(server, 2).await.is_none() {
            yield_now().await;
        }
    }

    #[tokio::test]
    async fn trusted_proxies_and_sockets_without_addresses_hold_more_than_a_quarter() {
        let networks = vec!["203.0.113.2/32".parse().expect("a network")];
        let server = served(Proxies { behind_proxy: true, networks }).await;
        let proxy = hold(server, 2, PART + 1).await;
        let nowhere = hold(server, NOWHERE, PART + 1).await;
        assert_eq!((proxy.len(), nowhere.len()), (PART + 1, PART + 1));
        let other = hold(server, 3, PART + 1).await;
        assert_eq!(other.len(), PART, "who is no proxy of ours");
    }
}
