//! `[[plugin]]` of a procedure, and `[plugins]` of `motcua.toml`: the grants of plugins, and the most that a province
//! allows.

use crate::context::{ProcedureContext, VersionFiles, keep};
use crate::reading::keys::{Shape, keys};
use crate::reading::node::{FileTable, Placed};
use motcua_domain::dossier::event::EVENTS;
use motcua_domain::procedure::plugin::{Grant, HttpGrant, OnFailure, PluginUse, Policy, Secret, WantedLimits};
use motcua_domain::text;

keys! {
    /// Rules that need code.
    PLUGIN = "Plugin" {
        optional {
            /// The name of a component of the kit.
            builtin: Shape::Text,
            /// The file of a component in the procedure's folder.
            component: Shape::Text,
            /// The consequence of a failure. `wait`: the dossier is filed and an officer looks at it. `refuse`: the
            /// applicant tries again later.
            on_failure: Shape::Word(|| OnFailure::ALL.map(OnFailure::name).to_vec()),
            /// The registries that the plugin may look up.
            lookup: Shape::List(&Shape::Text),
            /// The addresses to which its `connect` may send requests.
            http: Shape::Tables(&HTTP),
            /// The names of the operator's secrets that its `connect` receives.
            secrets: Shape::List(&Shape::Text),
            /// Its `connect` receives the values of the form.
            values: Shape::Boolean,
            /// The events of which its `connect` is notified, such as `filed` and `ended`.
            tell: Shape::List(&Shape::Word(|| EVENTS.to_vec())),
            limits: Shape::Table(&LIMITS),
            /// The plugin's `settings` in its input.
            settings: Shape::Map(&Shape::Any),
        }
    }

    /// An address to which requests may be sent.
    HTTP = "HttpGrant" {
        required {
            /// The scheme and the host, such as `https://esb.example.vn`.
            origin: Shape::Text,
        }
        optional {
            /// The methods. `POST` by default.
            methods: Shape::List(&Shape::Word(|| METHODS.to_vec())),
            /// The names of request headers.
            headers: Shape::List(&Shape::Text),
            /// The host may be in a private network.
            private: Shape::Boolean,
        }
    }

    /// Limits of a call, if the default does not suffice. The portal's operator must allow them.
    LIMITS = "PluginLimits" {
        optional {
            /// The units of fuel, about one for each instruction. 20 million by default.
            fuel: Shape::Integer(1, 100_000_000_000),
            /// The milliseconds of processor time. 100 by default.
            milliseconds: Shape::Integer(1, 60_000),
            /// The MiB of memory. 16 by default.
            memory_mib: Shape::Integer(1, 4096),
            /// The MiB of the component's file. 2 by default.
            component_mib: Shape::Integer(1, 256),
            /// The core modules of the component. 4 by default.
            instances: Shape::Integer(1, 200),
            /// The entries of a table. 10,000 by default.
            table_entries: Shape::Integer(1, 1_000_000),
        }
    }

    /// The most that plugins may be granted. By default, plugins have no network.
    pub(crate) POLICY = "PluginPolicy" {
        optional {
            /// The registries that may be granted. By default, all registries.
            lookup: Shape::List(&Shape::Text),
            /// The origins that may be granted.
            origins: Shape::List(&Shape::Text),
            /// The origins that may be in a private network.
            private_origins: Shape::List(&Shape::Text),
            /// Secrets that may be granted, by name. Better set by variables such as `MOTCUA_PLUGINS__SECRETS__NAME`.
            secrets: Shape::Map(&Shape::Text),
            /// The highest limits that a procedure may set.
            limits: Shape::Table(&LIMITS),
        }
    }
}

/// `[plugin]` or `[[plugin]]`.
pub(crate) static ONE_OR_SEVERAL: [Shape; 2] = [Shape::Table(&PLUGIN), Shape::Tables(&PLUGIN)];

/// The methods that can be granted.
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// The most plugins of a procedure.
const MOST: usize = 8;

/// Reads the plugins of a procedure, and adds their components to the content.
pub fn read(root: &FileTable<'_>, context: &ProcedureContext<'_>, content: &mut VersionFiles) -> Vec<PluginUse> {
    let tables =
        if root.is_list("plugin") { root.tables("plugin") } else { root.table("plugin").into_iter().collect() };
    if tables.len() > MOST {
        let message = text!("thủ tục dùng quá nhiều thành phần bổ sung", "the procedure asks too many plugins");
        let help = text!(
            "hãy dùng nhiều nhất {MOST}; một thành phần có thể làm nhiều việc",
            "ask at most {MOST}; one component can do several things"
        );
        root.mistake("too-many", root.place("plugin"), message, help);
    }
    tables.iter().filter_map(|table| read_one(table, context, content)).collect()
}

