//! The attribute language: a page for each option and attribute. Editors show these pages in attributes.
//!
//! | page | options |
//! |---|---|
//! | [`option`] | options of `#[api_client(..)]`, and of a verb after its path |
//! | [`auth`], [`rule`] | `auth(..)`, and its rules `expired(..)`, `logout(..)`, `insufficient_scope(..)`, `rejected(..)` |
//! | [`envelope`], [`timeout`], [`retry`], [`page`], [`events`], [`tokens`] | the options in their parentheses |
//! | [`verb`] | `#[get("/path")]` and the other verbs, and `#[errors(..)]` |
//! | [`role`], [`role_option`] | roles of a parameter, and their options |
//!
//! An option of the trait is the default for all methods, an option of a method replaces it, and `option = off`
//! switches it off. A method may replace one option in `envelope(..)`, or switch it off as in `data = off`, and
//! inherits the others.

#![allow(missing_docs)]

/// Options of `#[api_client(..)]` and of a verb.
///
/// ```
/// use perennial::{Result, Tokens, api_client};
/// use serde_json::Value;
///
/// fn request_id() -> String {
///     "42".to_owned()
/// }
///
/// #[api_client(
///     base = "/api",
///     envelope(code = "code", message = "message", data = "data", ok = 0),
///     auth(bearer, expired(code = 1234)),
///     timeout = "10s",
///     retry(3),
///     headers("Accept" = "application/json", "X-Request-Id" = request_id),
///     rename_all = "camelCase",
///     replay = idempotent,
///     redirect = same,
///     allow(duplicate_endpoint),
///     dyn,
/// )]
/// trait Shop {
///     #[post("/login", login)]
///     async fn login(&self, #[field] user: &str) -> Result<Tokens>;
///     #[post("/refresh", refresh, rejected(code = 1235))]
///     async fn refresh(&self) -> Result<Tokens>;
///     #[post("/logout", logout)]
///     async fn logout(&self) -> Result<()>;
///     #[get("/health", public)]
///     async fn health(&self) -> Result<()>;
///     #[get("/offers", optional)]
///     async fn offers(&self) -> Result<Vec<Value>>;
///     #[post("/orders", idempotent("Idempotency-Key"), timeout = off)]
///     async fn create(&self, #[json] order: &Value) -> Result<Value>;
/// }
/// ```
pub mod option;

/// Options of `auth(..)`.
///
/// ```
/// use perennial::{Result, Tokens, api_client};
///
/// #[api_client(
///     auth(
///         header = "X-Token", scheme = "Token",
///         expired(status = 401), logout(status = 403, code = "BLOCKED"),
///         early = "30s", renewed(header = "new-token"), grace = "10s", window(5, "30s"),
///     ),
///     auth(name = "device", header = "X-Device", expired(code = 5678)),
///     envelope(code = "code", ok = absent),
/// )]
/// trait Shop {
///     #[post("/refresh", refresh)]
///     async fn refresh(&self) -> Result<Tokens>;
///     #[post("/device", refresh("device"))]
///     async fn refresh_device(&self) -> Result<Tokens>;
/// }
/// ```
pub mod auth;

/// Conditions of a rule: `expired(..)`, `logout(..)`, `insufficient_scope(..)` and `rejected(..)`. All conditions of a
/// rule must match. If a response matches several rules, the one with more conditions wins, and `logout(..)` wins a tie.
///
/// ```
/// use perennial::declared::RawResponse;
/// use perennial::{Result, Tokens, api_client};
///
/// fn is_stale(response: &RawResponse<'_>) -> bool {
///     response.status == 419
/// }
///
/// #[api_client(
///     envelope(code = "code", ok = absent),
///     auth(
///         expired(status = [401, 403], code = "TOKEN_EXPIRED"),
///         expired(body("soft_logout" = true)),
///         expired(header("WWW-Authenticate", contains = "invalid_token")),
///         expired(when = is_stale),
///     ),
/// )]
/// trait Shop {
///     #[post("/refresh", refresh)]
///     async fn refresh(&self) -> Result<Tokens>;
/// }
/// ```
pub mod rule {
    /// `code = 1234` or `code = [1234, "TOKEN_EXPIRED"]`: the code of the envelope.
    pub mod code {}
    /// `status = 401` or `status = [401, 403]`: the HTTP status.
    pub mod status {}
    /// `body("soft_logout" = true)`: a field of the JSON body, by names separated by dots, or as a list of names, as in
    /// `body(["error", ".tag"] = "expired")`.
    pub mod body {}
    /// `header("Name", contains = "text")`, `header("Name" = "value")` or `header("Name")`: a header of the response.
    pub mod header {}
    /// `when = path::to::fn`: a function of the status, the headers and the body, `fn(&RawResponse<'_>) -> bool`.
    pub mod when {}
}

