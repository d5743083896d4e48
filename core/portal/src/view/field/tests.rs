use super::{
    BoxContext, ChoiceContext, FieldContext, FieldsContext, RowContext, as_posted, changed_row, fields, new_question,
};
use crate::view::by_place::ByPlace;
use crate::view::place_map::draws_places;
use jiff::Timestamp;
use motcua_domain::dates::Precision;
use motcua_domain::expression::{Expression, WorkBudget};
use motcua_domain::form::{Field, FieldKind, MapShape, kinds};
use motcua_domain::legal::LegalDocuments;
use motcua_domain::registry::Registries;
use motcua_domain::text::{Language, Text};
use serde_json::{Map, Value as Json, json};

fn field(name: &str, widget: &'static str, value: &str) -> FieldContext {
    FieldContext {
        name: name.into(),
        label: String::new(),
        help: String::new(),
        basis: vec![],
        widget,
        required: true,
        value: value.into(),
        choices: vec![],
        unit: String::new(),
        inputmode: "",
        autocomplete: "",
        placeholder: "",
        findings: vec![],
        rows: vec![],
        more: false,
        depends: false,
        files: vec![],
        accept: String::new(),
        precision: "day",
        shape: "",
        boxes: vec![],
        given: String::new(),
        taken: String::new(),
    }
}

fn with_rows(name: &str, widget: &'static str, rows: Vec<Vec<FieldContext>>) -> FieldContext {
    let rows = rows.into_iter().enumerate();
    let rows = rows.map(|(index, fields)| RowContext { index, label: String::new(), fields }).collect();
    FieldContext { rows, ..field(name, widget, "") }
}

/// Returns the fields of a form as a page shows them, in Vietnamese and without findings, registries and files.
fn shown_fields(form: &[Field], typed: &Map<String, Json>, values: &Map<String, Json>) -> Vec<FieldContext> {
    let (registries, files) = (Registries::default(), |_: &str| Vec::new());
    let (findings, work) = (ByPlace::new(&[]), WorkBudget::at(Timestamp::UNIX_EPOCH));
    let around = FieldsContext {
        findings: &findings,
        work: &work,
        registries: &registries,
        language: Language::Vi,
        areas: None,
        files: &files,
        documents: LegalDocuments::default(),
    };
    fields(form, "", typed, values, values, around)
}

#[test]
fn a_new_question_is_asked_though_another_vanishes_and_at_any_depth() {
    let (own, other) = (field("own_reason", "line", ""), field("other_reason", "line", ""));
    assert_eq!(new_question(std::slice::from_ref(&other), std::slice::from_ref(&own), &[]), Some("other_reason"));
    assert_eq!(new_question(std::slice::from_ref(&own), &[own.clone(), other], &[]), None, "one vanished");
    let posted = [("own_reason".to_owned(), String::new())];
    assert_eq!(new_question(std::slice::from_ref(&own), &[], &posted), None, "the form answered it");

    let (name, tax) = (field("p.0.name", "line", ""), field("p.0.tax", "line", ""));
    let before = [with_rows("p", "group", vec![vec![name.clone()]])];
    let now = [with_rows("p", "group", vec![vec![tax]])];
    assert_eq!(new_question(&now, &before, &[]), Some("p.0.tax"));
    let two_rows = [with_rows("p", "group", vec![vec![name], vec![field("p.1.name", "line", "An")]])];
    assert_eq!(new_question(&two_rows, &before, &[]), None, "a row that is new was filled in");
}

#[test]
fn a_page_begins_at_the_row_that_was_added_and_in_the_place_of_one_that_was_removed() {
    let rows = |count| [with_rows("members", "group", vec![vec![]; count])];
    assert_eq!(changed_row(&rows(3), "add:members"), "members.2");
    assert_eq!(changed_row(&rows(2), "remove:members.0"), "members.0");
    assert_eq!(changed_row(&rows(2), "remove:members.2"), "members", "the last one");
    assert_eq!(changed_row(&rows(0), "remove:members.0"), "members");
    for other in ["add:others", "remove:others.0", "remove:members", "next", "refresh", ""] {
        assert_eq!(changed_row(&rows(2), other), "", "{other}");
    }
}

#[test]
fn a_form_that_nobody_types_into_posts_what_it_shows() {
    let choice = |value: &str, chosen| ChoiceContext { value: value.into(), label: String::new(), chosen };
    let closed = |name: &str, widget, chosen: [bool; 2]| FieldContext {
        choices: vec![choice("a", chosen[0]), choice("b", chosen[1])],
        ..field(name, widget, "")
    };
    let part = |part, value: &str| BoxContext { part, value: value.into(), autocomplete: "off" };
    let optional = |field: FieldContext| FieldContext { required: false, ..field };
    let fields = [
        field("line", "line", "An"),
        closed("one", "choice", [false, true]),
        closed("none", "choice", [false, false]),
        optional(closed("free", "choice", [false, false])),
        closed("several", "choices", [true, true]),
        closed("list", "select", [false, false]),
        field("yes", "yes-no", "true"),
        field("agreed", "consent", ""),
        field("sum", "computed", "3"),
        FieldContext {
            boxes: vec![part("day", ""), part("month", "9"), part("year", "1985")],
            ..field("born", "date", "")
        },
        with_rows("group", "group", vec![vec![field("group.0.name", "line", "Chi")]]),
    ];
    let posted = as_posted(&fields);
    let posted: Vec<(&str, &str)> = posted.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let expected = [
        ("line", "An"),
        ("one", "b"),
        ("free", ""),
        ("several", "a"),
        ("several", "b"),
        ("list", ""),
        ("yes", "true"),
        ("born.day", ""),
        ("born.month", "9"),
        ("born.year", "1985"),
        ("group.0._", ""),
        ("group.0.name", "Chi"),
    ];
    assert_eq!(posted, expected);
}

