//! The protocol of a payment gateway: signed parameters of a redirect and of a call-back, and the question what became of
//! a payment.
//!
//! The protocol is that of VNPAY 2.1.0. The parameters are sorted by name, written as a browser writes a form, and signed
//! by HMAC-SHA512.

use crate::Error;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use motcua_catalogue::payment::PaymentSettings;
use motcua_domain::money::Dong;
use motcua_domain::text::Language;
use motcua_domain::time::calendar::local;
use motcua_sandbox::HttpClient;
use serde_json::{Map, Value as Json};
use sha2::Sha512;
use std::collections::BTreeMap;

/// The version of the protocol.
const VERSION: &str = "2.1.0";

/// The parameters that are not signed.
const SIGNATURE: &str = "vnp_SecureHash";
const SIGNATURE_KIND: &str = "vnp_SecureHashType";

/// The only currency of the gateway.
const CURRENCY: &str = "VND";

/// The gateway counts hundredths of a đồng.
const PARTS: i64 = 100;

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

/// A payment that the gateway is asked to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PaymentOrder<'a> {
    pub reference: &'a str,
    pub amount: Dong,
    /// The code of the dossier without its signs.
    pub about: &'a str,
    pub begun_at: Timestamp,
    pub expires_at: Timestamp,
    pub language: Language,
    /// The network of the person who pays.
    pub network: &'a str,
}

/// The word of the gateway about a payment, whose signature holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PaymentWord {
    pub reference: String,
    /// The amount in hundredths of a đồng, or none if it is no number.
    pub parts: Option<i64>,
    /// The number of the transaction at the gateway.
    pub transaction_number: String,
    pub ending: PaymentEnding,
}

/// The ending of a payment at the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PaymentEnding {
    /// The gateway has the money.
    Paid,
    /// The gateway took no money.
    Failed,
    /// The gateway does not know yet, or not for certain.
    Pending,
}

/// The reason for which a word of the gateway is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WordFault {
    /// The signature is missing or wrong.
    Forged,
    /// The word is for another terminal.
    OtherTerminal,
    /// The word is about another currency.
    OtherCurrency,
}

impl PaymentWord {
    /// Returns whether the word is about this amount.
    pub fn is_about(&self, amount: Dong) -> bool {
        self.parts == amount.0.checked_mul(PARTS)
    }
}

/// The gateway that the settings name.
#[derive(Debug, Clone)]
pub(crate) struct PaymentGateway {
    settings: PaymentSettings,
    base_url: String,
}

impl PaymentGateway {
    /// Returns the gateway of the settings, to which this portal is known under its base address.
    pub const fn new(settings: PaymentSettings, base_url: String) -> Self {
        Self { settings, base_url }
    }

    /// Returns the settings.
    pub const fn settings(&self) -> &PaymentSettings {
        &self.settings
    }

    /// Returns the address to which a browser is sent to pay.
    pub fn pay_address(&self, order: &PaymentOrder<'_>) -> Result<String, Error> {
        let amount = order.amount.0.saturating_mul(PARTS).to_string();
        let (begun, expires) = (digits(order.begun_at), digits(order.expires_at));
        let (back, about) = (format!("{}/payment/return", self.base_url), format!("Nop phi ho so {}", order.about));
        let mut parameters: [(&str, &str); 13] = [
            ("vnp_Version", VERSION),
            ("vnp_Command", "pay"),
            ("vnp_TmnCode", &self.settings.terminal),
            ("vnp_Amount", &amount),
            ("vnp_CurrCode", CURRENCY),
            ("vnp_TxnRef", order.reference),
            ("vnp_OrderInfo", &about),
            ("vnp_OrderType", "other"),
            ("vnp_Locale", if order.language == Language::Vi { "vn" } else { "en" }),
            ("vnp_ReturnUrl", &back),
            ("vnp_IpAddr", order.network),
            ("vnp_CreateDate", &begun),
            ("vnp_ExpireDate", &expires),
        ];
        parameters.sort_unstable();
        let query = serde_urlencoded::to_string(parameters.as_slice()).map_err(Error::fault)?;
        let signature = self.signature(&query)?;
        let join = if self.settings.pay.contains('?') { '&' } else { '?' };
        Ok(format!("{}{join}{query}&{SIGNATURE}={signature}", self.settings.pay))
    }

