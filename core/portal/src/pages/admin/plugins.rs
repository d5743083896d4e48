//! Plugins, for administrators: their grants, their users, their figures, and their switch.

use crate::pages::render::ok;
use crate::state::Portal;
use crate::theme::Page;
use crate::view::format;
use crate::web::address::{self, own_path};
use crate::web::failure::Failure;
use crate::web::person::{Officer, PostedBy};
use axum::extract::{Path, State};
use axum::response::{Redirect, Response};
use motcua_domain::names::Digest;
use motcua_domain::text::Language;
use motcua_service::PluginView;
use serde::Serialize;

/// The plugins of offered procedures.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PluginsPage {
    /// The plugins.
    pub plugins: Vec<PluginLine>,
}

/// A plugin in the list.
#[derive(Debug, Clone, Serialize)]
pub struct PluginLine {
    /// The name of the plugin, or the beginning of its digest if procedures give it no name.
    pub name: String,
    /// The whole digest of the component, for its address.
    pub component: String,
    /// The plugin is suspended.
    pub suspended: bool,
    /// The number of procedures that use it.
    pub procedures: usize,
    /// The number of calls on this node since its start.
    pub calls: u64,
    /// The number of failed calls on this node since its start.
    pub failures: u64,
    /// The number of applicants for whom it has failed since it last answered. The administrator decides whether to
    /// suspend it.
    pub failing_for: usize,
}

/// The page of one plugin.
#[derive(Debug, Clone, Serialize)]
pub struct PluginPage {
    /// The plugin, as in the list.
    pub line: PluginLine,
    /// The size of the component, such as `120 kB`.
    pub size: String,
    /// The size of the compiled component.
    pub compiled: String,
    /// The functions that the plugin has, separated by commas, or an empty text.
    pub exports: String,
    /// The interfaces of the portal that the plugin uses.
    pub imports: Vec<String>,
    /// The suspension, or none while the plugin runs.
    pub suspension: Option<SuspensionContext>,
    /// The procedures that use the plugin.
    pub used_by: Vec<UsedByLine>,
    /// The median time of a call in microseconds, or none before the first call.
    pub half: Option<u64>,
    /// The 99th percentile of the time of a call in microseconds, or none before the first call.
    pub most: Option<u64>,
    /// The mean fuel of a call, such as `20.000`, or an empty text before the first call.
    pub fuel: String,
    /// The most memory of a call, such as `1 MB`, or an empty text before the first call.
    pub memory: String,
    /// The last fault in English, or an empty text.
    pub last_fault: String,
    /// The last lines that the plugin logged.
    pub log: Vec<String>,
}

/// The suspension of a plugin.
#[derive(Debug, Clone, Serialize)]
pub struct SuspensionContext {
    /// The time of the suspension.
    pub at: String,
    /// The person who suspended it, or an empty text if the portal did.
    pub by: String,
    /// The reason, or an empty text.
    pub reason: String,
}

/// A procedure that uses the plugin.
#[derive(Debug, Clone, Serialize)]
pub struct UsedByLine {
    /// The name of the procedure.
    pub name: String,
    /// The address of the procedure's page.
    pub url: String,
    /// The public key of the package's signer, or an empty text.
    pub signer: String,
    /// The rights of the plugin in this procedure, one sentence each.
    pub grant: Vec<String>,
    /// The most fuel of a call.
    pub fuel: u64,
    /// The longest time of a call in milliseconds.
    pub milliseconds: u64,
    /// The most memory of a call, such as `16 MB`.
    pub memory: String,
}

impl Page for PluginsPage {
    const TEMPLATE: &'static str = "admin_plugins.html";
    fn samples() -> Vec<Self> {
        vec![Self::default(), Self { plugins: vec![PluginLine::sample(false), PluginLine::sample(true)] }]
    }
}

impl PluginLine {
    fn sample(suspended: bool) -> Self {
        let (failures, failing_for) = if suspended { (5, 4) } else { (0, 0) };
        let component = "0".repeat(64);
        Self { name: "land".into(), component, suspended, procedures: 2, calls: 100, failures, failing_for }
    }
}

