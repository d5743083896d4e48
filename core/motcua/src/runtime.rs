//! From an install folder to running services and its pages.

use crate::access::CommandAccess;
use crate::language;
use crate::letters::TypstPrinter;
use crate::log_key;
use crate::output::{cannot_make, counted};
use anyhow::{Context as _, bail};
use motcua_catalogue::settings::{self, ProvinceSettings};
use motcua_catalogue::{Builtin, Diagnostic, Install};
use motcua_domain::procedure::plugin::PluginLimits;
use motcua_domain::text;
use motcua_domain::time::calendar::local;
use motcua_portal::{MetricsAccess, Theme};
use motcua_sandbox::{ComponentCache, Sandbox, SandboxSetup};
use motcua_service::{
    DeviceKey, LogSetup, LoginSetup, MailSetup, OlderVersion, PackageTrust, PaymentSetup, PluginHost, PublishPlaces,
    ServiceParts, Services, SmsSetup, TimeSource,
};
use motcua_store::Database;
use motcua_store::files::{FileStore, S3Bucket};
use motcua_store::log::Signer;
use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The plugins that come with the kit.
pub const BUILTIN: Builtin = Builtin { names: motcua_first_party::NAMES, component: motcua_first_party::component };

/// An install folder that was read.
#[derive(Debug)]
pub struct ProvinceFolder {
    pub dir: PathBuf,
    pub settings: ProvinceSettings,
    pub install: Install,
    pub mistakes: Vec<Diagnostic>,
    /// The rights on the database and the files. By default they may only be read.
    access: CommandAccess,
}

impl ProvinceFolder {
    /// Reads an install folder as of the clock's today. Variables such as `MOTCUA_LISTEN` go before `motcua.toml`.
    pub fn read(dir: &Path, clock: &TimeSource) -> anyhow::Result<Self> {
        let (settings, mut mistakes) = settings::load(dir);
        let found = motcua_catalogue::load(dir, &BUILTIN, local(clock.now()).date());
        mistakes.extend(found.mistakes);
        let settings = overridden(dir, &settings)?;
        Ok(Self { dir: dir.to_owned(), settings, install: found.install, mistakes, access: CommandAccess::Look })
    }

    /// Reads an install folder from which a portal serves, and rejects one that has mistakes.
    pub fn to_serve(dir: &Path, clock: &TimeSource) -> anyhow::Result<Self> {
        Self::read(dir, clock)?.to(CommandAccess::Serve).sound()
    }

    /// Grants the rights of a command.
    #[must_use]
    pub fn to(self, access: CommandAccess) -> Self {
        Self { access, ..self }
    }

    /// Rejects an install folder that has mistakes.
    pub fn sound(self) -> anyhow::Result<Self> {
        if self.mistakes.is_empty() {
            return Ok(self);
        }
        let told: Vec<&Diagnostic> = self.mistakes.iter().filter(|mistake| mistake.is_told()).collect();
        let shown: String = told.iter().take(20).map(|mistake| mistake.render(false, language::chosen())).collect();
        let (count, mistakes) = (told.len(), counted(told.len(), "mistake"));
        let found = text!("thư mục cài đặt có {count} lỗi:\n{shown}", "the install folder has {mistakes}:\n{shown}");
        bail!("{}", language::told(&found));
    }

    /// Returns whether organisation.toml has no mistakes, so that it says who is an officer.
    pub fn names_officers(&self) -> bool {
        !self.mistakes.iter().any(|mistake| mistake.file == "organisation.toml")
    }

    /// Opens the database.
    pub async fn database(&self) -> anyhow::Result<Database> {
        let replica = self.settings.database_read_url.as_ref().map(|url| url.0.clone());
        self.open_database("database", &self.settings.database, replica).await
    }

    /// Opens the database to change its schema, or to delete rows that a portal may only add. Uses a role of its own,
    /// if the settings name one.
    pub async fn database_to_migrate(&self) -> anyhow::Result<Database> {
        match &self.settings.database_migrate_url {
            Some(url) => self.open_database("database_migrate_url", &url.0, None).await,
            None => self.database().await,
        }
    }

