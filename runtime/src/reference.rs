//! The attribute language, word by word. An editor shows these pages for the words in an attribute.
//!
//! | page | words |
//! |---|---|
//! | [`option`] | options of `#[api_client(..)]`, and of a verb after its path |
//! | [`auth`], [`rule`] | `auth(..)`, and its rules `expired(..)`, `logout(..)`, `rejected(..)` |
//! | [`envelope`], [`timeout`], [`retry`], [`page`], [`events`], [`tokens`] | the options in their parentheses |
//! | [`verb`] | `#[get("/path")]` and the other verbs, and `#[errors(..)]` |
//! | [`role`], [`role_option`] | roles of a parameter, and their options |
//!
//! An option of the trait is the default of all methods, an option of a method replaces it, and `option = off`
//! switches it off.

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
pub mod option {
    /// `base = "/api"` or `base = "https://host.example/api"`: the prefix of every path.
    ///
    /// With a host, the client has `new()`, and `builder("")` uses it. Only on the trait. Default: none.
    pub mod base {}
    /// `envelope(code = "code", message = "message", data = "data", ok = 0)`: the places of code, message and data in
    /// every JSON body. Default: none, so the status decides and the whole body is the value. See
    /// [`envelope`](super::envelope).
    pub mod envelope {}
    /// `auth(bearer, expired(status = 401))`: how a call carries its token, and which responses mean that the token has
    /// expired.
    ///
    /// On a method it replaces where the token is sent and how responses are judged, for its calls; `auth = off` is
    /// [`public`](self::public), and `auth("csrf" = off)` leaves out one of several credentials. Default: no token. See [`auth`](super::auth).
    pub mod auth {}
    /// `timeout = "10s"`: the limit of a whole call, including its wait for a refresh. See [`timeout`](super::timeout).
    /// Default: none.
    pub mod timeout {}
    /// `retry(3)`: retries after a transport failure, for idempotent methods. See [`retry`](super::retry). Default: none.
    pub mod retry {}
    /// `headers("Accept" = "text/csv", "X-Key" = KEY, "X-Id" = path::to::fn)`: strings, constants, or functions that are
    /// called for each call. `"Accept" = off` on a method omits a header of the trait, `headers = off` all of them.
    pub mod headers {}
    /// `queries("version" = "2")`: query values that are the same for all calls: strings, constants or functions.
    /// `"version" = off` on a method omits one of the trait, `queries = off` all of them.
    pub mod queries {}
    /// `fields("grant_type" = "refresh_token")`: fields of a form that are the same for all calls.
    pub mod fields {}
    /// `host = "accounts"`: the host of a `public`, `login`, `refresh` or `logout` method, set by
    /// [`ClientBuilder::host`](crate::ClientBuilder::host). An absolute URL as the path does the same for a host that
    /// is known at compile time. No token is sent there. Default: the host of the client.
    pub mod host {}
    /// `rename_all = "camelCase"`: the case of wire names, spelled as in serde. Default: the Rust names; headers use `-`
    /// for `_`.
    pub mod rename_all {}
    /// `replay = always | idempotent | off`: whether a call is sent again after a refresh. Default: `always`.
    pub mod replay {}
    /// `redirect = off | same | follow`: which redirects are followed: none, those within the origin, or also a `GET` or
    /// `HEAD` to another origin, without any secret. One that is not followed is an error with the status and the
    /// `Location`. Default: as `same`; downloads and calls without a token as `follow`.
    pub mod redirect {}
    /// `secret(token)`: parameters whose values in the path, the query or a header are masked in `to_curl` and in errors.
    /// On the trait, those of this name of all methods.
    pub mod secret {}
    /// `allow(lint_name)`: silences a lint. Some diagnostics are lints, and name themselves.
    pub mod allow {}
    /// `dyn`: also generates the dyn-compatible trait `DynShop`. Only on the trait.
    pub mod r#dyn {}
    /// `serve`: also generates the server side, for `perennial::serve` (feature `serve`) and the crate
    /// `perennial-test`. Only on the trait.
    ///
    /// `serve = test` compiles it in the unit tests of the crate alone, `serve = "fake"` in these and with the crate's
    /// feature `fake`.
    pub mod serve {}
    /// `login`: the returned tokens become the session's. Carries no token. One method for each credential;
    /// `login("device")` for a named one.
    pub mod login {}
    /// `refresh`: the method that refreshes the token. Carries the old token unless it is `public`; its parameters are
    /// created from the tokens, by `From<&Tokens>`. One method for each credential; `refresh("device")` for a named one.
    /// `refresh("csrf", with = "session")` also carries the token of another credential, as a call does.
    pub mod refresh {}
    /// `logout`: signs out after a successful response. `logout("device")` for a named credential.
    pub mod logout {}
    /// `rejected(code = [400, 401])`: on the `refresh` method, a response to it that ends the session. A
    /// [`rule`](super::rule). Default: 400 and 401 with an OAuth 2 error that says so.
    pub mod rejected {}
    /// `public`: carries no token, never waits for one, and never starts a refresh.
    pub mod public {}
    /// `optional`: carries a token if there is one.
    pub mod optional {}
    /// `idempotent` or `idempotent("Idempotency-Key")`: the call may be sent twice. With a header, all attempts of a call
    /// carry the same random key.
    pub mod idempotent {}
    /// `page(..)`: how to request the next page, for a method that returns `Pages<T>`. See [`page`](super::page).
    pub mod page {}
    /// `openapi = "openapi.json"`: compares the trait with an OpenAPI document in each build, by its path from
    /// `Cargo.toml`. Needs the feature `openapi`. See [`spec`](super::option::spec).
    pub mod openapi {}
    /// `spec = "listOrders"`: the operation that a method is compared with, if its path does not say so; `spec = off`: none,
    /// since the document does not have it.
    pub mod spec {}
    /// `tokens(access = "data.access", expires_in = "data.ttl", unit = ms)`: the places of the tokens in the response
    /// to a login or a refresh. See [`tokens`](super::tokens). Default: the usual names; see
    /// [`Tokens`](crate::Tokens).
    pub mod tokens {}
    /// `events(end = "[DONE]")`: how a stream of server-sent events ends. See [`events`](super::events).
    pub mod events {}
}

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
pub mod auth {
    /// `name = "device"`: the name of a credential. Needed for a second `auth(..)`.
    pub mod name {}
    /// `bearer`: `Authorization: Bearer <token>`. The default.
    pub mod bearer {}
    /// `header = "X-Token"`: the token in a header of this name.
    pub mod header {}
    /// `scheme = "Token"`: the word before the token, in `Authorization` or in the header of `header = ..`.
    pub mod scheme {}
    /// `query = "access_token"`: the token as a query value. URLs are written to logs, so this is a warning unless
    /// allowed by `allow(token_in_query)`.
    pub mod query {}
    /// `basic`: `Authorization: Basic <token>`, for [`Tokens::basic`](crate::Tokens::basic), a user name and a password.
    pub mod basic {}
    /// `cookie = "session"`: the token as a cookie, beside those of the call. `tokens(access = cookie("session"))` takes
    /// it from a login.
    pub mod cookie {}
    /// `field = "api_token"`: the token as a field of the form or of the JSON object. A call without a body makes a form
    /// if its verb has one; every other call carries the token as a query value, which is a warning unless allowed by
    /// `allow(token_in_query)`.
    pub mod field {}
    /// `expired(..)`: a response that means that the token has expired: refresh, then replay. A [`rule`](super::rule);
    /// several are alternatives.
    pub mod expired {}
    /// `logout(..)`: a response that ends the session without a refresh. A [`rule`](super::rule).
    pub mod logout {}
    /// `early = "30s"`: refresh this long before the declared expiry of the token. `early = off` reacts to responses
    /// only. Default: 10 s, and at most a fifth of the lifetime.
    pub mod early {}
    /// `renewed(header = "new-token")`: adopt a token from this header of any response. Default: none.
    pub mod renewed {}
    /// `grace = "10s"`: the server accepts a used refresh token for this long, so a refresh whose response was lost may
    /// be sent once more. Default: never.
    pub mod grace {}
    /// `window(5, "30s")`: at most this many refreshes in this time whose token was never accepted. Default: 5 in 30 s.
    pub mod window {}
}

