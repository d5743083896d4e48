//! Rules for founding a limited liability company with two or more members (Law on Enterprises 2020, articles 38, 46
//! and 47): capital is stated, there are two to fifty members and none twice, their shares make up the whole, the name
//! has no forbidden words, and the lines of business are in the register.
//!
//! Looks up the registers `business_lines` and `forbidden_names`, if they are granted.

use motcua_plugin_sdk::{
    Dossier, Entry, Finding, NotThere, Path, Validate, entries, error, export, find, findings, warning,
};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The form's values that the rules look at.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Values {
    company_name: Option<String>,
    /// Lines of business; codes of four or five digits among the words are looked up.
    business_lines: Option<String>,
    /// Charter capital in đồng.
    charter_capital: Option<i64>,
    members: Vec<Member>,
}

/// One member.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Member {
    name: Option<String>,
    citizen_number: Option<String>,
    /// Per cent of the capital, with at most two decimals.
    share: Option<f64>,
    /// Contribution in đồng.
    contribution: Option<i64>,
}

/// The plugin.
#[derive(Debug)]
pub struct Company;

impl Validate for Company {
    type Values = Values;

    fn validate(dossier: &Dossier<Values>) -> Vec<Finding> {
        let Values { company_name, business_lines, charter_capital, members } = &dossier.values;
        let count = members.len();
        let mut found = findings! {
            error at Path::field("charter_capital"), "capital-missing" if charter_capital.is_none_or(|capital| capital <= 0) =>
                vi: "Hãy ghi vốn điều lệ của công ty, lớn hơn 0 đồng.",
                en: "State the charter capital of the company, more than 0 đồng.";
            error at Path::field("members"), "member-count" if !(2..=50).contains(&count) =>
                vi: format!("Công ty TNHH hai thành viên trở lên có từ 2 đến 50 thành viên; hiện có {count}."),
                en: format!("This kind of company has 2 to 50 members; there are {count}.");
        };
        found.extend(twice(members));
        found.extend(shares(members));
        found.extend(contributions(*charter_capital, members));
        found.extend(company_name.as_deref().and_then(|name| forbidden(name, &entries("forbidden_names"))));
        for code in codes(business_lines.as_deref().unwrap_or_default()) {
            found.extend(line_unknown(code, &find("business_lines", code)));
        }
        found
    }
}

fn twice(members: &[Member]) -> Vec<Finding> {
    let mut seen = BTreeMap::new();
    let mut findings = Vec::new();
    for (index, member) in members.iter().enumerate() {
        let Some(number) = &member.citizen_number else { continue };
        if let Some(first) = seen.insert(number, index) {
            let name = member.name.as_deref().unwrap_or(number);
            findings.push(error(
                Path::field("members").then(index).then("citizen_number"),
                "member-twice",
                format!("{name} đã được khai ở thành viên số {}.", first + 1),
                format!("{name} is already given as member {}.", first + 1),
            ));
        }
    }
    findings
}

/// Hundredths of a per cent, so that sums are exact.
fn hundredths(share: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "a share is between 0 and 100")]
    let hundredths = (share * 100.0).round() as i64;
    hundredths
}

fn shares(members: &[Member]) -> Option<Finding> {
    let shares: Vec<i64> = members.iter().filter_map(|member| member.share.map(hundredths)).collect();
    let sum: i64 = shares.iter().sum();
    if shares.len() < members.len() || members.is_empty() || sum == 10_000 {
        return None; // A missing share is the form's own finding.
    }
    let (whole, part) = (sum / 100, sum % 100);
    Some(error(
        Path::field("members"),
        "shares-sum",
        format!("Tổng tỷ lệ góp vốn phải bằng 100 %; hiện là {whole},{part:02} %."),
        format!("The members' shares must sum to 100 %; they sum to {whole}.{part:02} %."),
    ))
}

fn contributions(capital: Option<i64>, members: &[Member]) -> Option<Finding> {
    let sum = members.iter().try_fold(0_i64, |sum, member| sum.checked_add(member.contribution?))?;
    let capital = capital.filter(|capital| *capital > 0)?;
    (sum != capital && !members.is_empty()).then(|| {
        warning(
            Path::field("members"),
            "contributions-sum",
            format!("Tổng phần vốn góp là {sum} đồng, vốn điều lệ là {capital} đồng. Hãy xem lại."),
            format!("The contributions sum to {sum} đồng, the charter capital is {capital} đồng. Please look again."),
        )
    })
}

