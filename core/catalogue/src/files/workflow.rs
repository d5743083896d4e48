//! `workflows/<id>.toml`: templates that procedures share, with parameters that each procedure may set.

use crate::files::form;
use crate::reading::diagnostic::{Diagnostic, MistakeReport, SourceFile};
use crate::reading::node::{self, ExpressionNames, FileTable, Placed};
use crate::reading::parameters::{self, Parameters};
use crate::reading::tree::{ORGANISATION, Tree};
use motcua_domain::legal::LegalDocument;
use motcua_domain::names::{AgencyId, StageId, StepId, UnitId};
use motcua_domain::people::organisation::{Agency, Role};
use motcua_domain::registry::Registries;
use motcua_domain::text;
use motcua_domain::time::calendar::Limit;
use motcua_domain::workflow::own_agency::OWN_AGENCY;
use motcua_domain::workflow::soundness::Unsound;
use motcua_domain::workflow::{Assign, Join, Many, NationalStatus, Stage, Step, UnitPlace, Workflow};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

mod actions;
pub mod export;
mod keys;
mod parts;
pub(crate) mod places;
mod problems;

pub(crate) use keys::KEYS;
use keys::PART;
use parts::{inlined, lead_into_parts, of_part, take_documents};
use places::{ActionPlaces, StepPlaces, WorkflowPlaces, id_of};
pub use problems::reminder_problem;
use problems::{place_of, remedy, words_of};

/// The words for the rules that assign a step.
const ASSIGN: [&str; 5] = ["post", "person", "load", "area", "plugin"];

/// A workflow as its file declares it.
#[derive(Debug, Clone)]
pub struct WorkflowTemplate {
    /// The workflow with the parameters of the file.
    pub workflow: Workflow,
    pub parameters: Parameters,
    /// The templates whose steps it includes as parts.
    pub uses: Vec<String>,
    /// The places of its steps.
    pub places: WorkflowPlaces,
    /// The mistakes of the file, whichever procedure follows it.
    pub mistakes: Vec<Diagnostic>,
    source: SourceFile,
}

impl WorkflowTemplate {
    /// Returns the parameter at a place of the file.
    pub fn parameter_at(&self, span: &Range<usize>) -> Option<&str> {
        parameters::named(&self.source, span.clone())
    }
}

/// The templates of a province or of a package, and the things to which they may refer.
#[derive(Debug, Clone, Default)]
pub struct Templates(pub BTreeMap<String, WorkflowTemplate>);

/// The things to which a workflow may refer.
#[derive(Clone, Copy)]
pub struct WorkflowContext<'a> {
    pub agencies: &'a [Agency],
    pub registries: &'a Registries,
}

impl Templates {
    /// Reads all templates of a tree.
    pub fn read(tree: &Tree, context: WorkflowContext<'_>, report: &MistakeReport) -> Self {
        let mut sources = BTreeMap::new();
        for file in tree.files("workflows", ".toml") {
            let Some(source) = SourceFile::read(tree, file, report) else { continue };
            let name = file.strip_prefix("workflows/").unwrap_or(file);
            sources.insert(name.strip_suffix(".toml").unwrap_or(name).to_owned(), source);
        }
        let mut templates = BTreeMap::new();
        for (id, source) in &sources {
            let parameters = parameters::of(source);
            let reader = WorkflowFileReader::new(context, &sources, id, false);
            let own = MistakeReport::default();
            let workflow = reader.read(source, &parameters, &own);
            parameters::check(source, &own);
            let (uses, places) = (reader.uses.into_inner(), reader.places.into_inner());
            let mistakes = own.mistakes();
            report.absorb(own);
            let template = WorkflowTemplate { workflow, parameters, uses, places, mistakes, source: source.clone() };
            templates.insert(id.clone(), template);
        }
        Self(templates)
    }

    /// Returns the file of a workflow.
    pub fn source(&self, id: &str) -> Option<&SourceFile> {
        self.0.get(id).map(|template| &template.source)
    }

    /// Returns the files of a workflow: its own, and those of the workflows whose steps it includes.
    pub fn files_of(&self, id: &str) -> Vec<String> {
        let uses = self.0.get(id).into_iter().flat_map(|template| &template.uses);
        std::iter::once(id).chain(uses.map(String::as_str)).map(file_of).collect()
    }

    /// Returns the file and the line, from 1, at which a step of a workflow stands. A step of a part stands in the file
    /// of the part.
    pub fn line_of(&self, id: &str, step: &StepId) -> Option<(String, usize)> {
        let places = self.0.get(id)?.places.get(step)?;
        let source = self.source(&places.workflow)?;
        let before = source.text.get(..places.id.start)?;
        Some((source.file.clone(), before.matches('\n').count() + 1))
    }

