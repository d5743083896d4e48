//! The one form of a dossier's page: the names of its fields, and their posted content.
//!
//! A browser posts the fields of one form. All parts of the page therefore belong to the same form, and each button
//! posts everything that was typed. A field is named after its part, such as `message.text`. A program that posts one
//! part alone may leave the part out of the names.

use crate::web::visitor::{PostedForm, command};
use motcua_domain::dossier::event::{CRITERIA, StayId};
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::names::{ActionId, CommandId, DossierCode};
use motcua_service::{DossierChange, Error, InputRule, PAGE_LANGUAGE};
use serde::Serialize;

/// The hidden fields of a page that shows a refusal: the rule, and the part that was sent.
pub const REFUSED: &str = "refused";
pub const REFUSED_PART: &str = "refused-part";

/// The beginning of the names of the hidden fields of a page that shows texts without a place. The name of the field into
/// which the text was typed follows.
pub const UNSENT: &str = "unsent.";

/// The field with the number of the file that the page shows.
pub const PAPER: &str = "paper";

/// The fields with the list from which an officer opened the dossier, with its place there, and with the wish to go on.
pub const LIST: &str = "list";
pub const PLACE: &str = "place";
pub const NEXT: &str = "next";

/// The words for what was done, under `done-<word>`: the name of the part that was sent, or of the button without fields.
pub const DONE: [&str; 12] =
    ["message", "rating", "payment", "refund", "withdraw", "give", "act", "take", "release", UNDO, SUPPLEMENTED, MOVED];

/// The words for an action that was taken back, for a supplement that was sent, and for another way to get the result.
pub const UNDO: &str = "undo";
pub const SUPPLEMENTED: &str = "supplement";
pub const MOVED: &str = "delivery";

/// The refusal of a step that was taken away while the officer typed.
pub const TAKEN_AWAY: &str = "taken-away";

/// The fields of the whole page, which stay whatever was sent.
const KEPT: [&str; 5] = [PAGE_LANGUAGE, PAPER, LIST, PLACE, NEXT];

/// The first words of the names of fields.
const HEADS: [&str; 8] = ["message", "rating", "payment", "refund", "withdraw", "give", "act", "fill"];

/// The last words of the names of fields into which people type freely.
const TEXTS: [&str; 8] = ["text", "reason", "receipt", "note", "new_grounds", "visit_place", "visit_note", "why"];

/// The last words of the names of fields that the page itself fills in.
const GIVEN: [&str; 3] = ["amount", "method", "letter"];

/// A part of the form, with a button of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttemptPart {
    Message,
    Rating,
    Payment,
    Refund,
    Withdrawal,
    /// Giving a step to a colleague.
    Give(StayId),
    /// An action of a step. A program may leave out the stay if the dossier has only one.
    Act(Option<StayId>, ActionId),
}

/// Returns the beginning of the names of the fields of a step's form, which the actions of the step share.
pub fn prefix(stay: StayId) -> String {
    format!("fill.{stay}.")
}

impl AttemptPart {
    /// Returns the first word of the names of the part's fields.
    const fn head(&self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Rating => "rating",
            Self::Payment => "payment",
            Self::Refund => "refund",
            Self::Withdrawal => "withdraw",
            Self::Give(_) => "give",
            Self::Act(..) => "act",
        }
    }

    /// Returns the beginning of the names of the part's fields, before the last dot.
    pub fn scope(&self) -> String {
        let head = self.head();
        match self {
            Self::Message | Self::Rating | Self::Payment | Self::Refund | Self::Withdrawal => head.to_owned(),
            Self::Give(stay) => format!("{head}.{stay}"),
            Self::Act(stay, action) => {
                format!("{head}.{}.{action}", stay.map_or_else(String::new, |stay| stay.to_string()))
            }
        }
    }

    /// Reads the beginning of the names of a part's fields.
    pub fn parse(scope: &str) -> Option<Self> {
        Some(match scope {
            "message" => Self::Message,
            "rating" => Self::Rating,
            "payment" => Self::Payment,
            "refund" => Self::Refund,
            "withdraw" => Self::Withdrawal,
            _ => {
                let (head, rest) = scope.split_once('.')?;
                match head {
                    "give" => Self::Give(rest.parse().ok()?),
                    "act" => {
                        let (stay, action) = rest.split_once('.')?;
                        Self::Act(stay.parse().ok(), ActionId(action.to_owned()))
                    }
                    _ => return None,
                }
            }
        })
    }

    /// Returns the name of a field of the part.
    pub fn field(&self, name: &str) -> String {
        format!("{}.{name}", self.scope())
    }

    /// Returns whether a field belongs to the part alone.
    fn owns(&self, name: &str) -> bool {
        name.strip_prefix(&self.scope()).is_some_and(|rest| rest.starts_with('.'))
    }

    /// Returns whether a field belongs to the form of the step whose action the part is.
    fn shares(&self, name: &str) -> bool {
        match self {
            Self::Act(Some(stay), _) => name.starts_with(&prefix(*stay)),
            Self::Message
            | Self::Rating
            | Self::Payment
            | Self::Refund
            | Self::Withdrawal
            | Self::Give(_)
            | Self::Act(None, _) => false,
        }
    }

    /// Returns whether the part that was sent is this part.
    fn is(&self, sent: &Self) -> bool {
        match (self, sent) {
            (Self::Act(_, one), Self::Act(None, other)) => one == other,
            (one, other) => one == other,
        }
    }
}

