//! The posts and the officers that the steps of a procedure need, in every agency that offers it.

use super::FollowCheck;
use crate::files::procedure::offers::{ListedIds, listed};
use crate::province::Province;
use crate::reading::node::with_article;
use motcua_domain::identity;
use motcua_domain::people::organisation::Role;
use motcua_domain::text;
use motcua_domain::text::{Language, Text};
use motcua_domain::workflow::{Assign, Step, UnitPlace};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::iter;
use std::slice::from_ref;

impl FollowCheck<'_> {
    /// Checks that every step has a post in its unit, and that the post has a holder. `own` has the unit of each agency
    /// that offers the procedure.
    pub(super) fn posts(&self, province: &Province, own: &[UnitPlace]) {
        // A province may have hundreds of communes, which are mostly alike. All are asked only if one of them lacks
        // something, because a message names them.
        let unlike = province.one_of_each_kind(own);
        for step in self.workflow.steps.iter().filter(|step| step.role != Role::Applicant) {
            let needs = PostNeed::all_of(step);
            if !is_staffed(province, &needs, &places_of(step, &unlike)) {
                let places = places_of(step, own);
                self.units(province, step, &places);
                for need in &needs {
                    self.post(province, need, &places);
                }
            }
            self.person(province, step, own);
        }
    }

    /// Checks that each agency has the unit, if the workflow names a unit of the own agency.
    fn units(&self, province: &Province, step: &Step, places: &[UnitPlace]) {
        let mut without: Vec<&UnitPlace> = places.iter().filter(|place| !province.has_unit(place)).collect();
        while let [UnitPlace { unit, .. }, ..] = without.as_slice() {
            let (same, others): (Vec<&UnitPlace>, Vec<&UnitPlace>) =
                without.iter().copied().partition(|place| place.unit == *unit);
            let agencies: Vec<&str> = same.iter().map(|place| place.agency.as_str()).collect();
            let (id, ListedIds { vi, en }) = (&step.id, listed(&agencies));
            let message = text!(
                "bước `{id}` ở đơn vị `{unit}`, nhưng {vi} không có đơn vị này",
                "step `{id}` is at the unit `{unit}`, which is not in {en}"
            );
            let help = text!("hãy thêm đơn vị vào organisation.toml", "add the unit in organisation.toml");
            self.root.mistake("unknown-name", self.named.span.clone(), message, help);
            without = others;
        }
    }

    /// Checks that units have a post for a step, and that the post has a holder.
    fn post(&self, province: &Province, need: &PostNeed<'_>, places: &[UnitPlace]) {
        let role = need.role;
        let (there, without): (Vec<&UnitPlace>, _) = places.iter().partition(|place| province.has_post(role, place));
        if !without.is_empty() {
            let (message, help) = need.without_post(&without, places.len());
            self.root.mistake("no-post", self.named.span.clone(), message, help);
        }
        let idle: Vec<&UnitPlace> = there.into_iter().filter(|place| !province.is_held(role, place)).collect();
        if !idle.is_empty() {
            let help = text!(
                "hãy giao vị trí đó cho một cán bộ trong organisation.toml",
                "give an officer the post in organisation.toml"
            );
            self.root.warn("nobody-holds", self.named.span.clone(), need.without_holder(&idle, places.len()), help);
        }
    }

    /// Checks that the officer to whom a step is given by name exists and holds the post.
    fn person(&self, province: &Province, step: &Step, own: &[UnitPlace]) {
        let Assign::Person { login } = &step.assign else { return };
        let id = &step.id;
        let spot = self.spot(step, |known| Some(&known.assign));
        let Some(officer) = province.officers.iter().find(|officer| officer.login == identity::login(login)) else {
            let message = text!(
                "bước `{id}` được giao cho `{login}`, nhưng đó không phải là cán bộ nào",
                "step `{id}` is given to `{login}`, who is not an officer"
            );
            let help = text!(
                "hãy viết tên đăng nhập của một cán bộ trong organisation.toml",
                "write the log-in of an officer in organisation.toml"
            );
            self.mistake(&spot, "unknown-name", message, help);
            return;
        };
        let serves =
            |place: &UnitPlace| officer.posts.iter().any(|post| post.serves(step.role, &place.agency, &place.unit));
        // An officer without any post of the role is told at the workflow.
        let has_role = officer.posts.iter().any(|post| post.role == step.role);
        if has_role && !places_of(step, own).iter().any(serves) {
            let role = step.role.name();
            let a_role = with_article(role);
            let message = text!(
                "bước `{id}` được giao cho `{login}`, nhưng người này không giữ vị trí có vai trò `{role}` ở đó",
                "step `{id}` is given to `{login}`, who does not hold the post of {a_role} there"
            );
            let help = text!(
                "hãy giao vị trí đó cho cán bộ này trong organisation.toml, hoặc nêu cán bộ khác",
                "give the officer the post in organisation.toml, or name another officer"
            );
            self.warn(&spot, "person-without-post", message, help);
        }
    }
}