/// Conditions of a rule: `expired(..)`, `logout(..)` and `rejected(..)`. All conditions of a rule must match.
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
    /// `body("soft_logout" = true)`: a field of the JSON body, by names separated by dots.
    pub mod body {}
    /// `header("Name", contains = "text")`, `header("Name" = "value")` or `header("Name")`: a header of the response.
    pub mod header {}
    /// `when = path::to::fn`: a function of the status, the headers and the body, `fn(&RawResponse<'_>) -> bool`.
    pub mod when {}
}

/// Options of `envelope(..)`: places are names separated by dots, such as `"errors.0.code"`. A method may set one of
/// them, or switch it off, and inherits the others.
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
    /// `code = "code"`: the place of the code.
    pub mod code {}
    /// `message = "message"`: the place of the text for an error. Default: none.
    pub mod message {}
    /// `data = "data"`: the place of the value. Default: the whole body.
    pub mod data {}
    /// `ok = 0` or `ok = [0, absent]`: the codes of success; `absent` accepts a body without a code.
    ///
    /// `ok = absent("errors")`: a body is a success if there is nothing at this place, as in GraphQL: no such field, `null`,
    /// `false`, or an empty list. A body that is a list is judged part by part.
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
    /// `after = header("X-Reset-After")`, `after = body("retry_after")`: the place where a response says how long to wait,
    /// besides `Retry-After`, which applies where this place is empty. At most 60 s.
    pub mod after {}
    /// `unit = s | ms | epoch`: the unit of `after`: seconds, milliseconds, or a point in time in seconds since 1970.
    /// Default: `s`.
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
///     fn by_number(&self) -> Pages<u64>;
///     #[get("/c", page(offset = "skip"))]
///     fn by_offset(&self) -> Pages<u64>;
///     #[get("/d", page(link))]
///     fn by_link(&self) -> Pages<u64>;
/// }
/// ```
pub mod page {
    /// `cursor = "after"`: the query value that takes the cursor; `body("..")` and `header("..")` for other places.
    pub mod cursor {}
    /// `next = "meta.next"`: the place of the next cursor in the body, or `header("..")`.
    pub mod next {}
    /// `last = "id"`: the field of the last item that is the next cursor.
    pub mod last {}
    /// `offset = "skip"`: the query value that takes the number of items before the page.
    pub mod offset {}
    /// `number = "page"`: the query value that takes the number of the page.
    pub mod number {}
    /// `start = 1`: the number of the first page.
    pub mod start {}
    /// `size = "per_page"`: the query value that takes the size of a page.
    pub mod size {}
    /// `last_page = "meta.last"`: the place of the number of the last page.
    pub mod last_page {}
    /// `link` for the `Link` header, or `link = "next"` for an address in the body.
    pub mod link {}
    /// `host = keep`: only the path and the query of the link are used.
    pub mod host {}
    /// `more = "has_more"`: the place of a boolean that says whether there is another page.
    pub mod more {}
    /// `items = "data"`: the place of the items. Default: the whole body.
    pub mod items {}
}

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

