//! Filing for another person: the author's word about it, the questions and the paper that follow from the word, and the
//! person in the answers.
//!
//! The questions are the first page of the form, and the proof is a paper of the procedure. They are therefore judged,
//! reviewed, signed, supplemented and printed as all others are, and conditions read them.

use crate::expression::{Condition, Expression};
use crate::form::{Field, FieldChoice, FieldKind, Section, kinds};
use crate::media::MediaKind;
use crate::names::{Digest, PaperId};
use crate::procedure::{FilingHolder, Paper, PaperKind};
use crate::text::Text;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

/// The people for whom somebody may file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnBehalf {
    /// Nobody else: everybody files for themself.
    #[default]
    Nobody,
    /// Another person, with a paper that proves the right to do so.
    WithProof,
    /// Another person, without a proof.
    Anybody,
}

/// The person for whom somebody else files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RepresentedPerson<'a> {
    pub name: &'a str,
    /// The citizen number.
    pub number: &'a str,
    /// The telephone number, or an empty text.
    pub phone: &'a str,
    /// The relation of the person who files to this person, in words.
    pub relation: &'a str,
}

/// The question about for whom the dossier is filed, which is also the id of its page.
pub const FILING_FOR: &str = "filing_for";

const FOR_SELF: &str = "self";
const FOR_OTHER: &str = "other";

const NAME: &str = "represented_name";
const NUMBER: &str = "represented_number";
const PHONE: &str = "represented_phone";
const RELATION: &str = "represented_relation";

/// The paper that proves the right to file for the person.
pub const PROOF: &str = "representation_proof";

/// The longest name and the longest relation, in characters.
const LONGEST: usize = 100;

/// The largest file of the proof, in bytes.
const LARGEST: u64 = 10 << 20;

/// The most files of the proof.
const MOST_FILES: usize = 5;

/// Returns the condition of the questions about another person.
fn for_other() -> Condition {
    Expression::parse(&format!("{FILING_FOR} == '{FOR_OTHER}'")).map_or(Condition::Fixed(true), Condition::When)
}

/// Returns a question about the other person.
fn about_other(id: &str, label: Text, kind: FieldKind) -> Field {
    Field { shown: for_other(), ..Field::new(id, label, kind) }
}

impl OnBehalf {
    pub const ALL: [Self; 3] = [Self::Nobody, Self::WithProof, Self::Anybody];

