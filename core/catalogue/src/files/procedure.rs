//! `procedures/<group>/<name>/procedure.toml`: the statements of the law and the agency about one procedure.

use crate::context::{ProcedureContext, VersionFiles, keep};
use crate::files::form::keys::{ACCEPT, CHECK, MAX_FILES, MAX_MB, SECTION};
use crate::files::{form, plugin};
use crate::reading::keys::{BASIS, CONDITION, DOCUMENT_FORMS, LIMIT, Shape, keys};
use crate::reading::node::{ExpressionNames, ExpressionPurpose, FileTable, Placed, WrittenExpressions, parse_limit};
use crate::reading::tree::ORGANISATION;
use motcua_domain::expression::Expression;
use motcua_domain::form::types::ExpressionScope;
use motcua_domain::form::{Field, Form, Section};
use motcua_domain::legal::LegalDocument;
use motcua_domain::media::{PAPER_FILES, PAPER_MEGABYTES};
use motcua_domain::names::{PaperId, ProcedureCode, StepId};
use motcua_domain::people::organisation::Agency;
use motcua_domain::procedure::alternatives::Alternatives;
use motcua_domain::procedure::co_signer::CoSigner;
use motcua_domain::procedure::on_behalf::OnBehalf;
use motcua_domain::procedure::{
    AgencyTerms, Audience, CapPeriod, Eligibility, Fee, FormTemplate, HolderTime, LimitCase, MediaKind, Paper,
    PaperKind, Procedure,
};
use motcua_domain::text;
use motcua_domain::time::calendar::Limit;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

mod alternatives;
mod cases;
mod co_signers;
mod eligibility;
mod fee;
mod follow;
mod left_to_plugins;
mod offers;
mod result;
mod terms;

use alternatives::AskedPlaces;
use cases::CaseTurns;
use follow::ProcedureLimits;
use left_to_plugins::check_left_to_plugins;

