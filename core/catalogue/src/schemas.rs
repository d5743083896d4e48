//! The JSON Schemas of the files that authors and operators write, for editors that complete and check as one types.
//! A test compares them with what is read, so that neither can leave the other behind.

#![expect(dead_code, clippy::struct_field_names, reason = "the types say the shape of files that are read elsewhere")]

use crate::workflow::{ASSIGN, EFFECTS};
use motcua_domain::{dates, form, organisation, plugin, procedure, workflow};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value as Json;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A word of a list that is kept elsewhere.
macro_rules! words {
    ($($name:ident: $words:expr;)*) => {
        $(
            struct $name;

            impl JsonSchema for $name {
                fn schema_name() -> Cow<'static, str> {
                    stringify!($name).into()
                }

                fn json_schema(_: &mut SchemaGenerator) -> Schema {
                    json_schema!({ "type": "string", "enum": Vec::from_iter($words) })
                }
            }
        )*
    };
}

words! {
    Audience: procedure::Audience::ALL.map(procedure::Audience::name);
    Computer: ["plugin"];
    OnFailure: plugin::OnFailure::ALL.map(plugin::OnFailure::name);
    PaperKind: procedure::PaperKind::ALL.map(procedure::PaperKind::name);
    Media: procedure::MediaKind::ALL.map(procedure::MediaKind::name);
    FeeKind: procedure::FeeKind::ALL.map(procedure::FeeKind::name);
    Kind: form::Kind::NAMES.iter().copied();
    Shape: form::Shape::ALL.map(form::Shape::name);
    Precision: dates::Precision::ALL.map(dates::Precision::name);
    Role: organisation::Role::OF_POSTS.map(organisation::Role::name);
    StepRole: organisation::Role::OF_STEPS.map(organisation::Role::name);
    Status: workflow::NationalStatus::OF_STEPS.map(workflow::NationalStatus::name);
    Effect: EFFECTS;
    AssignBy: ASSIGN;
    LogFormat: crate::operating::LogFormat::ALL.map(crate::operating::LogFormat::name);
    Requirement: workflow::Requirement::ALL.map(workflow::Requirement::name);
}

/// Words for people: Vietnamese only, or both languages.
#[derive(JsonSchema)]
#[serde(untagged)]
enum Words {
    Vietnamese(String),
    Both(BothLanguages),
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct BothLanguages {
    vi: String,
    en: Option<String>,
}

/// `true`, `false`, or a condition in CEL over the fields of the form, such as `"depth > 30 && purpose == 'well'"`.
#[derive(JsonSchema)]
#[serde(untagged)]
enum When {
    Fixed(bool),
    Expression(String),
}

/// A number, or an expression in CEL that gives one.
#[derive(JsonSchema)]
#[serde(untagged)]
enum Bound {
    Number(f64),
    Expression(String),
}

/// A number, true, false, or an expression in CEL; a text within it has its own quotes: `"'male'"`.
#[derive(JsonSchema)]
#[serde(untagged)]
enum Proposal {
    Fixed(bool),
    Number(f64),
    Expression(String),
}

/// `procedures/<agency>/<name>/procedure.toml`: what the law and the agency say of one procedure.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Procedure {
    /// The code in the national database, such as `1.004227`.
    code: String,
    name: Words,
    /// One sentence for lists.
    summary: Option<Words>,
    /// The unit of the agency that works on the dossiers.
    unit: String,
    /// The field of law.
    field: Words,
    /// Whom it is for.
    audience: Option<Vec<Audience>>,
    /// Events of life in which people need it.
    life_events: Option<Vec<Words>>,
    /// Words that people use for it, for the search.
    keywords: Option<Vec<String>>,
    /// The service level; 3 unless another is written.
    #[schemars(range(min = 1, max = 4))]
    level: Option<u8>,
    /// How long the agency has: a number and `working-hours`, `working-days` or `calendar-days`.
    limit: String,
    /// Calendar days that the applicant has for a supplement or a payment; 30 unless another is written.
    #[schemars(range(min = 1, max = 365))]
    waiting_days: Option<u32>,
    /// What the applicant gets.
    result: Words,
    /// How it is done, step by step.
    how_to: Option<Vec<Words>>,
    conditions: Option<Vec<Words>>,
    legal_basis: Option<Vec<Words>>,
    /// A file in `workflows`, without `.toml`.
    workflow: String,
    /// Other values for the workflow's parameters.
    workflow_with: Option<BTreeMap<String, String>>,
    /// Other limits for steps of the workflow, by step.
    step_limits: Option<BTreeMap<String, String>>,
    plugin: Option<Plugins>,
    paper: Option<Vec<Paper>>,
    fee: Option<Vec<Fee>>,
    limit_case: Option<Vec<LimitCase>>,
    section: Option<Vec<Section>>,
    check: Option<Vec<Check>>,
    eligibility: Option<Eligibility>,
}

