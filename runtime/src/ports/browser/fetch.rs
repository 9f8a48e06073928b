//! The transport: the browser's `fetch`.

use http::header::{HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode};
use js_sys::{Array, Function, Promise, Uint8Array};
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, Headers, ReadableStreamDefaultReader, RequestCache, RequestCredentials,
    RequestInit, RequestRedirect, ResponseType,
};

use super::body::{AbortOnDrop, Body, FetchBody};
use super::error::FetchError;
use super::global;
use super::message::{Request, Response, announced};
use super::options::{FetchCredentials, FetchOptions};

/// Sends requests with `fetch`, in a page or in a worker.
#[derive(Debug, Clone)]
pub(crate) struct Client(FetchOptions);

impl Client {
    pub(crate) const fn new(options: FetchOptions) -> Self {
        Self(options)
    }

    /// Sends a request. Dropping the future, or the response, aborts it.
    pub(crate) fn execute(
        &self,
        request: Request,
    ) -> impl Future<Output = Result<Response, FetchError>> + Send + use<> {
        SendWrapper::new(send(self.0, request))
    }
}

async fn send(options: FetchOptions, request: Request) -> Result<Response, FetchError> {
    let Request { method, url, headers, body, is_secret } = request;
    let init = RequestInit::new();
    init.set_method(method.as_str());
    let headers = outgoing(&headers).map_err(|it| FetchError::unsendable(&it))?;
    init.set_headers(headers.as_ref());
    if let Some(body) = body {
        let bytes = body.collect().await.map_err(FetchError::Body)?;
        init.set_body(&Uint8Array::from(&*bytes));
    }
    init.set_credentials(match options.credentials {
        FetchCredentials::Omit => RequestCredentials::Omit,
        FetchCredentials::SameOrigin => RequestCredentials::SameOrigin,
        FetchCredentials::Include => RequestCredentials::Include,
    });
    if !options.http_cache {
        init.set_cache(RequestCache::NoStore);
    }
    init.set_redirect(if is_secret { RequestRedirect::Manual } else { RequestRedirect::Follow });
    let controller = AbortController::new().map_err(|it| FetchError::unsendable(&it))?;
    let abort = AbortOnDrop(SendWrapper::new(controller));
    init.set_signal(Some(&abort.0.signal()));
    let response = call(url.as_str(), &init).map_err(|it| FetchError::unsendable(&it))?;
    let response = JsFuture::from(response).await.map_err(|it| FetchError::thrown(&it))?;
    let response: web_sys::Response = response.unchecked_into();
    // Servers that run pages show where a redirect leads, unlike browsers.
    let is_redirect = is_secret && matches!(response.status(), 301 | 302 | 303 | 307 | 308);
    if is_redirect || response.type_() == ResponseType::Opaqueredirect {
        return Err(FetchError::Redirected);
    }
    incoming(&response, abort)
}

/// Calls the global `fetch`, which windows and workers share.
fn call(url: &str, init: &RequestInit) -> Result<Promise, JsValue> {
    let fetch = global("fetch").ok_or_else(|| JsValue::from("there is no `fetch` here"))?;
    let fetch: Function = fetch.dyn_into()?;
    Ok(fetch.call2(&js_sys::global(), &url.into(), init)?.unchecked_into())
}

fn outgoing(headers: &HeaderMap) -> Result<Headers, JsValue> {
    let out = Headers::new()?;
    for (name, value) in headers {
        // JavaScript's headers are strings in which each character is a byte.
        let value: String = value.as_bytes().iter().copied().map(char::from).collect();
        out.append(name.as_str(), &value)?;
    }
    Ok(out)
}

fn incoming(response: &web_sys::Response, abort: AbortOnDrop) -> Result<Response, FetchError> {
    let mut headers = HeaderMap::new();
    let entries = js_sys::try_iter(&response.headers()).map_err(|it| FetchError::thrown(&it))?;
    for entry in entries.into_iter().flatten().flatten() {
        let entry: Array = entry.unchecked_into();
        let (name, value) = (entry.get(0).as_string(), entry.get(1).as_string());
        if let (Some(name), Some(value)) = (name, value)
            && let Ok(name) = HeaderName::try_from(name)
            && let Ok(value) = header_value(&value)
        {
            headers.append(name, value);
        }
    }
    let body = match response.body() {
        None => Body::default(),
        Some(stream) => {
            let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
            FetchBody::body(reader, announced(&headers), abort)
        }
    };
    let mut whole = http::Response::new(body);
    *whole.status_mut() = StatusCode::from_u16(response.status())
        .map_err(|_| FetchError::Failed("the response has no status".into()))?;
    *whole.headers_mut() = headers;
    Ok(Response::from(whole))
}

/// The reverse: each character of JavaScript's headers is a byte.
fn header_value(text: &str) -> Result<HeaderValue, http::Error> {
    let bytes: Option<Vec<u8>> = text.chars().map(|it| u8::try_from(u32::from(it)).ok()).collect();
    Ok(HeaderValue::from_bytes(&bytes.unwrap_or_else(|| text.as_bytes().to_vec()))?)
}
