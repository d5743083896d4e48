//! The commands on a suggestion, and what the rules say to them.

use super::access::{MeantOfficer, can_answer};
use super::limit::SuggestionLimits;
use super::privacy::names_somebody;
use super::{Suggestion, SuggestionDesk, SuggestionEvent, SuggestionState, SuggestionTopic};
use crate::people::organisation::{Actor, Agency};
use crate::time::calendar::Calendar;
use jiff::Timestamp;

/// The most characters of a suggestion, of its answer, and of a reason.
pub const MOST_LETTERS: usize = 5000;

/// The most times that a suggestion is forwarded.
pub const MOST_FORWARDS: u32 = 3;

/// Something that a person does with a suggestion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SuggestionCommand {
    /// Acknowledge it and work on it.
    Take,
    Answer {
        text: String,
    },
    Decline {
        reason: String,
    },
    Forward {
        to: SuggestionDesk,
        reason: String,
    },
    /// Agree to the publication, or no longer agree.
    Consent {
        may_publish: bool,
    },
    /// Publish it in words that name nobody.
    Publish {
        text: String,
        answer: String,
    },
    Unpublish,
}

/// A refusal by the rules. Nothing has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SuggestionRefusal {
    #[error("you may not do this")]
    NotAllowed,
    #[error("a text of at most 5000 characters is needed")]
    Text,
    #[error("the suggestion was answered or declined already")]
    Ended,
    #[error("only an answered suggestion is published")]
    NotAnswered,
    #[error("the sender does not agree to the publication")]
    NoConsent,
    #[error("the suggestion cannot be forwarded there")]
    Desk,
    #[error("the suggestion was forwarded three times, so it is answered or declined here")]
    Forwards,
    #[error("the public words name a person, or have a long number or an address of e-mail")]
    Names,
    #[error("nothing would change")]
    NothingChanges,
}

/// The facts on which a decision about a suggestion rests.
#[derive(Debug, Clone, Copy)]
pub struct SuggestionFacts<'a> {
    pub calendar: &'a Calendar,
    pub limits: SuggestionLimits,
    pub agencies: &'a [Agency],
    /// The officers whom the sender can mean.
    pub meant: &'a [MeantOfficer],
    /// The name of the sender, or none if the sender deleted the account.
    pub sender: Option<&'a str>,
    pub now: Timestamp,
}

/// Returns a text that people can read, without blanks around it.
pub fn readable(text: &str) -> Result<String, SuggestionRefusal> {
    let text = text.trim();
    let fits = !text.is_empty() && text.chars().count() <= MOST_LETTERS;
    if fits { Ok(text.to_owned()) } else { Err(SuggestionRefusal::Text) }
}

impl Suggestion {
    /// Returns the event of a command, or the refusal.
    pub fn decide(
        &self,
        actor: &Actor,
        command: &SuggestionCommand,
        facts: SuggestionFacts<'_>,
    ) -> Result<SuggestionEvent, SuggestionRefusal> {
        let is_allowed = match command {
            SuggestionCommand::Consent { .. } => self.is_of(actor),
            SuggestionCommand::Take
            | SuggestionCommand::Answer { .. }
            | SuggestionCommand::Decline { .. }
            | SuggestionCommand::Forward { .. }
            | SuggestionCommand::Publish { .. }
            | SuggestionCommand::Unpublish => self.may_answer(actor),
        };
        if !is_allowed {
            return Err(SuggestionRefusal::NotAllowed);
        }
        match command {
            SuggestionCommand::Take => self.take(),
            SuggestionCommand::Answer { text } => {
                self.open()?;
                Ok(SuggestionEvent::Answered { text: readable(text)? })
            }
            SuggestionCommand::Decline { reason } => {
                self.open()?;
                Ok(SuggestionEvent::Declined { reason: readable(reason)? })
            }
            SuggestionCommand::Forward { to, reason } => self.forward(to, reason, facts),
            SuggestionCommand::Consent { may_publish } if *may_publish == self.may_publish => {
                Err(SuggestionRefusal::NothingChanges)
            }
            SuggestionCommand::Consent { may_publish } => {
                Ok(SuggestionEvent::ConsentChanged { may_publish: *may_publish })
            }
            SuggestionCommand::Publish { text, answer } => self.publish(text, answer, facts),
            SuggestionCommand::Unpublish if self.published.is_none() => Err(SuggestionRefusal::NothingChanges),
            SuggestionCommand::Unpublish => Ok(SuggestionEvent::Unpublished),
        }
    }

    const fn open(&self) -> Result<(), SuggestionRefusal> {
        if self.state.has_ended() { Err(SuggestionRefusal::Ended) } else { Ok(()) }
    }

