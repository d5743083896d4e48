//! Rules for founding a limited liability company with two or more members (Law on Enterprises 2020, articles 38, 46
//! and 47). Capital is stated, there are two to fifty different members, and their shares make up the whole. The name
//! has no forbidden words, and the lines of business are in the register.
//!
//! Looks up the registers `business_lines` and `forbidden_names`, if they are granted.

use motcua_plugin_sdk::numbers::{dong, whole};
use motcua_plugin_sdk::{
    Dossier, Entry, Finding, NotThere, Path, Validate, entries, error, export, find, findings, warning,
};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The form's values that the rules read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Values {
    company_name: Option<String>,
    /// The lines of business. Codes of four or five digits in the text are looked up.
    business_lines: Option<String>,
    /// The charter capital in đồng.
    charter_capital: Option<i64>,
    members: Vec<Member>,
}

/// One member.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Member {
    name: Option<String>,
    citizen_number: Option<String>,
    /// The share of the capital in per cent, with at most two decimals.
    share: Option<f64>,
    /// The contribution in đồng.
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

/// Returns hundredths of a per cent, so that sums are exact.
fn hundredths(share: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "a share is between 0 and 100")]
    let hundredths = (share * 100.0).round() as i64;
    hundredths
}

/// Returns whether shares make up the whole. Each is rounded to a hundredth, so each may be off by half of one: the shares
/// of three equal members sum to 99.99.
fn is_whole(sum: i64, members: usize) -> bool {
    let most = u64::try_from(members).unwrap_or(u64::MAX);
    sum.abs_diff(10_000).saturating_mul(2) <= most
}

fn shares(members: &[Member]) -> Option<Finding> {
    let shares: Vec<i64> = members.iter().filter_map(|member| member.share.map(hundredths)).collect();
    let sum = shares.iter().fold(0_i64, |sum, share| sum.saturating_add(*share));
    if shares.len() < members.len() || members.is_empty() || is_whole(sum, members.len()) {
        return None; // A missing share is the form's own finding.
    }
    let (whole, part) = (whole(sum / 100), sum % 100);
    Some(error(
        Path::field("members"),
        "shares-sum",
        format!("Tổng tỷ lệ góp vốn phải bằng 100 %; hiện là {},{part:02} %.", whole.vi),
        format!("The members' shares must sum to 100 %; they sum to {}.{part:02} %.", whole.en),
    ))
}

fn contributions(capital: Option<i64>, members: &[Member]) -> Option<Finding> {
    let sum = members.iter().try_fold(0_i64, |sum, member| sum.checked_add(member.contribution?))?;
    let capital = capital.filter(|capital| *capital > 0)?;
    (sum != capital && !members.is_empty()).then(|| {
        let (sum, capital) = (dong(sum), dong(capital));
        warning(
            Path::field("members"),
            "contributions-sum",
            format!("Tổng phần vốn góp là {}, vốn điều lệ là {}. Hãy xem lại.", sum.vi, capital.vi),
            format!("The contributions sum to {}, the charter capital is {}. Please look again.", sum.en, capital.en),
        )
    })
}

/// Returns a finding if a name has words of the register of forbidden names (article 38), as whole words.
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

/// Returns the codes of lines of business in a text: words of four or five digits.
fn codes(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !c.is_alphanumeric());
    words.filter(|word| matches!(word.len(), 4 | 5) && word.bytes().all(|b| b.is_ascii_digit()))
}

fn line_unknown(code: &str, found: &Result<Option<Entry>, NotThere>) -> Option<Finding> {
    // A number of four digits may also be a year, so the applicant is asked to check.
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
    use serde_json::json;

    fn found(values: &serde_json::Value) -> Vec<&'static str> {
        let dossier = json!({"procedure": "x", "today": "2026-11-24", "values": values});
        findings::<Company>(&dossier.to_string()).into_iter().map(|finding| finding.code).collect()
    }

    fn member(number: &str, share: f64, contribution: i64) -> serde_json::Value {
        json!({"name": number, "citizen_number": number, "share": share, "contribution": contribution})
    }

    #[test]
    fn a_company_in_order_has_no_findings() {
        let members = [member("1", 33.33, 1), member("2", 33.33, 1), member("3", 33.34, 1)];
        assert!(found(&json!({"charter_capital": 3, "members": members})).is_empty());
    }

    #[test]
    fn every_rule_has_its_finding() {
        assert_eq!(found(&json!({})), ["capital-missing", "member-count"]);
        let twice = [member("1", 50.0, 1), member("1", 49.9, 2)];
        let codes = found(&json!({"charter_capital": 4, "members": twice}));
        assert_eq!(codes, ["member-twice", "shares-sum", "contributions-sum"]);
        let vast = [member("1", 50.0, i64::MAX), member("2", 50.0, i64::MAX)];
        assert!(found(&json!({"charter_capital": 4, "members": vast})).is_empty(), "no sum, no panic");
    }

    #[test]
    fn members_with_equal_shares_need_not_lie() {
        let shares = |shares: &[f64]| {
            let members: Vec<serde_json::Value> = shares.iter().map(|share| json!({"share": share})).collect();
            let dossier =
                json!({"procedure": "x", "today": "2026-11-24", "values": {"charter_capital": 3, "members": members}});
            let found = findings::<Company>(&dossier.to_string()).into_iter();
            found.filter(|finding| finding.code == "shares-sum").map(|finding| finding.text.en).collect::<Vec<_>>()
        };
        for count in 2_u32..=50 {
            let rounded = (10_000.0 / f64::from(count)).round() / 100.0;
            let equal = vec![rounded; usize::try_from(count).expect("few")];
            assert!(shares(&equal).is_empty(), "{count} members with {rounded} % each");
        }
        assert!(shares(&[3.13, 96.88]).is_empty(), "a thirty-second part, and the rest of it");
        assert_eq!(shares(&[33.3, 33.3, 33.3]), ["The members' shares must sum to 100 %; they sum to 99.90 %."]);
        assert_eq!(shares(&[50.0, 49.98]).len(), 1);
        assert_eq!(shares(&[100.0; 11]), ["The members' shares must sum to 100 %; they sum to 1,100.00 %."]);
        assert_eq!(shares(&[1e300, 1e300]).len(), 1, "no panic");
    }

    #[test]
    fn money_is_written_as_the_reader_of_each_language_writes_it() {
        let members = [member("1", 50.0, 1_000_000_000), member("2", 50.0, 500)];
        let values = json!({"charter_capital": 2_000_000, "members": members});
        let dossier = json!({"procedure": "x", "today": "2026-11-24", "values": values}).to_string();
        let texts: Vec<_> = findings::<Company>(&dossier).into_iter().map(|finding| finding.text).collect();
        assert_eq!(texts.len(), 1);
        assert!(texts[0].vi.contains("1.000.000.500 đồng, vốn điều lệ là 2.000.000 đồng"), "{}", texts[0].vi);
        assert!(texts[0].en.contains("1,000,000,500 đồng, the charter capital is 2,000,000 đồng"), "{}", texts[0].en);
    }

    #[test]
    #[should_panic(expected = "does not fit the types")]
    fn a_form_of_other_types_is_a_fault_of_the_procedure_and_no_finding() {
        found(&json!({"members": 7}));
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
