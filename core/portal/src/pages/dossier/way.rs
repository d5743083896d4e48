//! The way of an officer through a list: the list from which a dossier was opened, its place there, and the dossier
//! after it. All of it is in the address and in the form, so two windows have two lists.

use crate::pages::desk_filters::OfficeQuery;
use crate::pages::dossier::attempt::{Attempt, LIST, NEXT, PLACE};
use crate::state::Portal;
use crate::web::failure::Failure;
use crate::web::{address, limits};
use motcua_domain::dossier::Dossier;
use motcua_domain::people::organisation::Actor;
use motcua_service::{DeskNext, DeskPlace, OfficerView};
use serde::Serialize;

/// The list from which an officer opened a dossier.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct WayContext {
    /// The query of the list's address, such as `view=todo`, or an empty text if the dossier was opened elsewhere.
    pub list: String,
    /// The place of the dossier in the list, or an empty text.
    pub place: String,
    /// An action is followed by the next dossier of the list.
    pub next: bool,
    /// The dossier in which the officer acted just before this one was opened.
    pub before: Option<BeforeContext>,
    /// The number of other dossiers in the list, if the officer acted in the last one.
    pub left: Option<usize>,
}

/// The dossier in which an officer acted before the next one was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BeforeContext {
    /// The code of the dossier.
    pub code: String,
    /// The address of the dossier, in the list if its place there is known.
    pub href: String,
    /// The place that the dossier had in the list before the action, or an empty text.
    pub place: String,
    /// The version of the dossier after the action, if the action can be taken back, or 0.
    pub undo: u32,
}

impl BeforeContext {
    /// Returns the dossier with this code, which had this place in a list. A place that is none, or of no list, is left
    /// out.
    pub fn of(code: String, undo: u32, list: &str, place: &str) -> Self {
        if list.is_empty() || DeskPlace::parse(place).is_none() {
            return Self { href: address::dossier(&code), code, place: String::new(), undo };
        }
        let href = address::dossier_in(&code, &address::in_list(list, place));
        Self { href, code, place: place.to_owned(), undo }
    }
}

impl WayContext {
    /// Returns the way as the page posts it. A place that is none belongs to no list. A list whose query is too long
    /// for the addresses of the way is none.
    pub fn of(attempt: &Attempt) -> Self {
        let (list, place) = (attempt.said(LIST), attempt.said(PLACE));
        if list.is_empty() || !limits::fits_in_another(list) || DeskPlace::parse(place).is_none() {
            return Self::default();
        }
        let next = attempt.said(NEXT) == YES;
        Self { list: list.to_owned(), place: place.to_owned(), next, before: None, left: None }
    }

    /// Returns the way as part of an address, after other parts, or an empty text.
    pub fn query(&self) -> String {
        if self.list.is_empty() {
            return String::new();
        }
        let next = if self.next { "" } else { "&next=no" };
        format!("&{}{next}", address::in_list(&self.list, &self.place))
    }

    /// Returns a way for checking a theme.
    pub fn sample(left: Option<usize>) -> Self {
        let undo = if left.is_none() { 2 } else { 0 };
        Self {
            list: "view=todo".into(),
            place: "1~1~H09.01-261124-0001".into(),
            next: left.is_none(),
            before: Some(BeforeContext::of("H09.01-261124-0002".into(), undo, "view=todo", "1~1~H09.01-261124-0002")),
            left,
        }
    }
}

/// The value of the tick for the next dossier.
pub const YES: &str = "yes";

/// Returns the address that follows an action if the officer goes on with the list: the dossier after the place of this
/// one, or this one again at the end of the list. Returns nothing if the officer does not go on.
pub async fn onward(
    portal: &Portal,
    actor: &Actor,
    after: &Dossier,
    done: &str,
    way: &WayContext,
) -> Result<Option<String>, Failure> {
    let Some(place) = DeskPlace::parse(&way.place).filter(|_| way.next) else { return Ok(None) };
    if !matches!(actor, Actor::Officer { .. }) {
        return Ok(None);
    }
    let query: OfficeQuery = serde_urlencoded::from_str(&way.list).unwrap_or_default();
    let (code, lists) = (&after.filed.code, &portal.services.lists);
    let filters = lists.desk_filters(actor, &query.asked()).await?;
    let next = lists.next_on_desk(actor, OfficerView::named(&query.view), &filters.wish, &place).await?;
    Ok(Some(match next {
        DeskNext::Dossier(next) => {
            let undo = after.may_undo(actor).map_or(0, |_| after.version);
            let onward = address::in_list(&way.list, &next.to_string());
            address::dossier_next(next.code(), &onward, (code, way.place.as_str()), undo)
        }
        DeskNext::End { left } => address::dossier_done(code, done, &format!("&left={left}{}", way.query())),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::visitor::PostedForm;

    fn way(fields: &[(&str, &str)]) -> WayContext {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        WayContext::of(&Attempt::of(None, PostedForm(fields)))
    }

    #[test]
    fn the_dossier_before_is_opened_at_its_place_in_the_list() {
        let before = |list: &str, place: &str| BeforeContext::of("H09.14-261126-0003".into(), 2, list, place);
        let known = before("view=todo", "-5~2~H09.14-261126-0003");
        let place = "place=%2D5%7E2%7EH09%2E14%2D261126%2D0003";
        assert_eq!(known.href, format!("/dossiers/H09.14-261126-0003?list=view%3Dtodo&{place}"));
        for unknown in [before("", "-5~2~H09.14-261126-0003"), before("view=todo", "x"), before("view=todo", "")] {
            assert_eq!((unknown.href.as_str(), unknown.place.as_str()), ("/dossiers/H09.14-261126-0003", ""));
        }
    }

    #[test]
    fn a_way_is_kept_in_addresses_and_a_place_that_is_none_is_no_way() {
        let place = "-5~2~H09.14-261126-0003";
        let known = way(&[(LIST, "view=todo&q=an"), (PLACE, place), (NEXT, YES)]);
        assert_eq!(known.query(), "&list=view%3Dtodo%26q%3Dan&place=%2D5%7E2%7EH09%2E14%2D261126%2D0003");
        assert!(known.next);
        assert!(way(&[(LIST, "view=todo"), (PLACE, place)]).query().ends_with("&next=no"));
        let long = format!("q={}", "%C3%A1".repeat(400));
        let wrong: [&[(&str, &str)]; 4] =
            [&[(LIST, "view=todo"), (PLACE, "x")], &[(LIST, long.as_str()), (PLACE, place)], &[(PLACE, place)], &[]];
        for wrong in wrong.map(way) {
            assert_eq!(wrong, WayContext::default());
            assert_eq!(wrong.query(), "");
        }
    }
}
