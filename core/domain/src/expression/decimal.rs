//! Exact decimal numbers, because an amount that somebody owes has no binary rounding: `0.1 + 0.2` is `0.3`.

use std::cmp::Ordering;
use std::fmt;

/// The most digits after the decimal sign. A division is rounded to them, half away from zero.
const MOST_PLACES: u32 = 12;

/// The digits of a text after its decimal sign that decide about rounding.
const READ_PLACES: usize = 13;

/// The first number that has too many digits.
const BEYOND: u128 = 10_u128.pow(24);

/// The first whole number that a floating point number may not have exactly.
const BEYOND_FLOAT: f64 = 9_007_199_254_740_992.0;

/// A decimal number of at most 24 digits: `units` divided by ten to the power of `places`, without zeros at the end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ExactDecimal {
    units: i128,
    places: u32,
}

/// Returns the units without their last digits, rounded half away from zero.
fn rounded(units: i128, dropped: u32) -> Option<i128> {
    let by = 10_i128.checked_pow(dropped)?;
    let away = (units % by).unsigned_abs() >= by.unsigned_abs().div_ceil(2);
    (units / by).checked_add(if away { units.signum() } else { 0 })
}

impl ExactDecimal {
    /// Returns the number, rounded if it has too many digits. Returns `None` if it is too large.
    fn new(units: i128, places: u32) -> Option<Self> {
        let mut dropped = places.saturating_sub(MOST_PLACES);
        let mut units = loop {
            let fewer = rounded(units, dropped)?;
            if fewer.unsigned_abs() < BEYOND {
                break fewer;
            }
            if dropped >= places {
                return None;
            }
            dropped += 1;
        };
        let mut places = places - dropped;
        while places > 0 && units % 10 == 0 {
            units /= 10;
            places -= 1;
        }
        Some(Self { units, places })
    }

    /// Returns a whole number as a decimal number.
    pub const fn whole(number: i64) -> Self {
        Self { units: number as i128, places: 0 }
    }

    /// Reads digits with a point: `-12.50`. Returns `None` if the text is no number, or the number is too large.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
        let plain = |digits: &str| digits.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !plain(whole) || !plain(decimals) {
            return None;
        }
        let decimals = decimals.get(..READ_PLACES).unwrap_or(decimals);
        let units: i128 = format!("{whole}{decimals}").parse().ok()?;
        Self::new(if negative { -units } else { units }, u32::try_from(decimals.len()).ok()?)
    }

    /// Returns the decimal number that an answer or an author wrote: the shortest one that the floating point number
    /// stands for. Returns `None` if it is too large.
    pub fn of_float(number: f64) -> Option<Self> {
        if number.fract() == 0.0 && number.abs() < BEYOND_FLOAT {
            #[expect(clippy::cast_possible_truncation, reason = "the range is looked at before")]
            let units = number as i128;
            return Some(Self { units, places: 0 });
        }
        // Rust writes a floating point number without an exponent.
        Self::parse(&number.to_string())
    }

    /// Returns the nearest floating point number, which is how an answer is stored.
    pub fn float(self) -> Option<f64> {
        self.to_string().parse().ok()
    }

    /// Returns the number, if it is a whole one.
    pub fn as_whole(self) -> Option<i64> {
        if self.places == 0 { i64::try_from(self.units).ok() } else { None }
    }

    /// Returns the number without its decimals.
    pub fn truncated(self) -> Option<i64> {
        i64::try_from(self.units / 10_i128.checked_pow(self.places)?).ok()
    }

    pub const fn is_zero(self) -> bool {
        self.units == 0
    }

    pub const fn negated(self) -> Self {
        Self { units: -self.units, places: self.places }
    }

    /// Returns the units of both numbers with the same number of places.
    fn aligned(self, other: Self) -> Option<(i128, i128, u32)> {
        let places = self.places.max(other.places);
        let at = |number: Self| number.units.checked_mul(10_i128.checked_pow(places - number.places)?);
        Some((at(self)?, at(other)?, places))
    }

    pub fn plus(self, other: Self) -> Option<Self> {
        let (left, right, places) = self.aligned(other)?;
        Self::new(left.checked_add(right)?, places)
    }

    pub fn times(self, other: Self) -> Option<Self> {
        let places = self.places + other.places;
        if let Some(units) = self.units.checked_mul(other.units) {
            return Self::new(units, places);
        }
        // Two long numbers have more digits together than fit. The last ones are cut off before the product is rounded,
        // which changes nothing: rounding drops more digits than these.
        let by = 10_i128.checked_pow(MOST_PLACES)?;
        let (high, low) = ((self.units / by).checked_mul(other.units)?, (self.units % by).checked_mul(other.units)?);
        Self::new(high.checked_add(low / by)?, places.checked_sub(MOST_PLACES)?)
    }

    /// Returns the quotient, rounded. Returns `None` if it is too large, or if `other` is zero.
    pub fn over(self, other: Self) -> Option<Self> {
        let (left, right, _) = self.aligned(other)?;
        let (mut quotient, mut rest) = (left.checked_div(right)?, left.checked_rem(right)?);
        let mut places = 0;
        // The digit after the last place decides about rounding.
        while rest != 0 && places <= MOST_PLACES {
            rest = rest.checked_mul(10)?;
            quotient = quotient.checked_mul(10)?.checked_add(rest / right)?;
            rest %= right;
            places += 1;
        }
        Self::new(quotient, places)
    }

    /// Returns how often a whole number is in this one, and the rest. Returns `None` if it is too large, or if the whole
    /// number is zero.
    pub fn divided(self, by: i64) -> Option<(i64, Self)> {
        let by = i128::from(by).checked_mul(10_i128.checked_pow(self.places)?)?;
        let (times, rest) = (self.units.checked_div(by)?, self.units.checked_rem(by)?);
        Some((i64::try_from(times).ok()?, Self::new(rest, self.places)?))
    }

    pub fn compare(self, other: Self) -> Option<Ordering> {
        let (left, right, _) = self.aligned(other)?;
        Some(left.cmp(&right))
    }
}

