//! The types that expressions have, and the problems that the check reports.

use super::*;
use crate::dates::Precision;
use crate::expression::Condition;
use crate::form::reach::{Reach, can_hold_after, is_plain, reach};
use crate::form::{Field, FieldChoice, kinds};
use crate::text::Text;

fn field(id: &str, kind: FieldKind) -> Field {
    Field::new(id, Text::vi(id), kind)
}

fn cel(text: &str) -> Expression {
    Expression::parse(text).expect("it is CEL")
}

fn fields() -> Vec<Field> {
    let choice = |value: &str| FieldChoice { value: value.into(), label: Text::vi(value) };
    let mut depth = field("depth", FieldKind::Integer(kinds::Integer { min: Some(1), max: Some(500), unit: None }));
    depth.shown = Condition::When(cel("purpose == 'well'"));
    vec![
        field("purpose", FieldKind::OneOf(kinds::OneOf { choices: vec![choice("well"), choice("river")] })),
        depth,
        field("flow", FieldKind::Decimal(kinds::Decimal { min: None, max: None, places: 2, unit: None })),
        field("urgent", FieldKind::YesNo),
        field("name", FieldKind::Text(kinds::Text { max: 10 })),
        field("start", FieldKind::Date(kinds::Date { past: false, precision: Precision::Day })),
        field("birth", FieldKind::Date(kinds::Date { past: true, precision: Precision::Year })),
        field("owner", FieldKind::Person(kinds::Person { precision: Precision::Day })),
        field(
            "total",
            FieldKind::Computed(kinds::Computed { value: Some(cel("depth * 2")), unit: None, helper: false }),
        ),
        field(
            "floors",
            FieldKind::Table(kinds::Table {
                rows: vec![choice("f1"), choice("f2")],
                fields: vec![field(
                    "area",
                    FieldKind::Decimal(kinds::Decimal { min: None, max: None, places: 1, unit: None }),
                )],
            }),
        ),
        field(
            "plots",
            FieldKind::Group(kinds::Group {
                min: 0,
                max: 9,
                fields: vec![
                    field("area", FieldKind::Integer(kinds::Integer { min: None, max: None, unit: None })),
                    field("crop", FieldKind::OneOf(kinds::OneOf { choices: vec![choice("rice"), choice("fruit")] })),
                ],
            }),
        ),
        field("spot", FieldKind::Map(kinds::Map { shape: kinds::MapShape::Area })),
    ]
}

