//! The tokens of a session.

mod basic;
mod decode;
mod extra;
mod refresh_token;
mod token_key;

use std::fmt;
use std::time::{Duration, SystemTime};

use bytes::Bytes;

use super::secret::Hidden;
pub use basic::BasicAuth;
pub(crate) use decode::{Loose, TokenResponse, Written};
use extra::Extra;
pub use refresh_token::RefreshToken;
pub use token_key::TokenKey;

/// The scheme in front of the access token in its buffer.
pub(crate) const BEARER: &str = "Bearer ";
/// The name under which the address of the API is kept.
const BASE: &str = "base";

/// The result of a login or a refresh: an access token, perhaps a refresh token, perhaps a lifetime.
///
/// It can be decoded from the responses of most servers. The access token is read from `access_token`,
/// `accessToken`, `token` or `jwt`, the refresh token from `refresh_token` or `refreshToken`, and the lifetime in
/// seconds from `expires_in`, `expiresIn` or `expire`, in milliseconds from `expires_in_ms` or `expires`, or as a
/// point in time from `expires_at`, `expires_on`, `expiresTime` or `exp`. The name determines the unit, whatever
/// the size of the number; only a lifetime of more than 31 years is taken for a point in time. A date in the form
/// of RFC 3339 or of HTTP is a point in time under each of these names. A string alone is the access token. A
/// lifetime that cannot be read counts as unknown. For any other shape, implement [`IntoTokens`] for your own type.
///
/// `Debug` shows no token.
///
/// ```
/// use std::time::Duration;
/// use perennial::Tokens;
///
/// let tokens = Tokens::new("abc").with_refresh("def").expires_in(Duration::from_secs(7200));
/// assert_eq!(tokens.access(), "abc");
/// assert!(!format!("{tokens:?}").contains("abc"));
/// ```
#[derive(Clone)]
pub struct Tokens {
    /// `Bearer <access>`: one buffer for the header, with and without the scheme.
    bearer: Bytes,
    extra: Option<Extra>,
    end: End,
}

/// When an access token expires.
///
/// ```
/// use std::time::Duration;
///
/// use perennial::{Expiry, Tokens};
///
/// let tokens = Tokens::new("token").expires_in(Duration::from_secs(3600));
/// assert_eq!(tokens.expiry(), Some(Expiry::In(Duration::from_secs(3600))));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Expiry {
    /// After this time, counted from the request that returned the token. Only the client's clock matters.
    In(Duration),
    /// At this point in time, by the server's clock.
    At(SystemTime),
}

/// The expiry, as far as it is known. The times are stored in parts rather than in their own types, which makes
/// this a third smaller in every idle session.
#[derive(Clone, Copy)]
enum End {
    Unknown,
    /// There was a lifetime that could not be read.
    Unreadable,
    In {
        seconds: u64,
        nanos: u32,
    },
    /// Since the Unix epoch; the nanoseconds always count forward.
    At {
        seconds: i64,
        nanos: u32,
    },
}

impl Tokens {
    /// An access token alone, of unknown lifetime.
    #[must_use]
    pub fn new(access: impl Into<String>) -> Self {
        let access = access.into();
        let mut bearer = String::with_capacity(BEARER.len() + access.len());
        bearer.push_str(BEARER);
        bearer.push_str(&access);
        Self { bearer: Bytes::from(bearer), extra: None, end: End::Unknown }
    }

    /// Adds a refresh token. An empty one is ignored.
    #[must_use]
    pub fn with_refresh(mut self, refresh: impl Into<String>) -> Self {
        let refresh = refresh.into();
        let refresh = Some(&*refresh).filter(|refresh| !refresh.is_empty());
        self.extra = Extra::new(refresh, self.extras());
        self
    }

