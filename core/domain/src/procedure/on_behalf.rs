//! Filing for another person or for an organisation: the author's word about it, the questions and the paper that follow
//! from the word, and the person or the organisation in the answers.
//!
//! The questions are the first page of the form, and the proof is a paper of the procedure. They are therefore judged,
//! reviewed, signed, supplemented and printed as all others are, and conditions read them.

use crate::expression::{Condition, Expression};
use crate::form::{Field, FieldChoice, FieldKind, Section, kinds};
use crate::media::{MediaKind, PAPER_FILES, PAPER_MEGABYTES};
use crate::names::{Digest, PaperId};
use crate::procedure::{Audience, FilingHolder, Paper, PaperKind};
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
    /// Another person or an organisation, with a paper that proves the right to do so.
    WithProof,
    /// Another person or an organisation, without a proof.
    Anybody,
}

/// The person or the organisation for whom somebody else files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RepresentedPerson<'a> {
    pub is_organisation: bool,
    pub name: &'a str,
    /// The citizen number of the person, or the tax code of the organisation.
    pub number: &'a str,
    /// The telephone number, or an empty text. Organisations have none here.
    pub phone: &'a str,
    /// The relation of the person who files to this person or organisation, in words.
    pub relation: &'a str,
}

/// The question about for whom the dossier is filed, which is also the id of its page.
pub const FILING_FOR: &str = "filing_for";

const FOR_SELF: &str = "self";
const FOR_OTHER: &str = "other";
const FOR_ORGANISATION: &str = "organisation";

const NAME: &str = "represented_name";
const NUMBER: &str = "represented_number";
const PHONE: &str = "represented_phone";
const ORGANISATION: &str = "represented_organisation";
const TAX_CODE: &str = "represented_tax_code";
const RELATION: &str = "represented_relation";

/// The paper that proves the right to file for the person or the organisation.
pub const PROOF: &str = "representation_proof";

/// The longest name of a person and the longest relation, in characters.
const LONGEST: usize = 100;

/// The longest name of an organisation, in characters.
const LONGEST_OF_ORGANISATION: usize = 200;

/// Returns the condition that the dossier is filed for one of these.
fn filed_for(words: &[&str]) -> Condition {
    let each: Vec<String> = words.iter().map(|word| format!("{FILING_FOR} == '{word}'")).collect();
    Expression::parse(&each.join(" || ")).map_or(Condition::Fixed(true), Condition::When)
}

/// Returns the condition that somebody files for somebody else.
fn for_others() -> Condition {
    filed_for(&[FOR_OTHER, FOR_ORGANISATION])
}

/// Returns a question about another person.
fn about_other(id: &str, label: Text, kind: FieldKind) -> Field {
    Field { shown: filed_for(&[FOR_OTHER]), ..Field::new(id, label, kind) }
}

/// Returns the questions about an organisation.
fn about_organisation() -> [Field; 2] {
    let name = Text::new("Tên tổ chức, doanh nghiệp", "Name of the organisation");
    let code = Text::new("Mã số thuế của tổ chức, doanh nghiệp", "Tax code of the organisation");
    [
        Field::new(ORGANISATION, name, FieldKind::Text(kinds::Text { max: LONGEST_OF_ORGANISATION })),
        Field::new(TAX_CODE, code, FieldKind::TaxCode),
    ]
    .map(|field| Field { shown: filed_for(&[FOR_ORGANISATION]), ..field })
}

