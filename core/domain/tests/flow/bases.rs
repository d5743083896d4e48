//! Legal bases: in a request for a supplement, and in what a new version changes.

use crate::office::{Office, straight};
use crate::support::{act, command, officer, procedure};
use jiff::SignedDuration;
use motcua_domain::dossier::command::{Act, Command};
use motcua_domain::dossier::notice_of;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::expression::Condition;
use motcua_domain::form::{Field, FieldKind, Section};
use motcua_domain::legal::{LegalDocument, LegalReference};
use motcua_domain::people::organisation::{Actor, Role};
use motcua_domain::procedure::changes::changes;
use motcua_domain::procedure::{Procedure, Silence, SilenceMeaning};
use motcua_domain::text::Text;

fn basis(text: &str) -> Vec<LegalReference> {
    vec![LegalReference::from(text.to_owned())]
}

/// Returns a procedure with a law and a question.
fn founded() -> Procedure {
    let mut procedure = procedure(straight(), 0);
    let law =
        LegalDocument { id: Some("nuoc".to_owned()), ..LegalDocument::listed(Text::vi("Luật Tài nguyên nước")) };
    procedure.legal_basis = vec![law];
    let question = Field::new("deep", Text::vi("Sâu?"), FieldKind::YesNo);
    let fields = vec![Field { required: Condition::Fixed(false), basis: basis("nuoc#52.1"), ..question }];
    procedure.form.sections = vec![Section { id: "main".to_owned(), title: Text::vi("Giếng"), help: None, fields }];
    procedure
}

#[test]
fn a_request_keeps_the_article_of_each_question_that_it_names_whatever_the_law_says_later() {
    let mut office = Office::under(founded());
    let missing = ["deep", "elsewhere", "deep"].map(str::to_owned).to_vec();
    let ask = Act { missing, ..act(&office.dossier, None, "ask", Role::Counter) };
    office.does(&officer(Role::Counter, false), command(ask)).expect("asked");
    office.procedure.legal_basis.clear();
    let request = office.dossier.supplements.last().expect("a request");
    let [part] = request.missing.as_slice() else { panic!("{:?}", request.missing) };
    assert_eq!((part.place.as_str(), part.name.vi.as_str()), ("deep", "Sâu?"));
    assert_eq!(part.basis[0].words.vi, "khoản 1 Điều 52 Luật Tài nguyên nước");
}

#[test]
fn a_request_names_the_section_of_a_question_whose_label_another_question_has() {
    let mut office = Office::under(founded());
    let mut other = office.procedure.form.sections[0].clone();
    other.title = Text::new("Ao", "Pond");
    other.fields[0].id = "pond_deep".to_owned();
    office.procedure.form.sections.push(other);
    let missing = vec!["deep".to_owned(), "pond_deep".to_owned()];
    let ask = Act { missing, ..act(&office.dossier, None, "ask", Role::Counter) };
    office.does(&officer(Role::Counter, false), command(ask)).expect("asked");
    let request = office.dossier.supplements.last().expect("a request");
    let names: Vec<&str> = request.missing.iter().map(|part| part.name.vi.as_str()).collect();
    assert_eq!(names, ["Giếng: Sâu?", "Ao: Sâu?"]);
}

#[test]
fn a_dossier_ends_by_silence_once_its_appointment_has_passed_and_the_applicant_is_told_by_which_law() {
    for (means, word) in
        [(SilenceMeaning::Approval, "approved-by-silence"), (SilenceMeaning::Refusal, "refused-by-silence")]
    {
        let mut procedure = founded();
        procedure.silence = Some(Silence { means, basis: basis("nuoc#53.2") });
        let mut office = Office::under(procedure);
        let due = office.dossier.flow.whole.due().expect("it runs");
        assert_eq!(office.dossier.late_notice_at(), Some(due), "and no notice before it");
        office.now = due;
        assert_eq!(office.does(&Actor::System, Command::AnnounceLate), Err(Refusal::TimeLeft));
        office.now = due + SignedDuration::from_secs(1);
        let before = office.dossier.clone();
        let recorded = office.does(&Actor::System, Command::AnnounceLate).expect("the law says so");
        assert_eq!(notice_of(&recorded, Some(&before), &office.dossier), Some(word));
        let end = office.dossier.flow.ended.as_ref().expect("an end");
        assert_eq!((end.outcome.name(), end.reason.as_str()), (word, "khoản 2 Điều 53 Luật Tài nguyên nước"));
        assert_eq!(office.does(&Actor::System, Command::AnnounceLate), Err(Refusal::NothingChanges), "once");
    }
}

#[test]
fn a_dossier_with_a_result_is_not_silent() {
    let mut procedure = founded();
    procedure.silence = Some(Silence { means: SilenceMeaning::Approval, basis: basis("nuoc#53.2") });
    let mut office = Office::under(procedure);
    let accept = command(act(&office.dossier, None, "accept", Role::Specialist));
    office.does(&officer(Role::Counter, false), accept).expect("accepted");
    let done = command(act(&office.dossier, None, "done", Role::Counter));
    office.does(&officer(Role::Specialist, false), done).expect("done");
    assert_eq!(office.dossier.late_notice_at(), None);
}

#[test]
fn another_legal_basis_is_told_as_such_and_as_no_other_question_or_step() {
    let old = founded();
    let mut new = old.clone();
    new.limit_basis = basis("nuoc#53");
    new.form.sections[0].fields[0].basis = basis("nuoc#54");
    new.workflow.steps[0].basis = basis("nuoc#55");
    let told: Vec<String> = changes(&old, &new).into_iter().map(|change| change.0.vi).collect();
    assert_eq!(told, ["Căn cứ pháp lý của từng nội dung đã thay đổi."]);
    assert!(changes(&old, &old).is_empty());
}
