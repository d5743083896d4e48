//! The delivery of results by post: the offer of a procedure, and the choice of an applicant with an address.

use crate::form::judge::{Finding, JudgeFacts, judge_fields};
use crate::form::kinds::{OneOf, Phone};
use crate::form::{Field, FieldChoice, FieldKind, kinds};
use crate::money::Dong;
use crate::procedure::Procedure;
use crate::registry::Registries;
use crate::text::Text;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use std::sync::LazyLock;

/// The name under which the answers of a draft have the choice of the delivery. No field can have it, because ids begin
/// with a letter.
pub const DELIVERY: &str = "_delivery";

/// The question for the way of the delivery.
pub const WAY: &str = "way";

/// The answer to [`WAY`] for the post. Every other answer is the counter.
pub const BY_POST: &str = "post";

/// The answer to [`WAY`] for the counter, which is the default.
pub const AT_COUNTER: &str = "counter";

/// The offer of a procedure to send results by post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostalOffer {
    /// The amount that the carrier takes when it hands the result over. `None` if the procedure does not state it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fee: Option<Dong>,
}

/// The person and the place to which a result goes by post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostalAddress {
    pub name: String,
    pub phone: String,
    /// The answer to a question for an address: `province`, `commune` and `detail`.
    pub address: Map<String, Json>,
}

/// The choice of the delivery after it was judged.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct JudgedDelivery {
    /// The address. `None` for the counter, and for an address with mistakes.
    pub post: Option<PostalAddress>,
    /// The answers to the questions for the post, as far as they could be read.
    pub values: Map<String, Json>,
    /// The mistakes in the address, each at its question.
    pub findings: Vec<Finding>,
}

impl JudgedDelivery {
    /// Returns the same with findings at paths that begin with [`DELIVERY`], as the names of the fields on pages do.
    #[must_use]
    pub fn on_page(self) -> Self {
        let placed = |found: Finding| Finding { path: format!("{DELIVERY}.{}", found.path), ..found };
        Self { findings: self.findings.into_iter().map(placed).collect(), ..self }
    }
}

static QUESTIONS: LazyLock<[Field; 4]> = LazyLock::new(|| {
    let choices =
        [(AT_COUNTER, "Tại bộ phận một cửa", "At the counter"), (BY_POST, "Gửi qua đường bưu điện", "By post")];
    let choices = choices.map(|(value, vi, en)| FieldChoice { value: value.to_owned(), label: Text::new(vi, en) });
    let text = FieldKind::Text(kinds::Text { max: 120 });
    let phone = FieldKind::Phone(Phone { landline: true, foreign: false });
    let way = FieldKind::OneOf(OneOf { choices: choices.to_vec() });
    [
        Field::new(WAY, Text::new("Cách nhận kết quả", "Way to get the result"), way),
        Field::new("name", Text::new("Họ tên người nhận", "Name of the recipient"), text),
        Field::new("phone", Text::new("Điện thoại người nhận", "Telephone of the recipient"), phone),
        Field::new("address", Text::new("Địa chỉ nhận", "Address"), FieldKind::Address),
    ]
});

/// Returns the questions for the delivery: the way, and the address for the post.
pub fn questions() -> &'static [Field] {
    QUESTIONS.as_slice()
}

/// Returns what a draft has typed about the delivery.
pub fn typed_in_draft(typed: &Map<String, Json>) -> Map<String, Json> {
    typed.get(DELIVERY).and_then(Json::as_object).cloned().unwrap_or_default()
}

/// Returns whether the way that was typed is the post.
pub fn is_by_post(typed: &Map<String, Json>) -> bool {
    typed.get(WAY).and_then(Json::as_str) == Some(BY_POST)
}

impl PostalAddress {
    /// Returns the place in one line, such as `12 Yersin, Phú Cường, Bình Dương`.
    pub fn place(&self) -> String {
        let part = |id: &str| {
            let answer = self.address.get(id)?;
            answer.as_str().or_else(|| answer.get("name")?.as_str()).map(str::to_owned)
        };
        ["detail", "commune", "province"].into_iter().filter_map(part).collect::<Vec<_>>().join(", ")
    }

    /// Returns the answers to [`questions`] from which this address follows again.
    pub fn retyped(&self) -> Map<String, Json> {
        let code = |(id, answer): (&String, &Json)| {
            let typed = answer.get("code").unwrap_or(answer);
            (id.clone(), typed.clone())
        };
        let address: Map<String, Json> = self.address.iter().map(code).collect();
        let answers = [
            (WAY, Json::from(BY_POST)),
            ("name", Json::from(self.name.as_str())),
            ("phone", Json::from(self.phone.as_str())),
            ("address", Json::Object(address)),
        ];
        answers.into_iter().map(|(id, answer)| (id.to_owned(), answer)).collect()
    }
}

impl Procedure {
    /// Judges what was typed about the delivery. Without an offer of the procedure, every result is at the counter.
    pub fn delivery(&self, typed: &Map<String, Json>, registries: &Registries, now: Timestamp) -> JudgedDelivery {
        if self.post.is_none() || !is_by_post(typed) {
            return JudgedDelivery::default();
        }
        let given = JudgeFacts { now, registries, files: &[], computed: None };
        let judged = judge_fields(&questions().iter().collect::<Vec<_>>(), typed, given);
        if !judged.complete() {
            return JudgedDelivery { post: None, values: judged.values, findings: judged.findings };
        }
        let text = |id: &str| judged.values.get(id).and_then(Json::as_str).unwrap_or_default().to_owned();
        let address = judged.values.get("address").and_then(Json::as_object).cloned().unwrap_or_default();
        JudgedDelivery {
            post: Some(PostalAddress { name: text("name"), phone: text("phone"), address }),
            values: judged.values,
            findings: Vec::new(),
        }
    }

    /// Judges the choice that a draft has. The findings stand at paths that begin with [`DELIVERY`].
    pub fn delivery_of_draft(
        &self,
        typed: &Map<String, Json>,
        registries: &Registries,
        now: Timestamp,
    ) -> JudgedDelivery {
        self.delivery(&typed_in_draft(typed), registries, now).on_page()
    }
}
