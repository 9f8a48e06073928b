//! Advice for known words in the wrong place, and for the words of other libraries.

/// The equivalent option for a word of another library, among the options of `owner`; `None` is the verb of a
/// method or `#[api_client]`.
pub(super) fn in_scope(owner: Option<&str>, is_method: bool, word: &str) -> Option<&'static str> {
    let word = &*snake_case(word);
    Some(match (owner, word) {
        (Some("envelope"), "success" | "successful" | "is_success") => {
            "write `code = \"success\", ok = true` for a field that is true, or `ok = 0` for the codes of success"
        }
        (Some("envelope"), "success_code" | "ok_code") => "write `ok = 0`: the codes of success",
        (Some("envelope"), "msg" | "error" | "errmsg" | "reason" | "detail" | "description") => {
            "write `message = \"msg\"`: the place of the text"
        }
        (Some("envelope"), "result" | "payload" | "body" | "value" | "content") => {
            "write `data = \"result\"`: the place of the value"
        }
        (Some("envelope"), "status" | "errcode" | "error_code") => {
            "write `code = \"status\"`: the place of the code"
        }
        (Some("auth"), "api_key" | "apikey" | "key" | "x_api_key") => {
            "write `header = \"X-Api-Key\"`"
        }
        (Some("auth"), "jwt" | "access_token" | "authorization") => "write `bearer`",
        (Some("auth"), "prefix" | "type" | "token_type" | "kind") => {
            "write `scheme = \"Token\"`: the word before the token"
        }
        (Some("auth"), "url" | "path" | "endpoint") => {
            "mark the method that refreshes, as in `#[post(\"/refresh\", refresh)]`"
        }
        (Some("retry"), "max" | "times" | "count" | "limit" | "attempts" | "retries") => {
            "the number comes first: `retry(3)`"
        }
        (Some("retry"), "delay" | "wait" | "interval" | "pause" | "min" | "base" | "timeout") => {
            "write `backoff = \"1s\"`, or a range such as `backoff = \"100ms..5s\"`"
        }
        (Some("retry"), "jitter" | "factor" | "multiplier" | "exponential") => {
            "remove it: the backoff doubles with each attempt and has jitter"
        }
        (Some("retry"), "status" | "statuses" | "codes" | "when") => {
            "write `on = [502, 503, connect]`"
        }
        (Some("page"), "per_page" | "limit" | "page_size" | "pagesize") => {
            "write `size = \"per_page\"`: the name of the parameter"
        }
        (Some("page"), "page" | "index") => "write `number = \"page\"`: the name of the parameter",
        (Some("page"), "skip") => "write `offset = \"skip\"`: the name of the parameter",
        (Some("page"), "total" | "total_pages" | "pages" | "page_count") => {
            "write `last_page = \"total_pages\"` for the number of the last page, or remove it: an empty page is the end"
        }
        (Some("page"), "data" | "results" | "list" | "records" | "rows") => {
            "write `items = \"data\"`: the place of the list"
        }
        (Some("page"), "has_more" | "has_next") => "write `more = \"has_more\"`",
        (Some("page"), "next_cursor" | "next_page" | "next_token") => {
            "write `next = \"next_cursor\"`"
        }
        (
            Some("expired" | "logout" | "rejected" | "on" | "insufficient_scope"),
            "message" | "msg" | "error" | "text" | "reason",
        ) => "write `body(\"message\" = \"token expired\")`: a field of the body and its value",
        (Some("expired" | "logout" | "rejected" | "on" | "insufficient_scope"), "codes") => {
            "write `code = [1234, 1235]`"
        }
        (
            Some("expired" | "logout" | "rejected" | "on" | "insufficient_scope"),
            "statuses" | "status_code" | "http_status",
        ) => "write `status = 401`",
        (
            Some("query" | "field"),
            "default" | "optional" | "required" | "skip_serializing_if" | "skip_if_none",
        ) => "remove it, and take an `Option`: `None` is left out",
        (
            Some("query" | "field"),
            "csv" | "explode" | "separator" | "format" | "collection_format" | "array_format",
        ) => "write `style = csv` for `a=1,2`; without it, a list is `a=1&a=2`",
        (None, word) if is_method => return of_a_method(word),
        (None, word) => return of_an_api(word),
        _ => return None,
    })
}