/// A step that needs a post of a role, with the words for the need.
struct PostNeed<'a> {
    step: &'a Step,
    role: Role,
    is_for: Text,
}

impl<'a> PostNeed<'a> {
    /// Returns the posts that a step needs: those of its role, and of the role that is told when it is late.
    fn all_of(step: &'a Step) -> Vec<Self> {
        let own = Self { step, role: step.role, is_for: text!("dành cho vai trò", "is for") };
        let told = step.escalate.map(|role| Self {
            step,
            role,
            is_for: text!("khi quá hạn được báo lên vai trò", "is escalated to"),
        });
        iter::once(own).chain(told).collect()
    }

    /// Returns the message and the advice, if some of `count` places have no such post.
    fn without_post(&self, without: &[&UnitPlace], count: usize) -> (Text, Text) {
        let (id, role) = (&self.step.id, self.role.name());
        let (a_role, needed_by, is_for) =
            (with_article(role), self.is_for.get(Language::Vi), self.is_for.get(Language::En));
        if let [UnitPlace { unit, .. }] = without
            && count == 1
        {
            let message = text!(
                "bước `{id}` {needed_by} `{role}`, nhưng cơ quan không có vị trí như vậy ở đơn vị `{unit}`",
                "step `{id}` {is_for} {a_role}, but the agency has no such post for unit `{unit}`"
            );
            let help = text!(
                "hãy thêm \"{role}\" vào `posts` của đơn vị trong organisation.toml",
                "add \"{role}\" to the unit's posts in organisation.toml"
            );
            return (message, help);
        }
        let ListedIds { vi, en } = listed(&names_of(without));
        let message = text!(
            "bước `{id}` {needed_by} `{role}`, nhưng không có vị trí như vậy ở {vi}",
            "step `{id}` {is_for} {a_role}, but there is no such post in {en}"
        );
        let help = text!(
            "hãy thêm \"{role}\" vào `posts` của các đơn vị đó trong organisation.toml",
            "add \"{role}\" to the posts of their units in organisation.toml"
        );
        (message, help)
    }

    /// Returns the message, if some of `count` places have the post without a holder.
    fn without_holder(&self, idle: &[&UnitPlace], count: usize) -> Text {
        let (id, role) = (&self.step.id, self.role.name());
        let (needed_by, is_for) = (self.is_for.get(Language::Vi), self.is_for.get(Language::En));
        if let [UnitPlace { agency, unit }] = idle
            && count == 1
        {
            return text!(
                "bước `{id}` {needed_by} `{role}` của `{agency}/{unit}`, nhưng không ai giữ vị trí đó",
                "step `{id}` {is_for} the {role} of `{agency}/{unit}`, but nobody holds that post"
            );
        }
        let (a_role, ListedIds { vi, en }) = (with_article(role), listed(&names_of(idle)));
        text!(
            "bước `{id}` {needed_by} `{role}`, nhưng không ai giữ vị trí đó ở {vi}",
            "step `{id}` {is_for} {a_role}, but nobody holds that post in {en}"
        )
    }
}

/// Returns whether all places have their unit, and the needed posts with a holder.
fn is_staffed(province: &Province, needs: &[PostNeed<'_>], places: &[UnitPlace]) -> bool {
    let has_holder = |place: &UnitPlace, role: Role| province.has_post(role, place) && province.is_held(role, place);
    places.iter().all(|place| province.has_unit(place) && needs.iter().all(|need| has_holder(place, need.role)))
}

/// Returns all units of a step: those of the agencies in `own` that offer the procedure, or the units that are asked.
fn places_of<'a>(step: &'a Step, own: &'a [UnitPlace]) -> Cow<'a, [UnitPlace]> {
    match (&step.many, &step.place) {
        (Some(many), _) => many.places.iter().flat_map(|place| in_all(place, own).into_owned()).collect(),
        (None, Some(place)) => in_all(place, own),
        (None, None) => Cow::Borrowed(own),
    }
}

/// Returns a unit that the workflow names: a unit of the own agency in every agency that offers the procedure.
fn in_all<'a>(place: &'a UnitPlace, own: &[UnitPlace]) -> Cow<'a, [UnitPlace]> {
    if place.is_of_own_agency() {
        return own.iter().map(|own| place.in_agency(&own.agency)).collect();
    }
    Cow::Borrowed(from_ref(place))
}

/// Returns the names of places: those of their agencies, or those of the units if an agency has several of them.
fn names_of(places: &[&UnitPlace]) -> Vec<String> {
    let agencies: BTreeSet<&str> = places.iter().map(|place| place.agency.as_str()).collect();
    let name = |place: &&UnitPlace| {
        if agencies.len() == places.len() {
            place.agency.as_str().to_owned()
        } else {
            format!("{}/{}", place.agency, place.unit)
        }
    };
    places.iter().map(name).collect()
}