    /// Reads the parameters of a call-back or of a browser that comes back.
    pub fn read(&self, parameters: &[(String, String)]) -> Result<PaymentWord, WordFault> {
        let signed: BTreeMap<&str, &str> = parameters
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(|(name, _)| *name != SIGNATURE && *name != SIGNATURE_KIND)
            .collect();
        let given = parameters.iter().find(|(name, _)| name == SIGNATURE).map(|(_, value)| value.as_str());
        // A name that stands twice means something else to each reader.
        let unsigned = parameters.iter().filter(|(name, _)| name == SIGNATURE || name == SIGNATURE_KIND).count();
        let query = serde_urlencoded::to_string(&signed).map_err(|_| WordFault::Forged)?;
        if signed.len() + unsigned != parameters.len() || !self.has_signed(&query, given.unwrap_or_default()) {
            return Err(WordFault::Forged);
        }
        let said = |name: &str| signed.get(name).copied().unwrap_or_default();
        if said("vnp_TmnCode") != self.settings.terminal {
            return Err(WordFault::OtherTerminal);
        }
        if signed.get("vnp_CurrCode").is_some_and(|currency| *currency != CURRENCY) {
            return Err(WordFault::OtherCurrency);
        }
        let is_paid = said("vnp_ResponseCode") == "00" && ["00", ""].contains(&said("vnp_TransactionStatus"));
        Ok(PaymentWord {
            reference: said("vnp_TxnRef").to_owned(),
            parts: said("vnp_Amount").parse().ok(),
            transaction_number: said("vnp_TransactionNo").to_owned(),
            ending: if is_paid { PaymentEnding::Paid } else { PaymentEnding::Failed },
        })
    }

    /// Asks the gateway what became of a payment. Returns the reason if it gives no answer that can be taken.
    pub async fn ask(
        &self,
        reference: &str,
        begun_at: Timestamp,
        id: &str,
        now: Timestamp,
    ) -> Result<PaymentWord, String> {
        let (begun, asked) = (digits(begun_at), digits(now));
        let fields: [(&str, &str); 9] = [
            ("vnp_RequestId", id),
            ("vnp_Version", VERSION),
            ("vnp_Command", "querydr"),
            ("vnp_TmnCode", &self.settings.terminal),
            ("vnp_TxnRef", reference),
            ("vnp_TransactionDate", &begun),
            ("vnp_CreateDate", &asked),
            ("vnp_IpAddr", "127.0.0.1"),
            ("vnp_OrderInfo", "Hoi ket qua thanh toan"),
        ];
        let signature = self.signature(&fields.map(|(_, value)| value).join("|")).map_err(|error| error.to_string())?;
        let mut body: Map<String, Json> =
            fields.iter().map(|(name, value)| ((*name).to_owned(), Json::from(*value))).collect();
        body.insert(SIGNATURE.to_owned(), Json::from(signature));
        let (address, body) = (self.settings.query.clone(), Json::from(body).to_string());
        let posted = tokio::task::spawn_blocking(move || {
            HttpClient::default().post(&address, &[("content-type", "application/json")], &body)
        });
        let answer = posted.await.map_err(|error| error.to_string())??;
        if answer.status != 200 {
            return Err(format!("the gateway answered {}", answer.status));
        }
        self.answered(&answer.body, reference)
    }

    /// Reads the answer to a question about a payment.
    fn answered(&self, body: &[u8], reference: &str) -> Result<PaymentWord, String> {
        let answer: Json = serde_json::from_slice(body).map_err(|_| "the gateway answered no JSON".to_owned())?;
        let said = |name: &str| answer.get(name).map(in_words).unwrap_or_default();
        if !self.has_signed(&ANSWERED.map(said).join("|"), &said(SIGNATURE)) {
            return Err("the signature of the answer is wrong; compare the secret with that of the gateway".to_owned());
        }
        if said("vnp_TmnCode") != self.settings.terminal {
            return Err("the answer is for another terminal".to_owned());
        }
        let ending = match (said("vnp_ResponseCode").as_str(), said("vnp_TransactionStatus").as_str()) {
            ("00", "00") => PaymentEnding::Paid,
            // The gateway knows no such payment, or could not carry it out.
            ("91", _) | ("00", "02") => PaymentEnding::Failed,
            ("00", _) => PaymentEnding::Pending,
            (code, _) => return Err(format!("the gateway answered with the code {}", short(code))),
        };
        if ending == PaymentEnding::Paid && said("vnp_TxnRef") != reference {
            return Err("the answer is about another payment".to_owned());
        }
        Ok(PaymentWord {
            reference: reference.to_owned(),
            parts: said("vnp_Amount").parse().ok(),
            transaction_number: said("vnp_TransactionNo"),
            ending,
        })
    }

