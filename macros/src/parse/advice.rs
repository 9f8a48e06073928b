//! Advice for known words in the wrong place, and for the words of other libraries.

mod roles;
mod scope;

pub(super) use roles::{is_path_role, role};
pub(super) use scope::{in_scope, is_page_of_a_method, is_role_of_a_method};

use crate::model::case::snake_case;

/// How a token is refreshed, for words of other libraries and for the option `refresh`.
const REFRESH: &str = "mark the method that refreshes the token, as in `#[post(\"/refresh\", \
                       refresh)]`";
const MARK: &str = "write it after the path of a method, as in `#[post(\"/refresh\", refresh)]`";

/// Where a known option belongs, since it is more likely misplaced than misspelled.
pub(super) fn option(name: &str) -> Option<&'static str> {
    Some(match name {
        "key" => {
            "move it to `auth(..)`, as in `auth(key = \"repository:{name}:pull\")`, or write it \
             after the path of a method"
        }
        "base" => {
            "move it to `#[api_client(..)]`\n\
             help: to call another host, write an absolute URL as the path, or `host = \
             \"accounts\"` for a host that the builder sets"
        }
        "crate" | "dyn" | "openapi" | "serve" => "move it to `#[api_client(..)]`",
        "login" => "write it after the path of a method, as in `#[post(\"/login\", login)]`",
        "refresh" => MARK,
        "public" => "write it after the path of a method, as in `#[get(\"/orders\", public)]`",
        "optional" => "write it after the path of a method, as in `#[get(\"/orders\", optional)]`",
        "idempotent" => {
            "write it after the path of a method, as in `#[post(\"/orders\", idempotent)]`"
        }
        "page" => "write it after the path of a method, as in `#[get(\"/orders\", page(link))]`",
        "events" => {
            "write it after the path of a method, as in `#[get(\"/chat\", events(end = \
             \"[DONE]\"))]`"
        }
        "spec" => {
            "write it after the path of a method, as in `#[get(\"/orders\", spec = \
             \"listOrders\")]`"
        }
        "host" => {
            "write it after the path of a method, as in `#[post(\"/token\", refresh, host = \
             \"accounts\")]`"
        }
        "rejected" => {
            "write it after the path of the `refresh` method, as in `#[post(\"/refresh\", refresh, \
             rejected(status = 401))]`"
        }
        "logout" => {
            "write it after the path of the method that signs out, as in `#[post(\"/logout\", \
             logout)]`\n\
             help: to declare a response that ends the session, write `auth(logout(..))`"
        }
        "bearer" | "oauth2" | "basic" | "cookie" | "scheme" | "expired" | "insufficient_scope"
        | "early" | "renewed" | "grace" | "window" => "move it to `auth(..)`",
        "extra" => "move it to `tokens(..)`",
        "codec" => {
            "move it to `#[api_client(..)]`, or write it after the path of a method, as in \
             `#[get(\"/orders\", codec = perennial::codec::Xml)]`"
        }
        "header" => {
            "for the header of the token, write `auth(header = \"X-Token\")`\n\
             help: for any other header, write `headers(\"Accept\" = \"application/json\")`"
        }
        "status" | "body" | "when" => "move it to a rule, as in `auth(expired(..))`",
        "code" => {
            "for the place of the code, write `envelope(code = \"code\")`\n\
             help: for a code with a meaning, write a rule, as in `auth(expired(code = 1234))`"
        }
        "message" | "data" | "ok" => "move it to `envelope(..)`",
        "total" | "connect" | "attempt" => "move it to `timeout(..)`",
        "on" | "after" | "backoff" => "move it to `retry(..)`",
        "secret" => {
            "write it after the path, with the names of parameters, as in \
             `#[get(\"/bot{token}/me\", secret(token))]`"
        }
        "cursor" | "next" | "last" | "offset" | "number" | "start" | "size" | "last_page"
        | "link" | "more" | "items" => "move it to `page(..)`",
        "end" => "move it to `events(..)`",
        "access" | "expires_in" | "expires_at" | "unit" => "move it to `tokens(..)`",
        "mime" | "file" => "move it to `#[part(..)]`",
        "json" => {
            "write it in the role of a parameter, as in `#[query(\"name\", json)]` or \
             `#[part(\"name\", json)]`"
        }
        "style" => {
            "write it in the role of a parameter, as in `#[query(style = csv)]` or `#[form(style = \
             brackets)]`"
        }
        "flatten" => "write it in the role of a parameter, as in `#[query(flatten)]`",
        "errors" => "write it as an attribute beside the verb: `#[errors(404 => NotFound)]`",
        _ => return None,
    })
}

