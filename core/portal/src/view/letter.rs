//! The data of the forms on paper, in the words of the law's forms. The forms are in Vietnamese only.

use crate::view::delivery::DeliveryContext;
use crate::view::format::{AnswerLine, AnswerSection};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use motcua_domain::time::calendar::local;
use serde::Serialize;

/// The data that the template of a form gets. What a form does not say, it does not get.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LetterContext {
    /// The day and the time of the form as numbers.
    pub day: LetterDay,
    /// The place and the day below the national heading: `Bình Dương, ngày 03 tháng 3 năm 2026`.
    pub place_and_day: String,
    /// The name of the province.
    pub province: String,
    /// The agency above this one, or an empty text.
    pub superior: String,
    /// The name of the agency.
    pub agency: String,
    /// The postal address of the agency, where the result is given, or an empty text.
    pub office: String,
    /// The phone number of the agency, or an empty text.
    pub office_phone: String,
    /// The code of the dossier.
    pub code: String,
    /// The name of the procedure.
    pub procedure: String,
    /// The name of the applicant.
    pub applicant: String,
    /// The person or the organisation for whom the applicant filed, with the number, or an empty text if they filed for
    /// themself.
    pub represented: String,
    /// The phone number of the applicant, or an empty text.
    pub phone: String,
    /// The e-mail address of the applicant, or an empty text.
    pub email: String,
    /// The name of the officer who signs, or an empty text for a signature by hand.
    pub officer: String,
    /// The time of the filing in words.
    pub received: String,
    /// The appointment of the receipt in words, or an empty text if it is not known.
    pub appointment: String,
    /// The name of the recipient, if the result goes by post, or an empty text (form 01, label).
    pub recipient: String,
    /// The phone number of the recipient, or an empty text (form 01, label).
    pub recipient_phone: String,
    /// The address of the recipient in one line, or an empty text (form 01, label).
    pub recipient_place: String,
    /// The amount that the carrier takes from the recipient, or an empty text if it is not stated (label).
    pub carrier_fee: String,
    /// The papers that were received (form 01, copy).
    pub papers: Vec<LetterPaper>,
    /// The limit for the whole dossier (form 01).
    pub limit: String,
    /// The time from which the limit counts, in words (form 01).
    pub counts_from: String,
    /// The fees and charges (form 01, copy).
    pub fees: Vec<LetterFee>,
    /// The sum of the fees with its unit (form 01, copy).
    pub total: String,
    /// The address of the page on which the dossier can be followed (form 01).
    pub look_up: String,
    /// That address as a QR code in the format SVG (form 01).
    pub qr: String,
    /// The papers and answers that are missing (form 02).
    pub missing: Vec<LetterMissing>,
    /// The officer's words about what is missing, the reason of a refusal, or an apology (forms 02 to 04). It has several lines.
    pub reason: String,
    /// The new grounds of a further request, or an empty text (form 02).
    pub new_grounds: String,
    /// The end of the applicant's limit in words (form 02).
    pub until: String,
    /// The agency received the dossier and refused what was applied for (form 03).
    pub refused_in_substance: bool,
    /// The legal documents of the procedure (form 03).
    pub laws: Vec<String>,
    /// The new appointment in words, or an empty text if it is not known (form 04).
    pub new_appointment: String,
    /// The steps up to now, the first one first (form 05).
    pub steps: Vec<LetterStep>,
    /// The sections of the form as it was filed (copy).
    pub sections: Vec<LetterSection>,
}

/// A day and a time as numbers.
#[derive(Debug, Clone, Serialize)]
pub struct LetterDay {
    /// The year.
    pub year: i16,
    /// The month, from 1.
    pub month: i8,
    /// The day of the month, from 1.
    pub day: i8,
    /// The hour, from 0 to 23.
    pub hour: i8,
    /// The minute.
    pub minute: i8,
}

impl Default for LetterDay {
    fn default() -> Self {
        Self::of(DateTime::constant(2026, 3, 3, 9, 0, 0, 0))
    }
}

impl LetterDay {
    /// Returns a moment as numbers.
    fn of(at: DateTime) -> Self {
        Self { year: at.year(), month: at.month(), day: at.day(), hour: at.hour(), minute: at.minute() }
    }