/// The fields that were posted from the page of a dossier.
#[derive(Debug, Clone, Default)]
pub struct Attempt {
    /// The part that was sent. `None` for a button without fields.
    pub part: Option<AttemptPart>,
    /// The button without fields that was pressed, as one of [`DONE`], or an empty text.
    pub button: &'static str,
    /// The rule that was broken, under `refusal-<code>`, or an empty text.
    pub refusal: String,
    /// The version of the dossier that was on the page.
    pub seen: u32,
    /// All posted fields.
    pub filled: Vec<(String, String)>,
    /// The proof on the page from which the form was posted. It differs each time a page is shown.
    pub proof: String,
}

/// Returns the name of the field of a part with the reason for a mark.
pub fn why_of(place: &str) -> String {
    format!("mark.{place}.why")
}

/// Returns the last value under a name.
fn last<'a>(filled: &'a [(String, String)], wanted: &str) -> Option<&'a str> {
    filled.iter().rev().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
}

/// Returns the last word of the name of a field.
fn end(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or_default()
}

/// Returns whether the name of a field begins with a part.
fn is_of_a_part(name: &str) -> bool {
    name.split_once('.').is_some_and(|(head, _)| HEADS.contains(&head))
}

impl Attempt {
    /// Begins an attempt from a posted form.
    pub fn of(part: Option<AttemptPart>, posted: PostedForm) -> Self {
        let seen = posted.get("seen").parse().unwrap_or(0);
        let proof = posted.get("proof").to_owned();
        Self { part, button: "", refusal: String::new(), seen, filled: posted.0, proof }
    }

    /// Returns the fields posted by a button that only shows the page again, with the refusal that the page showed.
    pub fn shown_again(posted: PostedForm) -> Self {
        let refusal = posted.get(REFUSED).to_owned();
        let is_known = refusal == TAKEN_AWAY
            || Refusal::CODES.contains(&refusal.as_str())
            || InputRule::ALL.iter().any(|rule| rule.word() == refusal);
        let part = AttemptPart::parse(posted.get(REFUSED_PART)).filter(|_| is_known);
        Self { refusal: if is_known { refusal } else { String::new() }, ..Self::of(part, posted) }
    }

    /// Returns a field of the whole page, such as [`PAPER`], or an empty text.
    pub fn said(&self, name: &str) -> &str {
        last(&self.filled, name).unwrap_or_default()
    }

