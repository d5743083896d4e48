//! The posts and the officers that the steps of a procedure need, in every agency that offers it.

use super::FollowCheck;
use crate::files::procedure::offers::listed;
use crate::province::Province;
use motcua_domain::identity;
use motcua_domain::people::organisation::Role;
use motcua_domain::workflow::{Assign, Step, UnitPlace};
use std::slice::from_ref;

impl FollowCheck<'_> {
    /// Checks that every step has a post in its unit, and that the post has a holder. `own` has the unit of each agency
    /// that offers the procedure.
    pub(super) fn posts(&self, province: &Province, own: &[UnitPlace]) {
        for step in self.workflow.steps.iter().filter(|step| step.role != Role::Applicant) {
            // The agencies that offer the procedure are told together, and other places one by one.
            let groups: Vec<&[UnitPlace]> = match (&step.many, &step.place) {
                (Some(many), _) => many.places.iter().map(from_ref).collect(),
                (None, Some(place)) => vec![from_ref(place)],
                (None, None) => vec![own],
            };
            for places in groups {
                self.post(province, step, step.role, places, "is for");
                if let Some(role) = step.escalate {
                    self.post(province, step, role, places, "is escalated to");
                }
            }
            self.person(province, step, own);
        }
    }

    /// Checks that units have a post for a step, and that the post has a holder.
    fn post(&self, province: &Province, step: &Step, role: Role, places: &[UnitPlace], is_for: &str) {
        let (id, role_name) = (&step.id, role.name());
        let (there, without): (Vec<&UnitPlace>, _) = places.iter().partition(|place| province.has_post(role, place));
        if let [UnitPlace { unit, .. }] = without.as_slice()
            && places.len() == 1
        {
            let message =
                format!("step `{id}` {is_for} a {role_name}, but the agency has no such post for unit `{unit}`");
            let help = format!("add \"{role_name}\" to the unit's posts in organisation.toml");
            self.root.mistake("no-post", self.span.clone(), &message, &help);
        } else if !without.is_empty() {
            let agencies = listed(&of(&without));
            let message = format!("step `{id}` {is_for} a {role_name}, but there is no such post in {agencies}");
            let help = format!("add \"{role_name}\" to the posts of their units in organisation.toml");
            self.root.mistake("no-post", self.span.clone(), &message, &help);
        }
        let idle: Vec<&UnitPlace> = there.into_iter().filter(|place| !province.is_held(role, place)).collect();
        let message = match idle.as_slice() {
            [] => return,
            [UnitPlace { agency, unit }] if places.len() == 1 => {
                format!("step `{id}` {is_for} the {role_name} of `{agency}/{unit}`, but nobody holds that post")
            }
            _ => format!("step `{id}` {is_for} a {role_name}, but nobody holds that post in {}", listed(&of(&idle))),
        };
        self.root.warn("nobody-holds", self.span.clone(), &message, "give an officer the post in organisation.toml");
    }

    /// Checks that the officer to whom a step is given by name exists and holds the post.
    fn person(&self, province: &Province, step: &Step, own: &[UnitPlace]) {
        let Assign::Person { login } = &step.assign else { return };
        let spot = self.spot(step, |places| Some(&places.assign));
        let Some(officer) = province.officers.iter().find(|officer| officer.login == identity::login(login)) else {
            let message = format!("step `{}` is given to `{login}`, who is not an officer", step.id);
            self.mistake(&spot, "unknown-name", &message, "write the log-in of an officer in organisation.toml");
            return;
        };
        let asked = step.many.iter().flat_map(|many| &many.places);
        let alone = step.place.as_ref().map_or(own, from_ref);
        let alone = alone.iter().filter(|_| step.many.is_none());
        let serves =
            |place: &UnitPlace| officer.posts.iter().any(|post| post.serves(step.role, &place.agency, &place.unit));
        // An officer without any post of the role is told at the workflow.
        let has_role = officer.posts.iter().any(|post| post.role == step.role);
        if has_role && !asked.chain(alone).any(serves) {
            let role = step.role.name();
            let message =
                format!("step `{}` is given to `{login}`, who does not hold the post of a {role} there", step.id);
            let help = "give the officer the post in organisation.toml, or name another officer";
            self.warn(&spot, "person-without-post", &message, help);
        }
    }
}

/// Returns the agencies of places.
fn of<'a>(places: &[&'a UnitPlace]) -> Vec<&'a str> {
    places.iter().map(|place| place.agency.as_str()).collect()
}