keys! {
    /// `procedures/<group>/<name>/procedure.toml`: the statements of the law and the agency about one procedure.
    pub(crate) KEYS = "Procedure" {
        required {
            /// The code in the national database, such as `1.004227`.
            code: Shape::Text,
            name: Shape::Words,
            /// The unit that works on the dossiers, in each agency that offers the procedure.
            unit: Shape::Text,
            /// The field of law.
            field: Shape::Words,
            /// The agency's limit: a number and `working-hours`, `working-days` or `calendar-days`.
            limit: LIMIT,
            /// The result for the applicant.
            result: Shape::Either("", &result::WORDS_OR_TABLE),
            /// A file in `workflows`, without `.toml`.
            workflow: Shape::Text,
        }
        optional {
            /// The agencies that offer the procedure. Without it, the agency in whose folder it stands.
            offered_by: Shape::Table(&offers::OFFERED_BY),
            /// The terms of single agencies.
            offer: Shape::Tables(&offers::OFFER),
            /// One sentence for lists.
            summary: Shape::Words,
            /// The audience of the procedure.
            audience: Shape::List(&Shape::Word(|| Audience::ALL.map(Audience::name).to_vec())),
            /// The events of life in which people need the procedure.
            life_events: Shape::List(&Shape::Words),
            /// Other words of people for the procedure, for the search.
            keywords: Shape::List(&Shape::Text),
            /// The service level.
            level: Shape::Integer(1, 4) => 3,
            /// The applicant's calendar days for a supplement or a payment.
            waiting_days: Shape::Integer(1, 365) => 30,
            /// The instructions, step by step.
            how_to: Shape::List(&Shape::Words),
            conditions: Shape::List(&Shape::Words),
            /// The documents that the procedure rests on: titles, or tables with an id that `basis` names.
            legal_basis: Shape::List(&Shape::Either("A title, or a document with an id.", &DOCUMENT_FORMS)),
            /// The legal basis of the limit, as `basis` of a paper.
            limit_basis: BASIS,
            /// The people for whom somebody may file: `nobody` else (the default), others `with-proof` of the right to do so, or
            /// `anybody`. The form then asks first for whom the dossier is filed: for the audience `business`, it may be an
            /// organisation.
            on_behalf: Shape::Word(|| OnBehalf::ALL.map(OnBehalf::name).to_vec()),
            /// The first moment at which dossiers are filed, in Vietnam: `2026-03-02 07:30`.
            opens: Shape::Text,
            /// The first moment that is too late for filing, in Vietnam: `2026-04-30 17:00`.
            closes: Shape::Text,
            /// The most dossiers of a period, the first ones first. Each agency that offers the procedure has so many.
            at_most: Shape::Integer(1, 1_000_000),
            /// The period of `at_most`. The default is `ever`.
            at_most_per: Shape::Word(|| CapPeriod::ALL.map(CapPeriod::name).to_vec()),
            /// The holder of at most one dossier with all agencies: `applicant`, or the field whose answer names the holder,
            /// or a part of one, such as `owner.number`.
            one_per: Shape::Text,
            /// The time for which a dossier keeps its holder from another one: until its end (`open`, the default) or
            /// `ever`.
            one_while: Shape::Word(|| HolderTime::ALL.map(HolderTime::name).to_vec()),
            /// Other values for the workflow's parameters.
            workflow_with: Shape::Map(&Shape::Text),
            /// Other limits for steps of the workflow, by step.
            step_limits: Shape::Map(&Shape::Text),
            silence: Shape::Table(&terms::SILENCE),
            publish: Shape::Table(&terms::PUBLISH),
            delivery: Shape::Table(&terms::DELIVERY),
            plugin: Shape::Either("One plugin, or several that are asked one after the other.", &plugin::ONE_OR_SEVERAL),
            paper: Shape::Tables(&PAPER),
            fee: Shape::Tables(&fee::FEE),
            limit_case: Shape::Tables(&LIMIT_CASE),
            section: Shape::Tables(&SECTION),
            check: Shape::Tables(&CHECK),
            alternatives: Shape::Tables(&alternatives::ALTERNATIVES),
            signer: Shape::Tables(&co_signers::SIGNER),
            eligibility: Shape::Table(&eligibility::ELIGIBILITY),
        }
    }

    /// A paper that must or may be attached.
    PAPER = "Paper" {
        required {
            /// The id of small letters, digits and `_`.
            id: Shape::Text,
            name: Shape::Words,
        }
        optional {
            /// A help in limited Markdown: paragraphs, lists, emphasis, links.
            help: Shape::Words,
            /// The condition for requiring the paper. The default is `true`.
            required: CONDITION,
            kind: Shape::Word(|| PaperKind::ALL.map(PaperKind::name).to_vec()),
            accept: ACCEPT,
            /// The megabytes of the largest file.
            max_mb: MAX_MB => PAPER_MEGABYTES,
            /// The most files.
            max_files: MAX_FILES => PAPER_FILES,
            /// The number of copies that the agency needs on paper.
            count: Shape::Integer(1, 50) => 1,
            /// A form to download and fill in: a file in the procedure's folder `forms`.
            template: Shape::Text,
            /// The legal basis of asking for the paper: `"id"` of a document of `legal_basis`, or `"id#16.1.a"` with article,
            /// clause and point.
            basis: BASIS,
        }
    }

    /// Another time limit for some cases. The first case that fits counts.
    LIMIT_CASE = "LimitCase" {
        required {
            name: Shape::Words,
            when: CONDITION,
            limit: LIMIT,
        }
        optional {
            /// Other limits for steps of the workflow in these cases, by step. A step that has begun keeps its limit.
            step_limits: Shape::Map(&Shape::Text),
            /// The legal basis of the limit, as `basis` of a paper.
            basis: BASIS,
        }
    }
}