/// Whether it is an option of `auth(..)` alone.
pub(super) fn is_of_auth(name: &str) -> bool {
    option(name) == Some("move it to `auth(..)`")
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
            "map error statuses with `#[errors(404 => NotFound)]` beside the verb, or return an \
             `Option` for a 404"
        }
        "transform_response" | "unwrap" | "wrapper" | "root" | "data_field" | "data_path" => {
            "write `envelope(code = \"code\", data = \"data\", ok = 0)` for the place of the value"
        }
        "transform_request" => "implement `serde::Serialize` for the type of the body",
        "base_url" | "base_path" | "server" | "url" | "prefix" | "path" | "origin" | "endpoint" => {
            "write `base = \"https://host.example\"` or `base = \"/api\"`"
        }
        "token" => {
            "to send the token, write `auth(bearer)`\n\
             help: for its place in a response, write `tokens(access = \"data.token\")`"
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
            "set it on `oauth2::OAuth2`, and pass that to the client builder with `.oauth2(&oauth)`"
        }
        "xml" => "write `codec = perennial::codec::Xml`",
        "cbor" => "write `codec = perennial::codec::Cbor`",
        "msgpack" | "messagepack" => "write `codec = perennial::codec::MessagePack`",
        "accept" => {
            "write `headers(\"Accept\" = \"application/json\")`\n\
             help: for a format other than JSON, write `codec = perennial::codec::Xml`, with the \
             feature `xml`"
        }
        "format" | "encoding" | "content" => {
            "for a format other than JSON, write `codec = perennial::codec::Xml`, with the feature \
             `xml`"
        }
        "revoke" | "revocation" | "revokes" => {
            "mark the method `logout`, and write `fields(\"token\" = tokens(refresh))`"
        }
        "per" | "keyed" | "key_by" | "resource" => {
            "for a separate token for each value, write `auth(key = \"repository:{name}:pull\")`"
        }
        "on_status" | "statuses" => "write `on = [429, 503]`",
        "retry_after" | "reset" => "write `after = header(\"X-Reset-After\")`",
        "done" | "stop" | "terminator" => "write `end = \"[DONE]\"`",
        "retries" | "max_retries" | "attempts" => "write `retry(3)`",
        "redirects" | "follow_redirects" | "follow_redirect" | "allow_redirects"
        | "max_redirects" | "redirect_policy" => "write `redirect = off`, `same` or `follow`",
        "sensitive" | "masked" | "mask" | "redact" | "hidden" | "hide" | "private" => {
            "write `secret(..)` with the name of the parameter, as in `secret(token)`"
        }
        "connect_timeout" => "write `timeout(connect = \"5s\")`",
        "read_timeout" | "request_timeout" => "write `timeout = \"10s\"`",
        "rename" => {
            "write `rename_all = \"camelCase\"`, or write the name in the role, as in \
             `#[query(\"name\")]`"
        }
        "carries" | "without" | "skip" => {
            "for a credential that a method does not carry, write `auth(\"csrf\" = off)`"
        }
        "no_auth" | "skip_auth" | "anonymous" | "unauthenticated" => "write `public`",
        "refresh_token" | "refresh_url" => REFRESH,
        "content_type" => "remove it: the role of the body sets the media type",
        "error" | "error_type" | "err" | "result" | "returns" | "failure" => {
            "name the error type in the return type of each method, as in `Result<Order, \
             ShopError>`, and implement `From<perennial::Error>` for it"
        }
        "user_agent" => "write `headers(\"User-Agent\" = \"shop/1.0\")`",
        "interceptor" | "interceptors" | "middleware" | "middlewares" | "layer" | "layers"
        | "plugin" | "plugins" => "pass a tower layer to the client builder, with `.layer(..)`",
        "rate_limit" | "rate_limiter" | "throttle" | "concurrency" | "max_concurrent" => {
            "pass a tower layer to the client builder, as in \
             `.layer(tower::limit::ConcurrencyLimitLayer::new(8))`"
        }
        "proxy" | "http_client" | "tls" | "certificate" | "root_certificate" | "http_version"
        | "gzip" | "pool" => {
            "this is a setting of reqwest: set it on the client builder, with `.http_with(|http| \
             ..)`"
        }
        "store" | "storage" | "persist" | "token_store" => {
            "pass a store to the client builder, with `.store(..)`"
        }
        "on_logout" | "on_event" | "clock" | "spawner" => {
            "call the method of this name on `ShopClient::builder(..)`"
        }
        "async" | "asynchronous" | "blocking" | "sync" => {
            "remove it: the feature `blocking` gives each call a method `.wait()`"
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