    async fn open_database(&self, key: &str, url: &str, replica: Option<String>) -> anyhow::Result<Database> {
        let url = match url.strip_prefix("sqlite://") {
            Some(path) => {
                let path = self.dir.join(path);
                match path.parent() {
                    _ if !self.access.writes() && !path.exists() => {
                        bail!(told!(
                            "chưa có cơ sở dữ liệu {}; `motcua serve` sẽ tạo",
                            "there is no database {} yet; `motcua serve` makes it";
                            path.display()
                        ));
                    }
                    Some(folder) if self.access.writes() => {
                        private_folder(folder)?;
                        private_file(&path)?;
                    }
                    _ => {}
                }
                format!("sqlite://{}", path.display())
            }
            None => url.to_owned(),
        };
        // The address may hold a password, so it is not repeated.
        let options = motcua_store::DatabaseOptions { url, replica, readers: self.settings.readers };
        let opened = if self.access.writes() { Database::open(&options).await } else { Database::look(&options).await };
        opened.with_context(|| {
            told!(
                "không mở được cơ sở dữ liệu; hãy xem `{key}` trong motcua.toml",
                "cannot open the database; look at `{key}` in motcua.toml"
            )
        })
    }

    /// Returns the weaknesses in the addresses of databases, each with its key.
    pub fn weaknesses(&self) -> impl Iterator<Item = (&'static str, motcua_store::Weakness)> {
        self.settings.databases().filter_map(|(key, url)| Some((key, motcua_store::weakness(url)?)))
    }

    /// Opens the folder or the bucket of files.
    pub fn files(&self) -> anyhow::Result<FileStore> {
        let Some((bucket, prefix)) = self.settings.bucket() else {
            let folder = self.dir.join(&self.settings.files);
            if self.access.writes() {
                private_folder(&folder)?;
            }
            let files =
                if self.access.writes() { FileStore::in_folder(&folder) } else { FileStore::look_at_folder(&folder) };
            return files.with_context(
                || told!("không mở được thư mục tệp {}", "cannot open the folder of files {}"; folder.display()),
            );
        };
        let spool = self.dir.join("data/incoming");
        if self.access.writes() {
            private_folder(&spool)?;
        }
        let settings = &self.settings.s3;
        let files = FileStore::in_s3(&S3Bucket {
            bucket,
            prefix,
            endpoint: settings.endpoint.as_deref(),
            region: &settings.region,
            access_key: settings.access_key.as_deref(),
            secret_key: settings.secret_key.as_ref().map(|secret| secret.0.as_str()),
            allow_http: settings.allow_http,
            path_style: settings.path_style,
            spool: &spool,
        });
        files.with_context(|| {
            told!(
                "không dùng được {}; hãy xem [s3] trong motcua.toml",
                "cannot use {}; look at [s3] in motcua.toml";
                self.settings.files
            )
        })
    }

    /// Opens the services on a database whose schema is up to date.
    pub async fn services(
        self,
        database: Database,
        clock: TimeSource,
        older: OlderVersion,
    ) -> anyhow::Result<Services> {
        let parts = Box::pin(self.parts(database, clock)).await?;
        Ok(Box::pin(Services::open(parts, older)).await?)
    }

    /// Opens the services beside a portal that may be running on the same database.
    pub async fn services_beside(self, database: Database, clock: TimeSource) -> anyhow::Result<Services> {
        let parts = Box::pin(self.parts(database, clock)).await?;
        Ok(Box::pin(Services::open_beside(parts)).await?)
    }

