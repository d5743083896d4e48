//! Installing a package: it is read, checked against the province, its scenarios are played, and only then it is
//! installed.

use super::ProcedureService;
use super::scenario::{self, ProcedureCoverage};
use crate::Error;
use crate::rights::manager;
use motcua_catalogue::package::{self, NotAPackage, UnsignedPackage};
use motcua_catalogue::{Builtin, Declared, Diagnostic};
use motcua_domain::names::Digest;
use motcua_domain::people::organisation::Actor;
use motcua_domain::text::Text;

/// The reason why a package was not installed. Nothing has changed.
#[derive(Debug, thiserror::Error)]
pub enum NotInstalled {
    #[error(transparent)]
    Package(#[from] NotAPackage),
    #[error(transparent)]
    Signature(#[from] UnsignedPackage),
    #[error("the procedure in the package has mistakes")]
    Mistakes(Vec<Diagnostic>),
    #[error("scenarios of the package come otherwise than their author expects")]
    Scenarios(Vec<Text>),
    #[error(transparent)]
    Services(#[from] Error),
}

/// The packages that are accepted.
#[derive(Debug, Clone)]
pub struct PackageTrust {
    /// Public keys of minisign, one of which must have signed each package. Without keys, unsigned packages are
    /// accepted too.
    pub keys: Vec<String>,
    /// The components that come with the kit.
    pub builtin: Builtin,
}

impl ProcedureService {
    /// Installs the procedure of a package and returns its version, which can then be published.
    pub async fn install_package(
        &self,
        actor: &Actor,
        bytes: Vec<u8>,
        signature: Option<String>,
        trust: &PackageTrust,
    ) -> Result<Digest, NotInstalled> {
        manager(actor)?;
        let (province, trust) = (self.province.clone(), trust.clone());
        let read = move || -> Result<(Option<String>, Declared), NotInstalled> {
            let signer = package::signer(&bytes, signature.as_deref(), &trust.keys)?;
            let package = package::open(&bytes)?;
            let declared = package.read(&province, &trust.builtin).map_err(NotInstalled::Mistakes)?;
            Ok((signer, declared))
        };
        let (signer, declared) = self.checks.run(read).await??;
        self.install_declared(actor, declared, signer.as_deref()).await
    }

    /// Installs a procedure as [`Self::install_package`] does, from a package that was read already.
    pub async fn install_declared(
        &self,
        actor: &Actor,
        declared: Declared,
        signer: Option<&str>,
    ) -> Result<Digest, NotInstalled> {
        self.prepare(actor, &declared.procedure, &declared.content).await?;
        let otherwise = self.play_scenarios(&declared).await?;
        if !otherwise.is_empty() {
            return Err(NotInstalled::Scenarios(otherwise));
        }
        Ok(self.install(&declared, signer).await?)
    }

    /// Plays the scenarios of a procedure whose plugin is loaded, and returns the differences.
    async fn play_scenarios(&self, declared: &Declared) -> Result<Vec<Text>, Error> {
        let (province, host) = (self.province.clone(), self.host.clone());
        let (procedure, scenarios) = (declared.procedure.clone(), declared.scenarios.clone());
        let play = move || {
            let mut otherwise = Vec::new();
            let mut coverage = ProcedureCoverage::new(&procedure);
            for known in &scenarios {
                for mismatch in scenario::play(&province, &host, known, &mut coverage) {
                    otherwise.push(mismatch.text(&known.file));
                }
            }
            otherwise
        };
        self.checks.run(play).await
    }
}