/// Reads a procedure and the files that it needs.
pub fn read(root: &FileTable<'_>, context: &ProcedureContext<'_>, content: &mut VersionFiles) -> Option<Procedure> {
    let code = root.required_string("code", "\"1.004227\"").inspect(|code| check_code(root, code));
    let (name, summary) = (root.required_text("name"), root.text("summary").unwrap_or_default());
    check_address(root, context);
    let (offered_by, led_by) = offers::read_rule(root, context);
    let agencies = offers::agencies(root, context, offered_by.as_ref());
    let field = root.required_text("field").unwrap_or_default();
    let (audience, life_events) = (root.words("audience", &Audience::ALL, Audience::name), root.texts("life_events"));
    let keywords = root.strings("keywords").into_iter().map(|word| word.value).collect();
    let (level, waiting_days) = (root.integer_or_default("level"), root.integer_or_default("waiting_days"));
    let limit = required_limit(root, "\"3 working-days\"");
    let (limit_basis, window, on_behalf) = (root.basis("limit_basis"), terms::window(root), terms::on_behalf(root));
    let (publish, silence, post) = (terms::publication(root), terms::silence(root), terms::delivery(root, context));
    let (how_to, conditions, legal_basis) = (root.texts("how_to"), root.texts("conditions"), root.documents());
    let ids = known_ids(root, on_behalf.section(&audience));
    let known: Vec<&str> = ids.iter().map(String::as_str).collect();
    let written = RefCell::default();
    let names = ExpressionNames { known: &known, group: None, written: &written };
    let (form, eligibility) = read_form(root, names, context, on_behalf.section(&audience));
    let (bounds, papers) = (terms::bounds(root, &form), read_papers(root, names, context, content, &form, on_behalf));
    let fields: Vec<&Field> = form.fields().map(|(_, field)| field).collect();
    let scope = ExpressionScope { form: &fields, group: &[], asked: &[] };
    let dues =
        ProcedureDues::read(root, names, scope, &agencies, limit.as_ref().map(|limit| limit.value), &legal_basis);
    let own = offers::read_unit(root, &agencies, &dues.terms);
    let led_by = offers::check_led_by(root, led_by, &form, &agencies);
    let alternatives = alternatives::read(root, names, AskedPlaces { fields: &fields, papers: &papers });
    let signers = co_signers::read(root, names, &fields);
    check_expressions(root, &form, (&papers, &alternatives, &signers, &dues), &written.borrow());
    let places = own.as_ref().map_or(&[][..], |(_, places)| places.as_slice());
    let shortest = shortest(root, limit.as_ref());
    let limits = ProcedureLimits { whole: limit.as_ref(), shortest, cases: &dues.limit_cases };
    let workflow = follow::read(root, context, &limits, places, &form, &legal_basis, &written.borrow());
    let (result, register) = result::read(root, context, &form, workflow.as_ref(), &written.borrow());
    root.check_bases(&legal_basis);
    let plugins = plugin::read(root, context, content);
    check_left_to_plugins(root, &form, workflow.as_ref());
    if name.as_ref().is_some_and(|name| name.en.is_some()) {
        root.finish_translations();
    }
    Some(Procedure {
        code: ProcedureCode(code?.value),
        slug: context.slug.to_owned(),
        name: name?,
        summary,
        group: context.group.to_owned(),
        unit: own?.0,
        field,
        audience,
        life_events,
        keywords,
        level: u8::try_from(level).unwrap_or_default(),
        limit: limit?.value,
        limit_basis,
        window,
        on_behalf,
        bounds,
        silence,
        publish,
        post,
        limit_cases: dues.limit_cases,
        waiting_days: u32::try_from(waiting_days).unwrap_or_default(),
        result,
        register,
        how_to,
        conditions,
        eligibility,
        legal_basis,
        papers,
        fees: dues.fees,
        form,
        alternatives,
        signers,
        workflow: workflow?,
        plugins,
        offered_by,
        led_by,
        terms: dues.terms,
    })
}

/// Checks the expressions of the form, the papers, the limits and the fees, and the work of judging them.
fn check_expressions(
    root: &FileTable<'_>,
    questions: &Form,
    (papers, alternatives, signers, dues): (&[Paper], &[Alternatives], &[CoSigner], &ProcedureDues),
    written: &WrittenExpressions,
) {
    let fields: Vec<&Field> = questions.fields().map(|(_, field)| field).collect();
    form::check_expressions(root, &fields, written);
    let asked = papers.iter().filter_map(|paper| paper.required.expression());
    let asked = asked.chain(alternatives.iter().filter_map(|rule| rule.when.expression())).chain(dues.expressions());
    let asked = asked.chain(signers.iter().filter_map(|signer| signer.when.expression()));
    let rules = questions.checks.iter().map(|check| &check.holds);
    form::check_load(root, &fields, rules.chain(asked), written);
}

/// The fees and limits of a procedure, and those of single agencies.
struct ProcedureDues {
    fees: Vec<Fee>,
    limit_cases: Vec<LimitCase>,
    terms: Vec<AgencyTerms>,
}

impl ProcedureDues {
    fn read(
        root: &FileTable<'_>,
        names: ExpressionNames<'_>,
        scope: ExpressionScope<'_>,
        agencies: &[&Agency],
        limit: Option<Limit>,
        documents: &[LegalDocument],
    ) -> Self {
        let fee = |table: &FileTable<'_>| fee::read(table, names, scope, documents);
        let mut turns = CaseTurns::new(scope, None);
        let read_limit_case = |table: &FileTable<'_>| read_limit_case(table, names, &mut turns);
        Self {
            fees: root.tables("fee").iter().filter_map(fee).collect(),
            limit_cases: root.tables("limit_case").iter().filter_map(read_limit_case).collect(),
            terms: offers::read_terms(root, agencies, limit, fee),
        }
    }