    /// Returns the workflow with other values for some of its parameters, and the places of its steps.
    pub fn with(
        &self,
        id: &str,
        values: &Parameters,
        context: WorkflowContext<'_>,
        report: &MistakeReport,
    ) -> Option<(Workflow, WorkflowPlaces)> {
        let template = self.0.get(id)?;
        let mut parameters = template.parameters.clone();
        parameters.extend(values.clone());
        let sources = self.0.iter().map(|(id, template)| (id.clone(), template.source.clone())).collect();
        let reader = WorkflowFileReader::new(context, &sources, id, false);
        let workflow = reader.read(&template.source, &parameters, report);
        Some((workflow, reader.places.into_inner()))
    }
}

const NESTED: &str = "nested-part";

/// Returns the file of a workflow.
pub fn file_of(id: &str) -> String {
    format!("workflows/{id}.toml")
}

struct WorkflowFileReader<'a> {
    context: WorkflowContext<'a>,
    sources: &'a BTreeMap<String, SourceFile>,
    id: &'a str,
    /// The file is read as a part of another workflow.
    part: bool,
    uses: RefCell<Vec<String>>,
    places: RefCell<WorkflowPlaces>,
}

impl<'a> WorkflowFileReader<'a> {
    fn new(context: WorkflowContext<'a>, sources: &'a BTreeMap<String, SourceFile>, id: &'a str, part: bool) -> Self {
        Self { context, sources, id, part, uses: RefCell::default(), places: RefCell::default() }
    }

    fn read(&self, source: &SourceFile, values: &Parameters, report: &MistakeReport) -> Workflow {
        node::parse_with(source, &KEYS, values, report, |root| self.workflow(root))
    }

    fn workflow(&self, root: &FileTable<'_>) -> Workflow {
        let before = root.report.len();
        // The parameters are already replaced by their values.
        if let Some(parameters) = root.table("parameters") {
            parameters.free_strings();
        }
        let mut stages: Vec<Stage> = root.tables("stage").iter().filter_map(|table| Self::stage(table)).collect();
        let mut documents = root.documents();
        let mut steps = Vec::new();
        let mut spans: Vec<(StepId, Range<usize>)> = Vec::new();
        for table in root.tables("step") {
            if table.names_key("workflow") {
                let table = table.with_keys(&PART);
                let Some((stage, inner)) = self.part(&table, &mut documents) else { continue };
                spans.extend(inner.iter().map(|step| (step.id.clone(), id_of(&table))));
                stages.push(stage);
                steps.extend(inner);
            } else if let Some(step) = self.step(&table) {
                spans.push((step.id.clone(), id_of(&table)));
                steps.push(step);
            }
        }
        if !self.part {
            root.warn_of_half_translations();
        }
        let mut workflow = Workflow { legal_basis: documents, ..Workflow::new(self.id, steps, stages) };
        lead_into_parts(&mut workflow);
        // A part may lack steps that lead to it, so it is checked with the whole.
        if root.report.len() == before && !self.part {
            let parts: Vec<String> = self.uses.borrow().iter().map(|part| file_of(part)).collect();
            let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
            root.resting_on(&parts, || {
                for problem in workflow.problems() {
                    let span = self.place_of(&problem, &spans);
                    root.mistake("unsound-workflow", span, words_of(&problem, &workflow), remedy(&problem, &workflow));
                }
            });
        }
        workflow
    }

    /// Returns the place of a problem. A step of a part has the place of the part.
    fn place_of(&self, problem: &Unsound, spans: &[(StepId, Range<usize>)]) -> Range<usize> {
        let Some(step) = problem.step() else { return 0..0 };
        let places = self.places.borrow();
        let own = places.get(step).filter(|places| places.workflow == self.id);
        let of_part = || spans.iter().find(|(id, _)| id == step).map_or(0..0, |(_, span)| span.clone());
        own.map_or_else(of_part, |places| place_of(problem, places))
    }

    fn stage(table: &FileTable<'_>) -> Option<Stage> {
        let id = table.required_string("id", "\"police\"");
        let name = table.required_text("name");
        let limit = table.limit("limit").map(|limit| limit.value);
        table.finish();
        Some(Stage { id: StageId(id?.value), name: name?, limit })
    }

