use super::*;
use crate::dates::Precision;
use crate::expression::Condition;
use crate::form::{Choice, Shape};
use crate::registry::{Entry, Registry};
use proptest::prelude::*;
use serde_json::json;

fn field(id: &str, kind: Kind) -> Field {
    Field::new(id, Text::new(id, id), kind)
}

fn form(fields: Vec<Field>) -> Form {
    let section = crate::form::Section { id: "one".into(), title: Text::vi("Một"), help: None, fields };
    Form { sections: vec![section], checks: vec![] }
}

fn registries() -> Registries {
    let entry = |code: &str, name: &str, parent: Option<&str>| Entry {
        code: code.into(),
        name: Text::vi(name),
        parent: parent.map(str::to_owned),
        former: Vec::new(),
    };
    let provinces = Registry::new(vec![entry("74", "Bình Dương", None), entry("79", "Hồ Chí Minh", None)]);
    let communes = Registry::new(vec![entry("25747", "Phú Cường", Some("74")), entry("26734", "Bến Nghé", Some("79"))]);
    Registries([("provinces".to_owned(), provinces.into()), ("communes".to_owned(), communes.into())].into())
}

fn judge_map(form: &Form, typed: &Map<String, Json>) -> Judged {
    let registries = registries();
    judge(form, typed, Given { now: Timestamp::UNIX_EPOCH, registries: &registries, files: &[], computed: None })
}

fn judge_json(form: &Form, typed: Json) -> Judged {
    judge_map(form, typed.as_object().expect("an object"))
}

fn number(birth: Option<&str>, sex: Option<&str>) -> Kind {
    Kind::CitizenNumber { birth: birth.map(str::to_owned), sex: sex.map(str::to_owned) }
}

fn codes(judged: &Judged) -> Vec<(&str, &str)> {
    judged.findings.iter().map(|found| (found.path.as_str(), found.code.as_str())).collect()
}

#[test]
fn a_commune_belongs_to_its_province_and_a_name_is_as_good_as_a_code() {
    let form = form(vec![field("home", Kind::Address)]);
    let typed = |province: &str, commune: &str| json!({"home": {"province": province, "commune": commune, "detail": "12 Yersin"}});
    let judged = judge_json(&form, typed("74", "25747 Phú Cường"));
    assert!(judged.complete(), "{:?}", judged.findings);
    assert_eq!(judged.values["home"]["commune"], json!({"code": "25747", "name": "Phú Cường"}));
    assert!(judge_json(&form, typed("Bình Dương", "Phú Cường")).complete());
    assert_eq!(codes(&judge_json(&form, typed("74", "26734"))), [("home.commune", "choice")]);
    assert_eq!(
        codes(&judge_json(&form, typed("", "26734"))),
        [("home.province", "required"), ("home.commune", "choice")]
    );
}

#[test]
fn a_person_is_one_block_whose_number_fits_birth_and_sex() {
    let mut person = field("father", Kind::Person { precision: Precision::Day });
    person.required = Condition::Fixed(false);
    let form = form(vec![person]);
    let typed = |number: &str| {
        json!({"father": {"name": "An", "birth_date": "1/2/1965", "sex": "male", "citizen_number": number,
            "address": {"province": "74", "commune": "25747", "detail": "12"}}})
    };
    assert!(judge_json(&form, typed("074065000123")).complete());
    let wrong = judge_json(&form, typed("074165000123"));
    assert_eq!(codes(&wrong), [("father.citizen_number", "citizen-number-mismatch")], "a woman's number");
    let empty = judge_json(&form, json!({"father": {"name": " ", "address": {"detail": ""}}}));
    assert!(empty.complete() && empty.values.is_empty(), "a block that is not required may stay empty");
    let begun = judge_json(&form, json!({"father": {"name": "An"}}));
    assert_eq!(begun.findings.len(), 6, "one that was begun is completed: {:?}", codes(&begun));
}

#[test]
fn the_number_of_each_row_agrees_with_the_birth_date_and_the_sex_beside_it() {
    let member = vec![
        field("born", Kind::Date { past: true, precision: Precision::Year }),
        field("id", number(Some("born"), Some("female"))),
    ];
    let form = form(vec![field("members", Kind::Group { min: 0, max: 5, fields: member })]);
    let judged = judge_json(
        &form,
        json!({"members": [
            {"born": "1/2/1965", "id": "074165000123"},
            {"born": "1965", "id": "074 165 000 123"},
            {"born": "1966", "id": "074165000123"},
            {"born": "1965", "id": "074065000123"},
            {"born": "1865", "id": "074165000123"}
        ]}),
    );
    let mismatch = "citizen-number-mismatch";
    assert_eq!(
        codes(&judged),
        [("members.2.id", mismatch), ("members.3.id", mismatch), ("members.4.born", "date")],
        "a date that cannot be read agrees with everything"
    );
    assert!(judged.findings[0].text.vi.contains("1965") && judged.findings[0].text.vi.contains("1966"));
}

