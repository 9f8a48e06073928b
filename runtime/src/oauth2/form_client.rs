//! Sends requests to the authorization server.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::{BufMut, Bytes, BytesMut};
use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, StatusCode, Uri};
use huskarl::core::RetryAdvice;
use huskarl::core::http::{HttpClient, HttpResponse, Idempotency};
use huskarl::core::platform::MaybeSendBoxFuture;
use huskarl_reqwest::ReqwestClient;
use url::form_urlencoded::Serializer;

use super::error::OAuth2Error;
use super::provider::Provider;
use super::response;

/// A client for one exchange with the server. It adds the provider's own parameters, such as `audience`, to each
/// form, corrects the peculiarities of some providers, and records how its last request ended.
#[derive(Clone)]
pub(super) struct FormClient {
    client: ReqwestClient,
    parameters: Vec<(String, String)>,
    final_errors: &'static [&'static str],
    ended: Arc<Mutex<Ended>>,
    /// The secrets of all requests and responses of the exchange.
    secrets: Arc<Mutex<Vec<Vec<u8>>>>,
}

/// How the last request ended.
#[derive(Clone, Default)]
pub(super) enum Ended {
    /// Nothing reached the server.
    #[default]
    Unsent,
    /// It may have reached the server, but no response arrived.
    Lost,
    /// The server rejected it.
    Rejected(Rejection),
    /// The server reported success.
    Success,
}

/// A response that rejects a request.
#[derive(Clone)]
pub(super) struct Rejection {
    /// As the server sent it.
    pub(super) status: StatusCode,
    /// The status by which huskarl judged it, and which its errors name.
    judged_as: StatusCode,
    /// The secrets of the request are masked.
    pub(super) body: Bytes,
}

impl FormClient {
    pub(super) fn new(provider: &Provider, parameters: Vec<(String, String)>) -> Self {
        let (client, final_errors) = (provider.http().clone(), provider.final_errors());
        Self { client, parameters, final_errors, ended: Arc::default(), secrets: Arc::default() }
    }

    pub(super) fn ended(&self) -> Ended {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The error of a step of the exchange. Secrets of the exchange that the server quoted are masked.
    pub(super) fn failed(&self, doing: &'static str, error: huskarl::core::Error) -> OAuth2Error {
        self.hidden(OAuth2Error::of(doing, error))
    }

    /// The same for any error of the exchange.
    pub(super) fn hidden(&self, error: OAuth2Error) -> OAuth2Error {
        let error = match self.ended() {
            Ended::Rejected(it) => error.of_response(it.status, it.judged_as, &it.body),
            Ended::Unsent | Ended::Lost | Ended::Success => error,
        };
        error.hiding(&self.secrets.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn keep(&self, secrets: &[Vec<u8>]) {
        let mut kept = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend_from_slice(secrets);
    }

    fn note(&self, ended: Ended) {
        *self.ended.lock().unwrap_or_else(PoisonError::into_inner) = ended;
    }

    fn prepared(&self, mut request: Request<Bytes>) -> Request<Bytes> {
        // Without this, GitHub responds with a form.
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().entry(ACCEPT).or_insert(json);
        if self.parameters.is_empty() || !is_form(&request) {
            return request;
        }
        let (mut parts, body) = request.into_parts();
        let added = encoded(&self.parameters);
        let mut form = BytesMut::with_capacity(body.len() + 1 + added.len());
        form.put(body);
        if !form.is_empty() {
            form.put_u8(b'&');
        }
        form.put(added.as_bytes());
        // It was the length of the shorter form.
        parts.headers.remove(CONTENT_LENGTH);
        Request::from_parts(parts, form.freeze())
    }

    async fn send(
        &self,
        request: Request<Bytes>,
        idempotency: Idempotency,
    ) -> Result<HttpResponse, huskarl::core::Error> {
        let request = self.prepared(request);
        let secrets = response::secrets(&request);
        self.keep(&secrets);
        // In case this future is dropped.
        self.note(Ended::Lost);
        let (status, response) = match self.client.execute(request, idempotency).await {
            Ok(response) => {
                self.keep(&response::issued(&response));
                let status = response.status;
                (status, response::evened_out(response, &secrets, self.final_errors))
            }
            Err(error) => {
                self.note(if is_unsent(&error) { Ended::Unsent } else { Ended::Lost });
                return Err(error);
            }
        };
        self.note(if response.status.is_success() {
            Ended::Success
        } else {
            let (judged_as, body) = (response.status, response.body.clone());
            Ended::Rejected(Rejection { status, judged_as, body })
        });
        Ok(response)
    }
}

impl HttpClient for FormClient {
    fn execute(
        &self,
        request: Request<Bytes>,
        idempotency: Idempotency,
    ) -> MaybeSendBoxFuture<'_, Result<HttpResponse, huskarl::core::Error>> {
        Box::pin(self.send(request, idempotency))
    }

    fn uses_mtls(&self) -> bool {
        self.client.uses_mtls()
    }
}

/// Whether nothing of the request was sent: in all other cases huskarl advises against a retry.
fn is_unsent(error: &huskarl::core::Error) -> bool {
    matches!(error.retry_advice(), RetryAdvice::Retry { .. })
}

/// An address with these parameters added to its query.
pub(super) fn with_parameters(address: &Uri, parameters: &[(String, String)]) -> String {
    let address = address.to_string();
    if parameters.is_empty() {
        return address;
    }
    let mark = if address.contains('?') { '&' } else { '?' };
    format!("{address}{mark}{}", encoded(parameters))
}

fn encoded(parameters: &[(String, String)]) -> String {
    Serializer::new(String::new()).extend_pairs(parameters).finish()
}

pub(super) fn is_form(request: &Request<Bytes>) -> bool {
    let is_form_type = |value: &HeaderValue| {
        let essence = value.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default();
        essence.trim_ascii().eq_ignore_ascii_case(b"application/x-www-form-urlencoded")
    };
    request.method() == Method::POST
        && request.headers().get(CONTENT_TYPE).is_some_and(is_form_type)
}
