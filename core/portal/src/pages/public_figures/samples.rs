//! Samples of the public figures, with which a theme is checked.

use super::{FigureGrouping, PeriodContext, PlottedLine, PublicFiguresLine, PublicFiguresPage, ServicesLine};
use crate::pages::public::AgencyContext;
use crate::theme::Page;

fn line(name: &str) -> PublicFiguresLine {
    PublicFiguresLine {
        name: name.into(),
        received: "12".into(),
        in_time: "8".into(),
        late: "2".into(),
        is_late: true,
        in_time_share: "80 %".into(),
        in_progress: "2".into(),
        satisfaction: "9,5".into(),
    }
}

fn services(agency: &str, planned: &str) -> ServicesLine {
    ServicesLine {
        agency: agency.into(),
        all: 5,
        level_3: 3,
        planned_level_3: planned.into(),
        level_4: 2,
        planned_level_4: planned.into(),
    }
}

impl Page for PublicFiguresPage {
    const TEMPLATE: &'static str = "public_figures.html";
    fn samples() -> Vec<Self> {
        let quiet = PublicFiguresLine {
            late: "0".into(),
            is_late: false,
            in_time_share: String::new(),
            satisfaction: String::new(),
            ..line("Sở khác")
        };
        let bar = PlottedLine {
            name: "Sở Mẫu".into(),
            received: "12".into(),
            in_time: "8".into(),
            late: "2".into(),
            received_width: 1000,
            in_time_width: 666,
            late_width: 166,
        };
        let whole = Self {
            by: FigureGrouping::Agency.name(),
            groupings: FigureGrouping::ALL.map(FigureGrouping::name).to_vec(),
            agency: "so".into(),
            agencies: vec![AgencyContext { id: "so".into(), name: "Sở Mẫu".into() }],
            period: "2026-11".into(),
            periods: vec![PeriodContext { id: "2026-11".into(), name: "11/2026".into() }],
            lines: vec![line("Sở Mẫu"), quiet],
            left_out: 3,
            total: line(""),
            plotted: vec![bar],
            services: vec![services("Sở Mẫu", "6"), services("Sở khác", "")],
            all_services: services("", "6"),
            has_plan: true,
            at: "24/11/2026 08:00".into(),
            table: "/figures.csv?by=agency&agency=so&period=2026-11".into(),
            services_table: "/figures.csv?by=level&agency=&period=".into(),
        };
        let empty = Self {
            by: FigureGrouping::Month.name(),
            agency: String::new(),
            period: String::new(),
            lines: vec![],
            left_out: 0,
            plotted: vec![],
            services: vec![],
            all_services: services("", ""),
            has_plan: false,
            ..whole.clone()
        };
        vec![empty, whole]
    }
}