#[test]
fn where_papers_have_only_a_year_the_year_is_kept_as_a_year() {
    let cel = |text: &str| Expression::parse(text).expect("it is CEL");
    let mut born = field("born", Kind::Date { past: true, precision: Precision::Year });
    born.at_most = Some(cel("married"));
    let mut guardian = field("guardian", Kind::Text { max: 10 });
    guardian.shown = Condition::When(cel("born.year > 1950"));
    let form = form(vec![field("married", Kind::Date { past: true, precision: Precision::Day }), born, guardian]);
    let judged = |born: &str| judge_json(&form, json!({"married": "1/6/1960", "born": born, "guardian": "An"}));
    let year = judged("1960");
    assert!(year.complete(), "some day of 1960 is before 1 June: {:?}", year.findings);
    assert_eq!(year.values["born"], json!({"year": 1960}));
    assert!(year.values.contains_key("guardian"));
    assert_eq!(judged("5/1949").values.get("guardian"), None, "conditions see the year");
    assert_eq!(judged("2/6/1960").values["born"], json!({"year": 1960, "month": 6, "day": 2}));
    for (late, code) in [("7/1960", "range"), ("1961", "range"), ("1971", "future"), ("2//1960", "date")] {
        assert_eq!(codes(&judged(late)).first().map(|found| found.1), Some(code), "{late}");
    }
    let mut person = field("father", Kind::Person { precision: Precision::Year });
    person.required = Condition::Fixed(true);
    let form = self::form(vec![person]);
    let typed = json!({"father": {"name": "An", "birth_date": "1965", "sex": "male", "citizen_number": "074065000123",
        "address": {"province": "74", "commune": "25747", "detail": "12"}}});
    let judged = judge_json(&form, typed);
    assert!(judged.complete(), "{:?}", judged.findings);
    assert_eq!(judged.values["father"]["birth_date"], json!({"year": 1965}));
}

#[test]
fn a_number_is_read_as_its_page_writes_numbers_and_never_changed_in_silence() {
    let whole = Kind::Integer { min: None, max: None, unit: Some(Text::new("người", "people")) };
    let area = Kind::Decimal { min: Some(0.5), max: Some(10_000.0), places: 3, unit: Some(Text::vi("m²")) };
    let form =
        form(vec![field("people", whole), field("capital", Kind::Dong { min: None, max: None }), field("area", area)]);
    let typed = |text: &str, language| {
        let kept = crate::number::typed(text, language);
        judge_json(&form, json!({"people": kept, "capital": kept, "area": kept}))
    };
    let vi = typed("1.500", Language::Vi);
    assert_eq!(Json::Object(vi.values), json!({"people": 1500, "capital": 1500, "area": 1500.0}));
    let en = typed("1,500", Language::En);
    assert_eq!(Json::Object(en.values), json!({"people": 1500, "capital": 1500, "area": 1500.0}));
    for (text, language) in
        [("1.5", Language::Vi), ("1.5", Language::En), ("1,5", Language::Vi), ("1.500", Language::En)]
    {
        let judged = typed(text, language);
        assert_eq!(Json::Object(judged.values.clone()), json!({"area": 1.5}), "{text}");
        assert_eq!(codes(&judged), [("people", "integer"), ("capital", "integer")], "{text}");
        assert!(judged.findings[0].text.vi.contains("1,5"), "it is told what was understood");
    }
    let units = json!({"people": "1.200 người", "capital": "1.000.000 đồng", "area": "12,5 m²"});
    let units = judge_json(&form, units);
    assert_eq!(Json::Object(units.values), json!({"people": 1200, "capital": 1_000_000, "area": 12.5}));
    for capital in ["1.000.000 VND", "1\u{a0}000\u{202f}000đ", "1.000.000 VNĐ", "１.000.000 ₫"] {
        assert_eq!(judge_json(&form, json!({ "capital": capital })).values["capital"], json!(1_000_000), "{capital}");
    }
    let million = judge_json(&form, json!({"people": "1", "capital": "1tr", "area": "0,1"}));
    assert_eq!(codes(&million), [("capital", "integer"), ("area", "range")]);
    assert_eq!(million.findings[1].text, Text::new("Hãy nhập từ 0,5 đến 10.000.", "Enter 0.5 to 10,000."));
    assert_eq!(judge_json(&form, json!({"people": 3.0})).values["people"], json!(3), "a float of an expression");
}

