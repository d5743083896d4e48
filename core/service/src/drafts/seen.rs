//! The content of a draft that a page showed, as a short hash of each part. The form of the page carries it, so the
//! portal can later find what changed since.

use jiff::Timestamp;
use motcua_domain::dossier::event::Filed;
use motcua_domain::media::AttachedPaper;
use motcua_domain::names::{AgencyId, Digest, PaperId};
use motcua_domain::procedure::FeeLine;
use motcua_domain::procedure::delivery::PostalAddress;
use motcua_domain::time::calendar::{Limit, local};
use serde::Serialize;
use serde_json::{Map, Value as Json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt;

/// The parts of a draft that a page showed, each with a short hash of its content.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DraftSeen(BTreeMap<String, String>);

/// A part of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DraftPart {
    /// The version of the procedure that the draft follows.
    Procedure,
    /// The agency to which the draft is filed.
    Agency,
    /// A field of the form.
    Field(String),
    /// The attachments of a paper or of a file field.
    Paper(PaperId),
    Fees,
    /// The time that the agency has.
    Limit,
    /// The way to get the result, and the address for the post.
    Delivery,
}

/// The name of the second at which plugins were asked, which is no part of the draft.
const AT: &str = "at";

/// The time for which plugins get the time of a review, in seconds. Later, or on another day, they get the time of
/// filing, and the applicant reviews their new answers.
const REVIEW_HOLDS: i64 = 30 * 60;

const PROCEDURE: &str = "procedure";
const AGENCY: &str = "agency";
const FEES: &str = "fees";
const LIMIT: &str = "limit";
const DELIVERY: &str = "delivery";
const FIELD: &str = "field.";
const PAPER: &str = "paper.";

/// The largest number of parts that are read from a form.
const MOST_PARTS: usize = 2000;

/// Returns a short hash of a content. A browser may write the ends of lines in its own way.
fn hash(content: &impl Serialize) -> String {
    let text = serde_json::to_string(content).unwrap_or_default().replace("\\r\\n", "\\n");
    hex::encode(&Sha256::digest(text)[..8])
}

impl DraftSeen {
    /// Reads the parts that a form remembers. A text that is not from a form of ours has fewer parts.
    pub fn parse(text: &str) -> Self {
        let parts = text.split(' ').filter_map(|part| part.rsplit_once(':')).take(MOST_PARTS);
        Self(parts.map(|(part, hash)| (part.to_owned(), hash.to_owned())).collect())
    }

    /// Returns everything that is filed: values, papers, fees, the limit, the agency and the version of the procedure.
    pub(crate) fn of_filing(
        version: &Digest,
        agency: &AgencyId,
        values: &Map<String, Json>,
        papers: &[AttachedPaper],
        fees: &[FeeLine],
        limit: Option<Limit>,
    ) -> Self {
        let mut seen = Self::of_fields(values.iter().map(|(field, value)| (field.as_str(), value)));
        let mut by_paper: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
        for attached in papers {
            let file = (attached.file.digest.as_str(), attached.file.name.as_str());
            by_paper.entry(attached.paper.as_str()).or_default().push(file);
        }
        seen.0.extend(by_paper.into_iter().map(|(paper, files)| (format!("{PAPER}{paper}"), hash(&files))));
        seen.0.insert(PROCEDURE.to_owned(), hash(&version.as_str()));
        seen.0.insert(AGENCY.to_owned(), hash(&agency.as_str()));
        seen.0.insert(FEES.to_owned(), hash(&fees));
        seen.0.insert(LIMIT.to_owned(), hash(&limit));
        seen
    }

    /// Returns everything that was filed.
    pub(crate) fn of_filed(filed: &Filed) -> Self {
        let Filed { version, agency, values, papers, fees, limit, post, .. } = filed;
        Self::of_filing(version, agency, values, papers, fees, *limit).delivered_to(post.as_deref())
    }

    /// Adds the address to which the result goes by post, if it does.
    pub(crate) fn delivered_to(mut self, post: Option<&PostalAddress>) -> Self {
        self.0.extend(post.map(|post| (DELIVERY.to_owned(), hash(post))));
        self
    }

    /// Adds the time at which plugins were asked.
    pub(crate) fn asked_at(mut self, time: Timestamp) -> Self {
        self.0.insert(AT.to_owned(), time.as_second().to_string());
        self
    }

    /// Returns the time that plugins get if this is filed now: that of the review, as long as it holds.
    pub(crate) fn time_to_ask(&self, now: Timestamp) -> Timestamp {
        let asked = self.0.get(AT).and_then(|second| second.parse().ok());
        let asked = asked.and_then(|second| Timestamp::from_second(second).ok());
        let age = |asked: &Timestamp| now.as_second().saturating_sub(asked.as_second());
        let holds =
            |asked: &Timestamp| (0..=REVIEW_HOLDS).contains(&age(asked)) && local(*asked).date() == local(now).date();
        asked.filter(holds).unwrap_or(now)
    }

