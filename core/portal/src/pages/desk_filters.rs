//! The filters of an officer's list, as its address and its page have them.

use crate::web::address;
use crate::web::visitor::PostedForm;
use motcua_domain::text::Language;
use motcua_service::{AskedFilters, DeskFilters};
use serde::{Deserialize, Serialize};

/// The view, the search and the filters that an officer wants, in the words of the address.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct OfficeQuery {
    #[serde(default)]
    pub view: String,
    #[serde(default)]
    pub q: String,
    #[serde(default)]
    pub after: String,
    #[serde(default)]
    pub procedure: String,
    #[serde(default)]
    pub step: String,
    #[serde(default)]
    pub unit: String,
    #[serde(default)]
    pub officer: String,
    #[serde(default)]
    pub due: String,
    #[serde(default)]
    pub channel: String,
    #[serde(default)]
    pub unread: String,
}

/// A filter of an officer's list, or its search, as a hidden field.
#[derive(Debug, Clone, Serialize)]
pub struct DeskField {
    /// The name in the address.
    pub name: &'static str,
    /// The value in the address.
    pub value: String,
}

/// A filter of an officer's list.
#[derive(Debug, Clone, Serialize)]
pub struct DeskFilter {
    /// The name in the address: `procedure`, `step`, `unit`, `officer`, `due`, `channel` or `unread`.
    pub name: &'static str,
    /// The values to choose from.
    pub values: Vec<DeskFilterValue>,
}

/// A value of a filter of an officer's list.
#[derive(Debug, Clone, Serialize)]
pub struct DeskFilterValue {
    /// The value in the address.
    pub value: String,
    /// The words for the value. If they are empty, the text is `desk-<filter>-<value>`.
    pub label: String,
    /// The value is chosen.
    pub chosen: bool,
}

/// A chosen filter of an officer's list.
#[derive(Debug, Clone, Serialize)]
pub struct DeskChip {
    /// The name of the filter, as in `filters`.
    pub name: &'static str,
    /// The value in the address.
    pub value: String,
    /// The words for the value, as in `filters`.
    pub label: String,
    /// The address of the same view without this filter.
    pub without: String,
}

impl OfficeQuery {
    /// Returns the filters that the address asks for.
    pub fn asked(&self) -> AskedFilters {
        AskedFilters {
            words: self.q.clone(),
            procedure: self.procedure.clone(),
            step: self.step.clone(),
            unit: self.unit.clone(),
            officer: self.officer.clone(),
            due: self.due.clone(),
            channel: self.channel.clone(),
            unread: self.unread.clone(),
        }
    }

    /// Returns the query without the filters whose values are unknown, and without the place of a page.
    #[must_use]
    pub fn known(mut self, filters: &DeskFilters) -> Self {
        self.after.clear();
        for name in &filters.unknown {
            self.forget(name);
        }
        self
    }

