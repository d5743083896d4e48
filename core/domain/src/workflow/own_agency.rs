//! Units that a workflow names without their agency: those of the agency to which the applicant applies. Several
//! agencies may follow the same workflow.

use crate::names::AgencyId;
use crate::workflow::{UnitPlace, Workflow};

/// The word for the agency to which the applicant applies, in the place of an agency's id: `./ke-toan`.
pub const OWN_AGENCY: &str = ".";

impl UnitPlace {
    /// Returns whether the unit belongs to the agency to which the applicant applies, whichever this is.
    pub fn is_of_own_agency(&self) -> bool {
        self.agency.as_str() == OWN_AGENCY
    }

    /// Returns the unit for dossiers of an agency.
    #[must_use]
    pub fn in_agency(&self, agency: &AgencyId) -> Self {
        let agency = if self.is_of_own_agency() { agency } else { &self.agency };
        Self { agency: agency.clone(), unit: self.unit.clone() }
    }
}

impl Workflow {
    /// Returns whether a step is at a unit of the own agency, or asks one.
    pub fn names_own_agency(&self) -> bool {
        let asked = self.steps.iter().filter_map(|step| step.many.as_ref()).flat_map(|many| &many.places);
        let mut places = self.steps.iter().filter_map(|step| step.place.as_ref()).chain(asked);
        places.any(UnitPlace::is_of_own_agency)
    }

    /// Returns the workflow for dossiers of an agency. Returns `None` if it is the same for all agencies.
    pub fn in_agency(&self, agency: &AgencyId) -> Option<Self> {
        if !self.names_own_agency() {
            return None;
        }
        let mut own = self.clone();
        for step in &mut own.steps {
            let asked = step.many.iter_mut().flat_map(|many| &mut many.places);
            for place in step.place.iter_mut().chain(asked) {
                *place = place.in_agency(agency);
            }
        }
        Some(own)
    }
}

#[cfg(test)]
mod tests {
    use super::{OWN_AGENCY, UnitPlace, Workflow};
    use crate::people::organisation::Role;
    use crate::text::Text;
    use crate::workflow::{Many, NationalStatus, Step};

    fn place(agency: &str, unit: &str) -> UnitPlace {
        UnitPlace { agency: agency.into(), unit: unit.into() }
    }

    #[test]
    fn a_unit_of_the_own_agency_is_that_of_the_agency_that_has_the_dossier() {
        let mut alone = Step::new("pay", Text::vi("Thu"), Role::Specialist, NationalStatus::Processing);
        let mut asked = alone.clone();
        asked.id = "ask".into();
        let places = vec![place(OWN_AGENCY, "dia-chinh"), place("so", "dat-dai")];
        asked.many = Some(Many { places, chosen: false, enough: None, then: "pay".into(), listed: true });
        let fixed = Workflow::new("w", vec![alone.clone()], Vec::new());
        assert_eq!(fixed.in_agency(&"xa".into()), None);
        alone.place = Some(place(OWN_AGENCY, "ke-toan"));
        let own = Workflow { steps: vec![alone, asked], ..fixed }.in_agency(&"xa".into()).expect("another workflow");
        assert_eq!(own.steps[0].place, Some(place("xa", "ke-toan")));
        let many = own.steps[1].many.as_ref().expect("units");
        assert_eq!(many.places, [place("xa", "dia-chinh"), place("so", "dat-dai")]);
    }
}
