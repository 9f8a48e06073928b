//! The error of a response that does not match the declared type, with what its headers say about the reason.

use crate::logic::envelope;
use crate::ports::response::Received;
use crate::types::endpoint::Endpoint;
use crate::types::error::{Error, ErrorKind};

pub(super) fn not_declared(
    endpoint: &'static Endpoint,
    received: &Received,
    broken: envelope::Broken,
) -> Error {
    // Responses to these hold tokens, so nothing of them is shown.
    let secret = endpoint.role != crate::types::endpoint::Role::None;
    let mut broken = if secret { broken.discreet() } else { broken };
    let encoding = received.headers.get(http::header::CONTENT_ENCODING);
    let encoding = encoding.and_then(|value| value.to_str().ok()).filter(|it| *it != "identity");
    match encoding {
        _ if received.body.is_empty() && !secret => {
            // An error about a page says what a page without a body may mean.
            broken = broken.in_words(match endpoint.page {
                Some(_) => "the body is empty",
                None => {
                    "the body is empty; return `()`, or an `Option` if there is a body at times"
                }
            });
        }
        // reqwest removes the header when it decompresses.
        Some(encoding) => broken
            .note(&format!("the body is compressed: enable the feature `{encoding}` of perennial")),
        None => {}
    }
    let media_type = received.headers.get(http::header::CONTENT_TYPE);
    if let Some(media_type) = media_type.and_then(|value| value.to_str().ok())
        && !crate::logic::rules::may_be_json(&received.headers)
    {
        broken.note(&format!("the response is {media_type}"));
        if is_negotiable(media_type) && endpoint.codec.is_none() {
            broken.note(
                "if the server has JSON too, write `headers(\"Accept\" = \"application/json\")`",
            );
        }
    }
    // It is formatted later, where the secrets of the call are known.
    Error::of_kind(ErrorKind::Decode).with_source(broken)
}

/// Whether an API sends this format in place of JSON to a call that accepts any. A page in HTML is rather that of a proxy.
fn is_negotiable(media_type: &str) -> bool {
    let media_type = media_type.to_ascii_lowercase();
    ["xml", "x-www-form-urlencoded", "csv", "yaml"].iter().any(|format| media_type.contains(format))
        && !media_type.contains("html")
}