#[test]
fn the_same_choice_twice_is_one_and_one_line_is_one_line() {
    let choices = vec![Choice { value: "a".into(), label: Text::vi("A") }];
    let form = form(vec![field("which", Kind::SeveralOf { choices }), field("name", Kind::Text { max: 20 })]);
    let judged = judge_json(&form, json!({"which": ["a", "a"], "name": "Nguyễn\r\nVăn\u{200b} An\0"}));
    assert_eq!(Json::Object(judged.values), json!({"which": ["a"], "name": "Nguyễn Văn An"}));
}

#[test]
fn defaults_limits_and_rules_depend_on_other_answers() {
    let cel = |text: &str| Some(Expression::parse(text).expect("it is CEL"));
    let mut to = field("to", Kind::Date { past: false, precision: Precision::Day });
    to.at_least = cel("start");
    let mut copies = field("copies", Kind::Integer { min: None, max: None, unit: None });
    copies.default = cel("wells + 1");
    copies.at_most = cel("wells * 2");
    let mut form = form(vec![
        field("wells", Kind::Integer { min: None, max: None, unit: None }),
        copies,
        field("start", Kind::Date { past: false, precision: Precision::Day }),
        to,
    ]);
    form.checks.push(Check {
        holds: Expression::parse("wells != 13").expect("it is CEL"),
        text: Text::vi("Không được 13 giếng."),
        field: Some("wells".into()),
    });
    let fine = judge_json(&form, json!({"wells": 3, "start": "1/3/2026", "to": "1/3/2026"}));
    assert!(fine.complete(), "{:?}", fine.findings);
    assert_eq!(fine.values["copies"], json!(4), "proposed");
    let emptied = judge_json(&form, json!({"wells": 3, "copies": "", "start": "1/3/2026", "to": "1/3/2026"}));
    assert_eq!(codes(&emptied), [("copies", "required")], "what was emptied stays empty");
    let wrong = judge_json(&form, json!({"wells": 13, "copies": 27, "start": "2/3/2026", "to": "1/3/2026"}));
    assert_eq!(codes(&wrong), [("copies", "range"), ("to", "range"), ("wells", "check")]);
}

#[test]
fn a_table_asks_the_same_of_each_of_its_rows() {
    let row = |value: &str| Choice { value: value.into(), label: Text::vi(value) };
    let amount = field("amount", Kind::Integer { min: Some(0), max: None, unit: None });
    let form = form(vec![field("years", Kind::Table { rows: vec![row("y1"), row("y2")], fields: vec![amount] })]);
    let judged = judge_json(&form, json!({"years": {"y1": {"amount": "5"}, "y2": {"amount": "-1"}, "y3": {}}}));
    assert_eq!(judged.values["years"], json!({"y1": {"amount": 5}, "y2": {}}));
    assert_eq!(codes(&judged), [("years.y2.amount", "range")]);
}

/// Returns a form with a group of 200 rows of 200 fields each, which are required under this condition.
fn large(required: &str) -> Form {
    let cell = |number| {
        let mut cell = field(&format!("f{number}"), Kind::Text { max: 10 });
        cell.required = Condition::When(Expression::parse(required).expect("it is CEL"));
        cell
    };
    let rows = Kind::Group { min: 0, max: 200, fields: (0..200).map(cell).collect() };
    let line = vec![field("n", Kind::Integer { min: None, max: None, unit: None })];
    let lines = Kind::Group { min: 0, max: 200, fields: line };
    form(vec![field("kind", Kind::Text { max: 10 }), field("lines", lines), field("rows", rows)])
}

fn two_hundred_rows() -> Json {
    let lines: Vec<Json> = (0..200).map(|number| json!({ "n": number })).collect();
    json!({ "kind": "b", "lines": lines, "rows": vec![json!({}); 200] })
}

#[test]
fn a_form_of_200_rows_and_200_fields_is_judged_whole_if_its_conditions_are_ordinary() {
    let judged = judge_json(&large("kind == 'a'"), two_hundred_rows());
    assert_eq!(judged.overrun, None);
    assert!(judged.complete(), "{:?}", judged.findings.first());
    assert_eq!(judged.values["rows"].as_array().map(Vec::len), Some(200));
}

