//! The forms and files of the people in the story.

use motcua_domain::names::{AgencyId, PaperId, ProcedureCode};
use motcua_domain::people::organisation::Actor;
use motcua_service::Services;
use uuid::Uuid;

/// The file for everything that has to be attached.
pub const PAPER: &[u8] = include_bytes!("paper.pdf");
const PHOTO: &[u8] = include_bytes!("photo.jpg");

/// A procedure of the sample province.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SampleProcedure {
    Company,
    Water,
    Birth,
}

impl SampleProcedure {
    /// Returns its code in the national database.
    pub fn code(self) -> ProcedureCode {
        match self {
            Self::Company => "2.001199".into(),
            Self::Water => "1.004232".into(),
            Self::Birth => "1.001193".into(),
        }
    }

    /// Returns the agency to which people apply, if several offer the procedure.
    fn agency(self) -> Option<AgencyId> {
        match self {
            Self::Company | Self::Water => None,
            Self::Birth => Some("ubnd-phu-cuong".into()),
        }
    }

    /// Returns the typed fields, page by page. `variety` makes forms differ from one another.
    fn pages(self, name: &str, variety: usize) -> Vec<Vec<(String, String)>> {
        match self {
            Self::Company => company_pages(name, variety),
            Self::Water => water_pages(variety),
            Self::Birth => birth_pages(name, variety),
        }
    }

    fn papers(self) -> &'static [(&'static str, &'static str, &'static [u8])] {
        match self {
            Self::Company => &[
                ("charter", "Điều lệ công ty.pdf", PAPER),
                ("identity_papers", "CCCD thành viên 1.jpg", PHOTO),
                ("identity_papers", "CCCD thành viên 2.jpg", PHOTO),
            ],
            Self::Water => &[
                ("application", "Đơn đề nghị (mẫu 01).pdf", PAPER),
                ("project", "Đề án thăm dò.pdf", PAPER),
                ("land_certificate", "Giấy chứng nhận QSDĐ.pdf", PAPER),
            ],
            Self::Birth => {
                &[("birth_proof", "Giấy chứng sinh.jpg", PHOTO), ("marriage_certificate", "Đăng ký kết hôn.jpg", PHOTO)]
            }
        }
    }
}

/// Returns what a person types on a page.
fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn pick(variety: usize, choices: &[&'static str]) -> &'static str {
    choices[variety % choices.len()]
}

fn company_pages(name: &str, variety: usize) -> Vec<Vec<(String, String)>> {
    let company = format!(
        "Công ty TNHH {}",
        pick(
            variety,
            &["Gốm sứ An Bình", "Gỗ Tân Uyên", "Cao su Dầu Tiếng Xanh", "Nông sản Bến Cát", "Sơn mài Tương Bình"]
        )
    );
    let first = pairs(&[
        ("company_name", &company),
        ("head_office", pick(variety, &["12 Yersin, phường Phú Cường", "88 Đại lộ Bình Dương, phường Phú Hòa"])),
        ("company_phone", "0912345678"),
        ("company_email", "lienhe@example.vn"),
        ("business_lines", "2393 Sản xuất sản phẩm gốm sứ khác\n4663 Bán buôn vật liệu xây dựng"),
    ]);
    let capital = pairs(&[
        ("charter_capital", "2.000.000.000"),
        ("members.0.name", name),
        ("members.0.birth_date", "15/03/1985"),
        ("members.0.citizen_number", "074085000123"),
        ("members.0.contribution", "1.200.000.000"),
        ("members.0.share", "60"),
        ("members.1.name", "Lý Thu Sương"),
        ("members.1.birth_date", "02/09/1990"),
        ("members.1.citizen_number", "074190004567"),
        ("members.1.contribution", "800.000.000"),
        ("members.1.share", "40"),
    ]);
    let representative =
        pairs(&[("representative_name", name), ("representative_title", "director"), ("filed_by_agent", "false")]);
    vec![first, capital, representative]
}

fn water_pages(variety: usize) -> Vec<Vec<(String, String)>> {
    vec![
        pairs(&[
            (
                "organisation_name",
                pick(variety, &["Công ty CP Nước giải khát Lái Thiêu", "Trang trại Phú Giáo", "Hợp tác xã Bàu Bàng"]),
            ),
            ("tax_code", "0100109106"),
            ("address", "Ấp 3, xã An Bình, huyện Phú Giáo"),
        ]),
        pairs(&[
            ("purpose", "industry"),
            ("purpose", "irrigation"),
            ("flow", pick(variety, &["320", "480", "950", "1800"])),
            ("location", "Ấp 3, xã An Bình; X = 1247310, Y = 612450"),
            ("well_count", "2"),
            ("depth", "65"),
            ("start_date", "01/03/2027"),
        ]),
    ]
}

fn birth_pages(name: &str, variety: usize) -> Vec<Vec<(String, String)>> {
    vec![
        pairs(&[
            (
                "child_name",
                pick(variety, &["Nguyễn Minh Khôi", "Trần Bảo Ngọc", "Lê Gia Hân", "Phạm Đức Anh", "Huỳnh An Nhiên"]),
            ),
            ("birth_date", "02/01/2026"),
            ("sex", pick(variety, &["male", "female"])),
            ("birth_place", "Bệnh viện Phụ sản – Nhi Bình Dương"),
        ]),
        pairs(&[
            ("mother_name", "Nguyễn Thị Ngân"),
            ("mother_number", "074195000321"),
            ("parents_married", "true"),
            ("father_name", name),
            ("copies", "2"),
        ]),
    ]
}

/// Returns a file as a stream.
pub fn stream(bytes: &'static [u8]) -> impl futures::Stream<Item = Result<&'static [u8], std::io::Error>> + Unpin {
    futures::stream::iter([Ok(bytes)])
}

/// Fills in a form up to `pages` pages. With all of them, attaches the papers too.
pub async fn fill_in(
    services: &Services,
    actor: &Actor,
    name: &str,
    procedure: SampleProcedure,
    variety: usize,
    pages: usize,
) -> anyhow::Result<Uuid> {
    let draft = services.drafts.start_draft_at(actor, &procedure.code(), procedure.agency().as_ref()).await?;
    let typed = procedure.pages(name, variety);
    for (page, posted) in typed.iter().enumerate().take(pages) {
        services.drafts.save_page(actor, draft, page, posted).await?;
    }
    if pages >= typed.len() {
        for (paper, file, bytes) in procedure.papers() {
            services.drafts.attach(actor, draft, &PaperId::from(*paper), file, stream(bytes)).await?;
        }
    }
    Ok(draft)
}
