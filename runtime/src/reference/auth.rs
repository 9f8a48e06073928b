/// `name = "device"`: the name of a credential. Each `auth(..)` but the first needs one.
pub mod name {}
/// `oauth2`: sends the tokens of an OAuth 2 server and interprets responses as RFC 6750 specifies: `bearer`,
/// `expired(status = 401, header("WWW-Authenticate", contains = "invalid_token"))` and `insufficient_scope(status =
/// 403, header("WWW-Authenticate", contains = "insufficient_scope"))`.
///
/// If a server differs, write an option after `oauth2` to replace one of the three: `auth(oauth2, expired(status =
/// 401))`. No `refresh` method is needed, since `ClientBuilder::oauth2` (feature `oauth2`) refreshes the tokens.
///
/// ```
/// use perennial::{Result, api_client};
///
/// #[api_client(auth(oauth2))]
/// trait Shop {
///     #[get("/orders")]
///     async fn orders(&self) -> Result<Vec<u64>>;
/// }
/// ```
pub mod oauth2 {}
/// `bearer`: `Authorization: Bearer <token>`. The default.
pub mod bearer {}
/// `header = "X-Token"`: the token in a header of this name.
pub mod header {}
/// `scheme = "Token"`: the word before the token, in `Authorization` or in the header of `header = ..`.
pub mod scheme {}
/// `query = "access_token"`: the token as a query value. URLs end up in logs, so this causes a warning unless it is
/// allowed by `allow(token_in_query)`.
pub mod query {}
/// `basic`: `Authorization: Basic <token>`, for [`Tokens::basic`](crate::Tokens::basic), a user name and a password.
pub mod basic {}
/// `cookie = "session"`: the token as a cookie, together with those of the call. `tokens(access = cookie("session"))` takes
/// it from a login.
pub mod cookie {}
/// `field = "api_token"`: the token as a field of the form or of the JSON object. For a call without a body, a form
/// is created if its verb allows one; every other call carries the token as a query value, which causes a warning
/// unless it is allowed by `allow(token_in_query)`.
pub mod field {}
/// `expired(..)`: a response that means that the token has expired: refresh, then replay. A [`rule`](super::rule);
/// several are alternatives.
pub mod expired {}
/// `logout(..)`: a response that ends the session without a refresh. A [`rule`](super::rule).
pub mod logout {}
/// `insufficient_scope(..)`: a response that means that the token lacks a scope that the call needs. It starts no
/// refresh, and the error has the kind [`InsufficientScope`](crate::ErrorKind::InsufficientScope). A
/// [`rule`](super::rule). Default: none, so the response is an error with its status or code.
pub mod insufficient_scope {}
/// `early = "30s"`: refresh this long before the declared expiry of the token. `early = off` reacts to responses
/// only. Default: 10 s, and at most a fifth of the lifetime.
pub mod early {}
/// `renewed(header = "new-token")`: adopt a token from this header of any response. `renewed(cookie = "sid")`: from a
/// cookie that a response sets, unless that response rejects the token. Default: none.
pub mod renewed {}
/// `grace = "10s"`: the server accepts a used refresh token for this long, so a refresh whose response was lost may
/// be sent once more. Default: never.
pub mod grace {}
/// `window(5, "30s")`: at most this many refreshes within this time without any of their tokens being accepted.
/// Default: 5 in 30 s.
pub mod window {}
/// `key = "repository:{name}:pull"`: a separate token for each key, which is built from the path and query
/// parameters of a method. Each key has one token, one refresh and one queue. The `refresh` method receives the key
/// as a [`TokenKey`](crate::TokenKey); the tokens are fetched when they are needed, and are not stored. A method
/// may declare another `key`, or `key = off`.
pub mod key {}
