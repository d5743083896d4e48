//! Amounts of real fees, and properties of tables and roundings.

use super::*;
use proptest::prelude::*;
use serde_json::json;

fn values(json: Json) -> Map<String, Json> {
    json.as_object().expect("an object").clone()
}

fn cel(text: &str) -> Expression {
    Expression::parse(text).expect("it is CEL")
}

fn when(text: &str) -> Condition {
    Condition::When(cel(text))
}

fn fee(rate: FeeRate) -> Fee {
    let fixed = Fee::fixed(Text::new("Phí", "Fee"), FeeKind::Fee, Dong(0), Condition::Fixed(true));
    Fee { rate, ..fixed }
}

const fn below(at: f64) -> BracketEdge {
    BracketEdge { at, included: false }
}

const fn up_to(at: f64) -> BracketEdge {
    BracketEdge { at, included: true }
}

fn bracket(to: impl Into<Option<BracketEdge>>, amount: Option<i64>, percent: Option<f64>) -> FeeBracket {
    FeeBracket { to: to.into(), amount: amount.map(Dong), percent }
}

fn table(by: &str, marginal: bool, brackets: Vec<FeeBracket>) -> FeeTable {
    FeeTable { by: cel(by), marginal, from: None, brackets }
}

/// Returns the amount that is owed and its computation in both languages.
fn owed(fee: &Fee, answers: Json) -> Option<(i64, String, String)> {
    let lines = lines(std::slice::from_ref(fee), &values(answers), &WorkBudget::at(jiff::Timestamp::UNIX_EPOCH));
    let line = lines.into_iter().next()?;
    let computation = line.computation.unwrap_or_default();
    Some((line.amount.0, computation.get(Language::Vi).to_owned(), computation.get(Language::En).to_owned()))
}

fn told(amount: i64, vi: &str, en: &str) -> (i64, String, String) {
    (amount, vi.to_owned(), en.to_owned())
}

#[test]
fn copies_are_charged_each() {
    let mut copies = fee(FeeRate::Amount(Dong(8_000)));
    copies.per = Some(cel("copies"));
    copies.unit = Some(Text::new("bản", "copies"));
    assert_eq!(owed(&copies, json!({ "copies": 3 })), Some(told(24_000, "3 bản × 8.000 đ", "3 copies × 8,000 đ")));
    assert_eq!(owed(&copies, json!({})), None, "a missing answer owes nothing");
}

#[test]
fn the_first_case_that_fits_counts() {
    let case = |name: &str, when, amount| FeeCase { name: Text::vi(name), when, amount: Dong(amount) };
    let cases =
        vec![case("Tổ chức", when("party == 'company'"), 100_000), case("Cá nhân", Condition::Fixed(true), 50_000)];
    let cases = fee(FeeRate::Cases(cases));
    assert_eq!(owed(&cases, json!({ "party": "company" })).map(|owed| owed.0), Some(100_000));
    assert_eq!(
        owed(&cases, json!({ "party": "citizen" })),
        Some(told(50_000, "Cá nhân: 50.000 đ", "Cá nhân: 50,000 đ"))
    );
}

#[test]
fn a_permit_for_water_is_charged_by_its_flow() {
    let brackets = vec![
        bracket(below(200.0), Some(400_000), None),
        bracket(below(500.0), Some(1_100_000), None),
        bracket(None, Some(2_600_000), None),
    ];
    let mut permit = fee(FeeRate::Table(table("flow", false, brackets)));
    permit.unit = Some(Text::new("m³/ngày đêm", "m³ a day"));
    let amount = |flow: f64| owed(&permit, json!({ "flow": flow })).map(|owed| owed.0);
    assert_eq!([199.99, 200.0, 500.0].map(amount), [Some(400_000), Some(1_100_000), Some(2_600_000)]);
    assert_eq!(
        owed(&permit, json!({ "flow": 350 })),
        Some(told(
            1_100_000,
            "350 m³/ngày đêm (từ 200 đến dưới 500): 1.100.000 đ",
            "350 m³ a day (from 200 to below 500): 1,100,000 đ",
        ))
    );
}

