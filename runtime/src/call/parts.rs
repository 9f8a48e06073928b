//! A call with encoded arguments: the parts from which every attempt is built.

mod body;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use http::{Extensions, HeaderMap, HeaderName, HeaderValue};
use sync_wrapper::SyncWrapper;

use super::body::Watcher;
use super::client::Client;
use super::sink::{Sink, Value};
use crate::logic::redirect::Turned;
use crate::ports::random::random;
use crate::session::{CallAuth, Session};
use crate::types::endpoint::{Endpoint, Host, Replay, Retry};
use crate::types::error::{Error, ErrorKind};
use crate::types::url::Url;
pub(crate) use body::{Body, BuildBody, BuildParts, BuiltBody, Content, MediaType};

/// A call that borrows nothing. It is boxed from the start, since it is passed from one builder method to the next,
/// and small values are cheap to pass on.
pub struct Parts {
    pub(crate) client: Client,
    pub(crate) endpoint: &'static Endpoint,
    /// Identifies the call; 0 as long as nothing observes it.
    pub(crate) id: u64,
    pub(crate) auth: CallAuth,
    pub(crate) progress: Progress,
    pub(crate) sink: Sink,
    /// The address. It starts with the base and grows.
    pub(crate) url: String,
    /// The length of the prefix that the address from the tokens may replace.
    pub(crate) replaceable: u32,
    /// Whether the address has another origin than the client, and gets no token.
    pub(crate) is_foreign: bool,
    /// Whether it has another origin, and gets only tokens that came with an address there.
    pub(crate) is_away: bool,
    /// Whether the address has a query yet.
    pub(crate) has_query: bool,
    pub(crate) body: Body,
    /// Parts that few calls have.
    pub(crate) extras: Option<Box<Extras>>,
}

/// The progress of a call.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// How often it was sent.
    pub(crate) attempts: u32,
    /// Retries after a transport failure.
    pub(crate) retries: u32,
    /// Whether it is being sent, and not waiting.
    pub(crate) sending: bool,
    /// Whether its last attempt was caused by a proof's nonce.
    pub(crate) sent_for_nonce: bool,
    /// The credential whose token had expired, until the call is replayed.
    pub(crate) expired: Option<u8>,
    /// The generation of that token.
    pub(crate) generation: u32,
}

#[derive(Default)]
pub(crate) struct Extras {
    pub(crate) headers: HeaderMap,
    pub(crate) extensions: Extensions,
    /// `Some(None)`: switched off for this call.
    pub(crate) timeout: Option<Option<Duration>>,
    pub(crate) retry: Option<Option<Retry>>,
    /// The declared media type, for a body that names none itself.
    pub(crate) media_type: Option<&'static str>,
    /// The secret parts of the address, in order.
    pub(crate) secrets: Vec<Secret>,
    /// A value in the body is secret, so the whole body is not shown.
    pub(crate) hides_body: bool,
    /// The body is compressed.
    #[cfg(feature = "gzip-requests")]
    pub(crate) gzip: bool,
    /// A stream of events ends with its connection.
    pub(crate) stays_disconnected: bool,
    /// The idempotency key was generated here, so another call gets another key.
    pub(crate) makes_key: bool,
    /// Receives the progress of the body.
    pub(crate) on_upload: Option<Watcher>,
    /// The first invalid argument.
    pub(crate) argument_error: Option<Error>,
    /// The request that a redirect has made of the call. Later attempts start with it.
    pub(crate) turned: Option<Box<Turned>>,
    /// The next token that a redirect brought, until the attempt has ended.
    pub(crate) pushed: Option<Pushed>,
    /// For a login: the slot, the epoch and the time of the request.
    pub(crate) login: Option<(usize, u32, SystemTime)>,
    /// The value that collects parts of the response. It need not be `Sync`, although the call is.
    pub(crate) gathers: SyncWrapper<Option<Value>>,
}

/// The next token of a credential.
pub(crate) struct Pushed {
    pub(crate) slot: usize,
    pub(crate) token: String,
    /// Whether it is used only if the server accepts it: servers start an anonymous session with a cookie.
    pub(crate) is_cookie: bool,
}

/// A secret part of an address, as it was encoded.
pub(crate) struct Secret {
    /// Its position in the address of the call; `None` if it was in one to which a redirect led.
    pub(crate) at: Option<usize>,
    pub(crate) text: Box<str>,
}

static CALLS: AtomicU64 = AtomicU64::new(1);

impl Parts {
    pub(crate) fn new(client: &Client, endpoint: &'static Endpoint) -> Box<Self> {
        let base = client.base_of(endpoint);
        let is_foreign = endpoint.host != Host::Own && !client.is_own(base);
        let mut url = String::with_capacity(base.len() + endpoint.path.len() + 32);
        url.push_str(base);
        let id = if client.core().observed { CALLS.fetch_add(1, Ordering::Relaxed) } else { 0 };
        Box::new(Self {
            client: client.clone(),
            endpoint,
            id,
            auth: CallAuth::new(client.session()),
            progress: Progress::default(),
            sink: Sink::default(),
            url,
            replaceable: if endpoint.host == Host::Own { client.core().given } else { 0 },
            is_foreign,
            is_away: false,
            has_query: false,
            body: Body::None,
            extras: None,
        })
    }

    pub(crate) fn extras(&mut self) -> &mut Extras {
        self.extras.get_or_insert_default()
    }

    pub(crate) fn fail(&mut self, error: Error) {
        self.extras().argument_error.get_or_insert(error);
    }

