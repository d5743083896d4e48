//! The person whom a dossier is about, if somebody else filed it.

use crate::dossier::Dossier;
use crate::dossier::event::Filed;
use crate::procedure::on_behalf::RepresentedPerson;

impl Filed {
    /// Returns the person for whom somebody else filed, as they were named then.
    pub fn represented(&self) -> Option<RepresentedPerson<'_>> {
        self.on_behalf.person(&self.values)
    }

    /// Returns the name of the person whom the filing is about: the one for whom somebody else filed, or the applicant.
    pub fn person_name(&self) -> &str {
        self.represented().map_or(self.applicant.name.as_str(), |person| person.name)
    }
}

impl Dossier {
    /// Returns the person for whom somebody else filed, as the last supplement names them.
    pub fn represented(&self) -> Option<RepresentedPerson<'_>> {
        self.filed.on_behalf.person(&self.values)
    }

    /// Returns the name of the person whom the dossier is about now.
    pub fn person_name(&self) -> &str {
        self.represented().map_or(self.filed.applicant.name.as_str(), |person| person.name)
    }
}