impl fmt::Display for ExactDecimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = self.places as usize;
        let digits = format!("{:0>width$}", self.units.unsigned_abs(), width = places + 1);
        let (whole, decimals) = digits.split_at(digits.len() - places);
        let sign = if self.units < 0 { "-" } else { "" };
        let point = if decimals.is_empty() { "" } else { "." };
        write!(f, "{sign}{whole}{point}{decimals}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> ExactDecimal {
        ExactDecimal::parse(text).expect("a number")
    }

    #[test]
    fn sums_products_and_quotients_are_those_of_paper() {
        let shown = |number: Option<ExactDecimal>| number.map(|number| number.to_string());
        assert_eq!(shown(read("0.1").plus(read("0.2"))).as_deref(), Some("0.3"));
        assert_eq!(shown(read("1.15").times(read("100"))).as_deref(), Some("115"));
        assert_eq!(shown(read("-7").over(read("2"))).as_deref(), Some("-3.5"));
        assert_eq!(shown(read("1").over(read("3"))).as_deref(), Some("0.333333333333"));
        assert_eq!(shown(read("-2").over(read("3"))).as_deref(), Some("-0.666666666667"));
        assert_eq!(shown(read("0.05").over(read("0.1"))).as_deref(), Some("0.5"));
        assert_eq!(shown(read("1").over(read("0"))), None);
        assert_eq!(read("2.50").compare(read("2.5")), Some(Ordering::Equal));
    }

    #[test]
    fn a_number_of_too_many_digits_is_rounded_or_refused_and_never_wrong_in_silence() {
        assert_eq!(read("0.0000000000005").to_string(), "0.000000000001");
        assert_eq!(read("0.00000000000049").to_string(), "0");
        let whole = "9".repeat(24);
        assert_eq!(read(&whole).to_string(), whole);
        assert!(ExactDecimal::parse(&format!("1{}", "0".repeat(24))).is_none());
        assert!(read(&whole).plus(read("1")).is_none());
        assert!(read(&whole).times(read(&whole)).is_none());
        assert!(ExactDecimal::of_float(1e300).is_none());
        assert!(ExactDecimal::of_float(f64::NAN).is_none());
        assert!(ExactDecimal::parse("1e3").is_none() && ExactDecimal::parse("").is_none());
    }

    #[test]
    fn a_product_of_long_numbers_is_rounded_and_not_refused() {
        // A share of 100 million times a share of 50 million.
        let share = |amount: &str, of: &str| read(amount).over(read(of)).expect("it is small");
        let product = share("100000000", "3").times(share("50000000", "7")).map(|number| number.to_string());
        assert_eq!(product.as_deref(), Some("238095238095238.095230952"));
        let product = share("-100000000", "3").times(share("50000000", "7")).map(|number| number.to_string());
        assert_eq!(product.as_deref(), Some("-238095238095238.095230952"));
        assert!(read(&"9".repeat(24)).times(read("1.000000000001")).is_none(), "it is too large");
    }

    proptest! {
        #[test]
        fn what_is_stored_is_what_was_computed(
            units in -999_999_999_999_999_i64..=999_999_999_999_999, places in 0_u32..=12,
        ) {
            let number = ExactDecimal::new(i128::from(units), places).expect("it is small");
            let stored = number.float().and_then(ExactDecimal::of_float).expect("it is small");
            prop_assert_eq!(stored.compare(number), Some(Ordering::Equal));
        }

        #[test]
        fn whole_numbers_are_computed_as_whole_numbers(left in any::<i32>(), right in any::<i32>()) {
            let (a, b) = (ExactDecimal::whole(left.into()), ExactDecimal::whole(right.into()));
            let whole = |number: Option<ExactDecimal>| number.and_then(ExactDecimal::as_whole);
            prop_assert_eq!(whole(a.plus(b)), Some(i64::from(left) + i64::from(right)));
            prop_assert_eq!(whole(a.times(b)), Some(i64::from(left) * i64::from(right)));
            prop_assert_eq!(whole(a.times(b).and_then(|c| c.over(b))), (right != 0).then_some(left.into()));
        }
    }
}