/// One plugin, or several that are asked one after the other.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
enum Plugins {
    One(Box<Plugin>),
    Several(Vec<Plugin>),
}

/// Rules that need code.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Plugin {
    /// A component that comes with the kit.
    builtin: Option<String>,
    /// A component in the procedure's folder.
    component: Option<String>,
    /// `wait`: the dossier is filed and an officer looks; `refuse`: the applicant tries again later.
    on_failure: Option<OnFailure>,
    /// Registries that it may look up.
    lookup: Option<Vec<String>>,
    /// Where its `connect` may send requests.
    http: Option<Vec<HttpGrant>>,
    /// Secrets of the portal's operator that its `connect` is given, by name.
    secrets: Option<Vec<String>>,
    /// Its `connect` is given what was filled in.
    values: Option<bool>,
    /// The events of which its `connect` is told, such as `filed` and `ended`.
    tell: Option<Vec<String>>,
    limits: Option<PluginLimits>,
    /// What the plugin finds under `settings` in its input.
    settings: Option<BTreeMap<String, Json>>,
}

/// Limits of a call, where the default is not enough; the portal's operator must allow them.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct PluginLimits {
    /// Units of fuel, about one an instruction; 20 million unless another is written.
    fuel: Option<u64>,
    /// Wall time; 100 unless another is written.
    #[schemars(range(min = 1, max = 60000))]
    milliseconds: Option<u32>,
    /// 16 unless another is written.
    #[schemars(range(min = 1, max = 4096))]
    memory_mib: Option<u32>,
    /// The size of the component's file; 2 unless another is written.
    #[schemars(range(min = 1, max = 256))]
    component_mib: Option<u32>,
    /// Core modules that it consists of; 4 unless another is written.
    #[schemars(range(min = 1, max = 200))]
    instances: Option<u32>,
    /// 10,000 unless another is written.
    #[schemars(range(min = 1, max = 1_000_000))]
    table_entries: Option<u32>,
}

/// An address to which requests may be sent.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct HttpGrant {
    /// Scheme and host, such as `https://esb.example.vn`.
    origin: String,
    /// `POST` unless others are written.
    methods: Option<Vec<String>>,
    /// Names of request headers.
    headers: Option<Vec<String>>,
    /// The host may be in a private network.
    private: Option<bool>,
}

/// A paper that must or may be attached.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Paper {
    /// Small letters, digits and `_`.
    id: String,
    name: Words,
    /// In a limited Markdown: paragraphs, lists, emphasis, links.
    help: Option<Words>,
    /// Required always unless written otherwise.
    required: Option<When>,
    kind: Option<PaperKind>,
    accept: Option<Vec<Media>>,
    /// The largest file in megabytes; 10 unless another is written.
    #[schemars(range(min = 1, max = 100))]
    max_mb: Option<u32>,
    /// 5 unless another is written.
    #[schemars(range(min = 1, max = 50))]
    max_files: Option<u32>,
    /// How many copies the agency needs on paper.
    #[schemars(range(min = 1, max = 50))]
    count: Option<u32>,
    /// A form to download and fill in: a file in the procedure's folder `forms`.
    template: Option<String>,
}

/// Something that has to be paid.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Fee {
    name: Words,
    /// `fee` (phí) for a service, `charge` (lệ phí) of state.
    kind: Option<FeeKind>,
    /// In whole đồng.
    amount: i64,
    /// When it is owed; always unless written otherwise.
    when: Option<When>,
}

/// Another time limit for some cases; the first that fits counts.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct LimitCase {
    name: Words,
    when: When,
    limit: String,
}

/// A page of the form.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Section {
    id: String,
    title: Words,
    help: Option<Words>,
    field: Option<Vec<Field>>,
}

