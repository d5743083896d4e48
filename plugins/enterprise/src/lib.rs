//! Rules for founding a limited liability company with two or more members (Law on Enterprises 2020, articles 46
//! and 47): capital is stated, there are at least two members and none twice, and their shares make up the whole.

use motcua_plugin_sdk::{Dossier, Finding, Validator, error, warning};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The form's values that the rules look at.
#[derive(Debug, Default, Deserialize)]
pub struct Values {
    /// Charter capital in đồng.
    #[serde(default)]
    charter_capital: Option<i64>,
    #[serde(default)]
    members: Vec<Member>,
}

/// One member.
#[derive(Debug, Default, Deserialize)]
pub struct Member {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    citizen_number: Option<String>,
    /// Per cent of the capital, with at most two decimals.
    #[serde(default)]
    share: Option<f64>,
    /// Contribution in đồng.
    #[serde(default)]
    contribution: Option<i64>,
}

/// The plugin.
#[derive(Debug)]
pub struct Company;

impl Validator for Company {
    type Values = Values;

    fn validate(dossier: &Dossier<Values>) -> Vec<Finding> {
        let Values { charter_capital, members } = &dossier.values;
        let mut findings = Vec::new();
        if charter_capital.is_none_or(|capital| capital <= 0) {
            findings.push(error(
                "charter_capital",
                "capital-missing",
                "Hãy ghi vốn điều lệ của công ty, lớn hơn 0 đồng.",
                "State the charter capital of the company, more than 0 đồng.",
            ));
        }
        if !(2..=50).contains(&members.len()) {
            findings.push(error(
                "members",
                "member-count",
                format!("Công ty TNHH hai thành viên trở lên có từ 2 đến 50 thành viên; hiện có {}.", members.len()),
                format!("This kind of company has 2 to 50 members; there are {}.", members.len()),
            ));
        }
        findings.extend(twice(members));
        findings.extend(shares(members));
        findings.extend(contributions(*charter_capital, members));
        findings
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
                format!("members.{index}.citizen_number"),
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
        "members",
        "shares-sum",
        format!("Tổng tỷ lệ góp vốn phải bằng 100 %; hiện là {whole},{part:02} %."),
        format!("The members' shares must sum to 100 %; they sum to {whole}.{part:02} %."),
    ))
}

fn contributions(capital: Option<i64>, members: &[Member]) -> Option<Finding> {
    let sum: i64 = members.iter().map(|member| member.contribution).sum::<Option<i64>>()?;
    let capital = capital.filter(|capital| *capital > 0)?;
    (sum != capital && !members.is_empty()).then(|| {
        warning(
            "members",
            "contributions-sum",
            format!("Tổng phần vốn góp là {sum} đồng, vốn điều lệ là {capital} đồng. Hãy xem lại."),
            format!("The contributions sum to {sum} đồng, the charter capital is {capital} đồng. Please look again."),
        )
    })
}

motcua_plugin_sdk::export_validator!(Company);

#[cfg(test)]
mod tests {
    use super::Company;
    use motcua_plugin_sdk::validate;

    fn codes(values: &serde_json::Value) -> Vec<String> {
        let dossier = serde_json::json!({"procedure": "x", "today": "2026-11-24", "values": values});
        validate::<Company>(&dossier.to_string()).into_iter().map(|finding| finding.code).collect()
    }

    fn member(number: &str, share: f64, contribution: i64) -> serde_json::Value {
        serde_json::json!({"name": number, "citizen_number": number, "share": share, "contribution": contribution})
    }

    #[test]
    fn a_company_in_order_has_no_findings() {
        let members = [member("1", 33.33, 1), member("2", 33.33, 1), member("3", 33.34, 1)];
        assert!(codes(&serde_json::json!({"charter_capital": 3, "members": members})).is_empty());
    }

    #[test]
    fn every_rule_has_its_finding() {
        assert_eq!(codes(&serde_json::json!({})), ["capital-missing", "member-count"]);
        let twice = [member("1", 50.0, 1), member("1", 49.99, 2)];
        let found = codes(&serde_json::json!({"charter_capital": 4, "members": twice}));
        assert_eq!(found, ["member-twice", "shares-sum", "contributions-sum"]);
        assert_eq!(codes(&serde_json::json!({"members": 7})), ["unreadable"]);
    }
}
