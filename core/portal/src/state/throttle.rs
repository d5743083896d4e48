//! Limits on guessing.
//!
//! A try counts as wrong until it turns out to be right, so tries at the same moment count too. Three things are
//! counted, and each has a reason:
//!
//! - *who guesses at what*: the network of the client, or the device on which the owner logged in before, with the
//!   account or the dossier. Each wrong try after the first ones makes the wait twice as long. A stranger waits, and
//!   the owner elsewhere does not.
//! - *what is guessed at*, whoever guesses: more wrong tries than one network can make in a day close the account or
//!   the dossier to unknown devices, so that many networks together do not find a password or four digits. The
//!   owner's devices are let in.
//! - *who guesses*, whatever at: wrong tries a minute of one network, and some times as many of a customer with many
//!   networks of IPv6. An office and a mobile network have many people behind one address, and those who are right do
//!   not count. Neither do those who can guess at one account only and have been its owner before: a known device, and
//!   somebody who is logged in. So a stranger in the same network does not hold them up.
//!
//! The counts are those of one node. If nodes shared them, anybody could make each of them write to the database as
//! often as they like. With some nodes the limits are as many times as high, which they can bear.

use crate::state::network::Network;
use axum::http::header::{HeaderName, HeaderValue, RETRY_AFTER};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

/// The limits on guessing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GuessLimits {
    /// Wrong log-ins, wrong look-ups and registrations a minute, for one network.
    pub tries_per_minute: u32,
}

/// Wrong tries before the first wait.
const FREE: u32 = 5;

/// The longest wait, in seconds: a quarter of an hour.
const LONGEST_WAIT: i64 = 15 * 60;

/// The seconds without a try after which wrong ones are forgotten: a day.
const FORGOTTEN: i64 = 24 * 60 * 60;

/// The limit of wrong tries at one account or dossier from all networks together, and the seconds after which one is
/// forgotten.
///
/// One network alone makes a hundred on its first day and 96 on each other day.
const OF_ALL: TryRate = TryRate { most: 120, every: 10 * 60 * MICROS };

/// The number of networks of IPv6 whose tries one customer may use up together. A customer may have 65,536 networks.
const NETWORKS_OF_SITE: i64 = 8;

/// The most entries of each kind that are counted at once.
const MOST: usize = 100_000;

const MICROS: i64 = 1_000_000;

/// A burst of tries, and the time in microseconds after which one more is allowed.
#[derive(Debug, Clone, Copy)]
struct TryRate {
    most: i64,
    every: i64,
}

