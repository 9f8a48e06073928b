//! A call that is being put together: each method takes one argument and encodes it at once.

mod address;

use bytes::Bytes;
use http::HeaderValue;

use super::body::{Multipart, Part, PartOptions, PartValue, RawBody, Repeatable};
use super::client::Client;
use super::encoded::{FormBody, JsonBody};
use super::output::{Streamed, TokensDecoder};
use super::parts::{Body, MediaType, Parts};
use super::renewal::RenewalCall;
use super::{Call, CallError, End, Returned};
use crate::logic::encode;
use crate::logic::values::{
    ExtensionValue, HeaderValueSource, HeadersSource, ListStyle, OptionalPathValue, PathValue,
    QueryValue, UrlValue, append_query,
};
use crate::types::endpoint::Endpoint;
use crate::types::error::Error;
pub(crate) use address::argument;
use address::undisplayed;
pub(super) use address::unfit;

/// A call that is being put together. An argument that cannot be sent becomes the error of the call.
#[must_use]
pub struct Draft {
    pub(crate) parts: Box<Parts>,
}

impl Draft {
    pub(crate) fn new(client: &Client, endpoint: &'static Endpoint) -> Self {
        Self { parts: Parts::new(client, endpoint) }
    }

    /// Literal text of the path, encoded as it must be.
    pub fn literal(mut self, text: &'static str) -> Self {
        self.parts.url.push_str(text);
        self
    }

    /// The value of `{name}`.
    pub fn segment<V: PathValue>(mut self, name: &'static str, value: &V) -> Self {
        self.parts.segment(name, value.as_display());
        self
    }

    /// The value of `{name?}`: a whole segment with its slash, or nothing.
    pub fn optional_segment<V: OptionalPathValue>(mut self, name: &'static str, value: &V) -> Self {
        if let Some(value) = value.as_optional() {
            self.parts.url.push('/');
            self.parts.segment(name, value);
        }
        self
    }

    /// The value of `{*name}`, which keeps its slashes.
    pub fn tail<V: PathValue>(mut self, name: &'static str, value: &V) -> Self {
        if let Err(error) = encode::tail(&mut self.parts.url, name, value.as_display()) {
            self.parts.fail(argument(error));
        }
        self
    }

    /// A query that stood in the path literal.
    pub fn literal_query(mut self, query: &'static str) -> Self {
        self.parts.start_query();
        self.parts.url.push_str(query);
        self
    }

    /// The absolute address of this call, instead of a path. The token goes along only to the
    /// client's own origin.
    pub fn url<V: UrlValue + ?Sized>(mut self, url: &V) -> Self {
        self.parts.leave_base(url.as_address());
        self
    }

    /// A query value: one, none or several.
    pub fn query<M, V: QueryValue<M> + ?Sized>(self, name: &'static str, value: &V) -> Self {
        self.query_list(name, value, ListStyle::Repeat)
    }

    /// A query value of several, joined in this way.
    pub fn query_list<M, V: QueryValue<M> + ?Sized>(
        mut self,
        name: &'static str,
        value: &V,
        style: ListStyle,
    ) -> Self {
        let Parts { url, has_query, .. } = &mut *self.parts;
        if append_query(url, has_query, name, value, style).is_err() {
            self.parts.fail(undisplayed(name));
        }
        self
    }

    /// The fields of a struct as query values.
    pub fn query_struct<V: FormBody + ?Sized>(mut self, value: &V) -> Self {
        self.parts.query_text(value.to_query());
        self
    }

    /// The fields of a struct as query values, nested ones in brackets.
    pub fn query_brackets<V: FormBody + ?Sized>(mut self, value: &V) -> Self {
        self.parts.query_text(value.to_brackets(None));
        self
    }

    /// The same, in brackets after a name.
    pub fn query_object<V: FormBody + ?Sized>(mut self, name: &'static str, value: &V) -> Self {
        self.parts.query_text(value.to_brackets(Some(name)));
        self
    }

    /// A query value in JSON; null is left out.
    pub fn query_json<V: JsonBody + ?Sized>(mut self, name: &'static str, value: &V) -> Self {
        match value.to_json() {
            Ok(json) if json == b"null" => self,
            Ok(json) => self.query(name, &*String::from_utf8_lossy(&json)),
            Err(error) => {
                self.parts.fail(argument(error));
                self
            }
        }
    }

    /// A query value that is the same for all calls.
    pub fn fixed_query(self, name: &'static str, value: &'static str) -> Self {
        self.query(name, value)
    }

    /// A query value that is computed for each call.
    pub fn computed_query<M, V: QueryValue<M>>(
        self,
        name: &'static str,
        value: impl FnOnce() -> V,
    ) -> Self {
        self.query(name, &value())
    }

    /// A header. Its name is in lower case.
    pub fn header<M, V: HeaderValueSource<M> + ?Sized>(
        mut self,
        name: &'static str,
        value: &V,
    ) -> Self {
        self.parts.header(name, value.header_value());
        self
    }

    /// Several headers.
    pub fn headers<V: HeadersSource + ?Sized>(mut self, headers: &V) -> Self {
        if let Some(headers) = headers.header_map() {
            let all = &mut self.parts.extras().headers;
            for name in headers.keys() {
                all.remove(name);
            }
            for (name, value) in headers {
                all.append(name.clone(), value.clone());
            }
        }
        self
    }

    /// A header that is the same for all calls.
    pub fn fixed_header(mut self, name: &'static str, value: &'static str) -> Self {
        self.parts.header(name, HeaderValue::from_str(value).map(Some));
        self
    }

