//! Pages of a dossier for checking a theme.

use super::register::{EarlierContext, IssuedContext};
use super::shown::{CurrentStep, MessageContext, MissingContext, StageContext, SupplementContext};
use super::viewer::ViewerContext;
use super::work::WorkContext;
use super::{DossierPage, RatingContext};
use crate::pages::dossier::attempt::{CriterionContext, DONE, MOVED, SUPPLEMENTED, TypedContext};
use crate::pages::dossier::page_files::MessageFilesContext;
use crate::pages::dossier::receiver::ReceiverContext;
use crate::pages::dossier::steps::StepContext;
use crate::pages::dossier::unsent::UnsentContext;
use crate::pages::dossier::way::WayContext;
use crate::theme::Page;
use crate::view::answer::AnswerChoice;
use crate::view::basis::BasisContext;
use crate::view::delivery::DeliveryContext;
use crate::view::files::{FileContext, PaperFiles};
use crate::view::format::{AnswerLine, AnswerSection};
use crate::view::late::LateContext;
use crate::view::mark::MarkContext;
use crate::view::payment::{FeeChangeContext, MoneyLine, PaymentContext, RefundContext};
use crate::view::represented::RepresentedContext;
use crate::view::signer::SignatureContext;
use crate::view::site_visit::SiteVisitContext;
use crate::view::timeline::{HappenedContext, TimelineStep};
use crate::view::waiting::WaitingContext;
use motcua_domain::dossier::PrintedForm;
use motcua_domain::dossier::event::{CRITERIA, DossierOutcome};
use motcua_domain::workflow::NationalStatus;

/// Returns a section whose answer an officer can mark as not right.
fn marked_section() -> AnswerSection {
    let mark = Some(MarkContext::sample(false));
    let answer = AnswerLine { id: "name".into(), mark, ..AnswerLine::plain("Họ tên".into(), "An".into()) };
    let before = |words: &str| AnswerLine { former: Some(words.into()), mark: None, ..answer.clone() };
    AnswerSection { title: "Người nộp".into(), answers: vec![before("Bình"), before(""), answer] }
}

/// Returns a page for checking a theme.
fn sample(owner: bool) -> DossierPage {
    let step = |name: &str, role, holder: &str| CurrentStep { name: name.into(), role, holder: holder.into() };
    let stage = |name: &str, due: &str, punctuality| StageContext { name: name.into(), due: due.into(), punctuality };
    DossierPage {
        code: "H09.01-261124-0001".into(),
        procedure: "Thủ tục".into(),
        agency: "Sở Mẫu".into(),
        owner,
        applicant: "An".into(),
        represented: (!owner).then(RepresentedContext::person),
        phone: "0912345678".into(),
        received_by: if owner { "Lan".into() } else { String::new() },
        signatures: SignatureContext::samples(),
        status: "processing",
        outcome: "",
        reason: String::new(),
        punctuality: "overdue",
        filed: "24/11/2026 08:00".into(),
        sealed: if owner { "24/11/2026 08:05".into() } else { String::new() },
        due: "27/11/2026 08:00".into(),
        clock_stands: false,
        due_unknown: false,
        now_at: vec![step("Thẩm định", "appraiser", "Mai"), step("Lấy ý kiến", "applicant", "")],
        steps: TimelineStep::samples(),
        diagram: "<svg></svg>".into(),
        stages: vec![stage("Công an", "27/11/2026 08:00", "overdue"), stage("BHXH", "", "on-time")],
        sections: if owner { vec![] } else { vec![marked_section()] },
        visits: SiteVisitContext::samples(),
        papers: vec![PaperFiles { name: "Điều lệ".into(), on_paper: !owner, files: vec![FileContext::sample()] }],
        work: if owner { WorkContext::default() } else { WorkContext::sample(ViewerContext::sample("pdf")) },
        results: vec![FileContext::sample()],
        result_withheld: !owner,
        delivery: Some(DeliveryContext::sample(owner)),
        earlier: Some(EarlierContext::sample(owner)),
        findings: vec!["Xem lại".into()],
        plugin_failed: true,
        supplements: vec![SupplementContext {
            what: "Thiếu".into(),
            missing: vec![MissingContext { name: "Điều lệ".into(), basis: BasisContext::samples() }],
            internal_note: if owner { String::new() } else { "Gọi lại".into() },
            until: "24/12/2026".into(),
        }],
        supplement_open: owner,
        supplement: String::new(),
        payment: Some(PaymentContext::sample(owner)),
        fee_change: Some(FeeChangeContext::sample(owner)),
        deposit_back: if owner { "10.000 đ".into() } else { String::new() },
        late: owner.then(|| LateContext::sample(false)),
        money: MoneyLine::samples(),
        refund: (!owner).then(|| RefundContext::sample(true)),
        answers: if owner { vec![] } else { vec![AnswerChoice::sample()] },
        messages: MessageContext::samples(),
        open_steps: StepContext::samples(),
        version: 1,
        undo: if owner { String::new() } else { "Trình phê duyệt".into() },
        meanwhile: HappenedContext::samples(),
        story: if owner { vec![] } else { HappenedContext::samples() },
        may_record_payment: !owner,
        may_verify_phone: !owner,
        may_write: true,
        may_apologise: !owner,
        may_read_journal: true,
        may_withdraw: owner,
        may_rate: false,
        documents: PrintedForm::ALL.map(PrintedForm::number).to_vec(),
        criteria: Vec::from(CRITERIA.map(|name| CriterionContext { name, points: Some(2) })),
        done: "",
        unsent: if owner { vec![] } else { UnsentContext::samples() },
        refusal: if owner { String::new() } else { "note-missing".into() },
        refused_control: if owner { String::new() } else { "note-1-act".into() },
        least_places: u32::from(!owner),
        refused_bound: String::new(),
        refused_part: if owner { String::new() } else { "act.1.act".into() },
        typed: TypedContext::sample(owner),
        message_files: MessageFilesContext::sample(owner),
        ..DossierPage::default()
    }
}

