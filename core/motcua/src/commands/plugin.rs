//! `motcua plugin`

use crate::CommandOutcome;
use crate::cli::{PluginCommand, TrialArguments};
use crate::commands::trial_input::input;
use crate::commands::{new_plugin, packages};
use crate::language;
use crate::output::{cannot_read, cannot_write};
use crate::runtime::ProvinceFolder;
use anyhow::{Context as _, bail};
use motcua_domain::procedure::plugin::{Grant, PluginLimits, WantedLimits};
use motcua_domain::registry::Registries;
use motcua_domain::text::{clean, one_line};
use motcua_sandbox::{ComponentFacts, ContractExport, PluginCall, Sandbox, SandboxSetup, SpentResources, digest};
use motcua_service::TimeSource;
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

pub fn run(command: &PluginCommand) -> anyhow::Result<CommandOutcome> {
    match command {
        PluginCommand::New { name, procedure, language, out } => {
            new_plugin::run(name, procedure, *language, out.as_deref())
        }
        PluginCommand::Build { dir } => build(dir),
        PluginCommand::Check { tried } => check(tried),
        PluginCommand::Run { tried, dossier, ask } => Ok(play(tried, dossier, ask.as_deref())?),
        PluginCommand::Bench { tried, dossier, calls } => bench(tried, dossier, *calls),
        PluginCommand::Inspect { component } => inspect(component),
        PluginCommand::Sign { component, key } => {
            let beside = packages::sign_file(key, component)?;
            say!("Đã ghi {}", "Wrote {}"; beside.display());
            Ok(CommandOutcome::Fine)
        }
        PluginCommand::Verify { component, key } => verify(component, key),
    }
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(file).with_context(|| cannot_read(file.display()))
}

/// The JSON Schema of a plugin's settings, in its folder. The build puts it into the component.
const SETTINGS: &str = "settings.schema.json";

/// The world of plugins in Python.
const PYTHON_WORLD: &str = "validator";

/// Builds the plugin in a folder with the tools of its language.
fn build(dir: &Path) -> anyhow::Result<CommandOutcome> {
    let has = |file: &str| dir.join(file).is_file();
    let component = if has("Cargo.toml") {
        // Only this build makes a component. Elsewhere the crate is a plain library, for its tests.
        let mut words = vec!["rustc", "--release", "--target", "wasm32-wasip2", "--crate-type", "cdylib"];
        // The result is here, even if other builds go elsewhere.
        words.extend(["--target-dir", "target"]);
        tool(dir, "cargo", &words, "Rust, and: rustup target add wasm32-wasip2")?;
        let built = dir.join("target/wasm32-wasip2/release");
        newest(&built)
            .with_context(|| told!("không có tệp .wasm nào trong {}", "there is no component in {}"; built.display()))?
    } else if has("package.json") {
        if !dir.join("node_modules").is_dir() {
            tool(dir, "npm", &["install"], "Node.js with npm")?;
        }
        tool(dir, "npm", &["run", "build"], "Node.js with npm")?;
        newest(dir).with_context(|| told!("lần dựng không tạo ra tệp .wasm nào", "the build made no component"))?
    } else if has("app.py") {
        let name = named(dir)?;
        let words = ["-d", "wit/v0.2", "-w", PYTHON_WORLD, "componentize", "--stub-wasi", "app", "-o", &name];
        tool(dir, "componentize-py", &words, "pip install -r requirements.txt")?;
        dir.join(name)
    } else {
        bail!(told!(
            "{} không có thành phần bổ sung: thiếu Cargo.toml, package.json và app.py; hãy bắt đầu bằng motcua plugin new",
            "{} holds no plugin: no Cargo.toml, package.json or app.py; begin with motcua plugin new";
            dir.display()
        ));
    };
    let mut bytes = read(&component)?;
    let out = dir.join(named(dir)?);
    let schema = has(SETTINGS).then(|| std::fs::read_to_string(dir.join(SETTINGS))).transpose();
    let schema = schema.with_context(|| told!("không đọc được {SETTINGS}", "{SETTINGS} cannot be read"))?;
    if let Some(schema) = &schema {
        serde_json::from_str::<Json>(schema)
            .with_context(|| told!("{SETTINGS} không phải là JSON", "{SETTINGS} is not JSON"))?;
        bytes = motcua_sandbox::with_schema(&bytes, schema);
    }
    if out != component || schema.is_some() {
        std::fs::write(&out, &bytes).with_context(|| cannot_write(out.display()))?;
    }
    say!(
        "Đã ghi {} ({} byte), {}", "Wrote {} ({} bytes), {}";
        out.display(), bytes.len(), digest(&bytes)
    );
    for line in beside_the_world(dir) {
        println!("{line}");
    }
    Ok(CommandOutcome::Fine)
}