fn read_one(table: &FileTable<'_>, context: &ProcedureContext<'_>, content: &mut VersionFiles) -> Option<PluginUse> {
    let builtin = table.string("builtin");
    let component = table.string("component");
    let on_failure = table.word("on_failure", &OnFailure::ALL, OnFailure::name);
    let grant = Grant {
        lookup: read_lookup(table, context),
        http: table.tables("http").iter().filter_map(read_http).collect(),
        secrets: table.strings("secrets").into_iter().map(|name| name.value).collect(),
        values: table.boolean("values").unwrap_or(false),
    };
    let limits = table.table("limits").map(|limits| read_limits(&limits)).unwrap_or_default();
    let settings = table.table("settings").map(|settings| settings.json()).unwrap_or_default();
    let tell = table.words("tell", &EVENTS, |event| event).into_iter().map(str::to_owned).collect();
    table.finish();
    let (name, bytes) = match (&builtin, &component) {
        (Some(name), None) => {
            let found = (context.builtin.component)(&name.value);
            if found.is_none() {
                table.unknown_word("builtin", name, context.builtin.names.iter().copied());
            }
            (&name.value, found?.to_vec())
        }
        (None, Some(file)) => match context.file(&file.value) {
            Some(Ok(bytes)) => (&file.value, bytes.to_vec()),
            _ => {
                let name = &file.value;
                let message = text!(
                    "không có thành phần `{name}` trong thư mục của thủ tục",
                    "there is no component `{name}` in the procedure's folder"
                );
                let help = text!(
                    "hãy biên dịch thành phần và đặt cạnh procedure.toml",
                    "build it and put it beside procedure.toml"
                );
                table.mistake("no-component", file.span.clone(), message, help);
                return None;
            }
        },
        _ => {
            let message = text!("thành phần bổ sung cần đúng một nguồn", "the plugin needs one source");
            let help = text!(
                "hãy viết builtin = \"enterprise\" hoặc component = \"validate.wasm\"",
                "write either builtin = \"enterprise\" or component = \"validate.wasm\""
            );
            table.mistake("plugin-source", table.span.clone(), message, help);
            return None;
        }
    };
    let name = name.clone();
    let component = keep(bytes, content);
    Some(PluginUse { component, on_failure: on_failure.unwrap_or_default(), name, grant, limits, settings, tell })
}

fn read_lookup(table: &FileTable<'_>, context: &ProcedureContext<'_>) -> Vec<String> {
    let known = &context.province.registries.0;
    let mut names = Vec::new();
    for name in table.strings("lookup") {
        if !known.contains_key(&name.value) {
            table.unknown_word("registry", &name, known.keys().map(String::as_str));
        }
        names.push(name.value);
    }
    names
}

fn read_http(table: &FileTable<'_>) -> Option<HttpGrant> {
    let origin = table.required_string("origin", "\"https://esb.example.vn\"");
    let methods = table.words("methods", &METHODS, |method| method);
    let headers = table.strings("headers").into_iter().map(|name| name.value.to_ascii_lowercase()).collect();
    let private = table.boolean("private").unwrap_or(false);
    table.finish();
    let origin = origin?;
    check_origin(table, &origin, private);
    let methods = if methods.is_empty() { vec!["POST"] } else { methods };
    Some(HttpGrant {
        origin: origin.value,
        methods: methods.into_iter().map(str::to_owned).collect(),
        headers,
        private,
    })
}

/// Checks that an origin consists of scheme, host and port. Traffic that leaves the province's own network must be
/// encrypted.
fn check_origin(table: &FileTable<'_>, origin: &Placed<String>, private: bool) {
    let rest =
        origin.value.strip_prefix("https://").or_else(|| origin.value.strip_prefix("http://").filter(|_| private));
    let host = |text: &str| {
        let plain =
            |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b':' | b'[' | b']');
        !text.is_empty() && text.bytes().all(plain)
    };
    if !rest.is_some_and(host) {
        let written = &origin.value;
        let message = text!(
            "`{written}` không phải là nơi mà thành phần bổ sung được gửi đến",
            "`{written}` is not an origin to which a plugin may send"
        );
        let help = text!(
            "hãy viết giao thức và máy chủ, ví dụ \"https://esb.example.vn\" hoặc \"https://esb.example.vn:8443\"; \
             http:// chỉ khi có private = true",
            "write scheme and host, such as \"https://esb.example.vn\" or \"https://esb.example.vn:8443\"; http:// \
             only with private = true"
        );
        table.mistake("bad-origin", origin.span.clone(), message, help);
    }
}

fn read_limits(table: &FileTable<'_>) -> WantedLimits {
    let small = |key| table.integer(key).and_then(|number| u32::try_from(number).ok());
    let wide = |key| table.integer(key).and_then(|number| u64::try_from(number).ok());
    let wanted = WantedLimits {
        fuel: wide("fuel"),
        milliseconds: wide("milliseconds"),
        memory_mib: small("memory_mib"),
        component_mib: small("component_mib"),
        instances: small("instances"),
        table_entries: small("table_entries"),
    };
    table.finish();
    wanted
}

/// Reads the most that the operator of a portal allows plugins.
pub fn read_policy(table: &FileTable<'_>) -> Policy {
    let origins = |key, private| -> Vec<String> {
        let all = table.strings(key);
        for origin in &all {
            check_origin(table, origin, private);
        }
        all.into_iter().map(|origin| origin.value).collect()
    };
    let names = |key| -> Vec<String> { table.strings(key).into_iter().map(|name| name.value).collect() };
    let secrets = table.table("secrets").map(|secrets| secrets.free_strings()).unwrap_or_default();
    let policy = Policy {
        lookup: table.has("lookup").then(|| names("lookup")),
        origins: origins("origins", false),
        private_origins: origins("private_origins", true),
        secrets: secrets.into_iter().map(|(name, value)| (name.value, Secret(value.value))).collect(),
        limits: table.table("limits").map(|limits| read_limits(&limits)).unwrap_or_default(),
    };
    table.finish();
    policy
}
