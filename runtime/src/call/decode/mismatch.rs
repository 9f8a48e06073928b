//! The error of a response that does not match the declared type, with what its headers say about the reason.

use crate::logic::envelope;
use crate::ports::response::Received;
use crate::types::endpoint::Endpoint;
use crate::types::error::{ADVISES, Error, ErrorKind};

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
        Some(encoding) if !cfg!(target_family = "wasm") => broken
            .note(&format!("the body is compressed: enable the feature `{encoding}` of perennial")),
        _ => {}
    }
    let media_type = received.headers.get(http::header::CONTENT_TYPE);
    if let Some(media_type) = media_type.and_then(|value| value.to_str().ok())
        && !crate::logic::rules::may_be_json(&received.headers)
    {
        broken.note(&format!("the response is {media_type}"));
        if ADVISES {
            advise(&mut broken, secret, endpoint, received, media_type);
        }
    }
    // It is formatted later, where the secrets of the call are known.
    Error::of_kind(ErrorKind::Decode).with_source(broken)
}

/// How to declare what is in this format.
fn advise(
    broken: &mut envelope::Broken,
    secret: bool,
    endpoint: &'static Endpoint,
    received: &Received,
    media_type: &str,
) {
    let is_opened = super::envelope_of(endpoint, received).is_some();
    // JSON under another media type is meant to be decoded.
    let is_like_json = received.body.trim_ascii_start().starts_with(b"{");
    if let Some(unchanged) = unchanged(media_type, is_opened).filter(|_| !secret && !is_like_json) {
        broken.note(unchanged);
    }
    if is_negotiable(media_type) && endpoint.codec.is_none() {
        broken
            .note("if the server has JSON too, write `headers(\"Accept\" = \"application/json\")`");
    }
}

/// How a body in such a format, which is not decoded, is returned. A `String` is the data of an envelope that is opened.
fn unchanged(media_type: &str, is_opened: bool) -> Option<&'static str> {
    let media_type = media_type.to_ascii_lowercase();
    let binary = ["image/", "audio/", "video/", "font/"];
    let of_files = ["octet-stream", "pdf", "zip", "x-tar", "vnd.ms-", "vnd.openxmlformats"];
    let is_file = media_type
        .strip_prefix("application/")
        .is_some_and(|rest| of_files.iter().any(|format| rest.contains(format)));
    if is_file || binary.iter().any(|start| media_type.starts_with(start)) {
        Some(
            "for the body as it is, return `perennial::Bytes`, or `perennial::Download` to read it in pieces",
        )
    } else if media_type.starts_with("text/plain") {
        Some(match is_opened {
            true => {
                "for the text as it is, return `String`, and declare `envelope = off` on the method"
            }
            false => "for the text as it is, return `String`",
        })
    } else {
        None
    }
}

/// Whether an API sends this format in place of JSON to a call that accepts any. A page in HTML is rather that of a proxy.
fn is_negotiable(media_type: &str) -> bool {
    let media_type = media_type.to_ascii_lowercase();
    ["xml", "x-www-form-urlencoded", "csv", "yaml"].iter().any(|format| media_type.contains(format))
        && !media_type.contains("html")
}