    /// Returns an instant as the numbers of its local time.
    pub fn at(at: Timestamp) -> Self {
        Self::of(local(at))
    }
}

/// A paper that was received.
#[derive(Debug, Clone, Serialize)]
pub struct LetterPaper {
    /// The name of the paper.
    pub name: String,
    /// The kind of paper in words, such as `bản sao`.
    pub kind: String,
    /// The number of its files.
    pub files: usize,
    /// The counter has seen the paper.
    pub on_paper: bool,
}

/// A fee or a charge.
#[derive(Debug, Clone, Serialize)]
pub struct LetterFee {
    /// The name of the fee.
    pub name: String,
    /// The amount with its unit.
    pub amount: String,
}

/// A paper or an answer that is missing.
#[derive(Debug, Clone, Serialize)]
pub struct LetterMissing {
    /// The name of the paper, or the question.
    pub name: String,
    /// The legal basis of asking for it, or an empty text.
    pub basis: String,
}

/// A stay of the dossier at a step.
#[derive(Debug, Clone, Serialize)]
pub struct LetterStep {
    /// The name of the step.
    pub name: String,
    /// The officer and the unit, as far as they are known.
    pub by: String,
    /// The time at which the dossier came to the step.
    pub entered: String,
    /// The time at which it left the step, or an empty text.
    pub left: String,
    /// The punctuality in words, or an empty text.
    pub punctuality: String,
    /// The words to the applicant, or an empty text.
    pub note: String,
}

/// A section of a filled-in form.
#[derive(Debug, Clone, Serialize)]
pub struct LetterSection {
    /// The title of the section.
    pub title: String,
    /// The answers of the section. Unanswered questions are left out.
    pub answers: Vec<LetterAnswer>,
}

/// A question with its answer.
#[derive(Debug, Clone, Serialize)]
pub struct LetterAnswer {
    /// The question, or the name of a table's row.
    pub label: String,
    /// The answer, or an empty text if it has rows. It may have several lines.
    pub value: String,
    /// The rows of a group, each with its answers.
    pub rows: Vec<Vec<LetterAnswer>>,
}

impl LetterSection {
    /// Returns the sections of a filled-in form.
    pub fn all(sections: Vec<AnswerSection>) -> Vec<Self> {
        let section = |of: AnswerSection| Self {
            title: of.title,
            answers: of.answers.into_iter().map(LetterAnswer::of).collect(),
        };
        sections.into_iter().map(section).collect()
    }
}

impl LetterAnswer {
    fn of(line: AnswerLine) -> Self {
        let row = |answers: Vec<AnswerLine>| -> Vec<Self> { answers.into_iter().map(Self::of).collect() };
        Self { label: line.label, value: line.value, rows: line.rows.into_iter().map(row).collect() }
    }
}

impl LetterContext {
    /// Returns the same with the recipient to whom the result goes by post, if it does.
    #[must_use]
    pub fn sent_to(self, delivery: DeliveryContext) -> Self {
        let DeliveryContext { place: recipient_place, name: recipient, phone: recipient_phone, fee, change: _ } =
            delivery;
        Self { recipient, recipient_phone, recipient_place, carrier_fee: fee, ..self }
    }