/// Returns a note for each export that the source of a plugin has and its world has not. The tools of JavaScript and
/// Python build such a component without a word.
fn beside_the_world(dir: &Path) -> Vec<String> {
    let text = |file: &str| std::fs::read_to_string(dir.join(file)).unwrap_or_default();
    let (source, world) = if dir.join("app.py").is_file() {
        (text("app.py"), Some(PYTHON_WORLD.to_owned()))
    } else {
        let world = text("build.mjs").split_once("worldName:").and_then(|(_, rest)| {
            let rest = rest.trim_start().strip_prefix(['"', '\''])?;
            rest.split_once(['"', '\'']).map(|(world, _)| world.to_owned())
        });
        (text("plugin.js"), world)
    };
    let contract = text("wit/v0.2/procedure.wit");
    let exports = world.as_deref().and_then(|world| contract.split_once(&format!("world {world} {{")));
    let Some((exports, _)) = exports.and_then(|(_, rest)| rest.split_once('}')) else { return Vec::new() };
    let has = |export: &ContractExport| exports.contains(&format!("export {};", export.name()));
    let left_out = ContractExport::ALL.into_iter().filter(|export| declares(&source, *export) && !has(export));
    let note = |export: ContractExport| {
        let (name, world) = (export.name(), world.as_deref().unwrap_or_default());
        told!(
            "ghi chú: `{name}` bị bỏ ra, vì world `{world}` không xuất nó; hãy viết một world riêng xuất cả hai trong \
             wit/v0.2, hoặc làm một thành phần bổ sung riêng cho nó",
            "note: `{name}` is left out, because the world `{world}` does not export it; write a world of your own that \
             exports both in wit/v0.2, or make a plugin of its own for it"
        )
    };
    left_out.map(note).collect()
}

/// Returns whether a source in JavaScript or Python declares this export of the contract.
fn declares(source: &str, export: ContractExport) -> bool {
    let class: String = export.name().split('-').map(capital).collect();
    let object = class.chars().next().into_iter().flat_map(char::to_lowercase).chain(class.chars().skip(1));
    let object: String = object.collect();
    let declarations =
        [format!("export const {object} "), format!("export function {object}("), format!("class {class}(")];
    source.lines().any(|line| declarations.iter().any(|declaration| line.trim_start().starts_with(declaration)))
}

/// Returns a word with a capital first letter.
fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// Returns the name of a plugin's file, which is that of its folder.
fn named(dir: &Path) -> anyhow::Result<String> {
    let whole =
        dir.canonicalize().with_context(|| told!("không có thư mục {}", "there is no folder {}"; dir.display()))?;
    let name = whole
        .file_name()
        .and_then(|name| name.to_str())
        .with_context(|| told!("không dùng được tên của thư mục", "the folder's name cannot be used"))?;
    Ok(format!("{name}.wasm"))
}

fn tool(dir: &Path, program: &str, words: &[&str], install: &str) -> anyhow::Result<()> {
    let status = Command::new(program).args(words).current_dir(dir).status();
    let status = status.with_context(|| {
        told!(
            "không chạy được `{program}`; hãy cài đặt: {install}",
            "`{program}` cannot be started; install it: {install}"
        )
    })?;
    if status.success() {
        Ok(())
    } else {
        bail!(told!("`{program} {}` không thành công", "`{program} {}` failed"; words.join(" ")))
    }
}

/// Returns the component in a folder that was written last.
fn newest(dir: &Path) -> Option<PathBuf> {
    let entries = std::fs::read_dir(dir).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    let components = entries.filter(|path| path.extension().is_some_and(|kind| kind == "wasm"));
    components.max_by_key(|path| path.metadata().and_then(|known| known.modified()).ok())
}

