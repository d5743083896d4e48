//! Blocks: several questions that belong together, such as an address.

use crate::dates::Precision;
use crate::expression::Condition;
use crate::form::finding::FindingWords;
use crate::form::kinds::{CitizenNumber, Date, OneOf, Phone, Registry, is_default};
use crate::form::{Field, FieldChoice, FieldKind, kinds};
use crate::identity;
use crate::text::Text;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use std::sync::LazyLock;

/// The part at which a problem stands, and the problem.
type PartProblem = (&'static str, FindingWords);

/// The questions of a block, and a rule for their answers.
#[derive(Debug)]
pub struct Block {
    pub parts: Vec<Field>,
    /// Normalises the answers together, and returns the problems by the parts at which they stand.
    pub(crate) complete: fn(&mut Map<String, Json>) -> Vec<PartProblem>,
}

/// Name, birth date, sex, citizen number and address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The part of the birth date that must be known.
    #[serde(default, skip_serializing_if = "is_default")]
    pub precision: Precision,
}

/// The registries from which an address is chosen.
pub const ADDRESS_REGISTRIES: [&str; 2] = ["provinces", "communes"];

static ADDRESS: LazyLock<Block> = LazyLock::new(|| {
    let [provinces, communes] = ADDRESS_REGISTRIES.map(str::to_owned);
    let province = Registry { registry: provinces, under: None };
    let commune = Registry { registry: communes, under: Some("province".to_owned()) };
    of_parts(vec![
        part("province", "Tỉnh, thành phố", "Province", true, FieldKind::Registry(province)),
        part("commune", "Xã, phường, đặc khu", "Commune", true, FieldKind::Registry(commune)),
        part("detail", "Số nhà, đường, ấp, khu phố", "House number, street, hamlet", true, text(200)),
    ])
});

/// The questions of a person, by the required part of the birth date.
static PERSON: LazyLock<[Block; 3]> = LazyLock::new(|| Precision::ALL.map(person));

static ORGANISATION: LazyLock<Block> = LazyLock::new(|| {
    let phone = FieldKind::Phone(Phone { landline: true, foreign: true });
    of_parts(vec![
        part("name", "Tên tổ chức", "Name of the organisation", true, text(200)),
        part("tax_code", "Mã số thuế", "Tax code", true, FieldKind::TaxCode),
        part("address", "Trụ sở", "Head office", true, FieldKind::Address),
        part("phone", "Điện thoại", "Telephone", false, phone),
    ])
});

static BANK_ACCOUNT: LazyLock<Block> = LazyLock::new(|| {
    let parts = vec![
        part("bank", "Ngân hàng", "Bank", true, text(120)),
        part("number", "Số tài khoản", "Account number", true, text(19)),
        part("holder", "Tên chủ tài khoản", "Account holder", true, text(120)),
    ];
    Block { parts, complete: complete_account }
});

/// Returns the block of an address.
pub(super) fn address() -> &'static Block {
    &ADDRESS
}

/// Returns the block of an organisation.
pub(super) fn organisation() -> &'static Block {
    &ORGANISATION
}

/// Returns the block of a bank account.
pub(super) fn bank_account() -> &'static Block {
    &BANK_ACCOUNT
}

impl Person {
    pub(super) fn block(&self) -> &'static Block {
        let [day, month, year] = &*PERSON;
        match self.precision {
            Precision::Day => day,
            Precision::Month => month,
            Precision::Year => year,
        }
    }
}

fn person(precision: Precision) -> Block {
    let sexes = [("male", "Nam", "Male"), ("female", "Nữ", "Female")]
        .map(|(value, vi, en)| FieldChoice { value: value.to_owned(), label: Text::new(vi, en) });
    let birth = FieldKind::Date(Date { past: true, precision });
    let sex = FieldKind::OneOf(OneOf { choices: sexes.to_vec() });
    let number = CitizenNumber { birth: Some("birth_date".to_owned()), sex: Some("sex".to_owned()) };
    of_parts(vec![
        part("name", "Họ, chữ đệm, tên", "Full name", true, text(120)),
        part("birth_date", "Ngày sinh", "Date of birth", true, birth),
        part("sex", "Giới tính", "Sex", true, sex),
        part("citizen_number", "Số định danh cá nhân (CCCD)", "Citizen number", true, FieldKind::CitizenNumber(number)),
        part("address", "Nơi cư trú", "Residence", true, FieldKind::Address),
    ])
}

