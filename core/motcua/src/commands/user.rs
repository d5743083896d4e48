//! `motcua user`

use crate::CommandOutcome;
use crate::access::CommandAccess;
use crate::cli::UserCommand;
use crate::language;
use crate::runtime::ProvinceFolder;
use anyhow::{Context as _, bail, ensure};
use motcua_domain::identity;
use motcua_domain::people::organisation::Post;
use motcua_service::{Error, InputRule, OfficerState, Services, TimeSource};
use rand::seq::IndexedRandom as _;
use std::path::Path;

/// Letters and digits that people do not confuse.
const READABLE: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// Runs beside a portal that may be running. A mistake in the install folder does not prevent the locking of an
/// account.
pub async fn run(dir: &Path, command: UserCommand, access: CommandAccess) -> anyhow::Result<CommandOutcome> {
    let province = ProvinceFolder::read(dir, &TimeSource::System)?.to(access);
    let names_officers = province.names_officers();
    let services = province.beside(TimeSource::System).await?;
    match command {
        UserCommand::List => list(&services, names_officers).await?,
        UserCommand::Add { login, name, posts } => {
            refuse_gone(&services, &login, names_officers, &told!("thay vào đó", "instead")).await?;
            add(&services, &login, &name, &posts).await?;
        }
        UserCommand::Lock { login } => {
            told(services.lock_account(&login, true).await, &login)?;
            say!(
                "{login} đã bị khóa, và đã bị đăng xuất ở mọi nơi.",
                "{login} is locked, and was logged out everywhere."
            );
        }
        UserCommand::Unlock { login } => {
            refuse_gone(&services, &login, names_officers, &again()).await?;
            unlock(&services, &login).await?;
        }
        UserCommand::Password { login, stdin } => {
            refuse_gone(&services, &login, names_officers, &again()).await?;
            set_password(&services, &login, stdin).await?;
        }
        UserCommand::ResetFactor { login } => {
            told(services.people.reset_factor_by_command(&login).await, &login)?;
            say!(
                "{login} đăng nhập lại được mà không cần mã của ứng dụng.",
                "{login} can log in without a code of an app."
            );
        }
        UserCommand::Link { login, provider, subject } => link(&services, &login, &provider, &subject).await?,
        UserCommand::Unlink { login, provider } => {
            let ended = services.people.unlink_officer(&login, &provider).await;
            let count = *ended.as_ref().unwrap_or(&0);
            told(ended.and(Ok(())), &login)?;
            say!(
                "{login} không còn đăng nhập bằng {provider} (đã bỏ {count}).",
                "{login} no longer logs in at {provider} ({count} taken away)."
            );
        }
    }
    Ok(CommandOutcome::Fine)
}

fn again() -> String {
    told!("rồi chạy lại lệnh này", "and run this command again")
}

/// Rejects an officer whom organisation.toml no longer names, because the command would have no lasting effect.
async fn refuse_gone(services: &Services, login: &str, names_officers: bool, remedy: &str) -> anyhow::Result<()> {
    let Some(state) = services.people.officer_state(login).await?.filter(|state| state.is_gone()) else {
        return Ok(());
    };
    ensure!(
        names_officers,
        told!(
            "organisation.toml có lỗi, nên không cho biết ai là cán bộ; hãy chạy: motcua check",
            "organisation.toml has mistakes, so it does not say who is an officer; run: motcua check"
        )
    );
    let words = state.text();
    let words = language::told(&words);
    bail!(told!(
        "{login} {words}. Chỉ tệp này cho biết ai là cán bộ, nên hãy nêu {login} trong organisation.toml {remedy}",
        "{login} {words}. Only the file says who is an officer, so name {login} in organisation.toml {remedy}"
    ))
}

async fn list(services: &Services, names_officers: bool) -> anyhow::Result<()> {
    let accounts = services.people.officers().await?;
    for account in &accounts {
        let added = if account.by_command {
            told!(", thêm bằng motcua user add", ", added by motcua user add")
        } else {
            String::new()
        };
        println!("{:<20} {:<30} {}{added}", account.login, account.name, language::told(&account.state.text()));
    }
    // The portal creates their accounts when it starts.
    let is_new = |login: &str| !accounts.iter().any(|known| identity::login(&known.login) == login);
    for officer in services.province().officers.iter().filter(|officer| is_new(&officer.login)) {
        let state = OfficerState::NoPassword.text();
        println!("{:<20} {:<30} {}", officer.login, officer.name, language::told(&state));
    }
    if !names_officers {
        say!(
            "organisation.toml có lỗi, nên có thể một cán bộ trông như không còn trong đó; hãy chạy: motcua check",
            "organisation.toml has mistakes, so an officer may seem to be gone from it; run: motcua check"
        );
    }
    Ok(())
}

async fn add(services: &Services, login: &str, name: &str, posts: &[String]) -> anyhow::Result<()> {
    let province = services.province();
    let spelled = identity::login(login);
    if province.officers.iter().any(|officer| officer.login == spelled) {
        bail!(told!(
            "organisation.toml có {login}; hãy sửa tên và vị trí công tác ở đó",
            "organisation.toml names {login}; change the name and the posts there"
        ));
    }
    let held = posts.iter().map(|text| post(services, text)).collect::<anyhow::Result<Vec<Post>>>()?;
    match services.people.add_officer(login, name, &held).await {
        Ok(()) => {}
        Err(Error::Duplicate) => bail!(told!(
            "đã có tài khoản {login}; xem: motcua user list",
            "there is an account {login} already; see: motcua user list"
        )),
        other => told(other, login)?,
    }
    say!(
        "Đã thêm {login}. Tiếp theo: motcua user password {login}",
        "{login} was added. Next: motcua user password {login}"
    );
    Ok(())
}

