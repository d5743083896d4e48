//! The counter: finding a person who came with paper, and beginning their dossier.

use crate::pages::render::{html, in_language, ok};
use crate::state::Portal;
use crate::theme::Page;
use crate::view::format;
use crate::web::address;
use crate::web::again::WISH;
use crate::web::failure::Failure;
use crate::web::person::{Officer, Person, PostedBy};
use crate::web::visitor::PostedForm;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use motcua_domain::citizen_card::{self, CardFault, CitizenCard};
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::names::{AgencyId, DossierCode, ProcedureCode};
use motcua_domain::text::Language;
use motcua_service::{CounterOffer, CounterPerson, DraftView, Error, InputRule, MetPerson};
use serde::Serialize;
use uuid::Uuid;

/// The beginning of the value of a button that begins a dossier. The code of the procedure, `@` and the agency follow.
const START: &str = "start:";

/// The value of the button that corrects the name of an account.
const CORRECT: &str = "correct";

/// The page on which a counter receives a person with paper.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CounterPage {
    /// The typed citizen number, or an empty text.
    pub number: String,
    /// The typed name, or an empty text.
    pub name: String,
    /// The typed phone number, or an empty text.
    pub phone: String,
    /// The typed e-mail address, or an empty text.
    pub email: String,
    /// The typed words of the search for a procedure, or an empty text.
    pub query: String,
    /// The officer says that the card was compared with the person.
    pub checked: bool,
    /// The officer can correct the name of the account, which a counter opened.
    pub correctable: bool,
    /// The typed reason of a correction, or an empty text.
    pub reason: String,
    /// The name of the account was corrected now.
    pub corrected: bool,
    /// The facts of the card that was scanned, for comparing, or none.
    pub card: Option<CardContext>,
    /// The reason why the scan was not understood, under `card-<word>`, or an empty text.
    pub card_problem: &'static str,
    /// A person was looked for. The procedures follow.
    pub asked: bool,
    /// The account of the person, or none if one is opened with the dossier.
    pub person: Option<PersonContext>,
    /// The procedures that the counter receives and that fit the search.
    pub offers: Vec<OfferContext>,
    /// The dossiers that the officer began at the counter and has not filed.
    pub drafts: Vec<CounterDraftLine>,
    /// The rule that was broken, under `refusal-<code>`, or an empty text.
    pub problem: &'static str,
    /// The id of the field with the problem, or an empty text.
    pub field: &'static str,
}

/// The facts of a card that was scanned.
#[derive(Debug, Clone, Serialize)]
pub struct CardContext {
    /// The date of birth.
    pub born: String,
    /// The card is a man's.
    pub male: bool,
    /// The place of residence, or an empty text.
    pub residence: String,
}

/// The account of a person.
#[derive(Debug, Clone, Serialize)]
pub struct PersonContext {
    /// The name of the account.
    pub name: String,
    /// The phone number of the account.
    pub phone: String,
    /// The number is known to be the person's.
    pub verified: bool,
    /// A counter opened the account, and its owner cannot log in yet.
    pub unclaimed: bool,
}

/// A procedure that the counter receives.
#[derive(Debug, Clone, Serialize)]
pub struct OfferContext {
    /// The value of the button that begins the dossier.
    pub start: String,
    /// The code of the procedure.
    pub code: String,
    /// The name of the procedure.
    pub name: String,
    /// The name of the agency.
    pub agency: String,
}

/// A dossier that was begun at the counter.
#[derive(Debug, Clone, Serialize)]
pub struct CounterDraftLine {
    /// The address of its first page.
    pub to: String,
    /// The name of the procedure.
    pub procedure: String,
    /// The name of the person.
    pub applicant: String,
    /// The code of the dossier that it supplements, or an empty text.
    pub dossier: String,
    /// The time at which it was saved.
    pub saved: String,
}

impl Page for CounterPage {
    const TEMPLATE: &'static str = "counter.html";
    fn samples() -> Vec<Self> {
        let typed = Self {
            number: "074195000321".into(),
            name: "Nguyễn Thị Ngân".into(),
            phone: "0912345678".into(),
            email: "ngan@example.vn".into(),
            query: "khai sinh".into(),
            checked: true,
            ..Self::default()
        };
        let card = |male, residence: &str| {
            Some(CardContext { born: "02/09/1995".into(), male, residence: residence.to_owned() })
        };
        let person = |verified, unclaimed| {
            Some(PersonContext { name: "Nguyễn Thị Ngân".into(), phone: "0912345678".into(), verified, unclaimed })
        };
        let offer = OfferContext {
            start: "start:1.001193@ubnd".into(),
            code: "1.001193".into(),
            name: "Đăng ký khai sinh".into(),
            agency: "Sở Mẫu".into(),
        };
        let draft = CounterDraftLine {
            to: "/drafts/0/1".into(),
            procedure: "Thủ tục".into(),
            applicant: "Nguyễn Thị Ngân".into(),
            dossier: String::new(),
            saved: "24/11/2026 08:00".into(),
        };
        let found = Self { asked: true, person: person(true, false), offers: vec![offer.clone()], ..typed.clone() };
        let mut samples = vec![
            Self {
                drafts: vec![CounterDraftLine { dossier: "H09.01-261124-0001".into(), ..draft.clone() }, draft],
                ..Self::default()
            },
            found.clone(),
            Self { person: person(false, true), card: card(false, "Phú Cường"), ..found.clone() },
            Self { person: None, card: card(true, ""), ..found.clone() },
            Self { asked: true, ..typed.clone() },
            Self { correctable: true, person: person(false, true), ..found.clone() },
            Self { corrected: true, ..found },
        ];
        samples.extend(CardFault::ALL.map(|fault| Self { card_problem: fault.word(), ..typed.clone() }));
        samples.extend(FIELDS.map(|(rule, _)| typed.clone().broken(rule)));
        samples.push(Self { correctable: true, ..typed.clone().broken(InputRule::PersonUnseen) });
        samples.push(Self { problem: Refusal::Closed.code(), ..typed });
        samples
    }
}

