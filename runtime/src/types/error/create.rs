//! Creates errors: an error of a kind, and what is added to it on its way to the caller.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::words::Words;
use super::{BoxError, Error, ErrorKind, Inner, Quoting};
use crate::types::code::Code;
use crate::types::endpoint::Endpoint;
use crate::types::plain::plain;
use crate::types::response::RawResponse;
use crate::types::session_id::SessionId;

/// The maximum number of bytes that an error keeps of a response's body.
const KEPT_BODY: usize = 64 * 1024;

/// Whether errors say what to change in a declaration. A page that is released has no room for it.
pub(crate) const ADVISES: bool = cfg!(any(debug_assertions, not(target_family = "wasm")));

impl Error {
    /// Creates an error of this kind. It has no endpoint, and its `attempts()` is 0.
    #[must_use]
    pub fn of_kind(kind: ErrorKind) -> Self {
        Self {
            inner: Box::new(Inner {
                kind,
                endpoint: None,
                session: None,
                credential: None,
                attempts: 0,
                status: None,
                code: None,
                message: None,
                headers: None,
                body: Bytes::new(),
                retry_after: None,
                unsent: false,
                signed_out: false,
                help: None,
                address: None,
                says_source: true,
                source: None,
            }),
        }
    }

    /// Returns this error with a message, which [`message`](Error::message) returns. Control characters other than line
    /// breaks and tabs are escaped.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<Cow<'static, str>>) -> Self {
        self.inner.message = Some(plain(message.into()));
        self
    }

    /// Whether nothing of the request was sent, so that any request may be retried.
    pub(crate) fn is_unsent(&self) -> bool {
        self.inner.unsent
    }

    /// The error of a call whose user has changed; nobody is signed in now if the user `signed_out`.
    pub(crate) fn session_changed(signed_out: bool) -> Self {
        let mut error = Self::of_kind(ErrorKind::SessionChanged);
        error.inner.signed_out = signed_out;
        error
    }

    pub(crate) fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.inner.source = Some(Arc::from(source.into()));
        self
    }

    /// This error with a reason, if it has none.
    pub(crate) fn because(self, reason: String) -> Self {
        if self.inner.source.is_some() { self } else { self.with_source(reason) }
    }

    pub(crate) fn with_shared_source(mut self, source: Arc<Self>) -> Self {
        self.inner.retry_after = source.inner.retry_after;
        self.inner.source = Some(source);
        self
    }

    /// A copy of the failure, for another caller.
    pub(crate) fn shared(error: Arc<Self>) -> Self {
        match Arc::try_unwrap(error) {
            Ok(error) => error,
            Err(error) => {
                let Inner {
                    kind,
                    session,
                    credential,
                    status,
                    ref code,
                    ref message,
                    ref headers,
                    retry_after,
                    help,
                    ..
                } = *error.inner;
                let mut copy = Self::of_kind(kind).with_code(code.clone());
                copy.inner.session = session;
                copy.inner.credential = credential;
                copy.inner.status = status;
                copy.inner.retry_after = retry_after;
                copy.inner.help = help;
                copy.inner.signed_out = error.inner.signed_out;
                copy.inner.message.clone_from(message);
                copy.inner.headers.clone_from(headers);
                copy.inner.body = error.inner.body.clone();
                copy.inner.source.clone_from(&error.inner.source);
                copy.inner.says_source = error.inner.says_source;
                copy
            }
        }
    }

    /// This error, with its texts that come from a server changed, and plain.
    pub(crate) fn map_texts(mut self, change: impl Fn(&str) -> String) -> Self {
        if let Some(message) = &mut self.inner.message {
            *message = plain(Cow::Owned(change(message)));
        }
        if let Some(Code::Text(code)) = &mut self.inner.code {
            *code = plain(Cow::Owned(change(code)));
        }
        if let Some(address) = &mut self.inner.address {
            *address = change(address).into();
        }
        self
    }

    /// This error, with the text of its source in place of the source, if `change` changes any of that text.
    pub(crate) fn map_source(mut self, change: impl Fn(&str) -> String) -> Self {
        if let Some(source) = self.cause()
            && let Some(words) = Words::changed(source, &change)
        {
            self.inner.source = Some(Arc::new(words));
        }
        self
    }

    /// This error with a source that quotes text from a server: the text is shown as part of the error, where it is
    /// masked, and nowhere else.
    pub(crate) fn with_quoting_source(self, source: impl Into<BoxError>) -> Self {
        let source = source.into();
        let words = words_of(&*source);
        self.with_reason(words, Quoting(source))
    }

    /// This error with the text of a source of this type in place of the source, before the text that the error has.
    pub(crate) fn say_source<S: StdError + 'static>(
        mut self,
        say: impl FnOnce(&S) -> String,
    ) -> Self {
        let source = self.inner.source.as_deref();
        if let Some(said) = source.and_then(|source| source.downcast_ref()).map(say) {
            self.inner.source = None;
            self.inner.message = Some(match &self.inner.message {
                Some(words) => Cow::Owned(format!("{said}: {words}")),
                None => Cow::Owned(said),
            });
        }
        self
    }

    /// The response that the error keeps.
    pub(crate) fn as_raw(&self) -> Option<RawResponse<'_>> {
        let Inner { status, headers, body, .. } = &*self.inner;
        Some(RawResponse { status: (*status)?, headers: headers.as_ref()?, body })
    }

    /// The code of its envelope.
    pub(crate) fn raw_code(&self) -> Option<&Code<'static>> {
        self.inner.code.as_ref()
    }

    /// The address that was called. It contains no secret, or masks it.
    pub(crate) fn with_address(mut self, address: impl FnOnce() -> String) -> Self {
        self.inner.address.get_or_insert_with(|| address().into());
        self
    }

    /// A source whose root cause is shown instead of its own text, which may be that of ten layers.
    pub(crate) fn with_reason(mut self, reason: String, source: impl Into<BoxError>) -> Self {
        self.inner.message = Some(Cow::Owned(reason));
        self.inner.says_source = false;
        self.with_source(source)
    }

    /// This error with the address to which a redirect led.
    pub(crate) fn at_redirect(mut self, address: &str) -> Self {
        let led = format!("the redirect led to {address}");
        self.inner.message = Some(match &self.inner.message {
            Some(words) => Cow::Owned(format!("{led}: {words}")),
            None => Cow::Owned(led),
        });
        self
    }

    pub(crate) fn into_kind(mut self, kind: ErrorKind) -> Self {
        self.inner.kind = kind;
        self
    }

    pub(crate) fn of_session(mut self, session: SessionId, credential: &'static str) -> Self {
        self.inner.session = Some(session);
        self.inner.credential = Some(credential);
        self
    }

    pub(crate) fn with_endpoint(mut self, endpoint: &'static Endpoint) -> Self {
        self.inner.endpoint.get_or_insert(endpoint);
        self
    }

    pub(crate) fn with_attempts(mut self, attempts: u32) -> Self {
        self.inner.attempts = attempts;
        self
    }

    pub(crate) fn with_code(mut self, code: Option<Code<'static>>) -> Self {
        self.inner.code = code;
        self
    }

    pub(crate) fn with_retry_after(mut self, retry_after: Option<Duration>) -> Self {
        self.inner.retry_after = retry_after;
        self
    }

    /// Records that nothing of the request was sent.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) fn with_unsent(mut self, unsent: bool) -> Self {
        self.inner.unsent = unsent;
        self
    }

    /// Sets the help of the message, in place of the kind's own.
    #[inline]
    pub(crate) fn with_help(mut self, help: &'static str) -> Self {
        if ADVISES {
            self.inner.help = Some(help);
        }
        self
    }

    /// Sets the help of the message, if it has none of its own.
    #[inline]
    pub(crate) fn or_help(mut self, help: &'static str) -> Self {
        if ADVISES {
            self.inner.help.get_or_insert(help);
        }
        self
    }

    /// Keeps the response of the server.
    pub(crate) fn with_response(
        mut self,
        status: StatusCode,
        headers: &HeaderMap,
        body: &Bytes,
    ) -> Self {
        self.inner.status = Some(status);
        self.inner.headers = Some(headers.clone());
        self.inner.body = body.slice(..body.len().min(KEPT_BODY));
        self
    }
}

/// The texts of an error and of its sources, each once.
fn words_of(error: &(dyn StdError + 'static)) -> String {
    let mut words = error.to_string();
    let mut below = error.source();
    while let Some(error) = below {
        let more = error.to_string();
        if !words.contains(&more) {
            words.push_str(": ");
            words.push_str(&more);
        }
        below = error.source();
    }
    words
}

/// The errors that `?` converts.
impl<E: IntoError> From<E> for Error {
    fn from(error: E) -> Self {
        error.into_error()
    }
}

/// Errors of which one of a call can be created.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot become a `perennial::Error`, which is the error of a call",
    label = "return `Result<_, Box<dyn std::error::Error>>` or `anyhow::Result<_>` from the function",
    note = "in a fake, create the error of a call, as in `Error::of_status(404).with_message(\"..\")`"
)]
pub trait IntoError {
    /// The error of a call.
    fn into_error(self) -> Error;
}

/// The error of [`of_kind`](Error::of_kind), as of `std::io`.
#[diagnostic::do_not_recommend]
impl IntoError for ErrorKind {
    fn into_error(self) -> Error {
        Error::of_kind(self)
    }
}
