//! A call whose arguments are being encoded: each method takes one argument and encodes it immediately.

mod address;

use std::fmt::Write as _;
use std::marker::PhantomData;

use bytes::Bytes;
use http::header::InvalidHeaderValue;
use http::{Extensions, HeaderMap, HeaderValue};

use super::body::{Multipart, Part, PartList, PartOptions, RawContent};
use super::encoded::Encoded;
use super::parts::{Body, MediaType, Parts};
use super::renewal::RenewalCall;
use super::sink::TokensDecoder;
use super::{Call, End, State};
use crate::logic::encode::EncodeError;
use crate::logic::json;
use crate::logic::mask::is_secret_name;
use crate::logic::values::{ListStyle, Visit, append_query};
use crate::types::endpoint::Host;
use crate::types::error::{BoxError, Error, ErrorKind};
pub(crate) use address::argument;
pub(super) use address::hidden_by_name;
pub(super) use address::unfit;

/// A part of a token key.
#[derive(Clone, Copy)]
pub enum KeyPiece<'a> {
    /// Literal text.
    Text(&'static str),
    /// The value of the parameter with this name.
    Value(&'static str, Visit<'a>),
}

/// A call whose arguments are being encoded. An argument that cannot be sent becomes the error of the call.
#[must_use]
pub struct Draft {
    pub(crate) parts: Box<Parts>,
}

