//! The forms of a dossier on paper, printed as PDF.

use crate::pages::dossier::receipt::receipt;
use crate::state::Portal;
use crate::state::letters::LetterOrder;
use crate::theme::Theme;
use crate::view::basis::BasisContext;
use crate::view::delivery::DeliveryContext;
use crate::view::format;
use crate::view::letter::{
    LetterContext, LetterDay, LetterFee, LetterMissing, LetterPaper, LetterSection, LetterStep, day_words,
    moment_words, place,
};
use crate::view::represented::on_form;
use crate::view::timeline::{StoryReader, TimelineStep, timeline};
use crate::web::address::code;
use crate::web::download::shown;
use crate::web::failure::Failure;
use crate::web::person::Person;
use axum::extract::{Path, State};
use axum::response::Response;
use jiff::Timestamp;
use motcua_domain::dossier::PrintedForm;
use motcua_domain::dossier::event::{DossierOutcome, MissingPart};
use motcua_domain::people::organisation::{Actor, ActorRef, Agency};
use motcua_domain::text::Language;
use motcua_domain::time::calendar::local;
use motcua_service::{DossierView, Error, StoryEvent};

/// The language of the law's forms.
const OF_FORMS: Language = Language::Vi;

/// The name of the parts that all templates share.
const SHARED: &str = "letter.typ";

/// `GET /dossiers/{code}/documents/{file}`: a form of the dossier as PDF, such as `form-02.pdf`, for those who may see the
/// dossier, if the form applies to it.
pub async fn show(
    State(portal): State<Portal>,
    Path((path, file)): Path<(String, String)>,
    visitor: Person,
) -> Result<Response, Failure> {
    let (actor, code) = (visitor.actor(), code(&path)?);
    let form = form_of(&file).ok_or(Error::NotFound)?;
    let view = portal.services.dossiers.dossier(actor, &code).await?;
    if !view.dossier.may_print(form, actor, portal.services.now()) {
        return Err(Error::NotFound.into());
    }
    let order = order(&portal.theme, form, &letter(&portal, actor, &view, form).await?)?;
    // The place is free again when the work has ended: a printer stops if its caller is gone.
    let entered = portal.work.letters.enter().await?;
    let printed = portal.settings.letters.print(order).await;
    drop(entered);
    let name = format!("{code}-form-{}.pdf", form.number());
    Ok(shown(&name, "application/pdf", printed.map_err(Error::fault)?))
}

/// Returns the form whose PDF has this name.
fn form_of(file: &str) -> Option<PrintedForm> {
    PrintedForm::numbered(file.strip_prefix("form-")?.strip_suffix(".pdf")?)
}

/// Returns what the printer gets: the template of a form in a theme, and the data.
fn order(theme: &Theme, form: PrintedForm, letter: &LetterContext) -> Result<LetterOrder, Error> {
    let name = format!("form-{}.typ", form.number());
    let text = |name: &str| theme.document(name).map(str::to_owned).ok_or(Error::NotFound);
    let (template, shared) = (text(&name)?, text(SHARED)?);
    Ok(LetterOrder { name, template, shared, data: serde_json::to_value(letter).map_err(Error::fault)? })
}

/// Returns every form of a theme with sample data, for a check that prints them.
pub fn sample_letters(theme: &Theme) -> Vec<LetterOrder> {
    let samples = LetterContext::samples();
    let all = PrintedForm::ALL.into_iter().flat_map(|form| samples.iter().map(move |letter| (form, letter)));
    all.filter_map(|(form, letter)| order(theme, form, letter).ok()).collect()
}

