//! The shared parts of the tests of workflows and dossiers.

use crate::random::{Rng, UNITS, workflow};
use jiff::Timestamp;
use jiff::civil::time;
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::command::{Act, Candidate, Command, Filing, SuppliedPapers};
use motcua_domain::dossier::decide::{Rules, decide_filing};
use motcua_domain::dossier::event::{Applicant, Recorded, StayId};
use motcua_domain::expression::Condition;
use motcua_domain::form::Form;
use motcua_domain::media::StoredFile;
use motcua_domain::money::Dong;
use motcua_domain::names::{Digest, DossierCode};
use motcua_domain::people::organisation::{Actor, Post, Role};
use motcua_domain::procedure::on_behalf::OnBehalf;
use motcua_domain::procedure::{Fee, FeeKind, FilingBounds, FilingWindow, Procedure};
use motcua_domain::text::Text;
use motcua_domain::time::calendar::{Calendar, CounterHours, Limit, Year, instant};
use motcua_domain::workflow::{UnitPlace, Workflow};
use serde_json::Map;
use uuid::Uuid;

pub const ROLES: [Role; 5] = [Role::Counter, Role::UnitHead, Role::Specialist, Role::Appraiser, Role::Leader];

pub fn calendar() -> Calendar {
    let day = vec![
        CounterHours { from: time(7, 30, 0, 0), to: time(11, 30, 0, 0) },
        CounterHours { from: time(13, 0, 0, 0), to: time(17, 0, 0, 0) },
    ];
    let week = [day.clone(), day.clone(), day.clone(), day.clone(), day, vec![], vec![]];
    let year = Year { working_day: 8 * 3600, week, ..Year::default() };
    Calendar::new((2026..2040).map(|number| (number, year.clone())).collect())
}

pub fn procedure(workflow: Workflow, fee: i64) -> Procedure {
    let fee = Fee::fixed(Text::vi("Phí"), FeeKind::Fee, Dong(fee), Condition::Fixed(fee > 0));
    Procedure {
        code: "1.000001".into(),
        slug: "thu".into(),
        name: Text::vi("Thử"),
        summary: Text::default(),
        group: "so".to_owned(),
        unit: "phong".into(),
        field: Text::default(),
        audience: vec![],
        life_events: vec![],
        keywords: vec![],
        level: 3,
        limit: Limit::WorkingDays(5),
        limit_basis: vec![],
        window: FilingWindow::default(),
        on_behalf: OnBehalf::default(),
        bounds: FilingBounds::default(),
        silence: None,
        publish: None,
        post: None,
        limit_cases: vec![],
        waiting_days: 30,
        result: Text::default(),
        register: None,
        how_to: vec![],
        conditions: vec![],
        eligibility: None,
        legal_basis: vec![],
        papers: vec![],
        fees: vec![fee],
        form: Form::default(),
        alternatives: vec![],
        signers: vec![],
        workflow,
        plugins: Vec::new(),
        offered_by: None,
        led_by: None,
        terms: vec![],
    }
}

pub fn applicant() -> Actor {
    Actor::Applicant { id: "an".into(), name: "An".to_owned() }
}

pub fn post(role: Role) -> Post {
    Post { agency: "so".into(), unit: "phong".into(), role }
}

/// Returns the posts of a role in every unit that a random workflow names.
pub fn posts(role: Role) -> Vec<Post> {
    let asked = UNITS.map(|unit| Post { unit: unit.into(), ..post(role) });
    [post(role)].into_iter().chain(asked).collect()
}

/// Returns one of two officers for each role, so that another officer exists beside the assignee of a step.
pub fn officer(role: Role, second: bool) -> Actor {
    let id = format!("{}{}", role.name(), u8::from(second));
    Actor::Officer {
        id: id.as_str().into(),
        name: id,
        posts: posts(role),
        stands_for: Vec::new(),
        approves_own: Vec::new(),
        own_accounts: Vec::new(),
    }
}

/// Returns a filing without answers.
pub fn filing() -> Filing {
    Filing {
        code: DossierCode::parse("H09.01-260105-0001").expect("a code"),
        draft: Uuid::nil(),
        agency: "so".into(),
        applicant: Applicant { id: "an".into(), name: "An".to_owned(), phone: String::new(), email: None },
        typed: Map::new(),
        papers: vec![],
        on_paper: Vec::new(),
        verdicts: Vec::new(),
        follows: None,
        consent: true,
        consents: Vec::new(),
    }
}

pub fn file(rules: Rules<'_>, now: Timestamp) -> Recorded {
    let event = decide_filing(rules, &applicant(), filing(), now).expect("a complete filing");
    Recorded { at: now, actor: applicant().reference(), event, choices: Vec::new() }
}

/// Returns an action with everything that it could require, and that asks every unit.
pub fn act(dossier: &Dossier, stay: Option<StayId>, action: &str, role: Role) -> Act {
    let name = format!("{}0", role.name());
    let assignee = Candidate { id: name.as_str().into(), login: name.clone(), name, posts: posts(role), open: 0 };
    Act {
        stay,
        action: action.into(),
        seen: dossier.version,
        note: "nội bộ".to_owned(),
        reason: "vì".to_owned(),
        assignee: Some(assignee),
        result: Some(StoredFile {
            digest: Digest("0".repeat(64)),
            name: "kq.pdf".to_owned(),
            media_type: "application/pdf".to_owned(),
            bytes: 1,
        }),
        new_grounds: Some("mới".to_owned()),
        missing: Vec::new(),
        typed: Map::new(),
        visit: None,
        receiver: None,
        places: UNITS.map(|unit| UnitPlace { agency: "so".into(), unit: unit.into() }).to_vec(),
        staff: Vec::new(),
    }
}

/// Returns a supplement without content, under the version that the dossier has.
pub fn supplement(dossier: &Dossier) -> Command {
    let version = dossier.procedure.clone();
    Command::Supplement {
        version,
        typed: Map::new(),
        papers: SuppliedPapers::default(),
        verdicts: Vec::new(),
        reviewed_on: None,
    }
}

pub fn command(act: Act) -> Command {
    Command::Act(Box::new(act))
}

pub fn start() -> Timestamp {
    instant(jiff::civil::date(2026, 1, 5).at(9, 0, 0, 0))
}

/// Returns a random workflow that is sound.
pub fn sound_workflow(seed: u64, branching: bool) -> Workflow {
    let mut rng = Rng::new(seed);
    loop {
        let workflow = workflow(&mut rng, branching);
        if workflow.problems().is_empty() {
            return workflow;
        }
    }
}