    pub(crate) fn has_argument_error(&self) -> bool {
        self.extras.as_ref().is_some_and(|extras| extras.argument_error.is_some())
    }

    pub(crate) fn take_argument_error(&mut self) -> Option<Error> {
        self.extras.as_mut()?.argument_error.take()
    }

    /// Sets an address instead of a path. A token is sent only to the client's own origin, and to the origin of the
    /// address that came with it.
    pub(crate) fn leave_base(&mut self, address: &str) {
        // An address without a host is relative to the base, as the `Location` of a response often is.
        let absolute = Url::parse(address);
        let is_absolute = absolute.is_ok();
        let parsed = absolute.or_else(|_| {
            let base = self.client.base();
            Url::parse(&format!("{}/", base.trim_end_matches('/')))?.join(address)
        });
        match parsed {
            Ok(url) if !url.username().is_empty() || url.password().is_some() => self.fail(
                Error::of_kind(ErrorKind::Argument)
                    .with_message("the address has a user name or a password"),
            ),
            Ok(url) if matches!(url.scheme(), "http" | "https") => {
                self.place(&url);
                self.has_query = url.query().is_some();
                self.go_to(url.as_str().split('#').next().unwrap_or_default().to_owned());
                if is_absolute {
                    self.replaceable = 0;
                }
            }
            _ => self.fail(
                Error::of_kind(ErrorKind::Argument)
                    .with_message("the address is not an http(s) URL"),
            ),
        }
    }

    /// Moves the call to another address. The prefix that the tokens may replace stays, as far as both addresses
    /// share it.
    pub(crate) fn go_to(&mut self, url: String) {
        let begins_alike = |start: &str| {
            url.strip_prefix(start)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
        };
        if !begins_alike(&self.url[..self.replaceable as usize]) {
            self.replaceable = 0;
        }
        self.url = url;
    }

    /// The id of this call, for an observer that needs it from now on.
    pub(crate) fn number(&mut self) -> u64 {
        if self.id == 0 {
            self.id = CALLS.fetch_add(1, Ordering::Relaxed);
        }
        self.id
    }

    /// Prepares another call with the same arguments: the next page, or the rest of a stream.
    pub(crate) fn begin_again(&mut self) {
        if self.client.core().observed {
            self.id = CALLS.fetch_add(1, Ordering::Relaxed);
        }
        if self.extras.as_ref().is_some_and(|extras| extras.makes_key) {
            self.make_key();
        }
    }

    /// Gives the call an idempotency key, by which the server recognizes its attempts as one call.
    pub(crate) fn make_key(&mut self) {
        let Some(name) = self.endpoint.idempotency else { return };
        let Ok(name) = HeaderName::try_from(name) else { return };
        let extras = self.extras();
        if extras.makes_key || !extras.headers.contains_key(&name) {
            extras.makes_key = true;
            extras.headers.insert(name, idempotency_key());
        }
    }

    /// Makes the call for another user, who is signed in to this session.
    pub(crate) fn change_session(&mut self, session: &Session) {
        // A call with a token key uses the same key in the other session.
        self.client = match self.client.session().key() {
            Some((index, key)) => self.client.in_session(&session.of_key(index, &key)),
            None => self.client.in_session(session),
        };
        self.auth = CallAuth::new(self.client.session());
        if (self.is_foreign || self.is_away)
            && self.endpoint.host == Host::Own
            && let Ok(url) = Url::parse(&self.url)
        {
            self.place(&url);
        }
    }

    pub(crate) fn timeout(&self) -> Option<Duration> {
        match self.extras.as_ref().and_then(|extras| extras.timeout) {
            Some(limit) => limit,
            None => self.endpoint.timeouts.total,
        }
    }

    pub(crate) fn retry(&self) -> Option<Retry> {
        match self.extras.as_ref().and_then(|extras| extras.retry) {
            Some(retry) => retry,
            None => self.endpoint.retry,
        }
    }

    /// The request that a redirect has made of the call.
    pub(crate) fn turned(&self) -> Option<&Turned> {
        self.extras.as_ref()?.turned.as_deref()
    }

    /// Whether a redirect has turned the call into a request for its result, which returns the result whenever it
    /// is sent.
    pub(crate) fn may_follow_again(&self) -> bool {
        self.turned().is_none_or(|turned| turned.is_result)
    }

    /// Whether the next request may be sent twice without harm (RFC 9110, section 9.2.2).
    pub(crate) fn is_idempotent(&self) -> bool {
        self.endpoint.idempotent
            || self.turned().is_some()
            || matches!(
                self.endpoint.method,
                "GET" | "HEAD" | "OPTIONS" | "TRACE" | "QUERY" | "PUT" | "DELETE"
            )
    }

    /// Whether the call may be replayed after a refresh.
    pub(crate) fn replays(&self) -> bool {
        let wanted = match self.endpoint.replay {
            Replay::Always => true,
            Replay::Idempotent => self.is_idempotent(),
            Replay::Off => false,
        };
        match self.turned() {
            Some(turned) => wanted && turned.is_result,
            None => wanted && self.body.is_repeatable(),
        }
    }
}

/// A random UUID (RFC 9562, section 5.4).
fn idempotency_key() -> HeaderValue {
    let (high, low) = (random(), random());
    let version = (high & 0x0fff) | 0x4000;
    let variant = (low >> 48 & 0x3fff) | 0x8000;
    let key = format!(
        "{:08x}-{:04x}-{version:04x}-{variant:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        low & 0xffff_ffff_ffff
    );
    HeaderValue::try_from(key).expect("hexadecimal digits can stand in a header")
}