    const fn take(&self) -> Result<SuggestionEvent, SuggestionRefusal> {
        match self.state {
            SuggestionState::Received => Ok(SuggestionEvent::Taken),
            SuggestionState::InWork => Err(SuggestionRefusal::NothingChanges),
            SuggestionState::Answered | SuggestionState::Declined => Err(SuggestionRefusal::Ended),
        }
    }

    fn forward(
        &self,
        to: &SuggestionDesk,
        reason: &str,
        facts: SuggestionFacts<'_>,
    ) -> Result<SuggestionEvent, SuggestionRefusal> {
        self.open()?;
        if self.forwards >= MOST_FORWARDS {
            return Err(SuggestionRefusal::Forwards);
        }
        if *to == self.desk || !can_answer(to, facts.meant, facts.agencies) {
            return Err(SuggestionRefusal::Desk);
        }
        let due = facts.limits.due_after_forward(facts.calendar, self.due, facts.now);
        Ok(SuggestionEvent::Forwarded { to: to.clone(), reason: readable(reason)?, due })
    }

    fn publish(
        &self,
        text: &str,
        answer: &str,
        facts: SuggestionFacts<'_>,
    ) -> Result<SuggestionEvent, SuggestionRefusal> {
        if self.state != SuggestionState::Answered {
            return Err(SuggestionRefusal::NotAnswered);
        }
        // Without the name nobody could say whether the words have it.
        let Some(sender) = facts.sender.filter(|_| self.may_publish) else {
            return Err(SuggestionRefusal::NoConsent);
        };
        let (text, answer) = (readable(text)?, readable(answer)?);
        let written = match &self.topic {
            SuggestionTopic::Officer { name, .. } => Some(name.as_str()),
            SuggestionTopic::Portal | SuggestionTopic::Procedure { .. } | SuggestionTopic::Dossier { .. } => None,
        };
        let names = || {
            let officers = facts.meant.iter().map(|officer| officer.name.as_str());
            officers.chain(written).chain([sender])
        };
        if [&text, &answer].into_iter().any(|words| names_somebody(words, names())) {
            return Err(SuggestionRefusal::Names);
        }
        Ok(SuggestionEvent::Published { text, answer })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::{AgencyId, SuggestionId};
    use crate::people::organisation::{Post, Role};
    use crate::suggestion::RecordedSuggestion;
    use crate::text::Text;

    const LIMITS: SuggestionLimits = SuggestionLimits { acknowledge_days: 5, answer_days: 15 };

    fn post(agency: &str, role: Role) -> Post {
        Post { agency: agency.into(), unit: "lanh-dao".into(), role }
    }

    fn leader(agency: &str) -> Actor {
        let posts = vec![post(agency, Role::Leader)];
        let (id, name) = ("son".into(), "Sơn".to_owned());
        Actor::Officer { id, name, posts, stands_for: Vec::new(), approves_own: Vec::new(), own_accounts: Vec::new() }
    }

    fn sender() -> Actor {
        Actor::Applicant { id: "an".into(), name: "Nguyễn Văn An".to_owned() }
    }

    fn agency(id: &str) -> Agency {
        Agency {
            id: id.into(),
            code: id.to_uppercase(),
            name: Text::vi(id),
            kind: None,
            parent: None,
            areas: Vec::new(),
            address: Text::vi(""),
            phone: String::new(),
            hours: None,
            map: None,
            units: Vec::new(),
            posts: vec![post(id, Role::Leader)],
        }
    }

    /// A suggestion with the events that led to it.
    struct Case {
        suggestion: Suggestion,
        events: Vec<RecordedSuggestion>,
        sender: Option<&'static str>,
    }

    impl Case {
        fn new() -> Self {
            let event = SuggestionEvent::Sent {
                sender: "an".into(),
                topic: SuggestionTopic::Officer { agency: "so".into(), name: "Mai".to_owned(), meant: Vec::new() },
                text: "Chị Mai hẹn lại ba lần.".to_owned(),
                may_publish: false,
                desk: SuggestionDesk::Leader("so".into()),
                due: LIMITS.due(&Calendar::default(), Timestamp::UNIX_EPOCH),
            };
            let first = RecordedSuggestion::by(&sender(), Timestamp::UNIX_EPOCH, event);
            let suggestion = Suggestion::begin(SuggestionId::from("1"), &first).expect("it is sent");
            Self { suggestion, events: vec![first], sender: Some("Nguyễn Văn An") }
        }

        fn does(&mut self, actor: &Actor, command: SuggestionCommand) -> Result<(), SuggestionRefusal> {
            let (calendar, agencies) = (Calendar::default(), ["so", "phuong", "tinh"].map(agency));
            let now = Timestamp::UNIX_EPOCH;
            let (limits, sender) = (LIMITS, self.sender);
            let facts = SuggestionFacts { calendar: &calendar, limits, agencies: &agencies, meant: &[], sender, now };
            let event = self.suggestion.decide(actor, &command, facts)?;
            let recorded = RecordedSuggestion::by(actor, now, event);
            self.suggestion.apply(&recorded);
            self.events.push(recorded);
            let replayed = Suggestion::replay(SuggestionId::from("1"), &self.events);
            assert_eq!(replayed.as_ref(), Some(&self.suggestion), "the state is what the events add up to");
            Ok(())
        }
    }

    fn answer() -> SuggestionCommand {
        SuggestionCommand::Answer { text: "Chúng tôi xin lỗi.".to_owned() }
    }

    fn publish(text: &str) -> SuggestionCommand {
        SuggestionCommand::Publish { text: text.to_owned(), answer: "Chúng tôi xin lỗi.".to_owned() }
    }

    fn forward(to: &str) -> SuggestionCommand {
        SuggestionCommand::Forward {
            to: SuggestionDesk::Leader(AgencyId::from(to)), reason: "Không thuộc.".to_owned()
        }
    }

    #[test]
    fn publishing_needs_an_answer_the_sender_and_the_agency_and_names_nobody() {
        let (mut case, so) = (Case::new(), leader("so"));
        let consent = |may_publish| SuggestionCommand::Consent { may_publish };
        assert_eq!(case.does(&so, publish("Hẹn lại ba lần.")), Err(SuggestionRefusal::NotAnswered));
        case.does(&so, answer()).expect("answered");
        assert_eq!(case.does(&so, publish("Hẹn lại ba lần.")), Err(SuggestionRefusal::NoConsent));
        assert_eq!(case.does(&so, consent(true)), Err(SuggestionRefusal::NotAllowed), "the sender alone agrees");
        case.does(&sender(), consent(true)).expect("agreed");
        assert_eq!(case.does(&sender(), publish("Hẹn lại.")), Err(SuggestionRefusal::NotAllowed));
        for text in ["Chị Mai hẹn lại.", "Tôi là Nguyễn Văn An", "Gọi 0912345678"] {
            assert_eq!(case.does(&so, publish(text)), Err(SuggestionRefusal::Names), "{text}");
        }
        case.does(&so, publish("Hẹn lại ba lần.")).expect("published");
        assert!(case.suggestion.published.is_some());
        case.does(&sender(), consent(false)).expect("withdrawn");
        assert!(case.suggestion.published.is_none(), "it is public no longer");
    }

    #[test]
    fn nothing_is_published_for_a_sender_who_has_left_and_no_event_names_the_sender() {
        let (mut case, so) = (Case::new(), leader("so"));
        case.does(&sender(), SuggestionCommand::Consent { may_publish: true }).expect("agreed");
        case.does(&so, answer()).expect("answered");
        case.sender = None;
        assert_eq!(case.does(&so, publish("Hẹn lại ba lần.")), Err(SuggestionRefusal::NoConsent));
        let written = format!("{:?} {:?}", case.suggestion, case.events);
        assert!(!written.contains("Nguyễn Văn An") && written.contains("Sơn"), "{written}");
    }

    #[test]
    fn an_answer_ends_a_suggestion_once() {
        let (mut case, so) = (Case::new(), leader("so"));
        case.does(&so, SuggestionCommand::Take).expect("taken");
        assert_eq!(case.does(&so, SuggestionCommand::Take), Err(SuggestionRefusal::NothingChanges));
        for text in ["", " \n", &"x".repeat(MOST_LETTERS + 1)] {
            let command = SuggestionCommand::Answer { text: text.to_owned() };
            assert_eq!(case.does(&so, command), Err(SuggestionRefusal::Text));
        }
        case.does(&so, answer()).expect("answered");
        let decline = SuggestionCommand::Decline { reason: "Không rõ.".to_owned() };
        for command in [answer(), decline, forward("tinh"), SuggestionCommand::Take] {
            assert_eq!(case.does(&so, command), Err(SuggestionRefusal::Ended));
        }
    }

    #[test]
    fn a_suggestion_is_forwarded_to_another_agency_with_a_reason_and_not_forever() {
        let (mut case, so) = (Case::new(), leader("so"));
        for to in ["so", "nowhere"] {
            assert_eq!(case.does(&so, forward(to)), Err(SuggestionRefusal::Desk), "{to}");
        }
        case.does(&so, forward("phuong")).expect("forwarded");
        assert_eq!(case.does(&so, answer()), Err(SuggestionRefusal::NotAllowed), "it is the other agency's");
        case.does(&leader("phuong"), forward("tinh")).expect("forwarded");
        case.does(&leader("tinh"), forward("so")).expect("forwarded");
        assert_eq!(case.does(&so, forward("tinh")), Err(SuggestionRefusal::Forwards));
        case.does(&so, answer()).expect("answered");
    }
}