impl Draft {
    /// Makes the call with the token of this key of a credential. This comes before the address.
    pub fn keyed(mut self, credential: &'static str, pieces: &[KeyPiece<'_>]) -> Self {
        let mut key = String::new();
        for piece in pieces {
            match piece {
                KeyPiece::Text(text) => key.push_str(text),
                KeyPiece::Value(name, visit) => {
                    let visited = visit(&mut |value| {
                        // Writing to a string cannot fail.
                        let _ = write!(key, "{value}");
                    });
                    if let Err(unfit) = visited {
                        self.parts.fail(argument(EncodeError::Unfit(name, unfit)));
                    }
                }
            }
        }
        let session = self.parts.client.session();
        match session.named(credential) {
            Ok(slot) => {
                let session = session.of_key(slot, &key);
                self.parts.change_session(&session);
            }
            Err(error) => self.parts.fail(error),
        }
        self
    }

    /// Literal text of the path, already encoded.
    pub fn literal(mut self, text: &'static str) -> Self {
        self.parts.url.push_str(text);
        self
    }

    /// The value of `{name}`.
    pub fn segment(self, name: &'static str, visit: Visit<'_>) -> Self {
        self.in_path(name, |parts| parts.segment(name, "", visit))
    }

    /// The value of `{name?}`: a whole segment with its slash, or nothing.
    pub fn optional_segment(self, name: &'static str, visit: Visit<'_>) -> Self {
        self.in_path(name, |parts| parts.segment(name, "/", visit))
    }

    /// The value of `{*name}`, which keeps its slashes.
    pub fn tail(self, name: &'static str, visit: Visit<'_>) -> Self {
        self.in_path(name, |parts| parts.tail(name, visit))
    }

    /// A value in the path, which is shown nowhere if it has the name of a secret.
    fn in_path(mut self, name: &str, add: impl FnOnce(&mut Parts)) -> Self {
        if is_secret_name(name) {
            return self.secret(|mut draft| {
                add(&mut draft.parts);
                draft
            });
        }
        add(&mut self.parts);
        self
    }

    /// A query from the path literal.
    pub fn literal_query(mut self, query: &'static str) -> Self {
        self.parts.append_query(query);
        self
    }

    /// Marks a part of the address, a header, or a part of the body as secret, so that it is never shown.
    pub fn secret(mut self, add: impl FnOnce(Self) -> Self) -> Self {
        let from = self.parts.url.len();
        let pieces = self.parts.body.pieces();
        let before = self.parts.extras.as_mut().map(|it| std::mem::take(&mut it.headers));
        let mut draft = add(self);
        draft.parts.hide(from, before.unwrap_or_default());
        if draft.parts.body.pieces() != pieces {
            draft.parts.extras().hides_body = true;
        }
        draft
    }

    /// The absolute URL of this call, instead of a path. The token is sent only to the client's own origin.
    pub fn url(mut self, url: &str) -> Self {
        self.parts.leave_base(url);
        self
    }

    /// The values of one name in the query.
    pub fn query(mut self, name: &'static str, style: ListStyle, visit: Visit<'_>) -> Self {
        let Parts { url, has_query, .. } = &mut *self.parts;
        if let Err(error) = append_query(url, has_query, name, style, visit) {
            self.parts.fail(argument(error));
        }
        self
    }

    /// The encoded fields of a struct as query values.
    pub fn query_struct(mut self, encoded: Result<String, BoxError>) -> Self {
        match encoded {
            Ok(query) if query.is_empty() => {}
            Ok(query) => self.parts.append_query(&query),
            Err(error) => self.parts.fail(argument(error)),
        }
        self
    }

    /// A query value in JSON; null omits it.
    pub fn query_json(
        self,
        name: &'static str,
        encoded: Result<Vec<u8>, serde_json::Error>,
    ) -> Self {
        self.in_json(name, encoded, Self::query)
    }

    /// A form field in JSON; null omits it.
    pub fn field_json(
        self,
        name: &'static str,
        encoded: Result<Vec<u8>, serde_json::Error>,
    ) -> Self {
        self.in_json(name, encoded, Self::field)
    }

    fn in_json(
        mut self,
        name: &'static str,
        encoded: Result<Vec<u8>, serde_json::Error>,
        add: fn(Self, &'static str, ListStyle, Visit<'_>) -> Self,
    ) -> Self {
        match encoded {
            Ok(json) if json == b"null" => self,
            Ok(json) => {
                let json = String::from_utf8_lossy(&json);
                add(self, name, ListStyle::Repeat, &|each| {
                    each(&json);
                    Ok(())
                })
            }
            Err(error) => {
                self.parts.fail(argument(error));
                self
            }
        }
    }

    /// A header, or none. Its name is in lower case.
    pub fn header(
        mut self,
        name: &'static str,
        value: Result<Option<HeaderValue>, InvalidHeaderValue>,
    ) -> Self {
        self.parts.header(name, value);
        self
    }

    /// Several headers.
    pub fn headers(mut self, headers: Option<&HeaderMap>) -> Self {
        if let Some(headers) = headers {
            let all = &mut self.parts.extras().headers;
            for name in headers.keys() {
                all.remove(name);
            }
            for (name, value) in headers {
                all.append(name.clone(), hidden_by_name(name.as_str(), value.clone()));
            }
        }
        self
    }

    /// A header that is the same for all calls.
    pub fn fixed_header(self, name: &'static str, value: &'static str) -> Self {
        self.computed_header(name, HeaderValue::from_str(value).map(Some))
    }

    /// A header that a function computes for all calls.
    pub fn computed_header(
        self,
        name: &'static str,
        value: Result<Option<HeaderValue>, InvalidHeaderValue>,
    ) -> Self {
        if self.keeps(name) { self } else { self.header(name, value) }
    }

    /// A field of a form that is declared for all calls.
    pub fn fixed_field(self, name: &'static str, style: ListStyle, visit: Visit<'_>) -> Self {
        if self.keeps(name) { self } else { self.field(name, style, visit) }
    }

    /// A member of the object in a JSON body that is declared for all calls.
    pub fn fixed_member(self, name: &'static str, style: ListStyle, visit: Visit<'_>) -> Self {
        if self.keeps(name) { self } else { self.member(name, style, visit) }
    }

    /// Whether a declared value has the name of a secret, and so is not sent, like a token, to another origin that a
    /// server named.
    fn keeps(&self, name: &str) -> bool {
        let Parts { is_foreign, endpoint, .. } = &*self.parts;
        *is_foreign && endpoint.host == Host::Own && is_secret_name(name)
    }

    /// A body that may be left out.
    pub fn given(self, is_given: bool, body: impl FnOnce(Self) -> Self) -> Self {
        if is_given { body(self) } else { self }
    }

    /// The body, encoded as JSON.
    pub fn json(self, encoded: Result<Vec<u8>, serde_json::Error>) -> Self {
        self.bytes(encoded, MediaType::Json)
    }

    /// The body, encoded in a declared format.
    pub fn encoded(self, (encoded, media_type): Encoded) -> Self {
        self.bytes(encoded, MediaType::Other(media_type))
    }

    /// The body, encoded as a form.
    pub fn form(self, encoded: Result<String, BoxError>) -> Self {
        self.bytes(encoded, MediaType::Form)
    }

    fn bytes(
        mut self,
        encoded: Result<impl Into<Bytes>, impl Into<BoxError>>,
        media_type: MediaType,
    ) -> Self {
        match encoded {
            Ok(bytes) => self.parts.body = body(bytes, media_type),
            Err(error) => self.parts.fail(argument(error)),
        }
        self
    }

    /// The declared media type of the body, unless the body names its own.
    pub fn media_type(mut self, declared: &'static str) -> Self {
        match &mut self.parts.body {
            Body::Bytes { media_type, .. } => *media_type = Some(MediaType::Other(declared)),
            Body::Built(_) => self.parts.extras().media_type = Some(declared),
            Body::None | Body::Multipart(_) => {}
        }
        self
    }

    /// The values of one field of a form.
    pub fn field(mut self, name: &'static str, style: ListStyle, visit: Visit<'_>) -> Self {
        let mut form = String::new();
        let mut has_fields = match &self.parts.body {
            // It is empty if the fields before this one were left out.
            Body::Bytes { bytes, .. } if !bytes.is_empty() => {
                form.push('?');
                form.push_str(&String::from_utf8_lossy(bytes));
                true
            }
            _ => false,
        };
        if let Err(error) = append_query(&mut form, &mut has_fields, name, style, visit) {
            self.parts.fail(argument(error));
        }
        self.parts.body = body(form.split_off(form.len().min(1)), MediaType::Form);
        self
    }

    /// A constant as a member of the object in a JSON body.
    pub fn member(mut self, name: &'static str, _: ListStyle, visit: Visit<'_>) -> Self {
        let Body::Bytes { bytes, .. } = &mut self.parts.body else { return self };
        let mut added = Ok(String::from_utf8_lossy(bytes).into_owned());
        let visited = visit(&mut |value| {
            let text = value.to_string();
            added = match &added {
                Ok(object) => json::with_text(object, name, &text),
                Err(why) => Err(why.clone()),
            };
        });
        match (visited, added) {
            (Err(unfit), _) => self.parts.fail(argument(EncodeError::Unfit(name, unfit))),
            (_, Err(why)) => self.parts.fail(Error::of_kind(ErrorKind::Argument).with_message(why)),
            (Ok(()), Ok(object)) => *bytes = object.into(),
        }
        self
    }

    /// A typed value for layers.
    pub fn extension(mut self, insert: impl FnOnce(&mut Extensions)) -> Self {
        insert(&mut self.parts.extras().extensions);
        self
    }

    /// A raw body.
    pub fn body<M>(mut self, content: RawContent<M>) -> Self {
        self.parts.body = content.0;
        self
    }

    /// The parts of one name in a multipart body: one, none or several.
    pub fn part<M>(mut self, name: &'static str, list: PartList<M>, options: PartOptions) -> Self {
        for part in list.0 {
            self.add_part(name, part, options);
        }
        self
    }

    /// One part of a multipart body, encoded as JSON.
    pub fn json_part(
        mut self,
        name: &'static str,
        encoded: Result<Vec<u8>, serde_json::Error>,
        options: PartOptions,
    ) -> Self {
        match encoded {
            // `None` leaves a part out.
            Ok(json) if json == b"null" => self.start_multipart(),
            Ok(json) => self.add_part(name, Part::bytes(json), options.or_mime("application/json")),
            Err(error) => self.parts.fail(argument(error)),
        }
        self
    }

    fn start_multipart(&mut self) {
        if !matches!(self.parts.body, Body::Multipart(_)) {
            self.parts.body = Body::Multipart(Box::new(Multipart::new()));
        }
    }

    fn add_part(&mut self, name: &'static str, part: Part, options: PartOptions) {
        self.start_multipart();
        let parts = &mut *self.parts;
        if let Body::Multipart(multipart) = &mut parts.body
            && let Err(error) = multipart.add(name, part, options)
        {
            parts.fail(error);
        }
    }

    /// Ends the draft; the response is decoded in the given way.
    pub fn end<T, E>(self, end: End<T, E>) -> Call<T, E> {
        Call { state: State::of(self, end.value), error: end.error, typed: PhantomData }
    }

    /// The call of a refresh, for the session.
    pub fn renewal(self, tokens: TokensDecoder) -> RenewalCall {
        RenewalCall { parts: self.complete(), decode: tokens }
    }

    /// Checks the address as a whole, and ends the draft.
    pub(crate) fn complete(mut self) -> Box<Parts> {
        self.parts.check_path();
        if self.parts.endpoint.idempotency.is_some() {
            self.parts.make_key();
        }
        self.parts
    }
}

fn body(bytes: impl Into<Bytes>, media_type: MediaType) -> Body {
    Body::Bytes { bytes: bytes.into(), media_type: Some(media_type) }
}
