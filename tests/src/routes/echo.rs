//! Returns the request as a response.

use axum::body::Bytes;
use axum::extract::{Extension, Multipart};
use http::{HeaderMap, Method, StatusCode, Uri};
use serde_json::{Map, Value, json};

use super::{Caller, Payload};

/// `{method, path, query, headers, body, user, generation}`. Headers that are there several times
/// are joined with a comma.
pub(super) async fn echo(
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    Extension(caller): Extension<Caller>,
    body: Bytes,
) -> Payload {
    let mut fields = Map::new();
    for name in headers.keys() {
        let values =
            headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
        fields.insert(name.to_string(), values.collect::<Vec<_>>().join(", ").into());
    }
    Payload(json!({
        "method": method.as_str(),
        "path": uri.path(),
        "query": uri.query(),
        "headers": fields,
        "body": String::from_utf8_lossy(&body),
        "user": caller.user,
        "generation": caller.generation,
    }))
}

/// The parts of a form, each `{name, file, mime, size, text}`.
pub(super) async fn upload(mut form: Multipart) -> Result<Payload, StatusCode> {
    let mut parts = Vec::new();
    while let Some(field) = form.next_field().await.map_err(|error| error.status())? {
        let name = field.name().map(ToOwned::to_owned);
        let file = field.file_name().map(ToOwned::to_owned);
        let mime = field.content_type().map(ToOwned::to_owned);
        let bytes = field.bytes().await.map_err(|error| error.status())?;
        parts.push(json!({
            "name": name,
            "file": file,
            "mime": mime,
            "size": bytes.len(),
            "text": std::str::from_utf8(&bytes).ok(),
        }));
    }
    Ok(Payload(Value::Array(parts)))
}
