//! A gateway for messages to phones inside of a test. It speaks the part of HTTP that a portal needs, keeps the messages
//! that it took, and misbehaves as the test says.

use crate::stand_in::{self, CameRequest};
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::future::ready;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The secret of the gateway, in the form of Standard Webhooks.
pub const GATEWAY_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A message as it came to the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CameText {
    /// The header `webhook-id`.
    pub id: String,
    /// The header `webhook-signature`.
    pub signature: String,
    /// The member `data` of the body.
    pub data: Json,
}

impl CameText {
    /// Returns a text of the message, such as `to` or `text`.
    pub fn said(&self, name: &str) -> &str {
        self.data[name].as_str().unwrap_or_default()
    }

    /// Returns the one-time code of the message.
    pub fn code(&self) -> &str {
        self.data["parameters"]["code"].as_str().unwrap_or_default()
    }
}

/// The behaviour of a gateway towards the next messages.
#[derive(Debug, Clone, Default)]
enum Mood {
    /// The gateway takes every message.
    #[default]
    Usual,
    /// The gateway answers with this status and this body, and takes no message.
    Refusing(u16, String),
    /// The gateway takes a message and closes the connection without an answer.
    HangingUp,
}

#[derive(Debug, Default)]
struct Desk {
    came: Vec<CameText>,
    /// The ids of the messages that were taken.
    taken: BTreeSet<String>,
    mood: Mood,
}

/// A gateway on a free port of this machine. It runs until the test ends.
#[derive(Debug, Clone)]
pub struct TextGateway {
    address: SocketAddr,
    desk: Arc<Mutex<Desk>>,
}

impl TextGateway {
    /// Opens a gateway.
    pub async fn open() -> Self {
        let (listener, address) = stand_in::open().await;
        let gateway = Self { address, desk: Arc::default() };
        let behind = gateway.clone();
        stand_in::serve(listener, move |request| ready(behind.answered(&request)));
        gateway
    }

    /// Returns the section of `motcua.toml` that names this gateway, with further lines.
    pub fn settings(&self, more: &str) -> String {
        format!("[sms]\ngateway = \"http://{}/in\"\nsecret = \"{GATEWAY_SECRET}\"\n{more}\n", self.address)
    }

    /// Returns the host and the port, as messages have them.
    pub fn place(&self) -> String {
        self.address.to_string()
    }

    /// Returns the messages that came, the oldest first. A message that came twice is twice in the list.
    pub fn came(&self) -> Vec<CameText> {
        self.desk().came.clone()
    }

    /// Returns the number of messages that went on to people, each once.
    pub fn delivered(&self) -> usize {
        self.desk().taken.len()
    }

    /// Answers with this status and this body from now on, and takes no message.
    pub fn refuse(&self, status: u16, body: &str) {
        self.desk().mood = Mood::Refusing(status, body.to_owned());
    }

    /// Takes messages from now on, and closes the connection without an answer.
    pub fn hang_up(&self) {
        self.desk().mood = Mood::HangingUp;
    }

    /// Takes all messages as usual from now on.
    pub fn answer_as_usual(&self) {
        self.desk().mood = Mood::Usual;
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answered(&self, request: &CameRequest) -> Option<String> {
        let body: Json = serde_json::from_slice(&request.body).unwrap_or_default();
        let (id, signature) = (request.header("webhook-id"), request.header("webhook-signature"));
        let (status, words) = self.answer(CameText { id, signature, data: body["data"].clone() })?;
        Some(stand_in::answer(status, &words))
    }

    /// Keeps a message and returns the answer, or none if the gateway hangs up.
    fn answer(&self, came: CameText) -> Option<(u16, String)> {
        let mut desk = self.desk();
        let (mood, id) = (desk.mood.clone(), came.id.clone());
        desk.came.push(came);
        match mood {
            Mood::Refusing(status, body) => Some((status, body)),
            Mood::Usual => {
                // A message that was taken before goes to nobody again.
                let is_new = desk.taken.insert(id);
                Some((if is_new { 202 } else { 409 }, String::new()))
            }
            Mood::HangingUp => {
                desk.taken.insert(id);
                None
            }
        }
    }
}