    /// Adds another value that came with the tokens, such as a tenant. It is saved in the store with them, kept by
    /// refreshes that return no new value, and masked in `Debug`. If a name is used twice, the last value is kept.
    ///
    /// ```
    /// use perennial::{IntoTokens, Tokens};
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Granted { access_token: String, tenant: String }
    ///
    /// impl IntoTokens for Granted {
    ///     fn into_tokens(self) -> Tokens {
    ///         Tokens::new(self.access_token).with_extra("tenant", self.tenant)
    ///     }
    /// }
    ///
    /// let granted = Granted { access_token: "abc".into(), tenant: "eu-5".into() };
    /// assert_eq!(granted.into_tokens().extra("tenant"), Some("eu-5"));
    /// ```
    #[must_use]
    pub fn with_extra(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        let (name, value) = (name.as_ref(), value.as_ref());
        let others = self.extras().filter(|(other, _)| *other != name);
        self.extra = Extra::new(self.refresh(), others.chain([(name, value)]));
        self
    }

    /// Sets the address of the API for these tokens, which some servers return with them. Calls that carry the
    /// token are sent there instead of to the builder's base URL; the declared `base` is kept below it. It is
    /// stored as the [`extra`](Tokens::extra) `base`.
    #[must_use]
    pub fn with_base(self, address: impl AsRef<str>) -> Self {
        self.with_extra(BASE, address)
    }

    /// The same without an address of the API.
    pub(crate) fn without_base(mut self) -> Self {
        self.extra = Extra::new(self.refresh(), self.extras().filter(|(name, _)| *name != BASE));
        self
    }

    /// Sets the lifetime, which counts from the moment before the request was sent.
    #[must_use]
    pub fn expires_in(mut self, lifetime: Duration) -> Self {
        self.end = End::In { seconds: lifetime.as_secs(), nanos: lifetime.subsec_nanos() };
        self
    }

    /// Sets the point in time at which the access token expires.
    #[must_use]
    pub fn expires_at(mut self, end: SystemTime) -> Self {
        self.end = End::at(end);
        self
    }

    /// The same with another access token of unknown lifetime.
    pub(crate) fn with_access(&self, access: &str) -> Self {
        Self { extra: self.extra.clone(), ..Self::new(access) }
    }

    /// The access token.
    #[must_use]
    pub fn access(&self) -> &str {
        std::str::from_utf8(&self.bearer[BEARER.len()..]).expect("it was made from a string")
    }

    /// The refresh token, if there is one.
    #[must_use]
    pub fn refresh(&self) -> Option<&str> {
        self.extra.as_ref()?.refresh()
    }

    /// The extra value that came with the tokens under this name; see [`with_extra`](Tokens::with_extra).
    #[must_use]
    pub fn extra(&self, name: &str) -> Option<&str> {
        self.extra.as_ref()?.others().find(|(other, _)| *other == name).map(|(_, value)| value)
    }

    /// The names and values of the extra values that came with the tokens, for a store that saves them.
    pub fn extras(&self) -> impl Iterator<Item = (&str, &str)> {
        self.extra.iter().flat_map(Extra::others)
    }

    /// The address of the API; see [`with_base`](Tokens::with_base).
    #[must_use]
    pub fn base(&self) -> Option<&str> {
        self.extra(BASE)
    }

    /// The token that a refresh presents: the refresh token, or the access token if there is no refresh token.
    pub(crate) fn presented(&self) -> &str {
        self.refresh().unwrap_or_else(|| self.access())
    }

    /// The same tokens. If they lack a refresh token or an extra value, it is taken from `old`.
    pub(crate) fn completed_by(mut self, old: &Self) -> Self {
        let kept = old.extras().filter(|(name, _)| self.extra(name).is_none());
        let refresh = self.refresh().or(old.refresh());
        self.extra = Extra::new(refresh, kept.chain(self.extras()));
        self
    }

    /// The same, with this expiry, or an unknown one.
    pub(crate) fn expiring(mut self, end: Option<SystemTime>) -> Self {
        self.end = end.map_or(End::Unknown, End::at);
        self
    }

