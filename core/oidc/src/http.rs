//! Requests to a provider: bounded in time and size, and without redirects, which could lead elsewhere.

use openidconnect::HttpResponse;
use openidconnect::http::Request;
use std::time::Duration;
use ureq::AsSendBody;
use ureq::tls::{RootCerts, TlsConfig};

/// The most bytes of an answer.
const MOST_BODY: u64 = 256 << 10;

/// The most bytes of the head of an answer.
const MOST_HEAD: usize = 32 << 10;

/// The time limit of one request, from the name to the last byte.
const PATIENCE: Duration = Duration::from_secs(5);

/// A request that got no usable answer.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NoAnswer(String);

/// The client of one provider.
#[derive(Debug)]
pub struct ProviderHttp {
    agent: ureq::Agent,
}

impl ProviderHttp {
    /// Returns a client that trusts the authorities of the machine, so that a province can have its own.
    pub fn new() -> Self {
        let config = ureq::Agent::config_builder()
            .max_redirects(0)
            .tls_config(TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build())
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .max_response_header_size(MOST_HEAD)
            .max_idle_connections(0)
            .user_agent("motcua")
            .proxy(None)
            .build();
        Self { agent: ureq::Agent::new_with_config(config) }
    }

    /// Sends a request. An answer that says that the provider has a fault is no answer.
    pub fn send(&self, request: Request<impl AsSendBody>) -> Result<HttpResponse, NoAnswer> {
        let mut response = self.agent.run(request).map_err(|error| NoAnswer(error.to_string()))?;
        if response.status().is_server_error() {
            return Err(NoAnswer(format!("it answered {}", response.status())));
        }
        let body = response.body_mut().with_config().limit(MOST_BODY).read_to_vec();
        let body = body.map_err(|error| NoAnswer(error.to_string()))?;
        let (parts, _) = response.into_parts();
        Ok(HttpResponse::from_parts(parts, body))
    }

    /// Returns the body of an address, if the answer is a success.
    pub fn get(&self, address: &str, bearer: Option<&str>) -> Result<Vec<u8>, NoAnswer> {
        let mut request = Request::get(address).header("accept", "application/json");
        if let Some(token) = bearer {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let request = request.body(()).map_err(|error| NoAnswer(error.to_string()))?;
        let response = self.send(request)?;
        let status = response.status();
        if status.is_success() { Ok(response.into_body()) } else { Err(NoAnswer(format!("it answered {status}"))) }
    }
}
