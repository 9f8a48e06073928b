//! The way to the authorization server.

use bytes::{BufMut, Bytes, BytesMut};
use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, StatusCode, Uri};
use huskarl::core::http::{HttpClient, HttpResponse, Idempotency};
use huskarl::core::platform::MaybeSendBoxFuture;
use huskarl_reqwest::ReqwestClient;
use serde::Deserialize;
use serde::de::IgnoredAny;
use url::form_urlencoded::Serializer;

/// A client for requests for tokens: it adds parameters of the provider's own to each form, such as `audience`, and
/// evens out what some providers do in their own way.
#[derive(Clone)]
pub(super) struct FormClient {
    pub(super) client: ReqwestClient,
    pub(super) parameters: Vec<(String, String)>,
}

impl FormClient {
    fn prepared(&self, mut request: Request<Bytes>) -> Request<Bytes> {
        // GitHub responds with a form to those who do not ask for JSON.
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().entry(ACCEPT).or_insert(json);
        let is_form = request.method() == Method::POST
            && request.headers().get(CONTENT_TYPE).is_some_and(is_form_type);
        if self.parameters.is_empty() || !is_form {
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
        // It was that of the shorter form.
        parts.headers.remove(CONTENT_LENGTH);
        Request::from_parts(parts, form.freeze())
    }
}

impl HttpClient for FormClient {
    fn execute(
        &self,
        request: Request<Bytes>,
        idempotency: Idempotency,
    ) -> MaybeSendBoxFuture<'_, Result<HttpResponse, huskarl::core::Error>> {
        Box::pin(async move {
            let response = self.client.execute(self.prepared(request), idempotency).await?;
            Ok(with_true_status(response))
        })
    }

    fn uses_mtls(&self) -> bool {
        self.client.uses_mtls()
    }
}

/// GitHub and others report an error with status 200, where RFC 6749, section 5.2, has 400.
fn with_true_status(mut response: HttpResponse) -> HttpResponse {
    #[derive(Deserialize)]
    struct Reported {
        #[serde(rename = "error")]
        _error: String,
        access_token: Option<IgnoredAny>,
    }
    let is_error = response.status == StatusCode::OK
        && serde_json::from_slice::<Reported>(&response.body)
            .is_ok_and(|reported| reported.access_token.is_none());
    if is_error {
        response.status = StatusCode::BAD_REQUEST;
    }
    response
}

/// An address with such parameters added to its query.
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

fn is_form_type(value: &HeaderValue) -> bool {
    let essence = value.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default();
    essence.trim_ascii().eq_ignore_ascii_case(b"application/x-www-form-urlencoded")
}