fn of_parts(parts: Vec<Field>) -> Block {
    Block { parts, complete: |_| Vec::new() }
}

fn part(id: &str, vi: &str, en: &str, required: bool, kind: FieldKind) -> Field {
    Field { required: Condition::Fixed(required), ..Field::new(id, Text::new(vi, en), kind) }
}

fn text(max: usize) -> FieldKind {
    FieldKind::Text(kinds::Text { max })
}

/// Checks the number of a bank account, and keeps it without blanks.
fn complete_account(values: &mut Map<String, Json>) -> Vec<PartProblem> {
    let Some(number) = values.get("number").and_then(Json::as_str) else { return Vec::new() };
    match identity::account_number(number) {
        Some(number) => {
            values.insert("number".to_owned(), number.into());
            Vec::new()
        }
        None => {
            let text = Text::new("Số tài khoản gồm 6 đến 19 chữ số.", "An account number has 6 to 19 digits.");
            vec![("number", ("account-number", text))]
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::dates::Precision;
    use crate::expression::Condition;
    use crate::form::testing::{codes, field, form, judge_json};
    use crate::form::{FieldKind, kinds};
    use serde_json::json;

    #[test]
    fn a_commune_belongs_to_its_province_and_a_name_is_as_good_as_a_code() {
        let form = form(vec![field("home", FieldKind::Address)]);
        let typed = |province: &str, commune: &str| json!({"home": {"province": province, "commune": commune, "detail": "12 Yersin"}});
        let judged = judge_json(&form, typed("74", "25747 Phú Cường"));
        assert!(judged.complete(), "{:?}", judged.findings);
        assert_eq!(judged.values["home"]["commune"], json!({"code": "25747", "name": "Phú Cường"}));
        assert!(judge_json(&form, typed("Bình Dương", "Phú Cường")).complete());
        assert_eq!(codes(&judge_json(&form, typed("74", "26734"))), [("home.commune", "choice")]);
        assert_eq!(
            codes(&judge_json(&form, typed("", "26734"))),
            [("home.province", "required"), ("home.commune", "choice")]
        );
    }

    #[test]
    fn a_person_is_one_block_whose_number_fits_birth_and_sex() {
        let mut person = field("father", FieldKind::Person(kinds::Person { precision: Precision::Day }));
        person.required = Condition::Fixed(false);
        let form = form(vec![person]);
        let typed = |number: &str| {
            json!({"father": {"name": "An", "birth_date": "1/2/1965", "sex": "male", "citizen_number": number,
                "address": {"province": "74", "commune": "25747", "detail": "12"}}})
        };
        assert!(judge_json(&form, typed("074065000123")).complete());
        let wrong = judge_json(&form, typed("074165000123"));
        assert_eq!(codes(&wrong), [("father.citizen_number", "citizen-number-mismatch")], "a woman's number");
        let empty = judge_json(&form, json!({"father": {"name": " ", "address": {"detail": ""}}}));
        assert!(empty.complete() && empty.values.is_empty(), "a block that is not required may stay empty");
        let begun = judge_json(&form, json!({"father": {"name": "An"}}));
        assert_eq!(begun.findings.len(), 6, "one that was begun is completed: {:?}", codes(&begun));
    }

    #[test]
    fn the_number_of_a_bank_account_is_kept_without_blanks() {
        let form = form(vec![field("account", FieldKind::BankAccount)]);
        let typed = |number: &str| json!({"account": {"bank": "VCB", "number": number, "holder": "AN"}});
        assert_eq!(judge_json(&form, typed("0071 0001 2345")).values["account"]["number"], json!("007100012345"));
        assert_eq!(codes(&judge_json(&form, typed("12a45"))), [("account.number", "account-number")]);
    }
}