    /// Returns the word for what was done, under `done-<word>`, after the part or the button has succeeded.
    pub const fn deed(&self) -> &'static str {
        match &self.part {
            Some(part) => part.head(),
            None => self.button,
        }
    }

    /// Returns whether this part was sent.
    pub fn is_sent(&self, part: &AttemptPart) -> bool {
        self.part.as_ref().is_some_and(|sent| part.is(sent))
    }

    /// Returns the text that was typed into a field of a part.
    pub fn typed(&self, part: &AttemptPart, name: &str) -> &str {
        let alone = || last(&self.filled, name).filter(|_| self.is_sent(part));
        last(&self.filled, &part.field(name)).or_else(alone).unwrap_or_default()
    }

    /// Returns all choices in a field of a part.
    pub fn chosen(&self, part: &AttemptPart, name: &str) -> Vec<&str> {
        let (full, is_sent) = (part.field(name), self.is_sent(part));
        let of_field = |key: &str| *key == full || (is_sent && key == name);
        self.filled.iter().filter(|(key, _)| of_field(key)).map(|(_, value)| value.as_str()).collect()
    }

    /// Returns the papers and questions that were marked as not right for a part: those with a tick, and those with a
    /// reason.
    pub fn marked(&self, part: &AttemptPart) -> Vec<String> {
        let mut marked: Vec<String> = self.chosen(part, "missing").into_iter().map(str::to_owned).collect();
        let beginning = part.field("mark.");
        let with_reason = self.filled.iter().filter(|(_, why)| !why.trim().is_empty());
        let places = with_reason.filter_map(|(name, _)| name.strip_prefix(beginning.as_str())?.strip_suffix(".why"));
        for place in places {
            if !marked.iter().any(|known| known == place) {
                marked.push(place.to_owned());
            }
        }
        marked
    }

    /// Returns whether parts were marked as not right for a part that was sent without words to the applicant.
    pub fn wants_letter(&self, part: &AttemptPart) -> bool {
        self.typed(part, "reason").trim().is_empty() && !self.marked(part).is_empty()
    }

    /// Returns whether a person typed something into a part. `untouched` has the fields that the browser posts if
    /// nobody types.
    pub fn touches(&self, part: &AttemptPart, untouched: &[(String, String)]) -> bool {
        self.filled.iter().any(|field| part.owns(&field.0) && is_typed(field, untouched))
    }

    /// Returns the typed fields of the other parts, after the part that was sent has succeeded. The form of the step was
    /// sent too if its answers were stored.
    pub fn others(self, form_is_stored: bool) -> Self {
        let Self { part, seen, mut filled, proof, .. } = self;
        let is_sent =
            |name: &str| part.as_ref().is_some_and(|sent| sent.owns(name) || (form_is_stored && sent.shares(name)));
        filled.retain(|(name, _)| KEPT.contains(&name.as_str()) || (is_of_a_part(name) && !is_sent(name)));
        Self { part: None, button: "", refusal: String::new(), seen, filled, proof }
    }

    /// Returns whether somebody typed into a part of the page.
    pub fn is_typed(&self, untouched: &[(String, String)]) -> bool {
        self.filled.iter().any(|field| is_of_a_part(&field.0) && is_typed(field, untouched))
    }

    /// Returns the texts that were typed into parts that are not on the page any more, to be copied, each with the name of
    /// its field. A page that is shown again posts those that it showed.
    pub fn unsent(&self, on_page: &[AttemptPart], untouched: &[(String, String)]) -> Vec<(String, String)> {
        let is_shown = |name: &str| on_page.iter().any(|part| part.owns(name) || part.shares(name));
        let sent_is_gone = self.part.as_ref().is_some_and(|sent| !on_page.iter().any(|part| part.is(sent)));
        let is_text =
            |name: &str| !name.starts_with(UNSENT) && (name.starts_with("fill.") || TEXTS.contains(&end(name)));
        let is_gone = |name: &str| if is_of_a_part(name) { !is_shown(name) } else { sent_is_gone };
        let texts = self.filled.iter().filter(|field| is_text(&field.0) && is_typed(field, untouched));
        let gone = texts.filter(|(name, _)| is_gone(name)).map(|(name, text)| {
            let sent = self.part.as_ref().filter(|_| !is_of_a_part(name));
            (sent.map_or_else(|| name.clone(), |part| part.field(name)), text.clone())
        });
        let shown = self.filled.iter();
        let shown = shown.filter_map(|(name, text)| Some((name.strip_prefix(UNSENT)?.to_owned(), text.clone())));
        shown.chain(gone).collect()
    }

    /// Returns the id of the command.
    pub fn command(&self, code: &DossierCode, change: &DossierChange) -> Result<CommandId, Error> {
        command(&self.proof, &(code, change))
    }
}

/// Returns whether a person typed or chose this, and not the page.
fn is_typed(field: &(String, String), untouched: &[(String, String)]) -> bool {
    let (name, value) = field;
    !value.trim().is_empty() && !GIVEN.contains(&end(name)) && !untouched.contains(field)
}