/// The rules about a person, each with the field of the page.
const FIELDS: [(InputRule, &str); 11] = [
    (InputRule::PersonNumber, "number"),
    (InputRule::PersonName, "name"),
    (InputRule::Name, "name"),
    (InputRule::Phone, "phone"),
    (InputRule::Email, "email"),
    (InputRule::PersonUnseen, "checked"),
    (InputRule::PersonLocked, ""),
    (InputRule::PersonNameOpen, "name"),
    (InputRule::CorrectionReason, "reason"),
    (InputRule::SameOfficer, ""),
    (InputRule::AccountClaimed, ""),
];

impl CounterPage {
    /// Returns the page with what was posted.
    fn typed(posted: &PostedForm) -> Self {
        let typed = |name: &str| posted.get(name).trim().to_owned();
        Self {
            number: typed("number"),
            name: typed("name"),
            phone: typed("phone"),
            email: typed("email"),
            query: typed("q"),
            reason: typed("reason"),
            checked: posted.get("checked") == "yes",
            ..Self::default()
        }
    }

    /// Fills in the facts of a card.
    fn filled(self, card: CitizenCard, language: Language) -> Self {
        let CitizenCard { number, name, born, is_male, residence, .. } = card;
        let card = CardContext { born: format::day(born, language), male: is_male, residence };
        // The tick was about another card.
        Self { number, name, checked: false, card: Some(card), ..self }
    }

    /// Returns the page that says which rule was broken.
    fn broken(self, rule: InputRule) -> Self {
        let field = FIELDS.iter().find(|(known, _)| *known == rule).map_or("", |(_, field)| *field);
        let correctable = self.correctable || matches!(rule, InputRule::PersonNameOpen | InputRule::CorrectionReason);
        Self { problem: rule.word(), field, correctable, ..self }
    }

    fn person(&self) -> CounterPerson {
        CounterPerson {
            number: self.number.clone(),
            name: self.name.clone(),
            phone: self.phone.clone(),
            email: self.email.clone(),
        }
    }
}

/// Returns the code of a dossier that was typed, or that the QR code of its receipt has.
fn scanned_code(scan: &str) -> Option<DossierCode> {
    let behind = scan.rsplit_once("code=").map_or(scan, |(_, behind)| behind);
    DossierCode::parse(behind.split('&').next().unwrap_or_default())
}

fn found(person: MetPerson) -> PersonContext {
    PersonContext {
        name: person.name,
        phone: person.phone,
        verified: person.phone_verified,
        unclaimed: person.is_unclaimed,
    }
}

fn offer(offer: &CounterOffer, language: Language) -> OfferContext {
    let code = &offer.procedure.code;
    OfferContext {
        start: format!("{START}{code}@{}", offer.agency),
        code: code.to_string(),
        name: offer.procedure.name.get(language).to_owned(),
        agency: offer.agency_name.get(language).to_owned(),
    }
}

fn draft(view: &DraftView, language: Language) -> CounterDraftLine {
    CounterDraftLine {
        to: address::first_page(view.draft.id),
        procedure: view.procedure.name.get(language).to_owned(),
        applicant: view.for_person.clone(),
        dossier: view.draft.dossier.as_ref().map_or_else(String::new, ToString::to_string),
        saved: format::second(view.draft.updated_at, language),
    }
}

/// Returns the page with the procedures, if a person was looked for, and with the dossiers that were begun.
async fn listed(portal: &Portal, visitor: &Person, page: CounterPage) -> Result<CounterPage, Failure> {
    let (actor, language) = (visitor.actor(), visitor.language());
    let drafts = portal.services.drafts.at_counter(actor).await?;
    let offers = if page.asked { portal.services.drafts.receivable(actor, &page.query)? } else { Vec::new() };
    Ok(CounterPage {
        drafts: drafts.iter().map(|view| draft(view, language)).collect(),
        offers: offers.iter().map(|one| offer(one, language)).collect(),
        ..page
    })
}

