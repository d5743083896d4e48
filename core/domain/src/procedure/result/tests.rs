//! The rules of results, on chosen and on random dates, codes and answers.

use super::*;
use jiff::civil::date;
use proptest::prelude::*;
use serde_json::json;

fn facts(answers: Json) -> Map<String, Json> {
    answers.as_object().cloned().unwrap_or_default()
}

fn days() -> impl Strategy<Value = Date> {
    (1900_i16..=2200, 1_i8..=12, 1_i8..=28).prop_map(|(year, month, day)| date(year, month, day))
}

fn code(day: Date, number: u32) -> DossierCode {
    DossierCode::new("H09.31", day, number)
}

#[test]
fn a_period_ends_on_the_day_of_the_same_number_or_on_the_last_day_of_the_month() {
    let none = Map::new();
    assert_eq!(ResultValidity::Years(5).until(date(2026, 3, 3), &none), Some(date(2031, 3, 3)));
    assert_eq!(ResultValidity::Years(1).until(date(2024, 2, 29), &none), Some(date(2025, 2, 28)));
    assert_eq!(ResultValidity::Months(6).until(date(2026, 8, 31), &none), Some(date(2027, 2, 28)));
    assert_eq!(ResultValidity::Unlimited.until(date(2026, 3, 3), &none), None);
}

#[test]
fn a_validity_is_read_from_its_answer() {
    let facts = facts(json!({ "years": 3, "last": "2027-01-31", "part": { "months": 2 }, "less": -1 }));
    let until = |validity: ResultValidity| validity.until(date(2026, 3, 3), &facts);
    assert_eq!(until(ResultValidity::YearsOf("years".into())), Some(date(2029, 3, 3)));
    assert_eq!(until(ResultValidity::MonthsOf("part.months".into())), Some(date(2026, 5, 3)));
    assert_eq!(until(ResultValidity::UntilDay("last".into())), Some(date(2027, 1, 31)));
    assert_eq!(until(ResultValidity::YearsOf("absent".into())), None);
    assert_eq!(until(ResultValidity::YearsOf("less".into())), None);
    assert_eq!(until(ResultValidity::UntilDay("years".into())), None);
}

#[test]
fn a_number_is_made_by_its_scheme_or_typed() {
    let (code, from) = (code(date(2026, 3, 3), 7), date(2027, 1, 4));
    let number = |rule: ResultNumber| rule.of(&code, from, &facts(json!({ "typed": " 12/GP ", "empty": " " })));
    assert_eq!(number(ResultNumber::Scheme("{serial}.{day}/{year}/GP".into())), "0007.260303/2027/GP");
    assert_eq!(number(ResultNumber::Scheme("{dossier}/GP".into())), "H09.31-260303-0007/GP");
    assert_eq!(number(ResultNumber::Typed("typed".into())), "12/GP");
    assert_eq!(number(ResultNumber::Typed("empty".into())), "H09.31-260303-0007", "the dossier can end");
}

#[test]
fn a_scheme_that_repeats_numbers_or_has_an_unknown_name_is_refused() {
    assert_eq!(ResultNumber::fault_of("{dossier}/GP", false), None);
    assert_eq!(ResultNumber::fault_of("{serial}-{day}", false), None);
    assert_eq!(ResultNumber::fault_of("{dossier}/GP", true), None);
    assert_eq!(ResultNumber::fault_of("{serial}-{day}", true), Some(BadScheme::Repeats), "each agency counts its own");
    assert_eq!(ResultNumber::fault_of("{serial}/{year}", false), Some(BadScheme::Repeats));
    assert_eq!(ResultNumber::fault_of("{dossier}/{nam}/GP", false), Some(BadScheme::Unknown("{nam}".into())));
    assert_eq!(ResultNumber::fault_of("{dossier", false), Some(BadScheme::Unknown("{dossier".into())));
    let long = format!("{{dossier}}{}", "x".repeat(LONGEST_NUMBER));
    assert_eq!(ResultNumber::fault_of(&long, false), Some(BadScheme::TooLong));
}

