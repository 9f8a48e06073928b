//! The tokens of a session.

mod basic;
mod decode;
mod end;
mod extra;
pub(crate) mod other_names;
mod refresh_token;
mod token_key;

use std::fmt;
use std::time::{Duration, SystemTime};

use bytes::Bytes;

use super::secret::Hidden;
pub use basic::BasicAuth;
#[cfg(feature = "serve")]
pub use decode::GrantedKind;
pub(crate) use decode::{Loose, TokenResponse, Written, names_token};
use end::{End, PackedEnd};
pub use refresh_token::{RefreshToken, RefreshTokenOfAText};
pub use token_key::TokenKey;

include!("tokens/never.rs");

/// The scheme in front of the access token in its buffer.
pub(crate) const BEARER: &str = "Bearer ";
/// The name under which the address of the API is kept.
const BASE: &str = "base";

/// The result of a login or a refresh: an access token, perhaps a refresh token, perhaps a lifetime.
///
/// It can be decoded from the responses of most servers. The access token is read from `access_token`, `accessToken`,
/// `token` or `jwt`, the refresh token from `refresh_token` or `refreshToken`, and the lifetime in seconds from
/// `expires_in`, `expiresIn` or `expire`, in milliseconds from `expires_in_ms` or `expires`, or as a point in time from
/// `expires_at`, `expires_on`, `expiresTime` or `exp`. The name determines the unit. As an exception, a lifetime of
/// more than 31 years is read as a point in time. A date in the form of RFC 3339 or of HTTP is a point in time under
/// each of these names. A bare string is the access token. A lifetime that cannot be read counts as unknown. For any
/// other shape, implement [`IntoTokens`] for your own type.
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
    /// `Bearer <access>`, for the header with and without the scheme, followed by what [`extra`] writes. Very many idle
    /// sessions keep it, so it is one buffer and not two.
    text: Bytes,
    /// Where the access token ends in it.
    access_end: u32,
    end: PackedEnd,
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

impl Tokens {
    /// Creates tokens from an access token of unknown lifetime.
    #[must_use]
    pub fn new(access: impl Into<String>) -> Self {
        Self::of(&access.into(), "", End::Unknown.pack())
    }

    fn of(access: &str, extra: &str, end: PackedEnd) -> Self {
        // No header carries a token of four gigabytes: it is as good as an empty one, which is not usable either.
        let (access, length) = match u32::try_from(BEARER.len() + access.len()) {
            Ok(length) => (access, length),
            Err(_) => ("", BEARER.len() as u32),
        };
        let mut text = String::with_capacity(length as usize + extra.len());
        text.push_str(BEARER);
        text.push_str(access);
        text.push_str(extra);
        Self { text: Bytes::from(text), access_end: length, end }
    }

