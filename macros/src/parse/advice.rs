//! Advice for known words in the wrong place, and for the words of other libraries.

/// Where a known option belongs: it is more likely misplaced than misspelt.
pub(super) fn option(name: &str) -> Option<&'static str> {
    Some(match name {
        "base" | "crate" | "dyn" | "openapi" | "serve" => {
            "it is an option of the trait: move it to `#[api_client(..)]`"
        }
        "login" => "it marks a method, as in `#[post(\"/login\", login)]`",
        "refresh" => "it marks a method, as in `#[post(\"/refresh\", refresh)]`",
        "public" | "optional" | "idempotent" | "page" | "events" | "spec" | "host" | "rejected" => {
            "it is an option of a method: write it after the path, as in `#[get(\"/orders\", public)]`"
        }
        "logout" => {
            "it marks the method that signs out; declare a response that ends the session in `auth(logout(..))`"
        }
        "bearer" | "oauth2" | "basic" | "cookie" | "scheme" | "expired" | "insufficient_scope"
        | "early" | "renewed" | "grace" | "window" => "it belongs in `auth(..)`",
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

/// The option of ours for the word of another library.
pub(super) fn foreign_option(name: &str) -> Option<&'static str> {
    Some(match name {
        "base_url" | "base_path" | "server" | "url" | "prefix" | "path" => {
            "write `base = \"https://host.example\"` or `base = \"/api\"`"
        }
        "token" => {
            "write `auth(bearer)` for how calls carry the token, and `tokens(access = \"data.token\")` for its \
             place in a response"
        }
        "authorization" | "bearer_auth" | "security" => "write `auth(bearer)`",
        "basic_auth" => "write `auth(basic)`",
        "cookies" | "session_cookie" => "write `auth(cookie = \"session\")`",
        "oidc" | "openid" | "openid_connect" | "open_id_connect" | "OAuth" | "OIDC" => {
            "write `auth(oauth2)`"
        }
        "forbidden" | "scope_missing" | "missing_scope" | "insufficient_scopes" => {
            "write `auth(insufficient_scope(status = 403))`"
        }
        "scope" | "scopes" | "audience" | "client_id" | "client_secret" | "issuer"
        | "token_url" | "authorization_url" => {
            "it is known at run time: give it to `oauth2::OAuth2`, and that to the builder with `.oauth2(&oauth)`"
        }
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

/// The role of ours for the word of another library.
pub(super) fn role(name: &str, parameter: &str) -> Option<String> {
    Some(match name {
        "path" | "param" | "segment" | "path_param" | "path_variable" | "PathVariable" | "Path" => {
            format!(
                "a path parameter needs no role: write `{{{parameter}}}` in the path; a query value takes `#[query]`"
            )
        }
        "data" | "payload" | "dto" | "arg" | "Body" | "json_body" | "request_body"
        | "RequestBody" => "write `#[json]` for a JSON body, or `#[body]` for a raw one".to_owned(),
        "query_map" | "QueryMap" | "queries" | "params" | "query_params" => {
            "write `#[query(flatten)]`".to_owned()
        }
        "query_param" | "request_param" | "RequestParam" => "write `#[query]`".to_owned(),
        "header_map" | "HeaderMap" => "write `#[headers]`".to_owned(),
        "field_map" | "FieldMap" | "form_data" => "write `#[form]`".to_owned(),
        "multipart" | "file" | "upload" => "write `#[part]`".to_owned(),
        "serde" => "write the name in the role, as in `#[query(\"name\")]`".to_owned(),
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