/// A rule over several answers.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Check {
    /// Must be true, in CEL. Not looked at while an answer is missing.
    holds: String,
    /// What a person is told if it is not.
    text: Words,
    /// The field at which it is told.
    field: Option<String>,
}

/// Questions before the form, so that nobody fills it in in vain.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Eligibility {
    help: Option<Words>,
    field: Option<Vec<Field>>,
    condition: Option<Vec<Check>>,
}

/// A question.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Field {
    /// Small letters, digits and `_`; conditions name the answer so.
    id: String,
    label: Words,
    /// In a limited Markdown: paragraphs, lists, emphasis, links.
    help: Option<Words>,
    kind: Kind,
    /// Required unless written otherwise.
    required: Option<When>,
    /// Shown unless written otherwise. What is hidden is neither checked nor kept.
    shown: Option<When>,
    /// What stands there before anything is typed.
    default: Option<Proposal>,
    /// The least value; of a group the fewest rows.
    min: Option<Bound>,
    /// The greatest value; of a text the most characters; of a group the most rows.
    max: Option<Bound>,
    /// Of a decimal number: how many digits after the sign.
    #[schemars(range(min = 0, max = 9))]
    places: Option<u32>,
    unit: Option<Words>,
    /// Of a date: not in the future.
    past: Option<bool>,
    /// Of a date, and of a person's birth date: how much has to be known; `day` unless another is written. With `month`
    /// or `year` the answer is `{ year, month, day }` as far as they are known.
    precision: Option<Precision>,
    /// Of a telephone: numbers of the fixed network are taken too.
    landline: Option<bool>,
    /// Of a telephone: numbers of other countries are taken too.
    foreign: Option<bool>,
    /// Of a citizen number: the field of the birth date, with which it has to agree.
    birth: Option<String>,
    /// Of a citizen number: the field of the sex, with which it has to agree, or `male` or `female`.
    sex: Option<String>,
    /// Of a computed value: `plugin`, if a plugin computes it.
    from: Option<Computer>,
    /// Of a computed value: the expression in CEL.
    value: Option<String>,
    /// Of `one-of` and `several-of`.
    choices: Option<Vec<Choice>>,
    /// Of a table.
    rows: Option<Vec<Choice>>,
    /// A file in `registries`, without `.csv`.
    registry: Option<String>,
    /// The field whose entry is the parent: the province of a commune.
    under: Option<String>,
    /// Of a place on a map.
    shape: Option<Shape>,
    accept: Option<Vec<Media>>,
    #[schemars(range(min = 1, max = 100))]
    max_mb: Option<u32>,
    #[schemars(range(min = 1, max = 50))]
    max_files: Option<u32>,
    /// The questions of a group or a table.
    field: Option<Vec<Field>>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Choice {
    value: String,
    label: Words,
}

/// `procedures/<agency>/<name>/tests/*.toml`: what an author expects of a procedure.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Scenario {
    name: String,
    /// When the dossier is filed, in Vietnam: `2026-03-03 09:00`.
    at: String,
    /// The answers by field.
    values: Option<BTreeMap<String, Json>>,
    /// The papers that are attached, one file for each mention.
    papers: Option<Vec<String>>,
    expect: Option<Expected>,
    step: Option<Vec<ScenarioStep>>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Expected {
    /// `path: code` of every finding.
    findings: Option<Vec<String>>,
    /// All fees and charges together, in đồng.
    fees: Option<i64>,
    appointment: Option<String>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct ScenarioStep {
    at: String,
    /// A role, `applicant` or `portal`.
    by: String,
    /// An action of the workflow; of the applicant `supplement` or `withdraw`; of the counter `pay`; of the portal `lapse`.
    action: String,
    note: Option<String>,
    /// The unit whose officer does it, as `agency/unit`, where several have the same step.
    unit: Option<String>,
    /// What the officer fills in.
    values: Option<BTreeMap<String, Json>>,
    /// The units that the officer asks, as `agency/unit`.
    ask: Option<Vec<String>>,
    /// The word of the refusal, if the rules must say no.
    refused: Option<String>,
    /// The step at which the dossier stands then, or a list of them.
    step: Option<OneOrMany>,
    status: Option<String>,
    /// When the whole is due, or `stopped`.
    due: Option<String>,
}

/// `workflows/<id>.toml`: a template that procedures share.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Workflow {
    /// Texts that others name as `$name`, and that a procedure may set under `[workflow_with]`.
    parameters: Option<BTreeMap<String, String>>,
    /// The agencies' parts of a joint procedure, each with its own clock.
    stage: Option<Vec<Stage>>,
    step: Vec<StepOrPart>,
}