    /// Returns data for checking a theme: with everything that a form can say, and with as little as it can.
    pub fn samples() -> [Self; 2] {
        let bare = Self {
            place_and_day: "Bình Dương, ngày 03 tháng 3 năm 2026".into(),
            province: "Tỉnh Mẫu".into(),
            agency: "Sở Mẫu".into(),
            code: "H09.01-260303-0001".into(),
            procedure: "Thủ tục".into(),
            applicant: "Nguyễn Văn An".into(),
            received: "09 giờ 00 phút, ngày 03 tháng 3 năm 2026".into(),
            ..Self::default()
        };
        let full = Self {
            superior: "Ủy ban nhân dân tỉnh".into(),
            office: "Đường".into(),
            office_phone: "0274".into(),
            represented: "Lê Thị Bình (số định danh cá nhân 074195000321)".into(),
            phone: "0912345678".into(),
            email: "an@example.vn".into(),
            officer: "Lê Thị Mai".into(),
            appointment: "17 giờ 00 phút, ngày 06 tháng 3 năm 2026".into(),
            papers: vec![
                LetterPaper { name: "Đơn".into(), kind: "bản chính".into(), files: 2, on_paper: false },
                LetterPaper { name: "Giấy".into(), kind: "bản sao".into(), files: 0, on_paper: true },
            ],
            recipient: "Nguyễn Văn An".into(),
            recipient_phone: "0912345678".into(),
            recipient_place: "12 Yersin, Phú Cường, Bình Dương".into(),
            carrier_fee: "30.000 đ".into(),
            limit: "3 ngày làm việc".into(),
            counts_from: "09 giờ 00 phút, ngày 03 tháng 3 năm 2026".into(),
            fees: ["Phí", "Lệ phí"].map(|name| LetterFee { name: name.into(), amount: "50.000 đ".into() }).to_vec(),
            total: "100.000 đ".into(),
            look_up: "https://motcua.example/lookup".into(),
            qr: r#"<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9v9H0z"/></svg>"#.into(),
            missing: vec![LetterMissing { name: "Bản đồ".into(), basis: "Điều 16".into() }],
            reason: "Thiếu bản đồ.\nThiếu chữ ký.".into(),
            new_grounds: "Phát hiện mới".into(),
            until: "24 giờ 00 phút, ngày 30 tháng 3 năm 2026".into(),
            refused_in_substance: true,
            laws: vec!["Luật Hộ tịch".into()],
            new_appointment: "17 giờ 00 phút, ngày 12 tháng 3 năm 2026".into(),
            steps: vec![LetterStep {
                name: "Thẩm định".into(),
                by: "Lê Thị Mai".into(),
                entered: "03/03/2026 09:00".into(),
                left: "04/03/2026 09:00".into(),
                punctuality: "đúng hạn".into(),
                note: "Đủ".into(),
            }],
            sections: vec![LetterSection {
                title: "Người được khai sinh".into(),
                answers: vec![LetterAnswer {
                    label: "Cha, mẹ".into(),
                    value: String::new(),
                    rows: vec![vec![LetterAnswer {
                        label: "Họ và tên".into(),
                        value: "Trần Thị Bình\n(mẹ)".into(),
                        rows: vec![],
                    }]],
                }],
            }],
            ..bare.clone()
        };
        [full, bare]
    }
}

/// Writes a day in the words of official letters (Decree 30/2020): days below 10 and the months 1 and 2 have a zero before.
pub fn day_words(day: Date) -> String {
    let (number, month, year) = (day.day(), day.month(), day.year());
    let zero = if month < 3 { "0" } else { "" };
    format!("ngày {number:02} tháng {zero}{month} năm {year}")
}

/// Writes a moment in words: `07 giờ 30 phút, ngày 03 tháng 3 năm 2026`.
pub fn moment_words(at: Timestamp) -> String {
    let at = local(at);
    format!("{:02} giờ {:02} phút, {}", at.hour(), at.minute(), day_words(at.date()))
}

/// Returns the name of a province without the word for its kind, as it stands before the day of a letter.
pub fn place(province: &str) -> &str {
    ["Tỉnh ", "Thành phố "].into_iter().find_map(|kind| province.strip_prefix(kind)).unwrap_or(province)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use motcua_domain::time::calendar::instant;

    #[test]
    fn days_and_moments_are_written_as_in_official_letters() {
        assert_eq!(day_words(date(2026, 2, 9)), "ngày 09 tháng 02 năm 2026");
        assert_eq!(day_words(date(2026, 3, 10)), "ngày 10 tháng 3 năm 2026");
        assert_eq!(day_words(date(2026, 12, 31)), "ngày 31 tháng 12 năm 2026");
        let morning = instant(date(2026, 3, 3).at(7, 5, 0, 0));
        assert_eq!(moment_words(morning), "07 giờ 05 phút, ngày 03 tháng 3 năm 2026");
    }

    #[test]
    fn a_province_stands_before_the_day_without_its_kind() {
        assert_eq!(place("Tỉnh Bình Dương"), "Bình Dương");
        assert_eq!(place("Thành phố Hồ Chí Minh"), "Hồ Chí Minh");
        assert_eq!(place("Kiên Giang"), "Kiên Giang");
    }
}
