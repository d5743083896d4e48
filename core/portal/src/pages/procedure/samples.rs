//! The page of a procedure in all its states, for checking a theme.

use super::{LimitCaseContext, OfferingLine, PaperLine, ProcedurePage, ReleaseLine, StepLine};
use crate::pages::procedure::own_case::OwnCaseContext;
use crate::pages::public::{ProcedureLine, sample_line};
use crate::view::basis::{BasisContext, FoundedRule};
use crate::view::format::{FeeContext, FeeRowContext};
use crate::view::window::{BoundsContext, WindowContext};
use serde_json::Value as Json;

/// Returns the page in all its states.
pub fn all() -> Vec<ProcedurePage> {
    let bare = bare();
    let several = ProcedurePage {
        line: ProcedureLine { several: true, limit_by_agency: true, ..sample_line() },
        open: true,
        agencies: vec![sample_agency("Đường Lê Lợi"), sample_agency("")],
        ..bare.clone()
    };
    let none_found =
        ProcedurePage {
            agencies: vec![], agency_query: "xã".into(), led_by: "Nơi cư trú".into(), ..several.clone()
        };
    let windows = WindowContext::samples().into_iter().zip(BoundsContext::samples());
    let windows = windows.map(|(window, bounds)| ProcedurePage { window, bounds, ..bare.clone() });
    let windows = windows.map(|page| ProcedurePage {
        open: true,
        silence: "refusal",
        publishes: "result",
        on_behalf: "anybody",
        ..page
    });
    let windows: Vec<ProcedurePage> = windows.collect();
    let with_case = |case| ProcedurePage { case: Some(case), open: true, ..bare.clone() };
    let cases: Vec<ProcedurePage> = OwnCaseContext::samples().into_iter().map(with_case).collect();
    let before_questions =
        |page: &ProcedurePage| ProcedurePage { asks_eligibility: true, reckons_fees: true, ..page.clone() };
    let asking: Vec<ProcedurePage> = cases.iter().map(before_questions).collect();
    windows.into_iter().chain(cases).chain(asking).chain([full(), bare, several, none_found]).collect()
}

/// Returns the page with everything that it can have.
fn full() -> ProcedurePage {
    let paper = |required| PaperLine {
        name: "Điều lệ".into(),
        help: "Ký".into(),
        kind: "copy",
        required,
        count: 2,
        template: "/".into(),
        basis: if required == "always" { BasisContext::samples() } else { vec![] },
    };
    let release = |retired, first| ReleaseLine {
        at: "24/11/2026 08:00".into(),
        version: "0123456789ab".into(),
        retired,
        first,
        changes: if first { vec![] } else { vec!["Lệ phí: 1 đ → 2 đ.".into()] },
    };
    ProcedurePage {
        line: sample_line(),
        code: "1.000001".into(),
        open: true,
        window: WindowContext::always(),
        bounds: BoundsContext::none(),
        asks_eligibility: true,
        case: None,
        limit_basis: BasisContext::samples(),
        silence: "approval",
        publishes: "holder",
        silence_basis: BasisContext::samples(),
        limit_cases: vec![LimitCaseContext {
            name: "Phải xác minh".into(),
            limit: "8 ngày làm việc".into(),
            basis: BasisContext::samples(),
        }],
        history: vec![release(true, false), release(false, false), release(false, true)],
        schema: "/schemas/0.json".into(),
        json_ld: Json::Null,
        audience: vec!["citizen", "household", "business", "foreign"],
        on_behalf: "with-proof",
        result: "Giấy phép".into(),
        by_post: true,
        carrier_fee: "30.000 đ".into(),
        address: "Đường Lê Lợi".into(),
        phone: "0274".into(),
        hours: "Sáng thứ Bảy".into(),
        map: "https://map.example.vn/so".into(),
        agencies: vec![],
        led_by: String::new(),
        agency_query: String::new(),
        others: "/procedures/cap-xa/thu-tuc".into(),
        how_to: vec!["Nộp".into()],
        conditions: vec!["Điều kiện".into()],
        rules: vec![FoundedRule::sample()],
        legal_basis: BasisContext::samples(),
        papers: vec![paper("always"), paper("sometimes"), paper("never")],
        fees: vec![sample_fee("fee", true), sample_fee("charge", false)],
        reckons_fees: true,
        steps: vec![StepLine {
            name: "Tiếp nhận".into(),
            role: "counter",
            limit: "4 giờ".into(),
            basis: BasisContext::samples(),
        }],
        diagram: "<svg></svg>".into(),
        related: vec![sample_line()],
    }
}

/// Returns the page of a procedure that is not offered and has as little as possible.
fn bare() -> ProcedurePage {
    ProcedurePage {
        audience: vec![],
        open: false,
        asks_eligibility: false,
        limit_cases: vec![],
        history: vec![],
        how_to: vec![],
        conditions: vec![],
        rules: vec![],
        legal_basis: vec![],
        limit_basis: vec![],
        silence: "",
        on_behalf: "",
        publishes: "",
        silence_basis: vec![],
        papers: vec![],
        fees: vec![],
        reckons_fees: false,
        address: String::new(),
        phone: String::new(),
        hours: String::new(),
        map: String::new(),
        related: vec![],
        others: String::new(),
        ..full()
    }
}

fn sample_fee(kind: &'static str, sometimes: bool) -> FeeContext {
    let row = FeeRowContext { name: "Từ 200 đến dưới 500".into(), price: "1.100.000 đ".into() };
    FeeContext {
        name: "Phí".into(),
        kind,
        amount: "50.000 đ".into(),
        sometimes,
        by_agency: sometimes,
        computation: String::new(),
        rows: if sometimes { vec![row] } else { vec![] },
        notes: if sometimes { vec!["miễn: hộ nghèo".into()] } else { vec![] },
        basis: if sometimes { BasisContext::samples() } else { vec![] },
    }
}

fn sample_agency(address: &str) -> OfferingLine {
    OfferingLine { url: "/procedures/xa/thu-tuc".into(), name: "Xã Mẫu".into(), address: address.into() }
}