#[test]
fn a_contract_is_charged_an_amount_and_a_share_of_the_part_above() {
    let brackets = vec![
        bracket(below(50_000_000.0), Some(50_000), None),
        bracket(up_to(100_000_000.0), Some(100_000), None),
        bracket(up_to(1_000_000_000.0), None, Some(0.1)),
        bracket(None, Some(1_000_000), Some(0.06)),
    ];
    let contract = fee(FeeRate::Table(table("price", false, brackets)));
    let amount = |price: i64| owed(&contract, json!({ "price": price })).map(|owed| owed.0);
    assert_eq!(amount(800_000_000), Some(800_000));
    assert_eq!(amount(1_000_000_000), Some(1_000_000));
    assert_eq!(
        owed(&contract, json!({ "price": 1_500_000_000 })),
        Some(told(
            1_300_000,
            "1.500.000.000 (trên 1.000.000.000): 1.000.000 đ + 0,06% × 500.000.000",
            "1,500,000,000 (over 1,000,000,000): 1,000,000 đ + 0.06% × 500,000,000",
        ))
    );
}

#[test]
fn pages_of_a_copy_are_charged_by_part_and_at_most_so_much() {
    let brackets = vec![bracket(up_to(2.0), Some(2_000), None), bracket(None, Some(1_000), None)];
    let mut copy = fee(FeeRate::Table(table("pages", true, brackets)));
    copy.unit = Some(Text::new("trang", "pages"));
    copy.at_most = Some(Dong(200_000));
    assert_eq!(
        owed(&copy, json!({ "pages": 7 })),
        Some(told(9_000, "2 trang × 2.000 đ + 5 trang × 1.000 đ", "2 pages × 2,000 đ + 5 pages × 1,000 đ"))
    );
    let (amount, computation, _) = owed(&copy, json!({ "pages": 900 })).expect("it is owed");
    assert_eq!(amount, 200_000);
    assert!(computation.ends_with("; tối đa 200.000 đ"), "{computation}");
    copy.per = Some(cel("copies"));
    let (amount, computation, _) = owed(&copy, json!({ "pages": 900, "copies": 3 })).expect("it is owed");
    assert_eq!(amount, 600_000, "each copy has the greatest price");
    let unnamed = "; tối đa 200.000 đ cho mỗi đơn vị; 3 × 200.000 đ";
    assert!(computation.ends_with(unnamed), "{computation}");
    assert_eq!(owed(&copy, json!({ "pages": 7, "copies": 2 })).map(|owed| owed.0), Some(18_000));
}

#[test]
fn a_table_that_charges_each_copy_says_that_its_units_are_copies() {
    let brackets = vec![bracket(up_to(2.0), Some(2_000), None), bracket(None, Some(1_000), None)];
    let mut copy = fee(FeeRate::Table(table("pages", true, brackets)));
    copy.unit = Some(Text::new("trang", "pages"));
    copy.at_most = Some(Dong(200_000));
    copy.per = Some(cel("copies"));
    copy.per_unit = Some(Text::new("bản", "copies"));
    assert_eq!(copy.rate_words(), Text::new("theo bảng, nhân với số bản", "by the table, times the number of copies"));
    assert!(
        copy.notes().contains(&Text::new("tối đa 200.000 đ/bản", "at most 200,000 đ/copies")),
        "{:?}",
        copy.notes()
    );
    assert_eq!(
        owed(&copy, json!({ "pages": 2, "copies": 12 })),
        Some(told(48_000, "2 trang × 2.000 đ; 12 bản × 4.000 đ", "2 pages × 2,000 đ; 12 copies × 4,000 đ"))
    );
    let (_, computation, _) = owed(&copy, json!({ "pages": 900, "copies": 3 })).expect("it is owed");
    assert!(computation.ends_with("; tối đa 200.000 đ/bản; 3 bản × 200.000 đ"), "{computation}");
}

#[test]
fn a_formula_is_exact_and_rounded_as_it_is_written() {
    let mut formula = fee(FeeRate::Formula(cel("area * 1500.1")));
    formula.help = Some(Text::new("diện tích × 1.500,1 đ", "area × 1,500.1 đ"));
    let mut amount = |way, area: f64| {
        formula.round = Some(Rounding { to: Dong(1_000), way });
        owed(&formula, json!({ "area": area })).map(|owed| owed.0)
    };
    assert_eq!(amount(RoundingWay::HalfUp, 15.0), Some(23_000), "22,501.5");
    assert_eq!(amount(RoundingWay::Up, 10.0), Some(16_000), "15,001");
    assert_eq!(amount(RoundingWay::Down, 10.0), Some(15_000));
    assert_eq!(
        owed(&formula, json!({ "area": 10.5 })),
        Some(told(
            15_000,
            "diện tích × 1.500,1 đ: 15.751,05 đ; làm tròn xuống đến 1.000 đ",
            "area × 1,500.1 đ: 15,751.05 đ; rounded down to 1,000 đ",
        ))
    );
}