#[test]
fn a_form_of_200_rows_and_200_fields_with_heavy_conditions_ends_at_one_of_them_and_blames_nobody() {
    for heavy in ["lines.all(l, l.n >= 0) && kind == 'a'", "lines.all(l, l.n >= 0)"] {
        let judged = judge_json(&large(heavy), two_hundred_rows());
        let overrun = judged.overrun.as_ref().expect("there is no budget for 40,000 of them");
        assert!(overrun.at == heavy || overrun.at.starts_with("rows."), "{overrun}");
        assert!(!judged.complete());
        // Each field judged before lacks an answer under the second condition.
        let found = judged.findings.len();
        assert!(found < 40_000, "{found}");
        assert!(!judged.findings.iter().any(|finding| finding.path == "rows.199.f199"));
    }
}

#[test]
fn texts_that_are_computed_for_each_row_have_a_bound_together() {
    let copy = Expression::parse("long + long + long + long").expect("it is CEL");
    let cell = |number| field(&format!("f{number}"), Kind::Computed { value: Some(copy.clone()), unit: None });
    let rows = Kind::Group { min: 0, max: 200, fields: (0..50).map(cell).collect() };
    let form = form(vec![field("long", Kind::LongText { max: 20_000 }), field("rows", rows)]);
    let judged = judge_json(&form, json!({ "long": "x".repeat(20_000), "rows": vec![json!({}); 200] }));
    assert!(judged.overrun.is_some());
    let kept = serde_json::to_string(&judged.values).expect("JSON").len();
    assert!(kept < 40 << 20, "{kept}");
}

#[test]
fn values_are_normalised_and_findings_name_their_place() {
    let member = vec![field("name", Kind::Text { max: 10 }), field("id", number(None, None))];
    let form = form(vec![
        field("capital", Kind::Dong { min: Some(crate::money::Dong(1)), max: None }),
        field("share", Kind::Decimal { min: None, max: Some(100.0), places: 2, unit: None }),
        field("members", Kind::Group { min: 1, max: 3, fields: member }),
    ]);
    let typed = json!({"capital": "1.000.000 đ", "share": "33,34", "members": [
        {"name": " An ", "id": "074 185 000 123"}, {"name": "Tên quá dài này", "id": "1"}]});
    let judged = judge_json(&form, typed);
    assert_eq!(judged.values["capital"], json!(1_000_000));
    assert_eq!(judged.values["share"], json!(33.34));
    assert_eq!(judged.values["members"][0], json!({"name": "An", "id": "074185000123"}));
    let found: Vec<_> = judged.findings.iter().map(|f| (f.path.as_str(), f.code.as_str())).collect();
    assert_eq!(found, [("members.1.name", "too-long"), ("members.1.id", "citizen-number")]);
}

#[test]
fn the_number_of_a_bank_account_is_kept_without_blanks() {
    let form = form(vec![field("account", Kind::BankAccount)]);
    let typed = |number: &str| json!({"account": {"bank": "VCB", "number": number, "holder": "AN"}});
    assert_eq!(judge_json(&form, typed("0071 0001 2345")).values["account"]["number"], json!("007100012345"));
    assert_eq!(codes(&judge_json(&form, typed("12a45"))), [("account.number", "account-number")]);
}

#[test]
fn a_hidden_field_is_neither_checked_nor_kept() {
    let mut reason = field("reason", Kind::Text { max: 10 });
    reason.shown = Condition::When(Expression::parse("urgent == true").expect("it is CEL"));
    let form = form(vec![field("urgent", Kind::YesNo), reason]);
    let hidden = judge_json(&form, json!({"urgent": "false", "reason": "x"}));
    assert!(hidden.complete() && !hidden.values.contains_key("reason"));
    let shown = judge_json(&form, json!({"urgent": "true"}));
    assert_eq!(shown.findings[0].path, "reason");
}