fn of_a_method(word: &str) -> Option<&'static str> {
    Some(match word {
        "json" | "body" | "data" | "payload" | "request_body" => {
            "write the role before the parameter, as in `#[json] order: &Order`"
        }
        "form" => "write the role before the parameter, as in `#[form] order: &Order`",
        "field" => "write the role before the parameter, as in `#[field] name: &str`",
        "query" | "params" | "query_params" | "param" => {
            "write the role before the parameter, as in `#[query] page: u32`; for a constant, `queries(\"v\" = \"2\")`"
        }
        "part" | "parts" | "multipart" | "file" => {
            "write the role before the parameter, as in `#[part] photo: FileBody`"
        }
        "header" => {
            "write `headers(\"Accept\" = \"application/json\")`, or the role before the parameter, as in \
             `#[header(\"X-Trace\")] trace: &str`"
        }
        "cookie" => {
            "write the role before the parameter, as in `#[header(\"Cookie\")] cookie: &str`"
        }
        "pages" | "paged" | "paging" | "paginate" | "paginated" | "pagination" | "paginator" => {
            "write `page(link)`, `page(number = \"page\", start = 1)` or `page(cursor = \"after\", next = \"next\")`"
        }
        "no_auth" | "noauth" | "without_auth" => "write `public`",
        "auth_required" | "requires_auth" | "authenticated" | "authorized" | "secured"
        | "protected" | "private" | "requires_login" => {
            "remove it: a method carries the token of `auth(..)`, unless it is `public`"
        }
        "signin" | "sign_in" | "log_in" | "authenticate" => "write `login`",
        "token_refresh" | "refresh_tokens" | "renew" | "renewal" | "reauthenticate" => {
            "write `refresh`"
        }
        "signout" | "sign_out" | "log_out" => "write `logout`",
        "role" => "write the role itself, as in `#[post(\"/login\", login)]`",
        "stream" | "streaming" | "sse" | "event_stream" => {
            "remove it: the return type says so, as in `Events<T>`, `Lines<T>` or `Result<Download>`"
        }
        "signal" | "cancel_token" | "abort" | "abort_signal" => {
            "remove it: a call is canceled when its future is dropped"
        }
        "method" => "write the verb as the attribute, as in `#[post(\"/orders\")]`",
        "response" | "returns" | "response_type" => {
            "remove it: the return type selects how the response is decoded"
        }
        _ => return None,
    })
}

/// Words with which other libraries put a value of a call among the options of its verb.
pub(super) fn is_role_of_a_method(word: &str) -> bool {
    of_a_method(&snake_case(word)).is_some_and(|advice| advice.contains("the role before"))
}

/// Words that say how to request the next page.
pub(super) fn is_page_of_a_method(word: &str) -> bool {
    of_a_method(&snake_case(word)).is_some_and(|advice| advice.starts_with("write `page("))
}

fn of_an_api(word: &str) -> Option<&'static str> {
    Some(match word {
        "name" | "client" | "client_name" | "rename" | "struct_name" => {
            "the client is named after the trait: rename the trait, and `Shop` makes `ShopClient`"
        }
        "header" => "write `headers(\"Accept\" = \"application/json\")`",
        "user_agent" => "write `headers(\"User-Agent\" = \"shop/1\")`",
        "proxy"
        | "tls"
        | "certificate"
        | "danger_accept_invalid_certs"
        | "insecure"
        | "verify"
        | "pool"
        | "pool_size"
        | "keep_alive"
        | "http2"
        | "gzip" => "give it to the builder of the client: `.http(reqwest::Client::builder()..)`",
        "response_type" => "remove it: the return type selects how a response is decoded",
        "with_credentials" | "credentials" => {
            "give it to the builder of the client: `.http(..)` with a cookie store, or `.fetch(..)` in a browser"
        }
        "xsrf_cookie_name" | "xsrf_header_name" | "csrf" | "xsrf" => {
            "declare a second credential: `auth(name = \"csrf\", header = \"X-XSRF-TOKEN\", renewed(cookie = \"XSRF-TOKEN\"))`"
        }
        "cancel_token" | "signal" => "remove it: a call is canceled when its future is dropped",
        "json" => "remove it: a value is JSON unless its role or its return type says otherwise",
        "debug" | "log" | "logging" | "verbose" | "trace" => {
            "remove it: the feature `tracing` reports each call, and `.on_event(..)` of the builder each refresh"
        }
        "deny_unknown_fields" | "default" | "tag" | "untagged" | "transparent" => {
            "this is an option of serde: derive its traits for the type, and write it there"
        }
        "mock" | "fake" | "automock" => "remove it: a fake is an `impl` of the trait",
        "blocking" | "sync" => "remove it: with the feature `blocking`, each call has `.wait()`",
        "rate_limit" | "middleware" | "interceptor" | "interceptors" | "plugins" => {
            "give it to the builder of the client: `.layer(..)`"
        }
        _ => return None,
    })
}

