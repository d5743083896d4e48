//! Changing a dossier and its steps from its page, and the page that follows. [`routes`] has every address to which the
//! page posts.

use crate::pages::dossier::answer::insert;
use crate::pages::dossier::attempt::{Attempt, AttemptPart, TAKEN_AWAY, UNDO, prefix};
use crate::pages::dossier::page::{DossierPage, meanwhile, page, page_of};
use crate::pages::dossier::page_files::{attempted, files_to_send, is_kept, received};
use crate::pages::dossier::receiver::ReceiverForm;
use crate::pages::dossier::steps::untouched;
use crate::pages::dossier::undone::attempt_undone;
use crate::pages::dossier::way::{WayContext, onward};
use crate::pages::draft::asked::first_page;
use crate::pages::render::{html, ok};
use crate::state::Portal;
use crate::web::address::{self, code};
use crate::web::again::is_upload;
use crate::web::failure::Failure;
use crate::web::person::{Person, PostedBy, UploadBy};
use crate::web::typing::{change_rows, with_language};
use crate::web::visitor::language_cookie;
use axum::Router;
use axum::extract::{FromRequest as _, Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use motcua_domain::dates::{self, Precision};
use motcua_domain::dossier::command::Command;
use motcua_domain::dossier::event::{CRITERIA, Payment, PaymentMethod, Rating, Refund, StayId};
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::dossier::site_visit::SiteVisitInput;
use motcua_domain::dossier::{Dossier, index};
use motcua_domain::media::StoredFile;
use motcua_domain::money::Dong;
use motcua_domain::names::{ActionId, DossierCode, UserId};
use motcua_domain::number;
use motcua_domain::people::organisation::Actor;
use motcua_domain::text::Language;
use motcua_domain::workflow::UnitPlace;
use motcua_service::{ActRequest, DossierChange, Error, PAGE_LANGUAGE, StoryEvent};

/// Returns the addresses to which the page of a dossier posts its form.
pub fn routes() -> Router<Portal> {
    Router::new()
        .route("/dossiers/{code}/language/{tag}", post(language))
        .route("/dossiers/{code}/supplement", post(supplement))
        .route("/dossiers/{code}/messages", post(message))
        .route("/dossiers/{code}/answer", post(insert))
        .route("/dossiers/{code}/withdraw", post(withdraw))
        .route("/dossiers/{code}/rating", post(rate))
        .route("/dossiers/{code}/actions/{action}", post(act))
        .route("/dossiers/{code}/steps/{stay}/{deed}", post(pool))
        .route("/dossiers/{code}/undo", post(undo))
        .route("/dossiers/{code}/payments", post(payment))
        .route("/dossiers/{code}/refunds", post(refund))
}

/// The beginning of the wish to write the words to the applicant from the marks. The name of the part follows.
const LETTER: &str = "letter:";

/// `POST /dossiers/{code}/language/{tag}`: shows the dossier in a language, with everything that was typed.
async fn language(
    State(portal): State<Portal>,
    Path((path, tag)): Path<(String, String)>,
    PostedBy(visitor, mut posted): PostedBy<Person>,
) -> Result<Response, Failure> {
    let (code, language) = (code(&path)?, portal.theme.language(&tag));
    let visitor = visitor.reading(language);
    let wish = posted.get("do").to_owned();
    change_rows(&mut posted.0, &wish);
    // A letter follows from the marks again as soon as its box is empty.
    if let Some(part) = wish.strip_prefix(LETTER) {
        let reason = format!("{part}.reason");
        posted.0.retain(|(name, _)| *name != reason);
    }
    let attempt = Attempt::shown_again(posted);
    let happened = meanwhile(&portal, &visitor, &code, attempt.seen).await?;
    let page = page(&portal, &visitor, &code, attempt, happened).await?;
    let cookie = [(header::SET_COOKIE, language_cookie(&portal.theme, language))];
    Ok((cookie, ok(&portal, &visitor, &page)).into_response())
}

/// Changes a dossier and shows it again. A refusal is shown on the page, with the typed fields.
async fn change(
    portal: &Portal,
    visitor: &Person,
    code: &DossierCode,
    change: Result<DossierChange, Error>,
    attempt: Attempt,
) -> Result<Response, Failure> {
    let actor = visitor.actor();
    let refusal = match change {
        Ok(change) => match portal.services.dossiers.change(actor, code, attempt.command(code, &change)?, change).await
        {
            Ok(after) => return Box::pin(done(portal, visitor, code, &after, attempt)).await,
            Err(Error::Refused(Refusal::NotAllowed)) => {
                return Box::pin(taken_away(portal, visitor, code, attempt)).await;
            }
            Err(Error::Refused(refusal)) => refusal.code(),
            Err(Error::Invalid(rule)) => rule.word(),
            Err(error) => return Err(error.into()),
        },
        Err(Error::Invalid(rule)) => rule.word(),
        Err(Error::Refused(Refusal::NotAllowed)) => {
            return Box::pin(taken_away(portal, visitor, code, attempt)).await;
        }
        Err(Error::Refused(refusal)) => refusal.code(),
        Err(error) => return Err(error.into()),
    };
    // A person with an old page also sees their own changes, because they may have made them in another window.
    let happened = match refusal {
        "changed" => portal.services.dossiers.since(actor, code, attempt.seen).await?,
        _ => meanwhile(portal, visitor, code, attempt.seen).await?,
    };
    Box::pin(refused(portal, visitor, code, StatusCode::UNPROCESSABLE_ENTITY, refusal, happened, attempt)).await
}

/// Redirects to the dossier after a change, or after an action to the next dossier of the officer's list.
///
/// If something was typed elsewhere on the page, the answer is the page itself with the typed fields. Posting it again
/// repeats the answer, because it is the same command.
async fn done(
    portal: &Portal,
    visitor: &Person,
    code: &DossierCode,
    after: &Dossier,
    attempt: Attempt,
) -> Result<Response, Failure> {
    let (seen, done) = (attempt.seen, attempt.deed());
    let form_is_stored = stores_form(after, &attempt);
    let is_act = matches!(attempt.part, Some(AttemptPart::Act(..)));
    let mut attempt = attempt.others(form_is_stored);
    if attempt.is_typed(&[]) {
        let view = portal.services.dossiers.opened_dossier(visitor.actor(), code).await?;
        if attempt.is_typed(&untouched(portal, &view, &attempt, visitor.language())) {
            if done == UNDO {
                attempt.filled.extend(attempt_undone(portal, visitor, code).await?.filled);
            }
            let happened = meanwhile(portal, visitor, code, seen).await?;
            let page = page_of(portal, visitor, view, attempt, happened).await?;
            return Ok(ok(portal, visitor, &DossierPage { done, ..page }));
        }
    }
    let is_alone = after.version <= seen.saturating_add(1);
    let told = if is_alone { Vec::new() } else { meanwhile(portal, visitor, code, seen).await? };
    let way = WayContext::of(&attempt);
    if !told.is_empty() {
        return Ok(Redirect::to(&address::dossier_done_since(code, done, seen, &way.query())).into_response());
    }
    let onward = if is_act { onward(portal, visitor.actor(), after, done, &way).await? } else { None };
    let to = onward.unwrap_or_else(|| address::dossier_done(code, done, &way.query()));
    Ok(Redirect::to(&to).into_response())
}

/// Returns whether the dossier has the answers to the form of the step whose action was sent. An action that asks for no
/// answers leaves them on the page.
fn stores_form(after: &Dossier, attempt: &Attempt) -> bool {
    let Some(AttemptPart::Act(Some(stay), _)) = attempt.part else { return false };
    after.flow.visits.get(index(stay)).is_some_and(|visit| !visit.answers.is_empty())
}

/// Returns the reason why a step is no longer the officer's. If nothing happened since the officer saw the dossier, the
/// step never was.
async fn taken_away(
    portal: &Portal,
    visitor: &Person,
    code: &DossierCode,
    attempt: Attempt,
) -> Result<Response, Failure> {
    let actor = visitor.actor();
    let happened = match attempt.seen {
        0 => Vec::new(),
        seen => portal.services.dossiers.since(actor, code, seen).await?,
    };
    if happened.is_empty() {
        return Err(Refusal::NotAllowed.into());
    }
    refused(portal, visitor, code, StatusCode::FORBIDDEN, TAKEN_AWAY, happened, attempt).await
}

/// Shows the dossier again with the rule that was broken, the events meanwhile, and the typed fields.
async fn refused(
    portal: &Portal,
    visitor: &Person,
    code: &DossierCode,
    status: StatusCode,
    refusal: &str,
    happened: Vec<StoryEvent>,
    attempt: Attempt,
) -> Result<Response, Failure> {
    let attempt = Attempt { refusal: refusal.to_owned(), ..attempt };
    let page = page(portal, visitor, code, attempt, happened).await?;
    Ok(html(portal, visitor, status, &page))
}

/// `POST /dossiers/{code}/supplement`: opens the form for a supplement, at the first part that the office asked for.
///
/// If something was typed on the page, the answer is the page with the typed fields, and with a link to the form.
async fn supplement(
    State(portal): State<Portal>,
    Path(path): Path<String>,
    PostedBy(visitor, posted): PostedBy<Person>,
) -> Result<Response, Failure> {
    let code = code(&path)?;
    let id = portal.services.drafts.start_supplement(visitor.actor(), &code).await?;
    let first = first_page(&portal.services.drafts.draft(visitor.actor(), id).await?);
    let (to, attempt) = (address::draft(id, &first), Attempt::of(None, posted).others(false));
    if !attempt.is_typed(&[]) {
        return Ok(Redirect::to(&to).into_response());
    }
    let page = page(&portal, &visitor, &code, attempt, Vec::new()).await?;
    Ok(ok(&portal, &visitor, &DossierPage { supplement: to, ..page }))
}

/// `POST /dossiers/{code}/messages`: writes a message to the other side. It is a form in parts, because a message may have
/// files. A program may post a form without any.
async fn message(
    State(portal): State<Portal>,
    Path(path): Path<String>,
    request: Request,
) -> Result<Response, Failure> {
    let part = AttemptPart::Message;
    let (visitor, attempt, outcome) = if is_upload(request.headers()) {
        let UploadBy(visitor, mut upload) = UploadBy::<Person>::from_request(request, &portal).await?;
        let (actor, code) = (visitor.actor(), code(&path)?);
        let (mut fields, files) = received(&portal, actor, &code, &mut upload).await?;
        with_language(&mut fields, visitor.language());
        let (attempt, outcome) = attempted(&portal, (&visitor, &code), &part, (fields, files), upload);
        (visitor, attempt, outcome.map(|_| ()))
    } else {
        let PostedBy(visitor, posted) = PostedBy::<Person>::from_request(request, &portal).await?;
        (visitor, Attempt::of(Some(part.clone()), posted), Ok(()))
    };
    let code = code(&path)?;
    let files = outcome.and_then(|()| files_to_send(&portal, visitor.actor(), &code, &attempt));
    let (text, promised) = (attempt.typed(&part, "text").to_owned(), attempt.typed(&part, "promised").trim());
    let wanted: Result<DossierChange, Error> = files.and_then(|files| {
        if promised.is_empty() {
            return Ok(Command::SendMessage { text, files }.into());
        }
        let day = dates::read(promised, Precision::Day).ok().and_then(dates::PartialDate::day);
        let promised = day.ok_or(Error::Refused(Refusal::BadPromise))?;
        Ok(Command::Apologise { text, promised, files }.into())
    });
    change(&portal, &visitor, &code, wanted, attempt).await
}

/// `POST /dossiers/{code}/withdraw`: the applicant takes the dossier back.
async fn withdraw(
    State(portal): State<Portal>,
    Path(path): Path<String>,
    PostedBy(visitor, posted): PostedBy<Person>,
) -> Result<Response, Failure> {
    let attempt = Attempt::of(Some(AttemptPart::Withdrawal), posted);
    let reason = attempt.typed(&AttemptPart::Withdrawal, "reason").to_owned();
    change(&portal, &visitor, &code(&path)?, Ok(Command::Withdraw { reason }.into()), attempt).await
}

/// `POST /dossiers/{code}/rating`: the applicant rates the service, once.
async fn rate(
    State(portal): State<Portal>,
    Path(path): Path<String>,
    PostedBy(visitor, posted): PostedBy<Person>,
) -> Result<Response, Failure> {
    let attempt = Attempt::of(Some(AttemptPart::Rating), posted);
    let typed = |name: &str| attempt.typed(&AttemptPart::Rating, name);
    let text = typed("text").trim().to_owned();
    let points = CRITERIA.map(|name| typed(name).parse().unwrap_or(u8::MAX));
    let rating = Rating { points, text, at_counter: false };
    change(&portal, &visitor, &code(&path)?, Ok(Command::Rate(rating).into()), attempt).await
}

/// `POST /dossiers/{code}/payments`: the counter records a payment.
async fn payment(
    State(portal): State<Portal>,
    Path(path): Path<String>,
    PostedBy(visitor, posted): PostedBy<Person>,
) -> Result<Response, Failure> {
    let attempt = Attempt::of(Some(AttemptPart::Payment), posted);
    let typed = |name: &str| attempt.typed(&AttemptPart::Payment, name);
    let amount = amount_of(typed("amount"), visitor.language());
    let (method, receipt) = (method_of(typed("method")), typed("receipt").trim().to_owned());
    let payment = Payment { amount, method, receipt };
    change(&portal, &visitor, &code(&path)?, Ok(Command::RecordPayment(payment).into()), attempt).await
}

/// `POST /dossiers/{code}/refunds`: the counter records an amount that was paid back.
async fn refund(
    State(portal): State<Portal>,
    Path(path): Path<String>,
    PostedBy(visitor, posted): PostedBy<Person>,
) -> Result<Response, Failure> {
    let attempt = Attempt::of(Some(AttemptPart::Refund), posted);
    let typed = |name: &str| attempt.typed(&AttemptPart::Refund, name);
    let amount = amount_of(typed("amount"), visitor.language());
    let (method, receipt) = (method_of(typed("method")), typed("receipt").trim().to_owned());
    let refund = Refund { amount, method, receipt };
    change(&portal, &visitor, &code(&path)?, Ok(Command::RecordRefund(refund).into()), attempt).await
}

/// Returns the typed amount in whole đồng: `10.000`, or `10,000` on an English page. A text that is no such amount gives
/// nothing, which the rules refuse: a guess at `10,5` might pay back too much.
fn amount_of(typed: &str, language: Language) -> Dong {
    let written = number::read(typed.trim().trim_end_matches('đ'), language);
    Dong(written.and_then(|written| written.integer()).unwrap_or(0))
}

/// Returns the means of a payment or a refund by its word.
fn method_of(word: &str) -> PaymentMethod {
    match word {
        "bank-transfer" => PaymentMethod::BankTransfer,
        _ => PaymentMethod::Cash,
    }
}

/// `POST /dossiers/{code}/actions/{action}`: takes an action of a step. It is a form in parts, because an action may
/// issue the file of a result. A request that has marks and no words is shown with the words that follow from the marks.
async fn act(
    State(portal): State<Portal>,
    Path((path, action)): Path<(String, String)>,
    UploadBy(visitor, mut upload): UploadBy<Person>,
) -> Result<Response, Failure> {
    let (actor, code) = (visitor.actor(), code(&path)?);
    let (mut fields, files) = received(&portal, actor, &code, &mut upload).await?;
    with_language(&mut fields, visitor.language());
    let action = ActionId(action);
    let stay = fields.iter().rev().find(|(name, _)| name == "stay").and_then(|(_, stay)| stay.parse().ok());
    let part = AttemptPart::Act(stay, action.clone());
    let (attempt, own) = attempted(&portal, (&visitor, &code), &part, (fields, files), upload);
    let result = own.map(|files| files.into_iter().last());
    if attempt.wants_letter(&part) {
        // The officer reads the letter that follows from the marks before it is sent.
        let page = Box::pin(page(&portal, &visitor, &code, attempt, Vec::new())).await?;
        return Ok(ok(&portal, &visitor, &page));
    }
    let wish = result.map(|result| wish(&portal, actor, (&code, stay, action), &part, result, &attempt).into());
    change(&portal, &visitor, &code, wish, attempt).await
}

/// Reads an action from the posted fields.
fn wish(
    portal: &Portal,
    actor: &Actor,
    (code, stay, action): (&DossierCode, Option<StayId>, ActionId),
    part: &AttemptPart,
    result: Option<StoredFile>,
    attempt: &Attempt,
) -> ActRequest {
    let filled = |name: &str| Some(attempt.typed(part, name).to_owned()).filter(|value| !value.is_empty());
    let asked = attempt.chosen(part, "ask").into_iter().filter_map(|place| {
        let (agency, unit) = place.split_once('/')?;
        Some(UnitPlace { agency: agency.into(), unit: unit.into() })
    });
    let prefix = stay.map_or_else(String::new, prefix);
    // Neither fields elsewhere on the page nor the upload time of a file make another command of the same action.
    let of_form = |name: &str| name == PAGE_LANGUAGE || (name.starts_with(&prefix) && !is_kept(name));
    ActRequest {
        stay,
        seen: attempt.seen,
        note: attempt.typed(part, "note").to_owned(),
        reason: attempt.typed(part, "reason").to_owned(),
        assignee: filled("assignee").map(UserId),
        result: result.or_else(|| portal.services.dossiers.kept_result(actor, code, attempt.typed(part, "kept"))),
        new_grounds: filled("new_grounds"),
        missing: attempt.marked(part),
        filled: attempt.filled.iter().filter(|(name, _)| of_form(name)).cloned().collect(),
        prefix,
        places: asked.collect(),
        visit: typed_visit(part, attempt),
        receiver: ReceiverForm::of(attempt, part, None).input(),
        action,
    }
}

/// Returns the typed appointment on the spot, or nothing if nothing was typed. A day or a time that cannot be read is
/// missing.
fn typed_visit(part: &AttemptPart, attempt: &Attempt) -> Option<SiteVisitInput> {
    let typed = |name: &str| attempt.typed(part, name).trim();
    let day = || dates::read(typed("visit_day"), Precision::Day).ok()?.day();
    let input = SiteVisitInput {
        day: typed("visit_day").parse().ok().or_else(day),
        from: typed("visit_from").parse().ok(),
        to: typed("visit_to").parse().ok(),
        place: typed("visit_place").to_owned(),
        note: typed("visit_note").to_owned(),
    };
    (input != SiteVisitInput::default()).then_some(input)
}

/// `POST /dossiers/{code}/steps/{stay}/{deed}`: `take`, `give` or `release` a step.
async fn pool(
    State(portal): State<Portal>,
    Path((path, stay, deed)): Path<(String, StayId, String)>,
    PostedBy(visitor, posted): PostedBy<Person>,
) -> Result<Response, Failure> {
    let give = AttemptPart::Give(stay);
    let attempt = Attempt::of((deed == "give").then(|| give.clone()), posted);
    let seen = attempt.seen;
    let (button, wish): (_, DossierChange) = match deed.as_str() {
        "take" => ("take", Command::Take { stay, seen }.into()),
        "release" => ("release", Command::Release { stay, seen }.into()),
        "give" => {
            let note = attempt.typed(&give, "note").to_owned();
            ("", DossierChange::Give { stay, seen, to: attempt.typed(&give, "to").into(), note })
        }
        _ => return Err(Error::NotFound.into()),
    };
    change(&portal, &visitor, &code(&path)?, Ok(wish), Attempt { button, ..attempt }).await
}

/// `POST /dossiers/{code}/undo`: undoes the visitor's own last action.
async fn undo(
    State(portal): State<Portal>,
    Path(path): Path<String>,
    PostedBy(visitor, posted): PostedBy<Person>,
) -> Result<Response, Failure> {
    let attempt = Attempt { button: UNDO, ..Attempt::of(None, posted) };
    let seen = attempt.seen;
    change(&portal, &visitor, &code(&path)?, Ok(Command::Undo { seen }.into()), attempt).await
}

#[cfg(test)]
mod tests {
    use super::amount_of;
    use motcua_domain::money::Dong;
    use motcua_domain::text::Language;

    #[test]
    fn an_amount_is_read_as_it_is_written_and_never_guessed() {
        for (typed, amount) in [("10000", 10_000), ("10.000 đ", 10_000), ("10 000", 10_000), ("-5", -5)] {
            assert_eq!(amount_of(typed, Language::Vi), Dong(amount), "{typed}");
        }
        assert_eq!(amount_of("10,000", Language::En), Dong(10_000));
        for typed in ["10,5", "10.000,00", "10,000", "1.00.00", "một", ""] {
            assert_eq!(amount_of(typed, Language::Vi), Dong(0), "{typed}");
        }
    }
}
