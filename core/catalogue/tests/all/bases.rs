//! Legal bases: a part of a procedure names a document of the procedure, and a step one of its workflow too.

use crate::faulty::{GOOD, PROCEDURE, check, codes, good, text};
use motcua_catalogue::Tree;
use motcua_domain::text::Language;
use std::collections::BTreeSet;

const WORKFLOW: &str = "workflows/one-stop.toml";

/// Returns the good folder with a document of the procedure, and one of the workflow.
fn founded(refusal: &str) -> Tree {
    let mut tree = good();
    let law = "legal_basis = [{ id = \"nuoc\", title = { vi = \"Luật Tài nguyên nước\", en = \"Law on Water\" } }]";
    let procedure = GOOD
        .replacen("legal_basis = [\"Luật Tài nguyên nước\"]", law, 1)
        .replacen("template = \"ban-do.docx\"", "template = \"ban-do.docx\"\nbasis = \"nuoc#52.1.b\"", 1)
        .replacen("amount = 50_000", "amount = 50_000\nbasis = [\"nuoc#64\", \"nuoc\"]", 1);
    tree.insert(PROCEDURE, procedure.into());
    let workflow = text(&tree, WORKFLOW);
    let refuse = format!("effect = \"refuse\"\nbasis = {refusal}\n");
    let workflow = workflow.replacen("effect = \"refuse\"\n", &refuse, 1);
    let decree = "legal_basis = [{ id = \"mot-cua\", title = \"Nghị định số 61/2018/NĐ-CP\" }]";
    tree.insert(WORKFLOW, format!("{decree}\n{workflow}").into());
    tree
}

#[test]
fn a_part_is_founded_on_the_article_that_it_names() {
    let found = check(&founded("\"mot-cua#17.2\""));
    assert!(found.mistakes.is_empty(), "{:?}", found.mistakes);
    let declared = found.install.declared.iter().find(|one| one.is_at("ubnd-xa", "khoan-gieng")).expect("declared");
    let procedure = &declared.procedure;
    let cited = procedure.legal_documents().citations(&procedure.papers[0].basis);
    assert_eq!(cited[0].words.get(Language::Vi), "điểm b khoản 1 Điều 52 Luật Tài nguyên nước");
    assert_eq!(procedure.fees[0].basis.len(), 2);
    let gaps: BTreeSet<&str> = procedure.without_basis().iter().map(|gap| gap.part).collect();
    assert!(gaps.contains("field") && gaps.contains("limit") && gaps.contains("check"), "{gaps:?}");
    assert!(!gaps.contains("paper") && !gaps.contains("fee"), "{gaps:?}");
    let refusal = |id: &str| id.ends_with(".refuse");
    assert!(!procedure.without_basis().iter().any(|gap| refusal(&gap.id)), "the refusal names its decree");
}

#[test]
fn a_step_that_names_a_document_of_one_procedure_is_told_for_the_other() {
    let found = check(&founded("[\"mot-cua#17\", \"nuoc#52\"]"));
    assert_eq!(codes(&found.mistakes), BTreeSet::from(["unknown-name"]));
    let [mistake] = found.mistakes.as_slice() else { panic!("{:?}", found.mistakes) };
    assert_eq!(mistake.file, WORKFLOW);
    let words = mistake.message.get(Language::En);
    assert!(words.contains("xac-nhan-cu-tru") && words.contains("`nuoc`"), "{mistake:?}");
    assert!(
        mistake.render(false, Language::En).contains("basis = [\"mot-cua#17\", \"nuoc#52\"]"),
        "the line of the basis"
    );
}
