//! A payment gateway inside of a test. It speaks the part of HTTP that a portal needs, signs by another implementation
//! than the portal, and misbehaves as the test says.

use crate::browser::Browser;
use crate::stand_in::{self, CameRequest};
use ring::hmac;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The secret and the terminal of the portal at the gateway.
pub const PAYMENT_SECRET: &str = "khong-ai-biet";
pub const TERMINAL: &str = "MOTCUA01";

/// The name of the parameter with the signature.
const HASH: &str = "vnp_SecureHash";

/// The fields of an answer to a question, in the order in which they are signed.
const ANSWERED: [&str; 15] = [
    "vnp_ResponseId",
    "vnp_Command",
    "vnp_ResponseCode",
    "vnp_Message",
    "vnp_TmnCode",
    "vnp_TxnRef",
    "vnp_Amount",
    "vnp_BankCode",
    "vnp_PayDate",
    "vnp_TransactionNo",
    "vnp_TransactionType",
    "vnp_TransactionStatus",
    "vnp_OrderInfo",
    "vnp_PromotionCode",
    "vnp_PromotionAmount",
];

/// The behaviour of the gateway.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum GatewayMood {
    /// A person pays at once. The gateway calls back, and then sends the browser back.
    #[default]
    Usual,
    /// A person pays nothing and stays at the gateway.
    Waiting,
    /// Questions are answered with a signature of somebody else.
    Forging,
    /// Questions are answered with another amount.
    OtherAmount,
    /// Questions are answered by closing the connection.
    HangingUp,
}

#[derive(Debug, Default)]
struct Till {
    mood: GatewayMood,
    /// The parameters with which the last browser came.
    came: BTreeMap<String, String>,
    /// The amounts of the payments that were paid, in the words of the gateway.
    paid: HashMap<String, String>,
    /// The payments that the gateway still works on.
    pending: Vec<String>,
    /// The answers of the portal to call-backs.
    answers: Vec<String>,
    /// The number of questions of the portal.
    asked: usize,
}

/// A gateway on a free port of this machine. It runs until the test ends.
#[derive(Debug, Clone)]
pub struct StandInGateway {
    address: SocketAddr,
    till: Arc<Mutex<Till>>,
}

/// Returns the signature of a text.
pub fn signed_by(secret: &str, text: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA512, secret.as_bytes());
    hex::encode(hmac::sign(&key, text.as_bytes()))
}

/// Writes parameters as a browser writes a form, sorted by their names.
fn as_query(parameters: &BTreeMap<String, String>) -> String {
    let mut url: reqwest::Url = "http://gateway.example/".parse().expect("an address");
    url.query_pairs_mut().extend_pairs(parameters);
    url.query().unwrap_or_default().to_owned()
}

impl StandInGateway {
    /// Opens a gateway.
    pub async fn open() -> Self {
        let (listener, address) = stand_in::open().await;
        let gateway = Self { address, till: Arc::default() };
        let behind = gateway.clone();
        stand_in::serve(listener, move |request| {
            let gateway = behind.clone();
            async move { gateway.answered(request).await }
        });
        gateway
    }

    /// Returns the section of `motcua.toml` that names this gateway.
    pub fn settings(&self) -> String {
        let at = self.origin();
        format!(
            "\n[payment]\nname = \"standin\"\npay = \"{at}/pay\"\nquery = \"{at}/query\"\n\
             terminal = \"{TERMINAL}\"\nsecret = \"{PAYMENT_SECRET}\"\n"
        )
    }