    /// These tokens with other values besides the access token.
    fn beside<'a>(
        &'a self,
        refresh: Option<&'a str>,
        others: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        Self::of(self.access(), &extra::write(refresh, others), self.end)
    }

    /// Adds a refresh token. An empty one is ignored, and so is the text that programs write for a missing value, such as
    /// `null` or `undefined`.
    #[must_use]
    pub fn with_refresh(self, refresh: impl Into<String>) -> Self {
        let refresh = refresh.into();
        self.beside(Some(&*refresh).filter(|refresh| !is_missing(refresh)), self.extras())
    }

    /// Adds another value that came with the tokens, such as a tenant. The value is saved in the store with the tokens,
    /// kept by refreshes that return no new value, and masked in `Debug`. If a name is used twice, the last value is
    /// kept.
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
    pub fn with_extra(self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        let (name, value) = (name.as_ref(), value.as_ref());
        let others = self.extras().filter(|(other, _)| *other != name);
        self.beside(self.refresh(), others.chain([(name, value)]))
    }

    /// Sets the URL of the API for these tokens, which some servers return with them. Calls that carry the token are
    /// sent there instead of to the builder's base URL; the declared `base` is appended to it. It is stored as the
    /// [`extra`](Tokens::extra) `base`.
    #[must_use]
    pub fn with_base(self, address: impl AsRef<str>) -> Self {
        self.with_extra(BASE, address)
    }

    /// These tokens without a URL of the API.
    pub(crate) fn without_base(self) -> Self {
        self.beside(self.refresh(), self.extras().filter(|(name, _)| *name != BASE))
    }

    /// Sets the lifetime, counted from just before the request was sent.
    #[must_use]
    pub fn expires_in(mut self, lifetime: Duration) -> Self {
        self.end = End::lasting(lifetime).pack();
        self
    }

    /// Sets the point in time at which the access token expires.
    #[must_use]
    pub fn expires_at(mut self, end: SystemTime) -> Self {
        self.end = End::at(end).pack();
        self
    }

    /// These tokens with another access token, of unknown lifetime.
    pub(crate) fn with_access(&self, access: &str) -> Self {
        Self::of(access, text(self.rest()), End::Unknown.pack())
    }

    /// The access token.
    #[must_use]
    pub fn access(&self) -> &str {
        text(&self.text[BEARER.len()..self.access_end as usize])
    }

    /// The values that came with the access token, as [`extra`] writes them.
    fn rest(&self) -> &[u8] {
        &self.text[self.access_end as usize..]
    }

    /// The refresh token, if there is one.
    #[must_use]
    pub fn refresh(&self) -> Option<&str> {
        extra::refresh(self.rest())
    }

    /// The extra value that came with the tokens under this name; see [`with_extra`](Tokens::with_extra).
    #[must_use]
    pub fn extra(&self, name: &str) -> Option<&str> {
        self.extras().find(|(other, _)| *other == name).map(|(_, value)| value)
    }

    /// The names and values of the extra values that came with the tokens, for a store that saves them.
    pub fn extras(&self) -> impl Iterator<Item = (&str, &str)> {
        extra::others(self.rest())
    }

    /// The URL of the API; see [`with_base`](Tokens::with_base).
    #[must_use]
    pub fn base(&self) -> Option<&str> {
        self.extra(BASE)
    }

    /// The token that a refresh presents: the refresh token, or the access token if there is no refresh token.
    pub(crate) fn presented(&self) -> &str {
        self.refresh().unwrap_or_else(|| self.access())
    }

    /// These tokens. If they lack a refresh token or an extra value, it is taken from `old`.
    pub(crate) fn completed_by(self, old: &Self) -> Self {
        let kept = old.extras().filter(|(name, _)| self.extra(name).is_none());
        self.beside(self.refresh().or(old.refresh()), kept.chain(self.extras()))
    }

    /// These tokens with this expiry, or an unknown one.
    pub(crate) fn expiring(mut self, end: Option<SystemTime>) -> Self {
        self.end = end.map_or(End::Unknown, End::at).pack();
        self
    }

    /// These tokens with a lifetime that could not be read.
    #[cfg(feature = "oauth2")]
    pub(crate) fn expiring_unreadably(mut self) -> Self {
        self.end = End::Unreadable.pack();
        self
    }

    /// When the access token expires; `None` if the expiry is unknown.
    #[must_use]
    pub fn expiry(&self) -> Option<Expiry> {
        self.end.unpack().expiry()
    }

    /// Whether the access token can be sent: it is not blank, it is not the text for a missing value, such as `null` or
    /// `undefined`, and it can be the value of a header.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.unusable().is_none()
    }

    /// Why the access token cannot be sent, if it cannot.
    pub(crate) fn unusable(&self) -> Option<&'static str> {
        let access = self.access();
        if access.trim_ascii().is_empty() {
            Some("the access token is empty")
        } else if is_missing(access) {
            Some("the access token is the text for a missing value, such as `null` or `undefined`")
        } else if http::HeaderValue::from_bytes(access.as_bytes()).is_err() {
            Some("the access token has a line break or another character that no header can carry")
        } else {
            None
        }
    }

    /// Whether there was a lifetime that could not be read.
    pub(crate) fn expiry_unreadable(&self) -> bool {
        matches!(self.end.unpack(), End::Unreadable)
    }

    /// `Bearer <access>`, without a copy. Some servers and programs write the scheme before the token already.
    pub(crate) fn authorization(&self) -> Bytes {
        let raw = self.raw();
        match has_scheme(&raw, BEARER.trim_ascii_end()) {
            true => raw,
            false => self.text.slice(..self.access_end as usize),
        }
    }

    /// The access token alone, without a copy.
    pub(crate) fn raw(&self) -> Bytes {
        self.text.slice(BEARER.len()..self.access_end as usize)
    }
}

/// Whether a value is empty, or the text that programs write for a missing one.
pub(crate) fn is_missing(text: &str) -> bool {
    const NONE: [&str; 9] =
        ["null", "undefined", "none", "nil", "nan", "false", "deleted", "\"\"", "''"];
    text.is_empty() || NONE.iter().any(|none| text.eq_ignore_ascii_case(none))
}

/// Whether a token has its scheme before it, the case of which does not matter (RFC 9110, section 11.1).
pub(crate) fn has_scheme(token: &[u8], scheme: &str) -> bool {
    let word = token.get(..scheme.len());
    token.get(scheme.len()) == Some(&b' ')
        && word.is_some_and(|word| word.eq_ignore_ascii_case(scheme.as_bytes()))
}

/// A part of a buffer that was made from whole strings.
fn text(part: &[u8]) -> &str {
    std::str::from_utf8(part).expect("it was made from a string")
}

/// Equal tokens with an equal lifetime. A lifetime that could not be read is an unknown one.
impl PartialEq for Tokens {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
            && self.access_end == other.access_end
            && self.expiry() == other.expiry()
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

    /// The tokens in the response, or `None` if it signs nobody in; see [`Login`](crate::Login).
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
