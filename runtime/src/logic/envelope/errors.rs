//! Envelopes in which the absence of something means success: the `errors` of GraphQL.
//!
//! A batch is a list of such bodies. Its requests carried one token, so the first error represents all.

use serde_json::value::RawValue;

use super::text::Place;
use super::{Opened, is_good, open, plain, scan, scan_code};
use crate::logic::json::is_given;
use crate::types::JsonPath;
use crate::types::code::Code;
use crate::types::envelope::Envelope;

/// Reads a response that is a success unless there is something in this place.
pub(super) fn open_without<'de>(
    envelope: &Envelope,
    errors: JsonPath,
    body: &'de [u8],
    place: &mut Place<'_>,
) -> Opened<'de> {
    let parts = parts(body);
    let failed = parts.iter().copied().find(|part| is_given(errors, part));
    match failed.map(|part| scan_code(envelope.code, part)) {
        Some(None) => return Opened::NoCode,
        Some(Some(code)) if !is_good(envelope, &code) => return Opened::Rejected(code),
        _ => {}
    }
    open(&Envelope { ok_without: None, ok_absent: true, ..*envelope }, body, place)
}

/// The code of a response; in a batch, that of the first part that has one.
pub(crate) fn code<'de>(envelope: &Envelope, body: &'de [u8]) -> Option<Code<'de>> {
    match envelope.ok_without {
        None => scan_code(envelope.code, body),
        Some(_) => parts(body).into_iter().find_map(|part| scan_code(envelope.code, part)),
    }
}

/// The server's message; in a batch, the first one. It is neither masked nor cut.
pub(crate) fn message(envelope: &Envelope, body: &[u8]) -> Option<String> {
    let path = envelope.message?;
    let message = match envelope.ok_without {
        None => scan(path, body),
        Some(_) => parts(body).into_iter().find_map(|part| scan(path, part)),
    };
    message.map(|message| message.to_string())
}

/// The bodies inside a body.
fn parts(body: &[u8]) -> Vec<&[u8]> {
    let body = plain(body);
    let batch: Option<Vec<&RawValue>> = match body.trim_ascii_start().first() {
        Some(b'[') => std::str::from_utf8(body).ok().and_then(|it| serde_json::from_str(it).ok()),
        _ => None,
    };
    batch.map_or_else(|| vec![body], |parts| parts.iter().map(|it| it.get().as_bytes()).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::decoding;
    use super::*;
    use crate::types::envelope::Scalar;

    const GRAPHQL: Envelope = Envelope::new(&["errors", "0", "extensions", "code"])
        .message(&["errors", "0", "message"])
        .data(&["data"])
        .ok(&[Scalar::Text("PARTIAL")], false)
        .ok_without(&["errors"]);
    const BATCH: Envelope = Envelope { data: None, ..GRAPHQL };

    fn say(envelope: &Envelope, body: &str) -> String {
        let mut value = None;
        let keep = |it: serde_json::Value| value = Some(it);
        let opened = open(envelope, body.as_bytes(), &mut decoding(keep));
        match opened {
            Opened::Taken => value.unwrap().to_string(),
            Opened::Rejected(code) => format!("rejected {code}"),
            Opened::NoCode => "no code".to_owned(),
            Opened::Broken(broken) => format!("broken {broken}"),
        }
    }

    #[test]
    fn a_response_without_errors_is_good_and_one_with_errors_has_their_code() {
        for (body, expected) in [
            (r#"{"data":7}"#, "7"),
            (r#"{"data":7,"errors":null}"#, "7"),
            (r#"{"data":7,"errors":[]}"#, "7"),
            (r#"{"data":7,"errors":[{"extensions":{"code":"PARTIAL"}}]}"#, "7"),
            (r#"{"data":7,"errors":[{"extensions":{"code":"EXPIRED"}}]}"#, "rejected EXPIRED"),
            (r#"{"data":7,"errors":[{"message":"no"}]}"#, "no code"),
        ] {
            assert_eq!(say(&GRAPHQL, body), expected, "{body}");
        }
    }

    #[test]
    fn the_first_error_represents_a_batch() {
        let good = r#"{"data":1}"#;
        let error = |code: &str, message: &str| {
            format!(r#"{{"errors":[{{"message":"{message}","extensions":{{"code":"{code}"}}}}]}}"#)
        };
        let (one, other) = (error("EXPIRED", "over"), error("BUSY", "later"));
        for (body, expected, said) in [
            (format!("[{good},{good}]"), format!("[{good},{good}]"), None),
            (format!(" [{good},{one},{other}]"), "rejected EXPIRED".to_owned(), Some("over")),
            (format!("[{other},{one}]"), "rejected BUSY".to_owned(), Some("later")),
            (format!("\u{feff}[{good},{one}]"), "rejected EXPIRED".to_owned(), Some("over")),
        ] {
            assert_eq!(say(&BATCH, &body), expected, "{body}");
            assert_eq!(message(&BATCH, body.as_bytes()).as_deref(), said, "{body}");
            let found = code(&BATCH, body.as_bytes()).map(|code| format!("rejected {code}"));
            assert_eq!(found, said.map(|_| expected), "{body}");
        }
    }

    #[test]
    fn the_code_of_an_envelope_that_has_one_is_read_from_its_place() {
        const FLAT: Envelope = Envelope::new(&["code"]);
        let body = br#"{"code":7,"message":"no"}"#;
        assert_eq!(code(&FLAT, body).unwrap().to_string(), "7");
        assert_eq!(message(&FLAT, body), None);
        assert!(code(&FLAT, br#"[{"code":7}]"#).is_none());
    }
}
