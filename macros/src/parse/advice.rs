//! Advice for known words in the wrong place, and for the words of other libraries.

mod roles;
mod scope;

pub(super) use roles::{is_path_role, role};
pub(super) use scope::{in_scope, is_page_of_a_method, is_role_of_a_method};

use crate::model::case::snake_case;

/// How a token is refreshed, for words of other libraries and for the option `refresh`.
const REFRESH: &str = "mark the method that refreshes, as in `#[post(\"/refresh\", refresh)]`";
const MARK: &str = "it marks a method, as in `#[post(\"/refresh\", refresh)]`";

/// Where a known option belongs, since it is more likely misplaced than misspelled.
pub(super) fn option(name: &str) -> Option<&'static str> {
    Some(match name {
        "key" => {
            "it belongs in `auth(..)`, as in `auth(key = \"repository:{name}:pull\")`, or after the path of a method"
        }
        "base" => {
            "it is an option of the trait; for another host, write the absolute URL as the path, or \
             `host = \"accounts\"` for one that the builder sets"
        }
        "crate" | "dyn" | "openapi" | "serve" => {
            "it is an option of the trait: move it to `#[api_client(..)]`"
        }
        "login" => "it marks a method, as in `#[post(\"/login\", login)]`",
        "refresh" => MARK,
        "public" => {
            "it is an option of a method: write it after the path, as in `#[get(\"/orders\", public)]`"
        }
        "optional" => {
            "it is an option of a method: write it after the path, as in `#[get(\"/orders\", optional)]`"
        }
        "idempotent" => {
            "it is an option of a method: write it after the path, as in `#[post(\"/orders\", idempotent)]`"
        }
        "page" => {
            "it is an option of a method: write it after the path, as in `#[get(\"/orders\", page(link))]`"
        }
        "events" => {
            "it is an option of a method: write it after the path, as in `#[get(\"/chat\", events(end = \"[DONE]\"))]`"
        }
        "spec" => {
            "it is an option of a method: write it after the path, as in `#[get(\"/orders\", spec = \"listOrders\")]`"
        }
        "host" => {
            "it is an option of a method: write it after the path, as in `#[post(\"/token\", refresh, host = \"accounts\")]`"
        }
        "rejected" => {
            "it is an option of the refresh: write it after the path, as in `#[post(\"/refresh\", refresh, rejected(status = 401))]`"
        }
        "logout" => {
            "it marks the method that signs out; declare a response that ends the session in `auth(logout(..))`"
        }
        "bearer" | "oauth2" | "basic" | "cookie" | "scheme" | "expired" | "insufficient_scope"
        | "early" | "renewed" | "grace" | "window" => "it belongs in `auth(..)`",
        "extra" => "it belongs in `tokens(..)`",
        "codec" => {
            "it is an option of the trait or of a method, as in `#[get(\"/orders\", codec = perennial::codec::Xml)]`"
        }
        "header" => {
            "it belongs in `auth(..)` for the header of the token, and in `headers(..)` for any other"
        }
        "status" | "body" | "when" => "it belongs in a rule, as in `auth(expired(..))`",
        "code" => {
            "it belongs in `envelope(..)` for its place, and in a rule such as `auth(expired(..))` for its value"
        }
        "message" | "data" | "ok" => "it belongs in `envelope(..)`",
        "total" | "connect" | "attempt" => "it belongs in `timeout(..)`",
        "on" | "after" | "backoff" => "it belongs in `retry(..)`",
        "secret" => {
            "it takes the names of parameters, after the path: `#[get(\"/bot{token}/me\", secret(token))]`"
        }
        "cursor" | "next" | "last" | "offset" | "number" | "start" | "size" | "last_page"
        | "link" | "more" | "items" => "it belongs in `page(..)`",
        "end" => "it belongs in `events(..)`",
        "access" | "expires_in" | "expires_at" | "unit" => "it belongs in `tokens(..)`",
        "mime" | "file" => "it belongs in `#[part(..)]`",
        "json" => "it belongs in `#[query(\"name\", json)]` or `#[part(\"name\", json)]`",
        "style" => {
            "it belongs to a parameter, as in `#[query(style = csv)]` or `#[form(style = brackets)]`"
        }
        "flatten" => "it belongs in `#[query(flatten)]`",
        "errors" => {
            "it is an attribute of its own beside the verb, as in `#[errors(404 => NotFound)]`"
        }
        _ => return None,
    })
}

/// Whether it is an option of `auth(..)` alone.
pub(super) fn is_of_auth(name: &str) -> bool {
    option(name) == Some("it belongs in `auth(..)`")
}

/// Whether the word says how a token is refreshed, which is a method of its own.
pub(super) fn is_of_refresh(name: &str) -> bool {
    let advice = in_scope(Some("auth"), false, name).or_else(|| option(name));
    let advice = advice.or_else(|| foreign_option(name));
    advice.is_some_and(|it| [REFRESH, MARK].contains(&it))
}

