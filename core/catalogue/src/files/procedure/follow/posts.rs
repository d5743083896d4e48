//! The posts and the officers that the steps of a procedure need, in every agency that offers it.

use super::FollowCheck;
use crate::files::procedure::offers::listed;
use crate::province::Province;
use crate::reading::node::with_article;
use motcua_domain::identity;
use motcua_domain::people::organisation::Role;
use motcua_domain::workflow::{Assign, Step, UnitPlace};
use std::borrow::Cow;
use std::slice::from_ref;

impl FollowCheck<'_> {
    /// Checks that every step has a post in its unit, and that the post has a holder. `own` has the unit of each agency
    /// that offers the procedure.
    pub(super) fn posts(&self, province: &Province, own: &[UnitPlace]) {
        for step in self.workflow.steps.iter().filter(|step| step.role != Role::Applicant) {
            // The agencies that offer the procedure are told together, and other places one by one.
            let groups: Vec<Cow<'_, [UnitPlace]>> = match (&step.many, &step.place) {
                (Some(many), _) => many.places.iter().map(|place| in_all(place, own)).collect(),
                (None, Some(place)) => vec![in_all(place, own)],
                (None, None) => vec![Cow::Borrowed(own)],
            };
            for places in &groups {
                self.units(province, step, places);
                self.post(province, step, step.role, places, "is for");
                if let Some(role) = step.escalate {
                    self.post(province, step, role, places, "is escalated to");
                }
            }
            let all: Vec<&UnitPlace> = groups.iter().flat_map(|places| places.iter()).collect();
            self.person(province, step, &all);
        }
    }

    /// Checks that each agency has the unit, if the workflow names a unit of the own agency.
    fn units(&self, province: &Province, step: &Step, places: &[UnitPlace]) {
        let without: Vec<&UnitPlace> = places.iter().filter(|place| !province.has_unit(place)).collect();
        if let [UnitPlace { unit, .. }, ..] = without.as_slice() {
            let message =
                format!("step `{}` is at the unit `{unit}`, which is not in {}", step.id, listed(&of(&without)));
            self.root.mistake("unknown-name", self.named.span.clone(), &message, "add the unit in organisation.toml");
        }
    }

    /// Checks that units have a post for a step, and that the post has a holder.
    fn post(&self, province: &Province, step: &Step, role: Role, places: &[UnitPlace], is_for: &str) {
        let (id, role_name) = (&step.id, role.name());
        let a_role = with_article(role_name);
        let (there, without): (Vec<&UnitPlace>, _) = places.iter().partition(|place| province.has_post(role, place));
        if let [UnitPlace { unit, .. }] = without.as_slice()
            && places.len() == 1
        {
            let message = format!("step `{id}` {is_for} {a_role}, but the agency has no such post for unit `{unit}`");
            let help = format!("add \"{role_name}\" to the unit's posts in organisation.toml");
            self.root.mistake("no-post", self.named.span.clone(), &message, &help);
        } else if !without.is_empty() {
            let agencies = listed(&of(&without));
            let message = format!("step `{id}` {is_for} {a_role}, but there is no such post in {agencies}");
            let help = format!("add \"{role_name}\" to the posts of their units in organisation.toml");
            self.root.mistake("no-post", self.named.span.clone(), &message, &help);
        }
        let idle: Vec<&UnitPlace> = there.into_iter().filter(|place| !province.is_held(role, place)).collect();
        let message = match idle.as_slice() {
            [] => return,
            [UnitPlace { agency, unit }] if places.len() == 1 => {
                format!("step `{id}` {is_for} the {role_name} of `{agency}/{unit}`, but nobody holds that post")
            }
            _ => format!("step `{id}` {is_for} {a_role}, but nobody holds that post in {}", listed(&of(&idle))),
        };
        let help = "give an officer the post in organisation.toml";
        self.root.warn("nobody-holds", self.named.span.clone(), &message, help);
    }

    /// Checks that the officer to whom a step is given by name exists and holds the post.
    fn person(&self, province: &Province, step: &Step, places: &[&UnitPlace]) {
        let Assign::Person { login } = &step.assign else { return };
        let spot = self.spot(step, |known| Some(&known.assign));
        let Some(officer) = province.officers.iter().find(|officer| officer.login == identity::login(login)) else {
            let message = format!("step `{}` is given to `{login}`, who is not an officer", step.id);
            self.mistake(&spot, "unknown-name", &message, "write the log-in of an officer in organisation.toml");
            return;
        };
        let serves =
            |place: &&UnitPlace| officer.posts.iter().any(|post| post.serves(step.role, &place.agency, &place.unit));
        // An officer without any post of the role is told at the workflow.
        let has_role = officer.posts.iter().any(|post| post.role == step.role);
        if has_role && !places.iter().any(serves) {
            let role = with_article(step.role.name());
            let message =
                format!("step `{}` is given to `{login}`, who does not hold the post of {role} there", step.id);
            let help = "give the officer the post in organisation.toml, or name another officer";
            self.warn(&spot, "person-without-post", &message, help);
        }
    }
}

/// Returns a unit that the workflow names: a unit of the own agency in every agency that offers the procedure.
fn in_all<'a>(place: &'a UnitPlace, own: &[UnitPlace]) -> Cow<'a, [UnitPlace]> {
    if place.is_of_own_agency() {
        return own.iter().map(|own| place.in_agency(&own.agency)).collect();
    }
    Cow::Borrowed(from_ref(place))
}

/// Returns the agencies of places.
fn of<'a>(places: &[&'a UnitPlace]) -> Vec<&'a str> {
    places.iter().map(|place| place.agency.as_str()).collect()
}
