//! The order of the code: the dependencies between crates, no ring of modules within a crate, the sizes of files, and
//! the places that a new variant touches.

mod sizes;
mod variants;

use crate::contributing::root;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The crates from the lowest storey to the highest, as docs/architecture.md draws them. A crate may know the crates of
/// lower storeys.
const STOREYS: [&[&str]; 6] = [
    &["domain"],
    &["migrations"],
    &["catalogue", "documents", "letters", "oidc", "sandbox", "store"],
    &["service"],
    &["first-party", "portal"],
    &["motcua"],
];

/// The rooms of the portal from the lowest to the highest, as docs/crates.md lists them. A module may know the modules of
/// its room and of lower rooms.
const ROOMS: [&str; 6] = ["theme", "view", "state", "web", "pages", "routes"];

fn storey(name: &str) -> Option<usize> {
    STOREYS.iter().position(|crates| crates.contains(&name))
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

/// Returns the last part of a path without its extension.
fn stem(path: &Path) -> String {
    path.file_stem().expect("a name").to_string_lossy().into_owned()
}

/// Returns the number of spaces before a line.
fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Returns a path from the folder of the repository.
fn within_the_repository(path: &Path) -> String {
    path.strip_prefix(root()).expect("a file of the repository").to_string_lossy().into_owned()
}

/// Returns the exceptions, each a file and a function of it, that nothing needs any more.
fn unneeded<'a>(allowed: impl Iterator<Item = (&'a str, &'a str)>, found: &[(String, String)]) -> Vec<String> {
    let is_found = |file: &str, function: &str| found.iter().any(|(path, name)| path == file && name == function);
    allowed.filter(|(file, function)| !is_found(file, function)).map(|(file, name)| format!("{file} {name}")).collect()
}

/// Returns the folders of the crates by their names.
fn crates() -> BTreeMap<String, PathBuf> {
    let mut folders = entries(&root().join("core"));
    folders.push(root().join("migrations"));
    folders.into_iter().filter(|folder| folder.join("Cargo.toml").is_file()).map(|path| (stem(&path), path)).collect()
}

/// Returns the crates of the kit that a manifest names, also those that only tests need.
fn named(manifest: &str) -> Vec<&str> {
    let names = manifest.lines().filter_map(|line| line.split(['.', ' ', '=']).next());
    names.filter_map(|name| if name == "motcua" { Some(name) } else { name.strip_prefix("motcua-") }).collect()
}

/// Adds the files of a folder by the names of their modules, such as `pages::log`. The root of a crate is left out,
/// because it declares all others.
fn modules(folder: &Path, within: &[String], found: &mut BTreeMap<String, String>) {
    for path in entries(folder) {
        let name = stem(&path);
        let module = [within, std::slice::from_ref(&name)].concat();
        if path.is_dir() {
            modules(&path, &module, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            match name.as_str() {
                "mod" => found.insert(within.join("::"), read(&path)),
                "lib" | "main" if within.is_empty() => None,
                _ => found.insert(module.join("::"), read(&path)),
            };
        }
    }
}

/// Returns the code of a file without comments and without the tests at its end.
fn code(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter_map(|line| line.split("//").next()).collect();
    let is_tests = |pair: &[&str]| pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod ") && pair[1].ends_with('{');
    let end = lines.windows(2).position(is_tests).unwrap_or(lines.len());
    lines[..end].join("\n")
}

/// Reads the paths behind `crate::` or `super::`, such as `a::{b, c::D}`, adds each path, and returns the rest of the
/// text.
fn read_paths<'a>(text: &'a str, within: &[&'a str], found: &mut Vec<Vec<&'a str>>) -> &'a str {
    if let Some(mut rest) = text.strip_prefix('{') {
        loop {
            rest = read_paths(rest.trim_start(), within, found);
            // An `as` or a `*` may stand before the end of a path.
            rest = rest.find([',', '}']).map_or("", |end| &rest[end..]);
            match rest.strip_prefix(',') {
                Some(next) => rest = next,
                None => return rest.strip_prefix('}').unwrap_or(rest),
            }
        }
    }
    let end = text.find(|sign: char| !sign.is_alphanumeric() && sign != '_').unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let path = [within, &[name]].concat();
    match rest.strip_prefix("::") {
        Some(inner) => read_paths(inner, &path, found),
        None => {
            found.push(path);
            rest
        }
    }
}

