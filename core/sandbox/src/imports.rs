//! The functions that the host offers a component: log, lookup and http. Every use costs fuel, so it is bounded and the
//! same on every machine.

use crate::call::{CallState, on_processor};
use crate::contract::V0_2;
use crate::http::{HttpFailure, HttpRequest};
use motcua_domain::registry::{Registry, RegistryEntry};
use motcua_domain::text::one_line;
use wasmtime::component::{ComponentType, Lift, Linker, Lower};
use wasmtime::{StoreContextMut, Trap};

/// The fuel for a use of the host, and for each transferred byte or entry.
const USE: u64 = 500;
const PER_ENTRY: u64 = 100;

/// The most entries that one call returns.
const PAGE: usize = 500;

/// The most requests of one call.
const MOST_SENT: u32 = 5;

#[derive(Debug, ComponentType, Lower)]
#[component(record)]
struct WireEntry {
    code: String,
    name: String,
    parent: Option<String>,
}

impl WireEntry {
    fn of(entry: &RegistryEntry) -> Self {
        Self { code: entry.code.clone(), name: entry.name.vi.clone(), parent: entry.parent.clone() }
    }
}

#[derive(Debug, Clone, Copy, ComponentType, Lower)]
#[component(enum)]
#[repr(u8)]
enum WireRefusal {
    #[component(name = "not-granted")]
    NotGranted,
    #[component(name = "unknown")]
    Unknown,
}

#[derive(Debug, ComponentType, Lift, Lower)]
#[component(record)]
struct WireHeader {
    name: String,
    value: String,
}

#[derive(Debug, ComponentType, Lift)]
#[component(record)]
struct WireRequest {
    method: String,
    url: String,
    headers: Vec<WireHeader>,
    body: Vec<u8>,
}

#[derive(Debug, ComponentType, Lower)]
#[component(record)]
struct WireResponse {
    status: u16,
    headers: Vec<WireHeader>,
    body: Vec<u8>,
}

#[derive(Debug, ComponentType, Lower)]
#[component(variant)]
enum WireSendFailure {
    #[component(name = "refused")]
    Refused(String),
    #[component(name = "unreachable")]
    Unreachable(String),
    #[component(name = "too-large")]
    TooLarge,
}

type CallContext<'a> = StoreContextMut<'a, CallState>;

/// Takes fuel for work of the host.
fn charge(store: &mut CallContext<'_>, units: u64) -> wasmtime::Result<()> {
    let left = store.get_fuel()?.checked_sub(units);
    let Some(left) = left else {
        store.set_fuel(0)?;
        return Err(Trap::OutOfFuel.into());
    };
    store.set_fuel(left)
}

/// Adds everything that the host offers.
pub(crate) fn offer(linker: &mut Linker<CallState>) -> wasmtime::Result<()> {
    let mut log = linker.instance(&V0_2.interface("log"))?;
    log.func_wrap("write", |mut store: CallContext<'_>, (line,): (String,)| {
        charge(&mut store, USE + line.len() as u64)?;
        write(store.data_mut(), &line);
        Ok(())
    })?;
    let mut lookup = linker.instance(&V0_2.interface("lookup"))?;
    lookup.func_wrap("find", |mut store: CallContext<'_>, (registry, code): (String, String)| {
        charge(&mut store, USE + PER_ENTRY)?;
        let found = granted(store.data(), &registry);
        Ok((found.map(|registry| registry.entry(&code).map(WireEntry::of)),))
    })?;
    lookup.func_wrap("entries", |mut store: CallContext<'_>, (registry, start): (String, u32)| {
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        let page = |registry: &Registry| -> Vec<WireEntry> {
            registry.under(None).skip(start).take(PAGE).map(WireEntry::of).collect()
        };
        let found = granted(store.data(), &registry).map(page);
        charge(&mut store, USE + PER_ENTRY * found.as_ref().map_or(0, Vec::len) as u64)?;
        Ok((found,))
    })?;
    let mut http = linker.instance(&V0_2.interface("http"))?;
    http.func_wrap("send", |mut store: CallContext<'_>, (request,): (WireRequest,)| {
        charge(&mut store, USE + request.body.len() as u64)?;
        let before = on_processor();
        let answer = send(store.data_mut(), request);
        store.data_mut().time.leave_out(before);
        Ok((answer,))
    })
}

fn write(call: &mut CallState, line: &str) {
    if call.log_left == 0 {
        return;
    }
    let line = one_line(line);
    let end = line.floor_char_boundary(call.log_left);
    call.log_left = call.log_left.saturating_sub(line.len().max(1));
    let cut = if end < line.len() { " …" } else { "" };
    call.log.push(format!("{}{cut}", &line[..end]));
}

fn granted<'a>(call: &'a CallState, name: &str) -> Result<&'a Registry, WireRefusal> {
    if !call.grant.lookup.iter().any(|granted| granted == name) {
        return Err(WireRefusal::NotGranted);
    }
    call.registries.get(name).ok_or(WireRefusal::Unknown)
}

fn send(call: &mut CallState, request: WireRequest) -> Result<WireResponse, WireSendFailure> {
    if !call.may_send {
        return Err(WireSendFailure::Refused("only connect may send requests".to_owned()));
    }
    call.sent += 1;
    if call.sent > MOST_SENT {
        return Err(WireSendFailure::Refused(format!("one call may send {MOST_SENT} requests")));
    }
    let outgoing = HttpRequest {
        method: request.method,
        url: request.url,
        headers: request.headers.into_iter().map(|header| (header.name, header.value)).collect(),
        body: request.body,
    };
    match call.client.send(&call.grant.http, &outgoing) {
        Ok(answer) => Ok(WireResponse {
            status: answer.status,
            headers: answer.headers.into_iter().map(|(name, value)| WireHeader { name, value }).collect(),
            body: answer.body,
        }),
        Err(HttpFailure::Refused(why)) => Err(WireSendFailure::Refused(why)),
        Err(HttpFailure::Unreachable(why)) => Err(WireSendFailure::Unreachable(why)),
        Err(HttpFailure::TooLarge { status }) if (200..300).contains(&status) => Err(WireSendFailure::TooLarge),
        Err(HttpFailure::TooLarge { status }) => {
            Err(WireSendFailure::Unreachable(format!("it answered {status}, and more than is taken")))
        }
    }
}