    /// Returns all expressions of fees and limits.
    fn expressions(&self) -> impl Iterator<Item = &Expression> {
        let fees = self.fees.iter().chain(self.terms.iter().flat_map(|terms| &terms.fees));
        let cases = self.limit_cases.iter().filter_map(|case| case.when.expression());
        cases.chain(fees.flat_map(Fee::expressions))
    }
}

/// Returns the ids of all fields of the form: those of the portal's own page, and those of the author as written.
fn known_ids(root: &FileTable<'_>, first: Option<Section>) -> Vec<String> {
    let own = first.map_or_else(Vec::new, |section| section.fields);
    own.into_iter().map(|field| field.id).chain(form::field_ids(root)).collect()
}

/// Reads the form, which begins with the portal's own page if somebody may file for others, and the questions before it.
fn read_form(
    root: &FileTable<'_>,
    names: ExpressionNames<'_>,
    context: &ProcedureContext<'_>,
    first: Option<Section>,
) -> (Form, Option<Eligibility>) {
    let mut form = form::read(root, names, &context.province.registries, first);
    let eligibility = root.table("eligibility").map(|table| eligibility::read(&table, context, &form));
    if let Some(asked) = &eligibility {
        let rules = asked.rules_of_form(&form);
        form.checks.extend(rules);
    }
    (form, eligibility)
}

/// Returns the agency after which the folder of the procedure is named.
fn agency_of<'a>(root: &FileTable<'_>, context: &ProcedureContext<'a>) -> Option<&'a Agency> {
    let agencies = &context.province.agencies;
    let agency = agencies.iter().find(|agency| agency.id.as_str() == context.group);
    if agency.is_none() {
        let known: Vec<&str> = agencies.iter().map(|agency| agency.id.as_str()).collect();
        let (group, listed) = (context.group, known.join(", "));
        let message = text!(
            "thư mục `{group}` không mang tên của cơ quan nào",
            "the folder `{group}` is not named after an agency"
        );
        let help = if known.is_empty() {
            text!("hãy thêm cơ quan vào organisation.toml", "add the agency to organisation.toml")
        } else {
            text!("các cơ quan đã khai báo: {listed}", "agencies are {listed}")
        };
        root.resting_on(&[ORGANISATION], || root.mistake("unknown-agency", 0..0, message, help));
    }
    agency
}

/// Reads the limit of a table, which must have one.
fn required_limit(table: &FileTable<'_>, example: &str) -> Option<Placed<Limit>> {
    let limit = table.limit("limit");
    if limit.is_none() && table.string("limit").is_none() {
        table.missing("limit", example);
    }
    limit
}

/// Returns the shortest limit of the whole in any agency whose steps have the procedure's limits, outside of the cases
/// with other limits.
fn shortest(root: &FileTable<'_>, limit: Option<&Placed<Limit>>) -> Option<Placed<Limit>> {
    let of_agency = |table: FileTable<'_>| {
        let text = table.string("limit")?;
        Some(Placed { value: Limit::parse(&text.value)?, span: text.span })
    };
    let offers = root.tables("offer").into_iter().filter(|offer| !offer.names_key("step_limits"));
    let all = limit.cloned().into_iter().chain(offers.filter_map(of_agency));
    all.min_by(|a, b| a.value.working_hours().total_cmp(&b.value.working_hours()))
}

/// Checks that a code is plain, because it goes into addresses and tables.
fn check_code(root: &FileTable<'_>, code: &Placed<String>) {
    let plain = code.value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-');
    if !plain || code.value.len() > 30 {
        let written = &code.value;
        let message =
            text!("`{written}` không phải là mã của một thủ tục", "`{written}` is not the code of a procedure");
        let help = text!(
            "hãy viết mã như trong cơ sở dữ liệu quốc gia, ví dụ \"1.004227\"",
            "write it as the national database does, such as \"1.004227\""
        );
        root.mistake("bad-code", code.span.clone(), message, help);
    }
}

/// Checks the folder's name, because it becomes an address.
fn check_address(root: &FileTable<'_>, context: &ProcedureContext<'_>) {
    // An agency's folder has the agency's name.
    let group = Some(context.group).filter(|_| root.names_key("offered_by"));
    for name in group.into_iter().chain([context.slug]).filter(|name| !is_slug(name)) {
        let message = text!("thư mục `{name}` không thể thành địa chỉ", "the folder `{name}` cannot become an address");
        let help =
            text!("hãy đặt tên bằng chữ thường không dấu, chữ số và dấu -", "name it with small letters, digits and -");
        root.mistake("bad-address", 0..0, message, help);
    }
}