    /// Opens everything that a portal needs. The theme is read first, because a start that fails should change nothing.
    pub async fn open(mut self, clock: TimeSource, options: RuntimeOptions) -> anyhow::Result<RunningPortal> {
        if let Some(base_url) = options.base_url {
            self.settings.base_url = base_url;
        }
        for warning in &self.install.warnings {
            let (message, help) = (language::told(&warning.message), language::told(&warning.help));
            tracing::warn!(file = %warning.file, line = warning.line, "{message}; {help}");
        }
        for (key, weak) in self.weaknesses() {
            let (what, advice) = weak.words();
            tracing::warn!("`{key}`: {}; {}", language::told(&what), language::told(&advice));
        }
        let theme = Arc::new(self.theme()?);
        let database = self.database().await?;
        // The role of a portal that has another one for the schema may not change it.
        if options.migrate && self.settings.database_migrate_url.is_none() {
            database.migrate().await?;
        } else if !database.pending_migrations().await?.is_empty() {
            bail!(outdated(&self.dir));
        }
        if options.makes_log_key {
            self.make_log_key(&database).await?;
        }
        let pages = self.page_settings();
        let server = pages.serving();
        let older = if options.publish_older { OlderVersion::Publish } else { OlderVersion::Leave };
        let services = self.services(database, clock, older).await?;
        let router = motcua_portal::router(services.clone(), theme.clone(), pages);
        Ok(RunningPortal { services, router, server, theme })
    }

    /// Opens the services for a command beside a portal that may be running.
    ///
    /// It publishes and retires nothing, and does not change the schema and the posts of officers. Mistakes in the
    /// install folder do not prevent the locking of an account.
    ///
    /// A command that changes something may come before the first start of the portal. It then creates the database
    /// with the accounts of the officers, if the folder has no mistakes.
    pub async fn beside(mut self, clock: TimeSource) -> anyhow::Result<Services> {
        if !self.dir.join(settings::FILE).exists() {
            // It may be another folder, in which nothing is created.
            self = self.sound()?;
        }
        let database = self.database().await?;
        if database.is_new().await? && self.access.writes() && self.settings.database_migrate_url.is_none() {
            let province = self.sound()?;
            database.migrate().await?;
            let parts = Box::pin(province.parts(database, clock)).await?;
            return Ok(Box::pin(Services::open_new(parts)).await?);
        }
        if !database.pending_migrations().await?.is_empty() {
            bail!(outdated(&self.dir));
        }
        self.services_beside(database, clock).await
    }

    async fn parts(self, database: Database, clock: TimeSource) -> anyhow::Result<ServiceParts> {
        let files = self.files()?;
        let (sessions, quotas) = (self.settings.sessions.clone(), self.settings.quotas.clone());
        let (suggestions, staff) = (self.settings.suggestions.clone(), self.settings.staff);
        let mail = MailSetup { settings: self.settings.mail.clone(), base_url: self.settings.base_url.clone() };
        let logins = LoginSetup { providers: self.settings.logins(), base_url: self.settings.base_url.clone() };
        let sms = SmsSetup { settings: self.settings.sms.clone(), base_url: self.settings.base_url.clone() };
        let payment =
            PaymentSetup { settings: self.settings.payment.clone(), base_url: self.settings.base_url.clone() };
        let (plugins, log, clamd, device_key) = if self.access.writes() {
            let key = database.secret("plugin-key", rand::random::<[[u8; 32]; 2]>().as_flattened()).await?;
            let key = key.try_into().map_err(|_| {
                anyhow::anyhow!(told!(
                    "khóa của cổng cho các thành phần bổ sung đã biên dịch đã bị thay đổi",
                    "the portal's key for compiled plugins was changed"
                ))
            })?;
            let plugins = self.plugins(Some(ComponentCache::new(&self.dir.join("data/compiled"), key)))?;
            let log = self.log();
            let key = database.secret("device-key", rand::random::<[[u8; 32]; 2]>().as_flattened()).await?;
            let key = key.try_into().map_err(|_| {
                anyhow::anyhow!(told!(
                    "khóa của cổng cho các thiết bị đã bị thay đổi",
                    "the portal's key for devices was changed"
                ))
            })?;
            (plugins, log, self.settings.scan.clamd.clone(), DeviceKey(key))
        } else {
            let keys = log_key::public(&self.dir)?;
            let publishing = PublishPlaces { places: Vec::new(), every: self.settings.log.every };
            let log = LogSetup { signer: None, keys, publishing };
            // Nobody logs in to services that only look.
            (self.plugins(None)?, log, None, DeviceKey([0; 64]))
        };
        let install = self.install;
        Ok(ServiceParts {
            database,
            files,
            plugins,
            install,
            clock,
            log,
            clamd,
            mail,
            sms,
            payment,
            sessions,
            staff,
            logins,
            quotas,
            suggestions,
            device_key,
        })
    }