#[test]
fn computed_values_follow_from_others_wherever_they_stand() {
    let cel = |text: &str| Expression::parse(text).expect("it is CEL");
    let computed = |id: &str, text: &str| field(id, Kind::Computed { value: Some(cel(text)), unit: None });
    let mut large = field("reason", Kind::Text { max: 10 });
    large.shown = Condition::When(cel("total > 100"));
    let form = form(vec![
        large,
        computed("twice", "total * 2"),
        computed("total", "count * price"),
        field("count", Kind::Integer { min: None, max: None, unit: None }),
        field("price", Kind::Dong { min: None, max: None }),
    ]);
    let judged = judge_json(&form, json!({"count": "3", "price": "50", "total": "7", "reason": "vì"}));
    assert_eq!(judged.values["total"], json!(150), "what was typed for it does not count");
    assert_eq!(judged.values["twice"], json!(300));
    assert_eq!(judged.values["reason"], json!("vì"));
    let small = judge_json(&form, json!({"count": "1", "price": "50", "reason": "vì"}));
    assert!(small.complete() && !small.values.contains_key("reason"));
    let unanswered = judge_json(&form, json!({"count": "1"}));
    let codes: Vec<_> = unanswered.findings.iter().map(|f| (f.path.as_str(), f.code.as_str())).collect();
    assert_eq!(codes, [("price", "required")], "a computed value is nobody's to give");
}

#[test]
fn consent_is_ticked_a_time_is_read_as_people_write_it_and_an_explanation_asks_nothing() {
    let form = form(vec![
        field("agreed", Kind::Consent),
        field("words", Kind::Explanation),
        field("at", Kind::DateTime { past: false }),
    ]);
    let judged = judge_json(&form, json!({"agreed": "true", "words": "x", "at": "2/9/2026 7:05"}));
    assert!(judged.complete());
    assert_eq!(Json::Object(judged.values), json!({"agreed": true, "at": "2026-09-02T07:05"}));
    let judged = judge_json(&form, json!({"agreed": "false", "at": "2/9/2026"}));
    let codes: Vec<_> = judged.findings.iter().map(|f| f.code.as_str()).collect();
    assert_eq!(codes, ["consent", "date-time"]);
}

#[test]
fn decomposed_letters_are_composed() {
    let form = form(vec![field("name", Kind::Text { max: 10 })]);
    let judged = judge_json(&form, json!({"name": "Hoa\u{0300}"}));
    assert_eq!(judged.values["name"], json!("Hoà"));
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        ".*".prop_map(Json::from),
        "[0-9./,-]{0,12}".prop_map(Json::from)
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            proptest::collection::btree_map("[a-c]", inner, 0..4)
                .prop_map(|map| Json::Object(map.into_iter().collect()))
        ]
    })
}

fn every_kind() -> Form {
    let choices = vec![Choice { value: "a".into(), label: Text::vi("A") }];
    let simple = vec![
        Kind::Text { max: 5 },
        Kind::LongText { max: 5 },
        Kind::Integer { min: Some(0), max: None, unit: None },
        Kind::Decimal { min: None, max: None, places: 2, unit: None },
        Kind::Dong { min: None, max: None },
        Kind::Date { past: true, precision: Precision::Day },
        Kind::Date { past: false, precision: Precision::Year },
        Kind::DateTime { past: true },
        Kind::Consent,
        Kind::Explanation,
        Kind::YesNo,
        Kind::OneOf { choices: choices.clone() },
        Kind::SeveralOf { choices },
        Kind::Phone { landline: true, foreign: true },
        Kind::Email,
        number(Some("f5"), Some("f10")),
        Kind::TaxCode,
        Kind::Address,
        Kind::Person { precision: Precision::Month },
        Kind::Organisation,
        Kind::BankAccount,
        Kind::Map { shape: Shape::Point },
        Kind::Map { shape: Shape::Area },
        Kind::Registry { registry: "provinces".into(), under: None },
    ];
    let named = |kinds: Vec<Kind>| {
        kinds.into_iter().enumerate().map(|(i, kind)| field(&format!("f{i}"), kind)).collect::<Vec<_>>()
    };
    let mut fields = named(simple.clone());
    let sum = Expression::parse("f2 + f4").expect("it is CEL");
    fields.push(field("sum", Kind::Computed { value: Some(sum), unit: None }));
    fields.push(field("group", Kind::Group { min: 0, max: 2, fields: named(simple.clone()) }));
    let row = |value: &str| Choice { value: value.into(), label: Text::vi(value) };
    fields.push(field("table", Kind::Table { rows: vec![row("a"), row("b")], fields: named(simple) }));
    form(fields)
}

proptest! {
    #[test]
    fn judging_never_panics_and_its_values_are_judged_the_same_again(
        typed in proptest::collection::btree_map("f[0-9]|f1[0-9]|f2[0-3]|group|table|sum", any_json(), 0..27)
    ) {
        let form = every_kind();
        let once = judge_map(&form, &typed.into_iter().collect());
        let again = judge_map(&form, &once.values);
        prop_assert_eq!(once.values, again.values);
    }
}
