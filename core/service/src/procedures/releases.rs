//! Installing, publishing and retiring procedures while the portal runs.
//!
//! The database says which procedures are offered, so that all nodes offer the same. At the start, a new version in the
//! install folder is published. The folder may change or retire only its own releases. A release by a person stays
//! until a person, or a new version, changes it.

use super::ProcedureService;
use crate::rights::manager;
use crate::{Error, InputRule};
use motcua_catalogue::{Declared, Live, OfferReader, Snapshot};
use motcua_domain::names::{AgencyId, Digest, ProcedureCode};
use motcua_domain::people::organisation::{Actor, Agency};
use motcua_domain::procedure::Procedure;
use motcua_domain::procedure::changes::{Release, VersionChange, changes};
use motcua_domain::procedure::plugin::GrantExcess;
use motcua_domain::text::Language;
use motcua_store::versions::{self, InstalledVersion};
use motcua_store::{Database, Transaction};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A version that is installed and not published yet.
#[derive(Debug, Clone)]
pub struct PendingVersion {
    pub installed: InstalledVersion,
    pub procedure: Arc<Procedure>,
    /// The changes for the citizen, or `None` if no version is offered under its code.
    pub changes: Option<Vec<VersionChange>>,
}

/// The procedures as an administrator sees them.
#[derive(Debug, Clone)]
pub struct OfferedProcedures {
    pub procedures: Vec<Live>,
    pub pending: Vec<PendingVersion>,
}

/// The rights that a procedure of the install folder wants for its plugin and the portal does not allow.
#[derive(Debug, thiserror::Error)]
#[error("the plugin of procedure {code}: {excess}; see [plugins] in motcua.toml")]
struct NotGranted {
    code: ProcedureCode,
    excess: GrantExcess,
}

/// The treatment of a version that the install folder declares and that the portal has replaced by another one. This
/// happens when a node starts with an old folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OlderVersion {
    /// The newer version stays.
    Leave,
    /// The older version is published again.
    Publish,
}

/// The releases of each procedure, in order.
type ReleaseHistories = BTreeMap<ProcedureCode, Vec<Release>>;

async fn histories(database: &Database) -> Result<ReleaseHistories, Error> {
    let mut histories = ReleaseHistories::new();
    for release in versions::releases(database.reader()).await? {
        histories.entry(release.code.clone()).or_default().push(release);
    }
    Ok(histories)
}

impl ProcedureService {
    /// Publishes the new versions of the install folder, and retires the procedures that the folder no longer has.
    pub(crate) async fn follow_folder(&self, declared: &[Declared], older: OlderVersion) -> Result<(), Error> {
        let mut loaded = BTreeSet::new();
        for one in declared {
            for plugin in &one.procedure.plugins {
                if let Some(excess) = self.host.policy.excess(plugin).into_iter().next() {
                    return Err(Error::fault(NotGranted { code: one.procedure.code.clone(), excess }));
                }
                if let Some(bytes) = one.content.get(&plugin.component).filter(|_| loaded.insert(&plugin.component)) {
                    self.load_component(bytes.clone(), plugin.limits.limits()).await?.map_err(Error::fault)?;
                }
            }
        }
        let transaction = self.database.begin().await?;
        transaction.lock_releases().await?;
        let histories = histories(&self.database).await?;
        let mut number = versions::last_release(transaction.connection()).await?;
        for one in declared {
            let version = one.version.clone();
            let history = histories.get(&one.procedure.code).map_or(&[][..], Vec::as_slice);
            self.versions.keep(version.clone(), one.procedure.clone());
            if !wants(history, &version, older) {
                if is_behind(history, &version) {
                    tracing::warn!(
                        code = %one.procedure.code,
                        declared = version.short(),
                        "the install folder declares a version that was replaced, so the newer one stays published; \
                         `motcua serve --publish-older` goes back to it"
                    );
                }
                continue;
            }
            // Officers can work without the plugins, so the portal starts all the same.
            self.plugins_fit(&one.procedure);
            self.install_in(&transaction, one, None).await?;
            number += 1;
            let changes = self.changes_since(history.last(), &one.procedure).await?.unwrap_or_default();
            let release = self.release(number, &one.procedure.code, version, changes);
            transaction.add_release(&Release { by_folder: true, ..release }).await?;
            tracing::info!(code = %one.procedure.code, "published from the install folder");
        }
        let codes: BTreeSet<&ProcedureCode> = declared.iter().map(|one| &one.procedure.code).collect();
        let gone = histories
            .values()
            .filter_map(|history| history.last())
            .filter(|last| last.by_folder && !last.retired && !codes.contains(&last.code));
        for last in gone {
            number += 1;
            let release = self.release(number, &last.code, last.version.clone(), Vec::new());
            transaction.add_release(&Release { by_folder: true, retired: true, ..release }).await?;
            tracing::info!(code = %last.code, "retired, because the install folder does not declare it");
        }
        Ok(transaction.commit().await?)
    }