/// A component that was loaded for a trial.
struct TrialComponent {
    sandbox: Sandbox,
    component: motcua_domain::names::Digest,
    limits: PluginLimits,
    grant: Grant,
}

impl TrialArguments {
    fn limits(&self) -> PluginLimits {
        let wanted = WantedLimits {
            fuel: self.fuel,
            milliseconds: self.milliseconds,
            memory_mib: self.memory_mib,
            component_mib: self.component_mib,
            instances: self.instances,
            table_entries: self.table_entries,
        };
        wanted.limits()
    }

    fn load(&self) -> anyhow::Result<TrialComponent> {
        let limits = self.limits();
        let registries = match &self.dir {
            Some(dir) => ProvinceFolder::read(dir, &TimeSource::System)?.install.province.registries,
            None => Registries::default(),
        };
        let grant = Grant { lookup: self.lookup.clone(), ..Grant::default() };
        let most = limits.at_least(&PluginLimits::default());
        let sandbox = Sandbox::new(SandboxSetup { most, registries, ..SandboxSetup::default() })?;
        let component = sandbox.load(&read(&self.component)?, &limits)?;
        Ok(TrialComponent { sandbox, component, limits, grant })
    }
}

impl TrialComponent {
    fn ask(&self) -> PluginCall<'_> {
        PluginCall { component: &self.component, limits: self.limits, grant: &self.grant, applicant: "" }
    }

    fn about(&self) -> anyhow::Result<ComponentFacts> {
        self.sandbox.about(&self.component).context("it is loaded")
    }

    /// Calls one export, and returns the answer as JSON.
    fn call(&self, export: ContractExport, input: &Json) -> (anyhow::Result<Json>, SpentResources) {
        fn shown<T>(answer: Result<T, motcua_sandbox::PluginFault>, show: impl Fn(T) -> Json) -> anyhow::Result<Json> {
            answer.map(show).map_err(anyhow::Error::from)
        }
        let ask = self.ask();
        match export {
            ContractExport::Validate => {
                let (answer, spent) = self.sandbox.validate(&ask, input);
                (shown(answer, |found| json!(found)), spent)
            }
            ContractExport::AssessFees => {
                let (answer, spent) = self.sandbox.assess_fees(&ask, input);
                (shown(answer, |lines| json!(lines)), spent)
            }
            ContractExport::Compute => {
                let (answer, spent) = self.sandbox.compute(&ask, input);
                (shown(answer, Json::Object), spent)
            }
            ContractExport::Prefill => {
                let (answer, spent) = self.sandbox.prefill(&ask, input);
                (shown(answer, Json::Object), spent)
            }
            ContractExport::Route => {
                let text = |name: &str| input.get(name).and_then(Json::as_str).unwrap_or_default();
                let listed = input.get("choices").and_then(Json::as_array).into_iter().flatten();
                let choices: Vec<String> = listed.filter_map(|one| one.as_str().map(str::to_owned)).collect();
                let (answer, spent) = self.sandbox.route(&ask, input, text("question"), &choices);
                (shown(answer, |choice| json!(choice)), spent)
            }
            ContractExport::Connect => {
                let (answer, spent) = self.sandbox.connect(&ask, input);
                let told =
                    |told: Result<(), _>| told.map_or_else(|trouble| json!(format!("{trouble:?}")), |()| json!("told"));
                (shown(answer, told), spent)
            }
        }
    }
}

