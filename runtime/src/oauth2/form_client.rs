//! The way to the authorization server.

use bytes::{BufMut, Bytes, BytesMut};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Uri};
use huskarl::core::http::{HttpClient, HttpResponse, Idempotency};
use huskarl::core::platform::MaybeSendBoxFuture;
use huskarl_reqwest::ReqwestClient;
use url::form_urlencoded::Serializer;

/// A client that adds parameters of the provider's own to each form, such as `audience`.
#[derive(Clone)]
pub(super) struct FormClient {
    pub(super) client: ReqwestClient,
    pub(super) parameters: Vec<(String, String)>,
}

impl FormClient {
    fn with_parameters(&self, request: Request<Bytes>) -> Request<Bytes> {
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
        self.client.execute(self.with_parameters(request), idempotency)
    }

    fn uses_mtls(&self) -> bool {
        self.client.uses_mtls()
    }
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