#[derive(JsonSchema)]
#[serde(untagged)]
enum StepOrPart {
    Step(Step),
    Part(Part),
}

/// The steps of another workflow, as one part of this one.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Part {
    id: String,
    name: Words,
    /// A file in `workflows`, without `.toml`.
    workflow: String,
    /// The unit that takes its steps, as `agency/unit`.
    at: Option<String>,
    limit: Option<String>,
    /// Where the dossier goes when the part is done.
    then: String,
    /// Where it goes when the part refuses; the whole dossier is refused, if not given.
    refused: Option<String>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Stage {
    id: String,
    name: Words,
    limit: Option<String>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Step {
    id: String,
    name: Words,
    /// Whose post takes the step; `applicant` for a step that is theirs.
    role: StepRole,
    limit: Option<String>,
    status: Option<Status>,
    action: Option<Vec<Action>>,
    /// The unit that takes the step, as `agency/unit`, if it is not the procedure's own.
    at: Option<String>,
    /// The stage that it belongs to.
    stage: Option<String>,
    /// Of several branches that lead here: `all`, `begun`, `first`, or how many it waits for. Each begins it, if not given.
    join: Option<JoinOf>,
    /// The step is taken by several units at once.
    ask: Option<Ask>,
    /// What the officer fills in.
    field: Option<Vec<Field>>,
    /// Who of those who hold the post is given the step.
    assign: Option<AssignTo>,
    /// The officer is reminded when this much is left of the limit.
    remind: Option<String>,
    /// Whose list the step is in too once its limit has passed.
    escalate: Option<StepRole>,
}

#[derive(JsonSchema)]
#[serde(untagged)]
enum JoinOf {
    Word(String),
    Number(u32),
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Ask {
    /// `agency/unit`.
    units: Vec<String>,
    /// The officer who leads the dossier here chooses among them.
    choose: Option<bool>,
    /// How many answers are enough; all, if not given.
    #[schemars(range(min = 1, max = 100))]
    enough: Option<u32>,
    then: String,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct AssignTo {
    by: AssignBy,
    /// Of `person`.
    login: Option<String>,
    /// Of `area`: the field of the form.
    field: Option<String>,
    /// Of `area`: the registry whose entries are named after officers' log-ins.
    registry: Option<String>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Action {
    id: String,
    name: Words,
    effect: Effect,
    /// Where `advance` and `request-payment` lead to; a list parts into branches that go side by side.
    to: Option<Targets>,
    requires: Option<Vec<Requirement>>,
    /// Open only if this holds.
    when: Option<String>,
    /// Taken by the portal when this has passed since the step began.
    after: Option<String>,
    /// Open only while the dossier stands at this step too.
    during: Option<String>,
    /// What else ends: steps, or `others` for everything.
    cancels: Option<OneOrMany>,
}

#[derive(JsonSchema)]
#[serde(untagged)]
enum Targets {
    One(String),
    Several(Vec<Target>),
}

#[derive(JsonSchema)]
#[serde(untagged)]
enum Target {
    Step(String),
    Branch(BranchTo),
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct BranchTo {
    step: String,
    /// Taken only if this holds.
    when: Option<String>,
}

#[derive(JsonSchema)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// `organisation.toml`: agencies, units, posts and officers.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Organisation {
    /// The name of the province.
    province: Words,
    agency: Option<Vec<Agency>>,
    officer: Option<Vec<Officer>>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Agency {
    /// The name of its folder in `procedures`.
    id: String,
    /// The code under which its dossiers are numbered, such as `H09.05`.
    code: String,
    name: Words,
    address: Option<Words>,
    phone: Option<String>,
    unit: Option<Vec<Unit>>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Unit {
    id: String,
    name: Words,
    posts: Option<Vec<Role>>,
    /// The posts whose holders may approve what they proposed themselves, each with the reason: `{ leader = "…" }`.
    approves_own: Option<BTreeMap<String, String>>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Officer {
    login: String,
    name: String,
    /// `agency/unit/role`.
    posts: Option<Vec<String>>,
}

/// `calendar/<year>.toml`: counter hours, holidays and compensatory days.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Calendar {
    #[schemars(range(min = 2000, max = 2200))]
    year: i64,
    /// 8 unless another is written.
    working_day_hours: Option<f64>,
    week: Week,
    holiday: Option<Vec<Holiday>>,
    compensatory: Option<Vec<Compensatory>>,
}

/// Sessions by day, such as `["07:30-11:30", "13:00-17:00"]`.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Week {
    monday: Option<Vec<String>>,
    tuesday: Option<Vec<String>>,
    wednesday: Option<Vec<String>>,
    thursday: Option<Vec<String>>,
    friday: Option<Vec<String>>,
    saturday: Option<Vec<String>>,
    sunday: Option<Vec<String>>,
}

/// One day, or several `from` and `to`.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Holiday {
    name: String,
    date: Option<String>,
    from: Option<String>,
    to: Option<String>,
}

/// A day that is worked instead of another.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Compensatory {
    date: String,
    sessions: Option<Vec<String>>,
}

/// `synonyms.toml`: what people say, and what the law calls it.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Synonyms {
    synonym: Option<Vec<Synonym>>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Synonym {
    words: Vec<String>,
    means: String,
}

/// `motcua.toml`: how the portal runs.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Address and port to listen on, or `unix:` and the path of a socket.
    listen: Option<String>,
    /// The address under which people reach the portal, without a slash at the end.
    base_url: Option<String>,
    /// `sqlite://path` or `postgres://user:password@host/name`.
    database: Option<String>,
    /// The same PostgreSQL database under the role that owns its tables, for `motcua migrate`. Better set by the variable
    /// `MOTCUA_DATABASE_MIGRATE_URL`.
    database_migrate_url: Option<String>,
    /// A replica of the PostgreSQL database, for statistics and reports.
    database_read_url: Option<String>,
    /// How many connections read at once; on PostgreSQL as many more write.
    #[schemars(range(min = 1, max = 1000))]
    readers: Option<u32>,
    /// The folder of files, or `s3://bucket/prefix`.
    files: Option<String>,
    s3: Option<S3>,
    /// A theme in the folder `themes`, or `default`.
    theme: Option<String>,
    /// Wrong log-ins, wrong look-ups and registrations a minute from one network.
    tries_per_minute: Option<u32>,
    /// A proxy of ours stands before the portal.
    behind_proxy: Option<bool>,
    /// The networks of our proxies, such as `10.0.0.0/8`.
    trusted_proxies: Option<Vec<String>>,
    sessions: Option<Sessions>,
    quotas: Option<Quotas>,
    /// Something to tell on every page.
    notice: Option<Words>,
    /// Public keys of minisign, by one of which packages must be signed.
    trusted_keys: Option<Vec<String>>,
    plugins: Option<PluginPolicy>,
    log: Option<Log>,
    server: Option<Server>,
    log_output: Option<LogOutput>,
    metrics: Option<Metrics>,
    scan: Option<Scan>,
    bank: Option<Bank>,
}

/// How many connections and requests there are at once, and how long they wait.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Server {
    /// How many connections are open at once; 800, if not said.
    #[schemars(range(min = 1, max = 100_000))]
    connections: Option<u32>,
    /// How many requests are under way at once; 400, if not said.
    #[schemars(range(min = 1, max = 100_000))]
    requests: Option<u32>,
    /// How long the head of a request may take and a connection may be idle; 15, if not said.
    #[schemars(range(min = 1, max = 300))]
    head_seconds: Option<u32>,
    /// How long a client may send nothing of a body or take nothing of an answer; 30, if not said.
    #[schemars(range(min = 1, max = 300))]
    idle_seconds: Option<u32>,
    /// How long requests under way may take when the portal ends; 20, if not said.
    #[schemars(range(min = 1, max = 25))]
    end_seconds: Option<u32>,
}

/// How the process logs what it does.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct LogOutput {
    /// `text` for people, `json` for a collector of logs.
    format: Option<LogFormat>,
}