/// `baseURL` and `base-url` are `base_url`.
fn snake_case(word: &str) -> String {
    let mut snake = String::new();
    let mut before = '_';
    for c in word.chars() {
        if c.is_uppercase() && before.is_lowercase() {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
        before = c;
    }
    snake
}

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
        "refresh" => "it marks a method, as in `#[post(\"/refresh\", refresh)]`",
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
        "format" | "encoding" | "content" | "accept" => {
            "write `codec = perennial::codec::Xml` for another format than JSON"
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
        "refresh_token" | "refresh_url" => {
            "mark the method that refreshes, as in `#[post(\"/refresh\", refresh)]`"
        }
        "content_type" => "remove it: the role of the body sets the media type",
        _ => return None,
    })
}

/// Whether it is the role of a path parameter in another library.
pub(super) fn is_path_role(name: &str) -> bool {
    let names = ["path", "param", "segment", "path_param", "path_variable", "PathVariable", "Path"];
    names.contains(&name)
}

/// The equivalent role for a word of another library.
pub(super) fn role(name: &str, parameter: &str) -> Option<String> {
    Some(match name {
        name if is_path_role(name) => {
            format!(
                "a path parameter needs no role: write `{{{parameter}}}` in the path; a query value takes `#[query]`"
            )
        }
        "data" | "payload" | "dto" | "arg" | "Body" | "json_body" | "request_body"
        | "RequestBody" => "write `#[json]` for a JSON body, or `#[body]` for a raw one".to_owned(),
        "xml" | "cbor" | "msgpack" | "messagepack" => {
            let codec = match name {
                "xml" => "Xml",
                "cbor" => "Cbor",
                _ => "MessagePack",
            };
            format!(
                "write `#[encoded(codec = perennial::codec::{codec})]`, with the feature `{}`",
                if codec == "MessagePack" { "msgpack" } else { name }
            )
        }
        "query_map" | "QueryMap" | "queries" | "params" | "query_params" => {
            "write `#[query(flatten)]`".to_owned()
        }
        "query_param" | "request_param" | "RequestParam" => "write `#[query]`".to_owned(),
        "header_map" | "HeaderMap" => "write `#[headers]`".to_owned(),
        "field_map" | "FieldMap" | "form_data" => "write `#[form]`".to_owned(),
        "multipart" | "file" | "upload" => "write `#[part]`".to_owned(),
        "serde" | "alias_as" | "AliasAs" | "alias" | "rename" | "name" => "write the name in the role, as in `#[query(\"name\")]`".to_owned(),
        "flatten" => "write `#[query(flatten)]`".to_owned(),
        "bearer" | "token" | "auth" | "authorization" | "Authorize" | "bearer_auth" => {
            "the session carries the token: declare `auth(bearer)` in `#[api_client]`, and remove this parameter"
                .to_owned()
        }
        "cookie" | "cookies" => {
            "write `#[header(\"Cookie\")]`, or `auth(cookie = \"session\")` in `#[api_client]` for the cookie of a \
             session"
                .to_owned()
        }
        "inject" | "state" | "extension" | "data_ref" | "context" => {
            "write `#[ext]` for a value that layers read".to_owned()
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
