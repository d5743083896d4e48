//! The contexts with which a theme is checked.

use super::{
    CurrentStep, DossierPage, MessageContext, PaidContext, RatingContext, StageContext, SupplementContext, TypedContext,
};
use crate::pages::dossier::attempt::CriterionContext;
use crate::pages::dossier::steps::StepContext;
use crate::theme::Page;
use crate::view::files::{FileContext, PaperFiles};
use crate::view::late::LateContext;
use crate::view::payment::{FeeChangeContext, PaymentContext};
use crate::view::timeline::{HappenedContext, TimelineStep};
use crate::view::waiting::WaitingContext;
use motcua_domain::dossier::event::CRITERIA;
use motcua_domain::workflow::NationalStatus;

fn sample(owner: bool) -> DossierPage {
    let file = FileContext::sample();
    let step = |name: &str, role, holder: &str| CurrentStep { name: name.into(), role, holder: holder.into() };
    let stage = |name: &str, due: &str, punctuality| StageContext { name: name.into(), due: due.into(), punctuality };
    let message = |from_applicant| MessageContext {
        from: "An".into(),
        from_applicant,
        at: "24/11/2026 08:00".into(),
        text: "Xin chào".into(),
    };
    DossierPage {
        code: "H09.01-261124-0001".into(),
        procedure: "Thủ tục".into(),
        agency: "Sở Mẫu".into(),
        owner,
        applicant: "An".into(),
        phone: "0912345678".into(),
        status: "processing",
        outcome: "",
        reason: String::new(),
        punctuality: "overdue",
        filed: "24/11/2026 08:00".into(),
        sealed: if owner { "24/11/2026 08:05".into() } else { String::new() },
        due: "27/11/2026 08:00".into(),
        clock_stands: false,
        due_unknown: false,
        waiting: None,
        now_at: vec![step("Thẩm định", "appraiser", "Mai"), step("Lấy ý kiến", "applicant", "")],
        steps: TimelineStep::samples(),
        diagram: "<svg></svg>".into(),
        stages: vec![stage("Công an", "27/11/2026 08:00", "overdue"), stage("BHXH", "", "on-time")],
        sections: vec![],
        papers: vec![PaperFiles { name: "Điều lệ".into(), files: vec![file.clone()] }],
        results: vec![file],
        result_withheld: !owner,
        findings: vec!["Xem lại".into()],
        plugin_failed: true,
        supplements: vec![SupplementContext {
            what: "Thiếu".into(),
            internal_note: if owner { String::new() } else { "Gọi lại".into() },
            until: "24/12/2026".into(),
        }],
        supplement_open: owner,
        supplement: String::new(),
        payment: Some(PaymentContext::sample(owner)),
        fee_change: Some(FeeChangeContext::sample(owner)),
        late: owner.then(|| LateContext::sample(false)),
        paid: vec![PaidContext { receipt: "1".into(), amount: "2 đ".into() }],
        messages: vec![message(true), message(false)],
        open_steps: StepContext::samples(),
        version: 1,
        undo: if owner { String::new() } else { "Trình phê duyệt".into() },
        meanwhile: HappenedContext::samples(),
        story: if owner { vec![] } else { HappenedContext::samples() },
        may_record_payment: !owner,
        may_write: true,
        may_read_journal: true,
        may_withdraw: owner,
        may_rate: false,
        criteria: Vec::from(CRITERIA.map(|name| CriterionContext { name, points: Some(2) })),
        rating: None,
        unsent: if owner { vec![] } else { vec!["Xem lại".into()] },
        refusal: if owner { String::new() } else { "note-missing".into() },
        refused_part: if owner { String::new() } else { "act.1.act".into() },
        typed: TypedContext {
            message: "a".into(),
            rating: "b".into(),
            receipt: "c".into(),
            by_transfer: !owner,
            reason: if owner { "d".into() } else { String::new() },
        },
    }
}

impl Page for DossierPage {
    const TEMPLATE: &'static str = "dossier.html";
    fn samples() -> Vec<Self> {
        let statuses = NationalStatus::ALL.into_iter();
        let outcomes = ["returned", "not-received", "refused", "withdrawn", "lapsed"];
        let ended = |outcome| Self {
            outcome,
            reason: "Vì".into(),
            due: String::new(),
            may_rate: true,
            typed: TypedContext::default(),
            meanwhile: vec![],
            payment: None,
            fee_change: None,
            ..sample(true)
        };
        let rated = Self {
            rating: Some(RatingContext { criteria: sample(true).criteria, text: "Tốt".into() }),
            results: vec![],
            papers: vec![],
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
        let mut all: Vec<Self> = statuses.map(|status| Self { status: status.name(), ..sample(false) }).collect();
        all.extend(outcomes.into_iter().map(ended));
        all.push(rated);
        let waits = |waiting| Self { waiting: Some(waiting), ..sample(true) };
        all.extend(WaitingContext::samples().into_iter().map(waits));
        all.push(sample(true));
        all.push(Self { supplement: "/drafts/0/1".into(), ..sample(true) });
        all.push(Self { results: vec![], result_withheld: true, ..sample(true) });
        all
    }
}