/// Options of `envelope(..)`: paths in the body are names separated by dots, such as `"errors.0.code"`. A method may
/// replace one of the options, or switch it off, and inherits the others.
///
/// ```
/// use perennial::{Result, api_client};
///
/// #[api_client(envelope(code = "code", message = "message", data = "data", ok = [0, "OK"]))]
/// trait Shop {
///     #[get("/orders")]
///     async fn orders(&self) -> Result<Vec<u64>>;
/// }
/// ```
pub mod envelope {
    /// `code = "code"`: the path of the code.
    pub mod code {}
    /// `message = "message"`: the path of the message of an error. Default: none.
    pub mod message {}
    /// `data = "data"`: the path of the value. Default: the whole body.
    pub mod data {}
    /// `ok = 0` or `ok = [0, absent]`: the codes of success; `absent` accepts a body without a code.
    ///
    /// `ok = absent("errors")`: a body is a success if there is nothing at this path, as in GraphQL: no such field,
    /// `null`, `false`, or an empty list. Each element of a body that is a list is judged separately.
    pub mod ok {}
}

/// Limits of `timeout(..)`, in `ms`, `s`, `m` or `h`. Default: none.
///
/// ```
/// use perennial::{Result, api_client};
///
/// #[api_client(timeout(total = "10s", connect = "2s", attempt = "5s"))]
/// trait Shop {
///     #[get("/report", timeout = "1m")]
///     async fn report(&self) -> Result<String>;
/// }
/// ```
pub mod timeout {
    /// `total = "10s"`: the whole call, with all attempts and its wait for a refresh.
    pub mod total {}
    /// `connect = "2s"`: the time to connect. Only on the trait.
    pub mod connect {}
    /// `attempt = "5s"`: one attempt.
    pub mod attempt {}
}

/// Options of `retry(..)`.
///
/// ```
/// use perennial::{Result, api_client};
///
/// #[api_client(
///     envelope(code = "code", ok = [0, absent]),
///     retry(3, on = [502, 503, connect, timeout], on(code = 5003), backoff = "100ms..5s"),
/// )]
/// trait Shop {
///     #[get("/orders", retry(3, after = body("retry_after_ms"), unit = ms))]
///     async fn orders(&self) -> Result<Vec<u64>>;
/// }
/// ```
pub mod retry {
    /// `on = [502, connect, timeout]`: the failures that are retried. Default: 502, 503, 504 and `connect`.
    ///
    /// `on(code = 5003)`, `on(status = 400, body("error.type" = "overloaded"))`: further responses that are retried, by
    /// a [`rule`](super::rule). Several are alternatives.
    pub mod on {}
    /// `after = header("X-Reset-After")`, `after = body("retry_after")`: the place where a response states how long
    /// to wait, in addition to `Retry-After`, which is used if there is nothing in this place. At most 60 s.
    pub mod after {}
    /// `unit = s | ms | epoch`: the unit of `after`: seconds, milliseconds, or a point in time in seconds or
    /// milliseconds since 1970. Default: `s`.
    pub mod unit {}
    /// `backoff = "100ms..5s"`: the shortest and the longest delay, which doubles with jitter. Default: 100 ms to 5 s.
    pub mod backoff {}
}

/// Options of `page(..)`: how to request the next page.
///
/// ```
/// use perennial::{Pages, api_client};
///
/// #[api_client]
/// trait Shop {
///     #[get("/a", page(cursor = "after", next = "meta.next", items = "data"))]
///     fn by_cursor(&self) -> Pages<u64>;
///     #[get("/b", page(number = "page", start = 1, size = "per_page", items = "data"))]
///     fn by_number(&self, #[query] per_page: u32) -> Pages<u64>;
///     #[get("/c", page(offset = "skip"))]
///     fn by_offset(&self) -> Pages<u64>;
///     #[get("/d", page(link))]
///     fn by_link(&self) -> Pages<u64>;
/// }
/// ```
pub mod page;

/// Options of `events(..)`.
///
/// ```
/// use perennial::{Events, api_client};
///
/// #[api_client]
/// trait Model {
///     #[post("/chat", events(end = "[DONE]"))]
///     fn chat(&self, #[json] prompt: &str) -> Events<String>;
/// }
/// ```
pub mod events {
    /// `end = "[DONE]"`: the data of the event that ends the stream.
    pub mod end {}
}