/// The typed fields of the parts of the page beside the steps.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TypedContext {
    /// The typed message, or an empty text.
    pub message: String,
    /// The typed new day for the result, or an empty text.
    pub promised: String,
    /// The typed words of the rating, or an empty text.
    pub rating: String,
    /// The typed amount that was paid, or an empty text.
    pub amount: String,
    /// The typed number of the receipt, or an empty text.
    pub receipt: String,
    /// The payment was made by transfer.
    pub by_transfer: bool,
    /// The typed amount that was paid back, or an empty text.
    pub refund: String,
    /// The typed number of the refund's receipt, or an empty text.
    pub refund_receipt: String,
    /// The refund was made by transfer.
    pub refund_by_transfer: bool,
    /// The reason for taking the dossier back.
    pub reason: String,
}

impl TypedContext {
    /// Returns what was typed into the parts of the page.
    pub fn of(attempt: &Attempt) -> Self {
        let typed = |part: &AttemptPart, name: &str| attempt.typed(part, name).to_owned();
        Self {
            message: typed(&AttemptPart::Message, "text"),
            promised: typed(&AttemptPart::Message, "promised"),
            rating: typed(&AttemptPart::Rating, "text"),
            amount: typed(&AttemptPart::Payment, "amount"),
            receipt: typed(&AttemptPart::Payment, "receipt"),
            by_transfer: typed(&AttemptPart::Payment, "method") == "bank-transfer",
            refund: typed(&AttemptPart::Refund, "amount"),
            refund_receipt: typed(&AttemptPart::Refund, "receipt"),
            refund_by_transfer: typed(&AttemptPart::Refund, "method") == "bank-transfer",
            reason: typed(&AttemptPart::Withdrawal, "reason"),
        }
    }

    /// Returns typed fields for checking a theme.
    pub fn sample(owner: bool) -> Self {
        Self {
            message: "a".into(),
            promised: if owner { String::new() } else { "30/11/2026".into() },
            rating: "b".into(),
            amount: if owner { "10000".into() } else { String::new() },
            receipt: "c".into(),
            by_transfer: !owner,
            refund: if owner { "10000".into() } else { String::new() },
            refund_receipt: "e".into(),
            refund_by_transfer: owner,
            reason: if owner { "d".into() } else { String::new() },
        }
    }
}

/// A criterion of a rating.
#[derive(Debug, Clone, Serialize)]
pub struct CriterionContext {
    /// Its text is under `criterion-<name>`.
    pub name: &'static str,
    /// The points that were chosen.
    pub points: Option<u8>,
}

impl CriterionContext {
    /// Returns all criteria, with the points that were chosen.
    pub fn all(attempt: &Attempt) -> Vec<Self> {
        let given = |name: &str| attempt.typed(&AttemptPart::Rating, name).parse().ok();
        Vec::from(CRITERIA.map(|name| Self { name, points: given(name) }))
    }

