//! The forms of a dossier on paper (Circular 01/2018/TT-VPCP), and when each of them applies, with the copy of what was
//! filed. Form 06 is the register of all dossiers.

use crate::dossier::Dossier;
use crate::dossier::event::DossierOutcome;
use crate::people::organisation::Actor;
use crate::time::clock::has_passed;
use jiff::Timestamp;

/// A form of a dossier on paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrintedForm {
    /// The receipt with the appointment.
    Receipt,
    /// The request for a supplement.
    Supplement,
    /// The refusal to receive the dossier, or to grant what was applied for.
    Refusal,
    /// The apology with another appointment.
    Apology,
    /// The control sheet with every step and its punctuality.
    Control,
    /// The label with the address to which the result goes by post, which is no form of the circular.
    Label,
    /// The copy of what was filed, which is no form of the circular.
    Copy,
}

impl PrintedForm {
    /// All forms, in the order of their numbers, the label and the copy.
    pub const ALL: [Self; 7] =
        [Self::Receipt, Self::Supplement, Self::Refusal, Self::Apology, Self::Control, Self::Label, Self::Copy];

    /// Returns the number of the form, as the circular writes it, `label` or `copy`.
    pub const fn number(self) -> &'static str {
        match self {
            Self::Receipt => "01",
            Self::Supplement => "02",
            Self::Refusal => "03",
            Self::Apology => "04",
            Self::Control => "05",
            Self::Label => "label",
            Self::Copy => "copy",
        }
    }

    /// Returns the form with this number.
    pub fn numbered(number: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.number() == number)
    }
}

impl Dossier {
    /// Returns the forms that a reader of the dossier can print now.
    pub fn printed_forms(&self, actor: &Actor, now: Timestamp) -> impl Iterator<Item = PrintedForm> {
        PrintedForm::ALL.into_iter().filter(move |form| self.may_print(*form, actor, now))
    }

    /// Returns whether a reader of the dossier can print a form now. The control sheet names officers, so the applicant
    /// does not get it. The label is for who hands the result to the post. An apology without
    /// a new day is filled in by hand, so only officers get it.
    pub fn may_print(&self, form: PrintedForm, actor: &Actor, now: Timestamp) -> bool {
        let is_staff = matches!(actor, Actor::Officer { .. });
        match form {
            PrintedForm::Receipt | PrintedForm::Copy => true,
            PrintedForm::Supplement => !self.supplements.is_empty(),
            PrintedForm::Refusal => self.flow.ended.as_ref().is_some_and(|end| is_refusal(end.outcome)),
            PrintedForm::Apology => {
                let is_filled_in = self.apology().is_some() || self.new_appointment(now).is_some();
                self.owes_apology(now) && (is_staff || is_filled_in)
            }
            PrintedForm::Control => is_staff,
            PrintedForm::Label => is_staff && self.post.is_some(),
        }
    }

    /// Returns the appointment after the one on the receipt, if the dossier has one that has not passed.
    pub fn new_appointment(&self, now: Timestamp) -> Option<Timestamp> {
        let promised = self.appointment?;
        self.flow.whole.due().filter(|due| *due > promised && !has_passed(*due, now))
    }

    /// Returns whether the agency is late, or the applicant was told that it would be, and there is no result yet.
    fn owes_apology(&self, now: Timestamp) -> bool {
        let is_open = !self.has_ended() && self.flow.processed_at.is_none();
        is_open && (self.late_told.is_some() || self.late_since(now).is_some())
    }
}

/// Returns whether the agency refused the dossier itself, or what was applied for. The law's words on a silence are no
/// letter of the agency.
const fn is_refusal(outcome: DossierOutcome) -> bool {
    match outcome {
        DossierOutcome::NotReceived | DossierOutcome::Refused => true,
        DossierOutcome::Returned
        | DossierOutcome::Withdrawn
        | DossierOutcome::Lapsed
        | DossierOutcome::ApprovedBySilence
        | DossierOutcome::RefusedBySilence => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_found_by_its_number() {
        for form in PrintedForm::ALL {
            assert_eq!(PrintedForm::numbered(form.number()), Some(form));
        }
        assert_eq!(PrintedForm::numbered("06"), None);
        assert_eq!(PrintedForm::numbered("1"), None);
    }
}
