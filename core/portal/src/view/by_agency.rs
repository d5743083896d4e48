//! The terms of a procedure that several agencies offer: those that all of them have, and the range where they differ.

use crate::view::format::{self, FeeContext};
use motcua_domain::legal::LegalDocuments;
use motcua_domain::money::Dong;
use motcua_domain::names::AgencyId;
use motcua_domain::procedure::Procedure;
use motcua_domain::procedure::fee::{Fee, FeeRate};
use motcua_domain::text::{Language, Text};
use motcua_domain::time::calendar::Limit;

/// Returns the limit at these agencies, or the shortest and the longest, and whether the agencies differ.
pub fn limit(procedure: &Procedure, agencies: &[AgencyId], language: Language) -> (String, bool) {
    let limits = || agencies.iter().map(|agency| procedure.limit_in(agency));
    let by_length = |one: &Limit, other: &Limit| one.working_hours().total_cmp(&other.working_hours());
    let longest = limits().max_by(by_length).unwrap_or(procedure.limit);
    let shortest = limits().min_by(by_length).unwrap_or(longest);
    let words = |limit| format::limit(limit, language);
    if by_length(&shortest, &longest).is_lt() {
        (format!("{} – {}", words(shortest), words(longest)), true)
    } else {
        (words(longest), false)
    }
}

/// Returns the fees at these agencies, each with its range where the agencies differ.
pub fn fees(procedure: &Procedure, agencies: &[AgencyId], language: Language) -> Vec<FeeContext> {
    let mut lists: Vec<&[Fee]> = Vec::new();
    for agency in agencies {
        let own = procedure.fees_of(agency);
        if !lists.contains(&own) {
            lists.push(own);
        }
    }
    // The rules and notes are those of the procedure, unless no agency has its fees.
    lists.sort_by_key(|fees| *fees != procedure.fees.as_slice());
    merged(&lists, procedure.legal_documents(), language)
}

/// Returns the fees of several lists. A fee is the same in two lists if it has the same name, and the same number among
/// the fees of this name.
fn merged(lists: &[&[Fee]], documents: LegalDocuments<'_>, language: Language) -> Vec<FeeContext> {
    let mut named: Vec<(&Text, usize)> = Vec::new();
    for list in lists {
        for (at, fee) in list.iter().enumerate() {
            let number = list.iter().take(at).filter(|other| other.name == fee.name).count();
            if !named.contains(&(&fee.name, number)) {
                named.push((&fee.name, number));
            }
        }
    }
    let shown = |(name, number): (&Text, usize)| {
        let nth = |list: &&[Fee]| list.iter().filter(|fee| fee.name == *name).nth(number).cloned();
        let of_lists: Vec<Option<Fee>> = lists.iter().map(nth).collect();
        let known: Vec<&Fee> = of_lists.iter().flatten().collect();
        let first = known.first()?;
        let plain = format::fee(first, documents, language);
        if of_lists.iter().all(|fee| fee.as_ref() == Some(*first)) {
            return Some(plain);
        }
        let is_missing = known.len() < of_lists.len();
        Some(FeeContext { amount: range(&known, is_missing, language), by_agency: true, ..plain })
    };
    named.into_iter().filter_map(shown).collect()
}

/// Returns the least and the greatest rate of a fee, or all of them if they are no amounts. A fee that an agency does not
/// have is missing.
fn range(fees: &[&Fee], is_missing: bool, language: Language) -> String {
    let amount = |fee: &Fee| match &fee.rate {
        FeeRate::Amount(amount) => Some(*amount),
        FeeRate::Cases(_) | FeeRate::Table(_) | FeeRate::Formula(_) => None,
    };
    let mut by_amount = fees.to_vec();
    by_amount.sort_by_key(|fee| amount(fee));
    let none = is_missing.then(|| Dong(0).shown(language));
    let rates = by_amount.iter().map(|fee| fee.rate_words().get(language).to_owned());
    let mut words: Vec<String> = none.into_iter().chain(rates).collect();
    words.dedup();
    match words.as_slice() {
        [least, .., most] if fees.iter().all(|fee| amount(fee).is_some()) => format!("{least} – {most}"),
        _ => words.join(" / "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use motcua_domain::expression::Condition;
    use motcua_domain::procedure::FeeKind;

    fn fee(name: &str, amount: i64) -> Fee {
        Fee::fixed(Text::vi(name), FeeKind::Fee, Dong(amount), Condition::Fixed(true))
    }

    #[test]
    fn a_fee_that_differs_by_agency_has_its_range_and_the_others_stay_plain() {
        let (all, own) = ([fee("Phí", 8000), fee("Lệ phí", 1000)], [fee("Lệ phí", 1000), fee("Phí", 5000)]);
        let shown = |lists: &[&[Fee]]| -> Vec<(String, String, bool)> {
            let found = merged(lists, LegalDocuments::default(), Language::Vi);
            found.into_iter().map(|fee| (fee.name, fee.amount, fee.by_agency)).collect()
        };
        let line = |name: &str, amount: &str, by_agency| (name.to_owned(), amount.to_owned(), by_agency);
        assert_eq!(shown(&[&all]), [line("Phí", "8.000 đ", false), line("Lệ phí", "1.000 đ", false)]);
        assert_eq!(shown(&[&all, &own]), [line("Phí", "5.000 đ – 8.000 đ", true), line("Lệ phí", "1.000 đ", false)]);
        let without = [fee("Lệ phí", 1000)];
        assert_eq!(shown(&[&all, &without])[0], line("Phí", "0 đ – 8.000 đ", true), "one agency does not have it");
    }
}