fn with_scope<T>(ask: impl FnOnce(ExpressionScope<'_>) -> T) -> T {
    let fields = fields();
    let form: Vec<&Field> = fields.iter().collect();
    let votes = Field::new("in_favour", Text::vi("Đồng ý?"), FieldKind::YesNo);
    ask(ExpressionScope { form: &form, group: &[], asked: &[(&votes, 3)] })
}

fn wrong(text: &str) -> String {
    let found = with_scope(|scope| type_problems(&cel(text), scope, WantedType::Condition));
    found.into_iter().map(|problem| problem.message.both().1.to_owned()).collect::<Vec<_>>().join("; ")
}

#[test]
fn types_that_fit_are_not_complained_of() {
    for text in [
        "depth > 30 && purpose == 'well'",
        "flow > 3.5 || flow == null",
        "owner.address.province.code == '74'",
        "plots.exists(plot, plot.area > 10)",
        "size(plots) >= 2 && total < 100",
        "name.startsWith('A') && !urgent",
        "purpose in ['well', 'river']",
        "double(depth) * 1.5 > flow",
        "has(owner.name)",
        "owner.sex == 'male' && owner.sex in ['male', 'female']",
        "plots.any(p, p.crop == 'rice') && plots[0].crop != 'fruit'",
        "spot != null || spot == null",
        "plots.all(p, p.area + 1 > 0)",
        "plots.exists(a, plots.exists(b, a.area > b.area))",
        "max(depth, 3) > min(4, depth)",
        "max(depth, 3, 5) > 2",
        "name.matches('^[A-ZĐ].*$')",
        "name.lower().contains('hà')",
        "days('2026-03-01', start) > 30 && months(birth, today) > 3",
        "age(birth, today) >= 18 && start <= today && start < '2030-01-01'",
        "year(start) == birth.year && last_of_month(start) > add_days(today, depth)",
        "start != '2026-03-02T10:00' && start in ['2026-03-02', 'x']",
        "plots.any(p, p.area > 10) && plots.count(p, p.area > 10) > 1",
        "plots.sum(p, p.area) > depth && plots.min(p, p.area) + 1 < plots.max(p, p.area)",
        "plots.filter(p, has(p.area)).sum(p, p.area) > 3",
        "floors.sum(f, floors[f].area) > 3.5",
        "floors.f1.area + floors.f2.area > 3.0",
        "floors.all(f, f != 'f3')",
        "int(flow) + int(name) > 3",
        "size(in_favour.filter(vote, vote)) >= 2",
    ] {
        assert_eq!(wrong(text), "", "{text}");
    }
}

#[test]
fn types_that_do_not_fit_are_named() {
    for (text, words) in [
        ("depth", "this gives a whole number"),
        ("depth * 1.5 > 3.0", "cannot be reckoned with together"),
        ("name > 5", "a text is compared with a whole number"),
        ("urgent == 'true'", "true or false is compared with a text"),
        ("purpose == 'rivr'", "`purpose` is never `rivr`"),
        ("purpose in ['well', 'sea']", "`purpose` is never `sea`"),
        ("owner.age > 3", "there is no part `age`"),
        ("owner.sex == 'nam'", "`owner.sex` is never `nam`"),
        ("owner.sex in ['male', 'Nữ']", "`owner.sex` is never `Nữ`"),
        ("plots.any(p, p.crop == 'rise')", "`p.crop` is never `rise`"),
        ("'rise' == plots[0].crop", "`plots[…].crop` is never `rise`"),
        ("spot.area > 3.0", "a place on a map has no part `area`"),
        ("has(spot.area)", "a place on a map has no part `area`"),
        ("spot['type'] == 'Polygon'", "a place on a map has no part"),
        ("spot == 'here'", "a place on a map is compared with a text"),
        ("size(spot) > 3", "`size` cannot be applied to a place on a map"),
        ("in_favour == true", "a list is compared with true or false"),
        ("in_favour != null", "the answers of several units are a list, which is never null"),
        ("null == in_favour", "the answers of several units are a list, which is never null"),
        ("depth.x == 1", "`.x` cannot be asked of a whole number"),
        ("depth && urgent", "join conditions"),
        ("total == 'a'", "a whole number is compared with a text"),
        ("plots.exists(p, p.size > 3)", "there is no part `size`"),
        ("length(name) > 3", "there is no function `length`"),
        ("owner > 3", "is not more or less"),
        ("size(depth) > 1", "`size` cannot be applied to a whole number"),
        ("max(depth, flow) > 1.0", "of one kind"),
        ("max(floors.f1.area, depth) > 1.0", "of one kind"),
        ("name.matches('(')", "is not a pattern"),
        ("name.matches('(a{100}){100}{100}')", "is too large"),
        ("name.matches(purpose)", "is not written in quotes"),
        ("depth.matches('1')", "`matches` cannot be applied to a whole number"),
        ("matches(name, '1')", "`matches` is not called like this"),
        ("age(name, today) > 18", "`age` cannot be applied to a text"),
        ("age(depth, today) > 18", "`age` cannot be applied to a whole number"),
        ("age(start) > 18", "`age` is not called like this"),
        ("age(today, birth) > 18", "`birth` is never after today, so this is never an age"),
        ("age(today, owner.birth_date) > 18", "`owner.birth_date` is never after today"),
        ("start >= birth", "a date of which only the year may be known is not more or less than another"),
        ("birth < '2000-01-01'", "a date of which only the year may be known is not more or less than another"),
        ("age(owner, today) > 18", "`age` cannot be applied to several answers together"),
        ("days('2/3/2026', today) > 1", "`days` cannot be applied to a text"),
        ("add_days(start, flow) > today", "`add_days` cannot be applied to a decimal number"),
        ("start > '2/3/2026'", "a date is compared with `2/3/2026`"),
        ("today > 2026", "a date is compared with a whole number"),
        ("plots.sum(p, p.area) > 'a'", "a whole number is compared with a text"),
        ("plots.sum(p, p.area) + 1.5 > 3.0", "cannot be reckoned with together"),
        ("['a'].sum(p, p) == 'a'", "`sum` cannot be applied to a text"),
        ("plots.count(p, p.area) > 1", "rows are kept by a condition, but this is a whole number"),
        ("plots.any(p.area > 1)", "`any` is not called like this"),
        ("plots.any(p, p.size > 3)", "there is no part `size`"),
        ("plots.any(depth, depth.area > 3)", "`depth` is a field, and names a row here"),
        ("plots.any(today, today.area > 3)", "`today` is the present day, and names a row here"),
        ("plots.any(p, plots.any(p, p.area > 3))", "`p` is the row of another loop"),
        ("floors.any(f, floors[f].length > 1.0)", "there is no part `length`"),
        ("name.contains('a', 'b')", "`contains` is not called like this"),
        ("int(urgent) == 1", "`int` cannot be applied to true or false"),
        ("floors.f9.area > 1.0e9", "there is no row `f9`"),
        ("floors.f1.length > 1.0", "there is no part `length`"),
        ("depth / 6 > 0.5", "drops the fraction"),
        ("plots.all(a, plots.all(b, plots.all(c, plots.all(d, plots.all(e, a.area > b.area)))))", "steps"),
    ] {
        assert!(wrong(text).contains(words), "{text}: {}", wrong(text));
    }
}

#[test]
fn what_can_never_hold_or_fail_is_found() {
    let tried = |text: &str| with_scope(|scope| reach(&cel(text), None, scope));
    let both = Some(Reach { can_hold: true, can_fail: true });
    let never = Some(Reach { can_hold: false, can_fail: true });
    assert_eq!(tried("depth > 30"), both);
    assert_eq!(tried("depth > 500"), Some(Reach { can_hold: false, can_fail: true }), "500 is the most");
    assert_eq!(tried("purpose == 'river' && depth > 3"), Some(Reach { can_hold: false, can_fail: true }), "hidden");
    assert_eq!(tried("urgent || !urgent || urgent == null"), Some(Reach { can_hold: true, can_fail: false }));
    assert_eq!(tried("flow > 3.0 && flow < 3.0"), Some(Reach { can_hold: false, can_fail: true }));
    assert_eq!(tried("flow > 3.0 && flow < 3.5"), both);
    assert_eq!(tried("name == 'a' && name == 'b'"), Some(Reach { can_hold: false, can_fail: true }));
    assert_eq!(tried("size(plots) > 3"), None, "not decided");
    assert_eq!(tried("depth > flow"), None, "not decided");
    assert_eq!(tried("age(start, today) >= 18"), both);
    assert_eq!(tried("age(today, start) >= 18"), both, "a day to come");
    assert_eq!(tried("age(start, today) >= 18 && age(start, today) < 18"), never);
    assert_eq!(tried("1800 < age(start, today)"), never);
    assert_eq!(tried("age(start, today) >= 18 && start > '2030-01-01'"), None, "it depends on the day");
    assert_eq!(tried("age(birth, today) >= 18"), None, "the day of birth may be unknown");
    assert_eq!(tried("size(in_favour) > 3"), None, "not decided");
    assert_eq!(tried("owner.sex == 'male' || owner.name == 'An'"), both);
    assert_eq!(tried("owner.sex == 'male' && owner.sex == 'female'"), never);
    assert_eq!(tried("age(today, owner.birth_date) >= 18"), never, "a birth lies in the past");
    assert_eq!(tried("owner.birth_date < start && start < owner.birth_date"), never);
    assert_eq!(tried("owner.address.province == 'x'"), None, "an entry is no text");
    assert_eq!(tried("owner != null && owner.sex == 'male'"), None, "not decided");
    assert_eq!(tried("depth > 3 && today > '2026-01-01'"), None, "not decided");
    assert_eq!(tried("start < today && start > today"), never);
    assert_eq!(tried("start < today && start >= add_days(today, -3)"), both);
    assert_eq!(tried("start > add_days(today, 3) && start <= today"), never);
    assert_eq!(tried("owner.birth_date > today"), never, "a birth lies in the past");
    assert_eq!(tried("days(start, today) > 10 && days(start, today) < 5"), never);
    assert_eq!(tried("start > '2030-01-01' && start < today"), None, "it depends on the day");
    assert_eq!(tried("add_months(start, 1) > add_days(start, 30)"), None, "it depends on the month");
    assert_eq!(tried("purpose.matches('^zzz')"), never, "all choices are tried");
    assert_eq!(tried("max(depth, 3) > 500"), None, "these are too many numbers");
    assert!(!is_plain(&cel("start > today")), "trials try no days");
    assert!(is_plain(&cel("depth > 3")) && !is_plain(&cel("today > '2026-01-01'")), "trials try no days");
}

#[test]
fn votes_and_chosen_texts_are_tried() {
    let in_favour = field("in_favour", FieldKind::YesNo);
    let rows = FieldKind::Group(kinds::Group { min: 0, max: 5, fields: vec![in_favour.clone()] });
    let class = cel("score > 5 ? 'poor' : (score > 3 ? 'near' : 'none')");
    let fields = [
        field("vote", rows),
        field("class", FieldKind::Computed(kinds::Computed { value: Some(class), unit: None, helper: true })),
        field("score", FieldKind::Integer(kinds::Integer { min: None, max: None, unit: None })),
    ];
    let form: Vec<&Field> = fields.iter().collect();
    let scope = ExpressionScope { form: &form, group: &[], asked: &[(&in_favour, 5)] };
    let tried = |text: &str| reach(&cel(text), None, scope).map(|reach| (reach.can_hold, reach.can_fail));
    let majority = "vote.count(v, v.in_favour == true) * 2 > size(vote)";
    for (text, found) in [
        (majority.to_owned(), Some((true, true))),
        (format!("{majority} || vote.count(v, v.in_favour == true) * 2 <= size(vote)"), Some((true, false))),
        ("size(vote) > 5".to_owned(), Some((false, true))),
        ("vote.all(v, v.in_favour) && vote.any(v, !v.in_favour)".to_owned(), Some((false, true))),
        ("vote[0].in_favour == true".to_owned(), None),
        ("class == 'poor' || class == 'near'".to_owned(), Some((true, true))),
        ("class == 'rich'".to_owned(), Some((false, true))),
        ("class == 'poor' && score < 2".to_owned(), None),
        (format!("({majority} && class == 'poor') || class != 'poor'"), Some((true, true))),
    ] {
        assert_eq!(tried(&text), found, "{text}");
    }
}

#[test]
fn a_case_before_another_fits_no_answers_that_are_hidden() {
    let after = |earlier: &[&str], case: &str| {
        let earlier: Vec<Expression> = earlier.iter().map(|text| cel(text)).collect();
        let earlier: Vec<&Expression> = earlier.iter().collect();
        with_scope(|scope| can_hold_after(&cel(case), &earlier, None, scope))
    };
    assert_eq!(after(&["depth > 30"], "depth > 50"), Some(false));
    assert_eq!(after(&["depth > 30"], "depth > 10"), Some(true));
    assert_eq!(after(&["depth > 30", "depth <= 30"], "purpose == 'well' && depth != null"), Some(false));
    assert_eq!(after(&["depth > 30", "depth <= 30"], "purpose == 'river'"), Some(true), "a river has no depth");
    assert_eq!(after(&["size(plots) > 3"], "urgent"), None, "not decided");
}

#[test]
fn answers_that_are_compared_with_one_another_are_tried_in_every_order() {
    let whole = |min, max| FieldKind::Integer(kinds::Integer { min, max, unit: None });
    let date = || FieldKind::Date(kinds::Date { past: false, precision: Precision::Day });
    let fields = [
        Field::new("few", Text::default(), whole(Some(1), Some(3))),
        Field::new("many", Text::default(), whole(Some(3), None)),
        Field::new("more", Text::default(), whole(None, None)),
        Field::new("start", Text::default(), date()),
        Field::new("finish", Text::default(), date()),
    ];
    let form: Vec<&Field> = fields.iter().collect();
    let scope = ExpressionScope { form: &form, group: &[], asked: &[] };
    let tried = |text: &str| reach(&cel(text), None, scope).map(|reach| (reach.can_hold, reach.can_fail));
    for (text, found) in [
        ("few > many", Some((false, true))),
        ("few == many", Some((true, true))),
        ("few < more && more < many", Some((true, true))),
        ("more > few && more < few", Some((false, true))),
        ("few < 2 && many < few", Some((false, true))),
        ("start < finish", Some((true, true))),
        ("start < finish && finish < start", Some((false, true))),
        ("start < finish || start >= finish || start == null || finish == null", Some((true, false))),
        ("few + 1 > many", None),
        ("few == start", None),
    ] {
        assert_eq!(tried(text), found, "{text}");
    }
}
