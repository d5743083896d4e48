//! The bounds of a procedure on its filings, as the store checks them.

use jiff::Timestamp;
use motcua_domain::dossier::Dossier;
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::names::{AgencyId, UserId};
use motcua_domain::procedure::{FilingHolder, HolderTime, OnePer, Procedure};
use motcua_store::journal::{Admission, AgencyCap, DossierHolder, NotAdmitted, OneDossier};
use serde_json::{Map, Value as Json};

/// Returns the bounds that a filing of an applicant with these answers must keep now. Each agency that offers the
/// procedure has its own places, so without an agency no places are counted. Returns `None` if the procedure bounds
/// nothing.
pub fn admission(
    procedure: &Procedure,
    agency: Option<&AgencyId>,
    applicant: &UserId,
    values: &Map<String, Json>,
    now: Timestamp,
) -> Option<Admission> {
    if procedure.bounds.is_none() {
        return None;
    }
    let cap = procedure.bounds.at_most.zip(agency).map(|(cap, agency)| {
        let (from, until) = cap.per.around(now);
        AgencyCap { agency: agency.clone(), most: cap.most, from, until }
    });
    let holder = |one: &OnePer| match &one.holder {
        // Somebody may still file for another person.
        FilingHolder::Applicant if procedure.on_behalf.is_open(values) => None,
        FilingHolder::Applicant => Some(
            procedure
                .on_behalf
                .holder(values)
                .map_or_else(|| DossierHolder::Applicant(applicant.clone()), DossierHolder::Answer),
        ),
        answered @ FilingHolder::Answer(_) => answered.answer(values).map(DossierHolder::Answer),
    };
    let one = procedure.bounds.one_per.as_ref();
    let one_per =
        one.and_then(|one| Some(OneDossier { holder: holder(one)?, only_open: one.lasts == HolderTime::Open }));
    Some(Admission { procedure: procedure.code.clone(), own: None, cap, one_per })
}

/// Returns the bound that a change of a dossier must keep, if it names another holder of at most one dossier. The dossier
/// then counts for the new holder, and no longer for the old one.
pub fn admission_again(procedure: &Procedure, before: &Dossier, after: &Dossier) -> Option<Admission> {
    let one = procedure.bounds.one_per.as_ref()?;
    let holder = one.holder.answer(&after.values);
    if holder == one.holder.answer(&before.values) {
        return None;
    }
    let only_open = one.lasts == HolderTime::Open;
    let one_per = holder.map(|holder| OneDossier { holder: DossierHolder::Answer(holder), only_open });
    Some(Admission { procedure: procedure.code.clone(), own: Some(after.filed.code.clone()), cap: None, one_per })
}

/// Returns the refusal of a filing that was not admitted. An applicant reads the code of their own dossier only.
pub fn refusal(refused: NotAdmitted, applicant: &UserId) -> Refusal {
    match refused {
        NotAdmitted::Full => Refusal::NoPlaceLeft,
        NotAdmitted::NumberTaken => Refusal::ReceiptTaken,
        NotAdmitted::Earlier { code, applicant: other } => {
            Refusal::FiledBefore { own: (other == *applicant).then_some(code) }
        }
    }
}