/// Returns the question about the relation to the person or the organisation.
fn relation() -> Field {
    let label = Text::new("Quan hệ của bạn với người hoặc tổ chức đó", "Your relation to that person or organisation");
    let help = Text::new(
        "Ví dụ: con, vợ, người giám hộ, người được ủy quyền, giám đốc.",
        "For example: child, wife, guardian, authorised person, director.",
    );
    let field = Field::new(RELATION, label, FieldKind::Text(kinds::Text { max: LONGEST }));
    Field { shown: for_others(), help: Some(help), ..field }
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

    /// Returns the page of the form that asks for whom the dossier is filed, unless everybody files for themself. Only a
    /// procedure for businesses asks for organisations.
    pub fn section(self, audience: &[Audience]) -> Option<Section> {
        if self.is_nobody() {
            return None;
        }
        let has_organisations = audience.contains(&Audience::Business);
        let choice = |value: &str, label| FieldChoice { value: value.to_owned(), label };
        let mut choices = vec![
            choice(FOR_SELF, Text::new("Cho chính tôi (người nộp)", "For myself (the person who files)")),
            choice(FOR_OTHER, Text::new("Cho một người khác", "For another person")),
        ];
        if has_organisations {
            let label = Text::new("Cho một tổ chức, doanh nghiệp", "For an organisation or a business");
            choices.push(choice(FOR_ORGANISATION, label));
        }
        let question = Text::new("Bạn nộp hồ sơ này cho ai?", "For whom do you file this dossier?");
        let name = Text::new("Họ, chữ đệm, tên của người đó", "Full name of that person");
        let number = Text::new("Số định danh cá nhân của người đó", "Citizen number of that person");
        let phone = Text::new("Điện thoại của người đó (nếu có)", "Telephone of that person (if there is one)");
        let phone = about_other(PHONE, phone, FieldKind::Phone(kinds::Phone { landline: true, foreign: false }));
        let mut fields = vec![
            Field::new(FILING_FOR, question, FieldKind::OneOf(kinds::OneOf { choices })),
            about_other(NAME, name, FieldKind::Text(kinds::Text { max: LONGEST })),
            about_other(NUMBER, number, FieldKind::CitizenNumber(kinds::CitizenNumber { birth: None, sex: None })),
            Field { required: Condition::Fixed(false), ..phone },
        ];
        if has_organisations {
            fields.extend(about_organisation());
        }
        fields.push(relation());
        let title = Text::new("Người có hồ sơ", "The person of the dossier");
        Some(Section { id: FILING_FOR.to_owned(), title, help: None, fields })
    }

    /// Returns the proof of the right to file for another person, if the author asks for one.
    pub fn proof(self) -> Option<Paper> {
        (self == Self::WithProof).then(|| Paper {
            id: PaperId::from(PROOF),
            name: Text::new(
                "Giấy ủy quyền hoặc giấy tờ chứng minh quyền nộp thay",
                "Authorisation, or another proof of the right to file for somebody else",
            ),
            help: Some(Text::new(
                "Chỉ cần khi bạn nộp cho người khác hoặc cho một tổ chức.",
                "Only if you file for somebody else.",
            )),
            required: for_others(),
            kind: PaperKind::Copy,
            accept: MediaKind::OF_PAPERS.to_vec(),
            max_bytes: PAPER_MEGABYTES.unsigned_abs() << 20,
            max_files: usize::try_from(PAPER_FILES).unwrap_or_default(),
            count: 1,
            template: None,
            basis: Vec::new(),
        })
    }

    /// Returns whether a question or a paper follows from the word, and was not written by the author.
    pub fn asks(self, id: &str) -> bool {
        const OWN: [&str; 8] = [FILING_FOR, NAME, NUMBER, PHONE, ORGANISATION, TAX_CODE, RELATION, PROOF];
        !self.is_nobody() && OWN.contains(&id)
    }

    /// Returns whether nobody has said yet for whom these answers are filed, although the form asks.
    pub fn is_open(self, values: &Map<String, Json>) -> bool {
        !self.is_nobody() && values.get(FILING_FOR).and_then(Json::as_str).is_none()
    }

    /// Returns the person or the organisation for whom somebody else files these answers, or none if they are filed for
    /// the filer.
    pub fn person(self, values: &Map<String, Json>) -> Option<RepresentedPerson<'_>> {
        let answer = |id: &str| values.get(id).and_then(Json::as_str).unwrap_or_default();
        let (name, number, phone) = match answer(FILING_FOR) {
            FOR_OTHER if !self.is_nobody() => (answer(NAME), answer(NUMBER), answer(PHONE)),
            FOR_ORGANISATION if !self.is_nobody() => (answer(ORGANISATION), answer(TAX_CODE), ""),
            _ => return None,
        };
        let is_organisation = answer(FILING_FOR) == FOR_ORGANISATION;
        Some(RepresentedPerson { is_organisation, name, number, phone, relation: answer(RELATION) })
    }

    /// Returns the digest of the number of the person or the organisation for whom somebody else files, or none if the
    /// answers are filed for the filer.
    pub fn holder(self, values: &Map<String, Json>) -> Option<Digest> {
        let path = if self.person(values)?.is_organisation { TAX_CODE } else { NUMBER };
        FilingHolder::Answer(path.to_owned()).answer(values)
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
        let section = OnBehalf::Anybody.section(&[Audience::Citizen]).expect("a page");
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
        assert_eq!(OnBehalf::Nobody.section(&Audience::ALL), None);
    }

    #[test]
    fn only_a_procedure_for_businesses_asks_for_an_organisation() {
        let shown = |audience: &[Audience], filing_for: &str| -> Vec<String> {
            let section = OnBehalf::Anybody.section(audience).expect("a page");
            let answers = values(json!({ "filing_for": filing_for }));
            section.fields.into_iter().filter(|field| field.shown.holds(&answers)).map(|field| field.id).collect()
        };
        let organisation = [FILING_FOR, ORGANISATION, TAX_CODE, RELATION];
        assert_eq!(shown(&[Audience::Business], "organisation"), organisation);
        assert_eq!(shown(&[Audience::Business], "other"), [FILING_FOR, NAME, NUMBER, PHONE, RELATION]);
        assert_eq!(shown(&[Audience::Business], "self"), [FILING_FOR]);
        assert!(!shown(&[Audience::Citizen], "organisation").contains(&TAX_CODE.to_owned()));
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
        let other = values(answers);
        let person = RepresentedPerson {
            is_organisation: false,
            name: "Lê Thị Bình",
            number: "074195000321",
            phone: "",
            relation: "con",
        };
        assert_eq!(OnBehalf::WithProof.person(&other), Some(person));
        let organisation = values(json!({ "filing_for": "organisation", "represented_organisation": "Công ty An Bình",
            "represented_tax_code": "0100109106", "represented_relation": "giám đốc" }));
        let found = OnBehalf::Anybody.person(&organisation).expect("an organisation");
        assert!(found.is_organisation && found.number == "0100109106" && found.name == "Công ty An Bình");
        assert!(OnBehalf::Anybody.holder(&organisation).is_some());
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