    fn release(&self, number: i64, code: &ProcedureCode, version: Digest, changes: Vec<VersionChange>) -> Release {
        Release {
            number,
            code: code.clone(),
            version,
            retired: false,
            by_folder: false,
            at: self.clock.now().as_second(),
            by: String::new(),
            changes,
        }
    }

    async fn install_in(&self, transaction: &Transaction, one: &Declared, signer: Option<&str>) -> Result<(), Error> {
        for (digest, bytes) in &one.content {
            transaction.add_content(digest, bytes).await?;
        }
        transaction.install(&one.procedure, signer, self.clock.now().as_second()).await?;
        transaction.add_source(&one.version, &one.source).await?;
        Ok(())
    }

    /// Returns the changes of a version, or `None` if nothing was offered before.
    async fn changes_since(
        &self,
        last: Option<&Release>,
        new: &Procedure,
    ) -> Result<Option<Vec<VersionChange>>, Error> {
        let Some(last) = last else { return Ok(None) };
        let old = self.version(&last.version).await?;
        Ok(Some(changes(&old, new)))
    }

    /// Updates the catalogue from the database after a release. Returns whether the catalogue changed.
    pub async fn refresh(&self) -> Result<bool, Error> {
        let _one_at_a_time = self.refreshing.lock().await;
        let number = versions::last_release(self.database.reader()).await?;
        if number == self.catalogue.load().number {
            return Ok(false);
        }
        let (mut all, mut offers) = (Vec::new(), OfferReader::new(&self.province));
        for mut history in histories(&self.database).await?.into_values() {
            history.reverse();
            let Some(last) = history.first() else { continue };
            let version = last.version.clone();
            let procedure = self.version(&version).await?;
            let offers = offers.offers_of(&procedure);
            all.push(Live { procedure, version, history, offers });
        }
        let province = self.province.clone();
        let make = move || Snapshot::new(number, all, &province.synonyms);
        let snapshot = tokio::task::spawn_blocking(make).await.map_err(Error::fault)?.map_err(Error::fault)?;
        self.catalogue.store(Arc::new(snapshot));
        Ok(true)
    }

    /// Checks that a version fits this province, and loads its plugin, so that no request has to.
    pub(crate) async fn prepare(
        &self,
        actor: &Actor,
        procedure: &Procedure,
        content: &BTreeMap<Digest, Vec<u8>>,
    ) -> Result<(), Error> {
        manager(actor)?;
        self.fits(procedure)?;
        for plugin in &procedure.plugins {
            if !self.host.policy.excess(plugin).is_empty() {
                return Err(Error::Invalid(InputRule::PluginNotGranted));
            }
            if let Some(bytes) = content.get(&plugin.component)
                && let Err(fault) = self.load_component(bytes.clone(), plugin.limits.limits()).await?
            {
                tracing::warn!(code = %procedure.code, plugin = plugin.name, %fault, "a plugin cannot be loaded");
                return Err(Error::Invalid(InputRule::PluginBroken));
            }
        }
        if self.plugins_fit(procedure) { Ok(()) } else { Err(Error::Invalid(InputRule::PluginBroken)) }
    }