impl Page for DossierPage {
    const TEMPLATE: &'static str = "dossier.html";
    fn samples() -> Vec<Self> {
        let statuses = NationalStatus::ALL.into_iter().zip(DONE);
        let outcomes = DossierOutcome::ALL.map(DossierOutcome::name);
        let ended = |outcome| Self {
            outcome,
            reason: "Vì".into(),
            issued: Some(IssuedContext::sample(outcome == "returned")),
            receiver: Some(ReceiverContext::sample(outcome == "returned")),
            delivery: None,
            earlier: None,
            due: String::new(),
            may_rate: true,
            done: SUPPLEMENTED,
            typed: TypedContext::default(),
            meanwhile: vec![],
            payment: None,
            fee_change: None,
            ..sample(true)
        };
        let rated = Self {
            rating: Some(RatingContext { criteria: sample(true).criteria, text: "Tốt".into(), at_counter: true }),
            results: vec![],
            papers: vec![],
            signatures: vec![],
            visits: vec![],
            messages: vec![],
            supplements: vec![],
            findings: vec![],
            plugin_failed: false,
            supplement_open: false,
            clock_stands: true,
            due_unknown: true,
            late: Some(LateContext::sample(true)),
            may_write: false,
            ..sample(true)
        };
        let mut all: Vec<Self> =
            statuses.map(|(status, done)| Self { status: status.name(), done, ..sample(false) }).collect();
        all.extend(outcomes.into_iter().map(ended));
        all.push(rated);
        let waits = |waiting| Self { waiting: Some(waiting), ..sample(true) };
        all.extend(WaitingContext::samples().into_iter().map(waits));
        all.push(sample(true));
        all.extend([false, true].map(|broken| Self { late: Some(LateContext::apologised(broken)), ..sample(true) }));
        let bound = "27/11/2026 08:00".to_owned();
        let out_of_bounds = |word: &str| Self { refusal: word.into(), refused_bound: bound.clone(), ..sample(false) };
        all.extend(["visit-too-soon", "visit-too-late"].map(out_of_bounds));
        let viewers = ["picture", "other"].map(ViewerContext::sample).into_iter().chain([ViewerContext::default()]);
        all.extend(viewers.map(|viewer| Self { work: WorkContext::sample(viewer), ..sample(false) }));
        all.extend([Some(0), Some(3)].map(|left| {
            let work = WorkContext { way: WayContext::sample(left), ..WorkContext::default() };
            Self { work, ..sample(false) }
        }));
        let reader = Self { open_steps: vec![], may_write: false, ..sample(false) };
        all.push(reader);
        all.push(Self { supplement: "/drafts/0/1".into(), ..sample(true) });
        all.push(Self { supplement_open: true, ..sample(false) });
        all.push(Self { done: MOVED, receiver: Some(ReceiverContext::posted()), ..sample(true) });
        all.push(Self { payment: Some(PaymentContext::sample(false)), ..sample(true) });
        all.push(Self {
            payment: Some(PaymentContext { asked: false, ..PaymentContext::sample(false) }),
            ..sample(true)
        });
        all.push(Self { results: vec![], result_withheld: true, ..sample(true) });
        all.push(Self { refund: Some(RefundContext::sample(false)), money: vec![], ..sample(false) });
        all
    }
}
