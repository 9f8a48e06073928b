//! A span for each call, for `tracing`. It contains the name of the endpoint and the template of its path, but
//! never an argument.

use tracing::instrument::{Instrument, Instrumented};
use tracing::{debug, debug_span};

use crate::types::endpoint::Endpoint;
use crate::types::error::Error;

/// Runs everything that belongs to a call in its span.
pub(super) fn traced<F: Future>(endpoint: &'static Endpoint, call: F) -> Instrumented<F> {
    call.instrument(debug_span!(
        "call",
        api = endpoint.api,
        endpoint = endpoint.name,
        method = endpoint.method,
        route = endpoint.path,
    ))
}

/// Records how a call ended.
pub(super) fn ended(endpoint: &'static Endpoint, attempts: u32, error: Option<&Error>) {
    let (api, endpoint) = (endpoint.api, endpoint.name);
    match error {
        None => debug!(api, endpoint, attempts, outcome = "ok", "call ended"),
        Some(error) => {
            let status = error.status().map(|status| status.as_u16());
            debug!(api, endpoint, attempts, outcome = ?error.kind(), status, "call ended");
        }
    }
}