/// The target of a guess.
#[derive(Debug, Clone, Copy)]
pub enum GuessTarget<'a> {
    /// The account with this log-in.
    Account(&'a str),
    /// The password of an account, by somebody who is logged in to it.
    Password(&'a str),
    /// The code for a new password of the account with this log-in.
    Code(&'a str),
    /// The dossier with this code.
    Dossier(&'a str),
    /// The result with this number.
    Result(&'a str),
    /// No particular target.
    Any,
}

/// The source of a guess.
#[derive(Debug, Clone, Copy)]
pub struct Guesser<'a> {
    pub network: Network,
    /// The device, if the owner of the guessed account logged in there before.
    pub device: Option<&'a str>,
}

/// The seconds before the next try is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThrottleWait(pub i64);

impl ThrottleWait {
    /// Returns the wait in minutes, for people: one at least.
    pub const fn minutes(self) -> i64 {
        (self.0 + 59) / 60
    }

    /// Returns the wait as a header, for programs.
    pub fn header(self) -> [(HeaderName, HeaderValue); 1] {
        [(RETRY_AFTER, self.0.into())]
    }
}

/// A digest, so that keys are short even for long inputs.
type ThrottleKey = [u8; 32];

fn key(parts: &[&str]) -> ThrottleKey {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.len().to_le_bytes());
        digest.update(part);
    }
    digest.finalize().into()
}

/// Wrong tries of one guesser at one target.
#[derive(Debug, Clone, Copy)]
struct WrongTries {
    tries: u32,
    last: i64,
}

impl WrongTries {
    /// Returns the moment from which the next try is allowed.
    fn open_from(self) -> i64 {
        let doublings = self.tries.saturating_sub(FREE);
        let wait = if self.tries < FREE { 0 } else { 1_i64.checked_shl(doublings.min(32)).unwrap_or(LONGEST_WAIT) };
        self.last + wait.min(LONGEST_WAIT) * MICROS
    }
}

#[derive(Debug, Default)]
struct TryCounts {
    /// Wrong tries by guesser and subject.
    wrong: HashMap<ThrottleKey, WrongTries>,
    /// The moment from which nothing counts any more, by key.
    until: HashMap<ThrottleKey, i64>,
}

impl TryCounts {
    /// Returns the time that a try has to wait for its turn, in microseconds.
    fn wait(&self, keys: &ThrottleKeys, now: i64) -> i64 {
        let of_pair = keys.pair.and_then(|pair| self.wrong.get(&pair)).map_or(0, |wrong| wrong.open_from() - now);
        let of_rates = keys.rates.iter().flatten().map(|(key, rate)| {
            let until = self.until.get(key).copied().unwrap_or(now).max(now);
            until + rate.every - now - rate.most * rate.every
        });
        of_rates.fold(of_pair, i64::max).max(0)
    }

    fn add(&mut self, keys: &ThrottleKeys, now: i64) {
        make_room(&mut self.wrong, |wrong| wrong.last + FORGOTTEN * MICROS, now);
        make_room(&mut self.until, |until| *until, now);
        if let Some(pair) = keys.pair {
            let wrong = self.wrong.entry(pair).or_insert(WrongTries { tries: 0, last: now });
            let old = if now - wrong.last > FORGOTTEN * MICROS { 0 } else { wrong.tries };
            *wrong = WrongTries { tries: old.saturating_add(1), last: now };
        }
        for (key, rate) in keys.rates.iter().flatten() {
            let until = self.until.entry(*key).or_insert(now);
            *until = (*until).max(now) + rate.every;
        }
    }

    /// Removes a try that was not wrong from the counts.
    fn take_back(&mut self, keys: &ThrottleKeys, right: bool) {
        for (key, rate) in keys.rates.iter().flatten() {
            if let Some(until) = self.until.get_mut(key) {
                *until -= rate.every;
            }
        }
        let Some(pair) = keys.pair else { return };
        let others = self.wrong.get(&pair).map_or(0, |wrong| wrong.tries.saturating_sub(1));
        if right || others == 0 {
            self.wrong.remove(&pair);
        } else if let Some(wrong) = self.wrong.get_mut(&pair) {
            wrong.tries = others;
        }
    }
}

/// Limits the size of a map: removes entries that have ended, and if that is not enough, the half that ends first.
fn make_room<K: Eq + Hash, V>(map: &mut HashMap<K, V>, end: impl Fn(&V) -> i64, now: i64) {
    if map.len() < MOST {
        return;
    }
    map.retain(|_, value| end(value) > now);
    if map.len() < MOST / 2 {
        return;
    }
    let mut ends: Vec<i64> = map.values().map(&end).collect();
    let middle = ends.len() / 2;
    let (_, median, _) = ends.select_nth_unstable(middle);
    let median = *median;
    map.retain(|_, value| end(value) > median);
}

/// The keys under which a try counts.
#[derive(Debug)]
struct ThrottleKeys {
    pair: Option<ThrottleKey>,
    rates: [Option<(ThrottleKey, TryRate)>; 3],
}

/// The counts of tries.
#[derive(Debug)]
pub struct Throttle {
    of_network: TryRate,
    of_site: TryRate,
    counts: Mutex<TryCounts>,
}

impl Throttle {
    pub fn new(limits: GuessLimits) -> Self {
        let most = i64::from(limits.tries_per_minute.max(1));
        let rate = |most: i64| TryRate { most, every: (60 * MICROS / most).max(1) };
        Self { of_network: rate(most), of_site: rate(most * NETWORKS_OF_SITE), counts: Mutex::default() }
    }

    /// Begins a try, or returns the time to wait for it.
    pub fn begin(
        &self,
        subject: GuessTarget<'_>,
        guesser: Guesser<'_>,
        now: Timestamp,
    ) -> Result<Try<'_>, ThrottleWait> {
        let (now, network) = (now.as_microsecond(), guesser.network.to_string());
        let (kind, what) = match subject {
            GuessTarget::Account(login) => ("account", login),
            GuessTarget::Password(account) => ("password", account),
            GuessTarget::Code(login) => ("code", login),
            GuessTarget::Dossier(code) => ("dossier", code),
            GuessTarget::Result(number) => ("result", number),
            GuessTarget::Any => ("", ""),
        };
        let is_any = matches!(subject, GuessTarget::Any);
        // Otherwise a customer with many networks of IPv6 would have enough tries to close an account to everybody.
        let site = guesser.network.site().to_string();
        let from = guesser.device.map_or(["network", site.as_str()], |device| ["device", device]);
        let pair = (!is_any).then(|| key(&[kind, what, from[0], from[1]]));
        let of_all = (!is_any && guesser.device.is_none()).then(|| (key(&[kind, what]), OF_ALL));
        let is_unknown = guesser.device.is_none() && !matches!(subject, GuessTarget::Password(_));
        let of_guesser = |kind: &str, who: &str, rate: TryRate| is_unknown.then(|| (key(&[kind, who]), rate));
        let of_network = of_guesser("network", &network, self.of_network);
        let of_site = of_guesser("site", &site, self.of_site);
        let keys = ThrottleKeys { pair, rates: [of_network, of_site, of_all] };
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        match counts.wait(&keys, now) {
            0 => {
                counts.add(&keys, now);
                Ok(Try { throttle: self, keys })
            }
            wait => Err(ThrottleWait((wait + MICROS - 1) / MICROS)),
        }
    }
}

