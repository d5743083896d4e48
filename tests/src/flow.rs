//! Dossiers on workflows of a test's own, through the real services on a real database.

use crate::portal::{Kind, install, morning};
use jiff::civil::DateTime;
use motcua::runtime::{self, RuntimeOptions};
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::event::StayId;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::dossier::site_visit::SiteVisitInput;
use motcua_domain::names::{DossierCode, UserId};
use motcua_domain::people::organisation::Actor;
use motcua_domain::time::calendar::{instant, local};
use motcua_domain::workflow::UnitPlace;
use motcua_service::{ActRequest, DeskWish, DossierChange, Error, Registration, Services, TimeSource};
use motcua_store::{accounts, journal};
use std::fmt::Write as _;
use std::path::Path;
use tempfile::TempDir;
use uuid::Uuid;

/// The counter, a specialist, an appraiser and the leader of the agency whose procedure it is.
pub const COUNTER: &str = "hoa.tnmt";
pub const SPECIALIST: &str = "tuan.tnmt";
pub const APPRAISER: &str = "nga.tnmt";
pub const LEADER: &str = "khanh.tnmt";

/// The telephone number and the password of the citizen who files.
pub const CITIZEN_PHONE: &str = "0912345678";
pub const CITIZEN_PASSWORD: &str = "mat-khau-thu";

/// The procedure, before its plugins and other questions.
pub const PROCEDURE: &str = r#"code = "9.900001"
name = "Thử quy trình"
unit = "tai-nguyen-nuoc"
field = "Thử"
limit = "30 working-days"
result = "Kết quả"
workflow = "thu"

[[section]]
id = "main"
title = "Nội dung"

[[section.field]]
id = "deep"
label = "Giếng sâu"
kind = "yes-no"

[[section.field]]
id = "area"
label = "Địa bàn"
kind = "one-of"
choices = [{ value = "bac", label = "Bắc" }, { value = "nam", label = "Nam" }]

[[section.field]]
id = "wide"
label = "Giếng rộng"
kind = "yes-no"
"#;

/// Returns a workflow in TOML. A line is a step: `id role; key = value … | action effect; key = value … | …`.
pub fn workflow(lines: &[&str]) -> String {
    let mut toml = String::new();
    for line in lines {
        let mut parts = line.split('|').map(str::trim);
        let mut table = |header: &str, text: &str, second: &str| {
            let mut keys = text.split(';').map(str::trim);
            let head = keys.next().unwrap_or_default();
            let (id, word) = head.split_once(' ').unwrap_or((head, ""));
            _ = writeln!(toml, "{header}\nid = \"{id}\"\nname = \"{id}\"");
            if !word.is_empty() {
                _ = writeln!(toml, "{second} = \"{word}\"");
            }
            for key in keys {
                _ = writeln!(toml, "{key}");
            }
        };
        table("[[step]]", parts.next().unwrap_or_default(), "role");
        parts.for_each(|action| table("[[step.action]]", action, "effect"));
    }
    toml
}

/// Returns an action as it is posted, without any optional content.
pub fn bare(stay: Option<StayId>, action: &str, seen: u32, note: &str, assignee: Option<UserId>) -> ActRequest {
    ActRequest { reason: note.to_owned(), assignee, ..ActRequest::bare(stay, action.into(), seen, note) }
}

/// An office with one procedure.
pub struct Office {
    pub services: Services,
    pub clock: TimeSource,
    pub dir: TempDir,
    citizen: Actor,
}

impl Office {
    /// Opens an office whose one procedure follows the workflow `thu`.
    pub async fn open(kind: Kind, thu: &str, others: &[(&str, &str)]) -> Self {
        Self::open_on(kind, None, thu, others).await
    }

    /// Opens an office as [`Self::open`] does, on a PostgreSQL cluster of the caller's.
    pub async fn open_on(kind: Kind, cluster: Option<&str>, thu: &str, others: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        install(dir.path(), kind, cluster).await.expect("an install folder");
        std::fs::remove_dir_all(dir.path().join("procedures")).expect("the samples are gone");
        write(dir.path(), "procedures/so-tnmt/thu/procedure.toml", PROCEDURE);
        write(dir.path(), "workflows/thu.toml", thu);
        for (file, text) in others {
            write(dir.path(), file, text);
        }
        let clock = TimeSource::set_to(instant(morning()));
        let services = open(dir.path(), &clock).await;
        let citizen = register(&services, CITIZEN_PHONE).await;
        Self { services, clock, dir, citizen }
    }

    /// Lets another citizen file from now on.
    pub async fn next_citizen(&mut self, phone: &str) {
        self.citizen = register(&self.services, phone).await;
    }

    /// Opens another office on the same folder, as after a change of its files.
    pub async fn reopen(&mut self) {
        self.services = open(self.dir.path(), &self.clock).await;
    }

    /// Returns another office on the same folder and database, as another node would have.
    pub async fn another_node(&self) -> Services {
        open(self.dir.path(), &self.clock).await
    }

    /// Writes a file of the install folder.
    pub fn write(&self, file: &str, text: &str) {
        write(self.dir.path(), file, text);
    }

