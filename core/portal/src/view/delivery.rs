//! The way in which an applicant gets the result, and the questions for it.

use crate::view::by_place::ByPlace;
use crate::view::field::{self, FieldContext, FieldsContext, FindingContext, finding};
use jiff::Timestamp;
use motcua_domain::expression::WorkBudget;
use motcua_domain::form::judge::Finding;
use motcua_domain::procedure::Procedure;
use motcua_domain::procedure::delivery::{AT_COUNTER, DELIVERY, PostalAddress, WAY, is_by_post, questions};
use motcua_domain::registry::Registries;
use motcua_domain::text::Language;
use serde::Serialize;
use serde_json::{Map, Value as Json};

/// The way in which an applicant gets the result.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DeliveryContext {
    /// The place to which the result goes by post in one line, or an empty text for the counter.
    pub place: String,
    /// The name of the recipient, or an empty text for the counter.
    pub name: String,
    /// The phone number of the recipient, or an empty text for the counter.
    pub phone: String,
    /// The amount that the carrier takes when it hands the result over, or an empty text if it is not stated.
    pub fee: String,
    /// The address of the page on which the reader can choose another way, or an empty text.
    pub change: String,
}

impl DeliveryContext {
    /// Returns the way of a choice. `procedure` states the amount of the carrier.
    pub fn of(post: Option<&PostalAddress>, procedure: &Procedure, language: Language) -> Self {
        let Some(post) = post else { return Self::default() };
        Self {
            place: post.place(),
            name: post.name.clone(),
            phone: post.phone.clone(),
            fee: carrier_fee(procedure, language),
            change: String::new(),
        }
    }

    /// Returns a way for checking a theme.
    pub fn sample(by_post: bool) -> Self {
        if !by_post {
            return Self::default();
        }
        Self {
            change: "/dossiers/H09.01-261124-0001/delivery".into(),
            place: "12 Yersin, Phú Cường, Bình Dương".into(),
            name: "Nguyễn Văn An".into(),
            phone: "0912345678".into(),
            fee: "30.000 đ".into(),
        }
    }
}

/// Returns the amount that the carrier takes, or an empty text if the procedure does not state it.
pub fn carrier_fee(procedure: &Procedure, language: Language) -> String {
    let fee = procedure.post.as_ref().and_then(|offer| offer.fee);
    fee.map_or_else(String::new, |fee| fee.shown(language))
}

/// Returns the questions with what was typed, and the findings, unless nobody has seen the questions yet. The questions
/// for the address follow once the post is chosen.
pub fn delivery_fields(
    procedure: &Procedure,
    registries: &Registries,
    typed: &Map<String, Json>,
    is_judged: bool,
    (now, language): (Timestamp, Language),
) -> (Vec<FieldContext>, Vec<FindingContext>) {
    let judged = procedure.delivery(typed, registries, now).on_page();
    let findings: Vec<Finding> = if is_judged { judged.findings } else { Vec::new() };
    let mut typed = typed.clone();
    let is_chosen = typed.get(WAY).and_then(Json::as_str).is_some_and(|way| !way.is_empty());
    if !is_chosen {
        typed.insert(WAY.to_owned(), AT_COUNTER.into());
    }
    let asked = if is_by_post(&typed) { questions() } else { questions().get(..1).unwrap_or_default() };
    let (by_place, work) = (ByPlace::new(&findings), WorkBudget::at(now));
    let files = |_: &str| Vec::new();
    let (areas, files, documents) = (None, &files, procedure.legal_documents());
    let around = FieldsContext { findings: &by_place, work: &work, registries, language, areas, files, documents };
    let values = &judged.values;
    let fields = field::fields(asked, &format!("{DELIVERY}."), &typed, values, values, around);
    let findings = findings.iter().map(|found| finding(found, language)).collect();
    (fields, findings)
}

/// Returns whether a posted form had the questions for the address.
pub fn asks_address(posted: &[(String, String)]) -> bool {
    let name = first_of_address();
    posted.iter().any(|(posted, _)| *posted == name)
}

/// Returns the name of the first question for the address, at which a page begins when it is new.
pub fn first_of_address() -> String {
    format!("{DELIVERY}.name")
}