    /// Returns the signature of a text.
    fn signature(&self, text: &str) -> Result<String, Error> {
        let mut mac = self.mac().ok_or_else(|| Error::fault(NoSecret))?;
        mac.update(text.as_bytes());
        Ok(hex::encode(mac.finalize().into_bytes()))
    }

    /// Returns whether the gateway signed a text, in a time that does not depend on the signature.
    fn has_signed(&self, text: &str, signature: &str) -> bool {
        let (Some(mut mac), Ok(given)) = (self.mac(), hex::decode(signature)) else { return false };
        mac.update(text.as_bytes());
        mac.verify_slice(&given).is_ok()
    }

    /// Returns the code with the secret. Without a secret nothing is signed and nothing is believed.
    fn mac(&self) -> Option<Hmac<Sha512>> {
        let secret = self.settings.secret.as_ref().filter(|secret| !secret.0.is_empty())?;
        Hmac::<Sha512>::new_from_slice(secret.0.as_bytes()).ok()
    }
}

/// The gateway has no secret with which a payment could be signed.
#[derive(Debug, thiserror::Error)]
#[error("`secret` under [payment] is missing; set the variable MOTCUA_PAYMENT__SECRET")]
struct NoSecret;

/// Returns a moment in the digits of the gateway, as a clock in Vietnam shows it.
fn digits(at: Timestamp) -> String {
    local(at).strftime("%Y%m%d%H%M%S").to_string()
}

/// Returns a value of an answer as it is signed.
fn in_words(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Null => String::new(),
        other => other.to_string(),
    }
}

