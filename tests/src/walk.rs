//! Frequent tasks of people: filling in a form, filing it, taking an action.

use crate::browser::{Browser, Page};

/// A small but real PDF.
pub const PDF: &[u8] = include_bytes!("../../core/motcua/src/demo/paper.pdf");
/// A small but real photograph.
pub const JPEG: &[u8] = include_bytes!("../../core/motcua/src/demo/photo.jpg");

pub const BIRTH: &str = "/procedures/ubnd-phu-cuong/dang-ky-khai-sinh";
pub const COMPANY: &str = "/procedures/so-khdt/thanh-lap-cong-ty-tnhh-hai-thanh-vien";
/// A procedure that sends results by post, and whose author lets people file for others.
pub const CERTIFICATE: &str = "/procedures/so-tuphap/cap-phieu-ly-lich-tu-phap";
pub const WATER: &str = "/procedures/so-tnmt/giay-phep-tham-do-nuoc-duoi-dat";

/// The first page of a birth registration.
pub const CHILD: &[(&str, &str)] = &[
    ("child_name", "Nguyễn Minh Khôi"),
    ("birth_date", "28/02/2026"),
    ("sex", "male"),
    ("birth_place", "Bệnh viện Phụ sản – Nhi Bình Dương"),
    ("do", "next"),
];
/// Its second page.
pub const PARENTS: &[(&str, &str)] = &[
    ("mother_name", "Nguyễn Thị Ngân"),
    ("mother_number", "074195000321"),
    ("parents_married", "false"),
    ("father_name", ""),
    ("copies", "2"),
    ("do", "next"),
];

/// The first page of founding a company.
pub const COMPANY_1: &[(&str, &str)] = &[
    ("company_name", "Công ty TNHH Gốm sứ An Bình"),
    ("short_name", ""),
    ("head_office", "12 Yersin, phường Phú Cường"),
    ("company_phone", "0912 345 678"),
    ("company_email", "lienhe@example.vn"),
    ("business_lines", "2393 Sản xuất sản phẩm gốm sứ khác"),
    ("do", "next"),
];
/// Its second page, in order.
pub const COMPANY_2: &[(&str, &str)] = &[
    ("charter_capital", "2.000.000.000"),
    ("members.0.name", "Nguyễn Văn An"),
    ("members.0.birth_date", "15/03/1985"),
    ("members.0.citizen_number", "074085000123"),
    ("members.0.contribution", "1.200.000.000"),
    ("members.0.share", "60"),
    ("members.1.name", "Lý Thu Sương"),
    ("members.1.birth_date", "02/09/1990"),
    ("members.1.citizen_number", "074190004567"),
    ("members.1.contribution", "800.000.000"),
    ("members.1.share", "40"),
    ("do", "next"),
];
/// Its third page.
pub const COMPANY_3: &[(&str, &str)] = &[
    ("representative_name", "Nguyễn Văn An"),
    ("representative_title", "director"),
    ("filed_by_agent", "false"),
    ("do", "next"),
];

/// The first page of a licence to explore groundwater.
pub const WATER_1: &[(&str, &str)] = &[
    ("organisation_name", "Trang trại Phú Giáo"),
    ("tax_code", "0100109106"),
    ("address", "Ấp 3, xã An Bình"),
    ("do", "next"),
];
/// Its second page.
pub const WATER_2: &[(&str, &str)] = &[
    ("purpose", "industry"),
    ("purpose", "irrigation"),
    ("flow", "320"),
    ("location", "Ấp 3, xã An Bình"),
    ("well_count", "2"),
    ("depth", "65,5"),
    ("start_date", "01/06/2026"),
    ("do", "next"),
];

/// The first page of a criminal record certificate that is filed for nobody else.
pub const CERTIFICATE_1: &[(&str, &str)] = &[("filing_for", "self"), ("do", "next")];
/// Its second page.
pub const CERTIFICATE_2: &[(&str, &str)] = &[
    ("full_name", "Nguyễn Văn An"),
    ("birth_date", "01/02/1985"),
    ("citizen_number", "074085000123"),
    ("address", "12 Yersin, phường Phú Cường"),
    ("former_name", ""),
    ("birth_place", "Bình Dương"),
    ("do", "next"),
];
/// Its third page.
pub const CERTIFICATE_3: &[(&str, &str)] = &[
    ("kind", "1"),
    ("residences.0.from_to", "2/1999 – nay"),
    ("residences.0.place", "12 Yersin, phường Phú Cường"),
    ("residences.0.occupation", ""),
    ("copies", "2"),
    ("student", "false"),
    ("do", "next"),
];
/// The choice of the post, with an address.
pub const BY_POST: &[(&str, &str)] = &[
    ("_delivery.way", "post"),
    ("_delivery.name", "Lê Văn Bình"),
    ("_delivery.phone", "0912 345 678"),
    ("_delivery.address.province", "74"),
    ("_delivery.address.commune", "25747"),
    ("_delivery.address.detail", "12 Yersin"),
    ("do", "next"),
];

/// Begins a draft and returns its address, such as `/drafts/…`.
pub async fn begin(citizen: &Browser, procedure: &str) -> String {
    citizen.get(procedure).await.ok();
    let page = citizen.post(&format!("{procedure}/apply"), &[]).await.ok();
    page.path.trim_end_matches("/1").to_owned()
}