/// The equivalent option for a word of another library.
pub(super) fn foreign_option(name: &str) -> Option<&'static str> {
    if let "OAuth" | "OIDC" = name {
        return Some("write `auth(oauth2)`");
    }
    Some(match &*snake_case(name) {
        "validate_status" => {
            "map the others with `#[errors(404 => NotFound)]` beside the verb, or return an `Option` for a 404"
        }
        "transform_response" | "unwrap" | "wrapper" | "root" | "data_field" | "data_path" => {
            "write `envelope(code = \"code\", data = \"data\", ok = 0)` for the place of the value"
        }
        "transform_request" => "implement `serde::Serialize` for the type of the body",
        "base_url" | "base_path" | "server" | "url" | "prefix" | "path" | "origin" | "endpoint" => {
            "write `base = \"https://host.example\"` or `base = \"/api\"`"
        }
        "token" => {
            "write `auth(bearer)` for how calls carry the token, and `tokens(access = \"data.token\")` for its \
             place in a response"
        }
        "authorization" | "bearer_auth" | "security" => "write `auth(bearer)`",
        "basic_auth" => "write `auth(basic)`",
        "cookies" | "session_cookie" => "write `auth(cookie = \"session\")`",
        "oidc" | "openid" | "openid_connect" | "open_id_connect" => "write `auth(oauth2)`",
        "forbidden" | "scope_missing" | "missing_scope" | "insufficient_scopes" => {
            "write `auth(insufficient_scope(status = 403))`"
        }
        "scope" | "scopes" | "audience" | "client_id" | "client_secret" | "issuer"
        | "token_url" | "authorization_url" => {
            "it is known at run time: give it to `oauth2::OAuth2`, and that to the builder with `.oauth2(&oauth)`"
        }
        "xml" => "write `codec = perennial::codec::Xml`",
        "cbor" => "write `codec = perennial::codec::Cbor`",
        "msgpack" | "messagepack" => "write `codec = perennial::codec::MessagePack`",
        "accept" => {
            "write `headers(\"Accept\" = \"application/json\")`; for bodies in another format than JSON, \
             `codec = perennial::codec::Xml`, with the feature `xml`"
        }
        "format" | "encoding" | "content" => {
            "write `codec = perennial::codec::Xml`, with the feature `xml`, for another format than JSON"
        }
        "revoke" | "revocation" | "revokes" => {
            "mark the method `logout`, and write `fields(\"token\" = tokens(refresh))`"
        }
        "per" | "keyed" | "key_by" | "resource" => {
            "write `auth(key = \"repository:{name}:pull\")` for a token for each value"
        }
        "on_status" | "statuses" => "write `on = [429, 503]`",
        "retry_after" | "reset" => "write `after = header(\"X-Reset-After\")`",
        "done" | "stop" | "terminator" => "write `end = \"[DONE]\"`",
        "retries" | "max_retries" | "attempts" => "write `retry(3)`",
        "redirects" | "follow_redirects" | "follow_redirect" | "allow_redirects"
        | "max_redirects" | "redirect_policy" => "write `redirect = off`, `same` or `follow`",
        "sensitive" | "masked" | "mask" | "redact" | "hidden" | "hide" | "private" => {
            "write `secret(token)` with the name of the parameter"
        }
        "connect_timeout" => "write `timeout(connect = \"5s\")`",
        "read_timeout" | "request_timeout" => "write `timeout = \"10s\"`",
        "rename" => {
            "write `rename_all = \"camelCase\"`, or the name in the role, as in `#[query(\"name\")]`"
        }
        "carries" | "without" | "skip" => {
            "write `auth(\"csrf\" = off)` for a credential that a method does not carry"
        }
        "no_auth" | "skip_auth" | "anonymous" | "unauthenticated" => "write `public`",
        "refresh_token" | "refresh_url" => REFRESH,
        "content_type" => "remove it: the role of the body sets the media type",
        "error" | "error_type" | "err" | "result" | "returns" | "failure" => {
            "write the type of the error into the return type of each method, as in `Result<Order, ShopError>`, and \
             implement `From<perennial::Error>` for it"
        }
        "user_agent" => "write `headers(\"User-Agent\" = \"shop/1.0\")`",
        "interceptor" | "interceptors" | "middleware" | "middlewares" | "layer" | "layers"
        | "plugin" | "plugins" => {
            "give a tower layer to the builder of the client, with `.layer(..)`"
        }
        "rate_limit" | "rate_limiter" | "throttle" | "concurrency" | "max_concurrent" => {
            "give a tower layer to the builder of the client, as in `.layer(tower::limit::ConcurrencyLimitLayer::new(8))`"
        }
        "proxy" | "http_client" | "tls" | "certificate" | "root_certificate" | "http_version"
        | "gzip" | "pool" => {
            "it is a setting of reqwest: give it to the builder of the client, with `.http_with(|http| ..)`"
        }
        "store" | "storage" | "persist" | "token_store" => {
            "give a store to the builder of the client, with `.store(..)`"
        }
        "on_logout" | "on_event" | "clock" | "spawner" => {
            "it is a method of the builder: `ShopClient::builder(..)`"
        }
        "async" | "asynchronous" | "blocking" | "sync" => {
            "remove it: with the feature `blocking`, every call has `.wait()`"
        }
        _ => return None,
    })
}

/// The replacement for a value that an attribute cannot contain.
pub(super) fn expression(text: &str) -> String {
    let seconds = |unit: &str| {
        let digits = text.split(unit).nth(1)?.trim_start_matches('(').trim_end_matches(')');
        digits.parse::<u64>().ok()
    };
    for (call, unit) in [("from_secs", "s"), ("from_millis", "ms"), ("from_mins", "m")] {
        if let Some(number) = seconds(call) {
            return format!("write the duration as `\"{number}{unit}\"`");
        }
    }
    "write a literal, or the path of a function without parentheses".to_owned()
}
