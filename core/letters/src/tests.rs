//! Tests with small templates. The forms of the default theme are printed by the tests of the portal.

use super::*;
use lopdf::Document;
use serde_json::{Value, json};

const SHARED: &str = "#let data = json(\"data.json\")\n#let day = datetime(year: 2026, month: 3, day: 3)";

const HEAD: &str = "#import \"letter.typ\": data, day
#set document(title: [Thư], date: day)
#set text(font: \"Liberation Serif\", lang: \"vi\")
";

fn printed(template: &str, data: Value) -> Result<Vec<u8>, PrintFault> {
    print(LetterSource { name: "form-00.typ", template, shared: SHARED, data })
}

/// Returns the words of a PDF without blanks, because a PDF may break a line anywhere.
fn words(pdf: &[u8]) -> String {
    let document = Document::load_mem(pdf).expect("a PDF");
    let pages: Vec<u32> = document.get_pages().into_keys().collect();
    document.extract_text(&pages).expect("its text").split_whitespace().collect()
}

#[track_caller]
fn fault(template: &str) -> String {
    match printed(template, json!({})) {
        Err(PrintFault::Template(told)) => told,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_letter_says_what_its_data_say_and_conforms_to_both_standards() {
    let pdf = printed(&format!("{HEAD}= Thư gửi #data.name"), json!({"name": "Nguyễn Thị Ngân 😀"})).expect("printed");
    assert!(words(&pdf).contains("ThưgửiNguyễnThịNgân?"), "{}", words(&pdf));
    let document = Document::load_mem(&pdf).expect("a PDF");
    let catalog = document.catalog().expect("a catalog");
    assert!(catalog.has(b"StructTreeRoot"), "it is tagged");
    let metadata = catalog.get(b"Metadata").and_then(|id| document.get_object(id.as_reference()?)).expect("metadata");
    let metadata = metadata.as_stream().and_then(lopdf::Stream::get_plain_content).expect("its content");
    let metadata = String::from_utf8_lossy(&metadata);
    for standard in ["pdfaid:part>2<", "pdfaid:conformance>A<", "pdfuaid:part>1<"] {
        assert!(metadata.contains(standard), "{standard}: {metadata}");
    }
}

#[test]
fn a_mistake_of_a_template_is_told_with_its_line() {
    let told = fault(&format!("{HEAD}\n#data.nobody"));
    assert!(told.starts_with("documents/form-00.typ:5: ") && told.contains("nobody"), "{told}");
    let told = fault("#import \"letter.typ\": data\n#let x = (");
    assert!(told.starts_with("documents/form-00.typ:2: "), "{told}");
}

#[test]
fn a_letter_that_does_not_conform_is_not_printed() {
    // It has neither a title nor a date, which the standards ask for.
    let told = fault("#import \"letter.typ\": data\n#set text(font: \"Liberation Serif\", lang: \"vi\")\nThư");
    assert!(told.contains("PDF/"), "{told}");
}

#[test]
fn a_template_reads_nothing_but_its_own_files_and_no_clock() {
    for elsewhere in [
        "#read(\"/etc/passwd\")",
        "#import \"@preview/cetz:0.3.0\"",
        "#include \"form-01.typ\"",
        "#datetime.today().year()",
    ] {
        fault(&format!("{HEAD}{elsewhere}"));
    }
}

#[test]
fn a_letter_has_no_more_pages_than_it_may() {
    let long = format!("{HEAD}#for number in range({}) [Trang #pagebreak()]", MOST_PAGES + 1);
    assert!(matches!(printed(&long, json!({})), Err(PrintFault::TooLong { .. })));
}
