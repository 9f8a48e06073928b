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
            "for a field that is true on success, write `code = \"success\", ok = true`\n\
             help: for the code of a success, write `ok = 0`"
        }
        (Some("envelope"), "success_code" | "ok_code") => {
            "write `ok = 0`, with the code of a \
             success or a list of codes"
        }
        (Some("envelope"), "msg" | "error" | "errmsg" | "reason" | "detail" | "description") => {
            "for the place of the message, write `message = \"msg\"`"
        }
        (Some("envelope"), "result" | "payload" | "body" | "value" | "content") => {
            "for the place of the value, write `data = \"result\"`"
        }
        (Some("envelope"), "status" | "errcode" | "error_code") => {
            "for the place of the code, write `code = \"status\"`"
        }
        (Some("auth"), "api_key" | "apikey" | "key" | "x_api_key") => {
            "write `header = \"X-Api-Key\"`"
        }
        (Some("auth"), "jwt" | "access_token" | "authorization") => "write `bearer`",
        (Some("auth"), "prefix" | "type" | "token_type" | "kind") => {
            "for the word before the token, write `scheme = \"Token\"`"
        }
        (Some("auth"), "url" | "path" | "endpoint") => super::REFRESH,
        (Some("retry"), "max" | "times" | "count" | "limit" | "attempts" | "retries") => {
            "write the number first, as in `retry(3)`"
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
            "write the name of the parameter, as in `size = \"per_page\"`"
        }
        (Some("page"), "page" | "index") => {
            "write the name of the parameter, as in `number = \
             \"page\"`"
        }
        (Some("page"), "skip") => "write the name of the parameter, as in `offset = \"skip\"`",
        (Some("page"), "total" | "total_pages" | "pages" | "page_count") => {
            "for the number of the last page, write `last_page = \"total_pages\"`\n\
             help: or remove it: an empty page ends the list"
        }
        (Some("page"), "data" | "results" | "list" | "records" | "rows") => {
            "for the place of the list, write `items = \"data\"`"
        }
        (Some("page"), "has_more" | "has_next") => "write `more = \"has_more\"`",
        (Some("page"), "next_cursor" | "next_page" | "next_token") => {
            "write `next = \"next_cursor\"`"
        }
        (
            Some("expired" | "logout" | "rejected" | "on" | "insufficient_scope"),
            "message" | "msg" | "error" | "text" | "reason",
        ) => {
            "write a field of the body and its value, as in `body(\"message\" = \"token \
             expired\")`"
        }
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
        ) => "to send `a=1,2` instead of `a=1&a=2`, write `style = csv`",
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
            "write the role before the parameter, as in `#[query] page: u32`\n\
             help: for a constant, write `queries(\"v\" = \"2\")`"
        }
        "part" | "parts" | "multipart" | "file" => {
            "write the role before the parameter, as in `#[part] photo: FileBody`"
        }
        "header" => {
            "write the role before the parameter, as in `#[header(\"X-Trace\")] trace: &str`\n\
             help: for a constant, write `headers(\"Accept\" = \"application/json\")`"
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
            "remove it: a method carries the token of `auth(..)` unless it is `public`"
        }
        "signin" | "sign_in" | "log_in" | "authenticate" => "write `login`",
        "token_refresh" | "refresh_tokens" | "renew" | "renewal" | "reauthenticate" => {
            "write `refresh`"
        }
        "signout" | "sign_out" | "log_out" => "write `logout`",
        "role" => "write the mark alone, as in `#[post(\"/login\", login)]`",
        "stream" | "streaming" | "sse" | "event_stream" => {
            "remove it, and declare the stream by the return type: `Events<T>`, `Lines<T>` or \
             `Result<Download>`"
        }
        "signal" | "cancel_token" | "abort" | "abort_signal" => {
            "remove it: dropping the future of a call cancels it"
        }
        "method" => "write the verb as the attribute, as in `#[post(\"/orders\")]`",
        "response" | "returns" | "response_type" => {
            "remove it: the return type selects how a response is decoded"
        }
        "produces" | "consumes" => {
            "remove it: the role of the body, such as `#[json]`, and the return type select the \
             formats"
        }
        "status" | "success" | "success_status" | "expected_status" | "expect_status" => {
            "remove it: every 2xx status is a success\n\
             help: to read the status, return `Result<Response<T>>`"
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
            "rename the trait: the client of `Shop` is `ShopClient`"
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
        | "gzip" => "set it on the client builder, with `.http(reqwest::Client::builder()..)`",
        "response_type" => "remove it: the return type selects how a response is decoded",
        "with_credentials" | "credentials" => {
            "on the client builder, call `.http(..)` with a cookie store, or `.fetch(..)` in a \
             browser"
        }
        "xsrf_cookie_name" | "xsrf_header_name" | "csrf" | "xsrf" => {
            "declare a second credential, as in `auth(name = \"csrf\", header = \"X-XSRF-TOKEN\", \
             renewed(cookie = \"XSRF-TOKEN\"))`"
        }
        "cancel_token" | "signal" => "remove it: dropping the future of a call cancels it",
        "json" => "remove it: JSON is the default format",
        "debug" | "log" | "logging" | "verbose" | "trace" => {
            "remove it: the feature `tracing` reports each call, and `.on_event(..)` on the client \
             builder reports each refresh"
        }
        "deny_unknown_fields" | "default" | "tag" | "untagged" | "transparent" => {
            "move it to a `#[serde(..)]` attribute of the type"
        }
        "mock" | "fake" | "automock" => "remove it, and write a fake as an `impl` of the trait",
        "blocking" | "sync" => {
            "remove it: the feature `blocking` gives each call a method \
             `.wait()`"
        }
        "rate_limit" | "middleware" | "interceptor" | "interceptors" | "plugins" => {
            "pass a tower layer to the client builder, with `.layer(..)`"
        }
        _ => return None,
    })
}