/// Who may read the figures of the process at `/metrics`. Without an entry, nobody may.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Metrics {
    /// Addresses and networks, such as `127.0.0.1` and `10.0.0.0/8`.
    addresses: Option<Vec<String>>,
    /// Opens the figures from everywhere. Better set by the variable `MOTCUA_METRICS__TOKEN`.
    token: Option<String>,
}

/// When sessions end.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Sessions {
    /// So long after the last page, such as `30m`; `2h`, if not said.
    idle: Option<String>,
    /// So long after the log-in, whatever is done; `14h`, if not said.
    end: Option<String>,
}

/// How much one applicant's account may take up.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Quotas {
    /// Drafts that are kept at once; 50, if not said.
    drafts: Option<u32>,
    /// Files of one draft; 200, if not said.
    draft_files: Option<u32>,
    /// The size of the files of one draft, in MB; 500, if not said.
    draft_megabytes: Option<u32>,
    /// Files of the drafts and the paper wallet together; 2000, if not said.
    account_files: Option<u32>,
    /// Their size, in MB; 4000, if not said.
    account_megabytes: Option<u32>,
    /// Files uploaded in a day; 300, if not said.
    day_files: Option<u32>,
    /// Their size, in MB; 1000, if not said.
    day_megabytes: Option<u32>,
    /// Messages written in an hour; 20, if not said.
    messages_per_hour: Option<u32>,
    /// Dossiers filed in an hour; 30, if not said.
    filings_per_hour: Option<u32>,
}