    /// Returns the steps of another workflow, as one part of this one.
    fn part(&self, table: &FileTable<'_>, documents: &mut Vec<LegalDocument>) -> Option<(Stage, Vec<Step>)> {
        let id = table.required_string("id", "\"household\"");
        let name = table.required_text("name");
        let place = self.place(table, "at");
        let limit = table.limit("limit").map(|limit| limit.value);
        let then = table.required_string("then", "\"return\"");
        let refused = table.string("refused").map(|step| StepId(step.value));
        let template = table.required_string("workflow", "\"one-stop\"");
        table.finish();
        let (id, name, then, template) = (id?, name?, StepId(then?.value), template?);
        if self.part {
            Self::nested(table, &template);
            return None;
        }
        if template.value == self.id {
            let message =
                text!("quy trình không thể là một phần của chính nó", "a workflow cannot be a part of itself");
            let help = text!("hãy bỏ phần này, hoặc nêu quy trình khác", "remove this part, or name another workflow");
            table.mistake(NESTED, template.span, message, help);
            return None;
        }
        let Some(source) = self.sources.get(&template.value) else {
            let known = self.sources.keys().map(String::as_str).filter(|known| *known != self.id);
            table.unknown_word("workflow", &template, known);
            return None;
        };
        self.uses.borrow_mut().push(template.value.clone());
        let reader = WorkflowFileReader::new(self.context, self.sources, &template.value, true);
        // The mistakes of the other workflow are reported at its own file.
        let own = MistakeReport::default();
        let inner = reader.read(source, &parameters::of(source), &own);
        if own.mistakes().iter().any(|mistake| mistake.code == NESTED) {
            table.resting_on(&[&file_of(&template.value)], || Self::nested(table, &template));
            return None;
        }
        take_documents(table, &template, inner.legal_basis, documents);
        let places = reader.places.into_inner().into_iter();
        self.places.borrow_mut().extend(places.map(|(step, at)| (of_part(&id.value, &step), at)));
        let stage = StageId(id.value.clone());
        let steps = inner
            .steps
            .into_iter()
            .map(|step| inlined(step, &id.value, &stage, place.as_ref(), &then, refused.as_ref()));
        Some((Stage { id: stage.clone(), name, limit }, steps.collect()))
    }

    fn nested(table: &FileTable<'_>, template: &Placed<String>) {
        let message = text!("một phần không được có các phần riêng", "a part cannot have parts of its own");
        let help =
            text!("hãy đưa các bước của phần bên trong vào tệp", "put the steps of the inner part into the file");
        table.mistake(NESTED, template.span.clone(), message, help);
    }

    fn step(&self, table: &FileTable<'_>) -> Option<Step> {
        let id = table.required_string("id", "\"intake\"");
        let name = table.required_text("name");
        let role = table.word("role", &Role::OF_STEPS, Role::name);
        if role.is_none() && table.string("role").is_none() {
            table.missing("role", "\"specialist\"");
        }
        let status =
            table.word("status", &NationalStatus::OF_STEPS, NationalStatus::name).unwrap_or(NationalStatus::Processing);
        let limit = table.limit("limit");
        let remind = Self::remind(table, limit.as_ref());
        let mut places = StepPlaces::of(self.id, table);
        let mut actions = Vec::new();
        for action in table.tables("action") {
            if let Some(read) = actions::read(&action, role) {
                places.actions.insert(read.id.clone(), ActionPlaces::of(&action));
                actions.push(read);
            }
            action.finish();
        }
        let step = Step {
            limit: limit.map(|limit| limit.value),
            actions,
            place: self.place(table, "at"),
            stage: table.string("stage").map(|stage| StageId(stage.value)),
            join: join(table),
            many: table.table("ask").and_then(|ask| self.many(&ask)),
            form: self.form(table),
            assign: table.table("assign").and_then(|assign| self.assign(&assign)).unwrap_or_default(),
            remind,
            escalate: table.word("escalate", &Role::OF_OFFICERS, Role::name),
            basis: table.basis("basis"),
            ..Step::new("", name.clone().unwrap_or_default(), role.unwrap_or(Role::Specialist), status)
        };
        table.finish();
        let (id, _, _) = (StepId(id?.value), name?, role?);
        self.places.borrow_mut().insert(id.clone(), places);
        Some(Step { id, ..step })
    }

    /// Reads a reminder, which must be shorter than the limit and count on the same clock.
    fn remind(table: &FileTable<'_>, limit: Option<&Placed<Limit>>) -> Option<Limit> {
        let remind = table.limit("remind")?;
        let Some((message, help)) = reminder_problem(remind.value, limit.map(|limit| limit.value)) else {
            return Some(remind.value);
        };
        table.mistake("bad-reminder", remind.span, message, help);
        None
    }

    fn form(&self, table: &FileTable<'_>) -> Vec<motcua_domain::form::Field> {
        let ids = form::ids(table);
        let known: Vec<&str> = ids.iter().map(String::as_str).collect();
        let written = RefCell::default();
        let names = ExpressionNames { known: &known, group: None, written: &written };
        let mut reader = form::FormReader::new(names, self.context.registries);
        reader.takes_files = false;
        let fields = reader.fields(table);
        let all: Vec<_> = fields.iter().collect();
        reader.check_parents(table, &all);
        form::check_expressions(table, &all, &written.borrow());
        fields
    }