/// A try under way. It counts as wrong until the caller reports another outcome.
#[derive(Debug)]
#[must_use]
pub struct Try<'a> {
    throttle: &'a Throttle,
    keys: ThrottleKeys,
}

impl Try<'_> {
    /// Reports that the guess was right.
    pub fn was_right(self) {
        self.take_back(true);
    }

    /// Reports that it is unknown whether the guess was right, because something else failed.
    pub fn was_not_judged(self) {
        self.take_back(false);
    }

    /// Reports that the guess was wrong, or that nothing could be guessed.
    pub fn counts(self) {
        drop(self);
    }

    fn take_back(&self, right: bool) {
        let mut counts = self.throttle.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.take_back(&self.keys, right);
    }
}

#[cfg(test)]
mod tests {
    use super::{GuessLimits, GuessTarget, Guesser, LONGEST_WAIT, MOST, Throttle, make_room};
    use crate::state::network::Network;
    use jiff::{SignedDuration, Timestamp};
    use proptest::collection::vec;
    use proptest::prelude::{ProptestConfig, any, proptest};
    use std::collections::HashMap;

    const LAN: GuessTarget<'static> = GuessTarget::Account("lan.khdt");

    fn network(number: u32) -> Network {
        let address = std::net::Ipv4Addr::from_bits(0x0a00_0000 + number);
        Network::of(Some(address.into()))
    }

