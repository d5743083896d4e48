//! Passwords: the rules for new ones, and hashing a few at a time.

use crate::{Error, InputRule};
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use motcua_domain::fold::fold;
use std::num::NonZero;
use std::sync::Arc;
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization as _;
use zxcvbn::{Score, zxcvbn};

/// The shortest accepted password, in characters.
const SHORTEST: usize = 10;

/// The longest accepted password, in characters, so that hashing stays cheap.
const LONGEST: usize = 200;

/// The most passwords that are hashed at once. Each takes 19 MiB.
const MOST_AT_ONCE: usize = 8;

/// The most further passwords that wait for their turn.
const MOST_WAITING: usize = 64;

/// The folded words of common Vietnamese passwords. The crate knows English ones.
const COMMON: &[&str] = &[
    "anhyeuem",
    "baogio",
    "binhduong",
    "chaoban",
    "congchuc",
    "dichvucong",
    "giadinh",
    "hanoi",
    "hoangsa",
    "hochiminh",
    "khongbiet",
    "khongco",
    "matkhau",
    "motcua",
    "nguyen",
    "saigon",
    "tinhyeu",
    "truongsa",
    "vietnam",
    "xinchao",
    "yeuanh",
    "yeuem",
    "password",
    "admin",
    "qwerty",
    "qwertyuiop",
    "asdfgh",
    "abc",
];

/// The places in which passwords are hashed, off the async threads. A caller who finds neither a place nor room in the
/// queue is rejected.
#[derive(Debug)]
pub(crate) struct PasswordHashing {
    places: Arc<Semaphore>,
    queue: Arc<Semaphore>,
}

impl Default for PasswordHashing {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, NonZero::get);
        Self::new(cores.clamp(2, MOST_AT_ONCE), MOST_WAITING)
    }
}

impl PasswordHashing {
    fn new(places: usize, waiting: usize) -> Self {
        Self { places: Arc::new(Semaphore::new(places)), queue: Arc::new(Semaphore::new(places + waiting)) }
    }

    /// Runs costly work in one of the places, and occupies the place until the work is done, even if the caller is
    /// gone.
    async fn within<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let queued = Arc::clone(&self.queue).try_acquire_owned().map_err(|_| Error::Busy)?;
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(Error::fault)?;
        let work = move || {
            let done = work();
            drop((place, queued));
            done
        };
        tokio::task::spawn_blocking(work).await.map_err(Error::fault)
    }

    /// Returns the hash of a checked password.
    pub(crate) async fn hash(&self, password: &str) -> Result<String, Error> {
        let password = normal(password);
        let hash =
            move || Argon2::default().hash_password(password.as_bytes()).map(|hash: PasswordHash| hash.to_string());
        self.within(hash).await?.map_err(|error| Error::Fault(error.to_string().into()))
    }

    /// Returns whether the password has this hash. Earlier versions hashed passwords as they were typed.
    pub(crate) async fn verify(&self, password: &str, hash: String) -> Result<bool, Error> {
        if password.chars().count() > LONGEST {
            return Ok(false);
        }
        let (typed, normal) = (password.to_owned(), normal(password));
        let verify = move || {
            let Ok(hash) = PasswordHash::new(&hash) else { return false };
            let fits = |password: &str| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok();
            fits(&normal) || (typed != normal && fits(&typed))
        };
        self.within(verify).await
    }
}

/// Returns a password in the form that is hashed, because keyboards write the same letter in different ways.
fn normal(password: &str) -> String {
    password.nfc().collect()
}

/// Rejects a password that is too short, too long or easily guessed. `personal` has the public facts about its owner.
pub(crate) fn check(password: &str, personal: &[&str]) -> Result<(), Error> {
    let password = normal(password);
    match password.chars().count() {
        length if length < SHORTEST => Err(Error::Invalid(InputRule::PasswordShort)),
        length if length > LONGEST => Err(Error::Invalid(InputRule::PasswordLong)),
        _ if is_common(&password, personal) => Err(Error::Invalid(InputRule::PasswordCommon)),
        _ => Ok(()),
    }
}