/// Returns the data of a form.
async fn letter(
    portal: &Portal,
    actor: &Actor,
    view: &DossierView,
    form: PrintedForm,
) -> Result<LetterContext, Failure> {
    let (dossier, now) = (&view.dossier, portal.services.now());
    match form {
        PrintedForm::Receipt => receipt_letter(portal, view).await,
        PrintedForm::Supplement => {
            let asked = last(portal, actor, view, "supplement-requested").await?;
            let request = dossier.supplements.last().ok_or(Error::NotFound)?;
            Ok(LetterContext {
                officer: signer(actor, asked.as_ref()),
                missing: request.missing.iter().map(missing).collect(),
                reason: request.what.clone(),
                new_grounds: request.new_grounds.clone().unwrap_or_default(),
                until: moment_words(request.until),
                ..of_agency(portal, view, asked.map_or(now, |event| event.at))?
            })
        }
        PrintedForm::Refusal => {
            let ended = last(portal, actor, view, "ended").await?;
            let end = dossier.flow.ended.as_ref().ok_or(Error::NotFound)?;
            let laws = BasisContext::listed(&view.procedure.legal_basis, OF_FORMS);
            Ok(LetterContext {
                officer: signer(actor, ended.as_ref()),
                reason: end.reason.clone(),
                refused_in_substance: end.outcome == DossierOutcome::Refused,
                laws: laws.into_iter().map(|law| law.text).collect(),
                ..of_agency(portal, view, end.at)?
            })
        }
        PrintedForm::Apology => Ok(LetterContext {
            new_appointment: match dossier.apology() {
                Some((_, promised)) => day_words(promised),
                None => dossier.new_appointment(now).map_or_else(String::new, moment_words),
            },
            reason: dossier.apology().map_or_else(String::new, |(message, _)| message.text.clone()),
            ..of_agency(portal, view, now)?
        }),
        PrintedForm::Control => {
            let agencies = &portal.services.province().agencies;
            let steps = timeline(agencies, now, dossier, Some(&view.procedure), OF_FORMS, StoryReader::Staff);
            Ok(LetterContext {
                officer: reader_name(actor),
                steps: steps.into_iter().map(|passed| step(portal, passed)).collect(),
                ..of_agency(portal, view, now)?
            })
        }
        PrintedForm::Label => {
            let delivery = DeliveryContext::of(dossier.post.as_ref(), &view.procedure, OF_FORMS);
            Ok(of_agency(portal, view, now)?.sent_to(delivery))
        }
        PrintedForm::Copy => copy_letter(portal, view).await,
    }
}

/// Returns the copy of what was filed. A supplement changes nothing in it.
async fn copy_letter(portal: &Portal, view: &DossierView) -> Result<LetterContext, Failure> {
    let procedure = portal.services.dossiers.filed_under(&view.dossier).await?;
    let sections = LetterSection::all(format::answers(&procedure, &view.dossier.filed.values, OF_FORMS));
    let receipt = receipt_letter(portal, view).await?;
    Ok(LetterContext {
        sections,
        officer: String::new(),
        appointment: String::new(),
        limit: String::new(),
        counts_from: String::new(),
        look_up: String::new(),
        qr: String::new(),
        ..receipt
    })
}

/// Returns the receipt. It stays as it was first issued.
async fn receipt_letter(portal: &Portal, view: &DossierView) -> Result<LetterContext, Failure> {
    let (page, counts_from) = receipt(portal, view, OF_FORMS).await?;
    let papers = page.papers.into_iter().map(|paper| LetterPaper {
        kind: portal.theme.text(OF_FORMS, &format!("paper-{}", paper.kind)),
        name: paper.name,
        files: paper.files,
        on_paper: paper.on_paper,
    });
    let fees = page.fees.into_iter().map(|fee| LetterFee { name: fee.name, amount: fee.amount });
    let filed = &view.dossier.filed;
    let province = portal.services.province();
    // An agency that was dissolved has a successor.
    let agency = province.agency(&filed.agency).or_else(|| province.agency(&view.dossier.place.agency));
    Ok(LetterContext {
        officer: page.received_by,
        represented: filed.represented().map_or_else(String::new, on_form),
        papers: papers.collect(),
        limit: page.limit,
        counts_from: moment_words(counts_from),
        fees: fees.collect(),
        total: page.total,
        look_up: page.look_up,
        qr: page.qr,
        ..common(portal, view, agency.ok_or(Error::NotFound)?, view.dossier.filed_at)
    }
    .sent_to(page.delivery.unwrap_or_default()))
}