/// Prints the imports, exports and needs of a component.
fn check(tried: &TrialArguments) -> anyhow::Result<CommandOutcome> {
    let loaded = match tried.load() {
        Ok(loaded) => loaded,
        Err(error) => {
            println!("{}: {}", tried.component.display(), one_line(&format!("{error:#}")));
            return Ok(CommandOutcome::Findings);
        }
    };
    let about = loaded.about()?;
    describe(&tried.component, &about);
    let imports = |part: &str| about.imports.iter().any(|import| import.starts_with(part));
    if imports("motcua:procedure/lookup") {
        say!(
            "quyền: lookup = [\"…\"], các danh mục mà nó tra cứu",
            "grant: lookup = [\"…\"], the registries that it looks up"
        );
    }
    if imports("motcua:procedure/http") {
        say!(
            "quyền: [[plugin.http]], nơi nó gửi yêu cầu; tell = [\"filed\", …], các sự kiện mà nó được báo",
            "grant: [[plugin.http]], where it sends requests; tell = [\"filed\", …], of which events it is told"
        );
    }
    if loaded.limits != PluginLimits::default() {
        say!("giới hạn: [plugin.limits] như trên dòng lệnh này", "limits: [plugin.limits] as on this command line");
    }
    if imports("wasi:") {
        say!(
            "ghi chú: nó nhập WASI, nhưng cổng không có WASI: gọi vào đó thì thành phần bổ sung dừng. Thư viện chuẩn \
             của Rust\n      nhập WASI cho những việc mà thành phần bổ sung hiếm khi cần: in ra, đồng hồ, số ngẫu nhiên.",
            "note: it imports WASI, which is not there: a call of it ends the plugin. Rust's standard library does so\n      \
             for what a plugin hardly needs: printing, the clock, random numbers."
        );
    }
    say!("{}: dùng được cho cổng", "{}: fit for the portal"; tried.component.display());
    Ok(CommandOutcome::Fine)
}

fn describe(file: &Path, about: &ComponentFacts) {
    say!(
        "{}: {} byte, {} byte khi đã biên dịch", "{}: {} bytes, {} bytes when compiled";
        file.display(), about.bytes, about.compiled
    );
    let exports = about.exports.iter().map(|export| export.name()).collect::<Vec<_>>().join(", ");
    say!("xuất: {exports}", "exports: {exports}");
    let imports = if about.imports.is_empty() { told!("không gì", "nothing") } else { about.imports.join(", ") };
    say!("nhập: {}", "imports: {}"; one_line(&imports));
}

fn asked(about: &ComponentFacts, ask: Option<&str>) -> anyhow::Result<Vec<ContractExport>> {
    let Some(name) = ask else {
        let plain = |export: &ContractExport| {
            matches!(export, ContractExport::Validate | ContractExport::AssessFees | ContractExport::Compute)
        };
        let plain: Vec<ContractExport> = about.exports.iter().copied().filter(plain).collect();
        return Ok(if plain.is_empty() { about.exports.clone() } else { plain });
    };
    let found = about.exports.iter().find(|export| export.name() == name);
    let names = || about.exports.iter().map(|export| export.name()).collect::<Vec<_>>().join(", ");
    let found = found.with_context(|| {
        told!(
            "nó không xuất `{name}`; nó xuất {}", "it does not export `{name}`; it exports {}";
            names()
        )
    })?;
    Ok(vec![*found])
}

fn play(tried: &TrialArguments, dossier: &Path, ask: Option<&str>) -> anyhow::Result<CommandOutcome> {
    let (loaded, input) = (tried.load()?, input(dossier)?);
    let mut outcome = CommandOutcome::Fine;
    for export in asked(&loaded.about()?, ask)? {
        let (answer, spent) = loaded.call(export, &input);
        println!("{}:", export.name());
        for line in &spent.log {
            say!("  nhật ký: {}", "  log: {}"; one_line(line));
        }
        match answer {
            // A terminal obeys the control characters of a plugin, so none is printed.
            Ok(answer) => println!("{}", clean(&serde_json::to_string_pretty(&answer)?)),
            Err(error) => {
                say!("  hỏng: {}", "  failed: {}"; one_line(&error.to_string()));
                outcome = CommandOutcome::Findings;
            }
        }
        let SpentResources { fuel, memory, micros, .. } = spent;
        let (of_fuel, of_memory) = (loaded.limits.fuel, loaded.limits.memory >> 10);
        say!(
            "  nhiên liệu {fuel} trên {of_fuel}, bộ nhớ {} trên {of_memory} KiB, {micros} µs",
            "  fuel {fuel} of {of_fuel}, memory {} of {of_memory} KiB, {micros} µs";
            memory >> 10
        );
    }
    Ok(outcome)
}

/// The number of calls that do not count.
const WARM: usize = 10;