/// Fills in a birth registration up to the review, and returns the draft's address.
pub async fn birth_draft(citizen: &Browser) -> String {
    let draft = begin(citizen, BIRTH).await;
    citizen.post(&format!("{draft}/1"), CHILD).await.ok();
    citizen.post(&format!("{draft}/2"), PARENTS).await.ok();
    citizen.upload(&format!("{draft}/papers/birth_proof"), &[], &[("file", "giấy chứng sinh.jpg", JPEG)]).await.ok();
    draft
}

/// Opens the review of a draft and returns the content that it showed, or an empty text if the draft was filed before.
pub async fn review(citizen: &Browser, draft: &str) -> String {
    let page = citizen.get(&format!("{draft}/review")).await.ok();
    page.hidden("draft-reviewed").unwrap_or_default().to_owned()
}

/// Files a draft and returns the dossier's address, such as `/dossiers/H09.31-260303-0001`.
pub async fn file(citizen: &Browser, draft: &str) -> String {
    let reviewed = review(citizen, draft).await;
    let fields = [("consent", "yes"), ("draft-reviewed", reviewed.as_str())];
    let receipt = citizen.post(&format!("{draft}/file"), &fields).await.ok();
    receipt.path.trim_end_matches("/receipt").to_owned()
}

/// Files a birth registration and returns the dossier's address.
pub async fn birth(citizen: &Browser) -> String {
    let draft = birth_draft(citizen).await;
    file(citizen, &draft).await
}

/// Files a company and returns the dossier's address.
pub async fn company(citizen: &Browser) -> String {
    let draft = company_draft(citizen).await;
    file(citizen, &draft).await
}

/// Fills in the founding of a company up to the review, and returns the draft's address.
pub async fn company_draft(citizen: &Browser) -> String {
    let draft = begin(citizen, COMPANY).await;
    for (page, fields) in [(1, COMPANY_1), (2, COMPANY_2), (3, COMPANY_3)] {
        citizen.post(&format!("{draft}/{page}"), fields).await.ok();
    }
    citizen.upload(&format!("{draft}/papers/charter"), &[], &[("file", "điều lệ.pdf", PDF)]).await.ok();
    let photos: &[(&str, &str, &[u8])] = &[("file", "cccd 1.jpg", JPEG), ("file", "cccd 2.jpg", JPEG)];
    citizen.upload(&format!("{draft}/papers/identity_papers"), &[], photos).await.ok();
    draft
}

/// Fills in the form for a criminal record certificate, and returns the draft's address.
pub async fn certificate_draft(citizen: &Browser) -> String {
    let draft = begin(citizen, CERTIFICATE).await;
    for (page, fields) in [(1, CERTIFICATE_1), (2, CERTIFICATE_2), (3, CERTIFICATE_3)] {
        citizen.post(&format!("{draft}/{page}"), fields).await.ok();
    }
    citizen.upload(&format!("{draft}/papers/identity"), &[], &[("file", "căn cước.jpg", JPEG)]).await.ok();
    draft
}

/// Files an application for a criminal record certificate that goes by post, and returns the dossier's address.
pub async fn certificate(citizen: &Browser) -> String {
    let draft = certificate_draft(citizen).await;
    citizen.post(&format!("{draft}/delivery"), BY_POST).await.ok();
    file(citizen, &draft).await
}

/// Files an application for exploring groundwater and returns the dossier's address.
pub async fn water(citizen: &Browser) -> String {
    let draft = begin(citizen, WATER).await;
    citizen.post(&format!("{draft}/1"), WATER_1).await.ok();
    citizen.post(&format!("{draft}/2"), WATER_2).await.ok();
    for paper in ["application", "project", "land_certificate"] {
        citizen.upload(&format!("{draft}/papers/{paper}"), &[], &[("file", "giấy tờ.pdf", PDF)]).await.ok();
    }
    file(citizen, &draft).await
}

/// The inputs of an action.
#[derive(Debug, Clone, Copy, Default)]
pub struct With<'a> {
    /// The note for the staff, and the words to the applicant.
    pub note: &'a str,
    /// The name of the officer who gets the next step.
    pub assignee: Option<&'a str>,
    pub result: Option<(&'a str, &'a [u8])>,
    pub new_grounds: &'a str,
}

/// Opens a dossier and takes an action.
pub async fn act(officer: &Browser, dossier: &str, action: &str, with: With<'_>) -> Page {
    let page = officer.get(dossier).await.ok();
    let seen = page.hidden("seen").unwrap_or("0").to_owned();
    let mut fields = vec![("seen", seen.as_str()), ("new_grounds", with.new_grounds)];
    fields.extend(["note", "reason"].map(|name| (name, with.note)));
    let chosen = with.assignee.and_then(|name| {
        let before = page.body.split(&format!("\">{name}</option>")).next()?;
        before.rsplit("<option value=\"").next().map(str::to_owned)
    });
    fields.extend(chosen.as_deref().map(|id| ("assignee", id)));
    let files: Vec<(&str, &str, &[u8])> = with.result.iter().map(|(name, bytes)| ("result", *name, *bytes)).collect();
    officer.upload(&format!("{dossier}/actions/{action}"), &fields, &files).await
}
