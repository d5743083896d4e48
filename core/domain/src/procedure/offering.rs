//! The agencies that offer a procedure together.

use crate::names::AgencyId;
use crate::people::organisation::Agency;
use serde::{Deserialize, Serialize};

/// The rule that says which agencies offer a procedure. The organisation says which agencies these are today.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OfferedBy {
    /// These agencies.
    Agencies(Vec<AgencyId>),
    /// All agencies of this kind.
    Kind(String),
    /// All agencies under this one in the tree.
    Under(AgencyId),
}

impl OfferedBy {
    /// Returns the agencies of an organisation that the rule names, in the order of the organisation.
    pub fn among<'a>(&self, all: &'a [Agency]) -> Vec<&'a Agency> {
        all.iter().filter(|agency| self.names(agency, all)).collect()
    }

    fn names(&self, agency: &Agency, all: &[Agency]) -> bool {
        match self {
            Self::Agencies(ids) => ids.contains(&agency.id),
            Self::Kind(kind) => agency.kind.as_ref() == Some(kind),
            Self::Under(top) => is_under(agency, top, all),
        }
    }
}

/// Returns whether an agency stands under another one, at any depth.
fn is_under(agency: &Agency, top: &AgencyId, all: &[Agency]) -> bool {
    let mut parent = agency.parent.as_ref();
    // No way up a tree has more agencies than there are.
    for _ in all {
        let Some(above) = parent else { return false };
        if above == top {
            return true;
        }
        parent = all.iter().find(|known| known.id == *above).and_then(|known| known.parent.as_ref());
    }
    false
}

#[cfg(test)]
mod tests {
    use super::OfferedBy;
    use crate::people::organisation::Agency;
    use crate::text::Text;

    fn agency(id: &str, kind: Option<&str>, parent: Option<&str>) -> Agency {
        Agency {
            id: id.into(),
            code: id.to_uppercase(),
            name: Text::vi(id),
            kind: kind.map(str::to_owned),
            parent: parent.map(Into::into),
            areas: Vec::new(),
            address: Text::default(),
            phone: String::new(),
            hours: None,
            map: None,
            units: Vec::new(),
            posts: Vec::new(),
        }
    }

    fn named(rule: &OfferedBy, all: &[Agency]) -> Vec<String> {
        rule.among(all).into_iter().map(|agency| agency.id.to_string()).collect()
    }

    #[test]
    fn agencies_offer_a_procedure_by_name_by_kind_and_by_their_place_in_the_tree() {
        let all = [
            agency("tinh", None, None),
            agency("huyen", Some("district"), Some("tinh")),
            agency("xa-b", Some("commune"), Some("huyen")),
            agency("xa-a", Some("commune"), Some("huyen")),
            agency("xa-c", Some("commune"), None),
        ];
        let by_name = OfferedBy::Agencies(vec!["xa-a".into(), "tinh".into()]);
        assert_eq!(named(&by_name, &all), ["tinh", "xa-a"]);
        assert_eq!(named(&OfferedBy::Kind("commune".to_owned()), &all), ["xa-b", "xa-a", "xa-c"]);
        assert_eq!(named(&OfferedBy::Under("tinh".into()), &all), ["huyen", "xa-b", "xa-a"]);
        assert_eq!(named(&OfferedBy::Under("xa-c".into()), &all), Vec::<String>::new());
    }

    #[test]
    fn a_ring_of_agencies_ends() {
        let all = [agency("a", None, Some("b")), agency("b", None, Some("a"))];
        assert_eq!(named(&OfferedBy::Under("c".into()), &all), Vec::<String>::new());
    }
}