/// Returns whether a folder's name can be part of an address.
pub fn is_slug(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    !name.is_empty() && name.len() <= 100 && name.bytes().all(plain)
}

/// Reads the limits of steps of a case or of an agency. Unknown steps are reported with the workflow.
fn step_limits(table: &FileTable<'_>) -> BTreeMap<StepId, Limit> {
    let steps = table.table("step_limits");
    let step_limit =
        |(step, text): (Placed<String>, Placed<String>)| Some((StepId(step.value), parse_limit(table, &text)?));
    steps.iter().flat_map(FileTable::free_strings).filter_map(step_limit).collect()
}

fn read_limit_case(table: &FileTable<'_>, names: ExpressionNames<'_>, turns: &mut CaseTurns<'_>) -> Option<LimitCase> {
    let name = table.required_text("name");
    let when = table.condition("when", true, names, ExpressionPurpose::When, None);
    turns.check(table, names, &when);
    if !table.has("when") {
        table.missing("when", "\"depth > 30\"");
    }
    let limit = required_limit(table, "\"5 working-days\"");
    let step_limits = step_limits(table);
    let basis = table.basis("basis");
    table.finish();
    Some(LimitCase { when, limit: limit?.value, name: name?, step_limits, basis })
}

/// Reads the papers, after which the proof of the right to file for another person stands, if there is one.
fn read_papers(
    root: &FileTable<'_>,
    names: ExpressionNames<'_>,
    context: &ProcedureContext<'_>,
    content: &mut VersionFiles,
    questions: &Form,
    on_behalf: OnBehalf,
) -> Vec<Paper> {
    let proof = on_behalf.proof();
    // The id of its paper or of its file field identifies an attachment.
    let files = questions.fields().filter(|(_, field)| field.kind.takes_files());
    let mut seen: BTreeSet<String> = files.map(|(_, field)| field.id.clone()).collect();
    seen.extend(proof.iter().map(|proof| proof.id.to_string()));
    let mut papers = Vec::new();
    for table in root.tables("paper") {
        let id = table.required_string("id", "\"id_card\"");
        let name = table.required_text("name");
        let paper = Paper {
            id: PaperId(id.as_ref().map_or_else(String::new, |id| id.value.clone())),
            name: name.unwrap_or_default(),
            help: table.text("help"),
            required: table.condition("required", true, names, ExpressionPurpose::Paper, None),
            kind: table.word("kind", &PaperKind::ALL, PaperKind::name).unwrap_or(PaperKind::Electronic),
            accept: form::accepted(&table),
            max_bytes: form::max_bytes(&table),
            max_files: form::max_files(&table),
            count: u32::try_from(table.integer_or_default("count")).unwrap_or_default(),
            template: read_template(&table, context, content),
            basis: table.basis("basis"),
        };
        table.finish();
        if let Some(id) = id {
            form::identifier(&table, &id, &mut seen);
            papers.push(paper);
        }
    }
    papers.extend(proof);
    papers
}

/// Reads a form to download: a file in the procedure's folder `forms`.
fn read_template(
    table: &FileTable<'_>,
    context: &ProcedureContext<'_>,
    content: &mut VersionFiles,
) -> Option<FormTemplate> {
    let file = table.string("template")?;
    let media = MediaKind::ALL.into_iter().find(|media| file.value.ends_with(&format!(".{}", media.name())));
    match (context.file(&format!("forms/{}", file.value)), media) {
        (Some(Ok(bytes)), Some(media)) => {
            let digest = keep(bytes.to_vec(), content);
            Some(FormTemplate { file: file.value, digest, media })
        }
        (Some(_), None) => {
            let kinds = MediaKind::ALL.map(MediaKind::name).join(", ");
            let name = &file.value;
            let message = text!(
                "`{name}` không thuộc loại tệp mà cổng có thể phát cho người nộp",
                "`{name}` is not a kind of file that can be handed out"
            );
            let help = text!("hãy dùng một trong các loại {kinds}", "use one of {kinds}");
            table.mistake("bad-template", file.span, message, help);
            None
        }
        _ => {
            let (name, folder) = (&file.value, context.folder());
            let message = text!("không có biểu mẫu `{name}`", "there is no form `{name}`");
            let help = text!("hãy đặt tệp vào {folder}/forms/", "put it into {folder}/forms/");
            table.mistake("no-template", file.span, message, help);
            None
        }
    }
}