#[test]
fn a_result_keeps_the_answers_and_tells_of_its_end_as_its_procedure_says() {
    let rule = ResultRule {
        kind: "licence".into(),
        number: ResultNumber::Scheme("{dossier}".into()),
        holder: None,
        identity: None,
        valid: ResultValidity::Unlimited,
        data: vec!["flow".into(), "empty".into(), "absent".into()],
        notice_days: Some(90),
        follows: None,
    };
    let morning = instant(date(2026, 10, 2).at(8, 0, 0, 0));
    assert_eq!(rule.notice_at(date(2026, 12, 31)), Some(morning));
    let kept = rule.kept(&facts(json!({ "flow": 11, "secret": 1, "empty": null })));
    assert_eq!(Json::Object(kept), json!({ "flow": 11 }));
}

#[test]
fn a_form_is_filled_with_the_facts_and_the_kept_answers_of_the_earlier_result() {
    let from_result = [("no", "number"), ("issued", "from"), ("ends", "until"), ("flow", "amount"), ("x", "absent")];
    let rule = FollowRule {
        results: vec!["licence".into()],
        effect: EarlierEffect::Replaced,
        from_result: from_result.map(|(field, source)| (field.to_owned(), source.to_owned())).into(),
    };
    let data = facts(json!({ "amount": 11, "secret": 1 }));
    let filled = rule.filled("12/GP", date(2026, 3, 3), None, &data);
    assert_eq!(Json::Object(filled), json!({ "no": "12/GP", "issued": "2026-03-03", "flow": 11 }));
    assert!(is_same_number("12 / GP", "12/gp") && !is_same_number("12/GP", "13/GP"));
}

proptest! {
    #[test]
    fn a_period_never_ends_before_it_begins(from in days(), number in 0_u16..=3000) {
        for validity in [ResultValidity::Years(number), ResultValidity::Months(number)] {
            let until = validity.until(from, &Map::new());
            prop_assert!(until.is_some_and(|until| until >= from), "{validity:?} from {from} until {until:?}");
        }
    }

    #[test]
    fn a_longer_period_never_ends_earlier(from in days(), number in 0_u16..=200) {
        let until = |months| ResultValidity::Months(months).until(from, &Map::new());
        prop_assert!(until(number) < until(number + 1));
        prop_assert!(ResultValidity::Years(number).until(from, &Map::new()) == until(number * 12));
    }

    #[test]
    fn two_dossiers_never_get_the_same_number(
        one in (days(), 1_u32..=999_999_999),
        other in (days(), 1_u32..=999_999_999),
        from in days(),
    ) {
        // Codes have two digits of the year, so equal codes are equal dossiers.
        let (one, other) = (code(one.0, one.1), code(other.0, other.1));
        prop_assume!(one != other);
        for scheme in ["{dossier}/GP", "{day}.{serial}/{year}"] {
            prop_assert_eq!(ResultNumber::fault_of(scheme, false), None);
            let number = |code| ResultNumber::Scheme(scheme.into()).of(code, from, &Map::new());
            prop_assert_ne!(number(&one), number(&other));
        }
    }

    #[test]
    fn checking_a_scheme_never_panics(scheme in ".{0,60}") {
        _ = ResultNumber::fault_of(&scheme, false);
    }

    #[test]
    fn a_result_that_nothing_follows_is_valid_through_its_last_day(until in days(), today in days()) {
        let status = ResultStatus::of(Some(until), today, None);
        prop_assert_eq!(status == ResultStatus::Valid, today <= until);
        prop_assert_eq!(ResultStatus::of(None, today, None), ResultStatus::Valid);
        for later in EarlierEffect::ALL {
            let status = ResultStatus::of(Some(until), today, Some(later));
            prop_assert_eq!(status.name(), later.name());
        }
    }
}
