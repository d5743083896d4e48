//! The administrator's page: install, publish and retire procedures.

use crate::pages::render::{html, ok};
use crate::state::Portal;
use crate::theme::Page;
use crate::view::format;
use crate::web::address;
use crate::web::failure::{Carry, Failure};
use crate::web::limits;
use crate::web::person::{Kind as _, Officer, Person, PostedBy};
use crate::web::typing::Query;
use crate::web::upload::ProvenUpload;
use crate::web::visitor::Visitor;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::fold::fold;
use motcua_domain::names::{Digest, ProcedureCode};
use motcua_domain::people::access::{Deed, may};
use motcua_domain::procedure::plugin::PluginUse;
use motcua_domain::text::Language;
use motcua_domain::time::calendar::local;
use motcua_service::catalogue::{Diagnostic, Live, package};
use motcua_service::{Error, FaultyVersion, NotInstalled, PendingVersion};
use serde::{Deserialize, Serialize};

/// The offered procedures, and the versions that wait to be published.
#[derive(Debug, Clone, Serialize)]
pub struct AdminProceduresPage {
    /// The typed words of the search, or an empty text.
    pub query: String,
    /// The number of procedures that fit the search. The page may show only the first ones.
    pub found: usize,
    /// The procedures that fit the search.
    pub procedures: Vec<OfferedLine>,
    /// The installed versions that nobody has published yet.
    pub pending: Vec<PendingLine>,
    /// Packages must be signed.
    pub signed: bool,
    /// The year whose calendar is missing.
    pub calendar_missing: Option<String>,
    /// A rule was broken, under `refusal-<code>`.
    pub refusal: Option<String>,
    /// The reason why a package was refused, under `package-<word>`, or an empty text.
    pub flaw: &'static str,
    /// The flaws of the package in English, as its author reads them.
    pub problems: Vec<String>,
    /// The flaws of the install folder with which the portal still works.
    pub warnings: Vec<WarningLine>,
    /// The rules that could not be evaluated.
    pub overruns: Vec<OverrunLine>,
}

/// A flaw of the install folder.
#[derive(Debug, Clone, Serialize)]
pub struct WarningLine {
    /// The file and the line.
    pub place: String,
    /// The flaw in English.
    pub message: String,
    /// The way to correct it.
    pub help: String,
}

/// A rule of a procedure that could not be evaluated.
#[derive(Debug, Clone, Serialize)]
pub struct OverrunLine {
    /// The code and the name of the procedure.
    pub procedure: String,
    /// The whole digest.
    pub version: String,
    /// The fault in English.
    pub reason: String,
    /// The least number of failures of the rule.
    pub times: u64,
    /// The last dossier that waits because of the rule, if any.
    pub dossier: Option<String>,
}

/// A procedure that is or was offered.
#[derive(Debug, Clone, Serialize)]
pub struct OfferedLine {
    /// The national code of the procedure.
    pub code: String,
    /// The name of the procedure.
    pub name: String,
    /// The address of the procedure's page.
    pub url: String,
    /// The whole digest.
    pub version: String,
    /// The procedure accepts applications.
    pub open: bool,
    /// The time of the last release or retirement, or an empty text.
    pub since: String,
    /// The person who released or retired it, or an empty text.
    pub by: String,
}

/// A version that waits to be published.
#[derive(Debug, Clone, Serialize)]
pub struct PendingLine {
    /// The national code of the procedure.
    pub code: String,
    /// The name of the procedure.
    pub name: String,
    /// The whole digest.
    pub version: String,
    /// The time of the installation.
    pub installed: String,
    /// The public key of the package's signer, or an empty text.
    pub signer: String,
    /// No version is offered under its code.
    pub new: bool,
    /// The changes from the offered version, one sentence each.
    pub changes: Vec<String>,
    /// The rights of its plugins, in words.
    pub grants: Vec<String>,
}