/// Returns the paths of a module that lead elsewhere in its crate, from the root of the crate.
fn paths<'a>(module: &'a str, code: &'a str) -> Vec<Vec<&'a str>> {
    let mut found = Vec::new();
    for start in ["crate::", "super::"] {
        for (at, _) in code.match_indices(start) {
            if code[..at].ends_with(|sign: char| sign.is_alphanumeric() || sign == '_' || sign == ':') {
                continue;
            }
            let mut rest = &code[at..];
            let mut within: Vec<&str> = module.split("::").collect();
            while let Some(next) = rest.strip_prefix("super::") {
                within.pop();
                rest = next;
            }
            if let Some(next) = rest.strip_prefix("crate::") {
                within.clear();
                rest = next;
            }
            read_paths(rest, &within, &mut found);
        }
    }
    found
}

type Edges<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// Returns the modules that each module knows. A module and the modules in its folder count as one.
fn edges(modules: &BTreeMap<String, String>) -> Edges<'_> {
    let is_in = |inner: &str, outer: &str| inner == outer || inner.starts_with(&format!("{outer}::"));
    let mut edges = Edges::new();
    for (module, text) in modules {
        let code = code(text);
        let known = edges.entry(module.as_str()).or_default();
        for path in paths(module, &code) {
            let named = |length: usize| Some(modules.get_key_value(&path[..length].join("::"))?.0.as_str());
            let target = (1..=path.len()).rev().find_map(named);
            known.extend(target.filter(|target| !is_in(target, module) && !is_in(module, target)));
        }
    }
    edges
}

/// Returns every module that a module knows, also through others.
fn reached<'a>(edges: &Edges<'a>, module: &str) -> BTreeSet<&'a str> {
    let (mut seen, mut next) = (BTreeSet::new(), vec![module]);
    while let Some(module) = next.pop() {
        for known in &edges[module] {
            if seen.insert(*known) {
                next.push(known);
            }
        }
    }
    seen
}

/// Returns the rings: modules that know one another, also through others.
fn rings(modules: &BTreeMap<String, String>) -> BTreeSet<Vec<String>> {
    let edges = edges(modules);
    let ring = |module: &str| -> Vec<String> {
        let known = reached(&edges, module);
        known.into_iter().filter(|other| reached(&edges, other).contains(module)).map(str::to_owned).collect()
    };
    edges.keys().map(|module| ring(module)).filter(|ring| !ring.is_empty()).collect()
}

#[test]
fn no_modules_of_a_crate_stand_in_a_ring() {
    let mut wrong = Vec::new();
    for (name, folder) in crates() {
        let mut found = BTreeMap::new();
        modules(&folder.join("src"), &[], &mut found);
        assert!(!found.is_empty(), "{name} has no modules");
        wrong.extend(rings(&found).iter().map(|ring| format!("{name}: {}", ring.join(", "))));
    }
    let advice = "Move what the lower module needs into a module below both";
    assert!(wrong.is_empty(), "modules that know one another in a ring. {advice}:\n{}", wrong.join("\n"));
}

