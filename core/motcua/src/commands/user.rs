//! `motcua user`

use crate::Outcome;
use crate::access::Access;
use crate::cli::User;
use crate::runtime;
use anyhow::Context as _;
use motcua_desk::{Clock, Error};
use rand::seq::IndexedRandom as _;
use std::path::Path;

/// Letters and digits that are not mistaken for one another.
const READABLE: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";

pub async fn run(dir: &Path, command: User, access: Access) -> anyhow::Result<Outcome> {
    let desk = runtime::beside(dir, Clock::System, access).await?;
    match command {
        User::List => {
            for officer in desk.officers().await? {
                let state = if officer.can_log_in { "can log in" } else { "has no password yet" };
                println!("{:<20} {:<30} {state}", officer.login, officer.name);
            }
        }
        User::Password { login, stdin } => {
            let password = if stdin { read_line()? } else { made_up() };
            match desk.set_password(&login, &password).await {
                Ok(()) => {}
                Err(Error::NotFound) => anyhow::bail!("there is no account `{login}`; see: motcua user list"),
                Err(Error::Invalid(_)) => anyhow::bail!("a password has 8 to 200 characters"),
                Err(error) => return Err(error.into()),
            }
            if stdin {
                println!("The password of {login} was changed.");
            } else {
                println!("The password of {login} is now: {password}");
            }
        }
    }
    Ok(Outcome::Fine)
}

fn read_line() -> anyhow::Result<String> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).context("cannot read the password from standard input")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Some 80 bits of randomness in groups that can be read out.
fn made_up() -> String {
    let mut random = rand::rng();
    let mut group = || (0..4).filter_map(|_| READABLE.choose(&mut random).map(|b| char::from(*b))).collect::<String>();
    [group(), group(), group(), group()].join("-")
}