impl Page for AdminProceduresPage {
    const TEMPLATE: &'static str = "admin_procedures.html";
    fn samples() -> Vec<Self> {
        let offered = |open, by: &str| OfferedLine {
            code: "1.000001".into(),
            name: "Thủ tục".into(),
            url: "/procedures/so/thu-tuc".into(),
            version: "0".repeat(64),
            open,
            since: "24/11/2026 08:00".into(),
            by: by.into(),
        };
        let pending = |new, changes: Vec<String>| PendingLine {
            code: "1.000001".into(),
            name: "Thủ tục".into(),
            version: "0".repeat(64),
            installed: "24/11/2026 08:00".into(),
            signer: if new { "RW0".into() } else { String::new() },
            new,
            changes,
            grants: if new { vec!["Không được dùng mạng.".into()] } else { vec![] },
        };
        let overrun = |dossier: Option<&str>| OverrunLine {
            procedure: "1.000001 Thủ tục".into(),
            version: "0".repeat(64),
            reason: "judging a form ended".into(),
            times: 3,
            dossier: dossier.map(str::to_owned),
        };
        let page = Self {
            query: String::new(),
            found: 2,
            procedures: vec![offered(true, ""), offered(false, "An")],
            pending: vec![pending(true, vec![]), pending(false, vec!["Lệ phí".into()]), pending(false, vec![])],
            signed: true,
            calendar_missing: Some("2027".into()),
            refusal: None,
            flaw: "",
            problems: vec![],
            warnings: vec![WarningLine {
                place: "procedure.toml:1".into(),
                message: "nobody holds that post".into(),
                help: "give it".into(),
            }],
            overruns: vec![overrun(None), overrun(Some("H09.12-260105-0001"))],
        };
        let wrong = Self {
            procedures: vec![],
            pending: vec![],
            signed: false,
            calendar_missing: None,
            warnings: vec![],
            overruns: vec![],
            problems: vec!["procedure.toml:1:1".into()],
            ..page.clone()
        };
        let flawed = FLAWS.map(|flaw| Self { flaw, ..wrong.clone() });
        let refused = [
            "address-taken",
            "takes-off",
            "agency-unknown",
            "plugin-broken",
            "plugin-not-granted",
            "already-published",
            "not-offered",
        ];
        let refused = refused.into_iter().map(|rule| Self { refusal: Some(rule.into()), ..page.clone() });
        refused.chain(flawed).chain([page.clone()]).collect()
    }
}

/// The reasons why a package is refused: the file is no usable package, the signature does not count, the procedure has
/// mistakes, or its scenarios come otherwise.
const FLAWS: [&str; 4] = ["broken", "unsigned", "mistaken", "otherwise"];

/// The most procedures that the page shows. The search finds the others.
const MOST_SHOWN: usize = 100;

/// The search of an administrator.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct AdminQuery {
    #[serde(default)]
    q: String,
}

fn offered_line(live: &Live, language: Language) -> OfferedLine {
    let last = live.history.first();
    OfferedLine {
        code: live.procedure.code.to_string(),
        name: live.procedure.name.get(language).to_owned(),
        url: live.procedure.path(),
        version: live.version.to_string(),
        open: live.is_open(),
        since: last.map_or_else(String::new, |release| format::second(release.at, language)),
        by: last.map_or_else(String::new, |release| release.by.clone()),
    }
}

fn pending_line(pending: &PendingVersion, language: Language) -> PendingLine {
    let changes = pending.changes.iter().flatten();
    let grants = pending.procedure.plugins.iter().flat_map(PluginUse::words);
    PendingLine {
        code: pending.procedure.code.to_string(),
        name: pending.procedure.name.get(language).to_owned(),
        version: pending.installed.version.to_string(),
        installed: format::second(pending.installed.installed_at, language),
        signer: pending.installed.signer.clone().unwrap_or_default(),
        new: pending.changes.is_none(),
        changes: changes.map(|change| change.0.get(language).to_owned()).collect(),
        grants: grants.map(|words| words.get(language).to_owned()).collect(),
    }
}

fn overrun_lines(faulty: &FaultyVersion, language: Language) -> impl Iterator<Item = OverrunLine> {
    faulty.faults.iter().map(move |reported| OverrunLine {
        procedure: format!("{} {}", faulty.procedure.code, faulty.procedure.name.get(language)),
        version: faulty.version.to_string(),
        reason: reported.fault.to_string(),
        times: reported.times,
        dossier: reported.dossier.as_ref().map(ToString::to_string),
    })
}

async fn page(portal: &Portal, visitor: &Person, looked: AdminQuery) -> Result<AdminProceduresPage, Failure> {
    let language = visitor.language();
    let offered = portal.services.procedures.offered(visitor.actor()).await?;
    let faults = portal.services.procedures.rule_faults(visitor.actor()).await?;
    let words = fold(looked.q.trim());
    let fits = |live: &&Live| {
        let procedure = &live.procedure;
        procedure.code.as_str().contains(&words) || fold(&procedure.name.vi).contains(&words)
    };
    let found: Vec<&Live> = offered.procedures.iter().filter(fits).collect();
    let missing = portal.services.province().calendar.missing_year(local(portal.services.now()).date());
    Ok(AdminProceduresPage {
        query: looked.q,
        found: found.len(),
        procedures: found.into_iter().take(MOST_SHOWN).map(|live| offered_line(live, language)).collect(),
        pending: offered.pending.iter().map(|pending| pending_line(pending, language)).collect(),
        signed: !portal.settings.trust.keys.is_empty(),
        calendar_missing: missing.map(|year| year.to_string()),
        refusal: None,
        flaw: "",
        problems: Vec::new(),
        warnings: portal
            .services
            .warnings()
            .iter()
            .filter(|told| is_lasting(told))
            .map(|told| warning(told, language))
            .collect(),
        overruns: faults.iter().flat_map(|version| overrun_lines(version, language)).collect(),
    })
}

