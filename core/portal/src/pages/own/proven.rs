//! Forms for which people type their password again.

use crate::state::Portal;
use crate::state::throttle::GuessTarget;
use crate::web::failure::Failure;
use crate::web::person::Person;
use motcua_service::{Error, InputRule};

/// Does the deed of a form with a password or a code, whose wrong tries make the person wait. Returns the rule that the
/// form broke.
pub async fn judged<T: Send>(
    portal: &Portal,
    visitor: &Person,
    deed: impl Future<Output = Result<T, Error>> + Send,
) -> Result<Result<T, InputRule>, Failure> {
    let person = visitor.actor().reference().user().map(ToString::to_string).unwrap_or_default();
    let guesser = visitor.guesser(portal, None);
    let attempt = portal.throttle.begin(GuessTarget::Password(&person), guesser, portal.services.now());
    let attempt = attempt.map_err(Failure::TooManyTries)?;
    match deed.await {
        Ok(done) => {
            attempt.was_right();
            Ok(Ok(done))
        }
        Err(Error::Invalid(rule)) => {
            if matches!(rule, InputRule::PasswordWrong | InputRule::CodeWrong | InputRule::FactorCode) {
                attempt.counts();
            } else {
                attempt.was_right();
            }
            Ok(Err(rule))
        }
        Err(error) => {
            attempt.was_not_judged();
            Err(error.into())
        }
    }
}
