//! The terms of a procedure beside its limit: when and how many dossiers are filed, the meaning of a silence, and the
//! publication and the delivery of results.

use super::fee::AMOUNT;
use crate::context::ProcedureContext;
use crate::files::form;
use crate::reading::keys::{BASIS, Shape, keys};
use crate::reading::node::{FileTable, Placed};
use motcua_domain::form::kinds::Structure;
use motcua_domain::form::{ADDRESS_REGISTRIES, Field, Form};
use motcua_domain::money::Dong;
use motcua_domain::procedure::delivery::PostalOffer;
use motcua_domain::procedure::on_behalf::OnBehalf;
use motcua_domain::procedure::{
    CapPeriod, FilingBounds, FilingCap, FilingHolder, FilingWindow, HolderTime, OnePer, ResultPublication, Silence,
    SilenceMeaning,
};
use motcua_domain::text;

/// The word for the applicant as the holder of at most one dossier.
const APPLICANT: &str = "applicant";

keys! {
    /// The consequence by law, if the limit passes without an answer of the agency.
    pub(super) SILENCE = "Silence" {
        required {
            means: Shape::Word(|| SilenceMeaning::ALL.map(SilenceMeaning::name).to_vec()),
            /// The legal basis, as `basis` of a paper.
            basis: BASIS,
        }
    }

    /// The publication of results on a public page, with the number of the dossier and the date.
    pub(super) PUBLISH = "Publication" {
        optional {
            /// The name of the holder is published too: the one that `[result]` names, or else the applicant.
            holder: Shape::Boolean,
        }
    }

    /// The ways to get the result, beside the counter and the portal.
    pub(super) DELIVERY = "Delivery" {
        required {
            post: Shape::Table(&POST),
        }
    }

    /// The delivery of the result by post, to an address that the applicant types. It needs the registries `provinces` and
    /// `communes`.
    POST = "PostalDelivery" {
        optional {
            /// The amount in whole đồng that the carrier takes when it hands the result over. Without it, the pages say
            /// that the carrier states the amount.
            fee: AMOUNT,
        }
    }
}

/// Reads the time in which dossiers are filed.
pub(super) fn window(root: &FileTable<'_>) -> FilingWindow {
    let window = FilingWindow { opens: root.moment("opens"), closes: root.moment("closes") };
    if window.opens.zip(window.closes).is_some_and(|(opens, closes)| opens >= closes) {
        let message =
            text!("không có thời điểm nào nằm giữa `opens` và `closes`", "no moment lies between `opens` and `closes`");
        let help = text!("hãy viết `closes` sau `opens`", "write a `closes` that is after `opens`");
        root.mistake("out-of-range", root.place("closes"), message, help);
    }
    window
}

/// Reads who may file for whom.
pub(super) fn on_behalf(root: &FileTable<'_>) -> OnBehalf {
    root.word("on_behalf", &OnBehalf::ALL, OnBehalf::name).unwrap_or_default()
}

/// Reads the publication of results.
pub(super) fn publication(root: &FileTable<'_>) -> Option<ResultPublication> {
    let table = root.table("publish")?;
    let holder = table.boolean("holder").unwrap_or(false);
    table.finish();
    Some(ResultPublication { holder })
}

/// Reads the ways to get the result. The post needs the registries of an address.
pub(super) fn delivery(root: &FileTable<'_>, context: &ProcedureContext<'_>) -> Option<PostalOffer> {
    let table = root.table("delivery")?;
    let offer = table.table("post").map(|post| {
        for registry in ADDRESS_REGISTRIES {
            let named = Placed { value: registry.to_owned(), span: table.place("post") };
            form::known_registry(&table, &context.province.registries, &named);
        }
        let fee = post.integer("fee").map(Dong);
        post.finish();
        PostalOffer { fee }
    });
    if !table.has("post") {
        table.missing("post", "{ fee = 30000 }");
    }
    table.finish();
    offer
}