/// Returns whether a warning outlasts the start. The year without a calendar is looked up whenever the page is shown.
fn is_lasting(told: &Diagnostic) -> bool {
    told.code != "calendar-ends"
}

fn warning(told: &Diagnostic, language: Language) -> WarningLine {
    WarningLine {
        place: format!("{}:{}", told.file, told.line),
        message: told.message.get(language).to_owned(),
        help: told.help.get(language).to_owned(),
    }
}

/// `GET /admin/procedures?q=`: the offered procedures, and the versions that wait to be published.
pub async fn procedures(
    State(portal): State<Portal>,
    Query(looked): Query<AdminQuery>,
    visitor: Officer,
) -> Result<Response, Failure> {
    Ok(ok(&portal, &visitor, &page(&portal, &visitor, looked).await?))
}

/// Redirects to the page, or shows it again with the rule that was broken.
async fn back(portal: &Portal, visitor: &Person, done: Result<(), Error>) -> Result<Response, Failure> {
    let rule = match done {
        Ok(()) => return Ok(Redirect::to(address::ADMIN_PROCEDURES).into_response()),
        Err(Error::Invalid(rule)) => rule,
        Err(error) => return Err(error.into()),
    };
    let shown = page(portal, visitor, AdminQuery::default()).await?;
    let shown = AdminProceduresPage { refusal: Some(rule.word().to_owned()), ..shown };
    Ok(html(portal, visitor, StatusCode::UNPROCESSABLE_ENTITY, &shown))
}

/// `POST /admin/procedures/publish`: offers a version that was installed.
pub async fn publish(
    State(portal): State<Portal>,
    PostedBy(visitor, posted): PostedBy<Officer>,
) -> Result<Response, Failure> {
    let version = Digest(posted.get("version").to_owned());
    let done = portal.services.procedures.publish(visitor.actor(), &version).await.map(drop);
    back(&portal, &visitor, done).await
}

/// `POST /admin/procedures/retire`: retires a procedure.
pub async fn retire(
    State(portal): State<Portal>,
    PostedBy(visitor, posted): PostedBy<Officer>,
) -> Result<Response, Failure> {
    let code = ProcedureCode(posted.get("code").to_owned());
    let done = portal.services.procedures.retire(visitor.actor(), &code).await;
    back(&portal, &visitor, done).await
}

/// `POST /admin/procedures/install`: installs a package, with its signature if it has one.
pub async fn install(
    State(portal): State<Portal>,
    visitor: Visitor,
    mut upload: ProvenUpload,
) -> Result<Response, Failure> {
    // A package is not read before its sender is known.
    let visitor = match Officer::of(visitor) {
        Ok(officer) if may(officer.actor(), Deed::ManageProcedures, None) => officer,
        refused => {
            upload.drain().await;
            return Err(match refused {
                Err(Failure::LogIn(carry)) => Failure::LogIn(Carry { upload: true, ..carry }),
                _ => Refusal::NotAllowed.into(),
            });
        }
    };
    let (mut bytes, mut signature) = (Vec::new(), None);
    while let Some(mut field) = upload.next().await? {
        let name = field.name().to_owned();
        match name.as_str() {
            _ if field.file_name().is_none() => {}
            "package" => bytes = field.content(package::LARGEST).await?,
            "signature" => {
                let content = field.content(limits::SIGNATURE).await?;
                signature = Some(String::from_utf8_lossy(&content).into_owned());
            }
            _ => {}
        }
    }
    let installed =
        portal.services.procedures.install_package(visitor.actor(), bytes, signature, &portal.settings.trust).await;
    let [broken, unsigned, mistaken, otherwise] = FLAWS;
    let (flaw, problems) = match installed {
        Ok(_) => return Ok(Redirect::to(address::ADMIN_PROCEDURES).into_response()),
        Err(NotInstalled::Services(error)) => return back(&portal, &visitor, Err(error)).await,
        Err(NotInstalled::Mistakes(mistakes)) => {
            (mistaken, mistakes.iter().map(|mistake| mistake.render(false, visitor.language())).collect())
        }
        Err(NotInstalled::Scenarios(played)) => {
            (otherwise, played.iter().map(|told| told.get(visitor.language()).to_owned()).collect())
        }
        Err(NotInstalled::Package(reason)) => (broken, vec![reason.text().get(visitor.language()).to_owned()]),
        Err(NotInstalled::Signature(reason)) => (unsigned, vec![reason.text().get(visitor.language()).to_owned()]),
    };
    let shown = AdminProceduresPage { flaw, problems, ..page(&portal, &visitor, AdminQuery::default()).await? };
    Ok(html(&portal, &visitor, StatusCode::UNPROCESSABLE_ENTITY, &shown))
}
