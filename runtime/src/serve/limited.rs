//! The body of a request, read up to a limit.

use std::pin::pin;

use bytes::{Buf, Bytes, BytesMut};
use http::header::CONTENT_ENCODING;
use http::{HeaderMap, StatusCode};
use http_body::Body;
use http_body_util::BodyExt as _;

use super::encode::Reply;

/// The client limits responses to the same size.
pub(super) const DEFAULT: usize = 16 * 1024 * 1024;

/// Why a body was not read.
pub(super) struct Rejection(StatusCode, String);

impl Rejection {
    pub(super) fn into_response(self) -> http::Response<Bytes> {
        Reply::text(self.0, self.1).into_response()
    }
}

/// The whole body, or why it was rejected.
pub(super) async fn read<B: Body>(body: B, limit: usize) -> Result<Bytes, Rejection> {
    let mut body = pin!(body);
    // If the announced length is too long, nothing is read.
    if body.size_hint().lower() > limit as u64 {
        return Err(too_long(limit));
    }
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let broken = |_| Rejection(StatusCode::BAD_REQUEST, "the body broke off".to_owned());
        let Ok(mut data) = frame.map_err(broken)?.into_data() else { continue };
        if data.remaining() > limit - whole.len() {
            return Err(too_long(limit));
        }
        let length = data.remaining();
        whole.extend_from_slice(&data.copy_to_bytes(length));
    }
    Ok(whole.freeze())
}

fn too_long(limit: usize) -> Rejection {
    Rejection(StatusCode::PAYLOAD_TOO_LARGE, format!("the body is longer than {limit} bytes"))
}

/// The content of a body (RFC 9110, section 8.4), or why it was rejected.
pub(super) fn unpacked(headers: &HeaderMap, body: Bytes, limit: usize) -> Result<Bytes, Rejection> {
    let codings = headers.get_all(CONTENT_ENCODING).into_iter();
    let codings = codings.filter_map(|value| value.to_str().ok()).flat_map(|it| it.split(','));
    let codings = codings.map(|coding| coding.trim().to_ascii_lowercase());
    let codings: Vec<_> = codings.filter(|it| !it.is_empty() && it != "identity").collect();
    match codings.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => Ok(body),
        // The implementation does not read the body.
        _ if body.is_empty() => Ok(body),
        ["gzip" | "x-gzip"] => gunzipped(&body, limit),
        _ => Err(unknown(&codings.join(", "))),
    }
}

fn unknown(coding: &str) -> Rejection {
    let text = format!("the body is in `{coding}`, which this server does not read");
    Rejection(StatusCode::UNSUPPORTED_MEDIA_TYPE, text)
}

#[cfg(feature = "gzip-requests")]
fn gunzipped(body: &[u8], limit: usize) -> Result<Bytes, Rejection> {
    use std::io::Read as _;

    let mut content = Vec::new();
    // One more byte shows that a body is too long.
    let mut reader = flate2::read::MultiGzDecoder::new(body).take(limit as u64 + 1);
    match reader.read_to_end(&mut content) {
        Ok(_) if content.len() > limit => Err(too_long(limit)),
        Ok(_) => Ok(content.into()),
        Err(error) => {
            Err(Rejection(StatusCode::BAD_REQUEST, format!("the body is not valid gzip: {error}")))
        }
    }
}

#[cfg(not(feature = "gzip-requests"))]
fn gunzipped(_: &[u8], _: usize) -> Result<Bytes, Rejection> {
    Err(unknown("gzip"))
}
