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
                "for a path parameter, remove the role, and write `{{{parameter}}}` in the path\n\
                 help: for a query value, write `#[query]`"
            )
        }
        "data" | "payload" | "dto" | "arg" | "Body" | "json_body" | "request_body"
        | "RequestBody" => {
            "write `#[json]` for a JSON body, or `#[body]` for a raw body".to_owned()
        }
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
        "serde" | "alias_as" | "AliasAs" | "alias" | "rename" | "name" => {
            "write the name in the role, as in `#[query(\"name\")]`".to_owned()
        }
        "flatten" => "write `#[query(flatten)]`".to_owned(),
        "timeout" => "to limit each call of the method, write `timeout = \"10s\"` after the path\n\
                      help: to limit a single call, write `.timeout(..)` on the call"
            .to_owned(),
        "bearer" | "token" | "auth" | "authorization" | "Authorize" | "bearer_auth" => {
            "remove this parameter, and add `auth(bearer)` to `#[api_client]`: the session \
             supplies the token"
                .to_owned()
        }
        "cookie" | "cookies" => "write `#[header(\"Cookie\")]`\n\
                                 help: for the cookie of a session, add `auth(cookie = \"session\")` to \
                                 `#[api_client]`"
            .to_owned(),
        "inject" | "state" | "extension" | "data_ref" | "context" => {
            "for a value that layers read, write `#[ext]`".to_owned()
        }
        _ => return None,
    })
}
