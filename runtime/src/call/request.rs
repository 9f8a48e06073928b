//! The request of one attempt: address, headers and body, with the tokens in their places.

use bytes::{BufMut, Bytes, BytesMut};
use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, COOKIE};
use http::{HeaderMap, HeaderValue, Method};

use super::body::counted;
use super::carrier::Carrier;
use super::from_tokens::{self, SentValue};
use super::parts::{Body, BuiltBody, Content, MediaType, Parts};
use crate::logic::{json, query};
use crate::ports::http::HttpBody;
use crate::ports::proof::SCHEME;
use crate::ports::transport::Outgoing;
use crate::session::{AttemptToken, AttemptTokens};
use crate::types::auth::Placement;
use crate::types::endpoint::{Endpoint, SentIn};
#[cfg(target_family = "wasm")]
use crate::types::endpoint::{Redirect, Role};
use crate::types::error::{Error, ErrorKind, Result};
use crate::types::set_cookie::can_be_a_cookie;
use crate::types::tokens::has_scheme;
use crate::types::url::Url;

/// Room for the token, for `accept`, which reqwest adds, and for `host`, which hyper adds. reqwest copies the
/// headers several times, and a map that was not given a capacity allocates room for six.
const FEW: usize = 3;

impl Parts {
    /// The request of one attempt. Its address is never shown in an error, since it may contain a token.
    pub(crate) async fn build(&self, passes: &AttemptTokens, content: Content) -> Result<Outgoing> {
        let built = self.built(content).await?;
        self.request(passes, content, built)
    }

    /// The body of one attempt, if it is built for each.
    async fn built(&self, content: Content) -> Result<Option<BuiltBody>> {
        match &self.body {
            _ if content == Content::Left => Ok(None),
            Body::Multipart(build) => build.build().await.map(Some),
            Body::Built(build) => build.build().await.map(Some),
            Body::None | Body::Bytes { .. } => Ok(None),
        }
    }

    /// The request of one attempt with such a body.
    pub(super) fn request(
        &self,
        passes: &AttemptTokens,
        content: Content,
        built: Option<BuiltBody>,
    ) -> Result<Outgoing> {
        let mut url = self.client.address(&self.url).map_err(|error| {
            Error::of_kind(ErrorKind::Argument)
                .with_message("the address of the call is not a URL")
                .with_source(error)
        })?;
        let values = self.token_values(passes)?;
        let tokens = self.token_fields(passes, &values, content);
        let (mut headers, extensions) = match &self.extras {
            None => {
                let describes_body = self.may_have_body() || !matches!(self.body, Body::None);
                (HeaderMap::with_capacity(FEW + usize::from(describes_body)), None)
            }
            Some(extras) => (extras.headers.clone(), Some(&extras.extensions)),
        };
        let (body, media_type) = match built {
            Some((body, media_type)) => {
                let declared = self.extras.as_ref().and_then(|extras| extras.media_type);
                (Some(body), media_type.or_else(|| declared.map(HeaderValue::from_static)))
            }
            None if content == Content::Taken => self.encoded_body(&tokens)?,
            None => (None, None),
        };
        self.describe(&mut headers, content, body.as_ref(), media_type);
        #[cfg(feature = "gzip-requests")]
        let body = body.map(|body| self.compressed(body, &mut headers));
        let watcher = self.extras.as_ref().and_then(|extras| extras.on_upload.as_ref());
        let body = match (body, watcher) {
            (Some(body), Some(watcher)) => Some(counted(body, watcher)),
            (body, _) => body,
        };
        self.carry(passes, content, &mut url, &mut headers)?;
        if !values.is_empty() {
            from_tokens::put(values, &mut url, &mut headers)?;
        }
        let has_layers = self.client.core().transport.has_layers();
        let extensions = extensions.filter(|_| has_layers).cloned();
        #[cfg(feature = "serve")]
        let extensions = has_layers.then(|| {
            let mut extensions = extensions.unwrap_or_default();
            extensions.insert(super::secrets::Secrets::of(self, passes));
            extensions
        });
        Ok(Outgoing {
            method: method(self.endpoint)?,
            url,
            headers,
            body,
            extensions,
            #[cfg(target_family = "wasm")]
            is_secret: passes.iter().next().is_some()
                || self.endpoint.role != Role::None
                || matches!(self.endpoint.redirect, Redirect::Off | Redirect::Same),
        })
    }