    /// Reads the keys of the log. Without a key, or with unreadable files, the portal serves without sealing, and the
    /// entries are sealed later.
    fn log(&self) -> LogSetup {
        let read = || -> anyhow::Result<_> {
            let signer = log_key::read(&self.dir, &self.settings.base_url)?;
            Ok((signer, log_key::public(&self.dir)?))
        };
        let (signer, keys) = read().unwrap_or_else(|error| {
            tracing::error!("the log cannot be sealed: {error:#}");
            (None, Vec::new())
        });
        let log = &self.settings.log;
        LogSetup { signer, keys, publishing: PublishPlaces { places: log.places(&self.dir), every: log.every } }
    }

    /// Creates the key of the log, if the log is new and this node is the first to claim it.
    async fn make_log_key(&self, database: &Database) -> anyhow::Result<()> {
        if self.dir.join(log_key::SECRET).exists() {
            return Ok(());
        }
        let is_new = database.log_keys().await?.is_empty() && database.log_head().await?.is_none();
        if !is_new && !log_key::is_half_made(&self.dir) {
            self.warn_of_another_key();
            return Ok(());
        }
        match log_key::create(&self.dir, &self.settings.base_url, database).await {
            Ok(Some(Signer { key, .. })) => tracing::info!(key = %key.verifier(), "the key of the log was made"),
            Ok(None) => self.warn_of_another_key(),
            Err(error) => tracing::warn!("the log cannot be sealed: {error:#}"),
        }
        Ok(())
    }

    fn warn_of_another_key(&self) {
        tracing::warn!(
            "another node made the key of the log, so this node does not seal the log; to let it seal too, copy {} and \
             {} of that node to {} and start this node again",
            log_key::SECRET,
            log_key::PUBLIC,
            self.dir.display()
        );
    }

    /// Returns the sandbox for the plugins of this province, with nothing loaded yet.
    pub fn plugins(&self, cache: Option<ComponentCache>) -> anyhow::Result<PluginHost> {
        let policy = Arc::new(self.settings.plugins.clone());
        let most = policy.limits.limits().at_least(&PluginLimits::default());
        let registries = self.install.province.registries.clone();
        let sandbox = Sandbox::new(SandboxSetup { most, registries, cache, ..SandboxSetup::default() })?;
        Ok(PluginHost::new(sandbox, policy))
    }

    /// Returns the theme that `motcua.toml` names.
    pub fn theme(&self) -> anyhow::Result<Theme> {
        let themes = self.dir.join("themes");
        Theme::load(&themes, &self.settings.theme)
            .with_context(|| told!("giao diện `{}`", "theme `{}`"; self.settings.theme))
    }

    /// Returns the packages that are accepted.
    pub fn trust(&self) -> PackageTrust {
        PackageTrust { keys: self.settings.trusted_keys.clone(), builtin: BUILTIN }
    }

    /// Returns the settings of the pages.
    pub fn page_settings(&self) -> motcua_portal::PageSettings {
        motcua_portal::PageSettings {
            base_url: self.settings.base_url.clone(),
            notice: self.settings.notice.clone(),
            bank: self.settings.bank.clone(),
            map: self.settings.map.clone(),
            limits: motcua_portal::GuessLimits { tries_per_minute: self.settings.tries_per_minute },
            server: self.settings.server.clone(),
            proxies: motcua_portal::Proxies {
                behind_proxy: self.settings.behind_proxy,
                networks: self.settings.trusted_proxies.clone(),
            },
            metrics: MetricsAccess {
                networks: self.settings.metrics.networks(),
                token: self.settings.metrics.token.clone(),
            },
            trust: self.trust(),
            letters: Arc::new(TypstPrinter),
            preview: None,
        }
    }
}

