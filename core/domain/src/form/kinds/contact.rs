//! Telephone numbers and e-mail addresses.

use crate::form::finding::{FindingWords, wrong};
use crate::form::kinds::{AnswerType, Input, SingleKind, is_default};
use crate::identity;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

/// A fact of an account that can answer a question about the applicant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountFact {
    Name,
    Phone,
    Email,
}

/// A mobile number. Other numbers need the author's permission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phone {
    #[serde(default, skip_serializing_if = "is_default")]
    pub landline: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    pub foreign: bool,
}

/// An e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Email;

impl SingleKind for Phone {
    fn account_fact(&self) -> Option<AccountFact> {
        Some(AccountFact::Phone)
    }

    fn read(&self, input: &Input<'_>) -> Result<Option<Json>, FindingWords> {
        input.read_text(|text| match identity::phone(&text, self.landline, self.foreign) {
            Some(number) => Ok(Some(Json::String(number))),
            None => self.no_number(),
        })
    }

    fn schema(&self) -> Json {
        let landline = if self.landline { "|02[0-9]{9}|1[89]00([0-9]{2}){2,3}" } else { "" };
        let foreign = if self.foreign { r"|\+[1-9][0-9]{6,14}" } else { "" };
        json!({ "type": "string", "pattern": format!("^(0[35789][0-9]{{8}}{landline}{foreign})$") })
    }

    fn answer_type(&self) -> AnswerType<'_> {
        AnswerType::Text
    }
}

impl Phone {
    fn no_number<T>(&self) -> Result<T, FindingWords> {
        let (vi, en) = match (self.landline, self.foreign) {
            (false, false) => ("", ""),
            (true, false) => (" Số máy bàn bắt đầu bằng 02.", " A landline begins with 02."),
            (false, true) => {
                (" Số nước ngoài bắt đầu bằng + và mã nước.", " A foreign number begins with + and its code.")
            }
            (true, true) => (
                " Số máy bàn bắt đầu bằng 02, số nước ngoài bắt đầu bằng + và mã nước.",
                " A landline begins with 02, a foreign number with + and its code.",
            ),
        };
        wrong(
            "phone",
            format!("Số điện thoại di động gồm 10 chữ số, bắt đầu bằng 03, 05, 07, 08 hoặc 09.{vi}"),
            format!("A mobile number has 10 digits and begins with 03, 05, 07, 08 or 09.{en}"),
        )
    }
}

impl SingleKind for Email {
    fn account_fact(&self) -> Option<AccountFact> {
        Some(AccountFact::Email)
    }

    fn read(&self, input: &Input<'_>) -> Result<Option<Json>, FindingWords> {
        input.read_text(|text| match identity::email(&text) {
            Some(address) => Ok(Some(Json::String(address))),
            None => wrong(
                "email",
                "Địa chỉ thư điện tử có dạng ten@vidu.vn.",
                "An e-mail address looks like name@example.vn.",
            ),
        })
    }

    fn schema(&self) -> Json {
        json!({ "type": "string", "maxLength": 254, "pattern": "^[^@ ]+@[^@ ]+$" })
    }

    fn answer_type(&self) -> AnswerType<'_> {
        AnswerType::Text
    }
}