    /// Returns whether this is the same content, whenever plugins were asked.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let content = |seen: &Self| seen.0.iter().filter(|(part, _)| *part != AT).count();
        let same = |(part, hash): (&String, &String)| part == AT || other.0.get(part) == Some(hash);
        content(self) == content(other) && self.0.iter().all(same)
    }

    /// Returns these fields with their content.
    pub fn of_fields<'a>(fields: impl IntoIterator<Item = (&'a str, &'a Json)>) -> Self {
        Self(fields.into_iter().map(|(field, value)| (format!("{FIELD}{field}"), hash(value))).collect())
    }

    /// Returns whether nothing was remembered.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Forgets a field, so that its next posted content counts as typed.
    pub fn forget(&mut self, field: &str) {
        self.0.insert(format!("{FIELD}{field}"), String::new());
    }

    /// Returns whether a field was shown, and if so, with this content.
    fn shows(&self, field: &str, content: &Json) -> Option<bool> {
        self.0.get(&format!("{FIELD}{field}")).map(|known| *known == hash(content))
    }

    /// Returns the parts that are not as they were in `before`.
    pub fn changed_since(&self, before: &Self) -> Vec<DraftPart> {
        let new = self.0.iter().filter(|(part, hash)| before.0.get(*part) != Some(*hash));
        let gone = before.0.iter().filter(|(part, _)| !self.0.contains_key(*part));
        new.chain(gone).filter_map(|(part, _)| DraftPart::parse(part)).collect()
    }
}

impl fmt::Display for DraftSeen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (part, hash)) in self.0.iter().enumerate() {
            let space = if at == 0 { "" } else { " " };
            write!(f, "{space}{part}:{hash}")?;
        }
        Ok(())
    }
}

impl DraftPart {
    fn parse(text: &str) -> Option<Self> {
        match text {
            PROCEDURE => return Some(Self::Procedure),
            AGENCY => return Some(Self::Agency),
            FEES => return Some(Self::Fees),
            LIMIT => return Some(Self::Limit),
            DELIVERY => return Some(Self::Delivery),
            _ => {}
        }
        let field = text.strip_prefix(FIELD).map(|field| Self::Field(field.to_owned()));
        field.or_else(|| text.strip_prefix(PAPER).map(|paper| Self::Paper(PaperId(paper.to_owned()))))
    }
}

/// The content that a page of the form showed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageSeen {
    /// The fields with the content of the draft.
    pub stored: DraftSeen,
    /// The same fields with the content that is posted if nobody types, or none if the form remembers nothing.
    pub shown: Option<DraftSeen>,
}

/// The treatment of the content that was posted for a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FieldMeeting {
    /// The person did not change the field, so the draft keeps its content.
    Keep,
    /// Nobody else changed the field.
    Write,
    /// Somebody else changed the field, in another way.
    Overlap,
}

