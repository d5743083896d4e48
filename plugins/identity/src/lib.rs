//! Checks citizen and tax numbers across a form: a number agrees with the date of birth and the sex beside it, nobody
//! occurs twice in a list, and tax codes have their check digit. Works on any form that names its fields as usual:
//! `citizen_number`, `birth_date`, `sex`, `tax_code`, or with a word before them, such as `mother_number`,
//! `mother_birth_date`, `seller_tax_code`.
//!
//! Proposes the applicant's own name, number and address in `full_name`, `phone`, `email` and the like.

use motcua_plugin_sdk::numbers::{Citizen, is_tax_code, year};
use motcua_plugin_sdk::{Dossier, Finding, Known, Path, Prefill, Validate, Value, error, export, value, warning};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// The plugin.
#[derive(Debug)]
pub struct Identity;

impl Validate for Identity {
    type Values = Map<String, Json>;

    fn validate(dossier: &Dossier<Self::Values>) -> Vec<Finding> {
        let mut found = Vec::new();
        answers(&Path::form(), &dossier.values, &mut found);
        found
    }
}

/// Checks answers that stand beside one another, and those within them.
fn answers(at: &Path, values: &Map<String, Json>, found: &mut Vec<Finding>) {
    let text = |name: &str| values.get(name).and_then(Json::as_str);
    for (name, value) in values {
        let place = at.clone().then(name);
        match value {
            Json::String(number) if name.ends_with("tax_code") && !is_tax_code(number) => found.push(error(
                place,
                "tax-code",
                format!("Mã số thuế {number} không đúng chữ số kiểm tra."),
                format!("The tax code {number} has a wrong check digit."),
            )),
            Json::String(number) if name.ends_with("number") => {
                let Some(holder) = Citizen::read(number) else { continue };
                let word = name.strip_suffix("number").map(|word| word.strip_suffix("citizen_").unwrap_or(word));
                let beside = |what: &str| text(&format!("{}{what}", word.unwrap_or_default()));
                let birth = values.get(&format!("{}birth_date", word.unwrap_or_default()));
                let born = birth.and_then(year_of).filter(|year| *year != holder.birth_year);
                let sex = beside("sex").filter(|sex| (*sex == "male") != holder.male);
                if let Some(year) = born {
                    found.push(error(
                        place.clone(),
                        "number-birth-year",
                        format!("Số định danh ghi năm sinh {}, ngày sinh ghi năm {year}.", holder.birth_year),
                        format!(
                            "The citizen number says born in {}, the date of birth says {year}.",
                            holder.birth_year
                        ),
                    ));
                }
                if sex.is_some() {
                    found.push(error(
                        place,
                        "number-sex",
                        "Số định danh không khớp với giới tính đã khai.",
                        "The citizen number does not fit the sex that is given.",
                    ));
                }
            }
            Json::Object(inner) => answers(&place, inner, found),
            Json::Array(rows) => list(&place, rows, found),
            _ => {}
        }
    }
}

/// Returns the year of a date, or of one whose day may be unknown: `{ "year": 1960 }`.
fn year_of(date: &Json) -> Option<i64> {
    date.as_str().map_or_else(|| date.get("year").and_then(Json::as_i64), year)
}

fn list(at: &Path, rows: &[Json], found: &mut Vec<Finding>) {
    let mut seen = BTreeMap::new();
    for (row, answers_of) in rows.iter().enumerate() {
        let Some(values) = answers_of.as_object() else { continue };
        answers(&at.clone().then(row), values, found);
        let Some(number) = values.get("citizen_number").and_then(Json::as_str) else { continue };
        if let Some(first) = seen.insert(number, row + 1) {
            found.push(warning(
                at.clone().then(row).then("citizen_number"),
                "number-twice",
                format!("Số định danh này đã có ở dòng {first}."),
                format!("This citizen number is in row {first} already."),
            ));
        }
    }
}

impl Prefill for Identity {
    fn prefill(known: &Known) -> Vec<Value> {
        let applicant = &known.applicant;
        let names = ["full_name", "applicant_name"].map(|field| (field, Some(&applicant.name)));
        let phones = ["phone", "applicant_phone", "contact_phone"].map(|field| (field, Some(&applicant.phone)));
        let emails = ["email", "applicant_email"].map(|field| (field, applicant.email.as_ref()));
        let all = names.into_iter().chain(phones).chain(emails);
        all.filter_map(|(field, known)| value(&Path::field(field), known?)).collect()
    }
}

export!(Identity: Validate, Prefill);

#[cfg(test)]
mod tests {
    use super::Identity;
    use motcua_plugin_sdk::ready::findings;
    use motcua_plugin_sdk::{Applicant, Known, Prefill as _};
    use serde_json::json;

    fn codes(values: serde_json::Value) -> Vec<String> {
        let dossier = json!({"procedure": "x", "today": "2026-11-24", "values": values});
        let found = findings::<Identity>(&dossier.to_string());
        found.into_iter().map(|finding| format!("{} {}", finding.path, finding.code)).collect()
    }

    #[test]
    fn numbers_agree_with_what_stands_beside_them() {
        let woman = json!({"citizen_number": "074195001234", "birth_date": "1995-03-01", "sex": "female"});
        assert!(
            codes(json!({"mother_number": "074195001234", "members": [woman], "tax_code": "0100109106"})).is_empty()
        );
        let man = json!({"citizen_number": "074195001234", "birth_date": "1996-03-01", "sex": "male"});
        assert_eq!(
            codes(json!({"members": [woman, man]})),
            [
                "members.1.citizen_number number-birth-year",
                "members.1.citizen_number number-sex",
                "members.1.citizen_number number-twice"
            ]
        );
        let mother = json!({"mother_number": "074195001234", "mother_birth_date": "1990-01-01", "seller_tax_code": "0100109107"});
        assert_eq!(codes(mother), ["mother_number number-birth-year", "seller_tax_code tax-code"]);
        let old = json!({"citizen_number": "074160001234", "birth_date": {"year": 1961}});
        assert_eq!(codes(json!({"members": [old]})), ["members.0.citizen_number number-birth-year"]);
        assert!(codes(json!({"sheet_number": 12, "house_number": "12A", "number": ""})).is_empty());
    }

    #[test]
    fn the_applicants_own_data_are_proposed() {
        let applicant = Applicant { name: "An".into(), phone: "0912345678".into(), email: None };
        let proposed = Identity::prefill(&Known { applicant, ..Known::default() });
        assert_eq!(proposed.len(), 5, "no address is known");
        assert_eq!((proposed[0].field.as_str(), proposed[0].json.as_str()), ("full_name", "\"An\""));
    }
}