    /// Returns all criteria, with the points of a rating.
    pub fn rated(points: [u8; CRITERIA.len()]) -> Vec<Self> {
        CRITERIA.into_iter().zip(points).map(|(name, points)| Self { name, points: Some(points) }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posted(fields: &[(&str, &str)]) -> PostedForm {
        PostedForm(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    fn act(stay: Option<StayId>, action: &str) -> AttemptPart {
        AttemptPart::Act(stay, ActionId(action.to_owned()))
    }

    #[test]
    fn what_has_a_tick_or_a_reason_is_marked_once() {
        let fields = [
            ("act.2.ask.missing", "papers.map"),
            ("act.2.ask.mark.papers.map.why", "Mờ"),
            ("act.2.ask.mark.depth.why", "Sai đơn vị"),
            ("act.2.ask.mark.name.why", " "),
            ("act.3.ask.mark.other.why", "Mờ"),
        ];
        let ask = act(Some(2), "ask");
        let attempt = Attempt::of(Some(ask.clone()), posted(&fields));
        assert_eq!(attempt.marked(&ask), ["papers.map", "depth"]);
        assert_eq!(attempt.typed(&ask, &why_of("papers.map")), "Mờ");
        assert!(attempt.wants_letter(&ask) && !attempt.wants_letter(&act(Some(2), "propose")));
        let written = [("act.2.ask.missing", "depth"), ("act.2.ask.reason", "Thiếu.")];
        assert!(!Attempt::of(Some(ask.clone()), posted(&written)).wants_letter(&ask));
    }

    #[test]
    fn a_part_is_read_as_it_is_written() {
        let parts = [
            AttemptPart::Message,
            AttemptPart::Rating,
            AttemptPart::Payment,
            AttemptPart::Refund,
            AttemptPart::Withdrawal,
            AttemptPart::Give(3),
        ];
        for part in parts.into_iter().chain([act(Some(2), "propose"), act(None, "police.send-back")]) {
            assert_eq!(AttemptPart::parse(&part.scope()), Some(part));
        }
        for odd in ["", "give", "give.x", "act.2", "fill.2", "fill.2.a", "elsewhere"] {
            assert_eq!(AttemptPart::parse(odd), None, "{odd}");
        }
    }

    #[test]
    fn a_field_may_leave_out_its_part_if_the_part_is_posted_alone() {
        let attempt = Attempt::of(Some(act(None, "propose")), posted(&[("note", "a"), ("message.text", "b")]));
        assert_eq!(attempt.typed(&act(Some(2), "propose"), "note"), "a");
        assert_eq!(attempt.typed(&act(Some(2), "refuse"), "note"), "");
        assert_eq!(attempt.typed(&AttemptPart::Message, "text"), "b");
        let named = posted(&[("act.2.propose.note", "c"), ("note", "a")]);
        let attempt = Attempt::of(Some(act(Some(2), "propose")), named);
        assert_eq!(attempt.typed(&act(Some(2), "propose"), "note"), "c");
    }

    #[test]
    fn what_is_not_sent_is_left_and_what_has_no_place_is_told() {
        let fields = [
            ("act.2.propose.note", "sent"),
            ("fill.2.area", "12"),
            ("act.2.refuse.note", "not sent"),
            ("fill.3.area", "100"),
            ("payment.method", "cash"),
            ("message.text", "Chào"),
            ("give.2.note", " "),
        ];
        let sent = || Attempt::of(Some(act(Some(2), "propose")), posted(&fields));
        assert!(sent().others(false).filled.iter().any(|(name, _)| name == "fill.2.area"), "no action asked it");
        let attempt = sent().others(true);
        assert!(attempt.filled.iter().all(|(name, _)| name != "fill.2.area"));
        let untouched = posted(&[("fill.3.area", "100")]).0;
        assert!(attempt.is_typed(&untouched) && attempt.touches(&AttemptPart::Message, &untouched));
        assert!(!attempt.touches(&act(Some(2), "propose"), &untouched));
        assert!(
            !attempt.touches(&AttemptPart::Payment, &untouched) && !attempt.touches(&AttemptPart::Give(2), &untouched)
        );
        let note = ("act.2.refuse.note".to_owned(), "not sent".to_owned());
        let area = ("fill.3.area".to_owned(), "100".to_owned());
        assert_eq!(attempt.unsent(&[AttemptPart::Message], &untouched), std::slice::from_ref(&note));
        assert_eq!(attempt.unsent(&[AttemptPart::Message], &[]), [note.clone(), area]);
        let shown = Attempt::shown_again(posted(&[("unsent.act.2.refuse.note", "not sent"), ("message.text", "Chào")]));
        assert_eq!(shown.unsent(&[AttemptPart::Message], &[]), [note]);
        assert!(
            shown.others(false).unsent(&[AttemptPart::Message], &[]).is_empty(),
            "a page that did its work ends it"
        );
        let nothing = posted(&[("seen", "3"), ("payment.amount", "5"), ("payment.method", "cash"), ("note", "a")]);
        assert!(!Attempt::of(None, nothing).is_typed(&[]));
    }

    #[test]
    fn a_page_that_is_shown_again_keeps_a_refusal_that_is_one() {
        let again = |refused| {
            let attempt = Attempt::shown_again(posted(&[(REFUSED, refused), (REFUSED_PART, "act.2.propose")]));
            (attempt.refusal, attempt.part)
        };
        assert_eq!(again("note-missing"), ("note-missing".to_owned(), Some(act(Some(2), "propose"))));
        assert_eq!(again("file-type").0, "file-type");
        assert_eq!(again("no-such-rule"), (String::new(), None));
    }
}