/// Returns the beginning of a text of the gateway, for messages.
fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use motcua_domain::procedure::plugin::Secret;

    fn gateway(secret: &str) -> PaymentGateway {
        let settings = PaymentSettings {
            name: "vnpay".to_owned(),
            pay: "https://pay.example.vn/pay".to_owned(),
            query: "https://pay.example.vn/query".to_owned(),
            terminal: "MOTCUA01".to_owned(),
            secret: Some(Secret(secret.to_owned())),
        };
        PaymentGateway::new(settings, "https://portal.example".to_owned())
    }

    fn order() -> PaymentOrder<'static> {
        PaymentOrder {
            reference: "0123abcd",
            amount: Dong(50_000),
            about: "H09032603030001",
            begun_at: Timestamp::UNIX_EPOCH,
            expires_at: Timestamp::UNIX_EPOCH,
            language: Language::Vi,
            network: "127.0.0.1",
        }
    }

    /// Returns parameters with a signature of the gateway.
    fn signed(gateway: &PaymentGateway, more: &[(&str, &str)]) -> Vec<(String, String)> {
        let all = [
            ("vnp_Amount", "5000000"),
            ("vnp_OrderInfo", "Nop phi"),
            ("vnp_ResponseCode", "00"),
            ("vnp_TmnCode", "MOTCUA01"),
            ("vnp_TransactionNo", "14422574"),
            ("vnp_TxnRef", "0123abcd"),
        ];
        let all: BTreeMap<&str, &str> = all.into_iter().chain(more.iter().copied()).collect();
        let signature = gateway.signature(&serde_urlencoded::to_string(&all).expect("a query")).expect("a secret");
        let all = all.into_iter().chain([(SIGNATURE, signature.as_str())]);
        all.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn a_browser_is_sent_with_sorted_and_signed_parameters() {
        let address = gateway("secret").pay_address(&order()).expect("an address");
        let begin = "https://pay.example.vn/pay?vnp_Amount=5000000&vnp_Command=pay&vnp_CreateDate=19700101070000\
            &vnp_CurrCode=VND&vnp_ExpireDate=19700101070000&vnp_IpAddr=127.0.0.1&vnp_Locale=vn\
            &vnp_OrderInfo=Nop+phi+ho+so+H09032603030001&vnp_OrderType=other\
            &vnp_ReturnUrl=https%3A%2F%2Fportal.example%2Fpayment%2Freturn&vnp_TmnCode=MOTCUA01\
            &vnp_TxnRef=0123abcd&vnp_Version=2.1.0&vnp_SecureHash=";
        let signature = address.strip_prefix(begin).expect("this order");
        let query = begin.split_once('?').and_then(|(_, rest)| rest.strip_suffix("&vnp_SecureHash="));
        assert!(gateway("secret").has_signed(query.expect("a query"), signature));
        assert!(!gateway("another").has_signed(query.expect("a query"), signature));
        assert!(gateway("").pay_address(&order()).is_err(), "nothing is signed without a secret");
    }

    #[test]
    fn the_signature_is_hmac_sha512() {
        // Test case 2 of RFC 4231.
        let signature = gateway("Jefe").signature("what do ya want for nothing?").expect("a secret");
        assert!(
            signature.starts_with("164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"),
            "{signature}"
        );
    }

    #[test]
    fn only_what_the_gateway_signed_is_believed() {
        let gateway_of_test = gateway("secret");
        let good = signed(&gateway_of_test, &[]);
        let word = gateway_of_test.read(&good).expect("it is signed");
        assert_eq!((word.ending, word.is_about(Dong(50_000))), (PaymentEnding::Paid, true));
        assert_eq!(gateway("").read(&signed(&gateway("x"), &[])), Err(WordFault::Forged));
        assert_eq!(gateway("another").read(&good), Err(WordFault::Forged));
        for at in 0..good.len() {
            let mut changed = good.clone();
            changed[at].1.push('0');
            assert_eq!(gateway_of_test.read(&changed), Err(WordFault::Forged), "{changed:?}");
            changed.remove(at);
            assert_eq!(gateway_of_test.read(&changed), Err(WordFault::Forged), "{changed:?}");
        }
        let twice: Vec<_> = good.iter().cloned().chain([("vnp_Amount".to_owned(), "5000000".to_owned())]).collect();
        assert_eq!(gateway_of_test.read(&twice), Err(WordFault::Forged));
        for (more, fault) in
            [(("vnp_TmnCode", "OTHER"), WordFault::OtherTerminal), (("vnp_CurrCode", "USD"), WordFault::OtherCurrency)]
        {
            assert_eq!(gateway_of_test.read(&signed(&gateway_of_test, &[more])), Err(fault));
        }
        for more in [("vnp_ResponseCode", "24"), ("vnp_TransactionStatus", "02")] {
            let word = gateway_of_test.read(&signed(&gateway_of_test, &[more])).expect("it is signed");
            assert_eq!(word.ending, PaymentEnding::Failed, "{more:?}");
        }
    }

    #[test]
    fn an_answer_to_a_question_is_believed_if_it_is_signed_and_about_the_payment() {
        let own = gateway("secret");
        let answer = |changes: &[(&str, &str)], secret: &str| {
            let mut all: BTreeMap<&str, &str> = ANSWERED.map(|name| (name, "")).into();
            all.extend([
                ("vnp_ResponseCode", "00"),
                ("vnp_TransactionStatus", "00"),
                ("vnp_TmnCode", "MOTCUA01"),
                ("vnp_TxnRef", "0123abcd"),
                ("vnp_Amount", "5000000"),
            ]);
            all.extend(changes.iter().copied());
            let text = ANSWERED.map(|name| all.get(name).copied().unwrap_or_default()).join("|");
            let signature = gateway(secret).signature(&text).expect("a secret");
            all.insert(SIGNATURE, &signature);
            serde_json::to_vec(&all).expect("JSON")
        };
        let ending = |changes: &[(&str, &str)]| {
            own.answered(&answer(changes, "secret"), "0123abcd").map(|word| word.ending).ok()
        };
        assert_eq!(ending(&[]), Some(PaymentEnding::Paid));
        assert_eq!(ending(&[("vnp_TransactionStatus", "01")]), Some(PaymentEnding::Pending));
        assert_eq!(ending(&[("vnp_TransactionStatus", "02")]), Some(PaymentEnding::Failed));
        assert_eq!(ending(&[("vnp_ResponseCode", "91")]), Some(PaymentEnding::Failed));
        for change in [("vnp_ResponseCode", "97"), ("vnp_TmnCode", "OTHER"), ("vnp_TxnRef", "0123abce")] {
            assert_eq!(ending(&[change]), None, "{change:?}");
        }
        assert!(own.answered(&answer(&[], "another"), "0123abcd").is_err());
        assert!(own.answered(b"<html>", "0123abcd").is_err());
    }
}
