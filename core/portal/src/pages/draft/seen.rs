//! The content of a draft that a page of its form shows, by which a later save finds what another page wrote meanwhile.

use crate::view::field::{self, FieldContext};
use crate::web::typing::{cleaned, with_language};
use motcua_domain::form::Field;
use motcua_domain::text::Language;
use motcua_service::{DraftSeen, PageSeen, typed_in};
use serde_json::{Map, Value as Json};

/// Returns the content of the draft that a page shows. If a field could not be saved, its next posted answer counts as
/// typed.
pub(super) fn page_seen(
    fields: &[Field],
    shown: &[FieldContext],
    typed: &Map<String, Json>,
    stored: &Map<String, Json>,
    language: Language,
) -> PageSeen {
    let mut posted = cleaned(field::as_posted(shown));
    with_language(&mut posted, language);
    let content = typed_in(fields, "", &posted);
    let on_page = || fields.iter().map(|field| field.id.as_str()).filter(|id| shown.iter().any(|one| one.name == *id));
    let mut shown = DraftSeen::of_fields(on_page().filter_map(|id| Some((id, content.get(id)?))));
    for id in on_page().filter(|id| typed.get(*id) != stored.get(*id)) {
        shown.forget(id);
    }
    let stored = DraftSeen::of_fields(on_page().map(|id| (id, stored.get(id).unwrap_or(&Json::Null))));
    PageSeen { stored, shown: Some(shown) }
}