    /// Files a dossier.
    pub async fn file(&self, deep: bool, wide: bool) -> Case<'_> {
        let draft = self.draft(deep, wide).await;
        let code = self.services.drafts.file(&self.citizen, draft, true).await.expect("filed");
        Case { office: self, code }
    }

    /// Returns a draft that can be filed.
    pub async fn draft(&self, deep: bool, wide: bool) -> Uuid {
        let draft = self.services.drafts.start_draft(&self.citizen, &"9.900001".into()).await.expect("a draft");
        let area = if deep { "bac" } else { "nam" }.to_owned();
        let typed = [("deep", deep.to_string()), ("wide", wide.to_string()), ("area", area)];
        let typed = typed.map(|(name, value)| (name.to_owned(), value));
        self.services.drafts.save_page(&self.citizen, draft, 0, &typed).await.expect("saved");
        draft
    }

    /// Returns the person with this log-in, or the citizen.
    pub async fn actor(&self, login: &str) -> Actor {
        let reader = self.services.database().reader();
        match accounts::by_login(reader, login).await.expect("read") {
            Some(account) => accounts::actor(reader, &account, local(self.clock.now()).date()).await.expect("an actor"),
            None => self.citizen.clone(),
        }
    }

    /// Moves the clock to a wall-clock time in Vietnam, and runs the jobs that are due.
    pub async fn at(&self, moment: DateTime) -> usize {
        self.clock.set(instant(moment));
        self.services.jobs.run_jobs().await.expect("jobs run")
    }
}

async fn register(services: &Services, phone: &str) -> Actor {
    let registration = Registration {
        name: "Nguyễn Văn An".to_owned(),
        phone: phone.to_owned(),
        email: String::new(),
        password: CITIZEN_PASSWORD.to_owned(),
        by_email: false,
    };
    let name = registration.name.clone();
    let id = services.people.register(registration).await.expect("registered");
    Actor::Applicant { id, name }
}

fn write(dir: &Path, file: &str, text: &str) {
    let path = dir.join(file);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    std::fs::write(path, text).expect("written");
}

async fn open(dir: &Path, clock: &TimeSource) -> Services {
    runtime::open(dir, clock.clone(), RuntimeOptions::serving()).await.expect("the services open").services
}

/// A dossier under way.
pub struct Case<'a> {
    pub office: &'a Office,
    pub code: DossierCode,
}

/// The inputs of an action besides its name.
#[derive(Debug, Clone, Default)]
pub struct With<'a> {
    /// The note for the staff, and the words to the applicant.
    pub note: &'a str,
    /// The log-in of the officer who takes the next step.
    pub assignee: Option<&'a str>,
    /// The `agency/unit` of the units that are asked.
    pub ask: &'a [&'a str],
    /// The fields that the officer fills in.
    pub filled: &'a [(&'a str, &'a str)],
    /// The appointment on the spot.
    pub visit: Option<SiteVisitInput>,
}

impl Case<'_> {
    /// Takes an action where it is offered to the person.
    pub async fn act(&self, login: &str, action: &str) -> Result<Dossier, Refusal> {
        self.act_with(login, action, With::default()).await
    }

    /// Takes an action as [`Self::act`] does, with its inputs.
    pub async fn act_with(&self, login: &str, action: &str, with: With<'_>) -> Result<Dossier, Refusal> {
        let actor = self.office.actor(login).await;
        let view = self.office.services.dossiers.dossier(&actor, &self.code).await.map_err(refusal)?;
        let offers = |step: &&motcua_service::StepView| step.actions.iter().any(|known| known.id.as_str() == action);
        let stay = view.steps.iter().find(offers).map(|step| step.stay.id);
        let assignee = match with.assignee {
            Some(login) => self.office.actor(login).await.reference().user().cloned(),
            None => None,
        };
        let place = |text: &&str| {
            let (agency, unit) = text.split_once('/').expect("agency/unit");
            UnitPlace { agency: agency.into(), unit: unit.into() }
        };
        let change = ActRequest {
            filled: with.filled.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            places: with.ask.iter().map(place).collect(),
            visit: with.visit,
            ..bare(stay, action, view.dossier.version, with.note, assignee)
        };
        self.office
            .services
            .dossiers
            .change(&actor, &self.code, self.office.services.new_command(), change)
            .await
            .map_err(refusal)
    }

    /// Makes another change.
    pub async fn change(&self, login: &str, change: impl Into<DossierChange> + Send) -> Result<Dossier, Refusal> {
        self.office
            .services
            .dossiers
            .change(&self.office.actor(login).await, &self.code, self.office.services.new_command(), change)
            .await
            .map_err(refusal)
    }

    /// Returns the dossier as its journal says.
    pub async fn dossier(&self) -> Dossier {
        let reader = self.office.services.database().reader();
        journal::dossier(reader, &self.code).await.expect("read").expect("it is there")
    }

    /// Returns the current steps in order, or `end` once the dossier has ended.
    pub async fn open(&self) -> String {
        let dossier = self.dossier().await;
        if dossier.has_ended() {
            return "end".to_owned();
        }
        let mut open: Vec<String> = dossier.flow.stays.iter().map(|stay| stay.at.step.to_string()).collect();
        open.sort();
        open.join(" ")
    }

    /// Returns the codes in a person's list of pending steps, once for each step.
    pub async fn todo_of(&self, login: &str) -> Vec<String> {
        let actor = self.office.actor(login).await;
        let view = motcua_service::OfficerView::Todo;
        let found = self.office.services.lists.desk(&actor, view, &DeskWish::default(), None).await.expect("a list");
        found.rows.into_iter().map(|row| row.step.vi).collect()
    }
}

/// Returns the refusal of the rules, and fails on any other error.
fn refusal(error: Error) -> Refusal {
    match error {
        Error::Refused(refusal) => refusal,
        Error::NotFound => Refusal::NotAllowed,
        other => panic!("{other}"),
    }
}
