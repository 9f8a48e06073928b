/// `base = "/api"` or `base = "https://host.example/api"`: the prefix of every path.
///
/// If it includes a host, the client has `new()`, and `builder("")` uses it. Only on the trait. Default: none.
pub mod base {}
/// `envelope(code = "code", message = "message", data = "data", ok = 0)`: where every JSON body has its code,
/// message and data. Default: none, so the status decides and the whole body is the value. See
/// [`envelope`](super::envelope).
pub mod envelope {}
/// `auth(bearer, expired(status = 401))`: how a call carries its token, and which responses mean that the token has
/// expired.
///
/// On a method, it overrides, for that method, where the token is sent and how responses are judged; `auth = off` is
/// [`public`](self::public), and `auth("csrf" = off)` leaves out one of several credentials. Default: no token. See
/// [`auth`](super::auth).
pub mod auth {}
/// `timeout = "10s"`: the limit of a whole call, including its wait for a refresh. See [`timeout`](super::timeout).
/// The limit of the trait does not apply to a `refresh`. Default: none.
pub mod timeout {}
/// `retry(3)`: retries after a transport failure, for idempotent methods. See [`retry`](super::retry). Default: none.
pub mod retry {}
/// `headers("Accept" = "text/csv", "X-Key" = KEY, "X-Id" = path::to::fn)`: strings, constants, or functions that
/// are called for each call, or `tokens(access)`, `tokens(refresh)` and `tokens("tenant")` for values that each
/// attempt takes from the tokens of its session. `"Accept" = off` on a method omits a header of the trait; `headers
/// = off` omits all of them.
pub mod headers {}
/// `queries("version" = "2")`: query values that are the same for all calls: strings, constants or functions, or
/// parts of the tokens as in `headers`.
/// `"version" = off` on a method omits that value of the trait; `queries = off` omits all of them.
pub mod queries {}
/// `fields("grant_type" = "refresh_token")`: fields of a form that are the same for all calls. Parts of the tokens, as in
/// `headers`, may also be members of a JSON object: `fields("token" = tokens(refresh))` on a `logout` that revokes it.
pub mod fields {}
/// `host = "accounts"`: the host of a `public`, `login`, `refresh` or `logout` method, set by
/// [`ClientBuilder::host`](crate::ClientBuilder::host). An absolute URL as the path does the same for a host that
/// is known at compile time. No token is sent there. Default: the host of the client.
pub mod host {}
/// `key = "repository:{name}:push"`: the key of the token that the calls of a method carry, instead of that of
/// `auth(key = ..)`; `key = off` is the empty key.
pub mod key {}
/// `rename_all = "camelCase"`: the case of wire names, spelled as in serde. Default: the Rust names; headers use `-`
/// for `_`.
pub mod rename_all {}
/// `replay = always | idempotent | off`: whether a call is replayed after a refresh. Default: `always`.
pub mod replay {}
/// `redirect = off | same | follow`: which redirects are followed: none, those within the origin, or also a `GET`
/// or `HEAD` to another origin, without any secret. A redirect that is not followed is an error with the status and
/// the `Location`. Default: `same`; `follow` for downloads and calls without a token.
pub mod redirect {}
/// `secret(token)`: parameters whose values are masked in `to_curl` and in errors, wherever they are sent. On the
/// trait, it applies to the parameters of this name of all methods.
pub mod secret {}
/// `allow(lint_name)`: silences a lint. The message of a lint names it.
pub mod allow {}
/// `dyn`: also generates the dyn-compatible trait `DynShop`. Only on the trait.
pub mod r#dyn {}
/// `serve`: also generates the server side, for `perennial::serve` (feature `serve`) and the crate
/// `perennial-test`. Only on the trait.
///
/// `serve = test` compiles it only in the unit tests of the crate, `serve = "fake"` also under the crate's feature
/// `fake`.
pub mod serve {}
/// `login`: the returned tokens become the session's. Carries no token. `login("device")` for a named credential.
/// Several methods may be marked.
pub mod login {}
/// `refresh`: the method that refreshes the token. Carries the old token unless it is `public`; its parameters are
/// created from the tokens, with `From<&Tokens>`. One method for each credential; `refresh("device")` for a named
/// one. `refresh("csrf", with = "session")` also carries the token of another credential, as a call does.
pub mod refresh {}
/// `logout`: signs out after a successful response. `logout("device")` for a named credential.
pub mod logout {}
/// `rejected(code = [400, 401])`: on the `refresh` method, a response that ends the session. A
/// [`rule`](super::rule). Default: OAuth 2's `"error": "invalid_grant"` (RFC 6749, section 5.2), with any status.
pub mod rejected {}
/// `public`: carries no token, never waits for one, and never starts a refresh.
pub mod public {}
/// `optional`: carries a token if there is one.
pub mod optional {}
/// `idempotent` or `idempotent("Idempotency-Key")`: the call is safe to send twice. If a header is named, all
/// attempts of a call carry the same random key in it.
pub mod idempotent {}
/// `page(..)`: how to request the next page, for a method that returns `Pages<T>`. See [`page`](super::page).
pub mod page {}
/// `openapi = "openapi.json"`: compares the trait with an OpenAPI document in each build. The path is relative to
/// `Cargo.toml`. Needs the feature `openapi`. See [`spec`](super::option::spec).
pub mod openapi {}
/// `spec = "listOrders"`: the operation that a method is compared with, if verb and path do not identify it; `spec
/// = off`: none, since the document does not have it.
pub mod spec {}
/// `tokens(access = "data.access", expires_in = "data.ttl", unit = ms)`: the places of the tokens in the response
/// to a login or a refresh. See [`tokens`](super::tokens). Default: the usual names; see
/// [`Tokens`](crate::Tokens).
pub mod tokens {}
/// `events(end = "[DONE]")`: how a stream of server-sent events ends. See [`events`](super::events).
pub mod events {}
/// `codec = perennial::codec::Xml`: the format of bodies, if it is not JSON: [`Xml`](crate::codec), `Cbor`,
/// `MessagePack` or your own [`Codec`](crate::codec::Codec). Responses are decoded from it, and `#[encoded]`
/// parameters are encoded in it; envelopes and rules treat the body as if it were JSON. `codec = off` on a method
/// returns to JSON. Default: JSON.
pub mod codec {}