/// Returns the settings, overridden by variables of the environment. Their values must pass the checks of the file.
pub fn overridden(dir: &Path, settings: &ProvinceSettings) -> anyhow::Result<ProvinceSettings> {
    let names: Vec<String> = std::env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        .filter(|name| name.len() > PREFIX.len() && name.to_ascii_uppercase().starts_with(PREFIX))
        .collect();
    let named = names.join(", ");
    let settings: ProvinceSettings = config::Config::builder()
        .add_source(config::Config::try_from(settings)?)
        .add_source(config::Environment::with_prefix("MOTCUA").prefix_separator("_").separator("__"))
        .build()?
        .try_deserialize()
        .with_context(|| {
            told!("không dùng được biến môi trường ({named})", "an environment variable ({named}) cannot be used")
        })?;
    if names.is_empty() {
        return Ok(settings);
    }
    let whole = toml::Value::try_from(&settings)
        .with_context(|| told!("không ghi lại được cấu hình", "the settings cannot be written"))?;
    let replaced = names.iter().filter_map(|name| {
        let path: Vec<String> = name.get(PREFIX.len()..)?.to_lowercase().split("__").map(str::to_owned).collect();
        let value = path.iter().try_fold(&whole, |value, key| value.get(key))?.clone();
        Some((path, value))
    });
    let wrong = settings::check_replaced(dir, &replaced.collect::<Vec<_>>());
    if wrong.is_empty() {
        return Ok(settings);
    }
    let told =
        |mistake: &Diagnostic| format!("{}; {}", language::told(&mistake.message), language::told(&mistake.help));
    let told: Vec<String> = wrong.iter().map(told).collect();
    let told = told.join("; ");
    bail!(told!(
        "không dùng được biến môi trường ({named}): {told}",
        "an environment variable ({named}) cannot be used: {told}"
    ))
}

/// The beginning of the names of environment variables that set something.
const PREFIX: &str = "MOTCUA_";

/// Returns the refusal of a database whose schema is not up to date.
pub fn outdated(dir: &Path) -> String {
    told!(
        "lược đồ cơ sở dữ liệu đã cũ; hãy chạy: motcua migrate --dir {}",
        "the database schema is not up to date; run: motcua migrate --dir {}";
        dir.display()
    )
}

/// Creates a folder that only its owner can read, unless it exists.
fn private_folder(folder: &Path) -> anyhow::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true).mode(0o700);
    builder.create(folder).with_context(|| cannot_make(folder.display()))
}

/// Creates an empty file that only its owner can read, unless it exists. SQLite treats it as a new database.
fn private_file(file: &Path) -> anyhow::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(file) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            Err(error).with_context(|| cannot_make(file.display()))
        }
        _ => Ok(()),
    }
}

/// A portal that is ready to serve.
#[derive(Debug)]
pub struct RunningPortal {
    pub services: Services,
    pub router: axum::Router,
    /// The limits on connections and their waits.
    pub server: motcua_portal::Serving,
    /// The theme, which has the words of mails.
    pub theme: Arc<Theme>,
}

/// The settings for opening an install folder.
#[derive(Debug, Clone, Default)]
pub struct RuntimeOptions {
    /// Bring the database schema up to date, unless the settings name a role of its own for that. Otherwise the schema
    /// must be current.
    pub migrate: bool,
    /// The address under which people reach the portal, instead of the one in `motcua.toml`.
    pub base_url: Option<String>,
    /// Create the key of the log if the log is new. Only a portal that serves does so, and not a command beside it.
    pub makes_log_key: bool,
    /// Publish also versions that the portal has replaced by others.
    pub publish_older: bool,
}

impl RuntimeOptions {
    /// Returns the settings of `motcua.toml`, with the schema brought up to date.
    pub const fn migrating() -> Self {
        Self { migrate: true, base_url: None, makes_log_key: false, publish_older: false }
    }

    /// Returns the same settings for a portal that serves.
    pub const fn serving() -> Self {
        Self { migrate: true, base_url: None, makes_log_key: true, publish_older: false }
    }
}

/// Reads and opens everything that an install folder needs.
pub async fn open(dir: &Path, clock: TimeSource, options: RuntimeOptions) -> anyhow::Result<RunningPortal> {
    ProvinceFolder::to_serve(dir, &clock)?.open(clock, options).await
}