/// Options of `tokens(..)`: places in the whole body, as names separated by dots or as a list,
/// `header("Name")`, or `cookie("name")` for one that the response sets. A place that is not declared is found by the usual names; see [`Tokens`](crate::Tokens).
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
    /// `expires_at = "data.until"`: the time at which the access token expires, in seconds or milliseconds since 1970.
    pub mod expires_at {}
    /// `base = "instance_url"`: the address of the API for these tokens, in place of the one that the builder was given.
    /// It is stored with them.
    pub mod base {}
    /// `unit = ms`: the unit of the lifetime: `ms`, `s`, `m` or `h`. Default: `s`, or what a usual name says.
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
pub mod verb {
    /// `#[get("/path")]`: a `GET` request. Safe and idempotent.
    pub mod get {}
    /// `#[post("/path")]`: a `POST` request. Not idempotent, so not retried unless declared `idempotent`.
    pub mod post {}
    /// `#[put("/path")]`: a `PUT` request. Idempotent.
    pub mod put {}
    /// `#[patch("/path")]`: a `PATCH` request. Not idempotent.
    pub mod patch {}
    /// `#[delete("/path")]`: a `DELETE` request. Idempotent.
    pub mod delete {}
    /// `#[head("/path")]`: a `HEAD` request. Returns `()` or `Response<()>`.
    pub mod head {}
    /// `#[options("/path")]`: an `OPTIONS` request.
    pub mod options {}
    /// `#[http("NAME", "/path")]`: a request with any other method.
    pub mod http {}
    /// `#[errors(404 => NotFound, 5xx => Outage, code 2001 => QuotaExceeded)]`: the variants of the method's own error
    /// type that responses become. The value of a variant is decoded from the body. The first matching arm applies.
    pub mod errors {}
}

/// Roles of a parameter. One whose name is in the path needs none.
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
pub mod role {
    /// `#[query]`, `#[query("name")]`: a query value. `None` omits it, a list repeats it. `#[query(flatten)]`: the fields
    /// of a struct.
    pub mod query {}
    /// `#[header]`, `#[header("If-Match")]`: a header. `None` omits it.
    pub mod header {}
    /// `#[headers]`: a `&HeaderMap` or an `Option` of it.
    pub mod headers {}
    /// `#[json]`: the body, encoded as JSON with serde.
    pub mod json {}
    /// `#[form]`: the body, encoded as a form with serde.
    pub mod form {}
    /// `#[field]`, `#[field("name")]`: one field of a form.
    pub mod field {}
    /// `#[part]`, `#[part("photo", mime = "image/png", file = "a.png")]`, `#[part(json)]`: one part of a multipart body.
    pub mod part {}
    /// `#[body]`: the raw body: bytes, text, a file or a stream.
    pub mod body {}
    /// `#[url]`: the absolute URL of a call, with `#[get(url)]`. The token is sent only to the client's own origin.
    pub mod url {}
    /// `#[ext]`: a typed value for layers, in the extensions of the request.
    pub mod ext {}
}

/// Options of a role.
pub mod role_option {
    /// `flatten`: `#[query(flatten)]` sends the fields of a struct.
    pub mod flatten {}
    /// `style = repeated | csv | pipe`: how a list is written: `a=1&a=2`, `a=1,2` or `a=1|2`. Default: `repeated`.
    pub mod style {}
    /// `mime = "image/png"`: the media type of a part.
    pub mod mime {}
    /// `file = "a.png"`: the file name of a part.
    pub mod file {}
    /// `json`: encode the part as JSON with serde.
    pub mod json {}
}