    /// The same, with a lifetime that could not be read.
    #[cfg(feature = "oauth2")]
    pub(crate) fn expiring_unreadably(mut self) -> Self {
        self.end = End::Unreadable;
        self
    }

    /// When the access token expires; `None` if that is unknown.
    #[must_use]
    pub fn expiry(&self) -> Option<Expiry> {
        match self.end {
            End::Unknown | End::Unreadable => None,
            End::In { seconds, nanos } => Some(Expiry::In(Duration::new(seconds, nanos))),
            End::At { seconds, nanos } => {
                let whole = Duration::from_secs(seconds.unsigned_abs());
                let whole = if seconds < 0 {
                    SystemTime::UNIX_EPOCH.checked_sub(whole)
                } else {
                    SystemTime::UNIX_EPOCH.checked_add(whole)
                };
                whole?.checked_add(Duration::from_nanos(nanos.into())).map(Expiry::At)
            }
        }
    }

    /// Whether the access token can be sent: it is not blank, and can be the value of a header.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        let access = &self.bearer[BEARER.len()..];
        !access.trim_ascii().is_empty() && http::HeaderValue::from_bytes(access).is_ok()
    }

    /// Whether there was a lifetime that could not be read.
    pub(crate) fn expiry_unreadable(&self) -> bool {
        matches!(self.end, End::Unreadable)
    }

    /// `Bearer <access>`, without a copy.
    pub(crate) fn authorization(&self) -> Bytes {
        self.bearer.clone()
    }

    /// The access token alone, without a copy.
    pub(crate) fn raw(&self) -> Bytes {
        self.bearer.slice(BEARER.len()..)
    }
}

impl End {
    fn at(end: SystemTime) -> Self {
        let since = |seconds: u64| i64::try_from(seconds).unwrap_or(i64::MAX);
        match end.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => Self::At { seconds: since(after.as_secs()), nanos: after.subsec_nanos() },
            Err(before) => {
                let before = before.duration();
                let (seconds, nanos) = match before.subsec_nanos() {
                    0 => (-since(before.as_secs()), 0),
                    nanos => (-since(before.as_secs()) - 1, 1_000_000_000 - nanos),
                };
                Self::At { seconds, nanos }
            }
        }
    }
}

/// Equal tokens with an equal lifetime. A lifetime that could not be read is an unknown one.
impl PartialEq for Tokens {
    fn eq(&self, other: &Self) -> bool {
        self.bearer == other.bearer && self.extra == other.extra && self.expiry() == other.expiry()
    }
}

impl Eq for Tokens {}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("access", &Hidden)
            .field("refresh", &self.refresh().map(|_| Hidden))
            .field("expiry", &self.expiry())
            .finish()
    }
}

/// Converts the response to a login or a refresh into tokens.
///
/// ```
/// use perennial::{IntoTokens, Tokens};
///
/// #[derive(serde::Deserialize)]
/// struct Session { jeton: String }
///
/// impl IntoTokens for Session {
///     fn into_tokens(self) -> Tokens {
///         Tokens::new(self.jeton)
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot become the tokens of a session",
    label = "expected `Tokens` or the access token as a string",
    note = "write `Tokens::new(access)`, or implement `perennial::IntoTokens` for `{Self}`"
)]
pub trait IntoTokens {
    /// The tokens in the response.
    fn into_tokens(self) -> Tokens;

    /// The same, or `None` if the response signs nobody in; see [`Login`](crate::Login).
    fn into_login(self) -> Option<Tokens>
    where
        Self: Sized,
    {
        Some(self.into_tokens())
    }
}

impl IntoTokens for Tokens {
    fn into_tokens(self) -> Tokens {
        self
    }
}

/// The access token alone.
impl IntoTokens for String {
    fn into_tokens(self) -> Tokens {
        Tokens::new(self)
    }
}

/// The access token alone.
impl IntoTokens for &str {
    fn into_tokens(self) -> Tokens {
        Tokens::new(self)
    }
}

#[cfg(test)]
mod tests;