#[test]
fn an_exempt_applicant_sees_the_line_with_nothing_and_the_reason() {
    let relief = |name: &str, when, percent, basis: Option<&str>| FeeRelief {
        name: Text::vi(name),
        when,
        percent,
        basis: basis.map(str::to_owned),
    };
    let mut fee = fee(FeeRate::Amount(Dong(50_000)));
    fee.reliefs = vec![
        relief("Hộ nghèo", when("poor == true"), FeeRelief::EXEMPT, Some("Thông tư 85/2019/TT-BTC")),
        relief("Nộp trực tuyến", when("online == true"), 50, None),
    ];
    let miss = "miễn: Hộ nghèo (Thông tư 85/2019/TT-BTC)";
    assert_eq!(
        owed(&fee, json!({ "poor": true, "online": true })),
        Some(told(0, miss, "exempt: Hộ nghèo (Thông tư 85/2019/TT-BTC)"))
    );
    assert_eq!(
        owed(&fee, json!({ "online": true })),
        Some(told(25_000, "50.000 đ; giảm 50%: Nộp trực tuyến", "50,000 đ; reduced by 50%: Nộp trực tuyến"))
    );
    assert_eq!(owed(&fee, json!({})), Some(told(50_000, "", "")), "a fixed amount needs no words");
}

#[test]
fn a_fee_whose_rule_breaks_is_not_owed_and_the_fault_is_stored() {
    let outside = fee(FeeRate::Table(table("flow", false, vec![bracket(below(200.0), Some(1), None)])));
    let negative = fee(FeeRate::Formula(cel("flow - 1000")));
    let mut large = fee(FeeRate::Amount(MOST));
    large.per = Some(cel("flow"));
    let exempt = FeeRelief { name: Text::vi("?"), when: when("1 / (flow - 300) > 1"), percent: 100, basis: None };
    let broken = Fee { reliefs: vec![exempt], ..fee(FeeRate::Amount(Dong(1))) };
    for fee in [outside, negative, large, broken] {
        let work = WorkBudget::at(jiff::Timestamp::UNIX_EPOCH);
        let fees = [fee];
        assert!(lines(&fees, &values(json!({ "flow": 300 })), &work).is_empty(), "{fees:?}");
        assert!(matches!(work.into_fault(), Some(RuleFault::Broken { .. })), "{fees:?}");
        let work = WorkBudget::at(jiff::Timestamp::UNIX_EPOCH);
        lines(&fees, &values(json!({})), &work);
        assert_eq!(work.into_fault(), None, "a missing answer is no fault");
    }
}

#[test]
fn the_reason_of_a_broken_fee_has_no_number_of_an_answer() {
    let outside = fee(FeeRate::Table(table("flow", false, vec![bracket(below(200.0), Some(1), None)])));
    let work = WorkBudget::at(jiff::Timestamp::UNIX_EPOCH);
    assert!(lines(&[outside], &values(json!({ "flow": 98_765 })), &work).is_empty());
    let (rule, reason) = ("Phí".to_owned(), "its table has no bracket for the number".to_owned());
    let reason_vi = Some("bảng phí không có bậc nào cho số này".to_owned());
    let fault = work.into_fault().expect("the fee is broken");
    let told = fault.text();
    assert!(told.get(Language::Vi).contains("không có bậc nào cho số này; hãy sửa quy tắc"), "{told:?}");
    assert_eq!(fault, RuleFault::Broken { rule, reason, reason_vi });
}

#[test]
fn a_date_that_is_known_in_part_is_a_missing_answer_of_a_fee_and_no_fault() {
    let born = json!({ "birth": { "year": 1985 } });
    let by_age = |fee: Fee| Fee { per: Some(cel("age(birth, today)")), ..fee };
    let of_age = FeeRate::Table(table("age(birth, today)", false, vec![bracket(None, Some(1), None)]));
    for fee in [by_age(fee(FeeRate::Amount(Dong(1)))), fee(of_age), fee(FeeRate::Formula(cel("age(birth, today)")))] {
        let work = WorkBudget::on(jiff::civil::date(2026, 3, 3));
        assert!(lines(std::slice::from_ref(&fee), &values(born.clone()), &work).is_empty(), "{fee:?}");
        assert_eq!(work.into_fault(), None, "{fee:?}");
    }
}

