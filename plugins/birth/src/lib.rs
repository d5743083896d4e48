//! Registering a birth (Law on Civil Status 2014, article 15): checks that ages and dates agree with one another and
//! with the parents' citizen numbers, and names a late registration.

use motcua_plugin_sdk::numbers::{Citizen, age, days, year};
use motcua_plugin_sdk::{Dossier, Finding, Path, Validate, error, export, findings, warning};
use serde::Deserialize;

/// The days after the birth within which it must be registered.
const IN_TIME: i64 = 60;

/// The form's values that the rules read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Values {
    birth_date: Option<String>,
    mother_number: Option<String>,
    mother_birth_date: Option<String>,
    father_number: Option<String>,
    father_birth_date: Option<String>,
    /// The day of the parents' marriage.
    marriage_date: Option<String>,
}

/// The plugin.
#[derive(Debug)]
pub struct Birth;

impl Validate for Birth {
    type Values = Values;

    fn validate(dossier: &Dossier<Values>) -> Vec<Finding> {
        let Values { birth_date, marriage_date, .. } = &dossier.values;
        let Some(born) = birth_date.as_deref().filter(|date| days(date).is_some()) else { return Vec::new() };
        let since = days(&dossier.today).zip(days(born)).map_or(0, |(today, born)| today - born);
        let before_marriage = marriage_date.as_deref().and_then(days).zip(days(born)).is_some_and(|(a, b)| b < a);
        let mut found = findings! {
            error at Path::field("birth_date"), "born-later" if since < 0 =>
                vi: "Ngày sinh sau ngày nộp hồ sơ.",
                en: "The date of birth is after today.";
            warning at Path::field("birth_date"), "late" if since > IN_TIME =>
                vi: format!("Đã quá {IN_TIME} ngày kể từ ngày sinh; hồ sơ là đăng ký khai sinh quá hạn."),
                en: format!("More than {IN_TIME} days have passed since the birth; this is a late registration.");
            warning at Path::field("marriage_date"), "before-marriage" if before_marriage =>
                vi: "Con sinh trước ngày đăng ký kết hôn; cha mẹ cần có văn bản thừa nhận con chung.",
                en: "The child was born before the marriage; the parents need to acknowledge it.";
        };
        found.extend(Parent::mother(&dossier.values).findings(born));
        found.extend(Parent::father(&dossier.values).findings(born));
        found
    }
}

struct Parent<'a> {
    field: &'static str,
    male: bool,
    number: Option<&'a str>,
    birth_date: Option<&'a str>,
    youngest: i64,
    oldest: i64,
    vi: &'static str,
    en: &'static str,
}

impl<'a> Parent<'a> {
    fn mother(values: &'a Values) -> Self {
        Self {
            field: "mother_number",
            male: false,
            number: values.mother_number.as_deref(),
            birth_date: values.mother_birth_date.as_deref(),
            youngest: 12,
            oldest: 60,
            vi: "mẹ",
            en: "mother",
        }
    }

    fn father(values: &'a Values) -> Self {
        Self {
            field: "father_number",
            male: true,
            number: values.father_number.as_deref(),
            birth_date: values.father_birth_date.as_deref(),
            youngest: 12,
            oldest: 90,
            vi: "cha",
            en: "father",
        }
    }

    fn findings(&self, born: &str) -> Vec<Finding> {
        let Self { field, vi, en, .. } = self;
        let holder = self.number.and_then(Citizen::read);
        // The citizen number contains only the year.
        let by_number = || Some(year(born)? - holder?.birth_year);
        let Some(years) = self.birth_date.and_then(|date| age(date, born)).or_else(by_number) else {
            return Vec::new();
        };
        let at = || Path::field(field);
        let other_sex = holder.is_some_and(|holder| holder.male != self.male);
        let mut found = Vec::new();
        if other_sex {
            found.push(error(
                at(),
                "parent-sex",
                format!("Số định danh của {vi} không khớp với giới tính của {vi}."),
                format!("The citizen number of the {en} is not that of a {}.", if self.male { "man" } else { "woman" }),
            ));
        }
        if years < self.youngest {
            found.push(error(
                at(),
                "parent-young",
                format!("Theo số đã khai, {vi} mới {years} tuổi khi con sinh ra."),
                format!("The {en} would have been {years} years old when the child was born."),
            ));
        }
        if years > self.oldest {
            found.push(warning(
                at(),
                "parent-old",
                format!("Theo số đã khai, {vi} đã {years} tuổi khi con sinh ra; hãy xem lại."),
                format!("The {en} would have been {years} years old when the child was born; please look again."),
            ));
        }
        found
    }
}

export!(Birth: Validate);

#[cfg(test)]
mod tests {
    use super::Birth;
    use motcua_plugin_sdk::ready::findings;
    use serde_json::json;

    fn codes(values: serde_json::Value) -> Vec<&'static str> {
        let dossier = json!({"procedure": "x", "today": "2026-11-24", "values": values});
        findings::<Birth>(&dossier.to_string()).into_iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn ages_and_dates_agree() {
        assert!(codes(json!({"birth_date": "2026-11-01", "mother_number": "074195001234"})).is_empty());
        assert!(codes(json!({})).is_empty());
        assert!(codes(json!({"birth_date": "not yet"})).is_empty());
        assert_eq!(codes(json!({"birth_date": "2026-11-25"})), ["born-later"]);
        assert_eq!(codes(json!({"birth_date": "2026-09-01"})), ["late"]);
        assert_eq!(codes(json!({"birth_date": "2026-11-01", "mother_number": "074095001234"})), ["parent-sex"]);
        assert_eq!(codes(json!({"birth_date": "2026-11-01", "mother_number": "074320001234"})), ["parent-young"]);
        assert_eq!(codes(json!({"birth_date": "2026-11-01", "mother_number": "074150001234"})), ["parent-old"]);
        assert_eq!(codes(json!({"birth_date": "2026-11-01", "father_birth_date": "2015-11-02"})), ["parent-young"]);
        let married = json!({"birth_date": "2026-11-01", "marriage_date": "2026-11-02"});
        assert_eq!(codes(married), ["before-marriage"]);
    }
}