#[test]
fn a_crate_knows_only_crates_on_lower_storeys() {
    let mut wrong = Vec::new();
    for (name, folder) in crates() {
        let Some(own) = storey(&name) else {
            wrong.push(format!("{name} has no storey: give it a place here and in docs/architecture.md"));
            continue;
        };
        let manifest = read(&folder.join("Cargo.toml"));
        let above = named(&manifest).into_iter().filter(|other| storey(other).is_none_or(|other| other >= own));
        wrong.extend(above.map(|other| format!("{name} knows {other}, which is on no lower storey")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_binary_waits_for_the_printer_of_letters() {
    let knowing =
        crates().into_iter().filter(|(_, folder)| named(&read(&folder.join("Cargo.toml"))).contains(&"letters"));
    assert_eq!(knowing.map(|(name, _)| name).collect::<Vec<_>>(), ["motcua"]);
}

#[test]
fn the_portal_writes_the_addresses_of_pages_in_one_module() {
    let mut found = BTreeMap::new();
    modules(&crates()["portal"].join("src"), &[], &mut found);
    let writes = |text: &str| ["format!(\"/", "Redirect::to(\"/"].iter().any(|start| code(text).contains(start));
    let writing: Vec<&str> = found.iter().filter(|(_, text)| writes(text)).map(|(module, _)| module.as_str()).collect();
    let place = "core/portal/src/web/address.rs";
    assert_eq!(writing, ["web::address"], "write the address of a page by a function of {place}");
}

#[test]
fn texts_within_xml_are_escaped_by_one_function() {
    let mut own = Vec::new();
    for (name, folder) in crates() {
        let mut found = BTreeMap::new();
        modules(&folder.join("src"), &[], &mut found);
        let escapes = |module: &str, text: &str| !module.ends_with("tests") && code(text).contains("&lt;");
        let escaping = found.iter().filter(|(module, text)| escapes(module, text));
        own.extend(escaping.map(|(module, _)| format!("{name}: {module}")));
    }
    assert!(own.is_empty(), "escape texts by core/documents/src/xml.rs: {own:?}");
}

/// The services from the lowest to the highest, each with its module. A service may know those before it.
const SERVICES: [(&str, &str); 19] = [
    ("people", "PeopleService"),
    ("files", "FileService"),
    ("procedures", "ProcedureService"),
    ("plugins", "PluginService"),
    ("mail", "MailService"),
    ("sms", "SmsService"),
    ("dossiers", "DossierService"),
    ("payments", "PaymentService"),
    ("register", "RegisterService"),
    ("drafts", "DraftService"),
    ("account", "AccountService"),
    ("health", "HealthService"),
    ("jobs", "JobService"),
    ("lists", "ListService"),
    ("bulk", "BulkService"),
    ("counting", "CountingService"),
    ("audit", "AuditService"),
    ("log", "LogService"),
    ("suggestions", "SuggestionService"),
];

/// Returns the services that a module names and may not know.
fn services_above(module: &str, text: &str) -> Vec<&'static str> {
    let folder = module.split("::").next().unwrap_or_default();
    let known = SERVICES.iter().position(|(name, _)| *name == folder).map_or(0, |own| own + 1);
    let code = code(text);
    SERVICES[known..].iter().map(|(_, service)| *service).filter(|service| code.contains(service)).collect()
}

#[test]
fn a_service_knows_only_services_below_it() {
    let mut found = BTreeMap::new();
    modules(&crates()["service"].join("src"), &[], &mut found);
    for (module, service) in SERVICES {
        let text = found.get(module).unwrap_or_else(|| panic!("there is no module {module}"));
        assert!(code(text).contains(&format!("pub struct {service} {{")), "{module} does not declare {service}");
    }
    let above = found.iter().flat_map(|(module, text)| {
        services_above(module, text).into_iter().map(move |service| format!("{module} names {service}"))
    });
    let wrong: Vec<String> = above.collect();
    assert!(wrong.is_empty(), "a module names a service that is not below it:\n{}", wrong.join("\n"));
    assert_eq!(services_above("plugins::replay", "self.dossiers: DossierService"), ["DossierService"]);
    assert_eq!(services_above("rights", "PeopleService"), ["PeopleService"]);
    assert!(services_above("drafts::wallet", "DraftService, DossierService // LogService").is_empty());
}

/// Returns the room of a module or a path.
fn room(name: &str) -> Option<usize> {
    ROOMS.iter().position(|room| *room == name)
}

/// Returns the modules outside of the rooms, and the paths of modules that lead to a higher room, or to a name at the
/// root of the crate.
fn out_of_order(modules: &BTreeMap<String, String>) -> Vec<String> {
    let mut wrong = Vec::new();
    for (module, text) in modules {
        let first = module.split("::").next().unwrap_or_default();
        let Some(own) = room(first) else {
            wrong.push(format!("{module} is in no room"));
            continue;
        };
        let code = code(text);
        let found: BTreeSet<String> = paths(module, &code).iter().map(|path| path.join("::")).collect();
        for path in found.iter().filter(|path| !path.is_empty()) {
            let first = path.split("::").next().unwrap_or_default();
            if room(first).is_none_or(|other| other > own) {
                wrong.push(format!("{module} knows {path}"));
            }
        }
    }
    wrong
}

#[test]
fn a_module_of_the_portal_knows_only_its_room_and_lower_rooms() {
    let source = crates()["portal"].join("src");
    let mut found = BTreeMap::new();
    modules(&source, &[], &mut found);
    let rooms: BTreeSet<&str> = found.keys().filter_map(|module| module.split("::").next()).collect();
    assert_eq!(rooms, BTreeSet::from(ROOMS), "the rooms of core/portal/src, as they are and as this test lists them");
    let wrong = out_of_order(&found);
    let advice = "Move what the lower room needs down, or hand it over as an argument";
    assert!(wrong.is_empty(), "{advice}:\n{}", wrong.join("\n"));
    let root = read(&source.join("lib.rs"));
    let code = code(&root);
    let other = code
        .lines()
        .find(|line| !line.is_empty() && !["mod ", "pub mod ", "pub use "].iter().any(|start| line.starts_with(start)));
    assert_eq!(other, None, "core/portal/src/lib.rs only names modules and their public names");
}

#[test]
fn the_themes_and_the_words_of_the_portal_know_no_requests() {
    let mut found = BTreeMap::new();
    modules(&crates()["portal"].join("src"), &[], &mut found);
    let lower = |module: &str| ["theme", "view"].contains(&module.split("::").next().unwrap_or_default());
    let knowing = found.iter().filter(|(module, text)| lower(module) && code(text).contains("axum"));
    assert_eq!(knowing.map(|(module, _)| module.as_str()).collect::<Vec<_>>(), Vec::<&str>::new());
}

/// Finds the paths to higher rooms of invented modules.
fn out_of_order_in(files: &[(&str, &str)]) -> Vec<String> {
    let modules: BTreeMap<String, String> =
        files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    out_of_order(&modules)
}

#[test]
fn a_path_to_a_higher_room_is_found_however_it_is_written() {
    let view = ("view::field", "use crate::theme::{Page, Shell};\nuse super::files::A;\nuse crate::view;");
    let pages = ("pages", "use crate::{state::Portal, web};\nfn f() { crate::view::field::g() }");
    assert_eq!(out_of_order_in(&[view, pages, ("routes", "use crate::pages::{self, a};")]), Vec::<String>::new());
    let up = ("view::field", "use crate::{\n    theme::Page,\n    state::{Portal, work::A},\n};");
    assert_eq!(out_of_order_in(&[up]), ["view::field knows state::Portal", "view::field knows state::work::A"]);
    let inline = ("web::health", "fn f() -> crate::pages::Page { super::super::routes::router() }");
    assert_eq!(out_of_order_in(&[inline]), ["web::health knows pages::Page", "web::health knows routes::router"]);
    assert_eq!(
        out_of_order_in(&[("web", "use crate::Theme;")]),
        ["web knows Theme"],
        "a name at the root hides its room"
    );
    assert_eq!(out_of_order_in(&[("lobby", "")]), ["lobby is in no room"]);
    assert_eq!(out_of_order_in(&[("theme", "// See crate::web.\nuse other_crate::pages;")]), Vec::<String>::new());
}

/// Finds the rings of invented modules.
fn rings_of(files: &[(&str, &str)]) -> Vec<String> {
    let modules: BTreeMap<String, String> =
        files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    rings(&modules).iter().map(|ring| ring.join(" ")).collect()
}

#[test]
fn a_ring_is_found_however_its_paths_are_written() {
    let a = ("a", "use crate::{\n    b::{self, f as g},\n    x::*,\n};");
    let b = ("b", "#[cfg(test)]\nmod testing;\nfn f() { super::c::d::g::<u8>() }");
    let d = ("c::d", "pub(super) fn g<T>() -> super::super::a::A { todo!() }");
    assert_eq!(rings_of(&[a, b, d]), ["a b c::d"]);
    assert_eq!(rings_of(&[a, b, ("c::d", "")]), Vec::<String>::new());
    let twice = [("a", "use crate::b;"), ("b", "use crate::a;"), ("x", "use crate::{a, y};"), ("y", "use super::x;")];
    assert_eq!(rings_of(&twice), ["a b", "x y"]);
}

#[test]
fn comments_tests_and_the_folder_of_a_module_make_no_ring() {
    let a = ("a", "use crate::b::inner::f;");
    let b = ("b", "// See crate::a.\n#[cfg(test)]\nmod tests {\n    use crate::a;\n}");
    let inner = ("b::inner", "use super::B;\nuse motcua_crate::a;\nuse crate::b::C;");
    assert_eq!(rings_of(&[a, b, inner, ("c", "use crate::a;")]), Vec::<String>::new());
    assert_eq!(rings_of(&[a, b, ("b::inner", "use crate::a;")]), ["a b::inner"]);
}

#[test]
fn a_manifest_names_the_crates_of_the_kit() {
    let manifest = "name = \"motcua-service\"\n[dependencies]\nmotcua-domain.workspace = true\nserde = \"1\"\n\
                    motcua = { path = \"../motcua\" }\nmotcua-first-party = { workspace = true }\n";
    assert_eq!(named(manifest), ["domain", "motcua", "first-party"]);
}

/// Returns the name of the type that a line without indentation declares.
fn declared(line: &str) -> Option<&str> {
    let mut words = line.split(' ').skip_while(|word| word.starts_with("pub"));
    let is_type = words.next().is_some_and(|word| ["struct", "enum", "trait", "type"].contains(&word));
    let name = words.next().filter(|_| is_type)?;
    name.split(|sign: char| !sign.is_alphanumeric()).next().filter(|name| !name.is_empty())
}

#[test]
fn no_two_types_have_the_same_name() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, folder) in crates() {
        let mut found = BTreeMap::from([(String::new(), read(&folder.join("src/lib.rs")))]);
        modules(&folder.join("src"), &[], &mut found);
        // Code writes a kind of field with its module (`kinds::Text`), and a library names each migration `Migration`.
        let in_context = |module: &str| name == "migrations" || module.starts_with("form::kinds");
        for (module, text) in found.into_iter().filter(|(module, _)| !in_context(module)) {
            for declared in code(&text).lines().filter_map(declared) {
                places.entry(declared.to_owned()).or_default().push(format!("{name}::{module}"));
            }
        }
    }
    assert!(places.len() > 500, "the types are no longer found: {}", places.len());
    let twice: Vec<_> = places.into_iter().filter(|(_, places)| places.len() > 1).collect();
    assert!(twice.is_empty(), "give one of them a name that says in which context it is used: {twice:#?}");
}

#[test]
fn the_type_that_a_line_declares_is_found() {
    for line in
        ["struct Stay {", "pub struct Stay<'a> {", "pub(crate) enum Stay {", "type Stay = u32;", "pub struct Stay;"]
    {
        assert_eq!(declared(line), Some("Stay"), "{line}");
    }
    for line in ["    struct Stay {", "impl Stay {", "pub fn stay() {", "}", ""] {
        assert_eq!(declared(line), None, "{line}");
    }
}
