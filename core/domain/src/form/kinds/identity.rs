//! Numbers of persons and of taxpayers.

use crate::dates::PartialDate;
use crate::form::finding::{FindingWords, wrong};
use crate::form::kinds::{AnswerType, Input, SingleKind};
use crate::identity;
use crate::text::Text;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

/// The number of a person, which must agree with the answers beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CitizenNumber {
    /// The field of the date of birth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth: Option<String>,
    /// The field of the sex, or `male` or `female`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sex: Option<String>,
}

/// The code of a taxpayer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaxCode;

impl SingleKind for CitizenNumber {
    fn read(&self, input: &Input<'_>) -> Result<Option<Json>, FindingWords> {
        input.read_text(|text| match identity::citizen_number(&text) {
            Some(number) => Ok(Some(Json::String(number))),
            None => wrong(
                "citizen-number",
                "Số định danh cá nhân (CCCD) gồm 12 chữ số, bắt đầu bằng mã tỉnh từ 001 đến 096.",
                "A citizen number has 12 digits and begins with a province code from 001 to 096.",
            ),
        })
    }

    fn schema(&self) -> Json {
        json!({ "type": "string", "pattern": "^[0-9]{12}$" })
    }

    fn answer_type(&self) -> AnswerType<'_> {
        AnswerType::Text
    }

    fn is_identity(&self) -> bool {
        true
    }

    fn names_beside(&self) -> Vec<&str> {
        [&self.birth, &self.sex].into_iter().filter_map(Option::as_deref).collect()
    }

    /// Returns the contradictions with the year of birth and with the sex.
    fn contradictions(&self, value: &Json, beside: &Map<String, Json>) -> Vec<FindingWords> {
        let number = value.as_str().unwrap_or_default();
        let answer = |id: &str| beside.get(id);
        let born = self.birth.as_deref().and_then(answer).and_then(PartialDate::of).map(PartialDate::year);
        let sex = match self.sex.as_deref() {
            Some(word @ ("male" | "female")) => Some(word),
            field => field.and_then(answer).and_then(Json::as_str),
        };
        let year = identity::birth_year(number).zip(born).filter(|(says, born)| says != born).map(|(says, born)| {
            Text::new(
                format!(
                    "Theo số định danh thì sinh năm {says}, nhưng ngày sinh ghi năm {born}; hãy xem lại thẻ căn cước."
                ),
                format!(
                    "The citizen number says born in {says}, the date of birth says {born}; look at the card again."
                ),
            )
        });
        let male = identity::is_male(number).zip(sex).filter(|(male, sex)| *male != (*sex == "male"));
        let sex = male.map(|(male, _)| {
            let (vi, en) = if male { ("nam", "a man") } else { ("nữ", "a woman") };
            Text::new(
                format!("Đây là số định danh của {vi}, không khớp với giới tính đã khai; hãy xem lại thẻ căn cước."),
                format!(
                    "This is the citizen number of {en}, which does not fit the sex given; look at the card again."
                ),
            )
        });
        year.into_iter().chain(sex).map(|text| ("citizen-number-mismatch", text)).collect()
    }
}

impl SingleKind for TaxCode {
    fn read(&self, input: &Input<'_>) -> Result<Option<Json>, FindingWords> {
        input.read_text(|text| match identity::tax_code(&text) {
            Some(code) => Ok(Some(Json::String(code))),
            None => wrong(
                "tax-code",
                "Mã số thuế gồm 10 hoặc 13 chữ số với chữ số kiểm tra, của cá nhân là số định danh 12 chữ số; hãy xem \
                 lại.",
                "A tax code has 10 or 13 digits with a check digit, that of a person is the citizen number of 12 \
                 digits; look again.",
            ),
        })
    }

    fn schema(&self) -> Json {
        json!({ "type": "string", "pattern": "^([0-9]{10}(-[0-9]{3})?|[0-9]{12})$" })
    }

    fn answer_type(&self) -> AnswerType<'_> {
        AnswerType::Text
    }

    fn is_identity(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use crate::dates::Precision;
    use crate::form::testing::{citizen_number, codes, field, form, judge_json};
    use crate::form::{FieldKind, kinds};
    use serde_json::json;

    #[test]
    fn the_number_of_each_row_agrees_with_the_birth_date_and_the_sex_beside_it() {
        let member = vec![
            field("born", FieldKind::Date(kinds::Date { past: true, precision: Precision::Year })),
            field("id", citizen_number(Some("born"), Some("female"))),
        ];
        let form = form(vec![field("members", FieldKind::Group(kinds::Group { min: 0, max: 5, fields: member }))]);
        let judged = judge_json(
            &form,
            json!({"members": [
                {"born": "1/2/1965", "id": "074165000123"},
                {"born": "1965", "id": "074 165 000 123"},
                {"born": "1966", "id": "074165000123"},
                {"born": "1965", "id": "074065000123"},
                {"born": "1865", "id": "074165000123"}
            ]}),
        );
        let mismatch = "citizen-number-mismatch";
        assert_eq!(
            codes(&judged),
            [("members.2.id", mismatch), ("members.3.id", mismatch), ("members.4.born", "date")],
            "a date that cannot be read agrees with everything"
        );
        assert!(judged.findings[0].text.vi.contains("1965") && judged.findings[0].text.vi.contains("1966"));
    }
}
