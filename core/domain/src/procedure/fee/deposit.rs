//! Deposits: money that the agency holds while it works, and pays back with the end of the dossier.

use super::words::{both, either, joined};
use super::{Fee, FeeKind, FeeLine};
use crate::dossier::event::DossierOutcome;
use crate::text::Text;

impl FeeLine {
    /// Returns whether the amount is a deposit that goes back to the applicant with this outcome.
    pub fn goes_back_with(&self, outcome: DossierOutcome) -> bool {
        self.kind == FeeKind::Deposit && !self.kept_by.contains(&outcome)
    }
}

impl Fee {
    /// Describes when a deposit goes back.
    pub(super) fn deposit_words(&self) -> Option<Text> {
        if self.kind != FeeKind::Deposit {
            return None;
        }
        let kept: Vec<Text> = self.kept_by.iter().copied().map(outcome_words).collect();
        let kept = joined(&kept, "; ");
        Some(both(|language| {
            let back = either(language, "hoàn trả khi hồ sơ kết thúc", "it is paid back when the dossier ends");
            match kept.get(language) {
                "" => back.to_owned(),
                kept => format!("{back}, {}: {kept}", either(language, "trừ trường hợp", "unless")),
            }
        }))
    }
}

fn outcome_words(outcome: DossierOutcome) -> Text {
    match outcome {
        DossierOutcome::Returned => Text::new("đã trả kết quả", "the result is handed over"),
        DossierOutcome::NotReceived => Text::new("không tiếp nhận", "the dossier is not received"),
        DossierOutcome::Refused => Text::new("từ chối giải quyết", "the dossier is refused"),
        DossierOutcome::Withdrawn => Text::new("người nộp rút hồ sơ", "the applicant withdraws the dossier"),
        DossierOutcome::Lapsed => Text::new("người nộp để quá hạn", "the applicant lets a limit pass"),
        DossierOutcome::ApprovedBySilence => {
            Text::new("coi là chấp thuận do quá hạn", "the dossier is approved by silence of the agency")
        }
        DossierOutcome::RefusedBySilence => {
            Text::new("coi là bị từ chối do quá hạn", "the dossier is refused by silence of the agency")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::Condition;
    use crate::money::Dong;
    use crate::text::Language;

    #[test]
    fn a_deposit_says_when_it_goes_back_and_a_fee_does_not() {
        let of = |kind, kept_by: &[DossierOutcome]| {
            let fee = Fee::fixed(Text::vi("Tiền ký quỹ"), kind, Dong(1), Condition::Fixed(true));
            let fee = Fee { kept_by: kept_by.to_vec(), ..fee };
            fee.notes().iter().map(|note| note.get(Language::Vi).to_owned()).collect::<Vec<_>>()
        };
        assert!(of(FeeKind::Fee, &[]).is_empty());
        assert_eq!(of(FeeKind::Deposit, &[]), ["hoàn trả khi hồ sơ kết thúc"]);
        let kept = [DossierOutcome::Returned, DossierOutcome::Withdrawn];
        let told = "hoàn trả khi hồ sơ kết thúc, trừ trường hợp: đã trả kết quả; người nộp rút hồ sơ";
        assert_eq!(of(FeeKind::Deposit, &kept), [told]);
    }
}