impl Page for PluginPage {
    const TEMPLATE: &'static str = "admin_plugin.html";
    fn samples() -> Vec<Self> {
        let used = |signer: &str| UsedByLine {
            name: "Thủ tục".into(),
            url: "/procedures/so/thu-tuc".into(),
            signer: signer.into(),
            grant: vec!["Không được dùng mạng.".into()],
            fuel: 20_000_000,
            milliseconds: 100,
            memory: "16 MB".into(),
        };
        let page = Self {
            line: PluginLine::sample(false),
            size: "120 kB".into(),
            compiled: "400 kB".into(),
            exports: "validate, compute".into(),
            imports: vec!["motcua:procedure/log@0.2.0".into()],
            suspension: None,
            used_by: vec![used(""), used("RW0")],
            half: Some(40),
            most: Some(90),
            fuel: "20.000".into(),
            memory: "1 MB".into(),
            last_fault: String::new(),
            log: vec![],
        };
        let by = |by: &str| Self {
            line: PluginLine::sample(true),
            suspension: Some(SuspensionContext {
                at: "24/11/2026 08:00".into(),
                by: by.into(),
                reason: "5 × fuel".into(),
            }),
            imports: vec![],
            half: None,
            most: None,
            fuel: String::new(),
            memory: String::new(),
            last_fault: "the plugin used up its fuel".into(),
            log: vec!["xin chào".into()],
            ..page.clone()
        };
        vec![by("An"), by(""), page]
    }
}

fn line(view: &PluginView) -> PluginLine {
    let names: Vec<&str> = view.names.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
    PluginLine {
        name: if names.is_empty() { view.component.short().to_owned() } else { names.join(", ") },
        component: view.component.to_string(),
        suspended: view.suspended.is_some(),
        procedures: view.used_by.len(),
        calls: view.figures.calls,
        failures: view.figures.failures,
        failing_for: view.figures.failing_for(),
    }
}

fn bytes(number: usize, language: Language) -> String {
    format::size(u64::try_from(number).unwrap_or(u64::MAX), language)
}

fn page(view: PluginView, language: Language) -> PluginPage {
    let line = line(&view);
    let used_by = view.used_by.into_iter().map(|used| UsedByLine {
        name: used.procedure.name.get(language).to_owned(),
        url: used.procedure.path(),
        signer: used.signer.unwrap_or_default(),
        grant: used.grant.iter().map(|words| words.get(language).to_owned()).collect(),
        fuel: used.limits.fuel,
        milliseconds: used.limits.milliseconds,
        memory: bytes(used.limits.memory, language),
    });
    let figures = view.figures;
    let mean = figures.fuel.checked_div(figures.calls);
    let about = view.about;
    PluginPage {
        line,
        size: bytes(about.as_ref().map_or(0, |about| about.bytes), language),
        compiled: bytes(about.as_ref().map_or(0, |about| about.compiled), language),
        exports: about.as_ref().map_or_else(String::new, |about| {
            about.exports.iter().map(|export| export.name()).collect::<Vec<_>>().join(", ")
        }),
        imports: about.map(|about| about.imports).unwrap_or_default(),
        suspension: view.suspended.map(|known| SuspensionContext {
            at: format::second(known.at, language),
            by: known.by,
            reason: known.reason,
        }),
        used_by: used_by.collect(),
        half: figures.within(50),
        most: figures.within(99),
        fuel: mean.map_or_else(String::new, |fuel| format::count(fuel, language)),
        memory: mean.map_or_else(String::new, |_| bytes(figures.most_memory, language)),
        last_fault: figures.last_fault.unwrap_or_default(),
        log: figures.lines.into_iter().collect(),
    }
}

/// `GET /admin/plugins`: the plugins of offered procedures.
pub async fn list(State(portal): State<Portal>, visitor: Officer) -> Result<Response, Failure> {
    let plugins = portal.services.plugins.list(visitor.actor()).await?;
    Ok(ok(&portal, &visitor, &PluginsPage { plugins: plugins.iter().map(line).collect() }))
}

/// `GET /admin/plugins/{component}`: one plugin.
pub async fn show(
    State(portal): State<Portal>,
    Path(component): Path<String>,
    visitor: Officer,
) -> Result<Response, Failure> {
    let view = portal.services.plugins.plugin(visitor.actor(), &Digest(component)).await?;
    Ok(ok(&portal, &visitor, &page(view, visitor.language())))
}

/// `POST /admin/plugins/{component}/suspend`: suspends a plugin.
pub async fn suspend(
    State(portal): State<Portal>,
    Path(component): Path<String>,
    PostedBy(visitor, _): PostedBy<Officer>,
) -> Result<Redirect, Failure> {
    portal.services.plugins.suspend_plugin(visitor.actor(), &Digest(component.clone())).await?;
    Ok(Redirect::to(&own_path(&address::plugin(&component))))
}

/// `POST /admin/plugins/{component}/resume`: resumes a plugin.
pub async fn resume(
    State(portal): State<Portal>,
    Path(component): Path<String>,
    PostedBy(visitor, _): PostedBy<Officer>,
) -> Result<Redirect, Failure> {
    portal.services.plugins.resume_plugin(visitor.actor(), &Digest(component.clone())).await?;
    Ok(Redirect::to(&own_path(&address::plugin(&component))))
}
