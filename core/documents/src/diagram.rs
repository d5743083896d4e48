//! The diagram of a workflow: steps in lanes, a lane a unit, from left to right.

mod layout;
mod svg;

pub(crate) use layout::{BOX, DiagramEdge, SIGN};
pub use layout::{DiagramLayout, DiagramLine, DiagramNode, DiagramNodeKind, DiagramPoint};
pub use svg::{DiagramMarks, box_id, standalone, svg};

use motcua_domain::people::organisation::{Agency, Role};
use motcua_domain::text::Text;
use motcua_domain::workflow::{Step, UnitPlace};

/// Returns the name of the lane of a step: the role or the unit that takes it.
pub fn lane(step: &Step, own: &UnitPlace, agencies: &[Agency]) -> Text {
    if step.role == Role::Applicant {
        return Text::new("Người nộp", "Applicant");
    }
    if step.many.is_some() {
        return Text::new("Các đơn vị được hỏi", "Units that are asked");
    }
    let place = &step.place.as_ref().map_or_else(|| own.clone(), |place| place.in_agency(&own.agency));
    let Some(agency) = agencies.iter().find(|agency| agency.id == place.agency) else {
        return Text::vi(place.unit.as_str());
    };
    // The counter and the leaders have units of their own.
    let post = agency.posts.iter().find(|post| post.serves(step.role, &place.agency, &place.unit));
    let id = post.map_or(&place.unit, |post| &post.unit);
    let unit = agency.units.iter().find(|unit| unit.id == *id);
    let name = unit.map_or_else(|| Text::vi(id.as_str()), |unit| unit.name.clone());
    if place.agency == own.agency {
        return name;
    }
    let english = |text: &Text| text.get(motcua_domain::text::Language::En).to_owned();
    Text::new(format!("{} – {}", agency.name.vi, name.vi), format!("{} – {}", english(&agency.name), english(&name)))
}