/// Returns the fields that the browser may fill in, by the name of the box.
fn filled_in(shown: &[FieldContext]) -> Vec<(String, &'static str)> {
    let of = |field: &FieldContext| {
        let boxes = field.boxes.iter().map(|part| (format!("{}.{}", field.name, part.part), part.autocomplete));
        let own = std::iter::once((field.name.clone(), field.autocomplete));
        let within = field.rows.iter().flat_map(|row| filled_in(&row.fields));
        own.chain(boxes).chain(within).collect::<Vec<_>>()
    };
    shown.iter().flat_map(of).filter(|(_, token)| !["", "off"].contains(token)).collect()
}

#[test]
fn the_browser_fills_in_what_is_the_applicants_own_and_nothing_of_others() {
    let of = |id: &str, kind| Field::new(id, Text::vi(id), kind);
    let text = |id: &str| of(id, FieldKind::Text(kinds::Text { max: 200 }));
    let date = |id: &str| of(id, FieldKind::Date(kinds::Date { past: true, precision: Precision::Day }));
    let phone = |id: &str| of(id, FieldKind::Phone(kinds::Phone { landline: false, foreign: false }));
    let person = |id: &str| of(id, FieldKind::Person(kinds::Person { precision: Precision::Day }));
    let group = FieldKind::Group(kinds::Group {
        min: 1,
        max: 9,
        fields: vec![text("name"), date("birth_date"), phone("phone")],
    });
    let form = [
        text("full_name"),
        text("applicant_name"),
        phone("phone"),
        of("email", FieldKind::Email),
        date("applicant_birth_date"),
        // Of others, or perhaps of others: an applicant may be an organisation.
        text("company_name"),
        text("child_name"),
        text("mother_name"),
        phone("company_phone"),
        of("company_email", FieldKind::Email),
        date("birth_date"),
        date("child_birth_date"),
        of("members", group),
        person("mother"),
        of("applicant", FieldKind::Organisation),
    ];
    let none = Map::new();
    let found = filled_in(&shown_fields(&form, &none, &none));
    let found: Vec<(&str, &str)> = found.iter().map(|(name, token)| (name.as_str(), *token)).collect();
    let expected = [
        ("full_name", "name"),
        ("applicant_name", "name"),
        ("phone", "tel"),
        ("email", "email"),
        ("applicant_birth_date.day", "bday-day"),
        ("applicant_birth_date.month", "bday-month"),
        ("applicant_birth_date.year", "bday-year"),
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_place_has_its_shape_and_a_form_that_asks_for_one_in_a_row_draws_places() {
    let place = |shape| Field::new("place", Text::vi("place"), FieldKind::Map(kinds::Map { shape }));
    let name = Field::new("name", Text::vi("name"), FieldKind::Text(kinds::Text { max: 200 }));
    let inside = kinds::Group { fields: vec![name.clone(), place(MapShape::Area)], min: 0, max: 3 };
    assert!(!draws_places(std::slice::from_ref(&name)));
    assert!(draws_places(&[name.clone(), place(MapShape::Point)]));
    assert!(draws_places(&[Field::new("rows", Text::vi("rows"), FieldKind::Group(inside))]));
    let none = Map::new();
    let form = [name, place(MapShape::Point), place(MapShape::Area)];
    let shapes: Vec<_> = shown_fields(&form, &none, &none).into_iter().map(|field| field.shape).collect();
    assert_eq!(shapes, ["", "point", "area"]);
}

#[test]
fn the_authors_proposal_stands_in_the_box_until_somebody_types() {
    let proposed = |id: &str, kind| Field {
        default: Some(Expression::parse("1").expect("it is CEL")),
        ..Field::new(id, Text::vi(id), kind)
    };
    let form = [
        proposed("moment", FieldKind::DateTime(kinds::DateTime { past: false })),
        proposed("place", FieldKind::Map(kinds::Map { shape: MapShape::Point })),
        proposed("name", FieldKind::Text(kinds::Text { max: 200 })),
        Field::new("other", Text::vi("other"), FieldKind::Text(kinds::Text { max: 200 })),
    ];
    let values = json!({
        "moment": "2026-09-02T07:05",
        "place": { "type": "Point", "coordinates": [106.65138, 10.98069] },
        "name": "An",
        "other": "a value without a proposal"
    });
    let values = values.as_object().expect("an object");
    let shown = |typed: &Json| -> Vec<String> {
        let typed = typed.as_object().expect("an object");
        shown_fields(&form, typed, values).into_iter().map(|field| field.value).collect()
    };
    assert_eq!(shown(&json!({})), ["02/09/2026 07:05", "10.98069, 106.65138", "An", ""]);
    let typed = json!({ "moment": "3/9/2026 8:00", "place": "đây", "name": "", "other": "Bình" });
    assert_eq!(shown(&typed), ["3/9/2026 8:00", "đây", "", "Bình"]);
}