/// Returns the data that every form has, of the agency that has the dossier now.
fn of_agency(portal: &Portal, view: &DossierView, at: Timestamp) -> Result<LetterContext, Error> {
    let agency = portal.services.province().agency(&view.dossier.place.agency).ok_or(Error::NotFound)?;
    Ok(common(portal, view, agency, at))
}

/// Returns the data that every form has: the agency, the applicant, and the day of the form.
fn common(portal: &Portal, view: &DossierView, agency: &Agency, at: Timestamp) -> LetterContext {
    let (province, filed) = (portal.services.province(), &view.dossier.filed);
    let name = province.name.get(OF_FORMS);
    let superior = agency.parent.as_ref().and_then(|parent| province.agency(parent));
    LetterContext {
        day: LetterDay::at(at),
        place_and_day: format!("{}, {}", place(name), day_words(local(at).date())),
        province: name.to_owned(),
        superior: superior.map_or_else(String::new, |superior| superior.name.get(OF_FORMS).to_owned()),
        agency: agency.name.get(OF_FORMS).to_owned(),
        office: agency.address.get(OF_FORMS).to_owned(),
        office_phone: agency.phone.clone(),
        code: filed.code.to_string(),
        procedure: filed.procedure_name.get(OF_FORMS).to_owned(),
        applicant: filed.applicant.name.clone(),
        represented: view.dossier.represented().map_or_else(String::new, on_form),
        phone: filed.applicant.phone.clone(),
        email: filed.applicant.email.clone().unwrap_or_default(),
        received: moment_words(view.dossier.filed_at),
        appointment: view.dossier.appointment.map_or_else(String::new, moment_words),
        ..LetterContext::default()
    }
}

/// Returns the last event of the dossier with this word.
async fn last(portal: &Portal, actor: &Actor, view: &DossierView, word: &str) -> Result<Option<StoryEvent>, Error> {
    let story = portal.services.dossiers.story_of(actor, view).await?;
    Ok(story.events.into_iter().rev().find(|event| event.event == word))
}

/// Returns the name of the officer of an event, for officers. The applicant does not get it, as on the page of the dossier.
fn signer(actor: &Actor, event: Option<&StoryEvent>) -> String {
    match (actor, event.map(|event| &event.by)) {
        (Actor::Officer { .. }, Some(ActorRef::Officer { name, .. })) => name.clone(),
        _ => String::new(),
    }
}

/// Returns the name of the officer who prints a form.
fn reader_name(actor: &Actor) -> String {
    match actor {
        Actor::Officer { name, .. } => name.clone(),
        Actor::Applicant { .. } | Actor::System => String::new(),
    }
}

/// Returns a paper or an answer that is missing.
fn missing(part: &MissingPart) -> LetterMissing {
    let basis: Vec<String> = BasisContext::cited(&part.basis, OF_FORMS).into_iter().map(|law| law.text).collect();
    LetterMissing { name: part.name.get(OF_FORMS).to_owned(), basis: basis.join("; ") }
}

/// Returns a step of the control sheet.
fn step(portal: &Portal, passed: TimelineStep) -> LetterStep {
    let by: Vec<String> = [passed.by, passed.place].into_iter().filter(|name| !name.is_empty()).collect();
    let punctuality = match passed.punctuality {
        "" => String::new(),
        word => portal.theme.text(OF_FORMS, &format!("punctuality-{word}")),
    };
    LetterStep {
        name: passed.name,
        by: by.join(", "),
        entered: passed.entered,
        left: passed.left,
        punctuality,
        note: passed.note,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_named_by_its_number_and_nothing_else_is_one() {
        assert_eq!(form_of("form-02.pdf"), Some(PrintedForm::Supplement));
        assert_eq!(form_of("form-copy.pdf"), Some(PrintedForm::Copy));
        for other in ["form-06.pdf", "form-02", "02.pdf", "form-02.typ", "form-.pdf", "../form-02.pdf"] {
            assert_eq!(form_of(other), None, "{other}");
        }
    }

    #[test]
    fn the_default_theme_has_a_template_for_every_form() {
        let orders = sample_letters(&Theme::embedded().expect("it is there"));
        assert_eq!(orders.len(), PrintedForm::ALL.len() * LetterContext::samples().len());
    }
}