/// Words without which a name must do (article 38): those of the register, as whole words.
fn forbidden(name: &str, register: &Result<Vec<Entry>, NotThere>) -> Option<Finding> {
    let words = |text: &str| format!(" {} ", text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" "));
    let name = words(name);
    let entry = register.as_ref().ok()?.iter().find(|entry| name.contains(&words(&entry.name)))?;
    Some(error(
        Path::field("company_name"),
        "name-forbidden",
        format!("Tên công ty không được có cụm từ “{}”.", entry.name),
        format!("The company's name must not have the words “{}”.", entry.name),
    ))
}

/// Codes of lines of business in a text: words of four or five digits.
fn codes(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !c.is_alphanumeric());
    words.filter(|word| matches!(word.len(), 4 | 5) && word.bytes().all(|b| b.is_ascii_digit()))
}

fn line_unknown(code: &str, found: &Result<Option<Entry>, NotThere>) -> Option<Finding> {
    // A number of four digits may also be a year, so the applicant is asked to look again.
    matches!(found, Ok(None)).then(|| {
        warning(
            Path::field("business_lines"),
            "line-unknown",
            format!("Mã ngành {code} không có trong Hệ thống ngành kinh tế Việt Nam."),
            format!("There is no line of business {code} in the register."),
        )
    })
}

export!(Company: Validate);

#[cfg(test)]
mod tests {
    use super::{Company, Entry, codes, forbidden, line_unknown};
    use motcua_plugin_sdk::ready::findings;

    fn found(values: &serde_json::Value) -> Vec<&'static str> {
        let dossier = serde_json::json!({"procedure": "x", "today": "2026-11-24", "values": values});
        findings::<Company>(&dossier.to_string()).into_iter().map(|finding| finding.code).collect()
    }

    fn member(number: &str, share: f64, contribution: i64) -> serde_json::Value {
        serde_json::json!({"name": number, "citizen_number": number, "share": share, "contribution": contribution})
    }

    #[test]
    fn a_company_in_order_has_no_findings() {
        let members = [member("1", 33.33, 1), member("2", 33.33, 1), member("3", 33.34, 1)];
        assert!(found(&serde_json::json!({"charter_capital": 3, "members": members})).is_empty());
    }

    #[test]
    fn every_rule_has_its_finding() {
        assert_eq!(found(&serde_json::json!({})), ["capital-missing", "member-count"]);
        let twice = [member("1", 50.0, 1), member("1", 49.99, 2)];
        let codes = found(&serde_json::json!({"charter_capital": 4, "members": twice}));
        assert_eq!(codes, ["member-twice", "shares-sum", "contributions-sum"]);
        let vast = [member("1", 50.0, i64::MAX), member("2", 50.0, i64::MAX)];
        assert!(found(&serde_json::json!({"charter_capital": 4, "members": vast})).is_empty(), "no sum, no panic");
    }

    #[test]
    #[should_panic(expected = "does not fit the types")]
    fn a_form_of_other_types_is_a_fault_of_the_procedure_and_no_finding() {
        found(&serde_json::json!({"members": 7}));
    }

    #[test]
    fn names_and_lines_are_compared_with_the_registers() {
        let register = Ok(vec![Entry { code: "1".into(), name: "Quốc hội".into(), parent: None }]);
        assert!(forbidden("Công ty TNHH QUỐC  HỘI mới", &register).is_some());
        assert!(forbidden("Công ty TNHH Quốc Hội-An", &register).is_none());
        let lines: Vec<&str> = codes("4711 Bán lẻ; 62010: phần mềm, năm 2026, 123, 123456, 0101a").collect();
        assert_eq!(lines, ["4711", "62010", "2026"]);
        assert!(line_unknown("4711", &Ok(None)).is_some());
        assert!(line_unknown("4711", &Err(motcua_plugin_sdk::NotThere::NotGranted)).is_none());
    }
}
