//! The ways in which a message reaches a phone.

use serde::{Deserialize, Serialize};

/// A way in which a message reaches a phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PhoneChannel {
    Sms,
    Zalo,
}

impl PhoneChannel {
    pub const ALL: [Self; 2] = [Self::Sms, Self::Zalo];

    /// Returns the word for the way in settings, in the database and in messages to the gateway.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Zalo => "zalo",
        }
    }

    /// Reads the word for a way.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.name() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::PhoneChannel;

    #[test]
    fn each_way_has_a_word_that_is_read_again() {
        for channel in PhoneChannel::ALL {
            assert_eq!(PhoneChannel::parse(channel.name()), Some(channel));
        }
        assert_eq!(PhoneChannel::parse("none"), None);
    }
}