    /// Returns scheme, host and port.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn behave(&self, mood: GatewayMood) {
        self.till().mood = mood;
    }

    /// Returns the reference with which the last browser came.
    pub fn reference(&self) -> String {
        self.till().came.get("vnp_TxnRef").cloned().unwrap_or_default()
    }

    /// Returns the answers of the portal to the call-backs of this gateway.
    pub fn answers(&self) -> Vec<String> {
        self.till().answers.clone()
    }

    /// Returns the number of questions of the portal.
    pub fn asked(&self) -> usize {
        self.till().asked
    }

    /// Takes the money of the last payment, and calls nobody back.
    pub fn take_money(&self) {
        let mut till = self.till();
        let (reference, amount) = (till.came["vnp_TxnRef"].clone(), till.came["vnp_Amount"].clone());
        till.pending.retain(|pending| *pending != reference);
        till.paid.insert(reference, amount);
    }

    /// Works on the last payment from now on.
    pub fn work_on(&self) {
        let mut till = self.till();
        let reference = till.came["vnp_TxnRef"].clone();
        till.pending.push(reference);
    }

    /// Returns the signed parameters that say that the last payment was paid, with changes before the signature.
    pub fn word(&self, changes: &[(&str, &str)]) -> String {
        self.word_signed_by(PAYMENT_SECRET, changes)
    }

    /// Returns such parameters with the signature of another secret.
    pub fn word_signed_by(&self, secret: &str, changes: &[(&str, &str)]) -> String {
        let till = self.till();
        let said = |name: &str| till.came.get(name).cloned().unwrap_or_default();
        let mut all = BTreeMap::from([
            ("vnp_Amount".to_owned(), said("vnp_Amount")),
            ("vnp_BankCode".to_owned(), "NCB".to_owned()),
            ("vnp_OrderInfo".to_owned(), said("vnp_OrderInfo")),
            ("vnp_PayDate".to_owned(), said("vnp_CreateDate")),
            ("vnp_ResponseCode".to_owned(), "00".to_owned()),
            ("vnp_TmnCode".to_owned(), TERMINAL.to_owned()),
            ("vnp_TransactionNo".to_owned(), "14422574".to_owned()),
            ("vnp_TransactionStatus".to_owned(), "00".to_owned()),
            ("vnp_TxnRef".to_owned(), said("vnp_TxnRef")),
        ]);
        all.extend(changes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let query = as_query(&all);
        let signature = signed_by(secret, &query);
        format!("{query}&{HASH}={signature}")
    }

    fn till(&self) -> MutexGuard<'_, Till> {
        self.till.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn answered(&self, request: CameRequest) -> Option<String> {
        match request.target.split_once('?') {
            Some(("/pay", query)) => Some(self.pay(query).await),
            _ => self.answer(&request.body).map(|words| stand_in::answer(200, &words)),
        }
    }

    /// Lets a person pay who comes with parameters of the portal, if the portal signed them.
    async fn pay(&self, query: &str) -> String {
        let (signed, signature) = query.rsplit_once(&format!("&{HASH}=")).unwrap_or_default();
        if signature != signed_by(PAYMENT_SECRET, signed) {
            return stand_in::answer(400, "");
        }
        let url: reqwest::Url = format!("http://gateway.example/?{signed}").parse().expect("an address");
        self.till().came = url.query_pairs().into_owned().collect();
        if self.till().mood != GatewayMood::Usual {
            return stand_in::answer(200, "");
        }
        self.take_money();
        let back = self.till().came["vnp_ReturnUrl"].clone();
        let word = self.word(&[]);
        let portal = back.trim_end_matches("/payment/return");
        let called = Browser::new(portal).get(&format!("/payment/notice?{word}")).await;
        self.till().answers.push(called.body);
        format!("HTTP/1.1 303 Back\r\nlocation: {back}?{word}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
    }

    /// Answers a question about a payment, or returns none to hang up.
    fn answer(&self, body: &[u8]) -> Option<String> {
        let mut till = self.till();
        till.asked += 1;
        let question: Json = serde_json::from_slice(body).unwrap_or_default();
        let said = |name: &str| question[name].as_str().unwrap_or_default().to_owned();
        let asked = [
            "vnp_RequestId",
            "vnp_Version",
            "vnp_Command",
            "vnp_TmnCode",
            "vnp_TxnRef",
            "vnp_TransactionDate",
            "vnp_CreateDate",
            "vnp_IpAddr",
            "vnp_OrderInfo",
        ];
        let is_signed = said(HASH) == signed_by(PAYMENT_SECRET, &asked.map(said).join("|"));
        let reference = said("vnp_TxnRef");
        let paid = till.paid.get(&reference).cloned();
        let (code, status) = match &paid {
            _ if !is_signed => ("97", ""),
            Some(_) => ("00", "00"),
            None if till.pending.contains(&reference) => ("00", "01"),
            None => ("91", ""),
        };
        let amount = match till.mood {
            GatewayMood::OtherAmount => "100".to_owned(),
            _ => paid.unwrap_or_default(),
        };
        let mut fields = json!({
            "vnp_ResponseCode": code,
            "vnp_TransactionStatus": status,
            "vnp_TmnCode": TERMINAL,
            "vnp_TxnRef": reference,
            "vnp_Amount": amount,
            "vnp_TransactionNo": "14422574",
        });
        let text = ANSWERED.map(|name| fields[name].as_str().unwrap_or_default()).join("|");
        let secret = match till.mood {
            GatewayMood::HangingUp => return None,
            GatewayMood::Forging => "somebody else",
            GatewayMood::Usual | GatewayMood::Waiting | GatewayMood::OtherAmount => PAYMENT_SECRET,
        };
        fields[HASH] = signed_by(secret, &text).into();
        Some(fields.to_string())
    }
}