    /// Reads `agency/unit`, or `./unit` for a unit of the agency to which the applicant applies.
    fn place(&self, table: &FileTable<'_>, key: &'static str) -> Option<UnitPlace> {
        table.string(key).and_then(|text| self.find_place(table, key, &text))
    }

    fn find_place(&self, table: &FileTable<'_>, key: &'static str, text: &Placed<String>) -> Option<UnitPlace> {
        let units =
            || self.context.agencies.iter().flat_map(|agency| agency.units.iter().map(move |unit| (agency, unit)));
        let written = |agency: &AgencyId, unit: &UnitId| format!("{agency}/{unit}");
        if let Some((OWN_AGENCY, own)) = text.value.split_once('/')
            && units().any(|(_, unit)| unit.id.as_str() == own)
        {
            return Some(UnitPlace { agency: OWN_AGENCY.into(), unit: own.into() });
        }
        let found = units().find(|(agency, unit)| written(&agency.id, &unit.id) == text.value);
        if found.is_none() {
            table.resting_on(&[ORGANISATION], || self.unknown_place(table, key, text));
        }
        found.map(|(agency, unit)| UnitPlace { agency: agency.id.clone(), unit: unit.id.clone() })
    }

    /// Reports an unknown unit. A unit of another agency is never proposed, because it has other rights.
    fn unknown_place(&self, table: &FileTable<'_>, key: &str, text: &Placed<String>) {
        let agencies = self.context.agencies;
        let agency = text.value.split_once('/').map_or(OWN_AGENCY, |(agency, _)| agency);
        let office = agencies.iter().find(|known| known.id.as_str() == agency);
        if office.is_none() && agency != OWN_AGENCY {
            let all: Vec<&str> = agencies.iter().map(|known| known.id.as_str()).collect();
            let all = all.join(", ");
            let message = text!("không có cơ quan nào là `{agency}`", "`{agency}` is not a known agency");
            let help =
                text!("hãy viết `./` hoặc một trong các cơ quan {all}", "write `./` or one of the agencies {all}");
            table.mistake("unknown-name", text.span.clone(), message, help);
            return;
        }
        let units = agencies.iter().filter(|known| office.is_none_or(|office| office.id == known.id));
        let known: BTreeSet<String> =
            units.flat_map(|known| &known.units).map(|unit| format!("{agency}/{}", unit.id)).collect();
        table.unknown_word(key, text, known.iter().map(String::as_str));
    }

    fn many(&self, table: &FileTable<'_>) -> Option<Many> {
        let units = table.strings("units");
        let places = units.iter().filter_map(|unit| self.find_place(table, "units", unit)).collect();
        let chosen = table.boolean("choose").unwrap_or(false);
        let enough = table.integer("enough").and_then(|enough| u32::try_from(enough).ok());
        let then = table.required_string("then", "\"review\"");
        table.finish();
        Some(Many { places, chosen, enough, then: StepId(then?.value), listed: true })
    }

    fn assign(&self, table: &FileTable<'_>) -> Option<Assign> {
        let by = table.required_string("by", "\"load\"");
        let assign = match by.as_ref().map(|by| by.value.as_str()) {
            Some("post") => Some(Assign::Post),
            Some("load") => Some(Assign::Load),
            Some("plugin") => Some(Assign::Plugin),
            Some("person") => {
                table.required_string("login", "\"mai.khdt\"").map(|login| Assign::Person { login: login.value })
            }
            Some("area") => {
                let field = table.required_string("field", "\"commune\"");
                let registry = table.required_string("registry", "\"water-officers\"");
                if let Some(registry) =
                    registry.as_ref().filter(|named| self.context.registries.get(&named.value).is_none())
                {
                    table.unknown_word("registry", registry, self.context.registries.0.keys().map(String::as_str));
                }
                field
                    .zip(registry)
                    .map(|(field, registry)| Assign::Area { field: field.value, registry: registry.value })
            }
            Some(_) => {
                if let Some(by) = &by {
                    table.unknown_word("by", by, ASSIGN.into_iter());
                }
                None
            }
            None => None,
        };
        table.finish();
        assign
    }
}

/// The words for joins.
const JOINS: [(&str, Join); 3] = [("all", Join::All), ("begun", Join::Begun), ("first", Join::First(1))];

/// Reads `join = "all"`, `"begun"`, `"first"` or a number of branches.
fn join(table: &FileTable<'_>) -> Join {
    if table.is_number("join") {
        let enough = table.integer("join").and_then(|enough| u32::try_from(enough).ok());
        return enough.map_or(Join::Each, Join::First);
    }
    let Some(word) = table.string("join") else { return Join::Each };
    let found = JOINS.into_iter().find(|(known, _)| *known == word.value);
    if found.is_none() {
        table.unknown_word("join", &word, JOINS.into_iter().map(|(known, _)| known));
    }
    found.map_or(Join::Each, |(_, join)| join)
}