impl PageSeen {
    /// Compares the posted content of a field with the draft's current content. If the form remembers nothing, the
    /// content is written.
    pub(crate) fn meet(&self, field: &str, posted: &Json, now: &Json) -> FieldMeeting {
        let Some(shown) = &self.shown else { return FieldMeeting::Write };
        match shown.shows(field, posted) {
            // The field was not on the page, or the person did not change it.
            None | Some(true) => FieldMeeting::Keep,
            Some(false) if self.stored.shows(field, now) == Some(true) || hash(posted) == hash(now) => {
                FieldMeeting::Write
            }
            Some(false) => FieldMeeting::Overlap,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{DraftPart, DraftSeen, FieldMeeting, PageSeen};
    use jiff::Timestamp;
    use motcua_domain::media::{AttachedPaper, StoredFile};
    use motcua_domain::names::{Digest, PaperId};
    use motcua_domain::procedure::delivery::PostalAddress;
    use serde_json::{Map, Value as Json, json};

    fn page(stored: &Json, shown: &Json) -> PageSeen {
        PageSeen {
            stored: DraftSeen::of_fields([("name", stored)]),
            shown: Some(DraftSeen::of_fields([("name", shown)])),
        }
    }

    #[test]
    fn a_field_is_written_by_whoever_typed_into_it_and_kept_by_whoever_did_not() {
        let (an, binh, chi) = (json!("An"), json!("Bình"), json!("Chi"));
        let seen = page(&an, &an);
        assert_eq!(seen.meet("name", &an, &an), FieldMeeting::Keep);
        assert_eq!(seen.meet("name", &an, &binh), FieldMeeting::Keep, "another tab wrote, and this one did not");
        assert_eq!(seen.meet("name", &binh, &an), FieldMeeting::Write);
        assert_eq!(seen.meet("name", &binh, &binh), FieldMeeting::Write, "both tabs wrote the same");
        assert_eq!(seen.meet("name", &chi, &binh), FieldMeeting::Overlap);
        assert_eq!(seen.meet("other", &chi, &binh), FieldMeeting::Keep, "it was not on the page");
        assert_eq!(PageSeen::default().meet("name", &chi, &binh), FieldMeeting::Write);
    }

    #[test]
    fn what_is_shown_otherwise_than_it_is_kept_counts_as_left_alone() {
        let seen = page(&json!("2026-02-28"), &json!("28/02/2026"));
        assert_eq!(seen.meet("name", &json!("28/02/2026"), &json!("2026-03-01")), FieldMeeting::Keep);
        let lines = page(&json!("a\nb"), &json!("a\nb"));
        assert_eq!(lines.meet("name", &json!("a\r\nb"), &json!("c")), FieldMeeting::Keep, "as browsers write lines");
    }

    #[test]
    fn a_review_holds_for_half_an_hour_of_its_day_and_its_time_is_no_content() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let plain = DraftSeen::of_fields([("name", &json!("An"))]);
        let morning = at("2026-03-03T09:00:07+07:00");
        let seen = DraftSeen::parse(&plain.clone().asked_at(morning).to_string());
        assert_eq!(seen.time_to_ask(at("2026-03-03T09:30:07+07:00")), morning);
        for later in ["2026-03-03T09:30:08+07:00", "2026-03-03T09:00:06+07:00"] {
            assert_eq!(seen.time_to_ask(at(later)), at(later), "it is too old, or from the future");
        }
        let night = plain.clone().asked_at(at("2026-03-03T23:59:00+07:00"));
        assert_eq!(night.time_to_ask(at("2026-03-04T00:01:00+07:00")), at("2026-03-04T00:01:00+07:00"));
        assert_eq!(DraftSeen::parse("at:99999999999999999999").time_to_ask(morning), morning);
        assert!(seen.is_same(&plain) && plain.is_same(&seen) && seen.is_same(&night));
        assert!(!seen.is_same(&DraftSeen::of_fields([("name", &json!("Bình"))])));
        assert!(!plain.is_same(&DraftSeen::default()) && !DraftSeen::default().is_same(&seen));
        assert_eq!(night.changed_since(&seen), []);
    }

    #[test]
    fn everything_that_changed_since_a_review_is_named() {
        let file = |name: &str| StoredFile {
            digest: Digest("d".into()),
            name: name.into(),
            media_type: "application/pdf".into(),
            bytes: 1,
        };
        let paper = |name: &str| AttachedPaper { paper: PaperId("charter".into()), file: file(name) };
        let values = |name: &str| Map::from_iter([("name".to_owned(), json!(name)), ("sex".to_owned(), json!("male"))]);
        let at = |agency: &str, version: &str, name: &str, papers: &[AttachedPaper]| {
            DraftSeen::of_filing(&Digest(version.into()), &agency.into(), &values(name), papers, &[], None)
        };
        let seen = |version: &str, name: &str, papers: &[AttachedPaper]| at("xa-a", version, name, papers);
        let before = seen("1", "An", &[]);
        assert_eq!(DraftSeen::parse(&before.to_string()), before);
        assert_eq!(before.changed_since(&before), []);
        let after = seen("2", "Bình", &[paper("a.pdf")]);
        let (field, charter) = (DraftPart::Field("name".into()), DraftPart::Paper(PaperId("charter".into())));
        assert_eq!(after.changed_since(&before), [field.clone(), charter.clone(), DraftPart::Procedure]);
        assert_eq!(before.changed_since(&after), [field, DraftPart::Procedure, charter.clone()]);
        assert_eq!(seen("2", "Bình", &[paper("b.pdf")]).changed_since(&after), [charter], "another name");
        let post = PostalAddress { name: "An".into(), phone: "0912345678".into(), address: values("An") };
        let posted = before.clone().delivered_to(Some(&post));
        assert_eq!(DraftSeen::parse(&posted.to_string()).changed_since(&before), [DraftPart::Delivery]);
        assert_eq!(before.changed_since(&posted), [DraftPart::Delivery]);
        let other = PostalAddress { name: "Bình".into(), ..post };
        assert!(!posted.is_same(&before.clone().delivered_to(Some(&other))));
        assert!(before.is_same(&before.clone().delivered_to(None)));
        let elsewhere = at("xa-b", "1", "An", &[]);
        assert_eq!(elsewhere.changed_since(&before), [DraftPart::Agency]);
        assert!(!elsewhere.is_same(&before));
    }
}