    /// Returns the configuration word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::WithProof => "with-proof",
            Self::Anybody => "anybody",
        }
    }

    /// Returns whether everybody files for themself.
    pub const fn is_nobody(&self) -> bool {
        matches!(self, Self::Nobody)
    }

    /// Returns the page of the form that asks for whom the dossier is filed, unless everybody files for themself.
    pub fn section(self) -> Option<Section> {
        if self.is_nobody() {
            return None;
        }
        let choice = |value: &str, label| FieldChoice { value: value.to_owned(), label };
        let choices = vec![
            choice(FOR_SELF, Text::new("Cho chính tôi (người nộp)", "For myself (the person who files)")),
            choice(FOR_OTHER, Text::new("Cho một người khác", "For another person")),
        ];
        let question = Text::new("Bạn nộp hồ sơ này cho ai?", "For whom do you file this dossier?");
        let relation = Field {
            help: Some(Text::new(
                "Ví dụ: con, vợ, người giám hộ, người được ủy quyền.",
                "For example: child, wife, guardian, authorised person.",
            )),
            ..about_other(
                RELATION,
                Text::new("Quan hệ của bạn với người đó", "Your relation to that person"),
                FieldKind::Text(kinds::Text { max: LONGEST }),
            )
        };
        let phone = FieldKind::Phone(kinds::Phone { landline: true, foreign: false });
        let phone = Field {
            required: Condition::Fixed(false),
            ..about_other(
                PHONE,
                Text::new("Điện thoại của người đó (nếu có)", "Telephone of that person (if there is one)"),
                phone,
            )
        };
        Some(Section {
            id: FILING_FOR.to_owned(),
            title: Text::new("Người có hồ sơ", "The person of the dossier"),
            help: None,
            fields: vec![
                Field::new(FILING_FOR, question, FieldKind::OneOf(kinds::OneOf { choices })),
                about_other(
                    NAME,
                    Text::new("Họ, chữ đệm, tên của người đó", "Full name of that person"),
                    FieldKind::Text(kinds::Text { max: LONGEST }),
                ),
                about_other(
                    NUMBER,
                    Text::new("Số định danh cá nhân của người đó", "Citizen number of that person"),
                    FieldKind::CitizenNumber(kinds::CitizenNumber { birth: None, sex: None }),
                ),
                phone,
                relation,
            ],
        })
    }

    /// Returns the proof of the right to file for another person, if the author asks for one.
    pub fn proof(self) -> Option<Paper> {
        (self == Self::WithProof).then(|| Paper {
            id: PaperId::from(PROOF),
            name: Text::new(
                "Giấy ủy quyền hoặc giấy tờ chứng minh quyền nộp thay",
                "Authorisation, or another proof of the right to file for the person",
            ),
            help: Some(Text::new("Chỉ cần khi bạn nộp cho một người khác.", "Only if you file for another person.")),
            required: for_other(),
            kind: PaperKind::Copy,
            accept: MediaKind::OF_PAPERS.to_vec(),
            max_bytes: LARGEST,
            max_files: MOST_FILES,
            count: 1,
            template: None,
            basis: Vec::new(),
        })
    }

    /// Returns whether a question or a paper follows from the word, and was not written by the author.
    pub fn asks(self, id: &str) -> bool {
        !self.is_nobody() && [FILING_FOR, NAME, NUMBER, PHONE, RELATION, PROOF].contains(&id)
    }

    /// Returns whether nobody has said yet for whom these answers are filed, although the form asks.
    pub fn is_open(self, values: &Map<String, Json>) -> bool {
        !self.is_nobody() && values.get(FILING_FOR).and_then(Json::as_str).is_none()
    }

    /// Returns the person for whom somebody else files these answers, or none if they are filed for the filer.
    pub fn person(self, values: &Map<String, Json>) -> Option<RepresentedPerson<'_>> {
        let answer = |id: &str| values.get(id).and_then(Json::as_str).unwrap_or_default();
        let is_other = !self.is_nobody() && answer(FILING_FOR) == FOR_OTHER;
        is_other.then(|| RepresentedPerson {
            name: answer(NAME),
            number: answer(NUMBER),
            phone: answer(PHONE),
            relation: answer(RELATION),
        })
    }

    /// Returns the digest of the number of the person for whom somebody else files, or none if the answers are filed for
    /// the filer.
    pub fn holder(self, values: &Map<String, Json>) -> Option<Digest> {
        self.person(values).and_then(|_| FilingHolder::Answer(NUMBER.to_owned()).answer(values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn values(json: Json) -> Map<String, Json> {
        json.as_object().expect("an object").clone()
    }

    #[test]
    fn the_questions_about_another_person_are_shown_under_a_condition() {
        let section = OnBehalf::Anybody.section().expect("a page");
        let mut fields = section.fields.iter();
        assert_eq!(
            fields.next().map(|field| (field.id.as_str(), &field.shown)),
            Some((FILING_FOR, &Condition::Fixed(true)))
        );
        let (own, other) = (values(json!({ "filing_for": "self" })), values(json!({ "filing_for": "other" })));
        for field in fields {
            assert!(!field.shown.holds(&own) && field.shown.holds(&other), "{}", field.id);
            assert!(OnBehalf::Anybody.asks(&field.id) && !OnBehalf::Nobody.asks(&field.id), "{}", field.id);
        }
        assert_eq!(OnBehalf::Nobody.section(), None);
    }

    #[test]
    fn only_an_author_who_wants_a_proof_gets_one_from_people_who_file_for_others() {
        let proof = OnBehalf::WithProof.proof().expect("a paper");
        assert!(proof.required.holds(&values(json!({ "filing_for": "other" }))));
        assert!(!proof.required.holds(&values(json!({ "filing_for": "self" }))));
        assert_eq!((OnBehalf::Nobody.proof(), OnBehalf::Anybody.proof()), (None, None));
    }

    #[test]
    fn a_person_is_represented_only_where_the_author_allows_it_and_the_answers_say_so() {
        let answers = json!({ "filing_for": "other", "represented_name": "Lê Thị Bình",
            "represented_number": "074195000321", "represented_relation": "con" });
        let other = values(answers.clone());
        let person = RepresentedPerson { name: "Lê Thị Bình", number: "074195000321", phone: "", relation: "con" };
        assert_eq!(OnBehalf::WithProof.person(&other), Some(person));
        assert_eq!(OnBehalf::Nobody.person(&other), None);
        assert_eq!(OnBehalf::Anybody.person(&values(json!({ "filing_for": "self" }))), None);
        assert!(OnBehalf::Anybody.is_open(&Map::new()) && !OnBehalf::Anybody.is_open(&other));
        assert!(!OnBehalf::Nobody.is_open(&Map::new()));
    }

    #[test]
    fn the_holder_of_a_dossier_for_another_person_is_that_person() {
        let of = |number: &str| {
            OnBehalf::Anybody.holder(&values(json!({ "filing_for": "other", "represented_number": number })))
        };
        assert_eq!(of("074195000321"), of("074195000321"));
        assert_ne!(of("074195000321"), of("074195000322"));
        assert_eq!(OnBehalf::Anybody.holder(&values(json!({ "filing_for": "self" }))), None);
    }
}