    /// Returns the search and the filters with their names in the address.
    fn parts(&self) -> [(&'static str, &str); 8] {
        [
            ("q", self.q.as_str()),
            ("procedure", self.procedure.as_str()),
            ("step", self.step.as_str()),
            ("unit", self.unit.as_str()),
            ("officer", self.officer.as_str()),
            ("due", self.due.as_str()),
            ("channel", self.channel.as_str()),
            ("unread", self.unread.as_str()),
        ]
    }

    /// Returns the search and the filters as hidden fields, without the empty ones.
    pub fn fields(&self) -> Vec<DeskField> {
        let asked = self.parts().into_iter().filter(|(_, value)| !value.is_empty());
        asked.map(|(name, value)| DeskField { name, value: value.to_owned() }).collect()
    }

    /// Reads a query from the fields of a form.
    pub fn posted(form: &PostedForm) -> Self {
        let field = |name: &str| form.get(name).to_owned();
        Self {
            view: field("view"),
            q: field("q"),
            after: String::new(),
            procedure: field("procedure"),
            step: field("step"),
            unit: field("unit"),
            officer: field("officer"),
            due: field("due"),
            channel: field("channel"),
            unread: field("unread"),
        }
    }

    /// Returns the address of a view with these filters, after a place in its list or from its beginning.
    pub fn address(&self, view: &str, after: &str) -> String {
        let mut query: Vec<(&str, &str)> = self.parts().to_vec();
        query.push(("after", after));
        address::desk(view, &query)
    }

    /// Returns the query of the address of a view with these filters, from the beginning of its list.
    pub fn list(&self, view: &str) -> String {
        self.address(view, "").split_once('?').map_or_else(String::new, |(_, query)| query.to_owned())
    }

    /// Returns the address of a view without one of the filters. Without a procedure, no step of it is asked for.
    pub fn without(&self, view: &str, name: &str) -> String {
        let mut rest = self.clone();
        rest.forget(name);
        if name == "procedure" {
            rest.step.clear();
        }
        rest.address(view, "")
    }

    fn forget(&mut self, name: &str) {
        match name {
            "q" => self.q.clear(),
            "procedure" => self.procedure.clear(),
            "step" => self.step.clear(),
            "unit" => self.unit.clear(),
            "officer" => self.officer.clear(),
            "due" => self.due.clear(),
            "channel" => self.channel.clear(),
            "unread" => self.unread.clear(),
            _ => {}
        }
    }
}

/// Returns the filters with their values in a language. A filter without values is left out.
pub fn shown(filters: &DeskFilters, language: Language) -> Vec<DeskFilter> {
    let filter = |criterion: &motcua_service::DeskCriterion| DeskFilter {
        name: criterion.name,
        values: criterion
            .choices
            .iter()
            .map(|choice| DeskFilterValue {
                value: choice.value.clone(),
                label: choice.label.as_ref().map_or_else(String::new, |label| label.get(language).to_owned()),
                chosen: choice.chosen,
            })
            .collect(),
    };
    filters.criteria.iter().filter(|criterion| !criterion.choices.is_empty()).map(filter).collect()
}

/// Returns the chosen filters of a view, each with the address that removes it.
pub fn chips(filters: &[DeskFilter], query: &OfficeQuery, view: &str) -> Vec<DeskChip> {
    let chip = |filter: &DeskFilter| {
        let chosen = filter.values.iter().find(|value| value.chosen)?;
        Some(DeskChip {
            name: filter.name,
            value: chosen.value.clone(),
            label: chosen.label.clone(),
            without: query.without(view, filter.name),
        })
    };
    filters.iter().filter_map(chip).collect()
}

impl DeskFilter {
    /// Returns filters for checking a theme: every filter with every value that a theme words.
    pub fn samples() -> Vec<Self> {
        let value = |value: &str, label: &str, chosen: bool| DeskFilterValue {
            value: value.into(),
            label: label.into(),
            chosen,
        };
        let filter = |name, values| Self { name, values };
        let officers = vec![value("me", "", false), value("nobody", "", true), value("mai.khdt", "Lê Thị Mai", false)];
        vec![
            filter("procedure", vec![value("1.001193", "Đăng ký khai sinh", true)]),
            filter("step", vec![value("check", "Thẩm tra", true)]),
            filter("unit", vec![value("so", "Sở Mẫu", false), value("so/phong", "Phòng Mẫu", true)]),
            filter("officer", officers),
            filter("due", ["late", "today", "week"].map(|word| value(word, "", word == "late")).into()),
            filter("channel", ["online", "counter"].map(|word| value(word, "", word == "online")).into()),
            filter("unread", vec![value("yes", "", true)]),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_all_filters_and_loses_one_with_its_chip() {
        let query = OfficeQuery {
            q: "an b".into(),
            procedure: "1.001193".into(),
            step: "check".into(),
            due: "late".into(),
            unit: "so/phong".into(),
            ..OfficeQuery::default()
        };
        let all = "/desk?view=open&q=an%20b&procedure=1%2E001193&step=check&unit=so%2Fphong&due=late";
        assert_eq!(query.address("open", ""), all);
        assert_eq!(query.address("open", "5~1~H09"), format!("{all}&after=5%7E1%7EH09"));
        assert_eq!(query.without("open", "due"), all.replace("&due=late", ""));
        assert_eq!(query.without("open", "procedure"), "/desk?view=open&q=an%20b&unit=so%2Fphong&due=late");
        let fields = query.fields().into_iter().map(|field| (field.name.to_owned(), field.value));
        assert_eq!(OfficeQuery::posted(&PostedForm(fields.collect())).address("open", ""), all);
        let filters = DeskFilters { unknown: vec!["due", "unit"], ..DeskFilters::default() };
        let known = "/desk?view=todo&q=an%20b&procedure=1%2E001193&step=check";
        assert_eq!(query.known(&filters).address("todo", ""), known);
    }
}