/// Reads the consequence of a limit that passes without an answer. The law must say so.
pub(super) fn silence(root: &FileTable<'_>) -> Option<Silence> {
    let table = root.table("silence")?;
    let means = table.word("means", &SilenceMeaning::ALL, SilenceMeaning::name);
    if !table.has("means") {
        table.missing("means", "\"approval\"");
    }
    let basis = table.basis("basis");
    if !table.has("basis") {
        table.missing("basis", "\"dau-tu#37.2\"");
    }
    table.finish();
    Some(Silence { means: means?, basis })
}

/// Reads the bounds on the number of filings.
pub(super) fn bounds(root: &FileTable<'_>, form: &Form) -> FilingBounds {
    let most = root.integer("at_most").and_then(|most| u32::try_from(most).ok());
    let per = root.word("at_most_per", &CapPeriod::ALL, CapPeriod::name).unwrap_or_default();
    let named = root.string("one_per");
    let lasts = root.word("one_while", &HolderTime::ALL, HolderTime::name).unwrap_or_default();
    for (key, other) in [("at_most_per", "at_most"), ("one_while", "one_per")] {
        if root.names_key(key) && !root.names_key(other) {
            let message = text!("`{key}` không có nghĩa nếu thiếu `{other}`", "`{key}` says nothing without `{other}`");
            let help = text!("hãy thêm `{other}`, hoặc bỏ khóa này", "add `{other}`, or remove it");
            root.mistake("bad-bound", root.place(key), message, help);
        }
    }
    let one_per = named.and_then(|named| holder(root, named, form)).map(|holder| OnePer { holder, lasts });
    FilingBounds { at_most: most.map(|most| FilingCap { most, per }), one_per }
}

/// Reads the holder of at most one dossier: the applicant, or an answer that two dossiers can have in common.
fn holder(root: &FileTable<'_>, named: Placed<String>, form: &Form) -> Option<FilingHolder> {
    if named.value == APPLICANT {
        return Some(FilingHolder::Applicant);
    }
    let mut names = named.value.split('.');
    let id = names.next().unwrap_or_default();
    let ids = form::field_ids(root);
    if !ids.iter().any(|known| known == id) {
        root.unknown_word("one_per", &named, ids.iter().map(String::as_str).chain([APPLICANT]));
        return None;
    }
    // A field with a mistake is told at the field.
    let mut field = form.fields().map(|(_, field)| field).find(|field| field.id == id)?;
    for name in names {
        // The code of an entry is no field, and the entry has it in any case.
        if field.kind.registry().is_some() && name == "code" {
            break;
        }
        if field.kind.rows().is_some() {
            refuse_whole(root, &named, field);
            return None;
        }
        let parts = parts_of(field);
        let Some(part) = parts.iter().find(|part| part.id == name) else {
            let word = Placed { value: name.to_owned(), span: named.span.clone() };
            root.unknown_word("part", &word, parts.iter().map(|part| part.id.as_str()));
            return None;
        };
        field = part;
    }
    if let Structure::Single(_) | Structure::Computed(_) = field.kind.structure() {
        return Some(FilingHolder::Answer(named.value));
    }
    refuse_whole(root, &named, field);
    None
}

/// Returns the parts of an answer that is given once.
fn parts_of(field: &Field) -> &[Field] {
    if field.kind.rows().is_some() { &[] } else { field.kind.parts() }
}

/// Reports a holder that is no single answer, so that hardly any two dossiers have the same.
fn refuse_whole(root: &FileTable<'_>, named: &Placed<String>, field: &Field) {
    let path = &named.value;
    let message = text!(
        "`{path}` không phải là một câu trả lời đơn, nên không biết được hai hồ sơ có cùng một người hay không",
        "`{path}` is no single answer, so nobody can tell whether two dossiers have the same"
    );
    let parts = parts_of(field);
    let part = parts.iter().find(|part| part.kind.is_identity()).or_else(|| parts.first());
    let help = match part {
        Some(part) => {
            let part = &part.id;
            text!("hãy nêu một phần, ví dụ `{path}.{part}`", "name a part, such as `{path}.{part}`")
        }
        None => text!(
            "hãy nêu một trường có một câu trả lời, ví dụ số định danh cá nhân",
            "name a field with one answer, such as a citizen number"
        ),
    };
    root.mistake("bad-bound", named.span.clone(), message, help);
}