fn bench(tried: &TrialArguments, dossier: &Path, calls: usize) -> anyhow::Result<CommandOutcome> {
    let begun = Instant::now();
    let loaded = tried.load()?;
    say!("nạp trong {} ms", "loaded in {} ms"; begun.elapsed().as_millis());
    let input = input(dossier)?;
    for export in asked(&loaded.about()?, None)? {
        let mut micros = Vec::with_capacity(calls);
        let mut fuel = 0;
        for number in 0..calls + WARM {
            let (answer, spent) = loaded.call(export, &input);
            answer?;
            fuel = spent.fuel;
            if number >= WARM {
                micros.push(spent.micros);
            }
        }
        micros.sort_unstable();
        let at = |per_cent: usize| micros.get(micros.len() * per_cent / 100).copied().unwrap_or_default();
        say!(
            "{}: {} µs (một nửa trong {calls} lần gọi), {} µs (99 trên 100), nhiên liệu {fuel}",
            "{}: {} µs (half of {calls} calls), {} µs (99 of 100), fuel {fuel}";
            export.name(), at(50), at(99)
        );
    }
    Ok(CommandOutcome::Fine)
}

fn inspect(component: &Path) -> anyhow::Result<CommandOutcome> {
    let bytes = read(component)?;
    say!("mã băm: {}", "digest: {}"; digest(&bytes));
    let signature = packages::signature_of(component);
    let signature = if signature.is_file() {
        signature.display().to_string()
    } else {
        told!("không có bên cạnh", "none beside it")
    };
    say!("chữ ký: {signature}", "signature: {signature}");
    // The size is not limited, because inspecting a component costs only its user.
    let limits = WantedLimits {
        component_mib: Some(256),
        memory_mib: Some(4096),
        instances: Some(200),
        table_entries: Some(1_000_000),
        ..WantedLimits::default()
    };
    let sandbox = Sandbox::new(SandboxSetup { most: limits.limits(), ..SandboxSetup::default() })?;
    match sandbox.load(&bytes, &limits.limits()) {
        Ok(digest) => describe(component, &sandbox.about(&digest).context("it is loaded")?),
        Err(fault) => {
            say!("{} byte; {}", "{} bytes; {}"; bytes.len(), one_line(&fault.to_string()));
        }
    }
    Ok(CommandOutcome::Fine)
}

fn verify(component: &Path, key: &str) -> anyhow::Result<CommandOutcome> {
    let beside = packages::signature_of(component);
    let signature = String::from_utf8(read(&beside)?)
        .with_context(|| told!("{} không phải là văn bản", "{} is not text"; beside.display()))?;
    let key = match std::fs::read_to_string(key) {
        Ok(file) => file.lines().last().unwrap_or_default().to_owned(),
        Err(_) => key.to_owned(),
    };
    match motcua_catalogue::package::signer(&read(component)?, Some(&signature), &[key]) {
        Ok(_) => {
            say!("{}: được ký bằng khóa này", "{}: signed by this key"; component.display());
            Ok(CommandOutcome::Fine)
        }
        Err(error) => {
            println!("{}: {}", component.display(), language::told(&error.text()));
            Ok(CommandOutcome::Findings)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::beside_the_world;

    #[test]
    fn an_export_beside_the_world_is_told() {
        let dir = tempfile::tempdir().expect("a folder");
        let write = |file: &str, text: &str| {
            let file = dir.path().join(file);
            std::fs::create_dir_all(file.parent().expect("a folder")).expect("made");
            std::fs::write(file, text).expect("written");
        };
        write("wit/v0.2/procedure.wit", "world validator {\n  import log;\n  export validate;\n}\n");
        write("build.mjs", "componentize({ worldName: \"validator\" })");
        write("plugin.js", "export const validate = {};\nexport const assessFees = {};\n");
        let told = beside_the_world(dir.path());
        assert!(matches!(told.as_slice(), [one] if one.contains("`assess-fees` is left out")), "{told:?}");
        write("app.py", "class Validate(exports.Validate):\n  pass\n\nclass Route(exports.Route):\n  pass\n");
        let told = beside_the_world(dir.path());
        assert!(matches!(told.as_slice(), [one] if one.contains("`route` is left out")), "{told:?}");
    }
}
