//! The time in which a procedure accepts applications.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The time in which dossiers are filed. Without an edge, a procedure accepts applications at any time on that side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FilingWindow {
    /// The first moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens: Option<Timestamp>,
    /// The first moment that is too late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closes: Option<Timestamp>,
}

/// The state of a window at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowState {
    Before { opens: Timestamp },
    Open,
    After { closed: Timestamp },
}

impl FilingWindow {
    /// Returns whether the window has no edge.
    pub const fn is_always(&self) -> bool {
        self.opens.is_none() && self.closes.is_none()
    }

    /// Returns the state of the window at a moment.
    pub fn at(self, now: Timestamp) -> WindowState {
        match (self.opens, self.closes) {
            (Some(opens), _) if now < opens => WindowState::Before { opens },
            (_, Some(closed)) if now >= closed => WindowState::After { closed },
            _ => WindowState::Open,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_has_its_first_moment_and_not_its_last() {
        let at = |second| Timestamp::from_second(second).expect("a moment");
        let window = FilingWindow { opens: Some(at(10)), closes: Some(at(20)) };
        assert_eq!(window.at(at(9)), WindowState::Before { opens: at(10) });
        assert_eq!([window.at(at(10)), window.at(at(19))], [WindowState::Open; 2]);
        assert_eq!(window.at(at(20)), WindowState::After { closed: at(20) });
        assert_eq!(FilingWindow::default().at(at(0)), WindowState::Open);
    }
}