    /// Returns whether the plugins of a procedure do their tasks and accept their settings, and logs the flaws. The
    /// plugins have to be loaded.
    fn plugins_fit(&self, procedure: &Procedure) -> bool {
        let plugins = &self.host;
        let wrong = procedure.plugins.iter().flat_map(|plugin| plugins.wrong_settings(plugin));
        let not_done = plugins.not_done(procedure).into_iter().map(|what| what.get(Language::En).to_owned());
        let problems: Vec<String> = not_done.chain(wrong).collect();
        if !problems.is_empty() {
            tracing::warn!(code = %procedure.code, problems = problems.join("; "), "the plugins do not fit the procedure");
        }
        problems.is_empty()
    }

    /// Installs a prepared version, so that it can be published.
    pub(crate) async fn install(&self, one: &Declared, signer: Option<&str>) -> Result<Digest, Error> {
        let transaction = self.database.begin().await?;
        self.install_in(&transaction, one, signer).await?;
        transaction.commit().await?;
        Ok(one.version.clone())
    }

    /// Checks that this province has the agencies and their units, and that the addresses are free.
    fn fits(&self, procedure: &Procedure) -> Result<(), Error> {
        let offering = procedure.offering(&self.province.agencies);
        let has_unit = |agency: &&Agency| {
            let place = procedure.place_in(&agency.id);
            agency.units.iter().any(|unit| unit.id == place.unit)
        };
        if offering.is_empty() || !offering.iter().all(has_unit) {
            return Err(Error::Invalid(InputRule::AgencyUnknown));
        }
        let catalogue = self.catalogue();
        let taken = |path: &str| {
            let there = catalogue.at(path);
            there.is_some_and(|live| live.is_open() && live.procedure.code != procedure.code)
        };
        let mut paths = offering.iter().map(|agency| procedure.path_in(&agency.id)).chain([procedure.path()]);
        if paths.any(|path| taken(&path)) { Err(Error::Invalid(InputRule::AddressTaken)) } else { Ok(()) }
    }

    /// Checks that no agency loses an offered procedure to a version from another folder, which its author cannot have
    /// meant. The author of a folder may name other agencies in it.
    fn keeps_offers(&self, live: &Live, new: &Procedure) -> Result<(), Error> {
        let is_same_folder = live.procedure.group == new.group && live.procedure.slug == new.slug;
        if is_same_folder || !live.is_open() {
            return Ok(());
        }
        let offering = new.offering(&self.province.agencies);
        let is_kept = |id: &AgencyId| offering.iter().any(|agency| agency.id == *id);
        if live.offers.iter().all(is_kept) { Ok(()) } else { Err(Error::Invalid(InputRule::TakesOff)) }
    }

    /// Offers an installed version from now on, and returns its changes.
    ///
    /// Open dossiers keep their version. If the same person publishes the version again, the answer is the same.
    pub async fn publish(&self, actor: &Actor, version: &Digest) -> Result<Vec<VersionChange>, Error> {
        let by = manager(actor)?;
        self.refresh().await?;
        let procedure = self.version(version).await?;
        self.fits(&procedure)?;
        let changes = {
            let catalogue = self.catalogue();
            let live = catalogue.procedure(&procedure.code);
            if let Some(last) = live.and_then(|live| live.history.first())
                && !last.retired
                && last.version == *version
            {
                return if is_by(last, &by) {
                    Ok(last.changes.clone())
                } else {
                    Err(Error::Invalid(InputRule::AlreadyPublished))
                };
            }
            if let Some(live) = live {
                self.keeps_offers(live, &procedure)?;
            }
            live.map(|live| changes(&live.procedure, &procedure)).unwrap_or_default()
        };
        let release = self.release(0, &procedure.code, version.clone(), changes.clone());
        self.add_release(Release { by, ..release }).await?;
        Ok(changes)
    }

    /// Retires a procedure. Open dossiers go on. If the same person retires it again, the answer is the same.
    pub async fn retire(&self, actor: &Actor, code: &ProcedureCode) -> Result<(), Error> {
        let by = manager(actor)?;
        self.refresh().await?;
        let version = {
            let catalogue = self.catalogue();
            let live = catalogue.procedure(code).ok_or(Error::NotFound)?;
            if !live.is_open() {
                let again = live.history.first().is_some_and(|last| is_by(last, &by));
                return if again { Ok(()) } else { Err(Error::Invalid(InputRule::NotOffered)) };
            }
            live.version.clone()
        };
        let release = self.release(0, code, version, Vec::new());
        self.add_release(Release { by, retired: true, ..release }).await
    }