    fn stranger(number: u32) -> Guesser<'static> {
        Guesser { network: network(number), device: None }
    }

    fn throttle(tries_per_minute: u32) -> Throttle {
        Throttle::new(GuessLimits { tries_per_minute })
    }

    fn later(seconds: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1_000_000 + seconds)
    }

    /// Makes as many wrong tries as are allowed within some seconds, and returns their number.
    fn guess(
        throttle: &Throttle,
        subject: GuessTarget<'_>,
        guesser: Guesser<'_>,
        seconds: std::ops::Range<i64>,
    ) -> u32 {
        let (mut now, mut tries) = (seconds.start, 0);
        while now < seconds.end {
            match throttle.begin(subject, guesser, later(now)) {
                Ok(wrong) => {
                    wrong.counts();
                    tries += 1;
                }
                Err(wait) => now += wait.0,
            }
        }
        tries
    }

    #[test]
    fn each_wrong_try_makes_the_next_wait_longer_and_a_right_one_ends_that() {
        let throttle = throttle(1000);
        let mut waits = Vec::new();
        let mut now = 0;
        for _ in 0..18 {
            let wait = match throttle.begin(LAN, stranger(1), later(now)) {
                Ok(wrong) => {
                    wrong.counts();
                    0
                }
                Err(wait) => wait.0,
            };
            now += wait;
            if wait > 0 {
                waits.push(wait);
                throttle.begin(LAN, stranger(1), later(now)).expect("it was waited for").counts();
            }
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, LONGEST_WAIT, LONGEST_WAIT, LONGEST_WAIT]);
        now += LONGEST_WAIT;
        throttle.begin(LAN, stranger(1), later(now)).expect("it was waited for").was_right();
        for _ in 0..5 {
            throttle.begin(LAN, stranger(1), later(now)).expect("all is forgotten").counts();
        }
    }

    #[test]
    fn a_stranger_does_not_lock_the_owner_out() {
        let throttle = throttle(1000);
        let year = guess(&throttle, LAN, stranger(1), 0..365 * 86_400);
        assert!((35_000..36_000).contains(&year), "{year} tries in a year");
        throttle.begin(LAN, stranger(2), later(365 * 86_400)).expect("the owner is elsewhere").was_right();
        // Many networks together do not get further.
        let mut tries = 0;
        for number in 100..2_100 {
            tries += guess(&throttle, LAN, stranger(number), 366 * 86_400..366 * 86_400 + 1);
        }
        assert!(tries <= 120, "{tries} tries of 2,000 networks at one moment");
        assert!(throttle.begin(LAN, stranger(3), later(366 * 86_400)).is_err(), "an unknown device has to wait");
        let owner = Guesser { network: network(100), device: Some("the owner's") };
        throttle.begin(LAN, owner, later(366 * 86_400)).expect("the owner is let in").was_right();
    }

    #[test]
    fn an_office_behind_one_address_logs_in_at_the_same_minute() {
        let throttle = throttle(120);
        for number in 0..1_000 {
            let login = format!("officer{number}");
            throttle.begin(GuessTarget::Account(&login), stranger(1), later(0)).expect("let in").was_right();
        }
        // One try at each of very many accounts does not evade the limit.
        let mut tries = 0;
        for number in 0..1_000 {
            let login = format!("officer{number}");
            tries += u32::from(throttle.begin(GuessTarget::Account(&login), stranger(1), later(0)).is_ok());
        }
        assert_eq!(tries, 120);
    }

    #[test]
    fn a_stranger_in_the_same_network_does_not_hold_up_a_known_device_nor_somebody_who_is_logged_in() {
        let throttle = throttle(120);
        let owner = Guesser { network: network(1), device: Some("the owner's") };
        for number in 0..1_000 {
            let login = format!("officer{number}");
            if let Ok(wrong) = throttle.begin(GuessTarget::Account(&login), stranger(1), later(0)) {
                wrong.counts();
            }
        }
        assert!(throttle.begin(LAN, stranger(1), later(0)).is_err(), "the network has no tries left");
        throttle.begin(LAN, owner, later(0)).expect("the owner is let in").was_right();
        let password = GuessTarget::Password("an account");
        throttle.begin(password, stranger(1), later(0)).expect("it is the owner's own").was_right();
        // Each of them waits alone, and takes no tries from others in the network.
        assert_eq!(guess(&throttle, LAN, owner, 0..1), 5);
        assert_eq!(guess(&throttle, password, stranger(1), 0..1), 5);
        assert_eq!(guess(&throttle, GuessTarget::Any, stranger(1), 60..61), 120);
    }

    #[test]
    fn a_customer_with_65_536_networks_of_ipv6_has_few_tries_and_takes_none_from_others() {
        let of = |site: u16, network: u16| Guesser {
            network: Network::of(Some(std::net::Ipv6Addr::new(0x2001, 0xdb8, site, network, 0, 0, 0, 1).into())),
            device: None,
        };
        let at_one = throttle(120);
        let tries: u32 = (0..5_000).map(|network| guess(&at_one, LAN, of(1, network), 0..1)).sum();
        assert_eq!(tries, 5, "at one account it is one guesser");
        at_one.begin(LAN, of(2, 0), later(0)).expect("the owner is elsewhere").was_right();
        let at_many = throttle(120);
        let begins = |site: u16, network: u16| {
            let login = format!("officer{network}");
            at_many.begin(GuessTarget::Account(&login), of(site, network), later(0)).is_ok()
        };
        assert_eq!((0..5_000).filter(|network| begins(1, *network)).count(), 8 * 120);
        assert!(begins(2, 6_000), "another customer");
    }

    #[test]
    fn clients_without_an_address_are_one_guesser() {
        let throttle = throttle(1000);
        let nowhere = Guesser { network: Network::of(None), device: None };
        assert_eq!(guess(&throttle, LAN, nowhere, 0..1), 5);
        throttle.begin(LAN, stranger(1), later(0)).expect("somebody with an address").was_right();
    }

    #[test]
    fn tries_at_the_same_moment_count_before_they_are_judged() {
        let throttle = throttle(1000);
        let under_way: Vec<_> = (0..100).filter_map(|_| throttle.begin(LAN, stranger(1), later(0)).ok()).collect();
        assert_eq!(under_way.len(), 5);
        for not_judged in under_way {
            not_judged.was_not_judged();
        }
        assert_eq!(guess(&throttle, LAN, stranger(1), 0..1), 5, "as if nobody had tried");
    }

    #[test]
    fn what_is_counted_has_a_bound_and_the_most_that_were_guessed_at_stay() {
        let mut map: HashMap<usize, i64> =
            (0..MOST).map(|number| (number, i64::try_from(number).unwrap_or(0))).collect();
        make_room(&mut map, |end| *end, -1);
        assert!(map.len() <= MOST / 2 && map.contains_key(&(MOST - 1)) && !map.contains_key(&0));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn however_tries_come_one_network_makes_few_of_them(gaps in vec(any::<u16>(), 300)) {
            let throttle = throttle(1000);
            let (mut now, mut tries) = (0, 0);
            for gap in gaps {
                now += i64::from(gap % 600);
                if let Ok(wrong) = throttle.begin(LAN, stranger(1), later(now)) {
                    wrong.counts();
                    tries += 1;
                }
            }
            assert!(tries <= 16 + now / LONGEST_WAIT, "{tries} in {now} seconds");
        }
    }
}