/// Options of `tokens(..)`: places in the whole body, as names separated by dots or as a list, `header("Name")`, or
/// `cookie("name")` for one that the response sets. A value without a declared place is read under the usual names;
/// see [`Tokens`](crate::Tokens).
///
/// ```
/// use perennial::{Result, Tokens, api_client};
///
/// #[api_client(
///     auth(bearer, expired(status = 401)),
///     tokens(access = "data.jeton", refresh = "data.renewal", expires_in = "data.ttl", unit = ms),
/// )]
/// trait Shop {
///     #[post("/login", login)]
///     async fn login(&self, #[field] user: &str) -> Result<Tokens>;
///     #[post("/refresh", refresh, tokens(access = header("X-Next-Token"), expires_at = "until"))]
///     async fn refresh(&self) -> Result<()>;
/// }
/// ```
pub mod tokens {
    /// `access = "data.access"`: the access token. `Bearer` before it in a header is not part of it.
    pub mod access {}
    /// `refresh = "data.refresh"`: the refresh token.
    pub mod refresh {}
    /// `expires_in = "data.ttl"`: the lifetime of the access token.
    pub mod expires_in {}
    /// `expires_at = "data.until"`: the time at which the access token expires, in seconds or milliseconds since 1970, or
    /// as a date of RFC 3339 or of HTTP.
    pub mod expires_at {}
    /// `base = "instance_url"`: the URL of the API for these tokens, used instead of the builder's base URL. It is
    /// saved with the tokens.
    pub mod base {}
    /// `extra("tenant" = "account.tenant_id", "region")`: further values that are saved with the tokens,
    /// for [`Tokens::extra`](crate::Tokens::extra): strings unchanged, any other value as JSON. A name without a path
    /// is also the path.
    pub mod extra {}
    /// `unit = ms`: the unit of the lifetime: `ms`, `s`, `m` or `h`. Default: `s`, or the unit that a usual name
    /// implies.
    pub mod unit {}
}

/// Verbs: `#[get("/orders/{id}")]`. A path has `{name}`, `{name?}` for an `Option`, and `{*rest}` at its end.
///
/// ```
/// use perennial::{Result, api_client};
///
/// #[derive(Debug)]
/// enum Failure { NotFound, Other }
///
/// impl From<perennial::Error> for Failure {
///     fn from(_: perennial::Error) -> Self { Self::Other }
/// }
///
/// #[api_client]
/// trait Files {
///     #[get("/files/{*path}")]
///     #[errors(404 => NotFound)]
///     async fn read(&self, path: &str) -> Result<String, Failure>;
///     #[http("PROPFIND", "/files")]
///     async fn list(&self) -> perennial::Result<String>;
///     #[get(url)]
///     async fn follow(&self, #[url] at: &str) -> perennial::Result<String>;
/// }
/// # use std::result::Result as R;
/// ```
pub mod verb;

/// Roles of a parameter. A parameter whose name is in the path needs none.
///
/// ```
/// use perennial::{Result, api_client};
/// use serde::Serialize;
///
/// #[derive(Serialize)]
/// struct Filter { color: String }
///
/// #[api_client]
/// trait Shop {
///     #[get("/orders/{id}")]
///     async fn order(
///         &self,
///         id: u64,
///         #[query] page: Option<u32>,
///         #[query("tag", style = csv)] tags: &[&str],
///         #[query(flatten)] filter: &Filter,
///         #[header("If-None-Match")] tag: Option<&str>,
///         #[headers] more: &http::HeaderMap,
///         #[ext] priority: u8,
///     ) -> Result<String>;
///     #[post("/photos")]
///     async fn photo(
///         &self,
///         #[part("photo", mime = "image/png", file = "a.png")] photo: Vec<u8>,
///         #[part(json)] about: &Filter,
///     ) -> Result<()>;
///     #[post("/form")]
///     async fn send(&self, #[field] name: &str) -> Result<()>;
/// }
/// ```
pub mod role;

/// Options of a role.
pub mod role_option {
    /// `flatten`: `#[query(flatten)]` sends the fields of a struct.
    pub mod flatten {}
    /// `style = repeated | csv | pipe`: how a list is sent: `a=1&a=2`, `a=1,2` or `a=1|2`. Default: `repeated`.
    pub mod style {}
    /// `mime = "image/png"`: the media type of a part.
    pub mod mime {}
    /// `file = "a.png"`: the file name of a part.
    pub mod file {}
    /// `json`: encode the query value, the field or the part as JSON with serde.
    pub mod json {}
}