    /// The body that was encoded with the call, with the tokens that are sent in it, and its media type.
    fn encoded_body(
        &self,
        tokens: &[(&'static str, &str)],
    ) -> Result<(Option<HttpBody>, Option<HeaderValue>)> {
        let (bytes, media_type) = match &self.body {
            Body::Bytes { bytes, media_type } => (bytes.clone(), *media_type),
            Body::None if !tokens.is_empty() => (Bytes::new(), Some(MediaType::Form)),
            Body::None | Body::Multipart(_) | Body::Built(_) => return Ok((None, None)),
        };
        let bytes = match tokens.is_empty() {
            true => bytes,
            false => with_fields(&bytes, media_type, tokens)?,
        };
        let media_type = media_type.map(|it| HeaderValue::from_static(it.as_str()));
        Ok((Some(HttpBody::from(bytes)), media_type))
    }

    /// Adds the headers about the body, and about the body of the response.
    fn describe(
        &self,
        headers: &mut HeaderMap,
        content: Content,
        body: Option<&HttpBody>,
        media_type: Option<HeaderValue>,
    ) {
        // Without a length, servers reject such a request with 411 (RFC 9110, section 8.6). hyper sends none with a body
        // that is at its end.
        if content == Content::Taken && self.may_have_body() && body.is_none_or(is_at_its_end) {
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        if let Some(media_type) = media_type {
            headers.entry(CONTENT_TYPE).or_insert(media_type);
        }
        if let Some(codec) = self.endpoint.codec {
            headers.entry(ACCEPT).or_insert(HeaderValue::from_static(codec.media_type));
        }
    }

    /// The body in gzip, if wanted and not yet encoded.
    #[cfg(feature = "gzip-requests")]
    fn compressed(&self, body: HttpBody, headers: &mut HeaderMap) -> HttpBody {
        use http::header::CONTENT_ENCODING;
        let is_asked = self.extras.as_ref().is_some_and(|extras| extras.gzip);
        let length = http_body::Body::size_hint(&body).exact();
        let is_long =
            self.client.core().gzip_from.is_some_and(|from| length.is_none_or(|it| it >= from));
        if !(is_asked || is_long) || length == Some(0) || headers.contains_key(CONTENT_ENCODING) {
            return body;
        }
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        headers.remove(CONTENT_LENGTH);
        super::body::gzipped(body)
    }

    /// The tokens that are sent in the body, by field name.
    fn token_fields<'a>(
        &self,
        passes: &'a AttemptTokens,
        values: &'a [SentValue],
        content: Content,
    ) -> Vec<(&'static str, &'a str)> {
        let tokens = passes.iter().filter_map(|pass| match pass.credential.placement {
            Placement::Field { name } => Some((name, std::str::from_utf8(&pass.token).ok()?)),
            _ => None,
        });
        let values = values.iter().filter_map(|(place, text)| match place {
            SentIn::Field(name) => Some((*name, &**text)),
            _ => None,
        });
        tokens.chain(values).filter(|_| self.takes_fields(content)).collect()
    }

    /// Whether a token can be a field of the body: of a form, of a JSON object, or of a form that is created for
    /// it.
    pub(super) fn takes_fields(&self, content: Content) -> bool {
        match &self.body {
            _ if content == Content::Left => false,
            Body::None => self.may_have_body() || self.declares_fields(),
            Body::Bytes { media_type, .. } => {
                media_type.is_some_and(|it| it == MediaType::Form || it.as_str().ends_with("json"))
            }
            Body::Multipart(_) | Body::Built(_) => false,
        }
    }

    fn declares_fields(&self) -> bool {
        self.endpoint.from_tokens.iter().any(|value| matches!(value.place, SentIn::Field(_)))
    }

    fn may_have_body(&self) -> bool {
        matches!(self.endpoint.method, "POST" | "PUT" | "PATCH")
    }

    /// Adds the tokens in their places, except for those in the body.
    pub(crate) fn carry(
        &self,
        passes: &AttemptTokens,
        content: Content,
        url: &mut Url,
        headers: &mut HeaderMap,
    ) -> Result<()> {
        for pass in passes.iter() {
            let own;
            let carrier = match self.client.core().carrier(pass.credential) {
                Some(carrier) => carrier,
                // A method that replaces the trait's `auth(..)` says itself where the token is sent.
                None => {
                    own = Carrier::new(pass.credential.placement)?;
                    &own
                }
            };
            match carrier {
                Carrier::Field { .. } if self.takes_fields(content) => {}
                Carrier::Cookie { name } => add_cookie(headers, name, &pass.token)?,
                Carrier::Query { name } | Carrier::Field { name } => {
                    let token = std::str::from_utf8(&pass.token).map_err(|_| unsendable())?;
                    set_query(url, name, token)?;
                }
                Carrier::Header { name, scheme: None } if is_bound(pass) => {
                    headers.insert(name.clone(), token_value(Some(SCHEME), &pass.bare())?);
                }
                Carrier::Header { name, scheme } => {
                    headers.insert(name.clone(), token_value(*scheme, &pass.token)?);
                }
            }
        }
        Ok(())
    }
}

/// Sends a value from the tokens in the query, in place of the value that a link repeats: a server that quotes the address
/// which was called also quotes what was sent with it.
pub(super) fn set_query(url: &mut Url, name: &str, value: &str) -> Result<()> {
    if query::value(url.as_str(), name).is_some() {
        let bare = query::without_value(url.as_str(), name);
        *url = Url::parse(&bare).map_err(|_| unsendable())?;
    }
    let mut query = form_urlencoded::Serializer::new(url.query().unwrap_or_default().to_owned());
    url.set_query(Some(&query.append_pair(name, value).finish()));
    Ok(())
}

fn is_at_its_end(body: &HttpBody) -> bool {
    http_body::Body::size_hint(body).exact() == Some(0)
}

/// Whether the token is sent with the scheme for tokens that are bound to a key.
fn is_bound(pass: &AttemptToken) -> bool {
    pass.key.is_some() && pass.credential.placement == Placement::Bearer
}

/// The body with the tokens added.
fn with_fields(
    body: &[u8],
    media_type: Option<MediaType>,
    tokens: &[(&'static str, &str)],
) -> Result<Bytes> {
    let mut text = std::str::from_utf8(body).map_err(|_| unsendable())?.to_owned();
    for (name, token) in tokens {
        text = match media_type {
            Some(MediaType::Form) => query::with_field(&text, name, token),
            _ => json::with_text(&text, name, token).map_err(|_| {
                Error::of_kind(ErrorKind::Argument).with_message(format!(
                    "the token is the field `{name}` of a JSON object, but the body is not an object"
                ))
            })?,
        };
    }
    Ok(Bytes::from(text))
}

/// Adds a cookie to those of the call.
fn add_cookie(headers: &mut HeaderMap, name: &str, token: &[u8]) -> Result<()> {
    // A browser lets no page set this header.
    if cfg!(target_family = "wasm") {
        return Ok(());
    }
    if !can_be_a_cookie(token) {
        return Err(
            Error::of_kind(ErrorKind::Argument).with_message("the token cannot be a cookie")
        );
    }
    let mut cookies = BytesMut::new();
    let others = headers.get(COOKIE).and_then(|others| others.to_str().ok()).unwrap_or_default();
    let is_other = |cookie: &&str| cookie.split('=').next() != Some(name) && !cookie.is_empty();
    for other in others.split("; ").filter(is_other) {
        cookies.put_slice(other.as_bytes());
        cookies.put_slice(b"; ");
    }
    cookies.put_slice(name.as_bytes());
    cookies.put_u8(b'=');
    cookies.put_slice(token);
    let mut value = HeaderValue::from_maybe_shared(cookies.freeze()).map_err(|_| unsendable())?;
    value.set_sensitive(true);
    headers.insert(COOKIE, value);
    Ok(())
}

fn token_value(scheme: Option<&str>, token: &Bytes) -> Result<HeaderValue> {
    let value = match scheme.filter(|scheme| !has_scheme(token, scheme)) {
        // If the token is sent with `Bearer ` before it, it is stored like this and needs no copy.
        None => HeaderValue::from_maybe_shared(token.clone()),
        Some(scheme) => {
            let mut value = BytesMut::with_capacity(scheme.len() + 1 + token.len());
            value.put_slice(scheme.as_bytes());
            value.put_u8(b' ');
            value.put_slice(token);
            HeaderValue::from_maybe_shared(value.freeze())
        }
    };
    let mut value = value.map_err(|_| unsendable())?;
    value.set_sensitive(true);
    Ok(value)
}

pub(crate) fn method(endpoint: &Endpoint) -> Result<Method> {
    // Most calls are one of these.
    match endpoint.method {
        "GET" => return Ok(Method::GET),
        "POST" => return Ok(Method::POST),
        _ => {}
    }
    Method::from_bytes(endpoint.method.as_bytes())
        .map_err(|error| Error::of_kind(ErrorKind::Argument).with_source(error))
}

fn unsendable() -> Error {
    Error::of_kind(ErrorKind::Argument).with_message("the token cannot be sent in a header")
}