/// Returns whether the password would soon be guessed: common words and facts about the owner, with digits and signs.
fn is_common(password: &str, personal: &[&str]) -> bool {
    let folded = fold(password);
    let personal: Vec<String> = personal.iter().flat_map(|text| words(text)).collect();
    let mut letters: String = folded.chars().filter(|c| c.is_alphabetic()).collect();
    let has_letters = !letters.is_empty();
    for word in COMMON.iter().copied().chain(personal.iter().map(String::as_str)) {
        letters = letters.replace(word, "");
    }
    let digits: String = folded.chars().filter(char::is_ascii_digit).collect();
    let is_own_number = !has_letters && personal.contains(&digits);
    let known: Vec<&str> = COMMON.iter().copied().chain(personal.iter().map(String::as_str)).collect();
    (has_letters && letters.is_empty()) || is_own_number || zxcvbn(&folded, &known).score() < Score::Two
}

/// Returns the words of a text, folded, without single letters.
fn words(text: &str) -> Vec<String> {
    let folded = fold(text);
    folded.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 1).map(str::to_owned).collect()
}

/// The hash of a password that nobody has.
pub(crate) const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

#[cfg(test)]
mod tests {
    use super::{PasswordHashing, check};
    use crate::{Error, InputRule};
    use std::pin::pin;
    use std::sync::Arc;
    use std::task::{Context, Waker};

    const OWNER: &[&str] = &["Nguyễn Văn An", "0912345678"];

    fn refused(password: &str) -> Option<InputRule> {
        match check(password, OWNER) {
            Err(Error::Invalid(rule)) => Some(rule),
            _ => None,
        }
    }

    #[test]
    fn a_password_is_not_short_and_not_one_that_others_would_guess() {
        for short in ["", "12345678", "Ab1!xyz#9", "mật khẩu"] {
            assert_eq!(refused(short), Some(InputRule::PasswordShort), "{short}");
        }
        assert_eq!(refused(&"a ".repeat(101)), Some(InputRule::PasswordLong));
        for common in [
            "1234567890",
            "password123",
            "qwertyuiop",
            "aaaaaaaaaaaa",
            "matkhau2026!",
            "Mật khẩu 2026",
            "Vietnam@1975",
            "0912345678",
            "0912 345 678",
            "NguyenVanAn1990",
        ] {
            assert_eq!(refused(common), Some(InputRule::PasswordCommon), "{common}");
        }
        for good in ["mat-khau-thu", "mật khẩu dài", "motcua-demo", "kb7f-x2mq-9dph-tzwc", "bốn con mèo lười"]
        {
            assert_eq!(refused(good), None, "{good}");
        }
    }

    #[tokio::test]
    async fn a_password_is_the_same_however_its_letters_are_composed() {
        let hashing = PasswordHashing::new(2, 2);
        let hash = hashing.hash("mật khẩu dài").await.expect("hashed");
        assert!(hashing.verify("mâ\u{323}t khâ\u{309}u dài", hash.clone()).await.expect("verified"));
        assert!(!hashing.verify("mat khau dai", hash).await.expect("verified"));
    }

    #[tokio::test]
    async fn who_finds_neither_a_place_nor_room_to_wait_is_refused_at_once() {
        let hashing = PasswordHashing::new(1, 1);
        let place = Arc::clone(&hashing.places).acquire_owned().await.expect("a place");
        let mut first = pin!(hashing.hash("mật khẩu dài"));
        let mut second = pin!(hashing.hash("mật khẩu khác"));
        let mut context = Context::from_waker(Waker::noop());
        assert!(first.as_mut().poll(&mut context).is_pending() && second.as_mut().poll(&mut context).is_pending());
        assert!(matches!(hashing.hash("một người nữa").await, Err(Error::Busy)), "two wait already");
        drop(place);
        assert!(first.await.is_ok() && second.await.is_ok(), "who waits is served");
        assert!(hashing.hash("một người nữa").await.is_ok());
    }
}
