//! The words of other libraries for the roles of a parameter.

/// Whether it is the role of a path parameter in another library.
pub(in crate::parse) fn is_path_role(name: &str) -> bool {
    let names = ["path", "param", "segment", "path_param", "path_variable", "PathVariable", "Path"];
    names.contains(&name)
}

/// The equivalent role for a word of another library.
pub(in crate::parse) fn role(name: &str, parameter: &str) -> Option<String> {
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
        "timeout" => "remove it, and set the time of one call with `.timeout(..)`; \
                      write `timeout = \"10s\"` after the path for all of them"
            .to_owned(),
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
