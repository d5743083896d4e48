//! Writes a workflow that was not written by hand as its file.

use motcua_domain::form::Field;
use motcua_domain::legal::{LegalDocument, LegalReference};
use motcua_domain::text::Text;
use motcua_domain::workflow::site_visit::SiteVisitRule;
use motcua_domain::workflow::{Action, Assign, Cancels, Effect, Join, Many, NationalStatus, Step, UnitPlace, Workflow};
use serde_json::{Map, Value as Json};
use std::fmt::Write as _;
use toml::{Table, Value};

/// Returns the content of `workflows/<id>.toml`. The file lists steps of parts one by one.
pub fn write(workflow: &Workflow) -> String {
    let mut file = File::default();
    if !workflow.legal_basis.is_empty() {
        file.line("legal_basis", workflow.legal_basis.iter().map(document).collect::<Vec<Value>>());
    }
    for stage in &workflow.stages {
        file.table("[[stage]]");
        file.line("id", stage.id.as_str());
        file.line("name", words(&stage.name));
        file.some("limit", stage.limit.map(|limit| limit.to_string()));
    }
    workflow.steps.iter().for_each(|step| file.step(step));
    file.0
}

#[derive(Default)]
struct File(String);

impl File {
    fn table(&mut self, header: &str) {
        let gap = if self.0.is_empty() { "" } else { "\n" };
        _ = writeln!(self.0, "{gap}{header}");
    }

    fn line(&mut self, key: &str, value: impl Into<Value>) {
        _ = writeln!(self.0, "{key} = {}", value.into());
    }

    fn some(&mut self, key: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.line(key, value);
        }
    }

    fn step(&mut self, step: &Step) {
        self.table("[[step]]");
        self.line("id", step.id.as_str());
        self.line("name", words(&step.name));
        self.line("role", step.role.name());
        self.some("at", step.place.as_ref().map(place));
        if step.status != NationalStatus::Processing {
            self.line("status", step.status.name());
        }
        self.some("stage", step.stage.as_ref().map(|stage| stage.as_str().to_owned()));
        self.some("limit", step.limit.map(|limit| limit.to_string()));
        self.some("remind", step.remind.map(|limit| limit.to_string()));
        self.some("escalate", step.escalate.map(|role| role.name().to_owned()));
        match step.join {
            Join::Each => {}
            Join::All => self.line("join", "all"),
            Join::Begun => self.line("join", "begun"),
            Join::First(1) => self.line("join", "first"),
            Join::First(enough) => self.line("join", i64::from(enough)),
        }
        self.some("assign", assign(&step.assign));
        self.some("ask", step.many.as_ref().map(many));
        self.some("basis", basis(&step.basis));
        for field in &step.form {
            self.table("[[step.field]]");
            for (key, value) in field_keys(field) {
                self.line(&key, value);
            }
        }
        step.actions.iter().for_each(|action| self.action(action));
    }

    fn action(&mut self, action: &Action) {
        self.table("[[step.action]]");
        self.line("id", action.id.as_str());
        self.line("name", words(&action.name));
        self.some("told", action.told.as_ref().map(words));
        match &action.effect {
            Effect::Split { to } => {
                self.line("effect", "advance");
                let branches = to.iter().map(|branch| match &branch.when {
                    None => Value::from(branch.to.as_str()),
                    Some(when) => table([("step", branch.to.as_str()), ("when", when.source())]),
                });
                self.line("to", branches.collect::<Vec<_>>());
            }
            effect => {
                self.line("effect", effect.name());
                self.some("to", effect.targets().next().map(|to| to.as_str().to_owned()));
            }
        }
        if !action.requires.is_empty() {
            self.line("requires", action.requires.iter().map(|needed| needed.name()).collect::<Vec<_>>());
        }
        self.some("when", action.when.as_ref().map(|when| when.source().to_owned()));
        self.some("visit", action.visit.as_ref().map(site_visit));
        self.some("basis", basis(&action.basis));
        self.some("after", action.after.map(|limit| limit.to_string()));
        self.some("during", action.during.as_ref().map(|step| step.as_str().to_owned()));
        match &action.cancels {
            Cancels::Nothing => {}
            Cancels::Others => self.line("cancels", "others"),
            Cancels::Steps(steps) => {
                self.line("cancels", steps.iter().map(|step| step.as_str().to_owned()).collect::<Vec<_>>());
            }
        }
    }
}

fn table<const N: usize>(keys: [(&str, &str); N]) -> Value {
    Value::Table(keys.into_iter().map(|(key, value)| (key.to_owned(), Value::from(value))).collect())
}

