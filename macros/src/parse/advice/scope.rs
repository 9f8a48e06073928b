//! The words of other libraries among the options of a trait, a method, or one of our options.

use crate::model::case::snake_case;

/// The equivalent option for a word of another library, among the options of `owner`; `None` is the verb of a
/// method or `#[api_client]`.
pub(in crate::parse) fn in_scope(
    owner: Option<&str>,
    is_method: bool,
    word: &str,
) -> Option<&'static str> {
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
        (Some("auth"), "url" | "path" | "endpoint") => super::REFRESH,
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
        "produces" | "consumes" => {
            "remove it: the role of the body, such as `#[json]`, and the return type say the format"
        }
        "status" | "success" | "success_status" | "expected_status" | "expect_status" => {
            "remove it: each status 2xx is a success, and `Result<Response<T>>` has the status"
        }
        _ => return None,
    })
}

/// Words with which other libraries put a value of a call among the options of its verb.
pub(in crate::parse) fn is_role_of_a_method(word: &str) -> bool {
    of_a_method(&snake_case(word)).is_some_and(|advice| advice.contains("the role before"))
}

/// Words that say how to request the next page.
pub(in crate::parse) fn is_page_of_a_method(word: &str) -> bool {
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