    /// A header that is computed for each call.
    pub fn computed_header<M, V: HeaderValueSource<M>>(
        mut self,
        name: &'static str,
        value: impl FnOnce() -> V,
    ) -> Self {
        self.parts.header(name, value().header_value());
        self
    }

    /// The body, in JSON.
    pub fn json<V: JsonBody + ?Sized>(mut self, value: &V) -> Self {
        match value.to_json() {
            Ok(json) => self.parts.body = body(json, MediaType::Json),
            Err(error) => self.parts.fail(argument(error)),
        }
        self
    }

    /// The body, as a form.
    pub fn form<V: FormBody + ?Sized>(mut self, value: &V) -> Self {
        match value.to_form() {
            Ok(form) => self.parts.body = body(form, MediaType::Form),
            Err(error) => self.parts.fail(argument(error)),
        }
        self
    }

    /// The body, as a form with nested fields in brackets.
    pub fn form_brackets<V: FormBody + ?Sized>(mut self, value: &V) -> Self {
        match value.to_brackets(None) {
            Ok(form) => self.parts.body = body(form, MediaType::Form),
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

    /// One field of a form that is the same for all calls.
    pub fn fixed_field(self, name: &'static str, value: &'static str) -> Self {
        self.field(name, value)
    }

    /// One field of a form that is computed for each call.
    pub fn computed_field<M, V: QueryValue<M>>(
        self,
        name: &'static str,
        value: impl FnOnce() -> V,
    ) -> Self {
        self.field(name, &value())
    }

    /// One field of a form: one value, none or several.
    pub fn field<M, V: QueryValue<M> + ?Sized>(self, name: &'static str, value: &V) -> Self {
        self.field_list(name, value, ListStyle::Repeat)
    }

    /// One field of several values, joined in this way.
    pub fn field_list<M, V: QueryValue<M> + ?Sized>(
        mut self,
        name: &'static str,
        value: &V,
        style: ListStyle,
    ) -> Self {
        let mut form = String::new();
        let mut has_fields = match &self.parts.body {
            Body::Bytes { bytes, .. } => {
                form.push('?');
                form.push_str(&String::from_utf8_lossy(bytes));
                !bytes.is_empty()
            }
            _ => false,
        };
        if append_query(&mut form, &mut has_fields, name, value, style).is_err() {
            self.parts.fail(undisplayed(name));
        }
        self.parts.body = body(form.split_off(form.len().min(1)), MediaType::Form);
        self
    }

    /// A typed value for layers.
    pub fn extension<V: ExtensionValue>(mut self, value: V) -> Self {
        self.parts.extras().extensions.insert(value);
        self
    }

    /// A raw body of a call that may be sent again.
    pub fn body<V: RawBody + Repeatable<V::Times>>(self, value: V) -> Self {
        self.body_once(value)
    }

    /// A raw body of a call that is sent once.
    pub fn body_once<V: RawBody>(mut self, value: V) -> Self {
        self.parts.body = value.into_content().0;
        self
    }

    /// One part of a multipart body of a call that may be sent again: one, none or several.
    pub fn part<M, V: PartValue<M> + Repeatable<M>>(
        self,
        name: &'static str,
        value: V,
        options: PartOptions,
    ) -> Self {
        self.part_once(name, value, options)
    }

    /// The same of a call that is sent once.
    pub fn part_once<M, V: PartValue<M>>(
        mut self,
        name: &'static str,
        value: V,
        options: PartOptions,
    ) -> Self {
        let parts = &mut *self.parts;
        let mut multipart = match std::mem::replace(&mut parts.body, Body::None) {
            Body::Multipart(multipart) => multipart,
            _ => Box::new(Multipart::new()),
        };
        value.visit(&mut |part| {
            if let Err(fault) = multipart.add(name, part, options) {
                parts.fail(fault);
            }
        });
        parts.body = Body::Multipart(multipart);
        self
    }

    /// One part of a multipart body, in JSON.
    pub fn json_part<V: JsonBody + ?Sized>(
        mut self,
        name: &'static str,
        value: &V,
        options: PartOptions,
    ) -> Self {
        match value.to_json() {
            // `None` leaves a part out.
            Ok(json) if json == b"null" => self.part(name, None::<Part>, options),
            Ok(json) => {
                let part = Part::bytes(json);
                let options = options.or_mime("application/json");
                self.part(name, part, options)
            }
            Err(error) => {
                self.parts.fail(argument(error));
                self
            }
        }
    }

    /// The call, which ends in this way.
    pub fn end<T, E>(self, end: End<T, E>) -> Call<T, E> {
        Call::new(self.complete(), end)
    }

    /// The call of an endpoint that returns a stream.
    pub fn stream<R: Returned, K>(self, kind: K) -> R::Call
    where
        R::Way: Streamed<R, K>,
        R::Error: CallError,
    {
        self.mapped_stream::<R, K>(kind, CallError::from_call)
    }

    /// The same, where failures become variants of the user's own error.
    pub fn mapped_stream<R: Returned, K>(self, _: K, error: fn(Error) -> R::Error) -> R::Call
    where
        R::Way: Streamed<R, K>,
    {
        R::Way::streamed(self.complete(), error)
    }

    /// The call of a refresh, as the session makes it.
    pub fn renewal(self, tokens: TokensDecoder) -> RenewalCall {
        RenewalCall { parts: self.complete(), decode: tokens.0 }
    }

    /// Looks at the address as a whole.
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