#[test]
fn a_fixed_fee_is_stored_as_it_always_was() {
    let stored = r#"{"name":{"vi":"Phí"},"kind":"fee","amount":28000,"when":true}"#;
    let read: Fee = serde_json::from_str(stored).expect("a fee");
    assert_eq!(read, Fee::fixed(Text::vi("Phí"), FeeKind::Fee, Dong(28_000), Condition::Fixed(true)));
    assert_eq!(serde_json::to_string(&read).expect("JSON"), stored);
}

#[test]
fn every_rate_is_stored_and_read_as_the_same() {
    let case = FeeCase { name: Text::vi("Khác"), when: Condition::Fixed(true), amount: Dong(1) };
    let brackets = vec![bracket(below(2.5), Some(1), Some(0.1)), bracket(None, None, Some(1.0))];
    for rate in
        [FeeRate::Cases(vec![case]), FeeRate::Table(table("flow", true, brackets)), FeeRate::Formula(cel("flow * 2.0"))]
    {
        let mut fee = fee(rate);
        fee.per = Some(cel("copies"));
        fee.round = Some(Rounding { to: Dong(1_000), way: RoundingWay::HalfUp });
        let stored = serde_json::to_string(&fee).expect("JSON");
        assert_eq!(serde_json::from_str::<Fee>(&stored).expect("a fee"), fee, "{stored}");
    }
}

/// Returns edges in ascending order, and whether each number at an edge belongs to the smaller ones.
fn edges() -> impl Strategy<Value = Vec<BracketEdge>> {
    proptest::collection::btree_map(0_i32..1_000, any::<bool>(), 0..6).prop_map(|edges| {
        let edge = |(at, included): (i32, bool)| BracketEdge { at: f64::from(at), included };
        edges.into_iter().map(edge).collect()
    })
}

fn tables(marginal: bool) -> impl Strategy<Value = FeeTable> {
    let prices = proptest::collection::vec((0_i64..1_000_000, 0_u32..=10_000), 7);
    (edges(), prices).prop_map(move |(edges, prices)| {
        let ends = edges.into_iter().map(Some).chain([None]);
        let price = |(to, (amount, hundredths)): (Option<BracketEdge>, (i64, u32))| {
            bracket(to, Some(amount), Some(f64::from(hundredths) / 100.0))
        };
        table("n", marginal, ends.zip(prices).map(price).collect())
    })
}

/// Returns a number with two decimals.
fn hundredths(number: i64) -> ExactDecimal {
    ExactDecimal::whole(number).over(ExactDecimal::whole(100)).expect("it is small")
}

fn amount(table: &FeeTable, number: ExactDecimal) -> ExactDecimal {
    let parts = table.parts(number).expect("an open table has every number");
    FeePrice { label: None, parts }.amount().expect("it is small")
}

proptest! {
    #[test]
    fn every_number_has_exactly_one_bracket(table in tables(false), number in 0_i64..110_000) {
        let number = hundredths(number);
        let has = |position: usize| {
            let single = FeeTable {
                from: position.checked_sub(1).and_then(|before| table.brackets[before].to),
                brackets: vec![table.brackets[position]],
                ..table.clone()
            };
            single.position(number).is_some()
        };
        let all: Vec<usize> = (0..table.brackets.len()).filter(|position| has(*position)).collect();
        prop_assert_eq!(all, vec![table.position(number).expect("an open table has every number")]);
    }

    #[test]
    fn a_larger_number_never_owes_less_in_a_marginal_table(
        table in tables(true), one in 0_i64..110_000, other in 0_i64..110_000,
    ) {
        let (small, large) = (hundredths(one.min(other)), hundredths(one.max(other)));
        let order = amount(&table, small).compare(amount(&table, large)).expect("they are small");
        prop_assert_ne!(order, Ordering::Greater);
    }

    #[test]
    fn a_rounded_amount_is_a_multiple_and_nearer_than_the_next(
        hundredth in 0_i64..1_000_000_000,
        to in 1_i64..100_000,
        way in proptest::sample::select(RoundingWay::ALL.to_vec()),
    ) {
        let rounded = Rounding { to: Dong(to), way }.apply(hundredths(hundredth)).expect("it is small").0;
        prop_assert_eq!(rounded % to, 0);
        let distance = rounded * 100 - hundredth;
        let in_reach = match way {
            RoundingWay::HalfUp => (-to * 50 + 1..=to * 50).contains(&distance),
            RoundingWay::Up => (0..to * 100).contains(&distance),
            RoundingWay::Down => (-to * 100 + 1..=0).contains(&distance),
        };
        prop_assert!(in_reach, "{} {} {:?}: {}", hundredth, to, way, rounded);
    }
}