fn words(text: &Text) -> Value {
    match &text.en {
        Some(en) => table([("vi", text.vi.as_str()), ("en", en.as_str())]),
        None => Value::from(text.vi.as_str()),
    }
}

/// Returns a document as it is listed.
fn document(document: &LegalDocument) -> Value {
    let Some(id) = &document.id else { return words(&document.title) };
    let mut keys = Table::new();
    keys.insert("id".to_owned(), Value::from(id.as_str()));
    keys.insert("title".to_owned(), words(&document.title));
    if let Some(link) = &document.link {
        keys.insert("link".to_owned(), Value::from(link.as_str()));
    }
    Value::Table(keys)
}

/// Returns a legal basis, if there is one.
fn basis(basis: &[LegalReference]) -> Option<Vec<String>> {
    (!basis.is_empty()).then(|| basis.iter().map(ToString::to_string).collect())
}

fn place(place: &UnitPlace) -> String {
    format!("{}/{}", place.agency, place.unit)
}

fn assign(assign: &Assign) -> Option<Value> {
    match assign {
        Assign::Post => None,
        Assign::Load => Some(table([("by", "load")])),
        Assign::Plugin => Some(table([("by", "plugin")])),
        Assign::Person { login } => Some(table([("by", "person"), ("login", login.as_str())])),
        Assign::Area { field, registry } => {
            Some(table([("by", "area"), ("field", field.as_str()), ("registry", registry.as_str())]))
        }
    }
}

fn site_visit(rule: &SiteVisitRule) -> Value {
    let mut visit = Table::new();
    for (key, limit) in [("at_least", rule.at_least), ("at_most", rule.at_most)] {
        if let Some(limit) = limit {
            visit.insert(key.to_owned(), Value::from(limit.to_string()));
        }
    }
    if let Some(place) = &rule.place {
        visit.insert("place".to_owned(), Value::from(place.as_str()));
    }
    if rule.calls_off {
        visit.insert("calls_off".to_owned(), Value::from(true));
    }
    Value::Table(visit)
}

fn many(many: &Many) -> Value {
    let mut ask = Table::new();
    ask.insert("units".to_owned(), Value::from(many.places.iter().map(place).collect::<Vec<_>>()));
    if many.chosen {
        ask.insert("choose".to_owned(), Value::from(true));
    }
    if let Some(enough) = many.enough {
        ask.insert("enough".to_owned(), Value::from(i64::from(enough)));
    }
    ask.insert("then".to_owned(), Value::from(many.then.as_str()));
    Value::Table(ask)
}

/// Returns the keys of a field, in the words of the file. The keys of its kind stand beside the others.
fn field_keys(field: &Field) -> Vec<(String, Value)> {
    let Ok(Json::Object(mut keys)) = serde_json::to_value(field) else { return Vec::new() };
    let Some(Json::Object(kind)) = keys.remove("kind") else { return Vec::new() };
    let mut order: Vec<(String, Json)> = Vec::new();
    for first in ["id", "label", "help"] {
        order.extend(keys.remove(first).map(|value| (first.to_owned(), value)));
    }
    order.extend(kind.into_iter().filter(|(key, _)| key != "fields").collect::<Map<_, _>>());
    let always = |key: &str, value: &Json| matches!(key, "required" | "shown") && *value == Json::Bool(true);
    order.extend(keys.into_iter().filter(|(key, value)| !always(key, value)));
    let mut written: Vec<(String, Value)> = order
        .into_iter()
        .filter_map(|(key, value)| match key.as_str() {
            "at_least" => Some(("min".to_owned(), plain(value)?)),
            "at_most" => Some(("max".to_owned(), plain(value)?)),
            "max_bytes" => Some(("max_mb".to_owned(), Value::from(value.as_i64()? >> 20))),
            _ => Some((key, plain(value)?)),
        })
        .collect();
    if field.kind.rows().is_some() {
        let inner = field.kind.parts().iter().map(|field| Value::Table(field_keys(field).into_iter().collect()));
        written.push(("field".to_owned(), Value::Array(inner.collect())));
    }
    written
}

/// Returns the value in TOML, or nothing for null. A text in one language is a string.
pub(crate) fn plain(value: Json) -> Option<Value> {
    match value {
        Json::Null => None,
        Json::Bool(flag) => Some(Value::Boolean(flag)),
        Json::Number(number) => number.as_i64().map(Value::Integer).or_else(|| number.as_f64().map(Value::Float)),
        Json::String(text) => Some(Value::String(text)),
        Json::Array(items) => Some(Value::Array(items.into_iter().filter_map(plain).collect())),
        Json::Object(keys) => {
            Some(Value::Table(keys.into_iter().filter_map(|(key, value)| Some((key, plain(value)?))).collect()))
        }
    }
}