    async fn add_release(&self, release: Release) -> Result<(), Error> {
        let transaction = self.database.begin().await?;
        transaction.lock_releases().await?;
        let known = versions::releases(transaction.connection()).await?;
        let last = known.iter().rev().find(|known| known.code == release.code);
        // Another request may have done the same at this moment.
        if last.is_none_or(|last| last.version != release.version || last.retired != release.retired) {
            let number = known.last().map_or(0, |last| last.number) + 1;
            transaction.add_release(&Release { number, ..release }).await?;
        }
        transaction.commit().await?;
        self.refresh().await?;
        Ok(())
    }

    /// Returns the offered and the retired procedures, and the versions that wait to be published.
    pub async fn offered(&self, actor: &Actor) -> Result<OfferedProcedures, Error> {
        manager(actor)?;
        self.refresh().await?;
        let catalogue = self.catalogue();
        let released: BTreeSet<&Digest> =
            catalogue.all().iter().flat_map(|live| &live.history).map(|release| &release.version).collect();
        let mut pending = Vec::new();
        for installed in versions::installed(self.database.reader()).await? {
            if released.contains(&installed.version) {
                continue;
            }
            let procedure = self.version(&installed.version).await?;
            let live = catalogue.procedure(&installed.code);
            let changes = live.map(|live| changes(&live.procedure, &procedure));
            pending.push(PendingVersion { installed, procedure, changes });
        }
        Ok(OfferedProcedures { procedures: catalogue.all().to_vec(), pending })
    }

    /// Returns all installed versions, the latest first.
    pub async fn installed(&self, actor: &Actor) -> Result<Vec<InstalledVersion>, Error> {
        manager(actor)?;
        Ok(versions::installed(self.database.reader()).await?)
    }

    /// Returns an installed version, published or not.
    pub async fn installed_version(&self, actor: &Actor, version: &Digest) -> Result<Arc<Procedure>, Error> {
        manager(actor)?;
        self.version(version).await
    }

    /// Returns the TOML files of an installed version by path, byte for byte.
    pub async fn source(&self, actor: &Actor, version: &Digest) -> Result<BTreeMap<String, String>, Error> {
        manager(actor)?;
        versions::source(self.database.reader(), version).await?.ok_or(Error::NotFound)
    }

    /// Offers the procedures that the install folder declares now.
    pub async fn follow(&self, declared: &[Declared], older: OlderVersion) -> Result<(), Error> {
        self.follow_folder(declared, older).await?;
        self.refresh().await.map(drop)
    }

    /// Returns a version of a procedure for anybody, because published versions are public.
    pub async fn published(&self, version: &Digest) -> Result<Arc<Procedure>, Error> {
        let known = |live: &Live| live.history.iter().any(|release| release.version == *version);
        if !self.catalogue().all().iter().any(known) {
            return Err(Error::NotFound);
        }
        self.version(version).await
    }

    /// Returns the content of a form to download.
    pub async fn template(&self, digest: &Digest) -> Result<Vec<u8>, Error> {
        versions::content(self.database.reader(), digest).await?.ok_or(Error::NotFound)
    }
}

/// Returns whether the person of this name made the release.
fn is_by(release: &Release, name: &str) -> bool {
    !release.by_folder && release.by == name
}

/// Returns whether the install folder, which declares `version`, has to change the releases of a procedure.
fn wants(history: &[Release], version: &Digest, older: OlderVersion) -> bool {
    match history.last() {
        Some(last) if last.version == *version => last.retired && last.by_folder,
        Some(last) if is_behind(history, version) => last.by_folder && older == OlderVersion::Publish,
        _ => true,
    }
}

/// Returns whether `version` was published once and replaced by another one.
fn is_behind(history: &[Release], version: &Digest) -> bool {
    history.last().is_some_and(|last| last.version != *version)
        && history.iter().any(|release| release.version == *version)
}