/// `GET /counter`: asks for the person.
pub async fn show(State(portal): State<Portal>, visitor: Officer) -> Result<Response, Failure> {
    let page = listed(&portal, &visitor, CounterPage::default()).await?;
    Ok(ok(&portal, &visitor, &page))
}

/// `POST /counter`: reads a scan of a card or of a receipt, which leads to its dossier, finds the person and the procedures, or begins the dossier of the person. Posting twice
/// opens one account and begins one dossier.
pub async fn post(
    State(portal): State<Portal>,
    PostedBy(visitor, posted): PostedBy<Officer>,
) -> Result<Response, Failure> {
    let typed = CounterPage::typed(&posted);
    if let Some(language) = posted.language(&portal) {
        let page = listed(&portal, &visitor.reading(language), typed).await?;
        return Ok(in_language(&portal, &visitor, language, &page));
    }
    let scan = posted.get("scan").trim();
    if let Some(code) = scanned_code(scan) {
        return Ok(Redirect::to(&address::dossier(&code)).into_response());
    }
    let typed = match citizen_card::read(scan) {
        _ if scan.is_empty() => typed,
        Ok(card) => typed.filled(card, visitor.language()),
        Err(fault) => return refused(&portal, &visitor, CounterPage { card_problem: fault.word(), ..typed }).await,
    };
    if posted.get(WISH) == CORRECT {
        return correct(&portal, &visitor, typed).await;
    }
    let chosen = posted.get(WISH).strip_prefix(START).and_then(|chosen| chosen.split_once('@'));
    if let Some((code, agency)) = chosen {
        let begun = begin(&portal, &visitor, &typed, &code.into(), &agency.into()).await;
        let page = match begun {
            Ok(id) => return Ok(Redirect::to(&address::first_page(id)).into_response()),
            Err(Error::Invalid(rule)) => typed.broken(rule),
            Err(Error::Refused(refusal)) if refusal != Refusal::NotAllowed => {
                CounterPage { problem: refusal.code(), ..typed }
            }
            Err(error) => return Err(error.into()),
        };
        return refused(&portal, &visitor, CounterPage { asked: true, ..page }).await;
    }
    find(&portal, &visitor, typed).await
}

/// Shows the account of the person, and the procedures.
async fn find(portal: &Portal, visitor: &Person, typed: CounterPage) -> Result<Response, Failure> {
    match portal.services.account.meet(visitor.actor(), &typed.person()).await {
        Ok(person) => {
            // The comparison of names leaves out capitals and diacritics.
            let is_misspelt = |person: &MetPerson| person.is_unclaimed && person.name != typed.name;
            let correctable = !typed.number.is_empty() && person.as_ref().is_some_and(is_misspelt);
            let page = CounterPage { asked: true, person: person.map(found), correctable, ..typed };
            Ok(ok(portal, visitor, &listed(portal, visitor, page).await?))
        }
        Err(Error::Invalid(rule)) => refused(portal, visitor, typed.broken(rule)).await,
        Err(error) => Err(error.into()),
    }
}

/// Corrects the name of the account of a person whose card the officer has compared, and shows the account.
async fn correct(portal: &Portal, visitor: &Person, typed: CounterPage) -> Result<Response, Failure> {
    if !typed.checked {
        let page = CounterPage { correctable: true, ..typed };
        return refused(portal, visitor, page.broken(InputRule::PersonUnseen)).await;
    }
    match portal.services.account.correct_name(visitor.actor(), &typed.person(), &typed.reason).await {
        Ok(()) => find(portal, visitor, CounterPage { corrected: true, reason: String::new(), ..typed }).await,
        Err(Error::Invalid(rule)) => refused(portal, visitor, typed.broken(rule)).await,
        Err(error) => Err(error.into()),
    }
}

/// Begins the dossier of a person whose card the officer has compared.
async fn begin(
    portal: &Portal,
    visitor: &Person,
    typed: &CounterPage,
    code: &ProcedureCode,
    agency: &AgencyId,
) -> Result<Uuid, Error> {
    if !typed.checked {
        return Err(Error::Invalid(InputRule::PersonUnseen));
    }
    let owner = portal.services.account.meet_or_open(visitor.actor(), &typed.person()).await?;
    portal.services.drafts.receive(visitor.actor(), &owner, (code, agency)).await
}

/// Shows the page with what was refused.
async fn refused(portal: &Portal, visitor: &Person, page: CounterPage) -> Result<Response, Failure> {
    let page = listed(portal, visitor, page).await?;
    Ok(html(portal, visitor, StatusCode::UNPROCESSABLE_ENTITY, &page))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_leads_to_its_dossier_and_a_card_to_none() {
        let code = DossierCode::parse("H09.01-261124-0001");
        let receipt = format!("https://portal.example{}", address::look_up("H09.01-261124-0001"));
        for scan in ["h09.01-261124-0001 ", &receipt] {
            assert_eq!(scanned_code(scan), code, "{scan}");
        }
        for scan in ["", "074195000321||Nguyễn Thị Ngân|02091995|Nữ|Phường Phú Cường|10052021", "https://example.vn"]
        {
            assert_eq!(scanned_code(scan), None, "{scan}");
        }
    }
}