/// Reads a post, written `agency/unit/role`.
fn post(services: &Services, text: &str) -> anyhow::Result<Post> {
    let mut all = services.province().agencies.iter().flat_map(|agency| &agency.posts);
    let found = all.find(|post| format!("{}/{}/{}", post.agency, post.unit, post.role.name()) == text);
    let found = found.with_context(|| {
        told!(
            "`{text}` không phải là vị trí công tác nào trong organisation.toml; hãy viết agency/unit/role",
            "`{text}` is not a post of organisation.toml; write agency/unit/role"
        )
    })?;
    Ok(found.clone())
}

/// Lets an officer log in at a provider for staff.
async fn link(services: &Services, login: &str, provider: &str, subject: &str) -> anyhow::Result<()> {
    match services.people.link_officer(login, provider, subject).await {
        Ok(()) => {}
        Err(Error::Duplicate) => bail!(told!(
            "chủ thể này ở {provider} đã thuộc về một cán bộ",
            "this subject at {provider} belongs to an officer already"
        )),
        Err(Error::NotFound) => bail!(told!(
            "không có cán bộ `{login}`, hoặc `{provider}` không phải nơi đăng nhập của cán bộ dưới [[login]]",
            "there is no officer `{login}`, or `{provider}` is no provider for staff under [[login]]"
        )),
        Err(error) => return Err(error.into()),
    }
    say!("{login} đăng nhập được bằng {provider}.", "{login} can log in at {provider}.");
    Ok(())
}

async fn unlock(services: &Services, login: &str) -> anyhow::Result<()> {
    told(services.lock_account(login, false).await, login)?;
    match services.people.officer_state(login).await? {
        None | Some(OfficerState::CanLogIn) => {
            say!("{login} đăng nhập lại được.", "{login} can log in again.");
        }
        Some(state) => {
            let words = state.text();
            let words = language::told(&words);
            say!("{login} không còn bị khóa, và {words}.", "{login} is not locked any more, and {words}.");
        }
    }
    Ok(())
}

async fn set_password(services: &Services, login: &str, stdin: bool) -> anyhow::Result<()> {
    let password = if stdin { read_line()? } else { made_up() };
    // A new officer in organisation.toml may get a password before the portal starts.
    match services.people.know_officer(login).await {
        Err(Error::Duplicate) => {
            bail!(told!(
                "organisation.toml có {login}, nhưng một người nộp đã dùng tên đăng nhập này; hãy đặt tên khác ở đó",
                "organisation.toml names {login}, but an applicant has this log-in; give the officer another one there"
            ))
        }
        other => other?,
    }
    told(services.people.set_password(login, &password).await, login)?;
    if stdin {
        say!("Đã đổi mật khẩu của {login}.", "The password of {login} was changed.");
    } else {
        say!("Mật khẩu mới của {login}: {password}", "The password of {login} is now: {password}");
    }
    if let Some(state) = services.people.officer_state(login).await?.filter(|state| *state != OfficerState::CanLogIn) {
        println!("{login} {}.", language::told(&state.text()));
    }
    Ok(())
}

/// Returns the error with its remedy.
fn told(done: Result<(), Error>, login: &str) -> anyhow::Result<()> {
    match done {
        Err(Error::NotFound) => bail!(told!(
            "không có tài khoản `{login}`; xem: motcua user list",
            "there is no account `{login}`; see: motcua user list"
        )),
        Err(Error::Invalid(InputRule::PasswordShort | InputRule::PasswordLong)) => {
            bail!(told!("mật khẩu có từ 10 đến 200 ký tự", "a password has 10 to 200 characters"))
        }
        Err(Error::Invalid(InputRule::PasswordCommon)) => bail!(told!(
            "mật khẩu dễ đoán; hãy chọn mật khẩu khác",
            "the password is easily guessed; choose another one"
        )),
        Err(Error::Invalid(InputRule::LoginName)) => {
            bail!(told!(
                "tên đăng nhập gồm chữ không dấu, chữ số, dấu chấm, gạch nối và gạch dưới, nhiều nhất 64 ký tự",
                "a log-in has letters without marks, digits, dots, dashes and underscores, 64 at most"
            ))
        }
        Err(Error::Invalid(InputRule::Name)) => {
            bail!(told!("tên có từ 1 đến 200 ký tự", "a name has 1 to 200 characters"))
        }
        other => Ok(other?),
    }
}

fn read_line() -> anyhow::Result<String> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).with_context(|| {
        told!("không đọc được mật khẩu từ đầu vào chuẩn", "cannot read the password from standard input")
    })?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Returns some 80 bits of randomness in groups that can be read out.
fn made_up() -> String {
    let mut random = rand::rng();
    let mut group = || (0..4).filter_map(|_| READABLE.choose(&mut random).map(|b| char::from(*b))).collect::<String>();
    [group(), group(), group(), group()].join("-")
}