/// Where the signed heads of the log are published.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Log {
    /// Folders with a slash at the end, files, and `https://` addresses that take the signed note by POST.
    publish: Option<Vec<String>>,
    /// A place gets a head at most once in this time, such as `30m` or `1h`; `1h`, if not said.
    every: Option<String>,
}

/// The virus scanner for uploads. By default, uploads are not scanned.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Scan {
    /// The socket of a clamd: `unix:/run/clamav/clamd.ctl` or `tcp:127.0.0.1:3310`. If it cannot be asked, no files are
    /// taken.
    clamd: Option<String>,
}

/// What plugins may be granted at most. Without a word the network is closed to them.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct PluginPolicy {
    /// The registries that may be granted; all, if not said.
    lookup: Option<Vec<String>>,
    /// The origins that may be granted.
    origins: Option<Vec<String>>,
    /// Those that may be in a private network.
    private_origins: Option<Vec<String>>,
    /// Secrets that may be granted, by name. Better set by variables such as `MOTCUA_PLUGINS__SECRETS__NAME`.
    secrets: Option<BTreeMap<String, String>>,
    /// The highest limits that a procedure may want.
    limits: Option<PluginLimits>,
}

/// The store of `files = "s3://…"`.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct S3 {
    /// The address of the store, such as `https://s3.example.vn`; Amazon's address of the region, if not said.
    endpoint: Option<String>,
    /// The region of the bucket; `us-east-1`, if not said.
    region: Option<String>,
    /// The key to the store; the role of the machine is used, if not said.
    access_key: Option<String>,
    /// The secret of the key. Better set by the variable `MOTCUA_S3__SECRET_KEY`.
    secret_key: Option<String>,
    /// Whether `http://` is allowed.
    allow_http: Option<bool>,
    /// Whether the bucket is named in the path of each request, as most stores want it; true, if not said.
    path_style: Option<bool>,
}

/// Where fees can be paid by bank transfer.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Bank {
    /// The bank's six digits in the interbank network.
    bin: String,
    account: String,
    holder: String,
}

/// The schemas by the name of their file; each with the files that it is for, as a glob.
pub fn all() -> Vec<(&'static str, &'static str, Json)> {
    fn one<T: JsonSchema>() -> Json {
        SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>().into()
    }
    vec![
        ("procedure.schema.json", "procedures/*/*/procedure.toml", one::<Procedure>()),
        ("scenario.schema.json", "procedures/*/*/tests/*.toml", one::<Scenario>()),
        ("workflow.schema.json", "workflows/*.toml", one::<Workflow>()),
        ("organisation.schema.json", "organisation.toml", one::<Organisation>()),
        ("calendar.schema.json", "calendar/*.toml", one::<Calendar>()),
        ("synonyms.schema.json", "synonyms.toml", one::<Synonyms>()),
        ("motcua.schema.json", "motcua.toml", one::<Settings>()),
    ]
}
